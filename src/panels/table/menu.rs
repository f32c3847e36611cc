//! The context menu of a row.

use egui::Ui;

use super::model::filter_by_cell;
use crate::annotations::Label;
use crate::capture::FlowId;
use crate::commands::{Action, Command};
use crate::panels::PanelCx;
use crate::query::columns::ColumnId;

/// What can be done with the selected flows, and with the cell of `flow` under the pointer.
pub(super) fn ui(ui: &mut Ui, cx: &mut PanelCx<'_>, flow: FlowId, column: Option<ColumnId>) {
    let commands = [
        Command::Label(Label::Origin),
        Command::Label(Label::Cdn),
        Command::Label(Label::Unknown),
        Command::ClearLabel,
        Command::Accept,
        Command::EditNote,
        Command::EditTags,
        Command::GroupHost,
    ];
    for command in commands {
        command_ui(ui, cx, command);
    }
    ui.separator();
    if let Some(filter) = column.and_then(|column| filter_by_cell(cx.document, flow, column)) {
        let short = crate::base::text::shorten_middle(&filter, 40).into_owned();
        if ui.button(format!("Show only {short}")).clicked() {
            add_to_filter(cx, &filter);
            ui.close();
        }
        if ui.button(format!("Hide {short}")).clicked() {
            add_to_filter(cx, &format!("-{filter}"));
            ui.close();
        }
        ui.separator();
    }
    command_ui(ui, cx, Command::IgnoreHost);
    command_ui(ui, cx, Command::FocusHost);
    ui.separator();
    command_ui(ui, cx, Command::CopyRows);
}

fn command_ui(ui: &mut Ui, cx: &mut PanelCx<'_>, command: Command) {
    let entry = command.entry();
    let button = egui::Button::new(entry.title).shortcut_text(entry.keys(ui));
    if ui.add(button).on_hover_text(entry.tooltip).clicked() {
        cx.actions.push(Action::Run(command));
        ui.close();
    }
}

fn add_to_filter(cx: &mut PanelCx<'_>, term: &str) {
    let mut query = cx.session.query.clone();
    query.filter = if query.filter.trim().is_empty() {
        term.to_owned()
    } else {
        format!("{} {term}", query.filter.trim())
    };
    cx.actions.push(Action::SetQuery(query));
}
