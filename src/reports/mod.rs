//! What a person hands to another: one file per kind of report.
//!
//! To add one, write `src/reports/NAME.rs` with a type that implements [`Report`], and add it to [`REPORTS`]. Everything
//! that comes from the capture or from people goes through the [`Redactor`] that `write` gets; [`render`] checks the result.

mod answer;
mod chart;
mod contract;
mod copy;
mod csv;
mod curl;
mod definitions;
mod evidence;
mod har;
mod hosts;
mod html;
mod json;
mod listed;
mod markdown;
mod parties;
mod people;
mod strip;
mod summary;
mod survey;

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use crate::annotations::sidecar::path_beside;
use crate::annotations::{Annotation, Label};
use crate::attribution::{Carrier, Examination, PartyVerdict};
use crate::base::atomic_file::{ReplaceError, replace};
use crate::capture::{Flow, FlowId, Problem};
use crate::document::Document;
use crate::providers::catalogue;
use crate::redact::{Leak, Level, Redactor};

pub use copy::{Copied, SafeHeader, copied, safe_headers};
pub use csv::formula_safe;
pub use listed::FlowsListed;

/// One kind of export.
pub trait Report: Sync {
    /// Id on the command line: `html`.
    fn id(&self) -> &'static str;
    /// Name for people: `HTML report`.
    fn title(&self) -> &'static str;
    /// File name extension without the dot.
    fn extension(&self) -> &'static str;
    /// Writes the report; everything that it says about flows passes `redactor`.
    fn write(
        &self,
        input: &ReportInput<'_>,
        redactor: &mut Redactor,
        out: &mut dyn io::Write,
    ) -> Result<(), ReportError>;
}

/// All reports, in the order in which they are offered.
pub const REPORTS: &[&dyn Report] = &[
    &html::Html,
    &csv::Csv,
    &json::Json,
    &markdown::Markdown,
    &har::Har,
];

/// The report with this id.
pub fn report(id: &str) -> Option<&'static dyn Report> {
    REPORTS.iter().copied().find(|report| report.id() == id)
}

/// What is to be reported.
#[derive(Clone, Debug)]
pub struct ReportInput<'a> {
    /// A snapshot; wait for the second pass of attribution before taking it.
    pub document: &'a Document,
    /// The flows in the order and filter of the view.
    pub flows: Vec<FlowId>,
    /// The filter in force, as typed; empty when there is none.
    pub filter: &'a str,
    /// How much is removed; a person confirms that secrets shall stay.
    pub level: Level,
    /// What is missing or damaged, in sentences: labels that fit no flow, entries that could not be read again.
    pub gaps: Vec<String>,
    /// Which flows a report for people lists one by one.
    pub flows_listed: FlowsListed,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A value that was to be removed is still in the output.
    #[error("the export was refused: {0}")]
    Leak(#[from] Leak),
    /// The report would replace a capture, or the labels beside it.
    #[error("the export was refused: neither a capture nor its labels are overwritten: {path}", path = .0.display())]
    IsCapture(PathBuf),
    /// The report could not be put together.
    #[error("the report could not be written: {0}")]
    Io(#[from] io::Error),
    /// The file could not be replaced.
    #[error("the report could not be saved: {0}")]
    Save(#[from] ReplaceError),
}

/// Makes the report in memory and checks it: what was removed is nowhere in it, or there is no report.
pub fn render(input: &ReportInput<'_>, report: &dyn Report) -> Result<Vec<u8>, ReportError> {
    checked(input, |redactor, bytes| {
        report.write(input, redactor, bytes)
    })
}

/// The JSON contract of `flows --as json`; `refused` are the files that could not be opened at all, and why.
pub fn flows_json(
    input: &ReportInput<'_>,
    with_evidence: bool,
    refused: &[(PathBuf, Problem)],
) -> Result<Vec<u8>, ReportError> {
    checked(input, |redactor, bytes| {
        contract::write_open(input, with_evidence, refused, redactor, bytes)?;
        bytes.extend_from_slice(b"}\n");
        Ok(())
    })
}

/// The JSON contract of `verdicts --as json`; `refused` are the files that could not be opened at all, and why.
pub fn verdicts_json(
    input: &ReportInput<'_>,
    verdicts: &[PartyVerdict],
    refused: &[(PathBuf, Problem)],
) -> Result<Vec<u8>, ReportError> {
    checked(input, |redactor, bytes| {
        contract::write_parties(input, verdicts, refused, redactor, bytes)?;
        Ok(())
    })
}

fn checked(
    input: &ReportInput<'_>,
    write: impl Fn(&mut Redactor, &mut Vec<u8>) -> Result<(), ReportError>,
) -> Result<Vec<u8>, ReportError> {
    let mut bytes = Vec::new();
    if input.level.keeps_secrets() {
        write(&mut Redactor::keeping_secrets(), &mut bytes)?;
        return Ok(bytes);
    }
    let mut redactor = Redactor::new(input.public_words());
    write(&mut redactor, &mut bytes)?;
    if redactor.needs_second_run() || redactor.post_check(&bytes).is_err() {
        redactor = redactor.again();
        bytes.clear();
        write(&mut redactor, &mut bytes)?;
        redactor.post_check(&bytes)?;
    }
    Ok(bytes)
}

/// Saves a rendered report at `path` by atomic replace, unless one of the document's captures or their labels lie there.
pub fn save(document: &Document, path: &Path, bytes: &[u8]) -> Result<(), ReportError> {
    refuse_to_overwrite_a_capture(document, path)?;
    Ok(replace(path, bytes)?)
}

/// An error when one of the document's captures, or the file with its labels, lies at `path`.
pub fn refuse_to_overwrite_a_capture(document: &Document, path: &Path) -> Result<(), ReportError> {
    let is_capture = document.captures().iter().any(|open| {
        let capture = &open.capture.info().path;
        is_same_file(capture, path) || is_same_file(&path_beside(capture), path)
    });
    if is_capture {
        return Err(ReportError::IsCapture(path.to_owned()));
    }
    Ok(())
}

/// True when both paths lead to one file, be it by links or by another spelling.
fn is_same_file(one: &Path, other: &Path) -> bool {
    if one == other {
        return true;
    }
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) if one == other => true,
        (Ok(one), Ok(other)) => is_same_inode(&one, &other),
        _ => false,
    }
}

