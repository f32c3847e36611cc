//! Names of parties and resources within sentences: they are evidence and stay, whatever form they have.

use super::super::survey::MAX_HOST;
use crate::attribution::roles::{PartyRoles, Roles};
use crate::base::text::shorten_middle;
use crate::redact::{Level, Redactor};

/// Longest sentence, in characters.
const MAX_SENTENCE: usize = 2_000;
/// Resources of one relation that sentences name.
const MAX_PLACES: usize = 3;
/// Shorter names need no protection.
const MIN_NAME: usize = 4;

/// The names that the sentences about some parties hold, each with what may be said instead.
#[derive(Clone, Debug, Default)]
pub(in crate::reports) struct Names(Vec<(String, String)>);

impl Names {
    /// Those of one party.
    pub(in crate::reports) fn of(party: &PartyRoles, redactor: &mut Redactor) -> Self {
        let mut names = Self::default();
        names.add(party, redactor);
        names
    }

    /// Those in the answer of a session, which tells of its first parties.
    pub(in crate::reports) fn of_answer(roles: &Roles, redactor: &mut Redactor) -> Self {
        let mut names = Self::default();
        for party in roles.parties.iter().take(2) {
            names.add(party, redactor);
        }
        names
    }

    fn add(&mut self, party: &PartyRoles, redactor: &mut Redactor) {
        let mut add = |name: &str, shown: String| {
            let is_known = self.0.iter().any(|(known, _)| known == name);
            if MIN_NAME <= name.len() && !is_known {
                self.0.push((name.to_owned(), shown));
            }
        };
        add(&party.party, redactor.shown(&party.party));
        for relation in &party.relations {
            for resource in relation.resources.iter().take(MAX_PLACES) {
                add(&resource.id, shown_id(&resource.id, party, redactor));
            }
        }
        // The longest first: one may stand within another.
        self.0
            .sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    }

    /// A sentence of the machine: secrets are removed, and a hostile one is shortened.
    pub(in crate::reports) fn sentence(&self, text: &str, redactor: &mut Redactor) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((at, name, shown)) = self.first_in(rest) {
            out.push_str(&redactor.text(&rest[..at]));
            out.push_str(shown);
            rest = &rest[at + name.len()..];
        }
        out.push_str(&redactor.text(rest));
        shorten_middle(&out, MAX_SENTENCE).into_owned()
    }

    /// Where the first of the names stands in `text` as whole words.
    fn first_in(&self, text: &str) -> Option<(usize, &str, &str)> {
        let found = self.0.iter().filter_map(|(name, shown)| {
            let mut places = text.match_indices(name.as_str());
            let at = places.find(|(at, _)| is_whole(text, *at, name.len()))?.0;
            Some((at, name.as_str(), shown.as_str()))
        });
        found.min_by_key(|(at, ..)| *at)
    }
}

/// True when no letter or digit touches the `len` bytes at `at`.
fn is_whole(text: &str, at: usize, len: usize) -> bool {
    let before = text[..at].chars().next_back();
    let behind = text[at + len..].chars().next();
    [before, behind]
        .into_iter()
        .flatten()
        .all(|c| !c.is_alphanumeric())
}

/// The id of a resource of `party`. What hosts of the party begin with is shown as in them; what paths name is judged like
/// any other text.
pub(in crate::reports) fn shown_id(
    id: &str,
    party: &PartyRoles,
    redactor: &mut Redactor,
) -> String {
    let (first, rest) = id.split_once('/').unwrap_or((id, ""));
    let in_host = party.hosts.iter().find_map(|host| {
        let end = host.strip_prefix(first)?;
        (end.is_empty() || end.starts_with('.')).then_some((host, end))
    });
    let mut shown = match in_host {
        Some((host, end)) => {
            let whole = redactor.shown(host);
            whole.strip_suffix(end).unwrap_or(&whole).to_owned()
        }
        None => path_part(first, redactor),
    };
    if !rest.is_empty() {
        shown = format!("{shown}/{}", path_part(rest, redactor));
    }
    shorten_middle(&shown, MAX_HOST).into_owned()
}

/// A name that a path gave: part of what the strict level leaves out of URLs.
fn path_part(part: &str, redactor: &mut Redactor) -> String {
    if redactor.level() == Level::Strict {
        return "[path]".to_owned();
    }
    redactor.text(part)
}

#[cfg(test)]
mod tests {
    use super::super::super::services::tests::party;
    use super::*;

    #[test]
    fn names_stay_and_secrets_go() {
        let mut party = party();
        party.party = "cookielaw.org".to_owned();
        party.hosts = vec!["d3k1yiza4eej55.cloudfront.net".to_owned()];
        party.relations[0].resources[0].id = "d3k1yiza4eej55".to_owned();
        let mut redactor = Redactor::new(Level::Balanced);
        let names = Names::of(&party, &mut redactor);
        for kept in [
            "Amazon CloudFront delivers cookielaw.org: 33 requests, strong.",
            "Amazon CloudFront (distribution d3k1yiza4eej55, 1 request) delivers cookielaw.org.",
        ] {
            assert_eq!(names.sentence(kept, &mut redactor), kept);
        }
        let secret = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";
        let text = format!("cookielaw.org got {secret}, xd3k1yiza4eej55");
        let said = names.sentence(&text, &mut redactor);
        assert!(!said.contains(secret), "{said}");
        assert!(said.starts_with("cookielaw.org got ["), "{said}");
        // A bucket that only paths name is text like any other.
        party.hosts = vec!["s3.amazonaws.com".to_owned()];
        assert!(!shown_id(secret, &party, &mut redactor).contains(secret));
    }
}
