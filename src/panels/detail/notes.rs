//! Paints the tab Notes: the person's label, marks and note on the selected flows, and what was said before.

use egui::{Button, Id, Key, Modifiers, ScrollArea, TextEdit, Ui, Vec2};

use super::model::Marks;
use super::tags::TagField;
use super::text;
use crate::annotations::{Change, Label};
use crate::capture::{FlowId, FlowSet};
use crate::commands::Action;
use crate::panels::PanelCx;
use crate::session::DetailTab;
use crate::widgets::badge;
use crate::widgets::theme::GRID;

/// Least height of the editor in lines.
const MIN_ROWS: usize = 3;
/// The height of a label button.
const BUTTON_HEIGHT: f32 = 26.0;
/// Wider lines are harder to read.
const MAX_WIDTH: f32 = 720.0;

/// The note editor; who gives it the focus lets the person type at once.
pub fn note_id() -> Id {
    Id::unique("detail-note")
}

/// The tab with the note that is being written.
#[derive(Debug, Default)]
pub(super) struct NotesTab {
    flows: FlowSet,
    /// The note as the document has it.
    saved: String,
    /// The note as the person has it.
    draft: String,
    tag: TagField,
}

impl NotesTab {
    /// Turns an unfinished note into an edit when other flows are selected or another tab is open, and takes over the
    /// document's note while nothing is being written. `common_note` is the one that several flows share.
    pub(super) fn prepare(&mut self, cx: &mut PanelCx<'_>, common_note: Option<&str>) {
        let selection = &cx.session.selection;
        let is_open = cx.session.detail_tab == DetailTab::Notes;
        let is_same = match selection.flows.len() {
            0 | 1 => self.flows.len() <= 1 && self.flows.first() == selection.focus,
            _ => self.flows == selection.flows,
        };
        if !is_same || !is_open {
            cx.actions.extend(self.commit());
        }
        if !is_open {
            self.flows = FlowSet::default();
            return;
        }
        if !is_same {
            self.flows = selected(cx).into_iter().collect();
        }
        let note = match self.only() {
            Some(flow) => cx.document.own_note(flow),
            None => common_note.unwrap_or_default(),
        };
        let is_writing = self.draft != self.saved;
        if !is_same || note != self.saved && !is_writing {
            note.clone_into(&mut self.saved);
            note.clone_into(&mut self.draft);
        }
    }

    /// Paints the tab; `label` is the one that all selected flows have, `marks` are theirs.
    pub(super) fn ui(
        &mut self,
        ui: &mut Ui,
        cx: &mut PanelCx<'_>,
        label: Option<Label>,
        marks: &Marks,
    ) {
        ScrollArea::vertical()
            .id_salt("notes")
            .auto_shrink(false)
            .show(ui, |ui| self.inner_ui(ui, cx, label, marks));
    }

