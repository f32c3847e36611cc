//! What every provider is to every party: relations with roles, by resource, each with its own conclusiveness.

mod parties;
mod question;
mod relation;
mod whose;

pub use parties::{NotAttributed, PartyRoles, Roles, Standing, Why};
pub use question::{Hypothesis, Question, Weighed};
pub use relation::{
    Behind, Cited, Levels, MAX_CITED_FLOWS, Relation, RelationRole, Resource, ResourceKind,
};
pub use whose::{Owner, Whose};

use super::groups::Groups;
use super::hypotheses::Judged;
use crate::base::jobs::Cancel;

/// Judges what every provider is to every party of a session. Returns `None` when cancelled.
pub fn judge(_session: &[Judged<'_>], _groups: &Groups, cancel: &Cancel) -> Option<Roles> {
    (!cancel.is_cancelled()).then(Roles::default)
}
