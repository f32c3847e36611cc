//! What the ring and its legend show: shares, their places on the ring, and what they are shares of.

use std::cmp::Reverse;
use std::ops::Range;

use super::terms::without_own;
use crate::attribution::Role;
use crate::base::jobs::Cancel;
use crate::base::text::{bytes_with_unit, counted, duration_with_unit, thousands};
use crate::document::Document;
use crate::query::aggregate::{Concentration, Part, Share, Who, concentration, shares};
use crate::query::{self, Query, Rows};
use crate::session::{Highlight, Measure, Session};

/// Most slices beside "other".
const MAX_SLICES: usize = 8;

/// The shares of the flows that are shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pie {
    /// What the sizes mean.
    pub measure: Measure,
    /// By what the flows are divided.
    pub part: Part,
    /// From the largest to the smallest; then "other", then what nothing is said about.
    pub slices: Vec<Slice>,
    /// All shares one by one, as they are copied.
    pub shares: Vec<Share>,
    /// Sum of all slices, in what is measured.
    pub total: u64,
    /// Number of flows that the slices cover.
    pub n_covered: u64,
    /// Number of flows that are shown: fewer than are covered while one slice is filtered by.
    pub n_shown: u64,
    /// Number of flows of the document.
    pub n_flows: u64,
    /// Number of flows covered about which nothing is said.
    pub n_absent: u64,
    /// How few have how much.
    pub concentration: Option<Concentration>,
}

/// One slice of the ring and row of the legend.
#[derive(Clone, Debug, PartialEq)]
pub struct Slice {
    /// The provider's name, or what stands in its place.
    pub name: String,
    /// What it stands for; `None` for "other", which is several.
    pub who: Option<Who>,
    /// How it is drawn; "other" is of several roles.
    pub role: Role,
    /// Nothing is said about its flows.
    pub is_absence: bool,
    /// The filter that keeps just these flows.
    pub filter: String,
    /// How much, in what is measured.
    pub value: u64,
    /// Part of the total, from 0 to 1.
    pub part: f64,
    /// Place on the ring, in turns.
    pub turns: Range<f32>,
    /// What "other" is made of, one line each.
    pub others: Vec<String>,
}

/// The query to count instead of what is shown: while one slice is filtered by, the ring goes on to show the whole that it is
/// a slice of. `None` when there is no such filter.
pub fn whole_query(session: &Session) -> Option<Query> {
    let typed = &session.query.filter;
    // Inverted, the term of a slice asks for something else.
    if session.chips.is_inverted || session.part.terms_in(typed).is_empty() {
        return None;
    }
    let whole = Session {
        query: Query {
            filter: without_own(typed, session.part),
            time: session.query.time.clone(),
            sort: Vec::new(),
        },
        chips: session.chips.clone(),
        ..Session::default()
    };
    Some(whole.effective_query())
}

impl Pie {
    /// Counts what `whole` keeps, or else `rows`; `None` when cancelled.
    pub fn of(
        document: &Document,
        rows: &Rows,
        whole: Option<&Query>,
        (measure, part): (Measure, Part),
        cancel: &Cancel,
    ) -> Option<Self> {
        let found = match whole {
            Some(query) => query::run(document, query, cancel)?.ok(),
            None => None,
        };
        let covered = found.as_ref().unwrap_or(rows);
        let flows = covered.flows.iter().copied();
        let flows = flows.take_while(|_| !cancel.is_cancelled());
        let shares = shares(document, flows, part);
        let pie = Self {
            n_shown: rows.flows.len() as u64,
            n_flows: u64::from(document.n_flows()),
            ..Self::from_shares(shares, measure, part)
        };
        (!cancel.is_cancelled()).then_some(pie)
    }

