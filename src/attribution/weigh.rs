//! From evidence to a verdict: families are weighed, not counted observations, because headers of one hop come together.

use super::across::Sign;
use super::cache_sign::Answer;
use super::collect::{Finding, Findings, of_cache};
use super::evidence::{Claim, Family, Speaks, Strength};
use super::verdict::{Conclusiveness, Role};
use crate::base::bytes::Span;
use crate::capture::Flow;
use crate::providers::{ProviderId, ServiceId, ServiceKind, catalogue};

/// One part of the answer, with a region that still borrows from the capture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'a> {
    pub(super) service: ServiceId,
    pub(super) region: Option<&'a str>,
    pub(super) conclusiveness: Conclusiveness,
}

/// The answer for one flow.
#[derive(Clone, Debug)]
pub(super) struct Judgement<'a> {
    pub(super) edge: Option<Part<'a>>,
    pub(super) origin: Option<Part<'a>>,
    pub(super) role: Role,
    pub(super) conclusiveness: Conclusiveness,
    /// Other services that were seen as edges: hops behind the edge, or rivals where the order is unknown.
    pub(super) behind: Vec<ServiceId>,
}

impl Judgement<'_> {
    const UNKNOWN: Self = Self {
        edge: None,
        origin: None,
        role: Role::Unknown,
        conclusiveness: Conclusiveness::Insufficient,
        behind: Vec::new(),
    };
}

/// What speaks for one provider in one place.
#[derive(Clone, Copy, Debug)]
struct Candidate<'a> {
    provider: ProviderId,
    service: ServiceId,
    /// The observation that decided the service.
    best: Finding<'a>,
    /// The strongest observation of each family.
    families: [Option<Strength>; 8],
    region: Option<&'a str>,
}

impl<'a> Candidate<'a> {
    fn new(service: ServiceId, finding: &Finding<'a>) -> Self {
        Self {
            provider: catalogue().provider_of(service),
            service,
            best: *finding,
            families: [None; 8],
            region: None,
        }
    }

    fn add(&mut self, service: ServiceId, finding: &Finding<'a>) {
        let family = &mut self.families[finding.family as usize];
        *family = (*family).max(Some(finding.strength));
        if rank(self.service, &self.best) < rank(service, finding) {
            self.service = service;
            self.best = *finding;
        }
        self.region = self.region.or(finding.region);
    }

    fn strength(&self) -> Option<Strength> {
        self.families.into_iter().flatten().max()
    }

    fn has(&self, family: Family) -> Option<Strength> {
        self.families[family as usize]
    }

    fn count(&self, at_least: Strength) -> usize {
        let strengths = self.families.into_iter().flatten();
        strengths.filter(|strength| at_least <= *strength).count()
    }

    /// How conclusive it is when nothing else competes.
    fn conclusiveness(&self, has_against: bool) -> Conclusiveness {
        let strong = self.count(Strength::Strong);
        let hints = self.count(Strength::Suggestive);
        match (strong, has_against) {
            (2.., false) => Conclusiveness::Conclusive,
            (1, false) | (2.., true) => Conclusiveness::Strong,
            (0, false) if 2 <= hints => Conclusiveness::Strong,
            _ => Conclusiveness::Suggestive,
        }
    }

    fn part(&self, conclusiveness: Conclusiveness) -> Part<'a> {
        Part {
            service: self.service,
            region: self.region,
            conclusiveness,
        }
    }
}

/// Which observation names the product best: the stronger one; then a product rather than a company's front end or
/// cloud as a whole; then what the answer says rather than where it came from.
fn rank(service: ServiceId, finding: &Finding<'_>) -> (Strength, u8, bool) {
    let specific = match catalogue().service(service).kind {
        ServiceKind::Cdn | ServiceKind::Storage => 2,
        ServiceKind::Platform | ServiceKind::FrontEnd => 1,
        ServiceKind::Compute => 0,
    };
    (
        finding.strength,
        specific,
        finding.family != Family::Address,
    )
}

fn candidates<'f, 'a: 'f>(
    findings: impl Iterator<Item = (ServiceId, &'f Finding<'a>)>,
) -> Vec<Candidate<'a>> {
    let mut candidates: Vec<Candidate<'a>> = Vec::new();
    for (service, finding) in findings {
        let provider = catalogue().provider_of(service);
        let at = candidates
            .iter()
            .position(|known| known.provider == provider);
        let at = at.unwrap_or_else(|| {
            candidates.push(Candidate::new(service, finding));
            candidates.len() - 1
        });
        candidates[at].add(service, finding);
    }
    candidates
}

