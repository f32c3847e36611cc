//! The cells of the focused row, one by one: Left and Right go through them, and screen readers say them.

use egui::{FocusDirection, Id, Key, Modifiers, Rect, Role, Sense, Ui, UiBuilder, WidgetInfo};
use egui::{StrokeKind, pos2, vec2};

use super::TablePanel;
use super::columns::{Head, Place, title_of, word_of};
use super::model::{RowText, duration};
use crate::panels::CellText;
use crate::widgets::row_keys::keep_arrows;
use crate::widgets::theme::Theme;

impl TablePanel {
    /// Left and Right go to the next cell of the focused row.
    pub(super) fn move_cursor(&mut self, ui: &Ui, view_width: f32, places: &[Place]) {
        let step = ui.input_mut(|input| {
            let mut is_pressed = |key| input.consume_key(Modifiers::NONE, key);
            isize::from(is_pressed(Key::ArrowRight)) - isize::from(is_pressed(Key::ArrowLeft))
        });
        if step == 0 {
            return;
        }
        let is_at = |place: &Place| self.cursor == Some(place.head);
        let idx = match places.iter().position(is_at) {
            Some(idx) => idx.checked_add_signed(step),
            None => (0 < step).then_some(0),
        };
        let Some(place) = idx.and_then(|idx| places.get(idx)) else {
            // To the left of the first cell is the row as a whole.
            if step < 0 {
                self.cursor = None;
            }
            return;
        };
        self.cursor = Some(place.head);
        self.offset = self
            .offset
            .max(place.left + place.width - view_width)
            .min(place.left);
        focus(ui, cell_id(ui, place.head));
    }

    /// Names the cells of `row`, which is painted in `rect`, and marks the one that the keyboard is on.
    pub(super) fn cells_ui(
        &self,
        ui: &mut Ui,
        rect: Rect,
        places: &[Place],
        row: &RowText,
        row_id: Id,
    ) {
        let is_read = ui.accesskit_node_builder(row_id, |_| ()).is_some();
        if !is_read && self.cursor.is_none() {
            return;
        }
        let builder = UiBuilder::new()
            .id_salt("cells")
            .max_rect(rect)
            .accessibility_parent(row_id);
        let cells_ui = ui.new_child(builder);
        let mut cells = row.cells.iter();
        for (idx, place) in places.iter().enumerate() {
            let text = match place.head {
                Some(_) => cells.next().map(CellText::whole).unwrap_or_default(),
                None => duration(row.time_ms).whole(),
            };
            let min = pos2(rect.left() + place.left - self.offset, rect.top());
            let cell = Rect::from_min_size(min, vec2(place.width, rect.height()));
            let is_cursor = self.cursor == Some(place.head);
            let sense = if is_cursor {
                Sense::focusable_noninteractive()
            } else {
                Sense::hover()
            };
            let visible = cell.intersect(ui.clip_rect());
            let response = cells_ui.interact(visible, cell_id(ui, place.head), sense);
            response.widget_info(|| {
                let name = format!("{}: {text}", title_of(place.head));
                WidgetInfo::labeled(Role::Cell, true, name)
            });
            ui.accesskit_node_builder(response.id, |node| node.set_column_index(idx));
            if is_cursor {
                keep_arrows(ui, response.id);
                let stroke = (1.0, Theme::of(ui).focus_ring);
                let painter = cells_ui.painter();
                painter.rect_stroke(cell.shrink(1.0), 2.0, stroke, StrokeKind::Inside);
            }
        }
    }
}

/// Gives the keyboard to `id` by an arrow key, which does nothing else then.
pub(super) fn focus(ui: &Ui, id: Id) {
    ui.memory_mut(|memory| {
        memory.request_focus(id);
        memory.move_focus(FocusDirection::None);
    });
}

fn cell_id(ui: &Ui, head: Head) -> Id {
    ui.scope_id().with(("cell", word_of(head)))
}
