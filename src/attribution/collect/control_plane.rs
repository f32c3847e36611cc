//! Who handed out the URL: a service that hands out the address of a store, which then takes or gives the bytes.

use crate::attribution::context::control_plane::{Handout, Means};
use crate::attribution::evidence::{Claim, Family, OwnRule, Strength};
use crate::attribution::findings::{Finding, Findings};
use crate::attribution::signed::is_signed;
use crate::attribution::writes::is_accepted_write;
use crate::capture::Flow;
use crate::providers::catalogue;

/// A redirect handed out the URL.
pub(in crate::attribution) const LOCATION: OwnRule = OwnRule::new(
    "control-plane/location",
    Family::ControlPlane,
    "Another host redirected the client to the store",
);
/// The body of a response handed out the URL.
pub(in crate::attribution) const HANDED_OUT_URL: OwnRule = OwnRule::new(
    "control-plane/handed-out-url",
    Family::ControlPlane,
    "The body of an earlier response of another host holds the URL",
);
/// A transfer that Apple authorises leads to the store that holds the bytes.
pub(in crate::attribution) const AUTHORISED_TRANSFER: OwnRule = OwnRule {
    id: "control-plane/authorised-transfer",
    family: Family::ControlPlane,
    about: "Another host authorised the transfer before, and was told about it after",
    source: "Apple iOS Security Guide, iCloud: chunks lie in storage of third parties, 2018-01",
};

pub(super) fn collect<'a>(findings: &mut Findings<'a>, flow: Flow<'a>, handout: Option<Handout>) {
    let Some((handout, by)) = handout.and_then(|it| Some((it, flow.capture().flow(it.by)?))) else {
        return;
    };
    let is_elsewhere = by.host() != flow.host();
    if !is_elsewhere || !is_accepted_write(flow) && !is_signed(flow.url()) {
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
    let rule = match handout.means {
        Means::Location => &LOCATION,
        Means::Body => &HANDED_OUT_URL,
        Means::Sequence => &AUTHORISED_TRANSFER,
    };
    let quote = by.url().split('?').next().unwrap_or_default();
    findings.list.push(Finding {
        span: Some(handout.span).filter(|span| !span.is_empty()),
        with: Some(handout.by),
        ..Finding::own(rule, Claim::Origin(service), Strength::Strong, quote)
    });
}
