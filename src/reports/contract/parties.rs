//! What every provider is to every party, schema 2: shared by `headwater verdicts --as json` and the JSON report.

use std::io::{self, Write};

use serde::Serialize;

use super::super::services::{Names, shown_id};
use super::{EvidenceEntry, List};
use crate::attribution::roles::{
    Behind, Cited, Hypothesis, NotAttributed, Owner, PartyRoles, Question, Relation, Resource,
    Standing, Weighed, Whose, Why,
};
use crate::capture::FlowId;
use crate::providers::{ServiceId, catalogue};
use crate::redact::Redactor;

/// What all providers are to one party.
#[derive(Debug, Serialize)]
struct PartyEntry {
    /// Whose traffic.
    party: String,
    /// The sites on which it was seen, most flows first.
    sites: Vec<String>,
    /// Seen on a site of its own; `null` when the capture does not say.
    first_party: Option<bool>,
    /// Number of flows.
    flows: usize,
    /// Received in them.
    bytes: u64,
    /// Number of hosts.
    hosts: usize,
    /// All relations in plain sentences.
    summary: String,
    /// By role, then most flows first.
    relations: Vec<RelationEntry>,
    /// At every provider where it can be asked.
    question_2011: Vec<QuestionEntry>,
    /// Flows that no relation explains.
    not_attributed: NotAttributedEntry,
    /// Flows that show nothing about any server.
    validity: Vec<WhyEntry>,
    /// What to keep in mind.
    caveats: Vec<String>,
}

/// What a party gets from a service.
#[derive(Debug, Serialize)]
struct RelationEntry {
    /// Id of the provider; `null` for software or a network that names no company.
    provider: Option<String>,
    /// Id of the service.
    service: String,
    /// Name of the service for people.
    name: String,
    /// `delivers`, `stores`, `computes`, `hosts` or `own`.
    role: &'static str,
    /// What can be told apart within the service.
    resources: Vec<ResourceEntry>,
    /// Numbers of the flows that show it.
    flows: Vec<u32>,
    /// Received in them.
    bytes: u64,
    /// Where it stands.
    regions: Vec<String>,
    /// As its best resource.
    conclusiveness: &'static str,
    /// Numbers of flows by how conclusive they are.
    levels: LevelsEntry,
    /// What speaks for it.
    r#for: Vec<CitedEntry>,
    /// What speaks against it.
    against: Vec<CitedEntry>,
    /// Who stands behind what is delivered.
    behind: Vec<BehindEntry>,
    /// Number of delivered flows whose origin was not seen.
    origin_not_seen: u32,
    /// Whose data is stored; `null` for other roles.
    whose: Option<WhoseEntry>,
    /// What a person could do.
    would_settle_it: Vec<String>,
}

/// A bucket, an app, a host.
#[derive(Debug, Serialize)]
struct ResourceEntry {
    /// Its name.
    id: String,
    /// `bucket`, `container`, `distribution`, `app` or `host`.
    kind: &'static str,
    /// Number of flows.
    flows: u32,
    /// Received from it.
    bytes: u64,
    /// Of the relation at this resource alone.
    conclusiveness: &'static str,
}

/// Numbers of flows by how conclusive they are.
#[derive(Debug, Serialize)]
struct LevelsEntry {
    conclusive: u32,
    strong: u32,
    suggestive: u32,
}

/// Who stands behind a service that delivers.
#[derive(Debug, Serialize)]
struct BehindEntry {
    /// Id of the provider; `null` for software, such as servers of one's own.
    provider: Option<String>,
    /// Id of the service.
    service: String,
    /// Number of flows.
    flows: u32,
    /// At best.
    conclusiveness: &'static str,
}

/// Whose data lies in a store.
#[derive(Debug, Serialize)]
struct WhoseEntry {
    /// `users`, `party`, `other` or `not-seen`.
    answer: &'static str,
    /// How conclusive the answer is.
    conclusiveness: &'static str,
    /// Where the evidence leans when it was not seen.
    lean: Option<&'static str>,
    /// What speaks for the answer.
    r#for: Vec<CitedEntry>,
    /// What speaks against it.
    against: Vec<CitedEntry>,
}

