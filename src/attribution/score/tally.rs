//! How often answers meet what is known: by entry, by (file, host), by provider and by how conclusive they call themselves.

use std::collections::BTreeMap;

use super::answered::Answered;
use super::curve::{Point, curve};
use super::label::Truth;
use crate::attribution::verdict::Conclusiveness;

/// How many labels were met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Labelled and named alike.
    pub right: u32,
    /// Labelled, but named otherwise.
    pub wrong: u32,
    /// Labelled, but no edge was named.
    pub abstained: u32,
    /// An edge was named where it is known that there is none.
    pub invented: u32,
    /// An edge was named where there is no label, which does not mean that there is no CDN.
    pub extra: u32,
    /// Without a label, whether or not an edge was named.
    pub unlabelled: u32,
}

impl Tally {
    fn count(&mut self, truth: &Truth, answer: &str) {
        let is_named = !answer.is_empty();
        match truth {
            Truth::Unlabelled => {
                self.unlabelled += 1;
                self.extra += u32::from(is_named);
            }
            Truth::NoEdge => self.invented += u32::from(is_named),
            Truth::Edge(_) if !is_named => self.abstained += 1,
            Truth::Edge(_) if truth.agrees(answer) => self.right += 1,
            Truth::Edge(_) => self.wrong += 1,
        }
    }

    /// Share of the edges named where the truth is known that agree with it; `None` when none was named.
    pub fn precision(&self) -> Option<f64> {
        share(self.right, self.right + self.wrong + self.invented)
    }

    /// Share of the labels that were met; `None` without labels.
    pub fn recall(&self) -> Option<f64> {
        share(self.right, self.labels())
    }

    /// Share of the labelled rows on which no edge was named; `None` without labels.
    pub fn abstention(&self) -> Option<f64> {
        share(self.abstained, self.labels())
    }

    /// Share of the unlabelled rows on which an edge was named; `None` without such rows.
    pub fn extras(&self) -> Option<f64> {
        share(self.extra, self.unlabelled)
    }

    /// Rows of which the edge is known.
    pub const fn labels(&self) -> u32 {
        self.right + self.wrong + self.abstained
    }
}

/// `part` of `whole`; `None` of nothing.
pub(super) fn share(part: u32, whole: u32) -> Option<f64> {
    (whole != 0).then(|| f64::from(part) / f64::from(whole))
}

/// The calls of one degree of conclusiveness, on rows of which the truth is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    /// That agree with the truth.
    pub right: u32,
    /// All of them.
    pub all: u32,
}

impl Calls {
    /// Share of the calls that agree; `None` without calls.
    pub fn agreement(&self) -> Option<f64> {
        share(self.right, self.all)
    }
}

/// One labelled entry that was answered otherwise, or not at all.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Miss {
    /// File name.
    pub file: String,
    /// Host.
    pub host: String,
    /// What is known.
    pub truth: Truth,
    /// Provider id of the answer; empty when no edge was named.
    pub answer: String,
}

/// Agreement of some answers with what is known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Score {
    /// Every entry counts.
    pub by_entry: Tally,
    /// Every distinct host of a file counts once, by its most frequent label and answer.
    pub by_host: Tally,
    /// By provider id of the label.
    pub by_provider: BTreeMap<String, Tally>,
    /// How often an edge called so conclusive agrees.
    pub calibration: BTreeMap<Conclusiveness, Calls>,
    /// How much is answered down to a degree of sureness, and how often that errs.
    pub curve: Vec<Point>,
    /// What was not met, with the number of entries.
    pub misses: BTreeMap<Miss, u32>,
}

/// Votes of the entries of one host.
type Votes<T> = BTreeMap<T, u32>;

/// What is known of one host, and what was answered.
type HostVotes<'r> = (Votes<&'r Truth>, Votes<&'r str>);

