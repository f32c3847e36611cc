//! What readers make of an output: a browser, a spreadsheet, a renderer of Markdown, a terminal.

use std::cell::RefCell;
use std::collections::BTreeSet;

use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use pulldown_cmark::{Event, Options, Parser, Tag as Block, TagEnd};

use crate::payloads::FORMAT_CHARACTERS;

const ELEMENTS: &str = "html head meta title style body main header h1 h2 h3 h4 p section article aside figure figcaption svg defs pattern \
    rect path text line circle g tspan desc polyline polygon clippath symbol div table caption thead tbody tfoot tr th td colgroup col dl dt dd \
    br hr wbr span b i a details summary ul ol li footer nav time dfn abbr code pre small strong em mark progress meter sup sub";

const ATTRIBUTES: &str = "lang dir charset http-equiv content name class id scope href title viewbox role aria-labelledby aria-hidden aria-label \
    aria-describedby width height patternunits patterntransform fill fill-opacity fill-rule stroke stroke-width stroke-dasharray stroke-linecap \
    stroke-linejoin opacity d x y x1 x2 y1 y2 cx cy r rx ry dx dy points transform text-anchor dominant-baseline font-size font-weight \
    preserveaspectratio datetime colspan rowspan span headers open value max min low high optimum start reversed type tabindex xmlns \
    clip-path vector-effect focusable";

#[derive(Default)]
struct Tokens {
    tags: RefCell<Vec<Tag>>,
    others: RefCell<Vec<String>>,
}

impl TokenSink for Tokens {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => {
                self.tags.borrow_mut().push(tag);
            }
            Token::CommentToken(text) => self.others.borrow_mut().push(format!("comment {text}")),
            Token::NullCharacterToken => self.others.borrow_mut().push("NUL".to_owned()),
            Token::ParseError(error) => self.others.borrow_mut().push(format!("error {error}")),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

/// What is wrong with a page: elements and attributes that may run or load something, and what no parser should meet.
pub(crate) fn html_faults(html: &str) -> Vec<String> {
    let tokenizer = Tokenizer::new(Tokens::default(), TokenizerOpts::default());
    let queue = BufferQueue::default();
    queue.push_back(html.into());
    while !queue.is_empty() {
        drop(tokenizer.feed(&queue));
    }
    tokenizer.end();
    let elements: BTreeSet<&str> = ELEMENTS.split_whitespace().collect();
    let attributes: BTreeSet<&str> = ATTRIBUTES.split_whitespace().collect();
    let mut faults = tokenizer.sink.others.take();
    let tags = tokenizer.sink.tags.take();
    for tag in &tags {
        let element = tag.name.to_ascii_lowercase();
        let element = &*element;
        if !elements.contains(element) {
            faults.push(format!("<{element}>"));
        }
        if tag.had_duplicate_attributes {
            faults.push(format!("<{element}> with an attribute twice"));
        }
        for attribute in &tag.attrs {
            let (name, value) = (attribute.name.local.to_ascii_lowercase(), &*attribute.value);
            let is_plain =
                |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ' ' | '.');
            let is_fine = match &*name {
                "href" => value.starts_with('#') && element == "a",
                "id" | "class" => value.chars().all(is_plain),
                "http-equiv" => value.eq_ignore_ascii_case("content-security-policy"),
                "name" => element == "meta" || element == "details",
                "type" => matches!(element, "ol" | "ul"),
                "fill" | "clip-path" => !value.contains("url(") || value.starts_with("url(#"),
                _ => attributes.contains(&*name),
            };
            if !is_fine {
                faults.push(format!("{name}={value:?} of <{element}>"));
            }
        }
    }
    for (element, most) in [
        ("html", 1),
        ("head", 1),
        ("body", 1),
        ("style", 1),
        ("main", 1),
    ] {
        let n = tags.iter().filter(|tag| &*tag.name == element).count();
        if most < n {
            faults.push(format!("{n} times <{element}>"));
        }
    }
    faults.extend(unsafe_characters(html, &['\n', '\t', '\r']));
    faults
}

/// What a reader of comma-separated values would take for a formula, and what two readers disagree about.
/// What is wrong with a table; `n_rows` is how many it must have, where that is known.
pub(crate) fn csv_faults(text: &str, n_rows: Option<usize>, numbers: &[&str]) -> Vec<String> {
    let mut faults = unsafe_characters(text, &['\n', '\t', '\r']);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut rows: Vec<Vec<String>> = Vec::new();
    for record in reader.records() {
        match record {
            Ok(record) => rows.push(record.iter().map(str::to_owned).collect()),
            Err(error) => faults.push(error.to_string()),
        }
    }
    if rows != read_csv(text) {
        faults.push("two readers read different cells".to_owned());
    }
    if let Some(n_rows) = n_rows.filter(|n_rows| rows.len() != n_rows + 1) {
        faults.push(format!("{} rows instead of {n_rows}", rows.len()));
    }
    let header = rows.first().cloned().unwrap_or_default();
    for row in rows.iter().skip(1) {
        for (cell, column) in row.iter().zip(&header) {
            let is_number = numbers.contains(&column.as_str()) && cell.parse::<f64>().is_ok();
            if !is_number && is_formula(cell) {
                faults.push(format!("{column}: {cell:?}"));
            }
        }
    }
    faults
}

fn is_formula(cell: &str) -> bool {
    let skipped =
        |c: char| c.is_whitespace() || c.is_control() || c == '"' || is_format_character(c);
    let first = cell.trim_start_matches(skipped).chars().next();
    first.is_some_and(|c| "=+-@\u{ff1d}\u{ff0b}\u{ff0d}\u{ff20}".contains(c))
        || cell.starts_with(['\t', '\r', '\n'])
}

