//! Fiddler session archives: a zip with the raw request, raw response and a description of each session.
//!
//! The members of one session are unpacked side by side, so that a flow has one range of bytes.

mod metadata;
mod socket;

use std::collections::BTreeMap;
use std::sync::Arc;

use self::metadata::Metadata;
use super::{Format, Input, Pace, Probe, Watch};
use crate::base::archive::{Archive, Unpacked};
use crate::base::bytes::{ByteSource, Span};
use crate::base::limits::Limits;
use crate::capture::{
    Batch, Capture, Carries, Exchange, Flags, Flow, FlowRecord, HeaderRecord, Problem, ProblemKind,
    RawMessage, Side,
};
use crate::providers::is_evidence_header;

/// Reads `.saz` files.
pub(super) struct Saz;

/// Bytes of a message within which its headers end; the body behind them is not read.
const MAX_HEAD: u32 = 1 << 20;
/// Flows between two looks at the cancel token.
const BATCH: usize = 256;

impl Format for Saz {
    fn id(&self) -> &'static str {
        "saz"
    }

    fn title(&self) -> &'static str {
        "Fiddler archive (SAZ)"
    }

    fn about(&self) -> &'static str {
        "sessions saved by Fiddler, also encrypted (asks for the password) or damaged"
    }

    fn producers(&self) -> &'static str {
        "Fiddler Classic, Fiddler Everywhere, FiddlerCore"
    }

    fn versions(&self) -> &'static str {
        "Fiddler 5.0.20194"
    }

    fn carries(&self) -> Carries {
        Carries::ALL
    }

    fn confidence(&self, probe: &Probe<'_>) -> u8 {
        let is_part = |name: &String| part(name).is_some();
        if probe.members.iter().any(is_part) {
            95
        } else {
            0
        }
    }

    fn read(&self, input: Input, watch: &Watch<'_>) -> Result<Capture, Problem> {
        let limits = &input.options.limits;
        let mut archive = Archive::open(&input.source, limits).map_err(Problem::from)?;
        let producer = producer(archive.comment());
        let damage = archive.damage().map(ToOwned::to_owned);
        let (places, sessions) = sessions(archive.names());
        let password = input.options.password.as_ref();
        let unpacked = archive
            .unpack(&places, password, limits)
            .map_err(Problem::from)?;
        let sessions = located(sessions, &unpacked);
        let source = unpacked.source.clone();
        let reader = Reader {
            sessions: Arc::new(sessions),
            limits: *limits,
        };
        let again = reader.clone();
        let exchange = Arc::new(move |flow: &Flow<'_>| again.exchange(flow));
        let mut builder = input.builder(source.clone(), exchange);
        builder.set_producer(producer);
        if let Some(damage) = damage {
            let message = format!("{damage}; its members were found one by one");
            builder.problem(Problem::new(ProblemKind::Truncated, message));
        }
        let mut pace = Pace::default();
        watch.progress.set_total(source.len());
        for chunk in reader.sessions.chunks(BATCH) {
            let mut batch = Batch::default();
            for session in chunk {
                reader.push(&mut batch, session, &source);
            }
            builder.append(batch);
            let done = chunk.last().map_or(0, |session| session.span().end());
            watch.progress.set_done(done);
            pace.show(&builder, watch);
            if watch.cancel.is_cancelled() {
                let message = "reading was stopped before the end";
                builder.problem(Problem::new(ProblemKind::Limit, message));
                break;
            }
            if builder.is_full() {
                break;
            }
        }
        for (place, fault) in unpacked.faults {
            let session = reader
                .sessions
                .iter()
                .find(|session| session.places.contains(&place));
            let entry = session.map_or(0, |session| session.n);
            let message = format!("a part of the session is not complete: {fault}");
            builder.problem(Problem::new(ProblemKind::Encoding, message).at_entry(entry));
        }
        watch.progress.set_done(source.len());
        Ok(builder.finish())
    }
}

/// `Fiddler (v5.0.20194.41348) Session Archive. …` as `Fiddler 5.0.20194.41348`.
fn producer(comment: &str) -> String {
    let version = comment
        .split_once("(v")
        .and_then(|(_, rest)| rest.split_once(')'))
        .map(|(version, _)| version);
    version.map_or_else(
        || "Fiddler".to_owned(),
        |version| format!("Fiddler {version}"),
    )
}

/// The parts of a session, as the letters in the names of members say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Request,
    Response,
    Metadata,
    Socket,
}

