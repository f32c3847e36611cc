//! Points in time as captures write them, read leniently and written in one form.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub i64);

impl Time {
    /// Reads ISO 8601 as real programs write it: any number of fraction digits, `Z`, `+02:00`, `+0200`, or no zone (UTC).
    ///
    /// Returns `None` for anything that is no date, such as Firebug's `NaN-NaN-NaNT…`.
    pub fn parse_iso(text: &str) -> Option<Self> {
        let text = text.trim();
        parse_usual_iso(text.as_bytes()).or_else(|| parse_any_iso(text))
    }

    /// Parses the date of HTTP headers: `Mon, 13 Jun 2011 16:20:13 GMT`.
    pub fn parse_http(text: &str) -> Option<Self> {
        let time = jiff::fmt::rfc2822::parse(text.trim()).ok()?;
        Some(Self(time.timestamp().as_microsecond()))
    }

    /// Reads the date of web server logs: `22/Nov/2026:18:14:21 +0000`, also with a blank before the hour, with
    /// milliseconds, or without a zone (UTC).
    pub fn parse_clf(text: &str) -> Option<Self> {
        let text = text.trim().as_bytes();
        let is = |at: usize, wanted: u8| text.get(at) == Some(&wanted);
        if !(is(2, b'/') && is(6, b'/')) {
            return None;
        }
        let month = month_number(text.get(3..6)?)?;
        at_clock(
            digits(text, 7, 4)?,
            month,
            digits(text, 0, 2)?,
            text.get(12..)?,
        )
    }

    /// Reads the date that C programs write: `Sun Mar 13 22:49:12 2016` (UTC).
    pub fn parse_ctime(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split_ascii_whitespace().take(6).collect();
        let [_, month, day, clock, year] = words[..] else {
            return None;
        };
        let month = month_number(month.as_bytes())?;
        at_clock(
            year.parse().ok()?,
            month,
            day.parse().ok()?,
            clock.as_bytes(),
        )
        .filter(|_| year.len() == 4)
    }

    /// Reads a date in a form of `strftime`, such as `%Y-%m-%d %H:%M:%S`; without a zone it is UTC.
    pub fn parse_strftime(form: &str, text: &str) -> Option<Self> {
        let found = jiff::fmt::strtime::parse(form, text.trim()).ok()?;
        let timestamp = found.to_timestamp().or_else(|_| {
            let civil = found.to_datetime()?;
            Ok::<_, jiff::Error>(civil.to_zoned(TimeZone::UTC)?.timestamp())
        });
        Some(Self(timestamp.ok()?.as_microsecond()))
    }

    /// Seconds since the epoch with a fraction, as Squid and Zeek write them.
    pub fn from_epoch_seconds(seconds: f64) -> Option<Self> {
        let micros = seconds * 1e6;
        (micros.is_finite() && micros.abs() < i64::MAX as f64 / 2.0)
            .then(|| Self(micros.round() as i64))
    }

    /// This time moved by `ms` milliseconds, when the result exists.
    pub fn plus_ms(self, ms: f64) -> Option<Self> {
        let moved = self.0 as f64 + ms * 1e3;
        (moved.is_finite() && moved.abs() < i64::MAX as f64 / 2.0)
            .then(|| Self(self.0.saturating_add((ms * 1e3).round() as i64)))
    }

    /// Milliseconds from `earlier` to this time; negative when this one is earlier.
    pub fn ms_since(self, earlier: Self) -> f64 {
        self.0.saturating_sub(earlier.0) as f64 / 1e3
    }

    /// `2016-05-29T05:22:54.142Z`: UTC with milliseconds.
    pub fn to_iso(self) -> String {
        jiff::Timestamp::from_microsecond(self.0)
            .map_or_else(|_| String::new(), |time| format!("{time:.3}"))
    }

    /// `2016-05-29 07:22:54.142 +02:00`: the time of this machine's zone with milliseconds.
    pub fn to_local(self) -> String {
        self.in_zone(&TimeZone::system())
    }

