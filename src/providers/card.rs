//! Rules for reading: what each one asks for, in words, so that evidence can be traced to the rule that read it.

use std::collections::HashMap;
use std::sync::Arc;

use super::block::Block;
use super::rule::{Family, HeaderRule, Place, Rule, Strength, ValueTest};
use super::service::ServiceId;
use crate::base::text::counted;
use crate::base::time::Time;

/// One rule of the catalogue, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleCard<'a> {
    /// `akamai/asn-20940`; no other rule is called so.
    pub id: &'a str,
    /// Which family of evidence it gives.
    pub family: Family,
    /// Which service it recognises.
    pub service: ServiceId,
    /// As what.
    pub place: Place,
    /// How much it weighs.
    pub strength: Strength,
    /// What it asks for: `host is cloudfront.net or ends in .cloudfront.net`.
    pub condition: String,
    /// Where it comes from and its date.
    pub source: &'a str,
    /// Does not apply to flows before this time.
    pub valid_from: Option<Time>,
    /// Does not apply to flows after this time.
    pub valid_to: Option<Time>,
    /// Name of the file that holds it: `akamai.toml`.
    pub pack: &'a str,
}

/// All rules in pack order, found by their ids.
#[derive(Debug, Default)]
pub(super) struct CardIndex {
    cards: Vec<StoredCard>,
    by_id: HashMap<String, usize>,
}

#[derive(Debug)]
struct StoredCard {
    rule: Rule,
    family: Family,
    condition: String,
    pack: Arc<str>,
}

impl CardIndex {
    /// Refuses an id that another rule has.
    pub(super) fn check_new(&self, id: &str) -> Result<(), String> {
        if self.by_id.contains_key(id) {
            return Err(format!("two rules are called {id}"));
        }
        Ok(())
    }

    /// Keeps a rule for reading, once it works.
    pub(super) fn add(&mut self, rule: &Rule, family: Family, condition: String, pack: &Arc<str>) {
        self.by_id.insert(rule.id.clone(), self.cards.len());
        self.cards.push(StoredCard {
            rule: rule.clone(),
            family,
            condition,
            pack: Arc::clone(pack),
        });
    }

    pub(super) fn all(&self) -> impl Iterator<Item = RuleCard<'_>> {
        self.cards.iter().map(StoredCard::card)
    }

    pub(super) fn find(&self, id: &str) -> Option<RuleCard<'_>> {
        Some(self.cards.get(*self.by_id.get(id)?)?.card())
    }
}

impl StoredCard {
    fn card(&self) -> RuleCard<'_> {
        RuleCard {
            id: &self.rule.id,
            family: self.family,
            service: self.rule.service,
            place: self.rule.place,
            strength: self.rule.strength,
            condition: self.condition.clone(),
            source: &self.rule.source,
            valid_from: self.rule.valid_from,
            valid_to: self.rule.valid_to,
            pack: &self.pack,
        }
    }
}

/// What a host rule asks for, in words.
pub(super) fn host_condition(pattern: &str) -> String {
    format!("host is {pattern} or ends in .{pattern}")
}

/// What a rule about the header `name` asks for, in words.
pub(super) fn header_condition(name: &str, rule: &HeaderRule) -> String {
    let mut condition = match &rule.value {
        ValueTest::Any => format!("header {name} is present"),
        ValueTest::Exact(wanted) => format!("header {name} is {wanted}"),
        ValueTest::Prefix(wanted) => format!("header {name} begins with {wanted}"),
        ValueTest::Contains(wanted) => format!("header {name} contains {wanted}"),
        ValueTest::Matches(regex) => format!("header {name} matches {regex}"),
    };
    if !rule.needs.is_empty() {
        condition.push_str(" beside ");
        condition.push_str(&rule.needs.join(" and "));
    }
    if !rule.unless.is_empty() {
        condition.push_str(" without ");
        condition.push_str(&rule.unless.join(" or "));
    }
    condition
}

/// What a rule about `blocks` asks for, in words.
pub(super) fn block_condition(blocks: &[Block]) -> String {
    match blocks {
        [] => "address in no range".to_owned(),
        [only] => format!("address in {only}"),
        [first, others @ ..] => {
            let others = counted(others.len() as u64, "other range");
            format!("address in {first} or {others}")
        }
    }
}

/// What an address rule asks for, in words.
pub(super) fn address_condition(tag: &str, n_ranges: usize) -> String {
    format!("address in {tag}, {}", counted(n_ranges as u64, "range"))
}
