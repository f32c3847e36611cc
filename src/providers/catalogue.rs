//! Providers and their services as the embedded packs define them.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::OnceLock;

use include_dir::{Dir, include_dir};

use super::headers::HeaderMap;
use super::names::{HostMap, HostMatch};
use super::pack::{Pack, PackAddress, PackHeader, PackHost, day};
use super::ranges::Ranges;
use super::rule::{HeaderRule, HostRule, Rule, Strength};

/// Index of a provider in the [`Catalogue`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderId(pub u16);

/// Index of a service in the [`Catalogue`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceId(pub u16);

/// What kind of product a service is; decides which role it can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceKind {
    /// Caches copies of somebody else's content.
    Cdn,
    /// Holds objects.
    Storage,
    /// Runs programs: virtual machines, functions, load balancers, gateways.
    Compute,
    /// A company's own front end.
    FrontEnd,
    /// Edge and compute in one.
    Platform,
}

/// Who runs the machine.
#[derive(Clone, Debug)]
pub struct Provider {
    /// `aws`, `azure`, `akamai` …
    pub id: String,
    /// `AWS`, `Azure`, `Akamai` …
    pub name: String,
    /// Its colour in charts and rows: red, green, blue.
    pub colour: [u8; 3],
}

/// Which product of a provider.
#[derive(Clone, Debug)]
pub struct Service {
    /// Whose product.
    pub provider: ProviderId,
    /// `s3`, `cloudfront`, `cdn` …
    pub id: String,
    /// `Amazon S3`, `Amazon CloudFront`, `Akamai CDN` …
    pub name: String,
    /// What kind of product.
    pub kind: ServiceKind,
    /// What one has to know to read a verdict that names it; usually empty.
    pub remark: String,
    /// True when its published ranges hold all its addresses: an address elsewhere speaks against it.
    pub lists_addresses: bool,
    /// True when it marks every response: one without its headers speaks against it.
    pub signs_responses: bool,
}

/// All providers and services, with the rules that recognise them.
#[derive(Debug, Default)]
pub struct Catalogue {
    providers: Vec<Provider>,
    services: Vec<Service>,
    paths: HashMap<String, ServiceId>,
    hosts: HostMap,
    headers: HeaderMap,
    ranges: Ranges,
    /// The rule for each tag of the ranges.
    by_tag: Vec<Option<Rule>>,
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

static PACKS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/assets/providers");

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
    /// Reads the embedded packs and ranges. What is wrong with a pack costs that pack or rule only.
    pub fn load() -> (Self, Vec<String>) {
        let mut catalogue = Self::default();
        let mut problems = Vec::new();
        match PACKS
            .get_file("ranges.bin")
            .map(|file| Ranges::decode(file.contents()))
        {
            Some(Ok(ranges)) => catalogue.ranges = ranges,
            Some(Err(problem)) => problems.push(problem),
            None => problems.push("ranges.bin is missing".to_owned()),
        }
        catalogue.by_tag = vec![None; catalogue.ranges.tags().len()];
        let mut files: Vec<_> = PACKS
            .files()
            .filter(|file| file.path().extension().is_some_and(|ext| ext == "toml"))
            .collect();
        files.sort_by_key(|file| file.path());
        for file in files {
            let path = file.path().display();
            let pack = file
                .contents_utf8()
                .ok_or_else(|| "not UTF-8".to_owned())
                .and_then(Pack::parse);
            match pack {
                Ok(pack) => catalogue.add_pack(&pack, &mut |problem| {
                    problems.push(format!("{problem} in {path}"));
                }),
                Err(problem) => problems.push(format!("{problem} in {path}")),
            }
        }
        (catalogue, problems)
    }

    fn add_pack(&mut self, pack: &Pack, problem: &mut dyn FnMut(String)) {
        let colour = match pack.rgb() {
            Ok(colour) => colour,
            Err(message) => return problem(message),
        };
        let provider = ProviderId(self.providers.len() as u16);
        self.providers.push(Provider {
            id: pack.id.clone(),
            name: pack.name.clone(),
            colour,
        });
        for service in &pack.services {
            let id = ServiceId(self.services.len() as u16);
            self.services.push(Service {
                provider,
                id: service.id.clone(),
                name: service.name.clone(),
                kind: service.kind,
                remark: service.remark.clone(),
                lists_addresses: service.lists_addresses,
                signs_responses: service.signs_responses,
            });
            self.paths.insert(format!("{}/{}", pack.id, service.id), id);
        }
        let mut note = |result: Result<(), String>| result.unwrap_or_else(&mut *problem);
        for host in &pack.hosts {
            note(self.add_host(&pack.id, host));
        }
        for header in &pack.headers {
            note(self.add_header(&pack.id, header));
        }
        for address in &pack.addresses {
            note(self.add_address(&pack.id, address));
        }
    }

    fn add_host(&mut self, provider: &str, host: &PackHost) -> Result<(), String> {
        for pattern in &host.hosts {
            let rule = Rule {
                id: format!("{provider}/host-{pattern}"),
                service: self.known(provider, &host.service)?,
                place: host.claim,
                strength: host.strength,
                source: host.source.clone(),
                valid_from: day(&host.valid_from)?,
                valid_to: day(&host.valid_to)?,
            };
            let is_first_party = host.first_party;
            self.hosts.add(
                pattern,
                HostRule {
                    rule,
                    is_first_party,
                },
            )?;
        }
        Ok(())
    }

    fn add_header(&mut self, provider: &str, header: &PackHeader) -> Result<(), String> {
        let rule = Rule {
            id: format!("{provider}/header-{}", header.header),
            service: self.known(provider, &header.service)?,
            place: header.claim,
            strength: header.strength,
            source: header.source.clone(),
            valid_from: day(&header.valid_from)?,
            valid_to: day(&header.valid_to)?,
        };
        if rule.strength == Strength::Conclusive {
            return Err(format!(
                "anybody can send the header {}: at most strong",
                header.header
            ));
        }
        let rule = HeaderRule {
            rule,
            family: header.family,
            value: header.value_test()?,
            needs: header.needs.clone(),
        };
        self.headers.add(&header.header, rule)
    }

    fn add_address(&mut self, provider: &str, address: &PackAddress) -> Result<(), String> {
        for tag in &address.tags {
            let at = self
                .ranges
                .tags()
                .iter()
                .position(|known| known == tag)
                .ok_or_else(|| format!("ranges.bin has no {tag}: run build_ranges.py"))?;
            let network = tag.strip_prefix("as-");
            let input = self.ranges.inputs().get(usize::from(network.is_some()));
            let input = input.ok_or("ranges.bin does not name its inputs")?;
            let rule = Rule {
                id: network.map_or_else(
                    || format!("{provider}/range-{tag}"),
                    |number| format!("{provider}/asn-{number}"),
                ),
                service: self.known(provider, &address.service)?,
                place: address.claim,
                strength: address.strength,
                source: format!("{} {}, {}", input.package, input.version, input.date),
                valid_from: None,
                valid_to: None,
            };
            if self.by_tag[at].replace(rule).is_some() {
                return Err(format!("two rules for {tag}"));
            }
        }
        Ok(())
    }

    fn known(&self, provider: &str, service: &str) -> Result<ServiceId, String> {
        self.find(&format!("{provider}/{service}"))
            .ok_or_else(|| format!("no service {service}"))
    }

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

    /// The address table, for those who say where it comes from.
    pub fn ranges(&self) -> &Ranges {
        &self.ranges
    }
}
