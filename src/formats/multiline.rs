//! Logs in which a program writes several lines about one request, between its lines about others.
//!
//! A format brings a [`MultilineLog`]: a function that puts what a line says into one of the [`Requests`] that are being told
//! about. Each becomes one flow, whose span reaches from its first line to its last. To read a flow again, the same function
//! goes over the lines of that span, without knowing those of before. So a line that names no request goes to the one that
//! began last among those it fits ([`Requests::latest`]), or ends the one that was told about last ([`Requests::last_told`]).

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;

use super::{Input, LogEntry, Probe, Reading, Watch, exchange, read_lines, record, without_prefix};
use crate::base::bytes::Span;
use crate::base::lines::{Lines, Place, is_blank};
use crate::capture::{
    Capture, Exchange, Flow, FlowRecord, HeaderRecord, Problem, ProblemKind, ReadExchange, Side,
};
use crate::providers::is_evidence_header;

/// How the lines of one format are read.
pub(super) struct MultilineLog<T> {
    /// The program, when no line names its version.
    pub(super) producer: &'static str,
    /// Puts into the requests what a line says; `Err` says what was expected.
    pub(super) read_line: fn(&mut Requests<T>, Here<'_>) -> Result<(), &'static str>,
}

/// A line and where it lies.
#[derive(Clone, Copy)]
pub(super) struct Here<'l> {
    /// The line, without what a log service put in front.
    pub(super) text: &'l str,
    /// Bytes that were put in front.
    skipped: u64,
    place: Place,
}

/// The requests that lines are being told about, oldest first.
pub(super) struct Requests<T> {
    open: VecDeque<Request<T>>,
    /// When one is read again, it is the first, and this is where its last line ends: a line before that which could end it
    /// ended one that began before it.
    first_ends_at: Option<u64>,
    /// The program and its version, once a line has named it.
    pub(super) producer: String,
}

/// One request as far as it is told.
pub(super) struct Request<T> {
    pub(super) entry: LogEntry<'static>,
    /// What the format remembers about it.
    pub(super) own: T,
    /// False for a connection over which no request came yet.
    pub(super) is_asked: bool,
    /// True when no further line will belong to it.
    pub(super) is_done: bool,
    /// Where the values of its headers lie.
    spans: Vec<Span>,
    first: Place,
    end: u64,
}

/// Requests that may be told about at the same time; beyond, the oldest is taken as it is.
const MAX_OPEN: usize = 1_024;
/// Bytes from the first line of a request on in which its further lines are looked for when it is read again.
const MAX_AGAIN: u64 = 64 << 20;
/// Lines by which a format is recognised.
const SAMPLE_LINES: usize = 40;

impl<T> Default for Requests<T> {
    fn default() -> Self {
        Self {
            open: VecDeque::new(),
            first_ends_at: None,
            producer: String::new(),
        }
    }
}

impl<T> Requests<T> {
    /// A new one, which begins with this line.
    pub(super) fn begin(&mut self, here: Here<'_>, own: T) -> &mut Request<T> {
        if MAX_OPEN <= self.open.len() {
            for request in self.open.iter_mut().take(MAX_OPEN / 2) {
                request.is_done = true;
            }
        }
        self.open.push_back(Request {
            entry: LogEntry::default(),
            own,
            is_asked: false,
            is_done: false,
            spans: Vec::new(),
            first: here.place,
            end: here.place.span.end(),
        });
        let last = self.open.len() - 1;
        &mut self.open[last]
    }

    /// The one that began last among those that are not done and fit; this line belongs to it.
    pub(super) fn latest(
        &mut self,
        here: Here<'_>,
        fits: impl Fn(&Request<T>) -> bool,
    ) -> Option<&mut Request<T>> {
        let found = self.find(fits)?;
        found.end = here.place.span.end();
        Some(found)
    }

