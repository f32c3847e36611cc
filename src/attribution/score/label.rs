//! What a label says the edge is: WebPageTest's names, read as provider ids.

use crate::providers::catalogue;

/// What is known, independently of attribution, about the edge of a flow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// Nothing: an empty label does not mean that there is no edge.
    Unlabelled,
    /// There is no edge. Only a person who looked says so.
    NoEdge,
    /// One of these providers, by id. A label of several names does not say which of them stands in front.
    Edge(Vec<String>),
}

impl Truth {
    /// True when `answer`, the provider id of the edge that was named, agrees.
    pub fn agrees(&self, answer: &str) -> bool {
        matches!(self, Self::Edge(ids) if ids.iter().any(|id| id == answer))
    }

    /// The truth of a label; `None` when its words name no provider, so that nothing can be compared with it.
    pub(super) fn of_label(label: &str) -> Option<Self> {
        if label.trim().is_empty() {
            return Some(Self::Unlabelled);
        }
        let names = label.split(',').map(str::trim);
        let ids: Vec<String> = names.filter_map(provider_id).collect();
        (!ids.is_empty()).then_some(Self::Edge(ids))
    }

    /// The truth of a correction: provider ids or names, `provider/service`, or `none`.
    pub(super) fn of_correction(answer: &str) -> Option<Self> {
        match answer {
            "" => None,
            "none" | "-" => Some(Self::NoEdge),
            _ => Self::of_label(answer.split('/').next().unwrap_or(answer)),
        }
    }
}

impl std::fmt::Display for Truth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unlabelled => f.write_str("-"),
            Self::NoEdge => f.write_str("none"),
            Self::Edge(ids) => f.write_str(&ids.join(", ")),
        }
    }
}

/// The provider that one name of WebPageTest means; `None` for names of no provider.
fn provider_id(name: &str) -> Option<String> {
    let id = match name {
        // The last three name a switch between CDNs, a project that several CDNs carry, and a company of advertising.
        "" | "CDN" | "Cedexis" | "jsDelivr" | "Reapleaf" => return None,
        "Amazon CloudFront" => "aws",
        "Level 3" => "lumen",
        "Edgecast" => "edgio",
        "Highwinds" | "NetDNA" => "stackpath",
        "Facebook" => "meta",
        "Twitter" => "x",
        "Incapsula" => "imperva",
        "Instart Logic" => "instart",
        "Microsoft Azure" => "azure",
        "OVH CDN" => "ovh",
        "section.io" => "section",
        "WordPress" => "automattic",
        other => {
            let known = catalogue().providers().iter().find(|provider| {
                provider.id.eq_ignore_ascii_case(other) || provider.name.eq_ignore_ascii_case(other)
            });
            return Some(known.map_or_else(|| other.to_lowercase(), |known| known.id.clone()));
        }
    };
    Some(id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_webpagetest_become_provider_ids() {
        let edge =
            |ids: &[&str]| Some(Truth::Edge(ids.iter().map(|id| (*id).to_owned()).collect()));
        for (label, expected) in [
            ("Akamai", edge(&["akamai"])),
            ("Amazon CloudFront", edge(&["aws"])),
            ("Level 3", edge(&["lumen"])),
            ("Twitter", edge(&["x"])),
            ("Nobody We Know", edge(&["nobody we know"])),
            ("Fastly, Cloudflare", edge(&["fastly", "cloudflare"])),
            ("CDN, Akamai", edge(&["akamai"])),
            ("CDN", None),
            ("Reapleaf", None),
            ("Cedexis", None),
            ("jsDelivr", None),
            ("OVH CDN", edge(&["ovh"])),
            ("section.io", edge(&["section"])),
            ("", Some(Truth::Unlabelled)),
        ] {
            assert_eq!(Truth::of_label(label), expected, "{label}");
        }
    }

    #[test]
    fn a_correction_names_a_provider_or_denies_the_edge() {
        let akamai = Some(Truth::Edge(vec!["akamai".to_owned()]));
        assert_eq!(Truth::of_correction("akamai"), akamai);
        assert_eq!(Truth::of_correction("akamai/cdn"), akamai);
        assert_eq!(Truth::of_correction("none"), Some(Truth::NoEdge));
        assert_eq!(Truth::of_correction(""), None);
    }

    #[test]
    fn each_name_of_a_label_agrees_and_nothing_agrees_with_no_label() {
        let both = Truth::of_label("Fastly, Cloudflare").expect("two providers");
        assert!(both.agrees("fastly") && both.agrees("cloudflare"));
        assert!(!both.agrees("akamai") && !both.agrees(""));
        assert!(!Truth::Unlabelled.agrees("") && !Truth::NoEdge.agrees(""));
    }
}
