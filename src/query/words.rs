//! What the words, marks and bars of the window mean, in one plain sentence each: for the sheet of words and for tooltips.

use crate::attribution::roles::{Hypothesis, Owner, RelationRole};
use crate::attribution::{Conclusiveness, Role};
use crate::capture::Phase;
use crate::providers::Family;

/// A word or mark with what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// The word as the window writes it, or the mark as one would call it.
    pub word: &'static str,
    /// What it means, in one sentence without a full stop.
    pub meaning: &'static str,
}

/// Words that belong together, with what they are about.
pub type Group = (&'static str, &'static [Word]);

const fn word(word: &'static str, meaning: &'static str) -> Word {
    Word { word, meaning }
}

/// What a request for the site itself is.
pub const FIRST_PARTY: &str = "The party is the site itself";
/// What a request for somebody else on a site is.
pub const EMBEDDED: &str = "The party was seen on somebody else's site";

/// What a request without a label is.
pub const NOT_REVIEWED: &str = "Nobody has labelled the request yet";
/// What a request in conflict is.
pub const CONFLICT: &str = "Strong pieces of evidence about the request contradict each other";

/// All words, those of the answers first.
pub static GROUPS: &[Group] = &[
    ("Who answered", ROLES),
    ("How sure", SURE),
    ("Relations", RELATIONS),
    ("Whose data", OWNERS),
    ("Whose traffic", PARTIES),
    ("The question of 2011", QUESTION),
    ("Evidence", EVIDENCE),
    ("Labels", LABELS),
    ("What shows nothing", SILENT),
    ("Charts and lenses", CHARTS),
    ("Phases of a request", PHASES),
];

const ROLES: &[Word] = &[
    word("Origin", role(Role::Origin)),
    word("CDN", role(Role::Cdn)),
    word("Unknown", role(Role::Unknown)),
    word(
        "Edge",
        "A server close to the user that takes the request and passes on what others hold",
    ),
    word(
        "Provider",
        "The company that runs the servers, such as Akamai or Amazon",
    ),
    word(
        "Service",
        "One product of a provider, such as Amazon S3 or Amazon CloudFront",
    ),
    word(
        "Region",
        "Where the provider says that the servers stand, such as eu-west-1",
    ),
    word(
        "Not attributed",
        "Nothing in the capture tells which provider answered",
    ),
];

const SURE: &[Word] = &[
    word("Conclusive", sure(Conclusiveness::Conclusive)),
    word("Strong", sure(Conclusiveness::Strong)),
    word("Suggestive", sure(Conclusiveness::Suggestive)),
    word("Insufficient", sure(Conclusiveness::Insufficient)),
    word("Conflicting", sure(Conclusiveness::Conflicting)),
];

const RELATIONS: &[Word] = &[
    word(
        "Relation",
        "What one party gets from one service in one role, over all requests that show it",
    ),
    relation(RelationRole::Delivers, "Delivers"),
    relation(RelationRole::Stores, "Stores"),
    relation(RelationRole::Computes, "Computes"),
    relation(RelationRole::Hosts, "Hosts"),
    relation(RelationRole::Own, "Own"),
    word(
        "Behind it",
        "Whose store or server holds what an edge delivers",
    ),
    word(
        "Origin not seen",
        "An edge answered, and nothing shows who stands behind it",
    ),
];

const OWNERS: &[Word] = &[
    owner(Owner::Users, "Users' data"),
    owner(Owner::Party, "The party's own files"),
    owner(Owner::Other, "Somebody else's files"),
    owner(Owner::NotSeen, "Owner not seen"),
];

const PARTIES: &[Word] = &[
    word(
        "Party",
        "Who is responsible for what was asked for, whichever provider serves it",
    ),
    word("Site", "The page or app in which a request was seen"),
    word("First party", FIRST_PARTY),
    word("Embedded", EMBEDDED),
];

const QUESTION: &[Word] = &[
    hypothesis(Hypothesis::BackendStorage),
    hypothesis(Hypothesis::HostedThere),
    hypothesis(Hypothesis::CdnOnly),
    word(
        "Inconclusive",
        "The evidence does not single out any of the three",
    ),
    word(
        "Leaning",
        "There is no answer yet, but the evidence points to this one",
    ),
    word(
        "Would settle it",
        "What you could do to get a clear answer; Headwater itself sends nothing",
    ),
];

