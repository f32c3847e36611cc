//! Relations and parties as plain text: what `headwater verdicts` prints and what the clipboard takes.

use std::io::{self, Write};

use super::services::{
    CitedView, HypothesisView, PartyView, QUESTION, QuestionView, RelationView, WhyView, answer,
    common_caveats, roles,
};
use super::{ReportError, ReportInput, checked};
use crate::attribution::Conclusiveness;
use crate::attribution::roles::{PartyRoles, Relation};
use crate::base::text::{escape_for_terminal, shorten_middle, thousands};
use crate::document::Document;
use crate::redact::{Level, Redactor};

use super::Left;

/// Widest line on a terminal, in characters.
const WIDTH: usize = 79;
/// Longest quote, in characters.
const MAX_QUOTE: usize = 140;
/// Parties that a summary tells of.
const MAX_SUMMARISED: usize = 8;

/// Writes what every provider is to every party, for a terminal of 80 columns. Secrets are removed.
pub fn write_verdicts_text(
    input: &ReportInput<'_>,
    out: &mut dyn io::Write,
) -> Result<Left, ReportError> {
    let roles = roles(input)?;
    checked(input, out, |redactor, spool| {
        let mut page = Page::new(spool, WIDTH);
        if !roles.answer.is_empty() {
            page.line(0, &answer(&roles, redactor).join(" "))?;
        }
        if roles.parties.is_empty() {
            page.line(0, "Nothing here tells who serves it.")?;
        }
        let common = common_caveats(&roles);
        for party in &roles.parties {
            if input.cancel.is_cancelled() {
                return Err(ReportError::Cancelled);
            }
            let view = PartyView::of(input.document, party, &common, redactor);
            page.blank()?;
            page.party(&view)?;
        }
        if !common.is_empty() {
            page.blank()?;
            page.line(0, "Keep in mind")?;
        }
        for caveat in &common {
            page.line(2, &redactor.text(caveat))?;
        }
        Ok(())
    })
}

/// Writes the answer and the summaries of the largest parties, for a terminal of 80 columns. Secrets are removed.
pub fn write_answer_text(
    input: &ReportInput<'_>,
    out: &mut dyn io::Write,
) -> Result<Left, ReportError> {
    let roles = roles(input)?;
    checked(input, out, |redactor, spool| {
        let mut page = Page::new(spool, WIDTH);
        if !roles.answer.is_empty() {
            page.line(0, &answer(&roles, redactor).join(" "))?;
        }
        // The first one is told in the answer.
        let others = roles.parties.iter().skip(1);
        for party in others.clone().take(MAX_SUMMARISED) {
            let party = PartyView::of(input.document, party, &[], redactor);
            page.blank()?;
            page.heading(&party)?;
            page.line(2, &party.summary)?;
        }
        match others.count().saturating_sub(MAX_SUMMARISED) as u64 {
            0 => Ok(()),
            n => {
                page.blank()?;
                let n = thousands(n);
                Ok(page.line(0, &format!("{n} more in `headwater verdicts`"))?)
            }
        }
    })
}

/// A party with all its relations, for the clipboard. Secrets are removed.
pub fn party_text(document: &Document, party: &PartyRoles) -> String {
    text(|redactor, page| {
        let view = PartyView::of(document, party, &[], redactor);
        page.party(&view)
    })
}

/// One relation of `party`, for the clipboard. Secrets are removed.
pub fn relation_text(document: &Document, party: &PartyRoles, relation: &Relation) -> String {
    text(|redactor, page| {
        let view = PartyView::of(document, party, &[], redactor);
        let relations = view.relations.iter();
        for it in relations.filter(|it| std::ptr::eq(it.of, relation) || *it.of == *relation) {
            page.line(0, &it.sentence)?;
            page.relation(it, 0)?;
        }
        let asked = |it: &&QuestionView<'_>| Some(it.of.provider) == relation.provider();
        for question in view.questions.iter().filter(asked) {
            page.question(question, 0)?;
        }
        Ok(())
    })
}

