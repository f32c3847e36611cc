//! The table of hosts: one row for each host and verdict, with what people said.

use std::io;

use super::super::hosts::{HostRow, Hosts};
use super::super::survey::{Survey, shown_host};
use super::super::{ReportError, ReportInput};
use super::{Cell, Form};
use crate::providers::{ServiceId, catalogue};
use crate::redact::Redactor;

const COLUMNS: &[&str] = &[
    "party",
    "host",
    "edge",
    "origin",
    "verdict (machine)",
    "conclusiveness",
    "requests",
    "bytes",
    "errors",
    "labelled origin",
    "labelled cdn",
    "labelled unknown",
    "disputed",
];

/// Writes the hosts of the flows of the report.
pub(super) fn write(
    form: Form,
    input: &ReportInput<'_>,
    redactor: &mut Redactor,
    out: &mut dyn io::Write,
) -> Result<(), ReportError> {
    let survey = Survey::of(input);
    let hosts = Hosts::all(&survey);
    form.write_titles(COLUMNS, input, out)?;
    for row in hosts.rows() {
        if input.cancel.is_cancelled() {
            return Err(ReportError::Cancelled);
        }
        form.write_cells(cells(row, redactor), input, out)?;
    }
    Ok(())
}

fn cells(row: &HostRow<'_>, redactor: &mut Redactor) -> Vec<Cell> {
    let (key, tally) = (&row.key, &row.tally);
    let service = |service: Option<ServiceId>| {
        let name = service.map(|id| catalogue().service(id).name.clone());
        Cell::Text(name.unwrap_or_default())
    };
    let number = |n: u64| Cell::Plain(n.to_string());
    let bytes = tally.has_bytes.then(|| tally.all.bytes.to_string());
    let mut cells = vec![
        Cell::Text(shown_host(key.party, redactor)),
        Cell::Text(shown_host(key.host, redactor)),
        service(key.edge),
        service(key.origin),
        Cell::Text(key.role.word().to_owned()),
        Cell::Text(key.conclusiveness.word().to_owned()),
        number(tally.all.n),
        Cell::Plain(bytes.unwrap_or_default()),
        number(tally.n_errors),
    ];
    cells.extend(tally.labelled.map(|amount| number(amount.n)));
    cells.push(number(tally.disputed.n));
    cells
}
