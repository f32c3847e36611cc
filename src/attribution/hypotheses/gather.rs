//! What the flows of one party and one provider show, each kind of evidence once.

use std::collections::{BTreeMap, HashMap};

use super::hypothesis::Cited;
use crate::attribution::collect::behaviour::{READ_AFTER_WRITE, REPEATED_ID};
use crate::attribution::context::across::keys;
use crate::attribution::evidence::{Claim, Evidence, Family, Speaks, Strength};
use crate::attribution::examine::Examiner;
use crate::attribution::findings::Finding;
use crate::attribution::roles::OLDER_THAN_THE_REQUEST;
use crate::attribution::session::Judged;
use crate::attribution::verdict::{Carrier, Conclusiveness, Role, Verdict};
use crate::attribution::weigh::judgement::Judgement;
use crate::attribution::writes::is_accepted_write;
use crate::base::hash::hash;
use crate::base::time::Time;
use crate::capture::{Flags, Flow, FlowId};
use crate::providers::{ProviderId, ServiceId, ServiceKind, catalogue};

/// What a piece of evidence shows about the provider of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Shows {
    /// Its store accepted a write.
    Write,
    /// Somebody else handed out the URL of a write to its store.
    HandedOutWrite,
    /// Somebody else handed out the URL of a read from its store.
    HandedOutRead,
    /// What was written was read again.
    ReadAfterWrite,
    /// Its store answered a read.
    Store,
    /// An object is older than the capture.
    OldObject,
    /// A hint at its store.
    StoreHint,
    /// Its CDN terminated the connection.
    Edge,
    /// A cache behaved like one: a miss became a hit, or Age grew with the clock.
    Cache,
    /// A response came twice, which a program's own cache can do as well.
    Replay,
    /// Its front end, gateway or platform answered.
    FrontDoor,
    /// Somebody else's store or compute answered behind it.
    OtherOrigin,
    /// Something that would have named it must not be used.
    Void,
    /// Something speaks against it.
    Contradiction,
}

/// Evidence with what it shows.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    pub(super) shows: Shows,
    pub(super) cited: Cited,
}

/// What is known about one write to a store.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Transfer {
    /// The store accepted it.
    pub(super) is_accepted: bool,
    /// Somebody else handed out its URL.
    pub(super) is_handed_out: bool,
    /// What it wrote was read again.
    pub(super) is_read: bool,
}

/// Everything about one pair that the hypotheses are judged by.
#[derive(Debug, Default)]
pub(super) struct Gathered<'a> {
    pub(super) flows: Vec<FlowId>,
    pub(super) shown: Vec<Shown>,
    /// By the flow that writes: pieces of different transfers do not add up.
    pub(super) transfers: BTreeMap<FlowId, Transfer>,
    places: HashMap<(&'a str, Claim, Shows), usize>,
    pub(super) n_tunnels: usize,
    pub(super) n_replays: usize,
    /// Flows with response headers.
    pub(super) n_with_headers: usize,
    /// Flows with the address of the server.
    pub(super) n_with_address: usize,
    /// Flows of which something was void and whose role stays unknown.
    pub(super) n_voided: usize,
    /// Flows that end at a front end or platform in an unknown role.
    pub(super) n_front_door: usize,
    /// How conclusive the provider is as an edge, at best.
    pub(super) edge: Option<Conclusiveness>,
}

impl Gathered<'_> {
    /// The evidence that shows one of `kinds`: of each family the strongest, since the rest depends on it.
    pub(super) fn cited(&self, kinds: &[Shows]) -> Vec<Cited> {
        let mut cited: Vec<&Shown> = Vec::new();
        for shown in self.shown.iter().filter(|it| kinds.contains(&it.shows)) {
            let is_alike = |known: &&mut &Shown| {
                known.shows == shown.shows
                    && known.cited.evidence.family == shown.cited.evidence.family
                    && known.cited.evidence.claim == shown.cited.evidence.claim
            };
            match cited.iter_mut().find(is_alike) {
                Some(known) if known.rank() < shown.rank() => *known = shown,
                Some(_) => {}
                None => cited.push(shown),
            }
        }
        cited.into_iter().map(|shown| shown.cited.clone()).collect()
    }

    /// True when something shows `kind`.
    pub(super) fn has(&self, kind: Shows) -> bool {
        self.shown.iter().any(|shown| shown.shows == kind)
    }
}

impl Shown {
    fn rank(&self) -> (Strength, u32) {
        (self.cited.evidence.strength, self.cited.n_flows)
    }
}

/// The flows of one capture, each examined once.
pub(super) struct Walker<'a> {
    judged: Judged<'a>,
    examiner: Examiner<'a>,
    judgement: Judgement<'a>,
    verdict: Verdict,
}

/// An accepted write, or a read that may be of the same bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Access {
    pub(super) key: u64,
    pub(super) flow: FlowId,
    pub(super) start: Option<Time>,
    /// Hash of the entity tag.
    pub(super) tag: Option<u64>,
}

