//! What changes annotations: labels, verdicts taken over, marks, groupings, and going on to the next flow.

use egui::Context;
use egui_notify::Toast;

use super::HeadwaterApp;
use super::prompts::Prompt;
use crate::annotations::{Change, RelationKey, Stance, typed_host};
use crate::attribution::Conclusiveness;
use crate::base::text::counted;
use crate::capture::{FlowId, FlowSet};
use crate::commands::{Action, Command};
use crate::panels::detail::{note_id, tag_id};
use crate::session::{DetailTab, Selection};

/// An edit of flows whose file is still being read.
#[derive(Debug)]
pub(super) enum Held {
    /// Changes what is said.
    Edit(Vec<FlowId>, Change),
    /// Takes over what the machine says.
    Accept(Vec<FlowId>),
}

impl HeadwaterApp {
    /// Runs a command that changes what is said about the selected flows. False for other commands.
    pub(super) fn run_labelling(&mut self, ctx: &Context, command: Command) -> bool {
        match command {
            Command::Accept | Command::AcceptAndGoOn => {
                let flows = self.selected();
                let n_accepted = self.accept(&flows);
                self.say_accepted(ctx, &flows, n_accepted);
            }
            Command::Mark(colour) => self.edit_selected(ctx, &Change::Colour(Some(colour))),
            Command::ClearMark => self.edit_selected(ctx, &Change::Colour(None)),
            Command::LabelMany => self.ask_what_to_label(),
            Command::EditNote => self.write_in_notes(ctx, note_id()),
            Command::EditTags => self.write_in_notes(ctx, tag_id()),
            Command::GroupHost => self.ask_for_party(),
            Command::SuggestGroups => {
                self.prompt = Some(Prompt::suggested_groups(&self.document, &self.wake));
            }
            Command::SignAs => self.prompt = Some(Prompt::sign(self.document.reviewer())),
            _ => match command.label_change() {
                Some(label) => self.edit_selected(ctx, &Change::Label(label)),
                None => return false,
            },
        }
        if command.goes_on() {
            self.go_to_next(Command::NextUnlabelled);
        }
        true
    }

    fn edit_selected(&mut self, ctx: &Context, change: &Change) {
        let flows = self.selected();
        self.edit_and_say(ctx, &flows, change);
    }

    /// Changes annotations, and says of whole rows how many flows that touched.
    pub(super) fn edit_and_say(&mut self, ctx: &Context, flows: &[FlowId], change: &Change) {
        if self.edit(flows, change) {
            self.say_changed(ctx, flows, change);
        }
    }

    /// Changes annotations, and sees to it that they are saved. False when that has to wait.
    pub(super) fn edit(&mut self, flows: &[FlowId], change: &Change) -> bool {
        if flows.is_empty() {
            return false;
        }
        if self.is_being_read(flows) {
            self.hold(Held::Edit(flows.to_vec(), change.clone()));
            return false;
        }
        self.document.edit(flows, change);
        self.is_edited();
        if *change == Change::Label(None) {
            self.say_what_others_keep(flows);
        }
        true
    }

    /// Says how many of `flows` keep a label because somebody else gave it.
    fn say_what_others_keep(&mut self, flows: &[FlowId]) {
        let labelled = flows
            .iter()
            .filter(|flow| self.document.label(**flow).is_some());
        let n_kept = labelled.count() as u64;
        if 0 < n_kept {
            let kept = counted(n_kept, "flow");
            self.say(Toast::info(format!(
                "{kept} still labelled by somebody else"
            )));
        }
    }

    /// True when one of `flows` belongs to a file that is still being read: what was saved about it is not known yet.
    fn is_being_read(&self, flows: &[FlowId]) -> bool {
        let last = self.document.captures().len().checked_sub(1);
        let last = last.filter(|_| self.opening.is_growing());
        last.is_some_and(|last| {
            let first = self.document.flow_id(last, 0);
            flows.iter().any(|flow| first <= *flow)
        })
    }

    /// Keeps an edit until its file is read.
    fn hold(&mut self, held: Held) {
        if self.held.is_empty() {
            let message = "The file is still being read: labels and notes follow once it is done";
            self.say(Toast::info(message));
        }
        self.held.push(held);
    }

    /// Makes the edits that waited for their file.
    pub(super) fn catch_up(&mut self) {
        for held in std::mem::take(&mut self.held) {
            match held {
                Held::Edit(flows, change) => {
                    self.edit(&flows, &change);
                }
                Held::Accept(flows) => {
                    self.accept(&flows);
                }
            }
        }
    }

    /// Takes over what the machine says about `flows`, and says for how many it could not. Returns for how many it could.
    pub(super) fn accept(&mut self, flows: &[FlowId]) -> usize {
        if self.is_being_read(flows) {
            self.hold(Held::Accept(flows.to_vec()));
            return 0;
        }
        let n_accepted = self.document.accept(flows);
        if 0 < n_accepted {
            self.is_edited();
        }
        let n_unknown = flows.len() - n_accepted;
        if 0 < n_unknown {
            let without = counted(n_unknown as u64, "flow");
            self.say(Toast::info(format!(
                "{without} not labelled: the machine does not know their role"
            )));
        }
        n_accepted
    }

