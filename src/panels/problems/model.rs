//! The list of what could not be read, over all captures.

use crate::base::text::thousands;
use crate::capture::Problem;
use crate::document::Document;

/// One line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What was expected and what was found.
    pub message: String,
    /// `shop.har · entry 3 · byte 81,204 · syntax · 2 times`.
    pub place: String,
}

/// Number of lines: problems alike share one.
pub fn n_lines(document: &Document) -> usize {
    let lists = document.captures().iter();
    lists.map(|open| open.capture.problems().len()).sum()
}

/// Number of problems, each one counted as often as it was met.
pub fn n_problems(document: &Document) -> u64 {
    let lists = document.captures().iter();
    lists
        .flat_map(|open| open.capture.problems())
        .map(|problem| u64::from(problem.count))
        .sum()
}

/// Line `idx`, counted over all captures; `None` past the end.
pub fn line(document: &Document, mut idx: usize) -> Option<Line> {
    for open in document.captures() {
        let problems = open.capture.problems();
        if let Some(problem) = problems.get(idx) {
            return Some(Line {
                message: problem.message.clone(),
                place: place(&open.capture.info().name, problem),
            });
        }
        idx -= problems.len();
    }
    None
}

fn place(file: &str, problem: &Problem) -> String {
    let mut parts = vec![file.to_owned()];
    parts.extend(
        problem
            .entry
            .map(|entry| format!("entry {}", thousands(entry.into()))),
    );
    parts.extend(problem.byte.map(|byte| format!("byte {}", thousands(byte))));
    parts.push(problem.kind.word().to_owned());
    if 1 < problem.count {
        parts.push(format!("{} times", thousands(problem.count.into())));
    }
    parts.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::ProblemKind;

    fn check(problem: &Problem, expected: &str) {
        assert_eq!(place("a.har", problem), expected);
    }

    #[test]
    fn a_place_says_only_what_is_known() {
        let problem = Problem::new(ProblemKind::Truncated, "the file ends early");
        check(&problem, "a.har · truncated");
        let placed = problem.at_entry(3).at_byte(81_204);
        check(&placed, "a.har · entry 3 · byte 81,204 · truncated");
        let counted = Problem { count: 2, ..placed };
        check(
            &counted,
            "a.har · entry 3 · byte 81,204 · truncated · 2 times",
        );
    }

    #[test]
    fn nothing_open_has_no_problems() {
        let document = Document::new("");
        assert_eq!((n_lines(&document), n_problems(&document)), (0, 0));
        assert_eq!(line(&document, 0), None);
    }
}
