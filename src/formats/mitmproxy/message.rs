//! The request or response of a flow, under all the names that its fields had since mitmproxy 0.11.

use super::connection::with_port;
use super::tape::{Item, MAX_TEXT, Tape};
use crate::base::bytes::Span;
use crate::base::time::Time;

/// The fields of one message. Absent ones are empty or `None`.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub(super) method: String,
    scheme: String,
    host: String,
    port: Option<i64>,
    path: String,
    authority: String,
    pub(super) version: String,
    pub(super) status: Option<i64>,
    pub(super) reason: String,
    pub(super) headers: Vec<Header>,
    /// The body as it came over the wire, but for `chunked`.
    pub(super) content: Option<Item>,
    pub(super) start: Option<f64>,
    pub(super) end: Option<f64>,
    /// Where mitmproxy noted a replay before it did so in the flow.
    pub(super) is_replay: bool,
    /// True when there were more headers than the limit allows.
    pub(super) has_more_headers: bool,
    /// True when the path is too long to be kept.
    pub(super) is_path_cut: bool,
}

/// One header or trailer.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) span: Span,
}

impl Fields {
    /// Reads the dictionary of a message, with at most `max_headers` headers.
    pub(super) fn read(tape: &mut Tape<'_>, message: Item, max_headers: usize) -> Self {
        let mut fields = Self::default();
        tape.fields(message, |tape, key, value| {
            fields.field(tape, key, value, max_headers);
        });
        fields
    }

    fn field(&mut self, tape: &mut Tape<'_>, key: &[u8], value: Item, max_headers: usize) {
        let mut text = |value| tape.text(value).unwrap_or_default();
        match key {
            b"method" => self.method = text(value),
            b"scheme" => self.scheme = text(value),
            b"host" => self.host = text(value),
            b"path" => {
                self.path = text(value);
                self.is_path_cut = MAX_TEXT < value.len();
            }
            b"authority" => self.authority = text(value),
            b"http_version" => self.version = text(value),
            b"httpversion" => self.version = old_version(tape, value),
            b"reason" | b"msg" => self.reason = text(value),
            b"port" => {
                let port = tape.integer(value);
                self.port = port.filter(|port| (1..=65_535).contains(port));
            }
            b"status_code" | b"code" => self.status = tape.integer(value),
            b"timestamp_start" => self.start = tape.number(value),
            b"timestamp_end" => self.end = tape.number(value),
            b"content" | b"body" => {
                self.content = matches!(value.tag, b',' | b';').then_some(value);
            }
            b"headers" | b"trailers" => self.add_headers(tape, value, max_headers),
            b"is_replay" => self.is_replay = tape.is_set(value),
            _ => {}
        }
    }

    fn add_headers(&mut self, tape: &mut Tape<'_>, list: Item, max_headers: usize) {
        tape.elements(list, |tape, pair| {
            let [Some(name), Some(value)] = tape.few(pair) else {
                return;
            };
            if max_headers <= self.headers.len() {
                self.has_more_headers = true;
            } else {
                self.headers.push(Header {
                    name: tape.text(name).unwrap_or_default(),
                    value: tape.text(value).unwrap_or_default(),
                    span: value.span(),
                });
            }
        });
    }

    /// The value of the first header called `name`, in any case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name));
        found.map(|header| header.value.as_str())
    }

    /// The URL as the client meant it: with the name that it sent, where the proxy itself may only know an address.
    pub(super) fn url(&self) -> String {
        if self.method.eq_ignore_ascii_case("CONNECT") {
            return if self.authority.is_empty() {
                with_port(&self.host, self.port)
            } else {
                self.authority.clone()
            };
        }
        let default_port = match self.scheme.as_str() {
            "http" => Some(80),
            "https" => Some(443),
            _ => None,
        };
        let own_port = self.port.filter(|port| Some(*port) != default_port);
        let authority = match self.authority_sent() {
            Some(sent) => {
                let implied = default_port.map(|port| format!(":{port}"));
                let short = implied.and_then(|port| sent.strip_suffix(&port));
                short.unwrap_or(sent).to_owned()
            }
            None if self.host.is_empty() => return self.path.clone(),
            None => with_port(&self.host, own_port),
        };
        let scheme = if self.scheme.is_empty() {
            String::new()
        } else {
            format!("{}:", self.scheme)
        };
        let slash = if self.path.starts_with('/') { "" } else { "/" };
        format!("{scheme}//{authority}{slash}{}", self.path)
    }

    /// What the client named as the host, unless that would change the rest of the URL.
    fn authority_sent(&self) -> Option<&str> {
        let is_new = self.version.starts_with("HTTP/2") || self.version.starts_with("HTTP/3");
        let authority = (is_new && !self.authority.is_empty()).then_some(self.authority.as_str());
        let sent = authority.or_else(|| self.header("host"))?;
        let is_plain =
            |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
        (!sent.is_empty() && sent.chars().all(is_plain)).then_some(sent)
    }
}

/// `[1, 1]` as `HTTP/1.1`, as it was written up to 0.13.
fn old_version(tape: &mut Tape<'_>, list: Item) -> String {
    let [major, minor] = tape
        .few(list)
        .map(|item| item.and_then(|item| tape.integer(item)));
    match (major, minor) {
        (Some(major), Some(minor)) => format!("HTTP/{major}.{minor}"),
        _ => String::new(),
    }
}

/// Seconds since the epoch as a time; mitmproxy writes 0 where it does not know.
pub(super) fn time(seconds: Option<f64>) -> Option<Time> {
    seconds
        .filter(|seconds| 0.0 < *seconds)
        .and_then(Time::from_epoch_seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(scheme: &str, host: &str, port: i64, sent: &str) -> Fields {
        let header = Header {
            name: "Host".to_owned(),
            value: sent.to_owned(),
            span: Span::default(),
        };
        Fields {
            method: "GET".to_owned(),
            scheme: scheme.to_owned(),
            host: host.to_owned(),
            port: Some(port),
            path: "/x".to_owned(),
            version: "HTTP/1.1".to_owned(),
            headers: (!sent.is_empty()).then_some(header).into_iter().collect(),
            ..Fields::default()
        }
    }

    #[test]
    fn a_url_has_the_name_that_the_client_sent() {
        let check = |fields: Fields, expected: &str| assert_eq!(fields.url(), expected);
        check(
            fields("https", "192.0.2.1", 443, "a.example"),
            "https://a.example/x",
        );
        check(
            fields("https", "192.0.2.1", 443, "a.example:443"),
            "https://a.example/x",
        );
        check(
            fields("http", "a.example", 8080, "a.example:8080"),
            "http://a.example:8080/x",
        );
        check(
            fields("http", "2001:db8::1", 8080, ""),
            "http://[2001:db8::1]:8080/x",
        );
        check(
            fields("http", "a.example", 80, "b.example/?q=@"),
            "http://a.example/x",
        );
        check(fields("", "", 0, ""), "/x");
        let tunnel = Fields {
            method: "CONNECT".to_owned(),
            ..fields("", "a.example", 443, "b.example")
        };
        check(tunnel, "a.example:443");
    }

    #[test]
    fn over_http_2_the_authority_counts() {
        let fields = Fields {
            authority: "a.example".to_owned(),
            version: "HTTP/2.0".to_owned(),
            ..fields("https", "192.0.2.1", 443, "")
        };
        assert_eq!(fields.url(), "https://a.example/x");
    }
}
