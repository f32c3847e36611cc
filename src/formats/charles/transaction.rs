//! One transaction of a Charles session, as both of its text formats tell it.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};

use crate::base::bytes::{ByteSource, Span};
use crate::base::time::Time;
use crate::capture::{
    Body, BodyForm, Exchange, Flags, FlowRecord, HeaderField, HeaderRecord, Message as Shown,
    Phase, Phases, Side,
};
use crate::providers::is_evidence_header;

/// A transaction. What the file does not say is empty or `None`.
#[derive(Debug, Default)]
pub(super) struct Transaction {
    /// `COMPLETE`, `FAILED` …
    pub(super) status: String,
    pub(super) method: String,
    pub(super) version: String,
    pub(super) scheme: String,
    pub(super) host: String,
    /// The port in the URL; the usual one of the scheme when there is none.
    pub(super) port: Option<u16>,
    /// The port that was connected to.
    pub(super) actual_port: Option<u16>,
    pub(super) path: String,
    pub(super) query: String,
    /// `a.example/192.0.2.1`.
    pub(super) remote_address: String,
    pub(super) start: Option<Time>,
    pub(super) end: Option<Time>,
    pub(super) total_ms: Option<f64>,
    pub(super) dns_ms: Option<f64>,
    pub(super) connect_ms: Option<f64>,
    pub(super) ssl_ms: Option<f64>,
    pub(super) request_ms: Option<f64>,
    pub(super) latency_ms: Option<f64>,
    pub(super) response_ms: Option<f64>,
    pub(super) is_tunnel: bool,
    pub(super) is_websocket: bool,
    /// True when it had more attributes than the limit allows.
    pub(super) has_more_attributes: bool,
    pub(super) request: Message,
    pub(super) response: Option<Message>,
    /// Everything else worth showing.
    pub(super) facts: Vec<(String, String)>,
}

/// One side of a transaction.
#[derive(Debug, Default)]
pub(super) struct Message {
    pub(super) first_line: String,
    pub(super) status: Option<i64>,
    pub(super) headers: Vec<HeaderField>,
    pub(super) mime: String,
    pub(super) content_encoding: String,
    pub(super) header_bytes: Option<u64>,
    pub(super) body_bytes: Option<u64>,
    pub(super) body: Option<Content>,
    /// True when there were more headers than the limit allows.
    pub(super) has_more_headers: bool,
}

/// Where a body lies.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) span: Span,
    pub(super) form: BodyForm,
    /// The first characters as they are written: base64 or text.
    pub(super) head: Vec<u8>,
    /// What is meant, where that is written in another way than [`BodyForm`] knows.
    pub(super) decoded: Option<ByteSource>,
}

impl Message {
    fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name));
        found.map(|header| header.value.as_str())
    }

    fn mime(&self) -> &str {
        let header = self.header("content-type");
        header
            .filter(|_| self.mime.is_empty())
            .unwrap_or(&self.mime)
    }

    fn content_encoding(&self) -> &str {
        let header = self.header("content-encoding");
        header
            .filter(|_| self.content_encoding.is_empty())
            .unwrap_or(&self.content_encoding)
    }

    /// Bytes on the wire, as far as they are known.
    fn wire_bytes(&self) -> Option<u64> {
        let headers = self.header_bytes.unwrap_or(0);
        self.body_bytes.map(|body| body.saturating_add(headers))
    }

    fn body(&self) -> Option<Body> {
        let content = self.body.as_ref()?;
        let span = content.decoded.as_ref().map_or(content.span, |decoded| {
            Span::new(0, u32::try_from(decoded.len()).unwrap_or(u32::MAX))
        });
        Some(Body {
            attachment: content.decoded.clone(),
            mime: self.mime().to_owned(),
            content_encoding: self.coding_left(content).to_owned(),
            ..Body::at(span, content.form)
        })
    }

    /// The coding that is still on a body. Charles decodes what it shows as text; base64 may be either, which only the
    /// first bytes tell.
    fn coding_left(&self, content: &Content) -> &str {
        let coding = self.content_encoding();
        if content.form != BodyForm::JsonBase64 {
            return "";
        }
        let is_left = match coding.to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => content.head.starts_with(b"H4s"),
            "deflate" => content.head.starts_with(b"eJ") || content.head.starts_with(b"eN"),
            "zstd" => content.head.starts_with(b"KLUv"),
            _ => true,
        };
        if is_left { coding } else { "" }
    }

    fn into_shown(self, start_line: String) -> Shown {
        Shown {
            start_line,
            body: self.body(),
            headers: self.headers,
            ..Shown::default()
        }
    }
}

impl Transaction {
    /// The URL, or `host:port` for a tunnel.
    fn url(&self) -> String {
        let host = if self.host.contains(':') && !self.host.starts_with('[') {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        };
        if self.method.eq_ignore_ascii_case("CONNECT") {
            let port = self.port.or(self.actual_port);
            return match port {
                Some(port) => format!("{host}:{port}"),
                None => host,
            };
        }
        let usual = match self.scheme.as_str() {
            "http" | "ws" => Some(80),
            "https" | "wss" => Some(443),
            _ => None,
        };
        let port = self.port.filter(|port| Some(*port) != usual);
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        let colon = if self.scheme.is_empty() { "" } else { ":" };
        let slash = if self.path.starts_with('/') { "" } else { "/" };
        let mark = if self.query.is_empty() { "" } else { "?" };
        if host.is_empty() {
            return format!("{}{mark}{}", self.path, self.query);
        }
        format!(
            "{}{colon}//{host}{port}{slash}{}{mark}{}",
            self.scheme, self.path, self.query
        )
    }

