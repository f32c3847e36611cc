//! What only several flows together show: an id that comes back, an Age that grows with the clock, a miss that becomes a
//! hit, a store that answers each request anew, a read after a write.

use foldhash::HashMap;
use rayon::prelude::*;

use super::header_names::HeaderNames;
use super::void::{Gates, is_replay};
use crate::attribution::cache_sign::{self, Answer};
use crate::attribution::url::url_hash;
use crate::base::bytes::Span;
use crate::base::hash::hash;
use crate::base::jobs::{Cancel, STEP};
use crate::base::time::Time;
use crate::capture::{Capture, Flow};
use crate::providers::Family;

/// Clocks of captures and `Age` count whole seconds; both ends may be off by one.
const AGE_TOLERANCE_MS: f64 = 2_000.0;
/// Flows that follow each other faster say nothing about an `Age` that counts whole seconds.
const MIN_ELAPSED_MS: f64 = 3_000.0;
/// Shorter entity tags are no proof that two answers hold the same bytes.
const MIN_TAG: usize = 10;
/// What stores give an object without content.
const TAG_OF_NOTHING: &str = "d41d8cd98f00b204e9800998ecf8427e";

/// What a flow shows together with another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::attribution) enum Sign {
    /// An id that is new in every response came a second time: a cache replayed the response.
    RepeatedId,
    /// The id of an edge came back although the response is a later one: another cache stands in front of that edge.
    ReplayedEdge,
    /// `Age` grew by the time that passed.
    AgeGrows,
    /// A cache first had to ask, and later answered itself.
    MissThenHit,
    /// The store gave each request for the same URL an id of its own: it answered them itself.
    FreshIds,
    /// What was written was read again; the entity tags are equal.
    SameTagReadAfterWrite,
    /// A URL that was written to was read again.
    ReadAfterWrite,
}

/// A sign with the two flows that show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::attribution) struct Note {
    /// The flow that it is a note on.
    pub(in crate::attribution) row: u32,
    /// What the two show.
    pub(in crate::attribution) sign: Sign,
    /// The other flow.
    pub(in crate::attribution) other: u32,
    /// The header value of `row` that shows it; empty when it is not a header.
    pub(in crate::attribution) span: Span,
}

/// All notes of one capture.
#[derive(Clone, Debug, Default)]
pub(in crate::attribution) struct Across {
    /// By row, then sign; one for each sign of a row, and for each header in the case of replayed edges.
    notes: Vec<Note>,
}

impl Across {
    /// Compares every flow with earlier ones; finds nothing more once cancelled.
    pub(in crate::attribution) fn of(
        capture: &Capture,
        gates: &Gates,
        names: &HeaderNames,
        cancel: &Cancel,
    ) -> Self {
        let reader = Reader { gates, names };
        let rows = (0..capture.len())
            .into_par_iter()
            .with_min_len(STEP as usize);
        let digests: Vec<Digest> = rows
            .map(|row| {
                let flow = capture.flow(row).filter(|_| !cancel.is_cancelled());
                flow.map_or_else(Digest::default, |flow| reader.digest(flow))
            })
            .collect();
        let mut walker = Walker {
            reader,
            digests: &digests,
            last: HashMap::default(),
            ids: HashMap::default(),
            writes: HashMap::default(),
            notes: Vec::new(),
        };
        for flow in capture.flows() {
            if flow.idx() % STEP == 0 && cancel.is_cancelled() {
                break;
            }
            if !is_replay(flow) {
                walker.walk(flow);
            }
        }
        let mut notes = walker.notes;
        notes.sort_unstable();
        notes.dedup_by_key(|note| {
            let header = (note.sign == Sign::ReplayedEdge).then_some(note.span);
            (note.row, note.sign, header)
        });
        Self { notes }
    }

