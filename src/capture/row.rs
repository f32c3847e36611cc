//! The fixed-size columns of one flow.

use super::names::Name;
use crate::base::bytes::Span;

/// A piece of a chunk's text: offset and length in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct TextSpan {
    pub(super) at: u32,
    pub(super) len: u32,
}

/// One flow, as far as it has a fixed size. Names and text are resolved by [`super::Flow`].
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Byte range of the whole entry (for logs: the line) in [`super::Capture::source`].
    pub span: Span,
    /// 1-based place in the file.
    pub entry: u32,
    /// Start in microseconds since the epoch; `i64::MIN` when unknown.
    pub start_micros: i64,
    /// Duration in milliseconds; NaN when unknown.
    pub time_ms: f64,
    /// Request method.
    pub method: Name,
    /// URL scheme, lower case.
    pub scheme: Name,
    /// Host, lower case and punycode.
    pub host: Name,
    /// Media type of the response.
    pub mime: Name,
    /// Peer address.
    pub server_ip: Name,
    /// HTTP version of the response.
    pub http_version: Name,
    /// CDN as claimed by the measuring program.
    pub claimed_cdn: Name,
    /// URL of the page.
    pub page: Name,
    pub(super) url: TextSpan,
    /// Where the path begins in the URL; `u32::MAX` when there is none.
    pub(super) path_at: u32,
    /// First of this flow's headers in its chunk.
    pub(super) headers_at: u32,
    pub(super) n_headers: u16,
    /// Port; 0 when unknown.
    pub port: u16,
    /// Status; 0 when unknown.
    pub status: u16,
    /// What kind of flow this is.
    pub flags: Flags,
    /// Bytes of the request on the wire; −1 when unknown.
    pub bytes_sent: i64,
    /// Bytes of the response on the wire; −1 when unknown.
    pub bytes_received: i64,
    /// Bytes of the decoded body; −1 when unknown.
    pub content_bytes: i64,
    /// Durations of the phases.
    pub phases: Phases,
}

/// Where a fact belongs that attribution reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// A header of the request.
    Request,
    /// A header of the response.
    Response,
    /// What the file says about the connection: `cname`, `certificate-subject`, `certificate-name`, `certificate-issuer`,
    /// `error`, the reason why a request failed; for tunnels in logs `client`, who opened them; and, in the log of an edge,
    /// `log-written-by` and `origin-address`.
    Connection,
}

/// One header, or fact of the connection, that attribution reads, as stored.
#[derive(Clone, Copy, Debug)]
pub struct HeaderHit {
    /// Where it belongs.
    pub side: Side,
    /// Name in lower case.
    pub name: Name,
    pub(super) value: TextSpan,
    /// Where the value lies in the source.
    pub span: Span,
}

/// One step of an exchange, in the order in which HAR names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Waiting for a connection.
    Blocked,
    /// Resolving the name.
    Dns,
    /// Opening the connection; contains [`Phase::Ssl`].
    Connect,
    /// Negotiating TLS, a part of connect.
    Ssl,
    /// Sending the request.
    Send,
    /// Waiting for the first byte.
    Wait,
    /// Receiving the response.
    Receive,
}

/// All phases in order.
pub const PHASES: [Phase; 7] = [
    Phase::Blocked,
    Phase::Dns,
    Phase::Connect,
    Phase::Ssl,
    Phase::Send,
    Phase::Wait,
    Phase::Receive,
];

impl Phase {
    /// The name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Blocked => "Blocked",
            Self::Dns => "DNS lookup",
            Self::Connect => "Connect",
            Self::Ssl => "TLS",
            Self::Send => "Send",
            Self::Wait => "Wait",
            Self::Receive => "Receive",
        }
    }
}

/// Durations of the phases in milliseconds; NaN where the file says −1 or nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Phases([f32; 7]);

impl Default for Phases {
    fn default() -> Self {
        Self([f32::NAN; 7])
    }
}

impl Phases {
    /// Sets one phase; negative and non-finite durations mean "does not apply".
    pub fn set(&mut self, phase: Phase, ms: f64) {
        self.0[phase as usize] = if ms.is_finite() && 0.0 <= ms {
            ms as f32
        } else {
            f32::NAN
        };
    }

    /// Duration in milliseconds; `None` when the phase does not apply.
    pub fn get(&self, phase: Phase) -> Option<f64> {
        let ms = self.0[phase as usize];
        (!ms.is_nan()).then_some(f64::from(ms))
    }

    /// True when the file gave no phase at all.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|ms| ms.is_nan())
    }
}

/// Properties that decide whether a flow says anything about a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(u16);

impl Flags {
    /// The browser answered from its own cache.
    pub const FROM_CACHE: Self = Self(1);
    /// A service worker answered.
    pub const SERVICE_WORKER: Self = Self(1 << 1);
    /// Pushed by the server over HTTP/2, without a request of its own.
    pub const PUSHED: Self = Self(1 << 2);
    /// Aborted, blocked or failed before a response.
    pub const ABORTED: Self = Self(1 << 3);
    /// A CONNECT line: a tunnel whose content the capture does not show.
    pub const TUNNEL: Self = Self(1 << 4);
    /// Found by re-synchronising behind damage, not by the structure of the file.
    pub const RECOVERED: Self = Self(1 << 5);
    /// The entry has no request, no URL or no response.
    pub const INCOMPLETE: Self = Self(1 << 6);
    /// An upgraded WebSocket connection.
    pub const WEBSOCKET: Self = Self(1 << 7);
    /// A proxy on the client's side answered from its own cache.
    pub const PROXY_CACHE: Self = Self(1 << 8);
    /// A proxy on the client's side wrote the answer itself: it refused, or could not reach the server.
    pub const PROXY_ANSWER: Self = Self(1 << 9);
    /// The browser made the answer up, such as a redirect to HTTPS that it knows to be due.
    pub const INTERNAL: Self = Self(1 << 10);
    /// Noted down by the server or by an edge before it, and not on the client's side.
    pub const AT_SERVER: Self = Self(1 << 11);

    /// The properties that say how an answer came, or why none did, with the words for them in exports.
    pub const REASONS: [(Self, &str); 7] = [
        (Self::FROM_CACHE, "from-cache"),
        (Self::SERVICE_WORKER, "service-worker"),
        (Self::PUSHED, "pushed"),
        (Self::ABORTED, "aborted"),
        (Self::PROXY_CACHE, "proxy-cache"),
        (Self::PROXY_ANSWER, "proxy-answer"),
        (Self::INTERNAL, "internal"),
    ];

    /// True when all of `other` are set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// True when any of `other` is set.
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Adds `other`.
    pub fn insert(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// Both together.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}
