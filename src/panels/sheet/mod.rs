//! The sheet in the side column: what is known of the selected relation, party or flow, and on which evidence.

mod evidence;
mod host;
pub mod model;
mod opinions;
mod question;

use std::sync::Arc;

use egui::{Label, RichText, ScrollArea, Ui};

use self::model::{About, HostSheet, Piece, Sheet, Shown};
use super::{Panel, PanelCx};
use crate::attribution::Conclusiveness;
use crate::base::jobs::Latest;
use crate::base::text::shorten_middle;
use crate::capture::FlowId;
use crate::commands::Action;
use crate::query::hosts::By;
use crate::query::words::meaning;
use crate::session::{Lens, Subject, Subjects, relations_of};
use crate::widgets::badge::ConclusivenessBars;
use crate::widgets::switch::switch;
use crate::widgets::theme::{
    DENSE_SIZE, GRID, GROUP_GAP, TITLE_SIZE, Theme, UI_SIZE, mono, regular, semibold,
};

/// Least height of a line, in points.
const LINE: f32 = 16.0;

/// Which sheet: the judgement, and what the sheet is about.
type Key = (usize, About);

/// Shows everything about what is selected.
#[derive(Debug)]
pub struct SheetPanel {
    sheet: Latest<Key, Option<Shown>>,
    /// What the focused flow shows: its relations, or its party.
    of_flow: Option<(usize, FlowId, Vec<Subject>)>,
    /// The one of them that was chosen last.
    chosen: Option<Subject>,
    unfolded: question::Unfolded,
    is_all_why: bool,
    opinions: opinions::Opinions,
    /// The sheet that was asked for last.
    wanted: Option<Key>,
}

impl Default for SheetPanel {
    fn default() -> Self {
        Self {
            sheet: Latest::new("sheet"),
            of_flow: None,
            chosen: None,
            unfolded: question::Unfolded::default(),
            is_all_why: false,
            opinions: opinions::Opinions::default(),
            wanted: None,
        }
    }
}

impl SheetPanel {
    /// True while a sheet is being written.
    pub fn is_busy(&self) -> bool {
        self.sheet.is_running()
    }

    /// The edit that keeps an opinion which is still being written.
    pub fn unfinished_opinion(&mut self) -> Option<Action> {
        self.opinions.unfinished()
    }

    /// What the sheet is to be about.
    fn about(&mut self, cx: &PanelCx<'_>) -> Option<About> {
        let session = cx.session;
        let is_host = session.lens == Lens::Hosts && session.hosts.by == By::Host;
        if let Some(focus) = session.selection.focus.filter(|_| is_host) {
            self.of_flow = None;
            return Some(About::Host(focus, cx.rows_revision));
        }
        self.subject(cx).map(About::Subject)
    }

    fn subject(&mut self, cx: &PanelCx<'_>) -> Option<Subject> {
        if let Some(focus) = &cx.session.subjects.focus {
            self.of_flow = None;
            return Some(focus.clone());
        }
        let (roles, flow) = cx.roles.zip(cx.session.selection.focus)?;
        let judgement = Arc::as_ptr(roles) as usize;
        let is_same = |of: &(usize, FlowId, Vec<Subject>)| (of.0, of.1) == (judgement, flow);
        if !self.of_flow.as_ref().is_some_and(is_same) {
            let (party, relations) = relations_of(roles, cx.document, flow)?;
            let mut subjects: Vec<Subject> = relations
                .iter()
                .map(|relation| Subject::of(&party.party, relation))
                .collect();
            if subjects.is_empty() {
                subjects.push(Subject::Party(party.party.clone()));
            }
            self.of_flow = Some((judgement, flow, subjects));
        }
        let (_, _, subjects) = self.of_flow.as_ref()?;
        let chosen = self.chosen.clone().filter(|it| subjects.contains(it));
        chosen.or_else(|| subjects.first().cloned())
    }
}

