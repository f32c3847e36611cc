//! The timeline: an overview of everything with a brush, and below it the flows of the chosen stretch as bars.

mod controls;
mod lanes;
mod marks;
pub mod model;
mod overview;
mod tooltip;

use std::ops::Range;
use std::sync::Arc;

use egui::{Align2, Rect, Response, Sense, Ui, WidgetInfo, pos2, vec2};

use self::model::Timeline;
use super::{Panel, PanelCx};
use crate::base::jobs::Latest;
use crate::base::text::counted;
use crate::base::time::Time;
use crate::capture::{Flow, FlowId};
use crate::commands::Action;
use crate::query::{self, Query, overlaps};
use crate::session::{Lanes, Session, TimelineView};
use crate::widgets::switch::paint_focus;
use crate::widgets::theme::{DENSE_SIZE, GRID, Theme, regular};
use crate::widgets::time_axis::{TimeAxis, duration_words};

/// Height of the switches.
const CONTROLS: f32 = 22.0;
/// Height of the overview.
const OVERVIEW: f32 = 36.0;
/// Height of the words on the axis.
const AXIS: f32 = 18.0;
/// How much one step of the keyboard moves or zooms.
const KEY_STEP: f64 = 0.1;
/// How many points of the wheel double what is seen.
const WHEEL_STEP: f32 = 200.0;

/// What one layout belongs to: document, rows, whether the files are aligned, and the query that stands in place of the rows.
type Key = (u64, u64, bool, Option<Query>);

/// Shows when each flow ran and what it waited for.
#[derive(Debug)]
pub struct TimelinePanel {
    timeline: Latest<Key, Timeline>,
    brush: Option<overview::Brush>,
    scroll: lanes::Scroll,
}

impl Default for TimelinePanel {
    fn default() -> Self {
        Self {
            timeline: Latest::new("timeline"),
            brush: None,
            scroll: lanes::Scroll::default(),
        }
    }
}

impl Panel for TimelinePanel {
    fn title(&self) -> &'static str {
        "Timeline"
    }

    fn prepare(&mut self, cx: &mut PanelCx<'_>) {
        self.timeline.poll();
        let view = cx.session.timeline;
        let whole = query_of_any_time(cx.session);
        // While the brush filters, the rows change with it, but what it is drawn over does not.
        let rows_revision = if whole.is_some() { 0 } else { cx.rows_revision };
        let key = (
            cx.document.revision(),
            rows_revision,
            view.is_aligned,
            whole.clone(),
        );
        let (document, rows) = (cx.document.clone(), Arc::clone(cx.rows));
        self.timeline
            .request(key, Arc::clone(cx.wake), move |cancel| {
                let found = match whole {
                    Some(query) => query::run(&document, &query, cancel)?.ok(),
                    None => None,
                };
                let flows = found.as_ref().map_or(&rows.flows, |rows| &rows.flows);
                Timeline::of(&document, flows, view, cancel)
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
        let [switches, top, ticks, room] = split(area);
        controls::ui(ui, switches, timeline, cx);
        let zoom = cx.session.zoom.clone();
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
            rect: ticks.union(room),
        };
        let theme = Theme::of(ui);
        let painter = ui.painter_at(axis.rect);
        axis.paint_ticks(&painter, origin, theme.hairline, theme.secondary);
        marks::ui(ui, timeline, &axis, ticks, origin);
        let mut waterfall = lanes::Waterfall {
            timeline,
            axis: TimeAxis { rect: room, ..axis },
            whole: &whole,
            scroll: &mut self.scroll,
        };
        waterfall.ui(ui, cx);
    }
}

/// Rows that are in view at least.
const IN_VIEW: usize = 8;
/// Rows that are looked at within a frame.
const MAX_LOOKED: usize = 100_000;

/// The places of switches, overview, words of the axis, and lanes.
fn split(area: Rect) -> [Rect; 4] {
    let part = |top: f32, height: f32| {
        Rect::from_min_size(pos2(area.left(), top), vec2(area.width(), height))
    };
    let switches = part(area.top(), CONTROLS);
    let top = part(switches.bottom() + GRID, OVERVIEW);
    let ticks = part(top.bottom() + GRID, AXIS);
    let room = Rect::from_min_max(ticks.left_bottom(), area.max.max(ticks.right_bottom()));
    [switches, top, ticks, room]
}

