//! Changes to annotations that can be undone: applying an edit returns its inverse.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::Arc;

use super::{
    Annotation, Annotations, Colour, Label, RelationKey, RelationOpinion, Stance, typed_host,
    typed_tag,
};
use crate::base::text::counted;
use crate::base::time::Time;
use crate::capture::FlowId;

/// What one person wants changed on a number of flows; one edit, however many flows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Sets or clears the label.
    Label(Option<Label>),
    /// Sets the note; empty clears it.
    Note(String),
    /// Adds a tag, as typed.
    Tag(String),
    /// Takes a tag away.
    Untag(String),
    /// Sets or clears the colour.
    Colour(Option<Colour>),
}

impl Change {
    /// Makes the change for the person called `by` at the time `at`.
    fn apply(&self, annotation: &mut Annotation, by: &str, at: Time) {
        if matches!(self, Self::Label(_) | Self::Note(_)) {
            annotation.speak(by, at, |said| self.set(said));
            return;
        }
        self.set(annotation);
        // A tag is everybody's: who adds one does not sign what another person answered.
        if annotation.by == by || annotation.label.is_none() && annotation.note.is_empty() {
            by.clone_into(&mut annotation.by);
            annotation.at = Some(at);
        }
    }

    fn set(&self, annotation: &mut Annotation) {
        match self {
            Self::Label(label) => annotation.relabel(*label, false),
            Self::Note(note) => annotation.note.clone_from(note),
            Self::Colour(colour) => annotation.colour = *colour,
            Self::Tag(typed) => {
                if let Some(tag) = typed_tag(typed)
                    && let Err(place) = annotation.tags.binary_search(&tag)
                {
                    annotation.tags.insert(place, tag);
                }
            }
            Self::Untag(tag) => annotation.tags.retain(|other| other != tag),
        }
    }

    /// What it does to `n` flows, in words.
    fn title(&self, n: &str) -> String {
        match self {
            Self::Label(Some(label)) => format!("label {n} as {}", label.title()),
            Self::Label(None) => format!("clear the label of {n}"),
            Self::Note(_) => format!("note on {n}"),
            Self::Tag(tag) => format!("tag {n} with {tag}"),
            Self::Untag(tag) => format!("take the tag {tag} from {n}"),
            Self::Colour(Some(colour)) => format!("mark {n} {}", colour.word()),
            Self::Colour(None) => format!("clear the colour of {n}"),
        }
    }
}

/// A reversible change: what shall be said of these flows or of a relation, or under which parties these hosts shall
/// count. Clones are cheap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    title: Arc<str>,
    targets: Targets,
}

/// What shall be said of a flow, if anything.
type Said = (FlowId, Option<Arc<Annotation>>);

/// What an edit touches, with what it shall become.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Targets {
    Flows(Arc<Vec<Said>>),
    /// Hosts and their parties; empty for none.
    Hosts(Vec<(String, String)>),
    /// A relation, whose opinion, and the opinion, if any.
    Relation(RelationKey, String, Option<RelationOpinion>),
}

impl Targets {
    /// Sets them and returns what was there before.
    fn apply(self, annotations: &mut Annotations) -> Self {
        match self {
            Self::Flows(mut flows) => {
                let said = Arc::make_mut(&mut flows);
                for (flow, said) in said.iter_mut() {
                    *said = annotations.replace(*flow, said.take());
                }
                said.reverse();
                Self::Flows(flows)
            }
            Self::Hosts(mut hosts) => {
                for (host, party) in &mut hosts {
                    *party = annotations.group(host, party).unwrap_or_default();
                }
                hosts.reverse();
                Self::Hosts(hosts)
            }
            Self::Relation(key, by, opinion) => {
                let before = annotations.opinions.replace(&key, &by, opinion);
                Self::Relation(key, by, before)
            }
        }
    }
}

impl Edit {
    /// The edit that makes `change` on `flows`, signed `by` at the time `at`.
    pub fn new(
        annotations: &Annotations,
        flows: &[FlowId],
        change: &Change,
        by: &str,
        at: Time,
    ) -> Self {
        let each = flows.iter().map(|flow| (*flow, ()));
        let apply = |(), annotation: &mut Annotation| change.apply(annotation, by, at);
        let targets = said_after(annotations, each, apply);
        Self {
            title: change.title(&counted(flows.len() as u64, "flow")).into(),
            targets: Targets::Flows(targets),
        }
    }

