//! The answer to "who serves this?": about the party that the session is mostly about, or about all of them.

use std::collections::BTreeMap;

use super::cells::Cell;
use super::parties::{PartyRoles, Standing};
use super::reasons;
use super::relation::{Relation, RelationRole};
use super::settle::IN_THE_TUNNELS;
use super::whose::Owner;
use super::words::{listed, requests, spoken, stands, transfer_words};
use crate::attribution::collect::TUNNEL;
use crate::attribution::verdict::Conclusiveness;
use crate::base::text::thousands;
use crate::providers::catalogue;

/// Who serves the session, in sentences that are each whole: the most important one first.
pub(super) fn answer(parties: &[PartyRoles], cells: &[Cell<'_>]) -> Vec<String> {
    let Some(main) = parties.first() else {
        return without_hosts(count(cells.iter()));
    };
    if is_about(main, cells) {
        let mut answer = headline(main);
        answer.extend(what_next(main));
        answer.extend(rest(main, &parties[1..]));
        answer
    } else {
        overview(parties, cells)
    }
}

fn count<'c, 'a: 'c>(cells: impl Iterator<Item = &'c Cell<'a>>) -> usize {
    cells.map(|cell| cell.flows.len()).sum()
}

/// True when at least half of the flows are for `party` or were seen on its site.
fn is_about(party: &PartyRoles, cells: &[Cell<'_>]) -> bool {
    let name = party.party.as_str();
    let of_party = |cell: &&Cell<'_>| cell.party == name || cell.site == name;
    count(cells.iter()) <= 2 * count(cells.iter().filter(of_party))
}

/// What is said of `n` flows that name no host.
fn without_hosts(n: usize) -> Vec<String> {
    if n == 0 {
        return Vec::new();
    }
    let verb = if n == 1 { "names" } else { "name" };
    let n = requests(n);
    vec![format!(
        "{n} {verb} no host: whose traffic that is, the capture does not say."
    )]
}

/// Where the requests of many parties went, and what serves the largest ones.
fn overview(parties: &[PartyRoles], cells: &[Cell<'_>]) -> Vec<String> {
    let is_of_party = |cell: &&Cell<'_>| !cell.party.is_empty();
    let cells: Vec<&Cell<'_>> = cells.iter().filter(is_of_party).collect();
    let n_all = count(cells.iter().copied());
    let n_parties = thousands(parties.len() as u64);
    let mut answer = vec![format!(
        "{} to {n_parties} parties: {}.",
        requests(n_all),
        went_to(&cells)
    )];
    let is_tunnel = |cell: &&&Cell<'_>| reasons::has(cell.shown, &TUNNEL);
    let n_tunnels = count(cells.iter().filter(is_tunnel).copied());
    if n_tunnels != 0 {
        let n = thousands(n_tunnels as u64);
        answer.push(format!(
            "{n} of them were tunnels: what was asked for in those, and who answered, was not seen."
        ));
    }
    answer.push(largest(parties));
    if n_all < 2 * n_tunnels {
        answer.push(format!("Next: {IN_THE_TUNNELS}."));
    }
    answer
}

/// `364 went to Akamai and 91 to Cloudflare; 189 are not attributed`.
fn went_to(cells: &[&Cell<'_>]) -> String {
    const MAX_NAMED: usize = 3;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut n_elsewhere, mut n_unknown, mut n_void) = (0, 0, 0);
    for cell in cells {
        let n = cell.flows.len();
        match cell.verdict.terminating().map(|carrier| carrier.service) {
            _ if reasons::is_void(cell) => n_void += n,
            None => n_unknown += n,
            Some(service) if catalogue().is_software(service) => n_elsewhere += n,
            Some(service) => {
                let provider = catalogue().provider(catalogue().provider_of(service));
                *counts.entry(&provider.name).or_default() += n;
            }
        }
    }
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    let named = counts.iter().take(MAX_NAMED);
    let mut parts: Vec<(usize, String)> = named.map(|(name, n)| (*n, (*name).to_owned())).collect();
    let others = counts.get(MAX_NAMED..).unwrap_or_default();
    let n_others: usize = others.iter().map(|(_, n)| n).sum();
    match others {
        [] => {}
        [(name, n)] => parts.push((*n, (*name).to_owned())),
        _ => parts.push((
            n_others,
            format!("{} others", thousands(others.len() as u64)),
        )),
    }
    parts.push((n_elsewhere, "servers of no known provider".to_owned()));
    parts.retain(|(n, _)| *n != 0);
    let parts = parts.into_iter().enumerate();
    let went: Vec<String> = parts
        .map(|(at, (n, who))| {
            let verb = if at == 0 { "went " } else { "" };
            format!("{} {verb}to {who}", thousands(n as u64))
        })
        .collect();
    let is = |n: usize| if n == 1 { "is" } else { "are" };
    let unknown = format!(
        "{} {} not attributed",
        thousands(n_unknown as u64),
        is(n_unknown)
    );
    let void = format!("{} reached no server", thousands(n_void as u64));
    let words = [
        (went.len(), listed(&went)),
        (n_unknown, unknown),
        (n_void, void),
    ];
    let words = words.into_iter().filter(|(n, _)| *n != 0);
    words.map(|(_, words)| words).collect::<Vec<_>>().join("; ")
}

/// What serves the largest sites; where none is known, the parties with most requests.
fn largest(parties: &[PartyRoles]) -> String {
    const MAX_NAMED: usize = 3;
    let is_site = |party: &&PartyRoles| party.standing == Standing::FirstParty;
    let sites: Vec<&PartyRoles> = parties.iter().filter(is_site).collect();
    let (what, mut all) = if sites.is_empty() {
        ("parties", parties.iter().collect())
    } else {
        ("sites", sites)
    };
    all.sort_by_key(|party| std::cmp::Reverse(party.n_flows()));
    let clauses = all.iter().take(MAX_NAMED);
    let clauses: Vec<String> = clauses
        .map(|party| format!("{} {}", party.party, mostly(party)))
        .collect();
    let clauses = listed(&clauses);
    if MAX_NAMED < all.len() {
        format!("The largest {what}: {clauses}.")
    } else {
        format!("{clauses}.")
    }
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
    let n_all: usize = delivers.iter().map(|it| it.flows.len()).sum();
    let named: Vec<String> = behind
        .iter()
        .map(|(name, n)| {
            let of = match *n as usize {
                n if n < n_all => format!("{} of them", thousands(n as u64)),
                1 => "it".to_owned(),
                _ => "all of them".to_owned(),
            };
            format!("{name} {} behind {of}", stands(name))
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
    let of = |standing: Standing| others.iter().filter(move |it| it.standing == standing);
    let n_sites = of(Standing::FirstParty).count();
    let is_embedded = of(Standing::Embedded).count() == others.len();
    let n = thousands(others.len() as u64);
    let who = match (n_sites, main.standing, others.len()) {
        (1, _, 1) => "There is one other site".to_owned(),
        (1, ..) => format!("There are {n} other parties, one of them a site"),
        (2.., ..) => format!("There are {n} other parties, {n_sites} of them sites"),
        (_, Standing::FirstParty, 1) if is_embedded => "One other party is embedded".to_owned(),
        (_, Standing::FirstParty, _) if is_embedded => format!("{n} other parties are embedded"),
        (_, _, 1) => "There is one other party".to_owned(),
        _ => format!("There are {n} other parties"),
    };
    let sites = of(Standing::FirstParty).max_by_key(|party| party.n_flows());
    let most = sites.or_else(|| others.iter().max_by_key(|party| party.n_flows()))?;
    let (name, by) = (&most.party, mostly(most));
    Some(match (others.len(), n_sites) {
        (1, _) | (_, 1) => format!("{who}: {name} {by}."),
        (_, 0) => format!("{who}; the one with most requests, {name}, {by}."),
        _ => format!("{who}; the site with most requests, {name}, {by}."),
    })
}

/// What is true of most requests of a party: `is delivered by Akamai`, `is not attributed`.
fn mostly(party: &PartyRoles) -> String {
    let n_unknown = party.not_attributed.flows.len();
    let by = party.relations.iter().rev().max_by_key(|it| it.flows.len());
    match by {
        Some(relation) if n_unknown <= relation.flows.len() => clause(relation),
        Some(_) => "is mostly not attributed".to_owned(),
        None if n_unknown == 0 => "never reached the network".to_owned(),
        None => "is not attributed".to_owned(),
    }
}

/// `is delivered by Akamai`.
fn clause(relation: &Relation) -> String {
    let who = spoken(relation);
    if relation.is_tunnelled {
        return format!("is reached through tunnels to {who}");
    }
    match relation.role {
        RelationRole::Delivers => format!("is delivered by {who}"),
        RelationRole::Stores => match relation.whose.as_ref().map(|whose| whose.answer) {
            Some(Owner::Users) => format!("keeps its users' data in {who}"),
            _ => format!("keeps files in {who}"),
        },
        RelationRole::Computes if catalogue().is_software(relation.service) => {
            format!("runs on {}", who.replacen("Servers", "servers", 1))
        }
        RelationRole::Computes => format!("runs on {who}"),
        RelationRole::Hosts => format!("is hosted by {who}"),
        RelationRole::Own => "answers for itself".to_owned(),
    }
}
