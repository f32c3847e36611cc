//! The flows of a report, one line each, written one by one.

use std::io;

use askama::Template;

use super::super::opinions::note_words;
use super::super::survey::{Survey, contradicts, shown_host};
use super::super::{ReportError, ReportInput, carrier_name, label_word, safe_path};
use super::front::{day_and_time, span_words};
use super::tables::bytes_words;
use super::{Sure, role_title, section};
use crate::annotations::{Annotation, Label};
use crate::base::text::{escape_within_lines, shorten_middle};
use crate::capture::{Flow, FlowId};
use crate::redact::Redactor;

/// Host and path together are shortened to so many characters, which fit a line; the whole path is in the tooltip.
const MAX_TARGET: usize = 62;
/// So many characters of a path are shown behind the longest host.
const LEAST_PATH: usize = 24;
/// Longest method that is shown in full.
const MAX_METHOD: usize = 40;
/// Longest path in a tooltip.
const MAX_TOOLTIP: usize = 2_000;

#[derive(Template)]
#[template(path = "flows-begin.html", config = "assets/report/askama.toml")]
struct Begin {
    caption: String,
    has_people: bool,
    has_days: bool,
}

#[derive(Template)]
#[template(path = "flow.html", config = "assets/report/askama.toml")]
struct Row {
    n: u32,
    time: String,
    method: String,
    is_write: bool,
    status: String,
    status_class: u16,
    host: String,
    path: String,
    whole_path: String,
    bytes: String,
    served_by: String,
    role: &'static str,
    sure: Sure,
    has_people: bool,
    label: &'static str,
    label_title: &'static str,
    contradicts: bool,
    /// Note and tags.
    said: String,
}

#[derive(Template)]
#[template(path = "flows-end.html", config = "assets/report/askama.toml")]
struct End;

/// Writes the table of the flows that are listed.
pub(super) fn write_flows(
    input: &ReportInput<'_>,
    survey: &Survey<'_>,
    n_listed: usize,
    redactor: &mut Redactor,
    out: &mut dyn io::Write,
) -> Result<(), ReportError> {
    let has_people = input
        .listed()
        .any(|(id, _)| input.document.annotation(id).is_some());
    let days = survey.span.map(|(first, last)| {
        let same = day_and_time(first).0 == day_and_time(last).0;
        (same, span_words(first, last))
    });
    let mut caption = input.listed_words(n_listed, survey.total.all.n as usize);
    if let Some((true, span)) = &days {
        caption = format!("{caption}, {span}");
    }
    let has_days = matches!(days, Some((false, _)));
    let begin = Begin {
        caption,
        has_people,
        has_days,
    };
    section(&begin, out)?;
    let mut text = String::new();
    input.walk(redactor, &input.listed_flows(), |id, flow, redactor| {
        let row = row(input, id, flow, has_days, has_people, redactor);
        text.clear();
        row.render_into(&mut text).map_err(io::Error::other)?;
        Ok(out.write_all(escape_within_lines(&text).as_bytes())?)
    })?;
    Ok(section(&End, out)?)
}

fn row(
    input: &ReportInput<'_>,
    id: FlowId,
    flow: Flow<'_>,
    has_days: bool,
    has_people: bool,
    redactor: &mut Redactor,
) -> Row {
    let verdict = input.document.verdict(id);
    let said = input.annotation(id, redactor);
    let host = shown_host(flow.host(), redactor);
    let path = safe_path(flow, redactor);
    let path = path.unwrap_or_else(|| {
        if host.is_empty() {
            redactor.url(flow.url())
        } else {
            String::new()
        }
    });
    let (day, time) = flow.start().map(day_and_time).unwrap_or_default();
    let carriers = [verdict.edge, verdict.origin].map(|part| carrier_name(input, id, part));
    let carriers: Vec<String> = carriers
        .into_iter()
        .filter(|name| !name.is_empty())
        .collect();
    let most = MAX_TARGET.saturating_sub(host.chars().count());
    let short = shorten_middle(&path, most.max(LEAST_PATH)).into_owned();
    Row {
        n: id.n(),
        time: if has_days {
            format!("{day} {time}")
        } else {
            time
        },
        method: shorten_middle(&redactor.shown(flow.method()), MAX_METHOD).into_owned(),
        is_write: flow.has_method(&["PUT", "POST", "DELETE", "PATCH"]),
        status: flow
            .status()
            .map_or_else(|| "–".to_owned(), |status| status.to_string()),
        status_class: flow.status().unwrap_or(0) / 100,
        host,
        whole_path: if short == path {
            String::new()
        } else {
            shorten_middle(&path, MAX_TOOLTIP).into_owned()
        },
        path: short,
        bytes: flow.bytes_received().map_or_else(String::new, bytes_words),
        served_by: carriers.join(" → "),
        role: role_title(verdict.role),
        sure: Sure::of(verdict.conclusiveness),
        has_people,
        label: label_word(said.label),
        label_title: said.label.map_or("", Label::title),
        contradicts: said
            .label
            .is_some_and(|label| contradicts(label, verdict.role)),
        said: said_words(&said),
    }
}

/// `cached twice · tags: seen, odd`, or `Jo: CDN · Kim: Origin, cached twice`; line breaks of a note become spaces.
fn said_words(said: &Annotation) -> String {
    let note = note_words(said);
    let note: Vec<&str> = note.split_whitespace().collect();
    let mut parts = vec![note.join(" ")];
    if !said.tags.is_empty() {
        parts.push(format!("tags: {}", said.tags.join(", ")));
    }
    parts.retain(|part| !part.is_empty());
    parts.join(" · ")
}
