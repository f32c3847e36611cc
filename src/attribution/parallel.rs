//! The first pass on all cores: parts of the capture are judged apart and joined in file order.
//!
//! The result does not depend on the number of cores. Parts have a fixed size, and the regions that each numbers for itself
//! get the numbers that one walk over all flows would give them.

use std::ops::Range;

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

use super::context::Context;
use super::examine::Examiner;
use super::regions::Regions;
use super::verdict::Verdict;
use crate::base::jobs::{Cancel, Progress, STEP};
use crate::capture::Capture;

/// Rows of a part. A row names two regions at most, so that those of a part can always be numbered.
const PART: u32 = 1 << 15;

/// Judges every flow of `capture`. Returns `None` when cancelled.
pub(super) fn judge(
    capture: &Capture,
    context: &Context,
    cancel: &Cancel,
    progress: &Progress,
) -> Option<(Vec<Verdict>, Regions)> {
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
    let mut verdicts = Vec::with_capacity(capture.len() as usize);
    let mut regions = Regions::default();
    for (part, names) in parts? {
        let numbers: Vec<_> = names
            .names()
            .iter()
            .map(|name| regions.intern(name))
            .collect();
        let renumbered = |verdict: Verdict| {
            verdict.with_regions(|id| numbers.get(id.0 as usize).copied().flatten())
        };
        verdicts.extend(part.into_iter().map(renumbered));
    }
    Some((verdicts, regions))
}

fn judge_part<'a>(
    capture: &'a Capture,
    rows: Range<u32>,
    context: &Context,
    examiner: &mut Examiner<'a>,
    cancel: &Cancel,
) -> Option<(Vec<Verdict>, Regions)> {
    let mut regions = Regions::default();
    let mut verdicts = Vec::with_capacity(rows.len());
    for flow in rows.filter_map(|row| capture.flow(row)) {
        if flow.idx() % STEP == 0 && cancel.is_cancelled() {
            return None;
        }
        verdicts.push(examiner.verdict(flow, context, &mut regions));
    }
    Some((verdicts, regions))
}
