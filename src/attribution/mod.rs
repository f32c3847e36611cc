//! Who serves a flow: evidence, weighed to a verdict.
//!
//! [`Attribution::of`] judges every flow of a capture and keeps 24 bytes per flow. The evidence itself is not stored:
//! [`Attribution::examine`] finds it again for one flow, by the same pure function: `gates` says what is void, `collect`
//! finds the evidence (one file per family), `weigh` makes the verdict, `settle` says what would settle it.

mod collect;
mod evidence;
mod gates;
mod party;
mod settle;
mod verdict;
mod weigh;

pub mod score;

pub use evidence::{Claim, Evidence, Family, Speaks, Strength};
pub use verdict::{Carrier, Conclusiveness, RegionId, Role, Verdict};

use std::collections::HashMap;

use crate::base::jobs::{Cancel, Progress};
use crate::capture::{Capture, Flow};
use crate::providers::ServiceId;

use collect::Findings;
use gates::{Gates, Lookups};
use weigh::{Judgement, Part};

/// The machine's answer for every flow of one capture.
#[derive(Clone, Debug, Default)]
pub struct Attribution {
    verdicts: Vec<Verdict>,
    regions: Regions,
    gates: Gates,
}

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

/// Flows between two looks at the cancel token.
const STEP: u32 = 4_096;

impl Attribution {
    /// Judges every flow of `capture`. Returns `None` when cancelled.
    pub fn of(capture: &Capture, cancel: &Cancel, progress: &Progress) -> Option<Self> {
        progress.set_total(u64::from(capture.len()));
        let mut attribution = Self {
            verdicts: Vec::with_capacity(capture.len() as usize),
            regions: Regions::default(),
            gates: Gates::of(capture, cancel),
        };
        let mut lookups = Lookups::default();
        let mut findings = Findings::default();
        for flow in capture.flows() {
            if flow.idx() % STEP == 0 {
                progress.set_done(u64::from(flow.idx()));
                if cancel.is_cancelled() {
                    return None;
                }
            }
            findings.collect(flow, &attribution.gates, &mut lookups);
            let judgement = weigh::judge(&mut findings);
            let verdict =
                Verdict::new(&judgement, &mut |region| attribution.regions.intern(region));
            attribution.verdicts.push(verdict);
        }
        progress.set_done(u64::from(capture.len()));
        Some(attribution)
    }

    /// The verdict of row `idx` of the capture; unknown for a row that was not judged (yet).
    pub fn verdict(&self, idx: u32) -> Verdict {
        self.verdicts
            .get(idx as usize)
            .copied()
            .unwrap_or(Verdict::UNKNOWN)
    }

    /// Finds the evidence of row `idx` again.
    pub fn examine(&self, capture: &Capture, idx: u32) -> Examination {
        let mut examination = Examination {
            verdict: Verdict::UNKNOWN,
            chain: Vec::new(),
            evidence: Vec::new(),
            rivals: Vec::new(),
            would_settle_it: Vec::new(),
        };
        let is_judged = (idx as usize) < self.verdicts.len();
        let Some(flow) = capture.flow(idx).filter(|_| is_judged) else {
            return examination;
        };
        self.examine_flow(flow, &mut examination);
        examination
    }

    fn examine_flow(&self, flow: Flow<'_>, examination: &mut Examination) {
        let mut findings = Findings::default();
        findings.collect(flow, &self.gates, &mut Lookups::default());
        let judgement = weigh::judge(&mut findings);
        examination.verdict = Verdict::new(&judgement, &mut |region| self.regions.find(region));
        examination.chain = chain(&judgement);
        findings
            .list
            .sort_by_key(|finding| (finding.family, std::cmp::Reverse(finding.strength)));
        examination.evidence = findings.list.iter().map(Evidence::from).collect();
        examination.rivals = settle::rivals(&judgement, &findings);
        examination.would_settle_it = settle::would_settle_it(&judgement, &findings);
    }

    /// Whose traffic row `idx` is: a registrable domain, or a host or address; empty when unknown.
    pub fn party<'a>(&'a self, capture: &'a Capture, idx: u32) -> &'a str {
        capture
            .flow(idx)
            .map_or("", |flow| party::of(flow, &mut Lookups::default()))
    }

    /// The name of a region, such as `eu-west-1` or a PoP code.
    pub fn region(&self, region: RegionId) -> &str {
        self.regions
            .names
            .get(region.0 as usize)
            .map_or("", String::as_str)
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

/// The distinct regions of one capture.
#[derive(Clone, Debug, Default)]
struct Regions {
    names: Vec<String>,
    index: HashMap<String, RegionId>,
}

impl Regions {
    /// The id of `region`; `None` only when a hostile capture names more than an id can number.
    fn intern(&mut self, region: &str) -> Option<RegionId> {
        if let Some(known) = self.find(region) {
            return Some(known);
        }
        let id = RegionId(u16::try_from(self.names.len()).ok()?);
        self.names.push(region.to_owned());
        self.index.insert(region.to_owned(), id);
        Some(id)
    }

    fn find(&self, region: &str) -> Option<RegionId> {
        self.index.get(region).copied()
    }
}
