//! What a reader checks the answer with: evidence, definitions, coverage, limits, and where everything comes from.

use askama::Template;

use super::super::definitions::{Definition, definitions};
use super::super::evidence::{Evidence, HostEvidence, OpenQuestion, RuleCited, rule_cited};
use super::super::services::{Services, WhyView};
use super::super::summary::{LIMITS, data_versions, percent};
use super::super::survey::{Amount, Survey, shown_host};
use super::super::{ReportInput, unread_words};
use super::front::span_words;
use super::tables::{amount_words, first_of};
use super::{FlowLink, Links, named};
use crate::base::text::{counted, thousands};
use crate::base::time::Time;
use crate::capture::Capture;
use crate::redact::Redactor;

/// Hosts or pairs that one open question names.
const MAX_NAMED: usize = 4;
/// Most problems of one capture that are listed.
const MAX_PROBLEMS: usize = 20;

/// The evidence once for each host and rule.
#[derive(Template)]
#[template(path = "evidence.html", config = "assets/report/askama.toml")]
pub(super) struct EvidenceTable {
    hosts: Vec<HostBlock>,
    rivals: Vec<(String, String)>,
    would_settle_it: Vec<(String, String)>,
}

struct HostBlock {
    host: String,
    about: String,
    rows: Vec<EvidenceView>,
}

struct EvidenceView {
    family: &'static str,
    claim: String,
    speaks: &'static str,
    strength: &'static str,
    quote: String,
    rule: String,
    n: String,
    flows: Vec<FlowLink>,
    has_more: bool,
}

impl EvidenceTable {
    pub(super) fn of(evidence: &Evidence<'_>, links: Links<'_>, redactor: &mut Redactor) -> Self {
        Self {
            hosts: evidence
                .hosts
                .iter()
                .map(|host| host_block(host, links, redactor))
                .collect(),
            rivals: open(&evidence.rivals, redactor),
            would_settle_it: open(&evidence.would_settle_it, redactor),
        }
    }
}

fn host_block(host: &HostEvidence<'_>, links: Links<'_>, redactor: &mut Redactor) -> HostBlock {
    let requests = counted(host.n_flows, "request");
    let rows = host.rows.iter().map(|row| EvidenceView {
        family: row.family.title(),
        claim: row.claim.clone(),
        speaks: row.speaks,
        strength: row.strength.word(),
        quote: row.quote.clone(),
        rule: row.rule.clone(),
        n: thousands(row.n_flows),
        flows: links.to_all(&row.examples),
        has_more: (row.examples.len() as u64) < row.n_flows,
    });
    HostBlock {
        host: named(shown_host(host.host, redactor), "no host"),
        about: if host.n_examined == host.n_flows {
            requests
        } else {
            format!(
                "{requests}, {} of them examined",
                thousands(host.n_examined)
            )
        },
        rows: rows.collect(),
    }
}

