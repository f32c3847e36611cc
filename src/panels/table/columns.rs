//! Which columns are shown, how wide they are, and how they share the width of the table.

use std::collections::BTreeMap;

use crate::query::columns::{COLUMNS, ColumnId};

/// Width of the bars behind the last column, in points; it grows when there is room.
const WATERFALL_WIDTH: f32 = 76.0;
/// Width of a digit, in points.
const DIGIT_WIDTH: f32 = 8.0;
/// Narrowest column, in points.
const MIN_WIDTH: f32 = 28.0;

/// The choice and the widths of columns, as a person left them.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct ColumnLayout {
    /// Columns shown although they are not by default, or the other way round, by their word.
    toggled: BTreeMap<String, bool>,
    /// Widths that were dragged, in points, by the word of their column.
    widths: BTreeMap<String, f32>,
    /// True while several files are open, so that it matters in which of them a flow stands.
    #[serde(skip)]
    has_several_files: bool,
}

/// A column with the stretch it takes, in points from the left edge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Which column; `None` = the waterfall.
    pub column: Option<ColumnId>,
    /// Its left edge.
    pub left: f32,
    /// Its width.
    pub width: f32,
}

impl ColumnLayout {
    /// True when `column` is shown.
    pub fn is_shown(&self, column: ColumnId) -> bool {
        let word = column.column().word;
        self.toggled
            .get(word)
            .copied()
            .unwrap_or_else(|| match column {
                ColumnId::File => self.has_several_files,
                other => is_shown_by_default(other),
            })
    }

    /// Shows the file of each flow by default when there are several.
    pub const fn set_files(&mut self, n_files: usize) {
        self.has_several_files = 1 < n_files;
    }

    /// Shows or hides `column`.
    pub fn show(&mut self, column: ColumnId, is_shown: bool) {
        self.toggled
            .insert(column.column().word.to_owned(), is_shown);
    }

    /// Sets the width of `column` in points.
    pub fn set_width(&mut self, column: ColumnId, width: f32) {
        let width = width.clamp(MIN_WIDTH, 2_000.0);
        self.widths.insert(column.column().word.to_owned(), width);
    }

    /// Places all shown columns into `available` points; together they may be wider than that. Numbers go up to `n_flows`.
    pub fn places(&self, available: f32, n_flows: u32) -> Vec<Place> {
        let number = (DIGIT_WIDTH * n_flows.to_string().len() as f32 + 16.0).max(MIN_WIDTH);
        let mut columns: Vec<(Option<ColumnId>, f32, f32)> = COLUMNS
            .iter()
            .filter(|column| self.is_shown(column.id))
            .map(|column| match self.widths.get(column.word) {
                Some(width) => (Some(column.id), *width, 0.0),
                None if column.id == ColumnId::N => (Some(column.id), number, 0.0),
                None => (Some(column.id), default_width(column.id), share(column.id)),
            })
            .collect();
        columns.push((None, WATERFALL_WIDTH, 0.1));
        let taken: f32 = columns.iter().map(|(_, width, _)| width).sum();
        let shares: f32 = columns.iter().map(|(.., share)| share).sum();
        let free = available - taken;
        let mut left = 0.0;
        columns
            .into_iter()
            .map(|(column, width, share)| {
                let least = width.min((width * 0.6).max(40.0));
                let width = (width + free * share / shares).max(least).floor();
                let place = Place {
                    column,
                    left,
                    width,
                };
                left += width;
                place
            })
            .collect()
    }
}

const fn is_shown_by_default(column: ColumnId) -> bool {
    use ColumnId as C;
    matches!(
        column,
        C::N | C::Label
            | C::Start
            | C::Method
            | C::Status
            | C::Host
            | C::Path
            | C::Provider
            | C::Service
            | C::Role
            | C::Conclusive
            | C::Size
            | C::Time
            | C::Note
    )
}

const fn default_width(column: ColumnId) -> f32 {
    use ColumnId as C;
    match column {
        C::Conclusive => 44.0,
        C::Label => 28.0,
        C::Start => 76.0,
        C::Method => 68.0,
        C::Status | C::Port => 58.0,
        C::Host | C::Party | C::Path | C::Url => 168.0,
        C::Service => 132.0,
        C::Role => 64.0,
        C::Size | C::Time | C::Sent | C::Content => 66.0,
        C::Provider => 82.0,
        C::Note => 52.0,
        _ => 96.0,
    }
}

/// The part of spare (or missing) width that a column takes.
const fn share(column: ColumnId) -> f32 {
    match column {
        ColumnId::Path | ColumnId::Host => 0.4,
        ColumnId::Note => 0.1,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_columns_fill_a_wide_table_exactly_enough() {
        let places = ColumnLayout::default().places(1_080.0, 607);
        let last = places.last().expect("the waterfall");
        assert_eq!(last.column, None);
        assert!(
            (1_060.0..=1_080.0).contains(&(last.left + last.width)),
            "{last:?}"
        );
    }

    #[test]
    fn hidden_columns_take_no_room_and_dragged_widths_stay() {
        let mut layout = ColumnLayout::default();
        layout.show(ColumnId::Host, false);
        layout.set_width(ColumnId::Path, 333.0);
        let places = layout.places(1_500.0, 607);
        assert!(
            places
                .iter()
                .all(|place| place.column != Some(ColumnId::Host))
        );
        let path = places
            .iter()
            .find(|place| place.column == Some(ColumnId::Path));
        assert_eq!(path.map(|place| place.width), Some(333.0));
        assert!(!layout.is_shown(ColumnId::Type));
    }

    #[test]
    fn several_files_show_their_column_unless_it_was_hidden() {
        let mut layout = ColumnLayout::default();
        assert!(!layout.is_shown(ColumnId::File));
        layout.set_files(2);
        assert!(layout.is_shown(ColumnId::File));
        layout.show(ColumnId::File, false);
        assert!(!layout.is_shown(ColumnId::File));
    }
}
