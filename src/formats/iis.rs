//! The log file format of IIS itself: fifteen values between commas, without a header.

use std::net::IpAddr;

use super::{Format, Input, Line, Log, LogEntry, Probe, Watch, known};
use crate::base::time::Time;
use crate::capture::{Capture, Carries, Flags, Problem};

/// Reads comma-separated IIS logs.
pub(super) struct Iis;

const LOG: Log<()> = Log {
    producer: |()| "Microsoft IIS".to_owned(),
    is_at_server: |()| true,
    read_line: |(), text| read_line(text),
};

impl Format for Iis {
    fn id(&self) -> &'static str {
        "iis"
    }

    fn title(&self) -> &'static str {
        "IIS log (comma-separated)"
    }

    fn about(&self) -> &'static str {
        "the log file format of IIS itself; its W3C logs are read as such"
    }

    fn producers(&self) -> &'static str {
        "IIS"
    }

    fn versions(&self) -> &'static str {
        "layout only"
    }

    fn carries(&self) -> Carries {
        Carries {
            headers: false,
            bodies: false,
            server_address: true,
            timings: true,
        }
    }

    fn confidence(&self, probe: &Probe<'_>) -> u8 {
        LOG.confidence(probe).min(95)
    }

    fn read(&self, input: Input, watch: &Watch<'_>) -> Result<Capture, Problem> {
        LOG.read(&input, watch, ())
    }
}

/// `192.0.2.1, -, 11/23/2026, 2:46:59, W3SVC1, WEB01, 192.0.2.10, 4502, 163, 3223, 200, 0, GET, /a.gif, -,`
fn read_line(text: &str) -> Line<'_> {
    const EXPECTED: &str = "expected the values of an IIS log between commas";
    let text = text.trim_end();
    let text = text.strip_suffix(',').unwrap_or(text);
    let values: Vec<&str> = text.splitn(14, ',').map(str::trim).collect();
    let &[
        client,
        user,
        day,
        clock,
        service,
        computer,
        server,
        taken,
        received,
        sent,
        status,
        error,
        method,
        rest,
    ] = values.as_slice()
    else {
        return Line::Bad(EXPECTED);
    };
    // A target may hold commas, so the query is what follows the last one.
    let Some((target, query)) = rest.rsplit_once(',') else {
        return Line::Bad(EXPECTED);
    };
    let (Some(end), true) = (moment(day, clock), is_service(service)) else {
        return Line::Bad(EXPECTED);
    };
    if !service.starts_with("W3SVC") {
        return Line::Other("lines of FTP, mail and news servers");
    }
    let (target, query) = (known(target.trim()), known(query.trim()));
    let time_ms = taken.parse::<f64>().ok().filter(|ms| 0.0 <= *ms);
    let mut entry = LogEntry {
        start: end.plus_ms(-time_ms.unwrap_or(0.0)),
        time_ms,
        method: known(method).into(),
        url: match query {
            "" => target.into(),
            query => format!("{target}?{query}").into(),
        },
        status: status.parse().ok().filter(|status| *status != 0),
        bytes_sent: received.parse().ok(),
        bytes_received: sent.parse().ok(),
        ..LogEntry::default()
    };
    if server.parse::<IpAddr>().is_ok() {
        entry.server_ip = server.into();
    }
    if entry.status.is_none() {
        entry.flags.insert(Flags::ABORTED);
    }
    if entry.method.is_empty() || target.is_empty() {
        entry.flags.insert(Flags::INCOMPLETE);
    }
    for (name, value) in [
        ("client", client),
        ("user", user),
        ("service", service),
        ("computer", computer),
        ("Windows error", error),
    ] {
        entry.fact(name, value);
    }
    Line::Flow(Box::new(entry))
}

/// `W3SVC1`: a service and the number of its site.
fn is_service(text: &str) -> bool {
    let names = ["W3SVC", "MSFTPSVC", "FTPSVC", "SMTPSVC", "NNTPSVC"];
    names.iter().any(|name| text.starts_with(name))
}

/// The day as the language of the server writes it, `11/23/2026`, `11/23/26`, `23.11.2026` or `2026-11-23`; the clock is
/// that of the server.
fn moment(day: &str, clock: &str) -> Option<Time> {
    let numbers: Vec<&str> = day.split(['/', '.', '-']).collect();
    let &[first, second, third] = numbers.as_slice() else {
        return None;
    };
    let (year, month, day) = if first.len() == 4 {
        (first, second, third)
    } else if day.contains('.') {
        (third, second, first)
    } else {
        (third, first, second)
    };
    let number = |text: &str| text.parse::<u16>().ok();
    let (year, month, day) = (number(year)?, number(month)?, number(day)?);
    let year = match year {
        0..70 => year + 2_000,
        70..100 => year + 1_900,
        _ => year,
    };
    // Where the day comes first, the month shows it by being none.
    let (month, day) = if 12 < month {
        (day, month)
    } else {
        (month, day)
    };
    let (hour, rest) = clock.split_once(':')?;
    Time::parse_iso(&format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{rest}",
        number(hour)?
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_days_as_languages_write_them() {
        for day in [
            "11/23/2026",
            "11/23/26",
            "23.11.2026",
            "2026-11-23",
            "23/11/2026",
        ] {
            let time = moment(day, "2:46:59").expect(day);
            assert_eq!(time.to_iso(), "2026-11-23T02:46:59.000Z", "{day}");
        }
        for (day, clock) in [
            ("", ""),
            ("11/23", "2:46:59"),
            ("1/2/3/4", "2:46:59"),
            ("13/13/2026", "1:2:3"),
            ("11/23/2026", "24"),
        ] {
            assert_eq!(moment(day, clock), None, "{day} {clock}");
        }
    }
}
