//! One line of the layout that web servers share: `client identity user [date] "request" status bytes`, and what may
//! stand before and behind it.

use std::borrow::Cow;
use std::net::IpAddr;

use crate::base::time::Time;
use crate::capture::{Flags, Side, split_request};
use crate::formats::{LogEntry, MONTHS, absolute, known, word};

/// Reads a line; `Err` says what was expected.
pub(super) fn parse(text: &str) -> Result<LogEntry<'_>, &'static str> {
    let text = unquoted(text.trim_end());
    let (who, date, rest) = around_date(text).ok_or("expected a date in brackets")?;
    let who = behind_program(who).ok_or("expected a client before the date")?;
    let (between, rest) = before_request(rest).ok_or("expected a request in quotes")?;
    let (request, rest) = quoted_request(rest).ok_or("expected a status behind the request")?;
    if who.is_empty() && between.is_empty() {
        return Err("expected a client before the request");
    }
    let (status, rest) = word(rest);
    let (bytes, rest) = word(rest);
    let mut entry = LogEntry {
        start: Some(date),
        status: status.parse().ok(),
        bytes_received: bytes.parse().ok(),
        ..LogEntry::default()
    };
    let mut host = add_client(&mut entry, who);
    for field in between.split(' ').filter(|field| !field.is_empty()) {
        let field = field.trim_matches('"');
        if host.is_empty() && is_host(field) {
            host = field;
        } else {
            entry.fact("further field", field);
        }
    }
    set_request(&mut entry, request, None, host);
    set_flags(&mut entry);
    add_tail(&mut entry, rest);
    Ok(entry)
}

/// LiteSpeed may put the whole line in quotes.
fn unquoted(text: &str) -> &str {
    let inside = text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    inside
        .filter(|inside| !inside.starts_with('"'))
        .unwrap_or(text)
}

/// What stands before the first date in brackets, the date, and what stands behind it.
fn around_date(text: &str) -> Option<(&str, Time, &str)> {
    let starts = text.match_indices('[').map(|(at, _)| at);
    starts.take(MAX_BRACKETS).find_map(|at| {
        let (date, rest) = text[at + 1..].split_once(']')?;
        let time = Time::parse_clf(date).or_else(|| Time::parse_iso(date))?;
        Some((text[..at].trim(), time, rest.trim_start()))
    })
}

/// Who asked, without the name of the program (`nginx:`) and what stands before it; `None` when there is a date instead.
fn behind_program(who: &str) -> Option<&str> {
    let mut behind = who;
    while let Some((word, rest)) = behind.split_once(' ') {
        behind = rest.trim_start();
        if word.ends_with(':') && !is_address(word) {
            return Some(behind);
        }
    }
    let first = word(who).0;
    let is_date = first.as_bytes().get(4) == Some(&b'-') && Time::parse_iso(first).is_some();
    let is_prefix = is_date || first.starts_with('<') || MONTHS.contains(&first);
    (!is_prefix).then_some(who)
}

/// Brackets that may stand before the date, as in the IPv6 address of a virtual host.
const MAX_BRACKETS: usize = 4;

/// The words between date and request, of which there are none or few (the host), and what follows.
fn before_request(text: &str) -> Option<(&str, &str)> {
    let quote = text.find('"')?;
    let inside = &text[quote + 1..];
    // The host may be in quotes, too.
    let quote = inside
        .split_once("\" \"")
        .filter(|(host, _)| is_host(host))
        .map_or(quote, |(host, _)| quote + host.len() + 3);
    let between = text[..quote].trim();
    (between.split(' ').count() <= MAX_BETWEEN).then_some((between, &text[quote..]))
}

/// Words that may stand between date and request; S3 has more.
const MAX_BETWEEN: usize = 3;

/// The request without its quotes, and what follows. Some servers do not escape quotes within it, so it ends where a
/// status follows.
fn quoted_request(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix('"')?;
    let ends = || inside.match_indices('"').map(|(at, _)| at);
    let is_end = |at: &usize| is_status_next(&inside[at + 1..]);
    let at = ends()
        .find(|at| !is_escaped(inside, *at) && is_end(at))
        .or_else(|| ends().find(is_end))?;
    Some((&inside[..at], inside[at + 1..].trim_start()))
}

