//! Who handed out the URL: a service that hands out the address of a store, which then takes or gives the bytes.

use super::url_authorisation::is_signed;
use super::write::is_accepted_write;
use super::{Claim, Family, Finding, Findings, OWN_RULES, Speaks, Strength};
use crate::attribution::control_plane::{Handout, Means};
use crate::capture::Flow;
use crate::providers::catalogue;

/// Why a transfer that Apple authorises leads to the store that holds the bytes.
pub(in crate::attribution) const SOURCE: &str =
    "Apple iOS Security Guide, iCloud: chunks lie in storage of third parties, 2018-01";

pub(super) fn collect<'a>(findings: &mut Findings<'a>, flow: Flow<'a>, handout: Option<Handout>) {
    let Some((handout, by)) = handout.and_then(|it| Some((it, flow.capture().flow(it.by)?))) else {
        return;
    };
    if !is_accepted_write(flow) && !is_signed(flow.url()) {
        return;
    }
    let is_store = |service| catalogue().is_store(service);
    let store = findings
        .origins()
        .filter(|(service, _)| is_store(*service))
        .max_by_key(|(_, finding)| finding.strength);
    let Some((service, _)) = store else { return };
    // A store that sends its client on to another of its hosts is not the one who decides where bytes go.
    let provider = catalogue().provider_of(service);
    let rules = catalogue().host_rules(by.host());
    let is_store_itself = rules.iter().any(|found| {
        let owner = found.rule.rule.service;
        !found.rule.is_first_party && catalogue().provider_of(owner) == provider && is_store(owner)
    });
    if is_store_itself {
        return;
    }
    let (rule, source) = match handout.means {
        Means::Location => ("control-plane/location", OWN_RULES),
        Means::Body => ("control-plane/handed-out-url", OWN_RULES),
        Means::Sequence => ("control-plane/authorised-transfer", SOURCE),
    };
    findings.list.push(Finding {
        family: Family::ControlPlane,
        claim: Claim::Origin(service),
        speaks: Speaks::For,
        strength: Strength::Strong,
        rule,
        quote: by.url().split('?').next().unwrap_or_default(),
        span: Some(handout.span).filter(|span| !span.is_empty()),
        region: None,
        source,
        with: Some(handout.by),
    });
}
