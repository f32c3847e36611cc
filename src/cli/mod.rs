//! The headless commands: the same code as the window, for scripts and machines without a display.
//!
//! Results go to stdout, problems to stderr, one line each. Exit 0 = done, 1 = nothing usable, a refused file or export, or
//! no display and no file, 2 = wrong arguments. A closed pipe ends quietly.

mod flows;
mod group;
mod hosts;
mod label;
mod load;
mod opinion;
mod options;
mod providers;
mod report;
mod save;
mod schema;
mod score;
mod summary;
mod table;
mod verdicts;
mod verify;

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::base::text::escape_for_terminal;
use crate::base::time::Time;
use crate::formats::{FORMATS, Options};
use crate::providers::problems;
use crate::query::hosts::By;
use crate::redact::Level;
use crate::reports::{CsvTable, Left, ReportError};

pub use group::GroupArguments;
pub use opinion::OpinionArguments;
pub use providers::{ImportArguments, ProvidersCommand};

/// Who really serves captured HTTP traffic: as origin, or only as CDN
#[derive(Debug, Parser)]
#[command(name = "headwater", version, args_conflicts_with_subcommands = true)]
pub struct Arguments {
    /// Captures to open in the workbench
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    open: OpenArguments,
    /// What to do instead of opening the workbench
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do without a window.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List flows with their verdicts
    Flows(FlowsArguments),
    /// Show the verdict of one flow with all its evidence
    Explain {
        /// The capture
        file: PathBuf,
        /// Number of the flow, from 1
        n: u32,
    },
    /// Tell what each provider is to each party: delivers, stores, computes, hosts …
    Verdicts {
        /// Captures of one session
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// How to write them
        #[arg(long = "as", value_enum, default_value_t = VerdictForm::Text)]
        form: VerdictForm,
    },
    /// List hosts with who serves them, or domains, parties, providers, services, regions, networks, files
    Hosts(HostsArguments),
    /// Write an annotated report, secrets removed
    Report(ReportArguments),
    /// Check a bundle that `report --as bundle` wrote, and its captures, against the manifest
    Verify {
        /// The manifest, or the folder that holds it
        manifest: PathBuf,
        /// The captures; left out, they are looked for in the folder of the bundle and in the one around it
        captures: Vec<PathBuf>,
    },
    /// Print the JSON Schema of what is written as JSON
    Schema {
        /// Which one; left out, they are listed
        name: Option<String>,
    },
    /// Label flows and save the labels beside the capture
    Label(LabelArguments),
    /// Say what you think of what a service is to a party, and save it beside the captures
    Opinion(OpinionArguments),
    /// Count hosts under a party and save that beside the capture
    Group(GroupArguments),
    /// List who can be recognised, or import address ranges that providers publish
    Providers {
        /// What to do with the catalogue
        #[command(subcommand)]
        command: Option<ProvidersCommand>,
    },
    /// List the file formats that can be opened
    Formats,
    /// Compare verdicts with the CDN labels that captures carry
    Score {
        /// Captures, or folders of captures
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// Corrected labels: file, entry, right answer and reason, separated by tabs
        #[arg(long)]
        adjudicated: Option<PathBuf>,
    },
}

/// How captures are opened, by every command.
#[derive(Debug, Args)]
struct OpenArguments {
    /// The `logformat` line by which Squid wrote the log
    #[arg(long, global = true, value_name = "LINE")]
    logformat: Option<String>,
    /// Read more or less of a file than usual, such as `line=4MiB`; `headwater formats` lists the limits
    #[arg(long, global = true, value_name = "NAME=AMOUNT")]
    limit: Vec<String>,
}

/// Arguments of `flows`.
#[derive(Debug, Args)]
pub struct FlowsArguments {
    /// Captures; `-` reads one from standard input
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Keep only flows that pass this filter
    #[arg(long, default_value = "", allow_hyphen_values = true)]
    filter: String,
    /// Sort by this column; add `:desc` for the largest first
    #[arg(long)]
    sort: Vec<String>,
    /// Columns of the table or CSV, separated by commas
    #[arg(long, value_delimiter = ',')]
    columns: Vec<String>,
    /// How to write them
    #[arg(long = "as", value_enum, default_value_t = Form::Table)]
    form: Form,
    /// Leave the evidence out of JSON
    #[arg(long)]
    no_evidence: bool,
    #[command(flatten)]
    redaction: Redaction,
}

