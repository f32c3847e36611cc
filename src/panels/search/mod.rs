//! Search in URLs, headers and bodies: the question, how far it is, and the hits as they come.

pub mod model;

use egui::text::{LayoutJob, TextFormat};
use egui::{
    Align, Id, Key, Layout, Modifiers, ProgressBar, Rect, RichText, ScrollArea, Sense, TextEdit,
    Ui, WidgetInfo, vec2,
};

use self::model::{Search, n_before, place_words, tab_of};
use super::{Panel, PanelCx};
use crate::base::text::thousands;
use crate::capture::FlowId;
use crate::commands::{Action, Command};
use crate::query::search::{Hit, Wanted};
use crate::session::{Selection, Sought};
use crate::widgets::text::title;
use crate::widgets::theme::{DENSE_SIZE, GRID, RADIUS, ROW_HEIGHT, Theme, mono, regular};

/// Width of the number of a flow, in points.
const NUMBER_WIDTH: f32 = 56.0;
/// Width of the place of a hit, in points.
const PLACE_WIDTH: f32 = 220.0;
/// Width of the progress bar, in points.
const PROGRESS_WIDTH: f32 = 200.0;

/// The field for what is looked for; who gives it the focus lets the person type at once.
pub fn search_id() -> Id {
    Id::unique("search field")
}

/// The sheet below the table.
#[derive(Debug, Default)]
pub struct SearchPanel {
    wanted: Wanted,
    /// What `search` looks for, whatever was typed since.
    asked: Wanted,
    search: Option<Search>,
    problem: Option<String>,
    /// The hit that was gone to last.
    chosen: Option<usize>,
    /// The list has to show the chosen hit.
    is_moved: bool,
}

impl SearchPanel {
    /// Drops what was found: other captures follow.
    pub fn forget(&mut self) {
        self.search = None;
        self.chosen = None;
    }
}

impl Panel for SearchPanel {
    fn title(&self) -> &'static str {
        "Search"
    }

    fn prepare(&mut self, cx: &mut PanelCx<'_>) {
        let Some(search) = &mut self.search else {
            return;
        };
        search.poll();
        // Numbers of other captures would lead to other flows.
        let n_flows = cx.document.n_flows();
        let is_stale = search.hits().iter().any(|hit| n_flows <= hit.flow.0);
        if cx.document.is_empty() || is_stale {
            self.forget();
        }
    }

    fn ui(&mut self, ui: &mut Ui, cx: &mut PanelCx<'_>) {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = GRID * 2.0;
            title(ui, self.title());
            self.question_ui(ui, cx);
        });
        ui.horizontal(|ui| self.state_ui(ui, cx));
        self.hits_ui(ui, cx);
    }
}

impl SearchPanel {
    /// True while flows are looked at.
    pub fn is_busy(&self) -> bool {
        self.search
            .as_ref()
            .is_some_and(|search| search.status().is_some())
    }

    /// Goes to the hit that is `step` places behind the one gone to last, and round the end.
    pub fn go(&mut self, step: isize) -> Vec<Action> {
        let hits = self.search.as_ref().map_or(&[][..], Search::hits);
        let n = hits.len();
        if n == 0 {
            return Vec::new();
        }
        let idx = match self.chosen {
            Some(idx) => (idx + n).wrapping_add_signed(step) % n,
            None if step < 0 => n - 1,
            None => 0,
        };
        self.chosen = Some(idx);
        self.is_moved = true;
        self.actions_to(idx)
    }

    /// Selects the flow of a hit, opens the tab in which it stands, and shows it there.
    fn actions_to(&self, idx: usize) -> Vec<Action> {
        let hits = self.search.as_ref().map_or(&[][..], Search::hits);
        let Some(hit) = hits.get(idx) else {
            return Vec::new();
        };
        vec![
            Action::Select(Selection::only(hit.flow)),
            Action::ShowTab(tab_of(&hit.place)),
            Action::Seek(Sought {
                flow: hit.flow,
                place: hit.place.clone(),
                nth: n_before(hits, idx),
                wanted: self.asked.clone(),
            }),
        ]
    }

