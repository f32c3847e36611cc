//! The lens of hosts: a row for each host, or domain, party, provider …, with who serves it and what it adds up to.
//!
//! To select a row is to select its flows, so that everything else in the window follows.

mod columns;
mod header;
mod menu;
pub mod model;
mod row;

use std::sync::Arc;

use egui::{
    FocusDirection, Id, InputState, Key, Modifiers, Rect, Response, Role, Sense, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};

use self::columns::Place;
use self::model::{Shown, spoken};
use super::{Panel, PanelCx, nothing_matches_ui};
use crate::base::jobs::Latest;
use crate::commands::Action;
use crate::query::hosts::{By, HostColumn, HostRow};
use crate::session::{HostsView, Selection, Session};
use crate::widgets::answer::Answer;
use crate::widgets::row_keys::{keep_arrows, taken_step};
use crate::widgets::scroll::{BAR_WIDTH, Scroll};
use crate::widgets::theme::{ROW_HEIGHT, Theme};

/// What a table depends on: the rows of the query, and how they are grouped and sorted.
type Wanted = (u64, HostsView);

/// The rows with their position.
#[derive(Debug)]
pub struct HostsPanel {
    latest: Latest<Wanted, Arc<Shown>>,
    scroll: Scroll,
    /// The selection that covers whole rows, and by what those were grouped: another one comes from elsewhere.
    told: Option<(Selection, By)>,
    /// Other rows came, so that the selected ones have to be found anew.
    is_stale: bool,
    /// The indices of the selected rows, in rising order.
    selected: Vec<usize>,
    /// The row in front that was last brought into view.
    revealed: Option<usize>,
    /// Where the row in front was painted, when it is in view.
    focused_row: Option<Rect>,
    has_header_focus: bool,
    /// The columns that are shown.
    columns: Vec<HostColumn>,
}

impl Default for HostsPanel {
    fn default() -> Self {
        Self {
            latest: Latest::new("hosts"),
            scroll: Scroll::default(),
            told: None,
            is_stale: false,
            selected: Vec::new(),
            revealed: None,
            focused_row: None,
            has_header_focus: false,
            columns: Vec::new(),
        }
    }
}

impl HostsPanel {
    /// True while rows are being put together.
    pub fn is_busy(&self) -> bool {
        self.latest.is_running()
    }

    /// The table as it is shown; `None` before the first one is there.
    pub fn shown(&self) -> Option<&Arc<Shown>> {
        self.latest.get()
    }

    /// The columns that are shown, from left to right.
    pub fn columns(&self) -> &[HostColumn] {
        &self.columns
    }

    /// Where the row in front stands; `None` when it is out of view.
    pub const fn focused_row(&self) -> Option<Rect> {
        self.focused_row
    }

    /// True while a column's heading has the keyboard, so that letters are not meant for the rows.
    pub const fn is_header_focused(&self) -> bool {
        self.has_header_focus
    }

    /// The answer that stands above the rows.
    pub fn answer(&self) -> Option<Answer> {
        let shown = self.latest.get()?;
        Some(model::answer(&shown.table.summary))
    }

    /// Lets a person choose what the rows have in common.
    pub fn group_by_ui(ui: &mut Ui, view: HostsView, actions: &mut Vec<Action>) {
        menu::group_by_ui(ui, view, actions);
    }

    /// The selection that covers whole rows where `session` has one that does not; `None` where there is nothing to change.
    pub fn whole(&mut self, session: &Session) -> Option<Selection> {
        let shown = self.latest.get()?;
        let by = shown.table.by;
        let before = &session.selection;
        let is_stale = std::mem::take(&mut self.is_stale);
        let told = self.told.as_ref().filter(|_| !is_stale);
        if told.is_some_and(|told| told.0 == *before) {
            return None;
        }
        // Rows of another kind cover more: not all that they cover was ever chosen.
        let is_regrouped = self.told.as_ref().is_some_and(|told| told.1 != by);
        let after = match before.focus {
            None => shown.only(0),
            Some(_) => shown.whole(before, is_regrouped),
        };
        let after = after.unwrap_or_else(|| before.clone());
        self.selected = shown.table.rows_with(&after.flows);
        self.told = Some((after.clone(), by));
        (after != *before).then_some(after)
    }

    /// Forgets the rows, which belong to captures that are closed.
    pub fn forget(&mut self) {
        *self = Self::default();
    }
}

