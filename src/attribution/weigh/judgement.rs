//! The answer for one flow while it still borrows from the capture.

use crate::attribution::findings::Finding;
use crate::attribution::verdict::{Carrier, Conclusiveness, RegionId, Role, Verdict};
use crate::providers::ServiceId;

/// One part of the answer, with a region that still borrows from the capture.
#[derive(Clone, Copy, Debug)]
pub(in crate::attribution) struct Part<'a> {
    pub(in crate::attribution) service: ServiceId,
    pub(in crate::attribution) region: Option<&'a str>,
    pub(in crate::attribution) conclusiveness: Conclusiveness,
}

/// The answer for one flow.
#[derive(Clone, Debug)]
pub(in crate::attribution) struct Judgement<'a> {
    pub(in crate::attribution) edge: Option<Part<'a>>,
    pub(in crate::attribution) origin: Option<Part<'a>>,
    pub(in crate::attribution) role: Role,
    pub(in crate::attribution) conclusiveness: Conclusiveness,
    /// What is found only once the edge and the origin are known: what speaks against them, and how a cache behaved.
    pub(in crate::attribution) added: Vec<Finding<'a>>,
    /// True when a cache that does not name itself answered instead of the origin.
    pub(in crate::attribution) is_copy: bool,
    /// Other services that were seen as edges: hops behind the edge, or rivals where the order is unknown.
    pub(in crate::attribution) behind: Vec<ServiceId>,
}

impl Judgement<'_> {
    pub(in crate::attribution) const UNKNOWN: Self = Self {
        edge: None,
        origin: None,
        role: Role::Unknown,
        conclusiveness: Conclusiveness::Insufficient,
        added: Vec::new(),
        is_copy: false,
        behind: Vec::new(),
    };

    /// The answer for a flow, with its regions numbered by `number`; only evidence can be weighed, so none names somebody
    /// without.
    pub(in crate::attribution) fn verdict(
        &self,
        number: &mut dyn FnMut(&str) -> Option<RegionId>,
    ) -> Verdict {
        let mut carrier = |part: Part<'_>| Carrier {
            service: part.service,
            region: part.region.and_then(&mut *number),
            conclusiveness: part.conclusiveness,
        };
        Verdict {
            edge: self.edge.map(&mut carrier),
            origin: self.origin.map(&mut carrier),
            role: self.role,
            conclusiveness: self.conclusiveness,
        }
    }
}
