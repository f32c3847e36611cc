//! One event of a network log: what it is, whom it belongs to, and the tables at the beginning of the file that say so.

use std::collections::HashMap;
use std::io;

use memchr::memmem;

use crate::base::bytes::{ByteSource, Span};
use crate::base::json::Json;
use crate::base::time::Time;
use crate::base::window::Window;

/// What an event says, as far as a flow is told from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A request lives; the end may name an error.
    Alive,
    /// What a page asked for, with headers that may change before they are sent.
    Asked,
    /// One hop begins or ends.
    Job,
    /// The request waits for the stream of another source.
    Stream,
    /// The proxies by which a stream goes.
    Proxies,
    /// How the answer came, where that was checked.
    Transport,
    Send,
    SendHeaders,
    SendHeadersHttp2,
    SendHeadersQuic,
    ReadHeaders,
    ResponseHeaders,
    /// Headers that the browser itself made up, as for an internal redirect.
    OwnHeaders,
    ReadCache,
    /// Bytes as they came.
    RawBytes,
    /// Bytes of the decoded body.
    Bytes,
    Cancelled,
    Failed,
    FrameSent,
    FrameReceived,
    TunnelHeaders,
    TunnelResponse,
    /// A source stands on another one: a stream on a socket, a session on a socket, a socket on its attempt.
    Link,
    Resolve,
    ResolveHit,
    Resolved,
    TcpConnect,
    TcpAttempt,
    SslConnect,
    QuicConnect,
    QuicPacket,
    QuicCertificate,
}

/// The names that Chromium gives its events; older ones as well, where they differ.
const KINDS: &[(&str, Kind)] = &[
    ("REQUEST_ALIVE", Kind::Alive),
    ("CORS_REQUEST", Kind::Asked),
    ("URL_REQUEST_START_JOB", Kind::Job),
    ("HTTP_STREAM_REQUEST_BOUND_TO_JOB", Kind::Stream),
    ("HTTP_STREAM_JOB_CONTROLLER_BOUND", Kind::Stream),
    ("HTTP_STREAM_POOL_ATTEMPT_MANAGER_JOB_BOUND", Kind::Stream),
    ("LOCAL_NETWORK_ACCESS_CHECK", Kind::Transport),
    ("PRIVATE_NETWORK_ACCESS_CHECK", Kind::Transport),
    (
        "HTTP_STREAM_JOB_CONTROLLER_PROXY_SERVER_RESOLVED",
        Kind::Proxies,
    ),
    ("HTTP_TRANSACTION_SEND_REQUEST", Kind::Send),
    ("HTTP_TRANSACTION_SEND_REQUEST_HEADERS", Kind::SendHeaders),
    (
        "HTTP_TRANSACTION_HTTP2_SEND_REQUEST_HEADERS",
        Kind::SendHeadersHttp2,
    ),
    (
        "HTTP_TRANSACTION_SPDY_SEND_REQUEST_HEADERS",
        Kind::SendHeadersHttp2,
    ),
    (
        "HTTP_TRANSACTION_QUIC_SEND_REQUEST_HEADERS",
        Kind::SendHeadersQuic,
    ),
    ("HTTP_TRANSACTION_READ_HEADERS", Kind::ReadHeaders),
    (
        "HTTP_TRANSACTION_READ_RESPONSE_HEADERS",
        Kind::ResponseHeaders,
    ),
    (
        "URL_REQUEST_FAKE_RESPONSE_HEADERS_CREATED",
        Kind::OwnHeaders,
    ),
    ("HTTP_CACHE_READ_INFO", Kind::ReadCache),
    ("HTTP_CACHE_READ_DATA", Kind::ReadCache),
    ("URL_REQUEST_JOB_BYTES_READ", Kind::RawBytes),
    ("URL_REQUEST_JOB_FILTERED_BYTES_READ", Kind::Bytes),
    ("CANCELLED", Kind::Cancelled),
    ("FAILED", Kind::Failed),
    ("CORS_PREFLIGHT_ERROR", Kind::Failed),
    ("WEBSOCKET_SENT_FRAME_HEADER", Kind::FrameSent),
    ("WEBSOCKET_RECV_FRAME_HEADER", Kind::FrameReceived),
    ("HTTP_TRANSACTION_SEND_TUNNEL_HEADERS", Kind::TunnelHeaders),
    (
        "HTTP_TRANSACTION_READ_TUNNEL_RESPONSE_HEADERS",
        Kind::TunnelResponse,
    ),
    ("SOCKET_POOL_BOUND_TO_SOCKET", Kind::Link),
    ("SOCKET_POOL_BOUND_TO_CONNECT_JOB", Kind::Link),
    ("SOCKET_ALIVE", Kind::Link),
    ("HTTP2_SESSION_INITIALIZED", Kind::Link),
    ("HTTP2_SESSION_POOL_FOUND_EXISTING_SESSION", Kind::Link),
    (
        "HTTP2_SESSION_POOL_FOUND_EXISTING_SESSION_FROM_IP_POOL",
        Kind::Link,
    ),
    (
        "HTTP2_SESSION_POOL_IMPORTED_SESSION_FROM_SOCKET",
        Kind::Link,
    ),
    ("HTTP2_SESSION_POOL_CREATED_NEW_SESSION", Kind::Link),
    ("BOUND_TO_QUIC_SESSION_POOL_JOB", Kind::Link),
    ("QUIC_SESSION_POOL_USE_EXISTING_SESSION", Kind::Link),
    ("QUIC_SESSION_POOL_JOB_RESULT", Kind::Link),
    ("QUIC_SESSION_CREATED", Kind::Link),
    ("QUIC_STREAM_FACTORY_USE_EXISTING_SESSION", Kind::Link),
    ("HOST_RESOLVER_MANAGER_JOB_ATTACH", Kind::Link),
    ("HOST_RESOLVER_MANAGER_REQUEST", Kind::Resolve),
    ("HOST_RESOLVER_IMPL_REQUEST", Kind::Resolve),
    ("HOST_RESOLVER_MANAGER_CACHE_HIT", Kind::ResolveHit),
    ("HOST_RESOLVER_DNS_TASK", Kind::Resolved),
    ("TCP_CONNECT", Kind::TcpConnect),
    ("TCP_CONNECT_ATTEMPT", Kind::TcpAttempt),
    ("SSL_CONNECT", Kind::SslConnect),
    ("QUIC_SESSION_POOL_JOB_CONNECT", Kind::QuicConnect),
    ("QUIC_STREAM_FACTORY_JOB_CONNECT", Kind::QuicConnect),
    ("QUIC_SESSION_PACKET_RECEIVED", Kind::QuicPacket),
    ("QUIC_SESSION_CERTIFICATE_VERIFIED", Kind::QuicCertificate),
];

