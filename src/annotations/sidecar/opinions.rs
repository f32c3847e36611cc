//! Opinions on relations in a sidecar: read leniently, and written with everything that was not understood.

use std::collections::BTreeMap;

use serde::ser::{Serialize, SerializeSeq as _, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::super::{PastStance, RelationKey, RelationOpinion, RelationOpinions, Stance};
use crate::base::time::Time;

/// The fields of an opinion that this version writes.
const FIELDS: [&str; 9] = [
    "party", "service", "role", "opinion", "instead", "note", "by", "at", "past",
];

/// What a sidecar says of relations.
#[derive(Clone, Debug, Default)]
pub(super) struct SavedOpinions {
    /// What this version understands.
    pub(super) understood: RelationOpinions,
    /// The fields that it does not know, by relation and person.
    unknown: BTreeMap<(RelationKey, String), Map<String, Value>>,
    /// Opinions that it does not understand.
    strange: Vec<Box<RawValue>>,
}

impl SavedOpinions {
    pub(super) fn read(entries: Vec<&RawValue>) -> Self {
        let mut saved = Self::default();
        for entry in entries {
            let value: Option<Value> = serde_json::from_str(entry.get()).ok();
            let Some((key, opinion, unknown)) = value.as_ref().and_then(opinion_of) else {
                saved.strange.push(entry.to_owned());
                continue;
            };
            if !unknown.is_empty() {
                let place = (key.clone(), opinion.by.clone());
                saved.unknown.entry(place).or_default().extend(unknown);
            }
            saved.understood.merge(&key, opinion);
        }
        saved
    }

    pub(super) fn is_empty(&self) -> bool {
        self.understood.is_empty() && self.strange.is_empty()
    }

    /// The same with these opinions in place of those that were understood.
    pub(super) fn updated(&self, opinions: &RelationOpinions) -> Self {
        Self {
            understood: opinions.clone(),
            ..self.clone()
        }
    }
}

impl Serialize for SavedOpinions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for (key, said) in self.understood.iter() {
            for opinion in said {
                let unknown = self.unknown.get(&(key.clone(), opinion.by.clone()));
                list.serialize_element(&value(key, opinion, unknown))?;
            }
        }
        for strange in &self.strange {
            list.serialize_element(strange)?;
        }
        list.end()
    }
}

/// A relation, what is said of it, and the fields that are not known; `None` when this version does not understand it.
fn opinion_of(entry: &Value) -> Option<(RelationKey, RelationOpinion, Map<String, Value>)> {
    let fields = entry.as_object()?;
    let key = RelationKey {
        party: text(fields, "party")?,
        service: text(fields, "service")?,
        role: text(fields, "role")?,
    };
    let past = match fields.get("past") {
        None | Some(Value::Null) => Vec::new(),
        Some(past) => past
            .as_array()?
            .iter()
            .map(past_of)
            .collect::<Option<_>>()?,
    };
    let opinion = RelationOpinion {
        stance: Stance::named(&text(fields, "opinion")?, &text(fields, "instead")?)?,
        note: text(fields, "note")?,
        by: text(fields, "by")?,
        at: Time::parse_iso(&text(fields, "at")?),
        past,
    };
    let unknown = fields
        .iter()
        .filter(|(name, _)| !FIELDS.contains(&name.as_str()));
    let unknown = unknown
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    (!key.party.is_empty()).then_some((key, opinion, unknown))
}

fn past_of(past: &Value) -> Option<PastStance> {
    let fields = past.as_object()?;
    Some(PastStance {
        stance: Stance::named(&text(fields, "opinion")?, &text(fields, "instead")?)?,
        note: text(fields, "note")?,
        at: Time::parse_iso(&text(fields, "at")?),
    })
}

/// The text called `name`, empty when there is none; `None` for what is no text.
fn text(fields: &Map<String, Value>, name: &str) -> Option<String> {
    match fields.get(name) {
        None | Some(Value::Null) => Some(String::new()),
        Some(value) => value.as_str().map(str::to_owned),
    }
}

fn value(
    key: &RelationKey,
    opinion: &RelationOpinion,
    unknown: Option<&Map<String, Value>>,
) -> Value {
    let said = |stance: &Stance, note: &str, at: Option<Time>| {
        let mut fields = Map::new();
        fields.insert("opinion".to_owned(), json!(stance.word()));
        if !stance.instead().is_empty() {
            fields.insert("instead".to_owned(), json!(stance.instead()));
        }
        fields.insert("note".to_owned(), json!(note));
        fields.insert("at".to_owned(), json!(at.map(Time::to_iso)));
        fields
    };
    let mut fields = Map::new();
    fields.insert("party".to_owned(), json!(key.party));
    fields.insert("service".to_owned(), json!(key.service));
    fields.insert("role".to_owned(), json!(key.role));
    fields.insert("by".to_owned(), json!(opinion.by));
    fields.extend(said(&opinion.stance, &opinion.note, opinion.at));
    if !opinion.past.is_empty() {
        let past = opinion.past.iter();
        let past = past.map(|past| Value::Object(said(&past.stance, &past.note, past.at)));
        fields.insert("past".to_owned(), past.collect());
    }
    fields.extend(unknown.cloned().unwrap_or_default());
    Value::Object(fields)
}
