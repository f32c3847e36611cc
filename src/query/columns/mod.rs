//! Every column, defined once: table, filter, sorting and the command line use these definitions.
//!
//! Beside those of [`COLUMNS`], any header of requests or responses is a column: see [`header_column`].

mod header;
mod list;
mod privacy;

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::attribution::Conclusiveness;
use crate::capture::{Flow, FlowId};
use crate::document::{Document, Reread};

pub use header::{HeaderId, header_column, unread};
pub use list::COLUMNS;

/// Names a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each one is described by its entry in COLUMNS")]
pub enum ColumnId {
    N,
    Label,
    Start,
    Method,
    Status,
    Host,
    Path,
    Provider,
    Service,
    Role,
    Conclusive,
    Type,
    Size,
    Time,
    Note,
    Protocol,
    Scheme,
    Port,
    RemoteIp,
    Edge,
    Origin,
    Region,
    Party,
    Site,
    Sent,
    Content,
    By,
    File,
    Url,
    Tags,
    Colour,
    Kind,
    Query,
    Wait,
    Asn,
    Network,
    Tenant,
    Relation,
    Whose,
    Bucket,
    Server,
    Via,
    Cache,
    Age,
    Cname,
    Issuer,
    TlsVersion,
    Initiator,
    Page,
    EvidenceCount,
    Rival,
    Header(HeaderId),
}

/// What a cell holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// Words.
    Text(Cow<'a, str>),
    /// A quantity in the unit of its column.
    Number(f64),
    /// Not known.
    Missing,
}

/// One column.
#[derive(Debug)]
pub struct Column {
    /// Names it in the program.
    pub id: ColumnId,
    /// Names it in filters, in `--sort`, `--columns` and in the CSV header.
    pub word: &'static str,
    /// Heads it in the window.
    pub title: &'static str,
    /// What it holds, with its unit.
    pub about: &'static str,
    /// True when it holds quantities, which stand on the right.
    pub is_number: bool,
    /// What it shows of the entry itself, if it does: not all of that is in memory, see [`unread`].
    pub reread: Option<Reread>,
    /// The cell of one flow.
    pub value: for<'a> fn(&Cell<'a>) -> Value<'a>,
}

/// Where a cell's value is read from.
#[derive(Clone, Copy, Debug)]
pub struct Cell<'a> {
    /// The document.
    pub document: &'a Document,
    /// Which flow.
    pub id: FlowId,
    /// What the file says about it.
    pub flow: Flow<'a>,
    /// Which column.
    pub column: &'static Column,
}

impl ColumnId {
    /// The definition of this column.
    pub fn column(self) -> &'static Column {
        if let Self::Header(id) = self {
            return header::definition(id);
        }
        let mut columns = COLUMNS.iter();
        columns
            .find(|column| column.id == self)
            .unwrap_or(&COLUMNS[0])
    }
}

impl Column {
    /// True when its cells are there only once what providers are to parties was judged.
    pub const fn is_of_relations(&self) -> bool {
        matches!(
            self.id,
            ColumnId::Relation | ColumnId::Whose | ColumnId::Bucket
        )
    }

    /// The column that filters and arguments call `word`, with the aliases that users of other tools type.
    pub fn named(word: &str) -> Option<&'static Self> {
        let word = match word {
            "domain" | "hostname" => "host",
            "status-code" => "status",
            "mime-type" | "mime" | "resource-type" => "type",
            "http-version" => "protocol",
            "ip" => "remote-ip",
            "tls" => "tls-version",
            "bytes" | "transferred" | "bodysize" => "size",
            "comment" => "note",
            "reviewer" => "by",
            "tags" => "tag",
            "colour" | "marker" => "color",
            other => other,
        };
        let mut columns = COLUMNS.iter();
        columns
            .find(|column| column.word == word)
            .or_else(|| header::named(word))
    }

    /// The cell of one flow.
    pub fn of<'a>(&'static self, document: &'a Document, id: FlowId, flow: Flow<'a>) -> Value<'a> {
        (self.value)(&Cell {
            document,
            id,
            flow,
            column: self,
        })
    }
}

impl Value<'_> {
    /// Numbers by value, words by letter, missing ones last.
    pub fn compare(&self, other: &Value<'_>) -> Ordering {
        match (self, other) {
            (Value::Number(a), Value::Number(b)) => a.total_cmp(b),
            (Value::Text(a), Value::Text(b)) => a.cmp(b),
            (Value::Missing, Value::Missing) => Ordering::Equal,
            (Value::Missing, _) | (Value::Text(_), Value::Number(_)) => Ordering::Greater,
            (_, Value::Missing) | (Value::Number(_), Value::Text(_)) => Ordering::Less,
        }
    }

    /// As plain text: nothing for what is missing, the shortest exact form for numbers.
    pub fn to_text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Missing => Cow::Borrowed(""),
        }
    }
}

/// From the least to the most.
const CONCLUSIVENESS: [Conclusiveness; 5] = [
    Conclusiveness::Insufficient,
    Conclusiveness::Conflicting,
    Conclusiveness::Suggestive,
    Conclusiveness::Strong,
    Conclusiveness::Conclusive,
];

/// The rank of a conclusiveness word, for comparisons such as `conclusive:>=strong`.
pub fn conclusiveness_named(word: &str) -> Option<Conclusiveness> {
    let mut all = CONCLUSIVENESS.into_iter();
    all.find(|found| found.word() == word)
}

/// All words for a conclusiveness, from the least to the most.
pub fn conclusiveness_words() -> [&'static str; 5] {
    CONCLUSIVENESS.map(Conclusiveness::word)
}
