//! Network logs of Chrome: what `chrome://net-export` and `--log-net-log` write down, event by event.
//!
//! A first pass notes where the events of each request lie. Then the events of one request after the other are copied,
//! word for word, into a spool: they are its entry, and what is shown of it points into them. Bodies follow, decoded.

mod event;
mod index;
mod story;

use std::ops::ControlFlow;
use std::sync::Arc;

use self::event::{Constants, Kind};
use self::index::{Hop, Index};
use self::story::{Head, Story, params};
use super::{Format, Input, Pace, Probe, Watch};
use crate::base::bytes::Span;
use crate::base::json_scan::{Damage, DamageKind, Element, Found, NETLOG, Outline, scan};
use crate::base::limits::Limits;
use crate::base::spool::Spool;
use crate::capture::{
    Batch, Body, BodyForm, Capture, CaptureBuilder, Carries, Exchange, Flags, Flow, FlowRecord,
    HeaderField, HeaderRecord, Message, Problem, ProblemKind, Side,
};
use crate::providers::{catalogue, is_evidence_header};

/// Reads network logs of Chromium.
pub(super) struct NetLog;

/// Events that are read from the file at once.
const BATCH_BYTES: u64 = 1 << 20;
/// Flows after which a batch is closed.
const BATCH_FLOWS: usize = 256;

impl Format for NetLog {
    fn id(&self) -> &'static str {
        "netlog"
    }

    fn title(&self) -> &'static str {
        "Chrome NetLog"
    }

    fn about(&self) -> &'static str {
        "network logs of Chromium (chrome://net-export, --log-net-log), also cut off; bodies where they were included"
    }

    fn producers(&self) -> &'static str {
        "Chrome, Chromium, Edge and other programs built on Chromium"
    }

    fn versions(&self) -> &'static str {
        "log format 1; Chromium 146 to 156"
    }

    fn carries(&self) -> Carries {
        Carries::ALL
    }

    fn confidence(&self, probe: &Probe<'_>) -> u8 {
        let has = |needle: &str| memchr::memmem::find(probe.head, needle.as_bytes()).is_some();
        let text = probe
            .head
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(probe.head);
        if !text.trim_ascii_start().starts_with(b"{") {
            return 0;
        }
        let has_tables = has("\"logEventTypes\"") || has("\"activeFieldTrialGroups\"");
        let has_events = has("\"source\"") && has("\"phase\"") && has("\"start_time\"");
        match (has("\"constants\""), has("\"events\"")) {
            (true, _) if has_tables => 97,
            (_, true) if has_events => 70,
            _ => 0,
        }
    }

    fn read(&self, mut input: Input, watch: &Watch<'_>) -> Result<Capture, Problem> {
        watch.progress.set_total(input.source.len());
        let constants = Constants::read(&input.source).map_err(|error| io_problem(&error))?;
        let constants = constants.ok_or_else(|| {
            let message = "the constants that name the events of this Chrome NetLog are missing";
            Problem::new(ProblemKind::Missing, message)
        })?;
        input.info.carries.bodies = constants.has_bytes;
        let mut problems = Vec::new();
        if constants.has_no_date() {
            let message = "timeTickOffset is missing, so no request has a date";
            problems.push(Problem::new(ProblemKind::Missing, message));
        }
        let (index, outline) = find_events(&input, &constants, watch, &mut problems)?;
        if !outline.has_entries && !watch.cancel.is_cancelled() {
            let message = "this Chrome NetLog holds no list of events";
            return Err(Problem::new(ProblemKind::Missing, message));
        }
        let producer = constants.producer.clone();
        let mut writer = Writer::new(&input, constants);
        writer.write_all(&index, watch, &mut problems)?;
        let mut builder = writer.finish(watch)?;
        builder.set_producer(producer);
        for problem in problems {
            builder.problem(problem);
        }
        for damage in &outline.damage {
            builder.problem(problem_of(*damage, &outline));
        }
        if watch.cancel.is_cancelled() {
            let message = "reading was stopped before the end";
            builder.problem(Problem::new(ProblemKind::Limit, message));
        }
        watch.progress.set_done(input.source.len());
        Ok(builder.finish())
    }
}

