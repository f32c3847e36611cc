//! Finds planted values in what came out, however they are spelled there.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use base64::engine::{DecodePaddingMode, GeneralPurposeConfig};

use crate::kinds::{Kind, component, hexadecimal};

/// One planted value and where it was put.
pub(crate) struct Plant {
    pub(crate) value: String,
    pub(crate) kind: Kind,
    pub(crate) place: String,
    pub(crate) encoding: String,
    pub(crate) format: &'static str,
    /// Only *strict* removes it; otherwise it stays on purpose.
    pub(crate) is_for_strict: bool,
}

/// Shortest text that is looked for: anything shorter could stand there by chance.
const MIN_NEEDLE: usize = 8;
/// Length of the parts of a random value of which none may be shown.
const PART: usize = 12;

/// Every spelling of `plant` under which it could leave.
fn needles(plant: &Plant) -> Vec<String> {
    let value = plant.value.as_str();
    let mut found = spellings(value);
    if plant.kind.is_random() && 24 <= value.len() {
        let middle = value.len() / 2 - PART / 2;
        found.push(value[middle..middle + PART].to_owned());
        found.push(value[value.len() - PART..].to_owned());
    }
    match plant.kind {
        Kind::Mail => found.extend(value.split('@').next().map(str::to_owned)),
        Kind::Uuid => found.push(value.replace('-', "")),
        Kind::CardInGroups | Kind::PhoneAbroad | Kind::PhoneInland => {
            let digits: String = value.chars().filter(char::is_ascii_digit).collect();
            found.extend(spellings(&digits));
        }
        _ => {}
    }
    found.retain(|needle| MIN_NEEDLE <= needle.len());
    found.sort_unstable();
    found.dedup();
    found
}

fn spellings(value: &str) -> Vec<String> {
    let all = value.bytes().fold(String::new(), |mut text, byte| {
        write!(text, "%{byte:02X}").expect("strings take everything");
        text
    });
    let json = value.chars().fold(String::new(), |mut text, c| {
        write!(text, "\\u{:04x}", c as u32).expect("strings take everything");
        text
    });
    let quoted = serde_json::to_string(value).expect("a string");
    let html = value
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;");
    let numbers = value
        .replace('&', "&#38;")
        .replace('<', "&#60;")
        .replace('>', "&#62;")
        .replace('"', "&#34;")
        .replace('\'', "&#39;");
    let mut found = vec![
        value.to_owned(),
        component(value),
        component(value).replace("%20", "+"),
        component(&component(value)),
        all.replace('%', "%25"),
        all,
        json,
        quoted[1..quoted.len() - 1].to_owned(),
        html,
        numbers,
        hexadecimal(value),
    ];
    for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
        found.extend((0..3).map(|shift| base64_within(engine, value, shift)));
    }
    found
}

/// The base64 signs that stand for `value` alone when `shift` other bytes stand before it.
fn base64_within(engine: &GeneralPurpose, value: &str, shift: usize) -> String {
    let padded = [&vec![b'x'; shift], value.as_bytes()].concat();
    let whole = engine.encode(&padded);
    let (from, to) = ((shift * 8).div_ceil(6), padded.len() * 8 / 6);
    whole[from..to].to_owned()
}

/// All planted values, ready to be looked for.
pub(crate) struct Searcher<'a> {
    plants: &'a [Plant],
    automaton: AhoCorasick,
    /// Which plant each needle belongs to.
    owners: Vec<usize>,
}

/// Where which values were found: by output and level, the plants and the spelling as it stands there.
pub(crate) type Findings = BTreeMap<String, BTreeMap<usize, String>>;

impl<'a> Searcher<'a> {
    pub(crate) fn new(plants: &'a [Plant]) -> Self {
        let (mut owners, mut all) = (Vec::new(), Vec::new());
        for (idx, plant) in plants.iter().enumerate() {
            let found = needles(plant);
            owners.extend(std::iter::repeat_n(idx, found.len()));
            all.extend(found);
        }
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(&all)
            .expect("short needles");
        Self {
            plants,
            automaton,
            owners,
        }
    }

    /// Looks for every value in `bytes`, and in what they hold in other encodings.
    pub(crate) fn search(
        &self,
        output: &str,
        is_strict: bool,
        bytes: &[u8],
        findings: &mut Findings,
    ) {
        for text in layers(&String::from_utf8_lossy(bytes)) {
            for found in self.automaton.find_overlapping_iter(text.as_ref()) {
                let idx = self.owners[found.pattern().as_usize()];
                if self.plants[idx].is_for_strict && !is_strict {
                    continue;
                }
                let context = context(&text, found.start(), found.end());
                let places = findings.entry(output.to_owned()).or_default();
                places.entry(idx).or_insert(context);
            }
        }
    }
}

