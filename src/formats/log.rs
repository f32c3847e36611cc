//! What all logs with one line per request have in common: lines, problems, progress, and reading a line again.
//!
//! A format brings a [`Log`]: a function that reads one line, and what it must remember between lines (the columns that a
//! header line declares). Prefixes of syslog and of container runtimes are taken off when a line makes no sense with them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Input, Pace, Probe, Watch, enveloped, without_prefix};
use crate::base::bytes::Span;
use crate::base::lines::{Lines, Place, is_blank};
use crate::base::time::Time;
use crate::capture::{
    Batch, Capture, CaptureBuilder, Exchange, Flags, Flow, FlowRecord, HeaderField, HeaderRecord,
    Message, Phases, Problem, ProblemKind, Side,
};
use crate::providers::is_evidence_header;

/// Lines between two looks at the cancel token, and in the first snapshot.
const BATCH_LINES: usize = 4_096;
/// Lines by which a format is recognised.
const SAMPLE_LINES: usize = 40;
/// From this share of lines that do not fit on, the layout itself is in doubt.
const DOUBTFUL_SHARE: f64 = 0.05;

/// How the lines of one format are read.
pub(super) struct Log<S> {
    /// The program that wrote the log, as far as the lines so far tell.
    pub(super) producer: fn(&S) -> String,
    /// True when a server, or an edge before it, wrote the lines, and nobody on the client's side.
    pub(super) is_at_server: fn(&S) -> bool,
    /// Reads one line, without its line feed. May change what is remembered; then it says [`Line::Declares`].
    pub(super) read_line: for<'a> fn(&mut S, &'a str) -> Line<'a>,
}

