//! Markdown for tickets: nothing in it is a live link, an image or HTML.

mod services;

use std::io;

use super::evidence::{Evidence, family_words};
use super::hosts::{HostRow, Hosts};
use super::opinions::{RelationRow, note_words};
use super::people::People;
use super::services::{Services, roles};
use super::summary::{LIMITS, percent};
use super::survey::{Survey, contradicts, shown_host};
use super::{Report, ReportError, ReportInput, carrier_name, label_word, unread_words};
use crate::annotations::Label;
use crate::base::text::{bytes_with_unit, counted, is_unsafe_to_show, shorten_middle, thousands};
use crate::base::time::Time;
use crate::providers::{ServiceId, catalogue};
use crate::redact::Redactor;

pub(super) struct Markdown;

/// Longest URL that is shown in full.
const MAX_URL: usize = 2_000;

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
        let survey = Survey::of(input);
        let hosts = Hosts::of(&survey);
        let evidence = Evidence::of(input, &hosts, redactor);
        let roles = roles(input)?;
        let told = Services::of(input, &roles, redactor);
        write_head(input, redactor, out)?;
        writeln!(out, "{}\n", prose(&told.answer.join(" ")))?;
        services::write_table(&told, out)?;
        write_hosts(&hosts, &evidence, redactor, out)?;
        write_people(input, redactor, out)?;
        services::write_sheets(&told, out)?;
        services::write_open(&told, out)?;
        write_flows(input, &survey, redactor, out)?;
        write_back(input, &survey, redactor, out)?;
        Ok(())
    }
}

