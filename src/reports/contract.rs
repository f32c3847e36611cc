//! The JSON contract for flows, shared by `headwater flows --as json` and the JSON report.
//!
//! `null` means "not known"; text is never empty where `null` is allowed. Field order is the order of the structs.

mod parties;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::visible::write_json;
use super::{ReportError, ReportInput, label_word, safe_examination};
use crate::attribution::roles::Roles;
use crate::attribution::{Carrier, Claim, Evidence, Examination};
use crate::capture::{Capture, Flow, FlowId, Problem};
use crate::providers::{ServiceId, catalogue};
use crate::redact::Redactor;

pub(super) use parties::write_parties;

/// The schema of the verdicts that this version writes.
const VERDICTS_SCHEMA: u32 = 2;

/// One opened file.
#[derive(Debug, Serialize)]
struct CaptureEntry {
    /// File name without folder.
    file: String,
    /// Id of the format; `null` for a file that could not be opened.
    format: Option<&'static str>,
    /// The program that wrote it.
    producer: Option<String>,
    /// Of the file as found.
    sha256: Option<String>,
    /// Size of the file as found.
    bytes: Option<u64>,
    /// What files of this format cannot say; unknown in all flows, which is not the same as absent.
    cannot_say: Vec<&'static str>,
    /// Number of flows.
    flows: u32,
    /// What could not be read.
    problems: Vec<ProblemEntry>,
}

/// One thing that could not be read.
#[derive(Debug, Serialize)]
struct ProblemEntry {
    /// 1-based place in the file.
    entry: Option<u32>,
    /// Offset in the decoded content.
    byte: Option<u64>,
    /// What kind.
    kind: &'static str,
    /// What was expected and what was found.
    message: String,
    /// How many alike.
    count: u32,
}

/// One flow.
#[derive(Debug, Serialize)]
struct FlowEntry {
    /// 1-based number in the session.
    n: u32,
    /// Index of its capture.
    capture: usize,
    /// 1-based place in its file.
    entry: u32,
    /// UTC, with milliseconds.
    start: Option<String>,
    /// Duration in milliseconds.
    time_ms: Option<f64>,
    /// Request method as written.
    method: Option<String>,
    /// Redacted like everything else.
    url: Option<String>,
    /// Lower case.
    scheme: Option<String>,
    /// Lower case, punycode, without port.
    host: Option<String>,
    /// Given, or implied by the scheme.
    port: Option<u16>,
    /// With the query.
    path: Option<String>,
    /// Three digits.
    status: Option<u16>,
    /// Media type of the response.
    #[serde(rename = "type")]
    mime: Option<String>,
    /// Request on the wire.
    bytes_sent: Option<u64>,
    /// Response on the wire.
    bytes_received: Option<u64>,
    /// Decoded body.
    content_bytes: Option<u64>,
    /// Address of the peer.
    server_ip: Option<String>,
    /// Whose traffic it is.
    party: Option<String>,
    /// Who terminated the connection as a CDN.
    edge: Option<CarrierEntry>,
    /// Whose storage or compute answered.
    origin: Option<CarrierEntry>,
    /// `origin`, `cdn` or `unknown`.
    role: &'static str,
    /// Of role and terminating party together.
    conclusiveness: &'static str,
    /// From the client's side.
    chain: Vec<String>,
    /// Left out when not asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<Vec<EvidenceEntry>>,
    /// Explanations that are not excluded.
    rivals: Vec<String>,
    /// What a person could do.
    would_settle_it: Vec<String>,
    /// The human's answer; `null` = not reviewed.
    label: Option<&'static str>,
    /// The human's note.
    note: String,
    /// Who said so.
    by: String,
}

/// Edge or origin.
#[derive(Debug, Serialize)]
struct CarrierEntry {
    /// Id of the provider; `null` for software or a network that names no company.
    provider: Option<String>,
    /// Id of the service.
    service: String,
    /// Name of the service for people.
    name: String,
    /// Where it stands.
    region: Option<String>,
    /// Of this part of the answer.
    conclusiveness: &'static str,
}

