//! The ring of providers by role: plain data first, then the outlines of its slices.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::f64::consts::TAU;
use std::fmt::Write as _;

use super::summary::percent;
use super::survey::Survey;
use crate::attribution::Role;
use crate::base::text::thousands;
use crate::providers::{ProviderId, catalogue};

/// Most slices that are drawn apart; the rest is one slice, "other".
const MAX_SLICES: usize = 8;

/// Radii of the ring in the units of its 240 by 240 drawing.
const OUTER: f64 = 112.0;
const INNER: f64 = 72.0;
const CENTRE: f64 = 120.0;

/// One slice and its line in the legend.
#[derive(Clone, Debug)]
pub(super) struct Slice {
    /// Provider for people.
    pub(super) name: String,
    /// Role for people.
    pub(super) role: &'static str,
    /// `origin`, `cdn`, `unknown`, `other`: decides how it is filled.
    pub(super) mark: &'static str,
    /// `#ff9900`.
    pub(super) colour: String,
    /// Unique in the drawing; names the hatch pattern.
    pub(super) id: usize,
    /// Outline as SVG path data.
    pub(super) outline: String,
    /// Grouped digits.
    pub(super) count: String,
    /// Of the flows in the report.
    pub(super) percent: String,
}

/// The slices by falling number of flows.
pub(super) fn slices(survey: &Survey<'_>) -> Vec<Slice> {
    let counted = counted_by_provider(survey);
    let all = counted.iter().map(|(_, n)| n).sum();
    let mut from = 0;
    let mut slices = Vec::new();
    for (idx, (key, n)) in grouped(counted).into_iter().enumerate() {
        let (name, role, mark, colour) = describe(key);
        slices.push(Slice {
            name,
            role,
            mark,
            colour,
            id: idx + 1,
            outline: outline(from as f64 / all as f64, (from + n) as f64 / all as f64),
            count: thousands(n),
            percent: percent(n, all),
        });
        from += n;
    }
    slices
}

/// What a slice stands for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Provider(ProviderId, Role),
    Nobody,
    Other,
}

fn counted_by_provider(survey: &Survey<'_>) -> Vec<(Key, u64)> {
    let mut counts: BTreeMap<Key, u64> = BTreeMap::new();
    for (group, tally) in &survey.groups {
        let key = group.terminating().map_or(Key::Nobody, |service| {
            Key::Provider(catalogue().provider_of(service), group.role)
        });
        *counts.entry(key).or_default() += tally.all.n;
    }
    let mut counted: Vec<_> = counts.into_iter().collect();
    // Equal counts keep the order of the catalogue, so that a report repeats.
    counted.sort_by_key(|(key, n)| (*key == Key::Nobody, Reverse(*n)));
    counted
}

fn grouped(counted: Vec<(Key, u64)>) -> Vec<(Key, u64)> {
    if counted.len() <= MAX_SLICES + 1 {
        return counted;
    }
    let (nobody, mut named): (Vec<_>, Vec<_>) = counted
        .into_iter()
        .partition(|(key, _)| *key == Key::Nobody);
    let rest: u64 = named.drain(MAX_SLICES..).map(|(_, n)| n).sum();
    named.push((Key::Other, rest));
    named.extend(nobody);
    named
}

fn describe(key: Key) -> (String, &'static str, &'static str, String) {
    const GREY: &str = "#8a94a3";
    match key {
        Key::Provider(id, role) => {
            let provider = catalogue().provider(id);
            let [red, green, blue] = provider.colour;
            let title = match role {
                Role::Origin => "Origin",
                Role::Cdn => "CDN",
                Role::Unknown => "Unknown",
            };
            let colour = format!("#{red:02x}{green:02x}{blue:02x}");
            (provider.name.clone(), title, role.word(), colour)
        }
        Key::Nobody => (
            "No provider found".to_owned(),
            "Unknown",
            "unknown",
            GREY.to_owned(),
        ),
        Key::Other => (
            "Other providers".to_owned(),
            "Any",
            "other",
            GREY.to_owned(),
        ),
    }
}

/// The piece of the ring between two shares of the full turn, from the top and clockwise.
fn outline(from: f64, to: f64) -> String {
    // A full turn ends where it begins, which one arc cannot draw: two circles of two arcs each can.
    if 0.9999 < to - from {
        return circle(OUTER, 1) + &circle(INNER, 0);
    }
    let point = |share: f64, radius: f64| {
        let angle = share * TAU;
        (CENTRE + radius * angle.sin(), CENTRE - radius * angle.cos())
    };
    let is_large = u8::from(0.5 < to - from);
    let (a, b) = (point(from, OUTER), point(to, OUTER));
    let (c, d) = (point(to, INNER), point(from, INNER));
    let mut path = String::new();
    write!(
        path,
        "M{:.2} {:.2}A{OUTER} {OUTER} 0 {is_large} 1 {:.2} {:.2}L{:.2} {:.2}A{INNER} {INNER} 0 {is_large} 0 {:.2} {:.2}Z",
        a.0, a.1, b.0, b.1, c.0, c.1, d.0, d.1
    )
    .expect("a string takes everything");
    path
}

/// A circle around the centre; the two directions of `sweep` cut holes into each other.
fn circle(radius: f64, sweep: u8) -> String {
    let (top, bottom) = (CENTRE - radius, CENTRE + radius);
    let arc = |to: f64| format!("A{radius} {radius} 0 0 {sweep} {CENTRE} {to:.2}");
    format!("M{CENTRE} {top:.2}{}{}Z", arc(bottom), arc(top))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outlines_close_and_stay_in_the_drawing() {
        for (from, to) in [(0.0, 0.25), (0.25, 0.9), (0.0, 1.0), (0.5, 0.5)] {
            let path = outline(from, to);
            assert!(path.starts_with('M') && path.ends_with('Z'), "{path}");
            assert!(!path.contains("NaN") && !path.contains('-'), "{path}");
        }
    }
}
