//! A HAR with a secret in every place that can hold one.

use serde_json::{Map, Value, json};

use crate::haystack::Plant;
use crate::kinds::{BY_NAME, Chance, ENCODINGS, Encoding, Kind, SHAPES, component};
use crate::planted_headers::{REQUEST_HEADERS, RESPONSE_HEADERS};

/// Makes values, and remembers where each was put.
pub(crate) struct Garden {
    pub(crate) chance: Chance,
    pub(crate) plants: Vec<Plant>,
}

impl Garden {
    pub(crate) fn new() -> Self {
        Self {
            chance: Chance::new(0x5ec2_e75a_11ed),
            plants: Vec::new(),
        }
    }

    /// A new value for `place`, as it is written there.
    pub(crate) fn plant(
        &mut self,
        format: &'static str,
        place: &str,
        kind: Kind,
        encoding: Encoding,
    ) -> String {
        loop {
            let value = kind.make(&mut self.chance);
            if self.plants.iter().any(|plant| plant.value == value) {
                continue;
            }
            let Some(written) = encoding.write(&value) else {
                continue;
            };
            self.plants.push(Plant {
                value,
                kind,
                place: place.to_owned(),
                encoding: format!("{kind:?} {encoding:?}"),
                format,
                is_for_strict: false,
            });
            return written;
        }
    }

    /// The same, escaped for a place within a URL.
    pub(crate) fn plant_in_url(
        &mut self,
        format: &'static str,
        place: &str,
        kind: Kind,
        encoding: Encoding,
    ) -> String {
        let written = self.plant(format, place, kind, encoding);
        if encoding.is_percent() {
            written
        } else {
            component(&written)
        }
    }

    /// An ordinary text that *strict* removes and *balanced* keeps.
    pub(crate) fn plant_for_strict(
        &mut self,
        format: &'static str,
        place: &str,
        kind: Kind,
    ) -> String {
        let written = self.plant(format, place, kind, Encoding::Plain);
        if let Some(plant) = self.plants.last_mut() {
            plant.is_for_strict = true;
        }
        written
    }
}

/// What makes a value secret in a place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Nothing but its shape.
    Shape,
    /// The name that it stands under, or the place itself: any text is secret there.
    Named,
}

/// Which kinds and encodings are tried in the place with this number: some of each, so that every kind meets many places.
pub(crate) fn choices(class: Class, number: usize, n_plain: usize) -> Vec<(Kind, Encoding)> {
    let shapes = |n: usize, step: usize| {
        (0..n).map(move |idx| SHAPES[(number * 5 + idx * step) % SHAPES.len()])
    };
    let mut chosen: Vec<(Kind, Encoding)> = Vec::new();
    if class == Class::Named {
        chosen.extend(BY_NAME.iter().map(|kind| (*kind, Encoding::Plain)));
    }
    let n = n_plain.saturating_sub(chosen.len()).max(2);
    chosen.extend(shapes(n, 1).map(|kind| (kind, Encoding::Plain)));
    let encodings = (0..2).map(|idx| ENCODINGS[(number * 2 + idx) % ENCODINGS.len()]);
    let encoded = shapes(2, 3).zip(encodings);
    chosen.extend(encoded.filter(|(kind, encoding)| is_sensible(*kind, *encoding)));
    chosen
}

/// Base64 and hex of what holds blanks is nothing that anybody writes.
const fn is_sensible(kind: Kind, encoding: Encoding) -> bool {
    let packs = matches!(
        encoding,
        Encoding::Base64 | Encoding::Base64Url | Encoding::Hex
    );
    !(packs && matches!(kind, Kind::CardInGroups | Kind::PhoneInland))
}

/// One entry before it is written: parts of its URL, its headers, and the rest.
pub(crate) struct Entry {
    host: String,
    pub(crate) segments: Vec<String>,
    pub(crate) query: Vec<String>,
    pub(crate) fragment: String,
    user_info: String,
    pub(crate) request_headers: Vec<Value>,
    pub(crate) response_headers: Vec<Value>,
    rest: Value,
}

