//! Builds the catalogue from packs and ranges: what is wrong with a pack costs that pack or rule only.

use std::sync::Arc;

use include_dir::{Dir, include_dir};

use super::card::{address_condition, header_condition, host_condition};
use super::catalogue::Catalogue;
use super::pack::{Pack, PackAddress, PackHeader, PackHost, day};
use super::ranges::Ranges;
use super::rule::{Family, HeaderRule, HostRule, Rule, Strength};
use super::sample::Sample;
use super::service::{Provider, ProviderId, Service, ServiceId};

static PACKS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/assets/providers");

impl Catalogue {
    /// Reads the embedded packs and ranges; the messages say what was wrong with them.
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
            let path = file.path().display().to_string();
            let pack = file
                .contents_utf8()
                .ok_or_else(|| "not UTF-8".to_owned())
                .and_then(Pack::parse);
            match pack {
                Ok(pack) => catalogue.add_pack(&pack, &path, &mut problems),
                Err(problem) => problems.push(format!("{problem} in {path}")),
            }
        }
        (catalogue, problems)
    }

    fn add_pack(&mut self, pack: &Pack, file: &str, problems: &mut Vec<String>) {
        let colour = match pack.rgb() {
            Ok(colour) => colour,
            Err(problem) => return problems.push(format!("{problem} in {file}")),
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
        let file: Arc<str> = Arc::from(file);
        let mut note = |result: Result<(), String>| {
            if let Err(problem) = result {
                problems.push(format!("{problem} in {file}"));
            }
        };
        for host in &pack.hosts {
            for pattern in &host.hosts {
                note(self.add_host(pack, host, pattern, &file));
            }
        }
        for header in &pack.headers {
            note(self.add_header(pack, header, &file));
        }
        for address in &pack.addresses {
            for tag in &address.tags {
                note(self.add_address(pack, address, tag, &file));
            }
        }
        for sample in &pack.samples {
            note(Sample::read(sample, &file).map(|sample| self.samples.push(sample)));
        }
    }

    fn add_host(
        &mut self,
        pack: &Pack,
        host: &PackHost,
        pattern: &str,
        file: &Arc<str>,
    ) -> Result<(), String> {
        let rule = Rule {
            id: pack.host_rule_id(pattern, &host.service),
            service: self.known(&pack.id, &host.service)?,
            place: host.claim,
            strength: host.strength,
            source: host.source.clone(),
            valid_from: day(&host.valid_from)?,
            valid_to: day(&host.valid_to)?,
        };
        self.cards
            .add(&rule, Family::Name, host_condition(pattern), file)?;
        let is_first_party = host.first_party;
        self.hosts.add(
            pattern,
            HostRule {
                rule,
                is_first_party,
            },
        )
    }

    fn add_header(
        &mut self,
        pack: &Pack,
        header: &PackHeader,
        file: &Arc<str>,
    ) -> Result<(), String> {
        let name = &header.header;
        let rule = Rule {
            id: pack.header_rule_id(name, &header.service),
            service: self.known(&pack.id, &header.service)?,
            place: header.claim,
            strength: header.strength,
            source: header.source.clone(),
            valid_from: day(&header.valid_from)?,
            valid_to: day(&header.valid_to)?,
        };
        if rule.strength == Strength::Conclusive {
            return Err(format!(
                "anybody can send the header {name}: at most strong"
            ));
        }
        let rule = HeaderRule {
            rule,
            family: header.family,
            value: header.value_test()?,
            needs: header.needs.clone(),
            is_unique: header.unique,
        };
        let condition = header_condition(name, &rule);
        self.cards.add(&rule.rule, rule.family, condition, file)?;
        self.headers.add(name, rule)
    }

    fn add_address(
        &mut self,
        pack: &Pack,
        address: &PackAddress,
        tag: &str,
        file: &Arc<str>,
    ) -> Result<(), String> {
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
                || format!("{}/range-{tag}", pack.id),
                |number| format!("{}/asn-{number}", pack.id),
            ),
            service: self.known(&pack.id, &address.service)?,
            place: address.claim,
            strength: address.strength,
            source: format!("{} {}, {}", input.package, input.version, input.date),
            valid_from: None,
            valid_to: None,
        };
        let condition = address_condition(tag, self.ranges.count(at));
        self.cards.add(&rule, Family::Address, condition, file)?;
        if self.by_tag[at].replace(rule).is_some() {
            return Err(format!("two rules for {tag}"));
        }
        Ok(())
    }

    fn known(&self, provider: &str, service: &str) -> Result<ServiceId, String> {
        self.find(&format!("{provider}/{service}"))
            .ok_or_else(|| format!("no service {service}"))
    }
}
