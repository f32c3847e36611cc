//! One line of a Squid access log, in the native, common or combined layout, each with or without header blocks.

use std::net::IpAddr;

use super::super::{known, word};
use crate::base::time::Time;
use crate::capture::Flags;

/// What one line says. Absent things (`-`) are empty or `None`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Line<'a> {
    pub(super) client: &'a str,
    pub(super) user: &'a str,
    /// When the request began; for layouts without a duration, when the line was written.
    pub(super) start: Option<Time>,
    pub(super) elapsed_ms: Option<f64>,
    pub(super) method: &'a str,
    pub(super) url: &'a str,
    pub(super) http_version: &'a str,
    pub(super) status: Option<i64>,
    pub(super) bytes: Option<u64>,
    /// How Squid dealt with it: `TCP_MISS`.
    pub(super) result: &'a str,
    /// How it chose where to go: `HIER_DIRECT`.
    pub(super) hierarchy: &'a str,
    pub(super) peer: &'a str,
    pub(super) mime: &'a str,
    pub(super) referer: &'a str,
    pub(super) user_agent: &'a str,
    /// The blocks that `log_mime_hdrs` adds, without brackets: request and reply.
    pub(super) blocks: Option<(&'a str, &'a str)>,
}

impl<'a> Line<'a> {
    /// Reads a line; `Err` says what was expected.
    pub(super) fn parse(text: &'a str) -> Result<Self, &'static str> {
        let text = text.trim_end_matches(['\r', ' ']);
        // Cisco's appliances put their log level in front.
        let text = text.strip_prefix("Info: ").unwrap_or(text);
        if text.as_bytes().first().is_some_and(u8::is_ascii_digit) && is_epoch(word(text).0) {
            Self::native(text)
        } else {
            Self::common(text)
        }
    }

    /// `1795371261.178      2 127.0.0.1 TCP_MISS/200 575 GET http://a.example/ - HIER_DIRECT/192.0.2.1 text/html`
    fn native(text: &'a str) -> Result<Self, &'static str> {
        let (time, rest) = word(text);
        let (elapsed, rest) = word(rest);
        let (client, rest) = word(rest);
        let (action, rest) = word(rest);
        let (bytes, rest) = word(rest);
        let (method, rest) = word(rest);
        let (url, rest) = word(rest);
        let (user, rest) = word(rest);
        let (route, rest) = word(rest);
        let (mime, rest) = word(rest);
        let end = time.parse().ok().and_then(Time::from_epoch_seconds);
        let elapsed_ms = elapsed.parse::<f64>().ok();
        let (result, status) = action
            .split_once('/')
            .ok_or("expected a result and status such as TCP_MISS/200")?;
        let (hierarchy, peer) = route
            .split_once('/')
            .ok_or("expected a hierarchy code and peer such as HIER_DIRECT/192.0.2.1")?;
        Ok(Self {
            client,
            user: known(user),
            start: end.and_then(|end| end.plus_ms(-elapsed_ms.unwrap_or(0.0))),
            elapsed_ms,
            method: known(method),
            url: known(url),
            status: status.parse().ok(),
            bytes: bytes.parse().ok(),
            result,
            hierarchy,
            peer: known(peer),
            mime: known(mime),
            blocks: blocks(rest),
            ..Self::default()
        })
    }

    /// `127.0.0.1 - - [22/Nov/2026:18:14:21 +0000] "GET http://a.example/ HTTP/1.1" 200 575 TCP_MISS:HIER_DIRECT`,
    /// for the combined layout with `"referer" "user agent"` before the result.
    ///
    /// Quotes within these two are not escaped, so their end is where a result follows.
    fn common(text: &'a str) -> Result<Self, &'static str> {
        let (who, rest) = text.split_once(" [").ok_or("expected a date in brackets")?;
        let (date, rest) = rest
            .split_once("] \"")
            .ok_or("expected a request in quotes behind the date")?;
        let request_len = rest
            .match_indices("\" ")
            .map(|(at, _)| at)
            .find(|at| word(&rest[at + 2..]).0.parse::<u16>().is_ok())
            .ok_or("expected a status behind the request")?;
        let (request, rest) = (&rest[..request_len], &rest[request_len + 2..]);
        let (status, rest) = word(rest);
        let (bytes, rest) = word(rest);
        let (agents, rest) = if rest.starts_with('"') {
            let end = rest
                .match_indices("\" ")
                .map(|(at, _)| at)
                .find(|at| is_action(word(&rest[at + 2..]).0))
                .ok_or("expected a result such as TCP_MISS:HIER_DIRECT")?;
            (&rest[1..end], &rest[end + 2..])
        } else {
            ("", rest)
        };
        let (action, rest) = word(rest);
        let (result, hierarchy) = action
            .split_once(':')
            .filter(|_| is_action(action))
            .ok_or("expected a result such as TCP_MISS:HIER_DIRECT")?;
        let (referer, user_agent) = agents.split_once("\" \"").unwrap_or((agents, ""));
        let (method, target) = word(request);
        let (url, version) = target.rsplit_once(' ').unwrap_or((target, ""));
        let (client, names) = word(who);
        Ok(Self {
            client,
            user: known(names.rsplit(' ').next().unwrap_or_default()),
            start: Time::parse_clf(date),
            method: known(method),
            url: known(url),
            http_version: version,
            status: status.parse().ok(),
            bytes: bytes.parse().ok(),
            result,
            hierarchy,
            referer: known(referer),
            user_agent: known(user_agent),
            blocks: blocks(rest),
            ..Self::default()
        })
    }

    pub(super) fn server_ip(&self) -> &'a str {
        if is_server(self.hierarchy, self.peer) {
            self.peer
        } else {
            ""
        }
    }

    pub(super) fn flags(&self) -> Flags {
        let outcome = Outcome {
            result: self.result,
            hierarchy: self.hierarchy,
            status: self.status,
            elapsed_ms: self.elapsed_ms,
        };
        outcome.flags(self.method, self.url)
    }
}

/// How Squid dealt with a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outcome<'a> {
    pub(super) result: &'a str,
    pub(super) hierarchy: &'a str,
    pub(super) status: Option<i64>,
    pub(super) elapsed_ms: Option<f64>,
}

/// After this time Squid gives up on a connection (`connect_timeout`).
const CONNECT_TIMEOUT_MS: f64 = 60_000.0;

impl Outcome<'_> {
    /// What kind of flow Squid's words and the rest tell of.
    pub(super) fn flags(self, method: &str, url: &str) -> Flags {
        let mut flags = Flags::default();
        if self.result.contains("HIT") {
            flags.insert(Flags::PROXY_CACHE);
        } else if self.is_made_by_squid() {
            flags.insert(Flags::PROXY_ANSWER);
        }
        let is_cut = self.result.contains("ABORTED") || self.result.contains("TIMEDOUT");
        if is_cut || !self.has_status() {
            flags.insert(Flags::ABORTED);
        }
        if method.is_empty() || url.is_empty() || url.starts_with("error:") {
            flags.insert(Flags::INCOMPLETE);
        }
        flags
    }

