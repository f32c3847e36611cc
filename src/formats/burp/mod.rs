//! What Burp Suite saves with "Save items": XML with the raw request and response of each item, mostly in base64.
//!
//! The messages are decoded into a spool, behind what the item says about them, so that headers have places.

mod item;

use std::borrow::Cow;
use std::io;
use std::sync::Arc;

use self::item::{Fault, Item};
use super::{Format, Input, Pace, Probe, Watch};
use crate::base::bytes::{ByteSource, Span};
use crate::base::limits::Limits;
use crate::base::spool::Spool;
use crate::base::window::find_all;
use crate::capture::{
    Batch, Capture, Carries, Exchange, Flags, Flow, FlowRecord, HeaderRecord, Problem, ProblemKind,
    RawMessage, Side,
};
use crate::providers::is_evidence_header;

/// Reads "Save items" files.
pub(super) struct Burp;

/// What begins an item.
const START: &[u8] = b"<item>";
/// Further beginnings that the raw body of one item may hold.
const MAX_STARTS_WITHIN: usize = 64;
/// Bytes of a message within which its headers end.
const MAX_HEAD: usize = 1 << 20;
/// Flows between two snapshots.
const BATCH: usize = 256;

impl Format for Burp {
    fn id(&self) -> &'static str {
        "burp"
    }

    fn title(&self) -> &'static str {
        "Burp items (XML)"
    }

    fn about(&self) -> &'static str {
        "what Burp Suite writes with \"Save items\", in base64 or as raw bytes"
    }

    fn producers(&self) -> &'static str {
        "Burp Suite"
    }

    fn versions(&self) -> &'static str {
        "Burp Suite 1.7.36"
    }

    fn carries(&self) -> Carries {
        Carries {
            timings: false,
            ..Carries::ALL
        }
    }

    fn confidence(&self, probe: &Probe<'_>) -> u8 {
        let has = |needle: &str| memchr::memmem::find(probe.head, needle.as_bytes()).is_some();
        let text = probe
            .head
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(probe.head);
        if !text.trim_ascii_start().starts_with(b"<") {
            return 0;
        }
        match (has("burpVersion"), has("<item>") && has("<request")) {
            (true, _) => 95,
            (false, true) => 80,
            _ => 0,
        }
    }

    fn read(&self, input: Input, watch: &Watch<'_>) -> Result<Capture, Problem> {
        let reading = Reading::new(&input, watch);
        let mut batch = Batch::default();
        let (spool, items) = reading.unpack(&mut batch).map_err(|error| {
            let message = format!("the file could not be read: {error}");
            Problem::new(ProblemKind::Io, message)
        })?;
        let places = Arc::new(items);
        let limits = input.options.limits;
        let exchange = {
            let places = Arc::clone(&places);
            Arc::new(move |flow: &Flow<'_>| exchange(flow, &places, &limits))
        };
        let mut builder = input.builder(spool.clone(), exchange);
        builder.set_producer(producer(&reading.head));
        builder.append(batch);
        let mut pace = Pace::default();
        for chunk in places.chunks(BATCH) {
            let mut batch = Batch::default();
            for places in chunk {
                push(&mut batch, places, &spool, &limits);
            }
            builder.append(batch);
            pace.show(&builder, watch);
        }
        if builder.is_empty() && !watch.cancel.is_cancelled() {
            let message = "the file holds no item that can be read";
            return Err(Problem::new(ProblemKind::Missing, message));
        }
        if watch.cancel.is_cancelled() {
            let message = "reading was stopped before the end";
            builder.problem(Problem::new(ProblemKind::Limit, message));
        }
        watch.progress.set_done(input.source.len());
        Ok(builder.finish())
    }
}

/// `burpVersion="1.7.36"` as `Burp Suite 1.7.36`.
fn producer(head: &[u8]) -> String {
    let text = String::from_utf8_lossy(head);
    let version = text
        .split_once("burpVersion=\"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .map(|(version, _)| version);
    version.map_or_else(
        || "Burp Suite".to_owned(),
        |version| format!("Burp Suite {version}"),
    )
}

/// Where the parts of one item lie in the spool.
#[derive(Clone, Copy, Debug, Default)]
struct Places {
    n: u32,
    about: Span,
    request: Span,
    response: Span,
}

impl Places {
    const fn span(self) -> Span {
        let len = self.response.end() - self.about.start;
        Span::new(
            self.about.start,
            if len < u32::MAX as u64 {
                len as u32
            } else {
                u32::MAX
            },
        )
    }
}

/// The pass that finds the items and decodes their messages.
struct Reading<'i> {
    source: &'i ByteSource,
    limits: &'i Limits,
    watch: &'i Watch<'i>,
    head: Vec<u8>,
}

