//! A request as a command for curl that a POSIX shell reads back exactly, with secrets removed.

use crate::base::text::{counted, thousands};
use crate::capture::{Flow, HeaderField, Message};
use crate::redact::Redactor;

/// Largest body that is written into a command, in bytes: a shell takes no longer argument.
const MAX_BODY: usize = 100_000;
/// Stands for the file that a person saves the body to.
const BODY_FILE: &str = "request-body";

/// How the body of a request is given to curl.
enum Payload {
    None,
    /// As text, with secrets removed.
    Text(String),
    /// In a file; the words say why.
    File(String),
}

/// The command that sends the request of `flow` again. Reads the file: for worker threads.
pub(super) fn command(flow: Flow<'_>, redactor: &mut Redactor) -> String {
    let exchange = flow.capture().exchange(flow.idx());
    let (request, mut notes) = match exchange {
        Ok(exchange) => (exchange.request, Vec::new()),
        Err(problem) => (
            Message::default(),
            vec![format!("headers and body could not be read: {problem}")],
        ),
    };
    let payload = payload(flow, &request, redactor);
    let url = one_line(&redactor.url(flow.url()));
    let mut parts = vec![if url.starts_with('-') {
        format!("curl --url {}", quoted(&url))
    } else {
        format!("curl {}", quoted(&url))
    }];
    if url.contains(['[', ']', '{', '}']) {
        parts.push("--globoff".to_owned());
    }
    parts.extend(method_option(flow.method(), &payload));
    parts.extend(version_option(flow.http_version()).map(str::to_owned));
    let is_sent = |header: &&HeaderField| is_sent(header, flow.host());
    for header in request.headers.iter().filter(is_sent) {
        let value = one_line(&redactor.header(&header.name, &header.value));
        parts.push(format!("-H {}", quoted(&header_argument(header, &value))));
    }
    if request.header("accept-encoding").is_some() {
        parts.push("--compressed".to_owned());
    }
    let has_type = request.header("content-type").is_some();
    if !matches!(payload, Payload::None) && !has_type {
        // Without this, curl would call the body a form.
        parts.push("-H 'Content-Type:'".to_owned());
    }
    match payload {
        Payload::None => {}
        // curl would take what follows an `@` for the name of a file.
        Payload::Text(text) if text.starts_with('@') => {
            parts.push(format!("--data-raw {}", quoted(&text)));
        }
        Payload::Text(text) => parts.push(format!("--data-binary {}", quoted(&text))),
        Payload::File(note) => {
            notes.push(note);
            parts.push(format!("--data-binary @{BODY_FILE}"));
        }
    }
    let mut text = String::new();
    for note in &notes {
        text.push_str("# ");
        text.push_str(&one_line(note));
        text.push('\n');
    }
    text.push_str(&parts.join(" \\\n  "));
    text.push('\n');
    text
}

/// `-X PUT`, or nothing when curl would choose the method by itself.
fn method_option(method: &str, payload: &Payload) -> Option<String> {
    // What the Fetch standard calls these by, whatever a script wrote; any other method is sent as it is written.
    let usual = ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"];
    let usual = usual
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(method));
    match (usual.unwrap_or(method), payload) {
        ("GET" | "", Payload::None) | ("POST", Payload::Text(_) | Payload::File(_)) => None,
        ("HEAD", Payload::None) => Some("--head".to_owned()),
        ("", _) => Some("-X GET".to_owned()),
        (method, _) => Some(format!("-X {}", quoted(&one_line(method)))),
    }
}

fn version_option(version: &str) -> Option<&'static str> {
    let version = version.to_ascii_lowercase();
    match version.trim_start_matches("http/").trim() {
        "1.0" => Some("--http1.0"),
        "1.1" => Some("--http1.1"),
        "2" | "2.0" | "h2" => Some("--http2"),
        "3" | "3.0" | "h3" => Some("--http3"),
        _ => None,
    }
}

/// False for what curl writes itself, and for names that it would read a file by.
fn is_sent(header: &HeaderField, host: &str) -> bool {
    let name = header.name.to_ascii_lowercase();
    let is_name = !name.is_empty() && !name.starts_with([':', '@']);
    let is_own_host = name == "host" && header.value.split(':').next() == Some(host);
    is_name && !is_own_host && name != "content-length" && name != "transfer-encoding"
}

fn header_argument(header: &HeaderField, value: &str) -> String {
    let name = one_line(&header.name);
    // With a colon and nothing behind it curl would leave the header out.
    if value.trim().is_empty() {
        format!("{name};")
    } else {
        format!("{name}: {value}")
    }
}

fn payload(flow: Flow<'_>, request: &Message, redactor: &mut Redactor) -> Payload {
    let Some(body) = &request.body else {
        return Payload::None;
    };
    let Ok(read) = body.read(flow.capture().source(), MAX_BODY) else {
        return Payload::File(format!(
            "the body could not be read; put it into {BODY_FILE}"
        ));
    };
    if read.bytes.is_empty() {
        return Payload::None;
    }
    let n_bytes = counted(read.bytes.len() as u64, "byte");
    if read.is_cut {
        return Payload::File(format!(
            "the body is longer than {} bytes; put it into {BODY_FILE}",
            thousands(MAX_BODY as u64)
        ));
    }
    let mime = request.header("content-type").unwrap_or(&body.mime);
    let text = String::from_utf8(read.bytes).ok();
    match text.filter(|text| is_plain(text)) {
        Some(text) => Payload::Text(redactor.body(mime, &text)),
        None => Payload::File(format!(
            "the body is not text ({n_bytes}); put it into {BODY_FILE}"
        )),
    }
}

/// True for text that a terminal takes as text when it is pasted.
fn is_plain(text: &str) -> bool {
    !text
        .chars()
        .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

/// `text` with blanks for control characters.
fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

/// `text` as one word of a POSIX shell.
fn quoted(text: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || "-_./:,@%+".contains(c);
    if !text.is_empty() && text.chars().all(is_word) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_as_a_shell_reads_them() {
        for (text, expected) in [
            ("https://a.example/b", "https://a.example/b"),
            ("https://a.example/?b=1&c=2", "'https://a.example/?b=1&c=2'"),
            ("it's $HOME `x`", r"'it'\''s $HOME `x`'"),
            ("", "''"),
            ("~root", "'~root'"),
            ("a\nb", "'a\nb'"),
        ] {
            assert_eq!(quoted(text), expected);
        }
    }

    #[test]
    fn versions_have_their_option() {
        for (version, expected) in [
            ("HTTP/1.1", Some("--http1.1")),
            ("http/2.0", Some("--http2")),
            ("h3", Some("--http3")),
            ("HTTP/1.0", Some("--http1.0")),
            ("unknown", None),
            ("", None),
        ] {
            assert_eq!(version_option(version), expected, "{version}");
        }
    }

    #[test]
    fn curl_chooses_the_method_by_itself_where_it_can() {
        let text = || Payload::Text("x".to_owned());
        for (method, payload, expected) in [
            ("GET", Payload::None, None),
            ("POST", text(), None),
            ("POST", Payload::None, Some("-X POST")),
            ("HEAD", Payload::None, Some("--head")),
            ("get", Payload::None, None),
            ("put", text(), Some("-X PUT")),
            ("patch", text(), Some("-X patch")),
            ("PUT", text(), Some("-X PUT")),
            ("A B", Payload::None, Some("-X 'A B'")),
        ] {
            let option = method_option(method, &payload);
            assert_eq!(option.as_deref(), expected, "{method}");
        }
    }
}
