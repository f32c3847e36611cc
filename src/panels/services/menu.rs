//! The context menu of a row: what can be done with its flows.

use egui::{Popup, Response, SetOpenCommand, Ui};

use super::ServicesPanel;
use super::model::{Line, Services};
use crate::commands::Command;
use crate::panels::{PanelCx, command_ui, label_commands_ui};
use crate::session::Subject;

/// Shows the menu of a row when it is open.
pub(super) fn show(
    panel: &mut ServicesPanel,
    response: &Response,
    subject: &Subject,
    is_asked_for: bool,
    cx: &mut PanelCx<'_>,
) {
    let mut popup = Popup::context_menu(response);
    if is_asked_for {
        popup = popup.open_memory(SetOpenCommand::Bool(true));
        panel.is_menu_by_key = true;
    } else if response.secondary_clicked() {
        panel.is_menu_by_key = false;
    }
    if panel.is_menu_by_key {
        popup = popup.anchor(response);
    }
    popup.show(|ui| {
        command_ui(ui, cx, Command::OpenRow);
        ui.separator();
        label_commands_ui(ui, cx);
        ui.separator();
        command_ui(ui, cx, Command::CopyRows);
        command_ui(ui, cx, Command::CopyHost);
        ui.separator();
        folds_ui(panel, ui, subject);
    });
}

fn folds_ui(panel: &mut ServicesPanel, ui: &mut Ui, subject: &Subject) {
    let line = panel.services.get().and_then(|it| it.line_of(subject));
    let own = line.filter(|line| panel.services.get().is_some_and(|it| it.can_open(*line)));
    if let Some(line) = own {
        let is_open = panel
            .services
            .get()
            .is_some_and(|it| it.is_open(line, &panel.folds));
        let words = if is_open { "Fold" } else { "Unfold" };
        if ui.button(words).clicked() {
            panel.fold(line, Some(!is_open));
            ui.close();
        }
    }
    for (words, is_open) in [("Fold all", false), ("Unfold all", true)] {
        if ui.button(words).clicked() {
            let parties: Vec<Line> = panel
                .services
                .get()
                .map_or_else(Vec::new, Services::foldable);
            for line in parties {
                panel.fold(line, Some(is_open));
            }
            ui.close();
        }
    }
}
