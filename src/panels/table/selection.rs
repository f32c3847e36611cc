//! How clicks and keys change the selection.

use egui::{Modifiers, Ui};

use crate::capture::FlowId;
use crate::query::Rows;
use crate::session::Selection;
use crate::widgets::row_keys::taken_step;

/// Finds flows among the rows, without looking at all of them when they stand where they stood.
#[derive(Debug, Default)]
pub(super) struct Finder {
    /// The flows asked for last, with their rows; the newest one first.
    known: Vec<(FlowId, usize)>,
}

/// As many flows are asked for again and again: focus, anchor, and where to go.
const MAX_KNOWN: usize = 4;

impl Finder {
    /// Says in which row `flow` stands now.
    pub(super) fn remember(&mut self, flow: FlowId, idx: usize) {
        self.known.retain(|(known, _)| *known != flow);
        self.known.insert(0, (flow, idx));
        self.known.truncate(MAX_KNOWN);
    }

    /// The row of `flow`.
    pub(super) fn place(&mut self, rows: &Rows, flow: FlowId) -> Option<usize> {
        let stands_at = |idx: &usize| rows.flows.get(*idx) == Some(&flow);
        let known = self.known.iter().find(|(known, _)| *known == flow);
        // In capture order and without a filter, flows are numbered by their rows.
        let guesses = [known.map(|(_, idx)| *idx), Some(flow.0 as usize)];
        let guessed = guesses.into_iter().flatten().find(stands_at);
        let idx = guessed.or_else(|| rows.flows.iter().position(|found| *found == flow))?;
        self.remember(flow, idx);
        Some(idx)
    }
}

/// The selection after a click on `clicked`.
pub(super) fn clicked(
    rows: &Rows,
    before: &Selection,
    clicked: FlowId,
    modifiers: Modifiers,
    finder: &mut Finder,
) -> Selection {
    if modifiers.shift {
        return extended(rows, before, clicked, finder);
    }
    if modifiers.command {
        let mut after = before.clone();
        after.flows.toggle(clicked);
        after.focus = Some(clicked);
        after.anchor = Some(clicked);
        return after;
    }
    Selection::only(clicked)
}

/// Everything between the anchor and `to`, in the order shown.
fn extended(rows: &Rows, before: &Selection, to: FlowId, finder: &mut Finder) -> Selection {
    let anchor = before.anchor.or(before.focus).unwrap_or(to);
    let places = (finder.place(rows, anchor), finder.place(rows, to));
    let (Some(from_idx), Some(to_idx)) = places else {
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
pub(super) fn moved(
    ui: &Ui,
    rows: &Rows,
    before: &Selection,
    finder: &mut Finder,
    page: usize,
) -> Option<Selection> {
    let last = rows.flows.len().checked_sub(1)?;
    let (steps, is_extending) = ui.input_mut(|input| taken_step(input, page, last))?;
    let focus_idx = before.focus.and_then(|focus| finder.place(rows, focus));
    let idx = match focus_idx {
        None => 0,
        Some(idx) => idx.saturating_add_signed(steps).min(last),
    };
    let flow = *rows.flows.get(idx)?;
    finder.remember(flow, idx);
    Some(if is_extending {
        extended(rows, before, flow, finder)
    } else {
        Selection::only(flow)
    })
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
        let mut finder = Finder::default();
        let mut click = |before: &Selection, flow, modifiers| {
            clicked(&rows, before, FlowId(flow), modifiers, &mut finder)
        };
        let first = click(&Selection::default(), 2, Modifiers::NONE);
        let range = click(&first, 1, Modifiers::SHIFT);
        assert_eq!(range.flows, [1, 2, 9].map(FlowId).into());
        assert_eq!(range.focus, Some(FlowId(1)));
        let less = click(&range, 9, Modifiers::COMMAND);
        assert_eq!(less.flows, [1, 2].map(FlowId).into());
    }

    #[test]
    fn flows_are_found_after_the_rows_changed() {
        let rows = |flows: &[u32]| Rows {
            flows: flows.iter().copied().map(FlowId).collect(),
            ..Rows::default()
        };
        let mut finder = Finder::default();
        assert_eq!(finder.place(&rows(&[5, 2, 9, 1]), FlowId(9)), Some(2));
        assert_eq!(finder.place(&rows(&[9, 5]), FlowId(9)), Some(0));
        assert_eq!(finder.place(&rows(&[0, 1, 2]), FlowId(2)), Some(2));
        assert_eq!(finder.place(&rows(&[0, 1]), FlowId(2)), None);
    }
}
