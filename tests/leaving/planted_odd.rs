//! Secrets where no writer of captures should put them, and in captures that are broken.

use serde_json::{Value, json};

use crate::kinds::{Encoding, Kind};
use crate::planted::{Entry, Garden, Put, header};

/// Fields that hold words and numbers of a format.
const PLACES: &[(&str, Put)] = &[
    ("method", |entry, text| {
        entry.set("/request/method", json!(text));
    }),
    ("request httpVersion", |entry, text| {
        entry.set("/request/httpVersion", json!(text));
    }),
    ("response httpVersion", |entry, text| {
        entry.set("/response/httpVersion", json!(text));
    }),
    ("serverIPAddress", |entry, text| {
        entry.set("/serverIPAddress", json!(text));
    }),
    ("startedDateTime", |entry, text| {
        entry.set("/startedDateTime", json!(text));
    }),
    ("time", |entry, text| entry.set("/time", json!(text))),
    ("status", |entry, text| {
        entry.set("/response/status", json!(text));
    }),
    ("pageref", |entry, text| entry.set("/pageref", json!(text))),
    ("mimeType", |entry, text| {
        entry.set(
            "/response/content/mimeType",
            json!(format!("text/plain; name={text}")),
        );
    }),
    ("encoding", |entry, text| {
        entry.set("/response/content/encoding", json!(text));
    }),
    ("_resourceType", |entry, text| {
        entry.set("/_resourceType", json!(text));
    }),
    ("_priority", |entry, text| {
        entry.set("/_priority", json!(text));
    }),
    ("_initiator.type", |entry, text| {
        entry.set("/_initiator", json!({"type": text}));
    }),
    ("_fetchedVia", |entry, text| {
        entry.set("/_fetchedVia", json!(text));
    }),
    ("headers as text", |entry, text| {
        entry.set(
            "/request/headersText",
            json!(format!("Authorization: Bearer {text}")),
        );
    }),
    ("cookies as an object", |entry, text| {
        entry.set("/request/cookies", json!({"sid": text}));
    }),
    ("queryString as an object", |entry, text| {
        entry.set("/request/queryString", json!({"token": text}));
    }),
    ("postData as text", |entry, text| {
        entry.set("/request/postData", json!(format!("token={text}")));
    }),
    ("content as text", |entry, text| {
        entry.set("/response/content", json!(format!("token={text}")));
    }),
    ("redirectURL as a list", |entry, text| {
        entry.set("/response/redirectURL", json!([format!("/?token={text}")]));
    }),
    ("_securityDetails", |entry, text| {
        entry.set(
            "/_securityDetails",
            json!({"subjectName": text, "issuer": text}),
        );
    }),
    ("header value as a list", |entry, text| {
        entry
            .request_headers
            .push(json!({"name": "Authorization", "value": [text]}));
    }),
    ("header value as an object", |entry, text| {
        entry
            .request_headers
            .push(json!({"name": "X-Auth", "value": {"a": text}}));
    }),
    ("header without a name", |entry, text| {
        entry.request_headers.push(json!({"value": text}));
    }),
    ("header with a blank name", |entry, text| {
        entry.request_headers.push(header(" ", text));
    }),
    ("header with a further field", |entry, text| {
        entry
            .response_headers
            .push(json!({"name": "Age", "value": "1", "_raw": text}));
    }),
];

/// One entry for each, with a secret in it.
pub(crate) fn odd_entries(garden: &mut Garden, first: usize) -> Vec<Value> {
    let mut entries = Vec::new();
    for (place, put) in PLACES {
        for kind in [Kind::Jwt, Kind::Hex32, Kind::Mixed22] {
            let text = garden.plant("har", place, kind, Encoding::Plain);
            let mut entry = Entry::new(first + entries.len());
            put(&mut entry, &text);
            entries.push(entry.finish());
        }
    }
    entries
}

/// A HAR whose entries are broken or say things twice: what is wrong with them is told, but not by quoting them.
pub(crate) fn damaged_har(garden: &mut Garden) -> String {
    const ENTRIES: &[(&str, Kind, &str)] = &[
        (
            "url twice, first",
            Kind::Words,
            r#"{"startedDateTime":"2026-05-01T10:00:00Z","request":{"method":"GET","url":"https://a.example/?token={}","url":"https://a.example/","headers":[]},"response":{"status":200,"headers":[]}}"#,
        ),
        (
            "url twice, last",
            Kind::Words,
            r#"{"startedDateTime":"2026-05-01T10:00:00Z","request":{"method":"GET","url":"https://a.example/","url":"https://a.example/?token={}","headers":[]},"response":{"status":200,"headers":[]}}"#,
        ),
        (
            "headers twice",
            Kind::Words,
            r#"{"startedDateTime":"2026-05-01T10:00:00Z","request":{"method":"GET","url":"https://a.example/","headers":[{"name":"Cookie","value":"a={}"}],"headers":[]},"response":{"status":200,"headers":[]}}"#,
        ),
        (
            "header value twice",
            Kind::Words,
            r#"{"startedDateTime":"2026-05-01T10:00:00Z","request":{"method":"GET","url":"https://a.example/","headers":[{"name":"Cookie","value":"a={}","name":"Accept","value":"*/*"}]},"response":{"status":200,"headers":[]}}"#,
        ),
        (
            "entry without a comma",
            Kind::Jwt,
            r#"{"startedDateTime":"2026-05-01T10:00:00Z","request":{"method":"GET","url":"https://a.example/?token={}" "headers":[]},"response":{"status":200,"headers":[]}}"#,
        ),
        (
            "entry without quotes",
            Kind::Mixed32,
            r#"{"startedDateTime":"2026-05-01T10:00:00Z","request":{"method":"GET","url":https://a.example/?token={},"headers":[]},"response":{"status":200,"headers":[]}}"#,
        ),
        (
            "entry that is a text",
            Kind::Jwt,
            r#""https://a.example/?token={}""#,
        ),
        (
            "entry with a bad escape",
            Kind::Hex32,
            r#"{"startedDateTime":"2026-05-01T10:00:00Z","request":{"method":"GET","url":"https://a.example/?token={}\x","headers":[]},"response":{"status":"{}","headers":[]}}"#,
        ),
        (
            "body file that is not there",
            Kind::Jwt,
            r#"{"startedDateTime":"2026-05-01T10:00:00Z","request":{"method":"GET","url":"https://a.example/","headers":[]},"response":{"status":200,"headers":[],"content":{"_file":"{}.bin"}}}"#,
        ),
    ];
    let whole = r#"{"startedDateTime":"2026-05-01T10:00:00Z","request":{"method":"GET","url":"https://www.shop.example/a","headers":[]},"response":{"status":200,"headers":[]}}"#;
    let mut entries = vec![whole.to_owned()];
    for (place, kind, pattern) in ENTRIES {
        let text = garden.plant("damaged har", place, *kind, Encoding::Plain);
        entries.push(pattern.replace("{}", &text));
    }
    let cut = garden.plant(
        "damaged har",
        "entry that is cut off",
        Kind::Jwt,
        Encoding::Plain,
    );
    format!(
        r#"{{"log":{{"version":"1.2","creator":{{"name":"Test","version":"1"}},"entries":[{},{{"request":{{"method":"GET","url":"https://a.example/?token={cut}"#,
        entries.join(",\n")
    )
}
