//! Flows grouped by host, party and so on, as they leave: cells for people, CSV, JSON, and rows for the clipboard.

use std::io::{self, Write};
use std::path::PathBuf;

use serde::Serialize;

use super::contract::{List, write_captures};
use super::{Left, ReportError, ReportInput, checked, formula_safe};
use crate::base::jobs::Cancel;
use crate::base::time::Time;
use crate::capture::Problem;
use crate::document::Document;
use crate::providers::catalogue;
use crate::query::hosts::{By, HostColumn, HostRow, HostTable, Named};
use crate::redact::{Level, Redactor};

/// Version of the JSON contract of `hosts --as json`.
const SCHEMA: u32 = 1;

/// Rows of a table, in the order in which they are shown.
#[derive(Clone, Copy, Debug)]
pub struct Grouped<'a> {
    /// The table.
    pub table: &'a HostTable,
    /// The indices of the rows, from top to bottom.
    pub order: &'a [u32],
}

impl<'a> Grouped<'a> {
    fn rows(self) -> impl Iterator<Item = &'a HostRow> {
        let order = self.order.iter();
        order.filter_map(move |idx| self.table.rows.get(*idx as usize))
    }
}

/// Calls `each` with the cells of every row, fit to leave the program.
pub fn grouped_cells(
    grouped: Grouped<'_>,
    columns: &[HostColumn],
    level: Level,
    mut each: impl FnMut(Vec<String>),
) {
    let mut redactor = Redactor::new(level);
    for row in grouped.rows() {
        each(cells(grouped.table, row, columns, &mut redactor));
    }
}

fn cells(
    table: &HostTable,
    row: &HostRow,
    columns: &[HostColumn],
    redactor: &mut Redactor,
) -> Vec<String> {
    let columns = columns.iter();
    columns
        .map(|column| column.redacted(table, row, redactor))
        .collect()
}

/// Writes `columns` of the rows as `hosts --as csv` does.
pub fn write_grouped_csv(
    input: &ReportInput<'_>,
    grouped: Grouped<'_>,
    columns: &[HostColumn],
    out: &mut dyn Write,
) -> Result<Left, ReportError> {
    checked(input, out, |redactor, spool| {
        let mut writer = csv::Writer::from_writer(spool);
        let by = grouped.table.by;
        writer
            .write_record(columns.iter().map(|column| column.word(by)))
            .map_err(io::Error::from)?;
        for row in grouped.rows() {
            let cells = cells(grouped.table, row, columns, redactor);
            let record = cells.into_iter().zip(columns).map(|(text, column)| {
                if column.is_number() {
                    text
                } else {
                    formula_safe(&text).into_owned()
                }
            });
            writer.write_record(record).map_err(io::Error::from)?;
        }
        Ok(writer.flush()?)
    })
}

/// The rows as text with tabs and a line of titles, for the clipboard; `None` when cancelled. For worker threads.
pub fn copied_rows(
    document: &Document,
    grouped: Grouped<'_>,
    columns: &[HostColumn],
    cancel: &Cancel,
) -> Option<Result<String, ReportError>> {
    let flows = grouped.rows().flat_map(|row| grouped.table.flows_of(row));
    let input = ReportInput {
        flows: flows.copied().collect(),
        cancel: cancel.clone(),
        ..ReportInput::new(document)
    };
    let mut bytes = Vec::new();
    let left = checked(&input, &mut bytes, |redactor, spool| {
        let titles = columns.iter().map(|column| column.title(grouped.table.by));
        writeln!(spool, "{}", titles.collect::<Vec<_>>().join("\t"))?;
        for row in grouped.rows() {
            let cells = cells(grouped.table, row, columns, redactor);
            let cells = cells.into_iter().zip(columns).map(|(text, column)| {
                let text = text.replace(['\t', '\n', '\r'], " ");
                if column.is_number() {
                    text
                } else {
                    formula_safe(&text).into_owned()
                }
            });
            writeln!(spool, "{}", cells.collect::<Vec<_>>().join("\t"))?;
        }
        Ok(())
    });
    let text = left.map(|_| String::from_utf8_lossy(&bytes).into_owned());
    (!cancel.is_cancelled()).then_some(text)
}

