//! Opens captures on a worker thread, one after the other; rows appear while a file is still being read.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread;

use super::standard_input::StandardInput;
use crate::annotations::sidecar::{Loaded, SidecarState};
use crate::attribution::Attribution;
use crate::base::jobs::{Cancel, Progress, Wake};
use crate::capture::{Capture, Problem, ProblemKind};
use crate::document::Document;
use crate::formats::{self, Folder, Options, Watch};
use crate::providers::prepare_networks;

/// What to open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// A file.
    Path(PathBuf),
    /// A capture that ships with the program.
    Sample(&'static str, &'static [u8]),
    /// Text that was on the clipboard.
    Clipboard(Arc<str>),
    /// What another program writes.
    StandardInput,
}

impl From<PathBuf> for Source {
    /// `-` is standard input.
    fn from(path: PathBuf) -> Self {
        if path.as_os_str() == "-" {
            Self::StandardInput
        } else {
            Self::Path(path)
        }
    }
}

impl Source {
    /// The file name for people.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Path(path) => path
                .file_name()
                .unwrap_or(path.as_os_str())
                .to_string_lossy()
                .into_owned(),
            Self::Sample(name, _) => (*name).to_owned(),
            Self::Clipboard(_) => "clipboard".to_owned(),
            Self::StandardInput => "standard input".to_owned(),
        }
    }
}

/// A capture that could not be opened.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    /// Which one, to try again.
    pub source: Source,
    /// Place and reason.
    pub problem: Problem,
}

/// A capture that is complete.
#[derive(Debug)]
pub(super) struct Opened {
    /// Its index in the document.
    pub capture_idx: usize,
    /// What was said about it earlier; `None` for captures that have no place to keep labels.
    pub saved: Option<Loaded>,
    /// It came from the clipboard or through a pipe, or could not be read to its end: labels have no place to be saved, and
    /// it is not to be had again like a sample.
    pub is_homeless: bool,
}

impl Opened {
    /// The last capture, whose file could not be read to its end.
    fn cut_off(document: &Document) -> Self {
        Self {
            capture_idx: document.captures().len().saturating_sub(1),
            saved: None,
            is_homeless: true,
        }
    }
}

/// The captures that are being opened.
#[derive(Debug, Default)]
pub(super) struct Opening {
    queue: VecDeque<(Source, Options)>,
    options: Options,
    job: Option<Job>,
    failures: Vec<Failure>,
    /// What is worth telling about folders that were opened.
    news: Vec<String>,
}

#[derive(Debug)]
struct Job {
    source: Source,
    cancel: Cancel,
    progress: Progress,
    /// How many flows are judged once they are read.
    judged: Progress,
    receiver: Receiver<Message>,
    /// The newest rows, until the window has time for them.
    waiting: Option<Capture>,
    /// True once the capture is in the document with the rows read so far.
    is_shown: bool,
}

#[derive(Debug)]
enum Message {
    Rows(Capture),
    Done(Box<Done>),
    /// The path was a folder; this is what it holds.
    Folder(Folder),
    Failed(Problem),
}

#[derive(Debug)]
struct Done {
    capture: Capture,
    attribution: Attribution,
    saved: Option<Loaded>,
}

impl Opening {
    /// Nothing yet; `options` hold for every file.
    pub(super) fn new(options: Options) -> Self {
        Self {
            options,
            ..Self::default()
        }
    }

    /// Opens `source` when the ones before it are done.
    pub(super) fn add(&mut self, source: Source) {
        self.add_with(source, self.options.clone());
    }

    /// The same, with what the user said about this one file: a password, or how its lines are laid out.
    pub(super) fn add_with(&mut self, source: Source, options: Options) {
        self.failures.retain(|failure| failure.source != source);
        self.queue.push_back((source, options));
    }

    /// What is said about every file that is opened from now on.
    pub(super) const fn options(&self) -> &Options {
        &self.options
    }

    /// What could not be opened.
    pub(super) fn failures(&self) -> &[Failure] {
        &self.failures
    }

    /// Forgets failure `idx` and returns it.
    pub(super) fn dismiss(&mut self, idx: usize) -> Option<Failure> {
        (idx < self.failures.len()).then(|| self.failures.remove(idx))
    }

    /// What is worth telling, once.
    pub(super) fn take_news(&mut self) -> Vec<String> {
        std::mem::take(&mut self.news)
    }

    /// True while something is being read or waits for it.
    pub(super) fn is_busy(&self) -> bool {
        self.job.is_some() || !self.queue.is_empty()
    }

    /// True while the last capture of the document is a part of what its file holds.
    pub(super) fn is_growing(&self) -> bool {
        self.job.as_ref().is_some_and(|job| job.is_shown)
    }

    /// The name of the file being read, with bytes done and in all.
    pub(super) fn status(&self) -> Option<(String, u64, u64)> {
        let job = self.job.as_ref()?;
        let (done, total) = job.progress.get();
        Some((job.source.name(), done, total))
    }

    /// How many flows of the file are judged, and how many there are, once it is read.
    pub(super) fn judging(&self) -> Option<(u64, u64)> {
        let progress = self.job.as_ref()?.judged.get();
        (0 < progress.1).then_some(progress)
    }

    /// Stops reading; the flows read so far stay.
    pub(super) fn cancel(&mut self) {
        self.queue.clear();
        if let Some(job) = &self.job {
            job.cancel.cancel();
        }
    }

