//! The menus with their commands, words and keys.

mod label;

use egui::{Key, KeyboardShortcut, Modifiers};

use super::{Command, Entry, Look, Menu};
use crate::session::Lens;
use label::LABEL;

const CTRL: Modifiers = Modifiers::COMMAND;
const CTRL_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);
const SHIFT: Modifiers = Modifiers::SHIFT;
const ALT: Modifiers = Modifiers::ALT;
const NONE: Modifiers = Modifiers::NONE;

const fn entry(command: Command, title: &'static str, tooltip: &'static str) -> Entry {
    Entry {
        command,
        title,
        tooltip,
        shortcuts: &[],
        table_key: None,
        lens_key: None,
    }
}

const fn keys(modifiers: Modifiers, key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(modifiers, key)
}

impl Entry {
    const fn anywhere(self, shortcuts: &'static [KeyboardShortcut]) -> Self {
        Self { shortcuts, ..self }
    }

    const fn in_lens(self, key: Key) -> Self {
        Self {
            lens_key: Some(key),
            ..self
        }
    }

    const fn in_table(self, modifiers: Modifiers, key: Key) -> Self {
        Self {
            table_key: Some((modifiers, key)),
            ..self
        }
    }
}

/// The menus from left to right. A section is set off by a line.
pub static MENUS: &[Menu] = &[
    ("File", FILE),
    ("Edit", EDIT),
    ("Find", FIND),
    ("Label", LABEL),
    ("Go", GO),
    ("View", VIEW),
    ("Help", HELP),
];

const FILE: &[&[Entry]] = &[
    &[
        entry(
            Command::Open,
            "Open…",
            "Choose captures and show them in place of the open ones",
        )
        .anywhere(&[keys(CTRL, Key::O)]),
        entry(
            Command::AddToSession,
            "Add to session…",
            "Choose captures and show them beside the open ones",
        )
        .anywhere(&[keys(CTRL_SHIFT, Key::O)]),
        entry(
            Command::OpenPath,
            "Open path…",
            "Type the path of a capture, for machines without a file dialog",
        ),
        entry(
            Command::OpenClipboard,
            "Open from clipboard",
            "Open a HAR that was copied, as with Copy all as HAR of a browser",
        )
        .anywhere(&[keys(CTRL, Key::V)]),
        entry(
            Command::ReadAs,
            "Squid logformat…",
            "Re-read this log with a Squid logformat line",
        ),
    ],
    &[
        entry(
            Command::Save,
            "Save labels now",
            "Write labels, notes and groupings to the file beside the capture at once",
        )
        .anywhere(&[keys(CTRL, Key::S)]),
        entry(
            Command::Export,
            "Export report…",
            "Write what is shown to a report, with secrets removed",
        )
        .anywhere(&[keys(CTRL, Key::E)]),
        entry(
            Command::SaveBody,
            "Save body…",
            "Write the body of the selected response to a file as it was received, decoded; secrets in it stay",
        ),
        entry(
            Command::SaveRequestBody,
            "Save request body…",
            "Write the body of the selected request to a file as it was sent, decoded; secrets in it stay",
        ),
    ],
    &[
        entry(
            Command::CancelLoading,
            "Cancel loading",
            "Stop reading and searching, and keep what was read so far",
        ),
        entry(
            Command::CloseAll,
            "Close captures",
            "Close all captures; labels are saved first",
        )
        .anywhere(&[keys(CTRL, Key::W)]),
        entry(
            Command::Quit,
            "Quit",
            "Close the window; labels are saved first",
        )
        .anywhere(&[keys(CTRL, Key::Q)]),
    ],
];

