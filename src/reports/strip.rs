//! The overview of time: how many flows of which provider began when, as outlines of a small stacked chart.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::ReportInput;
use super::survey::Survey;
use crate::base::time::Time;
use crate::providers::{ProviderId, catalogue};

/// Columns of the chart.
const N_COLUMNS: usize = 160;
/// Providers with a colour of their own; the others share one.
const MAX_BANDS: usize = 6;
/// Size of the drawing in its own units.
pub(super) const WIDTH: usize = N_COLUMNS * 5;
pub(super) const HEIGHT: usize = 72;
/// Colours of what no provider colours.
const OTHERS: &str = "#8a94a3";
const NOBODY: &str = "#c3c9d1";

/// The chart with what it says in words.
#[derive(Clone, Debug, Default)]
pub(super) struct Strip {
    /// From below.
    pub(super) bands: Vec<Band>,
    /// The most flows that began within one column.
    pub(super) n_tallest: u32,
    /// First and last start.
    pub(super) span: Option<(Time, Time)>,
    /// What one column stands for, in milliseconds.
    pub(super) column_ms: f64,
    pub(super) n_with_start: u64,
    pub(super) n_without_start: u64,
}

/// The flows of one provider.
#[derive(Clone, Debug)]
pub(super) struct Band {
    pub(super) name: String,
    pub(super) colour: String,
    /// SVG path data of all its columns.
    pub(super) outline: String,
}

/// Which band a flow belongs to, in the order in which they are stacked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    Provider(usize),
    Others,
    Nobody,
}

impl Strip {
    pub(super) fn of(input: &ReportInput<'_>, survey: &Survey<'_>) -> Self {
        let largest = largest_providers(survey);
        let mut strip = Self {
            span: survey.span,
            n_with_start: survey.n_with_start,
            n_without_start: survey.total.all.n - survey.n_with_start,
            ..Self::default()
        };
        let Some((first, last)) = survey.span else {
            return strip;
        };
        let span_ms = last.ms_since(first).max(1.0);
        strip.column_ms = span_ms / N_COLUMNS as f64;
        let mut counts: BTreeMap<Who, Vec<u32>> = BTreeMap::new();
        for (id, flow) in input.shown() {
            let Some(start) = flow.start() else {
                continue;
            };
            let share = start.ms_since(first) / span_ms;
            let column = ((share * N_COLUMNS as f64) as usize).min(N_COLUMNS - 1);
            let service = input.document.verdict(id).terminating();
            let provider = service.map(|part| catalogue().provider_of(part.service));
            let who = provider.map_or(Who::Nobody, |provider| {
                let place = largest.iter().position(|known| *known == provider);
                place.map_or(Who::Others, Who::Provider)
            });
            counts.entry(who).or_insert_with(|| vec![0; N_COLUMNS])[column] += 1;
        }
        strip.draw(&counts, &largest);
        strip
    }

    fn draw(&mut self, counts: &BTreeMap<Who, Vec<u32>>, largest: &[ProviderId]) {
        let total = |column: usize| counts.values().map(|band| band[column]).sum::<u32>();
        self.n_tallest = (0..N_COLUMNS).map(total).max().unwrap_or(0);
        let scale = HEIGHT as f64 / f64::from(self.n_tallest.max(1));
        let mut below = vec![0; N_COLUMNS];
        for (who, band) in counts {
            let mut outline = String::new();
            for (column, n) in band.iter().enumerate().filter(|(_, n)| 0 < **n) {
                let bottom = HEIGHT as f64 - f64::from(below[column]) * scale;
                let height = f64::from(*n) * scale;
                let top = bottom - height;
                write!(outline, "M{} {top:.1}h4v{height:.1}h-4z", column * 5)
                    .expect("a string takes everything");
                below[column] += n;
            }
            let (name, colour) = match who {
                Who::Provider(place) => {
                    let provider = catalogue().provider(largest[*place]);
                    let [red, green, blue] = provider.colour;
                    let colour = format!("#{red:02x}{green:02x}{blue:02x}");
                    (provider.name.clone(), colour)
                }
                Who::Others => ("Other providers".to_owned(), OTHERS.to_owned()),
                Who::Nobody => ("No provider found".to_owned(), NOBODY.to_owned()),
            };
            self.bands.push(Band {
                name,
                colour,
                outline,
            });
        }
    }
}

fn largest_providers(survey: &Survey<'_>) -> Vec<ProviderId> {
    let mut totals: BTreeMap<ProviderId, u64> = BTreeMap::new();
    for (key, tally) in &survey.groups {
        if let Some(service) = key.terminating() {
            *totals.entry(catalogue().provider_of(service)).or_default() += tally.all.n;
        }
    }
    let mut largest: Vec<_> = totals.into_iter().collect();
    largest.sort_by_key(|(_, n)| Reverse(*n));
    largest.truncate(MAX_BANDS);
    largest.into_iter().map(|(provider, _)| provider).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_stacked_and_stay_in_the_drawing() {
        let mut first = vec![0; N_COLUMNS];
        let mut second = vec![0; N_COLUMNS];
        first[0] = 3;
        second[0] = 1;
        second[N_COLUMNS - 1] = 2;
        let counts = BTreeMap::from([(Who::Others, first), (Who::Nobody, second)]);
        let mut strip = Strip::default();
        strip.draw(&counts, &[]);
        assert_eq!(strip.n_tallest, 4);
        let outlines: Vec<_> = strip
            .bands
            .iter()
            .map(|band| (band.name.as_str(), band.outline.as_str()))
            .collect();
        assert_eq!(
            outlines,
            [
                ("Other providers", "M0 18.0h4v54.0h-4z"),
                ("No provider found", "M0 0.0h4v18.0h-4zM795 36.0h4v36.0h-4z"),
            ]
        );
    }
}
