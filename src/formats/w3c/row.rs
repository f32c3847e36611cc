//! One row of a W3C extended log: its values by the columns, and the request that they describe.

use std::borrow::Cow;
use std::net::IpAddr;

use super::super::{LogEntry, known};
use super::layout::{Field, Layout, Meaning, Writer};
use crate::base::json::{Json, Kind};
use crate::base::text::percent_decode;
use crate::base::time::Time;
use crate::capture::{Exchange, Flags, Phase, Side};

/// The values of a row, one for each column; `None` when their numbers differ.
pub(super) fn values<'a>(text: &'a str, n: usize) -> Option<Vec<&'a str>> {
    let text = text.trim_end_matches(' ');
    let is_whole = |values: &Vec<&'a str>| values.len() == n;
    let by_tab = || Some(text.split('\t').collect()).filter(is_whole);
    let by_blank = || {
        let values = text.split(' ').filter(|value| !value.is_empty());
        Some(values.collect()).filter(is_whole)
    };
    by_tab()
        .or_else(by_blank)
        .or_else(|| Some(quoted_values(text)).filter(is_whole))
}

/// Values between blanks, where one in quotes may hold blanks and doubled quotes.
fn quoted_values(text: &str) -> Vec<&str> {
    let mut values = Vec::new();
    let mut rest = text.trim_start_matches([' ', '\t']);
    while !rest.is_empty() {
        let end = quoted_end(rest).unwrap_or_else(|| {
            let blank = rest.find([' ', '\t']);
            blank.unwrap_or(rest.len())
        });
        values.push(&rest[..end]);
        rest = rest[end..].trim_start_matches([' ', '\t']);
    }
    values
}

/// Where the quotes at the beginning of `text` end: behind a quote that a blank or the end follows.
fn quoted_end(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = (bytes.first() == Some(&b'"')).then_some(1)?;
    loop {
        at += memchr::memchr(b'"', bytes.get(at..)?)? + 1;
        match bytes.get(at) {
            None | Some(b' ' | b'\t') => return Some(at),
            Some(b'"') => at += 1,
            Some(_) => {}
        }
    }
}

/// A value without its quotes; empty when the row says that there is none.
fn plain(value: &str) -> Cow<'_, str> {
    let inner = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    match inner {
        Some(inner) if inner.contains("\"\"") => Cow::Owned(inner.replace("\"\"", "\"")),
        Some(inner) => Cow::Borrowed(known(inner)),
        None => Cow::Borrowed(known(value)),
    }
}

/// What a row says, by meaning.
#[derive(Debug, Default)]
pub(super) struct Row<'a> {
    entry: LogEntry<'a>,
    date: Cow<'a, str>,
    time: Cow<'a, str>,
    moment: Cow<'a, str>,
    start: Cow<'a, str>,
    duration: Cow<'a, str>,
    scheme: Cow<'a, str>,
    host: Cow<'a, str>,
    /// The `Host` header, which for CloudFront is the name of the distribution.
    host_header: Cow<'a, str>,
    port: Cow<'a, str>,
    path: Cow<'a, str>,
    query: Cow<'a, str>,
    uri: Cow<'a, str>,
    own_ip: Cow<'a, str>,
    own_port: Cow<'a, str>,
    far_ip: Cow<'a, str>,
    /// True when a proxy of the clients says that it made the answer.
    is_own_answer: bool,
}

impl<'a> Row<'a> {
    pub(super) fn read(layout: &Layout, values: Vec<&'a str>) -> Self {
        let mut row = Self::default();
        for (field, value) in layout.fields.iter().zip(values) {
            let value = plain(value);
            if !value.is_empty() {
                row.set(layout, field, value);
            }
        }
        row
    }

    /// Reads an object whose keys are the columns; `None` when it is not whole.
    pub(super) fn read_object(layout: &Layout, text: &'a str) -> Option<Self> {
        let mut row = Self::default();
        let mut json = Json::new(text.trim_end().strip_suffix('}')?.as_bytes());
        let mut has_edge = false;
        json.object(|json, key| {
            has_edge |= key.starts_with("x-edge-");
            let value = match json.kind() {
                Kind::Text => json.string().unwrap_or_default(),
                Kind::Number => String::from_utf8_lossy(json.scalar()),
                _ => return,
            };
            if !known(&value).is_empty() {
                row.set(layout, &Field::new(key), value);
            }
        });
        has_edge.then_some(row)
    }

