//! What a set of flows adds up to: shares of providers, of roles or of what people said.

use std::collections::{BTreeMap, HashSet};

use crate::annotations::Label;
use crate::attribution::{Carrier, Role, Verdict};
use crate::capture::{Flow, FlowId};
use crate::document::Document;
use crate::providers::{ProviderId, catalogue};

/// By what flows are divided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Part {
    /// Who terminated the connection: the edge, else the origin.
    #[default]
    Terminating,
    /// Who terminated it as a CDN or cache.
    Edge,
    /// Whose storage or compute answered, behind an edge or not.
    Origin,
    /// In which role, whoever it was.
    Role,
    /// What people said.
    Label,
}

impl Part {
    /// All parts in the order in which they are offered.
    pub const ALL: [Self; 5] = [
        Self::Terminating,
        Self::Edge,
        Self::Origin,
        Self::Role,
        Self::Label,
    ];

    /// The word on the switch.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Terminating => "Who answers",
            Self::Edge => "Edge",
            Self::Origin => "Origin",
            Self::Role => "Role",
            Self::Label => "Label",
        }
    }

    /// What is said of flows for which nobody is named, or nothing is known.
    pub const fn absence(self) -> &'static str {
        match self {
            Self::Terminating => "not attributed",
            Self::Edge => "no visible edge",
            Self::Origin => "no visible origin",
            Self::Role => "unknown",
            Self::Label => "not reviewed",
        }
    }

    /// The key of filters that ask for it.
    const fn key(self) -> &'static str {
        match self {
            Self::Terminating => "provider",
            Self::Edge => "edge",
            Self::Origin => "origin",
            Self::Role => "role",
            Self::Label => "label",
        }
    }

    /// What `flow` of `document` counts as.
    fn who(self, document: &Document, flow: FlowId) -> Who {
        let verdict = document.verdict(flow);
        match self {
            Self::Role => Who::Role(verdict.role),
            Self::Label => Who::Label(document.label(flow)),
            Self::Terminating | Self::Edge | Self::Origin => {
                let carrier = self.carrier(verdict);
                carrier.map_or(Who::Nobody, |carrier| {
                    Who::Provider(catalogue().provider_of(carrier.service), verdict.role)
                })
            }
        }
    }

    fn carrier(self, verdict: Verdict) -> Option<Carrier> {
        match self {
            Self::Terminating => verdict.terminating(),
            Self::Edge => verdict.edge,
            Self::Origin => verdict.origin,
            Self::Role | Self::Label => None,
        }
    }

    /// Those terms at the top of `filter` that ask for one share, in order.
    ///
    /// A filter that is a choice as a whole has none: a term of it stands for more than itself.
    pub fn terms_in(self, filter: &str) -> Vec<String> {
        let words: Vec<&str> = filter.split_whitespace().collect();
        let is_choice = |word: &&str| word.contains('|') || word.eq_ignore_ascii_case("or");
        if words.iter().any(is_choice) {
            return Vec::new();
        }
        let mut terms = Vec::new();
        let mut depth = 0_usize;
        for (idx, word) in words.iter().enumerate() {
            let is_own = word.strip_prefix(self.key()).is_some_and(|rest| {
                rest.starts_with(':') || (rest.starts_with("^=") && rest.ends_with('/'))
            });
            if depth == 0 && is_own {
                let role = words.get(idx + 1).filter(|next| {
                    self.carries_role() && !word.ends_with(":none") && next.starts_with("role:")
                });
                terms
                    .push(role.map_or_else(|| (*word).to_owned(), |role| format!("{word} {role}")));
            }
            depth += word.matches('(').count();
            depth = depth.saturating_sub(word.matches(')').count());
        }
        terms
    }

    /// True when a share is of one provider in one role.
    pub const fn carries_role(self) -> bool {
        matches!(self, Self::Terminating | Self::Edge | Self::Origin)
    }
}

/// What the flows of one share have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Who {
    /// This provider in this role.
    Provider(ProviderId, Role),
    /// Nobody is named for them.
    Nobody,
    /// This role, whoever it was.
    Role(Role),
    /// This label; `None` = not reviewed.
    Label(Option<Label>),
}

/// One share of a set of flows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// By what the flows were divided.
    pub part: Part,
    /// What they have in common.
    pub who: Who,
    /// Number of flows.
    pub n: u64,
    /// Bytes received, where known.
    pub bytes: u64,
    /// Number of distinct hosts; a host counts in every share that it has flows in.
    pub n_hosts: u64,
    /// Sum of the durations in microseconds, where known.
    pub micros: u64,
}

impl Share {
    /// Who it is, if it is one provider.
    pub const fn provider(&self) -> Option<ProviderId> {
        match self.who {
            Who::Provider(provider, _) => Some(provider),
            _ => None,
        }
    }

    /// The role in which it is drawn.
    pub const fn role(&self) -> Role {
        match self.who {
            Who::Provider(_, role) | Who::Role(role) => role,
            Who::Label(Some(Label::Origin)) => Role::Origin,
            Who::Label(Some(Label::Cdn)) => Role::Cdn,
            Who::Label(_) | Who::Nobody => Role::Unknown,
        }
    }

    /// True for the flows about which nothing is said.
    pub const fn is_absence(&self) -> bool {
        matches!(
            self.who,
            Who::Nobody | Who::Role(Role::Unknown) | Who::Label(None)
        )
    }

