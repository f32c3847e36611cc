//! How conclusive each relation is: as its best-supported flows, lowered by what contradicts them at the same resource.

use std::collections::BTreeMap;

use super::cited::Cited;
use super::citing::{Cases, cited};
use super::gather::{Gathered, Key, Place, Share, are_tunnels, flows_of};
use super::relation::{Behind, Levels, Relation, RelationRole, Resource, ResourceKind};
use super::settle;
use super::store::{Store, bears, name_of, whose};
use super::transfers::Reads;
use super::whose::{Owner, Whose};
use super::words;
use crate::attribution::evidence::{Claim, Family, Speaks, Strength};
use crate::attribution::party::Basis;
use crate::attribution::verdict::Conclusiveness;
use crate::providers::{ServiceId, catalogue};

/// What relations of a party are weighed by, beside its own flows.
pub(super) struct Surroundings<'s, 'a> {
    pub(super) reads: &'s Reads,
    /// The names by which the parties of the session go.
    pub(super) names: &'s [(&'a str, &'a str)],
    /// The capture is young enough for what names lead to today.
    pub(super) is_fresh: bool,
}

/// All relations of `party`, by role, then most flows first.
pub(super) fn relations<'a>(
    party: &'a str,
    gathered: &Gathered<'_, 'a>,
    around: &Surroundings<'_, 'a>,
) -> Vec<Relation> {
    let mut relations: Vec<Relation> = Vec::new();
    let mut stores: BTreeMap<(ServiceId, Owner), (Vec<Share<'_, 'a>>, Vec<Whose>)> =
        BTreeMap::new();
    for (key, shares) in &gathered.relations {
        if key.role != RelationRole::Stores {
            relations.push(relation(party, key, shares, None, around));
            continue;
        }
        let is_bucket = shares
            .iter()
            .any(|share| share.place.0 != ResourceKind::Host);
        let store = Store {
            party,
            bucket: if is_bucket { &key.within } else { "" },
            shares,
            names: around.names,
        };
        let whose = whose(&store, around.reads);
        let of_owner = stores.entry((key.service, whose.answer)).or_default();
        of_owner.0.extend(shares.iter().cloned());
        of_owner.1.push(whose);
    }
    for ((service, _), (shares, answers)) in stores {
        let key = Key {
            role: RelationRole::Stores,
            service,
            within: String::new(),
        };
        let whose = answers.into_iter().reduce(both);
        relations.push(relation(party, &key, &shares, whose, around));
    }
    relations.sort_by(|one, other| {
        let order = |it: &Relation| (it.role, std::cmp::Reverse(it.flows.len()));
        order(one)
            .cmp(&order(other))
            .then_with(|| one.name.cmp(&other.name))
    });
    relations
}

fn relation(
    party: &str,
    key: &Key,
    shares: &[Share<'_, '_>],
    whose: Option<Whose>,
    around: &Surroundings<'_, '_>,
) -> Relation {
    let cells = || shares.iter().map(|share| share.cell);
    let claims = claims(key);
    let Cases {
        supporting,
        opposing,
    } = cited(cells(), &claims);
    let resources = resources(party, shares, &claims);
    let best = resources.iter().map(|resource| resource.conclusiveness);
    let delivers = key.role == RelationRole::Delivers;
    let behind = if delivers { behind(shares) } else { Vec::new() };
    let mut relation = Relation {
        service: key.service,
        name: words::name(key.service, &key.within),
        role: key.role,
        conclusiveness: best.max().unwrap_or(Conclusiveness::Insufficient),
        resources,
        flows: flows_of(cells()),
        bytes: cells().map(|cell| cell.bytes).sum(),
        regions: regions(key.service, shares),
        levels: levels(shares),
        supporting,
        opposing,
        n_origin_not_seen: count(shares, |share| delivers && share.part.behind.is_none()),
        origin_words: if delivers {
            origin_words(shares)
        } else {
            Vec::new()
        },
        behind,
        n_behind_an_edge: count(shares, |share| {
            key.role == RelationRole::Stores && share.part.is_behind
        }),
        is_tunnelled: are_tunnels(shares),
        whose,
        sentence: String::new(),
        would_settle_it: Vec::new(),
    };
    relation.sentence = words::sentence(party, &relation);
    relation.would_settle_it = settle::relation(&relation, shares, around.is_fresh);
    relation
}

