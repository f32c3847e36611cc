//! Paints the tab Headers: request and response, side by side where there is room; what is evidence leads to its finding.

use egui::{Align, Color32, CursorIcon, Label, RichText, ScrollArea, Sense, Stroke, TextEdit, Ui};

use super::mark::Mark;
use super::model::{HeaderLine, HeaderSide, HeadersSheet};
use super::text;
use crate::base::text::counted;
use crate::commands::Action;
use crate::panels::PanelCx;
use crate::session::DetailTab;
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
    pub(super) fn ui(
        &mut self,
        ui: &mut Ui,
        cx: &mut PanelCx<'_>,
        sheet: &HeadersSheet,
        mark: &mut Mark,
    ) {
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
        if mark.is_new() {
            self.filter.clear();
        }
        let is_wide = MIN_TWO_COLUMNS <= ui.available_width();
        ScrollArea::vertical()
            .id_salt("headers")
            .auto_shrink(false)
            .show(ui, |ui| {
                if is_wide {
                    text::columns(ui, |left, right| {
                        side(left, "Request", Some(&sheet.request), &needle, mark);
                        side(right, "Response", sheet.response.as_ref(), &needle, mark);
                    });
                } else {
                    side(ui, "Request", Some(&sheet.request), &needle, mark);
                    ui.add_space(GROUP_GAP);
                    side(ui, "Response", sheet.response.as_ref(), &needle, mark);
                }
            });
        if mark.is_followed() {
            cx.actions.push(Action::ShowTab(DetailTab::Evidence));
        }
    }
}

fn side(ui: &mut Ui, title: &str, side: Option<&HeaderSide>, needle: &str, mark: &mut Mark) {
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
            line(ui, header, mark);
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

fn line(ui: &mut Ui, header: &HeaderLine, mark: &mut Mark) {
    let theme = Theme::of(ui);
    let name = RichText::new(&header.name)
        .font(mono(DENSE_SIZE))
        .color(theme.secondary);
    let width = NAME_WIDTH.min(ui.available_width() / 2.0);
    let is_evidence = !header.rules.is_empty();
    let is_marked = is_evidence && mark.is_on(header.span);
    let fill = if is_evidence {
        theme.quote
    } else {
        Color32::TRANSPARENT
    };
    let stroke = if is_marked {
        Stroke::new(1.0, theme.focus_ring)
    } else {
        Stroke::NONE
    };
    text::named(ui, width, Label::new(name), |ui| {
        let value = egui::Frame::new()
            .fill(fill)
            .stroke(stroke)
            .corner_radius(3)
            .inner_margin(egui::Margin::symmetric(4, 0))
            .show(ui, |ui| {
                let value = text::wrapped(&header.value, theme.text);
                if is_evidence {
                    ui.add(value.sense(Sense::click()))
                } else {
                    ui.add(value)
                }
            })
            .inner;
        if is_marked && mark.take_new() {
            value.scroll_to_me(Some(Align::Center));
        }
        if is_evidence {
            let value = value
                .on_hover_cursor(CursorIcon::PointingHand)
                .on_hover_text(&header.rules);
            if value.clicked() {
                mark.follow(header.span);
            }
        }
    });
}
