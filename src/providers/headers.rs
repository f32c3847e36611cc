//! Headers that say something about a server, found by name in any case without allocating.

use std::collections::HashMap;

use super::rule::HeaderRule;

/// Headers that are read although no pack names them: they order a chain, show a cache, or name a party.
const GENERIC: [&str; 19] = [
    "age",
    "cache-status",
    "date",
    "etag",
    "host",
    "last-modified",
    "location",
    "proxy-status",
    "referer",
    "sec-fetch-dest",
    "server",
    "server-timing",
    "via",
    "x-bluecoat-via",
    "x-cache",
    "x-cache-hits",
    "x-cache-lookup",
    "x-served-by",
    "x-timer",
];

/// Longest header name that any rule asks for, in bytes.
const MAX_NAME: usize = 64;

/// All header rules by lower-case name.
#[derive(Debug)]
pub(super) struct HeaderMap {
    by_name: HashMap<Box<str>, Vec<HeaderRule>>,
}

impl Default for HeaderMap {
    fn default() -> Self {
        Self {
            by_name: GENERIC
                .iter()
                .map(|name| (Box::from(*name), Vec::new()))
                .collect(),
        }
    }
}

impl HeaderMap {
    /// Adds a rule for the header `name`; headers that it needs are read from then on as well.
    pub(super) fn add(&mut self, name: &str, rule: HeaderRule) -> Result<(), String> {
        for wanted in rule
            .needs
            .iter()
            .chain(&rule.unless)
            .map(String::as_str)
            .chain([name])
        {
            let is_lower = !wanted.bytes().any(|byte| byte.is_ascii_uppercase());
            if !is_lower || wanted.is_empty() || MAX_NAME < wanted.len() {
                return Err(format!("header name is not lower case: {wanted}"));
            }
            self.by_name.entry(Box::from(wanted)).or_default();
        }
        self.by_name.entry(Box::from(name)).or_default().push(rule);
        Ok(())
    }

    /// The rules about the header `name` in lower case.
    pub(super) fn rules(&self, name: &str) -> &[HeaderRule] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// True when the header `name`, in any case, is one that attribution reads.
    pub(super) fn reads(&self, name: &str) -> bool {
        let mut lower = [0; MAX_NAME];
        let Some(lower) = lower.get_mut(..name.len()) else {
            return false;
        };
        lower.copy_from_slice(name.as_bytes());
        lower.make_ascii_lowercase();
        std::str::from_utf8(lower).is_ok_and(|name| self.by_name.contains_key(name))
    }
}
