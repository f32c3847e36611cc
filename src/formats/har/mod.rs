//! HTTP Archive: what browsers, proxies and test tools export. Versions 1.1 to 1.3 and everything that resembles them.
//!
//! One thread finds where the entries lie, the others read them, each entry alone, and rows appear in file order.

mod connection;
mod detail;
mod lean;

use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

use self::lean::Pages;
use super::{Format, Pace, Watch};
use crate::base::bytes::{ByteSource, Span};
use crate::base::condense::{Condensed, condense};
use crate::base::json::{Json, Kind};
use crate::base::json_scan::{Damage, DamageKind, Element, Found, Outline, scan};
use crate::capture::{Batch, Capture, CaptureBuilder, FileInfo, Problem, ProblemKind};

/// Reads `.har` files.
pub(super) struct Har;

/// Rows of the first batch, so that the first screen appears at once.
const FIRST_ROWS: usize = 256;
/// Most rows of one batch.
const MAX_ROWS: usize = 1_024;
/// Bytes after which a batch is closed.
const BATCH_BYTES: u64 = 1 << 20;
/// Entries beyond this size are read alone and without their long strings.
const HUGE: u32 = 4 << 20;
/// Longest string that is read of such an entry.
const HUGE_STRING: usize = 1 << 18;
/// Batches that may wait for the readers; bounds the memory.
const WAITING: usize = 16;
/// Longest value of a field of `log` that is read.
const MAX_FIELD: u32 = 8 << 20;

impl Format for Har {
    fn id(&self) -> &'static str {
        "har"
    }

    fn title(&self) -> &'static str {
        "HTTP Archive (HAR)"
    }

    fn about(&self) -> &'static str {
        "what browsers, proxies and test tools export: HAR 1.1 to 1.3, also damaged, in JSONP, gzip, zlib or UTF-16"
    }

    fn confidence(&self, head: &[u8]) -> u8 {
        let has = |needle: &str| memchr::memmem::find(head, needle.as_bytes()).is_some();
        let has_entries = has("\"entries\"") || has("\"startedDateTime\"");
        let has_request = has("\"request\"") && has("\"response\"");
        let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
        let is_object = text.trim_ascii_start().starts_with(b"{");
        match (has("\"log\""), has_entries) {
            (true, true) => 95,
            (true, false) | (false, true) => 60,
            _ if has_request => 30,
            _ if is_object => 10,
            _ => 0,
        }
    }

    fn read(
        &self,
        info: FileInfo,
        source: ByteSource,
        watch: &Watch<'_>,
    ) -> Result<Capture, Problem> {
        watch.progress.set_total(source.len());
        let mut builder = CaptureBuilder::new(info, source.clone(), detail::read_exchange);
        let (sender, receiver) = sync_channel(WAITING);
        let scanned = &source;
        let outline = thread::scope(|scope| {
            let scanner = thread::Builder::new()
                .name("har-scan".to_owned())
                .spawn_scoped(scope, move || find_entries(scanned, &sender));
            let scanner = scanner.map_err(|error| io_problem(&error))?;
            Reader::new(scanned, watch).read_all(&receiver, &mut builder);
            // Nobody takes what a scan that is still running finds; so it stops.
            drop(receiver);
            let outline = scanner.join();
            let outline = outline.map_err(|_panic| {
                Problem::new(ProblemKind::Io, "the scan for entries broke off")
            })?;
            outline.map_err(|error| io_problem(&error))
        })?;
        conclude(builder, &source, &outline, watch)
    }
}

fn io_problem(error: &std::io::Error) -> Problem {
    Problem::new(
        ProblemKind::Io,
        format!("the capture could not be read: {error}"),
    )
}

/// What the scanning thread sends.
enum Piece {
    Elements(Vec<Element>),
    Field(String, Span),
}

/// Sends all entries in batches and all fields of `log`. A receiver that is gone ends the scan.
fn find_entries(source: &ByteSource, sender: &SyncSender<Piece>) -> std::io::Result<Outline> {
    let mut batch: Vec<Element> = Vec::new();
    let mut max_rows = FIRST_ROWS;
    let flow = |sent: Result<(), _>| match sent {
        Ok(()) => ControlFlow::Continue(()),
        Err(std::sync::mpsc::SendError(_)) => ControlFlow::Break(()),
    };
    let outline = scan(source, &mut |found| match found {
        Found::Field(key, span) => flow(sender.send(Piece::Field(key.to_owned(), span))),
        Found::Element(element) => {
            if HUGE < element.span.len && !batch.is_empty() {
                sender
                    .send(Piece::Elements(std::mem::take(&mut batch)))
                    .ok();
            }
            batch.push(element);
            let first = batch.first().map_or(0, |first| first.span.start);
            if batch.len() < max_rows && element.span.end() - first < BATCH_BYTES {
                return ControlFlow::Continue(());
            }
            max_rows = MAX_ROWS;
            flow(sender.send(Piece::Elements(std::mem::take(&mut batch))))
        }
    });
    // Fails only when the reader has been cancelled and waits for nothing any more.
    sender.send(Piece::Elements(batch)).ok();
    outline
}

