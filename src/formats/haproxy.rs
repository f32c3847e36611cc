//! HAProxy logs: `httplog`, `httpslog` and the common layout that it writes itself, with any log service in front.

use std::borrow::Cow;

use super::{Format, Input, Line, Log, LogEntry, Probe, Watch, absolute, advise, known, word};
use crate::base::time::Time;
use crate::capture::{Capture, Carries, Exchange, Flags, Phase, Problem, split_request};

/// Reads what HAProxy logs about HTTP.
pub(super) struct Haproxy;

const LOG: Log<()> = Log {
    producer: |()| "HAProxy".to_owned(),
    is_at_server: |()| true,
    read_line: |(), text| read_line(text),
};

impl Format for Haproxy {
    fn id(&self) -> &'static str {
        "haproxy"
    }

    fn title(&self) -> &'static str {
        "HAProxy log"
    }

    fn about(&self) -> &'static str {
        "what HAProxy logs with option httplog, httpslog or httplog clf"
    }

    fn producers(&self) -> &'static str {
        "HAProxy"
    }

    fn versions(&self) -> &'static str {
        "HAProxy 2.6.12"
    }

    fn carries(&self) -> Carries {
        Carries {
            headers: false,
            bodies: false,
            server_address: false,
            timings: true,
        }
    }

    fn confidence(&self, probe: &Probe<'_>) -> u8 {
        let share = LOG.confidence(probe).min(95);
        // A log of connections alone is known, too, but there is nothing in it to show.
        let is_without_requests = share == 0 && LOG.only_kind(probe).is_some();
        if is_without_requests { 60 } else { share }
    }

    fn read(&self, input: Input, watch: &Watch<'_>) -> Result<Capture, Problem> {
        let capture = LOG.read(&input, watch, ());
        capture.map_err(|refusal| advise(refusal, "let HAProxy log with option httplog"))
    }
}

const FAILED_CONNECTIONS: &str = "connections that failed before a request";
const TCP: &str = "connections without a word about HTTP";
const MESSAGES: &str = "messages of HAProxy itself";

fn read_line(text: &str) -> Line<'_> {
    let flow = |entry| Line::Flow(Box::new(entry));
    if let Some(connection) = Connection::parse(text) {
        return connection.read();
    }
    if let Some(entry) = common(text) {
        return flow(entry);
    }
    if text.starts_with("Connect from ") {
        return Line::Other(TCP);
    }
    let is_message = MESSAGE_STARTS.iter().any(|start| text.starts_with(start));
    if is_message {
        return Line::Other(MESSAGES);
    }
    Line::Bad("expected a client, a date in brackets and a frontend")
}

/// How messages about HAProxy itself begin.
const MESSAGE_STARTS: [&str; 14] = [
    "Proxy ",
    "Server ",
    "Backup Server ",
    "Health check ",
    "backend ",
    "Stopping ",
    "Pausing ",
    "New worker ",
    "Former worker ",
    "Loading success",
    "Reexecuting ",
    "[NOTICE]",
    "[WARNING]",
    "[ALERT]",
];

/// What every line about a connection begins with: `client:port [date] frontend rest`.
struct Connection<'a> {
    client: &'a str,
    start: Time,
    frontend: &'a str,
    rest: &'a str,
}

