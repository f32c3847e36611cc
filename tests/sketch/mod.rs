//! Captures as tests write them: a line for the request, then its headers.
#![allow(dead_code, reason = "each test uses a part of it")]

use headwater::attribution::Attribution;
use headwater::base::bytes::{ByteSource, Span};
use headwater::base::jobs::{Cancel, Pending, Progress};
use headwater::base::time::Time;
use headwater::capture::{
    Batch, Capture, CaptureBuilder, Carries, FileInfo, Flags, FlowRecord, HeaderRecord, Problem,
    ProblemKind, Side,
};
use headwater::providers::is_evidence_header;

/// A flow as a test writes it: `GET https://… 200 @192.0.2.1 2026`, then a header in each line.
///
/// The fourth word may be `@-` for no address, the fifth a time of the usual day instead of a year; `>` marks a header of
/// the request, `~` a fact of the connection.
#[derive(Clone, Debug)]
pub(crate) struct Sketch {
    pub(crate) text: String,
    pub(crate) flags: Flags,
}

pub(crate) fn flow(text: &str) -> Sketch {
    Sketch {
        text: text.to_owned(),
        flags: Flags::default(),
    }
}

impl Sketch {
    pub(crate) fn flagged(mut self, flags: Flags) -> Self {
        self.flags = flags;
        self
    }

    pub(crate) fn with(mut self, line: &str) -> Self {
        self.text.push('\n');
        self.text.push_str(line);
        self
    }

    fn push_to(&self, batch: &mut Batch, entry: u32) {
        let mut lines = self
            .text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty());
        let words: Vec<&str> = lines.next().expect("a first line").split(' ').collect();
        let start = match words.get(4).copied().unwrap_or("2026") {
            time if time.contains(':') => format!("2026-06-13T{time}Z"),
            year => format!("{year}-06-13T12:00:00Z"),
        };
        let first = 10_000 * u64::from(entry);
        let headers = lines.zip(first..).filter_map(|(line, at)| {
            let (side, line) = match line.split_at(1) {
                (">", rest) => (Side::Request, rest.trim()),
                ("~", rest) => (Side::Connection, rest.trim()),
                _ => (Side::Response, line),
            };
            let (name, value) = line.split_once(": ").expect("a header");
            let is_read = side == Side::Connection || is_evidence_header(name);
            is_read.then(|| HeaderRecord {
                side,
                name: name.into(),
                value: value.into(),
                span: Span::new(at, value.len() as u32),
            })
        });
        batch.push(&FlowRecord {
            entry,
            method: words[0].into(),
            url: words[1].into(),
            status: words[2].parse().ok(),
            server_ip: words
                .get(3)
                .map_or("", |ip| ip.trim_start_matches(['@', '-']))
                .into(),
            start: Time::parse_iso(&start),
            flags: self.flags,
            headers: headers.collect(),
            ..FlowRecord::default()
        });
    }
}

pub(crate) fn capture(flows: &[Sketch]) -> Capture {
    let mut batch = Batch::default();
    for (flow, entry) in flows.iter().zip(1..) {
        flow.push_to(&mut batch, entry);
    }
    build(batch)
}

pub(crate) fn build(batch: Batch) -> Capture {
    let info = FileInfo {
        path: "test.har".into(),
        name: "test.har".to_owned(),
        format: "har",
        producer: String::new(),
        bytes: 0,
        sha256: Pending::default(),
        carries: Carries::ALL,
    };
    let mut builder = CaptureBuilder::new(info, ByteSource::from_bytes(Vec::new()), |_| {
        Err(Problem::new(ProblemKind::Missing, "made in memory"))
    });
    builder.append(batch);
    builder.finish()
}

pub(crate) fn judged(capture: &Capture) -> Attribution {
    Attribution::of(capture, &Cancel::default(), &Progress::default()).expect("not cancelled")
}
