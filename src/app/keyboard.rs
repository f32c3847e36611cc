//! Keys become commands. Single letters count only while no text is being typed.

use egui::{Context, Event, Key, Modifiers, RawInput};

use super::toolbar::filter_id;
use crate::commands::{COMMANDS, Command};
use crate::panels::detail::note_id;

/// A command from the keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pressed {
    /// Which command.
    pub command: Command,
    /// Shift was held: after labelling, go on to the next unlabelled flow.
    pub moves_on: bool,
}

/// More keys than this do not wait: whoever holds a key down must not watch it repeat long after letting go.
const MOST_WAITING: usize = 32;

/// Keys that were pressed within one frame and are dealt with one per frame, so that each acts on what the one before
/// it did: `c j c` labels two flows however slow the frame is.
#[derive(Debug, Default)]
pub(super) struct KeyQueue(Vec<Event>);

impl KeyQueue {
    /// Leaves no more than one pressed key in `input`. Returns true when others wait.
    pub(super) fn hold_back(&mut self, input: &mut RawInput) -> bool {
        self.0.append(&mut input.events);
        let is_press = |event: &Event| matches!(event, Event::Key { pressed: true, .. });
        let n_pressed = self.0.iter().filter(|event| is_press(event)).count();
        let first = self.0.iter().position(is_press);
        let is_click = |event: &Event| matches!(event, Event::PointerButton { .. });
        let end = match first {
            // What was clicked before the key has to be selected before it.
            Some(idx) if n_pressed <= MOST_WAITING && self.0[..idx].iter().any(is_click) => idx,
            Some(idx) if n_pressed <= MOST_WAITING => {
                // The text of a key belongs to it; what follows may already be the release of Shift.
                let is_text = matches!(self.0.get(idx + 1), Some(Event::Text(_)));
                idx + 1 + usize::from(is_text)
            }
            _ => self.0.len(),
        };
        input.events = self.0.drain(..end).collect();
        !self.0.is_empty()
    }

    /// Lets all keys through, as text needs it.
    pub(super) fn release(&mut self, input: &mut RawInput) {
        self.0.append(&mut input.events);
        input.events = std::mem::take(&mut self.0);
    }
}

/// True while keys are text. The two editors count from the moment at which a command sends the person there, which is
/// a frame before they are painted with the focus.
pub(super) fn is_typing(ctx: &Context) -> bool {
    let focus = ctx.memory(egui::Memory::focused);
    ctx.text_edit_focused() || focus.is_some_and(|id| id == filter_id() || id == note_id())
}

/// The commands whose keys were pressed in this frame.
pub(super) fn pressed(ctx: &Context) -> Vec<Pressed> {
    let mut found = Vec::new();
    let is_typing = is_typing(ctx);
    let is_free = !is_typing
        && !ctx.any_popup_open()
        && ctx.memory(|memory| memory.top_modal_layer().is_none());
    ctx.input_mut(|input| {
        if is_typing {
            // These belong to the text while it is edited.
            let is_text = |command: &&Command| {
                matches!(
                    command,
                    Command::Undo | Command::Redo | Command::SelectAll | Command::CopyRows
                )
            };
            take_shortcuts(
                input,
                COMMANDS.iter().filter(|command| !is_text(command)),
                &mut found,
            );
            return;
        }
        take_shortcuts(input, COMMANDS.iter(), &mut found);
        if is_free {
            take_letters(input, &mut found);
        }
    });
    found
}

fn take_shortcuts<'a>(
    input: &mut egui::InputState,
    commands: impl Iterator<Item = &'a Command>,
    found: &mut Vec<Pressed>,
) {
    let mut commands: Vec<Command> = commands.copied().collect();
    // A shortcut with Shift would otherwise be taken for the one without.
    commands.sort_by_key(|command| {
        let shift = command.shortcut().is_some_and(|keys| keys.modifiers.shift);
        std::cmp::Reverse(shift)
    });
    for command in commands {
        let is_pressed = match command {
            // The system turns Ctrl+C into an event of its own.
            Command::CopyRows => take_copy(input),
            _ => command
                .shortcut()
                .is_some_and(|keys| input.consume_shortcut(&keys)),
        };
        if is_pressed {
            found.push(Pressed {
                command,
                moves_on: false,
            });
        }
    }
}

fn take_copy(input: &mut egui::InputState) -> bool {
    let before = input.events.len();
    input.events.retain(|event| !matches!(event, Event::Copy));
    input.events.len() < before
}

fn take_letters(input: &mut egui::InputState, found: &mut Vec<Pressed>) {
    let has_shift = input.modifiers.shift;
    let previous = has_shift && input.consume_key(Modifiers::SHIFT, Key::N);
    if previous {
        found.push(Pressed {
            command: Command::PreviousUnlabelled,
            moves_on: false,
        });
    }
    for command in COMMANDS {
        let Some(key) = command.table_key() else {
            continue;
        };
        let moves_on = has_shift && command.label_change().is_some();
        // Some keyboards need Shift to type these.
        let any_shift = matches!(
            key,
            Key::Questionmark | Key::Slash | Key::OpenBracket | Key::CloseBracket
        );
        let may_shift = moves_on || any_shift;
        // A key without Shift would also be taken with Shift.
        let is_pressed = if has_shift {
            may_shift && input.consume_key(Modifiers::SHIFT, key)
        } else {
            input.consume_key(Modifiers::NONE, key)
        };
        if is_pressed {
            found.push(Pressed {
                command: *command,
                moves_on,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(key: Key, modifiers: Modifiers) -> Event {
        Event::Key {
            key,
            physical_key: None,
            pressed: true,
            repeat: false,
            modifiers,
        }
    }

    #[test]
    fn keys_of_one_frame_are_dealt_with_in_turn() {
        let typed = [
            press(Key::C, Modifiers::SHIFT),
            Event::Text("C".to_owned()),
            press(Key::J, Modifiers::NONE),
            press(Key::O, Modifiers::NONE),
        ];
        let mut queue = KeyQueue::default();
        let mut input = RawInput {
            events: typed.to_vec(),
            ..RawInput::default()
        };
        assert!(queue.hold_back(&mut input));
        assert_eq!(input.events, typed[..2]);
        for (expected, is_more) in [(2, true), (3, false)] {
            input = RawInput::default();
            assert_eq!(queue.hold_back(&mut input), is_more);
            assert_eq!(input.events, typed[expected..=expected]);
        }
    }

    #[test]
    fn a_key_held_down_in_slow_frames_does_not_pile_up() {
        let mut queue = KeyQueue::default();
        let mut input = RawInput {
            events: vec![press(Key::J, Modifiers::NONE); MOST_WAITING + 1],
            ..RawInput::default()
        };
        assert!(!queue.hold_back(&mut input));
        assert_eq!(input.events.len(), MOST_WAITING + 1);
    }
}
