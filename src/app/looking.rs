//! The second pass: bodies are searched for the URLs of writes on a worker thread, one capture after the other.

use std::sync::Arc;

use crate::attribution::Attribution;
use crate::base::jobs::{Latest, Progress, Wake};
use crate::capture::Capture;
use crate::document::Document;

/// Which capture is searched: its place, and its address while it is open, since another one may take its place.
type Key = Option<(usize, usize)>;

/// The capture whose bodies are being searched.
#[derive(Debug)]
pub(super) struct Looking {
    latest: Latest<Key, Found>,
    progress: Progress,
}

#[derive(Debug)]
struct Found {
    capture: Arc<Capture>,
    capture_idx: usize,
    attribution: Arc<Attribution>,
}

impl Default for Looking {
    fn default() -> Self {
        Self {
            latest: Latest::new("second pass"),
            progress: Progress::default(),
        }
    }
}

impl Looking {
    /// Takes over what was found, and goes on with the next capture that was read to its end.
    pub(super) fn poll(&mut self, document: &mut Document, is_reading: bool, wake: &Wake) {
        if self.latest.poll()
            && let Some(found) = self.latest.get()
        {
            let open = document.captures().get(found.capture_idx);
            if open.is_some_and(|open| Arc::ptr_eq(&open.capture, &found.capture)) {
                document.set_attribution(found.capture_idx, Arc::clone(&found.attribution));
            }
        }
        let unread = document
            .captures()
            .iter()
            .position(|open| !open.attribution.has_read_bodies());
        let Some(idx) = unread.filter(|_| !is_reading && document.is_looking()) else {
            return;
        };
        let open = &document.captures()[idx];
        let key = Some((idx, Arc::as_ptr(&open.capture) as usize));
        let (capture, first) = (Arc::clone(&open.capture), Arc::clone(&open.attribution));
        let progress = self.progress.clone();
        self.latest.request(key, Arc::clone(wake), move |cancel| {
            let attribution = first.with_bodies(&capture, cancel, &progress)?;
            Some(Found {
                capture,
                capture_idx: idx,
                attribution: Arc::new(attribution),
            })
        });
    }

    /// Stops searching; what was found so far is not used, and the verdicts say that bodies were not searched.
    pub(super) fn stop(&mut self, document: &mut Document) {
        document.stop_looking();
        self.latest.cancel();
    }

    /// Bodies searched, and how many there are, while a search is under way.
    pub(super) fn status(&self) -> Option<(u64, u64)> {
        self.latest.is_running().then(|| self.progress.get())
    }
}
