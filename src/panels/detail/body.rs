//! Paints the tab Body: one side at a time, as text or as a hex dump.

use egui::Ui;

use super::model::{Content, FIRST_LIMIT, LAST_LIMIT, Part, View, Way};
use super::text;
use crate::capture::FlowId;
use crate::widgets::theme::GROUP_GAP;

/// The tab with its switches.
#[derive(Debug, Default)]
pub(super) struct BodyTab {
    part: Part,
    way: Way,
    /// The flow of which a person wants to see all that may be shown.
    more_of: Option<FlowId>,
}

impl BodyTab {
    /// What has to be read for `flow`.
    pub(super) fn view(&self, flow: FlowId, columns: usize) -> View {
        View {
            part: self.part,
            way: self.way,
            limit: limit(self.more_of, flow),
            columns,
        }
    }

    /// The side that is shown.
    pub(super) fn part(&self) -> Part {
        self.part
    }

    /// Paints the tab; `content` is `None` while it is being read.
    pub(super) fn ui(&mut self, ui: &mut Ui, flow: FlowId, content: Option<&Content>) {
        ui.horizontal(|ui| {
            let parts = [(Part::Request, "Request"), (Part::Response, "Response")];
            if let Some(part) = text::switch(ui, &parts, self.part) {
                self.part = part;
            }
            ui.add_space(GROUP_GAP);
            if let Some(way) = text::switch(ui, &[(Way::Text, "Text"), (Way::Hex, "Hex")], self.way)
            {
                self.way = way;
            }
            ui.add_space(GROUP_GAP);
            if content.is_some_and(|content| head(ui, content)) {
                self.more_of = Some(flow);
            }
        });
        if let Some(content) = content {
            text::lines(ui, content);
        }
    }
}

/// Most bytes to read of `flow`.
pub(super) fn limit(more_of: Option<FlowId>, flow: FlowId) -> usize {
    if more_of == Some(flow) {
        LAST_LIMIT
    } else {
        FIRST_LIMIT
    }
}

/// What has to be said about the lines; returns true when a person wants more of them.
pub(super) fn head(ui: &mut Ui, content: &Content) -> bool {
    text::secondary(ui, &content.headline);
    for sentence in &content.notices {
        text::notice(ui, sentence);
    }
    content.has_more
        && text::small_button(ui, "Show more")
            .on_hover_text("Show up to 1 MB")
            .clicked()
}
