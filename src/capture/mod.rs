//! The flow store: what one opened file said, without any opinion about it.
//!
//! A [`Capture`] keeps one fixed-size [`Row`] per flow (about 170 bytes), the URL and the few headers that attribution
//! reads, and the byte range of every entry. Bodies and all other headers stay in the file and are read on demand
//! through [`Capture::exchange`]. Rows come in chunks behind `Arc`s, so that a snapshot taken while a file is still being
//! read costs a few pointers.

mod body;
mod builder;
mod exchange;
mod flow_set;
mod names;
mod problem;
mod raw_http;
mod row;
mod target;
mod write_body;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::base::bytes::ByteSource;
use crate::base::jobs::Pending;
use crate::base::time::Time;

pub use body::{Body, BodyForm, BodyText, decode_content};
pub use builder::{Batch, CaptureBuilder, FlowRecord, HeaderRecord};
pub use exchange::{Exchange, HeaderField, Message, ReadExchange, SocketMessage};
pub use flow_set::FlowSet;
pub use names::{Name, Names};
pub use problem::{Problem, ProblemKind};
pub use raw_http::{RawMessage, split_request};
pub use row::{Flags, HeaderHit, PHASES, Phase, Phases, Row, Side};
pub use target::Target;
pub use write_body::write_body;

use builder::Chunk;

/// Position of a flow in the whole session, from 0; shown to people as [`FlowId::n`]. Sorting and filtering never change it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlowId(pub u32);

impl FlowId {
    /// The number that people see and cite, from 1.
    pub const fn n(self) -> u32 {
        self.0 + 1
    }
}

/// What is known about the file as a whole.
#[derive(Clone, Debug)]
pub struct FileInfo {
    /// Where the file lies; only its name ever leaves the program.
    pub path: PathBuf,
    /// The file name for people, with characters that cannot be shown replaced.
    pub name: String,
    /// Id of the format that read it: `har`, `squid`.
    pub format: &'static str,
    /// The program that wrote it and its version, as the file says; empty when it does not.
    pub producer: String,
    /// Size of the file as found, in bytes (compressed, if it is).
    pub bytes: u64,
    /// The SHA-256 of the file as found, in lower-case hexadecimal; computed in the background.
    pub sha256: Pending<String>,
    /// What files of this format can say, or this one said after all; anything else is unknown, not absent.
    pub carries: Carries,
}

/// What a format can say about a flow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Carries {
    /// All request and response headers.
    pub headers: bool,
    /// Bodies.
    pub bodies: bool,
    /// The address of the server that answered.
    pub server_address: bool,
    /// How long the flow took.
    pub timings: bool,
}

impl Carries {
    /// Everything: an exchange in full.
    pub const ALL: Self = Self {
        headers: true,
        bodies: true,
        server_address: true,
        timings: true,
    };

    /// What the format cannot say, in words.
    pub fn missing(self) -> impl Iterator<Item = &'static str> {
        let all = [
            (self.headers, "headers"),
            (self.bodies, "bodies"),
            (self.server_address, "server addresses"),
            (self.timings, "timings"),
        ];
        all.into_iter()
            .filter(|(is_there, _)| !is_there)
            .map(|(_, word)| word)
    }
}

/// One opened file: its flows and its problems. Never written to.
#[derive(Clone)]
pub struct Capture {
    info: FileInfo,
    source: ByteSource,
    read_exchange: ReadExchange,
    chunks: Vec<Arc<Chunk>>,
    /// Row number of the first row of each chunk.
    starts: Vec<u32>,
    names: Arc<Names>,
    problems: Arc<Vec<Problem>>,
    pages: Arc<Vec<Page>>,
    first_start: Option<Time>,
    last_end: Option<Time>,
}

/// A page that a browser loaded, with what it said about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// Its URL or title.
    pub title: String,
    /// When loading began.
    pub start: Time,
    /// Milliseconds until the document was parsed (`DOMContentLoaded`).
    pub content_ms: Option<f64>,
    /// Milliseconds until everything was loaded.
    pub load_ms: Option<f64>,
}

