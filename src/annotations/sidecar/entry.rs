//! One entry of a sidecar: what people said of one flow, as it is read and written.

use std::collections::{BTreeMap, HashMap};

use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::super::{Annotation, Colour, Digest, Label, Opinion, PastLabel, typed_tag};
use crate::base::time::Time;
use crate::capture::Flow;
use crate::redact::{EntrySecrets, Level, Redactor};

/// What a sidecar says about one flow, as it stands there.
pub(super) type Entry<'a> = &'a RawValue;

/// What an entry holds that this version does not know.
#[derive(Clone, Debug, Default)]
pub(super) struct Unknown {
    fields: Map<String, Value>,
    /// The same for what other people say, by their names.
    of_others: BTreeMap<String, Map<String, Value>>,
}

impl Unknown {
    pub(super) fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.of_others.is_empty()
    }
}

/// The fields of an entry that this version writes.
const FIELDS: [&str; 11] = [
    "strong", "locator", "label", "note", "by", "at", "accepted", "tags", "colour", "past",
    "others",
];
/// The fields of what another person says.
const OTHERS_FIELDS: [&str; 5] = ["label", "note", "by", "at", "accepted"];

/// An entry that fits a flow and is understood.
pub(super) struct Understood {
    pub(super) digest: Digest,
    pub(super) annotation: Annotation,
    /// What of it is not.
    pub(super) unknown: Unknown,
}

/// The row that an entry fits, and what it says; `None` when it fits none or is not understood.
pub(super) fn understood(
    entry: Entry<'_>,
    rows: &HashMap<Digest, u32>,
) -> Option<(u32, Understood)> {
    let entry: Value = serde_json::from_str(entry.get()).ok()?;
    let digest = Digest::from_hex(entry.get("strong")?.as_str()?)?;
    let row = *rows.get(&digest)?;
    let annotation = annotation_of(&entry)?;
    let of_others = entry.get("others").and_then(Value::as_array);
    let of_others = of_others.into_iter().flatten().filter_map(|other| {
        let unknown = without(other, &OTHERS_FIELDS)?;
        let by = other.get("by").and_then(Value::as_str).unwrap_or_default();
        Some((by.to_owned(), unknown)).filter(|(_, unknown)| !unknown.is_empty())
    });
    let unknown = Unknown {
        of_others: of_others.collect(),
        fields: without(&entry, &FIELDS)?,
    };
    let understood = Understood {
        digest,
        annotation,
        unknown,
    };
    Some((row, understood))
}

/// The fields of an object that are not among the `known`; `None` when it is no object.
fn without(object: &Value, known: &[&str]) -> Option<Map<String, Value>> {
    let fields = object.as_object()?.iter();
    let unknown = fields.filter(|(key, _)| !known.contains(&key.as_str()));
    Some(
        unknown
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect(),
    )
}

/// What an entry says; `None` when this version does not understand it, or when it says nothing.
fn annotation_of(entry: &Value) -> Option<Annotation> {
    let front = opinion_of(entry)?;
    let colour = match text(entry, "colour")?.as_str() {
        "" => None,
        word => Some(Colour::named(word)?),
    };
    let mut annotation = Annotation {
        label: front.label,
        is_accepted: front.is_accepted,
        note: front.note,
        tags: tags_of(entry)?,
        colour,
        by: front.by,
        at: front.at,
        past: past_of(entry)?,
        others: list_of(entry, "others", opinion_of)?,
    };
    annotation.settle();
    (!annotation.is_empty()).then_some(annotation)
}

/// What one person says; `None` when this version does not understand it.
fn opinion_of(entry: &Value) -> Option<Opinion> {
    let label = match text(entry, "label")?.as_str() {
        "" => None,
        word => Some(Label::named(word)?),
    };
    Some(Opinion {
        label,
        is_accepted: entry.get("accepted").and_then(Value::as_bool) == Some(true),
        note: text(entry, "note")?,
        by: text(entry, "by")?,
        at: Time::parse_iso(&text(entry, "at")?),
    })
}

/// The text called `key`, empty when there is none; `None` for what is no text.
fn text(entry: &Value, key: &str) -> Option<String> {
    match entry.get(key) {
        None | Some(Value::Null) => Some(String::new()),
        Some(Value::String(text)) => Some(text.clone()),
        Some(_) => None,
    }
}

