//! `verdicts`: what each provider is to each party, as text or JSON.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use super::{Outcome, VerdictForm, complain_about_left, load};
use crate::formats::Options;
use crate::reports::{self, ReportInput};

/// Prints the verdicts over all flows of `files` together.
pub(super) fn print(
    files: &[PathBuf],
    form: VerdictForm,
    options: &Options,
    out: &mut impl Write,
) -> Outcome {
    let loaded = load::load(files, options, "");
    let input = ReportInput::new(&loaded.document);
    let left = match form {
        VerdictForm::Json => {
            loaded.wait_for_checksums();
            reports::write_verdicts_json(&input, &loaded.refused, out)?
        }
        VerdictForm::Text => reports::write_verdicts_text(&input, out)?,
    };
    complain_about_left(&left);
    Ok(if loaded.document.is_empty() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}
