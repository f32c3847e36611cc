//! The tabs Body and Raw: bytes of the file as lines of text or as a hex dump, never more than a limit.

use std::io::{self, Write};

use super::{Picture, Subject, Tree};
use crate::base::bytes::{GoOn, Span};
use crate::base::text::{bytes_with_unit, counted, escape_for_terminal, thousands};
use crate::capture::{Body, BodyText, Capture, Side, SocketMessage};
use crate::document::Document;

/// Bytes that are shown at first.
pub const FIRST_LIMIT: usize = 1 << 20;
/// Bytes that are shown at most.
pub const LAST_LIMIT: usize = 64 << 20;

/// Longest line, in characters, however wide the panel is.
const MAX_LINE_CHARS: usize = 4_096;
/// Shortest line, in characters, however narrow the panel is.
const MIN_LINE_CHARS: usize = 20;
/// Most lines; so many still scroll evenly.
const MAX_LINES: usize = 500_000;
/// Indentation multiplies deeply nested JSON; beyond this it is shown as written.
const MAX_PRETTY_BYTES: usize = 4 << 20;
/// What stands for a tab.
const TAB: &str = "    ";
/// Bytes of one line of a hex dump.
const HEX_WIDTH: usize = 16;

/// Which bytes of a flow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// The body that was sent.
    Request,
    /// The body that came back.
    #[default]
    Response,
    /// The entry as it lies in the file.
    Raw,
}

/// How bytes are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way {
    /// As what they are: images as images, JSON indented, other text as text.
    #[default]
    Preview,
    /// JSON as a tree.
    Tree,
    /// As lines of text, as they were received.
    Text,
    /// As a hex dump.
    Hex,
}

/// Which bytes to read, and how to show them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// Which bytes.
    pub part: Part,
    /// As what.
    pub way: Way,
    /// Most bytes.
    pub limit: usize,
    /// Where longer lines of text are broken, in characters.
    pub columns: usize,
    /// Times of messages are shown in the zone of this machine instead of UTC.
    pub is_local_time: bool,
}

/// One line, fit to be painted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// What it holds.
    pub text: String,
    /// True when it was too long and goes on in the line below.
    pub goes_on: bool,
}

impl From<String> for Line {
    fn from(text: String) -> Self {
        let goes_on = false;
        Self { text, goes_on }
    }
}

/// Lines with what has to be said about them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// `application/json, 1,234 bytes, indented`; or why there is nothing.
    pub headline: String,
    /// What deserves a look: cut, damaged.
    pub notices: Vec<String>,
    /// The lines, fit to be painted.
    pub lines: Vec<Line>,
    /// Characters of the longest line.
    pub widest: usize,
    /// True when a higher limit would show more.
    pub has_more: bool,
    /// The tree, when one was asked for and the body is JSON.
    pub tree: Option<Tree>,
    /// The image, when the body is one.
    pub picture: Option<Picture>,
}

impl Content {
    /// Reads what `view` asks of `subject` for as long as it may `go_on`. Returns `None` when the flow is gone.
    pub fn of(document: &Document, subject: &Subject, view: View, go_on: GoOn<'_>) -> Option<Self> {
        let flow = document.flow(subject.flow)?;
        let capture = flow.capture();
        let side = match view.part {
            Part::Raw => return Some(Self::raw(capture, flow.row().span, view, go_on)),
            Part::Request => Side::Request,
            Part::Response => Side::Response,
        };
        let exchange = match capture.exchange(subject.row) {
            Ok(exchange) => exchange,
            Err(problem) => return Some(Self::only(problem.to_string())),
        };
        let Some(message) = exchange.message(side) else {
            return Some(Self::only("There was no response".to_owned()));
        };
        if side == Side::Response && !exchange.socket.is_empty() {
            return Some(Self::socket(capture, &exchange.socket, view));
        }
        Some(match &message.body {
            Some(body) => Self::body(capture, body, view, go_on),
            None => Self::only("The file holds no body for this side".to_owned()),
        })
    }

    fn only(headline: String) -> Self {
        Self {
            headline,
            ..Self::default()
        }
    }

    fn raw(capture: &Capture, span: Span, view: View, go_on: GoOn<'_>) -> Self {
        let wanted = (span.len as usize).min(view.limit);
        let wanted_span = Span::new(span.start, wanted as u32);
        let bytes = match capture.source().bytes_watched(wanted_span, go_on) {
            Ok(bytes) => bytes,
            Err(error) => return Self::only(format!("the entry could not be read: {error}")),
        };
        let headline = format!(
            "{} bytes from byte {} of {}",
            thousands(u64::from(span.len)),
            thousands(span.start),
            capture.info().name
        );
        let mut content = Self::only(headline);
        if wanted < span.len as usize {
            content.say_cut(bytes.len(), view.limit);
        }
        content.fill(&bytes, view);
        content
    }

