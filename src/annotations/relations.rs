//! What people think of relations: whether a party gets from a service what the machine says, each person's opinion
//! beside those of others.

use std::collections::BTreeMap;

use super::MAX_PAST;
use crate::base::time::Time;

/// Roles that a relation can have.
pub const ROLES: [&str; 5] = ["delivers", "stores", "computes", "hosts", "own"];

/// Which relation an opinion is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RelationKey {
    /// Who operates what was asked for, as verdicts name it.
    pub party: String,
    /// Provider and service: `aws/s3`.
    pub service: String,
    /// One of [`ROLES`].
    pub role: String,
}

/// What a person thinks of a relation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Stance {
    /// It is as the machine says.
    Agree,
    /// It is something else.
    Disagree {
        /// What the person thinks it is; may be empty.
        instead: String,
    },
    /// Looked at, and undecided.
    Undecided,
}

impl Stance {
    /// The word used in files and on the command line.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Agree => "agree",
            Self::Disagree { .. } => "disagree",
            Self::Undecided => "undecided",
        }
    }

    /// The stance that is called `word`; `instead` belongs to a disagreement.
    pub fn named(word: &str, instead: &str) -> Option<Self> {
        Some(match word {
            "agree" => Self::Agree,
            "disagree" => Self::Disagree {
                instead: instead.to_owned(),
            },
            "undecided" => Self::Undecided,
            _ => return None,
        })
    }

    /// What the person thinks it is instead; empty when nothing is said.
    pub fn instead(&self) -> &str {
        match self {
            Self::Disagree { instead } => instead,
            Self::Agree | Self::Undecided => "",
        }
    }

    /// The words for people: `disagrees: it only links there`.
    pub fn title(&self) -> String {
        match self {
            Self::Agree => "agrees".to_owned(),
            Self::Disagree { instead } if instead.is_empty() => "disagrees".to_owned(),
            Self::Disagree { instead } => format!("disagrees: {instead}"),
            Self::Undecided => "undecided".to_owned(),
        }
    }
}

/// What one person says of one relation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelationOpinion {
    /// What the person thinks.
    pub stance: Stance,
    /// Free text; empty when there is none.
    pub note: String,
    /// Who said it, as typed.
    pub by: String,
    /// When it was said.
    pub at: Option<Time>,
    /// What the same person had said before, the oldest first.
    pub past: Vec<PastStance>,
}

/// An opinion that its person replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastStance {
    /// What was said.
    pub stance: Stance,
    /// The note of that time.
    pub note: String,
    /// When it was said.
    pub at: Option<Time>,
}

impl RelationOpinion {
    /// The same person's opinion after another stance and note; what was said before is kept.
    #[must_use]
    pub fn replaced_by(&self, stance: Stance, note: String, at: Time) -> Self {
        let mut next = self.clone();
        if next.stance != stance || next.note != note {
            let before = PastStance {
                stance: std::mem::replace(&mut next.stance, stance),
                note: std::mem::replace(&mut next.note, note),
                at: next.at,
            };
            next.remember([before]);
        }
        next.at = Some(at);
        next
    }

    /// Takes in what the same person said elsewhere: the later one counts, and the other one is kept as said before.
    fn merge(&mut self, mut other: Self) {
        if self.at < other.at {
            std::mem::swap(self, &mut other);
        }
        if self.stance != other.stance || self.note != other.note {
            other.past.push(PastStance {
                stance: other.stance,
                note: other.note,
                at: other.at,
            });
        }
        self.remember(other.past);
    }

    fn remember(&mut self, past: impl IntoIterator<Item = PastStance>) {
        for past in past {
            if !self.past.contains(&past) {
                self.past.push(past);
            }
        }
        self.past.sort_by_key(|past| past.at);
        let n_too_many = self.past.len().saturating_sub(MAX_PAST);
        self.past.drain(..n_too_many);
    }
}

/// The opinions of all people on all relations: at most one of each person on each relation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RelationOpinions {
    /// No list is empty; each is in the order of the names.
    by_key: BTreeMap<RelationKey, Vec<RelationOpinion>>,
}

