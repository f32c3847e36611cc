//! Whose traffic a flow is, and on whose site it was seen: the app or site being judged, never the provider that carries it.
//!
//! The party is whoever operates what was asked for. The first that applies: a grouping made by hand; for writes, signed
//! requests and names that a provider lends, the party whose response handed out the URL; the registrable domain, unless a
//! provider lends the name; the party of the request that `Referer` names, then that of the page; for tunnels, the one party
//! whose tunnels the same client held open at that time, which is a hint; else the host itself.

use foldhash::HashMap;

use super::context::Context;
use super::groups::Groups;
use super::signed::is_signed;
use super::tunnels;
use super::url::{host_of, is_document, registrable, url_hash};
use super::writes::is_accepted_write;
use crate::base::time::Time;
use crate::capture::{Capture, Flags, Flow, Name, Side};
use crate::providers::catalogue;

/// For every flow of one capture, the host that decides its party, and the one that decides its site.
#[derive(Clone, Debug, Default)]
pub(super) struct Parties {
    hosts: Vec<Deciding>,
    /// By row: index in `hosts`.
    of: Vec<u32>,
    /// By row: index in `hosts`; [`NOWHERE`] where the site is not known.
    sites: Vec<u32>,
}

/// The site of a flow that was not seen on any.
const NOWHERE: u32 = u32::MAX;

/// A host that decides the party of flows.
#[derive(Clone, Debug)]
struct Deciding {
    host: String,
    /// What the host itself counts as.
    party: String,
    /// What tells that flows belong to it.
    basis: Basis,
}

/// What tells whose a flow is, the surest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Basis {
    /// Tunnels that were open at the same time: a hint.
    Time,
    /// A request of the party led to it, which may have linked to anybody's.
    Referred,
    /// Its own name, or who handed out the URL.
    Named,
}

