//! The question of 2011 as it is told: its answer, and the three hypotheses with what speaks for and against each.

use super::Names;
use super::relation::{CitedView, cited};
use crate::attribution::Conclusiveness;
use crate::attribution::roles::Question;
use crate::providers::catalogue;
use crate::redact::Redactor;

/// What is asked, of one provider or of all.
pub(in crate::reports) const QUESTION: &str = "Storage, hosted there, or CDN only";

/// The question of 2011, asked of one party at one provider.
pub(in crate::reports) struct QuestionView<'a> {
    pub(in crate::reports) of: &'a Question,
    pub(in crate::reports) provider: String,
    /// `CDN only, strong`; `inconclusive, leaning to CDN only`.
    pub(in crate::reports) answer: String,
    /// What carries the answer, or why there is none, as a clause.
    pub(in crate::reports) reason: String,
    /// All three.
    pub(in crate::reports) hypotheses: Vec<HypothesisView>,
    pub(in crate::reports) would_settle_it: Vec<String>,
}

/// One hypothesis.
pub(in crate::reports) struct HypothesisView {
    pub(in crate::reports) title: &'static str,
    pub(in crate::reports) conclusiveness: Conclusiveness,
    /// What speaks for it, then what speaks against it.
    pub(in crate::reports) cited: Vec<CitedView>,
}

impl<'a> QuestionView<'a> {
    pub(super) fn of(question: &'a Question, names: &Names, redactor: &mut Redactor) -> Self {
        let hypotheses = question.hypotheses.iter().map(|weighed| HypothesisView {
            title: weighed.hypothesis.title(),
            conclusiveness: weighed.conclusiveness,
            cited: cited(&weighed.supporting, &weighed.opposing, redactor),
        });
        let hypotheses = hypotheses.collect();
        let advice = question.would_settle_it.iter();
        Self {
            of: question,
            provider: catalogue().provider(question.provider).name.clone(),
            answer: answer_words(question),
            reason: names.sentence(&question.reason, redactor),
            hypotheses,
            would_settle_it: advice.map(|text| names.sentence(text, redactor)).collect(),
        }
    }
}

fn answer_words(question: &Question) -> String {
    match (question.answer, question.lean) {
        (Some(answer), _) => format!("{}, {}", answer.title(), question.conclusiveness.word()),
        (None, Some(lean)) => format!("Inconclusive, leaning to {}", in_a_sentence(lean.title())),
        (None, None) => "Inconclusive".to_owned(),
    }
}

/// `Backend storage` as `backend storage`, `CDN only` as it is.
fn in_a_sentence(title: &str) -> String {
    let mut chars = title.chars();
    match (chars.next(), chars.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            format!("{}{}", first.to_lowercase(), chars.as_str())
        }
        _ => title.to_owned(),
    }
}
