//! A `logformat` line of `squid.conf`, made into a pattern that finds the values in a line.
//!
//! Text between the codes stands as it is; how a value is protected against its surroundings depends on its code, on the
//! sign behind the `%`, and on whether it stands in quotes or brackets.

use regex::{Regex, RegexBuilder};

use super::codes::{CODES, What};

/// Largest pattern; a layout that needs more is nothing that Squid could be told.
const MAX_PATTERN_BYTES: usize = 1 << 22;

/// Longest line that is read; Squid's own are ten times shorter.
const MAX_LINE_BYTES: usize = 1 << 14;

/// How a value is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Raw,
    Quoted,
    /// `%xx` for everything odd, `\r\n` between headers.
    Mime,
    Url,
    Shell,
}

/// One `%` code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) what: What,
    pub(super) encoding: Encoding,
    /// What stands in braces: the name of a header, or the form of a date.
    pub(super) argument: String,
    /// Longest value; longer ones are cut.
    most: Option<usize>,
    is_padded: bool,
    is_left: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Field(Field),
}

/// A layout as a user gave it.
#[derive(Clone, Debug)]
pub(super) struct Logformat {
    pub(super) fields: Vec<Field>,
    /// One for each [`Trust`].
    patterns: [Regex; 3],
}

/// What of a line can be relied on, from much to little.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Trust {
    /// Values are protected as the layout says.
    Escapes,
    /// Quotes are not escaped, as in old versions, but URLs hold no blanks.
    Blanks,
    /// Only the text between the values.
    Separators,
}

impl Logformat {
    /// Reads a whole `logformat name …` line, or only what follows the name. `Err` says what is wrong with it.
    pub(super) fn parse(line: &str) -> Result<Self, &'static str> {
        if MAX_LINE_BYTES < line.len() {
            return Err("the logformat line is too long");
        }
        let pieces = pieces(specification(line));
        let fields: Vec<Field> = pieces.iter().filter_map(Piece::field).cloned().collect();
        let has = |wanted: &[What]| fields.iter().any(|field| wanted.contains(&field.what));
        if fields.is_empty() {
            return Err("a logformat line has codes such as %ts and %ru");
        }
        if !has(&[What::Url, What::Domain, What::Path]) {
            return Err("the logformat line has no code for the URL, such as %ru");
        }
        let pattern = |trust| {
            let pattern: String = pieces.iter().map(|piece| piece.pattern(trust)).collect();
            RegexBuilder::new(&format!("^{pattern} *$"))
                .size_limit(MAX_PATTERN_BYTES)
                .build()
                .or(Err("the logformat line is too long"))
        };
        Ok(Self {
            patterns: [
                pattern(Trust::Escapes)?,
                pattern(Trust::Blanks)?,
                pattern(Trust::Separators)?,
            ],
            fields,
        })
    }

    /// True when not just any line fits.
    pub(super) fn is_telling(&self) -> bool {
        let is_telling = |field: &Field| {
            field.is_number() || matches!(field.what, What::Date | What::Result | What::Hierarchy)
        };
        self.fields.iter().any(is_telling)
    }

    /// The values of a line, one for each field; `None` when it has another layout.
    pub(super) fn values<'a>(&self, line: &'a str) -> Option<Vec<&'a str>> {
        let found = self
            .patterns
            .iter()
            .find_map(|pattern| pattern.captures(line))?;
        let values = found.iter().skip(1);
        Some(
            values
                .map(|value| value.map_or("", |value| value.as_str()))
                .collect(),
        )
    }
}

/// What follows the name in a configuration line; the text of a layout that Squid knows by name.
fn specification(line: &str) -> &str {
    let line = line.trim();
    let behind_keyword = line
        .strip_prefix("logformat")
        .filter(|rest| rest.starts_with([' ', '\t']));
    let line = match behind_keyword {
        Some(rest) => {
            let rest = rest.trim_start();
            rest.split_once([' ', '\t'])
                .map_or(rest, |(_name, rest)| rest.trim_start())
        }
        None => line,
    };
    match line {
        "squid" => "%ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt",
        "common" => "%>a %[ui %[un [%tl] \"%rm %ru HTTP/%rv\" %>Hs %<st %Ss:%Sh",
        "combined" => {
            "%>a %[ui %[un [%tl] \"%rm %ru HTTP/%rv\" %>Hs %<st \"%{Referer}>h\" \"%{User-Agent}>h\" %Ss:%Sh"
        }
        "referrer" => "%ts.%03tu %>a %{Referer}>h %ru",
        _ => line,
    }
}

