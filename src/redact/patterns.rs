//! Secrets that show by their form, wherever they stand: tokens of known services, private keys, cards, mail addresses.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Regex, RegexBuilder};

use super::Kind;

/// Tokens that their issuers gave a recognisable form. The issuer is named where the form does not say it.
const TOKENS: &[&str] = &[
    // JSON web tokens: header and claims are base64 of `{"…`.
    r"\bey[A-Za-z0-9_-]{15,}\.ey[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]*={0,2})?",
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
    r"\b[sr]k_(?:test|live|prod)_[A-Za-z0-9]{10,}",
    // OpenAI and Anthropic.
    r"\bsk-[A-Za-z0-9_-]{20,}",
    r"\bnpm_[A-Za-z0-9]{36}",
    r"\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}",
    // Vault.
    r"\bhvs\.[A-Za-z0-9_-]{24,}",
    r"\bs\.[A-Za-z0-9]{24}\b",
    // SendGrid, Shopify, Twilio, DigitalOcean, Databricks, Hugging Face.
    r"\bSG\.[A-Za-z0-9_.-]{40,}",
    r"\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}",
    r"\bSK[0-9a-fA-F]{32}\b",
    r"\bdo[opr]_v1_[a-f0-9]{64}",
    r"\bdapi[a-f0-9]{32}",
    r"\bhf_[A-Za-z]{34}",
    // Cloudflare origin CA keys.
    r"\bv1\.0-[a-f0-9]{24}-[a-f0-9]{146}",
    // Client secrets of Microsoft Entra.
    r"[A-Za-z0-9_~.]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}",
    r"(?is)-----BEGIN[ A-Z0-9_-]{0,100}PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END[ A-Z0-9_-]{0,100}-----|\z)",
];

/// `password: …`, `"token":"…"`, `Authorization: Bearer …`; the second group is the value.
const NAMED: &str = concat!(
    r#"(?i)((?:[A-Za-z0-9_.-]{0,40}(?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|access[_-]?key|session|signature|"#,
    r#"credential|csrf|xsrf|jwt|cookie|authorization)[A-Za-z0-9_.-]{0,40}|\b(?:pwd|sid|sig|otp|pin))"?\s{0,3}[:=]\s{0,3}"?"#,
    r#"(?:(?:Bearer|Basic|Digest|Negotiate)\s+)?)([^\s"'&;,<>\[][^\s"'&;,<>]{2,})"#
);

const MAIL: &str =
    r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*\.[A-Za-z]{2,24}\b";
const CARD: &str = r"\b[0-9](?:[ -]?[0-9]){12,18}\b";
const URL: &str = r#"\b[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s"'<>`\\^{}|]+"#;

static TOKEN: LazyLock<Regex> = LazyLock::new(|| compiled(&TOKENS.join("|")));
static NAMED_VALUE: LazyLock<Regex> = LazyLock::new(|| compiled(NAMED));
static MAIL_ADDRESS: LazyLock<Regex> = LazyLock::new(|| compiled(MAIL));
static CARD_NUMBER: LazyLock<Regex> = LazyLock::new(|| compiled(CARD));
static URL_IN_TEXT: LazyLock<Regex> = LazyLock::new(|| compiled(URL));

fn compiled(pattern: &str) -> Regex {
    RegexBuilder::new(pattern)
        .size_limit(8 << 20)
        .build()
        .expect("the patterns above are valid, as every test run shows")
}

/// Where tokens of known form stand in `text`.
pub(super) fn tokens(text: &str) -> impl Iterator<Item = (Range<usize>, Kind)> {
    TOKEN
        .find_iter(text)
        .map(|found| (found.range(), Kind::Token))
}

/// Where anything stands in free text that must not leave the program, URLs excepted; in order, without overlaps.
pub(super) fn secrets(text: &str) -> Vec<(Range<usize>, Kind)> {
    let named = NAMED_VALUE
        .captures_iter(text)
        .filter_map(|found| Some((found.get(2)?.range(), Kind::Token)));
    let mails = MAIL_ADDRESS
        .find_iter(text)
        .map(|found| (found.range(), Kind::Mail));
    let cards = CARD_NUMBER
        .find_iter(text)
        .filter(|found| is_card(found.as_str()))
        .map(|found| (found.range(), Kind::Card));
    let mut found: Vec<_> = tokens(text)
        .chain(named)
        .chain(mails)
        .chain(cards)
        .collect();
    found.sort_by_key(|(range, _)| (range.start, usize::MAX - range.end));
    let mut end = 0;
    found.retain(|(range, _)| {
        let is_free = end <= range.start;
        end = if is_free { range.end } else { end };
        is_free
    });
    found
}

/// Where URLs stand in free text.
pub(super) fn urls(text: &str) -> impl Iterator<Item = Range<usize>> {
    URL_IN_TEXT.find_iter(text).map(|found| found.range())
}

/// The check digit of payment cards (Luhn).
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
    sum.is_multiple_of(10) && digits.iter().any(|digit| *digit != digits[0])
}

/// True for a path segment that looks like a capability: long, of one piece, and mixed as random text is.
pub(super) fn is_random(segment: &str) -> bool {
    let is_token = segment.bytes().all(|byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'=' | b'~' | b'+')
    });
    let has = |test: fn(&u8) -> bool| segment.bytes().any(|byte| test(&byte));
    24 <= segment.len()
        && is_token
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_digit)
        && 3.5 <= entropy(segment)
}

/// Shannon entropy in bits per byte.
fn entropy(text: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in text.bytes() {
        counts[usize::from(byte)] += 1;
    }
    let n = text.len() as f64;
    counts
        .iter()
        .filter(|count| 0 < **count)
        .map(|count| f64::from(*count) / n)
        .map(|share| -share * share.log2())
        .sum()
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
    }

    #[test]
    fn leaves_evidence_alone() {
        for text in [
            "1.1 varnish, 1.1 a1b2c3.cloudfront.net (CloudFront)",
            "cache-fra19120-FRA",
            "tx00000a1b2c3d4e5f60718-0059a1b2c3-1234-default",
            "the origin is S3, since the request id is 16 hex digits",
            "1464499374142000",
        ] {
            check(text, &[]);
        }
    }

    #[test]
    fn a_hash_is_no_capability_but_random_text_is() {
        assert!(!is_random("d41d8cd98f00b204e9800998ecf8427e"));
        assert!(!is_random("a-long-and-readable-article-title-2016"));
        assert!(is_random("Zx81kQpW0aLmT4vRyB7nHs2E"));
    }
}
