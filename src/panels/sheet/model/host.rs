//! What the sheet of a host says: who stands in front of whom, why, and which paths were asked for.

use std::collections::HashMap;

use super::{Line, shown};
use crate::annotations::Label;
use crate::attribution::roles::{Cited, Relation, Roles};
use crate::attribution::{Carrier, Conclusiveness, Role, Verdict};
use crate::base::jobs::{Cancel, STEP};
use crate::base::text::{bytes_with_unit, counted};
use crate::capture::{Flow, FlowId, FlowSet};
use crate::document::Document;
use crate::providers::catalogue;
use crate::session::relations_of;

/// Most paths that are listed.
const MAX_PATHS: usize = 6;
/// Most pieces of evidence that are listed.
const MAX_WHY: usize = 8;

/// Everything that is said of one host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostSheet {
    /// Which host.
    pub host: String,
    /// How conclusive the role of most of its flows is.
    pub conclusiveness: Conclusiveness,
    /// `CDN, strong · 9 requests · 926 kB`.
    pub facts: String,
    /// Who answered, then who stands behind: `Akamai CDN`, `Amazon S3`.
    pub chain: Vec<String>,
    /// What speaks for and against it.
    pub why: Vec<Line>,
    /// The beginnings of paths, each with what it adds up to.
    pub paths: Vec<(String, String)>,
    /// Number of flows.
    pub n_flows: usize,
    /// The label that all of its flows have.
    pub label: Option<Label>,
}

impl HostSheet {
    /// The sheet of the host of `focus` over those of `flows` that went there; the outer `None` when cancelled, the inner
    /// one when the flow has no host. Looks at all of them: for worker threads.
    pub fn of(
        document: &Document,
        roles: &Roles,
        focus: FlowId,
        flows: &FlowSet,
        cancel: &Cancel,
    ) -> Option<Option<Self>> {
        let Some(host) = document.flow(focus).map(Flow::host) else {
            return Some(None);
        };
        let mut own = FlowSet::default();
        let mut bytes = 0;
        let mut paths: HashMap<&str, (u64, u64)> = HashMap::new();
        let mut verdicts: Vec<(Verdict, u32)> = Vec::new();
        for (n, id) in flows.iter().enumerate() {
            if (n as u32).is_multiple_of(STEP) && cancel.is_cancelled() {
                return None;
            }
            let flow = document.flow(id).filter(|flow| flow.host() == host);
            let Some(flow) = flow else { continue };
            own.insert(id);
            let received = flow.bytes_received().unwrap_or(0);
            bytes += received;
            let sum = paths
                .entry(beginning(flow.path().unwrap_or("/")))
                .or_default();
            *sum = (sum.0 + 1, sum.1 + received);
            let verdict = document.verdict(id);
            match verdicts.iter_mut().find(|(known, _)| *known == verdict) {
                Some((_, n)) => *n += 1,
                None => verdicts.push((verdict, 1)),
            }
        }
        let role = most(&verdicts, |verdict| Some(verdict.role)).unwrap_or(Role::Unknown);
        let of_role = |verdict: &Verdict| (verdict.role == role).then_some(verdict.conclusiveness);
        let conclusiveness = most(&verdicts, of_role).unwrap_or(Conclusiveness::Insufficient);
        let relations = relations(document, roles, focus, &own);
        let (number, unit) = bytes_with_unit(bytes);
        let role = match role {
            Role::Origin => "origin",
            Role::Cdn => "CDN",
            Role::Unknown => "unknown",
        };
        Some(Some(Self {
            host: shown(host),
            conclusiveness,
            facts: format!(
                "{role}, {} · {} · {number} {unit}",
                conclusiveness.word(),
                counted(own.len() as u64, "request")
            ),
            chain: chain(&verdicts),
            why: why(&relations, &own),
            paths: listed(paths),
            n_flows: own.len(),
            label: common_label(document, &own),
        }))
    }
}

/// The relations that any flow of the host shows.
fn relations<'r>(
    document: &Document,
    roles: &'r Roles,
    focus: FlowId,
    own: &FlowSet,
) -> Vec<&'r Relation> {
    let Some((party, _)) = relations_of(roles, document, focus) else {
        return Vec::new();
    };
    let relations = party.relations.iter();
    relations
        .filter(|relation| relation.flows.iter().any(|flow| own.contains(*flow)))
        .collect()
}

