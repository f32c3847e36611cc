//! The distinct regions that the verdicts of one capture name.

use foldhash::HashMap;

use super::verdict::RegionId;

/// The distinct regions of one capture.
#[derive(Clone, Debug, Default)]
pub(super) struct Regions {
    names: Vec<String>,
    index: HashMap<String, RegionId>,
}

impl Regions {
    /// The id of `region`; `None` only when a hostile capture names more than an id can number.
    pub(super) fn intern(&mut self, region: &str) -> Option<RegionId> {
        if let Some(known) = self.find(region) {
            return Some(known);
        }
        let id = RegionId(u16::try_from(self.names.len()).ok()?);
        self.names.push(region.to_owned());
        self.index.insert(region.to_owned(), id);
        Some(id)
    }

    pub(super) fn find(&self, region: &str) -> Option<RegionId> {
        self.index.get(region).copied()
    }

    /// All names, by their ids.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }
}
