//! What log services put in front of the lines of other programs, or around them: syslog, journald, container runtimes.

use std::borrow::Cow;

use super::word;
use crate::base::time::Time;

/// The line behind what syslog (RFC 3164 and 5424), journald or a container runtime put in front of it.
pub(super) fn without_prefix(text: &str) -> Option<&str> {
    let behind_priority = text
        .strip_prefix('<')
        .and_then(|rest| rest.split_once('>'))
        .filter(|(digits, _)| digits.len() <= 3 && digits.bytes().all(|b| b.is_ascii_digit()))
        .map(|(_, rest)| rest);
    if let Some(rest) = behind_priority.and_then(|rest| rest.strip_prefix("1 ")) {
        return behind_structured_data(rest);
    }
    container(text)
        .or_else(|| behind_tag(behind_priority.unwrap_or(text)))
        .or_else(|| behind_process(text))
        .or_else(|| behind_service(text))
}

/// `program[123]: message`, where the date was left out.
fn behind_process(text: &str) -> Option<&str> {
    let (tag, message) = text.split_once(": ")?;
    let (program, process) = tag.strip_suffix(']')?.split_once('[')?;
    let is_number = !process.is_empty() && process.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && !program.is_empty() && !program.contains(' ')).then_some(message)
}

/// `web-1  | message`, as Docker Compose shows the output of several services.
fn behind_service(text: &str) -> Option<&str> {
    let (service, message) = text.split_once(" | ")?;
    let service = service.trim_end();
    (!service.is_empty() && !service.contains(' ')).then_some(message)
}

/// The message within an object of JSON, as Docker, journald and log shippers keep the lines of other programs.
pub(super) fn enveloped(text: &str) -> Option<Cow<'_, str>> {
    #[derive(serde::Deserialize)]
    struct Envelope<'a> {
        #[serde(borrow, alias = "message", alias = "MESSAGE", alias = "msg")]
        log: Cow<'a, str>,
    }
    if !text.starts_with('{') {
        return None;
    }
    let envelope: Envelope<'_> = serde_json::from_str(text).ok()?;
    Some(envelope.log)
}

/// `2026-11-22T18:10:40Z host program 123 - [a@1 b="c"] message` behind the version of RFC 5424.
fn behind_structured_data(text: &str) -> Option<&str> {
    let mut rest = text;
    for _ in 0..5 {
        (_, rest) = rest.split_once(' ')?;
    }
    let rest = match rest.strip_prefix('-') {
        Some(rest) => rest,
        None => &rest[rest.find("] ")? + 1..],
    };
    Some(rest.trim_start().trim_start_matches('\u{feff}'))
}

/// `2026-11-22T18:10:40.123Z stdout F message`, as container runtimes keep the output of a program.
fn container(text: &str) -> Option<&str> {
    let (time, rest) = text.split_once(' ')?;
    let rest = rest
        .strip_prefix("stdout ")
        .or_else(|| rest.strip_prefix("stderr "))?;
    let rest = rest
        .strip_prefix("F ")
        .or_else(|| rest.strip_prefix("P "))?;
    Time::parse_iso(time).map(|_| rest)
}

/// `Nov 22 18:10:40 host program[123]: message`, or the same with a date of ISO 8601.
fn behind_tag(text: &str) -> Option<&str> {
    let (date, rest) = text.split_once(' ')?;
    let rest = if MONTHS.contains(&date) {
        let (_day, rest) = word(rest.trim_start());
        let (time, rest) = word(rest);
        (time.bytes().filter(|byte| *byte == b':').count() == 2).then_some(rest)?
    } else {
        Time::parse_iso(date).map(|_| rest)?
    };
    let (host, behind_host) = word(rest);
    // Some programs leave out the host.
    let rest = if host.ends_with(':') {
        rest
    } else {
        behind_host
    };
    let (tag, message) = rest.split_once(": ")?;
    (!tag.contains(' ') && !tag.is_empty()).then_some(message.trim_start())
}

/// As dates in logs name them.
pub(super) const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_off_what_log_services_put_in_front() {
        for text in [
            "<134>Nov 22 18:10:40 host haproxy[123]: message here",
            "Nov  2 18:10:40 host haproxy: message here",
            "<190>Nov 22 18:10:40 nginx: message here",
            "web-1  | message here",
            "haproxy[123]: message here",
            "2026-11-22T18:10:40.123+01:00 host nginx: message here",
            "<134>1 2026-11-22T18:10:40Z host nginx 12 - - message here",
            "<134>1 2026-11-22T18:10:40Z host nginx 12 id [a@1 b=\"c\"] message here",
            "2026-11-22T18:10:40.123456789Z stdout F message here",
        ] {
            assert_eq!(without_prefix(text), Some("message here"), "{text}");
        }
        for text in [
            "message here",
            "",
            "Nov",
            "<>",
            "<1>",
            "<134>1 ",
            "Jan x: y",
            " | y",
        ] {
            assert_eq!(without_prefix(text), None, "{text}");
        }
    }

    #[test]
    fn finds_the_message_within_an_object() {
        for text in [
            r#"{"log":"a \"b\"\n","stream":"stdout","time":"2026-11-22T18:10:40Z"}"#,
            r#"{"_PID":"7","MESSAGE":"a \"b\"\n"}"#,
        ] {
            assert_eq!(enveloped(text).as_deref(), Some("a \"b\"\n"), "{text}");
        }
        for text in ["", "{", "{}", r#"{"log":{"entries":[]}}"#, "[1]"] {
            assert_eq!(enveloped(text), None, "{text}");
        }
    }
}
