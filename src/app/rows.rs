//! The rows that are shown: the query runs on a worker thread, and the last answer stays until the next one is there.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::base::jobs::{Cancel, Latest, Progress, Wake};
use crate::capture::{Flow, FlowId};
use crate::document::Document;
use crate::query::filter::{Filter, FilterError};
use crate::query::{self, Query, Rows};
use crate::session::{Chip, Chips, HostScope, Session};

/// What an answer depends on.
type Key = (u64, Query, Chips, HostScope);

/// The answer to the newest query, and the one being worked on.
#[derive(Debug)]
pub(super) struct ShownRows {
    latest: Latest<Key, Result<Answer, FilterError>>,
    /// How far the newest query has come, in flows.
    progress: Progress,
    rows: Arc<Rows>,
    revision: u64,
    counts: [u64; Chip::ALL.len()],
    n_left_out: u64,
    narrowing: String,
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
    n_left_out: u64,
    narrowing: String,
    took: Duration,
}

impl Default for ShownRows {
    fn default() -> Self {
        Self {
            latest: Latest::new("query"),
            progress: Progress::default(),
            rows: Arc::default(),
            revision: 0,
            counts: [0; Chip::ALL.len()],
            n_left_out: 0,
            narrowing: String::new(),
            error: None,
            answered: None,
            took: Duration::ZERO,
        }
    }
}

impl ShownRows {
    /// Takes over a finished answer and makes sure that the newest question is under way.
    pub(super) fn poll(&mut self, document: &Document, session: &Session, wake: &Wake) {
        // Without the rest: a selection may be large, and this is asked in every frame.
        let question = Session {
            query: session.query.clone(),
            chips: session.chips.clone(),
            scope: session.scope.clone(),
            ..Session::default()
        };
        let key = (
            document.revision(),
            question.query.clone(),
            question.chips.clone(),
            question.scope.clone(),
        );
        let (snapshot, progress) = (document.clone(), self.progress.clone());
        self.latest.request(key, Arc::clone(wake), move |cancel| {
            answer(&snapshot, &question, cancel, &progress).transpose()
        });
        if !self.latest.poll() {
            return;
        }
        match self.latest.get() {
            Some(Ok(answer)) => {
                self.rows = Arc::clone(&answer.rows);
                self.counts = answer.counts;
                self.n_left_out = answer.n_left_out;
                self.narrowing.clone_from(&answer.narrowing);
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

    /// Flows that pass the filter but are left out with their hosts.
    pub(super) const fn n_left_out(&self) -> u64 {
        self.n_left_out
    }

    /// What narrowed the flows to these rows, for people who read a report.
    pub(super) fn narrowing(&self) -> &str {
        &self.narrowing
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

    /// How many flows were looked at of how many, while a worker is busy.
    pub(super) fn progress(&self) -> Option<(u64, u64)> {
        self.is_running().then(|| self.progress.get())
    }

    /// Stops looking; the last answer stays.
    pub(super) fn stop(&mut self) {
        self.latest.cancel();
    }

    /// True while a worker is busy.
    pub(super) fn is_running(&self) -> bool {
        self.latest.is_running()
    }
}

/// The rows of `query` under `chips`, and how many each chip would leave; `Ok(None)` when cancelled.
fn answer(
    document: &Document,
    session: &Session,
    cancel: &Cancel,
    progress: &Progress,
) -> Result<Option<Answer>, FilterError> {
    let began = Instant::now();
    let (mut query, chips, scope) = (session.query.clone(), &session.chips, &session.scope);
    // Whatever is wrong is wrong in what was typed.
    Filter::parse(&query.filter)?;
    if chips.is_inverted && !query.filter.trim().is_empty() {
        query.filter = format!("-({})", query.filter);
    }
    let Some(mut rows) = query::run_watched(document, &query, cancel, progress).transpose()? else {
        return Ok(None);
    };
    let mut n_left_out = 0;
    if !scope.is_empty() {
        let n_before = rows.flows.len();
        let kept = keep(document, &rows.flows, &scope.filter(), cancel)?;
        rows = query::summarise(document, kept);
        n_left_out = (n_before - rows.flows.len()) as u64;
    }
    for filter in [chips.places_filter(), chips.kinds_filter()] {
        if !filter.is_empty() {
            let kept = keep(document, &rows.flows, &filter, cancel)?;
            rows = query::summarise(document, kept);
        }
    }
    let mut counts = [0; Chip::ALL.len()];
    for (count, chip) in counts.iter_mut().zip(Chip::ALL) {
        *count = keep(document, &rows.flows, chip.filter(), cancel)?.len() as u64;
    }
    if !chips.answers.is_empty() {
        let kept = keep(document, &rows.flows, &chips.answers_filter(), cancel)?;
        rows = query::summarise(document, kept);
    }
    let rows = Arc::new(rows);
    let took = began.elapsed();
    Ok((!cancel.is_cancelled()).then_some(Answer {
        rows,
        counts,
        n_left_out,
        narrowing: session.narrowing(),
        took,
    }))
}

/// Those of `flows` that pass `filter`, in their order.
fn keep(
    document: &Document,
    flows: &[FlowId],
    filter: &str,
    cancel: &Cancel,
) -> Result<Vec<FlowId>, FilterError> {
    let Some(filter) = Filter::parse(filter)?.prepared(document, cancel) else {
        return Ok(Vec::new());
    };
    let passes = |id, flow: Flow<'_>| filter.keeps(document, id, flow);
    let kept = query::keep(document, flows, passes, cancel, &Progress::default());
    Ok(kept.unwrap_or_default())
}
