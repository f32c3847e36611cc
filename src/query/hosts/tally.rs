//! Adds up the flows of each row, on all cores.

use foldhash::HashMap;
use rayon::iter::{IndexedParallelIterator as _, IntoParallelIterator as _, ParallelIterator as _};

use super::gather::{Gathered, NONE};
use super::{HostRow, N_STARTS, Named};
use crate::annotations::Label;
use crate::attribution::{Conclusiveness, Role};
use crate::base::jobs::{Cancel, STEP};
use crate::base::time::Time;
use crate::capture::{Flags, Flow, FlowId};
use crate::document::Document;
use crate::providers::ServiceId;

const ROLES: [Role; 3] = [Role::Origin, Role::Cdn, Role::Unknown];
/// From the least to the most.
const CONCLUSIVENESS: [Conclusiveness; 5] = [
    Conclusiveness::Insufficient,
    Conclusiveness::Conflicting,
    Conclusiveness::Suggestive,
    Conclusiveness::Strong,
    Conclusiveness::Conclusive,
];
/// The most that a bar of [`HostRow::starts`] says.
const FULL: u64 = 255;

/// All rows; `None` when cancelled.
pub(super) fn rows(
    document: &Document,
    gathered: &Gathered,
    cancel: &Cancel,
) -> Option<Vec<HostRow>> {
    let rows = (0..gathered.keys.len()).into_par_iter().with_max_len(64);
    let rows = rows.map(|idx| row(document, gathered, idx, cancel));
    let rows: Vec<HostRow> = rows.collect();
    (!cancel.is_cancelled()).then_some(rows)
}

fn row(document: &Document, gathered: &Gathered, idx: usize, cancel: &Cancel) -> HostRow {
    let range = gathered.starts[idx]..gathered.starts[idx + 1];
    let mut tally = Tally::default();
    for (n, place) in (0_u32..).zip(range.clone()) {
        if n % STEP == 0 && cancel.is_cancelled() {
            break;
        }
        let place = place as usize;
        let facts = gathered.facts[place];
        tally.hosts.add(facts.host);
        if facts.party != NONE {
            tally.parties.add(facts.party);
        }
        if facts.region != NONE {
            tally.regions.add(facts.region);
        }
        tally.add(document, gathered.flows[place], gathered.span);
    }
    tally.into_row(gathered.keys[idx].clone(), range)
}

/// How often each number came.
#[derive(Default)]
struct Counter {
    counts: HashMap<u32, u32>,
    /// The number that came last, which is likely to come again, and how often it came since.
    run: Option<(u32, u32)>,
}

impl Counter {
    fn add(&mut self, id: u32) {
        match &mut self.run {
            Some((last, n)) if *last == id => *n += 1,
            _ => {
                self.settle();
                self.run = Some((id, 1));
            }
        }
    }

    fn settle(&mut self) {
        if let Some((id, n)) = self.run.take() {
            *self.counts.entry(id).or_default() += n;
        }
    }

    /// The one that came most often, how often that was, and how many there are. Of several the smallest number.
    fn most(mut self) -> Option<(u32, u32, u32)> {
        self.settle();
        let n_all = self.counts.len() as u32;
        let most = self.counts.into_iter();
        let (id, n) = most.max_by_key(|(id, n)| (*n, std::cmp::Reverse(*id)))?;
        Some((id, n, n_all))
    }
}

#[derive(Default)]
struct Tally {
    hosts: Counter,
    parties: Counter,
    regions: Counter,
    edges: Counter,
    origins: Counter,
    /// By role, and by conclusiveness.
    answers: [[u32; 5]; 3],
    bytes: u64,
    times: Vec<f32>,
    n_errors: u32,
    labels: [u32; 3],
    span: Option<(Time, Time)>,
    starts: Starts,
}

/// How many flows start in each stretch of time.
struct Starts([u32; N_STARTS]);

impl Default for Starts {
    fn default() -> Self {
        Self([0; N_STARTS])
    }
}

impl Tally {
    fn add(&mut self, document: &Document, id: FlowId, all: Option<(Time, Time)>) {
        let Some(flow) = document.flow(id) else {
            return;
        };
        let verdict = document.verdict(id);
        if let Some(edge) = verdict.edge {
            self.edges.add(u32::from(edge.service.0));
        }
        if let Some(origin) = verdict.origin {
            self.origins.add(u32::from(origin.service.0));
        }
        self.answers[verdict.role as usize][verdict.conclusiveness as usize] += 1;
        let place = match document.label(id) {
            Some(Label::Origin) => Some(0),
            Some(Label::Cdn) => Some(1),
            Some(Label::Unknown) => Some(2),
            None => None,
        };
        if let Some(place) = place {
            self.labels[place] += 1;
        }
        self.measure(flow);
        if let Some((start, all)) = flow.start().zip(all) {
            self.start(start, all);
        }
    }

    fn measure(&mut self, flow: Flow<'_>) {
        let bytes = flow.bytes_received().unwrap_or(0);
        self.bytes = self.bytes.saturating_add(bytes);
        if let Some(ms) = flow.time_ms() {
            self.times.push(ms as f32);
        }
        let is_failed = flow.row().flags.contains(Flags::ABORTED);
        self.n_errors += u32::from(400 <= flow.row().status || is_failed);
    }

