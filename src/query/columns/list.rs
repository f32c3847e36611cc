//! The columns and where their cells are read from.

use std::borrow::Cow;

use super::header::reread_value;
use super::{Cell, Column, ColumnId, Value};
use crate::annotations::Colour;
use crate::attribution::roles::Relation;
use crate::attribution::{CacheAnswer, Carrier, cache_answer};
use crate::capture::{Exchange, Phase, Side};
use crate::document::Reread;
use crate::providers::{Network, catalogue, network_of};
use crate::query::filter::{self, Findable};
use crate::query::kinds::Kind;

/// All columns in their default order.
pub const COLUMNS: &[Column] = &[
    number(
        ColumnId::N,
        "n",
        "#",
        "number of the flow, never renumbered",
        |cell| Value::Number(f64::from(cell.id.n())),
    ),
    text(
        ColumnId::Label,
        "label",
        "Label",
        "a person's answer: origin, cdn, unknown; empty = not reviewed",
        |cell| {
            words(
                cell.document
                    .label(cell.id)
                    .map_or("", |label| label.word()),
            )
        },
    ),
    number(
        ColumnId::Start,
        "start",
        "Start",
        "start of the request, milliseconds after the first",
        |cell| quantity(start_ms(cell)),
    ),
    text(
        ColumnId::Method,
        "method",
        "Method",
        "request method",
        |cell| words(cell.flow.method()),
    ),
    number(
        ColumnId::Status,
        "status",
        "Status",
        "status of the response",
        |cell| quantity(cell.flow.status().map(f64::from)),
    ),
    text(
        ColumnId::Host,
        "host",
        "Host",
        "host name in punycode, without port",
        |cell| words(cell.flow.host()),
    ),
    text(ColumnId::Path, "path", "Path", "path with query", |cell| {
        words(cell.flow.path().unwrap_or_default())
    }),
    text(
        ColumnId::Provider,
        "provider",
        "Provider",
        "who runs the machine that answered",
        |cell| carrier_text(cell.document.verdict(cell.id).terminating(), provider_name),
    ),
    text(
        ColumnId::Service,
        "service",
        "Service",
        "which product of the provider",
        |cell| carrier_text(cell.document.verdict(cell.id).terminating(), service_name),
    ),
    text(
        ColumnId::Role,
        "role",
        "Role",
        "what the terminating party is: origin, cdn, unknown",
        |cell| words(cell.document.verdict(cell.id).role.word()),
    ),
    text(
        ColumnId::Conclusive,
        "conclusive",
        "Sure",
        "how conclusive role and party are",
        |cell| words(cell.document.verdict(cell.id).conclusiveness.word()),
    ),
    text(
        ColumnId::Type,
        "type",
        "Type",
        "media type of the response",
        |cell| words(cell.flow.mime()),
    ),
    number(
        ColumnId::Size,
        "size",
        "Size",
        "bytes received over the wire",
        |cell| quantity(cell.flow.bytes_received().map(|bytes| bytes as f64)),
    ),
    number(
        ColumnId::Time,
        "time",
        "Time",
        "duration in milliseconds",
        |cell| quantity(cell.flow.time_ms()),
    ),
    text(ColumnId::Note, "note", "Note", "a person's note", |cell| {
        words(cell.document.note(cell.id))
    }),
    text(
        ColumnId::Protocol,
        "protocol",
        "Protocol",
        "HTTP version of the response, as written",
        |cell| words(cell.flow.http_version()),
    ),
    text(ColumnId::Scheme, "scheme", "Scheme", "URL scheme", |cell| {
        words(cell.flow.scheme().unwrap_or_default())
    }),
    number(
        ColumnId::Port,
        "port",
        "Port",
        "port, given or implied",
        |cell| quantity(cell.flow.port().map(f64::from)),
    ),
    text(
        ColumnId::RemoteIp,
        "remote-ip",
        "Remote IP",
        "address of the peer that answered",
        |cell| words(cell.flow.server_ip()),
    ),
    text(
        ColumnId::Edge,
        "edge",
        "Edge",
        "who terminated the connection as a CDN or cache",
        |cell| carrier_text(cell.document.verdict(cell.id).edge, service_path),
    ),
    text(
        ColumnId::Origin,
        "origin",
        "Origin",
        "whose storage or compute answered",
        |cell| carrier_text(cell.document.verdict(cell.id).origin, service_path),
    ),
    text(
        ColumnId::Region,
        "region",
        "Region",
        "where the store or the edge stands",
        region,
    ),
    text(
        ColumnId::Party,
        "party",
        "Party",
        "whose traffic it is",
        |cell| words(cell.document.party(cell.id)),
    ),
    text(
        ColumnId::Site,
        "site",
        "Site",
        "the page or app in which it was seen",
        |cell| words(cell.document.site(cell.id)),
    ),
    number(
        ColumnId::Sent,
        "sent",
        "Sent",
        "bytes sent over the wire",
        |cell| quantity(cell.flow.bytes_sent().map(|bytes| bytes as f64)),
    ),
    number(
        ColumnId::Content,
        "content",
        "Content",
        "bytes of the body after decoding",
        |cell| quantity(cell.flow.content_bytes().map(|bytes| bytes as f64)),
    ),
    text(ColumnId::By, "by", "Reviewer", "who labelled it", |cell| {
        let Some(said) = cell.document.annotation(cell.id) else {
            return Value::Missing;
        };
        if said.others.is_empty() {
            return words(&said.by);
        }
        // The one whose label is shown comes first.
        let others = said.others.iter().map(|other| other.by.as_str());
        let names: Vec<&str> = std::iter::once(said.by.as_str()).chain(others).collect();
        Value::Text(Cow::Owned(names.join(", ")))
    }),
    text(
        ColumnId::File,
        "file",
        "File",
        "name of the capture",
        |cell| words(&cell.flow.capture().info().name),
    ),
    text(ColumnId::Url, "url", "URL", "URL as written", |cell| {
        words(cell.flow.url())
    }),
    text(ColumnId::Tags, "tag", "Tags", "a person's tags", |cell| {
        let annotation = cell.document.annotation(cell.id);
        let tags = annotation.map_or(&[][..], |said| &said.tags);
        match tags {
            [] => Value::Missing,
            [only] => words(only),
            many => Value::Text(Cow::Owned(many.join(", "))),
        }
    }),
    text(
        ColumnId::Colour,
        "color",
        "Colour",
        "a person's mark: red, orange, yellow, green, blue, purple",
        |cell| {
            let annotation = cell.document.annotation(cell.id);
            let colour = annotation.and_then(|said| said.colour);
            words(colour.map_or("", Colour::word))
        },
    ),
    text(
        ColumnId::Kind,
        "kind",
        "Kind",
        "document, data, style, script, font, image, media, websocket, other",
        |cell| words(Kind::of(cell.flow).word()),
    ),
    text(
        ColumnId::Query,
        "query",
        "Query",
        "what follows the question mark of the URL",
        |cell| {
            let path = cell.flow.path().unwrap_or_default();
            words(path.split_once('?').map_or("", |(_, query)| query))
        },
    ),
    number(
        ColumnId::Wait,
        "wait",
        "Wait",
        "milliseconds from the request to the first byte",
        |cell| quantity(cell.flow.row().phases.get(Phase::Wait)),
    ),
    text(
        ColumnId::Asn,
        "asn",
        "ASN",
        "number of the peer's network, AS15169",
        |cell| network_text(cell, Network::number),
    ),
    text(
        ColumnId::Network,
        "network",
        "Network",
        "who holds the peer's network, with the country in which most of it is registered",
        |cell| network_text(cell, Network::name),
    ),
    text(
        ColumnId::Tenant,
        "tenant",
        "Tenant",
        "customer of the provider, as its own host names spell it: a bucket, an account, a distribution",
        |cell| words(tenant(cell.flow.host())),
    ),
    text(
        ColumnId::Relation,
        "relation",
        "Relation",
        "what the services that it shows are to its party: delivers, stores, computes, hosts, own",
        |cell| related(cell, filter::roles),
    ),
    text(
        ColumnId::Whose,
        "whose",
        "Whose",
        "whose data lies in the store that answered: users, party, other, not-seen",
        |cell| related(cell, filter::owners),
    ),
    text(
        ColumnId::Bucket,
        "bucket",
        "Bucket",
        "bucket or container of the store that answered",
        |cell| related(cell, filter::buckets),
    ),
    text(
        ColumnId::Server,
        "server",
        "Server",
        "response header Server",
        |cell| response_header(cell, "server"),
    ),
    text(ColumnId::Via, "via", "Via", "response header Via", |cell| {
        response_header(cell, "via")
    }),
    text(
        ColumnId::Cache,
        "cache",
        "Cache",
        "what the nearest cache says about its answer: hit, miss",
        |cell| words(cache_answer(cell.flow).map_or("", CacheAnswer::word)),
    ),
    number(
        ColumnId::Age,
        "age",
        "Age",
        "seconds for which a cache has kept the response",
        |cell| {
            let age = cell.flow.response_header("age");
            let seconds = age.and_then(|age| age.value.trim().parse::<f64>().ok());
            quantity(seconds.filter(|seconds| seconds.is_finite()))
        },
    ),
    text(
        ColumnId::Cname,
        "cname",
        "CNAME",
        "name to which the host was resolved, where the file says it",
        |cell| connection_fact(cell, "cname"),
    ),
    text(
        ColumnId::Issuer,
        "issuer",
        "Issuer",
        "who issued the certificate, where the file says it",
        |cell| connection_fact(cell, "certificate-issuer"),
    ),
    fact(
        ColumnId::TlsVersion,
        "tls-version",
        "TLS",
        "version of TLS with the peer that answered, where the file says it",
        Exchange::TLS_VERSION,
    ),
    fact(
        ColumnId::Initiator,
        "initiator",
        "Initiator",
        "what made the client send the request, where the file says it",
        Exchange::INITIATOR,
    ),
    text(ColumnId::Page, "page", "Page", "URL of the page", |cell| {
        words(cell.flow.page())
    }),
    number(
        ColumnId::EvidenceCount,
        "evidence-count",
        "Evidence",
        "number of observations behind the verdict",
        |cell| {
            let found = cell.document.examine(cell.id);
            quantity(found.map(|found| found.evidence.len() as f64))
        },
    ),
    text(
        ColumnId::Rival,
        "rival",
        "Rival",
        "the first other explanation that the evidence does not exclude",
        |cell| {
            let found = cell.document.examine(cell.id);
            let rival = found.and_then(|found| found.rivals.into_iter().next());
            rival.map_or(Value::Missing, |rival| Value::Text(Cow::Owned(rival)))
        },
    ),
];
type ReadCell = for<'a> fn(&Cell<'a>) -> Value<'a>;

