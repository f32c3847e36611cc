//! Something in a file that could not be read, with its place. A problem never costs more than its own entry.

use std::fmt;

use crate::base::archive::ArchiveError;
use crate::base::json_scan::{Damage, DamageKind};

/// What kind of thing went wrong; the word stands in the JSON output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemKind {
    /// The text breaks the grammar of its format.
    Syntax,
    /// The file ends before its structure does.
    Truncated,
    /// A field that the format requires is not there.
    Missing,
    /// A field holds a value of another type than the format says, or out of range.
    Value,
    /// Bytes that are not valid in the encoding of the file.
    Encoding,
    /// A limit was reached and reading stopped there.
    Limit,
    /// The file could not be read (any more).
    Io,
    /// The content is something that Headwater does not read.
    Unsupported,
    /// The content is encrypted, and the password is missing or wrong.
    Locked,
}

impl ProblemKind {
    /// The word for the JSON output and the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::Truncated => "truncated",
            Self::Missing => "missing",
            Self::Value => "value",
            Self::Encoding => "encoding",
            Self::Limit => "limit",
            Self::Io => "io",
            Self::Unsupported => "unsupported",
            Self::Locked => "locked",
        }
    }
}

/// One problem, or several alike that were counted together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What kind.
    pub kind: ProblemKind,
    /// 1-based place of the entry in its file (the line, for logs); `None` when it concerns the file.
    pub entry: Option<u32>,
    /// Offset of the first bad byte in the decoded content, when known.
    pub byte: Option<u64>,
    /// What was expected and what was found: lower case, no full stop, never a payload.
    pub message: String,
    /// How many alike this one stands for; at least 1.
    pub count: u32,
}

impl Problem {
    /// A problem that concerns the file as a whole.
    pub fn new(kind: ProblemKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            entry: None,
            byte: None,
            message: message.into(),
            count: 1,
        }
    }

    /// The same problem, placed at the 1-based entry `entry`.
    #[must_use]
    pub fn at_entry(mut self, entry: u32) -> Self {
        self.entry = Some(entry);
        self
    }

    /// The same problem, placed at byte `byte` of the decoded content.
    #[must_use]
    pub fn at_byte(mut self, byte: u64) -> Self {
        self.byte = Some(byte);
        self
    }
}

impl From<Damage> for Problem {
    fn from(damage: Damage) -> Self {
        let (kind, message) = match damage.kind {
            DamageKind::Ended => (
                ProblemKind::Truncated,
                "the file ends before its structure does; what stood before is complete",
            ),
            DamageKind::Broken => (
                ProblemKind::Syntax,
                "quotes or brackets do not match; reading went on at the next entry",
            ),
            DamageKind::Repeated => (
                ProblemKind::Syntax,
                "another document follows in the same file; its entries were added",
            ),
            DamageKind::Trailing => (ProblemKind::Syntax, "bytes behind the end were ignored"),
            DamageKind::NoComma => (
                ProblemKind::Syntax,
                "there is no comma between this entry and the next",
            ),
        };
        let problem = Self::new(kind, message).at_byte(damage.at);
        match damage.element {
            Some(n) => problem.at_entry(n),
            None => problem,
        }
    }
}

impl From<ArchiveError> for Problem {
    fn from(error: ArchiveError) -> Self {
        match error {
            ArchiveError::Locked => {
                let message = "the archive is protected by a password";
                Self::new(ProblemKind::Locked, message)
            }
            ArchiveError::WrongPassword => {
                let message = "the password does not open the archive";
                Self::new(ProblemKind::Locked, message)
            }
            ArchiveError::Limit(reason) => Self::new(ProblemKind::Limit, reason),
            ArchiveError::Broken(reason) => Self::new(ProblemKind::Encoding, reason),
            ArchiveError::Io(error) => Self::new(ProblemKind::Io, error.to_string()),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(entry) = self.entry {
            write!(f, "entry {entry}, ")?;
        }
        if let Some(byte) = self.byte {
            write!(f, "byte {byte}: ")?;
        } else if self.entry.is_some() {
            write!(f, "{}: ", self.kind.word())?;
        }
        f.write_str(&self.message)?;
        if 1 < self.count {
            write!(f, " ({} times)", self.count)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}
