//! What several flows show together: how caches behave, and how stores do.

use super::{Claim, Family, Finding, Findings, OWN_RULES, Speaks, Strength};
use crate::attribution::across::{Note, Sign};
use crate::capture::{Flow, Side};
use crate::providers::{ServiceId, catalogue};

/// Adds what speaks for the store that the other findings name, and keeps what speaks for a cache until the edge is known.
pub(super) fn collect<'a>(findings: &mut Findings<'a>, flow: Flow<'a>, notes: &[Note]) {
    let store = store(findings);
    for note in notes {
        let (rule, strength) = match note.sign {
            Sign::RepeatedId | Sign::AgeGrows | Sign::MissThenHit => {
                findings.cache_notes.push(*note);
                continue;
            }
            Sign::ReplayedEdge => continue,
            Sign::FreshIds => ("behaviour/fresh-ids", Strength::Strong),
            Sign::SameTagReadAfterWrite => ("behaviour/read-after-write", Strength::Strong),
            Sign::ReadAfterWrite => ("behaviour/read-after-write", Strength::Suggestive),
        };
        if let Some(store) = store {
            let claim = Claim::Origin(store);
            let finding = finding(flow, note, rule, claim, Speaks::For, strength);
            findings.list.push(finding);
        }
    }
}

/// What `note` says about a cache: for `claim` as edge, or against it as an origin that was reached directly.
pub(in crate::attribution) fn of_cache<'a>(
    flow: Flow<'a>,
    note: &Note,
    claim: Claim,
    strength: Strength,
) -> Finding<'a> {
    let rule = match note.sign {
        Sign::AgeGrows => "behaviour/age-grows",
        Sign::MissThenHit => "behaviour/miss-then-hit",
        _ => "behaviour/repeated-id",
    };
    let speaks = match claim {
        Claim::Edge(_) => Speaks::For,
        Claim::Origin(_) | Claim::Void(_) => Speaks::Against,
    };
    finding(flow, note, rule, claim, speaks, strength)
}

fn finding<'a>(
    flow: Flow<'a>,
    note: &Note,
    rule: &'static str,
    claim: Claim,
    speaks: Speaks,
    strength: Strength,
) -> Finding<'a> {
    let is_quoted = |span| !note.span.is_empty() && span == note.span;
    let header = flow
        .headers()
        .find(|header| header.side == Side::Response && is_quoted(header.span));
    Finding {
        family: Family::Behaviour,
        claim,
        speaks,
        strength,
        rule,
        quote: header.map_or_else(|| flow.method(), |header| header.value),
        span: header.map(|header| header.span),
        region: None,
        source: OWN_RULES,
        with: Some(note.other),
    }
}

/// The store that ids, signatures or the name show.
fn store(findings: &Findings<'_>) -> Option<ServiceId> {
    let is_store = |service| catalogue().is_store(service);
    let stores = findings.origins().filter(|(service, _)| is_store(*service));
    stores
        .max_by_key(|(_, finding)| (finding.strength, finding.family == Family::Name))
        .map(|(service, _)| service)
}
