//! Whose traffic a flow is: the app or site being judged, never the provider that carries it.
//!
//! The first that applies: a grouping made by hand; the party whose response handed out the URL; the party of the page, or
//! of the request that `Referer` names, unless a server wrote the log; the registrable domain, unless a provider hands the
//! host out; else the host itself.

use foldhash::HashMap;

use super::context::Context;
use super::context::across::Across;
use super::context::control_plane::ControlPlane;
use super::groups::Groups;
use super::url::{host_of, is_document, registrable, url_hash};
use crate::capture::{Capture, Flags, Flow, Name, Side};
use crate::providers::catalogue;

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
    pub(super) fn of(capture: &Capture, context: &Context) -> Self {
        let mut builder = Builder::default();
        if context.withheld.names {
            return builder.parties;
        }
        let has_referers = context.names.has_referers;
        for flow in capture.flows() {
            let deciding = builder.deciding(flow, &context.control_plane, &context.across);
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
        // A document that somebody navigates to is nobody's part; and the visitors of a server come from wherever they like.
        if is_document(flow) || flow.row().flags.contains(Flags::AT_SERVER) {
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
