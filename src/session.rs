//! What one person is looking at: query, selection, hover and zoom. Not part of the document and not undoable.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::attribution::Role;
use crate::base::time::Time;
use crate::capture::FlowId;
use crate::providers::ProviderId;
use crate::query::Query;
use crate::query::aggregate::Part;

/// The state of one window, apart from the document.
#[derive(Clone, Debug, Default)]
pub struct Session {
    /// Which flows are shown, in which order.
    pub query: Query,
    /// The chip that narrows the query further.
    pub chip: Chip,
    /// The selected flows.
    pub selection: Selection,
    /// The provider whose slice, row or bar the pointer is on; everything else is dimmed.
    pub highlight: Option<Highlight>,
    /// The stretch of time that the waterfall shows; `None` = all of it.
    pub zoom: Option<Range<Time>>,
    /// Which tab of the detail panel is open.
    pub detail_tab: DetailTab,
    /// What the size of a slice means.
    pub measure: Measure,
    /// Which part of the verdicts the slices are drawn by.
    pub part: Part,
}

impl Session {
    /// The query with the chip's condition added.
    pub fn effective_query(&self) -> Query {
        let mut query = self.query.clone();
        let chip = self.chip.filter();
        if !chip.is_empty() {
            query.filter = if query.filter.trim().is_empty() {
                chip.to_owned()
            } else {
                format!("({}) {chip}", query.filter)
            };
        }
        query
    }
}

/// Quick filters beside the filter box; one at a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Chip {
    /// No further condition.
    #[default]
    All,
    /// Not reviewed yet.
    Unlabelled,
    /// The machine says origin.
    Origin,
    /// The machine says CDN.
    Cdn,
    /// The machine does not know.
    Unknown,
    /// Evidence that contradicts itself.
    Conflict,
}

impl Chip {
    /// All chips in the order in which they are shown.
    pub const ALL: [Self; 6] = [
        Self::All,
        Self::Unlabelled,
        Self::Origin,
        Self::Cdn,
        Self::Unknown,
        Self::Conflict,
    ];

    /// The word on the chip.
    pub const fn title(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::Unlabelled => "Unlabelled",
            Self::Origin => "Origin",
            Self::Cdn => "CDN",
            Self::Unknown => "Unknown",
            Self::Conflict => "Conflict",
        }
    }

    /// The filter it adds.
    pub const fn filter(self) -> &'static str {
        match self {
            Self::All => "",
            Self::Unlabelled => "label:none",
            Self::Origin => "role:origin",
            Self::Cdn => "role:cdn",
            Self::Unknown => "role:unknown",
            Self::Conflict => "is:conflict",
        }
    }
}

/// The selected flows, with the one that the keyboard moves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// The flow whose details are shown.
    pub focus: Option<FlowId>,
    /// Where an extended selection began.
    pub anchor: Option<FlowId>,
    /// All selected flows, the focus included.
    pub flows: BTreeSet<FlowId>,
}

impl Selection {
    /// Just `flow`.
    pub fn only(flow: FlowId) -> Self {
        Self {
            focus: Some(flow),
            anchor: Some(flow),
            flows: BTreeSet::from([flow]),
        }
    }
}

/// What the pointer is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Highlight {
    /// Which provider; `None` = not attributed.
    pub provider: Option<ProviderId>,
    /// In which role.
    pub role: Role,
}

/// The tabs of the detail panel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DetailTab {
    /// What speaks for and against the verdict.
    #[default]
    Evidence,
    /// All headers of both sides.
    Headers,
    /// The bodies.
    Body,
    /// The phases.
    Timing,
    /// Address, versions, circumstances.
    Connection,
    /// The person's label and note.
    Notes,
    /// The entry as it lies in the file.
    Raw,
}

impl DetailTab {
    /// All tabs in order.
    pub const ALL: [Self; 7] = [
        Self::Evidence,
        Self::Headers,
        Self::Body,
        Self::Timing,
        Self::Connection,
        Self::Notes,
        Self::Raw,
    ];

    /// The word on the tab.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Evidence => "Evidence",
            Self::Headers => "Headers",
            Self::Body => "Body",
            Self::Timing => "Timing",
            Self::Connection => "Connection",
            Self::Notes => "Notes",
            Self::Raw => "Raw",
        }
    }
}

/// What the size of a slice means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Measure {
    /// Number of requests.
    #[default]
    Requests,
    /// Bytes received.
    Bytes,
}