/// The list called `key`, each of its parts understood by `read`; empty when there is none.
fn list_of<T>(entry: &Value, key: &str, read: fn(&Value) -> Option<T>) -> Option<Vec<T>> {
    match entry.get(key) {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(Value::Array(parts)) => parts.iter().map(read).collect(),
        Some(_) => None,
    }
}

fn tags_of(entry: &Value) -> Option<Vec<String>> {
    let mut tags = list_of(entry, "tags", |tag| typed_tag(tag.as_str()?))?;
    tags.sort_unstable();
    tags.dedup();
    Some(tags)
}

fn past_of(entry: &Value) -> Option<Vec<PastLabel>> {
    list_of(entry, "past", |past| {
        let text = |key: &str| past.get(key).and_then(Value::as_str).unwrap_or_default();
        Some(PastLabel {
            label: Label::named(text("label"))?,
            by: text("by").to_owned(),
            at: Time::parse_iso(text("at")),
        })
    })
}

/// The entry that says `annotation` of `flow`, with what was found in it before and not understood.
pub(super) fn value(
    flow: Flow<'_>,
    digest: Digest,
    annotation: &Annotation,
    unknown: Option<&Unknown>,
) -> Value {
    let colour = annotation.colour.map(Colour::word);
    let mut entry = Map::new();
    // Most flows have none of the last five.
    for (key, value, is_said) in [
        ("strong", json!(digest.to_string()), true),
        ("locator", locator(flow), true),
        ("label", json!(annotation.label.map(Label::word)), true),
        ("note", json!(annotation.note), true),
        ("by", json!(annotation.by), true),
        ("at", json!(annotation.at.map(Time::to_iso)), true),
        ("accepted", json!(true), annotation.is_accepted),
        ("tags", json!(annotation.tags), !annotation.tags.is_empty()),
        ("colour", json!(colour), colour.is_some()),
        (
            "past",
            past_value(&annotation.past),
            !annotation.past.is_empty(),
        ),
        (
            "others",
            others_value(annotation, unknown),
            !annotation.others.is_empty(),
        ),
    ] {
        if is_said {
            entry.insert(key.to_owned(), value);
        }
    }
    entry.extend(unknown.into_iter().flat_map(|it| it.fields.clone()));
    Value::Object(entry)
}

fn others_value(annotation: &Annotation, unknown: Option<&Unknown>) -> Value {
    let one = |other: &Opinion| {
        let mut value = Map::new();
        value.insert("label".to_owned(), json!(other.label.map(Label::word)));
        value.insert("note".to_owned(), json!(other.note));
        value.insert("by".to_owned(), json!(other.by));
        value.insert("at".to_owned(), json!(other.at.map(Time::to_iso)));
        if other.is_accepted {
            value.insert("accepted".to_owned(), json!(true));
        }
        let unknown = unknown.and_then(|unknown| unknown.of_others.get(&other.by));
        value.extend(unknown.cloned().unwrap_or_default());
        Value::Object(value)
    };
    annotation.others.iter().map(one).collect()
}

fn past_value(past: &[PastLabel]) -> Value {
    let one = |past: &PastLabel| json!({"label": past.label.word(), "by": past.by, "at": past.at.map(Time::to_iso)});
    past.iter().map(one).collect()
}

/// For people who read the file: enough to find the flow, and nothing that could be a secret.
fn locator(flow: Flow<'_>) -> Value {
    json!({
        "entry": flow.row().entry,
        "method": Redactor::default().shown(flow.method()),
        "url": public_url(flow),
        "start": flow.start().map(Time::to_iso),
    })
}

/// The URL without its query and fragment, and with secrets removed; only the scheme of one that has no host, since all of
/// it is content.
fn public_url(flow: Flow<'_>) -> String {
    let url = flow.url();
    if flow.host().is_empty() && flow.path().is_none() {
        let scheme = url.split(':').next().unwrap_or_default();
        return scheme.chars().take(20).collect();
    }
    let place = url.split(['?', '#', ';']).next().unwrap_or_default();
    // A redactor of its own for each flow: the same flow is written the same way whatever else is labelled.
    let mut redactor = Redactor::new(Level::Balanced);
    redactor.enter(EntrySecrets::of_row(flow));
    redactor.url(place)
}
