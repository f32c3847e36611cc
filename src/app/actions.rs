//! What panels, menus and keys ask for is done here, and only here, once per frame.

use egui_notify::Toast;

use crate::capture::{FlowId, FlowSet, Side};
use crate::commands::{Action, Command};
use crate::formats::{Options, Password};
use crate::panels::detail::find_id;
use crate::panels::search::search_id;
use crate::query::Query;
use crate::session::{Chips, DetailTab, HostScope, Lens, Selection};
use crate::widgets::theme;

use super::filtering::filter_id;
use super::focus::Region;
use super::menus::choice_of;
use super::opening::Source;
use super::palette::Palette;
use super::prompts::Prompt;
use super::{HeadwaterApp, Purpose};

impl HeadwaterApp {
    /// Does what was asked for in this frame, in order.
    pub(super) fn apply(&mut self, ctx: &egui::Context) {
        for action in std::mem::take(&mut self.actions) {
            match action {
                Action::Edit(flows, change) => self.edit_and_say(ctx, &flows, &change),
                Action::Group(host, party) => self.group(&host, &party),
                Action::GroupAll(groups) => self.group_all(&groups),
                Action::SayOfRelation(key, opinion) => self.say_of_relation(&key, opinion),
                Action::Select(selection) => self.session.select(selection),
                Action::SelectSubjects(subjects, selection) => {
                    self.session.select_subjects(subjects, selection);
                }
                Action::ShowFlow(flow) => {
                    self.session.lens = Lens::Requests;
                    self.session.select(Selection::only(flow));
                }
                Action::SetQuery(query) => self.session.query = query,
                Action::SetChips(chips) => self.session.chips = chips,
                Action::Zoom(zoom) => self.session.zoom = zoom,
                Action::Highlight(highlight) => self.session.highlight = highlight,
                Action::Seek(sought) => self.session.sought = Some(sought),
                Action::ShowTab(tab) => self.session.detail_tab = tab,
                Action::SetMeasure(measure) => self.session.measure = measure,
                Action::SetPart(part) => self.session.part = part,
                Action::Copy(text) => ctx.copy_text(text),
                Action::Run(command) => self.run(ctx, command),
                Action::CopyCell(flow, column) => self.copy_cell(flow, column),
                Action::SetTimeline(view) => self.session.timeline = view,
                Action::SetHosts(view) => self.session.hosts = view,
                Action::ScrollTo(row) => self.session.top_row = row,
            }
        }
    }

    /// Runs `command`.
    pub(super) fn run(&mut self, ctx: &egui::Context, command: Command) {
        if !self.is_enabled(command)
            || self.run_labelling(ctx, command)
            || self.run_copying(command)
        {
            return;
        }
        if !self.run_looking(ctx, command) {
            self.run_filing(ctx, command);
        }
    }

    /// Runs a command that opens, saves or closes.
    fn run_filing(&mut self, ctx: &egui::Context, command: Command) {
        match command {
            Command::Open => self.ask_for_files(Purpose::Replace),
            Command::AddToSession => self.ask_for_files(Purpose::Add),
            Command::OpenPath => self.prompt = Some(Prompt::path(Purpose::Replace)),
            Command::OpenClipboard => self.request_paste(ctx),
            Command::ReadAs => self.ask_for_logformat(),
            Command::Save => {
                self.keep_note();
                self.saving.save_now();
            }
            Command::Export => self.open_export(),
            Command::SaveBody => self.ask_for_body_path(Side::Response),
            Command::SaveRequestBody => self.ask_for_body_path(Side::Request),
            Command::CancelLoading => {
                self.opening.cancel();
                self.looking.stop(&mut self.document);
                self.reread_columns
                    .stop(&self.document, &self.panels.table.columns());
            }
            Command::CloseAll => {
                self.close_all();
            }
            Command::Quit => ctx.send_viewport_cmd(egui::ViewportCommand::Close),
            Command::Undo => self.undo(),
            Command::Redo => self.redo(),
            Command::Palette => self.palette = Some(Palette::default()),
            Command::Shortcuts => self.prompt = Some(Prompt::Shortcuts),
            Command::Words => self.prompt = Some(Prompt::Words(String::new())),
            Command::About => self.prompt = Some(Prompt::About),
            Command::FirstSteps => {
                self.settings.has_seen_first_steps = false;
                self.save_settings();
            }
            _ => {}
        }
    }

