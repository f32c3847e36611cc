//! One HTTP message as it went over the wire: first line, headers, blank line, body. Read leniently, with places.

use super::body::{Body, BodyForm};
use super::exchange::{HeaderField, Message};
use super::problem::{Problem, ProblemKind};
use crate::base::bytes::Span;
use crate::base::limits::Limit;

/// A message and what its first line and headers say.
#[derive(Clone, Debug, Default)]
pub struct RawMessage {
    /// `GET https://a.example/ HTTP/1.1` or `HTTP/1.1 200 OK`, as written.
    pub start_line: String,
    /// All headers in order; continued lines are joined.
    pub headers: Vec<HeaderField>,
    /// Where the body lies; empty when there is none.
    pub body: Span,
    /// True when a blank line ends the headers.
    pub is_complete: bool,
    /// True when there were more headers than were read.
    pub has_more_headers: bool,
}

impl RawMessage {
    /// Reads a message whose first byte lies at `start` in the source; at most `max_headers` of its headers.
    ///
    /// Lines may end with LF alone. A line without a colon is passed over.
    pub fn parse(bytes: &[u8], start: u64, max_headers: usize) -> Self {
        let mut message = Self::default();
        let (first, mut at) = line(bytes, 0);
        first.clone_into(&mut message.start_line);
        while at < bytes.len() {
            let line_at = at;
            let (text, next) = line(bytes, at);
            at = next;
            if text.is_empty() {
                message.is_complete = true;
                break;
            }
            if text.starts_with([' ', '\t']) {
                if let Some(last) = message.headers.last_mut() {
                    last.value = format!("{} {}", last.value, text.trim());
                    let end = start + (line_at + raw_line_len(bytes, line_at)) as u64;
                    last.span.len = u32::try_from(end - last.span.start).unwrap_or(u32::MAX);
                }
            } else if message.headers.len() == max_headers {
                message.has_more_headers = true;
            } else if let Some(header) = header(bytes, line_at, start) {
                message.headers.push(header);
            }
        }
        let len = u32::try_from(bytes.len().saturating_sub(at)).unwrap_or(u32::MAX);
        message.body = Span::new(start + at as u64, len);
        message
    }

    /// What to say when there were more headers than `limit` allows.
    pub fn left_out(&self, limit: Limit) -> Option<Problem> {
        let message = || format!("the message has more headers than {limit}");
        self.has_more_headers
            .then(|| Problem::new(ProblemKind::Limit, message()))
    }

    /// Method, target and version of a request line. Without a version, the rest is the target.
    pub fn request_line(&self) -> (&str, &str, &str) {
        split_request(&self.start_line)
    }

    /// Version, status and reason of a status line.
    pub fn status_line(&self) -> (&str, Option<i64>, &str) {
        let (version, rest) = self
            .start_line
            .split_once(' ')
            .unwrap_or((&self.start_line, ""));
        let (status, reason) = rest
            .trim_start()
            .split_once(' ')
            .unwrap_or_else(|| (rest.trim(), ""));
        // Fewer digits are what is left of a status where the message was cut.
        let is_status = status.len() == 3 && status.bytes().all(|byte| byte.is_ascii_digit());
        let status = is_status.then(|| status.parse().ok()).flatten();
        (version, status, reason.trim())
    }

    /// The value of the first header called `name`, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let field = self
            .headers
            .iter()
            .find(|field| field.name.eq_ignore_ascii_case(name));
        field.map(|field| field.value.as_str())
    }

    /// The message for the detail panel; its body still has the codings that the headers name.
    pub fn into_message(self) -> Message {
        let mime = self.header("content-type").unwrap_or_default().to_owned();
        let codings: Vec<&str> = ["content-encoding", "transfer-encoding"]
            .into_iter()
            .filter_map(|name| self.header(name))
            .collect();
        let content_encoding = codings.join(", ");
        let body = (!self.body.is_empty()).then(|| Body {
            mime,
            content_encoding,
            ..Body::at(self.body, BodyForm::Raw)
        });
        Message {
            start_line: self.start_line,
            headers: self.headers,
            body,
            ..Message::default()
        }
    }
}

