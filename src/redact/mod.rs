//! What leaves the program, and what must not.
//!
//! A [`Redactor`] walks what a report is about to say, field by field, and removes a value where it stands, by what it is:
//! because its name says so (cookies, credentials, parameters and fields with telling names, headers that nobody knows) or
//! because of its form (tokens, ids, mail addresses, card and phone numbers). Names stay, since they are evidence; so do
//! hosts, evidence headers and plain words. A removed value leaves a numbered placeholder, equal values the same number.
//!
//! What an entry holds as secrets in any of its fields ([`EntrySecrets`]) is removed from all that is said about it. At the
//! end [`Watch`] searches the finished bytes for long and random secrets that stand there nevertheless.

mod content;
mod encodings;
mod entry;
mod evidence;
mod header_rules;
mod headers;
mod hosts;
mod keys;
mod level;
mod placeholder;
mod random;
mod shapes;
mod url;
mod watch;

use std::collections::{BTreeMap, BTreeSet};

use foldhash::HashMap;
use sha2::{Digest as _, Sha256};

use crate::base::address::is_private;

pub use entry::EntrySecrets;
pub use level::Level;
pub use placeholder::Kind;
pub use watch::{Found, Watch};

use encodings::percent_decoded;
use placeholder::is_placeholder;
use watch::Trace;

/// URLs within URLs are looked into this deep; a hostile one could go on for ever.
const MAX_URL_DEPTH: u8 = 4;

/// How many removed values of each kind are kept as examples.
const MAX_EXAMPLES: usize = 3;

/// Most entries that could not be read again and are named.
const MAX_UNREAD: usize = 1_000;

/// The first bytes of a value's SHA-256: enough to tell values apart, and small, since a report may remove millions.
type ValueDigest = [u8; 12];

/// Removes secrets from everything that one report says. Its placeholders are numbered by first appearance.
#[derive(Debug, Default)]
pub struct Redactor {
    level: Level,
    numbers: HashMap<ValueDigest, u32>,
    counts: BTreeMap<Kind, u64>,
    examples: BTreeMap<Kind, Vec<Example>>,
    /// What the entry at hand holds as secrets.
    entry: EntrySecrets,
    watch: Watch,
    /// True when secrets are remembered for the search of the finished bytes.
    is_watching: bool,
    /// Places of the entries that could not be read again.
    unread: BTreeSet<u32>,
    /// How many URLs the one at hand lies within.
    url_depth: u8,
}

/// One removed value, for the preview of an export: it never leaves the window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The value, its middle left out when it is long.
    pub value: String,
    /// What stands in its place.
    pub placeholder: String,
}

impl Redactor {
    /// Removes what `level` says.
    pub fn new(level: Level) -> Self {
        Self {
            level,
            ..Self::default()
        }
    }

    /// The same, and remembers the secrets that it meets: [`Redactor::into_watch`] searches the finished bytes for them.
    pub fn watching(level: Level) -> Self {
        Self {
            is_watching: true,
            ..Self::new(level)
        }
    }

    /// How much is removed.
    pub const fn level(&self) -> Level {
        self.level
    }

    /// True when everything passes.
    pub const fn keeps_secrets(&self) -> bool {
        self.level.keeps_secrets()
    }

    /// How many values were removed, by kind, in a fixed order.
    pub fn counts(&self) -> impl Iterator<Item = (Kind, u64)> {
        self.counts.iter().map(|(kind, count)| (*kind, *count))
    }

    /// Some of the values that were removed, by kind.
    pub const fn examples(&self) -> &BTreeMap<Kind, Vec<Example>> {
        &self.examples
    }

    /// Places in their file of the entries that could not be read again, the first thousand of them.
    pub fn unread(&self) -> impl Iterator<Item = u32> {
        self.unread.iter().copied()
    }

