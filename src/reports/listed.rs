//! Which flows a report for people lists one by one; its tables and charts always cover all of them.

use super::ReportInput;
use crate::base::text::{counted, thousands};
use crate::capture::{Flow, FlowId, FlowSet};

/// Which flows are listed one by one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FlowsListed {
    /// Every flow of the report.
    #[default]
    All,
    /// Those about which a person said something.
    Labelled,
    /// The first ones, in the order of the view.
    First(u32),
}

impl<'a> ReportInput<'a> {
    /// The flows that are listed, in the order of the view.
    pub(super) fn listed(&self) -> impl Iterator<Item = (FlowId, Flow<'a>)> {
        let document = self.document;
        let most = match self.flows_listed {
            FlowsListed::First(n) => n as usize,
            FlowsListed::All | FlowsListed::Labelled => usize::MAX,
        };
        let only_labelled = self.flows_listed == FlowsListed::Labelled;
        self.shown()
            .filter(move |(id, _)| !only_labelled || document.annotation(*id).is_some())
            .take(most)
    }

    /// How many flows of the report somebody said something about.
    pub(super) fn n_labelled(&self) -> usize {
        let said = |id: &&FlowId| self.document.annotation(**id).is_some();
        self.flows.iter().filter(said).count()
    }

    /// Their numbers.
    pub(super) fn listed_flows(&self) -> Vec<FlowId> {
        self.listed().map(|(id, _)| id).collect()
    }

    /// The same as a set, for those who point at flows.
    pub(super) fn listed_set(&self) -> FlowSet {
        let mut set = FlowSet::default();
        for (id, _) in self.listed() {
            set.insert(id);
        }
        set
    }

    /// Says which flows are listed: `All 607 flows`, `The first 50 of 607 flows; …`.
    pub(super) fn listed_words(&self, n_listed: usize, n_shown: usize) -> String {
        let covers = "tables and charts cover all of them";
        let all = counted(n_shown as u64, "flow");
        let some = thousands(n_listed as u64);
        match self.flows_listed {
            FlowsListed::All => format!("All {all} of this report"),
            FlowsListed::First(_) if n_listed == n_shown => format!("All {all} of this report"),
            FlowsListed::First(_) => format!("The first {some} of {all}; {covers}"),
            FlowsListed::Labelled => {
                format!("Only those with a label, a note or a tag: {some} of {all}; {covers}")
            }
        }
    }
}
