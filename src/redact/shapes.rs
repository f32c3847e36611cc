//! Secrets that show by their form, wherever they stand: tokens, ids, private keys, cards, phone numbers, mail addresses.
//!
//! A text is cut into chunks at blanks, quotes and brackets, a chunk into words. Known forms are looked for in chunks, and
//! each word is asked whether it looks random. Both are bounded in length, so that the work is linear in the text.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Regex, RegexBuilder};

use super::Kind;
use super::encodings::percent_decoded;
use super::random::{is_base64, is_random, is_uuid};

/// Longer chunks without a blank or quote go as a whole, in bytes: nobody reads them, and the work stays linear.
const MAX_CHUNK: usize = 4_096;

/// How many times a text may be percent-encoded and still be judged decoded.
const MAX_ENCODINGS: u8 = 4;

/// Shortest token of a known form, in bytes.
const MIN_TOKEN: usize = 15;

/// Shortest text that can be a secret by its form, in bytes.
const MIN_BYTES: usize = 6;

/// Tokens that their issuers gave a recognisable form. The issuer is named where the form does not say it.
const TOKENS: &[&str] = &[
    // JSON web tokens: header and claims are base64 of `{"…`.
    r"\bey[A-Za-z0-9_-]{15,}\.ey[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]*={0,2})*",
    // AWS access key ids.
    r"\b(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b",
    // Google Cloud.
    r"\bAIza[A-Za-z0-9_-]{35}",
    r"\bya29\.[A-Za-z0-9_-]{20,}",
    // GitHub and GitLab.
    r"\bgh[opsur]_[A-Za-z0-9]{36,}",
    r"\bgithub_pat_[A-Za-z0-9_]{22,}",
    r"\bglpat-[A-Za-z0-9_-]{20,}",
    // Slack.
    r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}",
    r"(?i)\bxapp-[0-9]-[A-Z0-9]+-[0-9]+-[a-z0-9]+",
    r"hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9+/]{20,}",
    // Stripe.
    r"\b(?:[sr]k|whsec)_(?:(?:test|live|prod)_)?[A-Za-z0-9]{10,}",
    // OpenAI and Anthropic.
    r"\bsk-[A-Za-z0-9_-]{20,}",
    r"\bnpm_[A-Za-z0-9]{36}",
    r"\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}",
    // Vault.
    r"\bhv[sbr]\.[A-Za-z0-9_-]{24,}",
    r"\bs\.[A-Za-z0-9]{24}\b",
    // SendGrid, Shopify, Twilio, DigitalOcean, Databricks, Hugging Face.
    r"\bSG\.[A-Za-z0-9_.-]{40,}",
    r"\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}",
    r"\b(?:SK|AC)[0-9a-fA-F]{32}\b",
    r"\bdo[opr]_v1_[a-f0-9]{64}",
    r"\bdapi[a-f0-9]{32}",
    r"\bhf_[A-Za-z]{34}",
    // Cloudflare origin CA keys.
    r"\bv1\.0-[a-f0-9]{24}-[a-f0-9]{146}",
    // Client secrets of Microsoft Entra.
    r"[A-Za-z0-9_~.]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}",
    // Bots of Telegram.
    r"\b(?:bot)?[0-9]{6,12}:[A-Za-z0-9_-]{30,50}",
    // Discord's web hooks and bots.
    r"\b[MNO][A-Za-z0-9_-]{22,28}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,40}",
];

/// `password: …`, `"token":"…"`, `Authorization: Bearer …`; the second group is the value.
const NAMED: &str = concat!(
    r#"(?i)((?:[A-Za-z0-9_.-]{0,40}(?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|access[_-]?key|session|signature|"#,
    r#"credential|csrf|xsrf|jwt|cookie|authorization|hmac|nonce)[A-Za-z0-9_.-]{0,40}|\b(?:pwd|pw|sid|sig|otp|pin))"?\s{0,3}[:=]\s{0,3}"?"#,
    r#"(?:(?:Bearer|Basic|Digest|Negotiate)\s+)?)([^\s"'&;,~<>\[][^\s"'&;,~<>]*)"#
);
/// `Bearer …` without a name before it; the first group is the token.
const BEARER: &str = r"(?i)\b(?:bearer|negotiate)\s+([A-Za-z0-9._~+/=-]{6,})";
const PRIVATE_KEY: &str = r"(?is)-----BEGIN[ A-Z0-9_-]{0,100}PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END[ A-Z0-9_-]{0,100}-----|\z)";
const MAIL: &str =
    r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,8}\.[A-Za-z]{2,24}\b";
