//! What the events of one request tell together: headers, times, the connection, the end.

use std::borrow::Cow;

use super::event::{Constants, Event, Kind, Phase as Point};
use crate::base::bytes::Span;
use crate::base::json::{Json, Text};
use crate::capture::{Body, BodyForm, Exchange, Flags, Phase, Phases, SocketMessage};

/// One header as an event has it.
#[derive(Debug)]
pub(super) struct Field<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) value: Cow<'a, str>,
    pub(super) span: Span,
}

/// The headers of one message and the line before them.
#[derive(Debug, Default)]
pub(super) struct Head<'a> {
    pub(super) line: Cow<'a, str>,
    pub(super) fields: Vec<Field<'a>>,
}

impl<'a> Head<'a> {
    fn field(&self, name: &str) -> Option<&Field<'a>> {
        let mut fields = self.fields.iter();
        fields.find(|field| field.name.eq_ignore_ascii_case(name))
    }
}

/// When something began and ended, in milliseconds by the clock of the log.
#[derive(Clone, Copy, Debug, Default)]
struct Stretch {
    begin: Option<f64>,
    end: Option<f64>,
}

impl Stretch {
    /// Notes one end of it. A repeated beginning starts it anew, a repeated end makes it longer.
    fn note(&mut self, event: &Event) {
        match event.phase {
            Point::Begin => (self.begin, self.end) = (Some(event.time), None),
            Point::End => self.end = Some(event.time),
            Point::Point => {}
        }
    }

    /// How long it took, unless it was over, or had begun, before `from`: then another request had to wait for it.
    fn since(self, from: f64) -> Option<f64> {
        let begin = self.begin.filter(|begin| from <= *begin)?;
        self.end.map(|end| end - begin)
    }
}

/// One request as its events tell it.
#[derive(Debug, Default)]
pub(super) struct Story<'a> {
    pub(super) method: Cow<'a, str>,
    pub(super) url: Cow<'a, str>,
    pub(super) request: Head<'a>,
    pub(super) response: Option<Head<'a>>,
    /// HTTP version where the headers do not tell it: `h2`, `h3`.
    version: Option<&'static str>,
    pub(super) server: String,
    /// The address that was checked, for where the socket is not known.
    endpoint: Option<String>,
    /// Names that the address was found under, and names in the certificate.
    pub(super) connection: Vec<(&'static str, Cow<'a, str>, Span)>,
    pub(super) facts: Vec<(String, String)>,
    pub(super) socket: Vec<SocketMessage>,
    error: Option<i64>,
    is_tunnel: bool,
    is_proxied: bool,
    is_from_cache: bool,
    is_own_answer: bool,
    is_own_name: bool,
    is_sent: bool,
    asked: Option<Head<'a>>,
    asking: Stretch,
    alive: Stretch,
    job: Stretch,
    send: Stretch,
    read_headers: Stretch,
    resolve: Stretch,
    tcp: Stretch,
    ssl: Stretch,
    quic: Stretch,
    response_at: Option<f64>,
    stopped_at: Option<f64>,
}

/// Most names of one connection that are kept.
const MAX_NAMES: usize = 16;

