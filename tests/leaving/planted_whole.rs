//! Secrets that only the rest of their entry gives away, numbers, what stands around the entries, and what *strict* removes.

use serde_json::{Value, json};

use crate::kinds::{Encoding, Kind, component};
use crate::planted::{Entry, Garden, Put, header, ordinary_entries};
use crate::planted_odd::odd_entries;
use crate::planted_urls::special_entries;

/// A HAR with all of it.
pub(crate) fn har(garden: &mut Garden) -> String {
    let mut entries = ordinary_entries(garden);
    entries.extend(special_entries(garden, entries.len()));
    entries.extend(repeated(garden, entries.len()));
    entries.extend(repeated_in_another_spelling(garden, entries.len()));
    entries.extend(numbers(garden, entries.len()));
    entries.extend(odd_entries(garden, entries.len()));
    entries.extend(for_strict(garden, entries.len()));
    let mut plant = |place: &str, kind| garden.plant("har", place, kind, Encoding::Plain);
    let har = json!({"log": {
        "version": "1.2",
        "comment": plant("log comment", Kind::Mail),
        "creator": {"name": "Test", "version": "1", "comment": plant("creator comment", Kind::Jwt), "_user": plant("creator _field", Kind::Mail)},
        "browser": {"name": "Test", "version": "1", "comment": plant("browser comment", Kind::Mixed32)},
        "pages": [{
            "id": "page_1",
            "startedDateTime": "2026-05-01T10:00:00.000Z",
            "title": format!("https://www.shop.example/s/{}?token={}#{}", plant("page title, path", Kind::Hex32), plant("page title, query", Kind::Words), plant("page title, fragment", Kind::Uuid)),
            "comment": plant("page comment", Kind::PhoneInland),
            "_user": plant("page _field", Kind::Mail),
            "pageTimings": {"comment": plant("page timings comment", Kind::Hex40)},
        }, {
            "id": "page_2",
            "startedDateTime": "2026-05-01T10:00:00.000Z",
            "title": format!("Inbox of {}, {} and {}", plant("page title, mail", Kind::Mail), plant("page title, phone", Kind::PhoneAbroad), plant("page title, card", Kind::CardInGroups)),
            "pageTimings": {},
        }],
        "entries": entries,
        "_unknown": {"session": plant("log _unknown, secret key", Kind::Words), "list": [plant("log _unknown", Kind::Uuid)]},
    }});
    har.to_string()
}

/// A value that is nothing by its shape, in a place that makes it secret, and again in one that does not.
fn repeated(garden: &mut Garden, first: usize) -> Vec<Value> {
    const SOURCES: &[(&str, Put)] = &[
        ("Cookie", |entry, text| {
            entry
                .request_headers
                .push(header("Cookie", &format!("a=1; uid={text}")));
        }),
        ("Set-Cookie", |entry, text| {
            entry
                .response_headers
                .push(header("Set-Cookie", &format!("uid={text}; Path=/")));
        }),
        ("request cookies[]", |entry, text| {
            entry.push("/request/cookies", json!({"name": "uid", "value": text}));
        }),
        ("response cookies[]", |entry, text| {
            entry.push("/response/cookies", json!({"name": "uid", "value": text}));
        }),
        ("Authorization", |entry, text| {
            entry
                .request_headers
                .push(header("Authorization", &format!("Bearer {text}")));
        }),
        ("password in postData", |entry, text| {
            let text = json!({"password": text}).to_string();
            let post = json!({"mimeType": "application/json", "text": text});
            entry.set("/request/postData", post);
        }),
        ("token in the query", |entry, text| {
            entry.query.push(format!("token={text}"));
        }),
        ("X-Api-Key", |entry, text| {
            entry.request_headers.push(header("X-Api-Key", text));
        }),
    ];
    const PLACES: &[(&str, Put)] = &[
        ("url path", |entry, text| {
            entry.segments.push(text.to_owned());
        }),
        ("url path, within a segment", |entry, text| {
            entry.segments.push(format!("user-{text}.png"));
        }),
        ("url query", |entry, text| {
            entry.query.push(format!("view={text}"));
        }),
        ("url query, name", |entry, text| {
            entry.query.push(format!("{text}=1"));
        }),
        ("url fragment", |entry, text| {
            entry.fragment = format!("#{text}");
        }),
        ("Referer", |entry, text| {
            let url = format!("https://www.shop.example/u/{text}?view={text}");
            entry.request_headers.push(header("Referer", &url));
        }),
        ("Location", |entry, text| {
            let url = format!("/u/{text}");
            entry.response_headers.push(header("Location", &url));
            entry.set("/response/redirectURL", json!(url));
        }),
        ("unknown header", |entry, text| {
            entry.response_headers.push(header("X-Foo-Bar", text));
        }),
        ("statusText", |entry, text| {
            entry.set("/response/statusText", json!(text));
        }),
        ("comment", |entry, text| {
            entry.set("/comment", json!(format!("of {text}")));
        }),
        ("_unknown", |entry, text| {
            entry.set("/_unknown", json!({"deep": [text]}));
        }),
        ("_initiator.url", |entry, text| {
            let url = format!("https://a.example/u/{text}/b.js");
            entry.set("/_initiator", json!({"type": "script", "url": url}));
        }),
    ];
    let mut entries = Vec::new();
    for (number, (source, put_source)) in SOURCES.iter().enumerate() {
        for (idx, (place, put_place)) in PLACES.iter().enumerate() {
            // Each source meets every second place: all pairs would say little more.
            if source == place || (number + idx) % 2 == 1 {
                continue;
            }
            let place = format!("{source}, again in {place}");
            let text = garden.plant("har", &place, Kind::Short, Encoding::Plain);
            let mut entry = Entry::new(first + entries.len());
            put_source(&mut entry, &text);
            put_place(&mut entry, &text);
            entries.push(entry.finish());
        }
    }
    entries
}