impl<'a> Connection<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (client, rest) = text.split_once(" [")?;
        let (date, rest) = rest.split_once("] ")?;
        let (_, port) = client.rsplit_once(':')?;
        let is_port = !client.contains(' ') && port.bytes().all(|byte| byte.is_ascii_digit());
        let (frontend, rest) = word(rest);
        is_port.then_some(Self {
            client,
            start: Time::parse_clf(date)?,
            frontend,
            rest,
        })
    }

    fn read(self) -> Line<'a> {
        let (route, rest) = word(self.rest);
        let (timers, rest) = word(rest);
        match timers.split('/').count() {
            5 => match self.request(route, timers, rest) {
                Some(entry) => Line::Flow(Box::new(entry)),
                None => Line::Bad("expected status, bytes and a request in quotes"),
            },
            3 if is_number(timers.split('/').next().unwrap_or_default()) => Line::Other(TCP),
            // `frontend/listener: SSL handshake failure`
            _ if self.frontend.ends_with(':') => Line::Other(FAILED_CONNECTIONS),
            _ => Line::Bad("expected five timers such as 0/0/1/12/13"),
        }
    }

    /// `backend/server timers status bytes cookie cookie state connections queues {captures} "request" tls`
    fn request(self, route: &'a str, timers: &str, rest: &'a str) -> Option<LogEntry<'a>> {
        let (status, rest) = word(rest);
        let (bytes, rest) = word(rest);
        let (_request_cookie, rest) = word(rest);
        let (_response_cookie, rest) = word(rest);
        let (state, rest) = word(rest);
        let (_connections, rest) = word(rest);
        let (queues, rest) = word(rest);
        // Nothing is escaped within captures but what would end them; within the request, quotes are.
        let (captures, request) = rest.split_once('"')?;
        queues.contains('/').then_some(())?;
        // A line that syslog cut has no closing quote.
        let (request, behind) = request.split_once('"').unwrap_or((request, ""));
        let mut entry = LogEntry {
            start: Some(self.start),
            status: status.parse().ok().filter(|status| 0 < *status),
            bytes_received: bytes.trim_start_matches('+').parse().ok(),
            ..LogEntry::default()
        };
        set_timers(&mut entry, timers.split('/'));
        let blocks = captured(captures);
        let tls = Tls::parse(behind.trim());
        let host = blocks
            .iter()
            .flat_map(|block| block.split('|'))
            .find(|value| is_plainly_a_host(value))
            .or_else(|| tls.as_ref().map(|tls| known(tls.name)));
        let is_tls = self.frontend.ends_with('~');
        set_request(&mut entry, request, is_tls, host.unwrap_or_default());
        set_state(&mut entry, state);
        entry.fact("client", self.client);
        entry.fact("frontend", self.frontend.trim_end_matches('~'));
        let (backend, server) = route.split_once('/').unwrap_or((route, ""));
        entry.fact("backend", backend);
        entry.fact("server", server);
        entry.fact("termination state", state);
        let names = match blocks.len() {
            2 => ["captured request headers", "captured response headers"],
            _ => ["captured headers"; 2],
        };
        for (name, block) in names.into_iter().zip(blocks) {
            entry.fact(name, plain(block));
        }
        if let Some(tls) = tls {
            entry.fact("TLS name", tls.name);
            entry.fact(Exchange::TLS_VERSION, tls.version);
            entry.fact("TLS cipher", tls.cipher);
            entry.fact("TLS errors", tls.errors);
        }
        Some(entry)
    }
}

/// What `httpslog` adds: `0/0000000000000000/0/0/0 name/TLSv1.3/cipher`.
struct Tls<'a> {
    errors: &'a str,
    name: &'a str,
    version: &'a str,
    cipher: &'a str,
}

impl<'a> Tls<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (errors, session) = text.split_once(' ')?;
        let mut parts = session.split('/');
        let (name, version, cipher) = (parts.next()?, parts.next()?, parts.next()?);
        let is_quiet = errors
            .bytes()
            .all(|byte| matches!(byte, b'0' | b'/' | b'-'));
        Some(Self {
            errors: if is_quiet { "" } else { errors },
            name,
            version,
            cipher,
        })
    }
}

