//! What may follow in a filter that is being typed: keys with their meaning, and values seen in the captures with counts.

use std::collections::HashMap;
use std::ops::Range;

use super::columns::{Column, ColumnId, Value, conclusiveness_words};
use super::filter::{self, KEYS, KINDS};
use super::kinds::Kind;
use crate::attribution::roles::{Owner, Relation, RelationRole};
use crate::base::jobs::Cancel;
use crate::capture::{FlowSet, Side};
use crate::document::Document;
use crate::providers::catalogue;

/// Most completions that are offered.
const MAX_OFFERED: usize = 8;
/// Most values that are counted for a key; further ones are not offered.
const MAX_COUNTED: usize = 20_000;
/// Most values of a key among which one chooses while typing.
const MAX_VALUES: usize = 1_000;
/// Longest value that is offered, in characters.
const MAX_VALUE: usize = 120;
/// Flows between two looks at the cancel token.
const STEP: usize = 4_096;

/// The place in a filter at which somebody types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typing {
    /// The key before the operator; `None` while the key itself is being typed.
    pub key: Option<String>,
    /// What was typed of the key or the value so far, without a quote before it.
    pub typed: String,
    /// The bytes that a completion takes the place of.
    pub at: Range<usize>,
}

/// One way to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// What is shown.
    pub word: String,
    /// What it means, or how many flows have it.
    pub about: String,
    /// What is put in the place of what was typed.
    pub insert: String,
}

impl Typing {
    /// What is being typed in `text` at byte `cursor`; `None` where nothing can be completed.
    pub fn at(text: &str, cursor: usize) -> Option<Self> {
        let before = text.get(..cursor)?;
        let start = word_start(before);
        let word = &before[start..];
        let operator_at = word.find([':', '=', '<', '>']);
        let Some(operator_at) = operator_at else {
            return (!word.is_empty() && !word.starts_with(['"', '/', '~'])).then(|| Self {
                key: None,
                typed: word.to_ascii_lowercase(),
                at: start..cursor,
            });
        };
        let key = word[..operator_at].trim_end_matches(['!', '*', '^', '$', '~']);
        let behind = &word[operator_at..];
        let value = behind.trim_start_matches([':', '=', '<', '>']);
        let value_at = cursor - value.len();
        Some(Self {
            key: Some(key.to_ascii_lowercase()),
            typed: value.trim_start_matches('"').to_lowercase(),
            at: value_at..cursor,
        })
    }

    /// The ways to go on; `values` are those of the key, as [`values`] counts them.
    pub fn completions(&self, values: &[(String, u64)]) -> Vec<Completion> {
        match &self.key {
            None => self.keys(),
            Some(_) => self.values(values),
        }
    }

    fn keys(&self) -> Vec<Completion> {
        let fits = |(key, _): &&(&str, &str)| key.starts_with(&self.typed) && *key != self.typed;
        let found = KEYS.iter().filter(fits).take(MAX_OFFERED);
        let offered = found.map(|(key, about)| Completion {
            word: format!("{key}:"),
            about: (*about).to_owned(),
            insert: format!("{key}:"),
        });
        offered.collect()
    }

    fn values(&self, values: &[(String, u64)]) -> Vec<Completion> {
        let begins = |value: &str| value.to_lowercase().starts_with(&self.typed);
        let contains = |value: &str| value.to_lowercase().contains(&self.typed);
        let first = values.iter().filter(|(value, _)| begins(value));
        let then = values
            .iter()
            .filter(|(value, _)| !begins(value) && contains(value));
        let is_finished = |value: &str| value.to_lowercase() == self.typed;
        let found = first.chain(then).filter(|(value, _)| !is_finished(value));
        let offered = found.take(MAX_OFFERED).map(|(value, n)| Completion {
            word: value.clone(),
            about: about_value(self.key.as_deref(), value, *n),
            insert: format!("{} ", quoted(value)),
        });
        offered.collect()
    }
}

/// How many flows have `value`, or what it means where that needs saying.
fn about_value(key: Option<&str>, value: &str, n: u64) -> String {
    let meaning = KINDS
        .iter()
        .find(|(word, _)| key == Some("is") && *word == value);
    match (meaning, n) {
        (Some((_, about)), 0) => (*about).to_owned(),
        (None, 0) => String::new(),
        (Some((_, about)), n) => format!("{}  {about}", crate::base::text::thousands(n)),
        (None, n) => crate::base::text::thousands(n),
    }
}

