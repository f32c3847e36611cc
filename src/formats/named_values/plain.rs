//! Lines of plain words: the request or URL in them, the status behind it, and a time at the beginning.

use std::borrow::Cow;

use super::fields::{duration_ms, time};
use crate::base::time::Time;
use crate::formats::LogEntry;

/// Methods that stand in front of a path.
const METHODS: [&str; 9] = [
    "GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE",
];

/// The request in `text`, when it holds a URL or a method with its target, and a status.
pub(super) fn entry(text: &str) -> Option<LogEntry<'_>> {
    let words: Vec<&str> = words(text).collect();
    let is_method = |place: usize| {
        place
            .checked_sub(1)
            .is_some_and(|before| METHODS.contains(&words[before]))
    };
    let targets = || (0..words.len()).filter(|place| is_target(words[*place]));
    // A request tells more than a URL that stands elsewhere in the line; a path alone may be that of a file.
    let place = targets()
        .find(|place| is_method(*place))
        .or_else(|| targets().find(|place| words[*place].contains("://")))?;
    let target = words[place];
    let method = if is_method(place) {
        words[place - 1]
    } else {
        ""
    };
    let version = words.get(place + 1).copied().unwrap_or_default();
    let version = if version.starts_with("HTTP/") {
        version
    } else {
        ""
    };
    let behind = place + 1 + usize::from(!version.is_empty());
    let statuses = (behind..words.len()).chain(0..place);
    let status = statuses
        .filter(|at| !is_measure(&words, *at))
        .find_map(|at| status(words[at]))?;
    let mut durations = words[behind.min(words.len())..]
        .iter()
        .filter_map(|word| duration_ms(word));
    // The host may stand before the request, as a URL without a path.
    let base = words[..place]
        .iter()
        .find(|word| target.starts_with('/') && word.contains("://"));
    let url = base.map_or(Cow::Borrowed(target), |base| {
        Cow::Owned(format!("{}{target}", base.trim_end_matches('/')))
    });
    Some(LogEntry {
        start: start(text),
        time_ms: durations.next(),
        method: Cow::Borrowed(method),
        url,
        version: Cow::Borrowed(version),
        status: Some(status),
        ..LogEntry::default()
    })
}

/// What was taken from where.
pub(super) fn taken(text: &str) -> Option<String> {
    let entry = entry(text)?;
    let url = if entry.method.is_empty() {
        "the URL from the word that looks like one"
    } else {
        "the URL from the word behind the method"
    };
    let time = match entry.start {
        Some(_) => ", the time from the beginning of the line",
        None => "",
    };
    Some(format!(
        "{url}, the status from the next number of three digits{time}"
    ))
}

/// Words between blanks, without the quotes and brackets around them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let around = ['"', '\'', '[', ']', '(', ')', ',', ';', '<', '>'];
    text.split([' ', '\t'])
        .map(move |word| word.trim_matches(around))
        .filter(|word| !word.is_empty())
}

/// True when the number at `at` counts something: `took 200`, `404 bytes`.
fn is_measure(words: &[&str], at: usize) -> bool {
    const BEFORE: [&str; 8] = [
        "took", "size", "after", "line", "in", "for", "retry", "port",
    ];
    const BEHIND: [&str; 9] = [
        "ms", "s", "sec", "seconds", "bytes", "byte", "kb", "lines", "items",
    ];
    let is_any = |word: Option<&&str>, list: &[&str]| {
        word.is_some_and(|word| list.iter().any(|known| word.eq_ignore_ascii_case(known)))
    };
    let before = at.checked_sub(1).and_then(|before| words.get(before));
    is_any(before, &BEFORE) || is_any(words.get(at + 1), &BEHIND)
}

fn is_target(word: &str) -> bool {
    let is_path = word.starts_with('/') && 1 < word.len() || word == "/";
    let is_url = ["http://", "https://", "ws://", "wss://"]
        .iter()
        .any(|scheme| {
            let start = word.get(..scheme.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(scheme))
                && scheme.len() < word.len()
        });
    is_path || is_url
}

fn status(word: &str) -> Option<i64> {
    let is_number = word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_digit());
    let status: i64 = word.parse().ok()?;
    (is_number && (100..600).contains(&status)).then_some(status)
}

/// A time at the beginning: one word, or a date and a time.
fn start(text: &str) -> Option<Time> {
    let text = text.trim_start_matches(['[', '"', '\'', ' ']);
    let ends = text
        .match_indices([' ', ']', '\t', ','])
        .map(|(at, _)| at)
        .take(4);
    ends.filter_map(|end| time(&text[..end])).last()
}