/// The common layout with HAProxy's fields behind two empty strings:
/// `client - - [date] "request" 200 147 "" "" port ms "frontend" "backend" "server" 0 0 0 1 1 ---- …`.
fn common(text: &str) -> Option<LogEntry<'_>> {
    let (client, rest) = text.split_once(" - - [")?;
    let (date, rest) = rest.split_once("] \"")?;
    let (request, rest) = rest.split_once("\" ")?;
    let (status, rest) = word(rest);
    let (bytes, rest) = rest.split_once(" \"\" \"\" ")?;
    let (port, rest) = word(rest);
    let (millis, rest) = word(rest);
    let (frontend, rest) = rest.strip_prefix('"')?.split_once("\" \"")?;
    let (backend, rest) = rest.split_once("\" \"")?;
    let (server, rest) = rest.split_once("\" ")?;
    let fields: Vec<&str> = rest.splitn(14, ' ').collect();
    let [tr, tw, tc, tsr, ta, state, ..] = fields[..] else {
        return None;
    };
    (is_number(port) && is_number(tr)).then_some(())?;
    let millis: f64 = millis.parse().ok()?;
    let mut entry = LogEntry {
        start: Time::parse_clf(date)?.plus_ms(millis),
        status: status.parse().ok().filter(|status| 0 < *status),
        bytes_received: bytes.trim_start_matches('+').parse().ok(),
        ..LogEntry::default()
    };
    set_timers(&mut entry, [tr, tw, tc, tsr, ta].into_iter());
    let captures = fields.get(13).copied().unwrap_or_default();
    let host = captures.split('"').find(|value| is_plainly_a_host(value));
    let is_tls = frontend.ends_with('~');
    set_request(&mut entry, request, is_tls, host.unwrap_or_default());
    set_state(&mut entry, state);
    for (name, value) in [
        ("client", client),
        ("port", port),
        ("frontend", frontend.trim_end_matches('~')),
        ("backend", backend),
        ("server", server),
        ("termination state", state),
    ] {
        entry.fact(name, value);
    }
    Some(entry)
}

/// Timers in milliseconds: the request, the queue, the connection, the response, and all together; −1 for what did not
/// happen. `+` before the last one says that it was written before the end.
fn set_timers<'a>(entry: &mut LogEntry<'_>, timers: impl Iterator<Item = &'a str>) {
    let timers = timers.map(|timer| timer.trim_start_matches('+').parse().unwrap_or(-1.0));
    let timers: Vec<f64> = timers.collect();
    let [request, queue, connect, response, total] = timers[..] else {
        return;
    };
    entry.phases.set(Phase::Send, request);
    entry.phases.set(Phase::Blocked, queue);
    entry.phases.set(Phase::Connect, connect);
    entry.phases.set(Phase::Wait, response);
    if 0.0 <= response {
        let before: f64 = timers[..4].iter().map(|ms| ms.max(0.0)).sum();
        entry.phases.set(Phase::Receive, total - before);
    }
    entry.time_ms = Some(total).filter(|total| 0.0 <= *total);
}

/// `<BADREQ>` stands for what is no request. HAProxy itself ends TLS where the frontend has a `~`, so the scheme is known.
fn set_request<'a>(entry: &mut LogEntry<'a>, request: &'a str, is_tls: bool, host: &str) {
    let (method, target, version) = split_request(request);
    if request == "<BADREQ>" || target.is_empty() {
        entry.flags.insert(Flags::INCOMPLETE);
        entry.fact("request line", plain(request));
        return;
    }
    let scheme = if is_tls { "https" } else { "http" };
    entry.method = Cow::Borrowed(method);
    entry.url = absolute(plain(target), Some(scheme), host);
    entry.version = Cow::Borrowed(version);
}

/// The first letter says who ended the session early: `C` and `c` the client, `S` and `s` the server, `R` and `I` a lack of
/// resources or a fault. `P` and `L` are answers of HAProxy itself.
fn set_state(entry: &mut LogEntry<'_>, state: &str) {
    if entry.status.is_none() || state.starts_with(['C', 'c', 'S', 's', 'R', 'I', 'K']) {
        entry.flags.insert(Flags::ABORTED);
    }
}

/// The blocks `{a|b} {c}` of captured headers, without braces.
fn captured(text: &str) -> Vec<&str> {
    let blocks = text.split('{').skip(1);
    blocks
        .filter_map(|block| block.split_once('}'))
        .map(|(inside, _)| inside)
        .take(2)
        .collect()
}

