//! One entry of a HAR as the table needs it: read once from left to right, bodies skipped.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::connection;
use super::files::Files;
use crate::base::bytes::Span;
use crate::base::condense::Condensed;
use crate::base::json::{Fault, FaultKind, Json, Kind, Text};
use crate::base::json_scan::Element;
use crate::base::time::Time;
use crate::capture::{
    Flags, FlowRecord, HeaderRecord, PHASES, Phase, Phases, Problem, ProblemKind, Side,
};
use crate::providers::is_evidence_header;

/// Page ids with the URL or title that the file gives them.
pub(super) type Pages = HashMap<String, String>;

/// What entries refer to.
#[derive(Debug)]
pub(super) struct Around {
    /// `None` until they have been found: then entries keep the id.
    pub(super) pages: Option<Pages>,
    pub(super) files: Arc<Files>,
}

/// An entry while it is being read.
#[derive(Default)]
struct Entry<'a> {
    record: FlowRecord<'a>,
    request_sizes: Sizes,
    response_sizes: Sizes,
    transfer_size: Option<f64>,
    ip_of_webpagetest: Option<Cow<'a, str>>,
    request_version: Cow<'a, str>,
    connection: connection::Facts<'a>,
    has_request: bool,
    has_response: bool,
    has_error: bool,
    source_of_worker: WorkerSource,
    is_by_worker: bool,
    is_made_by_browser: bool,
    has_no_start: bool,
    has_no_time: bool,
    seen: u32,
    /// Files in which bodies lie.
    files: Vec<Cow<'a, str>>,
}

/// Where a service worker had its answer from, as far as the file says it.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum WorkerSource {
    #[default]
    Unsaid,
    /// From the server: the answer was passed on.
    Network,
    /// From a cache, or from its own code.
    Local,
}

/// Sizes of one message; −1 means "not known" in a HAR.
#[derive(Clone, Copy, Default)]
struct Sizes {
    headers: Option<f64>,
    body: Option<f64>,
}

impl Sizes {
    /// Headers and body together where both are known, else the body.
    fn total(self) -> Option<u64> {
        match (known(self.headers), known(self.body)) {
            (Some(headers), Some(body)) => Some(headers.saturating_add(body)),
            (_, body) => body,
        }
    }
}

/// True when no phase lasted: with nothing transferred from nowhere, a cache of the program answered.
fn takes_no_time(record: &FlowRecord<'_>) -> bool {
    PHASES
        .iter()
        .all(|phase| record.phases.get(*phase).is_none_or(|ms| ms <= 0.0))
}

fn known(size: Option<f64>) -> Option<u64> {
    size.filter(|size| 0.0 <= *size).map(|size| size as u64)
}

/// Reads the entry `element`, which consists of `bytes`.
pub(super) fn read<'a>(
    bytes: &'a [u8],
    element: &Element,
    origin: &Condensed,
    around: &Around,
    problems: &mut Vec<Problem>,
) -> FlowRecord<'a> {
    let Element {
        n,
        span,
        is_recovered,
        ..
    } = *element;
    let mut json = Json::new(bytes);
    let mut entry = Entry::default();
    entry.record.entry = n;
    entry.record.span = span;
    json.object(|json, key| entry.field(json, key, origin));
    let missing = entry.missing();
    let mut faults = json.into_faults();
    if is_recovered {
        // The damage is named once for the whole entry.
        faults.retain(|fault| fault.kind != FaultKind::Syntax);
        entry.record.flags.insert(Flags::RECOVERED);
    }
    if let Some(missing) = missing {
        problems.push(Problem::new(ProblemKind::Missing, missing).at_entry(n));
    }
    problems.extend(faults.into_iter().map(|fault| problem(fault, n, origin)));
    let lost = entry.files.iter().filter(|name| !around.files.has(name));
    problems.extend(lost.map(|name| {
        let message = format!("the file in which a body lies is not there: {name:?}");
        Problem::new(ProblemKind::Missing, message).at_entry(n)
    }));
    entry.finish(around.pages.as_ref())
}

