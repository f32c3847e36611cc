//! The hosts of a report with who serves them: plain data, not redacted yet.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::survey::{Key, Survey, Tally};

/// Most rows that are told apart; a hostile capture can name a million hosts.
pub(super) const MAX_ROWS: usize = 1_000;

/// The hosts by party, the party and the host with most flows first.
#[derive(Clone, Debug, Default)]
pub(super) struct Hosts<'a> {
    pub(super) parties: Vec<PartyHosts<'a>>,
    /// Rows that are left out, and the flows in them.
    pub(super) n_rows_left_out: usize,
    pub(super) n_flows_left_out: u64,
}

/// The hosts of one party.
#[derive(Clone, Debug)]
pub(super) struct PartyHosts<'a> {
    /// Empty when unknown.
    pub(super) party: &'a str,
    /// All its flows, those of rows that are left out too.
    pub(super) tally: Tally,
    pub(super) rows: Vec<HostRow<'a>>,
}

/// One host with one answer; a host with several answers has several rows, one below the other.
#[derive(Clone, Debug)]
pub(super) struct HostRow<'a> {
    pub(super) key: Key<'a>,
    pub(super) tally: Tally,
    /// False when the row above is about the same host.
    pub(super) is_first_of_host: bool,
}

impl<'a> Hosts<'a> {
    pub(super) fn of(survey: &Survey<'a>) -> Self {
        let mut by_host: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for (key, tally) in &survey.groups {
            *by_host.entry((key.party, key.host)).or_default() += tally.all.n;
        }
        let parties = survey.parties();
        let place: BTreeMap<&str, usize> = parties
            .iter()
            .enumerate()
            .map(|(idx, (party, _))| (*party, idx))
            .collect();
        let mut groups: Vec<(&Key<'a>, &Tally)> = survey.groups.iter().collect();
        groups.sort_by_key(|(key, tally)| {
            let of_host = by_host.get(&(key.party, key.host)).copied();
            (
                place.get(key.party).copied(),
                Reverse(of_host),
                key.host,
                Reverse(tally.all.n),
            )
        });
        let left_out = groups.split_off(groups.len().min(MAX_ROWS));
        let mut hosts = Self {
            n_rows_left_out: left_out.len(),
            n_flows_left_out: left_out.iter().map(|(_, tally)| tally.all.n).sum(),
            ..Self::default()
        };
        for (key, tally) in groups {
            hosts.push(*key, *tally, &parties[place[key.party]].1);
        }
        hosts
    }

    fn push(&mut self, key: Key<'a>, tally: Tally, of_party: &Tally) {
        if self
            .parties
            .last()
            .is_none_or(|last| last.party != key.party)
        {
            self.parties.push(PartyHosts {
                party: key.party,
                tally: *of_party,
                rows: Vec::new(),
            });
        }
        let Some(party) = self.parties.last_mut() else {
            return;
        };
        let above = party.rows.last();
        party.rows.push(HostRow {
            key,
            tally,
            is_first_of_host: above.is_none_or(|above| above.key.host != key.host),
        });
    }

    /// All rows from top to bottom.
    pub(super) fn rows(&self) -> impl Iterator<Item = &HostRow<'a>> {
        self.parties.iter().flat_map(|party| &party.rows)
    }
}