    fn body(capture: &Capture, body: &Body, view: View, go_on: GoOn<'_>) -> Self {
        let text = match body.read_watched(capture.source(), view.limit, go_on) {
            Ok(text) => text,
            Err(problem) => return Self::only(problem.to_string()),
        };
        let kind = if body.mime.is_empty() {
            "Type unknown"
        } else {
            &body.mime
        };
        let size = if text.is_cut {
            format!("more than {} bytes", thousands(text.bytes.len() as u64))
        } else {
            format!("{} bytes", thousands(text.bytes.len() as u64))
        };
        let mut content = Self::only(format!("{}, {size}", super::shown(kind)));
        if text.bytes.is_empty() && text.problem.is_none() {
            content.headline = format!("{}, empty", super::shown(kind));
            return content;
        }
        if let Some(problem) = &text.problem {
            content.notices.push(problem.to_string());
        }
        if text.is_cut {
            content.say_cut(text.bytes.len(), view.limit);
        }
        content.decoded(&text, &body.mime, view);
        content
    }

    /// The messages of a WebSocket, one below the other: direction, time, and as much of the content as the limit allows.
    fn socket(capture: &Capture, messages: &[SocketMessage], view: View) -> Self {
        let n = counted(messages.len() as u64, "message");
        let mut content = Self::only(format!("WebSocket, {n}: → sent, ← received"));
        let mut left = view.limit;
        for message in messages {
            let arrow = if message.is_from_client { "→" } else { "←" };
            let time = message.time.map(|time| time.shown(view.is_local_time));
            let time = time.unwrap_or_default();
            let kind = match message.opcode {
                1 => "text",
                2 => "binary",
                8 => "close",
                9 => "ping",
                10 => "pong",
                _ => "frame",
            };
            let text = match message.body.read(capture.source(), left) {
                Ok(text) => text,
                Err(problem) => {
                    content.notices.push(problem.to_string());
                    continue;
                }
            };
            left = left.saturating_sub(text.bytes.len());
            content.lines.push(format!("{arrow} {time}  {kind}").into());
            content
                .lines
                .extend(if is_binary(&text.bytes, "") || view.way == Way::Hex {
                    hex_lines(&text.bytes)
                } else {
                    text_lines(&text.bytes, view.columns)
                });
            if text.is_cut || MAX_LINES <= content.lines.len() {
                content.say_cut(view.limit - left, view.limit);
                break;
            }
        }
        content.measure();
        content
    }

    fn decoded(&mut self, text: &BodyText, mime: &str, view: View) {
        if matches!(view.way, Way::Hex | Way::Text) && !is_binary(&text.bytes, mime) {
            self.fill(&text.bytes, view);
            return;
        }
        if view.way == Way::Preview && !text.is_cut && Picture::is_likely(&text.bytes) {
            match Picture::of(&text.bytes) {
                Ok(picture) => {
                    let [width, height] = picture.size;
                    self.headline =
                        format!("{}, {width} × {height}, {}", picture.kind, self.headline);
                    self.picture = Some(picture);
                    return;
                }
                Err(reason) => {
                    let reason = format!("The image cannot be shown: {}", super::shown(&reason));
                    self.notices.push(reason);
                }
            }
        }
        if view.way == Way::Tree && !text.is_cut {
            self.tree = Tree::of(&text.bytes);
            match &self.tree {
                Some(tree) if tree.is_cut => self.notices.push("Only the first values".to_owned()),
                Some(_) => {}
                None => self.notices.push("This is not JSON".to_owned()),
            }
            if self.tree.is_some() {
                return;
            }
        }
        if view.way == Way::Hex {
            self.fill(&text.bytes, view);
        } else if is_binary(&text.bytes, mime) {
            self.headline.push_str(", not text");
            let way = Way::Hex;
            self.fill(&text.bytes, View { way, ..view });
        } else if let Some(pretty) = (!text.is_cut).then(|| pretty_json(&text.bytes)).flatten() {
            self.headline.push_str(", indented");
            self.fill(&pretty, view);
        } else {
            self.fill(&text.bytes, view);
        }
    }

    fn say_cut(&mut self, n_bytes: usize, limit: usize) {
        let (number, unit) = bytes_with_unit(n_bytes as u64);
        self.notices.push(format!("Cut at {number} {unit}"));
        self.has_more = limit < LAST_LIMIT;
    }

    fn fill(&mut self, bytes: &[u8], view: View) {
        self.lines = match view.way {
            Way::Preview | Way::Tree | Way::Text => text_lines(bytes, view.columns),
            Way::Hex => hex_lines(bytes),
        };
        if self.lines.len() == MAX_LINES {
            let n = thousands(MAX_LINES as u64);
            self.notices.push(format!("Only the first {n} lines"));
        }
        self.measure();
    }

    fn measure(&mut self) {
        let lengths = self.lines.iter().map(|line| line.text.chars().count());
        self.widest = lengths.max().unwrap_or(0);
    }
}