const EDIT: &[&[Entry]] = &[
    &[
        entry(
            Command::Undo,
            "Undo",
            "Take back the last label, note or grouping",
        )
        .anywhere(&[keys(CTRL, Key::Z)]),
        entry(Command::Redo, "Redo", "Make the last undone change again")
            .anywhere(&[keys(CTRL_SHIFT, Key::Z), keys(CTRL, Key::Y)]),
    ],
    &[
        entry(
            Command::SelectAll,
            "Select all",
            "Select every flow that is shown",
        )
        .anywhere(&[keys(CTRL, Key::A)]),
        entry(
            Command::InvertSelection,
            "Invert selection",
            "Select what is not selected, of the flows that are shown",
        )
        .anywhere(&[keys(CTRL, Key::I)]),
        entry(
            Command::SelectHost,
            "Select this host",
            "Select every shown flow of the host of the selected flow",
        )
        .in_table(NONE, Key::H),
        entry(
            Command::SelectParty,
            "Select this party",
            "Select every shown flow of the party of the selected flow",
        )
        .in_table(SHIFT, Key::H),
    ],
    &[
        entry(
            Command::CopyRows,
            "Copy rows",
            "Copy the selected rows as text with tabs, secrets removed",
        )
        .anywhere(&[keys(CTRL, Key::C)]),
        entry(
            Command::CopyCurl,
            "Copy as cURL",
            "Copy the selected requests as commands for curl, secrets removed",
        )
        .anywhere(&[keys(CTRL_SHIFT, Key::C)]),
        entry(
            Command::CopyUrl,
            "Copy URL",
            "Copy the URLs of the selected flows, secrets removed",
        ),
        entry(
            Command::CopyHost,
            "Copy host",
            "Copy the hosts of the selected flows, each once",
        ),
    ],
];

const FIND: &[&[Entry]] = &[
    &[
        entry(Command::FocusFilter, "Filter", "Go to the filter box")
            .anywhere(&[keys(CTRL, Key::F)])
            .in_table(NONE, Key::Slash),
        entry(Command::ClearFilter, "Clear filter", "Show all flows again"),
        entry(
            Command::SaveFilter,
            "Save filter…",
            "Keep the filter under a name",
        )
        .anywhere(&[keys(CTRL, Key::D)]),
    ],
    &[
        entry(
            Command::Highlight,
            "Highlight…",
            "Highlight what a second filter keeps, and leave nothing out",
        )
        .anywhere(&[keys(CTRL, Key::H)]),
        entry(
            Command::ClearHighlight,
            "Clear highlight",
            "Stop highlighting; the filter stays as it is",
        ),
    ],
    &[
        entry(
            Command::SearchAll,
            "Search in headers and bodies",
            "Look through URLs, headers and bodies of every flow",
        )
        .anywhere(&[keys(CTRL_SHIFT, Key::F)]),
        entry(
            Command::CloseSearch,
            "Close search",
            "Hide the search sheet and its results",
        ),
        entry(
            Command::FindInBody,
            "Find in this body",
            "Look for a text in the body of the selected flow",
        )
        .anywhere(&[keys(CTRL, Key::G)]),
        entry(
            Command::NextHit,
            "Next hit",
            "Go to the next place that was found",
        )
        .anywhere(&[keys(NONE, Key::F3)]),
        entry(
            Command::PreviousHit,
            "Previous hit",
            "Go to the place that was found before",
        )
        .anywhere(&[keys(SHIFT, Key::F3)]),
    ],
    &[
        entry(
            Command::IgnoreHost,
            "Ignore this host",
            "Leave the flows of this host out of every figure until they are shown again",
        )
        .in_table(NONE, Key::I),
        entry(
            Command::FocusHost,
            "Show only this host",
            "Leave the flows of all other hosts out of every figure",
        )
        .in_table(SHIFT, Key::I),
        entry(
            Command::AllHosts,
            "Show all hosts",
            "Count every host again",
        ),
    ],
];

const GO: &[&[Entry]] = &[
    &[
        entry(
            Command::NextUnlabelled,
            "Next unlabelled",
            "Go to the next flow that nobody reviewed",
        )
        .in_table(NONE, Key::N),
        entry(
            Command::PreviousUnlabelled,
            "Previous unlabelled",
            "Go to the previous flow that nobody reviewed",
        )
        .in_table(SHIFT, Key::N),
        entry(
            Command::NextConflict,
            "Next conflict",
            "Go to the next flow whose evidence contradicts itself",
        )
        .in_table(NONE, Key::X),
        entry(
            Command::GoToFlow,
            "Go to flow…",
            "Go to the flow with a certain number",
        )
        .in_table(NONE, Key::G),
    ],
    &[
        entry(Command::FocusTable, "Go to the table", "Focus the table")
            .anywhere(&[keys(CTRL, Key::Num1)]),
        entry(Command::FocusCharts, "Go to the charts", "Focus the charts")
            .anywhere(&[keys(CTRL, Key::Num2)]),
        entry(
            Command::FocusDetails,
            "Go to the details",
            "Focus the details",
        )
        .anywhere(&[keys(CTRL, Key::Num3)])
        .in_table(NONE, Key::Enter),
        entry(
            Command::Peek,
            "Evidence at a glance",
            "Show or hide the verdict and its strongest evidence beside the row",
        )
        .in_table(NONE, Key::Space),
        entry(
            Command::NextPanel,
            "Next panel",
            "Focus the next part of the window",
        )
        .anywhere(&[keys(NONE, Key::F6)]),
        entry(
            Command::PreviousPanel,
            "Previous panel",
            "Focus the previous part of the window",
        )
        .anywhere(&[keys(SHIFT, Key::F6)]),
    ],
    &[
        entry(
            Command::OpenRow,
            "Requests of this row",
            "Show only the requests that the selected rows stand for",
        )
        .in_lens(Key::Enter),
        entry(
            Command::NextTab,
            "Next tab",
            "Show the next tab of the details",
        )
        .in_table(NONE, Key::CloseBracket),
        entry(
            Command::PreviousTab,
            "Previous tab",
            "Show the previous tab of the details",
        )
        .in_table(NONE, Key::OpenBracket),
    ],
];