/// Turns pieces into rows.
struct Reader<'w> {
    source: &'w ByteSource,
    watch: &'w Watch<'w>,
    pages: Pages,
    creator: String,
    browser: String,
    pace: Pace,
}

impl<'w> Reader<'w> {
    fn new(source: &'w ByteSource, watch: &'w Watch<'w>) -> Self {
        Self {
            source,
            watch,
            pages: Pages::default(),
            creator: String::new(),
            browser: String::new(),
            pace: Pace::default(),
        }
    }

    /// Takes what waits, reads it in parallel, appends it in order, until the scan ends or somebody cancels.
    fn read_all(&mut self, receiver: &Receiver<Piece>, builder: &mut CaptureBuilder) {
        while let Ok(piece) = receiver.recv() {
            let mut groups = Vec::new();
            for piece in std::iter::once(piece).chain(receiver.try_iter().take(WAITING)) {
                match piece {
                    Piece::Elements(elements) => groups.push(elements),
                    Piece::Field(key, span) => self.field(&key, span, builder),
                }
            }
            let done = groups.iter().flatten().last().map(|last| last.span.end());
            let (source, pages) = (self.source, &self.pages);
            let batches: Vec<Batch> = groups
                .into_par_iter()
                .map(|group| read_batch(source, &group, pages))
                .collect();
            for batch in batches {
                builder.append(batch);
            }
            if self.watch.cancel.is_cancelled() {
                let message = "reading was stopped before the end";
                builder.problem(Problem::new(ProblemKind::Limit, message));
                return;
            }
            if let Some(done) = done {
                self.watch.progress.set_done(done);
                self.pace.show(builder, self.watch);
            }
        }
        let producer = match (self.creator.as_str(), self.browser.as_str()) {
            (creator, browser) if creator == browser || browser.is_empty() => creator.to_owned(),
            ("", browser) => browser.to_owned(),
            (creator, browser) => format!("{creator}, {browser}"),
        };
        builder.set_producer(producer);
    }

    fn field(&mut self, key: &str, span: Span, builder: &mut CaptureBuilder) {
        if MAX_FIELD < span.len {
            let message = format!("log.{key} is too long and was not read");
            builder.problem(Problem::new(ProblemKind::Limit, message).at_byte(span.start));
            return;
        }
        // A file that has become shorter shows itself when its entries are read.
        let bytes = self.source.bytes(span).unwrap_or_default();
        match key {
            "creator" => self.creator = name_and_version(&bytes),
            "browser" => self.browser = name_and_version(&bytes),
            "pages" => self.pages = pages(&bytes),
            "version" => {
                let version = Json::new(&bytes).string().unwrap_or_default();
                if !matches!(&*version, "" | "1.1" | "1.2" | "1.3") {
                    let message = "log.version is none of 1.1, 1.2 and 1.3; read like 1.2";
                    builder.problem(Problem::new(ProblemKind::Value, message).at_byte(span.start));
                }
            }
            _ => {}
        }
    }
}

fn name_and_version(bytes: &[u8]) -> String {
    let (mut name, mut version) = (String::new(), String::new());
    Json::new(bytes).object(|json, key| match key {
        "name" => name = json.string().unwrap_or_default().into_owned(),
        "version" => version = json.string().unwrap_or_default().into_owned(),
        _ => {}
    });
    format!("{name} {version}").trim().to_owned()
}

/// The pages by id: by URL where the file gives one, by title otherwise.
fn pages(bytes: &[u8]) -> Pages {
    let mut pages = Pages::default();
    Json::new(bytes).array(|json| {
        let (mut id, mut title, mut url) = (String::new(), String::new(), String::new());
        json.object(|json, key| match key {
            "id" => id = json.string().unwrap_or_default().into_owned(),
            "title" => title = json.string().unwrap_or_default().into_owned(),
            "_URL" | "_url" => url = json.string().unwrap_or_default().into_owned(),
            _ => {}
        });
        let page = if url.is_empty() { title } else { url };
        pages.insert(id, page);
    });
    pages
}

