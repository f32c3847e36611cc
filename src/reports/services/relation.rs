//! One relation: its table cells, its evidence, and whose data lies in its store.

use super::super::evidence::quote;
use super::{Names, Size, bytes_words, shown_id};
use crate::attribution::Conclusiveness;
use crate::attribution::roles::{
    Cited, Owner, PartyRoles, Relation, RelationRole, Resource, ResourceKind, Whose,
};
use crate::base::text::{counted, thousands};
use crate::capture::FlowId;
use crate::document::Document;
use crate::redact::Redactor;

/// Resources that are told one by one.
const MAX_RESOURCES: usize = 12;
/// Resources that a table names.
const MAX_PLACES: usize = 2;
/// Services behind another one that a table names.
const MAX_BEHIND: usize = 2;

/// What one party gets from one service.
pub(in crate::reports) struct RelationView<'a> {
    pub(in crate::reports) of: &'a Relation,
    pub(in crate::reports) name: String,
    pub(in crate::reports) size: Size,
    /// The buckets, distributions and apps: `x-docs, y-docs and 3 more`; empty where there is nothing finer than hosts.
    pub(in crate::reports) places: String,
    /// Who stands behind what is delivered, or whose data is stored.
    pub(in crate::reports) behind: String,
    pub(in crate::reports) sentence: String,
    pub(in crate::reports) resources: Vec<ResourceView>,
    /// Resources that are not told one by one.
    pub(in crate::reports) n_resources_left_out: u64,
    /// What speaks for it, then what speaks against it.
    pub(in crate::reports) cited: Vec<CitedView>,
    pub(in crate::reports) whose: Option<WhoseView>,
    pub(in crate::reports) would_settle_it: Vec<String>,
}

/// One bucket, app or host.
pub(in crate::reports) struct ResourceView {
    /// `bucket`, `host`.
    pub(in crate::reports) kind: &'static str,
    pub(in crate::reports) id: String,
    /// `4 requests, 3.1 kB, conclusive`; empty where that is said of the relation.
    pub(in crate::reports) about: String,
}

/// Whose data lies in a store.
pub(in crate::reports) struct WhoseView {
    /// `users' data, conclusive, #1 → #3`.
    pub(in crate::reports) words: String,
    pub(in crate::reports) cited: Vec<CitedView>,
}

/// One observation with the flows that show it.
pub(in crate::reports) struct CitedView {
    /// `for` or `against`.
    pub(in crate::reports) speaks: &'static str,
    pub(in crate::reports) family: &'static str,
    pub(in crate::reports) quote: String,
    pub(in crate::reports) rule: String,
    /// Where the rule comes from and its date.
    pub(in crate::reports) source: String,
    /// The first flow that shows it.
    pub(in crate::reports) flow: FlowId,
    /// `and 3 more`; empty when there is only one.
    pub(in crate::reports) more: String,
}

impl<'a> RelationView<'a> {
    pub(super) fn of(
        document: &Document,
        party: &PartyRoles,
        relation: &'a Relation,
        names: &Names,
        redactor: &mut Redactor,
    ) -> Self {
        let advice = relation.would_settle_it.iter();
        let advice = advice.map(|action| names.sentence(action, redactor));
        let advice = advice.collect();
        let mut resources = Vec::new();
        for resource in relation.resources.iter().take(MAX_RESOURCES) {
            resources.push(ResourceView {
                kind: resource.kind.word(),
                id: shown_id(&resource.id, party, redactor),
                about: about_resource(resource, relation),
            });
        }
        let left_out = relation.resources.len() - resources.len();
        Self {
            of: relation,
            name: names.sentence(&relation.name, redactor),
            size: Size::of(document, &relation.flows, relation.bytes),
            places: places(party, relation, redactor),
            behind: behind(relation, names, redactor),
            sentence: names.sentence(&relation.sentence, redactor),
            resources,
            n_resources_left_out: left_out as u64,
            cited: cited(&relation.supporting, &relation.opposing, redactor),
            whose: relation.whose.as_ref().map(|it| whose(it, redactor)),
            would_settle_it: advice,
        }
    }

    /// `Amazon S3: stores`.
    pub(in crate::reports) fn title(&self) -> String {
        format!("{}: {}", self.name, self.of.role.word())
    }

    /// `300 requests, 4.5 MB, 7 hosts; 290 strong, 10 suggestive; eu-west-1`.
    pub(in crate::reports) fn about(&self) -> String {
        let mut parts = vec![self.size.words()];
        let levels = self.of.levels;
        let levels = [
            (levels.conclusive, Conclusiveness::Conclusive),
            (levels.strong, Conclusiveness::Strong),
            (levels.suggestive, Conclusiveness::Suggestive),
        ];
        let levels: Vec<String> = levels
            .into_iter()
            .filter(|(n, _)| 0 < *n)
            .map(|(n, level)| format!("{} {}", thousands(n.into()), level.word()))
            .collect();
        if 1 < levels.len() {
            parts.push(levels.join(", "));
        }
        parts.push(self.of.regions.join(", "));
        parts.retain(|part| !part.is_empty());
        parts.join("; ")
    }

