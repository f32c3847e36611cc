//! The ways in which a value may be written down again: percent-encoded, in base64 and in hexadecimal.

use std::borrow::Cow;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use crate::base::text::hexadecimal;
pub(super) use crate::base::text::percent_decode as percent_decoded;

/// Undoes percent-encoding as often as it was done, at most four times.
pub(super) fn fully_decoded(text: &str) -> Cow<'_, str> {
    let mut decoded = percent_decoded(text);
    for _ in 0..3 {
        if !decoded.contains('%') {
            break;
        }
        decoded = Cow::Owned(percent_decoded(&decoded).into_owned());
    }
    decoded
}

/// `text` as a value within a query: placeholders stay readable.
pub(super) fn percent_encoded_value(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~[]".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("a string takes everything");
        }
        encoded
    })
}

/// What stands in base64 or hexadecimal for the beginning of `value`, wherever it stands in what was encoded: parts of
/// `len` bytes.
pub(super) fn encoded_windows(value: &[u8], len: usize) -> Vec<Vec<u8>> {
    let value = &value[..value.len().min(2 * len)];
    let mut forms: Vec<String> = (0..3)
        .flat_map(|skipped| {
            [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD].map(|engine| base64_core(value, skipped, engine))
        })
        .collect();
    let hex = hexadecimal(value);
    forms.push(hex.to_ascii_uppercase());
    forms.push(hex);
    let mut windows: Vec<Vec<u8>> = forms
        .iter()
        .filter_map(|form| Some(form.as_bytes().get(..len)?.to_vec()))
        .collect();
    windows.sort_unstable();
    windows.dedup();
    windows
}

/// The base64 digits that `value` gives for certain when `skipped` other bytes stand before it in its group of three.
fn base64_core(value: &[u8], skipped: usize, engine: &base64::engine::GeneralPurpose) -> String {
    let mut bytes = vec![0; skipped];
    bytes.extend_from_slice(value);
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
    fn a_value_is_found_in_base64_wherever_it_stands() {
        let value = "Zx81kQpW0aLm";
        let windows = encoded_windows(value.as_bytes(), 12);
        for before in ["", "x", "xy", "xyz"] {
            let encoded = STANDARD_NO_PAD.encode(format!("{before}{value}!!"));
            let is_found = windows
                .iter()
                .any(|window| encoded.as_bytes().windows(12).any(|part| part == window));
            assert!(is_found, "{before}");
        }
    }

    #[test]
    fn what_was_encoded_several_times_is_decoded() {
        assert_eq!(fully_decoded("jo%252540x"), "jo@x");
        assert_eq!(fully_decoded("100%"), "100%");
    }
}
