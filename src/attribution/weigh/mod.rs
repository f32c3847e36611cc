//! From evidence to a verdict: families are weighed, not counted observations, because headers of one hop come together.

mod candidate;
pub(super) mod edge;
pub(super) mod judgement;
mod origin;

use super::evidence::{Family, Strength};
use super::findings::Findings;
use super::verdict::{Conclusiveness, Role};
use crate::capture::Flow;
use crate::providers::{ServiceKind, catalogue};

use candidate::{Candidate, candidates};
use edge::{Doubt, behind, choose_edge, speak_against, watch_cache};
use judgement::{Judgement, Part};
use origin::{choose_origin, doubt_directness, is_direct_product, is_hearsay, is_reached_directly};

/// Judges `flow` by its `findings`.
pub(super) fn judge<'a>(flow: Flow<'a>, findings: &Findings<'a>) -> Judgement<'a> {
    if findings.is_replay {
        return Judgement::UNKNOWN;
    }
    let edges = candidates(findings.edges());
    let mut judgement = Judgement::UNKNOWN;
    let mut chosen = choose_edge(&edges, findings);
    if let Some((edge, _)) = &mut chosen {
        judgement.added = watch_cache(flow, edge, findings);
    }
    let edge = chosen.map(|chosen| chosen.0);
    let mut origins = candidates(findings.origins().filter(|(_, finding)| {
        // The address is the terminating party's: behind an edge it says nothing about the origin.
        edge.is_none() || finding.family != Family::Address
    }));
    origins.retain(|origin| !is_hearsay(origin, edge.as_ref(), findings));
    let mut origin = choose_origin(&origins);
    let mut is_cached = false;
    if let (None, Some((origin, conclusiveness))) = (&chosen, &mut origin) {
        judgement.added = doubt_directness(flow, origin.service, findings);
        is_cached = !judgement.added.is_empty();
        if is_cached {
            *conclusiveness = origin.conclusiveness(true);
        }
    }
    let own_product = |edge: &Candidate<'_>| {
        origin.is_some_and(|(origin, _)| is_direct_product(&origin, edge, findings))
    };
    if let Some((edge, doubt)) = chosen.filter(|(edge, _)| !own_product(edge)) {
        let against = speak_against(&edge, findings);
        let mut conclusiveness = edge.conclusiveness(!against.is_empty());
        judgement.added.extend(against);
        let has_rival = edges.iter().any(|other| {
            other.provider != edge.provider && Some(Strength::Strong) <= other.strength()
        });
        if has_rival {
            conclusiveness = conclusiveness.min(Conclusiveness::Strong);
        }
        conclusiveness = match doubt {
            Doubt::None => conclusiveness,
            Doubt::Order => conclusiveness.min(Conclusiveness::Suggestive),
            Doubt::Conflict => Conclusiveness::Conflicting,
        };
        judgement.edge = Some(edge.part(conclusiveness));
        judgement.behind = behind(&edge, &edges, findings);
    }
    judgement.origin = origin.map(|(origin, conclusiveness)| origin.part(conclusiveness));
    cap_tunnel(findings, &mut judgement);
    (judgement.role, judgement.conclusiveness) = role(&judgement, origin, is_cached, findings);
    judgement
}

/// A tunnel shows only where it leads: two hints about that are no more than a hint.
fn cap_tunnel(findings: &Findings<'_>, judgement: &mut Judgement<'_>) {
    if findings.is_tunnel {
        for part in [&mut judgement.edge, &mut judgement.origin]
            .into_iter()
            .flatten()
        {
            part.conclusiveness = part.conclusiveness.min(Conclusiveness::Suggestive);
        }
    }
}

/// The role of the terminating party and how conclusive it is.
fn role(
    judgement: &Judgement<'_>,
    origin: Option<(Candidate<'_>, Conclusiveness)>,
    is_cached: bool,
    findings: &Findings<'_>,
) -> (Role, Conclusiveness) {
    const UNKNOWN: (Role, Conclusiveness) = (Role::Unknown, Conclusiveness::Insufficient);
    if findings.is_tunnel {
        return UNKNOWN;
    }
    let Some(edge) = judgement.edge else {
        let Some((origin, conclusiveness)) = origin else {
            return UNKNOWN;
        };
        let is_direct = is_reached_directly(&origin) && !is_cached;
        return if Conclusiveness::Strong <= conclusiveness && is_direct {
            (Role::Origin, conclusiveness)
        } else {
            UNKNOWN
        };
    };
    let catalogue = catalogue();
    match catalogue.service(edge.service).kind {
        ServiceKind::Cdn => (Role::Cdn, edge.conclusiveness),
        ServiceKind::FrontEnd => {
            let provider = catalogue.provider_of(edge.service);
            let is_own = |part: &Part<'_>| catalogue.provider_of(part.service) == provider;
            let other_origin = judgement.origin.is_some_and(|part| !is_own(&part));
            if findings.has_cache_sign || other_origin || !judgement.behind.is_empty() {
                (Role::Cdn, edge.conclusiveness)
            } else if let Some(own) = judgement.origin
                && Conclusiveness::Strong <= own.conclusiveness
            {
                (Role::Origin, own.conclusiveness.min(edge.conclusiveness))
            } else {
                UNKNOWN
            }
        }
        ServiceKind::Platform
        | ServiceKind::Storage
        | ServiceKind::Compute
        | ServiceKind::Gateway => UNKNOWN,
    }
}
