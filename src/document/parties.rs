//! What people say of parties: hosts counted under them, and opinions on what providers are to them.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Document, OpenCapture};
use crate::annotations::sidecar::AboutParties;
use crate::annotations::{Edit, RelationKey, RelationOpinion, RelationOpinions, Stance};
use crate::attribution::Groups;
use crate::base::time::Time;

impl Document {
    /// Counts a host and everything below it under a party, both as typed, as one undoable edit; no party takes that
    /// back. False when that changes nothing.
    pub fn group(&mut self, host: &str, party: &str) -> bool {
        self.group_all(&[(host, party)])
    }

    /// Counts each of these hosts under its party, all as one undoable edit. False when that changes nothing.
    pub fn group_all(&mut self, hosts: &[(&str, &str)]) -> bool {
        let edit = Edit::group_all(&self.annotations, hosts);
        edit.map(|edit| self.apply(edit)).is_some()
    }

    /// What people think of a relation, each person once, in the order of their names.
    pub fn opinions(&self, key: &RelationKey) -> &[RelationOpinion] {
        self.annotations.opinions().get(key)
    }

    /// What the reviewer of the session thinks of a relation.
    pub fn own_opinion(&self, key: &RelationKey) -> Option<&RelationOpinion> {
        self.annotations.opinions().of(key, self.reviewer())
    }

    /// Says what the reviewer thinks of a relation, with a note that may be empty, as one undoable edit; `None` takes the
    /// reviewer's opinion back. What others think stays. False when that changes nothing.
    pub fn say_of_relation(
        &mut self,
        key: &RelationKey,
        opinion: Option<(Stance, String)>,
    ) -> bool {
        let by = self.reviewer();
        let edit = Edit::relation(&self.annotations, key, opinion, by, Time::now());
        edit.map(|edit| self.apply(edit)).is_some()
    }

    /// True when a flow counts under `party`. Looks at every flow: for worker threads.
    pub fn has_party(&self, party: &str) -> bool {
        !self
            .parties_among(&self.captures, &BTreeSet::from([party]))
            .is_empty()
    }

    /// What people say of parties, as far as it is to be saved with one capture, beside which `saved` was found earlier.
    /// Looks at every flow: for worker threads.
    pub fn about_parties(&self, capture_idx: usize, saved: &AboutParties) -> AboutParties {
        AboutParties {
            groups: self.groups_of(capture_idx, &saved.groups),
            opinions: self.opinions_of(capture_idx, &saved.opinions),
        }
    }

    /// The groupings to be saved with one capture: those that cover a host of it, and those `saved` with it earlier that
    /// still stand. Looks at every flow: for worker threads.
    pub fn groups_of(&self, capture_idx: usize, saved: &Groups) -> Groups {
        let groups = self.annotations.groups();
        let mut part = match self.captures.get(capture_idx) {
            Some(open) if !groups.is_empty() => groups.covering_any(open.hosts()),
            _ => Groups::default(),
        };
        for (host, _) in saved.iter() {
            if let Some(party) = groups.get(host) {
                part.set(host, party);
            }
        }
        part
    }

    /// The opinions to be saved with one capture: those on relations of a party that occurs in it or in no capture at all,
    /// and those on what was `saved` with it earlier. Looks at every flow: for worker threads.
    pub fn opinions_of(&self, capture_idx: usize, saved: &RelationOpinions) -> RelationOpinions {
        let all = self.annotations.opinions();
        let Some(open) = self.captures.get(capture_idx).filter(|_| !all.is_empty()) else {
            return RelationOpinions::default();
        };
        let wanted: BTreeSet<&str> = all.iter().map(|(key, _)| key.party.as_str()).collect();
        let here = self.parties_among(std::slice::from_ref(open), &wanted);
        let elsewhere: BTreeSet<&str> = wanted.difference(&here).copied().collect();
        let anywhere = self.parties_among(&self.captures, &elsewhere);
        all.part(|key| {
            let party = key.party.as_str();
            here.contains(party) || !anywhere.contains(party) || !saved.get(key).is_empty()
        })
    }

    /// Those of the `wanted` parties under which a flow of `captures` counts.
    fn parties_among<'a>(
        &self,
        captures: &[OpenCapture],
        wanted: &BTreeSet<&'a str>,
    ) -> BTreeSet<&'a str> {
        let groups = self.annotations.groups();
        let mut found = BTreeSet::new();
        for open in captures {
            for row in 0..open.capture.len() {
                if found.len() == wanted.len() {
                    return found;
                }
                let party = open.attribution.party(&open.capture, row, groups);
                found.extend(wanted.get(party));
            }
        }
        found
    }

    /// Takes over what people said of parties and what was saved earlier; not undoable. A grouping that is set already is
    /// newer and stays; opinions are put side by side.
    pub fn restore_about_parties(&mut self, saved: &AboutParties) {
        self.restore_groups(&saved.groups);
        if !saved.opinions.is_empty() {
            Arc::make_mut(&mut self.annotations).merge_opinions(&saved.opinions);
            self.revision += 1;
        }
    }

    /// Takes over groupings that were saved earlier; not undoable. What is set already is newer and stays.
    pub fn restore_groups(&mut self, saved: &Groups) {
        let mut is_changed = false;
        for (host, party) in saved.iter() {
            if self.annotations.groups().get(host).is_none() {
                Arc::make_mut(&mut self.annotations).group(host, party);
                is_changed = true;
            }
        }
        if is_changed {
            self.content_changed();
        }
    }
}