/// What a line is.
#[derive(Debug)]
pub(super) enum Line<'a> {
    /// One request.
    Flow(Box<LogEntry<'a>>),
    /// Nothing: a comment.
    Silent,
    /// It says how the following lines are to be read.
    Declares,
    /// It is understood, but it is no request: of this kind (`lines about the start of the server`).
    Other(&'static str),
    /// It does not fit: what was expected.
    Bad(&'static str),
}

/// One request as a log tells it. What the log does not say is `None` or empty.
#[derive(Clone, Debug, Default)]
pub(super) struct LogEntry<'a> {
    /// When the request began; for logs that only note the end and no duration, that.
    pub(super) start: Option<Time>,
    pub(super) time_ms: Option<f64>,
    pub(super) method: Cow<'a, str>,
    /// Absolute, `//host/path`, `/path`, or `host:port` for CONNECT.
    pub(super) url: Cow<'a, str>,
    /// `HTTP/1.1`.
    pub(super) version: Cow<'a, str>,
    pub(super) status: Option<i64>,
    pub(super) reason: Cow<'a, str>,
    pub(super) mime: Cow<'a, str>,
    pub(super) server_ip: Cow<'a, str>,
    pub(super) bytes_sent: Option<u64>,
    pub(super) bytes_received: Option<u64>,
    pub(super) content_bytes: Option<u64>,
    pub(super) phases: Phases,
    pub(super) flags: Flags,
    /// Headers that the log kept, with their values borrowed from the line where that is possible.
    pub(super) headers: Vec<(Side, Cow<'a, str>, Cow<'a, str>)>,
    /// Everything else worth showing: name and value.
    pub(super) facts: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> LogEntry<'a> {
    /// Adds a header, unless the log says that there was none (`-` or nothing).
    pub(super) fn header(
        &mut self,
        side: Side,
        name: &'static str,
        value: impl Into<Cow<'a, str>>,
    ) {
        let value = value.into();
        if !known(&value).is_empty() {
            self.headers.push((side, name.into(), value));
        }
    }

    /// Adds a fact, unless the log says that there is none.
    pub(super) fn fact(&mut self, name: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) {
        let value = value.into();
        if !known(&value).is_empty() {
            self.facts.push((name.into(), value));
        }
    }
}

/// Hands every line of `input` to `push`, which gives a batch back when it has filled one; shows the flows so far, and
/// looks whether somebody wants to stop.
pub(super) fn read_lines(
    input: &Input,
    watch: &Watch<'_>,
    builder: &mut CaptureBuilder,
    mut push: impl FnMut(Place, &[u8]) -> Option<Batch>,
) {
    watch.progress.set_total(input.source.len());
    let mut lines = Lines::new(&input.source, input.options.limits.line.as_usize());
    let mut text = Vec::new();
    let mut pace = Pace::default();
    loop {
        let batch = match lines.next(&mut text) {
            Ok(Some(place)) => push(place, &text),
            Ok(None) => break,
            Err(error) => {
                let message = format!("the log could not be read: {error}");
                builder.problem(Problem::new(ProblemKind::Io, message));
                break;
            }
        };
        let Some(batch) = batch else {
            continue;
        };
        builder.append(batch);
        watch.progress.set_done(lines.offset());
        pace.show(builder, watch);
        if watch.cancel.is_cancelled() {
            let message = "reading was stopped before the end";
            builder.problem(Problem::new(ProblemKind::Limit, message));
            break;
        }
        if builder.is_full() {
            break;
        }
    }
    watch.progress.set_done(input.source.len());
}

/// What the first lines of a log are.
#[derive(Default)]
struct Sample {
    n_flows: u32,
    n_bad: u32,
    kind: Option<&'static str>,
}

/// What the log remembered from which offset on.
type States<S> = Vec<(u64, S)>;

impl<S: Clone + Default + Send + Sync + 'static> Log<S> {
    /// The share of lines in the head that are requests, in percent; 0 when it is less than half.
    pub(super) fn confidence(&self, probe: &Probe<'_>) -> u8 {
        self.confidence_from(probe, S::default())
    }

    /// The same, beginning with what `state` remembers.
    pub(super) fn confidence_from(&self, probe: &Probe<'_>, state: S) -> u8 {
        let sample = self.sample(probe, state);
        if sample.n_flows == 0 || sample.n_flows < sample.n_bad {
            return 0;
        }
        (sample.n_flows * 100 / (sample.n_flows + sample.n_bad)) as u8
    }

    /// What the lines in the head are, when they are all understood and none is a request.
    pub(super) fn only_kind(&self, probe: &Probe<'_>) -> Option<&'static str> {
        let sample = self.sample(probe, S::default());
        sample
            .kind
            .filter(|_| sample.n_flows == 0 && sample.n_bad == 0)
    }

    fn sample(&self, probe: &Probe<'_>, mut state: S) -> Sample {
        let mut lines: Vec<&[u8]> = probe.head.split(|byte| *byte == b'\n').collect();
        if 1 < lines.len() {
            // The last one may be cut.
            lines.pop();
        }
        let mut sample = Sample::default();
        for line in lines
            .into_iter()
            .filter(|line| !is_blank(line))
            .take(SAMPLE_LINES)
        {
            self.with_line(
                &mut state,
                &String::from_utf8_lossy(line),
                |line| match line {
                    Line::Flow(_) => sample.n_flows += 1,
                    Line::Bad(_) => sample.n_bad += 1,
                    Line::Other(kind) => sample.kind = Some(kind),
                    Line::Silent | Line::Declares => {}
                },
            );
        }
        sample
    }

    /// Reads all lines of `input`, beginning with what `state` remembers.
    pub(super) fn read(
        self,
        input: &Input,
        watch: &Watch<'_>,
        mut state: S,
    ) -> Result<Capture, Problem> {
        let mut reading = Reading {
            states: vec![(0, state.clone())],
            ..Reading::default()
        };
        // The states are complete only at the end, so snapshots on the way read lines again with those so far.
        let mut builder = input.builder(input.source.clone(), self.reader(&reading.states));
        read_lines(input, watch, &mut builder, |place, text| {
            self.push(&mut reading, &mut state, place, text, input);
            reading.full_batch()
        });
        builder.set_producer((self.producer)(&state));
        builder.set_reader(self.reader(&reading.states));
        if let Some(kind) = reading.only_kind() {
            let message = format!("this log holds no requests, only {kind}");
            return Err(Problem::new(ProblemKind::Unsupported, message));
        }
        reading.conclude(&mut builder);
        Ok(builder.finish())
    }

    /// Reads a line as it stands, or else what a log service put into an object of JSON.
    fn with_line<R>(&self, state: &mut S, text: &str, then: impl FnOnce(Line<'_>) -> R) -> R {
        // A line that a container runtime wrapped may resemble one that it did not.
        let is_wrapped = text.starts_with(r#"{"log":""#);
        let line = if is_wrapped {
            Line::Bad("expected a line within the JSON")
        } else {
            self.line(state, text)
        };
        if let Line::Bad(_) = line
            && let Some(message) = enveloped(text)
        {
            let inner = self.line(state, message.trim_end());
            if !matches!(inner, Line::Bad(_)) {
                return then(inner);
            }
        }
        then(line)
    }

    /// Reads a line as it stands, or else without what a log service put in front.
    fn line<'a>(&self, state: &mut S, text: &'a str) -> Line<'a> {
        let text = text.trim_end_matches(['\r', '\0']);
        let line = (self.read_line)(state, text);
        if let Line::Bad(_) = line
            && let Some(rest) = without_prefix(text)
        {
            let inner = (self.read_line)(state, rest);
            return if let Line::Bad(_) = inner {
                line
            } else {
                inner
            };
        }
        line
    }

    fn push(
        &self,
        reading: &mut Reading<S>,
        state: &mut S,
        place: Place,
        bytes: &[u8],
        input: &Input,
    ) {
        if place.is_too_long {
            let message = format!("the line is longer than {}", input.options.limits.line);
            reading.bad(ProblemKind::Limit, message, place);
            return;
        }
        if is_blank(bytes) {
            return;
        }
        if 0 < place.n_zeros {
            let message = format!("{} zero bytes stand before the line", place.n_zeros);
            reading.problem(ProblemKind::Encoding, message, place);
        }
        let text = String::from_utf8_lossy(bytes);
        if text.trim_end_matches('\r').contains('\r') {
            let message = "the line holds carriage returns; what follows them was not taken for further lines";
            reading.problem(ProblemKind::Encoding, message, place);
        }
        if matches!(text, Cow::Owned(_)) {
            reading.problem(ProblemKind::Encoding, "the line is not valid UTF-8", place);
        }
        let at_server = if (self.is_at_server)(state) {
            Flags::AT_SERVER
        } else {
            Flags::default()
        };
        let declares = self.with_line(state, &text, |line| {
            match line {
                Line::Flow(entry) => {
                    reading.n_flows += 1;
                    reading.is_declaring = false;
                    let mut record = record(&entry, &text, place);
                    record.flags = record.flags.with(at_server);
                    reading.batch.push(&record);
                }
                Line::Silent => {}
                Line::Declares => return true,
                Line::Other(kind) => reading.other(kind, place),
                Line::Bad(reason) => reading.bad(ProblemKind::Syntax, reason, place),
            }
            false
        });
        if declares {
            reading.declare(place, state.clone());
        }
    }

    /// A function that reads the line of a flow again.
    fn reader(&self, states: &States<S>) -> crate::capture::ReadExchange {
        let log = Self { ..*self };
        let states = states.clone();
        Arc::new(move |flow| {
            let place = flow.row().span;
            let idx = states.partition_point(|(from, _)| *from <= place.start);
            let mut state = states
                .get(idx.saturating_sub(1))
                .map_or_else(S::default, |(_, state)| state.clone());
            let text = line_again(flow)?;
            log.with_line(&mut state, &text, |line| {
                if let Line::Flow(entry) = line {
                    return Ok(exchange(&entry, &text, place));
                }
                let message = "the log has changed since it was opened";
                Err(Problem::new(ProblemKind::Io, message).at_entry(flow.row().entry))
            })
        })
    }
}

/// Adds to a refusal how to get at requests.
pub(super) fn advise(mut refusal: Problem, advice: &str) -> Problem {
    refusal.message.push_str("; ");
    refusal.message.push_str(advice);
    refusal
}

/// The line of a flow as it lies in the file now.
fn line_again(flow: &Flow<'_>) -> Result<String, Problem> {
    let bytes = flow.capture().source().bytes(flow.row().span);
    let bytes = bytes.map_err(|error| {
        let message = format!("the line could not be read again: {error}");
        Problem::new(ProblemKind::Io, message).at_entry(flow.row().entry)
    })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// What has been read of a log.
#[derive(Default)]
pub(super) struct Reading<S> {
    pub(super) batch: Batch,
    states: States<S>,
    others: BTreeMap<&'static str, (Place, u32)>,
    pub(super) n_flows: u64,
    n_bad: u64,
    /// True when no flow followed the last declaration yet.
    is_declaring: bool,
}

impl<S> Reading<S> {
    /// Remembers how the lines from here on are read; of declarations in a row only the last one counts.
    fn declare(&mut self, place: Place, state: S) {
        if self.is_declaring {
            self.states.pop();
        }
        self.states.push((place.span.start, state));
        self.is_declaring = true;
    }

    /// The batch, when it holds as much as is handed on at a time.
    pub(super) fn full_batch(&mut self) -> Option<Batch> {
        (BATCH_LINES <= self.batch.len()).then(|| std::mem::take(&mut self.batch))
    }

    pub(super) fn problem(&mut self, kind: ProblemKind, message: impl Into<String>, place: Place) {
        let problem = Problem::new(kind, message);
        self.batch
            .problem(problem.at_entry(place.n).at_byte(place.span.start));
    }

    /// What the lines are, when they are all understood and none is a request.
    fn only_kind(&self) -> Option<&'static str> {
        let kind = self.others.keys().next().copied();
        kind.filter(|_| self.n_flows == 0 && self.n_bad == 0)
    }

    /// Counts what is no request.
    pub(super) fn other(&mut self, kind: &'static str, place: Place) {
        let count = self.others.entry(kind).or_insert((place, 0));
        count.1 += 1;
    }

    pub(super) fn bad(&mut self, kind: ProblemKind, message: impl Into<String>, place: Place) {
        self.n_bad += 1;
        self.problem(kind, message, place);
    }

    /// Says what was passed over, and how much did not fit.
    pub(super) fn conclude(mut self, builder: &mut CaptureBuilder) {
        builder.append(std::mem::take(&mut self.batch));
        for (kind, (first, count)) in self.others {
            let problem = Problem::new(ProblemKind::Unsupported, format!("{kind}: no requests"));
            let mut problem = problem.at_entry(first.n).at_byte(first.span.start);
            problem.count = count;
            builder.problem(problem);
        }
        let share = self.n_bad as f64 / (self.n_bad + self.n_flows).max(1) as f64;
        if DOUBTFUL_SHARE < share && 1 < self.n_bad && 0 < self.n_flows {
            let message = format!(
                "{:.0} % of the lines do not fit this layout; it may not be the one of this log",
                share * 100.0
            );
            builder.problem(Problem::new(ProblemKind::Syntax, message));
        }
    }
}

/// Where `value` lies in the source, when it is a piece of the line `text`.
fn span_within(value: &str, text: &str, place: Span) -> Span {
    let at = value.as_ptr().addr().wrapping_sub(text.as_ptr().addr());
    if at <= text.len() && value.len() <= text.len() - at {
        Span::new(place.start + at as u64, value.len() as u32)
    } else {
        Span::new(place.start, 0)
    }
}

/// Facts that say why a request failed, or why a proxy answered it itself, the plainest first.
const REASONS: [&str; 8] = [
    "error",
    "failure",
    "crunched",
    "x-exception-id",
    "sc-filter-result",
    "response flags",
    "result",
    "s-action",
];

/// Why the request of `entry` failed, as far as the log says it.
fn reason<'e, 'a>(entry: &'e LogEntry<'a>) -> Option<&'e Cow<'a, str>> {
    let facts = &entry.facts;
    REASONS
        .iter()
        .find_map(|wanted| facts.iter().find(|(name, _)| name == wanted))
        .map(|(_, value)| value)
}

/// Who opened a tunnel: tunnels of one client that are open together may belong together.
fn client_of_tunnel<'e, 'a>(entry: &'e LogEntry<'a>) -> Option<&'e Cow<'a, str>> {
    let mut facts = entry.facts.iter();
    let is_tunnel = entry.method.eq_ignore_ascii_case("CONNECT");
    facts
        .find(|(name, _)| is_tunnel && name == "client")
        .map(|(_, value)| value)
}

pub(super) fn record<'a>(entry: &LogEntry<'a>, text: &str, place: Place) -> FlowRecord<'a> {
    let reason = entry
        .flags
        .intersects(Flags::ABORTED.with(Flags::PROXY_ANSWER))
        .then(|| reason(entry))
        .flatten();
    let reason = reason.map(|value| HeaderRecord {
        side: Side::Connection,
        name: "error".into(),
        value: value.clone(),
        span: span_within(value, text, place.span),
    });
    let client = client_of_tunnel(entry).map(|value| HeaderRecord {
        side: Side::Connection,
        name: "client".into(),
        value: value.clone(),
        span: span_within(value, text, place.span),
    });
    let headers = (entry.headers.iter())
        .filter(|(side, name, _)| *side == Side::Connection || is_evidence_header(name))
        .map(|(side, name, value)| HeaderRecord {
            side: *side,
            name: name.clone(),
            value: value.clone(),
            span: span_within(value, text, place.span),
        });
    FlowRecord {
        entry: place.n,
        span: place.span,
        start: entry.start,
        time_ms: entry.time_ms,
        method: entry.method.clone(),
        url: entry.url.clone(),
        status: entry.status,
        mime: entry.mime.clone(),
        server_ip: entry.server_ip.clone(),
        http_version: entry.version.clone(),
        bytes_sent: entry.bytes_sent,
        bytes_received: entry.bytes_received,
        content_bytes: entry.content_bytes,
        phases: entry.phases,
        flags: entry.flags,
        headers: headers.chain(reason).chain(client).collect(),
        ..FlowRecord::default()
    }
}

