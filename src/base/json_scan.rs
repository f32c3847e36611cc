//! Finds where each element of `log.entries`, or of another list, begins and ends, in one pass with constant memory.
//!
//! The scan knows strings and brackets and nothing else of JSON, so it is fast and lets most odd things pass. Where the
//! structure breaks (a lost quote or bracket), it looks for the next place at which an entry plainly begins. Inside a string
//! every quote is escaped, so such a place can never be body text.

mod elsewhere;
mod marks;
#[cfg(test)]
mod tests;

use std::io;
use std::ops::ControlFlow;

use memchr::{memchr, memchr2};

use self::marks::{CLASSES, Class, behind_space};
use super::bytes::{ByteSource, Span};
use super::window::Window;

pub use self::marks::{CHARLES, HAR, NETLOG, Shape};

/// One element of the list, in file order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element {
    /// 1-based place among all elements.
    pub n: u32,
    /// Its bytes.
    pub span: Span,
    /// True for `{…}`; anything else is no entry.
    pub is_object: bool,
    /// True when its beginning or end was found by looking for the next entry, not by the structure.
    pub is_recovered: bool,
}

/// What the scan passes on while it runs.
#[derive(Clone, Copy, Debug)]
pub enum Found<'k> {
    /// An element of the list.
    Element(Element),
    /// Another field of `log`: its key and the bytes of its value.
    Field(&'k str, Span),
}

/// Something that broke the structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage {
    /// What.
    pub kind: DamageKind,
    /// Offset at which it was noticed.
    pub at: u64,
    /// The element in which it was noticed, 1-based.
    pub element: Option<u32>,
}

/// Kinds of [`Damage`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DamageKind {
    /// The content ends before the structure does.
    Ended,
    /// Brackets or quotes that do not match.
    Broken,
    /// Bytes behind the end.
    Trailing,
    /// Another document behind the end, which is read as well.
    Repeated,
    /// Two elements with nothing between them.
    NoComma,
}

/// What the scan saw as a whole.
#[derive(Clone, Debug, Default)]
pub struct Outline {
    /// Number of elements.
    pub n_elements: u32,
    /// True when there is a top-level object or array at all.
    pub is_json: bool,
    /// True when there is a `log` object.
    pub has_log: bool,
    /// True when there is an array of entries, within `log` or at top level.
    pub has_entries: bool,
    /// Offset of a value of `entries` that is no array.
    pub wrong_entries: Option<u64>,
    /// Keys of the top level other than `log`, the first few.
    pub other_keys: Vec<String>,
    /// True when the elements stand one behind the other, without anything around them.
    pub is_bare: bool,
    /// What broke the structure, in file order; the first few.
    pub damage: Vec<Damage>,
    /// How many elements have no comma before them, beyond the first one, which is among the damage.
    pub n_more_without_comma: u32,
}

/// Longest stretch that is looked at to tell whether an entry begins: white space and one key.
const LOOK: usize = 256;
/// From this many damages on, entries are only split and no longer followed, so that the work stays linear.
const MAX_DAMAGE: usize = 16;
/// Brackets beyond this depth are counted but not told apart.
const MAX_KINDS: usize = 1_024;

