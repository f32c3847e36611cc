//! What a row of a lens stands for, apart from its flows: the side column shows its sheet.

use std::collections::BTreeSet;

use crate::attribution::roles::{Owner, PartyRoles, Relation, RelationRole, Roles};
use crate::capture::FlowId;
use crate::document::Document;
use crate::providers::ServiceId;

/// What a row of the lens by service stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// All flows of a party.
    Party(String),
    /// What a party gets from one service in one role.
    Relation {
        /// Whose traffic.
        party: String,
        /// Which product.
        service: ServiceId,
        /// What the party gets from it.
        role: RelationRole,
        /// What it is called: servers in two networks are one product.
        name: String,
        /// Of a store, whose data lies there: one product may keep the party's files and those of its users.
        whose: Option<Owner>,
    },
    /// The flows of a party that no relation explains.
    NotAttributed(String),
    /// Several parties that share one row while it is folded.
    Rest(Rest),
}

/// Which parties share one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rest {
    /// Embedded ones with little traffic.
    Embedded,
    /// Those of which nothing is attributed.
    NotAttributed,
}

impl Subject {
    /// The relation of `party` that `relation` is.
    pub fn of(party: &str, relation: &Relation) -> Self {
        Self::Relation {
            party: party.to_owned(),
            service: relation.service,
            role: relation.role,
            name: relation.name.clone(),
            whose: relation.whose.as_ref().map(|whose| whose.answer),
        }
    }

    /// True when it stands for `relation`, which is one of its party.
    pub fn is(&self, relation: &Relation) -> bool {
        let owner = relation.whose.as_ref().map(|whose| whose.answer);
        matches!(self, Self::Relation { service, role, name, whose, .. }
            if (*service, *role, *whose) == (relation.service, relation.role, owner)
                && *name == relation.name)
    }

    /// Whose traffic; `None` for several parties.
    pub fn party(&self) -> Option<&str> {
        match self {
            Self::Party(party) | Self::NotAttributed(party) | Self::Relation { party, .. } => {
                Some(party)
            }
            Self::Rest(_) => None,
        }
    }

    /// What `roles` says about it: the party, and the relation when it is one.
    pub fn find<'r>(&self, roles: &'r Roles) -> Option<(&'r PartyRoles, Option<&'r Relation>)> {
        let party = roles.party(self.party()?)?;
        if !matches!(self, Self::Relation { .. }) {
            return Some((party, None));
        }
        let mut relations = party.relations.iter();
        let relation = relations.find(|relation| self.is(relation))?;
        Some((party, Some(relation)))
    }
}

/// What `flow` shows: its party, and the relations that rest on it, among others.
pub fn relations_of<'r>(
    roles: &'r Roles,
    document: &Document,
    flow: FlowId,
) -> Option<(&'r PartyRoles, Vec<&'r Relation>)> {
    let party = roles.party(document.party(flow))?;
    let relations = party.relations.iter();
    let of_flow = relations.filter(|relation| relation.flows.binary_search(&flow).is_ok());
    Some((party, of_flow.collect()))
}

/// The rows of a lens that are selected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subjects {
    /// The one whose sheet is shown.
    pub focus: Option<Subject>,
    /// Where an extended selection began.
    pub anchor: Option<Subject>,
    /// All of them, the focus included.
    pub all: BTreeSet<Subject>,
}

impl Subjects {
    /// Just `subject`.
    pub fn only(subject: Subject) -> Self {
        Self {
            focus: Some(subject.clone()),
            anchor: Some(subject.clone()),
            all: BTreeSet::from([subject]),
        }
    }
}
