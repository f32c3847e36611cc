//! Turns records as readers find them into rows: batches on worker threads, joined in file order.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::exchange::{Exchange, ReadExchange};
use super::names::{Name, Names};
use super::problem::{Problem, ProblemKind};
use super::row::{Flags, HeaderHit, Phases, Row, Side, TextSpan};
use super::target::Target;
use super::{Capture, FileInfo, Flow, Page};
use crate::base::bytes::{ByteSource, Span};
use crate::base::limits::{Limit, Limits};
use crate::base::time::Time;

/// One flow as a reader found it, borrowed from the bytes at hand. Absent things are `None` or empty.
#[derive(Clone, Debug, Default)]
pub struct FlowRecord<'a> {
    /// 1-based place in the file.
    pub entry: u32,
    /// Byte range of the whole entry in the source.
    pub span: Span,
    /// When the request began.
    pub start: Option<Time>,
    /// Duration in milliseconds; negative and non-finite values are dropped.
    pub time_ms: Option<f64>,
    /// Request method as written.
    pub method: Cow<'a, str>,
    /// URL as written.
    pub url: Cow<'a, str>,
    /// Status; 0 and less are dropped.
    pub status: Option<i64>,
    /// Content type as written.
    pub mime: Cow<'a, str>,
    /// Peer address as written.
    pub server_ip: Cow<'a, str>,
    /// HTTP version of the response as written.
    pub http_version: Cow<'a, str>,
    /// CDN as claimed by the measuring program.
    pub claimed_cdn: Cow<'a, str>,
    /// URL of the page.
    pub page: Cow<'a, str>,
    /// Bytes of the request on the wire.
    pub bytes_sent: Option<u64>,
    /// Bytes of the response on the wire.
    pub bytes_received: Option<u64>,
    /// Bytes of the decoded body.
    pub content_bytes: Option<u64>,
    /// Durations of the phases.
    pub phases: Phases,
    /// What kind of flow this is.
    pub flags: Flags,
    /// The headers that attribution reads (see `providers::is_evidence_header`), in file order.
    pub headers: Vec<HeaderRecord<'a>>,
}

/// One header, or fact of the connection, of a [`FlowRecord`].
#[derive(Clone, Debug)]
pub struct HeaderRecord<'a> {
    /// Where it belongs.
    pub side: Side,
    /// Name as written.
    pub name: Cow<'a, str>,
    /// Value, unescaped.
    pub value: Cow<'a, str>,
    /// Where the value lies in the source.
    pub span: Span,
}

/// Rows with the text they refer to.
#[derive(Clone, Debug, Default)]
pub(super) struct Chunk {
    pub(super) rows: Vec<Row>,
    pub(super) headers: Vec<HeaderHit>,
    text: String,
}

impl Chunk {
    pub(super) fn text(&self, span: TextSpan) -> &str {
        let from = span.at as usize;
        self.text
            .get(from..from + span.len as usize)
            .unwrap_or_default()
    }

    fn store(&mut self, text: &str) -> TextSpan {
        let at = self.text.len() as u32;
        self.text.push_str(text);
        TextSpan {
            at,
            len: text.len() as u32,
        }
    }
}

/// A run of consecutive flows, made on one thread with names of its own.
#[derive(Debug, Default)]
pub struct Batch {
    chunk: Chunk,
    names: Names,
    problems: Vec<Problem>,
}

impl Batch {
    /// Adds the next flow in file order.
    pub fn push(&mut self, record: &FlowRecord<'_>) {
        let target = Target::parse(&record.method, &record.url);
        let headers_at = self.chunk.headers.len() as u32;
        for header in &record.headers {
            let name = self.intern_lower(&header.name);
            let mut push = |value: &str| {
                let value = self.chunk.store(value);
                self.chunk.headers.push(HeaderHit {
                    side: header.side,
                    name,
                    value,
                    span: header.span,
                });
            };
            if header.side == Side::Connection || !header.value.contains('\n') {
                push(&header.value);
            } else {
                for value in values(&header.name, &header.value) {
                    push(&value);
                }
            }
        }
        let n_headers = self.chunk.headers.len() - headers_at as usize;
        let mut flags = record.flags;
        if target.is_tunnel {
            flags.insert(Flags::TUNNEL);
        }
        let bytes = |n: Option<u64>| n.and_then(|n| i64::try_from(n).ok()).unwrap_or(-1);
        let mime = record.mime.split(';').next().unwrap_or_default().trim();
        let row = Row {
            span: record.span,
            entry: record.entry,
            start_micros: record.start.map_or(i64::MIN, |time| time.0),
            time_ms: record
                .time_ms
                .filter(|ms| ms.is_finite() && 0.0 <= *ms)
                .unwrap_or(f64::NAN),
            method: self.names.intern(&record.method),
            scheme: self.names.intern(&target.scheme),
            host: self.names.intern(&target.host),
            mime: self.intern_lower(mime),
            server_ip: self.names.intern(plain_address(&record.server_ip)),
            http_version: self.names.intern(&record.http_version),
            claimed_cdn: self.names.intern(&record.claimed_cdn),
            page: self.names.intern(&record.page),
            url: self.chunk.store(&record.url),
            path_at: target.path_at.unwrap_or(u32::MAX),
            headers_at,
            n_headers: n_headers.min(usize::from(u16::MAX)) as u16,
            port: target.port.unwrap_or(0),
            status: record
                .status
                .and_then(|status| u16::try_from(status).ok())
                .unwrap_or(0),
            flags,
            bytes_sent: bytes(record.bytes_sent),
            bytes_received: bytes(record.bytes_received),
            content_bytes: bytes(record.content_bytes),
            phases: record.phases,
        };
        self.chunk.rows.push(row);
    }