/// Judges `flow`. Adds to its `findings` what speaks against the edge, and what a cache shows.
pub(super) fn judge<'a>(flow: Flow<'a>, findings: &mut Findings<'a>) -> Judgement<'a> {
    if findings.is_replay {
        return Judgement::UNKNOWN;
    }
    let edges = candidates(findings.edges());
    let mut judgement = Judgement::UNKNOWN;
    let mut chosen = choose_edge(&edges, findings);
    if let Some((edge, _)) = &mut chosen {
        watch_cache(flow, edge, findings);
    }
    let edge = chosen.map(|chosen| chosen.0);
    let mut origins = candidates(findings.origins().filter(|(_, finding)| {
        // The address is the terminating party's: behind an edge it says nothing about the origin.
        edge.is_none() || finding.family != Family::Address
    }));
    origins.retain(|origin| !is_hearsay(origin, edge.as_ref(), findings));
    let mut origin = choose_origin(&origins);
    if let (None, Some((origin, conclusiveness))) = (&chosen, &mut origin)
        && doubt_directness(flow, origin.service, findings)
    {
        *conclusiveness = origin.conclusiveness(true);
    }
    let own_product =
        |edge: &Candidate<'_>| origin.is_some_and(|(origin, _)| is_direct_product(&origin, edge));
    if let Some((edge, doubt)) = chosen.filter(|(edge, _)| !own_product(edge)) {
        let against = speak_against(&edge, findings);
        let mut conclusiveness = edge.conclusiveness(against);
        let has_rival = edges.iter().any(|other| {
            other.provider != edge.provider && Some(Strength::Strong) <= other.strength()
        });
        if has_rival {
            conclusiveness = conclusiveness.min(Conclusiveness::Strong);
        }
        conclusiveness = match doubt {
            Doubt::None => conclusiveness,
            Doubt::Order => conclusiveness.min(Conclusiveness::Suggestive),
            Doubt::Conflict => Conclusiveness::Conflicting,
        };
        judgement.edge = Some(edge.part(conclusiveness));
        judgement.behind = behind(&edge, &edges, findings);
    }
    judgement.origin = origin.map(|(origin, conclusiveness)| origin.part(conclusiveness));
    cap_tunnel(findings, &mut judgement);
    (judgement.role, judgement.conclusiveness) = role(&judgement, origin, findings);
    judgement
}

/// Adds how a cache behaved to what speaks for `edge`.
fn watch_cache<'a>(flow: Flow<'a>, edge: &mut Candidate<'a>, findings: &mut Findings<'a>) {
    for note in std::mem::take(&mut findings.cache_notes) {
        // Only a header that the edge itself writes says that this cache, and no other one, had the response.
        let is_its_own = note.sign == Sign::MissThenHit
            && findings.edges().any(|(service, finding)| {
                catalogue().provider_of(service) == edge.provider && finding.span == Some(note.span)
            });
        let strength = if is_its_own {
            Strength::Strong
        } else {
            Strength::Suggestive
        };
        let finding = of_cache(flow, &note, Claim::Edge(edge.service), strength);
        edge.add(edge.service, &finding);
        findings.list.push(finding);
    }
}

/// Adds what a cache that does not name itself says against `origin` as the party that was reached; true when one does.
fn doubt_directness<'a>(flow: Flow<'a>, origin: ServiceId, findings: &mut Findings<'a>) -> bool {
    let notes = std::mem::take(&mut findings.cache_notes);
    for note in &notes {
        let finding = of_cache(flow, note, Claim::Origin(origin), Strength::Strong);
        findings.list.push(finding);
    }
    findings.is_cached = !notes.is_empty();
    findings.is_cached
}

/// A tunnel shows only where it leads: two hints about that are no more than a hint.
fn cap_tunnel(findings: &Findings<'_>, judgement: &mut Judgement<'_>) {
    if findings.is_tunnel {
        for part in [&mut judgement.edge, &mut judgement.origin]
            .into_iter()
            .flatten()
        {
            part.conclusiveness = part.conclusiveness.min(Conclusiveness::Suggestive);
        }
    }
}

/// How sure it is that the chosen edge, and not another one that was seen, terminated the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doubt {
    /// Nothing else could have.
    None,
    /// Another order of the chain is possible.
    Order,
    /// Another one has as good a claim.
    Conflict,
}

impl Doubt {
    const fn unless(is_settled: bool) -> Self {
        if is_settled {
            Self::None
        } else {
            Self::Conflict
        }
    }
}

