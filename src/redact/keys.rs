//! Names that tell what their value is: header names, and keys of queries, forms and JSON.

/// What to do with a header's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeaderRule {
    /// `a=1; b=2`: all values go.
    Cookies,
    /// `a=1; Path=/`: the first value goes, the attributes stay.
    SetCookie,
    /// `Bearer …`: the scheme stays.
    Credentials,
    /// The address of a person's machine.
    ClientAddress,
    /// A URL, or text with URLs in it.
    Url,
    /// Evidence: stays, unless a known kind of token stands in it.
    Evidence,
    /// The whole value goes.
    Secret,
    /// Text like any other.
    Text,
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
    "x-real-ip",
    "x-client-ip",
    "true-client-ip",
    "cf-connecting-ip",
    "cf-connecting-ipv6",
    "fastly-client-ip",
    "x-cluster-client-ip",
    "x-azure-clientip",
    "x-envoy-external-address",
    "forwarded",
];

const URLS: &[&str] = &[
    ":path",
    "location",
    "content-location",
    "referer",
    "x-original-url",
    "x-rewrite-url",
    "sourcemap",
    "destination",
];

/// Headers that say who serves, and others that every report may show.
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
    "x-amz-cf-id",
    "x-amz-cf-pop",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-id-2",
    "x-amz-request-id",
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

const SECRET_HEADERS: &[&str] = &[
    "x-client-data",
    "x-forwarded-client-cert",
    "dpop",
    "x-amz-cf-signature",
    "x-ms-client-principal",
    "x-ms-client-principal-id",
    "x-ms-client-principal-name",
    "cf-access-client-id",
    "sec-websocket-key",
    "sec-websocket-accept",
    "x-apple-i-md",
    "x-apple-i-md-m",
    "x-mme-client-info",
];

/// The rule for the header `name`, in any case.
pub(super) fn header_rule(name: &str) -> HeaderRule {
    let name = name.trim().to_ascii_lowercase();
    let is = |list: &[&str]| list.contains(&name.as_str());
    match name.as_str() {
        "cookie" | "cookie2" => HeaderRule::Cookies,
        "set-cookie" | "set-cookie2" => HeaderRule::SetCookie,
        _ if is(CREDENTIALS) => HeaderRule::Credentials,
        _ if is(CLIENT_ADDRESSES) => HeaderRule::ClientAddress,
        _ if is(URLS) => HeaderRule::Url,
        _ if is(EVIDENCE) => HeaderRule::Evidence,
        _ if is(SECRET_HEADERS) || is_secret_key(&name) => HeaderRule::Secret,
        _ => HeaderRule::Text,
    }
}

/// Keys that are secret as a whole, normalised.
const SECRET_KEYS: &[&str] = &[
    "appid",
    "appkey",
    "assertion",
    "auth",
    "awsaccesskeyid",
    "challenge",
    "clientid",
    "code",
    "connectsid",
    "credentials",
    "cvc",
    "cvv",
    "email",
    "facetid",
    "fcparams",
    "hdnea",
    "hdnts",
    "iban",
    "invite",
    "key",
    "keypairid",
    "magic",
    "mail",
    "nonce",
    "otp",
    "pass",
    "phone",
    "pin",
    "policy",
    "pwd",
    "relaystate",
    "remoteaddr",
    "reset",
    "samlart",
    "samlrequest",
    "samlresponse",
    "se",
    "serverdata",
    "shdf",
    "sid",
    "sig",
    "skoid",
    "sktid",
    "sp",
    "ssn",
    "state",
    "sv",
    "symfony",
    "ticket",
    "token",
    "usg",
    "username",
    "vses2",
    "xclientdata",
];

/// Parts of a normalised key that make the whole key secret.
const SECRET_PARTS: &[&str] = &[
    "accesskey",
    "apikey",
    "authenticity",
    "authoriz",
    "authkey",
    "authtoken",
    "challengeresponse",
    "clientsecret",
    "codechallenge",
    "codeverifier",
    "cookie",
    "credential",
    "csrf",
    "functionskey",
    "jwt",
    "mstoken",
    "passphrase",
    "passwd",
    "password",
    "passcode",
    "privatekey",
    "secret",
    "securitytoken",
    "sessid",
    "sessionid",
    "session",
    "signature",
    "subscriptionkey",
    "token",
    "xsrf",
];

/// True when the value under this key must not leave the program.
pub(super) fn is_secret_key(key: &str) -> bool {
    let key = normalised(key);
    SECRET_KEYS.contains(&key.as_str()) || SECRET_PARTS.iter().any(|part| key.contains(part))
}

/// Query parameters whose values say which operation of a store was called.
const OPERATION_KEYS: &[&str] = &[
    "comp",
    "restype",
    "listtype",
    "xamzalgorithm",
    "xgoogalgorithm",
];

/// True for a query parameter that names an operation and no person.
pub(super) fn is_operation_key(key: &str) -> bool {
    OPERATION_KEYS.contains(&normalised(key).as_str())
}

/// Path segments behind which a secret usually follows.
const SECRET_SEGMENTS: &[&str] = &[
    "activate",
    "auth",
    "confirm",
    "invitation",
    "invite",
    "join",
    "key",
    "login",
    "magic",
    "magiclink",
    "otp",
    "password",
    "passwordreset",
    "recover",
    "reset",
    "resetpassword",
    "session",
    "share",
    "sid",
    "token",
    "unsubscribe",
    "verify",
];

/// True when the path segment behind this one is usually a secret.
pub(super) fn is_secret_segment(segment: &str) -> bool {
    SECRET_SEGMENTS.contains(&normalised(segment).as_str())
}

/// Percent-decoded, lower case, and without the signs that writers of the same key vary.
fn normalised(key: &str) -> String {
    super::encodings::percent_decoded(key)
        .chars()
        .filter(|c| !matches!(c, '-' | '_' | '.' | '[' | ']' | ' '))
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writers_of_the_same_key_vary() {
        for key in [
            "access_token",
            "accessToken",
            "ACCESS-TOKEN",
            "user[password]",
            "user%5Bpassword%5D",
            "X-Amz-Signature",
            "_csrf",
            "PHPSESSID",
        ] {
            assert!(is_secret_key(key), "{key}");
        }
        for key in ["page", "monkey", "format", "x-cache", "width"] {
            assert!(!is_secret_key(key), "{key}");
        }
    }

    #[test]
    fn header_names_are_matched_in_any_case() {
        assert_eq!(header_rule("Cookie"), HeaderRule::Cookies);
        assert_eq!(header_rule("sEt-cOOkie"), HeaderRule::SetCookie);
        assert_eq!(header_rule("authorization"), HeaderRule::Credentials);
        assert_eq!(header_rule("X-Vault-Token"), HeaderRule::Secret);
        assert_eq!(header_rule("X-MS-TOKEN-AAD-ID-TOKEN"), HeaderRule::Secret);
        assert_eq!(header_rule("X-Amz-Cf-Id"), HeaderRule::Evidence);
        assert_eq!(header_rule("Accept-Language"), HeaderRule::Text);
    }
}
