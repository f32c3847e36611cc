//! Terms about what providers are to parties: looked up once for a filter, because relations are of flows together.

use regex::Regex;

use crate::attribution::roles::{Owner, Relation, RelationRole, ResourceKind};
use crate::base::jobs::Cancel;
use crate::capture::{FlowId, FlowSet};
use crate::document::Document;

/// What is wanted of a relation.
#[derive(Clone, Debug)]
pub(super) enum Wanted {
    Role(RelationRole),
    /// Whose data lies in the store.
    Owner(Owner),
    /// The name of a bucket or container.
    Bucket(Regex),
}

/// What is wanted of a relation, and the flows that show it once they were looked up.
#[derive(Clone, Debug)]
pub(super) struct Related {
    wanted: Wanted,
    flows: FlowSet,
}

impl From<Wanted> for Related {
    fn from(wanted: Wanted) -> Self {
        Self {
            wanted,
            flows: FlowSet::default(),
        }
    }
}

impl Related {
    /// Looks the flows up; `None` when cancelled. For worker threads.
    pub(super) fn prepare(&mut self, document: &Document, cancel: &Cancel) -> Option<()> {
        let roles = document.roles(cancel)?;
        let relations = roles.parties.iter().flat_map(|party| &party.relations);
        let flows = relations.flat_map(|relation| self.wanted.flows(relation));
        self.flows = flows.copied().collect();
        Some(())
    }

    /// True when `flow` shows what is wanted.
    pub(super) fn holds(&self, flow: FlowId) -> bool {
        self.flows.contains(flow)
    }
}

impl Wanted {
    fn flows<'r>(&self, relation: &'r Relation) -> Vec<&'r FlowId> {
        let found = match self {
            Self::Role(_) => roles(relation),
            Self::Owner(_) => owners(relation),
            Self::Bucket(_) => buckets(relation),
        };
        let found = found.into_iter().filter(|(word, _)| self.is_named(word));
        found.flat_map(|(_, flows)| flows).collect()
    }

    fn is_named(&self, word: &str) -> bool {
        match self {
            Self::Role(role) => word == role.word(),
            Self::Owner(owner) => word == owner.word(),
            Self::Bucket(name) => name.is_match(word),
        }
    }
}

/// Words by which flows of a relation can be found, each with those flows.
pub(in crate::query) type Findable<'r> = Vec<(&'r str, &'r [FlowId])>;

/// What the flows of a relation can be found by behind `relation:`.
pub(in crate::query) fn roles(relation: &Relation) -> Findable<'_> {
    vec![(relation.role.word(), &relation.flows)]
}

/// What the flows of a relation can be found by behind `whose:`.
pub(in crate::query) fn owners(relation: &Relation) -> Findable<'_> {
    let whose = relation.whose.iter();
    whose
        .map(|whose| (whose.answer.word(), relation.flows.as_slice()))
        .collect()
}

/// What the flows of a relation can be found by behind `bucket:`.
pub(in crate::query) fn buckets(relation: &Relation) -> Findable<'_> {
    let resources = relation.resources.iter();
    let named =
        resources.filter(|it| matches!(it.kind, ResourceKind::Bucket | ResourceKind::Container));
    named
        .map(|it| (it.id.as_str(), it.flows.as_slice()))
        .collect()
}