    /// The row of the write whose bytes the flow in `row` read, if any.
    pub(in crate::attribution) fn write_of(&self, row: u32) -> Option<u32> {
        let mut notes = self.notes(row).iter();
        let is_read = |note: &&Note| {
            let is_sign = matches!(
                note.sign,
                Sign::SameTagReadAfterWrite | Sign::ReadAfterWrite
            );
            is_sign && note.other < row
        };
        notes.find(is_read).map(|note| note.other)
    }

    /// The notes on the flow in `row`.
    pub(in crate::attribution) fn notes(&self, row: u32) -> &[Note] {
        let from = self.notes.partition_point(|note| note.row < row);
        let len = self.notes[from..].partition_point(|note| note.row == row);
        &self.notes[from..from + len]
    }
}

/// What one response says that can be compared with another one.
#[derive(Clone, Copy, Debug, Default)]
struct Seen<'a> {
    row: u32,
    start: Option<Time>,
    age: Option<(u64, Span)>,
    date: Option<&'a str>,
    answer: Option<(Answer, &'a str, Span)>,
    /// Place of an id that a store gives every answer.
    store_id: Option<Span>,
}

/// The same without places: as much as it takes to know whether two responses are worth a look. Zero stands for nothing.
#[derive(Clone, Copy, Debug, Default)]
struct Digest {
    url: u64,
    store_ids: [u64; 2],
    edge_ids: [u64; 2],
    age: Option<u32>,
    answer: Option<Answer>,
}

/// The ids of one response that are new in every response, with their places.
type Ids = Vec<(Family, u64, Span)>;

#[derive(Clone, Copy)]
struct Reader<'g> {
    gates: &'g Gates,
    names: &'g HeaderNames,
}

impl Reader<'_> {
    /// Reads what can be compared, and all `ids`.
    fn see<'a>(self, flow: Flow<'a>, ids: &mut Ids) -> Seen<'a> {
        let mut seen = Seen {
            row: flow.idx(),
            start: flow.start(),
            ..Seen::default()
        };
        ids.clear();
        let is_age_void = self.gates.voids_age(flow, self.names);
        for header in flow.headers() {
            let kind = self.names.kind(header);
            if kind.is_age && !is_age_void {
                let age = header.value.trim().parse().ok();
                seen.age = age.map(|age| (age, header.span));
            } else if kind.is_date {
                seen.date = Some(header.value);
            } else if kind.is_answer {
                let value = self.gates.trim(header.name, header.value);
                let answer = cache_sign::answer(header.name, value);
                let answer = answer.map(|answer| (answer, who_answers(value), header.span));
                seen.answer = seen.answer.or(answer);
            }
            if let Some(family) = kind.unique {
                let id = hash((header.id, header.value));
                ids.push((family, id, header.span));
                if family == Family::StorageId {
                    seen.store_id = seen.store_id.or(Some(header.span));
                }
            }
        }
        seen
    }

    fn digest(self, flow: Flow<'_>) -> Digest {
        let mut ids = Ids::new();
        let seen = self.see(flow, &mut ids);
        let two = |wanted: Family| {
            let mut ids = ids.iter().filter(|(family, ..)| *family == wanted);
            [(); 2].map(|()| ids.next().map_or(0, |(_, id, _)| *id))
        };
        let mut digest = Digest {
            url: 0,
            store_ids: two(Family::StorageId),
            edge_ids: two(Family::HeaderChain),
            age: seen.age.and_then(|(age, _)| u32::try_from(age).ok()),
            answer: seen.answer.map(|(answer, ..)| answer),
        };
        if digest.is_telling() {
            digest.url = url_hash(flow.url());
        }
        digest
    }
}

impl Digest {
    const fn is_telling(&self) -> bool {
        let has_id = self.store_ids[0] != 0 || self.edge_ids[0] != 0;
        has_id || self.age.is_some() || self.answer.is_some()
    }

    /// True when an edge gave both responses the same id.
    fn shares_edge_id(&self, other: &Self) -> bool {
        share(self.edge_ids, other.edge_ids)
    }

