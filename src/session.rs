//! What one person is looking at: query, selection, hover and zoom. Not part of the document and not undoable.

mod lens;
mod subject;

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use crate::attribution::Role;
use crate::base::time::Time;
use crate::capture::{Capture, FlowId, FlowSet};
use crate::document::Document;
use crate::providers::ProviderId;
use crate::query::Query;
use crate::query::aggregate::Part;
use crate::query::complete::quoted;
use crate::query::kinds::Kind;
use crate::query::search::{Place, Wanted};
use crate::query::words;

pub use lens::{HostsView, Lens};
pub use subject::{Rest, Subject, Subjects, relations_of};

/// The state of one window, apart from the document.
#[derive(Clone, Debug, Default)]
pub struct Session {
    /// How the shown flows are looked at.
    pub lens: Lens,
    /// How the lens of hosts shows them.
    pub hosts: HostsView,
    /// Which flows are shown, in which order.
    pub query: Query,
    /// The quick filters that narrow the query further.
    pub chips: Chips,
    /// The hosts that count.
    pub scope: HostScope,
    /// The selected flows.
    pub selection: Selection,
    /// The rows of the lens by service whose flows these are.
    pub subjects: Subjects,
    /// The flows that the second filter highlights.
    pub highlighted: Arc<FlowSet>,
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
    /// The sheet for searching in headers and bodies is open.
    pub is_search_open: bool,
    /// What the search went to last.
    pub sought: Option<Sought>,
    /// Times are shown in the zone of this machine instead of UTC.
    pub is_local_time: bool,
    /// How the timeline is drawn.
    pub timeline: TimelineView,
    /// The row at the upper edge of the table; the timeline scrolls along.
    pub top_row: u32,
}

impl Session {
    /// The query with the conditions of the chips added.
    pub fn effective_query(&self) -> Query {
        let mut query = self.query.clone();
        let typed = query.filter.trim();
        let typed = match (typed.is_empty(), self.chips.is_inverted) {
            (true, _) => String::new(),
            (false, true) => format!("-({typed})"),
            (false, false) => typed.to_owned(),
        };
        let added = [
            self.chips.answers_filter(),
            self.chips.places_filter(),
            self.chips.kinds_filter(),
            self.scope.filter(),
        ];
        let is_alone = added.iter().all(String::is_empty);
        query.filter = if typed.is_empty() || is_alone || self.chips.is_inverted {
            typed
        } else {
            format!("({typed})")
        };
        for more in added.into_iter().filter(|more| !more.is_empty()) {
            if !query.filter.is_empty() {
                query.filter.push(' ');
            }
            query.filter.push_str(&more);
        }
        query
    }
}

impl Session {
    /// Selects flows, which need not be those of whole rows.
    pub fn select(&mut self, selection: Selection) {
        self.selection = selection;
        self.subjects = Subjects::default();
    }

    /// Selects rows of the lens by service together with their flows.
    pub fn select_subjects(&mut self, subjects: Subjects, selection: Selection) {
        self.selection = selection;
        self.subjects = subjects;
    }

    /// What narrows the flows, for people who read a report: the filter, and the stretch of time.
    pub fn narrowing(&self) -> String {
        let mut words = self.effective_query().filter;
        if let Some(time) = &self.query.time {
            let stretch = format!("from {} to {}", time.start.to_iso(), time.end.to_iso());
            let comma = if words.is_empty() { "" } else { ", " };
            words = format!("{words}{comma}{stretch}");
        }
        words
    }
}

/// A place that a search found, which the details show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sought {
    /// In which flow.
    pub flow: FlowId,
    /// Where in it.
    pub place: Place,
    /// How many of the places before it lie in the same body.
    pub nth: usize,
    /// What was looked for.
    pub wanted: Wanted,
}

/// The hosts that count in every figure; each covers all below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostScope {
    /// Hosts that are left out.
    pub ignored: BTreeSet<String>,
    /// When there are any, all others are left out.
    pub focused: BTreeSet<String>,
}

impl HostScope {
    /// True when every host counts.
    pub fn is_empty(&self) -> bool {
        self.ignored.is_empty() && self.focused.is_empty()
    }

    /// The condition that a flow has to meet; empty when every host counts.
    pub fn filter(&self) -> String {
        let focused = any_of(
            self.focused
                .iter()
                .map(|host| format!("host:{}", quoted(host))),
        );
        let ignored = self
            .ignored
            .iter()
            .map(|host| format!("-host:{}", quoted(host)));
        let terms: Vec<String> = std::iter::once(focused).chain(ignored).collect();
        terms.join(" ").trim().to_owned()
    }

