//! Hosts that belong to one site or company by what is known of them, for a person to count under one party. Nothing is
//! grouped here: these are suggestions.
//!
//! Three things are known: domains that a table names under one company; domains that carry the name of the one site whose
//! pages load them; and domains that one certificate names together.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::companies::companies;
use crate::attribution::{Groups, host_of, party_of_host, registrable};
use crate::base::jobs::Cancel;
use crate::capture::{Flow, Side};
use crate::document::Document;

/// Shortest name of a site that is looked for in other names, in characters: shorter ones are found anywhere.
const MIN_NAME: usize = 3;
/// Flows between two looks at the cancel token.
const STEP: usize = 4_096;
/// Sites that are remembered for a host: two are one too many already.
const MAX_SITES: usize = 3;

/// Hosts that could count under a party, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupSuggestion {
    /// The hosts to be counted under the party, each with everything below it.
    pub hosts: Vec<String>,
    /// The party: the site, else the company's domain that carries its name, else the one with most flows.
    pub party: String,
    /// What is known, in one sentence.
    pub reason: String,
    /// Flows of these hosts, and of those below them.
    pub n_flows: u64,
}

/// Suggests what could be counted under one party, the most flows first; what a person grouped already is left alone.
/// `None` when cancelled. Looks at every flow: for worker threads.
pub fn suggest_groups(document: &Document, cancel: &Cancel) -> Option<Vec<GroupSuggestion>> {
    let hosts = seen(document, cancel)?;
    let look = Look {
        hosts: &hosts,
        groups: document.annotations().groups(),
    };
    let mut suggestions = look.by_company();
    let mut taken: BTreeSet<String> = suggestions.iter().flat_map(names_of).collect();
    for more in [Look::by_page, Look::by_certificate] {
        let found = more(&look);
        let free = found
            .into_iter()
            .filter(|one| names_of(one).all(|it| !taken.contains(&it)));
        let free: Vec<_> = free.collect();
        taken.extend(free.iter().flat_map(names_of));
        suggestions.extend(free);
    }
    suggestions.sort_by(|a, b| b.n_flows.cmp(&a.n_flows).then(a.party.cmp(&b.party)));
    Some(suggestions)
}

/// The hosts of a suggestion with the domains they lie in.
fn names_of(suggestion: &GroupSuggestion) -> impl Iterator<Item = String> {
    let hosts = suggestion.hosts.iter();
    hosts.flat_map(|host| [host.clone(), party_of_host(host).to_owned()])
}

/// What is seen of one host.
#[derive(Default)]
struct Seen {
    n_flows: u64,
    /// The domains whose pages load it, some of them.
    sites: BTreeSet<String>,
    /// The domains that its certificates are made out to.
    subjects: BTreeSet<String>,
}

fn seen<'a>(document: &'a Document, cancel: &Cancel) -> Option<BTreeMap<&'a str, Seen>> {
    let mut hosts: BTreeMap<&str, Seen> = BTreeMap::new();
    let mut sites: HashMap<&str, Option<String>> = HashMap::new();
    for (idx, (_, flow)) in document.flows().enumerate() {
        if idx.is_multiple_of(STEP) && cancel.is_cancelled() {
            return None;
        }
        if flow.host().is_empty() {
            continue;
        }
        let seen = hosts.entry(flow.host()).or_default();
        seen.n_flows += 1;
        if let Some(page) = page_of(flow) {
            let site = sites.entry(page).or_insert_with(|| {
                let host = host_of(page)?;
                Some(party_of_host(&host).to_owned())
            });
            if let Some(site) = site
                && seen.sites.len() < MAX_SITES
                && !seen.sites.contains(site.as_str())
            {
                seen.sites.insert(site.clone());
            }
        }
        if let Some(subject) = subject_of(flow) {
            seen.subjects.insert(party_of_host(subject).to_owned());
        }
    }
    Some(hosts)
}

/// The page in which a flow was seen: that of the file, else what it calls its referrer.
fn page_of(flow: Flow<'_>) -> Option<&str> {
    let page = flow.page();
    if !page.is_empty() {
        return Some(page);
    }
    let mut headers = flow.headers();
    let referer = headers.find(|it| it.side == Side::Request && it.name == "referer")?;
    Some(referer.value)
}

