//! What every provider is to every party: judged on a worker, shared by all lenses and the sheet.

use std::sync::Arc;

use crate::attribution::roles::Roles;
use crate::base::jobs::{Latest, Wake};
use crate::document::Document;

/// The newest judgement, and the one that is under way.
#[derive(Debug)]
pub(super) struct Judging(Latest<u64, Arc<Roles>>);

impl Default for Judging {
    fn default() -> Self {
        Self(Latest::new("roles"))
    }
}

impl Judging {
    /// Takes over a finished judgement, and sees to it that the document as it is now is judged.
    pub(super) fn poll(&mut self, document: &Document, wake: &Wake) {
        self.0.poll();
        if document.is_empty() {
            return;
        }
        let snapshot = document.clone();
        let key = document.content_revision();
        self.0.request(key, Arc::clone(wake), move |cancel| {
            snapshot.roles(cancel).map(Arc::new)
        });
    }

    /// What was judged last.
    pub(super) fn roles(&self) -> Option<&Arc<Roles>> {
        self.0.get()
    }

    /// True while parties are being judged.
    pub(super) fn is_busy(&self) -> bool {
        self.0.is_running()
    }
}
