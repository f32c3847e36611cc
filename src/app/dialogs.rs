//! The desktop's file dialogs, off the window's thread. Where the desktop has none, a path is typed instead.

use std::future::Future;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::task::{Context, Poll, Wake as TaskWake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use rfd::{AsyncFileDialog, FileHandle};

use crate::base::jobs::Wake;

/// Asks a person for files.
#[derive(Clone, Debug, Default)]
pub enum FileDialogs {
    /// The dialogs of the desktop.
    #[default]
    Native,
    /// Always the same answer, for tests.
    Scripted(Vec<PathBuf>),
}

/// Nobody closes a dialog faster than this after asking for it; it was never shown.
const FASTEST: Duration = Duration::from_millis(400);

/// The answer of a dialog: the chosen paths, none of them when it was closed, or `None` when it could not be shown.
pub(super) type Answer = Receiver<Option<Vec<PathBuf>>>;

impl FileDialogs {
    /// Asks which captures to open.
    pub fn open(&self, wake: &Wake) -> Answer {
        self.ask(wake, || {
            let chosen = AsyncFileDialog::new()
                .set_title("Open captures")
                .pick_files();
            async { chosen.await.unwrap_or_default() }
        })
    }

    /// Asks under `title` where to save a file called `name`.
    pub fn save(&self, wake: &Wake, title: &str, name: &str) -> Answer {
        self.ask(wake, || {
            let chosen = AsyncFileDialog::new()
                .set_title(title)
                .set_file_name(name)
                .save_file();
            async { chosen.await.into_iter().collect() }
        })
    }

    /// The future is made on the calling thread, as macOS demands, and awaited on another one.
    fn ask<F>(&self, wake: &Wake, dialog: impl FnOnce() -> F) -> Answer
    where
        F: Future<Output = Vec<FileHandle>> + Send + 'static,
    {
        let (sender, receiver) = channel();
        match self {
            Self::Scripted(paths) => {
                if sender.send(Some(paths.clone())).is_ok() {
                    wake();
                }
            }
            Self::Native => {
                let began = Instant::now();
                let future = dialog();
                let wake = Arc::clone(wake);
                let spawned =
                    thread::Builder::new()
                        .name("file dialog".to_owned())
                        .spawn(move || {
                            let files = block_on(future);
                            let paths = files.iter().map(|file| file.path().to_path_buf());
                            let was_shown = !files.is_empty() || FASTEST <= began.elapsed();
                            if sender.send(was_shown.then(|| paths.collect())).is_ok() {
                                wake();
                            }
                        });
                if let Err(error) = spawned {
                    log::error!("no file dialog: {error}");
                }
            }
        }
        receiver
    }
}

struct Unpark(Thread);

impl TaskWake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits for `future` on this thread.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}
