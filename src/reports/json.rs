//! JSON for programs: the flows contract, what every provider is to every party, the labels with author and time, and what is needed to check the report.

use std::io;

use serde::Serialize;
use serde_json::{Value, json};

use super::contract::{List, write_open, write_parties};
use super::opinions::relation_entries;
use super::services::{concerned, roles};
use super::summary::data_versions;
use super::survey::is_disputed;
use super::visible::write_json;
use super::{Report, ReportError, ReportInput, label_word};
use crate::annotations::{Colour, Label, Opinion, PastLabel};
use crate::base::time::Time;
use crate::capture::FlowId;
use crate::redact::Redactor;

pub(super) struct Json;

/// Flows and the bytes received with them.
#[derive(Default, Serialize)]
struct Amount {
    flows: u64,
    bytes: u64,
}

/// How far people have come, over the flows in the report.
#[derive(Default, Serialize)]
struct Coverage {
    origin: Amount,
    cdn: Amount,
    unknown: Amount,
    not_reviewed: Amount,
    /// Those in which the machine or another person says otherwise, or another person did before; counted above too.
    disputed: Amount,
}

/// One label or note.
#[derive(Serialize)]
struct LabelEntry {
    n: u32,
    capture: usize,
    entry: u32,
    label: Option<&'static str>,
    note: String,
    by: String,
    at: Option<String>,
    accepted: bool,
    tags: Vec<String>,
    colour: Option<&'static str>,
    /// The labels before this one, the oldest first.
    past: Vec<PastEntry>,
    /// What other people say.
    others: Vec<OtherEntry>,
}

/// What another person says of the same flow.
#[derive(Serialize)]
struct OtherEntry {
    label: Option<&'static str>,
    note: String,
    by: String,
    at: Option<String>,
    accepted: bool,
}

impl OtherEntry {
    fn of(other: Opinion) -> Self {
        Self {
            label: other.label.map(Label::word),
            note: other.note,
            by: other.by,
            at: other.at.map(Time::to_iso),
            accepted: other.is_accepted,
        }
    }
}

/// A label that was replaced.
#[derive(Serialize)]
struct PastEntry {
    label: &'static str,
    by: String,
    at: Option<String>,
}

impl PastEntry {
    fn of(past: &PastLabel) -> Self {
        Self {
            label: past.label.word(),
            by: past.by.clone(),
            at: past.at.map(Time::to_iso),
        }
    }
}

impl Report for Json {
    fn id(&self) -> &'static str {
        "json"
    }

    fn title(&self) -> &'static str {
        "JSON"
    }

    fn extension(&self) -> &'static str {
        "json"
    }

    fn write(
        &self,
        input: &ReportInput<'_>,
        redactor: &mut Redactor,
        out: &mut dyn io::Write,
    ) -> Result<(), ReportError> {
        let roles = roles(input)?;
        write_open(input, true, &[], redactor, out)?;
        write!(out, ",\n\"parties\":[")?;
        write_parties(concerned(input, &roles), redactor, out)?;
        write!(out, "],\n\"labels\":[")?;
        write_labels(input, redactor, out)?;
        out.write_all(b"],\n\"opinions\":")?;
        write_json(out, &relation_entries(input, redactor))?;
        let integrity = integrity(input, redactor);
        out.write_all(b",\n\"integrity\":")?;
        write_json(out, &integrity)?;
        out.write_all(b"}\n")?;
        Ok(())
    }
}

/// What is needed to check the report.
fn integrity(input: &ReportInput<'_>, redactor: &mut Redactor) -> Value {
    let gaps: Vec<String> = input.gaps.iter().map(|gap| redactor.text(gap)).collect();
    let filter = redactor.text(input.filter);
    let reviewer = redactor.shown(input.document.reviewer());
    let data = data_versions(redactor);
    let removed: serde_json::Map<_, _> = redactor
        .counts()
        .map(|(kind, count)| (kind.word().to_owned(), json!(count)))
        .collect();
    json!({
        "data": data,
        "made": input.made_at.map(Time::to_iso),
        "as_of": input.as_of().map(Time::to_iso),
        "reviewer": reviewer,
        "filter": filter,
        "flows_shown": input.flows.len(),
        "flows_in_all": input.document.n_flows(),
        "coverage": Coverage::of(input),
        "redaction": input.level.word(),
        "with_secrets": input.level.keeps_secrets(),
        "removed": removed,
        "gaps": gaps,
        "entries_not_read_again": redactor.unread().collect::<Vec<_>>(),
        "captures_opened": "read-only",
        "limits": super::summary::LIMITS,
    })
}

impl Coverage {
    fn of(input: &ReportInput<'_>) -> Self {
        let mut coverage = Self::default();
        for (id, flow) in input.shown() {
            let bytes = flow.bytes_received().unwrap_or(0);
            let label = input.document.label(id);
            let role = input.document.verdict(id).role;
            match label {
                Some(Label::Origin) => &mut coverage.origin,
                Some(Label::Cdn) => &mut coverage.cdn,
                Some(Label::Unknown) => &mut coverage.unknown,
                None => &mut coverage.not_reviewed,
            }
            .add(bytes);
            let said = input.document.annotation(id);
            if said.is_some_and(|said| is_disputed(said, role)) {
                coverage.disputed.add(bytes);
            }
        }
        coverage
    }
}

impl Amount {
    const fn add(&mut self, bytes: u64) {
        self.flows += 1;
        self.bytes = self.bytes.saturating_add(bytes);
    }
}

/// The labels and notes of the flows in the report, in their order.
fn write_labels(
    input: &ReportInput<'_>,
    redactor: &mut Redactor,
    out: &mut dyn io::Write,
) -> Result<(), ReportError> {
    let said = input.flows.iter().copied();
    let said: Vec<FlowId> = said
        .filter(|id| input.document.annotation(*id).is_some())
        .collect();
    let mut list = List::new(out);
    input.walk(redactor, &said, |id, flow, redactor| {
        let annotation = input.annotation(id, redactor);
        if annotation.is_empty() {
            return Ok(());
        }
        let entry = LabelEntry {
            n: id.n(),
            capture: input.document.locate(id).map_or(0, |(idx, _)| idx),
            entry: flow.row().entry,
            label: annotation.label.map(|label| label_word(Some(label))),
            note: annotation.note,
            by: annotation.by,
            at: annotation.at.map(Time::to_iso),
            accepted: annotation.is_accepted,
            tags: annotation.tags,
            colour: annotation.colour.map(Colour::word),
            past: annotation.past.iter().map(PastEntry::of).collect(),
            others: annotation.others.into_iter().map(OtherEntry::of).collect(),
        };
        Ok(list.item(&entry)?)
    })?;
    Ok(list.end()?)
}
