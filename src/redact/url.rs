//! URLs: scheme, host, the form of the path and the names of parameters stay; user info, values and fragment go.

use super::keys::{is_credential_scope_key, is_personal_key, is_secret_key, is_secret_segment};
use super::placeholder::{in_url, is_placeholder};
use super::{Kind, Level, MAX_URL_DEPTH, Redactor, encodings, is_ordinary, is_url, shapes};

/// Schemes whose URLs hold content instead of a place.
const OPAQUE: &[&str] = &["data", "javascript", "mailto", "tel", "sms", "about"];

/// Longest name of a parameter that is taken for a name, in bytes.
const MAX_NAME: usize = 40;

impl Redactor {
    /// A URL as written, whole or relative, or the `host:port` of a CONNECT line.
    pub fn url(&mut self, url: &str) -> String {
        if self.keeps_secrets() {
            return url.to_owned();
        }
        let (before, after) = url.split_once(':').unwrap_or((url, ""));
        let scheme = before.trim().to_ascii_lowercase();
        if OPAQUE.contains(&scheme.as_str()) {
            return self.opaque_url(before, after);
        }
        if matches!(scheme.as_str(), "blob" | "filesystem" | "view-source") {
            return format!("{before}:{}", self.nested(after));
        }
        if scheme == "file" {
            return self.file_url(before, after);
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

    /// A URL that stands within another one; what lies too deep goes as a whole.
    fn nested(&mut self, url: &str) -> String {
        if MAX_URL_DEPTH <= self.url_depth {
            return self.removed_in_url(Kind::Query, url);
        }
        self.url_depth += 1;
        let redacted = self.url(url);
        self.url_depth -= 1;
        redacted
    }

    fn opaque_url(&mut self, scheme: &str, content: &str) -> String {
        let is_harmless = is_ordinary(content) && !scheme.eq_ignore_ascii_case("javascript");
        if content.is_empty() || is_harmless || content.ends_with("[content]") {
            return format!("{scheme}:{content}");
        }
        self.content(content);
        // The media type of a data URL is no content.
        let mime = content.split(',').next().unwrap_or_default();
        let is_data = scheme.eq_ignore_ascii_case("data")
            && mime.len() < content.len()
            && mime.len() <= 60
            && shapes::shape(mime).is_none();
        let shown = if is_data {
            format!("{mime},")
        } else {
            String::new()
        };
        format!("{scheme}:{shown}[content]")
    }

    fn file_url(&mut self, scheme: &str, rest: &str) -> String {
        let path = rest.trim_start_matches('/');
        format!("{scheme}://{}", self.file_path(path))
    }

    /// The path of a file tells who somebody is; its name is judged like any other.
    pub fn file_path(&mut self, path: &str) -> String {
        if self.keeps_secrets() {
            return path.to_owned();
        }
        let path = path.trim_start_matches('/');
        let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
        let folders = match folders {
            "" => String::new(),
            folders if is_placeholder(folders) => format!("{folders}/"),
            folders => format!("{}/", self.removed_in_url(Kind::Text, folders)),
        };
        format!("/{folders}{}", self.path(name))
    }

    fn authority(&mut self, authority: &str) -> String {
        let Some((user_info, host)) = authority.rsplit_once('@') else {
            return self.shown(authority);
        };
        if is_placeholder(user_info) {
            return format!("{user_info}@{}", self.shown(host));
        }
        let removed = self.removed_in_url(Kind::UserInfo, user_info);
        format!("{removed}@{}", self.shown(host))
    }

    fn path(&mut self, path: &str) -> String {
        if self.level == Level::Strict {
            return self.path_shape(path);
        }
        let mut is_behind_secret_name = false;
        let mut out = String::with_capacity(path.len());
        for (idx, segment) in path.split('/').enumerate() {
            if 0 < idx {
                out.push('/');
            }
            let redacted = self.segment(segment, is_behind_secret_name);
            out.push_str(&redacted);
            is_behind_secret_name = is_secret_segment(segment);
        }
        out
    }

    /// As many segments as there were, and what the last one ends with.
    fn path_shape(&mut self, path: &str) -> String {
        let segments: Vec<&str> = path.split('/').collect();
        let mut out = Vec::with_capacity(segments.len());
        for segment in segments {
            let (name, extension) = segment
                .rsplit_once('.')
                .filter(|(_, end)| is_extension(end))
                .map_or((segment, ""), |(name, end)| (name, end));
            if name.is_empty() || is_placeholder(name) {
                out.push(segment.to_owned());
                continue;
            }
            let removed = self.removed_in_url(Kind::Path, name);
            out.push(if extension.is_empty() {
                removed
            } else {
                format!("{removed}.{extension}")
            });
        }
        out.join("/")
    }

    /// One path segment; `is_announced` when the one before it says that a secret follows.
    fn segment(&mut self, segment: &str, is_announced: bool) -> String {
        if segment.is_empty() || is_placeholder(segment) {
            return segment.to_owned();
        }
        let (name, parameters) = split_before(segment, ';');
        let decoded = encodings::fully_decoded(name);
        let mut out = if is_announced && 6 <= decoded.len() && !is_ordinary(&decoded)
            || self.is_known(name)
        {
            self.removed_in_url(Kind::Token, name)
        } else {
            self.part(name)
        };
        if let Some(parameters) = parameters {
            out.push(';');
            out.push_str(&self.query(parameters));
        }
        out
    }

    /// A part of a URL that is shown but for the secrets in it.
    fn part(&mut self, part: &str) -> String {
        if is_plain(part) && !self.is_known(part) {
            return part.to_owned();
        }
        let mut found = pairs(part);
        found.extend(shapes::secrets(part));
        found.extend(self.known_words(part));
        if self.level == Level::Strict {
            found.extend(super::private_addresses(part));
        }
        found.retain(|(range, _)| !is_in_placeholder(part, range.start));
        self.replaced(part, found, in_url)
    }

    /// `a=1&b=2` as it stands in a URL.
    pub(super) fn query(&mut self, query: &str) -> String {
        if self.level == Level::Strict {
            return match query {
                "" => String::new(),
                query if is_placeholder(query) => query.to_owned(),
                query => self.removed_in_url(Kind::Query, query),
            };
        }
        let mut out = String::with_capacity(query.len());
        for (idx, field) in query.split('&').enumerate() {
            if 0 < idx {
                out.push('&');
            }
            match field.split_once('=') {
                Some((name, value)) => {
                    out.push_str(&self.parameter_name(name, MAX_NAME));
                    out.push('=');
                    out.push_str(&self.parameter_value(name, value));
                }
                // `?wsdl` is a name, `?Zx81kQpW` rather a value.
                None => out.push_str(&self.parameter_name(field, 8)),
            }
        }
        out
    }

    fn parameter_value(&mut self, name: &str, value: &str) -> String {
        if value.is_empty() || is_placeholder(value) {
            return value.to_owned();
        }
        if is_credential_scope_key(name) {
            return self.credential_scope(value);
        }
        if is_secret_key(name) {
            return self.removed_in_url(Kind::Token, value);
        }
        let decoded = encodings::fully_decoded(value);
        if is_url(&decoded) {
            return self.url_in_url(value, &decoded);
        }
        if self.is_shown_value(name, value, &decoded) {
            return value.to_owned();
        }
        self.removed_in_url(Kind::Query, value)
    }

    /// True for a value that tells nothing about a person, under a name that asks for nothing of the kind.
    pub(super) fn is_shown_value(&self, name: &str, value: &str, decoded: &str) -> bool {
        is_ordinary(decoded) && !is_personal_key(name) && !self.is_known(value)
    }

    /// A URL as a value; it stays encoded as it was.
    fn url_in_url(&mut self, value: &str, decoded: &str) -> String {
        let redacted = self.nested(decoded);
        if redacted == decoded {
            value.to_owned()
        } else if value == decoded {
            redacted
        } else {
            encodings::percent_encoded_value(&redacted)
        }
    }

    /// The id of a key goes, the scope of the signature stays: it names the service and its region.
    pub(super) fn credential_scope(&mut self, value: &str) -> String {
        let at = value.find("%2F").or_else(|| value.find("%2f"));
        let at = at.or_else(|| value.find('/')).unwrap_or(value.len());
        let (id, scope) = value.split_at(at);
        if is_placeholder(id) {
            return value.to_owned();
        }
        format!("{}{scope}", self.removed_in_url(Kind::Credential, id))
    }

    /// The name of a parameter: words stay, and other names of at most `max_bytes` signs that names are made of.
    fn parameter_name(&mut self, name: &str, max_bytes: usize) -> String {
        let decoded = encodings::fully_decoded(name);
        let is_name = decoded.len() <= max_bytes
            && decoded.chars().all(|c| {
                c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '[' | ']' | ':' | '$')
            });
        let is_shown = (is_name || is_ordinary(&decoded)) && shapes::shape(&decoded).is_none();
        if name.is_empty() || is_placeholder(name) || is_shown && !self.is_known(name) {
            return name.to_owned();
        }
        self.removed_in_url(Kind::Query, name)
    }

    fn fragment(&mut self, fragment: &str) -> String {
        if fragment.is_empty() || is_placeholder(fragment) {
            return fragment.to_owned();
        }
        self.removed_in_url(Kind::Fragment, fragment)
    }
}

/// `sid=…` and `token:…` within a path segment, as far as the name is that of a secret.
fn pairs(part: &str) -> Vec<shapes::Found> {
    let pieces = shapes::runs(part, |c| !matches!(c, '~' | ',' | '&' | '!' | '(' | ')'));
    pieces
        .filter_map(|piece| {
            let text = &part[piece.clone()];
            let at = text.find(['=', ':'])?;
            let value = piece.start + at + 1..piece.end;
            let is_secret = is_secret_key(&text[..at]) && !is_placeholder(&part[value.clone()]);
            (is_secret && !value.is_empty()).then_some((value, Kind::Token))
        })
        .collect()
}

/// True for a part without digits, capitals and signs that secrets are made of: nothing has to be looked for in it.
fn is_plain(part: &str) -> bool {
    part.len() <= 24
        && part
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'-' | b'_' | b'.'))
        && !super::random::is_strange(part)
}

/// True for what a file name ends with: short, of letters, perhaps a digit.
fn is_extension(end: &str) -> bool {
    (1..=5).contains(&end.len())
        && end
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'2'..=b'4'))
}

/// True when `at` lies within a placeholder of `text`.
fn is_in_placeholder(text: &str, at: usize) -> bool {
    let Some(from) = text[..at].rfind('[') else {
        return false;
    };
    let end = text[from..].find(']').map(|len| from + len + 1);
    end.is_some_and(|end| at < end && is_placeholder(&text[from..end]))
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