impl Entry {
    pub(crate) fn new(number: usize) -> Self {
        let rest = json!({
            "pageref": "page_1",
            "startedDateTime": format!("2026-05-01T10:{:02}:{:02}.123Z", number / 60 % 60, number % 60),
            "time": 5,
            "request": {"method": "POST", "httpVersion": "h2", "cookies": [], "queryString": [], "headersSize": -1, "bodySize": 0},
            "response": {"status": 302, "statusText": "Found", "httpVersion": "h2", "cookies": [], "content": {"size": 4, "mimeType": "text/plain", "text": "body"}, "redirectURL": "", "headersSize": -1, "bodySize": 4},
            "cache": {}, "timings": {"send": 0, "wait": 4, "receive": 1}, "serverIPAddress": "192.0.2.7",
        });
        Self {
            host: "www.shop.example".to_owned(),
            segments: vec!["api".to_owned()],
            query: vec!["page=2".to_owned()],
            fragment: String::new(),
            user_info: String::new(),
            request_headers: Vec::new(),
            response_headers: vec![header("Server", "AmazonS3")],
            rest,
        }
    }

    fn url(&self) -> String {
        let Self {
            host,
            user_info,
            fragment,
            ..
        } = self;
        let (path, query) = (self.segments.join("/"), self.query.join("&"));
        format!("https://{user_info}{host}/{path}?{query}{fragment}")
    }

    pub(crate) fn finish(mut self) -> Value {
        let url = self.url();
        if self.rest.pointer("/request/url").is_none() {
            self.rest["request"]["url"] = json!(url);
        }
        self.rest["request"]["headers"] = Value::Array(self.request_headers);
        self.rest["response"]["headers"] = Value::Array(self.response_headers);
        self.rest
    }

    pub(crate) fn set(&mut self, pointer: &str, value: Value) {
        let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
        let mut at = &mut self.rest;
        for part in parent.split('/').filter(|part| !part.is_empty()) {
            at = match part.parse::<usize>() {
                Ok(idx) if at.is_array() => &mut at[idx],
                _ => &mut at[part],
            };
            if at.is_null() {
                *at = Value::Object(Map::new());
            }
        }
        at[key] = value;
    }

    pub(crate) fn push(&mut self, pointer: &str, value: Value) {
        let list = self.rest.pointer_mut(pointer).and_then(Value::as_array_mut);
        list.expect("a list").push(value);
    }
}

pub(crate) fn header(name: &str, value: &str) -> Value {
    json!({"name": name, "value": value})
}

/// Puts what is written, escaped for URLs where that is due, into an entry.
type Put = fn(&mut Entry, &str);