    /// The address behind the name: `a.example/192.0.2.1`, or the address alone.
    fn server_ip(&self) -> &str {
        let (_, address) = self
            .remote_address
            .rsplit_once('/')
            .unwrap_or(("", &self.remote_address));
        let address = match address.rsplit_once(':') {
            Some((ip, _port)) if address.parse::<SocketAddr>().is_ok() => ip,
            _ => address,
        };
        let address = address.trim_start_matches('[').trim_end_matches(']');
        let is_address = address.parse::<IpAddr>().is_ok();
        if is_address { address } else { "" }
    }

    fn phases(&self) -> Phases {
        let mut phases = Phases::default();
        // Charles times the connection and the handshake one after the other; as a phase, the first holds the second.
        let connect = self.connect_ms.map(|ms| ms + self.ssl_ms.unwrap_or(0.0));
        for (phase, ms) in [
            (Phase::Dns, self.dns_ms),
            (Phase::Connect, connect),
            (Phase::Ssl, self.ssl_ms),
            (Phase::Send, self.request_ms),
            (Phase::Wait, self.latency_ms),
            (Phase::Receive, self.response_ms),
        ] {
            if let Some(ms) = ms {
                phases.set(phase, ms);
            }
        }
        phases
    }

    fn flags(&self) -> Flags {
        let mut flags = Flags::default();
        if self.is_tunnel {
            flags.insert(Flags::TUNNEL);
        }
        if self.is_websocket || self.status_code() == Some(101) {
            flags.insert(Flags::WEBSOCKET);
        }
        if self.status_code().is_none() {
            let status = self.status.to_ascii_uppercase();
            let has_failed = ["FAIL", "EXCEPTION", "ABORT", "ERROR", "CANCEL", "BLOCK"]
                .iter()
                .any(|word| status.contains(word));
            flags.insert(if has_failed {
                Flags::ABORTED
            } else {
                Flags::INCOMPLETE
            });
        }
        flags
    }

    fn status_code(&self) -> Option<i64> {
        let status = self.response.as_ref()?.status;
        status.filter(|status| 0 < *status)
    }

    /// The row of this transaction.
    pub(super) fn record(&self) -> FlowRecord<'_> {
        let response = self.response.as_ref();
        let content_bytes = response
            .filter(|response| response.content_encoding().is_empty())
            .and_then(|response| response.body_bytes);
        let elapsed = self
            .start
            .zip(self.end)
            .map(|(start, end)| end.ms_since(start));
        let mut record = FlowRecord {
            start: self.start,
            time_ms: self.total_ms.or(elapsed),
            method: Cow::Borrowed(&self.method),
            url: Cow::Owned(self.url()),
            status: self.status_code(),
            mime: response.map_or("", Message::mime).into(),
            server_ip: Cow::Borrowed(self.server_ip()),
            http_version: Cow::Borrowed(&self.version),
            bytes_sent: self.request.wire_bytes(),
            bytes_received: response.and_then(Message::wire_bytes),
            content_bytes,
            phases: self.phases(),
            flags: self.flags(),
            ..FlowRecord::default()
        };
        for (side, message) in [
            (Side::Request, Some(&self.request)),
            (Side::Response, response),
        ] {
            let headers = message.into_iter().flat_map(|message| &message.headers);
            let telling = headers.filter(|header| is_evidence_header(&header.name));
            record.headers.extend(telling.map(|header| HeaderRecord {
                side,
                name: Cow::Borrowed(&header.name),
                value: Cow::Borrowed(&header.value),
                span: header.span,
            }));
        }
        record
    }

    /// Everything that the detail panel shows.
    pub(super) fn into_exchange(self, raw: Span) -> Exchange {
        let phases = self.phases();
        let request_line = join(&[&self.method, &self.url(), &self.version]);
        let has_status = self.status_code().is_some();
        let (version, status) = (self.version, self.status);
        let response = self.response.filter(|response| {
            has_status || !response.headers.is_empty() || response.body.is_some()
        });
        let response = response.map(|response| {
            let status = response.status.map(|status| status.to_string());
            let line = if response.first_line.is_empty() {
                join(&[&version, &status.unwrap_or_default()])
            } else {
                response.first_line.clone()
            };
            response.into_shown(line)
        });
        let mut facts = vec![
            ("status".to_owned(), status),
            ("remote address".to_owned(), self.remote_address),
        ];
        facts.extend(self.facts);
        facts.retain(|(_, value)| !value.is_empty());
        Exchange {
            request: self.request.into_shown(request_line),
            response,
            socket: Vec::new(),
            phases,
            facts,
            raw,
        }
    }
}

fn join(words: &[&str]) -> String {
    let words: Vec<&str> = words
        .iter()
        .copied()
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_stands_behind_the_name() {
        let check = |remote: &str, expected: &str| {
            let transaction = Transaction {
                remote_address: remote.to_owned(),
                ..Transaction::default()
            };
            assert_eq!(transaction.server_ip(), expected, "{remote}");
        };
        check("a.example/192.0.2.1", "192.0.2.1");
        check("a.example/192.0.2.1:443", "192.0.2.1");
        check("a.example/[2001:db8::1]:443", "2001:db8::1");
        check("/2001:db8::1", "2001:db8::1");
        check("192.0.2.1", "192.0.2.1");
        check("a.example", "");
        check("", "");
    }
}
