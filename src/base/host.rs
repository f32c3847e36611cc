//! Hosts that are written to be taken for others.
//!
//! Hosts are shown in punycode; a mark says what a person could not see from it. The tables hold facts about scripts, and
//! which letters look like those of ASCII in the usual fonts.

use std::fmt;

use super::text::is_unsafe_to_show;

/// What a person should know of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostMark {
    /// Letters of other scripts make it look like this host.
    LooksLike(String),
    /// One label mixes letters of these scripts, as no language does.
    Mixed(&'static str, &'static str),
    /// It holds signs that are no letters of any language.
    Signs,
    /// No name server knows such a name.
    NotValid,
}

impl fmt::Display for HostMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LooksLike(host) => write!(f, "looks like {host}"),
            Self::Mixed(one, other) => write!(f, "mixes {one} and {other} letters"),
            Self::Signs => f.write_str("holds signs that are no letters"),
            Self::NotValid => f.write_str("not a valid host"),
        }
    }
}

/// What stands before the registrable domain of `host`, with the dot, and that domain; all of `host` when it has none.
pub fn split_registrable(host: &str) -> (&str, &str) {
    let is_address = host.parse::<std::net::IpAddr>().is_ok();
    let registrable = psl::domain_str(host).filter(|_| !is_address);
    let split = registrable.and_then(|domain| Some((host.strip_suffix(domain)?, domain)));
    split.unwrap_or(("", host))
}

/// The mark of `host`, lower case and in punycode as captures have it; `None` for nearly all.
pub fn host_mark(host: &str) -> Option<HostMark> {
    if host.is_ascii() && !host.contains("xn--") {
        return None;
    }
    // What could not be turned into punycode is no host.
    if !host.is_ascii() {
        return Some(HostMark::NotValid);
    }
    let top = host.rsplit('.').next().unwrap_or_default();
    let mut shown = Vec::new();
    let mut other_mark = None;
    for label in host.split('.') {
        if !label.starts_with("xn--") {
            shown.push(label.to_owned());
            continue;
        }
        let Some(decoded) = decode(label) else {
            return Some(HostMark::NotValid);
        };
        match judge(&decoded, top) {
            Judged::Plain => shown.push(label.to_owned()),
            Judged::LooksLike(ascii) => shown.push(ascii),
            Judged::Odd(mark) => {
                shown.push(label.to_owned());
                other_mark.get_or_insert(mark);
            }
        }
    }
    let shown = shown.join(".");
    if shown != host {
        return Some(HostMark::LooksLike(shown));
    }
    other_mark
}

/// What a label in punycode says, unless nobody would write it so.
fn decode(label: &str) -> Option<String> {
    let (decoded, outcome) = idna::domain_to_unicode(label);
    outcome.ok()?;
    let is_faithful = idna::domain_to_ascii(&decoded).is_ok_and(|again| again == label);
    (is_faithful && !decoded.chars().any(is_unsafe_to_show)).then_some(decoded)
}

enum Judged {
    Plain,
    LooksLike(String),
    Odd(HostMark),
}

fn judge(label: &str, top: &str) -> Judged {
    let mut scripts: Vec<&'static str> = label.chars().filter_map(script).collect();
    scripts.sort_unstable();
    scripts.dedup();
    let is_mixed = !is_usual(&scripts);
    let shown: Option<String> = label.chars().map(lookalike).collect();
    if let Some(shown) = shown
        && (is_mixed || !is_at_home(&scripts, top))
    {
        return Judged::LooksLike(shown);
    }
    if let [one, .., other] = scripts[..]
        && is_mixed
    {
        return Judged::Odd(HostMark::Mixed(one, other));
    }
    if label.chars().any(is_sign) {
        return Judged::Odd(HostMark::Signs);
    }
    Judged::Plain
}

/// True when a language is written with these scripts together.
fn is_usual(scripts: &[&str]) -> bool {
    const TOGETHER: &[&[&str]] = &[
        &["Han", "Hiragana", "Katakana", "Latin"],
        &["Bopomofo", "Han", "Latin"],
        &["Han", "Hangul", "Latin"],
    ];
    let mut sets = TOGETHER.iter();
    scripts.len() < 2 || sets.any(|set| scripts.iter().all(|script| set.contains(script)))
}

/// True where people write their language in these scripts, so that a word that looks like ASCII is just a word.
fn is_at_home(scripts: &[&str], top: &str) -> bool {
    let tops: &[&str] = match scripts {
        ["Cyrillic"] => &[
            "bg", "by", "kg", "kz", "mk", "mn", "rs", "ru", "su", "tj", "ua", "uz",
        ],
        ["Greek"] => &["cy", "gr"],
        ["Armenian"] => &["am"],
        // The dotless i.
        ["Latin"] => &["az", "tr"],
        _ => return false,
    };
    // Names of countries in punycode are in the script of the country.
    tops.contains(&top) || top.starts_with("xn--")
}

