//! Headers: each by the rule for its name.

use super::header_rules::{HeaderRule, header_rule};
use super::placeholder::is_placeholder;
use super::{Kind, Redactor, is_ordinary, shapes};

/// Attributes of cookies that say nothing about a person.
const ATTRIBUTES: &[&str] = &[
    "domain",
    "expires",
    "httponly",
    "max-age",
    "partitioned",
    "path",
    "priority",
    "samesite",
    "secure",
    "version",
];

impl Redactor {
    /// The value of the header `name`.
    pub fn header(&mut self, name: &str, value: &str) -> String {
        if self.keeps_secrets() || value.is_empty() || is_placeholder(value) {
            return value.to_owned();
        }
        if name.eq_ignore_ascii_case("host") {
            return self.shown(value);
        }
        match header_rule(name) {
            HeaderRule::Cookies => self.cookies(value),
            HeaderRule::SetCookie => self.set_cookies(value),
            HeaderRule::Credentials => self.credentials(value),
            HeaderRule::Protocols => self.protocols(value),
            HeaderRule::ClientAddress => self.removed(Kind::Address, value),
            HeaderRule::Url => self.url(value),
            HeaderRule::Refresh => self.refresh(value),
            HeaderRule::Links => self.links(value),
            HeaderRule::Evidence => self.evidence_value(value),
            HeaderRule::Secret => self.removed(Kind::Credential, value),
            HeaderRule::Harmless => self.text(value),
            HeaderRule::Unknown => self.unknown(value),
        }
    }

    /// Values such as `1` or `nosniff` tell nothing, whatever the header is called.
    fn unknown(&mut self, value: &str) -> String {
        let is_short = value.len() <= 12 && !value.contains(char::is_whitespace);
        if is_short && is_ordinary(value) && !self.is_known(value) {
            return value.to_owned();
        }
        self.removed(Kind::Header, value)
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
        if is_placeholder(written) {
            return pair.to_owned();
        }
        // Without a value, what stands there may be one: base64 ends with the sign that ends names.
        if written.is_empty() {
            return match name.trim() {
                "" => pair.to_owned(),
                name if is_cookie_name(name) => pair.replacen(name, &self.key(name), 1),
                _ => self.removed(Kind::Cookie, pair.trim()),
            };
        }
        // Quotes around a value are not part of it.
        let bare = written.trim_matches('"');
        let removed = self.removed(Kind::Cookie, bare);
        let space = &pair[..pair.len() - pair.trim_start().len()];
        if pair.contains('=') {
            format!("{space}{}={removed}", self.key(name.trim_start()))
        } else {
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

    /// Known attributes say nothing about a person, but for a token in a path; anything else is a further cookie.
    fn cookie_attribute(&mut self, attribute: &str) -> String {
        let (name, value) = attribute.split_once('=').unwrap_or((attribute, ""));
        let known = name.trim().to_ascii_lowercase();
        if !ATTRIBUTES.contains(&known.as_str()) {
            return self.cookie_pair(attribute);
        }
        match known.as_str() {
            _ if value.is_empty() => attribute.to_owned(),
            "path" => format!("{name}={}", self.url(value)),
            "domain" => format!("{name}={}", self.shown(value)),
            _ => format!("{name}={}", self.text(value)),
        }
    }

    /// `Bearer abc` keeps its scheme, `AWS4-HMAC-SHA256 Credential=…` also the scope; a value of one word is all secret.
    fn credentials(&mut self, value: &str) -> String {
        let trimmed = value.trim();
        let Some((scheme, secret)) = trimmed.split_once(' ') else {
            // `Negotiate` and `NTLM` are asked for by their name alone.
            let is_offer = trimmed.len() <= 12 && is_ordinary(&trimmed.to_ascii_lowercase());
            return if is_offer {
                value.to_owned()
            } else {
                self.removed(Kind::Credential, trimmed)
            };
        };
        let is_scheme = scheme.len() <= 32
            && shapes::shape(scheme).is_none()
            && scheme
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !is_scheme {
            return self.removed(Kind::Credential, trimmed);
        }
        let secret = secret.trim();
        if is_placeholder(secret) {
            return value.to_owned();
        }
        if let Some(scope) = secret.strip_prefix("Credential=") {
            let scope = scope.split(',').next().unwrap_or_default();
            let shown = self.credential_scope(scope);
            let rest = secret.split_once(',').map(|(_, rest)| rest.trim());
            let rest = rest.map_or_else(String::new, |rest| {
                if is_placeholder(rest) {
                    format!(", {rest}")
                } else {
                    format!(", {}", self.removed(Kind::Credential, rest))
                }
            });
            return format!("{scheme} Credential={shown}{rest}");
        }
        format!("{scheme} {}", self.removed(Kind::Credential, secret))
    }

    /// `chat, base64url.bearer.authorization.k8s.io.…`: names of protocols stay, what is no word goes.
    fn protocols(&mut self, value: &str) -> String {
        let mut is_announced = false;
        let items: Vec<String> = value
            .split(',')
            .map(|item| {
                let word = item.trim();
                let space = &item[..item.len() - item.trim_start().len()];
                let is_secret = is_announced || !is_ordinary(word) && !is_protocol(word);
                let lower = word.to_ascii_lowercase();
                is_announced = ["bearer", "token", "auth", "jwt", "session", "key"]
                    .iter()
                    .any(|announces| lower.contains(announces));
                if word.is_empty() || is_placeholder(word) || !is_secret {
                    return item.to_owned();
                }
                format!("{space}{}", self.removed(Kind::Credential, word))
            })
            .collect();
        items.join(",")
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

/// True for what people call cookies.
fn is_cookie_name(name: &str) -> bool {
    name.len() <= 40
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

/// True for names of protocols that have digits or versions in them: `graphql-transport-ws`, `mqttv3.1`, `v12.stomp`.
fn is_protocol(word: &str) -> bool {
    word.len() <= 20
        && shapes::shape(word).is_none()
        && word.bytes().filter(u8::is_ascii_digit).count() <= 3
        && !word.bytes().any(|byte| byte.is_ascii_uppercase())
}
