//! What was answered for one flow, beside what its label says.

use crate::attribution::verdict::Conclusiveness;

/// What was answered for one flow that carries, or could carry, a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// File name.
    pub file: String,
    /// 0-based place in the file.
    pub entry: u32,
    /// Host.
    pub host: String,
    /// The label as written.
    pub label: String,
    /// Provider id of the edge; empty when none was named.
    pub answer: String,
    /// How conclusive the edge is called; insufficient without one.
    pub conclusiveness: Conclusiveness,
    /// Number of families of evidence that speak for it.
    pub families: u8,
}
