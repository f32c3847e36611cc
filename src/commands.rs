//! Every command of the program: label, tooltip and shortcut in one place. Menus, keys and the shortcut sheet derive from it.

use egui::{Key, KeyboardShortcut, Modifiers};

use crate::annotations::{Change, Label};
use crate::capture::FlowId;
use crate::query::Query;
use crate::query::aggregate::Part;
use crate::session::{Chip, DetailTab, Highlight, Measure, Selection};

/// Something a person asked of the program, from a menu, a key or a button.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each one is described by its tooltip")]
pub enum Command {
    Open,
    OpenPath,
    AddToSession,
    Save,
    Export,
    CloseAll,
    Quit,
    Undo,
    Redo,
    LabelOrigin,
    LabelCdn,
    LabelUnknown,
    ClearLabel,
    EditNote,
    GroupHost,
    SignAs,
    FocusFilter,
    ClearFilter,
    SelectAll,
    CopyRows,
    NextUnlabelled,
    PreviousUnlabelled,
    NextConflict,
    GoToFlow,
    NextTab,
    PreviousTab,
    CancelLoading,
    ReadAs,
    Shortcuts,
    About,
}

/// In the order of the shortcut sheet.
pub const COMMANDS: &[Command] = &[
    Command::Open,
    Command::OpenPath,
    Command::AddToSession,
    Command::Save,
    Command::Export,
    Command::CloseAll,
    Command::Quit,
    Command::Undo,
    Command::Redo,
    Command::LabelOrigin,
    Command::LabelCdn,
    Command::LabelUnknown,
    Command::ClearLabel,
    Command::EditNote,
    Command::GroupHost,
    Command::SignAs,
    Command::FocusFilter,
    Command::ClearFilter,
    Command::SelectAll,
    Command::CopyRows,
    Command::NextUnlabelled,
    Command::PreviousUnlabelled,
    Command::NextConflict,
    Command::GoToFlow,
    Command::NextTab,
    Command::PreviousTab,
    Command::CancelLoading,
    Command::ReadAs,
    Command::Shortcuts,
    Command::About,
];

impl Command {
    /// The words in a menu, and what it does in one sentence.
    pub const fn title_and_tooltip(self) -> (&'static str, &'static str) {
        match self {
            Self::Open => (
                "Open…",
                "Choose captures and show them in place of the open ones",
            ),
            Self::OpenPath => (
                "Open path…",
                "Type the path of a capture, for machines without a file dialog",
            ),
            Self::AddToSession => (
                "Add to session…",
                "Choose captures and show them beside the open ones",
            ),
            Self::Save => (
                "Save labels now",
                "Write labels, notes and groupings to the file beside the capture at once",
            ),
            Self::Export => (
                "Export report…",
                "Write what is shown to a report, with secrets removed",
            ),
            Self::CloseAll => (
                "Close captures",
                "Close all captures; labels are saved first",
            ),
            Self::Quit => ("Quit", "Close the window; labels are saved first"),
            Self::Undo => ("Undo", "Take back the last label, note or grouping"),
            Self::Redo => ("Redo", "Make the last undone change again"),
            Self::LabelOrigin => ("Label as origin", "Say that the provider holds the truth"),
            Self::LabelCdn => (
                "Label as CDN",
                "Say that the provider only stands in front of another origin",
            ),
            Self::LabelUnknown => (
                "Label as unknown",
                "Say that you looked and could not decide",
            ),
            Self::ClearLabel => ("Clear label", "Make the selected flows unreviewed again"),
            Self::EditNote => ("Note…", "Write a note on the selected flows"),
            Self::GroupHost => (
                "Count host under a party…",
                "Say whose traffic a host and everything below it is",
            ),
            Self::SignAs => (
                "Sign as…",
                "Say who labels, so that a report can name its reviewer",
            ),
            Self::FocusFilter => ("Filter", "Go to the filter box"),
            Self::ClearFilter => ("Clear filter", "Show all flows again"),
            Self::SelectAll => ("Select all", "Select every flow that is shown"),
            Self::CopyRows => (
                "Copy rows",
                "Copy the selected rows as text with tabs, secrets removed",
            ),
            Self::NextUnlabelled => (
                "Next unlabelled",
                "Go to the next flow that nobody reviewed",
            ),
            Self::PreviousUnlabelled => (
                "Previous unlabelled",
                "Go to the previous flow that nobody reviewed",
            ),
            Self::NextConflict => (
                "Next conflict",
                "Go to the next flow whose evidence contradicts itself",
            ),
            Self::GoToFlow => ("Go to flow…", "Go to the flow with a certain number"),
            Self::NextTab => ("Next tab", "Show the next tab of the details"),
            Self::PreviousTab => ("Previous tab", "Show the previous tab of the details"),
            Self::CancelLoading => (
                "Cancel loading",
                "Stop reading and searching, and keep what was read so far",
            ),
            Self::ReadAs => (
                "Squid logformat…",
                "Read the log again by the logformat line with which Squid wrote it",
            ),
            Self::Shortcuts => ("Keyboard shortcuts", "Show all keys"),
            Self::About => (
                "About Headwater",
                "Version, licences and sources of the data",
            ),
        }
    }