    /// Adds something that could not be read.
    pub fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Number of flows so far.
    pub fn len(&self) -> usize {
        self.chunk.rows.len()
    }

    /// True when there is no flow yet.
    pub fn is_empty(&self) -> bool {
        self.chunk.rows.is_empty()
    }

    fn intern_lower(&mut self, text: &str) -> Name {
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            self.names.intern(&text.to_ascii_lowercase())
        } else {
            self.names.intern(text)
        }
    }
}

/// Headers that are lists by their nature: sent several times, they are one list (RFC 9110, section 5.3), whose order tells.
const LISTS: [&str; 8] = [
    "cache-status",
    "server-timing",
    "via",
    "x-bluecoat-via",
    "x-cache",
    "x-cache-hits",
    "x-cache-lookup",
    "x-served-by",
];

/// The values of a header that was sent several times, where a program joined them by line feeds, as Chromium's protocol
/// does. A line that begins with a blank goes on with the one before.
fn values<'a>(name: &str, text: &'a str) -> Vec<Cow<'a, str>> {
    let mut values: Vec<Cow<'a, str>> = Vec::new();
    for line in text.split('\n').map(|line| line.trim_end_matches('\r')) {
        match values.last_mut() {
            Some(before) if line.starts_with([' ', '\t']) => {
                let before = before.to_mut();
                before.push(' ');
                before.push_str(line.trim());
            }
            _ if line.is_empty() => {}
            _ => values.push(Cow::Borrowed(line)),
        }
    }
    let is_list = LISTS.iter().any(|list| name.eq_ignore_ascii_case(list));
    if is_list && 1 < values.len() {
        values = vec![Cow::Owned(values.join(", "))];
    }
    values
}

/// `[2606::1]` as `2606::1`: Chrome writes IPv6 addresses in brackets.
fn plain_address(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(text)
}

/// Joins batches in file order into a [`Capture`].
#[derive(Debug)]
pub struct CaptureBuilder {
    capture: Capture,
    names: Names,
    problems: Vec<Problem>,
    max_flows: Limit,
    n_left_out: u32,
}

/// Most problems that are listed one by one; further ones are only counted.
const MAX_PROBLEMS: usize = 1_000;