    /// The one that was told about last among those that are not done and fit; this line ends it.
    pub(super) fn last_told(
        &mut self,
        here: Here<'_>,
        fits: impl Fn(&Request<T>) -> bool,
    ) -> Option<&mut Request<T>> {
        let (end, ends_at) = (here.place.span.end(), self.first_ends_at);
        let open = self.open.iter_mut().enumerate();
        let fitting = open
            .filter(|(idx, _)| 0 < *idx || ends_at.is_none_or(|ends_at| ends_at == end))
            .map(|(_, request)| request)
            .filter(|request| !request.is_done && fits(request));
        let found = fitting.max_by_key(|request| request.end)?;
        (found.end, found.is_done) = (end, true);
        Some(found)
    }

    /// Like [`Requests::latest`], while this line does not belong to it.
    pub(super) fn find(&mut self, fits: impl Fn(&Request<T>) -> bool) -> Option<&mut Request<T>> {
        let open = self.open.iter_mut().rev();
        open.filter(|request| !request.is_done)
            .find(|request| fits(request))
    }

    /// Drops those behind the oldest one about which nothing more is to be told.
    fn forget_others(&mut self) {
        while self.open.get(1).is_some_and(|request| request.is_done) {
            self.open.remove(1);
        }
    }

    /// The oldest one, when nothing more is to be told about it, or about any when `is_end`.
    fn take_done(&mut self, is_end: bool) -> Option<Request<T>> {
        let is_done = self.open.front().is_some_and(|request| request.is_done);
        (is_done || is_end).then(|| self.open.pop_front()).flatten()
    }
}

impl<T> Request<T> {
    /// Adds a header whose value is a piece of this line.
    pub(super) fn header(&mut self, side: Side, name: &str, value: &str, here: Here<'_>) {
        let at = value
            .as_ptr()
            .addr()
            .wrapping_sub(here.text.as_ptr().addr()) as u64;
        let start = here.place.span.start + here.skipped + at;
        self.spans.push(Span::new(start, value.len() as u32));
        let name = Cow::Owned(name.to_owned());
        self.entry
            .headers
            .push((side, name, Cow::Owned(value.to_owned())));
    }

    fn place(&self) -> Place {
        let len = self.end.saturating_sub(self.first.span.start);
        let span = Span::new(
            self.first.span.start,
            u32::try_from(len).unwrap_or(u32::MAX),
        );
        Place { span, ..self.first }
    }

    fn record(&self) -> FlowRecord<'_> {
        let headers = self.entry.headers.iter().zip(&self.spans);
        let headers = headers
            .filter(|((_, name, _), _)| is_evidence_header(name))
            .map(|((side, name, value), span)| HeaderRecord {
                side: *side,
                name: name.clone(),
                value: value.clone(),
                span: *span,
            });
        FlowRecord {
            headers: headers.collect(),
            ..record(&self.entry, "", self.place())
        }
    }

    fn exchange(&self) -> Exchange {
        let mut exchange = exchange(&self.entry, "", self.place().span);
        let response = exchange.response.as_mut();
        let response = response.map_or(&mut [][..], |response| &mut response.headers[..]);
        for (side, fields) in [
            (Side::Request, &mut exchange.request.headers[..]),
            (Side::Response, response),
        ] {
            let of_side = self.entry.headers.iter().zip(&self.spans);
            let spans = of_side.filter(|((its, _, _), _)| *its == side);
            for (field, (_, span)) in fields.iter_mut().zip(spans) {
                field.span = *span;
            }
        }
        exchange
    }
}

