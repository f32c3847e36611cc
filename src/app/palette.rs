//! The command palette: every command by name, found by some of its letters.

use egui::{Align, Context, Id, Key, Layout, Modal, Modifiers, RichText, ScrollArea, TextEdit, Ui};

use super::HeadwaterApp;
use crate::commands::{Action, Command, Entry, entries};
use crate::widgets::theme::{Theme, modal_frame};

/// Width of the palette, in points.
const WIDTH: f32 = 560.0;
/// Height of its list, in points.
const HEIGHT: f32 = 400.0;

/// The palette while it is open.
#[derive(Debug, Default)]
pub(super) struct Palette {
    typed: String,
    /// Which of the commands found Enter runs.
    chosen: usize,
}

/// What a person did in the palette.
enum Did {
    Run(Command),
    Close,
}

impl HeadwaterApp {
    /// Paints the palette while it is open.
    pub(super) fn palette_ui(&mut self, ctx: &Context) {
        let Some(mut palette) = self.palette.take() else {
            return;
        };
        let modal = Modal::new(Id::unique("palette"))
            .frame(modal_frame(ctx))
            .show(ctx, |ui| {
                ui.set_width(WIDTH);
                self.inner_ui(ui, &mut palette)
            });
        match modal.inner {
            Some(Did::Run(command)) => {
                self.chosen = Some(command);
                ctx.request_repaint();
            }
            Some(Did::Close) => {}
            None if modal.should_close() => {}
            None => self.palette = Some(palette),
        }
    }

    /// Runs what was chosen in the palette once the palette is gone: nothing behind it can take the keyboard before.
    pub(super) fn run_chosen(&mut self, ctx: &Context) {
        let is_covered = ctx.memory(|memory| memory.top_modal_layer().is_some());
        if is_covered && self.chosen.is_some() {
            ctx.request_repaint();
        } else if let Some(command) = self.chosen.take() {
            self.actions.push(Action::Run(command));
        }
    }

    fn inner_ui(&self, ui: &mut Ui, palette: &mut Palette) -> Option<Did> {
        let steps = steps(ui);
        let is_entered = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
        let edit = TextEdit::singleline(&mut palette.typed)
            .hint_text("Type a part of a command")
            .desired_width(f32::INFINITY);
        let response = ui.add(edit);
        response.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::TextInput, true, "Find a command")
        });
        response.request_focus();
        if response.changed() {
            palette.chosen = 0;
        }
        let found = found(&palette.typed);
        let last = found.len().saturating_sub(1);
        palette.chosen = palette.chosen.saturating_add_signed(steps).min(last);
        ui.add_space(8.0);
        if found.is_empty() {
            ui.label(RichText::new("No command has these letters").color(Theme::of(ui).secondary));
        }
        let clicked = ScrollArea::vertical()
            .max_height(HEIGHT)
            .auto_shrink([false, true])
            .show(ui, |ui| {
                self.list_ui(ui, &found, palette.chosen, steps != 0)
            })
            .inner;
        let entered = is_entered
            .then(|| found.get(palette.chosen).copied())
            .flatten();
        let run = clicked.or(entered)?;
        self.is_enabled(run.command)
            .then_some(Did::Run(run.command))
            .or_else(|| clicked.map(|_| Did::Close))
    }

    fn list_ui(
        &self,
        ui: &mut Ui,
        found: &[&'static Entry],
        chosen: usize,
        has_moved: bool,
    ) -> Option<&'static Entry> {
        let mut clicked = None;
        for (idx, entry) in found.iter().enumerate() {
            let is_enabled = self.is_enabled(entry.command);
            let title = self.title_of(entry);
            let button = egui::Button::selectable(idx == chosen, title.as_ref())
                .shortcut_text(entry.keys(ui))
                .min_size(egui::vec2(ui.available_width(), 26.0));
            let whole_width = Layout::top_down_justified(Align::Min);
            let response = ui
                .with_layout(whole_width, |ui| ui.add_enabled(is_enabled, button))
                .inner;
            if idx == chosen && has_moved {
                response.scroll_to_me(None);
            }
            if response.on_hover_text(entry.tooltip).clicked() {
                clicked = Some(*entry);
            }
        }
        clicked
    }
}

/// How far the arrow keys move the choice in this frame.
fn steps(ui: &Ui) -> isize {
    let moves = [
        (Key::ArrowDown, 1),
        (Key::ArrowUp, -1),
        (Key::PageDown, 10),
        (Key::PageUp, -10),
    ];
    ui.input_mut(|input| {
        let pressed = moves
            .iter()
            .filter(|(key, _)| input.consume_key(Modifiers::NONE, *key));
        pressed.map(|(_, steps)| steps).sum()
    })
}

/// The commands that have the letters `typed` in their order, the best fitting first.
fn found(typed: &str) -> Vec<&'static Entry> {
    let typed = typed.trim().to_lowercase();
    let mut ranked: Vec<(u8, &'static Entry)> = entries()
        .filter(|entry| entry.command != Command::Palette)
        .filter_map(|entry| Some((rank(&entry.title.to_lowercase(), &typed)?, entry)))
        .collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, entry)| entry).collect()
}

/// How well `typed` fits `title`, 0 best; `None` when it does not.
fn rank(title: &str, typed: &str) -> Option<u8> {
    if title.starts_with(typed) {
        return Some(0);
    }
    if title.split(' ').any(|word| word.starts_with(typed)) {
        return Some(1);
    }
    if title.contains(typed) {
        return Some(2);
    }
    let mut letters = title.chars();
    let mut wanted = typed.chars().filter(|letter| !letter.is_whitespace());
    wanted
        .all(|letter| letters.any(|other| other == letter))
        .then_some(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_letters_find_a_command() {
        for (typed, title) in [
            ("undo", "Undo"),
            ("next un", "Next unlabelled"),
            ("cdn", "CDN, next"),
            ("lao", "Label as origin"),
            ("curl", "Copy as cURL"),
        ] {
            let titles: Vec<&str> = found(typed).iter().map(|entry| entry.title).collect();
            assert!(titles.contains(&title), "{typed}: {titles:?}");
        }
        assert_eq!(found("undo").first().map(|entry| entry.title), Some("Undo"));
        assert!(found("qqq").is_empty());
        assert_eq!(found("").len() + 1, entries().count());
    }
}
