//! A window that moves over a byte source: sequential reading with constant memory and free choice of where to go on.

use std::io;

use super::bytes::ByteSource;

/// Bytes that are read at once: few enough to stay in the processor's cache until they have been looked at.
const CHUNK: usize = 1 << 18;

/// Every place in `source` where `needle` stands, in order, as long as `goes_on` agrees with their number.
pub fn find_all(
    source: &ByteSource,
    needle: &[u8],
    mut goes_on: impl FnMut(usize) -> bool,
) -> io::Result<Vec<u64>> {
    let (mut places, mut base, mut bytes) = (Vec::new(), 0_u64, vec![0; CHUNK]);
    loop {
        let n = source.read_at(base, &mut bytes)?;
        let found = memchr::memmem::find_iter(&bytes[..n], needle);
        places.extend(found.map(|at| base + at as u64));
        let overlap = needle.len().saturating_sub(1);
        if n <= overlap || !goes_on(places.len()) {
            return Ok(places);
        }
        base += (n - overlap) as u64;
    }
}

/// The bytes around one position of a source.
#[derive(Debug)]
pub struct Window<'s> {
    source: &'s ByteSource,
    buffer: Vec<u8>,
    /// Offset of the first byte of `buffer`.
    base: u64,
    /// Position within `buffer`.
    at: usize,
}

impl<'s> Window<'s> {
    /// A window at the beginning of `source`.
    pub const fn new(source: &'s ByteSource) -> Self {
        Self {
            source,
            buffer: Vec::new(),
            base: 0,
            at: 0,
        }
    }

    /// Offset of the position in the source.
    pub const fn offset(&self) -> u64 {
        self.base + self.at as u64
    }

    /// Offset of the end of the source.
    pub fn end(&self) -> u64 {
        self.source.len()
    }

    /// Moves forward by `n` bytes of what [`Window::rest`] returned.
    pub const fn advance(&mut self, n: usize) {
        self.at += n;
    }

    /// Moves anywhere.
    pub fn seek(&mut self, offset: u64) {
        let within = offset
            .checked_sub(self.base)
            .and_then(|at| usize::try_from(at).ok())
            .filter(|at| *at < self.buffer.len());
        if let Some(at) = within {
            self.at = at;
        } else {
            self.buffer.clear();
            self.base = offset;
            self.at = 0;
        }
    }

    /// The bytes from the position on, as many as are at hand; empty only at the end.
    pub fn rest(&mut self) -> io::Result<&[u8]> {
        if self.buffer.len() <= self.at {
            self.fill()?;
        }
        Ok(&self.buffer[self.at..])
    }

    /// The byte at the position.
    pub fn peek(&mut self) -> io::Result<Option<u8>> {
        Ok(self.rest()?.first().copied())
    }

    /// The first place from `from` on where `probe` finds something in a stretch of bytes. Stretches overlap by `overlap`.
    pub fn search<T>(
        &mut self,
        from: u64,
        overlap: usize,
        probe: impl Fn(&[u8], u64) -> Option<T>,
    ) -> io::Result<Option<T>> {
        let mut offset = from;
        loop {
            self.buffer.clear();
            self.base = offset;
            self.at = 0;
            let bytes = self.rest()?;
            if let Some(found) = probe(bytes, offset) {
                return Ok(Some(found));
            }
            if bytes.len() <= overlap {
                return Ok(None);
            }
            let step = bytes.len() - overlap;
            offset += step as u64;
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        self.base = self.offset();
        self.at = 0;
        let left = self.source.len().saturating_sub(self.base);
        let len = usize::try_from(left).unwrap_or(usize::MAX).min(CHUNK);
        self.buffer.resize(len, 0);
        let n = self.source.read_at(self.base, &mut self.buffer)?;
        self.buffer.truncate(n);
        Ok(())
    }
}
