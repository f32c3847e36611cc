//! The words of the filter language: keys with what they mean, the kinds behind `is:`, and the signs of mitmproxy.

use crate::attribution::Conclusiveness;
use crate::capture::{Flags, Flow, FlowId};
use crate::document::Document;
use crate::query::kinds::Kind;

/// Every key with what it means, for completion and help. Further names of other tools are understood as well.
pub const KEYS: &[(&str, &str)] = &[
    ("host", "host name at label boundaries, `*.example`"),
    ("url", "anywhere in the URL"),
    ("path", "path with query"),
    ("query", "what follows the question mark"),
    ("method", "request method"),
    ("status", "number, class such as 4xx, or range"),
    (
        "kind",
        "document, data, style, script, font, image, media, websocket, other",
    ),
    ("type", "media type"),
    (
        "is",
        "error, redirect, cached, upload, labelled, conflict and others",
    ),
    ("provider", "who answers; `none` = not attributed"),
    ("service", "which product"),
    ("role", "origin, cdn, unknown"),
    (
        "conclusive",
        "insufficient, conflicting, suggestive, strong, conclusive; `>=strong`",
    ),
    ("edge", "edge as provider/service"),
    ("origin", "origin as provider/service"),
    ("region", "where it stands"),
    ("tenant", "customer of the provider: a bucket, an account"),
    ("party", "whose traffic it is"),
    (
        "site",
        "page or app in which it was seen; `none` = not known",
    ),
    (
        "relation",
        "delivers, stores, computes, hosts, own: what its party gets",
    ),
    (
        "whose",
        "users, party, other, not-seen: whose data lies in the store",
    ),
    ("bucket", "bucket or container of a store"),
    (
        "evidence",
        "family such as address or name, or a part of a rule",
    ),
    ("rival", "words of the other explanation that is left"),
    ("cache", "hit, miss; `none` = no cache says anything"),
    ("label", "origin, cdn, unknown, none = not reviewed"),
    ("note", "a person's note"),
    ("tag", "a tag; `none` = without one"),
    ("color", "red, orange, yellow, green, blue, purple, none"),
    ("by", "who labelled it"),
    ("size", "bytes received, `>10k`"),
    ("larger-than", "more bytes received than"),
    ("smaller-than", "fewer bytes received than"),
    ("sent", "bytes sent"),
    ("content", "bytes of the body after decoding"),
    ("time", "duration in milliseconds, `>2s`"),
    ("wait", "milliseconds to the first byte"),
    ("age", "seconds in a cache"),
    ("scheme", "URL scheme"),
    ("protocol", "HTTP version"),
    ("port", "port"),
    ("remote-ip", "address of the peer, `10.0.0.0/8`"),
    ("asn", "number of the peer's network, `AS15169` or `15169`"),
    (
        "network",
        "who holds the peer's network; `none` = not known",
    ),
    ("cname", "name to which the host was resolved"),
    ("issuer", "who issued the certificate"),
    ("server", "response header Server"),
    ("via", "response header Via"),
    (
        "header",
        "a header of either side: `header[Name]=value`, or a part of a line",
    ),
    ("has-response-header", "name of a response header"),
    ("has-request-header", "name of a request header"),
    ("body", "text in a body; body-request, body-response"),
    ("cookie-name", "name of a cookie that was sent"),
    ("cookie-value", "value of a cookie that was sent"),
    ("set-cookie-name", "name of a cookie that was set"),
    ("set-cookie-value", "value of a cookie that was set"),
    ("set-cookie-domain", "domain for which a cookie was set"),
    ("file", "name of the capture"),
    ("page", "URL of the page"),
    ("n", "number of the flow"),
];

