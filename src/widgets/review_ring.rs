//! How much of what is shown a person has reviewed: a small ring that fills, and the words beside it.

use egui::{Align2, Response, Role, Sense, Stroke, Ui, Widget, WidgetInfo, pos2, vec2};

use super::ring::Ring;
use super::theme::{DENSE_SIZE, Theme, regular};
use crate::attribution::Role as Drawn;
use crate::base::text::thousands;

/// Radius of the ring, in points.
const RADIUS: f32 = 6.5;
/// Radius of its hole, in points.
const HOLE: f32 = 4.0;

/// The progress of a review.
#[derive(Clone, Copy, Debug)]
pub struct ReviewRing {
    /// Flows that carry a label.
    pub n_labelled: u64,
    /// All of them.
    pub n_flows: u64,
}

impl ReviewRing {
    fn part(self) -> f32 {
        self.n_labelled as f32 / self.n_flows.max(1) as f32
    }

    /// `labelled 12 (2 %)`; never 100 % before all are.
    fn words(self) -> String {
        let percent = (100.0 * self.part()).floor();
        format!("labelled {} ({percent:.0} %)", thousands(self.n_labelled))
    }
}

impl Widget for ReviewRing {
    fn ui(self, ui: &mut Ui) -> Response {
        let theme = Theme::of(ui);
        let font = regular(DENSE_SIZE);
        let galley = ui
            .painter()
            .layout_no_wrap(self.words(), font, theme.secondary);
        let size = vec2(
            2.0 * RADIUS + 6.0 + galley.size().x,
            galley.size().y.max(2.0 * RADIUS),
        );
        let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, self.words()));
        let ring = Ring {
            center: pos2(rect.left() + RADIUS, rect.center().y),
            inner: HOLE,
            outer: RADIUS,
        };
        let painter = ui.painter();
        let middle = f32::midpoint(RADIUS, HOLE);
        let ground = Stroke::new(RADIUS - HOLE, theme.hairline);
        painter.circle_stroke(ring.center, middle, ground);
        if 0 < self.n_labelled {
            let turns = 0.0..self.part().clamp(0.02, 1.0);
            ring.paint_sector(painter, &turns, Drawn::Origin, theme.success, theme.panel);
        }
        let at = Align2::RIGHT_CENTER.align_size_within_rect(galley.size(), rect);
        painter.galley(at.min, galley, theme.secondary);
        let left = self.n_flows.saturating_sub(self.n_labelled);
        response.on_hover_text(format!(
            "{} of those shown are not reviewed",
            thousands(left)
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_complete_before_it_is() {
        for (n_labelled, n_flows, expected) in [
            (0, 0, "labelled 0 (0 %)"),
            (1_999, 2_000, "labelled 1,999 (99 %)"),
            (2_000, 2_000, "labelled 2,000 (100 %)"),
        ] {
            let ring = ReviewRing {
                n_labelled,
                n_flows,
            };
            assert_eq!(ring.words(), expected);
        }
    }
}
