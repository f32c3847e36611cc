//! The rules of Headwater itself, beside those of the provider packs: what each one says and where it comes from.

use super::OWN_RULES;
use super::collect::SCHEMES;

/// A rule that no pack states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnRule {
    /// `gate/private-address`, `behaviour/age-grows`, `aws/sigv4` …
    pub id: &'static str,
    /// What it says, in a sentence.
    pub about: String,
    /// Where it comes from and its date.
    pub source: &'static str,
}

/// Rules with their sentences.
const RULES: [(&str, &str); 20] = [
    (
        "gate/no-network",
        "The reply came from a cache of the program, a service worker or a push: its headers are copies",
    ),
    (
        "gate/no-response",
        "The request was aborted or never answered",
    ),
    (
        "gate/tunnel",
        "A CONNECT line shows where a tunnel leads, not what passes through it",
    ),
    (
        "gate/private-address",
        "No public server has this address: it is that of a proxy or of a private network",
    ),
    (
        "gate/one-address-for-all",
        "Unrelated sites share this address: it is that of a forward proxy",
    ),
    (
        "gate/older-than-the-ranges",
        "More than three years lie between the capture and the ranges, and cloud addresses change hands",
    ),
    (
        "gate/imitated-store",
        "The server, or the host name, belongs to another store that speaks the protocol of Amazon S3",
    ),
    (
        "gate/local-hop",
        "The responses of unrelated sites all passed this hop: it stands on the client's side",
    ),
    (
        "gate/replayed-headers",
        "An id that is new in every response came back in a later one: a cache in front replays this edge's headers",
    ),
    (
        "gate/intercepted-certificate",
        "A proxy put its own certificate in place of the server's",
    ),
    (
        "edge/address-elsewhere",
        "The provider publishes its ranges, and the address lies in none of them",
    ),
    (
        "edge/no-header-of-its-own",
        "The provider marks every response, and this one bears no mark of it",
    ),
    (
        "behaviour/repeated-id",
        "An id that is new in every response came twice: a cache answered with a copy",
    ),
    (
        "behaviour/age-grows",
        "Between two answers Age grew by the time that passed: one cached copy answered both",
    ),
    (
        "behaviour/miss-then-hit",
        "A cache first had to ask for the response, and later had it",
    ),
    (
        "behaviour/fresh-ids",
        "The store gave each request for the same URL an id of its own: it answered them itself",
    ),
    (
        "behaviour/read-after-write",
        "What was written was read again at the same place",
    ),
    (
        "control-plane/location",
        "Another host redirected the client to the store",
    ),
    (
        "control-plane/handed-out-url",
        "The body of an earlier response of another host holds the URL",
    ),
    (
        "store/older-than-the-request",
        "The object was last changed more than a day before it was asked for",
    ),
];

/// The rule called `id`, if no pack states it.
pub fn own_rule(id: &str) -> Option<OwnRule> {
    if let Some((id, about)) = RULES.iter().find(|(known, _)| *known == id) {
        return Some(OwnRule {
            id,
            about: (*about).to_owned(),
            source: OWN_RULES,
        });
    }
    match id {
        "store/accepted-write" => Some(OwnRule {
            id: "store/accepted-write",
            about: "The store answered a write with success, without an edge in between".to_owned(),
            source: super::collect::WRITE_SOURCE,
        }),
        "control-plane/authorised-transfer" => Some(OwnRule {
            id: "control-plane/authorised-transfer",
            about: "Another host authorised the transfer before, and was told about it after"
                .to_owned(),
            source: super::collect::SEQUENCE_SOURCE,
        }),
        _ => SCHEMES
            .iter()
            .find(|scheme| scheme.rule == id)
            .map(|scheme| OwnRule {
                id: scheme.rule,
                about: format!(
                    "The query of the URL holds {}, which only this service checks",
                    scheme.parameters.join(", ")
                ),
                source: scheme.source,
            }),
    }
}
