//! Tagged netstrings, `5:hello,`: the notation of mitmproxy's files, walked by byte ranges so that no body is ever read.
//!
//! Every item says its length before and its type behind. What nobody asks for is stepped over at once, however deeply it
//! is nested, and what is broken costs no more than the rest of the item it stands in.

use std::io;

use crate::base::bytes::{ByteSource, Span};

/// Bytes that are read at once.
const CHUNK: usize = 1 << 16;
/// Most digits of a length; mitmproxy reads no more either.
const MAX_DIGITS: usize = 12;
/// Longest number that is read.
const MAX_NUMBER: u64 = 40;
/// Longest key of a dictionary that is looked at.
const MAX_KEY: usize = 48;
/// Longest text that is read in full.
pub(super) const MAX_TEXT: u64 = 1 << 18;
/// Most faults that are noted of one flow; one damaged byte can cause many.
const MAX_FAULTS: usize = 4;

/// One item: its type and where its content lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Item {
    /// The byte behind the content: `,` bytes, `;` text, `#` integer, `^` float, `!` truth, `~` nothing, `]` list, `}`
    /// dictionary.
    pub(super) tag: u8,
    pub(super) start: u64,
    /// Offset behind the content, which is that of the type.
    pub(super) end: u64,
}

/// Something that is no item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) at: u64,
    pub(super) what: &'static str,
    /// True when more bytes could make it an item.
    pub(super) is_cut: bool,
}

impl Item {
    /// A dictionary whose content lies between two offsets.
    pub(super) const fn dict(start: u64, end: u64) -> Self {
        let tag = b'}';
        Self { tag, start, end }
    }

    pub(super) const fn is_null(self) -> bool {
        self.tag == b'~'
    }

    pub(super) const fn len(self) -> u64 {
        self.end - self.start
    }

    pub(super) fn span(self) -> Span {
        Span::new(self.start, u32::try_from(self.len()).unwrap_or(u32::MAX))
    }
}

/// The bytes of a source, and what was wrong in them.
#[derive(Debug)]
pub(super) struct Tape<'s> {
    source: &'s ByteSource,
    buffer: Vec<u8>,
    /// Offset of the first byte of `buffer`.
    base: u64,
    faults: Vec<Fault>,
    error: Option<io::Error>,
}

impl<'s> Tape<'s> {
    pub(super) const fn new(source: &'s ByteSource) -> Self {
        Self {
            source,
            buffer: Vec::new(),
            base: 0,
            faults: Vec::new(),
            error: None,
        }
    }

    /// What was wrong since this was asked last.
    pub(super) fn take_faults(&mut self) -> Vec<Fault> {
        std::mem::take(&mut self.faults)
    }

    /// Why the source could not be read, if it could not.
    pub(super) const fn take_error(&mut self) -> Option<io::Error> {
        self.error.take()
    }

    fn fault(&mut self, at: u64, what: &'static str) {
        if self.faults.len() < MAX_FAULTS {
            let is_cut = false;
            self.faults.push(Fault { at, what, is_cut });
        }
    }

    /// Up to `len` bytes from `at` on; fewer only at the end.
    pub(super) fn bytes(&mut self, at: u64, len: usize) -> &[u8] {
        let at_hand = |base: u64, n: usize| {
            let from = usize::try_from(at.checked_sub(base)?).ok()?;
            (from.checked_add(len)? <= n).then_some(from)
        };
        let from = at_hand(self.base, self.buffer.len()).unwrap_or_else(|| {
            self.fill(at, len.max(CHUNK));
            0
        });
        let to = self.buffer.len().min(from + len);
        &self.buffer[from..to]
    }

    fn fill(&mut self, at: u64, len: usize) {
        let left = self.source.len().saturating_sub(at);
        let len = usize::try_from(left).unwrap_or(usize::MAX).min(len);
        self.base = at;
        self.buffer.resize(len, 0);
        let n = self.source.read_at(at, &mut self.buffer);
        let n = n.unwrap_or_else(|error| {
            self.error = Some(error);
            0
        });
        self.buffer.truncate(n);
    }

