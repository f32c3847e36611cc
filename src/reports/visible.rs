//! JSON in which nothing is invisible: characters that steer or hide other text are written as escapes.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use crate::base::text::is_unsafe_to_show;

/// Compact JSON whose strings hold no control, format or invisible characters but as `\u…`.
struct Visible;

impl Formatter for Visible {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut done = 0;
        for (at, c) in fragment.char_indices() {
            if c < '\u{7f}' || !is_unsafe_to_show(c) {
                continue;
            }
            writer.write_all(&fragment.as_bytes()[done..at])?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            done = at + c.len_utf8();
        }
        writer.write_all(&fragment.as_bytes()[done..])
    }
}

/// Writes `value` as JSON.
pub(super) fn write_json(
    mut out: &mut dyn Write,
    value: &(impl Serialize + ?Sized),
) -> io::Result<()> {
    let mut serializer = Serializer::with_formatter(&mut out, Visible);
    Ok(value.serialize(&mut serializer)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_escaped_and_reads_back() {
        let text = "a\u{7f}\u{85}\u{ad}\u{202e}\u{e0001}é\n";
        let mut bytes = Vec::new();
        write_json(&mut bytes, text).expect("memory takes everything");
        let json = String::from_utf8(bytes).expect("JSON is text");
        assert_eq!(json, r#""a\u007f\u0085\u00ad\u202e\udb40\udc01é\n""#);
        assert_eq!(serde_json::from_str::<String>(&json).expect("JSON"), text);
    }
}