/// Arguments of `hosts`.
#[derive(Debug, Args)]
pub struct HostsArguments {
    /// Captures; `-` reads one from standard input
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// What the flows of a row have in common: host, domain, party, provider, service, region, network, file
    #[arg(long, value_name = "WHAT", default_value = "host", value_parser = by_named)]
    by: By,
    /// Keep only flows that pass this filter
    #[arg(long, default_value = "", allow_hyphen_values = true)]
    filter: String,
    /// Sort by this column; add `:desc` for the largest first
    #[arg(long)]
    sort: Vec<String>,
    /// How to write them
    #[arg(long = "as", value_enum, default_value_t = Form::Table)]
    form: Form,
    #[command(flatten)]
    redaction: Redaction,
}

fn by_named(word: &str) -> Result<By, String> {
    let known = By::ALL.map(By::word).join(", ");
    By::named(word).ok_or_else(|| format!("flows are grouped by {known}"))
}

/// How to write flows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// Columns for reading
    Table,
    /// Comma-separated values
    Csv,
    /// The documented JSON
    Json,
}

/// How to write verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum VerdictForm {
    /// For reading
    Text,
    /// The documented JSON
    Json,
}

/// Arguments of `report`.
#[derive(Debug, Args)]
pub struct ReportArguments {
    /// Captures
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Which report: html, md, csv, tsv, csv-raw, json, har, or bundle
    ///
    /// In csv and tsv, text that a spreadsheet would take for a formula begins with an apostrophe, and cells end after
    /// 32,000 characters. In csv-raw, for programs, text has neither. A bundle is a folder with seven files and a
    /// manifest of their checksums.
    #[arg(long = "as")]
    form: String,
    /// Where to write it; stdout when left out or `-`. A bundle needs the path of a new folder
    #[arg(long)]
    out: Option<PathBuf>,
    /// Replace the file that lies there, without asking
    #[arg(long)]
    force: bool,
    /// What csv, tsv and csv-raw list: flows, hosts or services
    #[arg(long, value_name = "TABLE", default_value = "flows", value_parser = table_named)]
    table: CsvTable,
    /// Columns of the flows in csv, tsv and csv-raw, separated by commas
    #[arg(long, value_delimiter = ',')]
    columns: Vec<String>,
    /// Say in the report that it was made at this time, such as 2026-11-30T12:00:00Z; the clock is never asked
    #[arg(long, value_name = "TIME", value_parser = time_named)]
    made_at: Option<Time>,
    /// Keep only flows that pass this filter
    #[arg(long, default_value = "", allow_hyphen_values = true)]
    filter: String,
    #[command(flatten)]
    redaction: Redaction,
}

/// How much of the captures may leave the program.
#[derive(Debug, Args)]
pub struct Redaction {
    /// How much to remove: `balanced` (secrets), `strict` (also all of a URL but its host and shape), `none`
    #[arg(long = "redact", value_name = "LEVEL", default_value = "balanced", value_parser = level_named)]
    level: Level,
    /// Leave cookies, tokens and other secrets in: the same as `--redact none`
    #[arg(long, conflicts_with = "level")]
    with_secrets: bool,
}

impl Redaction {
    const fn level(&self) -> Level {
        if self.with_secrets {
            Level::Nothing
        } else {
            self.level
        }
    }
}

fn time_named(text: &str) -> Result<Time, String> {
    Time::parse_iso(text).ok_or_else(|| "a time is written 2026-11-30T12:00:00Z".to_owned())
}

fn table_named(word: &str) -> Result<CsvTable, String> {
    let known = CsvTable::ALL.map(CsvTable::word).join(", ");
    CsvTable::named(word).ok_or_else(|| format!("the tables are {known}"))
}

fn level_named(word: &str) -> Result<Level, String> {
    let known = Level::ALL.map(Level::word).join(", ");
    Level::named(word).ok_or_else(|| format!("the levels are {known}"))
}

/// Arguments of `label`.
#[derive(Debug, Args)]
pub struct LabelArguments {
    /// The capture
    file: PathBuf,
    /// Which flows
    #[arg(long, allow_hyphen_values = true)]
    filter: String,
    #[command(flatten)]
    answer: Answer,
    /// Also write this note
    #[arg(long)]
    note: Option<String>,
    /// Also add this tag; may be given several times
    #[arg(long = "tag")]
    tags: Vec<String>,
    /// Sign with this name
    #[arg(long, default_value = "")]
    by: String,
}

/// The label to give: exactly one of them.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Answer {
    /// The provider holds the truth
    #[arg(long)]
    origin: bool,
    /// The provider only stands in front of another origin
    #[arg(long)]
    cdn: bool,
    /// Looked at, and undecided
    #[arg(long)]
    unknown: bool,
    /// Not reviewed after all
    #[arg(long)]
    clear: bool,
}

