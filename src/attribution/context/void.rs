//! What makes evidence void: replies that came over no network, addresses of forward proxies, hops of the client's side.

use std::net::IpAddr;

use foldhash::{HashMap, HashSet};

use super::header_names::HeaderNames;
use crate::attribution::evidence::{Family, OwnRule};
use crate::attribution::url::registrable;
use crate::base::hash::hash;
use crate::base::jobs::{Cancel, STEP};
use crate::capture::{Capture, Flags, Flow, Name};
use crate::providers::{AddressMatch, Place, ServiceKind, catalogue};

/// Flows that say nothing about a server.
pub(in crate::attribution) const REPLAYS: Flags = Flags::FROM_CACHE
    .with(Flags::SERVICE_WORKER)
    .with(Flags::PUSHED)
    .with(Flags::ABORTED)
    .with(Flags::PROXY_CACHE);

/// The address is no server's.
pub(in crate::attribution) const PRIVATE_ADDRESS: OwnRule = OwnRule::new(
    "gate/private-address",
    Family::Address,
    "No public server has this address: it is that of a proxy or of a private network",
);
/// The address is that of a security service which opens connections for its customers.
pub(in crate::attribution) const GATEWAY_ADDRESS: OwnRule = OwnRule::new(
    "gate/gateway-address",
    Family::Address,
    "This address belongs to a security gateway that stands on the client's side",
);
/// The address is a proxy's.
pub(in crate::attribution) const ONE_ADDRESS_FOR_ALL: OwnRule = OwnRule::new(
    "gate/one-address-for-all",
    Family::Address,
    "Unrelated sites share this address: it is that of a forward proxy",
);

/// Fewest unrelated domains from which a hop or an address can be told to be the client's own.
const MIN_DOMAINS: usize = 5;
/// A local hop is seen on at least this share of the domains.
const MIN_SHARE: f64 = 0.9;
/// Most hops that are watched: the client's own are among the first, and a capture may name a new one in every flow.
const MAX_HOPS: usize = 4_096;

/// What a capture as a whole says about the client's side of the network.
#[derive(Clone, Debug, Default)]
pub(in crate::attribution) struct Gates {
    /// Addresses of forward proxies.
    proxies: HashSet<Name>,
    /// Hops that every response passes, by the name they give themselves.
    hops: HashSet<String>,
}

