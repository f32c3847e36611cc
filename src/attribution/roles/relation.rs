//! A relation: what one party gets from one service, by resource, with its evidence.

use super::cited::Cited;
use super::whose::Whose;
use crate::attribution::verdict::Conclusiveness;
use crate::capture::FlowId;
use crate::providers::{ProviderId, ServiceId, catalogue};

/// What a party gets from a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RelationRole {
    /// It terminates the connection and passes on or caches what another service or party holds.
    Delivers,
    /// An object store answered or took a write.
    Stores,
    /// Servers, functions, load balancers or databases answered.
    Computes,
    /// A platform that is edge and server in one answered.
    Hosts,
    /// The provider answers for itself, with content of its own.
    Own,
}

impl RelationRole {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 5] = [
        Self::Delivers,
        Self::Stores,
        Self::Computes,
        Self::Hosts,
        Self::Own,
    ];

    /// The word used everywhere.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Delivers => "delivers",
            Self::Stores => "stores",
            Self::Computes => "computes",
            Self::Hosts => "hosts",
            Self::Own => "own",
        }
    }

    /// The role that is called `word`.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }

    /// What it means, in one sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Delivers => {
                "It answers the browser, and passes on or caches what somebody else holds"
            }
            Self::Stores => "Its object store answered, or took what was uploaded",
            Self::Computes => "Its servers, functions or load balancers answered",
            Self::Hosts => "It is edge and server in one: the site lives on this platform",
            Self::Own => "The provider answers for itself, with content of its own",
        }
    }
}

/// What kind of thing can be told apart within a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResourceKind {
    /// A bucket of an object store.
    Bucket,
    /// A storage account with its container.
    Container,
    /// A distribution of a CDN.
    Distribution,
    /// A named app of a platform or compute service.
    App,
    /// Nothing finer than the host.
    Host,
}

impl ResourceKind {
    /// The word used everywhere.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Bucket => "bucket",
            Self::Container => "container",
            Self::Distribution => "distribution",
            Self::App => "app",
            Self::Host => "host",
        }
    }
}

/// Something that can be told apart within a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Its kind.
    pub kind: ResourceKind,
    /// Its name: `x-docs`, `account/container`, `d111111abcdef8`, `www.example.com`.
    pub id: String,
    /// The flows at it, in session order.
    pub flows: Vec<FlowId>,
    /// Bytes received from it.
    pub bytes: u64,
    /// How conclusive the relation is at this resource alone.
    pub conclusiveness: Conclusiveness,
}

/// Numbers of flows by how conclusive they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Levels {
    /// Conclusive ones.
    pub conclusive: u32,
    /// Strong ones.
    pub strong: u32,
    /// Suggestive ones.
    pub suggestive: u32,
}

/// Who stands behind a service that delivers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behind {
    /// Whose store or server; software that anybody runs stands for the party's own.
    pub service: ServiceId,
    /// Its name: `Amazon S3`, `Own servers in Example Hosting`.
    pub name: String,
    /// Number of flows behind which it stands.
    pub n_flows: u32,
    /// How conclusive that is, at best.
    pub conclusiveness: Conclusiveness,
}

/// What one party gets from one service in one role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation {
    /// Which product.
    pub service: ServiceId,
    /// Its name for people: `Amazon S3`, `Own servers in Example Hosting`.
    pub name: String,
    /// What the party gets from it.
    pub role: RelationRole,
    /// What can be told apart within it, most flows first.
    pub resources: Vec<Resource>,
    /// The flows that show it, in session order.
    pub flows: Vec<FlowId>,
    /// Bytes received in them.
    pub bytes: u64,
    /// Where it stands, most flows first.
    pub regions: Vec<String>,
    /// As conclusive as its best resource.
    pub conclusiveness: Conclusiveness,
    /// Number of flows at each level.
    pub levels: Levels,
    /// What speaks for it, the strongest first.
    pub supporting: Vec<Cited>,
    /// What speaks against it.
    pub opposing: Vec<Cited>,
    /// For `delivers`: who stands behind it, most flows first.
    pub behind: Vec<Behind>,
    /// For `delivers`: number of flows whose origin was not seen.
    pub n_origin_not_seen: u32,
    /// For `delivers`: what origins that were not seen call themselves in `Server`, most flows first.
    pub origin_words: Vec<String>,
    /// For `stores`: number of flows that reached the store through an edge.
    pub n_behind_an_edge: u32,
    /// True when nothing but tunnels shows it.
    pub is_tunnelled: bool,
    /// For `stores`: whose data lies there.
    pub whose: Option<Whose>,
    /// The relation in one or two plain sentences: `Akamai delivers example.com: 327 requests, strong. …`.
    pub sentence: String,
    /// What a person could do to settle it.
    pub would_settle_it: Vec<String>,
}

impl Relation {
    /// Who runs the service; `None` for software that anybody runs, such as servers of the party's own.
    pub fn provider(&self) -> Option<ProviderId> {
        (!catalogue().is_software(self.service)).then(|| catalogue().provider_of(self.service))
    }
}
