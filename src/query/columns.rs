//! Every column, defined once: the table, the CSV report, sorting and the filter all use these definitions.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::annotations::Colour;
use crate::attribution::{Carrier, Conclusiveness};
use crate::capture::{Flow, FlowId};
use crate::document::Document;
use crate::providers::catalogue;
use crate::query::kinds::Kind;

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
    Sent,
    Content,
    By,
    File,
    Url,
    Tags,
    Colour,
    Kind,
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
}

/// All columns in their default order.
pub const COLUMNS: &[Column] = &[
    number(
        ColumnId::N,
        "n",
        "#",
        "number of the flow, never renumbered",
        |cell| Value::Number(f64::from(cell.id.n())),
    ),
    text(
        ColumnId::Label,
        "label",
        "Label",
        "a person's answer: origin, cdn, unknown; empty = not reviewed",
        |cell| {
            words(
                cell.document
                    .label(cell.id)
                    .map_or("", |label| label.word()),
            )
        },
    ),
    number(
        ColumnId::Start,
        "start",
        "Start",
        "start of the request, milliseconds after the first",
        |cell| quantity(start_ms(cell)),
    ),
    text(
        ColumnId::Method,
        "method",
        "Method",
        "request method",
        |cell| words(cell.flow.method()),
    ),
    number(
        ColumnId::Status,
        "status",
        "Status",
        "status of the response",
        |cell| quantity(cell.flow.status().map(f64::from)),
    ),
    text(
        ColumnId::Host,
        "host",
        "Host",
        "host name in punycode, without port",
        |cell| words(cell.flow.host()),
    ),
    text(ColumnId::Path, "path", "Path", "path with query", |cell| {
        words(cell.flow.path().unwrap_or_default())
    }),
    text(
        ColumnId::Provider,
        "provider",
        "Provider",
        "who runs the machine that answered",
        |cell| carrier_text(cell.document.verdict(cell.id).terminating(), provider_name),
    ),
    text(
        ColumnId::Service,
        "service",
        "Service",
        "which product of the provider",
        |cell| carrier_text(cell.document.verdict(cell.id).terminating(), service_name),
    ),
    text(
        ColumnId::Role,
        "role",
        "Role",
        "what the terminating party is: origin, cdn, unknown",
        |cell| words(cell.document.verdict(cell.id).role.word()),
    ),
    text(
        ColumnId::Conclusive,
        "conclusive",
        "Sure",
        "how conclusive role and party are",
        |cell| words(cell.document.verdict(cell.id).conclusiveness.word()),
    ),
    text(
        ColumnId::Type,
        "type",
        "Type",
        "media type of the response",
        |cell| words(cell.flow.mime()),
    ),
    number(
        ColumnId::Size,
        "size",
        "Size",
        "bytes received over the wire",
        |cell| quantity(cell.flow.bytes_received().map(|bytes| bytes as f64)),
    ),
    number(
        ColumnId::Time,
        "time",
        "Time",
        "duration in milliseconds",
        |cell| quantity(cell.flow.time_ms()),
    ),
    text(ColumnId::Note, "note", "Note", "a person's note", |cell| {
        words(cell.document.note(cell.id))
    }),
    text(
        ColumnId::Protocol,
        "protocol",
        "Protocol",
        "HTTP version of the response, as written",
        |cell| words(cell.flow.http_version()),
    ),
    text(ColumnId::Scheme, "scheme", "Scheme", "URL scheme", |cell| {
        words(cell.flow.scheme().unwrap_or_default())
    }),
    number(
        ColumnId::Port,
        "port",
        "Port",
        "port, given or implied",
        |cell| quantity(cell.flow.port().map(f64::from)),
    ),
    text(
        ColumnId::RemoteIp,
        "remote-ip",
        "Remote IP",
        "address of the peer that answered",
        |cell| words(cell.flow.server_ip()),
    ),
    text(
        ColumnId::Edge,
        "edge",
        "Edge",
        "who terminated the connection as a CDN or cache",
        |cell| carrier_text(cell.document.verdict(cell.id).edge, service_path),
    ),
    text(
        ColumnId::Origin,
        "origin",
        "Origin",
        "whose storage or compute answered",
        |cell| carrier_text(cell.document.verdict(cell.id).origin, service_path),
    ),
    text(
        ColumnId::Region,
        "region",
        "Region",
        "where the store or the edge stands",
        region,
    ),
    text(
        ColumnId::Party,
        "party",
        "Party",
        "whose traffic it is",
        |cell| words(cell.document.party(cell.id)),
    ),
    number(
        ColumnId::Sent,
        "sent",
        "Sent",
        "bytes sent over the wire",
        |cell| quantity(cell.flow.bytes_sent().map(|bytes| bytes as f64)),
    ),
    number(
        ColumnId::Content,
        "content",
        "Content",
        "bytes of the body after decoding",
        |cell| quantity(cell.flow.content_bytes().map(|bytes| bytes as f64)),
    ),
    text(ColumnId::By, "by", "Reviewer", "who labelled it", |cell| {
        words(
            cell.document
                .annotation(cell.id)
                .map_or("", |annotation| &annotation.by),
        )
    }),
    text(
        ColumnId::File,
        "file",
        "File",
        "name of the capture",
        |cell| words(&cell.flow.capture().info().name),
    ),
    text(ColumnId::Url, "url", "URL", "URL as written", |cell| {
        words(cell.flow.url())
    }),
    text(ColumnId::Tags, "tag", "Tags", "a person's tags", |cell| {
        let annotation = cell.document.annotation(cell.id);
        let tags = annotation.map_or(&[][..], |said| &said.tags);
        match tags {
            [] => Value::Missing,
            [only] => words(only),
            many => Value::Text(Cow::Owned(many.join(", "))),
        }
    }),
    text(
        ColumnId::Colour,
        "color",
        "Colour",
        "a person's mark: red, orange, yellow, green, blue, purple",
        |cell| {
            let annotation = cell.document.annotation(cell.id);
            let colour = annotation.and_then(|said| said.colour);
            words(colour.map_or("", Colour::word))
        },
    ),
    text(
        ColumnId::Kind,
        "kind",
        "Kind",
        "document, data, style, script, font, image, media, websocket, other",
        |cell| words(Kind::of(cell.flow).word()),
    ),
];

