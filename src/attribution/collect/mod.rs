//! Finds what speaks for or against a service in one flow: one file per family of evidence.

pub(super) mod address;
pub(super) mod behaviour;
pub(super) mod chain;
pub(super) mod control_plane;
pub(super) mod header;
pub(super) mod middlebox;
pub(super) mod name;
pub(super) mod store;
mod url_authorisation;
pub(super) mod write;

use super::context::Context;
use super::context::void::REPLAYS;
use super::evidence::{Family, OwnRule, Strength};
use super::findings::Findings;
use super::lookups::Lookups;
use super::writes::is_made_for_this_request;
use crate::capture::{Flags, Flow};

/// No server answered.
pub(super) const NO_RESPONSE: OwnRule = OwnRule::new(
    "gate/no-response",
    Family::HeaderChain,
    "The request was aborted or never answered",
);
/// No network was asked.
pub(super) const NO_NETWORK: OwnRule = OwnRule::new(
    "gate/no-network",
    Family::HeaderChain,
    "The reply came from a cache of the program, a service worker or a push: its headers are copies",
);
/// Only the way to a server is seen.
pub(super) const TUNNEL: OwnRule = OwnRule::new(
    "gate/tunnel",
    Family::HeaderChain,
    "A CONNECT line shows where a tunnel leads, not what passes through it",
);

/// Fills `findings` with the evidence of `flow`, in the place of what they held before.
pub(super) fn collect<'a>(
    findings: &mut Findings<'a>,
    flow: Flow<'a>,
    context: &Context,
    lookups: &mut Lookups<'a>,
) {
    findings.clear();
    let flags = flow.row().flags;
    findings.carries = flow.capture().info().carries;
    findings.is_reduced = flow.status() == Some(304);
    findings.is_made = is_made_for_this_request(flow);
    findings.is_tunnel = flags.contains(Flags::TUNNEL);
    findings.is_replay = flags.intersects(REPLAYS);
    if findings.is_replay {
        let is_aborted = flags.contains(Flags::ABORTED);
        let rule = if is_aborted {
            &NO_RESPONSE
        } else {
            &NO_NETWORK
        };
        findings.void(rule, flow.url(), flow.row().span);
        return;
    }
    if !context.withheld.headers && middlebox::void_answer(findings, flow) {
        findings.is_replay = true;
        return;
    }
    read(findings, flow, context, lookups);
    if findings.is_tunnel {
        findings.void(&TUNNEL, flow.method(), flow.row().span);
        for finding in &mut findings.list {
            finding.strength = Strength::Suggestive;
        }
    }
}

/// Reads every kind of evidence that is not withheld.
fn read<'a>(
    findings: &mut Findings<'a>,
    flow: Flow<'a>,
    context: &Context,
    lookups: &mut Lookups<'a>,
) {
    let (withheld, gates) = (context.withheld, &context.gates);
    if !withheld.addresses {
        address::collect(findings, flow, gates, lookups);
    }
    if !withheld.names {
        name::collect(findings, flow, lookups);
        if context.names.has_facts {
            name::collect_facts(findings, flow, !withheld.resolutions);
        }
    }
    let notes = context.across.notes(flow.idx());
    if !withheld.headers {
        header::collect(findings, flow, gates, &context.names, lookups, notes);
        middlebox::void_unsigned_store(findings, flow);
    }
    if !withheld.names {
        url_authorisation::collect(findings, flow);
    }
    write::collect(findings, flow);
    behaviour::collect(findings, flow, notes);
    control_plane::collect(findings, flow, context.control_plane.handout(flow.idx()));
}
