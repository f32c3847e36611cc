//! Paints the tab Headers: request and response, side by side where there is room.

use egui::{Color32, Label, RichText, ScrollArea, TextEdit, Ui};

use super::model::{HeaderLine, HeaderSide, HeadersSheet};
use super::text;
use crate::base::text::counted;
use crate::commands::Action;
use crate::panels::PanelCx;
use crate::widgets::theme::{DENSE_SIZE, GRID, GROUP_GAP, Theme, mono};

/// From this width on, both sides stand beside each other.
const MIN_TWO_COLUMNS: f32 = 820.0;
const NAME_WIDTH: f32 = 176.0;
const FILTER_WIDTH: f32 = 200.0;

/// The tab with what its filter box holds.
#[derive(Debug, Default)]
pub(super) struct HeadersTab {
    filter: String,
}

impl HeadersTab {
    /// Paints the tab.
    pub(super) fn ui(&mut self, ui: &mut Ui, cx: &mut PanelCx<'_>, sheet: &HeadersSheet) {
        ui.horizontal(|ui| {
            let edit = TextEdit::singleline(&mut self.filter)
                .hint_text("Filter headers")
                .desired_width(FILTER_WIDTH);
            let response = ui.add(edit);
            response.widget_info(|| {
                egui::WidgetInfo::labeled(egui::Role::SearchInput, true, "Filter headers")
            });
            let copy = text::small_button(ui, "Copy headers");
            if copy
                .on_hover_text("Copy both sides as text, secrets removed")
                .clicked()
            {
                cx.actions.push(Action::Copy(sheet.copy.clone()));
            }
        });
        let needle = self.filter.trim().to_lowercase();
        let is_wide = MIN_TWO_COLUMNS <= ui.available_width();
        ScrollArea::vertical()
            .id_salt("headers")
            .auto_shrink(false)
            .show(ui, |ui| {
                if is_wide {
                    text::columns(ui, |left, right| {
                        side(left, "Request", Some(&sheet.request), &needle);
                        side(right, "Response", sheet.response.as_ref(), &needle);
                    });
                } else {
                    side(ui, "Request", Some(&sheet.request), &needle);
                    ui.add_space(GROUP_GAP);
                    side(ui, "Response", sheet.response.as_ref(), &needle);
                }
            });
    }
}

fn side(ui: &mut Ui, title: &str, side: Option<&HeaderSide>, needle: &str) {
    let theme = Theme::of(ui);
    ui.spacing_mut().item_spacing.y = GRID / 2.0;
    text::heading(ui, title);
    let Some(side) = side else {
        text::secondary(ui, "There was no response");
        return;
    };
    if !side.start_line.is_empty() {
        ui.add(text::wrapped(&side.start_line, theme.text));
    }
    let mut n_hidden = 0;
    for header in &side.lines {
        if header.contains(needle) {
            line(ui, header);
        } else {
            n_hidden += 1;
        }
    }
    if side.lines.is_empty() {
        text::secondary(ui, "The file holds no headers for this side");
    }
    if 0 < n_hidden {
        text::secondary(
            ui,
            &format!("{} not shown by the filter", counted(n_hidden, "header")),
        );
    }
    if 0 < side.n_left_out {
        let left_out = counted(side.n_left_out as u64, "more header");
        text::secondary(ui, &format!("{left_out} in the raw entry"));
    }
}

fn line(ui: &mut Ui, header: &HeaderLine) {
    let theme = Theme::of(ui);
    let name = RichText::new(&header.name)
        .font(mono(DENSE_SIZE))
        .color(theme.secondary);
    let width = NAME_WIDTH.min(ui.available_width() / 2.0);
    let fill = if header.rules.is_empty() {
        Color32::TRANSPARENT
    } else {
        theme.quote
    };
    text::named(ui, width, Label::new(name), |ui| {
        let value = egui::Frame::new()
            .fill(fill)
            .corner_radius(3)
            .inner_margin(egui::Margin::symmetric(4, 0))
            .show(ui, |ui| ui.add(text::wrapped(&header.value, theme.text)))
            .inner;
        if !header.rules.is_empty() {
            value.on_hover_text(format!("Evidence, read by {}", header.rules));
        }
    });
}
