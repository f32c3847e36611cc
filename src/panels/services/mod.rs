//! The lens by service: party by party what each provider is to it, over the flows that are shown.

mod columns;
mod header;
mod keys;
mod marks;
mod menu;
pub mod model;
mod row;

use std::sync::Arc;

use egui::{Rect, Response, Role, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use self::columns::Place;
use self::model::{Folds, Line, Services, Sorting};
use self::row::Row;
use super::{Panel, PanelCx};
use crate::base::jobs::Latest;
use crate::commands::Action;
use crate::session::{Selection, Subject, Subjects};
use crate::widgets::theme::{ROW_HEIGHT, Theme};

/// What one count belongs to: document, rows, judgement.
type Key = (u64, u64, usize);

/// Shows what every provider is to every party.
#[derive(Debug)]
pub struct ServicesPanel {
    services: Latest<Key, Services>,
    /// How many counts were finished.
    n_counted: u64,
    folds: Folds,
    sorting: Sorting,
    /// The lines as they were put together last, and what for.
    lines: Vec<Line>,
    lines_are_of: Option<(u64, Folds, Sorting)>,
    /// Flows in the busiest stretch of time of any relation.
    most: u32,
    /// Height of the rows in view and how far they are scrolled, in points.
    view: (f32, f32),
    /// Where to scroll before the next painting, in points.
    scroll_to: Option<f32>,
    /// The subject that was last brought into view.
    revealed: Option<Subject>,
    is_header_focused: bool,
}

impl Default for ServicesPanel {
    fn default() -> Self {
        Self {
            services: Latest::new("services"),
            n_counted: 0,
            folds: Folds::default(),
            sorting: None,
            lines: Vec::new(),
            lines_are_of: None,
            most: 0,
            view: (0.0, 0.0),
            scroll_to: None,
            revealed: None,
            is_header_focused: false,
        }
    }
}

impl ServicesPanel {
    /// True while flows are counted.
    pub fn is_busy(&self) -> bool {
        self.services.is_running()
    }

    /// True while a column's heading has the keyboard, so that letters are not meant for the rows.
    pub const fn is_header_focused(&self) -> bool {
        self.is_header_focused
    }

    /// Number of relations of which flows are shown; `None` while nothing was judged.
    pub fn n_relations(&self) -> Option<usize> {
        self.services.get().map(Services::n_relations)
    }

    /// The selected rows as text with tabs; `None` when there is nothing to copy. With it, the number of rows.
    pub fn copied(&self, subjects: &Subjects) -> Option<(String, usize)> {
        let services = self.services.get()?;
        let is_wanted = |subject: &Subject| subjects.all.contains(subject);
        let wanted = self.lines.iter().filter(|line| {
            let subject = services.subject(**line);
            subject.is_some_and(|subject| is_wanted(&subject))
        });
        let n = wanted.count();
        (0 < n).then(|| (services.to_tsv(&self.lines, is_wanted), n))
    }

    /// What the selected rows are called in a message.
    pub fn called(&self, subjects: &Subjects) -> Option<String> {
        let services = self.services.get().filter(|_| !subjects.all.is_empty())?;
        Some(services.called(subjects.all.iter().cloned()))
    }

    /// Forgets what was folded and how far one scrolled: other captures take the place of these.
    pub fn forget(&mut self) {
        *self = Self {
            sorting: self.sorting,
            ..Self::default()
        };
    }

    /// Puts the lines together again when something changed.
    fn put_together(&mut self) {
        let Some(services) = self.services.get() else {
            return;
        };
        let key = self.n_counted;
        let is_new = match &self.lines_are_of {
            Some((of, folds, sorting)) => {
                *of != key || *folds != self.folds || *sorting != self.sorting
            }
            None => true,
        };
        if is_new {
            self.lines = services.lines(&self.folds, self.sorting);
            self.most = services.busiest();
            self.lines_are_of = Some((key, self.folds.clone(), self.sorting));
        }
    }
}

impl Panel for ServicesPanel {
    fn title(&self) -> &'static str {
        "Services"
    }

    fn prepare(&mut self, cx: &mut PanelCx<'_>) {
        self.n_counted += u64::from(self.services.poll());
        if let Some(roles) = cx.roles {
            let key = (
                cx.document.revision(),
                cx.rows_revision,
                Arc::as_ptr(roles) as usize,
            );
            let (document, rows) = (cx.document.clone(), Arc::clone(cx.rows));
            let roles = Arc::clone(roles);
            self.services
                .request(key, Arc::clone(cx.wake), move |cancel| {
                    Services::of(&document, roles, &rows, cancel)
                });
        }
        self.put_together();
    }

    fn ui(&mut self, ui: &mut Ui, cx: &mut PanelCx<'_>) {
        let rect = ui.available_rect_before_wrap();
        ui.advance_cursor_after_rect(rect);
        ui.painter().rect_filled(rect, 0.0, Theme::of(ui).canvas);
        let place = UiBuilder::new().id_salt("services").max_rect(rect);
        ui.scope_builder(place, |ui| self.table_ui(ui, rect, cx));
    }
}

