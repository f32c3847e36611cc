//! The filter language: words, `key:value`, comparisons, `/regex/`, `-negation`, `or`, parentheses.
//!
//! ```text
//! query := and (("|" | "or") and)*
//! and   := unary (["&" | "and"] unary)*
//! unary := ("-" | "!" | "not") unary | "(" query ")" | key op value | "header[" name "]" op value
//!        | "contains(" (text | "quoted text") ")" | "/" regex "/" | "~" sign [word] | word | "quoted word"
//! op    := ":" | "=" | "!=" | ">=" | "<=" | ">" | "<" | "*=" | "^=" | "$=" | "~="
//! ```
//!
//! A bare word is looked for in the URL. Case never matters. In quotes, `\"` stands for a quote. Signs such as `~d` are those
//! of mitmproxy.

mod deep;
mod keys;
mod parse;
mod related;
mod term;
mod value;

use std::cell::OnceCell;
use std::fmt;
use std::ops::Range;

use crate::base::jobs::Cancel;
use crate::capture::{Exchange, Flow, FlowId};
use crate::document::Document;

use deep::Deep;
pub use keys::{KEYS, KINDS};
pub(super) use related::{Findable, buckets, owners, roles};
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
        parse::parse(text).map(|node| Self(node.cheapest_first()))
    }

    /// The same filter with everything looked up that it asks about `document` as a whole; `None` when cancelled.
    ///
    /// Terms about relations keep nothing before. For worker threads.
    pub fn prepared(mut self, document: &Document, cancel: &Cancel) -> Option<Self> {
        self.0.prepare(document, cancel)?;
        Some(self)
    }

    /// True when `flow` passes. Reads files when [`Filter::reads_files`].
    pub fn keeps(&self, document: &Document, id: FlowId, flow: Flow<'_>) -> bool {
        self.0.keeps(&Subject {
            document,
            id,
            flow,
            exchange: OnceCell::new(),
        })
    }

    /// True when some flows can only be judged by reading their entries again.
    pub fn reads_files(&self) -> bool {
        self.0.cost() == 2
    }
}

/// The flow that is asked about, with its entry as soon as one term had to read it.
struct Subject<'a> {
    document: &'a Document,
    id: FlowId,
    flow: Flow<'a>,
    exchange: OnceCell<Option<Exchange>>,
}

impl Subject<'_> {
    fn fits(&self, deep: &Deep) -> bool {
        let flow = self.flow;
        let read = || flow.capture().exchange(flow.idx()).ok();
        let exchange = self.exchange.get_or_init(read).as_ref();
        exchange.is_some_and(|exchange| deep.fits(exchange, flow.capture().source()))
    }
}

impl Node {
    fn keeps(&self, subject: &Subject<'_>) -> bool {
        match self {
            Self::All(nodes) => nodes.iter().all(|node| node.keeps(subject)),
            Self::Any(nodes) => nodes.iter().any(|node| node.keeps(subject)),
            Self::Not(node) => !node.keeps(subject),
            Self::Term(term) => term.keeps(subject),
        }
    }

    fn prepare(&mut self, document: &Document, cancel: &Cancel) -> Option<()> {
        match self {
            Self::All(nodes) | Self::Any(nodes) => nodes
                .iter_mut()
                .try_for_each(|node| node.prepare(document, cancel)),
            Self::Not(node) => node.prepare(document, cancel),
            Self::Term(term) => term.prepare(document, cancel),
        }
    }

    /// How dear its dearest term is.
    fn cost(&self) -> u8 {
        match self {
            Self::All(nodes) | Self::Any(nodes) => nodes.iter().map(Self::cost).max().unwrap_or(0),
            Self::Not(node) => node.cost(),
            Self::Term(term) => term.cost(),
        }
    }

    /// The same question with what is cheap to ask first.
    fn cheapest_first(mut self) -> Self {
        if let Self::All(nodes) | Self::Any(nodes) = &mut self {
            let sorted = std::mem::take(nodes).into_iter().map(Self::cheapest_first);
            *nodes = sorted.collect();
            nodes.sort_by_key(Self::cost);
        }
        self
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
    fn terms_of_other_tools_are_understood() {
        check("~d a.example", &[1, 3]);
        check("!~d nota", &[1, 2, 4]);
        check("~m put | ~c 404", &[2, 3]);
        check("~u \"q=\" & ~s", &[3]);
        check("~q", &[4]);
        check("~a", &[1]);
        check("resource-type:png", &[1]);
        check("is:unanswered or status-code:201", &[2, 4]);
        check("kind:image", &[1]);
        check("query:track", &[3]);
        check("contains(logo)", &[1]);
    }

    #[test]
    fn quotes_let_a_value_hold_parentheses() {
        check("contains(\"logo\")", &[1]);
        check("contains( \"logo\" ) method:get", &[1]);
        check("contains(\"a) or status:404 or (b\")", &[]);
        check("(contains(\"lo)go\") or method:put)", &[2]);
        check("-contains(\"x)\") status:404", &[3]);
        check("contains(\"\\\")\") or method:put", &[2]);
        // A quote that is never closed ends with the parenthesis; one further on is a character like any other.
        check("contains(\"logo) or method:put", &[1, 2]);
        check("contains(5\") or method:put", &[2]);
    }

    #[test]
    fn what_is_cheap_is_asked_first() {
        let filter =
            Filter::parse("body:x (evidence:address | host:a) method:get").expect("a filter");
        assert!(filter.reads_files());
        let Node::All(nodes) = &filter.0 else {
            panic!("all of them");
        };
        let costs: Vec<u8> = nodes.iter().map(Node::cost).collect();
        assert_eq!(costs, [0, 1, 2]);
        assert!(
            !Filter::parse("a or evidence:name")
                .expect("a filter")
                .reads_files()
        );
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
            ("a ~zz", 2, "`~zz` has no meaning here"),
            ("~d", 0, "expected a word behind `~d`"),
            ("a ~d [", 5, "this is not a regular expression"),
            ("ip:10.0.0.0/99", 3, "expected addresses such as 10.0.0.0/8"),
            ("kind:foo", 5, "expected one of document"),
            ("color:pink", 6, "expected one of red"),
            ("cache:warm", 6, "expected one of hit"),
            ("header[]=x", 0, "expected the name of a header"),
            ("header[a]=", 10, "expected a value behind `=`"),
            ("header[a]x", 9, "expected an operator"),
            ("contains()", 0, "expected a text"),
            ("a body~=(", 8, "this is not a regular expression"),
        ] {
            let error = Filter::parse(text).expect_err(text);
            assert_eq!(error.at.start, start, "{text}: {error}");
            assert!(error.message.starts_with(message), "{text}: {error}");
        }
    }
}
