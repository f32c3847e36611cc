//! The flows of a session, gathered into cells: what has the same host, party, site and verdict for the same reasons.
//!
//! A million flows make a few thousand cells; everything else is asked once for a cell.

use foldhash::HashMap;

use super::resource::place_in_path;
use crate::attribution::groups::Groups;
use crate::attribution::party::Basis;
use crate::attribution::session::Judged;
use crate::attribution::shown::Shown;
use crate::attribution::verdict::{Carrier, Verdict};
use crate::base::hash::hash;
use crate::base::jobs::{Cancel, STEP};
use crate::capture::{Flags, Flow, FlowId, Name};
use crate::providers::catalogue;

/// What the flows of a cell share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    capture: usize,
    host: Name,
    /// What party and site rest on.
    place: (u32, u32),
    verdict: Verdict,
    /// The number of what they show.
    shown: u32,
    /// The address, where it says more than the verdict.
    address: Name,
    /// The bucket, where the path names it, as a hash.
    bucket: u64,
    is_unanswered: bool,
}

/// Flows of which everything but time, path and size is the same.
#[derive(Debug)]
pub(super) struct Cell<'a> {
    /// The first of them.
    pub(super) first: Flow<'a>,
    pub(super) judged: Judged<'a>,
    pub(super) party: &'a str,
    pub(super) site: &'a str,
    /// What tells whose they are.
    pub(super) basis: Basis,
    pub(super) verdict: Verdict,
    pub(super) shown: &'a Shown,
    /// True when nobody answered: an address alone shows who would have.
    pub(super) is_unanswered: bool,
    /// All of them, in session order.
    pub(super) flows: Vec<FlowId>,
    pub(super) bytes: u64,
    pub(super) bytes_sent: u64,
}

/// Gathers all flows. Returns `None` when cancelled.
pub(super) fn cells<'a>(
    session: &[Judged<'a>],
    groups: &'a Groups,
    cancel: &Cancel,
) -> Option<Vec<Cell<'a>>> {
    let mut cells: Vec<Cell<'a>> = Vec::new();
    let mut index: HashMap<Key, usize> = HashMap::default();
    for (capture, judged) in session.iter().enumerate() {
        let attribution = judged.attribution;
        for flow in judged.capture.flows() {
            let row = flow.idx();
            if row % STEP == 0 && cancel.is_cancelled() {
                return None;
            }
            let Some((number, shown)) = attribution.shown(row) else {
                break; // rows that are read and not judged yet
            };
            let verdict = attribution.verdict(row);
            let key = Key {
                capture,
                host: flow.row().host,
                place: attribution.parties.place(row),
                verdict,
                shown: number,
                address: telling_address(flow, verdict),
                bucket: bucket(flow, verdict),
                is_unanswered: is_unanswered(flow),
            };
            let at = *index.entry(key).or_insert_with(|| {
                cells.push(Cell {
                    first: flow,
                    judged: *judged,
                    party: attribution.parties.party(flow, groups),
                    site: attribution.parties.site(row, groups),
                    basis: attribution.parties.basis(row),
                    verdict,
                    shown,
                    is_unanswered: key.is_unanswered,
                    flows: Vec::new(),
                    bytes: 0,
                    bytes_sent: 0,
                });
                cells.len() - 1
            });
            let cell = &mut cells[at];
            cell.flows.push(judged.id(flow));
            cell.bytes += flow.bytes_received().unwrap_or(0);
            cell.bytes_sent += flow.bytes_sent().unwrap_or(0);
        }
    }
    Some(cells)
}

fn is_unanswered(flow: Flow<'_>) -> bool {
    flow.row().flags.contains(Flags::ABORTED) && flow.status().is_none()
}

/// The address of a flow whose verdict names nobody.
fn telling_address(flow: Flow<'_>, verdict: Verdict) -> Name {
    if verdict.terminating().is_some() {
        Name::EMPTY
    } else {
        flow.row().server_ip
    }
}

/// The bucket of a flow at a store, as far as its path names it.
fn bucket(flow: Flow<'_>, verdict: Verdict) -> u64 {
    let store = store_of(verdict).map(|store| store.service);
    store.map_or(0, |store| {
        place_in_path(store, flow.host(), flow.path().unwrap_or_default()).map_or(0, hash)
    })
}

/// The store that answered, itself or behind an edge.
pub(super) fn store_of(verdict: Verdict) -> Option<Carrier> {
    verdict
        .origin
        .filter(|origin| catalogue().is_store(origin.service))
}
