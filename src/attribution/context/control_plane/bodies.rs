//! The second pass: looks for the URLs of requests in the bodies of earlier responses.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, MatchKind};
use memchr::memmem;
use rayon::prelude::*;

use super::{ControlPlane, Handout, Means, is_success};
use crate::base::jobs::{Cancel, Progress};
use crate::capture::{Capture, Flow};

/// Most bytes of one body that are searched.
const MAX_BODY: usize = 1 << 20;
/// Longest entry that is read again for its body, in bytes.
const MAX_ENTRY: u32 = 64 << 20;
/// Most requests whose URLs are looked for.
const MAX_SOUGHT: usize = 50_000;
/// Shorter paths occur everywhere.
const MIN_PATH: usize = 8;

impl ControlPlane {
    /// Looks for the URLs of the flows that `is_sought` picks in the bodies of earlier responses of other hosts, and adds
    /// who handed them out. Returns `None` when cancelled.
    pub(in crate::attribution) fn look_into_bodies(
        &self,
        capture: &Capture,
        is_sought: impl Fn(Flow<'_>) -> bool,
        cancel: &Cancel,
        progress: &Progress,
    ) -> Option<Self> {
        let sought = capture.flows().filter(|flow| is_sought(*flow));
        let sought: Vec<Flow<'_>> = sought.take(MAX_SOUGHT).collect();
        let mut found = self.clone();
        let Some(search) = Search::new(&sought) else {
            return Some(found);
        };
        let last = sought.last().map_or(0, |flow| flow.idx());
        let earlier = capture.flows().take_while(|flow| flow.idx() < last);
        let sources: Vec<Flow<'_>> = earlier.filter(|flow| may_hand_out(*flow)).collect();
        progress.set_done(0);
        progress.set_total(sources.len() as u64);
        let hits: Vec<Vec<(u32, Handout)>> = sources
            .par_iter()
            .map(|source| {
                if cancel.is_cancelled() {
                    return Vec::new();
                }
                let hits = search.hits(*source);
                progress.add(1);
                hits
            })
            .collect();
        // In file order, so that the last one before the request counts.
        found.handouts.extend(hits.into_iter().flatten());
        (!cancel.is_cancelled()).then_some(found)
    }
}

/// True for responses whose bodies can hold a URL for a program to read.
fn may_hand_out(flow: Flow<'_>) -> bool {
    const TEXTUAL: [&str; 8] = [
        "json",
        "xml",
        "html",
        "text/",
        "javascript",
        "protobuf",
        "grpc",
        "form-urlencoded",
    ];
    let is_readable = matches!(flow.mime(), "" | "application/octet-stream")
        || TEXTUAL.iter().any(|part| flow.mime().contains(part));
    is_success(flow)
        && is_readable
        && flow.content_bytes() != Some(0)
        && flow.row().span.len < MAX_ENTRY
}

/// The paths of the requests that are looked for, in every spelling in which a body may hold them.
struct Search<'a> {
    patterns: AhoCorasick,
    /// The requests that each pattern stands for.
    sought: Vec<Vec<Flow<'a>>>,
}

impl<'a> Search<'a> {
    /// `None` when there is nothing to look for.
    fn new(flows: &[Flow<'a>]) -> Option<Self> {
        let mut by_spelling: BTreeMap<String, Vec<Flow<'a>>> = BTreeMap::new();
        for flow in flows {
            let path = flow.path().unwrap_or_default();
            let path = path.split(['?', '#']).next().unwrap_or(path);
            if path.len() < MIN_PATH {
                continue;
            }
            for slash in ["/", "\\/", "%2F", "%2f"] {
                let spelling = path.replace('/', slash);
                by_spelling.entry(spelling).or_default().push(*flow);
            }
        }
        let patterns = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(by_spelling.keys())
            .ok()
            .filter(|_| !by_spelling.is_empty())?;
        Some(Self {
            patterns,
            sought: by_spelling.into_values().collect(),
        })
    }

    /// The requests whose URLs stand in the body of the response of `source`.
    fn hits(&self, source: Flow<'a>) -> Vec<(u32, Handout)> {
        let capture = source.capture();
        let exchange = capture.exchange(source.idx()).ok();
        let Some(body) = exchange.and_then(|exchange| exchange.response?.body) else {
            return Vec::new();
        };
        let Ok(text) = body.read(capture.source(), MAX_BODY) else {
            return Vec::new();
        };
        let handout = Handout {
            by: source.idx(),
            means: Means::Body,
            span: body.span,
        };
        let text = text.bytes.as_slice();
        let is_binary = text.iter().take(64).any(|byte| *byte < b'\t');
        self.patterns
            .find_iter(text)
            .filter(|hit| is_binary || is_whole(text, hit.end()))
            .flat_map(|hit| &self.sought[hit.pattern().as_usize()])
            .filter(|flow| is_led_to(source, **flow))
            .filter(|flow| memmem::find(text, flow.host().as_bytes()).is_some())
            .map(|flow| (flow.idx(), handout))
            .collect()
    }
}

/// True when `later` can have got its URL from the response of `source`.
fn is_led_to(source: Flow<'_>, later: Flow<'_>) -> bool {
    let is_before = match (source.start(), later.start()) {
        (Some(source), Some(later)) => source <= later,
        _ => true,
    };
    is_before && source.idx() < later.idx() && source.host() != later.host()
}

/// True when the path that ends at `end` does not go on there.
fn is_whole(text: &[u8], end: usize) -> bool {
    text.get(end).is_none_or(|next| {
        !(next.is_ascii_alphanumeric() || matches!(next, b'/' | b'.' | b'-' | b'_' | b'~' | b'%'))
    })
}
