//! Layouts of single programs that keep an access log of their own making.

use std::borrow::Cow;

use super::line::{plain, set_flags, set_request};
use crate::base::time::Time;
use crate::capture::{Flags, Side};
use crate::formats::{LogEntry, absolute, known, word};

/// nginx Proxy Manager:
/// `[date] cache upstream status - GET https host "/path" [Client a] [Length n] [Gzip r] [Sent-to b] "agent" "referer"`,
/// where cache, upstream status and destination may be missing.
pub(super) fn proxy_manager(text: &str) -> Option<LogEntry<'_>> {
    let (date, rest) = text.strip_prefix('[')?.split_once("] ")?;
    let (before, rest) = rest.split_once(" \"")?;
    let words: Vec<&str> = before.split(' ').collect();
    let [numbers @ .., "-", method, scheme, host] = &words[..] else {
        return None;
    };
    let (target, rest) = rest.split_once("\" [Client ")?;
    let (client, rest) = rest.split_once(']')?;
    let mut entry = LogEntry {
        start: Some(Time::parse_clf(date)?),
        status: numbers.last()?.parse().ok(),
        bytes_received: between(rest, "[Length ", "]").parse().ok(),
        method: Cow::Borrowed(known(method)),
        url: absolute(plain(known(target)), Some(scheme), host),
        ..LogEntry::default()
    };
    set_flags(&mut entry);
    if entry.method.is_empty() {
        entry.flags.insert(Flags::INCOMPLETE);
    }
    entry.fact("client", client);
    if let [cache, upstream, _status] = numbers {
        entry.fact("cache", *cache);
        entry.fact("upstream status", *upstream);
    }
    entry.fact("compression ratio", between(rest, "[Gzip ", "]"));
    entry.fact("sent to", between(rest, "[Sent-to ", "]"));
    let agents = rest.split_once("] \"").map_or("", |(_, agents)| agents);
    if let Some((agent, referer)) = agents.trim_end_matches('"').split_once("\" \"") {
        entry.header(Side::Request, "User-Agent", plain(agent));
        entry.header(Side::Request, "Referer", plain(referer));
    }
    Some(entry)
}

/// Jira and Confluence: `[date] user thread client GET /path HTTP/1.1 200 350ms 12345 referer agent`.
pub(super) fn atlassian(text: &str) -> Option<LogEntry<'_>> {
    let (date, rest) = text.strip_prefix('[')?.split_once("] ")?;
    let (user, rest) = word(rest);
    let (thread, rest) = word(rest);
    let (client, request) = word(rest);
    let (target, rest) = request.split_once(" HTTP/")?;
    let (version, rest) = word(rest);
    let (status, rest) = word(rest);
    let (duration, rest) = word(rest);
    let (bytes, rest) = word(rest);
    let (referer, agent) = word(rest);
    let mut entry = LogEntry {
        start: Some(Time::parse_clf(date)?),
        time_ms: Some(duration.strip_suffix("ms")?.parse().ok()?),
        status: status.parse().ok(),
        bytes_received: bytes.parse().ok(),
        ..LogEntry::default()
    };
    let end = target.len() + " HTTP/".len() + version.len();
    set_request(&mut entry, &request[..end], None, "");
    set_flags(&mut entry);
    entry.header(Side::Request, "Referer", referer);
    entry.header(Side::Request, "User-Agent", agent);
    entry.fact("client", client);
    entry.fact("user", user);
    entry.fact("thread", thread);
    Some(entry)
}

/// Bitbucket: `client | https | o@id | user | 2026-11-22 18:10:40,113 | "GET /path HTTP/1.1" | "referer" "agent" | 200 |
/// read | written | labels | 47 | session |`. `None` for what is no such line.
pub(super) fn bitbucket(text: &str) -> Option<Bitbucket<'_>> {
    let fields: Vec<&str> = text.split(" | ").map(str::trim).collect();
    let [
        client,
        protocol,
        id,
        user,
        date,
        request,
        agents,
        status,
        rest @ ..,
    ] = &fields[..]
    else {
        return None;
    };
    if matches!(*protocol, "ssh" | "grpc") {
        return Some(Bitbucket::OtherProtocol);
    }
    let request = request.strip_prefix('"')?.strip_suffix('"')?;
    let end = Time::parse_iso(&date.replace(',', "."))?;
    if id.starts_with("i@") {
        return Some(Bitbucket::Begun);
    }
    let number = |idx: usize| {
        rest.get(idx)
            .and_then(|field: &&str| field.parse::<u64>().ok())
    };
    let time_ms = number(3).map(|ms| ms as f64);
    let mut entry = LogEntry {
        start: end.plus_ms(-time_ms.unwrap_or(0.0)),
        time_ms,
        status: status.parse().ok(),
        bytes_sent: number(0),
        bytes_received: number(1),
        ..LogEntry::default()
    };
    set_request(&mut entry, request, None, "");
    set_flags(&mut entry);
    let agents = agents
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    if let Some((referer, agent)) = agents.and_then(|agents| agents.split_once("\" \"")) {
        entry.header(Side::Request, "Referer", referer);
        entry.header(Side::Request, "User-Agent", agent);
    }
    for (name, value) in [
        ("client", *client),
        ("protocol", protocol),
        ("user", user),
        ("request", id),
        ("labels", rest.get(2).unwrap_or(&"")),
    ] {
        entry.fact(name, value);
    }
    Some(Bitbucket::Done(Box::new(entry)))
}

