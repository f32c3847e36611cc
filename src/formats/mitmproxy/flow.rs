//! One flow as the table needs it, and the version and kind that it says it is of.

use std::borrow::Cow;
use std::collections::HashSet;

use super::connection::Connection;
use super::message::{Fields, time};
use super::tape::{Item, Tape};
use crate::base::bytes::Span;
use crate::capture::{Flags, FlowRecord, HeaderRecord, Phase, Phases, Side};
use crate::providers::is_evidence_header;

/// Bytes within which the length of a flow ends.
const LENGTH: usize = 14;

/// The version of the flow format: one number, or the version of the program itself before 3.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Version {
    Program(i64, i64, Option<i64>),
    Format(i64),
}

/// The newest format that is known.
pub(super) const NEWEST: i64 = 21;

impl Version {
    fn read(tape: &mut Tape<'_>, item: Item) -> Option<Self> {
        if item.tag == b']' {
            let [major, minor, patch] = tape.few(item).map(|part| tape.integer(part?));
            return Some(Self::Program(major?, minor?, patch));
        }
        tape.integer(item).map(Self::Format)
    }

    /// True for the formats that are known.
    pub(super) const fn is_known(self) -> bool {
        match self {
            Self::Program(0, minor, _) => 11 <= minor,
            Self::Program(major, ..) => 1 <= major && major <= 3,
            Self::Format(n) => 4 <= n && n <= NEWEST,
        }
    }

    pub(super) const fn is_newer(self) -> bool {
        match self {
            Self::Program(major, ..) => 3 < major,
            Self::Format(n) => NEWEST < n,
        }
    }

    /// `0.18`, `21`.
    pub(super) fn shown(self) -> String {
        match self {
            Self::Program(major, minor, None) => format!("{major}.{minor}"),
            Self::Program(major, minor, Some(patch)) => format!("{major}.{minor}.{patch}"),
            Self::Format(n) => n.to_string(),
        }
    }
}

/// The parts of a flow, not read yet.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) version: Option<Version>,
    /// `http`, `websocket`, `tcp`, `udp`, `dns`; empty when the flow does not say.
    pub(super) kind: String,
    pub(super) id: String,
    pub(super) request: Option<Item>,
    pub(super) response: Option<Item>,
    pub(super) client: Option<Item>,
    pub(super) server: Option<Item>,
    pub(super) error: Option<Item>,
    /// The messages of a WebSocket.
    pub(super) messages: Option<Item>,
    /// The id of the handshake's flow, where a WebSocket is a flow of its own.
    pub(super) handshake: String,
    pub(super) is_websocket: bool,
    pub(super) replayed: String,
    pub(super) marked: String,
    pub(super) comment: String,
}

impl Parts {
    /// Reads the top level of the flow at `span`. Its length may be wrong, if the flow was found by its end.
    pub(super) fn read(tape: &mut Tape<'_>, span: Span) -> Self {
        let head = tape.bytes(span.start, LENGTH.min(span.len as usize));
        let colon = head.iter().position(|byte| *byte == b':');
        let start = span.start + colon.map_or(0, |at| at as u64 + 1);
        let dict = Item::dict(start, span.end().saturating_sub(1).max(start));
        let mut parts = Self::default();
        tape.fields(dict, |tape, key, value| parts.field(tape, key, value));
        parts
    }

    fn field(&mut self, tape: &mut Tape<'_>, key: &[u8], value: Item) {
        let given = (!value.is_null()).then_some(value);
        match key {
            b"version" => self.version = Version::read(tape, value),
            b"type" => self.kind = tape.text(value).unwrap_or_default(),
            b"id" => self.id = tape.text(value).unwrap_or_default(),
            b"request" => self.request = given,
            b"response" => self.response = given,
            b"client_conn" => self.client = given,
            b"server_conn" => self.server = given,
            b"error" => self.error = given,
            b"messages" => self.messages = given,
            b"is_replay" => self.replayed = tape.text(value).unwrap_or_default(),
            b"marked" => {
                self.marked = match tape.text(value) {
                    Some(mark) => mark,
                    None if tape.is_set(value) => ":default:".to_owned(),
                    None => String::new(),
                };
            }
            b"comment" => self.comment = tape.text(value).unwrap_or_default(),
            b"websocket" if given.is_some() => {
                self.is_websocket = true;
                tape.fields(value, |_, key, value| {
                    if key == b"messages" {
                        self.messages = Some(value);
                    }
                });
            }
            b"metadata" => tape.fields(value, |tape, key, value| match key {
                b"websocket" => self.is_websocket |= tape.is_set(value),
                b"websocket_handshake" => self.handshake = tape.text(value).unwrap_or_default(),
                _ => {}
            }),
            _ => {}
        }
    }

    /// True for a flow that is a request, as far as one can tell.
    pub(super) fn is_http(&self) -> bool {
        self.kind == "http" || self.kind.is_empty() && self.request.is_some()
    }
}

/// A flow, read.
pub(super) struct HttpFlow {
    pub(super) request: Fields,
    pub(super) response: Option<Fields>,
    pub(super) client: Connection,
    pub(super) server: Connection,
    pub(super) error: Option<Failure>,
}

/// What ended a flow early.
pub(super) struct Failure {
    pub(super) message: String,
    at: Option<f64>,
}