    /// Its name for people.
    pub fn name(&self) -> &'static str {
        match self.who {
            Who::Provider(id, _) => &catalogue().provider(id).name,
            Who::Nobody | Who::Label(None) => self.part.absence(),
            Who::Role(Role::Cdn) => "CDN",
            Who::Role(role) => role.word(),
            Who::Label(Some(label)) => label.title(),
        }
    }

    /// The filter that keeps just these flows.
    pub fn filter(&self) -> String {
        self.who.filter(self.part)
    }
}

impl Who {
    /// The filter that keeps just these flows when they are divided by `part`.
    pub fn filter(self, part: Part) -> String {
        let key = part.key();
        match self {
            Self::Nobody | Self::Label(None) => format!("{key}:none"),
            Self::Role(role) => format!("{key}:{}", role.word()),
            Self::Label(Some(label)) => format!("{key}:{}", label.word()),
            Self::Provider(provider, role) => {
                let id = &catalogue().provider(provider).id;
                let role = role.word();
                if part == Part::Terminating {
                    format!("{key}:{id} role:{role}")
                } else {
                    format!("{key}^={id}/ role:{role}")
                }
            }
        }
    }
}

/// The shares of `flows`, the largest first; what nothing is said about comes last.
pub fn shares(
    document: &Document,
    flows: impl IntoIterator<Item = FlowId>,
    part: Part,
) -> Vec<Share> {
    let mut shares: BTreeMap<Who, Share> = BTreeMap::new();
    let mut hosts: HashSet<(Who, &str)> = HashSet::new();
    for id in flows {
        let Some(flow) = document.flow(id) else {
            continue;
        };
        let who = part.who(document, id);
        let share = shares.entry(who).or_insert(Share {
            part,
            who,
            n: 0,
            bytes: 0,
            n_hosts: 0,
            micros: 0,
        });
        share.n += 1;
        share.bytes = share
            .bytes
            .saturating_add(flow.bytes_received().unwrap_or(0));
        share.micros = share.micros.saturating_add(micros(flow));
        share.n_hosts += u64::from(hosts.insert((who, flow.host())));
    }
    let mut shares: Vec<Share> = shares.into_values().collect();
    shares.sort_by_key(|share| (share.is_absence(), std::cmp::Reverse(share.n)));
    shares
}

/// How long `flow` took, in microseconds; 0 when unknown.
fn micros(flow: Flow<'_>) -> u64 {
    (flow.time_ms().unwrap_or(0.0) * 1_000.0) as u64
}

/// How few providers have how much, by `value`; `None` when no provider is named.
///
/// The index is that of Herfindahl and Hirschman: the squares of the shares in percent, added up. What nobody is named for
/// adds nothing.
pub fn concentration(shares: &[Share], value: impl Fn(&Share) -> u64) -> Option<Concentration> {
    let total: u64 = shares.iter().map(&value).sum();
    let mut by_provider: BTreeMap<ProviderId, u64> = BTreeMap::new();
    for share in shares {
        if let Some(provider) = share.provider() {
            *by_provider.entry(provider).or_default() += value(share);
        }
    }
    let percent = |value: u64| 100.0 * value as f64 / total.max(1) as f64;
    let (largest, most) = by_provider.iter().max_by_key(|(_, value)| **value)?;
    Some(Concentration {
        provider: *largest,
        percent: percent(*most),
        index: by_provider
            .values()
            .map(|value| percent(*value).powi(2))
            .sum(),
    })
}

/// How much the largest provider has, and how few have how much.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Concentration {
    /// Who has most, in whatever roles.
    pub provider: ProviderId,
    /// How much that is, in percent.
    pub percent: f64,
    /// The index, from 0 to 10,000 = one has it all.
    pub index: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(who: Who, n: u64) -> Share {
        Share {
            part: Part::Terminating,
            who,
            n,
            bytes: 0,
            n_hosts: 1,
            micros: 0,
        }
    }

    #[test]
    fn own_terms_are_found_at_the_top_only() {
        for (part, filter, expected) in [
            (Part::Terminating, "", &[][..]),
            (
                Part::Terminating,
                "type:image provider:aws role:cdn -q",
                &["provider:aws role:cdn"],
            ),
            (
                Part::Terminating,
                "provider:none role:cdn",
                &["provider:none"],
            ),
            (Part::Terminating, "-(provider:aws role:cdn)", &[]),
            (Part::Terminating, "(a provider:aws) b", &[]),
            (Part::Terminating, "provider:aws or host:b", &[]),
            (Part::Edge, "edge^=aws/ role:cdn", &["edge^=aws/ role:cdn"]),
            (Part::Edge, "provider:aws role:cdn", &[]),
            (Part::Role, "provider:aws role:cdn", &["role:cdn"]),
            (Part::Label, "label:none x", &["label:none"]),
        ] {
            assert_eq!(part.terms_in(filter), expected, "{part:?}: {filter}");
        }
    }

    #[test]
    fn concentration_counts_a_provider_once_whatever_its_roles() {
        let (first, second) = (ProviderId(0), ProviderId(1));
        let shares = [
            share(Who::Provider(first, Role::Cdn), 30),
            share(Who::Provider(first, Role::Origin), 30),
            share(Who::Provider(second, Role::Origin), 20),
            share(Who::Nobody, 20),
        ];
        let found = concentration(&shares, |share| share.n).expect("two are named");
        assert_eq!(found.provider, first);
        assert!((found.percent - 60.0).abs() < 1e-9, "{found:?}");
        assert!((found.index - 4_000.0).abs() < 1e-9, "{found:?}");
        let nobody = [share(Who::Nobody, 5)];
        assert_eq!(concentration(&nobody, |share| share.n), None);
    }
}
