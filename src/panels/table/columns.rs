//! Which columns are shown, how wide they are, and how they share the width of the table.

use std::collections::BTreeMap;

use crate::query::columns::{COLUMNS, Column, ColumnId};

/// A column of the table; `None` = the waterfall, which is no value.
pub type Head = Option<ColumnId>;

/// Width of the waterfall, in points; it grows when there is room.
const WATERFALL_WIDTH: f32 = 84.0;
/// Narrowest waterfall, in points: its title fits.
const MIN_WATERFALL: f32 = 72.0;
/// Width of a digit, in points.
const DIGIT_WIDTH: f32 = 8.0;
/// Narrowest column, in points.
const MIN_WIDTH: f32 = 28.0;
/// Widest column, in points.
const MAX_WIDTH: f32 = 2_000.0;

/// The choice, the order and the widths of columns, as a person left them.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct ColumnLayout {
    /// Columns shown although they are not by default, or the other way round, by their word.
    toggled: BTreeMap<String, bool>,
    /// Widths that were dragged, in points, by the word of their column.
    widths: BTreeMap<String, f32>,
    /// The words of all columns from left to right, once one was moved.
    order: Vec<String>,
    /// The words of the headers that a person made columns of.
    headers: Vec<String>,
    /// Start shows the time of day instead of the time since the first request.
    is_start_absolute: bool,
    /// True while several files are open, so that it matters in which of them a flow stands.
    #[serde(skip)]
    has_several_files: bool,
    /// True while a flow is marked with a colour, which stands beside its label.
    #[serde(skip)]
    has_marks: bool,
}

/// A column with the stretch it takes, in points from the left edge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Which column.
    pub head: Head,
    /// Its left edge.
    pub left: f32,
    /// Its width.
    pub width: f32,
}

/// How a column is called in settings.
pub(super) fn word_of(head: Head) -> &'static str {
    head.map_or("waterfall", |column| column.column().word)
}

/// How a column is called for people.
pub(super) fn title_of(head: Head) -> &'static str {
    match head {
        None => "Waterfall",
        Some(ColumnId::N) => "Number",
        Some(column) => column.column().title,
    }
}

/// What a column holds, in one phrase.
pub(super) fn about_of(head: Head) -> &'static str {
    head.map_or("when each request ran", |column| column.column().about)
}

impl ColumnLayout {
    /// All columns in their usual order: those that every flow has, the chosen headers, and the waterfall.
    pub(super) fn all_heads(&self) -> Vec<Head> {
        let columns = COLUMNS.iter().map(|column| column.id);
        let headers = self.headers.iter();
        let headers = headers.filter_map(|word| Some(Column::named(word)?.id));
        columns.chain(headers).map(Some).chain([None]).collect()
    }

    /// Makes a column of a header and shows it.
    pub(super) fn show_header(&mut self, column: &'static Column) {
        if !self.headers.iter().any(|word| word == column.word) {
            self.headers.push(column.word.to_owned());
        }
        self.show(Some(column.id), true);
    }

    /// True when `head` is shown.
    pub fn is_shown(&self, head: Head) -> bool {
        let chosen = self.toggled.get(word_of(head)).copied();
        chosen.unwrap_or_else(|| match head {
            None => true,
            Some(ColumnId::File) => self.has_several_files,
            Some(other) => is_shown_by_default(other),
        })
    }

    /// Shows the file of each flow by default when there are several.
    pub const fn set_files(&mut self, n_files: usize) {
        self.has_several_files = 1 < n_files;
    }

    /// Makes room for colours beside the labels while there are any.
    pub const fn set_marks(&mut self, n_marked: usize) {
        self.has_marks = 0 < n_marked;
    }

    /// Shows or hides `head`.
    pub fn show(&mut self, head: Head, is_shown: bool) {
        self.toggled.insert(word_of(head).to_owned(), is_shown);
    }

    /// Sets the width of `head` in points.
    pub fn set_width(&mut self, head: Head, width: f32) {
        let least = if head.is_none() {
            MIN_WATERFALL
        } else {
            MIN_WIDTH
        };
        let width = width.clamp(least, MAX_WIDTH).round();
        self.widths.insert(word_of(head).to_owned(), width);
    }

    /// True when Start shows the time of day.
    pub const fn is_start_absolute(&self) -> bool {
        self.is_start_absolute
    }

