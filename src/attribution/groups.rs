//! What a person says about whose traffic a host is.

use std::collections::BTreeMap;

/// Hosts that a person counts under a party: exact names, or domains with everything below them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Groups {
    by_host: BTreeMap<String, String>,
}

impl Groups {
    /// Counts `host` and everything below it under `party`; an empty `party` takes that back. Returns what was set before.
    pub fn set(&mut self, host: &str, party: &str) -> Option<String> {
        if party.is_empty() {
            self.by_host.remove(host)
        } else {
            self.by_host.insert(host.to_owned(), party.to_owned())
        }
    }

    /// The party set for exactly `host`.
    pub fn get(&self, host: &str) -> Option<&str> {
        self.by_host.get(host).map(String::as_str)
    }

    /// The party that `host` counts under: what is set for the longest suffix at a label boundary.
    pub fn party_of(&self, host: &str) -> Option<&str> {
        self.covering(host).map(|(_, party)| party)
    }

    /// The grouping that `host` counts under, as the name it was set for and the party.
    pub fn covering(&self, host: &str) -> Option<(&str, &str)> {
        self.all_covering(host).next()
    }

    /// The part of the groupings that covers any of `hosts`.
    pub fn covering_any<'a>(&self, hosts: impl Iterator<Item = &'a str>) -> Self {
        let mut part = Self::default();
        for (name, party) in hosts.flat_map(|host| self.all_covering(host)) {
            if part.get(name).is_none() {
                part.set(name, party);
            }
        }
        part
    }

    /// Every grouping that covers `host`, the longest name first.
    fn all_covering<'s>(&'s self, host: &str) -> impl Iterator<Item = (&'s str, &'s str)> {
        let host = (!self.is_empty()).then_some(host);
        let names = std::iter::successors(host, |name| Some(name.split_once('.')?.1));
        names
            .filter_map(|name| self.by_host.get_key_value(name))
            .map(|(name, party)| (name.as_str(), party.as_str()))
    }

    /// All hosts with their parties, by host.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let by_host = self.by_host.iter();
        by_host.map(|(host, party)| (host.as_str(), party.as_str()))
    }

    /// Number of names that are set.
    pub fn len(&self) -> usize {
        self.by_host.len()
    }

    /// True when nothing is grouped by hand.
    pub fn is_empty(&self) -> bool {
        self.by_host.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grouping_covers_the_names_below_and_the_longest_wins() {
        let mut groups = Groups::default();
        assert_eq!(groups.party_of("a.example"), None);
        groups.set("shop-static.net", "shop.example");
        groups.set("other.shop-static.net", "other.example");
        for (host, expected) in [
            ("shop-static.net", Some("shop.example")),
            ("img.shop-static.net", Some("shop.example")),
            ("x.other.shop-static.net", Some("other.example")),
            ("not-shop-static.net", None),
        ] {
            assert_eq!(groups.party_of(host), expected, "{host}");
        }
        assert_eq!(
            groups.set("shop-static.net", ""),
            Some("shop.example".to_owned())
        );
        assert_eq!(groups.party_of("img.shop-static.net"), None);
    }
}
