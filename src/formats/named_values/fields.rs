//! One line of JSON as a flat list: names of nested objects are joined with dots, arrays keep their first element.

use std::borrow::Cow;
use std::net::IpAddr;

use crate::base::json::{Json, Kind};
use crate::base::time::Time;
use crate::formats::absolute;

/// Deeper objects are passed over.
const MAX_DEPTH: u32 = 6;
/// Most names of one line.
const MAX_FIELDS: usize = 2_000;

/// The names and values of one line, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields<'a>(Vec<(String, Cow<'a, str>)>);

impl<'a> Fields<'a> {
    /// Reads the object in `line`; programs that gather logs may write a name in front of it. `None` when there is none.
    pub(super) fn of(line: &'a str) -> Option<Self> {
        let at = line.find('{')?;
        // More than a short prefix is text that happens to hold a bracket.
        let is_prefix = at < 200 && !line[..at].contains('"');
        // Lines of an array are objects with a comma or a bracket behind them.
        let text = line[at..].trim_end_matches([' ', '\t', '\r', ',', ']']);
        if !is_prefix || !text.ends_with('}') {
            return None;
        }
        let mut fields = Self::default();
        let mut json = Json::new(text.as_bytes());
        fields.object(&mut json, "", 0);
        // Another object behind the first one would be lost.
        let is_alone = text.len() <= json.offset();
        (is_alone && !fields.0.is_empty()).then_some(fields)
    }

    /// Names and values that another syntax than JSON gave.
    pub(super) fn from_pairs(pairs: impl IntoIterator<Item = (String, Cow<'a, str>)>) -> Self {
        Self(pairs.into_iter().take(MAX_FIELDS).collect())
    }

    fn object(&mut self, json: &mut Json<'a>, prefix: &str, depth: u32) {
        json.object(|json, key| {
            let name = if prefix.is_empty() {
                key.to_owned()
            } else {
                format!("{prefix}.{key}")
            };
            self.value(json, name, depth);
        });
    }

    fn value(&mut self, json: &mut Json<'a>, name: String, depth: u32) {
        match json.kind() {
            Kind::Object if depth < MAX_DEPTH => self.object(json, &name, depth + 1),
            Kind::Array => {
                let mut is_first = true;
                json.array(|json| {
                    if is_first && !matches!(json.kind(), Kind::Object | Kind::Array) {
                        self.value(json, name.clone(), MAX_DEPTH);
                    } else {
                        json.skip();
                    }
                    is_first = false;
                });
            }
            Kind::Text => {
                if let Some(text) = json.string() {
                    self.push(name, text);
                }
            }
            Kind::Number | Kind::Bool => {
                let text = String::from_utf8_lossy(json.scalar());
                self.push(name, text);
            }
            _ => json.skip(),
        }
    }

    fn push(&mut self, name: String, value: Cow<'a, str>) {
        if self.0.len() < MAX_FIELDS {
            self.0.push((name, value));
        }
    }

    /// All names with their values.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Cow<'a, str>)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The value called `name`; empty when there is none or it is `-`.
    pub(super) fn get(&self, name: &str) -> Cow<'a, str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        let value = found.map(|(_, value)| value.clone()).unwrap_or_default();
        if value == "-" { Cow::default() } else { value }
    }

    /// The first value among `names` that is not empty.
    pub(super) fn first(&self, names: &[&str]) -> Cow<'a, str> {
        let mut values = names.iter().map(|name| self.get(name));
        values.find(|value| !value.is_empty()).unwrap_or_default()
    }

    /// True when there is a value called `name`.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// The value called `name` as a number.
    pub(super) fn number(&self, name: &str) -> Option<f64> {
        let number: f64 = self.get(name).trim().parse().ok()?;
        number.is_finite().then_some(number)
    }

    /// The value called `name` as a number of bytes.
    pub(super) fn bytes(&self, name: &str) -> Option<u64> {
        self.number(name)
            .filter(|bytes| 0.0 <= *bytes)
            .map(|bytes| bytes as u64)
    }

    /// The value called `name` as a status.
    pub(super) fn status(&self, name: &str) -> Option<i64> {
        self.number(name).map(|status| status as i64)
    }

    /// Names that begin with `prefix`, without it, with their values.
    pub(super) fn below(
        &self,
        prefix: &'static str,
    ) -> impl Iterator<Item = (&str, &Cow<'a, str>)> {
        self.iter()
            .filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?, value)))
    }
}

