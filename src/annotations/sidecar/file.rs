//! The content of a sidecar file, schema 1: read leniently, written in one form.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher as _, RandomState};

use serde_json::{Map, Value, json};

use super::super::{Annotation, Colour, Digest, Label, PastLabel, typed_host, typed_tag};
use crate::attribution::Groups;
use crate::base::time::Time;
use crate::capture::{Capture, Flow};

/// The schema that this version writes.
const SCHEMA: u64 = 1;

/// Everything that a sidecar holds, the parts that this version does not know included.
#[derive(Clone, Debug)]
pub(super) struct Content {
    salt: String,
    /// The file without its groupings and annotations.
    head: Map<String, Value>,
    /// The party that a person counts each host under.
    parties: Map<String, Value>,
    entries: Vec<Value>,
}

/// Why a sidecar was not understood.
pub(super) enum ReadError {
    Damaged(String),
    /// Written by a newer version: its number, and what could be understood nevertheless.
    Newer(u64, Box<Content>),
}

/// Entries tied to the flows of a capture.
#[derive(Debug, Default)]
pub(super) struct Matched {
    pub(super) annotations: Vec<(u32, Annotation)>,
    /// The entries behind [`Matched::annotations`], for the fields that this version does not know.
    originals: BTreeMap<u32, Map<String, Value>>,
    /// Entries that fit no flow, or say something that this version does not understand.
    pub(super) orphans: Vec<Value>,
}

impl Content {
    pub(super) fn new() -> Self {
        Self {
            salt: new_salt(),
            head: Map::new(),
            parties: Map::new(),
            entries: Vec::new(),
        }
    }

    pub(super) fn parse(bytes: &[u8]) -> Result<Self, ReadError> {
        let damaged = |reason: &str| ReadError::Damaged(reason.to_owned());
        let value: Value = serde_json::from_slice(bytes)
            .map_err(|error| ReadError::Damaged(format!("not valid JSON: {error}")))?;
        let Value::Object(mut head) = value else {
            return Err(damaged("expected an object"));
        };
        let schema = head
            .get("schema")
            .and_then(Value::as_u64)
            .ok_or_else(|| damaged("expected a schema number"))?;
        let salt = head.get("salt").and_then(Value::as_str).map(str::to_owned);
        let parties = match head.remove("parties") {
            None => Some(Map::new()),
            Some(Value::Object(parties)) => Some(parties),
            Some(_) => None,
        };
        let entries = match head.remove("annotations") {
            Some(Value::Array(entries)) => Some(entries),
            _ => None,
        };
        if SCHEMA < schema {
            let content = Self {
                salt: salt.unwrap_or_default(),
                head,
                parties: parties.unwrap_or_default(),
                entries: entries.unwrap_or_default(),
            };
            return Err(ReadError::Newer(schema, Box::new(content)));
        }
        Ok(Self {
            salt: salt.ok_or_else(|| damaged("expected a salt"))?,
            head,
            parties: parties.ok_or_else(|| damaged("expected a party for each host"))?,
            entries: entries.ok_or_else(|| damaged("expected a list of annotations"))?,
        })
    }

    pub(super) fn salt(&self) -> &str {
        &self.salt
    }

    pub(super) fn capture_sha256(&self) -> Option<&String> {
        match self.head.get("capture")?.get("sha256")? {
            Value::String(hash) => Some(hash),
            _ => None,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.parties.is_empty()
    }

    /// The groupings by hand, as far as they are understood.
    pub(super) fn groups(&self) -> Groups {
        let mut groups = Groups::default();
        for (host, party) in self.parties.iter().filter_map(grouping_of) {
            groups.set(&host, party);
        }
        groups
    }

    /// Ties the entries to rows. Each row takes the first entry that fits and is understood.
    pub(super) fn matched(&self, digests: &[Digest]) -> Matched {
        let mut matched = Matched::default();
        if self.entries.is_empty() {
            return matched;
        }
        let rows: HashMap<Digest, u32> = digests.iter().copied().zip(0..).collect();
        let mut by_row = BTreeMap::new();
        for entry in &self.entries {
            let found = row_of(entry, &rows).filter(|row| !by_row.contains_key(row));
            match (found, annotation_of(entry), entry) {
                (Some(row), Some(annotation), Value::Object(original)) => {
                    by_row.insert(row, annotation);
                    matched.originals.insert(row, original.clone());
                }
                _ => matched.orphans.push(entry.clone()),
            }
        }
        matched.annotations = by_row.into_iter().collect();
        matched
    }

    /// The content with `annotations` and `groups` in place of those of the same capture; orphans stay.
    pub(super) fn updated(
        &self,
        capture: &Capture,
        digests: &[Digest],
        annotations: &[(u32, Annotation)],
        groups: &Groups,
        reviewer: &str,
    ) -> Self {
        let mut matched = self.matched(digests);
        let mut rows: Vec<_> = annotations
            .iter()
            .filter(|(_, annotation)| !annotation.is_empty())
            .collect();
        rows.sort_by_key(|(row, _)| *row);
        let mut entries: Vec<Value> = rows
            .iter()
            .filter_map(|(row, annotation)| {
                let flow = capture.flow(*row)?;
                let digest = digests.get(*row as usize)?;
                let original = matched.originals.remove(row).unwrap_or_default();
                Some(entry_value(original, flow, *digest, annotation))
            })
            .collect();
        entries.append(&mut matched.orphans);
        Self {
            salt: self.salt.clone(),
            head: self.updated_head(capture, reviewer),
            parties: self.updated_parties(groups),
            entries,
        }
    }

    fn updated_head(&self, capture: &Capture, reviewer: &str) -> Map<String, Value> {
        let mut head = Map::new();
        head.insert("schema".to_owned(), json!(SCHEMA));
        head.insert("headwater".to_owned(), json!(env!("CARGO_PKG_VERSION")));
        head.insert("capture".to_owned(), self.updated_capture(capture));
        head.insert("salt".to_owned(), json!(self.salt));
        head.insert("reviewer".to_owned(), json!(reviewer));
        for (key, value) in &self.head {
            if !head.contains_key(key) {
                head.insert(key.clone(), value.clone());
            }
        }
        head
    }

    fn updated_parties(&self, groups: &Groups) -> Map<String, Value> {
        let not_understood = self.parties.iter().filter(|it| grouping_of(*it).is_none());
        let kept = not_understood.map(|(host, party)| (host.clone(), party.clone()));
        let current = groups.iter();
        kept.chain(current.map(|(host, party)| (host.to_owned(), json!(party))))
            .collect()
    }

    fn updated_capture(&self, capture: &Capture) -> Value {
        let info = capture.info();
        let mut about = match self.head.get("capture") {
            Some(Value::Object(about)) => about.clone(),
            _ => Map::new(),
        };
        about.insert("file".to_owned(), json!(info.name));
        about.insert("bytes".to_owned(), json!(info.bytes));
        // While the hash is still being computed, the one that was found earlier stays.
        if let Some(hash) = info.sha256.get() {
            about.insert("sha256".to_owned(), json!(hash));
        }
        Value::Object(about)
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut file = self.head.clone();
        if !self.parties.is_empty() {
            file.insert("parties".to_owned(), json!(self.parties));
        }
        file.insert("annotations".to_owned(), json!(self.entries));
        let mut text = format!("{:#}", Value::Object(file));
        text.push('\n');
        text.into_bytes()
    }
}

fn row_of(entry: &Value, rows: &HashMap<Digest, u32>) -> Option<u32> {
    let digest = Digest::from_hex(entry.get("strong")?.as_str()?)?;
    rows.get(&digest).copied()
}

/// A host and the party it counts under; `None` when this version does not understand it.
fn grouping_of<'a>((host, party): (&String, &'a Value)) -> Option<(String, &'a str)> {
    let (host, party) = (typed_host(host), party.as_str()?.trim());
    (!host.is_empty() && !party.is_empty()).then_some((host, party))
}

