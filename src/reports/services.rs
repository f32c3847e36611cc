//! What every provider is to every party, fit to leave the program: shared by all that speaks of relations to people.

mod names;
mod question;
mod relation;

use std::collections::{BTreeMap, HashSet};

use super::survey::shown_host;
use super::{ReportError, ReportInput};
use crate::attribution::roles::{PartyRoles, Roles, Standing, Why};
use crate::base::text::{bytes_with_unit, counted, thousands};
use crate::capture::{Flow, FlowId, FlowSet};
use crate::document::Document;
use crate::redact::Redactor;

pub(super) use names::{Names, shown_id};
pub(super) use question::{HypothesisView, QUESTION, QuestionView};
pub(super) use relation::{CitedView, RelationView};

/// Most relations that a report for people tells; a capture can hold a hundred thousand parties.
const MAX_RELATIONS: usize = 200;
/// Most parties that have no relation and are named.
const MAX_WITHOUT: usize = 100;
/// Parties that the answer tells of when a filter is in force.
const MAX_ANSWERED: usize = 3;
/// Sites that are named.
const MAX_SITES: usize = 2;

/// How much of the traffic something concerns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) n_flows: u64,
    /// Received.
    pub(super) bytes: u64,
    pub(super) n_hosts: u64,
}

impl Size {
    fn of(document: &Document, flows: &[FlowId], bytes: u64) -> Self {
        Self {
            n_flows: flows.len() as u64,
            bytes,
            n_hosts: n_hosts(document, flows),
        }
    }

    fn add(&mut self, other: Self) {
        self.n_flows += other.n_flows;
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.n_hosts += other.n_hosts;
    }

    /// `4.5 MB`; a dash where no bytes were counted.
    pub(super) fn bytes_words(self) -> String {
        bytes_words(self.bytes)
    }

    /// `306 requests, 4.7 MB, 8 hosts`.
    pub(super) fn words(self) -> String {
        let mut parts = vec![counted(self.n_flows, "request")];
        if 0 < self.bytes {
            parts.push(self.bytes_words());
        }
        if 0 < self.n_hosts {
            parts.push(counted(self.n_hosts, "host"));
        }
        parts.join(", ")
    }
}

/// `4.5 MB`; a dash where no bytes were counted.
pub(super) fn bytes_words(bytes: u64) -> String {
    if bytes == 0 {
        return "–".to_owned();
    }
    let (value, unit) = bytes_with_unit(bytes);
    format!("{value} {unit}")
}

/// Why flows tell nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WhyView {
    /// The reason, as a clause.
    pub(super) words: String,
    pub(super) n_flows: u64,
}

/// One party.
pub(super) struct PartyView<'a> {
    pub(super) party: String,
    /// `the site itself`, `embedded in a.example`; empty when the capture does not say.
    pub(super) standing: String,
    pub(super) size: Size,
    pub(super) summary: String,
    pub(super) relations: Vec<RelationView<'a>>,
    pub(super) questions: Vec<QuestionView<'a>>,
    /// Flows that no relation explains, and why.
    pub(super) unknown: Size,
    pub(super) why: Vec<WhyView>,
    /// Flows that show nothing about any server.
    pub(super) validity: Vec<WhyView>,
    /// What to keep in mind about this party alone.
    pub(super) caveats: Vec<String>,
}

/// Everything that a report for people tells.
#[derive(Default)]
pub(super) struct Services<'a> {
    /// Who serves the traffic, in sentences.
    pub(super) answer: Vec<String>,
    /// Those with relations: first parties, then embedded ones.
    pub(super) parties: Vec<PartyView<'a>>,
    /// Those of which nothing is attributed.
    pub(super) without: Vec<PartyView<'a>>,
    /// Parties that are left out of each, and their flows.
    pub(super) left_out: (u64, Size),
    pub(super) without_left_out: (u64, Size),
    /// Why flows of all these parties are not attributed.
    pub(super) why: Vec<WhyView>,
    /// Why flows of all these parties show nothing about any server.
    pub(super) validity: Vec<WhyView>,
    /// What to keep in mind, each once.
    pub(super) caveats: Vec<String>,
}

/// The roles of a report, or why there are none.
pub(super) fn roles(input: &ReportInput<'_>) -> Result<std::sync::Arc<Roles>, ReportError> {
    let roles = input.document.roles(&input.cancel);
    roles.ok_or(ReportError::Cancelled)
}

