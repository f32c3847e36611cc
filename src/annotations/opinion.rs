//! What one person says of a flow beside what others say of it: nobody's answer replaces another's.

use super::{Annotation, Label, MAX_PAST, PastLabel};
use crate::base::time::Time;

/// One person's own answer for a flow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opinion {
    /// The label; `None` = only a note.
    pub label: Option<Label>,
    /// True when the label was taken over from the machine's verdict.
    pub is_accepted: bool,
    /// Free text; empty when there is none.
    pub note: String,
    /// Who said it, as typed; empty when not given.
    pub by: String,
    /// When it was last changed.
    pub at: Option<Time>,
}

impl Opinion {
    /// True when neither a label nor a note is given.
    pub const fn is_empty(&self) -> bool {
        self.label.is_none() && self.note.is_empty()
    }

    /// Whose opinion stands in front for `reviewer`: the largest one.
    fn rank(&self, reviewer: &str) -> (bool, bool, Option<Time>) {
        (self.label.is_some(), self.by == reviewer, self.at)
    }
}

impl Annotation {
    /// The opinion that stands in front.
    pub fn front(&self) -> Opinion {
        Opinion {
            label: self.label,
            is_accepted: self.is_accepted,
            note: self.note.clone(),
            by: self.by.clone(),
            at: self.at,
        }
    }

    /// All opinions, the one in front first.
    pub fn opinions(&self) -> impl Iterator<Item = Opinion> {
        let front = Some(self.front()).filter(|front| !front.is_empty());
        front.into_iter().chain(self.others.iter().cloned())
    }

    /// When anybody last said something.
    pub fn last_said(&self) -> Option<Time> {
        let others = self.others.iter().map(|other| other.at);
        others.fold(self.at, Option::max)
    }

    /// What the person called `by` says.
    pub fn opinion_of(&self, by: &str) -> Option<Opinion> {
        self.opinions().find(|opinion| opinion.by == by)
    }

    /// The labels of people that differ from the one in front, each with its person.
    pub fn differing(&self) -> impl Iterator<Item = (Label, &str)> {
        let labels = self.others.iter();
        let labels = labels.filter_map(|other| Some((other.label?, other.by.as_str())));
        labels.filter(|(label, _)| self.label.is_some() && self.label != Some(*label))
    }

    /// The note to show to `reviewer`: the own one, else the one in front, else the latest of another person.
    pub fn note_for(&self, reviewer: &str) -> &str {
        if self.others.is_empty() || self.by == reviewer && !self.note.is_empty() {
            return &self.note;
        }
        let notes = self.others.iter().filter(|other| !other.note.is_empty());
        let own = notes.clone().find(|other| other.by == reviewer);
        own.map(|own| &own.note)
            .or_else(|| Some(&self.note).filter(|note| !note.is_empty()))
            .or_else(|| notes.max_by_key(|other| other.at).map(|other| &other.note))
            .map_or("", String::as_str)
    }

    /// The note that the person called `by` wrote; empty when there is none.
    pub fn own_note(&self, by: &str) -> &str {
        if self.by == by {
            return &self.note;
        }
        let own = self.others.iter().find(|other| other.by == by);
        own.map_or("", |own| &own.note)
    }

    /// True when another opinion than the one in front counts for `reviewer`.
    pub(super) fn needs_turning(&self, reviewer: &str) -> bool {
        if self.others.is_empty() {
            return false; // as for nearly all flows
        }
        let front = (self.label.is_some(), self.by == reviewer, self.at);
        let mut others = self.others.iter();
        others.any(|other| front < other.rank(reviewer))
    }

    /// Brings the opinion forward that counts for `reviewer`: the own one; where that says no label, the latest label of
    /// anybody.
    pub(super) fn turn_to(&mut self, reviewer: &str) {
        let best = (0..self.others.len()).max_by_key(|idx| self.others[*idx].rank(reviewer));
        let Some(best) = best.filter(|_| self.needs_turning(reviewer)) else {
            return;
        };
        let best = self.others.remove(best);
        let front = self.put_in_front(best);
        self.put_beside(front);
    }

    /// Lets `change` work on what `by` says, at the time `at`; what others say stays as it is.
    pub(super) fn speak(&mut self, by: &str, at: Time, change: impl FnOnce(&mut Self)) {
        if self.by != by {
            let own = self.others.iter().position(|other| other.by == by);
            let mut own = own.map(|idx| self.others.remove(idx)).unwrap_or_default();
            by.clone_into(&mut own.by);
            let front = self.put_in_front(own);
            self.put_beside(front);
        }
        change(self);
        self.at = Some(at);
        if self.label.is_none() && self.note.is_empty() && !self.others.is_empty() {
            // Who takes everything back says nothing any more; somebody else's opinion comes forward.
            let latest = (0..self.others.len()).max_by_key(|idx| self.others[*idx].rank(""));
            if let Some(latest) = latest {
                let latest = self.others.remove(latest);
                self.put_in_front(latest);
            }
        }
    }

