//! The edge: who of those that were seen terminated the connection, what speaks against it, and who stands behind.

use super::candidate::Candidate;
use super::judgement::Judgement;
use crate::attribution::cache_sign::Answer;
use crate::attribution::evidence::{Claim, Family, OwnRule, Speaks, Strength};
use crate::attribution::findings::{Finding, Findings};
use crate::attribution::verdict::Conclusiveness;
use crate::providers::{ServiceId, ServiceKind, catalogue};

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
pub(super) fn choose<'a>(
    edges: &[Candidate<'a>],
    findings: &Findings<'a>,
) -> Option<(Candidate<'a>, Doubt)> {
    if let [only] = edges
        && only.strength().is_some()
    {
        return (!is_passed_on(only, findings)).then_some((*only, Doubt::None));
    }
    let answering: Vec<&Candidate<'a>> = edges
        .iter()
        .filter(|edge| edge.strength().is_some())
        .collect();
    if answering.is_empty() {
        return by_owner(edges, findings);
    }
    let is_free = |edge: &&Candidate<'a>| !is_contradicted(edge, &answering, findings);
    let mut standing: Vec<&Candidate<'a>> = answering.iter().copied().filter(is_free).collect();
    if standing.is_empty() {
        standing.clone_from(&answering);
    }
    by_address(&standing, edges).or_else(|| by_headers(&standing, findings))
}

/// True when only a hint, or a look-up, speaks for `edge` at an address that is none of its own: others pass its marks on.
fn is_passed_on(edge: &Candidate<'_>, findings: &Findings<'_>) -> bool {
    let is_hint = edge.strength() == Some(Strength::Suggestive);
    let is_looked_up = edge.named.is_none() && edge.has(Family::HeaderChain).is_none();
    (is_hint || is_looked_up) && edge.named.is_none() && is_elsewhere(edge, findings)
}

/// A company's own name says whose content it is. While nobody else is seen, that is a hint at who delivers it.
fn by_owner<'a>(
    edges: &[Candidate<'a>],
    findings: &Findings<'a>,
) -> Option<(Candidate<'a>, Doubt)> {
    let address = findings.address_of();
    let is_possible = |edge: &&Candidate<'a>| address.is_none_or(|of| of == edge.network);
    let named = edges
        .iter()
        .filter(is_possible)
        .max_by_key(|edge| edge.has(Family::Name))?;
    Some((*named, Doubt::Order))
}

/// True when something excludes `edge` while another one is possible: its own addresses, the mark that it always leaves, or
/// the address of another one.
fn is_contradicted(edge: &Candidate<'_>, all: &[&Candidate<'_>], findings: &Findings<'_>) -> bool {
    let signed = |other: &Candidate<'_>| Some(Strength::Strong) <= other.has(Family::HeaderChain);
    let others = || all.iter().filter(|other| other.network != edge.network);
    let is_at_address = edge.has(Family::Address).is_some();
    if findings.is_address_dated {
        // A table that is younger than the capture does not outvote who signed the answer.
        return is_at_address && !signed(edge) && others().any(|other| signed(other));
    }
    let has_address = |other: &&Candidate<'_>| Some(Strength::Strong) <= other.has(Family::Address);
    !is_at_address && (is_elsewhere(edge, findings) || others().any(has_address))
        || is_unsigned(edge, findings)
            && others().any(|other| signed(other) && !is_elsewhere(other, findings))
}

