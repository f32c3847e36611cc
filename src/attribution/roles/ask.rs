//! Asks the question of 2011 of a party at every provider that stores or delivers for it.

use super::cited::Cited;
use super::citing::own;
use super::gather::{Gathered, Key, Share, flows_of};
use super::question::{Hypothesis, Question, Weighed};
use super::relation::{Relation, RelationRole};
use super::settle;
use super::weigh::Surroundings;
use super::whose::Owner;
use super::words;
use crate::attribution::collect::behaviour::{AGE_GROWS, MISS_THEN_HIT};
use crate::attribution::evidence::{Claim, Family, OwnRule, Strength};
use crate::attribution::verdict::Conclusiveness;
use crate::capture::Side;
use crate::providers::{ProviderId, ServiceKind, catalogue};

/// The origin names itself.
pub(in crate::attribution) const OWN_SERVER: OwnRule = OwnRule::new(
    "party/own-server",
    Family::HeaderChain,
    "Server names a program that is none of the provider's: the origin's own word, which the edge passed on",
);
/// Somebody else holds the truth.
pub(in crate::attribution) const OTHER_ORIGIN: OwnRule = OwnRule::new(
    "party/other-origin",
    Family::HeaderChain,
    "The store or server of somebody else answered behind the edge",
);
/// The provider has nothing but edges.
pub(in crate::attribution) const EDGES_ONLY: OwnRule = OwnRule::new(
    "party/edges-only",
    Family::Name,
    "The provider runs edges, and neither stores nor servers that are known",
);

/// What bears on the question at one provider.
struct Case<'r, 'c, 'a> {
    provider: ProviderId,
    relations: Vec<&'r Relation>,
    /// The cells that its services deliver.
    delivered: Vec<&'r Share<'c, 'a>>,
}

/// The answers at every provider with a relation that stores or delivers, most flows first.
pub(super) fn questions(
    party: &str,
    relations: &[Relation],
    gathered: &Gathered<'_, '_>,
    around: &Surroundings<'_, '_>,
) -> Vec<Question> {
    let mut providers: Vec<(ProviderId, usize)> = Vec::new();
    for relation in relations {
        let is_asked = matches!(relation.role, RelationRole::Stores | RelationRole::Delivers);
        let Some(provider) = relation.provider().filter(|_| is_asked) else {
            continue;
        };
        match providers.iter_mut().find(|(known, _)| *known == provider) {
            Some((_, n)) => *n += relation.flows.len(),
            None => providers.push((provider, relation.flows.len())),
        }
    }
    providers.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    let cases = providers.into_iter().map(|(provider, _)| {
        let of = |relation: &&Relation| relation.provider() == Some(provider);
        let is_delivered = |key: &&Key| {
            key.role == RelationRole::Delivers && catalogue().provider_of(key.service) == provider
        };
        let shares = gathered.relations.iter();
        let delivered = shares.filter(|(key, _)| is_delivered(key));
        Case {
            provider,
            relations: relations.iter().filter(of).collect(),
            delivered: delivered.flat_map(|(_, shares)| shares).collect(),
        }
    });
    cases.map(|case| case.ask(party, around.is_fresh)).collect()
}

impl<'r> Case<'r, '_, '_> {
    fn ask(&self, party: &str, is_fresh: bool) -> Question {
        let hypotheses = [self.backend_storage(), self.hosted_there(), self.cdn_only()];
        let answer = self.answer(&hypotheses);
        let lean = answer.is_none().then(|| self.lean(&hypotheses)).flatten();
        let conclusiveness = answer.map_or(Conclusiveness::Insufficient, |answer| {
            let mut all = hypotheses.iter();
            let weighed = all.find(|it| it.hypothesis == answer);
            weighed.map_or(Conclusiveness::Insufficient, |it| it.conclusiveness)
        });
        let reason = match answer {
            Some(answer) => self.carried_by(party, answer),
            None => self.why_inconclusive().to_owned(),
        };
        let mut would_settle_it: Vec<String> = Vec::new();
        if conclusiveness != Conclusiveness::Conclusive {
            would_settle_it.extend(settle::question(&self.relations, answer, is_fresh));
        }
        Question {
            provider: self.provider,
            answer,
            conclusiveness,
            lean,
            reason,
            hypotheses: hypotheses.into(),
            would_settle_it,
        }
    }

