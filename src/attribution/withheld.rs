//! Evidence that attribution does not look at, as if the capture did not hold it: how a score tells what each kind is worth.

/// The kinds of evidence to leave aside; none by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Withheld {
    /// Addresses of the peers.
    pub addresses: bool,
    /// Response headers, and what several of them show together.
    pub headers: bool,
    /// Names of hosts, of aliases and in certificates, and the URLs they stand in: the signature in a query, who handed
    /// out which URL, whose traffic a flow is.
    pub names: bool,
    /// Answers of a name server that the capture holds.
    pub resolutions: bool,
}

impl Withheld {
    /// Everything that attribution reads.
    pub const EVERYTHING: Self = Self {
        addresses: true,
        headers: true,
        names: true,
        resolutions: true,
    };
}
