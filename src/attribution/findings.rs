//! What was found in one flow: filled by `collect`, only read afterwards.

use super::cache_sign::Answer;
use super::context::across::Note;
use super::evidence::{Claim, Evidence, Family, OwnRule, Speaks, Strength};
use crate::base::bytes::Span;
use crate::capture::Carries;
use crate::providers::{Network, Place, ProviderId, Rule, ServiceId, catalogue};

/// Why no server answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoAnswer {
    /// The request failed before anything came back.
    Failed,
    /// A proxy on the client's side answered itself.
    Proxy,
    /// The browser made the answer up.
    Browser,
    /// A cache or a service worker answered.
    Cache,
}

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
    /// What it bears on.
    pub(super) bearing: Bearing,
}

/// What an observation bears on: not every name is that of the machine that answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Bearing {
    /// The answer itself.
    #[default]
    Answer,
    /// Whose content it is, whoever delivers it: a company's own name.
    Owner,
    /// A look-up of the name, which need not be the one that this connection used.
    Lookup,
}

/// All that was found in one flow.
#[derive(Debug, Default)]
pub(super) struct Findings<'a> {
    pub(super) list: Vec<Finding<'a>>,
    /// Services that ordered lists such as `Via` name, the one nearest to the client first.
    pub(super) hops: Vec<ServiceId>,
    /// What caches say in headers of their own.
    pub(super) answers: Vec<(ServiceId, Answer)>,
    /// Where a cache says that it answered.
    pub(super) cache_sign: Option<(&'a str, Span)>,
    /// The last `X-Cache`, where there is one.
    pub(super) cache_word: Option<&'a str>,
    /// The edge whose word stands in `Server`, which most edges pass on as they got it.
    pub(super) wrote_server: Option<ServiceId>,
    /// What the format of the capture can say at all.
    pub(super) carries: Carries,
    /// True when the capture holds response headers of this flow.
    pub(super) has_headers: bool,
    /// True for an answer such as 304, which carries fewer headers than its resource.
    pub(super) is_reduced: bool,
    /// True when no server answered over a network, so that nothing in the flow is evidence.
    pub(super) is_replay: bool,
    /// Why nothing in the flow is evidence, when that is so.
    pub(super) no_answer: Option<NoAnswer>,
    /// True when only the tunnel is seen.
    pub(super) is_tunnel: bool,
    /// The peer's address and where it stands, when it is public and the server's own.
    pub(super) address: Option<(&'a str, Span)>,
    /// The network of an address that lies, and lay, in no range of the catalogue.
    pub(super) network: Option<Network>,
    /// True when the address that the capture holds is not the server's.
    pub(super) is_address_void: bool,
    /// True when the ranges say little about an address at the time of the flow.
    pub(super) is_address_dated: bool,
    /// What this flow shows together with others about a cache.
    pub(super) cache_notes: Vec<Note>,
    /// Services whose ids were replayed: they stand behind the cache that replays them.
    pub(super) replayed: Vec<ServiceId>,
}

impl<'a> Finding<'a> {
    /// What `rule` of a pack says, read from the text `at` its place.
    pub(super) fn of(
        family: Family,
        rule: &'a Rule,
        strength: Strength,
        (quote, span): (&'a str, Span),
        region: Option<&'a str>,
    ) -> Self {
        let claim = match rule.place {
            Place::Edge => Claim::Edge(rule.service),
            Place::Origin => Claim::Origin(rule.service),
        };
        Self {
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
            bearing: Bearing::Answer,
        }
    }

    /// What `rule` says for `claim`, read from `quote`, which is no single place.
    pub(super) const fn own(
        rule: &'static OwnRule,
        claim: Claim,
        strength: Strength,
        quote: &'a str,
    ) -> Self {
        Self {
            family: rule.family,
            claim,
            speaks: Speaks::For,
            strength,
            rule: rule.id,
            quote,
            span: None,
            region: None,
            source: rule.source,
            with: None,
            bearing: Bearing::Answer,
        }
    }
}

impl Finding<'_> {
    /// The same, read at `span`.
    pub(super) fn at(self, span: Span) -> Self {
        Self {
            span: Some(span).filter(|span| !span.is_empty()),
            ..self
        }
    }
}

impl<'a> Findings<'a> {
    /// Forgets everything, for the next flow; the lists keep their memory.
    pub(super) fn clear(&mut self) {
        self.list.clear();
        self.hops.clear();
        self.answers.clear();
        self.cache_notes.clear();
        self.replayed.clear();
        *self = Self {
            list: std::mem::take(&mut self.list),
            hops: std::mem::take(&mut self.hops),
            answers: std::mem::take(&mut self.answers),
            cache_notes: std::mem::take(&mut self.cache_notes),
            replayed: std::mem::take(&mut self.replayed),
            ..Self::default()
        };
    }

    /// Adds what `rule` says about the answer.
    pub(super) fn add(
        &mut self,
        family: Family,
        rule: &'a Rule,
        strength: Strength,
        at: (&'a str, Span),
        region: Option<&'a str>,
    ) {
        self.list
            .push(Finding::of(family, rule, strength, at, region));
    }

    /// Adds that evidence says nothing here, for the reason that `rule` gives.
    pub(super) fn void(&mut self, rule: &'static OwnRule, quote: &'a str, span: Span) {
        self.list.push(Finding {
            speaks: Speaks::Against,
            span: Some(span).filter(|span| !span.is_empty()),
            ..Finding::own(rule, Claim::Void(rule.family), Strength::Conclusive, quote)
        });
    }

    /// Whose range the peer's address lies in, whatever stands there.
    pub(super) fn address_of(&self) -> Option<ProviderId> {
        self.list.iter().find_map(|finding| match finding.claim {
            Claim::Edge(service) | Claim::Origin(service)
                if finding.family == Family::Address && finding.speaks == Speaks::For =>
            {
                Some(catalogue().network_of(service))
            }
            _ => None,
        })
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
