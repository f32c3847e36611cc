//! Logs in the W3C extended format: of IIS, CloudFront, proxies of Blue Coat and Microsoft, and others. Their `#Fields`
//! lines say what the columns are, and may change within a file.

mod layout;
mod row;

use std::sync::{Arc, LazyLock};

use self::layout::{Layout, Subject, Writer};
use self::row::{Row, values};
use super::{Format, Input, Line, Log, Probe, Watch};
use crate::capture::{Capture, Carries, Problem};

/// Reads logs with `#Fields`.
pub(super) struct W3c;

const LOG: Log<State> = Log {
    producer: |state| match state.producer {
        "" => state.layout.producer(),
        producer => producer.to_owned(),
    },
    is_at_server: |state| state.layout.writer != Writer::Proxy,
    read_line,
};

impl Format for W3c {
    fn id(&self) -> &'static str {
        "w3c"
    }

    fn title(&self) -> &'static str {
        "W3C extended log"
    }

    fn about(&self) -> &'static str {
        "logs whose #Fields line names the columns: IIS, CloudFront standard logs, ProxySG, TMG, Incapsula"
    }

    fn producers(&self) -> &'static str {
        "IIS, Amazon CloudFront, ProxySG (SGOS), Microsoft TMG, Incapsula"
    }

    fn versions(&self) -> &'static str {
        "IIS 6 to 10, Incapsula 1.1, CloudFront standard logs 1.0"
    }

    fn carries(&self) -> Carries {
        Carries {
            headers: false,
            bodies: false,
            server_address: true,
            timings: true,
        }
    }

    fn confidence(&self, probe: &Probe<'_>) -> u8 {
        let share = LOG.confidence(probe);
        if share == 0 && beginning(probe.head).is_empty_log {
            return SURE;
        }
        share.min(SURE)
    }

    fn refusal(&self, probe: &Probe<'_>) -> Option<String> {
        let what = beginning(probe.head).refusal()?;
        Some(what.to_owned())
    }

    fn read(&self, input: Input, watch: &Watch<'_>) -> Result<Capture, Problem> {
        LOG.read(&input, watch, State::default())
    }
}

const SURE: u8 = 97;

#[derive(Clone, Debug, Default)]
struct State {
    layout: Arc<Layout>,
    /// Who wrote the rows, where no line with a `#` says so.
    producer: &'static str,
}

const CLOUDFRONT_NAME: &str = "Amazon CloudFront";

/// The columns of CloudFront, whose rows may stand without a header.
static CLOUDFRONT: LazyLock<Layout> = LazyLock::new(Layout::cloudfront);

fn read_line<'a>(state: &mut State, text: &'a str) -> Line<'a> {
    let text = text.trim_start_matches('\u{feff}');
    if text.starts_with('#') {
        let mut layout = Layout::clone(&state.layout);
        layout.declare(text);
        if layout == *state.layout {
            return Line::Silent;
        }
        state.layout = Arc::new(layout);
        return Line::Declares;
    }
    if text.starts_with('{') {
        // CloudFront may write the same columns as JSON.
        return match Row::read_object(&CLOUDFRONT, text) {
            Some(row) => {
                state.producer = CLOUDFRONT_NAME;
                finish(row, &CLOUDFRONT)
            }
            None => Line::Bad("expected an object with the columns of CloudFront"),
        };
    }
    match state.layout.subject {
        Subject::Requests => read_row(&state.layout, text),
        Subject::Unknown if is_cloudfront(text) => {
            state.producer = CLOUDFRONT_NAME;
            read_row(&CLOUDFRONT, text)
        }
        Subject::Unknown => Line::Bad("expected a #Fields line before the first row"),
        Subject::Firewall => Line::Other("lines of a firewall"),
        Subject::Exchange => Line::Other("lines of Microsoft Exchange"),
        Subject::Other => Line::Other("lines whose #Fields name no method, URL and status"),
    }
}

fn read_row<'a>(layout: &Layout, text: &'a str) -> Line<'a> {
    let Some(values) = values(text, layout.fields.len()) else {
        return Line::Bad("expected as many values as #Fields names");
    };
    finish(Row::read(layout, values), layout)
}

fn finish<'a>(row: Row<'a>, layout: &Layout) -> Line<'a> {
    if row.is_without_request() {
        return Line::Other("connections without a request");
    }
    if is_ftp(&row) {
        return Line::Other(FTP);
    }
    if MAIL.contains(&row.method()) {
        return Line::Other(SMTP);
    }
    Line::Flow(Box::new(row.finish(layout)))
}

