//! What flows show, without the text that shows it: most flows of a host show the same, so each kind is kept once.

use foldhash::HashMap;

use super::evidence::{Claim, Family, Speaks, Strength};
use super::findings::{Finding, Findings};
use super::weigh::judgement::Judgement;
use crate::base::hash::hash;
use crate::capture::{Flow, Side};
use crate::providers::{ServiceId, ServiceKind, catalogue};

/// The rules that fired in a flow, and what else of it the roles of providers are judged by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) marks: Vec<Mark>,
    /// Edges that stand behind the one that terminated the connection.
    pub(super) hops: Vec<ServiceId>,
    /// A cache says that it answered.
    pub(super) is_cached: bool,
    /// The response names a server program that is nobody's that is known: the origin's own word.
    pub(super) has_own_server: bool,
}

/// One rule that fired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) rule: Box<str>,
    pub(super) family: Family,
    pub(super) claim: Claim,
    pub(super) speaks: Speaks,
    pub(super) strength: Strength,
}

impl From<&Finding<'_>> for Mark {
    fn from(finding: &Finding<'_>) -> Self {
        Self {
            rule: finding.rule.into(),
            family: finding.family,
            claim: finding.claim,
            speaks: finding.speaks,
            strength: finding.strength,
        }
    }
}

/// All kinds of flows of one capture, by what they show.
#[derive(Clone, Debug, Default)]
pub(super) struct Kinds {
    list: Vec<Shown>,
    index: HashMap<u64, u32>,
}

impl Kinds {
    /// The number of what `flow` shows.
    pub(super) fn intern(
        &mut self,
        flow: Flow<'_>,
        findings: &Findings<'_>,
        judgement: &Judgement<'_>,
    ) -> u32 {
        let is_cached = findings.cache_sign.is_some();
        let has_own_server = has_own_server(flow, findings, judgement);
        let all = || findings.list.iter().chain(&judgement.added);
        let mut key = hash((is_cached, has_own_server, &judgement.behind));
        for finding in all() {
            // Rules live as long as the program: their places tell them apart.
            let rule = finding.rule.as_ptr().addr();
            let speaks = (finding.claim, finding.speaks, finding.strength);
            key = hash((key, rule, speaks));
        }
        self.intern_as(key, || Shown {
            marks: all().map(Mark::from).collect(),
            hops: judgement.behind.clone(),
            is_cached,
            has_own_server,
        })
    }

    fn intern_as(&mut self, key: u64, shown: impl FnOnce() -> Shown) -> u32 {
        let list = &mut self.list;
        *self.index.entry(key).or_insert_with(|| {
            list.push(shown());
            list.len() as u32 - 1
        })
    }

    /// Takes over the kinds of another part of the capture, and returns their numbers here.
    pub(super) fn take_over(&mut self, part: Self) -> Vec<u32> {
        let mut keys: Vec<(u32, u64)> = part.index.into_iter().map(|(key, n)| (n, key)).collect();
        keys.sort_unstable();
        let kinds = keys.into_iter().zip(part.list);
        kinds
            .map(|((_, key), shown)| self.intern_as(key, || shown))
            .collect()
    }

    /// What flows of kind `n` show; `None` for a flow that was not judged (yet).
    pub(super) fn get(&self, n: u32) -> Option<&Shown> {
        self.list.get(n as usize)
    }
}

/// Caches by the word with which they sign `Server`: an edge's own replies may say so (Fastly's say `Varnish`), an
/// origin's do not.
const CACHES: &[&str] = &["varnish", "squid", "ats"];

/// True when `Server` names software of an origin, which no rule knows, in a response that came through a CDN.
fn has_own_server(flow: Flow<'_>, findings: &Findings<'_>, judgement: &Judgement<'_>) -> bool {
    let is_delivered = judgement
        .edge
        .is_some_and(|edge| catalogue().service(edge.service).kind == ServiceKind::Cdn);
    if !is_delivered || findings.wrote_server.is_some() {
        return false;
    }
    let mut headers = flow.headers();
    let server = headers.find(|header| header.side == Side::Response && header.name == "server");
    server.is_some_and(|server| {
        let is_known = |finding: &Finding<'_>| finding.span == Some(server.span);
        let software = server.value.split(['/', ' ']).next().unwrap_or_default();
        let is_cache = CACHES.iter().any(|it| software.eq_ignore_ascii_case(it));
        !software.is_empty() && !is_cache && !findings.list.iter().any(is_known)
    })
}
