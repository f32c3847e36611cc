//! Paints the tab Connection: warnings first, then where the request went, then what else the file says.

use egui::{Label, RichText, ScrollArea, Ui};

use super::model::{ConnectionSheet, Fact};
use super::text;
use crate::widgets::theme::{DENSE_SIZE, GRID, GROUP_GAP, Theme, regular};

const NAME_WIDTH: f32 = 168.0;
/// From this width on, both groups stand beside each other.
const MIN_TWO_COLUMNS: f32 = 820.0;

/// Paints the tab.
pub(super) fn ui(ui: &mut Ui, sheet: &ConnectionSheet) {
    let is_wide = MIN_TWO_COLUMNS <= ui.available_width();
    ScrollArea::vertical()
        .id_salt("connection")
        .auto_shrink(false)
        .show(ui, |ui| {
            for warning in &sheet.warnings {
                text::notice(ui, warning);
            }
            if is_wide {
                text::columns(ui, |left, right| {
                    group(left, "Server", &sheet.peer);
                    group(right, "Also in the file", &sheet.facts);
                });
            } else {
                group(ui, "Server", &sheet.peer);
                ui.add_space(GROUP_GAP);
                group(ui, "Also in the file", &sheet.facts);
            }
        });
}

fn group(ui: &mut Ui, title: &str, facts: &[Fact]) {
    let theme = Theme::of(ui);
    if facts.is_empty() {
        return;
    }
    ui.spacing_mut().item_spacing.y = GRID / 2.0;
    text::heading(ui, title);
    for fact in facts {
        let name = RichText::new(&fact.name)
            .font(regular(DENSE_SIZE))
            .color(theme.secondary);
        text::named(ui, NAME_WIDTH, Label::new(name), |ui| {
            ui.add(text::wrapped(&fact.value, theme.text));
        });
    }
}