/// A point in time as JSON logs write it: ISO 8601, the date of web servers, or a number since the epoch, whose size tells
/// whether it counts seconds, milliseconds, microseconds or nanoseconds.
pub(super) fn time(text: &str) -> Option<Time> {
    match text.trim().parse::<f64>() {
        Ok(number) if 1e17 < number => Time::from_epoch_seconds(number / 1e9),
        Ok(number) if 1e14 < number => Time::from_epoch_seconds(number / 1e6),
        Ok(number) if 1e11 < number => Time::from_epoch_seconds(number / 1e3),
        Ok(number) if 1e8 < number => Time::from_epoch_seconds(number),
        Ok(_) => None,
        Err(_) => Time::parse_iso(&text.replacen('/', "-", 2)).or_else(|| Time::parse_clf(text)),
    }
}

/// A duration in milliseconds with its unit: `0.123s`, `12ms`, `50µs`.
pub(super) fn duration_ms(text: &str) -> Option<f64> {
    let at = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let number: f64 = text[..at].parse().ok()?;
    let factor = match &text[at..] {
        "ns" => 1e-6,
        "us" | "µs" | "μs" => 1e-3,
        "ms" => 1.0,
        "s" => 1e3,
        "m" => 6e4,
        _ => return None,
    };
    Some(number * factor)
}

/// The address in `192.0.2.1:8080` or `[2001:db8::1]:443`, or alone; empty when it is none.
pub(super) fn address(text: &str) -> &str {
    let host = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, _)) => host,
        None if text.parse::<IpAddr>().is_ok() => text,
        None => text.rsplit_once(':').map_or(text, |(host, _)| host),
    };
    if host.parse::<IpAddr>().is_ok() {
        host
    } else {
        ""
    }
}

/// The URL of a request of which host and path are known; `scheme` may be empty.
pub(super) fn url<'a>(scheme: &str, host: &str, path: Cow<'a, str>) -> Cow<'a, str> {
    let scheme = scheme.to_ascii_lowercase();
    let is_scheme = matches!(scheme.as_str(), "http" | "https" | "ws" | "wss");
    absolute(path, is_scheme.then_some(scheme.as_str()), host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_names_are_joined_and_values_lie_in_the_line() {
        let line = r#"caddy  | {"a":{"B":["x","y"],"n":1.5},"t":true,"e":"\u0041","z":null}"#;
        let fields = Fields::of(line).expect("an object");
        let all: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (name, value.as_ref()))
            .collect();
        assert_eq!(
            all,
            [("a.B", "x"), ("a.n", "1.5"), ("t", "true"), ("e", "A")]
        );
        assert!(matches!(fields.get("a.B"), Cow::Borrowed(_)));
        for text in ["", "plain", "{", "a \"b\" {}", "{}", "[1]"] {
            assert!(Fields::of(text).is_none(), "{text}");
        }
    }

    #[test]
    fn times_and_durations_of_every_size() {
        let expected = "2026-11-22T18:14:21.000Z";
        for text in [
            "1795371261",
            "1795371261.000",
            "1795371261000",
            "1795371261000000",
            "1795371261000000000",
            "2026-11-22T18:14:21Z",
            "2026/11/22 18:14:21",
            "22/Nov/2026:18:14:21 +0000",
        ] {
            assert_eq!(
                time(text).map(Time::to_iso).as_deref(),
                Some(expected),
                "{text}"
            );
        }
        assert_eq!(time("12"), None);
        assert_eq!(duration_ms("0.5s"), Some(500.0));
        assert_eq!(duration_ms("12ms"), Some(12.0));
        assert_eq!(duration_ms("12"), None);
    }

    #[test]
    fn addresses_lose_their_port() {
        assert_eq!(address("192.0.2.1:80"), "192.0.2.1");
        assert_eq!(address("[2001:db8::1]:443"), "2001:db8::1");
        assert_eq!(address("2001:db8::1"), "2001:db8::1");
        assert_eq!(address("backend:80"), "");
    }
}