pub(super) fn exchange(entry: &LogEntry<'_>, text: &str, place: Span) -> Exchange {
    let (mut request, mut response) = (Message::default(), Message::default());
    let mut facts: Vec<(String, String)> = entry
        .facts
        .iter()
        .map(|(name, value)| (name.clone().into_owned(), value.clone().into_owned()))
        .collect();
    request.start_line = join(&[&entry.method, &entry.url, &entry.version]);
    for (side, name, value) in &entry.headers {
        let field = HeaderField {
            name: name.clone().into_owned(),
            value: value.clone().into_owned(),
            span: span_within(value, text, place),
        };
        match side {
            Side::Request => request.headers.push(field),
            Side::Response => response.headers.push(field),
            Side::Connection => facts.push((field.name, field.value)),
        }
    }
    let status = entry.status.filter(|status| 0 < *status);
    if let Some(status) = status {
        response.start_line = join(&[&status.to_string(), &entry.reason]);
    }
    let has_response = status.is_some() || !response.headers.is_empty();
    Exchange {
        request,
        response: has_response.then_some(response),
        phases: entry.phases,
        facts,
        raw: place,
        ..Exchange::default()
    }
}

fn join(words: &[&str]) -> String {
    let known: Vec<&str> = words
        .iter()
        .copied()
        .filter(|word| !word.is_empty())
        .collect();
    known.join(" ")
}

