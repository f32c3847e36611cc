//! The lines of a log, one after the other, each no longer than a limit.

use std::io;

use memchr::memchr;

use super::bytes::{ByteSource, Span};
use super::window::Window;

/// Where a line lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its number, from 1.
    pub n: u32,
    /// Its bytes without the line feed.
    pub span: Span,
    /// True when it is longer than the limit; then it was not read.
    pub is_too_long: bool,
    /// Zeros in front of it, as a crash leaves them where a file was shortened; they are no part of it.
    pub n_zeros: u64,
}

/// Lines end with LF and nothing else: whoever can write CR into a log must not be able to write a line.
#[derive(Debug)]
pub struct Lines<'s> {
    window: Window<'s>,
    longest: usize,
    n: u32,
}

impl<'s> Lines<'s> {
    /// All lines of `source`; those with more than `longest` bytes are passed over.
    pub const fn new(source: &'s ByteSource, longest: usize) -> Self {
        Self {
            window: Window::new(source),
            longest,
            n: 0,
        }
    }

    /// The same from `offset` on, where a line begins.
    #[must_use]
    pub fn from(mut self, offset: u64) -> Self {
        self.window.seek(offset);
        self
    }

    /// Where the next line begins.
    pub const fn offset(&self) -> u64 {
        self.window.offset()
    }

    /// Puts the next line into `text`, as far as the limit allows; `None` at the end.
    pub fn next(&mut self, text: &mut Vec<u8>) -> io::Result<Option<Place>> {
        text.clear();
        let n_zeros = self.skip_zeros()?;
        let start = self.window.offset();
        if self.window.rest()?.is_empty() {
            return Ok(None);
        }
        let mut is_too_long = false;
        loop {
            let rest = self.window.rest()?;
            let end = memchr(b'\n', rest);
            let piece = &rest[..end.unwrap_or(rest.len())];
            let n = piece.len();
            let is_end = end.is_some() || rest.is_empty();
            is_too_long |= self.longest < text.len() + n;
            if !is_too_long {
                text.extend_from_slice(piece);
            }
            self.window.advance(n + usize::from(end.is_some()));
            if is_end {
                let newline = u64::from(end.is_some());
                let len = self.window.offset() - start - newline;
                self.n = self.n.saturating_add(1);
                let span = Span::new(start, u32::try_from(len).unwrap_or(u32::MAX));
                return Ok(Some(Place {
                    n: self.n,
                    span,
                    is_too_long,
                    n_zeros,
                }));
            }
        }
    }

    fn skip_zeros(&mut self) -> io::Result<u64> {
        let mut n_zeros = 0;
        loop {
            let n = self
                .window
                .rest()?
                .iter()
                .take_while(|byte| **byte == 0)
                .count();
            if n == 0 {
                return Ok(n_zeros);
            }
            self.window.advance(n);
            n_zeros += n as u64;
        }
    }
}

/// True for a line that logs nothing: white space, or the zeros that a crash leaves.
pub fn is_blank(line: &[u8]) -> bool {
    line.iter()
        .all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_line_and_passes_over_long_ones() {
        let source = ByteSource::from_bytes(b"one\ntwo\r\n\nmuch too long\nend".to_vec());
        let mut lines = Lines::new(&source, 8);
        let (mut text, mut found) = (Vec::new(), Vec::new());
        while let Some(place) = lines.next(&mut text).expect("memory can be read") {
            let line = String::from_utf8_lossy(&text).into_owned();
            found.push((place.n, place.span.start, line, place.is_too_long));
        }
        let expected = [
            (1, 0, "one".to_owned(), false),
            (2, 4, "two\r".to_owned(), false),
            (3, 9, String::new(), false),
            (4, 10, String::new(), true),
            (5, 24, "end".to_owned(), false),
        ];
        assert_eq!(found, expected);
    }
}
