//! Flows by host, domain, party, provider, service, region, network or file: a row for each with what its flows add up to.
//!
//! `gather` numbers what flows have in common, once for each distinct word of a capture; `tally` then adds up row by row on
//! all cores. Kept are a few hundred bytes per row, and eight bytes per flow that say which flows a row has and the other
//! way round. For worker threads.

mod columns;
mod gather;
mod order;
mod summary;
mod tally;

use std::borrow::Cow;
use std::ops::Range;

use crate::attribution::{Conclusiveness, Role};
use crate::base::jobs::Cancel;
use crate::base::time::Time;
use crate::capture::{FlowId, FlowSet};
use crate::document::Document;
use crate::providers::{ProviderId, ServiceId, catalogue};

pub use columns::HostColumn;
pub use order::{HostSort, order, sort_named};
pub use summary::{HostSummary, OfRole};

/// Stretches of equal length into which the time of all flows is divided.
pub const N_STARTS: usize = 48;

/// What the flows of a row have in common.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
pub enum By {
    /// The host.
    #[default]
    Host,
    /// The registrable domain of the host.
    Domain,
    /// Whose traffic it is.
    Party,
    /// Who terminated the connection.
    Provider,
    /// Which product of whom terminated it.
    Service,
    /// Where the store or the edge stands.
    Region,
    /// Who holds the network of the server's address.
    Network,
    /// The capture.
    File,
}

impl By {
    /// All ways in the order in which they are offered.
    pub const ALL: [Self; 8] = [
        Self::Host,
        Self::Domain,
        Self::Party,
        Self::Provider,
        Self::Service,
        Self::Region,
        Self::Network,
        Self::File,
    ];

    /// The word on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Domain => "domain",
            Self::Party => "party",
            Self::Provider => "provider",
            Self::Service => "service",
            Self::Region => "region",
            Self::Network => "network",
            Self::File => "file",
        }
    }

    /// The word for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Host => "Host",
            Self::Domain => "Domain",
            Self::Party => "Party",
            Self::Provider => "Provider",
            Self::Service => "Service",
            Self::Region => "Region",
            Self::Network => "Network",
            Self::File => "File",
        }
    }

    /// The way that is called `word`.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.word() == word)
    }

    /// What is said of flows for which it is not known.
    pub const fn absence(self) -> &'static str {
        match self {
            Self::Provider | Self::Service => "not attributed",
            _ => "not known",
        }
    }

    /// The filter that keeps the flows of `row`, which is one of `table`.
    fn filter(self, table: &HostTable, row: &HostRow) -> String {
        let key = row.key.as_str();
        let quoted = crate::query::complete::quoted(key);
        let word = match self {
            Self::Domain => "host",
            other => other.word(),
        };
        if key.is_empty() {
            return format!("{word}:none");
        }
        match self {
            Self::Provider | Self::Service => format!("{word}:{quoted}"),
            // A host covers those below it.
            Self::Host | Self::Domain if !table.has_below(key) => format!("{word}:{quoted}"),
            _ => format!("{word}={quoted}"),
        }
    }
}

/// A service that flows of a row name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named {
    /// The one that most of them name.
    pub service: ServiceId,
    /// How many do.
    pub n: u32,
    /// How many other services they name in its place.
    pub n_others: u32,
}

/// What the flows with one host, party … add up to.
#[derive(Clone, Debug, PartialEq)]
pub struct HostRow {
    /// What they have in common: a host, the id of a provider …; empty when it is not known.
    pub key: String,
    /// Whose traffic most of them are, as a number that only the table knows.
    party: Option<u32>,
    /// How many parties they belong to.
    pub n_parties: u32,
    /// How many hosts they have.
    pub n_hosts: u32,
    /// Who terminated the connection as a CDN.
    pub edge: Option<Named>,
    /// Whose storage or compute answered.
    pub origin: Option<Named>,
    /// The role in most of them.
    pub role: Role,
    /// How conclusive that is in most of those.
    pub conclusiveness: Conclusiveness,
    /// Where most of them were answered, likewise a number.
    region: Option<u32>,
    /// How many places they name.
    pub n_regions: u32,
    /// Bytes received, where known.
    pub bytes: u64,
    /// The duration that as many fall short of as exceed it, in milliseconds.
    pub median_ms: Option<f32>,
    /// The longest duration, in milliseconds.
    pub slowest_ms: Option<f32>,
    /// Answers with a status from 400 on, and requests that failed.
    pub n_errors: u32,
    /// How many are labelled as origin, as CDN and as unknown.
    pub labels: [u32; 3],
    /// The first start.
    pub first: Option<Time>,
    /// The last start.
    pub last: Option<Time>,
    /// How many start in each stretch of time, as a share of the fullest one in 255ths; never 0 where one starts.
    pub starts: [u8; N_STARTS],
    /// Where its flows stand in the table.
    flows: Range<u32>,
}

impl HostRow {
    /// Number of flows.
    pub const fn n_flows(&self) -> u32 {
        self.flows.end - self.flows.start
    }

