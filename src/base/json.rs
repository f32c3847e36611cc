//! A forgiving reader of JSON that lies in memory: it borrows, knows where every text lies, and never gives up.
//!
//! Where the grammar is broken it notes a [`Fault`] and goes on, so that one bad value costs only itself: `NaN`, `1e309`,
//! a lone surrogate, bytes that are not UTF-8, raw control characters, a trailing comma, text where a number belongs.
//! Values that nobody asks for are skipped without recursion, however deeply they are nested.

use std::borrow::Cow;

use memchr::memchr2;

/// A cursor over one JSON value.
#[derive(Debug)]
pub struct Json<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The key whose value is being read; faults name it.
    key: &'a [u8],
    value_at: usize,
    faults: Vec<Fault>,
}

/// What kind of value the cursor stands at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `{`
    Object,
    /// `[`
    Array,
    /// `"`
    Text,
    /// A number, or one of the tokens that only JavaScript takes for numbers.
    Number,
    /// `true` or `false`.
    Bool,
    /// `null`
    Null,
    /// No value: the end, a closing bracket, or something that is not JSON.
    Nothing,
}

impl Kind {
    const fn words(self) -> &'static str {
        match self {
            Self::Object => "an object",
            Self::Array => "an array",
            Self::Text => "text",
            Self::Number => "a number",
            Self::Bool => "true or false",
            Self::Null => "null",
            Self::Nothing => "nothing",
        }
    }
}

/// The inside of a JSON string as it lies in the file.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a> {
    /// The bytes between the quotes, escapes and all.
    pub raw: &'a [u8],
    /// Offset of the first of them in what the cursor reads.
    pub at: usize,
    /// True when it holds a backslash.
    is_escaped: bool,
}

impl Text<'_> {
    /// The part from byte `n` on, which must not lie within an escape.
    pub fn behind(self, n: usize) -> Self {
        let n = n.min(self.raw.len());
        Self {
            raw: &self.raw[n..],
            at: self.at + n,
            is_escaped: self.is_escaped,
        }
    }
}

/// Something that strict JSON does not allow, or a value of the wrong type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which of the two, or a matter of encoding.
    pub kind: FaultKind,
    /// Offset in what the cursor reads.
    pub at: usize,
    /// What was expected and what was found.
    pub message: Cow<'static, str>,
}

/// Kinds of [`Fault`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The grammar is broken.
    Syntax,
    /// Text that is not valid Unicode.
    Encoding,
    /// A value of another type than expected, or not a finite number.
    Value,
}

/// Most faults that one cursor notes; one damaged byte can cause many.
const MAX_FAULTS: usize = 8;