impl fmt::Debug for Capture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Capture")
            .field("info", &self.info)
            .field("flows", &self.len())
            .field("problems", &self.problems.len())
            .finish_non_exhaustive()
    }
}

impl Capture {
    /// What is known about the file as a whole.
    pub fn info(&self) -> &FileInfo {
        &self.info
    }

    /// The bytes that all spans of this capture point into (decompressed and as UTF-8, where the file was not).
    pub fn source(&self) -> &ByteSource {
        &self.source
    }

    /// Number of flows.
    pub fn len(&self) -> u32 {
        let before = self.starts.last().copied().unwrap_or(0);
        before
            + self
                .chunks
                .last()
                .map_or(0, |chunk| chunk.rows.len() as u32)
    }

    /// True when the file held no flow.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What could not be read, in file order.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The same capture with `problems` put before its own: those of what lay around it.
    #[must_use]
    pub fn with_problems(mut self, problems: Vec<Problem>) -> Self {
        if !problems.is_empty() {
            Arc::make_mut(&mut self.problems).splice(0..0, problems);
        }
        self
    }

    /// The pages whose beginning the file says, in file order.
    pub fn pages(&self) -> &[Page] {
        &self.pages
    }

    /// The distinct words of this capture: hosts, methods, media types, addresses, header names.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The earliest start of any flow.
    pub fn first_start(&self) -> Option<Time> {
        self.first_start
    }

    /// The latest end of any flow.
    pub fn last_end(&self) -> Option<Time> {
        self.last_end
    }

    /// The flow in row `idx`, counted from 0 within this capture; `None` past the end.
    pub fn flow(&self, idx: u32) -> Option<Flow<'_>> {
        let chunk_idx = self
            .starts
            .partition_point(|start| *start <= idx)
            .checked_sub(1)?;
        let chunk = self.chunks.get(chunk_idx)?;
        let row = chunk.rows.get((idx - self.starts[chunk_idx]) as usize)?;
        Some(Flow {
            capture: self,
            chunk,
            row,
            idx,
        })
    }

    /// All flows in file order.
    pub fn flows(&self) -> impl Iterator<Item = Flow<'_>> {
        self.chunks
            .iter()
            .zip(&self.starts)
            .flat_map(move |(chunk, start)| {
                chunk.rows.iter().zip(*start..).map(move |(row, idx)| Flow {
                    capture: self,
                    chunk,
                    row,
                    idx,
                })
            })
    }

    /// Reads the whole exchange of row `idx` again from the file: all headers, timings, and where the bodies lie.
    pub fn exchange(&self, idx: u32) -> Result<Exchange, Problem> {
        let flow = self.flow(idx).ok_or_else(|| {
            Problem::new(
                ProblemKind::Missing,
                "there is no such flow in this capture",
            )
        })?;
        (self.read_exchange)(&flow)
    }
}

/// One flow of a capture: a view that costs nothing to copy.
#[derive(Clone, Copy)]
pub struct Flow<'a> {
    capture: &'a Capture,
    chunk: &'a Chunk,
    row: &'a Row,
    idx: u32,
}

impl fmt::Debug for Flow<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "flow {} {} {}", self.idx, self.method(), self.url())
    }
}