fn problem(fault: Fault, n: u32, origin: &Condensed) -> Problem {
    let kind = match fault.kind {
        FaultKind::Syntax => ProblemKind::Syntax,
        FaultKind::Encoding => ProblemKind::Encoding,
        FaultKind::Value => ProblemKind::Value,
    };
    Problem::new(kind, fault.message)
        .at_entry(n)
        .at_byte(origin.offset(fault.at))
}

/// The place in the source of a text within an entry.
pub(super) fn span_of(text: Text<'_>, origin: &Condensed) -> Span {
    origin.span(text.at, text.raw.len())
}

/// The step that a key of `timings` names.
pub(super) fn phase(key: &str) -> Option<Phase> {
    Some(match key {
        "blocked" => Phase::Blocked,
        "dns" => Phase::Dns,
        "connect" => Phase::Connect,
        "ssl" => Phase::Ssl,
        "send" => Phase::Send,
        "wait" => Phase::Wait,
        "receive" => Phase::Receive,
        _ => return None,
    })
}

/// Reads `timings`.
pub(super) fn phases(json: &mut Json<'_>) -> Phases {
    let mut phases = Phases::default();
    json.object(|json, key| {
        if let Some(phase) = phase(key)
            && let Some(ms) = json.number()
        {
            phases.set(phase, ms);
        }
    });
    phases
}

impl<'a> Entry<'a> {
    fn field(&mut self, json: &mut Json<'a>, key: &str, origin: &Condensed) {
        match key {
            "startedDateTime" => {
                self.once(json, 0);
                if let Some(text) = json.string() {
                    self.record.start = Time::parse_iso(&text);
                    if self.record.start.is_none() {
                        json.fault(FaultKind::Value, "this is no date");
                    }
                }
            }
            "time" => {
                self.once(json, 1);
                self.record.time_ms = json.number();
            }
            "request" => {
                self.once(json, 2);
                self.has_request = json.object(|json, key| self.request(json, key, origin));
            }
            "response" => {
                self.once(json, 3);
                self.has_response = json.object(|json, key| self.response(json, key, origin));
            }
            "timings" => {
                self.once(json, 4);
                self.record.phases = phases(json);
            }
            "serverIPAddress" => self.record.server_ip = json.string().unwrap_or_default(),
            "_ip_addr" => self.ip_of_webpagetest = json.string(),
            "_cdn_provider" => self.record.claimed_cdn = json.string().unwrap_or_default(),
            "pageref" => self.record.page = json.string().unwrap_or_default(),
            "_transferSize" => {
                let size = json.number();
                self.transfer_size = self.transfer_size.or(size);
            }
            "_dns_details" => connection::dns_details(json, origin, &mut self.connection),
            "_dns_info" => connection::dns_info(json, origin, &mut self.connection),
            "_securityDetails" => connection::security_details(json, origin, &mut self.connection),
            "_fromCache" => self.flag(json, Flags::FROM_CACHE),
            "_fetchType" => self.fetch_type(json),
            "_error" | "_errorText" | "_failureText" => self.error(json, origin),
            "_was_pushed" => self.flag(json, Flags::PUSHED),
            "_headwater" => self.own_words(json),
            "_webSocketMessages" => self.record.flags.insert(Flags::WEBSOCKET),
            _ => {}
        }
    }

    /// What Headwater's own export says: which of the fields that HAR requires are not known, and why an answer is none of
    /// a server's.
    fn own_words(&mut self, json: &mut Json<'a>) {
        json.object(|json, key| match key {
            "unknown" => {
                json.array(|json| match json.string().as_deref() {
                    Some("startedDateTime") => self.has_no_start = true,
                    Some("time") => self.has_no_time = true,
                    _ => {}
                });
            }
            "not_served" => {
                json.array(|json| {
                    let word = json.string().unwrap_or_default();
                    for (flag, _) in Flags::REASONS.iter().filter(|(_, known)| *known == word) {
                        self.record.flags.insert(*flag);
                    }
                });
            }
            _ => {}
        });
    }