/// The question of 2011 at one provider.
#[derive(Debug, Serialize)]
struct QuestionEntry {
    /// Id of the provider.
    provider: String,
    /// Id of a hypothesis, or `inconclusive`.
    answer: &'static str,
    /// How conclusive the answer is.
    conclusiveness: &'static str,
    /// Id of the hypothesis to which it leans when there is no answer.
    lean: Option<&'static str>,
    /// What carries the answer, or why there is none.
    reason: String,
    /// All three.
    hypotheses: Vec<HypothesisEntry>,
    /// What a person could do.
    would_settle_it: Vec<String>,
}

/// One hypothesis.
#[derive(Debug, Serialize)]
struct HypothesisEntry {
    /// `backend-storage`, `hosted-there` or `cdn-only`.
    id: &'static str,
    /// How conclusive the evidence for it is.
    conclusiveness: &'static str,
    /// What speaks for it.
    r#for: Vec<CitedEntry>,
    /// What speaks against it.
    against: Vec<CitedEntry>,
}

/// Flows that no relation explains.
#[derive(Debug, Serialize)]
struct NotAttributedEntry {
    /// How many.
    flows: usize,
    /// Received in them.
    bytes: u64,
    /// Why.
    why: Vec<WhyEntry>,
}

/// Why flows tell nothing.
#[derive(Debug, Serialize)]
struct WhyEntry {
    /// As a word.
    reason: &'static str,
    /// As a clause.
    words: String,
    /// Number of flows.
    flows: u32,
}

/// One observation with the flow that shows it.
#[derive(Debug, Serialize)]
struct CitedEntry {
    /// Number of the first flow that shows it.
    n: u32,
    /// How many flows do.
    flows: u32,
    /// As that flow shows it.
    #[serde(flatten)]
    evidence: EvidenceEntry,
}

/// Writes the items of the list `parties`, one by one.
pub(in super::super) fn write_parties<'a>(
    parties: impl Iterator<Item = &'a PartyRoles>,
    redactor: &mut Redactor,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut list = List::new(out);
    for party in parties {
        list.item(&PartyEntry::of(party, redactor))?;
    }
    list.end()
}

impl PartyEntry {
    fn of(party: &PartyRoles, redactor: &mut Redactor) -> Self {
        let sites = party.sites.iter();
        let relations = party.relations.iter();
        let questions = party.questions.iter();
        let names = Names::of(party, redactor);
        Self {
            party: redactor.shown(&party.party),
            sites: sites.map(|site| redactor.shown(site)).collect(),
            first_party: match party.standing {
                Standing::FirstParty => Some(true),
                Standing::Unknown => None,
                Standing::Embedded => Some(false),
            },
            flows: party.flows.len(),
            bytes: party.bytes,
            hosts: party.hosts.len(),
            summary: names.sentence(&party.summary, redactor),
            relations: relations
                .map(|it| RelationEntry::of(party, it, &names, redactor))
                .collect(),
            question_2011: questions
                .map(|it| QuestionEntry::of(it, &names, redactor))
                .collect(),
            not_attributed: NotAttributedEntry::of(&party.not_attributed, &names, redactor),
            validity: why(&party.validity, &names, redactor),
            caveats: sentences(&party.caveats, &names, redactor),
        }
    }
}

impl RelationEntry {
    fn of(party: &PartyRoles, relation: &Relation, names: &Names, redactor: &mut Redactor) -> Self {
        let resources = relation.resources.iter();
        let regions = relation.regions.iter();
        let (provider, service) = service(relation.service);
        Self {
            provider,
            service,
            name: names.sentence(&relation.name, redactor),
            role: relation.role.word(),
            resources: resources
                .map(|it| ResourceEntry::of(party, it, redactor))
                .collect(),
            flows: numbers(&relation.flows),
            bytes: relation.bytes,
            regions: regions.map(|region| redactor.shown(region)).collect(),
            conclusiveness: relation.conclusiveness.word(),
            levels: LevelsEntry {
                conclusive: relation.levels.conclusive,
                strong: relation.levels.strong,
                suggestive: relation.levels.suggestive,
            },
            r#for: cited(&relation.supporting, redactor),
            against: cited(&relation.opposing, redactor),
            behind: relation.behind.iter().map(BehindEntry::of).collect(),
            origin_not_seen: relation.n_origin_not_seen,
            whose: relation
                .whose
                .as_ref()
                .map(|whose| WhoseEntry::of(whose, redactor)),
            would_settle_it: sentences(&relation.would_settle_it, names, redactor),
        }
    }
}

