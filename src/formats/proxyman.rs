//! Proxyman logs: a zip with one JSON object per request, bodies in base64.

use std::borrow::Cow;
use std::sync::Arc;

use super::{Format, Input, Pace, Probe, Watch};
use crate::base::archive::Archive;
use crate::base::bytes::Span;
use crate::base::json::{Json, Kind, Text};
use crate::base::time::Time;
use crate::capture::{
    Batch, Body, BodyForm, Capture, Carries, Exchange, Flags, Flow, FlowRecord, HeaderField,
    HeaderRecord, Message, Phase, Phases, Problem, ProblemKind, Side, SocketMessage,
};
use crate::providers::is_evidence_header;

/// Reads `.proxymanlogv2`.
pub(super) struct Proxyman;

/// Flows between two looks at the cancel token.
const BATCH: usize = 256;

impl Format for Proxyman {
    fn id(&self) -> &'static str {
        "proxyman"
    }

    fn title(&self) -> &'static str {
        "Proxyman log"
    }

    fn about(&self) -> &'static str {
        "sessions saved by Proxyman (.proxymanlogv2)"
    }

    fn producers(&self) -> &'static str {
        "Proxyman"
    }

    fn versions(&self) -> &'static str {
        "layout of log v2 only"
    }

    fn carries(&self) -> Carries {
        Carries::ALL
    }

    fn confidence(&self, probe: &Probe<'_>) -> u8 {
        let is_member = |name: &String| index(name).is_some();
        if probe.members.iter().any(is_member) {
            94
        } else {
            0
        }
    }

    fn read(&self, input: Input, watch: &Watch<'_>) -> Result<Capture, Problem> {
        let limits = &input.options.limits;
        let mut archive = Archive::open(&input.source, limits)?;
        let damage = archive.damage().map(ToOwned::to_owned);
        let mut wanted: Vec<(u32, usize)> = archive
            .names()
            .iter()
            .enumerate()
            .filter_map(|(place, name)| Some((index(name)?, place)))
            .collect();
        wanted.sort_unstable();
        let places: Vec<usize> = wanted.iter().map(|(_, place)| *place).collect();
        let unpacked = archive.unpack(&places, input.options.password.as_ref(), limits)?;
        let source = unpacked.source.clone();
        watch.progress.set_total(source.len());
        let mut builder = input.builder(source.clone(), Arc::new(exchange));
        builder.set_producer("Proxyman");
        if let Some(damage) = damage {
            let message = format!("{damage}; its members were found one by one");
            builder.problem(Problem::new(ProblemKind::Truncated, message));
        }
        let mut pace = Pace::default();
        for (chunk, n) in unpacked.spans.chunks(BATCH).zip((0_u32..).step_by(BATCH)) {
            let mut batch = Batch::default();
            for (span, n) in chunk.iter().zip(n + 1..) {
                match source.bytes(*span) {
                    Ok(bytes) => push(&mut batch, &bytes, *span, n),
                    Err(error) => {
                        let message = format!("the request could not be read: {error}");
                        batch.problem(Problem::new(ProblemKind::Io, message).at_entry(n));
                    }
                }
            }
            builder.append(batch);
            watch
                .progress
                .set_done(chunk.last().map_or(0, |last| last.end()));
            pace.show(&builder, watch);
            if watch.cancel.is_cancelled() {
                let message = "reading was stopped before the end";
                builder.problem(Problem::new(ProblemKind::Limit, message));
                break;
            }
        }
        for (place, fault) in unpacked.faults {
            let message = format!("the request is not complete: {fault}");
            let entry = u32::try_from(place + 1).unwrap_or(u32::MAX);
            builder.problem(Problem::new(ProblemKind::Encoding, message).at_entry(entry));
        }
        Ok(builder.finish())
    }
}

/// The place of a member in the session: 12 in `request_12_4711`.
fn index(name: &str) -> Option<u32> {
    let file = name.rsplit('/').next()?;
    let (index, _id) = file.strip_prefix("request_")?.split_once('_')?;
    index.parse().ok()
}

/// One request as its JSON says it.
#[derive(Default)]
struct Entry<'a> {
    method: Cow<'a, str>,
    scheme: Cow<'a, str>,
    host: Cow<'a, str>,
    port: Option<f64>,
    path: Cow<'a, str>,
    full: Cow<'a, str>,
    version: String,
    is_socket: bool,
    request: Half<'a>,
    response: Option<Half<'a>>,
    status: Option<f64>,
    reason: Cow<'a, str>,
    error: bool,
    times: [Option<Time>; 4],
    server_ip: Cow<'a, str>,
    socket: Vec<Frame<'a>>,
    facts: Vec<(String, Cow<'a, str>)>,
}