/// A second reader, by RFC 4180 alone.
fn read_csv(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let mut is_quoted = false;
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        match sign {
            '"' if is_quoted && signs.peek() == Some(&'"') => {
                signs.next();
                cell.push('"');
            }
            '"' if is_quoted => is_quoted = false,
            '"' if cell.is_empty() => is_quoted = true,
            ',' if !is_quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !is_quoted && signs.peek() == Some(&'\n') => {}
            '\n' if !is_quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            sign => cell.push(sign),
        }
    }
    if !(cell.is_empty() && row.is_empty()) {
        row.push(cell);
        rows.push(row);
    }
    rows
}

/// What would be live when the document is rendered, in a plain renderer or in one that links whatever looks like a URL.
pub(crate) fn markdown_faults(text: &str) -> Vec<String> {
    let mut faults = unsafe_characters(text, &['\n']);
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_MATH
        | Options::ENABLE_GFM
        | Options::ENABLE_HEADING_ATTRIBUTES;
    let mut in_code = 0;
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        match event {
            Event::Html(html) | Event::InlineHtml(html) => faults.push(format!("HTML {html:?}")),
            Event::Start(Block::HtmlBlock) => faults.push("a block of HTML".to_owned()),
            Event::Start(Block::Link { dest_url, .. } | Block::Image { dest_url, .. }) => {
                faults.push(format!("a link to {dest_url:?}"));
            }
            Event::FootnoteReference(name) => faults.push(format!("a footnote {name:?}")),
            Event::Start(Block::FootnoteDefinition(name)) => {
                faults.push(format!("a footnote {name:?}"));
            }
            Event::InlineMath(math) | Event::DisplayMath(math) => {
                faults.push(format!("mathematics {math:?}"));
            }
            Event::TaskListMarker(_) => faults.push("a box to tick".to_owned()),
            Event::Start(Block::CodeBlock(_)) => in_code += 1,
            Event::End(TagEnd::CodeBlock) => in_code -= 1,
            Event::Text(shown) if in_code == 0 => {
                faults.extend(autolink(&text[range], &shown));
            }
            _ => {}
        }
    }
    faults
}

/// What a renderer links by itself: URLs as they are written, and mail addresses and names as they are shown.
fn autolink(written: &str, shown: &str) -> Option<String> {
    let written = written.to_ascii_lowercase();
    let url = ["http://", "https://", "ftp://", "www.", "mailto:", "xmpp:"]
        .iter()
        .find(|begin| written.contains(**begin));
    if let Some(url) = url {
        return Some(format!("{url} in {written:?}"));
    }
    let at = shown.find('@')?;
    let behind = shown[at + 1..].chars().next();
    behind
        .is_some_and(|c| c.is_ascii_alphanumeric())
        .then(|| format!("@ in {shown:?}"))
}

fn is_format_character(c: char) -> bool {
    let code = c as u32;
    FORMAT_CHARACTERS
        .iter()
        .any(|(first, last)| (*first..=*last).contains(&code))
}

/// Control and format characters other than those in `kept`.
pub(crate) fn unsafe_characters(text: &str, kept: &[char]) -> Vec<String> {
    let mut found: Vec<String> = text
        .char_indices()
        .filter(|(_, c)| (c.is_control() || is_format_character(*c)) && !kept.contains(c))
        .map(|(at, c)| {
            let before: String = text[..at].chars().rev().take(30).collect();
            let before: String = before.chars().rev().collect();
            format!("U+{:04X} behind {before:?}", c as u32)
        })
        .collect();
    found.truncate(20);
    found
}

/// Only control characters: JSON may hold the others, which every reader of JSON expects.
pub(crate) fn control_characters(text: &str) -> Vec<String> {
    let mut found = unsafe_characters(text, &['\n']);
    found.retain(|fault| {
        let code = fault.strip_prefix("U+").and_then(|rest| rest.get(..4));
        let code = code.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        code.is_some_and(|code| code < 0xa0)
    });
    found
}

#[test]
fn the_readers_find_what_is_live() {
    for html in [
        "<script>",
        "<a href='//x'>",
        "<p onclick=x>",
        "<p style=x>",
        "<!-- x -->",
        "<img src=x>",
        "<p id='a\"b'>",
    ] {
        assert!(!html_faults(html).is_empty(), "{html}");
    }
    assert!(html_faults("<!DOCTYPE html><p class=\"a b\">x &#60;script&#62;</p>").is_empty());
    for cell in ["=1", " =1", "\"\u{3000}@x\"", "\u{ff1d}1", "\"\n=1\""] {
        assert!(
            !csv_faults(&format!("a\n{cell}\n"), Some(1), &[]).is_empty(),
            "{cell}"
        );
    }
    assert!(
        csv_faults(
            "a,n\r\n'=1,-1\r\n\"x, \"\"y\"\"\r\nz\",2\r\n",
            Some(2),
            &["n"]
        )
        .is_empty()
    );
    for text in [
        "[x](y)",
        "![x](y)",
        "<b>",
        "<http://a.example>",
        "see http://a.example",
        "www.a.example",
        "jo@a.example",
        "[^1]\n\n[^1]: x",
        "$x$",
    ] {
        assert!(!markdown_faults(text).is_empty(), "{text}");
    }
    assert!(
        markdown_faults("| a |\n|---|\n| `http://a.example` \\[x\\](y) &lt;b&gt; |\n").is_empty()
    );
    assert_eq!(
        unsafe_characters("a\u{9b}\u{ad}\u{e0041}\n", &['\n']).len(),
        3
    );
}
