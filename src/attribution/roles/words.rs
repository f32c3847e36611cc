//! Relations and parties in plain sentences, the same in window, reports and command line.

use std::collections::BTreeMap;

use super::parties::PartyRoles;
use super::relation::{Relation, RelationRole, Resource, ResourceKind};
use super::whose::{Owner, Whose};
use crate::attribution::verdict::Conclusiveness;
use crate::base::text::{bytes_with_unit, counted, thousands};
use crate::capture::FlowId;
use crate::providers::{ServiceId, catalogue};

/// The name of a service for people; of servers that no known provider runs, whose network they stand in.
pub(super) fn name(service: ServiceId, network: &str) -> String {
    if network.is_empty() || !catalogue().is_software(service) {
        return catalogue().service(service).name.clone();
    }
    format!("Servers in the network of {network}")
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The service as it is spoken of: `Akamai` for `Akamai CDN`.
pub(super) fn spoken(relation: &Relation) -> &str {
    let provider = relation.provider().map(|id| &catalogue().provider(id).name);
    let short = relation.name.strip_suffix(" CDN");
    match (short, provider) {
        (Some(short), Some(provider)) if short == provider => provider,
        _ => &relation.name,
    }
}

pub(super) fn requests(n: usize) -> String {
    counted(n as u64, "request")
}

/// The buckets and containers of a relation.
fn named(relation: &Relation) -> impl Iterator<Item = &Resource> {
    let all = relation.resources.iter();
    all.filter(|it| matches!(it.kind, ResourceKind::Bucket | ResourceKind::Container))
}

/// `bucket x-docs`, `buckets a, b and 3 more`, or nothing for hosts.
fn places(relation: &Relation) -> String {
    const MAX_NAMED: usize = 2;
    let named: Vec<&Resource> = named(relation).collect();
    let Some(first) = named.first() else {
        return String::new();
    };
    let mut ids: Vec<String> = named
        .iter()
        .take(MAX_NAMED)
        .map(|resource| resource.id.clone())
        .collect();
    if MAX_NAMED < named.len() {
        ids.push(format!("{} more", named.len() - MAX_NAMED));
    }
    let plural = if named.len() == 1 { "" } else { "s" };
    format!("{}{plural} {}", first.kind.word(), listed(&ids))
}

/// The relation in one or two sentences.
pub(super) fn sentence(party: &str, relation: &Relation) -> String {
    let who = spoken(relation);
    let n = requests(relation.flows.len());
    let sure = relation.conclusiveness.word();
    if relation.is_tunnelled {
        return tunnelled(who, relation);
    }
    match relation.role {
        RelationRole::Delivers => {
            let behind = behind(relation);
            format!("{who} delivers {party}: {n}, {sure}.{behind}")
        }
        RelationRole::Stores => stored(party, who, relation),
        RelationRole::Computes => format!("{who} {} for {party}: {n}, {sure}.", computes(relation)),
        RelationRole::Hosts => format!("{who} hosts {party}: {n}, {sure}."),
        RelationRole::Own => {
            let provider = relation.provider().map(|id| &catalogue().provider(id).name);
            let provider = provider.map_or(who, |name| name);
            let by = if who == provider {
                String::new()
            } else {
                format!(" ({who})")
            };
            format!("{provider} answers for itself{by}: {n}, {sure}.")
        }
    }
}

/// The verb for who computes: servers do so in the plural.
fn computes(relation: &Relation) -> &'static str {
    if catalogue().is_software(relation.service) {
        "compute"
    } else {
        "computes"
    }
}

/// What is said where only tunnels were seen.
fn tunnelled(who: &str, relation: &Relation) -> String {
    let (size, unit) = bytes_with_unit(relation.bytes);
    let n = counted(relation.flows.len() as u64, "tunnel");
    let place = places(relation);
    let place = if place.is_empty() {
        String::new()
    } else {
        format!(" ({place})")
    };
    let verb = if relation.flows.len() == 1 {
        "leads"
    } else {
        "lead"
    };
    format!(
        "{n} {verb} to {who}{place}, {size} {unit}: what was asked for, and who answered, was not seen."
    )
}

