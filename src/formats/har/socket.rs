//! Messages of a WebSocket, as browsers add them to the entry of its handshake.

use super::lean::span_of;
use crate::base::bytes::{ByteSource, Span};
use crate::base::condense::Condensed;
use crate::base::json::{Json, Kind};
use crate::base::lines::Lines;
use crate::base::time::Time;
use crate::capture::{Body, BodyForm, SocketMessage};

/// Most bytes of a file of messages that are read.
const MAX_FILE: u32 = 64 << 20;
/// Longest line of a file of messages that is read.
const MAX_LINE: usize = 16 << 20;

/// Reads a list of messages.
pub(super) fn messages(json: &mut Json<'_>, origin: &Condensed) -> Vec<SocketMessage> {
    let mut messages = Vec::new();
    json.array(|json| messages.extend(message(json, origin)));
    messages
}

/// Reads the messages in the file that `body` is: one per line.
pub(super) fn messages_of_file(body: &Body) -> Vec<SocketMessage> {
    let Some(file) = &body.attachment else {
        return Vec::new();
    };
    // In an archive, all files lie one behind the other.
    let span = Span::new(body.span.start, body.span.len.min(MAX_FILE));
    let source = ByteSource::from_bytes(file.bytes(span).unwrap_or_default());
    let (mut lines, mut line) = (Lines::new(&source, MAX_LINE), Vec::new());
    let mut messages = Vec::new();
    while let Ok(Some(place)) = lines.next(&mut line) {
        let origin = Condensed::whole(body.span.start + place.span.start);
        let found = message(&mut Json::new(&line), &origin);
        messages.extend(found.map(|mut message| {
            message.body.attachment = Some(file.clone());
            message
        }));
    }
    messages
}

/// `{"type": "send", "time": 1795404084.18, "opcode": 1, "data": "hello"}`; binary data is in base64.
fn message(json: &mut Json<'_>, origin: &Condensed) -> Option<SocketMessage> {
    let (mut is_from_client, mut opcode, mut time) = (false, 1, None);
    let mut data = None;
    let is_message = json.object(|json, key| match key {
        "type" => {
            let direction = json.string().unwrap_or_default();
            is_from_client = matches!(&*direction, "send" | "sent" | "request" | "outgoing");
        }
        "opcode" => opcode = json.number().map_or(1, |number| number as u8),
        "time" if json.kind() == Kind::Text => {
            let text = json.string().unwrap_or_default();
            time = Time::parse_iso(&text).or_else(|| moment(text.parse().ok()?));
        }
        "time" => time = json.number().and_then(moment),
        "data" => data = json.text(),
        _ => {}
    });
    is_message.then(|| SocketMessage {
        is_from_client,
        opcode,
        time,
        body: Body::at(
            data.map_or_else(Span::default, |data| span_of(data, origin)),
            if opcode == 2 {
                BodyForm::JsonBase64
            } else {
                BodyForm::JsonString
            },
        ),
    })
}

/// Browsers count seconds from the epoch, Playwright counts milliseconds.
fn moment(number: f64) -> Option<Time> {
    const LATEST_SECOND: f64 = 1e11;
    let seconds = if LATEST_SECOND < number {
        number / 1_000.0
    } else {
        number
    };
    Time::from_epoch_seconds(seconds)
}
