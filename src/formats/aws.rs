//! Access logs of Amazon's load balancers (Application and Classic) and of S3: words and quoted text between blanks, in an
//! order of their own.
//!
//! What clients wrote may hold quotes, so each quoted text ends where what must follow it follows.

use std::borrow::Cow;

use super::{Format, Input, Line, Log, LogEntry, Probe, Watch, known, word};
use crate::base::text::hex_decode;
use crate::base::time::Time;
use crate::capture::{Capture, Carries, Exchange, Flags, Phase, Problem, Side};

/// Reads the access logs of load balancers and S3.
pub(super) struct Aws;

/// Which of Amazon's services wrote the lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Service {
    #[default]
    Unknown,
    Application,
    Classic,
    S3,
}

const LOG: Log<Service> = Log {
    producer: |service| service.name().to_owned(),
    is_at_server: |_| true,
    read_line,
};

impl Service {
    const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "",
            Self::Application => "AWS Application Load Balancer",
            Self::Classic => "AWS Classic Load Balancer",
            Self::S3 => "Amazon S3",
        }
    }
}

impl Format for Aws {
    fn id(&self) -> &'static str {
        "aws"
    }

    fn title(&self) -> &'static str {
        "AWS access log"
    }

    fn about(&self) -> &'static str {
        "access logs of Application and Classic Load Balancers and of S3"
    }

    fn producers(&self) -> &'static str {
        "AWS Application Load Balancer, AWS Classic Load Balancer, Amazon S3"
    }

    fn versions(&self) -> &'static str {
        "ALB with 29 to 33 fields, Classic ELB with 12 and 15, S3 with 18 to 27"
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
        LOG.confidence(probe).min(95)
    }

    fn refusal(&self, probe: &Probe<'_>) -> Option<String> {
        let head = String::from_utf8_lossy(probe.head);
        let first = head.lines().find(|line| !line.trim().is_empty())?;
        let what = if first.starts_with("tls 2.0 ") && first.contains(" net/") {
            "the log of an AWS Network Load Balancer, which holds no HTTP requests; open the log of the server behind it"
        } else if first.starts_with("version account-id interface-id")
            || first.contains(" eni-") && first.starts_with("2 ")
        {
            "an AWS VPC flow log, which holds no HTTP requests; open the log of the load balancer or server"
        } else {
            return None;
        };
        Some(what.to_owned())
    }

    fn read(&self, input: Input, watch: &Watch<'_>) -> Result<Capture, Problem> {
        LOG.read(&input, watch, Service::Unknown)
    }
}

fn read_line<'a>(state: &mut Service, text: &'a str) -> Line<'a> {
    let text = text.trim_start_matches('\u{feff}');
    let (first, rest) = word(text);
    let (service, line) = if CONNECTIONS.contains(&first) {
        (Service::Application, balancer(rest, Some(first)))
    } else if is_balancer_time(first) {
        (Service::Classic, balancer(text, None))
    } else {
        (Service::S3, s3(text))
    };
    match line {
        Ok(line) => {
            *state = service;
            line
        }
        Err(expected) => Line::Bad(expected),
    }
}

/// How clients connect to an Application Load Balancer.
const CONNECTIONS: [&str; 6] = ["http", "https", "h2", "grpcs", "ws", "wss"];

/// `2026-11-23T02:46:59.945958Z`
fn is_balancer_time(text: &str) -> bool {
    text.ends_with('Z') && text.as_bytes().get(10) == Some(&b'T') && Time::parse_iso(text).is_some()
}

type Parsed<'a> = Result<Line<'a>, &'static str>;