    fn question_ui(&mut self, ui: &mut Ui, cx: &mut PanelCx<'_>) {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui.button("Close").on_hover_text("Esc").clicked() {
                self.close(cx);
            }
            let before = self.wanted.clone();
            ui.checkbox(&mut self.wanted.is_exact, "Match case");
            ui.checkbox(&mut self.wanted.in_bodies, "Bodies");
            ui.checkbox(&mut self.wanted.in_headers, "Headers");
            ui.checkbox(&mut self.wanted.in_urls, "URLs");
            let is_changed = before != self.wanted;
            self.field_ui(ui, cx, is_changed);
        });
    }

    fn field_ui(&mut self, ui: &mut Ui, cx: &mut PanelCx<'_>, is_changed: bool) {
        let id = search_id();
        let has_focus = ui.memory(|memory| memory.has_focus(id));
        let pressed =
            |key| has_focus && ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        let (is_entered, is_escaped) = (pressed(Key::Enter), pressed(Key::Escape));
        let edit = TextEdit::singleline(&mut self.wanted.text)
            .id(id)
            .font(mono(DENSE_SIZE))
            .hint_text("Text, or /regular expression/")
            .desired_width(ui.available_width());
        let response = ui.add(edit);
        response.widget_info(|| {
            WidgetInfo::labeled(
                egui::Role::SearchInput,
                true,
                "Search in headers and bodies",
            )
        });
        if is_escaped {
            self.close(cx);
        }
        let is_asked = is_entered || is_changed && self.search.is_some();
        if is_asked && !self.wanted.text.is_empty() {
            self.start(cx);
        }
    }

    fn start(&mut self, cx: &PanelCx<'_>) {
        self.chosen = None;
        self.problem = None;
        match Search::start(cx.document, cx.rows, &self.wanted, cx.wake) {
            Ok(search) => {
                self.search = Some(search);
                self.asked.clone_from(&self.wanted);
            }
            Err(problem) => {
                self.search = None;
                self.problem = Some(problem);
            }
        }
    }

    fn close(&mut self, cx: &mut PanelCx<'_>) {
        self.search = None;
        self.chosen = None;
        cx.actions.push(Action::Run(Command::CloseSearch));
    }

    /// How far the search is, or what came of it.
    fn state_ui(&self, ui: &mut Ui, cx: &mut PanelCx<'_>) {
        let theme = Theme::of(ui);
        if let Some(problem) = &self.problem {
            ui.label(RichText::new(problem).color(theme.error));
        }
        let Some(search) = &self.search else {
            let n = thousands(cx.rows.flows.len() as u64);
            let words = format!("Enter looks through the {n} flows that are shown");
            ui.label(RichText::new(words).color(theme.secondary));
            return;
        };
        if let Some((done, total)) = search.status() {
            let share = done as f32 / total.max(1) as f32;
            let words = format!("{} / {}", thousands(done), thousands(total));
            let bar = ProgressBar::new(share)
                .desired_width(PROGRESS_WIDTH)
                .text(words);
            ui.add(bar);
            if ui.button("Stop").clicked() {
                search.stop();
            }
        }
        ui.label(RichText::new(search.words()).color(theme.secondary));
        if let Some(filter) = search.filter().filter(|_| search.status().is_none()) {
            let button = ui.button("Filter by these flows");
            if button
                .on_hover_text("Show only the flows in which it was found")
                .clicked()
            {
                let mut query = cx.session.query.clone();
                query.filter = filter;
                cx.actions.push(Action::SetQuery(query));
            }
        }
    }

    fn hits_ui(&mut self, ui: &mut Ui, cx: &mut PanelCx<'_>) {
        let Some(search) = &self.search else {
            return;
        };
        let hits = search.hits();
        if hits.is_empty() && search.status().is_none() {
            let words = "No matches in the shown flows";
            ui.label(RichText::new(words).color(Theme::of(ui).secondary));
            return;
        }
        let mut area = ScrollArea::vertical().id_salt("hits").auto_shrink(false);
        if std::mem::take(&mut self.is_moved)
            && let Some(idx) = self.chosen
        {
            let middle = idx as f32 * ROW_HEIGHT - ui.available_height() / 2.0;
            area = area.vertical_scroll_offset(middle.max(0.0));
        }
        ui.spacing_mut().item_spacing.y = 0.0;
        let mut clicked = None;
        area.show_rows(ui, ROW_HEIGHT, hits.len(), |ui, visible| {
            for idx in visible {
                if hit_ui(ui, &hits[idx], self.chosen == Some(idx)) {
                    clicked = Some(idx);
                }
            }
        });
        if let Some(idx) = clicked {
            self.chosen = Some(idx);
            cx.actions.extend(self.actions_to(idx));
        }
    }
}

/// Paints one hit; true when it was clicked.
fn hit_ui(ui: &mut Ui, hit: &Hit, is_chosen: bool) -> bool {
    let theme = Theme::of(ui);
    let size = vec2(ui.available_width(), ROW_HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let place = place_words(&hit.place);
    response.widget_info(|| {
        let excerpt = [&*hit.before, &*hit.found, &*hit.after].concat();
        let name = format!("{} {place}: {excerpt}", FlowId::n(hit.flow));
        WidgetInfo::selected(egui::Role::ListItem, true, is_chosen, name)
    });
    if is_chosen || response.hovered() || response.has_focus() {
        let fill = if is_chosen {
            theme.selection
        } else {
            theme.hover
        };
        ui.painter().rect_filled(rect, RADIUS, fill);
    }
    if response.has_focus() {
        let stroke = (1.0, theme.focus_ring);
        ui.painter()
            .rect_stroke(rect, RADIUS, stroke, egui::StrokeKind::Inside);
    }
    let mut left = rect.left() + GRID;
    let mut column = |width: f32, job: LayoutJob| {
        let galley = ui.painter().layout_job(job);
        let place = Rect::from_min_size(egui::pos2(left, rect.top()), vec2(width, ROW_HEIGHT));
        crate::widgets::text::paint_in(ui.painter(), place, egui::Align2::LEFT_CENTER, galley);
        left += width;
    };
    let plain = |text: String, width: f32| {
        crate::widgets::text::line(&[(&text, theme.secondary)], &regular(DENSE_SIZE), width)
    };
    column(NUMBER_WIDTH, plain(hit.flow.n().to_string(), NUMBER_WIDTH));
    column(PLACE_WIDTH, plain(place, PLACE_WIDTH - GRID));
    let room = (rect.width() - NUMBER_WIDTH - PLACE_WIDTH).max(0.0);
    column(room, excerpt(hit, theme, room));
    response.clicked()
}

fn excerpt(hit: &Hit, theme: &Theme, width: f32) -> LayoutJob {
    let mut job = LayoutJob {
        wrap: egui::text::TextWrapping::truncate_at_width(width),
        break_on_newline: false,
        ..LayoutJob::default()
    };
    let plain = TextFormat::simple(mono(DENSE_SIZE), theme.secondary);
    job.append(&hit.before, 0.0, plain.clone());
    let found = TextFormat {
        background: theme.quote,
        ..TextFormat::simple(mono(DENSE_SIZE), theme.text)
    };
    job.append(&hit.found, 0.0, found);
    job.append(&hit.after, 0.0, plain);
    job
}
