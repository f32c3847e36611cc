//! Says of each flow to which row, host, party and place it belongs, as numbers: no text is made per flow.

use std::borrow::Cow;

use foldhash::HashMap;

use super::By;
use super::summary::{HostSummary, Seen};
use crate::attribution::Verdict;
use crate::base::host::split_registrable;
use crate::base::jobs::{Cancel, STEP};
use crate::base::time::Time;
use crate::capture::{Flow, FlowId, Name};
use crate::document::{Document, OpenCapture};
use crate::providers::{Network, catalogue, network_of};

/// What is not known of a flow.
pub(super) const NONE: u32 = u32::MAX;

/// All flows with what they have in common, those of a row beside each other.
pub(super) struct Gathered {
    /// The text of each row.
    pub(super) keys: Vec<String>,
    /// The flows of row `n` are those from `starts[n]` to `starts[n + 1]`.
    pub(super) starts: Vec<u32>,
    pub(super) flows: Vec<FlowId>,
    /// Of each of `flows`.
    pub(super) facts: Vec<Facts>,
    pub(super) parties: Vec<String>,
    pub(super) regions: Vec<String>,
    pub(super) span: Option<(Time, Time)>,
    pub(super) summary: HostSummary,
}

/// What one flow has in common with others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    pub(super) host: u32,
    pub(super) party: u32,
    pub(super) region: u32,
}

/// Distinct words, numbered as they come.
#[derive(Default)]
struct Words<'a> {
    texts: Vec<Cow<'a, str>>,
    ids: HashMap<Cow<'a, str>, u32>,
}

impl<'a> Words<'a> {
    fn id(&mut self, text: Cow<'a, str>) -> u32 {
        if let Some(id) = self.ids.get(&text) {
            return *id;
        }
        let id = self.texts.len() as u32;
        self.texts.push(text.clone());
        self.ids.insert(text, id);
        id
    }

    /// The same, `NONE` for no text.
    fn id_or_none(&mut self, text: &'a str) -> u32 {
        if text.is_empty() {
            NONE
        } else {
            self.id(Cow::Borrowed(text))
        }
    }

    fn into_texts(self) -> Vec<String> {
        self.texts.into_iter().map(Cow::into_owned).collect()
    }
}

/// What is known of the words of one capture, looked up once for each.
#[derive(Default)]
struct OfCapture {
    /// By name: the number of the host.
    hosts: Vec<u32>,
    /// By name of an address: the number of the row.
    networks: Vec<u32>,
    /// By region: its number.
    regions: Vec<u32>,
}

/// The place of `idx` in `known`, which grows as needed.
fn slot(known: &mut Vec<u32>, idx: usize) -> &mut u32 {
    if known.len() <= idx {
        known.resize(idx + 1, NONE);
    }
    &mut known[idx]
}

struct Gatherer<'a> {
    document: &'a Document,
    by: By,
    keys: Words<'a>,
    hosts: Words<'a>,
    parties: Words<'a>,
    regions: Words<'a>,
    captures: Vec<OfCapture>,
    /// By host: the row, for rows that depend on nothing else.
    row_of_host: Vec<u32>,
}

impl<'a> Gatherer<'a> {
    fn facts(&mut self, capture_idx: usize, flow: Flow<'a>, verdict: Verdict) -> Facts {
        let document = self.document;
        let open = &document.captures()[capture_idx];
        let host = self.host(capture_idx, flow);
        let groups = document.annotations().groups();
        let party = open.attribution.party(&open.capture, flow.idx(), groups);
        Facts {
            host,
            party: self.parties.id_or_none(party),
            region: self.region(capture_idx, open, verdict),
        }
    }

    fn host(&mut self, capture_idx: usize, flow: Flow<'a>) -> u32 {
        let known = slot(
            &mut self.captures[capture_idx].hosts,
            flow.row().host.0 as usize,
        );
        if *known == NONE {
            *known = self.hosts.id(Cow::Borrowed(flow.host()));
        }
        *known
    }

    fn region(&mut self, capture_idx: usize, open: &'a OpenCapture, verdict: Verdict) -> u32 {
        let of_origin = verdict.origin.and_then(|origin| origin.region);
        let Some(region) = of_origin.or_else(|| verdict.edge?.region) else {
            return NONE;
        };
        let known = slot(&mut self.captures[capture_idx].regions, region.0 as usize);
        if *known == NONE {
            *known = self.regions.id_or_none(open.attribution.region(region));
        }
        *known
    }

