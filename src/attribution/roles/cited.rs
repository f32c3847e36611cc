//! Evidence of several flows, cited once.

use crate::attribution::evidence::Evidence;
use crate::capture::FlowId;

/// Evidence with the flow that shows it first, and how many flows do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cited {
    /// The first flow that shows it.
    pub flow: FlowId,
    /// Number of flows that show it.
    pub n_flows: u32,
    /// The first of those flows, at most [`MAX_CITED_FLOWS`].
    pub flows: Vec<FlowId>,
    /// As the first flow shows it.
    pub evidence: Evidence,
}

impl Cited {
    /// Adds the flows of `other`, which shows the same.
    pub(super) fn join(&mut self, other: Self) {
        if other.flow < self.flow {
            self.flow = other.flow;
            self.evidence = other.evidence;
        }
        self.n_flows += other.n_flows;
        self.flows.extend(other.flows);
        self.flows.sort_unstable();
        self.flows.truncate(MAX_CITED_FLOWS);
    }
}

/// Most flows that are listed for one piece of evidence.
pub const MAX_CITED_FLOWS: usize = 50;
