//! `report`: writes an annotated report to a file or to stdout.

use std::io::Write;
use std::process::ExitCode;

use super::{
    Failure, Outcome, ReportArguments, complain, complain_about_left, flows, load, refused,
};
use crate::formats::Options;
use crate::query::Query;
use crate::reports::{self, REPORTS, ReportInput};

/// Writes the report that the arguments ask for.
pub(super) fn write(
    arguments: &ReportArguments,
    options: &Options,
    out: &mut impl Write,
) -> Outcome {
    let report = reports::report(&arguments.form).ok_or_else(|| {
        let known: Vec<&str> = REPORTS.iter().map(|report| report.id()).collect();
        Failure::Usage(format!(
            "there is no report `{}`; there are {}",
            arguments.form,
            known.join(", ")
        ))
    })?;
    let loaded = load::load(&arguments.files, options, "");
    if loaded.document.is_empty() {
        if report.id() == "json" {
            // Programs learn from JSON why there is nothing.
            let input = ReportInput::new(&loaded.document);
            let left = reports::write_flows_json(&input, false, &loaded.refused, out);
            complain_about_left(&left.map_err(refused)?);
            out.flush()?;
        }
        return Err(Failure::Refused("nothing usable was found".to_owned()));
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
        ..ReportInput::new(&loaded.document)
    };
    match &arguments.out {
        None => complain_about_left(&reports::write(&input, report, out).map_err(refused)?),
        Some(path) => {
            let bytes = reports::render(&input, report).map_err(refused)?;
            reports::save(&loaded.document, path, &bytes).map_err(refused)?;
            complain(&format!("wrote {}", path.display()));
        }
    }
    Ok(ExitCode::SUCCESS)
}