/// True for ` 200 …` and ` - …`.
fn is_status_next(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(' ') else {
        return false;
    };
    let status = word(rest).0;
    status == "-" || status.len() == 3 && status.bytes().all(|byte| byte.is_ascii_digit())
}

/// True when an odd number of backslashes stands before the byte at `at`.
fn is_escaped(text: &str, at: usize) -> bool {
    let before = text.as_bytes()[..at].iter().rev();
    before.take_while(|byte| **byte == b'\\').count() % 2 == 1
}

/// Reads what stands before the date and gives the virtual host, if there is one.
///
/// `client identity user`; with the host first, or in place of the identity as lighttpd does it. The user may hold spaces,
/// and the client may be a list of those that forwarded the request.
fn add_client<'a>(entry: &mut LogEntry<'a>, who: &'a str) -> &'a str {
    let (first, rest) = word(who);
    let (second, behind) = word(rest);
    // A list of clients is no place for a host.
    let is_single = !first.ends_with(',');
    let is_host_first = is_single
        && (!is_address(first) && is_address(second)
            // lighttpd puts the host behind the client, and has one word less.
            || is_address(first) && is_address(second) && behind.contains(' '));
    if is_host_first {
        add_user(entry, rest);
        if has_host_letters(first) {
            return known(first);
        }
        entry.fact("further field", first);
        return "";
    }
    add_user(entry, who);
    if is_single && is_address(first) && is_host(second) {
        second
    } else {
        ""
    }
}

fn add_user<'a>(entry: &mut LogEntry<'a>, who: &'a str) {
    let mut end = 0;
    for client in who.split_inclusive(' ') {
        end += client.len();
        if !client.trim_end().ends_with(',') {
            break;
        }
    }
    let (clients, rest) = who.split_at(end);
    entry.fact("client", clients.trim_end());
    let (identity, user) = word(rest.trim_start());
    if !is_host(identity) {
        entry.fact("identity", identity);
    }
    entry.fact("user", plain(user));
}

fn is_address(text: &str) -> bool {
    let text = text.strip_suffix(',').unwrap_or(text);
    text.trim_matches(['[', ']']).parse::<IpAddr>().is_ok()
}

/// True for what can only be the name or address of a host: it holds a dot or a colon, and nothing else that is odd.
fn is_host(text: &str) -> bool {
    text.contains(['.', ':']) && has_host_letters(text)
}

fn has_host_letters(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte))
}

/// Takes method, target and version from a request line. What is no request line leaves them empty.
///
/// Without a scheme, the port of the host tells one of the two usual ones.
pub(super) fn set_request<'a>(
    entry: &mut LogEntry<'a>,
    request: &'a str,
    scheme: Option<&str>,
    host: &str,
) {
    let (method, target, version) = split_request(request);
    let is_method = !method.is_empty()
        && method
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte == b'-' || byte == b'_');
    if !is_method || target.is_empty() {
        entry.flags.insert(Flags::INCOMPLETE);
        entry.fact("request line", plain(request));
        return;
    }
    let scheme = scheme.or_else(|| match host.rsplit_once(':') {
        Some((_, "443")) => Some("https"),
        Some((_, "80")) => Some("http"),
        _ => None,
    });
    entry.method = Cow::Borrowed(method);
    entry.url = absolute(plain(target), scheme, host);
    entry.version = Cow::Borrowed(version);
}

/// Without a status nothing was answered; with nginx's own 444 and 499 neither.
pub(super) fn set_flags(entry: &mut LogEntry<'_>) {
    if matches!(entry.status, None | Some(0 | 444 | 499)) {
        entry.flags.insert(Flags::ABORTED);
    }
}