    /// Makes sure that every person is there once, whatever a file says: an older label of the same person is kept as said
    /// before, and an older note below the newer one.
    pub(super) fn settle(&mut self) {
        let others = std::mem::take(&mut self.others);
        for other in others {
            self.admit(other);
        }
    }

    fn admit(&mut self, mut other: Opinion) {
        if other.is_empty() {
            return;
        }
        if self.label.is_none() && self.note.is_empty() && self.others.is_empty() {
            self.put_in_front(other);
        } else if other.by == self.by {
            let mut front = self.front();
            self.past.extend(front.absorb(&mut other));
            self.put_in_front(front);
        } else if let Some(idx) = self.others.iter().position(|it| it.by == other.by) {
            let past = self.others[idx].absorb(&mut other);
            self.past.extend(past);
        } else {
            self.put_beside(other);
        }
        let n_too_many = self.past.len().saturating_sub(MAX_PAST);
        self.past.drain(..n_too_many);
    }

    /// Puts `opinion` in front and returns what stood there.
    fn put_in_front(&mut self, opinion: Opinion) -> Opinion {
        Opinion {
            label: std::mem::replace(&mut self.label, opinion.label),
            is_accepted: std::mem::replace(&mut self.is_accepted, opinion.is_accepted),
            note: std::mem::replace(&mut self.note, opinion.note),
            by: std::mem::replace(&mut self.by, opinion.by),
            at: std::mem::replace(&mut self.at, opinion.at),
        }
    }

    /// Keeps an opinion beside the one in front, in the order of names; an empty one is none.
    fn put_beside(&mut self, opinion: Opinion) {
        if !opinion.is_empty() {
            let place = self.others.partition_point(|other| other.by < opinion.by);
            self.others.insert(place, opinion);
        }
    }
}

impl Opinion {
    /// Takes in another opinion of the same person: the later one counts. Returns the label that counts no more.
    fn absorb(&mut self, other: &mut Self) -> Option<PastLabel> {
        if self.at < other.at {
            std::mem::swap(self, other);
        }
        if !self.note.contains(&other.note) {
            let between = if self.note.is_empty() { "" } else { "\n" };
            self.note = format!("{}{between}{}", self.note, other.note);
        }
        let label = other.label.filter(|label| Some(*label) != self.label)?;
        if self.label.is_none() {
            self.label = Some(label);
            self.is_accepted = other.is_accepted;
            return None;
        }
        Some(PastLabel {
            label,
            by: other.by.clone(),
            at: other.at,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opinion(by: &str, label: Option<Label>, note: &str, at: i64) -> Opinion {
        Opinion {
            label,
            is_accepted: false,
            note: note.to_owned(),
            by: by.to_owned(),
            at: Some(Time(at)),
        }
    }

    fn said(opinions: &[Opinion]) -> Annotation {
        let mut said = Annotation {
            others: opinions.to_vec(),
            ..Annotation::default()
        };
        said.settle();
        said
    }

    #[test]
    fn the_reviewers_label_stands_in_front_else_the_latest() {
        let opinions = [
            opinion("Jo", Some(Label::Cdn), "", 1),
            opinion("Kim", Some(Label::Origin), "by its name", 3),
            opinion("Lee", Some(Label::Unknown), "", 2),
            opinion("Max", None, "only a note", 9),
        ];
        for (reviewer, front, note) in [
            ("Jo", "Jo", "only a note"),
            ("Lee", "Lee", "only a note"),
            ("Max", "Kim", "only a note"),
            ("", "Kim", "by its name"),
        ] {
            let mut said = said(&opinions);
            said.turn_to(reviewer);
            assert_eq!(said.by, front, "{reviewer}");
            assert_eq!(said.note_for(reviewer), note, "{reviewer}");
            let mut all: Vec<_> = said.opinions().collect();
            all.sort_by(|a, b| a.by.cmp(&b.by));
            assert_eq!(all, opinions, "{reviewer}");
        }
    }

    #[test]
    fn two_answers_of_one_person_become_one_without_loss() {
        let said = said(&[
            opinion("Jo", Some(Label::Cdn), "first", 1),
            opinion("Kim", Some(Label::Cdn), "", 1),
            opinion("Jo", Some(Label::Origin), "second", 2),
        ]);
        assert_eq!(said.label, Some(Label::Origin));
        assert_eq!(said.note, "second\nfirst");
        assert_eq!(said.past.len(), 1);
        assert_eq!(said.others.len(), 1);
    }
}
