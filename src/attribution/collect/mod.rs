//! Finds what speaks for or against a service in one flow: one file per family of evidence.

pub(super) mod address;
pub(super) mod behaviour;
pub(super) mod chain;
pub(super) mod control_plane;
pub(super) mod header;
pub(super) mod log;
pub(super) mod middlebox;
pub(super) mod name;
pub(super) mod store;
mod url_authorisation;
pub(super) mod write;

use super::context::Context;
use super::context::void::is_replay;
use super::evidence::{Family, OwnRule, Strength};
use super::findings::{Findings, NoAnswer};
use super::lookups::Lookups;

use crate::capture::{Flags, Flow, Side};

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
    "The reply came from a cache, a service worker or the browser itself: its headers are copies or made up",
);
/// Nobody behind a proxy of the client's side was asked.
pub(super) const PROXY_ANSWER: OwnRule = OwnRule::new(
    "gate/proxy-answer",
    Family::HeaderChain,
    "The proxy wrote this answer itself: nobody behind it was asked, or nobody answered it",
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
    findings.is_tunnel = flags.contains(Flags::TUNNEL);
    findings.is_replay = is_replay(flow);
    if findings.is_replay {
        no_answer(findings, flow);
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

/// Says why nothing in `flow` is evidence: the quote is the reason that the file gives, or else the URL.
fn no_answer<'a>(findings: &mut Findings<'a>, flow: Flow<'a>) {
    let flags = flow.row().flags;
    let (reason, rule) = if flags.contains(Flags::PROXY_ANSWER) {
        (NoAnswer::Proxy, &PROXY_ANSWER)
    } else if flags.contains(Flags::ABORTED) {
        (NoAnswer::Failed, &NO_RESPONSE)
    } else if flags.contains(Flags::INTERNAL) {
        (NoAnswer::Browser, &NO_NETWORK)
    } else {
        (NoAnswer::Cache, &NO_NETWORK)
    };
    let error = flow
        .headers()
        .find(|header| header.side == Side::Connection && header.name == "error");
    let has_failed = matches!(reason, NoAnswer::Proxy | NoAnswer::Failed);
    let said = error
        .filter(|_| has_failed)
        .map(|error| (error.value, error.span));
    let (quote, span) = said.unwrap_or_else(|| (flow.url(), flow.row().span));
    findings.no_answer = Some(reason);
    findings.void(rule, quote, span);
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
    if context.names.has_logged_edge {
        log::collect(findings, flow);
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
