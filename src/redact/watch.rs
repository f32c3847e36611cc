//! The second wall: finished bytes are searched for the secrets that were removed or known, in every usual encoding.
//!
//! A secret is looked for by its most distinctive twelve bytes. They count only when they have at least eight different
//! signs out of letters and digits of two classes, and no word in them: at 36 to 70 bits, such a run stands in no report by chance
//! and in none of our own words. Shorter and plainer secrets were removed from their entry as words; here they would find
//! words that tell nothing. The output is read once, whatever the number of secrets.

use std::collections::hash_map::Entry;
use std::io::{self, Read, Write};

use foldhash::{HashMap, HashSet};

use super::random::strange_share;
use super::{Kind, ValueDigest, digest_of, encodings, placeholder};

/// Bytes that are looked for.
const WINDOW: usize = 12;
/// Most of a secret that is searched for its most distinctive part, in bytes.
const MAX_SEARCHED: usize = 512;
/// Most secrets that are remembered: some 100 MB. Beyond it the first wall stands alone.
const MAX_SECRETS: usize = 2_000_000;
/// Most secrets that are also looked for in base64 and hexadecimal.
const MAX_ENCODED: usize = 50_000;
/// Every so many bytes of a secret a window is looked at.
const STEP: usize = 4;
/// How far around a find the rest of a secret is looked for, in bytes.
const MAX_AROUND: usize = 1_024;
/// Bytes that are read at a time.
const CHUNK: usize = 256 << 10;
const BASE: u64 = 0x0000_0100_0000_01b3;

/// The secrets that must not stand in the output.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    secrets: HashMap<u64, (Kind, ValueDigest)>,
    sieve: Sieve,
    /// What stands in evidence as well: it is shown on purpose.
    allowed: HashSet<u64>,
    n_secrets: usize,
    numbers: HashMap<ValueDigest, u32>,
}

/// What a secret is found by: its most distinctive part.
#[derive(Clone, Debug)]
pub(super) struct Trace {
    kind: Kind,
    digest: ValueDigest,
    /// The hash of its most distinctive bytes.
    window: u64,
    /// These bytes, and as many behind them as other spellings of them take.
    part: Vec<u8>,
}

impl Trace {
    /// `None` for a value that is not distinctive enough to be found for certain.
    pub(super) fn of(kind: Kind, value: &str) -> Option<Self> {
        let part = best_window(value)?;
        Some(Self {
            kind,
            digest: digest_of(value),
            window: hash_of(&part[..WINDOW]),
            part: part[..part.len().min(2 * WINDOW)].to_vec(),
        })
    }
}

/// `value` from its most distinctive bytes on; `None` when it has none.
fn best_window(value: &str) -> Option<&[u8]> {
    let bytes = &value.as_bytes()[..value.len().min(MAX_SEARCHED)];
    let windows = bytes.windows(WINDOW).enumerate();
    let best = windows
        .step_by(STEP)
        .map(|(at, window)| (distinctiveness(window), at))
        .max_by_key(|(weight, at)| (*weight, usize::MAX - at));
    let (weight, at) = best?;
    (0 < weight).then(|| &bytes[at..])
}

/// A secret that still stood in the output; it was replaced there as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// What kind of value.
    pub kind: Kind,
    /// The number of its placeholder.
    pub number: u32,
    /// Where it stood, in bytes from the start.
    pub byte: u64,
}

impl Watch {
    /// Remembers a secret.
    pub(super) fn add(&mut self, trace: &Trace) {
        if MAX_SECRETS <= self.n_secrets || !self.insert(trace.window, trace) {
            return;
        }
        self.n_secrets += 1;
        if self.n_secrets <= MAX_ENCODED {
            for window in encodings::encoded_windows(&trace.part, WINDOW) {
                self.insert(hash_of(&window), trace);
            }
        }
    }

    /// True for a secret that is remembered as it stands.
    pub(super) fn knows(&self, digest: ValueDigest) -> bool {
        self.numbers.contains_key(&digest)
    }

