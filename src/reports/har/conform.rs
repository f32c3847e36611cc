//! Makes entries and pages valid HAR 1.2: what the format requires is there and of its type, whatever the producer wrote.
//!
//! Values that can be read as the type that is asked for are converted, others give way to the value for "unknown".

use serde_json::{Map, Value, json};

type Fields = Map<String, Value>;

/// The time that stands where none is known; `_headwater.unknown` then names the field.
const NO_TIME: &str = "1970-01-01T00:00:00.000Z";

/// Completes an entry. Returns the required fields of which nothing is known.
pub(super) fn entry(entry: &mut Fields) -> Vec<&'static str> {
    let mut unknown = Vec::new();
    text(entry, "startedDateTime");
    if crate::base::time::Time::parse_iso(text_of(entry, "startedDateTime")).is_none() {
        entry.insert("startedDateTime".to_owned(), json!(NO_TIME));
        unknown.push("startedDateTime");
    }
    number(entry, "time", -1.0);
    if entry
        .get("time")
        .and_then(Value::as_f64)
        .is_none_or(|ms| ms < 0.0)
    {
        entry.insert("time".to_owned(), json!(0.0));
        unknown.push("time");
    }
    for name in ["pageref", "serverIPAddress", "connection", "comment"] {
        optional_text(entry, name);
    }
    request(object(entry, "request"));
    response(object(entry, "response"));
    cache(object(entry, "cache"));
    timings(object(entry, "timings"));
    unknown
}

/// Completes a page.
pub(super) fn page(page: &mut Fields) {
    for name in ["startedDateTime", "id", "title"] {
        text(page, name);
    }
    optional_text(page, "comment");
    let timings = object(page, "pageTimings");
    for name in ["onContentLoad", "onLoad"] {
        optional_number(timings, name);
    }
    optional_text(timings, "comment");
}

fn request(request: &mut Fields) {
    for name in ["method", "url", "httpVersion"] {
        text(request, name);
    }
    list(request, "cookies", cookie);
    list(request, "headers", pair);
    list(request, "queryString", pair);
    for name in ["headersSize", "bodySize"] {
        integer(request, name);
    }
    optional_text(request, "comment");
    if let Some(Value::Object(post)) = request.get_mut("postData") {
        text(post, "mimeType");
        optional_text(post, "text");
        optional_text(post, "comment");
        if post.contains_key("params") {
            list(post, "params", param);
        }
    } else {
        request.shift_remove("postData");
    }
}

fn response(response: &mut Fields) {
    integer(response, "status");
    for name in ["statusText", "httpVersion", "redirectURL"] {
        text(response, name);
    }
    list(response, "cookies", cookie);
    list(response, "headers", pair);
    for name in ["headersSize", "bodySize"] {
        integer(response, name);
    }
    optional_text(response, "comment");
    let content = object(response, "content");
    integer(content, "size");
    text(content, "mimeType");
    if content.contains_key("compression") {
        integer(content, "compression");
    }
    for name in ["text", "encoding", "comment"] {
        optional_text(content, name);
    }
}

fn cache(cache: &mut Fields) {
    for name in ["beforeRequest", "afterRequest"] {
        match cache.get_mut(name) {
            Some(Value::Object(entity)) => {
                optional_text(entity, "expires");
                text(entity, "lastAccess");
                text(entity, "eTag");
                integer(entity, "hitCount");
                optional_text(entity, "comment");
            }
            Some(_) => {
                cache.shift_remove(name);
            }
            None => {}
        }
    }
}

fn timings(timings: &mut Fields) {
    for name in ["send", "wait", "receive"] {
        number(timings, name, 0.0);
    }
    for name in ["blocked", "dns", "connect", "ssl"] {
        optional_number(timings, name);
    }
    optional_text(timings, "comment");
}

fn pair(pair: &mut Fields) {
    text(pair, "name");
    text(pair, "value");
    optional_text(pair, "comment");
}

fn cookie(cookie: &mut Fields) {
    pair(cookie);
    for name in ["path", "domain", "expires"] {
        optional_text(cookie, name);
    }
    for name in ["httpOnly", "secure"] {
        let is_set = match cookie.get(name) {
            Some(Value::Bool(is_set)) => Some(*is_set),
            Some(Value::String(text)) => text.parse().ok(),
            _ => None,
        };
        match is_set {
            Some(is_set) => drop(cookie.insert(name.to_owned(), json!(is_set))),
            None => drop(cookie.shift_remove(name)),
        }
    }
}

fn param(param: &mut Fields) {
    text(param, "name");
    for name in ["value", "fileName", "contentType", "comment"] {
        optional_text(param, name);
    }
}

fn text_of<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The field as text; empty where it is none.
fn text(fields: &mut Fields, name: &str) {
    optional_text(fields, name);
    fields.entry(name).or_insert_with(|| json!(""));
}