    /// Sees to it that what was changed is saved.
    pub(super) fn is_edited(&mut self) {
        self.saving.edited();
        self.is_warned = false;
    }

    /// Counts a host under a party, or says why that changes nothing.
    pub(super) fn group(&mut self, host: &str, party: &str) {
        let (host, party) = (typed_host(host), party.trim());
        if !party.is_empty() && !self.document.has_host(&host) {
            self.say(Toast::warning(format!("No flow here has the host {host}")));
        } else if self.document.group(&host, party) {
            self.is_edited();
        } else if party.is_empty() {
            let message = format!("{host} is counted under no party by hand");
            self.say(Toast::info(message));
        }
    }

    /// Counts each of these hosts under its party, all in one step.
    pub(super) fn group_all(&mut self, groups: &[(String, String)]) {
        let groups: Vec<_> = groups
            .iter()
            .map(|(host, party)| (host.as_str(), party.as_str()))
            .collect();
        if self.document.group_all(&groups) {
            self.is_edited();
        }
    }

    /// Says what the reviewer thinks of a relation, or takes that back.
    pub(super) fn say_of_relation(&mut self, key: &RelationKey, opinion: Option<(Stance, String)>) {
        if self.document.say_of_relation(key, opinion) {
            self.is_edited();
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

    /// Asks which flows are to be labelled in one step, and as what.
    fn ask_what_to_label(&mut self) {
        let rows = std::sync::Arc::clone(self.rows.rows());
        self.prompt = Some(Prompt::label_many(
            &self.document,
            &self.session.selection,
            rows,
            &self.wake,
        ));
    }

    pub(super) fn undo(&mut self) {
        if let Some(title) = self.document.undo() {
            self.is_edited();
            self.say(Toast::info(format!("Undone: {title}")));
        }
    }

    pub(super) fn redo(&mut self) {
        if let Some(title) = self.document.redo() {
            self.is_edited();
            self.say(Toast::info(format!("Redone: {title}")));
        }
    }

    /// The selected flows as far as they are shown; says how many are not, since nobody labels what is out of sight.
    fn selected(&mut self) -> Vec<FlowId> {
        let selected = &self.session.selection.flows;
        let shown = self.rows.rows().flows.iter().copied();
        // In the order of the session, in which what is said of them lies together.
        let flows: FlowSet = shown.filter(|flow| selected.contains(*flow)).collect();
        let n_hidden = selected.len() - flows.len();
        if 0 < n_hidden {
            let hidden = counted(n_hidden as u64, "selected flow");
            let message = format!("{hidden} not shown: nothing is changed there");
            self.say(Toast::warning(message));
        }
        flows.iter().collect()
    }

    fn write_in_notes(&mut self, ctx: &Context, editor: egui::Id) {
        if !self.session.selection.flows.is_empty() {
            self.settings
                .layout
                .show_details_in(self.session.lens, true);
            self.session.detail_tab = DetailTab::Notes;
            ctx.memory_mut(|memory| memory.request_focus(editor));
        }
    }

    /// Turns notes and opinions that are still being written into edits.
    pub(super) fn keep_note(&mut self) {
        if let Some(Action::Edit(flows, change)) = self.panels.detail.unfinished_note() {
            self.edit(&flows, &change);
        }
        if let Some(Action::SayOfRelation(key, opinion)) = self.panels.sheet.unfinished_opinion() {
            self.say_of_relation(&key, opinion);
        }
    }

    /// Signs all later edits with `name`.
    pub(super) fn sign(&mut self, name: &str) {
        self.document.set_reviewer(name);
        name.clone_into(&mut self.settings.reviewer);
        self.save_settings();
    }

    /// Goes on as one of the three commands that look for a flow says.
    pub(super) fn go_to_next(&mut self, command: Command) {
        let is_unlabelled = |app: &Self, flow| app.document.label(flow).is_none();
        let is_conflict = |app: &Self, flow| {
            app.document.verdict(flow).conclusiveness == Conclusiveness::Conflicting
        };
        let (is_found, what) = match command {
            Command::PreviousUnlabelled => (self.go_to(-1, is_unlabelled), "unlabelled flow"),
            Command::NextConflict => (self.go_to(1, is_conflict), "conflict"),
            _ => (self.go_to(1, is_unlabelled), "unlabelled flow"),
        };
        if !is_found {
            self.say(Toast::info(format!("There is no {what} among those shown")));
        }
    }

    /// Goes from the focused row up or down to the next flow that `is_wanted`, and round the end. False when there is none.
    fn go_to(&mut self, way: isize, is_wanted: impl Fn(&Self, FlowId) -> bool) -> bool {
        let flows = &self.rows.rows().flows;
        let focus = self.session.selection.focus;
        let from = focus.and_then(|focus| flows.iter().position(|flow| *flow == focus));
        let is_wanted = |flow: &&FlowId| is_wanted(self, **flow);
        let found = if way < 0 {
            let (above, below) = flows.split_at(from.unwrap_or(0));
            above.iter().rev().chain(below.iter().rev()).find(is_wanted)
        } else {
            let (above, below) = flows.split_at(from.map_or(0, |from| from + 1));
            below.iter().chain(above).find(is_wanted)
        };
        let found = found.copied();
        if let Some(flow) = found {
            self.session.select(Selection::only(flow));
        }
        found.is_some()
    }
}
