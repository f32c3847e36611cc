//! A line in a layout that nobody told: only what can be nothing else is read.
//!
//! Most layouts begin like Squid's own one, and some of its words are like no others: the result with the status, the
//! method before the URL, and the hierarchy code with the peer.

use super::super::word;
use super::line::{Line, is_epoch};
use crate::base::time::Time;

/// Reads a line; `None` when it does not look like one of Squid's.
pub(super) fn parse(text: &str) -> Option<Line<'_>> {
    let (time, rest) = word(text.trim());
    let words: Vec<&str> = rest.split_ascii_whitespace().collect();
    let end = time.parse().ok().and_then(Time::from_epoch_seconds);
    let end = end.filter(|_| is_epoch(time) && time.contains('.'))?;
    let (result, status) = words.iter().find_map(|word| result(word))?;
    let at = words
        .windows(2)
        .position(|pair| is_method(pair[0]) && is_url(pair[1]))?;
    let hierarchy_at = words.iter().position(|word| is_hierarchy(word))?;
    let (hierarchy, peer) = words[hierarchy_at].split_once('/')?;
    let elapsed_ms = words
        .first()
        .and_then(|word| word.parse::<u32>().ok())
        .map(f64::from);
    let client = words
        .iter()
        .take(2)
        .find(|word| word.parse::<std::net::IpAddr>().is_ok());
    let mime = words.get(hierarchy_at + 1).filter(|word| is_mime(word));
    Some(Line {
        client: client.copied().unwrap_or_default(),
        start: end.plus_ms(-elapsed_ms.unwrap_or(0.0)),
        elapsed_ms,
        method: words[at].trim_matches(['"', '-']),
        url: words[at + 1].trim_matches('"'),
        status: status.parse().ok(),
        result,
        hierarchy,
        peer: without_port(peer),
        mime: mime.copied().unwrap_or_default(),
        ..Line::default()
    })
}

/// `TCP_MISS/200`
fn result(word: &str) -> Option<(&str, &str)> {
    let (result, status) = word.split_once('/')?;
    let is_status = status.len() <= 3 && status.bytes().all(|byte| byte.is_ascii_digit());
    let is_result = ["TCP_", "UDP_", "NONE"]
        .iter()
        .any(|start| result.starts_with(start));
    (is_result && is_status && !status.is_empty()).then_some((result, status))
}

fn is_method(word: &str) -> bool {
    let word = word.trim_matches('"');
    !word.is_empty()
        && word.len() <= 24
        && word
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b == b'_' || b == b'-')
}

fn is_url(word: &str) -> bool {
    let word = word.trim_matches('"');
    let has_port = word
        .rsplit_once(':')
        .is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    word.contains("://") || word.starts_with('/') || word.starts_with("error:") || has_port
}

/// `HIER_DIRECT/192.0.2.1`
fn is_hierarchy(word: &str) -> bool {
    word.starts_with("HIER_") && word.contains('/')
}

fn is_mime(word: &str) -> bool {
    let is_part = |part: &str| {
        part.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+-._;=".contains(&b))
    };
    word.split_once('/')
        .is_some_and(|(kind, rest)| is_part(kind) && is_part(rest) && !kind.is_empty())
}

fn without_port(peer: &str) -> &str {
    let is_address = |text: &str| text.parse::<std::net::IpAddr>().is_ok();
    match peer.rsplit_once(':') {
        Some((address, port)) if is_address(address) && port.parse::<u16>().is_ok() => address,
        _ if peer == "-:-" || peer == "-" => "",
        _ => peer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_can_be_nothing_else() {
        let text = r#"1795371261.178      2 127.0.0.1 33000 127.0.0.1:3128 TCP_MISS/200 200 575 194 GET http://a.example/ HTTP/1.1 - HIER_DIRECT/::1:8081 text/html "-" "A B" - 1"#;
        let line = parse(text).expect("it looks like Squid's");
        let found = (
            line.method,
            line.url,
            line.status,
            line.server_ip(),
            line.mime,
            line.elapsed_ms,
        );
        assert_eq!(
            found,
            (
                "GET",
                "http://a.example/",
                Some(200),
                "::1",
                "text/html",
                Some(2.0)
            )
        );
    }

    #[test]
    fn leaves_other_lines_alone() {
        for text in [
            "",
            "1795371261.178",
            "1795371261.178 some other program GET http://a.example/",
            "1795371261.178 2 127.0.0.1 TCP_MISS/200 575 GET http://a.example/",
            "2026-11-22 TCP_MISS/200 GET http://a.example/ HIER_DIRECT/192.0.2.1",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
