//! What an empty window shows: where to drop files, the recent ones, the samples; and what could not be opened.

use egui::{Align, Button, Layout, RichText, Stroke, Ui, UiBuilder, vec2};

use super::opening::Source;
use super::prompts::Prompt;
use super::samples::samples;
use super::{HeadwaterApp, Purpose};
use crate::capture::ProblemKind;
use crate::commands::{Action, Command};
use crate::widgets::marks::paint_dashed_rect;
use crate::widgets::text::fitted;
use crate::widgets::theme::{Theme, semibold};

impl HeadwaterApp {
    /// Paints the empty window.
    pub(super) fn welcome_ui(&mut self, ui: &mut Ui) {
        let theme = Theme::of(ui);
        let all = ui.available_rect_before_wrap();
        ui.painter().rect_filled(all, 0.0, theme.canvas);
        let size = vec2(all.width().min(640.0), all.height().min(440.0));
        let area = egui::Rect::from_center_size(all.center(), size);
        let mut inner = ui.new_child(
            UiBuilder::new()
                .max_rect(area)
                .layout(Layout::top_down(Align::Center)),
        );
        let ui = &mut inner;
        let drop = egui::Rect::from_min_size(area.min, vec2(area.width(), 168.0));
        paint_dashed_rect(ui.painter(), drop, Stroke::new(1.0, theme.decoration));
        ui.add_space(32.0);
        ui.label(RichText::new("Drop a capture here").font(semibold(18.0)));
        ui.label(
            RichText::new("What a browser or a proxy saved: HAR, mitmproxy, Charles, Fiddler, access logs and more")
                .color(theme.secondary),
        );
        ui.add_space(12.0);
        let text = RichText::new("Open…")
            .font(semibold(13.0))
            .color(theme.on_accent);
        if ui
            .add(
                Button::new(text)
                    .fill(theme.accent)
                    .min_size(vec2(120.0, 32.0)),
            )
            .clicked()
        {
            self.actions.push(Action::Run(Command::Open));
        }
        ui.add_space(drop.bottom() - ui.cursor().top() + 24.0);
        ui.columns(2, |columns| {
            let [left, right] = columns else { return };
            left.label(RichText::new("Recent").font(semibold(13.0)));
            self.recent_ui(left);
            right.label(RichText::new("Samples").font(semibold(13.0)));
            self.samples_ui(right);
        });
    }

    /// The files opened last, as buttons.
    pub(super) fn recent_ui(&mut self, ui: &mut Ui) {
        let theme = Theme::of(ui);
        if self.settings.recent.is_empty() {
            ui.label(RichText::new("No file was opened yet").color(theme.secondary));
        }
        let mut chosen = None;
        for path in &self.settings.recent {
            let source = Source::Path(path.clone());
            let button = Button::new(source.name()).truncate().frame(false);
            if ui
                .add(button)
                .on_hover_text(path.display().to_string())
                .clicked()
            {
                chosen = Some(source);
            }
        }
        self.open(chosen.into_iter().collect(), Purpose::Replace);
    }

    /// The captures that ship with the program, as buttons.
    pub(super) fn samples_ui(&mut self, ui: &mut Ui) {
        let mut chosen = None;
        for source in samples() {
            if ui
                .add(Button::new(source.name()).truncate().frame(false))
                .clicked()
            {
                chosen = Some(source);
            }
        }
        self.open(chosen.into_iter().collect(), Purpose::Replace);
    }

    /// Files that could not be opened, with place and reason.
    pub(super) fn failures_ui(&mut self, ui: &mut Ui) {
        let theme = Theme::of(ui);
        let failures = self.opening.failures().to_vec();
        let mut asked = None;
        for (idx, failure) in failures.iter().enumerate() {
            ui.horizontal(|ui| {
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    if ui.button("Dismiss").clicked() {
                        self.opening.dismiss(idx);
                    }
                    if failure.problem.kind == ProblemKind::Locked
                        && ui.button("Password…").clicked()
                    {
                        asked = Some(Prompt::password(failure.source.clone()));
                    }
                    if failure.problem.kind == ProblemKind::Unsupported
                        && ui.button("Squid logformat…").clicked()
                    {
                        asked = Some(Prompt::logformat(failure.source.clone()));
                    }
                    if ui.button("Try again").clicked()
                        && let Some(failure) = self.opening.dismiss(idx)
                    {
                        self.opening.add(failure.source);
                    }
                    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                        let problem = &failure.problem;
                        let place = problem
                            .byte
                            .map_or(String::new(), |byte| format!(" at byte {byte}"));
                        let text = format!("{}: {}{place}", failure.source.name(), problem.message);
                        fitted(ui, &text, theme.error);
                    });
                });
            });
        }
        self.prompt = asked.or_else(|| self.prompt.take());
    }
}
