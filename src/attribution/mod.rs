//! Who serves a flow: evidence, weighed to a verdict.
//!
//! [`Attribution::of`] judges every flow of a capture and keeps 28 bytes per flow. `gates` says what is void, `across` what
//! only several flows together show, `control_plane` who handed out which URL, `party` whose traffic it is. Then, flow by
//! flow, `collect` finds the evidence (one file per family), `weigh` makes the verdict, `settle` says what would settle it.
//! The evidence itself is not stored: [`Attribution::examine`] finds it again by the same pure function.
//! [`Attribution::with_bodies`] is the second pass, and [`judge`] answers for a party and a provider.

mod across;
mod cache_sign;
mod collect;
mod control_plane;
mod evidence;
mod gates;
mod header_names;
mod hypotheses;
mod parallel;
mod party;
mod rules;
mod settle;
mod verdict;
mod weigh;
mod withheld;

pub mod score;

pub use cache_sign::{Answer as CacheAnswer, cache_answer};
pub use evidence::{Claim, Evidence, Family, Speaks, Strength};
pub use gates::is_private;
pub use hypotheses::{Cited, Hypothesis, Judged, PartyVerdict, Weighed, judge};
pub use party::Groups;
pub use rules::{OwnRule, own_rule};
pub use verdict::{Carrier, Conclusiveness, RegionId, Role, Verdict};
pub use withheld::Withheld;

use foldhash::HashMap;

use crate::base::jobs::{Cancel, Progress};
use crate::capture::{Capture, Flow};
use crate::providers::{ServiceId, catalogue};

use collect::{Context, Findings, is_accepted_write, is_signed};
use gates::Lookups;
use party::Parties;
use weigh::{Judgement, Part};

/// The machine's answer for every flow of one capture.
#[derive(Clone, Debug, Default)]
pub struct Attribution {
    verdicts: Vec<Verdict>,
    regions: Regions,
    context: Context,
    parties: Parties,
    has_read_bodies: bool,
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
    /// The first pass: judges every flow of `capture` by columns and headers. Returns `None` when cancelled.
    pub fn of(capture: &Capture, cancel: &Cancel, progress: &Progress) -> Option<Self> {
        Self::withholding(capture, Withheld::default(), cancel, progress)
    }

    /// The first pass without the evidence that is `withheld`, as if the capture did not hold it.
    pub fn withholding(
        capture: &Capture,
        withheld: Withheld,
        cancel: &Cancel,
        progress: &Progress,
    ) -> Option<Self> {
        progress.set_total(u64::from(capture.len()));
        let context = Context::of(capture, withheld, cancel);
        let (parties, judged) = rayon::join(
            || context.parties(capture),
            || parallel::judge(capture, &context, cancel, progress),
        );
        let (verdicts, regions) = judged?;
        Some(Self {
            verdicts,
            regions,
            context,
            parties,
            has_read_bodies: false,
        })
    }

    /// The second pass: looks into the bodies of earlier responses for the URLs of writes and signed requests, and judges
    /// those flows and all parties again. Returns `None` when cancelled.
    pub fn with_bodies(
        &self,
        capture: &Capture,
        cancel: &Cancel,
        progress: &Progress,
    ) -> Option<Self> {
        let is_sought = |flow: Flow<'_>| {
            let is_store = |part: verdict::Carrier| catalogue().is_store(part.service);
            let verdict = self.verdict(flow.idx());
            let is_at_store = verdict.origin.is_some_and(is_store);
            is_signed(flow.url()) || is_at_store && is_accepted_write(flow)
        };
        let known = &self.context.control_plane;
        let control_plane = known.look_into_bodies(capture, is_sought, cancel, progress)?;
        let mut attribution = self.clone();
        attribution.context.control_plane = control_plane;
        attribution.parties = attribution.context.parties(capture);
        attribution.has_read_bodies = true;
        let mut examiner = Examiner::default();
        for row in attribution.context.control_plane.rows() {
            if let Some(flow) = capture.flow(row)
                && let Some(verdict) = attribution.verdicts.get_mut(row as usize)
            {
                *verdict = examiner.verdict(flow, &attribution.context, &mut attribution.regions);
            }
        }
        Some(attribution)
    }

    /// True after the second pass.
    pub const fn has_read_bodies(&self) -> bool {
        self.has_read_bodies
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
        let mut examiner = Examiner::default();
        let judgement = examiner.examine(flow, &self.context);
        let mut findings = examiner.findings;
        examination.verdict = Verdict::new(&judgement, &mut |region| self.regions.find(region));
        examination.chain = chain(&judgement);
        findings
            .list
            .sort_by_key(|finding| (finding.family, std::cmp::Reverse(finding.strength)));
        examination.evidence = findings.list.iter().map(Evidence::from).collect();
        examination.rivals = settle::rivals(&judgement, &findings);
        examination.would_settle_it = settle::would_settle_it(&judgement, &findings);
    }

    /// Whose traffic row `idx` is: a party set by hand, a registrable domain, a host or an address; empty when unknown.
    pub fn party<'a>(&'a self, capture: &'a Capture, idx: u32, groups: &'a Groups) -> &'a str {
        capture
            .flow(idx)
            .map_or("", |flow| self.parties.party(flow, groups))
    }

    /// The hosts whose grouping by hand decides about flows that need not be their own: those of pages, say.
    pub fn deciding_hosts(&self) -> impl Iterator<Item = &str> {
        self.parties.deciding_hosts()
    }

    /// The name of a region, such as `eu-west-1` or a PoP code.
    pub fn region(&self, region: RegionId) -> &str {
        self.regions
            .names
            .get(region.0 as usize)
            .map_or("", String::as_str)
    }
}

/// Where rules of Headwater itself come from.
const OWN_RULES: &str = "Headwater, rules of its own, 2026-11";

/// Examines flows one after the other, remembering what the catalogue said.
#[derive(Default)]
struct Examiner<'a> {
    lookups: Lookups<'a>,
    findings: Findings<'a>,
}

impl<'a> Examiner<'a> {
    fn examine(&mut self, flow: Flow<'a>, context: &Context) -> Judgement<'a> {
        self.findings.collect(flow, context, &mut self.lookups);
        weigh::judge(flow, &mut self.findings)
    }

    fn verdict(&mut self, flow: Flow<'a>, context: &Context, regions: &mut Regions) -> Verdict {
        let judgement = self.examine(flow, context);
        Verdict::new(&judgement, &mut |region| regions.intern(region))
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
