//! Writes a body, decoded, to wherever a person wants it.

use std::io::Write;

use super::problem::{Problem, ProblemKind};
use super::{Flow, Side};

/// Largest body that is written, in bytes: what a few kilobytes decompress to may be without end.
const MAX_BODY: usize = 2 << 30;

/// Writes the decoded body of one side of `flow` to `out`. Returns the number of bytes, and what could not be decoded.
pub fn write_body(
    flow: Flow<'_>,
    side: Side,
    out: &mut dyn Write,
) -> Result<(u64, Option<Problem>), Problem> {
    let exchange = flow.capture().exchange(flow.idx())?;
    let body = exchange.message(side).and_then(|it| it.body.as_ref());
    let Some(body) = body else {
        let message = "the capture holds no body of this message";
        return Err(Problem::new(ProblemKind::Missing, message));
    };
    let read = body.read(flow.capture().source(), MAX_BODY)?;
    out.write_all(&read.bytes).map_err(|error| {
        let message = format!("the body could not be written: {error}");
        Problem::new(ProblemKind::Io, message)
    })?;
    let cut = || {
        let message = format!("only the first {MAX_BODY} bytes were written");
        Problem::new(ProblemKind::Limit, message)
    };
    let problem = read.problem.or_else(|| read.is_cut.then(cut));
    Ok((read.bytes.len() as u64, problem))
}
