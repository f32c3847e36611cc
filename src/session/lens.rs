//! How the shown flows are looked at: one by one, or grouped.

use crate::query::hosts::{By, HostSort};

/// A way to look at the flows that the query keeps. Filter, selection and labels are the same in all of them.
///
/// To add one: a variant here with its words, a panel, and what `app::lenses` asks of each.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
)]
pub enum Lens {
    /// A row for each flow.
    #[default]
    Requests,
    /// A row for each host, domain, party …
    Hosts,
    /// Party by party what each provider is to it.
    Services,
}

impl Lens {
    /// All lenses in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Requests, Self::Hosts, Self::Services];

    /// The word on the switch.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Requests => "Requests",
            Self::Hosts => "Hosts",
            Self::Services => "Services",
        }
    }

    /// True when a row stands for several flows.
    pub const fn is_grouped(self) -> bool {
        !matches!(self, Self::Requests)
    }
}

/// How the lens of hosts shows them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct HostsView {
    /// What the flows of a row have in common.
    pub by: By,
    /// By which column the rows are sorted.
    pub sort: HostSort,
}