/// The script of a letter; `None` for digits, hyphens, and marks that go with any letter.
fn script(c: char) -> Option<&'static str> {
    if c.is_ascii() {
        return c.is_ascii_alphabetic().then_some("Latin");
    }
    let at = SCRIPTS.partition_point(|(_, last, _)| *last < c);
    match SCRIPTS.get(at) {
        Some((first, _, script)) if *first <= c => Some(script),
        _ => c.is_alphabetic().then_some("other"),
    }
}

/// Blocks of letters, in order: their first and their last character, and the script.
const SCRIPTS: &[(char, char, &str)] = &[
    ('\u{00c0}', '\u{02af}', "Latin"),
    ('\u{0370}', '\u{03ff}', "Greek"),
    ('\u{0400}', '\u{052f}', "Cyrillic"),
    ('\u{0531}', '\u{058f}', "Armenian"),
    ('\u{0591}', '\u{05ff}', "Hebrew"),
    ('\u{0600}', '\u{06ff}', "Arabic"),
    ('\u{0700}', '\u{074f}', "Syriac"),
    ('\u{0750}', '\u{077f}', "Arabic"),
    ('\u{0780}', '\u{07bf}', "Thaana"),
    ('\u{0870}', '\u{08ff}', "Arabic"),
    ('\u{0900}', '\u{097f}', "Devanagari"),
    ('\u{0980}', '\u{09ff}', "Bengali"),
    ('\u{0a00}', '\u{0a7f}', "Gurmukhi"),
    ('\u{0a80}', '\u{0aff}', "Gujarati"),
    ('\u{0b00}', '\u{0b7f}', "Oriya"),
    ('\u{0b80}', '\u{0bff}', "Tamil"),
    ('\u{0c00}', '\u{0c7f}', "Telugu"),
    ('\u{0c80}', '\u{0cff}', "Kannada"),
    ('\u{0d00}', '\u{0d7f}', "Malayalam"),
    ('\u{0d80}', '\u{0dff}', "Sinhala"),
    ('\u{0e00}', '\u{0e7f}', "Thai"),
    ('\u{0e80}', '\u{0eff}', "Lao"),
    ('\u{0f00}', '\u{0fff}', "Tibetan"),
    ('\u{1000}', '\u{109f}', "Myanmar"),
    ('\u{10a0}', '\u{10ff}', "Georgian"),
    ('\u{1100}', '\u{11ff}', "Hangul"),
    ('\u{1200}', '\u{139f}', "Ethiopic"),
    ('\u{13a0}', '\u{13ff}', "Cherokee"),
    ('\u{1400}', '\u{167f}', "Canadian"),
    ('\u{1780}', '\u{17ff}', "Khmer"),
    ('\u{1c80}', '\u{1c8f}', "Cyrillic"),
    ('\u{1c90}', '\u{1cbf}', "Georgian"),
    ('\u{1d00}', '\u{1dbf}', "Latin"),
    ('\u{1e00}', '\u{1eff}', "Latin"),
    ('\u{1f00}', '\u{1fff}', "Greek"),
    ('\u{2c60}', '\u{2c7f}', "Latin"),
    ('\u{2d00}', '\u{2d2f}', "Georgian"),
    ('\u{2d80}', '\u{2ddf}', "Ethiopic"),
    ('\u{2de0}', '\u{2dff}', "Cyrillic"),
    ('\u{2e80}', '\u{2fdf}', "Han"),
    ('\u{3005}', '\u{3007}', "Han"),
    ('\u{3041}', '\u{309f}', "Hiragana"),
    ('\u{30a1}', '\u{30fa}', "Katakana"),
    ('\u{30fc}', '\u{30ff}', "Katakana"),
    ('\u{3105}', '\u{312f}', "Bopomofo"),
    ('\u{3131}', '\u{318f}', "Hangul"),
    ('\u{31a0}', '\u{31bf}', "Bopomofo"),
    ('\u{31f0}', '\u{31ff}', "Katakana"),
    ('\u{3400}', '\u{4dbf}', "Han"),
    ('\u{4e00}', '\u{9fff}', "Han"),
    ('\u{a640}', '\u{a69f}', "Cyrillic"),
    ('\u{a720}', '\u{a7ff}', "Latin"),
    ('\u{ab30}', '\u{ab6f}', "Latin"),
    ('\u{ab70}', '\u{abbf}', "Cherokee"),
    ('\u{ac00}', '\u{d7ff}', "Hangul"),
    ('\u{f900}', '\u{faff}', "Han"),
    ('\u{20000}', '\u{3fffd}', "Han"),
];

/// True for arrows, pictures, fraction slashes and the like, which some registries let into names.
fn is_sign(c: char) -> bool {
    matches!(c, '\u{2000}'..='\u{2bff}' | '\u{3000}'..='\u{3004}' | '\u{3008}'..='\u{3020}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{1f000}'..='\u{1faff}')
}

