//! Annotated HAR: every flow with its verdict and label, for programs that read HAR 1.2.
//!
//! Entries of a HAR keep all their fields; those of other captures are written from what was read. All of them are made
//! valid: HAR has no way to say that a time is unknown, so `_headwater.unknown` names such fields.

mod conform;
mod entry;
mod synthesis;

use std::io;

use serde_json::{Map, Value, json};

use super::contract::{List, write_list};
use super::opinions::others_words;
use super::visible::write_json;
use super::{Report, ReportError, ReportInput, carrier_name, label_word};
use crate::annotations::{Colour, Label};
use crate::base::bytes::Span;
use crate::base::time::Time;
use crate::capture::{Capture, Flags, Flow, FlowId};
use crate::redact::Redactor;

pub(super) struct Har;

/// Largest head of a capture (everything before its first entry) that is taken over, in bytes.
const MAX_HEAD_BYTES: u32 = 16 << 20;

impl Report for Har {
    fn id(&self) -> &'static str {
        "har"
    }

    fn title(&self) -> &'static str {
        "Annotated HAR"
    }

    fn extension(&self) -> &'static str {
        "har"
    }

    fn write(
        &self,
        input: &ReportInput<'_>,
        redactor: &mut Redactor,
        out: &mut dyn io::Write,
    ) -> Result<(), ReportError> {
        let comment = if input.level.keeps_secrets() {
            "annotated by Headwater; secrets are not removed"
        } else {
            "annotated by Headwater; secrets and bodies are removed"
        };
        let pages: Vec<Value> = input
            .document
            .captures()
            .iter()
            .flat_map(|open| pages(&open.capture, redactor))
            .collect();
        let creator = json!({"name": "Headwater", "version": env!("CARGO_PKG_VERSION"), "comment": producers(input, redactor)});
        write!(out, "{{\"log\":{{\"version\":\"1.2\",\"creator\":")?;
        write_json(out, &creator)?;
        write!(out, ",\"pages\":[")?;
        write_list(out, pages.iter())?;
        write!(out, "],\"comment\":{},\"entries\":[", json!(comment))?;
        let mut entries = List::new(out);
        let read = |_, flow: Flow<'_>| {
            original(flow).unwrap_or_else(|| synthesis::entry_of(flow, input.level.keeps_secrets()))
        };
        input.walk_with(
            redactor,
            &input.flows,
            read,
            |id, flow, fields, redactor| {
                Ok(entries.item(&annotated(input, id, flow, fields, redactor))?)
            },
        )?;
        entries.end()?;
        writeln!(out, "]}}}}")?;
        Ok(())
    }
}

/// The programs that wrote the captures.
fn producers(input: &ReportInput<'_>, redactor: &mut Redactor) -> String {
    let captures = input.document.captures().iter();
    let names: Vec<String> = captures
        .map(|open| {
            let info = open.capture.info();
            let producer = redactor.text(&info.producer);
            format!(
                "{}: {}",
                redactor.shown(&info.name),
                if producer.is_empty() {
                    info.format
                } else {
                    &producer
                }
            )
        })
        .collect();
    names.join("; ")
}

/// The pages of a HAR, when they stand before its entries, as browsers write them.
fn pages(capture: &Capture, redactor: &mut Redactor) -> Vec<Value> {
    let first = capture.flow(0).filter(|_| capture.info().format == "har");
    let end = first.and_then(|flow| u32::try_from(flow.row().span.start).ok());
    let Some(end) = end.filter(|end| *end <= MAX_HEAD_BYTES) else {
        return Vec::new();
    };
    let Ok(head) = capture.source().bytes(Span::new(0, end)) else {
        return Vec::new();
    };
    let head = String::from_utf8_lossy(&head);
    let from = head.find('{').unwrap_or(head.len());
    let closed = format!("{}]}}}}", head[from..].trim_end());
    let Ok(mut head) = serde_json::from_str::<Value>(&closed) else {
        return Vec::new();
    };
    match head.pointer_mut("/log/pages").map(Value::take) {
        Some(Value::Array(mut pages)) => {
            pages.retain(Value::is_object);
            for page in &mut pages {
                entry::redact_page(page, redactor);
                if let Value::Object(page) = page {
                    conform::page(page);
                }
            }
            pages
        }
        _ => Vec::new(),
    }
}

fn annotated(
    input: &ReportInput<'_>,
    id: FlowId,
    flow: Flow<'_>,
    mut fields: Map<String, Value>,
    redactor: &mut Redactor,
) -> Value {
    entry::redact_entry(&mut fields, redactor);
    let unknown = conform::entry(&mut fields);
    let verdict = input.document.verdict(id);
    let annotation = input.annotation(id, redactor);
    let edge = carrier_name(input, id, verdict.edge);
    let origin = carrier_name(input, id, verdict.origin);
    let mut words = vec![format!(
        "verdict {} ({})",
        verdict.role.word(),
        verdict.conclusiveness.word()
    )];
    if annotation.label.is_some() {
        words.push(format!("label {}", label_word(annotation.label)));
    }
    if annotation.is_accepted {
        words.push("accepted from the machine".to_owned());
    }
    if !annotation.tags.is_empty() {
        words.push(format!("tags {}", annotation.tags.join(", ")));
    }
    if !annotation.note.is_empty() {
        words.push(annotation.note.clone());
    }
    if !annotation.others.is_empty() {
        words.push(others_words(&annotation));
    }
    let others = annotation.others.iter();
    let others: Vec<Value> = others
        .map(|one| {
            json!({
                "label": one.label.map(Label::word),
                "note": one.note,
                "by": one.by,
                "at": one.at.map(Time::to_iso),
                "accepted": one.is_accepted,
            })
        })
        .collect();
    let carrier = |name: &str| (!name.is_empty()).then(|| name.to_owned());
    fields.insert("comment".to_owned(), json!(words.join("; ")));
    fields.insert(
        "_headwater".to_owned(),
        json!({
            "schema": 1,
            "n": id.n(),
            "label": annotation.label.map(|label| label_word(Some(label))),
            "by": annotation.by,
            "at": annotation.at.map(Time::to_iso),
            "note": annotation.note,
            "others": others,
            "accepted": annotation.is_accepted,
            "tags": annotation.tags,
            "colour": annotation.colour.map(Colour::word),
            "role": verdict.role.word(),
            "edge": carrier(&edge),
            "origin": carrier(&origin),
            "conclusiveness": verdict.conclusiveness.word(),
            "unknown": unknown,
            "not_served": reasons(flow),
        }),
    );
    Value::Object(fields)
}

/// Why the answer is none of a server's, as far as the capture says so: HAR has no words for it.
fn reasons(flow: Flow<'_>) -> Vec<&'static str> {
    let flags = flow.row().flags;
    Flags::REASONS
        .iter()
        .filter(|(flag, _)| flags.contains(*flag))
        .map(|(_, word)| *word)
        .collect()
}

/// The entry as it stands in a HAR; `None` for other formats and for entries that are damaged.
fn original(flow: Flow<'_>) -> Option<Map<String, Value>> {
    let capture = flow.capture();
    if capture.info().format != "har" {
        return None;
    }
    let bytes = capture.source().bytes(flow.row().span).ok()?;
    match serde_json::from_str(&String::from_utf8_lossy(&bytes)).ok()? {
        Value::Object(fields) => Some(fields),
        _ => None,
    }
}
