//! The peer address: whose range it lies in, or lay in at the time.

use crate::attribution::context::void::{Gates, Peer};
use crate::attribution::evidence::{Claim, Family, OwnRule, Speaks, Strength};
use crate::attribution::findings::{Finding, Findings};
use crate::attribution::lookups::Lookups;
use crate::base::bytes::Span;
use crate::base::time::Time;
use crate::capture::Flow;
use crate::providers::{AddressMatch, ServiceKind, catalogue};

/// Cloud addresses change hands; beyond this distance in time a range says less about them. Three years.
const MAX_AGE_MS: f64 = 3.0 * 365.25 * 86_400_000.0;

/// The table and the capture lie far apart in time.
pub(in crate::attribution) const OLDER_THAN_THE_RANGES: OwnRule = OwnRule::new(
    "gate/older-than-the-ranges",
    Family::Address,
    "The ranges say whose the address is today; more than three years lie in between, so it is a lead and no proof",
);

/// Unrelated sites stand at one address that no list names.
pub(in crate::attribution) const SHARED_ADDRESS: OwnRule = OwnRule::new(
    "address/shared",
    Family::Address,
    "Several unrelated sites share this address: an edge or a host of many sites that no list names",
);

pub(super) fn collect<'a>(
    findings: &mut Findings<'a>,
    flow: Flow<'a>,
    gates: &Gates,
    lookups: &mut Lookups<'a>,
) {
    let at = (flow.server_ip(), flow.row().span);
    let known = match lookups.peer(flow, gates) {
        Peer::Missing => return,
        Peer::Void(rule) => {
            findings.is_address_void = true;
            return findings.void(rule, at.0, at.1);
        }
        Peer::Shared => {
            findings.address = Some(at);
            return share(findings, at);
        }
        Peer::Public(known, network) => {
            findings.network = *network;
            known
        }
    };
    findings.address = Some(at);
    let Some(found) = AddressMatch::at(known, flow.start()) else {
        findings.is_address_dated = is_far(flow.start(), catalogue().ranges_date());
        return;
    };
    findings.is_address_dated = is_far(flow.start(), found.date) && !was_held(flow, found);
    let kind = catalogue().service(found.rule.service).kind;
    let is_reused = matches!(kind, ServiceKind::Storage | ServiceKind::Compute);
    let is_lead = is_reused && findings.is_address_dated;
    let strength = found.rule.strength;
    let strength = if is_lead { strength.weaker() } else { strength };
    findings.add(Family::Address, found.rule, strength, at, found.region);
    if is_lead {
        remark(findings, &OLDER_THAN_THE_RANGES);
    }
}

/// Says that unrelated sites share the address, so that an edge or a host of many stands there.
fn share<'a>(findings: &mut Findings<'a>, (address, span): (&'a str, Span)) {
    if let Some(edge) = catalogue().find("own-cache/shared-edge") {
        findings.list.push(
            Finding::own(
                &SHARED_ADDRESS,
                Claim::Edge(edge),
                Strength::Suggestive,
                address,
            )
            .at(span),
        );
    }
}

/// Says against the address that was just added that it is not what it seems.
fn remark(findings: &mut Findings<'_>, rule: &'static OwnRule) {
    if let Some(last) = findings.list.last().copied() {
        findings.list.push(Finding {
            speaks: Speaks::Against,
            rule: rule.id,
            source: rule.source,
            ..last
        });
    }
}

/// True when the provider is known to have held the address at the time of `flow`.
fn was_held(flow: Flow<'_>, found: &AddressMatch<'_>) -> bool {
    let provider = catalogue().provider_of(found.rule.service);
    let address = flow.server_ip().parse().ok();
    let at = address.zip(flow.start());
    at.is_some_and(|(address, start)| catalogue().held(address, provider, start))
}

fn is_far(start: Option<Time>, date: Option<Time>) -> bool {
    match (start, date) {
        (Some(start), Some(date)) => MAX_AGE_MS < date.ms_since(start).abs(),
        _ => false,
    }
}
