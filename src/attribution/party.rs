//! Whose traffic a flow is: the app or site being judged, never the provider that carries it.

use std::borrow::Cow;
use std::net::IpAddr;

use super::gates::Lookups;
use crate::capture::{Flow, Side, Target};

/// The registrable domain of `host` by the ICANN part of the public suffix list; an address or a bare name is itself.
///
/// The private part is left out: there `bucket.s3.amazonaws.com` would be a registrable domain.
pub(super) fn registrable(host: &str) -> &str {
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

/// The party of `flow`: the registrable domain, unless the host is one that a provider hands out; then that of the page
/// or Referer, or the host itself.
pub(super) fn of<'a>(flow: Flow<'a>, lookups: &mut Lookups<'a>) -> &'a str {
    let host = flow.host();
    let is_handed_out = lookups
        .host(flow)
        .iter()
        .any(|found| !found.rule.is_first_party);
    if !is_handed_out {
        return registrable(host);
    }
    let referer = flow
        .headers()
        .find(|header| header.side == Side::Request && header.name == "referer")
        .map_or("", |header| header.value);
    [flow.page(), referer]
        .into_iter()
        .filter_map(host_of)
        .map(registrable)
        .next()
        .unwrap_or(host)
}

/// The host of `url` where it is written in its normal form.
fn host_of(url: &str) -> Option<&str> {
    match Target::parse("GET", url).host {
        Cow::Borrowed(host) => Some(host).filter(|host| !host.is_empty()),
        Cow::Owned(_) => None,
    }
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