/// Tells whether a flow is of a kind.
pub(super) type IsKind = fn(&Document, FlowId, Flow<'_>) -> bool;

/// The words behind `is:`, with what they mean.
pub const KINDS: &[(&str, &str)] = &[
    ("error", "status from 400 on, or failed"),
    ("aborted", "failed before a response"),
    ("redirect", "status 3xx"),
    ("cached", "answered from a cache on the client's side"),
    ("unanswered", "without a status"),
    ("answered", "with a status"),
    ("tunnel", "a CONNECT line"),
    ("proxied", "a CONNECT line, or answered by a proxy"),
    ("upload", "PUT, POST, PATCH"),
    ("websocket", "an upgraded connection"),
    ("first-party", "of the site on which it was seen"),
    (
        "embedded",
        "of another party than the site on which it was seen",
    ),
    ("asset", "style, script, font, image"),
    ("labelled", "reviewed by a person"),
    ("accepted", "labelled as the machine says"),
    ("disagreed", "labelled differently by several people"),
    ("annotated", "with a label, note, tag or colour"),
    ("marked", "with a colour"),
    ("conflict", "evidence that contradicts itself"),
    ("incomplete", "without request, URL or response"),
];

/// The test behind `is:word`, by our words and those of browsers.
pub(super) fn kind(word: &str) -> Option<IsKind> {
    let test: IsKind = match word {
        "error" => |_, _, flow| 400 <= flow.row().status || has(flow, Flags::ABORTED),
        "aborted" | "failed" => |_, _, flow| has(flow, Flags::ABORTED),
        "redirect" => |_, _, flow| (300..400).contains(&flow.row().status),
        "cached" | "from-cache" => |_, _, flow| {
            let caches = Flags::FROM_CACHE.with(Flags::PROXY_CACHE);
            flow.row().flags.intersects(caches)
        },
        "unanswered" => |_, _, flow| flow.status().is_none(),
        "answered" => |_, _, flow| flow.status().is_some(),
        "tunnel" => |_, _, flow| has(flow, Flags::TUNNEL),
        "proxied" => |_, _, flow| {
            let signs = Flags::TUNNEL
                .with(Flags::PROXY_CACHE)
                .with(Flags::PROXY_ANSWER);
            flow.row().flags.intersects(signs)
        },
        "upload" => |_, _, flow| flow.has_method(&["PUT", "POST", "PATCH"]),
        "websocket" => |_, _, flow| has(flow, Flags::WEBSOCKET),
        "first-party" => |document, id, _| is_on_own_site(document, id) == Some(true),
        "embedded" => |document, id, _| is_on_own_site(document, id) == Some(false),
        "asset" => |_, _, flow| {
            let kind = Kind::of(flow);
            matches!(kind, Kind::Style | Kind::Script | Kind::Font | Kind::Image)
        },
        "labelled" => |document, id, _| document.label(id).is_some(),
        "accepted" => {
            |document, id, _| document.annotation(id).is_some_and(|said| said.is_accepted)
        }
        "disagreed" => |document, id, _| {
            let said = document.annotation(id);
            said.is_some_and(|said| said.differing().next().is_some())
        },
        "annotated" => |document, id, _| document.annotation(id).is_some(),
        "marked" | "pinned" => |document, id, _| {
            document
                .annotation(id)
                .is_some_and(|said| said.colour.is_some())
        },
        "conflict" => {
            |document, id, _| document.verdict(id).conclusiveness == Conclusiveness::Conflicting
        }
        "incomplete" => |_, _, flow| has(flow, Flags::INCOMPLETE),
        _ => return None,
    };
    Some(test)
}

/// True when the site on which `flow` was seen is its party's own; `None` when that site is not known.
fn is_on_own_site(document: &Document, flow: FlowId) -> Option<bool> {
    let site = document.site(flow);
    (!site.is_empty()).then(|| site == document.party(flow))
}

fn has(flow: Flow<'_>, flag: Flags) -> bool {
    flow.row().flags.contains(flag)
}

/// What a sign of mitmproxy stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// A term of its own.
    Alone(&'static str),
    /// Key and operator for the word behind it.
    Before(&'static str),
}

/// The meaning of a sign such as `~d`; `None` for those that have none here.
pub(super) fn sign(text: &str) -> Option<Sign> {
    Some(match text {
        "~a" => Sign::Alone("is:asset"),
        "~all" | "~http" => Sign::Alone("n>0"),
        "~b" => Sign::Before("body~="),
        "~bq" => Sign::Before("body-request~="),
        "~bs" => Sign::Before("body-response~="),
        "~c" => Sign::Before("status="),
        "~comment" => Sign::Before("note~="),
        "~d" => Sign::Before("host~="),
        "~dst" => Sign::Before("remote-ip~="),
        "~e" => Sign::Alone("is:aborted"),
        "~h" => Sign::Before("header~="),
        "~hq" => Sign::Before("header-request~="),
        "~hs" => Sign::Before("header-response~="),
        "~m" => Sign::Before("method~="),
        "~marked" => Sign::Alone("is:marked"),
        "~marker" => Sign::Before("color~="),
        "~q" => Sign::Alone("is:unanswered"),
        "~s" => Sign::Alone("is:answered"),
        "~t" | "~ts" => Sign::Before("type~="),
        "~u" => Sign::Before("url~="),
        "~websocket" => Sign::Alone("is:websocket"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_that_is_offered_is_understood() {
        for (word, _) in KINDS {
            assert!(kind(word).is_some(), "{word}");
        }
    }
}
