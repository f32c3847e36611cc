//! Elements that do not stand where they should: deeper, behind damage, or without anything around them.

use memchr::{memchr_iter, memmem};

use super::{Damage, DamageKind, Element, Found, LOOK, Level, Scanner, Stop, span};

impl Scanner<'_> {
    /// Looks for elements that stand deeper than they should, or behind what made the document `stop`.
    pub(super) fn elsewhere(
        &mut self,
        mut stop: Result<(), Stop>,
    ) -> Result<Result<(), Stop>, Stop> {
        let (is_whole, had_log) = (stop.is_ok(), self.outline.has_log);
        if is_whole && !had_log {
            stop = self.deeper_log();
        }
        if !self.outline.has_entries
            && let Some(start) = self.find_value(self.shape.list(), b'[')?
        {
            if let Err(Stop::Broken(at)) = stop {
                self.note(DamageKind::Broken, at, None);
            }
            self.outline.has_entries = true;
            self.window.seek(start + 1);
            stop = self.elements(false);
        }
        if is_whole && self.outline.n_elements == 0 {
            // Something that happens to use the same words.
            (self.outline.has_log, self.outline.has_entries) = (had_log, false);
        }
        Ok(stop)
    }

    /// Reads a log that lies within something else.
    fn deeper_log(&mut self) -> Result<(), Stop> {
        let Some(start) = self.find_value("log", b'{')? else {
            return Ok(());
        };
        self.outline.has_log = true;
        self.window.seek(start);
        self.object(Level::Log)
    }

    /// The offset of the value behind `"key":` that begins with `first`, wherever it stands outside of strings: deeper than
    /// usual, or behind damage.
    fn find_value(&mut self, key: &str, first: u8) -> Result<Option<u64>, Stop> {
        let quoted = format!("\"{key}\"");
        let finder = memmem::Finder::new(quoted.as_bytes());
        let found = self.window.search(0, LOOK, |bytes, base| {
            finder.find_iter(bytes).find_map(|at| {
                let behind = bytes[at + quoted.len()..].trim_ascii_start();
                let value = behind.strip_prefix(b":")?.trim_ascii_start();
                (value.first() == Some(&first)).then(|| base + (bytes.len() - value.len()) as u64)
            })
        });
        Ok(found?)
    }

    /// True when an entry begins here, or a list of them, without anything around.
    pub(super) fn begins_bare_elements(&mut self) -> Result<bool, Stop> {
        let shape = self.shape;
        let rest = self.window.rest()?;
        let head = &rest[..rest.len().min(LOOK)];
        let is_around = |byte: &u8| matches!(byte, b'[' | b' ' | b'\t' | b'\r' | b'\n');
        let brace = head.iter().position(|byte| !is_around(byte));
        Ok(brace.is_some_and(|brace| rest[brace] == b'{' && shape.is_entry(rest, brace)))
    }

    /// Reads elements to the end of the list, or of the file when there is no list around them.
    pub(super) fn bare_elements(&mut self) -> Result<(), Stop> {
        self.outline.has_entries = true;
        let is_list = self.token()? == b'[';
        if is_list {
            self.window.advance(1);
            return self.elements(false);
        }
        self.outline.is_bare = true;
        let is_cut = |damage: &Damage| damage.kind == DamageKind::Ended;
        match self.elements(false) {
            Err(Stop::Ended) if !self.outline.damage.last().is_some_and(is_cut) => Ok(()),
            other => other,
        }
    }

    /// Looks for the next entry from `from` on; what is `unfinished` reaches up to it, or to the end.
    pub(super) fn resume(
        &mut self,
        from: u64,
        at: u64,
        unfinished: Option<Element>,
    ) -> Result<bool, Stop> {
        if let Some(next) = self.find_entry(from)? {
            return self.go_on(next, unfinished);
        }
        let last = Next {
            end: self.window.end(),
            start: self.window.end(),
        };
        self.go_on(last, unfinished)?;
        Err(Stop::Broken(at))
    }

    pub(super) fn go_on(&mut self, next: Next, unfinished: Option<Element>) -> Result<bool, Stop> {
        self.window.seek(next.start);
        if let Some(mut element) = unfinished.filter(|element| element.is_object) {
            element.span = span(element.span.start, next.end);
            element.is_recovered = true;
            self.emit(Found::Element(element))?;
        }
        Ok(true)
    }

    pub(super) fn find_entry(&mut self, from: u64) -> Result<Option<Next>, Stop> {
        let (shape, is_bare) = (self.shape, self.outline.is_bare);
        let found = self.window.search(from, LOOK, |bytes, base| {
            memchr_iter(b'{', bytes).find_map(|at| {
                let end = shape.end_before(bytes, at, is_bare)?;
                Some(Next {
                    end: base + end as u64,
                    start: base + at as u64,
                })
            })
        });
        Ok(found?)
    }
}

/// Where to go on: the next entry, and the end of what stands before it.
#[derive(Clone, Copy)]
pub(super) struct Next {
    end: u64,
    pub(super) start: u64,
}
