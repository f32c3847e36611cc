//! What people say: labels, notes, tags and colours of flows, opinions on relations, and hosts counted under a party, with
//! edits that know their inverse.
//!
//! Several people say it side by side: nobody's opinion replaces another's.

mod colour;
mod digest;
mod edit;
mod opinion;
mod relations;
pub mod sidecar;

use std::collections::HashMap;
use std::sync::Arc;

pub use colour::Colour;
pub use digest::{Digest, flow_digests};
pub use edit::{Change, Edit, History};
pub use opinion::Opinion;
pub use relations::{PastStance, ROLES, RelationKey, RelationOpinion, RelationOpinions, Stance};

use crate::attribution::Groups;
use crate::base::paged::Paged;
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

    /// The label that is called `word`.
    pub fn named(word: &str) -> Option<Self> {
        let all = [Self::Origin, Self::Cdn, Self::Unknown];
        all.into_iter().find(|label| label.word() == word)
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

/// What people said about one flow.
///
/// Label, note, name and time are those of the opinion that stands in front: the reviewer's of the session, or where that
/// person gave no label, the latest label of anybody. Tags and colour are everybody's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Annotation {
    /// The label; `None` = not reviewed.
    pub label: Option<Label>,
    /// True when the label was taken over from the machine's verdict.
    pub is_accepted: bool,
    /// Free text; empty when there is none.
    pub note: String,
    /// Words to find the flow by, each once, in the order of the alphabet.
    pub tags: Vec<String>,
    /// A mark that means what the person wants it to mean.
    pub colour: Option<Colour>,
    /// Who said it, as typed.
    pub by: String,
    /// When it was last changed.
    pub at: Option<Time>,
    /// The labels it had before, the oldest first, whoever gave them.
    pub past: Vec<PastLabel>,
    /// What other people say: each of them once, in the order of their names.
    pub others: Vec<Opinion>,
}

/// A label that was replaced by another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastLabel {
    /// What was said.
    pub label: Label,
    /// Who said it, as typed.
    pub by: String,
    /// When it was said.
    pub at: Option<Time>,
}

/// Longest tag, in characters.
const MAX_TAG: usize = 60;
/// Past labels that are kept for a flow; the oldest one goes first.
const MAX_PAST: usize = 50;

impl Annotation {
    /// True when nothing is said.
    pub fn is_empty(&self) -> bool {
        self.label.is_none()
            && self.note.is_empty()
            && self.tags.is_empty()
            && self.colour.is_none()
            && self.others.is_empty()
    }

    /// Gives another label, and keeps the one before.
    fn relabel(&mut self, label: Option<Label>, is_accepted: bool) {
        if let Some(before) = self.label.filter(|before| Some(*before) != label) {
            self.past.push(PastLabel {
                label: before,
                by: self.by.clone(),
                at: self.at,
            });
            let n_too_many = self.past.len().saturating_sub(MAX_PAST);
            self.past.drain(..n_too_many);
        }
        self.label = label;
        self.is_accepted = is_accepted && label.is_some();
    }
}

/// A tag as it is kept: without space around it, without line breaks and commas, and not too long. `None` when nothing is
/// left.
pub fn typed_tag(typed: &str) -> Option<String> {
    let words: Vec<&str> = typed
        .split(|c: char| c == ',' || c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    let tag: String = words.join(" ").chars().take(MAX_TAG).collect();
    (!tag.is_empty()).then(|| tag.trim_end().to_owned())
}

/// All annotations of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Annotations {
    by_flow: Paged<Arc<Annotation>>,
    groups: Groups,
    opinions: RelationOpinions,
    /// Whose opinions stand in front.
    reviewer: Arc<str>,
}

impl Annotations {
    /// What was said about `flow`.
    pub fn get(&self, flow: FlowId) -> Option<&Annotation> {
        self.by_flow.get(flow.0 as usize).map(|said| &**said)
    }

    /// The label of `flow`; `None` = not reviewed.
    pub fn label(&self, flow: FlowId) -> Option<Label> {
        self.get(flow)?.label
    }

    /// The note of `flow`: the reviewer's, or where there is none, somebody else's; empty when there is none at all.
    pub fn note(&self, flow: FlowId) -> &str {
        let said = self.get(flow);
        said.map_or("", |annotation| annotation.note_for(&self.reviewer))
    }

    /// Whose opinions stand in front; empty for the person without a name.
    pub fn reviewer(&self) -> &str {
        &self.reviewer
    }

    /// Lets the opinions of `reviewer` stand in front.
    pub fn set_reviewer(&mut self, reviewer: &str) {
        self.reviewer = Arc::from(reviewer);
        let wrong = self.by_flow.iter();
        let wrong = wrong.filter(|(_, said)| said.needs_turning(reviewer));
        let wrong: Vec<_> = wrong
            .map(|(place, said)| (FlowId(place as u32), Arc::clone(said)))
            .collect();
        // Flows of which the same was said go on sharing it.
        let mut turned = HashMap::new();
        for (flow, said) in wrong {
            let said = turned
                .entry(Arc::as_ptr(&said))
                .or_insert_with(|| self.turned(Arc::clone(&said)));
            self.by_flow
                .replace(flow.0 as usize, Some(Arc::clone(said)));
        }
    }

    /// `said` with the reviewer's opinion in front.
    fn turned(&self, mut said: Arc<Annotation>) -> Arc<Annotation> {
        if said.needs_turning(&self.reviewer) {
            Arc::make_mut(&mut said).turn_to(&self.reviewer);
        }
        said
    }

    /// All flows with a label or note, in session order.
    pub fn iter(&self) -> impl Iterator<Item = (FlowId, &Annotation)> {
        let said = self.by_flow.iter();
        said.map(|(place, annotation)| (FlowId(place as u32), &**annotation))
    }

    /// The hosts that are counted under a party by hand.
    pub const fn groups(&self) -> &Groups {
        &self.groups
    }

    /// Counts `host` and everything below it under `party`; an empty `party` takes that back. Returns what was set before.
    pub fn group(&mut self, host: &str, party: &str) -> Option<String> {
        self.groups.set(host, party)
    }

    /// What people think of relations.
    pub const fn opinions(&self) -> &RelationOpinions {
        &self.opinions
    }

    /// Adds what was said of relations elsewhere; nothing that is here already is lost.
    pub fn merge_opinions(&mut self, other: &RelationOpinions) {
        for (key, said) in other.iter() {
            for opinion in said {
                self.opinions.merge(key, opinion.clone());
            }
        }
    }

    /// Sets what is said about `flow`, if anything, and returns what was said before.
    pub fn replace(
        &mut self,
        flow: FlowId,
        annotation: Option<Arc<Annotation>>,
    ) -> Option<Arc<Annotation>> {
        let annotation = annotation.map(|said| self.turned(said));
        self.by_flow.replace(flow.0 as usize, annotation)
    }

    /// What was said about `flow`, to be shared.
    fn shared(&self, flow: FlowId) -> Option<&Arc<Annotation>> {
        self.by_flow.get(flow.0 as usize)
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
