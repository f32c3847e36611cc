//! Questions to a document: which flows, in which order, and what they add up to.
//!
//! [`run`] answers a [`Query`] on a worker thread; its [`Rows`] are what the table, the charts and every report show.

pub mod aggregate;
pub mod columns;
pub mod companies;
pub mod complete;
pub mod filter;
pub mod group_suggestions;
pub mod hosts;
pub mod kinds;
pub mod search;
mod sort;
pub mod words;

use std::ops::Range;

use rayon::iter::ParallelIterator as _;
use rayon::slice::ParallelSlice as _;

use crate::base::jobs::{Cancel, Progress};
use crate::base::time::Time;
use crate::capture::{Flow, FlowId};
use crate::document::Document;

use columns::ColumnId;
use filter::{Filter, FilterError};

/// What a person wants to see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// The filter as typed; empty keeps everything.
    pub filter: String,
    /// Keeps only flows that overlap this stretch of time.
    pub time: Option<Range<Time>>,
    /// Columns to sort by, the first one first; empty keeps capture order.
    pub sort: Vec<SortKey>,
}

/// One column to sort by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SortKey {
    /// Which column.
    pub column: ColumnId,
    /// Largest first.
    pub descending: bool,
}

/// The flows that a query keeps, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// The flows from top to bottom.
    pub flows: Vec<FlowId>,
    /// Sum of the bytes received, where known.
    pub bytes_received: u64,
    /// Number of distinct hosts.
    pub n_hosts: usize,
    /// Number of these flows that carry a label.
    pub n_labelled: usize,
    /// Number of these flows that carry a colour.
    pub n_marked: usize,
}

/// Flows that one thread looks at before it says how far it is.
const STEP: usize = 1_024;

/// Answers `query`; `None` when cancelled.
pub fn run(
    document: &Document,
    query: &Query,
    cancel: &Cancel,
) -> Option<Result<Rows, FilterError>> {
    run_watched(document, query, cancel, &Progress::default())
}

/// Answers `query`; `None` when cancelled. `progress` counts flows: filters that read files take their time.
pub fn run_watched(
    document: &Document,
    query: &Query,
    cancel: &Cancel,
    progress: &Progress,
) -> Option<Result<Rows, FilterError>> {
    let filter = match Filter::parse(&query.filter) {
        Ok(filter) => filter,
        Err(error) => return Some(Err(error)),
    };
    let filter = filter.prepared(document, cancel)?;
    let passes = |id: FlowId, flow: Flow<'_>| {
        let in_time = query.time.as_ref().is_none_or(|time| overlaps(flow, time));
        in_time && filter.keeps(document, id, flow)
    };
    let all: Vec<FlowId> = (0..document.n_flows()).map(FlowId).collect();
    let mut flows = keep(document, &all, passes, cancel, progress)?;
    sort::sort(document, &mut flows, &query.sort, cancel)?;
    Some(Ok(summarise(document, flows)))
}

/// Those of `flows` that pass, in their order, asked on all cores; `None` when cancelled.
pub fn keep(
    document: &Document,
    flows: &[FlowId],
    passes: impl Fn(FlowId, Flow<'_>) -> bool + Sync,
    cancel: &Cancel,
    progress: &Progress,
) -> Option<Vec<FlowId>> {
    progress.set_done(0);
    progress.set_total(flows.len() as u64);
    let kept = flows.par_chunks(STEP).map(|chunk| {
        let mut kept = Vec::new();
        for id in chunk {
            if cancel.is_cancelled() {
                break;
            }
            if document.flow(*id).is_some_and(|flow| passes(*id, flow)) {
                kept.push(*id);
            }
        }
        progress.add(chunk.len() as u64);
        kept
    });
    let kept: Vec<Vec<FlowId>> = kept.collect();
    (!cancel.is_cancelled()).then(|| kept.concat())
}

/// True when some of `flow` lies in `time`.
pub fn overlaps(flow: Flow<'_>, time: &Range<Time>) -> bool {
    flow.start().is_some_and(|start| {
        let end = start
            .plus_ms(flow.time_ms().unwrap_or(0.0))
            .unwrap_or(start);
        start < time.end && time.start <= end
    })
}

/// Adds up `flows`, which stay in their order.
pub fn summarise(document: &Document, flows: Vec<FlowId>) -> Rows {
    let mut hosts = std::collections::HashSet::new();
    let mut rows = Rows::default();
    for id in &flows {
        if let Some(flow) = document.flow(*id) {
            rows.bytes_received += flow.bytes_received().unwrap_or(0);
            hosts.insert(flow.host());
        }
        if let Some(said) = document.annotation(*id) {
            rows.n_labelled += usize::from(said.label.is_some());
            rows.n_marked += usize::from(said.colour.is_some());
        }
    }
    rows.n_hosts = hosts.len();
    rows.flows = flows;
    rows
}
