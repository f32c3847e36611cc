//! What Fiddler notes about a session: times, flags, addresses. A small XML document beside the messages.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::IpAddr;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::base::limits::Limits;
use crate::base::time::Time;
use crate::capture::{Flags, Phase, Phases};

/// The description of one session, as names and values.
#[derive(Debug, Default)]
pub(super) struct Metadata {
    bits: u32,
    timers: BTreeMap<String, String>,
    flags: BTreeMap<String, String>,
    /// What is wrong with it.
    pub(super) fault: Option<String>,
}

/// Bits of `BitFlags`.
const IS_HTTPS: u32 = 1;
const MADE_BY_FIDDLER: u32 = 1 << 8;
const SENT_TO_GATEWAY: u32 = 1 << 11;
const FROM_CACHE: u32 = 1 << 14;

impl Metadata {
    /// Reads as much as makes sense; entities other than the usual ones are not resolved, and no other file is opened.
    pub(super) fn parse(bytes: &[u8], limits: &Limits) -> Self {
        let mut metadata = Self::default();
        let mut reader = Reader::from_reader(bytes);
        let mut n_elements = 0_u64;
        loop {
            match reader.read_event() {
                Ok(Event::Start(tag) | Event::Empty(tag)) => {
                    n_elements += 1;
                    if limits.headers.is_passed_by(n_elements) {
                        break;
                    }
                    metadata.element(&tag, limits);
                }
                Ok(Event::Eof) => break,
                Ok(_) => {}
                Err(error) => {
                    metadata.fault = Some(format!(
                        "the description of the session is damaged: {error}"
                    ));
                    break;
                }
            }
        }
        metadata
    }

    fn element(&mut self, tag: &BytesStart<'_>, limits: &Limits) {
        let mut attributes = tag.attributes();
        attributes.with_checks(false);
        let attributes = attributes.flatten().take(limits.attributes.as_usize());
        let attributes = attributes.map(|attribute| {
            let name = String::from_utf8_lossy(attribute.key.as_ref()).into_owned();
            (name, unescaped(&attribute.value).into_owned())
        });
        match tag.name().as_ref() {
            b"Session" => {
                for (name, value) in attributes {
                    if name == "BitFlags" {
                        self.bits = u32::from_str_radix(&value, 16).unwrap_or(0);
                    }
                }
            }
            b"SessionTimers" => self.timers.extend(attributes),
            b"SessionFlag" => {
                let named: BTreeMap<String, String> = attributes.collect();
                if let (Some(name), Some(value)) = (named.get("N"), named.get("V")) {
                    self.flags.insert(name.to_ascii_lowercase(), value.clone());
                }
            }
            _ => {}
        }
    }

    fn time(&self, name: &str) -> Option<Time> {
        // What did not happen has the first moment of the calendar.
        let text = self
            .timers
            .get(name)
            .filter(|text| !text.starts_with("0001-"))?;
        Time::parse_iso(text)
    }

    fn ms(&self, name: &str) -> Option<f64> {
        self.timers.get(name)?.parse().ok()
    }

    fn between(&self, from: &str, to: &str) -> Option<f64> {
        let ms = self.time(to)?.ms_since(self.time(from)?);
        (0.0 <= ms).then_some(ms)
    }

    /// When the request began.
    pub(super) fn start(&self) -> Option<Time> {
        let starts = [
            "ClientBeginRequest",
            "GotRequestHeaders",
            "ClientDoneRequest",
            "ClientConnected",
        ];
        starts.into_iter().find_map(|name| self.time(name))
    }

    /// From the first byte of the request to the last of the response.
    pub(super) fn time_ms(&self) -> Option<f64> {
        self.between("ClientBeginRequest", "ClientDoneResponse")
            .or_else(|| self.between("ClientBeginRequest", "ServerDoneResponse"))
    }