impl<'i> Reading<'i> {
    fn new(input: &'i Input, watch: &'i Watch<'i>) -> Self {
        watch.progress.set_total(input.source.len());
        let head = input.source.bytes(Span::new(0, 1 << 16));
        Self {
            source: &input.source,
            limits: &input.options.limits,
            watch,
            head: head.unwrap_or_default(),
        }
    }

    /// Where items may begin; raw bodies may hold further beginnings, which are none.
    fn starts(&self) -> io::Result<Vec<u64>> {
        find_all(self.source, START, |n| {
            !self.limits.entries.is_passed_by(n as u64) && !self.watch.cancel.is_cancelled()
        })
    }

    /// Decodes all items into a spool. What cannot be read is a problem in `batch`.
    fn unpack(&self, batch: &mut Batch) -> io::Result<(ByteSource, Vec<Places>)> {
        if memchr::memmem::find(&self.head, b"<!ENTITY").is_some() {
            let message = "entities are not resolved; references are shown as they are";
            batch.problem(Problem::new(ProblemKind::Unsupported, message));
        }
        let starts = self.starts()?;
        let mut spool = Spool::new(self.limits.decoded.value);
        let (mut items, mut idx, mut n) = (Vec::new(), 0, 0);
        while idx < starts.len() && !self.watch.cancel.is_cancelled() {
            n += 1;
            let start = starts[idx];
            let (read, n_starts) = self.item(&starts, idx)?;
            idx += n_starts;
            self.watch.progress.set_done(start);
            match read {
                Ok(item) => {
                    if let Some(reason) = item.damage {
                        let message = format!("{reason}; the field was left out");
                        let problem = Problem::new(ProblemKind::Syntax, message);
                        batch.problem(problem.at_entry(n).at_byte(start));
                    }
                    items.push(store(&mut spool, n, &item)?);
                }
                Err((kind, message)) => {
                    batch.problem(Problem::new(kind, message).at_entry(n).at_byte(start));
                }
            }
        }
        if spool.len() == self.limits.decoded.value {
            let message = format!(
                "the messages are larger than {} together",
                self.limits.decoded
            );
            batch.problem(Problem::new(ProblemKind::Limit, message));
        }
        Ok((spool.finish()?, items))
    }

    /// The item that begins at `starts[idx]`, and how many beginnings it takes.
    fn item(&self, starts: &[u64], idx: usize) -> io::Result<(Result<Item, Reason>, usize)> {
        let start = starts[idx];
        for n_starts in 1..=MAX_STARTS_WITHIN {
            let end = starts
                .get(idx + n_starts)
                .copied()
                .unwrap_or(self.source.len());
            if self.limits.member.is_passed_by(end - start) {
                let message = format!("the item is larger than {}", self.limits.member);
                return Ok((Err((ProblemKind::Limit, message)), 1));
            }
            let len = u32::try_from(end - start).unwrap_or(u32::MAX);
            match item::parse(&self.source.bytes(Span::new(start, len))?) {
                Ok(item) => return Ok((Ok(item), n_starts)),
                Err(Fault::Open) if end < self.source.len() => {}
                Err(Fault::Open) => {
                    let message = "the file ends within the item".to_owned();
                    return Ok((Err((ProblemKind::Truncated, message)), 1));
                }
                Err(Fault::Broken(reason)) => {
                    return Ok((Err((ProblemKind::Syntax, reason.to_owned())), 1));
                }
            }
        }
        let message = "a raw message in the item has no end".to_owned();
        Ok((Err((ProblemKind::Syntax, message)), 1))
    }
}

type Reason = (ProblemKind, String);

fn store(spool: &mut Spool, n: u32, item: &Item) -> io::Result<Places> {
    let about = spool.push(item.about().as_bytes())?;
    let request = spool.push(&item.message("request"))?;
    let response = spool.push(&item.message("response"))?;
    Ok(Places {
        n,
        about,
        request,
        response,
    })
}

/// What is read of one item, from the spool.
struct Parts {
    item: Item,
    request: RawMessage,
    response: RawMessage,
}

