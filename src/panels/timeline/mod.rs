//! The timeline: an overview of everything with a brush, and below it the flows of the chosen stretch as bars.

mod lanes;
pub mod model;
mod overview;

use std::ops::Range;
use std::sync::Arc;

use egui::{Align2, Rect, Response, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2};

use self::model::Timeline;
use super::{Panel, PanelCx};
use crate::base::jobs::Latest;
use crate::base::text::counted;
use crate::base::time::Time;
use crate::capture::FlowId;
use crate::commands::Action;
use crate::widgets::theme::{DENSE_SIZE, GRID, RADIUS, Theme, regular};
use crate::widgets::time_axis::{TimeAxis, duration_words};

/// Height of the overview.
const OVERVIEW: f32 = 40.0;
/// Height of the words on the axis.
const AXIS: f32 = 18.0;
/// How much one step of the keyboard moves or zooms.
const KEY_STEP: f64 = 0.1;

/// What one layout belongs to: document and rows.
type Key = (u64, u64);

/// Shows when each flow ran and what it waited for.
#[derive(Debug)]
pub struct TimelinePanel {
    timeline: Latest<Key, Timeline>,
    brush: Option<overview::Brush>,
    /// The stretch of time when the drag of the lanes began.
    pan: Option<Range<Time>>,
    /// The flow that the lanes were last scrolled to.
    shown_focus: Option<FlowId>,
}

impl Default for TimelinePanel {
    fn default() -> Self {
        Self {
            timeline: Latest::new("timeline"),
            brush: None,
            pan: None,
            shown_focus: None,
        }
    }
}

impl Panel for TimelinePanel {
    fn title(&self) -> &'static str {
        "Timeline"
    }

    fn prepare(&mut self, cx: &mut PanelCx<'_>) {
        self.timeline.poll();
        let key = (cx.document.revision(), cx.rows_revision);
        let (document, rows) = (cx.document.clone(), Arc::clone(cx.rows));
        self.timeline
            .request(key, Arc::clone(cx.wake), move |cancel| {
                Timeline::of(&document, &rows.flows, cancel)
            });
    }

    fn ui(&mut self, ui: &mut Ui, cx: &mut PanelCx<'_>) {
        let area = ui.available_rect_before_wrap();
        ui.allocate_rect(area, Sense::hover());
        let Some(timeline) = self.timeline.get() else {
            return;
        };
        let (Some(whole), Some(origin)) = (timeline.range.clone(), cx.document.first_start())
        else {
            say_nothing_is_there(ui, area, cx);
            return;
        };
        let zoom = cx.session.zoom.clone();
        let top = Rect::from_min_size(area.min, Vec2::new(area.width(), OVERVIEW));
        let below = Rect::from_min_max(pos2(area.left(), top.bottom() + GRID), area.max);

        let strip = overview::Overview {
            timeline,
            axis: TimeAxis {
                range: whole.clone(),
                rect: top,
            },
            zoom: zoom.as_ref(),
        };
        let response = strip.ui(ui, &mut self.brush, cx);
        keys(ui, &response, &whole, cx);

        let axis = TimeAxis {
            range: zoom.unwrap_or_else(|| whole.clone()),
            rect: below,
        };
        let theme = Theme::of(ui);
        axis.paint_ticks(
            &ui.painter_at(below),
            origin,
            theme.hairline,
            theme.secondary,
        );
        let mut waterfall = lanes::Lanes {
            timeline,
            axis: TimeAxis {
                rect: Rect::from_min_max(pos2(below.left(), below.top() + AXIS), below.max),
                ..axis
            },
            whole: &whole,
            pan: &mut self.pan,
            shown_focus: &mut self.shown_focus,
        };
        waterfall.ui(ui, cx);
    }
}

/// `Timeline, 607 flows over 10.5 s`.
fn summary(timeline: &Timeline, whole: &Range<Time>) -> String {
    let flows = counted(timeline.n_flows as u64, "flow");
    let span = duration_words(whole.end.0.saturating_sub(whole.start.0));
    if timeline.n_without_start == 0 {
        return format!("Timeline, {flows} over {span}");
    }
    let missing = counted(timeline.n_without_start as u64, "flow");
    format!("Timeline, {flows} over {span}, {missing} without a start time")
}

