//! A HAR 1.2 entry for a flow that no HAR holds, from its columns and, where there is more, from its exchange.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use har::v1_2::{
    Cache, Content, Entries, Headers, PostData, QueryString, Request, Response, Timings,
};
use serde_json::{Map, Value, json};

use crate::base::time::Time;
use crate::capture::{Body, Flow, Message, Phase, Phases, Side, SocketMessage};

/// Longest body that is written, in bytes.
const MAX_BODY: usize = 64 << 20;

/// The entry, not yet redacted; with the body of the response only when `with_bodies`, since it would be removed.
pub(super) fn entry_of(flow: Flow<'_>, with_bodies: bool) -> Map<String, Value> {
    let exchange = flow.capture().exchange(flow.idx()).unwrap_or_default();
    let phases = flow.row().phases;
    let entry = Entries {
        started_date_time: flow.start().map(Time::to_iso).unwrap_or_default(),
        time: flow.time_ms().unwrap_or(-1.0),
        request: request(flow, &exchange.request),
        response: response(flow, exchange.response.as_ref(), with_bodies),
        cache: Cache::default(),
        timings: timings(flow, phases),
        server_ip_address: Some(flow.server_ip().to_owned()).filter(|ip| !ip.is_empty()),
        ..Entries::default()
    };
    let Ok(Value::Object(mut fields)) = serde_json::to_value(entry) else {
        return Map::new();
    };
    if !exchange.socket.is_empty() {
        let messages = exchange.socket.iter();
        let messages = messages.map(|message| socket_message(flow, message, with_bodies));
        fields.insert("_webSocketMessages".to_owned(), messages.collect());
    }
    fields
}

/// A message as Chromium writes it.
fn socket_message(flow: Flow<'_>, message: &SocketMessage, with_bodies: bool) -> Value {
    let text = with_bodies.then(|| body_text(flow, &message.body));
    json!({
        "type": if message.is_from_client { "send" } else { "receive" },
        "time": message.time.map_or(0.0, |time| time.0 as f64 / 1e6),
        "opcode": message.opcode,
        "data": text.flatten().map(|(text, _)| text).unwrap_or_default(),
    })
}

/// The decoded body as text, or in base64 where it is none; then the second is true.
fn body_text(flow: Flow<'_>, body: &Body) -> Option<(String, bool)> {
    let read = body.read(flow.capture().source(), MAX_BODY).ok()?;
    Some(match String::from_utf8(read.bytes) {
        Ok(text) => (text, false),
        Err(error) => (BASE64_STANDARD.encode(error.as_bytes()), true),
    })
}

fn request(flow: Flow<'_>, message: &Message) -> Request {
    let post_data = message.body.as_ref().and_then(|body| {
        let (text, is_base64) = body_text(flow, body)?;
        Some(PostData {
            mime_type: body.mime.clone(),
            text: Some(text),
            comment: is_base64.then(|| "base64".to_owned()),
            ..PostData::default()
        })
    });
    Request {
        method: flow.method().to_owned(),
        url: flow.url().to_owned(),
        http_version: flow.http_version().to_owned(),
        headers: headers(flow, Side::Request, message),
        query_string: query(flow.url()),
        post_data,
        headers_size: -1,
        body_size: bytes(flow.bytes_sent()),
        ..Request::default()
    }
}

fn response(flow: Flow<'_>, message: Option<&Message>, with_bodies: bool) -> Response {
    let none = Message::default();
    let message = message.unwrap_or(&none);
    let body = message.body.as_ref().filter(|_| with_bodies);
    let (text, is_base64) = body.and_then(|body| body_text(flow, body)).unzip();
    Response {
        status: flow.status().map_or(0, i64::from),
        status_text: reason(&message.start_line).to_owned(),
        http_version: flow.http_version().to_owned(),
        headers: headers(flow, Side::Response, message),
        redirect_url: Some(message.header("location").unwrap_or_default().to_owned()),
        content: Content {
            size: bytes(flow.content_bytes()),
            mime_type: Some(flow.mime().to_owned()),
            encoding: (is_base64 == Some(true)).then(|| "base64".to_owned()),
            text,
            ..Content::default()
        },
        headers_size: -1,
        body_size: bytes(flow.bytes_received()),
        ..Response::default()
    }
}

/// `OK` in `HTTP/1.1 200 OK` and in `200 OK`.
fn reason(start_line: &str) -> &str {
    let behind_version = match start_line.split_once(' ') {
        Some((first, rest)) if first.starts_with("HTTP") => rest,
        _ => start_line,
    };
    behind_version
        .split_once(' ')
        .map_or("", |(_, reason)| reason)
}

/// All headers of the exchange; those kept in the columns when the exchange could not be read again.
fn headers(flow: Flow<'_>, side: Side, message: &Message) -> Vec<Headers> {
    let header = |name: &str, value: &str| Headers {
        name: name.to_owned(),
        value: value.to_owned(),
        comment: None,
    };
    if !message.headers.is_empty() {
        let all = message.headers.iter();
        return all.map(|field| header(&field.name, &field.value)).collect();
    }
    let kept = flow.headers().filter(|kept| kept.side == side);
    kept.map(|kept| header(kept.name, kept.value)).collect()
}

fn query(url: &str) -> Vec<QueryString> {
    let before_fragment = url.split('#').next().unwrap_or_default();
    let Some((_, query)) = before_fragment.split_once('?') else {
        return Vec::new();
    };
    url::form_urlencoded::parse(query.as_bytes())
        .map(|(name, value)| QueryString {
            name: name.into_owned(),
            value: value.into_owned(),
            comment: None,
        })
        .collect()
}

fn timings(flow: Flow<'_>, phases: Phases) -> Timings {
    let optional = |phase| Some(phases.get(phase).unwrap_or(-1.0));
    Timings {
        blocked: optional(Phase::Blocked),
        dns: optional(Phase::Dns),
        connect: optional(Phase::Connect),
        ssl: optional(Phase::Ssl),
        send: phases.get(Phase::Send).unwrap_or(0.0),
        // HAR wants the parts to add up; without phases, all of it was waiting.
        wait: phases
            .get(Phase::Wait)
            .or_else(|| flow.time_ms().filter(|_| phases.is_empty()))
            .unwrap_or(0.0),
        receive: phases.get(Phase::Receive).unwrap_or(0.0),
        comment: None,
    }
}

fn bytes(bytes: Option<u64>) -> i64 {
    bytes
        .and_then(|bytes| i64::try_from(bytes).ok())
        .unwrap_or(-1)
}
