//! `group`: counts hosts under a party beside the capture, lists what is counted so, and suggests more.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::load::{self, Loaded};
use super::save::{needs_a_file, save};
use super::{Failure, Outcome, complain};
use crate::annotations::typed_host;
use crate::base::jobs::Cancel;
use crate::base::text::{counted, escape_for_terminal};
use crate::document::Document;
use crate::formats::Options;
use crate::query::group_suggestions::suggest_groups;
use crate::redact::Redactor;

/// Arguments of `group`.
#[derive(Debug, Args)]
pub struct GroupArguments {
    /// The capture
    file: PathBuf,
    /// Hosts; each covers everything below it
    #[arg(required_unless_present_any = ["list", "suggest"], conflicts_with_all = ["list", "suggest"])]
    hosts: Vec<String>,
    #[command(flatten)]
    what: What,
}

/// What to do with the hosts: exactly one of them.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct What {
    /// Count the hosts under this party
    #[arg(long, value_name = "PARTY")]
    under: Option<String>,
    /// Count the hosts as the machine says again
    #[arg(long)]
    clear: bool,
    /// List the hosts that are counted under a party by hand
    #[arg(long)]
    list: bool,
    /// Suggest hosts of one company or site, each with the command that would group them; changes nothing
    #[arg(long)]
    suggest: bool,
}

/// Does what was asked, and says what changed.
pub(super) fn group(
    arguments: &GroupArguments,
    options: &Options,
    out: &mut impl Write,
) -> Outcome {
    if !arguments.what.suggest {
        needs_a_file(&arguments.file)?;
    }
    let under = arguments.what.under.as_deref().map(str::trim);
    if under == Some("") {
        let message = "--under needs a party; --clear takes hosts out of theirs";
        return Err(Failure::Usage(message.to_owned()));
    }
    let loaded = load::load_one(&arguments.file, options, "")?;
    if arguments.what.list {
        list(&loaded.document, out)
    } else if arguments.what.suggest {
        suggest(&loaded.document, &arguments.file, out)
    } else {
        change(loaded, &arguments.hosts, under.unwrap_or_default(), out)
    }
}

/// Counts `hosts` under `party`; an empty party takes that back.
fn change(mut loaded: Loaded, hosts: &[String], party: &str, out: &mut impl Write) -> Outcome {
    let before = loaded.document.clone();
    let hosts: BTreeSet<String> = hosts.iter().map(|host| typed_host(host)).collect();
    let is_possible = |host: &&String| {
        let problem = if party.is_empty() {
            let is_grouped = before.annotations().groups().get(host).is_some();
            (!is_grouped).then_some("is counted under no party by hand")
        } else {
            (host.is_empty() || !before.has_host(host)).then_some("is in no flow")
        };
        if let Some(problem) = problem {
            complain(&format!("{host} {problem}"));
        }
        problem.is_none()
    };
    let hosts: Vec<&String> = hosts.iter().filter(is_possible).collect();
    let wanted: Vec<(&str, &str)> = hosts.iter().map(|host| (host.as_str(), party)).collect();
    if !loaded.document.group_all(&wanted) {
        writeln!(out, "nothing was changed")?;
        return Ok(ExitCode::SUCCESS);
    }
    let n_flows = n_decided(&before, &loaded.document, &hosts);
    let flows = counted(n_flows, "flow");
    let (n, counts) = match hosts.len() {
        1 => ("1 host".to_owned(), "counts"),
        n => (counted(n as u64, "host"), "count"),
    };
    let line = if party.is_empty() {
        format!("{n} {counts} as the machine says again: {flows}")
    } else {
        format!("{n} now {counts} under {party}: {flows}")
    };
    let saved = save(&loaded, 0)?;
    writeln!(out, "{}", escape_for_terminal(&line))?;
    if let Some(path) = saved.path {
        let line = format!("saved in {}", path.display());
        writeln!(out, "{}", escape_for_terminal(&line))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Flows of these hosts, and those that follow them.
fn n_decided(before: &Document, after: &Document, hosts: &[&String]) -> u64 {
    let is_below = |host: &str| {
        hosts.iter().any(|name| {
            let rest = host.strip_suffix(name.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        })
    };
    let flows = after.flows();
    let decided =
        flows.filter(|(id, flow)| is_below(flow.host()) || before.party(*id) != after.party(*id));
    decided.count() as u64
}

fn list(document: &Document, out: &mut impl Write) -> Outcome {
    let groups = document.annotations().groups();
    if groups.is_empty() {
        writeln!(out, "no host is counted under a party by hand")?;
    }
    let mut redactor = Redactor::default();
    for (host, party) in groups.iter() {
        let line = format!("{}\t{}", redactor.shown(host), redactor.text(party));
        writeln!(out, "{}", escape_within(&line))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Control characters of a line of fields, but for the tabs between them.
fn escape_within(line: &str) -> String {
    let fields: Vec<_> = line.split('\t').map(escape_for_terminal).collect();
    fields.join("\t")
}

fn suggest(document: &Document, file: &std::path::Path, out: &mut impl Write) -> Outcome {
    let suggestions = suggest_groups(document, &Cancel::default()).unwrap_or_default();
    if suggestions.is_empty() {
        writeln!(out, "nothing to suggest")?;
    }
    let mut redactor = Redactor::default();
    let file = quoted(&file.display().to_string());
    for suggestion in suggestions {
        let flows = counted(suggestion.n_flows, "flow");
        let reason = redactor.text(&suggestion.reason);
        let hosts = suggestion.hosts.iter();
        let hosts: Vec<String> = hosts.map(|host| quoted(&redactor.shown(host))).collect();
        let party = quoted(&redactor.shown(&suggestion.party));
        let command = format!("headwater group {file} {} --under {party}", hosts.join(" "));
        writeln!(out, "{}: {flows}", escape_for_terminal(&reason))?;
        writeln!(out, "  {}", escape_for_terminal(&command))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A word of a shell's command line.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,~".contains(c);
    if !word.is_empty() && !word.starts_with('-') && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}