type ReadCell = for<'a> fn(&Cell<'a>) -> Value<'a>;

const fn number(
    id: ColumnId,
    word: &'static str,
    title: &'static str,
    about: &'static str,
    value: ReadCell,
) -> Column {
    Column {
        id,
        word,
        title,
        about,
        is_number: true,
        value,
    }
}

const fn text(
    id: ColumnId,
    word: &'static str,
    title: &'static str,
    about: &'static str,
    value: ReadCell,
) -> Column {
    Column {
        id,
        word,
        title,
        about,
        is_number: false,
        value,
    }
}

impl ColumnId {
    /// The definition of this column.
    pub fn column(self) -> &'static Column {
        COLUMNS
            .iter()
            .find(|column| column.id == self)
            .unwrap_or(&COLUMNS[0])
    }
}

impl Column {
    /// The column that filters and arguments call `word`, with the aliases that users of other tools type.
    pub fn named(word: &str) -> Option<&'static Self> {
        let word = match word {
            "domain" | "hostname" => "host",
            "status-code" => "status",
            "mime-type" | "mime" => "type",
            "http-version" => "protocol",
            "ip" => "remote-ip",
            "bytes" | "transferred" => "size",
            "comment" => "note",
            "reviewer" => "by",
            "tags" => "tag",
            "colour" | "marker" => "color",
            other => other,
        };
        COLUMNS.iter().find(|column| column.word == word)
    }

    /// The cell of one flow.
    pub fn of<'a>(&self, document: &'a Document, id: FlowId, flow: Flow<'a>) -> Value<'a> {
        (self.value)(&Cell { document, id, flow })
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

/// The rank of a conclusiveness word, for comparisons such as `conclusive:>=strong`.
pub fn conclusiveness_named(word: &str) -> Option<Conclusiveness> {
    use Conclusiveness as C;
    [
        C::Insufficient,
        C::Conflicting,
        C::Suggestive,
        C::Strong,
        C::Conclusive,
    ]
    .into_iter()
    .find(|found| found.word() == word)
}

fn words(text: &str) -> Value<'_> {
    if text.is_empty() {
        Value::Missing
    } else {
        Value::Text(Cow::Borrowed(text))
    }
}

fn quantity(number: Option<f64>) -> Value<'static> {
    number.map_or(Value::Missing, Value::Number)
}

/// Milliseconds from the first request of the session to this one.
fn start_ms(cell: &Cell<'_>) -> Option<f64> {
    let first = cell.document.first_start()?;
    Some(cell.flow.start()?.ms_since(first))
}

fn carrier_text(
    carrier: Option<Carrier>,
    show: fn(Carrier) -> Cow<'static, str>,
) -> Value<'static> {
    carrier.map_or(Value::Missing, |carrier| Value::Text(show(carrier)))
}

fn provider_name(carrier: Carrier) -> Cow<'static, str> {
    let catalogue = catalogue();
    Cow::Borrowed(
        &catalogue
            .provider(catalogue.service(carrier.service).provider)
            .name,
    )
}

fn service_name(carrier: Carrier) -> Cow<'static, str> {
    Cow::Borrowed(&catalogue().service(carrier.service).name)
}

fn service_path(carrier: Carrier) -> Cow<'static, str> {
    Cow::Owned(catalogue().path(carrier.service))
}

fn region<'a>(cell: &Cell<'a>) -> Value<'a> {
    let verdict = cell.document.verdict(cell.id);
    let region = verdict
        .origin
        .and_then(|origin| origin.region)
        .or_else(|| verdict.edge.and_then(|edge| edge.region));
    region.map_or(Value::Missing, |region| {
        words(cell.document.region(cell.id, region))
    })
}