/// The one whose address it is.
fn by_address<'a>(
    standing: &[&Candidate<'a>],
    all: &[Candidate<'a>],
) -> Option<(Candidate<'a>, Doubt)> {
    let strongest = standing.iter().filter_map(|edge| edge.strength()).max()?;
    let edge = standing.iter().find(|edge| {
        let strength = edge.has(Family::Address);
        Some(Strength::Strong) <= strength || strength == Some(strongest)
    })?;
    // A host name that one provider alone serves cannot lead to another's address without somebody in between.
    let is_signed = Some(Strength::Strong) <= edge.has(Family::HeaderChain);
    let is_contested = !is_signed
        && all.iter().any(|other| {
            other.network != edge.network && other.named == Some(Strength::Conclusive)
        });
    Some((**edge, Doubt::unless(!is_contested)))
}

/// The one that its headers and names show to be nearest to the client.
fn by_headers<'a>(
    standing: &[&Candidate<'a>],
    findings: &Findings<'a>,
) -> Option<(Candidate<'a>, Doubt)> {
    let strongest = standing.iter().filter_map(|edge| edge.strength()).max()?;
    let floor = strongest.min(Strength::Strong);
    let is_strong = |edge: &&Candidate<'a>| Some(floor) <= edge.strength();
    let best: Vec<&Candidate<'a>> = standing.iter().copied().filter(is_strong).collect();
    if let [only] = best[..] {
        return Some((*only, Doubt::None));
    }
    let is_hop = |edge: &&Candidate<'_>| {
        let of_edge = |hop: &ServiceId| catalogue().network_of(*hop) == edge.network;
        findings.hops.iter().any(of_edge)
    };
    if let Some(nearest) = findings.hops.first()
        && best.iter().all(is_hop)
    {
        let network = catalogue().network_of(*nearest);
        let nearest = best.iter().find(|edge| edge.network == network);
        return nearest.map(|edge| (**edge, Doubt::None));
    }
    let best = nearest_kind(best, findings);
    if let [only] = best[..] {
        return Some((*only, Doubt::None));
    }
    if let Some(edge) = by_answers(&best, findings) {
        return Some((*edge, Doubt::Order));
    }
    by_name(&best, findings)
}

/// Without an order: the one that the host name speaks for, else the one that has most to say.
fn by_name<'a>(best: &[&Candidate<'a>], findings: &Findings<'a>) -> Option<(Candidate<'a>, Doubt)> {
    let rank = |edge: &&&Candidate<'_>| {
        let nearest = findings
            .hops
            .first()
            .map(|hop| catalogue().network_of(*hop));
        let is_nearest = nearest == Some(edge.network);
        (edge.named, is_nearest, edge.count(Strength::Strong))
    };
    let edge = best.iter().max_by_key(rank)?;
    let n_named = best.iter().filter(|other| other.named == edge.named);
    if Some(Strength::Strong) <= edge.named && n_named.count() == 1 {
        return Some((**edge, Doubt::None));
    }
    // Who wrote itself last into a list may still pass on to one that writes into none.
    let hop = |of: &Candidate<'_>| {
        findings
            .hops
            .iter()
            .any(|it| catalogue().network_of(*it) == of.network)
    };
    let is_only_hop = hop(edge) && best.iter().filter(|other| hop(other)).count() == 1;
    let doubt = if is_only_hop {
        Doubt::Order
    } else {
        Doubt::Conflict
    };
    Some((**edge, doubt))
}

/// Platforms and front ends of companies stand behind CDNs, unless it was their word that was written last.
fn nearest_kind<'c, 'a>(
    best: Vec<&'c Candidate<'a>>,
    findings: &Findings<'a>,
) -> Vec<&'c Candidate<'a>> {
    let kind = |edge: &&Candidate<'_>| catalogue().service(edge.service).kind;
    let last = findings
        .wrote_server
        .map(|service| catalogue().network_of(service));
    let is_last =
        |edge: &&Candidate<'_>| Some(edge.network) == last && kind(edge) == ServiceKind::Platform;
    if let Some(edge) = best.iter().copied().find(|edge| is_last(edge)) {
        return vec![edge];
    }
    let is_cdn = |edge: &&Candidate<'_>| kind(edge) == ServiceKind::Cdn;
    if best.iter().any(is_cdn) {
        return best.into_iter().filter(is_cdn).collect();
    }
    best
}

