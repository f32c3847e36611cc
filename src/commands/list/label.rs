//! The menu of what can be said of flows.

use egui::Key;

use super::{NONE, SHIFT, entry};
use crate::annotations::{Colour, Label};
use crate::commands::{Command, Entry};

pub(super) const LABEL: &[&[Entry]] = &[
    &[
        entry(
            Command::Label(Label::Origin),
            "Label as origin",
            "Say that the provider holds the truth",
        )
        .in_table(NONE, Key::O),
        entry(
            Command::Label(Label::Cdn),
            "Label as CDN",
            "Say that the provider only stands in front of another origin",
        )
        .in_table(NONE, Key::C),
        entry(
            Command::Label(Label::Unknown),
            "Label as unknown",
            "Say that you looked and could not decide",
        )
        .in_table(NONE, Key::U),
        entry(
            Command::ClearLabel,
            "Clear label",
            "Make the selected flows unreviewed again",
        )
        .in_table(NONE, Key::Backspace),
        entry(
            Command::Accept,
            "Accept the verdict",
            "Label the selected flows as the machine says, and record that",
        )
        .in_table(NONE, Key::V),
    ],
    &[
        entry(
            Command::LabelAndGoOn(Label::Origin),
            "Origin, next",
            "Label as origin, then go to the next unlabelled flow",
        )
        .in_table(SHIFT, Key::O),
        entry(
            Command::LabelAndGoOn(Label::Cdn),
            "CDN, next",
            "Label as CDN, then go to the next unlabelled flow",
        )
        .in_table(SHIFT, Key::C),
        entry(
            Command::LabelAndGoOn(Label::Unknown),
            "Unknown, next",
            "Label as unknown, then go to the next unlabelled flow",
        )
        .in_table(SHIFT, Key::U),
        entry(
            Command::AcceptAndGoOn,
            "Accept, next",
            "Accept the verdict, then go to the next unlabelled flow",
        )
        .in_table(SHIFT, Key::V),
        entry(
            Command::LabelMany,
            "Label many…",
            "Label all flows of a host, a party, the selection or the filter in one step",
        )
        .in_table(NONE, Key::L),
    ],
    &[
        entry(
            Command::EditNote,
            "Note…",
            "Write a note on the selected flows",
        )
        .in_table(NONE, Key::M),
        entry(
            Command::EditTags,
            "Tags…",
            "Add tags to the selected flows, or take them away",
        )
        .in_table(NONE, Key::T),
    ],
    &[
        entry(
            Command::Mark(Colour::Red),
            "Mark red",
            "Mark the selected flows red",
        )
        .in_table(NONE, Key::Num1),
        entry(
            Command::Mark(Colour::Orange),
            "Mark orange",
            "Mark the selected flows orange",
        )
        .in_table(NONE, Key::Num2),
        entry(
            Command::Mark(Colour::Yellow),
            "Mark yellow",
            "Mark the selected flows yellow",
        )
        .in_table(NONE, Key::Num3),
        entry(
            Command::Mark(Colour::Green),
            "Mark green",
            "Mark the selected flows green",
        )
        .in_table(NONE, Key::Num4),
        entry(
            Command::Mark(Colour::Blue),
            "Mark blue",
            "Mark the selected flows blue",
        )
        .in_table(NONE, Key::Num5),
        entry(
            Command::Mark(Colour::Purple),
            "Mark purple",
            "Mark the selected flows purple",
        )
        .in_table(NONE, Key::Num6),
        entry(
            Command::ClearMark,
            "No mark",
            "Take the colour from the selected flows",
        )
        .in_table(NONE, Key::Num0),
    ],
    &[
        entry(
            Command::GroupHost,
            "Count host under a party…",
            "Say whose traffic a host and everything below it is",
        )
        .in_table(NONE, Key::P),
        entry(
            Command::SuggestGroups,
            "Suggested groups…",
            "Choose among hosts that belong to one company or site by what is known of them",
        ),
        entry(
            Command::SignAs,
            "Sign as…",
            "Say who labels, so that a report can name its reviewer",
        ),
    ],
];
