//! One choice of a row of choices: a word that is pressed or not.

use egui::{Color32, Painter, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo};

use super::theme::{DENSE_SIZE, RADIUS, Theme, regular};

/// One choice of a switch, of which one is always on.
pub fn switch(ui: &mut Ui, word: &str, is_on: bool, hint: &str) -> Response {
    choice(ui, Role::RadioButton, word, is_on, hint)
}

/// A word that is on or off by itself.
pub fn toggle(ui: &mut Ui, word: &str, is_on: bool, hint: &str) -> Response {
    choice(ui, Role::CheckBox, word, is_on, hint)
}

fn choice(ui: &mut Ui, role: Role, word: &str, is_on: bool, hint: &str) -> Response {
    let theme = Theme::of(ui);
    let galley =
        ui.painter()
            .layout_no_wrap(word.to_owned(), regular(DENSE_SIZE), Color32::PLACEHOLDER);
    let (rect, response) =
        ui.allocate_exact_size(galley.size() + Vec2::new(16.0, 6.0), Sense::click());
    let is_enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::selected(role, is_enabled, is_on, word));
    let fill = if is_on {
        theme.selection
    } else if response.hovered() {
        theme.hover
    } else {
        Color32::TRANSPARENT
    };
    ui.painter().rect_filled(rect, RADIUS, fill);
    paint_focus(ui.painter(), &response, theme);
    let colour = if is_on { theme.text } else { theme.secondary };
    ui.painter()
        .galley(rect.center() - galley.size() / 2.0, galley, colour);
    response.on_hover_text(hint).on_disabled_hover_text(hint)
}

/// The ring around what has the keyboard.
pub fn paint_focus(painter: &Painter, response: &Response, theme: &Theme) {
    if response.has_focus() {
        let stroke = Stroke::new(1.0, theme.focus_ring);
        painter.rect_stroke(response.rect, RADIUS, stroke, StrokeKind::Inside);
    }
}
