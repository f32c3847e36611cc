//! Decodes what lies around a capture: gzip, zlib and UTF-16. The result lies in memory or in an unlinked temporary file.

use std::io::{self, BufReader, Read, SeekFrom, Write as _};

use flate2::bufread::{MultiGzDecoder, ZlibDecoder};
use tempfile::{SpooledData, SpooledTempFile};

use super::bytes::{ByteSource, Span};

/// What a source is wrapped in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrapping {
    /// gzip, several members in a row included.
    Gzip,
    /// zlib.
    Zlib,
    /// UTF-16, low byte first.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
}

impl Wrapping {
    /// The name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zlib => "zlib",
            Self::Utf16Le | Self::Utf16Be => "UTF-16",
        }
    }

    /// Tells by the first bytes.
    pub fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0x1f, 0x8b, 8, ..] => Some(Self::Gzip),
            [0xff, 0xfe, ..] => Some(Self::Utf16Le),
            [0xfe, 0xff, ..] => Some(Self::Utf16Be),
            // Without a mark: ASCII, so every other byte is zero.
            [low, 0, next, 0, ..] if *low != 0 && *next != 0 => Some(Self::Utf16Le),
            [0, low, 0, next, ..] if *low != 0 && *next != 0 => Some(Self::Utf16Be),
            // Deflate with a window of 32 KiB; the two bytes are a multiple of 31.
            [0x78, flags, ..] if (0x7800 + u16::from(*flags)).is_multiple_of(31) => {
                Some(Self::Zlib)
            }
            _ => None,
        }
    }
}

/// Decoded bytes, and what stopped the decoding before its end.
#[derive(Debug)]
pub struct Spooled {
    /// What was decoded.
    pub source: ByteSource,
    /// Why there is not more; lower case, without a full stop.
    pub fault: Option<String>,
}

/// Decoded bytes up to this number stay in memory.
const IN_MEMORY: usize = 8 << 20;

/// Decodes `source`, at most `limit` bytes of it. `Err` only when nothing can be written or read.
pub fn unwrap(source: &ByteSource, wrapping: Wrapping, limit: u64) -> io::Result<Spooled> {
    let reader = BufReader::with_capacity(1 << 16, source.reader());
    match wrapping {
        Wrapping::Gzip => spool(MultiGzDecoder::new(reader), limit),
        Wrapping::Zlib => spool(ZlibDecoder::new(reader), limit),
        Wrapping::Utf16Le => spool(Utf16Reader::new(reader, u16::from_le_bytes), limit),
        Wrapping::Utf16Be => spool(Utf16Reader::new(reader, u16::from_be_bytes), limit),
    }
}

fn spool(reader: impl Read, limit: u64) -> io::Result<Spooled> {
    let mut spool = Spool::new(limit);
    let fault = spool.copy(reader)?;
    Ok(Spooled {
        source: spool.finish()?,
        fault,
    })
}

/// Bytes that a reader puts together: in memory as long as they are few, then in an unlinked temporary file.
#[derive(Debug)]
pub struct Spool {
    file: SpooledTempFile,
    len: u64,
    limit: u64,
}

impl Spool {
    /// An empty spool that takes at most `limit` bytes.
    pub fn new(limit: u64) -> Self {
        Self {
            file: SpooledTempFile::new(IN_MEMORY),
            len: 0,
            limit,
        }
    }

    /// Number of bytes so far, and so the offset of the next one.
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// True when there is no byte yet.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Appends as much of `bytes` as the limit allows; returns where they lie.
    pub fn push(&mut self, bytes: &[u8]) -> io::Result<Span> {
        let n = (bytes.len() as u64).min(self.limit - self.len) as usize;
        self.file.write_all(&bytes[..n])?;
        let start = self.len;
        self.len += n as u64;
        Ok(Span::new(start, u32::try_from(n).unwrap_or(u32::MAX)))
    }