/// What is known about a peer address.
#[derive(Clone, Debug)]
pub(in crate::attribution) enum Peer<'a> {
    /// The capture does not say.
    Missing,
    /// It is not the server's; with the rule that says so.
    Void(&'static OwnRule),
    /// A public address, with what is known about its ranges at any time; nothing for one of nobody in the catalogue.
    Public(Vec<AddressMatch<'a>>),
}

impl Gates {
    /// Looks at all flows for proxies and hops that are the client's own; finds none once cancelled.
    pub(in crate::attribution) fn of<'a>(
        capture: &'a Capture,
        names: &HeaderNames,
        cancel: &Cancel,
    ) -> Self {
        let mut known: HashMap<Name, &str> = HashMap::default();
        let mut domain = |flow: Flow<'a>| -> &'a str {
            let host = flow.row().host;
            known
                .entry(host)
                .or_insert_with(|| registrable(flow.host()))
        };
        let mut domains = HashSet::default();
        let mut by_address: HashMap<Name, HashSet<&str>> = HashMap::default();
        let mut by_hop: HashMap<&str, HashSet<&str>> = HashMap::default();
        // Most flows repeat what an earlier one of their host said.
        let mut addresses: HashSet<(Name, Name)> = HashSet::default();
        let mut hops: HashSet<(Name, u64)> = HashSet::default();
        for flow in capture.flows() {
            if flow.idx() % STEP == 0 && cancel.is_cancelled() {
                return Self::default();
            }
            if flow.row().flags.intersects(REPLAYS) || flow.host().is_empty() {
                continue;
            }
            let (host, address) = (flow.row().host, flow.row().server_ip);
            if addresses.insert((host, address)) {
                let domain = domain(flow);
                if address != Name::EMPTY {
                    by_address.entry(address).or_default().insert(domain);
                }
            }
            if flow.status().is_some() {
                domains.insert(host);
            }
            for header in flow.headers() {
                if !names.kind(header).is_list || !hops.insert((host, hash(header.value))) {
                    continue;
                }
                let members = header.value.split(',').map(str::trim);
                for hop in members.filter_map(|member| hop_name(header.name, member)) {
                    if by_hop.len() < MAX_HOPS || by_hop.contains_key(hop) {
                        by_hop.entry(hop).or_default().insert(domain(flow));
                    }
                }
            }
        }
        let domains: HashSet<&str> = domains
            .into_iter()
            .map(|host| registrable(capture.names().text(host)))
            .collect();
        let is_everywhere = |seen: &HashSet<&str>| {
            MIN_DOMAINS <= seen.len() && MIN_SHARE * domains.len() as f64 <= seen.len() as f64
        };
        Self {
            hops: by_hop
                .into_iter()
                .filter(|(hop, seen)| is_everywhere(seen) && !is_vendor(hop))
                .map(|(hop, _)| hop.to_owned())
                .collect(),
            proxies: by_address
                .into_iter()
                .filter(|(address, seen)| {
                    let text = capture.names().text(*address);
                    MIN_DOMAINS <= seen.len() && (is_everywhere(seen) || !is_shared(text))
                })
                .map(|(address, _)| address)
                .collect(),
        }
    }

    /// What is known about the peer address of `flow`.
    pub(in crate::attribution) fn peer<'a>(&self, flow: Flow<'a>) -> Peer<'a> {
        if flow.server_ip().is_empty() {
            return Peer::Missing;
        }
        let Ok(address) = flow.server_ip().parse::<IpAddr>() else {
            return Peer::Missing;
        };
        let address = behind_nat64(address);
        if is_private(address) {
            return Peer::Void(&PRIVATE_ADDRESS);
        }
        if self.proxies.contains(&flow.row().server_ip) {
            return Peer::Void(&ONE_ADDRESS_FOR_ALL);
        }
        let known: Vec<_> = catalogue().address_rules(address).collect();
        let is_gateway = |found: &AddressMatch<'_>| {
            catalogue().service(found.rule.service).kind == ServiceKind::Gateway
        };
        if known.first().is_some_and(is_gateway) {
            return Peer::Void(&GATEWAY_ADDRESS);
        }
        Peer::Public(known)
    }

    /// True when every response passes a cache or proxy of the client's side.
    pub(in crate::attribution) fn has_local_hop(&self) -> bool {
        !self.hops.is_empty()
    }

    /// True when the `Age` of `flow` may be that of a cache on the client's side: it says that it answered, or it is one that
    /// does not say what it did.
    pub(in crate::attribution) fn voids_age(&self, flow: Flow<'_>, names: &HeaderNames) -> bool {
        if !self.has_local_hop() {
            return false;
        }
        let (mut is_cache, mut has_missed) = (false, false);
        for header in flow.headers().filter(|header| names.kind(*header).is_list) {
            let kept = self.trim(header.name, header.value).len();
            let own = header.value.trim().get(kept..).unwrap_or_default();
            let own = own.to_ascii_lowercase();
            if own.contains("hit") {
                return true;
            }
            has_missed |= own.contains("miss");
            is_cache |= own.contains("cache") || header.name == "x-bluecoat-via";
        }
        is_cache && !has_missed
    }

    /// The value of a list header without the hops of the client's side, which stand last.
    pub(in crate::attribution) fn trim<'a>(&self, name: &str, value: &'a str) -> &'a str {
        let mut rest = value.trim();
        if !self.has_local_hop() {
            return rest;
        }
        while let Some(last) = last_element(rest) {
            if !hop_name(name, last).is_some_and(|hop| self.hops.contains(hop)) {
                break;
            }
            rest = rest[..rest.len() - last.len()].trim_end();
            rest = rest.strip_suffix(',').unwrap_or(rest).trim_end();
        }
        rest
    }
}

