//! Files of other programs that are recognised, so that they can be refused by name and with the way to get HTTP out.

/// What `head` begins with, when it is something that is known but not read: its name, and what a person can do.
pub(super) fn recognise(head: &[u8]) -> Option<String> {
    let (what, way_out) = by_magic(head).or_else(|| by_text(head))?;
    Some(if way_out.is_empty() {
        format!("{what}, which holds no HTTP exchanges")
    } else {
        format!("{what}; {way_out}")
    })
}

/// What a user can do so that a file which nothing recognises is read after all.
pub(super) fn hint(head: &[u8]) -> Option<&'static str> {
    let text = String::from_utf8_lossy(head);
    let codes = [
        "TCP_MISS",
        "TCP_HIT",
        "TCP_MEM_HIT",
        "TCP_TUNNEL",
        "TCP_DENIED",
        "HIER_DIRECT",
        "HIER_NONE",
    ];
    codes.iter().any(|code| text.contains(code)).then_some(
        "this looks like a Squid log in a layout of its own; give the logformat line of its squid.conf (--logformat)",
    )
}

/// Name, and what a person can do; empty when there is nothing to be got out.
type Known = (&'static str, &'static str);

const PACKETS: &str = "run `zeek -r FILE` and open its http.log, or `tshark -r FILE -Y http.response -T fields -E header=y \
    -e frame.time_epoch -e ip.src -e http.response_for.uri -e http.response.code > http.tsv` and open that";
const UNPACK: &str = "unpack it and open what is in it";
const CHARLES: &str = "only Charles reads it: export it there (File > Export Session…, as JSON or HAR) or run \
    `charles convert in.chls out.har`";

fn by_magic(head: &[u8]) -> Option<Known> {
    const MAGIC: &[(&[u8], &str, &str)] = &[
        (
            b"PK\x03\x04",
            "a zip archive without a capture that is known",
            UNPACK,
        ),
        (b"PK\x05\x06", "an empty zip archive", ""),
        (b"\xac\xed\x00\x05", "a Charles session (.chls)", CHARLES),
        (b"\xd4\xc3\xb2\xa1", "a packet capture (pcap)", PACKETS),
        (b"\xa1\xb2\xc3\xd4", "a packet capture (pcap)", PACKETS),
        (b"\x4d\x3c\xb2\xa1", "a packet capture (pcap)", PACKETS),
        (b"\xa1\xb2\x3c\x4d", "a packet capture (pcap)", PACKETS),
        (b"\x0a\x0d\x0d\x0a", "a packet capture (pcapng)", PACKETS),
        (b"%PDF-", "a PDF document", ""),
        (b"\x89PNG", "a PNG image", ""),
        (b"\xff\xd8\xff", "a JPEG image", ""),
        (b"GIF8", "a GIF image", ""),
        (b"RIFF", "an image or a sound (RIFF)", ""),
        (b"wOF", "a font", ""),
        (b"\x28\xb5\x2f\xfd", "a zstd archive", UNPACK),
        (b"BZh", "a bzip2 archive", UNPACK),
        (b"\xfd7zXZ", "an xz archive", UNPACK),
        (b"7z\xbc\xaf", "a 7z archive", UNPACK),
        (b"Rar!", "a RAR archive", UNPACK),
        (
            b"SQLite format 3",
            "an SQLite database",
            "export the exchanges from the program that keeps it, as HAR",
        ),
        (b"\x7fELF", "a program", ""),
        (b"MZ", "a program", ""),
    ];
    let found = MAGIC.iter().find(|(magic, ..)| head.starts_with(magic))?;
    Some((found.1, found.2))
}

fn by_text(head: &[u8]) -> Option<Known> {
    let text = String::from_utf8_lossy(head.get(..16_384).unwrap_or(head));
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with('<') {
        return Some(markup(text));
    }
    json(text).or_else(|| lines(text))
}

fn markup(text: &str) -> Known {
    let start = text.chars().take(64).collect::<String>();
    let start = start.to_ascii_lowercase();
    if start.starts_with("<!doctype html") || start.starts_with("<html") {
        ("an HTML page", "")
    } else if text.contains("Microsoft-Windows-IIS-Logging") {
        (
            "an event log of Windows with records of IIS",
            "open the text logs of the server, in inetpub\\logs\\LogFiles",
        )
    } else if text.contains("<pdml") {
        (
            "a Wireshark PDML export",
            "open the packet capture in Wireshark and export HTTP from there, or run Zeek over it",
        )
    } else {
        (
            "an XML file of a kind that is not known",
            "export the exchanges as HAR",
        )
    }
}

