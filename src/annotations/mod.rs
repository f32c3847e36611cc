//! What people say: labels and notes on flows, and hosts counted under a party, with edits that know their inverse.

mod digest;
mod edit;
pub mod sidecar;

use std::collections::BTreeMap;

pub use digest::{Digest, flow_digests};
pub use edit::{Change, Edit, History};

use crate::attribution::Groups;
use crate::base::time::Time;
use crate::capture::{FlowId, Target};

/// A person's answer for a flow. No label means "not reviewed", which is not [`Label::Unknown`].
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Label {
    /// The provider holds the truth.
    Origin,
    /// The provider only stands in front of somebody else's origin.
    Cdn,
    /// Looked at, and undecided.
    Unknown,
}

impl Label {
    /// The word used everywhere.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Origin => "origin",
            Self::Cdn => "cdn",
            Self::Unknown => "unknown",
        }
    }

    /// The word for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Origin => "Origin",
            Self::Cdn => "CDN",
            Self::Unknown => "Unknown",
        }
    }
}

/// What one person said about one flow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Annotation {
    /// The label; `None` = not reviewed.
    pub label: Option<Label>,
    /// Free text; empty when there is none.
    pub note: String,
    /// Who said it, as typed.
    pub by: String,
    /// When it was last changed.
    pub at: Option<Time>,
}

impl Annotation {
    /// True when nothing is said.
    pub fn is_empty(&self) -> bool {
        self.label.is_none() && self.note.is_empty()
    }
}

/// All annotations of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Annotations {
    by_flow: BTreeMap<FlowId, Annotation>,
    groups: Groups,
}

impl Annotations {
    /// What was said about `flow`.
    pub fn get(&self, flow: FlowId) -> Option<&Annotation> {
        self.by_flow.get(&flow)
    }

    /// The label of `flow`; `None` = not reviewed.
    pub fn label(&self, flow: FlowId) -> Option<Label> {
        self.get(flow)?.label
    }

    /// The note of `flow`; empty when there is none.
    pub fn note(&self, flow: FlowId) -> &str {
        self.get(flow).map_or("", |annotation| &annotation.note)
    }

    /// All flows with a label or note, in session order.
    pub fn iter(&self) -> impl Iterator<Item = (FlowId, &Annotation)> {
        self.by_flow
            .iter()
            .map(|(flow, annotation)| (*flow, annotation))
    }

    /// The hosts that are counted under a party by hand.
    pub const fn groups(&self) -> &Groups {
        &self.groups
    }

    /// Counts `host` and everything below it under `party`; an empty `party` takes that back. Returns what was set before.
    pub fn group(&mut self, host: &str, party: &str) -> Option<String> {
        self.groups.set(host, party)
    }

    /// Number of flows with a label.
    pub fn n_labelled(&self) -> usize {
        self.by_flow
            .values()
            .filter(|annotation| annotation.label.is_some())
            .count()
    }

    /// Sets what is said about `flow` and returns what was said before.
    pub fn replace(&mut self, flow: FlowId, annotation: Annotation) -> Annotation {
        let before = if annotation.is_empty() {
            self.by_flow.remove(&flow)
        } else {
            self.by_flow.insert(flow, annotation)
        };
        before.unwrap_or_default()
    }
}

/// A host that a person typed, in the form that captures have: without `*.`, and without what else a pasted URL brings.
pub fn typed_host(typed: &str) -> String {
    let typed = typed.trim();
    let method = if typed.contains("://") {
        "GET"
    } else {
        "CONNECT"
    };
    let host = Target::parse(method, typed).host;
    host.trim_start_matches(['*', '.']).to_owned()
}