    /// The key that runs it anywhere in the window.
    pub const fn shortcut(self) -> Option<KeyboardShortcut> {
        let (modifiers, key) = match self {
            Self::Open => (Modifiers::COMMAND, Key::O),
            Self::AddToSession => (Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::O),
            Self::Save => (Modifiers::COMMAND, Key::S),
            Self::Export => (Modifiers::COMMAND, Key::E),
            Self::Quit => (Modifiers::COMMAND, Key::Q),
            Self::Undo => (Modifiers::COMMAND, Key::Z),
            Self::Redo => (Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::Z),
            Self::FocusFilter => (Modifiers::COMMAND, Key::F),
            Self::SelectAll => (Modifiers::COMMAND, Key::A),
            Self::CopyRows => (Modifiers::COMMAND, Key::C),
            Self::Shortcuts => (Modifiers::NONE, Key::F1),
            _ => return None,
        };
        Some(KeyboardShortcut::new(modifiers, key))
    }

    /// The single key that runs it while the table has the focus and no text is being typed.
    pub const fn table_key(self) -> Option<Key> {
        match self {
            Self::LabelOrigin => Some(Key::O),
            Self::LabelCdn => Some(Key::C),
            Self::LabelUnknown => Some(Key::U),
            Self::ClearLabel => Some(Key::Backspace),
            Self::EditNote => Some(Key::M),
            Self::GroupHost => Some(Key::P),
            Self::FocusFilter => Some(Key::Slash),
            Self::NextUnlabelled => Some(Key::N),
            Self::NextConflict => Some(Key::X),
            Self::GoToFlow => Some(Key::G),
            Self::NextTab => Some(Key::CloseBracket),
            Self::PreviousTab => Some(Key::OpenBracket),
            Self::Shortcuts => Some(Key::Questionmark),
            _ => None,
        }
    }

    /// The label that it sets; the outer `None` for commands that set none.
    pub const fn label_change(self) -> Option<Option<Label>> {
        match self {
            Self::LabelOrigin => Some(Some(Label::Origin)),
            Self::LabelCdn => Some(Some(Label::Cdn)),
            Self::LabelUnknown => Some(Some(Label::Unknown)),
            Self::ClearLabel => Some(None),
            _ => None,
        }
    }
}

/// What a panel asks for. Panels read; only the app changes things, once per frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Change annotations of these flows; can be undone.
    Edit(Vec<FlowId>, Change),
    /// Count this host and everything below it under this party; can be undone.
    Group(String, String),
    /// Select other flows.
    Select(Selection),
    /// Show other flows, or in another order.
    SetQuery(Query),
    /// Press another chip.
    SetChip(Chip),
    /// Show another stretch of time in the waterfall.
    Zoom(Option<std::ops::Range<crate::base::time::Time>>),
    /// Dim everything else.
    Highlight(Option<Highlight>),
    /// Open another tab of the details.
    ShowTab(DetailTab),
    /// Let slices mean something else.
    SetMeasure(Measure),
    /// Draw slices by another part of the verdicts.
    SetPart(Part),
    /// Put text on the clipboard; secrets are already removed.
    Copy(String),
    /// Run a command.
    Run(Command),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_commands_share_a_key() {
        let mut keys: Vec<String> = COMMANDS
            .iter()
            .flat_map(|command| {
                let global = command.shortcut().map(|keys| format!("{keys:?}"));
                global
                    .into_iter()
                    .chain(command.table_key().map(|key| format!("{key:?}")))
            })
            .collect();
        let n = keys.len();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), n);
    }

    #[test]
    fn every_command_is_listed_once() {
        let mut listed = COMMANDS.to_vec();
        listed.sort();
        listed.dedup();
        assert_eq!(listed.len(), COMMANDS.len());
        assert_eq!(COMMANDS.len(), Command::About as usize + 1);
    }
}
