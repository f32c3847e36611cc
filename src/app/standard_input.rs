//! Standard input as a reader that can be left while nothing comes.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

/// How long a read waits before it lets its caller look whether it is still wanted.
const PATIENCE: Duration = Duration::from_millis(50);
/// Pieces that wait to be read.
const MAX_WAITING: usize = 16;

/// What a thread of its own reads from standard input. A read that had to wait too long is interrupted.
pub(super) struct StandardInput {
    pieces: Receiver<io::Result<Vec<u8>>>,
    rest: io::Cursor<Vec<u8>>,
}

impl StandardInput {
    /// Begins to read.
    pub(super) fn new() -> io::Result<Self> {
        let (sender, pieces) = sync_channel(MAX_WAITING);
        thread::Builder::new()
            .name("standard input".to_owned())
            .spawn(move || {
                let mut input = io::stdin().lock();
                let mut buffer = vec![0; 1 << 16];
                loop {
                    let piece = input.read(&mut buffer).map(|n| buffer[..n].to_vec());
                    let is_last = piece.as_ref().is_ok_and(Vec::is_empty);
                    if sender.send(piece).is_err() || is_last {
                        return;
                    }
                }
            })?;
        Ok(Self {
            pieces,
            rest: io::Cursor::default(),
        })
    }
}

impl Read for StandardInput {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.rest.read(buffer)?;
        if 0 < n || buffer.is_empty() {
            return Ok(n);
        }
        match self.pieces.recv_timeout(PATIENCE) {
            Ok(piece) => {
                self.rest = io::Cursor::new(piece?);
                self.rest.read(buffer)
            }
            Err(RecvTimeoutError::Timeout) => Err(io::ErrorKind::Interrupted.into()),
            Err(RecvTimeoutError::Disconnected) => Ok(0),
        }
    }
}
