//! The filter terms that a slice adds and takes away.

use std::ops::Range;

use crate::query::aggregate::Part;

/// `filter` without the terms by which slices of `part` are filtered.
pub(super) fn without_own(filter: &str, part: Part) -> String {
    let own = part.terms_in(filter);
    own.iter().fold(filter.to_owned(), |filter, term| {
        if has_term(&filter, term) {
            toggle_term(&filter, term)
        } else {
            filter
        }
    })
}

/// `filter` after a click on the slice that `term` stands for: that slice alone, or all of them when it was alone.
pub(super) fn picked(filter: &str, part: Part, term: &str) -> String {
    if has_term(filter, term) {
        toggle_term(filter, term)
    } else {
        toggle_term(&without_own(filter, part), term)
    }
}

/// True when `filter` asks for `term` beside other terms.
pub(super) fn has_term(filter: &str, term: &str) -> bool {
    place_of(filter, term).is_some()
}

/// `filter` with `term` added, or without it when it is there already.
pub(super) fn toggle_term(filter: &str, term: &str) -> String {
    let filter = filter.trim();
    if let Some(place) = place_of(filter, term) {
        let (before, after) = (&filter[..place.start], &filter[place.end..]);
        return format!("{} {}", before.trim_end(), after.trim_start())
            .trim()
            .to_owned();
    }
    if filter.is_empty() {
        return term.to_owned();
    }
    let is_choice = filter.contains('|')
        || filter
            .split_whitespace()
            .any(|word| word.eq_ignore_ascii_case("or"));
    if is_choice {
        format!("({filter}) {term}")
    } else {
        format!("{filter} {term}")
    }
}

/// Where `term` stands in `filter` as a whole term outside parentheses.
fn place_of(filter: &str, term: &str) -> Option<Range<usize>> {
    filter
        .match_indices(term)
        .map(|(at, found)| at..at + found.len())
        .find(|place| {
            let (before, after) = (&filter[..place.start], &filter[place.end..]);
            let is_whole = (before.is_empty() || before.ends_with(' '))
                && (after.is_empty() || after.starts_with(' '));
            is_whole && before.matches('(').count() == before.matches(')').count()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_comes_and_goes() {
        let term = "provider:aws role:cdn";
        for (before, after) in [
            ("", "provider:aws role:cdn"),
            (" type:image ", "type:image provider:aws role:cdn"),
            ("a or b", "(a or b) provider:aws role:cdn"),
            (
                "-(provider:aws role:cdn)",
                "-(provider:aws role:cdn) provider:aws role:cdn",
            ),
        ] {
            assert_eq!(toggle_term(before, term), after);
            assert!(has_term(after, term), "{after}");
            let gone = toggle_term(after, term);
            assert!(!has_term(&gone, term), "{gone}");
        }
        assert_eq!(toggle_term("a provider:aws role:cdn b", term), "a b");
    }

    #[test]
    fn a_click_picks_one_slice_at_a_time() {
        let part = Part::Terminating;
        let (aws, gcp) = ("provider:aws role:cdn", "provider:google role:origin");
        for (before, term, after) in [
            ("", aws, aws),
            (aws, aws, ""),
            (aws, gcp, gcp),
            (
                "type:image provider:aws role:cdn",
                gcp,
                "type:image provider:google role:origin",
            ),
            ("provider:none", aws, aws),
        ] {
            assert_eq!(picked(before, part, term), after, "{before}");
        }
    }
}
