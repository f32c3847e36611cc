//! Small windows in front of everything: a name, a party, a number, a path, what to label, and help.

use std::path::PathBuf;
use std::sync::Arc;

use egui::text::{CCursor, CCursorRange};
use egui::{Context, Id, Key, Modal, RichText, TextEdit, Ui};

use super::label_many::LabelMany;
use super::opening::Source;
use super::suggested_groups::SuggestedGroups;
use super::{Purpose, help};
use crate::base::jobs::Wake;
use crate::capture::FlowId;
use crate::commands::Action;
use crate::document::Document;
use crate::formats::Password;
use crate::query::Rows;
use crate::session::Selection;
use crate::widgets::text::title;
use crate::widgets::theme::{Theme, modal_frame};

/// What is being asked.
#[derive(Debug)]
pub(super) enum Prompt {
    /// Who signs labels.
    Sign(String),
    /// The party of a host.
    Group(Grouping),
    /// The number of a flow.
    Number(String),
    /// The path of a capture, and what becomes of the open ones.
    Path(String, Purpose),
    /// The password of an encrypted capture; forgotten with the prompt.
    Password(Source, String),
    /// The layout of the lines of a log.
    Logformat(Source, String),
    /// The name under which a filter is kept, and the filter.
    SaveFilter(String, String),
    /// Which flows to label in one step.
    LabelMany(LabelMany),
    /// Which hosts of one company or site to count under one party.
    SuggestedGroups(SuggestedGroups),
    /// All keys.
    Shortcuts,
    /// What the words mean, and a part of those to show.
    Words(String),
    /// Version, licences and sources.
    About,
}

/// A host and the party it shall count under.
#[derive(Debug)]
pub(super) struct Grouping {
    host: String,
    party: String,
    /// The person changed one of them; otherwise there is nothing to do.
    is_changed: bool,
}

/// What a person answered.
#[derive(Debug)]
pub(super) enum Answered {
    /// Do this.
    Action(Action),
    /// Sign with this name.
    Sign(String),
    /// Open this file.
    Open(PathBuf, Purpose),
    /// Open this encrypted file, beside what is open.
    Unlock(Source, Password),
    /// Read this log again by this `logformat` line.
    ReadAs(Source, String),
    /// Keep this filter under this name.
    KeepFilter(String, String),
    /// Label these flows as the machine says.
    Accept(Vec<FlowId>),
    /// Nothing.
    Closed,
}

impl Prompt {
    /// Asks who signs labels; so far it was `name`.
    pub(super) fn sign(name: &str) -> Self {
        Self::Sign(name.to_owned())
    }

    /// Asks under which party `host` counts; so far it is `party`.
    pub(super) fn group(host: &str, party: &str) -> Self {
        Self::Group(Grouping {
            host: host.to_owned(),
            party: party.to_owned(),
            is_changed: false,
        })
    }

    /// Asks for the number of a flow.
    pub(super) const fn number() -> Self {
        Self::Number(String::new())
    }

    /// Asks for the path of a capture.
    pub(super) const fn path(purpose: Purpose) -> Self {
        Self::Path(String::new(), purpose)
    }

    /// Asks for the password of `source`.
    pub(super) const fn password(source: Source) -> Self {
        Self::Password(source, String::new())
    }

    /// Asks how Squid laid out the lines of `source`.
    pub(super) const fn logformat(source: Source) -> Self {
        Self::Logformat(source, String::new())
    }

    /// Asks for the name under which `filter` is kept.
    pub(super) const fn save_filter(filter: String) -> Self {
        Self::SaveFilter(String::new(), filter)
    }

    /// Asks which flows to label in one step.
    pub(super) fn label_many(
        document: &Document,
        selection: &Selection,
        rows: Arc<Rows>,
        wake: &Wake,
    ) -> Self {
        Self::LabelMany(LabelMany::new(document, selection, rows, wake))
    }

    /// Asks which hosts of one company or site shall count under one party.
    pub(super) fn suggested_groups(document: &Document, wake: &Wake) -> Self {
        Self::SuggestedGroups(SuggestedGroups::new(document, wake))
    }