impl Access {
    /// True when `read` may be of the bytes that `self` wrote.
    pub(super) fn is_read_by(&self, read: &Self) -> bool {
        let is_later = match (self.start, read.start) {
            (Some(write), Some(read)) => write <= read,
            _ => true,
        };
        let is_same = self.tag.is_none() || read.tag.is_none() || self.tag == read.tag;
        is_later && is_same
    }
}

impl<'a> Walker<'a> {
    pub(super) fn new(judged: Judged<'a>) -> Self {
        Self {
            judged,
            examiner: Examiner::default(),
            judgement: Judgement::UNKNOWN,
            verdict: Verdict::UNKNOWN,
        }
    }

    /// Looks at `flow` and returns the providers that it names.
    pub(super) fn look_at(&mut self, flow: Flow<'a>) -> Vec<ProviderId> {
        self.verdict = self.judged.attribution.verdict(flow.idx());
        let parts = [self.verdict.edge, self.verdict.origin];
        let services = parts.into_iter().flatten().map(|part| part.service);
        let services = services.filter(|service| !catalogue().is_software(*service));
        let mut providers: Vec<ProviderId> = services
            .map(|service| catalogue().provider_of(service))
            .collect();
        let context = &self.judged.attribution.context;
        self.judgement = self.examiner.examine(flow, context);
        if self.examiner.findings.is_replay {
            // Nothing of it is evidence, but its name says where it would have gone.
            let rules = self.examiner.lookups.host(flow).iter();
            let handed_out = rules.filter(|found| !found.rule.is_first_party);
            providers.extend(handed_out.map(|found| {
                let service = found.rule.rule.service;
                catalogue().provider_of(service)
            }));
        }
        providers.dedup();
        providers
    }

    /// Adds what the flow that was looked at shows about `provider`.
    pub(super) fn add_to(&self, gathered: &mut Gathered<'a>, flow: Flow<'a>, provider: ProviderId) {
        let id = self.judged.id(flow);
        gathered.flows.push(id);
        let findings = &self.examiner.findings;
        let count = |n: &mut usize, is_so: bool| *n += usize::from(is_so);
        count(
            &mut gathered.n_tunnels,
            flow.row().flags.contains(Flags::TUNNEL),
        );
        count(&mut gathered.n_replays, findings.is_replay);
        count(&mut gathered.n_with_headers, findings.has_headers);
        count(&mut gathered.n_with_address, findings.address.is_some());
        let is_void = |finding: &Finding<'_>| matches!(finding.claim, Claim::Void(_));
        let has_void = findings.list.iter().any(is_void);
        let is_unknown = self.verdict.role == Role::Unknown;
        count(&mut gathered.n_voided, has_void && is_unknown);
        if let Some(edge) = self
            .verdict
            .edge
            .filter(|edge| is_of(edge.service, provider))
        {
            let kind = catalogue().service(edge.service).kind;
            if kind == ServiceKind::Cdn {
                gathered.edge = gathered.edge.max(Some(edge.conclusiveness));
            }
            count(
                &mut gathered.n_front_door,
                kind != ServiceKind::Cdn && is_unknown,
            );
        }
        for finding in self.examiner.all(&self.judgement) {
            if let Some(shows) = shows(finding, flow, provider)
                && (shows != Shows::FrontDoor || self.is_named(finding))
            {
                gathered.add(finding, shows, id);
                let other = finding.with.map(|row| FlowId(self.judged.first.0 + row));
                gathered.note_transfer(shows, id, other);
            }
        }
        if let Some(evidence) = old_object(flow, self.verdict, provider) {
            gathered.add(&evidence, Shows::OldObject, id);
        }
    }

    /// True when the verdict names just the service that `finding` is about, and no other one of the provider.
    fn is_named(&self, finding: &Finding<'_>) -> bool {
        let is_part = |part: Option<Carrier>, service| part.is_some_and(|it| it.service == service);
        match finding.claim {
            Claim::Edge(service) => is_part(self.verdict.edge, service),
            Claim::Origin(service) => is_part(self.verdict.origin, service),
            Claim::Void(_) => false,
        }
    }

    /// Under what the flow that was looked at is found again as a write to a store, or as a read.
    pub(super) fn accesses(&self, flow: Flow<'a>) -> impl Iterator<Item = Access> {
        let id = self.judged.id(flow);
        let start = flow.start();
        let etag = flow.response_header("etag");
        let tag = etag.map(|etag| hash(etag.value));
        let is_live = !self.examiner.findings.is_replay;
        keys(flow).filter(move |_| is_live).map(move |key| Access {
            key,
            flow: id,
            start,
            tag,
        })
    }

    /// The store of `provider` that accepted the write of the flow that was looked at.
    pub(super) fn written_store(&self, provider: ProviderId) -> Option<ServiceId> {
        self.examiner
            .findings
            .origins()
            .find_map(|(service, finding)| {
                let is_write = finding.family == Family::Write && is_of(service, provider);
                is_write.then_some(service)
            })
    }
}