fn io_problem(error: &std::io::Error) -> Problem {
    let message = format!("the capture could not be read: {error}");
    Problem::new(ProblemKind::Io, message)
}

/// Damage lies at an event, of which nobody knows the number; only the byte is told.
fn problem_of(damage: Damage, outline: &Outline) -> Problem {
    let mut problem = Problem::from(Damage {
        element: None,
        ..damage
    });
    if damage.kind == DamageKind::NoComma {
        problem.count += outline.n_more_without_comma;
    }
    problem
}

/// The first pass: files all events that say something about a request.
fn find_events(
    input: &Input,
    constants: &Constants,
    watch: &Watch<'_>,
    problems: &mut Vec<Problem>,
) -> Result<(Index, Outline), Problem> {
    let longest = input.options.limits.line;
    let (mut index, mut batch) = (Index::default(), Vec::new());
    let (mut n_long, mut failed) = (0, None);
    let mut file = |batch: &mut Vec<Element>, index: &mut Index| {
        failed = failed
            .take()
            .or_else(|| add_batch(input, constants, batch, index).err());
        batch.clear();
    };
    let outline = scan(&input.source, NETLOG, &mut |found| {
        let Found::Element(element) = found else {
            return ControlFlow::Continue(());
        };
        if longest.is_passed_by(u64::from(element.span.len)) {
            n_long += 1;
            return ControlFlow::Continue(());
        }
        batch.push(element);
        let first = batch.first().map_or(0, |first: &Element| first.span.start);
        if BATCH_BYTES < element.span.end() - first {
            file(&mut batch, &mut index);
            watch.progress.set_done(element.span.end());
            if watch.cancel.is_cancelled() {
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    });
    file(&mut batch, &mut index);
    let outline = outline.map_err(|error| io_problem(&error))?;
    if let Some(error) = failed {
        return Err(io_problem(&error));
    }
    if 0 < n_long {
        let message = format!("an event is longer than {longest} and was left out");
        let mut problem = Problem::new(ProblemKind::Limit, message);
        problem.count = n_long;
        problems.push(problem);
    }
    Ok((index, outline))
}

/// Files the events of one batch, which lie side by side.
fn add_batch(
    input: &Input,
    constants: &Constants,
    batch: &[Element],
    index: &mut Index,
) -> std::io::Result<()> {
    let (Some(first), Some(last)) = (batch.first(), batch.last()) else {
        return Ok(());
    };
    let base = first.span.start;
    let len = u32::try_from(last.span.end() - base).unwrap_or(u32::MAX);
    let bytes = input.source.bytes(Span::new(base, len))?;
    for element in batch {
        let from = (element.span.start - base) as usize;
        let event = bytes.get(from..from + element.span.len as usize);
        if let Some(event) = event.and_then(|bytes| constants.event(bytes)) {
            index.add(&event, element.span);
        }
    }
    Ok(())
}

/// The second pass: writes one request after the other into the spool, and turns each into a row.
struct Writer<'i> {
    input: &'i Input,
    constants: Constants,
    spool: Spool,
    batches: Vec<Batch>,
    /// Where the body of each flow lies in the spool.
    bodies: Vec<Span>,
}

/// The bytes of one response.
#[derive(Default)]
struct Received {
    span: Span,
    n_decoded: Option<u64>,
    n_raw: Option<u64>,
    problem: Option<&'static str>,
}

impl<'i> Writer<'i> {
    fn new(input: &'i Input, constants: Constants) -> Self {
        Self {
            input,
            constants,
            spool: Spool::new(input.options.limits.decoded.value),
            batches: Vec::new(),
            bodies: Vec::new(),
        }
    }

    fn write_all(
        &mut self,
        index: &Index,
        watch: &Watch<'_>,
        problems: &mut Vec<Problem>,
    ) -> Result<(), Problem> {
        let Limits {
            entries, decoded, ..
        } = self.input.options.limits;
        let mut n_nameless = 0;
        for hop in &index.hops {
            // One more than is taken, so that it is told.
            if watch.cancel.is_cancelled() || entries.is_passed_by(self.bodies.len() as u64) {
                break;
            }
            let written = self.write(hop, &index.events(hop));
            let is_named = written.map_err(|error| io_problem(&error))?;
            if self.spool.len() == decoded.value {
                let message = format!("the requests are larger than {decoded} together");
                problems.push(Problem::new(ProblemKind::Limit, message));
                break;
            }
            n_nameless += u32::from(!is_named);
        }
        if 0 < n_nameless {
            let message =
                "a request had begun before the log, which does not say what it asked for";
            let mut problem = Problem::new(ProblemKind::Missing, message);
            problem.count = n_nameless;
            problems.push(problem);
        }
        Ok(())
    }

    /// Writes one request with its answer. False when nobody knows what was asked for.
    fn write(&mut self, hop: &Hop, events: &[Span]) -> std::io::Result<bool> {
        let mut lines = Vec::new();
        for event in events {
            lines.extend_from_slice(&self.input.source.bytes(*event)?);
            lines.push(b'\n');
        }
        let mut span = self.spool.push(&lines)?;
        // The line feed behind the last event is no part of it.
        span.len = span.len.saturating_sub(1);
        let story = Story::read(&lines, span.start, &self.constants);
        if story.url.is_empty() {
            return Ok(false);
        }
        let received = self.receive(hop)?;
        let entry = self.bodies.len() as u32 + 1;
        self.bodies.push(received.span);
        if self
            .batches
            .last()
            .is_none_or(|batch| BATCH_FLOWS <= batch.len())
        {
            self.batches.push(Batch::default());
        }
        if let Some(batch) = self.batches.last_mut() {
            if let Some(problem) = received.problem {
                batch.problem(Problem::new(ProblemKind::Encoding, problem).at_entry(entry));
            }
            batch.push(&record(&story, &received, span, entry, &self.constants));
        }
        Ok(true)
    }

    /// Appends the body of a response to the spool, as far as the log has it.
    fn receive(&mut self, hop: &Hop) -> std::io::Result<Received> {
        let mut received = Received {
            span: Span::new(self.spool.len(), 0),
            ..Received::default()
        };
        for span in &hop.body {
            let line = self.input.source.bytes(*span)?;
            let Some(event) = self.constants.event(&line) else {
                continue;
            };
            let (mut count, mut text) = (0, None);
            params(&line, |json, key| match key {
                "byte_count" => count = json.number().map_or(0, |n| n as u64),
                "bytes" => text = json.text(),
                _ => {}
            });
            if event.kind == Kind::RawBytes {
                received.n_raw = Some(received.n_raw.unwrap_or(0).saturating_add(count));
                continue;
            }
            received.n_decoded = Some(received.n_decoded.unwrap_or(0).saturating_add(count));
            let Some(text) = text.filter(|_| received.problem.is_none()) else {
                continue;
            };
            match decode_base64(text.raw) {
                Some(bytes) => {
                    let piece = self.spool.push(&bytes)?;
                    received.span.len = received.span.len.saturating_add(piece.len);
                }
                None => received.problem = Some("the bytes of the body are not valid base64"),
            }
        }
        Ok(received)
    }

    fn finish(self, watch: &Watch<'_>) -> Result<CaptureBuilder, Problem> {
        let source = self.spool.finish().map_err(|error| io_problem(&error))?;
        let (constants, bodies) = (self.constants, self.bodies);
        let read_exchange = move |flow: &Flow<'_>| read_exchange(flow, &constants, &bodies);
        let mut builder = self.input.builder(source, Arc::new(read_exchange));
        let mut pace = Pace::default();
        for batch in self.batches {
            builder.append(batch);
            pace.show(&builder, watch);
        }
        Ok(builder)
    }
}

fn decode_base64(raw: &[u8]) -> Option<Vec<u8>> {
    use base64::Engine as _;
    // A slash may be escaped.
    let digits: Vec<u8> = raw.iter().copied().filter(|byte| *byte != b'\\').collect();
    base64::engine::general_purpose::STANDARD
        .decode(digits)
        .ok()
}

/// The row of one request.
fn record<'a>(
    story: &Story<'a>,
    received: &Received,
    span: Span,
    entry: u32,
    constants: &Constants,
) -> FlowRecord<'a> {
    let flags = story.flags();
    let is_local = flags.intersects(Flags::FROM_CACHE.with(Flags::INTERNAL));
    // Bytes as they came are told apart only where something had to be decoded; behind a 304 they come from the cache.
    let unfiltered = received.n_decoded.filter(|_| {
        story.status() != Some(304) && story.response_field("content-encoding").is_none()
    });
    let mut record = FlowRecord {
        entry,
        span,
        start: story.begin().and_then(|ticks| constants.moment(ticks)),
        time_ms: story.duration(),
        method: story.method.clone(),
        url: story.url.clone(),
        status: story.status(),
        server_ip: story.server.clone().into(),
        http_version: story.version().to_owned().into(),
        content_bytes: received.n_decoded,
        bytes_received: received.n_raw.or(unfiltered).filter(|_| !is_local),
        phases: story.phases(),
        flags,
        ..FlowRecord::default()
    };
    add_evidence(&mut record, Side::Request, Some(&story.request));
    add_evidence(&mut record, Side::Response, story.response.as_ref());
    let mime = story.response_field("content-type");
    record.mime = mime.map(|field| field.value.clone()).unwrap_or_default();
    let names = story
        .connection
        .iter()
        .filter(|(what, name, _)| is_telling(what, name));
    record
        .headers
        .extend(names.map(|(what, name, span)| HeaderRecord {
            side: Side::Connection,
            name: (*what).into(),
            value: name.clone(),
            span: *span,
        }));
    record
}

