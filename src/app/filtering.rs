//! The two filters that a person types: the one that leaves flows out, and the one that only highlights them.

use std::sync::Arc;

use egui::{Context, Id, RichText, Ui};

use super::HeadwaterApp;
use super::filter_box::{FilterBox, Given};
use crate::base::jobs::{Cancel, Latest, Wake};
use crate::base::text::{counted, thousands};
use crate::capture::FlowSet;
use crate::commands::Action;
use crate::document::Document;
use crate::query::filter::FilterError;
use crate::query::{self, Query};
use crate::widgets::theme::{DENSE_SIZE, Theme, regular};

/// The filter box.
pub(super) fn filter_id() -> Id {
    Id::unique("filter box")
}

/// The line whose filter only highlights.
pub(super) fn highlight_id() -> Id {
    Id::unique("highlight box")
}

/// The box of the filter that leaves flows out.
pub(super) fn filter_box() -> FilterBox {
    let hint = "Filter, such as host:example.com -kind:image status:>=400";
    FilterBox::new(filter_id(), "Filter", hint)
}

/// The filter that only highlights, and the flows that it keeps.
#[derive(Debug)]
pub(super) struct Highlighting {
    filter_box: FilterBox,
    /// The line is there; it goes once it is empty and left.
    pub(super) is_open: bool,
    text: String,
    found: Latest<(u64, String), Result<Arc<FlowSet>, FilterError>>,
}

impl Default for Highlighting {
    fn default() -> Self {
        let hint = "Highlight without leaving anything out, such as status:>=400";
        Self {
            filter_box: FilterBox::new(highlight_id(), "Highlight", hint),
            is_open: false,
            text: String::new(),
            found: Latest::new("highlight"),
        }
    }
}

impl Highlighting {
    /// Looks for the flows anew where the filter or the document changed. Returns those found last.
    pub(super) fn poll(&mut self, document: &Document, wake: &Wake) -> Arc<FlowSet> {
        if self.text.trim().is_empty() {
            return Arc::default();
        }
        let key = (document.revision(), self.text.clone());
        let (snapshot, filter) = (document.clone(), self.text.clone());
        self.found.request(key, Arc::clone(wake), move |cancel| {
            highlighted(&snapshot, filter, cancel)
        });
        self.found.poll();
        match self.found.get() {
            Some(Ok(flows)) => Arc::clone(flows),
            _ => Arc::default(),
        }
    }

    /// True while a worker looks for the flows.
    pub(super) fn is_busy(&self) -> bool {
        !self.text.is_empty() && self.found.is_running()
    }
}

/// The flows that `filter` keeps, whatever else is filtered.
fn highlighted(
    document: &Document,
    filter: String,
    cancel: &Cancel,
) -> Option<Result<Arc<FlowSet>, FilterError>> {
    let query = Query {
        filter,
        ..Query::default()
    };
    let rows = query::run(document, &query, cancel)?;
    Some(rows.map(|rows| Arc::new(rows.flows.into_iter().collect())))
}

impl HeadwaterApp {
    /// Paints the filter box in the width that is left.
    pub(super) fn filter_ui(&mut self, ui: &mut Ui) {
        let given = Given {
            text: &self.session.query.filter,
            error: self.rows.error(),
            document: &self.document,
            wake: &self.wake,
        };
        if let Some(filter) = self.filter_box.ui(ui, given) {
            let mut query = self.session.query.clone();
            query.filter = filter;
            self.actions.push(Action::SetQuery(query));
        }
    }

    /// Shows the line whose filter only highlights, and lets the person type there.
    pub(super) fn ask_what_to_highlight(&mut self, ctx: &Context) {
        self.highlighting.is_open = true;
        ctx.memory_mut(|memory| memory.request_focus(highlight_id()));
    }

    /// Clears the highlight.
    pub(super) fn clear_highlight(&mut self) {
        // What was found belongs to these captures: others may have the same revision.
        self.highlighting = Highlighting::default();
    }

    /// Paints the line whose filter only highlights.
    pub(super) fn highlight_ui(&mut self, ui: &mut Ui) {
        let Highlighting {
            filter_box,
            text,
            found,
            ..
        } = &mut self.highlighting;
        let has_text = !text.trim().is_empty();
        let error = found.get().and_then(|found| found.as_ref().err());
        let given = Given {
            text,
            error: error.filter(|_| has_text),
            document: &self.document,
            wake: &self.wake,
        };
        let mut changed = None;
        ui.horizontal_centered(|ui| {
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let close = ui.button("×").on_hover_text("Clear highlight");
                close.widget_info(|| {
                    let name = "Clear highlight";
                    egui::WidgetInfo::labeled(egui::Role::Button, true, name)
                });
                if close.clicked() {
                    self.actions
                        .push(Action::Run(crate::commands::Command::ClearHighlight));
                }
                if has_text {
                    let shown = self.rows.rows().flows.len() as u64;
                    let n = thousands(self.session.highlighted.len() as u64);
                    let words = format!("{n} highlighted, {} shown", counted(shown, "flow"));
                    let secondary = Theme::of(ui).secondary;
                    ui.label(
                        RichText::new(words)
                            .font(regular(DENSE_SIZE))
                            .color(secondary),
                    );
                }
                changed = filter_box.ui(ui, given);
            });
        });
        let highlighting = &mut self.highlighting;
        if let Some(changed) = changed {
            highlighting.text = changed;
        }
        // Esc clears it, and leaves it the second time.
        if highlighting.text.is_empty() && !highlighting.filter_box.is_active(ui) {
            highlighting.is_open = false;
        }
    }
}