    fn set(&mut self, layout: &Layout, field: &Field, value: Cow<'a, str>) {
        let entry = &mut self.entry;
        match &field.meaning {
            Meaning::Date => self.date = value,
            Meaning::Time => self.time = value,
            Meaning::Moment => self.moment = value,
            Meaning::Start => self.start = value,
            Meaning::Duration => self.duration = value,
            Meaning::ClientIp => entry.fact("client", value),
            Meaning::User => entry.fact("user", value),
            Meaning::OwnIp => self.own_ip = value,
            Meaning::OwnPort => self.own_port = value,
            Meaning::FarIp => replace_unknown(&mut self.far_ip, value),
            Meaning::FarHost => replace_unknown(&mut self.host, value),
            Meaning::Method => entry.method = value,
            Meaning::Uri => self.uri = value,
            Meaning::Scheme => self.scheme = value,
            Meaning::Host => self.host = value,
            Meaning::Port => self.port = value,
            Meaning::Path => self.path = value,
            Meaning::Query => self.query = value,
            Meaning::Version if value.contains('/') => entry.version = value,
            Meaning::Version => self.scheme = value.to_ascii_lowercase().into(),
            Meaning::Status => self.set_status(value),
            Meaning::BytesDown => entry.bytes_received = value.parse().ok(),
            Meaning::BytesUp => entry.bytes_sent = value.parse().ok(),
            Meaning::Mime => entry.mime = decode(value),
            Meaning::RequestHeader(name) => {
                let value = header_value(layout.writer, name, value);
                if name.eq_ignore_ascii_case("host") {
                    self.host_header = value;
                    return;
                }
                entry
                    .headers
                    .push((Side::Request, name.clone().into(), value));
            }
            Meaning::ResponseHeader(name) => {
                let value = header_value(layout.writer, name, value);
                entry
                    .headers
                    .push((Side::Response, name.clone().into(), value));
            }
            Meaning::Action => {
                if value.contains("HIT") || value.contains("Cache") {
                    entry.flags.insert(Flags::PROXY_CACHE);
                } else if is_own_action(&value) {
                    self.is_own_answer = true;
                }
                entry.fact(field.name.clone(), value);
            }
            Meaning::Fact => {
                // ProxySG names the page that it wrote: `policy_denied`, `dns_unresolved_hostname`.
                let is_denied = field.name == "sc-filter-result" && value.contains("DENIED");
                if is_denied || field.name == "x-exception-id" {
                    self.is_own_answer = true;
                }
                if field.name == "time-to-first-byte"
                    && let Ok(seconds) = value.parse::<f64>()
                {
                    entry.phases.set(Phase::Wait, seconds * 1e3);
                }
                let name = match field.name.as_str() {
                    "ssl-protocol" => Exchange::TLS_VERSION.to_owned(),
                    _ => field.name.clone(),
                };
                entry.fact(name, value);
            }
        }
    }

    /// A status, or the code of an error that kept the request from having one.
    fn set_status(&mut self, value: Cow<'a, str>) {
        let status = value
            .parse()
            .ok()
            .filter(|status| (100..1000).contains(status));
        if status.is_none() && value.bytes().any(|digit| digit != b'0') {
            self.entry.fact("result", value);
        }
        self.entry.status = status;
    }

    /// True when the row tells of a connection on which nothing was requested.
    pub(super) fn is_without_request(&self) -> bool {
        let Self {
            entry, uri, path, ..
        } = self;
        entry.method.is_empty() && uri.is_empty() && path.is_empty() && entry.status.is_none()
    }

    pub(super) fn method(&self) -> &str {
        &self.entry.method
    }

    pub(super) fn own_port(&self) -> &str {
        &self.own_port
    }