const fn number(
    id: ColumnId,
    word: &'static str,
    title: &'static str,
    about: &'static str,
    value: ReadCell,
) -> Column {
    Column {
        id,
        word,
        title,
        about,
        is_number: true,
        reread: None,
        value,
    }
}

const fn text(
    id: ColumnId,
    word: &'static str,
    title: &'static str,
    about: &'static str,
    value: ReadCell,
) -> Column {
    Column {
        id,
        word,
        title,
        about,
        is_number: false,
        reread: None,
        value,
    }
}

/// A column that shows a fact of the entry, read again from its file.
const fn fact(
    id: ColumnId,
    word: &'static str,
    title: &'static str,
    about: &'static str,
    name: &'static str,
) -> Column {
    Column {
        reread: Some(Reread::Fact(name)),
        ..text(id, word, title, about, reread_value)
    }
}

fn words(text: &str) -> Value<'_> {
    if text.is_empty() {
        Value::Missing
    } else {
        Value::Text(Cow::Borrowed(text))
    }
}

/// What `of` says of the relations that the flow shows; missing until what providers are to parties was judged.
fn related<'a>(cell: &Cell<'a>, of: fn(&'a Relation) -> Findable<'a>) -> Value<'a> {
    let roles = cell.document.judged_roles();
    let party = roles.and_then(|roles| roles.party(cell.document.party(cell.id)));
    let relations = party.into_iter().flat_map(|party| &party.relations);
    let shown = relations.flat_map(of);
    let shown = shown.filter(|(_, flows)| flows.binary_search(&cell.id).is_ok());
    let mut found: Vec<&str> = shown.map(|(word, _)| word).collect();
    found.dedup();
    match found.as_slice() {
        [] => Value::Missing,
        [only] => words(only),
        several => Value::Text(Cow::Owned(several.join(", "))),
    }
}

