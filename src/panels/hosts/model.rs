//! What the lens of hosts says, as plain text: rows, the answer above them, and what a selection of rows selects.

use std::sync::Arc;

use crate::attribution::Role;
use crate::base::host::split_registrable;
use crate::base::jobs::Cancel;
use crate::base::text::{bytes_with_unit, counted, escape_for_terminal, ms_with_unit, thousands};
use crate::capture::{FlowId, FlowSet};
use crate::document::Document;
use crate::panels::CellText;
use crate::providers::catalogue;
use crate::query::Rows;
use crate::query::hosts::{By, HostColumn, HostRow, HostSummary, HostTable, Named, OfRole, order};
use crate::query::words::{how_sure, role as role_meaning};
use crate::session::{HostsView, Selection};
use crate::widgets::answer::Answer;

/// A table in the order in which it is shown.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// The rows.
    pub table: Arc<HostTable>,
    /// Their indices from top to bottom.
    pub order: Vec<u32>,
    /// Which rows of the query it was made of.
    rows_revision: u64,
}

impl Shown {
    /// Groups and sorts `rows`; what is `known` of the same rows is only sorted anew. `None` when cancelled.
    pub fn of(
        document: &Document,
        (rows, rows_revision): (&Rows, u64),
        view: HostsView,
        known: Option<&Self>,
        cancel: &Cancel,
    ) -> Option<Self> {
        let known = known.filter(|known| known.is_of(rows_revision, view.by));
        let table = match known {
            Some(known) => Arc::clone(&known.table),
            None => Arc::new(HostTable::of(document, &rows.flows, view.by, cancel)?),
        };
        Some(Self {
            order: order(&table, &[view.sort]),
            table,
            rows_revision,
        })
    }

    /// True when it was made of these rows of the query, grouped `by`.
    pub fn is_of(&self, rows_revision: u64, by: By) -> bool {
        self.rows_revision == rows_revision && self.table.by == by
    }

    /// The row at `place`, counted from the top.
    pub fn row(&self, place: usize) -> Option<&HostRow> {
        self.table.rows.get(*self.order.get(place)? as usize)
    }

    /// Where the row with `flow` stands, counted from the top.
    pub fn place_of(&self, flow: FlowId) -> Option<usize> {
        let idx = self.table.row_of(flow)?;
        self.order.iter().position(|other| *other as usize == idx)
    }

    /// The selected rows, in the order in which they are shown.
    pub fn selected(&self, selection: &FlowSet) -> Vec<u32> {
        let selected = self.table.rows_with(selection);
        let is_selected = |idx: &&u32| selected.binary_search(&(**idx as usize)).is_ok();
        self.order.iter().filter(is_selected).copied().collect()
    }

    /// The selection of the rows at `places` and all their flows, with the row at `focus` in front.
    fn selection(
        &self,
        places: impl Iterator<Item = usize>,
        focus: usize,
        anchor: Option<FlowId>,
    ) -> Option<Selection> {
        let rows = places.filter_map(|place| self.row(place));
        let flows: FlowSet = rows
            .flat_map(|row| self.table.flows_of(row))
            .copied()
            .collect();
        let focus = self.table.flows_of(self.row(focus)?).first().copied();
        Some(Selection {
            focus,
            anchor: anchor.or(focus),
            flows,
        })
    }

    /// Just the row at `place`.
    pub fn only(&self, place: usize) -> Option<Selection> {
        self.selection([place].into_iter(), place, None)
    }

    /// Everything from the row with the anchor of `before` to the one at `place`.
    pub fn extended(&self, before: &Selection, place: usize) -> Option<Selection> {
        let anchor = before.anchor.or(before.focus);
        let from = anchor.and_then(|anchor| self.place_of(anchor));
        let from = from.unwrap_or(place);
        self.selection(from.min(place)..=from.max(place), place, anchor)
    }

    /// `before` with the row at `place` added, or taken away when it was there.
    pub fn toggled(&self, before: &Selection, place: usize) -> Option<Selection> {
        let row = self.row(place)?;
        let flows = self.table.flows_of(row);
        let is_there = flows.iter().any(|flow| before.flows.contains(*flow));
        let mut after = before.clone();
        for flow in flows {
            if is_there {
                after.flows.remove(*flow);
            } else {
                after.flows.insert(*flow);
            }
        }
        after.focus = flows.first().copied();
        after.anchor = after.focus;
        Some(after)
    }

