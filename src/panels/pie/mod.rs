//! The ring of providers with its legend, which is also its table twin: hover highlights, a click filters.

pub mod model;

use std::sync::Arc;

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{
    Align2, Color32, Painter, Pos2, Rect, Response, RichText, Sense, Stroke, StrokeKind, Ui, Vec2,
    WidgetInfo, pos2,
};

use self::model::{Pie, Slice};
use super::{Panel, PanelCx};
use crate::base::jobs::Latest;
use crate::commands::Action;
use crate::query::Query;
use crate::query::aggregate::Part;
use crate::session::Measure;
use crate::widgets::marks;
use crate::widgets::ring::Ring;
use crate::widgets::theme::{
    DENSE_SIZE, GRID, GROUP_GAP, RADIUS, TITLE_SIZE, TOTAL_SIZE, Theme, regular, semibold,
};

/// Radius of the ring where there is room for it.
const RADIUS_MAX: f32 = 84.0;
/// Part of the radius that is hole.
const HOLE: f32 = 0.66;
/// How far the slice under the pointer stands out.
const LIFT: f32 = 4.0;
/// Height of a row of the legend.
const LEGEND_ROW: f32 = 20.0;
/// Side of the mark in the legend.
const MARK: f32 = 11.0;
/// How much of its colour a slice keeps while another one is under the pointer.
const DIM: f32 = 0.3;

/// What one count belongs to: document, rows, what slices mean.
type Key = (u64, u64, (Measure, Part));

/// Shows which providers answer, in which role.
#[derive(Debug)]
pub struct PiePanel {
    pie: Latest<Key, Pie>,
    /// The slice under the pointer in the last frame.
    hovered: Option<usize>,
}

impl Default for PiePanel {
    fn default() -> Self {
        Self {
            pie: Latest::new("pie"),
            hovered: None,
        }
    }
}

impl Panel for PiePanel {
    fn title(&self) -> &'static str {
        "Providers"
    }

    fn prepare(&mut self, cx: &mut PanelCx<'_>) {
        self.pie.poll();
        let meaning = (cx.session.measure, cx.session.part);
        let key = (cx.document.revision(), cx.rows_revision, meaning);
        let (document, rows) = (cx.document.clone(), Arc::clone(cx.rows));
        self.pie.request(key, Arc::clone(cx.wake), move |cancel| {
            Pie::of(&document, &rows, meaning, cancel)
        });
    }

    fn ui(&mut self, ui: &mut Ui, cx: &mut PanelCx<'_>) {
        title_row(ui, self.title(), cx);
        part_row(ui, cx);
        ui.add_space(GRID);
        let Some(pie) = self.pie.get() else {
            return;
        };
        if pie.slices.is_empty() {
            let words = if cx.document.n_flows() == 0 {
                "Open a capture to see who serves it"
            } else {
                "No flow passes the filter"
            };
            ui.label(RichText::new(words).color(Theme::of(ui).secondary));
            self.hovered = None;
            return;
        }
        let lit = lit_slice(pie, self.hovered, cx);
        let on_ring = ring(ui, pie, lit, cx);
        ui.add_space(GROUP_GAP);
        let in_legend = legend(ui, pie, lit, cx);
        ui.add_space(GRID);
        footer(ui, pie);

        let hovered = on_ring.or(in_legend);
        if hovered != self.hovered {
            self.hovered = hovered;
            let key = hovered
                .filter(|_| pie.part == Part::Terminating)
                .and_then(|idx| pie.slices[idx].key);
            cx.actions.push(Action::Highlight(key));
        }
    }
}

/// The slice that stands out: the one under the pointer, or the one that another panel highlights.
fn lit_slice(pie: &Pie, hovered: Option<usize>, cx: &PanelCx<'_>) -> Option<usize> {
    hovered.filter(|idx| *idx < pie.slices.len()).or_else(|| {
        let is_alike = pie.part == Part::Terminating;
        let wanted = cx.session.highlight.filter(|_| is_alike)?;
        pie.slices
            .iter()
            .position(|slice| slice.key == Some(wanted))
    })
}

fn title_row(ui: &mut Ui, title: &str, cx: &mut PanelCx<'_>) {
    let theme = Theme::of(ui);
    ui.horizontal(|ui| {
        ui.label(
            RichText::new(title)
                .font(semibold(TITLE_SIZE))
                .color(theme.text),
        );
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            for (measure, word) in [(Measure::Bytes, "Bytes"), (Measure::Requests, "Requests")] {
                let is_on = cx.session.measure == measure;
                let hint = format!("Size slices by {}", word.to_lowercase());
                if switch(ui, word, is_on, &hint).clicked() && !is_on {
                    cx.actions.push(Action::SetMeasure(measure));
                }
            }
        });
    });
}

