//! What to do with a header by its name: evidence stays, secrets go, and so does what nobody knows.

use std::sync::LazyLock;

use foldhash::HashMap;

use super::keys::is_secret_key;
use crate::providers::is_evidence_header;

/// What to do with a header's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeaderRule {
    /// `a=1; b=2`: all values go.
    Cookies,
    /// `a=1; Path=/`: the first value goes, the known attributes stay.
    SetCookie,
    /// `Bearer …`: the scheme stays.
    Credentials,
    /// `chat, bearer, …`: the names of protocols stay.
    Protocols,
    /// The address of a person's machine.
    ClientAddress,
    /// A URL.
    Url,
    /// `5; url=…`.
    Refresh,
    /// `</a>; rel=next`.
    Links,
    /// Evidence: stays, unless a token of known form stands in it.
    Evidence,
    /// The whole value goes, since the name says that it is a secret.
    Secret,
    /// Judged as text.
    Harmless,
    /// Nobody knows what it may hold: the whole value goes.
    Unknown,
}

const CREDENTIALS: &[&str] = &[
    "authorization",
    "proxy-authorization",
    "www-authenticate",
    "proxy-authenticate",
    "authentication-info",
    "proxy-authentication-info",
];

const CLIENT_ADDRESSES: &[&str] = &[
    "x-forwarded-for",
    "x-original-forwarded-for",
    "x-real-ip",
    "x-client-ip",
    "x-remote-ip",
    "x-remote-addr",
    "x-originating-ip",
    "true-client-ip",
    "client-ip",
    "cf-connecting-ip",
    "cf-connecting-ipv6",
    "cf-pseudo-ipv4",
    "fastly-client-ip",
    "x-cluster-client-ip",
    "x-azure-clientip",
    "x-azure-socketip",
    "x-appengine-user-ip",
    "x-envoy-external-address",
    "x-proxyuser-ip",
    "forwarded",
];

const URLS: &[&str] = &[
    ":path",
    "location",
    "content-location",
    "referer",
    "referrer",
    "origin",
    "x-original-url",
    "x-original-uri",
    "x-original-path",
    "x-rewrite-url",
    "x-forwarded-uri",
    "x-forwarded-url",
    "x-forwarded-path",
    "x-forwarded-prefix",
    "x-request-uri",
    "x-request-url",
    "x-envoy-original-path",
    "x-replaced-path",
    "x-amz-copy-source",
    "x-amz-website-redirect-location",
    "x-ms-copy-source",
    "x-goog-copy-source",
    "x-pingback",
    "x-sourcemap",
    "sourcemap",
    "destination",
    "ping-from",
    "ping-to",
];

/// Headers that say who serves, beside those that the packs of providers read.
const EVIDENCE: &[&str] = &[
    "accept-ranges",
    "age",
    "alt-svc",
    "cache-control",
    "cache-status",
    "cdn-cache-control",
    "cdn-loop",
    "cf-cache-status",
    "cf-ray",
    "content-encoding",
    "content-length",
    "content-md5",
    "content-type",
    "date",
    "etag",
    "expires",
    "if-modified-since",
    "if-none-match",
    "last-modified",
    "server",
    "server-timing",
    "surrogate-control",
    "transfer-encoding",
    "vary",
    "via",
    "x-amz-bucket-region",
    "x-amz-cf-id",
    "x-amz-cf-pop",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-id-2",
    "x-amz-request-id",
    "x-amz-server-side-encryption",
    "x-amz-version-id",
    "x-azure-ref",
    "x-cache",
    "x-cache-hits",
    "x-cache-lookup",
    "x-goog-hash",
    "x-ms-request-id",
    "x-ms-version",
    "x-served-by",
    "x-timer",
];

/// Beginnings of names that hold evidence, whoever sends them: what edges say about themselves, and what stores say about
/// an object.
const EVIDENCE_BEGINNINGS: &[&str] = &[
    "akamai-",
    "cdn-",
    "cf-",
    "fastly-debug-",
    "surrogate-",
    "x-akamai-",
    "x-amz-cf-",
    "x-cache-",
    "x-cdn-",
    "x-check-cacheable",
    "x-edge-",
    "x-fastly-",
    "x-goog-generation",
    "x-goog-metageneration",
    "x-goog-storage-",
    "x-goog-stored-",
    "x-guploader-",
    "x-ms-blob-",
    "x-ms-lease-",
    "x-varnish",
];

/// Headers that are secret as a whole although no part of their name says so.
const SECRET_HEADERS: &[&str] = &[
    "cf-access-client-id",
    "cf-access-client-secret",
    "dpop",
    "sec-websocket-accept",
    "sec-websocket-key",
    "x-amz-cf-signature",
    "x-apple-i-md",
    "x-apple-i-md-m",
    "x-client-data",
    "x-clockwork-id",
    "x-forwarded-client-cert",
    "x-mme-client-info",
    "x-ms-client-principal",
    "x-ms-client-principal-id",
    "x-ms-client-principal-name",
    "x-sid",
    "x-uid",
];

/// Beginnings of header names whose values are secrets: who somebody is, keys of customers, and what debuggers say.
const SECRET_BEGINNINGS: &[&str] = &[
    "x-amz-copy-source-server-side-encryption-customer-key",
    "x-amz-server-side-encryption-context",
    "x-amz-server-side-encryption-customer-key",
    "x-api-auth",
    "x-auth",
    "x-authenticated-",
    "x-debug",
    "x-forwarded-email",
    "x-forwarded-user",
    "x-forwarded-preferred-username",
    "x-goog-authenticated-user-",
    "x-goog-copy-source-encryption-key",
    "x-goog-encryption-key",
    "x-goog-iap-",
    "x-ms-copy-source-authorization",
    "x-ms-encryption-key",
    "x-remote-user",
    "x-user",
];

