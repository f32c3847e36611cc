//! The bar at the top: name, menus, filter box, and the button for the thing to do next.

use egui::{Align, Button, Layout, RichText, Stroke, Ui};

use super::HeadwaterApp;
use crate::commands::{Action, Command};
use crate::widgets::theme::{Theme, semibold};

impl HeadwaterApp {
    /// Paints the toolbar.
    pub(super) fn toolbar_ui(&mut self, ui: &mut Ui) {
        ui.horizontal_centered(|ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            ui.label(RichText::new("Headwater").font(semibold(14.0)));
            ui.add_space(4.0);
            ui.scope(|ui| self.menus_ui(ui));
            if self.document.is_empty() {
                return;
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let theme = Theme::of(ui);
                let text = RichText::new("Export report…")
                    .font(semibold(12.0))
                    .color(theme.on_accent);
                let button = Button::new(text).fill(theme.accent).stroke(Stroke::NONE);
                let tooltip = Command::Export.entry().tooltip;
                if ui.add(button).on_hover_text(tooltip).clicked() {
                    self.actions.push(Action::Run(Command::Export));
                }
                ui.add_space(4.0);
                self.filter_ui(ui);
            });
        });
    }
}
