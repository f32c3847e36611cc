//! One verdict: the reason, the hypotheses with their evidence, what would settle it, and what to keep in mind.

use std::collections::BTreeSet;

use egui::{
    Align, Align2, Label, Layout, Rect, Response, RichText, ScrollArea, Sense, Stroke, StrokeKind,
    Ui, Vec2, WidgetInfo, pos2,
};

use super::model::{HypothesisLines, Line, Sheet};
use crate::attribution::{Conclusiveness, Hypothesis};
use crate::commands::Action;
use crate::panels::PanelCx;
use crate::query::Query;
use crate::session::Selection;
use crate::widgets::badge::{ConclusivenessBars, paint_conclusiveness};
use crate::widgets::marks;
use crate::widgets::text::{line as text_line, paint_in};
use crate::widgets::theme::{
    DENSE_SIZE, GRID, GROUP_GAP, RADIUS, TITLE_SIZE, Theme, UI_SIZE, mono, regular, semibold,
};

/// Height of the row of a hypothesis.
const ROW: f32 = 24.0;
/// Width of the bars with the gap around them.
const BARS: f32 = 26.0;

/// Which hypotheses show their evidence.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    unfolded: BTreeSet<Hypothesis>,
}

impl State {
    /// The evidence of what is possible is shown at once, that of the rest on demand.
    pub(super) fn of(sheet: &Sheet) -> Self {
        let possible = sheet
            .hypotheses
            .iter()
            .filter(|lines| Conclusiveness::Suggestive <= lines.conclusiveness);
        Self {
            unfolded: possible.map(|lines| lines.hypothesis).collect(),
        }
    }
}

/// Paints the sheet; true when the person wants to go back to the list.
pub(super) fn ui(ui: &mut Ui, sheet: &Sheet, state: &mut State, cx: &mut PanelCx<'_>) -> bool {
    let is_closed = head(ui, sheet, cx);
    ScrollArea::vertical()
        .id_salt("verdict")
        .auto_shrink(false)
        .min_scrolled_height(0.0)
        .show(ui, |ui| {
            ui.set_max_width(ui.available_width() - GROUP_GAP);
            ui.spacing_mut().item_spacing.y = GRID;
            answer(ui, sheet);
            ui.add_space(GRID);
            for lines in &sheet.hypotheses {
                hypothesis(ui, lines, state, cx);
            }
            sentences(ui, "Would settle it", &sheet.would_settle_it);
            sentences(ui, "Keep in mind", &sheet.caveats);
        });
    is_closed
}

/// Back, and what the sheet is about, with a way to its flows.
fn head(ui: &mut Ui, sheet: &Sheet, cx: &mut PanelCx<'_>) -> bool {
    let theme = Theme::of(ui);
    let mut is_closed = false;
    ui.horizontal(|ui| {
        is_closed = ui
            .small_button(RichText::new("‹ Verdicts").font(regular(DENSE_SIZE)))
            .on_hover_text("Back to all verdicts")
            .clicked();
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let show = RichText::new(format!("Show {}", sheet.n_flows)).font(regular(DENSE_SIZE));
            if ui.small_button(show).on_hover_text(&sheet.filter).clicked() {
                cx.actions.push(Action::SetQuery(Query {
                    filter: sheet.filter.clone(),
                    ..cx.session.query.clone()
                }));
            }
        });
    });
    ui.add_space(2.0 * GRID);
    let about = format!(" at {}", sheet.provider);
    let pieces = [
        (sheet.party.as_str(), theme.text),
        (about.as_str(), theme.secondary),
    ];
    let job = text_line(&pieces, &semibold(TITLE_SIZE), ui.available_width());
    ui.add(Label::new(job)).on_hover_text(sheet.spoken());
    is_closed
}

fn answer(ui: &mut Ui, sheet: &Sheet) {
    let theme = Theme::of(ui);
    ui.horizontal(|ui| {
        ui.add(ConclusivenessBars(sheet.conclusiveness));
        ui.label(RichText::new(sheet.answer).font(semibold(UI_SIZE)));
        let word = RichText::new(sheet.conclusiveness.word()).font(regular(UI_SIZE));
        ui.label(word.color(theme.secondary));
    });
    secondary(ui, &sheet.reason);
}

fn hypothesis(ui: &mut Ui, lines: &HypothesisLines, state: &mut State, cx: &mut PanelCx<'_>) {
    let is_unfolded = state.unfolded.contains(&lines.hypothesis);
    if hypothesis_row(ui, lines, is_unfolded).clicked() && !lines.lines.is_empty() {
        if is_unfolded {
            state.unfolded.remove(&lines.hypothesis);
        } else {
            state.unfolded.insert(lines.hypothesis);
        }
    }
    if is_unfolded {
        for line in &lines.lines {
            evidence(ui, line, cx);
        }
        ui.add_space(GRID);
    }
}

