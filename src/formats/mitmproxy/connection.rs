//! The connection of a flow: whom the client reached, through what, and how long it took to get there.

use super::tape::{Item, Tape};

/// One end of a flow: the connection to the client or to the server.
#[derive(Debug, Default)]
pub(super) struct Connection {
    pub(super) id: String,
    /// The host and port that were asked for.
    address: Option<Address>,
    /// The address that was reached.
    pub(super) peer: Option<Address>,
    local: Option<Address>,
    pub(super) sni: String,
    pub(super) alpn: String,
    pub(super) tls_version: String,
    pub(super) cipher: String,
    pub(super) proxy_mode: String,
    has_upstream: bool,
    via: Option<Address>,
    pub(super) start: Option<f64>,
    /// True when the file says that it was never opened.
    is_unopened: bool,
    tcp_setup: Option<f64>,
    tls_setup: Option<f64>,
}

/// A host or address with its port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) host: String,
    port: Option<i64>,
}

impl Address {
    /// `[host, port]`, or `{address: [host, port], use_ipv6: …}` before 2.0.
    fn read(tape: &mut Tape<'_>, item: Item) -> Option<Self> {
        let mut list = item;
        if item.tag == b'}' {
            tape.fields(item, |_, key, value| {
                if key == b"address" {
                    list = value;
                }
            });
        }
        let [host, port, ..] = tape.few::<4>(list);
        let host = tape.text(host?).filter(|host| !host.is_empty())?;
        let port = port.and_then(|port| tape.integer(port));
        Some(Self { host, port })
    }

    /// `192.0.2.1:80`, `[2001:db8::1]:80`.
    pub(super) fn shown(&self) -> String {
        with_port(&self.host, self.port)
    }
}

/// `a.example:80`, `[2001:db8::1]:80`, or the host alone.
pub(super) fn with_port(host: &str, port: Option<i64>) -> String {
    let (open, close) = if host.contains(':') {
        ("[", "]")
    } else {
        ("", "")
    };
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    format!("{open}{host}{close}{port}")
}

impl Connection {
    /// Reads the dictionary of a connection.
    pub(super) fn read(tape: &mut Tape<'_>, item: Item) -> Self {
        let mut connection = Self::default();
        tape.fields(item, |tape, key, value| connection.field(tape, key, value));
        connection
    }

    fn field(&mut self, tape: &mut Tape<'_>, key: &[u8], value: Item) {
        let mut text = |value| tape.text(value).unwrap_or_default();
        match key {
            b"id" => self.id = text(value),
            b"sni" => self.sni = text(value),
            b"alpn" | b"alpn_proto_negotiated" => self.alpn = text(value),
            b"tls_version" => self.tls_version = text(value),
            b"cipher" | b"cipher_name" => self.cipher = text(value),
            b"proxy_mode" => self.proxy_mode = text(value),
            b"address" => self.address = Address::read(tape, value),
            b"peername" | b"ip_address" | b"peer_address" => {
                self.peer = Address::read(tape, value).or_else(|| self.peer.take());
            }
            b"sockname" | b"source_address" => self.local = Address::read(tape, value),
            b"via" | b"via2" => self.via(tape, value),
            b"timestamp_start" => {
                self.start = tape.number(value);
                self.is_unopened = self.start.is_none();
            }
            b"timestamp_tcp_setup" => self.tcp_setup = tape.number(value),
            b"timestamp_tls_setup" | b"timestamp_ssl_setup" => {
                self.tls_setup = tape.number(value);
            }
            _ => {}
        }
    }

    /// Another proxy: `[scheme, [host, port]]`, or a whole connection before 7.0.
    fn via(&mut self, tape: &mut Tape<'_>, value: Item) {
        if value.tag == b']' {
            self.has_upstream = true;
        } else if value.tag == b'}' {
            tape.fields(value, |tape, key, value| {
                if key == b"address" {
                    self.via = Address::read(tape, value);
                }
            });
        }
    }

    /// True when another proxy stood behind this one. Before 1.0 a connection could also be its own.
    pub(super) fn has_upstream(&self) -> bool {
        self.has_upstream || self.via.is_some() && self.via != self.address
    }

    /// True when there was no connection: whatever answered, it was not the server.
    pub(super) const fn is_unopened(&self) -> bool {
        self.is_unopened && self.peer.is_none() && self.tcp_setup.is_none()
    }

    /// The address that was asked for, when it was one and no name.
    pub(super) fn literal(&self) -> Option<&Address> {
        let is_literal = |address: &&Address| address.host.parse::<std::net::IpAddr>().is_ok();
        self.address.as_ref().filter(is_literal)
    }

    /// What tells this connection from others, for those without an id: when and from where it was opened.
    pub(super) fn key(&self) -> u64 {
        let local = self.local.as_ref().map(Address::shown);
        let start = self.start.map(f64::to_bits);
        crate::base::hash::hash((&self.id, local, start))
    }

    /// Milliseconds until the connection stood, and how many of them went to TLS.
    pub(super) fn setup(&self) -> Option<(f64, Option<f64>)> {
        let start = self.start.filter(|start| 0.0 < *start)?;
        let tcp = self.tcp_setup.filter(|at| 0.0 < *at)?;
        let tls = self.tls_setup.filter(|at| tcp <= *at);
        let ms = |from: f64, to: f64| (to - from) * 1e3;
        Some((ms(start, tls.unwrap_or(tcp)), tls.map(|at| ms(tcp, at))))
    }
}
