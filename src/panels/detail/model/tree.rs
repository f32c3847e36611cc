//! A JSON body as rows that open and close.

use std::collections::BTreeSet;

use serde_json::Value;

/// Most rows of a tree.
const MAX_ROWS: usize = 200_000;
/// Longest text of a value, in characters.
const MAX_TEXT: usize = 400;

/// All values of a body, each before those that it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// The values in the order of the body.
    pub rows: Vec<TreeRow>,
    /// True when there are more values than rows.
    pub is_cut: bool,
}

/// One value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeRow {
    /// Number of values that hold it.
    pub depth: usize,
    /// Its name in an object, its place in an array; empty for the outermost.
    pub key: String,
    /// The value, or how many it holds: `3 keys`, `12 items`.
    pub text: String,
    /// What kind of value it is.
    pub kind: Kind,
    /// The row behind everything that it holds.
    pub end: usize,
}

/// Kinds of values that look different.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An object or array.
    Holder,
    /// A string.
    Text,
    /// A number, a truth value, or nothing.
    Plain,
}

impl Tree {
    /// The tree of a JSON text; `None` for everything else.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(bytes).ok()?;
        let mut tree = Self::default();
        tree.add(0, String::new(), &value);
        Some(tree)
    }

    fn add(&mut self, depth: usize, key: String, value: &Value) {
        if MAX_ROWS <= self.rows.len() {
            self.is_cut = true;
            return;
        }
        let idx = self.rows.len();
        let (text, kind) = match value {
            Value::Object(fields) => (counted(fields.len(), "key"), Kind::Holder),
            Value::Array(items) => (counted(items.len(), "item"), Kind::Holder),
            Value::String(text) => (format!("\"{}\"", shown(text)), Kind::Text),
            other => (other.to_string(), Kind::Plain),
        };
        self.rows.push(TreeRow {
            depth,
            key,
            text,
            kind,
            end: 0,
        });
        match value {
            Value::Object(fields) => {
                for (name, field) in fields {
                    self.add(depth + 1, shown(name), field);
                }
            }
            Value::Array(items) => {
                for (n, item) in items.iter().enumerate() {
                    self.add(depth + 1, n.to_string(), item);
                }
            }
            _ => {}
        }
        self.rows[idx].end = self.rows.len();
    }

    /// The rows to be seen when those in `closed` are closed.
    pub fn visible(&self, closed: &BTreeSet<usize>) -> Vec<usize> {
        let mut visible = Vec::new();
        let mut idx = 0;
        while let Some(row) = self.rows.get(idx) {
            visible.push(idx);
            idx = if closed.contains(&idx) {
                row.end
            } else {
                idx + 1
            };
        }
        visible
    }
}

fn counted(n: usize, noun: &str) -> String {
    crate::base::text::counted(n as u64, noun)
}

fn shown(text: &str) -> String {
    let short: String = text.chars().take(MAX_TEXT).collect();
    let dots = if short.len() < text.len() { "…" } else { "" };
    format!("{}{dots}", super::shown(&short))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_before_what_they_hold() {
        let tree = Tree::of(br#"{"a":[1,"x"],"b":null}"#).expect("a tree");
        let rows: Vec<_> = tree
            .rows
            .iter()
            .map(|row| (row.depth, row.key.as_str(), row.text.as_str(), row.end))
            .collect();
        assert_eq!(
            rows,
            [
                (0, "", "2 keys", 5),
                (1, "a", "2 items", 4),
                (2, "0", "1", 3),
                (2, "1", "\"x\"", 4),
                (1, "b", "null", 5),
            ]
        );
        assert_eq!(tree.visible(&BTreeSet::new()), [0, 1, 2, 3, 4]);
        assert_eq!(tree.visible(&BTreeSet::from([1])), [0, 1, 4]);
        assert_eq!(tree.visible(&BTreeSet::from([0])), [0]);
        assert_eq!(Tree::of(b"no json"), None);
    }

    #[test]
    fn large_bodies_are_cut_and_deep_ones_refused() {
        let many = format!("[{}0]", "0,".repeat(MAX_ROWS + 9));
        let tree = Tree::of(many.as_bytes()).expect("a tree");
        assert_eq!((tree.rows.len(), tree.is_cut), (MAX_ROWS, true));
        assert_eq!(tree.rows[0].end, MAX_ROWS);
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        assert_eq!(Tree::of(deep.as_bytes()), None);
    }
}
