//! One walk over the flows of a report, from which its tables, charts and sentences are counted: flows that share a host
//! and a verdict are one group.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::ReportInput;
use crate::annotations::{Annotation, Label};
use crate::attribution::{Conclusiveness, Role, Verdict};
use crate::base::host::host_mark;
use crate::base::text::shorten_middle;
use crate::base::time::Time;
use crate::capture::{Flow, FlowId};
use crate::providers::ServiceId;
use crate::redact::Redactor;

/// What the flows of one group have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key<'a> {
    /// Whose traffic; empty when unknown.
    pub(super) party: &'a str,
    pub(super) host: &'a str,
    pub(super) edge: Option<ServiceId>,
    pub(super) origin: Option<ServiceId>,
    pub(super) role: Role,
    pub(super) conclusiveness: Conclusiveness,
}

impl<'a> Key<'a> {
    /// The group of `flow`.
    pub(super) fn of(input: &ReportInput<'a>, id: FlowId, flow: Flow<'a>) -> Self {
        let verdict = input.document.verdict(id);
        Self {
            party: input.document.party(id),
            host: flow.host(),
            edge: verdict.edge.map(|part| part.service),
            origin: verdict.origin.map(|part| part.service),
            role: verdict.role,
            conclusiveness: verdict.conclusiveness,
        }
    }

    /// The service to name first: the edge, else the origin.
    pub(super) fn terminating(&self) -> Option<ServiceId> {
        self.edge.or(self.origin)
    }
}

/// Longest host or party that is shown in full: no valid one is longer.
pub(super) const MAX_HOST: usize = 253;

/// A host or a party, fit to leave the program; a hostile one is shortened, since it stands in every table.
pub(super) fn shown_host(host: &str, redactor: &mut Redactor) -> String {
    let host = shorten_middle(&redactor.shown(host), MAX_HOST).into_owned();
    match host_mark(&host) {
        Some(mark) => format!("{host} ({mark})"),
        None => host,
    }
}

/// A number of flows and of the bytes that they received.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Amount {
    pub(super) n: u64,
    pub(super) bytes: u64,
}

impl Amount {
    pub(super) fn add(&mut self, other: Self) {
        self.n += other.n;
        self.bytes = self.bytes.saturating_add(other.bytes);
    }
}

/// What people and responses say about the flows of a group.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) all: Amount,
    /// Labelled origin, CDN, unknown.
    pub(super) labelled: [Amount; 3],
    /// Labels that say another role than the machine, or than somebody else does or did before.
    pub(super) disputed: Amount,
    /// Answers with a status of 400 or more.
    pub(super) n_errors: u64,
    /// True when the size of at least one flow is known.
    pub(super) has_bytes: bool,
}

impl Tally {
    /// Adds what another group or party counts.
    pub(super) fn add(&mut self, other: &Self) {
        self.all.add(other.all);
        for (mine, theirs) in self.labelled.iter_mut().zip(other.labelled) {
            mine.add(theirs);
        }
        self.disputed.add(other.disputed);
        self.n_errors += other.n_errors;
        self.has_bytes |= other.has_bytes;
    }

    fn count(&mut self, flow: Flow<'_>, verdict: Verdict, said: Option<&Annotation>) {
        let bytes = flow.bytes_received();
        let one = Amount {
            n: 1,
            bytes: bytes.unwrap_or(0),
        };
        self.all.add(one);
        self.has_bytes |= bytes.is_some();
        self.n_errors += u64::from(flow.status().is_some_and(|status| 400 <= status));
        let Some(label) = said.and_then(|said| said.label) else {
            return;
        };
        self.labelled[label as usize].add(one);
        if said.is_some_and(|said| is_disputed(said, verdict.role)) {
            self.disputed.add(one);
        }
    }

    /// Flows that nobody has looked at, which is not the same as labelled unknown.
    pub(super) fn not_reviewed(&self) -> Amount {
        let reviewed = |of: fn(&Amount) -> u64| self.labelled.iter().map(of).sum::<u64>();
        Amount {
            n: self.all.n - reviewed(|amount| amount.n),
            bytes: self
                .all
                .bytes
                .saturating_sub(reviewed(|amount| amount.bytes)),
        }
    }
}

