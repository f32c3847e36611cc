//! The text of a table's cell, in pieces of different weight.

/// The text of a cell in up to three pieces, of which only the middle one has full weight.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CellText {
    /// What comes before: subdomains.
    pub lead: String,
    /// What matters.
    pub main: String,
    /// What comes behind: units, the origin behind an edge; alone where something is not known.
    pub trail: String,
}

impl CellText {
    pub(super) fn main(text: impl Into<String>) -> Self {
        Self {
            main: text.into(),
            ..Self::default()
        }
    }

    pub(super) fn trail(text: impl Into<String>) -> Self {
        Self {
            trail: text.into(),
            ..Self::default()
        }
    }

    pub(super) fn with_unit((number, unit): (impl Into<String>, &str)) -> Self {
        Self {
            main: number.into(),
            trail: format!(" {unit}"),
            ..Self::default()
        }
    }

    /// The whole text.
    pub fn whole(&self) -> String {
        [&*self.lead, &*self.main, &*self.trail].concat()
    }
}
