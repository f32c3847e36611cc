//! Which lines are shown, in which order: parties by their standing, their relations below them, as far as unfolded.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::{Group, LEAST_REST, Party, Services, Tally};
use crate::session::{Rest, Subject};

/// One line of the lens, by places within [`Services`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// A party.
    Party(usize),
    /// A relation of a party.
    Relation(usize, usize),
    /// What no relation of a party explains.
    NotAttributed(usize),
    /// Several parties.
    Rest(Rest),
}

/// What a person folded or unfolded; everything else is as it is by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folds(BTreeMap<Subject, bool>);

impl Folds {
    /// Folds or unfolds `subject`.
    pub fn set(&mut self, subject: Subject, is_open: bool) {
        self.0.insert(subject, is_open);
    }

    fn is_open(&self, subject: &Subject, by_itself: bool) -> bool {
        self.0.get(subject).copied().unwrap_or(by_itself)
    }
}

/// A column to sort by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortBy {
    /// Name of the party, and of the service.
    Name,
    /// How conclusive it is.
    Sure,
    /// Number of distinct hosts.
    Hosts,
    /// Number of flows.
    Requests,
    /// Bytes received.
    Bytes,
    /// How many people labelled.
    Labels,
}

/// By what parties and relations are sorted, and whether largest first; `None` = most bytes first, relations by role.
pub type Sorting = Option<(SortBy, bool)>;

impl Services {
    /// The lines from top to bottom.
    pub fn lines(&self, folds: &Folds, sorting: Sorting) -> Vec<Line> {
        let mut places: Vec<usize> = (0..self.parties.len()).collect();
        // Stable: what is equal stays as the judgement has it.
        places.sort_by(|a, b| {
            let (a, b) = (&self.parties[*a], &self.parties[*b]);
            a.group
                .cmp(&b.group)
                .then_with(|| self.compare(sorting, a, b))
        });
        let mut lines = Vec::new();
        let mut group = Group::Site;
        for place in places {
            let party = &self.parties[place];
            let rest = party.group.rest();
            if let Some(rest) = rest {
                if group != party.group {
                    lines.push(Line::Rest(rest));
                }
                if !folds.is_open(&Subject::Rest(rest), false) {
                    group = party.group;
                    continue;
                }
            }
            group = party.group;
            self.party_lines(place, folds, sorting, &mut lines);
        }
        lines
    }

    fn party_lines(&self, place: usize, folds: &Folds, sorting: Sorting, lines: &mut Vec<Line>) {
        lines.push(Line::Party(place));
        if !self.is_open(Line::Party(place), folds) {
            return;
        }
        let party = &self.parties[place];
        let mut relations: Vec<usize> = (0..party.relations.len()).collect();
        relations.sort_by(|a, b| self.compare_relations(sorting, place, *a, *b));
        let relations = relations.into_iter();
        lines.extend(relations.map(|nth| Line::Relation(place, nth)));
        if party.not_attributed.is_some() {
            lines.push(Line::NotAttributed(place));
        }
    }

    /// True when what is below a line is shown.
    pub fn is_open(&self, line: Line, folds: &Folds) -> bool {
        let Some(subject) = self.subject(line) else {
            return false;
        };
        match line {
            Line::Party(place) => {
                let is_small = self.parties[place].group.rest().is_some();
                self.can_open(line) && folds.is_open(&subject, !is_small)
            }
            Line::Rest(_) => folds.is_open(&subject, false),
            Line::Relation(..) | Line::NotAttributed(_) => false,
        }
    }

    /// True when there is something below a line.
    pub fn can_open(&self, line: Line) -> bool {
        match line {
            Line::Party(place) => {
                let party = &self.parties[place];
                !party.relations.is_empty() || party.not_attributed.is_some()
            }
            Line::Rest(_) => true,
            Line::Relation(..) | Line::NotAttributed(_) => false,
        }
    }

    /// The line under which `line` stands.
    pub fn parent(&self, line: Line) -> Option<Line> {
        match line {
            Line::Relation(place, _) | Line::NotAttributed(place) => Some(Line::Party(place)),
            Line::Party(place) => self.parties.get(place)?.group.rest().map(Line::Rest),
            Line::Rest(_) => None,
        }
    }

    /// The line that stands for `subject` when everything above it is unfolded.
    pub fn line_of(&self, subject: &Subject) -> Option<Line> {
        if let Subject::Rest(rest) = subject {
            let is_there = LEAST_REST <= self.rests[*rest as usize].0;
            return is_there.then_some(Line::Rest(*rest));
        }
        let place = *self.places.get(subject.party()?)?;
        let nth = (0..self.parties[place].relations.len())
            .find(|nth| self.subject(Line::Relation(place, *nth)).as_ref() == Some(subject));
        match subject {
            Subject::Relation { .. } => Some(Line::Relation(place, nth?)),
            Subject::NotAttributed(_) => {
                let party = &self.parties[place];
                party
                    .not_attributed
                    .is_some()
                    .then_some(Line::NotAttributed(place))
            }
            _ => Some(Line::Party(place)),
        }
    }

    /// All parties that can be folded.
    pub fn foldable(&self) -> Vec<Line> {
        let lines = (0..self.parties.len()).map(Line::Party);
        lines.filter(|line| self.can_open(*line)).collect()
    }

    /// How many parties share a row.
    pub fn n_behind(&self, rest: Rest) -> usize {
        self.rests[rest as usize].0
    }

    fn compare(&self, sorting: Sorting, a: &Party, b: &Party) -> Ordering {
        let Some((by, is_descending)) = sorting else {
            return Ordering::Equal;
        };
        let name = |party: &Party| &self.roles.parties[party.idx].party;
        let sure = |party: &Party| {
            let relations = self.roles.parties[party.idx].relations.iter();
            relations.map(|relation| relation.conclusiveness).max()
        };
        let order = match by {
            SortBy::Name => name(a).cmp(name(b)),
            SortBy::Sure => sure(a).cmp(&sure(b)),
            _ => by.of(&a.tally).cmp(&by.of(&b.tally)),
        };
        directed(order, is_descending)
    }

    fn compare_relations(&self, sorting: Sorting, place: usize, a: usize, b: usize) -> Ordering {
        let Some((by, is_descending)) = sorting else {
            return Ordering::Equal;
        };
        let relation = |nth| self.relation(Line::Relation(place, nth));
        let tally = |nth: usize| &self.parties[place].relations[nth].1;
        let order = match by {
            SortBy::Name => {
                let name = |nth| relation(nth).map(|it| it.name.as_str());
                name(a).cmp(&name(b))
            }
            SortBy::Sure => {
                let sure = |nth| relation(nth).map(|it| it.conclusiveness);
                sure(a).cmp(&sure(b))
            }
            _ => by.of(tally(a)).cmp(&by.of(tally(b))),
        };
        directed(order, is_descending)
    }
}

impl SortBy {
    fn of(self, tally: &Tally) -> u64 {
        match self {
            Self::Hosts => u64::from(tally.hosts),
            Self::Bytes => tally.bytes,
            Self::Labels => u64::from(tally.labelled()),
            Self::Requests | Self::Name | Self::Sure => u64::from(tally.requests),
        }
    }
}

const fn directed(order: Ordering, is_descending: bool) -> Ordering {
    if is_descending {
        order.reverse()
    } else {
        order
    }
}
