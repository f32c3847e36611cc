//! The header of the table: sorting, moving, widths and the choice of columns, by pointer and by keyboard.

use egui::{
    Align2, CursorIcon, EventFilter, Id, Key, Modifiers, Popup, PopupCloseBehavior, Rect, Response,
    Role, Sense, SetOpenCommand, Ui, WidgetInfo, pos2, vec2,
};

use super::TablePanel;
use super::columns::{ColumnLayout, Head, Place, about_of, title_of, word_of};
use crate::capture::Side;
use crate::commands::Action;
use crate::panels::PanelCx;
use crate::query::SortKey;
use crate::query::columns::{ColumnId, header_column};
use crate::widgets::marks::paint_sort_arrow;
use crate::widgets::text::{line, paint_in};
use crate::widgets::theme::{DENSE_SIZE, Theme, regular};

/// Shortest name for which a header is offered as a column, in characters.
const LEAST_HEADER: usize = 2;
/// Height of the header, in points.
pub(super) const HEIGHT: f32 = 26.0;
/// Space that the sign of a sorted column takes, in points.
const ARROW_WIDTH: f32 = 12.0;
/// By how much a key changes the width of a column, in points.
const WIDTH_STEP: f32 = 8.0;

/// What is going on in the header.
#[derive(Debug, Default)]
pub(super) struct HeaderState {
    /// The column that is being dragged.
    moved: Option<Head>,
    /// The column whose width is to fit its visible cells.
    pub fit: Option<Head>,
    /// A column has the keyboard.
    pub has_focus: bool,
    /// The column whose menu was opened by a key, and so stands below it instead of at the pointer.
    menu_by_key: Option<Head>,
    /// What is typed to find a column.
    search: String,
}

impl TablePanel {
    /// Paints the header into `rect`.
    pub(super) fn header_ui(
        &mut self,
        ui: &Ui,
        rect: Rect,
        places: &[Place],
        cx: &mut PanelCx<'_>,
    ) {
        let theme = Theme::of(ui);
        ui.painter().rect_filled(rect, 0.0, theme.canvas);
        self.header.has_focus = false;
        for place in places {
            let response = self.head_ui(ui, self.cell_in(rect, *place), place.head, cx);
            self.head_keys(ui, &response, places, *place, rect.width());
        }
        // Later than the columns, so that an edge is above both of its neighbours.
        for place in places {
            self.edge_ui(ui, self.cell_in(rect, *place), place.head);
        }
        self.insertion_ui(ui, rect, places);
        let line = (1.0, theme.hairline);
        ui.painter()
            .hline(rect.x_range(), rect.bottom() - 0.5, line);
    }

    fn cell_in(&self, rect: Rect, place: Place) -> Rect {
        let min = pos2(rect.left() + place.left - self.offset, rect.top());
        Rect::from_min_size(min, vec2(place.width, rect.height()))
    }

    fn head_ui(&mut self, ui: &Ui, cell: Rect, head: Head, cx: &mut PanelCx<'_>) -> Response {
        let response = ui.interact(cell, head_id(ui, head), Sense::click_and_drag());
        let sort = &cx.session.query.sort;
        let key_idx = sort.iter().position(|key| Some(key.column) == head);
        let key = key_idx.map(|idx| (idx, sort[idx].descending, sort.len()));
        response.widget_info(|| {
            WidgetInfo::labeled(Role::ColumnHeader, true, accessible_name(head, key))
        });
        paint_head(ui, cell, head, key, &response);
        if let Some(column) = head.filter(|_| response.clicked()) {
            let is_secondary = ui.input(|input| input.modifiers.shift);
            sort_by(cx, next_sort(sort, column, is_secondary));
        }
        if response.drag_started() {
            self.header.moved = Some(head);
        }
        let is_asked_for = response.has_focus() && ui.input_mut(takes_menu_key);
        let mut popup =
            Popup::context_menu(&response).close_behavior(PopupCloseBehavior::CloseOnClickOutside);
        if is_asked_for {
            popup = popup.open_memory(SetOpenCommand::Bool(true));
        }
        if response.secondary_clicked() || is_asked_for {
            self.header.search.clear();
            self.header.menu_by_key = is_asked_for.then_some(head);
        }
        if self.header.menu_by_key == Some(head) {
            popup = popup.anchor(&response);
        }
        popup.show(|ui| self.head_menu_ui(ui, head, cx));
        let about = about_of(head);
        let hint = "Click to sort, drag to move, right-click for more";
        response.on_hover_text(format!("{about}\n{hint}"))
    }

