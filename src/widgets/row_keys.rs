//! Keys that move among the rows of a table: arrows, J and K, a page, the ends.

use egui::{EventFilter, Id, InputState, Key, Modifiers, Ui};

/// How many rows the key that was pressed moves, and whether it extends the selection; takes the key.
pub fn taken_step(input: &mut InputState, page: usize, last: usize) -> Option<(isize, bool)> {
    let (page, all) = (page.cast_signed(), last.cast_signed());
    let steps = [
        (Key::ArrowDown, 1),
        (Key::J, 1),
        (Key::ArrowUp, -1),
        (Key::K, -1),
        (Key::PageDown, page),
        (Key::PageUp, -page),
        (Key::Home, -all),
        (Key::End, all),
    ];
    // Without Shift would also match with Shift.
    for modifiers in [Modifiers::SHIFT, Modifiers::NONE] {
        for (key, step) in steps {
            if input.consume_key(modifiers, key) {
                return Some((step, modifiers.shift));
            }
        }
    }
    None
}

/// Lets arrows act on the rows while `id` has the keyboard, and not lead away from them.
pub fn keep_arrows(ui: &Ui, id: Id) {
    let arrows = EventFilter {
        horizontal_arrows: true,
        vertical_arrows: true,
        ..EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(id, arrows));
}
