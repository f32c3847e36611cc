//! The verdict for a party and a provider: five hypotheses, each judged over the flows of one transfer.
//!
//! `gather` walks the flows of a pair once and keeps what they show, `weigh` says how conclusive each hypothesis is, and
//! `words` puts the reason, the caveats and what would settle it into sentences.

mod gather;
mod hypothesis;
mod weigh;
mod words;

use super::session::Judged;
pub use hypothesis::{Cited, Hypothesis, PartyVerdict, Weighed};

use std::collections::{BTreeMap, HashMap};

use super::groups::Groups;
use crate::base::jobs::{Cancel, STEP};
use crate::capture::FlowId;
use crate::providers::{ProviderId, ServiceId, catalogue};

use gather::{Access, Gathered, Walker};

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
                && flow.has_method(&["GET"])
                && matches!(flow.status(), Some(200 | 206))
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
