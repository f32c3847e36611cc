//! What a capture holds, for machines without a display: counts and bytes, who serves it in sentences, and providers by
//! role.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use super::{Failure, Outcome, complain_about_left, load};
use crate::base::text::{bytes_with_unit, counted, escape_for_terminal};
use crate::formats::Options;
use crate::query::aggregate::{Part, shares};
use crate::query::{Query, run};
use crate::reports::{self, ReportInput};

/// Prints the summary of `files`.
pub(super) fn print(files: &[PathBuf], options: &Options, out: &mut impl Write) -> Outcome {
    let document = load::load(files, options, "").document;
    if document.is_empty() {
        return Err(Failure::Refused("nothing usable was found".to_owned()));
    }
    for open in document.captures() {
        let info = open.capture.info();
        let producer = if info.producer.is_empty() {
            String::new()
        } else {
            format!(", {}", info.producer)
        };
        let line = format!(
            "{}: {}{producer}, {}, {}",
            info.name,
            info.format,
            counted(u64::from(open.capture.len()), "flow"),
            counted(open.capture.problems().len() as u64, "problem"),
        );
        writeln!(out, "{}", escape_for_terminal(&line))?;
    }
    let cancel = crate::base::jobs::Cancel::default();
    let Some(Ok(rows)) = run(&document, &Query::default(), &cancel) else {
        return Err(Failure::Refused(
            "the flows could not be counted".to_owned(),
        ));
    };
    let size = |bytes| {
        let (number, unit) = bytes_with_unit(bytes);
        format!("{number} {unit}")
    };
    writeln!(
        out,
        "{} to {}, {} received, {} labelled",
        counted(rows.flows.len() as u64, "flow"),
        counted(rows.n_hosts as u64, "host"),
        size(rows.bytes_received),
        rows.n_labelled
    )?;
    writeln!(out)?;
    let input = ReportInput::new(&document);
    complain_about_left(&reports::write_answer_text(&input, out)?);
    writeln!(out)?;
    for share in shares(&document, rows.flows.iter().copied(), Part::default()) {
        let percent = 100.0 * share.n as f64 / rows.flows.len().max(1) as f64;
        writeln!(
            out,
            "{:<22}{:<9}{:>8}{percent:>7.1} %{:>12}",
            share.name(),
            share.role().word(),
            share.n,
            size(share.bytes)
        )?;
    }
    Ok(ExitCode::SUCCESS)
}
