//! The evidence of the focused flow at a glance: a popover beside its row. Space opens it; Space or Esc closes it.

use egui::{Align2, Area, Context, Id, Key, Modifiers, Order, vec2};

use super::HeadwaterApp;
use super::keyboard::is_typing;
use crate::widgets::theme::{GRID, modal_frame};

/// Width of the popover, in points.
const WIDTH: f32 = 440.0;
/// How far it stands to the right of the row's edge, so that the number stays readable.
const INDENT: f32 = 12.0 * GRID;

impl HeadwaterApp {
    /// Paints the popover while it is open and the row is in view; it follows the focus.
    pub(super) fn peek_ui(&mut self, ctx: &Context) {
        let Some(flow) = self.session.selection.focus.filter(|_| self.is_peeking) else {
            self.is_peeking = false;
            return;
        };
        let is_covered =
            ctx.any_popup_open() || ctx.memory(|memory| memory.top_modal_layer().is_some());
        let is_ours = !is_covered && !is_typing(ctx);
        if is_ours && ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
            self.is_peeking = false;
            return;
        }
        let Some(row) = self.focused_row() else {
            return;
        };
        let is_low = ctx.content_rect().center().y < row.center().y;
        let (pivot, at) = if is_low {
            (Align2::LEFT_BOTTOM, row.left_top() - vec2(0.0, GRID))
        } else {
            (Align2::LEFT_TOP, row.left_bottom() + vec2(0.0, GRID))
        };
        Area::new(Id::unique("evidence at a glance"))
            .order(Order::Middle)
            .pivot(pivot)
            .fixed_pos(at + vec2(INDENT, 0.0))
            .constrain_to(ctx.content_rect())
            .show(ctx, |ui| {
                modal_frame(ctx).show(ui, |ui| {
                    ui.set_width(WIDTH);
                    self.panels.detail.glance_ui(ui, flow);
                });
            });
    }
}
