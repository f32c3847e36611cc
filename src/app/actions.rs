//! What panels, menus and keys ask for is done here, and only here, once per frame.

use egui_notify::Toast;

use crate::annotations::{Change, typed_host};
use crate::attribution::Conclusiveness;
use crate::capture::FlowId;
use crate::commands::{Action, Command};
use crate::formats::{Options, Password};
use crate::panels::detail::note_id;
use crate::query::Query;
use crate::query::columns::{COLUMNS, ColumnId};
use crate::redact::Redactor;
use crate::session::{Chip, DetailTab, Selection};

use super::opening::Source;
use super::prompts::Prompt;
use super::saving::SaveStatus;
use super::toolbar::filter_id;
use super::{HeadwaterApp, Purpose};

impl HeadwaterApp {
    /// Does what was asked for in this frame, in order.
    pub(super) fn apply(&mut self, ctx: &egui::Context) {
        for action in std::mem::take(&mut self.actions) {
            match action {
                Action::Edit(flows, change) => self.edit(&flows, &change),
                Action::Group(host, party) => self.group(&host, &party),
                Action::Select(selection) => self.session.selection = selection,
                Action::SetQuery(query) => self.session.query = query,
                Action::SetChip(chip) => self.session.chip = chip,
                Action::Zoom(zoom) => self.session.zoom = zoom,
                Action::Highlight(highlight) => self.session.highlight = highlight,
                Action::ShowTab(tab) => self.session.detail_tab = tab,
                Action::SetMeasure(measure) => self.session.measure = measure,
                Action::SetPart(part) => self.session.part = part,
                Action::Copy(text) => ctx.copy_text(text),
                Action::Run(command) => self.run(ctx, command),
            }
        }
    }

    /// Runs `command`.
    pub(super) fn run(&mut self, ctx: &egui::Context, command: Command) {
        if let Some(label) = command.label_change() {
            self.edit(&self.selected(), &Change::Label(label));
            return;
        }
        match command {
            Command::Open => self.ask_for_files(Purpose::Replace),
            Command::AddToSession => self.ask_for_files(Purpose::Add),
            Command::OpenPath => self.prompt = Some(Prompt::path(Purpose::Replace)),
            Command::GroupHost => self.ask_for_party(),
            Command::SignAs => self.prompt = Some(Prompt::sign(self.document.reviewer())),
            Command::Save => {
                self.keep_note();
                self.saving.save_now();
            }
            Command::Export => self.open_export(),
            Command::CloseAll => {
                self.close_all();
            }
            Command::Quit => ctx.send_viewport_cmd(egui::ViewportCommand::Close),
            Command::Undo => self.undo(),
            Command::Redo => self.redo(),
            Command::EditNote => self.edit_note(ctx),
            Command::GoToFlow => self.prompt = Some(Prompt::number()),
            Command::FocusFilter => ctx.memory_mut(|memory| memory.request_focus(filter_id())),
            Command::ClearFilter => {
                self.session.query = Query {
                    sort: std::mem::take(&mut self.session.query.sort),
                    ..Query::default()
                };
                self.session.chip = Chip::All;
            }
            Command::SelectAll => self.select_all(),
            Command::CopyRows => ctx.copy_text(self.rows_as_text()),
            Command::NextUnlabelled => {
                self.go_to(1, |app, flow| app.document.label(flow).is_none());
            }
            Command::PreviousUnlabelled => {
                self.go_to(-1, |app, flow| app.document.label(flow).is_none());
            }
            Command::NextConflict => self.go_to(1, |app, flow| {
                app.document.verdict(flow).conclusiveness == Conclusiveness::Conflicting
            }),
            Command::NextTab => self.turn_tab(1),
            Command::PreviousTab => self.turn_tab(DetailTab::ALL.len() - 1),
            Command::CancelLoading => {
                self.opening.cancel();
                self.looking.stop(&mut self.document);
            }
            Command::ReadAs => self.ask_for_logformat(),
            Command::Shortcuts => self.prompt = Some(Prompt::Shortcuts),
            Command::About => self.prompt = Some(Prompt::About),
            Command::LabelOrigin
            | Command::LabelCdn
            | Command::LabelUnknown
            | Command::ClearLabel => {}
        }
    }

