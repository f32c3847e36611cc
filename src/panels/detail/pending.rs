//! Content that a worker makes: the last finished one stays for a moment, then "Reading…" takes its place.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::Ui;

use super::text;
use crate::base::jobs::{Cancel, Latest, Progress, Wake};
use crate::widgets::theme::Theme;

/// Content of another flow may stay this long; below it, a change of content is not seen as a delay.
const PATIENCE: Duration = Duration::from_millis(100);

/// Work that takes longer says how far it is.
const SHORT: Duration = Duration::from_millis(200);

/// How often that is said anew.
const PROGRESS_STEP: Duration = Duration::from_millis(50);

/// One content with the key that it was made for.
#[derive(Debug)]
pub(super) struct Pending<K, T> {
    latest: Latest<K, (K, T)>,
    wanted: Option<(K, Instant)>,
    progress: Progress,
}

impl<K: Clone + Debug + PartialEq + Send + 'static, T: Send + 'static> Pending<K, T> {
    pub(super) fn new(name: &'static str) -> Self {
        Self {
            latest: Latest::new(name),
            wanted: None,
            progress: Progress::default(),
        }
    }

    /// Takes over what is finished, and makes sure that the content for `key` is there or under way.
    ///
    /// `prepare` runs only for a new key and returns what the worker does.
    pub(super) fn request<F>(&mut self, key: K, wake: &Wake, prepare: impl FnOnce() -> F)
    where
        F: FnOnce(&Cancel, &Progress) -> Option<T> + Send + 'static,
    {
        self.latest.poll();
        if self
            .wanted
            .as_ref()
            .is_some_and(|(wanted, _)| *wanted == key)
        {
            return;
        }
        self.wanted = Some((key.clone(), Instant::now()));
        let progress = Progress::default();
        self.progress = progress.clone();
        let compute = prepare();
        self.latest
            .request(key.clone(), Arc::clone(wake), move |cancel| {
                Some((key, compute(cancel, &progress)?))
            });
    }

    /// The newest finished content, if `is_fit` says so of what it was made for.
    pub(super) fn latest_of(&self, is_fit: impl Fn(&K) -> bool) -> Option<&T> {
        let (key, content) = self.latest.get()?;
        is_fit(key).then_some(content)
    }

    /// How far the work is, in units done and in all, once it has taken longer than a moment.
    pub(super) fn progress(&self, ui: &Ui) -> Option<(u64, u64)> {
        let (_, since) = self.wanted.as_ref().filter(|_| self.latest.is_running())?;
        let left = SHORT.saturating_sub(since.elapsed());
        ui.request_repaint_after(if left.is_zero() { PROGRESS_STEP } else { left });
        left.is_zero().then(|| self.progress.get())
    }

    /// What to paint now; paints "Reading…" itself when there is nothing.
    ///
    /// `is_fit` says whether content that was made for another key may stay for as long as it takes.
    pub(super) fn get(&self, ui: &mut Ui, is_fit: impl Fn(&K) -> bool) -> Option<&T> {
        let (wanted, since) = self.wanted.as_ref()?;
        let finished = self.latest.get();
        if let Some((key, content)) = finished
            && (key == wanted || is_fit(key))
        {
            return Some(content);
        }
        let theme = Theme::of(ui);
        if !self.latest.is_running() {
            text::centred(ui, "This could not be read", theme.secondary);
            return None;
        }
        let left = PATIENCE.saturating_sub(since.elapsed());
        if left.is_zero() {
            text::centred(ui, "Reading…", theme.secondary);
            return None;
        }
        ui.request_repaint_after(left);
        finished.map(|(_, content)| content)
    }
}
