//! One HTML file for people: no script, nothing loaded from elsewhere, escaped by the type-checked template.

use std::io;

use askama::Template;
use base64::Engine as _;
use sha2::Digest as _;

use super::chart::{Slice, slices};
use super::contract::claim_text;
use super::parties::{PartyView, parties};
use super::summary::{LIMITS, Summary, percent};
use super::{Report, ReportError, ReportInput, carrier_name, label_word};
use crate::annotations::{Annotation, Label};
use crate::attribution::{Conclusiveness, Role};
use crate::base::text::{bytes_with_unit, counted, escape_within_lines, shorten_middle, thousands};
use crate::base::time::Time;
use crate::capture::{Capture, Flow, FlowId};
use crate::redact::Redactor;

pub(super) struct Html;

const STYLE: &str = include_str!("../../assets/report/report.css");

/// Most problems of one capture that are listed.
const MAX_PROBLEMS: usize = 20;

#[derive(Template)]
#[template(path = "report.html", config = "assets/report/askama.toml")]
struct Page {
    style: &'static str,
    style_hash: String,
    version: &'static str,
    title: String,
    lead: String,
    with_secrets: bool,
    filter: String,
    reviewer: String,
    slices: Vec<Slice>,
    n_shown: String,
    flows_word: &'static str,
    denominator: String,
    coverage: Vec<Coverage>,
    captures: Vec<CaptureFacts>,
    span: String,
    removed: String,
    parties: Vec<PartyView>,
    flows: Vec<FlowView>,
    limits: &'static [&'static str],
}

struct Coverage {
    word: &'static str,
    title: &'static str,
    count: String,
    percent: String,
}

struct CaptureFacts {
    name: String,
    about: String,
    sha256: String,
    problems: Vec<String>,
}

struct FlowView {
    n: u32,
    date: String,
    time: String,
    method: String,
    is_write: bool,
    status: String,
    status_class: u16,
    host: String,
    path: String,
    short_path: String,
    url: String,
    edge: String,
    origin: String,
    role: &'static str,
    conclusiveness: &'static str,
    n_bars: u8,
    label: &'static str,
    label_title: &'static str,
    note: String,
    tags: String,
    answer: String,
    facts: String,
    evidence: Vec<EvidenceView>,
    rivals: Vec<String>,
    would_settle_it: Vec<String>,
    signed: String,
}

struct EvidenceView {
    family: &'static str,
    claim: String,
    speaks: &'static str,
    strength: &'static str,
    quote: String,
    rule: String,
    source: String,
}

impl Report for Html {
    fn id(&self) -> &'static str {
        "html"
    }

    fn title(&self) -> &'static str {
        "HTML report"
    }

    fn extension(&self) -> &'static str {
        "html"
    }

    fn write(
        &self,
        input: &ReportInput<'_>,
        redactor: &mut Redactor,
        out: &mut dyn io::Write,
    ) -> Result<(), ReportError> {
        let page = page(input, redactor)?.render().map_err(io::Error::other)?;
        // HTML has no way to write control characters, and no use for them.
        Ok(out.write_all(escape_within_lines(&page).as_bytes())?)
    }
}

fn page(input: &ReportInput<'_>, redactor: &mut Redactor) -> Result<Page, ReportError> {
    let document = input.document;
    let summary = Summary::of(input);
    let captures: Vec<_> = document
        .captures()
        .iter()
        .map(|open| capture_facts(&open.capture, redactor))
        .collect();
    let names: Vec<&str> = captures
        .iter()
        .map(|capture| capture.name.as_str())
        .collect();
    let names = names.join(", ");
    let filter = redactor.text(input.filter);
    let parties = parties(input, redactor);
    let mut flows = Vec::new();
    input.walk(redactor, &input.flows, |id, flow, redactor| {
        flows.push(flow_view(input, id, flow, redactor));
        Ok(())
    })?;
    let shown = counted(summary.shown as u64, "flow");
    let all = thousands(summary.in_all as u64);
    Ok(Page {
        style: STYLE,
        style_hash: base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(STYLE)),
        version: env!("CARGO_PKG_VERSION"),
        title: format!("Who serves this traffic: {names}"),
        lead: names,
        with_secrets: input.level.keeps_secrets(),
        filter,
        reviewer: redactor.shown(document.reviewer()),
        slices: slices(input),
        n_shown: thousands(summary.shown as u64),
        flows_word: if summary.shown == 1 { "flow" } else { "flows" },
        denominator: if summary.shown == summary.in_all {
            format!("all {shown}")
        } else {
            format!("{shown} of {all}")
        },
        coverage: coverage(&summary),
        captures,
        span: span(input),
        removed: removed(input, redactor),
        parties,
        flows,
        limits: LIMITS,
    })
}

