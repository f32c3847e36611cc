//! Paints the sheet of a host.

use egui::{Label, RichText, Ui};

use super::model::HostSheet;
use super::{code_ui, evidence, heading, quiet, title_ui};
use crate::annotations::Label as Answer;
use crate::base::text::thousands;
use crate::commands::{Action, Command};
use crate::panels::PanelCx;
use crate::widgets::badge;
use crate::widgets::theme::{GRID, Theme, UI_SIZE, regular, semibold};

pub(super) fn ui(ui: &mut Ui, sheet: &HostSheet, cx: &mut PanelCx<'_>) {
    title_ui(ui, &sheet.host, Some(sheet.conclusiveness), &sheet.facts);
    if !sheet.chain.is_empty() {
        let chain = RichText::new(sheet.chain.join(" ← ")).font(semibold(UI_SIZE));
        ui.add(Label::new(chain).wrap())
            .on_hover_text("Who answered, then who stands behind");
    }
    if !sheet.why.is_empty() {
        heading(ui, "Why");
        for line in &sheet.why {
            evidence::ui(ui, line, cx);
        }
    }
    heading(ui, "Paths");
    for (path, words) in &sheet.paths {
        if path.is_empty() {
            quiet(ui, words);
            continue;
        }
        ui.horizontal_wrapped(|ui| {
            code_ui(ui, path);
            let colour = Theme::of(ui).secondary;
            ui.label(RichText::new(words).font(regular(UI_SIZE)).color(colour));
        });
    }
    heading(
        ui,
        &format!("Label all {}", thousands(sheet.n_flows as u64)),
    );
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0 * GRID;
        for label in [Answer::Origin, Answer::Cdn, Answer::Unknown] {
            let is_given = sheet.label == Some(label);
            let command = if is_given {
                Command::ClearLabel
            } else {
                Command::Label(label)
            };
            let button = badge::button(ui, label, is_given);
            let hint = "Label every shown request of the selected rows";
            if button.on_hover_text(hint).clicked() {
                cx.actions.push(Action::Run(command));
            }
        }
    });
}
