//! What a report would remove, before it is written: counts and examples by kind, for the window alone.

use std::io;

use super::{Report, ReportError, ReportInput};
use crate::capture::FlowId;
use crate::redact::{Example, Kind, Redactor};

/// Most flows that are looked at for a preview.
pub const MAX_PREVIEWED: usize = 2_000;
/// URLs that are shown as they will leave.
const MAX_URLS: usize = 3;

/// What goes and what is removed. The examples hold secrets: they are shown and never written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// Flows of the report.
    pub n_flows: usize,
    /// Those with a label, note or tag.
    pub n_labelled: usize,
    /// Those that were looked at.
    pub n_seen: usize,
    /// By kind: how many values are removed from those, and some of them.
    pub removed: Vec<(Kind, u64, Vec<Example>)>,
    /// URLs as they leave.
    pub urls: Vec<String>,
}

/// Writes the beginning of `report` to nowhere and tells what was removed. Takes its time: for worker threads.
pub fn preview(input: &ReportInput<'_>, report: &dyn Report) -> Result<Preview, ReportError> {
    let flows: Vec<FlowId> = input.flows.iter().take(MAX_PREVIEWED).copied().collect();
    let beginning = ReportInput {
        flows,
        ..input.clone()
    };
    let mut redactor = Redactor::new(input.level);
    report.write(&beginning, &mut redactor, &mut io::sink())?;
    let examples = redactor.examples();
    let removed = redactor
        .counts()
        .map(|(kind, n)| (kind, n, examples.get(&kind).cloned().unwrap_or_default()))
        .collect();
    let mut urls = Vec::new();
    let shown = &beginning.flows[..beginning.flows.len().min(MAX_URLS)];
    beginning.walk(&mut redactor, shown, |_, flow, redactor| {
        urls.push(redactor.url(flow.url()));
        Ok(())
    })?;
    Ok(Preview {
        n_flows: input.flows.len(),
        n_labelled: input.n_labelled(),
        n_seen: beginning.flows.len(),
        removed,
        urls,
    })
}
