//! Archives that hold a HAR with its bodies, or a trace of Playwright, whose network log is made of HAR entries.

use std::collections::HashMap;
use std::io;

use super::files::Files;
use crate::base::archive::Archive;
use crate::base::bytes::{ByteSource, Span};
use crate::base::json::{Json, Kind};
use crate::base::json_scan::Element;
use crate::base::limits::Limits;
use crate::base::lines::{Lines, is_blank};
use crate::capture::{Problem, ProblemKind};
use crate::formats::Input;

/// What an archive holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// One HAR: the place of the member.
    Har(usize),
    /// Several HARs, and nothing tells which is meant.
    SeveralHars,
    /// The network logs of a trace, and the log that names the program.
    Trace(Vec<usize>, Option<usize>),
}

impl Content {
    /// Tells by the names of the members.
    pub(super) fn of(members: &[String]) -> Option<Self> {
        let places = |ending: &str| -> Vec<usize> {
            let is_meant = |name: &String| {
                name.to_ascii_lowercase().ends_with(ending) && !name.starts_with("__MACOSX/")
            };
            let named = members.iter().enumerate();
            named
                .filter(|(_, name)| is_meant(name))
                .map(|(place, _)| place)
                .collect()
        };
        let (hars, logs) = (places(".har"), places("trace.network"));
        match hars.as_slice() {
            [] if logs.is_empty() => None,
            [] => Some(Self::Trace(logs, places("trace.trace").first().copied())),
            [har] => Some(Self::Har(*har)),
            _ => {
                let is_playwrights = |place: &&usize| members[**place] == "har.har";
                let har = hars.iter().find(is_playwrights);
                Some(har.map_or(Self::SeveralHars, |har| Self::Har(*har)))
            }
        }
    }
}

/// An archive, unpacked.
#[derive(Debug)]
pub(super) struct Unpacked {
    /// The HAR, or the network logs one behind the other.
    pub(super) source: ByteSource,
    pub(super) files: Files,
    /// The entries of a trace; `None` for a HAR, where they are looked for.
    pub(super) entries: Option<Vec<Element>>,
    pub(super) producer: String,
    pub(super) problems: Vec<Problem>,
}

/// Unpacks the archive `input`; `None` when it is none.
pub(super) fn unpack(input: &Input) -> Result<Option<Unpacked>, Problem> {
    let limits = &input.options.limits;
    let magic = input
        .source
        .bytes(Span::new(0, 2))
        .map_err(|error| io_problem(&error))?;
    if magic != b"PK" {
        return Ok(None);
    }
    let mut archive = Archive::open(&input.source, limits).map_err(Problem::from)?;
    let mut problems: Vec<Problem> = Vec::new();
    if let Some(damage) = archive.damage() {
        let message = format!("{damage}; its members were found one by one");
        problems.push(Problem::new(ProblemKind::Truncated, message));
    }
    let (main, about, is_trace) = match Content::of(archive.names()) {
        Some(Content::Har(place)) => (vec![place], None, false),
        Some(Content::Trace(places, about)) => (places, about, true),
        Some(Content::SeveralHars) | None => {
            let message =
                "this archive holds several HARs; unpack it and open them, or their folder";
            return Err(Problem::new(ProblemKind::Unsupported, message));
        }
    };
    let names = archive.names().to_vec();
    let mut take = |places: &[usize]| {
        let password = input.options.password.as_ref();
        let unpacked = archive
            .unpack(places, password, limits)
            .map_err(Problem::from)?;
        problems.extend(unpacked.faults.iter().map(|(place, fault)| {
            let name = places.get(*place).and_then(|place| names.get(*place));
            let name = name.map_or("", String::as_str);
            let message = format!("a file in the archive is not complete: {fault}: {name:?}");
            Problem::new(ProblemKind::Encoding, message)
        }));
        Ok::<_, Problem>(unpacked)
    };
    let rest: Vec<usize> = (0..names.len())
        .filter(|place| !main.contains(place) && !names[*place].ends_with('/'))
        .collect();
    let logs = take(&main)?;
    let bodies = take(&rest)?;
    let named = rest.iter().zip(&bodies.spans);
    let spans: HashMap<String, Span> = named
        .map(|(place, span)| (names[*place].clone(), *span))
        .collect();
    let about = about.and_then(|place| spans.get(&names[place]));
    let producer = match about {
        Some(span) => producer(&bodies.source, *span),
        None => String::new(),
    };
    let entries = is_trace.then(|| trace_entries(&logs.source, limits, &mut problems));
    Ok(Some(Unpacked {
        source: logs.source,
        files: Files::Archive {
            source: bodies.source,
            spans,
        },
        entries: entries.transpose().map_err(|error| io_problem(&error))?,
        producer,
        problems,
    }))
}

