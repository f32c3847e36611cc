//! The ways in which a value may be written down again: percent, JSON, HTML, base64 and hexadecimal.

use std::borrow::Cow;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Longest part of a value that is looked for, in bytes; its end is the part least likely to be shared.
const MAX_BYTES: usize = 64;

/// Undoes `%41` and leaves what is no such sequence; bytes that are no UTF-8 become U+FFFD.
pub(super) fn percent_decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut decoded = Vec::with_capacity(text.len());
    let bytes = text.as_bytes();
    let digit = |at: usize| char::from(*bytes.get(at)?).to_digit(16);
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if let (b'%', Some(high), Some(low)) = (*byte, digit(at + 1), digit(at + 2)) {
            decoded.push((high * 16 + low) as u8);
            at += 3;
        } else {
            decoded.push(*byte);
            at += 1;
        }
    }
    Cow::Owned(String::from_utf8_lossy(&decoded).into_owned())
}

/// Every byte but the unreserved ones as `%41`.
pub(super) fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("a string takes everything");
        }
        encoded
    })
}

/// The forms under which `value` could hide in finished output, each at least six bytes long, without duplicates.
pub(super) fn forms(value: &str) -> Vec<String> {
    let from = value.len().saturating_sub(MAX_BYTES);
    let from = (from..=value.len())
        .find(|at| value.is_char_boundary(*at))
        .unwrap_or(0);
    let value = &value[from..];
    let json = serde_json::Value::from(value).to_string();
    let mut forms = vec![
        value.to_owned(),
        percent_encoded(value),
        value.replace(' ', "+"),
        json.get(1..json.len() - 1).unwrap_or_default().to_owned(),
        html_escaped(value, "&quot;", "&#39;"),
        html_escaped(value, "&#34;", "&#x27;"),
        hexadecimal(value),
        hexadecimal(value).to_ascii_uppercase(),
        lower_percent(&percent_encoded(value)),
    ];
    for skipped in 0..3 {
        forms.push(base64_core(value, skipped, &STANDARD_NO_PAD));
        forms.push(base64_core(value, skipped, &URL_SAFE_NO_PAD));
    }
    forms.retain(|form| 6 <= form.len());
    forms.sort_unstable();
    forms.dedup();
    forms
}

fn html_escaped(value: &str, double_quote: &str, single_quote: &str) -> String {
    value
        .replace(
            '&',
            if double_quote.contains('#') {
                "&#38;"
            } else {
                "&amp;"
            },
        )
        .replace(
            '<',
            if double_quote.contains('#') {
                "&#60;"
            } else {
                "&lt;"
            },
        )
        .replace(
            '>',
            if double_quote.contains('#') {
                "&#62;"
            } else {
                "&gt;"
            },
        )
        .replace('"', double_quote)
        .replace('\'', single_quote)
}

/// `%2f` for `%2F`.
fn lower_percent(encoded: &str) -> String {
    let mut parts = encoded.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let (digits, rest) = part.split_at(part.len().min(2));
        format!("{text}%{}{rest}", digits.to_ascii_lowercase())
    })
}

fn hexadecimal(value: &str) -> String {
    value.bytes().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a string takes everything");
        hex
    })
}

/// The base64 digits that `value` gives for certain when `skipped` other bytes stand before it in its group of three.
fn base64_core(value: &str, skipped: usize, engine: &base64::engine::GeneralPurpose) -> String {
    let mut bytes = vec![0; skipped];
    bytes.extend_from_slice(value.as_bytes());
    let digits = engine.encode(&bytes);
    // The first digits also hold bits of what stands before, the last one of what follows.
    let from = [0, 2, 3][skipped];
    let to = bytes.len() * 8 / 6;
    digits.get(from..to).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_in_every_encoding() {
        let value = "s3cr\"t & <more>";
        let forms = forms(value);
        let is_found = |text: &str| forms.iter().any(|form| text.contains(form.as_str()));
        assert!(is_found(value));
        assert!(is_found("x=s3cr%22t%20%26%20%3Cmore%3E"));
        assert!(is_found(&serde_json::json!({"a": value}).to_string()));
        assert!(is_found("<p>s3cr&#34;t &#38; &#60;more&#62;</p>"));
        assert!(is_found("<p>s3cr&quot;t &amp; &lt;more&gt;</p>"));
        for before in ["", "x", "xy", "xyz"] {
            let encoded = STANDARD_NO_PAD.encode(format!("{before}{value}!!"));
            assert!(is_found(&encoded), "{before}");
        }
        assert!(!is_found("another text altogether"));
    }

    #[test]
    fn percent_decoding_survives_what_is_not_valid() {
        assert_eq!(percent_decoded("%41%zz%4"), "A%zz%4");
        assert_eq!(percent_decoded("plain"), "plain");
        assert_eq!(percent_decoded("%ff"), "\u{fffd}");
    }
}
