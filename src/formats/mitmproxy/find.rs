//! Finds where each flow begins and ends. Behind damage, it looks for the next place at which a flow plainly begins.

use std::ops::Range;

use super::tape::{Fault, Tape};
use crate::base::bytes::Span;

/// Keys that a flow may begin with.
const KEYS: [&[u8]; 26] = [
    b"backup",
    b"client_conn",
    b"client_extensions",
    b"client_key",
    b"client_protocol",
    b"close_code",
    b"close_message",
    b"close_reason",
    b"close_sender",
    b"comment",
    b"error",
    b"id",
    b"intercepted",
    b"is_replay",
    b"marked",
    b"messages",
    b"metadata",
    b"mode",
    b"request",
    b"response",
    b"server_accept",
    b"server_conn",
    b"timestamp_created",
    b"type",
    b"version",
    b"websocket",
];
/// Longest beginning of a flow: two lengths and the first key.
const BEGINNING: usize = 12 + 1 + 3 + 20 + 1;
/// Bytes that may have gone wrong before the first flow that can be told.
const LOST: usize = 4 << 10;
/// Bytes that are looked at in one step.
const STEP: usize = 1 << 16;

/// What stands at one place of the file.
#[derive(Clone, Copy, Debug)]
pub(super) enum Found {
    /// A flow, with its length and type.
    Flow(Span),
    /// A flow whose length or end is damaged; it goes as far as the next one.
    Damaged(Span, Fault),
    /// The beginning of a flow, and then nothing.
    Cut(u64),
    /// Something else, in words.
    Other(u64, &'static str),
}

/// The position in a file.
#[derive(Debug)]
pub(super) struct Finder {
    at: u64,
    end: u64,
}

impl Finder {
    pub(super) const fn new(end: u64) -> Self {
        Self { at: 0, end }
    }

    /// Offset behind what was found.
    pub(super) const fn offset(&self) -> u64 {
        self.at
    }

    /// What comes next; `None` at the end.
    pub(super) fn next(&mut self, tape: &mut Tape<'_>) -> Option<Found> {
        if self.end <= self.at || self.is_blank(tape) {
            self.at = self.end;
            return None;
        }
        let at = self.at;
        let fault = match tape.item(at, self.end) {
            Ok(item) if u32::try_from(item.end + 1 - at).is_err() => {
                self.at = item.end + 1;
                return Some(Found::Other(at, "the flow is larger than 4 GiB"));
            }
            Ok(item) if item.tag == b'}' && self.is_followed(tape, item.end + 1) => {
                self.at = item.end + 1;
                return Some(Found::Flow(Span::new(at, (self.at - at) as u32)));
            }
            Ok(item) if self.is_followed(tape, item.end + 1) => {
                self.at = item.end + 1;
                return Some(Found::Other(at, "expected a flow, found another item"));
            }
            Ok(_) => Fault {
                at,
                what: "the length of the flow is wrong",
                is_cut: false,
            },
            Err(fault) => fault,
        };
        let next = self.next_beginning(tape, at + 1);
        self.at = next.unwrap_or(self.end);
        if next.is_none() && fault.is_cut {
            return Some(Found::Cut(at));
        }
        match u32::try_from(self.at - at) {
            Ok(len) if is_beginning(tape.bytes(at, BEGINNING), true) => {
                Some(Found::Damaged(Span::new(at, len), fault))
            }
            _ => Some(Found::Other(at, fault.what)),
        }
    }

    /// True when the file ends at `at`, or another flow may begin there.
    fn is_followed(&self, tape: &mut Tape<'_>, at: u64) -> bool {
        tape.byte(at)
            .is_none_or(|byte| byte.is_ascii_digit() || byte.is_ascii_whitespace() || byte == 0)
            || self.end <= at
    }

    /// True when nothing but white space and zeros is left, as a crash may leave behind.
    fn is_blank(&self, tape: &mut Tape<'_>) -> bool {
        let is_blank = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0;
        let mut at = self.at;
        if tape.byte(at).is_some_and(|byte| !is_blank(&byte)) {
            return false;
        }
        while at < self.end {
            let bytes = tape.bytes(at, STEP);
            if bytes.is_empty() || !bytes.iter().all(is_blank) {
                return bytes.is_empty();
            }
            at += bytes.len() as u64;
        }
        true
    }