    /// Forgets secrets that stand in `evidence`, which is shown on purpose.
    pub(super) fn allow(&mut self, evidence: &str) {
        let bytes = evidence.as_bytes();
        if bytes.len() < WINDOW {
            return;
        }
        // What comes up later as a secret is told by the same bytes, be it all of the value or a word of it.
        let words = evidence.split(|c: char| !c.is_ascii_alphanumeric());
        let told = words.chain([evidence]).filter_map(best_window);
        self.allowed
            .extend(told.map(|part| hash_of(&part[..WINDOW])));
        if self.secrets.is_empty() {
            return;
        }
        let mut hash = hash_of(&bytes[..WINDOW]);
        for at in 0..=bytes.len() - WINDOW {
            if 0 < at {
                hash = next_hash(hash, bytes[at - 1], bytes[at + WINDOW - 1]);
            }
            if self.sieve.lets_through(hash) && self.secrets.remove(&hash).is_some() {
                self.allowed.insert(hash);
            }
        }
    }

    fn insert(&mut self, window: u64, trace: &Trace) -> bool {
        if self.allowed.contains(&window) {
            return false;
        }
        self.sieve.add(window);
        let entry = self.secrets.entry(window);
        let is_new = matches!(entry, Entry::Vacant(_));
        entry.or_insert((trace.kind, trace.digest));
        is_new
    }

    /// Knows the numbers that placeholders have.
    pub(super) fn numbered(self, numbers: HashMap<ValueDigest, u32>) -> Self {
        Self { numbers, ..self }
    }

    /// True when there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.secrets.is_empty()
    }

    /// Copies `from` to `to` and replaces the secrets that stand in it. `is_public` says which hosts are shown on purpose.
    pub fn copy(
        &mut self,
        from: &mut dyn Read,
        to: &mut dyn Write,
        is_public: &dyn Fn(&str) -> bool,
    ) -> io::Result<Vec<Found>> {
        let mut found = Vec::new();
        // What was read and not written yet; the first `from_before` bytes of it were searched already.
        let mut pending: Vec<u8> = Vec::with_capacity(CHUNK + 2 * MAX_AROUND);
        let mut n_searched = 0;
        let mut n_written = 0_u64;
        let mut is_end = false;
        while !is_end {
            let before = pending.len();
            let n_read = from.take(CHUNK as u64).read_to_end(&mut pending)?;
            is_end = pending.len() == before && n_read == 0;
            let until = if is_end {
                pending.len()
            } else {
                pending.len().saturating_sub(MAX_AROUND + WINDOW)
            };
            let (done, text) = self.clean(
                &pending, n_searched, until, n_written, is_public, &mut found,
            );
            to.write_all(&text)?;
            n_written += done as u64;
            pending.drain(..done);
            n_searched = until.saturating_sub(done);
        }
        Ok(found)
    }

    /// Searches `bytes[from..until]`. Returns how many bytes are settled, and the text in their place.
    fn clean(
        &mut self,
        bytes: &[u8],
        from: usize,
        until: usize,
        offset: u64,
        is_public: &dyn Fn(&str) -> bool,
        found: &mut Vec<Found>,
    ) -> (usize, Vec<u8>) {
        let mut out = Vec::new();
        let mut done = 0;
        let mut at = from;
        let mut hash = None;
        while at < until && at + WINDOW <= bytes.len() {
            let now = match hash {
                None => hash_of(&bytes[at..at + WINDOW]),
                Some(hash) => next_hash(hash, bytes[at - 1], bytes[at + WINDOW - 1]),
            };
            hash = Some(now);
            let hit = self
                .sieve
                .lets_through(now)
                .then(|| self.secrets.get(&now).copied())
                .flatten();
            let Some((kind, digest)) = hit.filter(|_| !is_part_of_host(bytes, at, is_public))
            else {
                at += 1;
                continue;
            };
            let (start, end) = extent(bytes, at, done);
            out.extend_from_slice(&bytes[done..start]);
            let number = self.number(digest);
            out.extend_from_slice(placeholder::in_url(kind, number).as_bytes());
            found.push(Found {
                kind,
                number,
                byte: offset + start as u64,
            });
            done = end;
            at = end;
            hash = None;
        }
        // What was searched is settled, but for as much as a find behind it may reach back.
        let settled = if until == bytes.len() {
            until
        } else {
            until.saturating_sub(MAX_AROUND)
        };
        let end = done.max(settled);
        out.extend_from_slice(&bytes[done..end]);
        (end, out)
    }

    fn number(&mut self, digest: ValueDigest) -> u32 {
        let next = self.numbers.len() as u32 + 1;
        *self.numbers.entry(digest).or_insert(next)
    }
}

