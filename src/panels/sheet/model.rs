//! What the sheet of a relation or of a party says, put into words.

mod host;
mod pieces;

use std::collections::HashSet;

use crate::attribution::Conclusiveness;
use crate::attribution::roles::{
    Cited, Hypothesis, Owner, PartyRoles, Question, Relation, RelationRole, Roles, Why,
};
use crate::base::jobs::{Cancel, STEP};
use crate::base::text::{bytes_with_unit, counted, escape_for_terminal, shorten_middle, thousands};
use crate::capture::{Flow, FlowId};
use crate::document::Document;
use crate::providers::catalogue;
use crate::session::Subject;

pub use host::HostSheet;
pub use pieces::{Piece, pieces};

/// Longest quote that is shown whole, in characters.
const MAX_QUOTE: usize = 64;
/// Most hosts of a party that are listed.
const MAX_HOSTS: usize = 12;

/// What a sheet is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// A relation or a party.
    Subject(Subject),
    /// The host of this flow, over the shown flows of a certain query.
    Host(FlowId, u64),
}

/// A sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Of a relation or a party.
    Sheet(Box<Sheet>),
    /// Of a host.
    Host(Box<HostSheet>),
}

/// Everything that is said of one subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// What it is about.
    pub subject: Subject,
    /// `Akamai delivers expressen.se`.
    pub title: String,
    /// How conclusive the relation is; `None` for a party.
    pub conclusiveness: Option<Conclusiveness>,
    /// `strong · 300 requests · 7 hosts · 4.5 MB`.
    pub facts: String,
    /// In plain sentences.
    pub summary: Vec<Piece>,
    /// What speaks for and against a relation.
    pub why: Vec<Line>,
    /// For a store: whose data lies there.
    pub whose: Option<Whose>,
    /// The question of 2011 at the provider, or at all providers of a party.
    pub questions: Vec<Asked>,
    /// The relations of a party, each with its sentence.
    pub relations: Vec<(Subject, String, Conclusiveness)>,
    /// Hosts of a party, most flows first.
    pub hosts: Vec<String>,
    /// How many hosts are not listed.
    pub n_more_hosts: usize,
    /// Why flows are not attributed.
    pub not_attributed: Vec<String>,
    /// Flows that show nothing about any server.
    pub validity: Vec<String>,
    /// What a person could do.
    pub would_settle_it: Vec<Vec<Piece>>,
    /// What to keep in mind, as sentences.
    pub caveats: Vec<String>,
}

/// One piece of evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// True for what speaks for it.
    pub is_for: bool,
    /// Kind of evidence.
    pub family: &'static str,
    /// What it was read from, cut in the middle when it is long.
    pub quote: String,
    /// The same, whole.
    pub whole: String,
    /// The rule that read it.
    pub rule: String,
    /// The first flow that shows it.
    pub flow: FlowId,
    /// How many others show it.
    pub n_more: u32,
}

/// Whose data lies in a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whose {
    /// `Users' data`.
    pub answer: String,
    /// What that means.
    pub meaning: &'static str,
    /// How conclusive it is.
    pub conclusiveness: Conclusiveness,
    /// What speaks for and against it.
    pub lines: Vec<Line>,
    /// The flows of the transfer that shows it best.
    pub transfer: Vec<FlowId>,
}

/// The question of 2011, asked at one provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// At whom.
    pub provider: String,
    /// `Inconclusive, leaning to CDN only: no upload was seen`.
    pub answer: String,
    /// The three hypotheses.
    pub hypotheses: Vec<HypothesisLines>,
}

/// One hypothesis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HypothesisLines {
    /// Which one.
    pub hypothesis: Hypothesis,
    /// How conclusive the evidence for it is.
    pub conclusiveness: Conclusiveness,
    /// `answer`, `leaning`, `2 for, 1 against` or `–`.
    pub state: String,
    /// True for the answer, or for what the evidence leans to.
    pub is_favoured: bool,
    /// What speaks for it, then what speaks against it.
    pub lines: Vec<Line>,
}

impl Sheet {
    /// The sheet of `subject`; the outer `None` when cancelled, the inner one when there is nothing to say. Looks at the
    /// flows of the subject: for worker threads.
    pub fn of(
        document: &Document,
        roles: &Roles,
        subject: &Subject,
        cancel: &Cancel,
    ) -> Option<Option<Self>> {
        Some(match subject.find(roles) {
            Some((party, Some(relation))) => {
                let hosts = n_hosts(document, &relation.flows, cancel)?;
                Some(Self::of_relation(party, relation, hosts))
            }
            Some((party, None)) => Some(Self::of_party(party, subject)),
            None => None,
        })
    }