    /// Lets Start show the time of day, or the time since the first request.
    pub const fn set_start_absolute(&mut self, is_absolute: bool) {
        self.is_start_absolute = is_absolute;
    }

    /// All columns from left to right, the hidden ones too.
    fn order(&self) -> Vec<Head> {
        let all = self.all_heads();
        let mut order: Vec<Head> = Vec::new();
        for word in &self.order {
            let known = all.iter().copied().find(|head| word_of(*head) == word);
            if let Some(head) = known.filter(|head| !order.contains(head)) {
                order.push(head);
            }
        }
        // A column that was not known when the order was saved stands behind its usual neighbour.
        let mut before = None;
        for head in all {
            if !order.contains(&head) {
                let idx = before.and_then(|before| order.iter().position(|h| *h == before));
                order.insert(idx.map_or(0, |idx| idx + 1), head);
            }
            before = Some(head);
        }
        order
    }

    /// The columns that are shown, from left to right.
    pub fn shown(&self) -> Vec<Head> {
        let mut order = self.order();
        order.retain(|head| self.is_shown(*head));
        order
    }

    /// Moves `head` to the place before `other`, or behind all columns.
    pub fn move_before(&mut self, head: Head, other: Option<Head>) {
        if other == Some(head) {
            return;
        }
        let mut order = self.order();
        order.retain(|kept| *kept != head);
        let idx = other.and_then(|other| order.iter().position(|kept| *kept == other));
        order.insert(idx.unwrap_or(order.len()), head);
        self.order = order.iter().map(|head| word_of(*head).to_owned()).collect();
    }

    /// Moves `head` by one shown column to the left or to the right.
    pub fn shift(&mut self, head: Head, is_right: bool) {
        let shown = self.shown();
        let Some(idx) = shown.iter().position(|other| *other == head) else {
            return;
        };
        if is_right && idx + 1 < shown.len() {
            self.move_before(head, shown.get(idx + 2).copied());
        } else if !is_right && 0 < idx {
            self.move_before(head, Some(shown[idx - 1]));
        }
    }

    /// Places all shown columns into `available` points; together they may be wider than that. Numbers go up to `n_flows`.
    pub fn places(&self, available: f32, n_flows: u32) -> Vec<Place> {
        let wishes: Vec<(Head, f32, bool)> = self
            .shown()
            .into_iter()
            .map(|head| match self.widths.get(word_of(head)) {
                Some(width) => (head, *width, true),
                None => (head, self.usual_width(head, n_flows), false),
            })
            .collect();
        let taken: f32 = wishes.iter().map(|(_, width, _)| width).sum();
        let free = available - taken;
        let share = |head, is_chosen| match (is_chosen, free < 0.0) {
            (true, _) => 0.0,
            (false, true) => share_of_missing(head),
            (false, false) => share_of_spare(head),
        };
        let shares = wishes
            .iter()
            .map(|(head, _, is_chosen)| share(*head, *is_chosen));
        let shares: f32 = shares.sum();
        let mut left = 0.0;
        let place = |(head, width, is_chosen): (Head, f32, bool)| {
            let least = match head {
                None => width.min(MIN_WATERFALL),
                Some(_) => width.min((width * 0.6).max(40.0)),
            };
            let more = if 0.0 < shares {
                free * share(head, is_chosen) / shares
            } else {
                0.0
            };
            let width = (width + more).max(least).floor();
            let place = Place { head, left, width };
            left += width;
            place
        };
        wishes.into_iter().map(place).collect()
    }

    fn usual_width(&self, head: Head, n_flows: u32) -> f32 {
        match head {
            None => WATERFALL_WIDTH,
            Some(ColumnId::N) => {
                let n_digits = crate::base::text::thousands(u64::from(n_flows)).len();
                (DIGIT_WIDTH * n_digits as f32 + 16.0).max(MIN_WIDTH)
            }
            Some(ColumnId::Label) if self.has_marks => 46.0,
            Some(ColumnId::Start) if self.is_start_absolute => 176.0,
            Some(column) => default_width(column),
        }
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
        C::Conclusive => 40.0,
        C::Label => 28.0,
        C::Start => 80.0,
        C::Method => 60.0,
        C::Status | C::Port => 54.0,
        C::Path | C::Url => 184.0,
        C::Host | C::Party | C::Network => 150.0,
        C::Service => 130.0,
        C::Role => 66.0,
        C::Provider => 92.0,
        C::Size | C::Time | C::Sent | C::Content => 64.0,
        C::Note => 42.0,
        _ => 96.0,
    }
}

