//! The tab Evidence: what speaks for and against, the verdict in words, and what would settle it.

use std::collections::BTreeSet;

use super::rule::RuleText;
use super::shown;
use crate::attribution::{
    Carrier, Claim, Conclusiveness, Evidence, Examination, Role, Speaks, Strength, Verdict,
    claim_words,
};
use crate::base::bytes::Span;
use crate::capture::{Exchange, FlowId, HeaderField};
use crate::document::Document;
use crate::providers::{ServiceId, catalogue};

/// The direction of one finding, in the order in which they are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sign {
    /// Supports its claim.
    For,
    /// Contradicts its claim.
    Against,
    /// Says that evidence of this family must not be used here.
    Void,
}

impl Sign {
    /// The name of the group.
    pub const fn title(self) -> &'static str {
        match self {
            Self::For => "For",
            Self::Against => "Against",
            Self::Void => "Set aside",
        }
    }

    /// What it means, in a sentence.
    pub const fn about(self) -> &'static str {
        match self {
            Self::For => "Speaks for it",
            Self::Against => "Speaks against it",
            Self::Void => "Must not be used here",
        }
    }
}

/// One row of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// For, against, or void.
    pub sign: Sign,
    /// The family; empty when the row above in its group has the same.
    pub family: &'static str,
    /// What it was read from; empty when it is no text of the file.
    pub quote: String,
    /// About whom, as what: `Amazon S3 as origin`, and with which other flow.
    pub about: String,
    /// Where the rule comes from and its date.
    pub source: String,
    /// The rule that read it.
    pub rule: RuleText,
    /// How much it weighs; `None` for what must not be weighed.
    pub strength: Option<Strength>,
    /// Where its header value lies, when it was read from a header.
    pub header: Option<Span>,
}

/// How a part of the verdict line is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tint {
    /// In the colour of this role.
    Role(Role),
    /// In the colour of contradictions.
    Conflict,
    /// Secondary.
    Plain,
}

/// Content of the tab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceSheet {
    /// What speaks for it, then against it, then what was set aside; in each, one family behind the other.
    pub findings: Vec<Finding>,
    /// `Origin: Amazon S3`, `edge: none`, `conclusive, 3 families agree`.
    pub verdict: Vec<(Tint, String)>,
    /// How sure, for the bars.
    pub conclusiveness: Conclusiveness,
    /// `Akamai CDN ← Amazon S3`, when more than one party is seen.
    pub chain: Option<String>,
    /// Where the parties stand: `Amazon S3 in eu-west-1`.
    pub regions: Vec<String>,
    /// Why nothing could be said, in a sentence.
    pub explanation: Option<&'static str>,
    /// Other explanations.
    pub rivals: Vec<String>,
    /// What a person could do.
    pub would_settle_it: Vec<String>,
    /// What the measuring program wrote down.
    pub claim: Option<String>,
}

impl EvidenceSheet {
    /// The findings of each sign that there are any of.
    pub fn groups(&self) -> impl Iterator<Item = (Sign, &[Finding])> {
        let groups = self
            .findings
            .chunk_by(|above, below| above.sign == below.sign);
        groups.filter_map(|group| Some((group.first()?.sign, group)))
    }

    /// The `n` findings of this sign that weigh the most.
    pub fn strongest(&self, sign: Sign, n: usize) -> Vec<&Finding> {
        let mut findings: Vec<_> = self
            .findings
            .iter()
            .filter(|finding| finding.sign == sign)
            .collect();
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.strength));
        findings.truncate(n);
        findings
    }

    /// The sheet of `flow`.
    pub(super) fn of(
        document: &Document,
        flow: FlowId,
        examination: &Examination,
        exchange: &Exchange,
    ) -> Self {
        let verdict = examination.verdict;
        let name = |service: &ServiceId| catalogue().service(*service).name.as_str();
        let chain: Vec<&str> = examination.chain.iter().map(name).collect();
        let regions = [verdict.edge, verdict.origin]
            .into_iter()
            .flatten()
            .filter_map(|part| {
                let region = document.region(flow, part.region?);
                Some(format!("{} in {}", name(&part.service), shown(region)))
            })
            .collect();
        let claim = document.flow(flow).map_or("", |flow| flow.claimed_cdn());
        Self {
            findings: findings(document, flow, &examination.evidence, exchange),
            verdict: verdict_line(verdict, &examination.evidence),
            conclusiveness: verdict.conclusiveness,
            chain: (1 < chain.len()).then(|| chain.join(" ← ")),
            regions,
            explanation: explanation(verdict, &examination.evidence),
            rivals: examination.rivals.clone(),
            would_settle_it: examination.would_settle_it.clone(),
            claim: (!claim.is_empty())
                .then(|| format!("WebPageTest says {} (not weighed)", shown(claim))),
        }
    }
}

