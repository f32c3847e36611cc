//! The tab Headers: both sides in file order, with those that are evidence marked.

use super::shown;
use crate::attribution::{Claim, Evidence, Examination, claim_words};
use crate::base::bytes::Span;
use crate::capture::{Exchange, Flow, Side};
use crate::redact::{EntrySecrets, Redactor};

/// One header, or the first line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderLine {
    /// Name as written.
    pub name: String,
    /// Value, fit to be shown.
    pub value: String,
    /// What it is evidence for, and the rules that say so; empty when it is none.
    pub rules: String,
    /// Where the value lies.
    pub span: Span,
    haystack: String,
}

impl HeaderLine {
    /// True when `needle`, in lower case, is part of name or value.
    pub fn contains(&self, needle: &str) -> bool {
        needle.is_empty() || self.haystack.contains(needle)
    }
}

/// One side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderSide {
    /// `GET https://a.example/ HTTP/1.1`.
    pub start_line: String,
    /// The headers in file order.
    pub lines: Vec<HeaderLine>,
    /// Headers beyond the limit, which only the raw entry shows.
    pub n_left_out: usize,
}

/// Content of the tab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadersSheet {
    /// What was sent.
    pub request: HeaderSide,
    /// What came back; `None` without a response.
    pub response: Option<HeaderSide>,
    /// Both sides as text with secrets removed, for the clipboard.
    pub copy: String,
}

/// Most headers of one side that are shown.
const MAX_HEADERS: usize = 1_000;

impl HeadersSheet {
    pub(super) fn of(flow: Flow<'_>, exchange: &Exchange, examination: &Examination) -> Self {
        let side = |side| header_side(exchange, side, examination);
        Self {
            request: side(Side::Request).unwrap_or_default(),
            response: side(Side::Response),
            copy: redacted(flow, exchange),
        }
    }
}

fn header_side(exchange: &Exchange, side: Side, examination: &Examination) -> Option<HeaderSide> {
    let message = exchange.message(side)?;
    let lines = message.headers.iter().take(MAX_HEADERS).map(|header| {
        let rules: Vec<String> = examination
            .evidence
            .iter()
            .filter(|evidence| !header.span.is_empty() && evidence.span == Some(header.span))
            .map(claim_and_rule)
            .collect();
        let (name, value) = (shown(&header.name), shown(&header.value));
        HeaderLine {
            haystack: format!("{name}: {value}").to_lowercase(),
            name,
            value,
            rules: rules.join("\n"),
            span: header.span,
        }
    });
    Some(HeaderSide {
        start_line: shown(&message.start_line),
        lines: lines.collect(),
        n_left_out: message.headers.len().saturating_sub(MAX_HEADERS),
    })
}

/// `Amazon S3 as origin: rule aws/header-x-amz-id-2`.
fn claim_and_rule(evidence: &Evidence) -> String {
    let claim = claim_words(evidence);
    match evidence.claim {
        Claim::Void(_) => format!("Does not count: {claim} (rule {})", evidence.rule),
        Claim::Edge(_) | Claim::Origin(_) => {
            let sign = evidence.speaks.word();
            format!("Evidence {sign} {claim}: rule {}", evidence.rule)
        }
    }
}

/// Both sides as `name: value` lines, without what is a secret in any of them.
fn redacted(flow: Flow<'_>, exchange: &Exchange) -> String {
    let mut redactor = Redactor::default();
    redactor.enter(EntrySecrets::of_exchange(flow, exchange));
    let sides = [Some(&exchange.request), exchange.response.as_ref()];
    let mut lines = Vec::new();
    for message in sides.into_iter().flatten() {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(redactor.text(&message.start_line));
        lines.extend(message.headers.iter().take(MAX_HEADERS).map(|header| {
            let value = redactor.header(&header.name, &header.value);
            format!("{}: {value}", redactor.key(&header.name))
        }));
    }
    lines.join("\n")
}
