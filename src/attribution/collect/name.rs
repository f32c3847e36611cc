//! Names: the host, the aliases that it leads to, and the names in the certificate.

use crate::attribution::context::void::is_interceptor;
use crate::attribution::evidence::{Family, OwnRule, Strength};
use crate::attribution::findings::{Bearing, Finding, Findings};
use crate::attribution::lookups::Lookups;
use crate::base::bytes::Span;
use crate::capture::{Flow, Header, Side};
use crate::providers::{HostMatch, Place, catalogue};

/// A proxy shows a certificate that it made.
pub(in crate::attribution) const INTERCEPTED_CERTIFICATE: OwnRule = OwnRule::new(
    "gate/intercepted-certificate",
    Family::Name,
    "A proxy put its own certificate in place of the server's",
);

/// Adds the rules about the host.
pub(super) fn collect<'a>(findings: &mut Findings<'a>, flow: Flow<'a>, lookups: &mut Lookups<'a>) {
    for found in lookups.host(flow) {
        let at = (flow.host(), flow.row().span);
        add(
            findings,
            flow,
            *found,
            at,
            (Strength::Conclusive, Bearing::Answer),
        );
    }
}

/// Adds the rules about aliases, and about names in the certificate that cover the host.
pub(super) fn collect_facts<'a>(findings: &mut Findings<'a>, flow: Flow<'a>, with_aliases: bool) {
    let is_intercepted = is_intercepted(findings, flow);
    for fact in facts(flow) {
        let weight = match fact.name {
            "cname" if with_aliases => (Strength::Conclusive, Bearing::Lookup),
            // A certificate holds the names of other sites as well, and of other machines.
            "certificate-subject" | "certificate-name"
                if !is_intercepted && covers(fact.value, flow.host()) =>
            {
                (Strength::Strong, Bearing::Answer)
            }
            _ => continue,
        };
        let name = fact.value.trim_start_matches("*.").trim_end_matches('.');
        for found in catalogue().host_rules(name) {
            add(findings, flow, found, (fact.value, fact.span), weight);
        }
    }
}

/// True when the name in a certificate, which may begin with `*.` for one label, covers `host`.
fn covers(name: &str, host: &str) -> bool {
    let parent = || host.split_once('.').map(|(_, parent)| parent);
    match name.strip_prefix("*.") {
        Some(domain) => parent().is_some_and(|parent| parent.eq_ignore_ascii_case(domain)),
        None => name.eq_ignore_ascii_case(host),
    }
}

/// Adds a rule about a name that was found `at` a place, and weighs `at_most` so much.
fn add<'a>(
    findings: &mut Findings<'a>,
    flow: Flow<'a>,
    found: HostMatch<'a>,
    at: (&'a str, Span),
    (at_most, bearing): (Strength, Bearing),
) {
    let rule = &found.rule.rule;
    if !rule.is_valid_at(flow.start()) {
        return;
    }
    let is_own = found.rule.is_first_party && rule.place == Place::Edge;
    let strength = rule.strength.min(at_most);
    findings.list.push(Finding {
        bearing: if is_own { Bearing::Owner } else { bearing },
        ..Finding::of(Family::Name, rule, strength, at, found.region)
    });
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_name_covers_a_host_or_one_label_before_its_domain() {
        for (name, host, expected) in [
            ("www.shop.example", "WWW.shop.example", true),
            ("*.shop.example", "www.shop.example", true),
            ("*.shop.example", "a.www.shop.example", false),
            ("*.shop.example", "shop.example", false),
            ("guce.yahoo.com", "guce.engadget.com", false),
        ] {
            assert_eq!(covers(name, host), expected, "{name} and {host}");
        }
    }
}
