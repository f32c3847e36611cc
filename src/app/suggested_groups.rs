//! The question which hosts of one company or site to count under one party: suggestions with what is known of them, none of
//! which is applied unless it is chosen.

use std::sync::Arc;

use egui::{RichText, ScrollArea, Spinner, Ui};

use super::prompts::{Answered, buttons_ui, close_ui};
use crate::base::jobs::{Latest, Wake};
use crate::base::text::{counted, shorten_middle};
use crate::commands::Action;
use crate::document::Document;
use crate::query::group_suggestions::{GroupSuggestion, suggest_groups};
use crate::widgets::text::title;
use crate::widgets::theme::Theme;

/// Width of the window, in points.
const WIDTH: f32 = 640.0;
/// Greatest height of the list, in points.
const MAX_HEIGHT: f32 = 380.0;
/// Hosts of one suggestion that are named.
const MAX_HOSTS: usize = 4;
/// Longest host or party that is shown whole, in characters.
const MAX_NAME: usize = 48;

/// The suggestions with what was chosen so far.
#[derive(Debug)]
pub(super) struct SuggestedGroups {
    /// Found on a worker.
    found: Latest<(), Vec<GroupSuggestion>>,
    /// By suggestion: true when it was chosen.
    chosen: Vec<bool>,
}

impl SuggestedGroups {
    /// Looks for suggestions in `document`.
    pub(super) fn new(document: &Document, wake: &Wake) -> Self {
        let mut found = Latest::new("suggest groups");
        let snapshot = document.clone();
        found.request((), Arc::clone(wake), move |cancel| {
            suggest_groups(&snapshot, cancel)
        });
        Self {
            found,
            chosen: Vec::new(),
        }
    }

    /// Paints the question; `Some` when it was answered.
    pub(super) fn ui(&mut self, ui: &mut Ui) -> Option<Answered> {
        self.found.poll();
        ui.set_width(WIDTH);
        title(ui, "Suggested groups");
        ui.add_space(8.0);
        let Some(found) = self.found.get() else {
            ui.horizontal(|ui| {
                ui.add(Spinner::new());
                ui.label("Looking for hosts of one company or site…");
            });
            return close_ui(ui);
        };
        if found.is_empty() {
            ui.label("Nothing is known of these hosts that is not grouped already");
            return close_ui(ui);
        }
        self.chosen.resize(found.len(), false);
        all_ui(ui, &mut self.chosen);
        let secondary = Theme::of(ui).secondary;
        ScrollArea::vertical()
            .max_height(MAX_HEIGHT)
            .auto_shrink([false, true])
            .show(ui, |ui| {
                for (suggestion, is_chosen) in found.iter().zip(&mut self.chosen) {
                    let response = ui.checkbox(is_chosen, words(suggestion));
                    if MAX_HOSTS < suggestion.hosts.len() {
                        response.on_hover_text(suggestion.hosts.join("\n"));
                    }
                    ui.indent(&suggestion.hosts, |ui| {
                        ui.label(RichText::new(&suggestion.reason).color(secondary));
                    });
                    ui.add_space(4.0);
                }
            });
        ui.add_space(8.0);
        let note = "Verdicts of parties change with it; one Undo takes it back";
        ui.label(RichText::new(note).color(secondary));
        ui.add_space(8.0);
        match buttons_ui(ui, "Count them so") {
            Some(true) => self.answered(),
            Some(false) => Some(Answered::Closed),
            None => None,
        }
    }

    /// The groupings that were chosen; nothing yet while there are none.
    fn answered(&self) -> Option<Answered> {
        let found = self.found.get()?.iter().zip(&self.chosen);
        let chosen = found.filter(|(_, is_chosen)| **is_chosen);
        let groups: Vec<(String, String)> = chosen
            .flat_map(|(suggestion, _)| {
                let hosts = suggestion.hosts.iter().cloned();
                hosts.map(|host| (host, suggestion.party.clone()))
            })
            .collect();
        (!groups.is_empty()).then_some(Answered::Action(Action::GroupAll(groups)))
    }
}

/// Chooses all or none.
fn all_ui(ui: &mut Ui, chosen: &mut [bool]) {
    let mut is_all = chosen.iter().all(|is_chosen| *is_chosen);
    if ui.checkbox(&mut is_all, "All of them").changed() {
        chosen.fill(is_all);
    }
    ui.separator();
}

/// `doubleclick.net, 2mdn.net and 3 more under google.com: 12 flows`.
fn words(suggestion: &GroupSuggestion) -> String {
    let named = suggestion.hosts.iter().take(MAX_HOSTS);
    let named: Vec<_> = named.map(|host| shorten_middle(host, MAX_NAME)).collect();
    let more = match suggestion.hosts.len().saturating_sub(MAX_HOSTS) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    format!(
        "{}{more} under {}: {}",
        named.join(", "),
        shorten_middle(&suggestion.party, MAX_NAME),
        counted(suggestion.n_flows, "flow")
    )
}