/// The query in force without its stretch of time; `None` when it has none.
fn query_of_any_time(session: &Session) -> Option<Query> {
    session.query.time.as_ref()?;
    Some(Query {
        time: None,
        sort: Vec::new(),
        ..session.effective_query()
    })
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
    let words = match (cx.document.is_empty(), cx.document.n_flows()) {
        (true, _) => "Open a capture to see when its flows ran",
        (false, 0) => "There are no flows in this capture",
        (false, _) => "No flow has a start time",
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

/// Zooms with the wheel around the pointer, with the command key where the wheel has something to scroll; pans with the
/// sideways wheel.
fn wheel(
    ui: &Ui,
    response: &Response,
    axis: &TimeAxis,
    whole: &Range<Time>,
    has_scroll: bool,
    cx: &mut PanelCx<'_>,
) {
    let Some(pos) = response.hover_pos() else {
        return;
    };
    let (mut factor, delta) = ui.input(|input| (input.zoom_delta(), input.smooth_scroll_delta()));
    if !has_scroll {
        factor *= (delta.y / WHEEL_STEP).exp2();
    }
    if factor != 1.0 {
        let Range { start, end } = axis.range;
        let fixed = axis.time_from_x(pos.x).clamp(start, end.max(start));
        let zoom = model::zoomed(&axis.range, whole, fixed, 1.0 / f64::from(factor));
        push_zoom(zoom, whole, cx);
    } else if delta.x != 0.0 && axis.range != *whole {
        let micros = micros_of(axis, -delta.x);
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
        set_zoom(None, cx);
        return;
    }
    if !response.has_focus() {
        return;
    }
    paint_focus(ui.painter(), response, Theme::of(ui));
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

/// Asks for `range`; for everything when it is the whole.
fn push_zoom(range: Range<Time>, whole: &Range<Time>, cx: &mut PanelCx<'_>) {
    set_zoom((range != *whole).then_some(range), cx);
}

/// Asks for `zoom`, and for the flows of that time when they are filtered by it.
fn set_zoom(zoom: Option<Range<Time>>, cx: &mut PanelCx<'_>) {
    if zoom == cx.session.zoom {
        return;
    }
    if cx.session.timeline.is_filtering {
        set_time(zoom.clone(), cx);
    }
    cx.actions.push(Action::Zoom(zoom));
}

/// Scrolls to the flows of `time`, unless there are some in view.
fn show_flows_of(time: &Range<Time>, cx: &mut PanelCx<'_>) {
    if let Some(row) = row_within(time, cx) {
        cx.actions.push(Action::ScrollTo(row));
    }
}

/// The row to scroll to, so that `time` is not empty where every flow has a lane of its own; `None` when there is something
/// in view, and when nothing was found soon enough for a frame.
fn row_within(time: &Range<Time>, cx: &PanelCx<'_>) -> Option<u32> {
    let view = cx.session.timeline;
    if view.lanes != Lanes::Rows || view.is_aligned || view.is_filtering {
        return None;
    }
    let flow = |row: usize| cx.document.flow(*cx.rows.flows.get(row)?);
    let is_within = |row: &usize| flow(*row).is_some_and(|flow| overlaps(flow, time));
    let top = cx.session.top_row as usize;
    if (top..top + IN_VIEW).any(|row| is_within(&row)) {
        return None;
    }
    // In capture order, starts hardly ever go back.
    let is_before = |id: &FlowId| {
        let start = cx.document.flow(*id).and_then(Flow::start);
        start.is_some_and(|start| start < time.start)
    };
    let from = if cx.session.query.sort.is_empty() {
        cx.rows.flows.partition_point(is_before)
    } else {
        0
    };
    let found = (from..cx.rows.flows.len()).take(MAX_LOOKED).find(is_within);
    found.and_then(|row| u32::try_from(row).ok())
}

/// Asks for the flows of `time`; for those of any time when it is `None`.
fn set_time(time: Option<Range<Time>>, cx: &mut PanelCx<'_>) {
    if time != cx.session.query.time {
        cx.actions.push(Action::SetQuery(Query {
            time,
            ..cx.session.query.clone()
        }));
    }
}

fn set_view(view: TimelineView, cx: &mut PanelCx<'_>) {
    cx.actions.push(Action::SetTimeline(view));
}

fn name(response: &Response, words: impl Fn() -> String) {
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Canvas, true, words()));
}
