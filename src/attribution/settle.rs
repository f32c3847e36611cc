//! What the evidence does not exclude, and what a person could do about it. Headwater itself never sends anything.

use super::evidence::{Claim, Family, Strength};
use super::findings::{Finding, Findings, NoAnswer};
use super::verdict::{Conclusiveness, Role};
use super::weigh::judgement::{Judgement, Part};
use crate::base::time::Time;
use crate::capture::Flow;
use crate::providers::{ServiceId, catalogue};

fn name(service: ServiceId) -> &'static str {
    &catalogue().service(service).name
}

/// Other explanations that the evidence does not exclude, and what one has to know about who is named.
pub(super) fn rivals(judgement: &Judgement<'_>, findings: &Findings<'_>) -> Vec<String> {
    let mut rivals = Vec::new();
    match (judgement.edge, judgement.origin) {
        (Some(edge), origin) => {
            // An address or an ordered list excludes another order.
            if edge.conclusiveness < Conclusiveness::Strong {
                let live = judgement.behind.iter();
                let others = live.filter(|other| !findings.replayed.contains(other));
                rivals.extend(others.map(|other| other_order(*other, edge.service)));
            }
            if origin.is_none() && judgement.role == Role::Cdn {
                rivals.push("any origin: nothing that it leaves in a response was seen".to_owned());
            }
        }
        (None, Some(origin)) => rivals.extend(instead_of(origin, findings)),
        (None, None) => {}
    }
    rivals.extend(remarks(judgement, findings));
    rivals
}

fn other_order(front: ServiceId, back: ServiceId) -> String {
    let (front, back) = (name(front), name(back));
    format!("{front} terminated the connection and {back} stands behind it")
}

/// What may have answered instead of `origin`.
fn instead_of(origin: Part<'_>, findings: &Findings<'_>) -> Vec<String> {
    let mut rivals = Vec::new();
    if findings.address.is_none() {
        rivals.push("an edge that leaves no header, such as Akamai's, in front of it".to_owned());
    }
    let is_named = findings
        .origins()
        .any(|(_, finding)| finding.family == Family::Name);
    let is_by_address = findings.address_of() == Some(catalogue().network_of(origin.service));
    if !is_named && catalogue().is_store(origin.service) {
        let name = name(origin.service);
        rivals.push(format!("a proxy in front of {name}, or an imitation of it"));
    } else if !is_named && is_by_address {
        rivals.push("a proxy or cache of the site's own on this machine".to_owned());
    }
    rivals
}

/// What one has to know to read the answer.
fn remarks(judgement: &Judgement<'_>, findings: &Findings<'_>) -> Vec<String> {
    let mut remarks = Vec::new();
    if judgement.role == Role::Origin
        && let Some(edge) = judgement.edge.filter(|_| findings.cache_sign.is_some())
    {
        let edge = name(edge.service);
        remarks.push(format!(
            "{edge} answered from its own cache; nobody else holds the original"
        ));
    }
    for part in [judgement.edge, judgement.origin].into_iter().flatten() {
        let remark = &catalogue().service(part.service).remark;
        if !remark.is_empty() && !remarks.contains(remark) {
            remarks.push(remark.clone());
        }
    }
    let shares = |finding: &Finding<'_>| finding.rule == "aws/range-aws-s3-or-ec2";
    if findings.list.iter().any(shares) {
        remarks.push("a virtual machine: S3 and EC2 share this range".to_owned());
    }
    remarks
}

/// What helps against a reason for which no server answered.
fn without_answer(reason: NoAnswer, findings: &Findings<'_>) -> &'static str {
    match reason {
        NoAnswer::Cache => "capture the request again with the local cache switched off",
        NoAnswer::Browser => {
            "look at the request that followed: this answer was made inside the browser"
        }
        NoAnswer::Proxy => "capture where the proxy lets the request pass, or without the proxy",
        NoAnswer::Failed => {
            let error = findings.list.first().map_or("", |finding| finding.quote);
            after_failure(error)
        }
    }
}

/// What helps against the failure that the capture calls `error`, in the words of browsers.
fn after_failure(error: &str) -> &'static str {
    let error = error.to_ascii_uppercase();
    let has = |words: &[&str]| words.iter().any(|word| error.contains(word));
    if has(&["BLOCKED_BY_CLIENT", "CONTENT_BLOCKED", "BLOCKED:OTHER"]) {
        "capture without the extension that blocked the request"
    } else if has(&[
        "NAME_NOT_RESOLVED",
        "NAME_RESOLUTION",
        "DNS",
        "UNKNOWN_HOST",
        "UNKNOWNHOST",
    ]) {
        "check the name of the host: it could not be resolved; resolve it from another network"
    } else if has(&["CERT", "SSL"]) {
        "look at the certificate of the host: the connection could not be trusted"
    } else {
        "repeat the request: it failed before anybody answered"
    }
}

