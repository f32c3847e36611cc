//! How often attribution agrees with captures that carry independent labels: WebPageTest's name of the edge.
//!
//! The labels are never evidence; they are noisy as well, because they come from a second name look-up after the run.
//! An adjudicated overlay corrects single ones, with a reason for each.

use std::collections::BTreeMap;
use std::fmt;

use super::{Attribution, Conclusiveness};
use crate::capture::{Capture, Flow};
use crate::providers::{ServiceId, catalogue};

/// One judged capture that carries labels.
#[derive(Clone, Copy, Debug)]
pub struct Labelled<'a> {
    /// File name, as the overlay calls it.
    pub file: &'a str,
    /// The capture.
    pub capture: &'a Capture,
    /// What the machine says of it.
    pub attribution: &'a Attribution,
}

/// A corrected label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adjudicated {
    /// File name.
    pub file: String,
    /// 0-based place in the file.
    pub entry: u32,
    /// Provider id of the right edge; empty when there is none.
    pub provider: String,
}

/// Reads an overlay: lines of file, 0-based entry, right provider id (or `none`) and reason, separated by tabs.
pub fn parse_adjudicated(text: &str) -> Result<Vec<Adjudicated>, String> {
    let lines = text.lines().zip(1..).filter(|(line, n)| {
        let is_head = *n == 1 && line.starts_with("file\t");
        !is_head && !line.trim().is_empty() && !line.starts_with('#')
    });
    lines
        .map(|(line, n)| {
            let fields: Vec<&str> = line.split('\t').map(str::trim).collect();
            let [file, entry, provider, reason] = fields[..] else {
                return Err(format!("line {n}: expected file, entry, answer and reason"));
            };
            let entry = entry
                .parse()
                .map_err(|_not_a_number| format!("line {n}: the entry is not a number"))?;
            if reason.is_empty() {
                return Err(format!("line {n}: a correction needs a reason"));
            }
            let provider = Some(provider)
                .filter(|id| *id != "none")
                .unwrap_or_default();
            Ok(Adjudicated {
                file: file.to_owned(),
                entry,
                provider: provider.to_owned(),
            })
        })
        .collect()
}

/// How many labels were met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Labelled and named alike.
    pub right: u32,
    /// Labelled and named otherwise.
    pub wrong: u32,
    /// Labelled, but no edge was named.
    pub abstained: u32,
    /// An edge was named where there is no label, which does not mean that there is no CDN.
    pub extra: u32,
}

impl Tally {
    fn count(&mut self, label: &str, answer: &str) {
        let field = match (label, answer) {
            ("", "") => return,
            ("", _) => &mut self.extra,
            (_, "") => &mut self.abstained,
            _ if label == answer => &mut self.right,
            _ => &mut self.wrong,
        };
        *field += 1;
    }

    /// Share of the named edges that agree with their label.
    pub fn precision(&self) -> f64 {
        share(self.right, self.right + self.wrong)
    }

    /// Share of the labels that were met.
    pub fn recall(&self) -> f64 {
        share(self.right, self.right + self.wrong + self.abstained)
    }
}

fn share(part: u32, whole: u32) -> f64 {
    if whole == 0 {
        0.0
    } else {
        f64::from(part) / f64::from(whole)
    }
}

/// One labelled entry that was answered otherwise, or not at all.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Miss {
    /// File name.
    pub file: String,
    /// Host.
    pub host: String,
    /// Provider id of the label.
    pub label: String,
    /// Provider id of the answer; empty when no edge was named.
    pub answer: String,
}

/// Agreement with the labels of some captures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// Every labelled entry counts.
    pub by_entry: Tally,
    /// Every distinct host of a file counts once, by its most frequent label and answer.
    pub by_host: Tally,
    /// By provider id of the label.
    pub by_provider: BTreeMap<String, Tally>,
    /// How often an edge called so conclusive agrees: agreements and calls.
    pub calibration: BTreeMap<Conclusiveness, (u32, u32)>,
    /// By entry, with the overlay in place of the labels it corrects.
    pub adjudicated: Option<Tally>,
    /// What was not met, with the number of entries.
    pub misses: BTreeMap<Miss, u32>,
}

/// Votes of the entries of one host.
type Votes = BTreeMap<String, u32>;