impl<'a> Json<'a> {
    /// A cursor at the beginning of `bytes`.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            key: b"",
            value_at: 0,
            faults: Vec::new(),
        }
    }

    /// What was wrong so far.
    pub fn into_faults(self) -> Vec<Fault> {
        self.faults
    }

    /// Where the cursor stands.
    pub const fn offset(&self) -> usize {
        self.at
    }

    /// Notes that the grammar is broken at the cursor.
    fn syntax(&mut self, message: &'static str) {
        self.fault_at(self.at, FaultKind::Syntax, message);
    }

    /// Notes something about the value of the key that is being read.
    pub fn fault(&mut self, kind: FaultKind, what: &str) {
        let key = String::from_utf8_lossy(self.key);
        self.fault_at(self.value_at, kind, format!("{key}: {what}"));
    }

    fn fault_at(&mut self, at: usize, kind: FaultKind, message: impl Into<Cow<'static, str>>) {
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(Fault {
                kind,
                at,
                message: message.into(),
            });
        }
    }

    /// What comes next, behind white space.
    pub fn kind(&mut self) -> Kind {
        self.skip_space();
        match self.peek() {
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::Array,
            Some(b'"') => Kind::Text,
            Some(b't' | b'f') => Kind::Bool,
            Some(b'n') => Kind::Null,
            Some(b'-' | b'+' | b'.' | b'0'..=b'9' | b'N' | b'I') => Kind::Number,
            _ => Kind::Nothing,
        }
    }

    /// Calls `each` with every key of an object; a value that `each` does not read is skipped. False when this is no object.
    pub fn object(&mut self, mut each: impl FnMut(&mut Self, &str)) -> bool {
        if !self.expect(Kind::Object) {
            return false;
        }
        self.at += 1;
        let outer_key = self.key;
        self.members(&mut each);
        self.key = outer_key;
        true
    }

    fn members(&mut self, each: &mut impl FnMut(&mut Self, &str)) {
        loop {
            self.skip_space();
            match self.peek() {
                Some(b'"') => {
                    let key = self.raw_text();
                    self.key = key.raw;
                    let key = self.decode(key);
                    self.skip_space();
                    if self.peek() == Some(b':') {
                        self.at += 1;
                    } else {
                        self.syntax("expected a colon behind a key");
                    }
                    self.value(|json| each(json, &key));
                }
                Some(b',') => self.comma(b'}'),
                Some(b'}') => {
                    self.at += 1;
                    return;
                }
                Some(_) => {
                    self.syntax("expected a key in quotes");
                    let is_next = |byte: &u8| matches!(byte, b'"' | b',' | b'}');
                    let rest = &self.bytes[self.at..];
                    self.at += rest.iter().position(is_next).unwrap_or(rest.len());
                }
                None => {
                    self.syntax("an object does not end");
                    return;
                }
            }
        }
    }

    /// Calls `each` at every element of an array; an element that `each` does not read is skipped. False when this is no array.
    pub fn array(&mut self, mut each: impl FnMut(&mut Self)) -> bool {
        if !self.expect(Kind::Array) {
            return false;
        }
        self.at += 1;
        loop {
            self.skip_space();
            match self.peek() {
                Some(b',') => self.comma(b']'),
                Some(b']') => {
                    self.at += 1;
                    return true;
                }
                Some(_) => {
                    let before = self.at;
                    self.value(&mut each);
                    if self.at == before {
                        self.syntax("expected a value");
                        self.at += 1;
                    }
                }
                None => {
                    self.syntax("an array does not end");
                    return true;
                }
            }
        }
    }

    /// Reads a text as it is written. `None` for null and, with a fault, for anything else.
    pub fn text(&mut self) -> Option<Text<'a>> {
        self.expect(Kind::Text).then(|| self.raw_text())
    }

    /// Reads a text and decodes it.
    pub fn string(&mut self) -> Option<Cow<'a, str>> {
        let text = self.text()?;
        Some(self.decode(text))
    }

    /// Reads a finite number, also one that is written as text.
    pub fn number(&mut self) -> Option<f64> {
        let token = match self.kind() {
            Kind::Text => self.raw_text().raw,
            Kind::Null => {
                self.skip();
                return None;
            }
            Kind::Number => self.scalar(),
            _ => {
                self.expect(Kind::Number);
                return None;
            }
        };
        let number = std::str::from_utf8(token)
            .ok()
            .and_then(|text| text.trim().parse::<f64>().ok())
            .filter(|number| number.is_finite());
        if number.is_none() {
            self.fault(FaultKind::Value, "expected a finite number");
        }
        number
    }

    /// Reads something that is set or not: `true`, a number other than 0, or text other than an empty one, `0` and `false`.
    pub fn is_set(&mut self) -> bool {
        match self.kind() {
            Kind::Bool => self.scalar() == b"true",
            Kind::Text => !matches!(self.raw_text().raw, b"" | b"0" | b"false"),
            Kind::Number => self.number().is_some_and(|number| number != 0.0),
            Kind::Object | Kind::Array => {
                self.skip();
                true
            }
            Kind::Null | Kind::Nothing => {
                self.skip();
                false
            }
        }
    }

    /// Reads a number, true, false or null as it is written.
    pub fn scalar(&mut self) -> &'a [u8] {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let len = rest
            .iter()
            .position(|byte| {
                matches!(
                    byte,
                    b',' | b'}' | b']' | b':' | b'"' | b'{' | b'[' | b' ' | b'\t' | b'\r' | b'\n'
                )
            })
            .unwrap_or(rest.len());
        self.at += len;
        &rest[..len]
    }

    /// Skips one value of any kind and depth.
    pub fn skip(&mut self) {
        match self.kind() {
            Kind::Object | Kind::Array => self.skip_nested(),
            Kind::Text => {
                self.raw_text();
            }
            _ => {
                self.scalar();
            }
        }
    }

    /// The Unicode text of `text`; what is not valid becomes U+FFFD, with a fault.
    pub fn decode(&mut self, text: Text<'a>) -> Cow<'a, str> {
        let lowest = text.raw.iter().copied().min();
        if !text.is_escaped
            && let Ok(plain) = std::str::from_utf8(text.raw)
        {
            if lowest.is_some_and(|byte| byte < b' ') {
                let message = "a raw control character in a text";
                self.fault_at(text.at, FaultKind::Syntax, message);
            }
            return Cow::Borrowed(plain);
        }
        let (decoded, is_strict) = unescape(text.raw);
        if !is_strict {
            let message = "a text is not valid Unicode, or holds an escape that JSON does not know";
            self.fault_at(text.at, FaultKind::Encoding, message);
        }
        Cow::Owned(decoded)
    }

    /// True when a value of kind `wanted` comes next. Anything else is skipped; only null is no fault.
    fn expect(&mut self, wanted: Kind) -> bool {
        let found = self.kind();
        if found == wanted {
            return true;
        }
        if found != Kind::Null {
            let message = format!("expected {}, found {}", wanted.words(), found.words());
            self.fault(FaultKind::Value, &message);
        }
        self.skip();
        false
    }

    fn value(&mut self, each: impl FnOnce(&mut Self)) {
        self.skip_space();
        let before = self.at;
        self.value_at = before;
        each(self);
        if self.at == before {
            self.skip();
        }
    }

    fn comma(&mut self, closing: u8) {
        self.at += 1;
        self.skip_space();
        if self
            .peek()
            .is_some_and(|byte| byte == closing || byte == b',')
        {
            self.syntax("a comma with nothing behind it");
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    /// Stands at the opening quote; ends behind the closing one.
    fn raw_text(&mut self) -> Text<'a> {
        let at = self.at + 1;
        let mut end = at;
        let mut is_escaped = false;
        loop {
            let rest = self.bytes.get(end..).unwrap_or_default();
            match memchr2(b'"', b'\\', rest) {
                Some(n) if rest[n] == b'"' => {
                    end += n;
                    self.at = end + 1;
                    break;
                }
                Some(n) => {
                    is_escaped = true;
                    end += n + 2;
                }
                None => {
                    end = self.bytes.len();
                    self.at = end;
                    self.syntax("a text does not end");
                    break;
                }
            }
        }
        Text {
            raw: self.bytes.get(at..end).unwrap_or_default(),
            at,
            is_escaped,
        }
    }

    fn skip_nested(&mut self) {
        let mut depth = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.raw_text();
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return;
            }
        }
        self.syntax("a nested value does not end");
    }
}

