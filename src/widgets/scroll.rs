//! Where a list stands, as a number of rows in `f64`: in `f32` points, positions beyond 16 million no longer move.

use egui::{Pos2, Rect, Response, Role, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::theme::Theme;

/// Width of a scroll bar, in points.
pub const BAR_WIDTH: f32 = 10.0;
/// Width of the part of it that moves, in points.
pub const GRIP_WIDTH: f32 = 6.0;

/// The position of a virtual list whose rows are all of one height.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Scroll {
    /// Rows above the upper edge, with a fraction.
    top: f64,
}

impl Scroll {
    /// Rows above the upper edge, with a fraction.
    pub const fn top(self) -> f64 {
        self.top
    }

    /// Moves by `delta_rows` within a list of `n_rows`, of which `view_rows` fit into the view.
    pub fn by(&mut self, delta_rows: f64, n_rows: usize, view_rows: f64) {
        self.top = clamped(self.top + delta_rows, n_rows, view_rows);
    }

    /// Moves as little as needed to show row `idx` whole.
    pub fn reveal(&mut self, idx: usize, n_rows: usize, view_rows: f64) {
        let idx = idx as f64;
        let top = self.top.min(idx).max(idx + 1.0 - view_rows);
        self.top = clamped(top, n_rows, view_rows);
    }

    /// Where the grip of the scroll bar begins and how long it is, as shares of the bar; `None` when everything fits.
    pub fn grip(self, n_rows: usize, view_rows: f64) -> Option<(f64, f64)> {
        let hidden = n_rows as f64 - view_rows;
        (0.0 < hidden).then(|| {
            let length = (view_rows / n_rows as f64).max(0.04);
            (self.top / hidden * (1.0 - length), length)
        })
    }

    /// Moves so that the grip begins at `share` of the bar.
    pub fn set_grip(&mut self, share: f64, n_rows: usize, view_rows: f64) {
        if let Some((_, length)) = self.grip(n_rows, view_rows) {
            let hidden = n_rows as f64 - view_rows;
            self.top = clamped(share / (1.0 - length) * hidden, n_rows, view_rows);
        }
    }
}

impl Scroll {
    /// Paints the scroll bar into `bar`, and lets a person drag it.
    pub fn bar_ui(&mut self, ui: &Ui, bar: Rect, name: &str, n_rows: usize, view_rows: f64) {
        let Some((start, length)) = self.grip(n_rows, view_rows) else {
            return;
        };
        let id = ui.scope_id().with("scroll bar");
        let response = ui.interact(bar, id, Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::labeled(Role::ScrollBar, true, name));
        if let Some(pointer) = response.interact_pointer_pos() {
            let share = f64::from((pointer.y - bar.top()) / bar.height()) - length / 2.0;
            self.set_grip(share.clamp(0.0, 1.0 - length), n_rows, view_rows);
        }
        let top = bar.top() + (start * f64::from(bar.height())) as f32;
        let size = vec2(GRIP_WIDTH, (length * f64::from(bar.height())) as f32);
        paint_grip(ui, pos2(bar.left() + 2.0, top), size, &response);
    }
}

/// Paints the part of a scroll bar that moves.
pub fn paint_grip(ui: &Ui, at: Pos2, size: Vec2, response: &Response) {
    let theme = Theme::of(ui);
    let colour = if response.hovered() || response.dragged() {
        theme.decoration
    } else {
        theme.hairline
    };
    let grip = Rect::from_min_size(at, size);
    ui.painter().rect_filled(grip, GRIP_WIDTH / 2.0, colour);
}

fn clamped(top: f64, n_rows: usize, view_rows: f64) -> f64 {
    let last = (n_rows as f64 - view_rows).max(0.0);
    if top.is_finite() {
        top.clamp(0.0, last)
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const N: usize = 10_000_000;
    const VIEW: f64 = 20.5;

    #[test]
    fn the_last_of_ten_million_rows_is_reached_and_steps_stay_exact() {
        let mut scroll = Scroll::default();
        scroll.reveal(N - 1, N, VIEW);
        assert_eq!(scroll.top(), N as f64 - VIEW);
        let before = scroll.top();
        scroll.by(-1.0 / 22.0, N, VIEW);
        assert!((before - scroll.top() - 1.0 / 22.0).abs() < 1e-8);
        scroll.by(-1.0, N, VIEW);
        assert!((before - scroll.top() - 23.0 / 22.0).abs() < 1e-8);
    }

    #[test]
    fn revealing_moves_no_more_than_needed() {
        let mut scroll = Scroll::default();
        scroll.reveal(10, 100, 20.0);
        assert_eq!(scroll.top(), 0.0);
        scroll.reveal(20, 100, 20.0);
        assert_eq!(scroll.top(), 1.0);
        scroll.reveal(0, 100, 20.0);
        assert_eq!(scroll.top(), 0.0);
    }

    #[test]
    fn the_grip_goes_from_end_to_end() {
        let mut scroll = Scroll::default();
        scroll.set_grip(1.0, N, VIEW);
        assert_eq!(scroll.top(), N as f64 - VIEW);
        let (start, length) = scroll.grip(N, VIEW).expect("more rows than fit");
        assert!((start + length - 1.0).abs() < 1e-9);
        assert_eq!(Scroll::default().grip(3, VIEW), None);
    }
}