/// Scans `source`, calling `sink` with everything found until it breaks off.
pub fn scan(
    source: &ByteSource,
    shape: Shape,
    sink: &mut dyn FnMut(Found<'_>) -> ControlFlow<()>,
) -> io::Result<Outline> {
    let mut scanner = Scanner::new(source, shape, sink);
    match scanner.run() {
        Err(Stop::Io(error)) => Err(error),
        _ => Ok(scanner.outline),
    }
}

/// Scans an array that is the whole of `source`. Behind damage, an element plainly begins as `shape` says.
pub fn scan_array(
    source: &ByteSource,
    shape: Shape,
    sink: &mut dyn FnMut(Found<'_>) -> ControlFlow<()>,
) -> io::Result<Outline> {
    let mut scanner = Scanner::new(source, shape, sink);
    match scanner.array() {
        Err(Stop::Io(error)) => return Err(error),
        Err(Stop::Broken(at)) => scanner.conclude(DamageKind::Broken, at),
        Err(Stop::Ended) => scanner.conclude(DamageKind::Ended, scanner.window.end()),
        Ok(()) | Err(Stop::Cancelled) => {}
    }
    Ok(scanner.outline)
}

/// Why a piece of the scan ended early.
#[derive(Debug)]
enum Stop {
    Io(io::Error),
    Broken(u64),
    Ended,
    Cancelled,
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

struct Scanner<'s> {
    window: Window<'s>,
    shape: Shape,
    outline: Outline,
    kinds: Vec<u8>,
    sink: &'s mut dyn FnMut(Found<'_>) -> ControlFlow<()>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Top,
    Log,
}

impl<'s> Scanner<'s> {
    fn new(
        source: &'s ByteSource,
        shape: Shape,
        sink: &'s mut dyn FnMut(Found<'_>) -> ControlFlow<()>,
    ) -> Self {
        Self {
            window: Window::new(source),
            shape,
            outline: Outline::default(),
            kinds: Vec::new(),
            sink,
        }
    }

    fn run(&mut self) -> Result<(), Stop> {
        let mut stop = self.document();
        let is_missing = !self.outline.has_entries && self.outline.wrong_entries.is_none();
        if is_missing && matches!(stop, Ok(()) | Err(Stop::Broken(_) | Stop::Ended)) {
            stop = self.elsewhere(stop)?;
        }
        let (kind, at) = match stop {
            Err(Stop::Broken(at)) => (DamageKind::Broken, at),
            Err(Stop::Ended) => (DamageKind::Ended, self.window.end()),
            other => return other,
        };
        self.conclude(kind, at);
        Ok(())
    }

    /// Notes where the scan ended early, unless that is known already.
    fn conclude(&mut self, kind: DamageKind, at: u64) {
        if self.outline.damage.last().is_none_or(|last| last.at != at) {
            self.note(kind, at, None);
        }
    }

    /// An array that is the whole document.
    fn array(&mut self) -> Result<(), Stop> {
        self.skip_preamble()?;
        self.outline.has_entries = true;
        if self.token()? == b'[' {
            self.outline.is_json = true;
            self.window.advance(1);
        } else {
            self.note(DamageKind::Broken, self.window.offset(), None);
            let rest = self.window.rest()?;
            let brace = memchr(b'{', &rest[..rest.len().min(LOOK)]);
            self.window.advance(brace.unwrap_or(0));
        }
        self.elements(false)?;
        if self.behind_document()?.is_some() {
            self.note(DamageKind::Trailing, self.window.offset(), None);
        }
        Ok(())
    }

    /// Everything from the first byte to the last, several documents in a row included.
    fn document(&mut self) -> Result<(), Stop> {
        self.skip_preamble()?;
        loop {
            match self.token()? {
                b'{' | b'[' if self.begins_bare_elements()? => {
                    self.outline.is_json = true;
                    return self.bare_elements();
                }
                b'{' => {
                    self.outline.is_json = true;
                    self.object(Level::Top)?;
                }
                b'[' => {
                    self.outline.is_json = true;
                    self.value()?;
                }
                _ => return Err(Stop::Broken(self.window.offset())),
            }
            match self.behind_document()? {
                Some(b'{') => self.note(DamageKind::Repeated, self.window.offset(), None),
                Some(_) => {
                    self.note(DamageKind::Trailing, self.window.offset(), None);
                    return Ok(());
                }
                None => return Ok(()),
            }
        }
    }

    /// Skips a byte order mark, and the `name(` of a script that wraps the archive.
    fn skip_preamble(&mut self) -> Result<(), Stop> {
        let rest = self.window.rest()?;
        let mark = if rest.starts_with(b"\xef\xbb\xbf") {
            3
        } else {
            0
        };
        let head = &rest[mark..rest.len().min(LOOK)];
        let name_at = head
            .iter()
            .position(|byte| !byte.is_ascii_whitespace())
            .unwrap_or(0);
        let name_len = head[name_at..]
            .iter()
            .take_while(|byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'.' | b' ')
            })
            .count();
        let is_wrapped = 0 < name_len && head.get(name_at + name_len) == Some(&b'(');
        let skipped = if is_wrapped {
            name_at + name_len + 1
        } else {
            0
        };
        self.window.advance(mark + skipped);
        Ok(())
    }

    /// The first byte behind the document that is neither white space nor the end of a wrapping script.
    fn behind_document(&mut self) -> Result<Option<u8>, Stop> {
        loop {
            match self.token() {
                Ok(b')' | b';') => self.window.advance(1),
                Ok(byte) => return Ok(Some(byte)),
                Err(Stop::Ended) => return Ok(None),
                Err(other) => return Err(other),
            }
        }
    }

    fn object(&mut self, level: Level) -> Result<(), Stop> {
        self.window.advance(1);
        loop {
            match self.token()? {
                b',' => {
                    self.window.advance(1);
                    continue;
                }
                b'}' => {
                    self.window.advance(1);
                    return Ok(());
                }
                b'"' => {}
                _ => return Err(Stop::Broken(self.window.offset())),
            }
            let key = self.key()?;
            if self.token()? != b':' {
                return Err(Stop::Broken(self.window.offset()));
            }
            self.window.advance(1);
            let first = self.token()?;
            match (level, key.as_str(), first) {
                (Level::Top, "log", b'{') => {
                    self.outline.has_log = true;
                    self.object(Level::Log)?;
                }
                (_, list, b'[') if list == self.shape.list() => {
                    self.outline.has_entries = true;
                    self.window.advance(1);
                    self.elements(false)?;
                }
                _ => self.field(level, &key)?,
            }
        }
    }

    /// Skips a value that holds no entries, and passes it on if it belongs to `log`.
    fn field(&mut self, level: Level, key: &str) -> Result<(), Stop> {
        let start = self.window.offset();
        if key == self.shape.list() {
            self.outline.wrong_entries = Some(start);
        }
        self.value()?;
        let span = Span::new(start, (self.window.offset() - start) as u32);
        if level == Level::Log && key != self.shape.list() {
            return self.emit(Found::Field(key, span));
        }
        if self.outline.other_keys.len() < 8 {
            self.outline.other_keys.push(key.to_owned());
        }
        Ok(())
    }

    /// Stands behind the `[` of the entries, or at the first recovered one; ends behind the `]`.
    fn elements(&mut self, mut is_recovered: bool) -> Result<(), Stop> {
        loop {
            match self.token()? {
                b']' => {
                    self.window.advance(1);
                    return Ok(());
                }
                b',' => self.window.advance(1),
                first => is_recovered = self.element(first == b'{', is_recovered)?,
            }
        }
    }

    /// Passes on one element. Returns true when the next one was found by looking for it.
    fn element(&mut self, is_object: bool, is_recovered: bool) -> Result<bool, Stop> {
        let start = self.window.offset();
        let mut element = Element {
            n: self.outline.n_elements.saturating_add(1),
            span: Span::new(start, 0),
            is_object,
            is_recovered,
        };
        let value = if self.outline.damage.len() < MAX_DAMAGE {
            self.value()
        } else {
            Err(Stop::Broken(start))
        };
        match value {
            Ok(()) => {}
            Err(Stop::Broken(at)) => {
                self.note(DamageKind::Broken, at, Some(element.n));
                return self.resume(start + 1, at, Some(element));
            }
            Err(Stop::Ended) => {
                let next = self.find_entry(start + 1)?;
                let kind = next.map_or(DamageKind::Ended, |_| DamageKind::Broken);
                self.note(
                    kind,
                    next.map_or_else(|| self.window.end(), |next| next.start),
                    Some(element.n),
                );
                return next.map_or(Err(Stop::Ended), |next| self.go_on(next, Some(element)));
            }
            Err(other) => return Err(other),
        }
        element.span = span(start, self.window.offset());
        match self.token() {
            Ok(next @ (b',' | b']' | b'{')) => {
                if next == b'{' && !self.outline.is_bare {
                    self.note_no_comma(element.n);
                }
                self.emit(Found::Element(element))?;
                Ok(false)
            }
            Ok(_) => {
                let at = self.window.offset();
                self.note(DamageKind::Broken, at, Some(element.n));
                if is_object {
                    self.emit(Found::Element(element))?;
                }
                self.resume(at, at, None)
            }
            Err(stop) => {
                self.emit(Found::Element(element))?;
                Err(stop)
            }
        }
    }

    /// Skips one value of any kind, from its first byte on.
    fn value(&mut self) -> Result<(), Stop> {
        match self.token()? {
            b'{' | b'[' => self.nested(),
            b'"' => self.string(),
            byte if CLASSES[byte as usize] == Class::Plain && !matches!(byte, b',' | b':') => {
                self.literal()
            }
            _ => Err(Stop::Broken(self.window.offset())),
        }
    }

    fn literal(&mut self) -> Result<(), Stop> {
        loop {
            let rest = self.window.rest()?;
            let is_inside =
                |byte: &u8| CLASSES[*byte as usize] == Class::Plain && !matches!(byte, b',' | b':');
            let n = rest.iter().take_while(|byte| is_inside(byte)).count();
            let is_done = n < rest.len() || rest.is_empty();
            self.window.advance(n);
            if is_done {
                return Ok(());
            }
        }
    }

    fn string(&mut self) -> Result<(), Stop> {
        self.window.advance(1);
        loop {
            let rest = self.window.rest()?;
            if rest.is_empty() {
                return Err(Stop::Ended);
            }
            match memchr2(b'"', b'\\', rest) {
                Some(n) if rest[n] == b'"' => {
                    self.window.advance(n + 1);
                    return Ok(());
                }
                Some(n) => self.window.advance(n + 2),
                None => {
                    let n = rest.len();
                    self.window.advance(n);
                }
            }
        }
    }

    /// Skips an object or array: the hot loop.
    fn nested(&mut self) -> Result<(), Stop> {
        self.kinds.clear();
        let mut depth = 0_usize;
        let mut is_string = false;
        loop {
            let base = self.window.offset();
            let bytes = self.window.rest()?;
            if bytes.is_empty() {
                return Err(Stop::Ended);
            }
            let mut at = 0;
            while let Some(byte) = bytes.get(at).copied() {
                if is_string {
                    match memchr2(b'"', b'\\', &bytes[at..]) {
                        Some(n) if bytes[at + n] == b'"' => {
                            is_string = false;
                            at += n + 1;
                        }
                        Some(n) => at += n + 2,
                        None => at = bytes.len(),
                    }
                    continue;
                }
                at += 1;
                match CLASSES[byte as usize] {
                    Class::Plain => {}
                    Class::Space => at = behind_space(bytes, at),
                    Class::Quote => is_string = true,
                    Class::Open => {
                        depth += 1;
                        if depth <= MAX_KINDS {
                            self.kinds.push(byte);
                        }
                    }
                    Class::Close => {
                        // '{' and '}' differ by two, and so do '[' and ']'.
                        let is_match = MAX_KINDS < depth || self.kinds.pop() == Some(byte - 2);
                        if !is_match {
                            return Err(Stop::Broken(base + at as u64 - 1));
                        }
                        depth -= 1;
                        if depth == 0 {
                            self.window.advance(at);
                            return Ok(());
                        }
                    }
                    Class::Bad => return Err(Stop::Broken(base + at as u64 - 1)),
                }
            }
            self.window.advance(at);
        }
    }

    /// The next byte that is not white space, without taking it.
    fn token(&mut self) -> Result<u8, Stop> {
        loop {
            let rest = self.window.rest()?;
            if rest.is_empty() {
                return Err(Stop::Ended);
            }
            let n = rest
                .iter()
                .take_while(|byte| CLASSES[**byte as usize] == Class::Space)
                .count();
            let byte = rest.get(n).copied();
            self.window.advance(n);
            if let Some(byte) = byte {
                return Ok(byte);
            }
        }
    }

    /// Reads a key; one that is longer than any that matters comes back cut.
    fn key(&mut self) -> Result<String, Stop> {
        let rest = self.window.rest()?;
        let inside = &rest[1..];
        let len = memchr(b'"', &inside[..inside.len().min(LOOK)]);
        if let Some(len) = len {
            let key = String::from_utf8_lossy(&inside[..len]).into_owned();
            if !key.contains('\\') {
                self.window.advance(len + 2);
                return Ok(key);
            }
        }
        let start = self.window.offset();
        self.string()?;
        let end = self.window.offset();
        self.window.seek(start + 1);
        let len = (end - start).saturating_sub(2).min(LOOK as u64) as usize;
        let rest = self.window.rest()?;
        let key = String::from_utf8_lossy(&rest[..rest.len().min(len)]).into_owned();
        self.window.seek(end);
        Ok(key)
    }

    fn emit(&mut self, found: Found<'_>) -> Result<(), Stop> {
        if let Found::Element(element) = found {
            self.outline.n_elements = element.n;
        }
        match (self.sink)(found) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Stop::Cancelled),
        }
    }

    /// A comma that is not there costs nothing, and so does not count as damage more than once.
    fn note_no_comma(&mut self, element: u32) {
        let is_noted = |damage: &Damage| damage.kind == DamageKind::NoComma;
        if self.outline.damage.iter().any(is_noted) {
            self.outline.n_more_without_comma += 1;
        } else {
            self.note(DamageKind::NoComma, self.window.offset(), Some(element));
        }
    }

    fn note(&mut self, kind: DamageKind, at: u64, element: Option<u32>) {
        if self.outline.damage.len() < MAX_DAMAGE || kind == DamageKind::Ended {
            self.outline.damage.push(Damage { kind, at, element });
        }
    }
}

fn span(start: u64, end: u64) -> Span {
    let len = end.saturating_sub(start);
    Span::new(start, u32::try_from(len).unwrap_or(u32::MAX))
}
