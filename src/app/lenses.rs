//! The lenses of the main area: the switch between them, and what each says about its rows.
//!
//! Another lens takes an arm in each `match` here, its panel in `shell`, and its command in `commands::list`.

use egui::{Context, Rect, Ui};
use egui_notify::Toast;

use super::HeadwaterApp;
use crate::annotations::Change;
use crate::base::text::counted;
use crate::capture::FlowId;
use crate::commands::{Action, Command};
use crate::panels::and;
use crate::session::Lens;
use crate::widgets::segment::Segment;

/// Most rows whose flows are filtered by at once: people read filters.
const MAX_OPENED: usize = 40;

impl HeadwaterApp {
    /// Paints the switch between the lenses.
    pub(super) fn lens_switch_ui(&mut self, ui: &mut Ui) {
        for lens in Lens::ALL {
            let segment = Segment {
                title: lens.title(),
                n: self.n_rows(lens),
                is_on: self.session.lens == lens,
            };
            let entry = Command::ShowLens(lens).entry();
            let hint = format!("{} ({})", entry.tooltip, entry.keys(ui));
            if ui.add(segment).on_hover_text(hint).clicked() {
                self.actions.push(Action::Run(entry.command));
            }
        }
    }

    /// How many rows `lens` has when it groups as usual.
    fn n_rows(&self, lens: Lens) -> u64 {
        let rows = self.rows.rows();
        match lens {
            Lens::Requests => rows.flows.len() as u64,
            Lens::Hosts => rows.n_hosts as u64,
            Lens::Services => self.panels.services.n_relations() as u64,
        }
    }

    /// Widens the selection to whole rows of the lens that is shown, so that what is done to a row is done to all its flows.
    pub(super) fn carry_selection(&mut self, ctx: &Context) {
        let whole = match self.session.lens {
            Lens::Requests => None,
            Lens::Hosts => self.panels.hosts.whole(&self.session),
            Lens::Services => {
                let whole = self.panels.services.whole(&self.document, &self.session);
                if let Some((subjects, selection)) = whole {
                    self.session.select_subjects(subjects, selection);
                    ctx.request_repaint();
                }
                return;
            }
        };
        if let Some(whole) = whole {
            self.session.select(whole);
            ctx.request_repaint();
        }
    }

    /// Where the row in front stands; `None` when it is out of view.
    pub(super) const fn focused_row(&self) -> Option<Rect> {
        match self.session.lens {
            Lens::Requests => self.panels.table.focused_row(),
            Lens::Hosts => self.panels.hosts.focused_row(),
            Lens::Services => self.panels.services.focused_row(),
        }
    }

    /// True while a column's heading has the keyboard.
    pub(super) const fn is_header_focused(&self) -> bool {
        match self.session.lens {
            Lens::Requests => self.panels.table.is_header_focused(),
            Lens::Hosts => self.panels.hosts.is_header_focused(),
            Lens::Services => self.panels.services.is_header_focused(),
        }
    }

    /// Whose flows `flows` are, by the rows of the lens that is shown: `www.expressen.se`, `3 hosts`.
    fn whose(&self, flows: &[FlowId]) -> Option<String> {
        match self.session.lens {
            Lens::Requests => None,
            Lens::Hosts => {
                let shown = self.panels.hosts.shown()?;
                Some(shown.whose(flows.iter().copied()))
            }
            Lens::Services => self.panels.services.called(&self.session.subjects),
        }
    }

    /// The filter for the selected rows, and how many those are of how many.
    fn filter_of_rows(&self) -> Option<(String, usize, usize)> {
        match self.session.lens {
            Lens::Requests => None,
            Lens::Hosts => {
                let shown = self.panels.hosts.shown()?;
                let selected = shown.selected(&self.session.selection.flows);
                let of = (selected.len(), shown.order.len());
                Some((shown.filter(&selected), of.0, of.1))
            }
            Lens::Services => self.panels.services.filter(&self.session.subjects),
        }
    }

    /// Shows the flows of the selected rows one by one.
    pub(super) fn open_row(&mut self) {
        let Some((filter, n, n_all)) = self.filter_of_rows().filter(|(_, n, _)| 0 < *n) else {
            return;
        };
        if n < n_all && MAX_OPENED < n {
            let message = format!("One filter holds {MAX_OPENED} rows; select fewer");
            self.say(Toast::info(message));
            return;
        }
        self.session.lens = Lens::Requests;
        // All rows need no filter.
        if n < n_all {
            self.session.query.filter = and(&self.session.query.filter, &filter);
        }
    }

    /// Says how many flows a change of whole rows touched, and how it is taken back.
    pub(super) fn say_changed(&mut self, ctx: &Context, flows: &[FlowId], change: &Change) {
        let Some(whose) = self.whose(flows) else {
            return;
        };
        let requests = counted(flows.len() as u64, "request");
        let done = match change {
            Change::Label(Some(label)) => format!("labelled {}", label.title()),
            Change::Label(None) => "no longer labelled".to_owned(),
            Change::Note(note) if note.is_empty() => "without a note".to_owned(),
            Change::Note(_) => "with a note".to_owned(),
            Change::Tag(tag) => format!("tagged {tag}"),
            Change::Untag(tag) => format!("no longer tagged {tag}"),
            Change::Colour(Some(colour)) => format!("marked {}", colour.word()),
            Change::Colour(None) => "no longer marked".to_owned(),
        };
        self.say_undoable(ctx, &format!("{requests} of {whose} {done}"));
    }

    /// The same for labels that were taken over from the machine.
    pub(super) fn say_accepted(&mut self, ctx: &Context, flows: &[FlowId], n: usize) {
        if let Some(whose) = self.whose(flows).filter(|_| 0 < n) {
            let requests = counted(n as u64, "request");
            let words = format!("{requests} of {whose} labelled as the machine says");
            self.say_undoable(ctx, &words);
        }
    }

    fn say_undoable(&mut self, ctx: &Context, words: &str) {
        let undo = Command::Undo.entry();
        let message = format!("{words} · {}: {}", undo.title, undo.keys(ctx));
        self.say(Toast::info(message));
    }
}
