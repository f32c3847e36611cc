//! Builds the catalogue from packs and address tables: what is wrong with a pack costs that pack or rule only.

use std::collections::HashMap;
use std::sync::Arc;

use include_dir::{Dir, include_dir};
use toml::Spanned;

use super::card::{address_condition, block_condition, header_condition, host_condition};
use super::catalogue::{AddressTable, Catalogue};
use super::flatten::RANKS;
use super::folder::UserFiles;
use super::pack::{Pack, PackAddress, PackFile, PackHeader, PackHeld, PackHost, day};
use super::ranges::{RangeInput, Ranges};
use super::rule::{Family, HeaderRule, HostRule, Place, Rule, Strength};
use super::sample::Sample;
use super::service::{Provider, ProviderId, Service, ServiceId, ServiceKind};

static PACKS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/assets/providers");

/// Most services that a catalogue holds.
const MAX_SERVICES: usize = 10_000;

/// The bytes of a file that is embedded beside the packs.
pub(super) fn embedded(name: &str) -> Result<&'static [u8], String> {
    let file = PACKS.get_file(name);
    file.map(include_dir::File::contents)
        .ok_or_else(|| "missing".to_owned())
}

impl Catalogue {
    /// Reads the embedded packs and ranges; the messages say what was wrong with them.
    pub fn load() -> (Self, Vec<String>) {
        Self::load_with(UserFiles::default())
    }

    /// Reads the embedded packs and ranges, and those of the user, which win.
    pub(super) fn load_with(user: UserFiles) -> (Self, Vec<String>) {
        let mut loader = Loader {
            problems: user.problems,
            ..Loader::default()
        };
        let bundled = embedded("ranges.bin").and_then(Ranges::decode);
        match bundled {
            Ok(ranges) => loader.bundled = ranges,
            Err(problem) => loader.problems.push(format!("ranges.bin: {problem}")),
        }
        loader.imported = user.tables;
        for file in loader.choose_packs(user.packs) {
            loader.add_pack(&file);
        }
        loader.finish()
    }
}

/// A catalogue in the making.
#[derive(Default)]
struct Loader {
    catalogue: Catalogue,
    bundled: Ranges,
    imported: Vec<(String, Ranges)>,
    user_packs: Vec<Arc<str>>,
    networks: Vec<Network>,
    problems: Vec<String>,
}

/// Whose machines a provider uses, by ids; empty for most.
struct Network {
    id: String,
    same_as: String,
    runs_on: String,
}

impl Loader {
    /// All packs in order of their names, with those of the user in the place of embedded ones of the same id.
    fn choose_packs(&mut self, user: Vec<(String, String)>) -> Vec<PackFile> {
        let mut embedded: Vec<_> = PACKS
            .files()
            .filter(|file| file.path().extension().is_some_and(|ext| ext == "toml"))
            .map(|file| {
                let text = String::from_utf8_lossy(file.contents()).into_owned();
                (file.path().display().to_string(), text)
            })
            .collect();
        embedded.sort();
        let mut chosen: Vec<PackFile> = Vec::new();
        let all = embedded.into_iter().map(|file| (file, false));
        for ((name, text), is_user) in all.chain(user.into_iter().map(|file| (file, true))) {
            let file = match Pack::parse(&text) {
                Ok(pack) => PackFile {
                    name: Arc::from(name),
                    text,
                    pack,
                    is_user,
                },
                Err(problem) => {
                    self.problems.push(format!("{name}: {problem}"));
                    continue;
                }
            };
            let same = chosen
                .iter_mut()
                .find(|other| other.pack.id == file.pack.id);
            match same {
                Some(other) if !other.is_user && file.is_user => *other = file,
                Some(other) => self.problems.push(format!(
                    "{}: the id {} belongs to {}",
                    file.name, file.pack.id, other.name
                )),
                None => chosen.push(file),
            }
        }
        chosen
    }

