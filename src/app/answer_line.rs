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
        let answer = || {
            let answer = match self.session.lens {
                Lens::Requests => return self.judged(),
                Lens::Services => self.judged(),
                Lens::Hosts => self.panels.hosts.answer(),
            };
            Some(answer.unwrap_or_else(|| Answer::default().and("Counting…")))
        };
        self.work().or_else(answer)
    }

    /// Who serves the session; `None` where nothing can be said.
    fn judged(&self) -> Option<Answer> {
        if self.judging.roles().is_none() {
            return Some(Answer::default().and("Judging…"));
        }
        self.judging.answer().cloned()
    }

    /// What is being done to the captures, before which there is no answer.
    fn work(&self) -> Option<Answer> {
        let n_flows = self.document.n_flows();
        let reading = self.opening.status().map(|(name, _, _)| name);
        work(self.opening.judging(), reading.as_deref(), n_flows)
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
            Lens::Requests | Lens::Services => {}
            Lens::Hosts => HostsPanel::group_by_ui(ui, self.session.hosts, &mut self.actions),
        }
    }
}

/// What is being done: so many flows are judged of so many, or a file is being read, which has `n_flows` so far.
fn work(judging: Option<(u64, u64)>, reading: Option<&str>, n_flows: u32) -> Option<Answer> {
    let words = match (judging, reading) {
        (Some((done, total)), _) => {
            let (done, total) = (thousands(done), thousands(total));
            format!("Judging {done} of {total} requests…")
        }
        (None, Some(name)) => {
            let n = counted(u64::from(n_flows), "request");
            format!("Reading {name}… {n} so far")
        }
        (None, None) => return None,
    };
    Some(Answer::default().and(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_no_answer_before_all_is_read_and_judged() {
        let words = |judging, reading| work(judging, reading, 1_200).map(|answer| answer.text());
        assert_eq!(words(None, None), None);
        assert_eq!(
            words(None, Some("trip.har")).as_deref(),
            Some("Reading trip.har… 1,200 requests so far")
        );
        assert_eq!(
            words(Some((12_000, 200_000)), Some("trip.har")).as_deref(),
            Some("Judging 12,000 of 200,000 requests…")
        );
    }
}
