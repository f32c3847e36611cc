//! The samples of every pack: what must be recognised is, what must not is not, and no service or header rule goes untried.

use std::collections::BTreeSet;

use headwater::providers::{Catalogue, Family, Seen, Strength, catalogue};

#[test]
fn every_sample_leads_to_exactly_its_claims() {
    let (catalogue, _) = Catalogue::load();
    let failures: Vec<String> = catalogue
        .samples()
        .iter()
        .filter_map(|sample| {
            let problem = sample.check(&catalogue).err()?;
            Some(format!("{}: {problem}", sample.pack))
        })
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_pack_says_what_it_recognises_and_what_it_does_not() {
    let packs: BTreeSet<&str> = catalogue().rules().map(|card| card.pack).collect();
    // The servers of a network that nobody lists are told by what is not known of them: no rule of a pack finds them.
    let providers = catalogue().providers().iter();
    let ruled = providers.filter(|provider| provider.id != "own-network");
    assert_eq!(packs.len(), ruled.count());
    for pack in packs {
        let of_pack = || {
            let samples = catalogue().samples().iter();
            samples.filter(move |sample| &*sample.pack == pack)
        };
        assert!(of_pack().any(|sample| !sample.claims.is_empty()), "{pack}");
        assert!(of_pack().any(|sample| sample.claims.is_empty()), "{pack}");
    }
}

#[test]
fn every_service_and_every_header_rule_is_tried() {
    let tried: Vec<_> = catalogue()
        .samples()
        .iter()
        .flat_map(|sample| catalogue().rules_for(&sample.seen))
        .collect();
    let ids: BTreeSet<&str> = tried.iter().map(|rule| rule.id.as_str()).collect();
    let services: BTreeSet<_> = tried.iter().map(|rule| rule.service).collect();
    let untried: BTreeSet<String> = catalogue()
        .rules()
        .filter(|card| {
            let is_header = matches!(card.family, Family::HeaderChain | Family::StorageId);
            !services.contains(&card.service) || is_header && !ids.contains(card.id)
        })
        .map(|card| card.id.to_owned())
        .collect();
    assert!(untried.is_empty(), "no sample tries {untried:#?}");
}

#[test]
fn every_host_rule_matches_its_name_and_no_look_alike() {
    let mut n = 0;
    for card in catalogue().rules() {
        let Some(words) = card.condition.strip_prefix("host is ") else {
            continue;
        };
        let pattern = words.split(' ').next().expect("a pattern");
        let host = pattern
            .replace("{region}", "eu-test-1")
            .replace("{any}", "one");
        let fires = |host: &str| {
            let seen = Seen::Host(host.to_owned());
            let found = catalogue().rules_for(&seen);
            found.iter().any(|rule| rule.id == card.id)
        };
        assert!(fires(&host), "{} misses {host}", card.id);
        let glued = format!("not{host}");
        let is_free_at_the_start = pattern.starts_with('{');
        assert!(
            is_free_at_the_start || !fires(&glued),
            "{}: {glued}",
            card.id
        );
        let below = format!("{host}.evil.example");
        assert!(!fires(&below), "{}: {below}", card.id);
        n += 1;
    }
    assert!(200 < n, "{n} host rules");
}

#[test]
fn every_rule_names_a_dated_source_and_only_names_are_conclusive() {
    let date = regex::Regex::new(r", 20\d\d-\d\d(-\d\d)?$").expect("a pattern");
    for card in catalogue().rules() {
        assert!(date.is_match(card.source), "{}: {}", card.id, card.source);
        let is_conclusive = card.strength == Strength::Conclusive;
        assert!(!is_conclusive || card.family == Family::Name, "{}", card.id);
        let is_unverified = card.source.contains("unverified");
        let is_hint = card.strength == Strength::Suggestive;
        assert!(!is_unverified || is_hint, "{} is not verified", card.id);
        if let (Some(from), Some(to)) = (card.valid_from, card.valid_to) {
            assert!(from < to, "{}", card.id);
        }
    }
}
