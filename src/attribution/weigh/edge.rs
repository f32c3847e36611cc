//! The edge: who of those that were seen terminated the connection, what a cache shows, and who stands behind.

use super::candidate::Candidate;
use crate::attribution::across::Sign;
use crate::attribution::cache_sign::Answer;
use crate::attribution::collect::{Finding, Findings, of_cache};
use crate::attribution::evidence::{Claim, Family, Speaks, Strength};
use crate::base::bytes::Span;
use crate::capture::Flow;
use crate::providers::{ServiceId, catalogue};

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

/// Adds how a cache behaved to what speaks for `edge`.
pub(super) fn watch_cache<'a>(
    flow: Flow<'a>,
    edge: &mut Candidate<'a>,
    findings: &mut Findings<'a>,
) {
    for note in std::mem::take(&mut findings.cache_notes) {
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
        let finding = of_cache(flow, &note, Claim::Edge(edge.service), strength);
        edge.add(edge.service, &finding);
        edge.agree(edge.service, &finding);
        findings.list.push(finding);
    }
}

/// Notes what contradicts `edge`; true when something does.
pub(super) fn speak_against<'a>(edge: &Candidate<'a>, findings: &mut Findings<'a>) -> bool {
    let service = catalogue().service(edge.service);
    let is_own_address = findings.list.iter().any(|finding| {
        finding.family == Family::Address
            && matches!(finding.claim, Claim::Edge(found) | Claim::Origin(found)
                if catalogue().provider_of(found) == edge.provider)
    });
    let elsewhere = findings
        .address
        .filter(|_| service.lists_addresses && !is_own_address && !findings.is_address_dated)
        .map(|(address, span)| {
            (
                Family::Address,
                "edge/address-elsewhere",
                address,
                Some(span),
            )
        });
    let shows_headers = findings.has_headers && !findings.is_reduced;
    let is_unsigned =
        service.signs_responses && shows_headers && edge.has(Family::HeaderChain).is_none();
    let unsigned =
        is_unsigned.then_some((Family::HeaderChain, "edge/no-header-of-its-own", "", None));
    let against: Vec<_> = elsewhere.into_iter().chain(unsigned).collect();
    for (family, rule, quote, span) in &against {
        findings.list.push(Finding {
            family: *family,
            claim: Claim::Edge(edge.service),
            speaks: Speaks::Against,
            strength: Strength::Strong,
            rule,
            quote,
            span: span.filter(|span: &Span| !span.is_empty()),
            region: None,
            source: "the provider's published ranges and response headers, 2026-11",
            with: None,
        });
    }
    !against.is_empty()
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