/// Writes the JSON contract of `hosts --as json`; `refused` are the files that could not be opened at all, and why.
pub fn write_grouped_json(
    input: &ReportInput<'_>,
    grouped: Grouped<'_>,
    refused: &[(PathBuf, Problem)],
    out: &mut dyn Write,
) -> Result<Left, ReportError> {
    checked(input, out, |redactor, spool| {
        write_captures(input, Some(SCHEMA), refused, redactor, spool)?;
        let by = grouped.table.by.word();
        write!(spool, ",\n\"by\":\"{by}\",\n\"hosts\":[")?;
        let mut list = List::new(spool);
        for row in grouped.rows() {
            list.item(&Entry::of(grouped.table, row, redactor))?;
        }
        list.end()?;
        Ok(spool.write_all(b"]}\n")?)
    })
}

/// One row.
#[derive(Debug, Serialize)]
struct Entry {
    /// What its flows have in common: a host, the id of a provider, `provider/service` …
    key: Option<String>,
    /// The same for people.
    name: Option<String>,
    /// Whose traffic most of them are.
    party: Option<String>,
    /// To how many parties they belong.
    parties: u32,
    /// How many hosts they have.
    hosts: u32,
    /// Who terminated the connection as a CDN.
    edge: Option<NamedEntry>,
    /// Whose storage or compute answered.
    origin: Option<NamedEntry>,
    /// The role in most of them.
    role: &'static str,
    /// How conclusive that is in most of those.
    conclusiveness: &'static str,
    /// Where most of them were answered.
    region: Option<String>,
    /// How many they are.
    requests: u32,
    /// Bytes received, where known.
    bytes: u64,
    /// The part of all bytes received, from 0 to 1.
    share: f64,
    /// The duration in the middle, in milliseconds.
    median_ms: Option<f64>,
    /// The longest duration, in milliseconds.
    slowest_ms: Option<f64>,
    /// Answers with a status from 400 on, and requests that failed.
    errors: u32,
    /// What people said.
    labels: LabelsEntry,
    /// UTC, with milliseconds.
    first: Option<String>,
    /// UTC, with milliseconds.
    last: Option<String>,
    /// Numbers of the flows.
    flows: Vec<u32>,
}

/// A service that flows name.
#[derive(Debug, Serialize)]
struct NamedEntry {
    /// Id of the provider; `null` for software or a network that names no company.
    provider: Option<String>,
    /// Id of the service.
    service: String,
    /// Name of the service for people.
    name: String,
    /// How many flows name it.
    requests: u32,
    /// How many other services they name in its place.
    others: u32,
}

/// How many flows carry which label.
#[derive(Debug, Serialize)]
struct LabelsEntry {
    origin: u32,
    cdn: u32,
    unknown: u32,
    not_reviewed: u32,
}

impl Entry {
    fn of(table: &HostTable, row: &HostRow, redactor: &mut Redactor) -> Self {
        let known = |text: String| (!text.is_empty()).then_some(text);
        let number = |column: HostColumn| column.value(table, row).to_text().parse().ok();
        let [origin, cdn, unknown] = row.labels;
        let mut text = |column: HostColumn| known(column.redacted(table, row, redactor));
        let name = text(HostColumn::Key);
        let is_id = matches!(table.by, By::Provider | By::Service);
        let key = if is_id {
            (!row.key.is_empty()).then(|| row.key.clone())
        } else {
            name.clone()
        };
        Self {
            key,
            name,
            party: text(HostColumn::Party),
            parties: row.n_parties,
            hosts: row.n_hosts,
            edge: row.edge.map(NamedEntry::of),
            origin: row.origin.map(NamedEntry::of),
            role: row.role.word(),
            conclusiveness: row.conclusiveness.word(),
            region: text(HostColumn::Region),
            requests: row.n_flows(),
            bytes: row.bytes,
            share: (table.share(row) * 1e6).round() / 1e6,
            median_ms: number(HostColumn::Median),
            slowest_ms: number(HostColumn::Slowest),
            errors: row.n_errors,
            labels: LabelsEntry {
                origin,
                cdn,
                unknown,
                not_reviewed: row.n_flows() - row.n_labelled(),
            },
            first: row.first.map(Time::to_iso).and_then(known),
            last: row.last.map(Time::to_iso).and_then(known),
            flows: table.flows_of(row).iter().map(|flow| flow.n()).collect(),
        }
    }
}

impl NamedEntry {
    fn of(named: Named) -> Self {
        let service = catalogue().service(named.service);
        let provider = catalogue().provider(service.provider);
        Self {
            provider: (!provider.is_software).then(|| provider.id.clone()),
            service: service.id.clone(),
            name: service.name.clone(),
            requests: named.n,
            others: named.n_others,
        }
    }
}
