//! How everything leaves: written through a redactor as a stream, then searched once more on its way out.

use std::collections::HashSet;
use std::io::{self, BufWriter, Seek as _, Write};
use std::sync::mpsc::sync_channel;
use std::thread;

use rayon::prelude::*;

use super::{ReportError, ReportInput, unread_words};
use crate::capture::{Flow, FlowId};
use crate::redact::{EntrySecrets, Found, Kind, Redactor};

/// What is written lies in memory up to this size, in bytes, then in a file without a name.
const MAX_IN_MEMORY: usize = 8 << 20;

/// Flows that all workers together prepare at a time.
const BATCH: usize = 512;
/// Batches that are prepared ahead of the one that is written.
const BATCHES_AHEAD: usize = 2;

/// What happened on the way out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// How many values were removed, by kind.
    pub removed: Vec<(Kind, u64)>,
    /// Secrets that redaction had missed; they were removed from the finished bytes.
    pub found: Vec<Found>,
    /// What could not be read again, in words.
    pub unread: Option<String>,
}

impl Left {
    /// A sentence for people about what redaction had missed; `None` when it missed nothing.
    pub fn problem(&self) -> Option<String> {
        let first = self.found.first()?;
        let n = crate::base::text::counted(self.found.len() as u64, "secret");
        Some(format!(
            "{n} still stood in the finished text and had to be removed there, the first at byte {} ({} #{}): please report this",
            first.byte, first.kind, first.number
        ))
    }
}

/// Lets `write` write, and passes on what may leave. Nothing is passed on before all of it was written.
pub(super) fn checked(
    input: &ReportInput<'_>,
    out: &mut dyn Write,
    write: impl FnOnce(&mut Redactor, &mut dyn Write) -> Result<(), ReportError>,
) -> Result<Left, ReportError> {
    let mut redactor = Redactor::watching(input.level);
    if redactor.keeps_secrets() {
        let mut out = BufWriter::new(out);
        write(&mut redactor, &mut out)?;
        out.flush()?;
        return Ok(Left::default());
    }
    let mut spool = BufWriter::new(tempfile::SpooledTempFile::new(MAX_IN_MEMORY));
    write(&mut redactor, &mut spool)?;
    let mut spool = spool.into_inner().map_err(io::IntoInnerError::into_error)?;
    spool.rewind()?;
    let hosts: HashSet<&str> = input.shown().map(|(_, flow)| flow.host()).collect();
    let removed = redactor.counts().collect();
    let unread = unread_words(&redactor);
    let found = redactor
        .into_watch()
        .copy(&mut spool, out, &|host| hosts.contains(host))?;
    Ok(Left {
        removed,
        found,
        unread,
    })
}

impl<'a> ReportInput<'a> {
    /// Calls `each` for every flow in the order of the view, while `redactor` knows the secrets of its entry. Stops when
    /// cancelled.
    pub(super) fn walk(
        &self,
        redactor: &mut Redactor,
        flows: &[FlowId],
        mut each: impl FnMut(FlowId, Flow<'a>, &mut Redactor) -> Result<(), ReportError>,
    ) -> Result<(), ReportError> {
        self.walk_with(
            redactor,
            flows,
            |_, _| (),
            |id, flow, (), redactor| each(id, flow, redactor),
        )
    }

    /// The same with what `prepare` makes of each flow: all workers together do that and read the entries, ahead of `each`.
    pub(super) fn walk_with<T: Send>(
        &self,
        redactor: &mut Redactor,
        flows: &[FlowId],
        prepare: impl Fn(FlowId, Flow<'a>) -> T + Sync,
        mut each: impl FnMut(FlowId, Flow<'a>, T, &mut Redactor) -> Result<(), ReportError>,
    ) -> Result<(), ReportError> {
        self.progress.set_total(flows.len() as u64);
        let outcome = thread::scope(|scope| {
            let (sender, receiver) = sync_channel(BATCHES_AHEAD);
            let worker = thread::Builder::new().name("report entries".to_owned());
            worker.spawn_scoped(scope, || {
                for batch in flows.chunks(BATCH) {
                    let prepared: Vec<_> = batch
                        .par_iter()
                        .filter_map(|id| {
                            let flow = self.document.flow(*id)?;
                            Some((*id, flow, self.secrets_of(flow), prepare(*id, flow)))
                        })
                        .collect();
                    // Nobody listens any more once the export has failed.
                    if self.cancel.is_cancelled() || sender.send(prepared).is_err() {
                        break;
                    }
                }
                drop(sender);
            })?;
            for batch in receiver {
                self.progress.add(batch.len() as u64);
                for (id, flow, secrets, prepared) in batch {
                    redactor.enter(secrets);
                    each(id, flow, prepared, redactor)?;
                }
            }
            Ok(())
        });
        redactor.leave();
        if self.cancel.is_cancelled() {
            return Err(ReportError::Cancelled);
        }
        outcome
    }

    fn secrets_of(&self, flow: Flow<'_>) -> EntrySecrets {
        if self.level.keeps_secrets() {
            EntrySecrets::default()
        } else {
            EntrySecrets::of(flow)
        }
    }
}
