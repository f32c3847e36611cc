//! How much of a capture may leave the program.

/// How much redaction removes. The words are those of `--redact`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Secrets and what tells who somebody is; evidence, hosts and the form of URLs stay.
    #[default]
    Balanced,
    /// Also all of a URL but its scheme, host and the shape of its path, and private addresses.
    Strict,
    /// Nothing: the export that a person asked for and confirmed.
    Nothing,
}

impl Level {
    /// All levels, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Balanced, Self::Strict, Self::Nothing];

    /// The word on the command line and in reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Balanced => "balanced",
            Self::Strict => "strict",
            Self::Nothing => "none",
        }
    }

    /// The level with this word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.word() == word)
    }

    /// True when secrets stay.
    pub const fn keeps_secrets(self) -> bool {
        matches!(self, Self::Nothing)
    }
}
