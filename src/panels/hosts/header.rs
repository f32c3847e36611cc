//! The heads of the columns: a click sorts, by pointer or by keyboard.

use egui::{Align2, EventFilter, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::HostsPanel;
use super::columns::{Place, about_of, title_of};
use super::row::MARGIN;
use crate::commands::Action;
use crate::panels::PanelCx;
use crate::query::hosts::{By, HostColumn, HostSort};
use crate::session::HostsView;
use crate::widgets::marks::paint_sort_arrow;
use crate::widgets::switch::paint_focus;
use crate::widgets::text::{line, paint_in};
use crate::widgets::theme::{DENSE_SIZE, Theme, regular};

/// Height of the heads, in points.
pub(super) const HEIGHT: f32 = 26.0;
/// Space that the sign of the sorted column takes, in points.
const ARROW_WIDTH: f32 = 12.0;

impl HostsPanel {
    /// Paints the heads into `rect`.
    pub(super) fn header_ui(
        &mut self,
        ui: &Ui,
        rect: Rect,
        places: &[Place],
        by: By,
        cx: &mut PanelCx<'_>,
    ) {
        self.has_header_focus = false;
        let view = cx.session.hosts;
        for place in places {
            let min = pos2(rect.left() + place.left, rect.top());
            let cell = Rect::from_min_size(min, vec2(place.width, rect.height()));
            self.head_ui(ui, cell, place.column, (by, view), cx);
        }
        let line = (1.0, Theme::of(ui).hairline);
        ui.painter()
            .hline(rect.x_range(), rect.bottom() - 0.5, line);
    }

    fn head_ui(
        &mut self,
        ui: &Ui,
        cell: Rect,
        column: HostColumn,
        (by, view): (By, HostsView),
        cx: &mut PanelCx<'_>,
    ) {
        let id = ui.scope_id().with(("head", column.word(by)));
        let response = ui.interact(cell, id, Sense::click());
        let sorted = (view.sort.column == column).then_some(view.sort);
        response.widget_info(|| {
            WidgetInfo::labeled(Role::ColumnHeader, true, spoken(column, by, sorted))
        });
        if response.has_focus() {
            self.has_header_focus = true;
            // Arrows belong to the rows, and lead nowhere from here.
            let arrows = EventFilter {
                horizontal_arrows: false,
                vertical_arrows: true,
                ..EventFilter::default()
            };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(id, arrows));
        }
        paint(ui, cell, column, by, sorted, response.hovered());
        paint_focus(ui.painter(), &response, Theme::of(ui));
        if response.clicked() {
            let sort = view.sort.clicked(column);
            cx.actions
                .push(Action::SetHosts(HostsView { sort, ..view }));
        }
        response.on_hover_text(format!("{}\nClick to sort", about_of(column)));
    }
}

fn paint(
    ui: &Ui,
    cell: Rect,
    column: HostColumn,
    by: By,
    sorted: Option<HostSort>,
    is_hovered: bool,
) {
    let theme = Theme::of(ui);
    let mut inner = cell.shrink2(vec2(MARGIN, 0.0));
    let is_right = column.is_number() && !is_drawn(column);
    let colour = if is_hovered || sorted.is_some() {
        theme.text
    } else {
        theme.secondary
    };
    if sorted.is_some() {
        inner.max.x -= ARROW_WIDTH;
    }
    // The bar of the bytes needs no title of its own.
    let title = match column {
        HostColumn::Share if !is_hovered && sorted.is_none() => "",
        other => title_of(other, by),
    };
    let job = line(&[(title, colour)], &regular(DENSE_SIZE), inner.width());
    let galley = ui.painter().layout_job(job);
    let end = if is_right {
        inner.right()
    } else {
        inner.left() + galley.size().x
    };
    let align = if is_right {
        Align2::RIGHT_CENTER
    } else {
        Align2::LEFT_CENTER
    };
    paint_in(ui.painter(), inner, align, galley);
    if let Some(sort) = sorted {
        let centre = pos2(end + ARROW_WIDTH / 2.0 + 1.0, cell.center().y);
        paint_sort_arrow(ui.painter(), centre, sort.descending, theme.accent);
    }
}

/// Columns that show a bar instead of a number.
const fn is_drawn(column: HostColumn) -> bool {
    matches!(column, HostColumn::Share | HostColumn::Labelled)
}

fn spoken(column: HostColumn, by: By, sorted: Option<HostSort>) -> String {
    let way = match sorted.map(|sort| sort.descending) {
        None => "",
        Some(true) => ", sorted, largest first",
        Some(false) => ", sorted",
    };
    format!("{}{way}", title_of(column, by))
}