const CARD: &str = r"\b[0-9](?:[ -]?[0-9]){12,18}\b";
/// International, or as written in North America.
const PHONE: &str = concat!(
    r"(?:\+|\b00)[1-9][0-9]{0,2}[ .\-/]?(?:\(0?[0-9]{1,4}\)|[0-9]{1,4})(?:[ .\-/]?[0-9]{2,5}){1,4}\b|",
    r"(?:\([2-9][0-9]{2}\) ?|\b[2-9][0-9]{2}[-. ])[2-9][0-9]{2}[-. ][0-9]{4}\b"
);
const URL: &str = r#"\b[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s"'<>`\\^{}|]+"#;

static TOKEN: LazyLock<Regex> = LazyLock::new(|| compiled(&TOKENS.join("|")));
static NAMED_VALUE: LazyLock<Regex> = LazyLock::new(|| compiled(NAMED));
static BEARER_TOKEN: LazyLock<Regex> = LazyLock::new(|| compiled(BEARER));
static PEM: LazyLock<Regex> = LazyLock::new(|| compiled(PRIVATE_KEY));
static MAIL_ADDRESS: LazyLock<Regex> = LazyLock::new(|| compiled(MAIL));
static CARD_NUMBER: LazyLock<Regex> = LazyLock::new(|| compiled(CARD));
static PHONE_NUMBER: LazyLock<Regex> = LazyLock::new(|| compiled(PHONE));
static URL_IN_TEXT: LazyLock<Regex> = LazyLock::new(|| compiled(URL));

fn compiled(pattern: &str) -> Regex {
    RegexBuilder::new(pattern)
        .size_limit(8 << 20)
        .build()
        .expect("the patterns above are valid, as every test run shows")
}

/// Where something was found, and what it is.
pub(super) type Found = (Range<usize>, Kind);

/// Where tokens of known form and mail addresses stand in `text`: what even evidence must not carry.
pub(super) fn known_forms(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    for chunk in chunks(text) {
        let shift = |range: Range<usize>| chunk.start + range.start..chunk.start + range.end;
        let part = &text[chunk.clone()];
        if MAX_CHUNK < part.len() {
            continue;
        }
        found.extend(tokens(part).map(|range| (shift(range), Kind::Token)));
        found.extend(mails(part).map(|range| (shift(range), Kind::Mail)));
    }
    without_overlaps(found)
}

/// Where anything stands in free text that must not leave the program, URLs excepted; in order, without overlaps.
pub(super) fn secrets(text: &str) -> Vec<Found> {
    secrets_within(text, 0)
}

/// The same for a text that was percent-encoded `depth` times.
fn secrets_within(text: &str, depth: u8) -> Vec<Found> {
    if text.len() < MIN_BYTES {
        return Vec::new();
    }
    let mut found: Vec<Found> = Vec::new();
    let kind = |kind: Kind| move |range: Range<usize>| (range, kind);
    if text.contains("-----BEGIN") {
        let keys = PEM.find_iter(text).map(|found| found.range());
        found.extend(keys.map(kind(Kind::Credential)));
    }
    if text.contains([':', '=']) {
        let named = NAMED_VALUE.captures_iter(text);
        let values = named.filter_map(|found| Some(found.get(2)?.range()));
        found.extend(values.map(kind(Kind::Token)));
    }
    if text.contains(char::is_whitespace) {
        let bearers = BEARER_TOKEN.captures_iter(text);
        let bearers = bearers.filter_map(|found| Some(found.get(1)?.range()));
        found.extend(bearers.map(kind(Kind::Token)));
    }
    found.extend(numbers(text));
    for chunk in chunks(text) {
        found.extend(in_chunk(text, chunk, depth));
    }
    without_overlaps(found)
}

