//! The waterfall: as many lanes as fit, the others by scrolling. Only what is visible is looked at.

use std::ops::Range;

use egui::scroll_area::ScrollSource;
use egui::{
    Modifiers, Pos2, Rect, Response, ScrollArea, Sense, Stroke, StrokeKind, Ui, UiBuilder, Vec2,
    pos2,
};

use super::controls::kind_look;
use super::model::{self, Bar, Timeline, panned};
use super::{PanelCx, micros_of, name, push_zoom, tooltip, wheel};
use crate::base::text::counted;
use crate::base::time::Time;
use crate::capture::{Flow, FlowId};
use crate::commands::Action;
use crate::query::kinds::Kind;
use crate::session::{ColourBy, Lanes, Selection};
use crate::widgets::phases::{Look, RowBar, bar_rect, paint_row_bar};
use crate::widgets::theme::{MIN_BAR, Theme};
use crate::widgets::time_axis::TimeAxis;

/// Distance from one lane to the next.
const PITCH: f32 = 9.0;
/// Height of a bar.
const BAR: f32 = 6.0;
/// How far beside a bar the pointer still finds it.
const REACH: f32 = 2.0;

/// Where the lanes stand.
#[derive(Debug, Default)]
pub(super) struct Scroll {
    /// The uppermost row, with a fraction, while there is a lane for each row.
    first: f64,
    /// The uppermost row of the table that was followed last.
    followed: u32,
    /// The flow that the lanes were last scrolled to.
    shown_focus: Option<FlowId>,
    /// The stretch of time when a drag began.
    pan: Option<Range<Time>>,
}

/// The waterfall in one frame.
pub(super) struct Waterfall<'a> {
    pub(super) timeline: &'a Timeline,
    /// The stretch that is shown, over the room for lanes.
    pub(super) axis: TimeAxis,
    pub(super) whole: &'a Range<Time>,
    pub(super) scroll: &'a mut Scroll,
}

