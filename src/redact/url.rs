//! URLs: scheme, host, path and the names of parameters stay; user info, values and fragment go.

use super::keys::{is_operation_key, is_secret_segment};
use super::{Kind, Reach, Redactor, encodings, is_ordinary, is_placeholder, patterns, reach_of};

/// Schemes whose URLs hold content instead of a place.
const OPAQUE: &[&str] = &["data", "javascript", "mailto", "tel", "sms", "about"];

impl Redactor {
    /// A URL as written, whole or relative, or the `host:port` of a CONNECT line.
    pub fn url(&mut self, url: &str) -> String {
        if self.keeps_secrets {
            return url.to_owned();
        }
        let (before, after) = url.split_once(':').unwrap_or((url, ""));
        let scheme = before.trim().to_ascii_lowercase();
        if OPAQUE.contains(&scheme.as_str()) {
            return self.opaque_url(before, after);
        }
        if matches!(scheme.as_str(), "blob" | "filesystem" | "view-source") {
            return format!("{before}:{}", self.url(after));
        }
        let (rest, fragment) = split_before(url, '#');
        let (rest, query) = split_before(rest, '?');
        let authority_at = authority_start(rest);
        let is_path_only = authority_at == 0 && rest.starts_with('/');
        let authority_len = if is_path_only {
            0
        } else {
            rest[authority_at..]
                .find(['/', '\\'])
                .unwrap_or(rest.len() - authority_at)
        };
        let path_at = authority_at + authority_len;
        let mut out = rest[..authority_at].to_owned();
        let authority = self.authority(&rest[authority_at..path_at]);
        out.push_str(&authority);
        out.push_str(&self.path(&rest[path_at..]));
        if let Some(query) = query {
            out.push('?');
            out.push_str(&self.query(query));
        }
        if let Some(fragment) = fragment {
            out.push('#');
            out.push_str(&self.fragment(fragment));
        }
        out
    }

    fn opaque_url(&mut self, scheme: &str, content: &str) -> String {
        let is_harmless = is_ordinary(content) && !scheme.eq_ignore_ascii_case("javascript");
        if content.is_empty() || is_harmless || content.ends_with("[redacted]") {
            return format!("{scheme}:{content}");
        }
        self.content(content);
        // The media type of a data URL is no content.
        let mime = content.split(',').next().unwrap_or_default();
        let is_data =
            scheme.eq_ignore_ascii_case("data") && mime.len() < content.len() && mime.len() <= 60;
        let shown = if is_data {
            format!("{mime},")
        } else {
            String::new()
        };
        format!("{scheme}:{shown}[redacted]")
    }

    fn authority(&mut self, authority: &str) -> String {
        match authority.rsplit_once('@') {
            Some((user_info, host)) if !is_placeholder(user_info) => {
                // The password alone must not stand elsewhere either.
                if let Some((_, password)) = user_info.split_once(':') {
                    self.number(Kind::UserInfo, password, Reach::Secret);
                }
                let removed = self.removed_in_url(Kind::UserInfo, user_info, Reach::Secret);
                format!("{removed}@{}", self.shown(host))
            }
            _ => self.shown(authority),
        }
    }

    fn path(&mut self, path: &str) -> String {
        let mut is_behind_secret_name = false;
        let segments: Vec<String> = path
            .split('/')
            .map(|segment| {
                let is_secret = is_behind_secret_name;
                is_behind_secret_name = is_secret_segment(segment);
                self.segment(segment, is_secret)
            })
            .collect();
        self.shown(&segments.join("/"))
    }

    /// One path segment; `is_secret` when the one before it announces a secret.
    fn segment(&mut self, segment: &str, is_secret: bool) -> String {
        if segment.is_empty() || is_placeholder(segment) {
            return segment.to_owned();
        }
        let (segment, parameters) = split_before(segment, ';');
        let decoded = encodings::percent_decoded(segment);
        let is_announced = is_secret && 6 <= decoded.len() && !is_ordinary(&decoded);
        let is_mail = decoded.contains('@') && !patterns::secrets(&decoded).is_empty();
        let is_removed = is_announced
            || is_mail
            || patterns::is_random(&decoded)
            || patterns::tokens(&decoded).next().is_some();
        let mut out = if is_removed {
            self.removed_in_url(Kind::Token, segment, Reach::Secret)
        } else {
            segment.to_owned()
        };
        if let Some(parameters) = parameters {
            out.push(';');
            out.push_str(&self.query(parameters));
        }
        out
    }

    /// `a=1&b=2` as it stands in a URL.
    pub(super) fn query(&mut self, query: &str) -> String {
        let fields: Vec<String> = query
            .split('&')
            .map(|field| match field.split_once('=') {
                Some((name, value)) => {
                    let name = self.parameter_name(name, 40);
                    let value = self.query_field(&name, value);
                    format!("{name}={value}")
                }
                // `?wsdl` is a name, `?Zx81kQpW` rather a value.
                None => self.parameter_name(field, 8),
            })
            .collect();
        fields.join("&")
    }

    fn query_field(&mut self, name: &str, value: &str) -> String {
        if value.is_empty() || is_placeholder(value) || self.is_shown_parameter(name, value) {
            return value.to_owned();
        }
        self.removed_in_url(Kind::Query, value, reach_of(name))
    }

    /// The name of a parameter: words stay, and other names of at most `max_chars` signs that names are made of.
    fn parameter_name(&mut self, name: &str, max_chars: usize) -> String {
        let decoded = encodings::percent_decoded(name);
        let is_name = decoded.len() <= max_chars
            && decoded.chars().all(|c| {
                c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '[' | ']' | ':' | '$')
            });
        if name.is_empty() || is_name || is_ordinary(&decoded) || is_placeholder(name) {
            return self.shown(name);
        }
        self.removed_in_url(Kind::Query, name, Reach::Value)
    }

    pub(super) fn is_shown_parameter(&self, name: &str, value: &str) -> bool {
        self.keeps_secrets || (is_operation_key(name) && is_ordinary(value))
    }

    fn fragment(&mut self, fragment: &str) -> String {
        if fragment.is_empty() || is_placeholder(fragment) {
            return fragment.to_owned();
        }
        for field in fragment.split('&') {
            if let Some((name, value)) = field.split_once('=') {
                self.number(Kind::Fragment, value, reach_of(name));
            }
        }
        self.removed_in_url(Kind::Fragment, fragment, Reach::Value)
    }
}

/// Where the host begins, behind `scheme://` or `//`. A path may hold another URL: what stands before that is no scheme.
fn authority_start(url: &str) -> usize {
    let is_scheme = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
    };
    match url.split_once("://") {
        Some((scheme, _)) if is_scheme(scheme.trim_start()) => scheme.len() + 3,
        _ if url.starts_with("//") => 2,
        _ => 0,
    }
}

/// What stands before the first `sign`, and what behind it, if there is one.
fn split_before(text: &str, sign: char) -> (&str, Option<&str>) {
    text.split_once(sign)
        .map_or((text, None), |(before, behind)| (before, Some(behind)))
}