impl Score {
    /// Compares the edges of `captures` with their labels.
    pub fn of(captures: &[Labelled<'_>], overlay: &[Adjudicated]) -> Self {
        let mut score = Self::default();
        let mut corrected = Tally::default();
        for labelled in captures {
            let mut hosts: BTreeMap<&str, (Votes, Votes)> = BTreeMap::new();
            for flow in labelled.capture.flows() {
                let Some(label) = label(flow) else {
                    continue;
                };
                let answer = score.entry(labelled, flow, &label);
                let (labels, answers) = hosts.entry(flow.host()).or_default();
                *answers.entry(answer.clone()).or_default() += 1;
                let right = overlay.iter().find(|right| {
                    right.file == labelled.file && right.entry + 1 == flow.row().entry
                });
                match right {
                    // The entry is known to have no edge: whatever is named is wrong.
                    Some(right) if right.provider.is_empty() => {
                        corrected.wrong += u32::from(!answer.is_empty());
                    }
                    Some(right) => corrected.count(&right.provider, &answer),
                    None => corrected.count(&label, &answer),
                }
                *labels.entry(label).or_default() += 1;
            }
            for (labels, answers) in hosts.values() {
                score.by_host.count(winner(labels), winner(answers));
            }
        }
        score.adjudicated = (!overlay.is_empty()).then_some(corrected);
        score
    }

    /// Counts one entry and returns the provider id of its edge.
    fn entry(&mut self, labelled: &Labelled<'_>, flow: Flow<'_>, label: &str) -> String {
        let edge = labelled.attribution.verdict(flow.idx()).edge;
        let answer = edge.map_or_else(String::new, |edge| answer(edge.service));
        self.by_entry.count(label, &answer);
        if label.is_empty() {
            return answer;
        }
        let provider = self.by_provider.entry(label.to_owned()).or_default();
        provider.count(label, &answer);
        if let Some(edge) = edge {
            let (right, calls) = self.calibration.entry(edge.conclusiveness).or_default();
            *right += u32::from(label == answer);
            *calls += 1;
        }
        if label != answer {
            let miss = Miss {
                file: labelled.file.to_owned(),
                host: flow.host().to_owned(),
                label: label.to_owned(),
                answer: answer.clone(),
            };
            *self.misses.entry(miss).or_default() += 1;
        }
        answer
    }
}

/// The most frequent vote that is not empty; the first by name of several.
fn winner(votes: &Votes) -> &str {
    let cast = votes.iter().filter(|(vote, _)| !vote.is_empty());
    cast.max_by(|one, other| one.1.cmp(other.1).then(other.0.cmp(one.0)))
        .map_or("", |(vote, _)| vote)
}

/// The label of `flow` as a provider id; empty without one, `None` for labels that name no provider.
fn label(flow: Flow<'_>) -> Option<String> {
    let claimed = flow.claimed_cdn();
    let id = match claimed {
        "CDN" | "Reapleaf" => return None,
        "Amazon CloudFront" => "aws",
        "Level 3" => "lumen",
        "Edgecast" => "edgio",
        "Highwinds" | "NetDNA" => "stackpath",
        "Facebook" => "meta",
        "Twitter" => "x",
        "Incapsula" => "imperva",
        "Instart Logic" => "instart",
        "Microsoft Azure" => "azure",
        "WordPress" => "automattic",
        other => {
            let known = catalogue().providers().iter().find(|provider| {
                provider.id.eq_ignore_ascii_case(other) || provider.name.eq_ignore_ascii_case(other)
            });
            return Some(known.map_or_else(|| other.to_lowercase(), |known| known.id.clone()));
        }
    };
    Some(id.to_owned())
}

fn answer(service: ServiceId) -> String {
    let provider = catalogue().provider_of(service);
    catalogue().provider(provider).id.clone()
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "precision {:.3}  recall {:.3}  ({} right, {} wrong, {} abstained, {} extra)",
            self.precision(),
            self.recall(),
            self.right,
            self.wrong,
            self.abstained,
            self.extra
        )
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "edge by entry         {}", self.by_entry)?;
        writeln!(f, "edge by (file, host)  {}", self.by_host)?;
        if let Some(adjudicated) = &self.adjudicated {
            writeln!(f, "by entry, adjudicated {adjudicated}")?;
        }
        writeln!(f, "\nby provider")?;
        for (provider, tally) in &self.by_provider {
            writeln!(f, "  {provider:<12} {tally}")?;
        }
        writeln!(f, "\ncalibration: calls that agree with their label")?;
        for (conclusiveness, (right, calls)) in self.calibration.iter().rev() {
            let rate = share(*right, *calls);
            writeln!(
                f,
                "  {:<12} {right} of {calls} ({rate:.3})",
                conclusiveness.word()
            )?;
        }
        writeln!(f, "\nnot met: entries, file, host, label, answer")?;
        for (miss, n) in &self.misses {
            let answer = if miss.answer.is_empty() {
                "-"
            } else {
                &miss.answer
            };
            writeln!(
                f,
                "  {n:>4}  {}  {}  {}  {answer}",
                miss.file, miss.host, miss.label
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tally_tells_wrong_from_abstained_and_extra() {
        let mut tally = Tally::default();
        for (label, answer) in [
            ("akamai", "akamai"),
            ("akamai", "akamai"),
            ("akamai", "aws"),
            ("akamai", ""),
            ("", "fastly"),
            ("", ""),
        ] {
            tally.count(label, answer);
        }
        let expected = Tally {
            right: 2,
            wrong: 1,
            abstained: 1,
            extra: 1,
        };
        assert_eq!(tally, expected);
        assert_eq!((tally.precision(), tally.recall()), (2.0 / 3.0, 0.5));
    }

    #[test]
    fn a_host_counts_by_its_most_frequent_vote() {
        let votes = |votes: &[(&str, u32)]| -> Votes {
            votes
                .iter()
                .map(|(vote, n)| ((*vote).to_owned(), *n))
                .collect()
        };
        assert_eq!(winner(&votes(&[("", 9), ("aws", 1), ("x", 2)])), "x");
        assert_eq!(winner(&votes(&[("aws", 2), ("x", 2)])), "aws");
        assert_eq!(winner(&votes(&[("", 9)])), "");
    }

    #[test]
    fn an_overlay_gives_a_reason_for_every_correction() {
        let text = "file\tentry\tright answer\treason\na.har\t3\taws\tits own headers\nb.har\t0\tnone\tno edge at all\n";
        let overlay = parse_adjudicated(text).expect("well formed");
        assert_eq!(overlay.len(), 2);
        assert_eq!((overlay[0].entry, overlay[0].provider.as_str()), (3, "aws"));
        assert_eq!(overlay[1].provider, "");
        for bad in ["a.har\t3\taws", "a.har\tx\taws\twhy", "a.har\t3\taws\t "] {
            assert!(parse_adjudicated(bad).is_err(), "{bad:?}");
        }
    }
}
