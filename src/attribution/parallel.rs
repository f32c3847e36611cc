//! The first pass on all cores: parts of the capture are judged apart and joined in file order.
//!
//! The result does not depend on the number of cores. Parts have a fixed size, and the regions that each numbers for itself
//! get the numbers that one walk over all flows would give them.

use std::ops::Range;

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

use super::context::Context;
use super::examine::Examiner;
use super::regions::Regions;
use super::shown::Kinds;
use super::verdict::Verdict;
use crate::base::jobs::{Cancel, Progress, STEP};
use crate::capture::{Capture, Flow};

/// Rows of a part. A row names two regions at most, so that those of a part can always be numbered.
const PART: u32 = 1 << 15;

/// What the first pass finds out about every flow of a capture.
#[derive(Clone, Debug, Default)]
pub(super) struct JudgedFlows {
    /// By row.
    pub(super) verdicts: Vec<Verdict>,
    /// By row: the number of what the flow shows.
    pub(super) shown: Vec<u32>,
    pub(super) regions: Regions,
    pub(super) kinds: Kinds,
}

/// Judges every flow of `capture`. Returns `None` when cancelled.
pub(super) fn judge(
    capture: &Capture,
    context: &Context,
    cancel: &Cancel,
    progress: &Progress,
) -> Option<JudgedFlows> {
    let parts: Option<Vec<_>> = (0..capture.len().div_ceil(PART))
        .into_par_iter()
        .map_init(Examiner::default, |examiner, part| {
            let first = part * PART;
            let rows = first..capture.len().min(first + PART);
            let n = u64::from(rows.end - rows.start);
            let judged = judge_part(capture, rows, context, examiner, cancel)?;
            progress.add(n);
            Some(judged)
        })
        .collect();
    let mut all = JudgedFlows::default();
    all.verdicts.reserve_exact(capture.len() as usize);
    all.shown.reserve_exact(capture.len() as usize);
    for part in parts? {
        all.append(part);
    }
    Some(all)
}

impl JudgedFlows {
    /// Adds those of the rows that follow.
    fn append(&mut self, part: Self) {
        let names = part.regions.names().iter();
        let regions: Vec<_> = names.map(|name| self.regions.intern(name)).collect();
        let renumbered = |verdict: Verdict| {
            verdict.with_regions(|id| regions.get(id.0 as usize).copied().flatten())
        };
        self.verdicts
            .extend(part.verdicts.into_iter().map(renumbered));
        let kinds = self.kinds.take_over(part.kinds);
        let shown = part.shown.into_iter();
        self.shown.extend(shown.map(|n| kinds[n as usize]));
    }

    /// Judges `flow`, which was judged before, again.
    pub(super) fn judge_again<'a>(
        &mut self,
        flow: Flow<'a>,
        context: &Context,
        examiner: &mut Examiner<'a>,
    ) {
        let row = flow.idx() as usize;
        if let (Some(verdict), Some(shown)) = (self.verdicts.get_mut(row), self.shown.get_mut(row))
        {
            (*verdict, *shown) =
                examiner.verdict(flow, context, &mut self.regions, &mut self.kinds);
        }
    }
}

fn judge_part<'a>(
    capture: &'a Capture,
    rows: Range<u32>,
    context: &Context,
    examiner: &mut Examiner<'a>,
    cancel: &Cancel,
) -> Option<JudgedFlows> {
    let mut part = JudgedFlows::default();
    part.verdicts.reserve_exact(rows.len());
    part.shown.reserve_exact(rows.len());
    for flow in rows.filter_map(|row| capture.flow(row)) {
        if flow.idx() % STEP == 0 && cancel.is_cancelled() {
            return None;
        }
        let (verdict, shown) = examiner.verdict(flow, context, &mut part.regions, &mut part.kinds);
        part.verdicts.push(verdict);
        part.shown.push(shown);
    }
    Some(part)
}
