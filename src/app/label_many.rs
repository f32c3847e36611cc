//! The question which flows to label in one step: all of a host, of a party, the selection, or what the filter shows.

use std::sync::Arc;

use egui::{RichText, Ui};

use super::prompts::{Answered, buttons_ui};
use crate::annotations::{Change, Label};
use crate::base::jobs::{Latest, Wake};
use crate::base::text::{counted, shorten_middle};
use crate::capture::FlowId;
use crate::commands::Action;
use crate::document::Document;
use crate::query::Rows;
use crate::session::Selection;
use crate::widgets::chip::segmented;
use crate::widgets::text::title;
use crate::widgets::theme::Theme;

/// Longest host or party that is shown whole, in characters.
const MAX_NAME: usize = 48;

/// The question with what was chosen so far.
#[derive(Debug)]
pub(super) struct LabelMany {
    scope: Scope,
    answer: Answer,
    host: String,
    party: String,
    /// The selected flows.
    selected: Vec<FlowId>,
    rows: Arc<Rows>,
    /// All flows of the host, and all of the party: found on a worker.
    found: Latest<(), Found>,
}

#[derive(Debug)]
struct Found {
    of_host: Vec<FlowId>,
    of_party: Vec<FlowId>,
}

/// Which flows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    Host,
    Party,
    Selection,
    Filter,
}

/// As what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Label(Option<Label>),
    Accept,
}

impl LabelMany {
    /// The question about the focused flow of `selection`, and about `rows`.
    pub(super) fn new(
        document: &Document,
        selection: &Selection,
        rows: Arc<Rows>,
        wake: &Wake,
    ) -> Self {
        let focus = selection.focus;
        let flow = focus.and_then(|focus| document.flow(focus));
        let host = flow.map_or("", |flow| flow.host()).to_owned();
        let party = focus.map_or("", |focus| document.party(focus)).to_owned();
        let mut found = Latest::new("label many");
        let (snapshot, wanted) = (document.clone(), (host.clone(), party.clone()));
        found.request((), Arc::clone(wake), move |cancel| {
            let mut found = Found {
                of_host: Vec::new(),
                of_party: Vec::new(),
            };
            for (id, flow) in snapshot.flows() {
                if cancel.is_cancelled() {
                    return None;
                }
                if !wanted.0.is_empty() && flow.host() == wanted.0 {
                    found.of_host.push(id);
                }
                if !wanted.1.is_empty() && snapshot.party(id) == wanted.1 {
                    found.of_party.push(id);
                }
            }
            Some(found)
        });
        Self {
            scope: if host.is_empty() {
                Scope::Filter
            } else {
                Scope::Host
            },
            answer: Answer::Accept,
            host,
            party,
            selected: selection.flows.iter().collect(),
            rows,
            found,
        }
    }

    /// Paints the question; `Some` when it was answered.
    pub(super) fn ui(&mut self, ui: &mut Ui) -> Option<Answered> {
        self.found.poll();
        ui.set_width(480.0);
        title(ui, "Label many");
        ui.add_space(8.0);
        for scope in [Scope::Host, Scope::Party, Scope::Selection, Scope::Filter] {
            let flows = self.flows(scope);
            let n = flows.map(<[FlowId]>::len);
            let words = self.words(scope, n);
            let is_possible = n != Some(0);
            let radio = egui::RadioButton::new(self.scope == scope, words);
            if ui.add_enabled(is_possible, radio).clicked() {
                self.scope = scope;
            }
        }
        ui.add_space(8.0);
        let answers = [
            (Answer::Accept, "As the machine says"),
            (Answer::Label(Some(Label::Origin)), "Origin"),
            (Answer::Label(Some(Label::Cdn)), "CDN"),
            (Answer::Label(Some(Label::Unknown)), "Unknown"),
            (Answer::Label(None), "Clear"),
        ];
        segmented(ui, &mut self.answer, &answers);
        ui.add_space(8.0);
        let note = "Flows that are not shown count too; one Undo takes it back";
        ui.label(RichText::new(note).color(Theme::of(ui).secondary));
        ui.add_space(8.0);
        match buttons_ui(ui, "Label them") {
            Some(true) => self.answered(),
            Some(false) => Some(Answered::Closed),
            None => None,
        }
    }

    /// The flows of `scope`; `None` while they are being looked for.
    fn flows(&self, scope: Scope) -> Option<&[FlowId]> {
        match scope {
            Scope::Host => self.found.get().map(|found| found.of_host.as_slice()),
            Scope::Party => self.found.get().map(|found| found.of_party.as_slice()),
            Scope::Selection => Some(&self.selected),
            Scope::Filter => Some(&self.rows.flows),
        }
    }

    fn words(&self, scope: Scope, n: Option<usize>) -> String {
        let what = match scope {
            Scope::Host if self.host.is_empty() => "of a host".to_owned(),
            Scope::Host => format!("of the host {}", shorten_middle(&self.host, MAX_NAME)),
            Scope::Party if self.party.is_empty() => "of a party".to_owned(),
            Scope::Party => format!("of the party {}", shorten_middle(&self.party, MAX_NAME)),
            Scope::Selection => "that are selected".to_owned(),
            Scope::Filter => "that are shown".to_owned(),
        };
        let flows = n.map_or_else(|| "… flows".to_owned(), |n| counted(n as u64, "flow"));
        format!("{flows} {what}")
    }

    fn answered(&self) -> Option<Answered> {
        let flows = self.flows(self.scope)?.to_vec();
        Some(match self.answer {
            Answer::Accept => Answered::Accept(flows),
            Answer::Label(label) => Answered::Action(Action::Edit(flows, Change::Label(label))),
        })
    }
}
