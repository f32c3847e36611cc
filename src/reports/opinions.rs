//! What people think of relations and, side by side, of flows, fit to leave the program.

use std::collections::BTreeSet;

use serde::Serialize;

use super::ReportInput;
use crate::annotations::{Annotation, Opinion, RelationKey, RelationOpinion};
use crate::base::time::Time;
use crate::redact::Redactor;

/// One person's opinion on one relation, for reading.
#[derive(Clone, Debug)]
pub(super) struct RelationRow {
    pub(super) party: String,
    /// `aws/s3`
    pub(super) service: String,
    pub(super) role: String,
    /// `agrees`, `disagrees: …`, `undecided`.
    pub(super) says: String,
    pub(super) note: String,
    pub(super) by: String,
    pub(super) at: Option<Time>,
    /// What the same person had said before, the last of it; empty when nothing else.
    pub(super) before: String,
    /// Another person says something else.
    pub(super) is_disputed: bool,
}

/// What is said of the relations of parties in the report, by party, service and role.
pub(super) fn relation_rows(input: &ReportInput<'_>, redactor: &mut Redactor) -> Vec<RelationRow> {
    let mut rows = Vec::new();
    for (key, said) in relations(input) {
        for opinion in said {
            let others =
                |other: &RelationOpinion| other.by != opinion.by && other.stance != opinion.stance;
            let before = opinion.past.last();
            rows.push(RelationRow {
                party: redactor.shown(&key.party),
                service: redactor.shown(&key.service),
                role: redactor.shown(&key.role),
                says: redactor.text(&opinion.stance.title()),
                note: redactor.text(&opinion.note),
                by: shown_name(&opinion.by, redactor),
                at: opinion.at,
                before: before.map_or_else(String::new, |past| redactor.text(&past.stance.title())),
                is_disputed: said.iter().any(others),
            });
        }
    }
    rows
}

/// The relations of parties that occur in the report, with what people say of each.
fn relations<'a>(
    input: &ReportInput<'a>,
) -> impl Iterator<Item = (&'a RelationKey, &'a [RelationOpinion])> {
    let document = input.document;
    let all = document.annotations().opinions();
    let shown: BTreeSet<&str> = if all.is_empty() {
        BTreeSet::new()
    } else {
        input.shown().map(|(id, _)| document.party(id)).collect()
    };
    // An opinion on a party that hosts were grouped away from is still somebody's opinion.
    all.iter().filter(move |(key, _)| {
        shown.contains(key.party.as_str()) || !document.has_party(&key.party)
    })
}

/// The opinions on one relation, for programs.
#[derive(Serialize)]
pub(super) struct RelationEntry {
    party: String,
    service: String,
    role: String,
    opinions: Vec<OpinionEntry>,
}

#[derive(Serialize)]
struct OpinionEntry {
    opinion: &'static str,
    instead: String,
    note: String,
    by: String,
    at: Option<String>,
    /// What the same person had said before, the oldest first.
    past: Vec<PastEntry>,
}

#[derive(Serialize)]
struct PastEntry {
    opinion: &'static str,
    instead: String,
    note: String,
    at: Option<String>,
}

/// What is said of the relations of parties in the report.
pub(super) fn relation_entries(
    input: &ReportInput<'_>,
    redactor: &mut Redactor,
) -> Vec<RelationEntry> {
    let mut entry = |(key, said): (&RelationKey, &[RelationOpinion])| RelationEntry {
        party: redactor.shown(&key.party),
        service: redactor.shown(&key.service),
        role: redactor.shown(&key.role),
        opinions: said
            .iter()
            .map(|said| OpinionEntry {
                opinion: said.stance.word(),
                instead: redactor.text(said.stance.instead()),
                note: redactor.text(&said.note),
                by: redactor.shown(&said.by),
                at: said.at.map(Time::to_iso),
                past: said
                    .past
                    .iter()
                    .map(|past| PastEntry {
                        opinion: past.stance.word(),
                        instead: redactor.text(past.stance.instead()),
                        note: redactor.text(&past.note),
                        at: past.at.map(Time::to_iso),
                    })
                    .collect(),
            })
            .collect(),
    };
    relations(input).map(&mut entry).collect()
}

/// A name as typed, or that there is none.
pub(super) fn shown_name(by: &str, redactor: &mut Redactor) -> String {
    match by {
        "" => "somebody who gave no name".to_owned(),
        by => redactor.shown(by),
    }
}

/// The note of a flow; where several people said something, each of them with name, label and note. `said` is redacted
/// already.
pub(super) fn note_words(said: &Annotation) -> String {
    if said.others.is_empty() {
        return said.note.clone();
    }
    let words: Vec<String> = said
        .opinions()
        .map(|one| opinion_words(&one, false))
        .collect();
    words.join(" · ")
}

/// What others than the person in front say, each with name, label, note and time.
pub(super) fn others_words(said: &Annotation) -> String {
    let others = said.others.iter();
    let words: Vec<String> = others.map(|one| opinion_words(one, true)).collect();
    words.join(" · ")
}

/// `Kim: Origin, by its name`.
fn opinion_words(opinion: &Opinion, with_time: bool) -> String {
    let by = match opinion.by.as_str() {
        "" => "nobody by name",
        by => by,
    };
    let label = opinion.label.map(|label| label.title().to_owned());
    let note = Some(opinion.note.clone()).filter(|note| !note.is_empty());
    let at = opinion.at.map(Time::to_iso).filter(|_| with_time);
    let parts: Vec<String> = label.into_iter().chain(note).chain(at).collect();
    format!("{by}: {}", parts.join(", "))
}