/// Headers that say nothing about a person; their text is judged nevertheless.
const HARMLESS: &[&str] = &[
    ":authority",
    ":method",
    ":scheme",
    ":status",
    "accept",
    "accept-ch",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "accept-patch",
    "accept-post",
    "allow",
    "connection",
    "content-disposition",
    "content-language",
    "content-range",
    "content-security-policy",
    "content-security-policy-report-only",
    "content-transfer-encoding",
    "critical-ch",
    "cross-origin-embedder-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "depth",
    "device-memory",
    "digest",
    "dnt",
    "downlink",
    "ect",
    "expect",
    "expect-ct",
    "feature-policy",
    "host",
    "http2-settings",
    "if-match",
    "if-range",
    "if-unmodified-since",
    "keep-alive",
    "max-forwards",
    "mime-version",
    "nel",
    "origin-agent-cluster",
    "origin-trial",
    "p3p",
    "permissions-policy",
    "pragma",
    "priority",
    "proxy-connection",
    "proxy-status",
    "public-key-pins",
    "purpose",
    "range",
    "referrer-policy",
    "report-to",
    "reporting-endpoints",
    "retry-after",
    "rtt",
    "save-data",
    "sec-gpc",
    "sec-purpose",
    "sec-websocket-extensions",
    "sec-websocket-version",
    "service-worker-allowed",
    "service-worker-navigation-preload",
    "speculation-rules",
    "status",
    "strict-transport-security",
    "te",
    "timing-allow-origin",
    "tk",
    "trailer",
    "upgrade",
    "upgrade-insecure-requests",
    "user-agent",
    "variants",
    "viewport-width",
    "want-digest",
    "warning",
    "width",
    "x-amzn-remapped-content-length",
    "x-aspnet-version",
    "x-aspnetmvc-version",
    "x-content-type-options",
    "x-dns-prefetch-control",
    "x-download-options",
    "x-drupal-cache",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
    "x-frame-options",
    "x-generator",
    "x-http-method-override",
    "x-permitted-cross-domain-policies",
    "x-powered-by",
    "x-requested-with",
    "x-robots-tag",
    "x-runtime",
    "x-ua-compatible",
    "x-xss-protection",
];

/// Beginnings of names that are harmless together.
const HARMLESS_BEGINNINGS: &[&str] = &["access-control-", "sec-ch-", "sec-fetch-"];

/// The rules for names that are known in full; what stands further up wins.
static BY_NAME: LazyLock<HashMap<&str, HeaderRule>> = LazyLock::new(|| {
    let single = [
        ("cookie", HeaderRule::Cookies),
        ("cookie2", HeaderRule::Cookies),
        ("set-cookie", HeaderRule::SetCookie),
        ("set-cookie2", HeaderRule::SetCookie),
        ("sec-websocket-protocol", HeaderRule::Protocols),
        ("refresh", HeaderRule::Refresh),
        ("link", HeaderRule::Links),
    ];
    let lists = [
        (HARMLESS, HeaderRule::Harmless),
        (SECRET_HEADERS, HeaderRule::Secret),
        (EVIDENCE, HeaderRule::Evidence),
        (URLS, HeaderRule::Url),
        (CLIENT_ADDRESSES, HeaderRule::ClientAddress),
        (CREDENTIALS, HeaderRule::Credentials),
    ];
    let listed = lists
        .into_iter()
        .flat_map(|(names, rule)| names.iter().map(move |name| (*name, rule)));
    listed.chain(single).collect()
});

/// The rule for the header `name`, in any case.
pub(super) fn header_rule(name: &str) -> HeaderRule {
    let name = name.trim().to_ascii_lowercase();
    let begins = |list: &[&str]| list.iter().any(|start| name.starts_with(start));
    let known = BY_NAME.get(name.as_str()).copied();
    match known {
        Some(rule) if rule != HeaderRule::Harmless => rule,
        // Customers' keys are told by their algorithm; that one says which way a store encrypts.
        _ if begins(SECRET_BEGINNINGS) && !name.ends_with("-algorithm") => HeaderRule::Secret,
        _ if is_evidence_header(&name) => HeaderRule::Evidence,
        Some(rule) => rule,
        None if is_secret_key(&name) => HeaderRule::Secret,
        None if begins(EVIDENCE_BEGINNINGS) || name.ends_with("-algorithm") => HeaderRule::Evidence,
        None if begins(HARMLESS_BEGINNINGS) => HeaderRule::Harmless,
        None => HeaderRule::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_names_are_matched_in_any_case() {
        assert_eq!(header_rule("Cookie"), HeaderRule::Cookies);
        assert_eq!(header_rule("sEt-cOOkie"), HeaderRule::SetCookie);
        assert_eq!(header_rule("authorization"), HeaderRule::Credentials);
        assert_eq!(header_rule("X-Vault-Token"), HeaderRule::Secret);
        assert_eq!(header_rule("X-MS-TOKEN-AAD-ID-TOKEN"), HeaderRule::Secret);
        assert_eq!(header_rule("X-Amz-Cf-Id"), HeaderRule::Evidence);
        assert_eq!(header_rule("Accept-Language"), HeaderRule::Harmless);
        assert_eq!(header_rule("X-Amz-Meta-Anything"), HeaderRule::Unknown);
        assert_eq!(
            header_rule("x-amz-server-side-encryption-customer-key-MD5"),
            HeaderRule::Secret
        );
        assert_eq!(
            header_rule("x-amz-server-side-encryption-customer-algorithm"),
            HeaderRule::Evidence
        );
    }
}
