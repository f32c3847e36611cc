//! Zeek's `http.log`: rows of values below a header that says how they are separated, or one JSON object per line.
//!
//! Columns are known by their names only, since every version and many sites have others. The header may change within a
//! file, and lines of both kinds may be mixed.

use std::borrow::Cow;
use std::sync::Arc;

use super::{Format, Input, Line, Log, LogEntry, Probe, Watch, known};
use crate::base::json::{Json, Kind};
use crate::base::text::hex_decode;
use crate::base::time::Time;
use crate::capture::{Capture, Carries, Flags, Problem, Side};

/// Reads `http.log`.
pub(super) struct Zeek;

const LOG: Log<State> = Log {
    producer: |_| "Zeek".to_owned(),
    is_at_server: |_| false,
    read_line,
};

impl Format for Zeek {
    fn id(&self) -> &'static str {
        "zeek"
    }

    fn title(&self) -> &'static str {
        "Zeek http.log"
    }

    fn about(&self) -> &'static str {
        "what Zeek (formerly Bro) heard of HTTP on a network: tab-separated or JSON"
    }

    fn producers(&self) -> &'static str {
        "Zeek, Bro, Corelight"
    }

    fn versions(&self) -> &'static str {
        "Zeek, as its own tests have it"
    }

    fn carries(&self) -> Carries {
        Carries {
            headers: false,
            bodies: false,
            server_address: true,
            timings: false,
        }
    }

    fn confidence(&self, probe: &Probe<'_>) -> u8 {
        let share = LOG.confidence(probe);
        if share == 0 && is_empty_log(probe.head) {
            return SURE;
        }
        share.min(SURE)
    }

    fn refusal(&self, probe: &Probe<'_>) -> Option<String> {
        let name = other_log(&String::from_utf8_lossy(probe.head))?;
        Some(format!(
            "a Zeek {name}, which holds no requests; open the http.log that Zeek wrote beside it"
        ))
    }

    fn read(&self, input: Input, watch: &Watch<'_>) -> Result<Capture, Problem> {
        LOG.read(&input, watch, State::default())
    }
}

const SURE: u8 = 98;

/// How the rows are written, as the header lines so far say.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Layout {
    separator: String,
    set_separator: String,
    empty: String,
    unset: String,
    /// Which log it is: `http`.
    path: String,
    fields: Arc<[String]>,
    is_http: bool,
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            separator: "\t".to_owned(),
            set_separator: ",".to_owned(),
            empty: "(empty)".to_owned(),
            unset: "-".to_owned(),
            path: String::new(),
            fields: Arc::default(),
            is_http: false,
        }
    }
}

#[derive(Clone, Debug, Default)]
struct State(Arc<Layout>);

impl Layout {
    /// Takes over what a header line says.
    fn declare(&mut self, line: &str) {
        if let Some(separator) = line.strip_prefix("#separator ") {
            let separator = hex_decode(separator.trim_end());
            // A new header begins.
            *self = Self::default();
            if !separator.is_empty() {
                self.separator = separator.into_owned();
            }
            return;
        }
        let Some((name, value)) = line.split_once(self.separator.as_str()) else {
            return;
        };
        let value = value.to_owned();
        match name {
            "#set_separator" => self.set_separator = value,
            "#empty_field" => self.empty = value,
            "#unset_field" => self.unset = value,
            "#path" => self.path = value,
            "#fields" => self.set_fields(value.split(&*self.separator.clone())),
            _ => {}
        }
    }

    fn set_fields<'a>(&mut self, names: impl Iterator<Item = &'a str>) {
        self.fields = names.take(MAX_FIELDS).map(str::to_owned).collect();
        self.is_http = is_http(|name| self.fields.iter().any(|field| field == name));
    }
}

/// Most columns of a file; nobody writes a fifth of this.
const MAX_FIELDS: usize = 256;

/// True for the fields of requests; SIP has some of the same names.
fn is_http(has: impl Fn(&str) -> bool) -> bool {
    let is_transaction = has("method") || has("uri") || has("status_code") || has("trans_depth");
    is_transaction
        && !["call_id", "request_from", "helo", "mailfrom"]
            .into_iter()
            .any(has)
}

/// The row of names above the values when Zeek was told to write no comments.
fn is_plain_header(line: &str) -> bool {
    let names: Vec<&str> = line.split('\t').collect();
    ["ts", "uid", "id.orig_h", "id.resp_h"]
        .iter()
        .all(|name| names.contains(name))
}

fn read_line<'a>(state: &mut State, text: &'a str) -> Line<'a> {
    let text = text.trim_start_matches('\u{feff}');
    if text.starts_with('{') {
        return read_object(text);
    }
    let mut layout = State::clone(state).0;
    if text.starts_with('#') {
        Arc::make_mut(&mut layout).declare(text);
    } else if is_plain_header(text) {
        let mut plain = Layout::default();
        plain.set_fields(text.split('\t'));
        layout = Arc::new(plain);
    } else {
        return read_row(&state.0, text);
    }
    if layout == state.0 {
        return Line::Silent;
    }
    state.0 = layout;
    Line::Declares
}

