//! The card of a rule: what it asks for, where that comes from, and when it holds.

use crate::attribution::own_rule;
use crate::base::time::Time;
use crate::providers::{RuleCard, catalogue};

/// A rule, put into words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleText {
    /// `akamai/asn-20940`.
    pub id: String,
    /// What it asks for.
    pub condition: String,
    /// Where it comes from and its date.
    pub source: String,
    /// `From 2016-04-19`; empty when it always holds.
    pub validity: String,
    /// The pack that states it, or the program itself.
    pub stated_by: String,
}

impl RuleText {
    /// The rule called `id`; only its name when nothing else is known.
    pub(super) fn of(id: &str) -> Self {
        let mut text = Self {
            id: id.to_owned(),
            ..Self::default()
        };
        if let Some(card) = catalogue().rule(id) {
            text.condition.clone_from(&card.condition);
            card.source.clone_into(&mut text.source);
            text.validity = validity(&card);
            text.stated_by = format!("Provider pack {}", card.pack);
        } else if let Some(rule) = own_rule(id) {
            rule.about.clone_into(&mut text.condition);
            rule.source.clone_into(&mut text.source);
            "Headwater itself".clone_into(&mut text.stated_by);
        }
        text
    }
}

fn validity(card: &RuleCard<'_>) -> String {
    let day = |time: Time| time.to_iso().get(..10).unwrap_or_default().to_owned();
    match (card.valid_from.map(day), card.valid_to.map(day)) {
        (None, None) => String::new(),
        (Some(from), None) => format!("From {from}"),
        (None, Some(to)) => format!("Until {to}"),
        (Some(from), Some(to)) => format!("From {from} until {to}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_of_packs_and_of_the_program_have_cards() {
        let pack = RuleText::of("aws/host-cloudfront.net");
        assert!(pack.condition.contains("cloudfront.net"), "{pack:?}");
        assert!(pack.stated_by.contains("aws.toml"), "{pack:?}");
        let own = RuleText::of("behaviour/age-grows");
        assert!(own.condition.contains("Age"), "{own:?}");
        assert_eq!(own.stated_by, "Headwater itself");
        assert_eq!(RuleText::of("no/such-rule").condition, "");
    }
}
