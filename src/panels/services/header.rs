//! The header of the lens: a click sorts by a column, a third one goes back to the usual order.

use egui::{Align2, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::columns::{Column, Place};
use super::model::{SortBy, Sorting};
use crate::widgets::marks::paint_sort_arrow;
use crate::widgets::switch::paint_focus;
use crate::widgets::text::{line, paint_in};
use crate::widgets::theme::{DENSE_SIZE, Theme, regular};

/// Height of the header, in points.
pub(super) const HEIGHT: f32 = 26.0;
/// Space between a cell's edge and what it shows, in points.
pub(super) const MARGIN: f32 = 6.0;
/// Space that the sign of a sorted column takes, in points.
const ARROW: f32 = 12.0;

/// Paints the header into `rect`; true when a column of it has the keyboard.
pub(super) fn ui(ui: &Ui, rect: Rect, places: &[Place], sorting: &mut Sorting) -> bool {
    let theme = Theme::of(ui);
    let mut has_focus = false;
    for place in places {
        let min = pos2(rect.left() + place.left, rect.top());
        let cell = Rect::from_min_size(min, vec2(place.width, rect.height()));
        has_focus |= head_ui(ui, cell, place.column, sorting);
    }
    let stroke = (1.0, theme.hairline);
    ui.painter()
        .hline(rect.x_range(), rect.bottom() - 0.5, stroke);
    has_focus
}

fn head_ui(ui: &Ui, cell: Rect, column: Column, sorting: &mut Sorting) -> bool {
    let theme = Theme::of(ui);
    let by = column.sort_by();
    let is_spoken = !column.title().is_empty();
    let sense = if by.is_some() && is_spoken {
        Sense::click()
    } else {
        Sense::hover()
    };
    let id = ui.scope_id().with(("head", column as u8));
    let response = ui.interact(cell.intersect(ui.clip_rect()), id, sense);
    let sorted = sorting.filter(|(other, _)| Some(*other) == by && is_spoken);
    if is_spoken {
        response.widget_info(|| {
            let order = match sorted {
                Some((_, true)) => ", largest first",
                Some((_, false)) => ", smallest first",
                None => "",
            };
            let name = format!("{}{order}", column.title());
            WidgetInfo::labeled(Role::ColumnHeader, true, name)
        });
    }
    let colour = if sorted.is_some() || response.hovered() && by.is_some() {
        theme.text
    } else {
        theme.secondary
    };
    let arrow = if sorted.is_some() { ARROW } else { 0.0 };
    let inner = cell.shrink2(vec2(MARGIN, 0.0));
    let job = line(
        &[(column.title(), colour)],
        &regular(DENSE_SIZE),
        inner.width() - arrow,
    );
    let text = ui.painter().layout_job(job);
    let align = if column.is_number() {
        Align2::RIGHT_CENTER
    } else {
        Align2::LEFT_CENTER
    };
    let width = text.size().x;
    let room = if column.is_number() {
        inner.with_max_x(inner.right() - arrow)
    } else {
        inner
    };
    paint_in(ui.painter(), room, align, text);
    if let Some((_, is_descending)) = sorted {
        let x = if column.is_number() {
            inner.right() - ARROW / 2.0 + 2.0
        } else {
            inner.left() + width + ARROW / 2.0
        };
        paint_sort_arrow(
            ui.painter(),
            pos2(x, cell.center().y),
            is_descending,
            colour,
        );
    }
    paint_focus(ui.painter(), &response, theme);
    if let Some(by) = by.filter(|_| response.clicked()) {
        *sorting = next(*sorting, by);
    }
    let has_focus = response.has_focus();
    response.on_hover_text(column.about());
    has_focus
}

/// Numbers begin with the largest, names with the first.
fn next(before: Sorting, by: SortBy) -> Sorting {
    let first = by != SortBy::Name;
    match before {
        Some((other, is_descending)) if other == by => {
            (is_descending == first).then_some((by, !first))
        }
        _ => Some((by, first)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_third_click_goes_back_to_the_usual_order() {
        let first = next(None, SortBy::Bytes);
        assert_eq!(first, Some((SortBy::Bytes, true)));
        let second = next(first, SortBy::Bytes);
        assert_eq!(second, Some((SortBy::Bytes, false)));
        assert_eq!(next(second, SortBy::Bytes), None);
        assert_eq!(next(second, SortBy::Name), Some((SortBy::Name, false)));
    }
}