fn read_row<'a>(layout: &Layout, text: &'a str) -> Line<'a> {
    if layout.fields.is_empty() {
        return Line::Bad("expected a line of #fields before the first row");
    }
    let values: Vec<&str> = text.split(layout.separator.as_str()).collect();
    if values.len() != layout.fields.len() {
        return Line::Bad("expected as many values as there are fields");
    }
    if !layout.is_http {
        return Line::Other("rows of another log of Zeek");
    }
    let mut row = Row::default();
    for (name, value) in layout.fields.iter().zip(values) {
        if value == layout.unset {
            continue;
        }
        let value = if value == layout.empty { "" } else { value };
        let value = match name.as_str() {
            // The commas between the elements mean something, those within them are escaped.
            "proxied" => Cow::Borrowed(value),
            _ => hex_decode(value),
        };
        row.set(name, value);
    }
    row.add_proxied(&layout.set_separator);
    Line::Flow(Box::new(row.finish()))
}

fn read_object(text: &str) -> Line<'_> {
    let mut json = Json::new(text.as_bytes());
    let mut row = Row::default();
    let mut keys: Vec<String> = Vec::new();
    json.object(|json, key| {
        if key == "id" && json.kind() == Kind::Object {
            json.object(|json, key| {
                let name = format!("id.{key}");
                if let Some(value) = value_of(json) {
                    row.set(&name, value);
                }
                keys.push(name);
            });
            return;
        }
        if key == "proxied" {
            json.array(|json| {
                if let Some(value) = json.string() {
                    row.add_header_line(value);
                }
            });
        } else if let Some(value) = value_of(json) {
            row.set(key, value);
        }
        keys.push(key.to_owned());
    });
    let has = |name: &str| keys.iter().any(|key| key == name);
    // Values that cannot be read cost only themselves, but a line that was cut is no entry.
    if !text.trim_end().ends_with('}') {
        return Line::Bad("expected one whole JSON object");
    }
    if !has("ts") || !(has("uid") || has("id.orig_h")) {
        return Line::Bad("expected an object with the ts and uid of Zeek");
    }
    if !is_http(has) {
        return Line::Other("objects of another log of Zeek");
    }
    Line::Flow(Box::new(row.finish()))
}

/// A text or number as text; of an array, all elements with commas between them.
fn value_of<'a>(json: &mut Json<'a>) -> Option<Cow<'a, str>> {
    match json.kind() {
        Kind::Text => json.string(),
        Kind::Number | Kind::Bool => Some(String::from_utf8_lossy(json.scalar())),
        Kind::Array => {
            let mut values: Vec<Cow<'a, str>> = Vec::new();
            json.array(|json| {
                if json.kind() == Kind::Text
                    && let Some(value) = json.string()
                {
                    values.push(value);
                }
            });
            match values.len() {
                0 => None,
                1 => values.pop(),
                _ => Some(Cow::Owned(values.join(","))),
            }
        }
        Kind::Object | Kind::Null | Kind::Nothing => None,
    }
}

/// The values of one request by their meaning.
#[derive(Default)]
struct Row<'a> {
    entry: LogEntry<'a>,
    host: Cow<'a, str>,
    uri: Cow<'a, str>,
    server_ip: Cow<'a, str>,
    server_port: Cow<'a, str>,
    proxied: Cow<'a, str>,
    /// The answering party is a proxy of the client.
    is_to_proxy: bool,
}

impl<'a> Row<'a> {
    fn set(&mut self, name: &str, value: Cow<'a, str>) {
        let entry = &mut self.entry;
        match name {
            "ts" => entry.start = time(&value),
            "id.orig_h" => entry.fact("client", value),
            "id.orig_p" => entry.fact("client port", value),
            "id.resp_h" => self.server_ip = value,
            "id.resp_p" => self.server_port = value,
            "method" => entry.method = value,
            "host" => self.host = value,
            "uri" => self.uri = value,
            "version" => entry.version = version(value),
            "referrer" => entry.header(Side::Request, "Referer", value),
            "user_agent" => entry.header(Side::Request, "User-Agent", value),
            "origin" => entry.header(Side::Request, "Origin", value),
            "response_body_len" => entry.content_bytes = value.parse().ok(),
            "status_code" => entry.status = value.parse().ok().filter(|status| *status != 0),
            "status_msg" => entry.reason = value,
            "proxied" => self.proxied = value,
            "resp_mime_types" => {
                entry.mime = match value {
                    Cow::Borrowed(types) => types.split(',').next().unwrap_or_default().into(),
                    Cow::Owned(types) => types
                        .split(',')
                        .next()
                        .unwrap_or_default()
                        .to_owned()
                        .into(),
                }
            }
            "username" => entry.fact("user", value),
            // A password is nobody's business, and the rest is about Zeek itself.
            "password" | "tags" | "_path" | "_write_ts" => {}
            _ if value.is_empty() => {}
            _ => entry.fact(name.replace('_', " "), value),
        }
    }