/// Where the word that ends `before` begins: behind white space, a parenthesis or a negation outside quotes.
fn word_start(before: &str) -> usize {
    let mut start = 0;
    let mut is_quoted = false;
    for (at, c) in before.char_indices() {
        match c {
            '"' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            '(' | '|' | '&' => start = at + 1,
            '-' | '!' if at == start => start = at + 1,
            _ if c.is_whitespace() => start = at + c.len_utf8(),
            _ => {}
        }
    }
    start
}

/// `value` as a filter writes it.
pub fn quoted(value: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "._-/%+@:".contains(c);
    let first_is_plain = value.starts_with(|c: char| c.is_alphanumeric() || c == '/');
    if first_is_plain && value.chars().all(is_plain) {
        value.to_owned()
    } else {
        format!("\"{}\"", value.replace('"', "\\\""))
    }
}

/// The values of `key` with the number of flows that have each, the most frequent first. `None` when cancelled.
///
/// Cost: one look at every flow; for worker threads.
pub fn values(document: &Document, key: &str, cancel: &Cancel) -> Option<Vec<(String, u64)>> {
    match key {
        "is" => Some(fixed(KINDS.iter().map(|(word, _)| *word))),
        "kind" => counted(document, ColumnId::Kind.column(), cancel)
            .map(|seen| with_rest(seen, Kind::ALL.map(Kind::word))),
        "conclusive" => counted(document, ColumnId::Conclusive.column(), cancel)
            .map(|seen| with_rest(seen, conclusiveness_words())),
        "label" => counted(document, ColumnId::Label.column(), cancel)
            .map(|seen| with_rest(seen, ["origin", "cdn", "unknown", "none"])),
        "has-response-header" => header_names(document, Side::Response, cancel),
        "has-request-header" => header_names(document, Side::Request, cancel),
        "provider" => Some(providers(document, cancel)?),
        "tag" => Some(tags(document)),
        "relation" => related(document, filter::roles, cancel)
            .map(|seen| with_rest(seen, RelationRole::ALL.map(RelationRole::word))),
        "whose" => related(document, filter::owners, cancel)
            .map(|seen| with_rest(seen, Owner::ALL.map(Owner::word))),
        "bucket" => related(document, filter::buckets, cancel),
        _ => {
            let column = Column::named(key)?;
            if has_many_values(column.id) {
                return Some(Vec::new());
            }
            counted(document, column, cancel)
        }
    }
}

/// True for columns in which nearly every flow has a value of its own, or which are dear to read.
const fn has_many_values(column: ColumnId) -> bool {
    matches!(
        column,
        ColumnId::N
            | ColumnId::Start
            | ColumnId::Time
            | ColumnId::Wait
            | ColumnId::Size
            | ColumnId::Sent
            | ColumnId::Content
            | ColumnId::Age
            | ColumnId::Rival
            | ColumnId::EvidenceCount
            | ColumnId::TlsVersion
            | ColumnId::Initiator
            | ColumnId::Header(_)
    )
}

fn fixed<'a>(words: impl IntoIterator<Item = &'a str>) -> Vec<(String, u64)> {
    let words = words.into_iter();
    words.map(|word| (word.to_owned(), 0)).collect()
}

/// `seen`, and behind them those of `all` that were not seen.
fn with_rest<const N: usize>(mut seen: Vec<(String, u64)>, all: [&str; N]) -> Vec<(String, u64)> {
    for word in all {
        if !seen.iter().any(|(other, _)| other == word) {
            seen.push((word.to_owned(), 0));
        }
    }
    seen
}

fn counted(
    document: &Document,
    column: &'static Column,
    cancel: &Cancel,
) -> Option<Vec<(String, u64)>> {
    let mut counts: HashMap<String, u64> = HashMap::new();
    for (idx, (id, flow)) in document.flows().enumerate() {
        if idx.is_multiple_of(STEP) && cancel.is_cancelled() {
            return None;
        }
        let value = match column.of(document, id, flow) {
            Value::Text(text) => text,
            Value::Number(number) => number.to_string().into(),
            Value::Missing => continue,
        };
        if let Some(count) = counts.get_mut(value.as_ref()) {
            *count += 1;
        } else if counts.len() < MAX_COUNTED && value.len() <= MAX_VALUE {
            counts.insert(value.into_owned(), 1);
        }
    }
    Some(most_frequent_first(counts))
}

fn most_frequent_first(counts: HashMap<String, u64>) -> Vec<(String, u64)> {
    let mut values: Vec<(String, u64)> = counts.into_iter().collect();
    values.sort_by(|(a, n_a), (b, n_b)| n_b.cmp(n_a).then_with(|| a.cmp(b)));
    values.truncate(MAX_VALUES);
    values
}

