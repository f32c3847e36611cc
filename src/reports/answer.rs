//! The answer in sentences: who delivers what of which party, how conclusive that is, and what was not seen.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::evidence::{Evidence, family_words};
use super::parties::PartyView;
use super::survey::{Key, Survey, shown_host};
use crate::attribution::{Conclusiveness, Family, Hypothesis, Role};
use crate::base::text::{counted, thousands};
use crate::providers::{ServiceId, catalogue};
use crate::redact::Redactor;

/// Parties that have a paragraph of their own; the tables name all.
const MAX_PARTIES: usize = 3;
/// Services that a paragraph names after the first one.
const MAX_SERVICES: usize = 4;
/// Services that are said to stand behind another one.
const MAX_BEHIND: usize = 3;

/// One piece of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Words of ours.
    Words(String),
    /// A party or a service.
    Name(String),
}

/// Sentences that belong together.
pub(super) type Paragraph = Vec<Piece>;

/// What is said about one party, or about those that have no sentences of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Answer {
    /// The service that takes most of its requests, and what stands behind it.
    pub(super) first: Paragraph,
    /// The other services, and what was not seen.
    pub(super) rest: Paragraph,
}

/// One answer for each of the parties with most flows, then one about the others.
pub(super) fn answer<'a>(
    survey: &Survey<'a>,
    evidence: &Evidence<'a>,
    verdicts: &[PartyView],
    redactor: &mut Redactor,
) -> Vec<Answer> {
    let parties = survey.parties();
    let mut answers: Vec<Answer> = parties
        .iter()
        .take(MAX_PARTIES)
        .map(|(party, tally)| {
            let groups = survey.groups.iter().filter(|(key, _)| key.party == *party);
            let mut services = Services::default();
            for (key, tally) in groups {
                services.add(key, tally.all.n, evidence);
            }
            let name = shown_host(party, redactor);
            let is_nameless = parties.len() == 1 && party.is_empty();
            let mut answer = services.sentences(&name, tally.all.n, is_nameless);
            let mut first = what_it_is_to(&name, verdicts);
            first.append(&mut answer.first);
            Answer { first, ..answer }
        })
        .collect();
    let others = parties.get(MAX_PARTIES..).unwrap_or_default();
    if !others.is_empty() {
        let n: u64 = others.iter().map(|(_, tally)| tally.all.n).sum();
        let have = match others.len() {
            1 => "1 more party has".to_owned(),
            n => format!("{} more parties have", thousands(n as u64)),
        };
        let requests = counted(n, "request");
        answers.push(Answer {
            rest: vec![Piece::Words(format!(
                "{have} {requests}; see the hosts below."
            ))],
            ..Answer::default()
        });
    }
    answers
}

/// What the verdicts that are at least strong say about `party`: one sentence for each answer to the question that they
/// are about.
fn what_it_is_to(party: &str, verdicts: &[PartyView]) -> Paragraph {
    let told = [
        (
            Hypothesis::BackendStorage,
            " stores its users’ data at ",
            "",
        ),
        (
            Hypothesis::HostedThere,
            " only links to what lay already at ",
            "",
        ),
        (Hypothesis::CdnOnly, " uses ", " as a CDN only"),
    ];
    let mut out = Vec::new();
    for (hypothesis, before, after) in told {
        for level in [Conclusiveness::Conclusive, Conclusiveness::Strong] {
            let providers: Vec<&str> = verdicts
                .iter()
                .filter(|view| view.party == party && view.hypothesis == Some(hypothesis))
                .filter(|view| view.conclusiveness == level)
                .map(|view| view.provider.as_str())
                .collect();
            if providers.is_empty() {
                continue;
            }
            out.push(Piece::Name(party.to_owned()));
            out.push(Piece::Words(before.to_owned()));
            for (idx, provider) in providers.iter().enumerate() {
                let is_last = idx + 1 == providers.len();
                let between = match (idx, is_last) {
                    (0, _) => "",
                    (_, true) => " and ",
                    (_, false) => ", ",
                };
                out.push(Piece::Words(between.to_owned()));
                out.push(Piece::Name((*provider).to_owned()));
            }
            out.push(Piece::Words(format!("{after} ({}). ", level.word())));
        }
    }
    out
}