    /// One byte, without leaving the bytes at hand: the type of an item may lie far away.
    pub(super) fn byte(&mut self, at: u64) -> Option<u8> {
        let near = at
            .checked_sub(self.base)
            .and_then(|at| usize::try_from(at).ok());
        if let Some(byte) = near.and_then(|at| self.buffer.get(at)) {
            return Some(*byte);
        }
        let mut byte = [0];
        match self.source.read_at(at, &mut byte) {
            Ok(n) => (n == 1).then_some(byte[0]),
            Err(error) => {
                self.error = Some(error);
                None
            }
        }
    }

    /// The item that begins at `at` and ends before `end`.
    pub(super) fn item(&mut self, at: u64, end: u64) -> Result<Item, Fault> {
        let fault = |what, is_cut| Fault { at, what, is_cut };
        let head = self.bytes(at, MAX_DIGITS + 1);
        let room = usize::try_from(end.saturating_sub(at)).unwrap_or(usize::MAX);
        let head = &head[..head.len().min(room)];
        let digits = head.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == head.len() && digits <= MAX_DIGITS {
            return Err(fault("a length does not end", true));
        }
        if digits == 0 || head.get(digits) != Some(&b':') {
            return Err(fault("expected a length and a colon", false));
        }
        let len = head[..digits]
            .iter()
            .fold(0, |len, digit| len * 10 + u64::from(digit - b'0'));
        let start = at + digits as u64 + 1;
        let behind = start + len;
        if end <= behind {
            return Err(fault("an item is longer than what it stands in", true));
        }
        match self.byte(behind) {
            Some(tag @ (b',' | b';' | b'#' | b'^' | b'!' | b'~' | b']' | b'}')) => Ok(Item {
                tag,
                start,
                end: behind,
            }),
            Some(_) => Err(fault("an item has no known type", false)),
            None => Err(fault("the file has become shorter", true)),
        }
    }

    /// Calls `each` with every element of a list.
    pub(super) fn elements(&mut self, list: Item, mut each: impl FnMut(&mut Self, Item)) {
        if !self.is(list, b']', "expected a list") {
            return;
        }
        let mut at = list.start;
        while at < list.end {
            match self.item(at, list.end) {
                Ok(item) => {
                    each(self, item);
                    at = item.end + 1;
                }
                Err(fault) => return self.fault(fault.at, fault.what),
            }
        }
    }

    /// Calls `each` with every key of a dictionary and its value.
    pub(super) fn fields(&mut self, dict: Item, mut each: impl FnMut(&mut Self, &[u8], Item)) {
        if !self.is(dict, b'}', "expected a dictionary") {
            return;
        }
        let mut at = dict.start;
        while at < dict.end {
            let key = match self.item(at, dict.end) {
                Ok(key) => key,
                Err(fault) => return self.fault(fault.at, fault.what),
            };
            let value = match self.item(key.end + 1, dict.end) {
                Ok(value) => value,
                Err(fault) => return self.fault(fault.at, fault.what),
            };
            let mut name = [0; MAX_KEY];
            let len = key.len().min(MAX_KEY as u64) as usize;
            let found = self.bytes(key.start, len);
            let len = found.len();
            name[..len].copy_from_slice(found);
            each(self, &name[..len], value);
            at = value.end + 1;
        }
    }

    /// The elements of a list that is not longer than `N`, as far as there are any.
    pub(super) fn few<const N: usize>(&mut self, list: Item) -> [Option<Item>; N] {
        let mut few = [None; N];
        let mut n = 0;
        self.elements(list, |_, item| {
            if let Some(place) = few.get_mut(n) {
                *place = Some(item);
            }
            n += 1;
        });
        few
    }

    fn is(&mut self, item: Item, tag: u8, what: &'static str) -> bool {
        if item.tag != tag && !item.is_null() {
            self.fault(item.start, what);
        }
        item.tag == tag
    }

