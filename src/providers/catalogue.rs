//! The catalogue as the rest of the program asks it: providers, services and the rules that recognise them.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::OnceLock;

use super::card::{CardIndex, RuleCard};
use super::headers::HeaderMap;
use super::names::{HostMap, HostMatch};
use super::ranges::Ranges;
use super::rule::{HeaderRule, Rule};
use super::sample::Sample;
use super::service::{Provider, ProviderId, Service, ServiceId};

/// All providers and services, with the rules that recognise them.
#[derive(Debug, Default)]
pub struct Catalogue {
    pub(super) providers: Vec<Provider>,
    pub(super) services: Vec<Service>,
    pub(super) paths: HashMap<String, ServiceId>,
    pub(super) hosts: HostMap,
    pub(super) headers: HeaderMap,
    pub(super) ranges: Ranges,
    /// The rule for each tag of the ranges.
    pub(super) by_tag: Vec<Option<Rule>>,
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
    /// Day of the data, `YYYY-MM-DD`.
    pub date: &'a str,
}

/// The embedded catalogue.
pub fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(|| {
        let (catalogue, problems) = Catalogue::load();
        for problem in problems {
            log::error!("{problem}");
        }
        catalogue
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

    /// The rule for the range that `address` lies in.
    pub fn address_rule(&self, address: IpAddr) -> Option<AddressMatch<'_>> {
        let hit = self.ranges.find(address)?;
        let rule = self.by_tag.get(hit.tag)?.as_ref()?;
        let is_network = self.ranges.tags().get(hit.tag)?.starts_with("as-");
        let input = self.ranges.inputs().get(usize::from(is_network))?;
        Some(AddressMatch {
            rule,
            region: hit.region,
            date: &input.date,
        })
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

    /// The address table, for those who say where it comes from.
    pub fn ranges(&self) -> &Ranges {
        &self.ranges
    }
}
