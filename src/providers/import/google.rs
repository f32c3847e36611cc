//! Google `cloud.json` (its customers) and `goog.json` (all of Google): what is only in the latter is Google's own front ends.
//!
//! Layout: support.google.com/a/answer/10026322, 2026-11.

use serde::Deserialize;

use super::{Reading, day_of, parse};
use crate::providers::block::Block;
use crate::providers::catalogue::Catalogue;
use crate::providers::flatten::{Row, flatten};

/// The tag of customers' addresses.
pub(super) const CLOUD: &str = "google-cloud";
const FRONT_END: &str = "google-front-end";

#[derive(Deserialize)]
struct File {
    #[serde(rename = "creationTime")]
    created: Option<String>,
    prefixes: Vec<Prefix>,
}

#[derive(Deserialize)]
struct Prefix {
    #[serde(alias = "ipv4Prefix", alias = "ipv6Prefix")]
    block: Block,
    /// Only in `cloud.json`.
    service: Option<String>,
    #[serde(default)]
    scope: String,
}

pub(super) fn read(text: &str) -> Result<Reading, String> {
    let file: File = parse(text)?;
    let is_cloud = file.prefixes.iter().any(|prefix| prefix.service.is_some());
    let mut reading = if is_cloud {
        Reading::new("Google cloud.json", "google-cloud")
    } else {
        Reading::new("Google goog.json", "google-goog")
    };
    reading.date = file.created.as_deref().and_then(day_of);
    for prefix in file.prefixes {
        let scope = match prefix.scope.as_str() {
            "global" => "",
            scope => scope,
        };
        match prefix.service.as_deref() {
            None if is_cloud => reading.ignore("without a service"),
            None => reading.take(prefix.block, FRONT_END, ""),
            Some("Google Cloud") => reading.take(prefix.block, CLOUD, scope),
            Some(other) => reading.ignore(other),
        }
    }
    Ok(reading)
}

/// Takes customers' addresses out of what `goog.json` says: those of a `cloud.json` beside it, else those already known.
pub(super) fn leave_out_clouds(reading: &mut Reading, beside: &[Block], catalogue: &Catalogue) {
    let is_goog = reading.rows.first().is_some_and(|row| row.tag == FRONT_END);
    if !is_goog {
        return;
    }
    let known = if beside.is_empty() {
        catalogue.blocks_with_tag(CLOUD)
    } else {
        beside.to_vec()
    };
    let clouds = known.into_iter().map(|block| Row {
        block,
        tag: CLOUD.to_owned(),
        region: String::new(),
    });
    let all = reading.rows.drain(..).chain(clouds).collect();
    reading.rows = flatten(all);
    reading.rows.retain(|row| row.tag == FRONT_END);
}
