//! Reason, caveats and what would settle it, in sentences.

use super::gather::{Gathered, Shows};
use super::hypothesis::{Hypothesis, Weighed};
use crate::attribution::session::Judged;
use crate::attribution::verdict::Conclusiveness;
use crate::base::text::counted;
use crate::base::time::Time;
use crate::providers::catalogue;

/// Which evidence carries the verdict.
pub(super) fn carried_by(weighed: &Weighed) -> String {
    let mut parts: Vec<String> = Vec::new();
    for cited in &weighed.supporting {
        let words = match cited.evidence.rule.as_str() {
            "store/accepted-write" => "a write that the store accepted",
            "control-plane/handed-out-url" => {
                "the URL of the write, which another party handed out"
            }
            "control-plane/location" => "a redirect of another party to the store",
            "control-plane/authorised-transfer" => "the transfer that another party authorised",
            "behaviour/read-after-write" => "a read of what was written",
            "behaviour/miss-then-hit" => "a miss that became a hit",
            "behaviour/age-grows" => "an Age that grows with the clock",
            "behaviour/repeated-id" => "a response that was replayed",
            _ => continue,
        };
        let part = format!("{words} (flow {})", cited.flow.n());
        if !parts.iter().any(|known| known.starts_with(words)) {
            parts.push(part);
        }
    }
    if parts.is_empty() {
        let n = weighed.supporting.first().map_or(0, |cited| cited.n_flows);
        let n = counted(n.into(), "flow");
        return match weighed.hypothesis {
            Hypothesis::SharedFrontDoor => format!("a front end or platform answered {n}"),
            _ => format!("nothing of {n} came over the network"),
        };
    }
    format!("carried by {}", listed(&parts))
}

/// `a`, `a and b`, `a, b and c`.
fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Why no hypothesis is singled out: the most telling lack first.
pub(super) fn why_inconclusive(gathered: &Gathered<'_>, hypotheses: &[Weighed]) -> String {
    let n = gathered.flows.len();
    let strong: Vec<String> = hypotheses
        .iter()
        .filter(|weighed| Conclusiveness::Strong <= weighed.conclusiveness)
        .map(|weighed| weighed.hypothesis.title().to_lowercase())
        .collect();
    if 1 < strong.len() {
        return format!("the evidence is strong for {} at once", listed(&strong));
    }
    let has = |kind| gathered.has(kind);
    let reason = if gathered.n_tunnels == n {
        "only tunnels were seen: they show where traffic goes, not what is asked for or who answers"
    } else if gathered.n_with_headers == 0 {
        "the capture holds no response headers, so neither stores nor caches can show themselves"
    } else if has(Shows::Write) {
        "a write was accepted, but neither who handed out its URL nor a later read was seen"
    } else if has(Shows::Store) && gathered.edge.is_some() {
        "a store of the provider answers behind its CDN, but no upload was seen: reads alone cannot tell whose data it holds"
    } else if has(Shows::Store) {
        "only reads of a store were seen: they cannot tell the party's own data from an object that lay there already"
    } else if gathered.edge == Some(Conclusiveness::Conflicting) {
        "the evidence contradicts itself about who terminated the connection"
    } else if gathered
        .edge
        .is_some_and(|edge| edge < Conclusiveness::Conclusive)
    {
        "only one kind of evidence that seldom errs names the edge"
    } else if gathered.edge.is_some() {
        "no request was repeated in a way that shows a cache at work"
    } else if has(Shows::FrontDoor) {
        "machines of the provider answered; whether they hold data or pass it on was not seen"
    } else {
        "what names the provider are hints only"
    };
    reason.to_owned()
}

