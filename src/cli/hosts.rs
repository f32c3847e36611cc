//! `hosts`: flows grouped by host, party, provider and so on, as table, CSV or JSON.

use std::io::Write;
use std::process::ExitCode;

use super::flows::select;
use super::{Failure, Form, HostsArguments, Outcome, complain_about_left, load, table};
use crate::base::host::host_mark;
use crate::base::jobs::Cancel;
use crate::base::text::{bytes_with_unit, ms_with_unit, thousands};
use crate::formats::Options;
use crate::query::Query;
use crate::query::hosts::{By, HostColumn, HostSort, HostTable, order, sort_named};
use crate::redact::Level;
use crate::reports::{self, Grouped, ReportInput};

/// The columns of the table; CSV has all of them.
const COLUMNS: &[HostColumn] = &[
    HostColumn::Key,
    HostColumn::Party,
    HostColumn::Edge,
    HostColumn::Origin,
    HostColumn::Role,
    HostColumn::Conclusive,
    HostColumn::Region,
    HostColumn::Hosts,
    HostColumn::Requests,
    HostColumn::Bytes,
    HostColumn::Median,
    HostColumn::Errors,
    HostColumn::Labelled,
];

/// Widest cell beside the first column, in characters.
const BESIDE: usize = 24;

/// Prints the rows that the arguments ask for.
pub(super) fn print(
    arguments: &HostsArguments,
    options: &Options,
    out: &mut impl Write,
) -> Outcome {
    let by = arguments.by;
    let sorts = sorts(&arguments.sort, by)?;
    let loaded = load::load(&arguments.files, options, "");
    let query = Query {
        filter: arguments.filter.clone(),
        ..Query::default()
    };
    let flows = select(&loaded.document, &query)?;
    if arguments.form == Form::Json {
        loaded.wait_for_checksums();
    }
    let level = arguments.redaction.level();
    let found = HostTable::of(&loaded.document, &flows, by, &Cancel::default());
    let found = found.unwrap_or_default();
    let order = order(&found, &sorts);
    let grouped = Grouped {
        table: &found,
        order: &order,
    };
    let input = ReportInput {
        flows,
        filter: &arguments.filter,
        level,
        ..ReportInput::new(&loaded.document)
    };
    match arguments.form {
        Form::Json => {
            let left = reports::write_grouped_json(&input, grouped, &loaded.refused, out);
            complain_about_left(&left?);
        }
        Form::Csv => {
            let columns: Vec<HostColumn> = HostColumn::of(by).collect();
            let left = reports::write_grouped_csv(&input, grouped, &columns, out);
            complain_about_left(&left?);
        }
        Form::Table => print_table(grouped, level, out)?,
    }
    Ok(if loaded.document.is_empty() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// What to sort by: what was asked for, else the rows with most flows first.
fn sorts(words: &[String], by: By) -> Result<Vec<HostSort>, Failure> {
    let words = words.iter().flat_map(|words| words.split(','));
    let sorts: Result<Vec<_>, _> = words
        .map(|word| sort_named(word.trim(), by).ok_or_else(|| no_column(word, by)))
        .collect();
    let mut sorts = sorts?;
    if sorts.is_empty() {
        sorts.push(HostSort::default());
    }
    Ok(sorts)
}

fn no_column(word: &str, by: By) -> Failure {
    let known: Vec<&str> = HostColumn::of(by).map(|column| column.word(by)).collect();
    Failure::Usage(format!(
        "there is no column `{word}`; there are {}",
        known.join(", ")
    ))
}

fn print_table(grouped: Grouped<'_>, level: Level, out: &mut impl Write) -> Result<(), Failure> {
    let by = grouped.table.by;
    let columns: Vec<HostColumn> = HostColumn::of(by)
        .filter(|column| COLUMNS.contains(column))
        .collect();
    let titles = columns.iter().map(|column| column.word(by).to_owned());
    let mut lines: Vec<Vec<String>> = vec![titles.collect()];
    reports::grouped_cells(grouped, &columns, level, |cells| {
        let cells = cells.into_iter().zip(&columns);
        lines.push(
            cells
                .map(|(text, column)| cell(&text, *column, by))
                .collect(),
        );
    });
    let are_numbers: Vec<bool> = columns.iter().map(|column| column.is_number()).collect();
    table::print(&lines, &are_numbers, out)
}

/// A cell as people read it.
fn cell(text: &str, column: HostColumn, by: By) -> String {
    let number = text.parse::<f64>().ok();
    let with_unit = |(number, unit): (String, &str)| format!("{number} {unit}");
    match (column, number) {
        (HostColumn::Bytes, Some(bytes)) => with_unit(bytes_with_unit(bytes as u64)),
        (HostColumn::Median, Some(ms)) => with_unit(ms_with_unit(ms)),
        (_, Some(n)) if column.is_number() => thousands(n as u64),
        (HostColumn::Key, _) if text.is_empty() => format!("({})", by.absence()),
        (HostColumn::Key, _) if by == By::Host || by == By::Domain => match host_mark(text) {
            Some(mark) => table::shown(&format!("{text} ({mark})"), table::MAX_WIDTH),
            None => table::shown(text, table::MAX_WIDTH),
        },
        (HostColumn::Key, _) => table::shown(text, table::MAX_WIDTH),
        _ => table::shown(text, BESIDE),
    }
}