/// Reads what follows the number of bytes: referer and user agent are the first two quoted words that stand together;
/// a third that is a list of addresses is `X-Forwarded-For`. Durations are known where they have a unit or a name.
fn add_tail<'a>(entry: &mut LogEntry<'a>, tail: &'a str) {
    let words: Vec<Word<'_>> = Words(tail).take(MAX_WORDS).collect();
    let is_text = |word: &Word<'_>| word.is_quoted && word.name.is_empty();
    let first = words
        .windows(2)
        .position(|pair| pair.iter().all(is_text))
        .or_else(|| words.iter().position(is_text));
    let mut duration = None;
    for (idx, word) in words.iter().enumerate() {
        let place = first
            .filter(|_| is_text(word))
            .and_then(|at| idx.checked_sub(at));
        let is_alone = !words.get(idx + 1).is_some_and(is_text);
        let header = match place {
            Some(0) if is_alone && !word.text.contains("://") => "User-Agent",
            Some(0) => "Referer",
            Some(1) => "User-Agent",
            Some(2) if is_address_list(word.text) => "X-Forwarded-For",
            _ => {
                duration = duration.or_else(|| word.duration());
                entry.fact("further field", plain(word.whole));
                continue;
            }
        };
        entry.header(Side::Request, header, plain(word.text));
    }
    entry.time_ms = duration.map(|duration| duration.ms);
    if duration.is_some_and(|duration| duration.is_written_at_end) {
        let end = entry.start;
        entry.start = end.and_then(|end| end.plus_ms(-entry.time_ms.unwrap_or(0.0)));
    }
}

/// Words behind the number of bytes that are looked at.
const MAX_WORDS: usize = 64;

fn is_address_list(text: &str) -> bool {
    !text.is_empty() && text.split(',').all(|part| is_address(part.trim()))
}

/// One word of the tail: quoted or not, with a name (`rt=0.003`) or without.
#[derive(Clone, Copy)]
struct Word<'a> {
    name: &'a str,
    text: &'a str,
    /// As it stands there, with name and quotes.
    whole: &'a str,
    is_quoted: bool,
}

/// How long a request took.
#[derive(Clone, Copy)]
struct Duration {
    ms: f64,
    /// nginx writes its date at the end of a request, Apache and Traefik write it at the beginning.
    is_written_at_end: bool,
}

impl Word<'_> {
    /// `12ms` by Traefik, `0.003` or `rt=0.003` by nginx.
    fn duration(&self) -> Option<Duration> {
        let at_start = |ms| Duration {
            ms,
            is_written_at_end: false,
        };
        let number = |text: &str| {
            text.parse::<f64>()
                .ok()
                .filter(|n| 0.0 <= *n && n.is_finite())
        };
        if self.is_quoted {
            return None;
        }
        if let Some(ms) = self.text.strip_suffix("ms") {
            return number(ms).map(at_start);
        }
        let is_own = self.name.is_empty() || SECONDS.contains(&self.name);
        let has_millis = self
            .text
            .split_once('.')
            .is_some_and(|(_, fraction)| fraction.len() == 3);
        (is_own && has_millis)
            .then(|| number(self.text))?
            .map(|seconds| Duration {
                ms: (seconds * 1e3).round(),
                is_written_at_end: true,
            })
    }
}

/// Names by which nginx's request time goes in usual layouts.
const SECONDS: [&str; 4] = ["rt", "request_time", "reqtime", "req_time"];

/// The words of a tail. A quoted one ends at a quote that is not escaped and has a blank or nothing behind it.
struct Words<'a>(&'a str);

impl<'a> Iterator for Words<'a> {
    type Item = Word<'a>;

    fn next(&mut self) -> Option<Word<'a>> {
        self.0 = self.0.trim_start();
        if self.0.is_empty() {
            return None;
        }
        let name_len = self
            .0
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .filter(|at| 0 < *at && self.0[*at..].starts_with('='));
        let (name, rest) = match name_len {
            Some(at) => (&self.0[..at], &self.0[at + 1..]),
            None => ("", self.0),
        };
        let is_quoted = rest.starts_with('"');
        let (text, behind) = if is_quoted {
            quoted(&rest[1..])
        } else {
            word(rest)
        };
        let whole = &self.0[..self.0.len() - behind.len()];
        self.0 = behind;
        Some(Word {
            name,
            text,
            whole: whole.trim_end(),
            is_quoted,
        })
    }
}

