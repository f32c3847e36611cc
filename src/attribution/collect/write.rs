//! Writes that a store accepted itself: the service that takes the bytes holds them.

use super::{Claim, Family, Finding, Findings, Speaks, Strength};
use crate::capture::Flow;
use crate::providers::{ServiceKind, catalogue};

/// What a successful answer to a write means.
pub(in crate::attribution) const SOURCE: &str =
    "RFC 9110, section 9.3, and the store's own answer, 2026-11";

/// True for a request that changes something and succeeded.
pub(in crate::attribution) fn is_accepted_write(flow: Flow<'_>) -> bool {
    matches!(flow.method(), "PUT" | "POST" | "PATCH" | "DELETE")
        && matches!(flow.status(), Some(200..=299))
}

/// Parts of an object or bucket, and operations on it, that hold none of the user's bytes.
const WITHOUT_BYTES: [&str; 24] = [
    "accelerate",
    "acl",
    "analytics",
    "cors",
    "delete",
    "encryption",
    "inventory",
    "legal-hold",
    "lifecycle",
    "logging",
    "metrics",
    "notification",
    "object-lock",
    "ownershipControls",
    "policy",
    "publicAccessBlock",
    "replication",
    "requestPayment",
    "restore",
    "retention",
    "select",
    "tagging",
    "versioning",
    "website",
];

/// True for requests that bring bytes to keep, and not only words about them.
fn stores_bytes(flow: Flow<'_>) -> bool {
    if !matches!(flow.method(), "PUT" | "POST" | "PATCH") {
        return false;
    }
    let query = flow.url().split_once('?').map_or("", |(_, query)| query);
    query.split('&').all(|pair| match pair.split_once('=') {
        // Azure Storage: only these operations carry content.
        Some(("comp", operation)) => {
            matches!(
                operation,
                "block" | "blocklist" | "appendblock" | "page" | "range"
            )
        }
        Some((name, _)) => !WITHOUT_BYTES.contains(&name),
        None => !WITHOUT_BYTES.contains(&pair),
    })
}

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
    findings.list.push(Finding {
        family: Family::Write,
        claim: Claim::Origin(service),
        speaks: Speaks::For,
        strength: Strength::Strong,
        rule: "store/accepted-write",
        quote: flow.method(),
        span: None,
        region: None,
        source: SOURCE,
        with: None,
    });
}