    fn request(&mut self, json: &mut Json<'a>, key: &str, origin: &Condensed) {
        match key {
            "method" => {
                self.once(json, 5);
                self.record.method = json.string().unwrap_or_default();
            }
            "url" => {
                self.once(json, 6);
                self.record.url = json.string().unwrap_or_default();
            }
            "httpVersion" => self.request_version = json.string().unwrap_or_default(),
            "headers" => self.headers(json, Side::Request, origin),
            "postData" => {
                json.object(|json, key| self.file(json, key));
            }
            "headersSize" => self.request_sizes.headers = json.number(),
            "bodySize" => self.request_sizes.body = json.number(),
            _ => {}
        }
    }

    fn response(&mut self, json: &mut Json<'a>, key: &str, origin: &Condensed) {
        match key {
            "status" => {
                self.once(json, 7);
                self.record.status = json.number().map(|status| status as i64);
            }
            "httpVersion" => self.record.http_version = json.string().unwrap_or_default(),
            "headers" => self.headers(json, Side::Response, origin),
            "content" => {
                json.object(|json, key| match key {
                    "size" => self.record.content_bytes = known(json.number()),
                    "mimeType" => self.record.mime = json.string().unwrap_or_default(),
                    _ => self.file(json, key),
                });
            }
            "headersSize" => self.response_sizes.headers = json.number(),
            "bodySize" => self.response_sizes.body = json.number(),
            "_transferSize" => self.transfer_size = json.number(),
            // Chromium's words for a redirect that it makes itself.
            "statusText" => {
                let text = json.text();
                let is_own = text.is_some_and(|text| text.raw == b"Internal Redirect");
                self.is_made_by_browser |= is_own;
            }
            "_error" | "_errorText" | "_failureText" => self.error(json, origin),
            "_fromCache" | "_fromDiskCache" => self.flag(json, Flags::FROM_CACHE),
            "_fetchType" => self.fetch_type(json),
            "_fetchedViaServiceWorker" => self.is_by_worker |= json.is_set(),
            "_serviceWorkerResponseSource" => {
                self.source_of_worker = match json.string().as_deref() {
                    Some("network") => WorkerSource::Network,
                    Some("http-cache" | "cache-storage" | "fallback-code") => WorkerSource::Local,
                    _ => WorkerSource::Unsaid,
                };
            }
            _ => {}
        }
    }

    /// Where `WebKit` had an answer from.
    fn fetch_type(&mut self, json: &mut Json<'a>) {
        let flag = match json.string().as_deref() {
            Some("Memory Cache" | "Disk Cache" | "Local Cache") => Flags::FROM_CACHE,
            Some("Service Worker") => Flags::SERVICE_WORKER,
            Some("Server Push") => Flags::PUSHED,
            // What a developer put in its place.
            Some("Inspector Override") => Flags::INTERNAL,
            _ => return,
        };
        self.record.flags.insert(flag);
    }

    /// The reason why a request failed, which Chromium and others write behind the answer.
    fn error(&mut self, json: &mut Json<'a>, origin: &Condensed) {
        if json.kind() != Kind::Text {
            self.has_error |= json.is_set();
            return;
        }
        let Some(text) = json.text() else { return };
        if matches!(text.raw, b"" | b"0" | b"false") {
            return;
        }
        self.has_error = true;
        let has_reason = self.connection.iter().any(|fact| fact.name == "error");
        if !has_reason {
            self.connection.push(HeaderRecord {
                side: Side::Connection,
                name: "error".into(),
                value: json.decode(text),
                span: span_of(text, origin),
            });
        }
    }

    /// Notes a body that lies in a file of its own.
    fn file(&mut self, json: &mut Json<'a>, key: &str) {
        if matches!(key, "_file" | "_sha1") {
            let name = json.string().filter(|name| !name.is_empty());
            self.files.extend(name);
        }
    }

