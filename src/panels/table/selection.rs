//! How clicks and keys change the selection.

use egui::{Key, Modifiers, Ui};

use crate::capture::FlowId;
use crate::query::Rows;
use crate::session::Selection;

/// The selection after a click on `clicked`, which stands in row `idx`.
pub(super) fn clicked(
    rows: &Rows,
    before: &Selection,
    clicked: FlowId,
    modifiers: Modifiers,
) -> Selection {
    if modifiers.shift {
        return extended(rows, before, clicked);
    }
    if modifiers.command {
        let mut after = before.clone();
        if !after.flows.remove(&clicked) {
            after.flows.insert(clicked);
        }
        after.focus = Some(clicked);
        after.anchor = Some(clicked);
        return after;
    }
    Selection::only(clicked)
}

/// Everything between the anchor and `to`, in the order shown.
fn extended(rows: &Rows, before: &Selection, to: FlowId) -> Selection {
    let place = |flow: FlowId| rows.flows.iter().position(|found| *found == flow);
    let anchor = before.anchor.or(before.focus).unwrap_or(to);
    let (Some(from_idx), Some(to_idx)) = (place(anchor), place(to)) else {
        return Selection::only(to);
    };
    let range = from_idx.min(to_idx)..=from_idx.max(to_idx);
    Selection {
        focus: Some(to),
        anchor: Some(anchor),
        flows: rows.flows[range].iter().copied().collect(),
    }
}

/// The selection after the movement keys pressed in this frame; `None` when there were none.
pub(super) fn moved(ui: &Ui, rows: &Rows, before: &Selection, page: usize) -> Option<Selection> {
    let last = rows.flows.len().checked_sub(1)?;
    let (steps, is_extending) = ui.input_mut(|input| {
        // Without Shift would also match with Shift.
        for modifiers in [Modifiers::SHIFT, Modifiers::NONE] {
            for (key, step) in movement(page, last) {
                if input.consume_key(modifiers, key) {
                    return Some((step, modifiers.shift));
                }
            }
        }
        None
    })?;
    let focus_idx = before
        .focus
        .and_then(|focus| rows.flows.iter().position(|found| *found == focus));
    let idx = match focus_idx {
        None => 0,
        Some(idx) => idx.saturating_add_signed(steps).min(last),
    };
    let flow = *rows.flows.get(idx)?;
    Some(if is_extending {
        extended(rows, before, flow)
    } else {
        Selection::only(flow)
    })
}

fn movement(page: usize, last: usize) -> [(Key, isize); 8] {
    let page = page.cast_signed();
    let all = last.cast_signed();
    [
        (Key::ArrowDown, 1),
        (Key::J, 1),
        (Key::ArrowUp, -1),
        (Key::K, -1),
        (Key::PageDown, page),
        (Key::PageUp, -page),
        (Key::Home, -all),
        (Key::End, all),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shift_selects_in_the_order_shown() {
        let rows = Rows {
            flows: [5, 2, 9, 1].map(FlowId).to_vec(),
            ..Rows::default()
        };
        let first = clicked(&rows, &Selection::default(), FlowId(2), Modifiers::NONE);
        let range = clicked(&rows, &first, FlowId(1), Modifiers::SHIFT);
        assert_eq!(range.flows, [1, 2, 9].map(FlowId).into());
        assert_eq!(range.focus, Some(FlowId(1)));
        let less = clicked(&rows, &range, FlowId(9), Modifiers::COMMAND);
        assert_eq!(less.flows, [1, 2].map(FlowId).into());
    }
}