    /// How many of them a person labelled.
    pub fn n_labelled(&self) -> u32 {
        self.labels.iter().sum()
    }

    /// Who answers: the edge, else the origin.
    pub fn provider(&self) -> Option<ProviderId> {
        let named = self.edge.or(self.origin)?;
        Some(catalogue().provider_of(named.service))
    }
}

/// All rows, in the order in which their first flows are shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HostTable {
    /// What the flows of a row have in common.
    pub by: By,
    /// The rows.
    pub rows: Vec<HostRow>,
    /// Bytes received by all of them, where known.
    pub bytes: u64,
    /// When the first flow started and when the last one did.
    pub span: Option<(Time, Time)>,
    /// What the hosts are, whatever the rows are.
    pub summary: HostSummary,
    /// The flows, those of a row beside each other, in the order in which they are shown.
    flows: Vec<FlowId>,
    /// By flow: its row, or `NOWHERE`.
    row_of: Vec<u32>,
    parties: Vec<String>,
    regions: Vec<String>,
}

/// The row of a flow that is not shown.
const NOWHERE: u32 = u32::MAX;

impl HostTable {
    /// Groups `flows`; `None` when cancelled.
    pub fn of(document: &Document, flows: &[FlowId], by: By, cancel: &Cancel) -> Option<Self> {
        let gathered = gather::Gathered::of(document, flows, by, cancel)?;
        let rows = tally::rows(document, &gathered, cancel)?;
        let mut row_of = vec![NOWHERE; document.n_flows() as usize];
        for (idx, row) in (0..).zip(&rows) {
            for flow in &gathered.flows[row.flows.start as usize..row.flows.end as usize] {
                if let Some(slot) = row_of.get_mut(flow.0 as usize) {
                    *slot = idx;
                }
            }
        }
        Some(Self {
            by,
            bytes: rows.iter().map(|row| row.bytes).sum(),
            rows,
            span: gathered.span,
            summary: gathered.summary,
            flows: gathered.flows,
            row_of,
            parties: gathered.parties,
            regions: gathered.regions,
        })
    }

    /// The flows of `row`, in the order in which they are shown.
    pub fn flows_of(&self, row: &HostRow) -> &[FlowId] {
        let range = row.flows.start as usize..row.flows.end as usize;
        self.flows.get(range).unwrap_or_default()
    }

    /// Number of flows in all rows.
    pub fn n_flows(&self) -> usize {
        self.flows.len()
    }

    /// The index of the row that `flow` is in.
    pub fn row_of(&self, flow: FlowId) -> Option<usize> {
        let idx = self.row_of.get(flow.0 as usize)?;
        (*idx != NOWHERE).then_some(*idx as usize)
    }

    /// The indices of the rows that any of `flows` is in, each once, in their order.
    pub fn rows_with(&self, flows: &FlowSet) -> Vec<usize> {
        let mut found: Vec<usize> = flows.iter().filter_map(|flow| self.row_of(flow)).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Number of parties that any flow belongs to.
    pub fn n_parties(&self) -> usize {
        self.parties.len()
    }

    /// Whose traffic most flows of `row` are; empty when that is not known.
    pub fn party(&self, row: &HostRow) -> &str {
        let party = row.party.and_then(|idx| self.parties.get(idx as usize));
        party.map_or("", String::as_str)
    }

    /// Where most flows of `row` were answered; empty when that is not known.
    pub fn region(&self, row: &HostRow) -> &str {
        let region = row.region.and_then(|idx| self.regions.get(idx as usize));
        region.map_or("", String::as_str)
    }

    /// The part of all bytes that `row` received, from 0 to 1.
    pub fn share(&self, row: &HostRow) -> f64 {
        row.bytes as f64 / self.bytes.max(1) as f64
    }

    /// What `row` is called for people: the host, the name of the provider …
    pub fn title<'a>(&self, row: &'a HostRow) -> Cow<'a, str> {
        if row.key.is_empty() {
            return Cow::Borrowed(self.by.absence());
        }
        let known = match self.by {
            By::Provider => {
                let mut all = catalogue().providers().iter();
                all.find(|provider| provider.id == row.key)
                    .map(|provider| provider.name.as_str())
            }
            By::Service => {
                let service = catalogue().find(&row.key);
                service.map(|id| catalogue().service(id).name.as_str())
            }
            _ => None,
        };
        Cow::Borrowed(known.unwrap_or(&row.key))
    }

    /// The filter that keeps the flows of `row`.
    pub fn filter(&self, row: &HostRow) -> String {
        self.by.filter(self, row)
    }

    /// True when some other row is of a name below `name`.
    fn has_below(&self, name: &str) -> bool {
        self.rows.iter().any(|row| {
            let above = row.key.strip_suffix(name);
            above.is_some_and(|above| above.ends_with('.'))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_group_has_a_word_of_its_own() {
        for by in By::ALL {
            assert_eq!(By::named(by.word()), Some(by));
            assert_eq!(by.title().to_lowercase(), by.word());
        }
        assert_eq!(By::named("hosts"), None);
    }
}