    /// From here on, what is redacted belongs to the entry with these secrets.
    pub fn enter(&mut self, secrets: EntrySecrets) {
        if self.keeps_secrets() {
            return;
        }
        if self.unread.len() < MAX_UNREAD {
            self.unread.extend(secrets.unread());
        }
        if self.is_watching {
            for trace in secrets.traces() {
                self.watch.add(trace);
            }
        }
        self.entry = secrets;
    }

    /// From here on, what is redacted belongs to no entry.
    pub fn leave(&mut self) {
        self.entry = EntrySecrets::default();
    }

    /// What the finished bytes are searched for, with the numbers that placeholders have.
    pub fn into_watch(self) -> Watch {
        self.watch.numbered(self.numbers)
    }

    /// Free text, such as a note: URLs and everything that looks like a secret.
    pub fn text(&mut self, text: &str) -> String {
        if self.keeps_secrets() || self.is_one_plain_word(text) {
            return text.to_owned();
        }
        let mut out = String::with_capacity(text.len());
        let mut done = 0;
        for range in shapes::urls(text).collect::<Vec<_>>() {
            let before = self.plain_text(&text[done..range.start]);
            out.push_str(&before);
            out.push_str(&self.url(&text[range.clone()]));
            done = range.end;
        }
        let rest = self.plain_text(&text[done..]);
        out.push_str(&rest);
        out
    }

    /// A text from the capture that cannot be judged, such as a comment or a page title; a URL is judged as one.
    pub fn opaque(&mut self, text: &str) -> String {
        if self.keeps_secrets() || text.is_empty() || is_placeholder(text) {
            return text.to_owned();
        }
        if is_url(text) && !text.contains(char::is_whitespace) {
            return self.url(text);
        }
        self.removed(Kind::Text, text)
    }

    /// The address of a server; private ones go at the strict level.
    fn address(&mut self, text: &str) -> Option<String> {
        let is_private = self.level == Level::Strict
            && text.trim_matches(['[', ']']).parse().is_ok_and(is_private);
        is_private.then(|| self.removed(Kind::Address, text))
    }

    /// Free text without URLs in it.
    fn plain_text(&mut self, text: &str) -> String {
        if self.keeps_secrets() {
            return text.to_owned();
        }
        let mut found = shapes::secrets(text);
        // Placeholders are no secrets, although `[cookie #1]: x` has the form of one.
        found
            .retain(|(range, _)| !is_placeholder(text[range.clone()].trim_end_matches(['.', ':'])));
        found.extend(self.known_words(text));
        if self.level == Level::Strict {
            found.extend(private_addresses(text));
        }
        self.replaced(text, found, placeholder::in_text)
    }

    /// `text` with placeholders for what was `found` in it.
    fn replaced(
        &mut self,
        text: &str,
        mut found: Vec<shapes::Found>,
        form: fn(Kind, u32) -> String,
    ) -> String {
        found.sort_by_key(|(range, _)| (range.start, usize::MAX - range.end));
        let mut out = String::with_capacity(text.len());
        let mut done = 0;
        for (range, kind) in found {
            if range.start < done {
                continue;
            }
            out.push_str(&text[done..range.start]);
            let number = self.number(kind, &text[range.clone()], form);
            out.push_str(&form(kind, number));
            done = range.end;
        }
        out.push_str(&text[done..]);
        out
    }

    /// True for a lower-case word or a date that is no secret of the entry at hand: most fields hold nothing else.
    fn is_one_plain_word(&self, text: &str) -> bool {
        let is_word = text.len() <= 24
            && text.bytes().all(|byte| byte.is_ascii_lowercase())
            && !random::is_strange(text);
        (is_word || is_date(text)) && !self.is_known(text)
    }