/// Places within the URL of the request: name, what makes it secret there, and how it is put there.
const URL_PLACES: &[(&str, Class, Put)] = {
    use Class::{Named, Shape};
    &[
        ("url path", Shape, |entry, text| {
            entry.segments.push(text.to_owned())
        }),
        ("url path, file", Shape, |entry, text| {
            entry.segments.push(format!("{text}.json"))
        }),
        ("url path behind reset/", Named, |entry, text| {
            entry.segments.extend(["reset".to_owned(), text.to_owned()])
        }),
        ("url path, key=value", Shape, |entry, text| {
            entry.segments.push(format!("id={text}"))
        }),
        ("url path, name~value", Shape, |entry, text| {
            entry.segments.push(format!("v1~{text}"))
        }),
        ("url matrix, jsessionid", Named, |entry, text| {
            entry.segments.push(format!("home;jsessionid={text}"))
        }),
        ("url matrix, other", Shape, |entry, text| {
            entry.segments.push(format!("list;v={text};w=2"))
        }),
        ("url query, secret name", Named, |entry, text| {
            entry.query.push(format!("access_token={text}"))
        }),
        ("url query, secret name encoded", Named, |entry, text| {
            entry.query.push(format!("user%5Bpassword%5D={text}"))
        }),
        ("url query, harmless name", Shape, |entry, text| {
            entry.query.push(format!("q={text}"))
        }),
        ("url query, list", Shape, |entry, text| {
            entry.query.push(format!("ids=1,{text},2"))
        }),
        ("url query, semicolon", Shape, |entry, text| {
            entry.query.push(format!("a=1;b={text}"))
        }),
        ("url query, name", Shape, |entry, text| {
            entry.query.push(format!("{text}=1"))
        }),
        ("url query, bare", Shape, |entry, text| {
            entry.query.push(text.to_owned())
        }),
        ("url query, oauth code", Named, |entry, text| {
            entry.query.push(format!("code={text}"))
        }),
        ("url query, oauth state", Named, |entry, text| {
            entry.query.push(format!("state={text}"))
        }),
        ("url query, SAMLResponse", Named, |entry, text| {
            entry.query.push(format!("SAMLResponse={text}"))
        }),
        ("url query, Azure sig", Named, |entry, text| {
            entry.query.push(format!("sv=2022-11-02&sr=b&sig={text}"))
        }),
        ("url query, CloudFront Signature", Named, |entry, text| {
            entry
                .query
                .push(format!("Expires=1777777777&Signature={text}"))
        }),
        ("url query, CloudFront Key-Pair-Id", Named, |entry, text| {
            entry.query.push(format!("Key-Pair-Id={text}"))
        }),
        ("url query, S3 signature", Named, |entry, text| {
            entry.query.push(format!(
                "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature={text}"
            ))
        }),
        ("url query, S3 credential", Named, |entry, text| {
            entry.query.push(format!(
                "X-Amz-Credential={text}%2F20260501%2Feu-west-1%2Fs3%2Faws4_request"
            ))
        }),
        ("url query, S3 security token", Named, |entry, text| {
            entry.query.push(format!("X-Amz-Security-Token={text}"))
        }),
        ("url query, Google signature", Named, |entry, text| {
            entry.query.push(format!("X-Goog-Signature={text}"))
        }),
        ("url query, Akamai hdnts", Named, |entry, text| {
            entry
                .query
                .push(format!("hdnts=exp=1777777777~acl=/*~hmac={text}"))
        }),
        ("url path, Akamai hdntl", Named, |entry, text| {
            entry
                .segments
                .push(format!("hdntl=exp=1777777777~acl=%2f*~hmac={text}"))
        }),
        ("url query, url within", Shape, |entry, text| {
            entry.query.push(format!(
                "next=https%3A%2F%2Fin.example%2F%3Fq%3D{}",
                component(text)
            ))
        }),
        ("url query, token in url within", Named, |entry, text| {
            entry.query.push(format!(
                "next=https%3A%2F%2Fin.example%2F%3Ftoken%3D{}",
                component(text)
            ))
        }),
        ("url query, path of url within", Shape, |entry, text| {
            entry.query.push(format!("u=https://in.example/x/{text}/y"))
        }),
        ("url query, JSON", Shape, |entry, text| {
            entry
                .query
                .push(format!("filter=%7B%22id%22%3A%22{text}%22%7D"))
        }),
        ("url query, secret key of JSON", Named, |entry, text| {
            entry
                .query
                .push(format!("filter=%7B%22password%22%3A%22{text}%22%7D"))
        }),
        ("url fragment", Shape, |entry, text| {
            entry.fragment = format!("#/inbox/{text}")
        }),
        ("url fragment, token", Named, |entry, text| {
            entry.fragment = format!("#access_token={text}&token_type=bearer")
        }),
        ("url user", Named, |entry, text| {
            entry.user_info = format!("{text}@")
        }),
        ("url password", Named, |entry, text| {
            entry.user_info = format!("jo:{text}@")
        }),
    ]
};

