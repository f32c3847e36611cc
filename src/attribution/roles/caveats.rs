//! What to keep in mind about what a session shows.

use super::gather::Gathered;
use super::words::listed;
use crate::attribution::party::Basis;
use crate::attribution::session::Judged;
use crate::base::text::counted;
use crate::base::time::Time;
use crate::providers::catalogue;

/// A capture that is older than this says little about what a name leads to today. A month.
const FRESH_MS: f64 = 31.0 * 86_400_000.0;

/// True while names still lead where they led in the capture.
pub(super) fn is_fresh(session: &[Judged<'_>]) -> bool {
    let starts = session.iter().filter_map(|it| it.capture.first_start());
    let oldest = starts.min();
    oldest.is_some_and(|oldest| Time::now().ms_since(oldest) < FRESH_MS)
}

/// What holds for all parties of the session.
pub(super) fn common(session: &[Judged<'_>]) -> Vec<String> {
    let mut caveats = vec!["one capture shows one configuration at one time".to_owned()];
    let inputs = catalogue().ranges().inputs();
    let dates: Vec<String> = inputs.iter().map(|input| input.date.clone()).collect();
    caveats.push(format!("address ranges are of {}", listed(&dates)));
    let newest = dates
        .iter()
        .filter_map(|date| Time::parse_iso(&format!("{date}T00:00:00Z")))
        .max();
    let oldest = session
        .iter()
        .filter_map(|it| it.capture.first_start())
        .min();
    if let (Some(newest), Some(oldest)) = (newest, oldest) {
        const YEAR_MS: f64 = 365.25 * 86_400_000.0;
        let years = (newest.ms_since(oldest) / YEAR_MS).floor();
        if 1.0 <= years {
            caveats.push(format!(
                "the oldest capture is {} older than that: cloud addresses change hands, so they count less",
                counted(years as u64, "year")
            ));
        }
    }
    if session.iter().any(|it| !it.attribution.has_read_bodies()) {
        caveats.push("bodies were not searched for the URLs of uploads yet".to_owned());
    }
    caveats
}

/// What holds for one party.
pub(super) fn of_party(party: &str, gathered: &Gathered<'_, '_>) -> Vec<String> {
    let n = |is_it: fn(&super::cells::Cell<'_>) -> bool| -> u64 {
        let cells = gathered.cells.iter().filter(|cell| is_it(cell));
        cells.map(|cell| cell.flows.len() as u64).sum()
    };
    let mut caveats = Vec::new();
    let n_hints = n(|cell| cell.basis == Basis::Time);
    if 0 < n_hints {
        let verb = if n_hints == 1 { "is" } else { "are" };
        caveats.push(format!(
            "{} {verb} counted under {party} only because the same client held its tunnels open at that time: a hint",
            counted(n_hints, "tunnel")
        ));
    }
    if n(|_| true) == 1 {
        caveats.push("there is one flow only".to_owned());
    }
    caveats
}
