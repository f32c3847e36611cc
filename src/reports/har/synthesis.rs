//! A HAR 1.2 entry for a flow that no HAR holds, from its columns and, where there is more, from its exchange.

use har::v1_2::{Cache, Content, Entries, Headers, QueryString, Request, Response, Timings};
use serde_json::{Map, Value};

use crate::base::time::Time;
use crate::capture::{Flow, Message, Phase, Phases, Side};

/// The entry, not yet redacted and without bodies.
pub(super) fn entry_of(flow: Flow<'_>) -> Map<String, Value> {
    let exchange = flow.capture().exchange(flow.idx()).unwrap_or_default();
    let phases = flow.row().phases;
    let entry = Entries {
        started_date_time: flow.start().map(Time::to_iso).unwrap_or_default(),
        time: flow.time_ms().unwrap_or(0.0),
        request: request(flow, &exchange.request),
        response: response(flow, exchange.response.as_ref()),
        cache: Cache::default(),
        timings: timings(flow, phases),
        server_ip_address: Some(flow.server_ip().to_owned()).filter(|ip| !ip.is_empty()),
        ..Entries::default()
    };
    match serde_json::to_value(entry) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}

fn request(flow: Flow<'_>, message: &Message) -> Request {
    Request {
        method: flow.method().to_owned(),
        url: flow.url().to_owned(),
        http_version: flow.http_version().to_owned(),
        headers: headers(flow, Side::Request, message),
        query_string: query(flow.url()),
        headers_size: -1,
        body_size: bytes(flow.bytes_sent()),
        ..Request::default()
    }
}

fn response(flow: Flow<'_>, message: Option<&Message>) -> Response {
    let none = Message::default();
    let message = message.unwrap_or(&none);
    Response {
        status: flow.status().map_or(0, i64::from),
        http_version: flow.http_version().to_owned(),
        headers: headers(flow, Side::Response, message),
        redirect_url: Some(message.header("location").unwrap_or_default().to_owned()),
        content: Content {
            size: bytes(flow.content_bytes()),
            mime_type: Some(flow.mime().to_owned()),
            ..Content::default()
        },
        headers_size: -1,
        body_size: bytes(flow.bytes_received()),
        ..Response::default()
    }
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
