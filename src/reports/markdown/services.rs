//! What every provider is to every party: the table, then relation by relation why, and the question of 2011.

use std::io;

use super::super::services::{
    CitedView, PartyView, QUESTION, QuestionView, RelationView, Services, Size, WhyView,
};
use super::super::summary::LIMITS;
use super::{code, prose};
use crate::base::text::{counted, thousands};

/// Evidence that is listed for one claim.
const MAX_CITED: usize = 8;

pub(super) fn write_table(services: &Services<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    if services.parties.is_empty() && services.without.is_empty() {
        return Ok(());
    }
    writeln!(out, "## Services\n")?;
    writeln!(
        out,
        "What each provider is to each party: the site itself first, then what is embedded. Judged over all flows, whatever a filter leaves out.\n"
    )?;
    writeln!(
        out,
        "| Party | Service | Role | Behind it, or whose data | Sure | Hosts | Requests | Bytes |"
    )?;
    writeln!(out, "|---|---|---|---|---|--:|--:|--:|")?;
    for party in &services.parties {
        for relation in &party.relations {
            write_relation_row(party, relation, out)?;
        }
        if 0 < party.unknown.n_flows {
            write_unknown_row(party, party.unknown, out)?;
        }
    }
    for party in &services.without {
        write_unknown_row(party, party.size, out)?;
    }
    writeln!(out)?;
    for ((n, size), why) in [
        (services.left_out, "with less traffic"),
        (services.without_left_out, "of which nothing is attributed"),
    ] {
        if 0 < n {
            let requests = counted(size.n_flows, "request");
            writeln!(
                out,
                "Left out: {} more parties {why}, {requests}\n",
                thousands(n)
            )?;
        }
    }
    Ok(())
}

fn write_relation_row(
    party: &PartyView<'_>,
    relation: &RelationView<'_>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let places = if relation.places.is_empty() {
        String::new()
    } else {
        format!(" {}", code(&relation.places))
    };
    writeln!(
        out,
        "| {} | {}{places} | {} | {} | {} | {} |",
        party_cell(party),
        prose(&relation.name),
        relation.of.role.word(),
        prose(&relation.behind),
        relation.of.conclusiveness.word(),
        size_cells(relation.size),
    )
}

fn write_unknown_row(party: &PartyView<'_>, size: Size, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(
        out,
        "| {} | not attributed | | {} | | {} |",
        party_cell(party),
        prose(&party.why_words()),
        size_cells(size),
    )
}

fn party_cell(party: &PartyView<'_>) -> String {
    if party.standing.is_empty() {
        return code(&party.party);
    }
    format!("{}, {}", code(&party.party), prose(&party.standing))
}

/// Three cells.
fn size_cells(size: Size) -> String {
    let (hosts, requests) = (thousands(size.n_hosts), thousands(size.n_flows));
    format!("{hosts} | {requests} | {}", size.bytes_words())
}

pub(super) fn write_sheets(services: &Services<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    if services.parties.is_empty() {
        return Ok(());
    }
    writeln!(out, "## Why, relation by relation\n")?;
    for party in &services.parties {
        for relation in &party.relations {
            write_sheet(party, relation, out)?;
        }
    }
    if services.parties.iter().all(|it| it.questions.is_empty()) {
        return Ok(());
    }
    writeln!(out, "## {QUESTION}?\n")?;
    writeln!(
        out,
        "The question of 2011. “Inconclusive” answers it alone, not who delivers.\n"
    )?;
    for party in &services.parties {
        for question in &party.questions {
            write_question(party, question, out)?;
        }
    }
    Ok(())
}

fn write_sheet(
    party: &PartyView<'_>,
    relation: &RelationView<'_>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    writeln!(
        out,
        "**{}, {}: {}, {}**\n",
        code(&party.party),
        prose(&relation.name),
        relation.of.role.word(),
        relation.of.conclusiveness.word()
    )?;
    writeln!(out, "{}\n", prose(&relation.sentence))?;
    writeln!(out, "- {}", prose(&relation.about()))?;
    for resource in &relation.resources {
        let (kind, id) = (resource.kind, code(&resource.id));
        if resource.about.is_empty() {
            writeln!(out, "- {kind} {id}")?;
        } else {
            writeln!(out, "- {kind} {id}: {}", prose(&resource.about))?;
        }
    }
    if 0 < relation.n_resources_left_out {
        writeln!(out, "- {}", relation.resources_left_out())?;
    }
    for line in relation.behind_lines() {
        writeln!(out, "- behind it, {}", prose(&line))?;
    }
    write_cited(&relation.cited, out)?;
    if let Some(whose) = &relation.whose {
        writeln!(out, "- whose data: {}", prose(&whose.words))?;
        write_cited(&whose.cited, out)?;
    }
    writeln!(out)
}

fn write_cited(cited: &[CitedView], out: &mut dyn io::Write) -> io::Result<()> {
    for it in cited.iter().take(MAX_CITED) {
        let more = if it.more.is_empty() {
            String::new()
        } else {
            format!(" {}", it.more)
        };
        writeln!(
            out,
            "- **{}** {}: {} by {}, flow {}{more}",
            it.speaks,
            it.family,
            code(&it.quote),
            code(&it.rule),
            it.flow.n()
        )?;
    }
    match cited.len().saturating_sub(MAX_CITED) {
        0 => Ok(()),
        n => writeln!(out, "- and {n} more"),
    }
}

fn write_question(
    party: &PartyView<'_>,
    question: &QuestionView<'_>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    writeln!(
        out,
        "**{} at {}: {}**\n",
        code(&party.party),
        prose(&question.provider),
        question.answer
    )?;
    writeln!(out, "{}\n", prose(&question.reason))?;
    for hypothesis in &question.hypotheses {
        let word = hypothesis.conclusiveness.word();
        writeln!(out, "- {}: {word}", hypothesis.title)?;
        write_cited(&hypothesis.cited, out)?;
    }
    writeln!(out)
}

/// What would settle it, what is not attributed and why, and what to keep in mind.
pub(super) fn write_open(services: &Services<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let actions = services.would_settle_it();
    if !actions.is_empty() {
        writeln!(out, "## What would settle it\n")?;
    }
    for (action, pairs) in &actions {
        let pairs: Vec<String> = pairs.iter().take(4).map(|pair| prose(pair)).collect();
        writeln!(out, "- {} ({})", prose(action), pairs.join(", "))?;
    }
    if !actions.is_empty() {
        writeln!(out)?;
    }
    write_why("Why requests are not attributed", &services.why, out)?;
    write_why(
        "Validity: what shows less about a server than it seems to",
        &services.validity,
        out,
    )?;
    let is_new = |caveat: &&String| !LIMITS.contains(&caveat.as_str());
    let caveats: Vec<&String> = services.caveats.iter().filter(is_new).collect();
    if !caveats.is_empty() {
        writeln!(out, "## Read with care\n")?;
        for caveat in caveats {
            writeln!(out, "- {}", prose(caveat))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn write_why(title: &str, list: &[WhyView], out: &mut dyn io::Write) -> io::Result<()> {
    if list.is_empty() {
        return Ok(());
    }
    writeln!(out, "## {title}\n")?;
    for why in list {
        let n = counted(why.n_flows, "flow");
        writeln!(out, "- {}: {n}", prose(&why.words))?;
    }
    writeln!(out)
}
