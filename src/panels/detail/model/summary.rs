//! What is shown when several flows are selected.

use std::collections::{BTreeMap, BTreeSet};

use super::SharedEvidence;
use crate::annotations::{Annotation, Colour, Label};
use crate::attribution::Role;
use crate::base::jobs::Cancel;
use crate::capture::FlowSet;
use crate::document::Document;
use crate::providers::{ProviderId, catalogue};

/// What a summary depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummaryKey {
    flows: FlowSet,
    revision: u64,
}

impl SummaryKey {
    /// The key of `flows` in `document`. A million of them are copied and compared in some microseconds.
    pub fn new(document: &Document, flows: &FlowSet) -> Self {
        Self {
            flows: flows.clone(),
            revision: document.revision(),
        }
    }

    /// True when it is about `flows`, as they were at some time.
    pub fn is_of(&self, flows: &FlowSet) -> bool {
        self.flows == *flows
    }
}

/// What is said about the selected flows beside their labels and notes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Each tag with the number of flows that carry it.
    pub tags: BTreeMap<String, u64>,
    /// The colour that all of them have.
    pub colour: Option<Colour>,
    /// Number of flows.
    pub n_flows: u64,
}

impl Marks {
    /// What is said about one flow.
    pub fn of(annotation: Option<&Annotation>) -> Self {
        let tags = annotation.map_or(&[][..], |said| &said.tags);
        Self {
            tags: tags.iter().map(|tag| (tag.clone(), 1)).collect(),
            colour: annotation.and_then(|said| said.colour),
            n_flows: 1,
        }
    }
}

/// Sums over the selected flows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Number of flows.
    pub n_flows: u64,
    /// Number of distinct hosts.
    pub n_hosts: u64,
    /// Bytes received, as far as known.
    pub bytes: u64,
    /// Flows per provider and role, the most first.
    pub providers: Vec<(Option<ProviderId>, Role, u64)>,
    /// Flows that nobody reviewed.
    pub n_unlabelled: u64,
    /// The label that all of them have.
    pub common_label: Option<Label>,
    /// The note that the reviewer wrote on all of them; `None` when they differ.
    pub common_note: Option<String>,
    /// Their tags and their colour.
    pub marks: Marks,
    /// The evidence that they share.
    pub evidence: SharedEvidence,
}

/// Flows between two looks at the cancel token.
const STEP: usize = 4_096;

impl Summary {
    /// Adds up `flows`. Returns `None` when cancelled.
    pub fn of(document: &Document, flows: &FlowSet, cancel: &Cancel) -> Option<Self> {
        let mut summary = Self::default();
        let mut hosts = BTreeSet::new();
        let mut providers: BTreeMap<(Option<ProviderId>, Role), u64> = BTreeMap::new();
        let mut labels = BTreeSet::new();
        let mut notes = BTreeSet::new();
        let mut colours = BTreeSet::new();
        for (idx, id) in flows.iter().enumerate() {
            if idx.is_multiple_of(STEP) && cancel.is_cancelled() {
                return None;
            }
            let Some(flow) = document.flow(id) else {
                continue;
            };
            summary.n_flows += 1;
            hosts.insert(flow.host());
            let received = flow.bytes_received().or_else(|| flow.content_bytes());
            summary.bytes = summary.bytes.saturating_add(received.unwrap_or(0));
            let verdict = document.verdict(id);
            let provider = verdict
                .terminating()
                .map(|part| catalogue().provider_of(part.service));
            *providers.entry((provider, verdict.role)).or_default() += 1;
            labels.insert(document.label(id));
            notes.insert(document.own_note(id));
            let annotation = document.annotation(id);
            colours.insert(annotation.and_then(|said| said.colour));
            for tag in annotation.map_or(&[][..], |said| &said.tags) {
                *summary.marks.tags.entry(tag.clone()).or_default() += 1;
            }
            summary.n_unlabelled += u64::from(document.label(id).is_none());
        }
        summary.evidence = SharedEvidence::of(document, flows, cancel)?;
        summary.n_hosts = hosts.len() as u64;
        summary.providers = providers
            .into_iter()
            .map(|((provider, role), n)| (provider, role, n))
            .collect();
        summary
            .providers
            .sort_by_key(|(_, _, n)| std::cmp::Reverse(*n));
        summary.marks.n_flows = summary.n_flows;
        if colours.len() == 1 {
            summary.marks.colour = colours.first().copied().flatten();
        }
        if labels.len() == 1 {
            summary.common_label = labels.first().copied().flatten();
        }
        if notes.len() == 1 {
            summary.common_note = notes.first().map(|note| (*note).to_owned());
        }
        Some(summary)
    }
}
