//! `report`: writes an annotated report to a file or to stdout, or a bundle of reports to a folder.

use std::io::{self, BufRead as _, IsTerminal as _, Write};
use std::path::Path;
use std::process::ExitCode;

use super::{Failure, Outcome, ReportArguments, complain, complain_about_left, flows, load};
use crate::formats::Options;
use crate::query::Query;
use crate::reports::destination::{self, Inputs, State};
use crate::reports::{self, CsvTable, REPORTS, Report, ReportInput, bundle};

/// What `--as` calls a bundle, which is no single report.
const BUNDLE: &str = "bundle";

/// What to write, and where to.
enum Task<'a> {
    Stdout(&'static dyn Report),
    File(&'static dyn Report, &'a Path),
    Bundle(&'a Path),
}

/// Writes the report that the arguments ask for.
pub(super) fn write(
    arguments: &ReportArguments,
    options: &Options,
    out: &mut impl Write,
) -> Outcome {
    let task = task(arguments)?;
    let columns = flows::named_columns(&arguments.columns)?;
    let mut loaded = load::load(&arguments.files, options, "");
    if loaded.document.is_empty() {
        if let Task::Stdout(report) = task
            && report.id() == "json"
        {
            // Programs learn from JSON why there is nothing.
            let input = ReportInput::new(&loaded.document);
            let left = reports::write_flows_json(&input, false, &loaded.refused, out)?;
            complain_about_left(&left);
            out.flush()?;
        }
        return Err(Failure::Refused("nothing usable was found".to_owned()));
    }
    let inputs = Inputs {
        document: &loaded.document,
        named: &arguments.files,
    };
    // Asked before the work is done.
    let state = match task {
        Task::File(_, path) => allowed(inputs, path, arguments.force)?,
        Task::Bundle(folder) => {
            bundle::check_folder(folder)?;
            State::New
        }
        Task::Stdout(_) => State::New,
    };
    for column in &columns {
        flows::read_again(&mut loaded.document, column);
    }
    let query = Query {
        filter: arguments.filter.clone(),
        ..Query::default()
    };
    let flows = flows::select(&loaded.document, &query)?;
    loaded.wait_for_checksums();
    let input = ReportInput {
        flows,
        filter: &arguments.filter,
        level: arguments.redaction.level(),
        columns: columns.iter().map(|column| column.id).collect(),
        table: arguments.table,
        made_at: arguments.made_at,
        ..ReportInput::new(&loaded.document)
    };
    let mut input = input.with_changed_files();
    let refused = loaded.refused.iter();
    input.gaps.extend(refused.map(|(path, problem)| {
        let name = path.file_name().unwrap_or(path.as_os_str());
        format!("{} could not be opened: {problem}", name.display())
    }));
    match task {
        Task::Stdout(report) => complain_about_left(&reports::write(&input, report, out)?),
        Task::File(report, path) => {
            complain_about_left(&reports::save(&input, report, path, state)?);
            complain(&format!("wrote {}", path.display()));
        }
        Task::Bundle(folder) => {
            let (sha256, left) = bundle::write(&input, folder)?;
            complain_about_left(&left);
            complain(&format!("wrote {}, manifest {sha256}", folder.display()));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What the arguments ask for.
fn task(arguments: &ReportArguments) -> Result<Task<'_>, Failure> {
    let is_table = matches!(arguments.form.as_str(), "csv" | "tsv" | "csv-raw");
    if arguments.table != CsvTable::Flows && !(is_table && arguments.columns.is_empty()) {
        let message = "--table goes with csv, tsv and csv-raw, and --columns are of flows";
        return Err(Failure::Usage(message.to_owned()));
    }
    let path = arguments.out.as_deref();
    let path = path.filter(|path| *path != Path::new("-"));
    if arguments.form == BUNDLE {
        let missing = || Failure::Usage("a bundle needs --out FOLDER".to_owned());
        return path.map(Task::Bundle).ok_or_else(missing);
    }
    let report = reports::report(&arguments.form).ok_or_else(|| {
        let known: Vec<&str> = REPORTS.iter().map(|report| report.id()).collect();
        Failure::Usage(format!(
            "there is no report `{}`; there are {}, {BUNDLE}",
            arguments.form,
            known.join(", ")
        ))
    })?;
    Ok(path.map_or(Task::Stdout(report), |path| Task::File(report, path)))
}

/// What lies at `path`, if it may be written to; a file that lies there is replaced only when a person says so.
fn allowed(inputs: Inputs<'_>, path: &Path, is_forced: bool) -> Result<State, Failure> {
    let state = destination::check(inputs, path)?;
    if state == State::New || is_forced || may_replace(path)? {
        return Ok(state);
    }
    Err(Failure::Refused(format!(
        "there is a file already; --force replaces it: {}",
        path.display()
    )))
}

/// Asks on stderr, when there is a terminal to answer at.
fn may_replace(path: &Path) -> io::Result<bool> {
    if !io::stdin().is_terminal() {
        return Ok(false);
    }
    complain(&format!(
        "there is a file already; replace it? [y/N] {}",
        path.display()
    ));
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