/// The text of the inside of a JSON string, and whether it was strictly valid. What is not valid becomes U+FFFD.
pub fn unescape(raw: &[u8]) -> (String, bool) {
    let mut quoted = Vec::with_capacity(raw.len() + 2);
    quoted.push(b'"');
    quoted.extend_from_slice(raw);
    quoted.push(b'"');
    serde_json::from_slice::<String>(&quoted)
        .map_or_else(|_| (unescape_leniently(raw), false), |text| (text, true))
}

fn unescape_leniently(raw: &[u8]) -> String {
    let lossy = String::from_utf8_lossy(raw);
    let mut out = String::with_capacity(lossy.len());
    let mut chars = lossy.chars();
    let mut high = None;
    while let Some(c) = chars.next() {
        if c != '\\' {
            flush_surrogate(&mut high, &mut out);
            out.push(c);
            continue;
        }
        let plain = match chars.next() {
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('u') => {
                let digits: String = chars.clone().take(4).collect();
                let Ok(unit) = u16::from_str_radix(&digits, 16) else {
                    flush_surrogate(&mut high, &mut out);
                    out.push('\u{fffd}');
                    continue;
                };
                chars.nth(3);
                push_unit(unit, &mut high, &mut out);
                continue;
            }
            Some('x') => {
                flush_surrogate(&mut high, &mut out);
                out.push_str(&hex_bytes(&mut chars));
                continue;
            }
            Some(other) => other,
            None => break,
        };
        flush_surrogate(&mut high, &mut out);
        out.push(plain);
    }
    flush_surrogate(&mut high, &mut out);
    out
}