const EVIDENCE: &[Word] = &[
    word(
        "Evidence",
        "Something in the capture that speaks for or against an answer",
    ),
    word(
        "Family",
        "A kind of evidence; two families that agree count for more than two pieces of one",
    ),
    family(Family::Address),
    family(Family::Name),
    family(Family::HeaderChain),
    family(Family::StorageId),
    family(Family::UrlAuthorisation),
    family(Family::Write),
    family(Family::Behaviour),
    family(Family::ControlPlane),
    word(
        "Rule",
        "What turns a header, name or address into evidence; each has a name and a reason",
    ),
];

const LABELS: &[Word] = &[
    word(
        "Verdict",
        "What the machine concludes about a request from its evidence",
    ),
    word(
        "Label",
        "What a person says about a request; the machine never changes it",
    ),
    word("Not reviewed", NOT_REVIEWED),
    word("Conflict", CONFLICT),
];

const SILENT: &[Word] = &[
    word(
        "Tunnel",
        "A proxy passed encrypted bytes on, so only host, time and size are known",
    ),
    word(
        "From cache",
        "The browser or a proxy had the answer already, so no server was asked",
    ),
];

const CHARTS: &[Word] = &[
    slice(Role::Origin),
    slice(Role::Cdn),
    slice(Role::Unknown),
    word(
        "Lens",
        "One way to look at the shown requests: one by one, by host, or by service",
    ),
    word(
        "Share bar",
        "Which part of the shown requests belongs to the row",
    ),
    word(
        "When bars",
        "When the requests of a row began, from the start of the capture to its end",
    ),
];

const PHASES: &[Word] = &[
    phase_word(Phase::Blocked),
    phase_word(Phase::Dns),
    phase_word(Phase::Connect),
    phase_word(Phase::Ssl),
    phase_word(Phase::Send),
    phase_word(Phase::Wait),
    phase_word(Phase::Receive),
];

const fn relation(role: RelationRole, title: &'static str) -> Word {
    word(title, role.meaning())
}

const fn owner(owner: Owner, title: &'static str) -> Word {
    word(title, owner.meaning())
}

const fn hypothesis(hypothesis: Hypothesis) -> Word {
    word(hypothesis.title(), hypothesis.meaning())
}

const fn family(family: Family) -> Word {
    word(family.title(), family_meaning(family))
}

const fn phase_word(of: Phase) -> Word {
    word(of.title(), phase(of))
}

/// What it means that somebody answered in this role.
pub const fn role(role: Role) -> &'static str {
    match role {
        Role::Origin => "The server that holds what was asked for answered itself",
        Role::Cdn => "A delivery network answered, from its cache or by asking a server behind it",
        Role::Unknown => {
            "The evidence does not tell whether the origin or a delivery network answered"
        }
    }
}

/// What it means that an answer is so conclusive, with the mark that stands for it.
pub const fn sure(conclusiveness: Conclusiveness) -> &'static str {
    match conclusiveness {
        Conclusiveness::Conclusive => "Four bars: nothing else explains what was seen",
        Conclusiveness::Strong => "Three bars: another explanation is possible, but seldom true",
        Conclusiveness::Suggestive => "Two bars: a hint; other explanations fit as well",
        Conclusiveness::Insufficient => "One bar: there is too little evidence for an answer",
        Conclusiveness::Conflicting => {
            "A diamond: strong pieces of evidence contradict each other, so a person should look"
        }
    }
}

/// How sure an answer is: the word and what it means, on two lines.
pub fn how_sure(conclusiveness: Conclusiveness) -> String {
    format!("{}\n{}", conclusiveness.word(), sure(conclusiveness))
}

/// How the share of one who answered in this role is drawn on the ring.
pub const fn slice(role: Role) -> Word {
    match role {
        Role::Origin => word("Solid slice", "The provider answered as the origin"),
        Role::Cdn => word("Hatched slice", "The provider answered as a CDN"),
        Role::Unknown => word("Outlined slice", "In which role it answered is not known"),
    }
}

