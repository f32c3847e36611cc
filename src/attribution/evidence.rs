//! One observation that speaks for or against a claim, with the bytes it was read from and the rule that read it.

use crate::base::bytes::Span;
pub use crate::providers::{Family, Strength};

use crate::providers::ServiceId;

/// What a piece of evidence is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Claim {
    /// This service terminated the connection as a CDN or cache.
    Edge(ServiceId),
    /// This service's storage or compute answered.
    Origin(ServiceId),
    /// Evidence of this family says nothing about this flow.
    Void(Family),
}

/// The direction of a piece of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Speaks {
    /// Supports the claim.
    For,
    /// Contradicts the claim.
    Against,
}

impl Speaks {
    /// The word used everywhere.
    pub const fn word(self) -> &'static str {
        match self {
            Self::For => "for",
            Self::Against => "against",
        }
    }
}

/// One observation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Which kind.
    pub family: Family,
    /// The rule that read it: `akamai/asn-20940`.
    pub rule: String,
    /// What it is about.
    pub claim: Claim,
    /// For or against.
    pub speaks: Speaks,
    /// How much it weighs.
    pub strength: Strength,
    /// The text it was read from, as written; not redacted.
    pub quote: String,
    /// Where that text lies in the capture's source; `None` when it is no single place.
    pub span: Option<Span>,
    /// Where the rule comes from and its date.
    pub source: String,
    /// Row of the other flow that it takes to see this, such as the first one with the same request id.
    pub with: Option<u32>,
}

/// Where rules of Headwater itself come from.
pub(super) const OWN_RULES: &str = "Headwater, rules of its own, 2026-11";

/// A rule of Headwater itself, beside those of the provider packs. It stands in the file that fires it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnRule {
    /// `gate/private-address`, `behaviour/age-grows`, `aws/sigv4` …
    pub id: &'static str,
    /// What kind of evidence it reads.
    pub family: Family,
    /// What it says, in a sentence.
    pub about: &'static str,
    /// Where it comes from and its date.
    pub source: &'static str,
}

impl OwnRule {
    /// A rule that needs no other source than its own sentence.
    pub(super) const fn new(id: &'static str, family: Family, about: &'static str) -> Self {
        Self {
            id,
            family,
            about,
            source: OWN_RULES,
        }
    }
}