    /// Keeps the headers that attribution reads; the values of all others are not even decoded.
    fn headers(&mut self, json: &mut Json<'a>, side: Side, origin: &Condensed) {
        json.array(|json| {
            let (mut name, mut value) = (Cow::default(), None);
            json.object(|json, key| match key {
                "name" => name = json.string().unwrap_or_default(),
                "value" => value = json.text(),
                _ => {}
            });
            // What Chromium adds to a redirect that it makes itself: for HSTS, or for an extension (`Delegate`).
            self.is_made_by_browser |=
                side == Side::Response && name.eq_ignore_ascii_case("non-authoritative-reason");
            if let Some(value) = value
                && is_evidence_header(&name)
            {
                self.record.headers.push(HeaderRecord {
                    side,
                    name,
                    value: json.decode(value),
                    span: span_of(value, origin),
                });
            }
        });
    }

    fn flag(&mut self, json: &mut Json<'a>, flag: Flags) {
        if json.is_set() {
            self.record.flags.insert(flag);
        }
    }

    /// Notes a key that matters and stands twice: the last one wins, but the file may hide something.
    fn once(&mut self, json: &mut Json<'a>, bit: u32) {
        if self.seen & 1 << bit != 0 {
            json.fault(
                FaultKind::Syntax,
                "the key stands twice, the last one counts",
            );
        }
        self.seen |= 1 << bit;
    }

    fn missing(&self) -> Option<&'static str> {
        if !self.has_request {
            Some("the entry has no request")
        } else if self.record.url.is_empty() {
            Some("the request has no URL")
        } else if !self.has_response {
            Some("the entry has no response")
        } else {
            None
        }
    }

    fn finish(mut self, pages: Option<&Pages>) -> FlowRecord<'a> {
        if self.missing().is_some() {
            self.record.flags.insert(Flags::INCOMPLETE);
        }
        let mut record = self.record;
        record.start = record.start.filter(|_| !self.has_no_start);
        record.time_ms = record.time_ms.filter(|_| !self.has_no_time);
        record.headers.append(&mut self.connection);
        let has_status = record.status.is_some_and(|status| 0 < status);
        let has_address = !record.server_ip.is_empty() || self.ip_of_webpagetest.is_some();
        // Where Chromium does not say whom a worker asked, bytes that were transferred came from the network. An address
        // does not tell: its cache keeps those too.
        let is_passed_on = match self.source_of_worker {
            WorkerSource::Unsaid => self.transfer_size.is_some_and(|size| 0.0 < size),
            source => source == WorkerSource::Network,
        };
        if self.is_made_by_browser && matches!(record.status, Some(300..=399)) {
            record.flags.insert(Flags::INTERNAL);
        }
        if self.is_by_worker && !is_passed_on {
            record.flags.insert(Flags::SERVICE_WORKER);
        }
        // A body that came with no byte transferred was there already, even when reading it took time.
        let is_body_free = self.response_sizes.body == Some(0.0) && record.content_bytes > Some(0);
        let is_free = self.transfer_size == Some(0.0)
            && (takes_no_time(&record) || is_body_free)
            && self.source_of_worker != WorkerSource::Network;
        if has_status && !has_address && is_free {
            record.flags.insert(Flags::FROM_CACHE);
        }
        let is_local = Flags::FROM_CACHE
            .with(Flags::SERVICE_WORKER)
            .with(Flags::INTERNAL);
        if !record.flags.intersects(is_local)
            && (self.has_error || self.has_response && !has_status)
        {
            record.flags.insert(Flags::ABORTED);
        }
        if record.status == Some(101) || record.url.starts_with("ws") {
            record.flags.insert(Flags::WEBSOCKET);
        }
        if record.server_ip.is_empty() {
            record.server_ip = self.ip_of_webpagetest.unwrap_or_default();
        }
        if record.http_version.is_empty() {
            record.http_version = self.request_version;
        }
        if let Some(pages) = pages {
            let page = pages.get(record.page.as_ref());
            record.page = page.map_or(Cow::Borrowed(""), |page| Cow::Owned(page.clone()));
        }
        record.bytes_sent = self.request_sizes.total();
        record.bytes_received = known(self.transfer_size).or_else(|| self.response_sizes.total());
        record
    }
}