    /// Takes over what the worker has read, and starts on the next file. Returns the captures that are now complete.
    /// Rows of a file that is still being read are shown only while the window `has_time` for them.
    pub(super) fn poll(
        &mut self,
        document: &mut Document,
        has_time: bool,
        wake: &Wake,
    ) -> Vec<Opened> {
        let mut opened = Vec::new();
        while let Some(mut job) = self.job.take() {
            match job.receiver.try_recv() {
                Ok(Message::Rows(capture)) => {
                    job.waiting = Some(capture);
                    self.job = Some(job);
                }
                Ok(Message::Done(done)) => {
                    job.show(document, done.capture, done.attribution);
                    opened.push(Opened {
                        capture_idx: document.captures().len() - 1,
                        saved: done.saved,
                        is_homeless: matches!(
                            job.source,
                            Source::Clipboard(_) | Source::StandardInput
                        ),
                    });
                }
                Ok(Message::Folder(folder)) => {
                    self.news.push(format!("Opened: {folder}"));
                    let captures = folder.captures.into_iter().rev();
                    for path in captures {
                        self.queue
                            .push_front((Source::Path(path), self.options.clone()));
                    }
                }
                Ok(Message::Failed(problem)) => {
                    opened.extend(job.is_shown.then(|| Opened::cut_off(document)));
                    self.fail(job.source, problem);
                }
                Err(TryRecvError::Empty) => {
                    if has_time && let Some(capture) = job.waiting.take() {
                        job.show(document, capture, Attribution::default());
                    }
                    self.job = Some(job);
                    break;
                }
                Err(TryRecvError::Disconnected) => {
                    let message = "the reader stopped unexpectedly";
                    let problem = Problem::new(ProblemKind::Io, message);
                    opened.extend(job.is_shown.then(|| Opened::cut_off(document)));
                    self.fail(job.source, problem);
                }
            }
        }
        if self.job.is_none()
            && let Some((source, options)) = self.queue.pop_front()
        {
            match start(source.clone(), options, wake) {
                Ok(job) => self.job = Some(job),
                Err(error) => {
                    let problem = Problem::new(ProblemKind::Io, error.to_string());
                    self.fail(source, problem);
                }
            }
        }
        opened
    }

    fn fail(&mut self, source: Source, problem: Problem) {
        self.failures.push(Failure { source, problem });
    }
}

impl Job {
    fn show(&mut self, document: &mut Document, capture: Capture, attribution: Attribution) {
        if self.is_shown {
            document.grow_last(capture, attribution);
        } else {
            document.push(capture, attribution);
            self.is_shown = true;
        }
    }
}

fn start(source: Source, options: Options, wake: &Wake) -> std::io::Result<Job> {
    let (cancel, progress) = (Cancel::default(), Progress::default());
    let judged = Progress::default();
    let (sender, receiver) = channel();
    let worker = Worker {
        source: source.clone(),
        options,
        cancel: cancel.clone(),
        progress: progress.clone(),
        judged: judged.clone(),
        sender,
        wake: Arc::clone(wake),
    };
    // The table asks for networks while it paints, which must not wait.
    rayon::spawn(prepare_networks);
    thread::Builder::new()
        .name("open".to_owned())
        .spawn(move || worker.run())?;
    Ok(Job {
        source,
        cancel,
        progress,
        judged,
        receiver,
        waiting: None,
        is_shown: false,
    })
}

struct Worker {
    source: Source,
    options: Options,
    cancel: Cancel,
    progress: Progress,
    judged: Progress,
    sender: Sender<Message>,
    wake: Wake,
}

impl Worker {
    fn run(self) {
        let on_rows = |capture| self.send(Message::Rows(capture));
        let watch = Watch {
            cancel: &self.cancel,
            progress: &self.progress,
            on_rows: &on_rows,
        };
        let read = match &self.source {
            Source::Path(path) if path.is_dir() => return self.look_into(path),
            Source::Path(path) => formats::open(path, &self.options, &watch),
            Source::Sample(name, bytes) => {
                formats::read_bytes(name, bytes.to_vec(), &self.options, &watch)
            }
            Source::Clipboard(text) => {
                let bytes = text.as_bytes().to_vec();
                formats::read_bytes(&self.source.name(), bytes, &self.options, &watch)
            }
            Source::StandardInput => match StandardInput::new() {
                Ok(input) => {
                    formats::read_stream(&self.source.name(), input, &self.options, &watch)
                }
                Err(error) => Err(Problem::new(ProblemKind::Io, error.to_string())),
            },
        };
        match read {
            Ok(capture) => self.finish(capture),
            Err(problem) => self.send(Message::Failed(problem)),
        }
    }

    fn look_into(&self, folder: &Path) {
        let found = formats::look_into(folder, &self.options, &self.cancel);
        let nothing = |reason: String| Message::Failed(Problem::new(ProblemKind::Missing, reason));
        self.send(match found {
            Ok(found) if found.captures.is_empty() => nothing(found.to_string()),
            Ok(found) => Message::Folder(found),
            Err(error) => nothing(format!("the folder could not be listed: {error}")),
        });
    }

    fn finish(&self, capture: Capture) {
        // Reading may have been cancelled; the flows that are there are judged all the same.
        let cancel = Cancel::default();
        let attribution = Attribution::of(&capture, &cancel, &self.judged).unwrap_or_default();
        let saved = match &self.source {
            Source::Path(_) => Some(SidecarState::load(&capture)),
            _ => None,
        };
        let info = capture.info().clone();
        self.send(Message::Done(Box::new(Done {
            capture,
            attribution,
            saved,
        })));
        if let Source::Path(path) = &self.source {
            match formats::capture_sha256(path) {
                Ok(sum) => {
                    info.sha256.wait(|| sum);
                    (self.wake)();
                }
                Err(error) => log::warn!("no checksum: {error}"),
            }
        }
    }

    fn send(&self, message: Message) {
        if self.sender.send(message).is_ok() {
            (self.wake)();
        }
    }
}
