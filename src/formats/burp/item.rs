//! One `<item>`: its fields one after the other, each text, CDATA, or base64 in CDATA. Entities are never resolved.

use base64::Engine as _;

use crate::base::time::Time;

/// The fields of an item in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Item {
    fields: Vec<Field>,
    /// What was wrong with a field, which was then left out.
    pub(super) damage: Option<&'static str>,
}

#[derive(Clone, Debug, Default)]
struct Field {
    name: String,
    /// `base64="true"`, `ip="192.0.2.1"`, as written.
    attributes: String,
    /// Without CDATA marks.
    content: Vec<u8>,
    text: String,
}

/// Why an item cannot be read.
#[derive(Debug)]
pub(super) enum Fault {
    /// It has not ended yet: more bytes may complete it.
    Open,
    /// What was expected.
    Broken(&'static str),
}

/// Fields that are shown beside the messages.
const FACTS: [&str; 6] = [
    "host",
    "port",
    "protocol",
    "mimetype",
    "highlight",
    "comment",
];
/// Beginnings of fields that are worth going on with behind damage.
const FIELDS: [&str; 13] = [
    "url>",
    "host ",
    "host>",
    "port>",
    "protocol>",
    "method>",
    "path>",
    "extension>",
    "request ",
    "status>",
    "mimetype>",
    "response ",
    "comment>",
];
/// Longest name or attributes of a field; longer ones are no fields.
const MAX_TAG: usize = 1_000;
/// Most fields of an item.
const MAX_FIELDS: usize = 64;

/// Reads the item at the beginning of `bytes`.
pub(super) fn parse(bytes: &[u8]) -> Result<Item, Fault> {
    let mut item = Item::default();
    let mut rest = bytes
        .strip_prefix(b"<item>")
        .ok_or(Fault::Broken("expected <item>"))?;
    while item.fields.len() < MAX_FIELDS {
        rest = rest.trim_ascii_start();
        if rest.starts_with(b"</item") {
            return Ok(item);
        }
        match field(rest) {
            Ok((field, behind)) => {
                item.fields.push(field);
                rest = behind;
            }
            Err(Fault::Broken(reason)) if !item.fields.is_empty() => {
                item.damage = Some(reason);
                rest = next_field(rest);
            }
            Err(fault) => return Err(fault),
        }
    }
    Err(Fault::Broken("the item has too many fields"))
}

/// Where the next field begins behind a damaged one; the end of the item when there is none.
fn next_field(bytes: &[u8]) -> &[u8] {
    let starts = |rest: &[u8]| {
        let is_field = |name: &&str| rest.starts_with(name.as_bytes());
        FIELDS.iter().any(is_field) || rest.starts_with(b"/item>")
    };
    memchr::memchr_iter(b'<', bytes)
        .filter(|at| 0 < *at)
        .find(|at| starts(&bytes[at + 1..]))
        .map_or(b"</item>", |at| &bytes[at..])
}

fn field(bytes: &[u8]) -> Result<(Field, &[u8]), Fault> {
    let inside = match bytes.strip_prefix(b"<") {
        Some(inside) => inside,
        None if bytes.is_empty() => return Err(Fault::Open),
        None => return Err(Fault::Broken("expected a field such as <url>")),
    };
    let window = &inside[..inside.len().min(MAX_TAG)];
    let end = memchr::memchr(b'>', window).ok_or(if inside.len() < MAX_TAG {
        Fault::Open
    } else {
        Fault::Broken("a tag has no end")
    })?;
    let tag = String::from_utf8_lossy(&inside[..end]).into_owned();
    let (name, attributes) = tag.split_once(' ').unwrap_or((&tag, ""));
    let mut rest = &inside[end + 1..];
    let mut field = Field {
        name: name.trim_end_matches('/').to_owned(),
        attributes: attributes.to_owned(),
        ..Field::default()
    };
    if tag.ends_with('/') {
        return Ok((field, rest));
    }
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(Fault::Broken("expected the name of a field"));
    }
    let is_base64 = field.is_base64();
    loop {
        if let Some(data) = rest.strip_prefix(b"<![CDATA[") {
            let len = cdata_len(data, is_base64)?;
            field.content.extend_from_slice(&data[..len]);
            rest = &data[len + 3..];
        } else if rest.starts_with(b"</") {
            let end = memchr::memchr(b'>', rest).ok_or(Fault::Open)?;
            if &rest[2..end] != field.name.as_bytes() {
                return Err(Fault::Broken("a field ends with the name of another"));
            }
            String::from_utf8_lossy(&field.content)
                .trim()
                .clone_into(&mut field.text);
            return Ok((field, &rest[end + 1..]));
        } else {
            let end = memchr::memchr(b'<', rest).ok_or(Fault::Open)?;
            if end == 0 {
                return Err(Fault::Broken("a field holds another one"));
            }
            field.content.extend(unescaped(&rest[..end]));
            rest = &rest[end..];
        }
    }
}