/// The party that terminated the connection.
fn choose_edge<'a>(
    edges: &[Candidate<'a>],
    findings: &Findings<'a>,
) -> Option<(Candidate<'a>, Doubt)> {
    let strongest = edges.iter().filter_map(Candidate::strength).max()?;
    let by_address = edges.iter().find(|edge| {
        let strength = edge.has(Family::Address);
        Some(Strength::Strong) <= strength || strength == Some(strongest)
    });
    if let Some(edge) = by_address {
        // A name that one provider alone serves cannot lead to another's address without somebody in between.
        let is_contested = edges.iter().any(|other| {
            other.provider != edge.provider && other.has(Family::Name) == Some(Strength::Conclusive)
        });
        return Some((*edge, Doubt::unless(!is_contested)));
    }
    let floor = strongest.min(Strength::Strong);
    let best: Vec<&Candidate<'a>> = edges
        .iter()
        .filter(|edge| Some(floor) <= edge.strength())
        .collect();
    if let [only] = best[..] {
        return Some((*only, Doubt::None));
    }
    let is_hop = |edge: &Candidate<'_>| {
        let of_edge = |hop: &ServiceId| catalogue().provider_of(*hop) == edge.provider;
        findings.hops.iter().any(of_edge)
    };
    if let Some(nearest) = findings.hops.first()
        && best.iter().all(|edge| is_hop(edge))
    {
        let provider = catalogue().provider_of(*nearest);
        let nearest = best.iter().find(|edge| edge.provider == provider);
        return nearest.map(|edge| (**edge, Doubt::None));
    }
    if let Some(edge) = by_answers(&best, findings) {
        return Some((*edge, Doubt::Order));
    }
    let rank = |edge: &&&Candidate<'_>| {
        let is_nearest = findings
            .hops
            .first()
            .is_some_and(|hop| catalogue().provider_of(*hop) == edge.provider);
        let name = edge.has(Family::Name);
        (name, is_nearest, edge.count(Strength::Strong))
    };
    let edge = best.iter().max_by_key(rank)?;
    let name = edge.has(Family::Name);
    // A certificate may hold names of several providers.
    let n_named = best.iter().filter(|other| other.has(Family::Name) == name);
    let is_named = Some(Strength::Strong) <= name && n_named.count() == 1;
    Some((**edge, Doubt::unless(is_named)))
}

/// The only edge that says it had the response, when all others had to ask: their misses are stored with it.
fn by_answers<'c, 'a>(
    edges: &[&'c Candidate<'a>],
    findings: &Findings<'a>,
) -> Option<&'c Candidate<'a>> {
    let answer = |edge: &Candidate<'_>| {
        let of_edge = |(service, _): &&(ServiceId, Answer)| {
            catalogue().provider_of(*service) == edge.provider
        };
        findings
            .answers
            .iter()
            .find(of_edge)
            .map(|(_, answer)| *answer)
    };
    let mut hits = edges
        .iter()
        .filter(|edge| answer(edge) == Some(Answer::Hit));
    let hit = hits.next().filter(|_| hits.next().is_none())?;
    let n_misses = edges
        .iter()
        .filter(|edge| answer(edge) == Some(Answer::Miss))
        .count();
    (n_misses + 1 == edges.len()).then_some(*hit)
}

/// Notes what contradicts `edge`; true when something does.
fn speak_against<'a>(edge: &Candidate<'a>, findings: &mut Findings<'a>) -> bool {
    let service = catalogue().service(edge.service);
    let is_own_address = findings.list.iter().any(|finding| {
        finding.family == Family::Address
            && matches!(finding.claim, Claim::Edge(found) | Claim::Origin(found)
                if catalogue().provider_of(found) == edge.provider)
    });
    let elsewhere = findings
        .address
        .filter(|_| service.lists_addresses && !is_own_address && !findings.is_address_dated)
        .map(|(address, span)| {
            (
                Family::Address,
                "edge/address-elsewhere",
                address,
                Some(span),
            )
        });
    let shows_headers = findings.has_headers && !findings.is_reduced;
    let is_unsigned =
        service.signs_responses && shows_headers && edge.has(Family::HeaderChain).is_none();
    let unsigned =
        is_unsigned.then_some((Family::HeaderChain, "edge/no-header-of-its-own", "", None));
    let against: Vec<_> = elsewhere.into_iter().chain(unsigned).collect();
    for (family, rule, quote, span) in &against {
        findings.list.push(Finding {
            family: *family,
            claim: Claim::Edge(edge.service),
            speaks: Speaks::Against,
            strength: Strength::Strong,
            rule,
            quote,
            span: span.filter(|span: &Span| !span.is_empty()),
            region: None,
            source: "the provider's published ranges and response headers, 2026-11",
            with: None,
        });
    }
    !against.is_empty()
}

