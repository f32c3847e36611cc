//! `providers`: who can be recognised and from which data, and the range files that providers publish, imported.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{Failure, Outcome, complain};
use crate::base::text::{counted, escape_for_terminal, thousands};
use crate::base::time::Time;
use crate::providers::{
    Family, ImportOptions, ImportedTable, MAX_IMPORT_BYTES, RangeFile, RangeInput, ServiceId,
    catalogue, import,
};

/// What to do with the catalogue.
#[derive(Debug, Subcommand)]
pub enum ProvidersCommand {
    /// List the providers, their services and rules, and where the address ranges come from
    List,
    /// Read address ranges that providers publish; they win over those that came with the program
    Import(ImportArguments),
}

/// Arguments of `providers import`.
#[derive(Debug, Args)]
pub struct ImportArguments {
    /// Downloaded files: AWS ip-ranges.json, Azure service tags, Google cloud.json and goog.json, the lists of Cloudflare,
    /// Fastly and Oracle, or plain lists of ranges
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Whose addresses plain lists hold, such as bunny/cdn
    #[arg(long, value_name = "PROVIDER/SERVICE")]
    service: Option<String>,
    /// Day of the data, for files that do not name it
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<String>,
}

/// Runs `command`; without one it lists.
pub(super) fn run(command: Option<&ProvidersCommand>, out: &mut impl Write) -> Outcome {
    match command {
        None | Some(ProvidersCommand::List) => list(out),
        Some(ProvidersCommand::Import(arguments)) => import_files(arguments, out),
    }
}

fn list(out: &mut impl Write) -> Outcome {
    print_services(out)?;
    writeln!(out)?;
    print_sources(out)?;
    Ok(ExitCode::SUCCESS)
}

fn print_services(out: &mut impl Write) -> Result<(), Failure> {
    let catalogue = catalogue();
    let mut rows = vec![
        [
            "service", "name", "kind", "hosts", "headers", "ranges", "data of", "pack",
        ]
        .map(str::to_owned)
        .to_vec(),
    ];
    for at in 0..catalogue.services().len() {
        let id = ServiceId(at as u16);
        let service = catalogue.service(id);
        let provider = catalogue.provider(service.provider);
        let (n_hosts, n_headers) = rules_of(id);
        let (n_ranges, date) = catalogue.ranges_of(id);
        rows.push(vec![
            catalogue.path(id),
            service.name.clone(),
            service.kind.word().to_owned(),
            number(n_hosts),
            number(n_headers),
            number(n_ranges),
            date.unwrap_or("-").to_owned(),
            if provider.is_user { "user" } else { "built in" }.to_owned(),
        ]);
    }
    print_aligned(&rows, &[3, 4, 5], out)
}

/// Number of rules about host names and about headers that recognise `service`.
fn rules_of(service: ServiceId) -> (usize, usize) {
    let cards = || {
        catalogue()
            .rules()
            .filter(move |card| card.service == service)
    };
    let n_hosts = cards().filter(|card| card.family == Family::Name).count();
    let is_header = |family| matches!(family, Family::HeaderChain | Family::StorageId);
    let n_headers = cards().filter(|card| is_header(card.family)).count();
    (n_hosts, n_headers)
}

fn print_sources(out: &mut impl Write) -> Result<(), Failure> {
    let columns = ["address data", "version or file", "of", "licence"];
    let mut rows = vec![columns.map(str::to_owned).to_vec()];
    let row = |input: &RangeInput| {
        let input = input.clone();
        vec![input.package, input.version, input.date, input.licence]
    };
    rows.extend(catalogue().address_inputs().map(row));
    print_aligned(&rows, &[], out)
}

fn number(n: usize) -> String {
    thousands(n as u64)
}

