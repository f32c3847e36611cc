//! What every provider is to every party: the table of services, and the evidence of each of its rows.

use askama::Template;

use super::super::services::{CitedView, PartyView, QuestionView, RelationView, Services, Size};
use super::{FlowLink, Links, Sure, named};
use crate::base::text::{counted, thousands};

/// The table of services.
#[derive(Template)]
#[template(path = "services.html", config = "assets/report/askama.toml")]
pub(super) struct ServiceTable {
    parties: Vec<PartyBlock>,
    without: Vec<Without>,
    left_out: Vec<String>,
}

struct PartyBlock {
    party: String,
    about: String,
    cells: SizeCells,
    rows: Vec<ServiceRow>,
    /// Why the rest is not attributed; empty when nothing is left.
    why: String,
    unknown: SizeCells,
}

struct ServiceRow {
    name: String,
    places: String,
    role: &'static str,
    behind: String,
    sure: Sure,
    cells: SizeCells,
}

/// A party of which nothing is attributed.
struct Without {
    party: String,
    why: String,
    cells: SizeCells,
}

struct SizeCells {
    hosts: String,
    requests: String,
    bytes: String,
}

impl SizeCells {
    fn of(size: Size) -> Self {
        Self {
            hosts: thousands(size.n_hosts),
            requests: thousands(size.n_flows),
            bytes: size.bytes_words(),
        }
    }
}

impl ServiceTable {
    pub(super) fn of(services: &Services<'_>) -> Self {
        let parties = services.parties.iter().map(|party| PartyBlock {
            party: named(party.party.clone(), "Party unknown"),
            about: party.standing.clone(),
            cells: SizeCells::of(party.size),
            rows: party.relations.iter().map(service_row).collect(),
            why: if 0 < party.unknown.n_flows {
                party.why_words()
            } else {
                String::new()
            },
            unknown: SizeCells::of(party.unknown),
        });
        let without = services.without.iter().map(|party| Without {
            party: named(party.party.clone(), "Party unknown"),
            why: party.why_words(),
            cells: SizeCells::of(party.size),
        });
        let left_out = [
            (services.left_out, "with less traffic left out"),
            (
                services.without_left_out,
                "of which nothing is attributed left out",
            ),
        ];
        Self {
            parties: parties.collect(),
            without: without.collect(),
            left_out: left_out
                .into_iter()
                .filter(|((n, _), _)| 0 < *n)
                .map(|((n, size), why)| left_out_words(n, size, why))
                .collect(),
        }
    }
}

/// `12 more parties with less traffic left out: 300 requests, 1.2 MB`.
fn left_out_words(n: u64, size: Size, why: &str) -> String {
    let parties = if n == 1 {
        "1 more party".to_owned()
    } else {
        format!("{} more parties", thousands(n))
    };
    format!("{parties} {why}: {}", counted(size.n_flows, "request"))
}

fn service_row(relation: &RelationView<'_>) -> ServiceRow {
    ServiceRow {
        name: relation.name.clone(),
        places: relation.places.clone(),
        role: relation.of.role.word(),
        behind: relation.behind.clone(),
        sure: Sure::of(relation.of.conclusiveness),
        cells: SizeCells::of(relation.size),
    }
}

/// What speaks for and against each relation, and the question of 2011.
#[derive(Template)]
#[template(path = "sheets.html", config = "assets/report/askama.toml")]
pub(super) struct Sheets {
    sheets: Vec<Sheet>,
    questions: Vec<Question>,
}

struct Sheet {
    title: String,
    sure: Sure,
    sentence: String,
    about: String,
    lines: Vec<SheetLine>,
    cited: Vec<CitedRow>,
    whose: String,
    whose_cited: Vec<CitedRow>,
}

/// A resource, or who stands behind it.
struct SheetLine {
    what: String,
    about: String,
}

struct Question {
    title: String,
    answer: String,
    reason: String,
    hypotheses: Vec<HypothesisBlock>,
}

struct HypothesisBlock {
    title: &'static str,
    sure: Sure,
    cited: Vec<CitedRow>,
}

struct CitedRow {
    speaks: &'static str,
    family: &'static str,
    quote: String,
    rule: String,
    flow: FlowLink,
    more: String,
}

impl Sheets {
    pub(super) fn of(services: &Services<'_>, links: Links<'_>) -> Self {
        let parties = &services.parties;
        let sheets = parties.iter().flat_map(|party| {
            let relations = party.relations.iter();
            relations.map(|relation| sheet(party, relation, links))
        });
        let questions = parties.iter().flat_map(|party| {
            let questions = party.questions.iter();
            questions.map(|asked| question(party, asked, links))
        });
        Self {
            sheets: sheets.collect(),
            questions: questions.collect(),
        }
    }
}

fn sheet(party: &PartyView<'_>, relation: &RelationView<'_>, links: Links<'_>) -> Sheet {
    let resources = relation.resources.iter();
    let mut lines: Vec<SheetLine> = resources
        .map(|resource| SheetLine {
            what: resource.id.clone(),
            about: if resource.about.is_empty() {
                resource.kind.to_owned()
            } else {
                format!("{}, {}", resource.kind, resource.about)
            },
        })
        .collect();
    let behind = relation.behind_lines().into_iter();
    let mut words: Vec<String> = behind.map(|line| format!("Behind it, {line}")).collect();
    words.insert(0, relation.resources_left_out());
    words.retain(|line| !line.is_empty());
    lines.extend(words.into_iter().map(|about| SheetLine {
        what: String::new(),
        about,
    }));
    let whose = relation.whose.as_ref();
    Sheet {
        title: format!("{}, {}", party.party, relation.title()),
        sure: Sure::of(relation.of.conclusiveness),
        sentence: relation.sentence.clone(),
        about: relation.about(),
        lines,
        cited: cited(&relation.cited, links),
        whose: whose.map_or_else(String::new, |whose| whose.words.clone()),
        whose_cited: whose.map_or_else(Vec::new, |whose| cited(&whose.cited, links)),
    }
}

fn question(party: &PartyView<'_>, asked: &QuestionView<'_>, links: Links<'_>) -> Question {
    let hypotheses = asked.hypotheses.iter().map(|hypothesis| HypothesisBlock {
        title: hypothesis.title,
        sure: Sure::of(hypothesis.conclusiveness),
        cited: cited(&hypothesis.cited, links),
    });
    Question {
        title: format!("{} at {}", party.party, asked.provider),
        answer: asked.answer.clone(),
        reason: asked.reason.clone(),
        hypotheses: hypotheses.collect(),
    }
}

fn cited(cited: &[CitedView], links: Links<'_>) -> Vec<CitedRow> {
    let row = |cited: &CitedView| CitedRow {
        speaks: cited.speaks,
        family: cited.family,
        quote: cited.quote.clone(),
        rule: cited.rule.clone(),
        flow: links.to(cited.flow),
        more: cited.more.clone(),
    };
    cited.iter().map(row).collect()
}