fn write_head(
    input: &ReportInput<'_>,
    redactor: &mut Redactor,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let filter = redactor.text(input.filter);
    if filter.is_empty() {
        writeln!(out, "# Who serves this traffic\n")?;
    } else {
        writeln!(
            out,
            "# Who serves this traffic, filtered to {}\n",
            code(&filter)
        )?;
    }
    if input.level.keeps_secrets() {
        writeln!(
            out,
            "**This report holds secrets: cookies, tokens and other credentials are not removed.**\n"
        )?;
    }
    if !input.gaps.is_empty() {
        writeln!(out, "**What is missing:**\n")?;
        for gap in &input.gaps {
            writeln!(out, "- {}", code(&redactor.text(gap)))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Says how many rows a table lacks.
fn write_left_out(n: usize, out: &mut dyn io::Write) -> io::Result<()> {
    if n == 0 {
        return Ok(());
    }
    let rows = counted(n as u64, "more row");
    writeln!(out, "{rows} left out: those with the fewest flows\n")
}

fn write_hosts(
    hosts: &Hosts<'_>,
    evidence: &Evidence<'_>,
    redactor: &mut Redactor,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    if hosts.parties.is_empty() {
        return Ok(());
    }
    writeln!(out, "## Hosts\n")?;
    writeln!(
        out,
        "| Party | Host | Edge | Origin behind | Verdict (machine) | Basis | Requests | Bytes | Errors | Labels (human) |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|--:|--:|--:|---|")?;
    for row in hosts.rows() {
        write_host(row, evidence, redactor, out)?;
    }
    writeln!(out)?;
    write_left_out(hosts.n_rows_left_out, out)
}

fn write_host(
    row: &HostRow<'_>,
    evidence: &Evidence<'_>,
    redactor: &mut Redactor,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let service = |service: Option<ServiceId>| {
        service.map_or_else(String::new, |id| code(&catalogue().service(id).name))
    };
    let tally = &row.tally;
    let basis: Vec<String> = evidence.basis(&row.key).map(family_words).collect();
    let labels = [Label::Origin, Label::Cdn, Label::Unknown];
    let mut labels: Vec<String> = labels
        .into_iter()
        .zip(tally.labelled)
        .filter(|(_, amount)| 0 < amount.n)
        .map(|(label, amount)| format!("{} {}", label.word(), thousands(amount.n)))
        .collect();
    if 0 < tally.disputed.n {
        labels.push(format!("**disputed {}**", thousands(tally.disputed.n)));
    }
    writeln!(
        out,
        "| {} | {} | {} | {} | {}, {} | {} | {} | {} | {} | {} |",
        code(&shown_host(row.key.party, redactor)),
        code(&shown_host(row.key.host, redactor)),
        service(row.key.edge),
        service(row.key.origin),
        row.key.role.word(),
        row.key.conclusiveness.word(),
        basis.join(", "),
        thousands(tally.all.n),
        if tally.has_bytes {
            bytes_words(tally.all.bytes)
        } else {
            String::new()
        },
        thousands(tally.n_errors),
        labels.join(", "),
    )
}

fn bytes_words(bytes: u64) -> String {
    let (value, unit) = bytes_with_unit(bytes);
    format!("{value} {unit}")
}

fn write_people(
    input: &ReportInput<'_>,
    redactor: &mut Redactor,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let people = People::of(input, redactor);
    write_relations(&people.relations, out)?;
    if people.rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "## What people said\n")?;
    writeln!(
        out,
        "| Host | Label (human) | Role (machine) | Disputed | By (as typed) | When (UTC) | Flows | First |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|--:|---|")?;
    for row in &people.rows {
        let mut disputed = Vec::new();
        if row.contradicts_machine {
            disputed.push("**by the machine**".to_owned());
        }
        if !row.against.is_empty() {
            let when = if row.is_before { "before: " } else { "" };
            disputed.push(format!("{when}{}", code(&row.against)));
        }
        let when = row.when.map_or_else(String::new, |(first, last)| {
            if first == last {
                first.to_iso()
            } else {
                format!("{} to {}", first.to_iso(), last.to_iso())
            }
        });
        writeln!(
            out,
            "| {} | {} | {} | {} | {}{} | {when} | {} | {} |",
            code(&row.host),
            row.label.word(),
            row.role.word(),
            disputed.join(", "),
            code(&row.by),
            if row.is_accepted { ", accepted" } else { "" },
            thousands(row.n_flows),
            row.examples
                .first()
                .map_or_else(String::new, |flow| flow.n().to_string()),
        )?;
    }
    writeln!(out)?;
    write_left_out(people.n_rows_left_out, out)
}

fn write_relations(rows: &[RelationRow], out: &mut dyn io::Write) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "## What people think of relations\n")?;
    writeln!(
        out,
        "| Party | Service | Role (machine) | Opinion | Note | By (as typed) | When (UTC) |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|---|")?;
    for row in rows {
        let mut says = code(&row.says);
        if row.is_disputed {
            says.push_str(" **disputed**");
        }
        if !row.before.is_empty() {
            says = format!("{says}, before: {}", code(&row.before));
        }
        writeln!(
            out,
            "| {} | {} | {} | {says} | {} | {} | {} |",
            code(&row.party),
            code(&row.service),
            code(&row.role),
            code(&row.note),
            code(&row.by),
            row.at.map(Time::to_iso).unwrap_or_default(),
        )?;
    }
    writeln!(out)
}

fn write_flows(
    input: &ReportInput<'_>,
    survey: &Survey<'_>,
    redactor: &mut Redactor,
    out: &mut dyn io::Write,
) -> Result<(), ReportError> {
    writeln!(out, "## Flows\n")?;
    let listed = input.listed_words(input.listed().count(), survey.total.all.n as usize);
    writeln!(out, "{listed}\n")?;
    writeln!(
        out,
        "| n | Start (UTC) | Method | Status | URL | Edge | Origin | Verdict (machine) | Label (human) | Note |"
    )?;
    writeln!(out, "|--:|---|---|--:|---|---|---|---|---|---|")?;
    input.walk(redactor, &input.listed_flows(), |id, flow, redactor| {
        let verdict = input.document.verdict(id);
        let annotation = input.annotation(id, redactor);
        let label = annotation.label;
        let disagrees = label.is_some_and(|label| contradicts(label, verdict.role));
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {}, {} | {}{} | {} |",
            id.n(),
            flow.start().map(Time::to_iso).unwrap_or_default(),
            code(&redactor.shown(flow.method())),
            flow.status()
                .map_or_else(String::new, |status| status.to_string()),
            code(&shorten_middle(&redactor.url(flow.url()), MAX_URL)),
            code(&carrier_name(input, id, verdict.edge)),
            code(&carrier_name(input, id, verdict.origin)),
            verdict.role.word(),
            verdict.conclusiveness.word(),
            label_word(label),
            if disagrees { " **disagrees**" } else { "" },
            code(&note_words(&annotation)),
        )?;
        Ok(())
    })?;
    Ok(writeln!(out)?)
}