/// Who stands behind what is delivered, and for how much that was not seen.
fn behind(relation: &Relation) -> String {
    let n_all = relation.flows.len() as u32;
    let n_unseen = relation.n_origin_not_seen;
    let called = called(&relation.origin_words);
    if relation.behind.is_empty() {
        return format!(" What stands behind it was not seen{called}.");
    }
    let of = |n: u32| match n {
        n if n < n_all => format!("{} of them", thousands(n.into())),
        1 => "it".to_owned(),
        _ => "all of them".to_owned(),
    };
    let named = relation.behind.iter().take(2);
    let named: Vec<String> = named
        .map(|it| format!("{} {} behind {}", it.name, stands(&it.name), of(it.n_flows)))
        .collect();
    let unseen = if n_unseen == 0 {
        String::new()
    } else {
        let n = thousands(n_unseen.into());
        format!("; the origin of {n} was not seen{called}")
    };
    format!(" {}{unseen}.", listed(&named))
}

/// `; it calls itself nginx`.
fn called(words: &[String]) -> String {
    const MAX: usize = 2;
    if words.is_empty() {
        return String::new();
    }
    let some: Vec<String> = words.iter().take(MAX).cloned().collect();
    format!("; it calls itself {}", some.join(" or "))
}

/// The verb for who stands behind something.
pub(super) fn stands(name: &str) -> &'static str {
    if name.starts_with("Servers ") {
        "stand"
    } else {
        "stands"
    }
}

/// What a store holds, for whom, and what shows it.
fn stored(party: &str, who: &str, relation: &Relation) -> String {
    let place = places(relation);
    let n_named: usize = named(relation).map(|it| it.flows.len()).sum();
    let is_all = n_named == relation.flows.len();
    let within = if is_all {
        format!(" in {place}")
    } else {
        String::new()
    };
    let partly = match n_named {
        1.. if !is_all => format!(", {} of them in {place}", thousands(n_named as u64)),
        _ => String::new(),
    };
    let n = format!("{}{partly}", requests(relation.flows.len()));
    let sure = relation.conclusiveness.word();
    let Some(whose) = &relation.whose else {
        return format!("{who} stores for {party}{within}: {n}, {sure}.");
    };
    let at_an_edge = match relation.n_behind_an_edge as usize {
        0 => String::new(),
        n if n == relation.flows.len() => ", behind an edge".to_owned(),
        n => format!(", {} of them behind an edge", thousands(n as u64)),
    };
    let answered = format!("{n}{at_an_edge}");
    match whose.answer {
        Owner::Users => {
            let shown = transfer_words(whose);
            let data = whose.conclusiveness.word();
            format!("{who} stores data of {party}'s users{within} ({data}{shown}): {answered}.")
        }
        Owner::Party => {
            let level = whose.conclusiveness.word();
            let part = match whose.n_flows as usize {
                n if n < relation.flows.len() => format!(" for {} of them", thousands(n as u64)),
                _ => String::new(),
            };
            format!(
                "{who} stores {party}'s own files{within}: {answered}, {sure}; that they are its own is {level}{part}."
            )
        }
        Owner::Other => format!(
            "{who} holds somebody else's files{within} that {party} links to: {answered}, {sure}; whose they are is {}.",
            whose.conclusiveness.word()
        ),
        Owner::NotSeen => format!(
            "{who} stores for {party}{within}: {answered}, {sure}; whose data it is was not seen."
        ),
    }
}

/// `, #12 → #19`.
pub(super) fn transfer_words(whose: &Whose) -> String {
    let n = |flow: FlowId| format!("#{}", flow.n());
    match whose.transfer {
        Some((write, Some(read))) => format!(", {} → {}", n(write), n(read)),
        Some((write, None)) => format!(", {}", n(write)),
        None => String::new(),
    }
}

/// What carries the answer that users' data lies in a store.
pub(super) fn carried(relation: &Relation) -> String {
    let Some(whose) = &relation.whose else {
        return String::new();
    };
    let cited = whose.supporting.iter().filter_map(|cited| {
        let words = match cited.evidence.rule.as_str() {
            "party/upload" => "an upload that the store accepted",
            "party/handed-out" => "its URL, which the party handed out",
            "party/read-back" => "a later read of the same bytes",
            _ => return None,
        };
        Some(format!("{words} (#{})", cited.flow.n()))
    });
    format!("carried by {}", listed(&cited.collect::<Vec<String>>()))
}