/// The other services seen as edges: in the order of `Via` where it names them, then as they were found.
fn behind(
    edge: &Candidate<'_>,
    edges: &[Candidate<'_>],
    findings: &Findings<'_>,
) -> Vec<ServiceId> {
    let mut behind: Vec<ServiceId> = Vec::new();
    let found = edges
        .iter()
        .filter(|other| other.has(Family::HeaderChain).is_some())
        .map(|other| other.service);
    let replayed = findings.replayed.iter().copied();
    for service in findings.hops.iter().copied().chain(found).chain(replayed) {
        let provider = catalogue().provider_of(service);
        let is_known = behind
            .iter()
            .any(|known| catalogue().provider_of(*known) == provider);
        if provider != edge.provider && !is_known {
            behind.push(service);
        }
    }
    behind
}

/// Whose storage or compute answered, and how conclusive that is.
fn choose_origin<'a>(origins: &[Candidate<'a>]) -> Option<(Candidate<'a>, Conclusiveness)> {
    let best = origins
        .iter()
        .max_by_key(|origin| (origin.strength(), origin.count(Strength::Strong)))?;
    let is_named = best.has(Family::Name) == Some(Strength::Conclusive);
    // Clones send the same headers as the store they imitate; a name that only one service has tells them apart.
    let has_rival = origins
        .iter()
        .any(|other| other.provider != best.provider && Some(Strength::Strong) <= other.strength());
    let conclusiveness = if has_rival && !is_named {
        Conclusiveness::Conflicting
    } else {
        best.conclusiveness(false)
    };
    Some((*best, conclusiveness))
}

/// True when only a name hints at the origin while somebody else answers: a company may put its name on any machine.
fn is_hearsay(
    origin: &Candidate<'_>,
    edge: Option<&Candidate<'_>>,
    findings: &Findings<'_>,
) -> bool {
    let is_hint = origin.strength() == Some(Strength::Suggestive)
        && origin.count(Strength::Suggestive) == 1
        && origin.has(Family::Name).is_some();
    let is_elsewhere = || {
        findings.list.iter().any(|finding| {
            finding.family == Family::Address
                && matches!(finding.claim, Claim::Edge(found) | Claim::Origin(found)
                    if catalogue().provider_of(found) != origin.provider)
        })
    };
    is_hint && (edge.is_some_and(|edge| edge.provider != origin.provider) || is_elsewhere())
}

/// True when the edge is only the provider's own door to the product that the host name asks for.
fn is_direct_product(origin: &Candidate<'_>, edge: &Candidate<'_>) -> bool {
    let is_front_end = catalogue().service(edge.service).kind == ServiceKind::FrontEnd;
    let only_address = edge.has(Family::HeaderChain).is_none() && edge.has(Family::Name).is_none();
    origin.provider == edge.provider
        && Some(Strength::Strong) <= origin.has(Family::Name)
        && (is_front_end || only_address)
}

/// The role of the terminating party and how conclusive it is.
fn role(
    judgement: &Judgement<'_>,
    origin: Option<(Candidate<'_>, Conclusiveness)>,
    findings: &Findings<'_>,
) -> (Role, Conclusiveness) {
    const UNKNOWN: (Role, Conclusiveness) = (Role::Unknown, Conclusiveness::Insufficient);
    if findings.is_tunnel {
        return UNKNOWN;
    }
    let Some(edge) = judgement.edge else {
        let Some((origin, conclusiveness)) = origin else {
            return UNKNOWN;
        };
        let is_direct = is_reached_directly(&origin) && !findings.is_cached;
        return if Conclusiveness::Strong <= conclusiveness && is_direct {
            (Role::Origin, conclusiveness)
        } else {
            UNKNOWN
        };
    };
    let catalogue = catalogue();
    match catalogue.service(edge.service).kind {
        ServiceKind::Cdn => (Role::Cdn, edge.conclusiveness),
        ServiceKind::FrontEnd => {
            let provider = catalogue.provider_of(edge.service);
            let is_own = |part: &Part<'_>| catalogue.provider_of(part.service) == provider;
            let other_origin = judgement.origin.is_some_and(|part| !is_own(&part));
            if findings.has_cache_sign || other_origin || !judgement.behind.is_empty() {
                (Role::Cdn, edge.conclusiveness)
            } else if let Some(own) = judgement.origin
                && Conclusiveness::Strong <= own.conclusiveness
            {
                (Role::Origin, own.conclusiveness.min(edge.conclusiveness))
            } else {
                UNKNOWN
            }
        }
        ServiceKind::Platform | ServiceKind::Storage | ServiceKind::Compute => UNKNOWN,
    }
}

/// True when the name or the address, not only what headers carry along, shows that the origin itself was reached.
fn is_reached_directly(origin: &Candidate<'_>) -> bool {
    let is_store = catalogue().service(origin.service).kind == ServiceKind::Storage;
    let by_address = origin.best.family == Family::Address
        || (is_store && Some(Strength::Strong) <= origin.has(Family::Address));
    origin.has(Family::Name).is_some() || by_address
}
