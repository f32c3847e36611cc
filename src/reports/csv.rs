//! CSV for spreadsheets: text cells cannot become formulas, numbers stay numbers.

use std::borrow::Cow;
use std::io;

use super::{Report, ReportError, ReportInput, carrier_name};
use crate::annotations::Annotation;
use crate::attribution::{Carrier, Verdict};
use crate::base::text::escape_within_lines;
use crate::base::time::Time;
use crate::capture::{Flow, FlowId};
use crate::query::columns::{self, ColumnId, Value};
use crate::redact::Redactor;

pub(super) struct Csv;

/// Longest cell that common spreadsheets take, in characters.
const MAX_CELL_CHARS: usize = 32_000;

/// One column: its header, and where its cells come from.
type Column = (&'static str, Source);

#[derive(Clone, Copy)]
enum Source {
    /// What the table of the window shows.
    Shared(ColumnId),
    /// What only reports say, or say more fully.
    Own(fn(&mut Line<'_>) -> Cell),
}

/// What columns read from.
struct Line<'a> {
    input: &'a ReportInput<'a>,
    redactor: &'a mut Redactor,
    id: FlowId,
    flow: Flow<'a>,
    verdict: Verdict,
    annotation: Annotation,
}

enum Cell {
    /// From the capture or from people, without secrets.
    Text(String),
    /// Numbers and times, written as they are.
    Plain(String),
}

use Source::{Own, Shared};

const COLUMNS: &[Column] = &[
    ("n", Shared(ColumnId::N)),
    ("file", Shared(ColumnId::File)),
    (
        "entry",
        Own(|line| Cell::Plain(line.flow.row().entry.to_string())),
    ),
    ("start (UTC)", Own(|line| time(line.flow.start()))),
    ("time_ms", Shared(ColumnId::Time)),
    ("method", Shared(ColumnId::Method)),
    ("status", Shared(ColumnId::Status)),
    ("host", Shared(ColumnId::Host)),
    ("url", Shared(ColumnId::Url)),
    ("type", Shared(ColumnId::Type)),
    ("bytes_sent", Shared(ColumnId::Sent)),
    ("bytes_received", Shared(ColumnId::Size)),
    ("content_bytes", Shared(ColumnId::Content)),
    ("server_ip", Shared(ColumnId::RemoteIp)),
    ("party", Shared(ColumnId::Party)),
    ("edge", Own(|line| carrier(line, line.verdict.edge))),
    ("origin", Own(|line| carrier(line, line.verdict.origin))),
    ("verdict (machine)", Shared(ColumnId::Role)),
    ("conclusiveness", Shared(ColumnId::Conclusive)),
    ("label (human)", Shared(ColumnId::Label)),
    ("note", Shared(ColumnId::Note)),
    ("by", Own(|line| Cell::Text(line.annotation.by.clone()))),
    ("at (UTC)", Own(|line| time(line.annotation.at))),
    ("tags", Shared(ColumnId::Tags)),
    ("colour", Shared(ColumnId::Colour)),
];

fn time(time: Option<Time>) -> Cell {
    Cell::Plain(time.map(Time::to_iso).unwrap_or_default())
}

/// Unlike the column of the table, with its region.
fn carrier(line: &Line<'_>, carrier: Option<Carrier>) -> Cell {
    Cell::Text(carrier_name(line.input, line.id, carrier))
}

impl Line<'_> {
    fn cell(&mut self, source: Source) -> String {
        let cell = match source {
            Own(read) => read(self),
            Shared(id) => self.shared(id.column()),
        };
        match cell {
            Cell::Text(text) => quoted(&formula_safe(&self.redactor.shown(&text))),
            Cell::Plain(text) => text,
        }
    }

    fn shared(&mut self, column: &'static columns::Column) -> Cell {
        match column.of(self.input.document, self.id, self.flow) {
            value @ Value::Number(_) => Cell::Plain(value.to_text().into_owned()),
            value => Cell::Text(column.redacted(&value.to_text(), self.redactor)),
        }
    }
}

impl Report for Csv {
    fn id(&self) -> &'static str {
        "csv"
    }

    fn title(&self) -> &'static str {
        "CSV table"
    }

    fn extension(&self) -> &'static str {
        "csv"
    }

    fn write(
        &self,
        input: &ReportInput<'_>,
        redactor: &mut Redactor,
        out: &mut dyn io::Write,
    ) -> Result<(), ReportError> {
        let titles: Vec<String> = COLUMNS.iter().map(|(title, _)| quoted(title)).collect();
        // A column of its own, so that the file still reads as one table.
        let (warning, blank) = if input.level.keeps_secrets() {
            (",\"THIS FILE HOLDS SECRETS\"", ",")
        } else {
            ("", "")
        };
        write!(out, "{}{warning}\r\n", titles.join(","))?;
        input.walk(redactor, &input.flows, |id, flow, redactor| {
            let annotation = input.annotation(id, redactor);
            let verdict = input.document.verdict(id);
            let mut line = Line {
                input,
                redactor,
                id,
                flow,
                verdict,
                annotation,
            };
            let cells: Vec<String> = COLUMNS
                .iter()
                .map(|(_, source)| line.cell(*source))
                .collect();
            Ok(write!(out, "{}{blank}\r\n", cells.join(","))?)
        })
    }
}

/// Text cells are always quoted, so that no reader takes one for a number.
fn quoted(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// The text of a cell that no spreadsheet runs as a formula and no terminal obeys: `'` before what begins like a formula,
/// control characters written out; long text is cut with a visible mark.
pub fn formula_safe(text: &str) -> Cow<'_, str> {
    let text = escape_within_lines(text);
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\''));
    let is_formula = start.starts_with(['=', '+', '-', '@', '|', '＝', '＋', '－', '＠'])
        || text.starts_with(['\t', '\r', '\n']);
    let cut_at = text.char_indices().nth(MAX_CELL_CHARS).map(|(at, _)| at);
    if !is_formula && cut_at.is_none() {
        return text;
    }
    let mark = if is_formula { "'" } else { "" };
    let end = if cut_at.is_some() { "… [cut]" } else { "" };
    let shown = &text[..cut_at.unwrap_or(text.len())];
    Cow::Owned(format!("{mark}{shown}{end}"))
}