/// Places elsewhere in an entry, where text stands as it is.
const TEXT_PLACES: &[(&str, Class, Put)] = {
    use Class::{Named, Shape};
    &[
        ("queryString[].value", Named, |entry, text| {
            entry.push(
                "/request/queryString",
                json!({"name": "password", "value": text}),
            )
        }),
        (
            "queryString[].value, harmless name",
            Shape,
            |entry, text| entry.push("/request/queryString", json!({"name": "q", "value": text})),
        ),
        ("queryString[].name", Shape, |entry, text| {
            entry.push("/request/queryString", json!({"name": text, "value": "1"}))
        }),
        ("queryString[].comment", Shape, |entry, text| {
            entry.push(
                "/request/queryString",
                json!({"name": "page", "value": "2", "comment": text}),
            )
        }),
        ("request cookies[].value", Named, |entry, text| {
            entry.push("/request/cookies", json!({"name": "theme", "value": text}))
        }),
        ("request cookies[].name", Shape, |entry, text| {
            entry.push("/request/cookies", json!({"name": text, "value": "1"}))
        }),
        ("response cookies[].value", Named, |entry, text| {
            entry.push("/response/cookies", json!({"name": "lang", "value": text}))
        }),
        ("response cookies[].path", Shape, |entry, text| {
            entry.push(
                "/response/cookies",
                json!({"name": "a", "value": "", "path": format!("/s/{text}")}),
            )
        }),
        ("response cookies[]._field", Shape, |entry, text| {
            entry.push(
                "/response/cookies",
                json!({"name": "b", "value": "", "_partition": text}),
            )
        }),
        ("postData form, secret key", Named, |entry, text| {
            form(entry, &format!("user=jo&password={}", component(text)))
        }),
        ("postData form, harmless key", Shape, |entry, text| {
            form(entry, &format!("a=1&q={}", component(text)))
        }),
        ("postData form, key", Shape, |entry, text| {
            form(entry, &format!("{}=1&a=2", component(text)))
        }),
        ("postData JSON, secret key", Named, |entry, text| {
            post(
                entry,
                "application/json",
                &json!({"user": {"list": [{"client_secret": text}]}}).to_string(),
            )
        }),
        ("postData JSON, harmless key", Shape, |entry, text| {
            post(
                entry,
                "application/json",
                &json!({"a": {"list": [{"title": text}]}}).to_string(),
            )
        }),
        ("postData JSON, key", Shape, |entry, text| {
            post(
                entry,
                "application/json; charset=utf-8",
                &json!({"a": {text: 1}}).to_string(),
            )
        }),
        ("postData JSON within JSON", Named, |entry, text| {
            post(
                entry,
                "application/json",
                &json!({"payload": json!({"token": text}).to_string()}).to_string(),
            )
        }),
        ("postData JSON, array alone", Shape, |entry, text| {
            post(
                entry,
                "application/vnd.api+json",
                &json!([text]).to_string(),
            )
        }),
        ("postData multipart", Named, |entry, text| {
            post(
                entry,
                "multipart/form-data; boundary=xx",
                &format!(
                    "--xx\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n{text}\r\n--xx--\r\n"
                ),
            )
        }),
        ("postData multipart, file name", Shape, |entry, text| {
            post(
                entry,
                "multipart/form-data; boundary=xx",
                &format!(
                    "--xx\r\nContent-Disposition: form-data; name=\"f\"; filename=\"{text}.pdf\"\r\n\r\nx\r\n--xx--\r\n"
                ),
            )
        }),
        ("postData plain", Named, |entry, text| {
            post(entry, "text/plain", &format!("password: {text}"))
        }),
        ("postData XML", Named, |entry, text| {
            post(
                entry,
                "text/xml",
                &format!("<soap><password>{text}</password></soap>"),
            )
        }),
        ("postData GraphQL", Named, |entry, text| {
            post(
                entry,
                "application/graphql",
                &format!("mutation {{ login(password: \"{text}\") {{ id }} }}"),
            )
        }),
        ("postData without type", Named, |entry, text| {
            entry.set("/request/postData/text", json!(format!("token={text}")))
        }),
        ("postData.params[].value", Named, |entry, text| {
            params(entry, json!({"name": "password", "value": text}))
        }),
        ("postData.params[].name", Shape, |entry, text| {
            params(entry, json!({"name": text, "value": "1"}))
        }),
        ("postData.params[].fileName", Shape, |entry, text| {
            params(
                entry,
                json!({"name": "f", "fileName": format!("{text}.pdf"), "contentType": "text/plain"}),
            )
        }),
        ("postData._file", Shape, |entry, text| {
            entry.set("/request/postData/_file", json!(format!("/home/jo/{text}")))
        }),
        ("postData.comment", Shape, |entry, text| {
            entry.set("/request/postData/comment", json!(text))
        }),
        ("content.text", Named, |entry, text| {
            entry.set(
                "/response/content/text",
                json!(format!("<input name=csrf value='{text}'>")),
            )
        }),
        ("content.text, JSON", Named, |entry, text| {
            body(
                entry,
                "application/json",
                &json!({"access_token": text}).to_string(),
            )
        }),
        ("content.text, base64", Named, |entry, text| {
            base64_body(entry, &format!("password={text}"))
        }),
        ("content.comment", Shape, |entry, text| {
            entry.set("/response/content/comment", json!(text))
        }),
        ("content._file", Shape, |entry, text| {
            entry.set(
                "/response/content/_file",
                json!(format!("C:\\Users\\jo\\{text}")),
            )
        }),
        ("redirectURL, path", Shape, |entry, text| {
            entry.set(
                "/response/redirectURL",
                json!(format!("https://www.shop.example/x/{}", component(text))),
            )
        }),
        ("redirectURL, query", Named, |entry, text| {
            entry.set(
                "/response/redirectURL",
                json!(format!("/next?code={}", component(text))),
            )
        }),
        ("statusText", Shape, |entry, text| {
            entry.set("/response/statusText", json!(format!("Found {text}")))
        }),
        ("entry comment", Shape, |entry, text| {
            entry.set("/comment", json!(format!("seen {text} twice")))
        }),
        ("request comment", Shape, |entry, text| {
            entry.set("/request/comment", json!(text))
        }),
        ("response comment", Shape, |entry, text| {
            entry.set("/response/comment", json!(text))
        }),
        ("timings comment", Shape, |entry, text| {
            entry.set("/timings/comment", json!(text))
        }),
        ("cache comment", Shape, |entry, text| {
            entry.set("/cache/comment", json!(text))
        }),
        ("connection", Shape, |entry, text| {
            entry.set("/connection", json!(text))
        }),
        ("_unknown text", Shape, |entry, text| {
            entry.set("/_unknown", json!({"deep": ["a", text]}))
        }),
        ("_unknown key", Shape, |entry, text| {
            entry.set("/_others", json!({text: true}))
        }),
        ("_unknown, secret key", Named, |entry, text| {
            entry.set("/_login", json!({"password": text}))
        }),
        ("_error", Named, |entry, text| {
            entry.set(
                "/response/_error",
                json!(format!(
                    "net::ERR_FAILED https://a.example/?token={}",
                    component(text)
                )),
            )
        }),
        ("_initiator.url", Shape, |entry, text| {
            entry.set("/_initiator", json!({"type": "script", "url": format!("https://a.example/{}/b.js", component(text)), "lineNumber": 3}))
        }),
        ("_initiator stack", Named, |entry, text| {
            entry.set("/_initiator", json!({"type": "script", "stack": {"callFrames": [{"functionName": "load", "url": format!("https://a.example/b.js?key={}", component(text)), "lineNumber": 1}]}}))
        }),
        ("_initiator function", Shape, |entry, text| {
            entry.set("/_initiator", json!({"type": "script", "stack": {"callFrames": [], "parent": {"description": "await", "callFrames": [{"functionName": text, "url": ""}]}}}))
        }),
        ("_webSocketMessages", Named, |entry, text| {
            entry.set("/_webSocketMessages", json!([{"type": "send", "time": 1.5, "opcode": 1, "data": json!({"auth": text}).to_string()}]))
        }),
        ("_webSocketMessages, text", Shape, |entry, text| {
            entry.set("/_webSocketMessages", json!([{"type": "receive", "time": 1.5, "opcode": 1, "data": format!("hello {text}")}]))
        }),
        ("field of the request", Named, |entry, text| {
            entry.set("/request/_credentials", json!(text))
        }),
        ("field without a mark", Shape, |entry, text| {
            entry.set("/response/sessionStorage", json!({"a": text}))
        }),
        ("header comment", Shape, |entry, text| {
            entry
                .request_headers
                .push(json!({"name": "Accept", "value": "*/*", "comment": text}))
        }),
        ("request header name", Shape, |entry, text| {
            entry
                .request_headers
                .push(header(&format!("X-{}", header_name(text)), "1"))
        }),
        ("response header name", Shape, |entry, text| {
            entry
                .response_headers
                .push(header(&format!("x-{}", header_name(text)), "1"))
        }),
    ]
};

