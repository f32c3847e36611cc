//! What leaves the program, and what must not.
//!
//! A [`Redactor`] walks what a report is about to say, place by place: URLs, headers, cookies, forms, free text. Names stay,
//! since they are evidence; values go and leave a numbered placeholder, equal values the same number. Then
//! [`Redactor::post_check`] searches the finished bytes for everything that was removed. When something is still there, a
//! second run with [`Redactor::again`] also replaces it wherever else it stands.

mod encodings;
mod headers;
mod keys;
mod level;
mod patterns;
mod post_check;
mod url;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use aho_corasick::{AhoCorasick, MatchKind};
use serde_json::Value;

pub use level::Level;
pub use post_check::Leak;

/// What kind of value was removed; the word stands in its placeholder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The value of a cookie.
    Cookie,
    /// What follows the scheme in an authorisation header, and headers that are secret as a whole.
    Credential,
    /// Something with the form or under the name of a token.
    Token,
    /// The value of a query parameter.
    Query,
    /// What follows `#` in a URL.
    Fragment,
    /// User name and password in a URL.
    UserInfo,
    /// The value of a form or JSON field.
    Field,
    /// A body, or another content as a whole.
    Content,
    /// The address of a person's machine.
    Address,
    /// A mail address.
    Mail,
    /// The number of a payment card.
    Card,
    /// A title or comment that the capture holds.
    Text,
}

const KINDS: [Kind; 12] = [
    Kind::Cookie,
    Kind::Credential,
    Kind::Token,
    Kind::Query,
    Kind::Fragment,
    Kind::UserInfo,
    Kind::Field,
    Kind::Content,
    Kind::Address,
    Kind::Mail,
    Kind::Card,
    Kind::Text,
];

impl Kind {
    /// The word in placeholders and counts.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cookie => "cookie",
            Self::Credential => "credential",
            Self::Token => "token",
            Self::Query => "query",
            Self::Fragment => "fragment",
            Self::UserInfo => "user-info",
            Self::Field => "field",
            Self::Content => "content",
            Self::Address => "address",
            Self::Mail => "mail",
            Self::Card => "card",
            Self::Text => "text",
        }
    }
}

/// How far a removed value is pursued outside its own place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Not known to be a secret at all: replaced only in its own place.
    Place,
    /// A secret by name or form: replaced wherever it stands.
    Secret,
    /// Perhaps an ordinary word such as `default`, which is then replaced only in its own place.
    Value,
}

/// One removed value.
#[derive(Clone, Debug)]
struct Removed {
    value: String,
    kind: Kind,
    number: u32,
    /// Looked for in the finished bytes.
    is_checked: bool,
}

/// Shortest value that is pursued outside its own place, in bytes.
const MIN_PURSUED_BYTES: usize = 6;

/// URLs within URLs are looked into this deep; a hostile one could go on for ever.
const MAX_URL_DEPTH: u8 = 4;

/// Removes secrets from everything that one report says. Its placeholders are numbered by first appearance.
#[derive(Debug, Default)]
pub struct Redactor {
    keeps_secrets: bool,
    /// Hosts and addresses of the report, with their suffixes and labels: shown anyway, so never a secret.
    public: HashSet<String>,
    numbers: HashMap<String, u32>,
    counts: BTreeMap<Kind, u64>,
    /// By number.
    pursued: BTreeMap<u32, Removed>,
    everywhere: Option<Everywhere>,
    /// How many URLs the one at hand lies within.
    url_depth: u8,
}

/// Finds removed values in other places.
#[derive(Debug)]
struct Everywhere {
    automaton: AhoCorasick,
    found: Vec<(Kind, u32)>,
}

