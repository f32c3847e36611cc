//! Opens captures for a command: problems to stderr, labels from the file beside the capture.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use super::{Failure, complain};
use crate::annotations::sidecar::SidecarState;
use crate::attribution::Attribution;
use crate::base::jobs::{Cancel, Progress};
use crate::base::text::escape_for_terminal;
use crate::capture::{Capture, Problem, ProblemKind};
use crate::document::Document;
use crate::formats::{self, Options, Password, Watch};
use crate::redact::Redactor;

/// What became of the files that were named.
pub(super) struct Loaded {
    /// The captures that could be opened, with verdicts and labels.
    pub(super) document: Document,
    /// The files that could not, and why.
    pub(super) refused: Vec<(PathBuf, Problem)>,
    /// Where the labels of each capture are saved, in the order of the captures.
    pub(super) sidecars: Vec<SidecarState>,
}

/// Opens `files` in order. A file that cannot be used is complained about and left out.
pub(super) fn load(files: &[PathBuf], options: &Options, reviewer: &str) -> Loaded {
    let mut loaded = Loaded {
        document: Document::new(reviewer),
        refused: Vec::new(),
        sidecars: Vec::new(),
    };
    for file in &expand(files, options, &mut loaded.refused) {
        match open(file, options) {
            Ok(capture) => loaded.add(capture),
            Err(problem) => {
                let shown = Redactor::default().text(&problem.to_string());
                complain(&format!("{}: {shown}", file.display()));
                loaded.refused.push((file.clone(), problem));
            }
        }
    }
    loaded
}

/// The files to open: every capture that is recognised in a folder stands in its place.
pub(super) fn expand(
    files: &[PathBuf],
    options: &Options,
    refused: &mut Vec<(PathBuf, Problem)>,
) -> Vec<PathBuf> {
    let mut expanded = Vec::new();
    for file in files {
        if !file.is_dir() {
            expanded.push(file.clone());
            continue;
        }
        match formats::look_into(file, options, &Cancel::default()) {
            Ok(folder) => {
                complain(&format!("{}: {folder}", file.display()));
                expanded.extend(folder.captures);
            }
            Err(error) => {
                let message = format!("the folder could not be listed: {error}");
                complain(&format!("{}: {message}", file.display()));
                refused.push((file.clone(), Problem::new(ProblemKind::Io, message)));
            }
        }
    }
    expanded
}

/// Opens the one `file` that a command is about.
pub(super) fn load_one(file: &Path, options: &Options, reviewer: &str) -> Result<Loaded, Failure> {
    let loaded = load(&[file.to_owned()], options, reviewer);
    if loaded.document.is_empty() {
        return Err(Failure::Refused("nothing usable was found".to_owned()));
    }
    Ok(loaded)
}

impl Loaded {
    /// Computes the checksum of every capture that has none yet. A file that cannot be read any more has none.
    pub(super) fn wait_for_checksums(&self) {
        for open in self.document.captures() {
            formats::ensure_checksum(open.capture.info());
        }
    }

    fn add(&mut self, capture: Capture) {
        for problem in capture.problems() {
            let problem = Redactor::default().text(&problem.to_string());
            complain(&format!("{}: {problem}", capture.info().name));
        }
        let saved = SidecarState::load(&capture);
        if let Some(problem) = &saved.problem {
            complain(&format!("{}: {problem}", capture.info().name));
        }
        let attribution = attribute(&capture);
        let gaps = saved.gaps(&capture);
        let idx = self.document.push(capture, attribution);
        self.document.set_gaps(idx, gaps);
        let annotations: Vec<_> = saved
            .annotations
            .into_iter()
            .map(|(row, said)| (self.document.flow_id(idx, row), said))
            .collect();
        self.document.restore(annotations);
        self.document.restore_about_parties(&saved.about);
        self.sidecars.push(saved.state);
    }
}

/// Reads one capture; `-` is standard input.
pub(super) fn open(file: &Path, options: &Options) -> Result<Capture, Problem> {
    let watch = Watch {
        cancel: &Cancel::default(),
        progress: &Progress::default(),
        on_rows: &|_| {},
    };
    if file == Path::new("-") {
        return formats::read_stream("-", std::io::stdin().lock(), options, &watch);
    }
    match formats::open(file, options, &watch) {
        Err(problem) if problem.kind == ProblemKind::Locked => {
            let options = ask_for_password(file, options).ok_or(problem)?;
            formats::open(file, &options, &watch)
        }
        read => read,
    }
}

/// Asks for the password of `file`, when there is a terminal to ask at and none was given. It is kept nowhere.
fn ask_for_password(file: &Path, options: &Options) -> Option<Options> {
    if options.password.is_some() || !std::io::stderr().is_terminal() {
        return None;
    }
    let question = format!("Password of {}: ", file.display());
    let password = rpassword::prompt_password(escape_for_terminal(&question)).ok()?;
    Some(Options {
        password: Some(Password::new(password)),
        ..options.clone()
    })
}

/// Both passes over `capture`.
pub(super) fn attribute(capture: &Capture) -> Attribution {
    let (cancel, progress) = (Cancel::default(), Progress::default());
    let first = Attribution::of(capture, &cancel, &progress);
    first
        .and_then(|first| first.with_bodies(capture, &cancel, &progress))
        .unwrap_or_default()
}
