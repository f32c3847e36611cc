//! Provider packs: TOML files, checked while they are read, so that a broken one is found by a test.

use std::sync::Arc;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use super::block::Block;
use super::rule::{Family, Pattern, Place, Strength, ValueTest};
use super::service::ServiceKind;
use crate::base::time::Time;

/// A pack with the file that holds it.
#[derive(Debug)]
pub(super) struct PackFile {
    /// Its name: `akamai.toml`.
    pub(super) name: Arc<str>,
    pub(super) text: String,
    pub(super) pack: Pack,
    /// True for a pack of the user.
    pub(super) is_user: bool,
}

/// One file of `assets/providers/` or of the user's folder.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pack {
    #[serde(deserialize_with = "plain_id")]
    pub(super) id: String,
    pub(super) name: String,
    #[serde(deserialize_with = "colour")]
    pub(super) colour: [u8; 3],
    /// True for software that anybody runs: a verdict that names it names no company.
    #[serde(default)]
    pub(super) software: bool,
    /// The id of another provider that runs the same machines; the two are never rivals.
    #[serde(default)]
    pub(super) same_network_as: String,
    /// The id of the provider whose machines it rents.
    #[serde(default)]
    pub(super) runs_on: String,
    #[serde(rename = "service")]
    pub(super) services: Vec<PackService>,
    #[serde(default, rename = "host")]
    pub(super) hosts: Vec<Spanned<PackHost>>,
    #[serde(default, rename = "header")]
    pub(super) headers: Vec<Spanned<PackHeader>>,
    #[serde(default, rename = "address")]
    pub(super) addresses: Vec<Spanned<PackAddress>>,
    /// What it held long before the tables of ranges were made.
    #[serde(default)]
    pub(super) held: Vec<Spanned<PackHeld>>,
    #[serde(default, rename = "sample")]
    pub(super) samples: Vec<Spanned<PackSample>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PackService {
    #[serde(deserialize_with = "plain_id")]
    pub(super) id: String,
    pub(super) name: String,
    pub(super) kind: ServiceKind,
    #[serde(default)]
    pub(super) remark: String,
    /// The header of a request, with its value, after which it names itself in the response.
    #[serde(default)]
    pub(super) debug_header: String,
    /// The service of this provider that it is when it answers from its cache.
    #[serde(default)]
    pub(super) cached_as: String,
    /// True when it answers for its provider alone: nobody can rent it.
    #[serde(default)]
    pub(super) own: bool,
    /// True when its published ranges hold all its addresses.
    #[serde(default)]
    pub(super) lists_addresses: bool,
    /// True when it marks every response with a header of its own.
    #[serde(default)]
    pub(super) signs_responses: bool,
    /// True when its customers can have the mark taken away.
    #[serde(default)]
    pub(super) customers_strip: bool,
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
    #[serde(default)]
    pub(super) unless: Vec<String>,
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
    #[serde(default)]
    pub(super) tags: Vec<String>,
    /// Blocks that the pack states itself, with their `source`.
    #[serde(default)]
    pub(super) blocks: Vec<Block>,
    #[serde(default)]
    pub(super) source: String,
    #[serde(default)]
    pub(super) valid_from: String,
    #[serde(default)]
    pub(super) valid_to: String,
}

/// Blocks that were the provider's from a day on: there the tables of today say whose an address was then.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PackHeld {
    pub(super) since: String,
    pub(super) source: String,
    pub(super) blocks: Vec<Block>,
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
    /// The day on which the address was seen; empty for today.
    #[serde(default)]
    pub(super) at: String,
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
        toml::from_str(text).map_err(|error| {
            let message = error.message();
            match error.span() {
                Some(span) => format!("{}: {message}", place_in(text, span.start)),
                None => message.to_owned(),
            }
        })
    }

    /// `aws/host-cloudfront.net`; names the service where several rules ask for the same suffix.
    pub(super) fn host_rule_id(&self, pattern: &str, service: &str) -> String {
        let hosts = self.hosts.iter();
        let same = hosts.flat_map(|host| &host.get_ref().hosts);
        let is_shared = 1 < same.filter(|other| *other == pattern).count();
        rule_id(&self.id, "host", pattern, is_shared.then_some(service))
    }

    /// `aws/header-x-amz-cf-id`; names the service where several rules ask for the same header.
    pub(super) fn header_rule_id(&self, name: &str, service: &str) -> String {
        let headers = self.headers.iter();
        let same = headers.filter(|other| other.get_ref().header == name);
        let is_shared = 1 < same.count();
        rule_id(&self.id, "header", name, is_shared.then_some(service))
    }
}

/// `#RRGGBB` as red, green, blue.
fn colour<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 3], D::Error> {
    let text = String::deserialize(deserializer)?;
    let digits = text
        .strip_prefix('#')
        .filter(|digits| digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let number = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let number = number.ok_or_else(|| D::Error::custom("a colour is written #RRGGBB"))?;
    let [_, red, green, blue] = number.to_be_bytes();
    Ok([red, green, blue])
}

/// An id that does not break a path such as `aws/s3`.
fn plain_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let id = String::deserialize(deserializer)?;
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if id.is_empty() || !id.bytes().all(is_plain) {
        let message = "an id has lower-case letters, digits and hyphens only";
        return Err(D::Error::custom(message));
    }
    Ok(id)
}

impl PackFile {
    /// The line, from 1, of the byte at `offset`.
    pub(super) fn line_of(&self, offset: usize) -> usize {
        line_and_column(&self.text, offset).0
    }
}

/// `line 3, column 7`, both from 1.
fn place_in(text: &str, offset: usize) -> String {
    let (line, column) = line_and_column(text, offset);
    format!("line {line}, column {column}")
}

fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    (line, before[start..].chars().count() + 1)
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
            tests.push(ValueTest::Matches(Pattern::new(pattern)?));
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