impl Panel for SheetPanel {
    fn title(&self) -> &'static str {
        "Sheet"
    }

    fn prepare(&mut self, cx: &mut PanelCx<'_>) {
        self.sheet.poll();
        let shown = self.sheet.get().and_then(Option::as_ref);
        let subject = shown.and_then(|shown| match shown {
            Shown::Sheet(sheet) => Some(&sheet.subject),
            Shown::Host(_) => None,
        });
        cx.actions
            .extend(self.opinions.follow(subject, cx.document));
        let Some((roles, about)) = cx.roles.zip(self.about(cx)) else {
            return;
        };
        let key = (Arc::as_ptr(roles) as usize, about.clone());
        let (document, roles) = (cx.document.clone(), Arc::clone(roles));
        // A selection may be large: it is copied once for each sheet.
        let flows = matches!(about, About::Host(..)).then_some(&cx.session.selection.flows);
        let flows = flows
            .filter(|_| self.wanted.as_ref() != Some(&key))
            .cloned();
        self.wanted = Some(key.clone());
        let wake = Arc::clone(cx.wake);
        self.sheet.request(key, wake, move |cancel| match about {
            About::Subject(subject) => {
                let sheet = Sheet::of(&document, &roles, &subject, cancel)?;
                Some(sheet.map(|sheet| Shown::Sheet(Box::new(sheet))))
            }
            About::Host(focus, _) => {
                let flows = flows.unwrap_or_default();
                let sheet = HostSheet::of(&document, &roles, focus, &flows, cancel)?;
                Some(sheet.map(|sheet| Shown::Host(Box::new(sheet))))
            }
        });
    }

    fn ui(&mut self, ui: &mut Ui, cx: &mut PanelCx<'_>) {
        let is_selected =
            cx.session.subjects.focus.is_some() || cx.session.selection.focus.is_some();
        let Some(shown) = self
            .sheet
            .get()
            .and_then(Option::as_ref)
            .filter(|_| is_selected)
        else {
            let words = match (cx.document.n_flows(), cx.roles, is_selected) {
                (0, ..) => return,
                (_, None, _) => "Judging…",
                (_, Some(_), true) if cx.is_judging => "Judging…",
                (_, Some(_), true) => "Nothing is known about it",
                (_, Some(_), false) => "Select a row to see what speaks for it",
            };
            quiet(ui, words);
            return;
        };
        let of_flow = self.of_flow.as_ref().map_or(&[][..], |(_, _, all)| all);
        if let Shown::Sheet(sheet) = shown
            && let Some(subject) = choice_ui(ui, of_flow, &sheet.subject)
        {
            self.chosen = Some(subject);
        }
        ScrollArea::vertical()
            .id_salt("sheet")
            .auto_shrink(false)
            .min_scrolled_height(0.0)
            .show(ui, |ui| {
                ui.set_max_width(ui.available_width() - GROUP_GAP);
                ui.spacing_mut().item_spacing.y = GRID;
                // Lines of text and links are not as high as buttons.
                ui.spacing_mut().interact_size.y = LINE;
                match shown {
                    Shown::Host(sheet) => host::ui(ui, sheet, cx),
                    Shown::Sheet(sheet) => {
                        title_ui(ui, &sheet.title, sheet.conclusiveness, &sheet.facts);
                        relations(ui, sheet, cx);
                        why(ui, sheet, &mut self.is_all_why, cx);
                        whose(ui, sheet, cx);
                        question::ui(ui, sheet, &mut self.unfolded, cx);
                        settling(ui, sheet, cx);
                        self.opinions.ui(ui, cx);
                        lists(ui, sheet);
                    }
                }
            });
    }
}