    fn start(&mut self, start: Time, (first, last): (Time, Time)) {
        let (from, to) = self.span.unwrap_or((start, start));
        self.span = Some((from.min(start), to.max(start)));
        // As shares, since a damaged file may tell of times that are farther apart than an i64 can say.
        let all_ms = last.ms_since(first).max(f64::MIN_POSITIVE);
        let share = start.ms_since(first) / all_ms;
        let place = (share * N_STARTS as f64) as usize;
        self.starts.0[place.min(N_STARTS - 1)] += 1;
    }

    fn into_row(mut self, key: String, flows: std::ops::Range<u32>) -> HostRow {
        let (role, conclusiveness) = self.answer();
        let median_ms = median(&mut self.times);
        let parties = self.parties.most();
        let regions = self.regions.most();
        let (first, last) = self.span.unzip();
        HostRow {
            key,
            party: parties.map(|(id, _, _)| id),
            n_parties: parties.map_or(0, |(_, _, n_all)| n_all),
            n_hosts: self.hosts.most().map_or(0, |(_, _, n_all)| n_all),
            edge: named(self.edges),
            origin: named(self.origins),
            role,
            conclusiveness,
            region: regions.map(|(id, _, _)| id),
            n_regions: regions.map_or(0, |(_, _, n_all)| n_all),
            bytes: self.bytes,
            median_ms,
            slowest_ms: self.times.into_iter().reduce(f32::max),
            n_errors: self.n_errors,
            labels: self.labels,
            first,
            last,
            starts: heights(&self.starts.0),
            flows,
        }
    }

    /// The role of most flows, and how conclusive it is in most of those. Of several, one that is known, and the least sure.
    fn answer(&self) -> (Role, Conclusiveness) {
        let sum = |role: &Role| self.answers[*role as usize].iter().sum::<u32>();
        let role = ROLES.into_iter().rev().max_by_key(sum);
        let role = role.unwrap_or(Role::Unknown);
        let of_role = self.answers[role as usize];
        let levels = CONCLUSIVENESS.into_iter().rev();
        let level = levels.max_by_key(|level| of_role[*level as usize]);
        (role, level.unwrap_or(Conclusiveness::Insufficient))
    }
}

fn named(services: Counter) -> Option<Named> {
    let (id, n, n_all) = services.most()?;
    Some(Named {
        service: ServiceId(id as u16),
        n,
        n_others: n_all - 1,
    })
}

/// The middle of `times`, which are put into another order; the mean of the two in the middle.
fn median(times: &mut [f32]) -> Option<f32> {
    let n = times.len();
    if n == 0 {
        return None;
    }
    let (below, middle, _) = times.select_nth_unstable_by(n / 2, f32::total_cmp);
    let upper = *middle;
    let lower = below.iter().copied().reduce(f32::max);
    Some(match lower {
        Some(lower) if n.is_multiple_of(2) => f32::midpoint(lower, upper),
        _ => upper,
    })
}

/// Each of `counts` as a share of the largest one.
fn heights(counts: &[u32; N_STARTS]) -> [u8; N_STARTS] {
    let most = u64::from(counts.iter().copied().max().unwrap_or(0).max(1));
    counts.map(|n| (u64::from(n) * FULL).div_ceil(most) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_stands_in_the_middle() {
        for (times, expected) in [
            (&[][..], None),
            (&[7.0], Some(7.0)),
            (&[9.0, 1.0], Some(5.0)),
            (&[5.0, 100.0, 1.0], Some(5.0)),
            (&[4.0, 8.0, 2.0, 100.0], Some(6.0)),
        ] {
            assert_eq!(median(&mut times.to_vec()), expected, "{times:?}");
        }
    }

    #[test]
    fn what_came_most_often_is_found_in_runs_and_out_of_them() {
        let most = |ids: &[u32]| {
            let mut counter = Counter::default();
            for id in ids {
                counter.add(*id);
            }
            counter.most()
        };
        assert_eq!(most(&[]), None);
        assert_eq!(most(&[3, 3, 1, 3, 1]), Some((3, 3, 2)));
        assert_eq!(most(&[9, 4]), Some((4, 1, 2)));
    }

    #[test]
    fn one_start_among_many_is_still_seen() {
        let mut counts = [0; N_STARTS];
        counts[0] = 1_000_000;
        counts[1] = 1;
        let heights = heights(&counts);
        assert_eq!(heights[..3], [255, 1, 0]);
    }

    #[test]
    fn a_role_that_is_known_wins_and_the_least_sure_of_several() {
        let mut tally = Tally::default();
        assert_eq!(tally.answer(), (Role::Origin, Conclusiveness::Insufficient));
        tally.answers[Role::Unknown as usize][0] = 3;
        tally.answers[Role::Cdn as usize][3] = 2;
        tally.answers[Role::Cdn as usize][2] = 2;
        assert_eq!(tally.answer(), (Role::Cdn, Conclusiveness::Suggestive));
        tally.answers[Role::Unknown as usize][0] = 5;
        assert_eq!(
            tally.answer(),
            (Role::Unknown, Conclusiveness::Insufficient)
        );
    }
}