/// Names of headers hold few signs.
fn header_name(text: &str) -> String {
    text.replace(
        |c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_' && c != '.',
        "_",
    )
}

fn post(entry: &mut Entry, mime: &str, text: &str) {
    entry.set("/request/postData", json!({"mimeType": mime, "text": text}));
}

fn form(entry: &mut Entry, text: &str) {
    post(
        entry,
        "application/x-www-form-urlencoded; charset=UTF-8",
        text,
    );
}

fn params(entry: &mut Entry, param: Value) {
    entry.set(
        "/request/postData",
        json!({"mimeType": "application/x-www-form-urlencoded", "params": [param]}),
    );
}

fn body(entry: &mut Entry, mime: &str, text: &str) {
    entry.set(
        "/response/content",
        json!({"size": text.len(), "mimeType": mime, "text": text}),
    );
}

fn base64_body(entry: &mut Entry, text: &str) {
    let text = Encoding::Base64.write(text).unwrap_or_default();
    entry.set(
        "/response/content",
        json!({"size": text.len(), "mimeType": "text/html", "text": text, "encoding": "base64"}),
    );
}

/// Something that waits to be put into an entry.
struct Waiting {
    place: String,
    slot: String,
    kind: Kind,
    encoding: Encoding,
    is_in_url: bool,
    put: Box<dyn Fn(&mut Entry, &str)>,
}