    /// `VIA -> 1.1 proxy,PROXY-CONNECTION -> keep-alive`: headers by which Zeek saw that a proxy is involved.
    fn add_proxied(&mut self, separator: &str) {
        let proxied = std::mem::take(&mut self.proxied);
        let Cow::Borrowed(lines) = proxied else {
            return;
        };
        if separator.is_empty() {
            return;
        }
        for line in lines.split(separator) {
            self.add_header_line(hex_decode(line));
        }
    }

    fn add_header_line(&mut self, line: Cow<'a, str>) {
        let (name, value): (Cow<'a, str>, Cow<'a, str>) = match line {
            Cow::Borrowed(line) => match line.split_once(" -> ") {
                Some((name, value)) => (name.into(), value.into()),
                None => return,
            },
            Cow::Owned(line) => match line.split_once(" -> ") {
                Some((name, value)) => (name.to_owned().into(), value.to_owned().into()),
                None => return,
            },
        };
        // Nobody sends these to a server.
        self.is_to_proxy |= name.to_ascii_lowercase().starts_with("proxy-");
        self.entry.headers.push((Side::Request, name, value));
    }

    fn finish(self) -> LogEntry<'a> {
        let Self {
            mut entry,
            host,
            uri,
            server_ip,
            server_port,
            is_to_proxy,
            ..
        } = self;
        let is_tunnel = entry.method.eq_ignore_ascii_case("CONNECT");
        let is_absolute = uri.contains("://") && !uri.starts_with('/');
        let is_to_proxy = is_to_proxy || is_absolute || is_tunnel;
        if entry.method.is_empty() || uri.is_empty() && host.is_empty() || entry.status.is_none() {
            entry.flags.insert(Flags::INCOMPLETE);
        }
        let port = if is_to_proxy {
            None
        } else {
            entry_port(&server_port)
        };
        if is_to_proxy {
            entry.fact("proxy", server_ip);
            entry.fact("proxy port", server_port);
        } else {
            entry.server_ip = server_ip;
        }
        if !known(&host).is_empty() {
            entry
                .headers
                .push((Side::Request, "Host".into(), host.clone()));
        }
        entry.url = if is_tunnel && uri.starts_with('/') {
            host
        } else if is_tunnel || is_absolute || host.is_empty() {
            uri
        } else {
            url(&host, port, &uri).into()
        };
        entry
    }
}

fn entry_port(text: &str) -> Option<u16> {
    text.parse().ok().filter(|port| *port != 80 && *port != 0)
}

/// Zeek hears HTTP only where it is not encrypted. Its `host` has no port in older versions.
fn url(host: &str, port: Option<u16>, uri: &str) -> String {
    let has_port = host.ends_with(']') || !host.contains(':');
    let port = port
        .filter(|_| has_port)
        .map(|port| format!(":{port}"))
        .unwrap_or_default();
    let slash = if uri.starts_with('/') || uri.is_empty() {
        ""
    } else {
        "/"
    };
    format!("http://{host}{port}{slash}{uri}")
}

/// Seconds or milliseconds since the epoch, or a date, as the site has chosen.
fn time(text: &str) -> Option<Time> {
    let Ok(number) = text.parse::<f64>() else {
        return Time::parse_iso(text);
    };
    let is_in_ms = 1e11 < number;
    Time::from_epoch_seconds(if is_in_ms { number / 1e3 } else { number })
}

fn version(value: Cow<'_, str>) -> Cow<'_, str> {
    if value.starts_with(|first: char| first.is_ascii_digit()) {
        format!("HTTP/{value}").into()
    } else {
        value
    }
}

/// A header of `http.log`, and no row below it.
fn is_empty_log(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head);
    let mut state = State::default();
    let is_comment = |line: &str| line.starts_with('#') || line.is_empty() || is_plain_header(line);
    for line in text.lines().map(|line| line.trim_start_matches('\u{feff}')) {
        if !is_comment(line) {
            return false;
        }
        read_line(&mut state, line);
    }
    state.0.is_http
}