    /// The hypothesis with strong evidence. Whose data lies in a store says more than who delivers, and somebody else's
    /// bucket is another question than what the provider does for the party.
    fn answer(&self, hypotheses: &[Weighed]) -> Option<Hypothesis> {
        let is_strong = |wanted: Hypothesis| {
            hypotheses
                .iter()
                .any(|it| it.hypothesis == wanted && Conclusiveness::Strong <= it.conclusiveness)
        };
        let is_own = self.stores().any(|(relation, owner)| {
            owner == Owner::Party && Some(Conclusiveness::Strong) <= level_of(relation)
        });
        let order = [
            Some(Hypothesis::BackendStorage),
            is_own.then_some(Hypothesis::HostedThere),
            Some(Hypothesis::CdnOnly),
            Some(Hypothesis::HostedThere),
        ];
        order.into_iter().flatten().find(|it| is_strong(*it))
    }

    /// Where what is there points while nothing is strong.
    fn lean(&self, hypotheses: &[Weighed]) -> Option<Hypothesis> {
        let best = hypotheses
            .iter()
            .filter(|it| it.conclusiveness == Conclusiveness::Suggestive);
        let only: Vec<Hypothesis> = best.map(|it| it.hypothesis).collect();
        let mut stores = self.stores();
        let leans = |owner: Owner, relation: &Relation| {
            let lean = relation.whose.as_ref().and_then(|whose| whose.lean);
            owner == Owner::NotSeen && lean == Some(Owner::Users)
        };
        match only[..] {
            [only] => Some(only),
            [] if stores.any(|(relation, owner)| leans(owner, relation)) => {
                Some(Hypothesis::BackendStorage)
            }
            _ => None,
        }
    }

    fn stores(&self) -> impl Iterator<Item = (&'r Relation, Owner)> {
        let stores = self.relations.iter().copied();
        stores.filter_map(|relation| Some((relation, relation.whose.as_ref()?.answer)))
    }

    /// The provider stores what the party's users write.
    fn backend_storage(&self) -> Weighed {
        self.of_stores(Hypothesis::BackendStorage, |owner| owner == Owner::Users)
    }

    /// What lies in the provider's stores is the party's own or somebody else's.
    fn hosted_there(&self) -> Weighed {
        self.of_stores(Hypothesis::HostedThere, |owner| {
            matches!(owner, Owner::Party | Owner::Other)
        })
    }

    fn of_stores(&self, hypothesis: Hypothesis, is_it: fn(Owner) -> bool) -> Weighed {
        let mut weighed = Weighed {
            hypothesis,
            conclusiveness: Conclusiveness::Insufficient,
            supporting: Vec::new(),
            opposing: Vec::new(),
        };
        for (relation, owner) in self.stores() {
            let Some(whose) = &relation.whose else {
                continue;
            };
            // In tunnels nobody sees what is asked for: the bytes are a lean towards what a store is for.
            let is_lean = owner == Owner::NotSeen && whose.lean.is_some_and(is_it);
            if is_it(owner) {
                weighed.conclusiveness = weighed.conclusiveness.max(whose.conclusiveness);
                weighed.supporting.extend(whose.supporting.iter().cloned());
                weighed.opposing.extend(whose.opposing.iter().cloned());
            } else if is_lean {
                weighed.supporting.extend(whose.supporting.iter().cloned());
            } else if owner != Owner::NotSeen {
                weighed.opposing.extend(whose.supporting.iter().cloned());
            }
        }
        weighed
    }

