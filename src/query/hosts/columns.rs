//! The columns of grouped flows, each defined once: the window, the command line, CSV and the clipboard use them.

use std::borrow::Cow;

use super::{By, HostRow, HostTable, Named};
use crate::base::time::Time;
use crate::providers::catalogue;
use crate::query::columns::Value;
use crate::redact::Redactor;

/// One column.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
pub enum HostColumn {
    /// What the flows of the row have in common.
    Key,
    /// Whose traffic they are.
    Party,
    /// Who terminated the connection as a CDN.
    Edge,
    /// Whose storage or compute answered.
    Origin,
    /// What the terminating party is.
    Role,
    /// How conclusive that is.
    Conclusive,
    /// Where they were answered.
    Region,
    /// Number of hosts.
    Hosts,
    /// Number of flows.
    #[default]
    Requests,
    /// Bytes received.
    Bytes,
    /// The part of all bytes received.
    Share,
    /// The duration in the middle.
    Median,
    /// The longest duration.
    Slowest,
    /// Answers from 400 on, and requests that failed.
    Errors,
    /// Flows with a label.
    Labelled,
    /// Flows labelled as origin.
    LabelledOrigin,
    /// Flows labelled as CDN.
    LabelledCdn,
    /// Flows labelled as unknown.
    LabelledUnknown,
    /// The first start.
    First,
    /// The last start.
    Last,
}

impl HostColumn {
    /// All columns in their order.
    pub const ALL: [Self; 20] = [
        Self::Key,
        Self::Party,
        Self::Edge,
        Self::Origin,
        Self::Role,
        Self::Conclusive,
        Self::Region,
        Self::Hosts,
        Self::Requests,
        Self::Bytes,
        Self::Share,
        Self::Median,
        Self::Slowest,
        Self::Errors,
        Self::Labelled,
        Self::LabelledOrigin,
        Self::LabelledCdn,
        Self::LabelledUnknown,
        Self::First,
        Self::Last,
    ];

