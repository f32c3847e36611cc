//! mitmproxy flow files: one tagged netstring per flow, of every format since mitmproxy 0.11.
//!
//! The fields of a flow had several names over the years; each one is looked up under all of them, so that no version
//! needs a reader of its own.

mod connection;
mod detail;
mod find;
mod flow;
mod message;
mod tape;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use self::detail::{Sockets, read_exchange};
use self::find::{Finder, Found};
use self::flow::{HttpFlow, NEWEST, Parts, Version};
use self::tape::{Fault, Tape};
use super::{Format, Input, Pace, Probe, Watch};
use crate::base::bytes::Span;
use crate::capture::{Batch, Capture, CaptureBuilder, Carries, Flags, Flow, Problem, ProblemKind};

/// Reads `.flow` and `.mitm` files.
pub(super) struct Mitmproxy;

/// Most rows of one batch.
const MAX_ROWS: usize = 512;
/// Bytes after which a batch is closed.
const BATCH_BYTES: u64 = 4 << 20;

impl Format for Mitmproxy {
    fn id(&self) -> &'static str {
        "mitmproxy"
    }

    fn title(&self) -> &'static str {
        "mitmproxy flow file"
    }

    fn about(&self) -> &'static str {
        "what mitmproxy, mitmweb and mitmdump save: every flow format from 0.11 to 21, WebSocket messages included"
    }

    fn producers(&self) -> &'static str {
        "mitmproxy, mitmdump, mitmweb"
    }

    fn versions(&self) -> &'static str {
        "mitmproxy 0.11 to 12.1 (flow formats 0.11 to 21)"
    }

    fn carries(&self) -> Carries {
        Carries {
            headers: true,
            bodies: true,
            server_address: true,
            timings: true,
        }
    }

    fn confidence(&self, probe: &Probe<'_>) -> u8 {
        find::confidence(probe.head)
    }

    fn read(&self, input: Input, watch: &Watch<'_>) -> Result<Capture, Problem> {
        let source = input.source.clone();
        watch.progress.set_total(source.len());
        let max_headers = input.options.limits.headers.as_usize();
        let sockets = Sockets::new();
        let reader = Arc::new(move |flow: &Flow<'_>| read_exchange(flow, &sockets, max_headers));
        let mut builder = input.builder(source.clone(), reader);
        let mut reading = Reading::new(&input, &source);
        reading.read_all(watch, &mut builder);
        reading.conclude(builder, watch)
    }
}

/// What is known while the flows of a file are being read.
struct Reading<'i> {
    input: &'i Input,
    tape: Tape<'i>,
    batch: Batch,
    /// Number of flows of any kind so far.
    n: u32,
    versions: BTreeSet<Version>,
    connections: HashSet<u64>,
    /// Entries of requests that may have become a WebSocket, by id.
    handshakes: HashMap<String, u32>,
    /// Each WebSocket that is a flow of its own: the id of the handshake, and where it lies.
    sockets: Vec<(String, Span)>,
    /// Flows that are not read, by reason.
    left_out: BTreeMap<LeftOut, u32>,
}

/// Why a flow is not read.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum LeftOut {
    Version(Version),
    Kind(String),
    Unknown,
    Orphan,
}

impl LeftOut {
    fn problem(&self, count: u32) -> Problem {
        let (kind, message) = match self {
            Self::Version(version) if version.is_newer() => {
                let format = version.shown();
                let message = format!(
                    "written by a newer mitmproxy (flow format {format}), readable up to {NEWEST}"
                );
                (ProblemKind::Unsupported, message)
            }
            Self::Version(Version::Format(format)) => {
                let message = format!("the flow format {format} is unknown");
                (ProblemKind::Value, message)
            }
            Self::Version(version) => {
                let format = version.shown();
                let message = format!(
                    "written in mitmproxy's flow format {format}, readable from 0.11 on; \
                     a mitmproxy of that version lists the requests with mitmdump -n -r FILE"
                );
                (ProblemKind::Unsupported, message)
            }
            Self::Kind(kind) => {
                let message = format!("{kind} flows hold no HTTP requests and are left out");
                (ProblemKind::Unsupported, message)
            }
            Self::Unknown => {
                let message = "flows of an unknown kind are left out";
                (ProblemKind::Unsupported, message.to_owned())
            }
            Self::Orphan => {
                let message = "WebSocket messages whose handshake is not in the file are left out";
                (ProblemKind::Missing, message.to_owned())
            }
        };
        let mut problem = Problem::new(kind, message);
        problem.count = count;
        problem
    }
}

impl<'i> Reading<'i> {
    fn new(input: &'i Input, source: &'i crate::base::bytes::ByteSource) -> Self {
        Self {
            input,
            tape: Tape::new(source),
            batch: Batch::default(),
            n: 0,
            versions: BTreeSet::new(),
            connections: HashSet::new(),
            handshakes: HashMap::new(),
            sockets: Vec::new(),
            left_out: BTreeMap::new(),
        }
    }

    /// Reads flow by flow until the end, the limit or a cancel.
    fn read_all(&mut self, watch: &Watch<'_>, builder: &mut CaptureBuilder) {
        let mut finder = Finder::new(self.input.source.len());
        let (mut pace, mut batch_at) = (Pace::default(), 0);
        while let Some(found) = finder.next(&mut self.tape) {
            self.take(&found);
            let done = finder.offset();
            if MAX_ROWS <= self.batch.len() || BATCH_BYTES <= done - batch_at {
                batch_at = done;
                builder.append(std::mem::take(&mut self.batch));
                watch.progress.set_done(done);
                if builder.is_full() {
                    break;
                }
                if watch.cancel.is_cancelled() {
                    let message = "reading was stopped before the end";
                    builder.problem(Problem::new(ProblemKind::Limit, message));
                    break;
                }
                pace.show(builder, watch);
            }
        }
        builder.append(std::mem::take(&mut self.batch));
        if let Some(error) = self.tape.take_error() {
            let message = format!("the capture could not be read: {error}");
            builder.problem(Problem::new(ProblemKind::Io, message));
        }
    }

