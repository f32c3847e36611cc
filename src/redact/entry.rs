//! The secrets that one entry holds in any of its fields, so that they are known wherever the entry is spoken of.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::header_rules::{HeaderRule, header_rule};
use super::keys::{is_credential_scope_key, is_secret_key};
use super::placeholder::is_placeholder;
use super::watch::Trace;
use super::{Kind, encodings, is_ordinary};
use crate::capture::{Exchange, Flow, Side};

/// Shortest value that is looked for elsewhere, in bytes.
const MIN_BYTES: usize = 5;
/// Longest, since nobody repeats more.
const MAX_BYTES: usize = 4_096;
/// Most secrets of one entry.
const MAX_SECRETS: usize = 1_000;
/// Most evidence headers of one entry that are remembered.
const MAX_EVIDENCE: usize = 200;
/// Longest body that is looked into, in bytes.
const MAX_BODY: usize = 64 << 10;

/// Words that stand everywhere, although somebody may use them as a password: removing them would destroy evidence.
const COMMON: &[&str] = &[
    "admin",
    "allow",
    "amazons3",
    "anonymous",
    "bypass",
    "cloudflare",
    "cloudfront",
    "default",
    "deleted",
    "denied",
    "dynamic",
    "english",
    "expired",
    "false",
    "fastly",
    "guest",
    "google",
    "https",
    "nginx",
    "public",
    "stale",
    "unknown",
    "varnish",
];

/// The secrets of one entry.
#[derive(Clone, Debug, Default)]
pub struct EntrySecrets {
    values: Vec<(Kind, String)>,
    /// What the finished bytes are searched for.
    traces: Vec<Trace>,
    /// The values of evidence headers: shown on purpose, so no secrets, whatever a cookie says.
    evidence: Vec<String>,
    /// The place of the entry when it could not be read again.
    unread: Option<u32>,
}

impl EntrySecrets {
    /// What `flow` holds: cookies, credentials, parameters and fields with telling names. Reads the file: for worker threads.
    /// An entry that cannot be read again has those that its row keeps.
    pub fn of(flow: Flow<'_>) -> Self {
        match flow.capture().exchange(flow.idx()) {
            Ok(exchange) => Self::of_exchange(flow, &exchange),
            Err(_) => Self {
                unread: Some(flow.row().entry),
                ..Self::of_row(flow)
            },
        }
    }

    /// Those that its row keeps. Reads nothing.
    pub fn of_row(flow: Flow<'_>) -> Self {
        let mut secrets = Self::default();
        secrets.add_row(flow);
        secrets.finished()
    }

    fn add_row(&mut self, flow: Flow<'_>) {
        self.add_url(flow.url());
        for header in flow.headers() {
            if header.side != Side::Connection {
                self.add_header(header.name, header.value);
            }
        }
    }

    /// The same as [`EntrySecrets::of`] for an entry that was read already.
    pub fn of_exchange(flow: Flow<'_>, exchange: &Exchange) -> Self {
        let mut secrets = Self::default();
        secrets.add_row(flow);
        for message in [Some(&exchange.request), exchange.response.as_ref()] {
            let Some(message) = message else {
                continue;
            };
            for header in &message.headers {
                secrets.add_header(&header.name, &header.value);
            }
            for (name, value) in &message.cookies {
                secrets.add_cookie(name, value);
            }
            for (name, value) in &message.fields {
                secrets.add_named(Kind::Field, name, value);
            }
        }
        secrets.add_body(flow, exchange);
        secrets.finished()
    }

    /// Leaves out what is shown on purpose, puts the rest in order, and finds what to search the finished bytes for.
    pub(super) fn finished(mut self) -> Self {
        let evidence = std::mem::take(&mut self.evidence);
        let is_shown = |value: &str| evidence.iter().any(|shown| shown.contains(value));
        self.values.retain(|(_, value)| !is_shown(value));
        self.values
            .sort_unstable_by(|(_, one), (_, other)| one.cmp(other));
        self.values.dedup_by(|(_, one), (_, other)| one == other);
        let values = self.values.iter().filter(|(kind, _)| kind.is_secret());
        self.traces = values
            .filter_map(|(kind, value)| Trace::of(*kind, value))
            .collect();
        Self { evidence, ..self }
    }

