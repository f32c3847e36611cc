//! The peer address: whose range it lies in.

use crate::attribution::context::void::{Gates, Peer};
use crate::attribution::evidence::{Family, OwnRule, Speaks, Strength};
use crate::attribution::findings::{Finding, Findings};
use crate::attribution::lookups::Lookups;
use crate::base::time::Time;
use crate::capture::Flow;
use crate::providers::{ServiceKind, catalogue};

/// Cloud addresses change hands; beyond this distance in time a range says less about them. Three years.
const MAX_AGE_MS: f64 = 3.0 * 365.25 * 86_400_000.0;

/// The table and the capture lie far apart in time.
pub(in crate::attribution) const OLDER_THAN_THE_RANGES: OwnRule = OwnRule::new(
    "gate/older-than-the-ranges",
    Family::Address,
    "More than three years lie between the capture and the ranges, and cloud addresses change hands",
);

pub(super) fn collect<'a>(
    findings: &mut Findings<'a>,
    flow: Flow<'a>,
    gates: &Gates,
    lookups: &mut Lookups<'a>,
) {
    let at = (flow.server_ip(), flow.row().span);
    match lookups.peer(flow, gates) {
        Peer::Missing => {}
        Peer::Void(rule) => findings.void(rule, at.0, at.1),
        Peer::Unlisted => findings.address = Some(at),
        Peer::Listed(found, date) => {
            findings.address = Some(at);
            let kind = catalogue().service(found.rule.service).kind;
            let is_reused = matches!(kind, ServiceKind::Storage | ServiceKind::Compute);
            let strength = found.rule.strength;
            findings.is_address_dated = is_far(flow.start(), date);
            if !is_reused || !findings.is_address_dated {
                findings.add(Family::Address, found.rule, strength, at, found.region);
            } else if strength == Strength::Suggestive {
                findings.void(&OLDER_THAN_THE_RANGES, at.0, at.1);
            } else {
                let strength = strength.weaker();
                findings.add(Family::Address, found.rule, strength, at, found.region);
                remark(findings, &OLDER_THAN_THE_RANGES);
            }
        }
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

fn is_far(start: Option<Time>, date: Option<Time>) -> bool {
    match (start, date) {
        (Some(start), Some(date)) => MAX_AGE_MS < date.ms_since(start).abs(),
        _ => false,
    }
}
