//! A time axis: the only place where times become positions and positions become times, with round ticks.

use std::ops::Range;

use egui::{Align2, Color32, Painter, Rect, Stroke, pos2};

use super::theme::{DENSE_SIZE, regular};
use crate::base::text::duration_with_unit;
use crate::base::time::Time;

/// Least space between two ticks, in points.
const TICK_SPACE: f32 = 110.0;
/// Most ticks of one axis, whatever its width.
const MAX_TICKS: i64 = 64;

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Steps between ticks from a second on; below, they are 1, 2 and 5 of every power of ten.
const STEPS: &[i64] = &[
    SECOND,
    2 * SECOND,
    5 * SECOND,
    10 * SECOND,
    30 * SECOND,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    7 * DAY,
    30 * DAY,
    90 * DAY,
    365 * DAY,
    1_000 * DAY,
    3_650 * DAY,
    36_500 * DAY,
];

/// A stretch of time laid over a rectangle from left to right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeAxis {
    /// From the left edge to the right edge.
    pub range: Range<Time>,
    /// Where it lies.
    pub rect: Rect,
}

impl TimeAxis {
    /// Length in microseconds, at least one.
    fn span(&self) -> f64 {
        (self.range.end.0.saturating_sub(self.range.start.0)).max(1) as f64
    }

    /// The position of `time`; far outside the rectangle it stops growing, so that painting stays exact.
    pub fn x_from_time(&self, time: Time) -> f32 {
        let part = time.0.saturating_sub(self.range.start.0) as f64 / self.span();
        let width = f64::from(self.rect.width());
        (f64::from(self.rect.left()) + (part * width).clamp(-1e5, 1e5)) as f32
    }

    /// The time at position `x`.
    pub fn time_from_x(&self, x: f32) -> Time {
        let part = f64::from(x - self.rect.left()) / f64::from(self.rect.width().max(1.0));
        let micros = (part * self.span()).round() as i64;
        Time(self.range.start.0.saturating_add(micros))
    }

    /// Round times within the range, counted from `origin`, with their words.
    pub fn ticks(&self, origin: Time) -> Vec<(Time, String)> {
        let n_wanted = f64::from((self.rect.width() / TICK_SPACE).max(1.0));
        let step = round_step(self.span() / n_wanted);
        let from = self.range.start.0.saturating_sub(origin.0);
        let to = self.range.end.0.saturating_sub(origin.0);
        let first = from.div_euclid(step) + i64::from(from.rem_euclid(step) != 0);
        (first..first.saturating_add(MAX_TICKS))
            .map(|n| n.saturating_mul(step))
            .take_while(|offset| *offset <= to)
            .map(|offset| (Time(origin.0.saturating_add(offset)), words(offset, step)))
            .collect()
    }

    /// Paints a line at every tick and its words to the right of the line's upper end.
    pub fn paint_ticks(&self, painter: &Painter, origin: Time, line: Color32, text: Color32) {
        for (time, words) in self.ticks(origin) {
            let x = self.x_from_time(time).round() + 0.5;
            painter.vline(x, self.rect.y_range(), Stroke::new(1.0, line));
            let galley = painter.layout_no_wrap(words, regular(DENSE_SIZE), text);
            if x + 4.0 + galley.size().x <= self.rect.right() {
                let at = pos2(x + 4.0, self.rect.top());
                let rect = Align2::LEFT_TOP.anchor_size(at, galley.size());
                painter.galley(rect.min, galley, text);
            }
        }
    }
}

/// The smallest round step that is at least `least` microseconds.
fn round_step(least: f64) -> i64 {
    let mut power = 1;
    while power < SECOND {
        for factor in [1, 2, 5] {
            if least <= (factor * power) as f64 {
                return factor * power;
            }
        }
        power *= 10;
    }
    let found = STEPS.iter().find(|step| least <= **step as f64);
    found.copied().unwrap_or(i64::MAX / 2)
}