fn hypothesis_row(ui: &mut Ui, lines: &HypothesisLines, is_unfolded: bool) -> Response {
    let theme = Theme::of(ui);
    let is_silent = lines.lines.is_empty();
    let size = Vec2::new(ui.available_width(), ROW);
    let sense = if is_silent {
        Sense::hover()
    } else {
        Sense::click()
    };
    let (rect, response) = ui.allocate_exact_size(size, sense);
    let title = lines.hypothesis.title();
    response.widget_info(|| {
        let words = format!(
            "{title}, {}, {}",
            lines.conclusiveness.word(),
            lines.counts()
        );
        let role = if is_silent {
            egui::Role::Label
        } else {
            egui::Role::Button
        };
        WidgetInfo::selected(role, !is_silent, is_unfolded, words)
    });
    let painter = ui.painter();
    if response.hovered() && !is_silent {
        painter.rect_filled(rect, RADIUS, theme.hover);
    }
    if response.has_focus() {
        let stroke = Stroke::new(1.0, theme.focus_ring);
        painter.rect_stroke(rect, RADIUS, stroke, StrokeKind::Inside);
    }
    if !is_silent {
        let tip = pos2(rect.left() + 6.0, rect.center().y);
        marks::paint_fold_arrow(painter, tip, is_unfolded, theme.decoration);
    }
    let colour = if is_silent {
        theme.secondary
    } else {
        theme.text
    };
    let room = rect.with_min_x(rect.left() + 16.0);
    let galley = painter.layout_no_wrap(title.to_owned(), regular(UI_SIZE), colour);
    paint_in(painter, room, Align2::LEFT_CENTER, galley);
    let bars = rect.with_min_x(rect.right() - BARS + 2.0 * GRID);
    paint_conclusiveness(painter, theme, bars, lines.conclusiveness);
    let counts = painter.layout_no_wrap(lines.counts(), regular(DENSE_SIZE), theme.secondary);
    let room = rect.with_max_x(bars.left() - 2.0 * GRID);
    paint_in(painter, room, Align2::RIGHT_CENTER, counts);
    let word = lines.conclusiveness.word();
    response.on_hover_text(format!(
        "{}\nEvidence for it: {word}",
        lines.hypothesis.meaning()
    ))
}

/// Two lines: sign, family and flow; then what was read.
fn evidence(ui: &mut Ui, line: &Line, cx: &mut PanelCx<'_>) {
    let theme = Theme::of(ui);
    let (sign, colour, word) = if line.is_for {
        ("+", theme.success, "Speaks for it")
    } else {
        ("−", theme.warning, "Speaks against it")
    };
    let small = |text: &str| RichText::new(text).font(regular(DENSE_SIZE));
    ui.horizontal(|ui| {
        ui.add_space(16.0);
        let sign = RichText::new(sign).font(mono(DENSE_SIZE)).color(colour);
        ui.label(sign).on_hover_text(word);
        ui.label(small(line.family))
            .on_hover_text(format!("Rule {}", line.rule));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let link = ui.link(small(&line.place));
            if link.on_hover_text("Show this flow").clicked() {
                let selection = Selection::only(line.flow);
                cx.actions.push(Action::Select(selection));
            }
        });
    });
    let size = Vec2::new(ui.available_width(), 16.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Label, true, &line.quote));
    let room = Rect::from_min_max(pos2(rect.left() + 34.0, rect.top()), rect.max);
    let font = mono(DENSE_SIZE);
    let quote = text_line(&[(&line.quote, theme.secondary)], &font, room.width());
    let quote = ui.painter().layout_job(quote);
    paint_in(ui.painter(), room, Align2::LEFT_CENTER, quote);
    response.on_hover_text(&line.quote);
}

fn sentences(ui: &mut Ui, title: &str, sentences: &[String]) {
    if sentences.is_empty() {
        return;
    }
    ui.add_space(2.0 * GRID);
    ui.label(RichText::new(title).font(semibold(DENSE_SIZE)));
    for sentence in sentences {
        secondary(ui, sentence);
    }
}

fn secondary(ui: &mut Ui, sentence: &str) {
    let colour = Theme::of(ui).secondary;
    let text = RichText::new(sentence)
        .font(regular(DENSE_SIZE))
        .color(colour);
    ui.add(Label::new(text).wrap());
}
