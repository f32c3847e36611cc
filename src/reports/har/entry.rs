//! Takes the secrets out of one HAR entry, field by field; what is not known to be harmless loses its text.

use serde_json::{Map, Value};

use crate::redact::Redactor;

/// Fields that say nothing about a person, by name, wherever they stand.
const HARMLESS: &[&str] = &[
    "_cdn_provider",
    "_connectionId",
    "_fromCache",
    "_fromDiskCache",
    "_method",
    "_priority",
    "_protocol",
    "_resourceType",
    "_resource_type",
    "_server_rtt",
    "_was_pushed",
    "_initialPriority",
    "_isHighImportance",
    "_request_type",
    "_type",
    "_tls_version",
    "_tlsVersion",
    "bodySize",
    "connection",
    "encoding",
    "expires",
    "hitCount",
    "httpOnly",
    "httpVersion",
    "id",
    "lastAccess",
    "method",
    "mimeType",
    "pageref",
    "protocol",
    "sameSite",
    "secure",
    "serverPort",
    "size",
    "startedDateTime",
    "status",
    "statusText",
    "time",
    "type",
];

/// Fields that say who answered: names, and addresses of servers.
const EVIDENCE: &[&str] = &[
    "serverIPAddress",
    "_ip_addr",
    "_serverIPAddress",
    "_cname",
    "_dns_details",
    "_dns_info",
    "_securityDetails",
];

/// Fields whose text is a URL.
const URLS: &[&str] = &[
    "url",
    "redirectURL",
    "_url",
    "documentURL",
    "_documentURL",
    "_full_url",
    "_requestedUrl",
    "_finalUrl",
];

/// Takes the secrets out of an entry.
pub(super) fn redact_entry(entry: &mut Map<String, Value>, redactor: &mut Redactor) {
    if redactor.keeps_secrets() {
        return;
    }
    for (name, value) in entry {
        match (name.as_str(), value) {
            ("request" | "response", Value::Object(message)) => redact_message(message, redactor),
            (name, value) => redact_other(name, value, redactor),
        }
    }
}

/// Takes the secrets out of a page.
pub(super) fn redact_page(page: &mut Value, redactor: &mut Redactor) {
    if redactor.keeps_secrets() {
        return;
    }
    if let Some(Value::String(title)) = page.get_mut("title") {
        // Browsers write the URL as the title.
        *title = if title.contains("://") {
            redactor.url(title)
        } else {
            redactor.opaque(title)
        };
    }
    let Value::Object(fields) = page else {
        redact_other("", page, redactor);
        return;
    };
    for (name, value) in fields {
        if name != "title" {
            redact_other(name, value, redactor);
        }
    }
}

fn redact_message(message: &mut Map<String, Value>, redactor: &mut Redactor) {
    for (name, value) in message {
        match name.as_str() {
            "headers" => redact_pairs(value, redactor, Redactor::header),
            "cookies" => redact_pairs(value, redactor, Redactor::cookie),
            "queryString" => redact_pairs(value, redactor, Redactor::query_value),
            "postData" => redact_post_data(value, redactor),
            "content" => redact_content(value, redactor),
            _ => redact_other(name, value, redactor),
        }
    }
}

/// How the value of a name is redacted.
type Redact = fn(&mut Redactor, &str, &str) -> String;

/// `[{"name": …, "value": …}]`; other fields of an item that hold text go as well, unless they are known.
fn redact_pairs(list: &mut Value, redactor: &mut Redactor, redact: Redact) {
    let Value::Array(items) = list else {
        // Some programs write an object of names and values.
        if let Value::Object(fields) = list {
            for (name, mut value) in std::mem::take(fields) {
                if let Value::String(text) = &value {
                    value = Value::String(redact(redactor, &name, text));
                }
                fields.insert(redactor.key(&name), value);
            }
        }
        return;
    };
    for item in items {
        let Value::Object(fields) = item else {
            *item = Value::Null;
            continue;
        };
        let name = fields.get("name").and_then(Value::as_str);
        let name = name.unwrap_or_default().to_owned();
        for (key, value) in fields {
            match value {
                Value::String(text) => *text = pair_text(&name, key, text, redactor, redact),
                Value::Array(_) | Value::Object(_) => *value = Value::Null,
                Value::Number(number) if key == "value" => {
                    *value = Value::String(redact(redactor, &name, &number.to_string()));
                }
                _ => {}
            }
        }
    }
}

/// The text of the field `key` of a header, cookie or parameter that is called `name`.
fn pair_text(name: &str, key: &str, text: &str, redactor: &mut Redactor, redact: Redact) -> String {
    match key {
        "name" => redactor.key(text),
        "path" => redactor.url(text),
        "domain" => redactor.shown(text),
        key if HARMLESS.contains(&key) => redactor.text(text),
        "value" => redact(redactor, name, text),
        _ => redactor.opaque(text),
    }
}

/// Names stay, values go; a text that is neither form nor JSON goes as a whole.
fn redact_post_data(post: &mut Value, redactor: &mut Redactor) {
    let mime = post
        .get("mimeType")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let Value::Object(fields) = post else {
        redact_other("", post, redactor);
        return;
    };
    for (name, value) in fields {
        match (name.as_str(), value) {
            ("params", value) => redact_pairs(value, redactor, Redactor::field),
            ("text", Value::String(text)) => *text = redactor.body(&mime, text),
            (name, value) => redact_other(name, value, redactor),
        }
    }
}

/// Bodies are dropped; their size and type stay.
fn redact_content(content: &mut Value, redactor: &mut Redactor) {
    if let Value::Object(fields) = content {
        if let Some(Value::String(text)) = fields.shift_remove("text") {
            redactor.content(&text);
        }
        fields.shift_remove("encoding");
    }
    redact_other("", content, redactor);
}

/// Anything else: text goes unless its field is known to be harmless; numbers, `true` and `false` stay.
fn redact_other(name: &str, value: &mut Value, redactor: &mut Redactor) {
    if EVIDENCE.contains(&name) {
        return redact_evidence(value, redactor);
    }
    match value {
        Value::String(text) if URLS.contains(&name) => *text = redactor.url(text),
        Value::String(text) if HARMLESS.contains(&name) => *text = redactor.text(text),
        Value::String(text) => *text = redactor.opaque(text),
        Value::Array(items) if name == "_webSocketMessages" => {
            for item in items {
                if let Some(Value::String(data)) = item.get_mut("data") {
                    *data = redactor.content(data);
                }
                redact_other("", item, redactor);
            }
        }
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| redact_other(name, item, redactor)),
        Value::Object(fields) => {
            for (name, mut value) in std::mem::take(fields) {
                redact_other(&name, &mut value, redactor);
                fields.insert(redactor.key(&name), value);
            }
        }
        Value::Number(number) => {
            if let Some(placeholder) = redactor.number_under(name, &number.to_string()) {
                *value = Value::String(placeholder);
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}

/// Names and addresses of servers are shown on purpose, like hosts.
fn redact_evidence(value: &mut Value, redactor: &mut Redactor) {
    match value {
        Value::String(text) => *text = redactor.shown(text),
        Value::Array(items) => {
            for item in items {
                redact_evidence(item, redactor);
            }
        }
        Value::Object(fields) => {
            for value in fields.values_mut() {
                redact_evidence(value, redactor);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