/// Whether an event is a point in time, or the beginning or end of something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Phase {
    #[default]
    Point,
    Begin,
    End,
}

/// What every event has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Event {
    pub(super) kind: Kind,
    pub(super) phase: Phase,
    /// Milliseconds by the clock of the log.
    pub(super) time: f64,
    pub(super) source: i64,
    pub(super) is_of_request: bool,
    /// The source that it refers to.
    pub(super) other: Option<i64>,
}

/// What the constants of one log say: the numbers of its events and errors, and the program.
#[derive(Debug, Default)]
pub(super) struct Constants {
    kinds: HashMap<u32, Kind>,
    request_type: Option<u32>,
    errors: HashMap<i64, String>,
    /// Milliseconds from the epoch to the zero of the log's clock.
    tick_offset: Option<f64>,
    /// False when the user chose to leave the bytes out.
    pub(super) has_bytes: bool,
    /// Name and version of the program, and the system it ran on.
    pub(super) producer: String,
}

/// Longest table of the constants that is read.
const MAX_TABLE: u32 = 4 << 20;

impl Constants {
    /// Reads the tables, wherever in the file they stand; `None` when the one without which no event can be told is missing.
    pub(super) fn read(source: &ByteSource) -> io::Result<Option<Self>> {
        let mut constants = Self::default();
        let Some(table) = table(source, "logEventTypes")? else {
            return Ok(None);
        };
        numbers(&table, |name, number| {
            if let Some((_, kind)) = KINDS.iter().find(|(known, _)| *known == name) {
                constants.kinds.insert(number as u32, *kind);
            }
        });
        numbers(
            &self::table(source, "logSourceType")?.unwrap_or_default(),
            |name, number| {
                if name == "URL_REQUEST" {
                    constants.request_type = Some(number as u32);
                }
            },
        );
        numbers(
            &self::table(source, "netError")?.unwrap_or_default(),
            |name, number| {
                constants.errors.insert(number as i64, name.to_owned());
            },
        );
        let offset = self::table(source, "timeTickOffset")?.unwrap_or_default();
        constants.tick_offset = Json::new(&offset).number();
        let mode = self::table(source, "logCaptureMode")?.unwrap_or_default();
        let mode = Json::new(&mode).string();
        constants.has_bytes = mode.is_none_or(|mode| mode == "Everything");
        let client = self::table(source, "clientInfo")?.unwrap_or_default();
        constants.producer = producer(&client);
        Ok(Some(constants))
    }

