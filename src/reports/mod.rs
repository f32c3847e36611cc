//! What a person hands to another: one file per kind of report.
//!
//! To add one, write `src/reports/NAME.rs` with a type that implements [`Report`], and add it to [`REPORTS`]. Everything
//! that comes from the capture or from people goes through the [`Redactor`] that `write` gets, flow by flow in
//! `ReportInput::walk`; [`write()`] searches the result once more.

pub mod bundle;
mod chart;
mod checked;
mod columns;
mod contract;
mod copy;
mod csv;
mod curl;
mod definitions;
pub mod destination;
mod evidence;
mod grouped;
mod har;
mod hosts;
mod html;
mod json;
mod listed;
mod markdown;
mod opinions;
mod people;
mod preview;
mod schemas;
mod services;
mod strip;
mod summary;
mod survey;
mod text;
mod visible;

use std::io;
use std::path::{Path, PathBuf};

use crate::annotations::{Annotation, Label};
use crate::attribution::{Carrier, Examination};
use crate::base::atomic_file::{NewFile, ReplaceError};
use crate::base::jobs::{Cancel, Progress};
use crate::base::text::thousands;
use crate::base::time::Time;
use crate::capture::{Flow, FlowId, Problem};
use crate::document::Document;
use crate::providers::catalogue;
use crate::query::columns::{Column, ColumnId};
use crate::redact::{Level, Redactor};

pub use checked::Left;
pub use columns::cells;
pub use copy::{Copied, SafeHeader, copied, safe_headers};
pub use csv::CsvTable;
pub use csv::formula_safe;
pub use grouped::{Grouped, copied_rows, grouped_cells, write_grouped_csv, write_grouped_json};
pub use listed::FlowsListed;
pub use preview::{MAX_PREVIEWED, Preview, preview};
pub use schemas::{SCHEMAS, Schema};
pub use text::{party_text, relation_text, write_answer_text, write_verdicts_text};

