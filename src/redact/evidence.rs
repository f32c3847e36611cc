//! Quotes of evidence: each is read as what its family quotes.

use super::{Redactor, placeholder, shapes};
use crate::attribution::{Evidence, Family};

impl Redactor {
    /// The text that a piece of evidence was read from: an address, a name, part of a URL, or a header.
    pub fn quote(&mut self, evidence: &Evidence) -> String {
        let quote = evidence.quote.as_str();
        if self.keeps_secrets() {
            return quote.to_owned();
        }
        if let Some((name, value)) = quote.split_once(": ")
            && is_header_name(name)
        {
            return format!("{name}: {}", self.header(name, value));
        }
        if super::is_url(quote) {
            return self.url(quote);
        }
        match evidence.family {
            Family::Address | Family::Name => self.shown(quote),
            Family::HeaderChain | Family::StorageId | Family::Behaviour => {
                self.evidence_value(quote)
            }
            Family::UrlAuthorisation if quote.contains('=') => match quote.strip_prefix('?') {
                Some(query) => format!("?{}", self.query(query)),
                None => self.query(quote),
            },
            Family::UrlAuthorisation => self.scope(quote),
            Family::Write | Family::ControlPlane => self.url(quote),
        }
    }

    /// Evidence stays as it is, unless somebody put a token of known form or a mail address into it.
    pub(super) fn evidence_value(&mut self, value: &str) -> String {
        if self.is_watching {
            self.watch.allow(value);
        }
        self.replaced(value, shapes::known_forms(value), placeholder::in_text)
    }

    /// The scope of a signature, or the name of a parameter.
    fn scope(&mut self, quote: &str) -> String {
        let has_id = quote
            .split(['/', '%'])
            .next()
            .is_some_and(|first| 16 <= first.len() && shapes::shape(first).is_some());
        if has_id {
            self.credential_scope(quote)
        } else {
            self.replaced(quote, shapes::secrets(quote), placeholder::in_text)
        }
    }
}

fn is_header_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b':'))
}
