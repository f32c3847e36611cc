//! HTTP Archive: what browsers, proxies and test tools export. Versions 1.1 to 1.3 and everything that resembles them.
//!
//! One thread finds where the entries lie, the others read them, each entry alone, and rows appear in file order.

mod archive;
mod connection;
mod detail;
mod facts;
mod files;
mod lean;
mod socket;

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

use self::archive::Content;
use self::files::Files;
use self::lean::{Around, Pages};
use super::{Format, Input, Pace, Probe, Watch};
use crate::base::bytes::{ByteSource, Span};
use crate::base::condense::{Condensed, condense};
use crate::base::json::{Json, Kind};
use crate::base::json_scan::{DamageKind, Element, Found, HAR, Outline, scan};
use crate::base::time::Time;
use crate::capture::{Batch, Capture, CaptureBuilder, Carries, Flow, Page, Problem, ProblemKind};

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
        "what browsers, proxies and test tools export: HAR 1.1 to 1.3, also damaged, in JSONP, gzip, zlib, UTF-16 or zip, \
         with bodies beside it; traces of Playwright"
    }

    fn producers(&self) -> &'static str {
        "Chrome, Edge, Firefox, Safari, Playwright, WebPageTest, Browsertime, Charles, Fiddler, mitmproxy, Proxyman, Burp, \
         HTTP Toolkit, Insomnia and others"
    }

    fn versions(&self) -> &'static str {
        "1.1, 1.2, 1.3"
    }

    fn carries(&self) -> Carries {
        Carries::ALL
    }

    fn confidence(&self, probe: &Probe<'_>) -> u8 {
        if !probe.members.is_empty() {
            return Content::of(probe.members).map_or(0, |_| 90);
        }
        let head = probe.head;
        let has = |needle: &str| memchr::memmem::find(head, needle.as_bytes()).is_some();
        let has_entries = has("\"entries\"") || has("\"startedDateTime\"");
        let has_request = has("\"request\"") && has("\"response\"");
        let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
        let is_object = text.trim_ascii_start().starts_with(b"{");
        match (has("\"log\""), has_entries) {
            (true, true) => 95,
            (false, true) if has_request && has("\"startedDateTime\"") => 90,
            (true, false) | (false, true) => 60,
            _ if has_request => 30,
            _ if is_object => 10,
            _ => 0,
        }
    }

    fn read(&self, input: Input, watch: &Watch<'_>) -> Result<Capture, Problem> {
        let Some(unpacked) = archive::unpack(&input)? else {
            let files = Files::beside(&input.info.path);
            return read_har(&input, &input.source, files, watch);
        };
        let capture = match unpacked.entries {
            Some(entries) => {
                let mut builder = builder(&input, &unpacked.source, Arc::new(unpacked.files));
                builder.0.set_producer(unpacked.producer);
                read_entries(builder, &unpacked.source, &entries, watch)
            }
            None => read_har(&input, &unpacked.source, unpacked.files, watch)?,
        };
        Ok(capture.with_problems(unpacked.problems))
    }
}

/// An empty capture of `source`, with what its entries refer to.
fn builder(input: &Input, source: &ByteSource, files: Arc<Files>) -> (CaptureBuilder, Around) {
    let again = Arc::clone(&files);
    let read_exchange = move |flow: &Flow<'_>| detail::read_exchange(flow, &again);
    let builder = input.builder(source.clone(), Arc::new(read_exchange));
    let around = Around { pages: None, files };
    (builder, around)
}

