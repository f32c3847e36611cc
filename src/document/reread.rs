//! Headers and facts that nobody keeps in memory, read again from the captures for a column that shows them.

use std::sync::Arc;

use rayon::iter::{IndexedParallelIterator as _, IntoParallelIterator as _, ParallelIterator as _};

use super::Document;
use crate::base::jobs::{Cancel, Progress};
use crate::capture::{Exchange, FlowId, Side};

/// Flows that one thread reads at a time.
const STEP: usize = 256;

/// What is read again for a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reread {
    /// The header of this name, in lower case. Several are joined by `, `.
    Header(Side, &'static str),
    /// The fact of this name that [`Exchange::facts`] has.
    Fact(&'static str),
}

/// What one column shows of every flow of a document.
#[derive(Clone, Debug, Default)]
pub struct RereadCells(Vec<Option<Box<str>>>);

impl RereadCells {
    /// Reads `wanted` of every flow. Cost: every entry is read and parsed again. `None` when cancelled.
    pub fn read(
        document: &Document,
        wanted: Reread,
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
            wanted.of(document, FlowId(idx))
        };
        let values = (0..n_flows).into_par_iter().with_min_len(STEP).map(value);
        let values = values.collect();
        (!cancel.is_cancelled()).then_some(Self(values))
    }

    /// The value for `flow`; `None` when it has none.
    pub fn get(&self, flow: FlowId) -> Option<&str> {
        self.0.get(flow.0 as usize)?.as_deref()
    }
}

impl Reread {
    fn of(self, document: &Document, flow: FlowId) -> Option<Box<str>> {
        let exchange = document.exchange(flow)?;
        match self {
            Self::Header(side, name) => header_of(&exchange, side, name),
            Self::Fact(name) => exchange.fact(name).map(Box::from),
        }
    }
}

fn header_of(exchange: &Exchange, side: Side, name: &str) -> Option<Box<str>> {
    let headers = &exchange.message(side)?.headers;
    let values: Vec<&str> = headers
        .iter()
        .filter(|header| header.name.eq_ignore_ascii_case(name))
        .map(|header| header.value.as_str())
        .collect();
    (!values.is_empty()).then(|| values.join(", ").into_boxed_str())
}

impl Document {
    /// The value of the column `word` for `flow`; `None` while it was not read, and where there is none.
    pub fn reread_cell(&self, word: &str, flow: FlowId) -> Option<&str> {
        let (_, cells) = self.reread.iter().find(|(known, _)| *known == word)?;
        cells.get(flow)
    }

    /// True when the column `word` was read.
    pub fn has_reread(&self, word: &str) -> bool {
        self.reread.iter().any(|(known, _)| *known == word)
    }

    /// Takes over what was read for the column `word`.
    pub fn set_reread(&mut self, word: &'static str, cells: Arc<RereadCells>) {
        self.reread.retain(|(known, _)| *known != word);
        self.reread.push((word, cells));
        self.revision += 1;
    }
}
