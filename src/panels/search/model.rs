//! One search: what was found so far, how far it is, and how it ended.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::thread;

use crate::base::jobs::{Cancel, Progress, Wake, give_way};
use crate::base::text::{counted, thousands};
use crate::capture::Side;
use crate::document::Document;
use crate::query::Rows;
use crate::query::search::{Hit, MAX_HITS, Pattern, Place, Searched, Wanted, search};
use crate::session::DetailTab;

/// A search that runs or has ended.
#[derive(Debug)]
pub struct Search {
    hits: Vec<Hit>,
    receiver: Receiver<Message>,
    cancel: Cancel,
    progress: Progress,
    end: Option<Searched>,
}

#[derive(Debug)]
enum Message {
    Hits(Vec<Hit>),
    Done(Searched),
}

impl Drop for Search {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

impl Search {
    /// Starts looking through `rows` on a worker, or says what is wrong with what is `wanted`.
    pub fn start(
        document: &Document,
        rows: &Arc<Rows>,
        wanted: &Wanted,
        wake: &Wake,
    ) -> Result<Self, String> {
        let pattern = Pattern::of(wanted)?;
        let (cancel, progress) = (Cancel::default(), Progress::default());
        let (sender, receiver) = channel();
        let work = {
            let (document, rows, wanted) = (document.clone(), Arc::clone(rows), wanted.clone());
            let (cancel, progress, wake) = (cancel.clone(), progress.clone(), Arc::clone(wake));
            move || {
                give_way();
                let tell = |message| {
                    if sender.send(message).is_ok() {
                        wake();
                    }
                };
                let what = (&wanted, &pattern);
                let searched = search(&document, &rows.flows, what, &cancel, &progress, |hits| {
                    tell(Message::Hits(hits));
                });
                tell(Message::Done(searched));
            }
        };
        let spawned = thread::Builder::new().name("search".to_owned()).spawn(work);
        spawned.map_err(|error| format!("the search cannot start: {error}"))?;
        Ok(Self {
            hits: Vec::new(),
            receiver,
            cancel,
            progress,
            end: None,
        })
    }

    /// Takes over what was found meanwhile.
    pub fn poll(&mut self) {
        while self.end.is_none() {
            match self.receiver.try_recv() {
                Ok(Message::Hits(hits)) => self.hits.extend(hits),
                Ok(Message::Done(searched)) => self.end = Some(searched),
                Err(TryRecvError::Disconnected) => {
                    self.end = Some(Searched {
                        is_complete: false,
                        n_unreadable: 0,
                    });
                }
                Err(TryRecvError::Empty) => return,
            }
        }
    }

    /// Stops looking; what was found stays.
    pub fn stop(&self) {
        self.cancel.cancel();
    }

    /// What was found so far, in the order of the table.
    pub fn hits(&self) -> &[Hit] {
        &self.hits
    }

    /// Flows looked at, and how many there are, while it runs.
    pub fn status(&self) -> Option<(u64, u64)> {
        self.end.is_none().then(|| self.progress.get())
    }

    /// What came of it, in words: `12 places in 3 flows`.
    pub fn words(&self) -> String {
        let mut flows: Vec<_> = self.hits.iter().map(|hit| hit.flow).collect();
        flows.dedup();
        let found = format!(
            "{} in {}",
            counted(self.hits.len() as u64, "place"),
            counted(flows.len() as u64, "flow")
        );
        let n_unreadable = self.end.map_or(0, |end| end.n_unreadable);
        let found = if n_unreadable == 0 {
            found
        } else {
            let unread = counted(n_unreadable, "flow");
            format!("{found}; headers and bodies of {unread} cannot be read again")
        };
        let (done, total) = self.progress.get();
        match self.end.map(|end| end.is_complete) {
            None | Some(true) => found,
            Some(false) if MAX_HITS <= self.hits.len() => {
                format!("{found}; more are not shown")
            }
            Some(false) => {
                format!(
                    "{found}; stopped after {} of {}",
                    thousands(done),
                    counted(total, "flow")
                )
            }
        }
    }

    /// The filter that keeps just the flows in which something was found; `None` when they are none or too many.
    pub fn filter(&self) -> Option<String> {
        let mut numbers: Vec<u32> = self.hits.iter().map(|hit| hit.flow.n()).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let ranges = ranges(&numbers);
        let terms: Vec<String> = ranges.iter().map(|(from, to)| term(*from, *to)).collect();
        (1..=MAX_TERMS)
            .contains(&terms.len())
            .then(|| terms.join(" | "))
    }
}

/// Most terms of a filter that is made of hits.
const MAX_TERMS: usize = 200;

fn term(from: u32, to: u32) -> String {
    if from == to {
        format!("n:{from}")
    } else {
        format!("n:{from}-{to}")
    }
}

/// Neighbouring numbers together, from first to last.
fn ranges(numbers: &[u32]) -> Vec<(u32, u32)> {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for n in numbers {
        match ranges.last_mut() {
            Some((_, to)) if *to + 1 == *n => *to = *n,
            _ => ranges.push((*n, *n)),
        }
    }
    ranges
}

/// Where a hit stands, in words.
pub fn place_words(place: &Place) -> String {
    let side = |side: &Side| match side {
        Side::Request => "request",
        Side::Response | Side::Connection => "response",
    };
    match place {
        Place::Url => "URL".to_owned(),
        Place::Header(of, name) => format!("{} header {name}", side(of)),
        Place::Body(of, at) => format!("{} body, byte {}", side(of), thousands(*at)),
    }
}

/// How many of the hits before the one at `idx` lie in the same body.
pub fn n_before(hits: &[Hit], idx: usize) -> usize {
    let body_of = |hit: &Hit| match hit.place {
        Place::Body(side, _) => Some((hit.flow, side)),
        Place::Url | Place::Header(..) => None,
    };
    let (before, rest) = hits.split_at(idx.min(hits.len()));
    let here = rest.first().and_then(body_of);
    let is_same = |hit: &&Hit| here.is_some() && body_of(hit) == here;
    before.iter().rev().take_while(is_same).count()
}

/// The tab that shows the place of a hit.
pub const fn tab_of(place: &Place) -> DetailTab {
    match place {
        Place::Url | Place::Header(..) => DetailTab::Headers,
        Place::Body(..) => DetailTab::Body,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::FlowId;

    #[test]
    fn neighbours_share_a_term() {
        let terms = ranges(&[1, 2, 3, 7, 9, 10]);
        let terms: Vec<String> = terms.iter().map(|(from, to)| term(*from, *to)).collect();
        assert_eq!(terms.join(" | "), "n:1-3 | n:7 | n:9-10");
    }

    #[test]
    fn places_are_counted_within_one_body() {
        let hit = |flow, place| Hit {
            flow: FlowId(flow),
            place,
            before: String::new(),
            found: "x".to_owned(),
            after: String::new(),
        };
        let hits = [
            hit(0, Place::Body(Side::Response, 4)),
            hit(1, Place::Url),
            hit(1, Place::Body(Side::Request, 4)),
            hit(1, Place::Body(Side::Response, 4)),
            hit(1, Place::Body(Side::Response, 9)),
        ];
        let counts: Vec<usize> = (0..=5).map(|idx| n_before(&hits, idx)).collect();
        assert_eq!(counts, [0, 0, 0, 0, 1, 0]);
    }
}