/// What `text`, a value or a part of a path as it stands decoded, is as a whole or holds; `None` when it is harmless.
pub(super) fn shape(text: &str) -> Option<Kind> {
    secrets(text).first().map(|(_, kind)| *kind)
}

/// Where secrets stand in one chunk of `text`.
fn in_chunk(text: &str, chunk: Range<usize>, depth: u8) -> Vec<Found> {
    let part = &text[chunk.clone()];
    if part.len() < MIN_BYTES {
        return Vec::new();
    }
    if MAX_CHUNK < part.len() {
        return vec![(chunk, Kind::Token)];
    }
    let at = |range: Range<usize>| chunk.start + range.start..chunk.start + range.end;
    let mut found: Vec<Found> = tokens(part)
        .map(|range| (at(range), Kind::Token))
        .chain(mails(part).map(|range| (at(range), Kind::Mail)))
        .collect();
    // What is encoded is judged decoded, and goes as a whole: its parts have no place here.
    if depth < MAX_ENCODINGS && part.contains('%') {
        let words = runs(part, |c| !matches!(c, '&' | '=' | ';' | ',' | '/' | '?'));
        for word in words.filter(|word| part[word.clone()].contains('%')) {
            let decoded = percent_decoded(&part[word.clone()]);
            let inner = secrets_within(&decoded, depth + 1);
            found.extend(inner.first().map(|(_, kind)| (at(word), *kind)));
        }
    }
    if part.contains(['+', '/', '=']) {
        let words = runs(part, |c| c.is_ascii_alphanumeric() || "+/=-_".contains(c));
        let encoded = words.filter(|word| is_base64(&part[word.clone()]));
        found.extend(encoded.map(|word| (at(word), Kind::Token)));
    }
    for word in runs(part, |c| {
        c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
    }) {
        found.extend(in_word(&part[word.clone()]).map(|range| {
            (
                at(word.start + range.start..word.start + range.end),
                Kind::Token,
            )
        }));
    }
    found
}

/// The random part of one word of letters, digits, `-` and `_`: all of it, or what stands between the signs.
fn in_word(word: &str) -> Option<Range<usize>> {
    if word.len() < MIN_BYTES {
        return None;
    }
    if let Some(range) = is_uuid(word) {
        return Some(range);
    }
    if is_random(word) {
        return Some(0..word.len());
    }
    let mut parts = runs(word, |c| c.is_ascii_alphanumeric());
    parts.find(|part| part.len() < word.len() && is_random(&word[part.clone()]))
}

/// Cards and phone numbers, also with blanks in them.
fn numbers(text: &str) -> Vec<Found> {
    let n_digits = text.bytes().filter(u8::is_ascii_digit).count();
    if n_digits < 9 {
        return Vec::new();
    }
    let cards = CARD_NUMBER
        .find_iter(text)
        .filter(|found| is_card(found.as_str()))
        .map(|found| (found.range(), Kind::Card));
    let phones = PHONE_NUMBER.find_iter(text).filter(|found| {
        let n = found.as_str().bytes().filter(u8::is_ascii_digit).count();
        (9..=15).contains(&n)
    });
    cards
        .chain(phones.map(|found| (found.range(), Kind::Phone)))
        .collect()
}

fn tokens(text: &str) -> impl Iterator<Item = Range<usize>> {
    let is_long = MIN_TOKEN <= text.len();
    let found = is_long.then(|| TOKEN.find_iter(text));
    found.into_iter().flatten().map(|found| found.range())
}

fn mails(text: &str) -> impl Iterator<Item = Range<usize>> {
    let has_mail = text.contains('@');
    let found = has_mail.then(|| MAIL_ADDRESS.find_iter(text));
    found.into_iter().flatten().map(|found| found.range())
}

/// Where URLs stand in free text.
pub(super) fn urls(text: &str) -> impl Iterator<Item = Range<usize>> {
    let has_url = text.contains("://");
    let found = has_url.then(|| URL_IN_TEXT.find_iter(text));
    found.into_iter().flatten().map(|found| found.range())
}

