//! Access logs of Caddy: request and response headers, arrays of values, and the duration in seconds.

use std::borrow::Cow;

use super::fields::{Fields, duration_ms, time, url};
use crate::capture::{Capture, Carries, Flags, Problem, Side};
use crate::formats::{Format, Input, Line, Log, LogEntry, Probe, Watch};

/// Reads Caddy's JSON.
pub(in crate::formats) struct Caddy;

const LINES: Log<()> = Log {
    producer: |()| "Caddy".to_owned(),
    is_at_server: |()| true,
    read_line: |(), text| read_line(text),
};

impl Format for Caddy {
    fn id(&self) -> &'static str {
        "caddy"
    }

    fn title(&self) -> &'static str {
        "Caddy access log (JSON)"
    }

    fn about(&self) -> &'static str {
        "what Caddy logs by default: with all headers that it does not hide"
    }

    fn producers(&self) -> &'static str {
        "Caddy"
    }

    fn versions(&self) -> &'static str {
        "Caddy 2.6.2"
    }

    fn carries(&self) -> Carries {
        Carries {
            headers: true,
            bodies: false,
            server_address: false,
            timings: true,
        }
    }

    fn confidence(&self, probe: &Probe<'_>) -> u8 {
        LINES.confidence(probe).min(94)
    }

    fn read(&self, input: Input, watch: &Watch<'_>) -> Result<Capture, Problem> {
        LINES.read(&input, watch, ())
    }
}

fn read_line(text: &str) -> Line<'_> {
    let Some(fields) = Fields::of(text) else {
        return Line::Bad("expected a JSON object");
    };
    let is_caddy = fields.has("level") && fields.has("ts");
    if !is_caddy {
        return Line::Bad("expected level and ts, as Caddy writes them");
    }
    if !fields.get("logger").starts_with("http.log.access")
        && fields.get("msg") != "handled request"
    {
        return Line::Other("lines of Caddy about itself");
    }
    if !fields.has("request.method") || !fields.has("status") {
        return Line::Bad("expected request.method and status");
    }
    Line::Flow(Box::new(entry(&fields)))
}

fn entry<'a>(fields: &Fields<'a>) -> LogEntry<'a> {
    let duration = fields.get("duration");
    let time_ms = match duration.parse::<f64>() {
        Ok(seconds) => Some(seconds * 1e3),
        Err(_) => duration_ms(&duration),
    };
    // The line is written when the response has been sent.
    let end = time(&fields.get("ts"));
    let method = fields.get("request.method");
    let (host, uri) = (fields.get("request.host"), fields.get("request.uri"));
    let is_tls = fields.below("request.tls.").next().is_some();
    let target = match &*method {
        "CONNECT" => host,
        _ => url(if is_tls { "https" } else { "http" }, &host, uri),
    };
    let status = fields.status("status").filter(|status| 0 < *status);
    let mut entry = LogEntry {
        start: end.and_then(|end| end.plus_ms(-time_ms.unwrap_or(0.0))),
        time_ms,
        method,
        url: target,
        version: fields.get("request.proto"),
        status,
        mime: fields.get("resp_headers.Content-Type"),
        bytes_sent: fields.bytes("bytes_read").filter(|bytes| 0 < *bytes),
        bytes_received: fields.bytes("size"),
        ..LogEntry::default()
    };
    if status.is_none() {
        // Caddy writes 0 when no handler answered, or the client was gone.
        entry.flags.insert(Flags::INCOMPLETE);
    }
    for (side, prefix) in [
        (Side::Request, "request.headers."),
        (Side::Response, "resp_headers."),
    ] {
        for (name, value) in fields.below(prefix) {
            entry
                .headers
                .push((side, Cow::Owned(name.to_owned()), value.clone()));
        }
    }
    entry.fact(
        "client",
        fields.first(&[
            "request.client_ip",
            "request.remote_ip",
            "request.remote_addr",
        ]),
    );
    entry.fact("user", fields.get("user_id"));
    entry.fact("TLS server name", fields.get("request.tls.server_name"));
    entry
}
