//! Saves labels, notes and groupings beside their captures soon after each edit, on a worker thread, and says so.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::annotations::sidecar::{Saved, SidecarError, SidecarState};
use crate::base::jobs::{Wake, free};
use crate::document::Document;

/// How long edits are gathered before they are saved.
const DELAY: Duration = Duration::from_millis(300);
/// How long to wait before a save that failed is tried again.
const RETRY: Duration = Duration::from_secs(10);

/// The sidecars of the open captures.
#[derive(Debug, Default)]
pub(super) struct Saving {
    sidecars: Sidecars,
    /// When there is something to save: not before this moment.
    due: Option<Instant>,
    running: Option<Receiver<Vec<Outcome>>>,
    n_saved: Option<usize>,
    problem: Option<String>,
    /// The capture whose sidecar may not be written over.
    blocked: Option<usize>,
    /// Where labels went instead of beside their capture, until it was said.
    moved: Option<PathBuf>,
}

type Sidecars = BTreeMap<usize, SidecarState>;
type Outcome = (usize, Result<Saved, SidecarError>);

/// What the status bar says about saving.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SaveStatus<'a> {
    /// Nothing was ever saved.
    Nothing,
    /// Edits wait for their save, or are being saved.
    Pending,
    /// Everything is saved: so many annotations.
    Saved(usize),
    /// Place and reason.
    Failed(&'a str),
}

impl Saving {
    /// Keeps the sidecar of a capture that was opened.
    pub(super) fn add(&mut self, capture_idx: usize, state: SidecarState, n_annotations: usize) {
        if let Some(problem) = state.problem() {
            self.problem = Some(problem.to_string());
            self.blocked = Some(capture_idx);
        }
        self.sidecars.insert(capture_idx, state);
        if 0 < n_annotations {
            self.n_saved = Some(self.n_saved.unwrap_or(0) + n_annotations);
        }
    }

    /// Forgets all captures, after [`Saving::flush`].
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Says that annotations changed.
    pub(super) fn edited(&mut self) {
        self.due = Some(Instant::now() + DELAY);
    }

    /// Saves without waiting for further edits.
    pub(super) fn save_now(&mut self) {
        self.due = Some(Instant::now());
    }

    /// True when something was said that is on no disk, although it was tried.
    pub(super) const fn has_unsaved(&self) -> bool {
        self.problem.is_some() && self.due.is_some()
    }

    /// True when a sidecar has to be set aside before labels can be saved.
    pub(super) const fn is_blocked(&self) -> bool {
        self.blocked.is_some()
    }

    /// Renames the sidecar that stands in the way and saves in its place. Returns its new path.
    pub(super) fn set_aside(&mut self) -> std::io::Result<Option<PathBuf>> {
        let state = self.blocked.and_then(|idx| self.sidecars.get_mut(&idx));
        let Some(state) = state else { return Ok(None) };
        let path = state.set_aside()?;
        self.blocked = None;
        self.problem = None;
        self.save_now();
        Ok(Some(path))
    }

    /// Where labels went instead of beside their capture; only once.
    pub(super) const fn take_moved(&mut self) -> Option<PathBuf> {
        self.moved.take()
    }

    /// Where labels are saved.
    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.sidecars.values().map(SidecarState::path)
    }

    /// What the status bar says.
    pub(super) fn status(&self) -> SaveStatus<'_> {
        match (&self.problem, self.due, self.n_saved) {
            (Some(problem), ..) => SaveStatus::Failed(problem),
            (None, Some(_), _) => SaveStatus::Pending,
            (None, None, _) if self.running.is_some() => SaveStatus::Pending,
            (None, None, Some(n)) => SaveStatus::Saved(n),
            (None, None, None) => SaveStatus::Nothing,
        }
    }

    /// Takes over finished saves and starts the next one. Returns how long to wait before calling again, if at all.
    pub(super) fn poll(&mut self, document: &Document, wake: &Wake) -> Option<Duration> {
        if let Some(receiver) = &self.running {
            match receiver.try_recv() {
                Ok(outcomes) => self.finish(outcomes),
                Err(TryRecvError::Empty) => return None,
                Err(TryRecvError::Disconnected) => self.running = None,
            }
        }
        let due = self.due?;
        let wait = due.saturating_duration_since(Instant::now());
        if !wait.is_zero() {
            return Some(wait);
        }
        self.due = None;
        if self.sidecars.is_empty() {
            return None;
        }
        let (document, sidecars) = (document.clone(), self.sidecars.clone());
        let (sender, receiver) = channel();
        let wake = Arc::clone(wake);
        let spawned = thread::Builder::new()
            .name("save labels".to_owned())
            .spawn(move || {
                if sender.send(run(&document, &sidecars)).is_ok() {
                    wake();
                }
            });
        match spawned {
            Ok(_) => self.running = Some(receiver),
            Err(error) => self.problem = Some(format!("the labels are not saved: {error}")),
        }
        None
    }

    /// Saves everything before the window closes, on this thread.
    pub(super) fn flush(&mut self, document: &Document) {
        if let Some(outcomes) = self.running.take().and_then(|running| running.recv().ok()) {
            self.finish(outcomes);
        }
        if self.due.take().is_some() {
            let outcomes = run(document, &self.sidecars);
            self.finish(outcomes);
        }
    }

    fn finish(&mut self, outcomes: Vec<Outcome>) {
        self.running = None;
        self.problem = None;
        self.blocked = None;
        let mut n_saved = 0;
        for (idx, outcome) in outcomes {
            match outcome {
                Ok(saved) => {
                    n_saved += saved.n_annotations;
                    let path = saved.state.path().to_path_buf();
                    if let Some(before) = self.sidecars.insert(idx, saved.state) {
                        if before.path() != path {
                            self.moved = Some(path);
                        }
                        free(before);
                    }
                }
                Err(error) => {
                    let is_in_the_way = matches!(
                        error,
                        SidecarError::Damaged { .. }
                            | SidecarError::Newer { .. }
                            | SidecarError::Changed { .. }
                    );
                    self.blocked = is_in_the_way.then_some(idx).or(self.blocked);
                    self.problem = Some(error.to_string());
                    self.due = Some(Instant::now() + RETRY);
                }
            }
        }
        self.n_saved = Some(n_saved);
    }
}

/// Saves the annotations of all captures that have a sidecar.
fn run(document: &Document, sidecars: &Sidecars) -> Vec<Outcome> {
    let mut by_capture: BTreeMap<usize, Vec<_>> = BTreeMap::new();
    for (flow, annotation) in document.annotations().iter() {
        if let Some((idx, row)) = document.locate(flow) {
            by_capture.entry(idx).or_default().push((row, annotation));
        }
    }
    let reviewer = document.reviewer();
    sidecars
        .iter()
        .filter_map(|(idx, state)| {
            let capture = &document.captures().get(*idx)?.capture;
            let annotations = by_capture.remove(idx).unwrap_or_default();
            let about = document.about_parties(*idx, &state.about_parties());
            let job = state.prepare(capture, annotations, about, reviewer);
            Some((*idx, job.write()))
        })
        .collect()
}