fn open(questions: &[OpenQuestion<'_>], redactor: &mut Redactor) -> Vec<(String, String)> {
    questions
        .iter()
        .map(|question| {
            let hosts: Vec<String> = question
                .hosts
                .iter()
                .map(|host| named(shown_host(host, redactor), "no host"))
                .collect();
            (question.text.clone(), first_of(&hosts, MAX_NAMED))
        })
        .collect()
}

/// Rules, definitions, coverage, limits and captures.
#[derive(Template)]
#[template(path = "back.html", config = "assets/report/askama.toml")]
pub(super) struct Back {
    would_settle_it: Vec<(String, String)>,
    unknown: Vec<(String, String)>,
    validity: Vec<(String, String)>,
    caveats: Vec<String>,
    rules: Vec<RuleCited>,
    definitions: Vec<(&'static str, Vec<Definition>)>,
    coverage: Vec<CoverageRow>,
    limits: &'static [&'static str],
    captures: Vec<CaptureFacts>,
    filter: String,
    reviewer: String,
    last_said: String,
    version: &'static str,
    data: Vec<String>,
    made: String,
}

struct CoverageRow {
    title: &'static str,
    count: String,
    percent: String,
    bytes: String,
}

struct CaptureFacts {
    name: String,
    about: String,
    span: String,
    sha256: String,
    problems: Vec<String>,
}

impl Back {
    pub(super) fn of(
        input: &ReportInput<'_>,
        survey: &Survey<'_>,
        evidence: &Evidence<'_>,
        services: &Services<'_>,
        redactor: &mut Redactor,
    ) -> Self {
        let captures = input.document.captures().iter();
        Self {
            would_settle_it: services
                .would_settle_it()
                .into_iter()
                .map(|(text, pairs)| (text, first_of(&pairs, MAX_NAMED)))
                .collect(),
            unknown: why_rows(&services.why),
            validity: why_rows(&services.validity),
            caveats: services
                .caveats
                .iter()
                .filter(|caveat| !LIMITS.contains(&caveat.as_str()))
                .cloned()
                .collect(),
            rules: rules(evidence, services),
            definitions: definitions(),
            coverage: coverage(survey),
            limits: LIMITS,
            captures: captures
                .map(|open| capture_facts(&open.capture, redactor))
                .collect(),
            filter: redactor.text(input.filter),
            reviewer: redactor.shown(input.document.reviewer()),
            last_said: survey
                .last_said
                .map_or_else(String::new, |at| span_words(at, at)),
            version: env!("CARGO_PKG_VERSION"),
            data: data_versions(redactor)
                .iter()
                .map(|data| format!("{} {}, {}", data.name, data.version, data.date))
                .collect(),
            made: input.made_at.map_or_else(String::new, Time::to_iso),
        }
    }
}

/// All rules that are cited, about requests and about parties.
fn rules(evidence: &Evidence<'_>, services: &Services<'_>) -> Vec<RuleCited> {
    let mut rules = evidence.rules.clone();
    for (id, source) in services.rules() {
        if rules.iter().all(|rule| rule.id != id) {
            rules.push(rule_cited((id.to_owned(), source.to_owned())));
        }
    }
    rules.sort_by(|one, other| one.id.cmp(&other.id));
    rules
}

/// Reasons with their numbers of flows.
fn why_rows(list: &[WhyView]) -> Vec<(String, String)> {
    let rows = list.iter();
    rows.map(|why| (why.words.clone(), counted(why.n_flows, "flow")))
        .collect()
}

fn coverage(survey: &Survey<'_>) -> Vec<CoverageRow> {
    let total = &survey.total;
    let row = |title, amount: Amount| {
        let (count, bytes) = amount_words(amount, total.has_bytes);
        CoverageRow {
            title,
            count,
            percent: percent(amount.n, total.all.n),
            bytes,
        }
    };
    let [origin, cdn, unknown] = total.labelled;
    let mut reviewed = origin;
    reviewed.add(cdn);
    reviewed.add(unknown);
    vec![
        row("Reviewed: labelled by a person", reviewed),
        row("of these: origin", origin),
        row("of these: CDN", cdn),
        row("of these: unknown", unknown),
        row("of these: disputed", total.disputed),
        row("Not reviewed", total.not_reviewed()),
        row("All flows of this report", total.all),
    ]
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
    let problems = capture.problems();
    let mut listed: Vec<String> = problems
        .iter()
        .take(MAX_PROBLEMS)
        .map(|problem| redactor.text(&problem.to_string()))
        .collect();
    let rest = problems.len().saturating_sub(MAX_PROBLEMS);
    if 0 < rest {
        listed.push(format!("and {} more", thousands(rest as u64)));
    }
    CaptureFacts {
        name: redactor.shown(&info.name),
        about: about.join(" · "),
        span: match (capture.first_start(), capture.last_end()) {
            (Some(first), Some(last)) => span_words(first, last),
            _ => "no times given".to_owned(),
        },
        sha256: info
            .sha256
            .get()
            .cloned()
            .unwrap_or_else(|| "not computed".to_owned()),
        problems: listed,
    }
}

/// What was removed, and the end of the file.
#[derive(Template)]
#[template(path = "end.html", config = "assets/report/askama.toml")]
pub(super) struct End {
    level: &'static str,
    with_secrets: bool,
    removed: Vec<(String, &'static str)>,
    all: String,
    unread: String,
}

impl End {
    pub(super) fn of(input: &ReportInput<'_>, redactor: &Redactor) -> Self {
        let removed = redactor
            .counts()
            .map(|(kind, count)| (thousands(count), kind.word()));
        Self {
            level: input.level.word(),
            with_secrets: input.level.keeps_secrets(),
            removed: removed.collect(),
            all: counted(redactor.counts().map(|(_, count)| count).sum(), "value"),
            unread: unread_words(redactor).unwrap_or_default(),
        }
    }
}