    /// Where secrets of the entry at hand stand in `text` as whole words.
    fn known_words(&self, text: &str) -> Vec<shapes::Found> {
        if self.entry.is_empty() {
            return Vec::new();
        }
        let is_sign = |c: char| c.is_whitespace() || "\"'<>(){}[]|`,;&".contains(c);
        let mut found = Vec::new();
        for chunk in shapes::runs(text, |c| !is_sign(c)) {
            let part = &text[chunk.clone()];
            if self.is_known(part) {
                found.push((chunk, Kind::Token));
                continue;
            }
            for split in [
                (|c| !matches!(c, '/' | '=' | ':' | '?' | '.')) as fn(char) -> bool,
                |c| c.is_alphanumeric() || matches!(c, '-' | '_'),
                char::is_alphanumeric,
            ] {
                let words = shapes::runs(part, split);
                let known = words.filter(|word| self.is_known(&part[word.clone()]));
                found.extend(known.map(|word| {
                    (
                        chunk.start + word.start..chunk.start + word.end,
                        Kind::Token,
                    )
                }));
            }
        }
        found
    }

    /// True for a secret of the entry at hand, as written or percent-encoded.
    fn is_known(&self, text: &str) -> bool {
        !self.entry.is_empty()
            && (self.entry.knows(text)
                || text.contains('%') && self.entry.knows(&percent_decoded(text)))
    }

    /// The placeholder for `value` in text.
    fn removed(&mut self, kind: Kind, value: &str) -> String {
        let number = self.number(kind, value, placeholder::in_text);
        placeholder::in_text(kind, number)
    }

    /// The placeholder for `value` in a URL, which stays one URL.
    fn removed_in_url(&mut self, kind: Kind, value: &str) -> String {
        let number = self.number(kind, value, placeholder::in_url);
        placeholder::in_url(kind, number)
    }

    fn number(&mut self, kind: Kind, value: &str, form: fn(Kind, u32) -> String) -> u32 {
        *self.counts.entry(kind).or_default() += 1;
        let decoded = percent_decoded(value);
        let digest = digest_of(&decoded);
        if self.is_watching
            && kind.is_secret()
            && !self.watch.knows(digest)
            && !self.entry.shows(&decoded)
            && let Some(trace) = Trace::of(kind, &decoded)
        {
            self.watch.add(&trace);
        }
        let next = self.numbers.len() as u32 + 1;
        let number = *self.numbers.entry(digest).or_insert(next);
        if number == next {
            let examples = self.examples.entry(kind).or_default();
            if examples.len() < MAX_EXAMPLES {
                examples.push(Example {
                    value: crate::base::text::shorten_middle(&decoded, 60).into_owned(),
                    placeholder: form(kind, number),
                });
            }
        }
        number
    }
}

fn digest_of(value: &str) -> ValueDigest {
    let digest = Sha256::digest(value.as_bytes());
    let mut short = ValueDigest::default();
    let n = short.len();
    short.copy_from_slice(&digest[..n]);
    short
}

/// True for a URL with a scheme and a place.
fn is_url(value: &str) -> bool {
    let schemes = [
        "http://", "https://", "ws://", "wss://", "ftp://", "file://", "blob:",
    ];
    let begins = |scheme: &&str| {
        let start = value.as_bytes().get(..scheme.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(scheme.as_bytes()))
    };
    schemes.iter().any(begins)
}

/// Where private addresses stand in `text`.
fn private_addresses(text: &str) -> Vec<shapes::Found> {
    shapes::runs(text, |c| c.is_ascii_hexdigit() || matches!(c, '.' | ':'))
        .filter(|range| {
            let word = text[range.clone()].trim_end_matches(['.', ':']);
            let bare = word.rsplit_once(':').map_or(word, |(address, _)| address);
            [word, bare]
                .iter()
                .any(|word| word.parse().is_ok_and(is_private))
        })
        .map(|range| (range, Kind::Address))
        .collect()
}

