//! A whole Charles XML session: found transaction by transaction, so that damage costs no more than its own.

use std::io;
use std::sync::Arc;

use super::{Format, Input, Pace, Probe, Watch, xml_transaction};
use crate::base::bytes::{ByteSource, Span};
use crate::capture::{
    Batch, Capture, CaptureBuilder, Carries, Exchange, Flags, Flow, Problem, ProblemKind,
};

/// Reads `.chlsx` and `.xml` files of Charles. The DTD that they name is never loaded.
pub(in crate::formats) struct Chlsx;

/// Rows of one batch.
const MAX_ROWS: usize = 256;
/// Bytes that are looked at in one step.
const STEP: u32 = 1 << 20;

impl Format for Chlsx {
    fn id(&self) -> &'static str {
        "charles-xml"
    }

    fn title(&self) -> &'static str {
        "Charles XML session"
    }

    fn about(&self) -> &'static str {
        "what Charles exports as an XML session file (.chlsx, .xml); its DTD is never loaded"
    }

    fn producers(&self) -> &'static str {
        "Charles"
    }

    fn versions(&self) -> &'static str {
        "charles-session 1.0"
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
        let has = |text: &str| memchr::memmem::find(probe.head, text.as_bytes()).is_some();
        let text = probe.head.strip_prefix(b"\xef\xbb\xbf");
        let text = text.unwrap_or(probe.head).trim_ascii_start();
        let is_xml = text.first() == Some(&b'<');
        let is_session = has("<charles-session") || has("DOCTYPE charles-session");
        match (is_xml, is_session, has("<transaction ")) {
            (true, true, _) => 95,
            (false, true, true) => 60,
            (true, false, true) if has("actualPort=") => 60,
            _ => 0,
        }
    }

    fn read(&self, input: Input, watch: &Watch<'_>) -> Result<Capture, Problem> {
        let source = input.source.clone();
        watch.progress.set_total(source.len());
        let limits = input.options.limits;
        let again = Arc::new(move |flow: &Flow<'_>| {
            let raw = flow.row().span;
            let bytes = flow.capture().source().bytes(raw);
            let bytes = bytes.map_err(|error| unreadable(&error).at_entry(flow.row().entry))?;
            let (transaction, _) = xml_transaction::read(&bytes, raw.start, &limits);
            Ok::<Exchange, Problem>(transaction.into_exchange(raw))
        });
        let mut builder = input.builder(source.clone(), again);
        builder.set_producer("Charles");
        let mut finder = Finder::new(&source);
        let (mut batch, mut pace, mut n) = (Batch::default(), Pace::default(), 0);
        while let Some(found) = finder.next().map_err(|error| unreadable(&error))? {
            n += 1;
            add(&mut batch, &source, found, n, &input);
            if batch.len() < MAX_ROWS {
                continue;
            }
            builder.append(std::mem::take(&mut batch));
            watch.progress.set_done(finder.at);
            if watch.cancel.is_cancelled() {
                let message = "reading was stopped before the end";
                builder.problem(Problem::new(ProblemKind::Limit, message));
                return Ok(builder.finish());
            }
            if builder.is_full() {
                break;
            }
            pace.show(&builder, watch);
        }
        builder.append(batch);
        watch.progress.set_done(source.len());
        conclude(builder, &finder)
    }
}

fn unreadable(error: &io::Error) -> Problem {
    let message = format!("the capture could not be read: {error}");
    Problem::new(ProblemKind::Io, message)
}

/// Adds one transaction.
fn add(batch: &mut Batch, source: &ByteSource, found: Found, n: u32, input: &Input) {
    let Found { span, is_recovered } = found;
    let limits = &input.options.limits;
    if limits.member.is_passed_by(u64::from(span.len)) {
        let message = format!("the transaction is larger than {}", limits.member);
        let problem = Problem::new(ProblemKind::Limit, message).at_entry(n);
        return batch.problem(problem.at_byte(span.start));
    }
    let bytes = match source.bytes(span) {
        Ok(bytes) => bytes,
        Err(error) => return batch.problem(unreadable(&error).at_entry(n)),
    };
    let (transaction, fault) = xml_transaction::read(&bytes, span.start, limits);
    let mut record = transaction.record();
    (record.entry, record.span) = (n, span);
    let mut note = |kind, at, message: &str| {
        batch.problem(Problem::new(kind, message).at_entry(n).at_byte(at));
    };
    if is_recovered {
        record.flags.insert(Flags::RECOVERED);
        let message = "the transaction does not end before the next one begins";
        note(ProblemKind::Syntax, span.start, message);
    }
    if let Some((at, what)) = fault {
        note(ProblemKind::Syntax, at, what);
    }
    if transaction.host.is_empty() {
        note(
            ProblemKind::Missing,
            span.start,
            "the transaction has no host",
        );
    }
    if transaction.has_more_attributes {
        let message = format!(
            "the transaction has more than {} attributes",
            limits.attributes
        );
        note(ProblemKind::Limit, span.start, &message);
    }
    let messages = [Some(&transaction.request), transaction.response.as_ref()];
    if messages
        .into_iter()
        .flatten()
        .any(|message| message.has_more_headers)
    {
        let message = format!("a message has more than {} headers", limits.headers);
        note(ProblemKind::Limit, span.start, &message);
    }
    batch.push(&record);
}