    /// The provider keeps copies: it delivers, and none of its stores or servers is seen behind, nor used by the party.
    fn cdn_only(&self) -> Weighed {
        let edges = self.relations.iter().copied();
        let edges = edges.filter(|it| it.role == RelationRole::Delivers);
        let edge = edges.clone().map(|it| it.conclusiveness).max();
        let at_work: Vec<Cited> = edges
            .clone()
            .flat_map(|it| &it.supporting)
            .filter(|cited| is_at_work(cited))
            .cloned()
            .collect();
        let (others, others_level) = self.other_origins();
        let own_word = self.own_server();
        let against = self.against_cdn_only();
        let level = match edge {
            None | Some(Conclusiveness::Insufficient | Conclusiveness::Conflicting) => {
                Conclusiveness::Insufficient
            }
            Some(_) if !against.is_empty() => Conclusiveness::Insufficient,
            Some(edge) => {
                let is_other = Conclusiveness::Strong <= others_level;
                let is_shown = !at_work.is_empty();
                // Who the edge is may be surer than that it is there for this party.
                let is_conclusive = edges.clone().any(|it| 0 < it.levels.conclusive);
                let is_strong = Conclusiveness::Strong <= edge;
                let is_conclusive = is_conclusive && is_strong;
                if edge == Conclusiveness::Conclusive && is_other && is_shown {
                    Conclusiveness::Conclusive
                } else if is_strong && (is_other || self.has_edges_only())
                    || is_conclusive && is_shown && (own_word.is_some() || others.is_some())
                {
                    Conclusiveness::Strong
                } else {
                    Conclusiveness::Suggestive
                }
            }
        };
        let mut supporting = at_work;
        supporting.extend(others);
        supporting.extend(own_word);
        supporting.extend(self.edges_only());
        if supporting.is_empty() {
            supporting.extend(edges.filter_map(|it| it.supporting.first()).cloned());
        }
        Weighed {
            hypothesis: Hypothesis::CdnOnly,
            conclusiveness: level,
            supporting,
            opposing: against,
        }
    }

    /// What shows that the provider does more than deliver: a store or server of its own that stands behind its edge, that
    /// holds users' data or surely the party's own, or that answers the party's traffic itself.
    fn against_cdn_only(&self) -> Vec<Cited> {
        let mut against = Vec::new();
        for relation in &self.relations {
            let is_more = match relation.role {
                RelationRole::Delivers => {
                    let mut behind = relation.behind.iter();
                    behind.any(|it| catalogue().provider_of(it.service) == self.provider)
                }
                RelationRole::Stores => {
                    let whose = relation.whose.as_ref();
                    0 < relation.n_behind_an_edge
                        || whose.is_some_and(|it| {
                            it.answer == Owner::Users
                                || it.answer == Owner::Party
                                    && Conclusiveness::Strong <= it.conclusiveness
                        })
                }
                RelationRole::Computes | RelationRole::Hosts => {
                    Conclusiveness::Strong <= relation.conclusiveness
                }
                RelationRole::Own => false,
            };
            if is_more {
                against.extend(relation.supporting.first().cloned());
            }
        }
        against
    }

    /// Somebody else's store or server, seen behind the edge.
    fn other_origins(&self) -> (Option<Cited>, Conclusiveness) {
        let is_other = |share: &&&Share<'_, '_>| {
            share.part.behind.is_some_and(|origin| {
                catalogue().network_of(origin.service) != catalogue().network_of(share.part.service)
            })
        };
        let shares: Vec<_> = self.delivered.iter().filter(is_other).collect();
        let behind = || shares.iter().filter_map(|share| share.part.behind);
        let level = behind().map(|it| it.conclusiveness).max();
        let best = behind().max_by_key(|it| it.conclusiveness);
        let cited = best.and_then(|origin| {
            let flows = flows_of(shares.iter().map(|share| share.cell));
            let name = words::name(origin.service, "");
            let claim = Claim::Origin(origin.service);
            own(
                &OTHER_ORIGIN,
                claim,
                Strength::Strong,
                (&name, None),
                &flows,
            )
        });
        (cited, level.unwrap_or(Conclusiveness::Insufficient))
    }

