//! Provider packs: TOML files, checked while they are read, so that a broken one is found by a test.

use regex::RegexBuilder;
use serde::Deserialize;

use super::rule::{Family, Place, Strength, ValueTest};
use super::service::ServiceKind;
use crate::base::time::Time;

/// One file of `assets/providers/`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pack {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) colour: String,
    #[serde(rename = "service")]
    pub(super) services: Vec<PackService>,
    #[serde(default, rename = "host")]
    pub(super) hosts: Vec<PackHost>,
    #[serde(default, rename = "header")]
    pub(super) headers: Vec<PackHeader>,
    #[serde(default, rename = "address")]
    pub(super) addresses: Vec<PackAddress>,
    #[serde(default, rename = "sample")]
    pub(super) samples: Vec<PackSample>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PackService {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) kind: ServiceKind,
    #[serde(default)]
    pub(super) remark: String,
    /// True when its published ranges hold all its addresses.
    #[serde(default)]
    pub(super) lists_addresses: bool,
    /// True when it marks every response with a header of its own.
    #[serde(default)]
    pub(super) signs_responses: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PackHost {
    pub(super) service: String,
    pub(super) claim: Place,
    pub(super) strength: Strength,
    /// Suffixes at label boundaries; a label may hold `{region}`.
    pub(super) hosts: Vec<String>,
    /// True for names of the provider's own services, false for names that it hands out to customers.
    #[serde(default)]
    pub(super) first_party: bool,
    pub(super) source: String,
    #[serde(default)]
    pub(super) valid_from: String,
    #[serde(default)]
    pub(super) valid_to: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PackHeader {
    pub(super) service: String,
    pub(super) claim: Place,
    #[serde(default = "header_chain")]
    pub(super) family: Family,
    #[serde(default = "strong")]
    pub(super) strength: Strength,
    pub(super) header: String,
    pub(super) exact: Option<String>,
    pub(super) prefix: Option<String>,
    pub(super) contains: Option<String>,
    pub(super) regex: Option<String>,
    #[serde(default)]
    pub(super) needs: Vec<String>,
    /// True when every response gets a new value.
    #[serde(default)]
    pub(super) unique: bool,
    pub(super) source: String,
    #[serde(default)]
    pub(super) valid_from: String,
    #[serde(default)]
    pub(super) valid_to: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PackAddress {
    pub(super) service: String,
    pub(super) claim: Place,
    pub(super) strength: Strength,
    /// Tags of `ranges.bin`.
    pub(super) tags: Vec<String>,
}

/// Exactly one of `host`, `header` and `address`, and the claims that it leads to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PackSample {
    pub(super) host: Option<String>,
    /// `name: value`.
    pub(super) header: Option<String>,
    /// Names of other headers of the same response.
    #[serde(default)]
    pub(super) beside: Vec<String>,
    pub(super) address: Option<String>,
    /// `edge=aws/cloudfront`; empty for what must not be recognised.
    pub(super) is: Vec<String>,
}

const fn header_chain() -> Family {
    Family::HeaderChain
}

const fn strong() -> Strength {
    Strength::Strong
}

impl Pack {
    /// Reads one pack; the message says what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    /// `aws/host-cloudfront.net`; names the service where several rules ask for the same suffix.
    pub(super) fn host_rule_id(&self, pattern: &str, service: &str) -> String {
        let same = self.hosts.iter().flat_map(|host| &host.hosts);
        let is_shared = 1 < same.filter(|other| *other == pattern).count();
        rule_id(&self.id, "host", pattern, is_shared.then_some(service))
    }

    /// `aws/header-x-amz-cf-id`; names the service where several rules ask for the same header.
    pub(super) fn header_rule_id(&self, name: &str, service: &str) -> String {
        let same = self.headers.iter().filter(|other| other.header == name);
        let is_shared = 1 < same.count();
        rule_id(&self.id, "header", name, is_shared.then_some(service))
    }

    /// The colour as red, green, blue.
    pub(super) fn rgb(&self) -> Result<[u8; 3], String> {
        let digits = self
            .colour
            .strip_prefix('#')
            .filter(|digits| digits.len() == 6)
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .ok_or_else(|| format!("colour is not #RRGGBB: {}", self.colour))?;
        let [_, red, green, blue] = digits.to_be_bytes();
        Ok([red, green, blue])
    }
}

impl PackHeader {
    /// The one condition on the value, compiled.
    pub(super) fn value_test(&self) -> Result<ValueTest, String> {
        let tests = [
            self.exact.clone().map(ValueTest::Exact),
            self.prefix.clone().map(ValueTest::Prefix),
            self.contains.clone().map(ValueTest::Contains),
        ];
        let mut tests: Vec<ValueTest> = tests.into_iter().flatten().collect();
        if let Some(pattern) = &self.regex {
            let regex = RegexBuilder::new(pattern).size_limit(1 << 20).build();
            tests.push(ValueTest::Matches(
                regex.map_err(|error| error.to_string())?,
            ));
        }
        if 1 < tests.len() {
            return Err(format!("more than one condition on header {}", self.header));
        }
        Ok(tests.pop().unwrap_or(ValueTest::Any))
    }
}

fn rule_id(provider: &str, kind: &str, what: &str, service: Option<&str>) -> String {
    match service {
        Some(service) => format!("{provider}/{kind}-{what}-{service}"),
        None => format!("{provider}/{kind}-{what}"),
    }
}

/// `2009-11-01` as a time; empty means no limit.
pub(super) fn day(text: &str) -> Result<Option<Time>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    Time::parse_iso(&format!("{text}T00:00:00Z"))
        .map(Some)
        .ok_or_else(|| format!("not a day: {text}"))
}