    /// `selection` with all flows of the rows that it touches; of the row in front alone when `is_one`. `None` when it
    /// touches none.
    pub fn whole(&self, selection: &Selection, is_one: bool) -> Option<Selection> {
        let focus = selection.focus.and_then(|focus| self.table.row_of(focus));
        let touched = match focus {
            Some(row) if is_one => vec![row],
            _ => self.table.rows_with(&selection.flows),
        };
        let first = *touched.first()?;
        let rows = touched.iter().map(|idx| &self.table.rows[*idx]);
        let flows: FlowSet = rows
            .flat_map(|row| self.table.flows_of(row))
            .copied()
            .collect();
        let of_first = self.table.flows_of(&self.table.rows[first]);
        let focus = selection.focus.filter(|_| focus.is_some());
        Some(Selection {
            focus: focus.or_else(|| of_first.first().copied()),
            anchor: selection.anchor.or(focus),
            flows,
        })
    }

    /// The filter that keeps the flows of the rows with `indices`; empty for no rows.
    pub fn filter(&self, indices: &[u32]) -> String {
        let rows = indices
            .iter()
            .filter_map(|idx| self.table.rows.get(*idx as usize));
        let terms: Vec<String> = rows.map(|row| self.table.filter(row)).collect();
        match terms.as_slice() {
            [] | [_] => terms.concat(),
            _ => format!("({})", terms.join(" | ")),
        }
    }

    /// Whose flows `flows` are, for people: `www.expressen.se`, `3 hosts`.
    pub fn whose(&self, flows: impl Iterator<Item = FlowId>) -> String {
        let touched = self.table.rows_with(&flows.collect());
        match touched.as_slice() {
            [only] => escape_for_terminal(&self.table.title(&self.table.rows[*only])).into_owned(),
            more => several(more.len(), self.table.by),
        }
    }
}

/// `3 hosts`, `1 party`.
pub fn several(n: usize, by: By) -> String {
    match (n, by) {
        (1, _) => format!("1 {}", by.word()),
        (_, By::Party) => format!("{} parties", thousands(n as u64)),
        _ => counted(n as u64, by.word()),
    }
}

/// The answer above the rows: how many hosts there are, and who answers for them.
pub fn answer(summary: &HostSummary) -> Answer {
    let n = summary.n_hosts;
    let hosts = Answer::default().and_strong(counted(n as u64, "host"));
    let of_party = summary.party.as_ref().map_or(String::new(), |(party, of)| {
        let party = escape_for_terminal(party);
        match (*of, n) {
            (1, 1) => format!(" of {party}"),
            (of, n) if of == n => format!(", all of {party}"),
            (of, _) => format!(", {} of them of {party}", thousands(of as u64)),
        }
    });
    let roles = roles(summary);
    let stop = if roles.is_empty() { "" } else { ". " };
    hosts.and(format!("{of_party}{stop}{roles}"))
}

/// `21 hosts (354 requests) are delivered by a CDN; 15 answer as origin; for 12 the capture shows too little.`
fn roles(summary: &HostSummary) -> String {
    let HostSummary {
        cdn,
        origin,
        unknown,
        ..
    } = summary;
    // The first clause names what is counted, the others do not.
    let mut is_first = true;
    let mut who = |of_role: &OfRole| {
        let hosts = if std::mem::take(&mut is_first) {
            counted(of_role.n_hosts as u64, "host")
        } else {
            thousands(of_role.n_hosts as u64)
        };
        let requests = counted(of_role.n_flows, "request");
        (hosts, requests)
    };
    let mut clauses = Vec::new();
    if 0 < cdn.n_hosts {
        let (hosts, requests) = who(cdn);
        let verb = if cdn.n_hosts == 1 { "is" } else { "are" };
        clauses.push(format!("{hosts} ({requests}) {verb} delivered by a CDN"));
    }
    if 0 < origin.n_hosts {
        let (hosts, _) = who(origin);
        let verb = if origin.n_hosts == 1 {
            "answers"
        } else {
            "answer"
        };
        clauses.push(format!("{hosts} {verb} as origin"));
    }
    if 0 < unknown.n_hosts {
        let (hosts, _) = who(unknown);
        let word = if clauses.is_empty() { "For" } else { "for" };
        clauses.push(format!("{word} {hosts} the capture shows too little"));
    }
    let dot = if clauses.is_empty() { "" } else { "." };
    format!("{}{dot}", clauses.join("; "))
}

