//! What a person could do to settle an open relation or question. Headwater itself never sends anything.

use super::gather::{Share, are_tunnels};
use super::question::Hypothesis;
use super::relation::{Relation, RelationRole};
use super::whose::Owner;
use crate::attribution::evidence::Family;
use crate::attribution::verdict::Conclusiveness;
use crate::capture::Side;
use crate::providers::catalogue;

/// Advice, each once, in the order in which it is best followed.
#[derive(Default)]
struct Advice(Vec<String>);

impl Advice {
    fn add(&mut self, is_needed: bool, advice: impl Into<String>) {
        let advice = advice.into();
        if is_needed && !self.0.contains(&advice) {
            self.0.push(advice);
        }
    }
}

/// What would settle `relation`; `is_fresh` says that names still lead where they led.
pub(super) fn relation(
    relation: &Relation,
    shares: &[Share<'_, '_>],
    is_fresh: bool,
) -> Vec<String> {
    let mut advice = Advice::default();
    if are_tunnels(shares) {
        advice.add(true, IN_THE_TUNNELS);
        return advice.0;
    }
    let is_sure = relation.conclusiveness == Conclusiveness::Conclusive;
    let has = |family: Family| {
        let mut all = relation.supporting.iter();
        all.any(|cited| cited.evidence.family == family)
    };
    let headers = |share: &Share<'_, '_>| {
        let mut headers = share.cell.first.headers();
        headers.any(|header| header.side == Side::Response)
    };
    let address = |share: &Share<'_, '_>| !share.cell.first.server_ip().is_empty();
    advice.add(!is_sure && !shares.iter().any(headers), WITH_HEADERS);
    advice.add(!is_sure && !shares.iter().any(address), WITH_ADDRESSES);
    if relation.role == RelationRole::Delivers {
        let debug = &catalogue().service(relation.service).debug_header;
        let host = shares.first().map_or("", |share| share.cell.first.host());
        let by_address = has(Family::Address) && !has(Family::HeaderChain) && !has(Family::Name);
        let cname = format!("resolve it today: `dig {host} CNAME`");
        advice.add(!is_sure && by_address && is_fresh, cname);
        let ask = format!("ask for it with `{debug}`: this edge then names itself");
        advice.add(!is_sure && by_address && !debug.is_empty(), ask);
        advice.add(0 < relation.n_origin_not_seen, NEW_QUERY);
    }
    if let Some(whose) = &relation.whose {
        add_about_data(&mut advice, whose.answer, whose.conclusiveness, relation);
    }
    let is_machine = relation.role == RelationRole::Computes;
    advice.add(is_machine && !is_sure, TWICE);
    advice.0
}

/// What would settle the question of 2011 at the provider of `relations`.
pub(super) fn question(
    relations: &[&Relation],
    answer: Option<Hypothesis>,
    is_fresh: bool,
) -> Vec<String> {
    let mut advice = Advice::default();
    if relations.iter().all(|relation| relation.is_tunnelled) {
        advice.add(true, IN_THE_TUNNELS);
        advice.add(true, UPLOAD);
        return advice.0;
    }
    let is_about_stores = answer != Some(Hypothesis::CdnOnly);
    let mut stores = relations
        .iter()
        .filter(|relation| is_about_stores && relation.role == RelationRole::Stores)
        .peekable();
    let has_store = stores.peek().is_some();
    for relation in stores {
        for action in &relation.would_settle_it {
            advice.add(true, action.as_str());
        }
    }
    let edges = relations
        .iter()
        .filter(|relation| relation.role == RelationRole::Delivers);
    for relation in edges {
        let settles = |action: &&String| !has_store || !action.contains("query string");
        for action in relation.would_settle_it.iter().filter(settles) {
            advice.add(true, action.as_str());
        }
        advice.add(answer.is_none() && is_fresh && !has_store, TWICE);
    }
    advice.0
}

pub(super) const IN_THE_TUNNELS: &str =
    "capture inside the tunnels, with a proxy whose certificate the device trusts";
const WITH_HEADERS: &str = "capture again with response headers";
const WITH_ADDRESSES: &str = "capture again in a format that keeps server addresses, such as a HAR";
const NEW_QUERY: &str = "ask for it with a new query string: a miss shows what the origin adds";
const TWICE: &str =
    "request it twice, ten seconds apart: behind a cache Age grows and a miss becomes a hit";
const UPLOAD: &str = "upload a file just made of random bytes while capturing, and read it by its URL before anybody else does";
const CONTROL_PLANE: &str = "capture the service's own requests as well, with their bodies: they show who hands out the URL of the upload";
const READ_AGAIN: &str = "read the same object from a second device, or days later: the same ETag shows that the store kept it";
const DELETE: &str = "delete or change it in the service and read the URL again: 404 or a new ETag shows who holds the truth";

/// What tells whose data a store holds.
fn add_about_data(advice: &mut Advice, answer: Owner, level: Conclusiveness, relation: &Relation) {
    let shown = |rule: &str| {
        let cited = relation.whose.iter().flat_map(|whose| &whose.supporting);
        cited.clone().any(|cited| cited.evidence.rule == rule)
    };
    let is_sure = level == Conclusiveness::Conclusive;
    let is_users = answer == Owner::Users;
    let is_handed_out = shown("party/handed-out");
    advice.add(is_users && !is_sure && !is_handed_out, CONTROL_PLANE);
    let is_read = shown("party/read-back") && !is_handed_out;
    advice.add(is_users && !is_sure && !is_read, READ_AGAIN);
    advice.add(!is_users && level < Conclusiveness::Strong, UPLOAD);
    advice.add(!is_users && !is_sure, DELETE);
}
