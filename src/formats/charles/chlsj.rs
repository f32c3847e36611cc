//! A whole `.chlsj` file: an array of transactions, each one read alone.

use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::{Format, Input, Pace, Probe, Watch, json_transaction};
use crate::base::bytes::{ByteSource, Span};
use crate::base::condense::{Condensed, condense};
use crate::base::json::FaultKind;
use crate::base::json_scan::{CHARLES, Element, Found, Outline, scan_array};
use crate::capture::{
    Batch, Capture, CaptureBuilder, Carries, Exchange, Flags, Flow, Problem, ProblemKind,
};

/// Reads `.chlsj` files.
pub(in crate::formats) struct Chlsj;

/// Transactions beyond this size are read without their long strings.
const HUGE: u32 = 4 << 20;
/// Longest string that is read of such a transaction.
const HUGE_STRING: usize = 1 << 18;
/// Rows of one batch.
const MAX_ROWS: usize = 256;

impl Format for Chlsj {
    fn id(&self) -> &'static str {
        "charles-chlsj"
    }

    fn title(&self) -> &'static str {
        "Charles JSON session"
    }

    fn about(&self) -> &'static str {
        "what Charles exports as a JSON session file (.chlsj), also damaged or cut off"
    }

    fn producers(&self) -> &'static str {
        "Charles"
    }

    fn versions(&self) -> &'static str {
        "Charles 4"
    }

    fn carries(&self) -> Carries {
        Carries {
            headers: true,
            bodies: true,
            server_address: true,
            timings: true,
        }
    }

    fn confidence(&self, probe: &Probe<'_>) -> u8 {
        let has = |key: &str| memchr::memmem::find(probe.head, key.as_bytes()).is_some();
        let text = probe.head.strip_prefix(b"\xef\xbb\xbf");
        let text = text.unwrap_or(probe.head).trim_ascii_start();
        let n_keys = ["\"protocolVersion\"", "\"actualPort\"", "\"clientAddress\""]
            .into_iter()
            .filter(|key| has(key))
            .count();
        match (text.first(), n_keys) {
            (Some(b'['), 2..) => 95,
            (Some(b'{'), _) => 0,
            (_, 3) => 80,
            _ => 0,
        }
    }

    fn read(&self, input: Input, watch: &Watch<'_>) -> Result<Capture, Problem> {
        let source = input.source.clone();
        watch.progress.set_total(source.len());
        let max_headers = input.options.limits.headers.as_usize();
        let again = Arc::new(move |flow: &Flow<'_>| read_exchange(flow, max_headers));
        let mut builder = input.builder(source.clone(), again);
        builder.set_producer("Charles");
        let (mut batch, mut pace) = (Batch::default(), Pace::default());
        let scanned = scan_array(&source, CHARLES, &mut |found| {
            if let Found::Element(element) = found {
                add(&mut batch, &source, element, &input);
                if MAX_ROWS <= batch.len() {
                    builder.append(std::mem::take(&mut batch));
                    watch.progress.set_done(element.span.end());
                    pace.show(&builder, watch);
                }
            }
            if watch.cancel.is_cancelled() || builder.is_full() {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        });
        builder.append(batch);
        let outline = scanned.map_err(|error| unreadable(&error))?;
        conclude(builder, &source, &outline, watch)
    }
}

fn unreadable(error: &io::Error) -> Problem {
    let message = format!("the capture could not be read: {error}");
    Problem::new(ProblemKind::Io, message)
}

/// The bytes of a transaction; of a huge one without its long strings.
fn bytes_of(source: &ByteSource, span: Span) -> io::Result<(Vec<u8>, Condensed)> {
    if span.len <= HUGE {
        return Ok((source.bytes(span)?, Condensed::whole(span.start)));
    }
    let mut condensed = condense(source, span, HUGE_STRING)?;
    Ok((std::mem::take(&mut condensed.bytes), condensed))
}

/// Adds one element: a flow if it is an object, a problem otherwise.
fn add(batch: &mut Batch, source: &ByteSource, element: Element, input: &Input) {
    let Element { n, span, .. } = element;
    if !element.is_object {
        let problem = Problem::new(ProblemKind::Value, "expected a transaction");
        return batch.problem(problem.at_entry(n).at_byte(span.start));
    }
    let (bytes, origin) = match bytes_of(source, span) {
        Ok(read) => read,
        Err(error) => return batch.problem(unreadable(&error).at_entry(n)),
    };
    let limit = input.options.limits.headers;
    let (transaction, mut faults) = json_transaction::read(&bytes, &origin, limit.as_usize());
    let mut record = transaction.record();
    (record.entry, record.span) = (n, span);
    if element.is_recovered {
        // The damage is named once for the whole transaction.
        faults.retain(|fault| fault.kind != FaultKind::Syntax);
        record.flags.insert(Flags::RECOVERED);
    }
    let messages = [Some(&transaction.request), transaction.response.as_ref()];
    if messages
        .into_iter()
        .flatten()
        .any(|message| message.has_more_headers)
    {
        let message = format!("a message has more than {limit} headers");
        batch.problem(Problem::new(ProblemKind::Limit, message).at_entry(n));
    }
    if transaction.host.is_empty() {
        let problem = Problem::new(ProblemKind::Missing, "the transaction has no host");
        batch.problem(problem.at_entry(n).at_byte(span.start));
    }
    for fault in faults {
        let kind = match fault.kind {
            FaultKind::Syntax => ProblemKind::Syntax,
            FaultKind::Encoding => ProblemKind::Encoding,
            FaultKind::Value => ProblemKind::Value,
        };
        let problem = Problem::new(kind, fault.message).at_entry(n);
        batch.problem(problem.at_byte(origin.offset(fault.at)));
    }
    batch.push(&record);
}

fn read_exchange(flow: &Flow<'_>, max_headers: usize) -> Result<Exchange, Problem> {
    let (raw, entry) = (flow.row().span, flow.row().entry);
    let (bytes, origin) = bytes_of(flow.capture().source(), raw)
        .map_err(|error| unreadable(&error).at_entry(entry))?;
    let (transaction, _) = json_transaction::read(&bytes, &origin, max_headers);
    Ok(transaction.into_exchange(raw))
}

/// Adds what the scan had to say; fails when there was no transaction at all.
fn conclude(
    mut builder: CaptureBuilder,
    source: &ByteSource,
    outline: &Outline,
    watch: &Watch<'_>,
) -> Result<Capture, Problem> {
    if watch.cancel.is_cancelled() {
        let message = "reading was stopped before the end";
        builder.problem(Problem::new(ProblemKind::Limit, message));
        return Ok(builder.finish());
    }
    let damage = outline.damage.iter().map(|damage| Problem::from(*damage));
    if builder.is_empty()
        && let Some(problem) = damage.clone().next()
    {
        return Err(problem);
    }
    for problem in damage {
        builder.problem(problem);
    }
    watch.progress.set_done(source.len());
    Ok(builder.finish())
}
