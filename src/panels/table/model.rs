//! What the visible rows say, as plain text: no painting, no waiting, cost proportional to what is visible.

use std::ops::Range;

use crate::annotations::{Colour, Label};
use crate::attribution::{Conclusiveness, Role, Verdict};
use crate::base::host::split_registrable;
use crate::base::text::{bytes_with_unit, escape_for_terminal, ms_with_unit, thousands};
use crate::base::time::Time;
use crate::capture::{Flags, Flow, FlowId, Phases};
use crate::document::Document;
use crate::panels::CellText;
use crate::providers::{ProviderId, catalogue};
use crate::query::Rows;
use crate::query::columns::{ColumnId, Value};
use crate::query::complete::quoted;

/// One visible row.
#[derive(Clone, Debug)]
pub(super) struct RowText {
    /// Which flow.
    pub id: FlowId,
    /// The person's answer.
    pub label: Option<Label>,
    /// The person's mark.
    pub colour: Option<Colour>,
    /// The machine's answer.
    pub role: Role,
    /// How sure the machine is.
    pub conclusiveness: Conclusiveness,
    /// Who terminated the connection.
    pub provider: Option<ProviderId>,
    /// Status of the response.
    pub status: Option<u16>,
    /// Aborted, blocked or failed before a response.
    pub is_failed: bool,
    /// The request changes something at the server.
    pub is_write: bool,
    /// When the request began.
    pub start: Option<Time>,
    /// Duration in milliseconds.
    pub time_ms: f64,
    /// Durations of the phases.
    pub phases: Phases,
    /// The cells, in the order of the columns asked for.
    pub cells: Vec<CellText>,
}

/// The rows in `range` with the cells of `columns`.
pub(super) fn rows(
    document: &Document,
    rows: &Rows,
    range: Range<usize>,
    columns: &[ColumnId],
) -> Vec<RowText> {
    let flows = rows.flows.get(range).unwrap_or_default();
    flows
        .iter()
        .filter_map(|id| Some(row(document, *id, document.flow(*id)?, columns)))
        .collect()
}

fn row(document: &Document, id: FlowId, flow: Flow<'_>, columns: &[ColumnId]) -> RowText {
    let verdict = document.verdict(id);
    RowText {
        id,
        label: document.label(id),
        colour: document.annotation(id).and_then(|said| said.colour),
        role: verdict.role,
        conclusiveness: verdict.conclusiveness,
        provider: verdict
            .terminating()
            .map(|carrier| catalogue().service(carrier.service).provider),
        status: flow.status(),
        is_failed: flow.row().flags.contains(Flags::ABORTED),
        is_write: flow.has_method(&["PUT", "POST", "DELETE", "PATCH"]),
        start: flow.start(),
        time_ms: flow.time_ms().unwrap_or(0.0),
        phases: flow.row().phases,
        cells: columns
            .iter()
            .map(|column| cell(document, id, flow, *column))
            .collect(),
    }
}

/// Lets the cells of Start show the time of day.
pub(super) fn show_time_of_day(rows: &mut [RowText], columns: &[ColumnId], is_local: bool) {
    let idx = columns.iter().position(|column| *column == ColumnId::Start);
    for row in rows {
        let cell = idx.and_then(|idx| row.cells.get_mut(idx));
        if let Some((cell, start)) = cell.zip(row.start) {
            *cell = CellText::main(start.shown(is_local));
        }
    }
}

/// The text of one cell.
pub fn cell(document: &Document, id: FlowId, flow: Flow<'_>, column: ColumnId) -> CellText {
    let value = column.column().of(document, id, flow);
    match (column, value) {
        (ColumnId::Service, _) => service(document.verdict(id)),
        (ColumnId::Status, Value::Missing) if flow.row().flags.contains(Flags::ABORTED) => {
            CellText::main("failed")
        }
        (_, Value::Missing) => CellText {
            trail: if column == ColumnId::Note { "" } else { "–" }.to_owned(),
            ..CellText::default()
        },
        (ColumnId::Start, Value::Number(ms)) => start_offset(ms),
        (ColumnId::Time, Value::Number(ms)) => duration(ms),
        (ColumnId::Size | ColumnId::Sent | ColumnId::Content, Value::Number(bytes)) => {
            CellText::with_unit(bytes_with_unit(bytes as u64))
        }
        (ColumnId::Host, Value::Text(host)) => host_text(&host),
        (ColumnId::Role, Value::Text(word)) => {
            CellText::main(if word == "cdn" { "CDN" } else { &word })
        }
        (ColumnId::N, Value::Number(n)) => CellText::main(thousands(n as u64)),
        // A line break of the file must not paint over other rows.
        (_, value) => CellText::main(escape_for_terminal(&value.to_text())),
    }
}