impl Panel for HostsPanel {
    fn title(&self) -> &'static str {
        "Hosts"
    }

    fn prepare(&mut self, cx: &mut PanelCx<'_>) {
        let view = cx.session.hosts;
        let known = self.latest.get().cloned();
        let (document, rows) = (cx.document.clone(), Arc::clone(cx.rows));
        let revision = cx.rows_revision;
        let wake = Arc::clone(cx.wake);
        self.latest.request((revision, view), wake, move |cancel| {
            let known = known.as_deref();
            let shown = Shown::of(&document, (&rows, revision), view, known, cancel);
            shown.map(Arc::new)
        });
        if self.latest.poll() {
            // Other rows may stand where those did.
            self.is_stale = true;
            self.revealed = None;
        }
    }

    fn ui(&mut self, ui: &mut Ui, cx: &mut PanelCx<'_>) {
        let rect = ui.available_rect_before_wrap();
        ui.advance_cursor_after_rect(rect);
        ui.painter().rect_filled(rect, 0.0, Theme::of(ui).canvas);
        let place = UiBuilder::new().id_salt("hosts").max_rect(rect);
        ui.scope_builder(place, |ui| self.table_ui(ui, rect, cx));
    }
}

impl HostsPanel {
    fn table_ui(&mut self, ui: &mut Ui, rect: Rect, cx: &mut PanelCx<'_>) {
        self.focused_row = None;
        let Some(shown) = self.latest.get().cloned() else {
            return;
        };
        let header = rect
            .with_max_y(rect.top() + header::HEIGHT)
            .with_max_x(rect.right() - BAR_WIDTH);
        let body = rect
            .with_min_y(header.bottom())
            .with_max_x(rect.right() - BAR_WIDTH);
        let by = shown.table.by;
        let places = columns::places(body.width(), by, 1 < shown.table.n_parties());
        self.columns = places.iter().map(|place| place.column).collect();
        let n_rows = shown.order.len();
        ui.accesskit_node_builder(ui.unique_id(), |node| {
            node.set_role(Role::Grid);
            node.set_label("Hosts");
            node.set_row_count(n_rows);
            node.set_column_count(places.len());
        });
        ui.shrink_clip_rect(rect);
        self.header_ui(ui, header, &places, by, cx);
        if n_rows == 0 {
            nothing_matches_ui(ui, body, cx);
            return;
        }
        let view_rows = f64::from(body.height() / ROW_HEIGHT);
        let bar = Rect::from_min_max(body.right_top(), pos2(rect.right(), body.bottom()));
        self.scroll
            .bar_ui(ui, bar, "Scroll the hosts", n_rows, view_rows);
        // Last, since it narrows what may be painted on.
        self.body_ui(ui, (rect, body), &places, &shown, cx);
    }

    fn body_ui(
        &mut self,
        ui: &mut Ui,
        (rect, body): (Rect, Rect),
        places: &[Place],
        shown: &Shown,
        cx: &mut PanelCx<'_>,
    ) {
        let n_rows = shown.order.len();
        let view_rows = f64::from(body.height() / ROW_HEIGHT);
        if ui.rect_contains_pointer(body) {
            let delta = ui.input(egui::InputState::smooth_scroll_delta);
            self.scroll
                .by(f64::from(-delta.y / ROW_HEIGHT), n_rows, view_rows);
        }
        let focus = cx.session.selection.focus;
        let focus = focus.and_then(|focus| shown.place_of(focus));
        let is_ours = self.has_keyboard(ui, rect);
        if is_ours && let Some(after) = moved(ui, shown, focus, view_rows, cx) {
            cx.actions.push(Action::Select(after));
        }
        if focus != self.revealed
            && let Some(place) = focus
        {
            self.scroll.reveal(place, n_rows, view_rows);
        }
        self.revealed = focus;
        let is_menu_asked_for = is_ours && ui.input_mut(takes_menu_key);
        let first = self.scroll.top().floor() as usize;
        let last = (first + view_rows.ceil() as usize + 1).min(n_rows);
        // The fraction is below 1, so that f32 is exact enough at any position.
        let shift = (self.scroll.top().fract() as f32) * ROW_HEIGHT;
        ui.shrink_clip_rect(body);
        for place in first..last {
            let top = body.top() + (place - first) as f32 * ROW_HEIGHT - shift;
            let rect = Rect::from_min_size(pos2(body.left(), top), vec2(body.width(), ROW_HEIGHT));
            let is_focus = focus == Some(place);
            let asked_for = is_focus && is_menu_asked_for;
            self.row_ui(ui, rect, places, (shown, place, is_focus), asked_for, cx);
        }
    }

    /// True when keys are meant for the rows: nothing else has the keyboard, and nothing lies over them.
    fn has_keyboard(&self, ui: &Ui, rect: Rect) -> bool {
        if ui.text_edit_focused() || ui.any_popup_open() || self.has_header_focus {
            return false;
        }
        let focused = ui.memory(egui::Memory::focused);
        let response = focused.and_then(|id| ui.ctx().read_response(id));
        response.is_none_or(|response| rect.contains(response.rect.center()))
    }

