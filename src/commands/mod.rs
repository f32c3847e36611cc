//! Every command of the program, defined once: menus, keys, the palette and the shortcut sheet derive from [`MENUS`].
//!
//! To add a command: a variant here, an entry in `list.rs`, and what it does in `app::actions`.

mod list;

use std::ops::Range;

use egui::{Key, KeyboardShortcut, Modifiers};

use crate::annotations::{Change, Colour, Label, RelationKey, Stance};
use crate::base::time::Time;
use crate::capture::FlowId;
use crate::query::Query;
use crate::query::aggregate::Part;
use crate::query::columns::ColumnId;
use crate::session::{
    Chips, DetailTab, Highlight, HostsView, Lens, Measure, Selection, Sought, Subjects,
    TimelineView,
};

pub use list::MENUS;

/// Something a person asked of the program, from a menu, a key or a button.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each one is described by its entry")]
pub enum Command {
    Open,
    AddToSession,
    OpenPath,
    OpenClipboard,
    ReadAs,
    Save,
    Export,
    SaveBody,
    SaveRequestBody,
    CancelLoading,
    CloseAll,
    Quit,
    Undo,
    Redo,
    SelectAll,
    InvertSelection,
    SelectHost,
    SelectParty,
    CopyRows,
    CopyCurl,
    CopyUrl,
    CopyHost,
    FocusFilter,
    ClearFilter,
    SaveFilter,
    Highlight,
    ClearHighlight,
    SearchAll,
    CloseSearch,
    FindInBody,
    NextHit,
    PreviousHit,
    IgnoreHost,
    FocusHost,
    AllHosts,
    Label(Label),
    LabelAndGoOn(Label),
    ClearLabel,
    Accept,
    AcceptAndGoOn,
    LabelMany,
    EditNote,
    EditTags,
    Mark(Colour),
    ClearMark,
    GroupHost,
    SuggestGroups,
    SignAs,
    NextUnlabelled,
    PreviousUnlabelled,
    NextConflict,
    GoToFlow,
    FocusTable,
    FocusCharts,
    FocusDetails,
    Peek,
    NextPanel,
    PreviousPanel,
    NextTab,
    PreviousTab,
    OpenRow,
    ShowLens(Lens),
    ShowCharts,
    ShowTimeline,
    ShowDetails,
    ShowChips,
    LocalTime,
    Look(Look),
    Larger,
    Smaller,
    ResetZoom,
    ResetLayout,
    Palette,
    Shortcuts,
    Words,
    FirstSteps,
    About,
}

/// How the window looks, as far as a command can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Look {
    /// As the system does.
    System,
    /// Dark text on white.
    Light,
    /// Light text on near-black.
    Dark,
    /// White on black.
    HighContrast,
}

/// A command with its words and keys.
#[derive(Debug)]
pub struct Entry {
    /// Which command.
    pub command: Command,
    /// The words in a menu.
    pub title: &'static str,
    /// What it does, in one sentence.
    pub tooltip: &'static str,
    /// The keys that run it anywhere in the window; the first one is shown.
    pub shortcuts: &'static [KeyboardShortcut],
    /// The key that runs it while the table has the keyboard and no text is being typed.
    pub table_key: Option<(Modifiers, Key)>,
    /// The key that runs it in lenses whose rows stand for several flows, in place of what it does in the table.
    pub lens_key: Option<Key>,
}

/// A menu: its title, and its commands in sections.
pub type Menu = (&'static str, &'static [&'static [Entry]]);

/// All commands in the order of the menus.
pub fn entries() -> impl Iterator<Item = &'static Entry> {
    MENUS
        .iter()
        .flat_map(|(_, sections)| sections.iter().copied().flatten())
}

impl Command {
    /// Its words and keys.
    pub fn entry(self) -> &'static Entry {
        entries()
            .find(|entry| entry.command == self)
            .unwrap_or(&MENUS[0].1[0][0])
    }

    /// The label that it sets; the outer `None` for commands that set none.
    pub const fn label_change(self) -> Option<Option<Label>> {
        match self {
            Self::Label(label) | Self::LabelAndGoOn(label) => Some(Some(label)),
            Self::ClearLabel => Some(None),
            _ => None,
        }
    }

    /// True when the keyboard moves on to the next unlabelled flow afterwards.
    pub const fn goes_on(self) -> bool {
        matches!(self, Self::LabelAndGoOn(_) | Self::AcceptAndGoOn)
    }
}

