//! Lines of cells below one another, for reading on a terminal.

use std::io::Write;

use super::Failure;
use crate::base::text::{escape_for_terminal, shorten_middle};

/// Widest cell, in characters.
pub(super) const MAX_WIDTH: usize = 48;

/// The text of a cell as a terminal may show it, in at most `max_chars` characters.
pub(super) fn shown(text: &str, max_chars: usize) -> String {
    shorten_middle(&escape_for_terminal(text), max_chars).into_owned()
}

/// Prints `lines`, whose columns are numbers or not, each column as wide as its widest cell.
pub(super) fn print(
    lines: &[Vec<String>],
    are_numbers: &[bool],
    out: &mut impl Write,
) -> Result<(), Failure> {
    let width = |idx: usize| {
        let cells = lines.iter().map(|line| line[idx].chars().count());
        cells.max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..are_numbers.len()).map(width).collect();
    for line in lines {
        let mut text = String::new();
        for ((cell, width), is_number) in line.iter().zip(&widths).zip(are_numbers) {
            let padding = " ".repeat(width - cell.chars().count());
            let (before, behind) = if *is_number {
                (&*padding, "")
            } else {
                ("", &*padding)
            };
            text.extend([before, cell, behind, "  "]);
        }
        writeln!(out, "{}", text.trim_end())?;
    }
    Ok(())
}
