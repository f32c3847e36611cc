//! Squid access logs: one line per request, read from both ends because nothing in them is escaped reliably.

mod codes;
mod custom;
mod guess;
mod line;
mod logformat;

use std::borrow::Cow;
use std::sync::Arc;

use self::line::{Line as SquidLine, header_lines};
use self::logformat::Logformat;
use super::{Format, Input, Line, Log, LogEntry, Options, Probe, Watch};
use crate::base::bytes::Span;
use crate::base::text::percent_decode;
use crate::capture::{Capture, Carries, Flags, Problem, ProblemKind, Side};

/// Reads `access.log`.
pub(super) struct Squid;

/// The lines of the layouts that Squid has by itself.
const BUILT_IN: Log<()> = Log {
    producer: |()| "Squid".to_owned(),
    is_at_server: |()| false,
    read_line: |(), text| read_line(text),
};

/// The lines of a layout that the user gave.
const CUSTOM: Log<Option<Arc<Logformat>>> = Log {
    producer: |_| "Squid".to_owned(),
    is_at_server: |_| false,
    read_line: |layout, text| match layout {
        Some(layout) => custom::read_line(layout, text),
        None => Line::Bad("expected a logformat line"),
    },
};

/// The lines of a layout that nobody told.
const GUESSED: Log<()> = Log {
    producer: |()| "Squid".to_owned(),
    is_at_server: |()| false,
    read_line: |(), text| match guess::parse(text) {
        Some(line) => Line::Flow(Box::new(entry(&line))),
        None => Line::Bad("expected a line that looks like one of Squid's"),
    },
};

/// How the lines of a log are read.
enum Way {
    BuiltIn,
    Custom(Arc<Logformat>),
    Guessed,
}

/// The way that fits best, and how sure that is. A layout that the user gave comes first.
fn way(probe: &Probe<'_>) -> (Way, u8) {
    if let Some(Ok(layout)) = given_layout(probe.options) {
        let layout = Arc::new(layout);
        let share = CUSTOM.confidence_from(probe, Some(Arc::clone(&layout)));
        if 0 < share {
            // Who names the layout knows what wrote the file.
            let share = if layout.is_telling() {
                GIVEN
            } else {
                share.min(40)
            };
            return (Way::Custom(layout), share);
        }
    }
    let built_in = BUILT_IN.confidence(probe).min(90);
    let guessed = GUESSED.confidence(probe).min(60);
    if built_in < guessed {
        (Way::Guessed, guessed)
    } else {
        (Way::BuiltIn, built_in)
    }
}

const GIVEN: u8 = 99;

fn given_layout(options: &Options) -> Option<Result<Logformat, &'static str>> {
    options.logformat.as_deref().map(Logformat::parse)
}

impl Format for Squid {
    fn id(&self) -> &'static str {
        "squid"
    }

    fn title(&self) -> &'static str {
        "Squid access log"
    }

    fn about(&self) -> &'static str {
        "what the Squid proxy logs: its own layouts, and any other by its logformat line (--logformat)"
    }

    fn producers(&self) -> &'static str {
        "Squid, Cisco Web Security Appliance"
    }

    fn versions(&self) -> &'static str {
        "Squid 2.5 to 5.7"
    }

    fn carries(&self) -> Carries {
        Carries {
            headers: false,
            bodies: false,
            server_address: true,
            timings: true,
        }
    }

    fn confidence(&self, probe: &Probe<'_>) -> u8 {
        way(probe).1
    }

    fn refusal(&self, probe: &Probe<'_>) -> Option<String> {
        let layout = given_layout(probe.options)?;
        let reason = match layout {
            Ok(_) => "too few of its lines fit",
            Err(reason) => reason,
        };
        let is_text = !probe.head.contains(&0) && probe.members.is_empty();
        is_text.then(|| format!("no log that can be read by the logformat line: {reason}"))
    }

    fn read(&self, input: Input, watch: &Watch<'_>) -> Result<Capture, Problem> {
        let head = input.source.bytes(Span::new(0, HEAD)).unwrap_or_default();
        let probe = Probe {
            head: &head,
            members: &[],
            options: &input.options,
        };
        let (way, _) = way(&probe);
        let mut notes = Vec::new();
        if !matches!(way, Way::Custom(_)) {
            notes.extend(unused_layout(&input.options));
        }
        let capture = match way {
            Way::BuiltIn => BUILT_IN.read(&input, watch, ()),
            Way::Custom(layout) => CUSTOM.read(&input, watch, Some(layout)),
            Way::Guessed => {
                let message = "this layout is not one of Squid's own, so only what stands out in it was read; \
                               give its logformat line of squid.conf to read everything";
                notes.push(Problem::new(ProblemKind::Missing, message));
                GUESSED.read(&input, watch, ())
            }
        };
        Ok(capture?.with_problems(notes))
    }
}

/// Bytes of the beginning by which the way of reading is chosen.
const HEAD: u32 = 1 << 16;

/// Says why a layout that the user gave was not used.
fn unused_layout(options: &Options) -> Option<Problem> {
    let reason = match given_layout(options)? {
        Ok(_) => {
            "the lines do not fit the logformat line, so they were read by Squid's own layouts"
        }
        Err(reason) => reason,
    };
    Some(Problem::new(ProblemKind::Value, reason))
}

fn read_line(text: &str) -> Line<'_> {
    // Somebody wrote a comment.
    if text.starts_with('#') {
        return Line::Silent;
    }
    match SquidLine::parse(text) {
        Ok(line) => Line::Flow(Box::new(entry(&line))),
        Err(reason) => Line::Bad(reason),
    }
}

fn entry<'a>(line: &SquidLine<'a>) -> LogEntry<'a> {
    let mut entry = LogEntry {
        start: line.start,
        time_ms: line.elapsed_ms,
        method: Cow::Borrowed(line.method),
        url: Cow::Borrowed(line.url),
        version: Cow::Borrowed(line.http_version),
        status: line.status,
        mime: Cow::Borrowed(line.mime),
        server_ip: Cow::Borrowed(line.server_ip()),
        bytes_received: line.bytes,
        flags: line.flags(),
        ..LogEntry::default()
    };
    if line.blocks.is_none() {
        entry.header(Side::Request, "Referer", line.referer);
        entry.header(Side::Request, "User-Agent", line.user_agent);
    }
    let (request, reply) = line.blocks.unwrap_or_default();
    for (side, block) in [(Side::Request, request), (Side::Response, reply)] {
        add_headers(&mut entry, side, block);
    }
    let is_own_page = entry.headers.iter().any(|(side, name, _)| {
        *side == Side::Response && name.eq_ignore_ascii_case("x-squid-error")
    });
    if is_own_page && !entry.flags.contains(Flags::PROXY_CACHE) {
        entry.flags.insert(Flags::PROXY_ANSWER);
    }
    for (name, value) in [
        ("client", line.client),
        ("user", line.user),
        ("result", line.result),
        ("hierarchy", line.hierarchy),
        ("peer", line.peer),
    ] {
        entry.fact(name, value);
    }
    entry
}

/// Adds the headers of one block; status lines are left out.
fn add_headers<'a>(entry: &mut LogEntry<'a>, side: Side, block: &'a str) {
    for line in header_lines(block) {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        let value = value.strip_prefix("%20").unwrap_or(value).trim_start();
        let mut value = percent_decode(value);
        if value.contains("\\\\") {
            value = value.replace("\\\\", "\\").into();
        }
        entry.headers.push((side, percent_decode(name), value));
    }
}
