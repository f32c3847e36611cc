//! What the lens by service counts: of every party and every relation, the flows that are shown.

pub mod answer;
mod lines;
mod words;

use std::collections::HashMap;
use std::sync::Arc;

use crate::annotations::Label;
use crate::attribution::roles::{PartyRoles, Relation, Roles, Standing};
use crate::base::jobs::{Cancel, STEP};
use crate::capture::{FlowId, FlowSet};
use crate::document::Document;
use crate::query::Rows;
use crate::session::{Rest, Subject};

pub use lines::{Folds, Line, SortBy, Sorting};
pub use words::{Behind, Copied, Name};

/// Stretches of time that the column "When" tells apart.
pub const N_STRETCHES: usize = 32;
/// Embedded parties that are shown by themselves however little they have.
const LEAST_SHOWN: usize = 5;
/// An embedded party with less than one part in so many of the requests and of the bytes is a small one.
const SMALL: u64 = 50;
/// So many parties have to be left over before they share one row.
const LEAST_REST: usize = 3;

/// What some flows add up to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Number of flows.
    pub requests: u32,
    /// Bytes received in them.
    pub bytes: u64,
    /// Number of distinct hosts.
    pub hosts: u32,
    /// How many people labelled, by label in the order origin, CDN, unknown.
    pub labels: [u32; 3],
    /// How many began in each stretch of time.
    pub when: [u32; N_STRETCHES],
}

impl Tally {
    /// How many people labelled.
    pub fn labelled(&self) -> u32 {
        self.labels.iter().sum()
    }

    fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.bytes += other.bytes;
        self.hosts += other.hosts;
        for (sum, n) in self.labels.iter_mut().zip(other.labels) {
            *sum += n;
        }
        for (sum, n) in self.when.iter_mut().zip(other.when) {
            *sum += n;
        }
    }
}

/// A party of which flows are shown.
#[derive(Clone, Debug)]
struct Party {
    /// Its place among the parties of the judgement.
    idx: usize,
    tally: Tally,
    /// The relations of which flows are shown, by their place.
    relations: Vec<(usize, Tally)>,
    /// The shown flows that no relation explains.
    not_attributed: Option<Tally>,
    group: Group,
}

/// Where a party stands, from top to bottom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    Site,
    Unknown,
    Embedded,
    Small,
    NotAttributed,
}

/// Parties and relations with what the shown flows add up to.
#[derive(Clone, Debug, Default)]
pub struct Services {
    roles: Arc<Roles>,
    shown: FlowSet,
    parties: Vec<Party>,
    /// Parties by name.
    places: HashMap<String, usize>,
    /// What is behind the rows that several parties share.
    rests: [(usize, Tally); 2],
    n_relations: usize,
}

impl Services {
    /// Counts the shown `rows`; `None` when cancelled. Looks at every flow: for worker threads.
    pub fn of(
        document: &Document,
        roles: Arc<Roles>,
        rows: &Rows,
        cancel: &Cancel,
    ) -> Option<Self> {
        let facts = Facts::of(document, rows, cancel)?;
        let mut seen = Seen::new(facts.n_hosts);
        let mut parties = Vec::new();
        for (idx, party) in roles.parties.iter().enumerate() {
            if cancel.is_cancelled() {
                return None;
            }
            let tally = facts.tally(&party.flows, &mut seen);
            if 0 < tally.requests {
                parties.push(Party::of(idx, party, tally, &facts, &mut seen));
            }
        }
        set_small_apart(&mut parties, rows);
        let mut services = Self {
            shown: rows.flows.iter().copied().collect(),
            n_relations: parties.iter().map(|party| party.relations.len()).sum(),
            places: parties
                .iter()
                .enumerate()
                .map(|(place, party)| (roles.parties[party.idx].party.clone(), place))
                .collect(),
            parties,
            rests: Default::default(),
            roles,
        };
        services.add_up_rests();
        Some(services)
    }

    fn add_up_rests(&mut self) {
        for party in &self.parties {
            let Some(rest) = party.group.rest() else {
                continue;
            };
            let (n, sum) = &mut self.rests[rest as usize];
            *n += 1;
            sum.add(&party.tally);
        }
    }

    /// The judgement that is counted here.
    pub const fn roles(&self) -> &Arc<Roles> {
        &self.roles
    }

    /// Number of relations of which flows are shown.
    pub const fn n_relations(&self) -> usize {
        self.n_relations
    }

    /// Number of flows that are shown.
    pub const fn n_shown(&self) -> usize {
        self.shown.len()
    }

    /// Number of flows in the busiest stretch of time of any relation.
    pub fn busiest(&self) -> u32 {
        let relations = self.parties.iter().flat_map(|party| &party.relations);
        let stretches = relations.flat_map(|(_, tally)| tally.when);
        stretches.max().unwrap_or(0)
    }

    /// The parties that share a row.
    fn behind_rest(&self, rest: Rest) -> impl Iterator<Item = &PartyRoles> {
        let parties = self.parties.iter();
        let of_rest = parties.filter(move |party| party.group.rest() == Some(rest));
        of_rest.map(|party| &self.roles.parties[party.idx])
    }