const FTP: &str = "lines of an FTP server";
const SMTP: &str = "lines of a mail server";
const MAIL: [&str; 7] = ["HELO", "EHLO", "MAIL", "RCPT", "DATA", "BDAT", "RSET"];
const FTP_COMMANDS: [&str; 14] = [
    "USER",
    "PASS",
    "RETR",
    "STOR",
    "QUIT",
    "LIST",
    "NLST",
    "CWD",
    "PASV",
    "EPSV",
    "PORT",
    "TYPE",
    "ControlChannelOpened",
    "DataChannelOpened",
];

/// `[2]USER` of IIS up to 6, or a command that HTTP does not know.
fn is_ftp(row: &Row<'_>) -> bool {
    let method = row.method();
    let is_numbered = method
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'));
    let is_numbered =
        is_numbered.is_some_and(|(digits, _)| digits.bytes().all(|b| b.is_ascii_digit()));
    is_numbered || FTP_COMMANDS.contains(&method) || row.own_port() == "21"
}

/// `2026-11-23⇥02:46:59⇥CDG50-P2⇥…`: a line of CloudFront without the header.
fn is_cloudfront(text: &str) -> bool {
    let mut values = text.split('\t');
    let is_shaped = |value: Option<&str>, shape: &str| {
        value.is_some_and(|value| {
            value.len() == shape.len()
                && value
                    .bytes()
                    .zip(shape.bytes())
                    .all(|(found, wanted)| match wanted {
                        b'0' => found.is_ascii_digit(),
                        _ => found == wanted,
                    })
        })
    };
    is_shaped(values.next(), "0000-00-00")
        && is_shaped(values.next(), "00:00:00")
        && values.next().is_some_and(|edge| {
            let is_airport = edge.bytes().take(3).filter(u8::is_ascii_uppercase).count() == 3;
            is_airport && edge.as_bytes().get(3).is_some_and(u8::is_ascii_digit)
        })
}

/// What the beginning of a file shows.
#[derive(Default)]
struct Beginning {
    is_w3c: bool,
    is_event: bool,
    /// `#Fields` about requests, and no row.
    is_empty_log: bool,
    subject: Subject,
    other: Option<&'static str>,
    has_flows: bool,
}

fn beginning(head: &[u8]) -> Beginning {
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let mut found = Beginning {
        is_event: text.starts_with('<') && text.contains("Microsoft-Windows-IIS-Logging"),
        ..Beginning::default()
    };
    let mut state = State::default();
    let mut has_rows = false;
    for line in text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .take(100)
    {
        found.is_w3c |= is_directive(line);
        match read_line(&mut state, line) {
            Line::Declares | Line::Silent => continue,
            Line::Other(kind) => found.other = found.other.or(Some(kind)),
            Line::Flow(_) => found.has_flows = true,
            Line::Bad(_) => {}
        }
        has_rows = true;
    }
    found.subject = state.layout.subject;
    found.is_empty_log = found.subject == Subject::Requests && !has_rows;
    found
}

fn is_directive(line: &str) -> bool {
    let names = [
        "#Fields:",
        "#Software:",
        "#Version:",
        "#Date:",
        "#Start-Date:",
        "#Log-type:",
    ];
    names.iter().any(|name| line.starts_with(name))
}

impl Beginning {
    /// What the file is, when there are no requests in it.
    fn refusal(&self) -> Option<&'static str> {
        if self.is_event {
            return Some(
                "an IIS log exported as Windows events; open the log files that IIS writes below inetpub\\logs\\LogFiles",
            );
        }
        if !self.is_w3c || self.has_flows {
            return None;
        }
        Some(match (self.subject, self.other) {
            (_, Some(FTP)) => "the log of an FTP server, which holds no HTTP requests",
            (_, Some(SMTP)) => "the log of a mail server, which holds no HTTP requests",
            (Subject::Firewall, _) => {
                "a Windows Firewall log, which holds no HTTP requests; open the log of the web server or proxy"
            }
            (Subject::Exchange, _) => {
                "a log of Microsoft Exchange, which holds no HTTP requests; open the IIS log of the same server"
            }
            (Subject::Unknown, _) => {
                "a W3C extended log without a #Fields line, so nothing tells its columns; put that line of the server at its top"
            }
            _ => {
                "a W3C extended log whose #Fields name no method, URL and status; let the server log these fields"
            }
        })
    }
}