    /// Arrows go from column to column; with Ctrl they move it, with Shift they change its width.
    fn head_keys(
        &mut self,
        ui: &Ui,
        response: &Response,
        places: &[Place],
        place: Place,
        view_width: f32,
    ) {
        if !response.has_focus() {
            return;
        }
        self.header.has_focus = true;
        // As far as possible in view.
        let right = place.left + place.width - view_width;
        self.offset = self.offset.max(right).min(place.left);
        let arrows = EventFilter {
            horizontal_arrows: true,
            vertical_arrows: true,
            ..EventFilter::default()
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));
        let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
        for (key, step) in [(Key::ArrowLeft, -1), (Key::ArrowRight, 1)] {
            if pressed(Modifiers::COMMAND, key) {
                self.layout.shift(place.head, 0 < step);
            } else if pressed(Modifiers::SHIFT, key) {
                let width = place.width + WIDTH_STEP * step as f32;
                self.layout.set_width(place.head, width);
            } else if pressed(Modifiers::NONE, key) {
                let idx = places.iter().position(|other| other.head == place.head);
                let next = idx.and_then(|idx| places.get(idx.checked_add_signed(step)?));
                if let Some(next) = next {
                    super::cells::focus(ui, head_id(ui, next.head));
                }
            }
        }
        if pressed(Modifiers::NONE, Key::ArrowDown) {
            ui.memory_mut(|memory| memory.surrender_focus(response.id));
        }
    }

    /// The edge of a column, which can be dragged.
    fn edge_ui(&mut self, ui: &Ui, cell: Rect, head: Head) {
        let edge = Rect::from_center_size(cell.right_center(), vec2(6.0, cell.height()));
        let id = ui.scope_id().with(("edge", word_of(head)));
        // Widths have keys of their own, so that no edge needs the focus.
        let response = ui.interact(edge, id, Sense::CLICK | Sense::DRAG);
        response.widget_info(|| {
            let name = format!("Width of {}", title_of(head));
            WidgetInfo::labeled(Role::Splitter, true, name)
        });
        if response.hovered() || response.dragged() {
            ui.set_cursor_icon(CursorIcon::ResizeColumn);
            let line = (1.0, Theme::of(ui).accent);
            ui.painter().vline(cell.right(), cell.y_range(), line);
        }
        if response.double_clicked() {
            self.header.fit = Some(head);
        } else if response.dragged()
            && let Some(pointer) = response.interact_pointer_pos()
        {
            self.layout.set_width(head, pointer.x - cell.left());
        }
    }

    /// The line that shows where the dragged column will stand, and its move when it is let go.
    fn insertion_ui(&mut self, ui: &Ui, rect: Rect, places: &[Place]) {
        let Some(moved) = self.header.moved else {
            return;
        };
        let pointer = ui.input(|input| input.pointer.latest_pos());
        let Some(pointer) = pointer.filter(|_| !ui.input(|input| input.key_pressed(Key::Escape)))
        else {
            self.header.moved = None;
            return;
        };
        let middle = |place: &&Place| self.cell_in(rect, **place).center().x;
        let before = places.iter().find(|place| pointer.x < middle(place));
        let x = match (before, places.last()) {
            (Some(place), _) => self.cell_in(rect, *place).left(),
            (None, Some(last)) => self.cell_in(rect, *last).right() - 1.0,
            (None, None) => return,
        };
        ui.set_cursor_icon(CursorIcon::Grabbing);
        let stroke = (2.0, Theme::of(ui).accent);
        ui.painter().vline(x, rect.y_range(), stroke);
        if ui.input(|input| !input.pointer.any_down()) {
            self.header.moved = None;
            self.layout
                .move_before(moved, before.map(|place| place.head));
        }
    }

    /// What can be done with a column, and which ones there are.
    fn head_menu_ui(&mut self, ui: &mut Ui, head: Head, cx: &mut PanelCx<'_>) {
        ui.set_min_width(200.0);
        if let Some(column) = head {
            for (title, descending) in [("Sort ascending", false), ("Sort descending", true)] {
                if ui.button(title).clicked() {
                    sort_by(cx, vec![SortKey { column, descending }]);
                    ui.close();
                }
            }
        }
        if !cx.session.query.sort.is_empty() && ui.button("Back to capture order").clicked() {
            sort_by(cx, Vec::new());
            ui.close();
        }
        if head == Some(ColumnId::Start) {
            let mut is_absolute = self.layout.is_start_absolute();
            if ui.checkbox(&mut is_absolute, "Time of day").changed() {
                self.layout.set_start_absolute(is_absolute);
            }
        }
        ui.separator();
        if ui.button("Move left").clicked() {
            self.layout.shift(head, false);
        }
        if ui.button("Move right").clicked() {
            self.layout.shift(head, true);
        }
        if ui.button("Fit width").clicked() {
            self.header.fit = Some(head);
            ui.close();
        }
        let is_last = self.layout.shown().len() == 1;
        let hide = egui::Button::new(format!("Hide {}", title_of(head)));
        if ui.add_enabled(!is_last, hide).clicked() {
            self.layout.show(head, false);
            ui.close();
        }
        ui.separator();
        choice_ui(ui, &mut self.layout, &mut self.header.search);
    }
}