/// Splits a layout; quotes and brackets around a code decide how its value is protected.
fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut surroundings = Encoding::Raw;
    let mut rest = text;
    while !rest.is_empty() {
        let (literal, behind) = rest.split_at(rest.find('%').unwrap_or(rest.len()));
        for c in literal.chars() {
            surroundings = match (surroundings, c) {
                (Encoding::Raw, '"') => Encoding::Quoted,
                (Encoding::Raw, '[') => Encoding::Mime,
                (Encoding::Quoted, '"') | (Encoding::Mime, ']') => Encoding::Raw,
                (same, _) => same,
            };
        }
        if !literal.is_empty() {
            pieces.push(Piece::Text(literal.to_owned()));
        }
        rest = if let Some(code) = behind.strip_prefix("%%") {
            pieces.push(Piece::Text("%".to_owned()));
            code
        } else if let Some(code) = behind.strip_prefix('%') {
            let (field, rest) = field(code, surroundings);
            pieces.push(Piece::Field(field));
            rest
        } else {
            behind
        };
    }
    pieces
}

/// `[encoding] [-] [[0]width[.width]] [{argument}] code [{argument}]` behind a `%`, and what follows.
fn field(text: &str, surroundings: Encoding) -> (Field, &str) {
    let sign = text.chars().next();
    let explicit = match sign {
        Some('"') => Some(Encoding::Quoted),
        Some('[') => Some(Encoding::Mime),
        Some('#') => Some(Encoding::Url),
        Some('/') => Some(Encoding::Shell),
        Some('\'') => Some(Encoding::Raw),
        _ => None,
    };
    let rest = if explicit.is_some() { &text[1..] } else { text };
    let (is_left, rest) = rest
        .strip_prefix('-')
        .map_or((false, rest), |rest| (true, rest));
    let behind_width = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let width = &rest[..rest.len() - behind_width.len()];
    let (most, rest) = match behind_width.strip_prefix('.') {
        Some(most) => {
            let rest = most.trim_start_matches(|c: char| c.is_ascii_digit());
            (most[..most.len() - rest.len()].parse().ok(), rest)
        }
        None => (None, behind_width),
    };
    let (before, rest) = argument(rest);
    let (what, rest) = code(rest);
    let (behind, rest) = if before.is_none() {
        argument(rest)
    } else {
        (None, rest)
    };
    let is_header = matches!(what, What::RequestHeader | What::ResponseHeader);
    let usual = match surroundings {
        // Squid's own choice for headers.
        Encoding::Raw if is_header => Encoding::Url,
        surroundings => surroundings,
    };
    let field = Field {
        what,
        encoding: explicit.unwrap_or(usual),
        argument: before.or(behind).unwrap_or_default().to_owned(),
        most,
        is_padded: !width.is_empty() && !width.starts_with('0'),
        is_left,
    };
    (field, rest)
}

/// `{argument}` at the beginning of `text`, and what follows.
fn argument(text: &str) -> (Option<&str>, &str) {
    match text.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
        Some((argument, rest)) => (Some(argument), rest),
        None => (None, text),
    }
}

/// The longest code that `text` begins with; one that is not known ends where its letters do.
fn code(text: &str) -> (What, &str) {
    let text = ["http::", "icap::"]
        .iter()
        .find_map(|space| text.strip_prefix(space))
        .unwrap_or(text);
    let known = CODES
        .iter()
        .filter(|(code, _)| text.starts_with(code))
        .max_by_key(|(code, _)| code.len());
    if let Some((code, what)) = known {
        return (*what, &text[code.len()..]);
    }
    let is_code = |c: char| c.is_ascii_alphabetic() || matches!(c, '_' | ':' | '<' | '>');
    (What::Unknown, text.trim_start_matches(is_code))
}

impl Piece {
    const fn field(&self) -> Option<&Field> {
        match self {
            Self::Field(field) => Some(field),
            Self::Text(_) => None,
        }
    }

    fn pattern(&self, trust: Trust) -> String {
        match self {
            Self::Text(text) if trust < Trust::Separators => regex::escape(text),
            // Who copies a line may change its blanks.
            Self::Text(text) => {
                let escaped = regex::escape(text);
                escaped.split(' ').collect::<Vec<_>>().join(" +")
            }
            Self::Field(field) => field.pattern(trust),
        }
    }
}

impl Field {
    fn pattern(&self, trust: Trust) -> String {
        let value = format!("({})", self.shape(trust));
        match (self.is_padded, self.is_left) {
            (false, _) => value,
            (true, false) => format!(" *{value}"),
            (true, true) => format!("{value} *"),
        }
    }

    fn shape(&self, trust: Trust) -> String {
        let is_raw = self.encoding == Encoding::Raw;
        let shape = match self.what {
            What::Date => return date_shape(&self.argument),
            What::Result | What::Hierarchy => "[A-Z0-9_]+|-",
            _ if self.is_number() => r"-?[0-9]+(?:\.[0-9]+)?|-",
            _ if is_raw && self.is_word() => "[^ ]*?",
            What::Url | What::Path if is_raw && trust < Trust::Separators => "[^ ]*?",
            _ if trust == Trust::Escapes => match self.encoding {
                Encoding::Raw => ".*?",
                Encoding::Quoted => r#"(?:[^"\\]|\\.)*?"#,
                Encoding::Mime => r"[^\[\]]*?",
                Encoding::Url => r#"[^ "]*?"#,
                Encoding::Shell => r#""(?:[^"\\]|\\.)*"|[^ "]*?"#,
            },
            _ => ".*?",
        };
        shape.to_owned()
    }