/// Headers and body of one side.
#[derive(Default)]
struct Half<'a> {
    headers: Vec<(Cow<'a, str>, Text<'a>, Cow<'a, str>)>,
    body: Option<Text<'a>>,
    size: Option<f64>,
}

/// A message of a WebSocket.
#[derive(Default)]
struct Frame<'a> {
    is_from_client: bool,
    is_text: bool,
    time: Option<Time>,
    data: Option<Text<'a>>,
    is_base64: bool,
}

impl<'a> Entry<'a> {
    fn of(json: &mut Json<'a>) -> Self {
        let mut entry = Self::default();
        json.object(|json, key| match key {
            "request" => entry.request(json),
            "response" if json.kind() == Kind::Object => entry.response(json),
            "timing" => entry.timing(json),
            "summary" => {
                json.object(|json, key| match key {
                    "serverIpAddress" => entry.server_ip = json.string().unwrap_or_default(),
                    "clientIpAddress" | "clientPort" | "serverPort" => entry.fact(json, key),
                    _ => {}
                });
            }
            "extraInfo" => {
                json.object(|json, key| {
                    if !key.contains("ertificate") {
                        entry.fact(json, key);
                    }
                });
            }
            "client" => {
                json.object(|json, key| {
                    if matches!(key, "name" | "pid") {
                        entry.fact(json, &format!("client {key}"));
                    }
                });
            }
            "isSSL" if json.is_set() && entry.scheme.is_empty() => {
                entry.scheme = Cow::Borrowed("https");
            }
            "websocketMessageStorage" => entry.socket = frames(json),
            _ => {}
        });
        entry
    }

    fn request(&mut self, json: &mut Json<'a>) {
        json.object(|json, key| match key {
            "method" => {
                if json.kind() == Kind::Object {
                    json.object(|json, key| {
                        if key == "name" {
                            self.method = json.string().unwrap_or_default();
                        }
                    });
                } else {
                    self.method = json.string().unwrap_or_default();
                }
            }
            "scheme" => self.scheme = json.string().unwrap_or_default(),
            "host" => self.host = json.string().unwrap_or_default(),
            "port" => self.port = json.number(),
            "uri" => self.path = json.string().unwrap_or_default(),
            "fullPath" => self.full = json.string().unwrap_or_default(),
            "isWebSocketUpgrade" => self.is_socket = json.is_set(),
            "version" => self.version = version(json),
            _ => side(json, key, &mut self.request),
        });
    }

    fn response(&mut self, json: &mut Json<'a>) {
        let mut response = Half::default();
        json.object(|json, key| match key {
            "status" => {
                json.object(|json, key| match key {
                    "code" => self.status = json.number(),
                    "phrase" => self.reason = json.string().unwrap_or_default(),
                    _ => {}
                });
            }
            "error" => self.error = json.is_set(),
            "version" => self.version = version(json),
            _ => side(json, key, &mut response),
        });
        self.response = Some(response);
    }

    fn timing(&mut self, json: &mut Json<'a>) {
        const NAMES: [&str; 4] = [
            "requestStartedAt",
            "requestEndedAt",
            "responseStartedAt",
            "responseEndedAt",
        ];
        json.object(|json, key| {
            if let Some(idx) = NAMES.iter().position(|name| *name == key) {
                let seconds = json.number().filter(|seconds| 0.0 < *seconds);
                self.times[idx] = seconds.and_then(Time::from_epoch_seconds);
            }
        });
    }

    fn fact(&mut self, json: &mut Json<'a>, name: &str) {
        let value = match json.kind() {
            Kind::Text => json.string(),
            Kind::Number | Kind::Bool => Some(String::from_utf8_lossy(json.scalar())),
            _ => None,
        };
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.facts.push((name.to_owned(), value));
        }
    }

    fn url(&self) -> Cow<'a, str> {
        if self.method.eq_ignore_ascii_case("CONNECT") {
            let port = self
                .port
                .map_or_else(String::new, |port| format!(":{port}"));
            return Cow::Owned(format!("{}{port}", self.host));
        }
        if self.path.contains("://") {
            return self.path.clone();
        }
        if self.host.is_empty() {
            let is_full = !self.full.is_empty();
            return if is_full { &self.full } else { &self.path }.clone();
        }
        let port = match (self.scheme.as_ref(), self.port) {
            ("http", Some(80.0)) | ("https", Some(443.0)) | (_, None) => String::new(),
            (_, Some(port)) => format!(":{port}"),
        };
        let slash = if self.path.starts_with('/') { "" } else { "/" };
        let scheme = if self.scheme.is_empty() {
            String::new()
        } else {
            format!("{}:", self.scheme)
        };
        Cow::Owned(format!("{scheme}//{}{port}{slash}{}", self.host, self.path))
    }

    fn between(&self, from: usize, to: usize) -> Option<f64> {
        let ms = self.times[to]?.ms_since(self.times[from]?);
        (0.0 <= ms).then_some(ms)
    }

    fn phases(&self) -> Phases {
        let mut phases = Phases::default();
        for (phase, from, to) in [
            (Phase::Send, 0, 1),
            (Phase::Wait, 1, 2),
            (Phase::Receive, 2, 3),
        ] {
            phases.set(phase, self.between(from, to).unwrap_or(-1.0));
        }
        phases
    }

    fn mime(&self) -> Cow<'a, str> {
        self.response
            .as_ref()
            .map(|side| header(side, "content-type"))
            .unwrap_or_default()
    }

    fn flags(&self) -> Flags {
        let mut flags = Flags::default();
        let has_status = self.status.is_some_and(|status| 0.0 < status);
        if self.error {
            flags.insert(Flags::ABORTED);
        } else if !has_status || self.method.is_empty() {
            flags.insert(Flags::INCOMPLETE);
        }
        if self.is_socket || !self.socket.is_empty() {
            flags.insert(Flags::WEBSOCKET);
        }
        flags
    }
}