    /// The columns that say something beside the first one, for flows that are grouped `by`.
    pub fn of(by: By) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |column| match by {
            By::Host => *column != Self::Hosts,
            By::Party => *column != Self::Party,
            By::Region => *column != Self::Region,
            _ => true,
        })
    }

    /// The word on the command line and in CSV.
    pub const fn word(self, by: By) -> &'static str {
        match self {
            Self::Key => by.word(),
            Self::Party => "party",
            Self::Edge => "edge",
            Self::Origin => "origin",
            Self::Role => "role",
            Self::Conclusive => "conclusive",
            Self::Region => "region",
            Self::Hosts => "hosts",
            Self::Requests => "requests",
            Self::Bytes => "bytes",
            Self::Share => "share",
            Self::Median => "median",
            Self::Slowest => "slowest",
            Self::Errors => "errors",
            Self::Labelled => "labelled",
            Self::LabelledOrigin => "labelled-origin",
            Self::LabelledCdn => "labelled-cdn",
            Self::LabelledUnknown => "labelled-unknown",
            Self::First => "first",
            Self::Last => "last",
        }
    }

    /// The word at the head of the column.
    pub const fn title(self, by: By) -> &'static str {
        match self {
            Self::Key => by.title(),
            Self::Party => "Party",
            Self::Edge => "Edge",
            Self::Origin => "Origin behind",
            Self::Role => "Role",
            Self::Conclusive => "Sure",
            Self::Region => "Where",
            Self::Hosts => "Hosts",
            Self::Requests => "Requests",
            Self::Bytes => "Bytes",
            Self::Share => "Share",
            Self::Median => "Median",
            Self::Slowest => "Slowest",
            Self::Errors => "Errors",
            Self::Labelled => "Labels",
            Self::LabelledOrigin => "Labelled origin",
            Self::LabelledCdn => "Labelled CDN",
            Self::LabelledUnknown => "Labelled unknown",
            Self::First => "First",
            Self::Last => "Last",
        }
    }

    /// What it holds, in one phrase.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Key => "what the requests of a row have in common",
            Self::Party => "whose traffic most of them are",
            Self::Edge => "who terminated the connection as a CDN or cache, for most that name one",
            Self::Origin => "whose storage or compute answered, for most that name one",
            Self::Role => "what the terminating party is in most of them: origin, CDN, unknown",
            Self::Conclusive => "how conclusive that is in most of those",
            Self::Region => "where most of them were answered",
            Self::Hosts => "number of hosts",
            Self::Requests => "number of requests",
            Self::Bytes => "bytes received over the wire",
            Self::Share => "part of all bytes received, in percent",
            Self::Median => "duration that half of them fall short of, in milliseconds",
            Self::Slowest => "longest duration, in milliseconds",
            Self::Errors => "answers with a status from 400 on, and requests that failed",
            Self::Labelled => "how many a person labelled",
            Self::LabelledOrigin => "how many are labelled as origin",
            Self::LabelledCdn => "how many are labelled as CDN",
            Self::LabelledUnknown => "how many are labelled as unknown",
            Self::First => "when the first of them started",
            Self::Last => "when the last of them started",
        }
    }

    /// Numbers stand at the right.
    pub const fn is_number(self) -> bool {
        !matches!(
            self,
            Self::Key
                | Self::Party
                | Self::Edge
                | Self::Origin
                | Self::Role
                | Self::Conclusive
                | Self::Region
                | Self::First
                | Self::Last
        )
    }

    /// The column that is called `word` for flows that are grouped `by`.
    pub fn named(word: &str, by: By) -> Option<Self> {
        let mut columns = Self::of(by);
        columns.find(|column| column.word(by) == word || column.alias() == Some(word))
    }

    /// What people of other places call it.
    const fn alias(self) -> Option<&'static str> {
        match self {
            Self::Key => Some("key"),
            Self::Conclusive => Some("sure"),
            Self::Region => Some("where"),
            Self::Bytes => Some("size"),
            _ => None,
        }
    }

    /// The cell of `row`, which is one of `table`.
    pub fn value<'a>(self, table: &'a HostTable, row: &'a HostRow) -> Value<'a> {
        let number = |n: f64| Value::Number(n);
        let count = |n: u32| Value::Number(f64::from(n));
        let ms = |ms: Option<f32>| ms.map_or(Value::Missing, |ms| Value::Number(rounded(ms)));
        match self {
            Self::Key if row.key.is_empty() => Value::Missing,
            Self::Key => Value::Text(table.title(row)),
            Self::Party => words(table.party(row)),
            Self::Edge => service(row.edge),
            Self::Origin => service(row.origin),
            Self::Role => words(row.role.word()),
            Self::Conclusive => words(row.conclusiveness.word()),
            Self::Region => words(table.region(row)),
            Self::Hosts => count(row.n_hosts),
            Self::Requests => count(row.n_flows()),
            Self::Bytes => number(row.bytes as f64),
            Self::Share => number((table.share(row) * 1e4).round() / 1e2),
            Self::Median => ms(row.median_ms),
            Self::Slowest => ms(row.slowest_ms),
            Self::Errors => count(row.n_errors),
            Self::Labelled => count(row.n_labelled()),
            Self::LabelledOrigin => count(row.labels[0]),
            Self::LabelledCdn => count(row.labels[1]),
            Self::LabelledUnknown => count(row.labels[2]),
            Self::First => time(row.first),
            Self::Last => time(row.last),
        }
    }

    /// The same as text that may leave the program.
    pub fn redacted(self, table: &HostTable, row: &HostRow, redactor: &mut Redactor) -> String {
        let text = self.value(table, row).to_text().into_owned();
        let is_shown = match self {
            Self::Key => !matches!(table.by, By::Provider | By::Service | By::Network),
            Self::Party | Self::Region => true,
            _ => false,
        };
        if is_shown {
            redactor.shown(&text)
        } else {
            text
        }
    }
}

/// A hundredth of a millisecond is as exact as files are.
fn rounded(ms: f32) -> f64 {
    (f64::from(ms) * 1e2).round() / 1e2
}

fn words(text: &str) -> Value<'_> {
    if text.is_empty() {
        Value::Missing
    } else {
        Value::Text(Cow::Borrowed(text))
    }
}

fn service(named: Option<Named>) -> Value<'static> {
    named.map_or(Value::Missing, |named| {
        Value::Text(Cow::Borrowed(&catalogue().service(named.service).name))
    })
}

fn time(time: Option<Time>) -> Value<'static> {
    time.map_or(Value::Missing, |time| {
        Value::Text(Cow::Owned(time.to_iso()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_is_found_by_its_word() {
        for by in By::ALL {
            for column in HostColumn::of(by) {
                assert_eq!(HostColumn::named(column.word(by), by), Some(column));
            }
        }
        assert_eq!(HostColumn::named("hosts", By::Host), None);
        assert_eq!(
            HostColumn::named("sure", By::File),
            Some(HostColumn::Conclusive)
        );
    }
}