fn context(text: &str, start: usize, end: usize) -> String {
    let from = (start.saturating_sub(40)..=start).find(|at| text.is_char_boundary(*at));
    let to = (end..=end + 24).rev().find(|at| text.is_char_boundary(*at));
    text[from.unwrap_or(start)..to.unwrap_or(end).min(text.len())].replace(['\n', '\r'], " ")
}

/// The text itself, and what stands in it percent-encoded once and twice, escaped as in HTML or JSON, in base64 or in hex.
fn layers(text: &str) -> Vec<Cow<'_, str>> {
    let once = percent_decoded(text);
    let twice = percent_decoded(&once);
    let plain = text
        .replace("&#38;", "&")
        .replace("&amp;", "&")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#34;", "\"")
        .replace("&#39;", "'");
    let without_escapes = without_json_escapes(text);
    let packed = unpacked(&twice);
    vec![
        Cow::Borrowed(text),
        Cow::Owned(percent_decoded(&packed)),
        Cow::Owned(packed),
        Cow::Owned(once),
        Cow::Owned(twice),
        Cow::Owned(plain),
        Cow::Owned(without_escapes),
    ]
}

fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digits = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten();
        if let Some(byte) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            out.push(byte);
            at += 3;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn without_json_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('\\') {
        out.push_str(before);
        let digits = behind.strip_prefix('u').and_then(|digits| digits.get(..4));
        let sign = digits
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .and_then(char::from_u32);
        rest = match sign {
            Some(sign) => {
                out.push(sign);
                &behind[5..]
            }
            // The sign itself stands behind the backslash.
            None => behind,
        };
    }
    out.push_str(rest);
    out
}

/// What stands in runs of base64 and hex, one decoded run per line.
fn unpacked(text: &str) -> String {
    let loose = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let engines = [
        GeneralPurpose::new(&alphabet::STANDARD, loose),
        GeneralPurpose::new(&alphabet::URL_SAFE, loose),
    ];
    let mut out = String::new();
    let is_packed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_');
    for run in text
        .split(|c| !is_packed(c))
        .filter(|run| 12 <= run.len() && run.len() < 1 << 16)
    {
        for engine in &engines {
            // A run whose end is cut off still says what stands at its begin.
            let usable = &run[..run.len() - usize::from(run.len() % 4 == 1)];
            if let Ok(bytes) = engine.decode(usable) {
                out.push_str(&String::from_utf8_lossy(&bytes));
                out.push('\n');
            }
        }
        if run.len() % 2 == 0 && run.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            let bytes: Vec<u8> = (0..run.len())
                .step_by(2)
                .filter_map(|at| u8::from_str_radix(&run[at..at + 2], 16).ok())
                .collect();
            out.push_str(&String::from_utf8_lossy(&bytes));
            out.push('\n');
        }
    }
    out
}

#[test]
fn every_spelling_of_a_value_is_found() {
    let value = "Zx81kQpW0aLmT4vRyB7nHs2E";
    let plants = [Plant {
        value: value.to_owned(),
        kind: Kind::Mixed32,
        place: String::new(),
        encoding: String::new(),
        format: "",
        is_for_strict: false,
    }];
    let searcher = Searcher::new(&plants);
    let engine = &STANDARD_NO_PAD;
    let spelled = [
        format!("a {value} b"),
        value.to_lowercase(),
        percent_decoded("%5Ax81kQpW0aLmT4vRyB7nHs2E"),
        "%255Ax81kQpW%2530aLmT4vRyB7nHs2E".to_owned(),
        engine.encode(format!("x{value}")),
        engine.encode(format!("xy{value}z")),
        hexadecimal(value),
        value.replace('k', "\\u006b"),
        // A part of it says too much, too.
        "Zx81…T4vRyB7nHs2E".to_owned(),
        engine.encode(engine.encode(value)),
    ];
    for text in spelled {
        let mut findings = Findings::new();
        searcher.search("here", false, text.as_bytes(), &mut findings);
        assert_eq!(findings.len(), 1, "{text}");
    }
    let mut findings = Findings::new();
    let other = "[token #3] and [token-3] of Zx81kQpW…";
    searcher.search("here", false, other.as_bytes(), &mut findings);
    assert!(findings.is_empty());
}
