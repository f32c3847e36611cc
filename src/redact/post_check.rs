//! The second wall: finished bytes are searched for every value that was removed, in every usual encoding.

use aho_corasick::AhoCorasick;

use super::{Kind, Redactor, encodings, is_part_of_placeholder};

/// Values that are looked for in one pass; bounds the memory of the search.
const VALUES_PER_PASS: usize = 4_000;

/// A removed value that still stands in the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a removed value still stands in the output: {kind} #{number}, byte {byte}")]
pub struct Leak {
    /// What kind of value.
    pub kind: Kind,
    /// The number of its placeholder.
    pub number: u32,
    /// Offset in the output.
    pub byte: usize,
}

impl Redactor {
    /// Searches finished output for everything that was removed: raw, and percent-, JSON-, HTML-, base64- and hex-encoded.
    pub fn post_check(&self, output: &[u8]) -> Result<(), Leak> {
        let checked: Vec<_> = self
            .pursued
            .values()
            .filter(|removed| removed.is_checked && !is_part_of_placeholder(&removed.value))
            .collect();
        for removed in checked.chunks(VALUES_PER_PASS) {
            let mut owners = Vec::new();
            let mut forms = Vec::new();
            for value in removed {
                for form in encodings::forms(&value.value) {
                    owners.push(*value);
                    forms.push(form);
                }
            }
            let found = AhoCorasick::new(&forms)
                .ok()
                .and_then(|automaton| automaton.find(output));
            if let Some(found) = found {
                let owner = owners[found.pattern().as_usize()];
                return Err(Leak {
                    kind: owner.kind,
                    number: owner.number,
                    byte: found.start(),
                });
            }
        }
        Ok(())
    }
}