    /// The first place from `from` on where a flow plainly begins.
    fn next_beginning(&self, tape: &mut Tape<'_>, from: u64) -> Option<u64> {
        // One more byte in front tells what the flow stands behind.
        let mut at = from - 1;
        while at < self.end {
            let bytes = tape.bytes(at, STEP);
            let len = bytes.len();
            if len == 0 {
                return None;
            }
            let candidates: Vec<u64> = memchr::memchr_iter(b':', bytes)
                .flat_map(|colon| beginnings(bytes, colon))
                .map(|begin| at + begin as u64)
                .collect();
            let found = candidates
                .into_iter()
                .find(|begin| from <= *begin && self.is_whole(tape, *begin));
            if found.is_some() {
                return found;
            }
            let is_last = len as u64 == self.end - at;
            at += if is_last {
                len
            } else {
                len - BEGINNING.min(len - 1)
            } as u64;
        }
        None
    }

    /// True when a flow with a version begins at `at`, though the last one may be cut off.
    fn is_whole(&self, tape: &mut Tape<'_>, at: u64) -> bool {
        match tape.item(at, self.end) {
            Ok(item) if item.tag == b'}' && self.is_followed(tape, item.end + 1) => {
                let mut has_version = false;
                tape.fields(item, |_, key, _| has_version |= key == b"version");
                tape.take_faults();
                has_version
            }
            Ok(_) => false,
            Err(fault) => fault.is_cut && tape.byte(at - 1) == Some(b'}'),
        }
    }
}

/// Where a flow may begin whose first length ends at `colon`. The digits of what was cut off may stand before its own.
fn beginnings(bytes: &[u8], colon: usize) -> Range<usize> {
    let before = &bytes[..colon];
    let digits = before.iter().rev().take(12);
    let n = digits.take_while(|byte| byte.is_ascii_digit()).count();
    // Behind a key stands a part of a flow.
    let is_value = before[..colon - n]
        .last()
        .is_some_and(|byte| matches!(byte, b';' | b','));
    if n == 0 || is_value || !has_first_key(&bytes[colon + 1..]) {
        return 0..0;
    }
    colon - n..colon
}

/// True when `bytes` begin like a flow: `1234:9:websocket;`. With `is_lenient`, the first length may be damaged.
fn is_beginning(bytes: &[u8], is_lenient: bool) -> bool {
    let Some(colon) = bytes.iter().take(14).position(|byte| *byte == b':') else {
        return false;
    };
    let (length, rest) = (&bytes[..colon], &bytes[colon + 1..]);
    if !is_lenient && (length.is_empty() || !length.iter().all(u8::is_ascii_digit)) {
        return false;
    }
    has_first_key(rest)
}

/// True when `bytes` begin with a key that a flow may begin with.
fn has_first_key(bytes: &[u8]) -> bool {
    KEYS.iter().any(|key| {
        let digits = key.len().to_string();
        bytes
            .strip_prefix(digits.as_bytes())
            .and_then(|rest| rest.strip_prefix(b":"))
            .and_then(|rest| rest.strip_prefix(*key))
            .and_then(<[u8]>::first)
            .is_some_and(|tag| matches!(tag, b',' | b';'))
    })
}

/// How sure one can be that a file that begins with `head` holds flows.
pub(super) fn confidence(head: &[u8]) -> u8 {
    if is_beginning(head, false) {
        95
    } else if is_beginning(head, true) {
        60
    } else if head.first().is_some_and(u8::is_ascii_digit) && head.len() <= BEGINNING {
        // A flow file that breaks off at once.
        let colon = head.iter().position(|byte| *byte == b':');
        let is_cut = colon.is_some_and(|colon| (1..=12).contains(&colon));
        if is_cut { 20 } else { 0 }
    } else {
        let start = &head[..head.len().min(LOST)];
        let mut colons = memchr::memchr_iter(b':', start);
        let is_text = start.trim_ascii_start().starts_with(b"{");
        let has_flow = !is_text && colons.any(|colon| !beginnings(head, colon).is_empty());
        if has_flow { 55 } else { 0 }
    }
}
