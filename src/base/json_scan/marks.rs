//! What single bytes mean to the scan, and how an entry begins.

use memchr::{memchr, memmem};

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

/// What kind of document is scanned: where its list stands, and how the entries of the list begin.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// The key of the list.
    list: &'static str,
    /// Keys with which programs begin an entry; those that begin with `_` come on top.
    first_keys: &'static [&'static [u8]],
    /// Keys without which something that stands alone is no entry.
    needed_keys: &'static [&'static [u8]],
}

/// HTTP Archives: `log.entries`.
pub const HAR: Shape = Shape {
    list: "entries",
    first_keys: &[
        b"startedDateTime",
        b"pageref",
        b"request",
        b"response",
        b"cache",
        b"timings",
        b"time",
        b"serverIPAddress",
    ],
    needed_keys: &[b"\"request\"", b"\"response\""],
};

/// Network logs of Chromium: `events`.
pub const NETLOG: Shape = Shape {
    list: "events",
    first_keys: &[b"params", b"phase", b"source", b"time", b"type"],
    needed_keys: &[b"\"source\"", b"\"type\""],
};

/// Sessions of Charles in JSON: an array without a name.
pub const CHARLES: Shape = Shape {
    list: "",
    first_keys: &[
        b"status",
        b"method",
        b"protocolVersion",
        b"scheme",
        b"host",
        b"actualPort",
        b"times",
        b"totalSize",
    ],
    needed_keys: &[b"\"protocolVersion\"", b"\"times\""],
};

impl Shape {
    pub(super) const fn list(self) -> &'static str {
        self.list
    }

    /// The key with which the object begins whose `{` stands at `brace`.
    fn first_key(bytes: &[u8], brace: usize) -> Option<&[u8]> {
        let inside = bytes
            .get(brace + 1..)?
            .trim_ascii_start()
            .strip_prefix(b"\"")?;
        let len = memchr(b'"', &inside[..inside.len().min(MAX_KEY)])?;
        let is_key = inside[len + 1..].trim_ascii_start().starts_with(b":");
        is_key.then_some(&inside[..len])
    }

    /// True when the object whose `{` stands at `brace` is an entry, by its first key and by others in `bytes`.
    pub(super) fn is_entry(self, bytes: &[u8], brace: usize) -> bool {
        let is_first = |key: &[u8]| self.first_keys.contains(&key);
        let is_there = |key: &&[u8]| memmem::find(bytes, key).is_some();
        Self::first_key(bytes, brace).is_some_and(is_first) && self.needed_keys.iter().all(is_there)
    }

    /// Where the entry before the one ends whose `{` stands at `brace`, if one plainly begins there: at a comma, or, where
    /// entries are bare, behind a bracket.
    pub(super) fn end_before(self, bytes: &[u8], brace: usize, is_bare: bool) -> Option<usize> {
        let before = bytes[..brace].trim_ascii_end();
        let last = before.len().checked_sub(1)?;
        let key = Self::first_key(bytes, brace)?;
        if !key.starts_with(b"_") && !self.first_keys.contains(&key) {
            return None;
        }
        match before[last] {
            b',' => Some(last),
            b'}' if is_bare => Some(before.len()),
            _ => None,
        }
    }
}

/// Longest key that is looked at.
const MAX_KEY: usize = 256;
