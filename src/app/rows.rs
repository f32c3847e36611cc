//! The rows that are shown: the query runs on a worker thread, and the last answer stays until the next one is there.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::base::jobs::{Cancel, Latest, Wake};
use crate::capture::FlowId;
use crate::document::Document;
use crate::query::filter::{Filter, FilterError};
use crate::query::{self, Query, Rows};
use crate::session::{Chip, Chips, Session};

/// The answer to the newest query, and the one being worked on.
#[derive(Debug)]
pub(super) struct ShownRows {
    latest: Latest<(u64, Query, Chips), Result<Answer, FilterError>>,
    rows: Arc<Rows>,
    revision: u64,
    counts: [u64; Chip::ALL.len()],
    error: Option<FilterError>,
    /// When the newest answer came.
    answered: Option<Instant>,
    /// How long it took.
    took: Duration,
}

#[derive(Debug)]
struct Answer {
    rows: Arc<Rows>,
    counts: [u64; Chip::ALL.len()],
    took: Duration,
}

impl Default for ShownRows {
    fn default() -> Self {
        Self {
            latest: Latest::new("query"),
            rows: Arc::default(),
            revision: 0,
            counts: [0; Chip::ALL.len()],
            error: None,
            answered: None,
            took: Duration::ZERO,
        }
    }
}

impl ShownRows {
    /// Takes over a finished answer and makes sure that the newest question is under way.
    pub(super) fn poll(&mut self, document: &Document, session: &Session, wake: &Wake) {
        let (query, chips) = (session.query.clone(), session.chips.clone());
        let key = (document.revision(), query.clone(), chips.clone());
        let snapshot = document.clone();
        self.latest.request(key, Arc::clone(wake), move |cancel| {
            answer(&snapshot, query, &chips, cancel).transpose()
        });
        if !self.latest.poll() {
            return;
        }
        match self.latest.get() {
            Some(Ok(answer)) => {
                self.rows = Arc::clone(&answer.rows);
                self.counts = answer.counts;
                self.error = None;
                self.revision += 1;
                self.answered = Some(Instant::now());
                self.took = answer.took;
            }
            Some(Err(error)) => self.error = Some(error.clone()),
            None => {}
        }
    }

    /// The rows of the last valid query.
    pub(super) const fn rows(&self) -> &Arc<Rows> {
        &self.rows
    }

    /// Grows by one whenever the rows change.
    pub(super) const fn revision(&self) -> u64 {
        self.revision
    }

    /// How many flows each chip would leave, in the order of [`Chip::ALL`].
    pub(super) const fn counts(&self) -> &[u64; Chip::ALL.len()] {
        &self.counts
    }

    /// Why the newest filter cannot be used.
    pub(super) const fn error(&self) -> Option<&FilterError> {
        self.error.as_ref()
    }

    /// True when more rows would not cut short the work on the present ones: charts take about as long as the query.
    pub(super) fn have_time(&self) -> bool {
        let is_rested = |answered: Instant| self.took <= answered.elapsed();
        !self.is_running() && self.answered.is_none_or(is_rested)
    }

    /// True while a worker is busy.
    pub(super) fn is_running(&self) -> bool {
        self.latest.is_running()
    }
}

/// The rows of `query` under `chips`, and how many each chip would leave; `Ok(None)` when cancelled.
fn answer(
    document: &Document,
    mut query: Query,
    chips: &Chips,
    cancel: &Cancel,
) -> Result<Option<Answer>, FilterError> {
    let began = Instant::now();
    // Whatever is wrong is wrong in what was typed.
    Filter::parse(&query.filter)?;
    if chips.is_inverted && !query.filter.trim().is_empty() {
        query.filter = format!("-({})", query.filter);
    }
    let Some(mut rows) = query::run(document, &query, cancel).transpose()? else {
        return Ok(None);
    };
    if !chips.kinds.is_empty() {
        let kept = keep(document, &rows.flows, &chips.kinds_filter())?;
        rows = query::summarise(document, kept);
    }
    let mut counts = [0; Chip::ALL.len()];
    for (count, chip) in counts.iter_mut().zip(Chip::ALL) {
        *count = keep(document, &rows.flows, chip.filter())?.len() as u64;
    }
    if !chips.answers.is_empty() {
        let kept = keep(document, &rows.flows, &chips.answers_filter())?;
        rows = query::summarise(document, kept);
    }
    let rows = Arc::new(rows);
    let took = began.elapsed();
    Ok((!cancel.is_cancelled()).then_some(Answer { rows, counts, took }))
}

/// Those of `flows` that pass `filter`, in their order.
fn keep(document: &Document, flows: &[FlowId], filter: &str) -> Result<Vec<FlowId>, FilterError> {
    let filter = Filter::parse(filter)?;
    let passes = |id: &FlowId| {
        let flow = document.flow(*id);
        flow.is_some_and(|flow| filter.keeps(document, *id, flow))
    };
    Ok(flows.iter().copied().filter(passes).collect())
}