    fn has_status(self) -> bool {
        self.status.is_some_and(|status| 0 < status)
    }

    /// True when Squid wrote the answer itself, be it a refusal, a redirect or an error of its own.
    ///
    /// It asked nobody where it denied, where its result is no way of looking for an object, or where no way out was chosen
    /// (`HIER_NONE`; what its cache answers has a `HIT`). With a peer, an error may be the server's: Squid's own is told only
    /// by a time-out, or by the minute after which it gives up. A server behind a gateway may take as long for its 504, but
    /// then as well nothing is known of it.
    fn is_made_by_squid(self) -> bool {
        if !self.has_status() {
            return false;
        }
        let Self {
            result, hierarchy, ..
        } = self;
        let is_left = result.contains("CLIENT") && result.starts_with("ERR_");
        let is_own_result = result.contains("DENIED")
            || ["NONE", "NONE_NONE", "TAG_NONE"].contains(&result)
            || result.starts_with("NONE_")
            || result.starts_with("ERR_") && !is_left
            || result.starts_with("TCP_REDIRECT");
        let is_nowhere = matches!(hierarchy, "NONE" | "HIER_NONE");
        let is_error = matches!(self.status, Some(500..=599));
        let is_given_up = matches!(self.status, Some(503 | 504))
            && self.elapsed_ms.is_some_and(|ms| CONNECT_TIMEOUT_MS <= ms);
        is_own_result
            || is_nowhere
            || is_error && (result.contains("TIMEDOUT") || result.contains("TIMEOUT"))
            || is_given_up
    }
}

