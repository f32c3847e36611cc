//! Answers of the catalogue that repeat from flow to flow, each asked once.

use std::ops::Range;

use foldhash::HashMap;

use super::context::header_names::Kind;
use super::context::void::{Gates, Peer};
use crate::base::hash::hash;
use crate::capture::{Flow, Header, Name};
use crate::providers::{HeaderRule, HostMatch, catalogue};

/// Answers of the catalogue for the hosts and addresses of one capture, each asked once.
#[derive(Debug, Default)]
pub(super) struct Lookups<'a> {
    hosts: HashMap<Name, Vec<HostMatch<'a>>>,
    peers: HashMap<Name, Peer<'a>>,
    passing: HashMap<(Name, u64), Passing>,
}

/// The rules of a header whose test a value passes, with the place of the region that it names.
pub(super) type Passing = Vec<(&'static HeaderRule, Option<Range<usize>>)>;

/// Most header values that are remembered: some are new in every flow.
const MAX_VALUES: usize = 1 << 16;

impl<'a> Lookups<'a> {
    /// The host rules that apply to the host of `flow`.
    pub(super) fn host(&mut self, flow: Flow<'a>) -> &[HostMatch<'a>] {
        self.hosts
            .entry(flow.row().host)
            .or_insert_with(|| catalogue().host_rules(flow.host()))
    }

    /// What is known about the peer address of `flow`.
    pub(super) fn peer(&mut self, flow: Flow<'a>, gates: &Gates) -> &Peer<'a> {
        self.peers
            .entry(flow.row().server_ip)
            .or_insert_with(|| gates.peer(flow))
    }

    /// The rules about `header` whose test its `value` passes.
    pub(super) fn passing(&mut self, header: Header<'_>, kind: Kind, value: &str) -> &Passing {
        if MAX_VALUES < self.passing.len() {
            self.passing.clear();
        }
        let key = (header.id, hash(value));
        self.passing.entry(key).or_insert_with(|| {
            let passing = kind.rules.iter().filter(|rule| rule.value.passes(value));
            let region_at = |region: &str| {
                let at = region.as_ptr().addr() - value.as_ptr().addr();
                at..at + region.len()
            };
            passing
                .map(|rule| (rule, rule.value.region(value).map(region_at)))
                .collect()
        })
    }
}
