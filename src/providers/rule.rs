//! What recognises a service: rules about host names, headers and addresses, as the packs state them.

use std::ops::RangeInclusive;

use regex::{Regex, RegexBuilder};

use super::service::ServiceId;
use crate::base::time::Time;

/// Kinds of evidence that do not depend on one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// The peer address lies in a published range.
    Address,
    /// The host name belongs to a service.
    Name,
    /// Headers that intermediaries add on the way.
    HeaderChain,
    /// Request ids, entity tags and server names of a store.
    StorageId,
    /// Signatures in the URL that only one service checks.
    UrlAuthorisation,
    /// A write that the service accepted.
    Write,
    /// How answers change over time.
    Behaviour,
    /// Another party hands out the URLs.
    ControlPlane,
}

impl Family {
    /// The word used in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Name => "name",
            Self::HeaderChain => "header-chain",
            Self::StorageId => "storage-id",
            Self::UrlAuthorisation => "url-authorisation",
            Self::Write => "write",
            Self::Behaviour => "behaviour",
            Self::ControlPlane => "control-plane",
        }
    }

    /// The words for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Address => "Address",
            Self::Name => "Name",
            Self::HeaderChain => "Header chain",
            Self::StorageId => "Storage id",
            Self::UrlAuthorisation => "URL authorisation",
            Self::Write => "Write",
            Self::Behaviour => "Behaviour",
            Self::ControlPlane => "Control plane",
        }
    }
}

/// How much one observation weighs, in rising order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strength {
    /// A hint.
    Suggestive,
    /// Seldom wrong.
    Strong,
    /// Cannot be produced otherwise.
    Conclusive,
}

impl Strength {
    /// The word used everywhere.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Suggestive => "suggestive",
            Self::Strong => "strong",
            Self::Conclusive => "conclusive",
        }
    }

    /// One step less; a hint stays a hint.
    #[must_use]
    pub const fn weaker(self) -> Self {
        match self {
            Self::Suggestive | Self::Strong => Self::Suggestive,
            Self::Conclusive => Self::Strong,
        }
    }
}

/// What a service is to a flow when a rule fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// It terminated the connection as CDN, cache or front end.
    Edge,
    /// Its storage or compute answered.
    Origin,
}

/// What every rule states.
#[derive(Clone, Debug)]
pub struct Rule {
    /// `akamai/asn-20940`.
    pub id: String,
    /// Which service it recognises.
    pub service: ServiceId,
    /// As what.
    pub place: Place,
    /// How much it weighs.
    pub strength: Strength,
    /// Where it comes from and its date.
    pub source: String,
    /// Does not apply to flows before this time.
    pub valid_from: Option<Time>,
    /// Does not apply to flows after this time.
    pub valid_to: Option<Time>,
}

impl Rule {
    /// True when the rule was valid at `time`; always for flows without a time.
    pub fn is_valid_at(&self, time: Option<Time>) -> bool {
        time.is_none_or(|time| {
            self.valid_from.is_none_or(|from| from <= time)
                && self.valid_to.is_none_or(|to| time <= to)
        })
    }
}

/// A rule about host names.
#[derive(Clone, Debug)]
pub struct HostRule {
    /// What it states.
    pub rule: Rule,
    /// True for names of the provider's own services, false for names that it hands out to customers.
    pub is_first_party: bool,
}

/// A rule about one response header.
#[derive(Clone, Debug)]
pub struct HeaderRule {
    /// What it states.
    pub rule: Rule,
    /// Header chain or storage id.
    pub family: Family,
    /// What the value must look like.
    pub value: ValueTest,
    /// Other response headers without which the rule says nothing; lower case.
    pub needs: Vec<String>,
    /// Other response headers beside which the rule says nothing; lower case.
    pub unless: Vec<String>,
    /// True when every response gets a new value, so that the same value twice is a replayed copy.
    pub is_unique: bool,
}

/// What a header value must look like.
#[derive(Clone, Debug)]
pub enum ValueTest {
    /// Anything.
    Any,
    /// Equal, in any case.
    Exact(String),
    /// Begins so, in any case.
    Prefix(String),
    /// Contains it, in any case.
    Contains(String),
    /// Matches.
    Matches(Pattern),
}

/// A regular expression; a group called `region` names the region.
#[derive(Clone, Debug)]
pub struct Pattern {
    regex: Regex,
    /// Bytes of the shortest and of the longest text that match.
    len: RangeInclusive<usize>,
    /// True when there is such a group.
    has_region: bool,
}

impl Pattern {
    /// Compiles `pattern`; the message says what is wrong with it.
    pub(super) fn new(pattern: &str) -> Result<Self, String> {
        let regex = RegexBuilder::new(pattern).size_limit(1 << 20).build();
        let regex = regex.map_err(|error| error.to_string())?;
        let syntax = regex_syntax::parse(pattern).map_err(|error| error.to_string())?;
        let has_region = regex.capture_names().any(|name| name == Some("region"));
        Ok(Self {
            regex,
            len: lengths(&syntax),
            has_region,
        })
    }

    /// Most values are told by their length alone.
    fn is_match(&self, value: &str) -> bool {
        self.len.contains(&value.len()) && self.regex.is_match(value)
    }

    fn region<'v>(&self, value: &'v str) -> Option<&'v str> {
        if !self.has_region || !self.len.contains(&value.len()) {
            return None;
        }
        Some(self.regex.captures(value)?.name("region")?.as_str())
    }
}

/// Lengths in bytes of the texts in which `syntax` can be found.
fn lengths(syntax: &regex_syntax::hir::Hir) -> RangeInclusive<usize> {
    use regex_syntax::hir::Look::{End, Start};
    let properties = syntax.properties();
    let least = properties.minimum_len().unwrap_or(0);
    // What is not bound to both ends can stand in a longer text.
    let is_whole =
        properties.look_set_prefix().contains(Start) && properties.look_set_suffix().contains(End);
    let most = properties.maximum_len().filter(|_| is_whole);
    least..=most.unwrap_or(usize::MAX)
}

impl std::fmt::Display for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.regex.fmt(f)
    }
}

impl ValueTest {
    /// True when `value` passes.
    pub fn passes(&self, value: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Exact(wanted) => value.trim().eq_ignore_ascii_case(wanted),
            Self::Prefix(wanted) => starts_with(value.trim_start(), wanted),
            Self::Contains(wanted) => contains(value, wanted),
            Self::Matches(pattern) => pattern.is_match(value.trim()),
        }
    }

    /// The region that `value` names, if the test looks for one.
    pub fn region<'v>(&self, value: &'v str) -> Option<&'v str> {
        match self {
            Self::Matches(pattern) => pattern.region(value.trim()),
            _ => None,
        }
    }
}

fn starts_with(value: &str, wanted: &str) -> bool {
    value
        .as_bytes()
        .get(..wanted.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(wanted.as_bytes()))
}

fn contains(value: &str, wanted: &str) -> bool {
    let Some(first) = wanted.bytes().next() else {
        return true;
    };
    let (lower, upper) = (first.to_ascii_lowercase(), first.to_ascii_uppercase());
    let value = value.as_bytes();
    memchr::memchr2_iter(lower, upper, value).any(|at| {
        let window = value.get(at..at + wanted.len());
        window.is_some_and(|window| window.eq_ignore_ascii_case(wanted.as_bytes()))
    })
}
