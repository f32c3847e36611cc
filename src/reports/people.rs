//! What people said, who and when, and where it contradicts the machine or another person.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::ReportInput;
use super::opinions::{RelationRow, relation_rows, shown_name};
use super::survey::{contradicts, is_disputed, shown_host};
use crate::annotations::{Annotation, Label};
use crate::attribution::Role;
use crate::base::time::Time;
use crate::capture::FlowId;
use crate::redact::Redactor;

/// Most rows that are told apart.
const MAX_ROWS: usize = 300;
/// Flows that are named as examples.
const MAX_EXAMPLES: usize = 3;

/// All that people said about the flows of a report.
#[derive(Clone, Debug, Default)]
pub(super) struct People {
    /// The contradictions first, then by host.
    pub(super) rows: Vec<PeopleRow>,
    pub(super) n_rows_left_out: usize,
    /// Flows with a note, tag or colour, but without a label.
    pub(super) n_without_label: u64,
    /// Flows whose label contradicts the machine or another person.
    pub(super) n_disputed: u64,
    /// What people think of relations.
    pub(super) relations: Vec<RelationRow>,
}

/// Labels of one person that agree in everything that a reader asks for.
#[derive(Clone, Debug)]
pub(super) struct PeopleRow {
    pub(super) host: String,
    pub(super) label: Label,
    /// The machine's role.
    pub(super) role: Role,
    /// The label contradicts the machine's role.
    pub(super) contradicts_machine: bool,
    /// What another person says, or had said before, and who: `Origin by Kim`; empty when nobody says otherwise.
    pub(super) against: String,
    /// The other person had said it before, and does not say it any more.
    pub(super) is_before: bool,
    pub(super) by: String,
    /// Taken over from the machine's verdict.
    pub(super) is_accepted: bool,
    pub(super) n_flows: u64,
    pub(super) examples: Vec<FlowId>,
    /// When the first and the last of them was given.
    pub(super) when: Option<(Time, Time)>,
}

/// What the flows of one row have in common.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key<'a> {
    is_undisputed: bool,
    host: &'a str,
    label: Label,
    role: Role,
    against: Option<Against<'a>>,
    by: &'a str,
    is_accepted: bool,
}

/// What another person says, or had said before.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Against<'a> {
    label: Label,
    by: &'a str,
    is_before: bool,
}

#[derive(Default)]
struct Tally {
    n_flows: u64,
    examples: Vec<FlowId>,
    when: Option<(Time, Time)>,
}

impl People {
    pub(super) fn of(input: &ReportInput<'_>, redactor: &mut Redactor) -> Self {
        let mut people = Self {
            relations: relation_rows(input, redactor),
            ..Self::default()
        };
        let mut rows: BTreeMap<Key<'_>, Tally> = BTreeMap::new();
        for (id, flow) in input.shown() {
            let Some(said) = input.document.annotation(id) else {
                continue;
            };
            if said.label.is_none() {
                people.n_without_label += 1;
                continue;
            }
            let role = input.document.verdict(id).role;
            people.n_disputed += u64::from(is_disputed(said, role));
            for one in answers(said) {
                let against = against(said, one);
                let key = Key {
                    is_undisputed: against.is_none() && !contradicts(one.label, role),
                    host: flow.host(),
                    label: one.label,
                    role,
                    against,
                    by: one.by,
                    is_accepted: one.is_accepted,
                };
                rows.entry(key).or_default().add(id, one.at);
            }
        }
        let mut rows: Vec<_> = rows.into_iter().collect();
        rows.sort_by_key(|(key, tally)| (key.is_undisputed, Reverse(tally.n_flows)));
        people.n_rows_left_out = rows.len().saturating_sub(MAX_ROWS);
        people.rows = rows
            .into_iter()
            .take(MAX_ROWS)
            .map(|(key, tally)| row(key, tally, redactor))
            .collect();
        people
    }
}

impl Tally {
    fn add(&mut self, id: FlowId, at: Option<Time>) {
        self.n_flows += 1;
        if self.examples.len() < MAX_EXAMPLES {
            self.examples.push(id);
        }
        if let Some(at) = at {
            let (first, last) = self.when.unwrap_or((at, at));
            self.when = Some((first.min(at), last.max(at)));
        }
    }
}

/// One person's label of a flow.
#[derive(Clone, Copy)]
struct Answer<'a> {
    label: Label,
    by: &'a str,
    at: Option<Time>,
    is_accepted: bool,
}

/// The labels of all people, the one in front first.
fn answers(said: &Annotation) -> impl Iterator<Item = Answer<'_>> {
    let front = (said.label, said.by.as_str(), said.at, said.is_accepted);
    let others = said.others.iter();
    let others = others.map(|one| (one.label, one.by.as_str(), one.at, one.is_accepted));
    let all = std::iter::once(front).chain(others);
    all.filter_map(|(label, by, at, is_accepted)| {
        Some(Answer {
            label: label?,
            by,
            at,
            is_accepted,
        })
    })
}

/// The label of somebody else that is another one: what they say now, or else what they had said last.
fn against<'a>(said: &'a Annotation, one: Answer<'a>) -> Option<Against<'a>> {
    let now = answers(said).find(|other| other.by != one.by && other.label != one.label);
    let now = now.map(|other| (other.label, other.by, false));
    let mut past = said.past.iter().rev();
    let before = past.find(|past| past.by != one.by && past.label != one.label);
    let before = before.map(|past| (past.label, past.by.as_str(), true));
    now.or(before).map(|(label, by, is_before)| Against {
        label,
        by,
        is_before,
    })
}

fn row(key: Key<'_>, tally: Tally, redactor: &mut Redactor) -> PeopleRow {
    PeopleRow {
        label: key.label,
        role: key.role,
        contradicts_machine: contradicts(key.label, key.role),
        against: key.against.map_or_else(String::new, |against| {
            let by = shown_name(against.by, redactor);
            format!("{} by {by}", against.label.title())
        }),
        is_before: key.against.is_some_and(|against| against.is_before),
        by: shown_name(key.by, redactor),
        is_accepted: key.is_accepted,
        n_flows: tally.n_flows,
        examples: tally.examples,
        when: tally.when,
        host: shown_host(key.host, redactor),
    }
}
