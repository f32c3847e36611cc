//! What the ring and its legend show: shares, their places on the ring, and what they are shares of.

use std::ops::Range;

use crate::attribution::Role;
use crate::base::jobs::Cancel;
use crate::base::text::{bytes_with_unit, counted, thousands};
use crate::document::Document;
use crate::query::Rows;
use crate::query::aggregate::{Part, Share, provider_shares};
use crate::session::{Highlight, Measure};

/// Most slices beside "other".
const MAX_SLICES: usize = 8;

/// The shares of the flows that are shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pie {
    /// What the sizes mean.
    pub measure: Measure,
    /// Which part of the verdicts it is drawn by.
    pub part: Part,
    /// From the largest to the smallest; then "other", then what is not attributed.
    pub slices: Vec<Slice>,
    /// Sum of all slices, in requests or bytes.
    pub total: u64,
    /// Number of flows that the slices cover.
    pub n_shown: u64,
    /// Number of flows of the document.
    pub n_flows: u64,
    /// Number of flows shown for which nobody is named.
    pub n_unattributed: u64,
}

/// One slice of the ring and row of the legend.
#[derive(Clone, Debug, PartialEq)]
pub struct Slice {
    /// The provider's name, or what stands in its place.
    pub name: String,
    /// Provider and role; `None` for "other", which is several.
    pub key: Option<Highlight>,
    /// The filter that keeps just these flows.
    pub filter: String,
    /// Requests or bytes.
    pub value: u64,
    /// Part of the total, from 0 to 1.
    pub part: f64,
    /// Place on the ring, in turns.
    pub turns: Range<f32>,
}

impl Pie {
    /// Counts `rows`; `None` when cancelled.
    pub fn of(
        document: &Document,
        rows: &Rows,
        (measure, part): (Measure, Part),
        cancel: &Cancel,
    ) -> Option<Self> {
        let flows = rows.flows.iter().copied();
        let flows = flows.take_while(|_| !cancel.is_cancelled());
        let shares = provider_shares(document, flows, part);
        let n_flows = u64::from(document.n_flows());
        (!cancel.is_cancelled()).then(|| Self::from_shares(shares, n_flows, measure, part))
    }

    /// Lays out `shares` of a document with `n_flows` flows.
    pub fn from_shares(mut shares: Vec<Share>, n_flows: u64, measure: Measure, part: Part) -> Self {
        let value = |share: &Share| match measure {
            Measure::Requests => share.n,
            Measure::Bytes => share.bytes,
        };
        let total = shares.iter().map(value).sum();
        let n_shown = shares.iter().map(|share| share.n).sum();
        let nobody = shares
            .iter()
            .position(|share| share.provider.is_none())
            .map(|at| shares.remove(at));
        let n_unattributed = nobody.as_ref().map_or(0, |share| share.n);
        shares.sort_by_key(|share| std::cmp::Reverse(value(share)));

        let n_named = MAX_SLICES - usize::from(nobody.is_some());
        let rest = shares.split_off(n_named.min(shares.len()));
        let mut slices: Vec<Slice> = shares
            .iter()
            .map(|share| Slice::new(share, value(share)))
            .collect();
        if !rest.is_empty() {
            slices.push(Slice {
                name: format!("other ({})", rest.len()),
                key: None,
                filter: other_filter(&shares, part),
                value: rest.iter().map(value).sum(),
                part: 0.0,
                turns: 0.0..0.0,
            });
        }
        slices.extend(nobody.map(|share| Slice::new(&share, value(&share))));
        let mut pie = Self {
            measure,
            part,
            slices,
            total,
            n_shown,
            n_flows,
            n_unattributed,
        };
        pie.lay_out();
        pie
    }

    fn lay_out(&mut self) {
        let mut before = 0;
        let turn = |value: u64| value as f64 / self.total.max(1) as f64;
        for slice in &mut self.slices {
            slice.part = turn(slice.value);
            slice.turns = turn(before) as f32..turn(before + slice.value) as f32;
            before += slice.value;
        }
    }

    /// The slice at this place on the ring.
    pub fn slice_at(&self, turn: f32) -> Option<usize> {
        self.slices
            .iter()
            .position(|slice| slice.turns.contains(&turn))
    }

