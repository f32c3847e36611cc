//! Why flows tell nothing: those that went over the network and name nobody, and those that show no server at all.

use std::collections::BTreeMap;

use super::cells::Cell;
use super::parties::Why;
use super::parts::is_old;
use crate::attribution::collect::{
    NO_NETWORK, NO_RESPONSE, PROXY_ANSWER, TUNNEL, address, middlebox,
};
use crate::attribution::context::void::{GATEWAY_ADDRESS, ONE_ADDRESS_FOR_ALL, PRIVATE_ADDRESS};
use crate::attribution::evidence::{Claim, OwnRule, Strength};
use crate::attribution::shown::Shown;
use crate::providers::catalogue;

/// Reasons with their numbers of flows.
#[derive(Debug, Default)]
pub(super) struct Reasons(BTreeMap<(&'static str, String), u32>);

impl Reasons {
    pub(super) fn add(&mut self, reason: &'static str, words: &str, n: usize) {
        *self.0.entry((reason, words.to_owned())).or_default() += n as u32;
    }

    /// All of them, most flows first.
    pub(super) fn list(&self) -> Vec<Why> {
        let why = self.0.iter().map(|((reason, words), n_flows)| Why {
            reason,
            words: words.clone(),
            n_flows: *n_flows,
        });
        let mut why: Vec<Why> = why.collect();
        why.sort_by_key(|why| std::cmp::Reverse(why.n_flows));
        why
    }
}

/// True when `rule` fired.
pub(super) fn has(shown: &Shown, rule: &OwnRule) -> bool {
    shown.marks.iter().any(|mark| *mark.rule == *rule.id)
}

/// What in the way of measuring keeps a flow from telling about a server, by the rule that says so.
const VALIDITY: &[(&OwnRule, &str, &str)] = &[
    (
        &NO_NETWORK,
        "from-cache",
        "answered by a cache, a service worker or the browser itself, and not over the network",
    ),
    (
        &PROXY_ANSWER,
        "proxy-answer",
        "answered by the proxy that wrote the capture",
    ),
    (
        &middlebox::MIDDLEBOX,
        "middlebox",
        "answered by something between client and server, such as a filter or a portal",
    ),
    (
        &ONE_ADDRESS_FOR_ALL,
        "one-address-for-all",
        "the address is that of a forward proxy: unrelated sites share it",
    ),
    (
        &GATEWAY_ADDRESS,
        "gateway-address",
        "the address is that of a security gateway on the client's side",
    ),
];

/// The reasons for which the flows of `cell` show less than they seem to, or nothing.
pub(super) fn validity(cell: &Cell<'_>) -> impl Iterator<Item = (&'static str, &'static str)> {
    let known = VALIDITY.iter();
    known
        .filter(|(rule, ..)| has(cell.shown, rule))
        .map(|(_, reason, words)| (*reason, *words))
}

/// True when no server answered over a network.
pub(super) fn is_void(cell: &Cell<'_>) -> bool {
    [&NO_NETWORK, &PROXY_ANSWER, &middlebox::MIDDLEBOX]
        .iter()
        .any(|rule| has(cell.shown, rule))
}

/// Why nothing can be said about who served the flows of `cell`.
pub(super) fn why_unknown(cell: &Cell<'_>) -> (&'static str, String) {
    let shown = cell.shown;
    let own_cache = cell
        .verdict
        .edge
        .filter(|edge| catalogue().is_software(edge.service));
    if cell.is_unanswered || has(shown, &NO_RESPONSE) {
        ("no-response", "nobody answered".to_owned())
    } else if has(shown, &TUNNEL) {
        let words = "only a tunnel was seen: what passed through it, and who answered, was not";
        ("tunnel", words.to_owned())
    } else if has(shown, &address::SHARED_ADDRESS) {
        let words = "unrelated sites share the address, and no list says whose it is";
        ("address-of-nobody-known", words.to_owned())
    } else if let Some(cache) = own_cache {
        let name = &catalogue().service(cache.service).name;
        let words = format!("a cache that names no provider answered ({name})");
        ("own-cache", words)
    } else if has(shown, &PRIVATE_ADDRESS) {
        let words = "the address is private: that of a proxy or of a network of one's own";
        ("private-address", words.to_owned())
    } else if has(shown, &ONE_ADDRESS_FOR_ALL) || has(shown, &GATEWAY_ADDRESS) {
        let words = "the address is that of a proxy on the client's side";
        ("private-address", words.to_owned())
    } else if cell.first.server_ip().is_empty() {
        (
            "no-address",
            "the capture holds no server address".to_owned(),
        )
    } else if let Some(network) = todays_network(cell) {
        ("address-changed-hands", network)
    } else if has_changed_hands(shown) {
        ("address-changed-hands", changed_hands(cell))
    } else {
        let words = "no known provider has the address";
        ("address-of-nobody-known", words.to_owned())
    }
}

/// The network in which the address stands today, where the capture is too old for that to count.
fn todays_network(cell: &Cell<'_>) -> Option<String> {
    let origin = cell.verdict.origin?;
    let region = origin.region.filter(|_| is_old(cell))?;
    let holder = cell.judged.attribution.region(region);
    let words =
        format!("the address may have changed hands since: it is in the network of {holder} today");
    Some(words)
}

/// True when only ranges that are younger than the flow hold its address.
fn has_changed_hands(shown: &Shown) -> bool {
    let is_dated = has(shown, &address::OLDER_THAN_THE_RANGES);
    let is_address = |claim| matches!(claim, Claim::Edge(_) | Claim::Origin(_));
    is_dated
        && !shown
            .marks
            .iter()
            .any(|mark| is_address(mark.claim) && Strength::Suggestive < mark.strength)
}

/// What the address leads to today, as a lead.
fn changed_hands(cell: &Cell<'_>) -> String {
    let address = cell.first.server_ip().parse().ok();
    let today = address.and_then(|address| catalogue().address_rule(address, None));
    let Some(today) = today else {
        return "the ranges that are known are much younger than the capture".to_owned();
    };
    let name = &catalogue().service(today.rule.service).name;
    let region = today
        .region
        .map_or(String::new(), |region| format!(" {region}"));
    format!("the address may have changed hands since: it is {name}{region} today")
}
