//! Text on its way to people: terminal-safe, shortened, with units.

use std::borrow::Cow;

/// `text` with every control, bidirectional or invisible character written as `\u{…}`, so that no byte of a capture
/// can steer a terminal.
pub fn escape_for_terminal(text: &str) -> Cow<'_, str> {
    escape_except(text, &[])
}

/// The same for text that a file or a cell shows, in which lines may break and tabs may stand.
pub fn escape_within_lines(text: &str) -> Cow<'_, str> {
    escape_except(text, &['\n', '\r', '\t'])
}

fn escape_except<'a>(text: &'a str, kept: &[char]) -> Cow<'a, str> {
    let is_escaped = |c: char| is_unsafe_to_show(c) && !kept.contains(&c);
    if !text.chars().any(is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_escaped(c) {
            escaped.extend(c.escape_unicode());
        } else {
            escaped.push(c);
        }
    }
    Cow::Owned(escaped)
}

/// True for characters that change how other text is shown instead of showing themselves.
///
/// These are controls, all format characters of Unicode (category Cf), separators of lines and paragraphs, tags, and
/// letters and joiners that are blank.
pub fn is_unsafe_to_show(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}'
            | '\u{34f}'
            | '\u{600}'..='\u{605}'
            | '\u{61c}'
            | '\u{6dd}'
            | '\u{70f}'
            | '\u{890}'..='\u{891}'
            | '\u{8e2}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{110bd}'
            | '\u{110cd}'
            | '\u{13430}'..='\u{1343f}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// At most `max_chars` characters of `text`, cut in the middle with `…` so that beginning and end stay readable.
pub fn shorten_middle(text: &str, max_chars: usize) -> Cow<'_, str> {
    let n = text.chars().count();
    if n <= max_chars || max_chars < 3 {
        return Cow::Borrowed(text);
    }
    let tail = (max_chars - 1) * 2 / 3;
    let head = max_chars - 1 - tail;
    let start: String = text.chars().take(head).collect();
    let end: String = text.chars().skip(n - tail).collect();
    Cow::Owned(format!("{start}…{end}"))
}

/// A number of bytes and its unit for reading: `(5.1, "kB")` as `("5.1", "kB")`.
pub fn bytes_with_unit(bytes: u64) -> (String, &'static str) {
    let value = bytes as f64;
    match bytes {
        0..=999 => (bytes.to_string(), "B"),
        1_000..=999_949 => (format!("{:.1}", value / 1e3), "kB"),
        999_950..=999_949_999 => (format!("{:.1}", value / 1e6), "MB"),
        _ => (format!("{:.2}", value / 1e9), "GB"),
    }
}

/// A duration of `micros` microseconds as number and unit: `350 ms`, `10.5 s`, `3.2 min`, `12.0 d`.
pub fn duration_with_unit(micros: u64) -> (String, &'static str) {
    const SECOND: u64 = 1_000_000;
    let value = micros as f64;
    if micros < SECOND {
        return (format!("{:.0}", value / 1e3), "ms");
    }
    let units = [
        (86_400 * SECOND, "d"),
        (3_600 * SECOND, "h"),
        (60 * SECOND, "min"),
    ];
    let (unit, word) = units
        .into_iter()
        .find(|(unit, _)| *unit <= micros)
        .unwrap_or((SECOND, "s"));
    (format!("{:.1}", value / unit as f64), word)
}

/// A duration of `ms` milliseconds as number and unit: whole milliseconds below ten seconds, else seconds.
pub fn ms_with_unit(ms: f64) -> (String, &'static str) {
    if ms < 10_000.0 {
        (thousands(ms.round() as u64), "ms")
    } else {
        (format!("{:.1}", ms / 1e3), "s")
    }
}

/// `12345` as `12,345`.
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (idx, digit) in digits.chars().enumerate() {
        if 0 < idx && (digits.len() - idx).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `1 flow`, `2 flows`: a count with its noun.
pub fn counted(n: u64, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", thousands(n))
}

/// `a%20b` as `a b`; a `%` without two digits behind it stays, and what is then no UTF-8 becomes U+FFFD.
pub fn percent_decode(text: &str) -> Cow<'_, str> {
    decode_bytes(text, "%")
}

/// `a\\x20b` as `a b`, by the same rules: how Zeek and many servers write bytes that would break a line.
pub fn hex_decode(text: &str) -> Cow<'_, str> {
    decode_bytes(text, "\\x")
}

/// Two digits behind `mark` are a byte.
fn decode_bytes<'a>(text: &'a str, mark: &str) -> Cow<'a, str> {
    if !text.contains(mark) {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once(mark) {
        bytes.extend_from_slice(before.as_bytes());
        let code = behind
            .get(..2)
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        rest = if let Some(code) = code {
            bytes.push(code);
            &behind[2..]
        } else {
            bytes.extend_from_slice(mark.as_bytes());
            behind
        };
    }
    bytes.extend_from_slice(rest.as_bytes());
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

/// `9f86…`: two lower-case digits for each byte.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(u32::from(digit), 16))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_the_terminal() {
        let escaped = escape_for_terminal("a\u{1b}[2Jb\u{202e}c\u{9b}");
        assert_eq!(escaped, "a\\u{1b}[2Jb\\u{202e}c\\u{9b}");
        assert_eq!(escape_for_terminal("plain é"), "plain é");
    }

    #[test]
    fn nothing_invisible_is_shown_as_it_is() {
        let hidden = "\u{ad}\u{61c}\u{70f}\u{180e}\u{200b}\u{200d}\u{2028}\u{2029}\u{2066}\u{206a}\u{206f}\u{feff}\u{fff9}\u{fffb}\u{e0001}\u{e0041}\u{e007f}\u{e0100}\u{3164}";
        for c in hidden.chars() {
            let escaped = escape_within_lines(&format!("a{c}b")).into_owned();
            assert_eq!(escaped, format!("a{}b", c.escape_unicode()));
        }
        for plain in [
            "é ë ß",
            "漢字 かな 한글",
            "العربية",
            "🙂\u{fe0f}",
            "a\tb\nc",
            "\u{a0}",
        ] {
            assert_eq!(escape_within_lines(plain), plain);
        }
    }

    #[test]
    fn shortening_keeps_both_ends() {
        assert_eq!(
            shorten_middle("/images/2018/large/photo.jpg", 13),
            "/ima…hoto.jpg"
        );
        assert_eq!(shorten_middle("/short", 13), "/short");
    }

    #[test]
    fn bytes_by_their_digits() {
        assert_eq!(percent_decode("a%20b%zz%"), "a b%zz%");
        assert_eq!(percent_decode("%C3%AB%ff%+1"), "ë\u{fffd}%+1");
        assert_eq!(hex_decode(r"a\x09b\x5cx\y"), "a\tb\\x\\y");
    }

    #[test]
    fn units_and_groups() {
        assert_eq!(bytes_with_unit(5_120), ("5.1".to_owned(), "kB"));
        assert_eq!(bytes_with_unit(999_999), ("1.0".to_owned(), "MB"));
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(counted(1, "flow"), "1 flow");
    }
}