/// What evidence for a relation is about.
fn claims(key: &Key) -> Vec<Claim> {
    let (edge, origin) = (Claim::Edge(key.service), Claim::Origin(key.service));
    match key.role {
        RelationRole::Delivers => match catalogue().service(key.service).before_cache {
            Some(before) => vec![edge, Claim::Edge(before)],
            None => vec![edge],
        },
        RelationRole::Stores | RelationRole::Computes => vec![origin],
        RelationRole::Hosts | RelationRole::Own => vec![edge, origin],
    }
}

fn count(shares: &[Share<'_, '_>], is_so: impl Fn(&Share<'_, '_>) -> bool) -> u32 {
    let cells = shares.iter().filter(|share| is_so(share));
    cells.map(|share| share.cell.flows.len() as u32).sum()
}

fn levels(shares: &[Share<'_, '_>]) -> Levels {
    let at = |level| count(shares, |share| share.part.level == level);
    Levels {
        conclusive: at(Conclusiveness::Conclusive),
        strong: at(Conclusiveness::Strong),
        suggestive: at(Conclusiveness::Suggestive),
    }
}

/// The resources of a relation, most flows first, each as conclusive as its best flow unless others contradict it.
fn resources(party: &str, shares: &[Share<'_, '_>], claims: &[Claim]) -> Vec<Resource> {
    let mut by_place: BTreeMap<&Place, Vec<&Share<'_, '_>>> = BTreeMap::new();
    for share in shares {
        by_place.entry(&share.place).or_default().push(share);
    }
    let mut resources: Vec<Resource> = by_place
        .into_iter()
        .map(|((kind, id), shares)| {
            let best = shares.iter().map(|share| share.part.level).max();
            let best = best.unwrap_or(Conclusiveness::Insufficient);
            let is_contradicted = shares.iter().any(|share| contradicts(share, claims));
            let cells = || shares.iter().map(|share| share.cell);
            Resource {
                kind: *kind,
                id: id.clone(),
                flows: flows_of(cells()),
                bytes: cells().map(|cell| cell.bytes).sum(),
                conclusiveness: if is_contradicted { lower(best) } else { best }
                    .min(sure_of_party(party, &shares)),
            }
        })
        .collect();
    resources.sort_by(|one, other| {
        (other.flows.len().cmp(&one.flows.len())).then(one.id.cmp(&other.id))
    });
    resources
}

/// True when something strong in a flow speaks against what it is counted for. How a cache in front behaved does not: it
/// says nothing about who stands behind it.
fn contradicts(share: &Share<'_, '_>, claims: &[Claim]) -> bool {
    share.cell.shown.marks.iter().any(|mark| {
        mark.speaks == Speaks::Against
            && claims.contains(&mark.claim)
            && Strength::Strong <= mark.strength
            && mark.family != Family::Behaviour
    })
}

/// The most that can be said of a resource that no name gives to the party. Its pages asked for it, as they do for what
/// others put there, or it was only open at the same time: both are hints. That it bears the party's name as well, or
/// styles the party's pages, is strong.
fn sure_of_party(party: &str, shares: &[&Share<'_, '_>]) -> Conclusiveness {
    let bears_name = |share: &&Share<'_, '_>| {
        share.cell.first.host() == party || bears(&share.place.1, name_of(party))
    };
    let is_theirs = |share: &&Share<'_, '_>| bears_name(share) || has_styles(share);
    match shares.iter().map(|share| share.cell.basis).max() {
        Some(Basis::Named) | None => Conclusiveness::Conclusive,
        Some(Basis::Referred) if shares.iter().any(is_theirs) => Conclusiveness::Strong,
        Some(Basis::Referred | Basis::Time) => Conclusiveness::Suggestive,
    }
}

