//! The content of a sidecar file, schema 1: read leniently, written in one form.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher as _, RandomState};

use serde::ser::{Serialize, SerializeMap as _, SerializeSeq as _, Serializer};
use serde_json::error::Category;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::super::{Annotation, Digest, typed_host};
use super::AboutParties;
use super::entry::{self, Entry, Unknown, understood};
use super::opinions::SavedOpinions;
use crate::attribution::Groups;
use crate::capture::Capture;

/// The schema that this version writes.
const SCHEMA: u64 = 1;

/// What a sidecar holds beside the annotations that this version understands: those live in the session.
#[derive(Clone, Debug)]
pub(super) struct Content {
    salt: String,
    /// The file without its groupings and annotations.
    head: Map<String, Value>,
    /// The party that a person counts each host under.
    parties: Map<String, Value>,
    /// What people think of relations.
    opinions: SavedOpinions,
    /// The fields of annotations that this version does not know.
    unknown: HashMap<Digest, Unknown>,
    /// Entries that fit no flow, or say something that this version does not understand.
    orphans: Vec<Box<RawValue>>,
}

/// A sidecar, and its entries, which are not tied to flows yet.
pub(super) type Read<'a> = (Content, Vec<Entry<'a>>);

/// Why a sidecar was not understood.
pub(super) enum ReadError<'a> {
    Damaged(String),
    /// Written by a newer version: its number, and what could be understood nevertheless.
    Newer(u64, Box<Read<'a>>),
}

impl Content {
    /// A sidecar that says nothing yet.
    pub(super) fn new() -> Self {
        Self {
            salt: new_salt(),
            head: Map::new(),
            parties: Map::new(),
            opinions: SavedOpinions::default(),
            unknown: HashMap::new(),
            orphans: Vec::new(),
        }
    }

    pub(super) fn parse(bytes: &[u8]) -> Result<Read<'_>, ReadError<'_>> {
        let damaged = |reason: &str| ReadError::Damaged(reason.to_owned());
        let invalid = |error: serde_json::Error| match error.classify() {
            Category::Data => damaged("expected an object"),
            _ => ReadError::Damaged(format!("not valid JSON: {error}")),
        };
        let mut parts: BTreeMap<String, &RawValue> =
            serde_json::from_slice(bytes).map_err(invalid)?;
        let parties = match parts.remove("parties") {
            None => Some(Map::new()),
            Some(parties) => read(parties),
        };
        let opinions = match parts.remove("relations") {
            None => Some(SavedOpinions::default()),
            Some(opinions) => read(opinions).map(SavedOpinions::read),
        };
        let entries = parts.remove("annotations").and_then(read);
        let mut head = Map::new();
        for (key, value) in parts {
            head.insert(key, serde_json::from_str(value.get()).map_err(invalid)?);
        }
        let schema = head
            .get("schema")
            .and_then(Value::as_u64)
            .ok_or_else(|| damaged("expected a schema number"))?;
        let salt = head.get("salt").and_then(Value::as_str).map(str::to_owned);
        let is_newer = SCHEMA < schema;
        let needed = |is_there: bool, what: &str| {
            if is_there || is_newer {
                Ok(())
            } else {
                Err(damaged(what))
            }
        };
        needed(salt.is_some(), "expected a salt")?;
        needed(parties.is_some(), "expected a party for each host")?;
        needed(opinions.is_some(), "expected a list of opinions")?;
        needed(entries.is_some(), "expected a list of annotations")?;
        let content = Self {
            salt: salt.unwrap_or_default(),
            head,
            parties: parties.unwrap_or_default(),
            opinions: opinions.unwrap_or_default(),
            unknown: HashMap::new(),
            orphans: Vec::new(),
        };
        let found = (content, entries.unwrap_or_default());
        if is_newer {
            Err(ReadError::Newer(schema, Box::new(found)))
        } else {
            Ok(found)
        }
    }

