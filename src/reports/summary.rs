//! What every report says at its head: how much of the captures it shows, and how far people have come.

use super::ReportInput;
use crate::annotations::Label;

/// Limits that every report states.
pub(super) const LIMITS: &[&str] = &[
    "captures and logs can be forged by whoever made them",
    "times come from the machine that captured",
    "a verdict is the machine's reading of the evidence, a label a person's opinion; the names of reviewers are as typed",
    "one capture shows one configuration at one time",
];

/// Counts over the flows of a report.
#[derive(Clone, Copy, Debug)]
pub(super) struct Summary {
    /// Flows in the report.
    pub(super) shown: usize,
    /// Flows of all captures.
    pub(super) in_all: usize,
    /// Labelled origin, CDN, unknown.
    pub(super) labelled: [usize; 3],
}

impl Summary {
    pub(super) fn of(input: &ReportInput<'_>) -> Self {
        let mut summary = Self {
            shown: 0,
            in_all: input.document.n_flows() as usize,
            labelled: [0; 3],
        };
        for (id, _) in input.shown() {
            summary.shown += 1;
            match input.document.label(id) {
                Some(Label::Origin) => summary.labelled[0] += 1,
                Some(Label::Cdn) => summary.labelled[1] += 1,
                Some(Label::Unknown) => summary.labelled[2] += 1,
                None => {}
            }
        }
        summary
    }

    /// Flows that nobody has looked at, which is not the same as labelled unknown.
    pub(super) fn n_not_reviewed(&self) -> usize {
        self.shown - self.labelled.iter().sum::<usize>()
    }
}

/// `37.5 %` of `n` in `all`; a dash when there is nothing to divide by.
pub(super) fn percent(n: u64, all: u64) -> String {
    if all == 0 {
        return "–".to_owned();
    }
    format!("{:.1} %", n as f64 * 100.0 / all as f64)
}