/// Number and part of a member: `raw/01_c.txt` is the request of session 1.
fn part(name: &str) -> Option<(u32, Part)> {
    let file = name.rsplit_once("raw/").map(|(_, file)| file)?;
    let (n, rest) = file.split_once('_')?;
    let part = match rest.to_ascii_lowercase().as_str() {
        "c.txt" => Part::Request,
        "s.txt" => Part::Response,
        "m.xml" => Part::Metadata,
        "w.txt" => Part::Socket,
        _ => return None,
    };
    Some((n.parse().ok()?, part))
}

/// One session: its number and where its parts lie.
#[derive(Clone, Debug, Default)]
struct Session {
    n: u32,
    parts: BTreeMap<Part, Span>,
    /// Where the parts stand among all that were unpacked.
    places: Vec<usize>,
}

impl Session {
    fn part(&self, part: Part) -> Span {
        self.parts.get(&part).copied().unwrap_or_default()
    }

    fn span(&self) -> Span {
        let start = self
            .parts
            .values()
            .map(|span| span.start)
            .min()
            .unwrap_or(0);
        let end = self
            .parts
            .values()
            .map(|span| span.end())
            .max()
            .unwrap_or(0);
        Span::new(start, u32::try_from(end - start).unwrap_or(u32::MAX))
    }
}

/// Which members to unpack, in order of sessions, and which parts of which session they are.
fn sessions(names: &[String]) -> (Vec<usize>, Vec<(u32, Part)>) {
    let mut parts: Vec<((u32, Part), usize)> = names
        .iter()
        .enumerate()
        .filter_map(|(idx, name)| Some((part(name)?, idx)))
        .collect();
    parts.sort();
    parts.dedup_by_key(|(part, _)| *part);
    parts.into_iter().map(|(part, idx)| (idx, part)).unzip()
}

fn located(parts: Vec<(u32, Part)>, unpacked: &Unpacked) -> Vec<Session> {
    let mut sessions: Vec<Session> = Vec::new();
    for (place, ((n, part), span)) in parts.into_iter().zip(&unpacked.spans).enumerate() {
        if sessions.last().is_none_or(|last| last.n != n) {
            sessions.push(Session {
                n,
                ..Session::default()
            });
        }
        if let Some(session) = sessions.last_mut() {
            session.parts.insert(part, *span);
            session.places.push(place);
        }
    }
    sessions
}

/// What is known of the whole archive.
#[derive(Clone)]
struct Reader {
    sessions: Arc<Vec<Session>>,
    limits: Limits,
}

impl Reader {
    fn message(&self, source: &ByteSource, span: Span) -> std::io::Result<RawMessage> {
        let head = source.bytes(Span::new(span.start, span.len.min(MAX_HEAD)))?;
        let max_headers = self.limits.headers.as_usize();
        let mut message = RawMessage::parse(&head, span.start, max_headers);
        message.body.len =
            u32::try_from(span.end().saturating_sub(message.body.start)).unwrap_or(0);
        Ok(message)
    }

    /// Adds the flow of `session`. One that cannot be read is kept as an incomplete flow, so that numbers stay.
    fn push(&self, batch: &mut Batch, session: &Session, source: &ByteSource) {
        let read = || {
            let request = self.message(source, session.part(Part::Request))?;
            let response = self.message(source, session.part(Part::Response))?;
            let metadata = source.bytes(session.part(Part::Metadata))?;
            std::io::Result::Ok((request, response, metadata))
        };
        let (request, response, metadata) = match read() {
            Ok(parts) => parts,
            Err(error) => {
                let message = format!("the session could not be read: {error}");
                batch.problem(Problem::new(ProblemKind::Io, message).at_entry(session.n));
                Default::default()
            }
        };
        let metadata = Metadata::parse(&metadata, &self.limits);
        if let Some(fault) = &metadata.fault {
            let problem = Problem::new(ProblemKind::Syntax, fault).at_entry(session.n);
            batch.problem(problem.at_byte(session.part(Part::Metadata).start));
        }
        for message in [&request, &response] {
            if let Some(problem) = message.left_out(self.limits.headers) {
                batch.problem(problem.at_entry(session.n));
            }
        }
        let missing = missing(session, &request, &response);
        if let Some(missing) = missing {
            batch.problem(Problem::new(ProblemKind::Missing, missing).at_entry(session.n));
        }
        batch.push(&record(session, &request, &response, &metadata));
    }

