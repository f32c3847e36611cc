//! JSON logs of all other programs: which name means what is guessed by lists of usual names, and said.

use std::borrow::Cow;

use super::edge;
use super::fields::{Fields, address, duration_ms, time, url};
use super::names::{NAMES, Role};
use crate::base::bytes::Span;
use crate::capture::{Capture, Carries, Flags, Problem, ProblemKind, Side, split_request};
use crate::formats::{Format, Input, Line, Log, LogEntry, Probe, Watch};

/// Reads any log with a JSON object per line that holds a URL and a status.
pub(in crate::formats) struct JsonLines;

const LINES: Log<()> = Log {
    producer: |()| String::new(),
    is_at_server: |()| true,
    read_line: |(), text| read_line(text),
};

impl Format for JsonLines {
    fn id(&self) -> &'static str {
        "json-log"
    }

    fn title(&self) -> &'static str {
        "Log with a JSON object per line"
    }

    fn about(&self) -> &'static str {
        "any log in JSON lines with a URL and a status; says which names it took for what"
    }

    fn producers(&self) -> &'static str {
        "nginx with a JSON format, Cloudflare Logpush, Google Cloud load balancing, CloudFront and others"
    }

    fn versions(&self) -> &'static str {
        "nginx 1.22.1"
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
        // Surer than a guess at plain text, less sure than anything that knows its own names. One object alone may be
        // anything.
        let is_alone = memchr::memchr_iter(b'\n', probe.head.trim_ascii_end())
            .next()
            .is_none();
        LINES.confidence(probe).min(if is_alone { 40 } else { 60 })
    }

    fn read(&self, input: Input, watch: &Watch<'_>) -> Result<Capture, Problem> {
        let head = input
            .source
            .bytes(Span::new(0, 1 << 16))
            .unwrap_or_default();
        let guess = guess(&String::from_utf8_lossy(&head));
        let capture = LINES.read(&input, watch, ())?;
        Ok(capture.with_problems(guess.into_iter().collect()))
    }
}

/// What the names were taken for, by the first line that is a request.
fn guess(head: &str) -> Option<Problem> {
    let taken = head.lines().find_map(|line| {
        let named = Named::of(&Fields::of(line)?);
        named.entry()?;
        Some(named.taken())
    })?;
    let message = format!("the names of this log are not known; took {taken}");
    Some(Problem::new(ProblemKind::Value, message))
}

fn read_line(text: &str) -> Line<'_> {
    // Entries of a HAR may stand alone in their lines, and tell more than a log.
    let fields = Fields::of(text).filter(|fields| !fields.has("startedDateTime"));
    let entry = fields.and_then(|fields| Named::of(&fields).entry());
    entry.map_or(
        Line::Bad("expected JSON with a URL and a status"),
        |entry| Line::Flow(Box::new(entry)),
    )
}

/// A larger number of seconds is no duration: some programs write a time under the same name.
const LONGEST_SECONDS: f64 = 1e6;

/// The values of one line by what they mean.
pub(super) struct Named<'a> {
    /// With the names that they had.
    values: Vec<(Role, String, Cow<'a, str>)>,
    /// The edge whose log it is.
    writer: Option<&'static str>,
}

impl<'a> Named<'a> {
    pub(super) fn of(fields: &Fields<'a>) -> Self {
        let plain = |name: &str| -> String {
            // What Azure's services say lies one level down.
            let name = name.strip_prefix("properties.").unwrap_or(name);
            let letters = name.chars().filter(char::is_ascii_alphanumeric);
            letters.map(|c| c.to_ascii_lowercase()).collect()
        };
        let all: Vec<(String, &str, &Cow<'a, str>)> = fields
            .iter()
            .filter(|(_, value)| !matches!(value.as_ref(), "" | "-"))
            .map(|(name, value)| (plain(name), name, value))
            .collect();
        let found = NAMES.iter().filter_map(|(role, names)| {
            let (_, name, value) = names
                .iter()
                .find_map(|wanted| all.iter().find(|(known, ..)| known == wanted))?;
            let is_time = value
                .parse()
                .is_ok_and(|number: f64| LONGEST_SECONDS < number);
            let is_meant = *role != Role::Seconds || !is_time;
            is_meant.then(|| (*role, (*name).to_owned(), (*value).clone()))
        });
        Self {
            values: found.collect(),
            writer: edge::writer(fields),
        }
    }

    fn get(&self, role: Role) -> Cow<'a, str> {
        let found = self.values.iter().find(|(known, ..)| *known == role);
        found.map(|(.., value)| value.clone()).unwrap_or_default()
    }

