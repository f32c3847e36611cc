//! The words of a line, for eyes, screen readers and the clipboard.

use super::{Line, Services};
use crate::attribution::Conclusiveness;
use crate::attribution::roles::{
    Owner, PartyRoles, Relation, RelationRole, ResourceKind, Standing, Whose,
};
use crate::base::text::{bytes_with_unit, counted, escape_for_terminal, thousands};
use crate::capture::FlowSet;
use crate::providers::catalogue;
use crate::redact::{Level, Redactor};
use crate::reports::formula_safe;
use crate::session::{Rest, Subject};

/// What a line is called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name {
    /// What stands out.
    pub name: String,
    /// What follows it in less weight.
    pub about: String,
}

/// What stands behind a relation: words, each with whether it stands out.
pub type Behind = Vec<(String, bool)>;

impl Services {
    /// What a line is called.
    pub fn name(&self, line: Line) -> Name {
        let named = |name: &str, about: String| Name {
            name: escape_for_terminal(name).into_owned(),
            about: escape_for_terminal(&about).into_owned(),
        };
        if let Line::Rest(rest) = line {
            let n = thousands(self.n_behind(rest) as u64);
            return match rest {
                Rest::Embedded => named(&format!("{n} more"), "embedded".to_owned()),
                Rest::NotAttributed => named(&format!("{n} parties"), "not attributed".to_owned()),
            };
        }
        let Some(party) = self.party(line) else {
            return Name::default();
        };
        match (line, self.relation(line)) {
            (Line::NotAttributed(_), _) => named("not attributed", self.because(line, party)),
            (_, Some(relation)) => named(&relation.name, resource_words(party, relation)),
            _ => named(&party.party, self.about_party(line, party)),
        }
    }

    fn about_party(&self, line: Line, party: &PartyRoles) -> String {
        let is_own = party
            .relations
            .iter()
            .all(|it| it.role == RelationRole::Own);
        let is_company = is_own && !party.relations.is_empty() && 1 < party.hosts.len();
        let mut parts = vec![party.standing.words().to_owned()];
        if party.standing == Standing::Embedded && is_company {
            let n = counted(party.hosts.len() as u64, "host");
            parts.push(format!("{n} of one company"));
        } else if party.standing == Standing::Embedded && 1 < party.sites.len() {
            parts[0] = format!("embedded in {}", counted(party.sites.len() as u64, "site"));
        }
        if party.relations.is_empty() && !self.can_open(line) {
            parts.extend(party.validity.first().map(|why| why.words.clone()));
        }
        parts.retain(|part| !part.is_empty());
        parts.join(" · ")
    }

    /// Why nobody is named. How many flows have each reason is known for all of them only.
    fn because(&self, line: Line, party: &PartyRoles) -> String {
        let rest = &party.not_attributed;
        let is_whole = self.tally(line).requests as usize == rest.flows.len();
        let words = match rest.why.as_slice() {
            [] => return "the evidence names nobody".to_owned(),
            [only] => only.words.clone(),
            [first, others @ ..] if is_whole => {
                let mut words = format!("{} ({})", first.words, thousands(first.n_flows.into()));
                for why in others {
                    let n = thousands(why.n_flows.into());
                    words = format!("{words}, {} ({n})", why.words);
                }
                words
            }
            whys => {
                let words: Vec<&str> = whys.iter().map(|why| why.words.as_str()).collect();
                words.join(", ")
            }
        };
        format!("because {words}")
    }

    /// What stands behind a relation, or whose data it holds. How many flows have each is known for all of them only.
    pub fn behind(&self, line: Line) -> Behind {
        let Some(relation) = self.relation(line) else {
            return Behind::new();
        };
        let is_whole = self.tally(line).requests as usize == relation.flows.len();
        match relation.role {
            RelationRole::Delivers => delivered(relation, is_whole),
            RelationRole::Stores => {
                let whose = relation
                    .whose
                    .as_ref()
                    .map_or_else(String::new, whose_words);
                let n_behind = relation.n_behind_an_edge as usize;
                let edge = if n_behind == relation.flows.len() {
                    "behind an edge"
                } else {
                    ""
                };
                let parts = [(whose, true), (edge.to_owned(), false)];
                let told = parts.into_iter().filter(|(words, _)| !words.is_empty());
                separated(told.collect())
            }
            RelationRole::Computes if relation.provider().is_none() => {
                vec![("its own machines".to_owned(), false)]
            }
            RelationRole::Computes => Behind::new(),
            RelationRole::Hosts => vec![("edge and server in one".to_owned(), false)],
            RelationRole::Own => vec![("its own content".to_owned(), false)],
        }
    }