    /// Changes annotations, and sees to it that they are saved.
    pub(super) fn edit(&mut self, flows: &[FlowId], change: &Change) {
        if !flows.is_empty() {
            self.document.edit(flows, change);
            self.saving.edited();
            self.is_warned = false;
        }
    }

    /// Counts a host under a party, or says why that changes nothing.
    fn group(&mut self, host: &str, party: &str) {
        let (host, party) = (typed_host(host), party.trim());
        if !party.is_empty() && !self.document.has_host(&host) {
            self.say(Toast::warning(format!("No flow here has the host {host}")));
        } else if self.document.group(&host, party) {
            self.saving.edited();
            self.is_warned = false;
        } else if party.is_empty() {
            let message = format!("{host} is counted under no party by hand");
            self.say(Toast::info(message));
        }
    }

    /// Asks under which party the host of the focused flow counts, so far as itself or by the grouping that covers it.
    fn ask_for_party(&mut self) {
        let focus = self.session.selection.focus;
        let Some((focus, flow)) = focus.and_then(|id| Some((id, self.document.flow(id)?))) else {
            return;
        };
        let grouping = self.document.annotations().groups().covering(flow.host());
        let (host, party) = grouping.unwrap_or_else(|| (flow.host(), self.document.party(focus)));
        self.prompt = Some(Prompt::group(host, party));
    }

    fn undo(&mut self) {
        if let Some(title) = self.document.undo() {
            self.saving.edited();
            self.say(Toast::info(format!("Undone: {title}")));
        }
    }

    fn redo(&mut self) {
        if let Some(title) = self.document.redo() {
            self.saving.edited();
            self.say(Toast::info(format!("Made again: {title}")));
        }
    }

    /// Opens captures in place of the open ones, or beside them.
    pub(super) fn open(&mut self, sources: Vec<Source>, purpose: Purpose) {
        if sources.is_empty() {
            return;
        }
        if purpose == Purpose::Replace && !self.close_all() {
            return;
        }
        for source in sources {
            self.opening.add(source);
        }
    }

    /// Opens an encrypted capture.
    pub(super) fn unlock(&mut self, source: Source, password: Password) {
        let options = Options {
            password: Some(password),
            ..self.opening.options().clone()
        };
        self.opening.add_with(source, options);
    }

    /// Reads a log again, in place of what is open, by the layout that a person gave.
    pub(super) fn read_as(&mut self, source: Source, logformat: String) {
        if !self.close_all() {
            return;
        }
        let options = Options {
            logformat: Some(logformat),
            ..self.opening.options().clone()
        };
        self.opening.add_with(source, options);
    }

    /// Asks by which layout the log of the focused flow is to be read, or the log that was opened last.
    fn ask_for_logformat(&mut self) {
        let captures = self.document.captures();
        let focus = self.session.selection.focus;
        let of_focus = focus.and_then(|id| Some(self.document.flow(id)?.capture().info()));
        let info = of_focus.or_else(|| Some(captures.last()?.capture.info()));
        match info {
            Some(info) => {
                let source = Source::Path(info.path.clone());
                self.prompt = Some(Prompt::logformat(source));
            }
            None => self.say(Toast::info("Open the log first")),
        }
    }

    /// Closes all captures. False when labels would be lost, which is said once.
    fn close_all(&mut self) -> bool {
        if !self.save_before_closing() {
            return false;
        }
        self.opening.cancel();
        let reviewer = self.document.reviewer().to_owned();
        self.document = crate::document::Document::new(&reviewer);
        self.opening = super::opening::Opening::new(self.surroundings.options.clone());
        self.looking.stop(&mut self.document);
        self.looking = super::looking::Looking::default();
        self.saving.clear();
        self.rows = super::rows::ShownRows::default();
        self.session = crate::session::Session::default();
        true
    }

