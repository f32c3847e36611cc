//! Signatures in the URL that only one service checks; they count when the service accepted them.

use super::{Claim, Family, Finding, Findings, Speaks, Strength};
use crate::capture::Flow;
use crate::providers::{ServiceId, catalogue};

/// One way of signing a URL: all parameters must be there.
pub(in crate::attribution) struct Scheme {
    pub(in crate::attribution) rule: &'static str,
    service: &'static str,
    is_edge: bool,
    pub(in crate::attribution) parameters: &'static [&'static str],
    /// What else must hold for the query.
    is_meant: fn(&str) -> bool,
    pub(in crate::attribution) source: &'static str,
}

/// All of them.
pub(in crate::attribution) const SCHEMES: [Scheme; 8] = [
    Scheme {
        rule: "aws/sigv4",
        service: "aws/s3",
        is_edge: false,
        parameters: &["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature"],
        is_meant: is_scoped_to_s3,
        source: "Amazon S3 API Reference, query authentication with Signature Version 4, 2026-11",
    },
    Scheme {
        rule: "aws/sigv2",
        service: "aws/s3",
        is_edge: false,
        parameters: &["AWSAccessKeyId", "Signature", "Expires"],
        is_meant: |_| true,
        source: "Amazon S3 Developer Guide, query string authentication, 2026-11",
    },
    Scheme {
        rule: "azure/sas",
        service: "azure/blob-storage",
        is_edge: false,
        // Signatures before the version of 2012 carry no `sv`.
        parameters: &["sr", "sig"],
        is_meant: is_storage_resource,
        source: "Azure Storage documentation, service SAS, 2026-11",
    },
    Scheme {
        rule: "azure/account-sas",
        service: "azure/blob-storage",
        is_edge: false,
        parameters: &["ss", "srt", "sv", "sig"],
        is_meant: |_| true,
        source: "Azure Storage documentation, account SAS, 2026-11",
    },
    Scheme {
        rule: "google/signed-url-v4",
        service: "google/cloud-storage",
        is_edge: false,
        parameters: &["X-Goog-Algorithm", "X-Goog-Credential", "X-Goog-Signature"],
        is_meant: |_| true,
        source: "Cloud Storage documentation, signed URLs, 2026-11",
    },
    Scheme {
        rule: "google/signed-url-v2",
        service: "google/cloud-storage",
        is_edge: false,
        parameters: &["GoogleAccessId", "Expires", "Signature"],
        is_meant: |_| true,
        source: "Cloud Storage documentation, V2 signing, 2026-11",
    },
    Scheme {
        rule: "aws/cloudfront-signed-url",
        service: "aws/cloudfront",
        is_edge: true,
        parameters: &["Key-Pair-Id", "Signature"],
        is_meant: |_| true,
        source: "CloudFront Developer Guide, signed URLs, 2026-11",
    },
    Scheme {
        rule: "akamai/token",
        service: "akamai/cdn",
        is_edge: true,
        parameters: &["hdnts"],
        is_meant: |_| true,
        source: "Akamai TechDocs, edge authorization token, 2026-11",
    },
];

/// True when `url` carries a signature that one of the services checks.
pub(in crate::attribution) fn is_signed(url: &str) -> bool {
    url.split_once('?').is_some_and(|(_, query)| {
        may_be_signed(query) && SCHEMES.iter().any(|scheme| scheme.is_in(query))
    })
}

/// A quick look: a signature is long.
const fn may_be_signed(query: &str) -> bool {
    const SHORTEST: usize = 16;
    SHORTEST <= query.len()
}

impl Scheme {
    fn is_in(&self, query: &str) -> bool {
        let mut parameters = self.parameters.iter();
        parameters.all(|name| value_of(query, name).is_some()) && (self.is_meant)(query)
    }
}

/// Signature Version 4 signs requests to every service of AWS; the scope says which.
fn is_scoped_to_s3(query: &str) -> bool {
    let scope = value_of(query, "X-Amz-Credential").and_then(scope_of);
    scope.is_some_and(|scope| {
        let mut parts = scope.split('/').flat_map(|part| part.split("%2F"));
        parts.any(|part| part == "s3" || part.starts_with("s3%2f")) || scope.contains("%2fs3%2f")
    })
}

