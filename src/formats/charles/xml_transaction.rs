//! A transaction of a Charles XML session. The layout is known at second hand, so names are looked up leniently.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::transaction::{Content, Message, Transaction};
use crate::base::bytes::{ByteSource, Span};
use crate::base::limits::Limits;
use crate::base::time::Time;
use crate::capture::{BodyForm, HeaderField};

/// Bytes by which a body tells its coding.
const HEAD: usize = 8;

/// The element whose text is being read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leaf {
    Name,
    Value,
    FirstLine,
    Body(BodyForm),
    Notes,
}

/// What is known while a transaction is being read.
struct Reading<'l> {
    transaction: Transaction,
    limits: &'l Limits,
    /// Offset of the transaction in the source.
    base: u64,
    is_response: bool,
    /// The element that has begun, and where its text begins.
    leaf: Option<(Leaf, usize)>,
    header: HeaderField,
}

/// Reads the transaction that consists of `bytes` and begins at `base`, with what is wrong with it and where.
pub(super) fn read(
    bytes: &[u8],
    base: u64,
    limits: &Limits,
) -> (Transaction, Option<(u64, &'static str)>) {
    let mut reader = Reader::from_reader(bytes);
    reader.config_mut().check_end_names = false;
    reader.config_mut().allow_unmatched_ends = true;
    let mut reading = Reading {
        transaction: Transaction::default(),
        limits,
        base,
        is_response: false,
        leaf: None,
        header: HeaderField {
            name: String::new(),
            value: String::new(),
            span: Span::default(),
        },
    };
    let mut fault = None;
    loop {
        let before = position(reader.buffer_position());
        match reader.read_event() {
            Ok(Event::Start(tag)) => {
                reading.begin(&tag, position(reader.buffer_position()));
            }
            Ok(Event::Empty(tag)) => {
                reading.begin(&tag, position(reader.buffer_position()));
                reading.leaf = None;
            }
            Ok(Event::End(tag)) => reading.finish(bytes, before, tag.name().as_ref()),
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(_) => {
                let at = position(reader.error_position());
                fault = Some((base + at as u64, "the XML of the transaction is damaged"));
                break;
            }
        }
    }
    reading.conclude();
    (reading.transaction, fault)
}

fn position(at: u64) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}

