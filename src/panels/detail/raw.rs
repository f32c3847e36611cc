//! Paints the tab Raw: the entry as it lies in the file.

use egui::Ui;

use super::body::{Loading, head, limit};
use super::model::{Content, Part, View, Way};
use super::text;
use crate::capture::FlowId;

/// The tab.
#[derive(Debug, Default)]
pub(super) struct RawTab {
    /// The flow of which a person wants to see all that may be shown.
    more_of: Option<FlowId>,
}

impl RawTab {
    /// What has to be read for `flow`.
    pub(super) fn view(&self, flow: FlowId, columns: usize) -> View {
        View {
            part: Part::Raw,
            way: Way::Text,
            limit: limit(self.more_of, flow),
            columns,
            is_local_time: false,
        }
    }

    /// Paints the tab; `content` is `None` while it is being read.
    pub(super) fn ui(
        &mut self,
        ui: &mut Ui,
        flow: FlowId,
        content: Option<&Content>,
        loading: Loading,
    ) {
        let Some(content) = content else {
            return;
        };
        ui.horizontal(|ui| head(ui, content, loading, flow, &mut self.more_of));
        text::lines(ui, content, None);
    }
}
