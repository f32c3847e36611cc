//! What a set of flows adds up to: the shares of providers by role, as the machine's verdicts say.

use std::collections::BTreeMap;

use crate::attribution::{Carrier, Role, Verdict};
use crate::capture::{Flow, FlowId};
use crate::document::Document;
use crate::providers::{ProviderId, catalogue};

/// Which part of a verdict names the provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// Who terminated the connection: the edge, else the origin.
    #[default]
    Terminating,
    /// Who terminated it as a CDN or cache.
    Edge,
    /// Whose storage or compute answered, behind an edge or not.
    Origin,
}

impl Part {
    /// All parts in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Terminating, Self::Edge, Self::Origin];

    /// The word on the switch.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Terminating => "Who answers",
            Self::Edge => "Edge",
            Self::Origin => "Origin",
        }
    }

    /// What is said of flows for which nobody is named.
    pub const fn absence(self) -> &'static str {
        match self {
            Self::Terminating => "not attributed",
            Self::Edge => "no edge seen",
            Self::Origin => "no origin seen",
        }
    }

    /// The filter for flows of `provider`, or for those without one.
    pub fn filter(self, provider: Option<ProviderId>) -> String {
        let key = match self {
            Self::Terminating => "provider",
            Self::Edge => "edge",
            Self::Origin => "origin",
        };
        match (provider.map(|id| &catalogue().provider(id).id), self) {
            (None, _) => format!("{key}:none"),
            (Some(id), Self::Terminating) => format!("{key}:{id}"),
            (Some(id), Self::Edge | Self::Origin) => format!("{key}^={id}/"),
        }
    }

    fn of(self, verdict: Verdict) -> Option<Carrier> {
        match self {
            Self::Terminating => verdict.terminating(),
            Self::Edge => verdict.edge,
            Self::Origin => verdict.origin,
        }
    }
}

/// The part of one provider in one role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// Which part of the verdicts names it.
    pub part: Part,
    /// Who; `None` = not attributed.
    pub provider: Option<ProviderId>,
    /// In which role.
    pub role: Role,
    /// Number of flows.
    pub n: u64,
    /// Bytes received, where known.
    pub bytes: u64,
}

impl Share {
    /// The provider's name for people.
    pub fn name(&self) -> &'static str {
        match self.provider {
            Some(id) => &catalogue().provider(id).name,
            None => self.part.absence(),
        }
    }

    /// The filter that keeps just these flows.
    pub fn filter(&self) -> String {
        let named = self.part.filter(self.provider);
        match self.provider {
            None => named,
            Some(_) => format!("{named} role:{}", self.role.word()),
        }
    }
}

/// The shares of `flows`, the largest first; what nobody is named for comes last.
pub fn provider_shares(
    document: &Document,
    flows: impl IntoIterator<Item = FlowId>,
    part: Part,
) -> Vec<Share> {
    let mut shares: BTreeMap<(Option<ProviderId>, Role), (u64, u64)> = BTreeMap::new();
    for id in flows {
        let verdict = document.verdict(id);
        let provider = part
            .of(verdict)
            .map(|carrier| catalogue().service(carrier.service).provider);
        let role = if provider.is_some() {
            verdict.role
        } else {
            Role::Unknown
        };
        let (n, bytes) = shares.entry((provider, role)).or_default();
        *n += 1;
        *bytes += document
            .flow(id)
            .and_then(Flow::bytes_received)
            .unwrap_or(0);
    }
    let mut shares: Vec<Share> = shares
        .into_iter()
        .map(|((provider, role), (n, bytes))| Share {
            part,
            provider,
            role,
            n,
            bytes,
        })
        .collect();
    shares.sort_by_key(|share| (share.provider.is_none(), std::cmp::Reverse(share.n)));
    shares
}