impl ResourceEntry {
    fn of(party: &PartyRoles, resource: &Resource, redactor: &mut Redactor) -> Self {
        Self {
            id: shown_id(&resource.id, party, redactor),
            kind: resource.kind.word(),
            flows: resource.flows.len() as u32,
            bytes: resource.bytes,
            conclusiveness: resource.conclusiveness.word(),
        }
    }
}

impl BehindEntry {
    fn of(behind: &Behind) -> Self {
        let (provider, service) = service(behind.service);
        Self {
            provider,
            service,
            flows: behind.n_flows,
            conclusiveness: behind.conclusiveness.word(),
        }
    }
}

impl WhoseEntry {
    fn of(whose: &Whose, redactor: &mut Redactor) -> Self {
        Self {
            answer: whose.answer.word(),
            conclusiveness: whose.conclusiveness.word(),
            lean: whose.lean.map(Owner::word),
            r#for: cited(&whose.supporting, redactor),
            against: cited(&whose.opposing, redactor),
        }
    }
}

impl QuestionEntry {
    fn of(question: &Question, names: &Names, redactor: &mut Redactor) -> Self {
        let hypotheses = question.hypotheses.iter();
        Self {
            provider: catalogue().provider(question.provider).id.clone(),
            answer: question.answer.map_or("inconclusive", Hypothesis::id),
            conclusiveness: question.conclusiveness.word(),
            lean: question.lean.map(Hypothesis::id),
            reason: names.sentence(&question.reason, redactor),
            hypotheses: hypotheses
                .map(|it| HypothesisEntry::of(it, redactor))
                .collect(),
            would_settle_it: sentences(&question.would_settle_it, names, redactor),
        }
    }
}

impl HypothesisEntry {
    fn of(weighed: &Weighed, redactor: &mut Redactor) -> Self {
        Self {
            id: weighed.hypothesis.id(),
            conclusiveness: weighed.conclusiveness.word(),
            r#for: cited(&weighed.supporting, redactor),
            against: cited(&weighed.opposing, redactor),
        }
    }
}

impl NotAttributedEntry {
    fn of(unknown: &NotAttributed, names: &Names, redactor: &mut Redactor) -> Self {
        Self {
            flows: unknown.flows.len(),
            bytes: unknown.bytes,
            why: why(&unknown.why, names, redactor),
        }
    }
}

/// Ids of the provider, if there is one, and of the service.
fn service(id: ServiceId) -> (Option<String>, String) {
    let service = catalogue().service(id);
    let provider = catalogue().provider(service.provider);
    let provider = (!provider.is_software).then(|| provider.id.clone());
    (provider, service.id.clone())
}

fn numbers(flows: &[FlowId]) -> Vec<u32> {
    flows.iter().map(|flow| flow.n()).collect()
}

fn why(list: &[Why], names: &Names, redactor: &mut Redactor) -> Vec<WhyEntry> {
    let entry = |why: &Why| WhyEntry {
        reason: why.reason,
        words: names.sentence(&why.words, redactor),
        flows: why.n_flows,
    };
    list.iter().map(entry).collect()
}

fn sentences(texts: &[String], names: &Names, redactor: &mut Redactor) -> Vec<String> {
    let texts = texts.iter();
    texts.map(|text| names.sentence(text, redactor)).collect()
}

fn cited(cited: &[Cited], redactor: &mut Redactor) -> Vec<CitedEntry> {
    let entry = |cited: &Cited| {
        let mut evidence = cited.evidence.clone();
        evidence.quote = redactor.quote(&evidence);
        CitedEntry {
            n: cited.flow.n(),
            flows: cited.n_flows,
            evidence: EvidenceEntry::of(evidence),
        }
    };
    cited.iter().map(entry).collect()
}