    /// Ties `entries` to the rows with these digests and returns what was said of each, in row order. Each row takes the
    /// first entry that fits and is understood; all others are kept here.
    pub(super) fn take_in(
        &mut self,
        entries: Vec<Entry<'_>>,
        digests: &[Digest],
    ) -> Vec<(u32, Annotation)> {
        if entries.is_empty() {
            return Vec::new();
        }
        let rows: HashMap<Digest, u32> = digests.iter().copied().zip(0..).collect();
        let mut by_row = BTreeMap::new();
        for entry in entries {
            let understood = understood(entry, &rows);
            let Some((row, said)) = understood.filter(|(row, _)| !by_row.contains_key(row)) else {
                self.orphans.push(entry.to_owned());
                continue;
            };
            by_row.insert(row, said.annotation);
            if !said.unknown.is_empty() {
                self.unknown.insert(said.digest, said.unknown);
            }
        }
        by_row.into_iter().collect()
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

    /// Number of entries that were kept without being understood.
    pub(super) const fn n_orphans(&self) -> usize {
        self.orphans.len()
    }

    /// True when there would be nothing to save but annotations.
    pub(super) fn is_empty(&self) -> bool {
        self.orphans.is_empty() && self.parties.is_empty() && self.opinions.is_empty()
    }

    /// What people say of parties, as far as it is understood.
    pub(super) fn about_parties(&self) -> AboutParties {
        AboutParties {
            groups: self.groups(),
            opinions: self.opinions.understood.clone(),
        }
    }

    fn groups(&self) -> Groups {
        let mut groups = Groups::default();
        for (host, party) in self.parties.iter().filter_map(grouping_of) {
            groups.set(&host, party);
        }
        groups
    }

    /// The content with `about` in place of what was said of parties before; orphans stay.
    pub(super) fn updated(&self, capture: &Capture, about: &AboutParties, reviewer: &str) -> Self {
        Self {
            head: self.updated_head(capture, reviewer),
            parties: self.updated_parties(&about.groups),
            opinions: self.opinions.updated(&about.opinions),
            ..self.clone()
        }
    }

    fn updated_head(&self, capture: &Capture, reviewer: &str) -> Map<String, Value> {
        let mut head = Map::new();
        head.insert("schema".to_owned(), json!(SCHEMA));
        head.insert("headwater".to_owned(), json!(env!("CARGO_PKG_VERSION")));
        head.insert("capture".to_owned(), self.updated_capture(capture));
        head.insert("salt".to_owned(), json!(self.salt));
        // Who gives no name does not take the name of the one who reviewed before.
        if !(reviewer.is_empty() && self.head.contains_key("reviewer")) {
            head.insert("reviewer".to_owned(), json!(reviewer));
        }
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

    /// The file with `said` about the rows of `capture`, which have these digests. Entries are made one after the other:
    /// there may be a million.
    pub(super) fn to_bytes(
        &self,
        capture: &Capture,
        digests: &[Digest],
        said: &[(u32, &Annotation)],
    ) -> serde_json::Result<Vec<u8>> {
        let file = Written {
            content: self,
            capture,
            digests,
            said,
        };
        let mut bytes = serde_json::to_vec_pretty(&file)?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

/// The value of a part of the file; it was found to be JSON before.
fn read<'a, T: serde::Deserialize<'a>>(raw: &'a RawValue) -> Option<T> {
    serde_json::from_str(raw.get()).ok()
}

/// A sidecar as it is written.
struct Written<'a> {
    content: &'a Content,
    capture: &'a Capture,
    digests: &'a [Digest],
    said: &'a [(u32, &'a Annotation)],
}

impl Written<'_> {
    fn entry(&self, row: u32, annotation: &Annotation) -> Option<Value> {
        let flow = self.capture.flow(row)?;
        let digest = *self.digests.get(row as usize)?;
        let unknown = self.content.unknown.get(&digest);
        Some(entry::value(flow, digest, annotation, unknown))
    }
}

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut file = serializer.serialize_map(None)?;
        for (key, value) in &self.content.head {
            file.serialize_entry(key, value)?;
        }
        if !self.content.parties.is_empty() {
            file.serialize_entry("parties", &self.content.parties)?;
        }
        if !self.content.opinions.is_empty() {
            file.serialize_entry("relations", &self.content.opinions)?;
        }
        file.serialize_entry("annotations", &Entries(self))?;
        file.end()
    }
}

/// The annotations of a sidecar, and what was kept beside them.
struct Entries<'a>(&'a Written<'a>);

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(written) = self;
        let mut list = serializer.serialize_seq(None)?;
        for (row, annotation) in written.said {
            if let Some(entry) = written.entry(*row, annotation) {
                list.serialize_element(&entry)?;
            }
        }
        for orphan in &written.content.orphans {
            list.serialize_element(orphan)?;
        }
        list.end()
    }
}

/// A host and the party it counts under; `None` when this version does not understand it.
fn grouping_of<'a>((host, party): (&String, &'a Value)) -> Option<(String, &'a str)> {
    let (host, party) = (typed_host(host), party.as_str()?.trim());
    (!host.is_empty() && !party.is_empty()).then_some((host, party))
}

/// 128 bits that differ for each sidecar: the standard library seeds its hasher from the system's random source.
fn new_salt() -> String {
    let state = RandomState::new();
    format!("{:016x}{:016x}", state.hash_one(1), state.hash_one(2))
}
