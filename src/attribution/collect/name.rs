//! Names: the host, the aliases that it leads to, and the names in the certificate.

use crate::attribution::context::void::is_interceptor;
use crate::attribution::evidence::{Family, OwnRule, Strength};
use crate::attribution::findings::Findings;
use crate::attribution::lookups::Lookups;
use crate::capture::{Flow, Header, Side};
use crate::providers::catalogue;

/// A proxy shows a certificate that it made.
pub(in crate::attribution) const INTERCEPTED_CERTIFICATE: OwnRule = OwnRule::new(
    "gate/intercepted-certificate",
    Family::Name,
    "A proxy put its own certificate in place of the server's",
);

/// Adds the rules about the host.
pub(super) fn collect<'a>(findings: &mut Findings<'a>, flow: Flow<'a>, lookups: &mut Lookups<'a>) {
    for found in lookups.host(flow) {
        let rule = &found.rule.rule;
        if rule.is_valid_at(flow.start()) {
            let at = (flow.host(), flow.row().span);
            findings.add(Family::Name, rule, rule.strength, at, found.region);
        }
    }
}

/// Adds the rules about aliases and certificates.
pub(super) fn collect_facts<'a>(findings: &mut Findings<'a>, flow: Flow<'a>, with_aliases: bool) {
    let is_intercepted = is_intercepted(findings, flow);
    for fact in facts(flow) {
        match fact.name {
            "cname" if with_aliases => named(findings, flow, fact, Strength::Conclusive),
            // A certificate may cover more than the machine that shows it.
            "certificate-subject" | "certificate-name" if !is_intercepted => {
                named(findings, flow, fact, Strength::Strong);
            }
            _ => {}
        }
    }
}

/// Adds the rules about a name that is not the host.
fn named<'a>(findings: &mut Findings<'a>, flow: Flow<'a>, fact: Header<'a>, at_most: Strength) {
    let name = fact.value.trim_start_matches("*.").trim_end_matches('.');
    for found in catalogue().host_rules(name) {
        let rule = &found.rule.rule;
        if rule.is_valid_at(flow.start()) {
            let strength = rule.strength.min(at_most);
            let at = (fact.value, fact.span);
            findings.add(Family::Name, rule, strength, at, found.region);
        }
    }
}

/// Sets certificates aside that a proxy made; true when there is one.
fn is_intercepted<'a>(findings: &mut Findings<'a>, flow: Flow<'a>) -> bool {
    let value = |wanted: &str| facts(flow).find(|fact| fact.name == wanted);
    let Some(issuer) = value("certificate-issuer") else {
        return false;
    };
    let is_self_signed =
        value("certificate-subject").is_some_and(|subject| subject.value == issuer.value);
    let is_intercepted = is_self_signed || is_interceptor(issuer.value);
    if is_intercepted {
        findings.void(&INTERCEPTED_CERTIFICATE, issuer.value, issuer.span);
    }
    is_intercepted
}

/// What the capture says about the connection of `flow`.
fn facts(flow: Flow<'_>) -> impl Iterator<Item = Header<'_>> {
    flow.headers().filter(|fact| fact.side == Side::Connection)
}