/// A line from the time on. Only Application Load Balancers say how the client was connected.
fn balancer<'a>(text: &'a str, connection: Option<&'a str>) -> Parsed<'a> {
    let (before, quoted) = text
        .split_once(" \"")
        .ok_or("expected a request in quotes")?;
    let words: Vec<&str> = before.split(' ').collect();
    let &[
        time,
        name,
        client,
        target,
        to_target,
        in_target,
        to_client,
        status,
        target_status,
        received,
        sent,
    ] = words.as_slice()
    else {
        return Err("expected eleven words before the request");
    };
    let end = Time::parse_iso(time).ok_or("expected a time")?;
    let (request, agent, rest) =
        request_and_agent(quoted).ok_or("expected a request and a user agent in quotes")?;
    let request = Request::parse(request);
    if request.is_nothing() {
        return Ok(Line::Other("connections of TCP listeners"));
    }
    let mut entry = request.entry();
    entry.status = status.parse().ok().filter(|status| 0 < *status);
    entry.bytes_sent = received.parse().ok();
    entry.bytes_received = sent.parse().ok();
    add_durations(&mut entry, end, [to_target, in_target, to_client]);
    entry.header(Side::Request, "User-Agent", unescape(agent));
    entry.fact("load balancer", name);
    entry.fact("client", client);
    entry.fact("target", target);
    entry.fact("status of the target", target_status);
    let (cipher, rest) = word(rest);
    let (protocol, rest) = word(rest);
    entry.fact("TLS cipher", cipher);
    entry.fact(Exchange::TLS_VERSION, protocol);
    if let Some(connection) = connection {
        add_rule(&mut entry, end, connection, rest);
    }
    // 460: the client has gone.
    if matches!(entry.status, None | Some(460)) {
        entry.flags.insert(Flags::ABORTED);
    }
    Ok(Line::Flow(Box::new(entry)))
}

/// The request, which the user agent follows, and what follows that. The first load balancers logged no user agent.
fn request_and_agent(quoted: &str) -> Option<(&str, &str, &str)> {
    let Some((request, rest)) = quoted.split_once("\" \"") else {
        return Some((quoted.strip_suffix('"')?, "", ""));
    };
    let is_cipher = |text: &str| {
        let (cipher, rest) = word(text);
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        !cipher.is_empty()
            && cipher.chars().all(is_word)
            && (rest.starts_with('-') || rest.starts_with("TLS") || rest.starts_with("SSL"))
    };
    let (at, _) = rest
        .match_indices("\" ")
        .find(|(at, _)| is_cipher(&rest[at + 2..]))?;
    Some((request, &rest[..at], &rest[at + 2..]))
}

/// The line was written when the answer went out: `-1` stands for a part that did not take place.
fn add_durations(entry: &mut LogEntry<'_>, end: Time, parts: [&str; 3]) {
    let mut total = Some(0.0);
    for (text, phase) in parts
        .into_iter()
        .zip([Phase::Send, Phase::Wait, Phase::Receive])
    {
        let ms = text
            .parse::<f64>()
            .ok()
            .filter(|seconds| 0.0 <= *seconds)
            .map(|seconds| seconds * 1e3);
        if let Some(ms) = ms {
            entry.phases.set(phase, ms);
        }
        total = total.zip(ms).map(|(total, ms)| total + ms);
    }
    entry.time_ms = total;
    entry.start = end.plus_ms(-total.unwrap_or(0.0));
}

/// What only Application Load Balancers say: target group, trace, names, rule and its outcome.
fn add_rule<'a>(entry: &mut LogEntry<'a>, end: Time, connection: &'a str, rest: &'a str) {
    entry.fact("connection", connection);
    if connection.starts_with("ws") && entry.status == Some(101) {
        entry.flags.insert(Flags::WEBSOCKET);
    }
    let names = [
        "target group",
        "trace",
        "name of the server",
        "certificate",
        "priority of the rule",
        "",
        "actions",
        "",
        "error",
        "",
        "",
        "classification",
        "reason",
    ];
    for (name, value) in names
        .into_iter()
        .zip(Words(rest))
        .filter(|(name, _)| !name.is_empty())
    {
        entry.fact(name, value);
    }
    let mut words = Words(rest);
    if let Some(received) = words.nth(5).and_then(Time::parse_iso)
        && entry.time_ms.is_none()
        && received <= end
    {
        entry.start = Some(received);
        entry.time_ms = Some(end.ms_since(received));
    }
    if let Some(location) = words.nth(1) {
        entry.header(Side::Response, "Location", location);
    }
}

