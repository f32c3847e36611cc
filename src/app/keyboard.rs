//! Keys become commands. Single letters count only while no text is being typed.

use std::cmp::Reverse;

use egui::{Context, Event, InputState, Key, KeyboardShortcut, Modifiers, RawInput};

use super::filtering::{filter_id, highlight_id};
use crate::commands::{Command, Entry, entries};
use crate::panels::detail::{find_id, note_id, tag_id};
use crate::panels::search::search_id;
use crate::session::Lens;

/// When more keys than this wait, those that only repeat are dropped: whoever holds a key down must not watch it repeat long
/// after letting go. What was typed is never dropped.
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
        if MOST_WAITING < self.0.iter().filter(|event| is_press(event)).count() {
            self.drop_repeats();
        }
        let first = self.0.iter().position(is_press);
        let is_click = |event: &Event| matches!(event, Event::PointerButton { .. });
        let end = match first {
            // What was clicked before the key has to be selected before it.
            Some(idx) if self.0[..idx].iter().any(is_click) => idx,
            Some(idx) => {
                // The text of a key belongs to it; what follows may already be the release of Shift.
                let is_text = matches!(self.0.get(idx + 1), Some(Event::Text(_)));
                idx + 1 + usize::from(is_text)
            }
            None => self.0.len(),
        };
        input.events = self.0.drain(..end).collect();
        !self.0.is_empty()
    }

    /// Drops the keys that were not pressed but held, with their text.
    fn drop_repeats(&mut self) {
        let mut is_dropped = false;
        self.0.retain(|event| {
            let is_text_of_it = is_dropped && matches!(event, Event::Text(_));
            is_dropped = matches!(
                event,
                Event::Key {
                    pressed: true,
                    repeat: true,
                    ..
                }
            );
            !is_dropped && !is_text_of_it
        });
    }

    /// Lets all keys through, as text needs it.
    pub(super) fn release(&mut self, input: &mut RawInput) {
        self.0.append(&mut input.events);
        input.events = std::mem::take(&mut self.0);
    }
}

/// True while keys are text. These editors count from the moment at which a command sends the person there, which is
/// a frame before they are painted with the focus.
pub(super) fn is_typing(ctx: &Context) -> bool {
    let focus = ctx.memory(egui::Memory::focused);
    ctx.text_edit_focused()
        || focus.is_some_and(|id| {
            [
                filter_id(),
                highlight_id(),
                note_id(),
                tag_id(),
                search_id(),
                find_id(),
            ]
            .contains(&id)
        })
}

/// The commands whose keys were pressed in this frame. `has_table` says that letters belong to the table, in the lens that
/// is shown.
pub(super) fn pressed(ctx: &Context, has_table: bool, lens: Lens) -> Vec<Command> {
    let is_typing = is_typing(ctx);
    let is_covered =
        ctx.any_popup_open() || ctx.memory(|memory| memory.top_modal_layer().is_some());
    ctx.input_mut(|input| {
        let mut found = take_shortcuts(input, is_typing, is_covered);
        if has_table && !is_typing && !is_covered {
            if lens.is_grouped() {
                found.extend(take_lens_keys(input));
            }
            found.extend(take_letters(input));
        }
        found
    })
}

/// These belong to the text while it is edited.
const fn is_of_text(command: Command) -> bool {
    matches!(
        command,
        Command::Undo
            | Command::Redo
            | Command::SelectAll
            | Command::CopyRows
            | Command::OpenClipboard
    )
}

fn take_shortcuts(input: &mut InputState, is_typing: bool, is_covered: bool) -> Vec<Command> {
    let mut keys: Vec<(&KeyboardShortcut, Command)> = entries()
        .filter(|entry| !(is_typing && is_of_text(entry.command)))
        .flat_map(|entry| entry.shortcuts.iter().map(|keys| (keys, entry.command)))
        .collect();
    // A shortcut with Shift would otherwise be taken for the one without.
    keys.sort_by_key(|(keys, _)| Reverse(keys.modifiers.shift));
    let pressed = keys
        .into_iter()
        .filter(|(keys, _)| input.consume_shortcut(keys))
        .map(|(_, command)| command);
    let mut found: Vec<Command> = pressed.collect();
    if !is_typing && !is_covered {
        found.extend(take_copy(input));
    }
    found
}

/// The system turns Ctrl+C into an event of its own, with Shift and without.
fn take_copy(input: &mut InputState) -> Option<Command> {
    let before = input.events.len();
    input.events.retain(|event| !matches!(event, Event::Copy));
    let is_copied = input.events.len() < before;
    is_copied.then_some(if input.modifiers.shift {
        Command::CopyCurl
    } else {
        Command::CopyRows
    })
}

fn take_lens_keys(input: &mut InputState) -> Vec<Command> {
    let is_pressed = |entry: &&Entry| {
        let has_shift = input.modifiers.shift;
        let key = entry.lens_key.filter(|_| !has_shift);
        key.is_some_and(|key| input.consume_key(Modifiers::NONE, key))
    };
    let pressed = entries().filter(is_pressed);
    pressed.map(|entry| entry.command).collect()
}

fn take_letters(input: &mut InputState) -> Vec<Command> {
    let has_shift = input.modifiers.shift;
    let is_pressed = |entry: &&Entry| {
        let Some((modifiers, key)) = entry.table_key else {
            return false;
        };
        // Some keyboards need Shift to type these.
        let any_shift = matches!(
            key,
            Key::Questionmark | Key::Slash | Key::OpenBracket | Key::CloseBracket
        );
        // A key without Shift would also be taken with Shift.
        let is_meant = any_shift || has_shift == modifiers.shift;
        is_meant && input.consume_key(modifiers, key)
    };
    entries()
        .filter(is_pressed)
        .map(|entry| entry.command)
        .collect()
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
        let held = Event::Key {
            key: Key::J,
            physical_key: None,
            pressed: true,
            repeat: true,
            modifiers: Modifiers::NONE,
        };
        let mut events = vec![press(Key::J, Modifiers::NONE)];
        for _ in 0..MOST_WAITING {
            events.extend([held.clone(), Event::Text("j".to_owned())]);
        }
        events.push(press(Key::O, Modifiers::NONE));
        let mut input = RawInput {
            events,
            ..RawInput::default()
        };
        assert!(queue.hold_back(&mut input));
        assert_eq!(input.events, [press(Key::J, Modifiers::NONE)]);
        input = RawInput::default();
        assert!(!queue.hold_back(&mut input));
        assert_eq!(input.events, [press(Key::O, Modifiers::NONE)]);
    }

    #[test]
    fn what_was_typed_in_one_slow_frame_waits_for_its_turn() {
        let mut queue = KeyQueue::default();
        let mut input = RawInput {
            events: vec![press(Key::J, Modifiers::NONE); 2 * MOST_WAITING],
            ..RawInput::default()
        };
        for n in 1..=2 * MOST_WAITING {
            assert_eq!(queue.hold_back(&mut input), n < 2 * MOST_WAITING);
            assert_eq!(input.events.len(), 1);
            input = RawInput::default();
        }
    }
}
