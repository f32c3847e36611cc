//! Caches: how one behaved, and those that no company runs as a CDN.

use super::candidate::{Candidate, candidates};
use super::judgement::{Judgement, Part};
use crate::attribution::collect::behaviour::of_cache;
use crate::attribution::context::across::Sign;
use crate::attribution::evidence::{Claim, Family, OwnRule, Speaks, Strength};
use crate::attribution::findings::{Finding, Findings};
use crate::attribution::verdict::Conclusiveness;
use crate::capture::Flow;
use crate::providers::{ServiceId, catalogue};

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
    let writes = |rule: &crate::providers::HeaderRule| {
        catalogue().network_of(rule.rule.service) == edge.network
    };
    let is_foreign = |quote: &str| {
        let rules = catalogue().header_rules("x-cache");
        let mut own = rules.iter().filter(|rule| writes(rule)).peekable();
        own.peek().is_some() && own.all(|rule| !rule.value.passes(quote))
    };
    let is_elsewhere = findings.address.is_some() && findings.address_of().is_none();
    let only_headers = edge.has(Family::Name).is_none();
    is_elsewhere && only_headers && findings.cache_word.is_some_and(is_foreign)
}

/// Names the cache that answered where no company did, or notes what speaks against the origin as the one that was reached.
pub(super) fn settle<'a>(
    judgement: &mut Judgement<'a>,
    flow: Flow<'a>,
    origin: Option<(Candidate<'a>, Conclusiveness)>,
    edges: &[Candidate<'a>],
    findings: &Findings<'a>,
) {
    if let Some(cache) = own_cache(
        origin.as_ref().map(|(origin, _)| origin),
        findings,
        judgement,
    ) {
        judgement.edge = Some(cache);
        let replayed = edges
            .iter()
            .filter(|edge| edge.has(Family::HeaderChain).is_some());
        judgement.behind = replayed.map(|edge| edge.service).collect();
        judgement.added.extend(
            findings
                .cache_notes
                .iter()
                .map(|note| of_cache(flow, note, Claim::Edge(cache.service), Strength::Suggestive)),
        );
        return;
    }
    let Some((candidate, _)) = origin else {
        return;
    };
    if let Some((quote, span)) = findings.cache_sign
        && caches_nothing(candidate.service)
    {
        // A store that keeps no copies of its own did not write this: a cache of the client's side did.
        judgement.is_copy = true;
        judgement.added.push(Finding {
            speaks: Speaks::Against,
            span: Some(span).filter(|span| !span.is_empty()),
            ..Finding::own(
                &UNNAMED_CACHE,
                Claim::Origin(candidate.service),
                Strength::Strong,
                quote,
            )
        });
    }
    if findings.cache_notes.is_empty() {
        return;
    }
    let claim = Claim::Origin(candidate.service);
    let notes = findings.cache_notes.iter();
    let against = notes.map(|note| of_cache(flow, note, claim, Strength::Strong));
    judgement.added.extend(against);
    judgement.is_copy = true;
    if let Some(part) = &mut judgement.origin {
        part.conclusiveness = candidate.conclusiveness(true);
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
            judgement.added.push(Finding {
                span: Some(span).filter(|span| !span.is_empty()),
                ..Finding::own(
                    &UNNAMED_CACHE,
                    Claim::Edge(service),
                    Strength::Suggestive,
                    quote,
                )
            });
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
