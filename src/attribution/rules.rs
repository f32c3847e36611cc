//! The rules of Headwater itself, each of which stands in the file that fires it.

use super::collect::{
    NO_NETWORK, NO_RESPONSE, PROXY_ANSWER, TUNNEL, address, behaviour, control_plane, header, log,
    middlebox, name, store, write,
};
use super::context::void;
use super::evidence::{Claim, Evidence, OwnRule};
use super::roles;
use super::signed::SCHEMES;
use super::weigh::{cache, edge, origin};
use crate::providers::catalogue;

/// All of them but the signatures in URLs.
const RULES: &[&OwnRule] = &[
    &NO_NETWORK,
    &NO_RESPONSE,
    &PROXY_ANSWER,
    &TUNNEL,
    &void::PRIVATE_ADDRESS,
    &void::GATEWAY_ADDRESS,
    &void::ONE_ADDRESS_FOR_ALL,
    &address::SHARED_ADDRESS,
    &address::OLDER_THAN_THE_RANGES,
    &middlebox::MIDDLEBOX,
    &middlebox::UNSIGNED_STORE,
    &store::IMITATED_STORE,
    &store::TIME_AS_ID,
    &header::LOCAL_HOP,
    &header::REPLAYED_HEADERS,
    &log::WRITTEN_BY_THE_EDGE,
    &log::ORIGIN_ADDRESS,
    &name::INTERCEPTED_CERTIFICATE,
    &cache::UNNAMED_CACHE,
    &origin::OWN_CONTENT,
    &origin::OWN_NETWORK,
    &edge::ADDRESS_ELSEWHERE,
    &edge::NO_HEADER_OF_ITS_OWN,
    &behaviour::REPEATED_ID,
    &behaviour::AGE_GROWS,
    &behaviour::MISS_THEN_HIT,
    &behaviour::FRESH_IDS,
    &behaviour::READ_AFTER_WRITE,
    &control_plane::LOCATION,
    &control_plane::HANDED_OUT_URL,
    &control_plane::AUTHORISED_TRANSFER,
    &write::ACCEPTED_WRITE,
];

/// The rule called `id`, if no pack states it.
pub fn own_rule(id: &str) -> Option<&'static OwnRule> {
    let signatures = SCHEMES.iter().map(|scheme| &scheme.rule);
    RULES
        .iter()
        .copied()
        .chain(roles::RULES.iter().copied())
        .chain(signatures)
        .find(|rule| rule.id == id)
}

/// What `evidence` is about, in words: `Amazon S3 as origin`, or why something does not count.
pub fn claim_words(evidence: &Evidence) -> String {
    let name = |service| catalogue().service(service).name.as_str();
    match evidence.claim {
        Claim::Edge(service) => format!("{} as edge", name(service)),
        Claim::Origin(service) => format!("{} as origin", name(service)),
        Claim::Void(_) => {
            let rule = own_rule(&evidence.rule);
            rule.map_or("This does not count", |rule| rule.about)
                .to_owned()
        }
    }
}
