//! Bodies and what they hold: forms, JSON, and content that goes as a whole.

use serde_json::Value;

use super::keys::{is_credential_scope_key, is_secret_key};
use super::placeholder::is_placeholder;
use super::{Kind, Redactor, encodings, shapes};

/// JSON within JSON is looked into this deep; what lies deeper goes as a whole.
const MAX_JSON_DEPTH: usize = 64;

/// Longest name of a field that is taken for one, in bytes.
const MAX_NAME: usize = 120;

/// True for names of letters that people write, `Cache-Control` and `bodySize` among them.
fn is_plain_name(name: &str) -> bool {
    name.len() <= 32
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'_' | b':'))
        && !super::random::is_strange(name)
}

impl Redactor {
    /// A body as a whole.
    pub fn content(&mut self, text: &str) -> String {
        if self.keeps_secrets() || text.is_empty() || text == "[content]" {
            return text.to_owned();
        }
        *self.counts.entry(Kind::Content).or_default() += 1;
        "[content]".to_owned()
    }

    /// The text of a body by its media type: fields of forms and JSON keep their names, everything else goes as a whole.
    pub fn body(&mut self, mime: &str, text: &str) -> String {
        if self.keeps_secrets() || text.is_empty() {
            return text.to_owned();
        }
        let mime = mime.to_ascii_lowercase();
        if mime.contains("x-www-form-urlencoded") {
            return self.form(text);
        }
        let is_json = mime.contains("json") || text.trim_start().starts_with(['{', '[']);
        match serde_json::from_str(text) {
            Ok(mut value) if is_json && !is_placeholder(text) => {
                self.json("", &mut value);
                value.to_string()
            }
            _ => self.content(text),
        }
    }

    /// A form or JSON field.
    pub fn field(&mut self, name: &str, value: &str) -> String {
        self.named(Kind::Field, name, value)
    }

    /// The value of the cookie `name`.
    pub fn cookie(&mut self, name: &str, value: &str) -> String {
        self.named(Kind::Cookie, name, value)
    }

    /// The value of the query parameter `name`, outside its URL.
    pub fn query_value(&mut self, name: &str, value: &str) -> String {
        if self.keeps_secrets() || value.is_empty() || is_placeholder(value) {
            return value.to_owned();
        }
        if self.level() != super::Level::Strict {
            if is_credential_scope_key(name) {
                return self.credential_scope(value);
            }
            let decoded = encodings::fully_decoded(value);
            if super::is_url(&decoded) && !is_secret_key(name) {
                return self.url(&decoded);
            }
            if !is_secret_key(name) && self.is_shown_value(name, value, &decoded) {
                return value.to_owned();
            }
        }
        self.named(Kind::Query, name, value)
    }

    /// What stands in the place of a number, if its name or its form says that it is a secret.
    pub fn number_under(&mut self, name: &str, number: &str) -> Option<String> {
        if self.keeps_secrets() || !is_secret_key(name) && shapes::shape(number).is_none() {
            return None;
        }
        Some(self.removed(Kind::Token, number))
    }

    /// The name of a parameter, field, cookie or header: it stays, unless it is a secret itself.
    pub fn key(&mut self, name: &str) -> String {
        if self.keeps_secrets() || is_placeholder(name) {
            return name.to_owned();
        }
        if is_plain_name(name) && !self.is_known(name) {
            return name.to_owned();
        }
        if name.contains("://") {
            return self.url(name);
        }
        // Programs take a whole body for the name of its only field.
        if MAX_NAME < name.len() || name.contains(['{', '"', '\n']) {
            return self.removed(Kind::Field, name);
        }
        let decoded = encodings::fully_decoded(name);
        if self.is_known(name) || shapes::shape(&decoded).is_some() {
            return self.removed(Kind::Token, name);
        }
        name.to_owned()
    }

    /// The text or numbers of a JSON value, at every depth; names that are no secrets, `true`, `false` and `null` stay.
    pub fn json(&mut self, name: &str, value: &mut Value) {
        if !self.keeps_secrets() {
            self.json_within(name, value, 0);
        }
    }

    fn json_within(&mut self, name: &str, value: &mut Value, depth: usize) {
        match value {
            Value::Array(_) | Value::Object(_) if MAX_JSON_DEPTH <= depth => {
                *value = Value::String(self.content("deep"));
            }
            Value::String(text) => *text = self.field(name, text),
            Value::Number(number) => {
                *value = Value::String(self.field(name, &number.to_string()));
            }
            Value::Array(items) => {
                for item in items {
                    self.json_within(name, item, depth + 1);
                }
            }
            Value::Object(fields) => {
                for (key, mut field) in std::mem::take(fields) {
                    let name = if is_secret_key(name) { name } else { &key };
                    self.json_within(name, &mut field, depth + 1);
                    fields.insert(self.key(&key), field);
                }
            }
            Value::Bool(_) | Value::Null => {}
        }
    }

    /// `a=1&b=2`: all values go.
    pub fn form(&mut self, text: &str) -> String {
        if self.keeps_secrets() {
            return text.to_owned();
        }
        let fields: Vec<String> = text
            .split('&')
            .map(|field| match field.split_once('=') {
                Some((name, value)) => {
                    let value = self.field(name, value);
                    format!("{}={value}", self.key(name))
                }
                None => self.field("", field),
            })
            .collect();
        fields.join("&")
    }

    fn named(&mut self, kind: Kind, name: &str, value: &str) -> String {
        if self.keeps_secrets() || value.is_empty() || is_placeholder(value) {
            return value.to_owned();
        }
        let is_secret = kind != Kind::Cookie && is_secret_key(name);
        self.removed(if is_secret { Kind::Token } else { kind }, value)
    }
}
