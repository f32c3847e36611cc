//! What can be done with the selected rows of the lens by service, besides what is done with their flows.

use super::HeadwaterApp;
use crate::attribution::roles::RelationRole;
use crate::providers::{ServiceId, catalogue};
use crate::session::Subject;

impl HeadwaterApp {
    /// Shows the flows of the focused row in the lens by request.
    pub(super) fn open_subject(&mut self) {
        let Some(filter) = self.session.subjects.focus.as_ref().and_then(filter_of) else {
            return;
        };
        self.session.query.filter = filter;
    }
}

/// The filter for the flows of `subject`; `None` for several parties, which no filter describes.
fn filter_of(subject: &Subject) -> Option<String> {
    let party = format!("party=\"{}\"", subject.party()?.replace('"', ""));
    Some(match subject {
        Subject::Relation { service, role, .. } => relation_filter(&party, *service, *role),
        Subject::NotAttributed(_) => format!("{party} provider:none"),
        _ => party,
    })
}

fn relation_filter(party: &str, service: ServiceId, role: RelationRole) -> String {
    let path = catalogue().path(service);
    format!(
        "{party} (edge={path} | origin={path}) relation:{}",
        role.word()
    )
}
