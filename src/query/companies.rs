//! Which domains belong to one company, as `assets/companies` has it: for suggestions only, never for verdicts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use crate::attribution::{party_of_host, registrable};

const TABLE: &str = include_str!("../../assets/companies/entities.tsv");

/// The companies of the table.
#[derive(Debug)]
pub struct Companies {
    /// Each name with its company; it covers everything below.
    by_name: BTreeMap<&'static str, &'static str>,
    source: String,
    date: &'static str,
}

/// The table, read when it is first asked for.
pub fn companies() -> &'static Companies {
    static COMPANIES: OnceLock<Companies> = OnceLock::new();
    COMPANIES.get_or_init(|| Companies::read(TABLE))
}

impl Companies {
    fn read(table: &'static str) -> Self {
        let head = |key: &str| {
            let mut lines = table.lines().map_while(|line| line.strip_prefix("# "));
            lines
                .find_map(|line| line.strip_prefix(key)?.strip_prefix('\t'))
                .unwrap_or_default()
        };
        let rows = table.lines().filter(|line| !line.starts_with('#'));
        let rows = rows.filter_map(|line| line.split_once('\t'));
        let mut by_name = BTreeMap::new();
        for (company, names) in rows {
            by_name.extend(names.split(' ').map(|name| (name, company)));
        }
        add_whole_domains(&mut by_name);
        Self {
            by_name,
            source: format!("{} {}", head("source"), head("version")),
            date: head("date"),
        }
    }

    /// The company of `host`, and the name by which it is known; `None` for hosts of nobody in the table. Where a provider
    /// hands names out to its customers, only the very host counts.
    pub fn of<'h>(&self, host: &'h str) -> Option<(&'static str, &'h str)> {
        let found = |name: &'h str| Some((*self.by_name.get(name)?, name));
        if party_of_host(host) == host && registrable(host) != host {
            return found(host);
        }
        let names = std::iter::successors(Some(host), |name| Some(name.split_once('.')?.1));
        let mut known = None;
        // The shortest name that is known: the whole domain rather than a part of it.
        for name in names {
            let company = found(name).filter(|(company, _)| {
                known.is_none_or(|(before, _): (&str, &str)| before == *company)
            });
            known = company.or(known);
        }
        known
    }

    /// Name and version of the package that the table was made from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The day of that version.
    pub const fn date(&self) -> &str {
        self.date
    }
}

/// A domain under which one company has several names, and nobody else has one, is that company's as a whole.
fn add_whole_domains(by_name: &mut BTreeMap<&'static str, &'static str>) {
    let mut below: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, company) in &*by_name {
        let domain = registrable(name);
        if domain != *name && party_of_host(name) == domain {
            below.entry(domain).or_default().push(company);
        }
    }
    for (domain, owners) in below {
        let is_one = owners.iter().collect::<BTreeSet<_>>().len() == 1;
        if is_one && 1 < owners.len() {
            by_name.entry(domain).or_insert(owners[0]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Time;

    #[test]
    fn the_table_is_whole_and_says_where_it_comes_from() {
        assert_eq!(companies().source(), "third-party-web 0.30.0");
        assert!(Time::parse_iso(&format!("{}T00:00:00Z", companies().date())).is_some());
        let mut n_rows = 0;
        let mut seen = BTreeSet::new();
        for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
            let (company, names) = line.split_once('\t').expect("a company and its names");
            let names: Vec<&str> = names.split(' ').collect();
            assert!(!company.trim().is_empty() && 1 < names.len(), "{line}");
            for name in names {
                assert!(name.contains('.') && !name.contains(['*', '/']), "{line}");
                assert_eq!(name, name.to_lowercase(), "{line}");
                assert!(seen.insert(name), "{name} is there twice");
            }
            n_rows += 1;
        }
        assert!(400 < n_rows, "only {n_rows} companies");
        let licence = include_str!("../../assets/companies/LICENSE");
        assert!(licence.starts_with("The MIT License"));
    }

    #[test]
    fn names_that_a_provider_hands_out_belong_to_nobody_but_the_very_host() {
        for (host, company) in [
            ("stats.g.doubleclick.net", Some("Google")),
            ("csi.gstatic.com", Some("Google")),
            ("www.google.com", Some("Google")),
            ("www.amazon.com", Some("Amazon")),
            ("static.xx.fbcdn.net", Some("Facebook")),
            ("d111111abcdef8.cloudfront.net", None),
            ("d1af033869koo7.cloudfront.net", Some("[24]7")),
            ("bucket.s3.amazonaws.com", None),
            ("shop.example", None),
        ] {
            let found = companies().of(host).map(|(company, _)| company);
            assert_eq!(found, company, "{host}");
        }
    }
}