fn header<'a>(side: &Half<'a>, name: &str) -> Cow<'a, str> {
    let mut found = side
        .headers
        .iter()
        .filter(|(known, ..)| known.eq_ignore_ascii_case(name));
    found
        .next()
        .map(|(.., value)| value.clone())
        .unwrap_or_default()
}

/// `{"major": 1, "minor": 1}` as `HTTP/1.1`.
fn version(json: &mut Json<'_>) -> String {
    let (mut major, mut minor) = (None, None);
    json.object(|json, key| match key {
        "major" => major = json.number(),
        "minor" => minor = json.number(),
        _ => {}
    });
    match (major, minor) {
        (Some(2.0), _) => "HTTP/2".to_owned(),
        (Some(major), Some(minor)) => format!("HTTP/{major}.{minor}"),
        _ => String::new(),
    }
}

/// Headers, body and size, which both sides have.
fn side<'a>(json: &mut Json<'a>, key: &str, side: &mut Half<'a>) {
    match key {
        "header" => {
            json.object(|json, key| {
                if key == "entries" {
                    json.array(|json| entry_header(json, side));
                }
            });
        }
        "bodyData" => side.body = json.text().filter(|text| !text.raw.is_empty()),
        "compressedBodyDataCount" => side.size = json.number().filter(|size| 0.0 <= *size),
        _ => {}
    }
}

/// `{"key": {"name": "Host"}, "value": "a.example"}`, or with a plain name.
fn entry_header<'a>(json: &mut Json<'a>, side: &mut Half<'a>) {
    let (mut name, mut value) = (Cow::default(), None);
    json.object(|json, key| match key {
        "key" | "name" if json.kind() == Kind::Object => {
            json.object(|json, key| {
                if matches!(key, "name" | "key") {
                    name = json.string().unwrap_or_default();
                }
            });
        }
        "key" | "name" => name = json.string().unwrap_or_default(),
        "value" => value = json.text(),
        _ => {}
    });
    if let Some(text) = value {
        let decoded = json.decode(text);
        side.headers.push((name, text, decoded));
    }
}

/// The messages of a WebSocket, whatever the storage around them is called.
fn frames<'a>(json: &mut Json<'a>) -> Vec<Frame<'a>> {
    let mut frames = Vec::new();
    match json.kind() {
        Kind::Array => {
            json.array(|json| frames.push(frame(json)));
        }
        Kind::Object => {
            json.object(|json, _| {
                if json.kind() == Kind::Array {
                    json.array(|json| frames.push(frame(json)));
                }
            });
        }
        _ => json.skip(),
    }
    frames.retain(|frame| frame.data.is_some());
    frames
}

fn frame<'a>(json: &mut Json<'a>) -> Frame<'a> {
    let mut frame = Frame::default();
    json.object(|json, key| match key {
        "stringValue" => {
            if let Some(text) = json.text().filter(|text| !text.raw.is_empty()) {
                (frame.data, frame.is_text, frame.is_base64) = (Some(text), true, false);
            }
        }
        "dataValue" | "data" if frame.data.is_none() => {
            frame.data = json.text().filter(|text| !text.raw.is_empty());
            frame.is_base64 = true;
        }
        "createdAt" => frame.time = json.number().and_then(Time::from_epoch_seconds),
        "sender" | "source" | "from" => {
            let sender = json.string().unwrap_or_default();
            frame.is_from_client = sender.eq_ignore_ascii_case("client");
        }
        _ => {}
    });
    frame
}

fn place(text: Text<'_>, start: u64) -> Span {
    Span::new(
        start + text.at as u64,
        u32::try_from(text.raw.len()).unwrap_or(u32::MAX),
    )
}