/// Reads one batch of entries: a huge one alone, or several that lie side by side with a single access to the file.
fn read_batch(source: &ByteSource, elements: &[Element], pages: &Pages) -> Batch {
    let mut batch = Batch::default();
    let (Some(first), Some(last)) = (elements.first(), elements.last()) else {
        return batch;
    };
    if HUGE < first.span.len {
        match condense(source, first.span, HUGE_STRING) {
            Ok(condensed) => push(&mut batch, &condensed.bytes, first, &condensed, pages),
            Err(error) => batch.problem(io_problem(&error).at_entry(first.n)),
        }
        return batch;
    }
    let base = first.span.start;
    let len = u32::try_from(last.span.end().saturating_sub(base)).unwrap_or(u32::MAX);
    let bytes = match source.bytes(Span::new(base, len)) {
        Ok(bytes) => bytes,
        Err(error) => {
            batch.problem(io_problem(&error).at_entry(first.n));
            return batch;
        }
    };
    for element in elements {
        let from = usize::try_from(element.span.start - base).unwrap_or(usize::MAX);
        let entry = bytes.get(from..from.saturating_add(element.span.len as usize));
        let Some(entry) = entry else {
            let message = "the capture has become shorter while it was read";
            batch.problem(Problem::new(ProblemKind::Io, message).at_entry(element.n));
            continue;
        };
        let origin = Condensed::whole(element.span.start);
        push(&mut batch, entry, element, &origin, pages);
    }
    batch
}

/// Adds one element: a flow if it is an object, a problem otherwise.
fn push(batch: &mut Batch, bytes: &[u8], element: &Element, origin: &Condensed, pages: &Pages) {
    let mut problems = Vec::new();
    if element.is_object {
        batch.push(&lean::read(bytes, element, origin, pages, &mut problems));
    } else {
        let found = match Json::new(bytes).kind() {
            Kind::Array => "an array",
            Kind::Text => "text",
            Kind::Null => "null",
            _ => "a plain value",
        };
        let message = format!("expected an object, found {found}");
        let problem = Problem::new(ProblemKind::Value, message);
        problems.push(problem.at_entry(element.n).at_byte(element.span.start));
    }
    for problem in problems {
        batch.problem(problem);
    }
}

/// Adds what the scan had to say; fails when there was nothing at all to read.
fn conclude(
    mut builder: CaptureBuilder,
    source: &ByteSource,
    outline: &Outline,
    watch: &Watch<'_>,
) -> Result<Capture, Problem> {
    if builder.is_empty() && !outline.has_entries && !watch.cancel.is_cancelled() {
        return match single_entry(source, outline) {
            Some(entry) => {
                builder.append(read_batch(source, &[entry], &Pages::default()));
                let message = "this is one entry alone, without a log around it";
                builder.problem(Problem::new(ProblemKind::Missing, message));
                Ok(builder.finish())
            }
            None => Err(nothing_usable(outline)),
        };
    }
    if !outline.has_log && outline.has_entries {
        let message = "there is no log object around the entries";
        builder.problem(Problem::new(ProblemKind::Missing, message));
    }
    for damage in &outline.damage {
        builder.problem(damage_problem(*damage));
    }
    watch.progress.set_done(source.len());
    Ok(builder.finish())
}

/// An object that is an entry itself.
fn single_entry(source: &ByteSource, outline: &Outline) -> Option<Element> {
    let has = |wanted: &str| outline.other_keys.iter().any(|key| key == wanted);
    let is_entry = has("request") && (has("response") || has("startedDateTime"));
    (is_entry && outline.damage.is_empty()).then(|| Element {
        n: 1,
        span: Span::new(0, u32::try_from(source.len()).unwrap_or(u32::MAX)),
        is_object: true,
        is_recovered: false,
    })
}

fn nothing_usable(outline: &Outline) -> Problem {
    if let Some(at) = outline.wrong_entries {
        return Problem::new(ProblemKind::Value, "log.entries is not an array").at_byte(at);
    }
    if let Some(damage) = outline.damage.first() {
        let (kind, message) = match damage.kind {
            DamageKind::Ended => (ProblemKind::Truncated, "the file ends before log.entries"),
            _ if !outline.is_json => (ProblemKind::Syntax, "this is not JSON"),
            _ => (
                ProblemKind::Syntax,
                "the JSON is broken and holds no readable entry",
            ),
        };
        return Problem::new(kind, message).at_byte(damage.at);
    }
    let message = if outline.has_log {
        "this is JSON with a log but without log.entries, so not an HTTP Archive"
    } else {
        "this is JSON without log, so not an HTTP Archive"
    };
    Problem::new(ProblemKind::Missing, message)
}

fn damage_problem(damage: Damage) -> Problem {
    let (kind, message) = match damage.kind {
        DamageKind::Ended => (
            ProblemKind::Truncated,
            "the file ends before its structure does; what stood before is complete",
        ),
        DamageKind::Broken => (
            ProblemKind::Syntax,
            "quotes or brackets do not match; reading went on at the next entry",
        ),
        DamageKind::Repeated => (
            ProblemKind::Syntax,
            "another document follows in the same file; its entries were added",
        ),
        DamageKind::Trailing => (ProblemKind::Syntax, "bytes behind the end were ignored"),
    };
    let problem = Problem::new(kind, message).at_byte(damage.at);
    match damage.element {
        Some(n) => problem.at_entry(n),
        None => problem,
    }
}
