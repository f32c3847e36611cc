//! The first pass over a network log: which events belong to which request, as byte ranges.

use std::collections::{HashMap, HashSet};

use super::event::{Event, Kind, Phase};
use crate::base::bytes::Span;

/// One request with one answer: a request that was redirected is several of them.
#[derive(Debug, Default)]
pub(super) struct Hop {
    /// Its own events, without those that hold the body.
    events: Vec<Span>,
    /// Events that hold the body or count its bytes.
    pub(super) body: Vec<Span>,
    /// The streams it was sent through.
    streams: Vec<i64>,
    is_begun: bool,
}

/// A source that is no request: a stream, a socket, a session, a connect job.
#[derive(Debug, Default)]
struct Node {
    events: Vec<Span>,
    links: Vec<i64>,
    has_packet: bool,
    /// The tunnel whose answer is awaited.
    tunnel: Option<usize>,
}

/// All requests of a log in the order in which they began, and what they stand on.
#[derive(Debug, Default)]
pub(super) struct Index {
    pub(super) hops: Vec<Hop>,
    /// The last hop of each request.
    requests: HashMap<i64, usize>,
    nodes: HashMap<i64, Node>,
}

/// Most events of a connection that are kept; the address and the durations come first.
const MAX_EVENTS: usize = 24;
/// Longest event of a connection that is kept, since every request on it has a copy.
const MAX_EVENT: u32 = 32 << 10;
/// Most sources that one source stands on.
const MAX_LINKS: usize = 8;
/// Most sources that are looked at for one hop.
const MAX_NODES: usize = 32;

impl Index {
    /// Files the event that lies at `span`.
    pub(super) fn add(&mut self, event: &Event, span: Span) {
        if event.is_of_request {
            self.add_to_request(event, span);
        } else {
            self.add_to_node(event, span);
        }
    }

    fn add_to_request(&mut self, event: &Event, span: Span) {
        let begins = event.kind == Kind::Job && event.phase == Phase::Begin;
        let known = self.requests.get(&event.source).copied();
        let at = match known {
            Some(at) if !(begins && self.hops[at].is_begun) => at,
            _ => {
                self.hops.push(Hop::default());
                let at = self.hops.len() - 1;
                self.requests.insert(event.source, at);
                at
            }
        };
        let hop = &mut self.hops[at];
        hop.is_begun |= begins;
        if matches!(event.kind, Kind::Bytes | Kind::RawBytes) {
            hop.body.push(span);
            return;
        }
        hop.events.push(span);
        if matches!(event.kind, Kind::Stream | Kind::Link) {
            hop.streams.extend(event.other);
        }
    }

    fn add_to_node(&mut self, event: &Event, span: Span) {
        let node = self.nodes.entry(event.source).or_default();
        match event.kind {
            Kind::TunnelHeaders => {
                node.tunnel = Some(self.hops.len());
                self.hops.push(Hop {
                    events: vec![span],
                    is_begun: true,
                    ..Hop::default()
                });
            }
            Kind::TunnelResponse => {
                if let Some(tunnel) = node.tunnel.take() {
                    self.hops[tunnel].events.push(span);
                }
            }
            Kind::Link => {
                let is_new = |other: &i64| !node.links.contains(other);
                let other = event.other.filter(is_new);
                if let Some(other) = other
                    && node.links.len() < MAX_LINKS
                {
                    node.links.push(other);
                }
            }
            Kind::QuicPacket if node.has_packet => {}
            Kind::QuicPacket
            | Kind::Proxies
            | Kind::Resolve
            | Kind::ResolveHit
            | Kind::Resolved
            | Kind::TcpConnect
            | Kind::TcpAttempt
            | Kind::SslConnect
            | Kind::QuicConnect
            | Kind::QuicCertificate => {
                node.has_packet |= event.kind == Kind::QuicPacket;
                if node.events.len() < MAX_EVENTS && span.len <= MAX_EVENT {
                    node.events.push(span);
                }
            }
            _ => {}
        }
    }

    /// The events of a hop: its own ones, then those of what it stands on.
    pub(super) fn events(&self, hop: &Hop) -> Vec<Span> {
        let mut events = hop.events.clone();
        let mut seen = HashSet::new();
        let mut waiting: Vec<i64> = hop.streams.iter().rev().copied().collect();
        while let Some(id) = waiting.pop() {
            if MAX_NODES <= seen.len() || !seen.insert(id) {
                continue;
            }
            if let Some(node) = self.nodes.get(&id) {
                events.extend(&node.events);
                waiting.extend(node.links.iter().rev());
            }
        }
        events
    }
}