use checked::checked;
use destination::State;

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
    &csv::CSV,
    &csv::TSV,
    &csv::RAW,
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
    /// The columns of tables; empty for the usual ones.
    pub columns: Vec<ColumnId>,
    /// When the report was made, if that shall stand in it. The clock is never asked, so that reports repeat.
    pub made_at: Option<Time>,
    /// What is missing or damaged, in sentences: labels that fit no flow, entries that could not be read again.
    pub gaps: Vec<String>,
    /// Which flows a report for people lists one by one.
    pub flows_listed: FlowsListed,
    /// What a report that is one table lists.
    pub table: CsvTable,
    /// Stops the export.
    pub cancel: Cancel,
    /// How many flows are written.
    pub progress: Progress,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// Somebody asked to stop.
    #[error("the export was cancelled")]
    Cancelled,
    /// Nothing may be written there, and why.
    #[error("the export was refused: {0}: {path}", path = .1.display())]
    Destination(&'static str, PathBuf),
    /// The report could not be put together.
    #[error("the report could not be written: {0}")]
    Io(#[from] io::Error),
    /// The file could not be replaced.
    #[error("the report could not be saved: {0}")]
    Save(#[from] ReplaceError),
}

/// Writes the report to `out`, checked on its way: what was removed is nowhere in it.
pub fn write(
    input: &ReportInput<'_>,
    report: &dyn Report,
    out: &mut dyn io::Write,
) -> Result<Left, ReportError> {
    checked(input, out, |redactor, spool| {
        report.write(input, redactor, spool)
    })
}

/// The same in memory.
pub fn render(input: &ReportInput<'_>, report: &dyn Report) -> Result<Vec<u8>, ReportError> {
    let mut bytes = Vec::new();
    write(input, report, &mut bytes)?;
    Ok(bytes)
}

/// Writes the JSON contract of `flows --as json`; `refused` are the files that could not be opened at all, and why.
pub fn write_flows_json(
    input: &ReportInput<'_>,
    with_evidence: bool,
    refused: &[(PathBuf, Problem)],
    out: &mut dyn io::Write,
) -> Result<Left, ReportError> {
    checked(input, out, |redactor, spool| {
        contract::write_open(input, with_evidence, refused, redactor, spool)?;
        Ok(spool.write_all(b"}\n")?)
    })
}

/// Writes the JSON contract of `verdicts --as json`; `refused` are the files that could not be opened at all, and why.
pub fn write_verdicts_json(
    input: &ReportInput<'_>,
    refused: &[(PathBuf, Problem)],
    out: &mut dyn io::Write,
) -> Result<Left, ReportError> {
    let roles = services::roles(input)?;
    checked(input, out, |redactor, spool| {
        Ok(contract::write_verdicts(
            input, &roles, refused, redactor, spool,
        )?)
    })
}

/// Writes `columns` of the flows as `flows --as csv` does.
pub fn write_columns(
    input: &ReportInput<'_>,
    columns: &[&'static Column],
    out: &mut dyn io::Write,
) -> Result<Left, ReportError> {
    checked(input, out, |redactor, spool| {
        columns::write_csv(input, columns, redactor, spool)
    })
}

/// Writes the report to a file at `path`, where [`destination::check`] found `state`. Cancelled or failed, it leaves nothing.
pub fn save(
    input: &ReportInput<'_>,
    report: &dyn Report,
    path: &Path,
    state: State,
) -> Result<Left, ReportError> {
    let mut file = NewFile::create(&destination::resolve(path)?)?;
    let left = write(input, report, &mut file)?;
    if input.cancel.is_cancelled() {
        return Err(ReportError::Cancelled);
    }
    match state {
        // What others put there meanwhile was not asked about.
        State::New => file.commit_new()?,
        State::Replaces => file.commit()?,
    }
    Ok(left)
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
            columns: Vec::new(),
            made_at: None,
            gaps: document
                .captures()
                .iter()
                .flat_map(|open| open.gaps.iter().cloned())
                .collect(),
            flows_listed: FlowsListed::All,
            table: CsvTable::Flows,
            cancel: Cancel::default(),
            progress: Progress::default(),
        }
    }

    /// Also says which captures are no longer the files that were read. Looks at the files: for worker threads.
    #[must_use]
    pub fn with_changed_files(mut self) -> Self {
        for open in self.document.captures() {
            let info = open.capture.info();
            match info.path.metadata() {
                Ok(now) if now.is_file() && now.len() != info.bytes => self.gaps.push(format!(
                    "{} has changed since it was read: it had {} bytes and has {} now",
                    info.name,
                    thousands(info.bytes),
                    thousands(now.len())
                )),
                Err(_) if info.path.is_absolute() => self
                    .gaps
                    .push(format!("{} is no longer where it was read", info.name)),
                _ => {}
            }
        }
        self
    }

    /// The flows with their ids, in the order of the view.
    fn shown(&self) -> impl Iterator<Item = (FlowId, Flow<'a>)> {
        let document = self.document;
        self.flows
            .iter()
            .filter_map(move |id| Some((*id, document.flow(*id)?)))
    }

    /// The last moment that the report tells of: the end of a flow, or when a label was given.
    fn as_of(&self) -> Option<Time> {
        let ends = self.document.captures().iter();
        let ends = ends.filter_map(|open| open.capture.last_end());
        let labels = self.flows.iter();
        let labels = labels.filter_map(|id| self.document.annotation(*id)?.last_said());
        ends.chain(labels).max()
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
        for other in &mut annotation.others {
            other.by = redactor.shown(&other.by);
            other.note = redactor.text(&other.note);
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

/// What the machine says about a flow, with quotes that may leave the program.
fn safe_examination(mut examination: Examination, redactor: &mut Redactor) -> Examination {
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
    examination
}

/// Says which entries could not be read again; `None` when all could.
fn unread_words(redactor: &Redactor) -> Option<String> {
    const MAX_NAMED: usize = 5;
    let unread: Vec<String> = redactor.unread().map(|entry| entry.to_string()).collect();
    let (named, rest) = unread.split_at(unread.len().min(MAX_NAMED));
    let more = if rest.is_empty() { "" } else { " …" };
    (!unread.is_empty()).then(|| {
        format!(
            "Could not be read again, so that their secrets are not known elsewhere: entries {}{more}",
            named.join(", ")
        )
    })
}

/// The path of `flow` with its query, secrets removed; `None` when it has none.
fn safe_path(flow: Flow<'_>, redactor: &mut Redactor) -> Option<String> {
    let path = flow.path()?;
    Some(if flow.scheme() == Some("file") {
        redactor.file_path(path)
    } else {
        redactor.url(path)
    })
}

/// The word of a label; empty when not reviewed.
fn label_word(label: Option<Label>) -> &'static str {
    label.map_or("", Label::word)
}
