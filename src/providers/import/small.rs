//! The short range files: Cloudflare's API answer, Fastly's and Oracle's public lists.
//!
//! Layouts: `api.cloudflare.com/client/v4/ips`, `api.fastly.com/public-ip-list` and
//! `docs.oracle.com/iaas/tools/public_ip_ranges.json`, 2026-11.

use serde::Deserialize;

use super::{Reading, day_of, parse};
use crate::providers::block::Block;

#[derive(Deserialize)]
struct Cloudflare {
    result: CloudflareResult,
}

#[derive(Deserialize)]
struct CloudflareResult {
    #[serde(default)]
    ipv4_cidrs: Vec<Block>,
    #[serde(default)]
    ipv6_cidrs: Vec<Block>,
}

pub(super) fn read_cloudflare(text: &str) -> Result<Reading, String> {
    let file: Cloudflare = parse(text)?;
    let mut reading = Reading::new("Cloudflare IP ranges", "cloudflare-ips");
    for block in file.result.ipv4_cidrs.iter().chain(&file.result.ipv6_cidrs) {
        reading.take(*block, "cloudflare", "");
    }
    Ok(reading)
}

#[derive(Deserialize)]
struct Fastly {
    addresses: Vec<Block>,
    #[serde(default)]
    ipv6_addresses: Vec<Block>,
}

pub(super) fn read_fastly(text: &str) -> Result<Reading, String> {
    let file: Fastly = parse(text)?;
    let mut reading = Reading::new("Fastly public IP list", "fastly-public-ip-list");
    for block in file.addresses.iter().chain(&file.ipv6_addresses) {
        reading.take(*block, "fastly", "");
    }
    Ok(reading)
}

#[derive(Deserialize)]
struct Oracle {
    last_updated_timestamp: Option<String>,
    regions: Vec<OracleRegion>,
}

#[derive(Deserialize)]
struct OracleRegion {
    #[serde(default)]
    region: String,
    #[serde(default)]
    cidrs: Vec<OracleCidr>,
}

#[derive(Deserialize)]
struct OracleCidr {
    cidr: Block,
    #[serde(default)]
    tags: Vec<String>,
}

pub(super) fn read_oracle(text: &str) -> Result<Reading, String> {
    let file: Oracle = parse(text)?;
    let mut reading = Reading::new("Oracle public IP ranges", "oracle-public-ip-ranges");
    reading.date = file.last_updated_timestamp.as_deref().and_then(day_of);
    for region in file.regions {
        for cidr in region.cidrs {
            let has = |tag: &str| cidr.tags.iter().any(|other| other == tag);
            if has("OBJECT_STORAGE") {
                reading.take(cidr.cidr, "oracle-object-storage", &region.region);
            } else if has("OCI") || has("OSN") {
                reading.take(cidr.cidr, "oracle-cloud", &region.region);
            } else {
                reading.ignore(cidr.tags.first().map_or("without a tag", String::as_str));
            }
        }
    }
    Ok(reading)
}
