//! What the timeline shows: flows packed into lanes, and how many of which provider began when. Made once on a worker;
//! painting then finds what is visible by binary search.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::ops::Range;

use crate::attribution::Role;
use crate::base::jobs::Cancel;
use crate::base::time::Time;
use crate::capture::FlowId;
use crate::document::Document;
use crate::providers::{ProviderId, catalogue};
use crate::session::{Highlight, TimelineView};

/// Number of columns of the overview.
pub const N_BUCKETS: usize = 240;
/// Providers that have a band of their own in the overview; the others share one.
const MAX_BANDS: usize = 8;
/// A flow keeps its lane for at least this part of the whole time, so that short ones do not lie on each other.
const LEAST_PART: i64 = 1_000;

/// One flow on its lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    /// When it began.
    pub start: Time,
    /// When it was over; never before its start.
    pub end: Time,
    /// Which flow.
    pub flow: FlowId,
    /// Who answered, in which role.
    pub key: Highlight,
}

/// All flows that have a start, ready to be painted.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    /// From the first start to the last end.
    pub range: Option<Range<Time>>,
    /// Lanes from top to bottom; the bars of one do not overlap and are sorted by start.
    pub lanes: Vec<Vec<Bar>>,
    /// Providers in the order in which they are stacked.
    pub bands: Vec<Band>,
    /// Height of the tallest column of the overview, in flows.
    pub tallest: u32,
    /// Number of flows on lanes.
    pub n_flows: usize,
    /// Number of flows without a start, which are not on it.
    pub n_without_start: usize,
    /// What browsers said about their pages, in the order of time.
    pub marks: Vec<Mark>,
}

/// A moment that a browser noted about a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// When it was.
    pub time: Time,
    /// Which moment.
    pub event: Event,
    /// URL or title of the page.
    pub page: String,
}

/// The moments of loading a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// Loading began.
    Began,
    /// The document was parsed.
    Parsed,
    /// Everything was loaded.
    Loaded,
}

impl Event {
    /// The words for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Began => "page begins",
            Self::Parsed => "DOMContentLoaded",
            Self::Loaded => "load",
        }
    }
}

/// How many flows of one provider began in each column of the overview.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Band {
    /// Who; `None` = not attributed, or one of those that share a band.
    pub provider: Option<ProviderId>,
    /// One count for each column.
    pub counts: Vec<u32>,
}

impl Timeline {
    /// Lays out `flows` of `document`; `None` when cancelled.
    pub fn of(
        document: &Document,
        flows: &[FlowId],
        view: TimelineView,
        cancel: &Cancel,
    ) -> Option<Self> {
        let mut bars = Vec::with_capacity(flows.len());
        for (idx, id) in flows.iter().enumerate() {
            if idx.is_multiple_of(4096) && cancel.is_cancelled() {
                return None;
            }
            bars.extend(bar(document, *id, view));
        }
        let n_without_start = flows.len() - bars.len();
        let range = whole(document, view);
        bars.sort_by_key(|bar| (bar.start, bar.flow));
        if cancel.is_cancelled() {
            return None;
        }
        let mut timeline = Self {
            range,
            n_flows: bars.len(),
            n_without_start,
            marks: marks(document, view),
            ..Self::default()
        };
        timeline.count(&bars);
        timeline.pack(bars, cancel)?;
        Some(timeline)
    }

    fn span(&self) -> i64 {
        let length = |range: &Range<Time>| range.end.0.saturating_sub(range.start.0);
        self.range.as_ref().map_or(1, length).max(1)
    }

    /// The column of the overview that `time` falls into.
    fn bucket(&self, time: Time) -> usize {
        let first = self.range.as_ref().map_or(0, |range| range.start.0);
        let offset = i128::from(time.0) - i128::from(first);
        let column = offset * N_BUCKETS as i128 / i128::from(self.span());
        column.clamp(0, N_BUCKETS as i128 - 1) as usize
    }

