//! The two passes over a capture, and what they leave: a verdict for every flow.

use super::context::Context;
use super::examine::{Examination, Examiner};
use super::groups::Groups;
use super::parallel;
use super::party::Parties;
use super::shown::Shown;
use super::signed::is_signed;
use super::verdict::{Carrier, RegionId, Verdict};
use super::withheld::Withheld;
use super::writes::is_write;
use crate::base::jobs::{Cancel, Progress};
use crate::capture::{Capture, Flow};
use crate::providers::catalogue;

/// The machine's answer for every flow of one capture.
#[derive(Clone, Debug, Default)]
pub struct Attribution {
    judged: parallel::JudgedFlows,
    pub(super) context: Context,
    pub(super) parties: Parties,
    has_read_bodies: bool,
}

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
            || Parties::of(capture, &context),
            || parallel::judge(capture, &context, cancel, progress),
        );
        let judged = judged?;
        Some(Self {
            judged,
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
            let is_store = |part: Carrier| catalogue().is_store(part.service);
            let verdict = self.verdict(flow.idx());
            let is_at_store = verdict.origin.is_some_and(is_store);
            is_signed(flow.url()) || is_at_store && is_write(flow)
        };
        let known = &self.context.control_plane;
        let control_plane = known.look_into_bodies(capture, is_sought, cancel, progress)?;
        let mut attribution = self.clone();
        attribution.context.control_plane = control_plane;
        attribution.parties = Parties::of(capture, &attribution.context);
        attribution.has_read_bodies = true;
        let mut examiner = Examiner::default();
        for row in attribution.context.control_plane.rows() {
            if let Some(flow) = capture.flow(row) {
                let judged = &mut attribution.judged;
                judged.judge_again(flow, &attribution.context, &mut examiner);
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
        let verdicts = &self.judged.verdicts;
        verdicts
            .get(idx as usize)
            .copied()
            .unwrap_or(Verdict::UNKNOWN)
    }

    /// The number of what row `idx` shows, and that; none for a row that was not judged (yet).
    pub(super) fn shown(&self, idx: u32) -> Option<(u32, &Shown)> {
        let n = *self.judged.shown.get(idx as usize)?;
        Some((n, self.judged.kinds.get(n)?))
    }

    /// Finds the evidence of row `idx` again.
    pub fn examine(&self, capture: &Capture, idx: u32) -> Examination {
        let is_judged = (idx as usize) < self.judged.verdicts.len();
        let flow = capture.flow(idx).filter(|_| is_judged);
        flow.map_or(Examination::NONE, |flow| {
            Examination::of(flow, &self.context, &self.judged.regions)
        })
    }

    /// Whose traffic row `idx` is: a party set by hand, a registrable domain, a host or an address; empty when unknown.
    pub fn party<'a>(&'a self, capture: &'a Capture, idx: u32, groups: &'a Groups) -> &'a str {
        capture
            .flow(idx)
            .map_or("", |flow| self.parties.party(flow, groups))
    }

    /// The site on which row `idx` was seen, as a party: where its page is, or its chain of `Referer` begins; empty when the
    /// capture does not say.
    pub fn site<'a>(&'a self, idx: u32, groups: &'a Groups) -> &'a str {
        self.parties.site(idx, groups)
    }

    /// The hosts whose grouping by hand decides about flows that need not be their own: those of pages, say.
    pub fn deciding_hosts(&self) -> impl Iterator<Item = &str> {
        self.parties.deciding_hosts()
    }

    /// The name of a region, such as `eu-west-1` or a PoP code.
    pub fn region(&self, region: RegionId) -> &str {
        let names = self.judged.regions.names();
        names.get(region.0 as usize).map_or("", String::as_str)
    }
}