    /// Appends all that `reader` gives. What stopped it before its end is returned; `Err` only when writing failed.
    pub fn copy(&mut self, mut reader: impl Read) -> io::Result<Option<String>> {
        let mut buffer = vec![0; 1 << 16];
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => return Ok(None),
                Ok(n) => {
                    self.push(&buffer[..n])?;
                    if self.len == self.limit {
                        let fault = format!("stopped at the limit of {} decoded bytes", self.limit);
                        return Ok(Some(fault));
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Ok(Some(error.to_string())),
            }
        }
    }

    /// The bytes, for reading.
    pub fn finish(mut self) -> io::Result<ByteSource> {
        io::Seek::seek(&mut self.file, SeekFrom::Start(0))?;
        match self.file.into_inner() {
            SpooledData::InMemory(cursor) => Ok(ByteSource::from_bytes(cursor.into_inner())),
            SpooledData::OnDisk(file) => ByteSource::from_file(file),
        }
    }
}

/// UTF-16 as UTF-8; lone surrogates become U+FFFD.
struct Utf16Reader<R> {
    inner: R,
    unit: fn([u8; 2]) -> u16,
    high: Option<u16>,
    text: String,
    at: usize,
}

impl<R: Read> Utf16Reader<R> {
    const fn new(inner: R, unit: fn([u8; 2]) -> u16) -> Self {
        Self {
            inner,
            unit,
            high: None,
            text: String::new(),
            at: 0,
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        let mut bytes = Vec::new();
        self.inner.by_ref().take(1 << 15).read_to_end(&mut bytes)?;
        let is_end = bytes.len() < 1 << 15;
        let mut units: Vec<u16> = self.high.take().into_iter().collect();
        units.extend(
            bytes
                .chunks_exact(2)
                .map(|pair| (self.unit)([pair[0], pair[1]])),
        );
        if !is_end && let Some(last) = units.pop_if(|last| (0xd800..0xdc00).contains(last)) {
            self.high = Some(last);
        }
        self.text.clear();
        self.at = 0;
        let chars = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER));
        self.text.extend(chars);
        Ok(())
    }
}

impl<R: Read> Read for Utf16Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.text.len() <= self.at {
            self.fill()?;
        }
        let rest = &self.text.as_bytes()[self.at..];
        let n = rest.len().min(buffer.len());
        buffer[..n].copy_from_slice(&rest[..n]);
        self.at += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(wrapped: Vec<u8>, wrapping: Wrapping, expected: &str, is_faulty: bool) {
        assert_eq!(Wrapping::of(&wrapped), Some(wrapping));
        let source = ByteSource::from_bytes(wrapped);
        let spooled = unwrap(&source, wrapping, 40).expect("memory");
        let bytes = spooled
            .source
            .bytes(super::super::bytes::Span::new(0, 1_000))
            .expect("memory");
        assert_eq!(String::from_utf8_lossy(&bytes), expected);
        assert_eq!(spooled.fault.is_some(), is_faulty);
    }

    fn gzip(text: &str) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).expect("memory");
        encoder.finish().expect("memory")
    }

    #[test]
    fn unwraps_members_in_a_row_and_stops_at_the_limit() {
        check(
            [gzip("head"), gzip("water")].concat(),
            Wrapping::Gzip,
            "headwater",
            false,
        );
        check(gzip(&"x".repeat(90)), Wrapping::Gzip, &"x".repeat(40), true);
        let mut cut = gzip("headwater");
        cut.truncate(cut.len() - 5);
        check(cut, Wrapping::Gzip, "headwater", true);
    }

    #[test]
    fn reads_utf_16_with_and_without_a_mark() {
        let le = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        check(le("{\"é😀\"}"), Wrapping::Utf16Le, "{\"é😀\"}", false);
        check(be("\u{feff}{}"), Wrapping::Utf16Be, "\u{feff}{}", false);
    }
}