/// True when `peer` is the address of the server: Squid itself connected to it.
pub(super) fn is_server(hierarchy: &str, peer: &str) -> bool {
    let is_direct = hierarchy.contains("DIRECT") || hierarchy == "ORIGINAL_DST";
    is_direct && peer.parse::<IpAddr>().is_ok()
}

/// Seconds since the epoch, in this or the last century.
pub(super) fn is_epoch(text: &str) -> bool {
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let (seconds, millis) = text.split_once('.').unwrap_or((text, "0"));
    8 <= seconds.len() && is_digits(seconds) && is_digits(millis)
}

fn is_action(text: &str) -> bool {
    let is_code = |code: &str| {
        let is_letter =
            |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
        !code.is_empty() && code.bytes().all(is_letter)
    };
    let parts = text.split_once(':');
    parts.is_some_and(|(result, hierarchy)| is_code(result) && is_code(hierarchy))
}

/// `[request headers] [reply headers]` at the end of a line. The reply begins with its status line, if there is one.
fn blocks(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix('[')?.strip_suffix(']')?;
    inside
        .find("] [HTTP/")
        .or_else(|| inside.find("] ["))
        .map(|at| (&inside[..at], &inside[at + 3..]))
}

/// The header lines of a block, still as written: split at `\r\n` as escapes, or as `%0d%0a` when `is_encoded` by URL.
pub(super) fn header_lines(block: &str) -> impl Iterator<Item = &str> {
    let is_encoded =
        !block.contains("\\r\\n") && (block.contains("%0d%0a") || block.contains("%0D%0A"));
    let separators: &[&str] = if is_encoded {
        &["%0d%0a", "%0D%0A"]
    } else {
        &["\\r\\n"]
    };
    let mut rest = Some(block);
    let lines = std::iter::from_fn(move || {
        let text = rest?;
        let cut = separators
            .iter()
            .filter_map(|separator| text.find(separator))
            .min();
        rest = cut.map(|at| &text[at + separators[0].len()..]);
        Some(cut.map_or(text, |at| &text[..at]))
    });
    lines.filter(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let line = Line::parse(text).expect(text);
        let start = line.start.map_or_else(String::new, Time::to_iso);
        let status = line
            .status
            .map_or_else(String::new, |status| status.to_string());
        let found = [
            &start,
            line.method,
            line.url,
            &status,
            line.result,
            line.server_ip(),
            line.user_agent,
        ];
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn tells_answers_that_squid_made() {
        let check = |words: &str, is_own: bool| {
            let mut words = words.split(' ');
            let mut next = || words.next().unwrap_or_default();
            let outcome = Outcome {
                result: next(),
                status: next().parse().ok(),
                hierarchy: next(),
                elapsed_ms: next().parse().ok(),
            };
            let flags = outcome.flags("GET", "http://a.example/");
            assert_eq!(flags.contains(Flags::PROXY_ANSWER), is_own, "{outcome:?}");
        };
        for own in [
            "TCP_DENIED 403 HIER_NONE 0",
            "TCP_DENIED 407 NONE 0",
            "TCP_DENIED_REPLY 403 HIER_DIRECT 40",
            "NONE 400 NONE 0",
            "NONE_NONE 503 HIER_NONE 5",
            "TAG_NONE 503 HIER_NONE 5",
            "NONE_ABORTED 200 HIER_NONE 5",
            "TCP_MISS 503 HIER_NONE 5",
            "TCP_MISS 504 HIER_NONE 0",
            "TCP_REDIRECT 302 HIER_NONE 0",
            "TCP_MISS 504 HIER_DIRECT 64000",
            "TCP_MISS 503 HIER_DIRECT 120000",
            "TCP_MISS_TIMEDOUT 503 HIER_DIRECT 900",
            "ERR_CONNECT_FAIL 503 DIRECT 900",
        ] {
            check(own, true);
        }
        for other in [
            "TCP_MISS 200 HIER_DIRECT 64000",
            "TCP_MISS 503 HIER_DIRECT 40",
            "TCP_MISS 502 FIRSTUP_PARENT 40",
            "TCP_MISS 504 HIER_DIRECT 30000",
            "TCP_MISS_ABORTED 000 HIER_NONE 900",
            "TCP_MISS_TIMEDOUT 200 HIER_DIRECT 900",
            "TCP_MEM_HIT 200 HIER_NONE 0",
            "TCP_IMS_HIT 304 NONE 0",
            "TCP_REFRESH_UNMODIFIED 304 HIER_DIRECT 10",
            "TCP_TUNNEL 200 HIER_DIRECT 10",
            "ERR_CLIENT_ABORT 200 DIRECT 10",
            "TCP_MISS 503  5",
        ] {
            check(other, false);
        }
    }

    #[test]
    fn reads_every_layout() {
        check(
            "1795371261.178   1178 127.0.0.1 TCP_MISS/200 575 GET http://a.example/ - HIER_DIRECT/192.0.2.1 text/html",
            &[
                "2026-11-22T18:14:20.000Z",
                "GET",
                "http://a.example/",
                "200",
                "TCP_MISS",
                "192.0.2.1",
                "",
            ],
        );
        check(
            "1066036250.603 310 192.0.2.10 TCP_MISS/304 233 GET http://b.example/ - DIRECT/b.example -",
            &[
                "2003-10-13T09:10:50.293Z",
                "GET",
                "http://b.example/",
                "304",
                "TCP_MISS",
                "",
                "",
            ],
        );
        check(
            "1795371261.000 0 - NONE_NONE/000 0 - error:transaction-end-before-headers - HIER_NONE/- -",
            &[
                "2026-11-22T18:14:21.000Z",
                "",
                "error:transaction-end-before-headers",
                "0",
                "NONE_NONE",
                "",
                "",
            ],
        );
        check(
            r#"127.0.0.1 - - [22/Nov/2026:18:14:21 +0000] "GET http://a.example/ HTTP/1.1" 200 575 TCP_MISS:HIER_DIRECT"#,
            &[
                "2026-11-22T18:14:21.000Z",
                "GET",
                "http://a.example/",
                "200",
                "TCP_MISS",
                "",
                "",
            ],
        );
        check(
            r#"127.0.0.1 - - [22/Nov/2026:19:14:21 +0100] "CONNECT a.example:443 HTTP/1.1" 200 5 "-" "A "quoted" B" TCP_TUNNEL:HIER_DIRECT [Host: a\r\n] [-]"#,
            &[
                "2026-11-22T18:14:21.000Z",
                "CONNECT",
                "a.example:443",
                "200",
                "TCP_TUNNEL",
                "",
                "A \"quoted\" B",
            ],
        );
    }

    #[test]
    fn splits_header_blocks_of_both_kinds() {
        for block in [r"Host: a\r\nAge: 1\r\n", "Host:%20a%0D%0AAge:%201%0d%0a"] {
            assert_eq!(header_lines(block).count(), 2, "{block}");
        }
    }

    #[test]
    fn refuses_logs_of_other_servers() {
        for text in [
            "",
            r#"192.0.2.1 - - [22/Nov/2026:18:14:21 +0000] "GET / HTTP/1.1" 200 575 "-" "curl/8""#,
            "1795371261.178 12 some other program",
        ] {
            assert!(Line::parse(text).is_err(), "{text}");
        }
    }
}