impl Waterfall<'_> {
    pub(super) fn ui(&mut self, ui: &mut Ui, cx: &mut PanelCx<'_>) {
        match cx.session.timeline.lanes {
            Lanes::Rows => self.rows_ui(ui, cx),
            Lanes::Packed => self.packed_ui(ui, cx),
        }
    }

    /// One lane for each row of the table.
    fn rows_ui(&mut self, ui: &mut Ui, cx: &mut PanelCx<'_>) {
        let room = self.axis.rect;
        let n_rows = cx.rows.flows.len();
        let n_fitting = (room.height() / PITCH).floor().max(1.0) as usize;
        // The table's rows are the way in for the keyboard.
        let id = ui.scope_id().with("lanes");
        let response = ui.interact(room, id, Sense::CLICK | Sense::DRAG);
        name(&response, || {
            format!("Waterfall of {}", counted(n_rows as u64, "row"))
        });
        self.follow(cx, n_fitting);
        self.scroll_rows(ui, &response, n_fitting, cx);
        self.drag(&response, cx);
        wheel(ui, &response, &self.axis, self.whole, true, cx);

        let first = self.scroll.first as usize;
        let last = (first + n_fitting + 1).min(n_rows);
        let top = room.top() - (self.scroll.first.fract() as f32) * PITCH;
        let pointed = response
            .hover_pos()
            .map(|pos| first + ((pos.y - top) / PITCH).max(0.0) as usize)
            .filter(|row| *row < n_rows);
        let mut row_ui = ui.new_child(UiBuilder::new().max_rect(room));
        row_ui.shrink_clip_rect(room);
        for row in first..last {
            let flow = cx.rows.flows[row];
            let lane = lane_rect(room, top, row - first);
            paint_ground(&row_ui, lane, flow, pointed == Some(row), cx);
            if let Some(bar) = model::bar(cx.document, flow, cx.session.timeline) {
                paint_bar(&row_ui, &self.lane_axis(lane), &bar, cx);
            }
        }
        let Some(flow) = pointed.map(|row| cx.rows.flows[row]) else {
            return;
        };
        let lane = lane_rect(room, top, pointed.unwrap_or(first) - first);
        let is_on_bar = response.hover_pos().is_some_and(|pos| {
            let bar = model::bar(cx.document, flow, cx.session.timeline);
            let rect = bar.and_then(|bar| bar_rect(&self.lane_axis(lane), bar.start, bar.end));
            rect.is_some_and(|rect| rect.expand(REACH).x_range().contains(pos.x))
        });
        offer(ui, response, flow, is_on_bar, cx);
    }

    /// Goes along with the table, and to the row that has the keyboard.
    fn follow(&mut self, cx: &PanelCx<'_>, n_fitting: usize) {
        let n_rows = cx.rows.flows.len();
        let scroll = &mut *self.scroll;
        if cx.session.top_row != scroll.followed {
            scroll.followed = cx.session.top_row;
            scroll.first = f64::from(scroll.followed);
        }
        let focus = cx.session.selection.focus;
        if focus != scroll.shown_focus {
            scroll.shown_focus = focus;
            let idx = focus.and_then(|focus| cx.rows.flows.iter().position(|id| *id == focus));
            if let Some(idx) = idx {
                scroll.first = model::first_with(scroll.first, idx, n_rows, n_fitting);
            }
        }
        scroll.first = model::clamped(scroll.first, n_rows, n_fitting);
    }

    /// Scrolls with the wheel, and takes the table along.
    fn scroll_rows(
        &mut self,
        ui: &Ui,
        response: &Response,
        n_fitting: usize,
        cx: &mut PanelCx<'_>,
    ) {
        if !response.contains_pointer() {
            return;
        }
        let delta = ui.input(|input| input.smooth_scroll_delta().y);
        let moved = self.scroll.first - f64::from(delta / PITCH);
        self.scroll.first = model::clamped(moved, cx.rows.flows.len(), n_fitting);
        let top = self.scroll.first as u32;
        if delta != 0.0 && top != self.scroll.followed {
            self.scroll.followed = top;
            cx.actions.push(Action::ScrollTo(top));
        }
    }

    /// Several flows on one lane, where they do not touch.
    fn packed_ui(&mut self, ui: &mut Ui, cx: &mut PanelCx<'_>) {
        let room = self.axis.rect;
        let mut child = ui.new_child(UiBuilder::new().max_rect(room));
        child.shrink_clip_rect(room);
        let mut area = ScrollArea::vertical()
            .id_salt("lanes")
            .auto_shrink(false)
            .scroll_source(ScrollSource::SCROLL_BAR | ScrollSource::MOUSE_WHEEL);
        if let Some(offset) = self.offset_of_focus(cx) {
            area = area.vertical_scroll_offset(offset);
        }
        area.show_viewport(&mut child, |ui, viewport| self.content(ui, viewport, cx));
    }

    /// Where to scroll so that a newly focused flow is in the middle.
    fn offset_of_focus(&mut self, cx: &PanelCx<'_>) -> Option<f32> {
        let focus = cx.session.selection.focus;
        if focus == self.scroll.shown_focus {
            return None;
        }
        self.scroll.shown_focus = focus;
        let bar = model::bar(cx.document, focus?, cx.session.timeline)?;
        let lane = self.timeline.lane_of(bar.flow, bar.start)?;
        let middle = lane as f32 * PITCH - self.axis.rect.height() / 2.0;
        Some(middle.max(0.0))
    }

    fn content(&mut self, ui: &mut Ui, viewport: Rect, cx: &mut PanelCx<'_>) {
        let n_lanes = self.timeline.lanes.len();
        let height = (n_lanes as f32 * PITCH).max(viewport.height());
        let size = Vec2::new(ui.available_width(), height);
        let (rect, response) = ui.allocate_exact_size(size, Sense::CLICK | Sense::DRAG);
        name(&response, || {
            format!("Waterfall in {}", counted(n_lanes as u64, "lane"))
        });
        let first = (viewport.top() / PITCH).floor().max(0.0) as usize;
        let last = ((viewport.bottom() / PITCH).ceil().max(0.0) as usize).min(n_lanes);
        for lane in first..last {
            self.paint_lane(ui, rect.top(), lane, cx);
        }
        self.drag(&response, cx);
        wheel(ui, &response, &self.axis, self.whole, true, cx);
        let pointed = response
            .hover_pos()
            .and_then(|pos| self.bar_at(pos, rect.top()));
        if let Some(bar) = pointed {
            offer(ui, response, bar.flow, true, cx);
        }
    }

    /// The axis over the bars of one lane.
    fn lane_axis(&self, lane: Rect) -> TimeAxis {
        TimeAxis {
            range: self.axis.range.clone(),
            rect: Rect::from_center_size(lane.center(), Vec2::new(lane.width(), BAR)),
        }
    }

    /// Paints at most one bar for each two points of width, so that its cost does not grow with the number of flows.
    fn paint_lane(&self, ui: &Ui, top: f32, lane: usize, cx: &PanelCx<'_>) {
        let axis = self.lane_axis(lane_rect(self.axis.rect, top, lane));
        let mut bars = self.timeline.visible(lane, &axis.range);
        while let Some(bar) = bars.first() {
            let painted = paint_bar(ui, &axis, bar, cx);
            let end = painted.map_or_else(|| axis.rect.left(), |rect| rect.left() + MIN_BAR);
            let next = axis.time_from_x(end);
            let skipped = bars.partition_point(|bar| bar.start < next).max(1);
            bars = bars.get(skipped..).unwrap_or_default();
        }
    }

    fn bar_at(&self, pos: Pos2, top: f32) -> Option<Bar> {
        let lane = ((pos.y - top) / PITCH).floor();
        if lane < 0.0 {
            return None;
        }
        let axis = self.lane_axis(lane_rect(self.axis.rect, top, lane as usize));
        let near = axis.time_from_x(pos.x - 2.0 * REACH)..axis.time_from_x(pos.x + REACH);
        let distance = |bar: &Bar| (axis.x_from_time(bar.start) - pos.x).abs();
        self.timeline
            .visible(lane as usize, &near)
            .iter()
            .filter(|bar| bar_rect(&axis, bar.start, bar.end).is_some())
            .min_by(|a, b| distance(a).total_cmp(&distance(b)))
            .copied()
    }

    fn drag(&mut self, response: &Response, cx: &mut PanelCx<'_>) {
        let pan = &mut self.scroll.pan;
        if response.drag_started() {
            *pan = Some(self.axis.range.clone());
        }
        if let (Some(range), Some(moved)) = (&*pan, response.total_drag_delta()) {
            let micros = micros_of(&self.axis, -moved.x);
            push_zoom(panned(range, self.whole, micros), self.whole, cx);
        }
        if response.drag_stopped() {
            *pan = None;
        }
    }
}