/// The parties of which the report holds a flow. They are judged over all flows, whatever the filter leaves out.
pub(super) fn concerned<'a>(
    input: &ReportInput<'_>,
    roles: &'a Roles,
) -> impl Iterator<Item = &'a PartyRoles> + use<'a> {
    let mut shown = FlowSet::default();
    for id in &input.flows {
        shown.insert(*id);
    }
    let parties = roles.parties.iter();
    parties.filter(move |party| party.flows.iter().any(|flow| shown.contains(*flow)))
}

impl<'a> Services<'a> {
    pub(super) fn of(input: &ReportInput<'_>, roles: &'a Roles, redactor: &mut Redactor) -> Self {
        let common = common_caveats(roles);
        let mut services = Self::default();
        let mut n_relations = 0;
        for party in concerned(input, roles) {
            let names = Names::of(party, redactor);
            let why = &party.not_attributed.why;
            add_why(why, &names, redactor, &mut services.why);
            add_why(&party.validity, &names, redactor, &mut services.validity);
            for caveat in &party.caveats {
                let caveat = names.sentence(caveat, redactor);
                if !services.caveats.contains(&caveat) && services.caveats.len() < MAX_RELATIONS {
                    services.caveats.push(caveat);
                }
            }
            let (list, left_out, is_full) = if party.relations.is_empty() {
                let is_full = MAX_WITHOUT <= services.without.len();
                (
                    &mut services.without,
                    &mut services.without_left_out,
                    is_full,
                )
            } else {
                let is_full = MAX_RELATIONS <= n_relations;
                (&mut services.parties, &mut services.left_out, is_full)
            };
            if is_full {
                left_out.0 += 1;
                left_out
                    .1
                    .add(Size::of(input.document, &party.flows, party.bytes));
            } else {
                n_relations += party.relations.len();
                list.push(PartyView::of(input.document, party, &common, redactor));
            }
        }
        services
            .why
            .sort_by_key(|why| std::cmp::Reverse(why.n_flows));
        let validity = &mut services.validity;
        validity.sort_by_key(|why| std::cmp::Reverse(why.n_flows));
        services.answer = services.answer(input, roles, redactor);
        services
    }

    /// Who serves the traffic: the answer of the session, or with a filter what the first parties are about.
    fn answer(
        &self,
        input: &ReportInput<'_>,
        roles: &Roles,
        redactor: &mut Redactor,
    ) -> Vec<String> {
        let is_whole = input.flows.len() == input.document.n_flows() as usize;
        if is_whole && !roles.answer.is_empty() {
            return answer(roles, redactor);
        }
        let parties = self.parties.iter().chain(&self.without);
        let told = parties.take(MAX_ANSWERED);
        let mut told: Vec<String> = told
            .map(|party| format!("{}: {}", party.party, party.summary))
            .collect();
        let others = (self.parties.len() + self.without.len()).saturating_sub(MAX_ANSWERED) as u64;
        match others + self.left_out.0 + self.without_left_out.0 {
            _ if told.is_empty() => {
                told.push("Nothing in these flows tells who serves them.".to_owned());
            }
            0 => {}
            n => told.push(format!(
                "{} below.",
                counted(n, "more party").replace("partys", "parties")
            )),
        }
        told
    }

    /// Every rule that is cited, with its source.
    pub(super) fn rules(&self) -> BTreeMap<&str, &str> {
        let cited = self.parties.iter().flat_map(PartyView::cited);
        cited
            .map(|it| (it.rule.as_str(), it.source.as_str()))
            .collect()
    }

    /// What would settle an open relation or question, and which ones that concerns: `expressen.se at Akamai`.
    pub(super) fn would_settle_it(&self) -> Vec<(String, Vec<String>)> {
        let mut all: Vec<(String, Vec<String>)> = Vec::new();
        let mut add = |action: &str, pair: String| match all.iter_mut().find(|it| it.0 == action) {
            Some((_, pairs)) if pairs.contains(&pair) => {}
            Some((_, pairs)) => pairs.push(pair),
            None => all.push((action.to_owned(), vec![pair])),
        };
        for party in &self.parties {
            for relation in &party.relations {
                for action in &relation.would_settle_it {
                    add(action, format!("{} at {}", party.party, relation.name));
                }
            }
            for question in &party.questions {
                let is_said = |action: &&String| {
                    let mut relations = party.relations.iter();
                    relations.any(|it| it.would_settle_it.contains(action))
                };
                let actions = question.would_settle_it.iter();
                for action in actions.filter(|action| !is_said(action)) {
                    add(action, format!("{} at {}", party.party, question.provider));
                }
            }
        }
        all
    }
}

