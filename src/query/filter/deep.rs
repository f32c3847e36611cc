//! Terms that have to read an entry again: headers, cookies and bodies.

use regex::Regex;
use regex::bytes::Regex as BytesRegex;

use crate::base::bytes::ByteSource;
use crate::capture::{Body, Exchange, HeaderField, Message, Side};

/// Most bytes of a body that are looked at, after decoding.
const MAX_BODY: usize = 16 << 20;

/// What is wanted of the entry.
#[derive(Clone, Debug)]
pub(super) enum Deep {
    /// A header whose name and value fit.
    Header {
        sides: Sides,
        name: Option<Regex>,
        value: Option<Regex>,
    },
    /// A line `name: value` that fits.
    HeaderLine(Sides, Regex),
    /// A part of a cookie that fits.
    Cookie(CookiePart, Regex),
    /// A fact of this name: its value, or none where there is no value to fit.
    Fact(&'static str, Option<Regex>),
    /// A body that fits.
    Body(Sides, BytesRegex),
    /// A header line or a body of either side that fits; the URL is looked at before.
    Anywhere(Regex, BytesRegex),
}

/// One side or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sides {
    Request,
    Response,
    Both,
}

/// Which part of a cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CookiePart {
    SentName,
    SentValue,
    SetName,
    SetValue,
    SetDomain,
}

impl Sides {
    const fn all(self) -> &'static [Side] {
        match self {
            Self::Request => &[Side::Request],
            Self::Response => &[Side::Response],
            Self::Both => &[Side::Request, Side::Response],
        }
    }

    fn messages(self, exchange: &Exchange) -> impl Iterator<Item = &Message> {
        let sides = self.all().iter();
        sides.filter_map(|side| exchange.message(*side))
    }

    fn headers(self, exchange: &Exchange) -> impl Iterator<Item = &HeaderField> {
        self.messages(exchange).flat_map(|message| &message.headers)
    }

    fn bodies(self, exchange: &Exchange) -> impl Iterator<Item = &Body> {
        let frames = exchange.socket.iter().filter(move |frame| {
            let side = if frame.is_from_client {
                Side::Request
            } else {
                Side::Response
            };
            self.all().contains(&side)
        });
        let bodies = self.messages(exchange);
        let bodies = bodies.filter_map(|message| message.body.as_ref());
        bodies.chain(frames.map(|frame| &frame.body))
    }
}

impl Deep {
    /// True when the entry has what is wanted; `source` is that of its capture.
    pub(super) fn fits(&self, exchange: &Exchange, source: &ByteSource) -> bool {
        match self {
            Self::Header { sides, name, value } => sides.headers(exchange).any(|header| {
                let fits = |wanted: &Option<Regex>, text: &str| {
                    wanted.as_ref().is_none_or(|wanted| wanted.is_match(text))
                };
                fits(name, &header.name) && fits(value, &header.value)
            }),
            Self::HeaderLine(sides, wanted) => has_line(*sides, exchange, wanted),
            Self::Cookie(part, wanted) => {
                let mut parts = cookie_parts(*part, exchange);
                parts.any(|text| wanted.is_match(text))
            }
            Self::Fact(name, wanted) => match (exchange.fact(name), wanted) {
                (Some(value), Some(wanted)) => wanted.is_match(value),
                (found, wanted) => found.is_none() && wanted.is_none(),
            },
            Self::Body(sides, wanted) => has_body(*sides, exchange, source, wanted),
            Self::Anywhere(line, body) => {
                has_line(Sides::Both, exchange, line)
                    || has_body(Sides::Both, exchange, source, body)
            }
        }
    }
}

fn has_line(sides: Sides, exchange: &Exchange, wanted: &Regex) -> bool {
    let mut headers = sides.headers(exchange);
    headers.any(|header| wanted.is_match(&format!("{}: {}", header.name, header.value)))
}

fn has_body(sides: Sides, exchange: &Exchange, source: &ByteSource, wanted: &BytesRegex) -> bool {
    let mut bodies = sides.bodies(exchange);
    bodies.any(|body| {
        let text = body.read(source, MAX_BODY);
        text.is_ok_and(|text| wanted.is_match(&text.bytes))
    })
}

fn cookie_parts(part: CookiePart, exchange: &Exchange) -> impl Iterator<Item = &str> {
    let is_sent = matches!(part, CookiePart::SentName | CookiePart::SentValue);
    let (sides, header) = if is_sent {
        (Sides::Request, "cookie")
    } else {
        (Sides::Response, "set-cookie")
    };
    sides
        .headers(exchange)
        .filter(move |field| field.name.eq_ignore_ascii_case(header))
        .flat_map(|field| field.value.split('\n'))
        .flat_map(move |line| {
            let all = if is_sent { usize::MAX } else { 1 };
            let pairs = line.split(';').take(all);
            let attributes = line.split(';').skip(1);
            let from_pairs = pairs.filter_map(move |pair| part.of_pair(pair));
            from_pairs.chain(attributes.filter_map(move |pair| part.of_attribute(pair)))
        })
}

impl CookiePart {
    fn of_pair(self, pair: &str) -> Option<&str> {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        match self {
            Self::SentName | Self::SetName => Some(name.trim()),
            Self::SentValue | Self::SetValue => Some(value.trim()),
            Self::SetDomain => None,
        }
    }

    fn of_attribute(self, pair: &str) -> Option<&str> {
        let (name, value) = pair.split_once('=')?;
        let is_domain = name.trim().eq_ignore_ascii_case("domain");
        (self == Self::SetDomain && is_domain).then(|| value.trim().trim_start_matches('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, value: &str) -> HeaderField {
        HeaderField {
            name: name.to_owned(),
            value: value.to_owned(),
            span: crate::base::bytes::Span::default(),
        }
    }

    #[test]
    fn cookies_come_apart() {
        let mut exchange = Exchange {
            response: Some(Message::default()),
            ..Exchange::default()
        };
        exchange.request.headers = vec![field("Cookie", "a=1; b=2=3")];
        if let Some(response) = &mut exchange.response {
            let set = "id=x; Domain=.Example.com; Path=/";
            response.headers = vec![field("set-cookie", set), field("Set-Cookie", "flag")];
        }
        for (part, expected) in [
            (CookiePart::SentName, vec!["a", "b"]),
            (CookiePart::SentValue, vec!["1", "2=3"]),
            (CookiePart::SetName, vec!["id", "flag"]),
            (CookiePart::SetValue, vec!["x", ""]),
            (CookiePart::SetDomain, vec!["Example.com"]),
        ] {
            let found: Vec<&str> = cookie_parts(part, &exchange).collect();
            assert_eq!(found, expected, "{part:?}");
        }
    }
}
