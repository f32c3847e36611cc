//! Orders rows by a column: stable, missing values last in both directions, then by key.

use std::cmp::Ordering;

use rayon::slice::ParallelSliceMut as _;

use super::{By, HostColumn, HostRow, HostTable};
use crate::query::columns::Value;

/// By which column rows are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct HostSort {
    /// Which column.
    pub column: HostColumn,
    /// Largest first.
    pub descending: bool,
}

impl Default for HostSort {
    /// The rows with most flows first.
    fn default() -> Self {
        Self::of(HostColumn::Requests)
    }
}

impl HostSort {
    /// The way round in which people look at a column: the largest numbers first, words by letter.
    pub fn of(column: HostColumn) -> Self {
        Self {
            column,
            descending: column.is_number() || column == HostColumn::Conclusive,
        }
    }

    /// The order after a click on `column`: the other way round the second time.
    #[must_use]
    pub fn clicked(self, column: HostColumn) -> Self {
        if self.column == column {
            Self {
                descending: !self.descending,
                ..self
            }
        } else {
            Self::of(column)
        }
    }
}

/// The order that is written `COLUMN`, `COLUMN:desc` or `COLUMN:asc`; `None` when there is no such column.
pub fn sort_named(text: &str, by: By) -> Option<HostSort> {
    let (word, descending) = match text.rsplit_once(':') {
        Some((word, "desc")) => (word, true),
        Some((word, "asc")) => (word, false),
        _ => (text, false),
    };
    let column = HostColumn::named(word, by)?;
    Some(HostSort { column, descending })
}

/// The indices of the rows of `table` from top to bottom, by the first of `sorts`, then by the next one.
pub fn order(table: &HostTable, sorts: &[HostSort]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..table.rows.len() as u32).collect();
    order.par_sort_by(|a, b| {
        table.rows[*a as usize]
            .key
            .cmp(&table.rows[*b as usize].key)
    });
    // From the last to the first: each pass is stable, so that earlier ones win.
    for sort in sorts.iter().rev() {
        let mut keyed: Vec<(Value<'_>, u32)> = order
            .iter()
            .map(|idx| (sort_value(table, &table.rows[*idx as usize], *sort), *idx))
            .collect();
        keyed.par_sort_by(|(a, _), (b, _)| ordering(a, b, sort.descending));
        order = keyed.into_iter().map(|(_, idx)| idx).collect();
    }
    order
}

fn sort_value<'a>(table: &'a HostTable, row: &'a HostRow, sort: HostSort) -> Value<'a> {
    match sort.column {
        HostColumn::Conclusive => Value::Number(f64::from(row.conclusiveness as u8)),
        // The share in percent is rounded, the bytes are not.
        HostColumn::Share => Value::Number(row.bytes as f64),
        other => other.value(table, row),
    }
}

fn ordering(a: &Value<'_>, b: &Value<'_>, descending: bool) -> Ordering {
    let is_reversible = *a != Value::Missing && *b != Value::Missing;
    let ordering = a.compare(b);
    if descending && is_reversible {
        ordering.reverse()
    } else {
        ordering
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_click_turns_the_order_round() {
        let first = HostSort::default().clicked(HostColumn::Key);
        assert!(!first.descending);
        assert!(first.clicked(HostColumn::Key).descending);
        assert!(first.clicked(HostColumn::Bytes).descending);
    }

    #[test]
    fn an_order_is_written_like_that_of_flows() {
        let sort = |column, descending| Some(HostSort { column, descending });
        assert_eq!(
            sort_named("bytes:desc", By::Host),
            sort(HostColumn::Bytes, true)
        );
        assert_eq!(sort_named("host", By::Host), sort(HostColumn::Key, false));
        assert_eq!(sort_named("host", By::Party), None);
        assert_eq!(sort_named("bytes:down", By::Host), None);
    }
}