/// The only edge that says it had the response, when all others had to ask: their misses are stored with it.
fn by_answers<'c, 'a>(
    edges: &[&'c Candidate<'a>],
    findings: &Findings<'a>,
) -> Option<&'c Candidate<'a>> {
    let answer = |edge: &Candidate<'_>| {
        let of_edge =
            |(service, _): &&(ServiceId, Answer)| catalogue().network_of(*service) == edge.network;
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

/// Puts `edge` into the judgement, with what speaks against it and who stands behind it.
pub(super) fn settle<'a>(
    judgement: &mut Judgement<'a>,
    edge: &Candidate<'a>,
    doubt: Doubt,
    all: &[Candidate<'a>],
    findings: &Findings<'a>,
) {
    let against = speak_against(edge, findings);
    let mut conclusiveness =
        edge.conclusiveness(against.iter().any(|it| it.strength == Strength::Strong));
    let is_rival = |other: &Candidate<'_>| {
        other.network != edge.network && Some(Strength::Strong) <= other.strength()
    };
    if all.iter().any(is_rival) || !against.is_empty() {
        conclusiveness = conclusiveness.min(Conclusiveness::Strong);
    }
    judgement.added.extend(against);
    let mut part = edge.part(match doubt {
        Doubt::None => conclusiveness,
        Doubt::Order => conclusiveness.min(Conclusiveness::Suggestive),
        Doubt::Conflict => Conclusiveness::Conflicting,
    });
    if findings.cache_sign.is_some() {
        let cached = catalogue().service(part.service).cached_as;
        part.service = cached.unwrap_or(part.service);
    }
    judgement.edge = Some(part);
    judgement.behind = behind(edge, all, findings);
}

/// True when `edge` publishes its addresses, and the one of the capture is none of them.
fn is_elsewhere(edge: &Candidate<'_>, findings: &Findings<'_>) -> bool {
    catalogue().service(edge.service).lists_addresses
        && findings.address.is_some()
        && findings.address_of() != Some(edge.network)
        && !findings.is_address_dated
}

/// True when `edge` marks every response, and this one bears no mark of it.
fn is_unsigned(edge: &Candidate<'_>, findings: &Findings<'_>) -> bool {
    let shows_headers = findings.has_headers && !findings.is_reduced;
    let is_signing = catalogue().service(edge.service).signs_responses;
    is_signing && shows_headers && edge.has(Family::HeaderChain).is_none()
}

/// What contradicts `edge`. Where customers can strip its marks, their absence is only a hint at an address of its own.
fn speak_against<'a>(edge: &Candidate<'a>, findings: &Findings<'a>) -> Vec<Finding<'a>> {
    let against = |rule, strength, quote| Finding {
        speaks: Speaks::Against,
        ..Finding::own(rule, Claim::Edge(edge.service), strength, quote)
    };
    let elsewhere = findings.address.filter(|_| is_elsewhere(edge, findings));
    let elsewhere = elsewhere
        .map(|(address, span)| against(&ADDRESS_ELSEWHERE, Strength::Strong, address).at(span));
    let may_be_stripped = catalogue().service(edge.service).customers_strip;
    let is_at_home = Some(Strength::Strong) <= edge.has(Family::Address);
    let strength = if is_at_home && may_be_stripped {
        Strength::Suggestive
    } else {
        Strength::Strong
    };
    let unsigned =
        is_unsigned(edge, findings).then(|| against(&NO_HEADER_OF_ITS_OWN, strength, ""));
    elsewhere.into_iter().chain(unsigned).collect()
}

/// The other services seen as edges: in the order of `Via` where it names them, then as they were found.
fn behind(
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
        let network = catalogue().network_of(service);
        let is_known = behind
            .iter()
            .any(|known| catalogue().network_of(*known) == network);
        if network != edge.network && !is_known {
            behind.push(service);
        }
    }
    behind
}
