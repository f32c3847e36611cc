//! Messages exported by ZAP: text with a line of equals signs in front of each request and its response.

use std::io;
use std::sync::Arc;

use super::{Format, Input, Pace, Probe, Watch, absolute};
use crate::base::bytes::{ByteSource, Span};
use crate::base::limits::Limits;
use crate::base::window::find_all;
use crate::capture::{
    Batch, Capture, Carries, Exchange, Flags, Flow, FlowRecord, HeaderRecord, Problem, ProblemKind,
    RawMessage, Side,
};
use crate::providers::is_evidence_header;

/// Reads message exports.
pub(super) struct Zap;

/// Longest separator: `==== 1234567890 ==========`.
const MAX_SEPARATOR: usize = 64;
/// Bytes of a message within which its headers end.
const MAX_HEAD: usize = 1 << 20;
/// Flows between two looks at the cancel token.
const BATCH: usize = 256;

impl Format for Zap {
    fn id(&self) -> &'static str {
        "zap"
    }

    fn title(&self) -> &'static str {
        "ZAP messages (text)"
    }

    fn about(&self) -> &'static str {
        "what ZAP writes with \"Save Raw\" and \"Export Messages to File\""
    }

    fn producers(&self) -> &'static str {
        "ZAP"
    }

    fn versions(&self) -> &'static str {
        "test files of its import add-on"
    }

    fn carries(&self) -> Carries {
        Carries {
            server_address: false,
            timings: false,
            ..Carries::ALL
        }
    }

    fn confidence(&self, probe: &Probe<'_>) -> u8 {
        let head = probe
            .head
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(probe.head);
        let is_zap = separator(head.trim_ascii_start()).is_some();
        if is_zap { 90 } else { 0 }
    }

    fn read(&self, input: Input, watch: &Watch<'_>) -> Result<Capture, Problem> {
        watch.progress.set_total(input.source.len());
        let limits = input.options.limits;
        let places = places(&input.source, &limits, watch).map_err(|error| {
            let message = format!("the file could not be read: {error}");
            Problem::new(ProblemKind::Io, message)
        })?;
        let places = Arc::new(places);
        let exchange = {
            let places = Arc::clone(&places);
            Arc::new(move |flow: &Flow<'_>| exchange(flow, &places, &limits))
        };
        let mut builder = input.builder(input.source.clone(), exchange);
        builder.set_producer("ZAP");
        let mut pace = Pace::default();
        for (chunk, n) in places.chunks(BATCH).zip((0_u32..).step_by(BATCH)) {
            let mut batch = Batch::default();
            for (place, n) in chunk.iter().zip(n + 1..) {
                push(&mut batch, *place, n, &input.source, &limits);
            }
            builder.append(batch);
            watch
                .progress
                .set_done(chunk.last().map_or(0, |last| last.end()));
            pace.show(&builder, watch);
            if watch.cancel.is_cancelled() {
                let message = "reading was stopped before the end";
                builder.problem(Problem::new(ProblemKind::Limit, message));
                break;
            }
        }
        watch.progress.set_done(input.source.len());
        Ok(builder.finish())
    }
}

/// Length of the separator at the beginning of `bytes`, when a request line follows: three or four equals signs, perhaps
/// a space, a number, a space, ten equals signs.
fn separator(bytes: &[u8]) -> Option<usize> {
    let line_len = memchr::memchr(b'\n', &bytes[..bytes.len().min(MAX_SEPARATOR)])?;
    let line = std::str::from_utf8(&bytes[..line_len]).ok()?.trim_end();
    let behind_signs = line.trim_start_matches('=');
    let rest = behind_signs.strip_prefix(' ').unwrap_or(behind_signs);
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_separator = matches!(line.len() - behind_signs.len(), 3 | 4) && rest == " ==========";
    let behind = bytes.get(line_len + 1..)?;
    let request = behind.split(|byte| matches!(byte, b' ' | b'\n')).next()?;
    let is_method = (1..=20).contains(&request.len())
        && request
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || *byte == b'-' || *byte == b'_');
    (is_separator && is_method).then_some(line_len + 1)
}

/// Where each exchange lies, without its separator.
fn places(source: &ByteSource, limits: &Limits, watch: &Watch<'_>) -> io::Result<Vec<Span>> {
    let signs = find_all(source, b"===", |n| {
        !limits.decoded.is_passed_by(n as u64) && !watch.cancel.is_cancelled()
    })?;
    let mut starts: Vec<(u64, u64)> = Vec::new();
    let mut at = 0;
    for line in signs {
        // The signs behind the number are part of the same separator.
        if line < at {
            continue;
        }
        let before = source.bytes(Span::new(line.saturating_sub(1), 1))?;
        if line != 0 && before != b"\n" {
            continue;
        }
        if let Some(len) = separator(&source.bytes(Span::new(line, 2 * MAX_SEPARATOR as u32))?) {
            at = line + len as u64;
            starts.push((line, at));
        }
        if limits.entries.is_passed_by(starts.len() as u64) {
            break;
        }
    }
    let ends = starts.iter().skip(1).map(|(line, _)| *line);
    let ends = ends.chain(std::iter::once(source.len()));
    let spans = starts.iter().zip(ends).map(|((_, start), end)| {
        let len = end.saturating_sub(*start);
        Span::new(*start, u32::try_from(len).unwrap_or(u32::MAX))
    });
    Ok(spans.collect())
}

/// Request and response of one place.
struct Parts {
    request: RawMessage,
    response: Option<RawMessage>,
}

