//! The tables of hosts and of what people said.

use askama::Template;

use super::super::evidence::{Evidence, family_words};
use super::super::hosts::{HostRow, Hosts};
use super::super::opinions::RelationRow;
use super::super::people::{People, PeopleRow};
use super::super::survey::{Amount, Tally, shown_host};
use super::{FlowLink, Links, Sure, named, role_title};
use crate::annotations::Label;
use crate::base::text::{bytes_with_unit, counted, thousands};
use crate::providers::{ServiceId, catalogue};
use crate::redact::Redactor;

use super::front::span_words;

/// `a, b and 3 more`.
pub(super) fn first_of(names: &[String], most: usize) -> String {
    match names.get(most..) {
        Some(rest) if !rest.is_empty() => format!(
            "{} and {} more",
            names[..most].join(", "),
            thousands(rest.len() as u64)
        ),
        _ => names.join(", "),
    }
}

/// The hosts by party.
#[derive(Template)]
#[template(path = "hosts.html", config = "assets/report/askama.toml")]
pub(super) struct HostTable {
    parties: Vec<PartyHosts>,
    has_labels: bool,
    left_out: String,
}

struct PartyHosts {
    party: String,
    about: String,
    rows: Vec<HostView>,
}

struct HostView {
    host: String,
    is_first: bool,
    edge: String,
    origin: String,
    role: &'static str,
    sure: Sure,
    basis: String,
    n: String,
    bytes: String,
    errors: String,
    labels: Vec<LabelCount>,
    disputed: String,
}

struct LabelCount {
    word: &'static str,
    title: &'static str,
    count: String,
}

impl HostTable {
    pub(super) fn of(hosts: &Hosts<'_>, evidence: &Evidence<'_>, redactor: &mut Redactor) -> Self {
        let parties = hosts.parties.iter().map(|party| PartyHosts {
            party: named(shown_host(party.party, redactor), "Party unknown"),
            about: about(&party.tally),
            rows: party
                .rows
                .iter()
                .map(|row| host_view(row, evidence, redactor))
                .collect(),
        });
        let parties: Vec<PartyHosts> = parties.collect();
        let has_labels = hosts
            .rows()
            .any(|row| row.tally.not_reviewed().n < row.tally.all.n);
        let left_out = match hosts.n_rows_left_out {
            0 => String::new(),
            n => format!(
                "{} with {} left out: those with the fewest flows",
                counted(n as u64, "more row"),
                counted(hosts.n_flows_left_out, "flow")
            ),
        };
        Self {
            parties,
            has_labels,
            left_out,
        }
    }
}

/// `607 requests, 9.1 MB, 3 errors`.
fn about(tally: &Tally) -> String {
    let mut parts = vec![counted(tally.all.n, "request")];
    if tally.has_bytes {
        parts.push(bytes_words(tally.all.bytes));
    }
    if 0 < tally.n_errors {
        parts.push(counted(tally.n_errors, "error"));
    }
    parts.join(" · ")
}

pub(super) fn bytes_words(bytes: u64) -> String {
    let (value, unit) = bytes_with_unit(bytes);
    format!("{value} {unit}")
}

fn host_view(row: &HostRow<'_>, evidence: &Evidence<'_>, redactor: &mut Redactor) -> HostView {
    let tally = &row.tally;
    let service = |service: Option<ServiceId>| {
        service.map_or_else(String::new, |id| catalogue().service(id).name.clone())
    };
    let basis: Vec<String> = evidence.basis(&row.key).map(family_words).collect();
    let labels = [Label::Origin, Label::Cdn, Label::Unknown];
    HostView {
        host: named(shown_host(row.key.host, redactor), "no host"),
        is_first: row.is_first_of_host,
        edge: service(row.key.edge),
        origin: service(row.key.origin),
        role: role_title(row.key.role),
        sure: Sure::of(row.key.conclusiveness),
        basis: basis.join(", "),
        n: thousands(tally.all.n),
        bytes: if tally.has_bytes {
            bytes_words(tally.all.bytes)
        } else {
            "–".to_owned()
        },
        errors: number(tally.n_errors),
        labels: labels
            .into_iter()
            .zip(tally.labelled)
            .filter(|(_, amount)| 0 < amount.n)
            .map(|(label, amount)| LabelCount {
                word: label.word(),
                title: label.title(),
                count: thousands(amount.n),
            })
            .collect(),
        disputed: number(tally.disputed.n),
    }
}

