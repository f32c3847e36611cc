//! The document: captures, what the machine says of them, and what people say. A clone is a snapshot for worker threads.

mod parties;
mod reread;

use std::sync::{Arc, OnceLock};

use crate::annotations::{Annotation, Annotations, Change, Edit, History, Label};
use crate::attribution::{
    Attribution, Examination, Judged, RegionId, Role, Verdict,
    roles::{self, Roles},
};
use crate::base::jobs::Cancel;
use crate::base::time::Time;
use crate::capture::{Capture, Exchange, Flow, FlowId};

pub use reread::{Reread, RereadCells};

/// One opened capture with the machine's answers.
#[derive(Clone, Debug)]
pub struct OpenCapture {
    /// What the file said.
    pub capture: Arc<Capture>,
    /// Who serves it; empty until the first pass is done.
    pub attribution: Arc<Attribution>,
    /// What is missing or damaged beside it, in sentences: labels that fit no flow, labels that cannot be read.
    pub gaps: Vec<String>,
    /// Session-wide number of its first flow.
    first: u32,
}

impl OpenCapture {
    /// The hosts that decide the party of any flow, some of them often.
    fn hosts(&self) -> impl Iterator<Item = &str> {
        let own = self.capture.flows().map(Flow::host);
        own.chain(self.attribution.deciding_hosts())
    }
}

/// Everything a window or report shows. Cloning costs a few pointers; edits leave older clones as they were.
#[derive(Clone, Debug, Default)]
pub struct Document {
    captures: Vec<OpenCapture>,
    annotations: Arc<Annotations>,
    history: Arc<History>,
    revision: u64,
    content_revision: u64,
    is_search_stopped: bool,
    /// What was judged of the parties, once somebody asked; shared by all clones of one content.
    roles: Arc<OnceLock<Arc<Roles>>>,
    /// Columns whose cells were read again from the captures, by their word.
    reread: Vec<(&'static str, Arc<RereadCells>)>,
}

impl Document {
    /// An empty document whose edits are signed by `reviewer`.
    pub fn new(reviewer: &str) -> Self {
        let mut document = Self::default();
        Arc::make_mut(&mut document.annotations).set_reviewer(reviewer);
        document
    }

    /// Grows by one with every change: equal revisions of one document hold equal content.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Grows by one whenever captures, verdicts or groupings change, but not with labels and notes.
    pub fn content_revision(&self) -> u64 {
        self.content_revision
    }

    /// Who signs edits; empty when not given.
    pub fn reviewer(&self) -> &str {
        self.annotations.reviewer()
    }

    /// Sets who signs edits from now on, and whose opinions stand in front of those of others.
    pub fn set_reviewer(&mut self, reviewer: &str) {
        if self.reviewer() != reviewer {
            Arc::make_mut(&mut self.annotations).set_reviewer(reviewer);
            self.revision += 1;
        }
    }

    /// The captures in the order in which they were opened.
    pub fn captures(&self) -> &[OpenCapture] {
        &self.captures
    }

    /// Number of flows of all captures.
    pub fn n_flows(&self) -> u32 {
        self.captures
            .last()
            .map_or(0, |last| last.first + last.capture.len())
    }

    /// True when no capture is open.
    pub fn is_empty(&self) -> bool {
        self.captures.is_empty()
    }

    /// Adds a capture behind the others and returns its index.
    pub fn push(&mut self, capture: Capture, attribution: Attribution) -> usize {
        let first = self.n_flows();
        self.reread.clear();
        self.captures.push(OpenCapture {
            capture: Arc::new(capture),
            attribution: Arc::new(attribution),
            gaps: Vec::new(),
            first,
        });
        self.is_search_stopped = false;
        self.content_changed();
        self.captures.len() - 1
    }

    /// Replaces the last capture, which is still being read, by a more complete snapshot of itself.
    pub fn grow_last(&mut self, capture: Capture, attribution: Attribution) {
        if let Some(last) = self.captures.last_mut() {
            last.capture = Arc::new(capture);
            self.reread.clear();
            last.attribution = Arc::new(attribution);
            self.content_changed();
        }
    }

    /// The capture of `flow`, its index, and the row within it.
    pub fn locate(&self, flow: FlowId) -> Option<(usize, u32)> {
        let idx = self
            .captures
            .partition_point(|open| open.first <= flow.0)
            .checked_sub(1)?;
        let row = flow.0 - self.captures[idx].first;
        (row < self.captures[idx].capture.len()).then_some((idx, row))
    }

