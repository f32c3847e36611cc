//! The edge: who of those that were seen terminated the connection, what a cache shows, and who stands behind.

use super::candidate::Candidate;
use crate::attribution::cache_sign::Answer;
use crate::attribution::collect::behaviour::of_cache;
use crate::attribution::context::across::Sign;
use crate::attribution::evidence::{Claim, Family, OwnRule, Speaks, Strength};
use crate::attribution::findings::{Finding, Findings};
use crate::capture::Flow;
use crate::providers::{ServiceId, catalogue};

/// Where the rules about contradictions come from.
const PUBLISHED: &str = "the provider's published ranges and response headers, 2026-11";

/// The address is none of the provider's.
pub(in crate::attribution) const ADDRESS_ELSEWHERE: OwnRule = OwnRule {
    id: "edge/address-elsewhere",
    family: Family::Address,
    about: "The provider publishes its ranges, and the address lies in none of them",
    source: PUBLISHED,
};
/// The response bears no mark of the provider.
pub(in crate::attribution) const NO_HEADER_OF_ITS_OWN: OwnRule = OwnRule {
    id: "edge/no-header-of-its-own",
    family: Family::HeaderChain,
    about: "The provider marks every response, and this one bears no mark of it",
    source: PUBLISHED,
};

/// How sure it is that the chosen edge, and not another one that was seen, terminated the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// Nothing else could have.
    None,
    /// Another order of the chain is possible.
    Order,
    /// Another one has as good a claim.
    Conflict,
}

impl Doubt {
    const fn unless(is_settled: bool) -> Self {
        if is_settled {
            Self::None
        } else {
            Self::Conflict
        }
    }
}

/// The party that terminated the connection.
pub(super) fn choose_edge<'a>(
    edges: &[Candidate<'a>],
    findings: &Findings<'a>,
) -> Option<(Candidate<'a>, Doubt)> {
    let strongest = edges.iter().filter_map(Candidate::strength).max()?;
    let by_address = edges.iter().find(|edge| {
        let strength = edge.has(Family::Address);
        Some(Strength::Strong) <= strength || strength == Some(strongest)
    });
    if let Some(edge) = by_address {
        // A name that one provider alone serves cannot lead to another's address without somebody in between.
        let is_contested = edges.iter().any(|other| {
            other.provider != edge.provider && other.has(Family::Name) == Some(Strength::Conclusive)
        });
        return Some((*edge, Doubt::unless(!is_contested)));
    }
    let floor = strongest.min(Strength::Strong);
    let best: Vec<&Candidate<'a>> = edges
        .iter()
        .filter(|edge| Some(floor) <= edge.strength())
        .collect();
    if let [only] = best[..] {
        return Some((*only, Doubt::None));
    }
    let is_hop = |edge: &Candidate<'_>| {
        let of_edge = |hop: &ServiceId| catalogue().provider_of(*hop) == edge.provider;
        findings.hops.iter().any(of_edge)
    };
    if let Some(nearest) = findings.hops.first()
        && best.iter().all(|edge| is_hop(edge))
    {
        let provider = catalogue().provider_of(*nearest);
        let nearest = best.iter().find(|edge| edge.provider == provider);
        return nearest.map(|edge| (**edge, Doubt::None));
    }
    if let Some(edge) = by_answers(&best, findings) {
        return Some((*edge, Doubt::Order));
    }
    let rank = |edge: &&&Candidate<'_>| {
        let is_nearest = findings
            .hops
            .first()
            .is_some_and(|hop| catalogue().provider_of(*hop) == edge.provider);
        let name = edge.has(Family::Name);
        (name, is_nearest, edge.count(Strength::Strong))
    };
    let edge = best.iter().max_by_key(rank)?;
    let name = edge.has(Family::Name);
    // A certificate may hold names of several providers.
    let n_named = best.iter().filter(|other| other.has(Family::Name) == name);
    let is_named = Some(Strength::Strong) <= name && n_named.count() == 1;
    Some((**edge, Doubt::unless(is_named)))
}

