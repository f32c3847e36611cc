//! From text to a tree of terms: a tokenizer that remembers places, and a recursive-descent parser.

use std::ops::Range;

use super::keys::{Sign, sign};
use super::term::Term;
use super::{FilterError, Node};

/// Deepest nesting of parentheses and negations.
const MAX_DEPTH: usize = 64;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Open,
    Close,
    Or,
    And,
    Not,
    Word,
}

#[derive(Clone, Debug)]
struct Token {
    kind: Kind,
    at: Range<usize>,
}

/// Understands `text`.
pub(super) fn parse(text: &str) -> Result<Node, FilterError> {
    let mut parser = Parser {
        text,
        tokens: tokens(text),
        next: 0,
    };
    let node = parser.any(0)?;
    match parser.peek() {
        None => Ok(node),
        Some(token) => Err(FilterError {
            at: token.at.clone(),
            message: "nothing was opened here that this parenthesis could close".to_owned(),
        }),
    }
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let single = match c {
            '(' => Some(Kind::Open),
            ')' => Some(Kind::Close),
            '|' => Some(Kind::Or),
            '&' => Some(Kind::And),
            '-' | '!' => Some(Kind::Not),
            _ => None,
        };
        let len = match (&single, c.is_whitespace()) {
            (Some(_), _) | (None, true) => c.len_utf8(),
            (None, false) => word_len(&text[at..]),
        };
        let range = at..at + len;
        at += len;
        match single {
            Some(kind) => tokens.push(Token { kind, at: range }),
            None if c.is_whitespace() => {}
            None => {
                let kind = match text[range.clone()].to_ascii_lowercase().as_str() {
                    "or" => Kind::Or,
                    "and" => Kind::And,
                    "not" => Kind::Not,
                    _ => Kind::Word,
                };
                tokens.push(Token { kind, at: range });
            }
        }
    }
    tokens
}

/// Length of the term at the start of `text`: up to white space or a parenthesis outside quotes and `/…/`.
fn word_len(text: &str) -> usize {
    if text.starts_with('/')
        && let Some(len) = regex_len(text)
    {
        return len;
    }
    if let Some(rest) = text.strip_prefix("contains(") {
        let value_at = text.len() - rest.len();
        let from = value_at + quoted_len(rest).unwrap_or(0);
        return text[from..]
            .find(')')
            .map_or(text.len(), |at| from + at + 1);
    }
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' if quoted && text[..at].ends_with('\\') => {}
            '"' => quoted = !quoted,
            _ if quoted => {}
            ')' | '|' => return at,
            _ if c.is_whitespace() => return at,
            _ => {}
        }
    }
    text.len()
}

/// Length of the quoted value at the start of `text`, with the white space before it; `None` without a closing quote.
fn quoted_len(text: &str) -> Option<usize> {
    let rest = text.trim_start().strip_prefix('"')?;
    let mut quotes = rest.match_indices('"');
    let (at, _) = quotes.find(|(at, _)| !rest[..*at].ends_with('\\'))?;
    Some(text.len() - rest.len() + at + 1)
}

/// A regular expression reaches to a `/` that ends the term; otherwise the slash belongs to a path.
fn regex_len(text: &str) -> Option<usize> {
    text.char_indices()
        .skip(1)
        .filter(|(at, c)| *c == '/' && !text[..*at].ends_with('\\'))
        .find_map(|(at, _)| {
            let rest = &text[at + 1..];
            let ends = rest.is_empty() || rest.starts_with(|c: char| c.is_whitespace() || c == ')');
            (1 < at && ends).then_some(at + 1)
        })
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    next: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next)
    }

    fn take(&mut self, kind: &Kind) -> Option<Token> {
        let token = self.peek().filter(|token| token.kind == *kind)?.clone();
        self.next += 1;
        Some(token)
    }

    fn any(&mut self, depth: usize) -> Result<Node, FilterError> {
        let mut nodes = vec![self.all(depth)?];
        while self.take(&Kind::Or).is_some() {
            nodes.push(self.all(depth)?);
        }
        Ok(if nodes.len() == 1 {
            nodes.remove(0)
        } else {
            Node::Any(nodes)
        })
    }

    fn all(&mut self, depth: usize) -> Result<Node, FilterError> {
        let mut nodes = Vec::new();
        loop {
            let joined = !nodes.is_empty() && self.take(&Kind::And).is_some();
            match self.peek().map(|token| &token.kind) {
                Some(Kind::Word | Kind::Not | Kind::Open) => nodes.push(self.unary(depth)?),
                _ if joined => return Err(self.expected("expected a term behind `and`")),
                _ if nodes.is_empty() && !self.tokens.is_empty() => {
                    return Err(self.expected("expected a term here"));
                }
                _ => return Ok(Node::All(nodes)),
            }
        }
    }

    fn unary(&mut self, depth: usize) -> Result<Node, FilterError> {
        if MAX_DEPTH < depth {
            return Err(self.expected("the filter is nested too deeply"));
        }
        if let Some(not) = self.take(&Kind::Not) {
            let is_term = matches!(
                self.peek().map(|token| &token.kind),
                Some(Kind::Word | Kind::Not | Kind::Open)
            );
            if !is_term {
                return Err(FilterError {
                    at: not.at,
                    message: "expected something to exclude".to_owned(),
                });
            }
            return Ok(Node::Not(Box::new(self.unary(depth + 1)?)));
        }
        if let Some(open) = self.take(&Kind::Open) {
            let node = self.any(depth + 1)?;
            return match self.take(&Kind::Close) {
                Some(_) => Ok(node),
                None => Err(FilterError {
                    at: open.at,
                    message: "this parenthesis is never closed".to_owned(),
                }),
            };
        }
        let token = self.tokens[self.next].clone();
        self.next += 1;
        if self.text[token.at.clone()].starts_with('~') {
            return self.signed(&token);
        }
        Term::parse(&self.text[token.at.clone()], token.at.start)
            .map(|term| Node::Term(Box::new(term)))
    }

    /// A sign of mitmproxy, with the word behind it when it wants one.
    fn signed(&mut self, token: &Token) -> Result<Node, FilterError> {
        let written = &self.text[token.at.clone()];
        let wrong = |message: String| FilterError {
            at: token.at.clone(),
            message,
        };
        let term = match sign(written) {
            None => return Err(wrong(format!("`{written}` has no meaning here"))),
            Some(Sign::Alone(term)) => Term::parse(term, 0),
            Some(Sign::Before(key)) => {
                let Some(word) = self.take(&Kind::Word) else {
                    return Err(wrong(format!("expected a word behind `{written}`")));
                };
                let word_text = &self.text[word.at.clone()];
                // A mistake in the word is shown where the word is.
                Term::parse(&format!("{key}{word_text}"), 0).map_err(|error| FilterError {
                    at: word.at,
                    ..error
                })
            }
        };
        term.map(|term| Node::Term(Box::new(term)))
    }

    fn expected(&self, message: &str) -> FilterError {
        let end = self.text.len();
        let at = self.peek().map_or(end..end, |token| token.at.clone());
        FilterError {
            at,
            message: message.to_owned(),
        }
    }
}