fn json(text: &str) -> Option<Known> {
    if !text.starts_with(['{', '[']) {
        return None;
    }
    let has = |part: &str| text.contains(part);
    let known: &[(bool, Known)] = &[
        (
            has("\"_index\"") && has("\"layers\"") || has("{\"index\"") && has("\"layers\""),
            (
                "a Wireshark JSON export",
                "export the packet capture itself and run `zeek -r FILE`, then open its http.log",
            ),
        ),
        (
            has("\"traceEvents\"") || has("\"ph\":") && has("\"cat\":") && has("\"ts\":"),
            (
                "a Chrome performance trace",
                "record the page in the Network panel and save it as HAR",
            ),
        ),
        (
            has("\"_postman_id\"") || has("schema.getpostman.com"),
            (
                "a Postman collection",
                "it says what to request, not what was answered; record the exchanges in a proxy and save them as HAR",
            ),
        ),
        (
            has("\"__export_format\"") && has("insomnia"),
            ("an Insomnia export", "export it there as HAR"),
        ),
        (
            has("\"__REALTIME_TIMESTAMP\""),
            (
                "a systemd journal export",
                "export it as text with `journalctl -o cat`",
            ),
        ),
        (
            has("\"openapi\"") || has("\"swagger\""),
            ("a description of an API", ""),
        ),
    ];
    let found = known.iter().find(|(is_it, _)| *is_it);
    found.map(|(_, known)| *known)
}

fn lines(text: &str) -> Option<Known> {
    let sample: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .take(20)
        .collect();
    let most = |is_one: fn(&str) -> bool| {
        let n = sample.iter().filter(|line| is_one(line)).count();
        0 < n && sample.len() <= 2 * n
    };
    if most(is_ftp_line) {
        return Some(("an FTP log", ""));
    }
    if most(is_error_line) {
        return Some((
            "the error log of a web server",
            "open its access log instead",
        ));
    }
    text.starts_with("__CURSOR=").then_some((
        "a systemd journal export",
        "export it as text with `journalctl -o cat`",
    ))
}

/// `… [pid 2] [ftp] OK DOWNLOAD: Client "192.0.2.1", …` of vsftpd, or a line of an xferlog, which ends `b _ o r user ftp 0 * c`.
fn is_ftp_line(line: &str) -> bool {
    let is_vsftpd = line.contains("[pid ") && (line.contains("Client \"") || line.contains("FTP "));
    let words: Vec<&str> = line.split_whitespace().collect();
    let is_xferlog = words.len() == 18
        && words
            .get(11)
            .is_some_and(|word| matches!(*word, "o" | "i" | "d"))
        && words.get(14) == Some(&"ftp");
    is_vsftpd || is_xferlog
}

/// `2026/11/22 18:10:40 [error] 12#12: …` of nginx, or `[Sun Nov 22 18:10:40.1 2026] [core:error] [pid 1] …` of Apache.
fn is_error_line(line: &str) -> bool {
    const LEVELS: [&str; 8] = [
        "emerg", "alert", "crit", "error", "warn", "notice", "info", "debug",
    ];
    let has_level = LEVELS.iter().any(|level| {
        line.contains(&format!(" [{level}] ")) || line.contains(&format!(":{level}] "))
    });
    let is_dated =
        line.starts_with('[') || line.get(4..5) == Some("/") && line.get(7..8) == Some("/");
    has_level && is_dated
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_its_neighbours_and_leaves_its_own_alone() {
        for (head, expected) in [
            ("PK\u{3}\u{4}rest", Some("a zip archive")),
            (
                "%PDF-1.7",
                Some("a PDF document, which holds no HTTP exchanges"),
            ),
            ("<!DOCTYPE HTML><p>", Some("an HTML page")),
            ("{\"traceEvents\":[]}", Some("a Chrome performance trace")),
            (
                "2026/11/22 18:10:40 [error] 12#12: *1 open() failed\n",
                Some("the error log of a web server; open its access log instead"),
            ),
            (
                "[Sun Nov 22 18:10:40.1 2026] [core:error] [pid 1] AH00126: x\n",
                Some("the error log of a web server"),
            ),
            (
                "Sun Nov 22 18:10:40 2026 [pid 2] [ftp] OK LOGIN: Client \"192.0.2.1\"\n",
                Some("an FTP log"),
            ),
            (
                "Sun Nov 22 18:10:40 2026 1 192.0.2.1 896 /pub/file b _ o r user ftp 0 * c\n",
                Some("an FTP log"),
            ),
            ("{\"log\": {\"entries\": []}}", None),
            (
                "1795371261.178      2 127.0.0.1 TCP_MISS/200 575 GET http://a/ - - -\n",
                None,
            ),
            ("10:20 is a time", None),
        ] {
            let found = recognise(head.as_bytes());
            match expected {
                None => assert_eq!(found, None, "{head}"),
                Some(start) => assert!(
                    found.is_some_and(|found| found.starts_with(start)),
                    "{head}"
                ),
            }
        }
    }

    #[test]
    fn a_squid_log_in_an_unknown_layout_needs_its_line() {
        assert!(hint(b"GET|http://a.example/|TCP_MISS:HIER_DIRECT").is_some());
        assert_eq!(hint(b"GET|http://a.example/|200"), None);
    }
}