/// The text of one cell; empty for those that are drawn.
pub fn cell(table: &HostTable, row: &HostRow, column: HostColumn) -> CellText {
    let unknown = || CellText::trail("–");
    let ms = |ms: Option<f32>| {
        ms.map_or_else(unknown, |ms| {
            CellText::with_unit(ms_with_unit(f64::from(ms)))
        })
    };
    match column {
        HostColumn::Key => key(table, row),
        HostColumn::Party => match table.party(row) {
            "" => unknown(),
            party => with_others(&escape_for_terminal(party), row.n_parties.saturating_sub(1)),
        },
        HostColumn::Edge => row.edge.map_or_else(unknown, |edge| service(row, edge)),
        HostColumn::Origin => match row.origin {
            Some(origin) => service(row, origin),
            None if row.edge.is_some() => CellText::trail("not seen"),
            None => unknown(),
        },
        HostColumn::Role => CellText::main(role_word(row.role)),
        HostColumn::Region => match table.region(row) {
            "" => CellText::default(),
            region => with_others(
                &escape_for_terminal(region),
                row.n_regions.saturating_sub(1),
            ),
        },
        HostColumn::Bytes => CellText::with_unit(bytes_with_unit(row.bytes)),
        HostColumn::Median => ms(row.median_ms),
        HostColumn::Slowest => ms(row.slowest_ms),
        HostColumn::Hosts => CellText::main(thousands(u64::from(row.n_hosts))),
        HostColumn::Requests => CellText::main(thousands(u64::from(row.n_flows()))),
        HostColumn::Errors if row.n_errors == 0 => unknown(),
        HostColumn::Errors => CellText::main(thousands(u64::from(row.n_errors))),
        _ => CellText::default(),
    }
}

fn role_word(role: Role) -> &'static str {
    match role {
        Role::Cdn => "CDN",
        other => other.word(),
    }
}

fn key(table: &HostTable, row: &HostRow) -> CellText {
    let title = table.title(row);
    if row.key.is_empty() {
        return CellText::trail(title);
    }
    // A line break of the file must not paint over other rows.
    let title = escape_for_terminal(&title);
    if !matches!(table.by, By::Host | By::Party) {
        return CellText::main(title);
    }
    let (lead, registrable) = split_registrable(&title);
    CellText {
        lead: lead.to_owned(),
        ..CellText::main(registrable)
    }
}

/// `Akamai CDN`, with how many others there are; quiet when most flows do not name it.
fn service(row: &HostRow, named: Named) -> CellText {
    let name = &catalogue().service(named.service).name;
    let text = with_others(name, named.n_others);
    if row.n_flows() < 2 * named.n {
        return text;
    }
    CellText::trail(text.whole())
}

fn with_others(text: &str, n_others: u32) -> CellText {
    let trail = match n_others {
        0 => String::new(),
        n => format!(" +{}", thousands(u64::from(n))),
    };
    CellText {
        trail,
        ..CellText::main(text)
    }
}

