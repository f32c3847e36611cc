//! The origin: whose storage or compute answered, and whether it was reached itself.

use super::candidate::Candidate;
use crate::attribution::collect::behaviour::of_cache;
use crate::attribution::evidence::{Claim, Family, Strength};
use crate::attribution::findings::{Finding, Findings};
use crate::attribution::verdict::Conclusiveness;
use crate::capture::Flow;
use crate::providers::{ServiceId, ServiceKind, catalogue};

/// Whose storage or compute answered, and how conclusive that is.
pub(super) fn choose_origin<'a>(
    origins: &[Candidate<'a>],
) -> Option<(Candidate<'a>, Conclusiveness)> {
    let best = origins
        .iter()
        .max_by_key(|origin| (origin.strength(), origin.count(Strength::Strong)))?;
    let is_named = best.has(Family::Name) == Some(Strength::Conclusive);
    // Clones send the same headers as the store they imitate; a name that only one service has tells them apart.
    let has_rival = origins
        .iter()
        .any(|other| other.provider != best.provider && Some(Strength::Strong) <= other.strength());
    let conclusiveness = if has_rival && !is_named {
        Conclusiveness::Conflicting
    } else {
        best.conclusiveness(false)
    };
    Some((*best, conclusiveness))
}

/// True when only a name hints at the origin while somebody else answers: a company may put its name on any machine.
pub(super) fn is_hearsay(
    origin: &Candidate<'_>,
    edge: Option<&Candidate<'_>>,
    findings: &Findings<'_>,
) -> bool {
    let is_hint = origin.strength() == Some(Strength::Suggestive)
        && origin.count(Strength::Suggestive) == 1
        && origin.has(Family::Name).is_some();
    let is_elsewhere = || {
        findings.list.iter().any(|finding| {
            finding.family == Family::Address
                && matches!(finding.claim, Claim::Edge(found) | Claim::Origin(found)
                    if catalogue().provider_of(found) != origin.provider)
        })
    };
    is_hint && (edge.is_some_and(|edge| edge.provider != origin.provider) || is_elsewhere())
}

/// True when the edge is only the provider's own door to the product that the host name asks for.
pub(super) fn is_direct_product(
    origin: &Candidate<'_>,
    edge: &Candidate<'_>,
    findings: &Findings<'_>,
) -> bool {
    let kind = |service| catalogue().service(service).kind;
    let is_front_end = kind(edge.service) == ServiceKind::FrontEnd;
    let is_named = edge.has(Family::Name).is_some();
    let only_address = edge.has(Family::HeaderChain).is_none() && !is_named;
    // A store whose own name leads to the network of its provider, which did not answer from a cache.
    let is_store = kind(origin.service) == ServiceKind::Storage;
    let is_passed_on = is_store && !is_named && !findings.has_cache_sign;
    origin.provider == edge.provider
        && Some(Strength::Strong) <= origin.has(Family::Name)
        && (is_front_end || only_address || is_passed_on)
}

/// True when the name or the address, not only what headers carry along, shows that the origin itself was reached.
pub(super) fn is_reached_directly(origin: &Candidate<'_>) -> bool {
    let is_store = catalogue().is_store(origin.service);
    let by_address = origin.best.family == Family::Address
        || (is_store && Some(Strength::Strong) <= origin.has(Family::Address));
    origin.has(Family::Name).is_some() || by_address
}

/// What a cache that does not name itself says against `origin` as the party that was reached.
pub(super) fn doubt_directness<'a>(
    flow: Flow<'a>,
    origin: ServiceId,
    findings: &Findings<'a>,
) -> Vec<Finding<'a>> {
    let notes = findings.cache_notes.iter();
    notes
        .map(|note| of_cache(flow, note, Claim::Origin(origin), Strength::Strong))
        .collect()
}
