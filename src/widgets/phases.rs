//! One flow as a bar on a time axis, with its phases; the same in the timeline and in the table.

use std::ops::Range;

use egui::{Color32, Painter, Rect, pos2};

use super::marks::paint_role_bar;
use super::theme::{MIN_BAR, Theme};
use super::time_axis::TimeAxis;
use crate::attribution::Role;
use crate::base::time::Time;
use crate::capture::{PHASES, Phase, Phases};

/// Width from which on a bar shows its pattern, in points.
const LEAST_PATTERN: f32 = 8.0;
/// Narrower bars show their longest phase alone, in points.
const LEAST_PHASES: f32 = 3.0;
/// How much of its colour a dimmed bar keeps.
const DIM: f32 = 0.25;

/// Each phase that applies, with its beginning and end in milliseconds after the start of the flow.
///
/// TLS is the last part of connecting, so it lies within it and takes no time of its own.
pub fn spans(phases: &Phases) -> impl Iterator<Item = (Phase, Range<f64>)> + '_ {
    let mut at = 0.0;
    PHASES.into_iter().filter_map(move |phase| {
        let ms = phases.get(phase)?;
        if phase == Phase::Ssl && phases.get(Phase::Connect).is_some() {
            return Some((phase, (at - ms).max(0.0)..at));
        }
        let from = at;
        at += ms;
        Some((phase, from..at))
    })
}

/// `colour`, or what is left of it while something else is highlighted.
pub fn dimmed(colour: Color32, theme: &Theme, is_dim: bool) -> Color32 {
    if is_dim {
        theme.canvas.lerp_to_gamma(colour, DIM)
    } else {
        colour
    }
}

/// The rectangle of a bar from `start` to `end` on `axis`, never too thin to be seen; `None` outside the axis.
pub fn bar_rect(axis: &TimeAxis, start: Time, end: Time) -> Option<Rect> {
    let (left, right) = (axis.x_from_time(start), axis.x_from_time(end));
    let right = right.max(left + MIN_BAR);
    let is_visible = axis.rect.left() < right && left < axis.rect.right();
    is_visible.then(|| {
        let from = pos2(left.max(axis.rect.left()), axis.rect.top());
        Rect::from_min_max(from, pos2(right.min(axis.rect.right()), axis.rect.bottom()))
    })
}

/// What a bar stands for, and how it is drawn.
#[derive(Clone, Copy, Debug)]
pub struct RowBar<'a> {
    /// When it begins.
    pub start: Time,
    /// When it is over.
    pub end: Time,
    /// What it waited for in between.
    pub phases: &'a Phases,
    /// What its colour means.
    pub look: Look,
    /// Something else is highlighted.
    pub is_dim: bool,
}

/// What the colour of a bar means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Phases in their colours, or this one when the file has none.
    Phases(Color32),
    /// One colour, drawn as this role is.
    Whole(Color32, Role),
}

/// Paints `bar` over the whole height of `axis` and returns where.
pub fn paint_row_bar(painter: &Painter, axis: &TimeAxis, bar: &RowBar<'_>) -> Option<Rect> {
    let theme = Theme::of(painter.ctx());
    let rect = bar_rect(axis, bar.start, bar.end)?;
    let faded = |colour| dimmed(colour, theme, bar.is_dim);
    let plain = match bar.look {
        Look::Whole(colour, role) => {
            // A pattern needs room to be seen.
            let role = if rect.width() < LEAST_PATTERN {
                Role::Origin
            } else {
                role
            };
            paint_role_bar(painter, theme, rect, faded(colour), role);
            return Some(rect);
        }
        Look::Phases(plain) => plain,
    };
    let longest = PHASES
        .into_iter()
        .filter_map(|phase| Some((phase, bar.phases.get(phase)?)))
        .max_by(|a, b| a.1.total_cmp(&b.1));
    let ground = longest.map_or(plain, |(phase, _)| theme.phase(phase));
    painter.rect_filled(rect, 0.0, faded(ground));
    if rect.width() < LEAST_PHASES {
        return Some(rect);
    }
    let moment = |ms: f64| axis.x_from_time(bar.start.plus_ms(ms).unwrap_or(bar.start));
    for (phase, span) in spans(bar.phases) {
        let across = moment(span.start)..=moment(span.end);
        let mut part = Rect::from_x_y_ranges(across, rect.y_range()).intersect(rect);
        if phase == Phase::Ssl {
            part = part.shrink2(egui::vec2(0.0, rect.height() / 4.0));
        }
        if 0.5 <= part.width() {
            painter.rect_filled(part, 0.0, faded(theme.phase(phase)));
        }
    }
    Some(rect)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(given: &[(Phase, f64)], expected: &[(Phase, f64, f64)]) {
        let mut phases = Phases::default();
        for (phase, ms) in given {
            phases.set(*phase, *ms);
        }
        let found: Vec<_> = spans(&phases)
            .map(|(phase, span)| (phase, span.start, span.end))
            .collect();
        assert_eq!(found, expected, "{given:?}");
    }

    #[test]
    fn phases_follow_each_other_and_tls_lies_within_connecting() {
        use Phase::{Blocked, Connect, Receive, Ssl, Wait};
        check(&[], &[]);
        check(
            &[(Blocked, 1.0), (Connect, 10.0), (Ssl, 4.0), (Wait, 5.0)],
            &[
                (Blocked, 0.0, 1.0),
                (Connect, 1.0, 11.0),
                (Ssl, 7.0, 11.0),
                (Wait, 11.0, 16.0),
            ],
        );
        check(
            &[(Ssl, 4.0), (Receive, 1.0)],
            &[(Ssl, 0.0, 4.0), (Receive, 4.0, 5.0)],
        );
        check(
            &[(Connect, 2.0), (Ssl, 9.0)],
            &[(Connect, 0.0, 2.0), (Ssl, 0.0, 2.0)],
        );
        check(&[(Wait, -1.0)], &[]);
    }
}