fn findings(
    document: &Document,
    flow: FlowId,
    evidence: &[Evidence],
    exchange: &Exchange,
) -> Vec<Finding> {
    let mut findings: Vec<Finding> = evidence
        .iter()
        .map(|evidence| finding(document, flow, evidence, exchange))
        .collect();
    findings.sort_by_key(|finding| finding.sign);
    let mut above = None;
    for finding in &mut findings {
        let here = (finding.sign, finding.family);
        if above.replace(here) == Some(here) {
            finding.family = "";
        }
    }
    findings
}

fn finding(document: &Document, flow: FlowId, evidence: &Evidence, exchange: &Exchange) -> Finding {
    let number = |row: u32| {
        let (idx, _) = document.locate(flow)?;
        Some(document.flow_id(idx, row).n())
    };
    let (sign, about) = about(evidence);
    let other = evidence.with.and_then(number);
    let with = other.map_or_else(String::new, |n| format!(", with flow {n}"));
    let header = header(evidence, exchange);
    Finding {
        sign,
        family: evidence.family.title(),
        quote: shown(&quote(evidence, header)),
        about: format!("{about}{with}"),
        source: evidence.source.clone(),
        rule: RuleText::of(&evidence.rule),
        strength: (sign != Sign::Void).then_some(evidence.strength),
        header: header.map(|header| header.span),
    }
}

/// Whether it speaks for or against, and about whom as what.
pub(super) fn about(evidence: &Evidence) -> (Sign, String) {
    let sign = match evidence.claim {
        Claim::Void(_) => Sign::Void,
        Claim::Edge(_) | Claim::Origin(_) => sign(evidence.speaks),
    };
    (sign, claim_words(evidence))
}

/// The header that was read, if it was one.
fn header<'e>(evidence: &Evidence, exchange: &'e Exchange) -> Option<&'e HeaderField> {
    let sides = [Some(&exchange.request), exchange.response.as_ref()];
    let mut headers = sides.into_iter().flatten().flat_map(|side| &side.headers);
    headers.find(|header| !header.span.is_empty() && evidence.span == Some(header.span))
}

/// What was read; for a header, with its name in front.
fn quote(evidence: &Evidence, header: Option<&HeaderField>) -> String {
    header.map_or_else(
        || evidence.quote.clone(),
        |header| format!("{}: {}", header.name, evidence.quote),
    )
}

const fn sign(speaks: Speaks) -> Sign {
    match speaks {
        Speaks::For => Sign::For,
        Speaks::Against => Sign::Against,
    }
}

fn verdict_line(verdict: Verdict, evidence: &[Evidence]) -> Vec<(Tint, String)> {
    let name = |part: Option<Carrier>, absent: &str| {
        part.map_or_else(
            || absent.to_owned(),
            |part| catalogue().service(part.service).name.clone(),
        )
    };
    let mut line = match verdict.role {
        Role::Origin => vec![
            (
                Tint::Role(Role::Origin),
                format!("Origin: {}", name(verdict.origin, "not named")),
            ),
            (Tint::Plain, format!("edge: {}", name(verdict.edge, "none"))),
        ],
        Role::Cdn => vec![
            (
                Tint::Role(Role::Cdn),
                format!("CDN: {}", name(verdict.edge, "not named")),
            ),
            (
                Tint::Plain,
                format!("origin: {}", name(verdict.origin, "not seen")),
            ),
        ],
        Role::Unknown => {
            let mut line = vec![(Tint::Role(Role::Unknown), "Unknown".to_owned())];
            if let Some(part) = verdict.terminating() {
                line.push((Tint::Plain, format!("perhaps {}", name(Some(part), ""))));
            }
            line
        }
    };
    let n = n_families(verdict, evidence);
    let word = verdict.conclusiveness.word();
    if verdict.conclusiveness == Conclusiveness::Conflicting {
        line.push((Tint::Conflict, format!("{word} evidence")));
    } else if verdict.role == Role::Unknown || n == 0 {
        line.push((Tint::Plain, format!("{word} evidence")));
    } else {
        let agree = if n == 1 {
            "1 family".to_owned()
        } else {
            format!("{n} families agree")
        };
        line.push((Tint::Plain, format!("{word}, {agree}")));
    }
    line
}

/// Number of families that speak for the party that is named first.
fn n_families(verdict: Verdict, evidence: &[Evidence]) -> usize {
    let claim = match (verdict.edge, verdict.origin) {
        (Some(edge), _) => Claim::Edge(edge.service),
        (None, Some(origin)) => Claim::Origin(origin.service),
        (None, None) => return 0,
    };
    let families: BTreeSet<_> = evidence
        .iter()
        .filter(|evidence| evidence.speaks == Speaks::For && evidence.claim == claim)
        .map(|evidence| evidence.family)
        .collect();
    families.len()
}

