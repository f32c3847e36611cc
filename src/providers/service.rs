//! Providers and their services: what every rule of the catalogue points at.

/// Index of a provider in the [`Catalogue`](super::Catalogue).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderId(pub u16);

/// Index of a service in the [`Catalogue`](super::Catalogue).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceId(pub u16);

/// What kind of product a service is; decides which role it can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceKind {
    /// Caches copies of somebody else's content.
    Cdn,
    /// Holds objects.
    Storage,
    /// Runs programs: virtual machines, functions, load balancers, gateways.
    Compute,
    /// A company's own front end.
    FrontEnd,
    /// Edge and compute in one.
    Platform,
    /// Stands on the client's side and opens connections for it.
    Gateway,
}

impl ServiceKind {
    /// The word that packs use.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cdn => "cdn",
            Self::Storage => "storage",
            Self::Compute => "compute",
            Self::FrontEnd => "front-end",
            Self::Platform => "platform",
            Self::Gateway => "gateway",
        }
    }
}

/// Who runs the machine.
#[derive(Clone, Debug)]
pub struct Provider {
    /// `aws`, `azure`, `akamai` …
    pub id: String,
    /// `AWS`, `Azure`, `Akamai` …
    pub name: String,
    /// Its colour in charts and rows: red, green, blue.
    pub colour: [u8; 3],
    /// True when a pack of the user defines it.
    pub is_user: bool,
    /// True for software that anybody runs, which names no company.
    pub is_software: bool,
}

/// Which product of a provider.
#[derive(Clone, Debug)]
pub struct Service {
    /// Whose product.
    pub provider: ProviderId,
    /// `s3`, `cloudfront`, `cdn` …
    pub id: String,
    /// `Amazon S3`, `Amazon CloudFront`, `Akamai CDN` …
    pub name: String,
    /// What kind of product.
    pub kind: ServiceKind,
    /// What one has to know to read a verdict that names it; usually empty.
    pub remark: String,
    /// The header of a request, with its value, after which it names itself in the response; empty for most.
    pub debug_header: String,
    /// The service that it is when it answers from its cache.
    pub cached_as: Option<ServiceId>,
    /// The service that is this one when it answers from its cache.
    pub before_cache: Option<ServiceId>,
    /// True when it answers for its provider alone: nobody can rent it.
    pub is_own: bool,
    /// True when its published ranges hold all its addresses: an address elsewhere speaks against it.
    pub lists_addresses: bool,
    /// True when it marks every response: one without its headers speaks against it.
    pub signs_responses: bool,
    /// True when its customers can have the mark taken away.
    pub customers_strip: bool,
}
