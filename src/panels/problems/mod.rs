//! What could not be read, with its place: a card that opens to a list.

pub mod model;

use egui::{
    Align2, Rect, Response, RichText, ScrollArea, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo,
    pos2,
};

use super::{Panel, PanelCx};
use crate::base::text::{counted, thousands};
use crate::document::Document;
use crate::widgets::marks;
use crate::widgets::text::{line as text_line, paint_in};
use crate::widgets::theme::{
    DENSE_SIZE, GRID, HEADING_HEIGHT, RADIUS, TITLE_SIZE, Theme, regular, semibold,
};

/// Height of one problem: its message, and its place below.
const LINE_HEIGHT: f32 = 38.0;
/// Most height that the list takes in its column.
const MAX_HEIGHT: f32 = 6.0 * LINE_HEIGHT;

/// Lists what could not be read.
#[derive(Debug, Default)]
pub struct ProblemsPanel {
    is_closed: bool,
}

impl Panel for ProblemsPanel {
    fn title(&self) -> &'static str {
        "Problems"
    }

    fn prepare(&mut self, _cx: &mut PanelCx<'_>) {}

    fn ui(&mut self, ui: &mut Ui, cx: &mut PanelCx<'_>) {
        let n_lines = model::n_lines(cx.document);
        if n_lines == 0 {
            nothing_ui(ui, self.title());
            return;
        }
        if heading(ui, self.title(), cx.document, !self.is_closed).clicked() {
            self.is_closed = !self.is_closed;
        }
        if self.is_closed || cx.document.is_empty() {
            return;
        }
        ui.spacing_mut().item_spacing.y = 0.0;
        ScrollArea::vertical()
            .id_salt("problems")
            .max_height(MAX_HEIGHT)
            .auto_shrink([false, true])
            .show_rows(ui, LINE_HEIGHT, n_lines, |ui, lines| {
                for idx in lines {
                    if let Some(line) = model::line(cx.document, idx) {
                        show_line(ui, &line);
                    }
                }
            });
    }
}

/// One line while there are none.
fn nothing_ui(ui: &mut Ui, title: &str) {
    let theme = Theme::of(ui);
    ui.horizontal(|ui| {
        ui.label(
            RichText::new(title)
                .font(semibold(TITLE_SIZE))
                .color(theme.text),
        );
        let words = RichText::new("Everything could be read");
        ui.label(words.font(regular(DENSE_SIZE)).color(theme.secondary));
    });
}

/// The title with the number of problems; a click opens or closes the list.
fn heading(ui: &mut Ui, title: &str, document: &Document, is_open: bool) -> Response {
    let theme = Theme::of(ui);
    let n = model::n_problems(document);
    let size = Vec2::new(ui.available_width(), HEADING_HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| {
        let words = format!("{title}, {}", counted(n, "problem"));
        WidgetInfo::selected(egui::Role::Button, true, is_open, words)
    });
    let painter = ui.painter();
    if response.hovered() {
        painter.rect_filled(rect, RADIUS, theme.hover);
    }
    if response.has_focus() {
        let stroke = Stroke::new(1.0, theme.focus_ring);
        painter.rect_stroke(rect, RADIUS, stroke, StrokeKind::Inside);
    }
    let left = rect.left_center();
    painter.text(
        left,
        Align2::LEFT_CENTER,
        title,
        semibold(TITLE_SIZE),
        theme.text,
    );
    let right = rect.right_center() - Vec2::new(GRID, 0.0);
    let tip = right - Vec2::new(3.0, 0.0);
    marks::paint_fold_arrow(painter, tip, is_open, theme.decoration);
    let colour = if n == 0 {
        theme.secondary
    } else {
        theme.warning
    };
    painter.text(
        right - Vec2::new(16.0, 0.0),
        Align2::RIGHT_CENTER,
        thousands(n),
        regular(DENSE_SIZE),
        colour,
    );
    response
}

fn show_line(ui: &mut Ui, line: &model::Line) {
    let theme = Theme::of(ui);
    let size = Vec2::new(ui.available_width(), LINE_HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let words = format!("{}: {}", line.place, line.message);
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Label, true, &words));
    let rows = [
        (&line.message, theme.text, rect.top() + 10.0),
        (&line.place, theme.secondary, rect.top() + 26.0),
    ];
    for (text, colour, y) in rows {
        let room = Rect::from_min_max(pos2(rect.left(), y - 8.0), pos2(rect.right(), y + 8.0));
        let job = text_line(
            &[(text.as_str(), colour)],
            &regular(DENSE_SIZE),
            room.width(),
        );
        paint_in(
            ui.painter(),
            room,
            Align2::LEFT_CENTER,
            ui.painter().layout_job(job),
        );
    }
    response.on_hover_text(words);
}
