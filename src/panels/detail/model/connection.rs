//! The tab Connection: where the request went, and circumstances that a person should know.

use super::shown;
use crate::base::text::bytes_with_unit;
use crate::capture::{Exchange, Flags, Flow};
use crate::providers::network_of;

/// A name with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What.
    pub name: String,
    /// Its value as written.
    pub value: String,
}

/// Content of the tab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionSheet {
    /// Circumstances that change what the flow can tell.
    pub warnings: Vec<&'static str>,
    /// Address, port, versions, sizes.
    pub peer: Vec<Fact>,
    /// Further facts of the file, under the names that it uses.
    pub facts: Vec<Fact>,
}

/// Most facts that are shown; the raw entry has the rest.
const MAX_FACTS: usize = 200;

const WARNINGS: [(Flags, &str); 11] = [
    (
        Flags::FROM_CACHE,
        "The browser answered from its own cache: no server was asked",
    ),
    (
        Flags::SERVICE_WORKER,
        "A service worker answered: headers may be its own",
    ),
    (
        Flags::PUSHED,
        "Pushed by the server, without a request of its own",
    ),
    (
        Flags::ABORTED,
        "Aborted, blocked or failed before a response was complete",
    ),
    (
        Flags::TUNNEL,
        "A tunnel: the capture does not show what went through it",
    ),
    (
        Flags::RECOVERED,
        "Found behind damage in the file: parts may be missing",
    ),
    (
        Flags::INCOMPLETE,
        "The entry has no request, no URL or no response",
    ),
    (
        Flags::WEBSOCKET,
        "A WebSocket: its messages, as far as the file holds them, are under Body",
    ),
    (
        Flags::PROXY_CACHE,
        "A proxy on the client's side answered from its cache: the server was not asked",
    ),
    (
        Flags::PROXY_ANSWER,
        "A proxy on the client's side wrote this answer itself: no server gave it",
    ),
    (
        Flags::INTERNAL,
        "Made inside the browser: no server was asked",
    ),
];

impl ConnectionSheet {
    pub(super) fn of(flow: Flow<'_>, exchange: &Exchange, party: &str) -> Self {
        let flags = flow.row().flags;
        let warnings = WARNINGS
            .iter()
            .filter(|(flag, _)| flags.contains(*flag))
            .map(|(_, words)| *words)
            .collect();
        let port = flow
            .port()
            .map_or_else(String::new, |port| port.to_string());
        let size = |bytes: Option<u64>| {
            bytes.map_or_else(String::new, |bytes| {
                let (number, unit) = bytes_with_unit(bytes);
                format!("{number} {unit}")
            })
        };
        let address = if flow.server_ip().is_empty() {
            "not in the file"
        } else {
            flow.server_ip()
        };
        let network = flow.server_ip().parse().ok().and_then(network_of);
        let network = network.map_or_else(String::new, |network| network.to_string());
        let peer = [
            ("Server address", shown(address)),
            ("Network", network),
            ("Host", shown(flow.host())),
            ("Port", port),
            ("Scheme", shown(flow.scheme().unwrap_or_default())),
            ("Protocol", shown(flow.http_version())),
            ("Party", shown(party)),
            ("Page", shown(flow.page())),
            ("Sent on the wire", size(flow.bytes_sent())),
            ("Received on the wire", size(flow.bytes_received())),
            ("Body", size(flow.content_bytes())),
        ];
        Self {
            warnings,
            peer: peer
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(name, value)| Fact {
                    name: name.to_owned(),
                    value,
                })
                .collect(),
            facts: exchange
                .facts
                .iter()
                // It stands at the top already.
                .filter(|(_, value)| value != flow.server_ip())
                .take(MAX_FACTS)
                .map(|(name, value)| Fact {
                    name: shown(name),
                    value: shown(value),
                })
                .collect(),
        }
    }
}
