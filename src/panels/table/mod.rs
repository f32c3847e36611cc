//! The table of requests: any number of rows, of which only the visible ones are laid out.

mod columns;
mod header;
mod menu;
mod model;
mod row;
mod scroll;
mod selection;

use egui::{Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

pub use columns::ColumnLayout;
pub use model::{CellText, cell};

use crate::capture::FlowId;
use crate::commands::{Action, Command};
use crate::panels::{Panel, PanelCx};
use crate::query::columns::ColumnId;
use crate::widgets::theme::{ROW_HEIGHT, Theme};
use columns::Place;
use row::TimeScale;
use scroll::Scroll;

/// Width of the scroll bar, in points.
const BAR_WIDTH: f32 = 10.0;

/// The table with its position and its columns.
#[derive(Debug, Default)]
pub struct TablePanel {
    scroll: Scroll,
    /// How far the columns are shifted to the left, in points.
    offset: f32,
    layout: ColumnLayout,
    /// The focused flow that was last brought into view.
    revealed: Option<FlowId>,
    /// Where the context menu was opened.
    menu_cell: Option<(FlowId, Option<ColumnId>)>,
}

impl TablePanel {
    /// The choice and the widths of columns.
    pub const fn layout(&self) -> &ColumnLayout {
        &self.layout
    }

    /// Takes over a choice of columns that was saved earlier.
    pub fn set_layout(&mut self, layout: ColumnLayout) {
        self.layout = layout;
    }

    /// The row at the upper edge, with a fraction.
    pub const fn top_row(&self) -> f64 {
        self.scroll.top()
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
        let header = rect.with_max_y(rect.top() + header::HEIGHT);
        let body = rect
            .with_min_y(header.bottom())
            .with_max_x(rect.right() - BAR_WIDTH);
        self.layout.set_files(cx.document.captures().len());
        let places = self.layout.places(body.width(), cx.document.n_flows());
        ui.shrink_clip_rect(rect);
        header::ui(
            ui,
            header,
            self.offset,
            &places,
            &mut self.layout,
            cx.session,
            cx.actions,
        );
        if cx.rows.flows.is_empty() {
            nothing_ui(ui, body, cx);
            return;
        }
        let bar = Rect::from_min_max(body.right_top(), rect.right_bottom());
        self.bar_ui(ui, bar, body.height(), cx.rows.flows.len());
        // Last, since it narrows what may be painted on.
        self.body_ui(ui, body, &places, cx);
    }
}

impl TablePanel {
    fn body_ui(&mut self, ui: &mut Ui, body: Rect, places: &[Place], cx: &mut PanelCx<'_>) {
        let n_rows = cx.rows.flows.len();
        let view_rows = f64::from(body.height() / ROW_HEIGHT);
        self.wheel(ui, body, places, n_rows, view_rows);
        if !ui.text_edit_focused() && !ui.any_popup_open() {
            let page = (view_rows as usize).max(2) - 1;
            if let Some(after) = selection::moved(ui, cx.rows, &cx.session.selection, page) {
                cx.actions.push(Action::Select(after));
            }
        }
        let focus = cx.session.selection.focus;
        if focus != self.revealed {
            self.revealed = focus;
            let idx = focus.and_then(|focus| cx.rows.flows.iter().position(|id| *id == focus));
            if let Some(idx) = idx {
                self.scroll.reveal(idx, n_rows, view_rows);
            }
        }
        let first = self.scroll.top().floor() as usize;
        let last = (first + view_rows.ceil() as usize + 1).min(n_rows);
        let columns: Vec<ColumnId> = places.iter().filter_map(|place| place.column).collect();
        let rows = model::rows(cx.document, cx.rows, first..last, &columns);
        let scale = time_scale(cx);
        // The fraction is below 1, so that f32 is exact enough at any position.
        let shift = (self.scroll.top().fract() as f32) * ROW_HEIGHT;
        ui.shrink_clip_rect(body);
        for (n, row) in rows.iter().enumerate() {
            let top = body.top() + n as f32 * ROW_HEIGHT - shift;
            let rect = Rect::from_min_size(pos2(body.left(), top), vec2(body.width(), ROW_HEIGHT));
            self.row_ui(ui, rect, places, row, scale, cx);
        }
    }

    fn row_ui(
        &mut self,
        ui: &Ui,
        rect: Rect,
        places: &[Place],
        row: &model::RowText,
        scale: Option<TimeScale>,
        cx: &mut PanelCx<'_>,
    ) {
        let theme = Theme::of(ui);
        let visible = rect.intersect(ui.clip_rect());
        let response = ui.interact(
            visible,
            ui.scope_id().with(("row", row.id.0)),
            Sense::click(),
        );
        let is_selected = cx.session.selection.flows.contains(&row.id);
        response.widget_info(|| {
            let name = model::accessible_name(cx.document, row.id);
            WidgetInfo::selected(Role::Row, true, is_selected, name)
        });
        if is_selected {
            ui.painter().rect_filled(rect, 0.0, theme.selection);
        } else if response.hovered() {
            ui.painter().rect_filled(rect, 0.0, theme.hover);
        }
        if cx.session.selection.focus == Some(row.id) {
            let mark = rect.with_max_x(rect.left() + 2.0);
            ui.painter().rect_filled(mark, 0.0, theme.accent);
        }
        let mut painter = ui.painter().clone();
        if is_dimmed(cx, row) {
            painter.multiply_opacity(0.4);
        }
        let cut = row::paint(&painter, theme, rect, self.offset, places, row, scale);
        if response.clicked() {
            let modifiers = ui.input(|input| input.modifiers);
            let after = selection::clicked(cx.rows, &cx.session.selection, row.id, modifiers);
            self.revealed = after.focus;
            cx.actions.push(Action::Select(after));
        }
        if response.secondary_clicked() {
            let pointer = response.interact_pointer_pos();
            let column = pointer.and_then(|at| self.column_at(places, at.x - rect.left()));
            self.menu_cell = Some((row.id, column));
            if !is_selected {
                let only = crate::session::Selection::only(row.id);
                cx.actions.push(Action::Select(only));
            }
        }
        let column = self
            .menu_cell
            .filter(|(id, _)| *id == row.id)
            .and_then(|(_, column)| column);
        response.context_menu(|ui| menu::ui(ui, cx, row.id, column));
        if let Some(text) = response.hover_pos().and_then(|at| {
            let hit = |(cell, _): &&(Rect, String)| cell.x_range().contains(at.x);
            let whole = cut.iter().find(hit).map(|(_, text)| text.clone());
            let is_start = self.column_at(places, at.x - rect.left()) == Some(ColumnId::Start);
            whole.or_else(|| {
                row.start
                    .filter(|_| is_start)
                    .map(crate::base::time::Time::to_iso)
            })
        }) {
            response.on_hover_text_at_pointer(text);
        }
    }

    fn column_at(&self, places: &[Place], x: f32) -> Option<ColumnId> {
        let x = x + self.offset;
        places
            .iter()
            .find(|place| (place.left..place.left + place.width).contains(&x))?
            .column
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

    fn bar_ui(&mut self, ui: &Ui, bar: Rect, view_height: f32, n_rows: usize) {
        let view_rows = f64::from(view_height / ROW_HEIGHT);
        let Some((start, length)) = self.scroll.grip(n_rows, view_rows) else {
            return;
        };
        let response = ui.interact(
            bar,
            ui.scope_id().with("scroll bar"),
            Sense::click_and_drag(),
        );
        response.widget_info(|| WidgetInfo::labeled(Role::ScrollBar, true, "Scroll the requests"));
        if let Some(pointer) = response.interact_pointer_pos() {
            let share = f64::from((pointer.y - bar.top()) / bar.height()) - length / 2.0;
            self.scroll
                .set_grip(share.clamp(0.0, 1.0 - length), n_rows, view_rows);
        }
        let theme = Theme::of(ui);
        let top = bar.top() + (start * f64::from(bar.height())) as f32;
        let size = vec2(6.0, (length * f64::from(bar.height())) as f32);
        let grip = Rect::from_min_size(pos2(bar.left() + 2.0, top), size);
        let colour = if response.hovered() || response.dragged() {
            theme.decoration
        } else {
            theme.hairline
        };
        ui.painter().rect_filled(grip, 3.0, colour);
    }
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

/// Says why no row is shown, and offers the way out.
fn nothing_ui(ui: &mut Ui, body: Rect, cx: &mut PanelCx<'_>) {
    let filter = cx.session.effective_query().filter;
    if filter.trim().is_empty() && cx.session.query.time.is_none() {
        return;
    }
    let theme = Theme::of(ui);
    let middle = Rect::from_center_size(body.center(), vec2(body.width().min(480.0), 96.0));
    ui.scope_builder(egui::UiBuilder::new().max_rect(middle), |ui| {
        ui.vertical_centered(|ui| {
            ui.label("No request matches");
            ui.label(
                egui::RichText::new(filter)
                    .monospace()
                    .color(theme.secondary),
            );
            ui.add_space(8.0);
            if ui.button("Clear filter").clicked() {
                cx.actions.push(Action::Run(Command::ClearFilter));
            }
        });
    });
}
