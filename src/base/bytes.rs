//! Random access to the bytes of a capture, which are neither held in memory nor memory-mapped.
//!
//! A memory-mapped file that shrinks ends the process with SIGBUS; a positioned read only comes back short.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// Bytes that are read in one go; between two of them a reading can be stopped.
const STEP: usize = 1 << 20;

/// Told from time to time how many bytes of how many were read; false stops the reading.
pub type GoOn<'g> = &'g dyn Fn(u64, u64) -> bool;

/// A range of bytes in one [`ByteSource`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u64,
    /// Number of bytes.
    pub len: u32,
}

impl Span {
    /// The range that begins at `start` and holds `len` bytes.
    pub const fn new(start: u64, len: u32) -> Self {
        Self { start, len }
    }

    /// Offset of the first byte behind the range.
    pub const fn end(self) -> u64 {
        self.start + self.len as u64
    }

    /// True when the range holds no byte.
    pub const fn is_empty(self) -> bool {
        self.len == 0
    }
}

/// Read-only bytes of known length: a file, an unlinked spool file, or memory.
///
/// Clones are cheap and share one file handle.
#[derive(Clone, Debug)]
pub struct ByteSource {
    store: Arc<Store>,
    len: u64,
}

#[derive(Debug)]
enum Store {
    File(File),
    Memory(Vec<u8>),
}

impl ByteSource {
    /// Opens `path` for reading only; the length is fixed at this moment.
    pub fn open(path: &Path) -> io::Result<Self> {
        Self::from_file(File::open(path)?)
    }

    /// Takes over an open file.
    pub fn from_file(file: File) -> io::Result<Self> {
        let len = file.metadata()?.len();
        Ok(Self {
            store: Arc::new(Store::File(file)),
            len,
        })
    }

    /// Bytes that are already in memory (samples, tests, standard input).
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self {
            len: bytes.len() as u64,
            store: Arc::new(Store::Memory(bytes)),
        }
    }

    /// Number of bytes when the source was opened.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// True when there is no byte at all.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Fills as much of `buffer` as there is from `offset` on; less than the whole buffer only at the end.
    pub fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        match &*self.store {
            Store::Memory(bytes) => {
                let from = usize::try_from(offset)
                    .unwrap_or(usize::MAX)
                    .min(bytes.len());
                let rest = bytes.get(from..).unwrap_or_default();
                let n = rest.len().min(buffer.len());
                buffer[..n].copy_from_slice(&rest[..n]);
                Ok(n)
            }
            Store::File(file) => read_file_at(file, offset, buffer),
        }
    }

    /// Reads on from the beginning, or from where it is told to seek.
    pub const fn reader(&self) -> SourceReader<'_> {
        SourceReader {
            source: self,
            at: 0,
        }
    }

    /// The bytes of `span`; fewer when the file has shrunk since it was opened.
    pub fn bytes(&self, span: Span) -> io::Result<Vec<u8>> {
        self.bytes_watched(span, &|_, _| true)
    }

    /// The same in steps; an error of the kind `Interrupted` once `go_on` says no.
    pub fn bytes_watched(&self, span: Span, go_on: GoOn<'_>) -> io::Result<Vec<u8>> {
        let len = u64::from(span.len).min(self.len.saturating_sub(span.start));
        let mut buffer = vec![0; usize::try_from(len).unwrap_or(0)];
        let mut n_read = 0;
        for step in buffer.chunks_mut(STEP) {
            if !go_on(n_read as u64, len) {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let n = self.read_at(span.start + n_read as u64, step)?;
            n_read += n;
            if n < step.len() {
                break;
            }
        }
        go_on(n_read as u64, len);
        buffer.truncate(n_read);
        Ok(buffer)
    }
}

/// A position in a [`ByteSource`], for libraries that read and seek.
#[derive(Clone, Debug)]
pub struct SourceReader<'s> {
    source: &'s ByteSource,
    at: u64,
}

impl io::Read for SourceReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.source.read_at(self.at, buffer)?;
        self.at += n as u64;
        Ok(n)
    }
}

impl io::Seek for SourceReader<'_> {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        let at = match to {
            io::SeekFrom::Start(at) => Some(at),
            io::SeekFrom::End(by) => self.source.len().checked_add_signed(by),
            io::SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}

fn read_file_at(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    let mut done = 0;
    while done < buffer.len() {
        match read_once_at(file, &mut buffer[done..], offset + done as u64) {
            Ok(0) => break,
            Ok(n) => done += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

#[cfg(unix)]
fn read_once_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_once_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_past_the_end_come_back_short() {
        let source = ByteSource::from_bytes(b"headwater".to_vec());
        assert_eq!(source.bytes(Span::new(4, 100)).expect("memory"), b"water");
        assert_eq!(source.bytes(Span::new(90, 3)).expect("memory"), b"");
    }

    #[test]
    fn a_long_reading_tells_how_far_it_is_and_stops_when_told() {
        let source = ByteSource::from_bytes(vec![7; 3 * STEP]);
        let whole = Span::new(0, 3 * STEP as u32);
        let told = std::cell::RefCell::new(Vec::new());
        let read = source.bytes_watched(whole, &|done, total| {
            told.borrow_mut().push((done, total));
            done < STEP as u64
        });
        let kind = read.expect_err("it was stopped").kind();
        assert_eq!(kind, io::ErrorKind::Interrupted);
        let total = 3 * STEP as u64;
        assert_eq!(*told.borrow(), [(0, total), (STEP as u64, total)]);
    }

    #[test]
    fn a_file_that_shrinks_is_read_short_and_does_not_end_the_process() {
        let mut file = tempfile::NamedTempFile::new().expect("temporary file");
        std::io::Write::write_all(&mut file, b"0123456789").expect("written");
        let source = ByteSource::open(file.path()).expect("opened");
        file.as_file().set_len(4).expect("shrunk");
        assert_eq!(source.bytes(Span::new(2, 8)).expect("read"), b"23");
    }
}
