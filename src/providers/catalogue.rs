//! The catalogue as the rest of the program asks it: providers, services and the rules that recognise them.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::OnceLock;

use super::block::Block;
use super::card::{CardIndex, RuleCard};
use super::flatten::rank;
use super::folder::{UserFiles, folder};
use super::headers::HeaderMap;
use super::names::{HostMap, HostMatch};
use super::networks::network_inputs;
use super::ranges::{RangeInput, Ranges};
use super::rule::{HeaderRule, Rule};
use super::sample::Sample;
use super::service::{Provider, ProviderId, Service, ServiceId, ServiceKind};
use super::stated::StatedBlocks;
use crate::base::time::Time;

/// All providers and services, with the rules that recognise them.
#[derive(Debug, Default)]
pub struct Catalogue {
    pub(super) providers: Vec<Provider>,
    /// For each provider, the one that stands for all that run the same machines.
    pub(super) networks: Vec<ProviderId>,
    /// For each provider, the one whose machines it rents.
    pub(super) landlords: Vec<Option<ProviderId>>,
    /// For each provider, the services whose content is its own.
    pub(super) webs: Vec<Option<ServiceId>>,
    pub(super) services: Vec<Service>,
    pub(super) paths: HashMap<String, ServiceId>,
    pub(super) hosts: HostMap,
    pub(super) headers: HeaderMap,
    /// The rule that packs have for each tag of address tables.
    pub(super) by_tag: HashMap<String, Rule>,
    pub(super) stated: StatedBlocks,
    /// Blocks with the provider that held them from a day on.
    pub(super) held: Vec<(Block, ProviderId, Time)>,
    pub(super) bundled: AddressTable,
    /// The day of the newest data in it.
    pub(super) ranges_date: Option<Time>,
    pub(super) imported: Vec<AddressTable>,
    pub(super) cards: CardIndex,
    pub(super) samples: Vec<Sample>,
}

/// An address rule that applies to an address.
#[derive(Clone, Copy, Debug)]
pub struct AddressMatch<'a> {
    /// The rule; its strength is that of current data.
    pub rule: &'a Rule,
    /// Region as the provider calls it.
    pub region: Option<&'a str>,
    /// Day of the data; `None` for a block that a pack states with its time.
    pub date: Option<Time>,
}

impl AddressMatch<'_> {
    /// The first of `known` that holds at `time`; without a time the first that holds today, or else the first.
    pub fn at(known: &[Self], time: Option<Time>) -> Option<&Self> {
        if time.is_some() {
            return known.iter().find(|found| found.rule.is_valid_at(time));
        }
        let mut holding = known.iter().filter(|found| found.rule.valid_to.is_none());
        holding.next().or_else(|| known.first())
    }
}

/// A table of address ranges with the rule for each of its tags.
#[derive(Debug, Default)]
pub(super) struct AddressTable {
    pub(super) ranges: Ranges,
    pub(super) rules: Vec<Option<Rule>>,
    /// The day of the data behind each tag.
    pub(super) dates: Vec<Option<Time>>,
}

/// The catalogue: what is embedded, and what the user's folder holds if [`use_folder`](super::use_folder) named one before.
pub fn catalogue() -> &'static Catalogue {
    &loaded().0
}

/// What is wrong with the packs and tables, one line each.
pub fn problems() -> &'static [String] {
    &loaded().1
}

fn loaded() -> &'static (Catalogue, Vec<String>) {
    static LOADED: OnceLock<(Catalogue, Vec<String>)> = OnceLock::new();
    LOADED.get_or_init(|| {
        let files = folder().map(UserFiles::read).unwrap_or_default();
        let (catalogue, problems) = Catalogue::load_with(files);
        for problem in &problems {
            log::error!("{problem}");
        }
        (catalogue, problems)
    })
}

impl Catalogue {
    /// All providers, in order of their ids.
    pub fn providers(&self) -> &[Provider] {
        &self.providers
    }

    /// All services, grouped by provider.
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// The provider `id`.
    pub fn provider(&self, id: ProviderId) -> &Provider {
        &self.providers[id.0 as usize]
    }

    /// The service `id`.
    pub fn service(&self, id: ServiceId) -> &Service {
        &self.services[id.0 as usize]
    }

    /// Whose product `id` is.
    pub fn provider_of(&self, id: ServiceId) -> ProviderId {
        self.service(id).provider
    }

    /// Whose machines `id` runs on: the same for providers that share them.
    pub fn network_of(&self, id: ServiceId) -> ProviderId {
        self.networks[self.provider_of(id).0 as usize]
    }

    /// True when machines of `network` may be those of `id`: its own, or rented ones.
    pub fn may_stand_in(&self, id: ServiceId, network: ProviderId) -> bool {
        let landlord = self.landlords[self.provider_of(id).0 as usize];
        self.network_of(id) == network || landlord == Some(network)
    }

    /// The services of `provider` whose content is its own.
    pub fn web_of(&self, provider: ProviderId) -> Option<ServiceId> {
        self.webs[provider.0 as usize]
    }

    /// True when `id` is software that anybody runs, which names no company.
    pub fn is_software(&self, id: ServiceId) -> bool {
        self.provider(self.provider_of(id)).is_software
    }

    /// True when `id` holds objects.
    pub fn is_store(&self, id: ServiceId) -> bool {
        self.service(id).kind == ServiceKind::Storage
    }

    /// The service written `provider/service`, such as `aws/s3`.
    pub fn find(&self, path: &str) -> Option<ServiceId> {
        self.paths.get(path).copied()
    }