/// The services that answer for one party.
#[derive(Default)]
struct Services {
    by_name: BTreeMap<(ServiceId, Role), Service>,
    n_nobody: u64,
}

#[derive(Default)]
struct Service {
    n: u64,
    levels: BTreeMap<Reverse<Conclusiveness>, u64>,
    behind: BTreeMap<ServiceId, u64>,
    n_behind_not_seen: u64,
    basis: BTreeMap<Family, u64>,
}

impl Services {
    fn add<'a>(&mut self, key: &Key<'a>, n: u64, evidence: &Evidence<'a>) {
        let named = if key.role == Role::Origin {
            key.origin.or(key.edge)
        } else {
            key.terminating()
        };
        let Some(named) = named else {
            self.n_nobody += n;
            return;
        };
        let service = self.by_name.entry((named, key.role)).or_default();
        service.n += n;
        *service
            .levels
            .entry(Reverse(key.conclusiveness))
            .or_default() += n;
        for family in evidence.basis(key) {
            *service.basis.entry(family).or_default() += n;
        }
        match key.origin {
            Some(origin) if origin != named => *service.behind.entry(origin).or_default() += n,
            _ => service.n_behind_not_seen += n,
        }
    }

    fn sentences(self, party: &str, n_all: u64, is_nameless: bool) -> Answer {
        let mut services: Vec<_> = self.by_name.into_iter().collect();
        services.sort_by_key(|(_, service)| Reverse(service.n));
        let mut answer = Answer::default();
        let words = |text: String| Piece::Words(text);
        let all = counted(n_all, "request");
        for (idx, ((id, role), service)) in services.iter().take(MAX_SERVICES + 1).enumerate() {
            let name = &catalogue().service(*id).name;
            let verb = match role {
                Role::Cdn => verb(name, "delivers", "deliver"),
                Role::Origin => verb(name, "answers", "answer"),
                Role::Unknown => verb(name, "takes", "take"),
            };
            let out = if idx == 0 {
                &mut answer.first
            } else {
                &mut answer.rest
            };
            out.push(Piece::Name(name.clone()));
            if idx == 0 {
                out.push(words(match service.n {
                    2 if n_all == 2 => format!(" {verb} both requests"),
                    n if n == n_all && 1 < n => format!(" {verb} all {all}"),
                    n if n == n_all => format!(" {verb} the only request"),
                    n => format!(" {verb} {} of {all}", thousands(n)),
                }));
                match (is_nameless, party) {
                    (true, _) => {}
                    (false, "") => out.push(words(" whose party is unknown".to_owned())),
                    (false, party) => {
                        out.push(words(" of ".to_owned()));
                        out.push(Piece::Name(party.to_owned()));
                    }
                }
            } else {
                out.push(words(format!(" {verb} {}", thousands(service.n))));
            }
            out.push(words(service.manner(*role)));
            service.push_behind(*role, out);
            out.push(words(" ".to_owned()));
        }
        let others = services.get(MAX_SERVICES + 1..).unwrap_or_default();
        if !others.is_empty() {
            let n: u64 = others.iter().map(|(_, service)| service.n).sum();
            let count = counted(others.len() as u64, "other service");
            let verb = if others.len() == 1 { "takes" } else { "take" };
            let others = format!("{count} {verb} {}. ", thousands(n));
            answer.rest.push(words(others));
        }
        if services.is_empty() {
            push_nothing(party, n_all, &mut answer.first);
        } else if 0 < self.n_nobody {
            let others = match self.n_nobody {
                1 => "one".to_owned(),
                n => thousands(n),
            };
            answer.rest.push(words(format!(
                "Who serves the other {others} was not seen."
            )));
        }
        for paragraph in [&mut answer.first, &mut answer.rest] {
            if let Some(Piece::Words(last)) = paragraph.last_mut() {
                last.truncate(last.trim_end().len());
            }
        }
        answer
    }
}