/// A flow may carry several relations: one is shown, the others are a click away. Returns the one that was clicked.
fn choice_ui(ui: &mut Ui, subjects: &[Subject], shown: &Subject) -> Option<Subject> {
    if subjects.len() < 2 {
        return None;
    }
    let mut chosen = None;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        for subject in subjects {
            let Subject::Relation { name, role, .. } = subject else {
                continue;
            };
            let word = format!("{name} {}", role.word());
            let hint = "This flow shows several relations; see this one";
            if switch(ui, &word, shown == subject, hint).clicked() {
                chosen = Some(subject.clone());
            }
        }
    });
    ui.add_space(GRID);
    chosen
}

/// What the sheet is about, how conclusive that is, and what it adds up to.
fn title_ui(ui: &mut Ui, title: &str, conclusiveness: Option<Conclusiveness>, facts: &str) {
    let theme = Theme::of(ui);
    let title = RichText::new(title)
        .font(semibold(TITLE_SIZE))
        .color(theme.text);
    ui.add(Label::new(title).wrap());
    ui.horizontal_wrapped(|ui| {
        if let Some(conclusiveness) = conclusiveness {
            ui.add(ConclusivenessBars(conclusiveness));
        }
        let facts = RichText::new(facts).font(regular(UI_SIZE));
        ui.label(facts.color(theme.secondary));
    });
}

/// The relations of a party, each a click away; before them its summary.
fn relations(ui: &mut Ui, sheet: &Sheet, cx: &mut PanelCx<'_>) {
    if sheet.conclusiveness.is_some() {
        return;
    }
    if !sheet.summary.is_empty() {
        ui.add_space(GRID);
        sentence(ui, &sheet.summary, cx);
    }
    if sheet.relations.is_empty() {
        return;
    }
    heading(ui, "Relations");
    for (subject, title, conclusiveness) in &sheet.relations {
        ui.horizontal_wrapped(|ui| {
            ui.add(ConclusivenessBars(*conclusiveness));
            let link = ui.link(RichText::new(title).font(regular(UI_SIZE)));
            if link
                .on_hover_text("Show the sheet of this relation")
                .clicked()
            {
                let subjects = Subjects::only(subject.clone());
                let selection = cx.session.selection.clone();
                cx.actions.push(Action::SelectSubjects(subjects, selection));
            }
        });
    }
}

/// Most pieces of evidence that are shown at first.
const N_WHY: usize = 6;

fn why(ui: &mut Ui, sheet: &Sheet, is_all: &mut bool, cx: &mut PanelCx<'_>) {
    if sheet.why.is_empty() {
        return;
    }
    heading(ui, "Why");
    let n = if *is_all { sheet.why.len() } else { N_WHY };
    for line in sheet.why.iter().take(n) {
        evidence::ui(ui, line, cx);
    }
    let n_more = sheet.why.len().saturating_sub(N_WHY);
    if 0 < n_more {
        let words = if *is_all {
            "Show less".to_owned()
        } else {
            format!("Show {n_more} more")
        };
        if ui
            .link(RichText::new(words).font(regular(DENSE_SIZE)))
            .clicked()
        {
            *is_all ^= true;
        }
    }
}

fn whose(ui: &mut Ui, sheet: &Sheet, cx: &mut PanelCx<'_>) {
    let Some(whose) = &sheet.whose else {
        return;
    };
    heading(ui, "Whose data lies there");
    ui.horizontal_wrapped(|ui| {
        ui.add(ConclusivenessBars(whose.conclusiveness));
        let answer = RichText::new(&whose.answer).font(semibold(UI_SIZE));
        ui.label(answer).on_hover_text(whose.meaning);
        for (idx, flow) in whose.transfer.iter().enumerate() {
            if 0 < idx {
                ui.label(RichText::new("→").color(Theme::of(ui).secondary))
                    .on_hover_text("Written, then read back");
            }
            flow_link(ui, *flow, cx);
        }
    });
    for line in &whose.lines {
        evidence::ui(ui, line, cx);
    }
}

