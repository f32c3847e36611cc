//! Headers and quotes of evidence.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::keys::{HeaderRule, header_rule};
use super::{Kind, Reach, Redactor, is_placeholder, patterns, reach_of};
use crate::attribution::{Evidence, Family};

impl Redactor {
    /// The value of the header `name`.
    pub fn header(&mut self, name: &str, value: &str) -> String {
        if self.keeps_secrets || value.is_empty() || is_placeholder(value) {
            return value.to_owned();
        }
        match header_rule(name) {
            HeaderRule::Cookies => self.cookies(value),
            HeaderRule::SetCookie => self.set_cookies(value),
            HeaderRule::Credentials => self.credentials(value),
            HeaderRule::ClientAddress => self.removed(Kind::Address, value, Reach::Secret),
            HeaderRule::Url => self.url(value),
            HeaderRule::Evidence => self.evidence_value(value),
            HeaderRule::Secret => self.removed(Kind::Credential, value, Reach::Secret),
            HeaderRule::Text if name.eq_ignore_ascii_case("refresh") => self.refresh(value),
            HeaderRule::Text if name.eq_ignore_ascii_case("link") => self.links(value),
            HeaderRule::Text => self.text(value),
        }
    }

    /// The text that a piece of evidence was read from: an address, a name, part of a URL, or `Name: value`.
    pub fn quote(&mut self, evidence: &Evidence) -> String {
        let quote = evidence.quote.as_str();
        if self.keeps_secrets || evidence.family == Family::Address {
            return self.shown(quote);
        }
        if let Some((name, value)) = quote.split_once(": ")
            && is_header_name(name)
        {
            return format!("{name}: {}", self.header(name, value));
        }
        if quote.starts_with('/') {
            return self.url(quote);
        }
        if quote.contains('=') && !quote.contains([' ', '/']) {
            let parameters = quote.strip_prefix('?');
            let mark = if parameters.is_some() { "?" } else { "" };
            return format!("{mark}{}", self.query(parameters.unwrap_or(quote)));
        }
        self.text(quote)
    }

    /// `a=1; b=2`.
    fn cookies(&mut self, value: &str) -> String {
        let cookies: Vec<String> = value
            .split(';')
            .map(|cookie| self.cookie_pair(cookie))
            .collect();
        cookies.join(";")
    }

    fn cookie_pair(&mut self, pair: &str) -> String {
        let (name, value) = pair.split_once('=').unwrap_or(("", pair));
        let written = value.trim();
        if written.is_empty() || is_placeholder(written) {
            return pair.to_owned();
        }
        // Quotes around a value are not part of it.
        let bare = written.trim_matches('"');
        let removed = self.removed(Kind::Cookie, bare, reach_of(name));
        if pair.contains('=') {
            format!("{}={removed}", self.shown(name))
        } else {
            let space = &pair[..pair.len() - pair.trim_start().len()];
            format!("{space}{removed}")
        }
    }

    /// One cookie with attributes per line: browsers join several `Set-Cookie` headers with line breaks.
    fn set_cookies(&mut self, value: &str) -> String {
        let lines: Vec<String> = value
            .split('\n')
            .map(|line| {
                let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
                let mut out = self.cookie_pair(pair);
                for attribute in attributes.split(';').filter(|text| !text.is_empty()) {
                    out.push(';');
                    out.push_str(&self.cookie_attribute(attribute));
                }
                out
            })
            .collect();
        lines.join("\n")
    }

    /// Known attributes say nothing about a person; anything else is a further cookie.
    fn cookie_attribute(&mut self, attribute: &str) -> String {
        let name = attribute.split('=').next().unwrap_or_default().trim();
        let known = [
            "path",
            "domain",
            "expires",
            "max-age",
            "samesite",
            "secure",
            "httponly",
            "version",
            "priority",
            "partitioned",
        ];
        if known.contains(&name.to_ascii_lowercase().as_str()) {
            self.plain_text(attribute)
        } else {
            self.cookie_pair(attribute)
        }
    }

    /// `Bearer abc` keeps its scheme; a value of one word is all secret.
    fn credentials(&mut self, value: &str) -> String {
        let trimmed = value.trim();
        let Some((scheme, secret)) = trimmed.split_once(' ') else {
            return self.removed(Kind::Credential, trimmed, Reach::Secret);
        };
        let is_scheme = scheme.len() <= 32
            && scheme
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !is_scheme {
            return self.removed(Kind::Credential, trimmed, Reach::Secret);
        }
        if is_placeholder(secret) {
            return value.to_owned();
        }
        if let Some(password) = basic_password(scheme, secret) {
            self.number(Kind::Credential, &password, Reach::Secret);
        }
        let removed = self.removed(Kind::Credential, secret.trim(), Reach::Secret);
        format!("{scheme} {removed}")
    }

    /// Evidence stays as it is, unless somebody put a token into it.
    fn evidence_value(&mut self, value: &str) -> String {
        let mut out = String::with_capacity(value.len());
        let mut done = 0;
        for (range, kind) in patterns::tokens(value) {
            out.push_str(&value[done..range.start]);
            out.push_str(&self.removed(kind, &value[range.clone()], Reach::Secret));
            done = range.end;
        }
        out.push_str(&value[done..]);
        self.without_known(out)
    }

    /// `5; url=/next?token=…`.
    fn refresh(&mut self, value: &str) -> String {
        match value.split_once('=') {
            Some((before, url)) => format!("{before}={}", self.url(url)),
            None => self.text(value),
        }
    }

    /// `</a?x>; rel=next, </b>; rel=prev`.
    fn links(&mut self, value: &str) -> String {
        let mut out = String::new();
        let mut rest = value;
        while let Some((before, behind)) = rest.split_once('<') {
            let (url, after) = behind.split_once('>').unwrap_or((behind, ""));
            out.push_str(&self.plain_text(before));
            out.push('<');
            out.push_str(&self.url(url));
            out.push('>');
            rest = after;
        }
        out.push_str(&self.plain_text(rest));
        out
    }
}

fn is_header_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b':'))
}

/// The password in the base64 of `Basic`.
fn basic_password(scheme: &str, secret: &str) -> Option<String> {
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(secret.trim()).ok()?).ok()?;
    Some(decoded.split_once(':')?.1.to_owned())
}