/// The width that a heading needs, in points.
pub(super) fn least_width(ui: &Ui, head: Head) -> f32 {
    let title = match head {
        Some(ColumnId::Label) => "",
        other => title_of(other),
    };
    let font = regular(DENSE_SIZE);
    let galley = ui
        .painter()
        .layout_no_wrap(title.to_owned(), font, egui::Color32::PLACEHOLDER);
    galley.size().x.ceil() + ARROW_WIDTH + 12.0
}

fn head_id(ui: &Ui, head: Head) -> Id {
    ui.scope_id().with(("header", word_of(head)))
}

/// Shift+F10, or the key that keyboards have for it.
pub(super) fn takes_menu_key(input: &mut egui::InputState) -> bool {
    input.consume_key(Modifiers::SHIFT, Key::F10) || input.consume_key(Modifiers::NONE, Key::Menu)
}

fn sort_by(cx: &mut PanelCx<'_>, sort: Vec<SortKey>) {
    let mut query = cx.session.query.clone();
    query.sort = sort;
    cx.actions.push(Action::SetQuery(query));
}

/// A column to sort by: its place among them, whether it is descending, and how many there are.
type Sorted = Option<(usize, bool, usize)>;

fn accessible_name(head: Head, key: Sorted) -> String {
    let Some(column) = head else {
        return "Waterfall".to_owned();
    };
    let order = match key {
        None => String::new(),
        Some((idx, is_descending, n)) => {
            let order = if is_descending {
                "descending"
            } else {
                "ascending"
            };
            let place = if n < 2 {
                String::new()
            } else {
                format!(", key {}", idx + 1)
            };
            format!(", sorted {order}{place}")
        }
    };
    format!("Sort by {}{order}", column.column().title)
}

