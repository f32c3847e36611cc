//! One term of a filter: what it looks at, and what it wants there.

use std::ops::RangeInclusive;

use regex::{Regex, RegexBuilder};

use super::FilterError;
use crate::attribution::{Carrier, Conclusiveness};
use crate::capture::{Flags, Flow, FlowId};
use crate::document::Document;
use crate::providers::catalogue;
use crate::query::columns::{Column, ColumnId, Value, conclusiveness_named};

/// Every key with what it means, for completion and help.
pub const KEYS: &[(&str, &str)] = &[
    ("host", "host name at label boundaries, `*.example`"),
    ("url", "anywhere in the URL"),
    ("path", "path with query"),
    ("method", "request method"),
    ("status", "number, class such as 4xx, or range"),
    ("type", "media type"),
    (
        "kind",
        "document, data, style, script, font, image, media, websocket, other",
    ),
    ("provider", "who answers; `none` = not attributed"),
    ("service", "which product"),
    ("role", "origin, cdn, unknown"),
    (
        "conclusive",
        "insufficient, conflicting, suggestive, strong, conclusive",
    ),
    ("edge", "edge as provider/service"),
    ("origin", "origin as provider/service"),
    ("region", "where it stands"),
    ("party", "whose traffic it is"),
    ("label", "origin, cdn, unknown, none = not reviewed"),
    ("note", "a person's note"),
    ("by", "who labelled it"),
    ("tag", "a person's tag; `none` = without one"),
    ("color", "red, orange, yellow, green, blue, purple, none"),
    (
        "is",
        "error, redirect, cached, tunnel, upload, websocket, labelled, annotated, conflict, incomplete",
    ),
    ("size", "bytes received, `>10k`"),
    ("larger-than", "more bytes received than"),
    ("smaller-than", "fewer bytes received than"),
    ("time", "duration in milliseconds"),
    ("scheme", "URL scheme"),
    ("port", "port"),
    ("protocol", "HTTP version"),
    ("remote-ip", "address of the peer"),
    ("file", "name of the capture"),
    ("n", "number of the flow"),
];

const OPERATORS: &[&str] = &["!=", ">=", "<=", "*=", "^=", "$=", "~=", ":", "=", ">", "<"];

type IsKind = fn(&Document, FlowId, Flow<'_>) -> bool;

const KINDS: &[(&str, IsKind)] = &[
    ("error", |_, _, flow| {
        400 <= flow.row().status || flow.row().flags.contains(Flags::ABORTED)
    }),
    ("redirect", |_, _, flow| {
        (300..400).contains(&flow.row().status)
    }),
    ("cached", |_, _, flow| {
        flow.row()
            .flags
            .intersects(Flags::FROM_CACHE.with(Flags::PROXY_CACHE))
    }),
    ("tunnel", |_, _, flow| {
        flow.row().flags.contains(Flags::TUNNEL)
    }),
    ("upload", |_, _, flow| {
        matches!(flow.method(), "PUT" | "POST" | "PATCH")
    }),
    ("websocket", |_, _, flow| {
        flow.row().flags.contains(Flags::WEBSOCKET)
    }),
    ("labelled", |document, id, _| document.label(id).is_some()),
    ("annotated", |document, id, _| {
        document.annotation(id).is_some()
    }),
    ("conflict", |document, id, _| {
        document.verdict(id).conclusiveness == Conclusiveness::Conflicting
    }),
    ("incomplete", |_, _, flow| {
        flow.row().flags.contains(Flags::INCOMPLETE)
    }),
];

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
}

impl Term {
    pub(super) fn keeps(&self, document: &Document, id: FlowId, flow: Flow<'_>) -> bool {
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
        };
        is_found != self.is_negated
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
        let Some((key, operator, value)) = split(text) else {
            return plain(What::Text(url, regex(&wildcards(unquote(text)), text, at)?));
        };
        let place = Place {
            text,
            value,
            at,
            value_at: at + text.len() - value.len(),
        };
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
        let what = what(&key.to_ascii_lowercase(), operator, unquote(value), &place)?;
        Ok(Self {
            what,
            is_negated: operator == "!=",
        })
    }
}

/// Where in the filter a term and its value stand.
struct Place<'a> {
    text: &'a str,
    value: &'a str,
    at: usize,
    value_at: usize,
}

impl Place<'_> {
    fn error(&self, from: usize, message: impl Into<String>) -> FilterError {
        FilterError {
            at: from..self.at + self.text.len(),
            message: message.into(),
        }
    }

    fn bad_value(&self, message: impl Into<String>) -> FilterError {
        self.error(self.value_at, message)
    }
}