/// What most of the flows with these verdicts have in common; the first seen of several.
fn most<T: PartialEq>(
    verdicts: &[(Verdict, u32)],
    of: impl Fn(&Verdict) -> Option<T>,
) -> Option<T> {
    let mut counts: Vec<(T, u32)> = Vec::new();
    for (verdict, n) in verdicts {
        let Some(value) = of(verdict) else { continue };
        match counts.iter_mut().find(|(known, _)| *known == value) {
            Some((_, count)) => *count += n,
            None => counts.push((value, *n)),
        }
    }
    let most = counts.into_iter().rev().max_by_key(|(_, n)| *n);
    most.map(|(value, _)| value)
}

/// Who answered most of the flows, then who stands behind; `not seen` where an edge answered and no flow shows it.
fn chain(verdicts: &[(Verdict, u32)]) -> Vec<String> {
    let name = |carrier: Carrier| shown(&catalogue().service(carrier.service).name);
    let edge = most(verdicts, |verdict| verdict.edge.map(name));
    let origin = most(verdicts, |verdict| verdict.origin.map(name));
    let is_seen = origin.is_some();
    let mut chain: Vec<String> = edge.into_iter().chain(origin).collect();
    chain.dedup();
    if !chain.is_empty() && !is_seen {
        chain.push("not seen".to_owned());
    }
    chain
}

/// The evidence of these relations that flows of the host show, each piece with the first of them and how many more.
fn why(relations: &[&Relation], own: &FlowSet) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for relation in relations {
        let of_host = |flows: &[FlowId]| -> Vec<FlowId> {
            let flows = flows.iter().filter(|flow| own.contains(**flow));
            flows.copied().collect()
        };
        let line = |is_for: bool, cited: &Cited| {
            // Only the first flows of a piece of evidence are listed; what all flows of the relation show, all of the host do.
            let is_of_all = cited.n_flows as usize == relation.flows.len();
            let is_listed = cited.n_flows as usize == cited.flows.len();
            let known = of_host(if is_of_all {
                &relation.flows
            } else {
                &cited.flows
            });
            let mut line = Line::of(is_for, cited);
            line.flow = *known.first()?;
            line.n_more = if is_of_all || is_listed {
                known.len() as u32 - 1
            } else {
                0
            };
            Some(line)
        };
        let supporting = relation.supporting.iter();
        lines.extend(supporting.filter_map(|cited| line(true, cited)));
        let opposing = relation.opposing.iter();
        lines.extend(opposing.filter_map(|cited| line(false, cited)));
    }
    lines.sort_by_key(|line| !line.is_for);
    lines.truncate(MAX_WHY);
    lines
}

/// The first part of a path: `/fonts/…` for all below it.
fn beginning(path: &str) -> &str {
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let folder = path.get(1..).and_then(|rest| rest.find('/'));
    folder.map_or(path, |at| &path[..=at + 1])
}

fn listed(paths: HashMap<&str, (u64, u64)>) -> Vec<(String, String)> {
    let mut paths: Vec<_> = paths.into_iter().collect();
    paths.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    let n_left = paths.len().saturating_sub(MAX_PATHS);
    let mut listed: Vec<(String, String)> = paths
        .into_iter()
        .take(MAX_PATHS)
        .map(|(path, (n, bytes))| {
            let (number, unit) = bytes_with_unit(bytes);
            let is_folder = path.len() > 1 && path.ends_with('/');
            let rest = if is_folder { "…" } else { "" };
            let words = format!("{} · {number} {unit}", counted(n, "request"));
            (format!("{}{rest}", shown(path)), words)
        })
        .collect();
    if 0 < n_left {
        listed.push((String::new(), format!("and {n_left} more")));
    }
    listed
}

fn common_label(document: &Document, own: &FlowSet) -> Option<Label> {
    let first = document.label(own.first()?)?;
    let is_common = own.iter().all(|flow| document.label(flow) == Some(first));
    is_common.then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_apart_by_their_first_part() {
        for (path, expected) in [
            ("/", "/"),
            ("/a.png", "/a.png"),
            ("/fonts/x/y.woff", "/fonts/"),
            ("/api?next=/a/b", "/api"),
            ("", ""),
        ] {
            assert_eq!(beginning(path), expected);
        }
    }

    #[test]
    fn the_paths_with_most_requests_come_first() {
        let paths = HashMap::from([("/fonts/", (2, 25_000)), ("/x", (7, 900)), ("/", (1, 5))]);
        let told = listed(paths);
        assert_eq!(told[0], ("/x".to_owned(), "7 requests · 900 B".to_owned()));
        assert_eq!(told[1].0, "/fonts/…");
        assert_eq!(told[2].0, "/");
    }
}