    /// Paints the window; `Some` when it was answered. `n_flows` is the highest number of a flow.
    pub(super) fn ui(&mut self, ctx: &Context, n_flows: u32) -> Option<Answered> {
        let modal = Modal::new(Id::unique("prompt"))
            .frame(modal_frame(ctx))
            .show(ctx, |ui| match self {
                Self::Sign(name) => sign_ui(ui, name),
                Self::Group(grouping) => group_ui(ui, grouping),
                Self::Number(number) => number_ui(ui, number, n_flows),
                Self::Path(path, purpose) => path_ui(ui, path, *purpose),
                Self::Password(source, text) => password_ui(ui, source, text),
                Self::Logformat(source, line) => logformat_ui(ui, source, line),
                Self::SaveFilter(name, filter) => save_filter_ui(ui, name, filter),
                Self::LabelMany(many) => many.ui(ui),
                Self::SuggestedGroups(groups) => groups.ui(ui),
                Self::Shortcuts => help::shortcuts_ui(ui),
                Self::Words(typed) => help::words_ui(ui, typed),
                Self::About => help::about_ui(ui),
            });
        let should_close = modal.should_close();
        modal
            .inner
            .or_else(|| should_close.then_some(Answered::Closed))
    }
}

impl Grouping {
    /// What is to be done; nothing yet while there is no host.
    fn answered(&self) -> Option<Answered> {
        if !self.is_changed {
            return Some(Answered::Closed);
        }
        let has_host = !self.host.trim().is_empty();
        has_host.then(|| Answered::Action(Action::Group(self.host.clone(), self.party.clone())))
    }
}

fn sign_ui(ui: &mut Ui, name: &mut String) -> Option<Answered> {
    ui.set_width(420.0);
    let heading = title(ui, "Sign as");
    ui.add_space(8.0);
    let edit = TextEdit::singleline(name)
        .desired_width(f32::INFINITY)
        .hint_text("Your name (leave empty to stay unsigned)");
    let response = ui.add(edit).labelled_by(heading.id);
    focus_at_first(ui, &response);
    ui.add_space(8.0);
    let is_sent = is_entered(ui, &response);
    match buttons_ui(ui, "Sign") {
        Some(false) => Some(Answered::Closed),
        sent => (sent.is_some() || is_sent).then(|| Answered::Sign(name.trim().to_owned())),
    }
}

fn password_ui(ui: &mut Ui, source: &Source, text: &mut String) -> Option<Answered> {
    ui.set_width(420.0);
    let heading = title(ui, "Password of the archive");
    ui.add_space(8.0);
    ui.label(source.name());
    let edit = TextEdit::singleline(text)
        .password(true)
        .desired_width(f32::INFINITY);
    let response = ui.add(edit).labelled_by(heading.id);
    focus_at_first(ui, &response);
    ui.label(RichText::new("It is used to read this file once, and kept nowhere").weak());
    ui.add_space(8.0);
    let is_sent = is_entered(ui, &response);
    match buttons_ui(ui, "Unlock") {
        Some(false) => Some(Answered::Closed),
        sent => (sent.is_some() || is_sent)
            .then(|| Answered::Unlock(source.clone(), Password::new(std::mem::take(text)))),
    }
}

fn logformat_ui(ui: &mut Ui, source: &Source, line: &mut String) -> Option<Answered> {
    ui.set_width(620.0);
    let heading = title(ui, "Squid logformat");
    ui.add_space(8.0);
    ui.label(format!(
        "Paste the logformat line of squid.conf by which {} was written",
        source.name()
    ));
    let edit = TextEdit::multiline(line)
        .desired_rows(3)
        .desired_width(f32::INFINITY)
        .hint_text("logformat mine %ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt");
    let response = ui.add(edit).labelled_by(heading.id);
    focus_at_first(ui, &response);
    ui.add_space(8.0);
    match buttons_ui(ui, "Read") {
        Some(false) => Some(Answered::Closed),
        sent => (sent.is_some() && !line.trim().is_empty())
            .then(|| Answered::ReadAs(source.clone(), line.trim().to_owned())),
    }
}

fn save_filter_ui(ui: &mut Ui, name: &mut String, filter: &str) -> Option<Answered> {
    ui.set_width(420.0);
    let heading = title(ui, "Name of the filter");
    ui.add_space(8.0);
    let edit = TextEdit::singleline(name)
        .desired_width(f32::INFINITY)
        .hint_text("Such as: writes to storage");
    let response = ui.add(edit).labelled_by(heading.id);
    focus_at_first(ui, &response);
    let secondary = Theme::of(ui).secondary;
    ui.label(RichText::new(filter).monospace().color(secondary));
    ui.add_space(8.0);
    let is_sent = is_entered(ui, &response);
    match buttons_ui(ui, "Keep") {
        Some(false) => Some(Answered::Closed),
        sent => ((sent.is_some() || is_sent) && !name.trim().is_empty())
            .then(|| Answered::KeepFilter(name.trim().to_owned(), filter.to_owned())),
    }
}

