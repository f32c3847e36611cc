//! The answer above the rows: one or two sentences that wrap and are never cut.

use egui::text::{LayoutJob, TextFormat};
use egui::{Align, Label, Response, Ui};

use super::theme::{Theme, UI_SIZE, regular, semibold};

/// Sentences in pieces, the more important ones of more weight.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    pieces: Vec<(String, bool)>,
}

impl Answer {
    /// Adds words of the usual weight.
    #[must_use]
    pub fn and(self, words: impl Into<String>) -> Self {
        self.with(words.into(), false)
    }

    /// Adds words that stand out.
    #[must_use]
    pub fn and_strong(self, words: impl Into<String>) -> Self {
        self.with(words.into(), true)
    }

    fn with(mut self, words: String, is_strong: bool) -> Self {
        self.pieces.push((words, is_strong));
        self
    }

    /// The words alone.
    pub fn text(&self) -> String {
        self.pieces
            .iter()
            .map(|(words, _)| words.as_str())
            .collect()
    }

    /// Paints it into the width that is left.
    pub fn ui(&self, ui: &mut Ui) -> Response {
        let theme = Theme::of(ui);
        let mut job = LayoutJob::default();
        for (words, is_strong) in &self.pieces {
            let font = if *is_strong {
                semibold(UI_SIZE)
            } else {
                regular(UI_SIZE)
            };
            let format = TextFormat {
                valign: Align::BOTTOM,
                ..TextFormat::simple(font, theme.text)
            };
            job.append(words, 0.0, format);
        }
        ui.add(Label::new(job).wrap().selectable(true))
    }
}