/// One observation.
#[derive(Debug, Serialize)]
struct EvidenceEntry {
    /// Kind of evidence.
    family: &'static str,
    /// The rule that read it.
    rule: String,
    /// `edge=p/s`, `origin=p/s` or `void=FAMILY`.
    claim: String,
    /// `for` or `against`.
    speaks: &'static str,
    /// How much it weighs.
    strength: &'static str,
    /// The text it was read from.
    quote: String,
    /// Offset and length in the decoded capture.
    span: Option<(u64, u32)>,
    /// Where the rule comes from.
    source: String,
}

impl CaptureEntry {
    fn of(capture: &Capture, redactor: &mut Redactor) -> Self {
        let info = capture.info();
        Self {
            file: redactor.shown(&info.name),
            format: Some(info.format),
            producer: known(&redactor.text(&info.producer)),
            sha256: info.sha256.get().cloned(),
            bytes: Some(info.bytes),
            cannot_say: info.carries.missing().collect(),
            flows: capture.len(),
            problems: capture
                .problems()
                .iter()
                .map(|problem| ProblemEntry::of(problem, redactor))
                .collect(),
        }
    }

    /// A file of which nothing was usable.
    fn refused(path: &Path, problem: &Problem, redactor: &mut Redactor) -> Self {
        let name = path.file_name().unwrap_or(path.as_os_str());
        Self {
            file: name.to_string_lossy().into_owned(),
            format: None,
            producer: None,
            sha256: None,
            bytes: path.metadata().ok().map(|data| data.len()),
            cannot_say: Vec::new(),
            flows: 0,
            problems: vec![ProblemEntry::of(problem, redactor)],
        }
    }
}

impl ProblemEntry {
    fn of(problem: &Problem, redactor: &mut Redactor) -> Self {
        Self {
            entry: problem.entry,
            byte: problem.byte,
            kind: problem.kind.word(),
            message: redactor.text(&problem.message),
            count: problem.count,
        }
    }
}

impl FlowEntry {
    /// What the contract says about one flow.
    fn of(
        input: &ReportInput<'_>,
        with_evidence: bool,
        id: FlowId,
        flow: Flow<'_>,
        examination: Option<Examination>,
        redactor: &mut Redactor,
    ) -> Self {
        let verdict = input.document.verdict(id);
        let annotation = input.annotation(id, redactor);
        let examination = examination.unwrap_or_else(|| Examination {
            verdict,
            chain: Vec::new(),
            evidence: Vec::new(),
            rivals: Vec::new(),
            would_settle_it: Vec::new(),
        });
        let carrier = |carrier: Option<Carrier>| Some(CarrierEntry::of(input, id, carrier?));
        Self {
            n: id.n(),
            capture: input.document.locate(id).map_or(0, |(idx, _)| idx),
            entry: flow.row().entry,
            start: flow.start().and_then(|start| known(&start.to_iso())),
            time_ms: flow.time_ms(),
            method: known(&redactor.shown(flow.method())),
            url: known(&redactor.url(flow.url())),
            scheme: flow.scheme().map(|scheme| redactor.shown(scheme)),
            host: known(&redactor.shown(flow.host())),
            port: flow.port(),
            path: super::safe_path(flow, redactor),
            status: flow.status(),
            mime: known(&redactor.shown(flow.mime())),
            bytes_sent: flow.bytes_sent(),
            bytes_received: flow.bytes_received(),
            content_bytes: flow.content_bytes(),
            server_ip: known(&redactor.shown(flow.server_ip())),
            party: known(&redactor.shown(input.document.party(id))),
            edge: carrier(verdict.edge),
            origin: carrier(verdict.origin),
            role: verdict.role.word(),
            conclusiveness: verdict.conclusiveness.word(),
            chain: examination
                .chain
                .iter()
                .map(|id| catalogue().path(*id))
                .collect(),
            evidence: with_evidence.then(|| {
                examination
                    .evidence
                    .into_iter()
                    .map(EvidenceEntry::of)
                    .collect()
            }),
            rivals: examination.rivals,
            would_settle_it: examination.would_settle_it,
            label: annotation.label.map(|label| label_word(Some(label))),
            note: annotation.note,
            by: annotation.by,
        }
    }
}

impl CarrierEntry {
    fn of(input: &ReportInput<'_>, flow: FlowId, carrier: Carrier) -> Self {
        let service = catalogue().service(carrier.service);
        let provider = catalogue().provider(service.provider);
        Self {
            provider: (!provider.is_software).then(|| provider.id.clone()),
            service: service.id.clone(),
            name: service.name.clone(),
            region: known(input.region(flow, carrier)),
            conclusiveness: carrier.conclusiveness.word(),
        }
    }
}

