//! Menus, made from the one list of commands, with what can be done now and what is switched on.

use std::borrow::Cow;

use egui::{Button, RichText, Ui};

use super::HeadwaterApp;
use crate::commands::{Action, Command, Entry, Look, MENUS};
use crate::widgets::theme::{Theme, ThemeChoice};

impl HeadwaterApp {
    /// Paints the menu bar.
    pub(super) fn menus_ui(&mut self, ui: &mut Ui) {
        ui.visuals_mut().button_frame = false;
        ui.spacing_mut().item_spacing.x = 12.0;
        ui.spacing_mut().button_padding.x = 0.0;
        let secondary = Theme::of(ui).secondary;
        for (title, sections) in MENUS {
            let word = RichText::new(*title).color(secondary);
            ui.menu_button(word, |ui| self.menu_ui(ui, title, sections));
        }
    }

    fn menu_ui(&mut self, ui: &mut Ui, title: &str, sections: &[&[Entry]]) {
        for (idx, section) in sections.iter().enumerate() {
            if 0 < idx {
                ui.separator();
            }
            for entry in *section {
                self.item_ui(ui, entry);
            }
            if title == "File" && idx == 0 {
                ui.menu_button("Open recent", |ui| self.recent_ui(ui));
                ui.menu_button("Samples", |ui| self.samples_ui(ui));
            }
            if title == "Find" && idx == 0 {
                ui.menu_button("Saved filters", |ui| self.saved_filters_ui(ui));
            }
        }
    }

    fn item_ui(&mut self, ui: &mut Ui, entry: &Entry) {
        let title = self.title_of(entry);
        let keys = entry.keys(ui);
        let is_enabled = self.is_enabled(entry.command);
        let button = match self.is_on(entry.command) {
            Some(is_on) => Button::selectable(is_on, title.as_ref()),
            None => Button::new(title.as_ref()),
        };
        let response = ui.add_enabled(is_enabled, button.shortcut_text(keys));
        if response.on_hover_text(entry.tooltip).clicked() {
            self.actions.push(Action::Run(entry.command));
            ui.close();
        }
    }

    /// The words for a command, as of now: `Undo label 3 flows as CDN`.
    pub(super) fn title_of(&self, entry: &Entry) -> Cow<'static, str> {
        let history = self.document.history();
        let edit = match entry.command {
            Command::Undo => history.undo_title(),
            Command::Redo => history.redo_title(),
            _ => None,
        };
        edit.map_or(Cow::Borrowed(entry.title), |edit| {
            Cow::Owned(format!("{} {edit}", entry.title))
        })
    }

    /// True when `command` would do something now.
    pub(super) fn is_enabled(&self, command: Command) -> bool {
        use Command as C;
        let is_open = !self.document.is_empty();
        let has_selection = !self.session.selection.flows.is_empty();
        match command {
            C::Undo => self.document.history().undo_title().is_some(),
            C::Redo => self.document.history().redo_title().is_some(),
            C::CancelLoading => {
                self.opening.is_busy()
                    || self.looking.status().is_some()
                    || self.reread_columns.status().is_some()
            }
            C::ClearHighlight => self.highlighting.is_open,
            C::AllHosts => !self.session.scope.is_empty(),
            C::CloseSearch | C::NextHit | C::PreviousHit => self.session.is_search_open,
            C::SaveFilter => !self.session.effective_query().filter.is_empty(),
            C::Save
            | C::Export
            | C::CloseAll
            | C::ReadAs
            | C::SelectAll
            | C::InvertSelection
            | C::FocusFilter
            | C::ClearFilter
            | C::Highlight
            | C::SearchAll
            | C::LabelMany
            | C::SuggestGroups
            | C::NextUnlabelled
            | C::PreviousUnlabelled
            | C::NextConflict
            | C::GoToFlow
            | C::FocusTable
            | C::FocusCharts
            | C::FocusDetails
            | C::NextPanel
            | C::PreviousPanel
            | C::NextTab
            | C::PreviousTab
            | C::ShowLens(_) => is_open,
            C::OpenRow => has_selection && self.session.lens.is_grouped(),
            C::SaveBody
            | C::Peek
            | C::FindInBody
            | C::SaveRequestBody
            | C::SelectHost
            | C::SelectParty
            | C::CopyRows
            | C::CopyCurl
            | C::CopyUrl
            | C::CopyHost
            | C::IgnoreHost
            | C::FocusHost
            | C::Label(_)
            | C::LabelAndGoOn(_)
            | C::ClearLabel
            | C::Accept
            | C::AcceptAndGoOn
            | C::EditNote
            | C::EditTags
            | C::Mark(_)
            | C::ClearMark
            | C::GroupHost => has_selection,
            _ => true,
        }
    }

    /// Whether what `command` switches is on; `None` for commands that switch nothing.
    pub(super) fn is_on(&self, command: Command) -> Option<bool> {
        let settings = &self.settings;
        match command {
            Command::ShowCharts => Some(settings.layout.has_charts),
            Command::ShowTimeline => Some(settings.layout.has_timeline),
            Command::ShowDetails => Some(settings.layout.has_details_in(self.session.lens)),
            Command::ShowChips => Some(settings.layout.has_chips),
            Command::LocalTime => Some(self.session.is_local_time),
            Command::ShowLens(lens) => Some(self.session.lens == lens),
            Command::Look(look) => Some(settings.theme == choice_of(look)),
            _ => None,
        }
    }
}

/// The theme that a command stands for.
pub(super) const fn choice_of(look: Look) -> ThemeChoice {
    match look {
        Look::System => ThemeChoice::System,
        Look::Light => ThemeChoice::Light,
        Look::Dark => ThemeChoice::Dark,
        Look::HighContrast => ThemeChoice::HighContrast,
    }
}
