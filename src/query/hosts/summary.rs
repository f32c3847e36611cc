//! What the hosts of all flows are, whatever they are grouped by.

use std::borrow::Cow;

use foldhash::HashMap;

use super::gather::NONE;
use crate::attribution::Role;

/// What the hosts are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostSummary {
    /// Number of hosts.
    pub n_hosts: usize,
    /// The party with most flows, and how many hosts have flows of it; `None` when no party is known.
    pub party: Option<(String, usize)>,
    /// The hosts of which most flows are answered by the origin.
    pub origin: OfRole,
    /// … by a CDN or cache.
    pub cdn: OfRole,
    /// … by somebody whose role is not known.
    pub unknown: OfRole,
}

/// The hosts with one role.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OfRole {
    /// Number of hosts.
    pub n_hosts: usize,
    /// Number of their flows in that role.
    pub n_flows: u64,
}

/// What was seen of each host so far.
#[derive(Default)]
pub(super) struct Seen {
    /// By host: its flows as origin, as CDN, and without a known role.
    roles: Vec<[u32; 3]>,
    /// How many flows a host has of a party.
    pairs: HashMap<(u32, u32), u64>,
    /// The pair that came last, and how often it came since.
    run: Option<((u32, u32), u64)>,
}

impl Seen {
    pub(super) fn add(&mut self, host: u32, party: u32, role: Role) {
        let idx = host as usize;
        if self.roles.len() <= idx {
            self.roles.resize(idx + 1, [0; 3]);
        }
        let place = match role {
            Role::Origin => 0,
            Role::Cdn => 1,
            Role::Unknown => 2,
        };
        self.roles[idx][place] += 1;
        match &mut self.run {
            Some((pair, n)) if *pair == (host, party) => *n += 1,
            _ => {
                self.settle();
                self.run = Some(((host, party), 1));
            }
        }
    }

    fn settle(&mut self) {
        if let Some((pair, n)) = self.run.take() {
            *self.pairs.entry(pair).or_default() += n;
        }
    }

    /// What that adds up to; `parties` are the texts of the parties.
    pub(super) fn summary(mut self, parties: &[Cow<'_, str>]) -> HostSummary {
        self.settle();
        let mut summary = HostSummary {
            n_hosts: self.roles.len(),
            party: self.largest_party(parties),
            ..HostSummary::default()
        };
        for [origin, cdn, unknown] in self.roles {
            let most = origin.max(cdn).max(unknown);
            // Of several, one that is known.
            let (of_role, n) = if cdn == most {
                (&mut summary.cdn, cdn)
            } else if origin == most {
                (&mut summary.origin, origin)
            } else {
                (&mut summary.unknown, unknown)
            };
            of_role.n_hosts += 1;
            of_role.n_flows += u64::from(n);
        }
        summary
    }

    fn largest_party(&self, texts: &[Cow<'_, str>]) -> Option<(String, usize)> {
        // By party: its flows, and its hosts.
        let mut parties = vec![(0_u64, 0_usize); texts.len()];
        for (_, party, n) in self
            .pairs
            .iter()
            .map(|((host, party), n)| (host, *party, n))
        {
            if party != NONE {
                let sum = &mut parties[party as usize];
                *sum = (sum.0 + n, sum.1 + 1);
            }
        }
        let all = parties.into_iter().zip(texts);
        let ((_, n_hosts), text) = all.rev().max_by_key(|((n, _), _)| *n)?;
        Some((text.clone().into_owned(), n_hosts))
    }
}
