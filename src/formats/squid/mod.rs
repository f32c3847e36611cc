//! Squid access logs: one line per request, read from both ends because nothing in them is escaped reliably.

mod line;

use std::borrow::Cow;

use memchr::memchr;

use self::line::{Line, header_lines};
use super::{Format, Pace, Watch};
use crate::base::bytes::{ByteSource, Span};
use crate::base::window::Window;
use crate::capture::{
    Batch, Capture, CaptureBuilder, Exchange, FileInfo, Flow, FlowRecord, HeaderField,
    HeaderRecord, Message, Problem, ProblemKind, Side,
};
use crate::providers::is_evidence_header;

/// Reads `access.log`.
pub(super) struct Squid;

/// Longest line that is read.
const MAX_LINE: usize = 1 << 20;
/// Lines between two looks at the cancel token, and in the first snapshot.
const BATCH_LINES: usize = 4_096;
/// Lines by which the format is recognised.
const SAMPLE_LINES: usize = 20;

impl Format for Squid {
    fn id(&self) -> &'static str {
        "squid"
    }

    fn title(&self) -> &'static str {
        "Squid access log"
    }

    fn about(&self) -> &'static str {
        "what the Squid proxy logs: the native, common and combined layouts, also with log_mime_hdrs"
    }

    fn confidence(&self, head: &[u8]) -> u8 {
        let mut lines: Vec<&[u8]> = head
            .split(|byte| *byte == b'\n')
            .take(SAMPLE_LINES)
            .collect();
        if 1 < lines.len() {
            // The last one may be cut.
            lines.pop();
        }
        lines.retain(|line| !is_silent(line));
        let is_squid = |line: &&&[u8]| Line::parse(&String::from_utf8_lossy(line)).is_ok();
        let n_good = lines.iter().filter(is_squid).count();
        if 0 < n_good && lines.len() <= 2 * n_good {
            90
        } else {
            0
        }
    }

    fn read(
        &self,
        info: FileInfo,
        source: ByteSource,
        watch: &Watch<'_>,
    ) -> Result<Capture, Problem> {
        watch.progress.set_total(source.len());
        let mut builder = CaptureBuilder::new(info, source.clone(), read_exchange);
        builder.set_producer("Squid");
        let mut lines = Lines::new(&source);
        let mut batch = Batch::default();
        let mut text = Vec::new();
        let mut pace = Pace::default();
        loop {
            match lines.next(&mut text) {
                Ok(Some(place)) => push_line(&mut batch, place, &text),
                Ok(None) => break,
                Err(error) => {
                    let message = format!("the log could not be read: {error}");
                    batch.problem(Problem::new(ProblemKind::Io, message));
                    break;
                }
            }
            if BATCH_LINES <= batch.len() {
                builder.append(std::mem::take(&mut batch));
                watch.progress.set_done(lines.window.offset());
                pace.show(&builder, watch);
                if watch.cancel.is_cancelled() {
                    let message = "reading was stopped before the end";
                    builder.problem(Problem::new(ProblemKind::Limit, message));
                    return Ok(builder.finish());
                }
            }
        }
        builder.append(batch);
        watch.progress.set_done(source.len());
        Ok(builder.finish())
    }
}

/// Where a line lies.
#[derive(Clone, Copy)]
struct Place {
    n: u32,
    span: Span,
    is_too_long: bool,
}

/// Lines end with LF and nothing else.
struct Lines<'s> {
    window: Window<'s>,
    n: u32,
}

impl<'s> Lines<'s> {
    const fn new(source: &'s ByteSource) -> Self {
        Self {
            window: Window::new(source),
            n: 0,
        }
    }

    /// Puts the next line into `text`, at most as much as the limit allows.
    fn next(&mut self, text: &mut Vec<u8>) -> std::io::Result<Option<Place>> {
        text.clear();
        let start = self.window.offset();
        if self.window.rest()?.is_empty() {
            return Ok(None);
        }
        let mut is_too_long = false;
        loop {
            let rest = self.window.rest()?;
            let end = memchr(b'\n', rest);
            let piece = &rest[..end.unwrap_or(rest.len())];
            let n = piece.len();
            let is_end = end.is_some() || rest.is_empty();
            is_too_long |= MAX_LINE < text.len() + n;
            if !is_too_long {
                text.extend_from_slice(piece);
            }
            self.window.advance(n + usize::from(end.is_some()));
            if is_end {
                let newline = u64::from(end.is_some());
                let len = self.window.offset() - start - newline;
                self.n = self.n.saturating_add(1);
                let span = Span::new(start, u32::try_from(len).unwrap_or(u32::MAX));
                return Ok(Some(Place {
                    n: self.n,
                    span,
                    is_too_long,
                }));
            }
        }
    }
}

