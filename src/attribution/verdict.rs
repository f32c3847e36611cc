//! The machine's answer for one flow.

use crate::providers::ServiceId;

/// What the terminating party is for a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// It holds the truth.
    Origin,
    /// It only stands in front of somebody else's origin.
    Cdn,
    /// The evidence does not say.
    Unknown,
}

impl Role {
    /// The word used everywhere.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Origin => "origin",
            Self::Cdn => "cdn",
            Self::Unknown => "unknown",
        }
    }
}

/// How conclusive the evidence is, in rising order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Conclusiveness {
    /// Nothing that carries weight.
    Insufficient,
    /// Strong evidence for two answers that exclude each other.
    Conflicting,
    /// One hint, such as a name or a range alone.
    Suggestive,
    /// One family that seldom errs, or several hints that agree.
    Strong,
    /// At least two families agree, none speaks against, and the rival is excluded.
    Conclusive,
}

impl Conclusiveness {
    /// The least share of such calls that are right, where it promises one: fitted on captures with independent labels.
    pub const fn promise(self) -> Option<f64> {
        match self {
            Self::Insufficient | Self::Conflicting => None,
            Self::Suggestive => Some(0.95),
            Self::Strong => Some(0.99),
            Self::Conclusive => Some(0.999),
        }
    }

    /// The word used everywhere.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Insufficient => "insufficient",
            Self::Conflicting => "conflicting",
            Self::Suggestive => "suggestive",
            Self::Strong => "strong",
            Self::Conclusive => "conclusive",
        }
    }
}

/// Index of a region in one [`super::Attribution`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegionId(pub u16);

/// One party of a flow: the edge or the origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Carrier {
    /// Which product.
    pub service: ServiceId,
    /// Where it stands, as far as ranges, names, signatures or PoP codes say.
    pub region: Option<RegionId>,
    /// How conclusive this part of the answer is.
    pub conclusiveness: Conclusiveness,
}

/// The machine's answer for one flow. A person's label never changes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Verdict {
    /// Who terminated the connection, if it is a CDN or cache.
    pub edge: Option<Carrier>,
    /// Whose storage or compute answered, directly or behind the edge.
    pub origin: Option<Carrier>,
    /// What the terminating party is.
    pub role: Role,
    /// How conclusive role and terminating party are together; insufficient when the role is unknown.
    pub conclusiveness: Conclusiveness,
}

impl Verdict {
    /// The answer without evidence.
    pub const UNKNOWN: Self = Self {
        edge: None,
        origin: None,
        role: Role::Unknown,
        conclusiveness: Conclusiveness::Insufficient,
    };

    /// The same answer with its regions numbered anew.
    pub(super) fn with_regions(self, number: impl Fn(RegionId) -> Option<RegionId>) -> Self {
        let renumbered = |part: Carrier| Carrier {
            region: part.region.and_then(&number),
            ..part
        };
        Self {
            edge: self.edge.map(renumbered),
            origin: self.origin.map(renumbered),
            ..self
        }
    }

    /// The party to name first: the edge, else the origin.
    pub fn terminating(&self) -> Option<Carrier> {
        self.edge.or(self.origin)
    }
}