/// True for words, short numbers, versions, dates and the like, which stand in many places without telling anything.
fn is_ordinary(value: &str) -> bool {
    let is_word = value.len() <= 24
        && value.bytes().all(|byte| {
            byte.is_ascii_alphabetic()
                || matches!(byte, b'-' | b'_' | b' ' | b'.' | b'/' | b',' | b'*')
        })
        && !has_mixed_case(value)
        && !random::is_strange(value);
    let n_digits = value.bytes().filter(u8::is_ascii_digit).count();
    let is_number = n_digits <= 6
        && value.len() <= 10
        && value.bytes().all(|byte| {
            byte.is_ascii_digit() || matches!(byte, b'.' | b',' | b':' | b'-' | b'x' | b'/' | b'%')
        });
    is_word || is_number || is_named_value(value)
}

/// Algorithms, encodings, regions and dates: words with digits that many programs know.
fn is_named_value(value: &str) -> bool {
    const NAMES: &[&str] = &[
        "md5",
        "sha1",
        "sha224",
        "sha256",
        "sha384",
        "sha512",
        "hs256",
        "rs256",
        "es256",
        "utf8",
        "utf-8",
        "iso-8859-1",
        "mp3",
        "mp4",
        "h264",
        "h265",
        "av1",
        "woff2",
        "webp",
        "jpeg2000",
        "ipv4",
        "ipv6",
        "http2",
        "http3",
        "s3",
        "ec2",
        "es6",
        "es2015",
    ];
    let lower = value.to_ascii_lowercase();
    if value.len() <= 12 && NAMES.contains(&lower.as_str()) {
        return true;
    }
    is_date(value) || is_region(&lower) || is_version(&lower)
}

/// `2024-05-01`, `2024-05-01T10:00`, `2024-05-01T10:00:00.123Z`, `20240501T100000Z`.
fn is_date(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let signs = value
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b"-:T.Z+ ".contains(&byte));
    let begins = value.starts_with("19") || value.starts_with("20");
    let is_separated = value.as_bytes().get(4) == Some(&b'-') || value.contains('T') || digits == 8;
    signs && begins && is_separated && (8..=17).contains(&digits) && value.len() <= 30
}

/// `eu-west-1`, `us-gov-east-1`, `europe-west4`.
fn is_region(lower: &str) -> bool {
    let words: Vec<&str> = lower.split('-').collect();
    let Some((last, rest)) = words.split_last() else {
        return false;
    };
    let is_letters = |word: &&str| word.bytes().all(|byte| byte.is_ascii_lowercase());
    let letters = last.trim_end_matches(|c: char| c.is_ascii_digit());
    (1..=3).contains(&rest.len())
        && lower.len() <= 20
        && rest.iter().all(is_letters)
        && is_letters(&letters)
        && (1..=2).contains(&(last.len() - letters.len()))
        && rest[0].len() <= 12
        && rest.iter().chain([&letters]).any(|word| {
            [
                "east",
                "west",
                "north",
                "south",
                "central",
                "northeast",
                "southeast",
                "northwest",
                "southwest",
            ]
            .contains(word)
        })
}

/// `v2`, `1.2.3`, `v1.2.3-beta`.
fn is_version(lower: &str) -> bool {
    let number = lower.strip_prefix('v').unwrap_or(lower);
    let number = ["-alpha", "-beta", "-rc", "-min"]
        .iter()
        .find_map(|end| number.strip_suffix(end))
        .unwrap_or(number);
    let parts = number.split('.');
    !number.is_empty()
        && number.len() <= 12
        && parts.clone().count() <= 4
        && parts
            .into_iter()
            .all(|part| (1..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()))
}

/// True for `aBcD`, not for `English`, `en-US` or `image/JPEG`.
fn has_mixed_case(value: &str) -> bool {
    value.split(|c: char| !c.is_ascii_alphabetic()).any(|word| {
        let rest = word.get(1..).unwrap_or_default();
        rest.bytes().any(|byte| byte.is_ascii_uppercase())
            && word.bytes().any(|byte| byte.is_ascii_lowercase())
    })
}

#[cfg(test)]
mod tests;