    /// The session-wide id of row `row` of capture `capture_idx`.
    pub fn flow_id(&self, capture_idx: usize, row: u32) -> FlowId {
        FlowId(self.captures.get(capture_idx).map_or(0, |open| open.first) + row)
    }

    /// What the file says about `flow`.
    pub fn flow(&self, flow: FlowId) -> Option<Flow<'_>> {
        let (idx, row) = self.locate(flow)?;
        self.captures[idx].capture.flow(row)
    }

    /// Request and response of `flow`, read again from its file; `None` when they cannot be read. For worker threads.
    pub fn exchange(&self, flow: FlowId) -> Option<Exchange> {
        let (idx, row) = self.locate(flow)?;
        self.captures[idx].capture.exchange(row).ok()
    }

    /// All flows in session order.
    pub fn flows(&self) -> impl Iterator<Item = (FlowId, Flow<'_>)> {
        self.captures.iter().flat_map(|open| {
            open.capture
                .flows()
                .map(|flow| (FlowId(open.first + flow.idx()), flow))
        })
    }

    /// The machine's answer for `flow`, and nobody else's.
    pub fn verdict(&self, flow: FlowId) -> Verdict {
        self.locate(flow).map_or(Verdict::UNKNOWN, |(idx, row)| {
            self.captures[idx].attribution.verdict(row)
        })
    }

    /// Finds the evidence behind the machine's answer for `flow`.
    pub fn examine(&self, flow: FlowId) -> Option<Examination> {
        let (idx, row) = self.locate(flow)?;
        let open = &self.captures[idx];
        Some(open.attribution.examine(&open.capture, row))
    }

    /// Whose traffic `flow` is; empty when unknown.
    pub fn party(&self, flow: FlowId) -> &str {
        self.locate(flow).map_or("", |(idx, row)| {
            let open = &self.captures[idx];
            open.attribution
                .party(&open.capture, row, self.annotations.groups())
        })
    }

    /// The site on which `flow` was seen; empty when the capture does not say.
    pub fn site(&self, flow: FlowId) -> &str {
        self.locate(flow).map_or("", |(idx, row)| {
            let groups = self.annotations.groups();
            self.captures[idx].attribution.site(row, groups)
        })
    }

    /// What every provider is to every party, judged once for each state of captures and groupings. `None` when cancelled.
    /// For worker threads.
    pub fn roles(&self, cancel: &Cancel) -> Option<Arc<Roles>> {
        if let Some(judged) = self.roles.get() {
            return Some(Arc::clone(judged));
        }
        let judged = roles::judge(&self.session(), self.annotations.groups(), cancel)?;
        Some(Arc::clone(self.roles.get_or_init(|| Arc::new(judged))))
    }

    /// The same, where it was judged already; never takes time.
    pub fn judged_roles(&self) -> Option<&Roles> {
        self.roles.get().map(|judged| &**judged)
    }

