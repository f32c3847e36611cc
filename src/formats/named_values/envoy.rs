//! Access logs of Envoy: JSON with names that the user chose among its usual ones, or its default line of text.

use std::borrow::Cow;

use super::fields::{Fields, address, time, url};
use crate::base::time::Time;
use crate::capture::{Capture, Carries, Flags, Phase, Problem, Side, split_request};
use crate::formats::{Format, Input, Line, Log, LogEntry, Probe, Watch, known, word};

/// Reads Envoy's JSON and text.
pub(in crate::formats) struct Envoy;

const LINES: Log<()> = Log {
    producer: |()| "Envoy".to_owned(),
    is_at_server: |()| true,
    read_line: |(), text| read_line(text),
};

impl Format for Envoy {
    fn id(&self) -> &'static str {
        "envoy"
    }

    fn title(&self) -> &'static str {
        "Envoy access log"
    }

    fn about(&self) -> &'static str {
        "what Envoy, Istio and Envoy Gateway log, as JSON or in the default text format"
    }

    fn producers(&self) -> &'static str {
        "Envoy, Istio, Envoy Gateway"
    }

    fn versions(&self) -> &'static str {
        "Envoy Gateway of 2025"
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
        LINES.confidence(probe).min(93)
    }

    fn read(&self, input: Input, watch: &Watch<'_>) -> Result<Capture, Problem> {
        LINES.read(&input, watch, ())
    }
}

fn read_line(text: &str) -> Line<'_> {
    let entry = match Fields::of(text) {
        Some(fields) => of_fields(&fields),
        None => of_text(text),
    };
    match entry {
        None => Line::Bad(
            "expected the default line of Envoy, or JSON with response_code and response_flags",
        ),
        Some(entry) if entry.method.is_empty() && entry.status.is_none() => {
            Line::Other("connections that Envoy passed on without looking for a request")
        }
        Some(entry) => Line::Flow(Box::new(entry)),
    }
}

fn of_fields<'a>(fields: &Fields<'a>) -> Option<LogEntry<'a>> {
    let is_envoy = fields.has("response_code")
        && [
            "response_flags",
            "upstream_host",
            "upstream_cluster",
            "route_name",
        ]
        .iter()
        .any(|name| fields.has(name));
    if !is_envoy {
        return None;
    }
    let host = fields.first(&[":authority", "authority", "host"]);
    let path = fields.first(&[
        "x-envoy-original-path",
        "x-envoy-origin-path",
        "path",
        ":path",
    ]);
    let scheme = fields.first(&[
        "scheme",
        ":scheme",
        "x-forwarded-proto",
        "x_forwarded_proto",
    ]);
    let method = fields.first(&["method", ":method"]);
    let upstream = fields.get("upstream_host");
    let target = match &*method {
        "CONNECT" => host,
        _ => url(&scheme, &host, path),
    };
    let mut entry = LogEntry {
        start: time(&fields.first(&["start_time", "timestamp", "time"])),
        time_ms: fields.number("duration"),
        method,
        url: target,
        version: fields.get("protocol"),
        status: fields.status("response_code").filter(|status| 0 < *status),
        mime: fields.first(&["content-type", "content_type"]),
        server_ip: Cow::Owned(address(&upstream).to_owned()),
        bytes_sent: fields.bytes("bytes_received"),
        bytes_received: fields.bytes("bytes_sent"),
        flags: flags(&fields.get("response_flags")),
        ..LogEntry::default()
    };
    let service_time = fields.number("upstream_service_time");
    entry.phases.set(Phase::Wait, service_time.unwrap_or(-1.0));
    entry.header(
        Side::Request,
        "User-Agent",
        fields.first(&["user-agent", "user_agent"]),
    );
    entry.header(
        Side::Request,
        "Referer",
        fields.first(&["referer", "referrer"]),
    );
    for name in [
        "x-forwarded-for",
        "x_forwarded_for",
        "downstream_remote_address",
        "requested_server_name",
        "response_flags",
        "response_code_details",
        "upstream_host",
        "upstream_cluster",
        "route_name",
    ] {
        entry.fact(name, fields.get(name));
    }
    Some(entry)
}