/// A capture that is older than this says little about what a name leads to today. A month.
const MAX_AGE_MS: f64 = 31.0 * 86_400_000.0;

/// What a person could do to settle it.
pub(super) fn would_settle_it(
    flow: Flow<'_>,
    judgement: &Judgement<'_>,
    findings: &Findings<'_>,
) -> Vec<String> {
    let mut actions: Vec<String> = Vec::new();
    let mut advise = |advice: &str| actions.push(advice.to_owned());
    if findings.is_replay {
        if let Some(reason) = findings.no_answer {
            advise(without_answer(reason, findings));
        }
        return actions;
    }
    if findings.is_tunnel {
        advise("capture inside the tunnel, with a proxy that the device trusts");
    }
    if judgement.conclusiveness != Conclusiveness::Conclusive {
        for advice in what_is_missing(findings) {
            advise(advice);
        }
    }
    actions.extend(about_the_edge(flow, judgement, findings));
    actions.extend(about_the_origin(judgement, findings));
    actions
}

/// How to capture what this capture does not hold.
fn what_is_missing(findings: &Findings<'_>) -> impl Iterator<Item = &'static str> {
    let address = findings.address.is_none().then_some(if findings.carries.server_address {
        "capture again without a proxy in between, in a format that keeps server addresses"
    } else {
        "capture again in a format that keeps server addresses, such as a HAR: this one cannot say them"
    });
    let has_none = !findings.is_tunnel && !findings.has_headers;
    let headers = has_none.then_some(if findings.carries.headers {
        "capture again with response headers"
    } else {
        "capture again in a format that keeps response headers, such as a HAR: this one cannot say them"
    });
    address.into_iter().chain(headers)
}

/// How to tell who terminates the connection.
fn about_the_edge(
    flow: Flow<'_>,
    judgement: &Judgement<'_>,
    findings: &Findings<'_>,
) -> Vec<String> {
    let has = |family| {
        let mut known = findings.list.iter();
        known.any(|it| it.family == family && !matches!(it.claim, Claim::Void(_)))
    };
    let is_sure = judgement.conclusiveness == Conclusiveness::Conclusive;
    if findings.is_tunnel || is_sure {
        return Vec::new();
    }
    let mut actions: Vec<String> = Vec::new();
    let only_address = has(Family::Address) && !has(Family::HeaderChain) && !has(Family::Name);
    let edge = judgement
        .edge
        .filter(|_| only_address)
        .map(|edge| catalogue().service(edge.service));
    let debug = edge
        .map(|edge| edge.debug_header.as_str())
        .filter(|header| !header.is_empty());
    if let Some(header) = debug {
        actions.push(format!(
            "request it again with `{header}`: this edge then names itself"
        ));
    }
    let is_fresh = flow
        .start()
        .is_some_and(|start| Time::now().ms_since(start) < MAX_AGE_MS);
    let is_unnamed = findings.address.is_some() && !has(Family::Name);
    if is_fresh && is_unnamed && (only_address || !has(Family::Address)) {
        actions.push(
            "resolve the host from the same network today and follow its CNAME records".to_owned(),
        );
    }
    let is_weak = judgement
        .edge
        .is_none_or(|edge| edge.conclusiveness < Conclusiveness::Strong);
    if judgement.role != Role::Origin && is_weak {
        actions.push(
            "request it twice, ten seconds apart: behind a cache Age grows and request ids repeat"
                .to_owned(),
        );
        let is_own_cache = judgement
            .edge
            .is_some_and(|edge| catalogue().is_software(edge.service));
        if is_own_cache {
            return actions;
        }
        actions.push("request it from a second network: another point of presence with the same ETag means a CDN".to_owned());
    }
    actions
}

/// How to see who stands behind the edge, or whether the store itself was reached.
fn about_the_origin(judgement: &Judgement<'_>, findings: &Findings<'_>) -> Vec<String> {
    let mut actions: Vec<String> = Vec::new();
    let is_weak = judgement
        .origin
        .is_none_or(|it| it.conclusiveness < Conclusiveness::Strong);
    if judgement.role == Role::Cdn && is_weak {
        actions.push(
            "ask for it with a new query string: a miss shows what the origin adds".to_owned(),
        );
    }
    let is_store = findings.origins().any(|(_, finding)| {
        finding.family == Family::StorageId && Strength::Strong <= finding.strength
    });
    if judgement.edge.is_none() && is_store && judgement.role == Role::Unknown {
        actions.push("ask the store's own host name for the same path".to_owned());
    }
    actions
}
