//! One flow in full, read again when somebody looks at it.

use std::collections::HashMap;

use super::connection::{Address, Connection};
use super::flow::{HttpFlow, Parts};
use super::message::{Fields, time};
use super::tape::{Item, Tape};
use crate::base::bytes::Span;
use crate::capture::{
    Body, BodyForm, Exchange, Flow, HeaderField, Message, Problem, ProblemKind, SocketMessage,
};

/// WebSocket flows that stand apart, by the place of their handshake in the file.
pub(super) type Sockets = HashMap<u32, Vec<Span>>;

/// Reads `flow` again.
pub(super) fn read_exchange(
    flow: &Flow<'_>,
    sockets: &Sockets,
    max_headers: usize,
) -> Result<Exchange, Problem> {
    let (raw, entry) = (flow.row().span, flow.row().entry);
    let mut tape = Tape::new(flow.capture().source());
    let parts = Parts::read(&mut tape, raw);
    let http = HttpFlow::read(&mut tape, &parts, max_headers);
    let mut socket = messages(&mut tape, &parts);
    for span in sockets.get(&entry).into_iter().flatten() {
        let parts = Parts::read(&mut tape, *span);
        socket.extend(messages(&mut tape, &parts));
    }
    socket.sort_by_key(|message| message.time);
    if let Some(error) = tape.take_error() {
        let message = format!("the flow could not be read again: {error}");
        return Err(Problem::new(ProblemKind::Io, message).at_entry(entry));
    }
    let facts = facts(&http, &parts);
    let request_line = join(&[&http.request.method, flow.url(), &http.request.version]);
    let response = http.response.map(|response| {
        let status = response.status.map(|status| status.to_string());
        let status = status.unwrap_or_default();
        let line = join(&[&response.version, &status, &response.reason]);
        message(response, line)
    });
    Ok(Exchange {
        request: message(http.request, request_line),
        response,
        socket,
        // Which flow the setup of a connection counts for was decided when the file was read from its beginning.
        phases: flow.row().phases,
        facts,
        raw,
    })
}

fn join(words: &[&str]) -> String {
    let words: Vec<&str> = words
        .iter()
        .copied()
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}

/// A message with its body as it came over the wire, though not in chunks.
fn message(fields: Fields, start_line: String) -> Message {
    let value = |name| fields.header(name).unwrap_or_default().to_owned();
    let (mime, content_encoding) = (value("content-type"), value("content-encoding"));
    let body = fields.content.filter(|content| 0 < content.len());
    Message {
        start_line,
        body: body.map(|content| Body {
            mime,
            content_encoding,
            ..Body::at(content.span(), BodyForm::Raw)
        }),
        headers: fields
            .headers
            .into_iter()
            .map(|header| HeaderField {
                name: header.name,
                value: header.value,
                span: header.span,
            })
            .collect(),
        ..Message::default()
    }
}

/// The messages of a WebSocket: `[opcode, from_client, content, timestamp, …]`.
fn messages(tape: &mut Tape<'_>, parts: &Parts) -> Vec<SocketMessage> {
    let mut messages = Vec::new();
    let Some(list) = parts.messages else {
        return messages;
    };
    tape.elements(list, |tape, message| {
        let [Some(opcode), Some(from_client), Some(content), at] = tape.few::<4>(message) else {
            return;
        };
        let opcode = tape.integer(opcode);
        let at = at.and_then(|at| tape.number(at));
        messages.push(SocketMessage {
            is_from_client: tape.is_set(from_client),
            opcode: opcode.and_then(|code| u8::try_from(code).ok()).unwrap_or(0),
            time: time(at),
            body: body_of(content),
        });
    });
    messages
}

fn body_of(content: Item) -> Body {
    let span = if matches!(content.tag, b',' | b';') {
        content.span()
    } else {
        Span::default()
    };
    Body::at(span, BodyForm::Raw)
}

fn facts(flow: &HttpFlow, parts: &Parts) -> Vec<(String, String)> {
    let (client, server) = (&flow.client, &flow.server);
    let peer = |connection: &Connection| {
        let address = connection.peer.as_ref().or_else(|| connection.literal());
        address.map(Address::shown).unwrap_or_default()
    };
    let error = flow.error.as_ref();
    let server_word = if server.has_upstream() {
        "upstream proxy"
    } else {
        "server"
    };
    let facts = [
        ("client", peer(client)),
        (server_word, peer(server)),
        ("proxy mode", client.proxy_mode.clone()),
        ("server name (SNI)", server.sni.clone()),
        (Exchange::TLS_VERSION, server.tls_version.clone()),
        ("cipher", server.cipher.clone()),
        ("ALPN", server.alpn.clone()),
        (
            "error",
            error.map(|error| error.message.clone()).unwrap_or_default(),
        ),
        ("replayed", replayed(flow, parts)),
        ("marked", parts.marked.clone()),
        ("comment", parts.comment.clone()),
    ];
    let known = facts.into_iter().filter(|(_, value)| !value.is_empty());
    known
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// Which side of the flow mitmproxy played back; before 5.3 each message said so itself.
fn replayed(flow: &HttpFlow, parts: &Parts) -> String {
    if !parts.replayed.is_empty() {
        return parts.replayed.clone();
    }
    let is_response = flow
        .response
        .as_ref()
        .is_some_and(|response| response.is_replay);
    match (flow.request.is_replay, is_response) {
        (true, _) => "request".to_owned(),
        (false, true) => "response".to_owned(),
        (false, false) => String::new(),
    }
}
