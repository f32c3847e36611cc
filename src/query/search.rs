//! Looks for a text in the URLs, headers and bodies of flows, on all cores, with hits as they come.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use regex::bytes::{Regex, RegexBuilder};

use crate::base::bytes::ByteSource;
use crate::base::jobs::{Cancel, Progress};
use crate::capture::{Body, Exchange, FlowId, Side};
use crate::document::Document;

/// Most hits of one search.
pub const MAX_HITS: usize = 10_000;
/// Most hits in one URL, header or body.
const MAX_IN_ONE: usize = 20;
/// Most bytes of a body that are looked at, after decoding.
const MAX_BODY: usize = 64 << 20;
/// Flows that are read before their hits are told.
const STEP: usize = 64;
/// Characters that an excerpt shows before and behind what was found.
const AROUND: usize = 48;
/// Most characters of what was found that an excerpt shows.
const MAX_FOUND: usize = 120;

/// What is looked for, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// A text, or a regular expression between slashes.
    pub text: String,
    /// Capitals and small letters differ.
    pub is_exact: bool,
    /// Looks at URLs.
    pub in_urls: bool,
    /// Looks at the headers of both sides.
    pub in_headers: bool,
    /// Looks at decoded bodies and WebSocket messages.
    pub in_bodies: bool,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            text: String::new(),
            is_exact: false,
            in_urls: true,
            in_headers: true,
            in_bodies: true,
        }
    }
}

/// Where something was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the URL.
    Url,
    /// In this header of this side, its name or its value.
    Header(Side, String),
    /// At this byte of the decoded body of this side.
    Body(Side, u64),
}

/// One place at which the text was found. It may hold secrets and stays in the window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// In which flow.
    pub flow: FlowId,
    /// Where in it.
    pub place: Place,
    /// What stands before it.
    pub before: String,
    /// What was found.
    pub found: String,
    /// What stands behind it.
    pub after: String,
}

/// A text that can be looked for.
#[derive(Clone, Debug)]
pub struct Pattern(Regex);

impl Pattern {
    /// Understands what is wanted, or says what is wrong with it; lower case, no full stop.
    pub fn of(wanted: &Wanted) -> Result<Self, String> {
        let text = wanted.text.as_str();
        let inner = text
            .strip_prefix('/')
            .and_then(|rest| rest.strip_suffix('/'));
        let pattern = match inner.filter(|inner| !inner.is_empty()) {
            Some(pattern) => pattern.to_owned(),
            None => regex::escape(text),
        };
        let regex = RegexBuilder::new(&pattern)
            .case_insensitive(!wanted.is_exact)
            .size_limit(1 << 20)
            .nest_limit(50)
            .build();
        match regex {
            Ok(regex) if regex.is_match(b"") => Err("this is found everywhere".to_owned()),
            Ok(regex) => Ok(Self(regex)),
            Err(regex::Error::CompiledTooBig(_)) => {
                Err("this regular expression is too large".to_owned())
            }
            Err(_) => Err("this is not a regular expression".to_owned()),
        }
    }

    /// Where it stands in `bytes`, from the beginning.
    pub fn all(&self, bytes: &[u8]) -> impl Iterator<Item = Range<usize>> {
        self.0.find_iter(bytes).map(|found| found.range())
    }

    fn places(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        self.all(bytes).take(MAX_IN_ONE).collect()
    }
}

/// How a search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Searched {
    /// True when all flows were looked at, false when cancelled or when there are more than [`MAX_HITS`].
    pub is_complete: bool,
    /// Flows whose headers and bodies could not be read again.
    pub n_unreadable: u64,
}

/// Looks through `flows` in their order and tells `on_hits` what was found, from time to time.
///
/// `progress` counts flows.
pub fn search(
    document: &Document,
    flows: &[FlowId],
    (wanted, pattern): (&Wanted, &Pattern),
    cancel: &Cancel,
    progress: &Progress,
    mut on_hits: impl FnMut(Vec<Hit>),
) -> Searched {
    progress.set_done(0);
    progress.set_total(flows.len() as u64);
    let mut n_left = MAX_HITS;
    let n_unreadable = AtomicU64::new(0);
    let searched = |is_complete| Searched {
        is_complete,
        n_unreadable: n_unreadable.load(Ordering::Relaxed),
    };
    for step in flows.chunks(STEP) {
        if cancel.is_cancelled() || n_left == 0 {
            return searched(false);
        }
        let found: Vec<Vec<Hit>> = step
            .par_iter()
            .map(|flow| {
                let mut hits = Vec::new();
                if in_flow(document, *flow, (wanted, pattern), cancel, &mut hits).is_none() {
                    n_unreadable.fetch_add(1, Ordering::Relaxed);
                }
                hits
            })
            .collect();
        let mut hits = found.concat();
        hits.truncate(n_left);
        n_left -= hits.len();
        progress.add(step.len() as u64);
        if !hits.is_empty() {
            on_hits(hits);
        }
    }
    searched(!cancel.is_cancelled())
}