/// Bytes up to `]]>`. Base64 ends where a character is none of its own, so that a damaged end costs only this item.
fn cdata_len(data: &[u8], is_base64: bool) -> Result<usize, Fault> {
    let end = memchr::memmem::find(data, b"]]>");
    if is_base64 {
        let is_digit = |byte: &u8| {
            byte.is_ascii_alphanumeric()
                || matches!(byte, b'+' | b'/' | b'=' | b'\r' | b'\n' | b' ')
        };
        let len = data.iter().take_while(|byte| is_digit(byte)).count();
        if len < data.len() && end != Some(len) && !b"]]>".starts_with(&data[len..]) {
            // One wrong character within is left to the decoder, if the end is still that of this field.
            let stray = data[len..].iter().take_while(|byte| **byte != b'<').count();
            return match end.filter(|end| *end <= len + stray) {
                Some(end) => Ok(end),
                None => Err(Fault::Broken("the base64 of a message has no end")),
            };
        }
    }
    end.ok_or(Fault::Open)
}

/// Text outside of CDATA, with the five references that XML itself has.
fn unescaped(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let text = match quick_xml::escape::unescape(&text) {
        Ok(plain) => plain.into_owned(),
        Err(_) => return bytes.to_vec(),
    };
    text.into_bytes()
}

impl Field {
    fn is_base64(&self) -> bool {
        self.attributes.contains("base64=\"true\"")
    }

    fn is_message(&self) -> bool {
        self.name == "request" || self.name == "response"
    }
}

impl Item {
    fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The text of a field; empty when there is none, and for the `null` that Burp writes then.
    pub(super) fn text(&self, name: &str) -> &str {
        let text = self.field(name).map_or("", |field| field.text.as_str());
        if text == "null" { "" } else { text }
    }

    /// The address that Burp connected to.
    pub(super) fn ip(&self) -> &str {
        let attributes = self
            .field("host")
            .map_or("", |field| field.attributes.as_str());
        let value = attributes.split_once("ip=\"").map_or("", |(_, rest)| rest);
        value.split('"').next().unwrap_or_default()
    }

    /// The bytes of a message as they went over the wire. Base64 that is damaged is decoded as far as it goes.
    pub(super) fn message(&self, name: &str) -> Vec<u8> {
        let Some(field) = self.field(name).filter(|field| field.text != "null") else {
            return Vec::new();
        };
        if !field.is_base64() {
            return field.content.clone();
        }
        let mut digits: Vec<u8> = field.content.clone();
        digits.retain(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'));
        digits.truncate(digits.len() - usize::from(digits.len() % 4 == 1));
        let config = base64::engine::GeneralPurposeConfig::new()
            .with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true);
        let engine = base64::engine::GeneralPurpose::new(&base64::alphabet::STANDARD, config);
        engine.decode(&digits).unwrap_or_default()
    }

    /// The item without its messages, as XML.
    pub(super) fn about(&self) -> String {
        let mut text = "<item>\n".to_owned();
        for field in self.fields.iter().filter(|field| !field.is_message()) {
            let Field {
                name, attributes, ..
            } = field;
            let attributes = attributes.trim();
            let space = if attributes.is_empty() { "" } else { " " };
            let content = quick_xml::escape::escape(field.text.as_str());
            text.extend([
                "  <", name, space, attributes, ">", &content, "</", name, ">\n",
            ]);
        }
        text.push_str("</item>\n");
        text
    }