/// The name of the log that `head` is the beginning of, when it is Zeek's but not about requests.
fn other_log(head: &str) -> Option<String> {
    let first = head
        .lines()
        .map(str::trim_start)
        .find(|line| !line.is_empty())?;
    if first.starts_with('{') {
        return other_json_log(first);
    }
    let mut state = State::default();
    for line in head.lines().take(40) {
        let is_header = line.starts_with('#') || is_plain_header(line);
        if !is_header {
            break;
        }
        read_line(&mut state, line);
    }
    let layout = &state.0;
    let is_zeek = head.contains("#separator ") || layout.fields.iter().any(|field| field == "uid");
    (is_zeek && !layout.fields.is_empty() && !layout.is_http).then(|| log_name(&layout.path))
}

/// What tells the logs apart that are written most.
const MARKS: [(&str, &str); 8] = [
    ("conn_state", "conn"),
    ("qtype_name", "dns"),
    ("query", "dns"),
    ("server_name", "ssl"),
    ("certificate.subject", "x509"),
    ("tx_hosts", "files"),
    ("call_id", "sip"),
    ("mailfrom", "smtp"),
];

fn other_json_log(line: &str) -> Option<String> {
    let mut keys: Vec<String> = Vec::new();
    let mut path = String::new();
    let mut json = Json::new(line.as_bytes());
    json.object(|json, key| {
        if key == "_path" && json.kind() == Kind::Text {
            path = json.string().unwrap_or_default().into_owned();
        }
        keys.push(key.to_owned());
    });
    let has = |name: &str| keys.iter().any(|key| key == name);
    let is_zeek = has("ts") && (has("uid") || has("id.orig_h") || has("fuid") || has("_path"));
    if !is_zeek || is_http(has) {
        return None;
    }
    let known = MARKS.iter().find(|(key, _)| has(key)).map(|(_, log)| *log);
    Some(log_name(if path.is_empty() {
        known.unwrap_or_default()
    } else {
        &path
    }))
}

fn log_name(path: &str) -> String {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if path.is_empty() || 40 < path.len() || !path.chars().all(is_name) {
        "log".to_owned()
    } else {
        format!("{path}.log")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flow<'a>(state: &mut State, text: &'a str) -> Box<LogEntry<'a>> {
        match read_line(state, text) {
            Line::Flow(entry) => entry,
            line => panic!("{text}: {line:?}"),
        }
    }

    #[test]
    fn a_header_says_how_rows_are_read() {
        let mut state = State::default();
        for line in [
            "#separator \\x7c",
            "#set_separator|;",
            "#unset_field|NONE",
            "#fields|ts|uid|host|uri|status_code|method",
        ] {
            assert!(
                matches!(read_line(&mut state, line), Line::Declares),
                "{line}"
            );
        }
        assert!(matches!(read_line(&mut state, "#open|now"), Line::Silent));
        let entry = flow(&mut state, "1.5|C1|a.example|/x\\x7cy|200|NONE");
        let found = (&*entry.url, &*entry.method, entry.status, entry.start);
        let expected = ("http://a.example/x|y", "", Some(200), Some(Time(1_500_000)));
        assert_eq!(found, expected);
        assert!(matches!(
            read_line(&mut state, "1.5|C1|a.example"),
            Line::Bad(_)
        ));
    }

    #[test]
    fn what_a_client_sends_to_a_proxy_did_not_come_from_the_server() {
        let mut state = State::default();
        for (rest, url, server) in [
            (
                r#""method":"GET","host":"a.example","uri":"/""#,
                "http://a.example:3128/",
                "192.0.2.3",
            ),
            (
                r#""method":"GET","host":"a.example","uri":"http://a.example/""#,
                "http://a.example/",
                "",
            ),
            (
                r#""method":"CONNECT","host":"a.example","uri":"a.example:443""#,
                "a.example:443",
                "",
            ),
            (
                r#""method":"CONNECT","host":"a.example","uri":"/""#,
                "a.example",
                "",
            ),
        ] {
            let text =
                format!(r#"{{"ts":1,"uid":"C1","id.resp_h":"192.0.2.3","id.resp_p":3128,{rest}}}"#);
            let entry = flow(&mut state, &text);
            assert_eq!((&*entry.url, &*entry.server_ip), (url, server), "{rest}");
        }
    }

    #[test]
    fn other_logs_are_known_by_name() {
        let head = "#separator \\x09\n#path\tconn\n#fields\tts\tuid\tconn_state\n";
        assert_eq!(other_log(head).as_deref(), Some("conn.log"));
        let head = r#"{"ts":1,"uid":"C1","query":"a.example"}"#;
        assert_eq!(other_log(head).as_deref(), Some("dns.log"));
        let head = r#"{"_path":"a\u001b[2J","ts":1,"uid":"C1"}"#;
        assert_eq!(other_log(head).as_deref(), Some("log"));
        for head in [
            "",
            "{}",
            "#Fields: date",
            r#"{"ts":1,"uid":"C1","method":"GET"}"#,
        ] {
            assert_eq!(other_log(head), None, "{head}");
        }
    }
}
