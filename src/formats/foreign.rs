//! Files of other programs that are recognised, so that they can be refused by name.

/// What `head` begins with, when it is something that is known but not read.
pub(super) fn recognise(head: &[u8]) -> Option<&'static str> {
    by_magic(head).or_else(|| by_text(head))
}

fn by_magic(head: &[u8]) -> Option<&'static str> {
    const MAGIC: &[(&[u8], &str)] = &[
        (
            b"PK\x03\x04",
            "a zip archive (such as a Fiddler SAZ or a zipped HAR)",
        ),
        (b"PK\x05\x06", "an empty zip archive"),
        (b"\xac\xed\x00\x05", "a Charles session (.chls)"),
        (b"\xd4\xc3\xb2\xa1", "a packet capture (pcap)"),
        (b"\xa1\xb2\xc3\xd4", "a packet capture (pcap)"),
        (b"\x4d\x3c\xb2\xa1", "a packet capture (pcap)"),
        (b"\xa1\xb2\x3c\x4d", "a packet capture (pcap)"),
        (b"\x0a\x0d\x0d\x0a", "a packet capture (pcapng)"),
        (b"%PDF-", "a PDF document"),
        (b"\x89PNG", "a PNG image"),
        (b"\xff\xd8\xff", "a JPEG image"),
        (b"GIF8", "a GIF image"),
        (b"\x28\xb5\x2f\xfd", "a zstd archive"),
        (b"BZh", "a bzip2 archive"),
        (b"\xfd7zXZ", "an xz archive"),
        (b"7z\xbc\xaf", "a 7z archive"),
        (b"SQLite format 3", "an SQLite database"),
        (b"\x7fELF", "a program"),
    ];
    let found = MAGIC.iter().find(|(magic, _)| head.starts_with(magic));
    found.map(|(_, what)| *what)
}

fn by_text(head: &[u8]) -> Option<&'static str> {
    let text = String::from_utf8_lossy(head.get(..16_384).unwrap_or(head));
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let is = |start: &str| text.starts_with(start);
    let has = |part: &str| text.contains(part);
    if is_tnetstring(text) {
        return Some("a mitmproxy flow file");
    }
    if text
        .lines()
        .take(5)
        .any(|line| line.starts_with("#separator "))
    {
        return Some("a Zeek log");
    }
    if is("#Software:") || is("#Version:") || is("#Fields:") || is("#Date:") {
        return Some("a W3C extended log");
    }
    if is("<") {
        let what = if has("charles-session") {
            "a Charles XML session"
        } else if has("burpVersion") {
            "a Burp XML export"
        } else if is("<!DOCTYPE html") || is("<!doctype html") || is("<html") {
            "an HTML page"
        } else {
            "an XML file"
        };
        return Some(what);
    }
    if is("{") && has("\"constants\"") && has("\"activeFieldTrialGroups\"") {
        return Some("a Chrome NetLog");
    }
    if is_json_lines(text) {
        return Some("a log with one JSON object per line");
    }
    if is("[") && has("\"protocolVersion\"") && has("\"actualPort\"") {
        return Some("a Charles JSON session (.chlsj)");
    }
    if is("[") && has("\"_index\"") && has("\"layers\"") {
        return Some("a Wireshark JSON export");
    }
    if is("==") && has(" ==========") {
        return Some("a ZAP message export");
    }
    let first_line = text.lines().next().unwrap_or_default();
    let is_haproxy = first_line.contains("haproxy[")
        || first_line.contains("] ") && first_line.contains("~ ") && first_line.contains("/<");
    if is_haproxy {
        return Some("an HAProxy log");
    }
    is_web_server_line(first_line).then_some("the access log of a web server")
}

/// `192.0.2.1 - - [22/Nov/2026:18:14:21 +0000] "GET / HTTP/1.1" 200 575`, and no result of a proxy behind the quotes.
fn is_web_server_line(line: &str) -> bool {
    let Some((before, behind)) = line.split_once("] \"") else {
        return false;
    };
    let is_date = before.rsplit_once(" [").is_some_and(|(_, date)| {
        date.split('/').count() == 3 && date.starts_with(|first: char| first.is_ascii_digit())
    });
    let last_words = behind.rsplit('"').next().unwrap_or_default();
    is_date && !last_words.contains(':')
}

/// Two lines that are an object each; a HAR may well be written in one line, but then it has a log.
fn is_json_lines(text: &str) -> bool {
    let mut lines = text.lines();
    let (first, second) = (
        lines.next().unwrap_or_default(),
        lines.next().unwrap_or_default(),
    );
    first.starts_with('{')
        && first.trim_end().ends_with('}')
        && !first.contains("\"log\":")
        && second.starts_with('{')
}

/// `2275:9:websocket;…`: a length, a colon, and an item of the same kind.
fn is_tnetstring(text: &str) -> bool {
    let Some((len, rest)) = text.split_once(':') else {
        return false;
    };
    let inner = rest.split_once(':').map_or("", |(inner, _)| inner);
    let is_number = |text: &str| {
        !text.is_empty() && text.len() <= 12 && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    is_number(len) && is_number(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_its_neighbours_and_leaves_its_own_alone() {
        for (head, expected) in [
            (
                "2275:9:websocket;0:~8:response;",
                Some("a mitmproxy flow file"),
            ),
            (
                "PK\u{3}\u{4}rest",
                Some("a zip archive (such as a Fiddler SAZ or a zipped HAR)"),
            ),
            ("#separator \\x09\n", Some("a Zeek log")),
            ("#Version: 1.0\n#Fields: date\n", Some("a W3C extended log")),
            (
                "<?xml version=\"1.1\"?><items burpVersion=\"1\">",
                Some("a Burp XML export"),
            ),
            ("{\"log\": {\"entries\": []}}", None),
            (
                "1795371261.178      2 127.0.0.1 TCP_MISS/200 575 GET http://a/ - - -\n",
                None,
            ),
            (
                "192.0.2.1 - - [22/Nov/2026:18:14:21 +0000] \"GET / HTTP/1.0\" 500 8 \"-\" \"-\"\n",
                Some("the access log of a web server"),
            ),
            (
                "192.0.2.1 - - [22/Nov/2026:18:14:21 +0000] \"GET http://a/ HTTP/1.1\" 200 5 NONE:NONE\n",
                None,
            ),
            ("10:20 is a time", None),
        ] {
            assert_eq!(recognise(head.as_bytes()), expected, "{head}");
        }
    }
}
