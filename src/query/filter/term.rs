//! One term of a filter: what it looks at, and what it wants there.

use std::ops::RangeInclusive;

use regex::Regex;
use regex::bytes::{Regex as BytesRegex, RegexBuilder as BytesRegexBuilder};

use super::deep::{CookiePart, Deep, Sides};
use super::keys::{IsKind, KEYS, KINDS, kind};
use super::related::{Related, Wanted};
use super::value::{
    AddressBlock, NEST_LIMIT, REGEX_LIMIT, number_range, regex, regex_error, unquote, wildcards,
};
use super::{FilterError, Subject};
use crate::annotations::Colour;
use crate::attribution::Carrier;
use crate::attribution::roles::{Owner, RelationRole};
use crate::base::jobs::Cancel;
use crate::document::{Document, Reread};
use crate::providers::catalogue;
use crate::query::columns::{Column, ColumnId, Value, conclusiveness_named};
use crate::query::kinds::Kind;

const OPERATORS: &[&str] = &["!=", ">=", "<=", "*=", "^=", "$=", "~=", ":", "=", ">", "<"];

/// What a term wants to find.
#[derive(Clone, Debug)]
pub(super) struct Term {
    what: What,
    is_negated: bool,
}

#[derive(Clone, Debug)]
enum What {
    Text(&'static Column, Regex),
    Number(&'static Column, RangeInclusive<f64>),
    Missing(&'static Column),
    Carrier(fn(Carrier, &str) -> bool, String),
    Conclusive(RangeInclusive<u8>),
    Kind(IsKind),
    Related(Related),
    Address(AddressBlock),
    /// A part of the family or the rule of a piece of evidence.
    Evidence(Regex),
    Deep(Deep),
    /// Anywhere: in the URL, or in what has to be read again.
    Anywhere(Regex, Deep),
}

impl Term {
    /// How dear it is to ask: 0 looks at columns, 1 at the evidence, 2 reads the entry again.
    pub(super) const fn cost(&self) -> u8 {
        match &self.what {
            What::Deep(_) | What::Anywhere(..) => 2,
            What::Evidence(_) => 1,
            What::Text(column, _) | What::Number(column, _) | What::Missing(column) => {
                matches!(column.id, ColumnId::Rival | ColumnId::EvidenceCount) as u8
            }
            _ => 0,
        }
    }

    pub(super) fn keeps(&self, subject: &Subject<'_>) -> bool {
        let Subject {
            document, id, flow, ..
        } = *subject;
        let is_found = match &self.what {
            What::Text(column, pattern) => match column.of(document, id, flow) {
                Value::Text(text) => pattern.is_match(&text),
                Value::Number(number) => pattern.is_match(&number.to_string()),
                Value::Missing => false,
            },
            What::Number(column, range) => match column.of(document, id, flow) {
                Value::Number(number) => range.contains(&number),
                Value::Text(_) | Value::Missing => false,
            },
            What::Missing(column) => column.of(document, id, flow) == Value::Missing,
            What::Carrier(is_meant, wanted) => document
                .verdict(id)
                .terminating()
                .is_some_and(|carrier| is_meant(carrier, wanted)),
            What::Conclusive(ranks) => ranks.contains(&(document.verdict(id).conclusiveness as u8)),
            What::Kind(is_kind) => is_kind(document, id, flow),
            What::Related(related) => related.holds(id),
            What::Address(block) => block.contains(flow.server_ip()),
            What::Evidence(wanted) => document.examine(id).is_some_and(|found| {
                let mut evidence = found.evidence.iter();
                evidence.any(|one| wanted.is_match(&one.rule) || wanted.is_match(one.family.word()))
            }),
            What::Deep(deep) => subject.fits(deep),
            What::Anywhere(url, deep) => url.is_match(flow.url()) || subject.fits(deep),
        };
        is_found != self.is_negated
    }

    /// Looks up what it wants to know of all of `document` at once; `None` when cancelled.
    pub(super) fn prepare(&mut self, document: &Document, cancel: &Cancel) -> Option<()> {
        match &mut self.what {
            What::Related(related) => related.prepare(document, cancel),
            _ => Some(()),
        }
    }

    /// Understands the term `text`, which begins at byte `at` of the filter.
    pub(super) fn parse(text: &str, at: usize) -> Result<Self, FilterError> {
        let plain = |what| {
            Ok(Self {
                what,
                is_negated: false,
            })
        };
        let url = ColumnId::Url.column();
        if let Some(pattern) = text
            .strip_prefix('/')
            .and_then(|rest| rest.strip_suffix('/'))
            .filter(|p| !p.is_empty())
        {
            return plain(What::Text(url, regex(pattern, text, at)?));
        }
        if let Some(rest) = text.strip_prefix("contains(") {
            let wanted = rest.strip_suffix(')').unwrap_or(rest).trim();
            let place = Place::of(text, wanted, at);
            return plain(anywhere(unquote(wanted).as_ref(), &place)?);
        }
        if let Some((side, name, operator, value)) = named_header(text) {
            let place = Place::of(text, value, at);
            return Ok(Self {
                what: header(side, name, operator, value, &place)?,
                is_negated: operator == "!=",
            });
        }
        let Some((key, operator, value)) = split(text) else {
            return plain(What::Text(
                url,
                regex(&wildcards(&unquote(text)), text, at)?,
            ));
        };
        let place = Place::of(text, value, at);
        if value.is_empty() {
            return Err(place.error(at, format!("expected a value behind `{key}{operator}`")));
        }
        // `status:>=400` is typed as often as `status>=400`.
        let inner = (operator == ":")
            .then(|| {
                OPERATORS
                    .iter()
                    .filter(|op| **op != ":")
                    .find(|op| value.starts_with(**op))
            })
            .flatten();
        let (operator, value) = inner.map_or((operator, value), |op| (*op, &value[op.len()..]));
        let what = what(&key.to_ascii_lowercase(), operator, &unquote(value), &place)?;
        Ok(Self {
            what,
            is_negated: operator == "!=",
        })
    }
}

/// Where in the filter a term and its value stand.
pub(super) struct Place<'a> {
    text: &'a str,
    value: &'a str,
    at: usize,
    value_at: usize,
}

impl<'a> Place<'a> {
    /// `value` is the last part of `text`, but for a parenthesis behind it.
    fn of(text: &'a str, value: &'a str, at: usize) -> Self {
        let offset = (value.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        Self {
            text,
            value,
            at,
            value_at: at + offset.min(text.len()),
        }
    }

    fn error(&self, from: usize, message: impl Into<String>) -> FilterError {
        FilterError {
            at: from..self.at + self.text.len(),
            message: message.into(),
        }
    }

    pub(super) fn bad_value(&self, message: impl Into<String>) -> FilterError {
        self.error(self.value_at, message)
    }

    fn regex(&self, pattern: &str) -> Result<Regex, FilterError> {
        regex(pattern, self.value, self.value_at)
    }

    fn bytes_regex(&self, pattern: &str) -> Result<BytesRegex, FilterError> {
        BytesRegexBuilder::new(pattern)
            .case_insensitive(true)
            .size_limit(REGEX_LIMIT)
            .nest_limit(NEST_LIMIT)
            .build()
            .map_err(|error| regex_error(&error, self.value, self.value_at))
    }
}

const COLOURS: [&str; 7] = ["red", "orange", "yellow", "green", "blue", "purple", "none"];

fn is_colour(word: &str) -> bool {
    word == "none" || Colour::named(word).is_some()
}

fn what(key: &str, operator: &str, value: &str, place: &Place<'_>) -> Result<What, FilterError> {
    let words =
        |options: &[&str]| place.bad_value(format!("expected one of {}", options.join(", ")));
    match key {
        "is" => kind(value)
            .map(What::Kind)
            .ok_or_else(|| words(&KINDS.iter().map(|(word, _)| *word).collect::<Vec<_>>())),
        "relation" => RelationRole::named(&value.to_ascii_lowercase())
            .map(|role| What::Related(Wanted::Role(role).into()))
            .ok_or_else(|| words(&RelationRole::ALL.map(RelationRole::word))),
        "whose" => Owner::named(&value.to_ascii_lowercase())
            .map(|owner| What::Related(Wanted::Owner(owner).into()))
            .ok_or_else(|| words(&Owner::ALL.map(Owner::word))),
        "bucket" => {
            let name = place.regex(&pattern(key, operator, value, place)?)?;
            Ok(What::Related(Wanted::Bucket(name).into()))
        }
        "evidence" => Ok(What::Evidence(
            place.regex(&pattern(key, operator, value, place)?)?,
        )),
        "color" if !is_colour(value) && !matches!(operator, "~=" | "*=") => Err(words(&COLOURS)),
        "cache" if !["hit", "miss", "none"].contains(&value) => {
            Err(words(&["hit", "miss", "none"]))
        }
        "kind" if value != "none" && !Kind::ALL.iter().any(|kind| kind.word() == value) => {
            Err(words(&Kind::ALL.map(Kind::word)))
        }
        "remote-ip" | "ip" if value.contains('/') => AddressBlock::parse(value)
            .map(What::Address)
            .ok_or_else(|| place.bad_value("expected addresses such as 10.0.0.0/8")),
        "larger-than" => Ok(What::Number(
            ColumnId::Size.column(),
            number_range(">", value, place)?,
        )),
        "smaller-than" => Ok(What::Number(
            ColumnId::Size.column(),
            number_range("<", value, place)?,
        )),
        "conclusive" => conclusive(operator, value, place),
        _ if let Some(deep) = deep(key, operator, value, place)? => Ok(What::Deep(deep)),
        _ => {
            let column = Column::named(key)
                .ok_or_else(|| place.error(place.at, format!("there is no key `{key}`")))?;
            if value == "none" {
                return Ok(What::Missing(column));
            }
            match column.id {
                ColumnId::Provider => Ok(What::Carrier(is_provider, value.to_ascii_lowercase())),
                ColumnId::Service => Ok(What::Carrier(is_service, value.to_ascii_lowercase())),
                ColumnId::Role if !["origin", "cdn", "unknown"].contains(&value) => {
                    Err(words(&["origin", "cdn", "unknown"]))
                }
                ColumnId::Label if !["origin", "cdn", "unknown"].contains(&value) => {
                    Err(words(&["origin", "cdn", "unknown", "none"]))
                }
                ColumnId::Role | ColumnId::Label | ColumnId::Cache | ColumnId::Kind => {
                    text_term(column, "=", value, place)
                }
                _ if column.is_number => {
                    Ok(What::Number(column, number_range(operator, value, place)?))
                }
                _ => text_term(column, operator, value, place),
            }
        }
    }
}

fn text_term(
    column: &'static Column,
    operator: &str,
    value: &str,
    place: &Place<'_>,
) -> Result<What, FilterError> {
    let pattern = if column.id == ColumnId::Host && operator == ":" {
        let wanted = wildcards(value.trim_start_matches("*."));
        format!("(?:^|\\.){wanted}$")
    } else if column.id == ColumnId::Asn && matches!(operator, ":" | "=" | "!=") {
        let has_letters = value
            .get(..2)
            .is_some_and(|two| two.eq_ignore_ascii_case("as"));
        let number = if has_letters { &value[2..] } else { value };
        format!("^AS{}$", wildcards(number))
    } else {
        pattern(column.word, operator, value, place)?
    };
    Ok(What::Text(column, place.regex(&pattern)?))
}

/// The regular expression that `operator value` means for words.
fn pattern(
    key: &str,
    operator: &str,
    value: &str,
    place: &Place<'_>,
) -> Result<String, FilterError> {
    let wanted = wildcards(value);
    Ok(match operator {
        ":" | "*=" => wanted,
        "=" | "!=" => format!("^{wanted}$"),
        "^=" => format!("^{wanted}"),
        "$=" => format!("{wanted}$"),
        "~=" => value.to_owned(),
        _ => {
            let message = format!("`{key}` holds words, which have no order");
            return Err(place.error(place.at, message));
        }
    })
}

/// What `key operator value` wants of the entry itself; `None` when the key is none of these.
fn deep(
    key: &str,
    operator: &str,
    value: &str,
    place: &Place<'_>,
) -> Result<Option<Deep>, FilterError> {
    let wanted = || place.regex(&pattern(key, operator, value, place)?);
    let cookie = |part| Ok(Deep::Cookie(part, wanted()?));
    let named = |sides| -> Result<Deep, FilterError> {
        Ok(Deep::Header {
            sides,
            name: Some(place.regex(&format!("^{}$", wildcards(value)))?),
            value: None,
        })
    };
    let line = |sides| Ok(Deep::HeaderLine(sides, wanted()?));
    let body = |sides| {
        Ok(Deep::Body(
            sides,
            place.bytes_regex(&pattern(key, operator, value, place)?)?,
        ))
    };
    let deep = match key {
        "has-response-header" => named(Sides::Response),
        "has-request-header" => named(Sides::Request),
        "has-header" => named(Sides::Both),
        "header" => line(Sides::Both),
        "header-request" | "request-header" => line(Sides::Request),
        "header-response" | "response-header" => line(Sides::Response),
        "body" => body(Sides::Both),
        "body-request" | "request-body" => body(Sides::Request),
        "body-response" | "response-body" => body(Sides::Response),
        "cookie-name" => cookie(CookiePart::SentName),
        "cookie-value" => cookie(CookiePart::SentValue),
        "set-cookie-name" => cookie(CookiePart::SetName),
        "set-cookie-value" => cookie(CookiePart::SetValue),
        "set-cookie-domain" | "cookie-domain" => cookie(CookiePart::SetDomain),
        _ => match Column::named(key).and_then(|column| column.reread) {
            Some(Reread::Fact(name)) if value == "none" => Ok(Deep::Fact(name, None)),
            Some(Reread::Fact(name)) => Ok(Deep::Fact(name, Some(wanted()?))),
            _ => return Ok(None),
        },
    };
    deep.map(Some)
}

/// `contains(text)`: in the URL, a header or a body.
fn anywhere(value: &str, place: &Place<'_>) -> Result<What, FilterError> {
    if value.is_empty() {
        return Err(place.error(place.at, "expected a text between the parentheses"));
    }
    let wanted = wildcards(value);
    let (url, line) = (place.regex(&wanted)?, place.regex(&wanted)?);
    let body = place.bytes_regex(&wanted)?;
    Ok(What::Anywhere(url, Deep::Anywhere(line, body)))
}

/// `header[Name]=value`, `request-header[Name]`, `response-header[Name]:value`: sides, name, operator and value.
fn named_header(text: &str) -> Option<(Sides, &str, &str, &str)> {
    let (key, rest) = text.split_once('[')?;
    let sides = match key.to_ascii_lowercase().as_str() {
        "header" => Sides::Both,
        "request-header" | "header-request" => Sides::Request,
        "response-header" | "header-response" => Sides::Response,
        _ => return None,
    };
    let (name, rest) = rest.split_once(']')?;
    let operator = OPERATORS
        .iter()
        .find(|operator| rest.starts_with(**operator));
    let operator = operator.copied().unwrap_or_default();
    Some((sides, name, operator, &rest[operator.len()..]))
}

fn header(
    sides: Sides,
    name: &str,
    operator: &str,
    value: &str,
    place: &Place<'_>,
) -> Result<What, FilterError> {
    if name.trim().is_empty() {
        return Err(place.error(
            place.at,
            "expected the name of a header between the brackets",
        ));
    }
    if !operator.is_empty() && value.is_empty() {
        let message = format!("expected a value behind `{operator}`");
        return Err(place.error(place.value_at, message));
    }
    if operator.is_empty() && !value.is_empty() {
        return Err(place.error(place.value_at, "expected an operator such as `=`"));
    }
    let name_pattern = format!("^{}$", wildcards(name.trim()));
    let value = if operator.is_empty() {
        None
    } else {
        let pattern = pattern("header", operator, &unquote(value), place)?;
        Some(place.regex(&pattern)?)
    };
    Ok(What::Deep(Deep::Header {
        sides,
        name: Some(place.regex(&name_pattern)?),
        value,
    }))
}

fn conclusive(operator: &str, value: &str, place: &Place<'_>) -> Result<What, FilterError> {
    let rank = conclusiveness_named(value).ok_or_else(|| {
        place.bad_value("expected one of insufficient, conflicting, suggestive, strong, conclusive")
    })? as u8;
    Ok(What::Conclusive(match operator {
        ">=" => rank..=u8::MAX,
        ">" => rank + 1..=u8::MAX,
        "<=" => 0..=rank,
        "<" if rank == 0 => RangeInclusive::new(1, 0),
        "<" => 0..=rank - 1,
        _ => rank..=rank,
    }))
}

/// Key, operator and value of `text`; `None` for a plain word, also when it is a URL or `host:port`.
fn split(text: &str) -> Option<(&str, &str, &str)> {
    let key_len = text
        .find(|c: char| !(c.is_ascii_alphabetic() || c == '-'))
        .filter(|len| 0 < *len)?;
    let (key, rest) = text.split_at(key_len);
    let operator = OPERATORS
        .iter()
        .find(|operator| rest.starts_with(**operator))?;
    let value = &rest[operator.len()..];
    let is_known = KEYS.iter().any(|(word, _)| *word == key) || Column::named(key).is_some();
    let is_address = value.starts_with("//") || value.bytes().all(|byte| byte.is_ascii_digit());
    (is_known || !is_address).then_some((key, operator, value))
}

fn is_provider(carrier: Carrier, wanted: &str) -> bool {
    let provider = catalogue().provider(catalogue().service(carrier.service).provider);
    provider.id == wanted || provider.name.to_lowercase().starts_with(wanted)
}

fn is_service(carrier: Carrier, wanted: &str) -> bool {
    let service = catalogue().service(carrier.service);
    service.id == wanted
        || catalogue().path(carrier.service) == wanted
        || service.name.to_lowercase().contains(wanted)
}
