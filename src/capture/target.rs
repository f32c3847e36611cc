//! Where a request went: scheme, host, port and path of a URL, read as browsers do, with a fast path for the usual form.

use std::borrow::Cow;

/// The parts of a request target. Absent parts are empty or `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target<'a> {
    /// Lower case; empty for CONNECT and for relative URLs.
    pub scheme: Cow<'a, str>,
    /// Lower case, punycode, without brackets, user info, port or trailing dot. A host that is not valid stays as written.
    pub host: Cow<'a, str>,
    /// Given, or implied by the scheme.
    pub port: Option<u16>,
    /// Byte offset of the path in the URL as written.
    pub path_at: Option<u32>,
    /// True for a CONNECT line.
    pub is_tunnel: bool,
}

impl<'a> Target<'a> {
    /// Splits `url` as requested with `method`.
    pub fn parse(method: &str, url: &'a str) -> Self {
        if method.eq_ignore_ascii_case("CONNECT") {
            return Self::tunnel(url);
        }
        // A log may know the host without the scheme: `//a.example/x`.
        let split = split_scheme(url).or_else(|| url.starts_with("//").then_some(("", 2)));
        let Some((scheme, rest_at)) = split else {
            let path_at = url.starts_with('/').then_some(0);
            return Self {
                path_at,
                ..Self::default()
            };
        };
        let rest = &url[rest_at..];
        let authority_len = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
        let authority = &rest[..authority_len];
        let authority = authority
            .rfind('@')
            .map_or(authority, |at| &authority[at + 1..]);
        let scheme = lower(scheme);
        let (host, port) = split_port(authority);
        let port = port.or(match &*scheme {
            "http" | "ws" => Some(80),
            "https" | "wss" => Some(443),
            _ => None,
        });
        Self {
            host: normal_host(host),
            port,
            path_at: Some((rest_at + authority_len) as u32),
            scheme,
            is_tunnel: false,
        }
    }

    /// `host:port`, or the `tunnel://host:443/` of some proxies.
    fn tunnel(url: &'a str) -> Self {
        let rest = split_scheme(url).map_or(url, |(_, at)| &url[at..]);
        let authority = rest.split('/').next().unwrap_or_default();
        let (host, port) = split_port(authority);
        Self {
            host: normal_host(host),
            port,
            is_tunnel: true,
            ..Self::default()
        }
    }
}

/// The scheme and the offset behind `://`.
fn split_scheme(url: &str) -> Option<(&str, usize)> {
    let at = url.find("://")?;
    let scheme = &url[..at];
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    is_scheme.then_some((scheme, at + 3))
}

fn split_port(authority: &str) -> (&str, Option<u16>) {
    if let Some(rest) = authority.strip_prefix('[') {
        let (host, behind) = rest.split_once(']').unwrap_or((rest, ""));
        return (
            host,
            behind.strip_prefix(':').and_then(|port| port.parse().ok()),
        );
    }
    match authority.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') => (host, port.parse().ok()),
        _ => (authority, None),
    }
}

fn lower(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

fn normal_host(host: &str) -> Cow<'_, str> {
    let host = host.strip_suffix('.').unwrap_or(host);
    let is_usual = host
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':'));
    if is_usual {
        return lower(host);
    }
    // idna drops invisible characters silently; such a host must not be grouped under the clean name.
    if host.chars().any(crate::base::text::is_unsafe_to_show) {
        return Cow::Borrowed(host);
    }
    idna::domain_to_ascii(host).map_or(Cow::Borrowed(host), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(
        method: &str,
        url: &str,
        scheme: &str,
        host: &str,
        port: Option<u16>,
        path: Option<&str>,
    ) {
        let target = Target::parse(method, url);
        let found = target.path_at.map(|at| &url[at as usize..]);
        assert_eq!(
            (&*target.scheme, &*target.host, target.port, found),
            (scheme, host, port, path),
            "{url}"
        );
    }

    #[test]
    fn splits_the_usual_and_the_odd() {
        check(
            "GET",
            "https://A.example/x?y",
            "https",
            "a.example",
            Some(443),
            Some("/x?y"),
        );
        check(
            "GET",
            "HTTP://u:p@a.example.:8080",
            "http",
            "a.example",
            Some(8080),
            Some(""),
        );
        check(
            "GET",
            "https://www.bank.com@evil.tld/",
            "https",
            "evil.tld",
            Some(443),
            Some("/"),
        );
        check(
            "GET",
            "http://[2001:db8::1]:81/x",
            "http",
            "2001:db8::1",
            Some(81),
            Some("/x"),
        );
        check(
            "GET",
            "https://bücher.example/",
            "https",
            "xn--bcher-kva.example",
            Some(443),
            Some("/"),
        );
        check("CONNECT", "a.example:443", "", "a.example", Some(443), None);
        check(
            "CONNECT",
            "tunnel://a.example:443/",
            "",
            "a.example",
            Some(443),
            None,
        );
        check("GET", "/only/a/path", "", "", None, Some("/only/a/path"));
        check(
            "GET",
            "//a.example:81/x",
            "",
            "a.example",
            Some(81),
            Some("/x"),
        );
        check("GET", "data:text/plain,x", "", "", None, None);
        check("GET", "about:blank", "", "", None, None);
        check(
            "GET",
            "http://a.example:65536/",
            "http",
            "a.example",
            Some(80),
            Some("/"),
        );
    }

    #[test]
    fn a_host_with_invisible_characters_stays_visible() {
        let target = Target::parse("GET", "https://ex\u{200b}ample.com/");
        assert_eq!(target.host, "ex\u{200b}ample.com");
    }
}
