//! What the log of an edge says by being one: who terminated the connection, and from where the answer came.

use std::net::IpAddr;

use crate::attribution::evidence::{Claim, Family, OwnRule, Strength};
use crate::attribution::findings::{Finding, Findings};
use crate::capture::{Flow, Header, Side};
use crate::providers::{Place, catalogue};

/// Only who terminated a connection can write it down like this.
pub(in crate::attribution) const WRITTEN_BY_THE_EDGE: OwnRule = OwnRule::new(
    "log/written-by-the-edge",
    Family::HeaderChain,
    "The edge wrote this log itself: it terminated the connections in it",
);
/// The address is not the peer's, so it says nothing about the edge, but who was asked.
pub(in crate::attribution) const ORIGIN_ADDRESS: OwnRule = OwnRule::new(
    "log/origin-address",
    Family::HeaderChain,
    "The edge noted the address from which it fetched the answer",
);

pub(super) fn collect<'a>(findings: &mut Findings<'a>, flow: Flow<'a>) {
    for fact in flow.headers().filter(|it| it.side == Side::Connection) {
        match fact.name {
            "log-written-by" => {
                if let Some(edge) = catalogue().find(fact.value) {
                    add(
                        findings,
                        &WRITTEN_BY_THE_EDGE,
                        Claim::Edge(edge),
                        Strength::Conclusive,
                        fact,
                    );
                }
            }
            "origin-address" => add_origin(findings, flow, fact),
            _ => {}
        }
    }
}

/// Names whose address the edge asked; another edge is no origin.
fn add_origin<'a>(findings: &mut Findings<'a>, flow: Flow<'a>, fact: Header<'a>) {
    let address: Option<IpAddr> = fact.value.parse().ok();
    let found = address.and_then(|address| catalogue().address_rule(address, flow.start()));
    if let Some(found) = found.filter(|found| found.rule.place == Place::Origin) {
        let claim = Claim::Origin(found.rule.service);
        let strength = found.rule.strength.min(Strength::Strong);
        add(findings, &ORIGIN_ADDRESS, claim, strength, fact);
        if let Some(last) = findings.list.last_mut() {
            (last.region, last.source) = (found.region, &found.rule.source);
        }
    }
}

fn add<'a>(
    findings: &mut Findings<'a>,
    rule: &'static OwnRule,
    claim: Claim,
    strength: Strength,
    fact: Header<'a>,
) {
    findings
        .list
        .push(Finding::own(rule, claim, strength, fact.value).at(fact.span));
}