/// Adds what stands in one flow to `hits`; `None` when its entry cannot be read again.
fn in_flow(
    document: &Document,
    id: FlowId,
    (wanted, pattern): (&Wanted, &Pattern),
    cancel: &Cancel,
    hits: &mut Vec<Hit>,
) -> Option<()> {
    let Some(flow) = document.flow(id).filter(|_| !cancel.is_cancelled()) else {
        return Some(());
    };
    if wanted.in_urls {
        let url = flow.url().as_bytes();
        let found = pattern.places(url).into_iter();
        hits.extend(found.map(|at| hit(id, Place::Url, url, at)));
    }
    if !wanted.in_headers && !wanted.in_bodies {
        return Some(());
    }
    let exchange = document.exchange(id)?;
    for side in [Side::Request, Side::Response] {
        if wanted.in_headers {
            in_headers(id, &exchange, side, pattern, hits);
        }
        if wanted.in_bodies {
            let source = flow.capture().source();
            for body in bodies(&exchange, side) {
                in_body(id, (side, body), source, pattern, hits);
            }
        }
    }
    Some(())
}

fn in_headers(id: FlowId, exchange: &Exchange, side: Side, pattern: &Pattern, hits: &mut Vec<Hit>) {
    let Some(message) = exchange.message(side) else {
        return;
    };
    for header in &message.headers {
        let line = format!("{}: {}", header.name, header.value).into_bytes();
        let found = pattern.places(&line).into_iter();
        let place = || Place::Header(side, header.name.clone());
        hits.extend(found.map(|at| hit(id, place(), &line, at)));
    }
}

/// The body of one side, and the WebSocket messages that it sent.
fn bodies(exchange: &Exchange, side: Side) -> impl Iterator<Item = &Body> {
    let body = exchange
        .message(side)
        .and_then(|message| message.body.as_ref());
    let frames = exchange
        .socket
        .iter()
        .filter(move |frame| frame.is_from_client == (side == Side::Request));
    body.into_iter().chain(frames.map(|frame| &frame.body))
}

fn in_body(
    id: FlowId,
    (side, body): (Side, &Body),
    source: &ByteSource,
    pattern: &Pattern,
    hits: &mut Vec<Hit>,
) {
    let Ok(text) = body.read(source, MAX_BODY) else {
        return;
    };
    let found = pattern.places(&text.bytes).into_iter();
    hits.extend(found.map(|at| {
        let place = Place::Body(side, at.start as u64);
        hit(id, place, &text.bytes, at)
    }));
}

/// The hit at `at` of `bytes`, with what stands around it on one line.
fn hit(flow: FlowId, place: Place, bytes: &[u8], at: Range<usize>) -> Hit {
    let from = at.start.saturating_sub(4 * AROUND);
    let to = (at.end + 4 * AROUND).min(bytes.len());
    let before = one_line(&bytes[from..at.start]);
    let skipped = before.chars().count().saturating_sub(AROUND);
    let found = one_line(&bytes[at.clone()]);
    Hit {
        flow,
        place,
        before: before.chars().skip(skipped).collect(),
        found: found.chars().take(MAX_FOUND).collect(),
        after: one_line(&bytes[at.end..to]).chars().take(AROUND).collect(),
    }
}

/// Bytes as text on one line; what cannot be shown becomes a space.
fn one_line(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let shown = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_taken_as_they_are_and_patterns_between_slashes() {
        let places = |text: &str, is_exact, bytes: &str| {
            let wanted = Wanted {
                text: text.to_owned(),
                is_exact,
                ..Wanted::default()
            };
            Pattern::of(&wanted).map(|pattern| pattern.places(bytes.as_bytes()).len())
        };
        assert_eq!(places("a.b", false, "A.B axb a.b"), Ok(2));
        assert_eq!(places("a.b", true, "A.B axb a.b"), Ok(1));
        assert_eq!(places("/a.b/", false, "A.B axb a.b"), Ok(3));
        assert_eq!(places("/a/b", false, "/a/b"), Ok(1));
        assert!(places("/a(/", false, "").is_err());
        assert!(places("/a*/", false, "").is_err());
        assert!(places("", false, "").is_err());
    }

    #[test]
    fn an_excerpt_is_one_short_line() {
        let text = format!("{}\n<b>needle</b>\r\n{}", "x".repeat(300), "y".repeat(300));
        let start = text.find("needle").expect("it is there");
        let hit = hit(FlowId(0), Place::Url, text.as_bytes(), start..start + 6);
        assert_eq!(hit.before.chars().count(), AROUND);
        assert!(hit.before.ends_with(" <b>"), "{hit:?}");
        assert_eq!(hit.found, "needle");
        assert!(hit.after.starts_with("</b>  yyy"), "{hit:?}");
        assert_eq!(hit.after.chars().count(), AROUND);
    }
}
