//! Headers that nobody keeps in memory, read again from the captures for a column that shows them.

use std::sync::Arc;

use rayon::iter::{IndexedParallelIterator as _, IntoParallelIterator as _, ParallelIterator as _};

use super::Document;
use crate::base::jobs::{Cancel, Progress};
use crate::capture::{FlowId, Side};

/// Flows that one thread reads at a time.
const STEP: usize = 256;

/// The values of one header for every flow of a document.
#[derive(Clone, Debug, Default)]
pub struct HeaderCells(Vec<Option<Box<str>>>);

impl HeaderCells {
    /// Reads the header `name` of one side of every flow; several of one name are joined by `, `. Cost: every entry is read
    /// and parsed again. `None` when cancelled.
    pub fn read(
        document: &Document,
        side: Side,
        name: &str,
        cancel: &Cancel,
        progress: &Progress,
    ) -> Option<Self> {
        let n_flows = document.n_flows();
        progress.set_done(0);
        progress.set_total(u64::from(n_flows));
        let value = |idx: u32| {
            if cancel.is_cancelled() {
                return None;
            }
            progress.add(1);
            value_of(document, FlowId(idx), side, name)
        };
        let values = (0..n_flows).into_par_iter().with_min_len(STEP).map(value);
        let values = values.collect();
        (!cancel.is_cancelled()).then_some(Self(values))
    }

    /// The value for `flow`; `None` when it has no such header.
    pub fn get(&self, flow: FlowId) -> Option<&str> {
        self.0.get(flow.0 as usize)?.as_deref()
    }
}

fn value_of(document: &Document, flow: FlowId, side: Side, name: &str) -> Option<Box<str>> {
    let exchange = document.exchange(flow)?;
    let headers = &exchange.message(side)?.headers;
    let values: Vec<&str> = headers
        .iter()
        .filter(|header| header.name.eq_ignore_ascii_case(name))
        .map(|header| header.value.as_str())
        .collect();
    (!values.is_empty()).then(|| values.join(", ").into_boxed_str())
}

impl Document {
    /// The value of the header column `word` for `flow`; `None` while it was not read, and without such a header.
    pub fn header_cell(&self, word: &str, flow: FlowId) -> Option<&str> {
        let (_, cells) = self.headers.iter().find(|(known, _)| *known == word)?;
        cells.get(flow)
    }

    /// True when the header column `word` was read.
    pub fn has_header(&self, word: &str) -> bool {
        self.headers.iter().any(|(known, _)| *known == word)
    }

    /// Takes over what was read for the header column `word`.
    pub fn set_header(&mut self, word: &'static str, cells: Arc<HeaderCells>) {
        self.headers.retain(|(known, _)| *known != word);
        self.headers.push((word, cells));
        self.revision += 1;
    }
}
