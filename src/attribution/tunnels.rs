//! Tunnels that one client held open at the same time: the time is a hint at who they belong to, where nothing else is.

use std::collections::BTreeMap;

use foldhash::HashMap;

use crate::base::hash::hash;
use crate::capture::{Flow, Side};

/// The tunnels of one capture.
#[derive(Default)]
pub(super) struct Tunnels {
    /// By client.
    tunnels: BTreeMap<u64, Vec<Tunnel>>,
}

/// One tunnel; times in microseconds since the epoch.
#[derive(Clone, Copy)]
struct Tunnel {
    row: u32,
    start: i64,
    end: i64,
    /// The party that it belongs to, as a hash, with the host that decides it; `None` = to be told.
    party: Option<(u64, u32)>,
}

impl Tunnels {
    /// Adds the tunnel of `flow`, with the index of its deciding host and its party where they are known.
    pub(super) fn add(&mut self, flow: Flow<'_>, known: Option<(u32, &str)>) {
        let Some(start) = flow.start() else { return };
        let lasted = flow.time_ms().unwrap_or(0.0);
        let tunnel = Tunnel {
            row: flow.idx(),
            start: start.0,
            end: start.plus_ms(lasted).map_or(start.0, |end| end.0),
            party: known.map(|(host, party)| (hash(party), host)),
        };
        let mut facts = flow.headers();
        let client = facts.find(|fact| fact.side == Side::Connection && fact.name == "client");
        let client = client.map_or(0, |client| hash(client.value));
        self.tunnels.entry(client).or_default().push(tunnel);
    }

    /// Row by row, the deciding host of the one party whose tunnels were open beside a tunnel of nobody known.
    pub(super) fn beside(self) -> impl Iterator<Item = (u32, u32)> {
        self.tunnels.into_values().flat_map(beside)
    }
}

/// Who was seen beside a tunnel.
#[derive(Clone, Copy)]
enum Beside {
    Nobody,
    One(u64, u32),
    Many,
}

impl Beside {
    fn and(self, (party, host): (u64, u32)) -> Self {
        match self {
            Self::Nobody => Self::One(party, host),
            Self::One(known, host) if known == party => Self::One(known, host),
            _ => Self::Many,
        }
    }
}

fn beside(mut tunnels: Vec<Tunnel>) -> Vec<(u32, u32)> {
    if tunnels.iter().all(|tunnel| tunnel.party.is_some()) {
        return Vec::new();
    }
    tunnels.sort_by_key(|tunnel| tunnel.start);
    // Until when each party holds a tunnel open, and the tunnels that may still get a neighbour.
    let mut parties: HashMap<u64, (i64, u32)> = HashMap::default();
    let mut waiting: Vec<(Tunnel, Beside)> = Vec::new();
    let mut told: Vec<(u32, u32)> = Vec::new();
    let mut tell = |(tunnel, beside): (Tunnel, Beside)| {
        if let Beside::One(_, host) = beside {
            told.push((tunnel.row, host));
        }
    };
    for tunnel in tunnels {
        parties.retain(|_, (end, _)| tunnel.start <= *end);
        if let Some((party, host)) = tunnel.party {
            for (open, seen) in &mut waiting {
                if tunnel.start <= open.end {
                    *seen = seen.and((party, host));
                }
            }
            let until = parties.entry(party).or_insert((tunnel.end, host));
            until.0 = until.0.max(tunnel.end);
        } else {
            let open = parties.iter().take(2);
            let seen = open.fold(Beside::Nobody, |seen, (party, (_, host))| {
                seen.and((*party, *host))
            });
            waiting.push((tunnel, seen));
        }
        // A tunnel that has ended gets no more neighbours, and one that has many is nobody's.
        waiting.retain(|(open, seen)| {
            let is_over = open.end < tunnel.start;
            if is_over {
                tell((*open, *seen));
            }
            !is_over && !matches!(seen, Beside::Many)
        });
    }
    waiting.into_iter().for_each(tell);
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tunnel(row: u32, start: i64, end: i64, party: Option<u64>) -> Tunnel {
        Tunnel {
            row,
            start,
            end,
            party: party.map(|party| (party, party as u32 * 10)),
        }
    }

    #[test]
    fn a_tunnel_belongs_to_the_one_party_that_was_open_beside_it() {
        let mut told = beside(vec![
            tunnel(0, 0, 10, None), // one party, twice
            tunnel(1, 2, 4, Some(1)),
            tunnel(2, 6, 30, Some(1)),
            tunnel(3, 20, 40, None), // two parties
            tunnel(4, 35, 50, Some(2)),
            tunnel(5, 60, 70, None), // nobody
            tunnel(6, 80, 90, Some(3)),
            tunnel(7, 85, 95, None), // opened later, still beside
        ]);
        told.sort_unstable();
        assert_eq!(told, [(0, 10), (7, 30)]);
    }
}