#[cfg(unix)]
fn is_same_inode(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let id = |path: &Path| path.metadata().ok().map(|data| (data.dev(), data.ino()));
    id(one).is_some() && id(one) == id(other)
}

#[cfg(not(unix))]
fn is_same_inode(_one: &Path, _other: &Path) -> bool {
    false
}

/// A name to offer in the save dialog: only `[A-Za-z0-9._-]`, at most 100 characters, never hidden or reserved.
pub fn suggested_name(report: &dyn Report, input: &ReportInput<'_>) -> String {
    let name = input
        .document
        .captures()
        .first()
        .map_or("capture", |open| open.capture.info().name.as_str());
    let plain: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') {
                c
            } else {
                '_'
            }
        })
        .take(60)
        .collect();
    let plain = plain.trim_matches(['.', '_', '-']);
    let stem = if plain.is_empty() { "capture" } else { plain };
    let secrets = if input.level.keeps_secrets() {
        "-WITH-SECRETS"
    } else {
        ""
    };
    format!("{stem}-headwater{secrets}.{}", report.extension())
}

impl<'a> ReportInput<'a> {
    /// All flows of `document` in session order, without secrets.
    pub fn new(document: &'a Document) -> Self {
        Self {
            document,
            flows: document.flows().map(|(id, _)| id).collect(),
            filter: "",
            level: Level::Balanced,
            gaps: Vec::new(),
            flows_listed: FlowsListed::All,
        }
    }

    /// The flows with their ids, in the order of the view.
    fn shown(&self) -> impl Iterator<Item = (FlowId, Flow<'a>)> {
        let document = self.document;
        self.flows
            .iter()
            .filter_map(move |id| Some((*id, document.flow(*id)?)))
    }

    fn public_words(&self) -> BTreeSet<&'a str> {
        self.shown()
            .flat_map(|(_, flow)| [flow.host(), flow.server_ip(), flow.mime(), flow.method()])
            .filter(|word| !word.is_empty())
            .collect()
    }

    /// What the machine says about `flow`, with quotes that may leave the program.
    fn examine(&self, flow: FlowId, redactor: &mut Redactor) -> Option<Examination> {
        let mut examination = self.document.examine(flow)?;
        for evidence in &mut examination.evidence {
            evidence.quote = redactor.quote(evidence);
        }
        for text in examination
            .rivals
            .iter_mut()
            .chain(&mut examination.would_settle_it)
        {
            *text = redactor.text(text);
        }
        Some(examination)
    }

    /// What a person says about `flow`, fit to leave the program.
    fn annotation(&self, flow: FlowId, redactor: &mut Redactor) -> Annotation {
        let mut annotation = self.document.annotation(flow).cloned().unwrap_or_default();
        annotation.note = redactor.text(&annotation.note);
        annotation.by = redactor.shown(&annotation.by);
        for tag in &mut annotation.tags {
            *tag = redactor.text(tag);
        }
        for past in &mut annotation.past {
            past.by = redactor.shown(&past.by);
        }
        annotation
    }

    /// The region of a carrier of `flow`; empty when unknown.
    fn region(&self, flow: FlowId, carrier: Carrier) -> &'a str {
        let document = self.document;
        carrier
            .region
            .zip(document.locate(flow))
            .map_or("", |(region, (idx, _))| {
                document.captures()[idx].attribution.region(region)
            })
    }
}

/// `Amazon S3, eu-west-1`: a carrier for people; empty when there is none.
fn carrier_name(input: &ReportInput<'_>, flow: FlowId, carrier: Option<Carrier>) -> String {
    let Some(carrier) = carrier else {
        return String::new();
    };
    let name = &catalogue().service(carrier.service).name;
    match input.region(flow, carrier) {
        "" => name.clone(),
        region => format!("{name}, {region}"),
    }
}

/// The word of a label; empty when not reviewed.
fn label_word(label: Option<Label>) -> &'static str {
    label.map_or("", Label::word)
}
