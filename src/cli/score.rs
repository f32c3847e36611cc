//! `score`: compares verdicts with the CDN labels that captures carry.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::{Failure, Outcome, complain, load};
use crate::attribution::score::{Adjudicated, Labelled, Report, parse_adjudicated};
use crate::base::jobs::Cancel;
use crate::formats::Options;

/// Prints the score over all captures that `paths` name or hold.
pub(super) fn print(
    paths: &[PathBuf],
    adjudicated: Option<&Path>,
    options: &Options,
    out: &mut impl Write,
) -> Outcome {
    let overlay = adjudicated
        .map(read_overlay)
        .transpose()?
        .unwrap_or_default();
    let mut captures = Vec::new();
    for path in load::expand(paths, options, &mut Vec::new()) {
        match load::open(&path, options) {
            Ok(capture) => captures.push(capture),
            Err(problem) => complain(&format!("{}: {problem}", path.display())),
        }
    }
    if captures.is_empty() {
        return Err(Failure::Refused("nothing usable was found".to_owned()));
    }
    let labelled: Vec<Labelled<'_>> = captures
        .iter()
        .map(|capture| Labelled {
            file: &capture.info().name,
            capture,
        })
        .collect();
    if let Some(report) = Report::of(&labelled, overlay, &Cancel::default()) {
        write!(out, "{report}")?;
    }
    Ok(ExitCode::SUCCESS)
}

fn read_overlay(path: &Path) -> Result<Vec<Adjudicated>, Failure> {
    let text = fs::read_to_string(path).map_err(|error| {
        Failure::Usage(format!(
            "the corrected labels cannot be read: {error}: {}",
            path.display()
        ))
    })?;
    parse_adjudicated(&text)
        .map_err(|error| Failure::Usage(format!("in the corrected labels: {error}")))
}