    fn in_zone(self, zone: &TimeZone) -> String {
        jiff::Timestamp::from_microsecond(self.0).map_or_else(
            |_| String::new(),
            |time| {
                let local = time.to_zoned(zone.clone());
                local.strftime("%Y-%m-%d %H:%M:%S%.3f %:z").to_string()
            },
        )
    }

    /// For reading: in this machine's zone or in UTC.
    pub fn shown(self, is_local: bool) -> String {
        if is_local {
            self.to_local()
        } else {
            self.to_iso()
        }
    }

    /// The calendar year in UTC, when it lies in the range of the calendar.
    pub fn year(self) -> Option<i16> {
        let time = jiff::Timestamp::from_microsecond(self.0).ok()?;
        Some(time.to_zoned(TimeZone::UTC).year())
    }

    /// The clock of this machine.
    pub fn now() -> Self {
        Self(jiff::Timestamp::now().as_microsecond())
    }
}

/// 1 for `Jan`.
fn month_number(name: &[u8]) -> Option<i64> {
    let months = b"JanFebMarAprMayJunJulAugSepOctNovDec";
    let at = months.chunks(3).position(|month| month == name)?;
    i64::try_from(at + 1).ok()
}

/// `YYYY-MM-DDTHH:MM:SS[.f…](Z|±hh[:]mm|)` without allocation; anything else is left to [`parse_any_iso`].
fn parse_usual_iso(text: &[u8]) -> Option<Time> {
    let is = |at: usize, wanted: u8| text.get(at) == Some(&wanted);
    if !(is(4, b'-') && is(7, b'-') && (is(10, b'T') || is(10, b' '))) {
        return None;
    }
    let (year, month, day) = (
        digits(text, 0, 4)?,
        digits(text, 5, 2)?,
        digits(text, 8, 2)?,
    );
    at_clock(year, month, day, text.get(11..)?)
}

