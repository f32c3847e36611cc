//! What kind of thing a flow fetched, as the quick filters of browsers name it.

use crate::capture::{Flags, Flow};

/// The kind of a flow, told from the media type of its response and, where that says nothing, from its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A page.
    Document,
    /// What a program asks for: JSON, XML, forms, protocol buffers.
    Data,
    /// Style sheets.
    Style,
    /// Programs.
    Script,
    /// Typefaces.
    Font,
    /// Pictures.
    Image,
    /// Sound, film, and the lists that stream them.
    Media,
    /// An upgraded WebSocket connection.
    WebSocket,
    /// Anything else, and what is not known.
    Other,
}

/// Endings of paths for responses without a media type.
const ENDINGS: &[(&str, Kind)] = &[
    ("html", Kind::Document),
    ("htm", Kind::Document),
    ("json", Kind::Data),
    ("xml", Kind::Data),
    ("css", Kind::Style),
    ("js", Kind::Script),
    ("mjs", Kind::Script),
    ("woff", Kind::Font),
    ("woff2", Kind::Font),
    ("ttf", Kind::Font),
    ("otf", Kind::Font),
    ("png", Kind::Image),
    ("jpg", Kind::Image),
    ("jpeg", Kind::Image),
    ("gif", Kind::Image),
    ("webp", Kind::Image),
    ("avif", Kind::Image),
    ("svg", Kind::Image),
    ("ico", Kind::Image),
    ("mp4", Kind::Media),
    ("webm", Kind::Media),
    ("mp3", Kind::Media),
    ("m3u8", Kind::Media),
    ("mpd", Kind::Media),
    ("ts", Kind::Media),
    ("m4s", Kind::Media),
];

impl Kind {
    /// All kinds in the order in which they are offered.
    pub const ALL: [Self; 9] = [
        Self::Document,
        Self::Data,
        Self::Style,
        Self::Script,
        Self::Font,
        Self::Image,
        Self::Media,
        Self::WebSocket,
        Self::Other,
    ];

    /// The word in filters.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Data => "data",
            Self::Style => "style",
            Self::Script => "script",
            Self::Font => "font",
            Self::Image => "image",
            Self::Media => "media",
            Self::WebSocket => "websocket",
            Self::Other => "other",
        }
    }

    /// The short word on a chip, as browsers have it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Document => "Doc",
            Self::Data => "XHR",
            Self::Style => "CSS",
            Self::Script => "JS",
            Self::Font => "Font",
            Self::Image => "Img",
            Self::Media => "Media",
            Self::WebSocket => "WS",
            Self::Other => "Other",
        }
    }

    /// What it covers, in one sentence.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Document => "Pages",
            Self::Data => "What programs ask for: JSON, XML, forms, protocol buffers",
            Self::Style => "Style sheets",
            Self::Script => "Programs",
            Self::Font => "Typefaces",
            Self::Image => "Pictures",
            Self::Media => "Sound, film, and the lists that stream them",
            Self::WebSocket => "WebSocket connections",
            Self::Other => "Anything else, and what is not known",
        }
    }

    /// The kind of `flow`.
    pub fn of(flow: Flow<'_>) -> Self {
        if flow.row().flags.contains(Flags::WEBSOCKET) {
            return Self::WebSocket;
        }
        let mime = flow.mime();
        if mime.is_empty() {
            Self::of_path(flow.path().unwrap_or_default())
        } else {
            Self::of_mime(mime)
        }
    }

    fn of_mime(mime: &str) -> Self {
        let mime = mime.split(';').next().unwrap_or_default().trim();
        let (family, name) = mime.split_once('/').unwrap_or((mime, ""));
        let is_family = |word: &str| family.eq_ignore_ascii_case(word);
        let has = |word: &str| {
            let bytes = name.as_bytes().windows(word.len());
            bytes
                .into_iter()
                .any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
        };
        match () {
            () if is_family("image") => Self::Image,
            () if is_family("font") || has("font") => Self::Font,
            () if has("javascript") || has("ecmascript") || has("wasm") => Self::Script,
            () if has("css") => Self::Style,
            () if has("html") => Self::Document,
            () if is_family("audio") || is_family("video") || has("mpegurl") || has("dash+") => {
                Self::Media
            }
            () if has("json") || has("xml") || has("protobuf") || has("grpc") => Self::Data,
            () if has("x-www-form-urlencoded") || has("event-stream") || has("graphql") => {
                Self::Data
            }
            () => Self::Other,
        }
    }

    fn of_path(path: &str) -> Self {
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let ending = path.rsplit('/').next().unwrap_or_default().rsplit_once('.');
        let known = ending.and_then(|(_, ending)| {
            let is_it = |(known, _): &&(&str, Self)| ending.eq_ignore_ascii_case(known);
            ENDINGS.iter().find(is_it)
        });
        known.map_or(Self::Other, |(_, kind)| *kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types_and_endings_tell_the_kind() {
        for (mime, expected) in [
            ("text/html; charset=utf-8", Kind::Document),
            ("application/xhtml+xml", Kind::Document),
            ("application/json", Kind::Data),
            ("application/problem+JSON", Kind::Data),
            ("text/css", Kind::Style),
            ("application/javascript", Kind::Script),
            ("image/svg+xml", Kind::Image),
            ("application/x-font-woff", Kind::Font),
            ("application/vnd.apple.mpegurl", Kind::Media),
            ("application/octet-stream", Kind::Other),
        ] {
            assert_eq!(Kind::of_mime(mime), expected, "{mime}");
        }
        for (path, expected) in [
            ("/a/b.PNG?x=.css", Kind::Image),
            ("/", Kind::Other),
            ("/v1.2/list", Kind::Other),
            ("/app.mjs", Kind::Script),
        ] {
            assert_eq!(Kind::of_path(path), expected, "{path}");
        }
    }
}
