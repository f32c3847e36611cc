//! A line in a layout of the user's own: what its values say.

use std::borrow::Cow;

use super::super::{Line, LogEntry, known};
use super::add_headers;
use super::codes::What;
use super::line::{Outcome, is_server};
use super::logformat::{CLF_DATE, Encoding, Field, Logformat};
use crate::base::text::percent_decode;
use crate::base::time::Time;
use crate::capture::{Flags, Phase, Side};

/// Reads a line by the layout.
pub(super) fn read_line<'a>(layout: &Logformat, text: &'a str) -> Line<'a> {
    let Some(values) = layout.values(text) else {
        return Line::Bad("expected a line as the logformat line says");
    };
    let mut row = Row::default();
    for (field, value) in layout.fields.iter().zip(values) {
        row.set(field, value);
    }
    Line::Flow(Box::new(row.finish()))
}

#[derive(Default)]
struct Row<'a> {
    entry: LogEntry<'a>,
    seconds: Option<f64>,
    subsecond: Option<f64>,
    date: Option<Time>,
    start: Option<Time>,
    server_status: Option<i64>,
    scheme: Cow<'a, str>,
    domain: Cow<'a, str>,
    port: Cow<'a, str>,
    path: Cow<'a, str>,
    result: &'a str,
    hierarchy: &'a str,
    peer: Cow<'a, str>,
    peer_name: Cow<'a, str>,
}

impl<'a> Row<'a> {
    fn set(&mut self, field: &Field, raw: &'a str) {
        let entry = &mut self.entry;
        let number = || raw.parse::<f64>().ok();
        match field.what {
            What::Seconds => self.seconds = number(),
            What::Subsecond => self.subsecond = number(),
            What::Start => self.start = number().and_then(Time::from_epoch_seconds),
            What::Elapsed => entry.time_ms = number().filter(|ms| 0.0 <= *ms),
            What::Dns => set_phase(entry, Phase::Dns, number()),
            What::PeerWait => set_phase(entry, Phase::Wait, number()),
            What::Status => entry.status = raw.parse().ok(),
            What::ServerStatus => self.server_status = raw.parse().ok(),
            What::BytesToClient => entry.bytes_received = raw.parse().ok(),
            What::BytesFromClient => entry.bytes_sent = raw.parse().ok(),
            What::Number(name) => entry.fact(name, raw),
            What::Result => self.result = known(raw),
            What::Hierarchy => self.hierarchy = known(raw),
            What::RequestHeader => self.set_header(field, Side::Request, raw),
            What::ResponseHeader => self.set_header(field, Side::Response, raw),
            What::Unknown => {}
            _ => self.set_text(field, value(field, raw)),
        }
    }

    fn set_text(&mut self, field: &Field, value: Cow<'a, str>) {
        let entry = &mut self.entry;
        if known(&value).is_empty() {
            return;
        }
        match field.what {
            What::Date => {
                let form = Some(&*field.argument).filter(|form| !form.is_empty());
                self.date = Time::parse_strftime(form.unwrap_or(CLF_DATE), &value);
            }
            // The first code for the same thing wins.
            What::Method => keep(&mut entry.method, value),
            // A host without its end is another host.
            What::Url if field.is_cut(&value) && !has_path(&value) => {
                entry.fact("beginning of the URL", value);
            }
            What::Url => keep(&mut entry.url, value),
            What::Scheme => keep(&mut self.scheme, value),
            What::Domain => keep(&mut self.domain, value),
            What::Port => keep(&mut self.port, value),
            What::Path => keep(&mut self.path, value),
            What::Version => keep(&mut entry.version, format!("HTTP/{value}").into()),
            What::Mime => keep(&mut entry.mime, value),
            What::PeerAddress => self.peer = value,
            What::PeerName => self.peer_name = value,
            What::Fact(name) => entry.fact(name, value),
            _ => {}
        }
    }

    /// `%{User-Agent}>h` is one header, `%>h` all of them.
    fn set_header(&mut self, field: &Field, side: Side, raw: &'a str) {
        let (name, element) = field
            .argument
            .split_once(':')
            .unwrap_or((&field.argument, ""));
        let value = value(field, raw);
        if name.is_empty() {
            add_headers(&mut self.entry, side, raw);
        } else if known(&value).is_empty() {
        } else if element.is_empty() {
            self.entry
                .headers
                .push((side, name.to_owned().into(), value));
        } else {
            self.entry.fact(field.argument.clone(), value);
        }
    }

