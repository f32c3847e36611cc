//! Examines flows one after the other: collects what is found, weighs it, and says what would settle it.

use super::collect;
use super::context::Context;
use super::evidence::Evidence;
use super::findings::{Finding, Findings};
use super::lookups::Lookups;
use super::regions::Regions;
use super::settle;
use super::shown::Kinds;
use super::verdict::Verdict;
use super::weigh;
use super::weigh::judgement::{Judgement, Part};
use crate::capture::Flow;
use crate::providers::ServiceId;

/// Everything that led to the verdict of one flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examination {
    /// The verdict.
    pub verdict: Verdict,
    /// Who the response passed, from the client's side: the edge first, the origin last, as far as seen.
    pub chain: Vec<ServiceId>,
    /// What speaks for and against, the strongest first within each family. Never empty for a verdict that names somebody.
    pub evidence: Vec<Evidence>,
    /// Other explanations that the evidence does not exclude.
    pub rivals: Vec<String>,
    /// What a person could do to settle it.
    pub would_settle_it: Vec<String>,
}

impl Examination {
    /// What is said about a flow that was not judged (yet).
    pub(super) const NONE: Self = Self {
        verdict: Verdict::UNKNOWN,
        chain: Vec::new(),
        evidence: Vec::new(),
        rivals: Vec::new(),
        would_settle_it: Vec::new(),
    };

    /// Examines `flow`, whose regions are numbered already.
    pub(super) fn of(flow: Flow<'_>, context: &Context, regions: &Regions) -> Self {
        let mut examiner = Examiner::default();
        let judgement = examiner.examine(flow, context);
        let findings = &examiner.findings;
        let mut found: Vec<&Finding<'_>> = examiner.all(&judgement).collect();
        found.sort_by_key(|finding| (finding.family, std::cmp::Reverse(finding.strength)));
        Self {
            verdict: judgement.verdict(&mut |region| regions.find(region)),
            chain: chain(&judgement),
            evidence: found.into_iter().map(Evidence::from).collect(),
            rivals: settle::rivals(&judgement, findings),
            would_settle_it: settle::would_settle_it(flow, &judgement, findings),
        }
    }
}

/// Examines flows one after the other, remembering what the catalogue said.
#[derive(Default)]
pub(super) struct Examiner<'a> {
    pub(super) lookups: Lookups<'a>,
    /// What was found in the last flow.
    pub(super) findings: Findings<'a>,
}

impl<'a> Examiner<'a> {
    /// Collects what is found in `flow` and weighs it.
    pub(super) fn examine(&mut self, flow: Flow<'a>, context: &Context) -> Judgement<'a> {
        collect::collect(&mut self.findings, flow, context, &mut self.lookups);
        weigh::judge(flow, &self.findings)
    }

    /// The verdict of `flow` and the number of what it shows, with new regions and kinds numbered.
    pub(super) fn verdict(
        &mut self,
        flow: Flow<'a>,
        context: &Context,
        regions: &mut Regions,
        kinds: &mut Kinds,
    ) -> (Verdict, u32) {
        let judgement = self.examine(flow, context);
        let verdict = judgement.verdict(&mut |region| regions.intern(region));
        (verdict, kinds.intern(flow, &self.findings, &judgement))
    }

    /// What was found in the last flow, and what `judgement` adds to it.
    pub(super) fn all<'e>(
        &'e self,
        judgement: &'e Judgement<'a>,
    ) -> impl Iterator<Item = &'e Finding<'a>> {
        self.findings.list.iter().chain(&judgement.added)
    }
}

/// The edge, the hops behind it, the origin.
fn chain(judgement: &Judgement<'_>) -> Vec<ServiceId> {
    let service = |part: Part<'_>| part.service;
    let mut chain: Vec<ServiceId> = judgement.edge.map(service).into_iter().collect();
    chain.extend(&judgement.behind);
    chain.extend(judgement.origin.map(service));
    chain.dedup();
    chain
}
