//! The lens by service: party by party what each provider is to it, over the flows that are shown.

mod columns;
mod header;
mod keys;
mod marks;
mod menu;
pub mod model;
mod row;

use std::collections::BTreeSet;
use std::sync::Arc;

use egui::{Rect, Response, RichText, Role, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, vec2};

use self::columns::Place;
use self::model::{Copied, Folds, Line, Services, Sorting};
use self::row::Row;
use super::{Panel, PanelCx, nothing_matches_ui};
use crate::base::jobs::Latest;
use crate::commands::{Action, Command};
use crate::document::Document;
use crate::session::{Selection, Session, Subject, Subjects, relations_of};
use crate::widgets::row_keys::keep_arrows;
use crate::widgets::theme::{ROW_HEIGHT, Theme};

/// What one count belongs to: rows, which come anew with every label, and judgement.
type Key = (u64, usize);

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
    /// The menu was opened by a key, and so stands below the row instead of at the pointer.
    is_menu_by_key: bool,
    /// Where the focused row was painted, when it is in view.
    focused_row: Option<Rect>,
    /// The count and the focus for which the selection was made to cover whole rows.
    told: Option<(u64, Option<Subject>)>,
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
            is_menu_by_key: false,
            focused_row: None,
            told: None,
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

    /// Where the focused row stands; `None` when it is out of view.
    pub const fn focused_row(&self) -> Option<Rect> {
        self.focused_row
    }

    /// Number of relations of which flows are shown.
    pub fn n_relations(&self) -> usize {
        self.services.get().map_or(0, Services::n_relations)
    }

    /// The selected rows, and how many those are; `None` when there is none.
    pub fn copied(&self, subjects: &Subjects) -> Option<(Copied, usize)> {
        let services = self.services.get()?;
        let is_wanted = |line: &&Line| {
            let subject = services.subject(**line);
            subject.is_some_and(|subject| subjects.all.contains(&subject))
        };
        let lines = self.lines.iter().filter(is_wanted);
        let rows: Vec<_> = lines.map(|line| services.cells(*line)).collect();
        let n = rows.len();
        (0 < n).then_some((Copied(rows), n))
    }

    /// What the selected rows are called in a message.
    pub fn called(&self, subjects: &Subjects) -> Option<String> {
        let services = self.services.get().filter(|_| !subjects.all.is_empty())?;
        Some(services.called(subjects.all.iter().cloned()))
    }

    /// The filter for the flows of the selected rows, how many terms it has, and how many parties there are.
    pub fn filter(&self, subjects: &Subjects) -> Option<(String, usize, usize)> {
        let services = self.services.get()?;
        let terms = services.terms(subjects.all.iter());
        let filter = match terms.as_slice() {
            [only] => only.clone(),
            _ => format!("({})", terms.join(" | ")),
        };
        Some((filter, terms.len(), usize::MAX))
    }

    /// All rows with their flows; the one in focus stays when it is there.
    pub fn all(&self, before: &Subjects) -> Option<(Subjects, Selection)> {
        let services = self.services.get()?;
        let lines = self.lines.iter();
        let all: BTreeSet<Subject> = lines.filter_map(|line| services.subject(*line)).collect();
        let focus = before.focus.clone().filter(|focus| all.contains(focus));
        let focus = focus.or_else(|| services.subject(*self.lines.first()?));
        let subjects = Subjects {
            anchor: focus.clone(),
            focus,
            all,
        };
        let selection = selection_of(services, &subjects);
        Some((subjects, selection))
    }

    /// The whole rows that the selection of `session` stands for, with their flows; `None` where there is nothing to
    /// change. Without a selection that is the first row.
    pub fn whole(
        &mut self,
        document: &Document,
        session: &Session,
    ) -> Option<(Subjects, Selection)> {
        let services = self.services.get()?;
        let told = (self.n_counted, session.subjects.focus.clone());
        if self.told.as_ref() == Some(&told) && told.1.is_some() {
            return None;
        }
        let mut subjects = session.subjects.clone();
        let focus = subjects.focus.as_ref();
        if !focus.is_some_and(|focus| services.knows(focus)) {
            let first = || services.subject(*self.lines.first()?);
            let of_flow = |flow| {
                let (party, relations) = relations_of(services.roles(), document, flow)?;
                let relation = relations.first();
                Some(relation.map_or_else(
                    || Subject::Party(party.party.clone()),
                    |relation| Subject::of(&party.party, relation),
                ))
            };
            let of_flow = session.selection.focus.and_then(of_flow);
            subjects = Subjects::only(of_flow.or_else(first)?);
        }
        self.told = Some((self.n_counted, subjects.focus.clone()));
        let selection = selection_of(services, &subjects);
        let is_same = subjects == session.subjects && selection == session.selection;
        (!is_same).then_some((subjects, selection))
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
            let key = (cx.rows_revision, Arc::as_ptr(roles) as usize);
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
        self.focused_row = None;
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
        let is_menu_asked_for = keys::ui(self, ui, rect, cx);
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
                self.row_ui(ui, idx, &places, is_menu_asked_for, cx);
            }
        });
        self.view = (shown.inner_rect.height(), shown.state.clamped_offset().y);
    }

    fn row_ui(
        &mut self,
        ui: &mut Ui,
        idx: usize,
        places: &[Place],
        is_menu_asked_for: bool,
        cx: &mut PanelCx<'_>,
    ) {
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
            self.focused_row = Some(visible);
            let mark = rect.with_max_x(rect.left() + 2.0);
            ui.painter().rect_filled(mark, 0.0, theme.accent);
            keep_arrows(ui, response.id);
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
            Some(column) => response.on_hover_text_at_pointer(row.tooltip(column)),
            None => response,
        };
        self.row_clicks(ui, rect, idx, &subject, &response, cx);
        menu::show(self, &response, &subject, is_focus && is_menu_asked_for, cx);
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
            cx.actions.push(Action::Run(Command::OpenRow));
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
        let selection = selection_of(services, &subjects);
        self.told = Some((self.n_counted, subjects.focus.clone()));
        self.revealed.clone_from(&subjects.focus);
        cx.actions.push(Action::SelectSubjects(subjects, selection));
    }

    /// Folds or unfolds a line; `None` = the other way round.
    fn fold(&mut self, line: Line, is_open: Option<bool>) {
        let Some(services) = self.services.get() else {
            return;
        };
        let is_open = is_open.unwrap_or_else(|| !services.is_open(line, &self.folds));
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

/// The shown flows of the selected rows, the first one of the focused row in front.
fn selection_of(services: &Services, subjects: &Subjects) -> Selection {
    let of_focus = subjects.focus.as_ref();
    let focus = of_focus.and_then(|subject| services.flows(subject).first());
    Selection {
        focus,
        anchor: focus,
        flows: services.flows_of(subjects.all.iter()),
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
fn nothing_ui(ui: &mut Ui, body: Rect, is_counted: bool, cx: &mut PanelCx<'_>) {
    if is_counted && !cx.is_judging && cx.rows.flows.is_empty() && 0 < cx.document.n_flows() {
        nothing_matches_ui(ui, body, cx);
        return;
    }
    let words = match (cx.document.n_flows(), is_counted && !cx.is_judging) {
        (0, _) => "There are no flows in this capture",
        (_, true) => "Nothing is known about these flows",
        (_, false) => "Judging…",
    };
    let secondary = Theme::of(ui).secondary;
    ui.scope_builder(UiBuilder::new().max_rect(body), |ui| {
        ui.vertical_centered(|ui| {
            ui.add_space(64.0);
            ui.label(RichText::new(words).color(secondary));
        });
    });
}