/// The name that the certificate of a flow is made out to. A client that went on took it for valid, so that it names the
/// host of the flow as well.
fn subject_of(flow: Flow<'_>) -> Option<&str> {
    let mut facts = flow.headers();
    let subject =
        facts.find(|it| it.side == Side::Connection && it.name == "certificate-subject")?;
    let name = match subject.value.split_once("CN=") {
        Some((_, name)) => name.split(',').next().unwrap_or_default(),
        None => subject.value,
    };
    let name = name.trim().trim_start_matches("*.");
    let is_name = name.contains('.') && !name.contains([' ', '/', '=']);
    is_name.then_some(name)
}

/// What the suggestions are made from.
struct Look<'a> {
    hosts: &'a BTreeMap<&'a str, Seen>,
    groups: &'a Groups,
}

/// What a capture holds of one company.
#[derive(Default)]
struct OfCompany<'a> {
    /// Flows by what they count under now.
    parties: BTreeMap<&'a str, u64>,
    /// A party that a person counts a name of the company under.
    by_hand: Option<&'a str>,
    /// Names that nobody grouped yet: what they count under now, and their flows.
    names: BTreeMap<&'a str, (&'a str, u64)>,
}

impl<'a> Look<'a> {
    /// What a host counts under by itself or by hand.
    fn party(&self, host: &'a str) -> &'a str {
        self.groups
            .party_of(host)
            .unwrap_or_else(|| party_of_host(host))
    }

    /// Domains that belong to one company.
    fn by_company(&self) -> Vec<GroupSuggestion> {
        let mut found: BTreeMap<&str, OfCompany<'_>> = BTreeMap::new();
        for (host, seen) in self.hosts {
            let Some((company, name)) = companies().of(host) else {
                continue;
            };
            let of_company = found.entry(company).or_default();
            let party = self.party(host);
            *of_company.parties.entry(party).or_default() += seen.n_flows;
            if self.groups.party_of(host).is_some() {
                of_company.by_hand = Some(party);
            } else {
                of_company.names.entry(name).or_insert((party, 0)).1 += seen.n_flows;
            }
        }
        let sites = self.hosts.values().flat_map(|seen| &seen.sites);
        let sites: BTreeSet<&str> = sites.map(String::as_str).collect();
        let found = found.into_iter();
        found
            .filter_map(|(company, it)| it.suggestion(company, &sites))
            .collect()
    }

    /// Domains that carry the name of the only site whose pages load them.
    fn by_page(&self) -> Vec<GroupSuggestion> {
        let mut domains: BTreeMap<&str, (u64, BTreeSet<&str>)> = BTreeMap::new();
        for (host, seen) in self.free_hosts() {
            let (n_flows, sites) = domains.entry(party_of_host(host)).or_default();
            *n_flows += seen.n_flows;
            sites.extend(seen.sites.iter().map(String::as_str));
        }
        let mut found = Vec::new();
        for (domain, (n_flows, mut sites)) in domains {
            // What a domain loads from itself tells nothing of others.
            sites.remove(domain);
            let Some(site) = sites.pop_first().filter(|_| sites.is_empty()) else {
                continue;
            };
            if carries_name_of(domain, site) {
                found.push(GroupSuggestion {
                    hosts: vec![domain.to_owned()],
                    party: self.groups.party_of(site).unwrap_or(site).to_owned(),
                    reason: format!(
                        "{domain} carries the name of {site} and is loaded by no other site"
                    ),
                    n_flows,
                });
            }
        }
        found
    }

    /// Domains that one certificate names.
    fn by_certificate(&self) -> Vec<GroupSuggestion> {
        let mut n_flows: BTreeMap<&str, u64> = BTreeMap::new();
        let mut pairs: BTreeSet<(&str, &str)> = BTreeSet::new();
        for (host, seen) in self.free_hosts() {
            let domain = party_of_host(host);
            *n_flows.entry(domain).or_default() += seen.n_flows;
            let others = seen.subjects.iter().map(String::as_str);
            pairs.extend(others.map(|other| (domain.min(other), domain.max(other))));
        }
        let mut found: BTreeMap<&str, GroupSuggestion> = BTreeMap::new();
        for (one, other) in pairs {
            let (Some(n_one), Some(n_other)) = (n_flows.get(one), n_flows.get(other)) else {
                continue;
            };
            if one == other {
                continue;
            }
            let (less, n_less, most) = if n_other <= n_one {
                (other, n_other, one)
            } else {
                (one, n_one, other)
            };
            found.entry(less).or_insert_with(|| GroupSuggestion {
                hosts: vec![less.to_owned()],
                party: most.to_owned(),
                reason: format!("One certificate names both {less} and {most}"),
                n_flows: *n_less,
            });
        }
        found.into_values().collect()
    }

    /// The hosts that nobody grouped and no provider hands out to its customers.
    fn free_hosts(&self) -> impl Iterator<Item = (&'a str, &'a Seen)> {
        let hosts = self.hosts.iter().map(|(host, seen)| (*host, seen));
        hosts.filter(|(host, _)| {
            let is_domain = party_of_host(host) == registrable(host);
            is_domain && host.contains('.') && self.groups.party_of(host).is_none()
        })
    }
}

impl OfCompany<'_> {
    /// What could be grouped, unless all counts under one party already; `sites` are those whose pages were seen.
    fn suggestion(self, company: &str, sites: &BTreeSet<&str>) -> Option<GroupSuggestion> {
        // A site, and a domain of the company's own rather than a name that a provider hands out.
        let rank = |party: &str, n_flows: u64| {
            let name = party.split('.').next().unwrap_or_default();
            (
                registrable(party) == party,
                sites.contains(party),
                name.eq_ignore_ascii_case(company),
                n_flows,
                Reverse(party.to_owned()),
            )
        };
        let most = self
            .parties
            .iter()
            .max_by_key(|(party, n)| rank(party, **n));
        let party = self.by_hand.or_else(|| most.map(|(party, _)| *party))?;
        let mut hosts = Vec::new();
        let mut n_flows = 0;
        for (name, (now, n)) in self.names {
            if now != party {
                hosts.push(name.to_owned());
                n_flows += n;
            }
        }
        let source = companies().source();
        let them = if hosts.len() == 1 { "it" } else { "them" };
        let reason = format!("{source} lists {them} under {company}, like {party}");
        (!hosts.is_empty()).then(|| GroupSuggestion {
            hosts,
            party: party.to_owned(),
            reason,
            n_flows,
        })
    }
}

