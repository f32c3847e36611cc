//! The origin: whose storage or compute answered, and whether it was reached itself.

use super::candidate::{Candidate, candidates};
use super::judgement::{Judgement, Part};
use crate::attribution::evidence::{Claim, Family, OwnRule, Strength};
use crate::attribution::findings::{Bearing, Finding, Findings};
use crate::attribution::url::registrable;
use crate::attribution::verdict::Conclusiveness;
use crate::capture::Flow;
use crate::providers::{ServiceId, ServiceKind, catalogue};

/// The company's own content came from its own front end.
pub(in crate::attribution) const OWN_CONTENT: OwnRule = OwnRule::new(
    "origin/own-content",
    Family::Name,
    "The host is one of the company's own names, and its own front end answered",
);

/// A machine in a network of nobody that the catalogue knows.
pub(in crate::attribution) const OWN_NETWORK: OwnRule = OwnRule::new(
    "origin/own-network",
    Family::Address,
    "No CDN or cloud is known at this address: the network's own machines answered, or those of a customer of it",
);

/// Whose storage or compute answered behind `edge`, or itself, and how conclusive that is.
pub(super) fn choose<'a>(
    edge: Option<&Candidate<'a>>,
    findings: &Findings<'a>,
) -> Option<(Candidate<'a>, Conclusiveness)> {
    let is_platform = |service| catalogue().service(service).kind == ServiceKind::Platform;
    // A platform is edge and origin in one.
    let platforms = findings
        .edges()
        .filter(|(service, _)| is_platform(*service));
    let all = findings.origins().chain(platforms);
    all.clone().next()?;
    let mut origins = candidates(all.filter(|(service, finding)| {
        // The address is the terminating party's: behind an edge it says nothing about the origin.
        let is_edge = |edge: &Candidate<'_>| {
            is_platform(*service) && catalogue().network_of(*service) == edge.network
        };
        finding.family != Family::Address || edge.is_none_or(is_edge)
    }));
    origins.retain(|origin| !is_hearsay(origin, edge, findings));
    best(&origins)
}

/// The one that most speaks for: a store before the platform that passes its answer on, and who has a name before software.
fn best<'a>(origins: &[Candidate<'a>]) -> Option<(Candidate<'a>, Conclusiveness)> {
    let is_platform =
        |origin: &Candidate<'_>| catalogue().service(origin.service).kind == ServiceKind::Platform;
    let is_store = |origin: &Candidate<'_>| Some(Strength::Strong) <= origin.has(Family::StorageId);
    let has_store = origins.iter().any(is_store);
    let is_passed_on =
        |origin: &Candidate<'_>| has_store && is_platform(origin) && !is_store(origin);
    let best = origins.iter().max_by_key(|origin| {
        let is_named = !catalogue().is_software(origin.service);
        (
            !is_passed_on(origin),
            origin.strength(),
            origin.count(Strength::Strong),
            is_named,
        )
    })?;
    let is_named = best.has(Family::Name) == Some(Strength::Conclusive);
    // Clones send the same headers as the store they imitate; a name that only one service has tells them apart.
    let has_rival = origins.iter().any(|other| {
        other.network != best.network
            && Some(Strength::Strong) <= other.strength()
            && !is_platform(other)
            && !is_platform(best)
    });
    let conclusiveness = if has_rival && !is_named {
        Conclusiveness::Conflicting
    } else {
        best.conclusiveness(false)
    };
    Some((*best, conclusiveness))
}

/// Adds what follows once edge and origin are known: a company's own content at its own front end, and a store that its
/// provider's cache answered for.
pub(super) fn settle<'a>(judgement: &mut Judgement<'a>, flow: Flow<'a>, findings: &Findings<'a>) {
    match (judgement.edge, judgement.origin) {
        (Some(edge), None) => {
            if let Some(own) = own_content(edge, findings) {
                let claim = Claim::Origin(own.service);
                let finding = Finding::own(&OWN_CONTENT, claim, Strength::Strong, flow.host());
                judgement.added.push(finding);
                judgement.origin = Some(own);
            }
        }
        (None, Some(origin)) if findings.cache_sign.is_some() && !findings.is_tunnel => {
            let cached = catalogue().service(origin.service).cached_as;
            judgement.edge = cached.map(|service| Part {
                service,
                region: None,
                conclusiveness: origin.conclusiveness.min(Conclusiveness::Strong),
            });
        }
        _ => {}
    }
    if judgement.origin.is_none() && may_be_own(judgement) {
        judgement.origin = own_network(judgement, flow, findings);
    }
}

