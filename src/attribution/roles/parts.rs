//! A verdict read as roles: which services give a flow's party what.

use super::cells::Cell;
use super::relation::RelationRole;
use crate::attribution::evidence::{Claim, Family, Speaks, Strength};
use crate::attribution::shown::Shown;
use crate::attribution::url::registrable;
use crate::attribution::verdict::{Carrier, Conclusiveness, RegionId, Role};
use crate::providers::{ProviderId, ServiceId, ServiceKind, catalogue};

/// One role that a verdict gives to a service.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) service: ServiceId,
    pub(super) role: RelationRole,
    pub(super) level: Conclusiveness,
    pub(super) region: Option<RegionId>,
    /// For `delivers`: who stands behind it.
    pub(super) behind: Option<Carrier>,
    /// True when an edge stands in front of it.
    pub(super) is_behind: bool,
}

impl Part {
    fn of(carrier: Carrier, role: RelationRole) -> Self {
        Self {
            service: carrier.service,
            role,
            level: carrier.conclusiveness,
            region: carrier.region,
            behind: None,
            is_behind: false,
        }
    }
}

/// All roles that the verdict of `cell` gives, the terminating party's first.
pub(super) fn parts(cell: &Cell<'_>) -> Vec<Part> {
    if cell.is_unanswered {
        return Vec::new();
    }
    let (edge, origin) = (cell.verdict.edge, cell.verdict.origin);
    let front = edge.and_then(|edge| of_edge(cell, edge));
    let mut parts: Vec<Part> = front.into_iter().collect();
    parts.extend(cell.shown.hops.iter().filter_map(|hop| {
        let level = level_of_hop(*hop, cell.shown)?;
        let hop = Carrier {
            service: *hop,
            region: None,
            conclusiveness: level,
        };
        let is_cdn = catalogue().service(hop.service).kind == ServiceKind::Cdn;
        let part = Part {
            behind: origin,
            is_behind: true,
            ..Part::of(hop, RelationRole::Delivers)
        };
        (is_cdn && !catalogue().is_software(hop.service)).then_some(part)
    }));
    if let Some(part) = origin.and_then(|origin| of_origin(cell, origin)) {
        // A company's own front end before its own content is one house.
        let is_own = part.role == RelationRole::Own;
        if is_own && cell.verdict.role == Role::Origin {
            parts.retain(|front| !is_same_house(front.service, part.service));
        }
        let is_new = |known: &Part| (known.service, known.role) != (part.service, part.role);
        if parts.iter().all(is_new) {
            parts.push(Part {
                is_behind: !parts.is_empty(),
                ..part
            });
        }
    }
    parts
}

/// What the service that terminated the connection does for the party.
fn of_edge(cell: &Cell<'_>, edge: Carrier) -> Option<Part> {
    let service = catalogue().service(edge.service);
    let origin = cell.verdict.origin;
    let is_alone = origin.is_none_or(|origin| is_same_house(origin.service, edge.service));
    let is_own = is_alone && is_run_by(cell, service.provider);
    let role = match service.kind {
        _ if catalogue().is_software(edge.service) => return None,
        ServiceKind::Gateway => return None,
        ServiceKind::Platform if cell.verdict.role == Role::Cdn => RelationRole::Delivers,
        ServiceKind::Platform | ServiceKind::Cdn if is_own => RelationRole::Own,
        ServiceKind::Platform => RelationRole::Hosts,
        ServiceKind::FrontEnd if is_own && cell.verdict.role == Role::Origin => RelationRole::Own,
        // The front of a cloud before one of its own services is no service of its own.
        ServiceKind::FrontEnd if origin.is_some() && is_alone && cell.verdict.role != Role::Cdn => {
            return None;
        }
        ServiceKind::Cdn | ServiceKind::FrontEnd => RelationRole::Delivers,
        ServiceKind::Storage => RelationRole::Stores,
        ServiceKind::Compute => RelationRole::Computes,
    };
    let behind = origin.filter(|origin| origin.service != edge.service);
    // That it answered from a cache tells which product it is, and a cache behind it may have said so.
    let most = match service.before_cache {
        Some(_) => Conclusiveness::Strong,
        None => Conclusiveness::Conclusive,
    };
    Some(Part {
        behind: behind.filter(|_| role == RelationRole::Delivers),
        level: edge.conclusiveness.min(most),
        ..Part::of(edge, role)
    })
}