    fn exchange(&self, flow: &Flow<'_>) -> Result<Exchange, Problem> {
        let source = flow.capture().source();
        let failed = |error: std::io::Error| {
            let message = format!("the session could not be read again: {error}");
            Problem::new(ProblemKind::Io, message).at_entry(flow.row().entry)
        };
        let session = self
            .sessions
            .get(flow.idx() as usize)
            .cloned()
            .unwrap_or_default();
        let request = self
            .message(source, session.part(Part::Request))
            .map_err(failed)?;
        let response = self
            .message(source, session.part(Part::Response))
            .map_err(failed)?;
        let metadata = source.bytes(session.part(Part::Metadata)).map_err(failed)?;
        let metadata = Metadata::parse(&metadata, &self.limits);
        let socket = session.part(Part::Socket);
        let messages = source.bytes(socket).map_err(failed)?;
        let has_response = !response.start_line.is_empty();
        Ok(Exchange {
            request: request.into_message(),
            response: has_response.then(|| response.into_message()),
            socket: socket::messages(&messages, socket.start),
            phases: metadata.phases(),
            facts: metadata.facts(),
            raw: session.span(),
        })
    }
}

fn missing(session: &Session, request: &RawMessage, response: &RawMessage) -> Option<&'static str> {
    if request.start_line.is_empty() {
        Some("the session has no request")
    } else if !session.parts.contains_key(&Part::Response) {
        Some("the session has no response")
    } else if !response.start_line.is_empty() && response.status_line().1.is_none() {
        Some("the response has no status")
    } else {
        None
    }
}

fn record<'a>(
    session: &Session,
    request: &'a RawMessage,
    response: &'a RawMessage,
    metadata: &'a Metadata,
) -> FlowRecord<'a> {
    let (method, target, version) = request.request_line();
    let (response_version, status, _) = response.status_line();
    let headers = [(Side::Request, request), (Side::Response, response)];
    let headers = headers.into_iter().flat_map(|(side, message)| {
        let fields = message.headers.iter();
        fields
            .filter(|field| is_evidence_header(&field.name))
            .map(move |field| HeaderRecord {
                side,
                name: (&field.name).into(),
                value: (&field.value).into(),
                span: field.span,
            })
    });
    let mut flags = metadata.flags(status);
    let is_unanswered = response.start_line.is_empty();
    if is_unanswered || request.start_line.is_empty() {
        flags.insert(Flags::INCOMPLETE);
    }
    if status == Some(101) || session.parts.contains_key(&Part::Socket) {
        flags.insert(Flags::WEBSOCKET);
    }
    let encoding = response
        .header("content-encoding")
        .or_else(|| response.header("transfer-encoding"));
    let size = |part| Some(u64::from(session.part(part).len)).filter(|size| 0 < *size);
    FlowRecord {
        entry: session.n,
        span: session.span(),
        start: metadata.start(),
        time_ms: metadata.time_ms(),
        method: method.into(),
        url: absolute(method, target, request, metadata.is_https()).into(),
        status,
        mime: response.header("content-type").unwrap_or_default().into(),
        server_ip: metadata.server_ip().into(),
        http_version: if is_unanswered {
            version
        } else {
            response_version
        }
        .into(),
        bytes_sent: size(Part::Request),
        bytes_received: size(Part::Response),
        content_bytes: (encoding.is_none() && !is_unanswered)
            .then_some(u64::from(response.body.len)),
        phases: metadata.phases(),
        flags,
        headers: headers.collect(),
        ..FlowRecord::default()
    }
}

/// Fiddler writes absolute URLs; imported sessions may hold only a path, which the host completes.
fn absolute(method: &str, target: &str, request: &RawMessage, is_https: bool) -> String {
    match request.header("host") {
        Some(host) if target.starts_with('/') && !method.eq_ignore_ascii_case("CONNECT") => {
            let scheme = if is_https { "https" } else { "http" };
            format!("{scheme}://{host}{target}")
        }
        _ => target.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_say_which_part_of_which_session_they_are() {
        for (name, expected) in [
            ("raw/01_c.txt", Some((1, Part::Request))),
            ("export/raw/120_M.xml", Some((120, Part::Metadata))),
            ("raw/2_w.txt", Some((2, Part::Socket))),
            ("raw/x_c.txt", None),
            ("raw/../../1_c.txt", None),
            ("_index.htm", None),
        ] {
            assert_eq!(part(name), expected, "{name}");
        }
    }

    #[test]
    fn the_comment_names_the_version() {
        assert_eq!(
            producer("Fiddler (v5.0.20194.41348) Session Archive. See https://fiddler2.com"),
            "Fiddler 5.0.20194.41348"
        );
        assert_eq!(producer(""), "Fiddler");
    }
}
