//! The context menu of a row: what can be done with the selected flows, and with the cell under the pointer.

use std::sync::Arc;

use egui::{Popup, Response, SetOpenCommand, Ui};

use super::TablePanel;
use super::columns::Head;
use super::model::filter_by_cell;
use crate::base::jobs::Latest;
use crate::base::text::shorten_middle;
use crate::capture::{FlowId, Side};
use crate::commands::{Action, Command};
use crate::panels::{PanelCx, add_to_filter, command_ui, commands_ui, label_commands_ui};
use crate::reports::{SafeHeader, safe_headers};

/// Longest text of an entry, in characters.
const MAX_ENTRY: usize = 48;
/// Size of the list of headers, in points.
const LIST_SIZE: egui::Vec2 = egui::vec2(360.0, 280.0);

/// Where the menu was opened, and what it lists.
#[derive(Debug)]
pub(super) struct RowMenu {
    at: Option<(FlowId, Option<Head>)>,
    /// It was opened by a key, and so stands below the row instead of at the pointer.
    is_by_key: bool,
    /// The headers of a flow, read when their list is opened.
    headers: Latest<(u64, FlowId), Result<Vec<SafeHeader>, String>>,
}

impl Default for RowMenu {
    fn default() -> Self {
        Self {
            at: None,
            is_by_key: false,
            headers: Latest::new("headers to copy"),
        }
    }
}

impl RowMenu {
    /// Remembers on which cell the menu is opened.
    pub(super) const fn open_at(&mut self, flow: FlowId, head: Option<Head>) {
        self.at = Some((flow, head));
        self.is_by_key = false;
    }

    /// The same, for a menu that is opened by a key.
    pub(super) const fn open_by_key(&mut self, flow: FlowId, head: Option<Head>) {
        self.at = Some((flow, head));
        self.is_by_key = true;
    }
}

/// Shows the menu of a row when it is open, or opens it.
pub(super) fn show(
    table: &mut TablePanel,
    response: &Response,
    flow: FlowId,
    is_asked_for: bool,
    cx: &mut PanelCx<'_>,
) {
    let mut popup = Popup::context_menu(response);
    if is_asked_for {
        popup = popup.open_memory(SetOpenCommand::Bool(true));
    }
    if table.menu.is_by_key {
        popup = popup.anchor(response);
    }
    let at = table.menu.at.filter(|(id, _)| *id == flow);
    let head = at.and_then(|(_, head)| head);
    popup.show(|ui| {
        label_commands_ui(ui, cx);
        ui.separator();
        cell_ui(ui, cx, flow, head);
        copy_ui(ui, cx);
        table.menu.headers_ui(ui, cx, flow);
        ui.separator();
        command_ui(ui, cx, Command::SaveBody);
        command_ui(ui, cx, Command::SaveRequestBody);
    });
}

fn copy_ui(ui: &mut Ui, cx: &mut PanelCx<'_>) {
    let commands = [
        Command::CopyRows,
        Command::CopyCurl,
        Command::CopyUrl,
        Command::CopyHost,
    ];
    commands_ui(ui, cx, &commands);
}

/// What concerns the cell under the pointer.
fn cell_ui(ui: &mut Ui, cx: &mut PanelCx<'_>, flow: FlowId, head: Option<Head>) {
    let Some(column) = head.flatten() else {
        return;
    };
    if let Some(filter) = filter_by_cell(cx.document, flow, column) {
        let short = shorten_middle(&filter, MAX_ENTRY);
        let show_only = ui.button(format!("Show only {short}"));
        if show_only.on_hover_text(&filter).clicked() {
            add_to_filter(cx, &filter);
            ui.close();
        }
        let hide = ui.button(format!("Hide {short}"));
        if hide.on_hover_text(&filter).clicked() {
            add_to_filter(cx, &format!("-{filter}"));
            ui.close();
        }
        ui.separator();
    }
    command_ui(ui, cx, Command::IgnoreHost);
    command_ui(ui, cx, Command::FocusHost);
    ui.separator();
    let copy = ui.button(format!("Copy {}", super::columns::title_of(Some(column))));
    let about = "Copy this cell, secrets removed";
    if copy.on_hover_text(about).clicked() {
        cx.actions.push(Action::CopyCell(flow, column));
        ui.close();
    }
}

impl RowMenu {
    fn headers_ui(&mut self, ui: &mut Ui, cx: &mut PanelCx<'_>, flow: FlowId) {
        ui.menu_button("Copy header", |ui| {
            // The list comes later, into the place that is taken now.
            ui.set_min_size(LIST_SIZE);
            let document = cx.document.clone();
            let key = (cx.document.content_revision(), flow);
            self.headers.request(key, Arc::clone(cx.wake), move |_| {
                let headers = safe_headers(&document, flow);
                Some(headers.map_err(|problem| problem.to_string()))
            });
            self.headers.poll();
            match self.headers.get().filter(|_| !self.headers.is_running()) {
                None => {
                    ui.label("Reading…");
                }
                Some(Err(problem)) => {
                    ui.label(format!("The headers cannot be read: {problem}"));
                }
                Some(Ok(headers)) if headers.is_empty() => {
                    ui.label("This flow has no headers");
                }
                Some(Ok(headers)) => list_ui(ui, cx, headers),
            }
        });
    }
}

/// The headers of both sides; a click copies the value.
fn list_ui(ui: &mut Ui, cx: &mut PanelCx<'_>, headers: &[SafeHeader]) {
    let list = egui::ScrollArea::vertical()
        .max_height(LIST_SIZE.y)
        .min_scrolled_height(LIST_SIZE.y);
    list.show(ui, |ui| {
        for (side, title) in [(Side::Request, "Request"), (Side::Response, "Response")] {
            let mut of_side = headers
                .iter()
                .filter(|header| header.side == side)
                .peekable();
            if of_side.peek().is_some() {
                ui.weak(title);
            }
            for header in of_side {
                let text = format!("{}: {}", header.name, header.value);
                let button = ui.button(shorten_middle(&text, MAX_ENTRY));
                if button.on_hover_text(&text).clicked() {
                    cx.actions.push(Action::Copy(header.value.clone()));
                    ui.close();
                }
            }
        }
    });
}
