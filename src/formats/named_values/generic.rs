//! Any other log with a URL and a status in each line: `key=value`, columns below a header line, or plain words.

use std::borrow::Cow;

use super::fields::Fields;
use super::guess::Named;
use super::names::Role;
use super::plain;
use crate::base::bytes::Span;
use crate::capture::{Capture, Carries, Problem, ProblemKind};
use crate::formats::{Format, Input, Line, Log, LogEntry, Probe, Watch};

/// Reads what no other format claims.
pub(in crate::formats) struct Generic;

/// How sure a guess at lines can be: never surer than a refusal by name.
const GUESS: u8 = 30;
/// Fewest names in a line of `key=value`.
const FEWEST_PAIRS: usize = 3;

/// The columns of the lines below a header line.
#[derive(Clone, Debug, Default)]
struct Columns {
    names: Vec<String>,
    delimiter: u8,
}

const LINES: Log<Columns> = Log {
    producer: |_| String::new(),
    is_at_server: |_| false,
    read_line: |columns, text| read_line(columns, text),
};

impl Format for Generic {
    fn id(&self) -> &'static str {
        "generic"
    }

    fn title(&self) -> &'static str {
        "Other logs with a URL and a status"
    }

    fn about(&self) -> &'static str {
        "any other log with a URL and a status in each line: key=value, CSV with a header line, or text; says what it guessed"
    }

    fn producers(&self) -> &'static str {
        "tshark (-T fields), web application firewalls, gateways and others"
    }

    fn versions(&self) -> &'static str {
        "–"
    }

    fn carries(&self) -> Carries {
        Carries {
            headers: false,
            bodies: false,
            server_address: true,
            timings: true,
        }
    }

    fn confidence(&self, probe: &Probe<'_>) -> u8 {
        // A clear majority of the lines, lest prose with a link now and then passes for a log.
        let share = LINES.confidence(probe);
        if share < 60 { 0 } else { GUESS }
    }

    fn read(&self, input: Input, watch: &Watch<'_>) -> Result<Capture, Problem> {
        let head = input
            .source
            .bytes(Span::new(0, 1 << 16))
            .unwrap_or_default();
        let guess = guess(&String::from_utf8_lossy(&head));
        let capture = LINES.read(&input, watch, Columns::default())?;
        Ok(capture.with_problems(guess.into_iter().collect()))
    }
}

/// What the values were taken from, by the first line that is a request.
fn guess(head: &str) -> Option<Problem> {
    let mut columns = Columns::default();
    let taken = head.lines().find_map(|line| {
        if let Some(found) = header(line) {
            columns = found;
            return None;
        }
        match named(&columns, line) {
            Some(named) => named.entry().map(|_| named.taken()),
            None => plain::taken(line),
        }
    })?;
    let message = format!("read as a generic log; took {taken}");
    Some(Problem::new(ProblemKind::Value, message))
}

fn read_line<'a>(columns: &mut Columns, text: &'a str) -> Line<'a> {
    if text.starts_with('#') {
        return Line::Silent;
    }
    if let Some(found) = header(text) {
        *columns = found;
        return Line::Declares;
    }
    let entry: Option<LogEntry<'a>> = match named(columns, text) {
        Some(named) => named.entry(),
        None => plain::entry(text),
    };
    entry.map_or(Line::Bad("expected a URL and a status"), |entry| {
        Line::Flow(Box::new(entry))
    })
}

/// The columns that `text` declares: names between commas, tabs, semicolons or bars, of which one means a status and one
/// a URL.
fn header(text: &str) -> Option<Columns> {
    [b'\t', b',', b';', b'|'].into_iter().find_map(|delimiter| {
        let names = cells(text, delimiter)?;
        let is_name = |name: &String| {
            !name.is_empty()
                && name.len() <= 80
                && !name.contains("://")
                && !name.trim().starts_with(|c: char| c.is_ascii_digit())
        };
        let fields =
            Fields::from_pairs(names.iter().map(|name| (name.clone(), Cow::Borrowed("x"))));
        let named = Named::of(&fields);
        let has_url = [Role::Url, Role::Path, Role::Request]
            .into_iter()
            .any(|role| named.has(role));
        let is_header =
            2 <= names.len() && names.iter().all(is_name) && named.has(Role::Status) && has_url;
        is_header.then_some(Columns { names, delimiter })
    })
}

