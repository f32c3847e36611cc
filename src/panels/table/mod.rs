//! The table of requests: any number of rows, of which only the visible ones are laid out.

mod cells;
mod columns;
mod header;
mod menu;
mod model;
mod row;
mod selection;

use egui::{Id, Rect, Response, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

pub use columns::{ColumnLayout, Head};
pub use model::cell;

use crate::capture::FlowId;
use crate::commands::Action;
use crate::panels::{Panel, PanelCx, nothing_matches_ui};
use crate::query::columns::ColumnId;
use crate::query::words;
use crate::widgets::row_keys::keep_arrows;
use crate::widgets::scroll::{BAR_WIDTH, GRIP_WIDTH, Scroll, paint_grip};
use crate::widgets::theme::{ROW_HEIGHT, Theme};
use columns::Place;
use header::HeaderState;
use menu::RowMenu;
use row::TimeScale;
use selection::Finder;

/// Width of the bar at the left of highlighted rows, wider than that of the focus.
const HIGHLIGHT_WIDTH: f32 = 4.0;

/// The table with its position and its columns.
#[derive(Debug, Default)]
pub struct TablePanel {
    scroll: Scroll,
    /// How far the columns are shifted to the left, in points.
    offset: f32,
    layout: ColumnLayout,
    header: HeaderState,
    /// Where focus and anchor were found last.
    finder: Finder,
    /// The focused flow that was last brought into view.
    revealed: Option<FlowId>,
    /// The uppermost row as other panels were told last.
    told_top: u32,
    /// The uppermost row as the session had it last; another one than told is asked for by another panel.
    seen_top: u32,
    /// The cell of the focused row that the keyboard is on.
    cursor: Option<Head>,
    menu: RowMenu,
    /// Where the focused row was painted, when it is in view.
    focused_row: Option<Rect>,
}

impl TablePanel {
    /// The choice, the order and the widths of columns.
    pub const fn layout(&self) -> &ColumnLayout {
        &self.layout
    }

    /// Takes over a choice of columns that was saved earlier.
    pub fn set_layout(&mut self, layout: ColumnLayout) {
        self.layout = layout;
    }

    /// The columns that are shown, from left to right; the waterfall has no values.
    pub fn columns(&self) -> Vec<ColumnId> {
        self.layout.shown().into_iter().flatten().collect()
    }

    /// The row at the upper edge, with a fraction.
    pub const fn top_row(&self) -> f64 {
        self.scroll.top()
    }

    /// Where the focused row stands; `None` when it is out of view.
    pub const fn focused_row(&self) -> Option<Rect> {
        self.focused_row
    }

    /// True while a column's heading has the keyboard, so that letters are not meant for the rows.
    pub const fn is_header_focused(&self) -> bool {
        self.header.has_focus
    }
}

impl Panel for TablePanel {
    fn title(&self) -> &'static str {
        "Requests"
    }

    fn prepare(&mut self, _cx: &mut PanelCx<'_>) {}

    fn ui(&mut self, ui: &mut Ui, cx: &mut PanelCx<'_>) {
        let rect = ui.available_rect_before_wrap();
        ui.advance_cursor_after_rect(rect);
        ui.painter().rect_filled(rect, 0.0, Theme::of(ui).canvas);
        let place = UiBuilder::new().id_salt("requests").max_rect(rect);
        ui.scope_builder(place, |ui| self.table_ui(ui, rect, cx));
    }
}

impl TablePanel {
    fn table_ui(&mut self, ui: &mut Ui, rect: Rect, cx: &mut PanelCx<'_>) {
        self.focused_row = None;
        let header = rect.with_max_y(rect.top() + header::HEIGHT);
        let body = rect
            .with_min_y(header.bottom())
            .with_max_x(rect.right() - BAR_WIDTH);
        self.layout.set_files(cx.document.captures().len());
        self.layout.set_marks(cx.rows.n_marked);
        let places = self.layout.places(body.width(), cx.document.n_flows());
        let width = places.last().map_or(0.0, |place| place.left + place.width);
        let sideways = body.with_min_y(body.bottom() - BAR_WIDTH);
        let body = if body.width() + 0.5 < width {
            body.with_max_y(sideways.top())
        } else {
            body
        };
        let n_rows = cx.rows.flows.len();
        ui.accesskit_node_builder(ui.unique_id(), |node| {
            node.set_role(Role::Grid);
            node.set_label("Requests");
            node.set_row_count(n_rows);
            node.set_column_count(places.len());
        });
        ui.shrink_clip_rect(rect);
        self.header_ui(ui, header, &places, cx);
        if n_rows == 0 {
            nothing_matches_ui(ui, body, cx);
            return;
        }
        let view_rows = f64::from(body.height() / ROW_HEIGHT);
        let wanted = cx.session.top_row;
        if std::mem::replace(&mut self.seen_top, wanted) != wanted && wanted != self.told_top {
            self.told_top = wanted;
            let delta = f64::from(wanted) - self.scroll.top();
            self.scroll.by(delta, n_rows, view_rows);
        }
        let before = self.scroll.top() as u32;
        let bar = Rect::from_min_max(body.right_top(), pos2(rect.right(), body.bottom()));
        self.scroll
            .bar_ui(ui, bar, "Scroll the requests", n_rows, view_rows);
        if body.bottom() < rect.bottom() {
            self.sideways_ui(ui, sideways, width);
        }
        // Last, since it narrows what may be painted on.
        self.body_ui(ui, rect, body, &places, cx);
        let top = self.scroll.top() as u32;
        if top != before {
            self.told_top = top;
            cx.actions.push(Action::ScrollTo(top));
        }
    }

    fn body_ui(
        &mut self,
        ui: &mut Ui,
        table: Rect,
        body: Rect,
        places: &[Place],
        cx: &mut PanelCx<'_>,
    ) {
        let n_rows = cx.rows.flows.len();
        let view_rows = f64::from(body.height() / ROW_HEIGHT);
        self.wheel(ui, body, places, n_rows, view_rows);
        if self.has_keyboard(ui, table) {
            self.keys(ui, body, places, view_rows, cx);
        }
        self.reveal_focus(n_rows, view_rows, cx);
        let first = self.scroll.top().floor() as usize;
        let last = (first + view_rows.ceil() as usize + 1).min(n_rows);
        let columns: Vec<ColumnId> = places.iter().filter_map(|place| place.head).collect();
        let mut rows = model::rows(cx.document, cx.rows, first..last, &columns);
        if self.layout.is_start_absolute() {
            model::show_time_of_day(&mut rows, &columns, cx.session.is_local_time);
        }
        self.fit_column(ui, &rows, &columns);
        let scale = time_scale(cx);
        // The fraction is below 1, so that f32 is exact enough at any position.
        let shift = (self.scroll.top().fract() as f32) * ROW_HEIGHT;
        ui.shrink_clip_rect(body);
        for (n, row) in rows.iter().enumerate() {
            let top = body.top() + n as f32 * ROW_HEIGHT - shift;
            let rect = Rect::from_min_size(pos2(body.left(), top), vec2(body.width(), ROW_HEIGHT));
            self.row_ui(ui, rect, places, (first + n, row), scale, cx);
        }
    }

    /// True when keys are meant for the rows: nothing else has the keyboard, and nothing lies over them.
    fn has_keyboard(&self, ui: &Ui, table: Rect) -> bool {
        if ui.text_edit_focused() || ui.any_popup_open() || self.header.has_focus {
            return false;
        }
        let focused = ui.memory(egui::Memory::focused);
        let response = focused.and_then(|id| ui.ctx().read_response(id));
        response.is_none_or(|response| table.contains(response.rect.center()))
    }

    fn keys(
        &mut self,
        ui: &Ui,
        body: Rect,
        places: &[Place],
        view_rows: f64,
        cx: &mut PanelCx<'_>,
    ) {
        let page = (view_rows as usize).max(2) - 1;
        let before = &cx.session.selection;
        if let Some(after) = selection::moved(ui, cx.rows, before, &mut self.finder, page) {
            if self.cursor.is_none()
                && let Some(focus) = after.focus
            {
                // So that a screen reader follows.
                cells::focus(ui, row_id(ui, focus));
            }
            cx.actions.push(Action::Select(after));
        }
        if before.focus.is_some() {
            self.move_cursor(ui, body.width(), places);
        }
    }

    fn reveal_focus(&mut self, n_rows: usize, view_rows: f64, cx: &PanelCx<'_>) {
        let focus = cx.session.selection.focus;
        if focus == self.revealed {
            return;
        }
        self.revealed = focus;
        let idx = focus.and_then(|focus| self.finder.place(cx.rows, focus));
        if let Some(idx) = idx {
            self.scroll.reveal(idx, n_rows, view_rows);
        }
    }

    /// Makes the column that was asked for as wide as the widest cell in view.
    fn fit_column(&mut self, ui: &Ui, rows: &[model::RowText], columns: &[ColumnId]) {
        let Some(head) = self.header.fit.take() else {
            return;
        };
        let title = header::least_width(ui, head);
        let idx = columns.iter().position(|column| Some(*column) == head);
        let widths = rows.iter().filter_map(|row| {
            let cell = row.cells.get(idx?)?;
            Some(row::width_of(ui.painter(), columns[idx?], cell))
        });
        self.layout.set_width(head, widths.fold(title, f32::max));
    }

    fn row_ui(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        places: &[Place],
        (idx, row): (usize, &model::RowText),
        scale: Option<TimeScale>,
        cx: &mut PanelCx<'_>,
    ) {
        let theme = Theme::of(ui);
        let is_focus = cx.session.selection.focus == Some(row.id);
        // One stop for Tab is enough; from there on there are arrows.
        let sense = if is_focus {
            Sense::click()
        } else {
            Sense::CLICK
        };
        let visible = rect.intersect(ui.clip_rect());
        let response = ui.interact(visible, row_id(ui, row.id), sense);
        let is_selected = cx.session.selection.flows.contains(row.id);
        let is_highlighted = cx.session.highlighted.contains(row.id);
        response.widget_info(|| {
            let mut name = model::accessible_name(cx.document, row.id);
            if is_highlighted {
                name.push_str(", highlighted");
            }
            WidgetInfo::selected(Role::Row, true, is_selected, name)
        });
        ui.accesskit_node_builder(response.id, |node| node.set_row_index(idx));
        if is_highlighted {
            paint_highlight(ui, theme, rect, is_selected);
        } else if is_selected {
            ui.painter().rect_filled(rect, 0.0, theme.selection);
        } else if response.hovered() {
            ui.painter().rect_filled(rect, 0.0, theme.hover);
        }
        if is_focus {
            self.focused_row = Some(visible);
            let mark = rect.with_max_x(rect.left() + 2.0);
            ui.painter().rect_filled(mark, 0.0, theme.accent);
        }
        let mut painter = ui.painter().clone();
        if is_dimmed(cx, row) {
            painter.multiply_opacity(0.4);
        }
        let cut = row::paint(&painter, theme, rect, self.offset, places, row, scale);
        if is_focus {
            keep_arrows(ui, response.id);
            self.cells_ui(ui, rect, places, row, response.id);
        }
        self.row_clicks(ui, rect, places, (idx, row), &response, cx);
        let is_asked_for = is_focus && self.menu_is_asked_for(ui, cx);
        menu::show(self, &response, row.id, is_asked_for, cx);
        self.tooltip_ui(rect, places, row, &cut, response, cx);
    }

    fn row_clicks(
        &mut self,
        ui: &Ui,
        rect: Rect,
        places: &[Place],
        (idx, row): (usize, &model::RowText),
        response: &Response,
        cx: &mut PanelCx<'_>,
    ) {
        let before = &cx.session.selection;
        if response.clicked() {
            let modifiers = ui.input(|input| input.modifiers);
            self.finder.remember(row.id, idx);
            let after = selection::clicked(cx.rows, before, row.id, modifiers, &mut self.finder);
            self.revealed = after.focus;
            self.cursor = None;
            cx.actions.push(Action::Select(after));
        } else if response.secondary_clicked() {
            let pointer = response.interact_pointer_pos();
            let head = pointer.and_then(|at| self.head_at(places, at.x - rect.left()));
            self.menu.open_at(row.id, head);
            if !before.flows.contains(row.id) {
                let only = crate::session::Selection::only(row.id);
                cx.actions.push(Action::Select(only));
            }
        }
    }

    /// Shift+F10 opens the menu of the cell that the keyboard is on.
    fn menu_is_asked_for(&mut self, ui: &Ui, cx: &PanelCx<'_>) -> bool {
        let focused = ui.memory(egui::Memory::focused);
        let is_elsewhere = focused.is_some_and(|id| {
            let response = ui.ctx().read_response(id);
            response.is_some_and(|response| !ui.clip_rect().contains(response.rect.center()))
        });
        if is_elsewhere || self.header.has_focus || ui.any_popup_open() {
            return false;
        }
        let is_asked_for = ui.input_mut(header::takes_menu_key);
        if is_asked_for && let Some(focus) = cx.session.selection.focus {
            self.menu.open_by_key(focus, self.cursor);
        }
        is_asked_for
    }

    /// What was cut, the exact time, or what the machine's answer means.
    fn tooltip_ui(
        &self,
        rect: Rect,
        places: &[Place],
        row: &model::RowText,
        cut: &[(Rect, String)],
        response: Response,
        cx: &PanelCx<'_>,
    ) {
        let Some(at) = response.hover_pos() else {
            return;
        };
        let whole = cut.iter().find(|(cell, _)| cell.x_range().contains(at.x));
        let head = self.head_at(places, at.x - rect.left());
        let text = match head {
            Some(Some(ColumnId::Start)) => {
                row.start.map(|start| start.shown(cx.session.is_local_time))
            }
            Some(Some(ColumnId::Role)) => Some(words::role(row.role).to_owned()),
            Some(Some(ColumnId::Conclusive)) => Some(words::how_sure(row.conclusiveness)),
            _ => whole.map(|(_, text)| text.clone()),
        };
        if let Some(text) = text {
            response.on_hover_text_at_pointer(text);
        }
    }

    fn head_at(&self, places: &[Place], x: f32) -> Option<Head> {
        let x = x + self.offset;
        let is_hit = |place: &&Place| (place.left..place.left + place.width).contains(&x);
        Some(places.iter().find(is_hit)?.head)
    }

    fn wheel(&mut self, ui: &Ui, body: Rect, places: &[Place], n_rows: usize, view_rows: f64) {
        let delta = if ui.rect_contains_pointer(body) {
            ui.input(egui::InputState::smooth_scroll_delta)
        } else {
            egui::Vec2::ZERO
        };
        self.scroll
            .by(f64::from(-delta.y / ROW_HEIGHT), n_rows, view_rows);
        let width = places.last().map_or(0.0, |place| place.left + place.width);
        self.offset = (self.offset - delta.x).clamp(0.0, (width - body.width()).max(0.0));
    }

    /// The bar below the rows, when they are wider than the table: `width` in all.
    fn sideways_ui(&mut self, ui: &Ui, bar: Rect, width: f32) {
        let id = ui.scope_id().with("sideways");
        let response = ui.interact(bar, id, Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::labeled(Role::ScrollBar, true, "Scroll the columns"));
        let share = bar.width() / width;
        if let Some(pointer) = response.interact_pointer_pos() {
            let wanted = (pointer.x - bar.left()) / share - bar.width() / 2.0;
            self.offset = wanted.clamp(0.0, width - bar.width());
        }
        let size = vec2(bar.width() * share, GRIP_WIDTH);
        let left = bar.left() + self.offset * share;
        paint_grip(ui, pos2(left, bar.top() + 2.0), size, &response);
    }
}

/// A tint and a bar at the left edge, so that it is not the colour alone.
fn paint_highlight(ui: &Ui, theme: &Theme, rect: Rect, is_selected: bool) {
    let fill = if is_selected {
        theme.selection
    } else {
        theme.quote
    };
    ui.painter().rect_filled(rect, 0.0, fill);
    let bar = rect.with_max_x(rect.left() + HIGHLIGHT_WIDTH);
    ui.painter().rect_filled(bar, 0.0, theme.warning);
}

fn row_id(ui: &Ui, flow: FlowId) -> Id {
    ui.scope_id().with(("row", flow.0))
}

/// True when the pointer is on another slice of the charts than the one this row belongs to.
fn is_dimmed(cx: &PanelCx<'_>, row: &model::RowText) -> bool {
    cx.session.highlight.is_some_and(|highlight| {
        highlight.provider != row.provider || (row.provider.is_some() && highlight.role != row.role)
    })
}

fn time_scale(cx: &PanelCx<'_>) -> Option<TimeScale> {
    let all = || Some(cx.document.first_start()?..cx.document.last_end()?);
    let span = cx.session.zoom.clone().or_else(all)?;
    Some(TimeScale {
        start: span.start,
        span_ms: span.end.ms_since(span.start).max(1.0),
    })
}