/// True when style sheets were asked for: pages leave their looks to others less often than scripts and images.
fn has_styles(share: &Share<'_, '_>) -> bool {
    let cell = share.cell;
    let mut flows = cell.flows.iter().filter_map(|id| cell.judged.flow(*id));
    flows.any(|flow| flow.mime().starts_with("text/css"))
}

const fn lower(level: Conclusiveness) -> Conclusiveness {
    match level {
        Conclusiveness::Conclusive => Conclusiveness::Strong,
        Conclusiveness::Strong => Conclusiveness::Suggestive,
        other => other,
    }
}

/// Who stands behind the flows that a service delivers, most flows first.
fn behind(shares: &[Share<'_, '_>]) -> Vec<Behind> {
    let mut behind: Vec<Behind> = Vec::new();
    for share in shares {
        let Some(origin) = share.part.behind else {
            continue;
        };
        let attribution = share.cell.judged.attribution;
        let region = origin
            .region
            .map_or("", |region| attribution.region(region));
        let name = words::name(origin.service, region);
        let n = share.cell.flows.len() as u32;
        match behind.iter_mut().find(|known| known.name == name) {
            Some(known) => {
                known.n_flows += n;
                known.conclusiveness = known.conclusiveness.max(origin.conclusiveness);
            }
            None => behind.push(Behind {
                service: origin.service,
                name,
                n_flows: n,
                conclusiveness: origin.conclusiveness,
            }),
        }
    }
    behind.sort_by_key(|it| std::cmp::Reverse(it.n_flows));
    behind
}

/// What origins behind an edge that were not seen call themselves, most flows first.
fn origin_words(shares: &[Share<'_, '_>]) -> Vec<String> {
    let mut words: BTreeMap<&str, usize> = BTreeMap::new();
    for share in shares {
        let cell = share.cell;
        let is_told = cell.shown.has_own_server && share.part.behind.is_none();
        let server = cell.first.response_header("server").filter(|_| is_told);
        if let Some(server) = server {
            *words.entry(server.value).or_default() += cell.flows.len();
        }
    }
    let mut words: Vec<(&str, usize)> = words.into_iter().collect();
    words.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    words.into_iter().map(|(word, _)| word.to_owned()).collect()
}

/// Where the service stands, most flows first; of servers of somebody's own the name says it already.
fn regions(service: ServiceId, shares: &[Share<'_, '_>]) -> Vec<String> {
    let mut by_region: BTreeMap<&str, usize> = BTreeMap::new();
    for share in shares {
        *by_region.entry(share.region()).or_default() += share.cell.flows.len();
    }
    by_region.remove("");
    if catalogue().is_software(service) {
        by_region.clear();
    }
    let mut regions: Vec<(&str, usize)> = by_region.into_iter().collect();
    regions.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    regions
        .into_iter()
        .map(|(name, _)| name.to_owned())
        .collect()
}

/// The same answer at two resources of a store.
fn both(one: Whose, other: Whose) -> Whose {
    let (mut best, rest) = if one.conclusiveness < other.conclusiveness {
        (other, one)
    } else {
        (one, other)
    };
    if best.conclusiveness == rest.conclusiveness {
        best.n_flows += rest.n_flows;
    }
    add(&mut best.supporting, rest.supporting);
    add(&mut best.opposing, rest.opposing);
    best.lean = best.lean.or(rest.lean);
    best
}

/// Adds what is `more`, each rule once.
fn add(known: &mut Vec<Cited>, more: Vec<Cited>) {
    for cited in more {
        let mut known_rules = known.iter_mut();
        match known_rules.find(|it| it.evidence.rule == cited.evidence.rule) {
            Some(it) => it.join(cited),
            None => known.push(cited),
        }
    }
}
