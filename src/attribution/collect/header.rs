//! Headers: the marks that intermediaries and stores leave in a response.

use super::chain;
use super::store;
use crate::attribution::cache_sign::{self, Answer};
use crate::attribution::context::across::{Note, Sign};
use crate::attribution::context::header_names::{HeaderNames, Kind};
use crate::attribution::context::void::Gates;
use crate::attribution::evidence::{Claim, Family, OwnRule, Speaks};
use crate::attribution::findings::Findings;
use crate::attribution::lookups::Lookups;
use crate::capture::{Flow, Header, Side};
use crate::providers::{HeaderRule, Place, catalogue};

/// A hop of the client's side wrote the list.
pub(in crate::attribution) const LOCAL_HOP: OwnRule = OwnRule::new(
    "gate/local-hop",
    Family::HeaderChain,
    "The responses of unrelated sites all passed this hop: it stands on the client's side",
);
/// Another cache keeps the marks of an edge.
pub(in crate::attribution) const REPLAYED_HEADERS: OwnRule = OwnRule::new(
    "gate/replayed-headers",
    Family::HeaderChain,
    "An id that is new in every response came back in a later one: a cache in front replays this edge's headers",
);

pub(super) fn collect<'a>(
    findings: &mut Findings<'a>,
    flow: Flow<'a>,
    gates: &Gates,
    names: &HeaderNames,
    lookups: &mut Lookups<'a>,
    notes: &[Note],
) {
    let mut has_order = false;
    let is_age_void = gates.voids_age(flow, names);
    for header in flow.headers() {
        findings.has_headers |= header.side == Side::Response;
        let kind = names.kind(header);
        has_order |= kind.is_list && header.value.contains(',');
        let value = if kind.is_list {
            gates.trim(header.name, header.value)
        } else {
            header.value
        };
        if kind.is_list && value.is_empty() && !header.value.trim().is_empty() {
            findings.void(&LOCAL_HOP, header.value, header.span);
        }
        if kind.is_list && !value.is_empty() && header.name == "x-cache" {
            findings.cache_word = Some(value);
        }
        if findings.cache_sign.is_none() && is_cache_sign(header, kind, value, is_age_void) {
            findings.cache_sign = Some((header.value, header.span));
        }
        if kind.rules.is_empty() || value.is_empty() {
            continue;
        }
        let mut add = |rule: &'static HeaderRule, region: Option<&'a str>| {
            if !applies(rule, flow, gates) {
                return;
            }
            let at = (header.value, header.span);
            findings.add(rule.family, &rule.rule, rule.rule.strength, at, region);
            if header.name == "server" && rule.rule.place == Place::Edge {
                findings.wrote_server = Some(rule.rule.service);
            }
            if kind.is_answer {
                let answer = cache_sign::answer(header.name, value);
                let answer = answer.map(|answer| (rule.rule.service, answer));
                findings.answers.extend(answer);
            }
        };
        if kind.is_varied {
            for rule in kind.rules.iter().filter(|rule| rule.value.passes(value)) {
                add(rule, rule.value.region(value));
            }
        } else {
            for (rule, region) in lookups.passing(header, kind, value) {
                add(rule, region.clone().and_then(|region| value.get(region)));
            }
        }
    }
    void_replayed(findings, notes);
    store::collect(findings, flow);
    let is_ordered = has_order && findings.edges().next().is_some();
    if is_ordered || has_several_edges(findings) {
        findings.hops = chain::of(findings, flow, gates);
    }
}

/// True when headers name more than one provider, so that their order matters.
fn has_several_edges(findings: &Findings<'_>) -> bool {
    let mut edges = findings
        .edges()
        .map(|(service, _)| catalogue().network_of(service));
    edges
        .next()
        .is_some_and(|first| edges.any(|other| other != first))
}

/// True when `rule`, whose test a value passes, holds for this flow.
fn applies(rule: &HeaderRule, flow: Flow<'_>, gates: &Gates) -> bool {
    // A list that only the client's side wrote is not there as far as the server goes.
    let has = |name: &String| {
        flow.headers().any(|other| {
            other.side == Side::Response
                && other.name == name
                && !gates.trim(name, other.value).is_empty()
        })
    };
    rule.rule.is_valid_at(flow.start())
        && rule.needs.iter().all(has)
        && !rule.unless.iter().any(has)
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
                finding.rule = REPLAYED_HEADERS.id;
                finding.source = REPLAYED_HEADERS.source;
            }
        }
    }
}

/// True when a cache that is not on the client's side says that it answered from its store.
fn is_cache_sign(header: Header<'_>, kind: Kind, value: &str, is_age_void: bool) -> bool {
    if kind.is_age {
        return !is_age_void && value.trim().parse().is_ok_and(|age: u64| 0 < age);
    }
    kind.is_answer && cache_sign::answer(header.name, value) == Some(Answer::Hit)
}
