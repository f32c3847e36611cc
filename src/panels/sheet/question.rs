//! The question of 2011: storage, hosted there, or CDN only? Three hypotheses with their evidence, and the answer.

use std::collections::BTreeSet;

use egui::{
    Align2, Label, Rect, Response, RichText, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2,
};

use super::model::{Asked, HypothesisLines, Sheet};
use super::{evidence, heading};
use crate::attribution::roles::Hypothesis;
use crate::panels::PanelCx;
use crate::widgets::badge::paint_conclusiveness;
use crate::widgets::text::paint_in;
use crate::widgets::theme::{DENSE_SIZE, GRID, RADIUS, Theme, UI_SIZE, regular};

/// Height of the row of a hypothesis.
const ROW: f32 = 22.0;
/// Width of the bars with the gap before them.
const BARS: f32 = 26.0;

/// The hypotheses whose evidence is shown.
pub(super) type Unfolded = BTreeSet<Hypothesis>;

/// Paints the question at each provider where it is asked.
pub(super) fn ui(ui: &mut Ui, sheet: &Sheet, unfolded: &mut Unfolded, cx: &mut PanelCx<'_>) {
    let is_several = 1 < sheet.questions.len();
    for asked in &sheet.questions {
        let at = if is_several {
            format!("{}: storage, hosted there, or CDN only?", asked.provider)
        } else {
            "Storage, hosted there, or CDN only?".to_owned()
        };
        heading(ui, &at);
        asked_ui(ui, asked, unfolded, cx);
    }
}

fn asked_ui(ui: &mut Ui, asked: &Asked, unfolded: &mut Unfolded, cx: &mut PanelCx<'_>) {
    ui.spacing_mut().item_spacing.y = 0.0;
    for lines in &asked.hypotheses {
        let is_open = unfolded.contains(&lines.hypothesis);
        if row(ui, lines, is_open).clicked() && !unfolded.remove(&lines.hypothesis) {
            unfolded.insert(lines.hypothesis);
        }
        if is_open {
            ui.indent(("evidence", lines.hypothesis.id()), |ui| {
                for line in &lines.lines {
                    evidence::ui(ui, line, cx);
                }
            });
        }
    }
    ui.spacing_mut().item_spacing.y = GRID;
    ui.add_space(GRID);
    let answer = RichText::new(&asked.answer).font(regular(UI_SIZE));
    ui.add(Label::new(answer).wrap());
}

fn row(ui: &mut Ui, lines: &HypothesisLines, is_open: bool) -> Response {
    let theme = Theme::of(ui);
    let is_silent = lines.lines.is_empty();
    let sense = if is_silent {
        Sense::hover()
    } else {
        Sense::click()
    };
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), ROW), sense);
    let title = lines.hypothesis.title();
    response.widget_info(|| {
        let words = format!("{title}, {}, {}", lines.conclusiveness.word(), lines.state);
        let role = if is_silent {
            egui::Role::Label
        } else {
            egui::Role::Button
        };
        WidgetInfo::selected(role, !is_silent, is_open, words)
    });
    let painter = ui.painter();
    if lines.is_favoured {
        painter.rect_filled(rect, RADIUS, theme.selection);
    } else if response.hovered() && !is_silent {
        painter.rect_filled(rect, RADIUS, theme.hover);
    }
    if response.has_focus() {
        let stroke = Stroke::new(1.0, theme.focus_ring);
        painter.rect_stroke(rect, RADIUS, stroke, StrokeKind::Inside);
    }
    let inner = rect.shrink2(Vec2::new(6.0, 0.0));
    let name = painter.layout_no_wrap(title.to_owned(), regular(UI_SIZE), theme.text);
    paint_in(painter, inner, Align2::LEFT_CENTER, name);
    let bars = Rect::from_min_max(
        pos2(inner.right() - BARS + 2.0 * GRID, rect.top()),
        rect.max,
    );
    if !is_silent {
        paint_conclusiveness(painter, theme, bars, lines.conclusiveness);
    }
    let state = painter.layout_no_wrap(lines.state.clone(), regular(DENSE_SIZE), theme.secondary);
    let room = inner.with_max_x(bars.left() - 2.0 * GRID);
    paint_in(painter, room, Align2::RIGHT_CENTER, state);
    let word = lines.conclusiveness.word();
    response.on_hover_text(format!(
        "{}\nEvidence for it: {word}",
        lines.hypothesis.meaning()
    ))
}