impl Score {
    /// Counts how `answers` meet the truth that goes with each.
    pub(super) fn of<'r>(answers: impl Iterator<Item = (&'r Answered, &'r Truth)> + Clone) -> Self {
        let mut score = Self {
            curve: curve(answers.clone()),
            ..Self::default()
        };
        let mut hosts: BTreeMap<(&str, &str), HostVotes<'_>> = BTreeMap::new();
        for (row, truth) in answers {
            score.entry(row, truth);
            let (truths, edges) = hosts.entry((&row.file, &row.host)).or_default();
            if *truth != Truth::Unlabelled {
                *truths.entry(truth).or_default() += 1;
            }
            if !row.answer.is_empty() {
                *edges.entry(row.answer.as_str()).or_default() += 1;
            }
        }
        for (truths, edges) in hosts.values() {
            let truth = winner(truths).copied().unwrap_or(&Truth::Unlabelled);
            let answer = winner(edges).copied().unwrap_or_default();
            score.by_host.count(truth, answer);
        }
        score
    }

    fn entry(&mut self, row: &Answered, truth: &Truth) {
        self.by_entry.count(truth, &row.answer);
        if *truth == Truth::Unlabelled {
            return;
        }
        if matches!(truth, Truth::Edge(_)) {
            let provider = self.by_provider.entry(truth.to_string()).or_default();
            provider.count(truth, &row.answer);
        }
        let is_right = truth.agrees(&row.answer);
        if !row.answer.is_empty() {
            let calls = self.calibration.entry(row.conclusiveness).or_default();
            calls.right += u32::from(is_right);
            calls.all += 1;
        }
        let is_met = is_right || (*truth == Truth::NoEdge && row.answer.is_empty());
        if !is_met {
            let miss = Miss {
                file: row.file.clone(),
                host: row.host.clone(),
                truth: truth.clone(),
                answer: row.answer.clone(),
            };
            *self.misses.entry(miss).or_default() += 1;
        }
    }
}

/// The most frequent vote; the first by name of several.
fn winner<T: Ord>(votes: &Votes<T>) -> Option<&T> {
    let best = votes
        .iter()
        .max_by(|one, other| one.1.cmp(other.1).then(other.0.cmp(one.0)));
    best.map(|(vote, _)| vote)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn akamai() -> Truth {
        Truth::Edge(vec!["akamai".to_owned()])
    }

    fn row(host: &str, answer: &str, conclusiveness: Conclusiveness) -> Answered {
        Answered {
            file: "a.har".to_owned(),
            entry: 0,
            host: host.to_owned(),
            label: String::new(),
            answer: answer.to_owned(),
            conclusiveness,
            families: 1,
        }
    }

    #[test]
    fn a_tally_tells_wrong_from_abstained_and_extra() {
        let mut tally = Tally::default();
        for (truth, answer) in [
            (akamai(), "akamai"),
            (akamai(), "akamai"),
            (akamai(), "aws"),
            (akamai(), ""),
            (Truth::Unlabelled, "fastly"),
            (Truth::Unlabelled, ""),
            (Truth::NoEdge, "fastly"),
            (Truth::NoEdge, ""),
        ] {
            tally.count(&truth, answer);
        }
        let expected = Tally {
            right: 2,
            wrong: 1,
            abstained: 1,
            invented: 1,
            extra: 1,
            unlabelled: 2,
        };
        assert_eq!(tally, expected);
        assert_eq!((tally.precision(), tally.recall()), (Some(0.5), Some(0.5)));
        assert_eq!(
            (tally.abstention(), tally.extras()),
            (Some(0.25), Some(0.5))
        );
        assert_eq!(Tally::default().precision(), None);
    }

    #[test]
    fn a_host_counts_once_by_its_most_frequent_vote() {
        use Conclusiveness::{Conclusive, Strong};
        let (label, none) = (akamai(), Truth::Unlabelled);
        let rows = [
            (row("a", "akamai", Conclusive), &label),
            (row("a", "aws", Strong), &label),
            (row("a", "akamai", Strong), &none),
            (row("b", "", Strong), &none),
        ];
        let score = Score::of(rows.iter().map(|(row, truth)| (row, *truth)));
        assert_eq!((score.by_host.right, score.by_host.wrong), (1, 0));
        assert_eq!(score.by_host.unlabelled, 1);
        assert_eq!(
            (
                score.by_entry.right,
                score.by_entry.wrong,
                score.by_entry.extra
            ),
            (1, 1, 1)
        );
        assert_eq!(score.calibration[&Conclusive].agreement(), Some(1.0));
        assert_eq!(score.calibration[&Strong].agreement(), Some(0.0));
        assert_eq!(score.misses.len(), 1);
    }

    #[test]
    fn of_equally_frequent_votes_the_first_by_name_wins() {
        let votes = |votes: &[(&'static str, u32)]| votes.iter().copied().collect::<Votes<&str>>();
        assert_eq!(winner(&votes(&[("aws", 1), ("x", 2)])), Some(&"x"));
        assert_eq!(winner(&votes(&[("aws", 2), ("x", 2)])), Some(&"aws"));
        assert_eq!(winner(&votes(&[])), None);
    }
}