    fn of_relation(party: &PartyRoles, relation: &Relation, n_hosts: u64) -> Self {
        let provider = relation.provider();
        let questions = party.questions.iter();
        let of_provider = questions.filter(|question| Some(question.provider) == provider);
        let (bytes, unit) = bytes_with_unit(relation.bytes);
        let facts = [
            relation.conclusiveness.word().to_owned(),
            counted(relation.flows.len() as u64, "request"),
            counted(n_hosts, "host"),
            format!("{bytes} {unit}"),
        ];
        Self {
            conclusiveness: Some(relation.conclusiveness),
            facts: facts.join(" · "),
            summary: pieces(&relation.sentence),
            why: lines(&relation.supporting, &relation.opposing),
            whose: relation.whose.as_ref().map(Whose::of),
            questions: of_provider.map(Asked::of).collect(),
            would_settle_it: relation
                .would_settle_it
                .iter()
                .map(|it| settling(it))
                .collect(),
            caveats: party.caveats.iter().map(|it| sentence(it)).collect(),
            ..Self::empty(Subject::of(&party.party, relation), title(party, relation))
        }
    }

    fn of_party(party: &PartyRoles, subject: &Subject) -> Self {
        let (bytes, unit) = bytes_with_unit(party.bytes);
        let facts = [
            party.standing.words().to_owned(),
            counted(party.flows.len() as u64, "request"),
            counted(party.hosts.len() as u64, "host"),
            format!("{bytes} {unit}"),
        ];
        let told = facts.into_iter().filter(|fact| !fact.is_empty());
        let relations = party.relations.iter().map(|relation| {
            let subject = Subject::of(&party.party, relation);
            (subject, title(party, relation), relation.conclusiveness)
        });
        let listed = party.hosts.iter().take(MAX_HOSTS);
        Self {
            facts: told.collect::<Vec<_>>().join(" · "),
            summary: pieces(&party.summary),
            relations: relations.collect(),
            questions: party.questions.iter().map(Asked::of).collect(),
            hosts: listed.map(|host| shown(host)).collect(),
            n_more_hosts: party.hosts.len().saturating_sub(MAX_HOSTS),
            not_attributed: party.not_attributed.why.iter().map(why).collect(),
            validity: party.validity.iter().map(why).collect(),
            caveats: party.caveats.iter().map(|it| sentence(it)).collect(),
            ..Self::empty(subject.clone(), shown(&party.party))
        }
    }

    const fn empty(subject: Subject, title: String) -> Self {
        Self {
            subject,
            title,
            conclusiveness: None,
            facts: String::new(),
            summary: Vec::new(),
            why: Vec::new(),
            whose: None,
            questions: Vec::new(),
            relations: Vec::new(),
            hosts: Vec::new(),
            n_more_hosts: 0,
            not_attributed: Vec::new(),
            validity: Vec::new(),
            would_settle_it: Vec::new(),
            caveats: Vec::new(),
        }
    }
}

/// `Akamai delivers expressen.se`.
pub fn title(party: &PartyRoles, relation: &Relation) -> String {
    let name = shown(relation.name.strip_suffix(" CDN").unwrap_or(&relation.name));
    let of = shown(&party.party);
    let provider = relation.provider();
    let provider = provider.map(|id| catalogue().provider(id).name.clone());
    if relation.is_tunnelled {
        return format!("Tunnels to {name}, for {of}");
    }
    match relation.role {
        RelationRole::Delivers => format!("{name} delivers {of}"),
        RelationRole::Stores => {
            let whose = relation.whose.as_ref().map(|whose| whose.answer);
            match whose {
                Some(Owner::Users) => format!("{name} stores users' data of {of}"),
                Some(Owner::Party) => format!("{name} stores files of {of}"),
                Some(Owner::Other) => format!("{name} stores somebody else's files for {of}"),
                Some(Owner::NotSeen) | None => format!("{name} stores data for {of}"),
            }
        }
        RelationRole::Computes if relation.provider().is_none() => {
            format!("{name} answer for {of}")
        }
        RelationRole::Computes => format!("{name} computes for {of}"),
        RelationRole::Hosts => format!("{name} hosts {of}"),
        RelationRole::Own => {
            let provider = provider.unwrap_or(name);
            format!("{provider} answers for itself at {of}")
        }
    }
}