fn write_back(
    input: &ReportInput<'_>,
    survey: &Survey<'_>,
    redactor: &mut Redactor,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let (document, total) = (input.document, &survey.total);
    writeln!(out, "## About this report\n")?;
    for open in document.captures() {
        let info = open.capture.info();
        writeln!(
            out,
            "- Capture {}: {} bytes, {}, {}, SHA-256 {}",
            code(&redactor.shown(&info.name)),
            thousands(info.bytes),
            counted(u64::from(open.capture.len()), "flow"),
            counted(open.capture.problems().len() as u64, "problem"),
            info.sha256.get().map_or("not computed", String::as_str),
        )?;
    }
    writeln!(out, "- Headwater {}", env!("CARGO_PKG_VERSION"))?;
    if let Some(made) = input.made_at {
        writeln!(out, "- Made: {}", made.to_iso())?;
    }
    if let Some(unread) = unread_words(redactor) {
        writeln!(out, "- {unread}")?;
    }
    if !document.reviewer().is_empty() {
        writeln!(
            out,
            "- Reviewer (as typed): {}",
            code(&redactor.shown(document.reviewer()))
        )?;
    }
    if let Some(at) = survey.last_said {
        writeln!(out, "- Labels as of: {}", at.to_iso())?;
    }
    writeln!(
        out,
        "- Shown: {} of {}",
        thousands(total.all.n),
        counted(survey.n_in_all, "flow")
    )?;
    let labels = [Label::Origin, Label::Cdn, Label::Unknown];
    let labelled = labels.into_iter().zip(total.labelled);
    let rest = [
        ("Disputed".to_owned(), total.disputed),
        ("Not reviewed".to_owned(), total.not_reviewed()),
    ];
    let rows = labelled.map(|(label, amount)| (format!("Labelled {}", label.title()), amount));
    for (title, amount) in rows.chain(rest) {
        writeln!(
            out,
            "- {title}: {} ({})",
            thousands(amount.n),
            percent(amount.n, total.all.n)
        )?;
    }
    for limit in LIMITS {
        writeln!(out, "- Note: {limit}")?;
    }
    // Last, since only now it is known how much was removed.
    let removed: Vec<String> = redactor
        .counts()
        .map(|(kind, count)| format!("{} {kind}", thousands(count)))
        .collect();
    writeln!(
        out,
        "- Removed (level {}): {}",
        input.level.word(),
        if removed.is_empty() {
            "nothing".to_owned()
        } else {
            removed.join(", ")
        }
    )
}

/// A sentence of ours, in which names stand: everything that is no plain word becomes a code span, so that no reader makes
/// a link, an issue number or a heading of it.
fn prose(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        let rest = word.trim_start_matches(OPENING);
        out.push_str(&word[..word.len() - rest.len()]);
        let core = rest.trim_end_matches(CLOSING);
        let core = core.strip_suffix("'s").unwrap_or(core);
        if core.chars().all(is_plain) || core.chars().all(is_of_number) {
            out.push_str(core);
        } else {
            out.push_str(&code(core.trim_matches('`')));
        }
        out.push_str(&rest[core.len()..]);
    }
    out
}

/// Signs that may stand before and behind a word of a sentence.
const OPENING: [char; 2] = ['(', '“'];
const CLOSING: [char; 7] = [')', '”', ',', '.', ';', ':', '?'];

/// True for characters that mean nothing to Markdown within a word.
fn is_plain(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '\'' | '’' | '→' | '·' | '–' | '…')
}

/// True for what numbers are made of.
const fn is_of_number(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, '.' | ',')
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
