//! What the tabs show of one flow, as plain data; made on a worker thread, since it reads the file.

mod body;
mod connection;
mod evidence;
mod find;
mod headers;
mod picture;
mod rule;
mod shared_evidence;
mod summary;
mod timing;
mod tree;

use std::sync::{Arc, Weak};

use crate::attribution::Attribution;
use crate::base::text::escape_for_terminal;
use crate::capture::{Capture, Exchange, FlowId};
use crate::document::Document;

pub use body::{Content, FIRST_LIMIT, LAST_LIMIT, Line, Part, View, Way};
pub use connection::{ConnectionSheet, Fact};
pub use evidence::{EvidenceSheet, Finding, Sign, Tint};
pub use find::Found;
pub use headers::{HeaderLine, HeaderSide, HeadersSheet};
pub use picture::Picture;
pub use rule::RuleText;
pub use shared_evidence::SharedEvidence;
pub use summary::{Marks, Summary, SummaryKey};
pub use timing::{Bar, TimingSheet, milliseconds};
pub use tree::{Kind, Tree, TreeRow};

/// Which flow of which opened capture, as judged at that time. Equal subjects show equal sheets.
///
/// Labels and notes are no part of it: they are read from the document in every frame. The weak pointers keep neither
/// file nor rows alive, and their addresses are not given to another capture as long as they exist.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The flow within the session.
    pub flow: FlowId,
    row: u32,
    capture: Weak<Capture>,
    attribution: Weak<Attribution>,
}

impl PartialEq for Subject {
    fn eq(&self, other: &Self) -> bool {
        self.flow == other.flow
            && self.capture.ptr_eq(&other.capture)
            && self.attribution.ptr_eq(&other.attribution)
    }
}

impl Subject {
    /// The subject for `flow`; `None` when the document has no such flow.
    pub fn new(document: &Document, flow: FlowId) -> Option<Self> {
        let (idx, row) = document.locate(flow)?;
        let open = document.captures().get(idx)?;
        Some(Self {
            flow,
            row,
            capture: Arc::downgrade(&open.capture),
            attribution: Arc::downgrade(&open.attribution),
        })
    }
}

/// Everything that the tabs show of one flow, apart from bodies.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// Tab Evidence.
    pub evidence: EvidenceSheet,
    /// Tab Headers.
    pub headers: HeadersSheet,
    /// Tab Timing.
    pub timing: TimingSheet,
    /// Tab Connection.
    pub connection: ConnectionSheet,
    /// Why the entry could not be read again, if so.
    pub problem: Option<String>,
}

impl Sheet {
    /// Examines `subject` and reads its entry again. Returns `None` when the flow is gone.
    pub fn of(document: &Document, subject: &Subject) -> Option<Self> {
        let flow = document.flow(subject.flow)?;
        let examination = document.examine(subject.flow)?;
        let (exchange, problem) = match flow.capture().exchange(subject.row) {
            Ok(exchange) => (exchange, None),
            Err(problem) => (Exchange::default(), Some(problem.to_string())),
        };
        Some(Self {
            evidence: EvidenceSheet::of(document, subject.flow, &examination, &exchange),
            headers: HeadersSheet::of(flow, &exchange, &examination),
            timing: TimingSheet::of(flow, &exchange, document.first_start()),
            connection: ConnectionSheet::of(flow, &exchange, document.party(subject.flow)),
            problem,
        })
    }
}

/// Most characters of one value that are laid out; the raw entry has the rest.
const MAX_SHOWN_CHARS: usize = 4_096;

/// `text` as it may be painted: invisible characters written out, and cut when very long.
fn shown(text: &str) -> String {
    let cut = text.char_indices().nth(MAX_SHOWN_CHARS);
    let Some((cut, _)) = cut else {
        return escape_for_terminal(text).into_owned();
    };
    let (start, rest) = text.split_at(cut);
    let n = rest.chars().count();
    format!(
        "{}… ({n} more characters in the raw entry)",
        escape_for_terminal(start)
    )
}