    const fn is_number(&self) -> bool {
        matches!(
            self.what,
            What::Seconds
                | What::Subsecond
                | What::Start
                | What::Elapsed
                | What::Dns
                | What::PeerWait
                | What::Status
                | What::ServerStatus
                | What::Number(_)
                | What::BytesToClient
                | What::BytesFromClient
        )
    }

    /// True for values in which Squid never writes a blank.
    const fn is_word(&self) -> bool {
        match self.what {
            What::Fact(name) => matches!(
                name.as_bytes(),
                b"client" | b"proxy" | b"error" | b"name of the client"
            ),
            What::Method
            | What::Version
            | What::Scheme
            | What::Domain
            | What::Port
            | What::PeerAddress
            | What::PeerName
            | What::Mime => true,
            _ => false,
        }
    }

    /// True when `value` is as long as this field may be, so that its end may be missing.
    pub(super) fn is_cut(&self, value: &str) -> bool {
        self.most.is_some_and(|most| most <= value.chars().count())
    }
}

/// What the date of a `strftime` form looks like.
fn date_shape(form: &str) -> String {
    let form = if form.is_empty() { CLF_DATE } else { form };
    let mut shape = String::new();
    let mut rest = form.chars();
    while let Some(c) = rest.next() {
        if c != '%' {
            shape.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
            continue;
        }
        let code = rest.find(|c| !matches!(c, '-' | '_' | '0' | 'E' | 'O'));
        shape.push_str(match code {
            Some('Y') => "[0-9]{4}",
            Some('y' | 'm' | 'd' | 'H' | 'I' | 'M' | 'S') => "[0-9]{1,2}",
            Some('e' | 'k' | 'l') => "[ 0-9]?[0-9]",
            Some('j') => "[0-9]{1,3}",
            Some('s') => "[0-9]+",
            Some('a' | 'A' | 'b' | 'B' | 'h') => r"[^ 0-9/:]+",
            Some('p' | 'P') => "[AaPp][Mm]",
            Some('z') => "[+-][0-9:]{4,6}",
            Some('Z') => "[A-Za-z0-9+-]+",
            Some('T') => "[0-9:]{8}",
            Some('R') => "[0-9:]{5}",
            Some('F') => "[0-9-]{10}",
            Some('D') => "[0-9/]{8}",
            Some('%') => "%",
            _ => ".*?",
        });
    }
    shape
}

/// The form of a date when the layout gives none.
pub(super) const CLF_DATE: &str = "%d/%b/%Y:%H:%M:%S %z";

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, text: &str, expected: &[&str]) {
        let layout = Logformat::parse(line).expect(line);
        assert_eq!(layout.values(text).as_deref(), Some(expected), "{line}");
    }

    #[test]
    fn finds_values_by_what_stands_between_them() {
        check(
            "logformat x %>a %ru",
            "192.0.2.1 http://a/ b",
            &["192.0.2.1", "http://a/ b"],
        );
        check(
            "%6tr %rm\t%-10ru|%%",
            "    12 GET\thttp://a/  |%",
            &["12", "GET", "http://a/"],
        );
        check("%<a:%<p %ru", "::1:80 /x", &["::1", "80", "/x"]);
        check(
            r#""%{User-Agent}>h" %ru"#,
            r#""a \"b\" c" /x"#,
            &[r#"a \"b\" c"#, "/x"],
        );
        // Old versions escape nothing.
        check(
            r#""%{User-Agent}>h" %ru"#,
            r#""a "b" c\" /x"#,
            &[r#"a "b" c\"#, "/x"],
        );
        check(
            "[%tl] %ru %st{x}",
            "[22/Nov/2026:18:14:21 +0000] /x 7",
            &["22/Nov/2026:18:14:21 +0000", "/x", "7"],
        );
        check(
            "%{%Y-%m-%d %H:%M}tg %http::ru",
            "2026-11-22 18:14 /x",
            &["2026-11-22 18:14", "/x"],
        );
        check(
            "%/{A}>h %ru %future::code",
            "\"a b\" /x ?",
            &["\"a b\"", "/x", "?"],
        );
    }

    #[test]
    fn knows_the_layouts_of_squid_by_name() {
        for name in ["squid", "common", "combined", "referrer"] {
            assert!(Logformat::parse(name).is_ok(), "{name}");
        }
        let layout = Logformat::parse("squid").expect("a known name");
        let line = "1795371261.178      2 127.0.0.1 TCP_MISS/200 575 GET http://a/ - HIER_DIRECT/192.0.2.1 text/html";
        assert_eq!(layout.values(line).map(|values| values.len()), Some(13));
    }

    #[test]
    fn says_what_is_wrong_with_a_line() {
        for line in [
            "",
            "logformat",
            "logformat x",
            "%ts",
            "%",
            "100 % sure",
            "%{a",
            "%-0.{}",
        ] {
            assert!(Logformat::parse(line).is_err(), "{line}");
        }
        assert!(Logformat::parse(&"%ru ".repeat(200_000)).is_err());
    }
}