fn coverage(summary: &Summary) -> Vec<Coverage> {
    let labels = [Label::Origin, Label::Cdn, Label::Unknown];
    let rest = ("", "Not reviewed", summary.n_not_reviewed());
    labels
        .into_iter()
        .zip(summary.labelled)
        .map(|(label, n)| (label.word(), label.title(), n))
        .chain([rest])
        .map(|(word, title, n)| Coverage {
            word,
            title,
            count: thousands(n as u64),
            percent: percent(n, summary.shown),
        })
        .collect()
}

fn capture_facts(capture: &Capture, redactor: &mut Redactor) -> CaptureFacts {
    let info = capture.info();
    let mut about = vec![info.format.to_owned()];
    if !info.producer.is_empty() {
        about.push(redactor.text(&info.producer));
    }
    about.push(format!("{} bytes", thousands(info.bytes)));
    about.push(counted(u64::from(capture.len()), "flow"));
    let missing: Vec<&str> = info.carries.missing().collect();
    if !missing.is_empty() {
        about.push(format!("the format cannot say: {}", missing.join(", ")));
    }
    let mut problems: Vec<String> = capture
        .problems()
        .iter()
        .take(MAX_PROBLEMS)
        .map(ToString::to_string)
        .collect();
    let rest = capture.problems().len().saturating_sub(MAX_PROBLEMS);
    if 0 < rest {
        problems.push(format!("and {} more", thousands(rest as u64)));
    }
    CaptureFacts {
        name: redactor.shown(&info.name),
        about: about.join(" · "),
        sha256: info
            .sha256
            .get()
            .cloned()
            .unwrap_or_else(|| "not computed".to_owned()),
        problems,
    }
}

fn span(input: &ReportInput<'_>) -> String {
    let captures = || input.document.captures().iter();
    let first = captures()
        .filter_map(|open| open.capture.first_start())
        .min();
    let last = captures().filter_map(|open| open.capture.last_end()).max();
    match (first, last) {
        (Some(first), Some(last)) => format!("{} to {}", first.to_iso(), last.to_iso()),
        _ => "no times given".to_owned(),
    }
}

fn removed(input: &ReportInput<'_>, redactor: &Redactor) -> String {
    if input.level.keeps_secrets() {
        return "nothing: this report holds secrets".to_owned();
    }
    let kinds: Vec<String> = redactor
        .counts()
        .map(|(kind, count)| format!("{} {kind}", thousands(count)))
        .collect();
    let all = counted(redactor.counts().map(|(_, count)| count).sum(), "value");
    if kinds.is_empty() {
        all
    } else {
        format!("{all}: {}", kinds.join(", "))
    }
}

