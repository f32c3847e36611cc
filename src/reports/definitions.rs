//! The words that reports for people use, each with what it means.

use crate::attribution::Conclusiveness;
use crate::attribution::roles::{Hypothesis, Owner, RelationRole};

/// A word and what it means.
pub(super) type Definition = (String, &'static str);

/// The definitions under their headings, in the order in which a reader meets the words.
pub(super) fn definitions() -> Vec<(&'static str, Vec<Definition>)> {
    let own = |list: &[(&str, &'static str)]| -> Vec<Definition> {
        list.iter()
            .map(|(word, meaning)| ((*word).to_owned(), *meaning))
            .collect()
    };
    let levels = [
        Conclusiveness::Conclusive,
        Conclusiveness::Strong,
        Conclusiveness::Suggestive,
        Conclusiveness::Conflicting,
        Conclusiveness::Insufficient,
    ];
    let levels = levels.map(|level| (level.word().to_owned(), level_means(level)));
    let roles = RelationRole::ALL.map(|role| (role.word().to_owned(), role.meaning()));
    let owners = Owner::ALL.map(|owner| (owner.data().to_owned(), owner.meaning()));
    let mut hypotheses = own(QUESTION);
    hypotheses.extend(Hypothesis::ALL.map(|it| (it.title().to_owned(), it.meaning())));
    vec![
        ("Who and what", own(WHO)),
        ("What a service does for a party", roles.to_vec()),
        ("Whose data a store holds", owners.to_vec()),
        ("How sure the machine is", levels.to_vec()),
        ("The question of 2011", hypotheses),
        ("Evidence by family", own(FAMILIES)),
        ("What people say", own(PEOPLE)),
    ]
}

const WHO: &[(&str, &str)] = &[
    (
        "flow, request",
        "one request with its response, as the capture holds it; its number never changes",
    ),
    (
        "party",
        "who operates what was asked for: the registrable domain of the host, or for a provider’s own host the party whose response or page led to it",
    ),
    (
        "site, first party, embedded",
        "the page or app in which a request was seen; a party is the site itself when it was seen on a page of its own, else embedded",
    ),
    (
        "provider, service",
        "the company that runs a machine, and the product that answers",
    ),
    (
        "relation, resource",
        "what a party gets from a service, in one role; the buckets, distributions, apps or hosts that can be told apart within it",
    ),
    (
        "behind it",
        "the store or servers from which a service that delivers takes what it passes on; “not seen” where no answer shows them",
    ),
    (
        "edge",
        "the service that terminated the connection as a CDN, cache or front end",
    ),
    (
        "origin",
        "the service whose storage or compute answered, directly or behind the edge",
    ),
    (
        "role of a request",
        "what the service at the other end of the connection is: origin (it holds the truth), CDN (it passes on or keeps copies of what another one holds), or unknown (the evidence does not say)",
    ),
    ("errors", "answers with a status of 400 or more"),
    (
        "bytes",
        "bytes received over the wire, where the capture says so",
    ),
];

const QUESTION: &[(&str, &str)] = &[(
    "the question",
    "asked of each party at each provider that stores or delivers for it: does the provider hold the data of the party’s users, did it lie there anyway, or does the provider keep copies only? “Inconclusive” answers this question alone, not who delivers",
)];

const FAMILIES: &[(&str, &str)] = &[
    (
        "address",
        "the server’s address lies in a range of the provider",
    ),
    ("name", "the host has a name that only the service gives"),
    (
        "header chain",
        "response headers of the machines that the response passed",
    ),
    ("storage id", "response headers that an object store writes"),
    (
        "URL authorisation",
        "a signature in the URL that only one service checks",
    ),
    ("write", "a store accepted an upload"),
    (
        "behaviour",
        "what several flows show together, such as a copy that grows older",
    ),
    (
        "control plane",
        "another party handed out the URL or authorised the transfer",
    ),
    (
        "says nothing",
        "the rule makes evidence of that family worthless for these flows",
    ),
];

const PEOPLE: &[(&str, &str)] = &[
    (
        "verdict, label",
        "a verdict is the machine’s, a label a person’s; neither changes the other",
    ),
    ("labelled unknown", "a person looked and could not decide"),
    ("not reviewed", "nobody gave a label"),
    (
        "disputed",
        "a label that contradicts the machine’s role, or a label that another person gives or had given before",
    ),
];

const fn level_means(level: Conclusiveness) -> &'static str {
    match level {
        Conclusiveness::Conclusive => {
            "at least two families of evidence agree, none speaks against, and the rival is excluded"
        }
        Conclusiveness::Strong => {
            "one family of evidence that seldom errs, or several hints that agree"
        }
        Conclusiveness::Suggestive => "one hint, such as a name or a range alone",
        Conclusiveness::Conflicting => "strong evidence for two answers that exclude each other",
        Conclusiveness::Insufficient => "nothing that carries weight",
    }
}