    fn count(&mut self, bars: &[Bar]) {
        let mut totals: BTreeMap<ProviderId, u32> = BTreeMap::new();
        for provider in bars.iter().filter_map(|bar| bar.key.provider) {
            *totals.entry(provider).or_default() += 1;
        }
        let mut largest: Vec<ProviderId> = totals.keys().copied().collect();
        largest.sort_by_key(|provider| Reverse(totals.get(provider).copied()));
        largest.truncate(MAX_BANDS);
        let providers = largest.into_iter().map(Some).chain([None]);
        let mut bands: Vec<Band> = providers
            .map(|provider| Band {
                provider,
                counts: vec![0; N_BUCKETS],
            })
            .collect();
        let mut heights = [0_u32; N_BUCKETS];
        let last = bands.len() - 1;
        for bar in bars {
            let bucket = self.bucket(bar.start);
            let band = bands
                .iter()
                .position(|band| band.provider == bar.key.provider)
                .unwrap_or(last);
            bands[band].counts[bucket] += 1;
            heights[bucket] += 1;
        }
        self.tallest = heights.into_iter().max().unwrap_or(0);
        self.bands = bands;
    }

    /// Puts each bar on the topmost lane that is free when it begins.
    fn pack(&mut self, bars: Vec<Bar>, cancel: &Cancel) -> Option<()> {
        let least = self.span() / LEAST_PART;
        let mut busy: BinaryHeap<Reverse<(i64, usize)>> = BinaryHeap::new();
        let mut free: BinaryHeap<Reverse<usize>> = BinaryHeap::new();
        for (idx, bar) in bars.into_iter().enumerate() {
            if idx.is_multiple_of(4096) && cancel.is_cancelled() {
                return None;
            }
            while let Some(Reverse((end, lane))) = busy.peek().copied() {
                if bar.start.0 <= end {
                    break;
                }
                busy.pop();
                free.push(Reverse(lane));
            }
            let lane = free.pop().map_or(self.lanes.len(), |Reverse(lane)| lane);
            let end = bar.end.0.max(bar.start.0.saturating_add(least));
            busy.push(Reverse((end, lane)));
            match self.lanes.get_mut(lane) {
                Some(bars) => bars.push(bar),
                None => self.lanes.push(vec![bar]),
            }
        }
        Some(())
    }

    /// The moments within `time`.
    pub fn marks_within(&self, time: &Range<Time>) -> &[Mark] {
        let from = self.marks.partition_point(|mark| mark.time < time.start);
        let to = self.marks.partition_point(|mark| mark.time <= time.end);
        self.marks.get(from..to).unwrap_or_default()
    }

    /// The bars of `lane` that overlap `time`.
    pub fn visible(&self, lane: usize, time: &Range<Time>) -> &[Bar] {
        let bars = self.lanes.get(lane).map_or(&[][..], Vec::as_slice);
        let from = bars.partition_point(|bar| bar.end < time.start);
        let to = bars.partition_point(|bar| bar.start < time.end);
        bars.get(from..to.max(from)).unwrap_or_default()
    }

    /// The lane of a flow that began at `start`.
    pub fn lane_of(&self, flow: FlowId, start: Time) -> Option<usize> {
        self.lanes.iter().position(|bars| {
            let at = bars.partition_point(|bar| bar.start < start);
            bars.get(at..)
                .unwrap_or_default()
                .iter()
                .take_while(|bar| bar.start == start)
                .any(|bar| bar.flow == flow)
        })
    }
}

/// From the first start to the last end of all flows.
pub fn whole(document: &Document, view: TimelineView) -> Option<Range<Time>> {
    let start = document.first_start()?;
    let ends = document.captures().iter().filter_map(|open| {
        let end = open.capture.last_end()?;
        let shift = view.shift_of(document, &open.capture);
        Some(Time(end.0.saturating_add(shift)))
    });
    Some(start..ends.max()?.max(start))
}

fn marks(document: &Document, view: TimelineView) -> Vec<Mark> {
    let mut marks = Vec::new();
    for open in document.captures() {
        let shift = view.shift_of(document, &open.capture);
        for page in open.capture.pages() {
            let moments = [
                (Event::Began, Some(0.0)),
                (Event::Parsed, page.content_ms),
                (Event::Loaded, page.load_ms),
            ];
            marks.extend(moments.into_iter().filter_map(|(event, ms)| {
                let time = page.start.plus_ms(ms?)?;
                Some(Mark {
                    time: Time(time.0.saturating_add(shift)),
                    event,
                    page: page.title.clone(),
                })
            }));
        }
    }
    marks.sort_by_key(|mark| (mark.time, mark.event));
    marks
}