    /// The row of `flow`.
    fn row(&mut self, capture_idx: usize, flow: Flow<'a>, verdict: Verdict, facts: Facts) -> u32 {
        let text = |words: &Words<'a>, id: u32| {
            let text = words.texts.get(id as usize);
            text.cloned().unwrap_or(Cow::Borrowed(""))
        };
        match self.by {
            By::Host | By::Domain => self.row_of_name(facts.host),
            By::Party => self.keys.id(text(&self.parties, facts.party)),
            By::Region => self.keys.id(text(&self.regions, facts.region)),
            By::Network => self.network(capture_idx, flow),
            By::File => self.keys.id(Cow::Borrowed(&flow.capture().info().name)),
            By::Provider | By::Service => {
                let Some(carrier) = verdict.terminating() else {
                    return self.keys.id(Cow::Borrowed(""));
                };
                let catalogue = catalogue();
                if self.by == By::Service {
                    return self.keys.id(Cow::Owned(catalogue.path(carrier.service)));
                }
                let provider = catalogue.provider_of(carrier.service);
                self.keys
                    .id(Cow::Borrowed(&catalogue.provider(provider).id))
            }
        }
    }

    fn row_of_name(&mut self, host: u32) -> u32 {
        let known = slot(&mut self.row_of_host, host as usize);
        if *known == NONE {
            let text = self.hosts.texts[host as usize].clone();
            let key = match (self.by, text) {
                (By::Domain, Cow::Borrowed(host)) => Cow::Borrowed(split_registrable(host).1),
                (_, text) => text,
            };
            *known = self.keys.id(key);
        }
        *known
    }

    fn network(&mut self, capture_idx: usize, flow: Flow<'a>) -> u32 {
        let address: Name = flow.row().server_ip;
        let known = slot(&mut self.captures[capture_idx].networks, address.0 as usize);
        if *known == NONE {
            let network = flow.server_ip().parse().ok().and_then(network_of);
            *known = self
                .keys
                .id(Cow::Owned(network.map_or_else(String::new, Network::name)));
        }
        *known
    }
}

impl Gathered {
    /// Looks at each of `flows` once; `None` when cancelled.
    pub(super) fn of(
        document: &Document,
        flows: &[FlowId],
        by: By,
        cancel: &Cancel,
    ) -> Option<Self> {
        let mut gatherer = Gatherer {
            document,
            by,
            keys: Words::default(),
            hosts: Words::default(),
            parties: Words::default(),
            regions: Words::default(),
            captures: Vec::new(),
            row_of_host: Vec::new(),
        };
        gatherer
            .captures
            .resize_with(document.captures().len(), OfCapture::default);
        let mut seen = Seen::default();
        let mut span: Option<(Time, Time)> = None;
        let mut found = Vec::with_capacity(flows.len());
        for (n, id) in (0_u32..).zip(flows) {
            if n % STEP == 0 && cancel.is_cancelled() {
                return None;
            }
            let Some((capture_idx, idx)) = document.locate(*id) else {
                continue;
            };
            let open = &document.captures()[capture_idx];
            let Some(flow) = open.capture.flow(idx) else {
                continue;
            };
            let verdict = open.attribution.verdict(idx);
            let facts = gatherer.facts(capture_idx, flow, verdict);
            seen.add(facts.host, facts.party, verdict.role);
            if let Some(start) = flow.start() {
                let (first, last) = span.unwrap_or((start, start));
                span = Some((first.min(start), last.max(start)));
            }
            found.push((gatherer.row(capture_idx, flow, verdict, facts), *id, facts));
        }
        let summary = seen.summary(&gatherer.parties.texts);
        let mut gathered = Self::sorted(&found, gatherer.keys.into_texts());
        gathered.parties = gatherer.parties.into_texts();
        gathered.regions = gatherer.regions.into_texts();
        gathered.span = span;
        gathered.summary = summary;
        Some(gathered)
    }

    /// Puts the flows of each row beside each other, in the order in which they were `found`.
    fn sorted(found: &[(u32, FlowId, Facts)], keys: Vec<String>) -> Self {
        let mut starts = vec![0_u32; keys.len() + 1];
        for (row, _, _) in found {
            starts[*row as usize + 1] += 1;
        }
        for idx in 1..starts.len() {
            starts[idx] += starts[idx - 1];
        }
        let nothing = Facts {
            host: NONE,
            party: NONE,
            region: NONE,
        };
        let mut ends = starts.clone();
        let mut flows = vec![FlowId(0); found.len()];
        let mut facts = vec![nothing; found.len()];
        for (row, flow, of_flow) in found {
            let end = &mut ends[*row as usize];
            flows[*end as usize] = *flow;
            facts[*end as usize] = *of_flow;
            *end += 1;
        }
        Self {
            keys,
            starts,
            flows,
            facts,
            parties: Vec::new(),
            regions: Vec::new(),
            span: None,
            summary: HostSummary::default(),
        }
    }
}