/// The text up to the quote that ends it, and what follows.
fn quoted(inside: &str) -> (&str, &str) {
    let is_end = |at: &usize| {
        !is_escaped(inside, *at) && matches!(inside.as_bytes().get(at + 1), None | Some(b' '))
    };
    let end = inside.match_indices('"').map(|(at, _)| at).find(is_end);
    end.map_or((inside, ""), |at| (&inside[..at], &inside[at + 1..]))
}

/// Text as it was before the server wrote it: nginx and Apache write `\x22` for bytes, Apache `\"`, `\\`, `\t` besides.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        let (byte, used) = match (first, behind) {
            (b'\\', [b'x', digits @ ..]) => hex(digits).map_or((b'\\', 0), |byte| (byte, 3)),
            (b'\\', [b'n', ..]) => (b'\n', 1),
            (b'\\', [b'r', ..]) => (b'\r', 1),
            (b'\\', [b't', ..]) => (b'\t', 1),
            (b'\\', [escaped @ (b'"' | b'\\'), ..]) => (*escaped, 1),
            _ => (*first, 0),
        };
        bytes.push(byte);
        rest = &behind[used..];
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

fn hex(digits: &[u8]) -> Option<u8> {
    let digits = digits.get(..2)?;
    let is_hex = digits.iter().all(u8::is_ascii_hexdigit);
    u8::from_str_radix(std::str::from_utf8(digits).ok().filter(|_| is_hex)?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Client, user, URL, status, referer and user agent, and the time that it took.
    fn check(text: &str, expected: [&str; 7]) {
        let entry = parse(text).expect(text);
        let fact = |name: &str| {
            let found = entry.facts.iter().find(|(its, _)| *its == name);
            found.map_or(String::new(), |(_, value)| value.to_string())
        };
        let header = |name: &str| {
            let found = entry.headers.iter().find(|(_, its, _)| its == name);
            found.map_or(String::new(), |(_, _, value)| value.to_string())
        };
        let number = |n: Option<f64>| n.map_or(String::new(), |n| n.to_string());
        let found = [
            fact("client"),
            fact("user"),
            entry.url.to_string(),
            number(entry.status.map(|status| status as f64)),
            header("Referer"),
            header("User-Agent"),
            number(entry.time_ms),
        ];
        assert_eq!(found, expected.map(str::to_owned), "{text}");
    }

    #[test]
    fn reads_what_may_stand_before_the_date() {
        let rest = r#"[22/Nov/2026:18:14:21 +0000] "GET /a HTTP/1.1" 200 5"#;
        for (who, client, user, url) in [
            ("192.0.2.1 - -", "192.0.2.1", "", "/a"),
            ("192.0.2.1", "192.0.2.1", "", "/a"),
            ("[::1] - Anna Muster", "[::1]", "Anna Muster", "/a"),
            ("dial-up.example - -", "dial-up.example", "", "/a"),
            (
                "shop.example:443 2001:db8::1 - -",
                "2001:db8::1",
                "",
                "https://shop.example:443/a",
            ),
            (
                "shop.example 192.0.2.1 - a@B",
                "192.0.2.1",
                "a@B",
                "//shop.example/a",
            ),
            ("192.0.2.9 192.0.2.1 - -", "192.0.2.1", "", "//192.0.2.9/a"),
            (
                "192.0.2.1 shop.example:80 -",
                "192.0.2.1",
                "",
                "http://shop.example:80/a",
            ),
            ("192.0.2.1 192.0.2.9 -", "192.0.2.1", "", "//192.0.2.9/a"),
            (
                "192.0.2.1, 10.0.0.1 - ada",
                "192.0.2.1, 10.0.0.1",
                "ada",
                "/a",
            ),
            ("[pod/web-1/nginx] 192.0.2.1 - -", "192.0.2.1", "", "/a"),
            ("localhost 192.0.2.1 - -", "192.0.2.1", "", "//localhost/a"),
            ("web.0 nginx: 192.0.2.1 - -", "192.0.2.1", "", "/a"),
            (
                "<190>Nov 22 18:14:21 nginx: 192.0.2.1 - -",
                "192.0.2.1",
                "",
                "/a",
            ),
        ] {
            check(
                &format!("{who} {rest}"),
                [client, user, url, "200", "", "", ""],
            );
        }
    }

    #[test]
    fn reads_what_may_stand_behind_the_request() {
        for (rest, status, referer, agent, time) in [
            ("200 5", "200", "", "", ""),
            ("304 -", "304", "", "", ""),
            ("- - \"-\" \"-\" 7 \"-\" \"-\" 3ms", "", "", "", "3"),
            (r#"200 5 "http://r/" "B""#, "200", "http://r/", "B", ""),
            (
                r#"200 5 "-" "say \"hi\"" 12 345"#,
                "200",
                "",
                "say \"hi\"",
                "",
            ),
            (
                r#"200 5 "-" "say \x22hi\x22" "192.0.2.1""#,
                "200",
                "",
                "say \"hi\"",
                "",
            ),
            (
                r#"200 5 0.012 "http://r/" "B""#,
                "200",
                "http://r/",
                "B",
                "12",
            ),
            (
                r#"200 5 "-" "B" rt=1.500 uct="0.000""#,
                "200",
                "",
                "B",
                "1500",
            ),
            (
                r#"200 5 "-" "B" 145 0.001 [up] [] 10.0.0.1:80 11 0.001 200 id"#,
                "200",
                "",
                "B",
                "1",
            ),
            (r#"200 5 "only agent""#, "200", "", "only agent", ""),
            (
                r#"200 5 "-" "cut (compatible; +http://b/b.htm"#,
                "200",
                "",
                "cut (compatible; +http://b/b.htm",
                "",
            ),
        ] {
            let line =
                format!(r#"192.0.2.1 - - [22/Nov/2026:18:14:21 +0000] "GET / HTTP/1.1" {rest}"#);
            check(&line, ["192.0.2.1", "", "/", status, referer, agent, time]);
        }
    }

    #[test]
    fn reads_requests_with_and_without_escaped_quotes() {
        for (request, url) in [
            (r#"GET /"a" "b" HTTP/1.1"#, r#"/"a" "b""#),
            (r#"GET /\" 404 5 HTTP/1.1"#, r#"/" 404 5"#),
            (r"GET /\x22 HTTP/1.1", "/\""),
            ("GET http://a.example/ HTTP/1.1", "http://a.example/"),
            ("GET /two words HTTP/1.1", "/two words"),
            ("GET //wp-login.php HTTP/1.1", "/.//wp-login.php"),
            ("GET /old", "/old"),
            ("GARBAGE", ""),
            ("-", ""),
            ("", ""),
            ("\\x16\\x03", ""),
        ] {
            let line = format!(r#"192.0.2.1 - - [22/Nov/2026:18:14:21 +0000] "{request}" 404 5"#);
            check(&line, ["192.0.2.1", "", url, "404", "", "", ""]);
            let is_incomplete = parse(&line).expect(&line).flags.contains(Flags::INCOMPLETE);
            assert_eq!(is_incomplete, url.is_empty(), "{line}");
        }
    }

    #[test]
    fn the_host_may_stand_behind_the_date() {
        for between in ["shop.example", "\"shop.example\"", "shop.example 443"] {
            let line = format!(
                r#"192.0.2.1 - - [22/Nov/2026:18:14:21 +0000] {between} "GET /a HTTP/1.1" 200 5"#
            );
            check(
                &line,
                ["192.0.2.1", "", "//shop.example/a", "200", "", "", ""],
            );
        }
    }

    #[test]
    fn refuses_what_has_another_layout() {
        for text in [
            "",
            "192.0.2.1 - - [soon] \"GET / HTTP/1.1\" 200 5",
            "192.0.2.1 - - [22/Nov/2026:18:14:21 +0000] code 404, message File not found",
            "[2026-11-22T18:14:21.310Z] \"GET / HTTP/2\" 204 - 154 0 226 100 \"192.0.2.1\" \"b\"",
            "a b [22/Nov/2026:18:14:21 +0000] 192.0.2.3 c d REST.GET.OBJECT e \"GET / HTTP/1.1\" 200 - 113",
            "<190>1 2026-11-22T18:14:21Z host nginx 7 - - 192.0.2.1 - - [22/Nov/2026:18:14:21 +0000] \"GET / HTTP/1.1\" 200 5",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