/// What the service whose storage or compute answered does for the party.
fn of_origin(cell: &Cell<'_>, origin: Carrier) -> Option<Part> {
    let service = catalogue().service(origin.service);
    let is_own = service.is_own || is_run_by(cell, service.provider);
    let role = match service.kind {
        ServiceKind::Gateway => return None,
        _ if is_only_todays_network(cell, origin) => return None,
        ServiceKind::Storage => RelationRole::Stores,
        _ if is_own => RelationRole::Own,
        ServiceKind::Platform => RelationRole::Hosts,
        ServiceKind::Cdn => RelationRole::Delivers,
        ServiceKind::Compute | ServiceKind::FrontEnd => RelationRole::Computes,
    };
    let is_machine = role == RelationRole::Computes && is_at_address(cell, origin.service);
    let level = if is_machine {
        origin.conclusiveness.max(Conclusiveness::Strong)
    } else {
        origin.conclusiveness
    };
    Some(Part {
        level,
        ..Part::of(origin, role)
    })
}

/// True when the client talked to a machine of `service`, whose range the address lay in at the time. Whether that machine
/// holds the truth or passes it on, it computes for the party.
fn is_at_address(cell: &Cell<'_>, service: ServiceId) -> bool {
    let of_address = |speaks: Speaks| {
        cell.shown.marks.iter().any(|mark| {
            mark.family == Family::Address
                && mark.claim == Claim::Origin(service)
                && mark.speaks == speaks
        })
    };
    let is_software = |edge: Carrier| catalogue().is_software(edge.service);
    // Without a time nobody knows whose the address was then.
    cell.first.start().is_some()
        && cell.verdict.edge.is_none_or(is_software)
        && !catalogue().is_software(service)
        && of_address(Speaks::For)
        && !of_address(Speaks::Against)
}

/// True when all that is known is who holds the network today, long after the capture.
fn is_only_todays_network(cell: &Cell<'_>, origin: Carrier) -> bool {
    catalogue().path(origin.service) == "own-network/servers"
        && origin.conclusiveness <= Conclusiveness::Suggestive
        && is_old(cell)
}

/// True when the tables of ranges and networks are more than three years younger than the cell, or its time is not known.
pub(super) fn is_old(cell: &Cell<'_>) -> bool {
    const MAX_AGE_MS: f64 = 3.0 * 365.25 * 86_400_000.0;
    let dates = cell.first.start().zip(catalogue().ranges_date());
    dates.is_none_or(|(start, date)| MAX_AGE_MS < date.ms_since(start))
}

/// How conclusive it is that `hop` passed the answer on; nothing when only its absence was noted.
fn level_of_hop(hop: ServiceId, shown: &Shown) -> Option<Conclusiveness> {
    let marks = shown.marks.iter();
    let of_hop = marks.filter(|mark| mark.claim == Claim::Edge(hop));
    let best = of_hop.map(|mark| mark.strength).max()?;
    Some(if Strength::Strong <= best {
        Conclusiveness::Strong
    } else {
        Conclusiveness::Suggestive
    })
}

fn is_same_house(one: ServiceId, other: ServiceId) -> bool {
    catalogue().network_of(one) == catalogue().network_of(other)
}

/// True when `provider` answers under a name of its own.
fn is_run_by(cell: &Cell<'_>, provider: ProviderId) -> bool {
    is_own_name(cell.first.host(), provider)
        || is_own_name(cell.party, provider)
        || goes_by(cell.party, provider)
}

/// True when `party` goes by the very name of `provider`: `hetzner.de`.
fn goes_by(party: &str, provider: ProviderId) -> bool {
    const MIN_NAME: usize = 4;
    let id = &catalogue().provider(provider).id;
    let domain = registrable(party);
    MIN_NAME <= id.len() && party == domain && domain.split('.').next() == Some(id.as_str())
}

/// True when `host` is one of the names under which `provider` shows its own content.
pub(super) fn is_own_name(host: &str, provider: ProviderId) -> bool {
    catalogue().host_rules(host).iter().any(|found| {
        let service = found.rule.rule.service;
        found.rule.is_first_party && catalogue().provider_of(service) == provider
    })
}