impl<'a> Flow<'a> {
    /// The capture this flow belongs to.
    pub fn capture(self) -> &'a Capture {
        self.capture
    }

    /// The fixed-size columns.
    pub fn row(self) -> &'a Row {
        self.row
    }

    /// Row number within the capture, from 0.
    pub fn idx(self) -> u32 {
        self.idx
    }

    /// The request method as written; empty when the file has none.
    pub fn method(self) -> &'a str {
        self.capture.names.text(self.row.method)
    }

    /// True when the method is one of `methods`, in whatever case the file writes it: some programs write `put`.
    pub fn has_method(self, methods: &[&str]) -> bool {
        let method = self.method();
        methods
            .iter()
            .any(|known| known.eq_ignore_ascii_case(method))
    }

    /// The URL as written; for a CONNECT line `host:port`; empty when the file has none.
    pub fn url(self) -> &'a str {
        self.chunk.text(self.row.url)
    }

    /// `http`, `https`, `ws` …; `None` for CONNECT and for URLs without a scheme.
    pub fn scheme(self) -> Option<&'a str> {
        Some(self.capture.names.text(self.row.scheme)).filter(|scheme| !scheme.is_empty())
    }

    /// Host name in lower case and punycode, or address, without port; empty when there is none.
    pub fn host(self) -> &'a str {
        self.capture.names.text(self.row.host)
    }

    /// The port, given or implied by the scheme.
    pub fn port(self) -> Option<u16> {
        (self.row.port != 0).then_some(self.row.port)
    }

    /// Path with query, from the first `/` on; `None` for CONNECT and for URLs without a host.
    pub fn path(self) -> Option<&'a str> {
        let url = self.url();
        (self.row.path_at != u32::MAX)
            .then(|| url.get(self.row.path_at as usize..).unwrap_or_default())
    }

    /// Three-digit status; `None` when there is no response or the file says 0 or less.
    pub fn status(self) -> Option<u16> {
        (self.row.status != 0).then_some(self.row.status)
    }

    /// Media type of the response without parameters, lower case; empty when unknown.
    pub fn mime(self) -> &'a str {
        self.capture.names.text(self.row.mime)
    }

    /// Address of the peer that answered, as the file says; empty when it does not.
    pub fn server_ip(self) -> &'a str {
        self.capture.names.text(self.row.server_ip)
    }

    /// HTTP version of the response as written; empty when unknown.
    pub fn http_version(self) -> &'a str {
        self.capture.names.text(self.row.http_version)
    }

    /// What a measuring program wrote down as the CDN (WebPageTest's `_cdn_provider`): shown, never weighed.
    pub fn claimed_cdn(self) -> &'a str {
        self.capture.names.text(self.row.claimed_cdn)
    }

    /// URL of the page that caused the request, if the file names it; empty otherwise.
    pub fn page(self) -> &'a str {
        self.capture.names.text(self.row.page)
    }

    /// When the request began.
    pub fn start(self) -> Option<Time> {
        (self.row.start_micros != i64::MIN).then_some(Time(self.row.start_micros))
    }

    /// Duration in milliseconds; `None` when absent, negative or not finite.
    pub fn time_ms(self) -> Option<f64> {
        (0.0 <= self.row.time_ms).then_some(self.row.time_ms)
    }

    /// Bytes of the request on the wire.
    pub fn bytes_sent(self) -> Option<u64> {
        u64::try_from(self.row.bytes_sent).ok()
    }

    /// Bytes of the response on the wire.
    pub fn bytes_received(self) -> Option<u64> {
        u64::try_from(self.row.bytes_received).ok()
    }

    /// Bytes of the response body after decoding.
    pub fn content_bytes(self) -> Option<u64> {
        u64::try_from(self.row.content_bytes).ok()
    }

    /// The headers that attribution reads, in file order; then what it reads about the connection.
    pub fn headers(self) -> impl Iterator<Item = Header<'a>> {
        let from = self.row.headers_at as usize;
        let to = from + self.row.n_headers as usize;
        self.chunk
            .headers
            .get(from..to)
            .unwrap_or_default()
            .iter()
            .map(move |hit| Header {
                id: hit.name,
                side: hit.side,
                name: self.capture.names.text(hit.name),
                value: self.chunk.text(hit.value),
                span: hit.span,
            })
    }

    /// The first response header with this lower-case name, among those that attribution reads.
    pub fn response_header(self, name: &str) -> Option<Header<'a>> {
        self.headers()
            .find(|header| header.side == Side::Response && header.name == name)
    }
}

/// One header, or fact of the connection, that attribution reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header<'a> {
    /// The number of its name in the capture.
    pub id: Name,
    /// Where it belongs.
    pub side: Side,
    /// Name in lower case.
    pub name: &'a str,
    /// Value as written.
    pub value: &'a str,
    /// Where the value lies in [`Capture::source`].
    pub span: crate::base::bytes::Span,
}