/// By which part of the verdicts the slices are drawn.
fn part_row(ui: &mut Ui, cx: &mut PanelCx<'_>) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        for part in Part::ALL {
            let is_on = cx.session.part == part;
            let hint = match part {
                Part::Terminating => {
                    "Draw by who terminated the connection: the edge, else the origin"
                }
                Part::Edge => "Draw by the CDN or cache that terminated the connection",
                Part::Origin => {
                    "Draw by the storage or compute that answered, behind an edge or not"
                }
            };
            if switch(ui, part.title(), is_on, hint).clicked() && !is_on {
                cx.actions.push(Action::SetPart(part));
            }
        }
    });
}

/// One choice of a switch.
fn switch(ui: &mut Ui, word: &str, is_on: bool, hint: &str) -> Response {
    let theme = Theme::of(ui);
    let galley =
        ui.painter()
            .layout_no_wrap(word.to_owned(), regular(DENSE_SIZE), Color32::PLACEHOLDER);
    let (rect, response) =
        ui.allocate_exact_size(galley.size() + Vec2::new(16.0, 6.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(egui::Role::RadioButton, true, is_on, word));
    let fill = if is_on {
        theme.selection
    } else if response.hovered() {
        theme.hover
    } else {
        Color32::TRANSPARENT
    };
    ui.painter().rect_filled(rect, RADIUS, fill);
    paint_focus(ui.painter(), &response, theme);
    let colour = if is_on { theme.text } else { theme.secondary };
    ui.painter()
        .galley(rect.center() - galley.size() / 2.0, galley, colour);
    response.on_hover_text(hint)
}

fn paint_focus(painter: &Painter, response: &Response, theme: &Theme) {
    if response.has_focus() {
        let stroke = Stroke::new(1.0, theme.focus_ring);
        painter.rect_stroke(response.rect, RADIUS, stroke, StrokeKind::Inside);
    }
}

/// Paints the ring and returns the slice under the pointer.
fn ring(ui: &mut Ui, pie: &Pie, lit: Option<usize>, cx: &mut PanelCx<'_>) -> Option<usize> {
    let theme = Theme::of(ui);
    let radius = RADIUS_MAX.min(ui.available_width() / 2.0 - LIFT).max(24.0);
    let size = Vec2::new(ui.available_width(), 2.0 * (radius + LIFT));
    // The rows of the legend are the way in for the keyboard.
    let (rect, response) = ui.allocate_exact_size(size, Sense::CLICK);
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Image, true, pie.summary()));
    let ring = Ring {
        center: rect.center(),
        inner: radius * HOLE,
        outer: radius,
    };
    let ground = ui.visuals().panel_fill;
    for (idx, slice) in pie.slices.iter().enumerate() {
        let lift = if lit == Some(idx) { LIFT } else { 0.0 };
        let sector = Ring {
            outer: ring.outer + lift,
            ..ring
        };
        let colour = dimmed(
            colour(slice, theme),
            ground,
            lit.is_some_and(|lit| lit != idx),
        );
        sector.paint_sector(ui.painter(), &slice.turns, slice.role(), colour, ground);
    }
    middle(ui.painter(), ring.center, pie, lit, theme);

    let pointed = response
        .hover_pos()
        .and_then(|pos| pie.slice_at(ring.turn_at(pos)?));
    let idx = pointed?;
    act(ui, &response, &pie.slices[idx], cx);
    response.on_hover_cursor(egui::CursorIcon::PointingHand);
    Some(idx)
}

/// The total, or the slice that stands out, in the hole of the ring.
fn middle(painter: &Painter, center: Pos2, pie: &Pie, lit: Option<usize>, theme: &Theme) {
    let (number, unit) = lit.and_then(|idx| pie.slices.get(idx)).map_or_else(
        || pie.total_with_unit(),
        |slice| (format!("{} %", slice.percent()), slice.name.as_str()),
    );
    let at = |dy: f32| center + Vec2::new(0.0, dy);
    let middle = Align2::CENTER_CENTER;
    painter.text(at(-8.0), middle, number, semibold(TOTAL_SIZE), theme.text);
    painter.text(at(13.0), middle, unit, regular(DENSE_SIZE), theme.secondary);
}

fn colour(slice: &Slice, theme: &Theme) -> Color32 {
    theme.provider(slice.key.and_then(|key| key.provider))
}

fn dimmed(colour: Color32, ground: Color32, is_dim: bool) -> Color32 {
    if is_dim {
        ground.lerp_to_gamma(colour, DIM)
    } else {
        colour
    }
}