    /// The edit that takes over what the machine answered for each of these flows, recorded as such.
    pub fn accept(
        annotations: &Annotations,
        answers: &[(FlowId, Label)],
        by: &str,
        at: Time,
    ) -> Self {
        let accept = |label: Label, annotation: &mut Annotation| {
            annotation.speak(by, at, |said| said.relabel(Some(label), true));
        };
        let n = counted(answers.len() as u64, "verdict");
        let targets = said_after(annotations, answers.iter().copied(), accept);
        Self {
            title: format!("accept {n} of the machine").into(),
            targets: Targets::Flows(targets),
        }
    }

    /// The edit that counts a host and everything below it under a party, both as typed; no party takes that back.
    /// `None` when it would change nothing.
    pub fn group(annotations: &Annotations, host: &str, party: &str) -> Option<Self> {
        Self::group_all(annotations, &[(host, party)])
    }

    /// The edit that counts each of these hosts under its party, as [`Edit::group`] does for one.
    pub fn group_all(annotations: &Annotations, hosts: &[(&str, &str)]) -> Option<Self> {
        let mut wanted = BTreeMap::new();
        for (host, party) in hosts {
            let (host, party) = (typed_host(host), party.trim());
            let before = annotations.groups().get(&host).unwrap_or_default();
            if !host.is_empty() && before != party {
                wanted.insert(host, party.to_owned());
            }
        }
        let hosts: Vec<(String, String)> = wanted.into_iter().collect();
        let title = match hosts.as_slice() {
            [] => return None,
            [(host, party)] if party.is_empty() => format!("stop counting {host} under a party"),
            [(host, party)] => format!("count {host} under {party}"),
            many => format!("group {}", counted(many.len() as u64, "host")),
        };
        Some(Self {
            title: title.into(),
            targets: Targets::Hosts(hosts),
        })
    }

    /// The edit by which the person called `by` says what they think of a relation; no stance takes their opinion back.
    /// `None` when it would change nothing.
    pub fn relation(
        annotations: &Annotations,
        key: &RelationKey,
        opinion: Option<(Stance, String)>,
        by: &str,
        at: Time,
    ) -> Option<Self> {
        let before = annotations.opinions().of(key, by);
        let after = opinion.map(|(stance, note)| match before {
            Some(before) => before.replaced_by(stance, note, at),
            None => RelationOpinion {
                stance,
                note,
                by: by.to_owned(),
                at: Some(at),
                past: Vec::new(),
            },
        });
        let is_same = match (before, &after) {
            (None, None) => true,
            (Some(before), Some(after)) => {
                before.stance == after.stance && before.note == after.note
            }
            _ => false,
        };
        if is_same {
            return None;
        }
        let what = format!("{} {} {}", key.service, key.role, key.party);
        let title = match &after {
            Some(said) => format!("opinion that {what}: {}", said.stance.word()),
            None => format!("clear the opinion that {what}"),
        };
        Some(Self {
            title: title.into(),
            targets: Targets::Relation(key.clone(), by.to_owned(), after),
        })
    }

    /// What it does, to follow "Undo" or "Redo": `label 12 flows as CDN`.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// True when it changes whose traffic flows are, on which verdicts depend.
    pub const fn regroups(&self) -> bool {
        matches!(self.targets, Targets::Hosts(_))
    }

    /// Makes the change and returns the edit that takes it back.
    pub fn apply(self, annotations: &mut Annotations) -> Self {
        Self {
            targets: self.targets.apply(annotations),
            title: self.title,
        }
    }
}

/// What is said about each flow after `apply` was done to it. Flows of which the same was said share what is said now: a
/// million new labels take the room of one.
fn said_after<T: Copy + Eq + Hash>(
    annotations: &Annotations,
    each: impl Iterator<Item = (FlowId, T)>,
    apply: impl Fn(T, &mut Annotation),
) -> Arc<Vec<Said>> {
    let mut known = HashMap::with_hasher(foldhash::fast::RandomState::default());
    let changed = each.map(|(flow, wanted)| {
        let before = annotations.shared(flow);
        let after = known
            .entry((wanted, before.map(Arc::as_ptr)))
            .or_insert_with(|| {
                let mut annotation = before.map(|said| (**said).clone()).unwrap_or_default();
                apply(wanted, &mut annotation);
                annotation.turn_to(annotations.reviewer());
                (!annotation.is_empty()).then(|| Arc::new(annotation))
            });
        (flow, after.clone())
    });
    Arc::new(changed.collect())
}

/// The edits that can be undone and redone.
#[derive(Clone, Debug, Default)]
pub struct History {
    undo: Vec<Edit>,
    redo: Vec<Edit>,
}

impl History {
    /// Applies a new edit; what had been undone can no longer be redone.
    pub fn apply(&mut self, annotations: &mut Annotations, edit: Edit) {
        self.undo.push(edit.apply(annotations));
        self.redo.clear();
    }