fn push_nothing(party: &str, n_all: u64, out: &mut Paragraph) {
    let words = |text: String| Piece::Words(text);
    let (requests, them) = if n_all == 1 {
        ("the only request".to_owned(), "it")
    } else {
        (format!("the {}", counted(n_all, "request")), "them")
    };
    out.push(words(format!("Nothing in {requests}")));
    if !party.is_empty() {
        out.push(words(" of ".to_owned()));
        out.push(Piece::Name(party.to_owned()));
    }
    out.push(words(format!(" tells who serves {them}.")));
}

impl Service {
    /// ` itself (strong, by address and storage id)`: how, how surely and on which basis.
    fn manner(&self, role: Role) -> String {
        let how = match role {
            Role::Cdn => "",
            Role::Origin => " as origin",
            Role::Unknown => " in a role that was not seen",
        };
        // A role that was not seen is insufficient by definition; saying so twice tells nothing.
        let levels = match (role, self.levels.len()) {
            (Role::Unknown, _) => String::new(),
            (_, 1) => self.levels.keys().map(|level| level.0.word()).collect(),
            _ => {
                let each = self.levels.iter();
                let each: Vec<String> = each
                    .map(|(level, n)| format!("{} {}", thousands(*n), level.0.word()))
                    .collect();
                each.join(", ")
            }
        };
        // What only a few of the requests show does not carry the answer for all of them.
        let families: Vec<String> = self
            .basis
            .iter()
            .filter(|(_, n)| self.n <= **n * 2)
            .map(|(family, _)| family_words(*family))
            .collect();
        let basis = if families.is_empty() {
            String::new()
        } else {
            format!("by {}", listed(&families))
        };
        let inside: Vec<String> = [levels, basis]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect();
        if inside.is_empty() {
            return how.to_owned();
        }
        format!("{how} ({})", inside.join(", "))
    }

    /// What stands behind a service that delivers, and the full stop.
    fn push_behind(&self, role: Role, out: &mut Paragraph) {
        let words = |text: String| Piece::Words(text);
        out.push(words(".".to_owned()));
        if role != Role::Cdn {
            return;
        }
        let mut behind: Vec<_> = self.behind.iter().collect();
        behind.sort_by_key(|(_, n)| Reverse(**n));
        let n_other: u64 = behind.iter().skip(MAX_BEHIND).map(|(_, n)| **n).sum();
        for (idx, (id, n)) in behind.iter().take(MAX_BEHIND).enumerate() {
            out.push(words(if idx == 0 { " " } else { ", " }.to_owned()));
            let name = &catalogue().service(**id).name;
            out.push(Piece::Name(name.clone()));
            let stands = match idx {
                0 => verb(name, " stands behind", " stand behind"),
                _ => " behind",
            };
            out.push(words(match **n {
                n if n == self.n && n == 1 => format!("{stands} it"),
                n if n == self.n => format!("{stands} all of them"),
                n => format!("{stands} {} of them", thousands(n)),
            }));
        }
        if 0 < n_other {
            out.push(words(format!(", others behind {}", thousands(n_other))));
        }
        match (self.behind.is_empty(), self.n_behind_not_seen) {
            (false, 0) => out.push(words(".".to_owned())),
            (false, n) => out.push(words(format!(
                "; the origin of {} was not seen.",
                thousands(n)
            ))),
            (true, 1) => out.push(words(" Its origin was not seen.".to_owned())),
            (true, _) => out.push(words(" Their origin was not seen.".to_owned())),
        }
    }
}