    fn inner_ui(&mut self, ui: &mut Ui, cx: &mut PanelCx<'_>, label: Option<Label>, marks: &Marks) {
        label_buttons(ui, cx, label);
        ui.add_space(GRID);
        self.tag.ui(ui, cx, marks);
        ui.add_space(GRID);
        let id = note_id();
        let is_finished = ui.memory(|memory| memory.has_focus(id))
            && ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::Enter));
        let hint = if self.flows.len() < 2 {
            "Write a note…"
        } else {
            "Write a note for all selected flows; it replaces theirs…"
        };
        let edit = TextEdit::multiline(&mut self.draft)
            .id(id)
            .hint_text(hint)
            .desired_rows(MIN_ROWS)
            .desired_width(MAX_WIDTH.min(ui.available_width()));
        let response = ui.add(edit);
        response.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::MultilineTextInput, true, "Note")
        });
        if is_finished {
            ui.memory_mut(|memory| memory.surrender_focus(id));
        }
        if is_finished || response.lost_focus() {
            cx.actions.extend(self.commit());
        }
        text::secondary(ui, &self.state(cx));
        self.others_ui(ui, cx);
        self.past_ui(ui, cx);
    }

    /// What others say of the flow, each with name, label, note and time.
    fn others_ui(&self, ui: &mut Ui, cx: &PanelCx<'_>) {
        let said = self.only().and_then(|flow| cx.document.annotation(flow));
        let Some(said) = said else {
            return;
        };
        let reviewer = cx.document.reviewer();
        for opinion in said.opinions().filter(|one| one.by != reviewer) {
            let by = match opinion.by.as_str() {
                "" => "Somebody who gave no name",
                by => by,
            };
            let label = opinion.label.map_or("no label", Label::title);
            let at = opinion.at.map(|at| at.shown(cx.session.is_local_time));
            let at = at.map_or_else(String::new, |at| format!(", {at}"));
            let note = match opinion.note.as_str() {
                "" => String::new(),
                note => format!(": {note}"),
            };
            ui.add(egui::Label::new(format!("{by} says {label}{at}{note}")).wrap());
        }
    }

    /// The labels that the flow had before, the newest first.
    fn past_ui(&self, ui: &mut Ui, cx: &PanelCx<'_>) {
        let Some(flow) = self.only() else {
            return;
        };
        let Some(said) = cx.document.annotation(flow) else {
            return;
        };
        let mut after = said.label.map_or("no label", Label::title);
        for past in said.past.iter().rev() {
            let by = if past.by.is_empty() {
                "nobody by name"
            } else {
                &past.by
            };
            let at = past.at.map(|at| at.shown(cx.session.is_local_time));
            let at = at.unwrap_or_default();
            let before = past.label.title();
            text::secondary(ui, &format!("{before} by {by}, {at}; then {after}"));
            after = before;
        }
    }

    /// The edit that keeps what was written; `None` when nothing was.
    pub(super) fn commit(&mut self) -> Option<Action> {
        if self.draft == self.saved || self.flows.is_empty() {
            return None;
        }
        self.draft.clone_into(&mut self.saved);
        let change = Change::Note(self.draft.clone());
        Some(Action::Edit(self.flows.iter().collect(), change))
    }

    /// The flow, when it is just one.
    fn only(&self) -> Option<FlowId> {
        self.flows.first().filter(|_| self.flows.len() == 1)
    }

    /// Who said it and when, or how to finish.
    fn state(&self, cx: &PanelCx<'_>) -> String {
        if self.draft != self.saved {
            return "Not kept yet: press Ctrl+Enter, or click elsewhere".to_owned();
        }
        let Some(flow) = self.only() else {
            return String::new();
        };
        let Some(annotation) = cx.document.annotation(flow) else {
            return "Nobody has reviewed this flow".to_owned();
        };
        let has_opinion = annotation.label.is_some() || !annotation.note.is_empty();
        if has_opinion && annotation.by != cx.document.reviewer() {
            return "What people say:".to_owned();
        }
        let what = if annotation.is_accepted {
            "Accepted from the machine"
        } else {
            "Last changed"
        };
        let by = if annotation.by.is_empty() {
            what.to_owned()
        } else {
            format!("{what} by {}", annotation.by)
        };
        annotation.at.map_or_else(
            || by.clone(),
            |at| format!("{by}, {}", at.shown(cx.session.is_local_time)),
        )
    }
}

/// The buttons that label all selected flows; the one of `label` is pressed.
pub(super) fn label_buttons(ui: &mut Ui, cx: &mut PanelCx<'_>, label: Option<Label>) {
    let mut change = None;
    // Who presses what somebody else said agrees; only one's own answer is taken back.
    let first = cx.session.selection.flows.first();
    let said = first.or(cx.session.selection.focus);
    let said = said.and_then(|flow| cx.document.annotation(flow));
    let is_own = said.is_none_or(|said| said.by == cx.document.reviewer());
    ui.horizontal(|ui| {
        for choice in [Label::Origin, Label::Cdn, Label::Unknown] {
            let is_given = label == Some(choice);
            if badge::button(ui, choice, is_given).clicked() {
                change = Some((!(is_given && is_own)).then_some(choice));
            }
        }
        let clear = Button::new("Clear").min_size(Vec2::new(0.0, BUTTON_HEIGHT));
        if ui
            .add(clear)
            .on_hover_text("Make the selected flows unreviewed again")
            .clicked()
        {
            change = Some(None);
        }
    });
    if let Some(change) = change {
        let flows = selected(cx);
        cx.actions.push(Action::Edit(flows, Change::Label(change)));
    }
}

/// All selected flows, the focus alone when nothing else is.
pub(super) fn selected(cx: &PanelCx<'_>) -> Vec<FlowId> {
    let selection = &cx.session.selection;
    if selection.flows.is_empty() {
        return selection.focus.into_iter().collect();
    }
    selection.flows.iter().collect()
}