/// What a cell says in full, where that is more than it shows.
pub fn explained(table: &HostTable, row: &HostRow, column: HostColumn) -> Option<String> {
    let named = |named: Option<Named>| {
        let named = named?;
        let name = &catalogue().service(named.service).name;
        let requests = counted(u64::from(row.n_flows()), "request");
        let others = match named.n_others {
            0 => String::new(),
            1 => "; the others name 1 more service".to_owned(),
            n => format!(
                "; the others name {} more services",
                thousands(u64::from(n))
            ),
        };
        let n = thousands(u64::from(named.n));
        Some(format!("{name}: {n} of {requests}{others}"))
    };
    match column {
        HostColumn::Edge => named(row.edge),
        HostColumn::Origin => named(row.origin).or_else(|| {
            row.edge
                .map(|_| "No answer shows what stands behind the edge".to_owned())
        }),
        HostColumn::Party if 1 < row.n_parties => {
            let n = several(row.n_parties as usize, By::Party);
            Some(format!(
                "{n}, most of them {}",
                escape_for_terminal(table.party(row))
            ))
        }
        HostColumn::Conclusive => Some(how_sure(row.conclusiveness)),
        HostColumn::Role => Some(role_meaning(row.role).to_owned()),
        HostColumn::Share => Some(format!("{:.1} % of all bytes", 100.0 * table.share(row))),
        HostColumn::Labelled => Some(labels_words(row)),
        HostColumn::First => {
            let (first, last) = row.first.zip(row.last)?;
            Some(format!("{} to {}", first.to_iso(), last.to_iso()))
        }
        _ => None,
    }
}

/// `86 CDN, 10 not labelled`.
fn labels_words(row: &HostRow) -> String {
    let not_labelled = row.n_flows() - row.n_labelled();
    let [origin, cdn, unknown] = row.labels;
    let parts = [
        (origin, "origin"),
        (cdn, "CDN"),
        (unknown, "unknown"),
        (not_labelled, "not labelled"),
    ];
    let parts = parts.into_iter().filter(|(n, _)| *n != 0);
    let parts: Vec<String> = parts
        .map(|(n, word)| format!("{} {word}", thousands(u64::from(n))))
        .collect();
    parts.join(", ")
}

/// How a screen reader announces a row: `www.expressen.se, 96 requests, 1.4 MB, CDN Akamai CDN, strong, 96 not labelled`.
pub fn spoken(table: &HostTable, row: &HostRow) -> String {
    let (bytes, unit) = bytes_with_unit(row.bytes);
    let who = row.edge.or(row.origin).map_or(String::new(), |named| {
        format!(" {}", catalogue().service(named.service).name)
    });
    format!(
        "{}, {}, {bytes} {unit}, {}{who}, {}, {}",
        escape_for_terminal(&table.title(row)),
        counted(u64::from(row.n_flows()), "request"),
        role_word(row.role),
        row.conclusiveness.word(),
        labels_words(row),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(
        n_hosts: usize,
        party: Option<(&str, usize)>,
        roles: [(usize, u64); 3],
    ) -> HostSummary {
        let [cdn, origin, unknown] = roles.map(|(n_hosts, n_flows)| OfRole { n_hosts, n_flows });
        HostSummary {
            n_hosts,
            party: party.map(|(party, n)| (party.to_owned(), n)),
            origin,
            cdn,
            unknown,
        }
    }

    #[test]
    fn the_answer_says_who_answers_for_how_many_hosts() {
        for (summary, expected) in [
            (
                summary(
                    48,
                    Some(("expressen.se", 9)),
                    [(21, 354), (15, 200), (12, 53)],
                ),
                "48 hosts, 9 of them of expressen.se. 21 hosts (354 requests) are delivered by a CDN; \
                 15 answer as origin; for 12 the capture shows too little.",
            ),
            (
                summary(1, Some(("a.example", 1)), [(1, 1), (0, 0), (0, 0)]),
                "1 host of a.example. 1 host (1 request) is delivered by a CDN.",
            ),
            (
                summary(3, Some(("a.example", 3)), [(0, 0), (1, 9), (2, 4)]),
                "3 hosts, all of a.example. 1 host answers as origin; for 2 the capture shows too little.",
            ),
            (
                summary(2, None, [(0, 0), (0, 0), (2, 4)]),
                "2 hosts. For 2 hosts the capture shows too little.",
            ),
            (summary(0, None, [(0, 0); 3]), "0 hosts"),
        ] {
            assert_eq!(answer(&summary).text(), expected);
        }
    }

    #[test]
    fn several_of_each_kind_have_a_plural() {
        assert_eq!(several(1, By::Party), "1 party");
        assert_eq!(several(2, By::Party), "2 parties");
        assert_eq!(several(1_200, By::Host), "1,200 hosts");
    }
}
