//! Headers that columns show and nobody keeps in memory are read in the background, one column after the other.

use std::sync::Arc;

use crate::base::jobs::{Latest, Progress, Wake};
use crate::document::{Document, HeaderCells};
use crate::query::columns::{Column, ColumnId, unread_header};

/// What a reading belongs to: the captures, and the word of the column.
type Key = (u64, &'static str);

/// The header column that is being read.
#[derive(Debug)]
pub(super) struct HeaderColumns {
    latest: Latest<Key, (Key, Arc<HeaderCells>)>,
    progress: Progress,
    /// The column that a person does not want to wait for any longer.
    stopped: Option<Key>,
}

impl Default for HeaderColumns {
    fn default() -> Self {
        Self {
            latest: Latest::new("header column"),
            progress: Progress::default(),
            stopped: None,
        }
    }
}

impl HeaderColumns {
    /// Takes over a column that was read, and goes on with the next of `columns` that has to be.
    pub(super) fn poll(
        &mut self,
        document: &mut Document,
        mut columns: impl Iterator<Item = &'static Column>,
        wake: &Wake,
    ) {
        let n_flows = u64::from(document.n_flows());
        if self.latest.poll()
            && let Some(((n_read, word), cells)) = self.latest.get()
            && *n_read == n_flows
        {
            document.set_header(word, Arc::clone(cells));
        }
        let next = columns.find_map(|column| {
            let (side, name) = unread_header(document, column)?;
            let key = (n_flows, column.word);
            (self.stopped != Some(key)).then_some((key, side, name))
        });
        let Some((key, side, name)) = next else {
            return;
        };
        let (snapshot, progress) = (document.clone(), self.progress.clone());
        self.latest.request(key, Arc::clone(wake), move |cancel| {
            let cells = HeaderCells::read(&snapshot, side, name, cancel, &progress)?;
            Some((key, Arc::new(cells)))
        });
    }

    /// The name of the header that is being read, flows read, and how many there are.
    pub(super) fn status(&self) -> Option<(u64, u64)> {
        self.latest.is_running().then(|| self.progress.get())
    }

    /// Stops reading; the column stays empty until other captures are open.
    pub(super) fn stop(&mut self, document: &Document, columns: &[ColumnId]) {
        let mut columns = columns.iter().map(|column| column.column());
        let unread = columns.find(|column| unread_header(document, column).is_some());
        self.stopped = unread.map(|column| (u64::from(document.n_flows()), column.word));
        self.latest.cancel();
    }
}