/// The verb for a service: some are called `… services`.
fn verb(name: &str, one: &'static str, many: &'static str) -> &'static str {
    if name.ends_with("services") {
        many
    } else {
        one
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::survey::{Amount, Tally};
    use super::*;

    fn service(path: &str) -> ServiceId {
        catalogue().find(path).expect(path)
    }

    /// A group whose host is called like its party.
    fn group(
        party: &'static str,
        [edge, origin]: [Option<ServiceId>; 2],
        role: Role,
        conclusiveness: Conclusiveness,
    ) -> Key<'static> {
        Key {
            party,
            host: party,
            edge,
            origin,
            role,
            conclusiveness,
        }
    }

    fn survey(groups: &[(Key<'static>, u64)]) -> Survey<'static> {
        let mut survey = Survey::default();
        for (key, n) in groups {
            let all = Amount { n: *n, bytes: 0 };
            let tally = Tally {
                all,
                ..Tally::default()
            };
            survey.total.add(&tally);
            survey.groups.entry(*key).or_default().add(&tally);
        }
        survey
    }

    fn told(survey: &Survey<'_>) -> Vec<String> {
        let mut redactor = Redactor::new(crate::redact::Level::Nothing);
        let text = |piece: &Piece| match piece {
            Piece::Words(text) | Piece::Name(text) => text.clone(),
        };
        answer(survey, &Evidence::default(), &[], &mut redactor)
            .iter()
            .map(|answer| {
                let first: String = answer.first.iter().map(text).collect();
                let rest: String = answer.rest.iter().map(text).collect();
                format!("{first} | {rest}")
            })
            .collect()
    }

    #[test]
    fn a_site_behind_a_cdn() {
        use Conclusiveness::{Conclusive, Insufficient, Strong};
        let akamai = Some(service("akamai/cdn"));
        let s3 = Some(service("aws/s3"));
        let survey = survey(&[
            (
                group("expressen.se", [akamai, None], Role::Cdn, Strong),
                318,
            ),
            (group("expressen.se", [akamai, s3], Role::Cdn, Strong), 9),
            (
                group("expressen.se", [None, s3], Role::Origin, Conclusive),
                6,
            ),
            (
                group("expressen.se", [None, None], Role::Unknown, Insufficient),
                274,
            ),
        ]);
        assert_eq!(
            told(&survey),
            [
                "Akamai CDN delivers 327 of 607 requests of expressen.se (strong). Amazon S3 stands behind 9 of them; \
                 the origin of 318 was not seen. | Amazon S3 answers 6 as origin (conclusive). Who serves the other 274 \
                 was not seen."
            ]
        );
    }

    #[test]
    fn verbs_follow_the_names_of_services() {
        let front = Some(service("google/front-end"));
        let web = Some(service("google/web"));
        let strong = Conclusiveness::Strong;
        let survey = survey(&[
            (group("a.example", [front, web], Role::Cdn, strong), 3),
            (group("a.example", [front, web], Role::Origin, strong), 2),
        ]);
        assert_eq!(
            told(&survey),
            [
                "Google front end delivers 3 of 5 requests of a.example (strong). Google web services stand behind all of \
                 them. | Google web services answer 2 as origin (strong)."
            ]
        );
    }

    #[test]
    fn what_was_not_seen_is_said() {
        use Conclusiveness::{Insufficient, Strong, Suggestive};
        let akamai = Some(service("akamai/cdn"));
        let survey = survey(&[
            (
                group("a.example", [None, None], Role::Unknown, Insufficient),
                9,
            ),
            (group("b.example", [akamai, None], Role::Cdn, Strong), 3),
            (group("b.example", [akamai, None], Role::Cdn, Suggestive), 2),
            (
                group("c.example", [akamai, None], Role::Unknown, Insufficient),
                1,
            ),
            (
                group("d.example", [None, None], Role::Unknown, Insufficient),
                1,
            ),
        ]);
        assert_eq!(
            told(&survey),
            [
                "Nothing in the 9 requests of a.example tells who serves them. | ",
                "Akamai CDN delivers all 5 requests of b.example (3 strong, 2 suggestive). Their origin was not seen. | ",
                "Akamai CDN takes the only request of c.example in a role that was not seen. | ",
                " | 1 more party has 1 request; see the hosts below.",
            ]
        );
    }
}