/// The field as text, or no field.
fn optional_text(fields: &mut Fields, name: &str) {
    match fields.get(name) {
        None | Some(Value::String(_)) => {}
        // Some programs leave the quotes of numbers away.
        Some(Value::Number(number)) if name == "value" => {
            let text = number.to_string();
            fields.insert(name.to_owned(), json!(text));
        }
        Some(_) => drop(fields.shift_remove(name)),
    }
}

fn number(fields: &mut Fields, name: &str, unknown: f64) {
    let found = fields.get(name).and_then(number_of).unwrap_or(unknown);
    if !fields.get(name).is_some_and(Value::is_number) {
        fields.insert(name.to_owned(), json!(found));
    }
}

fn optional_number(fields: &mut Fields, name: &str) {
    if fields.contains_key(name) {
        number(fields, name, -1.0);
    }
}

/// The field as a whole number; −1 where nothing is known.
fn integer(fields: &mut Fields, name: &str) {
    if fields.get(name).is_some_and(Value::is_i64) {
        return;
    }
    let found = fields.get(name).and_then(number_of);
    let found = found.filter(|number| number.abs() < 9e15).unwrap_or(-1.0);
    fields.insert(name.to_owned(), json!(found as i64));
}

fn number_of(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
    .filter(|number| number.is_finite())
}

fn object<'a>(fields: &'a mut Fields, name: &str) -> &'a mut Fields {
    let value = fields.entry(name).or_insert(Value::Null);
    if !value.is_object() {
        *value = json!({});
    }
    value
        .as_object_mut()
        .expect("it was made an object just now")
}

/// The field as a list of objects. Cookies that are an object of names and values, as Internet Explorer writes them,
/// become such a list.
fn list(fields: &mut Fields, name: &str, each: fn(&mut Fields)) {
    let items = match fields.get_mut(name).map(Value::take) {
        Some(Value::Array(items)) => items,
        Some(Value::Object(named)) if name == "cookies" => named
            .into_iter()
            .map(|(name, value)| json!({"name": name, "value": value}))
            .collect(),
        _ => Vec::new(),
    };
    let items = items.into_iter().filter_map(|item| match item {
        Value::Object(mut item) => {
            each(&mut item);
            Some(Value::Object(item))
        }
        _ => None,
    });
    let items = items.collect();
    fields.insert(name.to_owned(), Value::Array(items));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_program_wrote_becomes_valid() {
        let wrong = [
            json!(null),
            json!([]),
            json!({}),
            json!("x"),
            json!(1e300),
            json!(true),
            json!([1, {"name": 2}]),
        ];
        for wrong in wrong {
            let mut fields = Fields::new();
            for name in [
                "startedDateTime",
                "time",
                "request",
                "response",
                "cache",
                "timings",
                "pageref",
                "connection",
            ] {
                fields.insert(name.to_owned(), wrong.clone());
            }
            let mut inner = fields.clone();
            entry(&mut fields);
            check(fields);
            for (part, names) in [
                (
                    "request",
                    "method url httpVersion cookies headers queryString postData headersSize bodySize",
                ),
                (
                    "response",
                    "status statusText httpVersion cookies headers content redirectURL headersSize bodySize",
                ),
                ("cache", "beforeRequest afterRequest"),
                ("timings", "blocked dns connect ssl send wait receive"),
            ] {
                let names = names.split(' ');
                let fields: Fields = names.map(|name| (name.to_owned(), wrong.clone())).collect();
                inner.insert(part.to_owned(), Value::Object(fields));
            }
            entry(&mut inner);
            check(inner);
        }
    }

    fn check(fields: Fields) {
        let text = Value::Object(fields).to_string();
        let read: Result<har::v1_2::Entries, _> = serde_json::from_str(&text);
        assert!(read.is_ok(), "{read:?}: {text}");
    }

    #[test]
    fn what_is_valid_stays_as_it_is() {
        let valid = json!({
            "pageref": "p", "startedDateTime": "2026-01-02T03:04:05.000Z", "time": 5, "_own": [1],
            "request": {"method": "GET", "url": "http://a/", "httpVersion": "h2", "cookies": [], "headers": [],
                "queryString": [], "headersSize": -1, "bodySize": 0},
            "response": {"status": 200, "statusText": "OK", "httpVersion": "h2", "cookies": [], "headers": [],
                "content": {"size": 1, "mimeType": "text/plain"}, "redirectURL": "", "headersSize": -1, "bodySize": -1},
            "cache": {}, "timings": {"send": 0, "wait": 5, "receive": 0},
        });
        let Value::Object(mut fields) = valid.clone() else {
            unreachable!()
        };
        assert_eq!(entry(&mut fields), Vec::<&str>::new());
        assert_eq!(Value::Object(fields), valid);
    }
}