impl Reading<'_> {
    /// The side that is being read.
    fn message(&mut self) -> &mut Message {
        if self.is_response {
            self.transaction.response.get_or_insert_default()
        } else {
            &mut self.transaction.request
        }
    }

    fn begin(&mut self, tag: &BytesStart<'_>, text_at: usize) {
        let leaf = match tag.name().as_ref() {
            b"transaction" => return self.attributes(tag),
            b"request" => {
                self.is_response = false;
                return self.side(tag);
            }
            b"response" => {
                self.is_response = true;
                return self.side(tag);
            }
            b"name" => Leaf::Name,
            b"value" => Leaf::Value,
            b"first-line" => Leaf::FirstLine,
            b"notes" => Leaf::Notes,
            b"body" => {
                let mut form = BodyForm::Raw;
                self.each_attribute(tag, |name, value| {
                    if name == "encoding" && value.eq_ignore_ascii_case("base64") {
                        form = BodyForm::JsonBase64;
                    }
                });
                Leaf::Body(form)
            }
            _ => return,
        };
        self.leaf = Some((leaf, text_at));
    }

    fn each_attribute(&self, tag: &BytesStart<'_>, mut each: impl FnMut(&str, String)) {
        let mut attributes = tag.attributes();
        attributes.with_checks(false);
        let limit = self.limits.attributes.as_usize();
        for attribute in attributes.flatten().take(limit) {
            let name = String::from_utf8_lossy(attribute.key.as_ref());
            each(&name, plain(&attribute.value).into_owned());
        }
    }

    fn attributes(&mut self, tag: &BytesStart<'_>) {
        let mut transaction = std::mem::take(&mut self.transaction);
        let limit = self.limits.attributes.as_usize();
        let mut attributes = tag.attributes();
        transaction.has_more_attributes = attributes.with_checks(false).nth(limit).is_some();
        self.each_attribute(tag, |name, value| {
            transaction_field(&mut transaction, name, value);
        });
        self.transaction = transaction;
    }

    fn side(&mut self, tag: &BytesStart<'_>) {
        let mut message = std::mem::take(self.message());
        self.each_attribute(tag, |name, value| match name {
            "status" => message.status = value.parse().ok(),
            "mime-type" | "mimeType" => message.mime = value,
            "content-encoding" | "contentEncoding" => message.content_encoding = value,
            "body-size" | "bodySize" => message.body_bytes = value.parse().ok(),
            "header-size" | "headerSize" => message.header_bytes = value.parse().ok(),
            _ => {}
        });
        *self.message() = message;
    }

    /// Takes the text of the element that ends at `end`.
    fn finish(&mut self, bytes: &[u8], end: usize, name: &[u8]) {
        if name == b"header" {
            return self.add_header();
        }
        let Some((leaf, start)) = self.leaf.take() else {
            return;
        };
        let raw = bytes.get(start..end).unwrap_or_default();
        let span = |raw: &[u8], from: usize| {
            let len = u32::try_from(raw.len()).unwrap_or(u32::MAX);
            Span::new(self.base + (start + from) as u64, len)
        };
        match leaf {
            Leaf::Name => plain(raw).trim().clone_into(&mut self.header.name),
            Leaf::Value => {
                let (from, inside) = inside(raw);
                self.header.span = span(inside, from);
                plain(raw).trim().clone_into(&mut self.header.value);
            }
            Leaf::FirstLine => {
                let line = plain(raw).trim().to_owned();
                self.message().first_line = line;
            }
            Leaf::Notes => {
                let notes = plain(raw).into_owned();
                self.transaction.facts.push(("notes".to_owned(), notes));
            }
            Leaf::Body(form) => {
                let (from, inside) = inside(raw);
                let decoded = (form == BodyForm::Raw && is_written_otherwise(raw))
                    .then(|| ByteSource::from_bytes(plain_bytes(raw)));
                let content = Content {
                    span: span(inside, from),
                    form,
                    head: inside
                        .trim_ascii_start()
                        .iter()
                        .copied()
                        .take(HEAD)
                        .collect(),
                    decoded,
                };
                self.message().body = Some(content);
            }
        }
    }

    fn add_header(&mut self) {
        let header = HeaderField {
            name: std::mem::take(&mut self.header.name),
            value: std::mem::take(&mut self.header.value),
            span: std::mem::take(&mut self.header.span),
        };
        let limit = self.limits.headers.as_usize();
        let message = self.message();
        if limit <= message.headers.len() {
            message.has_more_headers = true;
        } else if !header.name.is_empty() {
            message.headers.push(header);
        }
    }

    /// The status of a response stands in its first line.
    fn conclude(&mut self) {
        if let Some(response) = &mut self.transaction.response {
            let word = response.first_line.split_whitespace().nth(1);
            response.status = response.status.or_else(|| word?.parse().ok());
        }
    }
}

fn transaction_field(transaction: &mut Transaction, name: &str, value: String) {
    let ms = || value.parse::<f64>().ok();
    let port = || value.parse::<u16>().ok().filter(|port| *port != 0);
    let is_set = value == "true" || value == "1";
    let millis = || Some(Time(value.parse::<i64>().ok()?.checked_mul(1_000)?));
    match name {
        "status" => transaction.status = value,
        "method" => transaction.method = value,
        "protocolVersion" => transaction.version = value,
        "protocol" | "scheme" => transaction.scheme = value,
        "host" => transaction.host = value,
        "port" => transaction.port = port(),
        "actualPort" => transaction.actual_port = port(),
        "path" => transaction.path = value,
        "query" => transaction.query = value,
        "remoteAddress" => transaction.remote_address = value,
        "tunnel" => transaction.is_tunnel = is_set,
        "webSocket" => transaction.is_websocket = is_set,
        "startTime" => {
            let start = Time::parse_iso(&value);
            transaction.start = transaction.start.or(start);
        }
        "endTime" => {
            let end = Time::parse_iso(&value);
            transaction.end = transaction.end.or(end);
        }
        "startTimeMillis" => transaction.start = millis().or(transaction.start),
        "endTimeMillis" => transaction.end = millis().or(transaction.end),
        "duration" => transaction.total_ms = ms(),
        "dnsDuration" => transaction.dns_ms = ms(),
        "connectDuration" => transaction.connect_ms = ms(),
        "sslDuration" => transaction.ssl_ms = ms(),
        "requestDuration" => transaction.request_ms = ms(),
        "latency" => transaction.latency_ms = ms(),
        "responseDuration" => transaction.response_ms = ms(),
        "requestTime" | "requestTimeMillis" | "responseTime" | "responseTimeMillis"
        | "overallSpeed" | "requestSpeed" | "responseSpeed" => {}
        _ => transaction.facts.push((name.to_owned(), value)),
    }
}

