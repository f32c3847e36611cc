//! What a cache says about its own answer: it had the response, or it had to ask for it.

use crate::capture::Flow;

/// The answer of the cache that is nearest to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// From its store.
    Hit,
    /// From behind it.
    Miss,
}

impl Answer {
    /// The word used everywhere.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Miss => "miss",
        }
    }
}

/// What the cache that is nearest to the client says about its answer to `flow`; `None` when none says anything.
pub fn cache_answer(flow: Flow<'_>) -> Option<Answer> {
    HEADERS
        .iter()
        .find_map(|name| answer(name, flow.response_header(name)?.value))
}

/// The headers in which caches say it.
pub(super) const HEADERS: [&str; 7] = [
    "x-cache",
    "cf-cache-status",
    "cdn-cache",
    "x-cache-status",
    "x-vercel-cache",
    "eo-cache-status",
    "cache-status",
];

/// Reads one response header, its name in lower case; `None` when it says nothing of the kind.
pub(super) fn answer(name: &str, value: &str) -> Option<Answer> {
    match name {
        "cache-status" => parameters(last_member(value)),
        _ if HEADERS.contains(&name) => word(last_member(value)),
        _ => None,
    }
}

/// Each cache appends itself, so the last member is the one nearest to the client.
fn last_member(list: &str) -> &str {
    list.rsplit(',').next().unwrap_or(list).trim()
}

/// `HIT`, `Hit from cloudfront`, `TCP_MEM_HIT`, `hit-fresh`, `MISS`, `EXPIRED`.
fn word(value: &str) -> Option<Answer> {
    let has = |wanted: &str| {
        let mut windows = value.as_bytes().windows(wanted.len());
        windows.any(|window| window.eq_ignore_ascii_case(wanted.as_bytes()))
    };
    if has("miss") || has("expired") {
        Some(Answer::Miss)
    } else if has("hit") {
        Some(Answer::Hit)
    } else {
        None
    }
}

/// RFC 9211: `hit`, or `fwd=REASON`.
fn parameters(member: &str) -> Option<Answer> {
    let mut parameters = member.split(';').skip(1).map(str::trim);
    parameters.find_map(|parameter| match parameter {
        "hit" => Some(Answer::Hit),
        _ if parameter.starts_with("fwd") => Some(Answer::Miss),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_nearest_to_the_client_answers() {
        use Answer::{Hit, Miss};
        for (name, value, expected) in [
            ("x-cache", "Hit from cloudfront", Some(Hit)),
            (
                "x-cache",
                "TCP_MEM_HIT from a96-17-70-51 (AkamaiGHost/6.4)",
                Some(Hit),
            ),
            ("x-cache", "HIT, MISS", Some(Miss)),
            ("x-cache", "Miss from cloudfront, hit-fresh", Some(Hit)),
            ("x-cache", "none", None),
            ("cf-cache-status", "DYNAMIC", None),
            ("cf-cache-status", "EXPIRED", Some(Miss)),
            (
                "cache-status",
                "origin; hit, \"edge 1\"; fwd=uri-miss; stored",
                Some(Miss),
            ),
            ("cache-status", "edge; hit; ttl=12", Some(Hit)),
            ("server", "hit", None),
        ] {
            assert_eq!(answer(name, value), expected, "{name}: {value}");
        }
    }
}
