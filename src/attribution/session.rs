//! The judged captures of a session.

use super::pass::Attribution;
use crate::capture::{Capture, Flow, FlowId};

/// One judged capture of a session.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'a> {
    /// What the file said.
    pub capture: &'a Capture,
    /// Who serves it.
    pub attribution: &'a Attribution,
    /// Session-wide number of its first flow.
    pub first: FlowId,
}

impl<'a> Judged<'a> {
    /// Session-wide number of `flow`.
    pub(super) fn id(&self, flow: Flow<'_>) -> FlowId {
        FlowId(self.first.0 + flow.idx())
    }

    /// The flow with the session-wide number `id`, if it is one of this capture.
    pub(super) fn flow(&self, id: FlowId) -> Option<Flow<'a>> {
        self.capture.flow(id.0.checked_sub(self.first.0)?)
    }
}