impl HttpFlow {
    pub(super) fn read(tape: &mut Tape<'_>, parts: &Parts, max_headers: usize) -> Self {
        let mut message =
            |item: Option<Item>| item.map(|item| Fields::read(tape, item, max_headers));
        let (request, response) = (message(parts.request), message(parts.response));
        let mut connection = |item: Option<Item>| {
            item.map(|item| Connection::read(tape, item))
                .unwrap_or_default()
        };
        let (client, server) = (connection(parts.client), connection(parts.server));
        let error = parts.error.map(|error| {
            let (mut message, mut at) = (String::new(), None);
            tape.fields(error, |tape, key, value| match key {
                b"msg" => message = tape.text(value).unwrap_or_default(),
                b"timestamp" => at = tape.number(value),
                _ => {}
            });
            Failure { message, at }
        });
        Self {
            request: request.unwrap_or_default(),
            response,
            client,
            server,
            error,
        }
    }

    /// The row of this flow. The setup of a connection counts for the first flow over it, as in mitmproxy's own export.
    pub(super) fn record(&self, parts: &Parts, connections: &mut HashSet<u64>) -> FlowRecord<'_> {
        let (request, response) = (&self.request, self.response.as_ref());
        let end = response.and_then(|response| response.end);
        let end = end.or_else(|| self.error.as_ref().and_then(|error| error.at));
        let content = response.and_then(|response| response.content);
        let is_coded = response.is_some_and(|response| {
            response
                .header("content-encoding")
                .is_some_and(|coding| !coding.eq_ignore_ascii_case("identity"))
        });
        let mut record = FlowRecord {
            start: time(request.start),
            time_ms: between(request.start, end),
            method: Cow::Borrowed(&request.method),
            url: Cow::Owned(request.url()),
            status: response.and_then(|response| response.status),
            mime: response
                .and_then(|response| response.header("content-type"))
                .unwrap_or_default()
                .into(),
            http_version: response.map_or("", |response| &response.version).into(),
            bytes_sent: request.content.map(Item::len),
            bytes_received: content.map(Item::len),
            content_bytes: content.filter(|_| !is_coded).map(Item::len),
            phases: self.phases(connections),
            flags: self.flags(parts),
            ..FlowRecord::default()
        };
        if record.http_version.is_empty() {
            record.http_version = Cow::Borrowed(&request.version);
        }
        // Behind another proxy the peer is that proxy.
        let asked = self.server.literal().filter(|_| response.is_some());
        if let Some(peer) = self.server.peer.as_ref().or(asked)
            && !self.server.has_upstream()
        {
            record.server_ip = Cow::Borrowed(&peer.host);
        }
        if let Some(failure) = self.error.as_ref().filter(|it| !it.message.is_empty()) {
            record.headers.push(HeaderRecord {
                side: Side::Connection,
                name: "error".into(),
                value: Cow::Borrowed(&failure.message),
                span: Span::default(),
            });
        }
        for (side, message) in [(Side::Request, Some(request)), (Side::Response, response)] {
            let headers = message.into_iter().flat_map(|message| &message.headers);
            let telling = headers.filter(|header| is_evidence_header(&header.name));
            record.headers.extend(telling.map(|header| HeaderRecord {
                side,
                name: Cow::Borrowed(&header.name),
                value: Cow::Borrowed(&header.value),
                span: header.span,
            }));
        }
        record
    }

    fn flags(&self, parts: &Parts) -> Flags {
        let mut flags = Flags::default();
        match (&self.response, &self.error) {
            (Some(response), _) => {
                // The answer was played back, so no server gave it.
                if parts.replayed == "response" || response.is_replay {
                    flags.insert(Flags::PROXY_CACHE);
                } else if self.server.is_unopened() {
                    // A script or a rule answered.
                    flags.insert(Flags::PROXY_ANSWER);
                }
                if response.status == Some(101) || parts.is_websocket {
                    flags.insert(Flags::WEBSOCKET);
                }
            }
            (None, Some(_)) => flags.insert(Flags::ABORTED),
            (None, None) => flags.insert(Flags::INCOMPLETE),
        }
        if parts.request.is_none() {
            flags.insert(Flags::INCOMPLETE);
        }
        flags
    }

    fn phases(&self, connections: &mut HashSet<u64>) -> Phases {
        let mut phases = Phases::default();
        if let Some((connect, ssl)) = self.server.setup()
            && connections.insert(self.server.key())
        {
            phases.set(Phase::Connect, connect);
            phases.set(Phase::Ssl, ssl.unwrap_or(-1.0));
        }
        let response = self.response.as_ref();
        let answered = response.and_then(|response| response.start);
        let done = response.and_then(|response| response.end);
        for (phase, from, to) in [
            (Phase::Send, self.request.start, self.request.end),
            (Phase::Wait, self.request.end, answered),
            (Phase::Receive, answered, done),
        ] {
            if let Some(ms) = between(from, to) {
                phases.set(phase, ms);
            }
        }
        phases
    }
}

/// Milliseconds between two times in seconds.
fn between(from: Option<f64>, to: Option<f64>) -> Option<f64> {
    let (from, to) = (from?, to?);
    // Times since 1970 in seconds are only good to a fraction of a microsecond.
    (0.0 < from && from <= to).then(|| ((to - from) * 1e6).round() / 1e3)
}