    /// The total and its unit, for the middle of the ring.
    pub fn total_with_unit(&self) -> (String, &'static str) {
        with_unit(self.total, self.measure)
    }

    /// `607 of 607 shown · 133 not attributed`.
    pub fn denominator(&self) -> String {
        let (shown, all) = (thousands(self.n_shown), thousands(self.n_flows));
        let nobody = thousands(self.n_unattributed);
        let absence = self.part.absence();
        format!("{shown} of {all} shown · {nobody} {absence}")
    }

    /// Whose word the slices are, and about what.
    pub fn basis(&self) -> &'static str {
        match self.part {
            Part::Terminating => "drawn from the machine's verdicts: who answers",
            Part::Edge => "drawn from the machine's verdicts: the edge",
            Part::Origin => "drawn from the machine's verdicts: the origin",
        }
    }

    /// The whole chart in one sentence.
    pub fn summary(&self) -> String {
        let slices: Vec<String> = self
            .slices
            .iter()
            .map(|slice| slice.spoken(self.measure))
            .collect();
        format!("Providers of {}", slices.join("; "))
    }
}

impl Slice {
    fn new(share: &Share, value: u64) -> Self {
        Self {
            name: share.name().to_owned(),
            key: Some(Highlight {
                provider: share.provider,
                role: share.role,
            }),
            filter: share.filter(),
            value,
            part: 0.0,
            turns: 0.0..0.0,
        }
    }

    /// How it is drawn; "other" is of several roles.
    pub fn role(&self) -> Role {
        self.key.map_or(Role::Unknown, |key| key.role)
    }

    /// The word for the role.
    pub fn role_word(&self) -> &'static str {
        match self.key.map(|key| key.role) {
            Some(Role::Cdn) => "CDN",
            Some(role) => role.word(),
            None => "several",
        }
    }

    /// `321`, or `4.1 MB`.
    pub fn amount(&self, measure: Measure) -> String {
        match measure {
            Measure::Requests => thousands(self.value),
            Measure::Bytes => {
                let (number, unit) = bytes_with_unit(self.value);
                format!("{number} {unit}")
            }
        }
    }

    /// The part in percent with one digit, without the sign.
    pub fn percent(&self) -> String {
        format!("{:.1}", self.part * 100.0)
    }

    /// `Akamai, CDN, 321 requests, 52.9 percent`.
    pub fn spoken(&self, measure: Measure) -> String {
        let amount = match measure {
            Measure::Requests => counted(self.value, "request"),
            Measure::Bytes => self.amount(measure),
        };
        let (name, role, percent) = (&self.name, self.role_word(), self.percent());
        format!("{name}, {role}, {amount}, {percent} percent")
    }

    /// The term that leaves these flows out.
    pub fn exclusion(&self) -> String {
        format!("-({})", self.filter)
    }
}

fn with_unit(value: u64, measure: Measure) -> (String, &'static str) {
    match measure {
        Measure::Requests if value == 1 => (thousands(value), "request"),
        Measure::Requests => (thousands(value), "requests"),
        Measure::Bytes => bytes_with_unit(value),
    }
}

/// The filter that keeps what is attributed, but to none of `named`.
fn other_filter(named: &[Share], part: Part) -> String {
    let mut terms: Vec<String> = named
        .iter()
        .map(|share| format!("-({})", share.filter()))
        .collect();
    terms.push(format!("-{}", part.filter(None)));
    terms.join(" ")
}

/// True when `filter` asks for `term` beside other terms.
pub fn has_term(filter: &str, term: &str) -> bool {
    place_of(filter, term).is_some()
}

/// `filter` with `term` added, or without it when it is there already.
pub fn toggle_term(filter: &str, term: &str) -> String {
    let filter = filter.trim();
    if let Some(place) = place_of(filter, term) {
        let (before, after) = (&filter[..place.start], &filter[place.end..]);
        return format!("{} {}", before.trim_end(), after.trim_start())
            .trim()
            .to_owned();
    }
    if filter.is_empty() {
        return term.to_owned();
    }
    let is_choice = filter.contains('|')
        || filter
            .split_whitespace()
            .any(|word| word.eq_ignore_ascii_case("or"));
    if is_choice {
        format!("({filter}) {term}")
    } else {
        format!("{filter} {term}")
    }
}