    /// Runs a command that changes what one looks at. False for other commands.
    fn run_looking(&mut self, ctx: &egui::Context, command: Command) -> bool {
        match command {
            Command::SelectAll => self.select_all(),
            Command::InvertSelection => {
                let before = self.session.selection.flows.clone();
                self.select_where(|_, flow| !before.contains(flow));
            }
            Command::SelectHost => self.select_host(),
            Command::SelectParty => self.select_party(),
            Command::FocusFilter => ctx.memory_mut(|memory| memory.request_focus(filter_id())),
            Command::SearchAll => {
                self.session.is_search_open = true;
                ctx.memory_mut(|memory| memory.request_focus(search_id()));
            }
            Command::CloseSearch => {
                self.session.is_search_open = false;
                self.session.sought = None;
            }
            Command::FindInBody => {
                self.settings
                    .layout
                    .show_details_in(self.session.lens, true);
                self.session.detail_tab = DetailTab::Body;
                self.panels.detail.open_find();
                ctx.memory_mut(|memory| memory.request_focus(find_id()));
            }
            Command::NextHit => self.actions.extend(self.panels.search.go(1)),
            Command::PreviousHit => self.actions.extend(self.panels.search.go(-1)),
            Command::ClearFilter => {
                self.session.query = Query {
                    sort: std::mem::take(&mut self.session.query.sort),
                    ..Query::default()
                };
                self.session.chips = Chips::default();
                self.session.scope = HostScope::default();
            }
            Command::Highlight => self.ask_what_to_highlight(ctx),
            Command::ClearHighlight => self.clear_highlight(),
            Command::SaveFilter => self.ask_for_filter_name(),
            Command::IgnoreHost => self.change_scope(|scope, host| {
                scope.focused.remove(&host);
                scope.ignored.insert(host);
            }),
            Command::FocusHost => self.change_scope(|scope, host| {
                scope.ignored.remove(&host);
                scope.focused = [host].into();
            }),
            Command::AllHosts => self.session.scope = HostScope::default(),
            Command::NextUnlabelled | Command::PreviousUnlabelled | Command::NextConflict => {
                self.go_to_next(command);
            }
            Command::GoToFlow => self.prompt = Some(Prompt::number()),
            Command::FocusTable => self.regions.give(ctx, Region::Table),
            Command::FocusCharts => self.regions.give(ctx, Region::Charts),
            Command::FocusDetails => self.regions.give(ctx, Region::Details),
            Command::Peek => self.is_peeking ^= true,
            Command::NextPanel => self.regions.go_round(ctx, 1),
            Command::PreviousPanel => self.regions.go_round(ctx, -1),
            Command::NextTab => self.turn_tab(1),
            Command::PreviousTab => self.turn_tab(DetailTab::ALL.len() - 1),
            Command::ShowLens(lens) => self.session.lens = lens,
            Command::OpenRow => self.open_row(),
            _ => return self.run_layout(ctx, command),
        }
        true
    }