    /// The whole line, for screen readers.
    pub fn spoken(&self, line: Line) -> String {
        let Name { name, about } = self.name(line);
        let tally = self.tally(line);
        let mut parts = vec![format!("{name} {about}").trim_end().to_owned()];
        if let Some(relation) = self.relation(line) {
            parts.push(relation.role.word().to_owned());
            let behind: String = self
                .behind(line)
                .iter()
                .map(|(words, _)| words.as_str())
                .collect();
            parts.extend((!behind.is_empty()).then_some(behind));
            parts.push(relation.conclusiveness.word().to_owned());
        }
        let (bytes, unit) = bytes_with_unit(tally.bytes);
        parts.push(counted(tally.requests.into(), "request"));
        parts.push(counted(tally.hosts.into(), "host"));
        parts.push(format!("{bytes} {unit}"));
        parts.push(format!("{} labelled", thousands(tally.labelled().into())));
        parts.join(", ")
    }

    /// What labels of these rows are said to be labels of: `expressen.se`, `Akamai CDN of expressen.se`, `3 rows`.
    pub fn called(&self, subjects: impl ExactSizeIterator<Item = Subject>) -> String {
        let n = subjects.len();
        let mut lines = subjects.filter_map(|subject| self.line_of(&subject));
        match (n, lines.next()) {
            (1, Some(line)) => {
                let Name { name, about } = self.name(line);
                match (line, self.party(line)) {
                    (Line::Relation(..), Some(party)) => {
                        format!("{name} of {}", escape_for_terminal(&party.party))
                    }
                    (Line::Rest(_), _) => format!("{name} {about}"),
                    (_, Some(party)) => escape_for_terminal(&party.party).into_owned(),
                    _ => name,
                }
            }
            _ => counted(n as u64, "row"),
        }
    }

    /// What one line says, cell by cell, in the order of the titles of [`Copied`].
    pub fn cells(&self, line: Line) -> Vec<String> {
        let tally = self.tally(line);
        let relation = self.relation(line);
        let party = self.party(line);
        let Name { name, about } = self.name(line);
        let resources = relation.map(|relation| {
            let ids = relation
                .resources
                .iter()
                .map(|resource| resource.id.clone());
            ids.collect::<Vec<_>>().join(" ")
        });
        let service = match line {
            Line::Party(_) => String::new(),
            Line::Relation(..) => name,
            Line::NotAttributed(_) | Line::Rest(_) => format!("{name} {about}"),
        };
        let standing = party.map_or("", |party| party.standing.words());
        let sure = relation.map_or("", |relation| relation.conclusiveness.word());
        let behind = self.behind(line);
        vec![
            party.map_or_else(String::new, |party| party.party.clone()),
            standing.to_owned(),
            service,
            resources.unwrap_or_default(),
            relation
                .map_or("", |relation| relation.role.word())
                .to_owned(),
            behind.iter().map(|(words, _)| words.as_str()).collect(),
            sure.to_owned(),
            tally.hosts.to_string(),
            tally.requests.to_string(),
            tally.bytes.to_string(),
            tally.labelled().to_string(),
        ]
    }

