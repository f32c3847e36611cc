//! Paints the tab Timing: the phases as bars on one scale.

use egui::{Align2, Label, Rect, RichText, ScrollArea, Sense, Stroke, Ui, Vec2, pos2};

use super::model::{Bar, TimingSheet, milliseconds};
use super::text;
use crate::query::words;
use crate::widgets::theme::{DENSE_SIZE, GRID, MIN_BAR, Theme, regular, semibold};

const NAME_WIDTH: f32 = 112.0;
const NUMBER_WIDTH: f32 = 84.0;
const ROW_HEIGHT: f32 = 20.0;
const BAR_HEIGHT: f32 = 10.0;
const INDENT: f32 = 14.0;
/// A scale longer than this is harder to read, not easier.
const MAX_WIDTH: f32 = 900.0;

/// Paints the tab, with times in the zone of this machine or in UTC.
pub(super) fn ui(ui: &mut Ui, sheet: &TimingSheet, is_local_time: bool) {
    let theme = Theme::of(ui);
    ScrollArea::vertical()
        .id_salt("timing")
        .auto_shrink(false)
        .show(ui, |ui| {
            ui.set_max_width(MAX_WIDTH.min(ui.available_width()));
            ui.spacing_mut().item_spacing.y = 0.0;
            start(ui, sheet, is_local_time);
            ui.add_space(GRID);
            for bar in &sheet.bars {
                row(ui, bar, sheet.scale_ms);
            }
            if sheet.bars.is_empty() {
                text::secondary(ui, "The file gives no phases for this flow");
            }
            ui.add_space(GRID);
            total(ui, sheet, theme);
            if let Some(remark) = &sheet.remark {
                text::secondary(ui, remark);
            }
        });
}

fn start(ui: &mut Ui, sheet: &TimingSheet, is_local_time: bool) {
    let theme = Theme::of(ui);
    let (Some(start), Some(offset)) = (sheet.start, &sheet.offset) else {
        text::secondary(ui, "The file gives no start for this flow");
        return;
    };
    ui.horizontal(|ui| {
        ui.label(RichText::new(offset).font(regular(DENSE_SIZE)));
        let text = RichText::new(start.shown(is_local_time))
            .font(regular(DENSE_SIZE))
            .color(theme.secondary);
        ui.add(Label::new(text).selectable(true));
    });
}

fn row(ui: &mut Ui, bar: &Bar, scale_ms: f64) {
    let theme = Theme::of(ui);
    let (rect, response) =
        ui.allocate_exact_size(Vec2::new(ui.available_width(), ROW_HEIGHT), Sense::hover());
    let duration = milliseconds(bar.ms);
    let title = bar.phase.title();
    response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::Role::Label, true, format!("{title} {duration}"))
    });
    let painter = ui.painter();
    let (indent, name_colour) = if bar.is_inside {
        (INDENT, theme.secondary)
    } else {
        (0.0, theme.text)
    };
    let font = regular(DENSE_SIZE);
    let at = rect.left_center() + Vec2::new(indent, 0.0);
    painter.text(at, Align2::LEFT_CENTER, title, font.clone(), name_colour);
    painter.text(
        rect.right_center(),
        Align2::RIGHT_CENTER,
        duration,
        font,
        theme.text,
    );
    let from = rect.left() + NAME_WIDTH;
    let width = (rect.width() - NAME_WIDTH - NUMBER_WIDTH).max(1.0);
    let x = |ms: f64| from + (f64::from(width) * (ms / scale_ms).clamp(0.0, 1.0)) as f32;
    let line = Stroke::new(1.0, theme.hairline);
    painter.hline(from..=from + width, rect.center().y, line);
    let (left, right) = (x(bar.from_ms), x(bar.from_ms + bar.ms));
    let height = if bar.is_inside {
        BAR_HEIGHT / 2.0
    } else {
        BAR_HEIGHT
    };
    let painted = Rect::from_min_max(
        pos2(left, rect.center().y - height / 2.0),
        pos2(right.max(left + MIN_BAR), rect.center().y + height / 2.0),
    );
    painter.rect_filled(painted, 1.0, theme.phase(bar.phase));
    response.on_hover_text(words::phase(bar.phase));
}

fn total(ui: &mut Ui, sheet: &TimingSheet, theme: &Theme) {
    let (rect, response) =
        ui.allocate_exact_size(Vec2::new(ui.available_width(), ROW_HEIGHT), Sense::hover());
    let total = sheet
        .total_ms
        .map_or_else(|| "not in the file".to_owned(), milliseconds);
    response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::Role::Label, true, format!("Total {total}"))
    });
    let painter = ui.painter();
    painter.hline(rect.x_range(), rect.top(), Stroke::new(1.0, theme.hairline));
    let font = semibold(DENSE_SIZE);
    painter.text(
        rect.left_center(),
        Align2::LEFT_CENTER,
        "Total",
        font.clone(),
        theme.text,
    );
    painter.text(
        rect.right_center(),
        Align2::RIGHT_CENTER,
        total,
        font,
        theme.text,
    );
}