fn quantity(number: Option<f64>) -> Value<'static> {
    number.map_or(Value::Missing, Value::Number)
}

/// Milliseconds from the first request of the session to this one.
fn start_ms(cell: &Cell<'_>) -> Option<f64> {
    let first = cell.document.first_start()?;
    Some(cell.flow.start()?.ms_since(first))
}

fn carrier_text(
    carrier: Option<Carrier>,
    show: fn(Carrier) -> Cow<'static, str>,
) -> Value<'static> {
    carrier.map_or(Value::Missing, |carrier| Value::Text(show(carrier)))
}

fn provider_name(carrier: Carrier) -> Cow<'static, str> {
    let catalogue = catalogue();
    Cow::Borrowed(
        &catalogue
            .provider(catalogue.service(carrier.service).provider)
            .name,
    )
}

fn service_name(carrier: Carrier) -> Cow<'static, str> {
    Cow::Borrowed(&catalogue().service(carrier.service).name)
}

fn service_path(carrier: Carrier) -> Cow<'static, str> {
    Cow::Owned(catalogue().path(carrier.service))
}

fn region<'a>(cell: &Cell<'a>) -> Value<'a> {
    let verdict = cell.document.verdict(cell.id);
    let region = verdict
        .origin
        .and_then(|origin| origin.region)
        .or_else(|| verdict.edge.and_then(|edge| edge.region));
    region.map_or(Value::Missing, |region| {
        words(cell.document.region(cell.id, region))
    })
}

