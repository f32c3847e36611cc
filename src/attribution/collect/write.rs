//! Writes that a store accepted itself: the service that takes the bytes holds them.

use crate::attribution::evidence::{Claim, Family, OwnRule, Strength};
use crate::attribution::findings::{Finding, Findings};
use crate::attribution::writes::{is_accepted_write, stores_bytes};
use crate::capture::Flow;
use crate::providers::{ServiceKind, catalogue};

/// A successful answer to a write.
pub(in crate::attribution) const ACCEPTED_WRITE: OwnRule = OwnRule {
    id: "store/accepted-write",
    family: Family::Write,
    about: "The store answered a write with success, without an edge in between",
    source: "RFC 9110, section 9.3, and the store's own answer, 2026-11",
};

pub(super) fn collect<'a>(findings: &mut Findings<'a>, flow: Flow<'a>) {
    if !is_accepted_write(flow) || !stores_bytes(flow) {
        return;
    }
    let is_store = |service| catalogue().is_store(service);
    let by_name = findings
        .origins()
        .find(|(service, finding)| finding.family == Family::Name && is_store(*service));
    let is_signed = findings
        .origins()
        .any(|(service, finding)| finding.family == Family::StorageId && is_store(service));
    let Some((service, _)) = by_name.filter(|_| is_signed) else {
        return;
    };
    // An edge can forward a write, so the store must be what the client connected to, or its provider's own network.
    let provider = catalogue().provider_of(service);
    let is_behind_cdn = findings.edges().any(|(edge, finding)| {
        let is_own = catalogue().provider_of(edge) == provider && finding.family != Family::Name;
        catalogue().service(edge).kind == ServiceKind::Cdn && !is_own
    });
    if is_behind_cdn {
        return;
    }
    let claim = Claim::Origin(service);
    let finding = Finding::own(&ACCEPTED_WRITE, claim, Strength::Strong, flow.method());
    findings.list.push(finding);
}