    /// Text, also where it was written as bytes; at most [`MAX_TEXT`] of it. `None` for anything else.
    pub(super) fn text(&mut self, item: Item) -> Option<String> {
        matches!(item.tag, b',' | b';').then(|| {
            let bytes = self.bytes(item.start, item.len().min(MAX_TEXT) as usize);
            String::from_utf8_lossy(bytes).into_owned()
        })
    }

    /// A number of either type.
    pub(super) fn number(&mut self, item: Item) -> Option<f64> {
        if !matches!(item.tag, b'#' | b'^') {
            return None;
        }
        let number = (item.len() <= MAX_NUMBER)
            .then(|| std::str::from_utf8(self.bytes(item.start, item.len() as usize)).ok())
            .flatten()
            .and_then(|text| text.trim().parse::<f64>().ok())
            .filter(|number| number.is_finite());
        if number.is_none() {
            self.fault(item.start, "expected a finite number");
        }
        number
    }

    /// An integer, also one that was written as a float.
    pub(super) fn integer(&mut self, item: Item) -> Option<i64> {
        self.number(item).map(|number| number as i64)
    }

    /// `true`, text that is not empty, or a number other than 0.
    pub(super) fn is_set(&mut self, item: Item) -> bool {
        match item.tag {
            b'!' => self.bytes(item.start, item.len().min(8) as usize) == b"true",
            b',' | b';' => 0 < item.len(),
            b'#' | b'^' => self.number(item).is_some_and(|number| number != 0.0),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_tape<T>(text: &str, read: impl FnOnce(&mut Tape<'_>, u64) -> T) -> T {
        let source = ByteSource::from_bytes(text.as_bytes().to_vec());
        read(&mut Tape::new(&source), source.len())
    }

    #[test]
    fn an_item_knows_its_type_and_place() {
        let check = |text: &str, expected: Result<(u8, u64, u64), bool>| {
            let found = with_tape(text, |tape, end| tape.item(0, end));
            let found = found.map(|item| (item.tag, item.start, item.end));
            assert_eq!(found.map_err(|fault| fault.is_cut), expected, "{text}");
        };
        check("5:hello,", Ok((b',', 2, 7)));
        check("0:~", Ok((b'~', 2, 2)));
        check("0:", Err(true));
        check("12", Err(true));
        check("5:hello", Err(true));
        check("999999999999:x,", Err(true));
        check("9999999999999:x,", Err(false));
        check("5:hello?", Err(false));
        check(":,", Err(false));
        check("-1:,", Err(false));
        check("", Err(true));
    }

    #[test]
    fn a_fault_costs_the_rest_of_its_dictionary_only() {
        let text = "28:1:a,12:1:x,x:y,1:z,}1:b,1:2#}";
        with_tape(text, |tape, end| {
            let dict = tape.item(0, end).expect("an item");
            let mut seen = Vec::new();
            tape.fields(dict, |tape, key, value| {
                seen.push(String::from_utf8_lossy(key).into_owned());
                if value.tag == b'}' {
                    tape.fields(value, |_, key, _| {
                        seen.push(String::from_utf8_lossy(key).into_owned());
                    });
                }
            });
            assert_eq!(seen, ["a", "b"]);
            assert_eq!(tape.take_faults().len(), 1);
        });
    }

    #[test]
    fn numbers_are_read_with_care() {
        let check = |text: &str, expected: Option<f64>| {
            let found = with_tape(text, |tape, end| {
                let item = tape.item(0, end).expect("an item");
                tape.number(item)
            });
            assert_eq!(found, expected, "{text}");
        };
        check("3:200#", Some(200.0));
        check("4:-1.5^", Some(-1.5));
        check("3:inf^", None);
        check("3:abc#", None);
        check("2:12,", None);
        check(&format!("{}:{}#", 10_000, "1".repeat(10_000)), None);
    }

    #[test]
    fn nesting_is_stepped_over() {
        let mut text = String::new();
        for _ in 0..2_000 {
            text = format!("{}:{text}]", text.len());
        }
        let item = with_tape(&text, |tape, end| tape.item(0, end)).expect("an item");
        assert_eq!(item.end + 1, text.len() as u64);
    }
}
