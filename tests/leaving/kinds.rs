//! Made-up secrets, realistic for their kind and never the same twice, and ways to write them.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// A small generator of random numbers (`SplitMix64`), the same in every run.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) const fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn of(&mut self, alphabet: &str, n: usize) -> String {
        let signs = alphabet.as_bytes();
        (0..n)
            .map(|_| char::from(signs[self.below(signs.len())]))
            .collect()
    }

    /// Letters of both cases and digits, of each class at least one.
    fn mixed(&mut self, n: usize) -> String {
        loop {
            let text = self.of(ALNUM, n);
            if is_mixed(&text) {
                return text;
            }
        }
    }

    fn word(&mut self) -> &'static str {
        WORDS[self.below(WORDS.len())]
    }
}

fn is_mixed(text: &str) -> bool {
    let has = |test: fn(&u8) -> bool| text.bytes().any(|byte| test(&byte));
    has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_digit)
}

const DIGITS: &str = "0123456789";
const HEX: &str = "0123456789abcdef";
const UPPER_AND_DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const LOWER_AND_DIGITS: &str = "abcdefghijklmnopqrstuvwxyz0123456789";
const ALNUM: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

const WORDS: &[&str] = &[
    "walnut", "orbit", "sardine", "velvet", "granite", "lantern", "cobalt", "meadow", "pepper",
    "saffron", "tundra", "violin", "wicket", "yonder", "zephyr", "anchor", "bramble", "cactus",
    "dagger", "ember", "falcon", "gazelle", "harbour", "iguana", "jasmine", "kernel", "lagoon",
    "magnet", "nectar", "otter", "parsnip", "quartz", "raccoon", "salmon", "thimble", "umbrella",
];

/// What a planted value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Jwt,
    Hex16,
    Hex20,
    Hex32,
    Hex40,
    Hex64,
    HexUpper32,
    Uuid,
    Mixed16,
    Mixed22,
    Mixed32,
    Mixed43,
    Aws,
    Github,
    Gitlab,
    Slack,
    Stripe,
    Google,
    Telegram,
    SendGrid,
    Card,
    CardInGroups,
    Mail,
    PhoneAbroad,
    PhoneInland,
    /// `correct-horse-battery`: secret by its name only.
    Words,
    /// A password with signs that every syntax escapes.
    Signs,
    /// Twelve signs of all classes: too short to be judged by its shape alone.
    Short,
    /// Lower case and digits, as session identifiers of ASP.NET.
    Lower24,
    /// A password with letters beyond ASCII.
    Umlauts,
    /// Short base64 with signs that a URL escapes.
    ShortBase64,
    /// Longer than anything that a matcher is built of.
    Long,
    /// Twelve digits, as numbers of accounts.
    Account,
    /// An address within a private network.
    PrivateAddress,
    /// The name that a person has on a machine.
    UserName,
}

/// The kinds that show by their shape, wherever they stand.
pub(crate) const SHAPES: &[Kind] = &[
    Kind::Jwt,
    Kind::Hex16,
    Kind::Mixed16,
    Kind::Uuid,
    Kind::Card,
    Kind::Mail,
    Kind::Hex20,
    Kind::Aws,
    Kind::Mixed22,
    Kind::CardInGroups,
    Kind::Hex32,
    Kind::Github,
    Kind::PhoneAbroad,
    Kind::Mixed32,
    Kind::Hex40,
    Kind::Slack,
    Kind::HexUpper32,
    Kind::Stripe,
    Kind::PhoneInland,
    Kind::Hex64,
    Kind::Google,
    Kind::Mixed43,
    Kind::Telegram,
    Kind::Gitlab,
    Kind::SendGrid,
];

/// The kinds that only a name gives away.
pub(crate) const BY_NAME: &[Kind] = &[
    Kind::Words,
    Kind::Signs,
    Kind::Short,
    Kind::Lower24,
    Kind::Umlauts,
];

