//! Whose traffic a flow is: the app or site being judged, never the provider that carries it.
//!
//! The first that applies: a grouping made by hand; the party whose response handed out the URL; the party of the page, or
//! of the request that `Referer` names; the registrable domain, unless a provider hands the host out; else the host itself.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::IpAddr;

use foldhash::HashMap;

use super::across::Across;
use super::control_plane::ControlPlane;
use crate::base::hash::hash;
use crate::capture::{Capture, Flow, Name, Side, Target};
use crate::providers::catalogue;

/// Hosts that a person counts under a party: exact names, or domains with everything below them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Groups {
    by_host: BTreeMap<String, String>,
}

impl Groups {
    /// Counts `host` and everything below it under `party`; an empty `party` takes that back. Returns what was set before.
    pub fn set(&mut self, host: &str, party: &str) -> Option<String> {
        if party.is_empty() {
            self.by_host.remove(host)
        } else {
            self.by_host.insert(host.to_owned(), party.to_owned())
        }
    }

    /// The party set for exactly `host`.
    pub fn get(&self, host: &str) -> Option<&str> {
        self.by_host.get(host).map(String::as_str)
    }

    /// The party that `host` counts under: what is set for the longest suffix at a label boundary.
    pub fn party_of(&self, host: &str) -> Option<&str> {
        self.covering(host).map(|(_, party)| party)
    }

    /// The grouping that `host` counts under, as the name it was set for and the party.
    pub fn covering(&self, host: &str) -> Option<(&str, &str)> {
        self.all_covering(host).next()
    }

    /// The part of the groupings that covers any of `hosts`.
    pub fn covering_any<'a>(&self, hosts: impl Iterator<Item = &'a str>) -> Self {
        let mut part = Self::default();
        for (name, party) in hosts.flat_map(|host| self.all_covering(host)) {
            if part.get(name).is_none() {
                part.set(name, party);
            }
        }
        part
    }

    /// Every grouping that covers `host`, the longest name first.
    fn all_covering<'s>(&'s self, host: &str) -> impl Iterator<Item = (&'s str, &'s str)> {
        let host = (!self.is_empty()).then_some(host);
        let names = std::iter::successors(host, |name| Some(name.split_once('.')?.1));
        names
            .filter_map(|name| self.by_host.get_key_value(name))
            .map(|(name, party)| (name.as_str(), party.as_str()))
    }

    /// All hosts with their parties, by host.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let by_host = self.by_host.iter();
        by_host.map(|(host, party)| (host.as_str(), party.as_str()))
    }

    /// Number of names that are set.
    pub fn len(&self) -> usize {
        self.by_host.len()
    }

    /// True when nothing is grouped by hand.
    pub fn is_empty(&self) -> bool {
        self.by_host.is_empty()
    }
}

/// For every flow of one capture, the host that decides its party.
#[derive(Clone, Debug, Default)]
pub(super) struct Parties {
    hosts: Vec<Deciding>,
    /// By row: index in `hosts`.
    of: Vec<u32>,
}

/// A host that decides the party of flows.
#[derive(Clone, Debug)]
struct Deciding {
    host: String,
    /// What the host itself counts as.
    party: String,
}

impl Parties {
    /// Finds the deciding host of every flow, following who handed out which URL.
    pub(super) fn of(
        capture: &Capture,
        control_plane: &ControlPlane,
        across: &Across,
        has_referers: bool,
    ) -> Self {
        let mut builder = Builder::default();
        for flow in capture.flows() {
            let deciding = builder.deciding(flow, control_plane, across);
            builder.parties.of.push(deciding);
            if has_referers {
                builder.by_url.insert(url_hash(flow.url()), deciding);
            }
        }
        builder.parties
    }

    /// The party of `flow`; by its host alone while the flow is not judged yet. Empty when nothing is known about it.
    pub(super) fn party<'a>(&'a self, flow: Flow<'a>, groups: &'a Groups) -> &'a str {
        let deciding = self.deciding(flow.idx());
        groups
            .party_of(flow.host())
            .or_else(|| groups.party_of(&deciding?.host))
            .unwrap_or_else(|| {
                deciding.map_or_else(|| party_of_host(flow.host()), |it| it.party.as_str())
            })
    }

    /// The hosts that decide the party of any flow, each once.
    pub(super) fn deciding_hosts(&self) -> impl Iterator<Item = &str> {
        self.hosts.iter().map(|deciding| deciding.host.as_str())
    }

    fn deciding(&self, row: u32) -> Option<&Deciding> {
        self.hosts.get(*self.of.get(row as usize)? as usize)
    }
}

/// What is known while the flows are walked in file order.
#[derive(Default)]
struct Builder {
    parties: Parties,
    /// Deciding host by the hash of a URL that was requested.
    by_url: HashMap<u64, u32>,
    by_name: HashMap<Name, u32>,
    by_page: HashMap<Name, Option<u32>>,
    by_host: HashMap<String, u32>,
}

impl Builder {
    fn deciding(&mut self, flow: Flow<'_>, control_plane: &ControlPlane, across: &Across) -> u32 {
        let known = |row: u32| self.parties.of.get(row as usize).copied();
        let handout = control_plane.handout(flow.idx());
        let handed_out = handout.and_then(|handout| known(handout.by));
        // What was written is read again by the same party, unless something else is said.
        let written = across.write_of(flow.idx()).and_then(known);
        handed_out
            .or_else(|| self.page(flow))
            .or_else(|| self.referer(flow))
            .or(written)
            .unwrap_or_else(|| self.own(flow))
    }

