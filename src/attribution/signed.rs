//! Signatures in URLs that only one service checks: what they look like and what they are scoped to.

use super::evidence::{Family, OwnRule};

/// One way of signing a URL: all parameters must be there.
pub(super) struct Scheme {
    /// The rule that reads it.
    pub(super) rule: OwnRule,
    /// The service that checks it.
    pub(super) service: &'static str,
    /// True when that service is an edge.
    pub(super) is_edge: bool,
    /// Names in the query.
    pub(super) parameters: &'static [&'static str],
    /// What else must hold for the query.
    is_meant: fn(&str) -> bool,
}

/// All of them.
pub(super) const SCHEMES: [Scheme; 8] = [
    Scheme {
        rule: OwnRule {
            id: "aws/sigv4",
            family: Family::UrlAuthorisation,
            about: "The query of the URL holds X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, which only this service checks",
            source: "Amazon S3 API Reference, query authentication with Signature Version 4, 2026-11",
        },
        service: "aws/s3",
        is_edge: false,
        parameters: &["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature"],
        is_meant: is_scoped_to_s3,
    },
    Scheme {
        rule: OwnRule {
            id: "aws/sigv2",
            family: Family::UrlAuthorisation,
            about: "The query of the URL holds AWSAccessKeyId, Signature, Expires, which only this service checks",
            source: "Amazon S3 Developer Guide, query string authentication, 2026-11",
        },
        service: "aws/s3",
        is_edge: false,
        parameters: &["AWSAccessKeyId", "Signature", "Expires"],
        is_meant: |_| true,
    },
    Scheme {
        rule: OwnRule {
            id: "azure/sas",
            family: Family::UrlAuthorisation,
            about: "The query of the URL holds sr, sig, which only this service checks",
            source: "Azure Storage documentation, service SAS, 2026-11",
        },
        service: "azure/blob-storage",
        is_edge: false,
        // Signatures before the version of 2012 carry no `sv`.
        parameters: &["sr", "sig"],
        is_meant: is_storage_resource,
    },
    Scheme {
        rule: OwnRule {
            id: "azure/account-sas",
            family: Family::UrlAuthorisation,
            about: "The query of the URL holds ss, srt, sv, sig, which only this service checks",
            source: "Azure Storage documentation, account SAS, 2026-11",
        },
        service: "azure/blob-storage",
        is_edge: false,
        parameters: &["ss", "srt", "sv", "sig"],
        is_meant: |_| true,
    },
    Scheme {
        rule: OwnRule {
            id: "google/signed-url-v4",
            family: Family::UrlAuthorisation,
            about: "The query of the URL holds X-Goog-Algorithm, X-Goog-Credential, X-Goog-Signature, which only this service checks",
            source: "Cloud Storage documentation, signed URLs, 2026-11",
        },
        service: "google/cloud-storage",
        is_edge: false,
        parameters: &["X-Goog-Algorithm", "X-Goog-Credential", "X-Goog-Signature"],
        is_meant: |_| true,
    },
    Scheme {
        rule: OwnRule {
            id: "google/signed-url-v2",
            family: Family::UrlAuthorisation,
            about: "The query of the URL holds GoogleAccessId, Expires, Signature, which only this service checks",
            source: "Cloud Storage documentation, V2 signing, 2026-11",
        },
        service: "google/cloud-storage",
        is_edge: false,
        parameters: &["GoogleAccessId", "Expires", "Signature"],
        is_meant: |_| true,
    },
    Scheme {
        rule: OwnRule {
            id: "aws/cloudfront-signed-url",
            family: Family::UrlAuthorisation,
            about: "The query of the URL holds Key-Pair-Id, Signature, which only this service checks",
            source: "CloudFront Developer Guide, signed URLs, 2026-11",
        },
        service: "aws/cloudfront",
        is_edge: true,
        parameters: &["Key-Pair-Id", "Signature"],
        is_meant: |_| true,
    },
    Scheme {
        rule: OwnRule {
            id: "akamai/token",
            family: Family::UrlAuthorisation,
            about: "The query of the URL holds hdnts, which only this service checks",
            source: "Akamai TechDocs, edge authorization token, 2026-11",
        },
        service: "akamai/cdn",
        is_edge: true,
        parameters: &["hdnts"],
        is_meant: |_| true,
    },
];

/// True when `url` carries a signature that one of the services checks.
pub(super) fn is_signed(url: &str) -> bool {
    url.split_once('?').is_some_and(|(_, query)| {
        may_be_signed(query) && SCHEMES.iter().any(|scheme| scheme.is_in(query))
    })
}

/// A quick look: a signature is long.
pub(super) const fn may_be_signed(query: &str) -> bool {
    const SHORTEST: usize = 16;
    SHORTEST <= query.len()
}

impl Scheme {
    /// True when `query` carries all that the scheme asks for.
    pub(super) fn is_in(&self, query: &str) -> bool {
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

/// The value of the parameter `name` in `query`, in any case.
pub(super) fn value_of<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query.split('&').find_map(|pair| {
        let (found, value) = pair.split_once('=')?;
        found.eq_ignore_ascii_case(name).then_some(value)
    })
}

/// `DATE/REGION/s3/aws4_request` behind the key id; the slashes may be percent-encoded.
pub(super) fn scope_of(credential: &str) -> Option<&str> {
    ["/", "%2F", "%2f"]
        .iter()
        .find_map(|slash| credential.split_once(slash))
        .map(|(_, scope)| scope)
}

/// The second part of a scope.
pub(super) fn region_of_scope(scope: &str) -> Option<&str> {
    let (_, rest) = ["/", "%2F", "%2f"]
        .iter()
        .find_map(|slash| scope.split_once(slash))?;
    rest.split(['/', '%'])
        .next()
        .filter(|region| !region.is_empty())
}
