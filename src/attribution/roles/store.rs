//! Whose data lies in one bucket: who wrote there, who read what was written, and under whose name the store answers.

use super::cited::Cited;
use super::citing::own;
use super::gather::{Share, flows_of};
use super::reasons::has;
use super::transfers::{Reads, Transfer, transfers};
use super::whose::{Owner, Whose};
use crate::attribution::collect::TUNNEL;
use crate::attribution::evidence::{Claim, Family, OwnRule, Strength};
use crate::attribution::party::{Basis, is_lent};
use crate::attribution::url::registrable;
use crate::attribution::verdict::Conclusiveness;
use crate::base::bytes::Span;
use crate::base::text::bytes_with_unit;
use crate::base::time::Time;
use crate::capture::{Flow, FlowId};

/// The store took what the client sent.
pub(in crate::attribution) const UPLOAD: OwnRule = OwnRule::new(
    "party/upload",
    Family::Write,
    "The store took bytes that the client sent, and answered with success",
);
/// The party said where to write.
pub(in crate::attribution) const HANDED_OUT: OwnRule = OwnRule::new(
    "party/handed-out",
    Family::ControlPlane,
    "The party handed out the URL of the upload",
);
/// What was written is kept.
pub(in crate::attribution) const READ_BACK: OwnRule = OwnRule::new(
    "party/read-back",
    Family::Behaviour,
    "What was uploaded was read again",
);
/// The store answers for the party.
pub(in crate::attribution) const OWN_NAME: OwnRule = OwnRule::new(
    "party/own-name",
    Family::Name,
    "The store answers under the party's own host name",
);
/// The bucket's name says whose it is.
pub(in crate::attribution) const BUCKET_NAME: OwnRule = OwnRule::new(
    "party/bucket-name",
    Family::Name,
    "The name of the bucket bears the party's name",
);
/// The party asks for what lies there.
pub(in crate::attribution) const LINKED: OwnRule = OwnRule::new(
    "party/linked",
    Family::ControlPlane,
    "The party's own pages ask for what lies there",
);
/// The bucket's name says that it is somebody else's.
pub(in crate::attribution) const OTHERS_NAME: OwnRule = OwnRule::new(
    "party/others-name",
    Family::Name,
    "The name of the bucket bears the name of another party of this session",
);
/// Bytes passed, whatever they were.
pub(in crate::attribution) const TUNNEL_BYTES: OwnRule = OwnRule::new(
    "party/tunnel-bytes",
    Family::Behaviour,
    "This much passed in tunnels to the store while the party's own tunnels were open",
);
/// The object was there before anybody captured.
pub(in crate::attribution) const OLDER_THAN_THE_REQUEST: OwnRule = OwnRule::new(
    "store/older-than-the-request",
    Family::StorageId,
    "The object was last changed more than a day before it was asked for",
);

/// A day: objects that are this much older than their request were there before anybody captured.
const OLD_MS: f64 = 86_400_000.0;
/// Fewer bytes in a tunnel are no more than opening it takes.
const MIN_TUNNEL_BYTES: u64 = 64_000;
/// Shorter words in the name of a bucket are common ones.
const MIN_NAME: usize = 4;

/// A store that one party uses, at one resource.
pub(super) struct Store<'s, 'c, 'a> {
    pub(super) party: &'a str,
    /// The name of the bucket; empty where only the host is known.
    pub(super) bucket: &'s str,
    pub(super) shares: &'s [Share<'c, 'a>],
    /// The names by which the parties of the session go, each with its party.
    pub(super) names: &'s [(&'a str, &'a str)],
}

/// Whose data lies in `store`.
pub(super) fn whose(store: &Store<'_, '_, '_>, reads: &Reads) -> Whose {
    let transfers = transfers(store.shares, reads);
    // The first of those that show it equally well.
    let best = transfers
        .iter()
        .rev()
        .max_by_key(|transfer| level(transfer));
    let users = best.map_or(Conclusiveness::Insufficient, level);
    let written = store.cite_transfers(&transfers);
    let (own, own_level) = store.of_party();
    let (others, others_level) = store.of_others();
    let answers = [
        (Owner::Party, own_level),
        (Owner::Other, others_level),
        (Owner::Users, users),
    ];
    let (answer, conclusiveness) = answers
        .into_iter()
        .max_by_key(|(_, level)| *level)
        .filter(|(_, level)| *level != Conclusiveness::Insufficient)
        .unwrap_or((Owner::NotSeen, Conclusiveness::Insufficient));
    let tunnelled = store.cite_tunnels();
    let (supporting, opposing) = match answer {
        Owner::Users => (written, others),
        Owner::Party => (own, [others, written].concat()),
        Owner::Other => (others, [own, written].concat()),
        Owner::NotSeen => (tunnelled.clone(), Vec::new()),
    };
    Whose {
        answer,
        conclusiveness,
        n_flows: store
            .shares
            .iter()
            .map(|it| it.cell.flows.len() as u32)
            .sum(),
        lean: (answer == Owner::NotSeen && !tunnelled.is_empty()).then_some(Owner::Users),
        supporting,
        opposing,
        transfer: best
            .filter(|_| answer == Owner::Users)
            .and_then(|best| Some((*best.writes.first()?, best.read))),
    }
}