/// Why there is no answer.
fn explanation(verdict: Verdict, evidence: &[Evidence]) -> Option<&'static str> {
    if verdict.role != Role::Unknown {
        return None;
    }
    Some(if verdict.conclusiveness == Conclusiveness::Conflicting {
        "The evidence names parties that exclude each other, so none is chosen"
    } else if evidence.is_empty() {
        "Neither address, name nor headers match any rule: the provider may be one that no pack describes"
    } else if evidence
        .iter()
        .all(|evidence| matches!(evidence.claim, Claim::Void(_)))
    {
        "What was found says nothing about the server, so nothing was weighed"
    } else {
        "What was found is too weak, or fits both a CDN and an origin"
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribution::{Family, Strength};

    fn carrier(path: &str, conclusiveness: Conclusiveness) -> Carrier {
        Carrier {
            service: catalogue().find(path).expect("a pack describes it"),
            region: None,
            conclusiveness,
        }
    }

    fn observed(family: Family, claim: Claim) -> Evidence {
        Evidence {
            family,
            rule: "test/rule".to_owned(),
            claim,
            speaks: Speaks::For,
            strength: Strength::Strong,
            quote: "as\u{202e}written".to_owned(),
            span: None,
            source: "Handbook, 2026-11".to_owned(),
            with: None,
        }
    }

    fn check(verdict: Verdict, evidence: &[Evidence], expected: &str) {
        let line = verdict_line(verdict, evidence);
        let parts: Vec<&str> = line.iter().map(|(_, part)| part.as_str()).collect();
        assert_eq!(parts.join(" · "), expected);
    }

    #[test]
    fn the_verdict_line_counts_families_and_not_observations() {
        let origin = carrier("aws/s3", Conclusiveness::Conclusive);
        let edge = carrier("akamai/cdn", Conclusiveness::Strong);
        let evidence = [
            observed(Family::Name, Claim::Origin(origin.service)),
            observed(Family::StorageId, Claim::Origin(origin.service)),
            observed(Family::StorageId, Claim::Origin(origin.service)),
            observed(Family::Address, Claim::Origin(edge.service)),
        ];
        let verdict = Verdict {
            origin: Some(origin),
            role: Role::Origin,
            conclusiveness: Conclusiveness::Conclusive,
            ..Verdict::UNKNOWN
        };
        check(
            verdict,
            &evidence,
            "Origin: Amazon S3 · edge: none · conclusive, 2 families agree",
        );
        let verdict = Verdict {
            edge: Some(edge),
            role: Role::Cdn,
            conclusiveness: Conclusiveness::Strong,
            ..Verdict::UNKNOWN
        };
        check(
            verdict,
            &[],
            "CDN: Akamai CDN · origin: not seen · strong evidence",
        );
        check(Verdict::UNKNOWN, &[], "Unknown · insufficient evidence");
    }

    #[test]
    fn a_family_is_named_once_and_nothing_hides_in_a_quote() {
        let void = observed(Family::Address, Claim::Void(Family::Address));
        let document = Document::new("");
        let voids = [void.clone(), void.clone()];
        let rows = findings(&document, FlowId(0), &voids, &Exchange::default());
        let shown: Vec<_> = rows.iter().map(|row| (row.sign, row.family)).collect();
        assert_eq!(shown, [(Sign::Void, "Address"), (Sign::Void, "")]);
        assert_eq!(rows[0].quote, "as\\u{202e}written");
        let words = explanation(Verdict::UNKNOWN, &[void]).unwrap_or_default();
        assert!(words.contains("nothing was weighed"), "{words}");
    }

    #[test]
    fn findings_are_listed_by_what_they_speak_for() {
        let origin = Claim::Origin(carrier("aws/s3", Conclusiveness::Strong).service);
        let against = Evidence {
            speaks: Speaks::Against,
            ..observed(Family::Name, origin)
        };
        let void = observed(Family::Address, Claim::Void(Family::Address));
        let evidence = [
            void,
            observed(Family::Name, origin),
            against,
            observed(Family::Name, origin),
        ];
        let document = Document::new("");
        let rows = findings(&document, FlowId(0), &evidence, &Exchange::default());
        let shown: Vec<_> = rows.iter().map(|row| (row.sign, row.family)).collect();
        let expected = [
            (Sign::For, "Name"),
            (Sign::For, ""),
            (Sign::Against, "Name"),
            (Sign::Void, "Address"),
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn the_strongest_findings_come_first_at_a_glance() {
        let origin = Claim::Origin(carrier("aws/s3", Conclusiveness::Strong).service);
        let weighed = |strength| Evidence {
            strength,
            ..observed(Family::Name, origin)
        };
        let evidence = [Strength::Suggestive, Strength::Conclusive, Strength::Strong];
        let evidence = evidence.map(weighed);
        let document = Document::new("");
        let sheet = EvidenceSheet {
            findings: findings(&document, FlowId(0), &evidence, &Exchange::default()),
            verdict: Vec::new(),
            conclusiveness: Conclusiveness::Strong,
            chain: None,
            regions: Vec::new(),
            explanation: None,
            rivals: Vec::new(),
            would_settle_it: Vec::new(),
            claim: None,
        };
        let strongest = sheet.strongest(Sign::For, 2).into_iter();
        let strengths: Vec<_> = strongest.map(|finding| finding.strength).collect();
        let expected = [Strength::Conclusive, Strength::Strong].map(Some);
        assert_eq!(strengths, expected);
        assert!(sheet.strongest(Sign::Against, 2).is_empty());
    }
}