    /// Who stands behind it, one by one, with what was not seen.
    pub(in crate::reports) fn behind_lines(&self) -> Vec<String> {
        if self.of.is_tunnelled {
            return Vec::new();
        }
        let behind = self.of.behind.iter();
        let mut lines: Vec<String> = behind
            .map(|it| {
                let n = counted(it.n_flows.into(), "request");
                format!("{}: {n}, {}", it.name, it.conclusiveness.word())
            })
            .collect();
        if 0 < self.of.n_origin_not_seen {
            let n = counted(self.of.n_origin_not_seen.into(), "request");
            lines.push(format!("not seen: {n}"));
        }
        lines
    }

    /// `and 3 more buckets`; empty when all are told.
    pub(in crate::reports) fn resources_left_out(&self) -> String {
        match self.n_resources_left_out {
            0 => String::new(),
            n => format!("and {} more", thousands(n)),
        }
    }
}

fn places(party: &PartyRoles, relation: &Relation, redactor: &mut Redactor) -> String {
    let named = relation.resources.iter();
    let named: Vec<&Resource> = named.filter(|it| it.kind != ResourceKind::Host).collect();
    let shown = named.iter().take(MAX_PLACES);
    let shown: Vec<String> = shown.map(|it| shown_id(&it.id, party, redactor)).collect();
    match named.len().saturating_sub(MAX_PLACES) {
        0 => shown.join(", "),
        n => format!("{} and {} more", shown.join(", "), thousands(n as u64)),
    }
}

/// `Amazon S3 9 · not seen 318`; for stores whose data it is; what is implied otherwise.
fn behind(relation: &Relation, names: &Names, redactor: &mut Redactor) -> String {
    if relation.is_tunnelled {
        return "seen through tunnels only".to_owned();
    }
    match (relation.role, &relation.whose) {
        (RelationRole::Delivers, _) => {
            let named = relation.behind.iter().take(MAX_BEHIND);
            let mut parts: Vec<String> = named
                .map(|it| {
                    let n = thousands(it.n_flows.into());
                    format!("{} {n}", names.sentence(&it.name, redactor))
                })
                .collect();
            let others = relation.behind.iter().skip(MAX_BEHIND);
            let n_others: u32 = others.map(|it| it.n_flows).sum();
            if 0 < n_others {
                parts.push(format!("others {}", thousands(n_others.into())));
            }
            if 0 < relation.n_origin_not_seen {
                let n = thousands(relation.n_origin_not_seen.into());
                parts.push(format!("not seen {n}"));
            }
            parts.join(" · ")
        }
        (RelationRole::Stores, Some(whose)) => {
            let data = match whose.answer {
                Owner::NotSeen => format!("whose data was {}", owner_words(whose)),
                _ => owner_words(whose),
            };
            if 0 < relation.n_behind_an_edge {
                format!("{data}, behind an edge")
            } else {
                data
            }
        }
        (RelationRole::Own, _) => "its own content".to_owned(),
        _ => String::new(),
    }
}

/// `users' data`, or where the evidence leans.
fn owner_words(whose: &Whose) -> String {
    match (whose.answer, whose.lean) {
        (Owner::NotSeen, Some(lean)) => {
            format!("not seen, leaning to {}", lean.data())
        }
        (Owner::NotSeen, None) => "not seen".to_owned(),
        (owner, _) => owner.data().to_owned(),
    }
}

/// Nothing where all that is told of the relation holds for its only resource.
fn about_resource(resource: &Resource, relation: &Relation) -> String {
    if relation.resources.len() == 1 && relation.flows.len() == resource.flows.len() {
        return String::new();
    }
    let mut about = vec![counted(resource.flows.len() as u64, "request")];
    if 0 < resource.bytes {
        about.push(bytes_words(resource.bytes));
    }
    about.push(resource.conclusiveness.word().to_owned());
    about.join(", ")
}

fn whose(whose: &Whose, redactor: &mut Redactor) -> WhoseView {
    let mut words = owner_words(whose);
    if whose.answer != Owner::NotSeen {
        words = format!("{words}, {}", whose.conclusiveness.word());
    }
    let transfer = match whose.transfer {
        Some((write, Some(read))) => format!(", #{} → #{}", write.n(), read.n()),
        Some((write, None)) => format!(", #{}", write.n()),
        None => String::new(),
    };
    WhoseView {
        words: format!("{words}{transfer}"),
        cited: cited(&whose.supporting, &whose.opposing, redactor),
    }
}

/// What speaks for, then what speaks against.
pub(super) fn cited(
    supporting: &[Cited],
    opposing: &[Cited],
    redactor: &mut Redactor,
) -> Vec<CitedView> {
    let supporting = supporting.iter().map(|cited| ("for", cited));
    let opposing = opposing.iter().map(|cited| ("against", cited));
    supporting
        .chain(opposing)
        .map(|(speaks, cited)| CitedView {
            speaks,
            family: cited.evidence.family.title(),
            quote: quote(&cited.evidence, redactor),
            rule: cited.evidence.rule.clone(),
            source: cited.evidence.source.clone(),
            flow: cited.flow,
            more: match cited.n_flows {
                0 | 1 => String::new(),
                n => format!("and {} more", thousands(u64::from(n) - 1)),
            },
        })
        .collect()
}