/// The URL of a request for `target`: with the host before it, when it has none of its own and one is known.
pub(super) fn absolute<'a>(target: Cow<'a, str>, scheme: Option<&str>, host: &str) -> Cow<'a, str> {
    let has_host = !target.starts_with('/');
    if has_host || host.is_empty() && !target.starts_with("//") {
        return target;
    }
    if host.is_empty() {
        // As URLs write a path that begins with two slashes, lest its first name be taken for a host.
        return Cow::Owned(format!("/.{target}"));
    }
    let scheme = scheme.map_or_else(String::new, |scheme| format!("{scheme}:"));
    Cow::Owned(format!("{scheme}//{host}{target}"))
}

/// The text, unless it is the `-` by which logs say that there is none.
pub(super) fn known(text: &str) -> &str {
    if text == "-" { "" } else { text }
}

/// The first word and what follows the spaces behind it.
pub(super) fn word(text: &str) -> (&str, &str) {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    (word, rest.trim_start_matches(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_gets_the_host_that_is_known() {
        let check = |target: &'static str, scheme, host: &str, url: &str| {
            assert_eq!(absolute(target.into(), scheme, host), url);
        };
        check("/a", Some("https"), "a.example", "https://a.example/a");
        check("//a", None, "a.example:81", "//a.example:81//a");
        check("/a", Some("https"), "", "/a");
        check("//wp-admin/a", None, "", "/.//wp-admin/a");
        check("http://b.example/", None, "a.example", "http://b.example/");
        check("a.example:443", None, "a.example", "a.example:443");
    }
}