impl Parties {
    /// Finds the deciding hosts of every flow, following who handed out which URL and what led to what.
    pub(super) fn of(capture: &Capture, context: &Context) -> Self {
        let mut builder = Builder::new(context);
        if context.withheld.names {
            return builder.parties;
        }
        for flow in capture.flows() {
            let deciding = builder.deciding(flow);
            let site = builder.site(flow);
            builder.parties.of.push(deciding);
            builder.parties.sites.push(site.unwrap_or(NOWHERE));
            if context.names.has_referers {
                let led = (deciding, site);
                builder.by_url.insert(url_hash(flow.url()), led);
            }
        }
        builder.follow_tunnels(capture);
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

    /// The site on which the flow in `row` was seen; empty when that is not known.
    pub(super) fn site<'a>(&'a self, row: u32, groups: &'a Groups) -> &'a str {
        let site = self.sites.get(row as usize);
        let site = site.and_then(|site| self.hosts.get(*site as usize));
        site.map_or("", |site| {
            groups.party_of(&site.host).unwrap_or(&site.party)
        })
    }

    /// What party and site of the flow in `row` rest on: equal for flows that share both, as long as their hosts are equal.
    pub(super) fn place(&self, row: u32) -> (u32, u32) {
        let at = |list: &[u32]| list.get(row as usize).copied().unwrap_or(NOWHERE);
        (at(&self.of), at(&self.sites))
    }

    /// What tells whose the flow in `row` is.
    pub(super) fn basis(&self, row: u32) -> Basis {
        self.deciding(row)
            .map_or(Basis::Named, |deciding| deciding.basis)
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
struct Builder<'c> {
    parties: Parties,
    context: &'c Context,
    /// Deciding host and site by the hash of a URL that was requested.
    by_url: HashMap<u64, (u32, Option<u32>)>,
    by_name: HashMap<Name, (u32, bool)>,
    by_page: HashMap<Name, Option<u32>>,
    by_host: HashMap<(String, Basis), u32>,
    /// When the last document of a site was asked for.
    opened: HashMap<u32, Time>,
}

impl<'c> Builder<'c> {
    fn new(context: &'c Context) -> Self {
        Self {
            parties: Parties::default(),
            context,
            by_url: HashMap::default(),
            by_name: HashMap::default(),
            by_page: HashMap::default(),
            by_host: HashMap::default(),
            opened: HashMap::default(),
        }
    }

    fn deciding(&mut self, flow: Flow<'_>) -> u32 {
        let (own, is_lent) = self.own(flow);
        let known = |row: u32| self.parties.of.get(row as usize).copied();
        let handout = self.context.control_plane.handout(flow.idx());
        let handed_out = handout.and_then(|handout| known(handout.by));
        if let Some(by) = handed_out
            && (is_lent || is_signed(flow.url()) || is_accepted_write(flow))
        {
            return by;
        }
        if !is_lent {
            return own;
        }
        // What was written is read again by the same party, unless something else is said.
        let written = self.context.across.write_of(flow.idx()).and_then(known);
        let led = self.referer(flow).map(|(deciding, _)| deciding);
        let led = led.or_else(|| self.page(flow));
        led.map(|by| self.referred(by)).or(written).unwrap_or(own)
    }

    /// The host of `by`, of which only a request led to the flow.
    fn referred(&mut self, by: u32) -> u32 {
        let host = self.parties.hosts[by as usize].host.clone();
        self.intern(&host, Basis::Referred)
    }

    /// Where `flow` was seen: the page, else where the chain of `Referer` begins.
    fn site(&mut self, flow: Flow<'_>) -> Option<u32> {
        if let Some(page) = self.page(flow) {
            return Some(page);
        }
        if flow.row().flags.contains(Flags::AT_SERVER) {
            return Some(self.own(flow).0).filter(|_| !flow.host().is_empty());
        }
        let led = self.led_from(flow);
        if is_document(flow) && !led.is_some_and(|site| self.is_within(flow, site)) {
            let own = self.own(flow).0;
            if let Some(start) = flow.start() {
                self.opened.insert(own, start);
            }
            return Some(own).filter(|_| !flow.host().is_empty());
        }
        led
    }

    /// The site on which the chain of `Referer` of `flow` begins.
    fn led_from(&mut self, flow: Flow<'_>) -> Option<u32> {
        let (first, site) = self.known_referer(flow)?;
        Some(site.unwrap_or(first))
    }

    /// True for a document that comes while `site` is still loading, as frames do: nobody follows a link that fast.
    fn is_within(&self, flow: Flow<'_>, site: u32) -> bool {
        const LOADING_MS: f64 = 15_000.0;
        let party = |of: u32| self.parties.hosts[of as usize].party.as_str();
        let mut headers = flow.headers();
        let is_told = headers.any(|it| it.side == Side::Request && it.name == "sec-fetch-dest");
        let opened = self.opened.get(&site).copied();
        let since = flow.start().zip(opened);
        !is_told
            && party_of_host(flow.host()) != party(site)
            && since.is_some_and(|(start, opened)| start.ms_since(opened) <= LOADING_MS)
    }

    fn page(&mut self, flow: Flow<'_>) -> Option<u32> {
        if flow.page().is_empty() {
            return None;
        }
        if let Some(known) = self.by_page.get(&flow.row().page) {
            return *known;
        }
        // A page that goes by its title is known by what it asked for first: itself.
        let host = host_of(flow.page()).unwrap_or_else(|| flow.host().into());
        let deciding = (!host.is_empty()).then(|| self.intern(&host, Basis::Named));
        self.by_page.insert(flow.row().page, deciding);
        deciding
    }

    /// The party of what led to `flow`, and the site on which that was seen; not for what somebody navigates to, which is
    /// nobody's part.
    fn referer(&mut self, flow: Flow<'_>) -> Option<(u32, Option<u32>)> {
        if is_document(flow) {
            return None;
        }
        self.known_referer(flow)
    }

    fn known_referer(&mut self, flow: Flow<'_>) -> Option<(u32, Option<u32>)> {
        // The visitors of a server come from wherever they like.
        let is_sought =
            self.context.names.has_referers && !flow.row().flags.contains(Flags::AT_SERVER);
        let mut headers = flow.headers().filter(|_| is_sought);
        let referer =
            headers.find(|header| header.side == Side::Request && header.name == "referer")?;
        if let Some(known) = self.by_url.get(&url_hash(referer.value)) {
            return Some(*known);
        }
        let host = host_of(referer.value)?;
        Some((self.intern(&host, Basis::Named), None))
    }

    /// The deciding host of a flow by its own host, and whether a provider lends that name.
    fn own(&mut self, flow: Flow<'_>) -> (u32, bool) {
        if let Some(known) = self.by_name.get(&flow.row().host) {
            return *known;
        }
        let own = (self.intern(flow.host(), Basis::Named), is_lent(flow.host()));
        self.by_name.insert(flow.row().host, own);
        own
    }

    fn intern(&mut self, host: &str, basis: Basis) -> u32 {
        let key = (host.to_owned(), basis);
        if let Some(known) = self.by_host.get(&key) {
            return *known;
        }
        let idx = self.parties.hosts.len() as u32;
        self.parties.hosts.push(Deciding {
            host: host.to_owned(),
            party: party_of_host(host).to_owned(),
            basis,
        });
        self.by_host.insert(key, idx);
        idx
    }

    /// Counts tunnels to names that providers lend under the one party whose tunnels were open beside them.
    fn follow_tunnels(&mut self, capture: &Capture) {
        let mut seen = tunnels::Tunnels::default();
        for flow in capture.flows() {
            if !flow.row().flags.contains(Flags::TUNNEL) || flow.host().is_empty() {
                continue;
            }
            let (own, is_lent) = self.own(flow);
            let is_open = is_lent && self.parties.of.get(flow.idx() as usize) == Some(&own);
            let party = &self.parties.hosts[own as usize].party;
            seen.add(flow, (!is_open).then_some((own, party)));
        }
        for (row, host) in seen.beside() {
            let host = self.parties.hosts[host as usize].host.clone();
            let hint = self.intern(&host, Basis::Time);
            self.parties.of[row as usize] = hint;
        }
    }
}

/// True for a name that a provider lends to its customers.
pub(super) fn is_lent(host: &str) -> bool {
    let rules = catalogue().host_rules(host);
    rules.iter().any(|found| !found.rule.is_first_party)
}

/// What `host` counts as by itself: the registrable domain, or the host where a provider lends such names.
pub fn party_of_host(host: &str) -> &str {
    if is_lent(host) {
        host
    } else {
        registrable(host)
    }
}