    /// True for one of the secrets.
    pub(super) fn knows(&self, value: &str) -> bool {
        let found = self
            .values
            .binary_search_by(|(_, known)| known.as_str().cmp(value));
        found.is_ok()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    pub(super) fn traces(&self) -> &[Trace] {
        &self.traces
    }

    /// Adds the value of a parameter or field: a secret by its name, or one that is removed since it is no plain word.
    fn add_named(&mut self, kind: Kind, name: &str, value: &str) {
        if is_credential_scope_key(name) {
            let id = value.split(['/', '%']).next().unwrap_or_default();
            self.add(Kind::Credential, id);
        } else if is_secret_key(name) {
            self.add(Kind::Token, value);
        } else if !is_ordinary(&encodings::fully_decoded(value)) {
            self.add(kind, value);
        }
    }

    pub(super) fn add_cookie(&mut self, name: &str, value: &str) {
        let value = value.trim().trim_matches('"');
        if is_secret_key(name) || !is_ordinary(value) {
            self.add(Kind::Cookie, value);
        }
    }

    pub(super) const fn unread(&self) -> Option<u32> {
        self.unread
    }

    /// True when `value` stands in an evidence header of the entry.
    pub(super) fn shows(&self, value: &str) -> bool {
        self.evidence.iter().any(|shown| shown.contains(value))
    }

    fn add(&mut self, kind: Kind, value: &str) {
        let decoded = encodings::fully_decoded(value);
        let is_sized = (MIN_BYTES..=MAX_BYTES).contains(&decoded.len());
        let is_common = decoded.len() <= 12 && COMMON.contains(&&*decoded.to_ascii_lowercase());
        if is_sized
            && !is_common
            && !super::is_named_value(&decoded)
            && !is_placeholder(&decoded)
            && self.values.len() < MAX_SECRETS
        {
            if decoded != value && value.len() <= MAX_BYTES {
                self.values.push((kind, value.to_owned()));
            }
            self.values.push((kind, decoded.into_owned()));
        }
    }

    fn add_header(&mut self, name: &str, value: &str) {
        match header_rule(name) {
            HeaderRule::Cookies => {
                for pair in value.split(';') {
                    self.add_pair(pair);
                }
            }
            HeaderRule::SetCookie => {
                for line in value.split('\n') {
                    self.add_pair(line.split(';').next().unwrap_or_default());
                }
            }
            HeaderRule::Credentials => self.add_credentials(value.trim()),
            HeaderRule::Secret if !is_ordinary(value) => self.add(Kind::Credential, value.trim()),
            HeaderRule::Url => self.add_url(value),
            HeaderRule::Evidence
                if value.len() <= MAX_BYTES && self.evidence.len() < MAX_EVIDENCE =>
            {
                self.evidence.push(value.to_owned());
            }
            _ => {}
        }
    }

    fn add_pair(&mut self, pair: &str) {
        let (name, value) = pair.split_once('=').unwrap_or(("", pair));
        self.add_cookie(name.trim(), value);
    }

    fn add_credentials(&mut self, value: &str) {
        let (scheme, secret) = value.split_once(' ').unwrap_or(("", value));
        if scheme.eq_ignore_ascii_case("basic")
            && let Some(decoded) = STANDARD.decode(secret.trim()).ok()
            && let Ok(decoded) = String::from_utf8(decoded)
            && let Some((user, password)) = decoded.split_once(':')
        {
            self.add(Kind::Credential, user);
            self.add(Kind::Credential, password);
        }
        if !secret.contains(['=', ',']) || secret.ends_with('=') {
            self.add(Kind::Credential, secret.trim());
            return;
        }
        for field in secret.split(',') {
            let (name, value) = field.split_once('=').unwrap_or(("", field));
            let is_told = matches!(
                name.trim().to_ascii_lowercase().as_str(),
                "realm" | "algorithm" | "signedheaders" | "qop" | "uri" | "charset" | "nc"
            );
            if !is_told {
                let id = value.split('/').next().unwrap_or_default();
                self.add(Kind::Credential, id.trim().trim_matches('"'));
            }
        }
    }

    /// User info, and the parameters with telling names.
    fn add_url(&mut self, url: &str) {
        let (rest, query) = url.split_once('?').unwrap_or((url, ""));
        if let Some((_, place)) = rest.split_once("://") {
            let authority = place.split('/').next().unwrap_or_default();
            if let Some((user_info, _)) = authority.rsplit_once('@') {
                self.add(Kind::UserInfo, user_info);
                if let Some((_, password)) = user_info.split_once(':') {
                    self.add(Kind::UserInfo, password);
                }
            }
        }
        self.add_form(Kind::Query, query.split('#').next().unwrap_or_default());
    }

    fn add_form(&mut self, kind: Kind, form: &str) {
        for field in form.split('&') {
            if let Some((name, value)) = field.split_once('=') {
                self.add_named(kind, name, value);
            }
        }
    }

    /// The fields with telling names of a form or JSON that was sent.
    fn add_body(&mut self, flow: Flow<'_>, exchange: &Exchange) {
        let Some(body) = &exchange.request.body else {
            return;
        };
        let Ok(read) = body.read(flow.capture().source(), MAX_BODY) else {
            return;
        };
        let text = String::from_utf8_lossy(&read.bytes);
        match serde_json::from_str(&text) {
            Ok(value) => self.add_json("", &value),
            Err(_) if text.contains('=') => self.add_form(Kind::Field, &text),
            Err(_) => {}
        }
    }

    fn add_json(&mut self, name: &str, value: &serde_json::Value) {
        match value {
            serde_json::Value::String(text) => self.add_named(Kind::Field, name, text),
            serde_json::Value::Number(number) => {
                self.add_named(Kind::Field, name, &number.to_string());
            }
            serde_json::Value::Array(items) => {
                for item in items {
                    self.add_json(name, item);
                }
            }
            serde_json::Value::Object(fields) => {
                for (key, field) in fields {
                    let name = if is_secret_key(name) { name } else { key };
                    self.add_json(name, field);
                }
            }
            serde_json::Value::Bool(_) | serde_json::Value::Null => {}
        }
    }
}
