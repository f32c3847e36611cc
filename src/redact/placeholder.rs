//! What stands in the place of a removed value: its kind and a number, equal values the same one.

use std::fmt;

/// What kind of value was removed; the word stands in its placeholder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The value of a cookie.
    Cookie,
    /// What follows the scheme in an authorisation header, and headers that are secret as a whole.
    Credential,
    /// Something with the form or under the name of a token.
    Token,
    /// The value of a query parameter.
    Query,
    /// What follows `#` in a URL.
    Fragment,
    /// User name and password in a URL.
    UserInfo,
    /// The value of a form or JSON field.
    Field,
    /// A body, or another content as a whole.
    Content,
    /// The address of a person's machine.
    Address,
    /// A mail address.
    Mail,
    /// A phone number.
    Phone,
    /// The number of a payment card.
    Card,
    /// The value of a header that nobody knows.
    Header,
    /// A part of a path, at the strict level.
    Path,
    /// A title or comment that the capture holds, or the folder of a file.
    Text,
}

impl Kind {
    /// All kinds, in the order of reports.
    pub const ALL: [Self; 15] = [
        Self::Cookie,
        Self::Credential,
        Self::Token,
        Self::Query,
        Self::Fragment,
        Self::UserInfo,
        Self::Field,
        Self::Content,
        Self::Address,
        Self::Mail,
        Self::Phone,
        Self::Card,
        Self::Header,
        Self::Path,
        Self::Text,
    ];

    /// The word in placeholders and counts.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cookie => "cookie",
            Self::Credential => "credential",
            Self::Token => "token",
            Self::Query => "query",
            Self::Fragment => "fragment",
            Self::UserInfo => "user-info",
            Self::Field => "field",
            Self::Content => "content",
            Self::Address => "address",
            Self::Mail => "mail",
            Self::Phone => "phone",
            Self::Card => "card",
            Self::Header => "header",
            Self::Path => "path",
            Self::Text => "text",
        }
    }

    /// True for values that are secrets for certain: the finished bytes are searched for them.
    pub(super) const fn is_secret(self) -> bool {
        matches!(
            self,
            Self::Cookie | Self::Credential | Self::Token | Self::UserInfo
        )
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// `[token #3]`, for text.
pub(super) fn in_text(kind: Kind, number: u32) -> String {
    format!("[{} #{number}]", kind.word())
}

/// `[token-3]`, for the parts of a URL, which stays one URL with it.
pub(super) fn in_url(kind: Kind, number: u32) -> String {
    format!("[{}-{number}]", kind.word())
}

/// `token-3`, for the label of a host.
pub(super) fn in_host(kind: Kind, number: u32) -> String {
    format!("{}-{number}", kind.word())
}

/// True for a text that is a placeholder already, so that redacting twice changes nothing.
pub(super) fn is_placeholder(text: &str) -> bool {
    let Some(inner) = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'))
    else {
        return false;
    };
    inner == Kind::Content.word()
        || Kind::ALL.iter().any(|kind| {
            let number = inner.strip_prefix(kind.word());
            let number =
                number.and_then(|rest| rest.strip_prefix(" #").or_else(|| rest.strip_prefix('-')));
            number.is_some_and(|number| {
                (1..=10).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit())
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_placeholder_is_known_as_one() {
        for kind in Kind::ALL {
            assert!(is_placeholder(&in_text(kind, 7)));
            assert!(is_placeholder(&in_url(kind, 4_000_000_000)));
        }
        for text in [
            "[token]",
            "[token #]",
            "token #3",
            "[token #3",
            "[tokens-3]",
            "[token-3x]",
        ] {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