/// The part of spare width that a column takes: paths are what people read.
const fn share_of_spare(head: Head) -> f32 {
    match head {
        Some(ColumnId::Path | ColumnId::Url) => 0.65,
        Some(ColumnId::Host) => 0.2,
        Some(ColumnId::Note) => 0.05,
        None => 0.1,
        Some(_) => 0.0,
    }
}

/// The part of missing width that a column goes without.
const fn share_of_missing(head: Head) -> f32 {
    match head {
        Some(ColumnId::Path | ColumnId::Url) => 0.6,
        Some(ColumnId::Host) => 0.2,
        Some(ColumnId::Service) | None => 0.1,
        Some(_) => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_columns_fill_a_wide_table_exactly_enough() {
        let places = ColumnLayout::default().places(1_080.0, 607);
        let last = places.last().expect("the waterfall");
        assert_eq!(last.head, None);
        assert!(
            (1_060.0..=1_080.0).contains(&(last.left + last.width)),
            "{last:?}"
        );
    }

    #[test]
    fn the_waterfall_keeps_room_for_its_title_and_can_be_hidden() {
        let mut layout = ColumnLayout::default();
        let width = |layout: &ColumnLayout| {
            let places = layout.places(300.0, 607);
            let place = places.iter().find(|place| place.head.is_none());
            place.map(|place| place.width)
        };
        assert_eq!(width(&layout), Some(MIN_WATERFALL));
        layout.set_width(None, 10.0);
        assert_eq!(width(&layout), Some(MIN_WATERFALL));
        layout.set_width(None, 300.0);
        assert_eq!(width(&layout), Some(300.0));
        layout.show(None, false);
        assert_eq!(width(&layout), None);
    }

    #[test]
    fn spare_width_goes_to_the_path_and_none_to_the_role() {
        let layout = ColumnLayout::default();
        let width = |available: f32, head: Head| {
            let places = layout.places(available, 607);
            let place = places.iter().find(|place| place.head == head);
            place.map_or(0.0, |place| place.width)
        };
        let gain = |head| width(2_000.0, head) - width(1_200.0, head);
        assert!(400.0 < gain(Some(ColumnId::Path)));
        assert_eq!(gain(Some(ColumnId::Role)), 0.0);
        assert_eq!(gain(Some(ColumnId::Conclusive)), 0.0);
    }

    #[test]
    fn hidden_columns_take_no_room_and_dragged_widths_stay() {
        let mut layout = ColumnLayout::default();
        layout.show(Some(ColumnId::Host), false);
        layout.set_width(Some(ColumnId::Path), 333.0);
        let places = layout.places(1_500.0, 607);
        let place = |column| places.iter().find(|place| place.head == Some(column));
        assert_eq!(place(ColumnId::Host), None);
        assert_eq!(place(ColumnId::Path).map(|place| place.width), Some(333.0));
        assert!(!layout.is_shown(Some(ColumnId::Type)));
    }

    #[test]
    fn columns_move_and_the_order_survives_unknown_and_new_columns() {
        let mut layout = ColumnLayout::default();
        layout.move_before(Some(ColumnId::Time), Some(Some(ColumnId::Method)));
        layout.shift(None, false);
        layout.shift(Some(ColumnId::N), true);
        let saved = serde_json::to_string(&layout).expect("plain data");
        let saved = saved.replace("\"status\",", "\"of a later version\",");
        let layout: ColumnLayout = serde_json::from_str(&saved).expect("plain data");
        let words: Vec<&str> = layout.shown().into_iter().map(word_of).collect();
        let expected = "label n start time method status host path provider service role conclusive \
                        size waterfall note";
        assert_eq!(words.join(" "), expected);
        assert_eq!(ColumnLayout::default().order().len(), COLUMNS.len() + 1);
    }

    #[test]
    fn several_files_show_their_column_unless_it_was_hidden() {
        let mut layout = ColumnLayout::default();
        assert!(!layout.is_shown(Some(ColumnId::File)));
        layout.set_files(2);
        assert!(layout.is_shown(Some(ColumnId::File)));
        layout.show(Some(ColumnId::File), false);
        assert!(!layout.is_shown(Some(ColumnId::File)));
    }
}
