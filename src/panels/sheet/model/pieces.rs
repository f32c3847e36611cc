//! Sentences with code in them: what stands between backticks is shown in mono type and can be copied.

use crate::base::text::escape_for_terminal;

/// A part of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Words.
    Text(String),
    /// A name, a header or a command.
    Code(String),
    /// The number of a flow: `#12`.
    Flow(u32),
}

/// Divides `sentence` into words, code and flows.
pub fn pieces(sentence: &str) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut rest = sentence;
    // A mark without its partner is a character like any other.
    while let Some((before, (code, behind))) = rest
        .split_once('`')
        .and_then(|(before, behind)| Some((before, behind.split_once('`')?)))
    {
        flows(before, &mut found);
        found.push(Piece::Code(escape_for_terminal(code).into_owned()));
        rest = behind;
    }
    flows(rest, &mut found);
    found
}

fn flows(text: &str, found: &mut Vec<Piece>) {
    let mut rest = text;
    while let Some(at) = rest.find('#') {
        let digits = rest[at + 1..]
            .bytes()
            .take_while(u8::is_ascii_digit)
            .count();
        let end = at + 1 + digits;
        let number = rest[at + 1..end].parse();
        if let Ok(n @ 1_u32..) = number {
            words(&rest[..at], found);
            found.push(Piece::Flow(n));
        } else {
            words(&rest[..end], found);
        }
        rest = &rest[end..];
    }
    words(rest, found);
}

fn words(text: &str, found: &mut Vec<Piece>) {
    if text.is_empty() {
        return;
    }
    let text = escape_for_terminal(text);
    if let Some(Piece::Text(before)) = found.last_mut() {
        before.push_str(&text);
    } else {
        found.push(Piece::Text(text.into_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sentence: &str, expected: &[&str]) {
        let told: Vec<String> = pieces(sentence)
            .into_iter()
            .map(|piece| match piece {
                Piece::Text(text) => text,
                Piece::Code(code) => format!("`{code}`"),
                Piece::Flow(n) => format!("#{n}"),
            })
            .collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn code_and_flows_stand_out() {
        check("", &[]);
        check(
            "ask with `Pragma: x` today",
            &["ask with ", "`Pragma: x`", " today"],
        );
        check(
            "it took #12, then #7",
            &["it took ", "#12", ", then ", "#7"],
        );
        check("`a` and `b`", &["`a`", " and ", "`b`"]);
        check("C# and #0 are no flows", &["C# and #0 are no flows"]);
        check("a lone ` mark", &["a lone ` mark"]);
    }
}