    /// The origin's own word that the edge passed on.
    fn own_server(&self) -> Option<Cited> {
        let shares = self.delivered.iter();
        let shares: Vec<_> = shares
            .filter(|share| share.cell.shown.has_own_server)
            .collect();
        let first = shares.first()?;
        let mut headers = first.cell.first.headers();
        let server =
            headers.find(|header| header.side == Side::Response && header.name == "server")?;
        let flows = flows_of(shares.iter().map(|share| share.cell));
        let claim = Claim::Edge(first.part.service);
        let at = (server.value, Some(server.span));
        own(&OWN_SERVER, claim, Strength::Suggestive, at, &flows)
    }

    /// True for a provider that has no stores, servers or platforms that are known.
    fn has_edges_only(&self) -> bool {
        let services = catalogue().services().iter();
        let mut own = services.filter(|service| service.provider == self.provider);
        own.all(|service| service.kind == ServiceKind::Cdn)
    }

    fn edges_only(&self) -> Option<Cited> {
        let share = self.delivered.first().filter(|_| self.has_edges_only())?;
        let flows = flows_of(self.delivered.iter().map(|share| share.cell));
        let name = &catalogue().provider(self.provider).name;
        let claim = Claim::Edge(share.part.service);
        own(
            &EDGES_ONLY,
            claim,
            Strength::Suggestive,
            (name, None),
            &flows,
        )
    }

    fn is_tunnelled(&self) -> bool {
        let mut all = self.relations.iter();
        all.all(|relation| relation.is_tunnelled)
    }

    /// Which evidence carries the answer.
    fn carried_by(&self, party: &str, answer: Hypothesis) -> String {
        let stores = || self.stores().max_by_key(|(it, _)| level_of(it));
        match answer {
            Hypothesis::BackendStorage => stores()
                .filter(|(_, owner)| *owner == Owner::Users)
                .or_else(|| self.stores().find(|(_, owner)| *owner == Owner::Users))
                .map_or_else(String::new, |(relation, _)| words::carried(relation)),
            Hypothesis::HostedThere => {
                format!(
                    "a store answers with files that {party} or somebody else put there, and no upload was seen"
                )
            }
            Hypothesis::CdnOnly if self.has_edges_only() => {
                "the provider runs edges, and neither stores nor servers that are known".to_owned()
            }
            Hypothesis::CdnOnly => {
                "its caches answer, and pass on the word of a server that is none of its own"
                    .to_owned()
            }
        }
    }

    /// Why no hypothesis is singled out: the most telling lack.
    fn why_inconclusive(&self) -> &'static str {
        let has = |wanted: Owner| self.stores().any(|(_, owner)| owner == wanted);
        let delivers = || {
            let all = self.relations.iter().copied();
            all.filter(|it| it.role == RelationRole::Delivers)
        };
        if self.is_tunnelled() {
            "only tunnels were seen: they show where traffic goes, not what is asked for or who answers"
        } else if has(Owner::Users) {
            "an upload was accepted, but neither who handed out its URL nor a later read was seen"
        } else if 0 < self
            .relations
            .iter()
            .map(|it| it.n_behind_an_edge)
            .sum::<u32>()
        {
            "a store of the provider answers behind its CDN, but no upload was seen: reads alone cannot tell whose data it holds"
        } else if self.stores().next().is_some() {
            "only reads of a store were seen: they cannot tell the party's own data from an object that lay there already"
        } else if delivers().any(|it| it.conclusiveness == Conclusiveness::Conflicting) {
            "the evidence contradicts itself about who terminated the connection"
        } else if delivers().all(|it| it.n_origin_not_seen as usize == it.flows.len()) {
            "what stands behind the edge was not seen: it may be the provider's own store or somebody else's"
        } else {
            "what stands behind the edge is the provider's own, or named by hints only"
        }
    }
}

fn level_of(relation: &Relation) -> Option<Conclusiveness> {
    relation.whose.as_ref().map(|whose| whose.conclusiveness)
}

/// True when a cache was seen at work: a copy that stayed, an Age that grew, a miss that became a hit.
fn is_at_work(cited: &Cited) -> bool {
    [&AGE_GROWS, &MISS_THEN_HIT]
        .iter()
        .any(|rule| cited.evidence.rule == rule.id)
}