impl Parts {
    fn read(place: Span, source: &ByteSource, limits: &Limits) -> io::Result<Self> {
        let len = u64::from(place.len).min(limits.member.value);
        let bytes = source.bytes(Span::new(place.start, len as u32))?;
        let max_headers = limits.headers.as_usize();
        let parse = |at: usize| {
            let head = &bytes[at..bytes.len().min(at + MAX_HEAD)];
            RawMessage::parse(head, place.start + at as u64, max_headers)
        };
        let mut request = parse(0);
        let body_at = usize::try_from(request.body.start - place.start).unwrap_or(0);
        let declared = declared_len(&request).unwrap_or(0);
        let response_at = status_line(&bytes, body_at.saturating_add(declared))
            .or_else(|| status_line(&bytes, body_at));
        let request_end = response_at.unwrap_or(bytes.len());
        request.body.len = body_len(&request, &bytes[body_at.min(request_end)..request_end]);
        let response = response_at.map(|at| {
            let mut response = parse(at);
            let body_at = usize::try_from(response.body.start - place.start).unwrap_or(0);
            response.body.len = body_len(&response, bytes.get(body_at..).unwrap_or_default());
            response
        });
        Ok(Self { request, response })
    }
}

fn declared_len(message: &RawMessage) -> Option<usize> {
    message.header("content-length")?.trim().parse().ok()
}

/// The body without the line feeds that the export puts behind it.
fn body_len(message: &RawMessage, rest: &[u8]) -> u32 {
    let len = match declared_len(message) {
        Some(declared) if declared <= rest.len() => declared,
        _ => rest.trim_ascii_end().len(),
    };
    u32::try_from(len).unwrap_or(u32::MAX)
}

/// Where a line such as `HTTP/1.1 200 OK` begins, at `from` or behind.
fn status_line(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let found = memchr::memmem::find_iter(rest, b"HTTP/").find(|at| {
        let is_line = *at == 0 || rest[at - 1] == b'\n';
        let words = rest[*at..].split(|byte| *byte == b' ');
        let status = words.take(2).nth(1).unwrap_or_default();
        is_line && 3 <= status.len() && status[..3].iter().all(u8::is_ascii_digit)
    });
    found.map(|at| from + at)
}

fn push(batch: &mut Batch, place: Span, n: u32, source: &ByteSource, limits: &Limits) {
    let problem =
        |kind, message: String| Problem::new(kind, message).at_entry(n).at_byte(place.start);
    let parts = match Parts::read(place, source, limits) {
        Ok(parts) => parts,
        Err(error) => {
            let message = format!("the message could not be read: {error}");
            batch.problem(problem(ProblemKind::Io, message));
            return;
        }
    };
    for message in std::iter::once(&parts.request).chain(&parts.response) {
        if let Some(problem) = message.left_out(limits.headers) {
            batch.problem(problem.at_entry(n).at_byte(place.start));
        }
    }
    let (method, target, version) = parts.request.request_line();
    let mut flags = Flags::default();
    if parts.response.is_none() {
        flags.insert(Flags::INCOMPLETE);
        let message = "the message has no response".to_owned();
        batch.problem(problem(ProblemKind::Missing, message));
    }
    let response = parts.response.as_ref();
    let messages = [
        (Side::Request, Some(&parts.request)),
        (Side::Response, response),
    ];
    let headers = messages.into_iter().flat_map(|(side, message)| {
        let fields = message
            .map_or(&[][..], |message| &message.headers[..])
            .iter();
        fields
            .filter(|field| is_evidence_header(&field.name))
            .map(move |field| HeaderRecord {
                side,
                name: (&field.name).into(),
                value: (&field.value).into(),
                span: field.span,
            })
    });
    let status = response.map(RawMessage::status_line);
    let host = parts.request.header("host").unwrap_or_default();
    batch.push(&FlowRecord {
        entry: n,
        span: place,
        method: method.into(),
        url: if method.eq_ignore_ascii_case("CONNECT") {
            target.into()
        } else {
            absolute(target.into(), None, host)
        },
        status: status.and_then(|(_, status, _)| status),
        mime: response
            .and_then(|response| response.header("content-type"))
            .unwrap_or_default()
            .into(),
        http_version: status.map_or(version, |(version, ..)| version).into(),
        bytes_sent: Some(u64::from(parts.request.body.len)).filter(|len| 0 < *len),
        bytes_received: response.map(|response| u64::from(response.body.len)),
        flags,
        headers: headers.collect(),
        ..FlowRecord::default()
    });
}

fn exchange(flow: &Flow<'_>, places: &[Span], limits: &Limits) -> Result<Exchange, Problem> {
    let place = places.get(flow.idx() as usize).copied().unwrap_or_default();
    let source = flow.capture().source();
    let parts = Parts::read(place, source, limits).map_err(|error| {
        let message = format!("the message could not be read again: {error}");
        Problem::new(ProblemKind::Io, message).at_entry(flow.row().entry)
    })?;
    Ok(Exchange {
        request: parts.request.into_message(),
        response: parts.response.map(RawMessage::into_message),
        raw: place,
        ..Exchange::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_separator_needs_its_signs_and_a_request_behind_it() {
        for text in [
            "=== 1 ==========\nGET /",
            "====12 ==========\r\nM-SEARCH *",
            "====  ==========\nPOST x",
        ] {
            assert!(separator(text.as_bytes()).is_some(), "{text}");
        }
        for text in [
            "== 1 ==========\nGET",
            "===== 1 ==========\nGET",
            "=== 1 ==========\nget",
            "=== 1 =====\nGET",
            "===",
            "",
        ] {
            assert!(separator(text.as_bytes()).is_none(), "{text}");
        }
    }
}