impl Entry {
    /// Its keys for people, as the system writes them; empty when it has none.
    pub fn keys(&self, ctx: &egui::Context) -> String {
        let global = self.shortcuts.first().map(|keys| ctx.format_shortcut(keys));
        let letter = self.table_key.map(|(modifiers, key)| match modifiers {
            Modifiers::NONE => key.symbol_or_name().to_owned(),
            _ => ctx.format_shortcut(&KeyboardShortcut::new(modifiers, key)),
        });
        let in_lens = self.lens_key.map(|key| key.symbol_or_name().to_owned());
        let all: Vec<String> = letter.into_iter().chain(in_lens).chain(global).collect();
        all.join("  ")
    }
}

/// What a panel asks for. Panels read; only the app changes things, once per frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Change annotations of these flows; can be undone.
    Edit(Vec<FlowId>, Change),
    /// Count this host and everything below it under this party; can be undone.
    Group(String, String),
    /// Count each of these hosts under its party, all in one step; can be undone.
    GroupAll(Vec<(String, String)>),
    /// Say what the reviewer thinks of a relation, with a note, or take that back; can be undone.
    SayOfRelation(RelationKey, Option<(Stance, String)>),
    /// Select other flows.
    Select(Selection),
    /// Select other rows of the lens by service, with their flows.
    SelectSubjects(Subjects, Selection),
    /// Show this flow in the lens by request.
    ShowFlow(FlowId),
    /// Show other flows, or in another order.
    SetQuery(Query),
    /// Press other quick filters.
    SetChips(Chips),
    /// Show another stretch of time in the waterfall.
    Zoom(Option<Range<Time>>),
    /// Dim everything else.
    Highlight(Option<Highlight>),
    /// Show in the details what a search found.
    Seek(Sought),
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
    /// Put one cell on the clipboard, with secrets removed.
    CopyCell(FlowId, ColumnId),
    /// Draw the timeline in another way.
    SetTimeline(TimelineView),
    /// Group or sort the hosts in another way.
    SetHosts(HostsView),
    /// Scroll the table and the timeline so that this row is the uppermost.
    ScrollTo(u32),
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The keys that move within the table, which no command may take.
    const MOVES: [Key; 10] = [
        Key::J,
        Key::K,
        Key::ArrowUp,
        Key::ArrowDown,
        Key::ArrowLeft,
        Key::ArrowRight,
        Key::PageUp,
        Key::PageDown,
        Key::Home,
        Key::End,
    ];

    #[test]
    fn no_two_commands_share_a_key() {
        let letters = entries().filter_map(|entry| entry.table_key);
        let global = entries().flat_map(|entry| entry.shortcuts);
        let global = global.map(|keys| (keys.modifiers, keys.logical_key));
        let mut keys: Vec<String> = letters
            .chain(global)
            .map(|keys| format!("{keys:?}"))
            .collect();
        let n = keys.len();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), n);
    }

    #[test]
    fn keys_of_the_table_are_not_those_that_move_in_it() {
        for (modifiers, key) in entries().filter_map(|entry| entry.table_key) {
            assert!(!MOVES.contains(&key), "{key:?}");
            assert!(!modifiers.any() || modifiers == Modifiers::SHIFT, "{key:?}");
        }
    }

    #[test]
    fn shortcuts_leave_the_letters_to_those_who_type() {
        for entry in entries() {
            for keys in entry.shortcuts {
                let is_function_key = format!("{:?}", keys.logical_key).len() < 4
                    && format!("{:?}", keys.logical_key).starts_with('F')
                    && keys.logical_key != Key::F;
                let is_lens = matches!(entry.command, Command::ShowLens(_))
                    && keys.modifiers == Modifiers::ALT;
                let is_no_letter = keys.modifiers.command || is_function_key || is_lens;
                assert!(is_no_letter, "{}", entry.title);
            }
        }
    }

    #[test]
    fn every_command_is_listed_once_with_words_of_its_own() {
        let mut commands: Vec<Command> = entries().map(|entry| entry.command).collect();
        let mut titles: Vec<&str> = entries().map(|entry| entry.title).collect();
        let n = commands.len();
        commands.sort();
        commands.dedup();
        titles.sort_unstable();
        titles.dedup();
        assert_eq!((commands.len(), titles.len()), (n, n));
        for entry in entries() {
            assert_eq!(entry.command.entry().title, entry.title);
            assert!(
                !entry.tooltip.is_empty() && !entry.tooltip.ends_with('.'),
                "{}",
                entry.title
            );
        }
    }
}
