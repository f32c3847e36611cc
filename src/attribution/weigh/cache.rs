//! Caches: how one behaved, and those that no company runs as a CDN.

use super::candidate::{Candidate, candidates};
use super::judgement::{Judgement, Part};
use crate::attribution::collect::behaviour::of_cache;
use crate::attribution::context::across::Sign;
use crate::attribution::evidence::{Claim, Family, OwnRule, Speaks, Strength};
use crate::attribution::findings::{Finding, Findings};
use crate::attribution::verdict::Conclusiveness;
use crate::capture::Flow;
use crate::providers::{HeaderRule, ServiceId, catalogue};

/// A cache answered that names neither itself nor anybody else.
pub(in crate::attribution) const UNNAMED_CACHE: OwnRule = OwnRule::new(
    "cache/without-a-name",
    Family::HeaderChain,
    "A cache says that it had this answer, and no CDN shows itself",
);

/// Counts how a cache behaved among what speaks for `edge`, and returns it.
pub(super) fn watch<'a>(
    flow: Flow<'a>,
    edge: &mut Candidate<'a>,
    findings: &Findings<'a>,
) -> Vec<Finding<'a>> {
    let notes = findings.cache_notes.iter();
    let shown = notes.map(|note| {
        // Only a header that the edge itself writes says that this cache, and no other one, had the response.
        let is_its_own = note.sign == Sign::MissThenHit
            && findings.edges().any(|(service, finding)| {
                catalogue().network_of(service) == edge.network && finding.span == Some(note.span)
            });
        let strength = if is_its_own {
            Strength::Strong
        } else {
            Strength::Suggestive
        };
        let finding = of_cache(flow, note, Claim::Edge(edge.service), strength);
        edge.add(edge.service, &finding);
        edge.agree(edge.service, &finding);
        finding
    });
    shown.collect()
}

/// True when the `X-Cache` that `edge` writes was overwritten, at an address that is not the edge's: a cache stands before it.
pub(super) fn stands_before(edge: &Candidate<'_>, findings: &Findings<'_>) -> bool {
    let writes = |rule: &&HeaderRule| catalogue().network_of(rule.rule.service) == edge.network;
    let is_foreign = |word: &str| {
        let rules = catalogue().header_rules("x-cache").iter();
        let mut own = rules.filter(writes).peekable();
        own.peek().is_some() && own.all(|rule| !rule.value.passes(word))
    };
    let is_elsewhere = findings.address.is_some() && findings.address_of().is_none();
    let only_headers = edge.has(Family::Name).is_none();
    is_elsewhere && only_headers && findings.cache_word.is_some_and(is_foreign)
}

/// Names the cache that answered where no company did, or else notes what shows that the origin was not reached itself.
pub(super) fn settle<'a>(
    judgement: &mut Judgement<'a>,
    flow: Flow<'a>,
    origin: Option<(Candidate<'a>, Conclusiveness)>,
    edges: &[Candidate<'a>],
    findings: &Findings<'a>,
) {
    let origin = origin.map(|(origin, _)| origin);
    let Some(cache) = own_cache(origin.as_ref(), findings, judgement) else {
        if let Some(origin) = origin {
            doubt(judgement, flow, &origin, findings);
        }
        return;
    };
    judgement.edge = Some(cache);
    let passed_on = edges
        .iter()
        .filter(|edge| edge.has(Family::HeaderChain).is_some());
    judgement.behind = passed_on.map(|edge| edge.service).collect();
    let claim = Claim::Edge(cache.service);
    let notes = findings.cache_notes.iter();
    let shown = notes.map(|note| of_cache(flow, note, claim, Strength::Suggestive));
    judgement.added.extend(shown);
}

/// Notes what shows that a cache of the client's side answered instead of `origin`.
fn doubt<'a>(
    judgement: &mut Judgement<'a>,
    flow: Flow<'a>,
    origin: &Candidate<'a>,
    findings: &Findings<'a>,
) {
    let claim = Claim::Origin(origin.service);
    // A store that keeps no copies of its own did not write that it had one.
    if let Some((quote, span)) = findings
        .cache_sign
        .filter(|_| caches_nothing(origin.service))
    {
        judgement.is_copy = true;
        judgement.added.push(Finding {
            speaks: Speaks::Against,
            ..Finding::own(&UNNAMED_CACHE, claim, Strength::Strong, quote).at(span)
        });
    }
    if findings.cache_notes.is_empty() {
        return;
    }
    judgement.is_copy = true;
    let notes = findings.cache_notes.iter();
    let against = notes.map(|note| of_cache(flow, note, claim, Strength::Strong));
    judgement.added.extend(against);
    if let Some(part) = &mut judgement.origin {
        part.conclusiveness = origin.conclusiveness(true);
    }
}

/// True for a store that answers every request itself.
fn caches_nothing(service: ServiceId) -> bool {
    catalogue().is_store(service) && catalogue().service(service).cached_as.is_none()
}

/// The cache in front of the site's own servers, by the software that it names, or else without a name.
fn own_cache<'a>(
    origin: Option<&Candidate<'a>>,
    findings: &Findings<'a>,
    judgement: &mut Judgement<'a>,
) -> Option<Part<'a>> {
    // Whoever asked a service by its own name and got a copy passed a cache of the client's side.
    let is_named = origin.is_some_and(|origin| {
        Some(Strength::Strong) <= origin.named && !catalogue().is_software(origin.service)
    });
    let caches_itself =
        origin.is_some_and(|origin| catalogue().service(origin.service).cached_as.is_some());
    if findings.is_address_void || findings.is_tunnel || is_named || caches_itself {
        return None;
    }
    let software = findings
        .edges()
        .filter(|(service, _)| catalogue().is_software(*service));
    let named = candidates(software).into_iter().next();
    let unnamed = || catalogue().find("own-cache/unnamed");
    let service: ServiceId = match (named, findings.cache_sign) {
        (Some(cache), None) => cache.service,
        (Some(cache), Some(_)) if cache.has(Family::HeaderChain).is_some() => cache.service,
        (_, Some((quote, span))) => {
            let service = unnamed()?;
            let claim = Claim::Edge(service);
            let finding = Finding::own(&UNNAMED_CACHE, claim, Strength::Suggestive, quote);
            judgement.added.push(finding.at(span));
            service
        }
        (None, None) => return None,
    };
    // Without an address an edge that leaves no header cannot be excluded.
    let is_sure = findings.cache_sign.is_some() && findings.address.is_some();
    Some(Part {
        service,
        region: None,
        conclusiveness: if is_sure {
            Conclusiveness::Strong
        } else {
            Conclusiveness::Suggestive
        },
    })
}
