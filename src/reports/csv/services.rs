//! The table of services: one row for each relation, and one for what is not attributed of each party.

use std::io;

use super::super::services::{PartyView, RelationView, Size, common_caveats, concerned, roles};
use super::super::{ReportError, ReportInput};
use super::{Cell, Form};
use crate::attribution::roles::Owner;
use crate::base::text::thousands;
use crate::providers::catalogue;
use crate::redact::Redactor;

const COLUMNS: &[&str] = &[
    "party",
    "standing",
    "provider",
    "service",
    "role",
    "resources",
    "behind it",
    "origin_not_seen",
    "whose data",
    "whose_conclusiveness",
    "conclusiveness",
    "flows_conclusive",
    "flows_strong",
    "flows_suggestive",
    "hosts",
    "requests",
    "bytes",
    "regions",
    "in words",
];

/// Writes the services of the parties of which the report holds a flow.
pub(super) fn write(
    form: Form,
    input: &ReportInput<'_>,
    redactor: &mut Redactor,
    out: &mut dyn io::Write,
) -> Result<(), ReportError> {
    let roles = roles(input)?;
    let common = common_caveats(&roles);
    form.write_titles(COLUMNS, input, out)?;
    for party in concerned(input, &roles) {
        if input.cancel.is_cancelled() {
            return Err(ReportError::Cancelled);
        }
        let view = PartyView::of(input.document, party, &common, redactor);
        for relation in &view.relations {
            form.write_cells(relation_row(&view, relation), input, out)?;
        }
        if 0 < view.unknown.n_flows || view.relations.is_empty() {
            form.write_cells(unknown_row(&view), input, out)?;
        }
    }
    Ok(())
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

fn number(n: u64) -> Cell {
    Cell::Plain(n.to_string())
}

fn size(size: Size) -> [Cell; 3] {
    [size.n_hosts, size.n_flows, size.bytes].map(number)
}

fn relation_row(party: &PartyView<'_>, view: &RelationView<'_>) -> Vec<Cell> {
    let relation = view.of;
    let provider = relation.provider();
    let provider = provider.map_or("", |id| catalogue().provider(id).name.as_str());
    let resources: Vec<&str> = view.resources.iter().map(|it| it.id.as_str()).collect();
    let more = view.resources_left_out();
    let resources = format!("{} {more}", resources.join(", "));
    let behind = relation.behind.iter();
    let behind: Vec<String> = behind
        .map(|it| format!("{} {}", it.name, thousands(it.n_flows.into())))
        .collect();
    let whose = relation.whose.as_ref();
    let levels = relation.levels;
    let mut row = vec![
        text(&party.party),
        text(&party.standing),
        text(provider),
        text(&view.name),
        text(relation.role.word()),
        text(resources.trim_end()),
        text(&behind.join(", ")),
        number(relation.n_origin_not_seen.into()),
        text(whose.map_or("", |whose| Owner::word(whose.answer))),
        text(whose.map_or("", |whose| whose.conclusiveness.word())),
        text(relation.conclusiveness.word()),
        number(levels.conclusive.into()),
        number(levels.strong.into()),
        number(levels.suggestive.into()),
    ];
    row.extend(size(view.size));
    row.push(text(&relation.regions.join(", ")));
    row.push(text(&view.sentence));
    row
}

/// What is not attributed of a party, or went over no network.
fn unknown_row(party: &PartyView<'_>) -> Vec<Cell> {
    let of = if party.relations.is_empty() {
        party.size
    } else {
        party.unknown
    };
    let empty = || Cell::Plain(String::new());
    let mut row = vec![text(&party.party), text(&party.standing)];
    row.extend([empty(), empty()]);
    row.push(text("not attributed"));
    row.extend(std::iter::repeat_with(empty).take(9));
    row.extend(size(of));
    row.push(empty());
    row.push(text(&party.why_words()));
    row
}
