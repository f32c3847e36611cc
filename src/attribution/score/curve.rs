//! Risk against coverage: how much is answered down to a degree of sureness, and how often those answers err.
//!
//! Answers for one site stand and fall together, so the intervals count sites and not entries.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::answered::Answered;
use super::label::Truth;
use crate::attribution::url::registrable;
use crate::attribution::verdict::Conclusiveness;

/// All calls that are at least so sure.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// The least conclusiveness of the calls.
    pub conclusiveness: Conclusiveness,
    /// The least number of families that speak for the edge, among calls of that conclusiveness.
    pub families: u8,
    /// Calls where the truth is known.
    pub calls: u32,
    /// Those that do not agree with it.
    pub wrong: u32,
    /// Share of the rows with a known truth that are answered.
    pub coverage: f64,
    /// Ends of the interval that holds the share of wrong calls at a confidence of 95 %.
    pub interval: (f64, f64),
    /// Registrable domains that the calls are about.
    pub sites: usize,
}

impl Point {
    /// Share of the calls that are wrong.
    pub fn risk(&self) -> f64 {
        f64::from(self.wrong) / f64::from(self.calls)
    }
}

/// The curve over `answers` with what is known of each, from the surest calls down.
pub(super) fn curve<'r>(answers: impl Iterator<Item = (&'r Answered, &'r Truth)>) -> Vec<Point> {
    let known: Vec<(&Answered, &Truth)> = answers
        .filter(|(_, truth)| **truth != Truth::Unlabelled)
        .collect();
    let is_named = |row: &Answered| !row.answer.is_empty();
    let levels: BTreeSet<Reverse<(Conclusiveness, u8)>> = known
        .iter()
        .filter(|(row, _)| is_named(row))
        .map(|(row, _)| Reverse((row.conclusiveness, row.families)))
        .collect();
    let points = levels.into_iter().map(|Reverse(level)| {
        let mut sites: BTreeMap<&str, Tally> = BTreeMap::new();
        for (row, truth) in &known {
            if is_named(row) && level <= (row.conclusiveness, row.families) {
                let site = sites.entry(registrable(&row.host)).or_default();
                site.calls += 1;
                site.wrong += u32::from(!truth.agrees(&row.answer));
            }
        }
        point(level, known.len(), &sites)
    });
    points.collect()
}

/// The calls about one site.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    calls: u32,
    wrong: u32,
}

fn point(
    (conclusiveness, families): (Conclusiveness, u8),
    n_known: usize,
    sites: &BTreeMap<&str, Tally>,
) -> Point {
    let calls = sites.values().map(|site| site.calls).sum();
    let wrong = sites.values().map(|site| site.wrong).sum();
    let tallies: Vec<Tally> = sites.values().copied().collect();
    Point {
        conclusiveness,
        families,
        calls,
        wrong,
        coverage: f64::from(calls) / n_known as f64,
        interval: wilson(f64::from(wrong) / f64::from(calls), independent(&tallies)),
        sites: sites.len(),
    }
}

/// As many independent calls as would scatter like these: between the number of sites and that of calls.
fn independent(sites: &[Tally]) -> f64 {
    let n: f64 = sites.iter().map(|site| f64::from(site.calls)).sum();
    let m = sites.len() as f64;
    let risk = sites.iter().map(|site| f64::from(site.wrong)).sum::<f64>() / n;
    let squares = sites.iter().map(|site| {
        let expected = risk * f64::from(site.calls);
        (f64::from(site.wrong) - expected).powi(2)
    });
    let variance = m / (m - 1.0) * squares.sum::<f64>() / (n * n);
    let effective = risk * (1.0 - risk) / variance;
    // Without an error, or with one site only, nothing shows how calls about one site hang together.
    if effective.is_finite() {
        effective.clamp(1.0, n)
    } else {
        m
    }
}

/// The score interval of Wilson (1927) for a `share` of `n` independent trials, at a confidence of 95 %.
fn wilson(share: f64, n: f64) -> (f64, f64) {
    const Z: f64 = 1.959_964;
    let spread = Z * Z / n;
    let middle = (share + spread / 2.0) / (1.0 + spread);
    let half = Z / (1.0 + spread) * (share * (1.0 - share) / n + spread / (4.0 * n)).sqrt();
    ((middle - half).max(0.0), (middle + half).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(host: &str, answer: &str, conclusiveness: Conclusiveness, families: u8) -> Answered {
        Answered {
            file: "a.har".to_owned(),
            entry: 0,
            host: host.to_owned(),
            label: String::new(),
            answer: answer.to_owned(),
            conclusiveness,
            families,
        }
    }

    #[test]
    fn the_curve_goes_from_the_surest_calls_down() {
        use Conclusiveness::{Conclusive, Strong};
        let akamai = Truth::Edge(vec!["akamai".to_owned()]);
        let rows = [
            row("a.example", "akamai", Conclusive, 3),
            row("b.example", "akamai", Conclusive, 2),
            row("c.example", "aws", Strong, 1),
            row("d.example", "", Conclusiveness::Insufficient, 0),
        ];
        let curve = curve(rows.iter().map(|row| (row, &akamai)));
        let points: Vec<_> = curve
            .iter()
            .map(|it| (it.calls, it.wrong, it.coverage, it.sites))
            .collect();
        assert_eq!(points, [(1, 0, 0.25, 1), (2, 0, 0.5, 2), (3, 1, 0.75, 3)]);
    }

    #[test]
    fn many_calls_about_one_site_are_worth_one() {
        let (low, high) = wilson(
            0.0,
            independent(
                &[Tally {
                    calls: 500,
                    wrong: 0,
                }; 3],
            ),
        );
        assert!(low == 0.0 && 0.5 < high, "{low} to {high}");
        let together = independent(&[
            Tally {
                calls: 50,
                wrong: 50,
            },
            Tally {
                calls: 50,
                wrong: 0,
            },
            Tally {
                calls: 50,
                wrong: 0,
            },
        ]);
        assert!(together < 4.0, "{together}");
    }

    #[test]
    fn the_interval_of_wilson() {
        let (low, high) = wilson(0.1, 100.0);
        assert!(
            (low - 0.0552).abs() < 1e-4 && (high - 0.1744).abs() < 1e-4,
            "{low} to {high}"
        );
    }
}
