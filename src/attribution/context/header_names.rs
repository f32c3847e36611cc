//! What each header name of one capture is good for, found once for a name instead of once for every header.

use crate::attribution::cache_sign;
use crate::capture::{Capture, Header, Side};
use crate::providers::{Family, HeaderRule, catalogue};

/// What one header name is good for.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::attribution) struct Kind {
    /// The rules about it.
    pub(in crate::attribution) rules: &'static [HeaderRule],
    /// The family of the id that it holds, when that is new in every response.
    pub(in crate::attribution) unique: Option<Family>,
    /// True when most responses hold another value, so that remembering what it passes is in vain.
    pub(in crate::attribution) is_varied: bool,
    /// A list to which each hop appends itself.
    pub(in crate::attribution) is_list: bool,
    /// What a cache says about its answer.
    pub(in crate::attribution) is_answer: bool,
    /// Seconds since the origin gave the response.
    pub(in crate::attribution) is_age: bool,
    /// When the origin gave it.
    pub(in crate::attribution) is_date: bool,
}

/// The header names of one capture.
#[derive(Clone, Debug, Default)]
pub(in crate::attribution) struct HeaderNames {
    /// By the number of the name.
    kinds: Vec<Kind>,
    /// True when the capture says something about connections.
    pub(in crate::attribution) has_facts: bool,
    /// True when the capture is the log of an edge.
    pub(in crate::attribution) has_logged_edge: bool,
    /// True when requests say what led to them.
    pub(in crate::attribution) has_referers: bool,
}

impl HeaderNames {
    pub(in crate::attribution) fn of(capture: &Capture) -> Self {
        let names = capture.names();
        let has = |name: &str| names.find(name).is_some();
        Self {
            kinds: names.iter().map(|(_, name)| Kind::of(name)).collect(),
            has_facts: has("cname") || has("certificate-subject") || has("certificate-issuer"),
            has_logged_edge: has("log-written-by"),
            has_referers: has("referer"),
        }
    }

    /// What `header` is good for; nothing, when it was not sent with a response.
    pub(in crate::attribution) fn kind(&self, header: Header<'_>) -> Kind {
        let kind = self.kinds.get(header.id.0 as usize).copied();
        kind.filter(|_| header.side == Side::Response)
            .unwrap_or_default()
    }
}

impl Kind {
    fn of(name: &str) -> Self {
        let rules = catalogue().header_rules(name);
        let unique = rules.iter().find(|rule| rule.is_unique);
        Self {
            rules,
            unique: unique.map(|rule| rule.family),
            is_varied: unique.is_some() || matches!(name, "etag" | "last-modified" | "x-timer"),
            is_list: matches!(
                name,
                "via" | "x-cache" | "x-cache-lookup" | "cache-status" | "x-bluecoat-via"
            ),
            is_answer: cache_sign::HEADERS.contains(&name),
            is_age: name == "age",
            is_date: name == "date",
        }
    }
}
