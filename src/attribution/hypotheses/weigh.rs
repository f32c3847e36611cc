//! How conclusive each hypothesis is, and which one the evidence singles out.

use super::gather::{Gathered, Shows};
use super::hypothesis::{Cited, Hypothesis, PartyVerdict, Weighed};
use super::words;
use crate::attribution::verdict::Conclusiveness;
use crate::providers::ProviderId;

/// The verdict for `party` and `provider`, whose flows show what was `gathered`.
pub(super) fn verdict(
    party: &str,
    provider: ProviderId,
    gathered: Gathered<'_>,
    mut caveats: Vec<String>,
) -> PartyVerdict {
    let hypotheses: Vec<Weighed> = Hypothesis::ALL
        .into_iter()
        .map(|hypothesis| weigh(hypothesis, &gathered))
        .collect();
    let singled_out = single_out(&hypotheses);
    let (verdict, conclusiveness) = match singled_out {
        Ok(weighed) => (Some(weighed.hypothesis), weighed.conclusiveness),
        Err(conclusiveness) => (None, conclusiveness),
    };
    let reason = match singled_out {
        Ok(weighed) => words::carried_by(weighed),
        Err(_) => words::why_inconclusive(&gathered, &hypotheses),
    };
    caveats.extend(words::caveats(&gathered));
    PartyVerdict {
        party: party.to_owned(),
        provider,
        would_settle_it: words::would_settle_it(&gathered, verdict, conclusiveness),
        flows: gathered.flows,
        hypotheses,
        verdict,
        conclusiveness,
        reason,
        caveats,
    }
}

/// The only hypothesis with strong evidence, or why there is none. Conflicts are told, never averaged.
fn single_out(hypotheses: &[Weighed]) -> Result<&Weighed, Conclusiveness> {
    let mut strong = hypotheses
        .iter()
        .filter(|weighed| Conclusiveness::Strong <= weighed.conclusiveness);
    match (strong.next(), strong.next()) {
        (Some(only), None) => Ok(only),
        (Some(_), Some(_)) => Err(Conclusiveness::Conflicting),
        (None, _) => Err(Conclusiveness::Insufficient),
    }
}

fn weigh(hypothesis: Hypothesis, gathered: &Gathered<'_>) -> Weighed {
    use Shows::{
        Cache, Contradiction, Edge, FrontDoor, HandedOutRead, HandedOutWrite, OldObject,
        OtherOrigin, ReadAfterWrite, Replay, Store, StoreHint, Void, Write,
    };
    let (conclusiveness, supporting, opposing): (_, &[Shows], &[Shows]) = match hypothesis {
        Hypothesis::BackendStorage => (
            backend_storage(gathered),
            &[Write, HandedOutWrite, ReadAfterWrite, HandedOutRead],
            &[OtherOrigin],
        ),
        Hypothesis::HostedThere => (
            hosted_there(gathered),
            &[Store, StoreHint, OldObject],
            &[Write],
        ),
        Hypothesis::CdnOnly => (
            cdn_only(gathered),
            &[Edge, Cache, Replay, OtherOrigin],
            &[Contradiction, Write, Store, StoreHint],
        ),
        Hypothesis::SharedFrontDoor => (
            shared_front_door(gathered),
            &[FrontDoor],
            &[Write, Store, Edge],
        ),
        Hypothesis::MeasurementArtefact => (measurement_artefact(gathered), &[Void], &[]),
    };
    let is_idle = conclusiveness == Conclusiveness::Insufficient;
    let supporting: Vec<Cited> = gathered.cited(supporting);
    Weighed {
        hypothesis,
        conclusiveness,
        // What speaks against a hypothesis that nothing speaks for is no news, except for the two that exclude each other.
        opposing: if is_idle && supporting.is_empty() && !is_told_apart(hypothesis) {
            Vec::new()
        } else {
            gathered.cited(opposing)
        },
        supporting,
    }
}

/// The hypotheses between which the question of 2011 lies.
const fn is_told_apart(hypothesis: Hypothesis) -> bool {
    matches!(
        hypothesis,
        Hypothesis::BackendStorage | Hypothesis::HostedThere | Hypothesis::CdnOnly
    )
}

/// An accepted write is a hint; with a control plane that handed out its URL, or a later read, it is strong; with both it
/// is conclusive: both of the same transfer. Reads alone show nothing.
fn backend_storage(gathered: &Gathered<'_>) -> Conclusiveness {
    let accepted = gathered.transfers.values().filter(|it| it.is_accepted);
    let best = accepted.map(
        |transfer| match (transfer.is_handed_out, transfer.is_read) {
            (false, false) => Conclusiveness::Suggestive,
            (true, true) => Conclusiveness::Conclusive,
            _ => Conclusiveness::Strong,
        },
    );
    best.max().unwrap_or(Conclusiveness::Insufficient)
}

/// Reads of a store without a write leave it possible; nothing in one capture can prove it.
fn hosted_there(gathered: &Gathered<'_>) -> Conclusiveness {
    if gathered.has(Shows::Store) && !gathered.has(Shows::Write) {
        Conclusiveness::Suggestive
    } else {
        Conclusiveness::Insufficient
    }
}

/// Strong when the edge is shown by two families, a cache behaves like one, and no store of the provider is seen;
/// conclusive when the origin behind it is seen to be somebody else's.
fn cdn_only(gathered: &Gathered<'_>) -> Conclusiveness {
    let Some(edge) = gathered.edge else {
        return Conclusiveness::Insufficient;
    };
    if gathered.has(Shows::Store) || gathered.has(Shows::Write) {
        return Conclusiveness::Insufficient;
    }
    let is_cache = gathered.has(Shows::Cache);
    match (edge, is_cache, gathered.has(Shows::OtherOrigin)) {
        (Conclusiveness::Conclusive, true, true) => Conclusiveness::Conclusive,
        (Conclusiveness::Conclusive, true, false) => Conclusiveness::Strong,
        (Conclusiveness::Conflicting, ..) => Conclusiveness::Insufficient,
        _ => Conclusiveness::Suggestive,
    }
}

/// Strong when every flow ends at a front end or platform whose role stays open.
fn shared_front_door(gathered: &Gathered<'_>) -> Conclusiveness {
    let n_live = gathered.flows.len() - gathered.n_replays;
    if !gathered.has(Shows::FrontDoor) {
        Conclusiveness::Insufficient
    } else if gathered.n_front_door == n_live
        && gathered.n_with_headers == n_live
        && gathered.n_tunnels == 0
    {
        Conclusiveness::Strong
    } else {
        Conclusiveness::Suggestive
    }
}

/// Strong when no flow touched the network; a hint when every one lacks what the way of measuring took away.
fn measurement_artefact(gathered: &Gathered<'_>) -> Conclusiveness {
    let n = gathered.flows.len();
    if gathered.n_replays == n {
        Conclusiveness::Strong
    } else if gathered.n_voided + gathered.n_replays >= n {
        Conclusiveness::Suggestive
    } else {
        Conclusiveness::Insufficient
    }
}
