//! The verdict for a party and a provider: five hypotheses, each judged over the flows of one transfer.
//!
//! `gather` walks the flows of a pair once and keeps what they show, `weigh` says how conclusive each hypothesis is, and
//! `words` puts the reason, the caveats and what would settle it into sentences.

mod gather;
mod weigh;
mod words;

use std::collections::{BTreeMap, HashMap};

use super::party::Groups;
use super::verdict::Conclusiveness;
use super::{Attribution, Evidence, STEP};
use crate::base::jobs::Cancel;
use crate::capture::{Capture, Flow, FlowId};
use crate::providers::{ProviderId, ServiceId, catalogue};

use gather::{Access, Gathered, Walker};

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

/// One judged capture of a session.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'a> {
    /// What the file said.
    pub capture: &'a Capture,
    /// Who serves it.
    pub attribution: &'a Attribution,
    /// Session-wide number of its first flow.
    pub first: FlowId,
}

/// Judges every pair of a party and a provider that is not the party itself, the pair with most flows first. Returns
/// `None` when cancelled.
pub fn judge(
    session: &[Judged<'_>],
    groups: &Groups,
    cancel: &Cancel,
) -> Option<Vec<PartyVerdict>> {
    let mut pairs: BTreeMap<Pair<'_>, Gathered<'_>> = BTreeMap::new();
    let mut accesses = Accesses::default();
    for judged in session {
        let mut walker = Walker::new(*judged);
        for flow in judged.capture.flows() {
            if flow.idx() % STEP == 0 && cancel.is_cancelled() {
                return None;
            }
            let party = judged.attribution.parties.party(flow, groups);
            for provider in walker.look_at(flow) {
                if party.is_empty() || is_run_by(party, provider) {
                    continue;
                }
                let pair = (party, provider);
                walker.add_to(pairs.entry(pair).or_default(), flow, provider);
                if let Some(store) = walker.written_store(provider) {
                    let writes = walker.accesses(flow);
                    accesses
                        .writes
                        .extend(writes.map(|it| (it.key, (it, pair, store))));
                }
            }
            if 1 < session.len()
                && matches!((flow.method(), flow.status()), ("GET", Some(200 | 206)))
            {
                accesses.reads.extend(walker.accesses(flow));
            }
        }
    }
    accesses.match_across_captures(session, &mut pairs);
    let caveats = words::common_caveats(session);
    let mut verdicts: Vec<PartyVerdict> = pairs
        .into_iter()
        .map(|((party, provider), gathered)| {
            weigh::verdict(party, provider, gathered, caveats.clone())
        })
        .collect();
    verdicts.sort_by_key(|verdict| std::cmp::Reverse(verdict.flows.len()));
    Some(verdicts)
}

/// A party and a provider.
type Pair<'a> = (&'a str, ProviderId);

/// Writes to stores and reads of all captures: what one device wrote, another one may have read.
#[derive(Default)]
struct Accesses<'a> {
    writes: HashMap<u64, (Access, Pair<'a>, ServiceId)>,
    reads: Vec<Access>,
}

impl<'a> Accesses<'a> {
    fn match_across_captures(
        &self,
        session: &[Judged<'_>],
        pairs: &mut BTreeMap<Pair<'a>, Gathered<'a>>,
    ) {
        let capture = |flow: FlowId| session.partition_point(|judged| judged.first <= flow);
        for read in &self.reads {
            let Some((write, pair, store)) = self.writes.get(&read.key) else {
                continue;
            };
            if write.is_read_by(read)
                && capture(write.flow) != capture(read.flow)
                && let Some(gathered) = pairs.get_mut(pair)
            {
                gathered.add_read_elsewhere(read.flow, write.flow, *store);
            }
        }
    }
}

/// True when `party` is a domain of `provider` itself.
fn is_run_by(party: &str, provider: ProviderId) -> bool {
    catalogue().host_rules(party).iter().any(|found| {
        let service = found.rule.rule.service;
        found.rule.is_first_party && catalogue().provider_of(service) == provider
    })
}

impl Judged<'_> {
    fn id(&self, flow: Flow<'_>) -> FlowId {
        FlowId(self.first.0 + flow.idx())
    }
}