/// Reads the HAR `source`, which names some of the `files`.
fn read_har(
    input: &Input,
    source: &ByteSource,
    files: Files,
    watch: &Watch<'_>,
) -> Result<Capture, Problem> {
    watch.progress.set_total(source.len());
    let (mut builder, around) = builder(input, source, Arc::new(files));
    let (sender, receiver) = sync_channel(WAITING);
    let mut reader = Reader::new(source, watch, around);
    let outline = thread::scope(|scope| {
        let scanner = thread::Builder::new()
            .name("har-scan".to_owned())
            .spawn_scoped(scope, move || find_entries(source, &sender));
        let scanner = scanner.map_err(|error| io_problem(&error))?;
        reader.read_all(&receiver, &mut builder);
        // Nobody takes what a scan that is still running finds; so it stops.
        drop(receiver);
        let outline = scanner.join();
        let outline = outline
            .map_err(|_panic| Problem::new(ProblemKind::Io, "the scan for entries broke off"))?;
        outline.map_err(|error| io_problem(&error))
    })?;
    conclude(builder, source, &outline, &reader.around, watch)
}

/// Reads entries whose places are known.
fn read_entries(
    (mut builder, around): (CaptureBuilder, Around),
    source: &ByteSource,
    entries: &[Element],
    watch: &Watch<'_>,
) -> Capture {
    watch.progress.set_total(source.len());
    let mut pace = Pace::default();
    for group in entries.chunks(FIRST_ROWS) {
        builder.append(read_batch(source, group, &around));
        watch
            .progress
            .set_done(group.last().map_or(0, |last| last.span.end()));
        pace.show(&builder, watch);
        if watch.cancel.is_cancelled() {
            builder.problem(Problem::new(ProblemKind::Limit, STOPPED));
            break;
        }
        if builder.is_full() {
            break;
        }
    }
    watch.progress.set_done(source.len());
    // A trace does not say what its pages are called.
    builder.rename_pages(|_id| None);
    builder.finish()
}

