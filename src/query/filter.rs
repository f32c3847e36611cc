//! The filter language: words, `key:value`, comparisons, `/regex/`, `-negation`, `or`, parentheses.
//!
//! ```text
//! query := and (("|" | "or") and)*
//! and   := unary (["&" | "and"] unary)*
//! unary := ("-" | "!" | "not") unary | "(" query ")" | key op value | "/" regex "/" | word | "quoted word"
//! op    := ":" | "=" | "!=" | ">=" | "<=" | ">" | "<" | "*=" | "^=" | "$=" | "~="
//! ```
//!
//! A bare word is looked for in the URL. Case never matters.

mod parse;
mod term;

use std::fmt;
use std::ops::Range;

use crate::capture::{Flow, FlowId};
use crate::document::Document;

pub use term::KEYS;
use term::Term;

/// A filter that can be asked about flows.
#[derive(Clone, Debug)]
pub struct Filter(Node);

#[derive(Clone, Debug)]
enum Node {
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    Term(Box<Term>),
}

/// Why a filter cannot be understood, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct FilterError {
    /// The bytes of the filter that are wrong.
    pub at: Range<usize>,
    /// What was expected; lower case, no full stop.
    pub message: String,
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at character {})", self.message, self.at.start + 1)
    }
}

impl Filter {
    /// Understands `text`; an empty one keeps everything.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        parse::parse(text).map(Self)
    }

    /// True when `flow` passes.
    pub fn keeps(&self, document: &Document, id: FlowId, flow: Flow<'_>) -> bool {
        self.0.keeps(document, id, flow)
    }
}

impl Node {
    fn keeps(&self, document: &Document, id: FlowId, flow: Flow<'_>) -> bool {
        match self {
            Self::All(nodes) => nodes.iter().all(|node| node.keeps(document, id, flow)),
            Self::Any(nodes) => nodes.iter().any(|node| node.keeps(document, id, flow)),
            Self::Not(node) => !node.keeps(document, id, flow),
            Self::Term(term) => term.keeps(document, id, flow),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribution::Attribution;
    use crate::base::bytes::ByteSource;
    use crate::base::jobs::Pending;
    use crate::capture::{Batch, CaptureBuilder, Carries, Exchange, FileInfo, FlowRecord};

    /// Four flows: 1 GET a.example/logo.png 200, 2 PUT data.b.example/x 201, 3 GET nota.example/?q=Tracker 404, 4 CONNECT.
    fn document() -> Document {
        let mut batch = Batch::default();
        for (method, url, status, bytes) in [
            ("GET", "https://www.a.example/logo.png", 200, 5_000),
            ("PUT", "https://data.b.example/x", 201, 50_000),
            ("GET", "http://nota.example/?q=Tracker", 404, 300),
            ("CONNECT", "c.example:443", 0, 0),
        ] {
            batch.push(&FlowRecord {
                method: method.into(),
                url: url.into(),
                status: Some(status),
                bytes_received: Some(bytes),
                mime: if url.ends_with("png") {
                    "image/png".into()
                } else {
                    "".into()
                },
                ..FlowRecord::default()
            });
        }
        let info = FileInfo {
            path: "t.har".into(),
            name: "t.har".to_owned(),
            format: "har",
            producer: String::new(),
            bytes: 0,
            sha256: Pending::default(),
            carries: Carries::default(),
        };
        let mut builder = CaptureBuilder::new(info, ByteSource::from_bytes(Vec::new()), |_| {
            Ok(Exchange::default())
        });
        builder.append(batch);
        let mut document = Document::new("me");
        document.push(builder.finish(), Attribution::default());
        let label = crate::annotations::Change::Label(Some(crate::annotations::Label::Cdn));
        document.edit(&[FlowId(0)], &label);
        document
    }

    fn check(text: &str, expected: &[u32]) {
        let document = document();
        let filter = Filter::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let kept: Vec<u32> = document
            .flows()
            .filter(|(id, flow)| filter.keeps(&document, *id, *flow))
            .map(|(id, _)| id.n())
            .collect();
        assert_eq!(kept, expected, "{text}");
    }

    #[test]
    fn words_look_in_the_url_in_any_case() {
        check("", &[1, 2, 3, 4]);
        check("tracker", &[3]);
        check("example logo", &[1]);
        check("\"q=track\"", &[3]);
        check("/lo[gq]o/", &[1]);
        check("lo*png", &[1]);
    }

    #[test]
    fn hosts_match_at_label_boundaries() {
        check("host:a.example", &[1]);
        check("domain:*.example", &[1, 2, 3, 4]);
        check("host=a.example", &[]);
        check("host=www.a.example", &[1]);
        check("host*=a.ex", &[1, 3]);
    }

    #[test]
    fn numbers_compare() {
        check("status:404", &[3]);
        check("status:2xx", &[1, 2]);
        check("status>=400", &[3]);
        check("status:>=400", &[3]);
        check("status:200-299", &[1, 2]);
        check("larger-than:10k", &[2]);
        check("size<1k", &[3, 4]);
    }

    #[test]
    fn labels_distinguish_not_reviewed_from_unknown() {
        check("label:cdn", &[1]);
        check("label:none", &[2, 3, 4]);
        check("label:unknown", &[]);
        check("is:annotated", &[1]);
    }

    #[test]
    fn logic_combines() {
        check("method:get -status:404", &[1]);
        check("method:put or status:404", &[2, 3]);
        check("!(method:get | method:put)", &[4]);
        check("not method:get and not method:put", &[4]);
        check("type:image", &[1]);
        check("role:unknown provider:none is:error", &[3]);
    }

    #[test]
    fn mistakes_are_named_with_their_place() {
        for (text, start, message) in [
            (
                "status:abc",
                7,
                "expected a number, a range such as 200-299, or a class such as 4xx",
            ),
            ("a colur:red", 2, "there is no key `colur`"),
            ("(a", 0, "this parenthesis is never closed"),
            ("a )", 2, "nothing was opened here"),
            ("/a(/", 0, "this is not a regular expression"),
            ("is:foo", 3, "expected one of"),
            ("host:", 0, "expected a value behind `host:`"),
            ("-", 0, "expected something to exclude"),
        ] {
            let error = Filter::parse(text).expect_err(text);
            assert_eq!(error.at.start, start, "{text}: {error}");
            assert!(error.message.starts_with(message), "{text}: {error}");
        }
    }
}