impl<'a> Story<'a> {
    /// Reads the events in `lines`, one per line; the first byte lies at `base` in the capture's source.
    pub(super) fn read(lines: &'a [u8], base: u64, constants: &Constants) -> Self {
        let mut story = Self::default();
        let mut at = 0;
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            if let Some(event) = constants.event(line) {
                story.add(&event, line, base + at as u64, constants);
            }
            at += line.len();
        }
        story.conclude(constants);
        story
    }

    fn add(&mut self, event: &Event, line: &'a [u8], base: u64, constants: &Constants) {
        match event.kind {
            Kind::Alive | Kind::Job | Kind::Cancelled | Kind::Failed => self.life(event, line),
            Kind::Asked => self.ask(event, line, base),
            Kind::SendHeaders | Kind::SendHeadersHttp2 | Kind::SendHeadersQuic => {
                self.is_sent = true;
                self.request = head(line, base);
                self.version = match event.kind {
                    Kind::SendHeadersHttp2 => Some("h2"),
                    Kind::SendHeadersQuic => Some("h3"),
                    _ => None,
                };
            }
            Kind::TunnelHeaders => {
                self.is_sent = true;
                self.is_tunnel = true;
                self.request = head(line, base);
                self.job.begin = Some(event.time);
            }
            Kind::ResponseHeaders | Kind::TunnelResponse | Kind::OwnHeaders => {
                self.is_own_answer = event.kind == Kind::OwnHeaders;
                self.response_at = Some(event.time);
                self.response = Some(head(line, base));
                if event.kind == Kind::TunnelResponse {
                    self.job.end = Some(event.time);
                }
            }
            Kind::ReadCache => self.is_from_cache = true,
            Kind::Send => self.send.note(event),
            Kind::ReadHeaders => self.read_headers.note(event),
            Kind::FrameSent | Kind::FrameReceived => self.frame(event, line, constants),
            _ => self.connected(event, line, base),
        }
    }

    /// What a page asked for: all that there is of a request that was never sent, since another one forbade it.
    fn ask(&mut self, event: &Event, line: &'a [u8], base: u64) {
        self.asking.note(event);
        if self.asked.is_some() || event.phase == Point::End {
            return;
        }
        self.asked = asked(line, base);
        params(line, |json, key| {
            if key == "url" && self.url.is_empty() {
                self.url = json.string().unwrap_or_default();
            }
        });
    }

    /// What began, was cancelled or failed.
    fn life(&mut self, event: &Event, line: &'a [u8]) {
        let mut error = None;
        params(line, |json, key| match key {
            "url" => {
                self.url = json.string().unwrap_or_default();
            }
            "method" => self.method = json.string().unwrap_or_default(),
            "net_error" => error = json.number().map(|number| number as i64),
            Exchange::INITIATOR | "request_type" | "error" => {
                let value = json.string().unwrap_or_default().into_owned();
                self.facts.push((key.to_owned(), value));
            }
            _ => {}
        });
        match event.kind {
            Kind::Alive => self.alive.note(event),
            Kind::Job => self.job.note(event),
            _ => self.stopped_at = Some(event.time),
        }
        if event.kind == Kind::Cancelled {
            error = error.or(Some(ABORTED));
        }
        let error = error.filter(|error| *error != 0);
        self.error = self.error.or(error);
    }

    /// What became of the connection that the request used.
    fn connected(&mut self, event: &Event, line: &'a [u8], base: u64) {
        match event.kind {
            Kind::Resolve => {
                self.resolve.note(event);
                params(line, |json, key| {
                    if key == "host" && event.phase == Point::Begin {
                        let host = json.string().unwrap_or_default();
                        self.is_own_name = is_host_of(&host, &self.url);
                    }
                });
            }
            Kind::ResolveHit | Kind::Resolved if self.is_own_name => self.aliases(line, base),
            Kind::TcpConnect | Kind::TcpAttempt => {
                if event.kind == Kind::TcpConnect {
                    self.tcp.note(event);
                }
                self.peer(line, event.phase);
            }
            Kind::SslConnect => {
                self.ssl.note(event);
                params(line, |json, key| {
                    if key == "version" {
                        self.facts.push((
                            Exchange::TLS_VERSION.to_owned(),
                            json.string().unwrap_or_default().into_owned(),
                        ));
                    }
                });
            }
            Kind::QuicConnect => self.quic.note(event),
            Kind::Transport => params(line, |json, key| {
                if key == "transport_info" {
                    self.endpoint = endpoint(&json.string().unwrap_or_default());
                }
            }),
            Kind::QuicPacket => params(line, |json, key| {
                if key == "peer_address" {
                    address(&json.string().unwrap_or_default()).clone_into(&mut self.server);
                }
            }),
            Kind::QuicCertificate => params(line, |json, key| {
                if key == "subjects" {
                    json.array(|json| self.name("certificate-name", json, base));
                }
            }),
            Kind::Proxies => params(line, |json, key| {
                if key == "proxy_chain" {
                    let chain = json.string().unwrap_or_default();
                    self.is_proxied = !matches!(&*chain, "" | "[direct://]");
                    if self.is_proxied {
                        self.facts
                            .push(("proxy_chain".to_owned(), chain.into_owned()));
                    }
                }
            }),
            _ => {}
        }
    }

    /// The address that a socket tries, or has reached.
    fn peer(&mut self, line: &[u8], phase: Point) {
        let (mut peer, mut has_failed) = (None, false);
        params(line, |json, key| match key {
            "address" | "remote_address" => {
                peer = json.string().map(|text| address(&text).to_owned());
            }
            "net_error" | "os_error" => has_failed |= json.is_set(),
            _ => {}
        });
        match peer {
            Some(peer) => self.server = peer,
            None if has_failed && phase == Point::End => self.server.clear(),
            None => {}
        }
    }

    fn aliases(&mut self, line: &'a [u8], base: u64) {
        params(line, |json, key| {
            if key != "results" {
                return;
            }
            if json.kind() == crate::base::json::Kind::Array {
                json.array(|json| {
                    json.object(|json, key| {
                        if key == "alias_target" {
                            self.name("cname", json, base);
                        }
                    });
                });
                return;
            }
            json.object(|json, key| {
                if matches!(key, "aliases" | "canonical_names") {
                    json.array(|json| self.name("cname", json, base));
                }
            });
        });
    }

    fn name(&mut self, what: &'static str, json: &mut Json<'a>, base: u64) {
        let Some(text) = json.text() else { return };
        let name = json.decode(text);
        let is_known = self.connection.iter().any(|(_, known, _)| *known == name);
        if !is_known && !is_host_of(&name, &self.url) && self.connection.len() < MAX_NAMES {
            self.connection.push((what, name, span(text, base)));
        }
    }

    /// The log has the heads of frames only, never what is in them.
    fn frame(&mut self, event: &Event, line: &[u8], constants: &Constants) {
        let mut opcode = 0;
        params(line, |json, key| {
            if key == "opcode" {
                opcode = json.number().map_or(0, |number| number as u8);
            }
        });
        // A frame that continues another one is no message of its own.
        if opcode != 0 {
            self.socket.push(SocketMessage {
                is_from_client: event.kind == Kind::FrameSent,
                opcode,
                time: constants.moment(event.time),
                body: Body::at(Span::default(), BodyForm::Raw),
            });
        }
    }

    fn conclude(&mut self, constants: &Constants) {
        if self.request.fields.is_empty()
            && let Some(asked) = self.asked.take()
        {
            if self.method.is_empty() {
                let method = asked.line.split_ascii_whitespace().next();
                self.method = method.unwrap_or_default().to_owned().into();
            }
            self.request = asked;
        }
        if self.is_tunnel {
            let line = std::mem::take(&mut self.request.line);
            let mut words = line.split_ascii_whitespace();
            self.method = words.next().unwrap_or_default().to_owned().into();
            self.url = words.next().unwrap_or_default().to_owned().into();
        } else if self.url.is_empty() {
            self.url = self.url_of_headers();
        }
        if self.server.is_empty() {
            self.server = self.endpoint.take().unwrap_or_default();
        }
        if self.is_proxied || self.is_from_cache && !self.is_sent || self.is_own_answer {
            self.server.clear();
        }
        if let Some(error) = self.error.filter(|_| !self.is_upgraded()) {
            let error = constants.error(error);
            self.connection
                .push(("error", error.clone().into(), Span::default()));
            self.facts.push(("net_error".to_owned(), error));
        }
    }

    /// The URL of a request that had begun before the log.
    fn url_of_headers(&self) -> Cow<'a, str> {
        let field = |name| self.request.field(name).map(|field| &*field.value);
        let url = || {
            let (scheme, host) = (field(":scheme")?, field(":authority")?);
            Some(format!("{scheme}://{host}{}", field(":path")?))
        };
        url().unwrap_or_default().into()
    }

    /// The first header of the response called `name`.
    pub(super) fn response_field(&self, name: &str) -> Option<&Field<'a>> {
        self.response.as_ref()?.field(name)
    }

    /// The three-digit status, from the line before the headers.
    pub(super) fn status(&self) -> Option<i64> {
        let response = self.response.as_ref()?;
        let of_line = response.line.split_ascii_whitespace().nth(1);
        of_line.and_then(|word| word.parse().ok())
    }

    /// The version that was spoken.
    pub(super) fn version(&self) -> &str {
        match (self.version, &self.response) {
            (Some(version), _) => version,
            (None, Some(response)) => response
                .line
                .split_ascii_whitespace()
                .next()
                .unwrap_or_default(),
            (None, None) => "",
        }
    }

    /// A WebSocket ends its request as soon as it is open.
    fn is_upgraded(&self) -> bool {
        self.status() == Some(101)
    }

    pub(super) fn flags(&self) -> Flags {
        let mut flags = Flags::default();
        let is_cached = self.is_from_cache && !self.is_sent && self.error.is_none();
        if self.is_own_answer {
            flags.insert(Flags::INTERNAL);
        } else if is_cached {
            flags.insert(Flags::FROM_CACHE);
        } else if self.response.is_none() {
            let is_over =
                self.error.is_some() || self.is_never_begun() && self.asking.end.is_some();
            flags.insert(if is_over {
                Flags::ABORTED
            } else {
                Flags::INCOMPLETE
            });
        }
        if self.is_upgraded() || self.url.starts_with("ws") {
            flags.insert(Flags::WEBSOCKET);
        }
        flags
    }

    /// True when a cache answered, of which the log has no headers.
    pub(super) fn is_answered_silently(&self) -> bool {
        self.response.is_none() && self.flags().contains(Flags::FROM_CACHE)
    }

    /// True when the network was never asked.
    fn is_never_begun(&self) -> bool {
        self.job
            .begin
            .or(self.alive.begin)
            .or(self.send.begin)
            .is_none()
    }

    /// When the request began, by the clock of the log.
    pub(super) fn begin(&self) -> Option<f64> {
        let sent = self.job.begin.or(self.alive.begin).or(self.send.begin);
        sent.or(self.asking.begin)
    }

    /// How long it took; `None` while it is pending.
    pub(super) fn duration(&self) -> Option<f64> {
        // What is not redirected goes on behind its job: the body follows.
        let is_redirected = matches!(self.status(), Some(300..400)) || self.is_tunnel;
        let job = self.job.end.filter(|_| is_redirected);
        let asking = self.asking.end.filter(|_| self.is_never_begun());
        let end = self.alive.end.or(self.stopped_at).or(job).or(asking);
        Some(end? - self.begin()?)
    }

    pub(super) fn phases(&self) -> Phases {
        let mut phases = Phases::default();
        let Some(begin) = self.begin() else {
            return phases;
        };
        let ssl = self.ssl.since(begin);
        let tcp = self.tcp.since(begin);
        let quic = self.quic.since(begin);
        let dns = self.resolve.since(begin);
        let connect = quic.or_else(|| tcp.map(|tcp| tcp + ssl.unwrap_or(0.0)));
        let mut set = |phase, ms: Option<f64>| {
            if let Some(ms) = ms {
                phases.set(phase, ms);
            }
        };
        set(Phase::Dns, dns);
        set(Phase::Connect, connect);
        set(Phase::Ssl, quic.or_else(|| ssl.filter(|_| tcp.is_some())));
        if let Some(sent) = self.send.begin.filter(|_| self.is_sent) {
            let busy = dns.unwrap_or(0.0) + connect.unwrap_or(0.0);
            set(Phase::Blocked, Some((sent - begin - busy).max(0.0)));
        }
        set(Phase::Send, self.send.since(begin));
        let answered = self.read_headers.end.or(self.response_at);
        if let (Some(sent), Some(answered)) = (self.send.end, answered) {
            set(Phase::Wait, Some(answered - sent));
            let end = self.duration().map(|ms| begin + ms);
            set(Phase::Receive, end.map(|end| end - answered));
        }
        phases
    }
}