    fn finish(self) -> LogEntry<'a> {
        let end = self.end();
        let url = self.url();
        let Self {
            mut entry,
            start,
            server_status,
            result,
            hierarchy,
            peer,
            peer_name,
            ..
        } = self;
        entry.start = start.or_else(|| end?.plus_ms(-entry.time_ms.unwrap_or(0.0)));
        entry.url = url;
        entry.status = entry.status.or(server_status);
        let outcome = Outcome {
            result,
            hierarchy,
            status: entry.status,
            elapsed_ms: entry.time_ms,
        };
        entry.flags = outcome.flags(&entry.method, &entry.url);
        note_error(&mut entry);
        if is_server(hierarchy, &peer) {
            entry.server_ip = peer.clone();
        }
        entry.fact("result", result);
        entry.fact("hierarchy", hierarchy);
        entry.fact("peer", peer);
        entry.fact("name of the peer", peer_name);
        entry
    }

    /// When the line was written, which is the end of the request.
    fn end(&self) -> Option<Time> {
        let subsecond_ms = self.subsecond.unwrap_or(0.0);
        let whole = self
            .seconds
            .and_then(Time::from_epoch_seconds)
            .or(self.date);
        whole?.plus_ms(subsecond_ms)
    }

    /// The URL, put together from its parts if the layout has only these.
    fn url(&self) -> Cow<'a, str> {
        if !self.entry.url.is_empty() || self.domain.is_empty() {
            let url = if self.entry.url.is_empty() {
                &self.path
            } else {
                &self.entry.url
            };
            return url.clone();
        }
        let Self {
            scheme,
            domain,
            port,
            path,
            ..
        } = self;
        // Squid writes the brackets of an address as %5B and %5D here.
        let domain = percent_decode(domain);
        let is_usual = matches!(
            (&**scheme, &**port),
            (_, "") | ("http", "80") | ("https", "443")
        );
        let port = if is_usual {
            String::new()
        } else {
            format!(":{port}")
        };
        if self.entry.method.eq_ignore_ascii_case("CONNECT") {
            return format!("{domain}{port}").into();
        }
        let colon = if scheme.is_empty() { "" } else { ":" };
        format!("{scheme}{colon}//{domain}{port}{path}").into()
    }
}

/// The code of an error and the header of its page say that Squid made it, unless the client left.
fn note_error(entry: &mut LogEntry<'_>) {
    let code = entry.facts.iter().find(|(name, _)| name == "error");
    let is_own =
        code.is_some_and(|(_, code)| code.starts_with("ERR_") && code != "ERR_CLIENT_GONE");
    if is_own && matches!(entry.status, Some(300..=599)) {
        entry.flags.insert(Flags::PROXY_ANSWER);
    }
}

fn has_path(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.contains('/')
}

fn keep<'a>(old: &mut Cow<'a, str>, value: Cow<'a, str>) {
    if old.is_empty() {
        *old = value;
    }
}

fn set_phase(entry: &mut LogEntry<'_>, phase: Phase, ms: Option<f64>) {
    if let Some(ms) = ms {
        entry.phases.set(phase, ms);
    }
}

/// The value as it was before Squid protected it.
fn value<'a>(field: &Field, raw: &'a str) -> Cow<'a, str> {
    match field.encoding {
        Encoding::Raw => raw.into(),
        Encoding::Quoted => unescape(raw),
        Encoding::Mime => match percent_decode(raw) {
            Cow::Borrowed(text) => unescape(text),
            Cow::Owned(text) => unescape(&text).into_owned().into(),
        },
        Encoding::Url => percent_decode(raw),
        Encoding::Shell => {
            let inner = raw
                .strip_prefix('"')
                .and_then(|rest| rest.strip_suffix('"'));
            unescape(inner.unwrap_or(raw))
        }
    }
}

/// `\"` as `"`, `\t` as a tab, and so on.
fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return text.into();
    }
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        match chars.next() {
            Some('r') => plain.push('\r'),
            Some('n') => plain.push('\n'),
            Some('t') => plain.push('\t'),
            Some(c) => plain.push(c),
            None => plain.push('\\'),
        }
    }
    plain.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_off_what_protects_a_value() {
        assert_eq!(unescape(r#"a\"b\\c\td\"#), "a\"b\\c\td\\");
        let layout = Logformat::parse("%/{A}>h|%[{B}>h|%#{C}>h|%'{D}>h|%ru").expect("a layout");
        let text = r#""a \"b\""|%5bx%5d|a%20b|%20|/"#;
        let Line::Flow(entry) = read_line(&layout, text) else {
            panic!("it fits");
        };
        let values: Vec<&str> = entry.headers.iter().map(|(_, _, value)| &**value).collect();
        assert_eq!(values, ["a \"b\"", "[x]", "a b", "%20"]);
    }

    #[test]
    fn the_code_of_an_error_tells_whose_page_it_is() {
        let layout = Logformat::parse("%Ss/%03>Hs %Sh %err_code %rm %ru").expect("a layout");
        for (code, is_own) in [
            ("ERR_CONNECT_FAIL", true),
            ("ERR_CLIENT_GONE", false),
            ("-", false),
        ] {
            let text = format!("TCP_MISS/503 HIER_DIRECT {code} GET http://a.example/");
            let Line::Flow(entry) = read_line(&layout, &text) else {
                panic!("it fits: {text}");
            };
            assert_eq!(entry.flags.contains(Flags::PROXY_ANSWER), is_own, "{text}");
        }
    }

    #[test]
    fn a_layout_of_words_alone_tells_nothing() {
        let is_telling = |line| Logformat::parse(line).is_ok_and(|layout| layout.is_telling());
        assert!(!is_telling("%rm %ru"));
        assert!(is_telling("%ts %ru"));
    }

    #[test]
    fn puts_a_url_together() {
        let layout = Logformat::parse("%rm %>rs %>rd %>rP %>rp").expect("a layout");
        for (text, expected) in [
            ("GET http a.example 80 /x?y", "http://a.example/x?y"),
            ("GET https a.example 8443 /", "https://a.example:8443/"),
            ("GET http %5B::1%5D 80 /", "http://[::1]/"),
            ("CONNECT - a.example 443 -", "a.example:443"),
            ("GET - - - /x", "/x"),
            ("- - - - -", ""),
        ] {
            let Line::Flow(entry) = read_line(&layout, text) else {
                panic!("it fits: {text}");
            };
            assert_eq!(entry.url, expected, "{text}");
        }
    }
}