impl Redactor {
    /// Removes all secrets; `public` are the hosts and addresses that the report shows on purpose.
    pub fn new<'a>(public: impl IntoIterator<Item = &'a str>) -> Self {
        let mut words = HashSet::new();
        for host in public {
            let host = host.to_ascii_lowercase();
            words.extend(host.split('.').map(str::to_owned));
            let dots = host.match_indices('.').map(|(at, _)| at + 1);
            words.extend(dots.map(|at| host[at..].to_owned()));
            words.insert(host);
        }
        Self {
            public: words,
            ..Self::default()
        }
    }

    /// Lets everything pass, for the export that a person asked for and confirmed.
    pub fn keeping_secrets() -> Self {
        Self {
            keeps_secrets: true,
            ..Self::default()
        }
    }

    /// True when everything passes.
    pub fn keeps_secrets(&self) -> bool {
        self.keeps_secrets
    }

    /// How many values were removed, by kind, in a fixed order.
    pub fn counts(&self) -> impl Iterator<Item = (Kind, u64)> {
        self.counts.iter().map(|(kind, count)| (*kind, *count))
    }

    /// True when a value was removed that the finished bytes cannot be searched for, because it looks like a word.
    pub fn needs_second_run(&self) -> bool {
        self.everywhere.is_none() && self.pursued.values().any(|removed| !removed.is_checked)
    }

    /// A redactor for a second run, which also replaces in every other place what this one removed.
    pub fn again(self) -> Self {
        let mut forms = Vec::new();
        let mut found = Vec::new();
        for removed in self.pursued.values() {
            // All that the post-check looks for, and the whole value, which is preferred.
            let whole = [
                removed.value.clone(),
                encodings::percent_encoded(&removed.value),
            ];
            for form in whole.into_iter().chain(encodings::forms(&removed.value)) {
                if !is_part_of_placeholder(&form) {
                    forms.push(form);
                    found.push((removed.kind, removed.number));
                }
            }
        }
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(&forms);
        Self {
            counts: BTreeMap::new(),
            everywhere: automaton
                .ok()
                .map(|automaton| Everywhere { automaton, found }),
            ..self
        }
    }

    /// Free text, such as a note or an unknown header: URLs and everything that looks like a secret.
    pub fn text(&mut self, text: &str) -> String {
        if self.keeps_secrets {
            return text.to_owned();
        }
        let mut out = String::with_capacity(text.len());
        let mut done = 0;
        let urls: Vec<_> = patterns::urls(text).collect();
        for range in urls {
            let before = self.plain_text(&text[done..range.start]);
            out.push_str(&before);
            out.push_str(&self.url(&text[range.clone()]));
            done = range.end;
        }
        let rest = self.plain_text(&text[done..]);
        out.push_str(&rest);
        out
    }

    /// Text that is shown on purpose, such as a host, a method or a file name: loses only what was removed elsewhere.
    pub fn shown(&mut self, text: &str) -> String {
        self.without_known(text.to_owned())
    }

    /// A text from the capture that cannot be judged, such as a comment or a page title.
    pub fn opaque(&mut self, text: &str) -> String {
        if self.keeps_secrets || text.is_empty() {
            return text.to_owned();
        }
        self.removed(Kind::Text, text, Reach::Place)
    }

    /// A body as a whole.
    pub fn content(&mut self, text: &str) -> String {
        if self.keeps_secrets || text.is_empty() {
            return text.to_owned();
        }
        *self.counts.entry(Kind::Content).or_default() += 1;
        "[redacted content]".to_owned()
    }

    /// A form or JSON field; the name decides how far its value is pursued.
    pub fn field(&mut self, name: &str, value: &str) -> String {
        self.named(Kind::Field, name, value)
    }

    /// The value of the cookie `name`.
    pub fn cookie(&mut self, name: &str, value: &str) -> String {
        self.named(Kind::Cookie, name, value)
    }

    /// The value of the query parameter `name`, outside its URL.
    pub fn query_value(&mut self, name: &str, value: &str) -> String {
        if self.is_shown_parameter(name, value) {
            return value.to_owned();
        }
        self.named(Kind::Query, name, value)
    }

    /// The text or numbers of a JSON value, at every depth; names, `true`, `false` and `null` stay.
    pub fn json(&mut self, name: &str, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.field(name, text),
            Value::Number(number) if !self.keeps_secrets => {
                *value = Value::String(self.field(name, &number.to_string()));
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.json(name, item)),
            Value::Object(fields) => {
                for (key, field) in fields {
                    let name = if keys::is_secret_key(name) { name } else { key };
                    self.json(name, field);
                }
            }
            Value::Number(_) | Value::Bool(_) | Value::Null => {}
        }
    }

    /// `a=1&b=2`: all values go.
    pub fn form(&mut self, text: &str) -> String {
        if self.keeps_secrets {
            return text.to_owned();
        }
        let fields: Vec<String> = text
            .split('&')
            .map(|field| match field.split_once('=') {
                Some((name, value)) => {
                    let value = self.field(name, value);
                    format!("{}={value}", self.shown(name))
                }
                None => self.field("", field),
            })
            .collect();
        fields.join("&")
    }

    fn named(&mut self, kind: Kind, name: &str, value: &str) -> String {
        if self.keeps_secrets || value.is_empty() || is_placeholder(value) {
            return value.to_owned();
        }
        self.removed(kind, value, reach_of(name))
    }

    fn plain_text(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut done = 0;
        for (range, kind) in patterns::secrets(text) {
            out.push_str(&text[done..range.start]);
            out.push_str(&self.removed(kind, &text[range.clone()], Reach::Secret));
            done = range.end;
        }
        out.push_str(&text[done..]);
        self.without_known(out)
    }

    /// `text` without what the first run removed elsewhere.
    fn without_known(&mut self, text: String) -> String {
        let Some(everywhere) = &self.everywhere else {
            return text;
        };
        let mut out = String::new();
        let mut done = 0;
        for found in everywhere.automaton.find_iter(&text) {
            let (kind, number) = everywhere.found[found.pattern().as_usize()];
            out.push_str(&text[done..found.start()]);
            out.push_str(&placeholder(kind, number));
            *self.counts.entry(kind).or_default() += 1;
            done = found.end();
        }
        out.push_str(&text[done..]);
        out
    }

    /// True for a URL or path, also without its scheme when the host is one of the report's.
    fn is_url(&self, value: &str) -> bool {
        let starts = ["http://", "https://", "/"];
        let host = value.split('/').next().unwrap_or_default();
        starts.iter().any(|start| value.starts_with(start))
            || (value.contains('/') && self.public.contains(&host.to_ascii_lowercase()))
    }

    /// The placeholder for `value` in text.
    fn removed(&mut self, kind: Kind, value: &str, reach: Reach) -> String {
        placeholder(kind, self.number(kind, value, reach))
    }

    /// The placeholder for `value` in a URL, which stays one URL.
    fn removed_in_url(&mut self, kind: Kind, value: &str, reach: Reach) -> String {
        let number = self.number(kind, value, reach);
        format!("[redacted-{}-{number}]", kind.word())
    }

    fn number(&mut self, kind: Kind, value: &str, reach: Reach) -> u32 {
        *self.counts.entry(kind).or_default() += 1;
        let decoded = encodings::percent_decoded(value);
        let next = self.numbers.len() as u32 + 1;
        let number = *self
            .numbers
            .entry(decoded.clone().into_owned())
            .or_insert(next);
        let is_pursued = match reach {
            Reach::Secret => true,
            Reach::Value => !is_ordinary(&decoded) && !self.is_url(&decoded),
            Reach::Place => false,
        };
        if reach != Reach::Place && self.is_url(&decoded) && self.url_depth < MAX_URL_DEPTH {
            // A URL within a URL: its parts are pursued, since the place itself may be shown elsewhere on purpose.
            self.url_depth += 1;
            self.url(&decoded);
            self.url_depth -= 1;
        }
        if is_pursued
            && MIN_PURSUED_BYTES <= decoded.len()
            && !self.public.contains(&decoded.to_ascii_lowercase())
            && !decoded.contains("[redacted")
        {
            self.pursued.entry(number).or_insert_with(|| Removed {
                is_checked: !is_ordinary(&decoded),
                value: decoded.into_owned(),
                kind,
                number,
            });
        }
        number
    }
}