impl<T: 'static> MultilineLog<T> {
    /// The share of lines in the head that are understood, in percent; 0 when none tells about a request.
    pub(super) fn confidence(&self, probe: &Probe<'_>) -> u8 {
        let mut requests = Requests::default();
        let (mut n_good, mut n_bad) = (0_u32, 0_u32);
        let lines = probe.head.split(|byte| *byte == b'\n');
        for line in lines.filter(|line| !is_blank(line)).take(SAMPLE_LINES) {
            let place = Place {
                n: 0,
                span: Span::default(),
                is_too_long: false,
                n_zeros: 0,
            };
            match self.line(&mut requests, &String::from_utf8_lossy(line), place) {
                Ok(()) => n_good += 1,
                Err(_) => n_bad += 1,
            }
        }
        if n_good <= n_bad {
            return 0;
        }
        (n_good * 100 / (n_good + n_bad)) as u8
    }

    /// Reads all lines of `input`; refuses it when none is about a request.
    pub(super) fn read(self, input: &Input, watch: &Watch<'_>) -> Result<Capture, Problem> {
        let mut builder = input.builder(input.source.clone(), self.reader(input));
        let mut requests = Requests::default();
        let mut reading = Reading::<()>::default();
        read_lines(input, watch, &mut builder, |place, bytes| {
            if place.is_too_long {
                let message = format!("the line is longer than {}", input.options.limits.line);
                reading.bad(ProblemKind::Limit, message, place);
                return None;
            }
            if is_blank(bytes) {
                return None;
            }
            let text = String::from_utf8_lossy(bytes);
            if matches!(text, Cow::Owned(_)) {
                reading.problem(ProblemKind::Encoding, "the line is not valid UTF-8", place);
            }
            if let Err(reason) = self.line(&mut requests, &text, place) {
                reading.bad(ProblemKind::Syntax, reason, place);
            }
            while let Some(request) = requests.take_done(false) {
                push(&mut reading, &request);
            }
            reading.full_batch()
        });
        while let Some(request) = requests.take_done(true) {
            push(&mut reading, &request);
        }
        let producer = if requests.producer.is_empty() {
            self.producer.to_owned()
        } else {
            requests.producer
        };
        builder.set_producer(producer);
        reading.conclude(&mut builder);
        if builder.is_empty() {
            let message = "this log holds no requests";
            return Err(Problem::new(ProblemKind::Unsupported, message));
        }
        Ok(builder.finish())
    }

    /// Reads a line as it stands, or else without what a log service put in front.
    fn line(
        &self,
        requests: &mut Requests<T>,
        text: &str,
        place: Place,
    ) -> Result<(), &'static str> {
        let text = text.trim_end_matches(['\r', '\0']);
        let here = Here {
            text,
            skipped: 0,
            place,
        };
        (self.read_line)(requests, here).or_else(|reason| {
            let text = without_prefix(text).ok_or(reason)?;
            let skipped = (here.text.len() - text.len()) as u64;
            let here = Here {
                text,
                skipped,
                place,
            };
            (self.read_line)(requests, here).map_err(|_inner| reason)
        })
    }

    /// A function that reads the lines of a flow again.
    fn reader(&self, input: &Input) -> ReadExchange {
        let log = Self { ..*self };
        let max_line = input.options.limits.line.as_usize();
        Arc::new(move |flow| log.read_again(flow, max_line))
    }

    fn read_again(&self, flow: &Flow<'_>, max_line: usize) -> Result<Exchange, Problem> {
        let raw = flow.row().span;
        let source = flow.capture().source();
        let fail =
            |message: String| Problem::new(ProblemKind::Io, message).at_entry(flow.row().entry);
        let mut requests = Requests {
            first_ends_at: Some(raw.end()),
            ..Requests::default()
        };
        let mut lines = Lines::new(source, max_line).from(raw.start);
        let mut text = Vec::new();
        let end = raw.end().min(raw.start + MAX_AGAIN);
        while lines.offset() < end {
            let line = lines.next(&mut text);
            let line =
                line.map_err(|error| fail(format!("the lines could not be read again: {error}")))?;
            let Some(place) = line else {
                break;
            };
            // What does not belong to this flow was a problem when the file was opened.
            let _is_understood = self.line(&mut requests, &String::from_utf8_lossy(&text), place);
            requests.forget_others();
        }
        let first = requests.open.front();
        let first = first.filter(|request| request.is_asked);
        first
            .map(Request::exchange)
            .ok_or_else(|| fail("the log has changed since it was opened".to_owned()))
    }
}

fn push<T>(reading: &mut Reading<()>, request: &Request<T>) {
    if request.is_asked {
        reading.n_flows += 1;
        reading.batch.push(&request.record());
    } else {
        reading.other(
            "connections that were closed before a request",
            request.first,
        );
    }
}
