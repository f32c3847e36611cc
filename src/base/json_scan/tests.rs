//! What the scan finds in small texts, whole, damaged and cut.

use super::*;

/// The elements and fields found, as text, and the damage.
fn found(text: &str) -> (Vec<String>, Outline) {
    let source = ByteSource::from_bytes(text.as_bytes().to_vec());
    let mut seen = Vec::new();
    let outline = scan(&source, HAR, &mut |found| {
        let (mark, span) = match found {
            Found::Element(element) if element.is_recovered => ("~".to_owned(), element.span),
            Found::Element(element) => (String::new(), element.span),
            Found::Field(key, span) => (format!("{key}="), span),
        };
        let bytes = source.bytes(span).expect("memory can be read");
        seen.push(format!("{mark}{}", String::from_utf8_lossy(&bytes)));
        ControlFlow::Continue(())
    })
    .expect("memory can be read");
    (seen, outline)
}

fn check(text: &str, expected: &[&str], damage: &[DamageKind]) {
    let (seen, outline) = found(text);
    assert_eq!(seen, expected, "{text}");
    let kinds: Vec<DamageKind> = outline.damage.iter().map(|damage| damage.kind).collect();
    assert_eq!(kinds, damage, "{text}");
}

#[test]
fn finds_entries_and_the_fields_around_them() {
    check(
        r#"{"log": {"version": "1.2", "entries": [{"a": "]}"}, 7, {}], "creator": {"name": "x"}}}"#,
        &[
            r#"version="1.2""#,
            r#"{"a": "]}"}"#,
            "7",
            "{}",
            r#"creator={"name": "x"}"#,
        ],
        &[],
    );
    check(
        "\u{feff} onInputData({\"log\":{\"entries\":[{},]}});\n",
        &["{}"],
        &[],
    );
    check(r#"{"entries": [{"b": 1}]}"#, &[r#"{"b": 1}"#], &[]);
    check(r#"{"log": {"entries": null}}"#, &[], &[]);
    check(
        "{\"log\":{\"entries\":[{}]}}\0\0",
        &["{}"],
        &[DamageKind::Trailing],
    );
    check(
        r#"{"log":{"entries":[{"a":1}]}}{"log":{"entries":[{"a":2}]}}"#,
        &[r#"{"a":1}"#, r#"{"a":2}"#],
        &[DamageKind::Repeated],
    );
}

#[test]
fn finds_entries_that_stand_elsewhere() {
    let entry = |n: u32| format!(r#"{{"time":{n},"request":{{}},"response":{{}}}}"#);
    let (one, two) = (entry(1), entry(2));
    let entries = [one.as_str(), two.as_str()];
    check(
        &format!(r#"{{"har":{{"log":{{"entries":[{one},{two}]}}}}}}"#),
        &entries,
        &[],
    );
    check(&format!("[{one},{two}]"), &entries, &[]);
    check(&format!("{one}\n{two}\n"), &entries, &[]);
    check(
        &format!("{one}\n{{\"time:7}}\n{two}\n"),
        &[&one, r#"~{"time:7}"#, &format!("~{two}")],
        &[DamageKind::Broken],
    );
    check(
        &format!(r#"{{"log":{{"entries":[{one} {two}]}}}}"#),
        &entries,
        &[DamageKind::NoComma],
    );
    check("{\"time\":1,\"request\":\"GET /\"}\n", &[], &[]);
}

#[test]
fn one_lost_quote_or_bracket_costs_at_most_its_own_entry() {
    let broken = &[DamageKind::Broken];
    check(
        r#"{"log":{"entries":[{"_n":1},{"_n:2},{"_n":3},{"_n":4}]}}"#,
        &[r#"{"_n":1}"#, r#"~{"_n:2}"#, r#"~{"_n":3}"#, r#"{"_n":4}"#],
        broken,
    );
    check(
        r#"{"log":{"entries":[{"_n":{"a":1},{"_n":2},{"_n":3}]}}"#,
        &[r#"~{"_n":{"a":1}"#, r#"~{"_n":2}"#, r#"{"_n":3}"#],
        broken,
    );
    check(
        r#"{"log":{"entries":[{"_n":{"a":1}}},"time":3},{"_n":2}]}}"#,
        &[r#"{"_n":{"a":1}}"#, r#"~{"_n":2}"#],
        broken,
    );
    check(
        r#"{"log":{"pages":[{"id":"p},{"id":"q"}],"entries":[{"_n":1}]}}"#,
        &[r#"{"_n":1}"#],
        broken,
    );
}

#[test]
fn body_text_is_never_taken_for_an_entry() {
    check(
        r#"{"log":{"entries":[{"_n":oops,"text":"},{\"_n\":1},{\"request\":{}}"},{"_n":2}]}}"#,
        &[
            r#"~{"_n":oops,"text":"},{\"_n\":1},{\"request\":{}}"}"#,
            r#"~{"_n":2}"#,
        ],
        &[DamageKind::Broken],
    );
}

#[test]
fn every_cut_keeps_the_entries_before_it() {
    let text = r#"{"log": {"version": "1.1", "entries": [{"a": "x\"}"}, {"b": [1]} ], "_x": 1}}"#;
    for cut in 0..text.len() {
        let whole = [r#"{"a": "x\"}"}"#, r#"{"b": [1]}"#];
        let n = whole
            .iter()
            .filter(|entry| text[..cut].contains(**entry))
            .count();
        let (_, outline) = found(&text[..cut]);
        assert_eq!(outline.n_elements as usize, n, "cut at {cut}");
        assert_eq!(outline.damage.len(), 1, "cut at {cut}");
        assert_eq!(outline.damage[0].kind, DamageKind::Ended, "cut at {cut}");
    }
}