/// Places that exclude each other: an entry has one body, one fragment, and so on.
fn slot(place: &str) -> String {
    const ALONE: &[&str] = &[
        "postData",
        "content",
        "_initiator",
        "_webSocketMessages",
        "redirectURL",
        "url fragment",
        "url matrix",
    ];
    let alone = ALONE.iter().find(|alone| place.starts_with(**alone));
    let slot = match alone {
        Some(alone) => alone,
        None if matches!(place, "url user" | "url password") => "user info",
        None => place,
    };
    slot.to_owned()
}

fn waiting() -> Vec<Waiting> {
    let mut all = Vec::new();
    let places = URL_PLACES.iter().map(|place| (place, true));
    let places = places.chain(TEXT_PLACES.iter().map(|place| (place, false)));
    for (number, ((place, class, put), is_in_url)) in places.enumerate() {
        for (kind, encoding) in choices(*class, number, 4) {
            if place.ends_with("header name") && !is_header_name(kind, encoding) {
                continue;
            }
            all.push(Waiting {
                place: (*place).to_owned(),
                slot: slot(place),
                kind,
                encoding,
                is_in_url,
                put: Box::new(*put),
            });
        }
    }
    let requests = REQUEST_HEADERS.iter().map(|place| (place, true));
    let headers = requests.chain(RESPONSE_HEADERS.iter().map(|place| (place, false)));
    for (number, (place, is_request)) in headers.enumerate() {
        for (kind, encoding) in choices(place.class, number, 3) {
            let side = if is_request { "request" } else { "response" };
            let is_in_url = place.pattern.contains("{u}");
            all.push(Waiting {
                place: format!("{side} header {}: {}", place.name, place.pattern),
                // A header stands once in a message, but for cookies.
                slot: format!("{side} {}", place.name.to_ascii_lowercase()),
                kind,
                encoding,
                is_in_url,
                put: Box::new(move |entry, text| {
                    let value = place.pattern.replace("{u}", text).replace("{}", text);
                    let headers = if is_request {
                        &mut entry.request_headers
                    } else {
                        &mut entry.response_headers
                    };
                    headers.push(header(place.name, &value));
                }),
            });
        }
    }
    all
}

