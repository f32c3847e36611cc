//! What every provider is to every party: judged on a worker, shared by all lenses and the sheet.

use std::sync::Arc;

use crate::attribution::roles::Roles;
use crate::base::jobs::{Latest, Wake};
use crate::document::Document;
use crate::panels::services::model::answer;
use crate::widgets::answer::Answer;

/// The newest judgement, and the one that is under way.
#[derive(Debug)]
pub(super) struct Judging {
    latest: Latest<u64, Arc<Roles>>,
    /// Who serves the session, in a few sentences; `None` where nothing can be said.
    answer: Option<Answer>,
    has_sites: bool,
}

impl Default for Judging {
    fn default() -> Self {
        Self {
            latest: Latest::new("roles"),
            answer: None,
            has_sites: false,
        }
    }
}

impl Judging {
    /// Takes over a finished judgement, and sees to it that the document as it is now is judged.
    pub(super) fn poll(&mut self, document: &Document, wake: &Wake) {
        if self.latest.poll() {
            let roles = self.latest.get();
            self.answer = roles.and_then(|roles| answer::of(roles));
            let parties = roles.into_iter().flat_map(|roles| &roles.parties);
            self.has_sites = parties.into_iter().any(|party| !party.sites.is_empty());
        }
        if document.is_empty() {
            return;
        }
        let snapshot = document.clone();
        let key = document.content_revision();
        self.latest
            .request(key, Arc::clone(wake), move |cancel| snapshot.roles(cancel));
    }

    /// What was judged last.
    pub(super) fn roles(&self) -> Option<&Arc<Roles>> {
        self.latest.get()
    }

    /// Who serves the session, in a few sentences; `None` where nothing can be said, or nothing was judged yet.
    pub(super) const fn answer(&self) -> Option<&Answer> {
        self.answer.as_ref()
    }

    /// True where some requests are known to have been seen on a site.
    pub(super) const fn has_sites(&self) -> bool {
        self.has_sites
    }

    /// True while parties are being judged.
    pub(super) fn is_busy(&self) -> bool {
        self.latest.is_running()
    }
}