impl PartyView<'_> {
    /// All evidence that is cited for and against its relations and the answers to the question of 2011.
    fn cited(&self) -> impl Iterator<Item = &CitedView> {
        let relations = self.relations.iter().flat_map(|relation| {
            let whose = relation.whose.iter().flat_map(|whose| &whose.cited);
            relation.cited.iter().chain(whose)
        });
        let questions = self.questions.iter();
        let hypotheses = questions.flat_map(|question| &question.hypotheses);
        relations.chain(hypotheses.flat_map(|it| &it.cited))
    }
}

impl<'a> PartyView<'a> {
    /// What may be said of `party`; the caveats that are `common` to all are not repeated.
    pub(super) fn of(
        document: &Document,
        party: &'a PartyRoles,
        common: &[String],
        redactor: &mut Redactor,
    ) -> Self {
        let relations = party.relations.iter();
        let questions = party.questions.iter();
        let caveats = party.caveats.iter();
        let names = Names::of(party, redactor);
        let unknown = &party.not_attributed;
        Self {
            party: shown_host(&party.party, redactor),
            standing: standing(party, redactor),
            size: Size {
                n_flows: party.flows.len() as u64,
                bytes: party.bytes,
                n_hosts: party.hosts.len() as u64,
            },
            summary: names.sentence(&party.summary, redactor),
            relations: relations
                .map(|relation| RelationView::of(document, party, relation, &names, redactor))
                .collect(),
            questions: questions
                .map(|question| QuestionView::of(question, &names, redactor))
                .collect(),
            unknown: Size::of(document, &unknown.flows, unknown.bytes),
            why: why(&unknown.why, &names, redactor),
            validity: why(&party.validity, &names, redactor),
            caveats: caveats
                .filter(|caveat| !common.contains(caveat))
                .map(|caveat| names.sentence(caveat, redactor))
                .collect(),
        }
    }

    /// `not attributed, because the capture holds no server address (20), …`: why nothing or the rest is not told.
    pub(super) fn why_words(&self) -> String {
        let reasons = if self.why.is_empty() {
            &self.validity
        } else {
            &self.why
        };
        match &reasons[..] {
            [] => String::new(),
            [only] => only.words.clone(),
            many => {
                let many = many.iter();
                let many: Vec<String> = many
                    .map(|why| format!("{} ({})", why.words, thousands(why.n_flows)))
                    .collect();
                many.join("; ")
            }
        }
    }
}

/// What holds for every party of the session.
pub(super) fn common_caveats(roles: &Roles) -> Vec<String> {
    let Some((first, others)) = roles.parties.split_first() else {
        return Vec::new();
    };
    let mut common = first.caveats.clone();
    common.retain(|caveat| others.iter().all(|party| party.caveats.contains(caveat)));
    common
}

/// `the site itself`, `embedded in a.example and 3 more`.
fn standing(party: &PartyRoles, redactor: &mut Redactor) -> String {
    let words = party.standing.words();
    if party.standing != Standing::Embedded || party.sites.is_empty() {
        return words.to_owned();
    }
    let sites = party.sites.iter().take(MAX_SITES);
    let sites: Vec<String> = sites.map(|site| shown_host(site, redactor)).collect();
    let more = match party.sites.len().saturating_sub(MAX_SITES) {
        0 => String::new(),
        n => format!(" and {} more", thousands(n as u64)),
    };
    format!("{words} in {}{more}", sites.join(", "))
}

/// The answer of a session, fit to leave the program.
pub(super) fn answer(roles: &Roles, redactor: &mut Redactor) -> Vec<String> {
    let names = Names::of_answer(roles, redactor);
    let answer = roles.answer.iter();
    answer.map(|text| names.sentence(text, redactor)).collect()
}

fn why(list: &[Why], names: &Names, redactor: &mut Redactor) -> Vec<WhyView> {
    let mut all = Vec::new();
    add_why(list, names, redactor, &mut all);
    all
}

/// Adds the reasons in `list` to those that are known.
fn add_why(list: &[Why], names: &Names, redactor: &mut Redactor, all: &mut Vec<WhyView>) {
    for why in list {
        let words = names.sentence(&why.words, redactor);
        let n_flows = u64::from(why.n_flows);
        match all.iter_mut().find(|known| known.words == words) {
            Some(known) => known.n_flows += n_flows,
            None => all.push(WhyView { words, n_flows }),
        }
    }
}