fn cells(text: &str, delimiter: u8) -> Option<Vec<String>> {
    memchr::memchr(delimiter, text.as_bytes())?;
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let record = reader.records().next()?.ok()?;
    Some(record.iter().map(|cell| cell.trim().to_owned()).collect())
}

/// The values of a line by name: by column, or as the line itself names them.
fn named<'a>(columns: &Columns, text: &'a str) -> Option<Named<'a>> {
    if !columns.names.is_empty() {
        let cells = cells(text, columns.delimiter)?;
        let pairs = columns
            .names
            .iter()
            .cloned()
            .zip(cells.into_iter().map(Cow::Owned));
        return Some(Named::of(&Fields::from_pairs(pairs)));
    }
    let pairs = pairs(text);
    (FEWEST_PAIRS <= pairs.len()).then(|| Named::of(&Fields::from_pairs(pairs)))
}

/// `key=value` and `key="quoted value"` anywhere in a line; what follows a value without quotes up to the next key belongs
/// to it where keys are far apart (as in CEF).
fn pairs(text: &str) -> Vec<(String, Cow<'_, str>)> {
    let mut pairs = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('=') {
        let key_at = rest[..at]
            .rfind(|c: char| {
                !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '(' | ')' | '@'))
            })
            .map_or(0, |before| before + 1);
        let key = rest.get(key_at..at).unwrap_or_default();
        let behind = &rest[at + 1..];
        let (value, next) = value(behind);
        if !key.is_empty() {
            pairs.push((key.to_owned(), value));
        }
        rest = next;
    }
    pairs
}

/// The value at the beginning of `text`, and what follows it.
fn value(text: &str) -> (Cow<'_, str>, &str) {
    let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
        let end = text.find([' ', '\t', ',', ';']).unwrap_or(text.len());
        return (Cow::Borrowed(&text[..end]), &text[end..]);
    };
    let inside = &text[1..];
    let mut is_escaped = false;
    let end = inside.find(|c: char| {
        let is_end = c == quote && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        is_end
    });
    let end = end.unwrap_or(inside.len());
    let raw = &inside[..end];
    let value = if raw.contains('\\') {
        Cow::Owned(raw.replace("\\\"", "\"").replace("\\\\", "\\"))
    } else {
        Cow::Borrowed(raw)
    };
    (value, inside.get(end + 1..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lines: &[&str], expected: &[[&str; 3]]) {
        let mut columns = Columns::default();
        let mut found = Vec::new();
        for line in lines {
            if let Line::Flow(entry) = read_line(&mut columns, line) {
                let status = entry
                    .status
                    .map_or_else(String::new, |status| status.to_string());
                found.push([entry.method.into_owned(), entry.url.into_owned(), status]);
            }
        }
        assert_eq!(found, expected);
    }

    #[test]
    fn reads_names_columns_and_words() {
        check(
            &[
                r#"time="2026-11-22T18:10:40Z" level=info msg="request" method=GET uri="/a b" host=shop.example status=200"#,
                "CEF:0|v|p|1|100|web|3|rt=1795371261000 request=http://shop.example/x requestMethod=POST status=404",
            ],
            &[
                ["GET", "//shop.example/a b", "200"],
                ["POST", "http://shop.example/x", "404"],
            ],
        );
        check(
            &[
                "frame.time_epoch\tip.src\thttp.response_for.uri\thttp.response.code",
                "1795371261.5\t192.0.2.1\thttp://shop.example/\t200",
                "1795371262.5\t192.0.2.1\thttp://shop.example/b\t",
            ],
            &[["", "http://shop.example/", "200"]],
        );
        check(
            &["\"url\",\"status\"", "\"http://a.example/?x=1,2\",301"],
            &[["", "http://a.example/?x=1,2", "301"]],
        );
        check(
            &[
                "2026-11-22 18:10:40 192.0.2.9 GET http://shop.example/ 200 1234",
                "DEBUG https://api.example:443 \"GET /v1/x HTTP/1.1\" 200 512",
            ],
            &[
                ["GET", "http://shop.example/", "200"],
                ["GET", "https://api.example:443/v1/x", "200"],
            ],
        );
    }

    #[test]
    fn prose_and_odd_lines_are_no_requests() {
        check(
            &[
                "See http://example.com/ for more.",
                "",
                "=",
                "a==\"",
                "status=200",
                "Calling https://api.example/x took 200 ms",
                "Retry 3 for http://e.example/x size 404",
                "GET",
                "fn main() { let x = 200; }",
            ],
            &[],
        );
    }
}