/// Where flow `id` lies in time; `None` when it has no start.
pub fn bar(document: &Document, id: FlowId, view: TimelineView) -> Option<Bar> {
    let flow = document.flow(id)?;
    let shift = view.shift_of(document, flow.capture());
    let start = Time(flow.start()?.0.saturating_add(shift));
    let end = start
        .plus_ms(flow.time_ms().unwrap_or(0.0))
        .unwrap_or(start);
    let verdict = document.verdict(id);
    let provider = verdict
        .terminating()
        .map(|carrier| catalogue().provider_of(carrier.service));
    let role = provider.map_or(Role::Unknown, |_| verdict.role);
    Some(Bar {
        start,
        end: end.max(start),
        flow: id,
        key: Highlight { provider, role },
    })
}

/// The first row to show, of `n_rows` of which `n_fitting` fit, so that row `idx` is among them.
pub fn first_with(first: f64, idx: usize, n_rows: usize, n_fitting: usize) -> f64 {
    let idx = idx as f64;
    let first = first.min(idx).max(idx + 1.0 - n_fitting as f64);
    clamped(first, n_rows, n_fitting)
}

/// `first` as far as the last row allows.
pub fn clamped(first: f64, n_rows: usize, n_fitting: usize) -> f64 {
    first.clamp(0.0, n_rows.saturating_sub(n_fitting) as f64)
}

/// `range` made `factor` times longer around `fixed`, within `whole`.
pub fn zoomed(range: &Range<Time>, whole: &Range<Time>, fixed: Time, factor: f64) -> Range<Time> {
    let moved = |time: Time| {
        let distance = (i128::from(time.0) - i128::from(fixed.0)) as f64 * factor;
        Time(fixed.0.saturating_add(distance as i64))
    };
    let (start, end) = (moved(range.start), moved(range.end));
    let start = start.max(whole.start).min(whole.end);
    let end = end.max(start).min(whole.end);
    if end.0.saturating_sub(start.0) < MIN_ZOOM {
        return range.clone();
    }
    start..end
}

/// Shortest stretch that one can zoom to, in microseconds.
const MIN_ZOOM: i64 = 20;

/// `range` moved by `micros` microseconds, as far as `whole` allows.
pub fn panned(range: &Range<Time>, whole: &Range<Time>, micros: i64) -> Range<Time> {
    let earliest = whole.start.0.saturating_sub(range.start.0).min(0);
    let latest = whole.end.0.saturating_sub(range.end.0).max(0);
    let micros = micros.clamp(earliest, latest);
    Time(range.start.0.saturating_add(micros))..Time(range.end.0.saturating_add(micros))
}