    /// True when no party has a flow that is shown.
    pub fn is_empty(&self) -> bool {
        self.parties.is_empty()
    }

    /// What the line adds up to.
    pub fn tally(&self, line: Line) -> &Tally {
        match line {
            Line::Party(place) => &self.parties[place].tally,
            Line::Relation(place, nth) => &self.parties[place].relations[nth].1,
            Line::NotAttributed(place) => {
                let party = &self.parties[place];
                party.not_attributed.as_ref().unwrap_or(&party.tally)
            }
            Line::Rest(rest) => &self.rests[rest as usize].1,
        }
    }

    /// What is known about the party of a line; `None` where several share it.
    pub fn party(&self, line: Line) -> Option<&PartyRoles> {
        let place = match line {
            Line::Party(place) | Line::Relation(place, _) | Line::NotAttributed(place) => place,
            Line::Rest(_) => return None,
        };
        self.roles.parties.get(self.parties.get(place)?.idx)
    }

    /// The relation of a line that stands for one.
    pub fn relation(&self, line: Line) -> Option<&Relation> {
        let Line::Relation(place, nth) = line else {
            return None;
        };
        let (idx, _) = self.parties.get(place)?.relations.get(nth)?;
        self.party(line)?.relations.get(*idx)
    }

    /// What a line stands for.
    pub fn subject(&self, line: Line) -> Option<Subject> {
        if let Line::Rest(rest) = line {
            return Some(Subject::Rest(rest));
        }
        let name = &self.party(line)?.party;
        Some(match (line, self.relation(line)) {
            (_, Some(relation)) => Subject::of(name, relation),
            (Line::NotAttributed(_), None) => Subject::NotAttributed(name.clone()),
            _ => Subject::Party(name.clone()),
        })
    }

    /// True when the judgement says something of `subject`, whether flows of it are shown or not.
    pub fn knows(&self, subject: &Subject) -> bool {
        matches!(subject, Subject::Rest(_)) || subject.find(&self.roles).is_some()
    }

    /// The shown flows of `subject`, in session order.
    pub fn flows(&self, subject: &Subject) -> FlowSet {
        let mut flows = FlowSet::default();
        self.add_flows(subject, &mut flows);
        flows
    }

    /// Adds the shown flows of `subject` to `flows`.
    pub fn add_flows(&self, subject: &Subject, flows: &mut FlowSet) {
        let mut add = |all: &[FlowId]| {
            for flow in all.iter().filter(|flow| self.shown.contains(**flow)) {
                flows.insert(*flow);
            }
        };
        if let Subject::Rest(rest) = subject {
            for party in self.behind_rest(*rest) {
                add(&party.flows);
            }
            return;
        }
        let name = subject.party().unwrap_or_default();
        let Some(place) = self.places.get(name) else {
            return;
        };
        let party = &self.roles.parties[self.parties[*place].idx];
        match subject {
            Subject::NotAttributed(_) => add(&party.not_attributed.flows),
            Subject::Relation { .. } => {
                let mut relations = party.relations.iter();
                if let Some(relation) = relations.find(|relation| subject.is(relation)) {
                    add(&relation.flows);
                }
            }
            _ => add(&party.flows),
        }
    }
}

impl Party {
    fn of(idx: usize, party: &PartyRoles, tally: Tally, facts: &Facts, seen: &mut Seen) -> Self {
        let relations = party.relations.iter().enumerate();
        let relations: Vec<(usize, Tally)> = relations
            .map(|(nth, relation)| (nth, facts.tally(&relation.flows, seen)))
            .filter(|(_, tally)| 0 < tally.requests)
            .collect();
        let rest = facts.tally(&party.not_attributed.flows, seen);
        let group = match party.standing {
            Standing::FirstParty => Group::Site,
            _ if party.relations.is_empty() => Group::NotAttributed,
            Standing::Unknown => Group::Unknown,
            Standing::Embedded => Group::Embedded,
        };
        Self {
            idx,
            tally,
            relations,
            not_attributed: (0 < rest.requests).then_some(rest),
            group,
        }
    }
}

impl Group {
    const fn rest(self) -> Option<Rest> {
        match self {
            Self::Small => Some(Rest::Embedded),
            Self::NotAttributed => Some(Rest::NotAttributed),
            _ => None,
        }
    }
}

/// Lets embedded parties with little traffic share one row, and those of which nothing is attributed another one; a few
/// of either stay by themselves.
fn set_small_apart(parties: &mut [Party], rows: &Rows) {
    let mut embedded: Vec<usize> = (0..parties.len())
        .filter(|place| parties[*place].group == Group::Embedded)
        .collect();
    embedded.sort_by_key(|place| std::cmp::Reverse(parties[*place].tally.requests));
    let (requests, bytes) = (rows.flows.len() as u64, rows.bytes_received);
    embedded.drain(..embedded.len().min(LEAST_SHOWN));
    embedded.retain(|place| {
        let tally = &parties[*place].tally;
        u64::from(tally.requests) * SMALL < requests
            && tally.bytes.saturating_mul(SMALL) < bytes.max(1)
    });
    if LEAST_REST <= embedded.len() {
        for place in embedded {
            parties[place].group = Group::Small;
        }
    }
    let is_nobody = |party: &&mut Party| party.group == Group::NotAttributed;
    if parties.iter_mut().filter(is_nobody).count() < LEAST_REST {
        for party in parties.iter_mut().filter(is_nobody) {
            party.group = Group::Embedded;
        }
    }
}