impl Parts {
    fn read(places: &Places, source: &ByteSource, limits: &Limits) -> io::Result<Self> {
        let about = source.bytes(places.about)?;
        let message = |span: Span| -> io::Result<RawMessage> {
            let head = source.bytes(Span::new(span.start, span.len.min(MAX_HEAD as u32)))?;
            let mut message = RawMessage::parse(&head, span.start, limits.headers.as_usize());
            let len = span.end().saturating_sub(message.body.start);
            message.body.len = u32::try_from(len).unwrap_or(0);
            Ok(message)
        };
        Ok(Self {
            item: item::parse(&about).unwrap_or_default(),
            request: message(places.request)?,
            response: message(places.response)?,
        })
    }

    fn has_response(&self) -> bool {
        !self.response.start_line.is_empty()
    }

    fn status(&self) -> Option<i64> {
        let said = self.item.text("status").parse().ok();
        said.or_else(|| self.response.status_line().1)
    }

    /// The URL of the item, or what its other fields make of it.
    fn url(&self) -> Cow<'_, str> {
        let url = self.item.text("url");
        if !url.is_empty() {
            return Cow::Borrowed(url);
        }
        let (scheme, host) = (self.item.text("protocol"), self.item.text("host"));
        let path = match self.item.text("path") {
            "" => self.request.request_line().1,
            path => path,
        };
        if host.is_empty() || scheme.is_empty() {
            return Cow::Borrowed(path);
        }
        let port = match (scheme, self.item.text("port")) {
            ("http", "80") | ("https", "443") | (_, "") => String::new(),
            (_, port) => format!(":{port}"),
        };
        Cow::Owned(format!("{scheme}://{host}{port}{path}"))
    }
}

fn push(batch: &mut Batch, places: &Places, source: &ByteSource, limits: &Limits) {
    let parts = match Parts::read(places, source, limits) {
        Ok(parts) => parts,
        Err(error) => {
            let message = format!("the item could not be read: {error}");
            batch.problem(Problem::new(ProblemKind::Io, message).at_entry(places.n));
            return;
        }
    };
    for message in [&parts.request, &parts.response] {
        if let Some(problem) = message.left_out(limits.headers) {
            batch.problem(problem.at_entry(places.n));
        }
    }
    let (start, fault) = parts.item.time();
    if let Some(fault) = fault {
        batch.problem(Problem::new(ProblemKind::Value, fault).at_entry(places.n));
    }
    let mut flags = Flags::default();
    if !parts.has_response() || parts.request.start_line.is_empty() {
        flags.insert(Flags::INCOMPLETE);
    }
    let messages = [
        (Side::Request, &parts.request),
        (Side::Response, &parts.response),
    ];
    let headers = messages.into_iter().flat_map(|(side, message)| {
        let fields = message.headers.iter();
        fields
            .filter(|field| is_evidence_header(&field.name))
            .map(move |field| HeaderRecord {
                side,
                name: (&field.name).into(),
                value: (&field.value).into(),
                span: field.span,
            })
    });
    let (method, _, version) = parts.request.request_line();
    let said = parts.item.text("method");
    let size = |span: Span| Some(u64::from(span.len)).filter(|size| 0 < *size);
    batch.push(&FlowRecord {
        entry: places.n,
        span: places.span(),
        start,
        method: if said.is_empty() { method } else { said }.into(),
        url: parts.url(),
        status: parts.status(),
        mime: parts
            .response
            .header("content-type")
            .unwrap_or_default()
            .into(),
        server_ip: parts.item.ip().into(),
        http_version: if parts.has_response() {
            parts.response.status_line().0
        } else {
            version
        }
        .into(),
        bytes_sent: size(places.request),
        bytes_received: size(places.response),
        flags,
        headers: headers.collect(),
        ..FlowRecord::default()
    });
}

fn exchange(flow: &Flow<'_>, places: &[Places], limits: &Limits) -> Result<Exchange, Problem> {
    let places = places.get(flow.idx() as usize).copied().unwrap_or_default();
    let parts = Parts::read(&places, flow.capture().source(), limits).map_err(|error| {
        let message = format!("the item could not be read again: {error}");
        Problem::new(ProblemKind::Io, message).at_entry(places.n)
    })?;
    let has_response = parts.has_response();
    Ok(Exchange {
        facts: parts.item.facts(),
        request: parts.request.into_message(),
        response: has_response.then(|| parts.response.into_message()),
        raw: places.span(),
        ..Exchange::default()
    })
}