    fn row_ui(
        &mut self,
        ui: &Ui,
        rect: Rect,
        places: &[Place],
        (shown, place, is_focus): (&Shown, usize, bool),
        is_menu_asked_for: bool,
        cx: &mut PanelCx<'_>,
    ) {
        let Some(row) = shown.row(place) else { return };
        let theme = Theme::of(ui);
        // One stop for Tab is enough; from there on there are arrows.
        let sense = if is_focus {
            Sense::click()
        } else {
            Sense::CLICK
        };
        let visible = rect.intersect(ui.clip_rect());
        let response = ui.interact(visible, row_id(ui, row), sense);
        let idx = shown.order[place] as usize;
        let is_selected = self.selected.binary_search(&idx).is_ok();
        response.widget_info(|| {
            WidgetInfo::selected(Role::Row, true, is_selected, spoken(&shown.table, row))
        });
        ui.accesskit_node_builder(response.id, |node| node.set_row_index(place));
        if is_selected {
            ui.painter().rect_filled(rect, 0.0, theme.selection);
        } else if response.hovered() {
            ui.painter().rect_filled(rect, 0.0, theme.hover);
        }
        if is_focus {
            self.focused_row = Some(visible);
            let mark = rect.with_max_x(rect.left() + 2.0);
            ui.painter().rect_filled(mark, 0.0, theme.accent);
            keep_arrows(ui, response.id);
        }
        let mut painter = ui.painter().clone();
        if is_dimmed(row, cx) {
            painter.multiply_opacity(0.4);
        }
        let hints = row::paint(&painter, theme, rect, places, (&shown.table, row));
        clicks(ui, &response, shown, place, cx);
        menu::show(&response, (shown, row), is_menu_asked_for, cx);
        tooltip(response, &hints);
    }
}

/// The selection after the keys that move, pressed in this frame; `None` when there were none.
fn moved(
    ui: &Ui,
    shown: &Shown,
    focus: Option<usize>,
    view_rows: f64,
    cx: &PanelCx<'_>,
) -> Option<Selection> {
    let last = shown.order.len().checked_sub(1)?;
    let page = (view_rows as usize).max(2) - 1;
    let (step, is_extending) = ui.input_mut(|input| taken_step(input, page, last))?;
    let place = focus.map_or(0, |focus| focus.saturating_add_signed(step).min(last));
    // So that a screen reader follows.
    let id = row_id(ui, shown.row(place)?);
    ui.memory_mut(|memory| {
        memory.request_focus(id);
        memory.move_focus(FocusDirection::None);
    });
    if is_extending {
        shown.extended(&cx.session.selection, place)
    } else {
        shown.only(place)
    }
}

/// What a click on the row at `place` selects.
fn clicks(ui: &Ui, response: &Response, shown: &Shown, place: usize, cx: &mut PanelCx<'_>) {
    let before = &cx.session.selection;
    let after = if response.double_clicked() {
        let open = crate::commands::Command::OpenRow;
        cx.actions.push(Action::Run(open));
        return;
    } else if response.clicked() {
        let modifiers = ui.input(|input| input.modifiers);
        if modifiers.shift {
            shown.extended(before, place)
        } else if modifiers.command {
            shown.toggled(before, place)
        } else {
            shown.only(place)
        }
    } else if response.secondary_clicked() && !is_selected(shown, place, before) {
        shown.only(place)
    } else {
        None
    };
    cx.actions.extend(after.map(Action::Select));
}

fn is_selected(shown: &Shown, place: usize, selection: &Selection) -> bool {
    let first = shown
        .row(place)
        .and_then(|row| shown.table.flows_of(row).first());
    first.is_some_and(|flow| selection.flows.contains(*flow))
}

/// What the cell under the pointer says in full.
fn tooltip(response: Response, hints: &[(Rect, String)]) {
    let at = response.hover_pos();
    let hint = at.and_then(|at| {
        let mut hints = hints.iter();
        hints.find(|(cell, _)| cell.x_range().contains(at.x))
    });
    if let Some((_, text)) = hint {
        response.on_hover_text_at_pointer(text);
    }
}

/// Takes the key that opens the menu of the row in front.
fn takes_menu_key(input: &mut InputState) -> bool {
    input.consume_key(Modifiers::SHIFT, Key::F10)
}

fn row_id(ui: &Ui, row: &HostRow) -> Id {
    ui.scope_id().with(("row", &row.key))
}

/// True when the pointer is on a slice of the charts that this row has no part in.
fn is_dimmed(row: &HostRow, cx: &PanelCx<'_>) -> bool {
    cx.session
        .highlight
        .is_some_and(|highlight| highlight.provider != row.provider())
}