fn say_nothing_is_there(ui: &Ui, area: Rect, cx: &PanelCx<'_>) {
    let theme = Theme::of(ui);
    let words = if cx.document.n_flows() == 0 {
        "Open a capture to see when its flows ran"
    } else {
        "No flow has a start time"
    };
    let font = regular(DENSE_SIZE);
    ui.painter().text(
        area.center(),
        Align2::CENTER_CENTER,
        words,
        font,
        theme.secondary,
    );
}

/// Zooms with the wheel and the command key around the pointer, and pans with the sideways wheel.
fn wheel(ui: &Ui, response: &Response, axis: &TimeAxis, whole: &Range<Time>, cx: &mut PanelCx<'_>) {
    let Some(pos) = response.hover_pos() else {
        return;
    };
    let (factor, sideways) = ui.input(|input| (input.zoom_delta(), input.smooth_scroll_delta().x));
    if factor != 1.0 {
        let Range { start, end } = axis.range;
        let fixed = axis.time_from_x(pos.x).clamp(start, end.max(start));
        let zoom = model::zoomed(&axis.range, whole, fixed, 1.0 / f64::from(factor));
        push_zoom(zoom, whole, cx);
    } else if sideways != 0.0 && axis.range != *whole {
        let micros = micros_of(axis, -sideways);
        push_zoom(model::panned(&axis.range, whole, micros), whole, cx);
    }
}

/// The time that `points` on `axis` stand for, in microseconds.
fn micros_of(axis: &TimeAxis, points: f32) -> i64 {
    let from = axis.time_from_x(axis.rect.left());
    let to = axis.time_from_x(axis.rect.left() + points);
    to.0.saturating_sub(from.0)
}

/// Moves with the arrow keys, zooms with plus and minus, shows everything with Escape.
fn keys(ui: &Ui, response: &Response, whole: &Range<Time>, cx: &mut PanelCx<'_>) {
    let is_zoomed = cx.session.zoom.is_some();
    let is_reset = response.double_clicked()
        || (response.has_focus() || response.hovered())
            && is_zoomed
            && ui.input(|input| input.key_pressed(egui::Key::Escape));
    if is_reset {
        cx.actions.push(Action::Zoom(None));
        return;
    }
    if !response.has_focus() {
        return;
    }
    paint_focus(ui, response);
    let own_keys = egui::EventFilter {
        horizontal_arrows: true,
        escape: is_zoomed,
        ..egui::EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, own_keys));
    let range = cx.session.zoom.clone().unwrap_or_else(|| whole.clone());
    let length = range.end.0.saturating_sub(range.start.0);
    let step = (length as f64 * KEY_STEP) as i64;
    let middle = Time(range.start.0.saturating_add(length / 2));
    let pressed = |key| ui.input(|input| input.key_pressed(key));
    if pressed(egui::Key::ArrowLeft) {
        push_zoom(model::panned(&range, whole, -step), whole, cx);
    } else if pressed(egui::Key::ArrowRight) {
        push_zoom(model::panned(&range, whole, step), whole, cx);
    } else if pressed(egui::Key::Plus) || pressed(egui::Key::Equals) {
        push_zoom(
            model::zoomed(&range, whole, middle, 1.0 / (1.0 + KEY_STEP)),
            whole,
            cx,
        );
    } else if pressed(egui::Key::Minus) {
        push_zoom(
            model::zoomed(&range, whole, middle, 1.0 + KEY_STEP),
            whole,
            cx,
        );
    }
}

fn paint_focus(ui: &Ui, response: &Response) {
    let stroke = Stroke::new(1.0, Theme::of(ui).focus_ring);
    ui.painter()
        .rect_stroke(response.rect, RADIUS, stroke, egui::StrokeKind::Inside);
}

/// Asks for `range`; for everything when it is the whole.
fn push_zoom(range: Range<Time>, whole: &Range<Time>, cx: &mut PanelCx<'_>) {
    let zoom = (range != *whole).then_some(range);
    if zoom != cx.session.zoom {
        cx.actions.push(Action::Zoom(zoom));
    }
}

fn name(response: &Response, words: impl Fn() -> String) {
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Canvas, true, words()));
}