    /// Everything else worth showing.
    pub(super) fn facts(&self) -> Vec<(String, String)> {
        let facts = FACTS
            .iter()
            .map(|name| ((*name).to_owned(), self.text(name).to_owned()));
        facts.filter(|(_, value)| !value.is_empty()).collect()
    }

    /// When the request was made, and what is wrong with that.
    pub(super) fn time(&self) -> (Option<Time>, Option<String>) {
        let text = self.text("time");
        let words: Vec<&str> = text.split_whitespace().collect();
        let [_, month, day, clock, zone, year] = words[..] else {
            let fault = (!text.is_empty()).then(|| "the time is no date".to_owned());
            return (None, fault);
        };
        let Some(offset) = offset(zone) else {
            let fault = format!(
                "the time zone {} is not known",
                zone.chars().take(10).collect::<String>()
            );
            return (None, Some(fault));
        };
        let time = Time::parse_clf(&format!("{day:0>2}/{month}/{year}:{clock} {offset}"));
        let fault = time.is_none().then(|| "the time is no date".to_owned());
        (time, fault)
    }
}

/// The offset of a time zone as Java abbreviates it. Names that several zones share stand for the most usual one.
fn offset(zone: &str) -> Option<String> {
    if let Some(offset) = zone.strip_prefix("GMT").filter(|offset| !offset.is_empty()) {
        return Some(offset.replace(':', ""));
    }
    let offset = match zone {
        "UTC" | "GMT" | "Z" | "WET" => "+0000",
        "BST" | "CET" | "WEST" | "WAT" => "+0100",
        "CEST" | "EET" | "SAST" | "CAT" => "+0200",
        "EEST" | "MSK" | "EAT" | "TRT" => "+0300",
        "GST" => "+0400",
        "PKT" => "+0500",
        "IST" => "+0530",
        "ICT" | "WIB" => "+0700",
        "SGT" | "HKT" | "PHT" | "AWST" | "MYT" => "+0800",
        "JST" | "KST" => "+0900",
        "AEST" => "+1000",
        "AEDT" => "+1100",
        "NZST" => "+1200",
        "NZDT" => "+1300",
        "BRT" | "ART" => "-0300",
        "AST" | "EDT" => "-0400",
        "EST" | "CDT" | "COT" | "PET" => "-0500",
        "CST" | "MDT" => "-0600",
        "MST" | "PDT" => "-0700",
        "PST" | "AKDT" => "-0800",
        "AKST" => "-0900",
        "HST" => "-1000",
        _ => return None,
    };
    Some(offset.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ITEM: &str = r#"<item>
        <time>Sun Mar 31 19:58:09 CDT 2019</time><url><![CDATA[http://a.example/?a=1&b]]></url>
        <host ip="192.0.2.1">a.example</host><extension>null</extension>
        <request base64="true"><![CDATA[R0VUIC8gSFRUUC8xLjENCg0K]]></request>
        <response base64="false"><![CDATA[HTTP/1.1 200 OK

]]]]><![CDATA[></item><item>]]></response><comment>a &amp; &b;</comment></item>"#;

    #[test]
    fn reads_every_way_of_writing_a_field() {
        let item = parse(ITEM.as_bytes()).expect("an item");
        assert_eq!(item.text("url"), "http://a.example/?a=1&b");
        assert_eq!((item.text("extension"), item.ip()), ("", "192.0.2.1"));
        assert_eq!(item.message("request"), b"GET / HTTP/1.1\r\n\r\n");
        assert_eq!(
            item.message("response"),
            b"HTTP/1.1 200 OK\n\n]]></item><item>"
        );
        assert_eq!(item.text("comment"), "a &amp; &b;");
        let (time, fault) = item.time();
        assert_eq!(
            time.map(Time::to_iso).as_deref(),
            Some("2019-04-01T00:58:09.000Z")
        );
        assert_eq!(fault, None);
        let again = parse(item.about().as_bytes()).expect("its own description");
        assert_eq!(again.text("url"), item.text("url"));
    }

    #[test]
    fn no_prefix_passes_for_the_whole() {
        for cut in 0..ITEM.len() - 1 {
            let read = parse(&ITEM.as_bytes()[..cut]);
            assert!(
                read.is_err() || read.is_ok_and(|item| item.damage.is_some()),
                "{cut}"
            );
        }
    }
}
