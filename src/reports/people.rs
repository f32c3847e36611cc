//! What people said, who and when, and where it contradicts the machine or another person.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::ReportInput;
use super::survey::{contradicts, shown_host};
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
    /// What another person had said before, and who: `Origin by Kim`.
    pub(super) before: String,
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
    before: Option<(Label, &'a str)>,
    by: &'a str,
    is_accepted: bool,
}

#[derive(Default)]
struct Tally {
    n_flows: u64,
    examples: Vec<FlowId>,
    when: Option<(Time, Time)>,
}

impl People {
    pub(super) fn of(input: &ReportInput<'_>, redactor: &mut Redactor) -> Self {
        let mut people = Self::default();
        let mut rows: BTreeMap<Key<'_>, Tally> = BTreeMap::new();
        for (id, flow) in input.shown() {
            let Some(said) = input.document.annotation(id) else {
                continue;
            };
            let Some(label) = said.label else {
                people.n_without_label += 1;
                continue;
            };
            let role = input.document.verdict(id).role;
            let before = said_before(said, label);
            let key = Key {
                is_undisputed: before.is_none() && !contradicts(label, role),
                host: flow.host(),
                label,
                role,
                before,
                by: &said.by,
                is_accepted: said.is_accepted,
            };
            rows.entry(key).or_default().add(id, said.at);
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

/// The last label that somebody else had given, if it was another one.
fn said_before(said: &Annotation, label: Label) -> Option<(Label, &str)> {
    let mut past = said.past.iter().rev();
    past.find(|past| past.by != said.by && past.label != label)
        .map(|past| (past.label, past.by.as_str()))
}

fn row(key: Key<'_>, tally: Tally, redactor: &mut Redactor) -> PeopleRow {
    let mut name = |by: &str| match by {
        "" => "somebody who gave no name".to_owned(),
        by => redactor.shown(by),
    };
    PeopleRow {
        label: key.label,
        role: key.role,
        contradicts_machine: contradicts(key.label, key.role),
        before: key.before.map_or_else(String::new, |(label, by)| {
            format!("{} by {}", label.title(), name(by))
        }),
        by: name(key.by),
        is_accepted: key.is_accepted,
        n_flows: tally.n_flows,
        examples: tally.examples,
        when: tally.when,
        host: shown_host(key.host, redactor),
    }
}