    /// The phases as the server's side of Fiddler saw them. On a connection that was there already nothing was set up.
    pub(super) fn phases(&self) -> Phases {
        let mut phases = Phases::default();
        let some = |ms: Option<f64>| ms.filter(|ms| 0.0 < *ms).unwrap_or(-1.0);
        let (dns, tcp, tls) = (
            self.ms("DNSTime"),
            self.ms("TCPConnectTime"),
            self.ms("HTTPSHandshakeTime"),
        );
        phases.set(Phase::Dns, some(dns));
        phases.set(
            Phase::Connect,
            some(tcp.map(|tcp| tcp + tls.unwrap_or(0.0))),
        );
        phases.set(Phase::Ssl, some(tls));
        for (phase, from, to) in [
            (Phase::Send, "FiddlerBeginRequest", "ServerGotRequest"),
            (Phase::Wait, "ServerGotRequest", "ServerBeginResponse"),
            (Phase::Receive, "ServerBeginResponse", "ServerDoneResponse"),
        ] {
            phases.set(phase, self.between(from, to).unwrap_or(-1.0));
        }
        phases
    }

    /// True when the client spoke TLS.
    pub(super) const fn is_https(&self) -> bool {
        self.bits & IS_HTTPS != 0
    }

    /// The address that Fiddler connected to; not that of another proxy behind it.
    pub(super) fn server_ip(&self) -> &str {
        let ip = self.flags.get("x-hostip").map_or("", String::as_str);
        let is_server = self.bits & SENT_TO_GATEWAY == 0 && ip.parse::<IpAddr>().is_ok();
        if is_server { ip } else { "" }
    }

    /// What Fiddler itself answered says nothing about a server; its own errors mean that the request failed.
    pub(super) fn flags(&self, status: Option<i64>) -> Flags {
        let mut flags = Flags::default();
        if self.bits & FROM_CACHE != 0 {
            flags.insert(Flags::PROXY_CACHE);
        }
        if self.bits & MADE_BY_FIDDLER != 0 {
            flags.insert(Flags::PROXY_ANSWER);
        }
        let is_error = matches!(status, Some(502 | 504)) && self.bits & MADE_BY_FIDDLER != 0;
        if is_error || self.flags.contains_key("x-aborted-when") {
            flags.insert(Flags::ABORTED);
        }
        flags
    }

    /// All flags for the connection pane.
    pub(super) fn facts(&self) -> Vec<(String, String)> {
        let known = self.flags.iter().filter(|(_, value)| !value.is_empty());
        known
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }
}

/// The text of an attribute; references that are not known stay as they are.
fn unescaped(raw: &[u8]) -> Cow<'_, str> {
    let text = String::from_utf8_lossy(raw);
    match quick_xml::escape::unescape(&text) {
        Ok(plain) => Cow::Owned(plain.into_owned()),
        Err(_) => Cow::Owned(text.into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r#"<Session SID="1" BitFlags="1001"><SessionTimers
        ClientBeginRequest="2020-04-02T04:32:03.7500000+00:00" ServerDoneResponse="0001-01-01T00:00:00"
        ClientDoneResponse="2020-04-02T04:32:04.7500000+00:00" DNSTime="0" TCPConnectTime="10" HTTPSHandshakeTime="30" />
        <SessionFlags><SessionFlag N="x-hostip" V="192.0.2.7" /><SessionFlag N="X-Note" V="a &amp; b &x;" /></SessionFlags></Session>"#;

    #[test]
    fn reads_times_flags_and_addresses() {
        let metadata = Metadata::parse(DOCUMENT.as_bytes(), &Limits::default());
        assert_eq!(metadata.fault, None);
        assert!(metadata.is_https());
        assert_eq!(metadata.time_ms(), Some(1_000.0));
        assert_eq!(metadata.server_ip(), "192.0.2.7");
        let phases = metadata.phases();
        assert_eq!(phases.get(Phase::Dns), None);
        assert_eq!(phases.get(Phase::Connect), Some(40.0));
        assert_eq!(phases.get(Phase::Receive), None);
        assert_eq!(
            metadata.facts()[1],
            ("x-note".to_owned(), "a &amp; b &x;".to_owned())
        );
    }

    #[test]
    fn any_prefix_is_read_without_panic() {
        for cut in 0..DOCUMENT.len() {
            Metadata::parse(&DOCUMENT.as_bytes()[..cut], &Limits::default());
        }
    }
}