/// The only edge that says it had the response, when all others had to ask: their misses are stored with it.
fn by_answers<'c, 'a>(
    edges: &[&'c Candidate<'a>],
    findings: &Findings<'a>,
) -> Option<&'c Candidate<'a>> {
    let answer = |edge: &Candidate<'_>| {
        let of_edge = |(service, _): &&(ServiceId, Answer)| {
            catalogue().provider_of(*service) == edge.provider
        };
        findings
            .answers
            .iter()
            .find(of_edge)
            .map(|(_, answer)| *answer)
    };
    let mut hits = edges
        .iter()
        .filter(|edge| answer(edge) == Some(Answer::Hit));
    let hit = hits.next().filter(|_| hits.next().is_none())?;
    let n_misses = edges
        .iter()
        .filter(|edge| answer(edge) == Some(Answer::Miss))
        .count();
    (n_misses + 1 == edges.len()).then_some(*hit)
}

/// Counts how a cache behaved among what speaks for `edge`, and returns it.
pub(super) fn watch_cache<'a>(
    flow: Flow<'a>,
    edge: &mut Candidate<'a>,
    findings: &Findings<'a>,
) -> Vec<Finding<'a>> {
    let notes = findings.cache_notes.iter();
    let shown = notes.map(|note| {
        // Only a header that the edge itself writes says that this cache, and no other one, had the response.
        let is_its_own = note.sign == Sign::MissThenHit
            && findings.edges().any(|(service, finding)| {
                catalogue().provider_of(service) == edge.provider && finding.span == Some(note.span)
            });
        let strength = if is_its_own {
            Strength::Strong
        } else {
            Strength::Suggestive
        };
        let finding = of_cache(flow, note, Claim::Edge(edge.service), strength);
        edge.add(edge.service, &finding);
        edge.agree(edge.service, &finding);
        finding
    });
    shown.collect()
}

/// What contradicts `edge`.
pub(super) fn speak_against<'a>(edge: &Candidate<'a>, findings: &Findings<'a>) -> Vec<Finding<'a>> {
    let service = catalogue().service(edge.service);
    let against = |rule, quote| Finding {
        speaks: Speaks::Against,
        ..Finding::own(rule, Claim::Edge(edge.service), Strength::Strong, quote)
    };
    let is_own_address = findings.list.iter().any(|finding| {
        finding.family == Family::Address
            && matches!(finding.claim, Claim::Edge(found) | Claim::Origin(found)
                if catalogue().provider_of(found) == edge.provider)
    });
    let is_elsewhere = service.lists_addresses && !is_own_address && !findings.is_address_dated;
    let elsewhere = findings.address.filter(|_| is_elsewhere);
    let elsewhere = elsewhere.map(|(address, span)| Finding {
        span: Some(span).filter(|span| !span.is_empty()),
        ..against(&ADDRESS_ELSEWHERE, address)
    });
    let shows_headers = findings.has_headers && !findings.is_reduced;
    let is_unsigned =
        service.signs_responses && shows_headers && edge.has(Family::HeaderChain).is_none();
    let unsigned = is_unsigned.then(|| against(&NO_HEADER_OF_ITS_OWN, ""));
    elsewhere.into_iter().chain(unsigned).collect()
}

/// The other services seen as edges: in the order of `Via` where it names them, then as they were found.
pub(super) fn behind(
    edge: &Candidate<'_>,
    edges: &[Candidate<'_>],
    findings: &Findings<'_>,
) -> Vec<ServiceId> {
    let mut behind: Vec<ServiceId> = Vec::new();
    let found = edges
        .iter()
        .filter(|other| other.has(Family::HeaderChain).is_some())
        .map(|other| other.service);
    let replayed = findings.replayed.iter().copied();
    for service in findings.hops.iter().copied().chain(found).chain(replayed) {
        let provider = catalogue().provider_of(service);
        let is_known = behind
            .iter()
            .any(|known| catalogue().provider_of(*known) == provider);
        if provider != edge.provider && !is_known {
            behind.push(service);
        }
    }
    behind
}
