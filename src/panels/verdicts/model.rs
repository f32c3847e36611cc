//! What the list of verdicts and the sheet of one of them say.

use crate::attribution::{Cited, Conclusiveness, Hypothesis, PartyVerdict, Role, Verdict};
use crate::base::jobs::Cancel;
use crate::base::text::{counted, escape_for_terminal, thousands};
use crate::capture::FlowId;
use crate::document::Document;
use crate::providers::{ProviderId, catalogue};

/// A party and a provider: what a verdict is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Whose traffic.
    pub party: String,
    /// Who carries it.
    pub provider: ProviderId,
}

/// All verdicts of the document, the pair with most flows first.
#[derive(Clone, Debug, Default)]
pub struct Verdicts {
    sheets: Vec<Sheet>,
}

/// One verdict, put into words.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// What it is about.
    pub pair: Pair,
    /// The party as it may be shown.
    pub party: String,
    /// The provider's name.
    pub provider: &'static str,
    /// `12 flows`.
    pub n_flows: String,
    /// `Backend storage`, or `Inconclusive`.
    pub answer: &'static str,
    /// How conclusive the answer is.
    pub conclusiveness: Conclusiveness,
    /// Which evidence carries it, or why there is none.
    pub reason: String,
    /// The hypotheses with what speaks for and against them.
    pub hypotheses: Vec<HypothesisLines>,
    /// What a person could do, as sentences.
    pub would_settle_it: Vec<String>,
    /// What to keep in mind, as sentences.
    pub caveats: Vec<String>,
    /// The filter that keeps just these flows.
    pub filter: String,
    flows: Vec<FlowId>,
}

/// One hypothesis of a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HypothesisLines {
    /// Which one.
    pub hypothesis: Hypothesis,
    /// How conclusive the evidence for it is.
    pub conclusiveness: Conclusiveness,
    /// What speaks for it, then what speaks against it.
    pub lines: Vec<Line>,
}

/// One piece of evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// True for what speaks for the hypothesis.
    pub is_for: bool,
    /// Kind of evidence.
    pub family: &'static str,
    /// What it was read from.
    pub quote: String,
    /// The rule that read it.
    pub rule: String,
    /// The first flow that shows it.
    pub flow: FlowId,
    /// `#3`, or `#3 and 12 more`.
    pub place: String,
}

impl Verdicts {
    /// Judges all pairs; `None` when cancelled.
    pub fn of(document: &Document, cancel: &Cancel) -> Option<Self> {
        let verdicts = document.judge_parties(cancel)?;
        let sheets = verdicts.into_iter();
        Some(Self {
            sheets: sheets.map(|verdict| Sheet::of(document, verdict)).collect(),
        })
    }

    /// Number of pairs.
    pub fn len(&self) -> usize {
        self.sheets.len()
    }

    /// True when no party is served by a provider.
    pub fn is_empty(&self) -> bool {
        self.sheets.is_empty()
    }

    /// The verdict in row `idx` of the list.
    pub fn get(&self, idx: usize) -> Option<&Sheet> {
        self.sheets.get(idx)
    }

    /// The verdict about `pair`.
    pub fn find(&self, pair: &Pair) -> Option<&Sheet> {
        self.sheets.iter().find(|sheet| sheet.pair == *pair)
    }
}

impl Sheet {
    fn of(document: &Document, verdict: PartyVerdict) -> Self {
        let hypotheses = verdict.hypotheses.iter().map(|weighed| {
            let supporting = weighed.supporting.iter().map(|cited| line(true, cited));
            let opposing = weighed.opposing.iter().map(|cited| line(false, cited));
            HypothesisLines {
                hypothesis: weighed.hypothesis,
                conclusiveness: weighed.conclusiveness,
                lines: supporting.chain(opposing).collect(),
            }
        });
        Self {
            hypotheses: hypotheses.collect(),
            party: escape_for_terminal(&verdict.party).into_owned(),
            provider: &catalogue().provider(verdict.provider).name,
            n_flows: counted(verdict.flows.len() as u64, "flow"),
            answer: verdict.verdict.map_or("Inconclusive", Hypothesis::title),
            conclusiveness: verdict.conclusiveness,
            reason: sentence(&verdict.reason),
            would_settle_it: verdict
                .would_settle_it
                .iter()
                .map(|it| sentence(it))
                .collect(),
            caveats: verdict.caveats.iter().map(|it| sentence(it)).collect(),
            filter: filter(document, &verdict),
            flows: verdict.flows,
            pair: Pair {
                party: verdict.party,
                provider: verdict.provider,
            },
        }
    }

    /// True when the verdict rests on `flow`, among others.
    pub fn has(&self, flow: FlowId) -> bool {
        self.flows.binary_search(&flow).is_ok()
    }