/// A cookie whose value stands elsewhere as a URL has to write it, or is longer than a matcher may be.
fn repeated_in_another_spelling(garden: &mut Garden, first: usize) -> Vec<Value> {
    const PLACES: &[(&str, Put)] = &[
        ("url path", |entry, text| {
            entry.segments.push(text.to_owned());
        }),
        ("url query", |entry, text| {
            entry.query.push(format!("view={text}"));
        }),
        ("Referer", |entry, text| {
            let url = format!("https://www.shop.example/?view={text}");
            entry.request_headers.push(header("Referer", &url));
        }),
        ("Location", |entry, text| {
            let url = format!("/u?view={text}&a=1");
            entry.response_headers.push(header("Location", &url));
        }),
        ("comment", |entry, text| {
            entry.set("/comment", json!(format!("of {text}")));
        }),
    ];
    let mut entries = Vec::new();
    for (place, put) in PLACES {
        for kind in [Kind::ShortBase64, Kind::Long, Kind::Umlauts] {
            let name = format!("Cookie, again in {place}, as a URL writes it");
            let text = garden.plant("har", &name, kind, Encoding::Plain);
            let mut entry = Entry::new(first + entries.len());
            let cookie = header("Cookie", &format!("a=1; uid={text}"));
            entry.request_headers.push(cookie);
            put(&mut entry, &component(&text));
            entries.push(entry.finish());
        }
    }
    entries
}

/// Numbers of JSON.
fn numbers(garden: &mut Garden, first: usize) -> Vec<Value> {
    const PLACES: &[(&str, Kind, &str)] = &[
        ("postData", Kind::Account, "account_number"),
        ("postData", Kind::Card, "value"),
        ("postData", Kind::Account, "phone"),
        ("_unknown", Kind::Card, "value"),
        ("_unknown", Kind::Account, "ssn"),
        ("_webSocketMessages", Kind::Card, "n"),
        ("content", Kind::Account, "iban"),
    ];
    let mut entries = Vec::new();
    for (place, kind, key) in PLACES {
        let name = format!("number under {key} in {place}");
        let text = garden.plant("har", &name, *kind, Encoding::Plain);
        let json = format!(r#"{{"{key}":{text}}}"#);
        let mut entry = Entry::new(first + entries.len());
        match *place {
            "postData" => entry.set(
                "/request/postData",
                json!({"mimeType": "application/json", "text": json}),
            ),
            "content" => entry.set(
                "/response/content",
                json!({"size": json.len(), "mimeType": "application/json", "text": json}),
            ),
            "_webSocketMessages" => {
                entry.set(
                    "/_webSocketMessages",
                    json!([{"type": "send", "data": json}]),
                );
            }
            _ => {
                let value: Value = serde_json::from_str(&json).expect("JSON");
                entry.set("/_unknown", value);
            }
        }
        entries.push(entry.finish());
    }
    entries
}

/// What *strict* keeps back beyond secrets: words of a path, names and words of a query, addresses of private machines.
fn for_strict(garden: &mut Garden, first: usize) -> Vec<Value> {
    const PLACES: &[(&str, Put)] = &[
        ("word of a path", |entry, text| {
            entry.segments.push(text.to_owned());
        }),
        ("word of a query", |entry, text| {
            entry.query.push(format!("view={text}"));
        }),
        ("name of a parameter", |entry, text| {
            entry.query.push(format!("{text}=1"));
        }),
        ("word of a path in Referer", |entry, text| {
            let url = format!("https://www.shop.example/u/{text}");
            entry.request_headers.push(header("Referer", &url));
        }),
        ("word of a path in Location", |entry, text| {
            let url = format!("/u/{text}");
            entry.response_headers.push(header("Location", &url));
        }),
        ("word of a path in redirectURL", |entry, text| {
            let url = format!("/u/{text}?{text}=1");
            entry.set("/response/redirectURL", json!(url));
        }),
        ("word of a path in _initiator", |entry, text| {
            let url = format!("https://a.example/{text}/b.js");
            entry.set("/_initiator", json!({"type": "script", "url": url}));
        }),
    ];
    let mut entries = Vec::new();
    for (place, put) in PLACES {
        let text = garden.plant_for_strict("har", place, Kind::Words);
        let mut entry = Entry::new(first + entries.len());
        put(&mut entry, &text);
        entries.push(entry.finish());
    }
    let place = "address of a private server";
    let text = garden.plant_for_strict("har", place, Kind::PrivateAddress);
    let mut entry = Entry::new(first + entries.len());
    entry.set("/serverIPAddress", json!(text));
    entries.push(entry.finish());
    entries
}