impl RelationOpinions {
    /// What people say of the relation, in the order of their names.
    pub fn get(&self, key: &RelationKey) -> &[RelationOpinion] {
        self.by_key.get(key).map_or(&[], Vec::as_slice)
    }

    /// What `by` says of the relation.
    pub fn of(&self, key: &RelationKey, by: &str) -> Option<&RelationOpinion> {
        self.get(key).iter().find(|said| said.by == by)
    }

    /// All relations of which something is said, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&RelationKey, &[RelationOpinion])> {
        self.by_key.iter().map(|(key, said)| (key, said.as_slice()))
    }

    /// Sets or takes back what `by` says of a relation, and returns what was there before.
    pub(super) fn replace(
        &mut self,
        key: &RelationKey,
        by: &str,
        opinion: Option<RelationOpinion>,
    ) -> Option<RelationOpinion> {
        let said = self.by_key.entry(key.clone()).or_default();
        let place = said.binary_search_by(|said| said.by.as_str().cmp(by));
        let before = match (place, opinion) {
            (Ok(idx), Some(opinion)) => Some(std::mem::replace(&mut said[idx], opinion)),
            (Ok(idx), None) => Some(said.remove(idx)),
            (Err(idx), Some(opinion)) => {
                said.insert(idx, opinion);
                None
            }
            (Err(_), None) => None,
        };
        if said.is_empty() {
            self.by_key.remove(key);
        }
        before
    }

    /// Adds an opinion. Where the same person said something already, the later one counts, and the other one is kept as
    /// said before.
    pub fn merge(&mut self, key: &RelationKey, opinion: RelationOpinion) {
        let by = opinion.by.clone();
        let merged = match self.of(key, &by).cloned() {
            Some(mut here) => {
                here.merge(opinion);
                here
            }
            None => opinion,
        };
        self.replace(key, &by, Some(merged));
    }

    /// The part about relations that `is_wanted` wants.
    #[must_use]
    pub fn part(&self, is_wanted: impl Fn(&RelationKey) -> bool) -> Self {
        let kept = self.by_key.iter().filter(|(key, _)| is_wanted(key));
        Self {
            by_key: kept
                .map(|(key, said)| (key.clone(), said.clone()))
                .collect(),
        }
    }

    /// Number of opinions.
    pub fn len(&self) -> usize {
        self.by_key.values().map(Vec::len).sum()
    }

    /// True when nobody said anything.
    pub fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> RelationKey {
        RelationKey {
            party: "shop.example".to_owned(),
            service: "aws/s3".to_owned(),
            role: "stores".to_owned(),
        }
    }

    fn opinion(by: &str, stance: Stance, at: i64) -> RelationOpinion {
        RelationOpinion {
            stance,
            note: String::new(),
            by: by.to_owned(),
            at: Some(Time(at)),
            past: Vec::new(),
        }
    }

    #[test]
    fn the_same_person_counts_once_and_nothing_is_lost_whatever_is_read_first() {
        let said = [
            opinion("Kim", Stance::Agree, 1),
            opinion("Kim", Stance::Undecided, 3),
            opinion("Jo", Stance::Agree, 2),
            opinion("Kim", Stance::Undecided, 3),
        ];
        let mut forwards = RelationOpinions::default();
        let mut backwards = RelationOpinions::default();
        for one in &said {
            forwards.merge(&key(), one.clone());
        }
        for one in said.iter().rev() {
            backwards.merge(&key(), one.clone());
        }
        assert_eq!(forwards, backwards);
        assert_eq!(forwards.len(), 2);
        let kim = forwards.of(&key(), "Kim").expect("Kim said something");
        assert_eq!(kim.stance, Stance::Undecided);
        let past: Vec<_> = kim.past.iter().map(|past| past.stance.word()).collect();
        assert_eq!(past, ["agree"]);
    }

    #[test]
    fn words_name_every_stance() {
        for stance in [
            Stance::Agree,
            Stance::Undecided,
            Stance::Disagree {
                instead: "a link".to_owned(),
            },
        ] {
            let again = Stance::named(stance.word(), stance.instead());
            assert_eq!(again.as_ref(), Some(&stance));
        }
        assert_eq!(Stance::named("maybe", ""), None);
    }
}