    /// Runs a command that changes how the window looks. False for other commands.
    fn run_layout(&mut self, ctx: &egui::Context, command: Command) -> bool {
        let layout = &mut self.settings.layout;
        match command {
            Command::ShowCharts => layout.has_charts ^= true,
            Command::ShowTimeline => layout.has_timeline ^= true,
            Command::ShowDetails => {
                let lens = self.session.lens;
                layout.show_details_in(lens, !layout.has_details_in(lens));
            }
            Command::ShowChips => layout.has_chips ^= true,
            Command::LocalTime => self.session.is_local_time ^= true,
            Command::Larger => theme::zoom_by(ctx, 1),
            Command::Smaller => theme::zoom_by(ctx, -1),
            Command::ResetZoom => ctx.set_zoom_factor(1.0),
            Command::ResetLayout => self.reset_layout(ctx),
            Command::Look(look) => {
                self.settings.theme = choice_of(look);
                theme::set_choice(ctx, self.settings.theme);
            }
            _ => return false,
        }
        self.save_settings();
        true
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
            Some(info) if !info.path.is_file() => {
                self.say(Toast::info("Only logs opened from a file can be re-read"));
            }
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
        self.judging = super::judging::Judging::default();
        self.panels.services.forget();
        self.saving.clear();
        self.homeless = super::clipboard::Homeless::default();
        self.held.clear();
        self.clear_highlight();
        self.panels.search.forget();
        self.rows = super::rows::ShownRows::default();
        self.panels.hosts.forget();
        let lens = self.session.lens;
        self.session = self.fresh_session();
        self.session.lens = lens;
        true
    }

    /// Saves everything. False when that fails and the person was not told so before.
    pub(super) fn save_before_closing(&mut self) -> bool {
        self.keep_note();
        self.saving.flush(&self.document);
        let is_lost =
            self.has_homeless_labels() || !self.held.is_empty() || self.saving.has_unsaved();
        if !is_lost || std::mem::replace(&mut self.is_warned, true) {
            return true;
        }
        self.say(Toast::error(
            "The labels are not saved; close again to discard them",
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

    fn select_all(&mut self) {
        if self.session.lens == Lens::Services {
            if let Some((subjects, selection)) = self.panels.services.all(&self.session.subjects) {
                self.session.select_subjects(subjects, selection);
            }
            return;
        }
        let flows = &self.rows.rows().flows;
        let before = &self.session.selection;
        let selection = Selection {
            focus: before.focus.or_else(|| flows.first().copied()),
            anchor: before.anchor.or_else(|| flows.first().copied()),
            flows: flows.iter().copied().collect(),
        };
        self.session.select(selection);
    }

    /// Selects the shown flows that `is_wanted`; the focus stays when it is one of them.
    fn select_where(&mut self, is_wanted: impl Fn(&Self, FlowId) -> bool) {
        let rows = std::sync::Arc::clone(self.rows.rows());
        let wanted = rows
            .flows
            .iter()
            .copied()
            .filter(|flow| is_wanted(self, *flow));
        let flows: FlowSet = wanted.collect();
        let focus = self.session.selection.focus;
        let focus = focus
            .filter(|focus| flows.contains(*focus))
            .or_else(|| flows.first());
        self.session.select(Selection {
            focus,
            anchor: focus,
            flows,
        });
    }

    /// Changes which hosts count by the host of the focused flow.
    fn change_scope(&mut self, change: impl FnOnce(&mut HostScope, String)) {
        let focus = self.session.selection.focus;
        let flow = focus.and_then(|focus| self.document.flow(focus));
        if let Some(host) = flow.map(|flow| flow.host().to_owned())
            && !host.is_empty()
        {
            change(&mut self.session.scope, host);
        }
    }

    fn select_host(&mut self) {
        let focus = self.session.selection.focus;
        let flow = focus.and_then(|focus| self.document.flow(focus));
        if let Some(host) = flow.map(|flow| flow.host().to_owned()) {
            self.select_where(|app, flow| {
                let flow = app.document.flow(flow);
                flow.is_some_and(|flow| flow.host() == host)
            });
        }
    }

    fn select_party(&mut self) {
        let focus = self.session.selection.focus;
        if let Some(party) = focus.map(|focus| self.document.party(focus).to_owned()) {
            self.select_where(|app, flow| app.document.party(flow) == party);
        }
    }

    fn turn_tab(&mut self, by: usize) {
        let tabs = DetailTab::ALL;
        let current = tabs.iter().position(|tab| *tab == self.session.detail_tab);
        self.session.detail_tab = tabs[(current.unwrap_or(0) + by) % tabs.len()];
    }
}
