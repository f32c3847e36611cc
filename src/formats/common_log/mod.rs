//! Access logs of web servers: the common and combined layouts with whatever stands around them, and the layouts of some
//! programs that have one of their own.

mod layouts;
mod line;

use self::layouts::Bitbucket;
use super::{Format, Input, Line, Log, LogEntry, Probe, Watch, advise, word};
use crate::base::time::Time;
use crate::capture::{Capture, Carries, Problem};

/// Reads `access.log`.
pub(super) struct CommonLog;

const LOG: Log<Seen> = Log {
    producer: |seen| seen.producer.clone(),
    is_at_server: |_| true,
    read_line,
};

/// What the lines so far told.
#[derive(Clone, Default)]
struct Seen {
    producer: String,
    /// uWSGI puts whatever its programs print between the lines of requests.
    is_uwsgi: bool,
}

impl Format for CommonLog {
    fn id(&self) -> &'static str {
        "common-log"
    }

    fn title(&self) -> &'static str {
        "Access log of a web server"
    }

    fn about(&self) -> &'static str {
        "the common and combined layouts with host, times or forwarded addresses, and what nginx Proxy Manager, Jira, \
         Confluence, Bitbucket, uWSGI and Zoraxy write"
    }

    fn producers(&self) -> &'static str {
        "Apache, nginx, lighttpd, LiteSpeed, Traefik, Tomcat, nginx Proxy Manager, Jira, Confluence, Bitbucket, uWSGI, Zoraxy"
    }

    fn versions(&self) -> &'static str {
        "Apache 2.4.71, nginx 1.22.1, lighttpd 1.4.69, uWSGI 2.0.31"
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
        // Squid and HAProxy write lines that look the same up to their end, and Privoxy puts such lines between its own.
        let share = LOG.confidence(probe).min(80);
        let is_error_log = share == 0 && LOG.only_kind(probe).is_some();
        if is_error_log { 60 } else { share }
    }

    fn read(&self, input: Input, watch: &Watch<'_>) -> Result<Capture, Problem> {
        let capture = LOG.read(&input, watch, Seen::default());
        capture.map_err(|refusal| advise(refusal, "open the access log"))
    }
}

fn read_line<'a>(seen: &mut Seen, text: &'a str) -> Line<'a> {
    match line::parse(text) {
        Ok(entry) => Line::Flow(Box::new(entry)),
        Err(reason) => read_own_layout(seen, text).unwrap_or_else(|| {
            let message = server_message(text);
            let is_printed = seen
                .is_uwsgi
                .then_some("messages of a program behind uWSGI");
            message
                .or(is_printed)
                .map_or(Line::Bad(reason), Line::Other)
        }),
    }
}

/// A line in the layout of one program.
fn read_own_layout<'a>(seen: &mut Seen, text: &'a str) -> Option<Line<'a>> {
    let found = LAYOUTS
        .iter()
        .find_map(|(name, read)| Some((*name, Box::new(read(text)?))));
    let (name, entry) = match (found, layouts::bitbucket(text)) {
        (Some(found), _) => found,
        (None, Some(Bitbucket::Done(entry))) => ("Bitbucket", entry),
        (None, Some(Bitbucket::Begun)) => {
            return Some(Line::Other("lines about requests that had only come in"));
        }
        (None, Some(Bitbucket::OtherProtocol)) => {
            return Some(Line::Other("lines about SSH and gRPC"));
        }
        (None, None) => {
            seen.note_uwsgi(text);
            return None;
        }
    };
    seen.is_uwsgi |= name == "uWSGI";
    if seen.producer.is_empty() {
        name.clone_into(&mut seen.producer);
    }
    Some(Line::Flow(entry))
}

/// Programs with a layout of their own in which every line is a request.
const LAYOUTS: [(&str, ReadLayout); 4] = [
    ("nginx Proxy Manager", layouts::proxy_manager),
    ("Jira or Confluence", layouts::atlassian),
    ("Zoraxy", layouts::zoraxy),
    ("uWSGI", layouts::uwsgi),
];

type ReadLayout = fn(&str) -> Option<LogEntry<'_>>;

impl Seen {
    /// Takes what uWSGI says when it starts.
    fn note_uwsgi(&mut self, text: &str) {
        if let Some(version) = text.strip_prefix("*** Starting uWSGI ") {
            let version = version.split(' ').next().unwrap_or_default();
            self.producer = format!("uWSGI {version}");
        }
        self.is_uwsgi |=
            text.starts_with("*** Starting uWSGI ") || text.starts_with("spawned uWSGI ");
    }
}

/// Which messages a line belongs to that servers write beside their requests.
fn server_message(text: &str) -> Option<&'static str> {
    let is_level = |text: &str| text.starts_with('[') && text.contains(']');
    if let Some((date, rest)) = text
        .strip_prefix('[')
        .and_then(|rest| rest.split_once("] "))
    {
        return (Time::parse_ctime(date).is_some() && is_level(rest))
            .then_some("messages of Apache's error log");
    }
    if text.starts_with("Serving HTTP on ")
        || text.contains("] code ") && text.contains(", message ")
    {
        return Some("messages of Python's server");
    }
    let (date, level) = text.split_at_checked(19)?;
    let is_nginx = date.contains('/') && Time::parse_iso(&date.replace('/', "-")).is_some();
    if is_nginx && is_level(level.trim_start()) {
        return Some("messages of nginx's error log");
    }
    let (fraction, level) = word(level);
    let is_litespeed = date.contains(' ') && fraction.starts_with('.') && is_level(level);
    (is_litespeed && Time::parse_iso(date).is_some()).then_some("messages of LiteSpeed's error log")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_the_servers_are_told_apart_from_requests() {
        for (text, kind) in [
            (
                "[Thu Oct 13 12:24:49.880562 2022] [auth_basic:error] [pid 10] x",
                "messages of Apache's error log",
            ),
            (
                "2026/11/22 16:33:06 [error] 334#334: *338 x",
                "messages of nginx's error log",
            ),
            (
                "2026-11-22 22:49:20.774649 [NOTICE] [7] x",
                "messages of LiteSpeed's error log",
            ),
        ] {
            let line = read_line(&mut Seen::default(), text);
            assert!(
                matches!(line, Line::Other(found) if found == kind),
                "{text}: {line:?}"
            );
        }
        for text in [
            "",
            "2026-11-22T22:49:20.774Z stdout F x [y]",
            "[x] [y]",
            "ééééééééééééééééé",
        ] {
            assert!(
                matches!(read_line(&mut Seen::default(), text), Line::Bad(_)),
                "{text}"
            );
        }
    }
}
