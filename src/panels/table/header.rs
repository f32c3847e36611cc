//! The header of the table: sorting by click, widths by dragging, the choice of columns by right-click.

use egui::{Align2, CursorIcon, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::columns::{ColumnLayout, Place};
use crate::commands::Action;
use crate::query::SortKey;
use crate::query::columns::{COLUMNS, ColumnId};
use crate::session::Session;
use crate::widgets::marks::paint_sort_arrow;
use crate::widgets::text::{line, paint_in};
use crate::widgets::theme::{DENSE_SIZE, Theme, regular};

/// Height of the header, in points.
pub(super) const HEIGHT: f32 = 26.0;

/// Paints the header into `rect`, whose columns are shifted left by `offset`.
pub(super) fn ui(
    ui: &Ui,
    rect: Rect,
    offset: f32,
    places: &[Place],
    layout: &mut ColumnLayout,
    session: &Session,
    actions: &mut Vec<Action>,
) {
    let theme = Theme::of(ui);
    ui.painter().rect_filled(rect, 0.0, theme.canvas);
    for place in places {
        let min = pos2(rect.left() + place.left - offset, rect.top());
        let cell = Rect::from_min_size(min, vec2(place.width, rect.height()));
        if let Some(column) = place.column {
            column_ui(ui, cell, column, layout, session, actions);
        } else {
            let id = ui.scope_id().with("waterfall header");
            let response = ui.interact(cell, id, Sense::click());
            response.widget_info(|| WidgetInfo::labeled(Role::ColumnHeader, true, "Waterfall"));
            response.context_menu(|ui| choice_ui(ui, layout));
            let inner = cell.shrink2(vec2(6.0, 0.0));
            let title = [("Waterfall", theme.secondary)];
            let job = line(&title, &regular(DENSE_SIZE), inner.width());
            paint_in(
                ui.painter(),
                inner,
                Align2::LEFT_CENTER,
                ui.painter().layout_job(job),
            );
        }
    }
    let line = (1.0, theme.hairline);
    ui.painter()
        .hline(rect.x_range(), rect.bottom() - 0.5, line);
}

fn column_ui(
    ui: &Ui,
    cell: Rect,
    id: ColumnId,
    layout: &mut ColumnLayout,
    session: &Session,
    actions: &mut Vec<Action>,
) {
    let theme = Theme::of(ui);
    let column = id.column();
    let response = ui.interact(
        cell,
        ui.scope_id().with(("header", column.word)),
        Sense::click(),
    );
    let key = session.query.sort.iter().find(|key| key.column == id);
    let order = match key {
        None => "",
        Some(key) if key.descending => ", sorted descending",
        Some(_) => ", sorted ascending",
    };
    response.widget_info(|| {
        let name = format!("Sort by {}{order}", column.title);
        WidgetInfo::labeled(Role::ColumnHeader, true, name)
    });
    let colour = if response.hovered() || key.is_some() {
        theme.text
    } else {
        theme.secondary
    };
    // The badge needs no heading; its column is explained by the tooltip.
    let title = if id == ColumnId::Label {
        ""
    } else {
        column.title
    };
    let inner = cell.shrink2(vec2(6.0, 0.0));
    let arrow = if key.is_some() { 12.0 } else { 0.0 };
    let job = line(
        &[(title, colour)],
        &regular(DENSE_SIZE),
        inner.width() - arrow,
    );
    let galley = ui.painter().layout_job(job);
    let width = galley.size().x;
    let (align, text_rect, arrow_x) = if column.is_number {
        let text_rect = inner.with_max_x(inner.right() - arrow);
        (Align2::RIGHT_CENTER, text_rect, inner.right() - 4.0)
    } else {
        (Align2::LEFT_CENTER, inner, inner.left() + width + 8.0)
    };
    paint_in(ui.painter(), text_rect, align, galley);
    if let Some(key) = key {
        let centre = pos2(arrow_x, cell.center().y);
        paint_sort_arrow(ui.painter(), centre, key.descending, theme.accent);
    }
    if response.clicked() {
        let is_secondary = ui.input(|input| input.modifiers.shift);
        let mut query = session.query.clone();
        query.sort = next_sort(&query.sort, id, is_secondary);
        actions.push(Action::SetQuery(query));
    }
    response.context_menu(|ui| choice_ui(ui, layout));
    response.on_hover_text(column.about);
    grip_ui(ui, cell, id, layout);
}

/// The edge between two columns, which can be dragged.
fn grip_ui(ui: &Ui, cell: Rect, id: ColumnId, layout: &mut ColumnLayout) {
    let edge = Rect::from_center_size(cell.right_center(), vec2(6.0, cell.height()));
    let grip_id = ui.scope_id().with(("grip", id.column().word));
    let response = ui.interact(edge, grip_id, Sense::drag());
    if response.hovered() || response.dragged() {
        ui.set_cursor_icon(CursorIcon::ResizeColumn);
        let line = (1.0, Theme::of(ui).accent);
        ui.painter().vline(cell.right(), cell.y_range(), line);
    }
    if let Some(pointer) = response
        .interact_pointer_pos()
        .filter(|_| response.dragged())
    {
        layout.set_width(id, pointer.x - cell.left());
    }
}

fn choice_ui(ui: &mut Ui, layout: &mut ColumnLayout) {
    egui::ScrollArea::vertical()
        .max_height(480.0)
        .show(ui, |ui| {
            for column in COLUMNS {
                let mut is_shown = layout.is_shown(column.id);
                let title = if column.id == ColumnId::N {
                    "Number"
                } else {
                    column.title
                };
                if ui
                    .checkbox(&mut is_shown, title)
                    .on_hover_text(column.about)
                    .changed()
                {
                    layout.show(column.id, is_shown);
                }
            }
        });
    ui.separator();
    if ui.button("Usual columns").clicked() {
        *layout = ColumnLayout::default();
        ui.close();
    }
}

/// Ascending, then descending, then not at all; with `is_secondary` beside the other columns instead of in their place.
fn next_sort(sort: &[SortKey], column: ColumnId, is_secondary: bool) -> Vec<SortKey> {
    let before = sort.iter().find(|key| key.column == column);
    let next = match before {
        None => Some(false),
        Some(key) if !key.descending => Some(true),
        Some(_) => None,
    };
    let next = next.map(|descending| SortKey { column, descending });
    if !is_secondary {
        return next.into_iter().collect();
    }
    let mut keys: Vec<SortKey> = sort.to_vec();
    match (keys.iter().position(|key| key.column == column), next) {
        (Some(idx), Some(key)) => keys[idx] = key,
        (Some(idx), None) => {
            keys.remove(idx);
        }
        (None, key) => keys.extend(key),
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(column: ColumnId, descending: bool) -> SortKey {
        SortKey { column, descending }
    }

    #[test]
    fn three_clicks_lead_back_to_capture_order() {
        let once = next_sort(&[], ColumnId::Host, false);
        assert_eq!(once, [key(ColumnId::Host, false)]);
        let twice = next_sort(&once, ColumnId::Host, false);
        assert_eq!(twice, [key(ColumnId::Host, true)]);
        assert_eq!(next_sort(&twice, ColumnId::Host, false), []);
    }

    #[test]
    fn shift_keeps_the_other_columns() {
        let host = [key(ColumnId::Host, true)];
        let both = next_sort(&host, ColumnId::Size, true);
        assert_eq!(
            both,
            [key(ColumnId::Host, true), key(ColumnId::Size, false)]
        );
        assert_eq!(
            next_sort(&both, ColumnId::Host, true),
            [key(ColumnId::Size, false)]
        );
    }
}
