//! Paints one row of the table.

use egui::{Align2, Color32, Painter, Rect, pos2, vec2};

use super::columns::Place;
use super::model::RowText;
use crate::attribution::Role;
use crate::base::time::Time;
use crate::panels::CellText;
use crate::query::columns::ColumnId;
use crate::widgets::badge::{paint_colour, paint_conclusiveness, paint_label_badge};
use crate::widgets::marks::paint_role_swatch;
use crate::widgets::phases::{Look, RowBar, paint_row_bar};
use crate::widgets::text::{front_cut, line, middle_cut, paint_in};
use crate::widgets::theme::{DENSE_SIZE, Theme, regular};
use crate::widgets::time_axis::TimeAxis;

/// Least width of a cell with a label and a colour, in points.
const TWO_MARKS: f32 = 40.0;
/// Space between a cell's edge and its text, in points.
const MARGIN: f32 = 6.0;
/// Width of the colour before the name of a provider, in points.
const SWATCH_WIDTH: f32 = 14.0;
/// Height of a bar of the waterfall, in points.
const BAR_HEIGHT: f32 = 6.0;

/// The stretch of time that the waterfall shows.
#[derive(Clone, Copy, Debug)]
pub(super) struct TimeScale {
    /// Time at the left edge.
    pub start: Time,
    /// Milliseconds from edge to edge; more than 0.
    pub span_ms: f64,
}

/// Paints `row` into `rect`, whose columns are shifted left by `offset`. Returns the cells whose text had to be cut.
pub(super) fn paint(
    painter: &Painter,
    theme: &Theme,
    rect: Rect,
    offset: f32,
    places: &[Place],
    row: &RowText,
    scale: Option<TimeScale>,
) -> Vec<(Rect, String)> {
    let mut cut = Vec::new();
    let mut cells = row.cells.iter();
    for place in places {
        let min = pos2(rect.left() + place.left - offset, rect.top());
        let cell = Rect::from_min_size(min, vec2(place.width, rect.height()));
        let inner = cell.shrink2(vec2(MARGIN, 0.0));
        let Some(column) = place.head else {
            if let Some(scale) = scale {
                paint_bar(painter, theme, inner, row, scale);
            }
            continue;
        };
        let Some(text) = cells.next() else { continue };
        match column {
            ColumnId::Label => paint_marks(painter, theme, cell, row),
            ColumnId::Conclusive => paint_conclusiveness(painter, theme, inner, row.conclusiveness),
            _ => {
                if paint_text(painter, theme, inner, column, text, row) {
                    cut.push((cell, text.whole()));
                }
            }
        }
    }
    cut
}

/// The width that a cell needs to show everything, in points.
pub(super) fn width_of(painter: &Painter, column: ColumnId, text: &CellText) -> f32 {
    let font = regular(DENSE_SIZE);
    let galley = painter.layout_no_wrap(text.whole(), font, Color32::PLACEHOLDER);
    let swatch = if column == ColumnId::Provider {
        SWATCH_WIDTH
    } else {
        0.0
    };
    match column {
        ColumnId::Label | ColumnId::Conclusive => 0.0,
        _ => galley.size().x.ceil() + swatch + 2.0 * MARGIN + 1.0,
    }
}

/// The label, with the colour beside it.
fn paint_marks(painter: &Painter, theme: &Theme, cell: Rect, row: &RowText) {
    if cell.width() < TWO_MARKS {
        paint_label_badge(painter, theme, cell, row.label);
        return;
    }
    let (left, right) = cell.split_left_right_at_fraction(0.5);
    paint_label_badge(painter, theme, left.translate(vec2(2.0, 0.0)), row.label);
    if let Some(colour) = row.colour {
        paint_colour(painter, theme, right.translate(vec2(-2.0, 0.0)), colour);
    }
}

/// Paints the text of a cell; true when it had to be cut.
fn paint_text(
    painter: &Painter,
    theme: &Theme,
    mut inner: Rect,
    column: ColumnId,
    text: &CellText,
    row: &RowText,
) -> bool {
    if column == ColumnId::Provider {
        let swatch = Rect::from_center_size(inner.left_center() + vec2(4.0, 0.0), vec2(8.0, 8.0));
        let colour = theme.provider(row.provider);
        paint_role_swatch(painter, theme, swatch, colour, Role::Origin);
        inner = inner.with_min_x(inner.left() + SWATCH_WIDTH);
    }
    let main = colour_of(theme, column, row);
    let galley = if matches!(column, ColumnId::Path | ColumnId::Url) {
        middle_cut(
            painter,
            &text.main,
            &regular(DENSE_SIZE),
            main,
            inner.width(),
        )
    } else if column == ColumnId::Host {
        let (lead, main) = ((&*text.lead, theme.secondary), (&*text.main, main));
        front_cut(painter, lead, main, &regular(DENSE_SIZE), inner.width())
    } else {
        let pieces = [
            (&*text.lead, theme.secondary),
            (&*text.main, main),
            (&*text.trail, theme.secondary),
        ];
        painter.layout_job(line(&pieces, &regular(DENSE_SIZE), inner.width()))
    };
    let is_cut = galley.elided || galley.text() != text.whole();
    let align = if column.column().is_number {
        Align2::RIGHT_CENTER
    } else {
        Align2::LEFT_CENTER
    };
    paint_in(painter, inner, align, galley);
    is_cut
}

fn colour_of(theme: &Theme, column: ColumnId, row: &RowText) -> Color32 {
    match column {
        ColumnId::N | ColumnId::Note => theme.secondary,
        ColumnId::Method if row.is_write => theme.cdn,
        ColumnId::Status if row.is_failed => theme.error,
        ColumnId::Status => theme.status(row.status),
        ColumnId::Role => theme.role(row.role),
        _ => theme.text,
    }
}

/// The exchange as a bar on the time axis, as in the timeline.
fn paint_bar(painter: &Painter, theme: &Theme, area: Rect, row: &RowText, scale: TimeScale) {
    let Some(start) = row.start else { return };
    let end_of = |start: Time, ms: f64| start.plus_ms(ms).unwrap_or(start);
    let axis = TimeAxis {
        range: scale.start..end_of(scale.start, scale.span_ms),
        rect: Rect::from_center_size(area.center(), vec2(area.width(), BAR_HEIGHT)),
    };
    let bar = RowBar {
        start,
        end: end_of(start, row.time_ms),
        phases: &row.phases,
        look: Look::Phases(theme.provider(row.provider)),
        is_dim: false,
    };
    paint_row_bar(painter, &axis, &bar);
}