impl Whose {
    fn of(whose: &crate::attribution::roles::Whose) -> Self {
        let answer = match (whose.answer, whose.lean) {
            (Owner::NotSeen, Some(lean)) => format!("Not seen, leaning to {}", lean.data()),
            (Owner::NotSeen, None) => "Not seen".to_owned(),
            (answer, _) => sentence(answer.data()),
        };
        let transfer = whose.transfer.iter();
        Self {
            answer,
            meaning: whose.answer.meaning(),
            conclusiveness: whose.conclusiveness,
            lines: lines(&whose.supporting, &whose.opposing),
            transfer: transfer
                .flat_map(|(write, read)| std::iter::once(*write).chain(*read))
                .collect(),
        }
    }
}

impl Asked {
    fn of(question: &Question) -> Self {
        let answer = match (question.answer, question.lean) {
            (Some(answer), _) => {
                format!("{}, {}", answer.title(), question.conclusiveness.word())
            }
            (None, Some(lean)) => format!("Inconclusive, leaning to {}", lower(lean.title())),
            (None, None) => "Inconclusive".to_owned(),
        };
        let hypotheses = question.hypotheses.iter().map(|weighed| {
            let is_answer = question.answer == Some(weighed.hypothesis);
            let is_lean = question.answer.is_none() && question.lean == Some(weighed.hypothesis);
            let counts = counts(weighed.supporting.len(), weighed.opposing.len());
            HypothesisLines {
                hypothesis: weighed.hypothesis,
                conclusiveness: weighed.conclusiveness,
                state: match (is_answer, is_lean) {
                    (true, _) => "answer".to_owned(),
                    (_, true) => "leaning".to_owned(),
                    _ => counts,
                },
                is_favoured: is_answer || is_lean,
                lines: lines(&weighed.supporting, &weighed.opposing),
            }
        });
        let reason = if question.reason.is_empty() {
            String::new()
        } else {
            format!(": {}", question.reason)
        };
        Self {
            provider: catalogue().provider(question.provider).name.clone(),
            answer: format!("{answer}{reason}"),
            hypotheses: hypotheses.collect(),
        }
    }
}

impl Line {
    fn of(is_for: bool, cited: &Cited) -> Self {
        let whole = escape_for_terminal(&cited.evidence.quote).into_owned();
        Self {
            is_for,
            family: cited.evidence.family.title(),
            quote: shorten_middle(&whole, MAX_QUOTE).into_owned(),
            whole,
            rule: cited.evidence.rule.clone(),
            flow: cited.flow,
            n_more: cited.n_flows.saturating_sub(1),
        }
    }

    /// ` and 8 more`; empty when there are no others.
    pub fn more(&self) -> String {
        match self.n_more {
            0 => String::new(),
            n => format!("and {} more", thousands(n.into())),
        }
    }
}

fn lines(supporting: &[Cited], opposing: &[Cited]) -> Vec<Line> {
    let for_it = supporting.iter().map(|cited| Line::of(true, cited));
    let against = opposing.iter().map(|cited| Line::of(false, cited));
    for_it.chain(against).collect()
}

fn n_hosts(document: &Document, flows: &[FlowId], cancel: &Cancel) -> Option<u64> {
    let mut hosts = HashSet::new();
    for (n, flow) in flows.iter().enumerate() {
        if (n as u32).is_multiple_of(STEP) && cancel.is_cancelled() {
            return None;
        }
        hosts.extend(document.flow(*flow).map(Flow::host));
    }
    Some(hosts.len() as u64)
}

/// `20 requests: the capture holds no server address`.
fn why(why: &Why) -> String {
    let n = counted(why.n_flows.into(), "request");
    format!("{n}: {}", why.words)
}

fn counts(n_for: usize, n_against: usize) -> String {
    let parts = [(n_for, "for"), (n_against, "against")];
    let told = parts.iter().filter(|(n, _)| 0 < *n);
    let words: Vec<String> = told.map(|(n, word)| format!("{n} {word}")).collect();
    if words.is_empty() {
        "–".to_owned()
    } else {
        words.join(", ")
    }
}

fn settling(words: &str) -> Vec<Piece> {
    pieces(&sentence(words))
}

fn shown(text: &str) -> String {
    escape_for_terminal(text).into_owned()
}

/// `text` with a capital at its start.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + chars.as_str()
}

/// `CDN only` and `backend storage` within a sentence.
fn lower(title: &str) -> String {
    let is_word = !title.chars().nth(1).is_some_and(char::is_uppercase);
    let mut chars = title.chars();
    match chars.next() {
        Some(first) if is_word => first.to_lowercase().to_string() + chars.as_str(),
        _ => title.to_owned(),
    }
}

#[cfg(test)]
mod tests;
