//! Where a text stands in the lines of a body, also where a long line is broken.

use std::ops::Range;

use super::Content;
use crate::base::jobs::Cancel;
use crate::query::search::{MAX_HITS, Pattern};

/// All places at which a text was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// How many there are.
    pub n: usize,
    marks: Vec<FoundMark>,
}

/// A place, or the part of it that stands in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundMark {
    /// Which place, from 0.
    pub nth: usize,
    /// The bytes of the line.
    pub range: Range<usize>,
    line: usize,
}

impl Found {
    /// Looks through all lines. Returns `None` when cancelled. Takes as much memory as the lines themselves.
    pub fn of(content: &Content, pattern: &Pattern, cancel: &Cancel) -> Option<Self> {
        let (mut text, mut starts) = (String::new(), Vec::new());
        for line in &content.lines {
            starts.push(text.len());
            text.push_str(&line.text);
            if !line.goes_on {
                text.push('\n');
            }
        }
        let mut found = Self::default();
        for (nth, range) in pattern.all(text.as_bytes()).take(MAX_HITS).enumerate() {
            if cancel.is_cancelled() {
                return None;
            }
            found.n = nth + 1;
            found.mark(nth, &range, content, &starts);
        }
        Some(found)
    }

    fn mark(&mut self, nth: usize, range: &Range<usize>, content: &Content, starts: &[usize]) {
        let first = starts.partition_point(|start| *start <= range.start);
        let lines = content.lines.iter().zip(starts).enumerate();
        for (line, (shown, start)) in lines.skip(first.saturating_sub(1)) {
            if range.end <= *start {
                return;
            }
            let to = (range.end - start).min(shown.text.len());
            let range = range.start.saturating_sub(*start)..to;
            if !range.is_empty() && shown.text.get(range.clone()).is_some() {
                self.marks.push(FoundMark { nth, range, line });
            }
        }
    }

    /// What was found in this line, in order.
    pub fn in_line(&self, line: usize) -> &[FoundMark] {
        let from = self.marks.partition_point(|mark| mark.line < line);
        let to = self.marks.partition_point(|mark| mark.line <= line);
        self.marks.get(from..to).unwrap_or_default()
    }

    /// The line in which a place begins.
    pub fn line_of(&self, nth: usize) -> Option<usize> {
        let idx = self.marks.partition_point(|mark| mark.nth < nth);
        self.marks.get(idx).map(|mark| mark.line)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Line;
    use super::*;
    use crate::query::search::Wanted;

    #[test]
    fn a_text_is_found_where_a_line_is_broken() {
        let line = |text: &str, goes_on| Line {
            text: text.to_owned(),
            goes_on,
        };
        let content = Content {
            lines: vec![
                line("a Need", true),
                line("le here", false),
                line("nee", false),
                line("dle NEEDLE é", false),
            ],
            ..Content::default()
        };
        let wanted = Wanted {
            text: "needle".to_owned(),
            ..Wanted::default()
        };
        let pattern = Pattern::of(&wanted).expect("a text");
        let found = Found::of(&content, &pattern, &Cancel::default()).expect("nobody cancels");
        assert_eq!(found.n, 2);
        assert_eq!((found.line_of(0), found.line_of(1)), (Some(0), Some(3)));
        let ranges = |line| -> Vec<_> {
            let marks = found.in_line(line).iter();
            marks.map(|mark| (mark.nth, mark.range.clone())).collect()
        };
        assert_eq!(ranges(0), [(0, 2..6)]);
        assert_eq!(ranges(1), [(0, 0..2)]);
        assert_eq!(ranges(2), []);
        assert_eq!(ranges(3), [(1, 4..10)]);
    }
}
