//! What each provider is to each party, fit to leave the program: shared by the reports for people.

use super::ReportInput;
use super::evidence::quote;
use super::survey::shown_host;
use crate::attribution::{Cited, Conclusiveness, Hypothesis, PartyVerdict, Weighed};
use crate::base::jobs::Cancel;
use crate::base::text::thousands;
use crate::capture::{FlowId, FlowSet};
use crate::providers::catalogue;
use crate::redact::Redactor;

/// The verdict for one party and provider.
pub(super) struct PartyView {
    pub(super) party: String,
    pub(super) provider: String,
    pub(super) n_flows: String,
    pub(super) hypothesis: Option<Hypothesis>,
    /// `Backend storage`, or `Inconclusive`.
    pub(super) verdict: &'static str,
    pub(super) conclusiveness: Conclusiveness,
    pub(super) reason: String,
    pub(super) hypotheses: Vec<HypothesisView>,
}

/// One hypothesis for which or against which something speaks.
pub(super) struct HypothesisView {
    pub(super) title: &'static str,
    pub(super) conclusiveness: Conclusiveness,
    /// What speaks for it, then what speaks against it.
    pub(super) cited: Vec<CitedView>,
}

/// One observation with the flow that shows it.
pub(super) struct CitedView {
    pub(super) speaks: &'static str,
    pub(super) family: &'static str,
    pub(super) quote: String,
    pub(super) rule: String,
    /// The first flow that shows it.
    pub(super) flow: FlowId,
    /// `and 3 more`; empty when there is only one.
    pub(super) more: String,
}

/// The verdicts of a report, and what holds for several of them.
#[derive(Default)]
pub(super) struct Parties {
    pub(super) verdicts: Vec<PartyView>,
    /// Verdicts that are left out: those with the fewest flows.
    pub(super) n_left_out: usize,
    /// What would settle a verdict, and which ones: `expressen.se at Akamai`.
    pub(super) would_settle_it: Vec<(String, Vec<String>)>,
    /// What to keep in mind, each once.
    pub(super) caveats: Vec<String>,
}

/// Most verdicts that are told; a capture can hold a hundred thousand parties.
const MAX_VERDICTS: usize = 200;

/// The verdicts that concern a flow of the report. They are judged over all flows, whatever the filter leaves out.
pub(super) fn parties(input: &ReportInput<'_>, redactor: &mut Redactor) -> Parties {
    let mut shown = FlowSet::default();
    for id in &input.flows {
        shown.insert(*id);
    }
    let verdicts = input
        .document
        .judge_parties(&Cancel::default())
        .unwrap_or_default();
    let mut parties = Parties::default();
    let concerns = |verdict: &&PartyVerdict| verdict.flows.iter().any(|flow| shown.contains(*flow));
    for verdict in verdicts.iter().filter(concerns) {
        if parties.verdicts.len() < MAX_VERDICTS {
            parties.add(verdict, redactor);
        } else {
            parties.n_left_out += 1;
        }
    }
    parties
}

impl Parties {
    fn add(&mut self, verdict: &PartyVerdict, redactor: &mut Redactor) {
        let view = party(verdict, redactor);
        let pair = format!("{} at {}", view.party, view.provider);
        self.verdicts.push(view);
        for action in &verdict.would_settle_it {
            let mut known = self.would_settle_it.iter_mut();
            if let Some((_, pairs)) = known.find(|(text, _)| text == action) {
                pairs.push(pair.clone());
            } else {
                self.would_settle_it
                    .push((action.clone(), vec![pair.clone()]));
            }
        }
        for caveat in &verdict.caveats {
            if !self.caveats.contains(caveat) {
                self.caveats.push(caveat.clone());
            }
        }
    }
}

fn party(verdict: &PartyVerdict, redactor: &mut Redactor) -> PartyView {
    let told = verdict
        .hypotheses
        .iter()
        .filter(|weighed| !weighed.supporting.is_empty() || !weighed.opposing.is_empty());
    let hypotheses = told.map(|weighed| hypothesis(weighed, redactor)).collect();
    PartyView {
        party: shown_host(&verdict.party, redactor),
        provider: catalogue().provider(verdict.provider).name.clone(),
        n_flows: thousands(verdict.flows.len() as u64),
        hypothesis: verdict.verdict,
        verdict: verdict
            .verdict
            .map_or("Inconclusive", |hypothesis| hypothesis.title()),
        conclusiveness: verdict.conclusiveness,
        reason: verdict.reason.clone(),
        hypotheses,
    }
}

fn hypothesis(weighed: &Weighed, redactor: &mut Redactor) -> HypothesisView {
    let mut view = |speaks, cited: &Cited| CitedView {
        speaks,
        family: cited.evidence.family.title(),
        quote: quote(&cited.evidence, redactor),
        rule: cited.evidence.rule.clone(),
        flow: cited.flow,
        more: match cited.n_flows {
            0 | 1 => String::new(),
            n => format!("and {} more", thousands(u64::from(n) - 1)),
        },
    };
    let supporting = weighed.supporting.iter();
    let mut cited: Vec<CitedView> = supporting.map(|cited| view("for", cited)).collect();
    let opposing = weighed.opposing.iter();
    cited.extend(opposing.map(|cited| view("against", cited)));
    HypothesisView {
        title: weighed.hypothesis.title(),
        conclusiveness: weighed.conclusiveness,
        cited,
    }
}
