//! AWS `ip-ranges.json`: every range of a service is listed again as AMAZON, and often inside EC2.
//!
//! Layout: docs.aws.amazon.com/vpc/latest/userguide/aws-ip-syntax.html, 2026-11.

use serde::Deserialize;

use super::{Reading, day_of, parse};
use crate::providers::block::Block;

#[derive(Deserialize)]
struct File {
    #[serde(rename = "createDate")]
    created: String,
    prefixes: Vec<Prefix>,
    #[serde(default)]
    ipv6_prefixes: Vec<Prefix>,
}

#[derive(Deserialize)]
struct Prefix {
    #[serde(alias = "ip_prefix", alias = "ipv6_prefix")]
    block: Block,
    region: String,
    service: String,
}

pub(super) fn read(text: &str) -> Result<Reading, String> {
    let file: File = parse(text)?;
    let mut reading = Reading::new("AWS ip-ranges.json", "aws-ip-ranges");
    reading.date = day_of(&file.created);
    for prefix in file.prefixes.iter().chain(&file.ipv6_prefixes) {
        let region = match prefix.region.as_str() {
            "GLOBAL" => "",
            region => region,
        };
        match tag(&prefix.service) {
            Some(tag) => reading.take(prefix.block, tag, region),
            None => reading.ignore(&prefix.service),
        }
    }
    Ok(reading)
}

/// `CLOUDFRONT_ORIGIN_FACING` is missing on purpose: from there CloudFront fetches, and nobody is served.
fn tag(service: &str) -> Option<&'static str> {
    Some(match service {
        "CLOUDFRONT" => "aws-cloudfront",
        "GLOBALACCELERATOR" => "aws-global-accelerator",
        "S3" => "aws-s3",
        "EC2" => "aws-ec2",
        "AMAZON" => "aws-other",
        _ => return None,
    })
}