/// `[2026-11-22T18:10:40.113Z] "GET / HTTP/1.1" 200 - 0 168 2 1 "-" "curl" "id" "host" "192.0.2.1:80"`; Istio puts the
/// details of the response between the flags and the sizes.
fn of_text(text: &str) -> Option<LogEntry<'_>> {
    let (date, rest) = text.strip_prefix('[')?.split_once("] \"")?;
    let start = Time::parse_iso(date)?;
    let (request, rest) = rest.split_once("\" ")?;
    let (status, rest) = word(rest);
    let (response_flags, mut rest) = word(rest);
    let status: i64 = status.parse().ok()?;
    while rest.starts_with(|c: char| !c.is_ascii_digit()) {
        // The details, of which the last is in quotes.
        rest = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once("\" ")?.1,
            None => word(rest).1,
        };
    }
    let (received, rest) = word(rest);
    let (sent, rest) = word(rest);
    let (duration, rest) = word(rest);
    let (service_time, rest) = word(rest);
    let [forwarded, agent, id, authority, upstream] = quoted(rest)?.map(known);
    let upstream = upstream.strip_prefix("tcp://").unwrap_or(upstream);
    let (method, path, version) = split_request(request);
    let mut entry = LogEntry {
        start: Some(start),
        time_ms: duration.parse().ok(),
        method: known(method).into(),
        url: if method.eq_ignore_ascii_case("CONNECT") {
            authority.into()
        } else {
            url("", authority, Cow::Borrowed(known(path)))
        },
        version: version.into(),
        status: Some(status).filter(|status| 0 < *status),
        server_ip: address(upstream).into(),
        bytes_sent: received.parse().ok(),
        bytes_received: sent.parse().ok(),
        flags: flags(response_flags),
        ..LogEntry::default()
    };
    entry
        .phases
        .set(Phase::Wait, service_time.parse().unwrap_or(-1.0));
    entry.header(Side::Request, "User-Agent", agent);
    entry.fact("response flags", response_flags);
    entry.fact("x-forwarded-for", forwarded);
    entry.fact("request id", id);
    entry.fact("upstream", upstream);
    Some(entry)
}

/// The five texts in quotes at the end of a line. A quote within the user agent, the second of them, is not escaped.
fn quoted(text: &str) -> Option<[&str; 5]> {
    let (forwarded, rest) = text.strip_prefix('"')?.split_once("\" \"")?;
    let behind = rest.rfind('"')?;
    let mut from_the_end = rest[..behind].rsplitn(4, "\" \"");
    let upstream = from_the_end.next()?;
    let authority = from_the_end.next()?;
    let id = from_the_end.next()?;
    let agent = from_the_end.next()?;
    Some([forwarded, agent, id, authority, upstream])
}

/// What Envoy's flags say about how the flow ended.
fn flags(response_flags: &str) -> Flags {
    const ABORTED: [&str; 8] = ["DC", "UF", "UC", "UT", "LR", "UR", "DPE", "UPE"];
    let mut flags = Flags::default();
    if response_flags
        .split(',')
        .any(|flag| ABORTED.contains(&flag))
    {
        flags.insert(Flags::ABORTED);
    }
    flags
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: [&str; 6]) {
        let entry = of_text(text).expect(text);
        let status = entry
            .status
            .map_or_else(String::new, |status| status.to_string());
        let ms = entry.time_ms.map_or_else(String::new, |ms| ms.to_string());
        let found = [
            &entry.method,
            &entry.url,
            status.as_str(),
            &ms,
            &entry.server_ip,
            &entry.version,
        ];
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn reads_the_line_of_envoy_and_that_of_istio() {
        check(
            r#"[2016-04-15T20:17:00.310Z] "POST /api/v1 HTTP/2" 204 - 154 0 226 100 "10.0.35.28" "nsq2http" "cc21" "locations.example" "tcp://10.0.2.1:80""#,
            [
                "POST",
                "//locations.example/api/v1",
                "204",
                "226",
                "10.0.2.1",
                "HTTP/2",
            ],
        );
        check(
            r#"[2020-11-25T21:26:18.409Z] "GET /status/418 HTTP/1.1" 418 UF via_upstream - "-" 0 135 4 - "-" "curl/7.73" "84961386" "httpbin:8000" "127.0.0.1:80" inbound|8000|| 127.0.0.1:41854"#,
            [
                "GET",
                "//httpbin:8000/status/418",
                "418",
                "4",
                "127.0.0.1",
                "HTTP/1.1",
            ],
        );
        for text in [
            "",
            "[x] \"GET / HTTP/1.1\" 200",
            "[2016-04-15T20:17:00.310Z] \"GET",
            "[2016-04-15T20:17:00.310Z] \"GET / HTTP/1.1\" 200 - ",
        ] {
            let _nothing_to_say = of_text(text);
        }
    }
}