    fn add_pack(&mut self, file: &PackFile) {
        let pack = &file.pack;
        if MAX_SERVICES < self.catalogue.services.len() + pack.services.len() {
            return self.problem(file, None, "too many services");
        }
        let provider = ProviderId(self.catalogue.providers.len() as u16);
        self.catalogue.providers.push(Provider {
            id: pack.id.clone(),
            name: pack.name.clone(),
            colour: pack.colour,
            is_user: file.is_user,
            is_software: pack.software,
        });
        self.networks.push(Network {
            id: pack.id.clone(),
            same_as: pack.same_network_as.clone(),
            runs_on: pack.runs_on.clone(),
        });
        if file.is_user {
            self.user_packs.push(Arc::clone(&file.name));
        }
        self.add_services(file, provider);
        self.link_services(file);
        for host in &pack.hosts {
            for pattern in &host.get_ref().hosts {
                let added = self.add_host(file, host.get_ref(), pattern);
                self.note(file, host, added);
            }
        }
        for header in &pack.headers {
            let added = self.add_header(file, header.get_ref());
            self.note(file, header, added);
        }
        for address in &pack.addresses {
            for tag in &address.get_ref().tags {
                let added = self.add_address(file, address.get_ref(), tag);
                self.note(file, address, added);
            }
            let added = self.add_blocks(file, address.get_ref());
            self.note(file, address, added);
        }
        for held in &pack.held {
            let added = self.add_held(provider, held.get_ref());
            self.note(file, held, added);
        }
        for sample in &pack.samples {
            let added = Sample::read(sample.get_ref(), &file.name)
                .map(|sample| self.catalogue.samples.push(sample));
            self.note(file, sample, added);
        }
    }

    fn add_services(&mut self, file: &PackFile, provider: ProviderId) {
        for service in &file.pack.services {
            let id = ServiceId(self.catalogue.services.len() as u16);
            let path = format!("{}/{}", file.pack.id, service.id);
            if self.catalogue.paths.contains_key(&path) {
                self.problem(file, None, &format!("two services are called {path}"));
                continue;
            }
            self.catalogue.paths.insert(path, id);
            self.catalogue.services.push(Service {
                provider,
                id: service.id.clone(),
                name: service.name.clone(),
                kind: service.kind,
                remark: service.remark.clone(),
                debug_header: service.debug_header.clone(),
                cached_as: None,
                before_cache: None,
                is_own: service.own,
                lists_addresses: service.lists_addresses,
                signs_responses: service.signs_responses,
                customers_strip: service.customers_strip,
            });
        }
    }

    /// Points services to what they are when they answer from their caches.
    fn link_services(&mut self, file: &PackFile) {
        for service in file
            .pack
            .services
            .iter()
            .filter(|it| !it.cached_as.is_empty())
        {
            let id = self.known(&file.pack.id, &service.id);
            match id.and_then(|id| Ok((id, self.known(&file.pack.id, &service.cached_as)?))) {
                Ok((id, cached)) => {
                    self.catalogue.services[id.0 as usize].cached_as = Some(cached);
                    self.catalogue.services[cached.0 as usize].before_cache = Some(id);
                }
                Err(problem) => self.problem(file, None, &problem),
            }
        }
    }

    fn add_host(&mut self, file: &PackFile, host: &PackHost, pattern: &str) -> Result<(), String> {
        let rule = Rule {
            id: file.pack.host_rule_id(pattern, &host.service),
            service: self.known(&file.pack.id, &host.service)?,
            place: host.claim,
            strength: host.strength,
            source: host.source.clone(),
            valid_from: day(&host.valid_from)?,
            valid_to: day(&host.valid_to)?,
        };
        let Catalogue { hosts, cards, .. } = &mut self.catalogue;
        cards.check_new(&rule.id)?;
        let host_rule = HostRule {
            rule: rule.clone(),
            is_first_party: host.first_party,
        };
        hosts.add(pattern, host_rule)?;
        cards.add(&rule, Family::Name, host_condition(pattern), &file.name);
        Ok(())
    }

    fn add_header(&mut self, file: &PackFile, header: &PackHeader) -> Result<(), String> {
        let name = &header.header;
        let rule = Rule {
            id: file.pack.header_rule_id(name, &header.service),
            service: self.known(&file.pack.id, &header.service)?,
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
            unless: header.unless.clone(),
            is_unique: header.unique,
        };
        let Catalogue { headers, cards, .. } = &mut self.catalogue;
        cards.check_new(&rule.rule.id)?;
        headers.add(name, rule.clone())?;
        let condition = header_condition(name, &rule);
        cards.add(&rule.rule, rule.family, condition, &file.name);
        Ok(())
    }

