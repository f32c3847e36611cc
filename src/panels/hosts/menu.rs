//! The context menu of a row, and the choice of what the rows have in common.

use egui::{Button, Popup, Response, SetOpenCommand, Ui};

use super::model::Shown;
use crate::base::text::shorten_middle;
use crate::commands::{Action, Command};
use crate::panels::{PanelCx, add_to_filter, command_ui, commands_ui, label_commands_ui};
use crate::query::hosts::{By, HostRow};
use crate::session::HostsView;

/// Longest text of an entry, in characters.
const MAX_ENTRY: usize = 48;

/// Shows the menu of a row when it is open, or opens it.
pub(super) fn show(
    response: &Response,
    (shown, row): (&Shown, &HostRow),
    is_asked_for: bool,
    cx: &mut PanelCx<'_>,
) {
    let mut popup = Popup::context_menu(response);
    if is_asked_for {
        popup = popup
            .open_memory(SetOpenCommand::Bool(true))
            .anchor(response);
    }
    popup.show(|ui| {
        label_commands_ui(ui, cx);
        ui.separator();
        command_ui(ui, cx, Command::OpenRow);
        filter_ui(ui, cx, &shown.table.filter(row));
        ui.separator();
        let copies = [Command::CopyRows, Command::CopyHost, Command::CopyUrl];
        commands_ui(ui, cx, &copies);
    });
}

fn filter_ui(ui: &mut Ui, cx: &mut PanelCx<'_>, filter: &str) {
    let short = shorten_middle(filter, MAX_ENTRY);
    let only = ui.button(format!("Show only {short}"));
    if only.on_hover_text(filter).clicked() {
        add_to_filter(cx, filter);
        ui.close();
    }
    let hide = ui.button(format!("Hide {short}"));
    if hide.on_hover_text(filter).clicked() {
        add_to_filter(cx, &format!("-{filter}"));
        ui.close();
    }
}

/// Lets a person choose what the rows have in common.
pub(super) fn group_by_ui(ui: &mut Ui, view: HostsView, actions: &mut Vec<Action>) {
    let title = format!("Group by {}", view.by.word());
    ui.menu_button(title, |ui| {
        for by in By::ALL {
            let button = Button::selectable(by == view.by, by.title());
            if ui.add(button).clicked() {
                actions.push(Action::SetHosts(HostsView { by, ..view }));
                ui.close();
            }
        }
    });
}
