//! Further facts of an entry, which programs write under names of their own.

use super::detail::scalar;
use crate::base::json::{Json, Kind};
use crate::capture::Exchange;

/// Notes a plain value, or what columns show of an object; the rest is left to the raw view.
pub(super) fn fact(json: &mut Json<'_>, key: &str, facts: &mut Vec<(String, String)>) {
    let is_object = json.kind() == Kind::Object;
    let (name, value) = match key {
        "_initiator" if is_object => (Exchange::INITIATOR, initiator(json)),
        "_initiator" => (Exchange::INITIATOR, plain(json)),
        "_securityDetails" if is_object => (Exchange::TLS_VERSION, protocol(json)),
        "_tls_version" | "_tlsVersion" => (Exchange::TLS_VERSION, plain(json)),
        _ => (key, plain(json)),
    };
    if !value.is_empty() {
        facts.push((name.to_owned(), value));
    }
}

fn plain(json: &mut Json<'_>) -> String {
    scalar(json).unwrap_or_default().into_owned()
}

/// `TLS 1.3`, as Chromium and the programs that drive it say it.
fn protocol(json: &mut Json<'_>) -> String {
    let mut protocol = String::new();
    json.object(|json, key| {
        if key == "protocol" {
            protocol = plain(json);
        }
    });
    protocol
}

/// Stacks of callers of callers that are looked through.
const MAX_PARENTS: usize = 32;

/// A line of a page or script that sent a request.
#[derive(Default)]
struct Sender {
    url: String,
    /// From 0, as Chromium counts.
    line: Option<f64>,
}

impl Sender {
    fn note(&mut self, json: &mut Json<'_>, key: &str) {
        match key {
            "url" => self.url = plain(json),
            "lineNumber" => self.line = json.number(),
            _ => {}
        }
    }
}

/// `script https://a.example/app.js:12`, from what Chromium writes: a kind, and a place or the calls that led there.
fn initiator(json: &mut Json<'_>) -> String {
    let mut kind = String::new();
    let (mut own, mut caller) = (Sender::default(), Sender::default());
    json.object(|json, key| match key {
        "type" => kind = plain(json),
        "stack" => stack(json, &mut caller, MAX_PARENTS),
        _ => own.note(json, key),
    });
    let sender = if own.url.is_empty() { caller } else { own };
    let mut text = format!("{kind} {}", sender.url);
    if let Some(line) = sender.line.filter(|_| !sender.url.is_empty()) {
        text = format!("{text}:{}", line + 1.0);
    }
    text.trim().to_owned()
}

/// The first call that has a place; those of a parent count when there is none here.
fn stack(json: &mut Json<'_>, caller: &mut Sender, n_parents: usize) {
    let mut parent = Sender::default();
    json.object(|json, key| match key {
        "callFrames" => {
            json.array(|json| {
                let mut call = Sender::default();
                json.object(|json, key| call.note(json, key));
                if caller.url.is_empty() {
                    *caller = call;
                }
            });
        }
        "parent" if 0 < n_parents => stack(json, &mut parent, n_parents - 1),
        _ => {}
    });
    if caller.url.is_empty() {
        *caller = parent;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_who_sent_a_request_and_over_which_tls() {
        for (key, value, expected) in [
            (
                "_initiator",
                r#"{"type":"other"}"#,
                Some(("initiator", "other")),
            ),
            (
                "_initiator",
                r#"{"type":"parser","url":"https://a.example/","lineNumber":11}"#,
                Some(("initiator", "parser https://a.example/:12")),
            ),
            (
                "_initiator",
                r#"{"type":"script","stack":{"callFrames":[{"url":""}],
                    "parent":{"callFrames":[{"url":"https://a.example/b.js","lineNumber":0}]}}}"#,
                Some(("initiator", "script https://a.example/b.js:1")),
            ),
            (
                "_initiator",
                r#""https://a.example/""#,
                Some(("initiator", "https://a.example/")),
            ),
            ("_initiator", r#""""#, None),
            (
                "_securityDetails",
                r#"{"issuer":"x","protocol":"TLS 1.3"}"#,
                Some(("TLS version", "TLS 1.3")),
            ),
            ("_securityDetails", "{}", None),
            (
                "_tls_version",
                r#""TLS 1.2""#,
                Some(("TLS version", "TLS 1.2")),
            ),
            ("_priority", r#""High""#, Some(("_priority", "High"))),
            ("_custom", r#"{"a":1}"#, None),
        ] {
            let mut facts = Vec::new();
            fact(&mut Json::new(value.as_bytes()), key, &mut facts);
            let facts: Vec<_> = facts
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            assert_eq!(facts, Vec::from_iter(expected), "{key} {value}");
        }
    }
}
