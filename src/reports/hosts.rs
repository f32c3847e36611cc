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
    /// Those that a report for people tells.
    pub(super) fn of(survey: &Survey<'a>) -> Self {
        Self::first(survey, MAX_ROWS)
    }

    /// All of them, for programs.
    pub(super) fn all(survey: &Survey<'a>) -> Self {
        Self::first(survey, usize::MAX)
    }

    fn first(survey: &Survey<'a>, most: usize) -> Self {
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
        let left_out = groups.split_off(groups.len().min(most));
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

#[cfg(test)]
mod tests {
    use super::super::survey::Amount;
    use super::*;
    use crate::attribution::{Conclusiveness, Role};

    fn survey(groups: &[(&'static str, &'static str, Role, u64)]) -> Survey<'static> {
        let mut survey = Survey::default();
        for (party, host, role, n) in groups {
            let key = Key {
                party,
                host,
                edge: None,
                origin: None,
                role: *role,
                conclusiveness: Conclusiveness::Insufficient,
            };
            let tally = Tally {
                all: Amount { n: *n, bytes: 10 },
                ..Tally::default()
            };
            survey.groups.insert(key, tally);
        }
        survey
    }

    #[test]
    fn the_largest_party_and_host_come_first() {
        let survey = survey(&[
            ("a.example", "small.a.example", Role::Unknown, 1),
            ("b.example", "www.b.example", Role::Cdn, 4),
            ("b.example", "www.b.example", Role::Unknown, 3),
            ("b.example", "api.b.example", Role::Cdn, 5),
        ]);
        let hosts = Hosts::of(&survey);
        let parties: Vec<_> = hosts
            .parties
            .iter()
            .map(|party| (party.party, party.tally.all.n, party.tally.all.bytes))
            .collect();
        assert_eq!(parties, [("b.example", 12, 30), ("a.example", 1, 10)]);
        let rows: Vec<_> = hosts
            .rows()
            .map(|row| (row.key.host, row.tally.all.n, row.is_first_of_host))
            .collect();
        assert_eq!(
            rows,
            [
                ("www.b.example", 4, true),
                ("www.b.example", 3, false),
                ("api.b.example", 5, true),
                ("small.a.example", 1, true),
            ]
        );
        assert_eq!(hosts.n_rows_left_out, 0);
    }

    #[test]
    fn rows_that_are_left_out_are_counted() {
        let names: Vec<String> = (0..MAX_ROWS + 2).map(|n| format!("h{n}.example")).collect();
        let mut survey = Survey::default();
        for name in &names {
            let key = Key {
                party: "",
                host: name,
                edge: None,
                origin: None,
                role: Role::Unknown,
                conclusiveness: Conclusiveness::Insufficient,
            };
            let all = Amount { n: 2, bytes: 0 };
            let tally = Tally {
                all,
                ..Tally::default()
            };
            survey.groups.insert(key, tally);
        }
        let hosts = Hosts::of(&survey);
        assert_eq!(hosts.rows().count(), MAX_ROWS);
        assert_eq!((hosts.n_rows_left_out, hosts.n_flows_left_out), (2, 4));
        // The party counts all its flows nevertheless.
        assert_eq!(hosts.parties[0].tally.all.n, 2 * names.len() as u64);
    }
}
