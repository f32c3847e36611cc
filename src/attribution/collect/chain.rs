//! The order of the intermediaries: `Via`, `Cache-Status` (RFC 9211) and `X-Cache` are lists to which each hop appends.

use crate::attribution::context::void::Gates;
use crate::attribution::evidence::Family;
use crate::attribution::findings::Findings;
use crate::capture::{Flow, Side};
use crate::providers::{Place, ServiceId, catalogue};

/// The headers that hold such lists, the most reliable first.
const LISTS: [&str; 3] = ["via", "cache-status", "x-cache"];

/// The services that the lists name, the one nearest to the client first.
pub(super) fn of(findings: &Findings<'_>, flow: Flow<'_>, gates: &Gates) -> Vec<ServiceId> {
    let mut hops: Vec<ServiceId> = Vec::new();
    for list in LISTS {
        let mut named: Vec<ServiceId> = Vec::new();
        for header in flow.headers() {
            if header.side == Side::Response && header.name == list {
                let members = gates.trim(list, header.value).split(',').map(str::trim);
                named.extend(members.filter_map(|member| service(findings, list, member)));
            }
        }
        named.reverse();
        named.dedup();
        merge(&mut hops, &named);
    }
    hops
}

/// Adds what `named` knows beyond `hops`: before the hop that it follows, or behind the one that it precedes.
fn merge(hops: &mut Vec<ServiceId>, named: &[ServiceId]) {
    if hops.is_empty() {
        hops.extend(named);
        return;
    }
    for (at, service) in named.iter().enumerate() {
        if hops.contains(service) {
            continue;
        }
        let place = |other: &ServiceId| hops.iter().position(|hop| hop == other);
        let before = named[at + 1..].iter().find_map(place);
        let behind = named[..at].iter().rev().find_map(place).map(|at| at + 1);
        // A list that shares no hop with the others does not say where its own stand.
        if let Some(place) = before.or(behind) {
            hops.insert(place, *service);
        }
    }
}

/// The service that one member of the list in the header `list` names.
fn service(findings: &Findings<'_>, list: &str, member: &str) -> Option<ServiceId> {
    let catalogue = catalogue();
    let named = catalogue.header_rules(list).iter().find(|rule| {
        let is_company = !catalogue.is_software(rule.rule.service);
        let is_edge = rule.rule.place == Place::Edge && is_company;
        is_edge && rule.needs.is_empty() && rule.value.passes(member)
    });
    if let Some(rule) = named {
        return Some(rule.rule.service);
    }
    // Any Varnish calls itself so; it is Fastly's where Fastly left its marks.
    let is_varnish = list == "via" && member.split_whitespace().nth(1) == Some("varnish");
    let fastly = catalogue.find("fastly/cdn").filter(|_| is_varnish)?;
    let has_marks = findings
        .edges()
        .any(|(service, finding)| service == fastly && finding.family == Family::HeaderChain);
    has_marks.then_some(fastly)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(hops: &[u16], named: &[u16], expected: &[u16]) {
        let ids = |ids: &[u16]| ids.iter().copied().map(ServiceId).collect::<Vec<_>>();
        let mut merged = ids(hops);
        merge(&mut merged, &ids(named));
        assert_eq!(merged, ids(expected), "{hops:?} and {named:?}");
    }

    #[test]
    fn lists_agree_on_an_order_where_they_share_a_hop() {
        check(&[], &[1, 2], &[1, 2]);
        check(&[1, 3], &[1, 2, 3], &[1, 2, 3]);
        check(&[2], &[1, 2], &[1, 2]);
        check(&[2], &[2, 3], &[2, 3]);
        check(&[1], &[2], &[1]);
    }
}