/// The headers that attribution reads; cookies that the log leaves out say nothing.
fn add_evidence<'a>(record: &mut FlowRecord<'a>, side: Side, head: Option<&Head<'a>>) {
    let fields = head.iter().flat_map(|head| &head.fields);
    let telling = fields
        .filter(|field| is_evidence_header(&field.name))
        .filter(|field| !field.value.ends_with(" bytes were stripped]"));
    record.headers.extend(telling.map(|field| HeaderRecord {
        side,
        name: field.name.clone(),
        value: field.value.clone(),
        span: field.span,
    }));
}

/// A certificate may hold hundreds of names; those count that belong to somebody.
fn is_telling(what: &str, name: &str) -> bool {
    what != "certificate-name" || {
        let host = name.trim_start_matches("*.").to_ascii_lowercase();
        !catalogue().host_rules(&host).is_empty()
    }
}

/// Reads one request again from the spool.
fn read_exchange(
    flow: &Flow<'_>,
    constants: &Constants,
    bodies: &[Span],
) -> Result<Exchange, Problem> {
    let raw = flow.row().span;
    let lines = flow.capture().source().bytes(raw).map_err(|error| {
        let message = format!("the events could not be read again: {error}");
        Problem::new(ProblemKind::Io, message).at_entry(flow.row().entry)
    })?;
    let mut story = Story::read(&lines, raw.start, constants);
    let socket = std::mem::take(&mut story.socket);
    let body = bodies
        .get(flow.idx() as usize)
        .filter(|span| !span.is_empty());
    let body = body.map(|span| Body {
        mime: flow.mime().to_owned(),
        ..Body::at(*span, BodyForm::Raw)
    });
    let version = story.version();
    let has_response = story.response.is_some() || story.is_answered_silently();
    let response = has_response.then(|| Message {
        start_line: status_line(&story, version),
        headers: story.response.as_ref().map(fields).unwrap_or_default(),
        body,
        ..Message::default()
    });
    let phases = story.phases();
    let request_line = [&*story.method, &*story.url, version].join(" ");
    Ok(Exchange {
        request: Message {
            start_line: request_line.trim().to_owned(),
            headers: fields(&story.request),
            ..Message::default()
        },
        response,
        socket,
        phases,
        facts: story.facts,
        raw,
    })
}

/// `h2 200`: HTTP/2 and 3 have no reason behind the status, and Chromium writes `HTTP/1.1` before it.
fn status_line(story: &Story<'_>, version: &str) -> String {
    let line = story
        .response
        .as_ref()
        .map_or("", |response| &*response.line);
    let rest = line.split_once(' ').map_or("", |(_, rest)| rest);
    format!("{version} {rest}").trim().to_owned()
}

fn fields(head: &Head<'_>) -> Vec<HeaderField> {
    let field = |field: &story::Field<'_>| HeaderField {
        name: field.name.clone().into_owned(),
        value: field.value.clone().into_owned(),
        span: field.span,
    };
    head.fields.iter().map(field).collect()
}