impl ServicesPanel {
    fn table_ui(&mut self, ui: &mut Ui, rect: Rect, cx: &mut PanelCx<'_>) {
        let places = columns::places(rect.width() - ui.spacing().scroll.bar_width);
        ui.accesskit_node_builder(ui.unique_id(), |node| {
            node.set_role(Role::Grid);
            node.set_label("Services");
            node.set_row_count(self.lines.len());
            node.set_column_count(places.len());
        });
        ui.shrink_clip_rect(rect);
        let head = rect.with_max_y(rect.top() + header::HEIGHT);
        self.is_header_focused = header::ui(ui, head, &places, &mut self.sorting);
        self.put_together();
        let body = rect.with_min_y(head.bottom());
        if self.lines.is_empty() {
            nothing_ui(ui, body, self.services.get().is_some(), cx);
            return;
        }
        keys::ui(self, ui, rect, cx);
        self.reveal(cx);
        let mut area = ScrollArea::vertical()
            .id_salt("services")
            .auto_shrink(false)
            .min_scrolled_height(0.0);
        if let Some(offset) = self.scroll_to.take() {
            area = area.vertical_scroll_offset(offset);
        }
        let mut body_ui = ui.new_child(UiBuilder::new().max_rect(body));
        body_ui.spacing_mut().item_spacing.y = 0.0;
        let n = self.lines.len();
        let shown = area.show_rows(&mut body_ui, ROW_HEIGHT, n, |ui, rows| {
            for idx in rows {
                self.row_ui(ui, idx, &places, cx);
            }
        });
        self.view = (shown.inner_rect.height(), shown.state.clamped_offset().y);
    }

    fn row_ui(&mut self, ui: &mut Ui, idx: usize, places: &[Place], cx: &mut PanelCx<'_>) {
        let (Some(services), Some(line)) = (self.services.get(), self.lines.get(idx).copied())
        else {
            return;
        };
        let Some(subject) = services.subject(line) else {
            return;
        };
        let theme = Theme::of(ui);
        let (_, rect) = ui.allocate_space(vec2(ui.available_width(), ROW_HEIGHT));
        let subjects = &cx.session.subjects;
        let is_focus = subjects.focus.as_ref() == Some(&subject);
        // One stop for Tab is enough; from there on there are arrows.
        let sense = if is_focus {
            Sense::click()
        } else {
            Sense::CLICK
        };
        let visible = rect.intersect(ui.clip_rect());
        let response = ui.interact(visible, row_id(&subject), sense);
        let is_selected = subjects.all.contains(&subject);
        response.widget_info(|| {
            WidgetInfo::selected(Role::Row, true, is_selected, services.spoken(line))
        });
        ui.accesskit_node_builder(response.id, |node| node.set_row_index(idx));
        if is_selected {
            ui.painter().rect_filled(rect, 0.0, theme.selection);
        } else if response.hovered() {
            ui.painter().rect_filled(rect, 0.0, theme.hover);
        }
        if is_focus {
            let mark = rect.with_max_x(rect.left() + 2.0);
            ui.painter().rect_filled(mark, 0.0, theme.accent);
            keys::keep_arrows(ui, response.id);
        }
        if idx != 0 && services.parent(line).is_none() {
            let stroke = (1.0, theme.hairline);
            ui.painter().hline(rect.x_range(), rect.top(), stroke);
        }
        let row = Row {
            services,
            line,
            folds: &self.folds,
            most: self.most,
        };
        row.paint(ui, rect, places);
        let column = ui
            .input(|input| input.pointer.hover_pos())
            .and_then(|at| column_at(places, at.x - rect.left()));
        let response = match column {
            Some(column) => response.on_hover_text(row.tooltip(column)),
            None => response,
        };
        self.row_clicks(ui, rect, idx, &subject, &response, cx);
        menu::show(self, &response, &subject, cx);
    }

