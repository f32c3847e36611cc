//! One entry of a HAR in full, read again when somebody looks at it: all headers, where the bodies lie, further facts.

use std::borrow::Cow;
use std::io;

use super::facts::fact;
use super::files::Files;
use super::lean::{phases, span_of};
use super::{HUGE, HUGE_STRING, socket};
use crate::base::condense::{Condensed, condense};
use crate::base::json::{Json, Kind, Text};
use crate::capture::{Body, BodyForm, Exchange, Flow, HeaderField, Message, Problem, ProblemKind};

/// Reads the entry of `flow` again; bodies may lie in `files`.
pub(super) fn read_exchange(flow: &Flow<'_>, files: &Files) -> Result<Exchange, Problem> {
    let (raw, source) = (flow.row().span, flow.capture().source());
    let io_problem = |error: io::Error| {
        let message = format!("the entry could not be read again: {error}");
        Problem::new(ProblemKind::Io, message).at_entry(flow.row().entry)
    };
    if HUGE < raw.len {
        let condensed = condense(source, raw, HUGE_STRING).map_err(io_problem)?;
        return Ok(exchange(flow, &condensed.bytes, &condensed, files));
    }
    let bytes = source.bytes(raw).map_err(io_problem)?;
    if bytes.len() < raw.len as usize {
        let message = "the capture has become shorter since it was opened";
        return Err(Problem::new(ProblemKind::Io, message).at_entry(flow.row().entry));
    }
    Ok(exchange(flow, &bytes, &Condensed::whole(raw.start), files))
}

fn exchange(flow: &Flow<'_>, bytes: &[u8], origin: &Condensed, files: &Files) -> Exchange {
    let mut exchange = Exchange {
        raw: flow.row().span,
        ..Exchange::default()
    };
    let mut json = Json::new(bytes);
    let mut facts = Vec::new();
    json.object(|json, key| match key {
        "request" => {
            exchange.request = message(json, origin, files, &mut facts, Parts::request_line);
        }
        "response" if json.kind() == Kind::Object => {
            let response = message(json, origin, files, &mut facts, Parts::status_line);
            exchange.response = Some(response);
        }
        "timings" => exchange.phases = phases(json),
        "_webSocketMessages" => exchange.socket = socket::messages(json, origin),
        "startedDateTime" | "time" | "pageref" => {}
        _ => fact(json, key, &mut facts),
    });
    exchange.facts = facts;
    if flow.status() == Some(101)
        && let Some(response) = &mut exchange.response
        && let Some(body) = response.body.take_if(|body| body.attachment.is_some())
    {
        // Playwright writes the messages of a WebSocket into a file, where the body would be.
        exchange.socket = socket::messages_of_file(&body);
    }
    exchange
}

/// The fields of one message from which its first line is rebuilt.
#[derive(Default)]
struct Parts<'a> {
    method: Cow<'a, str>,
    url: Cow<'a, str>,
    version: Cow<'a, str>,
    status: Cow<'a, str>,
    status_text: Cow<'a, str>,
}

impl Parts<'_> {
    fn request_line(&self) -> String {
        join(&[&self.method, &self.url, &self.version])
    }

    fn status_line(&self) -> String {
        join(&[&self.version, &self.status, &self.status_text])
    }
}

fn join(words: &[&str]) -> String {
    let words: Vec<&str> = words
        .iter()
        .copied()
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}

fn message<'a>(
    json: &mut Json<'a>,
    origin: &Condensed,
    files: &Files,
    facts: &mut Vec<(String, String)>,
    start_line: impl Fn(&Parts<'a>) -> String,
) -> Message {
    let mut message = Message::default();
    let mut parts = Parts::default();
    json.object(|json, key| match key {
        "method" => parts.method = json.string().unwrap_or_default(),
        "url" => parts.url = json.string().unwrap_or_default(),
        "httpVersion" => parts.version = json.string().unwrap_or_default(),
        "status" => parts.status = scalar(json).unwrap_or_default(),
        "statusText" => parts.status_text = json.string().unwrap_or_default(),
        "headers" => message.headers = headers(json, origin),
        "content" => message.body = body(json, origin, files, &mut Vec::new()),
        "postData" => message.body = body(json, origin, files, &mut message.fields),
        "cookies" => message.cookies = named_values(json, origin),
        _ if key.starts_with('_') => fact(json, key, facts),
        _ => {}
    });
    message.start_line = start_line(&parts);
    message
}

fn headers(json: &mut Json<'_>, origin: &Condensed) -> Vec<HeaderField> {
    let mut headers = Vec::new();
    json.array(|json| {
        let (mut name, mut value) = (Cow::default(), None::<Text<'_>>);
        let is_header = json.object(|json, key| match key {
            "name" => name = json.string().unwrap_or_default(),
            "value" => value = json.text(),
            _ => {}
        });
        if is_header {
            headers.push(HeaderField {
                name: name.into_owned(),
                value: value.map_or_else(String::new, |value| json.decode(value).into_owned()),
                span: value.map_or_else(Default::default, |value| span_of(value, origin)),
            });
        }
    });
    headers
}

fn named_values(json: &mut Json<'_>, origin: &Condensed) -> Vec<(String, String)> {
    let fields = headers(json, origin).into_iter();
    fields.map(|field| (field.name, field.value)).collect()
}

/// Where a body lies. Browsers decode bodies before they write them down, so no content encoding is left on them.
fn body(
    json: &mut Json<'_>,
    origin: &Condensed,
    files: &Files,
    fields: &mut Vec<(String, String)>,
) -> Option<Body> {
    let (mut text, mut mime, mut form) = (None, String::new(), BodyForm::JsonString);
    let mut file = None;
    json.object(|json, key| match key {
        "text" => text = json.text(),
        "mimeType" => mime = json.string().unwrap_or_default().into_owned(),
        "encoding" => {
            let encoding = json.string().unwrap_or_default();
            if encoding.eq_ignore_ascii_case("base64") {
                form = BodyForm::JsonBase64;
            }
        }
        "_file" | "_sha1" => file = json.string(),
        "params" => *fields = named_values(json, origin),
        _ => {}
    });
    if let Some((source, span)) = file.and_then(|name| files.open(&name)) {
        return Some(Body {
            attachment: Some(source),
            mime,
            ..Body::at(span, BodyForm::Raw)
        });
    }
    text.map(|text| Body {
        mime,
        ..Body::at(span_of(text, origin), form)
    })
}

/// A value as text, unless it is an object or a list.
pub(super) fn scalar<'a>(json: &mut Json<'a>) -> Option<Cow<'a, str>> {
    match json.kind() {
        Kind::Text => json.string(),
        Kind::Number | Kind::Bool => Some(String::from_utf8_lossy(json.scalar())),
        _ => None,
    }
}