const STOPPED: &str = "reading was stopped before the end";

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
    let outline = scan(source, HAR, &mut |found| match found {
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
    around: Around,
    creator: String,
    browser: String,
    pace: Pace,
}

impl<'w> Reader<'w> {
    const fn new(source: &'w ByteSource, watch: &'w Watch<'w>, around: Around) -> Self {
        Self {
            source,
            watch,
            around,
            creator: String::new(),
            browser: String::new(),
            pace: Pace(None),
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
            let (source, around) = (self.source, &self.around);
            let batches: Vec<Batch> = groups
                .into_par_iter()
                .map(|group| read_batch(source, &group, around))
                .collect();
            for batch in batches {
                builder.append(batch);
            }
            if builder.is_full() {
                return;
            }
            if self.watch.cancel.is_cancelled() {
                builder.problem(Problem::new(ProblemKind::Limit, STOPPED));
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
            "pages" => self.add_pages(&bytes, builder),
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

impl Reader<'_> {
    /// Takes the pages over. Those that stand behind the entries are put in where the entries name them.
    fn add_pages(&mut self, bytes: &[u8], builder: &mut CaptureBuilder) {
        let pages = pages(bytes, |page| builder.add_page(page));
        match &mut self.around.pages {
            Some(known) => known.extend(pages),
            None if builder.is_empty() => self.around.pages = Some(pages),
            None => {
                builder.rename_pages(|id| pages.get(id).cloned());
                self.around.pages = Some(pages);
            }
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

/// The pages by id: by URL where the file gives one, by title otherwise. Those that say when they began also go to `loaded`.
fn pages(bytes: &[u8], mut loaded: impl FnMut(Page)) -> Pages {
    let mut pages = Pages::default();
    Json::new(bytes).array(|json| {
        let (mut id, mut title, mut url) = (String::new(), String::new(), String::new());
        let (mut start, mut content_ms, mut load_ms) = (None, None, None);
        json.object(|json, key| match key {
            "id" => id = json.string().unwrap_or_default().into_owned(),
            "title" => title = json.string().unwrap_or_default().into_owned(),
            "_URL" | "_url" => url = json.string().unwrap_or_default().into_owned(),
            "startedDateTime" => start = json.string().and_then(|text| Time::parse_iso(&text)),
            "pageTimings" => {
                json.object(|json, key| match key {
                    "onContentLoad" => content_ms = json.number().filter(|ms| 0.0 <= *ms),
                    "onLoad" => load_ms = json.number().filter(|ms| 0.0 <= *ms),
                    _ => {}
                });
            }
            _ => {}
        });
        let title = if url.is_empty() { title } else { url };
        if let Some(start) = start {
            loaded(Page {
                title: title.clone(),
                start,
                content_ms,
                load_ms,
            });
        }
        pages.insert(id, title);
    });
    pages
}

/// Reads one batch of entries: a huge one alone, or several that lie side by side with a single access to the file.
fn read_batch(source: &ByteSource, elements: &[Element], around: &Around) -> Batch {
    let mut batch = Batch::default();
    let (Some(first), Some(last)) = (elements.first(), elements.last()) else {
        return batch;
    };
    if HUGE < first.span.len {
        match condense(source, first.span, HUGE_STRING) {
            Ok(condensed) => push(&mut batch, &condensed.bytes, first, &condensed, around),
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
        push(&mut batch, entry, element, &origin, around);
    }
    batch
}

/// Adds one element: a flow if it is an object, a problem otherwise.
fn push(batch: &mut Batch, bytes: &[u8], element: &Element, origin: &Condensed, around: &Around) {
    let mut problems = Vec::new();
    if element.is_object {
        batch.push(&lean::read(bytes, element, origin, around, &mut problems));
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
    around: &Around,
    watch: &Watch<'_>,
) -> Result<Capture, Problem> {
    if around.pages.is_none() {
        builder.rename_pages(|_id| None);
    }
    if builder.is_empty() && !outline.has_entries && !watch.cancel.is_cancelled() {
        return match single_entry(source, outline) {
            Some(entry) => {
                builder.append(read_batch(source, &[entry], around));
                builder.problem(Problem::new(ProblemKind::Missing, ALONE));
                Ok(builder.finish())
            }
            None => Err(nothing_usable(outline)),
        };
    }
    let says_nothing = |flow: Flow<'_>| {
        let has_request = !flow.url().is_empty() || !flow.method().is_empty();
        !has_request
            && flow.start().is_none()
            && flow.time_ms().is_none()
            && flow.status().is_none()
    };
    let is_foreign = !builder.is_empty() && builder.snapshot().flows().all(says_nothing);
    if is_foreign && outline.damage.is_empty() {
        let message = "this is JSON with entries, but none of them is a request";
        return Err(Problem::new(ProblemKind::Missing, message));
    }
    if !outline.has_log && outline.has_entries {
        let message = match outline.n_elements {
            1 if outline.is_bare => ALONE,
            _ => "there is no log object around the entries",
        };
        builder.problem(Problem::new(ProblemKind::Missing, message));
    }
    for damage in &outline.damage {
        let mut problem = Problem::from(*damage);
        if damage.kind == DamageKind::NoComma {
            problem.count += outline.n_more_without_comma;
        }
        builder.problem(problem);
    }
    watch.progress.set_done(source.len());
    Ok(builder.finish())
}

const ALONE: &str = "this is one entry alone, without a log around it";

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_keep_what_the_browser_noted() {
        let bytes = br#"[
            {"id": "a", "title": "A", "startedDateTime": "2001-09-09T01:46:40Z",
             "pageTimings": {"onContentLoad": 120.5, "onLoad": -1}},
            {"id": "b", "title": "B", "_URL": "https://b.example/"}
        ]"#;
        let mut loaded = Vec::new();
        let names = pages(bytes, |page| loaded.push(page));
        assert_eq!(names["b"], "https://b.example/");
        let expected = Page {
            title: "A".to_owned(),
            start: Time(1_000_000_000_000_000),
            content_ms: Some(120.5),
            load_ms: None,
        };
        assert_eq!(loaded, [expected]);
    }
}