/// A click filters by the slice, or takes its filter away; with the command key it leaves the slice out.
fn act(ui: &Ui, response: &Response, slice: &Slice, cx: &mut PanelCx<'_>) {
    if !response.clicked() {
        return;
    }
    let term = if ui.input(|input| input.modifiers.command) {
        slice.exclusion()
    } else {
        slice.filter.clone()
    };
    cx.actions.push(Action::SetQuery(Query {
        filter: model::toggle_term(&cx.session.query.filter, &term),
        ..cx.session.query.clone()
    }));
}

/// Paints the legend and returns the row under the pointer.
fn legend(ui: &mut Ui, pie: &Pie, lit: Option<usize>, cx: &mut PanelCx<'_>) -> Option<usize> {
    let mut hovered = None;
    ui.spacing_mut().item_spacing.y = 0.0;
    for (idx, slice) in pie.slices.iter().enumerate() {
        let is_dim = lit.is_some_and(|lit| lit != idx);
        let response = legend_row(ui, slice, pie.measure, is_dim, cx);
        act(ui, &response, slice, cx);
        if response.hovered() {
            hovered = Some(idx);
        }
    }
    hovered
}

fn legend_row(
    ui: &mut Ui,
    slice: &Slice,
    measure: Measure,
    is_dim: bool,
    cx: &PanelCx<'_>,
) -> Response {
    let theme = Theme::of(ui);
    let size = Vec2::new(ui.available_width(), LEGEND_ROW);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let is_on = model::has_term(&cx.session.query.filter, &slice.filter);
    response.widget_info(|| {
        WidgetInfo::selected(egui::Role::Button, true, is_on, slice.spoken(measure))
    });
    let painter = ui.painter();
    if is_on || response.hovered() {
        let fill = if is_on { theme.selection } else { theme.hover };
        painter.rect_filled(rect, RADIUS, fill);
    }
    paint_focus(painter, &response, theme);

    let ground = ui.visuals().panel_fill;
    let center = pos2(rect.left() + GRID + MARK / 2.0, rect.center().y);
    let mark = Rect::from_center_size(center, Vec2::splat(MARK));
    let mark_colour = dimmed(colour(slice, theme), ground, is_dim);
    marks::paint_role_swatch(painter, theme, mark, mark_colour, slice.role());

    let (left, right) = (mark.right() + 10.0, rect.right() - GRID);
    let columns = Columns::within(left, right);
    // Dimmed text stays readable: only its weight falls.
    let weak = theme.secondary;
    let text = if is_dim { weak } else { theme.text };
    let is_named = slice.key.is_some_and(|key| key.provider.is_some());
    let name_colour = if is_named { text } else { weak };
    let name = one_line(&slice.name, name_colour, columns.role - left - GRID);
    let galley = ui.fonts_mut(|fonts| fonts.layout_job(name));
    let is_cut = galley.elided;
    painter.galley(pos2(left, center.y - galley.size().y / 2.0), galley, text);
    let number = |x: f32, words: String, colour| {
        let at = pos2(x, center.y);
        painter.text(at, Align2::RIGHT_CENTER, words, regular(DENSE_SIZE), colour)
    };
    let role = pos2(columns.role, center.y);
    painter.text(
        role,
        Align2::LEFT_CENTER,
        slice.role_word(),
        regular(DENSE_SIZE),
        weak,
    );
    number(columns.amount, slice.amount(measure), text);
    let sign = number(right, "%".to_owned(), weak);
    number(sign.left() - 3.0, slice.percent(), text);
    let hint = "Click to filter, Ctrl-click to leave out";
    if is_cut {
        response.on_hover_text(format!("{}\n{hint}", slice.name))
    } else {
        response.on_hover_text(hint)
    }
}

/// Where the columns of the legend stand.
struct Columns {
    /// Left edge of the role.
    role: f32,
    /// Right edge of the amount.
    amount: f32,
}

impl Columns {
    fn within(left: f32, right: f32) -> Self {
        let amount = right - 62.0;
        Self {
            role: (left + 0.36 * (right - left))
                .min(amount - 110.0)
                .max(left + 60.0),
            amount,
        }
    }
}

/// `text` on one line, cut with `…` at `width`.
fn one_line(text: &str, colour: Color32, width: f32) -> LayoutJob {
    let mut job = LayoutJob::single_section(
        text.to_owned(),
        TextFormat::simple(regular(DENSE_SIZE), colour),
    );
    job.wrap = TextWrapping::truncate_at_width(width.max(0.0));
    job
}

/// What the shares are shares of, and whose word they are.
fn footer(ui: &mut Ui, pie: &Pie) {
    let theme = Theme::of(ui);
    for words in [pie.denominator().as_str(), pie.basis()] {
        ui.label(
            RichText::new(words)
                .font(regular(DENSE_SIZE))
                .color(theme.secondary),
        );
    }
}