/// True for `shop.example` or `shop.example:8080`, not for versions, media types or addresses of clients.
fn is_plainly_a_host(text: &str) -> bool {
    let (host, port) = text.rsplit_once(':').unwrap_or((text, ""));
    let mut labels = host.rsplit('.');
    let is_label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    let is_top =
        |label: &str| is_label(label) && label.starts_with(|c: char| c.is_ascii_alphabetic());
    port.bytes().all(|byte| byte.is_ascii_digit())
        && labels.next().is_some_and(is_top)
        && host.contains('.')
        && labels.all(is_label)
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Text as it was before HAProxy wrote `#22` for a quote.
fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains('#') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        let code = (*first == b'#')
            .then(|| std::str::from_utf8(behind.get(..2)?).ok())
            .flatten()
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { &behind[2..] } else { behind };
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(text: &str) -> LogEntry<'_> {
        match read_line(text) {
            Line::Flow(entry) => *entry,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn takes_the_host_from_captures_and_from_tls() {
        let check = |frontend: &str, rest: &str, url: &str| {
            let line = format!(
                "192.0.2.1:5000 [22/Nov/2026:18:10:40.113] {frontend} app/s1 0/0/1/2/3 200 575 - - ---- 1/1/0/0/0 0/0 {rest}"
            );
            assert_eq!(entry(&line).url, url, "{line}");
        };
        check(
            "www~",
            r#"{shop.example|curl/8.5.0} {} "GET / HTTP/1.1""#,
            "https://shop.example/",
        );
        check(
            "www",
            r#"{192.0.2.7|a.example:81} "GET /x HTTP/1.1""#,
            "http://a.example:81/x",
        );
        check(
            "www",
            r#"{Mozilla/5.0 (X11)|text/html|1.2} "GET /x HTTP/1.1""#,
            "/x",
        );
        check(
            "www~",
            r#""GET / HTTP/1.1" 0/0/0/0/0 shop.example/TLSv1.3/A"#,
            "https://shop.example/",
        );
        check("www~", r#""GET / HTTP/1.1" 0/0/0/0/0 -/TLSv1.3/A"#, "/");
        check(
            "www",
            r#""GET https://b.example/ HTTP/2.0""#,
            "https://b.example/",
        );
        check("www", r#""GET /#22q#22#zz HTTP/1.1""#, "/\"q\"#zz");
        check("www", "\"GET /cut", "/cut");
    }

    #[test]
    fn timers_become_phases() {
        let line = r#"192.0.2.1:5000 [22/Nov/2026:18:10:40.113] w a/s 1/2/3/4/+15 -1 +0 - - CH-- 1/1/0/0/0 0/0 "GET / HTTP/1.1""#;
        let entry = entry(line);
        let phases = [
            Phase::Send,
            Phase::Blocked,
            Phase::Connect,
            Phase::Wait,
            Phase::Receive,
        ];
        assert_eq!(
            phases.map(|phase| entry.phases.get(phase)),
            [Some(1.0), Some(2.0), Some(3.0), Some(4.0), Some(5.0)]
        );
        assert_eq!((entry.time_ms, entry.status), (Some(15.0), None));
        assert!(entry.flags.contains(Flags::ABORTED));
    }

    #[test]
    fn what_is_no_request_is_counted_by_kind() {
        for (text, kind) in [
            (
                "192.0.2.1:5 [22/Nov/2026:18:10:40.113] w/1: SSL handshake failure",
                FAILED_CONNECTIONS,
            ),
            (
                "192.0.2.1:5 [22/Nov/2026:18:10:40.113] t t/s 1/0/4 148 -- 2/1/0/0/0 0/0",
                TCP,
            ),
            ("Connect from 192.0.2.1:5 to 192.0.2.2:80 (w/HTTP)", TCP),
            ("Server a/s is DOWN, reason: Layer4 timeout", MESSAGES),
        ] {
            assert!(
                matches!(read_line(text), Line::Other(found) if found == kind),
                "{text}"
            );
        }
        assert!(matches!(
            read_line("192.0.2.1:5 [soon] w a/s 1/2/3/4/5"),
            Line::Bad(_)
        ));
    }
}
