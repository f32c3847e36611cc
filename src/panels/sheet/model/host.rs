//! What the sheet of a host says: who stands in front of whom, why, and which paths were asked for.

use std::collections::HashMap;

use super::{Line, shown};
use crate::annotations::Label;
use crate::attribution::roles::{Cited, Relation, RelationRole, Roles};
use crate::attribution::{Conclusiveness, Role};
use crate::base::jobs::{Cancel, STEP};
use crate::base::text::{bytes_with_unit, counted};
use crate::capture::{Flow, FlowId, FlowSet};
use crate::document::Document;
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
        let mut roles_of: HashMap<(Role, Conclusiveness), u32> = HashMap::new();
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
            *roles_of
                .entry((verdict.role, verdict.conclusiveness))
                .or_default() += 1;
        }
        let most = roles_of.into_iter().max_by_key(|(of, n)| (*n, of.1));
        let (role, conclusiveness) =
            most.map_or((Role::Unknown, Conclusiveness::Insufficient), |(of, _)| of);
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
            chain: chain(document, focus, &relations),
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

/// Who answered first, then who stands behind, the last one where the origin is not seen.
fn chain(document: &Document, focus: FlowId, relations: &[&Relation]) -> Vec<String> {
    let front = document.verdict(focus).terminating().map(|it| it.service);
    let mut ordered: Vec<&Relation> = relations.to_vec();
    ordered.sort_by_key(|relation| (Some(relation.service) != front, relation.role));
    let mut chain: Vec<String> = ordered.iter().map(|it| shown(&it.name)).collect();
    chain.dedup();
    let only_delivers = ordered.iter().all(|it| it.role == RelationRole::Delivers);
    let own = ordered
        .iter()
        .flat_map(|relation| &relation.behind)
        .map(|behind| shown(&behind.name))
        .find(|name| !chain.contains(name));
    if only_delivers && !chain.is_empty() {
        chain.push(own.unwrap_or_else(|| "not seen".to_owned()));
    }
    chain
}

/// The evidence of these relations that flows of the host show.
fn why(relations: &[&Relation], own: &FlowSet) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let line = |is_for: bool, cited: &Cited| {
        let mut of_host = cited.flows.iter().filter(|flow| own.contains(**flow));
        let first = *of_host.next()?;
        let mut line = Line::of(is_for, cited);
        line.flow = first;
        line.n_more = of_host.count() as u32;
        Some(line)
    };
    for relation in relations {
        let supporting = relation.supporting.iter();
        lines.extend(supporting.filter_map(|cited| line(true, cited)));
    }
    for relation in relations {
        let opposing = relation.opposing.iter();
        lines.extend(opposing.filter_map(|cited| line(false, cited)));
    }
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