/// Says what was odd about the document as a whole; fails when there was no transaction and no end either.
fn conclude(mut builder: CaptureBuilder, finder: &Finder<'_>) -> Result<Capture, Problem> {
    if let Some(at) = finder.entity_at {
        let message = "entities are not supported; references to them stay as they are";
        builder.problem(Problem::new(ProblemKind::Unsupported, message).at_byte(at));
    }
    if !builder.is_full() && !finder.has_ended {
        let message = "the file ends before its structure does; what stood before is complete";
        let problem = Problem::new(ProblemKind::Truncated, message).at_byte(finder.at);
        if builder.is_empty() {
            return Err(problem);
        }
        builder.problem(problem);
    }
    Ok(builder.finish())
}

/// A transaction, from its first tag to its last.
#[derive(Clone, Copy, Debug)]
struct Found {
    span: Span,
    /// True when the next one began before this one had ended.
    is_recovered: bool,
}

/// What the scan is in the middle of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Tags,
    Section,
    Comment,
}

/// Marks that the scan looks for; all of them are shorter than this.
const LONGEST_MARK: usize = 20;

/// Finds transactions one after the other, with constant memory.
struct Finder<'s> {
    source: &'s ByteSource,
    bytes: Vec<u8>,
    /// Offset of the first of `bytes`.
    base: u64,
    /// Where the scan stands.
    at: u64,
    within: Within,
    /// Where the transaction began that has not ended yet.
    open: Option<u64>,
    /// Where the document declares an entity.
    entity_at: Option<u64>,
    /// True when the last tag of the document was seen.
    has_ended: bool,
}

impl<'s> Finder<'s> {
    const fn new(source: &'s ByteSource) -> Self {
        Self {
            source,
            bytes: Vec::new(),
            base: 0,
            at: 0,
            within: Within::Tags,
            open: None,
            entity_at: None,
            has_ended: false,
        }
    }

    /// The bytes from the position on: enough to tell a mark, unless the end is near.
    fn rest(&mut self) -> io::Result<&[u8]> {
        let from = (self.at - self.base) as usize;
        let is_short = self.bytes.len() < from.saturating_add(LONGEST_MARK);
        if is_short && self.base + (self.bytes.len() as u64) < self.source.len() {
            self.bytes = self.source.bytes(Span::new(self.at, STEP))?;
            self.base = self.at;
        }
        let from = (self.at - self.base) as usize;
        Ok(self.bytes.get(from..).unwrap_or_default())
    }

    fn next(&mut self) -> io::Result<Option<Found>> {
        loop {
            let within = self.within;
            let rest = self.rest()?;
            if rest.is_empty() {
                return Ok(None);
            }
            let first = match within {
                Within::Tags => b'<',
                Within::Section => b']',
                Within::Comment => b'-',
            };
            let Some(skipped) = memchr::memchr(first, rest) else {
                let all = rest.len() as u64;
                self.at += all;
                continue;
            };
            self.at += skipped as u64;
            let at = self.at;
            let mark = Mark::of(within, self.rest()?);
            self.at += 1;
            if let Some(found) = mark.and_then(|mark| self.take(mark, at)) {
                return Ok(Some(found));
            }
        }
    }

    /// Takes the mark at `at`; returns the transaction that ends there.
    fn take(&mut self, mark: Mark, at: u64) -> Option<Found> {
        let found = |start: u64, end: u64, is_recovered| Found {
            span: Span::new(start, u32::try_from(end - start).unwrap_or(u32::MAX)),
            is_recovered,
        };
        match mark {
            Mark::Section => self.within = Within::Section,
            Mark::Comment => self.within = Within::Comment,
            Mark::Close => self.within = Within::Tags,
            Mark::Entity => self.entity_at = self.entity_at.or(Some(at)),
            Mark::Begin => {
                let before = self.open.replace(at);
                return before.map(|start| found(start, at, true));
            }
            Mark::End => {
                let end = at + END.len() as u64;
                return self.open.take().map(|start| found(start, end, false));
            }
            Mark::Last => {
                self.has_ended = true;
                return self.open.take().map(|start| found(start, at, true));
            }
        }
        None
    }
}

/// What a place in the document means to the scan.
#[derive(Clone, Copy)]
enum Mark {
    Begin,
    End,
    Last,
    Section,
    Comment,
    /// The end of a section or comment.
    Close,
    Entity,
}

const END: &[u8] = b"</transaction>";

impl Mark {
    fn of(within: Within, rest: &[u8]) -> Option<Self> {
        match within {
            Within::Section => rest.starts_with(b"]]>").then_some(Self::Close),
            Within::Comment => rest.starts_with(b"-->").then_some(Self::Close),
            Within::Tags if rest.starts_with(END) => Some(Self::End),
            Within::Tags if rest.starts_with(b"</charles-session") => Some(Self::Last),
            Within::Tags if rest.starts_with(b"<![CDATA[") => Some(Self::Section),
            Within::Tags if rest.starts_with(b"<!--") => Some(Self::Comment),
            Within::Tags if rest.starts_with(b"<!ENTITY") => Some(Self::Entity),
            Within::Tags => {
                let name = rest.strip_prefix(b"<transaction")?;
                let is_name = name
                    .first()
                    .is_some_and(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'));
                is_name.then_some(Self::Begin)
            }
        }
    }
}