/// What evidence of a family rests on.
pub const fn family_meaning(family: Family) -> &'static str {
    match family {
        Family::Address => "The server's address lies in a range that the provider published",
        Family::Name => "The host's name, or what it resolved to, belongs to the service",
        Family::HeaderChain => "Servers on the way left their marks in the headers",
        Family::StorageId => "The answer carries ids as only a store gives them",
        Family::UrlAuthorisation => "The URL is signed in a way that only one service checks",
        Family::Write => "The service took what was uploaded",
        Family::Behaviour => "How the answers change over time, such as their age in a cache",
        Family::ControlPlane => "Another host handed out the URL",
    }
}

/// What a request does in a phase.
pub const fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Blocked => "The browser waited before it had a connection",
        Phase::Dns => "The host's name was looked up",
        Phase::Connect => "The connection was opened",
        Phase::Ssl => "Encryption was agreed on, as a part of connecting",
        Phase::Send => "The request was sent",
        Phase::Wait => "The request was sent, and the first byte had not arrived yet",
        Phase::Receive => "The answer arrived",
    }
}

/// What `word` means; `None` for what stands in no group.
pub fn meaning(word: &str) -> Option<&'static str> {
    let mut words = GROUPS.iter().flat_map(|(_, words)| words.iter());
    words.find(|it| it.word == word).map(|it| it.meaning)
}

/// The words that hold `typed`, in their name or meaning, group by group.
pub fn found(typed: &str) -> Vec<(&'static str, Vec<&'static Word>)> {
    let typed = typed.trim().to_lowercase();
    let holds = |text: &str| text.to_lowercase().contains(&typed);
    let groups = GROUPS.iter().map(|(title, words)| {
        let is_whole = holds(title);
        let words = words.iter();
        let words = words.filter(|it| is_whole || holds(it.word) || holds(it.meaning));
        (*title, words.collect::<Vec<_>>())
    });
    groups.filter(|(_, words)| !words.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::PHASES;

    fn all() -> impl Iterator<Item = &'static Word> {
        GROUPS.iter().flat_map(|(_, words)| words.iter())
    }

    #[test]
    fn every_word_stands_once_with_one_plain_sentence() {
        let mut seen = std::collections::BTreeSet::new();
        for it in all() {
            assert!(seen.insert(it.word.to_lowercase()), "{} twice", it.word);
            let first = it.meaning.chars().next().expect("a sentence");
            assert!(first.is_uppercase(), "{}: {}", it.word, it.meaning);
            assert!(!it.meaning.ends_with('.'), "{}: {}", it.word, it.meaning);
            assert!(it.meaning.len() <= 100, "{}: {}", it.word, it.meaning);
        }
    }

    #[test]
    fn no_role_owner_answer_or_phase_is_left_out() {
        let has = |meaning: &str| all().any(|it| it.meaning == meaning);
        assert!(RelationRole::ALL.iter().all(|it| has(it.meaning())));
        assert!(Owner::ALL.iter().all(|it| has(it.meaning())));
        assert!(Hypothesis::ALL.iter().all(|it| has(it.meaning())));
        assert!(PHASES.iter().all(|it| has(phase(*it))));
        let words = crate::query::columns::conclusiveness_words();
        let is_named = |it: &str| all().any(|known| known.word.eq_ignore_ascii_case(it));
        assert!(words.into_iter().all(is_named));
    }

    #[test]
    fn words_are_found_by_name_by_meaning_and_by_group() {
        let names = |typed| {
            let found = found(typed).into_iter();
            let words = found.flat_map(|(_, words)| words);
            words.map(|it| it.word).collect::<Vec<_>>()
        };
        assert_eq!(names("hatch"), ["Hatched slice"]);
        assert_eq!(names(" First BYTE"), ["Wait"]);
        assert_eq!(names("phases of").len(), PHASES.len());
        assert_eq!(names("").len(), all().count());
        assert!(names("qqq").is_empty());
        assert_eq!(meaning("Embedded"), Some(EMBEDDED));
        assert_eq!(meaning("Nobody"), None);
    }
}
