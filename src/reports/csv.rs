//! Tables: CSV and TSV for spreadsheets, in which text cannot become a formula, and CSV for programs, in which text stays
//! as it is but for control characters. Numbers stay numbers in all of them.

mod hosts;
mod services;

use std::borrow::Cow;
use std::io;

use super::opinions::others_words;
use super::{Report, ReportError, ReportInput, carrier_name};
use crate::annotations::Annotation;
use crate::attribution::{Carrier, Verdict};
use crate::base::text::{escape_for_terminal, escape_within_lines};
use crate::base::time::Time;
use crate::capture::{Flow, FlowId};
use crate::query::columns::{self, ColumnId, Value};
use crate::redact::Redactor;

/// For spreadsheets.
pub(super) const CSV: Table = Table {
    id: "csv",
    title: "CSV table",
    extension: "csv",
    form: Form::Csv,
};

/// For spreadsheets and for tools that cut lines at tabs.
pub(super) const TSV: Table = Table {
    id: "tsv",
    title: "TSV table",
    extension: "tsv",
    form: Form::Tsv,
};

/// For programs.
pub(super) const RAW: Table = Table {
    id: "csv-raw",
    title: "CSV for programs",
    extension: "raw.csv",
    form: Form::Raw,
};

/// What a table lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CsvTable {
    /// One row for each flow.
    #[default]
    Flows,
    /// One row for each host and verdict.
    Hosts,
    /// One row for each relation of a party to a service.
    Services,
}

impl CsvTable {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Flows, Self::Hosts, Self::Services];

    /// The word used on the command line and in file names.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Flows => "flows",
            Self::Hosts => "hosts",
            Self::Services => "services",
        }
    }

    /// The table that is called `word`.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.word() == word)
    }
}

pub(super) struct Table {
    id: &'static str,
    title: &'static str,
    extension: &'static str,
    form: Form,
}

#[derive(Clone, Copy)]
enum Form {
    Csv,
    Tsv,
    Raw,
}

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
    ("note", Own(|line| Cell::Text(line.annotation.note.clone()))),
    ("by", Own(|line| Cell::Text(line.annotation.by.clone()))),
    ("at (UTC)", Own(|line| time(line.annotation.at))),
    ("tags", Shared(ColumnId::Tags)),
    ("colour", Shared(ColumnId::Colour)),
    (
        "others",
        Own(|line| Cell::Text(others_words(&line.annotation))),
    ),
];

fn time(time: Option<Time>) -> Cell {
    Cell::Plain(time.map(Time::to_iso).unwrap_or_default())
}

/// Unlike the column of the table, with its region.
fn carrier(line: &Line<'_>, carrier: Option<Carrier>) -> Cell {
    Cell::Text(carrier_name(line.input, line.id, carrier))
}

impl Line<'_> {
    fn cell(&mut self, source: Source) -> Cell {
        match source {
            Own(read) => read(self),
            Shared(id) => self.shared(id.column()),
        }
    }

    fn shared(&mut self, column: &'static columns::Column) -> Cell {
        match column.of(self.input.document, self.id, self.flow) {
            value @ Value::Number(_) => Cell::Plain(value.to_text().into_owned()),
            value => Cell::Text(column.redacted(self.flow, &value.to_text(), self.redactor)),
        }
    }
}

impl Report for Table {
    fn id(&self) -> &'static str {
        self.id
    }

    fn title(&self) -> &'static str {
        self.title
    }

    fn extension(&self) -> &'static str {
        self.extension
    }

    fn write(
        &self,
        input: &ReportInput<'_>,
        redactor: &mut Redactor,
        out: &mut dyn io::Write,
    ) -> Result<(), ReportError> {
        match input.table {
            CsvTable::Flows => write_flows(self.form, input, redactor, out),
            CsvTable::Hosts => hosts::write(self.form, input, redactor, out),
            CsvTable::Services => services::write(self.form, input, redactor, out),
        }
    }
}

fn write_flows(
    form: Form,
    input: &ReportInput<'_>,
    redactor: &mut Redactor,
    out: &mut dyn io::Write,
) -> Result<(), ReportError> {
    let columns = columns(input);
    let titles: Vec<&str> = columns.iter().map(|(title, _)| *title).collect();
    form.write_titles(&titles, input, out)?;
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
        let cells = columns.iter().map(|(_, source)| line.cell(*source));
        Ok(form.write_cells(cells.collect(), input, out)?)
    })
}

/// The columns that were asked for, or the usual ones.
fn columns(input: &ReportInput<'_>) -> Cow<'static, [Column]> {
    if input.columns.is_empty() {
        return Cow::Borrowed(COLUMNS);
    }
    let columns = input
        .columns
        .iter()
        .map(|id| (id.column().word, Shared(*id)));
    Cow::Owned(columns.collect())
}

impl Form {
    fn write_titles(
        self,
        titles: &[&str],
        input: &ReportInput<'_>,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        let mut titles: Vec<Cow<'_, str>> = titles.iter().map(|it| self.written(it)).collect();
        // A column of its own, so that the file still reads as one table.
        if input.level.keeps_secrets() {
            titles.push(self.written("THIS FILE HOLDS SECRETS"));
        }
        self.write_row(&titles, out)
    }

    fn write_cells(
        self,
        cells: Vec<Cell>,
        input: &ReportInput<'_>,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        let written = cells.into_iter().map(|cell| match cell {
            Cell::Text(text) => Cow::Owned(self.written(&text).into_owned()),
            Cell::Plain(text) => Cow::Owned(text),
        });
        let mut cells: Vec<Cow<'_, str>> = written.collect();
        if input.level.keeps_secrets() {
            cells.push(Cow::Borrowed(""));
        }
        self.write_row(&cells, out)
    }

    fn write_row(self, cells: &[Cow<'_, str>], out: &mut dyn io::Write) -> io::Result<()> {
        let (between, end) = match self {
            Self::Csv | Self::Raw => (",", "\r\n"),
            Self::Tsv => ("\t", "\n"),
        };
        write!(out, "{}{end}", cells.join(between))
    }

    /// `text` as a cell of this form.
    fn written(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::Csv => quoted(&formula_safe(text)),
            Self::Raw => quoted(&escape_within_lines(text)),
            // Each line is one row, for those who cut lines at tabs.
            Self::Tsv => {
                let text = formula_safe(text);
                let text = escape_for_terminal(&text);
                if text.contains('"') {
                    quoted(&text)
                } else {
                    Cow::Owned(text.into_owned())
                }
            }
        }
    }
}

/// Text cells of CSV are always quoted, so that no reader takes one for a number.
fn quoted(text: &str) -> Cow<'static, str> {
    if text.is_empty() {
        return Cow::Borrowed("");
    }
    Cow::Owned(format!("\"{}\"", text.replace('"', "\"\"")))
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