    fn session(&self) -> Vec<Judged<'_>> {
        let captures = self.captures.iter();
        captures
            .map(|open| Judged {
                capture: &open.capture,
                attribution: &open.attribution,
                first: FlowId(open.first),
            })
            .collect()
    }

    /// True while the bodies of a capture were not searched yet, and nobody stopped that.
    pub fn is_looking(&self) -> bool {
        let mut captures = self.captures.iter();
        !self.is_search_stopped && captures.any(|open| !open.attribution.has_read_bodies())
    }

    /// Leaves the bodies unsearched that were not searched so far; a new capture starts the search again.
    pub const fn stop_looking(&mut self) {
        self.is_search_stopped = true;
    }

    /// Takes over what the second pass found out about one capture.
    pub fn set_attribution(&mut self, capture_idx: usize, attribution: Arc<Attribution>) {
        if let Some(open) = self.captures.get_mut(capture_idx) {
            open.attribution = attribution;
            self.content_changed();
        }
    }

    fn content_changed(&mut self) {
        self.revision += 1;
        self.content_revision += 1;
        self.roles = Arc::default();
    }

    /// The name of a region that the verdict of `flow` mentions.
    pub fn region(&self, flow: FlowId, region: RegionId) -> &str {
        self.locate(flow)
            .map_or("", |(idx, _)| self.captures[idx].attribution.region(region))
    }

    /// The earliest start of any flow.
    pub fn first_start(&self) -> Option<Time> {
        self.captures
            .iter()
            .filter_map(|open| open.capture.first_start())
            .min()
    }

    /// The latest end of any flow.
    pub fn last_end(&self) -> Option<Time> {
        self.captures
            .iter()
            .filter_map(|open| open.capture.last_end())
            .max()
    }

    /// The person's answer for `flow`; `None` = not reviewed.
    pub fn label(&self, flow: FlowId) -> Option<Label> {
        self.annotations.label(flow)
    }

    /// The person's note on `flow`; empty when there is none.
    pub fn note(&self, flow: FlowId) -> &str {
        self.annotations.note(flow)
    }

    /// The note that the reviewer of the session wrote on `flow`; empty when there is none.
    pub fn own_note(&self, flow: FlowId) -> &str {
        let said = self.annotation(flow);
        said.map_or("", |said| said.own_note(self.reviewer()))
    }

    /// Label, note, author and time together.
    pub fn annotation(&self, flow: FlowId) -> Option<&Annotation> {
        self.annotations.get(flow)
    }

    /// All annotations.
    pub fn annotations(&self) -> &Annotations {
        &self.annotations
    }

    /// What was said about flows of one capture, by row.
    pub fn annotations_of(&self, capture_idx: usize) -> impl Iterator<Item = (u32, &Annotation)> {
        self.annotations
            .iter()
            .filter_map(move |(flow, annotation)| {
                let (idx, row) = self.locate(flow)?;
                (idx == capture_idx).then_some((row, annotation))
            })
    }

    /// True when `name` or a name below it is a host that decides whose traffic a flow is.
    pub fn has_host(&self, name: &str) -> bool {
        let is_covered = |host: &str| {
            host.strip_suffix(name)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        let mut hosts = self.captures.iter().flat_map(OpenCapture::hosts);
        hosts.any(is_covered)
    }

    /// Makes `change` on `flows` as one undoable edit.
    pub fn edit(&mut self, flows: &[FlowId], change: &Change) {
        let by = self.reviewer();
        self.apply(Edit::new(&self.annotations, flows, change, by, Time::now()));
    }

    /// Makes an edit that can be undone.
    fn apply(&mut self, edit: Edit) {
        let regroups = edit.regroups();
        Arc::make_mut(&mut self.history).apply(Arc::make_mut(&mut self.annotations), edit);
        self.annotations_changed(regroups);
    }

    /// Labels each of `flows` as the machine says, as one undoable edit that is recorded as such. Flows about which the
    /// machine does not know stay as they are. Returns how many were labelled.
    pub fn accept(&mut self, flows: &[FlowId]) -> usize {
        let answer = |flow: &FlowId| match self.verdict(*flow).role {
            Role::Origin => Some((*flow, Label::Origin)),
            Role::Cdn => Some((*flow, Label::Cdn)),
            Role::Unknown => None,
        };
        let answers: Vec<_> = flows.iter().filter_map(answer).collect();
        if !answers.is_empty() {
            let by = self.reviewer();
            self.apply(Edit::accept(&self.annotations, &answers, by, Time::now()));
        }
        answers.len()
    }

    /// Takes back the last edit and returns its title.
    pub fn undo(&mut self) -> Option<String> {
        let history = Arc::make_mut(&mut self.history);
        let edit = history.undo(Arc::make_mut(&mut self.annotations))?;
        let (title, regroups) = (edit.title().to_owned(), edit.regroups());
        self.annotations_changed(regroups);
        Some(title)
    }

    /// Makes the last undone edit again and returns its title.
    pub fn redo(&mut self) -> Option<String> {
        let history = Arc::make_mut(&mut self.history);
        let edit = history.redo(Arc::make_mut(&mut self.annotations))?;
        let (title, regroups) = (edit.title().to_owned(), edit.regroups());
        self.annotations_changed(regroups);
        Some(title)
    }

    fn annotations_changed(&mut self, regroups: bool) {
        if regroups {
            self.content_changed();
        } else {
            self.revision += 1;
        }
    }

    /// What can be undone and redone.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Takes over annotations that were saved earlier; not undoable.
    pub fn restore(&mut self, saved: impl IntoIterator<Item = (FlowId, Annotation)>) {
        let said = Arc::make_mut(&mut self.annotations);
        for (flow, annotation) in saved {
            if !annotation.is_empty() {
                said.replace(flow, Some(Arc::new(annotation)));
            }
        }
        self.revision += 1;
    }

    /// Says what is missing or damaged beside the capture `idx`, for reports.
    pub fn set_gaps(&mut self, idx: usize, gaps: Vec<String>) {
        if let Some(open) = self.captures.get_mut(idx) {
            open.gaps = gaps;
        }
    }
}
