//! Reads a huge piece of JSON without its long strings, so that a body of hundreds of megabytes never enters memory.

use std::io;

use memchr::{memchr, memchr2};

use super::bytes::{ByteSource, Span};
use super::window::Window;

/// JSON whose long strings are empty, and where its bytes lie in the source.
#[derive(Debug, Default)]
pub struct Condensed {
    /// The JSON.
    pub bytes: Vec<u8>,
    /// Position in `bytes` from which on this many bytes in all are missing; ascending.
    cuts: Vec<(usize, u64)>,
    start: u64,
}

impl Condensed {
    /// JSON from which nothing was left out; its first byte lies at `start` in the source.
    pub const fn whole(start: u64) -> Self {
        Self {
            bytes: Vec::new(),
            cuts: Vec::new(),
            start,
        }
    }

    /// Where the byte at `at` lies in the source.
    pub fn offset(&self, at: usize) -> u64 {
        let n_before = self.cuts.partition_point(|(from, _)| *from <= at);
        let missing = n_before
            .checked_sub(1)
            .and_then(|idx| self.cuts.get(idx))
            .map_or(0, |(_, missing)| *missing);
        self.start + at as u64 + missing
    }
}

impl Condensed {
    /// Where the inside of a string lies in the source that stands at `at` here, `len` bytes long; the whole of it, also
    /// when it came out empty.
    pub fn span(&self, at: usize, len: usize) -> Span {
        let start = at
            .checked_sub(1)
            .map_or(self.start, |quote| self.offset(quote) + 1);
        let len = self.offset(at + len).saturating_sub(start);
        Span::new(start, u32::try_from(len).unwrap_or(u32::MAX))
    }
}

/// Reads `span` of `source`; strings of more than `longest` bytes come out empty.
pub fn condense(source: &ByteSource, span: Span, longest: usize) -> io::Result<Condensed> {
    let mut window = Window::new(source);
    window.seek(span.start);
    let mut condensed = Condensed::whole(span.start);
    // Position of the string that is being read, and how many of its bytes were left out.
    let mut string: Option<(usize, u64)> = None;
    let mut missing = 0;
    while window.offset() < span.end() {
        let left = usize::try_from(span.end() - window.offset()).unwrap_or(usize::MAX);
        let rest = window.rest()?;
        let rest = &rest[..rest.len().min(left)];
        if rest.is_empty() {
            break;
        }
        let bytes = &mut condensed.bytes;
        let Some((at, skipped)) = &mut string else {
            let n = memchr(b'"', rest).map_or(rest.len(), |at| at + 1);
            bytes.extend_from_slice(&rest[..n]);
            if bytes.last() == Some(&b'"') {
                string = Some((bytes.len(), 0));
            }
            window.advance(n);
            continue;
        };
        let stop = memchr2(b'"', b'\\', rest);
        let is_end = stop.is_some_and(|stop| rest[stop] == b'"');
        // An escape is two bytes long, and the second one may lie in the next window.
        let n = match stop {
            Some(stop) if is_end => stop,
            Some(stop) => stop + 2,
            None => rest.len(),
        };
        let inside = rest.get(..n).unwrap_or(rest);
        if 0 < *skipped || longest < bytes.len() - *at + n {
            *skipped += (bytes.len() - *at + n) as u64;
            bytes.truncate(*at);
        } else {
            bytes.extend_from_slice(inside);
            // The second half of an escape at the very edge: which character it was does not matter.
            bytes.resize(bytes.len() + n - inside.len(), b'n');
        }
        if is_end {
            if 0 < *skipped {
                missing += *skipped;
                condensed.cuts.push((*at, missing));
            }
            condensed.bytes.push(b'"');
            string = None;
        }
        window.advance(n + usize::from(is_end));
    }
    Ok(condensed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_long_strings_out_and_still_knows_where_the_rest_lies() {
        let long = r#"x\"y"#.repeat(600_000);
        let text = format!(r#"..{{"a": "short\"", "b": "{long}", "c": "after", "d": "{long}"}}.."#);
        let source = ByteSource::from_bytes(text.clone().into_bytes());
        let span = Span::new(2, text.len() as u32 - 4);
        let condensed = condense(&source, span, 100).expect("memory can be read");
        let found = String::from_utf8(condensed.bytes.clone()).expect("text");
        assert_eq!(found, r#"{"a": "short\"", "b": "", "c": "after", "d": ""}"#);
        let at = found.find(r#""", "c"#).expect("the long one") + 1;
        let whole = Span::new(text.find(&long).expect("it") as u64, long.len() as u32);
        assert_eq!(condensed.span(at, 0), whole);
        for part in ["short", "after", "\"d\""] {
            let at = found.find(part).expect(part);
            assert_eq!(
                condensed.offset(at),
                text.find(part).expect(part) as u64,
                "{part}"
            );
        }
    }
}