    /// Takes back the last edit and returns it.
    pub fn undo(&mut self, annotations: &mut Annotations) -> Option<&Edit> {
        let edit = self.undo.pop()?;
        self.redo.push(edit.apply(annotations));
        self.redo.last()
    }

    /// Makes the last undone edit again and returns it.
    pub fn redo(&mut self, annotations: &mut Annotations) -> Option<&Edit> {
        let edit = self.redo.pop()?;
        self.undo.push(edit.apply(annotations));
        self.undo.last()
    }

    /// Title of the edit that undo would take back.
    pub fn undo_title(&self) -> Option<&str> {
        self.undo.last().map(Edit::title)
    }

    /// Title of the edit that redo would make again.
    pub fn redo_title(&self) -> Option<&str> {
        self.redo.last().map(Edit::title)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What a person does in one step.
    #[derive(Clone, Debug)]
    enum Step {
        Say(Vec<FlowId>, Change),
        Accept(Vec<FlowId>),
        Group(String, String),
        GroupAll(Vec<(String, String)>),
        Relation(RelationKey, Option<(Stance, String)>),
    }

    fn relation() -> impl Strategy<Value = Step> {
        let stance = prop_oneof![
            Just(Stance::Agree),
            Just(Stance::Undecided),
            "[a-z]{0,2}".prop_map(|instead| Stance::Disagree { instead }),
        ];
        let opinion = prop::option::of((stance, "[a-z]{0,2}".prop_map(String::from)));
        ("[ab]", opinion).prop_map(|(party, opinion)| {
            let key = RelationKey {
                party,
                service: "aws/s3".to_owned(),
                role: "stores".to_owned(),
            };
            Step::Relation(key, opinion)
        })
    }

    fn step() -> impl Strategy<Value = Step> {
        let change = prop_oneof![
            Just(Change::Label(Some(Label::Origin))),
            Just(Change::Label(Some(Label::Unknown))),
            Just(Change::Label(None)),
            "[a-z]{0,3}".prop_map(Change::Note),
            "[a-b]{1,2}".prop_map(Change::Tag),
            "[a-b]{1,2}".prop_map(Change::Untag),
            Just(Change::Colour(Some(Colour::Green))),
            Just(Change::Colour(None)),
        ];
        let flows = prop::collection::vec((0_u32..6).prop_map(FlowId), 1..5);
        let grouping = || ("[ab]\\.c", "[xy]{0,1}");
        prop_oneof![
            4 => (flows.clone(), change).prop_map(|(flows, change)| Step::Say(flows, change)),
            1 => flows.prop_map(Step::Accept),
            1 => grouping().prop_map(|(host, party)| Step::Group(host, party)),
            1 => prop::collection::vec(grouping(), 0..4).prop_map(Step::GroupAll),
            2 => relation(),
        ]
    }

    /// The edit of a step by the person called `by`.
    fn edit_of(annotations: &Annotations, step: &Step, by: &str, at: Time) -> Option<Edit> {
        match step {
            Step::Say(flows, change) => Some(Edit::new(annotations, flows, change, by, at)),
            Step::Accept(flows) => {
                let answers: Vec<_> = flows.iter().map(|flow| (*flow, Label::Cdn)).collect();
                Some(Edit::accept(annotations, &answers, by, at))
            }
            Step::Group(host, party) => Edit::group(annotations, host, party),
            Step::GroupAll(hosts) => {
                let hosts: Vec<_> = hosts
                    .iter()
                    .map(|(a, b)| (a.as_str(), b.as_str()))
                    .collect();
                Edit::group_all(annotations, &hosts)
            }
            Step::Relation(key, opinion) => {
                Edit::relation(annotations, key, opinion.clone(), by, at)
            }
        }
    }

    proptest! {
        #[test]
        fn undoing_everything_gives_the_first_state_and_redoing_the_last(
            steps in prop::collection::vec((step(), "me|you|"), 1..20),
            reviewer in "me|you|",
        ) {
            let mut annotations = Annotations::default();
            annotations.set_reviewer(&reviewer);
            let first = annotations.clone();
            let mut history = History::default();
            let mut states = Vec::new();
            for ((step, by), at) in steps.iter().zip(1..) {
                if let Some(edit) = edit_of(&annotations, step, by, Time(at)) {
                    states.push(annotations.clone());
                    history.apply(&mut annotations, edit);
                }
            }
            let last = annotations.clone();
            while let Some(state) = states.pop() {
                prop_assert!(history.undo(&mut annotations).is_some());
                prop_assert_eq!(&annotations, &state);
            }
            prop_assert_eq!(&annotations, &first);
            while history.redo(&mut annotations).is_some() {}
            prop_assert_eq!(&annotations, &last);
        }

        #[test]
        fn what_one_person_says_is_the_same_whatever_others_do_and_whoever_looks(
            steps in prop::collection::vec((step(), "me|you|"), 1..20),
            reviewers in prop::collection::vec("me|you|", 20),
        ) {
            let mut together = Annotations::default();
            let mut alone = Annotations::default();
            for (((step, by), reviewer), at) in steps.iter().zip(&reviewers).zip(1..) {
                together.set_reviewer(reviewer);
                for (annotations, is_wanted) in [(&mut together, true), (&mut alone, by == "me")] {
                    if is_wanted && let Some(edit) = edit_of(annotations, step, by, Time(at)) {
                        edit.apply(annotations);
                    }
                }
            }
            for flow in (0..6).map(FlowId) {
                let of_me = |annotations: &Annotations| {
                    let said = annotations.get(flow).and_then(|said| said.opinion_of("me"));
                    said.map(|said| (said.label, said.is_accepted, said.note))
                };
                prop_assert_eq!(of_me(&together), of_me(&alone));
            }
            for (key, said) in alone.opinions().iter() {
                prop_assert_eq!(together.opinions().of(key, "me"), said.first());
            }
        }
    }

    /// What flow 0 is after `changes`, signed by "me" at 1, 2, 3 …
    fn after(changes: &[Change]) -> Annotation {
        let mut annotations = Annotations::default();
        let mut history = History::default();
        for (change, at) in changes.iter().zip(1..) {
            let edit = Edit::new(&annotations, &[FlowId(0)], change, "me", Time(at));
            history.apply(&mut annotations, edit);
        }
        annotations.get(FlowId(0)).cloned().unwrap_or_default()
    }

    #[test]
    fn tags_are_kept_once_and_in_order() {
        let tags = ["  b  c ", "a", "b,\nc", " ", "d"].map(|tag| Change::Tag(tag.to_owned()));
        let mut changes = tags.to_vec();
        changes.push(Change::Untag("d".to_owned()));
        assert_eq!(after(&changes).tags, ["a", "b c"]);
    }

    #[test]
    fn a_label_that_was_replaced_is_remembered() {
        let said = after(&[
            Change::Label(Some(Label::Cdn)),
            Change::Label(Some(Label::Cdn)),
            Change::Colour(Some(Colour::Blue)),
            Change::Label(Some(Label::Origin)),
        ]);
        let past: Vec<_> = said.past.iter().map(|past| (past.label, past.at)).collect();
        assert_eq!(past, [(Label::Cdn, Some(Time(3)))]);
        assert_eq!(said.label, Some(Label::Origin));
    }

    #[test]
    fn an_accepted_verdict_is_recorded_as_such_until_a_person_decides() {
        let mut annotations = Annotations::default();
        let answers = [(FlowId(0), Label::Cdn), (FlowId(1), Label::Origin)];
        let edit = Edit::accept(&annotations, &answers, "me", Time(1));
        assert_eq!(edit.title(), "accept 2 verdicts of the machine");
        let inverse = edit.apply(&mut annotations);
        assert_eq!(annotations.label(FlowId(1)), Some(Label::Origin));
        let is_accepted = |annotations: &Annotations| {
            annotations
                .get(FlowId(0))
                .is_some_and(|said| said.is_accepted)
        };
        assert!(is_accepted(&annotations));
        let decided = Change::Label(Some(Label::Cdn));
        let edit = Edit::new(&annotations, &[FlowId(0)], &decided, "me", Time(2));
        edit.apply(&mut annotations);
        assert!(!is_accepted(&annotations));
        inverse.apply(&mut annotations);
        assert_eq!(annotations, Annotations::default());
    }

    #[test]
    fn a_host_is_grouped_as_captures_write_it_and_only_once() {
        let mut annotations = Annotations::default();
        let mut history = History::default();
        for (host, party, title) in [
            (
                " *.IMG.Example. ",
                " Shop ",
                Some("count img.example under Shop"),
            ),
            ("img.example", "Shop", None),
            ("https://img.example:443/a.png", "Shop", None),
            (
                "img.example",
                "",
                Some("stop counting img.example under a party"),
            ),
            ("img.example", "", None),
            (" *. ", "Shop", None),
            (
                "bücher.example",
                "b",
                Some("count xn--bcher-kva.example under b"),
            ),
        ] {
            let edit = Edit::group(&annotations, host, party);
            assert_eq!(edit.as_ref().map(Edit::title), title, "{host:?}");
            if let Some(edit) = edit {
                assert!(edit.regroups());
                history.apply(&mut annotations, edit);
            }
        }
        let groups: Vec<_> = annotations.groups().iter().collect();
        assert_eq!(groups, [("xn--bcher-kva.example", "b")]);
    }
}