/// Number of different hosts of `flows`; those without one do not count.
fn n_hosts(document: &Document, flows: &[FlowId]) -> u64 {
    let hosts = flows.iter().filter_map(|id| document.flow(*id));
    let hosts: HashSet<&str> = hosts.map(Flow::host).collect();
    hosts.iter().filter(|host| !host.is_empty()).count() as u64
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::attribution::Conclusiveness;
    use crate::attribution::roles::{
        Levels, NotAttributed, Relation, RelationRole, Resource, ResourceKind,
    };
    use crate::redact::Level;

    /// A party with one relation, at one host.
    pub(in crate::reports) fn party() -> PartyRoles {
        let relation = Relation {
            service: crate::providers::catalogue()
                .find("aws/cloudfront")
                .expect("CloudFront"),
            name: "Amazon CloudFront".to_owned(),
            role: RelationRole::Delivers,
            resources: vec![Resource {
                kind: ResourceKind::Host,
                id: "www.a.example".to_owned(),
                flows: vec![FlowId(0), FlowId(1)],
                bytes: 20,
                conclusiveness: Conclusiveness::Strong,
            }],
            flows: vec![FlowId(0), FlowId(1)],
            bytes: 20,
            regions: Vec::new(),
            conclusiveness: Conclusiveness::Strong,
            levels: Levels::default(),
            supporting: Vec::new(),
            opposing: Vec::new(),
            behind: Vec::new(),
            n_origin_not_seen: 2,
            origin_words: Vec::new(),
            n_behind_an_edge: 0,
            is_tunnelled: false,
            whose: None,
            sentence: "Amazon CloudFront delivers a.example: 2 requests, strong.".to_owned(),
            would_settle_it: vec!["ask again".to_owned()],
        };
        PartyRoles {
            party: "a.example".to_owned(),
            sites: vec!["a.example".to_owned()],
            standing: Standing::FirstParty,
            flows: vec![FlowId(0), FlowId(1)],
            bytes: 20,
            hosts: vec!["www.a.example".to_owned()],
            summary: relation.sentence.clone(),
            relations: vec![relation],
            questions: Vec::new(),
            not_attributed: NotAttributed::default(),
            validity: Vec::new(),
            caveats: vec!["of all".to_owned(), "of one".to_owned()],
        }
    }

    fn why(words: &str, n_flows: u32) -> Why {
        Why {
            reason: "no-address",
            words: words.to_owned(),
            n_flows,
        }
    }

    fn view(party: &PartyRoles) -> PartyView<'_> {
        let common = ["of all".to_owned()];
        let mut redactor = Redactor::new(Level::Balanced);
        PartyView::of(&Document::default(), party, &common, &mut redactor)
    }

    #[test]
    fn a_party_is_told_with_its_place_and_without_what_holds_for_all() {
        let mut party = party();
        assert_eq!(view(&party).standing, "the site itself");
        assert_eq!(view(&party).caveats, ["of one"]);
        assert_eq!(view(&party).size.words(), "2 requests, 20 B, 1 host");
        party.standing = Standing::Embedded;
        party.sites = ["x.example", "y.example", "z.example"]
            .map(str::to_owned)
            .to_vec();
        assert_eq!(
            view(&party).standing,
            "embedded in x.example, y.example and 1 more"
        );
    }

    #[test]
    fn what_stands_behind_is_counted_with_what_was_not_seen() {
        let mut party = party();
        assert_eq!(view(&party).relations[0].behind, "not seen 2");
        let store = crate::attribution::roles::Behind {
            service: party.relations[0].service,
            name: "Amazon S3".to_owned(),
            n_flows: 1,
            conclusiveness: Conclusiveness::Strong,
        };
        party.relations[0].behind = vec![store];
        party.relations[0].n_origin_not_seen = 1;
        assert_eq!(view(&party).relations[0].behind, "Amazon S3 1 · not seen 1");
        party.relations[0].is_tunnelled = true;
        assert_eq!(
            view(&party).relations[0].behind,
            "seen through tunnels only"
        );
    }

    #[test]
    fn reasons_are_told_with_numbers_when_there_are_several() {
        let mut party = party();
        party.not_attributed.why = vec![why("nobody answered", 1_000)];
        assert_eq!(view(&party).why_words(), "nobody answered");
        party.not_attributed.why.push(why("no address", 1));
        assert_eq!(
            view(&party).why_words(),
            "nobody answered (1,000); no address (1)"
        );
    }

    #[test]
    fn caveats_are_common_only_when_every_party_has_them() {
        let mut roles = Roles {
            parties: vec![party(), party()],
            answer: Vec::new(),
        };
        assert_eq!(common_caveats(&roles), ["of all", "of one"]);
        roles.parties[1].caveats.pop();
        assert_eq!(common_caveats(&roles), ["of all"]);
    }
}