const CDATA: &[u8] = b"<![CDATA[";
const CDATA_END: &[u8] = b"]]>";

/// The text within a single CDATA section, or all of it without the space around it; and where it begins.
fn inside(raw: &[u8]) -> (usize, &[u8]) {
    let trimmed = raw.trim_ascii();
    let from = raw.len() - raw.trim_ascii_start().len();
    let section = trimmed.strip_prefix(CDATA);
    match section.and_then(|rest| rest.strip_suffix(CDATA_END)) {
        Some(section) if !is_written_otherwise(raw) => (from + CDATA.len(), section),
        _ => (from, trimmed),
    }
}

/// True when the bytes are not those that are meant: entities, or several sections.
fn is_written_otherwise(raw: &[u8]) -> bool {
    let trimmed = raw.trim_ascii();
    match trimmed.strip_prefix(CDATA) {
        Some(rest) => {
            let end = memchr::memmem::find(rest, CDATA_END);
            end.is_none_or(|end| end + CDATA_END.len() < rest.len())
        }
        None => memchr::memchr2(b'&', b'<', trimmed).is_some(),
    }
}

/// What is meant by `raw`; references that are not known stay as they are.
fn plain_bytes(raw: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = memchr::memchr2(b'&', b'<', rest) {
        bytes.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        if let Some(section) = rest.strip_prefix(CDATA) {
            let end = memchr::memmem::find(section, CDATA_END);
            bytes.extend_from_slice(&section[..end.unwrap_or(section.len())]);
            rest = end.map_or(&[][..], |end| &section[end + CDATA_END.len()..]);
            continue;
        }
        if let Some((meant, len)) = reference(rest) {
            let mut buffer = [0; 4];
            bytes.extend_from_slice(meant.encode_utf8(&mut buffer).as_bytes());
            rest = &rest[len..];
        } else {
            bytes.push(rest[0]);
            rest = &rest[1..];
        }
    }
    bytes.extend_from_slice(rest);
    bytes
}

/// The character that `&amp;` or `&#233;` at the beginning of `text` stands for, and the length of that.
fn reference(text: &[u8]) -> Option<(char, usize)> {
    let inside = text.strip_prefix(b"&")?;
    let len = inside.iter().take(12).position(|byte| *byte == b';')?;
    let name = std::str::from_utf8(&inside[..len]).ok()?;
    let meant = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => digits.parse(),
            };
            char::from_u32(code.ok()?)?
        }
    };
    Some((meant, len + 2))
}

fn plain(raw: &[u8]) -> Cow<'_, str> {
    if memchr::memchr2(b'&', b'<', raw).is_none() {
        return String::from_utf8_lossy(raw);
    }
    Cow::Owned(String::from_utf8_lossy(&plain_bytes(raw)).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_what_is_meant() {
        let check = |raw: &str, expected: &str| {
            assert_eq!(plain(raw.as_bytes()), expected, "{raw}");
        };
        check("a &amp;&lt;&gt;&quot;&apos; &#233;&#xe9;", "a &<>\"' éé");
        check("<![CDATA[a &amp; <b>]]>", "a &amp; <b>");
        check("<![CDATA[a]]]]><![CDATA[>b]]>", "a]]>b");
        check("&unknown; &#xffffffff; & &", "&unknown; &#xffffffff; & &");
        check("<![CDATA[open", "open");
    }

    #[test]
    fn a_value_knows_where_it_lies() {
        let text = "<transaction host=\"a.example\"><response><headers><first-line>HTTP/1.1 404 No</first-line>\
                    <header><name>Server</name><value><![CDATA[x & y]]></value></header></headers></response>";
        let (transaction, fault) = read(text.as_bytes(), 10, &Limits::default());
        assert_eq!(fault, None);
        let response = transaction.response.expect("a response");
        assert_eq!(response.status, Some(404));
        let header = response.headers.first().expect("a header");
        let from = (header.span.start - 10) as usize;
        assert_eq!(&text[from..from + header.span.len as usize], "x & y");
        assert_eq!(header.value, "x & y");
    }
}
