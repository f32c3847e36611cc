//! How often attribution agrees with captures that carry independent labels: WebPageTest's name of the edge.
//!
//! The labels are never evidence, and neither are the name look-ups that they were made from. They are noisy as well,
//! because they come from a second look-up after the run: an adjudicated overlay corrects single ones, with a reason for
//! each. [`Report::of`] judges every capture once as it is and once for each kind of evidence that is withheld.

mod answered;
mod curve;
mod label;
mod overlay;
mod print;
mod tally;

pub use answered::Answered;
pub use curve::Point;
pub use label::Truth;
pub use overlay::{Adjudicated, parse_adjudicated};
pub use tally::{Calls, Miss, Score, Tally};

use std::collections::BTreeSet;

use super::context::void::is_replay;
use super::evidence::{Claim, Family, Speaks};
use super::examine::Examination;
use super::pass::Attribution;
use super::verdict::Conclusiveness;
use super::withheld::Withheld;
use crate::base::jobs::{Cancel, Progress};
use crate::capture::Capture;
use crate::providers::{ServiceId, catalogue};

/// A capture that carries labels.
#[derive(Clone, Copy, Debug)]
pub struct Labelled<'a> {
    /// File name, as the overlay calls it.
    pub file: &'a str,
    /// The capture.
    pub capture: &'a Capture,
}

/// A line of the overlay beside what was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reviewed {
    /// The correction.
    pub correction: Adjudicated,
    /// The answer; `None` when no scored flow stands in that place.
    pub answered: Option<Answered>,
}

impl Reviewed {
    /// True when the answer is the right one.
    pub fn is_met(&self) -> bool {
        let truth = &self.correction.truth;
        self.answered.as_ref().is_some_and(|row| {
            truth.agrees(&row.answer) || (*truth == Truth::NoEdge && row.answer.is_empty())
        })
    }
}

/// One kind of evidence withheld, and the score without it.
#[derive(Clone, Debug, PartialEq)]
pub struct Ablation {
    /// What is withheld, in words.
    pub withheld: &'static str,
    /// Against the labels as they are.
    pub raw: Score,
}

/// Everything that `score` prints.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Captures that were judged.
    pub captures: usize,
    /// Flows that came over no network, and are not counted anywhere else.
    pub replays: u32,
    /// Against the labels as they are.
    pub raw: Score,
    /// Against the labels as corrected; equal to `raw` without an overlay.
    pub adjudicated: Score,
    /// The overlay, line by line.
    pub overlay: Vec<Reviewed>,
    /// What remains without each kind of evidence.
    pub ablations: Vec<Ablation>,
}

/// What `score` always withholds: the labels were made from these answers.
const BASE: Withheld = Withheld {
    addresses: false,
    headers: false,
    names: false,
    resolutions: true,
};

/// What is withheld besides, one at a time.
const ABLATIONS: [(&str, Withheld); 4] = [
    (
        "addresses",
        Withheld {
            addresses: true,
            ..BASE
        },
    ),
    (
        "headers",
        Withheld {
            headers: true,
            ..BASE
        },
    ),
    (
        "names",
        Withheld {
            names: true,
            ..BASE
        },
    ),
    ("everything", Withheld::EVERYTHING),
];

impl Report {
    /// Judges `captures` and compares the edges with their labels. Returns `None` when cancelled.
    pub fn of(
        captures: &[Labelled<'_>],
        overlay: Vec<Adjudicated>,
        cancel: &Cancel,
    ) -> Option<Self> {
        let answered = answers(captures, BASE, cancel)?;
        let mut ablations = Vec::with_capacity(ABLATIONS.len());
        for (name, withheld) in ABLATIONS {
            ablations.push(Ablation {
                withheld: name,
                raw: score(&answers(captures, withheld, cancel)?, &[]),
            });
        }
        let flows = captures
            .iter()
            .flat_map(|labelled| labelled.capture.flows());
        Some(Self {
            captures: captures.len(),
            replays: flows.filter(|flow| is_replay(*flow)).count() as u32,
            raw: score(&answered, &[]),
            adjudicated: score(&answered, &overlay),
            ablations,
            overlay: overlay
                .into_iter()
                .map(|correction| review(correction, &answered))
                .collect(),
        })
    }
}

fn review(correction: Adjudicated, answered: &[Answered]) -> Reviewed {
    let found = answered.iter().find(|row| is_about(&correction, row));
    Reviewed {
        answered: found.cloned(),
        correction,
    }
}

fn is_about(correction: &Adjudicated, row: &Answered) -> bool {
    correction.entry == row.entry && correction.file == row.file
}

/// The answers for all flows that came over the network.
fn answers(
    captures: &[Labelled<'_>],
    withheld: Withheld,
    cancel: &Cancel,
) -> Option<Vec<Answered>> {
    let mut answers = Vec::new();
    for labelled in captures {
        let progress = Progress::default();
        let attribution = Attribution::withholding(labelled.capture, withheld, cancel, &progress)?;
        let flows = labelled.capture.flows().filter(|flow| !is_replay(*flow));
        answers.extend(flows.map(|flow| {
            let edge = attribution.verdict(flow.idx()).edge;
            let found = attribution.examine(labelled.capture, flow.idx());
            Answered {
                file: labelled.file.to_owned(),
                entry: flow.row().entry.saturating_sub(1),
                host: flow.host().to_owned(),
                label: flow.claimed_cdn().to_owned(),
                answer: edge.map_or_else(String::new, |edge| provider_id(edge.service)),
                conclusiveness: edge
                    .map_or(Conclusiveness::Insufficient, |edge| edge.conclusiveness),
                families: edge.map_or(0, |edge| families(&found, edge.service)),
            }
        }));
    }
    Some(answers)
}

/// Compares `answered` with its labels, or with the corrections of them; labels that name no provider do not count.
fn score(answered: &[Answered], overlay: &[Adjudicated]) -> Score {
    let truths: Vec<(&Answered, Truth)> = answered
        .iter()
        .filter_map(|row| {
            let correction = overlay.iter().find(|correction| is_about(correction, row));
            let truth = correction.map(|correction| correction.truth.clone());
            truth
                .or_else(|| Truth::of_label(&row.label))
                .map(|truth| (row, truth))
        })
        .collect();
    Score::of(truths.iter().map(|(row, truth)| (*row, truth)))
}

/// Number of families of evidence that speak for `edge` or for another edge of its network.
fn families(found: &Examination, edge: ServiceId) -> u8 {
    let network = catalogue().network_of(edge);
    let speaking = found.evidence.iter().filter(|item| {
        let is_edge =
            matches!(item.claim, Claim::Edge(it) if catalogue().network_of(it) == network);
        is_edge && item.speaks == Speaks::For
    });
    let families: BTreeSet<Family> = speaking.map(|item| item.family).collect();
    families.len() as u8
}

/// The provider of an edge; empty for software, which names no company.
fn provider_id(service: ServiceId) -> String {
    if catalogue().is_software(service) {
        return String::new();
    }
    let provider = catalogue().provider_of(service);
    catalogue().provider(provider).id.clone()
}