impl Kind {
    pub(crate) fn make(self, chance: &mut Chance) -> String {
        match self {
            Self::Jwt => jwt(chance),
            Self::Hex16 => hex(chance, 16),
            Self::Hex20 => hex(chance, 20),
            Self::Hex32 => hex(chance, 32),
            Self::Hex40 => hex(chance, 40),
            Self::Hex64 => hex(chance, 64),
            Self::HexUpper32 => hex(chance, 32).to_uppercase(),
            Self::Uuid => uuid(chance),
            Self::Mixed16 => chance.mixed(16),
            Self::Mixed22 => format!("{}-{}", chance.mixed(10), chance.mixed(11)),
            Self::Mixed32 => chance.mixed(32),
            Self::Mixed43 => format!("{}_{}", chance.mixed(21), chance.mixed(21)),
            Self::Aws => format!("AKIA{}", chance.of(UPPER_AND_DIGITS, 16)),
            Self::Github => format!("ghp_{}", chance.mixed(36)),
            Self::Gitlab => format!("glpat-{}", chance.mixed(20)),
            Self::Slack => format!(
                "xoxb-{}-{}-{}",
                chance.of(DIGITS, 12),
                chance.of(DIGITS, 13),
                chance.mixed(24)
            ),
            // In two parts, so that nobody's scanner takes this file for a leak.
            Self::Stripe => format!("sk_{}_{}", "live", chance.mixed(24)),
            Self::Google => format!("AIza{}", chance.mixed(35)),
            Self::Telegram => format!("{}:AA{}", chance.of("123456789", 10), chance.mixed(33)),
            Self::SendGrid => format!("SG.{}.{}", chance.mixed(22), chance.mixed(43)),
            Self::Card => card(chance),
            Self::CardInGroups => {
                let digits = card(chance);
                let groups = [0, 4, 8, 12].map(|at| &digits[at..at + 4]);
                groups.join(" ")
            }
            Self::Mail => mail(chance),
            Self::PhoneAbroad => format!(
                "+49 {} {}",
                ["151", "170", "30", "89"][chance.below(4)],
                chance.of("123456789", 8)
            ),
            Self::PhoneInland => {
                let groups = [3, 3, 4].map(|n| chance.of("23456789", n));
                format!("({}) {}-{}", groups[0], groups[1], groups[2])
            }
            Self::Words => {
                let words = [chance.word(), chance.word(), chance.word(), chance.word()];
                words.join("-")
            }
            Self::Signs => format!("{}&\"{}'<%>+/=", chance.mixed(6), chance.mixed(6)),
            Self::Short => chance.mixed(12),
            Self::Lower24 => chance.of(LOWER_AND_DIGITS, 24),
            Self::Umlauts => format!("größe-{}-żółw", chance.mixed(8)),
            Self::ShortBase64 => format!("{}+{}/=", chance.mixed(8), chance.mixed(3)),
            Self::Long => chance.mixed(5_000),
            Self::Account => format!("7{}", chance.of("123456789", 11)),
            Self::PrivateAddress => {
                let [b, c, d] = [(); 3].map(|()| 100 + chance.below(150));
                format!("10.{b}.{c}.{d}")
            }
            Self::UserName => format!("{}.{}{}", chance.word(), chance.word(), chance.below(9_000)),
        }
    }

    /// True for values of which no part may be shown either.
    pub(crate) const fn is_random(self) -> bool {
        !matches!(
            self,
            Self::Card
                | Self::CardInGroups
                | Self::Mail
                | Self::PhoneAbroad
                | Self::PhoneInland
                | Self::Words
                | Self::Umlauts
                | Self::Account
                | Self::PrivateAddress
                | Self::UserName
        )
    }
}

fn hex(chance: &mut Chance, n: usize) -> String {
    loop {
        let text = chance.of(HEX, n);
        // Digits alone would be a number, letters alone a word.
        let n_letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
        if (3..n - 3).contains(&n_letters) {
            return text;
        }
    }
}