    /// True when a store gave both responses ids, and none of them twice.
    fn has_fresh_ids(&self, other: &Self) -> bool {
        let both = self.store_ids[0] != 0 && other.store_ids[0] != 0;
        both && !share(self.store_ids, other.store_ids)
    }

    /// True when the two, the later one last, may show a sign.
    fn is_worth_a_look(&self, later: &Self) -> bool {
        self.age.is_some() && later.age.is_some()
            || (self.answer, later.answer) == (Some(Answer::Miss), Some(Answer::Hit))
            || self.has_fresh_ids(later)
    }
}

/// True when both hold an id; zero is none.
fn share(one: [u64; 2], other: [u64; 2]) -> bool {
    one.iter().any(|id| *id != 0 && other.contains(id))
}

struct Walker<'g> {
    reader: Reader<'g>,
    /// By row.
    digests: &'g [Digest],
    /// The last flow for each URL whose response can be compared, by its hash.
    last: HashMap<u64, u32>,
    /// The first flow with an id that a store gave, by the hash of the id.
    ids: HashMap<u64, u32>,
    /// The last accepted write, by the hash of its URL without query, and by that of its entity tag.
    writes: HashMap<u64, u32>,
    notes: Vec<Note>,
}

impl Walker<'_> {
    fn walk(&mut self, flow: Flow<'_>) {
        let is_write = flow.has_method(&["PUT", "POST", "PATCH"]);
        if is_write && matches!(flow.status(), Some(200..=299)) {
            self.writes.extend(keys(flow).map(|key| (key, flow.idx())));
        }
        // A 304 carries the headers of the copy that it confirms.
        if flow.status().is_none_or(|status| status == 304) {
            return;
        }
        let digest = self.digests[flow.idx() as usize];
        for id in digest.store_ids.into_iter().filter(|id| *id != 0) {
            let first = *self.ids.entry(id).or_insert_with(|| flow.idx());
            self.compare_ids(flow, first, Family::StorageId);
        }
        if !flow.has_method(&["GET", "HEAD"]) {
            return;
        }
        if matches!(flow.status(), Some(200 | 206)) && !self.writes.is_empty() {
            self.compare_with_writes(flow);
        }
        if digest.is_telling()
            && let Some(row) = self.last.insert(digest.url, flow.idx())
            && let Some(before) = flow.capture().flow(row)
        {
            let known = self.digests[row as usize];
            if known.shares_edge_id(&digest) {
                self.compare_ids(flow, row, Family::HeaderChain);
            }
            if known.is_worth_a_look(&digest) {
                let before = self.reader.see(before, &mut Ids::new());
                let seen = self.reader.see(flow, &mut Ids::new());
                self.compare(before, seen);
                if known.has_fresh_ids(&digest)
                    && let (Some(first), Some(second)) = (before.store_id, seen.store_id)
                {
                    self.note_both(row, first, flow.idx(), second, Sign::FreshIds);
                }
            }
        }
    }

    /// Notes the ids of `family` that the response in row `first` had before.
    fn compare_ids(&mut self, flow: Flow<'_>, first: u32, family: Family) {
        let Some(before) = flow.capture().flow(first) else {
            return;
        };
        if first == flow.idx() {
            return;
        }
        let (mut known, mut ids) = (Ids::new(), Ids::new());
        let first = self.reader.see(before, &mut known);
        let later = self.reader.see(flow, &mut ids);
        for (_, id, span) in ids.iter().filter(|(found, ..)| *found == family) {
            let same = known.iter().find(|(_, known, _)| known == id);
            if let Some((_, _, first_span)) = same {
                self.note_repeated(family, (first, *first_span), (later, *span));
            }
        }
    }

    /// A program's own cache repeats a response as it was; a shared one lets its Age or Date go on.
    fn note_repeated(
        &mut self,
        family: Family,
        (first, first_span): (Seen<'_>, Span),
        (later, span): (Seen<'_>, Span),
    ) {
        if first.start.is_some() && first.start == later.start {
            return; // one exchange, written down twice
        }
        let age = |seen: Seen<'_>| seen.age.map(|(age, _)| age);
        let is_dated = first.date.is_some() || first.age.is_some();
        let has_moved = first.date != later.date || age(first) != age(later);
        let is_shared = has_moved || !is_dated;
        let is_edge = family == Family::HeaderChain;
        if is_shared {
            self.note_both(first.row, first_span, later.row, span, Sign::RepeatedId);
        } else if !is_edge {
            self.note(later.row, first.row, Sign::RepeatedId, span);
        }
        if is_shared && is_edge {
            self.note_both(first.row, first_span, later.row, span, Sign::ReplayedEdge);
        }
    }

    fn compare(&mut self, before: Seen<'_>, seen: Seen<'_>) {
        if let (Some(earlier), Some(later)) = (before.start, seen.start)
            && let (Some((young, young_span)), Some((old, span))) = (before.age, seen.age)
        {
            let elapsed_ms = later.ms_since(earlier);
            let grown_ms = 1_000.0 * (old as f64 - young as f64);
            if MIN_ELAPSED_MS <= elapsed_ms && (grown_ms - elapsed_ms).abs() <= AGE_TOLERANCE_MS {
                self.note_both(before.row, young_span, seen.row, span, Sign::AgeGrows);
            }
        }
        if let (Some((Answer::Miss, one, miss)), Some((Answer::Hit, other, hit))) =
            (before.answer, seen.answer)
            && one == other
        {
            self.note_both(before.row, miss, seen.row, hit, Sign::MissThenHit);
        }
    }

    fn compare_with_writes(&mut self, flow: Flow<'_>) {
        let etag = flow.response_header("etag");
        let Some(write) = keys(flow).find_map(|key| self.writes.get(&key).copied()) else {
            return;
        };
        let written = flow.capture().flow(write);
        let tag_of_write = written.and_then(|flow| flow.response_header("etag"));
        let (sign, span, span_of_write) = match (etag, tag_of_write) {
            (Some(read), Some(written)) if read.value == written.value => {
                (Sign::SameTagReadAfterWrite, read.span, written.span)
            }
            (Some(_), Some(_)) => return, // written again in between
            _ => (Sign::ReadAfterWrite, Span::default(), Span::default()),
        };
        self.note_both(write, span_of_write, flow.idx(), span, sign);
    }

    fn note_both(&mut self, first: u32, first_span: Span, later: u32, span: Span, sign: Sign) {
        self.note(first, later, sign, first_span);
        self.note(later, first, sign, span);
    }

    fn note(&mut self, row: u32, other: u32, sign: Sign, span: Span) {
        self.notes.push(Note {
            row,
            sign,
            other,
            span,
        });
    }
}

/// The kind of cache that names itself behind `from`, without what tells its machines apart; empty when none does.
fn who_answers(value: &str) -> &str {
    let name = value.rsplit_once(" from ").map_or("", |(_, name)| name);
    let end = name.find(|c: char| !c.is_ascii_alphabetic());
    &name[..end.unwrap_or(name.len())]
}

/// Under what a write is found again: its URL without the query, which may hold a signature, and its entity tag.
pub(in crate::attribution) fn keys(flow: Flow<'_>) -> impl Iterator<Item = u64> {
    let path = flow.path().unwrap_or_default();
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let by_url = (1 < path.len()).then(|| hash((flow.host(), path)));
    let etag = flow.response_header("etag").map(|etag| etag.value);
    let is_telling = |tag: &&str| {
        MIN_TAG <= tag.len() && !tag.starts_with("W/") && !tag.contains(TAG_OF_NOTHING)
    };
    let by_tag = etag.filter(is_telling);
    by_url.into_iter().chain(by_tag.map(hash))
}
