//! The header value that leads from a finding to the header it was read from, and back.

use crate::base::bytes::Span;

/// Which header value is marked in both tabs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mark {
    span: Option<Span>,
    /// True until the tab that it leads to has scrolled to it.
    is_new: bool,
    /// True when it was set in this frame.
    is_followed: bool,
}

impl Mark {
    /// Marks the value at `span` and asks for the other tab.
    pub(super) const fn follow(&mut self, span: Span) {
        *self = Self {
            span: Some(span),
            is_new: true,
            is_followed: true,
        };
    }

    /// True when the value at `span` is marked.
    pub(super) fn is_on(&self, span: Span) -> bool {
        self.span == Some(span)
    }

    /// True once for each mark, when the other tab was asked for.
    pub(super) const fn is_followed(&mut self) -> bool {
        std::mem::replace(&mut self.is_followed, false)
    }

    /// True until [`Mark::take_new`].
    pub(super) const fn is_new(&self) -> bool {
        self.is_new && !self.is_followed
    }

    /// True once for each mark, in the tab that it leads to.
    pub(super) const fn take_new(&mut self) -> bool {
        let is_new = self.is_new();
        if is_new {
            self.is_new = false;
        }
        is_new
    }
}
