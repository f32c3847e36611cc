//! The role of the party that terminated the connection.

use super::candidate::Candidate;
use super::judgement::{Judgement, Part};
use super::origin::is_reached_directly;
use crate::attribution::findings::Findings;
use crate::attribution::verdict::{Conclusiveness, Role};
use crate::providers::{ServiceKind, catalogue};

const UNKNOWN: (Role, Conclusiveness) = (Role::Unknown, Conclusiveness::Insufficient);

/// The role of the terminating party and how conclusive it is.
pub(super) fn role(
    judgement: &Judgement<'_>,
    origin: Option<(Candidate<'_>, Conclusiveness)>,
    findings: &Findings<'_>,
) -> (Role, Conclusiveness) {
    if findings.is_tunnel {
        return UNKNOWN;
    }
    let Some(edge) = judgement.edge else {
        let Some((origin, _)) = origin else {
            return UNKNOWN;
        };
        let conclusiveness = judgement
            .origin
            .map_or(Conclusiveness::Insufficient, |part| part.conclusiveness);
        let is_direct = is_reached_directly(&origin, findings) && !judgement.is_copy;
        return if Conclusiveness::Strong <= conclusiveness && is_direct {
            (Role::Origin, conclusiveness)
        } else {
            UNKNOWN
        };
    };
    match catalogue().service(edge.service).kind {
        ServiceKind::Cdn => (Role::Cdn, edge.conclusiveness),
        ServiceKind::Platform if has_other_origin(judgement, edge) => {
            (Role::Cdn, edge.conclusiveness)
        }
        ServiceKind::Platform => (Role::Origin, edge.conclusiveness),
        ServiceKind::FrontEnd => role_of_front_end(judgement, edge, findings),
        ServiceKind::Storage | ServiceKind::Compute | ServiceKind::Gateway => UNKNOWN,
    }
}

/// A company's own front end: the origin of its own content, also from its own cache, since nobody else holds the truth.
fn role_of_front_end(
    judgement: &Judgement<'_>,
    edge: Part<'_>,
    findings: &Findings<'_>,
) -> (Role, Conclusiveness) {
    if has_other_origin(judgement, edge) || !judgement.behind.is_empty() {
        return (Role::Cdn, edge.conclusiveness);
    }
    let is_cached = findings.cache_sign.is_some();
    match judgement.origin {
        // What customers keep in a store of the company is not its own.
        Some(own) if is_cached && catalogue().is_store(own.service) => {
            (Role::Cdn, edge.conclusiveness)
        }
        Some(own) if Conclusiveness::Strong <= own.conclusiveness => {
            (Role::Origin, own.conclusiveness.min(edge.conclusiveness))
        }
        None if is_cached => (Role::Cdn, edge.conclusiveness),
        _ => UNKNOWN,
    }
}

/// True when somebody else's store or compute is in sight behind `edge`.
fn has_other_origin(judgement: &Judgement<'_>, edge: Part<'_>) -> bool {
    let network = catalogue().network_of(edge.service);
    judgement
        .origin
        .is_some_and(|part| catalogue().network_of(part.service) != network)
}
