//! Paints one row of the lens of hosts.

use egui::{Align2, Color32, Painter, Rect, pos2, vec2};

use super::columns::Place;
use super::model::{cell, explained};
use crate::annotations::Label;
use crate::attribution::Role;
use crate::panels::CellText;
use crate::query::hosts::{HostColumn, HostRow, HostTable};
use crate::widgets::badge::paint_conclusiveness;
use crate::widgets::marks::paint_role_swatch;
use crate::widgets::text::{front_cut, line, paint_in};
use crate::widgets::theme::{DENSE_SIZE, MIN_BAR, Theme, regular};

/// Space between a cell's edge and its text, in points.
pub(super) const MARGIN: f32 = 6.0;
/// Width of the colour before the name of a service, in points.
const SWATCH_WIDTH: f32 = 14.0;
/// Height of a bar, in points.
const BAR_HEIGHT: f32 = 6.0;
/// Height of the fullest bar of the starts, in points.
const STARTS_HEIGHT: f32 = 13.0;

/// Paints `row` into `rect`. Returns the cells that say more than they show, with what.
pub(super) fn paint(
    painter: &Painter,
    theme: &Theme,
    rect: Rect,
    places: &[Place],
    (table, row): (&HostTable, &HostRow),
) -> Vec<(Rect, String)> {
    let mut hints = Vec::new();
    let colour = theme.provider(row.provider());
    for place in places {
        let min = pos2(rect.left() + place.left, rect.top());
        let area = Rect::from_min_size(min, vec2(place.width, rect.height()));
        let inner = area.shrink2(vec2(MARGIN, 0.0));
        let mut is_cut = false;
        match place.column {
            HostColumn::Conclusive => {
                paint_conclusiveness(painter, theme, inner, row.conclusiveness);
            }
            HostColumn::Share => paint_share(painter, theme, inner, colour, table.share(row)),
            HostColumn::Labelled => paint_labels(painter, theme, inner, row),
            HostColumn::First => paint_starts(painter, inner, colour, row),
            column => {
                let mut inner = inner;
                if column == HostColumn::Edge {
                    paint_swatch(painter, theme, inner, colour);
                    inner = inner.with_min_x(inner.left() + SWATCH_WIDTH);
                }
                let text = cell(table, row, column);
                is_cut = paint_text(painter, theme, inner, column, &text, row);
                if is_cut {
                    let whole = explained(table, row, column).unwrap_or_else(|| text.whole());
                    hints.push((area, whole));
                }
            }
        }
        if let Some(text) = explained(table, row, place.column).filter(|_| !is_cut) {
            hints.push((area, text));
        }
    }
    hints
}

fn paint_swatch(painter: &Painter, theme: &Theme, inner: Rect, colour: Color32) {
    let swatch = Rect::from_center_size(inner.left_center() + vec2(4.0, 0.0), vec2(8.0, 8.0));
    paint_role_swatch(painter, theme, swatch, colour, Role::Origin);
}

/// Paints the text of a cell; true when it had to be cut.
fn paint_text(
    painter: &Painter,
    theme: &Theme,
    inner: Rect,
    column: HostColumn,
    text: &CellText,
    row: &HostRow,
) -> bool {
    let main = match column {
        HostColumn::Role => theme.role(row.role),
        HostColumn::Errors => theme.error,
        HostColumn::Party | HostColumn::Region => theme.secondary,
        _ => theme.text,
    };
    let font = regular(DENSE_SIZE);
    let galley = if column == HostColumn::Key && text.trail.is_empty() {
        let (lead, main) = ((&*text.lead, theme.secondary), (&*text.main, main));
        front_cut(painter, lead, main, &font, inner.width())
    } else {
        let pieces = [
            (&*text.lead, theme.secondary),
            (&*text.main, main),
            (&*text.trail, theme.secondary),
        ];
        painter.layout_job(line(&pieces, &font, inner.width()))
    };
    let is_cut = galley.elided || galley.text() != text.whole();
    let align = if column.is_number() {
        Align2::RIGHT_CENTER
    } else {
        Align2::LEFT_CENTER
    };
    paint_in(painter, inner, align, galley);
    is_cut
}

/// A bar as long as the part that the row has of all bytes.
fn paint_share(painter: &Painter, theme: &Theme, inner: Rect, colour: Color32, share: f64) {
    let bar = Rect::from_center_size(inner.center(), vec2(inner.width(), BAR_HEIGHT));
    painter.rect_filled(bar, BAR_HEIGHT / 2.0, theme.hairline);
    if 0.0 < share {
        let width = (bar.width() * share as f32).max(BAR_HEIGHT);
        let full = Rect::from_min_size(bar.min, vec2(width, BAR_HEIGHT));
        painter.rect_filled(full, BAR_HEIGHT / 2.0, colour);
    }
}

/// The labels side by side: solid for origin and CDN, an outline for unknown, and nothing where there is none.
fn paint_labels(painter: &Painter, theme: &Theme, inner: Rect, row: &HostRow) {
    let bar = Rect::from_center_size(inner.center(), vec2(inner.width(), BAR_HEIGHT));
    painter.rect_filled(bar, 2.0, theme.hairline);
    let labels = [Label::Origin, Label::Cdn, Label::Unknown];
    let mut left = bar.left();
    for (label, n) in labels.into_iter().zip(row.labels) {
        if n == 0 {
            continue;
        }
        let part = n as f32 / row.n_flows().max(1) as f32;
        let width = (bar.width() * part).max(MIN_BAR).min(bar.right() - left);
        let piece = Rect::from_min_size(pos2(left, bar.top()), vec2(width, BAR_HEIGHT));
        let role = match label {
            Label::Origin => Role::Origin,
            Label::Cdn => Role::Cdn,
            Label::Unknown => Role::Unknown,
        };
        paint_role_swatch(painter, theme, piece, theme.label(label), role);
        left += width;
    }
}

/// When the flows of the row start, over the time of all flows.
fn paint_starts(painter: &Painter, inner: Rect, colour: Color32, row: &HostRow) {
    let step = inner.width() / row.starts.len() as f32;
    let bottom = inner.center().y + STARTS_HEIGHT / 2.0;
    for (n, height) in row.starts.iter().enumerate() {
        if *height == 0 {
            continue;
        }
        let left = inner.left() + n as f32 * step;
        let height = (STARTS_HEIGHT * f32::from(*height) / 255.0).max(MIN_BAR);
        let bar = Rect::from_min_max(
            pos2(left, bottom - height),
            pos2(left + (step - 0.5).max(1.0), bottom),
        );
        painter.rect_filled(bar, 0.0, colour);
    }
}
