//! What makes evidence void: replies that came over no network, addresses of forward proxies, hops of the client's side.

use std::net::IpAddr;

use foldhash::{HashMap, HashSet};

use super::header_names::HeaderNames;
use crate::attribution::evidence::{Family, OwnRule};
use crate::attribution::url::registrable;
use crate::base::address::{behind_nat64, is_private};
use crate::base::hash::hash;
use crate::base::jobs::{Cancel, STEP};
use crate::capture::{Capture, Flags, Flow, Header, Name, Side};
use crate::providers::{
    AddressMatch, Network, Place, ProviderId, ServiceKind, catalogue, network_of,
};

/// Answers that say nothing about a server.
const REPLAYS: Flags = Flags::FROM_CACHE
    .with(Flags::SERVICE_WORKER)
    .with(Flags::INTERNAL)
    .with(Flags::PROXY_CACHE)
    .with(Flags::PROXY_ANSWER);

/// True for a flow that says nothing about a server: nobody answered, or somebody on the client's side did.
///
/// What a server pushes over HTTP/2 it has sent itself. So has one whose answer was cut short: its headers and its address
/// are as good as those of any other.
pub(in crate::attribution) fn is_replay(flow: Flow<'_>) -> bool {
    let flags = flow.row().flags;
    flags.intersects(REPLAYS) || flags.contains(Flags::ABORTED) && !is_received(flow)
}

/// True when something came back from the network: a status, a header of the response, or an address to talk to.
fn is_received(flow: Flow<'_>) -> bool {
    flow.status().is_some()
        || !flow.server_ip().is_empty()
        || flow.headers().any(|header| header.side == Side::Response)
}

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
    /// Addresses that several unrelated sites share, and that no list names.
    shared: HashSet<Name>,
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
    /// A public address, with what is known about its ranges at any time, and the network of one that was never in any.
    Public(Vec<AddressMatch<'a>>, Option<Network>),
    /// A public address that several unrelated sites share, and that no list names.
    Shared,
}

/// What the flows of one capture show about addresses and hops, each host and address looked at once.
#[derive(Default)]
struct Survey<'a> {
    domains: HashMap<Name, &'a str>,
    /// Hosts that answered.
    answering: HashSet<Name>,
    by_address: HashMap<Name, Neighbours<'a>>,
    by_hop: HashMap<&'a str, HashSet<&'a str>>,
    addresses: HashSet<(Name, Name)>,
    lists: HashSet<(Name, u64)>,
}

/// The domains at one address.
#[derive(Default)]
struct Neighbours<'a> {
    all: HashSet<&'a str>,
    /// Those whose answers bear the mark of an edge or platform, by who runs it and whether it is a platform.
    marked: HashMap<(ProviderId, bool), HashSet<&'a str>>,
}

impl<'a> Survey<'a> {
    fn look_at(&mut self, flow: Flow<'a>, names: &HeaderNames) {
        let (host, address) = (flow.row().host, flow.row().server_ip);
        let domain = *self
            .domains
            .entry(host)
            .or_insert_with(|| registrable(flow.host()));
        if address != Name::EMPTY && self.addresses.insert((host, address)) {
            let at_address = self.by_address.entry(address).or_default();
            at_address.all.insert(domain);
            for mark in marks(flow, names) {
                at_address.marked.entry(mark).or_default().insert(domain);
            }
        }
        if flow.status().is_some() {
            self.answering.insert(host);
        }
        for header in flow.headers() {
            if names.kind(header).is_list && self.lists.insert((host, hash(header.value))) {
                self.add_hops(header, domain);
            }
        }
    }

    fn add_hops(&mut self, header: Header<'a>, domain: &'a str) {
        let members = header.value.split(',').map(str::trim);
        for hop in members.filter_map(|member| hop_name(header.name, member)) {
            if self.by_hop.len() < MAX_HOPS || self.by_hop.contains_key(hop) {
                self.by_hop.entry(hop).or_default().insert(domain);
            }
        }
    }