impl EvidenceEntry {
    fn of(evidence: Evidence) -> Self {
        Self {
            family: evidence.family.word(),
            claim: claim_text(evidence.claim),
            speaks: evidence.speaks.word(),
            strength: evidence.strength.word(),
            span: evidence.span.map(|span| (span.start, span.len)),
            rule: evidence.rule,
            quote: evidence.quote,
            source: evidence.source,
        }
    }
}

/// `edge=aws/cloudfront`.
pub(super) fn claim_text(claim: Claim) -> String {
    let path = |service: ServiceId| catalogue().path(service);
    match claim {
        Claim::Edge(service) => format!("edge={}", path(service)),
        Claim::Origin(service) => format!("origin={}", path(service)),
        Claim::Void(family) => format!("void={}", family.word()),
    }
}

fn known(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// Writes the contract without the closing brace, so that a report may add to the object.
pub(super) fn write_open(
    input: &ReportInput<'_>,
    with_evidence: bool,
    refused: &[(PathBuf, Problem)],
    redactor: &mut Redactor,
    out: &mut dyn Write,
) -> Result<(), ReportError> {
    write_captures(input, None, refused, redactor, out)?;
    write!(out, ",\n\"flows\":[")?;
    let mut list = List::new(out);
    let examine = |id, _| input.document.examine(id);
    input.walk_with(
        redactor,
        &input.flows,
        examine,
        |id, flow, examination, redactor| {
            let examination = examination.map(|it| safe_examination(it, redactor));
            let entry = FlowEntry::of(input, with_evidence, id, flow, examination, redactor);
            Ok(list.item(&entry)?)
        },
    )?;
    list.end()?;
    Ok(write!(out, "]")?)
}

/// Writes the contract for the verdicts of parties.
pub(super) fn write_verdicts(
    input: &ReportInput<'_>,
    roles: &Roles,
    refused: &[(PathBuf, Problem)],
    redactor: &mut Redactor,
    out: &mut dyn Write,
) -> io::Result<()> {
    write_captures(input, Some(VERDICTS_SCHEMA), refused, redactor, out)?;
    write!(out, ",\n\"parties\":[")?;
    write_parties(roles.parties.iter(), redactor, out)?;
    out.write_all(b"]}\n")
}

/// Writes what all contracts begin with; those that count their versions say theirs.
pub(super) fn write_captures(
    input: &ReportInput<'_>,
    schema: Option<u32>,
    refused: &[(PathBuf, Problem)],
    redactor: &mut Redactor,
    out: &mut dyn Write,
) -> io::Result<()> {
    write!(
        out,
        "{{\"headwater\":\"{}\",{}\n\"captures\":[",
        env!("CARGO_PKG_VERSION"),
        schema.map_or_else(String::new, |version| format!("\"schema\":{version},"))
    )?;
    let captures = input.document.captures().iter();
    let mut list = List::new(out);
    for open in captures {
        list.item(&CaptureEntry::of(&open.capture, redactor))?;
    }
    for (path, problem) in refused {
        list.item(&CaptureEntry::refused(path, problem, redactor))?;
    }
    list.end()?;
    write!(out, "]")
}

/// A JSON list that is written item by item, one per line.
pub(super) struct List<'a> {
    out: &'a mut dyn Write,
    n: usize,
}

impl<'a> List<'a> {
    pub(super) fn new(out: &'a mut dyn Write) -> Self {
        Self { out, n: 0 }
    }

    pub(super) fn item(&mut self, item: &impl Serialize) -> io::Result<()> {
        self.out
            .write_all(if self.n == 0 { b"\n" } else { b",\n" })?;
        self.n += 1;
        write_json(&mut *self.out, item)
    }

    pub(super) fn end(self) -> io::Result<()> {
        self.out.write_all(b"\n")
    }
}

/// Writes the items of a JSON list.
pub(super) fn write_list<T: Serialize>(
    out: &mut dyn Write,
    items: impl Iterator<Item = T>,
) -> io::Result<()> {
    let mut list = List::new(out);
    for item in items {
        list.item(&item)?;
    }
    list.end()
}