    fn page(&mut self, flow: Flow<'_>) -> Option<u32> {
        if flow.page().is_empty() {
            return None;
        }
        if let Some(known) = self.by_page.get(&flow.row().page) {
            return *known;
        }
        let deciding = host_of(flow.page()).map(|host| self.intern(&host));
        self.by_page.insert(flow.row().page, deciding);
        deciding
    }

    fn referer(&mut self, flow: Flow<'_>) -> Option<u32> {
        // A document that somebody navigates to is nobody's part.
        if is_document(flow) {
            return None;
        }
        let referer = flow
            .headers()
            .find(|header| header.side == Side::Request && header.name == "referer")?;
        if let Some(known) = self.by_url.get(&url_hash(referer.value)) {
            return Some(*known);
        }
        host_of(referer.value).map(|host| self.intern(&host))
    }

    fn own(&mut self, flow: Flow<'_>) -> u32 {
        if let Some(known) = self.by_name.get(&flow.row().host) {
            return *known;
        }
        let deciding = self.intern(flow.host());
        self.by_name.insert(flow.row().host, deciding);
        deciding
    }

    fn intern(&mut self, host: &str) -> u32 {
        if let Some(known) = self.by_host.get(host) {
            return *known;
        }
        let idx = self.parties.hosts.len() as u32;
        self.parties.hosts.push(Deciding {
            host: host.to_owned(),
            party: party_of_host(host).to_owned(),
        });
        self.by_host.insert(host.to_owned(), idx);
        idx
    }
}

/// True for what a person navigates to, as the browser or else the media type says.
pub(super) fn is_document(flow: Flow<'_>) -> bool {
    let destination = flow
        .headers()
        .find(|header| header.side == Side::Request && header.name == "sec-fetch-dest");
    match destination {
        Some(header) => header.value == "document",
        None => flow.mime() == "text/html" && flow.method() == "GET",
    }
}

/// What `host` counts as by itself: the registrable domain, or the host where a provider hands out such names.
fn party_of_host(host: &str) -> &str {
    let is_handed_out = catalogue()
        .host_rules(host)
        .iter()
        .any(|found| !found.rule.is_first_party);
    if is_handed_out {
        host
    } else {
        registrable(host)
    }
}

/// The registrable domain of `host` by the ICANN part of the public suffix list; an address or a bare name is itself.
///
/// The private part is left out: there `bucket.s3.amazonaws.com` would be a registrable domain.
pub(super) fn registrable(host: &str) -> &str {
    if host.parse::<IpAddr>().is_ok() {
        return host;
    }
    let mut suffix = host;
    loop {
        let Some(found) = psl::suffix(suffix.as_bytes()) else {
            return host;
        };
        let len = found.as_bytes().len();
        let is_private = found.typ() == Some(psl::Type::Private);
        suffix = &suffix[suffix.len() - len..];
        if !is_private {
            break;
        }
        // A private suffix is a registered name with an ICANN suffix behind its first label.
        let Some((_, behind)) = suffix.split_once('.') else {
            return host;
        };
        suffix = behind;
    }
    let before = host[..host.len() - suffix.len()].trim_end_matches('.');
    let label_at = before.rfind('.').map_or(0, |at| at + 1);
    if before.is_empty() {
        host
    } else {
        &host[label_at..]
    }
}

/// The host of `url`; `None` where there is none.
fn host_of(url: &str) -> Option<Cow<'_, str>> {
    let is_url = url.contains("://");
    is_url
        .then(|| Target::parse("GET", url).host)
        .filter(|host| !host.is_empty())
}

/// A hash that is equal for equal URLs, whatever their fragments.
pub(super) fn url_hash(url: &str) -> u64 {
    let end = memchr::memchr(b'#', url.as_bytes()).unwrap_or(url.len());
    hash(&url[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registrable_domains_ignore_private_suffixes() {
        for (host, expected) in [
            ("p05-content.icloud.com", "icloud.com"),
            ("bucket.s3.amazonaws.com", "amazonaws.com"),
            ("a.b.example.co.uk", "example.co.uk"),
            ("someone.github.io", "github.io"),
            ("192.0.2.7", "192.0.2.7"),
            ("2001:db8::1", "2001:db8::1"),
            ("localhost", "localhost"),
            ("com", "com"),
            ("", ""),
        ] {
            assert_eq!(registrable(host), expected, "{host}");
        }
    }

    #[test]
    fn a_grouping_covers_the_names_below_and_the_longest_wins() {
        let mut groups = Groups::default();
        assert_eq!(groups.party_of("a.example"), None);
        groups.set("shop-static.net", "shop.example");
        groups.set("other.shop-static.net", "other.example");
        for (host, expected) in [
            ("shop-static.net", Some("shop.example")),
            ("img.shop-static.net", Some("shop.example")),
            ("x.other.shop-static.net", Some("other.example")),
            ("not-shop-static.net", None),
        ] {
            assert_eq!(groups.party_of(host), expected, "{host}");
        }
        assert_eq!(
            groups.set("shop-static.net", ""),
            Some("shop.example".to_owned())
        );
        assert_eq!(groups.party_of("img.shop-static.net"), None);
    }
}
