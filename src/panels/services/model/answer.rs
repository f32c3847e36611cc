//! The answer above the rows: who serves the session, with the names that matter standing out.

use std::collections::BTreeSet;

use crate::attribution::roles::{Roles, Standing};
use crate::base::text::escape_for_terminal;
use crate::providers::catalogue;
use crate::widgets::answer::Answer;

/// More characters than this are not read at a glance: the last sentences are left out.
const MAX_CHARS: usize = 420;

/// The answer of a judgement; `None` where nothing can be said.
pub fn of(roles: &Roles) -> Option<Answer> {
    let text = shortened(&roles.answer);
    if text.is_empty() {
        return None;
    }
    let names = names(roles);
    let mut answer = Answer::default();
    let mut rest = text.as_str();
    while let Some((at, name)) = first_of(rest, &names) {
        answer = answer.and(&rest[..at]).and_strong(name);
        rest = &rest[at + name.len()..];
    }
    Some(answer.and(rest))
}

/// As many whole sentences as can be taken in, at least the first one.
fn shortened(sentences: &[String]) -> String {
    let mut text = String::new();
    for sentence in sentences {
        let sentence = escape_for_terminal(sentence);
        if !text.is_empty() && MAX_CHARS < text.chars().count() + sentence.chars().count() {
            break;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&sentence);
    }
    text
}

/// The sites, the party that comes first, and all providers with their services.
fn names(roles: &Roles) -> Vec<&str> {
    let of_sites = roles.parties.iter().enumerate().filter_map(|(at, party)| {
        let matters = at == 0 || party.standing == Standing::FirstParty;
        matters.then_some(party.party.as_str())
    });
    let relations = roles.parties.iter().flat_map(|party| &party.relations);
    let of_providers = relations.flat_map(|relation| {
        let provider = relation.provider();
        let provider = provider.map(|id| catalogue().provider(id).name.as_str());
        provider.into_iter().chain([relation.name.as_str()])
    });
    let names: BTreeSet<&str> = of_sites.chain(of_providers).collect();
    names.into_iter().collect()
}

/// The first of `names` that `text` mentions as a whole word, with its place.
fn first_of<'n>(text: &str, names: &[&'n str]) -> Option<(usize, &'n str)> {
    let found = names.iter().filter_map(|name| {
        let mut places = text.match_indices(*name);
        let (at, _) = places.find(|(at, _)| is_word(text, *at, name.len()))?;
        Some((at, *name))
    });
    found.min_by_key(|(at, name)| (*at, std::cmp::Reverse(name.len())))
}

fn is_word(text: &str, at: usize, len: usize) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    let before = text[..at].chars().next_back();
    let behind = text[at + len..].chars().next();
    len != 0 && !before.is_some_and(|c| is_part(c) || c == '.') && !behind.is_some_and(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_sentences_are_left_out_when_there_are_too_many() {
        let long = format!("{}.", "word ".repeat(70));
        let sentences = ["First.".to_owned(), long.clone(), long];
        let text = shortened(&sentences);
        assert!(text.starts_with("First. word"));
        assert!(text.chars().count() <= MAX_CHARS && text.ends_with('.'));
        let alone = format!("{}.", "word ".repeat(200));
        assert_eq!(shortened(std::slice::from_ref(&alone)), alone);
    }

    #[test]
    fn names_are_found_as_whole_words() {
        let names = ["news.se", "AWS"];
        let text = "img.news.se and news.service are not news.se at AWS.";
        let (at, name) = first_of(text, &names).expect("mentioned");
        assert_eq!((at, name), (37, "news.se"));
        assert_eq!(first_of("AWSOME", &names), None);
    }
}