/// True when the name of `site` is a word of `domain`: `cdn-expressen.se` of `expressen.se`.
fn carries_name_of(domain: &str, site: &str) -> bool {
    let name = site.split('.').next().unwrap_or_default();
    let own = domain.split('.').next().unwrap_or_default();
    let is_site = registrable(site) == site && site.contains('.');
    let is_known = is_site && MIN_NAME <= name.len() && !name.bytes().all(|b| b.is_ascii_digit());
    let is_apart = |text: &str, at_end: bool| {
        let next = if at_end {
            text.chars().next_back()
        } else {
            text.chars().next()
        };
        next.is_none_or(|c| !c.is_alphanumeric())
    };
    let mut places = own.match_indices(name).map(|(at, _)| at);
    is_known
        && places.any(|at| is_apart(&own[..at], true) && is_apart(&own[at + name.len()..], false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_site_is_found_as_a_word_only() {
        for (domain, site, expected) in [
            ("cdn-expressen.se", "expressen.se", true),
            ("expressen-static.net", "expressen.se", true),
            ("expressen.net", "expressen.se", true),
            ("expressenad.se", "expressen.se", false),
            ("cdn-tv.se", "tv.se", false),
            ("cdn-123.se", "123.se", false),
            ("stranger.se", "expressen.se", false),
            ("my-shop-cdn.co.uk", "my-shop.co.uk", true),
        ] {
            assert_eq!(
                carries_name_of(domain, site),
                expected,
                "{domain} of {site}"
            );
        }
    }
}
