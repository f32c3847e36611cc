//! Interned words: each distinct host, method, media type or address of a capture is stored once.
//!
//! Cost: the text, 16 bytes of pointer twice, and a hash slot per distinct word; 4 bytes per use.

use std::sync::Arc;

use foldhash::HashMap;

/// Index of a word in the [`Names`] of one capture. Equal names are equal words; meaningless in another capture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(pub u32);

impl Name {
    /// The empty word: "not known".
    pub const EMPTY: Self = Self(0);
}

/// The distinct words of one capture.
#[derive(Clone, Debug)]
pub struct Names {
    texts: Vec<Arc<str>>,
    index: HashMap<Arc<str>, u32>,
}

impl Default for Names {
    fn default() -> Self {
        let empty: Arc<str> = Arc::from("");
        Self {
            texts: vec![Arc::clone(&empty)],
            index: HashMap::from_iter([(empty, 0)]),
        }
    }
}

impl Names {
    /// The name of `text`, made if it is new.
    pub fn intern(&mut self, text: &str) -> Name {
        if let Some(idx) = self.index.get(text) {
            return Name(*idx);
        }
        let idx = self.texts.len() as u32;
        let shared: Arc<str> = Arc::from(text);
        self.texts.push(Arc::clone(&shared));
        self.index.insert(shared, idx);
        Name(idx)
    }

    /// The text of `name`; empty for a name of another capture.
    pub fn text(&self, name: Name) -> &str {
        self.texts.get(name.0 as usize).map_or("", |text| text)
    }

    /// The name of `text`, if any flow uses it.
    pub fn find(&self, text: &str) -> Option<Name> {
        self.index.get(text).map(|idx| Name(*idx))
    }

    /// Number of distinct words, the empty one included.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Never true: the empty word is always there.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// All words in order of first use.
    pub fn iter(&self) -> impl Iterator<Item = (Name, &str)> {
        self.texts
            .iter()
            .zip(0..)
            .map(|(text, idx)| (Name(idx), &**text))
    }
}
