//! Writes an export on a thread of its own: reads what columns need, writes, names the file.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::thread;

use super::choice::{Choice, flows};
use crate::base::jobs::{Cancel, Progress, Wake, give_way};
use crate::document::{Document, RereadCells};
use crate::formats;
use crate::query::Rows;
use crate::query::columns::{ColumnId, unread};
use crate::reports::destination::{self, Inputs, State};
use crate::reports::{self, Left, ReportError, ReportInput, bundle};
use crate::session::Selection;

/// What is exported.
#[derive(Clone, Debug)]
pub(super) struct Order {
    pub(super) document: Document,
    pub(super) rows: Arc<Rows>,
    pub(super) selection: Selection,
    pub(super) filter: String,
    /// The columns of the table, when they were chosen.
    pub(super) columns: Vec<ColumnId>,
    pub(super) choice: Choice,
}

/// How an export ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// Written, with what there is to say about it.
    Saved(PathBuf, Vec<String>),
    /// A file lies there: a person has to give it up first.
    WouldReplace,
    Cancelled,
    Failed(String),
}

/// An export that is being written.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) cancel: Cancel,
    pub(super) progress: Progress,
    receiver: Receiver<Ended>,
}

impl Order {
    /// The report's input; `document` is the order's own.
    pub(super) fn input(&self) -> ReportInput<'_> {
        ReportInput {
            flows: flows(
                self.choice.scope,
                &self.document,
                &self.rows,
                &self.selection,
            ),
            filter: &self.filter,
            level: self.choice.level(),
            columns: self.columns.clone(),
            flows_listed: self.choice.flows_listed(),
            ..ReportInput::new(&self.document)
        }
    }

    fn write(
        mut self,
        path: &Path,
        may_replace: bool,
        cancel: &Cancel,
        progress: &Progress,
    ) -> Result<Ended, ReportError> {
        for column in self.columns.clone() {
            let column = column.column();
            if let Some(wanted) = unread(&self.document, column)
                && let Some(cells) = RereadCells::read(&self.document, wanted, cancel, progress)
            {
                self.document.set_reread(column.word, Arc::new(cells));
            }
        }
        for open in self.document.captures() {
            formats::ensure_checksum(open.capture.info());
        }
        let input = ReportInput {
            cancel: cancel.clone(),
            progress: progress.clone(),
            ..self.input().with_changed_files()
        };
        if self.choice.is_bundle() {
            let (_, left) = bundle::write(&input, path)?;
            return Ok(saved(path, &left));
        }
        let inputs = Inputs {
            document: &self.document,
            named: &[],
        };
        let state = destination::check(inputs, path)?;
        if state == State::Replaces && !may_replace {
            return Ok(Ended::WouldReplace);
        }
        let left = reports::save(&input, self.choice.report(), path, state)?;
        Ok(saved(path, &left))
    }
}

fn saved(path: &Path, left: &Left) -> Ended {
    let said = left.problem().into_iter().chain(left.unread.clone());
    Ended::Saved(path.to_owned(), said.collect())
}

impl Job {
    /// Begins to write `order` at `path`.
    pub(super) fn start(
        order: Order,
        path: PathBuf,
        may_replace: bool,
        wake: &Wake,
    ) -> std::io::Result<Self> {
        let (cancel, progress) = (Cancel::default(), Progress::default());
        let (sender, receiver) = channel();
        let job = Self {
            cancel: cancel.clone(),
            progress: progress.clone(),
            receiver,
        };
        let wake = Arc::clone(wake);
        let work = move || {
            give_way();
            let ended = match order.write(&path, may_replace, &cancel, &progress) {
                Ok(ended) => ended,
                Err(ReportError::Cancelled) => Ended::Cancelled,
                Err(error) => Ended::Failed(error.to_string()),
            };
            if sender.send(ended).is_ok() {
                wake();
            }
        };
        thread::Builder::new()
            .name("export".to_owned())
            .spawn(work)?;
        Ok(job)
    }

    /// How it ended, once it has.
    pub(super) fn ended(&self) -> Option<Ended> {
        match self.receiver.try_recv() {
            Ok(ended) => Some(ended),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => {
                Some(Ended::Failed("the export stopped unexpectedly".to_owned()))
            }
        }
    }
}
