//! CSV for spreadsheets: text cells cannot become formulas, numbers stay numbers.

use std::borrow::Cow;
use std::io;

use super::{Report, ReportError, ReportInput, carrier_name, label_word};
use crate::annotations::Annotation;
use crate::attribution::Verdict;
use crate::base::text::escape_within_lines;
use crate::base::time::Time;
use crate::capture::{Flow, FlowId};
use crate::redact::Redactor;

pub(super) struct Csv;

/// Longest cell that common spreadsheets take, in characters.
const MAX_CELL_CHARS: usize = 32_000;

/// One column: its header and how it reads a flow.
type Column = (&'static str, fn(&mut Line<'_>) -> Cell);

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
    /// From the capture or from people.
    Text(String),
    /// Numbers, times and Headwater's own words, written as they are.
    Plain(String),
}

fn text(text: impl Into<String>) -> Cell {
    Cell::Text(text.into())
}

fn plain(text: impl Into<String>) -> Cell {
    Cell::Plain(text.into())
}

fn number(number: Option<impl ToString>) -> Cell {
    let text = number.map(|number| number.to_string());
    plain(text.unwrap_or_default())
}

fn time(time: Option<Time>) -> Cell {
    number(time.map(Time::to_iso))
}

const COLUMNS: &[Column] = &[
    ("n", |line| number(Some(line.id.n()))),
    ("file", |line| {
        text(line.flow.capture().info().name.as_str())
    }),
    ("entry", |line| number(Some(line.flow.row().entry))),
    ("start (UTC)", |line| time(line.flow.start())),
    ("time_ms", |line| number(line.flow.time_ms())),
    ("method", |line| text(line.flow.method())),
    ("status", |line| number(line.flow.status())),
    ("host", |line| text(line.flow.host())),
    ("url", |line| text(line.redactor.url(line.flow.url()))),
    ("type", |line| text(line.flow.mime())),
    ("bytes_sent", |line| number(line.flow.bytes_sent())),
    ("bytes_received", |line| number(line.flow.bytes_received())),
    ("content_bytes", |line| number(line.flow.content_bytes())),
    ("server_ip", |line| text(line.flow.server_ip())),
    ("party", |line| text(line.input.document.party(line.id))),
    ("edge", |line| {
        text(carrier_name(line.input, line.id, line.verdict.edge))
    }),
    ("origin", |line| {
        text(carrier_name(line.input, line.id, line.verdict.origin))
    }),
    ("verdict (machine)", |line| plain(line.verdict.role.word())),
    ("conclusiveness", |line| {
        plain(line.verdict.conclusiveness.word())
    }),
    ("label (human)", |line| {
        plain(label_word(line.annotation.label))
    }),
    ("note", |line| text(line.annotation.note.as_str())),
    ("by", |line| text(line.annotation.by.as_str())),
    ("at (UTC)", |line| time(line.annotation.at)),
];

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
        let (warning, blank) = if input.with_secrets {
            (",\"THIS FILE HOLDS SECRETS\"", ",")
        } else {
            ("", "")
        };
        write!(out, "{}{warning}\r\n", titles.join(","))?;
        for (id, flow) in input.shown() {
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
                .map(|(_, read)| match read(&mut line) {
                    Cell::Text(text) => quoted(&formula_safe(&line.redactor.shown(&text))),
                    Cell::Plain(text) => text,
                })
                .collect();
            write!(out, "{}{blank}\r\n", cells.join(","))?;
        }
        Ok(())
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