    /// Saves everything. False when that fails and the person was not told so before.
    pub(super) fn save_before_closing(&mut self) -> bool {
        self.keep_note();
        self.saving.flush(&self.document);
        let is_lost = matches!(self.saving.status(), SaveStatus::Failed(_))
            && self.document.history().undo_title().is_some();
        if !is_lost || std::mem::replace(&mut self.is_warned, true) {
            return true;
        }
        self.say(Toast::error(
            "The labels are not saved; close again to drop them",
        ));
        false
    }

    /// Makes way for the labels of this window, and says where the other ones are.
    pub(super) fn set_aside(&mut self) {
        match self.saving.set_aside() {
            Ok(Some(path)) => {
                let message = format!("The other labels are kept: {}", path.display());
                self.say(Toast::info(message));
            }
            Ok(None) => {}
            Err(error) => {
                let message = format!("The other labels cannot be renamed: {error}");
                self.say(Toast::error(message));
            }
        }
    }

    fn selected(&self) -> Vec<FlowId> {
        self.session.selection.flows.iter().copied().collect()
    }

    fn edit_note(&mut self, ctx: &egui::Context) {
        if !self.session.selection.flows.is_empty() {
            self.session.detail_tab = DetailTab::Notes;
            ctx.memory_mut(|memory| memory.request_focus(note_id()));
        }
    }

    /// Turns a note that is still being written into an edit.
    pub(super) fn keep_note(&mut self) {
        if let Some(Action::Edit(flows, change)) = self.panels.detail.unfinished_note() {
            self.edit(&flows, &change);
        }
    }

    /// Signs all later edits with `name`.
    pub(super) fn sign(&mut self, name: &str) {
        self.document.set_reviewer(name);
        name.clone_into(&mut self.settings.reviewer);
        self.save_settings();
    }

    fn select_all(&mut self) {
        let flows = &self.rows.rows().flows;
        let before = &self.session.selection;
        self.session.selection = Selection {
            focus: before.focus.or_else(|| flows.first().copied()),
            anchor: before.anchor.or_else(|| flows.first().copied()),
            flows: flows.iter().copied().collect(),
        };
    }

    /// Goes from the focused row up or down to the next flow that `is_wanted`, and round the end.
    fn go_to(&mut self, step: isize, is_wanted: impl Fn(&Self, FlowId) -> bool) {
        let flows = &self.rows.rows().flows;
        let n = flows.len();
        let focus = self.session.selection.focus;
        let from = focus.and_then(|focus| flows.iter().position(|flow| *flow == focus));
        let start = from.unwrap_or_else(|| if step < 0 { 0 } else { n.saturating_sub(1) });
        let found = (1..=n).find_map(|distance| {
            let idx = if step < 0 {
                start + n - distance
            } else {
                start + distance
            };
            let flow = *flows.get(idx % n)?;
            is_wanted(self, flow).then_some(flow)
        });
        if let Some(flow) = found {
            self.session.selection = Selection::only(flow);
        }
    }

    fn turn_tab(&mut self, by: usize) {
        let tabs = DetailTab::ALL;
        let current = tabs.iter().position(|tab| *tab == self.session.detail_tab);
        self.session.detail_tab = tabs[(current.unwrap_or(0) + by) % tabs.len()];
    }

    /// The selected rows with tabs between cells, secrets removed.
    fn rows_as_text(&self) -> String {
        let mut redactor = Redactor::new([]);
        let mut text = String::new();
        for flow_id in &self.session.selection.flows {
            let Some(flow) = self.document.flow(*flow_id) else {
                continue;
            };
            let cells: Vec<String> = COLUMNS
                .iter()
                .filter(|column| self.panels.table.layout().is_shown(column.id))
                .map(|column| {
                    let value = column.of(&self.document, *flow_id, flow);
                    let text = value.to_text();
                    let safe = match column.id {
                        ColumnId::Path | ColumnId::Url => redactor.url(&text),
                        _ => redactor.text(&text),
                    };
                    safe.replace(['\t', '\n', '\r'], " ")
                })
                .collect();
            text.push_str(&cells.join("\t"));
            text.push('\n');
        }
        text
    }
}
