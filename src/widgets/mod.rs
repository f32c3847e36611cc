//! Reusable pieces of the window: the theme, marks of roles and labels, chips, text that fits its cell.

pub mod answer;
pub mod badge;
pub mod chip;
pub mod marks;
pub mod phases;
pub mod review_ring;
pub mod ring;
pub mod row_keys;
pub mod scroll;
pub mod segment;
pub mod switch;
pub mod text;
pub mod theme;
pub mod time_axis;