/// Method, target and version of `GET /x y HTTP/1.1`; the target may hold spaces.
pub fn split_request(line: &str) -> (&str, &str, &str) {
    let (method, rest) = line.split_once(' ').unwrap_or((line, ""));
    let rest = rest.trim_start();
    match rest.rsplit_once(' ') {
        Some((target, version)) if version.starts_with("HTTP/") => {
            (method, target.trim_end(), version)
        }
        _ => (method, rest, ""),
    }
}

fn raw_line_len(bytes: &[u8], at: usize) -> usize {
    let rest = &bytes[at..];
    let len = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    len - usize::from(rest[..len].ends_with(b"\r"))
}

/// The line that begins at `at`, and where the next one begins.
fn line(bytes: &[u8], at: usize) -> (String, usize) {
    let rest = bytes.get(at..).unwrap_or_default();
    let next = memchr::memchr(b'\n', rest).map_or(bytes.len(), |end| at + end + 1);
    let text = rest.get(..raw_line_len(bytes, at)).unwrap_or_default();
    (String::from_utf8_lossy(text).into_owned(), next)
}

fn header(bytes: &[u8], at: usize, start: u64) -> Option<HeaderField> {
    let text = &bytes[at..at + raw_line_len(bytes, at)];
    // HTTP/2 writes names such as `:authority`.
    let colon = memchr::memchr(b':', text.get(1..)?)? + 1;
    let value = &text[colon + 1..];
    let before = value.len() - value.trim_ascii_start().len();
    let trimmed = value.trim_ascii();
    Some(HeaderField {
        name: String::from_utf8_lossy(text[..colon].trim_ascii()).into_owned(),
        value: String::from_utf8_lossy(trimmed).into_owned(),
        span: Span::new(
            start + (at + colon + 1 + before) as u64,
            u32::try_from(trimmed.len()).unwrap_or(u32::MAX),
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_where_everything_lies() {
        let text =
            "GET /a b HTTP/1.1\r\nHost:  a.example \r\nno colon\r\nX-Long: one\r\n two\r\n\r\nbody";
        let message = RawMessage::parse(text.as_bytes(), 100, 10);
        assert_eq!(message.request_line(), ("GET", "/a b", "HTTP/1.1"));
        let shown: Vec<_> = message
            .headers
            .iter()
            .map(|field| {
                let from = (field.span.start - 100) as usize;
                (
                    field.name.as_str(),
                    field.value.as_str(),
                    &text[from..from + field.span.len as usize],
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                ("Host", "a.example", "a.example"),
                ("X-Long", "one two", "one\r\n two")
            ]
        );
        let body = (message.body.start - 100) as usize;
        assert_eq!(&text[body..], "body");
        assert!(message.is_complete);
    }

    #[test]
    fn reads_status_lines_of_every_kind() {
        let check = |text: &str, expected: (&str, Option<i64>, &str)| {
            let message = RawMessage::parse(text.as_bytes(), 0, 10);
            assert_eq!(message.status_line(), expected, "{text}");
        };
        check("HTTP/1.1 200 OK\r\n", ("HTTP/1.1", Some(200), "OK"));
        check("HTTP/2 204", ("HTTP/2", Some(204), ""));
        check(
            "HTTP/1.0 404 Not Found\n\n",
            ("HTTP/1.0", Some(404), "Not Found"),
        );
        check("garbage", ("garbage", None, ""));
        check("HTTP/1.1 20", ("HTTP/1.1", None, ""));
        check("", ("", None, ""));
    }

    #[test]
    fn headers_beyond_the_limit_are_missed() {
        let text = b"GET / HTTP/1.1\r\na: 1\r\nb: 2\r\n\r\n";
        let limit = crate::base::limits::Limits::default().headers;
        assert!(RawMessage::parse(text, 0, 2).left_out(limit).is_none());
        let cut = RawMessage::parse(text, 0, 1);
        assert_eq!(cut.headers.len(), 1);
        let problem = cut.left_out(limit).expect("one too many");
        assert!(problem.message.ends_with("10,000 (setting limits.headers)"));
    }

    #[test]
    fn any_prefix_is_read_without_panic() {
        let text = b"HTTP/1.1 200 OK\r\n: x\r\n:a:b\r\n\tc\r\n\r\n\xff";
        for cut in 0..=text.len() {
            RawMessage::parse(&text[..cut], u64::from(u32::MAX), 2).into_message();
        }
    }
}
