//! Paints a JSON body as a tree whose values open and close by click or by the arrow keys.

use std::collections::BTreeSet;

use egui::{Key, Role, Sense, Ui, WidgetInfo, vec2};

use super::model::{Kind, Tree, TreeRow};
use crate::capture::FlowId;
use crate::widgets::marks::paint_twist;
use crate::widgets::text::{line, paint_in};
use crate::widgets::theme::{DENSE_SIZE, GRID, RADIUS, Theme, mono};

/// Distance from one depth to the next, in points.
const INDENT: f32 = 16.0;
/// Height of a row, in points.
const ROW: f32 = 18.0;

/// Which values are closed.
#[derive(Debug, Default)]
pub(super) struct TreeView {
    flow: Option<FlowId>,
    closed: BTreeSet<usize>,
    visible: Vec<usize>,
    n_rows: usize,
}

impl TreeView {
    /// Paints `tree`, the body of `flow`.
    pub(super) fn ui(&mut self, ui: &mut Ui, flow: FlowId, tree: &Tree) {
        if self.flow != Some(flow) || self.n_rows != tree.rows.len() {
            self.flow = Some(flow);
            self.n_rows = tree.rows.len();
            self.closed.clear();
            self.visible = tree.visible(&self.closed);
        }
        ui.spacing_mut().item_spacing.y = 0.0;
        let mut toggled = None;
        let visible = &self.visible;
        egui::ScrollArea::vertical()
            .id_salt("tree")
            .auto_shrink(false)
            .show_rows(ui, ROW, visible.len(), |ui, rows| {
                for idx in visible.get(rows).unwrap_or_default() {
                    let is_closed = self.closed.contains(idx);
                    if row_ui(ui, &tree.rows[*idx], is_closed) {
                        toggled = Some(*idx);
                    }
                }
            });
        if let Some(idx) = toggled {
            if !self.closed.remove(&idx) {
                self.closed.insert(idx);
            }
            self.visible = tree.visible(&self.closed);
        }
    }
}

/// Paints one value; true when it is to be opened or closed.
fn row_ui(ui: &mut Ui, row: &TreeRow, is_closed: bool) -> bool {
    let theme = Theme::of(ui);
    let can_open = row.kind == Kind::Holder;
    let sense = if can_open {
        Sense::click()
    } else {
        Sense::hover()
    };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), sense);
    response.widget_info(|| {
        let name = format!("{} {}", row.key, row.text);
        WidgetInfo::selected(Role::TreeItem, true, can_open && !is_closed, name)
    });
    if response.hovered() && can_open || response.has_focus() {
        ui.painter().rect_filled(rect, RADIUS, theme.hover);
    }
    let left = rect.left() + row.depth as f32 * INDENT;
    if can_open {
        let middle = egui::pos2(left + GRID * 1.5, rect.center().y);
        paint_twist(ui.painter(), middle, is_closed, theme.secondary);
    }
    let place = rect.with_min_x(left + INDENT);
    let value = match row.kind {
        Kind::Holder => theme.secondary,
        Kind::Text => theme.text,
        Kind::Plain => theme.accent,
    };
    let colon = if row.key.is_empty() { "" } else { ": " };
    let pieces = [
        (row.key.as_str(), theme.origin),
        (colon, theme.secondary),
        (row.text.as_str(), value),
    ];
    let job = line(&pieces, &mono(DENSE_SIZE), place.width());
    let galley = ui.painter().layout_job(job);
    let is_cut = galley.elided;
    paint_in(ui.painter(), place, egui::Align2::LEFT_CENTER, galley);
    let wants = |key| response.has_focus() && ui.input(|input| input.key_pressed(key));
    let is_toggled = response.clicked()
        || can_open && (is_closed && wants(Key::ArrowRight) || !is_closed && wants(Key::ArrowLeft));
    if is_cut {
        response.on_hover_text(&row.text);
    }
    is_toggled
}