    /// `3 hosts ignored`, `only www.example.com`.
    pub fn words(&self) -> String {
        let mut words = Vec::new();
        match self.focused.len() {
            0 => {}
            1 => words.extend(self.focused.first().map(|host| format!("only {host}"))),
            n => words.push(format!("only {n} hosts")),
        }
        if !self.ignored.is_empty() {
            let n = crate::base::text::counted(self.ignored.len() as u64, "host");
            words.push(format!("{n} ignored"));
        }
        words.join(", ")
    }
}

/// Quick filters: of each group, at least one of those that are pressed must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chips {
    /// What was answered, by the machine or by a person.
    pub answers: BTreeSet<Chip>,
    /// On whose site it was seen.
    pub places: BTreeSet<Seen>,
    /// What was fetched.
    pub kinds: BTreeSet<Kind>,
    /// Shows what the filter as typed would leave out.
    pub is_inverted: bool,
}

impl Chips {
    /// The condition of the answers; empty when none is pressed.
    pub fn answers_filter(&self) -> String {
        any_of(self.answers.iter().map(|chip| chip.filter().to_owned()))
    }

    /// The condition of the sites; empty when none is pressed.
    pub fn places_filter(&self) -> String {
        any_of(self.places.iter().map(|seen| seen.filter().to_owned()))
    }

    /// The condition of the kinds; empty when none is pressed.
    pub fn kinds_filter(&self) -> String {
        any_of(
            self.kinds
                .iter()
                .map(|kind| format!("kind:{}", kind.word())),
        )
    }
}

fn any_of(terms: impl Iterator<Item = String>) -> String {
    let terms: Vec<String> = terms.collect();
    match terms.as_slice() {
        [] | [_] => terms.concat(),
        _ => format!("({})", terms.join(" | ")),
    }
}

/// Presses `chip`: alone, or beside the others; a second time releases it.
pub fn press<T: Ord + Copy>(pressed: &mut BTreeSet<T>, chip: T, is_beside: bool) {
    let was_on = pressed.contains(&chip);
    let was_alone = was_on && pressed.len() == 1;
    if !is_beside {
        pressed.clear();
    }
    if was_alone || was_on && is_beside {
        pressed.remove(&chip);
    } else {
        pressed.insert(chip);
    }
}

/// A quick filter by what was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Chip {
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
    pub const ALL: [Self; 5] = [
        Self::Unlabelled,
        Self::Origin,
        Self::Cdn,
        Self::Unknown,
        Self::Conflict,
    ];

    /// The word on the chip.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Unlabelled => "Unlabelled",
            Self::Origin => "Origin",
            Self::Cdn => "CDN",
            Self::Unknown => "Unknown",
            Self::Conflict => "Conflict",
        }
    }

    /// What it keeps, in one sentence.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Unlabelled => words::NOT_REVIEWED,
            Self::Origin => words::role(Role::Origin),
            Self::Cdn => words::role(Role::Cdn),
            Self::Unknown => words::role(Role::Unknown),
            Self::Conflict => words::CONFLICT,
        }
    }

    /// The filter it adds.
    pub const fn filter(self) -> &'static str {
        match self {
            Self::Unlabelled => "label:none",
            Self::Origin => "role:origin",
            Self::Cdn => "role:cdn",
            Self::Unknown => "role:unknown",
            Self::Conflict => "is:conflict",
        }
    }
}

/// A quick filter by the site on which something was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seen {
    /// On the party's own.
    FirstParty,
    /// On somebody else's.
    Embedded,
}

impl Seen {
    /// Both chips in the order in which they are shown.
    pub const ALL: [Self; 2] = [Self::FirstParty, Self::Embedded];

    /// The word on the chip.
    pub const fn title(self) -> &'static str {
        match self {
            Self::FirstParty => "First party",
            Self::Embedded => "Embedded",
        }
    }

    /// What it keeps, in one sentence.
    pub const fn about(self) -> &'static str {
        match self {
            Self::FirstParty => words::FIRST_PARTY,
            Self::Embedded => words::EMBEDDED,
        }
    }

    /// The filter it adds.
    pub const fn filter(self) -> &'static str {
        match self {
            Self::FirstParty => "is:first-party",
            Self::Embedded => "is:embedded",
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
    pub flows: FlowSet,
}