    /// Lays out `shares`.
    pub fn from_shares(mut shares: Vec<Share>, measure: Measure, part: Part) -> Self {
        let value = |share: &Share| value(share, measure);
        shares.sort_by_key(|share| (share.is_absence(), Reverse(value(share))));
        let n_covered = shares.iter().map(|share| share.n).sum();
        let total = shares.iter().map(value).sum();
        let n_said = shares.iter().filter(|share| !share.is_absence()).count();
        let (said, absent) = shares.split_at(n_said);
        let n_own = MAX_SLICES - usize::from(!absent.is_empty());
        let (own, rest) = said.split_at(n_own.min(n_said));
        let mut slices: Vec<Slice> = own
            .iter()
            .map(|share| Slice::new(share, value(share)))
            .collect();
        if !rest.is_empty() {
            slices.push(Slice::other(own, rest, part, measure, total));
        }
        slices.extend(absent.iter().map(|share| Slice::new(share, value(share))));
        let mut pie = Self {
            measure,
            part,
            slices,
            total,
            n_covered,
            n_shown: n_covered,
            n_flows: n_covered,
            n_absent: absent.iter().map(|share| share.n).sum(),
            concentration: concentration(&shares, value),
            shares,
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

    /// `607 of 607 shown · 133 not attributed`; while one slice is filtered by, `10 shown, ring of 607 · 133 not attributed`.
    pub fn denominator(&self) -> String {
        let (shown, all) = (thousands(self.n_shown), thousands(self.n_flows));
        let absent = thousands(self.n_absent);
        let absence = match self.part {
            Part::Edge => "without a visible edge",
            Part::Origin => "without a visible origin",
            part => part.absence(),
        };
        if self.n_shown == self.n_covered {
            return format!("{shown} of {all} shown · {absent} {absence}");
        }
        let covered = thousands(self.n_covered);
        format!("{shown} shown, ring of {covered} · {absent} {absence}")
    }

    /// Whose word the slices are, and about what.
    pub const fn basis(&self) -> &'static str {
        match self.part {
            Part::Terminating => "drawn from the machine's verdicts: who answers",
            Part::Edge => "drawn from the machine's verdicts: the edge",
            Part::Origin => "drawn from the machine's verdicts: the origin",
            Part::Role => "drawn from the machine's verdicts: the role",
            Part::Label => "drawn from people's labels, not from verdicts",
        }
    }

    /// What has to be known about the sizes, if anything.
    pub const fn caution(&self) -> Option<&'static str> {
        match self.measure {
            Measure::Requests => None,
            Measure::Bytes => Some("bytes received, where the file says them"),
            Measure::Hosts => Some("a host counts in each slice that it answers in"),
            Measure::Time => Some("durations added up, also where requests ran side by side"),
        }
    }

    /// `largest AWS 52.9 % · HHI 3,330`.
    pub fn concentration_words(&self) -> Option<String> {
        let found = self.concentration.as_ref()?;
        let name = &crate::providers::catalogue().provider(found.provider).name;
        let index = thousands(found.index.round() as u64);
        Some(format!(
            "largest {name} {:.1} % · HHI {index}",
            found.percent
        ))
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

    /// Every share as a line with tabs between its cells, below a line of titles and above one that says what they are of.
    pub fn to_tsv(&self) -> String {
        let title = if self.part.carries_role() {
            "Provider"
        } else {
            self.part.title()
        };
        let measure = self.measure.title();
        let mut lines = vec![format!(
            "{title}\tRole\tRequests\tBytes\tHosts\tMilliseconds\tPercent of {measure}"
        )];
        for share in &self.shares {
            let percent = 100.0 * value(share, self.measure) as f64 / self.total.max(1) as f64;
            let (name, role) = (share.name(), share.role().word());
            let (n, bytes, hosts) = (share.n, share.bytes, share.n_hosts);
            let ms = share.micros / 1_000;
            lines.push(format!(
                "{name}\t{role}\t{n}\t{bytes}\t{hosts}\t{ms}\t{percent:.1}"
            ));
        }
        lines.push(format!("{}; {}\n", self.denominator(), self.basis()));
        lines.join("\n")
    }

    /// The slices in the order in which the legend lists them.
    pub fn order(&self, sort: Option<(SortBy, bool)>) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.slices.len()).collect();
        let Some((by, is_reversed)) = sort else {
            return order;
        };
        order.sort_by(|a, b| {
            let (a, b) = (&self.slices[*a], &self.slices[*b]);
            match by {
                SortBy::Name => a.name.to_lowercase().cmp(&b.name.to_lowercase()),
                SortBy::Role => a.role_word().cmp(b.role_word()),
                SortBy::Amount => a.value.cmp(&b.value),
            }
        });
        if is_reversed {
            order.reverse();
        }
        order
    }
}

