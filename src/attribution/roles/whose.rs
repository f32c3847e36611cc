//! Whose data lies in a store.

use super::cited::Cited;
use crate::attribution::verdict::Conclusiveness;
use crate::capture::FlowId;

/// Whose data lies in a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    /// The party's users write there.
    Users,
    /// The party's own assets lie there.
    Party,
    /// Somebody else put it there; the party only links to it.
    Other,
    /// The capture does not show it.
    NotSeen,
}

impl Owner {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 4] = [Self::Users, Self::Party, Self::Other, Self::NotSeen];

    /// The word used everywhere.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Party => "party",
            Self::Other => "other",
            Self::NotSeen => "not-seen",
        }
    }

    /// The owner that is called `word`.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|owner| owner.word() == word)
    }

    /// What lies there, to follow "stores": `users' data`.
    pub const fn data(self) -> &'static str {
        match self {
            Self::Users => "users' data",
            Self::Party => "the party's own files",
            Self::Other => "somebody else's files",
            Self::NotSeen => "data whose owner was not seen",
        }
    }

    /// What it means, in one sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Users => "The party's users write there: the store holds their data",
            Self::Party => "The party's own files lie there",
            Self::Other => "Somebody else put it there; the party only links to it",
            Self::NotSeen => "The capture does not show whose data lies there",
        }
    }
}

/// The answer to whose data lies in a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whose {
    /// Whose.
    pub answer: Owner,
    /// How conclusive the answer is; insufficient when it was not seen.
    pub conclusiveness: Conclusiveness,
    /// Number of flows at the resources for which it is so conclusive; it is a hint at most for those at others.
    pub n_flows: u32,
    /// Where the evidence leans when the answer was not seen.
    pub lean: Option<Owner>,
    /// What speaks for the answer.
    pub supporting: Vec<Cited>,
    /// What speaks against it.
    pub opposing: Vec<Cited>,
    /// The transfer that shows it best: the write, and the read of the same bytes where there is one.
    pub transfer: Option<(FlowId, Option<FlowId>)>,
}
