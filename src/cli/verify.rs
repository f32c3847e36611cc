//! `verify`: compares a bundle and its captures with the manifest, one line each.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::{Failure, Outcome};
use crate::base::text::escape_for_terminal;
use crate::reports::bundle::{self, Finding};

/// Prints what became of every file of the bundle of `manifest`, and of its captures.
pub(super) fn print(manifest: &Path, captures: &[PathBuf], out: &mut impl Write) -> Outcome {
    let found =
        bundle::verify(manifest, captures).map_err(|error| Failure::Refused(error.to_string()))?;
    for finding in &found.findings {
        writeln!(out, "{}", escape_for_terminal(&line(finding)))?;
    }
    writeln!(out, "manifest    {}", found.manifest_sha256)?;
    Ok(if found.is_same() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn line(finding: &Finding) -> String {
    let kind = if finding.is_capture { "capture " } else { "" };
    let name = &finding.name;
    match &finding.outcome {
        bundle::Outcome::Same => format!("same        {kind}{name}"),
        bundle::Outcome::Differs(reason) => format!("differs     {kind}{name}: {reason}"),
        bundle::Outcome::Missing => format!("missing     {kind}{name}"),
        bundle::Outcome::Unexpected => format!("unexpected  {kind}{name}"),
    }
}
