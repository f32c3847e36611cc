//! What a person chose for an export; remembered but for the decision to leave secrets in.

use crate::capture::FlowId;
use crate::document::Document;
use crate::query::Rows;
use crate::redact::Level;
use crate::reports::{FlowsListed, REPORTS, Report};
use crate::session::Selection;

/// The id of the folder with all reports, which is no single one.
pub(super) const BUNDLE: &str = "bundle";

/// Which flows go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::app) enum Scope {
    /// All flows of all captures.
    All,
    /// Those in the table, in its order.
    #[default]
    Shown,
    /// The selected ones.
    Selected,
    /// Those about which a person said something.
    Labelled,
}

/// Which flows a report for people lists one by one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::app) enum Listed {
    /// All of the report.
    #[default]
    All,
    /// Those with a label, note or tag.
    Labelled,
    /// The first hundred.
    First,
}

/// The choices of the dialog.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub(in crate::app) struct Choice {
    /// Id of the report, or `bundle`.
    pub(super) report: String,
    pub(super) scope: Scope,
    pub(super) listed: Listed,
    /// Tables take the columns of the table in the window.
    pub(super) has_own_columns: bool,
    /// Strict instead of balanced.
    pub(super) is_strict: bool,
    /// Secrets stay; asked for each time.
    #[serde(skip)]
    pub(super) with_secrets: bool,
}

impl Default for Choice {
    fn default() -> Self {
        Self {
            report: REPORTS[0].id().to_owned(),
            scope: Scope::default(),
            listed: Listed::default(),
            has_own_columns: false,
            is_strict: false,
            with_secrets: false,
        }
    }
}

impl Choice {
    pub(super) const fn level(&self) -> Level {
        match (self.with_secrets, self.is_strict) {
            (true, _) => Level::Nothing,
            (false, true) => Level::Strict,
            (false, false) => Level::Balanced,
        }
    }

    pub(super) const fn set_level(&mut self, level: Level) {
        self.with_secrets = matches!(level, Level::Nothing);
        self.is_strict = matches!(level, Level::Strict);
    }

    /// The same for the next export: that secrets stay is decided each time.
    pub(in crate::app) fn without_secrets(self) -> Self {
        Self {
            with_secrets: false,
            ..self
        }
    }

    /// The report, or the first one of a bundle.
    pub(super) fn report(&self) -> &'static dyn Report {
        crate::reports::report(&self.report).unwrap_or(REPORTS[0])
    }

    pub(super) fn is_bundle(&self) -> bool {
        self.report == BUNDLE
    }

    /// True for tables, whose columns can be chosen.
    pub(super) fn is_table(&self) -> bool {
        matches!(self.report.as_str(), "csv" | "tsv" | "csv-raw")
    }

    /// True for reports that list flows one by one for people.
    pub(super) fn is_for_people(&self) -> bool {
        matches!(self.report.as_str(), "html" | "md")
    }

    pub(super) const fn flows_listed(&self) -> FlowsListed {
        match self.listed {
            Listed::All => FlowsListed::All,
            Listed::Labelled => FlowsListed::Labelled,
            Listed::First => FlowsListed::First(100),
        }
    }
}

/// The flows of `scope`, in the order of the table where it has them. Walks all flows: for worker threads.
pub(super) fn flows(
    scope: Scope,
    document: &Document,
    rows: &Rows,
    selection: &Selection,
) -> Vec<FlowId> {
    match scope {
        Scope::All => document.flows().map(|(id, _)| id).collect(),
        Scope::Shown => rows.flows.clone(),
        Scope::Selected => {
            let shown = rows.flows.iter().copied();
            shown.filter(|id| selection.flows.contains(*id)).collect()
        }
        Scope::Labelled => {
            let all = document.flows().map(|(id, _)| id);
            all.filter(|id| document.annotation(*id).is_some())
                .collect()
        }
    }
}
