//! The evidence once for each host and rule, with how many flows show it, instead of once for each flow.

use std::collections::{BTreeMap, BTreeSet};

use super::ReportInput;
use super::contract::claim_text;
use super::hosts::Hosts;
use super::survey::Key;
use crate::attribution::{self, Claim, Family, Speaks, Strength, own_rule};
use crate::base::text::shorten_middle;
use crate::capture::FlowId;
use crate::providers::{ServiceId, catalogue};
use crate::redact::{EntrySecrets, Redactor};

/// A report of at most so many flows examines each of them.
const MAX_EXAMINED: usize = 10_000;
/// A larger one examines so many of each host and verdict.
const SAMPLE: u64 = 3;
/// Flows that are named as examples.
const MAX_EXAMPLES: usize = 3;
/// Most sentences about what is open, and most hosts that each one names.
const MAX_OPEN: usize = 40;
/// Longest quote.
const MAX_QUOTE: usize = 240;

/// The evidence of a whole report.
#[derive(Clone, Debug, Default)]
pub(super) struct Evidence<'a> {
    /// By host, in the order of the hosts table.
    pub(super) hosts: Vec<HostEvidence<'a>>,
    /// The families that speak for the answer of each group.
    basis: BTreeMap<Key<'a>, BTreeSet<Family>>,
    /// What is not excluded, and which hosts that concerns.
    pub(super) rivals: Vec<OpenQuestion<'a>>,
    /// What would settle it, and for which hosts.
    pub(super) would_settle_it: Vec<OpenQuestion<'a>>,
    /// Every rule that is cited.
    pub(super) rules: Vec<RuleCited>,
}

/// The evidence of one host.
#[derive(Clone, Debug)]
pub(super) struct HostEvidence<'a> {
    pub(super) host: &'a str,
    pub(super) n_flows: u64,
    /// Flows whose evidence was looked at.
    pub(super) n_examined: u64,
    pub(super) rows: Vec<EvidenceRow>,
}

/// One rule that speaks for or against one claim about a host.
#[derive(Clone, Debug)]
pub(super) struct EvidenceRow {
    pub(super) rule: String,
    pub(super) family: Family,
    pub(super) claim: String,
    /// `for`, `against`; empty when the rule makes other evidence worthless.
    pub(super) speaks: &'static str,
    pub(super) strength: Strength,
    /// As the first flow shows it, fit to leave the program.
    pub(super) quote: String,
    /// Examined flows that show it.
    pub(super) n_flows: u64,
    pub(super) examples: Vec<FlowId>,
}

/// One sentence that holds for several hosts.
#[derive(Clone, Debug)]
pub(super) struct OpenQuestion<'a> {
    pub(super) text: String,
    pub(super) hosts: Vec<&'a str>,
}

/// A rule in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RuleCited {
    pub(super) id: String,
    pub(super) about: String,
    pub(super) source: String,
}

/// What tells two rows of one host apart, in the order of the rows.
type RowKey = (u8, Family, std::cmp::Reverse<Strength>, String, String);

#[derive(Default)]
struct Gathered<'a> {
    n_examined: BTreeMap<Key<'a>, u64>,
    rows: BTreeMap<&'a str, BTreeMap<RowKey, EvidenceRow>>,
    rivals: BTreeMap<String, BTreeSet<&'a str>>,
    would_settle_it: BTreeMap<String, BTreeSet<&'a str>>,
    sources: BTreeMap<String, String>,
    basis: BTreeMap<Key<'a>, BTreeSet<Family>>,
}

impl<'a> Evidence<'a> {
    /// Examines the flows of the hosts that the table names.
    pub(super) fn of(input: &ReportInput<'a>, hosts: &Hosts<'a>, redactor: &mut Redactor) -> Self {
        let most = if input.flows.len() <= MAX_EXAMINED {
            u64::MAX
        } else {
            SAMPLE
        };
        let mut gathered = Gathered {
            n_examined: hosts.rows().map(|row| (row.key, 0)).collect(),
            ..Gathered::default()
        };
        for (id, flow) in input.shown() {
            let key = Key::of(input, id, flow);
            if let Some(n) = gathered.n_examined.get_mut(&key)
                && *n < most
            {
                *n += 1;
                if !input.level.keeps_secrets() {
                    redactor.enter(EntrySecrets::of(flow));
                }
                gathered.examine(input, key, id, redactor);
            }
        }
        redactor.leave();
        gathered.finish(hosts)
    }

    /// The families that speak for the answer of a group, in their order.
    pub(super) fn basis(&self, key: &Key<'a>) -> impl Iterator<Item = Family> {
        self.basis.get(key).into_iter().flatten().copied()
    }
}

