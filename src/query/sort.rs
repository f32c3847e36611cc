//! Orders flows by columns: stable, numbers by value, missing values last in both directions.
//!
//! Cost: one key per flow for the first column (24 bytes) and a parallel merge sort; further columns only break ties.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::net::IpAddr;

use rayon::slice::ParallelSliceMut as _;

use super::SortKey;
use super::columns::{Column, ColumnId, Value, conclusiveness_named};
use crate::base::jobs::Cancel;
use crate::capture::FlowId;
use crate::document::Document;

/// Sorts `flows`; `None` when cancelled.
pub(super) fn sort(
    document: &Document,
    flows: &mut [FlowId],
    keys: &[SortKey],
    cancel: &Cancel,
) -> Option<()> {
    // From the last key to the first: each pass is stable, so that earlier keys win.
    for key in keys.iter().rev() {
        if cancel.is_cancelled() {
            return None;
        }
        let column = key.column.column();
        if column.is_of_relations() {
            document.roles(cancel)?;
        }
        let mut keyed: Vec<(Value<'_>, FlowId)> = flows
            .iter()
            .map(|id| (sort_value(document, *id, column), *id))
            .collect();
        keyed.par_sort_by(|(a, _), (b, _)| ordering(a, b, key.descending));
        for (slot, (_, id)) in flows.iter_mut().zip(keyed) {
            *slot = id;
        }
    }
    (!cancel.is_cancelled()).then_some(())
}

fn ordering(a: &Value<'_>, b: &Value<'_>, descending: bool) -> Ordering {
    let is_reversible = *a != Value::Missing && *b != Value::Missing;
    let ordering = a.compare(b);
    if descending && is_reversible {
        ordering.reverse()
    } else {
        ordering
    }
}

fn sort_value<'a>(document: &'a Document, id: FlowId, column: &'static Column) -> Value<'a> {
    let Some(flow) = document.flow(id) else {
        return Value::Missing;
    };
    let value = column.of(document, id, flow);
    match (column.id, &value) {
        (ColumnId::Conclusive, Value::Text(word)) => conclusiveness_named(word)
            .map_or(Value::Missing, |rank| Value::Number(f64::from(rank as u8))),
        (ColumnId::RemoteIp, Value::Text(address)) => address_key(address),
        (ColumnId::Asn, Value::Text(number)) => {
            let number = number.trim_start_matches("AS").parse();
            number.map_or(Value::Missing, Value::Number)
        }
        _ => value,
    }
}

/// Addresses in numeric order, IPv4 before IPv6, anything else behind.
fn address_key(address: &str) -> Value<'static> {
    let key = match address.parse() {
        Ok(IpAddr::V4(v4)) => format!("4{:010}", u32::from(v4)),
        Ok(IpAddr::V6(v6)) => format!("6{:032x}", u128::from(v6)),
        Err(_) => format!("9{address}"),
    };
    Value::Text(Cow::Owned(key))
}
