//! Captures from the clipboard, and what becomes of the labels of captures that lie in no folder.

use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{Align, Context, Event, Layout, Ui, ViewportCommand};
use egui_notify::Toast;

use super::opening::Source;
use super::{HeadwaterApp, Purpose, keyboard};
use crate::commands::{Action, Command};
use crate::widgets::theme::Theme;

/// How long the system takes at most to hand over what is on the clipboard.
const PATIENCE: Duration = Duration::from_secs(1);

/// What the window knows of captures without a file.
#[derive(Debug, Default)]
pub(super) struct Homeless {
    /// Such captures are open.
    is_open: bool,
    /// The person was told that their labels are not saved, and does not mind.
    is_dismissed: bool,
}

impl HeadwaterApp {
    /// Asks the system for what is on the clipboard.
    pub(super) fn request_paste(&mut self, ctx: &Context) {
        self.pasting = Some(Instant::now());
        ctx.send_viewport_cmd(ViewportCommand::RequestPaste);
    }

    /// Opens pasted text beside what is open, unless it belongs to an editor.
    pub(super) fn take_paste(&mut self, ctx: &Context) {
        let is_covered = ctx.memory(|memory| memory.top_modal_layer().is_some());
        if !keyboard::is_typing(ctx) && !is_covered {
            let texts = ctx.input_mut(take_pasted);
            for text in texts {
                self.pasting = None;
                self.open(vec![Source::Clipboard(Arc::from(text))], Purpose::Add);
            }
        }
        let Some(asked) = self.pasting else { return };
        let left = PATIENCE.saturating_sub(asked.elapsed());
        if left.is_zero() {
            self.pasting = None;
            self.say(Toast::info("There is no text on the clipboard"));
        } else {
            ctx.request_repaint_after(left);
        }
    }

    /// Remembers that a capture has no file beside which its labels could be saved.
    pub(super) const fn add_homeless(&mut self) {
        self.homeless.is_open = true;
    }

    /// True when labels may be lost because there is no place to save them.
    pub(super) fn has_homeless_labels(&self) -> bool {
        let is_edited = self.document.history().undo_title().is_some();
        self.homeless.is_open && !self.homeless.is_dismissed && is_edited
    }

    /// Says that such labels are not saved, and offers a way to keep them.
    pub(super) fn homeless_ui(&mut self, ui: &mut Ui) {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui
                .button("Dismiss")
                .on_hover_text("Let these labels go with the window")
                .clicked()
            {
                self.homeless.is_dismissed = true;
            }
            if ui.button("Export report…").clicked() {
                self.actions.push(Action::Run(Command::Export));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let text = "Labels of a capture from the clipboard or from standard input are not \
                            saved; a report keeps them";
                crate::widgets::text::fitted(ui, text, Theme::of(ui).warning);
            });
        });
    }
}

fn take_pasted(input: &mut egui::InputState) -> Vec<String> {
    let mut texts = Vec::new();
    input.events.retain(|event| match event {
        Event::Paste(text) => {
            texts.push(text.clone());
            false
        }
        _ => true,
    });
    texts.retain(|text| !text.trim().is_empty());
    texts
}
