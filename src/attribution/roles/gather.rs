//! What the cells of each party say: relations by service and role, and what tells nothing.

use std::collections::BTreeMap;

use super::cells::Cell;
use super::parts::{Part, parts};
use super::reasons::{self, Reasons};
use super::relation::{RelationRole, ResourceKind};
use super::resource::resource;
use crate::attribution::collect::TUNNEL;
use crate::capture::FlowId;
use crate::providers::{ServiceId, catalogue};

/// What makes a relation one: stores are told apart by resource, own servers by the network that they stand in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) role: RelationRole,
    pub(super) service: ServiceId,
    pub(super) within: String,
}

/// A resource: its kind and name.
pub(super) type Place = (ResourceKind, String);

/// What one cell adds to a relation.
#[derive(Clone, Debug)]
pub(super) struct Share<'c, 'a> {
    pub(super) cell: &'c Cell<'a>,
    pub(super) part: Part,
    pub(super) place: Place,
}

/// What is known about one party.
#[derive(Debug, Default)]
pub(super) struct Gathered<'c, 'a> {
    pub(super) cells: Vec<&'c Cell<'a>>,
    pub(super) relations: BTreeMap<Key, Vec<Share<'c, 'a>>>,
    pub(super) unknown: Vec<&'c Cell<'a>>,
    pub(super) why: Reasons,
    pub(super) validity: Reasons,
}

/// All parties with what their cells say. A flow without a party, which has no host, is nobody's.
pub(super) fn gather<'c, 'a>(cells: &'c [Cell<'a>]) -> BTreeMap<&'a str, Gathered<'c, 'a>> {
    let mut parties: BTreeMap<&str, Gathered<'c, 'a>> = BTreeMap::new();
    for cell in cells.iter().filter(|cell| !cell.party.is_empty()) {
        parties.entry(cell.party).or_default().add(cell);
    }
    parties
}

impl<'c, 'a> Gathered<'c, 'a> {
    fn add(&mut self, cell: &'c Cell<'a>) {
        self.cells.push(cell);
        let n = cell.flows.len();
        for (reason, words) in reasons::validity(cell) {
            self.validity.add(reason, words, n);
        }
        if reasons::is_void(cell) {
            return;
        }
        let parts = parts(cell);
        if parts.is_empty() {
            let (reason, words) = reasons::why_unknown(cell);
            self.why.add(reason, &words, n);
            self.unknown.push(cell);
        }
        for part in parts {
            let share = Share {
                cell,
                part,
                place: place(cell, part),
            };
            self.relations
                .entry(Key::of(&share))
                .or_default()
                .push(share);
        }
    }
}

impl Key {
    fn of(share: &Share<'_, '_>) -> Self {
        let part = share.part;
        let within = match part.role {
            RelationRole::Stores => share.place.1.clone(),
            _ if catalogue().is_software(part.service) => share.region().to_owned(),
            _ => String::new(),
        };
        Self {
            role: part.role,
            service: part.service,
            within,
        }
    }
}

impl Share<'_, '_> {
    /// Where the service stands; of servers of somebody's own, whose network it is.
    pub(super) fn region(&self) -> &str {
        let region = self.part.region;
        region.map_or("", |region| self.cell.judged.attribution.region(region))
    }
}

/// What of the service the cell is about: only a name of the service itself says more than the host does.
fn place(cell: &Cell<'_>, part: Part) -> Place {
    let host = cell.first.host();
    let path = cell.first.path().unwrap_or_default();
    let is_lent = catalogue()
        .host_rules(host)
        .iter()
        .any(|found| !found.rule.is_first_party && found.rule.rule.service == part.service);
    resource(part.service, host, path, is_lent)
}

/// The flows of `cells`, in session order.
pub(super) fn flows_of<'x, 'a: 'x>(cells: impl Iterator<Item = &'x Cell<'a>>) -> Vec<FlowId> {
    let mut flows: Vec<FlowId> = Vec::new();
    for cell in cells {
        flows.extend(&cell.flows);
    }
    flows.sort_unstable();
    flows
}

/// True when every one of `shares` is of tunnels.
pub(super) fn are_tunnels(shares: &[Share<'_, '_>]) -> bool {
    shares
        .iter()
        .all(|share| reasons::has(share.cell.shown, &TUNNEL))
}
