//! `verdicts`: what each provider is to each party, as text or JSON.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use super::{Outcome, VerdictForm, complain_about_left, load};
use crate::attribution::{Cited, Conclusiveness, Hypothesis, PartyVerdict, Weighed};
use crate::base::jobs::Cancel;
use crate::base::text::{counted, escape_for_terminal, shorten_middle};
use crate::formats::Options;
use crate::providers::catalogue;
use crate::redact::Redactor;
use crate::reports::{self, ReportInput};

/// Longest quote, in characters.
const MAX_QUOTE: usize = 60;

/// Prints the verdicts over all flows of `files` together.
pub(super) fn print(
    files: &[PathBuf],
    form: VerdictForm,
    options: &Options,
    out: &mut impl Write,
) -> Outcome {
    let loaded = load::load(files, options, "");
    let verdicts = loaded
        .document
        .judge_parties(&Cancel::default())
        .unwrap_or_default();
    match form {
        VerdictForm::Json => {
            loaded.wait_for_checksums();
            let input = ReportInput::new(&loaded.document);
            let left = reports::write_verdicts_json(&input, &verdicts, &loaded.refused, out);
            complain_about_left(&left?);
        }
        VerdictForm::Text => print_text(&verdicts, out)?,
    }
    Ok(if loaded.document.is_empty() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn print_text(verdicts: &[PartyVerdict], out: &mut impl Write) -> io::Result<()> {
    if verdicts.is_empty() {
        writeln!(out, "No party is served by a provider here.")?;
    }
    let mut redactor = Redactor::default();
    for (idx, verdict) in verdicts.iter().enumerate() {
        if 0 < idx {
            writeln!(out)?;
        }
        print_verdict(verdict, &mut redactor, out)?;
    }
    Ok(())
}

fn print_verdict(
    verdict: &PartyVerdict,
    redactor: &mut Redactor,
    out: &mut impl Write,
) -> io::Result<()> {
    let answer = verdict.verdict.map_or_else(
        || "inconclusive".to_owned(),
        |hypothesis| {
            let title = hypothesis.title().to_lowercase();
            format!("{title}, {}", verdict.conclusiveness.word())
        },
    );
    let party = escape_for_terminal(&redactor.shown(&verdict.party)).into_owned();
    let provider = &catalogue().provider(verdict.provider).name;
    let n = counted(verdict.flows.len() as u64, "flow");
    writeln!(out, "{party} at {provider}: {answer} ({n})")?;
    let reason = redactor.text(&verdict.reason);
    writeln!(out, "  {}", escape_for_terminal(&reason))?;
    for weighed in &verdict.hypotheses {
        print_hypothesis(weighed, redactor, out)?;
    }
    for (title, sentences) in [
        ("would settle it", &verdict.would_settle_it),
        ("keep in mind", &verdict.caveats),
    ] {
        if !sentences.is_empty() {
            writeln!(out, "  {title}")?;
        }
        for sentence in sentences {
            let sentence = redactor.text(sentence);
            writeln!(out, "    {}", escape_for_terminal(&sentence))?;
        }
    }
    Ok(())
}

fn print_hypothesis(
    weighed: &Weighed,
    redactor: &mut Redactor,
    out: &mut impl Write,
) -> io::Result<()> {
    let is_silent = weighed.supporting.is_empty() && weighed.opposing.is_empty();
    if is_silent && weighed.conclusiveness == Conclusiveness::Insufficient {
        return Ok(());
    }
    let title = Hypothesis::title(weighed.hypothesis);
    writeln!(out, "  {title:<22}{}", weighed.conclusiveness.word())?;
    let supporting = weighed.supporting.iter().map(|cited| ("+", cited));
    let opposing = weighed.opposing.iter().map(|cited| ("-", cited));
    for (sign, cited) in supporting.chain(opposing) {
        print_cited(sign, cited, redactor, out)?;
    }
    Ok(())
}

fn print_cited(
    sign: &str,
    cited: &Cited,
    redactor: &mut Redactor,
    out: &mut impl Write,
) -> io::Result<()> {
    let quote = redactor.quote(&cited.evidence);
    let quote = shorten_middle(&quote, MAX_QUOTE);
    let more = if 1 < cited.n_flows {
        format!(" and {} more", cited.n_flows - 1)
    } else {
        String::new()
    };
    writeln!(
        out,
        "    {sign} {:<18}{}  flow {}{more}  {}",
        cited.evidence.family.word(),
        cited.evidence.rule,
        cited.flow.n(),
        escape_for_terminal(&quote)
    )
}
