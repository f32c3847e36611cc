//! Hosts: they are evidence and stay, but for labels that are a token from beginning to end.

use std::net::IpAddr;
use std::ops::Range;

use super::placeholder::in_host;
use super::random::{is_random, is_strange, is_uuid};
use super::{Kind, Redactor, shapes};

/// Shortest label that can be a token, in bytes: the ids of distributions, buckets and apps are shorter.
const MIN_TOKEN: usize = 32;

impl Redactor {
    /// Text that is shown on purpose, such as a host, the address of a server, a method or a file name: loses only labels
    /// that are a token as a whole.
    pub fn shown(&mut self, text: &str) -> String {
        let is_type = |text: &str| {
            text.len() <= 40
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'/' | b'+'))
        };
        if self.keeps_secrets() || text.len() < 7 || is_type(text) && !is_strange(text) {
            return text.to_owned();
        }
        if let Some(address) = self.address(text) {
            return address.replace(['[', ']', '#'], "").replace(' ', "-");
        }
        // What has no dot may be no host at all: programs write into such fields whatever they like.
        if !text.contains('.') && text.trim_matches(['[', ']']).parse::<IpAddr>().is_err() {
            return self.plain_text(text);
        }
        if text.len() < MIN_TOKEN {
            return text.to_owned();
        }
        let tokens: Vec<_> = shapes::runs(text, |c| c != '.' && c != ':' && c != ' ')
            .filter(|label| is_token(&text[label.clone()]))
            .map(|label: Range<usize>| (label, Kind::Token))
            .collect();
        self.replaced(text, tokens, in_host)
    }
}

/// True for a label that is one token from beginning to end; ids of services often stand in it with words.
fn is_token(label: &str) -> bool {
    if label.len() < MIN_TOKEN {
        return false;
    }
    let is_hex = label.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_whole = !label.contains(['-', '_']);
    is_hex || is_uuid(label) == Some(0..label.len()) || is_whole && is_random(label)
}