/// The ASCII character that `c` is taken for: itself, when it is one.
fn lookalike(c: char) -> Option<char> {
    if c.is_ascii() {
        return Some(c);
    }
    Some(match c {
        'а' | 'α' | 'ɑ' => 'a',
        'ь' => 'b',
        'с' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'е' | 'ҽ' => 'e',
        'ɡ' | 'ց' => 'g',
        'һ' | 'հ' => 'h',
        'і' | 'ι' | 'ı' | 'ɩ' => 'i',
        'ј' | 'ϳ' => 'j',
        'κ' => 'k',
        'ӏ' => 'l',
        'п' | 'η' | 'ո' => 'n',
        'о' | 'ο' | 'օ' => 'o',
        'р' | 'ρ' => 'p',
        'ԛ' | 'զ' => 'q',
        'г' => 'r',
        'ѕ' => 's',
        'τ' => 't',
        'υ' | 'ս' | 'ʋ' => 'u',
        'ѵ' | 'ν' => 'v',
        'ԝ' | 'ѡ' | 'ω' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'ү' | 'γ' => 'y',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registrable_domain_is_split_off() {
        for (host, expected) in [
            ("www.expressen.se", ("www.", "expressen.se")),
            ("a.b.example.co.uk", ("a.b.", "example.co.uk")),
            ("192.0.2.1", ("", "192.0.2.1")),
            ("localhost", ("", "localhost")),
            ("", ("", "")),
        ] {
            assert_eq!(split_registrable(host), expected, "{host}");
        }
    }

    /// The words for a host that is given as people read it, in punycode.
    fn words(host: &str) -> String {
        let ascii = idna::domain_to_ascii(host).expect(host);
        host_mark(&ascii).map_or_else(String::new, |mark| mark.to_string())
    }

    #[test]
    fn well_known_fakes_are_marked() {
        for (host, expected) in [
            ("xn--80ak6aa92e.com", "looks like apple.com"),
            ("xn--e1awd7f.com", "looks like epic.com"),
            ("www.xn--80ak6aa92e.com", "looks like www.apple.com"),
            ("xn--pypal-4ve.com", "looks like paypal.com"),
            ("xn--ggle-0nda.com", "looks like google.com"),
        ] {
            let mark = host_mark(host).map(|mark| mark.to_string());
            assert_eq!(mark.as_deref(), Some(expected), "{host}");
        }
        for (host, expected) in [
            ("раураӏ.com", "looks like paypal.com"),
            ("ɡoogle.com", "looks like google.com"),
            ("ıcloud.com", "looks like icloud.com"),
            ("νανυ.com", "looks like vavu.com"),
            ("օս.com", "looks like ou.com"),
            ("аррӏе.com.ru", ""),
            ("рау.example", "looks like pay.example"),
        ] {
            assert_eq!(words(host), expected, "{host}");
        }
    }

    #[test]
    fn honest_names_are_not_marked() {
        for host in [
            "xn--mnchen-3ya.de",
            "xn--bcher-kva.example",
            "www.example.com",
            "a_b.example",
            "192.0.2.7",
            "2001:db8::1",
            "",
        ] {
            assert_eq!(host_mark(host), None, "{host}");
        }
        for host in [
            "münchen.de",
            "größe.example",
            "кириллица.com",
            "президент.рф",
            "рука.рф",
            "сок.ru",
            "ευρώπη.eu",
            "日本語.jp",
            "ひらがなカタカナ漢字abc.jp",
            "スーパー.jp",
            "한국어abc.kr",
            "中文abc.tw",
            "हिन्दी.भारत",
            "العربية.example",
            "עברית.example",
            "ไทย.th",
            "sınav.com.tr",
            "l·l.cat",
            "việt-nam.vn",
        ] {
            assert_eq!(words(host), "", "{host}");
        }
    }

    #[test]
    fn other_oddities_are_told_apart() {
        for (host, expected) in [
            ("яbc.com", "mixes Cyrillic and Latin letters"),
            ("abcж.com", "mixes Cyrillic and Latin letters"),
            ("λμж.com", "mixes Cyrillic and Greek letters"),
            ("i❤.ws", "holds signs that are no letters"),
        ] {
            assert_eq!(words(host), expected, "{host}");
        }
        for host in [
            "xn--a",
            "xn--",
            "xn--99999999.com",
            "exa\u{202e}mple.com",
            "ex\u{200b}ample.com",
            "аррӏе.com",
        ] {
            assert_eq!(host_mark(host), Some(HostMark::NotValid), "{host}");
        }
    }

    #[test]
    fn the_blocks_stand_in_order() {
        assert!(SCRIPTS.iter().all(|(first, last, _)| first <= last));
        assert!(SCRIPTS.windows(2).all(|pair| pair[0].1 < pair[1].0));
    }
}
