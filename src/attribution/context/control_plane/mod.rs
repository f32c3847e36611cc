//! Who handed out the URL of a request: a redirect, an authorised transfer, or the body of an earlier response.
//!
//! Redirects and known sequences are found in the first pass, from columns and headers. Bodies are read in a second pass,
//! and only when the capture holds writes or signed requests whose URLs somebody must have given out.

mod bodies;

use std::borrow::Cow;
use std::collections::BTreeMap;

use foldhash::HashMap;

use crate::attribution::signed::is_signed;
use crate::attribution::url::{host_of, is_document, url_hash};
use crate::base::bytes::Span;
use crate::capture::{Capture, Flow, Header, Side};
use crate::providers::catalogue;

/// How a URL was handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::attribution) enum Means {
    /// By the `Location` of a redirect.
    Location,
    /// In the body of a response.
    Body,
    /// By a request that authorises transfers elsewhere, closed by one that reports them.
    Sequence,
}

/// Who handed out the URL of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::attribution) struct Handout {
    /// Row of the flow that handed it out.
    pub(in crate::attribution) by: u32,
    /// How.
    pub(in crate::attribution) means: Means,
    /// Where it stands: the header, the body, or the whole entry.
    pub(in crate::attribution) span: Span,
}

/// All URLs of one capture that are known to have been handed out by another host, by row of their request.
#[derive(Clone, Debug, Default)]
pub(in crate::attribution) struct ControlPlane {
    handouts: BTreeMap<u32, Handout>,
}

/// A service that authorises transfers to stores of others and is told when they are done.
struct Sequence {
    /// Who runs the service.
    provider: &'static str,
    /// End of the path that asks for it.
    authorise: &'static str,
    /// End of the path that reports it.
    complete: &'static str,
    /// How the transfers are made.
    methods: &'static [&'static str],
}

/// iCloud content (MMCS): the client asks Apple, writes to or reads from the store that Apple names, and reports to Apple.
const SEQUENCES: [Sequence; 2] = [
    Sequence {
        provider: "apple",
        authorise: "/authorizePut",
        complete: "/putComplete",
        methods: &["PUT", "POST"],
    },
    Sequence {
        provider: "apple",
        authorise: "/authorizeGet",
        complete: "/getComplete",
        methods: &["GET"],
    },
];

impl ControlPlane {
    /// Who handed out the URL of the flow in `row`, if that was seen.
    pub(in crate::attribution) fn handout(&self, row: u32) -> Option<Handout> {
        self.handouts.get(&row).copied()
    }

    /// The rows whose URLs were handed out.
    pub(in crate::attribution) fn rows(&self) -> impl Iterator<Item = u32> {
        self.handouts.keys().copied()
    }

    /// Follows redirects and known sequences.
    pub(in crate::attribution) fn of(capture: &Capture) -> Self {
        let mut control_plane = Self::default();
        control_plane.follow_redirects(capture);
        for sequence in &SEQUENCES {
            control_plane.follow(sequence, capture);
        }
        control_plane
    }

    fn follow_redirects(&mut self, capture: &Capture) {
        let mut sent_to: HashMap<u64, (u32, Span)> = HashMap::default();
        for flow in capture.flows() {
            if !sent_to.is_empty()
                && let Some((by, span)) = sent_to.remove(&url_hash(flow.url()))
                && !is_document(flow)
            {
                self.add(flow.idx(), by, Means::Location, span);
            }
            if let Some(location) = location(flow) {
                // A location on the same host leads nowhere else, unless it is the session that an upload begins with.
                let url = absolute(flow, location.value);
                let host = host_of(&url);
                if host.is_some_and(|host| host != flow.host() || begins_upload(flow)) {
                    let by = (flow.idx(), location.span);
                    sent_to.insert(url_hash(&url), by);
                }
            }
        }
    }

    /// Marks the transfers to stores elsewhere that lie between the request that authorises them and the one that reports them.
    fn follow(&mut self, sequence: &Sequence, capture: &Capture) {
        let mut authorisers: Vec<Flow<'_>> = Vec::new();
        let mut transfers: Vec<(Flow<'_>, Flow<'_>)> = Vec::new();
        for flow in capture.flows().filter(|flow| is_success(*flow)) {
            if sequence.is_step(flow, sequence.authorise) {
                authorisers.push(flow);
            } else if let Some(by) = authorisers.last().copied() {
                if flow.host() != by.host() {
                    let is_transfer = flow.has_method(sequence.methods);
                    if is_transfer && is_at_store(flow) && !has_cause(flow) {
                        transfers.push((flow, by));
                    }
                } else if sequence.is_step(flow, sequence.complete) {
                    for (transfer, by) in transfers.drain(..) {
                        self.add(transfer.idx(), by.idx(), Means::Sequence, by.row().span);
                    }
                    authorisers.remove(0);
                }
            }
        }
    }

    fn add(&mut self, row: u32, by: u32, means: Means, span: Span) {
        self.handouts.insert(row, Handout { by, means, span });
    }
}

impl Sequence {
    fn is_step(&self, flow: Flow<'_>, end: &str) -> bool {
        let path = flow.path().unwrap_or_default();
        let path = path.split('?').next().unwrap_or(path);
        path.ends_with(end) && is_run_by(flow.host(), self.provider)
    }
}

/// True when the file itself says what led to `flow`: then it is no transfer of the service.
fn has_cause(flow: Flow<'_>) -> bool {
    let mut headers = flow.headers();
    let has_referer =
        headers.any(|header| header.side == Side::Request && header.name == "referer");
    has_referer || !flow.page().is_empty()
}

fn is_run_by(host: &str, provider: &str) -> bool {
    catalogue().host_rules(host).iter().any(|found| {
        let service = catalogue().service(found.rule.rule.service);
        found.rule.is_first_party && catalogue().provider(service.provider).id == provider
    })
}

/// True for requests to a name that only a store has, or signed for one.
fn is_at_store(flow: Flow<'_>) -> bool {
    let is_store = |service| catalogue().is_store(service);
    let rules = catalogue().host_rules(flow.host());
    let is_named = rules.iter().any(|found| is_store(found.rule.rule.service));
    is_named || is_signed(flow.url())
}

/// The header that names another URL: of a redirect, of what was made, or of the upload that may begin. Registries answer
/// with 202, and resumable uploads begin with a plain 200.
fn location(flow: Flow<'_>) -> Option<Header<'_>> {
    matches!(flow.status(), Some(200..=202 | 300..=399))
        .then(|| flow.response_header("location"))
        .flatten()
}

/// True for a request that is answered with where to upload to.
fn begins_upload(flow: Flow<'_>) -> bool {
    flow.has_method(&["POST", "PUT", "PATCH"]) && is_success(flow)
}

/// `location` with the scheme and host of `flow` before it, where it has none.
fn absolute<'l>(flow: Flow<'_>, location: &'l str) -> Cow<'l, str> {
    let path = flow.path().unwrap_or_default();
    match flow.url().strip_suffix(path) {
        Some(host) if location.starts_with('/') && !location.starts_with("//") => {
            Cow::Owned(format!("{host}{location}"))
        }
        _ => Cow::Borrowed(location),
    }
}

fn is_success(flow: Flow<'_>) -> bool {
    matches!(flow.status(), Some(200..=299))
}