/// What a person could do, with the commands ready to be copied.
fn settling(ui: &mut Ui, sheet: &Sheet, cx: &mut PanelCx<'_>) {
    if sheet.would_settle_it.is_empty() {
        return;
    }
    heading(ui, "Would settle it");
    for pieces in &sheet.would_settle_it {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            let arrow = RichText::new("→ ").font(regular(UI_SIZE));
            ui.label(arrow.color(Theme::of(ui).secondary));
            for piece in pieces {
                piece_ui(ui, piece, cx);
                if let Piece::Code(code) = piece {
                    ui.add_space(GRID);
                    let copy = ui.link(RichText::new("copy").font(regular(UI_SIZE)));
                    copy.widget_info(|| {
                        let name = format!("Copy {code}");
                        egui::WidgetInfo::labeled(egui::Role::Link, true, name)
                    });
                    if copy.on_hover_text("Put it on the clipboard").clicked() {
                        cx.actions.push(Action::Copy(code.clone()));
                    }
                }
            }
        });
    }
}

fn lists(ui: &mut Ui, sheet: &Sheet) {
    let mut hosts = sheet.hosts.clone();
    if 0 < sheet.n_more_hosts {
        hosts.push(format!("and {} more", sheet.n_more_hosts));
    }
    for (title, lines) in [
        ("Not attributed", &sheet.not_attributed),
        ("Says nothing about any server", &sheet.validity),
        ("Hosts", &hosts),
        ("Keep in mind", &sheet.caveats),
    ] {
        if lines.is_empty() {
            continue;
        }
        heading(ui, title);
        for line in lines {
            quiet(ui, line);
        }
    }
}

fn heading(ui: &mut Ui, words: &str) {
    ui.add_space(GRID);
    let colour = Theme::of(ui).secondary;
    let text = RichText::new(words).font(regular(DENSE_SIZE)).color(colour);
    let response = ui.label(text);
    if let Some(meaning) = meaning(words) {
        response.on_hover_text(meaning);
    }
}

fn quiet(ui: &mut Ui, words: &str) {
    let colour = Theme::of(ui).secondary;
    let text = RichText::new(words).font(regular(DENSE_SIZE)).color(colour);
    ui.add(Label::new(text).wrap());
}

/// A sentence that wraps, with its code and its flows.
fn sentence(ui: &mut Ui, pieces: &[Piece], cx: &mut PanelCx<'_>) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        for piece in pieces {
            piece_ui(ui, piece, cx);
        }
    });
}

fn piece_ui(ui: &mut Ui, piece: &Piece, cx: &mut PanelCx<'_>) {
    match piece {
        Piece::Text(text) => {
            ui.label(RichText::new(text).font(regular(UI_SIZE)));
        }
        Piece::Code(code) => {
            code_ui(ui, code);
        }
        Piece::Flow(n) => flow_link(ui, FlowId(n - 1), cx),
    }
}

/// A name, header or command in mono type on a ground of its own.
fn code_ui(ui: &mut Ui, code: &str) -> egui::Response {
    let theme = Theme::of(ui);
    let font = mono(DENSE_SIZE);
    let glyph = ui.fonts_mut(|fonts| fonts.glyph_width(&font, '0'));
    // It must not make the column wider than it is.
    let n_fitting = (ui.max_rect().width() / glyph.max(1.0)) as usize;
    let cut = shorten_middle(code, n_fitting.saturating_sub(2));
    let is_cut = cut != code;
    let text = RichText::new(cut)
        .font(font)
        .color(theme.text)
        .background_color(theme.raised);
    let response = ui.label(text);
    if is_cut {
        response.on_hover_text(code)
    } else {
        response
    }
}

/// The number of a flow, which leads to it.
fn flow_link(ui: &mut Ui, flow: FlowId, cx: &mut PanelCx<'_>) {
    let words = format!("#{}", flow.n());
    let link = ui.link(RichText::new(words).font(regular(UI_SIZE)));
    if link
        .on_hover_text("Show this flow in the lens by request")
        .clicked()
    {
        cx.actions.push(Action::ShowFlow(flow));
    }
}
