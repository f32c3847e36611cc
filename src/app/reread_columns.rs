//! What columns show and nobody keeps in memory is read again in the background, one column after the other.

use std::sync::Arc;

use crate::base::jobs::{Latest, Progress, Wake};
use crate::document::{Document, RereadCells};
use crate::query::columns::{Column, ColumnId, unread};

/// What a reading belongs to: the captures, and the word of the column.
type Key = (u64, &'static str);

/// The column that is being read.
#[derive(Debug)]
pub(super) struct RereadColumns {
    latest: Latest<Key, (Key, Arc<RereadCells>)>,
    progress: Progress,
    /// The column that a person does not want to wait for any longer.
    stopped: Option<Key>,
}

impl Default for RereadColumns {
    fn default() -> Self {
        Self {
            latest: Latest::new("column"),
            progress: Progress::default(),
            stopped: None,
        }
    }
}

impl RereadColumns {
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
            document.set_reread(word, Arc::clone(cells));
        }
        let next = columns.find_map(|column| {
            let wanted = unread(document, column)?;
            let key = (n_flows, column.word);
            (self.stopped != Some(key)).then_some((key, wanted))
        });
        let Some((key, wanted)) = next else {
            return;
        };
        let (snapshot, progress) = (document.clone(), self.progress.clone());
        self.latest.request(key, Arc::clone(wake), move |cancel| {
            let cells = RereadCells::read(&snapshot, wanted, cancel, &progress)?;
            Some((key, Arc::new(cells)))
        });
    }

    /// Flows that were read for the column, and how many there are.
    pub(super) fn status(&self) -> Option<(u64, u64)> {
        self.latest.is_running().then(|| self.progress.get())
    }

    /// Stops reading; the column stays empty until other captures are open.
    pub(super) fn stop(&mut self, document: &Document, columns: &[ColumnId]) {
        let mut columns = columns.iter().map(|column| column.column());
        let unread = columns.find(|column| unread(document, column).is_some());
        self.stopped = unread.map(|column| (u64::from(document.n_flows()), column.word));
        self.latest.cancel();
    }
}