impl<'a> Gathered<'a> {
    fn examine(
        &mut self,
        input: &ReportInput<'a>,
        key: Key<'a>,
        id: FlowId,
        redactor: &mut Redactor,
    ) {
        let Some(examination) = input.document.examine(id) else {
            return;
        };
        let rows = self.rows.entry(key.host).or_default();
        let mut seen = BTreeSet::new();
        for evidence in examination.evidence {
            if is_for_answer(&key, evidence.claim, evidence.speaks) {
                self.basis.entry(key).or_default().insert(evidence.family);
            }
            let row_key = (
                u8::from(evidence.speaks == Speaks::Against),
                evidence.family,
                std::cmp::Reverse(evidence.strength),
                evidence.rule.clone(),
                claim_text(evidence.claim),
            );
            let row = rows.entry(row_key.clone()).or_insert_with(|| EvidenceRow {
                rule: evidence.rule.clone(),
                family: evidence.family,
                claim: claim_words(evidence.claim),
                speaks: match evidence.claim {
                    Claim::Void(_) => "",
                    Claim::Edge(_) | Claim::Origin(_) => evidence.speaks.word(),
                },
                strength: evidence.strength,
                quote: quote(&evidence, redactor),
                n_flows: 0,
                examples: Vec::new(),
            });
            if seen.insert(row_key) {
                row.n_flows += 1;
                if row.examples.len() < MAX_EXAMPLES {
                    row.examples.push(id);
                }
            }
            self.sources.entry(evidence.rule).or_insert(evidence.source);
        }
        for text in examination.rivals {
            let text = redactor.text(&text);
            self.rivals.entry(text).or_default().insert(key.host);
        }
        for text in examination.would_settle_it {
            let text = redactor.text(&text);
            self.would_settle_it
                .entry(text)
                .or_default()
                .insert(key.host);
        }
    }

    fn finish(mut self, hosts: &Hosts<'a>) -> Evidence<'a> {
        let mut order: Vec<&str> = Vec::new();
        let mut counts: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
        for row in hosts.rows() {
            let host = row.key.host;
            let (n_flows, n_examined) = counts.entry(host).or_insert_with(|| {
                order.push(host);
                (0, 0)
            });
            *n_flows += row.tally.all.n;
            *n_examined += self.n_examined.get(&row.key).copied().unwrap_or(0);
        }
        let hosts = order
            .into_iter()
            .map(|host| HostEvidence {
                host,
                n_flows: counts[host].0,
                n_examined: counts[host].1,
                rows: self
                    .rows
                    .remove(host)
                    .unwrap_or_default()
                    .into_values()
                    .collect(),
            })
            .filter(|host| !host.rows.is_empty())
            .collect();
        Evidence {
            hosts,
            basis: self.basis,
            rivals: most_hosts_first(self.rivals),
            would_settle_it: most_hosts_first(self.would_settle_it),
            rules: self.sources.into_iter().map(rule_cited).collect(),
        }
    }
}

/// True when a piece of evidence supports what the verdict names.
fn is_for_answer(key: &Key<'_>, claim: Claim, speaks: Speaks) -> bool {
    let named = match claim {
        Claim::Edge(service) => key.edge == Some(service),
        Claim::Origin(service) => key.origin == Some(service),
        Claim::Void(_) => false,
    };
    named && speaks == Speaks::For
}

fn most_hosts_first(sentences: BTreeMap<String, BTreeSet<&str>>) -> Vec<OpenQuestion<'_>> {
    let mut sentences: Vec<_> = sentences
        .into_iter()
        .map(|(text, hosts)| OpenQuestion {
            text,
            hosts: hosts.into_iter().collect(),
        })
        .collect();
    sentences.sort_by_key(|sentence| std::cmp::Reverse(sentence.hosts.len()));
    sentences.truncate(MAX_OPEN);
    sentences
}

/// `edge: Akamai CDN`, or which family it makes worthless.
fn claim_words(claim: Claim) -> String {
    let name = |service: ServiceId| &catalogue().service(service).name;
    match claim {
        Claim::Edge(service) => format!("edge: {}", name(service)),
        Claim::Origin(service) => format!("origin: {}", name(service)),
        Claim::Void(family) => format!("{} says nothing", family_words(family)),
    }
}

/// What a piece of evidence was read from, fit to leave the program and not longer than a few lines.
pub(super) fn quote(evidence: &attribution::Evidence, redactor: &mut Redactor) -> String {
    shorten_middle(&redactor.quote(evidence), MAX_QUOTE).into_owned()
}

/// The name of a family within a sentence.
pub(super) fn family_words(family: Family) -> String {
    family.title().to_lowercase().replace("url ", "URL ")
}

pub(super) fn rule_cited((id, source): (String, String)) -> RuleCited {
    let about = catalogue()
        .rule(&id)
        .map(|card| card.condition)
        .or_else(|| own_rule(&id).map(|rule| rule.about.to_owned()));
    RuleCited {
        about: about.unwrap_or_default(),
        id,
        source,
    }
}
