//! Samples: observations with the claims they must lead to, kept in the packs beside the rules that they try.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use super::catalogue::Catalogue;
use super::pack::{PackSample, day};
use super::rule::{Place, Rule};
use crate::base::time::Time;

/// One observation and what the whole catalogue must make of it.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Name of the file that holds it.
    pub pack: Arc<str>,
    /// What was seen.
    pub seen: Seen,
    /// Every claim it leads to, such as `edge=aws/cloudfront`; empty when it must lead to none.
    pub claims: BTreeSet<String>,
}

/// Something that rules look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// A host name.
    Host(String),
    /// A response header, beside others of the same response.
    Header {
        /// Its name in lower case.
        name: String,
        /// Its value.
        value: String,
        /// Names of the others in lower case.
        beside: Vec<String>,
    },
    /// The address of a server.
    Address {
        /// The address.
        address: IpAddr,
        /// When it was seen; `None` for today.
        at: Option<Time>,
    },
}

impl Sample {
    /// Reads a sample of the pack in the file `pack`.
    pub(super) fn read(sample: &PackSample, pack: &Arc<str>) -> Result<Self, String> {
        let seen = match (&sample.host, &sample.header, &sample.address) {
            (Some(host), None, None) => Seen::Host(host.clone()),
            (None, Some(line), None) => {
                let (name, value) = line
                    .split_once(": ")
                    .ok_or_else(|| format!("a sample header is written `name: value`: {line}"))?;
                Seen::Header {
                    name: name.to_ascii_lowercase(),
                    value: value.to_owned(),
                    beside: sample.beside.clone(),
                }
            }
            (None, None, Some(address)) => Seen::Address {
                address: address
                    .parse()
                    .map_err(|_unreadable| format!("not an address: {address}"))?,
                at: day(&sample.at)?,
            },
            _ => return Err("a sample has one of host, header and address".to_owned()),
        };
        Ok(Self {
            pack: Arc::clone(pack),
            seen,
            claims: sample.is.iter().cloned().collect(),
        })
    }

    /// What is wrong when `catalogue` does not answer as the sample says.
    pub fn check(&self, catalogue: &Catalogue) -> Result<(), String> {
        let found: BTreeSet<String> = catalogue
            .rules_for(&self.seen)
            .into_iter()
            .map(|rule| {
                let place = match rule.place {
                    Place::Edge => "edge",
                    Place::Origin => "origin",
                };
                format!("{place}={}", catalogue.path(rule.service))
            })
            .collect();
        if found == self.claims {
            return Ok(());
        }
        Err(format!(
            "a sample leads to {found:?} instead of {:?}: {}",
            self.claims,
            self.seen.text()
        ))
    }
}

impl Seen {
    fn text(&self) -> String {
        match self {
            Self::Host(host) => host.clone(),
            Self::Header { name, value, .. } => format!("{name}: {value}"),
            Self::Address { address, .. } => address.to_string(),
        }
    }
}

impl Catalogue {
    /// The rules that fire on `seen` alone, whenever they are valid.
    pub fn rules_for<'a>(&'a self, seen: &'a Seen) -> Vec<&'a Rule> {
        match seen {
            Seen::Host(host) => {
                let found = self.host_rules(host).into_iter();
                found.map(|found| &found.rule.rule).collect()
            }
            Seen::Header {
                name,
                value,
                beside,
            } => self
                .header_rules(name)
                .iter()
                .filter(|rule| rule.value.passes(value))
                .filter(|rule| rule.needs.iter().all(|needed| beside.contains(needed)))
                .filter(|rule| !rule.unless.iter().any(|other| beside.contains(other)))
                .map(|rule| &rule.rule)
                .collect(),
            Seen::Address { address, at } => {
                let found = self.address_rule(*address, *at).into_iter();
                found.map(|found| found.rule).collect()
            }
        }
    }
}
