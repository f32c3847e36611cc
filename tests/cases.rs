//! Captures that were judged wrongly once: `tests/cases.tsv` says what is right for each, and right answers are counted by kind.
//!
//! Those that were made up lie in `tests/cases`. Reduced real ones are no part of the project: `HEADWATER_CASES` names the
//! folder that holds them in `real`.

#![expect(
    clippy::print_stdout,
    reason = "the counts and what was not run are for the reader of the log"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use headwater::attribution::roles::{Hypothesis, Question};
use headwater::attribution::score::{Labelled, Report};
use headwater::attribution::{Attribution, Carrier, Conclusiveness, Examination};
use headwater::base::jobs::{Cancel, Progress};
use headwater::capture::{Flow, FlowId, Problem};
use headwater::document::Document;
use headwater::formats::{self, Options, Watch};
use headwater::providers::{ServiceId, catalogue};
use headwater::query::columns::{COLUMNS, conclusiveness_named};
use headwater::query::filter::{Filter, KINDS};

const HEADINGS: &str =
    "folder\tfile\tflow\thost\tkind\tedge\torigin\trole\tconclusiveness\tspecial";

/// Providers that stand for somebody who is not known by name.
const NAMELESS: [&str; 3] = ["own-cache/", "own-network/", "unnamed-store/"];

/// A line of `tests/cases.tsv`, which explains its cells.
#[derive(Debug)]
struct Case {
    folder: &'static str,
    file: &'static str,
    flow: u32,
    host: &'static str,
    kind: &'static str,
    edge: &'static str,
    origin: &'static str,
    role: &'static str,
    conclusiveness: &'static str,
    specials: Vec<&'static str>,
}

impl Case {
    fn parse(line: &'static str) -> Self {
        let cells: Vec<&str> = line.split('\t').collect();
        let [
            folder,
            file,
            flow,
            host,
            kind,
            edge,
            origin,
            role,
            conclusiveness,
            special,
        ] = cells[..]
        else {
            panic!("ten cells: {line}");
        };
        Self {
            folder,
            file,
            flow: flow.parse().expect(line),
            host,
            kind,
            edge,
            origin,
            role,
            conclusiveness,
            specials: special.split("; ").filter(|word| *word != "*").collect(),
        }
    }

    /// What is wrong with the answer to the case in the folder `root`; `None` when it is right.
    fn fault(&self, root: &Path) -> Option<String> {
        let faults = match Subject::open(&root.join(self.file), self.flow) {
            Ok(subject) => subject.faults(self),
            Err(problem) => vec![problem.to_string()],
        };
        let place = format!(
            "{}/{} flow {} ({})",
            self.folder, self.file, self.flow, self.host
        );
        (!faults.is_empty()).then(|| format!("{place}, {}: {}", self.kind, faults.join("; ")))
    }
}

fn cases() -> Vec<Case> {
    let mut lines = include_str!("cases.tsv").lines();
    assert_eq!(lines.next(), Some(HEADINGS));
    lines
        .filter(|line| !line.starts_with('#'))
        .map(Case::parse)
        .collect()
}

/// Where the files of a folder of cases lie; `None`, and a word about it, when that is not known.
fn root_of(folder: &str) -> Option<PathBuf> {
    if folder != "real" {
        let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
        return Some(own.join(folder));
    }
    let root = std::env::var_os("HEADWATER_CASES");
    if root.is_none() {
        println!("not run: HEADWATER_CASES is not set, so no case of {folder:?} was opened");
    }
    Some(Path::new(&root?).join(folder))
}

/// A judged capture, and the flow that a case is about.
struct Subject {
    path: PathBuf,
    document: Document,
    id: FlowId,
    found: Examination,
}

impl Subject {
    /// Opens the capture and judges it, bodies included. `n` counts its flows from 1.
    fn open(path: &Path, n: u32) -> Result<Self, Problem> {
        let (cancel, progress) = (Cancel::default(), Progress::default());
        let watch = Watch {
            cancel: &cancel,
            progress: &progress,
            on_rows: &|_| {},
        };
        let capture = formats::open(path, &Options::default(), &watch)?;
        let judged = Attribution::of(&capture, &cancel, &progress)
            .and_then(|first| first.with_bodies(&capture, &cancel, &progress))
            .expect("nobody cancelled");
        let mut document = Document::new("");
        document.push(capture, judged);
        let id = FlowId(n - 1);
        let found = document.examine(id);
        Ok(Self {
            path: path.to_owned(),
            found: found.unwrap_or_else(|| panic!("no flow {n} in {}", path.display())),
            document,
            id,
        })
    }

