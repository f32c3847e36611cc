//! What all providers are to one party, and what could not be told.

use super::question::Question;
use super::relation::Relation;
use crate::capture::FlowId;

/// How a party's flows were seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Some were seen on a site or in an app of the party itself.
    FirstParty,
    /// The capture does not say on which site they were seen.
    Unknown,
    /// They were seen on sites of others only.
    Embedded,
}

impl Standing {
    /// The words for people; empty when unknown.
    pub const fn words(self) -> &'static str {
        match self {
            Self::FirstParty => "the site itself",
            Self::Unknown => "",
            Self::Embedded => "embedded",
        }
    }
}

/// Flows that tell nothing, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// The word used in JSON: `no-address`, `from-cache` …
    pub reason: &'static str,
    /// The reason in words: `the capture holds no server address`.
    pub words: String,
    /// Number of flows.
    pub n_flows: u32,
}

/// Flows that no relation explains.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotAttributed {
    /// The flows, in session order.
    pub flows: Vec<FlowId>,
    /// Bytes received in them.
    pub bytes: u64,
    /// Why, most flows first.
    pub why: Vec<Why>,
}

/// What all providers are to one party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartyRoles {
    /// Whose traffic.
    pub party: String,
    /// The sites on which it was seen, most flows first.
    pub sites: Vec<String>,
    /// Whether it was seen on a site of its own.
    pub standing: Standing,
    /// All its flows, in session order, those that tell nothing included.
    pub flows: Vec<FlowId>,
    /// Bytes received in them.
    pub bytes: u64,
    /// Its hosts, most flows first.
    pub hosts: Vec<String>,
    /// All relations, by role, then most flows first.
    pub relations: Vec<Relation>,
    /// The question of 2011 at every provider where it can be asked, most flows first.
    pub questions: Vec<Question>,
    /// Flows that went over the network and that no relation explains.
    pub not_attributed: NotAttributed,
    /// Flows that show nothing about any server, and why.
    pub validity: Vec<Why>,
    /// What to keep in mind, as clauses.
    pub caveats: Vec<String>,
    /// All relations in plain sentences.
    pub summary: String,
}

impl PartyRoles {
    /// Number of flows.
    pub fn n_flows(&self) -> u32 {
        self.flows.len() as u32
    }
}

/// What every provider is to every party of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roles {
    /// First parties before embedded ones; of sites the one on which most bytes were seen first, of others most bytes first.
    pub parties: Vec<PartyRoles>,
    /// Who serves the session, in one to three plain sentences, each whole by itself.
    pub answer: Vec<String>,
}

impl Roles {
    /// What is known about `party`.
    pub fn party(&self, party: &str) -> Option<&PartyRoles> {
        self.parties.iter().find(|it| it.party == party)
    }

    /// Number of relations of all parties.
    pub fn n_relations(&self) -> usize {
        self.parties.iter().map(|party| party.relations.len()).sum()
    }
}
