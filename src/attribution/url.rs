//! What URLs, hosts and navigations are to one another, whoever serves them.

use std::borrow::Cow;
use std::net::IpAddr;

use crate::base::hash::hash;
use crate::capture::{Flow, Side, Target};

/// The registrable domain of `host` by the ICANN part of the public suffix list; an address or a bare name is itself.
///
/// The private part is left out: there `bucket.s3.amazonaws.com` would be a registrable domain.
pub fn registrable(host: &str) -> &str {
    if host.parse::<IpAddr>().is_ok() {
        return host;
    }
    let mut suffix = host;
    loop {
        let Some(found) = psl::suffix(suffix.as_bytes()) else {
            return host;
        };
        let len = found.as_bytes().len();
        let is_private = found.typ() == Some(psl::Type::Private);
        suffix = &suffix[suffix.len() - len..];
        if !is_private {
            break;
        }
        // A private suffix is a registered name with an ICANN suffix behind its first label.
        let Some((_, behind)) = suffix.split_once('.') else {
            return host;
        };
        suffix = behind;
    }
    let before = host[..host.len() - suffix.len()].trim_end_matches('.');
    let label_at = before.rfind('.').map_or(0, |at| at + 1);
    if before.is_empty() {
        host
    } else {
        &host[label_at..]
    }
}

/// The host of `url`; `None` where there is none.
pub fn host_of(url: &str) -> Option<Cow<'_, str>> {
    let is_url = url.contains("://");
    is_url
        .then(|| Target::parse("GET", url).host)
        .filter(|host| !host.is_empty())
}

/// A hash that is equal for equal URLs, whatever their fragments.
pub(super) fn url_hash(url: &str) -> u64 {
    let end = memchr::memchr(b'#', url.as_bytes()).unwrap_or(url.len());
    hash(&url[..end])
}

/// True for what a person navigates to, as the browser or else the media type says.
pub(super) fn is_document(flow: Flow<'_>) -> bool {
    let destination = flow
        .headers()
        .find(|header| header.side == Side::Request && header.name == "sec-fetch-dest");
    destination.map_or_else(
        || {
            let is_page = flow.mime() == "text/html" && flow.status() != Some(204);
            is_page && flow.has_method(&["GET"])
        },
        |header| header.value == "document",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registrable_domains_ignore_private_suffixes() {
        for (host, expected) in [
            ("p05-content.icloud.com", "icloud.com"),
            ("bucket.s3.amazonaws.com", "amazonaws.com"),
            ("a.b.example.co.uk", "example.co.uk"),
            ("someone.github.io", "github.io"),
            ("192.0.2.7", "192.0.2.7"),
            ("2001:db8::1", "2001:db8::1"),
            ("localhost", "localhost"),
            ("com", "com"),
            ("", ""),
        ] {
            assert_eq!(registrable(host), expected, "{host}");
        }
    }
}