/// `ERR_ABORTED`, which Chromium leaves out where it means it.
const ABORTED: i64 = -3;

/// Calls `each` with every key of the event's `params`.
pub(super) fn params<'a>(line: &'a [u8], mut each: impl FnMut(&mut Json<'a>, &str)) {
    Json::new(line).object(|json, key| {
        if key == "params" {
            json.object(&mut each);
        }
    });
}

fn span(text: Text<'_>, base: u64) -> Span {
    Span::new(base + text.at as u64, text.raw.len() as u32)
}

/// The headers in the event `line`, which lies at `base`.
fn head(line: &[u8], base: u64) -> Head<'_> {
    let mut head = Head::default();
    params(line, |json, key| match key {
        "line" => head.line = json.string().unwrap_or_default(),
        "headers" => fields(json, base, &mut head),
        _ => {}
    });
    head
}

/// The headers with which a page asked for something.
fn asked(line: &[u8], base: u64) -> Option<Head<'_>> {
    let mut head = None;
    params(line, |json, key| {
        if key == "request_headers" {
            let mut asked = Head::default();
            json.object(|json, key| match key {
                "line" => asked.line = json.string().unwrap_or_default(),
                "headers" => fields(json, base, &mut asked),
                _ => {}
            });
            head = Some(asked);
        }
    });
    head
}

