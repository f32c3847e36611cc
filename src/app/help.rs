//! Help inside the window: all keys, all words, what this program is and on which data it rests, and the hint for the first run.

use egui::{Label, RichText, ScrollArea, TextEdit, Ui};
use egui_extras::{Column, TableBuilder};

use super::HeadwaterApp;
use super::prompts::{Answered, close_ui, focus_at_first};
use crate::commands::{Command, MENUS};
use crate::providers::catalogue;
use crate::query::companies::companies;
use crate::query::words::{self, Word};
use crate::widgets::text::title;
use crate::widgets::theme::Theme;

/// What keys do that belong to no command: keys, what for, and more about it.
const MOVES: [[&str; 3]; 3] = [
    [
        "↑ ↓ J K",
        "Move",
        "Page Up, Page Down, Home and End too; Shift extends the selection",
    ],
    ["Ctrl+Enter", "Keep a note", "While it is being written"],
    [
        "Esc",
        "Back",
        "Clear the filter, leave a field, close a window",
    ],
];

/// Height of the list of words, in points.
const WORDS_HEIGHT: f32 = 520.0;
/// Width of the words before what they mean, in points.
const WORD_WIDTH: f32 = 180.0;

/// Paints the sheet of all keys.
pub(super) fn shortcuts_ui(ui: &mut Ui) -> Option<Answered> {
    ui.set_width(820.0);
    title(ui, "Keyboard shortcuts");
    ui.add_space(8.0);
    let mut rows: Vec<[String; 3]> = MOVES.map(|row| row.map(str::to_owned)).to_vec();
    for (_, sections) in MENUS {
        for entry in sections.iter().copied().flatten() {
            let keys = entry.keys(ui);
            if !keys.is_empty() {
                rows.push([keys, entry.title.to_owned(), entry.tooltip.to_owned()]);
            }
        }
    }
    let secondary = Theme::of(ui).secondary;
    TableBuilder::new(ui)
        .striped(false)
        .column(Column::exact(150.0))
        .column(Column::exact(190.0))
        .column(Column::remainder())
        .max_scroll_height(600.0)
        .body(|body| {
            body.rows(22.0, rows.len(), |mut row| {
                let [keys, title, about] = &rows[row.index()];
                let about = RichText::new(about).color(secondary);
                for text in [RichText::new(keys).monospace(), RichText::new(title), about] {
                    row.col(|ui| {
                        ui.add(Label::new(text).truncate());
                    });
                }
            });
        });
    close_ui(ui)
}

/// Paints the sheet of all words, or of those that hold what was `typed`.
pub(super) fn words_ui(ui: &mut Ui, typed: &mut String) -> Option<Answered> {
    ui.set_width(820.0);
    title(ui, "Words");
    ui.add_space(8.0);
    let edit = TextEdit::singleline(typed)
        .hint_text("Find a word, such as edge")
        .desired_width(f32::INFINITY);
    let response = ui.add(edit);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::TextInput, true, "Find a word"));
    focus_at_first(ui, &response);
    let found = words::found(typed);
    ScrollArea::vertical()
        .max_height(WORDS_HEIGHT)
        .auto_shrink([false, true])
        .show(ui, |ui| {
            if found.is_empty() {
                let secondary = Theme::of(ui).secondary;
                ui.label(RichText::new("No word holds this").color(secondary));
            }
            for (group, words) in &found {
                ui.add_space(12.0);
                ui.strong(*group);
                for word in words {
                    word_ui(ui, word);
                }
            }
        });
    close_ui(ui)
}

fn word_ui(ui: &mut Ui, word: &Word) {
    let secondary = Theme::of(ui).secondary;
    ui.horizontal_top(|ui| {
        let size = egui::vec2(WORD_WIDTH, ui.spacing().interact_size.y);
        ui.allocate_ui_with_layout(size, egui::Layout::top_down(egui::Align::Min), |ui| {
            ui.set_min_width(WORD_WIDTH);
            ui.label(word.word);
        });
        ui.add(Label::new(RichText::new(word.meaning).color(secondary)).wrap());
    });
}

/// Paints version, licences, and the data with their dates.
pub(super) fn about_ui(ui: &mut Ui) -> Option<Answered> {
    ui.set_width(560.0);
    title(ui, concat!("Headwater ", env!("CARGO_PKG_VERSION")));
    ui.add_space(8.0);
    ui.label(
        "Who really serves captured HTTP traffic: as the origin, or only as a CDN in front of it",
    );
    let secondary = Theme::of(ui).secondary;
    let lines = |ui: &mut Ui, heading: &str, lines: &[String]| {
        ui.add_space(12.0);
        ui.strong(heading);
        for line in lines {
            ui.label(RichText::new(line).color(secondary));
        }
    };
    let licences = [
        "Headwater: MIT or Apache-2.0",
        "Fonts Inter and JetBrains Mono: SIL Open Font License 1.1",
        "Public Suffix List: Mozilla Foundation, MPL 2.0",
    ];
    let companies = companies();
    let companies = format!(
        "Domains of companies, for suggestions: {} of {}, MIT",
        companies.source(),
        companies.date()
    );
    let licences = licences.into_iter().map(str::to_owned);
    lines(
        ui,
        "Licences",
        &licences.chain([companies]).collect::<Vec<_>>(),
    );
    lines(ui, "Address ranges", &range_lines());
    let promises = [
        "No network connection is ever opened",
        "Captures are never written to; labels are kept in a file beside them",
    ];
    lines(ui, "What it does not do", &promises.map(str::to_owned));
    close_ui(ui)
}

/// Where the address ranges and the networks behind addresses come from, of which day.
fn range_lines() -> Vec<String> {
    catalogue()
        .address_inputs()
        .map(|input| format!("{} of {}: {}", input.package, input.date, input.licence))
        .collect()
}

impl HeadwaterApp {
    /// Paints the hint for the first run, until it is dismissed for ever.
    pub(super) fn first_steps_ui(&mut self, ui: &mut Ui) {
        let secondary = Theme::of(ui).secondary;
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            for (keys, words) in [
                ("J K", "move"),
                ("O C U", "label as origin, CDN, unknown"),
                ("Shift", "with a label goes on to the next"),
                ("/", "filters"),
                ("Ctrl+Shift+P", "finds every command"),
                ("?", "shows all keys"),
            ] {
                ui.label(RichText::new(keys).monospace());
                ui.label(RichText::new(words).color(secondary));
                ui.add_space(6.0);
            }
            let about = Command::FirstSteps.entry().title;
            let hint = format!("It can be shown again: Help, {about}");
            if ui.button("Got it").on_hover_text(hint).clicked() {
                self.settings.has_seen_first_steps = true;
                self.save_settings();
            }
        });
    }
}
