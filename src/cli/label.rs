//! `label`: labels the flows that a filter keeps and saves the labels beside the capture.

use std::io::Write;
use std::process::ExitCode;

use super::save::{needs_a_file, save};
use super::{Answer, LabelArguments, Outcome, flows, load};
use crate::annotations::{Change, Label};
use crate::base::text::{counted, escape_for_terminal};
use crate::formats::Options;
use crate::query::Query;

/// Labels and saves, or says why not.
pub(super) fn label(
    arguments: &LabelArguments,
    options: &Options,
    out: &mut impl Write,
) -> Outcome {
    needs_a_file(&arguments.file)?;
    let mut loaded = load::load_one(&arguments.file, options, arguments.by.trim())?;
    let document = &mut loaded.document;
    let query = Query {
        filter: arguments.filter.clone(),
        ..Query::default()
    };
    let flows = flows::select(document, &query)?;
    if flows.is_empty() {
        writeln!(out, "no flow passes the filter; nothing was changed")?;
        return Ok(ExitCode::SUCCESS);
    }
    document.edit(&flows, &Change::Label(wanted(&arguments.answer)));
    if let Some(note) = &arguments.note {
        document.edit(&flows, &Change::Note(note.clone()));
    }
    for tag in &arguments.tags {
        document.edit(&flows, &Change::Tag(tag.clone()));
    }
    // What somebody else says is not this person's to clear.
    let kept = flows.iter().filter(|flow| document.label(**flow).is_some());
    let n_kept = kept.count() as u64;
    let saved = save(&loaded, 0)?;
    let changed = counted(flows.len() as u64, "flow");
    let line = saved.path.map_or_else(
        || format!("{changed} changed; there is no label to save"),
        |path| {
            let saved = counted(saved.n_annotations as u64, "annotation");
            format!("{changed} changed, {saved} saved in {}", path.display())
        },
    );
    writeln!(out, "{}", escape_for_terminal(&line))?;
    if arguments.answer.clear && 0 < n_kept {
        let kept = counted(n_kept, "flow");
        writeln!(
            out,
            "{kept} still labelled by somebody else; --by names whose label to clear"
        )?;
    }
    Ok(ExitCode::SUCCESS)
}

fn wanted(answer: &Answer) -> Option<Label> {
    if answer.origin {
        Some(Label::Origin)
    } else if answer.cdn {
        Some(Label::Cdn)
    } else if answer.unknown {
        Some(Label::Unknown)
    } else {
        None
    }
}