/// Says quickly that a hash is none of those that are looked for.
#[derive(Clone, Debug, Default)]
struct Sieve {
    /// Empty until there is something to look for.
    bits: Vec<u64>,
}

impl Sieve {
    /// 2 MB of bits: with millions of hashes, three of four others are still told apart.
    const LOG_BITS: u32 = 24;

    fn add(&mut self, hash: u64) {
        if self.bits.is_empty() {
            self.bits = vec![0; 1 << (Self::LOG_BITS - 6)];
        }
        let at = Self::place(hash);
        self.bits[at / 64] |= 1 << (at % 64);
    }

    /// The high bits of a product depend on all bits of the hash.
    const fn place(hash: u64) -> usize {
        (hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - Self::LOG_BITS)) as usize
    }

    fn lets_through(&self, hash: u64) -> bool {
        let at = Self::place(hash);
        let word = self.bits.get(at / 64);
        word.is_some_and(|word| word >> (at % 64) & 1 == 1)
    }
}

fn hash_of(window: &[u8]) -> u64 {
    window.iter().fold(0, |hash: u64, byte| {
        hash.wrapping_mul(BASE).wrapping_add(u64::from(*byte) + 1)
    })
}

/// What the first byte of a window counts in its hash.
const POWER: u64 = {
    let (mut power, mut n) = (1_u64, 1);
    while n < WINDOW {
        power = power.wrapping_mul(BASE);
        n += 1;
    }
    power
};

/// The hash of the window one byte further: `gone` left it, `new` came in.
const fn next_hash(hash: u64, gone: u8, new: u8) -> u64 {
    let rest = hash.wrapping_sub((gone as u64 + 1).wrapping_mul(POWER));
    rest.wrapping_mul(BASE).wrapping_add(new as u64 + 1)
}

/// How far the signs of a token reach around `at`, without leaving a JSON escape behind; not before `done`.
fn extent(bytes: &[u8], at: usize, done: usize) -> (usize, usize) {
    let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || b"+_-%~".contains(&byte);
    let floor = done.max(at.saturating_sub(MAX_AROUND));
    let mut start = at;
    while floor < start && is_sign(bytes[start - 1]) {
        start -= 1;
    }
    // `\n`, `\u00e9`: the signs of an escape are no part of a secret.
    if 0 < start && bytes[start - 1] == b'\\' && start < at {
        let n = if bytes[start] == b'u' { 5 } else { 1 };
        start = (start + n).min(at);
    }
    let ceiling = bytes.len().min(at + WINDOW + MAX_AROUND);
    let mut end = at + WINDOW;
    while end < ceiling && is_sign(bytes[end]) {
        end += 1;
    }
    (start, end)
}

/// True when the find lies within a host that is shown on purpose.
fn is_part_of_host(bytes: &[u8], at: usize, is_public: &dyn Fn(&str) -> bool) -> bool {
    let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    let before = bytes[at.saturating_sub(256)..at]
        .iter()
        .rev()
        .take_while(|byte| is_sign(**byte))
        .count();
    let behind = bytes[at..]
        .iter()
        .take(256)
        .take_while(|byte| is_sign(**byte))
        .count();
    let host = String::from_utf8_lossy(&bytes[at - before..at + behind]).to_ascii_lowercase();
    is_public(&host)
}