/// The moment of a day at which a clock shows `HH:MM:SS[.f…](Z|±hh[:]mm|)`.
fn at_clock(year: i64, month: i64, day: i64, clock: &[u8]) -> Option<Time> {
    let is_colon = |at: usize| clock.get(at) == Some(&b':');
    if !(is_colon(2) && is_colon(5)) {
        return None;
    }
    let (hour, minute, second) = (
        digits(clock, 0, 2)?,
        digits(clock, 3, 2)?,
        digits(clock, 6, 2)?,
    );
    if !(1..=12).contains(&month)
        || !(1..=31).contains(&day)
        || hour > 23
        || minute > 59
        || second > 60
    {
        return None;
    }
    let (fraction_micros, zone_at) = fraction_micros(clock, 8)?;
    let zone_seconds = zone_seconds(clock.get(zone_at..)?.trim_ascii_start())?;
    let seconds = days_from_civil(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second
        - zone_seconds;
    Some(Time(seconds * 1_000_000 + fraction_micros))
}

/// The number that `n` digits from `at` on make.
fn digits(text: &[u8], at: usize, n: usize) -> Option<i64> {
    text.get(at..at + n)?.iter().try_fold(0, |value, byte| {
        byte.is_ascii_digit()
            .then(|| value * 10 + i64::from(byte - b'0'))
    })
}

fn fraction_micros(text: &[u8], at: usize) -> Option<(i64, usize)> {
    if !matches!(text.get(at), Some(b'.' | b',')) {
        return Some((0, at));
    }
    let n = text[at + 1..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let micros = (0..6).fold(0, |value, idx| {
        let digit = text
            .get(at + 1 + idx)
            .filter(|_| idx < n)
            .map_or(0, |byte| i64::from(byte - b'0'));
        value * 10 + digit
    });
    (0 < n).then_some((micros, at + 1 + n))
}

fn zone_seconds(zone: &[u8]) -> Option<i64> {
    let (sign, rest) = match zone {
        [] | b"Z" | b"z" => return Some(0),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let pair = |pair: &[u8]| std::str::from_utf8(pair).ok()?.parse::<i64>().ok();
    let (hours, minutes) = match rest.len() {
        2 => (pair(rest)?, 0),
        4 => (pair(&rest[..2])?, pair(&rest[2..])?),
        5 if rest[2] == b':' => (pair(&rest[..2])?, pair(&rest[3..])?),
        _ => return None,
    };
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
}

/// Days between 1970-01-01 and a date of the proleptic Gregorian calendar.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn parse_any_iso(text: &str) -> Option<Time> {
    let micros = text
        .parse::<jiff::Timestamp>()
        .ok()
        .or_else(|| {
            let civil: DateTime = text.parse().ok()?;
            Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
        })?
        .as_microsecond();
    Some(Time(micros))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_times_say_their_offset_and_summer() {
        let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a zone");
        for (utc, expected) in [
            ("2016-05-29T05:22:54.142Z", "2016-05-29 07:22:54.142 +02:00"),
            ("2016-12-31T23:30:00Z", "2017-01-01 00:30:00.000 +01:00"),
        ] {
            let time = Time::parse_iso(utc).expect("a time");
            assert_eq!(time.in_zone(&zone), expected);
        }
        assert_eq!(Time(0).shown(false), "1970-01-01T00:00:00.000Z");
    }

    #[test]
    fn reads_the_forms_that_real_programs_write() {
        let same = "2016-05-29T05:22:54.142Z";
        for text in [
            same,
            "2016-05-29T05:22:54.142+00:00",
            "2016-05-29T07:22:54.142+0200",
            "2016-05-29T07:22:54.142000000+02:00",
            "2016-05-29 05:22:54.142",
        ] {
            assert_eq!(Time::parse_iso(text).expect(text).to_iso(), same, "{text}");
        }
    }

    #[test]
    fn reads_the_date_of_web_server_logs() {
        let time = Time::parse_clf("22/Nov/2026:19:14:21 +0100").expect("a date");
        assert_eq!(time.to_iso(), "2026-11-22T18:14:21.000Z");
        let time = Time::parse_clf("22/Nov/2026 18:14:21.5").expect("a date");
        assert_eq!(time.to_iso(), "2026-11-22T18:14:21.500Z");
        for text in [
            "22/Nov/2026",
            "22/Nov/2026:",
            "22/aNo/2026:18:14:21",
            "",
            "22/Nov/2026é",
        ] {
            assert_eq!(Time::parse_clf(text), None, "{text}");
        }
        let time = Time::parse_ctime("Sun Mar  3 22:49:12 2016").expect("a date");
        assert_eq!(time.to_iso(), "2016-03-03T22:49:12.000Z");
    }

    #[test]
    fn reads_a_date_in_a_given_form() {
        for (form, text) in [
            ("%Y-%m-%d %H:%M:%S", "2026-11-22 18:14:21"),
            ("%d.%m.%y %T %z", "22.11.26 19:14:21 +0100"),
            ("%s", "1795371261"),
        ] {
            let time = Time::parse_strftime(form, text).expect(form);
            assert_eq!(time.to_iso(), "2026-11-22T18:14:21.000Z", "{form}");
        }
        assert_eq!(Time::parse_strftime("%Y", "2026-11"), None);
        assert_eq!(Time::parse_strftime("%", "x"), None);
    }

    #[test]
    fn refuses_what_is_no_date() {
        for text in [
            "",
            "NaN-NaN-NaNTNaN:NaN:NaN.NaN+NaN:NaN",
            "9999-99-99T99:99:99.999+9999",
            "soon",
        ] {
            assert_eq!(Time::parse_iso(text), None, "{text}");
        }
    }

    #[test]
    fn arithmetic_with_absurd_durations_ends_in_none() {
        assert_eq!(Time(0).plus_ms(f64::INFINITY), None);
        assert_eq!(Time(0).plus_ms(1e300), None);
        assert_eq!(Time(0).plus_ms(1.5), Some(Time(1_500)));
    }
}
