//! What single bytes mean to the scan, and how an entry begins.

use memchr::memchr;

/// What a byte means outside of strings.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Part of a number or of `true`, `false`, `null`, `NaN`, `Infinity`, or a separator.
    Plain,
    Space,
    Quote,
    Open,
    Close,
    /// Nothing that JSON allows here: a quote was lost, or this is no JSON.
    Bad,
}

pub(super) const CLASSES: [Class; 256] = {
    let mut classes = [Class::Bad; 256];
    let plain = b"0123456789+-.eEtrufalsnNIiy,:";
    let mut idx = 0;
    while idx < plain.len() {
        classes[plain[idx] as usize] = Class::Plain;
        idx += 1;
    }
    classes[b' ' as usize] = Class::Space;
    classes[b'\t' as usize] = Class::Space;
    classes[b'\r' as usize] = Class::Space;
    classes[b'\n' as usize] = Class::Space;
    classes[b'"' as usize] = Class::Quote;
    classes[b'{' as usize] = Class::Open;
    classes[b'[' as usize] = Class::Open;
    classes[b'}' as usize] = Class::Close;
    classes[b']' as usize] = Class::Close;
    classes
};

/// Skips indentation eight bytes at a time.
pub(super) fn behind_space(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at..at + 8) == Some(b"        ") {
        at += 8;
    }
    at
}

/// Keys with which programs begin an entry; those that begin with `_` come on top.
const FIRST_KEYS: [&[u8]; 8] = [
    b"startedDateTime",
    b"pageref",
    b"request",
    b"response",
    b"cache",
    b"timings",
    b"time",
    b"serverIPAddress",
];

/// The position of the comma before an entry whose `{` stands at `brace`, if one plainly begins there.
pub(super) fn comma_before_entry(bytes: &[u8], brace: usize) -> Option<usize> {
    let before = bytes[..brace].trim_ascii_end();
    let comma = before.len().checked_sub(1)?;
    let inside = bytes[brace + 1..].trim_ascii_start().strip_prefix(b"\"")?;
    let len = memchr(b'"', &inside[..inside.len().min(MAX_KEY)])?;
    let key = &inside[..len];
    let is_first_key = key.starts_with(b"_") || FIRST_KEYS.contains(&key);
    let is_key = inside[len + 1..].trim_ascii_start().starts_with(b":");
    (before[comma] == b',' && is_first_key && is_key).then_some(comma)
}

/// Longest key that is looked at.
const MAX_KEY: usize = 256;