/// What a line of Bitbucket tells.
pub(super) enum Bitbucket<'a> {
    /// A request that was answered.
    Done(Box<LogEntry<'a>>),
    /// A request that came in; it has a line of its own when it is answered.
    Begun,
    /// SSH or gRPC.
    OtherProtocol,
}

/// uWSGI: `[pid: 7|app: 0|req: 1/1] client (user) {38 vars in 696 bytes} [Sun Mar 13 22:49:12 2016] GET /path => generated
/// 47 bytes in 129 msecs (HTTP/1.1 200) 9 headers in 378 bytes (1 switches on core 3)`.
pub(super) fn uwsgi(text: &str) -> Option<LogEntry<'_>> {
    let (_, text) = text.split_once("[pid: ")?;
    let (worker, rest) = text.split_once("] ")?;
    let (client, rest) = rest.split_once(" (")?;
    let (user, rest) = rest.split_once(") {")?;
    let (_, rest) = rest.split_once("} [")?;
    let (date, rest) = rest.split_once("] ")?;
    let (request, rest) = rest.rsplit_once(" => generated ")?;
    let (body, rest) = word(rest);
    let (taken, rest) = rest.strip_prefix("bytes in ")?.split_once(" (")?;
    let (answer, rest) = rest.split_once(')')?;
    let (version, status) = answer.split_once(' ')?;
    let (amount, unit) = taken.split_once(' ')?;
    let factor = if unit.starts_with("micros") {
        1e-3
    } else {
        1.0
    };
    let headers: Option<u64> = between(rest, "headers in ", " bytes").parse().ok();
    let body: Option<u64> = body.parse().ok();
    let mut entry = LogEntry {
        start: Time::parse_ctime(date),
        time_ms: amount.parse::<f64>().ok().map(|amount| amount * factor),
        status: status.parse().ok(),
        bytes_received: body
            .zip(headers)
            .and_then(|(body, headers)| body.checked_add(headers)),
        ..LogEntry::default()
    };
    set_request(&mut entry, request, None, "");
    entry.version = Cow::Borrowed(version);
    set_flags(&mut entry);
    entry.fact("client", client);
    entry.fact("user", user);
    entry.fact("worker", worker);
    Some(entry)
}

/// Zoraxy: `2025/05/01 07:57:03 [2025-05-01 07:57:03.150624] [router:host-http] [origin:host] [client: a] [useragent: b]
/// GET /path 404`.
pub(super) fn zoraxy(text: &str) -> Option<LogEntry<'_>> {
    let (before, rest) = text.split_once(" [origin:")?;
    let (host, rest) = rest.split_once("] [client: ")?;
    let (client, rest) = rest.split_once("] [useragent: ")?;
    let (agent, request) = rest.rsplit_once("] ")?;
    let (request, status) = request.trim_end().rsplit_once(' ')?;
    let date = before.split_once('[')?.1.split_once(']')?.0;
    let mut entry = LogEntry {
        start: Some(Time::parse_iso(date)?),
        status: Some(status.parse().ok()?),
        ..LogEntry::default()
    };
    set_request(&mut entry, request, None, host);
    set_flags(&mut entry);
    entry.header(Side::Request, "User-Agent", agent);
    entry.fact("client", client);
    entry.fact("route", between(before, "[router:", "]"));
    Some(entry)
}

/// The text between the first `start` and the next `end`; empty when there is none.
fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let inside = text
        .split_once(start)
        .and_then(|(_, rest)| rest.split_once(end));
    inside.map_or("", |(inside, _)| inside)
}