fn push(batch: &mut Batch, bytes: &[u8], span: Span, n: u32) {
    let mut json = Json::new(bytes);
    if json.kind() != Kind::Object {
        let message = "expected an object";
        let problem = Problem::new(ProblemKind::Syntax, message);
        batch.problem(problem.at_entry(n).at_byte(span.start));
        return;
    }
    let entry = Entry::of(&mut json);
    for fault in json.into_faults().into_iter().take(3) {
        let problem = Problem::new(ProblemKind::Syntax, fault.message);
        batch.problem(problem.at_entry(n).at_byte(span.start + fault.at as u64));
    }
    let sides = [
        (Side::Request, Some(&entry.request)),
        (Side::Response, entry.response.as_ref()),
    ];
    let headers = sides.into_iter().flat_map(|(of, side)| {
        let headers = side.map_or(&[][..], |side| &side.headers[..]).iter();
        headers
            .filter(|(name, ..)| is_evidence_header(name))
            .map(move |(name, text, value)| HeaderRecord {
                side: of,
                name: name.clone(),
                value: value.clone(),
                span: place(*text, span.start),
            })
    });
    let size = |side: Option<&Half<'_>>| side.and_then(|side| side.size).map(|size| size as u64);
    batch.push(&FlowRecord {
        entry: n,
        span,
        start: entry.times[0],
        time_ms: entry.between(0, 3),
        method: entry.method.clone(),
        url: entry.url(),
        status: entry.status.map(|status| status as i64),
        mime: entry.mime(),
        server_ip: entry.server_ip.clone(),
        http_version: Cow::Borrowed(&entry.version),
        bytes_sent: size(Some(&entry.request)),
        bytes_received: size(entry.response.as_ref()),
        phases: entry.phases(),
        flags: entry.flags(),
        headers: headers.collect(),
        ..FlowRecord::default()
    });
}

fn exchange(flow: &Flow<'_>) -> Result<Exchange, Problem> {
    let span = flow.row().span;
    let bytes = flow.capture().source().bytes(span).map_err(|error| {
        let message = format!("the request could not be read again: {error}");
        Problem::new(ProblemKind::Io, message).at_entry(flow.row().entry)
    })?;
    let entry = Entry::of(&mut Json::new(&bytes));
    let status = entry
        .status
        .map_or_else(String::new, |status| status.to_string());
    let start = span.start;
    let socket = entry.socket.iter().filter_map(|frame| {
        let form = if frame.is_base64 {
            BodyForm::JsonBase64
        } else {
            BodyForm::JsonString
        };
        Some(SocketMessage {
            is_from_client: frame.is_from_client,
            opcode: if frame.is_text { 1 } else { 2 },
            time: frame.time,
            body: Body::at(place(frame.data?, start), form),
        })
    });
    Ok(Exchange {
        socket: socket.collect(),
        request: message(
            &entry.request,
            join(&[&entry.method, &entry.url(), &entry.version]),
            start,
        ),
        response: entry
            .response
            .as_ref()
            .filter(|_| 0.0 < entry.status.unwrap_or(0.0))
            .map(|side| message(side, join(&[&entry.version, &status, &entry.reason]), start)),
        phases: entry.phases(),
        facts: entry
            .facts
            .iter()
            .map(|(name, value)| (name.clone(), value.clone().into_owned()))
            .collect(),
        raw: span,
    })
}

fn join(words: &[&str]) -> String {
    let known: Vec<&str> = words
        .iter()
        .copied()
        .filter(|word| !word.is_empty())
        .collect();
    known.join(" ")
}

/// Bodies are kept as they came, so the content encoding still lies on them unless Proxyman undid it.
fn message(side: &Half<'_>, start_line: String, start: u64) -> Message {
    let headers = side.headers.iter().map(|(name, text, value)| HeaderField {
        name: name.clone().into_owned(),
        value: value.clone().into_owned(),
        span: place(*text, start),
    });
    let body = side.body.map(|text| Body {
        mime: header(side, "content-type").into_owned(),
        content_encoding: if is_compressed(text.raw) {
            header(side, "content-encoding").into_owned()
        } else {
            String::new()
        },
        ..Body::at(place(text, start), BodyForm::JsonBase64)
    });
    Message {
        start_line,
        headers: headers.collect(),
        body,
        ..Message::default()
    }
}

/// True when base64 begins like gzip or zstd; Proxyman usually decodes bodies before it saves them.
fn is_compressed(base64: &[u8]) -> bool {
    base64.starts_with(b"H4sI") || base64.starts_with(b"KLUv")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_stand_in_the_order_of_their_numbers() {
        assert_eq!(index("request_12_4711"), Some(12));
        assert_eq!(index("folder/request_0_ab"), Some(0));
        for name in ["request_x_1", "request_1", "other", ""] {
            assert_eq!(index(name), None, "{name}");
        }
    }
}
