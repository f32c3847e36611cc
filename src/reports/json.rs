//! JSON for programs: the flows contract, the labels with author and time, and what is needed to check the report.

use std::io;

use serde::Serialize;
use serde_json::json;

use super::contract::{List, write_open};
use super::summary::Summary;
use super::{Report, ReportError, ReportInput, label_word};
use crate::annotations::{Colour, PastLabel};
use crate::base::time::Time;
use crate::capture::FlowId;
use crate::redact::Redactor;

pub(super) struct Json;

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
        write_open(input, true, &[], redactor, out)?;
        write!(out, ",\n\"labels\":[")?;
        write_labels(input, redactor, out)?;
        let filter = redactor.text(input.filter);
        let summary = Summary::of(input);
        let removed: serde_json::Map<_, _> = redactor
            .counts()
            .map(|(kind, count)| (kind.word().to_owned(), json!(count)))
            .collect();
        let integrity = json!({
            "reviewer": redactor.shown(input.document.reviewer()),
            "filter": filter,
            "flows_shown": summary.shown,
            "flows_in_all": summary.in_all,
            "coverage": {
                "origin": summary.labelled[0],
                "cdn": summary.labelled[1],
                "unknown": summary.labelled[2],
                "not_reviewed": summary.n_not_reviewed(),
            },
            "with_secrets": input.level.keeps_secrets(),
            "removed": removed,
            "captures_opened": "read-only",
            "limits": super::summary::LIMITS,
        });
        writeln!(out, "],\n\"integrity\":{integrity}}}")?;
        Ok(())
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
        };
        Ok(list.item(&entry)?)
    })?;
    Ok(list.end()?)
}