/// `offset` microseconds in words, as exact as `step` asks for.
fn words(offset: i64, step: i64) -> String {
    let sign = if offset < 0 { "−" } else { "" };
    let n = offset.unsigned_abs();
    let part = |unit: i64| n / unit.unsigned_abs();
    let seconds = n as f64 / SECOND as f64;
    if n == 0 {
        return "0 s".to_owned();
    }
    if step < SECOND && part(MINUTE) == 0 {
        let digits = (0..6_i32)
            .find(|digits| SECOND / 10_i64.pow(digits.unsigned_abs()) <= step)
            .unwrap_or(6);
        return format!("{sign}{seconds:.*} s", digits.unsigned_abs() as usize);
    }
    if DAY <= step {
        return format!("{sign}{} d", part(DAY));
    }
    if part(MINUTE) == 0 {
        return format!("{sign}{} s", part(SECOND));
    }
    let rest = match step {
        MINUTE.. => String::new(),
        SECOND.. => format!(":{:02}", part(SECOND) % 60),
        _ => format!(
            ":{:06.3}",
            (n % MINUTE.unsigned_abs()) as f64 / SECOND as f64
        ),
    };
    if part(HOUR) == 0 {
        format!("{sign}{}{rest} min", part(MINUTE))
    } else {
        format!("{sign}{}:{:02}{rest} h", part(HOUR), part(MINUTE) % 60)
    }
}

/// A duration of `micros` microseconds for people: `350 ms`, `10.5 s`, `3.2 min`, `12.0 d`.
pub fn duration_words(micros: i64) -> String {
    let (number, unit) = duration_with_unit(micros.max(0).unsigned_abs());
    format!("{number} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(from: i64, to: i64) -> TimeAxis {
        TimeAxis {
            range: Time(from)..Time(to),
            rect: Rect::from_min_max(pos2(10.0, 0.0), pos2(1_010.0, 100.0)),
        }
    }

    fn check(to: i64, expected: &[&str]) {
        let ticks = axis(0, to).ticks(Time(0));
        let words: Vec<&str> = ticks.iter().map(|(_, words)| words.as_str()).collect();
        assert_eq!(words.get(..expected.len()), Some(expected), "{words:?}");
    }

    #[test]
    fn ticks_are_round() {
        check(10_500_000, &["0 s", "2 s", "4 s"]);
        check(3_000_000, &["0 s", "0.5 s", "1.0 s"]);
        check(2_000, &["0 s", "0.0005 s", "0.0010 s"]);
        check(10 * MINUTE, &["0 s", "2 min", "4 min"]);
        check(200 * SECOND, &["0 s", "30 s", "1:00 min"]);
        check(20 * HOUR, &["0 s", "6:00 h", "12:00 h"]);
        check(3_650 * DAY, &["0 s", "1000 d", "2000 d"]);
    }

    #[test]
    fn times_and_positions_are_inverse() {
        for axis in [axis(0, 10), axis(-5_000_000, 3_650 * DAY)] {
            for x in [10.0, 400.0, 1_010.0_f32] {
                let back = axis.x_from_time(axis.time_from_x(x));
                let pixel = (axis.rect.width() / axis.span() as f32).max(0.01);
                assert!(
                    (x - back).abs() <= pixel,
                    "{axis:?}: {x} came back as {back}"
                );
            }
        }
    }

    #[test]
    fn absurd_ranges_stay_finite_and_few() {
        for (from, to) in [
            (0, 0),
            (5, -5),
            (i64::MIN + 1, i64::MAX),
            (i64::MAX - 1, i64::MAX),
            (-1, i64::MAX),
        ] {
            let axis = axis(from, to);
            assert!(
                axis.ticks(Time(0)).len() <= MAX_TICKS as usize,
                "{from}..{to}"
            );
            assert!(axis.ticks(Time(i64::MAX)).len() <= MAX_TICKS as usize);
            for time in [i64::MIN, from, 0, to, i64::MAX] {
                assert!(
                    axis.x_from_time(Time(time)).is_finite(),
                    "{from}..{to}: {time}"
                );
            }
        }
    }

    #[test]
    fn durations_read_well() {
        for (micros, expected) in [
            (-4, "0 ms"),
            (350_000, "350 ms"),
            (10_500_000, "10.5 s"),
            (192 * SECOND, "3.2 min"),
            (12 * DAY, "12.0 d"),
        ] {
            assert_eq!(duration_words(micros), expected);
        }
    }
}