    fn flow(&self) -> Flow<'_> {
        self.document.flow(self.id).expect("it was examined")
    }

    fn faults(&self, case: &Case) -> Vec<String> {
        let verdict = self.found.verdict;
        let first = verdict.terminating();
        let sure = first.map_or(Conclusiveness::Insufficient, |part| part.conclusiveness);
        let (edge, origin) = (name(verdict.edge), name(verdict.origin));
        let (host, role) = (self.flow().host(), verdict.role.word());
        let mut faults = Vec::new();
        let mut check = |what: &str, expected: &str, found: &str, is_right: bool| {
            if !is_right {
                faults.push(format!("{what} is {found}, expected {expected}"));
            }
        };
        check("host", case.host, host, case.host == host);
        check("edge", case.edge, &edge, is_service(case.edge, &edge));
        check(
            "origin",
            case.origin,
            &origin,
            is_service(case.origin, &origin),
        );
        check("role", case.role, role, is_one_of(case.role, role));
        let is_as_sure = is_as_sure(case.conclusiveness, sure);
        check(
            "conclusiveness",
            case.conclusiveness,
            sure.word(),
            is_as_sure,
        );
        faults.extend(case.specials.iter().filter_map(|it| self.special_fault(it)));
        faults
    }

    /// What is wrong with a special expectation, written `key=value` or `not-key=value`.
    fn special_fault(&self, special: &str) -> Option<String> {
        let (key, value) = special.split_once('=').expect(special);
        let (key, is_wanted) = match key.strip_prefix("not-") {
            Some(key) => (key, false),
            None => (key, true),
        };
        let seen = self.seen(key, value);
        let is_met = seen.iter().any(|text| self.meets(key, value, text));
        let seen: String = seen.join(", ").chars().take(300).collect();
        (is_met != is_wanted).then(|| format!("{special} is not met by: {seen}"))
    }

    /// What the flow shows of `key`.
    fn seen(&self, key: &str, value: &str) -> Vec<String> {
        let found = &self.found;
        match key {
            "chain" => {
                let chain: Vec<String> = found.chain.iter().map(|hop| path(*hop)).collect();
                vec![chain.join("<")]
            }
            "rule" => found
                .evidence
                .iter()
                .map(|item| item.rule.clone())
                .collect(),
            "party" => vec![self.document.party(self.id).to_owned()],
            "settle" => found.would_settle_it.clone(),
            "says" => self.texts(),
            "is" => self.kinds(),
            "same-as" => {
                let other = Self::open(&self.path.with_file_name(value), self.id.0 + 1);
                vec![other.expect("a capture").words()]
            }
            "score" => vec![self.score().to_owned()],
            "pair" => vec![self.pair(value)],
            _ => panic!("no special expectation is called {key}"),
        }
    }

    /// True when `seen` is what `key` should be.
    fn meets(&self, key: &str, value: &str, seen: &str) -> bool {
        match key {
            "chain" => is_in_order(value, seen),
            "settle" | "says" => seen.contains(value),
            "same-as" => seen == self.words(),
            "pair" => value
                .rsplit_once(':')
                .is_some_and(|(_, answers)| is_one_of(answers, seen)),
            _ => is_one_of(value, seen),
        }
    }

    /// The answer in one line.
    fn words(&self) -> String {
        let verdict = self.found.verdict;
        let part = |part: Option<Carrier>| {
            let sureness = part.map_or("", |part| part.conclusiveness.word());
            format!("{} {sureness}", name(part))
        };
        let (edge, origin) = (part(verdict.edge), part(verdict.origin));
        let (role, sureness) = (verdict.role.word(), verdict.conclusiveness.word());
        format!("edge {edge}, origin {origin}, role {role} {sureness}")
    }

    /// What is said about the flow in words of the capture or of ours.
    fn texts(&self) -> Vec<String> {
        let quotes = self.found.evidence.iter().map(|item| item.quote.clone());
        let cells = COLUMNS.iter().map(|column| {
            let value = column.of(&self.document, self.id, self.flow());
            value.to_text().into_owned()
        });
        let texts = quotes.chain(self.found.would_settle_it.iter().cloned());
        texts.chain(cells).filter(|text| !text.is_empty()).collect()
    }

    /// The words behind `is:` that keep the flow.
    fn kinds(&self) -> Vec<String> {
        let is_kept = |word: &str| {
            let filter = Filter::parse(&format!("is:{word}")).expect("a filter");
            filter.keeps(&self.document, self.id, self.flow())
        };
        let words = KINDS.iter().map(|(word, _)| (*word).to_owned());
        words.filter(|word| is_kept(word)).collect()
    }

    /// Whether the label that the capture carries for the host of the flow is met.
    fn score(&self) -> &'static str {
        let labelled = Labelled {
            file: "",
            capture: &self.document.captures()[0].capture,
        };
        let report = Report::of(&[labelled], Vec::new(), &Cancel::default());
        let misses = report.expect("nobody cancelled").raw.misses;
        let is_missed = misses.keys().any(|miss| miss.host == self.flow().host());
        if is_missed { "missed" } else { "met" }
    }

    /// The answer for the pair that is written in front of the colon.
    fn pair(&self, expected: &str) -> String {
        let (pair, _) = expected.rsplit_once(':').expect(expected);
        let (party, provider) = pair.rsplit_once('/').expect(pair);
        let roles = self.document.roles(&Cancel::default());
        let roles = roles.expect("nobody cancelled");
        let mut questions = roles.party(party).into_iter().flat_map(|it| &it.questions);
        let is_meant = |it: &&Question| catalogue().provider(it.provider).id == provider;
        let answer = questions.find(is_meant).map_or("-", |question| {
            question.answer.map_or("inconclusive", Hypothesis::id)
        });
        answer.to_owned()
    }
}