/// How sure it is that these bytes are part of a secret; 0 when words could stand there.
fn distinctiveness(window: &[u8]) -> u32 {
    let is_plain = window
        .iter()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_+/=.".contains(byte));
    let mut seen = [false; 256];
    let (mut distinct, mut lower, mut upper, mut digits, mut longest_word, mut word) =
        (0, 0, 0, 0, 0, 0);
    for byte in window {
        let is_new = !std::mem::replace(&mut seen[usize::from(*byte)], true);
        distinct += u32::from(is_new && byte.is_ascii_alphanumeric());
        lower += u32::from(byte.is_ascii_lowercase());
        upper += u32::from(byte.is_ascii_uppercase());
        digits += u32::from(byte.is_ascii_digit());
        word = if byte.is_ascii_lowercase() {
            word + 1
        } else {
            0
        };
        longest_word = longest_word.max(word);
    }
    let is_mixed = 2 <= digits && 2 <= lower + upper || 3 <= lower && 3 <= upper;
    let is_drawn = str::from_utf8(window).is_ok_and(|text| 0.4 <= strange_share(text));
    if is_plain && 8 <= distinct && is_mixed && is_drawn && longest_word <= 5 {
        distinct + u32::from(0 < lower) + u32::from(0 < upper) + u32::from(0 < digits)
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "Zx81kQpW0aLmT4vRyB7nHs2E";

    fn watch() -> Watch {
        let mut watch = Watch::default();
        watch.add(&Trace::of(Kind::Cookie, SECRET).expect("it is distinctive"));
        watch
    }

    fn cleaned(text: &str) -> (String, usize) {
        let mut out = Vec::new();
        let found = watch()
            .copy(&mut text.as_bytes(), &mut out, &|host| {
                host == "zx81kqpw0almt4vryb7nhs2e.example.net"
            })
            .expect("memory takes everything");
        (
            String::from_utf8(out).expect("text stays text"),
            found.len(),
        )
    }

    #[test]
    fn a_secret_is_found_wherever_it_stands_and_however_it_is_written() {
        use base64::Engine as _;
        let long = format!("{}{SECRET}{}", "a, ".repeat(300_000), " b".repeat(300_000));
        for text in [
            SECRET.to_owned(),
            format!("x={SECRET}&y=1"),
            format!("{{\"a\":\"\\n{SECRET}\"}}"),
            base64::engine::general_purpose::STANDARD.encode(format!("{{\"sid\":\"{SECRET}\"}}")),
            crate::base::text::hexadecimal(SECRET.as_bytes()),
            long,
        ] {
            let (clean, n) = cleaned(&text);
            assert!(1 <= n && clean.contains("[cookie-1]"), "{text:.80}");
            assert!(!clean.contains(SECRET), "{text:.80}");
        }
        assert_eq!(
            cleaned(&format!("{{\"a\":\"\\n{SECRET}\"}}")).0,
            "{\"a\":\"\\n[cookie-1]\"}"
        );
    }

    #[test]
    fn everything_else_is_copied_as_it_is() {
        for text in ["", "short", &"no secret in here ".repeat(100_000)] {
            assert_eq!(cleaned(text), (text.to_owned(), 0));
        }
        let host = "https://zx81kQpW0aLmT4vRyB7nHs2E.example.net/";
        assert_eq!(cleaned(host).1, 0, "hosts are shown on purpose");
    }

    #[test]
    fn words_and_dates_are_not_looked_for() {
        for value in [
            "2019-12-03T01:43",
            "application/json",
            "swordfish and more",
            "aaaaaaaaaaaaaaaaaa",
            "AmazonS3-cloudfront",
        ] {
            assert!(Trace::of(Kind::Cookie, value).is_none(), "{value}");
        }
    }
}