fn io_problem(error: &io::Error) -> Problem {
    let message = format!("the archive could not be read: {error}");
    Problem::new(ProblemKind::Io, message)
}

/// The HAR entries in the lines of a network log.
fn trace_entries(
    source: &ByteSource,
    limits: &Limits,
    problems: &mut Vec<Problem>,
) -> io::Result<Vec<Element>> {
    let (mut lines, mut line) = (Lines::new(source, limits.line.as_usize()), Vec::new());
    let mut entries: Vec<Element> = Vec::new();
    while let Some(place) = lines.next(&mut line)? {
        if place.is_too_long {
            let message = format!("the line is longer than {}", limits.line);
            problems.push(Problem::new(ProblemKind::Limit, message).at_byte(place.span.start));
        } else if let Some((from, to)) = snapshot(&line) {
            entries.push(Element {
                n: entries.len() as u32 + 1,
                span: Span::new(place.span.start + from as u64, (to - from) as u32),
                is_object: true,
                is_recovered: false,
            });
        } else if !is_blank(&line) {
            let message = "a line of the network log is no HAR entry";
            problems.push(Problem::new(ProblemKind::Syntax, message).at_byte(place.span.start));
        }
    }
    Ok(entries)
}

/// Where the entry lies in `{"type": "resource-snapshot", "snapshot": {…}}`.
fn snapshot(line: &[u8]) -> Option<(usize, usize)> {
    let (mut found, mut is_resource) = (None, false);
    Json::new(line).object(|json, key| match key {
        "type" => is_resource = json.string().as_deref() == Some("resource-snapshot"),
        "snapshot" if json.kind() == Kind::Object => {
            let from = json.offset();
            json.skip();
            found = Some((from, json.offset()));
        }
        _ => {}
    });
    found.filter(|_| is_resource)
}

/// `Playwright 1.65.1, chromium`, from the first line of a trace.
fn producer(source: &ByteSource, span: Span) -> String {
    let head = source.bytes(Span::new(span.start, span.len.min(1 << 16)));
    let head = head.unwrap_or_default();
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let (mut version, mut browser) = (String::new(), String::new());
    Json::new(line).object(|json, key| match key {
        "playwrightVersion" => version = json.string().unwrap_or_default().into_owned(),
        "browserName" => browser = json.string().unwrap_or_default().into_owned(),
        _ => {}
    });
    let program = format!("Playwright {version}");
    match (program.trim(), browser.as_str()) {
        (program, "") => program.to_owned(),
        (program, browser) => format!("{program}, {browser}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_which_member_is_meant() {
        let of = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            Content::of(&names)
        };
        assert_eq!(of(&["a.txt", "har.har"]), Some(Content::Har(1)));
        assert_eq!(
            of(&["x/Shop.HAR", "__MACOSX/x/._Shop.har"]),
            Some(Content::Har(0))
        );
        assert_eq!(of(&["b.har", "har.har"]), Some(Content::Har(1)));
        assert_eq!(of(&["a.har", "b.har"]), Some(Content::SeveralHars));
        let trace = Content::Trace(vec![1], Some(0));
        assert_eq!(of(&["trace.trace", "trace.network"]), Some(trace));
        assert_eq!(of(&["raw/1_c.txt"]), None);
    }
}
