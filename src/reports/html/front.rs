//! What stands at the head of the file: title, answer, ring, and the overview of time.

use askama::Template;
use base64::Engine as _;
use sha2::Digest as _;

use super::super::ReportInput;
use super::super::chart::{Slice, slices};
use super::super::services::Services;
use super::super::strip::{self, Strip};
use super::super::summary::percent;
use super::super::survey::{Amount, Survey};
use crate::annotations::Label;
use crate::base::text::{counted, duration_with_unit, thousands};
use crate::base::time::Time;
use crate::redact::Redactor;

const STYLE: &str = include_str!("../../../assets/report/report.css");

/// Everything above the tables.
#[derive(Template)]
#[template(path = "front.html", config = "assets/report/askama.toml")]
pub(super) struct Front {
    style: &'static str,
    style_hash: String,
    version: &'static str,
    names: String,
    filter: String,
    with_secrets: bool,
    lead: String,
    gaps: Vec<String>,
    /// The first sentence of the answer, and the others.
    answer: String,
    more: String,
    slices: Vec<Slice>,
    n_shown: String,
    flows_word: &'static str,
    denominator: String,
    reviewed: Vec<Reviewed>,
    reviewer: String,
}

/// How many flows have one label.
struct Reviewed {
    word: &'static str,
    title: &'static str,
    count: String,
    percent: String,
}

impl Front {
    pub(super) fn of(
        input: &ReportInput<'_>,
        survey: &Survey<'_>,
        services: &Services<'_>,
        redactor: &mut Redactor,
    ) -> Self {
        let names: Vec<String> = input
            .document
            .captures()
            .iter()
            .map(|open| redactor.shown(&open.capture.info().name))
            .collect();
        let n = survey.total.all.n;
        Self {
            style: STYLE,
            style_hash: base64::engine::general_purpose::STANDARD
                .encode(sha2::Sha256::digest(STYLE)),
            version: env!("CARGO_PKG_VERSION"),
            names: names.join(", "),
            filter: redactor.text(input.filter),
            with_secrets: input.level.keeps_secrets(),
            lead: lead(survey),
            gaps: input.gaps.iter().map(|gap| redactor.text(gap)).collect(),
            answer: services.answer.first().cloned().unwrap_or_default(),
            more: services.answer.get(1..).unwrap_or_default().join(" "),
            slices: slices(survey),
            n_shown: thousands(n),
            flows_word: if n == 1 { "flow" } else { "flows" },
            denominator: denominator(survey),
            reviewed: reviewed(survey),
            reviewer: redactor.shown(input.document.reviewer()),
        }
    }
}

/// `607 requests to 48 hosts, 2018-01-14 07:52:25 to 07:53:02 UTC`.
fn lead(survey: &Survey<'_>) -> String {
    let requests = counted(survey.total.all.n, "request");
    let hosts = counted(survey.n_hosts() as u64, "host");
    let mut lead = format!("{requests} to {hosts}");
    if let Some((first, last)) = survey.span {
        lead.push_str(", ");
        lead.push_str(&span_words(first, last));
    }
    lead
}

/// `2018-01-14 07:52:25 to 07:53:02 UTC`; the day once when it is the same.
pub(super) fn span_words(first: Time, last: Time) -> String {
    let (from_day, from) = day_and_time(first);
    let (to_day, to) = day_and_time(last);
    let second = |time: &str| time.get(..8).unwrap_or(time).to_owned();
    let (from, to) = (second(&from), second(&to));
    match (from_day == to_day, from == to) {
        (true, true) => format!("{from_day} {from} UTC"),
        (true, false) => format!("{from_day} {from} to {to} UTC"),
        (false, _) => format!("{from_day} {from} to {to_day} {to} UTC"),
    }
}

/// `2018-01-14` and `07:52:25.123`.
pub(super) fn day_and_time(time: Time) -> (String, String) {
    let iso = time.to_iso();
    let (day, time) = iso.split_once('T').unwrap_or((&iso, ""));
    (day.to_owned(), time.trim_end_matches('Z').to_owned())
}

fn denominator(survey: &Survey<'_>) -> String {
    let n = survey.total.all.n;
    let shown = counted(n, "flow");
    if n == survey.n_in_all {
        format!("all {shown}")
    } else {
        format!("{shown} of {}", thousands(survey.n_in_all))
    }
}

fn reviewed(survey: &Survey<'_>) -> Vec<Reviewed> {
    let total = &survey.total;
    let row = |word, title, amount: Amount| Reviewed {
        word,
        title,
        count: thousands(amount.n),
        percent: percent(amount.n, total.all.n),
    };
    let labels = [Label::Origin, Label::Cdn, Label::Unknown];
    let mut rows: Vec<Reviewed> = labels
        .into_iter()
        .zip(total.labelled)
        .map(|(label, amount)| row(label.word(), label.title(), amount))
        .collect();
    rows.push(row("", "Not reviewed", total.not_reviewed()));
    if 0 < total.disputed.n {
        rows.push(row("disputed", "Disputed", total.disputed));
    }
    rows
}

/// The overview of time.
#[derive(Template)]
#[template(path = "timeline.html", config = "assets/report/askama.toml")]
pub(super) struct Timeline {
    strip: Strip,
    caption: String,
    without_start: String,
    width: usize,
    height: usize,
    ticks: Vec<Tick>,
}

/// A moment on the axis.
struct Tick {
    time: String,
    /// `start`, `middle`, `end`: where its text stands.
    anchor: &'static str,
}

/// Moments that the axis names.
const N_TICKS: usize = 5;

impl Timeline {
    pub(super) fn of(strip: Strip) -> Self {
        let (amount, unit) = duration_with_unit((strip.column_ms * 1e3) as u64);
        let caption = strip.span.map_or_else(String::new, |(first, last)| {
            format!(
                "When {} began, by provider: {}; one column is {amount} {unit}, the tallest holds {}",
                counted(strip.n_with_start, "flow"),
                span_words(first, last),
                counted(strip.n_tallest.into(), "flow"),
            )
        });
        let without_start = match strip.n_without_start {
            0 => String::new(),
            1 => "1 flow has no start and is not drawn".to_owned(),
            n => format!("{} flows have no start and are not drawn", thousands(n)),
        };
        let ticks = strip.span.map(|(first, last)| ticks(first, last));
        Self {
            caption,
            without_start,
            width: strip::WIDTH,
            height: strip::HEIGHT,
            ticks: ticks.unwrap_or_default(),
            strip,
        }
    }
}

fn ticks(first: Time, last: Time) -> Vec<Tick> {
    let span_ms = last.ms_since(first);
    let is_one_day = day_and_time(first).0 == day_and_time(last).0;
    (0..N_TICKS)
        .filter_map(|idx| {
            let share = idx as f64 / (N_TICKS - 1) as f64;
            let (day, time) = day_and_time(first.plus_ms(span_ms * share)?);
            // Seconds would repeat themselves on a short axis.
            let most = if span_ms < 10_000.0 { 12 } else { 8 };
            let time = time.get(..most).unwrap_or(&time).to_owned();
            Some(Tick {
                time: if is_one_day {
                    time
                } else {
                    format!("{day} {time}")
                },
                anchor: match idx {
                    0 => "start",
                    idx if idx == N_TICKS - 1 => "end",
                    _ => "middle",
                },
            })
        })
        .collect()
}