/// Where `term` stands in `filter` as a whole term outside parentheses.
fn place_of(filter: &str, term: &str) -> Option<Range<usize>> {
    filter
        .match_indices(term)
        .map(|(at, found)| at..at + found.len())
        .find(|place| {
            let (before, after) = (&filter[..place.start], &filter[place.end..]);
            let is_whole = (before.is_empty() || before.ends_with(' '))
                && (after.is_empty() || after.starts_with(' '));
            is_whole && before.matches('(').count() == before.matches(')').count()
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::{ProviderId, catalogue};
    use crate::query::filter::Filter;

    fn share(provider: Option<u16>, role: Role, n: u64, bytes: u64) -> Share {
        Share {
            part: Part::default(),
            provider: provider.map(ProviderId),
            role,
            n,
            bytes,
        }
    }

    #[test]
    fn at_most_eight_slices_and_other() {
        let n_providers = catalogue().providers().len() as u16;
        assert!(10 < n_providers);
        for n in 0..n_providers {
            let mut shares: Vec<Share> = (0..n)
                .map(|idx| share(Some(idx), Role::Cdn, 100 - u64::from(idx), 0))
                .collect();
            shares.push(share(None, Role::Unknown, 500, 0));
            let total: u64 = shares.iter().map(|share| share.n).sum();
            let pie = Pie::from_shares(shares, 10_000, Measure::Requests, Part::default());
            assert!(pie.slices.len() <= MAX_SLICES + 1, "{n} providers");
            let sum: u64 = pie.slices.iter().map(|slice| slice.value).sum();
            assert_eq!(sum, total, "{n} providers");
            let parts: f64 = pie.slices.iter().map(|slice| slice.part).sum();
            assert!((parts - 1.0).abs() < 1e-9, "{n} providers");
            assert_eq!(
                pie.slices.last().map(|s| s.name.as_str()),
                Some("not attributed")
            );
            for slice in &pie.slices {
                for term in [slice.filter.clone(), slice.exclusion()] {
                    Filter::parse(&term).unwrap_or_else(|error| panic!("{term}: {error}"));
                }
                let middle = f32::midpoint(slice.turns.start, slice.turns.end);
                let found = pie.slice_at(middle).map(|idx| &pie.slices[idx]);
                assert_eq!(found, Some(slice));
            }
        }
    }

    #[test]
    fn bytes_have_an_order_of_their_own() {
        let shares = vec![
            share(Some(0), Role::Cdn, 9, 10),
            share(Some(1), Role::Origin, 1, 3_000),
        ];
        let pie = Pie::from_shares(shares.clone(), 10, Measure::Bytes, Part::default());
        assert_eq!(pie.slices[0].value, 3_000);
        assert_eq!(pie.total_with_unit(), ("3.0".to_owned(), "kB"));
        let pie = Pie::from_shares(shares, 20, Measure::Requests, Part::default());
        assert!(
            pie.slices[0]
                .spoken(Measure::Requests)
                .ends_with(", CDN, 9 requests, 90.0 percent")
        );
        assert_eq!(pie.denominator(), "10 of 20 shown · 0 not attributed");
    }

    #[test]
    fn nothing_at_all_is_no_slice() {
        let pie = Pie::from_shares(Vec::new(), 0, Measure::Bytes, Part::default());
        assert_eq!(
            (pie.slices.len(), pie.total, pie.slice_at(0.0)),
            (0, 0, None)
        );
        let pie = Pie::from_shares(
            vec![share(None, Role::Unknown, 3, 0)],
            3,
            Measure::Bytes,
            Part::default(),
        );
        assert_eq!(pie.slices[0].part, 0.0);
    }

    #[test]
    fn a_term_comes_and_goes() {
        let term = "provider:aws role:cdn";
        for (before, after) in [
            ("", "provider:aws role:cdn"),
            (" type:image ", "type:image provider:aws role:cdn"),
            ("a or b", "(a or b) provider:aws role:cdn"),
            (
                "-(provider:aws role:cdn)",
                "-(provider:aws role:cdn) provider:aws role:cdn",
            ),
        ] {
            assert_eq!(toggle_term(before, term), after);
            assert!(has_term(after, term), "{after}");
            let gone = toggle_term(after, term);
            assert!(!has_term(&gone, term), "{gone}");
        }
        assert_eq!(toggle_term("a provider:aws role:cdn b", term), "a b");
    }
}
