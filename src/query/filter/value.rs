//! The values of filter terms: quoted text, wildcards, quantities, addresses.

use std::borrow::Cow;
use std::net::IpAddr;
use std::ops::RangeInclusive;

use regex::{Regex, RegexBuilder};

use super::FilterError;
use super::term::Place;

/// Largest compiled regular expression, in bytes.
pub(super) const REGEX_LIMIT: usize = 1 << 20;
/// Deepest nesting of a regular expression.
pub(super) const NEST_LIMIT: u32 = 50;

/// The numbers that `operator value` means: `>10k`, `4xx`, `200-299`, `404`.
pub(super) fn number_range(
    operator: &str,
    value: &str,
    place: &Place<'_>,
) -> Result<RangeInclusive<f64>, FilterError> {
    let class = value
        .strip_suffix("xx")
        .and_then(|digit| digit.parse::<f64>().ok());
    if let Some(class) = class {
        return Ok(class * 100.0..=class * 100.0 + 99.0);
    }
    if let Some((from, to)) = value
        .split_once('-')
        .and_then(|(a, b)| Some((quantity(a)?, quantity(b)?)))
    {
        return Ok(from..=to);
    }
    let number = quantity(value).ok_or_else(|| {
        place.bad_value("expected a number, a range such as 200-299, or a class such as 4xx")
    })?;
    Ok(match operator {
        ">" => number.next_up()..=f64::INFINITY,
        ">=" => number..=f64::INFINITY,
        "<" => f64::NEG_INFINITY..=number.next_down(),
        "<=" => f64::NEG_INFINITY..=number,
        _ => number..=number,
    })
}

/// `10k`, `1.5M`, `200ms`, `2s`: thousands and milliseconds.
fn quantity(text: &str) -> Option<f64> {
    let lower = text.to_ascii_lowercase();
    let units = [
        ("kb", 1e3),
        ("mb", 1e6),
        ("gb", 1e9),
        ("ms", 1.0),
        ("k", 1e3),
        ("m", 1e6),
        ("g", 1e9),
        ("s", 1e3),
        ("b", 1.0),
    ];
    let (digits, factor) = units
        .iter()
        .find_map(|(unit, factor)| Some((lower.strip_suffix(unit)?, *factor)))
        .unwrap_or((&lower, 1.0));
    digits
        .trim()
        .parse::<f64>()
        .ok()
        .filter(|number| number.is_finite())
        .map(|number| number * factor)
}

/// The text between quotes, in which `\\"` stands for a quote; other text as it is.
pub(super) fn unquote(text: &str) -> Cow<'_, str> {
    let Some(rest) = text.strip_prefix('"') else {
        return Cow::Borrowed(text);
    };
    let inner = rest.strip_suffix('"').unwrap_or(rest);
    if inner.contains('\\') {
        Cow::Owned(inner.replace("\\\"", "\""))
    } else {
        Cow::Borrowed(inner)
    }
}

/// `text` as a pattern in which only `*` is special.
pub(super) fn wildcards(text: &str) -> String {
    text.split('*')
        .map(regex::escape)
        .collect::<Vec<_>>()
        .join(".*")
}

pub(super) fn regex(pattern: &str, written: &str, at: usize) -> Result<Regex, FilterError> {
    RegexBuilder::new(pattern)
        .case_insensitive(true)
        .size_limit(REGEX_LIMIT)
        .nest_limit(NEST_LIMIT)
        .build()
        .map_err(|error| regex_error(&error, written, at))
}

/// Why `written`, which begins at byte `at` of the filter, is no regular expression.
pub(super) fn regex_error(error: &regex::Error, written: &str, at: usize) -> FilterError {
    let reason = match error {
        regex::Error::CompiledTooBig(_) => "too large",
        _ => "unfinished or not allowed here",
    };
    FilterError {
        at: at..at + written.len(),
        message: format!("this is not a regular expression: {reason}"),
    }
}

/// Addresses with a common beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AddressBlock {
    first: IpAddr,
    n_bits: u8,
}

impl AddressBlock {
    /// Understands `10.0.0.0/8` and `2001:db8::/32`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (first, n_bits) = text.split_once('/')?;
        let (first, n_bits) = (first.parse().ok()?, n_bits.parse().ok()?);
        let most = match first {
            IpAddr::V4(_) => 32,
            IpAddr::V6(_) => 128,
        };
        (n_bits <= most).then_some(Self { first, n_bits })
    }

    /// True when `address` is one of them.
    pub(super) fn contains(self, address: &str) -> bool {
        let n_bits = u32::from(self.n_bits);
        match (self.first, address.parse()) {
            (IpAddr::V4(first), Ok(IpAddr::V4(other))) => {
                let difference = first.to_bits() ^ other.to_bits();
                difference.leading_zeros() >= n_bits
            }
            (IpAddr::V6(first), Ok(IpAddr::V6(other))) => {
                let difference = first.to_bits() ^ other.to_bits();
                difference.leading_zeros() >= n_bits
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_hold_addresses_of_their_own_family() {
        for (block, address, expected) in [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.0", false),
            ("0.0.0.0/0", "192.0.2.1", true),
            ("192.0.2.1/32", "192.0.2.1", true),
            ("192.0.2.1/32", "192.0.2.2", false),
            ("2001:db8::/32", "2001:db8:1::1", true),
            ("2001:db8::/32", "10.0.0.1", false),
            ("::/0", "::1", true),
            ("10.0.0.0/8", "", false),
        ] {
            let parsed = AddressBlock::parse(block).expect(block);
            assert_eq!(parsed.contains(address), expected, "{block} {address}");
        }
        for wrong in ["10.0.0.0", "10.0.0.0/33", "x/8", "10.0.0.0/-1", "::/129"] {
            assert_eq!(AddressBlock::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn quotes_may_hold_quotes() {
        for (text, expected) in [
            ("plain", "plain"),
            ("\"a b\"", "a b"),
            ("\"a \\\" b\"", "a \" b"),
            ("\"open", "open"),
            ("\"C:\\dir\"", "C:\\dir"),
        ] {
            assert_eq!(unquote(text), expected, "{text}");
        }
    }
}
