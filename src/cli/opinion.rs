//! `opinion`: says what a person thinks of what a service is to a party, and saves it beside the captures.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::save::{needs_a_file, save};
use super::{Failure, Outcome, complain, load};
use crate::annotations::{ROLES, RelationKey, Stance};
use crate::base::jobs::Cancel;
use crate::base::text::escape_for_terminal;
use crate::document::Document;
use crate::formats::Options;
use crate::providers::catalogue;
use crate::redact::Redactor;

/// Arguments of `opinion`.
#[derive(Debug, Args)]
pub struct OpinionArguments {
    /// Captures of one session
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The party, as `verdicts` names it
    #[arg(long)]
    party: String,
    /// Provider and service, such as aws/s3
    #[arg(long)]
    service: String,
    /// What the service is to the party
    #[arg(long, value_parser = PossibleValuesParser::new(ROLES))]
    role: String,
    #[command(flatten)]
    stance: StanceArguments,
    /// Also write this note
    #[arg(long, conflicts_with = "clear")]
    note: Option<String>,
    /// Sign with this name
    #[arg(long)]
    by: String,
}

/// What the person thinks: exactly one of them.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct StanceArguments {
    /// It is as the machine says
    #[arg(long)]
    agree: bool,
    /// It is something else: what, in words
    #[arg(long, value_name = "TEXT", num_args = 0..=1, default_missing_value = "")]
    disagree: Option<String>,
    /// Looked at, and undecided
    #[arg(long)]
    undecided: bool,
    /// No opinion after all; what others say stays
    #[arg(long)]
    clear: bool,
}

/// Keeps the opinion, or says why not.
pub(super) fn opinion(
    arguments: &OpinionArguments,
    options: &Options,
    out: &mut impl Write,
) -> Outcome {
    for file in &arguments.files {
        needs_a_file(file)?;
    }
    if arguments.by.trim().is_empty() {
        let message = "--by needs the name of the person whose opinion it is";
        return Err(Failure::Usage(message.to_owned()));
    }
    let key = RelationKey {
        party: arguments.party.trim().to_owned(),
        service: arguments.service.trim().to_owned(),
        role: arguments.role.clone(),
    };
    if catalogue().find(&key.service).is_none() {
        let message = format!(
            "no service is called {}; see headwater providers",
            key.service
        );
        return Err(Failure::Usage(message));
    }
    let mut loaded = load::load(&arguments.files, options, arguments.by.trim());
    let document = &mut loaded.document;
    if document.is_empty() {
        return Err(Failure::Refused("nothing usable was found".to_owned()));
    }
    if !arguments.stance.clear {
        if !document.has_party(&key.party) {
            let message = format!("no flow here counts under {}", key.party);
            return Err(Failure::Refused(message));
        }
        if !is_stated(document, &key) {
            let (party, service, role) = (&key.party, &key.service, &key.role);
            complain(&format!(
                "that {service} {role} {party} is nothing that Headwater states; the opinion is kept all the same"
            ));
        }
    }
    let before = document.own_opinion(&key).map(|said| said.note.clone());
    let note = arguments.note.clone().or(before).unwrap_or_default();
    let stance = wanted(&arguments.stance).map(|stance| (stance, note));
    if !document.say_of_relation(&key, stance) {
        writeln!(out, "that is so already; nothing was changed")?;
        return Ok(ExitCode::SUCCESS);
    }
    // One file that cannot be written does not keep the opinion out of the others.
    let saved: Vec<_> = (0..loaded.sidecars.len())
        .map(|idx| save(&loaded, idx))
        .collect();
    let saved = saved.into_iter().collect::<Result<Vec<_>, _>>()?;
    tell(&loaded.document, &key, out)?;
    for path in saved.into_iter().filter_map(|saved| saved.path) {
        let line = format!("saved in {}", path.display());
        writeln!(out, "{}", escape_for_terminal(&line))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Says what everybody thinks of the relation now.
fn tell(document: &Document, key: &RelationKey, out: &mut impl Write) -> std::io::Result<()> {
    let mut redactor = Redactor::default();
    let party = redactor.shown(&key.party);
    let line = format!("{} {} {party}", key.service, key.role);
    writeln!(out, "{}", escape_for_terminal(&line))?;
    for said in document.opinions(key) {
        let by = match said.by.as_str() {
            "" => "nobody by name",
            by => &redactor.shown(by),
        };
        let note = match redactor.text(&said.note).as_str() {
            "" => String::new(),
            note => format!(" ({note})"),
        };
        let says = redactor.text(&said.stance.title());
        let line = format!("  {by}: {says}{note}");
        writeln!(out, "{}", escape_for_terminal(&line))?;
    }
    Ok(())
}

/// True when the machine states the relation itself.
fn is_stated(document: &Document, key: &RelationKey) -> bool {
    let service = catalogue().find(&key.service);
    let roles = document.roles(&Cancel::default());
    let party = roles.as_ref().and_then(|roles| roles.party(&key.party));
    let mut relations = party.into_iter().flat_map(|party| &party.relations);
    relations.any(|it| Some(it.service) == service && it.role.word() == key.role)
}

fn wanted(stance: &StanceArguments) -> Option<Stance> {
    if stance.agree {
        Some(Stance::Agree)
    } else if stance.undecided {
        Some(Stance::Undecided)
    } else {
        let instead = stance.disagree.as_ref()?.trim().to_owned();
        Some(Stance::Disagree { instead })
    }
}