/// Prints `rows` in columns, those at `right` flush right; nothing in them can steer the terminal.
fn print_aligned(
    rows: &[Vec<String>],
    right: &[usize],
    out: &mut impl Write,
) -> Result<(), Failure> {
    let safe: Vec<Vec<_>> = rows
        .iter()
        .map(|row| row.iter().map(|cell| escape_for_terminal(cell)).collect())
        .collect();
    let n_columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| {
        let cells = safe.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..n_columns).map(width).collect();
    for row in &safe {
        let mut line = String::new();
        for ((column, cell), width) in row.iter().enumerate().zip(&widths) {
            let gap = " ".repeat(width.saturating_sub(cell.chars().count()));
            if right.contains(&column) {
                line.push_str(&gap);
                line.push_str(cell);
            } else {
                line.push_str(cell);
                line.push_str(&gap);
            }
            line.push_str("  ");
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

fn import_files(arguments: &ImportArguments, out: &mut impl Write) -> Outcome {
    let options = ImportOptions {
        service: arguments.service.clone(),
        date: arguments.date.as_deref().map(checked_day).transpose()?,
    };
    let mut is_complete = true;
    let mut refuse = |path: &Path, problem: &str| {
        complain(&format!("{problem}: {}", path.display()));
        is_complete = false;
    };
    let mut paths = Vec::new();
    let mut files = Vec::new();
    for path in &arguments.files {
        match read_file(path) {
            Ok(file) => {
                paths.push(path);
                files.push(file);
            }
            Err(problem) => refuse(path, &problem),
        }
    }
    for (table, path) in import(&files, &options).into_iter().zip(paths) {
        let kept = table.and_then(|table| table.keep().map(|kept| (table, kept)));
        match kept {
            Ok((table, kept)) => print_import(&table, &kept, out)?,
            Err(problem) => refuse(path, &problem),
        }
    }
    Ok(if is_complete {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn checked_day(date: &str) -> Result<String, Failure> {
    let is_day = date.len() == 10 && Time::parse_iso(&format!("{date}T00:00:00Z")).is_some();
    is_day
        .then(|| date.to_owned())
        .ok_or_else(|| Failure::Usage(format!("a date is written YYYY-MM-DD: {date}")))
}

fn read_file(path: &Path) -> Result<RangeFile, String> {
    let data = path.metadata().map_err(|error| error.to_string())?;
    if !data.is_file() {
        return Err("not a file".to_owned());
    }
    if MAX_IMPORT_BYTES < data.len() {
        return Err(format!("larger than {} MiB", MAX_IMPORT_BYTES >> 20));
    }
    let seconds = data
        .modified()
        .ok()
        .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
        .and_then(|since| Time::from_epoch_seconds(since.as_secs_f64()));
    let changed = seconds.unwrap_or_else(Time::now).to_iso();
    Ok(RangeFile {
        name: path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        bytes: std::fs::read(path).map_err(|error| error.to_string())?,
        changed: changed.get(..10).unwrap_or_default().to_owned(),
    })
}

/// Says what was taken over and what was not.
fn print_import(table: &ImportedTable, kept: &Path, out: &mut impl Write) -> Result<(), Failure> {
    /// Most names of what was left out.
    const MAX_IGNORED: usize = 5;
    let line = format!(
        "{}, data of {}: {}",
        table.source,
        table.date,
        kept.display()
    );
    writeln!(out, "{}", escape_for_terminal(&line))?;
    for (service, n) in &table.taken {
        let line = format!("  {service}: {}", counted(*n as u64, "range"));
        writeln!(out, "{}", escape_for_terminal(&line))?;
    }
    let mut ignored: Vec<_> = table.ignored.iter().collect();
    ignored.sort_by_key(|(name, n)| (std::cmp::Reverse(**n), *name));
    let (named, others) = ignored.split_at(ignored.len().min(MAX_IGNORED));
    for (name, n) in named {
        let line = format!("  left out: {name}, {}", counted(**n as u64, "range"));
        writeln!(out, "{}", escape_for_terminal(&line))?;
    }
    if !others.is_empty() {
        let n: usize = others.iter().map(|(_, n)| **n).sum();
        let n_names = counted(others.len() as u64, "other name");
        writeln!(out, "  left out: {n_names}, {}", counted(n as u64, "range"))?;
    }
    Ok(())
}