    pub(super) fn finish(mut self, layout: &Layout) -> LogEntry<'a> {
        self.set_times(layout);
        self.set_addresses(layout.writer);
        if self.entry.method.is_empty() && self.scheme.eq_ignore_ascii_case("ssl-tunnel") {
            self.entry.method = "CONNECT".into();
        }
        self.entry.url = self.url(layout.writer);
        if self.entry.status.is_none() && layout.has_meaning(&Meaning::Status) {
            self.entry.flags.insert(Flags::ABORTED);
        }
        if self.is_own_answer && self.entry.status.is_some() {
            self.entry.flags.insert(Flags::PROXY_ANSWER);
        }
        if self.entry.url.is_empty() {
            self.entry.flags.insert(Flags::INCOMPLETE);
        }
        if self.scheme.starts_with("ws") && self.entry.status == Some(101) {
            self.entry.flags.insert(Flags::WEBSOCKET);
        }
        self.add_host(layout.writer);
        let edge = match layout.writer {
            Writer::CloudFront => Some("aws/cloudfront"),
            Writer::Incapsula => Some("imperva/cdn"),
            Writer::Microsoft | Writer::Proxy | Writer::Other => None,
        };
        if let Some(edge) = edge {
            let written = (Side::Connection, "log-written-by".into(), edge.into());
            self.entry.headers.push(written);
        }
        if self.entry.status.is_none() {
            self.keep_unsent_headers();
        }
        self.entry
    }

    /// What would have stood in an answer that nobody got is still worth showing.
    fn keep_unsent_headers(&mut self) {
        for (side, name, value) in std::mem::take(&mut self.entry.headers) {
            if side == Side::Response {
                self.entry.fact(name, value);
            } else {
                self.entry.headers.push((side, name, value));
            }
        }
    }

    fn add_host(&mut self, writer: Writer) {
        let logged = std::mem::take(&mut self.host_header);
        let is_distribution = writer == Writer::CloudFront && !self.host.is_empty();
        let asked = if is_distribution {
            self.host.clone()
        } else {
            logged.clone()
        };
        if is_distribution && asked != logged {
            // The name that was asked for leads to this distribution.
            self.entry
                .headers
                .push((Side::Connection, "cname".into(), logged));
        }
        self.entry.header(Side::Request, "Host", asked);
    }

    /// The time of a row is that of the end, when it was written.
    fn set_times(&mut self, layout: &Layout) {
        let scale = match layout.writer {
            Writer::CloudFront => 1e3,
            Writer::Other | Writer::Incapsula if self.duration.contains('.') => 1e3,
            _ => 1.0,
        };
        let duration = self
            .duration
            .parse::<f64>()
            .ok()
            .map(|number| number * scale);
        self.entry.time_ms = duration.filter(|ms| 0.0 <= *ms);
        let start = self
            .start
            .parse::<f64>()
            .ok()
            .and_then(|ms| Time::from_epoch_seconds(ms / 1e3));
        let end = self.end(layout);
        let start_by_end = || end?.plus_ms(-self.entry.time_ms.unwrap_or(0.0));
        self.entry.start = start.or_else(start_by_end);
    }

    fn end(&self, layout: &Layout) -> Option<Time> {
        if !self.moment.is_empty() {
            let epoch = self.moment.parse::<f64>().ok();
            return epoch
                .and_then(Time::from_epoch_seconds)
                .or_else(|| Time::parse_iso(&self.moment));
        }
        if !self.date.is_empty() {
            return Time::parse_iso(&format!("{}T{}", self.date, self.time));
        }
        // Only a time: it lies within a day from the one in the header.
        let from = layout.date?;
        let iso = from.to_iso();
        let time = Time::parse_iso(&format!("{}T{}", iso.get(..10)?, self.time))?;
        if time < from {
            time.plus_ms(86_400_000.0)
        } else {
            Some(time)
        }
    }

    fn set_addresses(&mut self, writer: Writer) {
        let own = std::mem::take(&mut self.own_ip);
        let far = std::mem::take(&mut self.far_ip);
        match writer {
            Writer::Proxy | Writer::CloudFront => {
                self.entry.fact("proxy", own);
                if far.parse::<IpAddr>().is_ok() {
                    self.entry.server_ip = far;
                }
            }
            Writer::Incapsula => {
                self.entry.fact("origin server", own.clone());
                if own.parse::<IpAddr>().is_ok() {
                    let origin = (Side::Connection, "origin-address".into(), own);
                    self.entry.headers.push(origin);
                }
            }
            Writer::Microsoft | Writer::Other => self.entry.server_ip = own,
        }
    }

    fn url(&mut self, writer: Writer) -> Cow<'a, str> {
        let is_encoded = writer == Writer::CloudFront;
        let uri = std::mem::take(&mut self.uri);
        let host = [&self.host, &self.host_header]
            .into_iter()
            .find(|host| !host.is_empty());
        let host = host.cloned().unwrap_or_default();
        if self.entry.method.eq_ignore_ascii_case("CONNECT") {
            return match (uri.is_empty(), self.port.is_empty()) {
                (false, _) => uri,
                (true, true) => host,
                (true, false) => format!("{host}:{}", self.port).into(),
            };
        }
        if uri.contains("://") {
            return with_query(uri, &self.query, is_encoded);
        }
        let scheme = self.url_scheme(writer);
        if !uri.is_empty() && !uri.starts_with('/') && host.is_empty() {
            // Incapsula: the host and the path.
            let url = format!("{scheme}//{uri}");
            return with_query(url.into(), &self.query, is_encoded);
        }
        let path = if uri.is_empty() {
            std::mem::take(&mut self.path)
        } else {
            uri
        };
        if host.is_empty() {
            return with_query(path, &self.query, is_encoded);
        }
        let slash = if path.starts_with('/') || path.is_empty() {
            ""
        } else {
            "/"
        };
        let port = self.url_port(writer, &host, &scheme);
        let url = format!("{scheme}//{host}{port}{slash}{path}");
        with_query(url.into(), &self.query, is_encoded)
    }

    /// `https:`, or nothing when the row does not say it.
    fn url_scheme(&self, writer: Writer) -> String {
        let port = if self.port.is_empty() {
            &self.own_port
        } else {
            &self.port
        };
        if !self.scheme.is_empty() {
            return format!("{}:", self.scheme);
        }
        let is_server = matches!(writer, Writer::Microsoft | Writer::Other);
        match &**port {
            "443" if is_server => "https:".to_owned(),
            "80" if is_server => "http:".to_owned(),
            _ => String::new(),
        }
    }

    fn url_port(&self, writer: Writer, host: &str, scheme: &str) -> String {
        let has_port = host
            .rsplit_once(':')
            .is_some_and(|(_, port)| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()));
        let is_server = matches!(writer, Writer::Microsoft | Writer::Other);
        let port = if self.port.is_empty() && is_server {
            &self.own_port
        } else {
            &self.port
        };
        let is_usual = matches!(
            (scheme, &**port),
            ("http:", "80") | ("https:", "443") | (_, "" | "0")
        );
        if has_port || is_usual {
            String::new()
        } else {
            format!(":{port}")
        }
    }
}