/// Nothing for 0.
fn number(n: u64) -> String {
    if n == 0 { String::new() } else { thousands(n) }
}

/// What people said.
#[derive(Template)]
#[template(path = "people.html", config = "assets/report/askama.toml")]
pub(super) struct PeopleTable {
    rows: Vec<PeopleView>,
    summary: String,
    left_out: String,
    relations: Vec<RelationView>,
}

struct RelationView {
    party: String,
    service: String,
    role: String,
    says: String,
    is_disputed: bool,
    before: String,
    note: String,
    by: String,
    when: String,
}

struct PeopleView {
    host: String,
    word: &'static str,
    title: &'static str,
    role: &'static str,
    contradicts: bool,
    against: String,
    is_before: bool,
    by: String,
    when: String,
    n: String,
    flows: Vec<FlowLink>,
    has_more: bool,
}

impl PeopleTable {
    pub(super) fn of(people: &People, links: Links<'_>) -> Self {
        let mut summary = Vec::new();
        if people.rows.is_empty() {
            summary.push("Nobody has labelled a flow of this report".to_owned());
        } else if people.n_disputed == 0 {
            summary.push("No label contradicts the machine or another person".to_owned());
        } else {
            summary.push(format!(
                "{} disputed; those come first",
                counted(people.n_disputed, "flow")
            ));
        }
        if 0 < people.n_without_label {
            summary.push(format!(
                "{} with a note, tag or colour, but without a label",
                counted(people.n_without_label, "flow")
            ));
        }
        Self {
            rows: people
                .rows
                .iter()
                .map(|row| people_view(row, links))
                .collect(),
            summary: summary.join(" · "),
            left_out: match people.n_rows_left_out {
                0 => String::new(),
                n => format!("{} left out", counted(n as u64, "more row")),
            },
            relations: people.relations.iter().map(relation_view).collect(),
        }
    }
}

fn relation_view(row: &RelationRow) -> RelationView {
    RelationView {
        party: row.party.clone(),
        service: row.service.clone(),
        role: row.role.clone(),
        says: row.says.clone(),
        is_disputed: row.is_disputed,
        before: row.before.clone(),
        note: row.note.clone(),
        by: row.by.clone(),
        when: row.at.map_or_else(String::new, |at| span_words(at, at)),
    }
}

fn people_view(row: &PeopleRow, links: Links<'_>) -> PeopleView {
    let accepted = if row.is_accepted {
        ", accepted from the machine"
    } else {
        ""
    };
    PeopleView {
        host: named(row.host.clone(), "no host"),
        word: row.label.word(),
        title: row.label.title(),
        role: role_title(row.role),
        contradicts: row.contradicts_machine,
        against: row.against.clone(),
        is_before: row.is_before,
        by: format!("{}{accepted}", row.by),
        when: row
            .when
            .map_or_else(String::new, |(first, last)| span_words(first, last)),
        n: thousands(row.n_flows),
        flows: links.to_all(&row.examples),
        has_more: (row.examples.len() as u64) < row.n_flows,
    }
}

/// `12 flows` and `3.4 MB`.
pub(super) fn amount_words(amount: Amount, has_bytes: bool) -> (String, String) {
    let bytes = if has_bytes {
        bytes_words(amount.bytes)
    } else {
        "–".to_owned()
    };
    (thousands(amount.n), bytes)
}
