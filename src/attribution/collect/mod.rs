//! Finds what speaks for or against a service in one flow: one file per family of evidence.

mod address;
mod behaviour;
mod chain;
mod control_plane;
mod header;
mod name;
mod url_authorisation;
mod write;

pub(super) use behaviour::of_cache;
pub(super) use control_plane::SOURCE as SEQUENCE_SOURCE;
pub(super) use url_authorisation::{SCHEMES, is_signed};
pub(super) use write::{SOURCE as WRITE_SOURCE, is_accepted_write};

use super::OWN_RULES;
use super::across::{Across, Note};
use super::cache_sign::Answer;
use super::control_plane::ControlPlane;
use super::evidence::{Claim, Evidence, Family, Speaks, Strength};
use super::gates::{Gates, Lookups, REPLAYS};
use super::header_names::HeaderNames;
use super::party::Parties;
use super::withheld::Withheld;
use crate::base::bytes::Span;
use crate::base::jobs::Cancel;
use crate::capture::{Capture, Carries, Flags, Flow};
use crate::providers::{Place, Rule, ServiceId};

/// One observation, borrowed from the capture and the catalogue.
#[derive(Clone, Copy, Debug)]
pub(super) struct Finding<'a> {
    pub(super) family: Family,
    pub(super) claim: Claim,
    pub(super) speaks: Speaks,
    pub(super) strength: Strength,
    pub(super) rule: &'a str,
    pub(super) quote: &'a str,
    pub(super) span: Option<Span>,
    pub(super) region: Option<&'a str>,
    pub(super) source: &'a str,
    /// Row of the other flow that it takes to see this.
    pub(super) with: Option<u32>,
}

/// All that was found in one flow.
#[derive(Debug, Default)]
pub(super) struct Findings<'a> {
    pub(super) list: Vec<Finding<'a>>,
    /// Services that ordered lists such as `Via` name, the one nearest to the client first.
    pub(super) hops: Vec<ServiceId>,
    /// What caches say in headers of their own.
    pub(super) answers: Vec<(ServiceId, Answer)>,
    /// True when a cache says that it answered.
    pub(super) has_cache_sign: bool,
    /// What the format of the capture can say at all.
    pub(super) carries: Carries,
    /// True when the capture holds response headers of this flow.
    pub(super) has_headers: bool,
    /// True for an answer such as 304, which carries fewer headers than its resource.
    pub(super) is_reduced: bool,
    /// True when the flow came over no network, so that nothing in it is evidence.
    pub(super) is_replay: bool,
    /// True when only the tunnel is seen.
    pub(super) is_tunnel: bool,
    /// The peer's address and where it stands, when it is public and the server's own.
    pub(super) address: Option<(&'a str, Span)>,
    /// True when the ranges say little about an address at the time of the flow.
    pub(super) is_address_dated: bool,
    /// What this flow shows together with others about a cache.
    pub(super) cache_notes: Vec<Note>,
    /// True when a cache that does not name itself answered instead of the origin.
    pub(super) is_cached: bool,
    /// Services whose ids were replayed: they stand behind the cache that replays them.
    pub(super) replayed: Vec<ServiceId>,
}

/// What is known about the capture as a whole when one of its flows is judged.
#[derive(Clone, Debug, Default)]
pub(super) struct Context {
    pub(super) names: HeaderNames,
    pub(super) gates: Gates,
    pub(super) across: Across,
    pub(super) control_plane: ControlPlane,
    pub(super) withheld: Withheld,
}

impl Context {
    /// Looks at the whole of `capture`, but not at what is `withheld`.
    pub(super) fn of(capture: &Capture, withheld: Withheld, cancel: &Cancel) -> Self {
        let names = HeaderNames::of(capture);
        let across = || {
            let gates = Gates::of(capture, &names, cancel);
            if withheld.headers {
                return (gates, Across::default());
            }
            let across = Across::of(capture, &gates, &names, cancel);
            (gates, across)
        };
        let control_plane = || {
            if withheld.headers || withheld.names {
                return ControlPlane::default();
            }
            ControlPlane::of(capture)
        };
        let ((gates, across), control_plane) = rayon::join(across, control_plane);
        Self {
            names,
            gates,
            across,
            control_plane,
            withheld,
        }
    }