fn reach_of(name: &str) -> Reach {
    if keys::is_secret_key(name) {
        Reach::Secret
    } else {
        Reach::Value
    }
}

fn placeholder(kind: Kind, number: u32) -> String {
    format!("[redacted {} #{number}]", kind.word())
}

/// True for a text that is a placeholder already, so that redacting twice changes nothing.
fn is_placeholder(text: &str) -> bool {
    let Some(inner) = text
        .strip_prefix("[redacted")
        .and_then(|rest| rest.strip_suffix(']'))
    else {
        return false;
    };
    KINDS.iter().any(|kind| {
        inner
            .get(1..)
            .and_then(|inner| inner.strip_prefix(kind.word()))
            .is_some_and(|number| {
                number.len() <= 12
                    && number
                        .chars()
                        .all(|c| c.is_ascii_digit() || matches!(c, ' ' | '#' | '-'))
            })
    })
}

/// True when the text occurs in placeholders themselves.
fn is_part_of_placeholder(text: &str) -> bool {
    KINDS
        .iter()
        .any(|kind| placeholder(*kind, 0).contains(text) || kind.word().contains(text))
}

/// True for words, short numbers, versions and the like, which stand in many places without telling anything.
fn is_ordinary(value: &str) -> bool {
    let is_word = value.len() <= 24
        && value.bytes().all(|byte| {
            byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'_' | b' ' | b'.' | b'/' | b',')
        })
        && !has_mixed_case(value);
    let is_number = value.len() <= 10
        && value.bytes().all(|byte| {
            byte.is_ascii_digit() || matches!(byte, b'.' | b',' | b':' | b'-' | b'x' | b'/')
        });
    is_word || is_number
}

/// True for `aBcD`, not for `English`, `en-US` or `image/JPEG`.
fn has_mixed_case(value: &str) -> bool {
    value.split(|c: char| !c.is_ascii_alphabetic()).any(|word| {
        let rest = word.get(1..).unwrap_or_default();
        rest.bytes().any(|byte| byte.is_ascii_uppercase())
            && word.bytes().any(|byte| byte.is_ascii_lowercase())
    })
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests;
