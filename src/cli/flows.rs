//! `flows` and `explain`: verdicts as table, CSV or JSON, and the evidence of one flow as text.

use std::borrow::Cow;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use super::{Failure, FlowsArguments, Form, Outcome, complain_about_left, load, table};
use crate::attribution::{Carrier, Claim, Evidence, claim_words};
use crate::base::host::host_mark;
use crate::base::jobs::{Cancel, Progress};
use crate::base::text::escape_for_terminal;
use crate::capture::FlowId;
use crate::document::{Document, RereadCells};
use crate::formats::Options;
use crate::providers::{catalogue, network_of};
use crate::query::columns::{Column, ColumnId, unread};
use crate::query::{Query, SortKey, run};
use crate::redact::{EntrySecrets, Redactor};
use crate::reports::{self, ReportInput};

const DEFAULT_COLUMNS: &[ColumnId] = &[
    ColumnId::N,
    ColumnId::Method,
    ColumnId::Status,
    ColumnId::Host,
    ColumnId::Path,
    ColumnId::Edge,
    ColumnId::Origin,
    ColumnId::Role,
    ColumnId::Conclusive,
    ColumnId::Size,
    ColumnId::Time,
    ColumnId::Label,
];

/// Prints the flows that the arguments ask for.
pub(super) fn print(
    arguments: &FlowsArguments,
    options: &Options,
    out: &mut impl Write,
) -> Outcome {
    let columns = columns(&arguments.columns)?;
    let query = Query {
        filter: arguments.filter.clone(),
        time: None,
        sort: sort_keys(&arguments.sort)?,
    };
    let mut loaded = load::load(&arguments.files, options, "");
    let sorted = query.sort.iter().map(|key| key.column.column());
    for column in columns.iter().copied().chain(sorted) {
        read_again(&mut loaded.document, column);
    }
    let flows = select(&loaded.document, &query)?;
    if arguments.form == Form::Json {
        loaded.wait_for_checksums();
    }
    let input = ReportInput {
        flows,
        filter: &arguments.filter,
        level: arguments.redaction.level(),
        ..ReportInput::new(&loaded.document)
    };
    match arguments.form {
        Form::Json => {
            let with_evidence = !arguments.no_evidence;
            let left = reports::write_flows_json(&input, with_evidence, &loaded.refused, out);
            complain_about_left(&left?);
        }
        Form::Csv => {
            let left = reports::write_columns(&input, &columns, out);
            complain_about_left(&left?);
        }
        Form::Table => print_table(&input, &columns, out)?,
    }
    let is_usable = !loaded.document.is_empty();
    Ok(if is_usable {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The flows that `query` keeps, in its order.
pub(super) fn select(document: &Document, query: &Query) -> Result<Vec<FlowId>, Failure> {
    match run(document, query, &Cancel::default()) {
        Some(Ok(rows)) => Ok(rows.flows),
        Some(Err(error)) => Err(Failure::Usage(format!("in the filter: {error}"))),
        None => Ok(Vec::new()),
    }
}

/// Reads what `column` shows of the entries, and judges what it shows of relations, unless it is there already.
pub(super) fn read_again(document: &mut Document, column: &'static Column) {
    let (cancel, progress) = (Cancel::default(), Progress::default());
    if column.is_of_relations() {
        document.roles(&cancel);
    }
    if let Some(wanted) = unread(document, column)
        && let Some(cells) = RereadCells::read(document, wanted, &cancel, &progress)
    {
        document.set_reread(column.word, Arc::new(cells));
    }
}

fn columns(words: &[String]) -> Result<Vec<&'static Column>, Failure> {
    if words.is_empty() {
        return Ok(DEFAULT_COLUMNS.iter().map(|id| id.column()).collect());
    }
    named_columns(words)
}

/// The columns that are called `words`.
pub(super) fn named_columns(words: &[String]) -> Result<Vec<&'static Column>, Failure> {
    words.iter().map(|word| column(word.trim())).collect()
}

fn column(word: &str) -> Result<&'static Column, Failure> {
    Column::named(word).ok_or_else(|| {
        let known: Vec<&str> = crate::query::columns::COLUMNS
            .iter()
            .map(|column| column.word)
            .collect();
        Failure::Usage(format!(
            "there is no column `{word}`; there are {}, and headers such as response-header:x-cache",
            known.join(", ")
        ))
    })
}

fn sort_keys(words: &[String]) -> Result<Vec<SortKey>, Failure> {
    words
        .iter()
        .flat_map(|words| words.split(','))
        .map(|word| {
            let (name, descending) = match word.rsplit_once(':') {
                Some((name, "desc")) => (name, true),
                Some((name, "asc")) => (name, false),
                _ => (word, false),
            };
            Ok(SortKey {
                column: column(name)?.id,
                descending,
            })
        })
        .collect()
}