    /// Whose traffic the flows of `capture` are.
    pub(super) fn parties(&self, capture: &Capture) -> Parties {
        if self.withheld.names {
            Parties::default()
        } else {
            let has_referers = self.names.has_referers;
            Parties::of(capture, &self.control_plane, &self.across, has_referers)
        }
    }
}

impl<'a> Findings<'a> {
    /// Collects the evidence of `flow`, replacing what was collected before.
    pub(super) fn collect(&mut self, flow: Flow<'a>, context: &Context, lookups: &mut Lookups<'a>) {
        let gates = &context.gates;
        self.list.clear();
        self.hops.clear();
        self.answers.clear();
        self.cache_notes.clear();
        self.replayed.clear();
        self.is_cached = false;
        self.is_address_dated = false;
        let flags = flow.row().flags;
        self.has_cache_sign = false;
        self.has_headers = false;
        self.carries = flow.capture().info().carries;
        self.address = None;
        self.is_reduced = flow.status() == Some(304);
        self.is_tunnel = flags.contains(Flags::TUNNEL);
        self.is_replay = flags.intersects(REPLAYS);
        if self.is_replay {
            let rule = if flags.contains(Flags::ABORTED) {
                "gate/no-response"
            } else {
                "gate/no-network"
            };
            self.void(Family::HeaderChain, rule, flow.url(), flow.row().span);
            return;
        }
        let withheld = context.withheld;
        if !withheld.addresses {
            address::collect(self, flow, gates, lookups);
        }
        if !withheld.names {
            name::collect(self, flow, lookups);
            if context.names.has_facts {
                name::collect_facts(self, flow, !withheld.resolutions);
            }
        }
        let notes = context.across.notes(flow.idx());
        if !withheld.headers {
            header::collect(self, flow, gates, &context.names, lookups, notes);
        }
        if !withheld.names {
            url_authorisation::collect(self, flow);
        }
        write::collect(self, flow);
        behaviour::collect(self, flow, notes);
        control_plane::collect(self, flow, context.control_plane.handout(flow.idx()));
        if self.is_tunnel {
            self.void(
                Family::HeaderChain,
                "gate/tunnel",
                flow.method(),
                flow.row().span,
            );
            for finding in &mut self.list {
                finding.strength = Strength::Suggestive;
            }
        }
    }

    /// Adds what `rule` says.
    fn add(
        &mut self,
        family: Family,
        rule: &'a Rule,
        strength: Strength,
        (quote, span): (&'a str, Span),
        region: Option<&'a str>,
    ) {
        let claim = match rule.place {
            Place::Edge => Claim::Edge(rule.service),
            Place::Origin => Claim::Origin(rule.service),
        };
        self.list.push(Finding {
            family,
            claim,
            speaks: Speaks::For,
            strength,
            rule: &rule.id,
            quote,
            span: Some(span).filter(|span| !span.is_empty()),
            region,
            source: &rule.source,
            with: None,
        });
    }

    /// Adds that evidence of `family` says nothing here.
    fn void(&mut self, family: Family, rule: &'static str, quote: &'a str, span: Span) {
        self.list.push(Finding {
            family,
            claim: Claim::Void(family),
            speaks: Speaks::Against,
            strength: Strength::Conclusive,
            rule,
            quote,
            span: Some(span).filter(|span| !span.is_empty()),
            region: None,
            source: OWN_RULES,
            with: None,
        });
    }

    /// What speaks for some service as an edge.
    pub(super) fn edges(&self) -> impl Iterator<Item = (ServiceId, &Finding<'a>)> + Clone {
        self.list.iter().filter_map(|finding| match finding.claim {
            Claim::Edge(service) if finding.speaks == Speaks::For => Some((service, finding)),
            _ => None,
        })
    }

    /// What speaks for some service as an origin.
    pub(super) fn origins(&self) -> impl Iterator<Item = (ServiceId, &Finding<'a>)> + Clone {
        self.list.iter().filter_map(|finding| match finding.claim {
            Claim::Origin(service) if finding.speaks == Speaks::For => Some((service, finding)),
            _ => None,
        })
    }
}

impl From<&Finding<'_>> for Evidence {
    fn from(finding: &Finding<'_>) -> Self {
        Self {
            family: finding.family,
            rule: finding.rule.to_owned(),
            claim: finding.claim,
            speaks: finding.speaks,
            strength: finding.strength,
            quote: finding.quote.to_owned(),
            span: finding.span,
            source: finding.source.to_owned(),
            with: finding.with,
        }
    }
}