/// A list of `name: value`; the status line stands first among those of a response.
fn fields<'a>(json: &mut Json<'a>, base: u64, head: &mut Head<'a>) {
    json.array(|json| {
        let Some(text) = json.text() else { return };
        // The names of HTTP/2's own headers begin with a colon.
        let from = usize::from(text.raw.starts_with(b":"));
        let colon = text.raw[from..].iter().position(|byte| *byte == b':');
        if text.raw.starts_with(b"HTTP/") && head.fields.is_empty() {
            head.line = json.decode(text);
            return;
        }
        let Some(colon) = colon.map(|colon| colon + from) else {
            return;
        };
        let space = text.raw[colon + 1..]
            .iter()
            .take_while(|byte| **byte == b' ')
            .count();
        let value = text.behind(colon + 1 + space);
        head.fields.push(Field {
            name: String::from_utf8_lossy(&text.raw[..colon]),
            value: json.decode(value),
            span: span(value, base),
        });
    });
}

/// `192.0.2.1` of `192.0.2.1:443`, `2001:db8::1` of `[2001:db8::1]:443`.
fn address(text: &str) -> &str {
    if let Some(rest) = text.strip_prefix('[') {
        return rest.split(']').next().unwrap_or_default();
    }
    match text.split_once(':') {
        Some((host, port)) if !port.contains(':') => host,
        _ => text,
    }
}

/// The address in `TransportInfo{ type = TransportType::kDirect, endpoint = 192.0.2.1:443, … }`.
fn endpoint(transport: &str) -> Option<String> {
    let (_, rest) = transport.split_once("::kDirect, endpoint = ")?;
    let endpoint = rest.split(',').next()?;
    Some(address(endpoint.trim()).to_owned())
}

/// True when `name` (`https://a.example`, `a.example:443`, `a.example`) is the host of `url`.
fn is_host_of(name: &str, url: &str) -> bool {
    fn host(text: &str) -> &str {
        let text = text.split_once("://").map_or(text, |(_, rest)| rest);
        let authority = text.split(['/', '?', '#']).next().unwrap_or_default();
        address(authority)
    }
    host(name).eq_ignore_ascii_case(host(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_addresses_and_hosts_from_ports() {
        for (text, expected) in [
            ("192.0.2.1:443", "192.0.2.1"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("", ""),
        ] {
            assert_eq!(address(text), expected);
        }
        assert!(is_host_of("https://a.example", "https://A.example:444/x"));
        assert!(is_host_of("a.example:443", "https://a.example"));
        assert!(!is_host_of("b.example", "https://a.example/"));
    }
}
