//! What several flows show together: how caches behave, and how stores do.

use crate::attribution::context::across::{Note, Sign};
use crate::attribution::evidence::{Claim, Family, OwnRule, Speaks, Strength};
use crate::attribution::findings::{Finding, Findings};
use crate::capture::{Flow, Side};
use crate::providers::{ServiceId, catalogue};

/// A cache answered with a copy.
pub(in crate::attribution) const REPEATED_ID: OwnRule = OwnRule::new(
    "behaviour/repeated-id",
    Family::Behaviour,
    "An id that is new in every response came twice: a cache answered with a copy",
);
/// One copy answered twice.
pub(in crate::attribution) const AGE_GROWS: OwnRule = OwnRule::new(
    "behaviour/age-grows",
    Family::Behaviour,
    "Between two answers Age grew by the time that passed: one cached copy answered both",
);
/// A cache fetched a copy and then had it.
pub(in crate::attribution) const MISS_THEN_HIT: OwnRule = OwnRule::new(
    "behaviour/miss-then-hit",
    Family::Behaviour,
    "A cache first had to ask for the response, and later had it",
);
/// A store answered itself.
pub(in crate::attribution) const FRESH_IDS: OwnRule = OwnRule::new(
    "behaviour/fresh-ids",
    Family::Behaviour,
    "The store gave each request for the same URL an id of its own: it answered them itself",
);
/// Bytes came back from where they were written.
pub(in crate::attribution) const READ_AFTER_WRITE: OwnRule = OwnRule::new(
    "behaviour/read-after-write",
    Family::Behaviour,
    "What was written was read again at the same place",
);

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
            Sign::FreshIds => (&FRESH_IDS, Strength::Strong),
            Sign::SameTagReadAfterWrite => (&READ_AFTER_WRITE, Strength::Strong),
            Sign::ReadAfterWrite => (&READ_AFTER_WRITE, Strength::Suggestive),
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
        Sign::AgeGrows => &AGE_GROWS,
        Sign::MissThenHit => &MISS_THEN_HIT,
        _ => &REPEATED_ID,
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
    rule: &'static OwnRule,
    claim: Claim,
    speaks: Speaks,
    strength: Strength,
) -> Finding<'a> {
    let is_quoted = |span| !note.span.is_empty() && span == note.span;
    let header = flow
        .headers()
        .find(|header| header.side == Side::Response && is_quoted(header.span));
    let quote = header.map_or_else(|| flow.method(), |header| header.value);
    Finding {
        speaks,
        span: header.map(|header| header.span),
        with: Some(note.other),
        ..Finding::own(rule, claim, strength, quote)
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
