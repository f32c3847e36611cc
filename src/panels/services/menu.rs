//! The context menu of a row: what can be done with its flows.

use egui::{Popup, Response, Ui};

use super::ServicesPanel;
use super::model::Line;
use crate::annotations::Label;
use crate::commands::{Action, Command};
use crate::panels::PanelCx;
use crate::session::Subject;

/// Shows the menu of a row when it is open.
pub(super) fn show(
    panel: &mut ServicesPanel,
    response: &Response,
    subject: &Subject,
    cx: &mut PanelCx<'_>,
) {
    Popup::context_menu(response).show(|ui| {
        let open = ui.button("Open in Requests");
        let about = "Show the flows of this row in the lens by request (Enter)";
        if open.on_hover_text(about).clicked() {
            cx.actions.push(Action::OpenSubject);
            ui.close();
        }
        ui.separator();
        for command in [
            Command::Label(Label::Origin),
            Command::Label(Label::Cdn),
            Command::Label(Label::Unknown),
            Command::ClearLabel,
            Command::Accept,
            Command::EditNote,
            Command::EditTags,
        ] {
            command_ui(ui, cx, command);
        }
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
                .map_or_else(Vec::new, |it| it.foldable());
            for line in parties {
                panel.fold(line, Some(is_open));
            }
            ui.close();
        }
    }
}

fn command_ui(ui: &mut Ui, cx: &mut PanelCx<'_>, command: Command) {
    let entry = command.entry();
    let button = egui::Button::new(entry.title).shortcut_text(entry.keys(ui));
    if ui.add(button).on_hover_text(entry.tooltip).clicked() {
        cx.actions.push(Action::Run(command));
        ui.close();
    }
}
