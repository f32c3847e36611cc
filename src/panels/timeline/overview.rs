//! The strip above the waterfall: how many flows of which provider began when, and the brush that chooses a stretch.

use std::ops::Range;

use egui::{CursorIcon, PointerButton, Rect, Response, Sense, Stroke, Ui, pos2};

use super::model::{N_BUCKETS, Timeline, between, panned};
use super::{PanelCx, name, push_zoom, show_flows_of, summary, wheel};
use crate::base::time::Time;
use crate::session::Highlight;
use crate::widgets::phases::dimmed;
use crate::widgets::theme::Theme;
use crate::widgets::time_axis::TimeAxis;

/// How near to an edge of the stretch the pointer takes hold of it, in points.
const GRIP: f32 = 6.0;
/// Space between two columns.
const COLUMN_GAP: f32 = 1.0;
/// How strongly what is not chosen fades.
const FADE: f32 = 0.65;

/// What a drag on the strip does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Brush {
    /// Chooses from this time to the pointer: a new stretch, or the opposite edge of the old one.
    From(Time),
    /// Moves this stretch, which was taken at this time.
    Move(Range<Time>, Time),
}

/// The strip in one frame.
pub(super) struct Overview<'a> {
    pub(super) timeline: &'a Timeline,
    /// The whole time over the strip.
    pub(super) axis: TimeAxis,
    pub(super) zoom: Option<&'a Range<Time>>,
}

impl Overview<'_> {
    pub(super) fn ui(&self, ui: &Ui, brush: &mut Option<Brush>, cx: &mut PanelCx<'_>) -> Response {
        let rect = self.axis.rect;
        let response = ui.interact(
            rect,
            ui.scope_id().with("overview"),
            Sense::click_and_drag(),
        );
        let whole = &self.axis.range;
        name(&response, || summary(self.timeline, whole));
        self.paint(ui, cx.session.highlight);
        self.drag(&response, brush, cx);
        wheel(ui, &response, &self.zoomed_axis(), whole, false, cx);
        let pointed = response.hover_pos().map(|pos| self.brush_at(pos.x));
        let cursor = match (&*brush, pointed) {
            (Some(Brush::Move(..)), _) => CursorIcon::Grabbing,
            (Some(Brush::From(_)), _) => CursorIcon::ResizeHorizontal,
            (None, Some(Brush::Move(..))) => CursorIcon::Grab,
            (None, Some(Brush::From(time))) if self.is_edge(time) => CursorIcon::ResizeHorizontal,
            _ => CursorIcon::Crosshair,
        };
        response.on_hover_and_drag_cursor(cursor)
    }

    /// The axis by which the wheel zooms: the pointer is on the whole, what changes is the chosen stretch.
    fn zoomed_axis(&self) -> TimeAxis {
        let Some(zoom) = self.zoom else {
            return self.axis.clone();
        };
        let (left, right) = (
            self.axis.x_from_time(zoom.start),
            self.axis.x_from_time(zoom.end),
        );
        TimeAxis {
            range: zoom.clone(),
            rect: Rect::from_x_y_ranges(left..=right, self.axis.rect.y_range()),
        }
    }

    fn is_edge(&self, time: Time) -> bool {
        self.zoom
            .is_some_and(|zoom| time == zoom.start || time == zoom.end)
    }

    /// What a drag that begins at `x` does.
    fn brush_at(&self, x: f32) -> Brush {
        let time = self.axis.time_from_x(x);
        let Some(zoom) = self.zoom else {
            return Brush::From(time);
        };
        let is_near = |edge: Time| (self.axis.x_from_time(edge) - x).abs() <= GRIP;
        if is_near(zoom.start) {
            Brush::From(zoom.end)
        } else if is_near(zoom.end) {
            Brush::From(zoom.start)
        } else if zoom.contains(&time) {
            Brush::Move(zoom.clone(), time)
        } else {
            Brush::From(time)
        }
    }

    fn drag(&self, response: &Response, brush: &mut Option<Brush>, cx: &mut PanelCx<'_>) {
        if response.drag_started_by(PointerButton::Primary) {
            let pressed = response.ctx.input(|input| input.pointer.press_origin());
            *brush = pressed.map(|pos| self.brush_at(pos.x));
        }
        let whole = &self.axis.range;
        if let (Some(brush), Some(pos)) = (&*brush, response.interact_pointer_pos()) {
            let time = self.axis.time_from_x(pos.x);
            let range = match brush {
                Brush::From(anchor) => between(*anchor, time, whole),
                Brush::Move(range, grabbed) => {
                    let micros = time.0.saturating_sub(grabbed.0);
                    Some(panned(range, whole, micros))
                }
            };
            if let Some(range) = range {
                show_flows_of(&range, cx);
                push_zoom(range, whole, cx);
            }
        }
        if response.drag_stopped() {
            *brush = None;
        }
    }

    fn paint(&self, ui: &Ui, highlight: Option<Highlight>) {
        let theme = Theme::of(ui);
        let rect = self.axis.rect;
        let painter = ui.painter_at(rect.expand2(egui::vec2(2.0, 0.0)));
        if let Some(zoom) = self.zoom {
            painter.rect_filled(self.stretch(zoom), 0.0, theme.selection.gamma_multiply(0.5));
        }
        let width = rect.width() / N_BUCKETS as f32;
        let unit = (rect.height() - 2.0) / self.timeline.tallest.max(1) as f32;
        for column in 0..N_BUCKETS {
            let left = rect.left() + column as f32 * width;
            let mut bottom = rect.bottom();
            for band in &self.timeline.bands {
                let count = band.counts.get(column).copied().unwrap_or(0);
                if count == 0 {
                    continue;
                }
                // A single flow beside thousands is still something.
                let top = bottom - (count as f32 * unit).max(1.0);
                let right = left + (width - COLUMN_GAP).max(1.0);
                let part = Rect::from_min_max(pos2(left, top), pos2(right, bottom));
                let is_dim = highlight.is_some_and(|key| key.provider != band.provider);
                let colour = dimmed(theme.provider(band.provider), theme, is_dim);
                painter.rect_filled(part, 0.0, colour);
                bottom = top;
            }
        }
        painter.hline(
            rect.x_range(),
            rect.bottom() - 0.5,
            Stroke::new(1.0, theme.hairline),
        );
        if let Some(zoom) = self.zoom {
            let stretch = self.stretch(zoom);
            let veil = theme.canvas.gamma_multiply(FADE);
            for x in [rect.left()..=stretch.left(), stretch.right()..=rect.right()] {
                painter.rect_filled(Rect::from_x_y_ranges(x, rect.y_range()), 0.0, veil);
            }
            for x in [stretch.left(), stretch.right()] {
                painter.vline(x.round(), rect.y_range(), Stroke::new(2.0, theme.accent));
            }
        }
    }

    fn stretch(&self, zoom: &Range<Time>) -> Rect {
        let x = self.axis.x_from_time(zoom.start)..=self.axis.x_from_time(zoom.end);
        Rect::from_x_y_ranges(x, self.axis.rect.y_range())
    }
}
