//! Access logs of Traefik in JSON: names in Pascal case, durations in nanoseconds, headers behind a prefix.

use std::borrow::Cow;

use super::fields::{Fields, address, time, url};
use crate::capture::{Capture, Carries, Exchange, Phase, Problem, Side};
use crate::formats::{Format, Input, Line, Log, LogEntry, Probe, Watch};

/// Reads Traefik's JSON.
pub(in crate::formats) struct Traefik;

const LINES: Log<()> = Log {
    producer: |()| "Traefik".to_owned(),
    is_at_server: |()| true,
    read_line: |(), text| read_line(text),
};

impl Format for Traefik {
    fn id(&self) -> &'static str {
        "traefik"
    }

    fn title(&self) -> &'static str {
        "Traefik access log (JSON)"
    }

    fn about(&self) -> &'static str {
        "what Traefik logs as JSON, with the headers that it was told to keep"
    }

    fn producers(&self) -> &'static str {
        "Traefik"
    }

    fn versions(&self) -> &'static str {
        "layout only"
    }

    fn carries(&self) -> Carries {
        Carries {
            headers: true,
            bodies: false,
            server_address: true,
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
    match Fields::of(text) {
        None => Line::Bad("expected a JSON object"),
        Some(fields) if fields.has("RequestMethod") && fields.has("RequestPath") => {
            Line::Flow(Box::new(entry(&fields)))
        }
        Some(_) => Line::Bad("expected RequestMethod and RequestPath, as Traefik writes them"),
    }
}

fn entry<'a>(fields: &Fields<'a>) -> LogEntry<'a> {
    let ms = |name| fields.number(name).map(|ns| ns / 1e6);
    let (scheme, host) = (
        fields.get("RequestScheme"),
        fields.first(&["RequestAddr", "RequestHost"]),
    );
    let method = fields.get("RequestMethod");
    let path = fields.get("RequestPath");
    let target = match &*method {
        "CONNECT" => host,
        _ => url(&scheme, &host, path),
    };
    let server = fields.get("ServiceAddr");
    let server_ip = Cow::Owned(address(&server).to_owned());
    let mut entry = LogEntry {
        start: time(&fields.first(&["StartUTC", "StartLocal", "time"])),
        time_ms: ms("Duration"),
        method,
        url: target,
        version: fields.get("RequestProtocol"),
        status: fields
            .status("DownstreamStatus")
            .or_else(|| fields.status("OriginStatus"))
            .filter(|status| 0 < *status),
        mime: fields.first(&["downstream_Content-Type", "origin_Content-Type"]),
        server_ip,
        bytes_sent: fields.bytes("RequestContentSize"),
        bytes_received: fields.bytes("DownstreamContentSize"),
        ..LogEntry::default()
    };
    entry
        .phases
        .set(Phase::Wait, ms("OriginDuration").unwrap_or(-1.0));
    for (side, prefix) in [(Side::Request, "request_"), (Side::Response, "downstream_")] {
        for (name, value) in fields.below(prefix) {
            entry
                .headers
                .push((side, Cow::Owned(name.to_owned()), value.clone()));
        }
    }
    for (name, key) in [
        ("client", "ClientAddr"),
        ("user", "ClientUsername"),
        ("router", "RouterName"),
        ("service", "ServiceName"),
        ("upstream", "ServiceAddr"),
        ("upstream status", "OriginStatus"),
        ("entry point", "entryPointName"),
        (Exchange::TLS_VERSION, "TLSVersion"),
    ] {
        entry.fact(name, fields.get(key));
    }
    entry
}