fn what(key: &str, operator: &str, value: &str, place: &Place<'_>) -> Result<What, FilterError> {
    let words =
        |options: &[&str]| place.bad_value(format!("expected one of {}", options.join(", ")));
    match key {
        "is" => KINDS.iter().find(|(word, _)| *word == value).map_or_else(
            || {
                Err(words(
                    &KINDS.iter().map(|(word, _)| *word).collect::<Vec<_>>(),
                ))
            },
            |(_, is_kind)| Ok(What::Kind(*is_kind)),
        ),
        "larger-than" => Ok(What::Number(
            ColumnId::Size.column(),
            number_range(">", value, place)?,
        )),
        "smaller-than" => Ok(What::Number(
            ColumnId::Size.column(),
            number_range("<", value, place)?,
        )),
        "conclusive" => conclusive(operator, value, place),
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
                ColumnId::Role | ColumnId::Label => text_term(column, "=", value, place),
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
    let wanted = wildcards(value);
    let pattern = match operator {
        ":" if column.id == ColumnId::Host => {
            let wanted = wildcards(value.trim_start_matches("*."));
            format!("(?:^|\\.){wanted}$")
        }
        ":" | "*=" => wanted,
        "=" | "!=" => format!("^{wanted}$"),
        "^=" => format!("^{wanted}"),
        "$=" => format!("{wanted}$"),
        "~=" => value.to_owned(),
        _ => {
            return Err(place.error(
                place.at,
                format!("`{}` holds words, which have no order", column.word),
            ));
        }
    };
    Ok(What::Text(
        column,
        regex(&pattern, place.value, place.value_at)?,
    ))
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

/// The numbers that `operator value` means: `>10k`, `4xx`, `200-299`, `404`.
fn number_range(
    operator: &str,
    value: &str,
    place: &Place<'_>,
) -> Result<RangeInclusive<f64>, FilterError> {
    let class = value
        .strip_suffix("xx")
        .and_then(|digit| digit.parse::<f64>().ok());
    if let Some(class) = class {
        return Ok(class * 100.0..=class * 100.0 + 99.0);
    }
    if let Some((from, to)) = value
        .split_once('-')
        .and_then(|(a, b)| Some((quantity(a)?, quantity(b)?)))
    {
        return Ok(from..=to);
    }
    let number = quantity(value).ok_or_else(|| {
        place.bad_value("expected a number, a range such as 200-299, or a class such as 4xx")
    })?;
    Ok(match operator {
        ">" => number.next_up()..=f64::INFINITY,
        ">=" => number..=f64::INFINITY,
        "<" => f64::NEG_INFINITY..=number.next_down(),
        "<=" => f64::NEG_INFINITY..=number,
        _ => number..=number,
    })
}

/// `10k`, `1.5M`, `200ms`, `2s`: thousands and milliseconds.
fn quantity(text: &str) -> Option<f64> {
    let lower = text.to_ascii_lowercase();
    let units = [
        ("kb", 1e3),
        ("mb", 1e6),
        ("gb", 1e9),
        ("ms", 1.0),
        ("k", 1e3),
        ("m", 1e6),
        ("g", 1e9),
        ("s", 1e3),
        ("b", 1.0),
    ];
    let (digits, factor) = units
        .iter()
        .find_map(|(unit, factor)| Some((lower.strip_suffix(unit)?, *factor)))
        .unwrap_or((&lower, 1.0));
    digits
        .trim()
        .parse::<f64>()
        .ok()
        .filter(|number| number.is_finite())
        .map(|number| number * factor)
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

fn unquote(text: &str) -> &str {
    let Some(rest) = text.strip_prefix('"') else {
        return text;
    };
    rest.strip_suffix('"').unwrap_or(rest)
}

/// `text` as a pattern in which only `*` is special.
fn wildcards(text: &str) -> String {
    text.split('*')
        .map(regex::escape)
        .collect::<Vec<_>>()
        .join(".*")
}

fn regex(pattern: &str, written: &str, at: usize) -> Result<Regex, FilterError> {
    RegexBuilder::new(pattern)
        .case_insensitive(true)
        .size_limit(1 << 20)
        .nest_limit(50)
        .build()
        .map_err(|error| {
            let reason = match error {
                regex::Error::CompiledTooBig(_) => "too large",
                _ => "unfinished or not allowed here",
            };
            FilterError {
                at: at..at + written.len(),
                message: format!("this is not a regular expression: {reason}"),
            }
        })
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