/// The time since the first request: as exact as there is room, and whole in the tooltip.
fn start_offset(ms: f64) -> CellText {
    let s = ms / 1e3;
    let (text, unit) = match s.abs() {
        ..1e3 => (format!("{s:+.3}"), "s"),
        ..1e5 => (format!("{s:+.1}"), "s"),
        _ => (format!("{:+.3}", s / 86_400.0), "d"),
    };
    CellText::with_unit((text, unit))
}

/// Milliseconds below ten seconds, else seconds.
pub(super) fn duration(ms: f64) -> CellText {
    CellText::with_unit(ms_with_unit(ms))
}

/// The registrable domain has full weight, what stands before it has not.
fn host_text(host: &str) -> CellText {
    let (lead, registrable) = split_registrable(host);
    CellText {
        lead: lead.to_owned(),
        main: registrable.to_owned(),
        trail: String::new(),
    }
}

/// `Akamai CDN`, with `← Amazon S3` behind it when an origin was seen behind the edge.
fn service(verdict: Verdict) -> CellText {
    let name = |service| catalogue().service(service).name.as_str();
    match (verdict.edge, verdict.origin) {
        (None, None) => CellText {
            trail: "–".to_owned(),
            ..CellText::default()
        },
        (Some(edge), Some(origin)) => CellText {
            main: name(edge.service).to_owned(),
            trail: format!(" ← {}", product(name(origin.service))),
            ..CellText::default()
        },
        (Some(only), None) | (None, Some(only)) => CellText::main(name(only.service)),
    }
}

/// `Amazon S3` as `S3`: the provider is evident from the product.
fn product(name: &str) -> &str {
    name.split_once(' ').map_or(name, |(_, product)| product)
}

/// How a screen reader announces a row: `12 GET 200 host path, CDN Amazon CloudFront, strong, labelled CDN`.
pub(super) fn accessible_name(document: &Document, id: FlowId) -> String {
    let Some(flow) = document.flow(id) else {
        return String::new();
    };
    let verdict = document.verdict(id);
    let status = flow
        .status()
        .map_or_else(|| "no status".to_owned(), |status| status.to_string());
    let role = match verdict.role {
        Role::Cdn => "CDN",
        Role::Origin => "origin",
        Role::Unknown => "unknown",
    };
    let who = verdict.terminating().map_or(String::new(), |carrier| {
        format!(" {}", catalogue().service(carrier.service).name)
    });
    let label = document.label(id).map_or_else(
        || "not reviewed".to_owned(),
        |label| format!("labelled {}", label.title()),
    );
    let annotation = document.annotation(id);
    let mark = annotation.and_then(|said| said.colour);
    let mark = mark.map_or(String::new(), |colour| {
        format!(", marked {}", colour.word())
    });
    format!(
        "{} {} {status} {} {}, {role}{who}, {}, {label}{mark}",
        id.n(),
        flow.method(),
        flow.host(),
        flow.path().unwrap_or_default(),
        verdict.conclusiveness.word(),
    )
}

/// The filter that keeps flows with the same value in this cell, or the ones without it; `None` for empty cells.
pub(super) fn filter_by_cell(document: &Document, id: FlowId, column: ColumnId) -> Option<String> {
    let flow = document.flow(id)?;
    let column = column.column();
    let value = match (column.id, column.of(document, id, flow)) {
        (ColumnId::Label | ColumnId::Provider, Value::Missing) => "none".to_owned(),
        (_, Value::Missing) => return None,
        (ColumnId::Provider, Value::Text(_)) => {
            let carrier = document.verdict(id).terminating()?;
            let provider = catalogue().service(carrier.service).provider;
            catalogue().provider(provider).id.clone()
        }
        (_, value) => value.to_text().into_owned(),
    };
    Some(format!("{}:{}", column.word, quoted(&value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_fitting_unit() {
        assert_eq!(duration(1_282.4).whole(), "1,282 ms");
        assert_eq!(duration(12_345.0).whole(), "12.3 s");
        assert_eq!(start_offset(2_216.4).whole(), "+2.216 s");
        assert_eq!(start_offset(1_199_991.0).whole(), "+1200.0 s");
        assert_eq!(start_offset(10_155_472_000.0).whole(), "+117.540 d");
    }
}