fn path(service: ServiceId) -> String {
    catalogue().path(service)
}

/// `provider/service`, or `-` for nobody.
fn name(part: Option<Carrier>) -> String {
    part.map_or_else(|| "-".to_owned(), |part| path(part.service))
}

/// True when `text` is one of the alternatives, which are separated by `|` and may end in `*`.
fn is_one_of(alternatives: &str, text: &str) -> bool {
    alternatives.split('|').any(|one| {
        one.strip_suffix('*')
            .map_or(one == text, |start| text.starts_with(start))
    })
}

/// True when the service is expected; one that names no company is also nobody.
fn is_service(expected: &str, path: &str) -> bool {
    let is_nameless = NAMELESS.iter().any(|provider| path.starts_with(provider));
    is_one_of(expected, path) || (is_nameless && is_one_of(expected, "-"))
}

/// True for `strong+` and all from strong on, `strong-` and all up to strong, and the word itself.
fn is_as_sure(expected: &str, found: Conclusiveness) -> bool {
    let bound = |word: &str| conclusiveness_named(word).expect("a degree of conclusiveness");
    if expected == "*" {
        true
    } else if let Some(least) = expected.strip_suffix('+') {
        bound(least) <= found
    } else if let Some(most) = expected.strip_suffix('-') {
        found <= bound(most)
    } else {
        found == bound(expected)
    }
}

/// True when the hops of `expected` stand in the chain in that order; both are separated by `<`.
fn is_in_order(expected: &str, chain: &str) -> bool {
    let mut hops = chain.split('<');
    expected
        .split('<')
        .all(|wanted| hops.any(|hop| is_one_of(wanted, hop)))
}

#[test]
fn cases_that_were_judged_wrongly_are_judged_right() {
    let cases = cases();
    let mut counts: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    let mut faults = Vec::new();
    for folder in ["real", "attribution", "field"] {
        let Some(root) = root_of(folder) else {
            continue;
        };
        let is_judged = |case: &&Case| case.folder == folder;
        for case in cases.iter().filter(is_judged) {
            let fault = case.fault(&root);
            let (n_right, n_all) = counts.entry(case.kind).or_default();
            *n_right += u32::from(fault.is_none());
            *n_all += 1;
            faults.extend(fault);
        }
    }
    for (kind, (n_right, n_all)) in &counts {
        println!("{kind}: {n_right} of {n_all}");
    }
    let n_all: u32 = counts.values().map(|(_, n_all)| n_all).sum();
    let n_wrong = faults.len();
    println!("{} of {n_all} right", n_all as usize - n_wrong);
    assert!(
        faults.is_empty(),
        "{n_wrong} of {n_all} cases are judged wrongly:\n{}",
        faults.join("\n")
    );
}

#[test]
fn every_case_has_a_line() {
    let cases = cases();
    for folder in ["attribution", "field", "real"] {
        let Some(root) = root_of(folder) else {
            continue;
        };
        for entry in fs::read_dir(&root).expect("the cases can be listed") {
            let file = entry.expect("the cases can be listed").file_name();
            let is_listed = |case: &Case| case.folder == folder && file == case.file;
            if cases.iter().any(is_listed) {
                continue;
            }
            assert_eq!(folder, "real", "no line for {}", file.display());
            println!("no line for {}", root.join(&file).display());
        }
    }
}