/// By what a person sorted the legend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortBy {
    /// The name.
    Name,
    /// The word for the role.
    Role,
    /// The amount, and so the share.
    Amount,
}

impl Slice {
    fn new(share: &Share, value: u64) -> Self {
        Self {
            name: share.name().to_owned(),
            who: Some(share.who),
            role: share.role(),
            is_absence: share.is_absence(),
            filter: share.filter(),
            value,
            part: 0.0,
            turns: 0.0..0.0,
            others: Vec::new(),
        }
    }

    /// The slice of `rest`, beside which `own` have slices of their own.
    fn other(own: &[Share], rest: &[Share], part: Part, measure: Measure, total: u64) -> Self {
        let line = |share: &Share| {
            let mut slice = Self::new(share, value(share, measure));
            slice.part = slice.value as f64 / total.max(1) as f64;
            slice.spoken(measure)
        };
        Self {
            name: format!("other ({})", rest.len()),
            who: None,
            role: Role::Unknown,
            is_absence: false,
            filter: other_filter(own, part),
            value: rest.iter().map(|share| value(share, measure)).sum(),
            part: 0.0,
            turns: 0.0..0.0,
            others: rest.iter().map(line).collect(),
        }
    }

    /// What other panels highlight while the pointer is on it.
    pub fn highlight(&self) -> Option<Highlight> {
        let provider = match self.who? {
            Who::Provider(provider, _) => Some(provider),
            Who::Nobody => None,
            Who::Role(_) | Who::Label(_) => return None,
        };
        Some(Highlight {
            provider,
            role: self.role,
        })
    }

    /// The word for the role; for "other", which is of several, that.
    pub const fn role_word(&self) -> &'static str {
        match (self.who, self.role) {
            (None, _) => "several",
            (Some(_), Role::Cdn) => "CDN",
            (Some(_), role) => role.word(),
        }
    }

    /// `321`, or `4.1 MB`.
    pub fn amount(&self, measure: Measure) -> String {
        match measure {
            Measure::Requests | Measure::Hosts => thousands(self.value),
            Measure::Bytes | Measure::Time => {
                let (number, unit) = with_unit(self.value, measure);
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
            Measure::Hosts => counted(self.value, "host"),
            Measure::Bytes | Measure::Time => self.amount(measure),
        };
        let (name, percent) = (&self.name, self.percent());
        if matches!(self.who, Some(Who::Role(_) | Who::Label(_))) {
            return format!("{name}, {amount}, {percent} percent");
        }
        let role = self.role_word();
        format!("{name}, {role}, {amount}, {percent} percent")
    }

    /// The term that leaves these flows out.
    pub fn exclusion(&self) -> String {
        format!("-({})", self.filter)
    }
}

/// How much `share` is of what is measured.
const fn value(share: &Share, measure: Measure) -> u64 {
    match measure {
        Measure::Requests => share.n,
        Measure::Bytes => share.bytes,
        Measure::Hosts => share.n_hosts,
        Measure::Time => share.micros,
    }
}

fn with_unit(value: u64, measure: Measure) -> (String, &'static str) {
    match measure {
        Measure::Requests if value == 1 => (thousands(value), "request"),
        Measure::Requests => (thousands(value), "requests"),
        Measure::Hosts if value == 1 => (thousands(value), "host"),
        Measure::Hosts => (thousands(value), "hosts"),
        Measure::Bytes => bytes_with_unit(value),
        Measure::Time => duration_with_unit(value),
    }
}

