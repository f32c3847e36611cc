//! A transaction of a `.chlsj` file. Numbers may be written as text, and what does not apply is null.

use super::transaction::{Content, Message, Transaction};
use crate::base::bytes::Span;
use crate::base::condense::Condensed;
use crate::base::json::{Fault, Json, Kind, Text};
use crate::base::time::Time;
use crate::capture::{BodyForm, Exchange, HeaderField};

/// Bytes by which a body tells its coding.
const HEAD: usize = 8;

/// Reads the transaction that consists of `bytes`, with at most `max_headers` headers per message.
pub(super) fn read(
    bytes: &[u8],
    origin: &Condensed,
    max_headers: usize,
) -> (Transaction, Vec<Fault>) {
    let mut json = Json::new(bytes);
    let mut transaction = Transaction::default();
    json.object(|json, key| field(&mut transaction, json, key, origin, max_headers));
    (transaction, json.into_faults())
}

fn field(
    transaction: &mut Transaction,
    json: &mut Json<'_>,
    key: &str,
    origin: &Condensed,
    max_headers: usize,
) {
    match key {
        "status" => transaction.status = text(json),
        "method" => transaction.method = text(json),
        "protocolVersion" => transaction.version = text(json),
        "scheme" => transaction.scheme = text(json),
        "host" => transaction.host = text(json),
        "port" => transaction.port = port(json),
        "actualPort" => transaction.actual_port = port(json),
        "path" => transaction.path = text(json),
        "query" => transaction.query = text(json),
        "remoteAddress" => transaction.remote_address = text(json),
        "tunnel" => transaction.is_tunnel = json.is_set(),
        "webSocket" => transaction.is_websocket = json.is_set(),
        "times" => {
            json.object(|json, key| match key {
                "start" => transaction.start = time(json),
                "requestBegin" if transaction.start.is_none() => transaction.start = time(json),
                "end" => transaction.end = time(json),
                _ => {}
            });
        }
        "durations" => {
            json.object(|json, key| duration(transaction, json, key));
        }
        "request" => transaction.request = message(json, origin, max_headers),
        "response" if json.kind() == Kind::Object => {
            transaction.response = Some(message(json, origin, max_headers));
        }
        "ssl" | "alpn" => {
            let group = key.to_owned();
            json.object(|json, key| match (group.as_str(), key) {
                ("ssl", "protocol") => fact(transaction, json, Exchange::TLS_VERSION),
                _ => fact(transaction, json, &format!("{group} {key}")),
            });
        }
        "speeds" => {}
        _ => fact(transaction, json, key),
    }
}

fn duration(transaction: &mut Transaction, json: &mut Json<'_>, key: &str) {
    let place = match key {
        "total" => &mut transaction.total_ms,
        "dns" => &mut transaction.dns_ms,
        "connect" => &mut transaction.connect_ms,
        "ssl" => &mut transaction.ssl_ms,
        "request" => &mut transaction.request_ms,
        "latency" => &mut transaction.latency_ms,
        "response" => &mut transaction.response_ms,
        _ => return,
    };
    *place = json.number();
}

fn message(json: &mut Json<'_>, origin: &Condensed, max_headers: usize) -> Message {
    let mut message = Message::default();
    json.object(|json, key| match key {
        "status" => message.status = json.number().map(|status| status as i64),
        "mimeType" => message.mime = text(json),
        "contentEncoding" => message.content_encoding = text(json),
        "sizes" => {
            json.object(|json, key| match key {
                "headers" => message.header_bytes = size(json),
                "body" => message.body_bytes = size(json),
                _ => {}
            });
        }
        "header" => {
            json.object(|json, key| match key {
                "firstLine" => message.first_line = text(json),
                "headers" => headers(&mut message, json, origin, max_headers),
                _ => {}
            });
        }
        "body" => message.body = body(json, origin),
        _ => {}
    });
    message
}

fn headers(message: &mut Message, json: &mut Json<'_>, origin: &Condensed, max_headers: usize) {
    json.array(|json| {
        let (mut name, mut value) = (String::new(), None::<Text<'_>>);
        let is_header = json.object(|json, key| match key {
            "name" => name = text(json),
            "value" => value = json.text(),
            _ => {}
        });
        if is_header && max_headers <= message.headers.len() {
            message.has_more_headers = true;
        } else if is_header {
            message.headers.push(HeaderField {
                name: std::mem::take(&mut name),
                value: value.map_or_else(String::new, |value| json.decode(value).into_owned()),
                span: value.map_or_else(Span::default, |value| span_of(value, origin)),
            });
        }
    });
}

/// `{text, charset}`, or `{encoding: base64, encoded}`.
fn body(json: &mut Json<'_>, origin: &Condensed) -> Option<Content> {
    let mut content = None;
    json.object(|json, key| {
        let form = match key {
            "text" => BodyForm::JsonString,
            "encoded" => BodyForm::JsonBase64,
            _ => return,
        };
        content = json
            .text()
            .map(|text| Content {
                span: span_of(text, origin),
                form,
                head: text.raw.get(..HEAD).unwrap_or(text.raw).to_vec(),
                decoded: None,
            })
            .or_else(|| content.take());
    });
    content
}

fn span_of(text: Text<'_>, origin: &Condensed) -> Span {
    Span::new(origin.offset(text.at), text.raw.len() as u32)
}

fn text(json: &mut Json<'_>) -> String {
    json.string().unwrap_or_default().into_owned()
}

fn port(json: &mut Json<'_>) -> Option<u16> {
    let port = json.number()? as i64;
    u16::try_from(port).ok().filter(|port| *port != 0)
}

fn size(json: &mut Json<'_>) -> Option<u64> {
    json.number()
        .filter(|size| 0.0 <= *size)
        .map(|size| size as u64)
}

fn time(json: &mut Json<'_>) -> Option<Time> {
    Time::parse_iso(&json.string()?)
}

fn fact(transaction: &mut Transaction, json: &mut Json<'_>, name: &str) {
    let value = match json.kind() {
        Kind::Text => text(json),
        Kind::Number | Kind::Bool => String::from_utf8_lossy(json.scalar()).into_owned(),
        _ => return,
    };
    // Behind a lost quote, text stands where keys belong.
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '_' | '-');
    if !name.is_empty() && name.chars().all(is_name) {
        transaction.facts.push((name.to_owned(), value));
    }
}