fn paint_head(ui: &Ui, cell: Rect, head: Head, key: Sorted, response: &Response) {
    let theme = Theme::of(ui);
    let painter = ui.painter();
    if response.has_focus() {
        let stroke = (1.0, theme.focus_ring);
        painter.rect_stroke(cell.shrink(1.0), 2.0, stroke, egui::StrokeKind::Inside);
    }
    let colour = if response.hovered() || key.is_some() {
        theme.text
    } else {
        theme.secondary
    };
    // The badge needs no heading; its column is explained by the tooltip.
    let title = match head {
        Some(ColumnId::Label) => "",
        Some(column) => column.column().title,
        None => "Waterfall",
    };
    let inner = cell.shrink2(vec2(6.0, 0.0));
    let n = key.filter(|(.., n)| 1 < *n).map(|(idx, ..)| idx + 1);
    let n_width = if n.is_some() { 8.0 } else { 0.0 };
    let room = key.map_or(0.0, |_| ARROW_WIDTH + n_width);
    let job = line(
        &[(title, colour)],
        &regular(DENSE_SIZE),
        (inner.width() - room).max(0.0),
    );
    let galley = painter.layout_job(job);
    let is_number = head.is_some_and(|head| head.column().is_number);
    let (align, text_rect, arrow_x) = if is_number {
        let text_rect = inner.with_max_x(inner.right() - room);
        (
            Align2::RIGHT_CENTER,
            text_rect,
            inner.right() - n_width - 4.0,
        )
    } else {
        let arrow_x = inner.left() + galley.size().x + 8.0;
        (Align2::LEFT_CENTER, inner, arrow_x)
    };
    paint_in(painter, text_rect, align, galley);
    let Some((_, is_descending, _)) = key else {
        return;
    };
    let centre = pos2(arrow_x, cell.center().y);
    paint_sort_arrow(painter, centre, is_descending, theme.accent);
    if let Some(n) = n {
        let at = centre + vec2(6.0, 0.0);
        let font = regular(DENSE_SIZE - 2.0);
        painter.text(at, Align2::LEFT_CENTER, n, font, theme.secondary);
    }
}

/// All columns to be shown or hidden, with a field to find one.
fn choice_ui(ui: &mut Ui, layout: &mut ColumnLayout, search: &mut String) {
    let edit = egui::TextEdit::singleline(search).hint_text("Find a column");
    let response = ui.add(edit);
    response.widget_info(|| WidgetInfo::labeled(Role::SearchInput, true, "Find a column"));
    let wanted = search.trim().to_lowercase();
    let is_wanted = |head: &Head| {
        let about = about_of(*head);
        title_of(*head).to_lowercase().contains(&wanted) || about.contains(&wanted)
    };
    let mut found = layout.all_heads();
    found.retain(is_wanted);
    let height = 240.0;
    egui::ScrollArea::vertical()
        .max_height(height)
        .show(ui, |ui| {
            if found.is_empty() && wanted.is_empty() {
                ui.label("No column of that name");
            }
            headers_ui(ui, layout, &wanted);
            for head in found {
                let mut is_shown = layout.is_shown(head);
                let about = about_of(head);
                let checkbox = ui.checkbox(&mut is_shown, title_of(head));
                if checkbox.on_hover_text(about).changed() {
                    layout.show(head, is_shown);
                }
            }
        });
    ui.separator();
    if ui
        .button("Usual columns")
        .on_hover_text("Show the default columns in their default order and widths")
        .clicked()
    {
        *layout = ColumnLayout::default();
        ui.close();
    }
}

/// Offers the header called `name` as a column. It becomes one only when it is chosen: columns are never forgotten.
fn headers_ui(ui: &mut Ui, layout: &mut ColumnLayout, name: &str) {
    if name.len() < LEAST_HEADER || name.contains(char::is_whitespace) {
        return;
    }
    for (side, words) in [(Side::Response, "Response"), (Side::Request, "Request")] {
        let button = ui.button(format!("{words} header {name}"));
        if button
            .on_hover_text("Show this header as a column")
            .clicked()
            && let Some(column) = header_column(side, name)
        {
            layout.show_header(column);
        }
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
