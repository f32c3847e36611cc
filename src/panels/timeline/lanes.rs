//! The waterfall: as many lanes as fit, the others by scrolling. Only what is visible is looked at.

use std::ops::Range;

use egui::scroll_area::ScrollSource;
use egui::{
    Pos2, Rect, Response, RichText, ScrollArea, Sense, Stroke, StrokeKind, Ui, UiBuilder, Vec2,
    pos2,
};

use super::model::{Bar, Timeline, panned};
use super::{PanelCx, micros_of, name, push_zoom, wheel};
use crate::base::text::{counted, shorten_middle};
use crate::base::time::Time;
use crate::capture::{Flow, FlowId};
use crate::commands::Action;
use crate::document::Document;
use crate::session::Selection;
use crate::widgets::phases::{bar_rect, paint_row_bar, spans};
use crate::widgets::theme::{DENSE_SIZE, Theme, UI_SIZE, mono, regular, semibold};
use crate::widgets::time_axis::TimeAxis;

/// Distance from one lane to the next.
const PITCH: f32 = 9.0;
/// Height of a bar.
const BAR: f32 = 6.0;
/// How far beside a bar the pointer still finds it.
const REACH: f32 = 2.0;
/// Room for a duration in the tooltip.
const NUMBER: Vec2 = Vec2::new(80.0, 16.0);
/// Longest path in the tooltip, in characters.
const MAX_PATH: usize = 60;

/// The waterfall in one frame.
pub(super) struct Lanes<'a> {
    pub(super) timeline: &'a Timeline,
    /// The stretch that is shown, over the room for lanes.
    pub(super) axis: TimeAxis,
    pub(super) whole: &'a Range<Time>,
    pub(super) pan: &'a mut Option<Range<Time>>,
    pub(super) shown_focus: &'a mut Option<FlowId>,
}

impl Lanes<'_> {
    pub(super) fn ui(&mut self, ui: &mut Ui, cx: &mut PanelCx<'_>) {
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
        if focus == *self.shown_focus {
            return None;
        }
        *self.shown_focus = focus;
        let start = cx.document.flow(focus?)?.start()?;
        let lane = self.timeline.lane_of(focus?, start)?;
        let middle = lane as f32 * PITCH - self.axis.rect.height() / 2.0;
        Some(middle.max(0.0))
    }

    fn content(&mut self, ui: &mut Ui, viewport: Rect, cx: &mut PanelCx<'_>) {
        let n_lanes = self.timeline.lanes.len();
        let height = (n_lanes as f32 * PITCH).max(viewport.height());
        let size = Vec2::new(ui.available_width(), height);
        // The table's rows are the way in for the keyboard.
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
        wheel(ui, &response, &self.axis, self.whole, cx);
        let Some(bar) = response
            .hover_pos()
            .and_then(|pos| self.bar_at(pos, rect.top()))
        else {
            return;
        };
        if response.clicked() {
            cx.actions.push(Action::Select(Selection::only(bar.flow)));
        }
        let document = cx.document;
        response
            .on_hover_cursor(egui::CursorIcon::PointingHand)
            .on_hover_ui_at_pointer(|ui| tooltip(ui, document, bar.flow));
    }

    /// The axis over the bars of one lane.
    fn lane_axis(&self, top: f32, lane: usize) -> TimeAxis {
        let from = pos2(self.axis.rect.left(), top + lane as f32 * PITCH);
        TimeAxis {
            range: self.axis.range.clone(),
            rect: Rect::from_min_size(from, Vec2::new(self.axis.rect.width(), BAR)),
        }
    }

    /// Paints at most one bar for each point of width, so that its cost does not grow with the number of flows.
    fn paint_lane(&self, ui: &Ui, top: f32, lane: usize, cx: &PanelCx<'_>) {
        let theme = Theme::of(ui);
        let axis = self.lane_axis(top, lane);
        let mut bars = self.timeline.visible(lane, &axis.range);
        while let Some(bar) = bars.first() {
            let is_dim = cx.session.highlight.is_some_and(|key| key != bar.key);
            let plain = theme.provider(bar.key.provider);
            let painted = cx
                .document
                .flow(bar.flow)
                .and_then(|flow| paint_row_bar(ui.painter(), &axis, flow, plain, is_dim));
            if let Some(rect) = painted
                && cx.session.selection.flows.contains(&bar.flow)
            {
                let stroke = Stroke::new(1.0, theme.text);
                let outline = rect.expand(1.5);
                ui.painter()
                    .rect_stroke(outline, 1.0, stroke, StrokeKind::Middle);
            }
            let end = painted.map_or_else(|| axis.rect.left(), |rect| rect.left() + 1.0);
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
        let axis = self.lane_axis(top, lane as usize);
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
        if response.drag_started() {
            *self.pan = Some(self.axis.range.clone());
        }
        if let (Some(range), Some(moved)) = (&*self.pan, response.total_drag_delta()) {
            let micros = micros_of(&self.axis, -moved.x);
            push_zoom(panned(range, self.whole, micros), self.whole, cx);
        }
        if response.drag_stopped() {
            *self.pan = None;
        }
    }
}

fn tooltip(ui: &mut Ui, document: &Document, id: FlowId) {
    let Some(flow) = document.flow(id) else {
        return;
    };
    let theme = Theme::of(ui);
    ui.label(RichText::new(format!("{} {}", flow.method(), flow.host())).font(semibold(UI_SIZE)));
    if let Some(path) = flow.path() {
        let path = shorten_middle(path, MAX_PATH).into_owned();
        ui.label(
            RichText::new(path)
                .font(mono(DENSE_SIZE))
                .color(theme.secondary),
        );
    }
    let time = flow.time_ms().map_or_else(
        || "no duration in the file".to_owned(),
        |ms| format!("{ms:.0} ms in all"),
    );
    ui.label(time);
    phases(ui, flow, theme);
}

fn phases(ui: &mut Ui, flow: Flow<'_>, theme: &Theme) {
    let phases = &flow.row().phases;
    if phases.is_empty() {
        ui.label(RichText::new("no phases in the file").color(theme.secondary));
        return;
    }
    let grid = egui::Grid::new("phases")
        .min_col_width(0.0)
        .spacing(Vec2::new(8.0, 2.0));
    grid.show(ui, |ui| {
        for (phase, span) in spans(phases) {
            let (rect, _) = ui.allocate_exact_size(Vec2::splat(8.0), Sense::hover());
            ui.painter().rect_filled(rect, 1.0, theme.phase(phase));
            ui.label(RichText::new(phase.title()).font(regular(DENSE_SIZE)));
            let to_the_right = egui::Layout::right_to_left(egui::Align::Center);
            ui.allocate_ui_with_layout(NUMBER, to_the_right, |ui| {
                let ms = span.end - span.start;
                ui.label(RichText::new(format!("{ms:.1} ms")).font(regular(DENSE_SIZE)));
            });
            ui.end_row();
        }
    });
}