fn uuid(chance: &mut Chance) -> String {
    let digits = hex(chance, 32);
    let (a, b, c, d, e) = (
        &digits[..8],
        &digits[8..12],
        &digits[13..16],
        &digits[17..20],
        &digits[20..],
    );
    format!("{a}-{b}-4{c}-a{d}-{e}")
}

fn jwt(chance: &mut Chance) -> String {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let claims = format!(
        r#"{{"sub":"{}","sid":"{}"}}"#,
        chance.mixed(20),
        chance.mixed(18)
    );
    format!(
        "{}.{}.{}",
        part(r#"{"alg":"HS256","typ":"JWT"}"#),
        part(&claims),
        chance.mixed(43)
    )
}

/// Sixteen digits with the check digit of Luhn.
fn card(chance: &mut Chance) -> String {
    let begin = ["4", "51", "55", "37"][chance.below(3)];
    let body = format!("{begin}{}", chance.of(DIGITS, 15 - begin.len()));
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(idx, digit)| {
            let digit = u32::from(digit - b'0') * if idx % 2 == 0 { 2 } else { 1 };
            digit / 10 + digit % 10
        })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

fn mail(chance: &mut Chance) -> String {
    let name = format!(
        "{}.{}{}",
        chance.word(),
        chance.word(),
        chance.below(90_000)
    );
    format!("{name}@{}mail.example", chance.word())
}

/// How a value is written in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Plain,
    /// `%41%42…`, every sign.
    Percent,
    /// Only every third sign.
    PercentInPart,
    /// `%2541%2542…`.
    PercentTwice,
    Base64,
    Base64Url,
    /// Base64 of `{"id":"…"}`.
    Base64Json,
    Hex,
}

pub(crate) const ENCODINGS: &[Encoding] = &[
    Encoding::Percent,
    Encoding::Base64Json,
    Encoding::PercentTwice,
    Encoding::Base64Url,
    Encoding::PercentInPart,
    Encoding::Hex,
    Encoding::Base64,
];

impl Encoding {
    /// `value` written like this, or `None` when the outcome would not show by its shape.
    pub(crate) fn write(self, value: &str) -> Option<String> {
        let written = match self {
            Self::Plain => value.to_owned(),
            Self::Percent => percent(value, |_| true),
            Self::PercentInPart => percent(value, |idx| idx % 3 == 0),
            Self::PercentTwice => percent(value, |_| true).replace('%', "%25"),
            Self::Base64 => STANDARD.encode(value),
            Self::Base64Url => URL_SAFE_NO_PAD.encode(value),
            Self::Base64Json => URL_SAFE_NO_PAD.encode(format!(r#"{{"id":"{value}"}}"#)),
            Self::Hex => hexadecimal(value),
        };
        let is_base64 = matches!(self, Self::Base64 | Self::Base64Url | Self::Base64Json);
        (!is_base64 || is_mixed(&written)).then_some(written)
    }

    /// True when what is written has signs of its own that a URL must not escape again.
    pub(crate) const fn is_percent(self) -> bool {
        matches!(
            self,
            Self::Percent | Self::PercentInPart | Self::PercentTwice
        )
    }
}

fn percent(value: &str, is_written: fn(usize) -> bool) -> String {
    let mut text = String::new();
    for (idx, byte) in value.bytes().enumerate() {
        let must = !(byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte));
        if must || is_written(idx) {
            write!(text, "%{byte:02X}").expect("strings take everything");
        } else {
            text.push(char::from(byte));
        }
    }
    text
}

/// As a browser writes a value into a URL.
pub(crate) fn component(value: &str) -> String {
    percent(value, |_| false)
}

pub(crate) fn hexadecimal(value: &str) -> String {
    value.bytes().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("strings take everything");
        text
    })
}