    /// True when a value means this.
    pub(super) fn has(&self, role: Role) -> bool {
        self.values.iter().any(|(known, ..)| *known == role)
    }

    fn number(&self, role: Role) -> Option<f64> {
        let number: f64 = self.get(role).trim().parse().ok()?;
        number.is_finite().then_some(number)
    }

    fn bytes(&self, role: Role) -> Option<u64> {
        self.number(role)
            .filter(|bytes| 0.0 <= *bytes)
            .map(|bytes| bytes as u64)
    }

    /// The request, when the line holds a URL or a path, and a status.
    pub(super) fn entry(&self) -> Option<LogEntry<'a>> {
        let status = self
            .number(Role::Status)
            .filter(|status| *status == 0.0 || (100.0..1000.0).contains(status))?;
        let (method, target, version) = self.target()?;
        let duration = self.get(Role::Duration);
        let server = self.get(Role::Server);
        // An edge notes the address that it asked, unless it says that the address is its own.
        let is_behind = self.writer.is_some() && !self.is_edges_own_address();
        let peer = if is_behind { "" } else { &*server };
        let mut entry = LogEntry {
            start: time(&self.get(Role::Time)),
            time_ms: self
                .number(Role::Seconds)
                .map(|seconds| seconds * 1e3)
                .or_else(|| self.number(Role::Millis))
                .or_else(|| duration_ms(&duration)),
            method,
            url: target,
            version,
            status: Some(status as i64).filter(|status| 0 < *status),
            mime: self.get(Role::Mime),
            server_ip: Cow::Owned(address(peer).to_owned()),
            bytes_sent: self.bytes(Role::Sent),
            bytes_received: self.bytes(Role::Received),
            ..LogEntry::default()
        };
        if entry.method.is_empty() && !entry.url.starts_with('/') && !entry.url.contains("://") {
            entry.flags.insert(Flags::INCOMPLETE);
        }
        entry.header(Side::Request, "User-Agent", self.get(Role::Agent));
        entry.header(Side::Request, "Referer", self.get(Role::Referer));
        if let Some(writer) = self.writer {
            entry
                .headers
                .push((Side::Connection, "log-written-by".into(), writer.into()));
        }
        if is_behind && !address(&server).is_empty() {
            let origin = Cow::Owned(address(&server).to_owned());
            entry
                .headers
                .push((Side::Connection, "origin-address".into(), origin));
        }
        entry.fact("client", self.get(Role::Client));
        entry.fact("upstream", server);
        entry.fact("cache", self.get(Role::Cache));
        entry.fact("request id", self.get(Role::Id));
        Some(entry)
    }

    /// True when the address is that of the machine of an edge.
    fn is_edges_own_address(&self) -> bool {
        let mut values = self.values.iter();
        values.any(|(role, name, _)| *role == Role::Server && name == "edgeIP")
    }

    /// Method, URL and version, from a request line or from parts.
    fn target(&self) -> Option<(Cow<'a, str>, Cow<'a, str>, Cow<'a, str>)> {
        let (method, version) = (self.get(Role::Method), self.get(Role::Version));
        let is_version =
            version.to_ascii_uppercase().starts_with("HTTP/") || version.starts_with('h');
        let version = if is_version { version } else { Cow::default() };
        let (scheme, host) = (self.get(Role::Scheme), self.get(Role::Host));
        let full = self.get(Role::Url);
        if !full.is_empty() {
            let is_target = full.contains("://")
                || full.starts_with("error:")
                || full.starts_with('/')
                || method.eq_ignore_ascii_case("CONNECT");
            let is_rest = full.starts_with('/');
            let full = if is_rest {
                url(&scheme, &host, full)
            } else {
                full
            };
            return is_target.then_some((method, full, version));
        }
        let request = self.get(Role::Request);
        if request.contains("://") && !request.contains(' ') {
            return Some((method, request, version));
        }
        let (said_method, target, said_version) = split_request(&request);
        let is_request =
            !said_version.is_empty() && said_method.bytes().all(|b| b.is_ascii_uppercase());
        if is_request {
            let owned = |text: &str| Cow::Owned(text.to_owned());
            let target = if said_method.eq_ignore_ascii_case("CONNECT") {
                owned(target)
            } else {
                url(&scheme, &host, owned(target))
            };
            return Some((owned(said_method), target, owned(said_version)));
        }
        if !request.is_empty() && self.is_refused() {
            return Some((Cow::default(), request, Cow::default()));
        }
        let path = self.get(Role::Path);
        let query = self.get(Role::Query);
        if !path.starts_with('/') && !path.contains("://") {
            return None;
        }
        let path = if query.is_empty() || path.contains('?') {
            path
        } else {
            Cow::Owned(format!("{path}?{}", query.trim_start_matches('?')))
        };
        Some((method, url(&scheme, &host, path), version))
    }

    /// True when the server says that it could not make sense of the request.
    fn is_refused(&self) -> bool {
        self.number(Role::Status)
            .is_some_and(|status| (400.0..500.0).contains(&status))
    }

    /// `the URL from host and uri, the status from status`.
    pub(super) fn taken(&self) -> String {
        let name = |role| {
            let found = self.values.iter().find(|(known, ..)| *known == role);
            found.map(|(_, name, _)| name.as_str())
        };
        let url: &[Role] = if self.has(Role::Url) {
            &[Role::Url]
        } else if self.has(Role::Request) && !self.has(Role::Path) {
            &[Role::Host, Role::Request]
        } else {
            &[Role::Scheme, Role::Host, Role::Path, Role::Query]
        };
        let duration = [Role::Seconds, Role::Millis, Role::Duration];
        let address = if self.writer.is_some() && !self.is_edges_own_address() {
            "the address of the origin"
        } else {
            "the server's address"
        };
        let mut parts = Vec::new();
        for (what, roles) in [
            ("the URL", url),
            ("the status", &[Role::Status]),
            ("the time", &[Role::Time]),
            ("the duration", &duration),
            ("the bytes", &[Role::Received]),
            (address, &[Role::Server]),
        ] {
            let names: Vec<&str> = roles.iter().filter_map(|role| name(*role)).collect();
            if !names.is_empty() {
                parts.push(format!("{what} from {}", names.join(" and ")));
            }
        }
        parts.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: [&str; 3], taken: &str) {
        let fields = Fields::of(line).expect(line);
        let named = Named::of(&fields);
        let entry = named.entry().expect(line);
        let status = entry
            .status
            .map_or_else(String::new, |status| status.to_string());
        assert_eq!([&*entry.method, &*entry.url, &status], expected, "{line}");
        assert!(named.taken().starts_with(taken), "{}", named.taken());
    }

    #[test]
    fn guesses_the_names_of_many_programs() {
        check(
            r#"{"time":"2026-11-22T18:11:20+00:00","request":"GET /a b HTTP/1.1","status":200}"#,
            ["GET", "/a b", "200"],
            "the URL from request, the status from status, the time from time",
        );
        check(
            r#"{"ClientRequestHost":"a.example","ClientRequestMethod":"GET","ClientRequestURI":"/x","EdgeResponseStatus":304}"#,
            ["GET", "//a.example/x", "304"],
            "the URL from ClientRequestHost and ClientRequestURI",
        );
        check(
            r#"{"httpRequest":{"requestMethod":"POST","requestUrl":"https://a.example/","status":502,"latency":"0.1s"}}"#,
            ["POST", "https://a.example/", "502"],
            "the URL from httpRequest.requestUrl",
        );
        check(
            r#"{"cs-method":"GET","cs(Host)":"a.example","cs-protocol":"https","cs-uri-stem":"/x","cs-uri-query":"q=1","sc-status":"200"}"#,
            ["GET", "https://a.example/x?q=1", "200"],
            "the URL from cs-protocol and cs(Host) and cs-uri-stem",
        );
    }

    #[test]
    fn leaves_other_json_alone() {
        for line in [
            r#"{"status":"ok","path":"relative"}"#,
            r#"{"status":200,"message":"no path"}"#,
            r#"{"url":"https://a.example/"}"#,
            r#"{"code":1,"path":"/tmp/file"}"#,
        ] {
            let fields = Fields::of(line).expect(line);
            let entry = Named::of(&fields).entry();
            assert!(entry.is_none(), "{line}");
        }
    }
}