fn response_header<'a>(cell: &Cell<'a>, name: &str) -> Value<'a> {
    let header = cell.flow.response_header(name);
    words(header.map_or("", |header| header.value))
}

/// The first of the facts about the connection that is called `name`.
fn connection_fact<'a>(cell: &Cell<'a>, name: &str) -> Value<'a> {
    let mut facts = cell.flow.headers();
    let fact = facts.find(|fact| fact.side == Side::Connection && fact.name == name);
    words(fact.map_or("", |fact| fact.value))
}

/// What `show` says of the network that holds the address of the peer.
fn network_text(cell: &Cell<'_>, show: fn(Network) -> String) -> Value<'static> {
    let address = cell.flow.server_ip().parse().ok();
    let network = address.and_then(network_of);
    network.map_or(Value::Missing, |network| {
        Value::Text(Cow::Owned(show(network)))
    })
}

/// The label before the suffix that a provider gives out to its customers; empty for hosts of one's own.
fn tenant(host: &str) -> &str {
    let suffix = psl::suffix(host.as_bytes());
    let is_given_out = suffix.is_some_and(|suffix| suffix.typ() == Some(psl::Type::Private));
    let registered = is_given_out.then(|| psl::domain_str(host)).flatten();
    registered.map_or("", |name| name.split('.').next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_customer_stands_before_a_suffix_that_is_given_out() {
        for (host, expected) in [
            ("bucket.s3.amazonaws.com", "bucket"),
            ("d111111abcdef8.cloudfront.net", "d111111abcdef8"),
            ("a.b.shop.myshopify.com", "shop"),
            ("www.example.com", ""),
            ("192.0.2.1", ""),
            ("", ""),
        ] {
            assert_eq!(tenant(host), expected, "{host}");
        }
    }

    #[test]
    fn every_column_has_a_word_of_its_own() {
        let mut words: Vec<&str> = COLUMNS.iter().map(|column| column.word).collect();
        let n = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), n);
        for column in COLUMNS {
            assert_eq!(column.id.column().word, column.word);
            assert_eq!(
                Column::named(column.word).map(|found| found.id),
                Some(column.id)
            );
        }
    }
}