const fn is_header_name(kind: Kind, encoding: Encoding) -> bool {
    let is_name = !matches!(
        kind,
        Kind::Mail | Kind::PhoneAbroad | Kind::PhoneInland | Kind::CardInGroups | Kind::Telegram
    );
    is_name && matches!(encoding, Encoding::Plain | Encoding::Hex)
}

/// Fills entries, each with at most one value of each slot.
pub(crate) fn ordinary_entries(garden: &mut Garden) -> Vec<Value> {
    let mut entries: Vec<(Vec<String>, Entry)> = Vec::new();
    for item in waiting() {
        let free = entries
            .iter()
            .position(|(taken, _)| !taken.contains(&item.slot));
        let idx = free.unwrap_or_else(|| {
            entries.push((Vec::new(), Entry::new(entries.len())));
            entries.len() - 1
        });
        let written = if item.is_in_url {
            garden.plant_in_url("har", &item.place, item.kind, item.encoding)
        } else {
            garden.plant("har", &item.place, item.kind, item.encoding)
        };
        let (taken, entry) = &mut entries[idx];
        (item.put)(entry, &written);
        taken.push(item.slot);
    }
    entries
        .into_iter()
        .map(|(_, entry)| entry.finish())
        .collect()
}

/// URLs of other schemes, hosts that are wholly a token, and places that are secret as a whole.
pub(crate) fn special_entries(garden: &mut Garden, first: usize) -> Vec<Value> {
    use Kind::{Hex32, Hex40, Jwt, Mail, Mixed22, Short, Telegram, UserName, Uuid, Words};
    const URLS: &[(&str, Kind, &str)] = &[
        ("blob: URL", Uuid, "blob:https://www.shop.example/{}"),
        ("blob: URL of nothing", Uuid, "blob:null/{}"),
        (
            "filesystem: URL",
            Hex32,
            "filesystem:https://www.shop.example/temporary/{}",
        ),
        ("file: URL, Linux", UserName, "file:///home/{}/report.html"),
        (
            "file: URL, macOS",
            UserName,
            "file:///Users/{}/Desktop/report.html",
        ),
        (
            "file: URL, Windows",
            UserName,
            "file:///C:/Users/{}/Documents/report.html",
        ),
        ("data: URL", Mixed22, "data:text/plain,{}"),
        ("data: URL, words", Words, "data:text/html,%3Cp%3E{}"),
        ("data: URL, base64", Jwt, "data:text/plain;base64,{}"),
        ("about: URL", Uuid, "about:blank#{}"),
        ("javascript: URL", Short, "javascript:login('password={}')"),
        (
            "WebSocket URL",
            Jwt,
            "wss://ws.shop.example/socket?token={}",
        ),
        (
            "WebSocket URL, path",
            Uuid,
            "wss://ws.shop.example/socket/{}/x",
        ),
        ("host", Uuid, "https://{}.shop.example/"),
        ("host", Hex32, "https://{}.shop.example/x"),
        ("host within", Hex40, "https://a.{}.shop.example/x"),
        ("host and port", Uuid, "https://{}.shop.example:8443/"),
        (
            "Telegram bot",
            Telegram,
            "https://api.telegram.example/bot{}/sendMessage",
        ),
        (
            "Slack webhook",
            Mixed22,
            "https://hooks.slack.com/services/T0AB12CD3/B0AB12CD3/{}",
        ),
        (
            "Discord webhook",
            Kind::Mixed43,
            "https://discord.example/api/webhooks/1777777777777777777/{}",
        ),
        (
            "Teams webhook",
            Hex32,
            "https://x.webhook.office.example/webhookb2/a/IncomingWebhook/{}/b",
        ),
        (
            "ASP.NET session",
            Kind::Lower24,
            "https://www.shop.example/(S({}))/Default.aspx",
        ),
        (
            "jsessionid",
            Kind::HexUpper32,
            "https://www.shop.example/cart;jsessionid={}?a=1",
        ),
        (
            "jsessionid with a node",
            Kind::HexUpper32,
            "https://www.shop.example/cart;jsessionid={}.node1",
        ),
        (
            "SID within a path",
            Short,
            "https://www.shop.example/sid/{}/inbox",
        ),
        (
            "unsubscribe",
            Mail,
            "https://www.shop.example/unsubscribe/{}",
        ),
        (
            "URL within a path",
            Mixed22,
            "https://proxy.example/https://in.example/s/{}",
        ),
        (
            "URL within a path, token",
            Words,
            "https://proxy.example/fetch/https%3A%2F%2Fin.example%2F%3Ftoken%3D{}",
        ),
        ("backslashes", Mixed22, "https://www.shop.example\\s\\{}\\x"),
        (
            "upper-case scheme",
            Words,
            "HTTPS://www.shop.example/?PASSWORD={}",
        ),
        ("no scheme", Words, "//www.shop.example/?password={}"),
        ("only a path", Words, "/?password={}"),
        ("no host", Uuid, "https:///{}"),
        (
            "port that is none",
            Words,
            "https://www.shop.example:99999/?password={}",
        ),
        ("user info with @", Words, "https://jo@{}@www.shop.example/"),
        (
            "two question marks",
            Words,
            "https://www.shop.example/?a=1?password={}",
        ),
        (
            "question mark encoded",
            Words,
            "https://www.shop.example/a%3Fpassword={}",
        ),
        (
            "encoded =",
            Words,
            "https://www.shop.example/?password%3D{}",
        ),
        (
            "encoded &",
            Words,
            "https://www.shop.example/?a=1%26password={}",
        ),
        (
            "entity &",
            Words,
            "https://www.shop.example/?a=1&amp;password={}",
        ),
        (
            "name with blanks",
            Words,
            "https://www.shop.example/?%20pass%77ord%20={}",
        ),
        (
            "tab within a name",
            Words,
            "https://www.shop.example/?pass\tword={}",
        ),
        (
            "full-width slash",
            Mixed22,
            "https://www.shop.example/s／{}",
        ),
        ("not UTF-8", Mixed22, "https://www.shop.example/%ff%fe{}"),
        (
            "hash route with query",
            Words,
            "https://www.shop.example/#!/login?password={}",
        ),
    ];
    let mut entries = Vec::new();
    for (place, kind, pattern) in URLS {
        let text = garden.plant_in_url("har", place, *kind, Encoding::Plain);
        let mut entry = Entry::new(first + entries.len());
        entry.set("/request/url", json!(pattern.replace("{}", &text)));
        entries.push(entry.finish());
    }
    for (name, pattern) in [
        ("Referer", "https://{}.shop.example/"),
        ("Origin", "https://{}.shop.example"),
        ("Location", "https://{}.shop.example/x"),
        ("Host", "{}.shop.example"),
        (":authority", "{}.shop.example"),
        ("X-Forwarded-Host", "{}.shop.example"),
        ("X-Original-Host", "{}.shop.example"),
        ("Link", "<https://{}.shop.example/>; rel=x"),
        ("Set-Cookie", "a=; Domain={}.shop.example"),
        (
            "Content-Security-Policy",
            "default-src https://{}.shop.example",
        ),
    ] {
        let text = garden.plant("har", &format!("host in {name}"), Uuid, Encoding::Plain);
        let mut entry = Entry::new(first + entries.len());
        let value = pattern.replace("{}", &text);
        entry.request_headers.push(header(name, &value));
        entry.response_headers.push(header(name, &value));
        entries.push(entry.finish());
    }
    for name in [
        "X-Forwarded-For",
        "X-Real-IP",
        "Forwarded",
        "True-Client-IP",
        "X-Client-IP",
        "CF-Connecting-IP",
        "X-ProxyUser-Ip",
        "X-Azure-ClientIP",
        "X-Remote-Addr",
    ] {
        let place = format!("address in {name}");
        let text = garden.plant("har", &place, Kind::PrivateAddress, Encoding::Plain);
        let value = if name == "Forwarded" {
            format!("for={text};proto=https")
        } else {
            text
        };
        let mut entry = Entry::new(first + entries.len());
        entry.request_headers.push(header(name, &value));
        entries.push(entry.finish());
    }
    entries
}