    fn gates(self, capture: &Capture) -> Gates {
        let domains: HashSet<&str> = self
            .answering
            .iter()
            .map(|host| registrable(capture.names().text(*host)))
            .collect();
        let is_everywhere = |seen: &HashSet<&str>| {
            MIN_DOMAINS <= seen.len() && MIN_SHARE * domains.len() as f64 <= seen.len() as f64
        };
        // Whose customers stand at an address share it by its nature.
        let crowds = self.by_address.iter().filter(|(address, at_address)| {
            if at_address.all.len() < MIN_DOMAINS {
                return false;
            }
            let edge = edge_at(capture.names().text(**address));
            let is_odd = edge.is_none() || is_everywhere(&at_address.all);
            is_odd && !at_address.is_customers_of(edge)
        });
        let (proxies, shared): (Vec<_>, Vec<_>) =
            crowds.partition(|(_, at_address)| is_everywhere(&at_address.all));
        let addresses = |crowds: Vec<(&Name, &Neighbours<'_>)>| {
            crowds.into_iter().map(|(address, _)| *address).collect()
        };
        let hops = self.by_hop.into_iter();
        let own = hops.filter(|(hop, seen)| is_everywhere(seen) && !is_vendor(hop));
        Gates {
            proxies: addresses(proxies),
            shared: addresses(shared),
            hops: own.map(|(hop, _)| hop.to_owned()).collect(),
        }
    }
}

impl Neighbours<'_> {
    /// True when nearly all sites here bear the mark of one platform, or of the `edge` whose address it is.
    fn is_customers_of(&self, edge: Option<ProviderId>) -> bool {
        let by_provider = self.marked.iter();
        let counts = by_provider.map(|((provider, is_platform), marked)| {
            let is_host = *is_platform || Some(*provider) == edge;
            if is_host { marked.len() } else { 0 }
        });
        let most = counts.max().unwrap_or(0);
        MIN_SHARE * self.all.len() as f64 <= most as f64
    }
}

/// The edges and platforms whose marks the response of `flow` bears, and whether they are platforms.
fn marks(flow: Flow<'_>, names: &HeaderNames) -> impl Iterator<Item = (ProviderId, bool)> {
    flow.headers().flat_map(|header| {
        let rules = names.kind(header).rules.iter();
        let passing = rules.filter(move |rule| rule.value.passes(header.value));
        passing.filter_map(|rule| {
            let service = rule.rule.service;
            let is_platform = catalogue().service(service).kind == ServiceKind::Platform;
            let is_edge = rule.rule.place == Place::Edge;
            (is_platform || is_edge).then(|| (catalogue().provider_of(service), is_platform))
        })
    })
}

impl Gates {
    /// Looks at all flows for proxies and hops that are the client's own; finds none once cancelled.
    pub(in crate::attribution) fn of(
        capture: &Capture,
        names: &HeaderNames,
        cancel: &Cancel,
    ) -> Self {
        let mut survey = Survey::default();
        for flow in capture.flows() {
            if flow.idx() % STEP == 0 && cancel.is_cancelled() {
                return Self::default();
            }
            if !is_replay(flow) && !flow.host().is_empty() {
                survey.look_at(flow, names);
            }
        }
        survey.gates(capture)
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
        if self.shared.contains(&flow.row().server_ip) {
            return Peer::Shared;
        }
        let known: Vec<_> = catalogue().address_rules(address).collect();
        let is_gateway = |found: &AddressMatch<'_>| {
            catalogue().service(found.rule.service).kind == ServiceKind::Gateway
        };
        if known.first().is_some_and(is_gateway) {
            return Peer::Void(&GATEWAY_ADDRESS);
        }
        // Whoever took over the range of a network that ended is not told by its name today.
        let network = known.is_empty().then(|| network_of(address)).flatten();
        Peer::Public(known, network)
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

/// Whose edge stands at an address: one that serves many sites by its nature.
fn edge_at(address: &str) -> Option<ProviderId> {
    let found = catalogue().address_rule(address.parse().ok()?, None)?;
    let is_edge = found.rule.place == Place::Edge;
    is_edge.then(|| catalogue().provider_of(found.rule.service))
}

/// Programs and appliances that put a certificate of their own in place of the server's, as their issuers call themselves.
const INTERCEPTORS: &[&str] = &[
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
    "fortigate",
    "fortiguard",
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