/// True when a label and the machine's verdict name different roles; who does not know contradicts nobody.
pub(super) fn contradicts(label: Label, role: Role) -> bool {
    matches!(
        (label, role),
        (Label::Origin, Role::Cdn) | (Label::Cdn, Role::Origin)
    )
}

/// True when the machine or another person says otherwise, or another person did before.
pub(super) fn is_disputed(said: &Annotation, role: Role) -> bool {
    let Some(label) = said.label else {
        return false;
    };
    let mut past = said.past.iter();
    contradicts(label, role)
        || said.differing().next().is_some()
        || past.any(|past| past.by != said.by && past.label != label)
}

/// All groups of a report.
#[derive(Clone, Debug, Default)]
pub(super) struct Survey<'a> {
    /// By party, host and verdict.
    pub(super) groups: BTreeMap<Key<'a>, Tally>,
    /// Everything together.
    pub(super) total: Tally,
    /// Flows of all captures, whatever the filter leaves out.
    pub(super) n_in_all: u64,
    /// First and last start.
    pub(super) span: Option<(Time, Time)>,
    /// Flows with a start.
    pub(super) n_with_start: u64,
    /// When a person last said something about a flow of the report.
    pub(super) last_said: Option<Time>,
}

impl<'a> Survey<'a> {
    /// Walks over the flows of the report.
    pub(super) fn of(input: &ReportInput<'a>) -> Self {
        let mut survey = Self {
            n_in_all: input.document.n_flows().into(),
            ..Self::default()
        };
        for (id, flow) in input.shown() {
            let verdict = input.document.verdict(id);
            let said = input.document.annotation(id);
            let group = survey.groups.entry(Key::of(input, id, flow)).or_default();
            group.count(flow, verdict, said);
            survey.last_said = survey.last_said.max(said.and_then(Annotation::last_said));
            if let Some(start) = flow.start() {
                survey.n_with_start += 1;
                let (first, last) = survey.span.unwrap_or((start, start));
                survey.span = Some((first.min(start), last.max(start)));
            }
        }
        for tally in survey.groups.values() {
            survey.total.add(tally);
        }
        survey
    }

    /// The parties with what they count together, the one with most flows first.
    pub(super) fn parties(&self) -> Vec<(&'a str, Tally)> {
        let mut parties: BTreeMap<&str, Tally> = BTreeMap::new();
        for (key, tally) in &self.groups {
            parties.entry(key.party).or_default().add(tally);
        }
        let mut parties: Vec<_> = parties.into_iter().collect();
        parties.sort_by_key(|(_, tally)| Reverse(tally.all.n));
        parties
    }

    /// Number of different hosts; flows without one do not count.
    pub(super) fn n_hosts(&self) -> usize {
        let mut hosts: Vec<&str> = self.groups.keys().map(|key| key.host).collect();
        hosts.sort_unstable();
        hosts.dedup();
        hosts.iter().filter(|host| !host.is_empty()).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::annotations::PastLabel;

    #[test]
    fn who_does_not_know_contradicts_nobody() {
        let labels = [Label::Origin, Label::Cdn, Label::Unknown];
        let roles = [Role::Origin, Role::Cdn, Role::Unknown];
        let contradictions: Vec<_> = labels
            .into_iter()
            .flat_map(|label| roles.map(|role| (label, role)))
            .filter(|(label, role)| contradicts(*label, *role))
            .collect();
        let expected = [(Label::Origin, Role::Cdn), (Label::Cdn, Role::Origin)];
        assert_eq!(contradictions, expected);
    }

    #[test]
    fn a_label_is_disputed_by_another_person_only() {
        let said = |by: &str| Annotation {
            label: Some(Label::Cdn),
            by: "Jo".to_owned(),
            past: vec![PastLabel {
                label: Label::Origin,
                by: by.to_owned(),
                at: None,
            }],
            ..Annotation::default()
        };
        assert!(is_disputed(&said("Kim"), Role::Cdn));
        assert!(!is_disputed(&said("Jo"), Role::Cdn));
        assert!(is_disputed(&said("Jo"), Role::Origin));
    }
}
