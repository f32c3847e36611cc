//! The peer address: whose range it lies in.

use super::{Family, Findings};
use crate::attribution::gates::{Gates, Lookups, Peer};
use crate::base::time::Time;
use crate::capture::Flow;
use crate::providers::{ServiceKind, catalogue};

/// Cloud addresses change hands; beyond this distance in time a range says less about them. Three years.
const MAX_AGE_MS: f64 = 3.0 * 365.25 * 86_400_000.0;

pub(super) fn collect<'a>(
    findings: &mut Findings<'a>,
    flow: Flow<'a>,
    gates: &Gates,
    lookups: &mut Lookups<'a>,
) {
    let at = (flow.server_ip(), flow.row().span);
    match lookups.peer(flow, gates) {
        Peer::Missing => {}
        Peer::Void(rule) => findings.void(Family::Address, rule, at.0, at.1),
        Peer::Unlisted => findings.address = Some(at),
        Peer::Listed(found, date) => {
            findings.address = Some(at);
            let kind = catalogue().service(found.rule.service).kind;
            let is_reused = matches!(kind, ServiceKind::Storage | ServiceKind::Compute);
            let strength = if is_reused && is_far(flow.start(), date) {
                found.rule.strength.weaker()
            } else {
                found.rule.strength
            };
            findings.add(Family::Address, found.rule, strength, at, found.region);
        }
    }
}

fn is_far(start: Option<Time>, date: Option<Time>) -> bool {
    match (start, date) {
        (Some(start), Some(date)) => MAX_AGE_MS < date.ms_since(start).abs(),
        _ => false,
    }
}
