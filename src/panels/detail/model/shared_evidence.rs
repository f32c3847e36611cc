//! The evidence that several selected flows share.

use std::collections::{BTreeMap, BTreeSet};

use super::evidence::{Sign, about};
use crate::base::jobs::Cancel;
use crate::capture::FlowSet;
use crate::document::Document;

/// Flows whose evidence is looked for: each takes about as long as opening its tab.
const MAX_EXAMINED: usize = 500;
/// Kinds of evidence that are kept, the most frequent ones.
const MAX_KINDS: usize = 10;

/// Which evidence flows share, and how many of them have it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SharedEvidence {
    /// Flows that were looked at: the first ones of the selection.
    pub n_examined: u64,
    /// The kinds of evidence, those of most flows first.
    pub kinds: Vec<(EvidenceKind, u64)>,
}

/// Evidence apart from the text that it was read from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EvidenceKind {
    /// For, against, or void.
    pub sign: Sign,
    /// About whom, as what: `Amazon S3 as origin`.
    pub about: String,
    /// The rule that read it: `akamai/asn-20940`.
    pub rule: String,
}

impl SharedEvidence {
    /// Counts the evidence of `flows`; each kind once for each flow. Returns `None` when cancelled.
    pub(super) fn of(document: &Document, flows: &FlowSet, cancel: &Cancel) -> Option<Self> {
        let mut counts: BTreeMap<EvidenceKind, u64> = BTreeMap::new();
        let mut n_examined = 0;
        for id in flows.iter().take(MAX_EXAMINED) {
            if cancel.is_cancelled() {
                return None;
            }
            n_examined += 1;
            let found = document.examine(id);
            let evidence = found.map_or_else(Vec::new, |found| found.evidence);
            let kinds: BTreeSet<EvidenceKind> = evidence
                .into_iter()
                .map(|evidence| {
                    let (sign, about) = about(&evidence);
                    let rule = evidence.rule;
                    EvidenceKind { sign, about, rule }
                })
                .collect();
            for kind in kinds {
                *counts.entry(kind).or_default() += 1;
            }
        }
        let mut kinds: Vec<_> = counts.into_iter().collect();
        kinds.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        kinds.truncate(MAX_KINDS);
        Some(Self { n_examined, kinds })
    }
}
