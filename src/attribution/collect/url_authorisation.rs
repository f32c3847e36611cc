//! Signatures in the URL that only one service checks; they count when the service accepted them.

use super::store::IMITATED_STORE;
use crate::attribution::evidence::{Claim, Strength};
use crate::attribution::findings::{Finding, Findings};
use crate::attribution::signed::{SCHEMES, may_be_signed, region_of_scope, scope_of, value_of};
use crate::capture::Flow;
use crate::providers::{ServiceId, catalogue};

pub(super) fn collect<'a>(findings: &mut Findings<'a>, flow: Flow<'a>) {
    let Some((_, query)) = flow.url().split_once('?') else {
        return;
    };
    if !matches!(flow.status(), Some(200..=399)) || !may_be_signed(query) {
        return;
    }
    for scheme in SCHEMES.iter().filter(|scheme| scheme.is_in(query)) {
        let Some(service) = catalogue().find(scheme.service) else {
            continue;
        };
        let claim = if scheme.is_edge {
            Claim::Edge(service)
        } else {
            Claim::Origin(service)
        };
        let Some(strength) = strength(findings, service) else {
            continue;
        };
        let credential = value_of(query, "X-Amz-Credential");
        let scope = credential.and_then(scope_of);
        // Never the signature itself: it would be a key to the object.
        let quote = scope.unwrap_or(scheme.parameters[0]);
        findings.list.push(Finding {
            region: scope.and_then(region_of_scope),
            ..Finding::own(&scheme.rule, claim, strength, quote)
        });
    }
}

/// How much a signature weighs: behind an edge that may check it itself it is a hint, unless something else speaks for the
/// service; and nothing where another store shows itself, since imitators take the same signatures.
fn strength(findings: &Findings<'_>, service: ServiceId) -> Option<Strength> {
    let provider = catalogue().provider_of(service);
    let is_of = |service: ServiceId| catalogue().provider_of(service) == provider;
    let agrees = |finding: &Finding<'_>| match finding.claim {
        Claim::Edge(found) | Claim::Origin(found) => {
            is_of(found) && Strength::Strong <= finding.strength
        }
        Claim::Void(_) => false,
    };
    let is_imitated = |finding: &Finding<'_>| finding.rule == IMITATED_STORE.id;
    if findings.list.iter().any(is_imitated) {
        return None;
    }
    if findings.list.iter().any(agrees) {
        return Some(Strength::Strong);
    }
    let is_rival = |(found, finding): (ServiceId, &Finding<'_>)| {
        let is_store = catalogue().is_store(found);
        is_store && !is_of(found) && Strength::Strong <= finding.strength
    };
    let has_edge = findings.edges().next().is_some();
    let strength = if has_edge {
        Strength::Suggestive
    } else {
        Strength::Strong
    };
    (!findings.origins().any(is_rival)).then_some(strength)
}