/// The last member of a comma-separated list, without white space; `None` for an empty list.
fn last_element(value: &str) -> Option<&str> {
    let value = value.trim();
    let last = value.rsplit(',').next().unwrap_or(value).trim_start();
    Some(last).filter(|last| !last.is_empty())
}

/// The name that a hop gives itself in one member of `Via`, `X-Cache` or `X-Cache-Lookup`.
fn hop_name<'a>(header: &str, element: &'a str) -> Option<&'a str> {
    match header {
        "via" | "x-bluecoat-via" => element.split_whitespace().nth(1).or(Some(element)),
        "cache-status" => element.split(';').next().map(|name| name.trim_matches('"')),
        "x-cache" | "x-cache-lookup" => {
            let (_, hop) = element.split_once(" from ")?;
            Some(hop.split([':', ' ']).next().unwrap_or(hop))
        }
        _ => None,
    }
}

/// True for names that a provider's caches give themselves.
fn is_vendor(hop: &str) -> bool {
    hop.eq_ignore_ascii_case("varnish")
        || hop.eq_ignore_ascii_case("google")
        || hop.eq_ignore_ascii_case("cloudfront")
        || !catalogue().host_rules(&hop.to_ascii_lowercase()).is_empty()
}

/// True for an address that serves many sites by its nature: that of an edge.
fn is_shared(address: &str) -> bool {
    address
        .parse()
        .ok()
        .and_then(|address| catalogue().address_rule(address, None))
        .is_some_and(|found| found.rule.place == Place::Edge)
}

/// Programs and appliances that put a certificate of their own in place of the server's, as their issuers call themselves.
const INTERCEPTORS: [&str; 33] = [
    "adguard",
    "avast",
    "avg ",
    "barracuda",
    "bitdefender",
    "blue coat",
    "bluecoat",
    "burp",
    "charles",
    "check point",
    "cisco umbrella",
    "do_not_trust",
    "eset ssl",
    "fiddler",
    "forcepoint",
    "fortinet",
    "gateway ca",
    "iboss",
    "http toolkit",
    "kaspersky",
    "mcafee",
    "mitmproxy",
    "netskope",
    "owasp",
    "palo alto",
    "portswigger",
    "proxyman",
    "sophos",
    "squid",
    "trend micro",
    "untangle",
    "watchguard",
    "zscaler",
];

/// True when the issuer of a certificate is a proxy that intercepts.
pub(in crate::attribution) fn is_interceptor(issuer: &str) -> bool {
    let issuer = issuer.to_lowercase();
    INTERCEPTORS.iter().any(|name| issuer.contains(name)) || issuer == "zap root ca"
}

/// The IPv4 address that an address of a network without IPv4 stands for (RFC 6052); otherwise the address itself.
fn behind_nat64(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) if v6.segments()[..6] == [0x64, 0xff9b, 0, 0, 0, 0] => {
            let [.., a, b, c, d] = v6.octets();
            IpAddr::from([a, b, c, d])
        }
        other => other,
    }
}

/// True for addresses that no server on the Internet has: private, loopback, link-local, carrier-grade NAT, and those that
/// programs on the client make up.
pub fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            address.is_private()
                || address.is_loopback()
                || address.is_link_local()
                || address.is_unspecified()
                || (first == 100 && (64..128).contains(&second))
                || (first == 198 && (18..20).contains(&second))
                || 240 <= first
        }
        IpAddr::V6(address) => {
            address.is_loopback()
                || address.is_unspecified()
                || address.is_unique_local()
                || address.is_unicast_link_local()
        }
    }
}
