//! Markdown for tickets: nothing in it is a live link, an image or HTML.

use std::io;

use super::parties::parties;
use super::summary::{Summary, percent};
use super::{Report, ReportError, ReportInput, carrier_name, label_word};
use crate::annotations::Label;
use crate::base::text::{counted, is_unsafe_to_show};
use crate::base::time::Time;
use crate::redact::Redactor;

pub(super) struct Markdown;

impl Report for Markdown {
    fn id(&self) -> &'static str {
        "md"
    }

    fn title(&self) -> &'static str {
        "Markdown"
    }

    fn extension(&self) -> &'static str {
        "md"
    }

    fn write(
        &self,
        input: &ReportInput<'_>,
        redactor: &mut Redactor,
        out: &mut dyn io::Write,
    ) -> Result<(), ReportError> {
        write_head(input, redactor, out)?;
        write_parties(input, redactor, out)?;
        writeln!(out, "## Flows\n")?;
        writeln!(
            out,
            "| n | Start (UTC) | Method | Status | URL | Edge | Origin | Verdict (machine) | Label (human) | Note |"
        )?;
        writeln!(out, "|--:|---|---|--:|---|---|---|---|---|---|")?;
        input.walk(redactor, &input.flows, |id, flow, redactor| {
            let verdict = input.document.verdict(id);
            let annotation = input.annotation(id, redactor);
            writeln!(
                out,
                "| {} | {} | {} | {} | {} | {} | {} | {}, {} | {} | {} |",
                id.n(),
                flow.start().map(Time::to_iso).unwrap_or_default(),
                code(&redactor.shown(flow.method())),
                flow.status()
                    .map_or_else(String::new, |status| status.to_string()),
                code(&redactor.url(flow.url())),
                code(&carrier_name(input, id, verdict.edge)),
                code(&carrier_name(input, id, verdict.origin)),
                verdict.role.word(),
                verdict.conclusiveness.word(),
                label_word(annotation.label),
                code(&annotation.note),
            )?;
            Ok(())
        })
    }
}

fn write_head(
    input: &ReportInput<'_>,
    redactor: &mut Redactor,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let document = input.document;
    let summary = Summary::of(input);
    let title = if input.filter.is_empty() {
        ""
    } else {
        " (filtered)"
    };
    writeln!(out, "# Who serves this traffic{title}\n")?;
    if input.level.keeps_secrets() {
        writeln!(
            out,
            "**This report holds secrets: cookies, tokens and other credentials are not removed.**\n"
        )?;
    }
    for open in document.captures() {
        let info = open.capture.info();
        writeln!(
            out,
            "- Capture {}: {} bytes, {}, {}, SHA-256 {}",
            code(&redactor.shown(&info.name)),
            info.bytes,
            counted(u64::from(open.capture.len()), "flow"),
            counted(open.capture.problems().len() as u64, "problem"),
            info.sha256.get().map_or("not computed", String::as_str),
        )?;
    }
    writeln!(out, "- Headwater {}", env!("CARGO_PKG_VERSION"))?;
    if !document.reviewer().is_empty() {
        writeln!(
            out,
            "- Reviewer (as typed): {}",
            code(&redactor.shown(document.reviewer()))
        )?;
    }
    if !input.filter.is_empty() {
        writeln!(
            out,
            "- Filter in force: {}",
            code(&redactor.text(input.filter))
        )?;
    }
    writeln!(
        out,
        "- Shown: {} of {}",
        summary.shown,
        counted(summary.in_all as u64, "flow")
    )?;
    let labels = [Label::Origin, Label::Cdn, Label::Unknown];
    for (label, n) in labels.into_iter().zip(summary.labelled) {
        writeln!(
            out,
            "- Labelled {}: {n} ({})",
            label.title(),
            percent(n, summary.shown)
        )?;
    }
    let rest = summary.n_not_reviewed();
    writeln!(
        out,
        "- Not reviewed: {rest} ({})",
        percent(rest, summary.shown)
    )?;
    for limit in super::summary::LIMITS {
        writeln!(out, "- Note: {limit}")?;
    }
    writeln!(out)
}

fn write_parties(
    input: &ReportInput<'_>,
    redactor: &mut Redactor,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let parties = parties(input, redactor);
    if parties.is_empty() {
        return Ok(());
    }
    writeln!(out, "## What each provider is to each party\n")?;
    writeln!(
        out,
        "| Party | Provider | Flows | Verdict (machine) | Why |"
    )?;
    writeln!(out, "|---|---|--:|---|---|")?;
    for party in &parties {
        writeln!(
            out,
            "| {} | {} | {} | {}, {} | {} |",
            code(&party.party),
            code(&party.provider),
            party.n_flows,
            party.verdict.to_lowercase(),
            party.conclusiveness.word(),
            party.reason,
        )?;
    }
    writeln!(out)
}

/// `text` as a code span, in which nothing is live: fenced longer than any run of backticks inside, on one line, with
/// pipes escaped as tables need it. Empty text gives nothing.
fn code(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let line: String = text
        .chars()
        .map(|c| match c {
            '\n' | '\r' | '\t' | '\u{85}' => ' ',
            _ if is_unsafe_to_show(c) => '\u{fffd}',
            _ => c,
        })
        .collect();
    // Within a table even a code span ends at a pipe, and some readers take a backslash before it as text.
    let line = line.replace('|', "\\|");
    let longest = line
        .split(|c| c != '`')
        .map(str::len)
        .max()
        .unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    // Readers strip one space from both ends, and a backtick at an end would join the fence.
    let needs_space = |c: char| c == '`' || c == ' ';
    let space = if line.starts_with(needs_space) || line.ends_with(needs_space) {
        " "
    } else {
        ""
    };
    format!("{fence}{space}{line}{space}{fence}")
}
