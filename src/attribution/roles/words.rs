//! Relations and parties in plain sentences, the same in window, reports and command line.

use std::collections::BTreeMap;

use super::parties::{PartyRoles, Standing};
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
fn spoken(relation: &Relation) -> &str {
    let provider = relation.provider().map(|id| &catalogue().provider(id).name);
    let short = relation.name.strip_suffix(" CDN");
    match (short, provider) {
        (Some(short), Some(provider)) if short == provider => provider,
        _ => &relation.name,
    }
}

fn requests(n: usize) -> String {
    counted(n as u64, "request")
}

/// `bucket x-docs`, `buckets a, b and 3 more`, or nothing for hosts.
fn places(relation: &Relation) -> String {
    const MAX_NAMED: usize = 2;
    let is_named = |resource: &&Resource| {
        matches!(
            resource.kind,
            ResourceKind::Bucket | ResourceKind::Container
        )
    };
    let named: Vec<&Resource> = relation.resources.iter().filter(is_named).collect();
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
fn stands(name: &str) -> &'static str {
    if name.starts_with("Servers ") {
        "stand"
    } else {
        "stands"
    }
}

/// What a store holds, for whom, and what shows it.
fn stored(party: &str, who: &str, relation: &Relation) -> String {
    let place = places(relation);
    let within = if place.is_empty() {
        String::new()
    } else {
        format!(" in {place}")
    };
    let n = requests(relation.flows.len());
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
        Owner::Party => format!(
            "{who} stores {party}'s own files{within}: {answered}, {sure}; that they are its own is {}.",
            whose.conclusiveness.word()
        ),
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
fn transfer_words(whose: &Whose) -> String {
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

/// Who serves the session: the party that matters most, then the rest.
pub(super) fn answer(parties: &[PartyRoles]) -> Vec<String> {
    let Some(main) = parties.first() else {
        return Vec::new();
    };
    let mut answer = headline(main);
    answer.extend(what_next(main));
    answer.extend(rest(main, &parties[1..]));
    answer
}

/// What is said of `n` flows that name no host.
pub(super) fn without_hosts(n: usize) -> Vec<String> {
    if n == 0 {
        return Vec::new();
    }
    let verb = if n == 1 { "names" } else { "name" };
    let n = requests(n);
    vec![format!(
        "{n} {verb} no host: whose traffic that is, the capture does not say."
    )]
}

/// Who serves one party, the most important first, in sentences that are each whole.
fn headline(party: &PartyRoles) -> Vec<String> {
    let name = &party.party;
    if party.relations.is_empty() || party.relations.iter().all(|it| it.is_tunnelled) {
        return vec![format!("{name}: {}", party.summary)];
    }
    let of = |role: RelationRole| {
        let mut list: Vec<&Relation> = party.relations.iter().collect();
        list.retain(|it| it.role == role && !it.is_tunnelled);
        list
    };
    let delivers = of(RelationRole::Delivers);
    let mut sentences = Vec::new();
    let users = of(RelationRole::Stores);
    let is_of_users = |it: &&Relation| {
        let whose = it.whose.as_ref();
        whose.is_some_and(|whose| {
            whose.answer == Owner::Users && Conclusiveness::Strong <= whose.conclusiveness
        })
    };
    let users: Vec<String> = users.into_iter().filter(is_of_users).map(kept).collect();
    if !users.is_empty() {
        sentences.push(format!(
            "{name} keeps its users' data in {}.",
            listed(&users)
        ));
    }
    if !delivers.is_empty() {
        let by: Vec<String> = delivers.iter().map(|it| counted_words(it)).collect();
        sentences.push(format!("{name} is delivered by {}.", shortened(by)));
        sentences.extend(behind_all(&delivers));
    }
    let hosts = of(RelationRole::Hosts);
    let by: Vec<String> = hosts.iter().map(|it| counted_words(it)).collect();
    if !by.is_empty() {
        sentences.push(format!("{name} is hosted by {}.", shortened(by)));
    }
    let own = of(RelationRole::Own);
    if !own.is_empty() {
        let n = own.iter().map(|it| it.flows.len()).sum();
        let sure = own.iter().map(|it| it.conclusiveness).max();
        let sure = sure.unwrap_or(Conclusiveness::Insufficient).word();
        sentences.push(format!("{name} answers {} itself ({sure}).", requests(n)));
    }
    let machines = of(RelationRole::Computes);
    let by: Vec<String> = machines.iter().map(|it| counted_words(it)).collect();
    if !by.is_empty() {
        sentences.push(format!("Programs of {name} run on {}.", shortened(by)));
    }
    if sentences.is_empty() {
        sentences.push(format!("{name}: {}", party.summary));
    }
    sentences
}

/// `Amazon S3 (conclusive, #3 → #9)`.
fn kept(relation: &Relation) -> String {
    let shown = relation.whose.as_ref().map_or_else(String::new, |whose| {
        format!("{}{}", whose.conclusiveness.word(), transfer_words(whose))
    });
    format!("{} ({shown})", spoken(relation))
}

/// `Akamai (300 requests, strong)`.
fn counted_words(relation: &Relation) -> String {
    let who = spoken(relation);
    let who = who
        .strip_prefix("Servers in")
        .map_or_else(|| who.to_owned(), |rest| format!("servers in{rest}"));
    let n = requests(relation.flows.len());
    format!("{who} ({n}, {})", relation.conclusiveness.word())
}

/// The first three, and how many more there are.
fn shortened(mut words: Vec<String>) -> String {
    const MAX: usize = 3;
    if MAX + 1 < words.len() {
        let n = words.len() - MAX;
        words.truncate(MAX);
        words.push(format!("{} others", thousands(n as u64)));
    }
    listed(&words)
}

/// Who stands behind all that is delivered, and for how much of it that was not seen.
fn behind_all(delivers: &[&Relation]) -> Option<String> {
    let mut behind: Vec<(&str, u32)> = Vec::new();
    for it in delivers.iter().flat_map(|relation| &relation.behind) {
        match behind.iter_mut().find(|(name, _)| *name == it.name) {
            Some((_, n)) => *n += it.n_flows,
            None => behind.push((&it.name, it.n_flows)),
        }
    }
    behind.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    let n_unseen: u32 = delivers.iter().map(|it| it.n_origin_not_seen).sum();
    let named: Vec<String> = behind
        .iter()
        .map(|(name, n)| {
            let n = thousands((*n).into());
            format!("{name} {} behind {n} of them", stands(name))
        })
        .collect();
    match (named.is_empty(), n_unseen) {
        (true, 0) => None,
        (true, _) => Some("What stands behind them was not seen.".to_owned()),
        (false, 0) => Some(format!("{}.", shortened(named))),
        (false, n) => Some(format!(
            "{}; what is behind the other {} was not seen.",
            shortened(named),
            thousands(n.into())
        )),
    }
}

/// What to do where the question about the main party is open.
fn what_next(party: &PartyRoles) -> Option<String> {
    let open = party.questions.iter().find(|it| it.answer.is_none())?;
    let is_hard = party.relations.iter().all(|it| it.is_tunnelled);
    let action = open.would_settle_it.first().filter(|_| is_hard)?;
    Some(format!(
        "Whether {} keeps data there cannot be decided from this capture. Next: {action}.",
        party.party
    ))
}

/// The parties beside the main one, in a sentence.
fn rest(main: &PartyRoles, others: &[PartyRoles]) -> Option<String> {
    let largest = others.first()?;
    let embedded = others
        .iter()
        .filter(|party| party.standing == Standing::Embedded)
        .count();
    let n = others.len();
    let who = match (main.standing, embedded == n, n) {
        (Standing::FirstParty, true, 1) => "One other party is embedded".to_owned(),
        (Standing::FirstParty, true, _) => {
            format!("{} other parties are embedded", thousands(n as u64))
        }
        (_, _, 1) => "There is one other party".to_owned(),
        _ => format!("There are {} other parties", thousands(n as u64)),
    };
    let by = largest.relations.iter().max_by_key(|it| it.flows.len());
    let by = by.map_or_else(|| "is not attributed".to_owned(), clause);
    Some(if n == 1 {
        format!("{who}: {} {by}.", largest.party)
    } else {
        format!("{who}; the largest, {}, {by}.", largest.party)
    })
}

/// `is delivered by Akamai`.
fn clause(relation: &Relation) -> String {
    let who = spoken(relation);
    if relation.is_tunnelled {
        return format!("is reached through tunnels to {who}");
    }
    match relation.role {
        RelationRole::Delivers => format!("is delivered by {who}"),
        RelationRole::Stores => format!("lies in {who}"),
        RelationRole::Computes if catalogue().is_software(relation.service) => {
            format!("runs on {}", who.replacen("Servers", "servers", 1))
        }
        RelationRole::Computes => format!("runs on {who}"),
        RelationRole::Hosts => format!("is hosted by {who}"),
        RelationRole::Own => "answers for itself".to_owned(),
    }
}