    /// `aws/s3`: the inverse of [`Catalogue::find`].
    pub fn path(&self, id: ServiceId) -> String {
        let service = self.service(id);
        format!("{}/{}", self.provider(service.provider).id, service.id)
    }

    /// True for headers that attribution reads; `name` in any case.
    pub fn is_evidence_header(&self, name: &str) -> bool {
        self.headers.reads(name)
    }

    /// The rules about the response header `name` in lower case.
    pub fn header_rules(&self, name: &str) -> &[HeaderRule] {
        self.headers.rules(name)
    }

    /// The rules of the most specific suffix of `host` in lower case.
    pub fn host_rules<'a>(&'a self, host: &'a str) -> Vec<HostMatch<'a>> {
        self.hosts.find(host)
    }

    /// What is known about the range that `address` lies in, at any time: an imported range comes before one that a pack
    /// states, and that before an embedded one.
    pub fn address_rules(&self, address: IpAddr) -> impl Iterator<Item = AddressMatch<'_>> {
        let imported = self.imported.iter();
        let imported = imported
            .filter_map(|table| table.find(address))
            .max_by_key(|(tag, found)| (rank(tag), found.date));
        let stated = self.stated.find(address).map(|rule| AddressMatch {
            rule,
            region: None,
            date: None,
        });
        let embedded = self.bundled.find(address);
        let known = imported.into_iter().map(|(_, found)| found);
        known.chain(stated).chain(embedded.map(|(_, found)| found))
    }

    /// The rule for the range that `address` lay in at `time`; without a time, what holds today, or else what held last.
    pub fn address_rule(&self, address: IpAddr, time: Option<Time>) -> Option<AddressMatch<'_>> {
        let known: Vec<_> = self.address_rules(address).collect();
        AddressMatch::at(&known, time).copied()
    }

    /// True when a pack states that `provider` held `address` at `time` already.
    pub fn held(&self, address: IpAddr, provider: ProviderId, time: Time) -> bool {
        let address = Block::of(address);
        self.held.iter().any(|(block, holder, since)| {
            *holder == provider && *since <= time && block.contains(&address)
        })
    }

    /// The day of the newest data in the embedded table.
    pub const fn ranges_date(&self) -> Option<Time> {
        self.ranges_date
    }

    /// Every rule, pack by pack in the order of their file names.
    pub fn rules(&self) -> impl Iterator<Item = RuleCard<'_>> {
        self.cards.all()
    }

    /// The rule called `id`, such as `akamai/asn-20940`.
    pub fn rule(&self, id: &str) -> Option<RuleCard<'_>> {
        self.cards.find(id)
    }

    /// Observations that try the rules, pack by pack.
    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// The embedded address table, for those who say where it comes from.
    pub fn ranges(&self) -> &Ranges {
        &self.bundled.ranges
    }

    /// What all address data comes from, each once: tables of the user, the embedded one, and the networks behind addresses.
    pub fn address_inputs(&self) -> impl Iterator<Item = &RangeInput> {
        let own = self.ranges().inputs();
        let networks = network_inputs().iter();
        let imported = self.imported_ranges().flat_map(Ranges::inputs);
        imported
            .chain(own)
            .chain(networks.filter(move |input| !own.contains(input)))
    }

    /// The address tables that the user imported.
    pub fn imported_ranges(&self) -> impl Iterator<Item = &Ranges> {
        self.imported.iter().map(|table| &table.ranges)
    }

    /// Number of address ranges of `service` and the day of the newest of them.
    pub fn ranges_of(&self, service: ServiceId) -> (usize, Option<&str>) {
        let mut n_ranges = 0;
        let mut newest = None;
        for table in self.imported.iter().chain([&self.bundled]) {
            for (at, (rule, tag)) in table.rules.iter().zip(table.ranges.tags()).enumerate() {
                let is_own = |rule: &Rule| rule.service == service;
                if rule.as_ref().is_some_and(is_own) {
                    let input = table.ranges.input_of(tag);
                    n_ranges += table.ranges.count(at);
                    newest = newest.max(input.map(|input| input.date.as_str()));
                }
            }
        }
        n_ranges += self
            .stated
            .blocks_of(|rule| rule.service == service)
            .count();
        (n_ranges, newest)
    }

    /// The service that ranges with `tag` belong to.
    pub(super) fn service_of_tag(&self, tag: &str) -> Option<ServiceId> {
        let rule = self.by_tag.get(tag).map(|rule| rule.service);
        rule.or_else(|| self.find(tag))
    }

    /// All blocks that carry `tag`: those of the tables that the user imported, else the embedded ones.
    pub(super) fn blocks_with_tag(&self, tag: &str) -> Vec<Block> {
        let blocks_of = |ranges: &Ranges| -> Vec<Block> {
            let at = ranges.tags().iter().position(|known| known == tag);
            at.map_or_else(Vec::new, |at| ranges.blocks(at).collect())
        };
        let imported: Vec<Block> = self.imported_ranges().flat_map(blocks_of).collect();
        if imported.is_empty() {
            return blocks_of(self.ranges());
        }
        imported
    }
}

impl AddressTable {
    /// The rule for the range that `address` lies in, with the tag of the range.
    fn find(&self, address: IpAddr) -> Option<(&str, AddressMatch<'_>)> {
        let hit = self.ranges.find(address)?;
        let rule = self.rules.get(hit.tag)?.as_ref()?;
        let tag = self.ranges.tags().get(hit.tag)?;
        let found = AddressMatch {
            rule,
            region: hit.region,
            date: self.dates.get(hit.tag).copied().flatten(),
        };
        Some((tag, found))
    }
}
