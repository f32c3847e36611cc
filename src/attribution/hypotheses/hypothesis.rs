//! The five hypotheses, and the verdict for a party and a provider.

use crate::attribution::evidence::Evidence;
use crate::attribution::verdict::Conclusiveness;
use crate::capture::FlowId;
use crate::providers::ProviderId;

/// What a provider may be to a party.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hypothesis {
    /// The party stores its users' data at the provider.
    BackendStorage,
    /// The object lay there already; the party only links to it.
    HostedThere,
    /// The provider caches copies; the truth lies elsewhere.
    CdnOnly,
    /// A front end, gateway or platform answers; who stands behind it is not seen.
    SharedFrontDoor,
    /// The way of measuring, not the party, made the provider appear.
    MeasurementArtefact,
}

impl Hypothesis {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 5] = [
        Self::BackendStorage,
        Self::HostedThere,
        Self::CdnOnly,
        Self::SharedFrontDoor,
        Self::MeasurementArtefact,
    ];

    /// The word used in JSON.
    pub const fn id(self) -> &'static str {
        match self {
            Self::BackendStorage => "backend-storage",
            Self::HostedThere => "hosted-there",
            Self::CdnOnly => "cdn-only",
            Self::SharedFrontDoor => "shared-front-door",
            Self::MeasurementArtefact => "measurement-artefact",
        }
    }

    /// The words for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::BackendStorage => "Backend storage",
            Self::HostedThere => "Hosted there anyway",
            Self::CdnOnly => "CDN only",
            Self::SharedFrontDoor => "Shared front door",
            Self::MeasurementArtefact => "Measurement artefact",
        }
    }

    /// What it would mean, in one sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::BackendStorage => {
                "The party stores its users' data there: the provider is the origin"
            }
            Self::HostedThere => "This object lay there already, and the party only links to it",
            Self::CdnOnly => "The provider keeps copies at its edge; the truth lies elsewhere",
            Self::SharedFrontDoor => {
                "A front end, gateway or platform answers; who stands behind it is not seen"
            }
            Self::MeasurementArtefact => {
                "The way of measuring, not the party, made the provider appear"
            }
        }
    }
}

/// Evidence with the flow that shows it first, and how many flows do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cited {
    /// The first flow that shows it.
    pub flow: FlowId,
    /// Number of flows that show it.
    pub n_flows: u32,
    /// As the flow shows it.
    pub evidence: Evidence,
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

/// What a provider is to a party, as far as the open captures show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartyVerdict {
    /// Whose traffic.
    pub party: String,
    /// Who carries it.
    pub provider: ProviderId,
    /// The flows of the party that name the provider, in session order.
    pub flows: Vec<FlowId>,
    /// All hypotheses, in the order of [`Hypothesis::ALL`].
    pub hypotheses: Vec<Weighed>,
    /// The one that the evidence singles out; `None` = inconclusive.
    pub verdict: Option<Hypothesis>,
    /// How conclusive the verdict is; insufficient or conflicting when there is none.
    pub conclusiveness: Conclusiveness,
    /// Which evidence carries the verdict, or why there is none.
    pub reason: String,
    /// What a person could do to settle it; Headwater itself never sends anything.
    pub would_settle_it: Vec<String>,
    /// What to keep in mind.
    pub caveats: Vec<String>,
}