/// All relations of a party, those of one provider together.
pub(super) fn summary(party: &PartyRoles) -> String {
    if !party.relations.is_empty() && party.relations.iter().all(|it| it.is_tunnelled) {
        return only_tunnels(party);
    }
    let mut sentences: Vec<String> = Vec::new();
    let mut by_provider: BTreeMap<usize, Vec<&Relation>> = BTreeMap::new();
    let mut order: Vec<Option<crate::providers::ProviderId>> = Vec::new();
    for relation in &party.relations {
        let provider = relation.provider();
        let known = order
            .iter()
            .position(|it| *it == provider && provider.is_some());
        let at = known.unwrap_or_else(|| {
            order.push(provider);
            order.len() - 1
        });
        by_provider.entry(at).or_default().push(relation);
    }
    for relations in by_provider.values() {
        sentences.push(match relations[..] {
            [only] => only.sentence.clone(),
            _ => together(relations),
        });
    }
    let unknown = &party.not_attributed;
    if !unknown.flows.is_empty() {
        let n = requests(unknown.flows.len());
        let why = unknown.why.first().map_or("", |why| why.words.as_str());
        let verb = if unknown.flows.len() == 1 {
            "is"
        } else {
            "are"
        };
        sentences.push(format!("{n} {verb} not attributed: {why}."));
    }
    if sentences.is_empty() {
        let why = party.validity.first().map_or("", |why| why.words.as_str());
        return format!("Nothing of {} went over the network: {why}.", party.party);
    }
    sentences.join(" ")
}

/// Where tunnels lead, when nothing else was seen.
fn only_tunnels(party: &PartyRoles) -> String {
    let tunnels = party.relations.iter().map(|relation| {
        let (size, unit) = bytes_with_unit(relation.bytes);
        let n = thousands(relation.flows.len() as u64);
        format!("{n} to {} ({size} {unit})", spoken(relation))
    });
    let tunnels: Vec<String> = tunnels.collect();
    let tunnels = listed(&tunnels);
    format!(
        "Only tunnels were seen: {tunnels}. What was asked for, and who answered, was not seen."
    )
}

/// `AWS delivers (Amazon CloudFront, conclusive, 31 requests), stores users' data (…) and computes (…).`
fn together(relations: &[&Relation]) -> String {
    let provider = relations.first().and_then(|relation| relation.provider());
    let provider = provider.map_or("", |id| catalogue().provider(id).name.as_str());
    let parts: Vec<String> = relations.iter().map(|it| part(it)).collect();
    format!("{provider} {}.", listed(&parts))
}

fn part(relation: &Relation) -> String {
    let n = requests(relation.flows.len());
    let sure = relation.conclusiveness.word();
    let name = &relation.name;
    if relation.is_tunnelled {
        let n = counted(relation.flows.len() as u64, "tunnel");
        return format!("is where {n} lead ({name}, {sure})");
    }
    match (relation.role, &relation.whose) {
        (RelationRole::Stores, Some(whose)) => {
            let place = places(relation);
            let place = if place.is_empty() {
                name.clone()
            } else {
                format!("{name}, {place}")
            };
            let shown = if whose.answer == Owner::Users {
                format!("{}{}", whose.conclusiveness.word(), transfer_words(whose))
            } else {
                format!(
                    "{}, {n}",
                    whose
                        .conclusiveness
                        .max(Conclusiveness::Insufficient)
                        .word()
                )
            };
            match whose.answer {
                Owner::NotSeen => format!("stores data ({place}, {sure}, {n}; whose was not seen)"),
                answer => format!("stores {} ({place}, {shown})", answer.data()),
            }
        }
        (RelationRole::Own, _) => format!("answers for itself ({name}, {sure}, {n})"),
        (role, _) => format!("{} ({name}, {sure}, {n})", role.word()),
    }
}