fn providers(document: &Document, cancel: &Cancel) -> Option<Vec<(String, u64)>> {
    let mut counts: HashMap<String, u64> = HashMap::new();
    for (idx, (id, _)) in document.flows().enumerate() {
        if idx.is_multiple_of(STEP) && cancel.is_cancelled() {
            return None;
        }
        let carrier = document.verdict(id).terminating();
        let name = carrier.map_or("none", |carrier| {
            let provider = catalogue().provider_of(carrier.service);
            catalogue().provider(provider).id.as_str()
        });
        match counts.get_mut(name) {
            Some(count) => *count += 1,
            None => {
                counts.insert(name.to_owned(), 1);
            }
        }
    }
    Some(most_frequent_first(counts))
}

/// What `of` says about the relations of the session.
fn related(
    document: &Document,
    of: fn(&Relation) -> filter::Findable<'_>,
    cancel: &Cancel,
) -> Option<Vec<(String, u64)>> {
    let roles = document.roles(cancel)?;
    let mut flows: HashMap<&str, FlowSet> = HashMap::new();
    let relations = roles.parties.iter().flat_map(|party| &party.relations);
    for (word, at) in relations.flat_map(of) {
        let known = flows.entry(word).or_default();
        for flow in at {
            known.insert(*flow);
        }
    }
    let counts = flows.into_iter();
    let counts = counts.map(|(word, flows)| (word.to_owned(), flows.len() as u64));
    Some(most_frequent_first(counts.collect()))
}

fn tags(document: &Document) -> Vec<(String, u64)> {
    let mut counts = HashMap::new();
    for (_, said) in document.annotations().iter() {
        for tag in &said.tags {
            *counts.entry(tag.clone()).or_default() += 1;
        }
    }
    most_frequent_first(counts)
}

/// The names of the headers that are kept in memory.
fn header_names(document: &Document, side: Side, cancel: &Cancel) -> Option<Vec<(String, u64)>> {
    let mut counts: HashMap<&str, u64> = HashMap::new();
    for (idx, (_, flow)) in document.flows().enumerate() {
        if idx.is_multiple_of(STEP) && cancel.is_cancelled() {
            return None;
        }
        for header in flow.headers().filter(|header| header.side == side) {
            *counts.entry(header.name).or_default() += 1;
        }
    }
    let counts = counts.into_iter().map(|(name, n)| (name.to_owned(), n));
    Some(most_frequent_first(counts.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(Option<&str>, &str, Range<usize>)>) {
        let found = Typing::at(text, text.len());
        let found = found.map(|typing| (typing.key, typing.typed, typing.at));
        let expected =
            expected.map(|(key, typed, at)| (key.map(str::to_owned), typed.to_owned(), at));
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn what_is_typed_is_a_key_or_a_value() {
        check("", None);
        check("host:x ", None);
        check("sta", Some((None, "sta", 0..3)));
        check("a -Ho", Some((None, "ho", 3..5)));
        check("(rol", Some((None, "rol", 1..4)));
        check("host:", Some((Some("host"), "", 5..5)));
        check("-host:ex", Some((Some("host"), "ex", 6..8)));
        check("status>=4", Some((Some("status"), "4", 8..9)));
        check("path*=a", Some((Some("path"), "a", 6..7)));
        check("note:\"two w", Some((Some("note"), "two w", 5..11)));
        check("/reg", None);
    }

    #[test]
    fn values_that_begin_so_come_before_those_that_contain_it() {
        let values =
            [("a.shop", 9), ("shop.a", 1), ("x y", 2)].map(|(value, n)| (value.to_owned(), n));
        let typing = Typing::at("host:sho", 8).expect("a value");
        let found = typing.completions(&values);
        let words: Vec<&str> = found.iter().map(|found| found.word.as_str()).collect();
        assert_eq!(words, ["shop.a", "a.shop"]);
        let typing = Typing::at("host:x", 6).expect("a value");
        let found = typing.completions(&values);
        assert_eq!(found[0].insert, "\"x y\" ");
        assert_eq!(found[0].about, "2");
    }

    #[test]
    fn what_is_offered_is_understood() {
        for (key, _) in KEYS {
            let typing = Typing::at(&key[..1], 1).expect("a key");
            assert!(!typing.completions(&[]).is_empty(), "{key}");
        }
        for value in ["a\"b", "x y", "-a", "a|b", "(a)", "plain.example"] {
            let filter = format!("host:{}", quoted(value));
            let parsed = crate::query::filter::Filter::parse(&filter);
            assert!(parsed.is_ok(), "{filter}");
        }
    }
}
