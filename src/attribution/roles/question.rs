//! The question of 2011: does a provider store a party's data, was it hosted there anyway, or is it a CDN only?

use super::cited::Cited;
use crate::attribution::verdict::Conclusiveness;
use crate::providers::ProviderId;

/// What a provider may be to a party that stores or delivers there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hypothesis {
    /// The party stores its users' data at the provider.
    BackendStorage,
    /// The object lay there already; the party only links to it.
    HostedThere,
    /// The provider caches copies; the truth lies elsewhere.
    CdnOnly,
}

impl Hypothesis {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 3] = [Self::BackendStorage, Self::HostedThere, Self::CdnOnly];

    /// The word used in JSON.
    pub const fn id(self) -> &'static str {
        match self {
            Self::BackendStorage => "backend-storage",
            Self::HostedThere => "hosted-there",
            Self::CdnOnly => "cdn-only",
        }
    }

    /// The words for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::BackendStorage => "Backend storage",
            Self::HostedThere => "Hosted there anyway",
            Self::CdnOnly => "CDN only",
        }
    }

    /// What it would mean, in one sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::BackendStorage => {
                "The party stores its users' data there: the provider is the origin"
            }
            Self::HostedThere => "It lay there anyway, and the party only links to it",
            Self::CdnOnly => "The provider keeps copies at its edge; the truth lies elsewhere",
        }
    }
}

/// One hypothesis with what speaks for and against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weighed {
    /// Which one.
    pub hypothesis: Hypothesis,
    /// How conclusive the evidence for it is, what speaks against it taken into account.
    pub conclusiveness: Conclusiveness,
    /// What speaks for it.
    pub supporting: Vec<Cited>,
    /// What speaks against it.
    pub opposing: Vec<Cited>,
}

/// The question of 2011, asked of one party at one provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// At whom.
    pub provider: ProviderId,
    /// The one that the evidence singles out; `None` = inconclusive.
    pub answer: Option<Hypothesis>,
    /// How conclusive the answer is; insufficient or conflicting when there is none.
    pub conclusiveness: Conclusiveness,
    /// Where the evidence leans when there is no answer.
    pub lean: Option<Hypothesis>,
    /// What carries the answer, or why there is none, in a clause.
    pub reason: String,
    /// All hypotheses, in the order of [`Hypothesis::ALL`].
    pub hypotheses: Vec<Weighed>,
    /// What a person could do to settle it; Headwater itself never sends anything.
    pub would_settle_it: Vec<String>,
}
