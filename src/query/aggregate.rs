//! What a set of flows adds up to: the shares of providers by role, as the machine's verdicts say.

use std::collections::BTreeMap;

use crate::attribution::Role;
use crate::capture::{Flow, FlowId};
use crate::document::Document;
use crate::providers::{ProviderId, catalogue};

/// The part of one provider in one role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
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
        self.provider
            .map_or("not attributed", |id| &catalogue().provider(id).name)
    }

    /// The filter that keeps just these flows.
    pub fn filter(&self) -> String {
        match self.provider {
            None => "provider:none".to_owned(),
            Some(id) => format!(
                "provider:{} role:{}",
                catalogue().provider(id).id,
                self.role.word()
            ),
        }
    }
}

/// The shares of `flows`, the largest first; what nobody is named for comes last.
pub fn provider_shares(document: &Document, flows: impl IntoIterator<Item = FlowId>) -> Vec<Share> {
    let mut shares: BTreeMap<(Option<ProviderId>, Role), (u64, u64)> = BTreeMap::new();
    for id in flows {
        let verdict = document.verdict(id);
        let provider = verdict
            .terminating()
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
            provider,
            role,
            n,
            bytes,
        })
        .collect();
    shares.sort_by_key(|share| (share.provider.is_none(), std::cmp::Reverse(share.n)));
    shares
}
