//! What every report says of itself: its limits, and the data that its verdicts rest on.

use serde::Serialize;

use crate::providers::{Ranges, catalogue};
use crate::redact::Redactor;

/// Limits that every report states.
pub(super) const LIMITS: &[&str] = &[
    "captures and logs can be forged by whoever made them",
    "times come from the machine that captured",
    "a verdict is the machine's reading of the evidence, a label a person's opinion; the names of reviewers are as typed",
    "one capture shows one configuration at one time",
];

/// Data that verdicts rest on beside the rules of this version.
#[derive(Debug, Serialize)]
pub(super) struct DataVersion {
    /// Its package, or what the file is.
    pub(super) name: String,
    /// Its version, or the name of the file.
    pub(super) version: String,
    /// Its day.
    pub(super) date: String,
}

/// The address data in use, that of the user first.
pub(super) fn data_versions(redactor: &mut Redactor) -> Vec<DataVersion> {
    let catalogue = catalogue();
    let tables = catalogue.imported_ranges().chain([catalogue.ranges()]);
    tables
        .flat_map(Ranges::inputs)
        .map(|input| DataVersion {
            name: redactor.shown(&input.package),
            version: redactor.shown(&input.version),
            date: input.date.clone(),
        })
        .collect()
}

/// `37.5 %` of `n` in `all`; a dash when there is nothing to divide by.
pub(super) fn percent(n: u64, all: u64) -> String {
    if all == 0 {
        return "–".to_owned();
    }
    format!("{:.1} %", n as f64 * 100.0 / all as f64)
}
