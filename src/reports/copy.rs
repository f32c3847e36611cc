//! What is put on the clipboard: rows, commands for curl, URLs, hosts, headers and cells, with secrets removed.

use std::collections::BTreeSet;
use std::io;

use super::{ReportError, ReportInput, checked, curl, formula_safe};
use crate::base::jobs::Cancel;
use crate::capture::{Flow, FlowId, Problem, Side};
use crate::document::Document;
use crate::query::columns::ColumnId;
use crate::redact::{EntrySecrets, Level, Redactor};

/// What is said about each flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Copied {
    /// These columns, with tabs between them and a line of titles.
    Rows(Vec<ColumnId>),
    /// A command for curl.
    Curl,
    /// The URL.
    Url,
    /// The host, each one once.
    Host,
    /// One cell.
    Cell(ColumnId),
}

/// One header of a flow, fit to leave the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SafeHeader {
    /// Whose header it is.
    pub side: Side,
    /// Its name as written.
    pub name: String,
    /// Its value with secrets removed.
    pub value: String,
}

/// The text for the clipboard; `None` when cancelled. Takes its time: for worker threads.
pub fn copied(
    document: &Document,
    flows: Vec<FlowId>,
    what: &Copied,
    cancel: &Cancel,
) -> Option<Result<String, ReportError>> {
    let input = ReportInput {
        flows,
        cancel: cancel.clone(),
        ..ReportInput::new(document)
    };
    let mut bytes = Vec::new();
    let left = checked(&input, &mut bytes, |redactor, spool| {
        write(&input, what, redactor, spool)
    });
    let text = left.map(|_| String::from_utf8_lossy(&bytes).into_owned());
    (!cancel.is_cancelled()).then_some(text)
}

/// All headers of both sides of `flow`, fit to leave the program. Reads the file: for worker threads.
pub fn safe_headers(document: &Document, flow: FlowId) -> Result<Vec<SafeHeader>, Problem> {
    let Some(flow) = document.flow(flow) else {
        return Ok(Vec::new());
    };
    let exchange = flow.capture().exchange(flow.idx())?;
    let mut redactor = Redactor::new(Level::Balanced);
    redactor.enter(EntrySecrets::of_exchange(flow, &exchange));
    let mut headers = Vec::new();
    for side in [Side::Request, Side::Response] {
        let fields = exchange.message(side).map_or(&[][..], |it| &it.headers);
        headers.extend(fields.iter().map(|field| SafeHeader {
            side,
            name: redactor.key(&field.name),
            value: redactor.header(&field.name, &field.value),
        }));
    }
    Ok(headers)
}

fn write(
    input: &ReportInput<'_>,
    what: &Copied,
    redactor: &mut Redactor,
    out: &mut dyn io::Write,
) -> Result<(), ReportError> {
    let mut lines = Vec::new();
    if let Copied::Rows(columns) = what {
        let titles = columns.iter().map(|column| column.column().title);
        lines.push(titles.collect::<Vec<_>>().join("\t"));
    }
    let mut hosts = BTreeSet::new();
    input.walk(redactor, &input.flows, |id, flow, redactor| {
        match what {
            Copied::Rows(columns) => {
                let cells = columns.iter();
                let cells = cells.map(|column| cell(input.document, id, flow, *column, redactor));
                lines.push(cells.collect::<Vec<_>>().join("\t"));
            }
            Copied::Curl => lines.push(curl::command(flow, redactor)),
            Copied::Url => lines.push(redactor.url(flow.url())),
            Copied::Host if !hosts.insert(flow.host()) => {}
            Copied::Host => lines.push(redactor.shown(flow.host())),
            Copied::Cell(column) => lines.push(cell(input.document, id, flow, *column, redactor)),
        }
        Ok(())
    })?;
    out.write_all(lines.join("\n").as_bytes())?;
    if matches!(what, Copied::Rows(_)) {
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// One cell without secrets, tabs and line ends.
fn cell(
    document: &Document,
    id: FlowId,
    flow: Flow<'_>,
    column: ColumnId,
    redactor: &mut Redactor,
) -> String {
    let value = column.column().of(document, id, flow);
    let text = value.to_text();
    if column.column().is_number {
        return text.into_owned();
    }
    let safe = column.column().redacted(flow, &text, redactor);
    formula_safe(&safe.replace(['\t', '\n', '\r'], " ")).into_owned()
}
