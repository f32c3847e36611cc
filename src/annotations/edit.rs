//! Changes to annotations that can be undone: applying an edit returns its inverse.

use super::{Annotation, Annotations, Label};
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
}

/// A reversible change: the annotations that these flows shall have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    title: String,
    targets: Vec<(FlowId, Annotation)>,
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
        let targets = flows
            .iter()
            .map(|flow| {
                let mut annotation = annotations.get(*flow).cloned().unwrap_or_default();
                match change {
                    Change::Label(label) => annotation.label = *label,
                    Change::Note(note) => annotation.note.clone_from(note),
                }
                by.clone_into(&mut annotation.by);
                annotation.at = Some(at);
                (*flow, annotation)
            })
            .collect();
        let n = counted(flows.len() as u64, "flow");
        let title = match change {
            Change::Label(Some(label)) => format!("label {n} as {}", label.title()),
            Change::Label(None) => format!("clear the label of {n}"),
            Change::Note(_) => format!("note on {n}"),
        };
        Self { title, targets }
    }

    /// What it does, to follow "Undo" or "Redo": `label 12 flows as CDN`.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The flows it touches.
    pub fn flows(&self) -> impl Iterator<Item = FlowId> {
        self.targets.iter().map(|(flow, _)| *flow)
    }

    /// Makes the change and returns the edit that takes it back.
    pub fn apply(self, annotations: &mut Annotations) -> Self {
        let targets = self
            .targets
            .into_iter()
            .map(|(flow, annotation)| (flow, annotations.replace(flow, annotation)))
            .rev()
            .collect();
        Self {
            title: self.title,
            targets,
        }
    }
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

    /// Takes back the last edit. Returns its title.
    pub fn undo(&mut self, annotations: &mut Annotations) -> Option<String> {
        let edit = self.undo.pop()?;
        let title = edit.title.clone();
        self.redo.push(edit.apply(annotations));
        Some(title)
    }

    /// Makes the last undone edit again. Returns its title.
    pub fn redo(&mut self, annotations: &mut Annotations) -> Option<String> {
        let edit = self.redo.pop()?;
        let title = edit.title.clone();
        self.undo.push(edit.apply(annotations));
        Some(title)
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

    fn change() -> impl Strategy<Value = Change> {
        prop_oneof![
            Just(Change::Label(Some(Label::Origin))),
            Just(Change::Label(Some(Label::Unknown))),
            Just(Change::Label(None)),
            "[a-z]{0,3}".prop_map(Change::Note),
        ]
    }

    proptest! {
        #[test]
        fn undoing_everything_gives_the_first_state_and_redoing_the_last(
            edits in prop::collection::vec((prop::collection::vec(0_u32..6, 1..5), change()), 1..20)
        ) {
            let mut annotations = Annotations::default();
            let mut history = History::default();
            for (flows, change) in &edits {
                let flows: Vec<FlowId> = flows.iter().map(|n| FlowId(*n)).collect();
                let edit = Edit::new(&annotations, &flows, change, "me", Time(7));
                history.apply(&mut annotations, edit);
            }
            let last = annotations.clone();
            while history.undo(&mut annotations).is_some() {}
            prop_assert_eq!(&annotations, &Annotations::default());
            while history.redo(&mut annotations).is_some() {}
            prop_assert_eq!(&annotations, &last);
        }
    }
}