impl Selection {
    /// Just `flow`.
    pub fn only(flow: FlowId) -> Self {
        Self {
            focus: Some(flow),
            anchor: Some(flow),
            flows: [flow].into(),
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Measure {
    /// Number of requests.
    #[default]
    Requests,
    /// Bytes received.
    Bytes,
    /// Number of distinct hosts.
    Hosts,
    /// Sum of the durations.
    Time,
}

impl Measure {
    /// All measures in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Requests, Self::Bytes, Self::Hosts, Self::Time];

    /// The word on the switch.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Requests => "Requests",
            Self::Bytes => "Bytes",
            Self::Hosts => "Hosts",
            Self::Time => "Time",
        }
    }
}

/// How the timeline is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct TimelineView {
    /// What the colour of a bar means.
    pub colour_by: ColourBy,
    /// Where a bar stands.
    pub lanes: Lanes,
    /// Every file begins at the same time.
    pub is_aligned: bool,
    /// The chosen stretch of time also filters the table.
    pub is_filtering: bool,
}

impl TimelineView {
    /// How many microseconds later than in the file the flows of `capture` are drawn.
    pub fn shift_of(self, document: &Document, capture: &Capture) -> i64 {
        if !self.is_aligned {
            return 0;
        }
        let starts = document.first_start().zip(capture.first_start());
        starts.map_or(0, |(all, own)| all.0.saturating_sub(own.0))
    }
}

/// What the colour of a bar of the timeline means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum ColourBy {
    /// What it waited for.
    #[default]
    Phase,
    /// Who answered.
    Provider,
    /// In which role.
    Role,
    /// What was fetched.
    Kind,
}

impl ColourBy {
    /// All meanings in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Phase, Self::Provider, Self::Role, Self::Kind];

    /// The word on the switch.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Phase => "Phase",
            Self::Provider => "Provider",
            Self::Role => "Role",
            Self::Kind => "Type",
        }
    }
}

/// Where the bars of the timeline stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Lanes {
    /// Each on a lane of its own, in the order of the table.
    #[default]
    Rows,
    /// As many as fit beside each other on one lane, in the order of time.
    Packed,
}

impl Lanes {
    /// All arrangements in the order in which they are offered.
    pub const ALL: [Self; 2] = [Self::Rows, Self::Packed];

    /// The word on the switch.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Rows => "Rows",
            Self::Packed => "Packed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chips_narrow_what_was_typed() {
        let mut session = Session::default();
        let check = |session: &mut Session, change: fn(&mut Session), expected: &str| {
            change(session);
            assert_eq!(session.effective_query().filter, expected);
            let parsed = crate::query::filter::Filter::parse(expected);
            assert!(parsed.is_ok(), "{expected}");
        };
        check(&mut session, |_| {}, "");
        check(
            &mut session,
            |it| press(&mut it.chips.answers, Chip::Cdn, false),
            "role:cdn",
        );
        check(
            &mut session,
            |it| it.query.filter = "a | b".to_owned(),
            "(a | b) role:cdn",
        );
        check(
            &mut session,
            |it| press(&mut it.chips.answers, Chip::Conflict, true),
            "(a | b) (role:cdn | is:conflict)",
        );
        check(
            &mut session,
            |it| press(&mut it.chips.kinds, Kind::Image, false),
            "(a | b) (role:cdn | is:conflict) kind:image",
        );
        check(
            &mut session,
            |it| press(&mut it.chips.places, Seen::Embedded, false),
            "(a | b) (role:cdn | is:conflict) is:embedded kind:image",
        );
        check(
            &mut session,
            |it| it.chips.places.clear(),
            "(a | b) (role:cdn | is:conflict) kind:image",
        );
        check(
            &mut session,
            |it| it.chips.is_inverted = true,
            "-(a | b) (role:cdn | is:conflict) kind:image",
        );
        check(
            &mut session,
            |it| press(&mut it.chips.answers, Chip::Cdn, false),
            "-(a | b) role:cdn kind:image",
        );
        check(
            &mut session,
            |it| press(&mut it.chips.answers, Chip::Cdn, false),
            "-(a | b) kind:image",
        );
        check(
            &mut session,
            |it| {
                it.scope.ignored = BTreeSet::from(["x.y".to_owned(), "z".to_owned()]);
                it.scope.focused = BTreeSet::from(["a.b".to_owned()]);
            },
            "-(a | b) kind:image host:a.b -host:x.y -host:z",
        );
        assert_eq!(session.scope.words(), "only a.b, 2 hosts ignored");
        let mut session = Session::default();
        session.query.time = Some(Time(0)..Time(1_000_000));
        let stretch = "from 1970-01-01T00:00:00.000Z to 1970-01-01T00:00:01.000Z";
        assert_eq!(session.narrowing(), stretch);
        session.query.filter = "a".to_owned();
        assert_eq!(session.narrowing(), format!("a, {stretch}"));
    }
}