    /// Adds what was found: a flow, or a problem.
    fn take(&mut self, found: &Found) {
        self.n = self.n.saturating_add(1);
        let place = |problem: Problem, at: u64| problem.at_entry(self.n).at_byte(at);
        match found {
            Found::Flow(span) => self.flow(*span, Flags::default()),
            Found::Damaged(span, fault) => {
                let message = format!("{}; read up to the next flow", fault.what);
                let problem = Problem::new(ProblemKind::Syntax, message);
                self.batch.problem(place(problem, fault.at));
                self.flow(*span, Flags::RECOVERED);
            }
            Found::Cut(at) => {
                let problem =
                    Problem::new(ProblemKind::Truncated, "the file ends within this flow");
                self.batch.problem(place(problem, *at));
            }
            Found::Other(at, what) => {
                let problem = Problem::new(ProblemKind::Syntax, *what);
                self.batch.problem(place(problem, *at));
            }
        }
    }

    fn flow(&mut self, span: Span, flags: Flags) {
        let parts = Parts::read(&mut self.tape, span);
        if let Some(version) = parts.version.filter(|version| !version.is_known()) {
            self.tape.take_faults();
            return self.leave_out(LeftOut::Version(version));
        }
        self.versions.extend(parts.version);
        if parts.kind == "websocket" || !parts.handshake.is_empty() {
            self.sockets.push((parts.handshake, span));
        } else if parts.is_http() {
            self.http(&parts, span, flags);
        } else if let kind @ ("tcp" | "udp" | "dns") = parts.kind.as_str() {
            self.leave_out(LeftOut::Kind(kind.to_uppercase()));
        } else if flags == Flags::default() {
            self.leave_out(LeftOut::Unknown);
        }
        for Fault { at, what, .. } in self.tape.take_faults() {
            let problem = Problem::new(ProblemKind::Syntax, what);
            self.batch.problem(problem.at_entry(self.n).at_byte(at));
        }
    }

    fn http(&mut self, parts: &Parts, span: Span, flags: Flags) {
        let limit = self.input.options.limits.headers;
        let http = HttpFlow::read(&mut self.tape, parts, limit.as_usize());
        let mut record = http.record(parts, &mut self.connections);
        (record.entry, record.span) = (self.n, span);
        record.flags.insert(flags);
        if record.flags.contains(Flags::WEBSOCKET) {
            self.handshakes.insert(parts.id.clone(), self.n);
        }
        let messages = [Some(&http.request), http.response.as_ref()];
        let mut messages = messages.into_iter().flatten();
        let mut note = |kind, message: String| {
            let problem = Problem::new(kind, message).at_entry(self.n);
            self.batch.problem(problem.at_byte(span.start));
        };
        if parts.version.is_none() {
            note(
                ProblemKind::Missing,
                "the flow does not say its version".to_owned(),
            );
        }
        if parts.request.is_none() {
            note(ProblemKind::Missing, "the flow has no request".to_owned());
        }
        if http.request.is_path_cut {
            note(
                ProblemKind::Limit,
                "the path is very long; only its beginning is kept".to_owned(),
            );
        }
        if messages.any(|message| message.has_more_headers) {
            note(
                ProblemKind::Limit,
                format!("a message has more than {limit} headers"),
            );
        }
        self.batch.push(&record);
    }

    fn leave_out(&mut self, reason: LeftOut) {
        *self.left_out.entry(reason).or_default() += 1;
    }

    /// Gives each WebSocket to its handshake and says what was left out. Fails when there was no request at all.
    fn conclude(
        mut self,
        mut builder: CaptureBuilder,
        watch: &Watch<'_>,
    ) -> Result<Capture, Problem> {
        let mut sockets = Sockets::new();
        for (handshake, span) in std::mem::take(&mut self.sockets) {
            match self.handshakes.get(&handshake) {
                Some(entry) => sockets.entry(*entry).or_default().push(span),
                None => self.leave_out(LeftOut::Orphan),
            }
        }
        for (reason, count) in &self.left_out {
            builder.problem(reason.problem(*count));
        }
        let max_headers = self.input.options.limits.headers.as_usize();
        builder.set_reader(Arc::new(move |flow| {
            read_exchange(flow, &sockets, max_headers)
        }));
        builder.set_producer(self.producer());
        if !watch.cancel.is_cancelled() {
            watch.progress.set_done(self.input.source.len());
        }
        let capture = builder.finish();
        match capture.problems().first() {
            Some(problem) if capture.is_empty() && !watch.cancel.is_cancelled() => {
                Err(problem.clone())
            }
            _ => Ok(capture),
        }
    }

    /// `mitmproxy 0.18`, or `mitmproxy (flow format 20, 21)`: since 3.0 a file says only the latter.
    fn producer(&self) -> String {
        let shown: Vec<String> = self
            .versions
            .iter()
            .map(|version| version.shown())
            .collect();
        match self.versions.first() {
            None => "mitmproxy".to_owned(),
            Some(Version::Program(..)) => format!("mitmproxy {}", shown.join(", ")),
            Some(Version::Format(_)) => format!("mitmproxy (flow format {})", shown.join(", ")),
        }
    }
}