fn flow_view(
    input: &ReportInput<'_>,
    id: FlowId,
    flow: Flow<'_>,
    redactor: &mut Redactor,
) -> FlowView {
    let verdict = input.document.verdict(id);
    let annotation = input.annotation(id, redactor);
    let examination = input.examine(id, redactor);
    let start = flow.start().map(Time::to_iso).unwrap_or_default();
    let (date, time) = start.split_once('T').unwrap_or_default();
    let url = redactor.url(flow.url());
    let path = flow.path().map(|path| redactor.url(path));
    let path = path.unwrap_or_else(|| {
        if flow.host().is_empty() {
            url.clone()
        } else {
            String::new()
        }
    });
    let edge = carrier_name(input, id, verdict.edge);
    let origin = carrier_name(input, id, verdict.origin);
    let (evidence, rivals, would_settle_it) = examination.map_or_else(Default::default, |found| {
        let evidence = found
            .evidence
            .into_iter()
            .map(evidence_view)
            .collect::<Vec<_>>();
        (evidence, found.rivals, found.would_settle_it)
    });
    FlowView {
        n: id.n(),
        date: date.to_owned(),
        time: time.trim_end_matches('Z').to_owned(),
        method: redactor.shown(flow.method()),
        is_write: matches!(flow.method(), "PUT" | "POST" | "DELETE" | "PATCH"),
        status: flow
            .status()
            .map_or_else(|| "–".to_owned(), |status| status.to_string()),
        status_class: flow.status().unwrap_or(0) / 100,
        host: redactor.shown(flow.host()),
        short_path: shorten_middle(&path, 72).into_owned(),
        path,
        url,
        answer: answer(&edge, &origin, verdict.role, verdict.conclusiveness),
        edge,
        origin,
        role: role_title(verdict.role),
        conclusiveness: verdict.conclusiveness.word(),
        n_bars: n_bars(&verdict.conclusiveness),
        label: label_word(annotation.label),
        label_title: annotation.label.map_or("", Label::title),
        signed: signed(&annotation),
        tags: annotation.tags.join(", "),
        note: annotation.note,
        facts: redactor.shown(&facts(input, id, flow)),
        evidence,
        rivals,
        would_settle_it,
    }
}

fn evidence_view(evidence: crate::attribution::Evidence) -> EvidenceView {
    EvidenceView {
        family: evidence.family.title(),
        claim: claim_text(evidence.claim),
        speaks: evidence.speaks.word(),
        strength: evidence.strength.word(),
        quote: evidence.quote,
        rule: evidence.rule,
        source: evidence.source,
    }
}

/// `CDN · Amazon CloudFront → Amazon S3 · strong`.
fn answer(edge: &str, origin: &str, role: Role, conclusiveness: Conclusiveness) -> String {
    let parties = [edge, origin].map(str::to_owned);
    let parties: Vec<String> = parties
        .into_iter()
        .filter(|name| !name.is_empty())
        .collect();
    let mut parts = vec![role_title(role).to_owned()];
    if !parties.is_empty() {
        parts.push(parties.join(" → "));
    }
    parts.push(conclusiveness.word().to_owned());
    parts.join(" · ")
}

fn facts(input: &ReportInput<'_>, id: FlowId, flow: Flow<'_>) -> String {
    let mut facts = vec![format!(
        "Entry {} of {}",
        flow.row().entry,
        flow.capture().info().name
    )];
    if !flow.server_ip().is_empty() {
        facts.push(format!("peer {}", flow.server_ip()));
    }
    if !flow.mime().is_empty() {
        facts.push(flow.mime().to_owned());
    }
    if let Some(bytes) = flow.bytes_received() {
        let (value, unit) = bytes_with_unit(bytes);
        facts.push(format!("{value} {unit} received"));
    }
    if let Some(ms) = flow.time_ms() {
        facts.push(format!("{ms:.0} ms"));
    }
    let party = input.document.party(id);
    if !party.is_empty() {
        facts.push(format!("party {party}"));
    }
    facts.join(" · ")
}

fn signed(annotation: &Annotation) -> String {
    if annotation.is_empty() {
        return String::new();
    }
    let by = if annotation.by.is_empty() {
        "somebody who gave no name"
    } else {
        &annotation.by
    };
    let at = annotation
        .at
        .map_or_else(String::new, |at| format!(", {}", at.to_iso()));
    if annotation.is_accepted {
        return format!("Label accepted from the machine by {by}{at}");
    }
    format!("Label and note by {by}{at}")
}

const fn role_title(role: Role) -> &'static str {
    match role {
        Role::Origin => "Origin",
        Role::Cdn => "CDN",
        Role::Unknown => "Unknown",
    }
}

const fn n_bars(conclusiveness: &Conclusiveness) -> u8 {
    match conclusiveness {
        Conclusiveness::Conclusive => 4,
        Conclusiveness::Strong => 3,
        Conclusiveness::Suggestive => 2,
        Conclusiveness::Conflicting | Conclusiveness::Insufficient => 1,
    }
}