/// Words and quoted texts without their quotes.
struct Words<'a>(&'a str);

impl<'a> Iterator for Words<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let rest = self.0.trim_start_matches(' ');
        if rest.is_empty() {
            return None;
        }
        let Some(quoted) = rest.strip_prefix('"') else {
            let (word, rest) = word(rest);
            self.0 = rest;
            return Some(word);
        };
        let end = quoted.find("\" ").unwrap_or(quoted.len());
        self.0 = quoted.get(end + 1..).unwrap_or_default();
        Some(quoted[..end].trim_end_matches('"'))
    }
}

/// `GET http://a.example:80/ HTTP/1.1`
struct Request<'a> {
    method: &'a str,
    url: &'a str,
    version: &'a str,
}

impl<'a> Request<'a> {
    fn parse(text: &'a str) -> Self {
        let (method, target) = word(text.trim());
        let (url, version) = target.rsplit_once(' ').unwrap_or((target, ""));
        let method = known(method);
        // Of a request that was never understood, only the listener is known: `- http://a.example:80- -`.
        let url = if method.is_empty() {
            url.trim_end_matches('-')
        } else {
            url
        };
        Self {
            method,
            url: known(url),
            version: known(version),
        }
    }

    const fn is_nothing(&self) -> bool {
        self.method.is_empty() && self.url.is_empty()
    }

    fn entry(&self) -> LogEntry<'a> {
        let mut entry = LogEntry {
            method: self.method.into(),
            url: unescape(self.url),
            version: self.version.into(),
            ..LogEntry::default()
        };
        if self.method.is_empty() {
            entry.flags.insert(Flags::INCOMPLETE);
        }
        entry
    }
}

/// `\x22` and `\"` as `"`.
fn unescape(text: &str) -> Cow<'_, str> {
    match hex_decode(text) {
        Cow::Borrowed(text) if !text.contains("\\\"") => Cow::Borrowed(text),
        decoded => decoded.replace("\\\"", "\"").into(),
    }
}

/// `owner bucket [time] client requester id operation key "request" status …`
fn s3(text: &str) -> Parsed<'_> {
    const EXPECTED: &str = "expected a line of an AWS load balancer or of S3";
    let (before, rest) = text.split_once(" [").ok_or(EXPECTED)?;
    let (time, rest) = rest.split_once("] ").ok_or(EXPECTED)?;
    let (_owner, bucket) = before.split_once(' ').ok_or(EXPECTED)?;
    let (client, rest) = word(rest);
    let (requester, rest) = word(rest);
    let (id, rest) = word(rest);
    let (operation, rest) = word(rest);
    let (key, rest) = word(rest);
    let start = Time::parse_clf(time);
    if start.is_none() || !is_operation(operation) {
        return Err(EXPECTED);
    }
    let Some(quoted) = rest
        .strip_prefix('"')
        .filter(|rest| !rest.starts_with("-\" "))
    else {
        return if rest.starts_with('-') || rest.starts_with("\"-\"") {
            Ok(Line::Other("actions of S3 that nobody requested"))
        } else {
            Err("expected a request in quotes")
        };
    };
    let is_status = |rest: &str| {
        known(word(rest).0)
            .bytes()
            .all(|byte| byte.is_ascii_digit())
    };
    let (at, _) = quoted
        .match_indices("\" ")
        .find(|(at, _)| is_status(&quoted[at + 2..]))
        .ok_or("expected a status behind the request")?;
    let mut entry = Request::parse(&quoted[..at]).entry();
    entry.start = start;
    for (name, value) in [
        ("bucket", bucket),
        ("client", client),
        ("requester", requester),
        ("operation", operation),
        ("key", key),
    ] {
        entry.fact(name, value);
    }
    // S3 sends this id to the client.
    entry.header(Side::Response, "x-amz-request-id", id);
    add_answer(&mut entry, &quoted[at + 2..]);
    Ok(Line::Flow(Box::new(entry)))
}