/// What a person could do, by what is missing.
pub(super) fn would_settle_it(
    gathered: &Gathered<'_>,
    verdict: Option<Hypothesis>,
    conclusiveness: Conclusiveness,
) -> Vec<String> {
    if conclusiveness == Conclusiveness::Conclusive {
        return Vec::new();
    }
    let has = |kind| gathered.has(kind);
    let is_open = verdict.is_none();
    let is_storage = verdict == Some(Hypothesis::BackendStorage);
    let n = gathered.flows.len();
    let mut actions: Vec<&str> = Vec::new();
    let mut add = |is_needed: bool, action| {
        if is_needed {
            actions.push(action);
        }
    };
    add(
        gathered.n_replays == n,
        "capture again with the local cache switched off",
    );
    add(
        gathered.n_tunnels == n,
        "capture inside the tunnels, with a proxy that the device trusts",
    );
    add(
        is_open && gathered.n_with_headers == 0 && gathered.n_tunnels < n,
        "capture again with response headers",
    );
    add(
        is_open && gathered.n_with_address == 0,
        "capture again in a format that keeps server addresses",
    );
    add(
        is_open && !has(Shows::Write),
        "upload a file just made of random bytes while capturing, and read it by its URL before anybody else does",
    );
    add(
        (is_open && has(Shows::Write) || is_storage) && !has(Shows::HandedOutWrite),
        "capture the service's own requests as well, with their bodies: they show who hands out the URL of the write",
    );
    add(
        (is_open && has(Shows::Write) || is_storage) && !has(Shows::ReadAfterWrite),
        "read the same object from a second device, or days later: the same ETag shows that the store kept it",
    );
    add(
        is_open && (has(Shows::Store) || has(Shows::StoreHint)),
        "delete or change it in the service and read the URL again: 404 or a new ETag shows who holds the truth",
    );
    add(
        is_open && gathered.edge.is_some() && !has(Shows::Cache),
        "request it twice, ten seconds apart: behind a cache Age grows and a miss becomes a hit",
    );
    add(
        verdict == Some(Hypothesis::CdnOnly) || is_open && gathered.edge.is_some(),
        "ask for it with a new query string: a miss shows what the origin adds",
    );
    add(
        is_open && !has(Shows::Store) && gathered.n_tunnels < n,
        "resolve the host from the same network on the same day and follow its CNAME records",
    );
    actions.into_iter().map(str::to_owned).collect()
}

/// What holds for every verdict of the session.
pub(super) fn common_caveats(session: &[Judged<'_>]) -> Vec<String> {
    let mut caveats = vec!["one capture shows one configuration at one time".to_owned()];
    let inputs = catalogue().ranges().inputs();
    let dates: Vec<String> = inputs.iter().map(|input| input.date.clone()).collect();
    caveats.push(format!("address ranges are of {}", listed(&dates)));
    let newest = dates
        .iter()
        .filter_map(|date| Time::parse_iso(&format!("{date}T00:00:00Z")))
        .max();
    let oldest = session
        .iter()
        .filter_map(|it| it.capture.first_start())
        .min();
    if let (Some(newest), Some(oldest)) = (newest, oldest) {
        const YEAR_MS: f64 = 365.25 * 86_400_000.0;
        let years = (newest.ms_since(oldest) / YEAR_MS).floor();
        if 1.0 <= years {
            caveats.push(format!(
                "the oldest capture is {} older than that: cloud addresses change hands, so they count less",
                counted(years as u64, "year")
            ));
        }
    }
    let is_unread = |it: &&Judged<'_>| !it.attribution.has_read_bodies();
    if session.iter().any(|it| is_unread(&it)) {
        caveats.push("bodies were not searched for the URLs of writes yet".to_owned());
    }
    caveats
}

/// What to keep in mind about the flows of one pair.
pub(super) fn caveats(gathered: &Gathered<'_>) -> Vec<String> {
    let n = gathered.flows.len();
    let mut caveats = Vec::new();
    if 0 < gathered.n_tunnels && gathered.n_tunnels < n {
        caveats.push(format!("{} of {n} flows are tunnels", gathered.n_tunnels));
    }
    if 0 < gathered.n_replays && gathered.n_replays < n {
        caveats.push(format!(
            "{} of {n} flows came over no network and were left out",
            gathered.n_replays
        ));
    }
    if n == 1 {
        caveats.push("there is one flow only".to_owned());
    }
    caveats
}
