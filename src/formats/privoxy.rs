//! Privoxy logs: what it was told to write about each request (`debug` levels), told apart by its thread, and lines of the
//! common layout, which name no thread.

use std::borrow::Cow;

use super::{
    Format, Here, Input, MultilineLog, Probe, Request, Requests, Watch, absolute, advise, known,
    word,
};
use crate::base::time::Time;
use crate::capture::{Capture, Carries, Flags, Problem, Side, split_request};

/// Reads the log of Privoxy.
pub(super) struct Privoxy;

const LOG: MultilineLog<Told> = MultilineLog {
    producer: "Privoxy",
    read_line,
};

/// What is remembered about a request.
#[derive(Default)]
struct Told {
    thread: String,
    /// `host:port/path`, by which a line of the common layout finds its request.
    key: String,
    /// How far its headers are read.
    stage: Stage,
    /// True for its own pages.
    is_privoxys: bool,
}

/// Whose headers come next.
#[derive(Clone, Copy, Default, PartialEq)]
enum Stage {
    #[default]
    Request,
    Waiting,
    Response,
}

impl Format for Privoxy {
    fn id(&self) -> &'static str {
        "privoxy"
    }

    fn title(&self) -> &'static str {
        "Privoxy log"
    }

    fn about(&self) -> &'static str {
        "what Privoxy logs with debug 1 (requests), 2 (connections), 8 (headers), 512 (common layout) and 1024 (blocked)"
    }

    fn producers(&self) -> &'static str {
        "Privoxy"
    }

    fn versions(&self) -> &'static str {
        "Privoxy 3.0.34"
    }

    fn carries(&self) -> Carries {
        Carries {
            headers: true,
            bodies: false,
            server_address: true,
            timings: true,
        }
    }

    fn confidence(&self, probe: &Probe<'_>) -> u8 {
        // Lines of the common layout alone could be those of any server.
        let text = String::from_utf8_lossy(probe.head);
        let is_own = text
            .lines()
            .take(40)
            .any(|line| Message::parse(line).is_some());
        if is_own {
            LOG.confidence(probe).min(95)
        } else {
            0
        }
    }

    fn read(&self, input: Input, watch: &Watch<'_>) -> Result<Capture, Problem> {
        LOG.read(&input, watch)
            .map_err(|refusal| advise(refusal, "let Privoxy log with debug 1 or 512"))
    }
}

/// A line without its head.
struct Message<'a> {
    time: Option<Time>,
    thread: &'a str,
    level: &'a str,
    text: &'a str,
}

impl<'a> Message<'a> {
    /// `2026-11-22 18:10:36.082 7f924037a6c0 Request: text`, or `Nov 22 18:10:36.082 Privoxy(7f924037a6c0) Request: text`.
    fn parse(line: &'a str) -> Option<Self> {
        let (first, rest) = word(line);
        let (second, rest) = word(rest);
        let (third, rest) = word(rest);
        if let Some((_, thread)) = word(rest).0.split_once("Privoxy(") {
            let (level, text) = word(rest).1.split_once(": ")?;
            return Some(Self {
                // Its dates have no year.
                time: None,
                thread: thread.trim_end_matches(')'),
                level,
                text,
            });
        }
        let time = Time::parse_iso(&format!("{first} {second}"))?;
        let is_thread = 4 <= third.len() && third.bytes().all(|byte| byte.is_ascii_hexdigit());
        let (level, text) = rest.split_once(": ")?;
        (is_thread && LEVELS.contains(&level)).then_some(Self {
            time: Some(time),
            thread: third,
            level,
            text,
        })
    }
}

/// Whatever the reason, Privoxy sends a page of its own in place of the answer.
const CRUNCHED: Flags = Flags::ABORTED.with(Flags::PROXY_ANSWER);

const LEVELS: [&str; 16] = [
    "Request",
    "Connect",
    "Writing",
    "Received",
    "Header",
    "Force",
    "Re-Filter",
    "Redirect",
    "De-animate",
    "Crunch",
    "CGI",
    "Info",
    "Error",
    "Fatal error",
    "Actions",
    "Tagging",
];