/// What a flow adds.
#[derive(Clone, Copy)]
struct Fact {
    bytes: u64,
    /// Its host, or [`NOT_SHOWN`].
    host: u32,
    /// Place of its label and one more; 0 = without.
    label: u8,
    /// Its stretch of time; [`N_STRETCHES`] = not known.
    stretch: u8,
}

/// Stands for the host of flows that are not shown.
const NOT_SHOWN: u32 = u32::MAX;

/// What each flow of the session adds, looked up once for all the rows that it is counted in.
struct Facts {
    of: Vec<Fact>,
    n_hosts: usize,
}

impl Facts {
    fn of(document: &Document, rows: &Rows, cancel: &Cancel) -> Option<Self> {
        let unknown = Fact {
            bytes: 0,
            host: NOT_SHOWN,
            label: 0,
            stretch: N_STRETCHES as u8,
        };
        let mut of = vec![unknown; document.n_flows() as usize];
        let mut hosts = Hosts::default();
        let start = document.first_start().map_or(0, |time| time.0);
        let end = document.last_end().map_or(0, |time| time.0);
        let span = end.saturating_sub(start).max(1);
        for (n, id) in rows.flows.iter().enumerate() {
            if (n as u32).is_multiple_of(STEP) && cancel.is_cancelled() {
                return None;
            }
            let located = document.locate(*id);
            let Some((capture, flow)) = located.zip(document.flow(*id)) else {
                continue;
            };
            let stretch = flow.start().map_or(N_STRETCHES as i128, |time| {
                let since = i128::from(time.0.saturating_sub(start));
                (since * N_STRETCHES as i128 / i128::from(span)).clamp(0, N_STRETCHES as i128 - 1)
            });
            of[id.0 as usize] = Fact {
                bytes: flow.bytes_received().unwrap_or(0),
                host: hosts.number(capture.0, flow.row().host.0, flow.host()),
                label: 0,
                stretch: stretch as u8,
            };
        }
        for (id, said) in document.annotations().iter() {
            if let (Some(fact), Some(label)) = (of.get_mut(id.0 as usize), said.label) {
                fact.label = 1 + place_of(label);
            }
        }
        Some(Self {
            of,
            n_hosts: hosts.by_text.len(),
        })
    }

    fn tally(&self, flows: &[FlowId], seen: &mut Seen) -> Tally {
        let mut tally = Tally::default();
        seen.begin();
        for flow in flows {
            let Some(fact) = self.of.get(flow.0 as usize) else {
                continue;
            };
            if fact.host == NOT_SHOWN {
                continue;
            }
            tally.requests += 1;
            tally.bytes += fact.bytes;
            tally.hosts += u32::from(seen.is_new(fact.host));
            if let Some(n) = tally.when.get_mut(usize::from(fact.stretch)) {
                *n += 1;
            }
            if let Some(idx) = fact.label.checked_sub(1) {
                tally.labels[usize::from(idx)] += 1;
            }
        }
        tally
    }
}

const fn place_of(label: Label) -> u8 {
    match label {
        Label::Origin => 0,
        Label::Cdn => 1,
        Label::Unknown => 2,
    }
}

/// Numbers hosts: the names of captures are numbers already, which are looked up once each.
#[derive(Default)]
struct Hosts<'d> {
    by_name: Vec<Vec<u32>>,
    by_text: HashMap<&'d str, u32>,
}

impl<'d> Hosts<'d> {
    fn number(&mut self, capture: usize, name: u32, text: &'d str) -> u32 {
        if self.by_name.len() <= capture {
            self.by_name.resize_with(capture + 1, Vec::new);
        }
        let known = &mut self.by_name[capture];
        let place = name as usize;
        if known.len() <= place {
            known.resize(place + 1, NOT_SHOWN);
        }
        if known[place] == NOT_SHOWN {
            let next = self.by_text.len() as u32;
            known[place] = *self.by_text.entry(text).or_insert(next);
        }
        known[place]
    }
}

/// Tells hosts apart within one count, without clearing anything between two counts.
struct Seen {
    last: Vec<u32>,
    now: u32,
}

impl Seen {
    fn new(n_hosts: usize) -> Self {
        Self {
            last: vec![0; n_hosts],
            now: 0,
        }
    }

    fn begin(&mut self) {
        self.now += 1;
    }

    fn is_new(&mut self, host: u32) -> bool {
        let last = &mut self.last[host as usize];
        std::mem::replace(last, self.now) != self.now
    }
}

#[cfg(test)]
mod tests;
