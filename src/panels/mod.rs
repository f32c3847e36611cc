//! The panels of the window.
//!
//! To add a panel: make a folder with `model.rs` (plain data, no egui: what is shown) and `mod.rs` (paints it and asks for
//! [`Action`]s), and give it a place in `app::shell`. A panel never edits, blocks, reads a file or walks all flows in
//! [`Panel::ui`]; what takes longer than a frame is requested from a worker in [`Panel::prepare`].

mod cell_text;
pub mod detail;
pub mod hosts;
pub mod pie;
pub mod problems;
pub mod search;
pub mod services;
pub mod sheet;
pub mod table;
pub mod timeline;

use std::sync::Arc;

use egui::{Rect, RichText, Ui, UiBuilder, vec2};

use crate::annotations::Label;
use crate::attribution::roles::Roles;
use crate::base::jobs::Wake;
use crate::commands::{Action, Command};
use crate::document::Document;
use crate::query::Rows;
use crate::session::Session;
use crate::widgets::theme::Theme;

pub use cell_text::CellText;

/// What a panel may look at while it paints, and where it leaves its wishes.
pub struct PanelCx<'a> {
    /// The document as of this frame.
    pub document: &'a Document,
    /// The flows that the query keeps, in its order.
    pub rows: &'a Arc<Rows>,
    /// Grows by one whenever `rows` changes.
    pub rows_revision: u64,
    /// What every provider is to every party, as it was judged last.
    pub roles: Option<&'a Arc<Roles>>,
    /// True while another judgement is under way.
    pub is_judging: bool,
    /// Query, selection, zoom.
    pub session: &'a Session,
    /// Repaints the window from any thread.
    pub wake: &'a Wake,
    /// What the person asked for in this frame, in order.
    pub actions: &'a mut Vec<Action>,
}

/// One part of the window.
pub trait Panel {
    /// Names it for people and screen readers.
    fn title(&self) -> &'static str;
    /// Fetches finished work and requests what the next frame needs; runs before painting.
    fn prepare(&mut self, cx: &mut PanelCx<'_>);
    /// Paints it into `ui`.
    fn ui(&mut self, ui: &mut Ui, cx: &mut PanelCx<'_>);
}

/// Entries of a menu for `commands`.
fn commands_ui(ui: &mut Ui, cx: &mut PanelCx<'_>, commands: &[Command]) {
    for command in commands {
        command_ui(ui, cx, *command);
    }
}

/// The entry of a menu for `command`.
fn command_ui(ui: &mut Ui, cx: &mut PanelCx<'_>, command: Command) {
    let entry = command.entry();
    let button = egui::Button::new(entry.title).shortcut_text(entry.keys(ui));
    if ui.add(button).on_hover_text(entry.tooltip).clicked() {
        cx.actions.push(Action::Run(command));
        ui.close();
    }
}

/// Entries of a menu for everything that can be said of the selected flows.
fn label_commands_ui(ui: &mut Ui, cx: &mut PanelCx<'_>) {
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
    commands_ui(ui, cx, &commands);
}

/// Narrows what is shown by one more term.
fn add_to_filter(cx: &mut PanelCx<'_>, term: &str) {
    let mut query = cx.session.query.clone();
    query.filter = and(&query.filter, term);
    cx.actions.push(Action::SetQuery(query));
}

/// `filter` narrowed by `term`.
pub fn and(filter: &str, term: &str) -> String {
    format!("{} {term}", filter.trim()).trim_start().to_owned()
}

/// Says why no row is shown, and offers the way out.
fn nothing_matches_ui(ui: &mut Ui, body: Rect, cx: &mut PanelCx<'_>) {
    let filter = cx.session.effective_query().filter;
    if filter.trim().is_empty() && cx.session.query.time.is_none() {
        return;
    }
    let secondary = Theme::of(ui).secondary;
    let middle = Rect::from_center_size(body.center(), vec2(body.width().min(480.0), 96.0));
    ui.scope_builder(UiBuilder::new().max_rect(middle), |ui| {
        ui.vertical_centered(|ui| {
            ui.label("No request matches");
            ui.label(RichText::new(filter).monospace().color(secondary));
            ui.add_space(8.0);
            if ui.button("Clear filter").clicked() {
                cx.actions.push(Action::Run(Command::ClearFilter));
            }
        });
    });
}