/// Why a command did not do what was asked.
#[derive(Debug)]
pub enum Failure {
    /// Wrong arguments: exit 2.
    Usage(String),
    /// Nothing usable, or refused: exit 1.
    Refused(String),
    /// The output could not be written.
    Output(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// A closed pipe is an output that ended.
impl From<ReportError> for Failure {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::Io(error) => Self::Output(error),
            error => Self::Refused(error.to_string()),
        }
    }
}

/// Says what redaction had missed, if anything.
fn complain_about_left(left: &Left) {
    for problem in left.problem().iter().chain(&left.unread) {
        complain(problem);
    }
}

type Outcome = Result<ExitCode, Failure>;

/// Runs `command`, writing to stdout and stderr.
pub fn run(command: &Command, options: &Options) -> ExitCode {
    complain_about_packs();
    let mut out = BufWriter::new(io::stdout().lock());
    let outcome = dispatch(command, options, &mut out).and_then(|code| {
        out.flush()?;
        Ok(code)
    });
    finish(outcome)
}

/// A panic says where, in which version, and nothing of what was being read: its text may hold what a capture holds.
pub fn keep_panics_quiet() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        let thread = std::thread::current();
        let thread = thread.name().unwrap_or("without a name").to_owned();
        complain(&format!(
            "stopped unexpectedly at {place}, thread {thread}, version {}: please report this",
            env!("CARGO_PKG_VERSION")
        ));
    }));
}

/// Opens nothing on the screen: says so on stderr and prints what the captures hold.
pub fn summarise_without_window(files: &[PathBuf], options: &Options, reason: &str) -> ExitCode {
    let mut out = BufWriter::new(io::stdout().lock());
    complain_about_packs();
    complain(reason);
    if files.is_empty() {
        complain("give a capture to print its summary, or see `headwater --help`");
        return ExitCode::FAILURE;
    }
    let outcome = summary::print(files, options, &mut out).and_then(|code| {
        out.flush()?;
        Ok(code)
    });
    finish(outcome)
}

fn dispatch(command: &Command, options: &Options, out: &mut impl Write) -> Outcome {
    match command {
        Command::Flows(arguments) => flows::print(arguments, options, out),
        Command::Explain { file, n } => flows::explain(file, *n, options, out),
        Command::Verdicts { files, form } => verdicts::print(files, *form, options, out),
        Command::Hosts(arguments) => hosts::print(arguments, options, out),
        Command::Report(arguments) => report::write(arguments, options, out),
        Command::Verify { manifest, captures } => verify::print(manifest, captures, out),
        Command::Schema { name } => schema::print(name.as_deref(), out),
        Command::Label(arguments) => label::label(arguments, options, out),
        Command::Opinion(arguments) => opinion::opinion(arguments, options, out),
        Command::Group(arguments) => group::group(arguments, options, out),
        Command::Providers { command } => providers::run(command.as_ref(), out),
        Command::Formats => list_formats(options, out),
        Command::Score { paths, adjudicated } => {
            score::print(paths, adjudicated.as_deref(), options, out)
        }
    }
}

fn finish(outcome: Outcome) -> ExitCode {
    match outcome {
        Ok(code) => code,
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(Failure::Output(error)) => {
            complain(&format!("the output could not be written: {error}"));
            ExitCode::FAILURE
        }
        Err(Failure::Refused(message)) => {
            complain(&message);
            ExitCode::FAILURE
        }
        Err(Failure::Usage(message)) => {
            complain(&message);
            ExitCode::from(2)
        }
    }
}

/// Says why nothing was done.
pub fn refuse(failure: Failure) -> ExitCode {
    finish(Err(failure))
}

/// One line on stderr. That stderr is closed is nobody's concern.
fn complain(message: &str) {
    let line = format!("headwater: {}\n", escape_for_terminal(message));
    let _unheard = io::stderr().write_all(line.as_bytes());
}

/// What is wrong with the user's packs and tables; the rest of them still works.
fn complain_about_packs() {
    for problem in problems() {
        complain(problem);
    }
}

fn list_formats(options: &Options, out: &mut impl Write) -> Outcome {
    for format in FORMATS {
        writeln!(
            out,
            "{:<10}{:<26}{}",
            format.id(),
            format.title(),
            format.about()
        )?;
    }
    writeln!(
        out,
        "\nLimits, set by --limit NAME=AMOUNT or in the table [limits] of settings.toml:"
    )?;
    for limit in options.limits.all() {
        writeln!(
            out,
            "{:<12}{:>10}  {}",
            limit.name(),
            limit.amount(),
            limit.about()
        )?;
    }
    Ok(ExitCode::SUCCESS)
}