impl CaptureBuilder {
    /// An empty capture of the file `info`, whose spans point into `source`.
    pub fn new(
        info: FileInfo,
        source: ByteSource,
        read_exchange: impl Fn(&Flow<'_>) -> Result<Exchange, Problem> + Send + Sync + 'static,
    ) -> Self {
        let names = Names::default();
        let capture = Capture {
            info,
            source,
            read_exchange: Arc::new(read_exchange),
            chunks: Vec::new(),
            starts: Vec::new(),
            names: Arc::new(names.clone()),
            problems: Arc::default(),
            pages: Arc::default(),
            first_start: None,
            last_end: None,
        };
        Self {
            capture,
            names,
            problems: Vec::new(),
            max_flows: Limits::default().entries,
            n_left_out: 0,
        }
    }

    /// Takes at most as many flows as `limit` says, instead of the usual number.
    #[must_use]
    pub const fn with_limit(mut self, limit: Limit) -> Self {
        self.max_flows = limit;
        self
    }

    /// True when no more flows are taken, so that reading on is of no use.
    pub const fn is_full(&self) -> bool {
        0 < self.n_left_out
    }

    /// Sets what the file says about the program that wrote it.
    pub fn set_producer(&mut self, producer: impl Into<String>) {
        self.capture.info.producer = producer.into();
    }

    /// Sets how flows are read again, where more is known of the file at its end than at its beginning.
    pub fn set_reader(&mut self, read_exchange: ReadExchange) {
        self.capture.read_exchange = read_exchange;
    }

    /// Appends the next batch in file order.
    pub fn append(&mut self, mut batch: Batch) {
        let renamed: Vec<Name> = batch
            .names
            .iter()
            .map(|(_, text)| self.names.intern(text))
            .collect();
        for row in &mut batch.chunk.rows {
            for name in [
                &mut row.method,
                &mut row.scheme,
                &mut row.host,
                &mut row.mime,
                &mut row.server_ip,
                &mut row.http_version,
                &mut row.claimed_cdn,
                &mut row.page,
            ] {
                *name = renamed[name.0 as usize];
            }
            self.capture.note_times(row);
            let carries = &mut self.capture.info.carries;
            carries.server_address |= !self.names.text(row.server_ip).is_empty();
            carries.timings |= !row.time_ms.is_nan();
        }
        for hit in &mut batch.chunk.headers {
            hit.name = renamed[hit.name.0 as usize];
            self.capture.info.carries.headers |= hit.side == Side::Response;
        }
        for problem in batch.problems {
            self.problem(problem);
        }
        let room = self
            .max_flows
            .value
            .saturating_sub(u64::from(self.capture.len()));
        let room = usize::try_from(room).unwrap_or(usize::MAX);
        self.n_left_out += batch.chunk.rows.len().saturating_sub(room) as u32;
        batch.chunk.rows.truncate(room);
        if batch.chunk.rows.is_empty() {
            return;
        }
        batch.chunk.rows.shrink_to_fit();
        batch.chunk.headers.shrink_to_fit();
        batch.chunk.text.shrink_to_fit();
        let start = self.capture.len();
        self.capture.starts.push(start);
        self.capture.chunks.push(Arc::new(batch.chunk));
    }

    /// Replaces what the flows so far have as their page, where a file says behind its flows what the pages are. What has no
    /// name, has no page.
    pub fn rename_pages(&mut self, name_of: impl Fn(&str) -> Option<String>) {
        let mut renamed: HashMap<Name, Name> = HashMap::new();
        for chunk in &mut self.capture.chunks {
            if chunk.rows.iter().all(|row| row.page == Name::EMPTY) {
                continue;
            }
            for row in &mut Arc::make_mut(chunk).rows {
                let page = row.page;
                row.page = *renamed.entry(page).or_insert_with(|| {
                    let name = name_of(self.names.text(page)).unwrap_or_default();
                    self.names.intern(&name)
                });
            }
        }
    }

    /// Adds a page that a browser loaded.
    pub fn add_page(&mut self, page: Page) {
        Arc::make_mut(&mut self.capture.pages).push(page);
    }

    /// Adds something that could not be read; beyond the first thousand, only the last entry's count grows.
    pub fn problem(&mut self, problem: Problem) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem);
        } else if let Some(last) = self.problems.last_mut() {
            "further problems, not listed one by one".clone_into(&mut last.message);
            (last.entry, last.byte) = (None, None);
            last.count = last.count.saturating_add(problem.count);
        }
    }

    /// Number of flows so far.
    pub fn len(&self) -> u32 {
        self.capture.len()
    }

    /// True when no flow was found so far.
    pub fn is_empty(&self) -> bool {
        self.capture.is_empty()
    }

    /// The capture as far as it has been read; costs the distinct names and one pointer per chunk.
    pub fn snapshot(&self) -> Capture {
        let mut capture = self.capture.clone();
        capture.names = Arc::new(self.names.clone());
        capture.problems = Arc::new(self.problems.clone());
        capture
    }

    /// The complete capture.
    pub fn finish(mut self) -> Capture {
        if self.is_full() {
            let message = format!("the file has more than {} requests", self.max_flows);
            self.problem(Problem::new(ProblemKind::Limit, message));
        }
        // What concerns the file as a whole comes last, the sum of further problems at the very end.
        self.problems
            .sort_by_key(|problem| problem.entry.unwrap_or(u32::MAX));
        self.capture.names = Arc::new(self.names);
        self.capture.problems = Arc::new(self.problems);
        self.capture
    }
}

impl Capture {
    fn note_times(&mut self, row: &Row) {
        if row.start_micros == i64::MIN {
            return;
        }
        let start = Time(row.start_micros);
        let duration = if row.time_ms.is_nan() {
            0.0
        } else {
            row.time_ms
        };
        let end = start.plus_ms(duration).unwrap_or(start);
        self.first_start = Some(self.first_start.map_or(start, |first| first.min(start)));
        self.last_end = Some(self.last_end.map_or(end, |last| last.max(end)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_joined_by_line_feeds_are_several() {
        for (name, text, expected) in [
            ("Server", "a, b", &["a, b"][..]),
            ("Set-Cookie", "a=1\nb=2", &["a=1", "b=2"]),
            ("Set-Cookie", "a=1\r\n\nb=2", &["a=1", "b=2"]),
            ("Server", "a\n b", &["a b"]),
            (
                "Via",
                "1.1 varnish\n1.1 google",
                &["1.1 varnish, 1.1 google"],
            ),
            ("x-cache", "HIT", &["HIT"]),
        ] {
            assert_eq!(values(name, text), expected, "{name}: {text:?}");
        }
    }
}