fn print_table(
    input: &ReportInput<'_>,
    columns: &[&'static Column],
    out: &mut impl Write,
) -> Result<(), Failure> {
    let mut lines: Vec<Vec<String>> = vec![
        columns
            .iter()
            .map(|column| column.word.to_owned())
            .collect(),
    ];
    reports::cells(input, columns, |cells| {
        let shown = cells.into_iter().zip(columns).map(|(mut text, column)| {
            if column.id == ColumnId::Host
                && let Some(mark) = host_mark(&text)
            {
                text = format!("{text} ({mark})");
            }
            table::shown(&text, table::MAX_WIDTH)
        });
        lines.push(shown.collect());
    })?;
    let are_numbers: Vec<bool> = columns.iter().map(|column| column.is_number).collect();
    table::print(&lines, &are_numbers, out)
}

/// Prints the verdict of flow `n` of `file` with all its evidence.
pub(super) fn explain(file: &Path, n: u32, options: &Options, out: &mut impl Write) -> Outcome {
    let document = load::load_one(file, options, "")?.document;
    let missing = || {
        Failure::Refused(format!(
            "there is no flow {n}; the capture has {}",
            document.n_flows()
        ))
    };
    let id = n.checked_sub(1).map(FlowId).ok_or_else(missing)?;
    let flow = document.flow(id).ok_or_else(missing)?;
    let examination = document.examine(id).ok_or_else(missing)?;
    let mut redactor = Redactor::default();
    redactor.enter(EntrySecrets::of(flow));
    let status = flow
        .status()
        .map_or_else(|| "no status".to_owned(), |status| status.to_string());
    say(
        out,
        &format!(
            "#{n} {} {} {status}",
            redactor.shown(flow.method()),
            redactor.url(flow.url())
        ),
    )?;
    if let Some(mark) = host_mark(&redactor.shown(flow.host())) {
        say(out, &format!("host         {mark}"))?;
    }
    if let Some(network) = flow.server_ip().parse().ok().and_then(network_of) {
        let address = redactor.shown(flow.server_ip());
        say(out, &format!("network      {network}, {address}"))?;
    }
    let verdict = examination.verdict;
    let who = |carrier: Option<Carrier>| {
        carrier.map_or(Cow::Borrowed("not seen"), |carrier| {
            carrier_text(&document, id, carrier)
        })
    };
    say(
        out,
        &format!(
            "role         {}, {}",
            verdict.role.word(),
            verdict.conclusiveness.word()
        ),
    )?;
    say(out, &format!("edge         {}", who(verdict.edge)))?;
    say(out, &format!("origin       {}", who(verdict.origin)))?;
    if 1 < examination.chain.len() {
        let chain: Vec<&str> = examination
            .chain
            .iter()
            .map(|id| catalogue().service(*id).name.as_str())
            .collect();
        say(out, &format!("chain        {}", chain.join(" ← ")))?;
    }
    for evidence in &examination.evidence {
        say(out, &evidence_text(evidence, &mut redactor))?;
    }
    for rival in &examination.rivals {
        say(out, &format!("rival        {}", redactor.text(rival)))?;
    }
    for advice in &examination.would_settle_it {
        say(out, &format!("would settle {}", redactor.text(advice)))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn say(out: &mut impl Write, line: &str) -> Result<(), Failure> {
    writeln!(out, "{}", escape_for_terminal(line))?;
    Ok(())
}

fn carrier_text(document: &Document, id: FlowId, carrier: Carrier) -> Cow<'static, str> {
    let region = carrier.region.map_or(String::new(), |region| {
        format!(" in {}", document.region(id, region))
    });
    let name = &catalogue().service(carrier.service).name;
    Cow::Owned(format!("{name}{region}, {}", carrier.conclusiveness.word()))
}

/// `for  header chain, strong: Amazon CloudFront as edge: FRA56-P4 (aws/header-x-amz-cf-pop; source)`.
fn evidence_text(evidence: &Evidence, redactor: &mut Redactor) -> String {
    let quote = redactor.quote(evidence);
    let (sign, weight) = match evidence.claim {
        Claim::Void(_) => ("void", String::new()),
        _ => (
            evidence.speaks.word(),
            format!("{}, ", evidence.strength.word()),
        ),
    };
    let quoted = if quote.is_empty() {
        String::new()
    } else {
        format!(": {quote}")
    };
    format!(
        "{sign:<12} {}{quoted} ({}, {weight}{}; {})",
        claim_words(evidence),
        evidence.family.title().to_lowercase(),
        evidence.rule,
        evidence.source
    )
}