    fn row_clicks(
        &mut self,
        ui: &Ui,
        rect: Rect,
        idx: usize,
        subject: &Subject,
        response: &Response,
        cx: &mut PanelCx<'_>,
    ) {
        let Some(line) = self.lines.get(idx).copied() else {
            return;
        };
        let Some(services) = self.services.get() else {
            return;
        };
        let is_foldable = services.can_open(line);
        let arrow_end = rect.left() + row::arrow_end(services, line);
        if response.double_clicked() {
            cx.actions.push(Action::OpenSubject);
        } else if response.clicked() {
            let at = response.interact_pointer_pos();
            let is_on_arrow = is_foldable && at.is_some_and(|at| at.x < arrow_end);
            let modifiers = ui.input(|input| input.modifiers);
            if is_foldable && (is_on_arrow || matches!(line, Line::Rest(_)) && !modifiers.any()) {
                self.fold(line, None);
            }
            if !is_on_arrow {
                let after = keys::clicked(self, &cx.session.subjects, idx, modifiers);
                self.select(after, cx);
            }
        } else if response.secondary_clicked() && !cx.session.subjects.all.contains(subject) {
            self.select(Subjects::only(subject.clone()), cx);
        }
    }

    /// Selects rows together with their flows.
    fn select(&mut self, subjects: Subjects, cx: &mut PanelCx<'_>) {
        let Some(services) = self.services.get() else {
            return;
        };
        let flows = services.flows_of(subjects.all.iter());
        let of_focus = subjects.focus.as_ref();
        let focus = of_focus.and_then(|subject| services.flows(subject).first());
        let selection = Selection {
            focus,
            anchor: focus,
            flows,
        };
        self.revealed.clone_from(&subjects.focus);
        cx.actions.push(Action::SelectSubjects(subjects, selection));
    }

    /// Folds or unfolds a line; `None` = the other way round.
    fn fold(&mut self, line: Line, is_open: Option<bool>) {
        let Some(services) = self.services.get() else {
            return;
        };
        let is_open = is_open.unwrap_or(!services.is_open(line, &self.folds));
        if let Some(subject) = services.subject(line) {
            self.folds.set(subject, is_open);
            self.put_together();
        }
    }

    /// Brings a focus into view that came from elsewhere, unfolding what is above it.
    fn reveal(&mut self, cx: &PanelCx<'_>) {
        let focus = &cx.session.subjects.focus;
        if *focus == self.revealed {
            return;
        }
        self.revealed.clone_from(focus);
        let services = self.services.get();
        let line = focus
            .as_ref()
            .and_then(|subject| services?.line_of(subject));
        let mut above = line;
        while let Some(parent) = above.and_then(|line| self.services.get()?.parent(line)) {
            let is_open = self
                .services
                .get()
                .is_some_and(|it| it.is_open(parent, &self.folds));
            if !is_open {
                self.fold(parent, Some(true));
            }
            above = Some(parent);
        }
        let idx = line.and_then(|line| self.lines.iter().position(|other| *other == line));
        if let Some(idx) = idx {
            self.scroll_to_row(idx);
        }
    }

    /// Scrolls no further than it takes to show row `idx` whole.
    fn scroll_to_row(&mut self, idx: usize) {
        let (height, offset) = self.view;
        let top = idx as f32 * ROW_HEIGHT;
        let wanted = offset
            .min(top)
            .max(top + ROW_HEIGHT - height.max(ROW_HEIGHT));
        if 0.5 < (wanted - offset).abs() {
            self.scroll_to = Some(wanted);
        }
    }
}

fn row_id(subject: &Subject) -> egui::Id {
    egui::Id::unique(("row of a service", subject))
}

fn column_at(places: &[Place], x: f32) -> Option<columns::Column> {
    let mut places = places.iter();
    let place = places.find(|place| place.left <= x && x < place.left + place.width)?;
    Some(place.column)
}

/// Why there is no row.
fn nothing_ui(ui: &Ui, body: Rect, is_counted: bool, cx: &PanelCx<'_>) {
    let words = if cx.document.n_flows() == 0 {
        "There are no flows in this capture"
    } else if cx.rows.flows.is_empty() {
        "No flow passes the filter"
    } else if is_counted && !cx.is_judging {
        "Nothing is known about these flows"
    } else {
        "Judging…"
    };
    let theme = Theme::of(ui);
    let id = ui.scope_id().with("nothing");
    let at = pos2(body.center().x, body.top() + 64.0);
    let font = crate::widgets::theme::regular(crate::widgets::theme::UI_SIZE);
    let response = ui.interact(
        Rect::from_center_size(at, vec2(320.0, 24.0)),
        id,
        Sense::hover(),
    );
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, words));
    ui.painter().text(
        at,
        egui::Align2::CENTER_CENTER,
        words,
        font,
        theme.secondary,
    );
}
