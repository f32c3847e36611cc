//! Signatures in the URL that only one service checks; they count when the service accepted them.

use super::{Claim, Family, Finding, Findings, Speaks, Strength};
use crate::capture::Flow;
use crate::providers::catalogue;

/// One way of signing a URL: all parameters must be there.
pub(in crate::attribution) struct Scheme {
    pub(in crate::attribution) rule: &'static str,
    service: &'static str,
    is_edge: bool,
    pub(in crate::attribution) parameters: &'static [&'static str],
    pub(in crate::attribution) source: &'static str,
}

/// All of them.
pub(in crate::attribution) const SCHEMES: [Scheme; 8] = [
    Scheme {
        rule: "aws/sigv4",
        service: "aws/s3",
        is_edge: false,
        parameters: &["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature"],
        source: "Amazon S3 API Reference, query authentication with Signature Version 4, 2026-11",
    },
    Scheme {
        rule: "aws/sigv2",
        service: "aws/s3",
        is_edge: false,
        parameters: &["AWSAccessKeyId", "Signature", "Expires"],
        source: "Amazon S3 Developer Guide, query string authentication, 2026-11",
    },
    Scheme {
        rule: "azure/sas",
        service: "azure/blob-storage",
        is_edge: false,
        // Signatures before the version of 2012 carry no `sv`.
        parameters: &["sr", "sig"],
        source: "Azure Storage documentation, service SAS, 2026-11",
    },
    Scheme {
        rule: "azure/account-sas",
        service: "azure/blob-storage",
        is_edge: false,
        parameters: &["ss", "srt", "sv", "sig"],
        source: "Azure Storage documentation, account SAS, 2026-11",
    },
    Scheme {
        rule: "google/signed-url-v4",
        service: "google/cloud-storage",
        is_edge: false,
        parameters: &["X-Goog-Algorithm", "X-Goog-Credential", "X-Goog-Signature"],
        source: "Cloud Storage documentation, signed URLs, 2026-11",
    },
    Scheme {
        rule: "google/signed-url-v2",
        service: "google/cloud-storage",
        is_edge: false,
        parameters: &["GoogleAccessId", "Expires", "Signature"],
        source: "Cloud Storage documentation, V2 signing, 2026-11",
    },
    Scheme {
        rule: "aws/cloudfront-signed-url",
        service: "aws/cloudfront",
        is_edge: true,
        parameters: &["Key-Pair-Id", "Signature"],
        source: "CloudFront Developer Guide, signed URLs, 2026-11",
    },
    Scheme {
        rule: "akamai/token",
        service: "akamai/cdn",
        is_edge: true,
        parameters: &["hdnts"],
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
        parameters.all(|name| value_of(query, name).is_some())
    }
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
        let is_scoped = scheme.rule == "aws/sigv4";
        let credential = value_of(query, "X-Amz-Credential").filter(|_| is_scoped);
        let scope = credential.and_then(scope_of);
        findings.list.push(Finding {
            family: Family::UrlAuthorisation,
            claim,
            speaks: Speaks::For,
            strength: Strength::Strong,
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