    /// The filters for the flows of `subjects`, one for each party or relation.
    pub fn terms<'s>(&self, subjects: impl Iterator<Item = &'s Subject>) -> Vec<String> {
        let mut terms = Vec::new();
        for subject in subjects {
            match subject {
                Subject::Party(party) => terms.push(party_term(party)),
                Subject::NotAttributed(party) => {
                    terms.push(format!("({} provider:none)", party_term(party)));
                }
                Subject::Relation {
                    party,
                    service,
                    role,
                    whose,
                    ..
                } => {
                    let path = catalogue().path(*service);
                    let whose =
                        whose.map_or_else(String::new, |owner| format!(" whose:{}", owner.word()));
                    let parts = match role {
                        RelationRole::Delivers => format!("edge={path}"),
                        _ => format!("(edge={path} | origin={path})"),
                    };
                    let role = role.word();
                    let party = party_term(party);
                    terms.push(format!("({party} relation:{role}{whose} {parts})"));
                }
                Subject::Rest(rest) => {
                    let parties = self.behind_rest(*rest);
                    terms.extend(parties.map(|party| party_term(&party.party)));
                }
            }
        }
        terms
    }

    /// The flows of all `subjects` that are shown.
    pub fn flows_of<'s>(&self, subjects: impl Iterator<Item = &'s Subject>) -> FlowSet {
        let mut flows = FlowSet::default();
        for subject in subjects {
            self.add_flows(subject, &mut flows);
        }
        flows
    }
}

fn party_term(party: &str) -> String {
    format!("party=\"{}\"", party.replace('"', ""))
}

/// Rows that are copied, not yet fit to leave the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied(pub Vec<Vec<String>>);

impl Copied {
    /// The rows below a line of titles, with tabs between their cells, fit to leave the program.
    pub fn to_tsv(&self) -> String {
        let titles = [
            "Party",
            "Standing",
            "Service",
            "Resources",
            "Role",
            "Behind it",
            "Sure",
            "Hosts",
            "Requests",
            "Bytes",
            "Labelled",
        ];
        let mut redactor = Redactor::new(Level::Balanced);
        let mut text = titles.join("\t");
        text.push('\n');
        for row in &self.0 {
            let safe = row.iter().map(|cell| {
                let shown = redactor.shown(cell).replace(['\t', '\n', '\r'], " ");
                formula_safe(&shown).into_owned()
            });
            text.push_str(&safe.collect::<Vec<_>>().join("\t"));
            text.push('\n');
        }
        text
    }
}

/// What tells the relation from others of the same service: its bucket, its app, its host.
fn resource_words(party: &PartyRoles, relation: &Relation) -> String {
    match relation.resources.as_slice() {
        [only] if only.kind == ResourceKind::Host && only.id == party.party => String::new(),
        [only] => only.id.clone(),
        [first, others @ ..] if first.kind != ResourceKind::Host => {
            format!("{} and {} more", first.id, thousands(others.len() as u64))
        }
        _ => String::new(),
    }
}

/// `Amazon S3 9 · not seen 291`.
fn delivered(relation: &Relation, is_whole: bool) -> Behind {
    let mut told: Behind = Vec::new();
    let mut add = |name: &str, n: u32| {
        let n = thousands(n.into());
        told.push((name.to_owned(), true));
        if is_whole {
            told.push((format!(" {n}"), false));
        }
        told.push((" · ".to_owned(), false));
    };
    for behind in &relation.behind {
        add(&behind.name, behind.n_flows);
    }
    if 0 < relation.n_origin_not_seen {
        add("not seen", relation.n_origin_not_seen);
    }
    told.pop();
    told
}

fn separated(parts: Behind) -> Behind {
    let mut told = Behind::new();
    for part in parts {
        if !told.is_empty() {
            told.push((" · ".to_owned(), false));
        }
        told.push(part);
    }
    told
}

/// `its own files`, `perhaps users' data`.
fn whose_words(whose: &Whose) -> String {
    match (whose.answer, whose.lean) {
        (Owner::NotSeen, Some(lean)) => format!("perhaps {}", data(lean)),
        (Owner::NotSeen, None) => "owner not seen".to_owned(),
        (answer, _) if whose.conclusiveness <= Conclusiveness::Suggestive => {
            format!("perhaps {}", data(answer))
        }
        (answer, _) => data(answer).to_owned(),
    }
}

/// Whose data, below the name of the party.
const fn data(owner: Owner) -> &'static str {
    match owner {
        Owner::Users => "users' data",
        Owner::Party => "its own files",
        Owner::Other => "somebody else's files",
        Owner::NotSeen => "owner not seen",
    }
}
