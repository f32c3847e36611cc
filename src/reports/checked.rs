//! How everything leaves: written through a redactor as a stream, then searched once more on its way out.

use std::collections::HashSet;
use std::io::{self, BufWriter, Seek as _, Write};

use rayon::prelude::*;

use super::{ReportError, ReportInput, unread_words};
use crate::capture::{Flow, FlowId};
use crate::redact::{EntrySecrets, Found, Kind, Redactor};

/// What is written lies in memory up to this size, in bytes, then in a file without a name.
const MAX_IN_MEMORY: usize = 8 << 20;

/// Flows whose entries are read at a time, by all workers together.
const BATCH: usize = 512;

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
    let mut redactor = Redactor::new(input.level);
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
    /// Calls `each` for every flow in the order of the view, while `redactor` knows the secrets of its entry. Entries are
    /// read ahead by all workers. Stops when cancelled.
    pub(super) fn walk(
        &self,
        redactor: &mut Redactor,
        flows: &[FlowId],
        mut each: impl FnMut(FlowId, Flow<'a>, &mut Redactor) -> Result<(), ReportError>,
    ) -> Result<(), ReportError> {
        self.progress.set_total(flows.len() as u64);
        for (idx, batch) in flows.chunks(BATCH).enumerate() {
            if self.cancel.is_cancelled() {
                return Err(ReportError::Cancelled);
            }
            self.progress.set_done((idx * BATCH) as u64);
            let secrets = self.secrets_of(batch);
            for (id, secrets) in batch.iter().zip(&secrets) {
                if let Some(flow) = self.document.flow(*id) {
                    redactor.enter(secrets);
                    each(*id, flow, redactor)?;
                }
            }
            redactor.leave();
        }
        Ok(())
    }

    fn secrets_of(&self, batch: &[FlowId]) -> Vec<EntrySecrets> {
        if self.level.keeps_secrets() {
            return vec![EntrySecrets::default(); batch.len()];
        }
        let secrets = |id: &FlowId| self.document.flow(*id).map(EntrySecrets::of);
        batch
            .par_iter()
            .map(|id| secrets(id).unwrap_or_default())
            .collect()
    }
}