/// True for bytes that no person reads as text.
fn is_binary(bytes: &[u8], mime: &str) -> bool {
    let mime = mime.to_ascii_lowercase();
    let is_named_text = ["text/", "json", "xml", "javascript", "urlencoded", "svg"]
        .iter()
        .any(|part| mime.contains(part));
    if memchr::memchr(0, bytes).is_some() {
        return true;
    }
    // The last character may have been cut by the limit, which is no error.
    let is_damaged = std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_some());
    is_damaged && !is_named_text
}

/// JSON with indentation; `None` for everything else, and for what would grow too much.
fn pretty_json(bytes: &[u8]) -> Option<Vec<u8>> {
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace())?;
    if !matches!(first, b'{' | b'[') {
        return None;
    }
    let value: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    let mut pretty = Limited(Vec::new());
    serde_json::to_writer_pretty(&mut pretty, &value).ok()?;
    Some(pretty.0)
}

/// Memory that takes no more than [`MAX_PRETTY_BYTES`].
struct Limited(Vec<u8>);

impl Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if MAX_PRETTY_BYTES < self.0.len() + bytes.len() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Lines without characters that cannot be seen, broken at `columns` characters.
fn text_lines(bytes: &[u8], columns: usize) -> Vec<Line> {
    let columns = columns.clamp(MIN_LINE_CHARS, MAX_LINE_CHARS);
    let text = String::from_utf8_lossy(bytes);
    let mut lines = Vec::new();
    for line in text.lines() {
        let line = escape_for_terminal(&line.replace('\t', TAB)).into_owned();
        let mut rest = line.as_str();
        while let Some((cut, _)) = rest.char_indices().nth(columns) {
            let (row, below) = rest.split_at(cut);
            lines.push(Line {
                text: row.to_owned(),
                goes_on: true,
            });
            rest = below;
        }
        lines.push(rest.to_owned().into());
        if MAX_LINES <= lines.len() {
            break;
        }
    }
    lines.truncate(MAX_LINES);
    lines
}

/// `00000010  48 65 61 64 77 61 74 65  72 …  Headwater`.
fn hex_lines(bytes: &[u8]) -> Vec<Line> {
    let line = |(idx, row): (usize, &[u8])| {
        let (left, right) = row.split_at(row.len().min(HEX_WIDTH / 2));
        let readable: String = row
            .iter()
            .map(|byte| match byte {
                b' '..=b'~' => char::from(*byte),
                _ => '·',
            })
            .collect();
        format!(
            "{:08x}  {:24} {:24} {readable}",
            idx * HEX_WIDTH,
            hex(left),
            hex(right)
        )
        .into()
    };
    bytes.chunks(HEX_WIDTH).enumerate().map(line).collect()
}

fn hex(bytes: &[u8]) -> String {
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], mime: &str, expected: &[&str]) {
        let text = BodyText {
            bytes: bytes.to_vec(),
            is_cut: false,
            problem: None,
        };
        let mut content = Content::default();
        let view = View {
            part: Part::Response,
            way: Way::Preview,
            limit: FIRST_LIMIT,
            columns: 100,
            is_local_time: false,
        };
        content.decoded(&text, mime, view);
        let lines: Vec<&str> = content.lines.iter().map(|line| &*line.text).collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn json_is_indented_and_keeps_its_order() {
        check(
            br#"{"b":1,"a":[]}"#,
            "application/json",
            &["{", "  \"b\": 1,", "  \"a\": []", "}"],
        );
        check(b"{not json", "application/json", &["{not json"]);
    }

    #[test]
    fn text_cannot_hide_characters() {
        check(
            "a\tb\u{202e}\r\nc".as_bytes(),
            "text/plain",
            &["a    b\\u{202e}", "c"],
        );
    }

    #[test]
    fn bytes_that_are_no_text_become_hex() {
        check(
            b"\x89PNG\r\n\x1a\n\0",
            "image/png",
            &["00000000  89 50 4e 47 0d 0a 1a 0a  00                       ·PNG·····"],
        );
    }

    #[test]
    fn a_body_in_another_encoding_stays_readable() {
        check(b"caf\xe9", "text/html", &["caf\u{fffd}"]);
    }

    #[test]
    fn lines_and_indentation_are_bounded() {
        assert_eq!(
            text_lines("\n".repeat(MAX_LINES + 7).as_bytes(), 80).len(),
            MAX_LINES
        );
        let broken = text_lines("é".repeat(81).as_bytes(), 80);
        let lengths: Vec<usize> = broken
            .iter()
            .map(|line| line.text.chars().count())
            .collect();
        assert_eq!(lengths, [80, 1]);
        let deep = format!(
            "{}{}0{}",
            "[".repeat(120),
            "1,".repeat(50_000),
            "]".repeat(120)
        );
        assert_eq!(pretty_json(deep.as_bytes()), None);
    }
}
