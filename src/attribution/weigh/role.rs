//! The role of the party that terminated the connection.

use super::candidate::Candidate;
use super::judgement::{Judgement, Part};
use super::origin::is_reached_directly;
use crate::attribution::evidence::Family;
use crate::attribution::findings::Findings;
use crate::attribution::verdict::{Conclusiveness, Role};
use crate::attribution::writes::is_made_for_this_request;
use crate::capture::Flow;
use crate::providers::{ServiceKind, catalogue};

const UNKNOWN: (Role, Conclusiveness) = (Role::Unknown, Conclusiveness::Insufficient);

/// The role of the terminating party and how conclusive it is.
pub(super) fn role(
    judgement: &Judgement<'_>,
    origin: Option<(Candidate<'_>, Conclusiveness)>,
    flow: Flow<'_>,
    findings: &Findings<'_>,
) -> (Role, Conclusiveness) {
    if findings.is_tunnel {
        return UNKNOWN;
    }
    let Some(edge) = judgement.edge else {
        return role_without_edge(judgement, origin, flow, findings);
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

/// The origin itself, where the name or the address, and not only what headers carry along, shows that it was reached.
fn role_without_edge(
    judgement: &Judgement<'_>,
    origin: Option<(Candidate<'_>, Conclusiveness)>,
    flow: Flow<'_>,
    findings: &Findings<'_>,
) -> (Role, Conclusiveness) {
    let Some(part) = judgement.origin.filter(|_| !judgement.is_copy) else {
        return UNKNOWN;
    };
    let Some((origin, _)) = origin else {
        // A network of the site's own or of its host, with nobody in front that shows itself.
        return (Role::Origin, part.conclusiveness);
    };
    let is_hint = part.conclusiveness == Conclusiveness::Suggestive;
    if is_hint && is_at_work(part, &origin, flow) {
        return (Role::Origin, part.conclusiveness);
    }
    if Conclusiveness::Strong <= part.conclusiveness && is_reached_directly(&origin, findings) {
        return (Role::Origin, part.conclusiveness);
    }
    UNKNOWN
}

/// True when a machine of a cloud made the answer for this request alone, so that it is no cache that stands at the address.
fn is_at_work(part: Part<'_>, origin: &Candidate<'_>, flow: Flow<'_>) -> bool {
    let is_machine = catalogue().service(part.service).kind == ServiceKind::Compute;
    is_machine && origin.has(Family::Address).is_some() && is_made_for_this_request(flow)
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
        Some(own) if Conclusiveness::Suggestive <= own.conclusiveness => {
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