/// What an entry says; `None` when this version does not understand it, or when it says nothing.
fn annotation_of(entry: &Value) -> Option<Annotation> {
    let text = |key: &str| match entry.get(key) {
        None | Some(Value::Null) => Some(String::new()),
        Some(Value::String(text)) => Some(text.clone()),
        Some(_) => None,
    };
    let label = match text("label")?.as_str() {
        "" => None,
        word => Some(Label::named(word)?),
    };
    let colour = match text("colour")?.as_str() {
        "" => None,
        word => Some(Colour::named(word)?),
    };
    let annotation = Annotation {
        label,
        is_accepted: entry.get("accepted").and_then(Value::as_bool) == Some(true),
        note: text("note")?,
        tags: tags_of(entry)?,
        colour,
        by: text("by")?,
        at: Time::parse_iso(&text("at")?),
        past: past_of(entry)?,
    };
    (!annotation.is_empty()).then_some(annotation)
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

fn entry_value(
    original: Map<String, Value>,
    flow: Flow<'_>,
    digest: Digest,
    annotation: &Annotation,
) -> Value {
    let mut entry = original;
    let mut set = |key: &str, value: Value| entry.insert(key.to_owned(), value);
    set("strong", json!(digest.to_string()));
    set("locator", locator(flow));
    set("label", json!(annotation.label.map(Label::word)));
    set("note", json!(annotation.note));
    set("by", json!(annotation.by));
    set("at", json!(annotation.at.map(Time::to_iso)));
    // Most flows have none of these; what was there before must not stay.
    let colour = annotation.colour.map(Colour::word);
    for (key, value, is_said) in [
        ("accepted", json!(true), annotation.is_accepted),
        ("tags", json!(annotation.tags), !annotation.tags.is_empty()),
        ("colour", json!(colour), colour.is_some()),
        (
            "past",
            past_value(&annotation.past),
            !annotation.past.is_empty(),
        ),
    ] {
        if is_said {
            entry.insert(key.to_owned(), value);
        } else {
            entry.remove(key);
        }
    }
    Value::Object(entry)
}

fn past_value(past: &[PastLabel]) -> Value {
    let one = |past: &PastLabel| json!({"label": past.label.word(), "by": past.by, "at": past.at.map(Time::to_iso)});
    past.iter().map(one).collect()
}

/// For people who read the file: enough to find the flow, and nothing that could be a secret.
fn locator(flow: Flow<'_>) -> Value {
    json!({
        "entry": flow.row().entry,
        "method": flow.method(),
        "url": public_url(flow),
        "start": flow.start().map(Time::to_iso),
    })
}

/// The URL without user info, query and fragment; only the scheme of one that has no host, since all of it is content.
fn public_url(flow: Flow<'_>) -> String {
    let url = flow.url();
    if flow.host().is_empty() && flow.path().is_none() {
        let scheme = url.split(':').next().unwrap_or_default();
        return scheme.chars().take(20).collect();
    }
    let url = url.split(['?', '#', ';']).next().unwrap_or_default();
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let authority_len = rest.find(['/', '\\']).unwrap_or(rest.len());
    let host_at = rest[..authority_len].rfind('@').map_or(0, |at| at + 1);
    let separator = if scheme.is_empty() { "" } else { "://" };
    format!("{scheme}{separator}{}", &rest[host_at..])
}

/// 128 bits that differ for each sidecar: the standard library seeds its hasher from the system's random source.
fn new_salt() -> String {
    let state = RandomState::new();
    format!("{:016x}{:016x}", state.hash_one(1), state.hash_one(2))
}
