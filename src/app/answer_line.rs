//! The line above the rows: what is being done, or the answer of the lens that is shown.

use std::time::Duration;

use egui::{Align, Layout, Ui};

use super::HeadwaterApp;
use crate::base::text::{counted, thousands};
use crate::panels::hosts::HostsPanel;
use crate::session::Lens;
use crate::widgets::answer::Answer;

/// How often the words about what is being done are painted anew.
const STEP: Duration = Duration::from_millis(100);
/// Room that is kept for the choice at the right, in points.
const CHOICE_WIDTH: f32 = 150.0;

impl HeadwaterApp {
    /// What stands above the rows; `None` for a lens without an answer.
    pub(super) fn answer(&self) -> Option<Answer> {
        if !self.session.lens.is_grouped() {
            return None;
        }
        Some(self.work().unwrap_or_else(|| {
            let answer = match self.session.lens {
                Lens::Requests => None,
                Lens::Hosts => self.panels.hosts.answer(),
            };
            answer.unwrap_or_else(|| Answer::default().and("Counting…"))
        }))
    }

    /// What is being done to the captures, before which there is no answer.
    fn work(&self) -> Option<Answer> {
        if let Some((done, total)) = self.opening.judging() {
            let (done, total) = (thousands(done), thousands(total));
            return Some(Answer::default().and(format!("Judging {done} of {total} requests…")));
        }
        let (name, _, _) = self.opening.status()?;
        let n = counted(u64::from(self.document.n_flows()), "request");
        Some(Answer::default().and(format!("Reading {name}… {n} so far")))
    }

    /// Paints the line.
    pub(super) fn answer_ui(&mut self, ui: &mut Ui, answer: &Answer) {
        if self.opening.is_busy() {
            ui.request_repaint_after(STEP);
        }
        ui.horizontal_top(|ui| {
            let width = (ui.available_width() - CHOICE_WIDTH).max(CHOICE_WIDTH);
            ui.allocate_ui_with_layout(
                egui::vec2(width, 0.0),
                Layout::top_down(Align::Min),
                |ui| {
                    ui.add_space(2.0);
                    answer.ui(ui);
                },
            );
            ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
                self.choice_ui(ui);
            });
        });
    }

    /// How the lens shows its rows, at the right.
    fn choice_ui(&mut self, ui: &mut Ui) {
        match self.session.lens {
            Lens::Requests => {}
            Lens::Hosts => HostsPanel::group_by_ui(ui, self.session.hosts, &mut self.actions),
        }
    }
}