/// What `ProxySG` says of requests that it answered itself: it denied them, sent the client elsewhere, or had no success.
fn is_own_action(action: &str) -> bool {
    const OWN: [&str; 10] = [
        "DENIED",
        "FAILED",
        "TCP_AUTH_FORM",
        "TCP_AUTH_REDIRECT",
        "TCP_DENIED",
        "TCP_ERR_MISS",
        "TCP_LOOP",
        "TCP_POLICY_REDIRECT",
        "TCP_SPLASHED",
        "UDP_DENIED",
    ];
    OWN.contains(&action)
}

/// Of two columns that say the same, the one that is known.
fn replace_unknown<'a>(old: &mut Cow<'a, str>, value: Cow<'a, str>) {
    if old.is_empty() {
        *old = value;
    }
}

/// Some programs write the query with its question mark.
fn with_query<'a>(url: Cow<'a, str>, query: &str, is_encoded: bool) -> Cow<'a, str> {
    let query = query.strip_prefix('?').unwrap_or(query);
    let url = if query.is_empty() || url.contains('?') {
        url
    } else {
        Cow::Owned(format!("{url}?{query}"))
    };
    // CloudFront encodes the encoded once more.
    if is_encoded && url.contains("%25") {
        Cow::Owned(url.replace("%25", "%"))
    } else {
        url
    }
}

fn decode(value: Cow<'_, str>) -> Cow<'_, str> {
    match value {
        Cow::Borrowed(text) => percent_decode(text),
        Cow::Owned(text) => Cow::Owned(percent_decode(&text).into_owned()),
    }
}

/// The header as it was sent: CloudFront encodes values, some twice, and IIS writes `+` for a blank.
fn header_value<'a>(writer: Writer, name: &str, value: Cow<'a, str>) -> Cow<'a, str> {
    let is_url = ["referer", "referrer", "cookie", "host"].contains(&&*name.to_ascii_lowercase());
    match writer {
        Writer::CloudFront if !is_url => {
            let once = decode(value);
            if once.contains("%20") {
                decode(once)
            } else {
                once
            }
        }
        Writer::Microsoft if !is_url && value.contains('+') => value.replace('+', " ").into(),
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_ends_where_a_blank_follows() {
        let text = r#"1 "a b" "say ""hi""" "" - "x"#;
        assert_eq!(
            quoted_values(text),
            ["1", r#""a b""#, r#""say ""hi""""#, r#""""#, "-", "\"x"]
        );
        assert_eq!(plain(r#""say ""hi""""#), r#"say "hi""#);
        assert_eq!(plain("\"\""), "");
    }

    #[test]
    fn tells_answers_that_a_proxy_made() {
        let mut layout = Layout::default();
        layout.declare(
            "#Fields: cs-method cs-uri sc-status s-action x-exception-id sc-filter-result",
        );
        for (rest, is_own) in [
            ("403 TCP_DENIED policy_denied DENIED", true),
            ("503 TCP_ERR_MISS tcp_error OBSERVED", true),
            ("503 TCP_NC_MISS dns_unresolved_hostname -", true),
            ("503 TCP_MISS - OBSERVED", false),
            ("200 TCP_HIT - OBSERVED", false),
        ] {
            let text = format!("GET http://a.example/ {rest}");
            let values = values(&text, 6).expect("six values");
            let entry = Row::read(&layout, values).finish(&layout);
            assert_eq!(entry.flags.contains(Flags::PROXY_ANSWER), is_own, "{rest}");
        }
    }

    #[test]
    fn rows_without_quotes_may_hold_some() {
        let values = values("a \"Mozilla b=\"{1}\"", 3);
        assert_eq!(values, Some(vec!["a", "\"Mozilla", "b=\"{1}\""]));
    }
}