/// The stretch between two times in either order; `None` when it is too short to mean anything.
pub fn between(a: Time, b: Time, whole: &Range<Time>) -> Option<Range<Time>> {
    let start = a.min(b).max(whole.start);
    let end = a.max(b).min(whole.end);
    (MIN_ZOOM <= end.0.saturating_sub(start.0)).then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000;
    const YEAR: i64 = 365 * 24 * 3_600 * SECOND;

    /// A timeline of flows with these starts and lengths in microseconds.
    fn timeline(flows: &[(i64, i64)]) -> Timeline {
        let mut bars: Vec<Bar> = flows
            .iter()
            .zip(0..)
            .map(|((start, length), idx)| Bar {
                start: Time(*start),
                end: Time(start.saturating_add(*length)),
                flow: FlowId(idx),
                key: Highlight {
                    provider: (idx % 2 == 0).then_some(ProviderId(idx as u16 % 12)),
                    role: Role::Unknown,
                },
            })
            .collect();
        bars.sort_by_key(|bar| (bar.start, bar.flow));
        let start = bars.iter().map(|bar| bar.start).min();
        let end = bars.iter().map(|bar| bar.end).max();
        let mut timeline = Timeline {
            range: start.zip(end).map(|(start, end)| start..end),
            n_flows: bars.len(),
            ..Timeline::default()
        };
        timeline.count(&bars);
        let cancel = Cancel::default();
        timeline.pack(bars, &cancel).expect("nobody cancelled");
        timeline
    }

    /// Packs `flows`, expects `n_lanes`, and checks what must hold for every timeline.
    fn check(flows: &[(i64, i64)], n_lanes: usize) {
        let timeline = timeline(flows);
        assert_eq!(
            timeline.lanes.len(),
            n_lanes,
            "lanes of {} flows",
            flows.len()
        );
        let on_lanes: usize = timeline.lanes.iter().map(Vec::len).sum();
        assert_eq!(on_lanes, flows.len());
        let counted: u32 = timeline.bands.iter().flat_map(|band| &band.counts).sum();
        assert_eq!(counted as usize, flows.len());
        for (idx, lane) in timeline.lanes.iter().enumerate() {
            assert!(
                lane.windows(2).all(|pair| pair[0].end < pair[1].start),
                "lane {idx}"
            );
            for window in [i64::MIN..i64::MAX, 0..SECOND, 5 * SECOND..5 * SECOND + 1] {
                let window = Time(window.start)..Time(window.end);
                let expected: Vec<Bar> = lane
                    .iter()
                    .filter(|bar| bar.start < window.end && window.start <= bar.end)
                    .copied()
                    .collect();
                assert_eq!(
                    timeline.visible(idx, &window),
                    expected,
                    "lane {idx}, {window:?}"
                );
            }
            if let Some(bar) = lane.first() {
                assert_eq!(timeline.lane_of(bar.flow, bar.start), Some(idx));
            }
        }
    }

    #[test]
    fn flows_share_a_lane_only_when_they_do_not_touch() {
        check(&[], 0);
        check(
            &[(0, SECOND), (2 * SECOND, SECOND), (4 * SECOND, SECOND)],
            1,
        );
        check(
            &[(0, 9 * SECOND), (SECOND, SECOND), (5 * SECOND, SECOND)],
            2,
        );
        check(&[(3, 0), (3, 0), (3, 0)], 3);
    }

    #[test]
    fn absurd_times_are_laid_out_all_the_same() {
        check(&[(-YEAR, 0), (9 * YEAR, 5), (0, SECOND)], 1);
        check(
            &[(i64::MIN + 1, 0), (i64::MAX - 1, i64::MAX), (0, i64::MAX)],
            2,
        );
        let many: Vec<(i64, i64)> = (0..1_000_000).map(|idx| (idx * 1_000, 500)).collect();
        check(&many, 1_000);
    }

    #[test]
    fn a_stretch_stays_within_the_whole() {
        let time = |range: Range<i64>| Time(range.start)..Time(range.end);
        let whole = time(0..1_000);
        assert_eq!(panned(&time(100..200), &whole, 50), time(150..250));
        assert_eq!(panned(&time(100..200), &whole, 5_000), time(900..1_000));
        assert_eq!(panned(&time(100..200), &whole, i64::MIN), time(0..100));
        assert_eq!(
            zoomed(&time(100..300), &whole, Time(200), 0.5),
            time(150..250)
        );
        assert_eq!(zoomed(&time(100..300), &whole, Time(200), 1e30), whole);
        assert_eq!(
            zoomed(&time(100..300), &whole, Time(200), 0.0),
            time(100..300)
        );
        assert_eq!(between(Time(700), Time(-5), &whole), Some(time(0..700)));
        assert_eq!(between(Time(700), Time(701), &whole), None);
    }

    #[test]
    fn rows_follow_as_little_as_needed() {
        assert_eq!(first_with(0.0, 3, 100, 10), 0.0);
        assert_eq!(first_with(0.0, 30, 100, 10), 21.0);
        assert_eq!(first_with(50.0, 30, 100, 10), 30.0);
        assert_eq!(first_with(0.0, 99, 100, 10), 90.0);
        assert_eq!(first_with(5.0, 1, 3, 10), 0.0);
        assert_eq!(clamped(-4.0, 0, 10), 0.0);
        assert_eq!(clamped(1e9, 100, 10), 90.0);
    }

    #[test]
    fn only_marks_within_the_stretch_are_looked_at() {
        let mark = |seconds: i64, event| Mark {
            time: Time(seconds * SECOND),
            event,
            page: String::new(),
        };
        let timeline = Timeline {
            marks: vec![
                mark(0, Event::Began),
                mark(2, Event::Parsed),
                mark(5, Event::Loaded),
            ],
            ..Timeline::default()
        };
        for (from, to, expected) in [(0, 9, 3), (1, 2, 1), (3, 4, 0), (5, 5, 1)] {
            let stretch = Time(from * SECOND)..Time(to * SECOND);
            assert_eq!(
                timeline.marks_within(&stretch).len(),
                expected,
                "{stretch:?}"
            );
        }
    }
}