    fn add_address(
        &mut self,
        file: &PackFile,
        address: &PackAddress,
        tag: &str,
    ) -> Result<(), String> {
        let network = tag.strip_prefix("as-");
        let kind = if network.is_some() { "asn" } else { "range" };
        let (n_ranges, source) = self.data_behind(tag)?;
        let rule = Rule {
            id: format!("{}/{kind}-{}", file.pack.id, network.unwrap_or(tag)),
            service: self.known(&file.pack.id, &address.service)?,
            place: address.claim,
            strength: address.strength,
            source,
            valid_from: day(&address.valid_from)?,
            valid_to: day(&address.valid_to)?,
        };
        let Catalogue { by_tag, cards, .. } = &mut self.catalogue;
        cards.check_new(&rule.id)?;
        if by_tag.contains_key(tag) {
            return Err(format!("two rules for {tag}"));
        }
        let condition = address_condition(tag, n_ranges);
        cards.add(&rule, Family::Address, condition, &file.name);
        by_tag.insert(tag.to_owned(), rule);
        Ok(())
    }

    /// Adds the blocks that `address` states itself.
    fn add_blocks(&mut self, file: &PackFile, address: &PackAddress) -> Result<(), String> {
        let Some(first) = address.blocks.first() else {
            let has_tags = !address.tags.is_empty();
            return has_tags
                .then_some(())
                .ok_or_else(|| "neither tags nor blocks".to_owned());
        };
        if address.source.is_empty() {
            return Err("blocks need a source".to_owned());
        }
        // A service may state several lists; the later ones also go by their first block.
        let id = format!("{}/blocks-{}", file.pack.id, address.service);
        let is_taken = self.catalogue.cards.check_new(&id).is_err();
        let rule = Rule {
            id: if is_taken {
                format!("{id}-{first}")
            } else {
                id
            },
            service: self.known(&file.pack.id, &address.service)?,
            place: address.claim,
            strength: address.strength,
            source: address.source.clone(),
            valid_from: day(&address.valid_from)?,
            valid_to: day(&address.valid_to)?,
        };
        let Catalogue { stated, cards, .. } = &mut self.catalogue;
        cards.check_new(&rule.id)?;
        let condition = block_condition(&address.blocks);
        cards.add(&rule, Family::Address, condition, &file.name);
        stated.add(rule, &address.blocks);
        Ok(())
    }

    /// Adds what `provider` held already on a day.
    fn add_held(&mut self, provider: ProviderId, held: &PackHeld) -> Result<(), String> {
        let since = day(&held.since)?.ok_or("held blocks need a day since when")?;
        if held.source.is_empty() || held.blocks.is_empty() {
            return Err("held blocks need blocks and a source".to_owned());
        }
        let blocks = held.blocks.iter().map(|block| (*block, provider, since));
        self.catalogue.held.extend(blocks);
        Ok(())
    }

    /// Number of ranges with `tag` and where they come from: imported ones, else the embedded ones.
    fn data_behind(&self, tag: &str) -> Result<(usize, String), String> {
        let imported = self.imported.iter().map(|(_, ranges)| ranges);
        for ranges in imported.chain([&self.bundled]) {
            if let Some(at) = ranges.tags().iter().position(|known| known == tag) {
                let input = ranges.input_of(tag).ok_or("the table names no source")?;
                return Ok((ranges.count(at), source_of(input)));
            }
        }
        let may_be_imported = RANKS.iter().any(|(known, _)| *known == tag);
        if may_be_imported {
            return Ok((0, "a file that nobody has imported, 2026-11".to_owned()));
        }
        Err(format!("ranges.bin has no {tag}: run build_ranges.py"))
    }

    fn known(&self, provider: &str, service: &str) -> Result<ServiceId, String> {
        let path = format!("{provider}/{service}");
        let service = self.catalogue.find(&path);
        service.ok_or_else(|| format!("no service {path}"))
    }

    /// Gives every tag of every table its rule, and tries the samples of the user's packs.
    fn finish(mut self) -> (Catalogue, Vec<String>) {
        self.join_networks();
        let bundled = std::mem::take(&mut self.bundled);
        self.catalogue.bundled = self.table_of(bundled, "ranges.bin");
        let dates = self.catalogue.bundled.dates.iter();
        self.catalogue.ranges_date = dates.copied().flatten().max();
        for (name, ranges) in std::mem::take(&mut self.imported) {
            let table = self.table_of(ranges, &name);
            let tags = table.ranges.tags().iter().zip(&table.rules);
            let unknown = tags.filter(|(_, rule)| rule.is_none());
            let problems = unknown.map(|(tag, _)| format!("{name}: no provider knows {tag}"));
            self.problems.extend(problems);
            self.catalogue.imported.push(table);
        }
        self.try_samples_of_user();
        (self.catalogue, self.problems)
    }