    /// Reads what every event has; `None` when it is none that says something about a flow, or damaged.
    pub(super) fn event(&self, bytes: &[u8]) -> Option<Event> {
        let (mut kind, mut phase, mut time) = (None, Phase::Point, None);
        let (mut source, mut source_type) = (None, None);
        let mut other = None;
        Json::new(bytes).object(|json, key| match key {
            "params" => {
                json.object(|json, key| {
                    if key == "source_dependency" {
                        other = source_id(json);
                    }
                });
            }
            "phase" => {
                phase = match json.number() {
                    Some(1.0) => Phase::Begin,
                    Some(2.0) => Phase::End,
                    _ => Phase::Point,
                }
            }
            "source" => {
                json.object(|json, key| match key {
                    "id" => source = json.number().map(|id| id as i64),
                    "type" => source_type = json.number().map(|number| number as u32),
                    _ => {}
                });
            }
            "time" => time = json.number(),
            "type" => {
                let number = json.number().map(|number| number as u32);
                kind = number.and_then(|number| self.kinds.get(&number).copied());
            }
            _ => {}
        });
        Some(Event {
            kind: kind?,
            phase,
            time: time?,
            source: source?,
            is_of_request: source_type.is_some() && source_type == self.request_type,
            other,
        })
    }

    /// The moment that lies at `ticks` by the clock of the log.
    pub(super) fn moment(&self, ticks: f64) -> Option<Time> {
        Time::from_epoch_seconds((self.tick_offset? + ticks) / 1_000.0)
    }

    pub(super) const fn has_no_date(&self) -> bool {
        self.tick_offset.is_none()
    }

    /// `ERR_NAME_NOT_RESOLVED (-105)`.
    pub(super) fn error(&self, number: i64) -> String {
        match self.errors.get(&number) {
            Some(name) => format!("{name} ({number})"),
            None => number.to_string(),
        }
    }
}

fn source_id(json: &mut Json<'_>) -> Option<i64> {
    let mut id = None;
    json.object(|json, key| {
        if key == "id" {
            id = json.number().map(|id| id as i64);
        }
    });
    id
}

/// Calls `each` with every key of an object of numbers.
fn numbers(table: &[u8], mut each: impl FnMut(&str, f64)) {
    Json::new(table).object(|json, name| {
        if let Some(number) = json.number() {
            each(name, number);
        }
    });
}

/// What stands behind the key `name`: found by looking for it, so that damage elsewhere does not matter.
fn table(source: &ByteSource, name: &str) -> io::Result<Option<Vec<u8>>> {
    let quoted = format!("\"{name}\"");
    let key = memmem::Finder::new(quoted.as_bytes());
    let found = Window::new(source).search(0, 256, |bytes, base| {
        key.find_iter(bytes).find_map(|at| {
            let behind = bytes[at + quoted.len()..].trim_ascii_start();
            let value = behind.strip_prefix(b":")?;
            Some(base + (bytes.len() - value.len()) as u64)
        })
    })?;
    let Some(start) = found else { return Ok(None) };
    Ok(Some(source.bytes(Span::new(start, MAX_TABLE))?))
}

fn producer(client: &[u8]) -> String {
    let (mut name, mut version, mut system) = (String::new(), String::new(), String::new());
    Json::new(client).object(|json, key| match key {
        "name" => name = json.string().unwrap_or_default().into_owned(),
        "version" => version = json.string().unwrap_or_default().into_owned(),
        "os_type" => system = json.string().unwrap_or_default().into_owned(),
        _ => {}
    });
    let program = format!("{name} {version}");
    // `Linux: 6.1.0 (x86_64)`: which kernel it was does not matter.
    let system = system.split(':').next().unwrap_or_default();
    match (program.trim(), system.trim()) {
        (program, "") => program.to_owned(),
        (program, system) => format!("{program} on {system}"),
    }
}
