//! What every provider is to every party: relations with roles, by resource, each with its own conclusiveness.
//!
//! `cells` gathers flows of which everything but time, path and size is the same; `parts` reads their verdicts as roles,
//! `gather` puts them together by party, `weigh` says how conclusive each relation is, `store` whose data lies in a store,
//! `ask` asks the question of 2011, and `words` and `settle` put it all into sentences.

mod answer;
mod ask;
mod caveats;
mod cells;
mod cited;
mod citing;
mod gather;
mod parties;
mod parts;
mod question;
mod reasons;
mod relation;
mod resource;
mod settle;
mod store;
mod transfers;
mod weigh;
mod whose;
mod words;

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::evidence::OwnRule;
use super::groups::Groups;
use super::session::Judged;
use crate::base::jobs::Cancel;
use gather::{Gathered, flows_of, gather};
use store::name_of;
use transfers::Reads;
use weigh::Surroundings;

pub use cited::{Cited, MAX_CITED_FLOWS};
pub use parties::{NotAttributed, PartyRoles, Roles, Standing, Why};
pub use question::{Hypothesis, Question, Weighed};
pub use relation::{Behind, Levels, Relation, RelationRole, Resource, ResourceKind};
pub use whose::{Owner, Whose};

pub(super) use store::OLDER_THAN_THE_REQUEST;

/// The rules about what providers are to parties.
pub(super) const RULES: &[&OwnRule] = &[
    &store::UPLOAD,
    &store::HANDED_OUT,
    &store::READ_BACK,
    &store::OWN_NAME,
    &store::BUCKET_NAME,
    &store::LINKED,
    &store::OTHERS_NAME,
    &store::TUNNEL_BYTES,
    &OLDER_THAN_THE_REQUEST,
    &ask::OWN_SERVER,
    &ask::OTHER_ORIGIN,
    &ask::EDGES_ONLY,
];

/// Judges what every provider is to every party of a session. Returns `None` when cancelled.
pub fn judge(session: &[Judged<'_>], groups: &Groups, cancel: &Cancel) -> Option<Roles> {
    let cells = cells::cells(session, groups, cancel)?;
    let gathered = gather(&cells);
    let names: Vec<(&str, &str)> = gathered
        .keys()
        .map(|party| (name_of(party), *party))
        .collect();
    let reads = Reads::of(session);
    let around = Surroundings {
        reads: &reads,
        names: &names,
        is_fresh: caveats::is_fresh(session),
    };
    let common = caveats::common(session);
    let parties: Vec<(&str, &Gathered<'_, '_>)> = gathered.iter().map(|(p, g)| (*p, g)).collect();
    let mut parties: Vec<PartyRoles> = parties
        .into_par_iter()
        .filter(|_| !cancel.is_cancelled())
        .map(|(name, gathered)| party(name, gathered, &around, &common))
        .collect();
    if cancel.is_cancelled() {
        return None;
    }
    let sites = bytes_of_sites(&cells);
    parties.sort_by(|one, other| {
        let order = |it: &PartyRoles| {
            let bytes = sites.get(it.party.as_str()).copied().unwrap_or(it.bytes);
            (it.standing, std::cmp::Reverse((bytes, it.n_flows())))
        };
        order(one)
            .cmp(&order(other))
            .then_with(|| one.party.cmp(&other.party))
    });
    let answer = answer::answer(&parties, &cells);
    Some(Roles { parties, answer })
}

/// What was received on each site, whoever sent it: the site that a person was on comes first.
fn bytes_of_sites<'a>(cells: &[cells::Cell<'a>]) -> BTreeMap<&'a str, u64> {
    let mut sites = BTreeMap::new();
    for cell in cells.iter().filter(|cell| !cell.site.is_empty()) {
        *sites.entry(cell.site).or_default() += cell.bytes;
    }
    sites
}

fn party<'a>(
    name: &'a str,
    gathered: &Gathered<'_, 'a>,
    around: &Surroundings<'_, 'a>,
    common: &[String],
) -> PartyRoles {
    let relations = weigh::relations(name, gathered, around);
    let questions = ask::questions(name, &relations, gathered, around);
    let sites = by_flows(gathered, |cell| cell.site);
    let standing = if sites.iter().any(|site| site == name) {
        Standing::FirstParty
    } else if sites.is_empty() {
        Standing::Unknown
    } else {
        Standing::Embedded
    };
    let unknown = || gathered.unknown.iter().copied();
    let mut party = PartyRoles {
        party: name.to_owned(),
        sites,
        standing,
        flows: flows_of(gathered.cells.iter().copied()),
        bytes: gathered.cells.iter().map(|cell| cell.bytes).sum(),
        hosts: by_flows(gathered, |cell| cell.first.host()),
        relations,
        questions,
        not_attributed: NotAttributed {
            flows: flows_of(unknown()),
            bytes: unknown().map(|cell| cell.bytes).sum(),
            why: gathered.why.list(),
        },
        validity: gathered.validity.list(),
        caveats: [caveats::of_party(name, gathered), common.to_vec()].concat(),
        summary: String::new(),
    };
    party.summary = words::summary(&party);
    party
}

/// What `of` says of the cells of a party, most flows first; without what is empty.
fn by_flows<'a>(
    gathered: &Gathered<'_, 'a>,
    of: impl Fn(&cells::Cell<'a>) -> &'a str,
) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for cell in &gathered.cells {
        *counts.entry(of(cell)).or_default() += cell.flows.len();
    }
    counts.remove("");
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    counts
        .into_iter()
        .map(|(word, _)| word.to_owned())
        .collect()
}