/// An accepted upload is a hint; with the party that handed out its URL, or a later read, it is strong; with both it is
/// conclusive: both of the same bytes. Reads alone show nothing.
fn level(transfer: &Transfer) -> Conclusiveness {
    match (transfer.handed_out, transfer.read) {
        (Some(_), Some(_)) => Conclusiveness::Conclusive,
        (None, None) => Conclusiveness::Suggestive,
        _ => Conclusiveness::Strong,
    }
}

impl Store<'_, '_, '_> {
    fn claim(&self) -> Claim {
        let service = self.shares.first().map(|share| share.part.service);
        service.map_or(Claim::Void(Family::Write), Claim::Origin)
    }

    fn flow(&self, id: FlowId) -> Option<Flow<'_>> {
        let mut cells = self.shares.iter().map(|share| share.cell);
        cells.find_map(|cell| cell.judged.flow(id))
    }

    /// Cites `rule` for `flows`, quoting what `quote` finds in the first of them.
    fn cite(
        &self,
        rule: &'static OwnRule,
        strength: Strength,
        flows: &[FlowId],
        quote: impl Fn(Flow<'_>) -> (String, Option<Span>),
    ) -> Option<Cited> {
        let first = self.flow(*flows.iter().min()?)?;
        let (quote, span) = quote(first);
        own(rule, self.claim(), strength, (&quote, span), flows)
    }

    /// Who wrote, who said where to, and who read it again.
    fn cite_transfers(&self, transfers: &[Transfer]) -> Vec<Cited> {
        let all = |of: fn(&Transfer) -> Option<FlowId>| -> Vec<FlowId> {
            transfers.iter().filter_map(of).collect()
        };
        let writes: Vec<FlowId> = transfers
            .iter()
            .flat_map(|transfer| &transfer.writes)
            .copied()
            .collect();
        let written = self.cite(&UPLOAD, Strength::Strong, &writes, |flow| {
            (uploaded(flow), None)
        });
        let without_query = |flow: Flow<'_>| {
            let url = flow.url().split('?').next().unwrap_or_default();
            (url.to_owned(), None)
        };
        let handed = all(|transfer| transfer.handed_out);
        let read = all(|transfer| transfer.read);
        [
            written,
            self.cite(&HANDED_OUT, Strength::Strong, &handed, without_query),
            self.cite(&READ_BACK, Strength::Strong, &read, without_query),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// What shows that the party's own files lie there.
    fn of_party(&self) -> (Vec<Cited>, Conclusiveness) {
        let is_own = |share: &&Share<'_, '_>| {
            let host = share.cell.first.host();
            !is_lent(host) && registrable(host) == registrable(self.party)
        };
        let at_own_name = flows_of(self.shares.iter().filter(is_own).map(|it| it.cell));
        let own_name = self.cite(&OWN_NAME, Strength::Strong, &at_own_name, |flow| {
            (flow.host().to_owned(), None)
        });
        let is_sure = self.shares.iter().filter(is_own).any(|share| {
            let host = share.cell.first.host();
            Conclusiveness::Strong <= share.part.level && !is_for_users(host)
        });
        let is_linked = |share: &&Share<'_, '_>| {
            let cell = share.cell;
            let is_tunnel = has(cell.shown, &TUNNEL);
            !is_own(share) && cell.party != cell.first.host() && !is_tunnel
        };
        let linked = flows_of(self.shares.iter().filter(is_linked).map(|it| it.cell));
        let named = self.bears(self.party_name()).then(|| {
            let all = flows_of(self.shares.iter().map(|share| share.cell));
            let bucket = |_: Flow<'_>| (self.bucket.to_owned(), None);
            self.cite(&BUCKET_NAME, Strength::Suggestive, &all, bucket)
        });
        let linked = self.cite(&LINKED, Strength::Suggestive, &linked, |_| {
            (self.party.to_owned(), None)
        });
        let hints = [own_name, named.flatten(), linked];
        let cited: Vec<Cited> = hints.into_iter().flatten().collect();
        let level = match (is_sure, cited.is_empty()) {
            (true, _) => Conclusiveness::Strong,
            (false, false) => Conclusiveness::Suggestive,
            (false, true) => Conclusiveness::Insufficient,
        };
        (cited, level)
    }

    /// What shows that somebody else put it there.
    fn of_others(&self) -> (Vec<Cited>, Conclusiveness) {
        let mine = self.party_name();
        let other = self.names.iter().find(|(name, party)| {
            *party != self.party && *name != mine && self.is_word_of_bucket(name)
        });
        let Some((name, _)) = other.filter(|_| !self.bears(mine)) else {
            return (Vec::new(), Conclusiveness::Insufficient);
        };
        let all = flows_of(self.shares.iter().map(|share| share.cell));
        let named = self.cite(&OTHERS_NAME, Strength::Suggestive, &all, |_| {
            ((*name).to_owned(), None)
        });
        let is_old = |id: &FlowId| self.flow(*id).and_then(last_change).is_some();
        let old: Vec<FlowId> = all.into_iter().filter(is_old).collect();
        let older = self.cite(
            &OLDER_THAN_THE_REQUEST,
            Strength::Suggestive,
            &old,
            |flow| last_change(flow).unwrap_or_default(),
        );
        let level = if older.is_some() {
            Conclusiveness::Strong
        } else {
            Conclusiveness::Suggestive
        };
        (named.into_iter().chain(older).collect(), level)
    }

    /// What passed in tunnels that only the time gives to the party.
    fn cite_tunnels(&self) -> Vec<Cited> {
        let cells = self.shares.iter().map(|share| share.cell);
        let tunnels = cells.filter(|cell| cell.basis == Basis::Time && has(cell.shown, &TUNNEL));
        let (received, sent) = tunnels.clone().fold((0, 0), |(received, sent), cell| {
            (received + cell.bytes, sent + cell.bytes_sent)
        });
        if received.max(sent) < MIN_TUNNEL_BYTES {
            return Vec::new();
        }
        let size = |bytes: u64| {
            let (n, unit) = bytes_with_unit(bytes);
            format!("{n} {unit}")
        };
        let quote = match (received, sent) {
            (_, 0) => format!("{} received, or both ways together", size(received)),
            (0, _) => format!("{} sent", size(sent)),
            _ => format!("{} sent, {} received", size(sent), size(received)),
        };
        let flows = flows_of(tunnels);
        let cited = self.cite(&TUNNEL_BYTES, Strength::Suggestive, &flows, |_| {
            (quote.clone(), None)
        });
        cited.into_iter().collect()
    }

    /// What the party goes by: `expressen` of `expressen.se`.
    fn party_name(&self) -> &str {
        name_of(self.party)
    }

    fn bears(&self, name: &str) -> bool {
        bears(self.bucket, name)
    }

    fn is_word_of_bucket(&self, name: &str) -> bool {
        let mut words = self.bucket.split(|c: char| !c.is_ascii_alphanumeric());
        MIN_NAME < name.len() && words.any(|word| word.eq_ignore_ascii_case(name))
    }
}

/// True when the name of a resource holds what a party goes by.
pub(super) fn bears(resource: &str, name: &str) -> bool {
    MIN_NAME <= name.len() && resource.to_ascii_lowercase().contains(name)
}

/// True for names under which sites keep what their users sent.
fn is_for_users(host: &str) -> bool {
    const WORDS: [&str; 6] = ["upload", "user", "ugc", "avatar", "attachment", "profile"];
    let mut labels = host.split(['.', '-']);
    labels.any(|label| WORDS.iter().any(|word| label.starts_with(word)))
}

/// What `party` goes by: the first label of its registrable domain.
pub(super) fn name_of(party: &str) -> &str {
    let domain = registrable(party);
    domain.split('.').next().unwrap_or(domain)
}

/// `PUT, 480 kB`.
fn uploaded(flow: Flow<'_>) -> String {
    let sent = flow.bytes_sent().filter(|bytes| 0 < *bytes);
    sent.map_or_else(
        || flow.method().to_owned(),
        |bytes| {
            let (n, unit) = bytes_with_unit(bytes);
            format!("{}, {n} {unit} sent", flow.method())
        },
    )
}

/// `Last-Modified` of an object that is much older than its request.
fn last_change(flow: Flow<'_>) -> Option<(String, Option<Span>)> {
    let modified = flow.response_header("last-modified")?;
    let since = Time::parse_http(modified.value)?;
    let is_old = flow.has_method(&["GET"]) && OLD_MS < flow.start()?.ms_since(since);
    is_old.then(|| (modified.value.to_owned(), Some(modified.span)))
}