const VIEW: &[&[Entry]] = &[
    &[
        entry(
            Command::ShowLens(Lens::Requests),
            "Requests",
            "Show a row for each request",
        )
        .anywhere(&[keys(ALT, Key::Num1)]),
        entry(
            Command::ShowLens(Lens::Hosts),
            "Hosts",
            "Show a row for each host, or domain, party, provider and so on",
        )
        .anywhere(&[keys(ALT, Key::Num2)]),
        entry(
            Command::ShowLens(Lens::Services),
            "Services",
            "Show what every provider is to every party: delivers, stores, computes, hosts, own",
        )
        .anywhere(&[keys(ALT, Key::Num3)]),
    ],
    &[
        entry(
            Command::ShowCharts,
            "Charts",
            "Show or hide providers and the sheet of what is selected",
        )
        .anywhere(&[keys(CTRL, Key::B)]),
        entry(
            Command::ShowTimeline,
            "Timeline",
            "Show or hide the timeline",
        )
        .anywhere(&[keys(CTRL, Key::T)]),
        entry(Command::ShowDetails, "Details", "Show or hide the details")
            .anywhere(&[keys(CTRL, Key::J)]),
        entry(
            Command::ShowChips,
            "Quick filters",
            "Show or hide the row of quick filters",
        ),
        entry(
            Command::LocalTime,
            "Local time",
            "Show times in the zone of this machine instead of UTC; reports are in UTC",
        ),
    ],
    &[
        entry(
            Command::Look(Look::System),
            "Use system theme",
            "Light or dark, as the system is",
        ),
        entry(Command::Look(Look::Light), "Light", "Dark text on white"),
        entry(
            Command::Look(Look::Dark),
            "Dark",
            "Light text on near-black",
        ),
        entry(
            Command::Look(Look::HighContrast),
            "High contrast",
            "White on black",
        ),
    ],
    &[
        entry(Command::Larger, "Larger", "Make everything larger")
            .anywhere(&[keys(CTRL, Key::Plus), keys(CTRL, Key::Equals)]),
        entry(Command::Smaller, "Smaller", "Make everything smaller")
            .anywhere(&[keys(CTRL, Key::Minus)]),
        entry(
            Command::ResetZoom,
            "Reset zoom",
            "Show everything at its normal size",
        )
        .anywhere(&[keys(CTRL, Key::Num0)]),
        entry(
            Command::ResetLayout,
            "Reset layout",
            "Show all panels and the default columns at their default sizes",
        ),
    ],
];

const HELP: &[&[Entry]] = &[
    &[
        entry(
            Command::Palette,
            "All commands…",
            "Find a command by its name and run it",
        )
        .anywhere(&[keys(CTRL_SHIFT, Key::P)]),
        entry(Command::Shortcuts, "Keyboard shortcuts", "Show all keys")
            .anywhere(&[keys(NONE, Key::F1)])
            .in_table(NONE, Key::Questionmark),
        entry(
            Command::Words,
            "Words",
            "Show what the words, marks and bars mean",
        ),
        entry(
            Command::FirstSteps,
            "First steps",
            "Show the hint for the first run again",
        ),
    ],
    &[entry(
        Command::About,
        "About Headwater",
        "Version, licences and sources of the data",
    )],
];
