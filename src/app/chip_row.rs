//! The row with the lenses and the quick filters: what was fetched, what was answered, the filter turned round, and the filters kept by name.

use egui::{Align, Layout, RichText, ScrollArea, Ui};

use super::HeadwaterApp;
use super::prompts::Prompt;
use crate::base::text::shorten_middle;
use crate::commands::{Action, Command};
use crate::query::kinds::Kind;
use crate::session::{Chip, Chips, Seen, press};
use crate::widgets::chip::Chip as ChipButton;
use crate::widgets::theme::Theme;

/// Longest filter in the menu of saved ones, in characters.
const MAX_SHOWN: usize = 60;

impl HeadwaterApp {
    /// Paints the row.
    pub(super) fn chip_row_ui(&mut self, ui: &mut Ui) {
        let mut chips = self.session.chips.clone();
        ui.horizontal_centered(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            self.lens_switch_ui(ui);
            if !self.settings.layout.has_chips {
                return;
            }
            ui.add_space(12.0);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.menu_button("Saved filters", |ui| self.saved_filters_ui(ui));
                ui.add_space(8.0);
                ui.checkbox(&mut chips.is_inverted, "Invert")
                    .on_hover_text("Show what the filter as typed would leave out");
                ui.add_space(8.0);
                // A narrow window scrolls them instead of painting one over the other.
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ScrollArea::horizontal().show(ui, |ui| {
                        self.answers_ui(ui, &mut chips);
                        ui.add_space(12.0);
                        if self.judging.has_sites() || !chips.places.is_empty() {
                            places_ui(ui, &mut chips);
                            ui.add_space(12.0);
                        }
                        kinds_ui(ui, &mut chips);
                    });
                });
            });
        });
        if chips != self.session.chips {
            self.actions.push(Action::SetChips(chips));
        }
    }

    fn answers_ui(&self, ui: &mut Ui, chips: &mut Chips) {
        for (chip, count) in Chip::ALL.into_iter().zip(*self.rows.counts()) {
            let is_on = chips.answers.contains(&chip);
            let button = ChipButton::new(chip.title(), is_on).count(count);
            let response = ui.add(button);
            if response.clicked() {
                press(&mut chips.answers, chip, is_beside(ui));
            }
            response.on_hover_text(format!(
                "{}\nClick to show only these, Ctrl-click for several",
                chip.about()
            ));
        }
    }

    /// The filters kept by name, as buttons, with a way to forget each.
    pub(super) fn saved_filters_ui(&mut self, ui: &mut Ui) {
        let secondary = Theme::of(ui).secondary;
        let mut chosen = None;
        let mut forgotten = None;
        for (idx, saved) in self.settings.filters.iter().enumerate() {
            ui.horizontal(|ui| {
                let forget = format!("Forget the filter {}", saved.name);
                let cross = ui.small_button("×").on_hover_text(&forget);
                cross.widget_info(|| {
                    egui::WidgetInfo::labeled(egui::Role::Button, true, forget.as_str())
                });
                if cross.clicked() {
                    forgotten = Some(idx);
                }
                let response = ui.button(&saved.name);
                if response.on_hover_text(&saved.filter).clicked() {
                    chosen = Some(saved.filter.clone());
                }
                let filter = shorten_middle(&saved.filter, MAX_SHOWN);
                ui.label(RichText::new(filter).monospace().color(secondary));
            });
        }
        if self.settings.filters.is_empty() {
            ui.label(RichText::new("No filter was kept yet").color(secondary));
        }
        ui.separator();
        let is_enabled = self.is_enabled(Command::SaveFilter);
        let keep = ui.add_enabled(is_enabled, egui::Button::new("Keep this filter…"));
        if keep.clicked() {
            self.actions.push(Action::Run(Command::SaveFilter));
            ui.close();
        }
        if let Some(idx) = forgotten {
            self.settings.filters.remove(idx);
            self.save_settings();
        }
        if let Some(filter) = chosen {
            self.set_filter(filter);
            ui.close();
        }
    }

    /// Shows what `filter` keeps, and nothing else narrows.
    fn set_filter(&mut self, filter: String) {
        let mut query = self.session.query.clone();
        query.filter = filter;
        self.actions.push(Action::SetQuery(query));
        self.actions.push(Action::SetChips(Chips::default()));
    }

    /// Asks for the name under which the filter is kept.
    pub(super) fn ask_for_filter_name(&mut self) {
        let filter = self.session.effective_query().filter;
        if !filter.is_empty() {
            self.prompt = Some(Prompt::save_filter(filter));
        }
    }
}

fn places_ui(ui: &mut Ui, chips: &mut Chips) {
    for seen in Seen::ALL {
        let is_on = chips.places.contains(&seen);
        let response = ui.add(ChipButton::new(seen.title(), is_on));
        if response.clicked() {
            press(&mut chips.places, seen, is_beside(ui));
        }
        response.on_hover_text(seen.about());
    }
}

fn kinds_ui(ui: &mut Ui, chips: &mut Chips) {
    for kind in Kind::ALL {
        let is_on = chips.kinds.contains(&kind);
        let response = ui.add(ChipButton::new(kind.title(), is_on));
        if response.clicked() {
            press(&mut chips.kinds, kind, is_beside(ui));
        }
        response.on_hover_text(kind.about());
    }
}

fn is_beside(ui: &Ui) -> bool {
    ui.input(|input| input.modifiers.command)
}