/// The text of `C3\xA9` behind a first `\x`: nginx writes the bytes of a character like this, although JSON has no such
/// escape.
fn hex_bytes(chars: &mut std::str::Chars<'_>) -> String {
    let mut bytes = Vec::new();
    loop {
        let rest = chars.as_str();
        let Some(byte) = rest
            .get(..2)
            .and_then(|digits| u8::from_str_radix(digits, 16).ok())
        else {
            break;
        };
        bytes.push(byte);
        *chars = rest[2..].chars();
        match chars.as_str().strip_prefix("\\x") {
            Some(next) => *chars = next.chars(),
            None => return String::from_utf8_lossy(&bytes).into_owned(),
        }
    }
    // No digits: the escape stands for itself.
    format!("{}x", String::from_utf8_lossy(&bytes))
}

fn push_unit(unit: u16, high: &mut Option<u16>, out: &mut String) {
    let before = high.take();
    let is_high = (0xd800..0xdc00).contains(&unit);
    let units = before.into_iter().chain((!is_high).then_some(unit));
    out.extend(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
    *high = is_high.then_some(unit);
}

fn flush_surrogate(high: &mut Option<u16>, out: &mut String) {
    if high.take().is_some() {
        out.push(char::REPLACEMENT_CHARACTER);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads `{"a": number, "b": text}` with anything else around it.
    fn check(written: &str, a: Option<f64>, b: Option<&str>, n_faults: usize) {
        let mut json = Json::new(written.as_bytes());
        let (mut found_a, mut found_b) = (None, None);
        json.object(|json, key| match key {
            "a" => found_a = json.number(),
            "b" => found_b = json.string(),
            _ => {}
        });
        assert_eq!((found_a, found_b.as_deref()), (a, b), "{written}");
        assert_eq!(json.into_faults().len(), n_faults, "{written}");
    }

    #[test]
    fn reads_what_is_right_and_goes_on_behind_what_is_wrong() {
        check(
            r#"{"x": [{"a": 9}], "a": 1.5, "b": "t\u00e9xt"}"#,
            Some(1.5),
            Some("téxt"),
            0,
        );
        check(r#"{"a": null, "b": null}"#, None, None, 0);
        check(r#"{"a": " 12 ", "b": 3}"#, Some(12.0), None, 1);
        check(r#"{"a": NaN, "b": "x"}"#, None, Some("x"), 1);
        check(r#"{"a": 1e309, "b": "x"}"#, None, Some("x"), 1);
        check(
            r#"{"a": -Infinity, "x": [1,,2,], "b": "x",}"#,
            None,
            Some("x"),
            2,
        );
        check(
            r#"{"a": {"a": 1}, "b": "\ud800y\udc00"}"#,
            None,
            Some("\u{fffd}y\u{fffd}"),
            2,
        );
        check("{\"a\": 1, \"b\": \"x\ty\"}", Some(1.0), Some("x\ty"), 1);
        check(r#"{"a" 1 "b": "x"}"#, Some(1.0), Some("x"), 1);
        check(r#"{"a": 1, // why"#, Some(1.0), None, 2);
        check(r#"{"a": 1, "a": 2}"#, Some(2.0), None, 0);
        check(r#"{"b": "cut"#, None, Some("cut"), 2);
    }

    #[test]
    fn depth_costs_no_stack() {
        let deep = format!("{{\"x\": {}, \"a\": 1}}", "[".repeat(1_000_000));
        check(&deep, None, None, 2);
        let closed = format!(
            "{{\"x\": {}{}, \"a\": 1}}",
            "[".repeat(500_000),
            "]".repeat(500_000)
        );
        check(&closed, Some(1.0), None, 0);
    }
}
