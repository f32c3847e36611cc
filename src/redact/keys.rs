//! Keys of queries, forms and JSON that tell what their value is.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::placeholder::is_placeholder;

/// Keys that are secret as a whole, normalised.
const SECRET_KEYS: &[&str] = &[
    "accountid",
    "accountnumber",
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
    "psk",
    "pw",
    "pwd",
    "relaystate",
    "remoteaddr",
    "reset",
    "samlart",
    "samlrequest",
    "samlresponse",
    "se",
    "serverdata",
    "sessid",
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
    "uid",
    "userid",
    "username",
    "usg",
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
    "bearer",
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

static PARTS: LazyLock<AhoCorasick> =
    LazyLock::new(|| AhoCorasick::new(SECRET_PARTS).expect("a few short words fit"));

/// True when the value under this key must not leave the program.
pub(super) fn is_secret_key(key: &str) -> bool {
    if is_placeholder(key) {
        return false;
    }
    let key = normalised(key);
    SECRET_KEYS.binary_search(&key.as_str()).is_ok() || PARTS.is_match(&key)
}

/// Keys under which people write about themselves or what they look for: even plain words go.
const PERSONAL_KEYS: &[&str] = &[
    "address",
    "birthdate",
    "birthday",
    "city",
    "comment",
    "company",
    "dob",
    "firstname",
    "fname",
    "fullname",
    "gender",
    "givenname",
    "keyword",
    "keywords",
    "lastname",
    "lat",
    "latitude",
    "lname",
    "lng",
    "location",
    "login",
    "lon",
    "longitude",
    "message",
    "name",
    "nickname",
    "oq",
    "postcode",
    "q",
    "query",
    "search",
    "searchterm",
    "street",
    "subject",
    "surname",
    "tel",
    "term",
    "text",
    "user",
    "zip",
    "zipcode",
];

/// True when even a plain word under this key may tell who somebody is.
pub(super) fn is_personal_key(key: &str) -> bool {
    PERSONAL_KEYS
        .binary_search(&normalised(key).as_str())
        .is_ok()
}

/// Parameters that hold the id of a key, then the scope of the signature: `AKIA…/20240501/eu-west-1/s3/aws4_request`.
pub(super) fn is_credential_scope_key(key: &str) -> bool {
    matches!(
        normalised(key).as_str(),
        "xamzcredential" | "xgoogcredential"
    )
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
    fn the_lists_are_in_order() {
        assert!(SECRET_KEYS.is_sorted() && PERSONAL_KEYS.is_sorted());
    }

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
}