/// `REST.GET.OBJECT`
fn is_operation(text: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    };
    text.contains('.') && text.split('.').all(is_part)
}

/// `status error sent size total turnaround "referer" "user agent" version host-id signature cipher auth host tls …`
fn add_answer<'a>(entry: &mut LogEntry<'a>, text: &'a str) {
    let (numbers, agents) = text.split_once(" \"").unwrap_or((text, ""));
    let mut numbers = numbers.split(' ');
    let mut next = || known(numbers.next().unwrap_or_default());
    entry.status = next().parse().ok();
    entry.fact("error", next());
    entry.content_bytes = next().parse().ok();
    entry.fact("size of the object", next());
    entry.time_ms = next().parse().ok();
    if let Ok(ms) = next().parse() {
        entry.phases.set(Phase::Wait, ms);
    }
    // Nothing behind the user agent is quoted.
    let (agents, rest) = agents.rsplit_once('"').unwrap_or((agents, ""));
    let (referer, agent) = agents.split_once("\" \"").unwrap_or((agents, ""));
    entry.header(Side::Request, "Referer", unescape(referer));
    entry.header(Side::Request, "User-Agent", unescape(agent));
    let mut words = rest.split_ascii_whitespace();
    let mut next = || known(words.next().unwrap_or_default());
    entry.fact("version", next());
    entry.header(Side::Response, "x-amz-id-2", next());
    entry.fact("signature", next());
    let cipher = next();
    entry.fact("TLS cipher", cipher);
    entry.fact("authentication", next());
    let host = next();
    entry.header(Side::Request, "Host", host);
    entry.fact(Exchange::TLS_VERSION, next());
    let scheme = if cipher.is_empty() { "http" } else { "https" };
    if !host.is_empty() && entry.url.starts_with('/') {
        entry.url = format!("{scheme}://{host}{}", entry.url).into();
    }
    if entry.status.is_none() {
        entry.flags.insert(Flags::ABORTED);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_end_where_what_must_follow_follows() {
        let quoted = r#"GET http://a/ "b" c HTTP/1.1" "x "y" z" ECDHE-RSA TLSv1.2 rest"#;
        let found = request_and_agent(quoted);
        let expected = (
            r#"GET http://a/ "b" c HTTP/1.1"#,
            r#"x "y" z"#,
            "ECDHE-RSA TLSv1.2 rest",
        );
        assert_eq!(found, Some(expected));
        assert_eq!(
            request_and_agent("GET / HTTP/1.1\""),
            Some(("GET / HTTP/1.1", "", ""))
        );
        assert_eq!(request_and_agent("GET /"), None);
    }

    #[test]
    fn splits_words_and_quoted_texts() {
        let words: Vec<&str> = Words(r#"- "a b" "" c "d"#).collect();
        assert_eq!(words, ["-", "a b", "", "c", "d"]);
    }

    #[test]
    fn logs_of_other_servers_are_not_taken() {
        for text in [
            r#"192.0.2.1 - - [22/Nov/2026:18:14:21 +0000] "GET / HTTP/1.1" 200 575 "-" "curl/8""#,
            r#"a.example 192.0.2.1 - - [22/Nov/2026:18:14:21 +0000] "GET / HTTP/1.1" 200 575"#,
            "2026-11-23T02:46:59.945958Z host program: \"GET / HTTP/1.1\"",
            "http",
            "",
        ] {
            let line = read_line(&mut Service::Unknown, text);
            assert!(matches!(line, Line::Bad(_)), "{text}: {line:?}");
        }
    }
}
