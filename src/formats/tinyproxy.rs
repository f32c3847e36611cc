//! tinyproxy logs: several lines per request, told apart by the file descriptor of the client.
//!
//! Nothing in them says how a request was answered, and the dates have no year.

use std::borrow::Cow;

use super::{
    Format, Here, Input, MultilineLog, Probe, Request, Requests, Watch, absolute, advise, word,
};
use crate::base::time::Time;
use crate::capture::{Capture, Carries, Flags, Problem, split_request};

/// Reads `tinyproxy.log`.
pub(super) struct Tinyproxy;

const LOG: MultilineLog<Connection> = MultilineLog {
    producer: "tinyproxy",
    read_line,
};

/// What is remembered about the connection that a request came over.
struct Connection {
    /// The process (tinyproxy before 1.10 has one for each client) and the file descriptor of the client.
    process: String,
    client: String,
    /// The host that a connection is being opened to.
    host: String,
    /// The file descriptor of the server.
    server: String,
    /// Clock of the first line, in a year that is not known.
    clock: Option<Time>,
}

impl Format for Tinyproxy {
    fn id(&self) -> &'static str {
        "tinyproxy"
    }

    fn title(&self) -> &'static str {
        "tinyproxy log"
    }

    fn about(&self) -> &'static str {
        "what tinyproxy logs at the levels Connect and Info; it does not say how requests were answered, nor the year"
    }

    fn producers(&self) -> &'static str {
        "tinyproxy"
    }

    fn versions(&self) -> &'static str {
        "tinyproxy 1.11.1"
    }

    fn carries(&self) -> Carries {
        Carries {
            headers: false,
            bodies: false,
            server_address: false,
            timings: true,
        }
    }

    fn confidence(&self, probe: &Probe<'_>) -> u8 {
        LOG.confidence(probe).min(95)
    }

    fn read(&self, input: Input, watch: &Watch<'_>) -> Result<Capture, Problem> {
        LOG.read(&input, watch)
            .map_err(|refusal| advise(refusal, "set LogLevel to Connect or Info"))
    }
}

/// A line without its head.
struct Message<'a> {
    process: &'a str,
    clock: Option<Time>,
    date: &'a str,
    text: &'a str,
}

impl<'a> Message<'a> {
    /// `CONNECT   Nov 22 18:10:33.793 [26528]: text`; in syslog only the text is left.
    fn parse(line: &'a str) -> Option<Self> {
        let (level, rest) = word(line);
        if !LEVELS.contains(&level) {
            let is_own = STARTS.iter().any(|start| line.starts_with(start));
            return is_own.then_some(Self {
                process: "",
                clock: None,
                date: "",
                text: line,
            });
        }
        let (date, rest) = rest.split_once(" [")?;
        let (process, text) = rest.split_once("]: ")?;
        // A leap year, so that every day exists.
        let clock = Time::parse_ctime(&format!("- {date} 2000"))?;
        let is_process = process.bytes().all(|byte| byte.is_ascii_digit());
        is_process.then_some(Self {
            process,
            clock: Some(clock),
            date,
            text,
        })
    }
}

const LEVELS: [&str; 7] = [
    "CONNECT", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL", "DEBUG",
];

/// How messages about requests begin.
const STARTS: [&str; 12] = [
    "Connect (file descriptor",
    "Request (file descriptor",
    "Established connection to ",
    "Closed connection between ",
    "No upstream proxy for ",
    "Found upstream proxy ",
    "opensock: ",
    "process_",
    "read_request_line: ",
    "transparent: ",
    "Proxying refused ",
    "Refused CONNECT ",
];

