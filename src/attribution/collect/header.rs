//! Headers: the chain of intermediaries, in order where `Via` tells it, and the marks that stores leave.

use super::{Claim, Family, Findings, OWN_RULES, Speaks};
use crate::attribution::across::{Note, Sign};
use crate::attribution::cache_sign::{self, Answer};
use crate::attribution::gates::Gates;
use crate::capture::{Flow, Header, Side};
use crate::providers::{HeaderRule, Place, ServiceId, catalogue};

pub(super) fn collect<'a>(
    findings: &mut Findings<'a>,
    flow: Flow<'a>,
    gates: &Gates,
    notes: &[Note],
) {
    let catalogue = catalogue();
    for header in flow.headers() {
        findings.has_headers |= header.side == Side::Response;
        let value = match header.name {
            "via" | "x-cache" | "x-cache-lookup" | "cache-status" | "x-bluecoat-via" => {
                gates.trim(header.name, header.value)
            }
            _ => header.value,
        };
        if value.is_empty() && !header.value.trim().is_empty() {
            findings.void(
                Family::HeaderChain,
                "gate/local-hop",
                header.value,
                header.span,
            );
        }
        findings.has_cache_sign |= is_cache_sign(header, value, gates);
        for rule in catalogue.header_rules(header.name) {
            if applies(rule, flow, header, value) {
                let region = rule.value.region(value);
                let at = (header.value, header.span);
                findings.add(rule.family, &rule.rule, rule.rule.strength, at, region);
            }
        }
    }
    void_replayed(findings, notes);
    order(findings, flow, gates);
}

fn applies(rule: &HeaderRule, flow: Flow<'_>, header: Header<'_>, value: &str) -> bool {
    let has = |name: &String| {
        flow.headers()
            .any(|other| other.side == Side::Response && other.name == name)
    };
    header.side == Side::Response
        && !value.is_empty()
        && rule.value.passes(value)
        && rule.rule.is_valid_at(flow.start())
        && rule.needs.iter().all(has)
}

/// Sets aside what an edge wrote whose id came back with another response: a cache in front of it replays it.
fn void_replayed(findings: &mut Findings<'_>, notes: &[Note]) {
    for note in notes.iter().filter(|note| note.sign == Sign::ReplayedEdge) {
        let replayed = findings
            .list
            .iter()
            .find_map(|finding| match finding.claim {
                Claim::Edge(service) if finding.span == Some(note.span) => Some(service),
                _ => None,
            });
        let Some(service) = replayed else { continue };
        findings.replayed.push(service);
        for finding in &mut findings.list {
            let is_header = finding.family == Family::HeaderChain;
            if is_header && finding.claim == Claim::Edge(service) {
                finding.claim = Claim::Void(Family::HeaderChain);
                finding.speaks = Speaks::Against;
                finding.rule = "gate/replayed-headers";
                finding.source = OWN_RULES;
            }
        }
    }
}

/// True when a cache that is not on the client's side says that it answered from its store.
fn is_cache_sign(header: Header<'_>, value: &str, gates: &Gates) -> bool {
    header.side == Side::Response
        && match header.name {
            "age" => !gates.has_local_hop() && value.trim().parse().is_ok_and(|age: u64| 0 < age),
            name => cache_sign::answer(name, value) == Some(Answer::Hit),
        }
}

/// Writes down the services that `Via` names: each hop appends itself, so the last one is nearest to the client.
fn order<'a>(findings: &mut Findings<'a>, flow: Flow<'a>, gates: &Gates) {
    let mut hops: Vec<ServiceId> = Vec::new();
    for header in flow.headers() {
        if header.side != Side::Response || header.name != "via" {
            continue;
        }
        for element in gates.trim("via", header.value).split(',').map(str::trim) {
            hops.extend(hop_service(findings, element));
        }
    }
    hops.reverse();
    hops.dedup();
    findings.hops = hops;
}

fn hop_service(findings: &Findings<'_>, element: &str) -> Option<ServiceId> {
    let catalogue = catalogue();
    let named = catalogue.header_rules("via").iter().find(|rule| {
        rule.rule.place == Place::Edge && rule.needs.is_empty() && rule.value.passes(element)
    });
    if let Some(rule) = named {
        return Some(rule.rule.service);
    }
    // Any Varnish calls itself so; it is Fastly's where Fastly left its marks.
    let fastly = catalogue.find("fastly/cdn")?;
    let is_varnish = element.split_whitespace().nth(1) == Some("varnish");
    let has_marks = findings
        .edges()
        .any(|(service, finding)| service == fastly && finding.family == Family::HeaderChain);
    (is_varnish && has_marks).then_some(fastly)
}
