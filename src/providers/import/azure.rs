//! Azure `ServiceTags_Public_YYYYMMDD.json`: service tags, most of them again for each region.
//!
//! Layout: learn.microsoft.com/azure/virtual-network/service-tags-overview, 2026-11.

use serde::Deserialize;

use super::{Reading, day_of, parse};
use crate::providers::block::Block;

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    cloud: String,
    values: Vec<ServiceTag>,
}

#[derive(Deserialize)]
struct ServiceTag {
    name: String,
    properties: Properties,
}

#[derive(Deserialize)]
struct Properties {
    #[serde(default)]
    region: String,
    #[serde(rename = "addressPrefixes")]
    blocks: Vec<Block>,
}

pub(super) fn read(text: &str, file_name: &str) -> Result<Reading, String> {
    let file: File = parse(text)?;
    let cloud: String = file
        .cloud
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    let mut reading = match cloud.as_str() {
        "" | "Public" => Reading::new("Azure service tags", "azure-service-tags"),
        cloud => Reading::new(
            &format!("Azure service tags of {cloud}"),
            &format!("azure-service-tags-{}", cloud.to_ascii_lowercase()),
        ),
    };
    reading.date = date_in(file_name);
    for ServiceTag { name, properties } in file.values {
        let service = service(&name, &properties.region);
        let tag = known_tag(service);
        for block in properties.blocks {
            match tag {
                Some(tag) => reading.take(block, tag, &properties.region),
                None => reading.ignore(service),
            }
        }
    }
    Ok(reading)
}

/// `Storage` of `Storage.WestEurope`: the tag of a region ends in its name.
fn service<'a>(name: &'a str, region: &str) -> &'a str {
    let is_regional = !region.is_empty();
    let first = name.rsplit_once('.').filter(|_| is_regional);
    first.map_or(name, |(service, _)| service)
}

/// `AzureFrontDoor.Backend` is missing on purpose: from there Front Door fetches, and nobody is served.
fn known_tag(service: &str) -> Option<&'static str> {
    Some(match service.to_ascii_lowercase().as_str() {
        "azurefrontdoor.frontend" | "azurefrontdoor.firstparty" => "azure-front-door",
        "storage" => "azure-storage",
        "azurecloud" => "azure-cloud",
        _ => return None,
    })
}

/// `2026-11-16` of `ServiceTags_Public_20261116.json`.
fn date_in(file_name: &str) -> Option<String> {
    let digits = file_name
        .split(|c: char| !c.is_ascii_digit())
        .find(|digits| digits.len() == 8)?;
    day_of(&format!(
        "{}-{}-{}",
        &digits[..4],
        &digits[4..6],
        &digits[6..]
    ))
}
