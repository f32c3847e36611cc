//! Captures that come through a pipe: gathered in memory or in an unlinked file, then read like any other.

use std::io::{self, Read};
use std::path::PathBuf;

use sha2::{Digest as _, Sha256};

use super::{Options, Watch, read_source};
use crate::base::jobs::Pending;
use crate::base::spool::Spool;
use crate::base::text::hexadecimal;
use crate::capture::{Capture, Problem, ProblemKind};

/// Reads a capture from `reader` to its end. `name` stands for the file name. A reader that fails with
/// [`io::ErrorKind::Interrupted`] is asked again, so that it can let the watch cancel while it waits.
pub fn read_stream(
    name: &str,
    mut reader: impl Read,
    options: &Options,
    watch: &Watch<'_>,
) -> Result<Capture, Problem> {
    let limit = options.limits.input;
    let mut spool = Spool::new(u64::MAX);
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        if watch.cancel.is_cancelled() {
            let message = "stopped before the input came to its end";
            return Err(Problem::new(ProblemKind::Missing, message));
        }
        let n = match reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(unreadable(&error)),
        };
        hasher.update(&buffer[..n]);
        spool
            .push(&buffer[..n])
            .map_err(|error| unreadable(&error))?;
        watch.progress.set_done(spool.len());
        if limit.is_passed_by(spool.len()) {
            let message = format!("the input is larger than {limit}");
            return Err(Problem::new(ProblemKind::Limit, message));
        }
    }
    let sha256 = Pending::default();
    sha256.wait(|| hexadecimal(&hasher.finalize()));
    let source = spool.finish().map_err(|error| unreadable(&error))?;
    watch.progress.set_done(0);
    read_source(PathBuf::from(name), source, sha256, options, watch)
}

fn unreadable(error: &io::Error) -> Problem {
    let message = format!("the input could not be read: {error}");
    Problem::new(ProblemKind::Io, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::jobs::{Cancel, Progress};

    const HAR: &str = r#"{"log":{"version":"1.2","creator":{"name":"t","version":"1"},"entries":[
{"startedDateTime":"2026-05-01T10:00:00Z","time":1,"request":{"method":"GET","url":"https://a.example/","headers":[]},
 "response":{"status":200,"headers":[],"content":{"mimeType":"","size":0}},"timings":{"send":0,"wait":1,"receive":0}}]}}"#;

    /// Gives one byte at a time, and is interrupted before each of them.
    struct Halting<'a>(&'a [u8], bool);

    impl Read for Halting<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.1 ^= true;
            if self.1 {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let n = self.0.len().min(1);
            buffer[..n].copy_from_slice(&self.0[..n]);
            self.0 = &self.0[n..];
            Ok(n)
        }
    }

    fn read(text: &str, options: &Options, cancel: &Cancel) -> Result<Capture, Problem> {
        let watch = Watch {
            cancel,
            progress: &Progress::default(),
            on_rows: &|_| {},
        };
        read_stream("-", Halting(text.as_bytes(), false), options, &watch)
    }

    #[test]
    fn a_pipe_is_read_like_a_file_and_has_a_checksum() {
        let read = read(HAR, &Options::default(), &Cancel::default()).expect("a capture");
        assert_eq!((read.len(), read.info().bytes), (1, HAR.len() as u64));
        let expected = hexadecimal(&Sha256::digest(HAR));
        assert_eq!(read.info().sha256.get(), Some(&expected));
    }

    #[test]
    fn a_pipe_without_end_is_refused_or_stopped() {
        let mut options = Options::default();
        options.limits.set("input", "100").expect("a limit");
        let refused = read(HAR, &options, &Cancel::default()).expect_err("too long");
        assert_eq!(refused.kind, ProblemKind::Limit);
        assert!(refused.message.contains("limits.input"), "{refused}");
        let cancel = Cancel::default();
        cancel.cancel();
        assert!(read(HAR, &Options::default(), &cancel).is_err());
    }
}