/// The filter that keeps what something is said about, but none of `own`.
fn other_filter(own: &[Share], part: Part) -> String {
    let mut terms: Vec<String> = own
        .iter()
        .map(|share| format!("-({})", share.filter()))
        .collect();
    let absent = match part {
        Part::Label => Who::Label(None),
        Part::Role => Who::Role(Role::Unknown),
        Part::Terminating | Part::Edge | Part::Origin => Who::Nobody,
    };
    terms.push(format!("-{}", absent.filter(part)));
    terms.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::{ProviderId, catalogue};
    use crate::query::filter::Filter;

    fn share(provider: Option<u16>, role: Role, n: u64, bytes: u64) -> Share {
        Share {
            part: Part::default(),
            who: provider.map_or(Who::Nobody, |id| Who::Provider(ProviderId(id), role)),
            n,
            bytes,
            n_hosts: 1,
            micros: 1_000 * n,
        }
    }

    #[test]
    fn at_most_eight_slices_and_other() {
        let n_providers = catalogue().providers().len() as u16;
        assert!(10 < n_providers);
        for n in 0..n_providers {
            let mut shares: Vec<Share> = (0..n)
                .map(|idx| share(Some(idx), Role::Cdn, 1_000 - u64::from(idx), 0))
                .collect();
            shares.push(share(None, Role::Unknown, 5_000, 0));
            let total: u64 = shares.iter().map(|share| share.n).sum();
            let pie = Pie::from_shares(shares, Measure::Requests, Part::default());
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
        let pie = Pie::from_shares(shares.clone(), Measure::Bytes, Part::default());
        assert_eq!(pie.slices[0].value, 3_000);
        assert_eq!(pie.total_with_unit(), ("3.0".to_owned(), "kB"));
        let pie = Pie::from_shares(shares, Measure::Requests, Part::default());
        assert!(
            pie.slices[0]
                .spoken(Measure::Requests)
                .ends_with(", CDN, 9 requests, 90.0 percent")
        );
        assert_eq!(pie.denominator(), "10 of 10 shown · 0 not attributed");
    }

    #[test]
    fn nothing_at_all_is_no_slice() {
        let pie = Pie::from_shares(Vec::new(), Measure::Bytes, Part::default());
        assert_eq!(
            (pie.slices.len(), pie.total, pie.slice_at(0.0)),
            (0, 0, None)
        );
        let pie = Pie::from_shares(
            vec![share(None, Role::Unknown, 3, 0)],
            Measure::Bytes,
            Part::default(),
        );
        assert_eq!(pie.slices[0].part, 0.0);
    }

    #[test]
    fn the_ring_of_a_filtered_slice_is_that_of_the_whole() {
        let mut session = Session::default();
        let mut check = |filter: &str, expected: Option<&str>| {
            filter.clone_into(&mut session.query.filter);
            let found = whole_query(&session).map(|query| query.filter);
            assert_eq!(found.as_deref(), expected, "{filter}");
        };
        check("", None);
        check("type:image", None);
        check("provider:aws role:cdn", Some(""));
        check("type:image provider:none", Some("type:image"));
        check("-(provider:aws role:cdn)", None);
    }

    #[test]
    fn the_copied_table_has_every_share_and_says_of_what() {
        let shares = (0..12)
            .map(|idx| share(Some(idx), Role::Cdn, 10, 7))
            .collect();
        let pie = Pie::from_shares(shares, Measure::Hosts, Part::default());
        let text = pie.to_tsv();
        assert_eq!(text.lines().count(), 1 + 12 + 1);
        for line in text.lines().take(13) {
            assert_eq!(line.split('\t').count(), 7, "{line}");
        }
        assert!(text.ends_with("; drawn from the machine's verdicts: who answers\n"));
        assert_eq!(pie.slices[8].others.len(), 4);
    }

    #[test]
    fn the_legend_sorts_as_asked_and_goes_back() {
        let shares = vec![
            share(Some(0), Role::Cdn, 1, 0),
            share(Some(1), Role::Origin, 5, 0),
            share(None, Role::Unknown, 3, 0),
        ];
        let pie = Pie::from_shares(shares, Measure::Requests, Part::default());
        let values = |sort| -> Vec<u64> {
            let order = pie.order(sort);
            order.iter().map(|idx| pie.slices[*idx].value).collect()
        };
        assert_eq!(values(None), [5, 1, 3]);
        assert_eq!(values(Some((SortBy::Amount, true))), [5, 3, 1]);
        assert_eq!(values(Some((SortBy::Amount, false))), [1, 3, 5]);
        assert_eq!(values(Some((SortBy::Role, false))), [1, 5, 3]);
    }
}