fn group_ui(ui: &mut Ui, grouping: &mut Grouping) -> Option<Answered> {
    ui.set_width(420.0);
    title(ui, "Count host under a party");
    ui.add_space(8.0);
    let mut field = |ui: &mut Ui, name: &str, text: &mut String, hint: &str| {
        let label = ui.label(name);
        let edit = TextEdit::singleline(text)
            .desired_width(f32::INFINITY)
            .hint_text(hint);
        let response = ui.add(edit).labelled_by(label.id);
        grouping.is_changed |= response.changed();
        response
    };
    let host = field(
        ui,
        "Host",
        &mut grouping.host,
        "A host; covers all below it",
    );
    let hint = "Leave empty to use the automatic party";
    let party = field(ui, "Party", &mut grouping.party, hint);
    if focus_at_first(ui, &party) {
        select_all(ui, party.id, &grouping.party);
    }
    ui.add_space(8.0);
    let note = "Everything below the host is covered as well. Without a party the host counts as the machine says.";
    ui.label(RichText::new(note).color(Theme::of(ui).secondary));
    ui.add_space(8.0);
    let is_sent = is_entered(ui, &host) || is_entered(ui, &party);
    match buttons_ui(ui, "OK") {
        Some(false) => Some(Answered::Closed),
        None if !is_sent => None,
        _ => grouping.answered(),
    }
}

fn number_ui(ui: &mut Ui, number: &mut String, n_flows: u32) -> Option<Answered> {
    ui.set_width(240.0);
    let heading = title(ui, "Go to flow");
    ui.add_space(8.0);
    let hint = format!("1 to {n_flows}");
    let response = ui
        .add(TextEdit::singleline(number).hint_text(hint))
        .labelled_by(heading.id);
    focus_at_first(ui, &response);
    let is_sent = is_entered(ui, &response);
    let found = number
        .trim()
        .parse::<u32>()
        .ok()
        .filter(|n| (1..=n_flows).contains(n));
    found
        .filter(|_| is_sent)
        .map(|n| Answered::Action(Action::Select(Selection::only(FlowId(n - 1)))))
}

fn path_ui(ui: &mut Ui, path: &mut String, purpose: Purpose) -> Option<Answered> {
    ui.set_width(520.0);
    let heading = title(ui, "Open path");
    ui.add_space(8.0);
    let edit = TextEdit::singleline(path)
        .desired_width(f32::INFINITY)
        .hint_text("/path/to/capture.har");
    let response = ui.add(edit).labelled_by(heading.id);
    focus_at_first(ui, &response);
    ui.add_space(8.0);
    let is_sent = is_entered(ui, &response);
    match buttons_ui(ui, "Open") {
        Some(false) => Some(Answered::Closed),
        sent => (sent.is_some() || is_sent)
            .then(|| path.trim())
            .filter(|path| !path.is_empty())
            .map(|path| Answered::Open(PathBuf::from(path), purpose)),
    }
}

pub(super) fn close_ui(ui: &mut Ui) -> Option<Answered> {
    ui.add_space(12.0);
    ui.button("Close").clicked().then_some(Answered::Closed)
}

/// Paints the two buttons of a question: `Some(true)` for yes, `Some(false)` for no.
pub(super) fn buttons_ui(ui: &mut Ui, yes: &str) -> Option<bool> {
    let mut answer = None;
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
        if ui.button(yes).clicked() {
            answer = Some(true);
        }
        if ui.button("Cancel").clicked() {
            answer = Some(false);
        }
    });
    answer
}

/// Lets the person type at once. True when the focus was given just now.
pub(super) fn focus_at_first(ui: &Ui, response: &egui::Response) -> bool {
    let is_free = ui.memory(|memory| memory.focused().is_none());
    let is_first = is_free && !response.lost_focus();
    if is_first {
        response.request_focus();
    }
    is_first
}

/// Selects the whole `text` of an editor, so that typing replaces it.
fn select_all(ui: &Ui, editor: Id, text: &str) {
    let mut state = TextEdit::load_state(ui, editor).unwrap_or_default();
    let all = CCursorRange::two(CCursor::new(0), CCursor::new(text.chars().count()));
    state.cursor.set_char_range(Some(all));
    state.store(ui, editor);
}

fn is_entered(ui: &Ui, response: &egui::Response) -> bool {
    response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter))
}