impl<'a> Gathered<'a> {
    fn add(&mut self, finding: &Finding<'a>, shows: Shows, flow: FlowId) {
        let key = (finding.rule, finding.claim, shows);
        if let Some(known) = self.places.get(&key).and_then(|at| self.shown.get_mut(*at)) {
            known.cited.n_flows += 1;
            return;
        }
        self.places.insert(key, self.shown.len());
        self.cite(shows, flow, Evidence::from(finding));
    }

    /// Notes what `shows` says about the transfer that `flow` makes, or that `other` made.
    fn note_transfer(&mut self, shows: Shows, flow: FlowId, other: Option<FlowId>) {
        match shows {
            Shows::Write => self.transfers.entry(flow).or_default().is_accepted = true,
            Shows::HandedOutWrite => self.transfers.entry(flow).or_default().is_handed_out = true,
            Shows::ReadAfterWrite => {
                if let Some(write) = other {
                    self.transfers.entry(write).or_default().is_read = true;
                }
            }
            _ => {}
        }
    }

    /// Adds a read in another capture of what `write` wrote to `store`.
    pub(super) fn add_read_elsewhere(&mut self, read: FlowId, write: FlowId, store: ServiceId) {
        self.note_transfer(Shows::ReadAfterWrite, read, Some(write));
        let claim = Claim::Origin(store);
        let finding = Finding::own(&READ_AFTER_WRITE, claim, Strength::Strong, "GET");
        self.cite(Shows::ReadAfterWrite, read, Evidence::from(&finding));
    }

    fn cite(&mut self, shows: Shows, flow: FlowId, evidence: Evidence) {
        let cited = Cited {
            flow,
            n_flows: 1,
            evidence,
        };
        self.shown.push(Shown { shows, cited });
    }
}

fn is_of(service: ServiceId, provider: ProviderId) -> bool {
    catalogue().provider_of(service) == provider
}

/// What `finding` shows about `provider`; `None` when it is about somebody else.
fn shows(finding: &Finding<'_>, flow: Flow<'_>, provider: ProviderId) -> Option<Shows> {
    let (service, is_edge) = match finding.claim {
        Claim::Void(_) => return Some(Shows::Void),
        Claim::Edge(service) => (service, true),
        Claim::Origin(service) => (service, false),
    };
    let is_strong = Strength::Strong <= finding.strength;
    if !is_of(service, provider) {
        let is_other = !is_edge && is_strong && finding.speaks == Speaks::For;
        return is_other.then_some(Shows::OtherOrigin);
    }
    if finding.speaks == Speaks::Against {
        let is_cache = finding.family == Family::Behaviour;
        return Some(if is_cache {
            Shows::Replay
        } else {
            Shows::Contradiction
        });
    }
    Some(match (finding.family, catalogue().service(service).kind) {
        (Family::Write, _) => Shows::Write,
        (Family::ControlPlane, _) if is_accepted_write(flow) => Shows::HandedOutWrite,
        (Family::ControlPlane, _) => Shows::HandedOutRead,
        (Family::Behaviour, _) if finding.rule == READ_AFTER_WRITE.id => {
            if is_accepted_write(flow) {
                return None; // told with the read
            }
            Shows::ReadAfterWrite
        }
        (Family::Behaviour, ServiceKind::Cdn) if finding.rule == REPEATED_ID.id => Shows::Replay,
        (Family::Behaviour, ServiceKind::Cdn) => Shows::Cache,
        (_, ServiceKind::Cdn) => Shows::Edge,
        (_, ServiceKind::Storage) if is_strong => Shows::Store,
        (_, ServiceKind::Storage) => Shows::StoreHint,
        (
            _,
            ServiceKind::FrontEnd
            | ServiceKind::Platform
            | ServiceKind::Compute
            | ServiceKind::Gateway,
        ) => Shows::FrontDoor,
    })
}

/// A day: objects that are this much older than their request were there before anybody captured.
const OLD_MS: f64 = 86_400_000.0;

/// Evidence that an object of the store of `provider` was there long before it was asked for.
fn old_object(flow: Flow<'_>, verdict: Verdict, provider: ProviderId) -> Option<Finding<'_>> {
    let store = verdict.origin?.service;
    let is_store = catalogue().is_store(store);
    if !is_store || !is_of(store, provider) || !flow.has_method(&["GET"]) {
        return None;
    }
    let modified = flow.response_header("last-modified")?;
    let since = Time::parse_http(modified.value)?;
    let is_old = OLD_MS < flow.start()?.ms_since(since);
    is_old.then(|| Finding {
        span: Some(modified.span).filter(|span| !span.is_empty()),
        ..Finding::own(
            &OLDER_THAN_THE_REQUEST,
            Claim::Origin(store),
            Strength::Suggestive,
            modified.value,
        )
    })
}