    /// The whole row of the list, for screen readers.
    pub fn spoken(&self) -> String {
        format!(
            "{} at {}, {}, {}, {}",
            self.party,
            self.provider,
            self.answer,
            self.conclusiveness.word(),
            self.n_flows
        )
    }
}

impl HypothesisLines {
    /// `3 for, 1 against`; empty when nothing speaks either way.
    pub fn counts(&self) -> String {
        let n_for = self.lines.iter().filter(|line| line.is_for).count();
        let parts = [(n_for, "for"), (self.lines.len() - n_for, "against")];
        let told = parts.iter().filter(|(n, _)| 0 < *n);
        let words: Vec<String> = told.map(|(n, word)| format!("{n} {word}")).collect();
        words.join(", ")
    }
}

fn line(is_for: bool, cited: &Cited) -> Line {
    let place = match cited.n_flows {
        0 | 1 => format!("#{}", cited.flow.n()),
        n => format!(
            "#{} and {} more",
            cited.flow.n(),
            thousands(u64::from(n) - 1)
        ),
    };
    Line {
        is_for,
        family: cited.evidence.family.title(),
        quote: escape_for_terminal(&cited.evidence.quote).into_owned(),
        rule: cited.evidence.rule.clone(),
        flow: cited.flow,
        place,
    }
}

/// `text` with a capital at its start.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

/// The filter for the flows of a verdict: those of the party that name the provider, or that name nobody.
fn filter(document: &Document, verdict: &PartyVerdict) -> String {
    let names_it = |verdict: Verdict, provider| {
        let parts = [verdict.edge, verdict.origin];
        let mut parts = parts.into_iter().flatten();
        parts.any(|part| catalogue().provider_of(part.service) == provider)
    };
    let provider = verdict.provider;
    let id = &catalogue().provider(provider).id;
    let party = format!("party=\"{}\"", verdict.party.replace('"', ""));
    let flows = || verdict.flows.iter().map(|flow| document.verdict(*flow));
    if flows().all(|verdict| names_it(verdict, provider)) {
        format!("{party} (edge^={id}/ | origin^={id}/)")
    } else if flows().all(|verdict| verdict.role == Role::Unknown) {
        format!("{party} role:unknown")
    } else {
        party
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribution::Attribution;
    use crate::base::jobs::Progress;
    use crate::formats::{self, Watch};
    use crate::query::{Query, run};

    fn sample() -> Document {
        let bytes = include_bytes!("../../../assets/samples/wifi-proxy-2011.har");
        let watch = Watch {
            cancel: &Cancel::default(),
            progress: &Progress::default(),
            on_rows: &|_| {},
        };
        let capture = formats::read_bytes(
            "sample.har",
            bytes.to_vec(),
            &formats::Options::default(),
            &watch,
        )
        .expect("a sample");
        let first = Attribution::of(&capture, watch.cancel, watch.progress);
        let both = first.and_then(|it| it.with_bodies(&capture, watch.cancel, watch.progress));
        let mut document = Document::new("");
        document.push(capture, both.expect("not cancelled"));
        document
    }

    #[test]
    fn the_filter_of_a_verdict_keeps_just_its_flows() {
        let document = sample();
        let verdicts = Verdicts::of(&document, &Cancel::default()).expect("not cancelled");
        assert_eq!(verdicts.len(), 3);
        for idx in 0..verdicts.len() {
            let sheet = verdicts.get(idx).expect("in the list");
            let query = Query {
                filter: sheet.filter.clone(),
                ..Query::default()
            };
            let rows = run(&document, &query, &Cancel::default()).expect("not cancelled");
            let rows = rows.expect("a filter that can be used");
            assert_eq!(rows.flows, sheet.flows, "{}", sheet.filter);
            assert!(sheet.has(sheet.flows[0]));
            assert!(verdicts.find(&sheet.pair).is_some());
        }
    }

    #[test]
    fn a_sheet_says_what_speaks_for_and_against() {
        let document = sample();
        let verdicts = Verdicts::of(&document, &Cancel::default()).expect("not cancelled");
        let answers: Vec<String> = (0..verdicts.len())
            .filter_map(|idx| Some(verdicts.get(idx)?.spoken()))
            .collect();
        let expected = "icloud.com at Azure, Backend storage, conclusive, 2 flows";
        assert!(
            answers.iter().any(|answer| answer == expected),
            "{answers:?}"
        );
        let sheet = verdicts.get(1).expect("three verdicts");
        assert_eq!(sheet.hypotheses.len(), Hypothesis::ALL.len());
        assert_eq!(sheet.hypotheses[0].counts(), "4 for");
        assert!(sheet.reason.starts_with("Carried by"), "{}", sheet.reason);
    }
}
