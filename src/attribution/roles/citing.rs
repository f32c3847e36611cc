//! Finds the evidence again that flows of a relation show, each kind once, with the first flow that shows it.

use foldhash::HashMap;

use super::cells::Cell;
use super::cited::{Cited, MAX_CITED_FLOWS};
use crate::attribution::evidence::{Claim, Evidence, OwnRule, Speaks, Strength};
use crate::attribution::examine::Examiner;
use crate::attribution::findings::Finding;
use crate::attribution::shown::Mark;
use crate::base::bytes::Span;
use crate::capture::FlowId;

/// Evidence for and against, each kind once.
#[derive(Default)]
pub(super) struct Cases {
    pub(super) supporting: Vec<Cited>,
    pub(super) opposing: Vec<Cited>,
}

/// One kind of evidence with the cells that show it.
struct Kind<'c, 'a> {
    mark: &'c Mark,
    cells: Vec<&'c Cell<'a>>,
}

/// What `cells` show for and against `claims`, the strongest first.
pub(super) fn cited<'c, 'a: 'c>(
    cells: impl Iterator<Item = &'c Cell<'a>>,
    claims: &[Claim],
) -> Cases {
    let mut kinds: Vec<Kind<'c, 'a>> = Vec::new();
    let mut index: HashMap<(&str, Claim, Speaks, Strength), usize> = HashMap::default();
    for cell in cells {
        let marks = cell.shown.marks.iter();
        for mark in marks.filter(|mark| claims.contains(&mark.claim)) {
            let key = (&*mark.rule, mark.claim, mark.speaks, mark.strength);
            let at = *index.entry(key).or_insert_with(|| {
                kinds.push(Kind {
                    mark,
                    cells: Vec::new(),
                });
                kinds.len() - 1
            });
            let is_new = kinds[at]
                .cells
                .last()
                .is_none_or(|last| !std::ptr::eq(*last, cell));
            if is_new {
                kinds[at].cells.push(cell);
            }
        }
    }
    let mut examiner = Finder::default();
    let mut cases = Cases::default();
    for kind in &kinds {
        let Some(cited) = examiner.cite(kind) else {
            continue;
        };
        match kind.mark.speaks {
            Speaks::For => cases.supporting.push(cited),
            Speaks::Against => cases.opposing.push(cited),
        }
    }
    for list in [&mut cases.supporting, &mut cases.opposing] {
        list.sort_by_key(|cited| {
            let evidence = &cited.evidence;
            (
                std::cmp::Reverse(evidence.strength),
                evidence.family,
                cited.flow,
            )
        });
    }
    cases
}

/// Examines flows again, the same one once as long as it is asked for.
#[derive(Default)]
struct Finder {
    last: Option<FlowId>,
    found: Vec<Evidence>,
}

impl Finder {
    fn cite(&mut self, kind: &Kind<'_, '_>) -> Option<Cited> {
        let cell = kind.cells.iter().min_by_key(|cell| cell.flows.first())?;
        let first = *cell.flows.first()?;
        if self.last != Some(first) {
            self.last = Some(first);
            self.found = examine(cell);
        }
        let is_it = |evidence: &&Evidence| {
            evidence.rule == *kind.mark.rule
                && evidence.claim == kind.mark.claim
                && evidence.speaks == kind.mark.speaks
        };
        let evidence = self.found.iter().find(is_it)?.clone();
        let n = kind
            .cells
            .iter()
            .map(|cell| cell.flows.len())
            .sum::<usize>();
        Some(Cited {
            flow: first,
            n_flows: n as u32,
            flows: first_flows(kind.cells.iter().flat_map(|cell| &cell.flows)),
            evidence,
        })
    }
}

fn examine(cell: &Cell<'_>) -> Vec<Evidence> {
    let mut examiner = Examiner::default();
    let judgement = examiner.examine(cell.first, &cell.judged.attribution.context);
    let all = examiner.all(&judgement);
    all.map(Evidence::from).collect()
}

/// The first flows of several that are each in order.
fn first_flows<'f>(flows: impl Iterator<Item = &'f FlowId>) -> Vec<FlowId> {
    let mut flows: Vec<FlowId> = flows.copied().collect();
    if MAX_CITED_FLOWS < flows.len() {
        flows.select_nth_unstable(MAX_CITED_FLOWS);
        flows.truncate(MAX_CITED_FLOWS);
    }
    flows.sort_unstable();
    flows
}

/// What `rule` reads from `quote`, as `flows` show it; `None` when there are none.
pub(super) fn own(
    rule: &'static OwnRule,
    claim: Claim,
    strength: Strength,
    (quote, span): (&str, Option<Span>),
    flows: &[FlowId],
) -> Option<Cited> {
    let finding = Finding::own(rule, claim, strength, quote);
    let flow = *flows.iter().min()?;
    Some(Cited {
        flow,
        n_flows: flows.len() as u32,
        flows: first_flows(flows.iter()),
        evidence: Evidence {
            span: span.filter(|span| !span.is_empty()),
            ..Evidence::from(&finding)
        },
    })
}