fn read_line(requests: &mut Requests<Told>, here: Here<'_>) -> Result<(), &'static str> {
    let Some(message) = Message::parse(here.text) else {
        return common(requests, here)
            .ok_or("expected a date, a thread and a level, or a line of the common layout");
    };
    let text = message.text;
    match message.level {
        "Request" => request(requests, here, &message),
        "Header" => {
            if let Some(header) = text.strip_prefix("scan: ") {
                scanned(requests, here, &message, header);
            }
        }
        "Connect" => connected(requests, here, &message),
        "Crunch" => {
            let reason = text.split_once(": ").map_or(text, |(reason, _)| reason);
            if let Some(request) = of_thread(requests, here, &message) {
                request.entry.fact("crunched", reason.to_owned());
                request.entry.flags.insert(CRUNCHED);
            }
        }
        "Info" => {
            if let Some(version) = text.strip_prefix("Privoxy version ") {
                requests.producer = format!("Privoxy {version}");
            }
        }
        _ => {}
    }
    Ok(())
}

/// `host:port/path`: neither scheme nor method are told. Older versions add that they answer it themselves (`cgi call`) or
/// block it (`crunch! (Blocked)`), and write one line for each.
fn request(requests: &mut Requests<Told>, here: Here<'_>, message: &Message<'_>) {
    let (target, crunch) = match message.text.split_once(" crunch!") {
        Some((target, reason)) => (target, Some(reason.trim_matches([' ', '(', ')']))),
        None => (message.text, None),
    };
    let (target, is_own) = target
        .strip_suffix(" cgi call")
        .map_or((target, false), |target| (target, true));
    let is_same = of_thread(requests, here, message).is_some_and(|request| {
        let own = &request.own;
        own.stage == Stage::Request || own.is_privoxys && own.key == target
    });
    if !is_same {
        begin(requests, here, message);
    }
    let Some(request) = of_thread(requests, here, message) else {
        return;
    };
    request.own.stage = Stage::Waiting;
    request.own.is_privoxys |= is_own;
    if is_own {
        request.entry.flags.insert(Flags::PROXY_ANSWER);
    }
    target.clone_into(&mut request.own.key);
    if request.entry.url.is_empty() {
        let is_absolute = target.contains("://");
        request.entry.url = Cow::Owned(if is_absolute {
            target.to_owned()
        } else {
            format!("//{target}")
        });
    }
    if let Some(reason) = crunch {
        let reason = if reason.is_empty() { "yes" } else { reason };
        request.entry.fact("crunched", reason.to_owned());
        request.entry.flags.insert(CRUNCHED);
    }
}

fn begin<'r>(
    requests: &'r mut Requests<Told>,
    here: Here<'_>,
    message: &Message<'_>,
) -> &'r mut Request<Told> {
    if let Some(before) = requests.find(|before| before.own.thread == message.thread) {
        before.is_done = true;
    }
    let own = Told {
        thread: message.thread.to_owned(),
        ..Told::default()
    };
    let request = requests.begin(here, own);
    request.is_asked = true;
    request.entry.start = message.time;
    request
}

/// A header as it came from the client or from the server; the first line of each is among them.
fn scanned(requests: &mut Requests<Told>, here: Here<'_>, message: &Message<'_>, header: &str) {
    if let (method, target, version) = split_request(header)
        && !version.is_empty()
        && !method.ends_with(':')
    {
        let request = begin(requests, here, message);
        request.entry.method = Cow::Owned(method.to_owned());
        request.entry.url = absolute(Cow::Owned(target.to_owned()), None, "");
        request.entry.version = Cow::Owned(version.to_owned());
        request.own.key = key(method, target);
        return;
    }
    let Some(request) = of_thread(requests, here, message) else {
        return;
    };
    if header.starts_with("HTTP/") {
        let (version, rest) = word(header);
        let (status, reason) = word(rest);
        request.own.stage = Stage::Response;
        request.entry.status = status.parse().ok();
        request.entry.version = Cow::Owned(version.to_owned());
        request.entry.reason = Cow::Owned(reason.to_owned());
    } else if let Some((name, value)) = header.split_once(':') {
        let side = match request.own.stage {
            Stage::Response => Side::Response,
            Stage::Request | Stage::Waiting => Side::Request,
        };
        let value = value.trim_start();
        if side == Side::Response && name.eq_ignore_ascii_case("content-type") {
            request.entry.mime = Cow::Owned(value.to_owned());
        }
        request.header(side, name, value, here);
    }
}