/// What `write` writes, on lines that are not broken.
fn text(write: impl FnOnce(&mut Redactor, &mut Page<'_>) -> io::Result<()>) -> String {
    let mut bytes = Vec::new();
    let mut redactor = Redactor::new(Level::Balanced);
    // Memory takes everything.
    drop(write(&mut redactor, &mut Page::new(&mut bytes, usize::MAX)));
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Lines of text that are broken at blanks.
struct Page<'a> {
    out: &'a mut dyn Write,
    width: usize,
}

impl<'a> Page<'a> {
    fn new(out: &'a mut dyn Write, width: usize) -> Self {
        Self { out, width }
    }

    fn blank(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    /// `text`, `indent` characters from the left.
    fn line(&mut self, indent: usize, text: &str) -> io::Result<()> {
        self.item(indent, "", text)
    }

    /// `text` behind `mark`, all lines of it to the right of the mark.
    fn item(&mut self, indent: usize, mark: &str, text: &str) -> io::Result<()> {
        let hang = indent + mark.chars().count();
        let text = escape_for_terminal(text);
        let mut at = 0;
        for word in text.split(' ') {
            let n = word.chars().count();
            if at == 0 {
                write!(self.out, "{:indent$}{mark}{word}", "")?;
                at = hang + n;
            } else if at + 1 + n <= self.width {
                write!(self.out, " {word}")?;
                at += 1 + n;
            } else {
                write!(self.out, "\n{:hang$}{word}", "")?;
                at = hang + n;
            }
        }
        writeln!(self.out)
    }

    /// `expressen.se, the site itself: 306 requests, 4.7 MB, 8 hosts`.
    fn heading(&mut self, party: &PartyView<'_>) -> io::Result<()> {
        let standing = if party.standing.is_empty() {
            String::new()
        } else {
            format!(", {}", party.standing)
        };
        let size = party.size.words();
        self.line(0, &format!("{}{standing}: {size}", party.party))
    }

    fn party(&mut self, party: &PartyView<'_>) -> io::Result<()> {
        self.heading(party)?;
        self.line(2, &party.summary)?;
        for relation in &party.relations {
            self.blank()?;
            let sure = relation.of.conclusiveness.word();
            self.line(2, &format!("{}, {sure}", relation.title()))?;
            if !party.summary.contains(&relation.sentence) {
                self.line(4, &relation.sentence)?;
            }
            self.relation(relation, 4)?;
        }
        for question in &party.questions {
            self.blank()?;
            self.question(question, 2)?;
        }
        if !party.why.is_empty() && !party.relations.is_empty() {
            self.blank()?;
            self.line(2, &format!("Not attributed: {}", party.unknown.words()))?;
            self.reasons(&party.why)?;
        }
        if !party.validity.is_empty() {
            self.blank()?;
            self.line(2, "Validity")?;
            self.reasons(&party.validity)?;
        }
        if !party.caveats.is_empty() {
            self.blank()?;
            self.line(2, "Keep in mind")?;
        }
        for caveat in &party.caveats {
            self.line(4, caveat)?;
        }
        Ok(())
    }

    /// What stands below the sentence of a relation.
    fn reasons(&mut self, reasons: &[WhyView]) -> io::Result<()> {
        for why in reasons {
            let n = thousands(why.n_flows);
            self.line(4, &format!("{n}: {}", why.words))?;
        }
        Ok(())
    }

    fn relation(&mut self, relation: &RelationView<'_>, indent: usize) -> io::Result<()> {
        self.line(indent, &relation.about())?;
        for resource in &relation.resources {
            let (kind, id, about) = (resource.kind, &resource.id, &resource.about);
            let about = if about.is_empty() {
                String::new()
            } else {
                format!(": {about}")
            };
            self.line(indent, &format!("{kind} {id}{about}"))?;
        }
        if 0 < relation.n_resources_left_out {
            self.line(indent, &relation.resources_left_out())?;
        }
        for line in relation.behind_lines() {
            self.line(indent, &format!("behind it, {line}"))?;
        }
        self.list(indent, "Why", &relation.cited)?;
        if let Some(whose) = &relation.whose {
            let title = format!("Whose data: {}", whose.words);
            self.line(indent, &title)?;
            self.cited(indent + 2, &whose.cited)?;
        }
        self.advice(indent, &relation.would_settle_it)
    }

    fn list(&mut self, indent: usize, title: &str, cited: &[CitedView]) -> io::Result<()> {
        if !cited.is_empty() {
            self.line(indent, title)?;
        }
        self.cited(indent + 2, cited)
    }

    fn cited(&mut self, indent: usize, cited: &[CitedView]) -> io::Result<()> {
        for it in cited {
            let mark = if it.speaks == "for" { "+ " } else { "- " };
            let n = it.flow.n();
            let mut line = format!("{}, {}, #{n}", it.family, it.rule);
            if !it.more.is_empty() {
                line = format!("{line} {}", it.more);
            }
            self.item(indent, mark, &line)?;
            if !it.quote.is_empty() {
                self.line(indent + 4, &shorten_middle(&it.quote, MAX_QUOTE))?;
            }
        }
        Ok(())
    }

    fn advice(&mut self, indent: usize, advice: &[String]) -> io::Result<()> {
        if !advice.is_empty() {
            self.line(indent, "Would settle it")?;
        }
        for action in advice {
            self.item(indent + 2, "→ ", action)?;
        }
        Ok(())
    }

    fn question(&mut self, question: &QuestionView<'_>, indent: usize) -> io::Result<()> {
        let (provider, answer) = (&question.provider, &question.answer);
        self.line(indent, &format!("{QUESTION} at {provider}? {answer}"))?;
        self.line(indent + 2, &question.reason)?;
        for hypothesis in &question.hypotheses {
            self.hypothesis(hypothesis, indent + 2)?;
        }
        self.advice(indent + 2, &question.would_settle_it)
    }

    fn hypothesis(&mut self, hypothesis: &HypothesisView, indent: usize) -> io::Result<()> {
        let is_silent = hypothesis.cited.is_empty()
            && hypothesis.conclusiveness == Conclusiveness::Insufficient;
        let word = if is_silent {
            "–"
        } else {
            hypothesis.conclusiveness.word()
        };
        let title = hypothesis.title;
        self.line(indent, &format!("{title}: {word}"))?;
        self.cited(indent + 2, &hypothesis.cited)
    }
}
