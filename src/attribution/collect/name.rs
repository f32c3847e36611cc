//! The host name: to which service it belongs.

use super::{Family, Findings};
use crate::attribution::gates::Lookups;
use crate::capture::Flow;

pub(super) fn collect<'a>(findings: &mut Findings<'a>, flow: Flow<'a>, lookups: &mut Lookups<'a>) {
    for found in lookups.host(flow) {
        let rule = &found.rule.rule;
        if rule.is_valid_at(flow.start()) {
            let at = (flow.host(), flow.row().span);
            findings.add(Family::Name, rule, rule.strength, at, found.region);
        }
    }
}