/// What it says about connections: the address of the server, and the end.
fn connected(requests: &mut Requests<Told>, here: Here<'_>, message: &Message<'_>) {
    let text = message.text;
    if text.starts_with("Closing client socket") || text.starts_with("Accepted connection") {
        if let Some(before) = requests.find(|before| before.own.thread == message.thread) {
            before.is_done = true;
        }
        return;
    }
    let Some(request) = of_thread(requests, here, message) else {
        return;
    };
    if let Some(rest) = text.strip_prefix("Connected to ") {
        let address = rest
            .split_once('[')
            .and_then(|(_, rest)| rest.split_once(']'));
        request.entry.server_ip = Cow::Owned(address.map_or("", |(ip, _)| ip).to_owned());
    } else if text.starts_with("Done reading from server") {
        let taken = message.time.zip(request.entry.start);
        request.entry.time_ms = taken.map(|(end, start)| end.ms_since(start));
    }
}

/// `client - - [22/Nov/2026:18:10:36 +0000] "GET http://a.example/ HTTP/1.1" 200 168`, written when the request is over.
fn common(requests: &mut Requests<Told>, here: Here<'_>) -> Option<()> {
    let (client, rest) = here.text.split_once(" - ")?;
    let (user, rest) = rest.split_once(" [")?;
    let (date, rest) = rest.split_once("] \"")?;
    let (line, numbers) = rest.rsplit_once("\" ")?;
    let (status, bytes) = numbers.trim_end().split_once(' ')?;
    let time = Time::parse_clf(date)?;
    let status: i64 = status.parse().ok()?;
    let (method, target, version) = split_request(line);
    let is_request = !target.is_empty() && !version.is_empty();
    let key = key(method, target);
    let is_same = |request: &Request<Told>| {
        let own = &request.own.key;
        // What was meant for a server is told without its host.
        own == &key || key.starts_with('/') && own.ends_with(&key)
    };
    let request = match requests.last_told(here, |request| is_request && is_same(request)) {
        Some(request) => request,
        None => requests.begin(here, Told::default()),
    };
    (request.is_asked, request.is_done) = (true, true);
    let entry = &mut request.entry;
    entry.start = Some(entry.start.map_or(time, |start| in_zone_of(start, time)));
    // Headers tell what the server answered; this line tells what Privoxy did.
    entry.status = entry.status.or(Some(status));
    entry.bytes_received = bytes.parse().ok();
    entry.fact("client", client.to_owned());
    entry.fact("user", known(user).to_owned());
    if is_request {
        entry.method = Cow::Owned(method.to_owned());
        if !target.starts_with('/') || entry.url.is_empty() {
            entry.url = absolute(Cow::Owned(target.to_owned()), None, "");
        }
        if entry.version.is_empty() {
            entry.version = Cow::Owned(version.to_owned());
        }
    } else {
        entry.flags.insert(Flags::INCOMPLETE);
        entry.fact("request line", line.to_owned());
    }
    Some(())
}

/// The same moment as `local`, which has no zone, given that it lies shortly before `known`.
fn in_zone_of(local: Time, known: Time) -> Time {
    const QUARTER: f64 = 15.0 * 60e3;
    let zone = (local.ms_since(known) / QUARTER).round() * QUARTER;
    let is_zone = zone.abs() <= 15.0 * 3600e3;
    is_zone
        .then(|| local.plus_ms(-zone))
        .flatten()
        .unwrap_or(local)
}

/// What [`request`] is told about a request with this target.
fn key(method: &str, target: &str) -> String {
    let rest = target.split_once("://").map_or(target, |(_, rest)| rest);
    let end = if method.eq_ignore_ascii_case("CONNECT") {
        "/"
    } else {
        ""
    };
    format!("{rest}{end}")
}

fn of_thread<'r>(
    requests: &'r mut Requests<Told>,
    here: Here<'_>,
    message: &Message<'_>,
) -> Option<&'r mut Request<Told>> {
    requests.latest(here, |request| request.own.thread == message.thread)
}