/// True for a line that logs nothing: white space, the zeros that a crash leaves, or a comment that somebody wrote.
fn is_silent(line: &[u8]) -> bool {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | 0);
    line.first() == Some(&b'#') || line.iter().all(is_space)
}

fn push_line(batch: &mut Batch, place: Place, bytes: &[u8]) {
    let problem = |kind, message: &str| {
        Problem::new(kind, message)
            .at_entry(place.n)
            .at_byte(place.span.start)
    };
    if place.is_too_long {
        batch.problem(problem(ProblemKind::Limit, "the line is longer than 1 MiB"));
        return;
    }
    if is_silent(bytes) {
        return;
    }
    let text = String::from_utf8_lossy(bytes);
    if matches!(text, Cow::Owned(_)) {
        batch.problem(problem(
            ProblemKind::Encoding,
            "the line is not valid UTF-8",
        ));
    }
    match Line::parse(&text) {
        Ok(line) => batch.push(&record(&line, &text, place)),
        Err(reason) => batch.problem(problem(ProblemKind::Syntax, reason)),
    }
}

fn record<'a>(line: &Line<'a>, text: &str, place: Place) -> FlowRecord<'a> {
    let headers = headers(line, text, place.span.start)
        .filter(|(_, field)| is_evidence_header(&field.name))
        .map(|(side, field)| HeaderRecord {
            side,
            name: Cow::Owned(field.name),
            value: Cow::Owned(field.value),
            span: field.span,
        });
    FlowRecord {
        entry: place.n,
        span: place.span,
        start: line.start,
        time_ms: line.elapsed_ms,
        method: Cow::Borrowed(line.method),
        url: Cow::Borrowed(line.url),
        status: line.status,
        mime: Cow::Borrowed(line.mime),
        server_ip: Cow::Borrowed(line.server_ip()),
        http_version: Cow::Borrowed(line.http_version),
        bytes_received: line.bytes,
        flags: line.flags(),
        headers: headers.collect(),
        ..FlowRecord::default()
    }
}

/// The headers of both blocks; status lines are left out. The log line `text` begins at `start` in the source.
fn headers(line: &Line<'_>, text: &str, start: u64) -> impl Iterator<Item = (Side, HeaderField)> {
    let (request, reply) = line.blocks.unwrap_or_default();
    let base = text.as_ptr().addr();
    let of_block = move |side: Side, block: &str| {
        let (lines, is_encoded) = header_lines(block);
        let fields: Vec<(Side, HeaderField)> = lines
            .filter_map(|header| {
                let (name, value) = header.split_once(':')?;
                let value = value.strip_prefix("%20").unwrap_or(value).trim_start();
                let at = value.as_ptr().addr() - base;
                let decode = |text: &str| {
                    if is_encoded {
                        percent_decode(text)
                    } else {
                        text.to_owned()
                    }
                };
                let field = HeaderField {
                    name: decode(name),
                    value: decode(value),
                    span: Span::new(start + at as u64, value.len() as u32),
                };
                Some((side, field))
            })
            .collect();
        fields
    };
    let request = of_block(Side::Request, request);
    request.into_iter().chain(of_block(Side::Response, reply))
}

fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        let code = (*first == b'%')
            .then(|| std::str::from_utf8(behind.get(..2)?).ok())
            .flatten()
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { &behind[2..] } else { behind };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn read_exchange(flow: &Flow<'_>) -> Result<Exchange, Problem> {
    let raw = flow.row().span;
    let entry = flow.row().entry;
    let bytes = flow.capture().source().bytes(raw).map_err(|error| {
        let message = format!("the line could not be read again: {error}");
        Problem::new(ProblemKind::Io, message).at_entry(entry)
    })?;
    let text = String::from_utf8_lossy(&bytes);
    let line = Line::parse(&text).map_err(|_reason| {
        let message = "the log has changed since it was opened";
        Problem::new(ProblemKind::Io, message).at_entry(entry)
    })?;
    let (mut request, mut response) = (Message::default(), Message::default());
    let request_line = [line.method, line.url, line.http_version].join(" ");
    request_line.trim().clone_into(&mut request.start_line);
    for (side, field) in headers(&line, &text, raw.start) {
        match side {
            Side::Request => request.headers.push(field),
            Side::Response | Side::Connection => response.headers.push(field),
        }
    }
    let status = line.status.filter(|status| 0 < *status);
    response.start_line = status.map_or_else(String::new, |status| status.to_string());
    let facts = [
        ("client", line.client),
        ("user", line.user),
        ("result", line.result),
        ("hierarchy", line.hierarchy),
        ("peer", line.peer),
        ("referer", line.referer),
        ("user agent", line.user_agent),
    ];
    let has_response = status.is_some() || !response.headers.is_empty();
    Ok(Exchange {
        request,
        response: has_response.then_some(response),
        facts: facts
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        raw,
        ..Exchange::default()
    })
}
