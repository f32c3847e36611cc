//! Messages of a WebSocket as Fiddler keeps them: a block of fields in front of each frame.

use crate::base::bytes::Span;
use crate::base::time::Time;
use crate::capture::{Body, BodyForm, RawMessage, SocketMessage};

/// Most fields in front of a frame.
const MAX_FIELDS: usize = 32;

/// All messages in `bytes`, which begin at `start` in the source; they end where the text makes no sense.
pub(super) fn messages(bytes: &[u8], start: u64) -> Vec<SocketMessage> {
    let (mut messages, mut at) = (Vec::new(), 0);
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let skipped = rest
            .iter()
            .take_while(|byte| matches!(byte, b'\r' | b'\n'))
            .count();
        at += skipped;
        let Some((message, next)) = message(bytes, at, start) else {
            break;
        };
        messages.extend(message);
        at = next;
    }
    messages
}

/// The message at `at`, and where the next one begins.
fn message(bytes: &[u8], at: usize, start: u64) -> Option<(Option<SocketMessage>, usize)> {
    let rest = bytes.get(at..)?;
    // The first field stands where a message has its first line.
    let fields = RawMessage::parse(rest, 0, MAX_FIELDS);
    let (name, len) = fields.start_line.split_once(':')?;
    let is_from_client = match name.trim().to_ascii_lowercase().as_str() {
        "request-length" => true,
        "response-length" => false,
        _ => return None,
    };
    let len: usize = len.trim().parse().ok()?;
    let from = at + usize::try_from(fields.body.start).ok()?;
    let to = from.checked_add(len)?.min(bytes.len());
    let frame = bytes.get(from..to)?;
    let times = ["DoneRead", "BeginSend", "DoneSend"];
    let time = times
        .into_iter()
        .find_map(|name| Time::parse_iso(fields.header(name)?));
    let message = payload(frame).map(|(opcode, payload_at, form)| {
        let len = u32::try_from(frame.len() - payload_at).unwrap_or(u32::MAX);
        SocketMessage {
            is_from_client,
            opcode,
            time,
            body: Body::at(Span::new(start + (from + payload_at) as u64, len), form),
        }
    });
    (at < to).then_some((message, to))
}

/// Opcode, where the payload begins, and how it is written, from the header of a frame (RFC 6455, section 5.2).
fn payload(frame: &[u8]) -> Option<(u8, usize, BodyForm)> {
    let (first, second) = (*frame.first()?, *frame.get(1)?);
    let len_bytes = match second & 0x7f {
        126 => 2,
        127 => 8,
        _ => 0,
    };
    let key_at = 2 + len_bytes;
    let opcode = first & 0x0f;
    if second & 0x80 == 0 {
        return (key_at <= frame.len()).then_some((opcode, key_at, BodyForm::Raw));
    }
    let key: [u8; 4] = frame.get(key_at..key_at + 4)?.try_into().ok()?;
    Some((opcode, key_at + 4, BodyForm::Masked(key)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::bytes::ByteSource;

    #[test]
    fn frames_are_unmasked_and_keep_their_direction() {
        let mut bytes =
            b"Request-Length: 9\r\nID: 1\r\nDoneRead: 2020-04-02T04:32:04.0000000+00:00\r\n\r\n"
                .to_vec();
        bytes.extend([0x81, 0x83, 1, 2, 3, 4, b'a' ^ 1, b'b' ^ 2, b'c' ^ 3]);
        bytes.extend(b"\r\nResponse-Length: 4\r\nID: 2\r\n\r\n\x82\x02hi\r\n");
        let source = ByteSource::from_bytes([b"..".to_vec(), bytes.clone()].concat());
        let found: Vec<(bool, u8, String)> = messages(&bytes, 2)
            .iter()
            .map(|message| {
                let text = message.body.read(&source, 100).expect("memory");
                let text = String::from_utf8_lossy(&text.bytes).into_owned();
                (message.is_from_client, message.opcode, text)
            })
            .collect();
        assert_eq!(
            found,
            [(true, 1, "abc".to_owned()), (false, 2, "hi".to_owned())]
        );
        for cut in 0..bytes.len() {
            messages(&bytes[..cut], 0);
        }
    }
}
