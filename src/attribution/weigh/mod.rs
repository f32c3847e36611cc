//! From evidence to a verdict: families are weighed, not counted observations, because headers of one hop come together.

pub(super) mod cache;
mod candidate;
pub(super) mod edge;
pub(super) mod judgement;
pub(super) mod origin;
mod role;

use super::findings::Findings;
use super::verdict::Conclusiveness;
use crate::capture::Flow;
use crate::providers::catalogue;

use candidate::{Candidate, candidates};
use judgement::Judgement;

/// Judges `flow` by its `findings`.
pub(super) fn judge<'a>(flow: Flow<'a>, findings: &Findings<'a>) -> Judgement<'a> {
    let mut judgement = Judgement::UNKNOWN;
    if findings.is_replay {
        return judgement;
    }
    let is_software = |service| catalogue().is_software(service);
    let companies = findings
        .edges()
        .filter(|(service, _)| !is_software(*service));
    let edges = candidates(companies);
    let mut chosen = edge::choose(&edges, findings);
    if let Some((edge, _)) = &mut chosen {
        judgement.added = cache::watch(flow, edge, findings);
    }
    let chosen = chosen.filter(|(edge, _)| !cache::stands_before(edge, findings));
    let edge = chosen.map(|(edge, _)| edge);
    let origin = origin::choose(edge.as_ref(), findings);
    let is_own_door = |edge: &Candidate<'_>| {
        origin.is_some_and(|(origin, _)| origin::is_direct_product(&origin, edge, findings))
    };
    if let Some((edge, doubt)) = chosen.filter(|(edge, _)| !is_own_door(edge)) {
        edge::settle(&mut judgement, &edge, doubt, &edges, findings);
    }
    judgement.origin = origin.map(|(origin, conclusiveness)| origin.part(conclusiveness));
    if edge.is_none() {
        cache::settle(&mut judgement, flow, origin, &edges, findings);
    }
    origin::settle(&mut judgement, flow, findings);
    cap_tunnel(findings, &mut judgement);
    (judgement.role, judgement.conclusiveness) = role::role(&judgement, origin, flow, findings);
    judgement
}

/// A tunnel shows only where it leads: two hints about that are no more than a hint.
fn cap_tunnel(findings: &Findings<'_>, judgement: &mut Judgement<'_>) {
    if findings.is_tunnel {
        let parts = [&mut judgement.edge, &mut judgement.origin];
        for part in parts.into_iter().flatten() {
            part.conclusiveness = part.conclusiveness.min(Conclusiveness::Suggestive);
        }
    }
}
