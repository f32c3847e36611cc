//! How keys and clicks move through the rows, fold them and select them.

use egui::{FocusDirection, Key, Modifiers, Rect, Ui};

use super::model::Line;
use super::{ServicesPanel, row_id};
use crate::panels::PanelCx;
use crate::session::{Subject, Subjects};
use crate::widgets::row_keys::taken_step;
use crate::widgets::theme::ROW_HEIGHT;

/// What a key asks for.
enum Wish {
    /// Move by so many rows, extending the selection or not.
    Move(isize, bool),
    Fold,
    Unfold,
}

/// Does what the keys of this frame ask of the rows within `table`. True when they ask for the menu of the focused row.
pub(super) fn ui(panel: &mut ServicesPanel, ui: &Ui, table: Rect, cx: &mut PanelCx<'_>) -> bool {
    if !has_keyboard(panel, ui, table) {
        return false;
    }
    act(panel, ui, cx);
    ui.input_mut(|input| input.consume_key(Modifiers::SHIFT, Key::F10))
}

fn act(panel: &mut ServicesPanel, ui: &Ui, cx: &mut PanelCx<'_>) {
    let page = (panel.view.0 / ROW_HEIGHT).max(2.0) as usize - 1;
    let Some(wish) = wish(ui, page, panel.lines.len()) else {
        return;
    };
    let before = &cx.session.subjects;
    let Some(last) = panel.lines.len().checked_sub(1) else {
        return;
    };
    let at = before
        .focus
        .as_ref()
        .and_then(|subject| place(panel, subject));
    let Some(at) = at else {
        go_to(panel, ui, 0, Modifiers::NONE, cx);
        return;
    };
    match wish {
        Wish::Move(by, is_extending) => {
            let to = at.saturating_add_signed(by).min(last);
            let modifiers = if is_extending {
                Modifiers::SHIFT
            } else {
                Modifiers::NONE
            };
            go_to(panel, ui, to, modifiers, cx);
        }
        Wish::Fold => fold(panel, ui, at, cx),
        Wish::Unfold => unfold(panel, ui, at, cx),
    }
}

/// Folds the row, or goes to the one above what it stands under.
fn fold(panel: &mut ServicesPanel, ui: &Ui, at: usize, cx: &mut PanelCx<'_>) {
    let line = panel.lines[at];
    let Some(services) = panel.services.get() else {
        return;
    };
    if services.is_open(line, &panel.folds) {
        panel.fold(line, Some(false));
    } else if let Some(parent) = services.parent(line)
        && let Some(idx) = panel.lines.iter().position(|other| *other == parent)
    {
        go_to(panel, ui, idx, Modifiers::NONE, cx);
    }
}

/// Unfolds the row, or goes to the first one below it.
fn unfold(panel: &mut ServicesPanel, ui: &Ui, at: usize, cx: &mut PanelCx<'_>) {
    let line = panel.lines[at];
    let Some(services) = panel.services.get() else {
        return;
    };
    if services.is_open(line, &panel.folds) {
        go_to(panel, ui, at + 1, Modifiers::NONE, cx);
    } else if services.can_open(line) {
        panel.fold(line, Some(true));
    }
}

fn go_to(
    panel: &mut ServicesPanel,
    ui: &Ui,
    idx: usize,
    modifiers: Modifiers,
    cx: &mut PanelCx<'_>,
) {
    let after = clicked(panel, &cx.session.subjects, idx, modifiers);
    if let Some(focus) = &after.focus {
        // So that a screen reader follows, and the arrow does nothing else.
        let id = row_id(focus);
        ui.memory_mut(|memory| {
            memory.request_focus(id);
            memory.move_focus(FocusDirection::None);
        });
    }
    panel.scroll_to_row(idx);
    panel.select(after, cx);
}

/// The selection after a click on row `idx`.
pub(super) fn clicked(
    panel: &ServicesPanel,
    before: &Subjects,
    idx: usize,
    modifiers: Modifiers,
) -> Subjects {
    let subject = |line: &Line| panel.services.get()?.subject(*line);
    let Some(clicked) = panel.lines.get(idx).and_then(subject) else {
        return before.clone();
    };
    if modifiers.shift {
        let anchor = before.anchor.as_ref().or(before.focus.as_ref());
        if let Some(from) = anchor.and_then(|anchor| place(panel, anchor)) {
            let range = from.min(idx)..=from.max(idx);
            return Subjects {
                focus: Some(clicked),
                anchor: anchor.cloned(),
                all: panel.lines[range].iter().filter_map(subject).collect(),
            };
        }
    } else if modifiers.command {
        let mut after = before.clone();
        if !after.all.remove(&clicked) {
            after.all.insert(clicked.clone());
        }
        after.focus = Some(clicked.clone());
        after.anchor = Some(clicked);
        return after;
    }
    Subjects::only(clicked)
}

/// The row of `subject`, when it is not folded away.
fn place(panel: &ServicesPanel, subject: &Subject) -> Option<usize> {
    let line = panel.services.get()?.line_of(subject)?;
    panel.lines.iter().position(|other| *other == line)
}

/// True when keys are meant for the rows: nothing else has the keyboard, and nothing lies over them.
fn has_keyboard(panel: &ServicesPanel, ui: &Ui, table: Rect) -> bool {
    if ui.text_edit_focused() || ui.any_popup_open() || panel.is_header_focused {
        return false;
    }
    let focused = ui.memory(egui::Memory::focused);
    let response = focused.and_then(|id| ui.ctx().read_response(id));
    response.is_none_or(|response| table.contains(response.rect.center()))
}

fn wish(ui: &Ui, page: usize, n_rows: usize) -> Option<Wish> {
    ui.input_mut(|input| {
        if let Some((step, is_extending)) = taken_step(input, page, n_rows) {
            return Some(Wish::Move(step, is_extending));
        }
        if input.consume_key(Modifiers::NONE, Key::ArrowLeft) {
            return Some(Wish::Fold);
        }
        input
            .consume_key(Modifiers::NONE, Key::ArrowRight)
            .then_some(Wish::Unfold)
    })
}
