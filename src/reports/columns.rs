//! Columns of the table as they leave by the command line: as cells for people, or as CSV.

use std::io;

use super::{ReportError, ReportInput, formula_safe};
use crate::capture::{Flow, FlowId};
use crate::document::Document;
use crate::query::columns::Column;
use crate::redact::Redactor;

/// The text of one cell as it may leave the program.
fn cell(
    document: &Document,
    id: FlowId,
    flow: Flow<'_>,
    column: &'static Column,
    redactor: &mut Redactor,
) -> String {
    let value = column.of(document, id, flow);
    column.redacted(flow, &value.to_text(), redactor)
}

/// Calls `each` with the cells of every flow, secrets removed.
pub fn cells(
    input: &ReportInput<'_>,
    columns: &[&'static Column],
    mut each: impl FnMut(Vec<String>),
) -> Result<(), ReportError> {
    let mut redactor = Redactor::new(input.level);
    input.walk(&mut redactor, &input.flows, |id, flow, redactor| {
        let cells = columns.iter();
        each(
            cells
                .map(|column| cell(input.document, id, flow, column, redactor))
                .collect(),
        );
        Ok(())
    })
}

pub(super) fn write_csv(
    input: &ReportInput<'_>,
    columns: &[&'static Column],
    redactor: &mut Redactor,
    out: &mut dyn io::Write,
) -> Result<(), ReportError> {
    let mut writer = csv::Writer::from_writer(out);
    writer
        .write_record(columns.iter().map(|column| column.word))
        .map_err(io::Error::from)?;
    input.walk(redactor, &input.flows, |id, flow, redactor| {
        let record = columns.iter().map(|column| {
            let text = cell(input.document, id, flow, column, redactor);
            if column.is_number {
                text
            } else {
                formula_safe(&text).into_owned()
            }
        });
        Ok(writer.write_record(record).map_err(io::Error::from)?)
    })?;
    Ok(writer.flush()?)
}
