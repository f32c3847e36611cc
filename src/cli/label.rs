//! `label`: labels the flows that a filter keeps and saves the labels beside the capture.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use super::{Answer, Failure, LabelArguments, Outcome, flows, load};
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
    if arguments.file == Path::new("-") {
        let message = "labels are saved beside a file; standard input has no place for them";
        return Err(Failure::Usage(message.to_owned()));
    }
    let mut loaded = load::load_one(&arguments.file, options, &arguments.by)?;
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
    let (Some(open), Some(sidecar)) = (document.captures().first(), loaded.sidecars.first()) else {
        return Err(Failure::Refused("nothing usable was found".to_owned()));
    };
    let annotations = document.annotations_of(0);
    let about = document.about_parties(0, &sidecar.about_parties());
    let saved = sidecar
        .prepare(&open.capture, annotations, about, &arguments.by)
        .write()
        .map_err(|error| Failure::Refused(error.to_string()))?;
    let changed = counted(flows.len() as u64, "flow");
    let line = saved.path.map_or_else(
        || format!("{changed} changed; there is no label to save"),
        |path| {
            let saved = counted(saved.n_annotations as u64, "annotation");
            format!("{changed} changed, {saved} saved in {}", path.display())
        },
    );
    writeln!(out, "{}", escape_for_terminal(&line))?;
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