/// True where no company is seen in front: nothing at all, or a cache of the site's own.
fn may_be_own(judgement: &Judgement<'_>) -> bool {
    judgement.edge.is_none_or(|edge| {
        let is_cache = catalogue().service(edge.service).kind == ServiceKind::Cdn;
        is_cache && catalogue().is_software(edge.service)
    })
}

/// The network of an address that no list of edges and clouds holds. Where it bears the name of the site, it is the site's.
fn own_network<'a>(
    judgement: &mut Judgement<'a>,
    flow: Flow<'a>,
    findings: &Findings<'a>,
) -> Option<Part<'a>> {
    let network = findings.network.filter(|_| flow.status().is_some())?;
    let service = catalogue().find("own-network/servers")?;
    let (address, span) = findings.address?;
    let strength = if bears_name(network.holder, flow.host()) {
        Strength::Strong
    } else {
        Strength::Suggestive
    };
    judgement
        .added
        .push(Finding::own(&OWN_NETWORK, Claim::Origin(service), strength, address).at(span));
    Some(Part {
        service,
        region: Some(network.holder),
        conclusiveness: match strength {
            Strength::Strong => Conclusiveness::Strong,
            _ => Conclusiveness::Suggestive,
        },
    })
}

/// Shorter names are common words.
const MIN_NAME: usize = 5;

/// True when the holder of a network goes by the name of the site: `PubMatic, Inc.` and `image2.pubmatic.com`.
fn bears_name(holder: &str, host: &str) -> bool {
    let domain = registrable(host);
    let name = domain.split('.').next().unwrap_or(domain);
    let letters = |text: &str| -> String {
        let letters = text.chars().filter(|c| c.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    };
    let (name, holder) = (letters(name), letters(holder));
    MIN_NAME <= name.len() && holder.contains(&name)
}

/// The company's own services behind its own front end, where the host is one of its own names.
fn own_content<'a>(edge: Part<'a>, findings: &Findings<'a>) -> Option<Part<'a>> {
    let catalogue = catalogue();
    let network = catalogue.network_of(edge.service);
    let is_front_end = catalogue.service(edge.service).kind == ServiceKind::FrontEnd;
    let is_own = |(service, finding): (ServiceId, &Finding<'_>)| {
        finding.bearing == Bearing::Owner && catalogue.network_of(service) == network
    };
    let web = catalogue.web_of(catalogue.provider_of(edge.service))?;
    let is_known = is_front_end && findings.edges().any(is_own);
    is_known.then_some(Part {
        service: web,
        region: None,
        conclusiveness: edge.conclusiveness.min(Conclusiveness::Strong),
    })
}

/// True when only a name hints at the origin while somebody else answers: a company may put its name on any machine.
pub(super) fn is_hearsay(
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
                    if catalogue().network_of(found) != origin.network)
        })
    };
    is_hint && (edge.is_some_and(|edge| edge.network != origin.network) || is_elsewhere())
}

/// True when the edge is only the provider's own door to the product that the host name asks for.
pub(super) fn is_direct_product(
    origin: &Candidate<'_>,
    edge: &Candidate<'_>,
    findings: &Findings<'_>,
) -> bool {
    let kind = |service| catalogue().service(service).kind;
    let is_store = kind(origin.service) == ServiceKind::Storage;
    // A store that its provider's cache answered for was not reached itself.
    let is_copy = is_store && findings.cache_sign.is_some();
    let is_front_end = kind(edge.service) == ServiceKind::FrontEnd && !is_copy;
    let is_named = edge.has(Family::Name).is_some();
    let only_address = edge.has(Family::HeaderChain).is_none() && !is_named;
    // A store whose own name leads to the network of its provider, which did not answer from a cache.
    let is_passed_on = is_store && !is_named && findings.cache_sign.is_none();
    origin.network == edge.network
        && Some(Strength::Strong) <= origin.has(Family::Name)
        && (is_front_end || only_address || is_passed_on)
}

/// True when the name or the address, not only what headers carry along, shows that the origin itself was reached.
pub(super) fn is_reached_directly(origin: &Candidate<'_>, findings: &Findings<'_>) -> bool {
    let is_store = catalogue().is_store(origin.service);
    let by_address = origin.best.family == Family::Address
        || (is_store && Some(Strength::Strong) <= origin.has(Family::Address));
    // A router that writes itself into every response, at an address of its own or of whom it rents machines from.
    let is_at_home = |network| catalogue().may_stand_in(origin.service, network);
    let by_hop = Some(Strength::Strong) <= origin.has(Family::HeaderChain)
        && findings.address_of().is_some_and(is_at_home);
    origin.has(Family::Name).is_some() || by_address || by_hop
}