    /// Finds for each provider who stands for all that share its machines, and whose machines it rents.
    fn join_networks(&mut self) {
        let by_id: HashMap<&str, u16> = (0..)
            .zip(&self.networks)
            .map(|(at, network)| (network.id.as_str(), at))
            .collect();
        for (own, network) in (0..).zip(&self.networks) {
            let find = |other: &str| by_id.get(other).copied().map(ProviderId);
            for other in [&network.same_as, &network.runs_on] {
                if !other.is_empty() && find(other).is_none() {
                    let id = &network.id;
                    self.problems
                        .push(format!("{id}: no provider is called {other}"));
                }
            }
            let same = find(&network.same_as).unwrap_or(ProviderId(own));
            self.catalogue.networks.push(same);
            self.catalogue.landlords.push(find(&network.runs_on));
            let web = self.catalogue.find(&format!("{}/web", network.id));
            self.catalogue.webs.push(web);
        }
    }

    /// Embedded samples are tried by tests; those of the user are tried here.
    fn try_samples_of_user(&mut self) {
        let samples = self.catalogue.samples.iter();
        let failed = samples
            .filter(|sample| self.user_packs.contains(&sample.pack))
            .filter_map(|sample| {
                let problem = sample.check(&self.catalogue).err()?;
                Some(format!("{}: {problem}", sample.pack))
            });
        self.problems.extend(failed.collect::<Vec<_>>());
    }

    fn table_of(&mut self, ranges: Ranges, file: &str) -> AddressTable {
        let mut rules = Vec::with_capacity(ranges.tags().len());
        for (at, tag) in ranges.tags().iter().enumerate() {
            let source = ranges.input_of(tag).map(source_of).unwrap_or_default();
            let service = self.catalogue.find(tag);
            let rule = match (self.catalogue.by_tag.get(tag), service) {
                (Some(rule), _) => Some(Rule {
                    source,
                    ..rule.clone()
                }),
                (None, Some(service)) => {
                    Some(self.named_rule(service, source, file, ranges.count(at)))
                }
                (None, None) => None,
            };
            rules.push(rule);
        }
        let dates = ranges.tags().iter().map(|tag| {
            let input = ranges.input_of(tag)?;
            day(&input.date).ok().flatten()
        });
        AddressTable {
            dates: dates.collect(),
            ranges,
            rules,
        }
    }

    /// The rule for addresses that a person gave to `service`: as what follows from its kind.
    fn named_rule(
        &mut self,
        service: ServiceId,
        source: String,
        file: &str,
        n_ranges: usize,
    ) -> Rule {
        let (place, strength) = match self.catalogue.service(service).kind {
            ServiceKind::Cdn
            | ServiceKind::FrontEnd
            | ServiceKind::Platform
            | ServiceKind::Gateway => (Place::Edge, Strength::Strong),
            ServiceKind::Storage => (Place::Origin, Strength::Strong),
            ServiceKind::Compute => (Place::Origin, Strength::Suggestive),
        };
        let path = self.catalogue.path(service);
        let rule = Rule {
            id: path.replace('/', "/imported-"),
            service,
            place,
            strength,
            source,
            valid_from: None,
            valid_to: None,
        };
        let cards = &mut self.catalogue.cards;
        match cards.check_new(&rule.id) {
            Ok(()) => {
                let condition = address_condition(&path, n_ranges);
                cards.add(&rule, Family::Address, condition, &Arc::from(file));
            }
            Err(problem) => self.problems.push(format!("{file}: {problem}")),
        }
        rule
    }

    fn note<T>(&mut self, file: &PackFile, place: &Spanned<T>, added: Result<(), String>) {
        if let Err(problem) = added {
            self.problem(file, Some(place.span().start), &problem);
        }
    }

    fn problem(&mut self, file: &PackFile, offset: Option<usize>, problem: &str) {
        let place = offset.map_or_else(String::new, |offset| {
            format!("line {}: ", file.line_of(offset))
        });
        let problem = format!("{}: {place}{problem}", file.name);
        self.problems.push(problem);
    }
}

fn source_of(input: &RangeInput) -> String {
    format!("{} {}, {}", input.package, input.version, input.date)
}
