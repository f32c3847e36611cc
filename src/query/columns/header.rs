//! Headers as columns: `response-header:x-cache`, `request-header:accept`.
//!
//! A column lives as long as the program, since others point at it; a person names few of them.

use std::sync::{PoisonError, RwLock};

use super::{Cell, Column, ColumnId, Value};
use crate::capture::Side;
use crate::document::{Document, Reread};
use crate::providers::is_evidence_header;

/// Most header columns of one run, so that a loop of mistakes cannot fill the memory.
const MAX_COLUMNS: usize = 1_000;
/// What stands before the name in the word of a column.
const PREFIXES: [(Side, &str); 2] = [
    (Side::Response, "response-header:"),
    (Side::Request, "request-header:"),
];

static COLUMNS: RwLock<Vec<&'static Column>> = RwLock::new(Vec::new());

/// Which header column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HeaderId(u16);

/// The column that shows the header `name` of one side, in any case. `None` when that is no name of a header.
pub fn header_column(side: Side, name: &str) -> Option<&'static Column> {
    let name = name.trim().to_ascii_lowercase();
    let is_name = |c: char| c.is_ascii_graphic() && !"()<>@,;:\\\"/[]?={}".contains(c);
    if name.is_empty() || !name.chars().all(is_name) {
        return None;
    }
    let (_, prefix) = PREFIXES.iter().find(|(known, _)| *known == side)?;
    let mut columns = COLUMNS.write().unwrap_or_else(PoisonError::into_inner);
    let wanted = |column: &&&Column| matches!(column.reread, Some(Reread::Header(known, known_name)) if known == side && known_name == name);
    if let Some(known) = columns.iter().find(wanted) {
        return Some(known);
    }
    if MAX_COLUMNS <= columns.len() {
        return None;
    }
    let about = match side {
        Side::Request => "header of the request",
        _ => "header of the response",
    };
    let name: &'static str = name.leak();
    let column: &'static Column = Box::leak(Box::new(Column {
        id: ColumnId::Header(HeaderId(columns.len() as u16)),
        word: format!("{prefix}{name}").leak(),
        title: name,
        about,
        is_number: false,
        reread: Some(Reread::Header(side, name)),
        value: reread_value,
    }));
    columns.push(column);
    Some(column)
}

/// The header column that is called `word`.
pub(super) fn named(word: &str) -> Option<&'static Column> {
    let (side, name) = PREFIXES
        .iter()
        .find_map(|(side, prefix)| Some((*side, word.strip_prefix(prefix)?)))?;
    header_column(side, name)
}

/// The definition behind an id, which nothing but [`header_column`] makes.
pub(super) fn definition(id: HeaderId) -> &'static Column {
    let columns = COLUMNS.read().unwrap_or_else(PoisonError::into_inner);
    columns
        .get(usize::from(id.0))
        .copied()
        .unwrap_or(&super::COLUMNS[0])
}

/// What has to be read again from the captures of `document` before `column` can show it; `None` when it is there.
pub fn unread(document: &Document, column: &Column) -> Option<Reread> {
    let reread = column.reread?;
    (!is_in_memory(reread) && !document.has_reread(column.word)).then_some(reread)
}

fn is_in_memory(reread: Reread) -> bool {
    matches!(reread, Reread::Header(Side::Response, name) if is_evidence_header(name))
}

/// Headers that attribution reads are in memory; all else is there once it was read for this column.
pub(super) fn reread_value<'a>(cell: &Cell<'a>) -> Value<'a> {
    let text = match cell.column.reread {
        Some(reread @ Reread::Header(_, name)) if is_in_memory(reread) => {
            let header = cell.flow.response_header(name);
            header.map(|header| header.value)
        }
        _ => cell.document.reread_cell(cell.column.word, cell.id),
    };
    text.map_or(Value::Missing, |text| Value::Text(text.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_one_column_however_it_is_written() {
        let column = header_column(Side::Response, " X-Frame-Options ").expect("a column");
        assert_eq!(column.word, "response-header:x-frame-options");
        assert_eq!(named(column.word).map(|found| found.id), Some(column.id));
        assert_eq!(column.id.column().title, "x-frame-options");
        let request = header_column(Side::Request, "x-frame-options").expect("a column");
        assert_ne!(request.id, column.id);
        for name in ["", "a b", "a:b", "\u{e9}"] {
            assert!(header_column(Side::Response, name).is_none(), "{name:?}");
        }
        assert!(header_column(Side::Connection, "x").is_none());
    }
}
