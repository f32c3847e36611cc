//! What the evidence does not exclude, and what a person could do about it. Headwater itself never sends anything.

use super::evidence::{Claim, Family, Strength};
use super::findings::{Findings, NoAnswer};
use super::verdict::{Conclusiveness, Role};
use super::weigh::judgement::Judgement;
use crate::providers::{ServiceId, catalogue};

fn name(service: ServiceId) -> &'static str {
    &catalogue().service(service).name
}

/// Other explanations that the evidence does not exclude.
pub(super) fn rivals(judgement: &Judgement<'_>, findings: &Findings<'_>) -> Vec<String> {
    let mut rivals = Vec::new();
    if let Some(edge) = judgement.edge {
        let live = judgement.behind.iter();
        for other in live.filter(|other| !findings.replayed.contains(other)) {
            rivals.push(format!(
                "{} terminated the connection and {} stands behind it",
                name(*other),
                name(edge.service)
            ));
        }
        if judgement.origin.is_none() && judgement.role == Role::Cdn {
            rivals.push("any origin: nothing that it leaves in a response was seen".to_owned());
        }
    } else if let Some(origin) = judgement.origin {
        if findings.address.is_none() {
            rivals
                .push("an edge that leaves no header, such as Akamai's, in front of it".to_owned());
        }
        if !findings
            .origins()
            .any(|(_, finding)| finding.family == Family::Name)
        {
            rivals.push(format!(
                "a proxy or an imitation of {}",
                name(origin.service)
            ));
        }
    }
    for origin in [judgement.edge, judgement.origin].into_iter().flatten() {
        let remark = &catalogue().service(origin.service).remark;
        if !remark.is_empty() {
            rivals.push(remark.clone());
        }
    }
    if findings
        .list
        .iter()
        .any(|finding| finding.rule == "aws/range-aws-s3-or-ec2")
    {
        rivals.push("a virtual machine: S3 and EC2 share this range".to_owned());
    }
    rivals
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

/// What a person could do to settle it.
pub(super) fn would_settle_it(judgement: &Judgement<'_>, findings: &Findings<'_>) -> Vec<String> {
    let has = |family| {
        findings
            .list
            .iter()
            .any(|finding| finding.family == family && !matches!(finding.claim, Claim::Void(_)))
    };
    let mut actions: Vec<&str> = Vec::new();
    if findings.is_replay {
        actions.extend(
            findings
                .no_answer
                .map(|reason| without_answer(reason, findings)),
        );
        return actions.into_iter().map(str::to_owned).collect();
    }
    if judgement.conclusiveness == Conclusiveness::Conclusive {
        return Vec::new();
    }
    if findings.is_tunnel {
        actions.push("capture inside the tunnel, with a proxy that the device trusts");
    }
    if findings.address.is_none() {
        actions.push(if findings.carries.server_address {
            "capture again without a proxy in between, in a format that keeps server addresses"
        } else {
            "capture again in a format that keeps server addresses, such as a HAR: this one cannot say them"
        });
    } else if !has(Family::Address) {
        actions.push(
            "resolve the host from the same network on the same day and follow its CNAME records",
        );
    }
    if !findings.is_tunnel && !findings.has_headers {
        actions.push(if findings.carries.headers {
            "capture again with response headers"
        } else {
            "capture again in a format that keeps response headers, such as a HAR: this one cannot say them"
        });
    }
    let is_weak = judgement
        .edge
        .is_none_or(|edge| edge.conclusiveness < Conclusiveness::Strong);
    if !findings.is_tunnel && judgement.role != Role::Origin && is_weak {
        actions.push(
            "request it twice, ten seconds apart: behind a cache Age grows and request ids repeat",
        );
        actions.push("request it from a second network: another point of presence with the same ETag means a CDN");
    }
    let has_weak_origin = judgement
        .origin
        .is_some_and(|origin| origin.conclusiveness < Conclusiveness::Strong);
    if judgement.role == Role::Cdn && (judgement.origin.is_none() || has_weak_origin) {
        actions.push("ask for it with a new query string: a miss shows what the origin adds");
    }
    let is_store = findings.origins().any(|(_, finding)| {
        finding.family == Family::StorageId && Strength::Strong <= finding.strength
    });
    if judgement.edge.is_none() && is_store && judgement.role == Role::Unknown {
        actions.push("ask the store's own host name for the same path");
    }
    actions.into_iter().map(str::to_owned).collect()
}
