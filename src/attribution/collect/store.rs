//! Which store left the ids of Amazon S3 in a response: many stores speak its protocol, and the form of the ids tells them.

use crate::attribution::evidence::{Claim, Family, OwnRule, Strength};
use crate::attribution::findings::{Finding, Findings};
use crate::base::bytes::Span;
use crate::base::time::Time;
use crate::capture::Flow;
use crate::providers::catalogue;

/// A store answered that is not Amazon's.
pub(in crate::attribution) const IMITATED_STORE: OwnRule = OwnRule::new(
    "gate/imitated-store",
    Family::StorageId,
    "The ids, the server or the host name are those of another store that speaks the protocol of Amazon S3",
);
/// The store numbers requests by the clock.
pub(in crate::attribution) const TIME_AS_ID: OwnRule = OwnRule {
    id: "store/time-as-id",
    family: Family::StorageId,
    about: "The request id is the time of the request in nanoseconds, as MinIO writes it",
    source: "MinIO documentation, request ids, 2026-11",
};

/// Programs and services that answer like Amazon S3, as they name themselves in `Server`.
const IMITATORS: [&str; 8] = [
    "minio",
    "ceph",
    "seaweedfs",
    "garage",
    "wasabi",
    "localstack",
    "swift",
    "rustfs",
];

/// The clocks of two machines may differ so much. A day.
const MAX_DRIFT_MS: f64 = 86_400_000.0;

/// Sets the marks of Amazon S3 aside where another store shows itself, and the marks of a store without a name where one
/// with a name does.
pub(super) fn collect<'a>(findings: &mut Findings<'a>, flow: Flow<'a>) {
    let mut found = findings.list.iter();
    if !found.any(|finding| finding.family == Family::StorageId) {
        return;
    }
    let Some(s3) = catalogue().find("aws/s3") else {
        return;
    };
    let is_amazon_named = findings.origins().any(|(service, finding)| {
        service == s3 && finding.family == Family::Name && finding.strength == Strength::Conclusive
    });
    if is_amazon_named {
        findings.list.retain(|finding| !is_unnamed_store(finding));
        return;
    }
    add_time_as_id(findings, flow);
    let is_mark = |finding: &Finding<'_>| {
        finding.family == Family::StorageId && finding.claim == Claim::Origin(s3)
    };
    if let Some(mark) = findings.list.iter().copied().find(is_mark)
        && let Some((quote, span)) = who_imitates(findings, flow, mark)
    {
        findings.list.retain(|finding| !is_mark(finding));
        findings.void(&IMITATED_STORE, quote, span.unwrap_or_default());
    }
    drop_what_has_a_name(findings);
}

/// A text with where it lies.
type Place<'a> = (&'a str, Option<Span>);

/// Where another store than Amazon's shows itself beside `mark`: in `Server`, by the host name, or by ids of its own.
fn who_imitates<'a>(
    findings: &Findings<'a>,
    flow: Flow<'a>,
    mark: Finding<'a>,
) -> Option<Place<'a>> {
    let server = flow.response_header("server");
    let imitator = server.filter(|server| {
        let name = server.value.to_ascii_lowercase();
        IMITATORS.iter().any(|imitator| name.contains(imitator))
    });
    if let Some(server) = imitator {
        return Some((server.value, Some(server.span)));
    }
    let Claim::Origin(s3) = mark.claim else {
        return None;
    };
    let is_other = |service| {
        catalogue().is_store(service)
            && catalogue().provider_of(service) != catalogue().provider_of(s3)
    };
    // Who says `AmazonS3` is believed where nothing but the form of an id speaks against: captures are cleaned of ids.
    let says_so = server.is_some_and(|server| server.value == "AmazonS3");
    let unnamed = catalogue().find("unnamed-store/s3-compatible");
    let counts = |service| is_other(service) && !(says_so && Some(service) == unnamed);
    let mut others = findings.origins().filter(|(service, _)| counts(*service));
    let other = others.find(|(_, other)| matches!(other.family, Family::Name | Family::StorageId));
    other.map(|(_, other)| match other.family {
        Family::StorageId => (other.quote, other.span),
        _ => (mark.quote, mark.span),
    })
}

/// Adds the store that numbers requests by the clock, where the request id is the time of the request.
fn add_time_as_id<'a>(findings: &mut Findings<'a>, flow: Flow<'a>) {
    let ids = findings
        .list
        .iter()
        .filter(|it| it.family == Family::StorageId);
    let mut timed = ids.filter_map(|id| Some((*id, time_of(id.quote)?)));
    let Some(((id, time), start)) = timed.next().zip(flow.start()) else {
        return;
    };
    let elapsed_ms = start.ms_since(time);
    // A copy carries the id of the request that fetched it.
    let age_ms = || {
        let age = flow.response_header("age")?;
        age.value.trim().parse().ok().map(|age: f64| 1_000.0 * age)
    };
    let is_now = elapsed_ms.abs() <= MAX_DRIFT_MS
        || age_ms().is_some_and(|age_ms| (elapsed_ms - age_ms).abs() <= MAX_DRIFT_MS);
    let minio = catalogue().find("unnamed-store/minio").filter(|_| is_now);
    if let Some(minio) = minio {
        let claim = Claim::Origin(minio);
        let finding = Finding::own(&TIME_AS_ID, claim, Strength::Strong, id.quote);
        findings.list.push(finding.at(id.span.unwrap_or_default()));
    }
}

/// The time that sixteen hexadecimal digits stand for, in nanoseconds since 1970.
fn time_of(id: &str) -> Option<Time> {
    let is_hex = id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    let nanoseconds = i64::from_str_radix(id, 16).ok().filter(|_| is_hex)?;
    Time::from_epoch_seconds(nanoseconds as f64 / 1e9)
}

fn is_unnamed_store(finding: &Finding<'_>) -> bool {
    matches!(finding.claim, Claim::Origin(service)
        if catalogue().is_software(service) && catalogue().is_store(service))
}

/// A store with a name, or software that names itself, says more than that it speaks S3.
fn drop_what_has_a_name(findings: &mut Findings<'_>) {
    let Some(unnamed) = catalogue().find("unnamed-store/s3-compatible") else {
        return;
    };
    let is_named = findings.origins().any(|(service, finding)| {
        let is_telling = matches!(finding.family, Family::Name | Family::StorageId);
        is_telling && service != unnamed && catalogue().is_store(service)
    });
    if is_named {
        findings
            .list
            .retain(|finding| finding.claim != Claim::Origin(unnamed));
    }
    let has_provider = findings.origins().any(|(service, finding)| {
        let is_strong = Strength::Strong <= finding.strength;
        is_strong && catalogue().is_store(service) && !catalogue().is_software(service)
    });
    if has_provider {
        findings.list.retain(|finding| !is_unnamed_store(finding));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_sixteen_digits_may_be_a_time() {
        let time = time_of("189B6F403D73A000").expect("a time");
        assert_eq!(time.to_iso().get(..10), Some("2026-03-10"));
        for id in [
            "",
            "189B6F403D73A00",
            "4442587FB7D0A2FG",
            "E2TQ8V5N7ABCDEFG",
        ] {
            assert_eq!(time_of(id), None, "{id}");
        }
    }
}