/// `sr` names a kind of resource of Azure Storage, and something bounds the time; other programs use both names as well.
fn is_storage_resource(query: &str) -> bool {
    let is_kind = |kind: &str| matches!(kind, "b" | "c" | "bs" | "bv" | "d" | "f" | "s");
    let is_bounded = ["se", "si"]
        .iter()
        .any(|name| value_of(query, name).is_some());
    value_of(query, "sr").is_some_and(is_kind) && is_bounded
}

pub(super) fn collect<'a>(findings: &mut Findings<'a>, flow: Flow<'a>) {
    let Some((_, query)) = flow.url().split_once('?') else {
        return;
    };
    if !matches!(flow.status(), Some(200..=399)) || !may_be_signed(query) {
        return;
    }
    for scheme in SCHEMES.iter().filter(|scheme| scheme.is_in(query)) {
        let Some(service) = catalogue().find(scheme.service) else {
            continue;
        };
        let claim = if scheme.is_edge {
            Claim::Edge(service)
        } else {
            Claim::Origin(service)
        };
        let Some(strength) = strength(findings, service) else {
            continue;
        };
        let is_scoped = scheme.rule == "aws/sigv4";
        let credential = value_of(query, "X-Amz-Credential").filter(|_| is_scoped);
        let scope = credential.and_then(scope_of);
        findings.list.push(Finding {
            family: Family::UrlAuthorisation,
            claim,
            speaks: Speaks::For,
            strength,
            rule: scheme.rule,
            // Never the signature itself: it would be a key to the object.
            quote: scope.unwrap_or(scheme.parameters[0]),
            span: None,
            region: scope.and_then(region_of_scope),
            source: scheme.source,
            with: None,
        });
    }
}

/// How much a signature weighs: behind an edge that may check it itself it is a hint, unless something else speaks for the
/// service; and nothing where another store shows itself, since imitators take the same signatures.
fn strength(findings: &Findings<'_>, service: ServiceId) -> Option<Strength> {
    let provider = catalogue().provider_of(service);
    let is_of = |service: ServiceId| catalogue().provider_of(service) == provider;
    let agrees = |finding: &Finding<'_>| match finding.claim {
        Claim::Edge(found) | Claim::Origin(found) => {
            is_of(found) && Strength::Strong <= finding.strength
        }
        Claim::Void(_) => false,
    };
    let is_imitated = |finding: &Finding<'_>| finding.rule == "gate/imitated-store";
    if findings.list.iter().any(is_imitated) {
        return None;
    }
    if findings.list.iter().any(agrees) {
        return Some(Strength::Strong);
    }
    let is_rival = |(found, finding): (ServiceId, &Finding<'_>)| {
        let is_store = catalogue().is_store(found);
        is_store && !is_of(found) && Strength::Strong <= finding.strength
    };
    let has_edge = findings.edges().next().is_some();
    let strength = if has_edge {
        Strength::Suggestive
    } else {
        Strength::Strong
    };
    (!findings.origins().any(is_rival)).then_some(strength)
}

fn value_of<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query.split('&').find_map(|pair| {
        let (found, value) = pair.split_once('=')?;
        found.eq_ignore_ascii_case(name).then_some(value)
    })
}

/// `DATE/REGION/s3/aws4_request` behind the key id; the slashes may be percent-encoded.
fn scope_of(credential: &str) -> Option<&str> {
    ["/", "%2F", "%2f"]
        .iter()
        .find_map(|slash| credential.split_once(slash))
        .map(|(_, scope)| scope)
}

/// The second part of a scope.
fn region_of_scope(scope: &str) -> Option<&str> {
    let (_, rest) = ["/", "%2F", "%2f"]
        .iter()
        .find_map(|slash| scope.split_once(slash))?;
    rest.split(['/', '%'])
        .next()
        .filter(|region| !region.is_empty())
}