/// What a click on `flow` does, and what is said about it while the pointer rests on its bar.
fn offer(ui: &Ui, response: Response, flow: FlowId, is_on_bar: bool, cx: &mut PanelCx<'_>) {
    if response.clicked() {
        let is_beside = ui.input(|input| input.modifiers.matches_exact(Modifiers::COMMAND));
        let selection = selected(&cx.session.selection, flow, is_beside);
        cx.actions.push(Action::Select(selection));
    }
    if is_on_bar {
        let document = cx.document;
        response
            .on_hover_cursor(egui::CursorIcon::PointingHand)
            .on_hover_ui_at_pointer(|ui| tooltip::ui(ui, document, flow));
    }
}

/// Paints a flow on its lane and returns where.
fn paint_bar(ui: &Ui, axis: &TimeAxis, bar: &Bar, cx: &PanelCx<'_>) -> Option<Rect> {
    let theme = Theme::of(ui);
    let flow = cx.document.flow(bar.flow)?;
    let drawn = RowBar {
        start: bar.start,
        end: bar.end,
        phases: &flow.row().phases,
        look: look(theme, cx.session.timeline.colour_by, bar, flow),
        is_dim: cx.session.highlight.is_some_and(|key| key != bar.key),
    };
    let rect = paint_row_bar(ui.painter(), axis, &drawn)?;
    if cx.session.selection.flows.contains(bar.flow) {
        let stroke = Stroke::new(1.0, theme.text);
        ui.painter()
            .rect_stroke(rect.expand(1.0), 1.0, stroke, StrokeKind::Middle);
    }
    Some(rect)
}

/// The ground of the lane of a row that is selected, or that the pointer is on.
fn paint_ground(ui: &Ui, lane: Rect, flow: FlowId, is_pointed: bool, cx: &PanelCx<'_>) {
    let theme = Theme::of(ui);
    if cx.session.selection.flows.contains(flow) {
        ui.painter().rect_filled(lane, 0.0, theme.selection);
    } else if is_pointed {
        ui.painter().rect_filled(lane, 0.0, theme.hover);
    }
}

/// The place of a lane, of which number 0 begins at `top`.
fn lane_rect(room: Rect, top: f32, lane: usize) -> Rect {
    let from = pos2(room.left(), top + lane as f32 * PITCH);
    Rect::from_min_size(from, Vec2::new(room.width(), PITCH))
}

/// What the colour of a bar is.
fn look(theme: &Theme, colour_by: ColourBy, bar: &Bar, flow: Flow<'_>) -> Look {
    let provider = theme.provider(bar.key.provider);
    match colour_by {
        ColourBy::Phase => Look::Phases(provider),
        ColourBy::Provider => Look::Whole(provider, bar.key.role),
        ColourBy::Role => Look::Whole(theme.role(bar.key.role), bar.key.role),
        ColourBy::Kind => {
            let (colour, pattern) = kind_look(theme, Kind::of(flow));
            Look::Whole(colour, pattern)
        }
    }
}

/// The selection after a click on `flow`: that one alone, or beside the others, or no longer beside them.
fn selected(before: &Selection, flow: FlowId, is_beside: bool) -> Selection {
    if !is_beside {
        return Selection::only(flow);
    }
    let mut flows = before.flows.clone();
    flows.toggle(flow);
    Selection {
        focus: Some(flow),
        anchor: Some(flow),
        flows,
    }
}