/// The parts of `text` between blanks, quotes and brackets.
fn chunks(text: &str) -> impl Iterator<Item = Range<usize>> {
    runs(text, |c| {
        !c.is_whitespace()
            && !matches!(
                c,
                '"' | '\'' | '<' | '>' | '(' | ')' | '{' | '}' | '[' | ']' | '|' | '`'
            )
    })
}

/// The longest parts of `text` in which every character passes `is_in`.
pub(super) fn runs(text: &str, is_in: impl Fn(char) -> bool) -> impl Iterator<Item = Range<usize>> {
    let mut chars = text.char_indices().peekable();
    std::iter::from_fn(move || {
        let (start, _) = chars.find(|(_, c)| is_in(*c))?;
        let mut end = text.len();
        while let Some((at, c)) = chars.peek().copied() {
            if !is_in(c) {
                end = at;
                break;
            }
            chars.next();
        }
        Some(start..end)
    })
}

/// What was found, in order; of what overlaps, the first and longest.
fn without_overlaps(mut found: Vec<Found>) -> Vec<Found> {
    found.sort_by_key(|(range, _)| (range.start, usize::MAX - range.end));
    let mut merged: Vec<Found> = Vec::with_capacity(found.len());
    for (range, kind) in found {
        match merged.last_mut() {
            Some((last, _)) if range.start < last.end => last.end = last.end.max(range.end),
            _ => merged.push((range, kind)),
        }
    }
    merged
}

/// The check digit of payment cards (Luhn), and a first digit that cards have.
fn is_card(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(idx, digit)| match (idx % 2, digit * 2) {
            (0, _) => *digit,
            (_, doubled) if 9 < doubled => doubled - 9,
            (_, doubled) => doubled,
        })
        .sum();
    sum.is_multiple_of(10) && (2..=6).contains(&digits[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found: Vec<&str> = secrets(text)
            .into_iter()
            .map(|(range, _)| &text[range])
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn finds_secrets_in_free_text() {
        let jwt = format!("eyJ{}.eyJ{}.abc", "x".repeat(20), "y".repeat(20));
        check(&format!("seen {jwt} twice"), &[&jwt]);
        check("key AKIAIOSFODNN7EXAMPLE.", &["AKIAIOSFODNN7EXAMPLE"]);
        check("my password: hunter2 works", &["hunter2"]);
        check("Authorization: Bearer abc.def", &["abc.def"]);
        check("ask jo.doe@mail.example or", &["jo.doe@mail.example"]);
        check("paid with 4111 1111 1111 1111", &["4111 1111 1111 1111"]);
        check("call +49 30 1234567 now", &["+49 30 1234567"]);
        check("call (555) 123-4567 now", &[]);
        check("call (555) 234-5678 now", &["(555) 234-5678"]);
        check(
            "/hls/exp=1714567890~acl=/*~hmac=abababababababababababab/s.m3u8",
            &["abababababababababababab/s.m3u8"],
        );
    }

    #[test]
    fn finds_what_is_encoded() {
        check("jo.doe%40mail.example", &["jo.doe%40mail.example"]);
        check("jo.doe%2540mail.example", &["jo.doe%2540mail.example"]);
        check("a%20b", &[]);
    }

    #[test]
    fn leaves_evidence_alone() {
        for text in [
            "1.1 varnish, 1.1 a1b2c3.cloudfront.net (CloudFront)",
            "cache-fra19120-FRA",
            "the origin is S3, since the request id is 16 digits long",
            "HIT from proxy-3.example.net:3128",
            "2024-05-01T10:00:00.123Z",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 15_4 like Mac OS X) AppleWebKit/605.1.15",
            "sha256",
            "eu-west-1",
        ] {
            check(text, &[]);
        }
    }

    #[test]
    fn long_text_without_a_break_goes_as_a_whole() {
        let long = "ab".repeat(MAX_CHUNK);
        check(&long, &[&long]);
    }
}