fn read_line(requests: &mut Requests<Connection>, here: Here<'_>) -> Result<(), &'static str> {
    let message = Message::parse(here.text)
        .ok_or("expected a level, a date and a process such as CONNECT Nov 22 18:10:33 [7]:")?;
    let text = message.text;
    if let Some(rest) = text.strip_prefix("Connect (file descriptor ") {
        connect(requests, here, &message, rest);
    } else if let Some(rest) = text.strip_prefix("Request (file descriptor ") {
        request(requests, here, &message, rest);
    } else if let Some(rest) = text.strip_prefix("opensock: opening connection to ") {
        let host = rest.rsplit_once(':').map_or(rest, |(host, _)| host);
        with_host(requests, here, &message, host);
    } else if let Some(rest) = text.strip_prefix("Established connection to ") {
        established(requests, here, &message, rest);
    } else if let Some(rest) = text.strip_prefix("Closed connection between local client (fd:") {
        if let Some(request) = of_client(requests, here, &message, number(rest)) {
            finish(request, &message, "closed");
        }
    } else if let Some(rest) = text.strip_prefix("process_request: trans ") {
        transparent(requests, here, &message, rest);
    } else {
        failed(requests, here, &message);
    }
    Ok(())
}

/// A client came. The file descriptor is free again, so the request before it is over.
fn connect(requests: &mut Requests<Connection>, here: Here<'_>, message: &Message<'_>, rest: &str) {
    let client = number(rest);
    if let Some(before) = requests.find(|before| is_of(&before.own, message, client)) {
        before.is_done = true;
    }
    let address = rest.split_once("): ").map_or("", |(_, address)| address);
    let request = requests.begin(here, connection(message, client));
    request.entry.fact("client", address.to_owned());
    request
        .entry
        .fact("date without year", message.date.to_owned());
}

fn connection(message: &Message<'_>, client: &str) -> Connection {
    Connection {
        process: message.process.to_owned(),
        client: client.to_owned(),
        host: String::new(),
        server: String::new(),
        clock: message.clock,
    }
}

/// `5): GET http://a.example/ HTTP/1.1`
fn request(requests: &mut Requests<Connection>, here: Here<'_>, message: &Message<'_>, rest: &str) {
    let client = number(rest);
    let line = rest.split_once("): ").map_or("", |(_, line)| line);
    let is_waiting =
        of_client(requests, here, message, client).is_some_and(|connection| !connection.is_asked);
    if !is_waiting {
        // The log begins behind its connection.
        let request = requests.begin(here, connection(message, client));
        request
            .entry
            .fact("date without year", message.date.to_owned());
    }
    let Some(request) = of_client(requests, here, message, client) else {
        return;
    };
    request.is_asked = true;
    let entry = &mut request.entry;
    let (method, target, version) = split_request(line);
    if target.is_empty() {
        entry.flags.insert(Flags::INCOMPLETE);
        entry.fact("request line", line.to_owned());
        return;
    }
    entry.method = Cow::Owned(method.to_owned());
    entry.url = absolute(Cow::Owned(target.to_owned()), None, "");
    entry.version = Cow::Owned(version.to_owned());
    host_of(target).clone_into(&mut request.own.host);
}

/// `Host GET http://a.example/path for 7`: where a request without a host was meant to go.
fn transparent(
    requests: &mut Requests<Connection>,
    here: Here<'_>,
    message: &Message<'_>,
    rest: &str,
) {
    let words: Vec<&str> = rest.split(' ').collect();
    if let [_, _, url, "for", client] = words[..]
        && let Some(request) = of_client(requests, here, message, number(client))
    {
        request.entry.url = Cow::Owned(url.to_owned());
        host_of(url).clone_into(&mut request.own.host);
    }
}

/// The host of `http://host:port/path` or `host:port`.
fn host_of(target: &str) -> &str {
    let rest = target.split_once("://").map_or(target, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or_default();
    authority
        .rsplit_once(':')
        .map_or(authority, |(host, _)| host)
}

/// A connection to a server is being opened, or the one through which the server is reached.
fn with_host(
    requests: &mut Requests<Connection>,
    here: Here<'_>,
    message: &Message<'_>,
    host: &str,
) {
    let is_same = |request: &Request<Connection>| {
        request.own.process == message.process
            && request.own.server.is_empty()
            && request.own.host == host
    };
    requests.latest(here, is_same);
}

/// `host "a.example" using file descriptor 6.` or `upstream proxy "192.0.2.1" using …`
fn established(
    requests: &mut Requests<Connection>,
    here: Here<'_>,
    message: &Message<'_>,
    rest: &str,
) {
    let mut parts = rest.split('"');
    let (kind, host) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    let server = rest
        .rsplit_once("file descriptor ")
        .map_or("", |(_, fd)| number(fd));
    let is_through = kind.starts_with("upstream");
    let fits = |request: &Request<Connection>| {
        let own = &request.own;
        request.is_asked
            && own.process == message.process
            && own.server.is_empty()
            && (own.host == host || is_through)
    };
    if let Some(request) = requests.latest(here, fits) {
        server.clone_into(&mut request.own.server);
        if is_through {
            request.entry.fact("upstream proxy", host.to_owned());
        }
    }
}

/// Lines about what went wrong name the file descriptor of the client, the host with its port, or the host.
fn failed(requests: &mut Requests<Connection>, here: Here<'_>, message: &Message<'_>) {
    let text = message.text;
    let is_failure = FAILURES.iter().any(|failure| text.contains(failure));
    if !is_failure {
        return;
    }
    let descriptor = ["file descriptor ", "file descriptor: ", "socket fd "]
        .iter()
        .find_map(|label| text.split_once(label))
        .map_or("", |(_, rest)| number(rest));
    let is_about = |request: &Request<Connection>| {
        let own = &request.own;
        let is_server = text.contains("process_server_headers");
        if own.process != message.process {
            false
        } else if is_server {
            own.server == descriptor
        } else if descriptor.is_empty() {
            let is_named = !own.host.is_empty() && text.contains(own.host.as_str());
            let is_refused = text.contains("Refused CONNECT")
                && request.entry.method.eq_ignore_ascii_case("CONNECT");
            own.server.is_empty() && (is_named || is_refused)
        } else {
            own.client == descriptor
        }
    };
    if let Some(request) = requests.latest(here, is_about) {
        request.entry.flags.insert(Flags::ABORTED);
        if OWN_PAGES.iter().any(|failure| text.contains(failure)) {
            request.entry.flags.insert(Flags::PROXY_ANSWER);
        }
        finish(request, message, "failed");
        request.entry.fact("failure", text.to_owned());
    }
}

/// Parts of the messages after which nothing more happens to a request.
const FAILURES: [&str; 9] = [
    "Could not retrieve",
    "Could not establish",
    "Refused CONNECT",
    "Proxying refused",
    "Bad Request on",
    "is local on socket",
    "closed socket before read",
    "process_server_headers failed",
    "Unable to connect",
];

/// Those after which tinyproxy sends a page of its own.
const OWN_PAGES: [&str; 6] = [
    "Could not retrieve",
    "Could not establish",
    "Refused CONNECT",
    "Proxying refused",
    "Bad Request on",
    "Unable to connect",
];

/// The request ends with this line.
fn finish(request: &mut Request<Connection>, message: &Message<'_>, how: &'static str) {
    request.is_done = true;
    let taken = message.clock.zip(request.own.clock);
    request.entry.time_ms = taken.map(|(end, start)| end.ms_since(start));
    request.entry.fact("end", how);
}

fn of_client<'r>(
    requests: &'r mut Requests<Connection>,
    here: Here<'_>,
    message: &Message<'_>,
    client: &str,
) -> Option<&'r mut Request<Connection>> {
    requests.latest(here, |request| is_of(&request.own, message, client))
}

fn is_of(own: &Connection, message: &Message<'_>, client: &str) -> bool {
    own.client == client && own.process == message.process
}

/// The digits at the beginning.
fn number(text: &str) -> &str {
    let len = text.bytes().take_while(u8::is_ascii_digit).count();
    &text[..len]
}
