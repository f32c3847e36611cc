//! What each provider is to each party, fit to leave the program: shared by the reports for people.

use std::collections::BTreeSet;

use super::ReportInput;
use crate::attribution::{Cited, Conclusiveness, PartyVerdict, Weighed};
use crate::base::jobs::Cancel;
use crate::base::text::thousands;
use crate::capture::FlowId;
use crate::providers::catalogue;
use crate::redact::Redactor;

/// The verdict for one party and provider.
pub(super) struct PartyView {
    pub(super) party: String,
    pub(super) provider: String,
    pub(super) n_flows: String,
    /// `Backend storage`, or `Inconclusive`.
    pub(super) verdict: &'static str,
    pub(super) conclusiveness: Conclusiveness,
    pub(super) reason: String,
    pub(super) hypotheses: Vec<HypothesisView>,
    pub(super) would_settle_it: Vec<String>,
    pub(super) caveats: Vec<String>,
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
    /// Number of the first flow that shows it.
    pub(super) n: u32,
    /// True when that flow is in the report.
    pub(super) is_shown: bool,
    /// `and 3 more`; empty when there is only one.
    pub(super) more: String,
}

/// The verdicts that concern a flow of the report. They are judged over all flows, whatever the filter leaves out.
pub(super) fn parties(input: &ReportInput<'_>, redactor: &mut Redactor) -> Vec<PartyView> {
    let shown: BTreeSet<FlowId> = input.flows.iter().copied().collect();
    let verdicts = input
        .document
        .judge_parties(&Cancel::default())
        .unwrap_or_default();
    verdicts
        .iter()
        .filter(|verdict| verdict.flows.iter().any(|flow| shown.contains(flow)))
        .map(|verdict| party(verdict, &shown, redactor))
        .collect()
}

fn party(verdict: &PartyVerdict, shown: &BTreeSet<FlowId>, redactor: &mut Redactor) -> PartyView {
    let told = verdict
        .hypotheses
        .iter()
        .filter(|weighed| !weighed.supporting.is_empty() || !weighed.opposing.is_empty());
    let hypotheses = told
        .map(|weighed| hypothesis(weighed, shown, redactor))
        .collect();
    PartyView {
        party: redactor.shown(&verdict.party),
        provider: catalogue().provider(verdict.provider).name.clone(),
        n_flows: thousands(verdict.flows.len() as u64),
        verdict: verdict
            .verdict
            .map_or("Inconclusive", |hypothesis| hypothesis.title()),
        conclusiveness: verdict.conclusiveness,
        reason: verdict.reason.clone(),
        hypotheses,
        would_settle_it: verdict.would_settle_it.clone(),
        caveats: verdict.caveats.clone(),
    }
}

fn hypothesis(
    weighed: &Weighed,
    shown: &BTreeSet<FlowId>,
    redactor: &mut Redactor,
) -> HypothesisView {
    let mut view = |speaks, cited: &Cited| CitedView {
        speaks,
        family: cited.evidence.family.title(),
        quote: redactor.quote(&cited.evidence),
        rule: cited.evidence.rule.clone(),
        n: cited.flow.n(),
        is_shown: shown.contains(&cited.flow),
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
