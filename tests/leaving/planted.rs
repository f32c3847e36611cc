//! A HAR with a secret in every place that can hold one.

use serde_json::{Map, Value, json};

use crate::haystack::Plant;
use crate::kinds::{BY_NAME, Chance, ENCODINGS, Encoding, Kind, SHAPES, component};
use crate::planted_fields::TEXT_PLACES;
use crate::planted_headers::{REQUEST_HEADERS, RESPONSE_HEADERS};
use crate::planted_urls::URL_PLACES;

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
    pub(crate) user_info: String,
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
pub(crate) type Put = fn(&mut Entry, &str);

/// The same with what it needs to know.
type AnyPut = dyn Fn(&mut Entry, &str);

/// Something that waits to be put into an entry.
struct Waiting {
    place: String,
    slot: String,
    kind: Kind,
    encoding: Encoding,
    is_in_url: bool,
    put: Box<AnyPut>,
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
