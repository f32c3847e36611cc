//! The details of the selected flow: evidence, headers, bodies, timing, connection, notes, and the entry itself.
//!
//! [`model`] makes what is shown on a worker thread; the other files paint one tab each.

mod body;
mod connection;
mod evidence;
mod find;
mod headers;
mod mark;
pub mod model;
mod notes;
mod pending;
mod raw;
mod summary;
mod tabs;
mod tags;
mod text;
mod timing;
mod tree;

use std::sync::Arc;

use egui::Ui;

use crate::capture::FlowId;
use crate::commands::Action;
use crate::panels::{Panel, PanelCx};
use crate::session::{DetailTab, Session, Sought};
use crate::widgets::theme::Theme;

use model::{Content, Marks, Part, Sheet, Subject, Summary, SummaryKey, View};
use pending::Pending;

pub use find::find_id;
pub use notes::note_id;
pub use tags::tag_id;

/// Characters beside each other before the width of the panel is known.
const FIRST_COLUMNS: usize = 120;

/// The bottom panel.
#[derive(Debug)]
pub struct DetailPanel {
    sheet: Pending<Subject, Sheet>,
    content: Pending<(Subject, View), Arc<Content>>,
    summary: Pending<SummaryKey, Summary>,
    /// Where the search went to last, as far as it was followed.
    seen: Option<Sought>,
    headers: headers::HeadersTab,
    mark: mark::Mark,
    /// Characters that fit beside each other, as of the last frame.
    columns: usize,
    body: body::BodyTab,
    raw: raw::RawTab,
    notes: notes::NotesTab,
}

impl Default for DetailPanel {
    fn default() -> Self {
        Self {
            sheet: Pending::new("detail"),
            content: Pending::new("detail-body"),
            summary: Pending::new("detail-summary"),
            seen: None,
            headers: headers::HeadersTab::default(),
            mark: mark::Mark::default(),
            columns: FIRST_COLUMNS,
            body: body::BodyTab::default(),
            raw: raw::RawTab::default(),
            notes: notes::NotesTab::default(),
        }
    }
}

impl Panel for DetailPanel {
    fn title(&self) -> &'static str {
        "Details"
    }

    fn prepare(&mut self, cx: &mut PanelCx<'_>) {
        self.follow_search(cx.session);
        let selection = &cx.session.selection;
        let is_many = 1 < selection.flows.len();
        if is_many {
            let (document, flows) = (cx.document, &selection.flows);
            self.summary
                .request(SummaryKey::new(document, flows), cx.wake, || {
                    let (document, flows) = (document.clone(), flows.clone());
                    move |cancel, _| Summary::of(&document, &flows, cancel)
                });
        }
        let subject = selection
            .focus
            .filter(|_| !is_many)
            .and_then(|flow| Subject::new(cx.document, flow));
        if let Some(subject) = subject {
            self.request(&subject, cx);
        }
        let common_note = self
            .summary
            .latest_of(|key| key.is_of(&selection.flows))
            .and_then(|all| all.common_note.as_deref());
        self.notes.prepare(cx, common_note);
    }

    fn ui(&mut self, ui: &mut Ui, cx: &mut PanelCx<'_>) {
        tabs::ui(ui, cx);
        let theme = Theme::of(ui);
        let selection = &cx.session.selection;
        if 1 < selection.flows.len() {
            let summary = self.summary.get(ui, |_| false);
            if cx.session.detail_tab == DetailTab::Notes {
                let label = summary.and_then(|all| all.common_label);
                let marks = summary.map(|all| all.marks.clone()).unwrap_or_default();
                self.notes.ui(ui, cx, label, &marks);
            } else {
                summary::ui(ui, cx, summary);
            }
            return;
        }
        let Some(subject) = selection
            .focus
            .and_then(|flow| Subject::new(cx.document, flow))
        else {
            text::centred(ui, "Select a flow to see its evidence", theme.secondary);
            return;
        };
        self.tab(ui, cx, &subject);
    }
}

impl DetailPanel {
    /// The edit that keeps a note which is still being written.
    pub fn unfinished_note(&mut self) -> Option<Action> {
        self.notes.commit()
    }

    /// Paints the verdict on `flow` with its strongest evidence, for a popover.
    pub fn glance_ui(&self, ui: &mut Ui, flow: FlowId) {
        text::heading(ui, &format!("Evidence of flow {}", flow.n()));
        match self.sheet.latest_of(|shown| shown.flow == flow) {
            Some(sheet) => evidence::glance(ui, &sheet.evidence),
            None => {
                text::secondary(ui, "Select this flow alone to see it");
            }
        }
    }

    /// Shows the field that finds a text in the body.
    pub fn open_find(&mut self) {
        self.body.open_find();
    }

    /// Shows where the search went to, once for each place.
    fn follow_search(&mut self, session: &Session) {
        if self.seen == session.sought {
            return;
        }
        self.seen.clone_from(&session.sought);
        self.headers.show(session.sought.as_ref());
        match &session.sought {
            Some(sought) => self.body.show(sought),
            None => self.body.find.close(),
        }
    }

    fn request(&mut self, subject: &Subject, cx: &PanelCx<'_>) {
        let document = cx.document;
        self.sheet.request(subject.clone(), cx.wake, || {
            let (document, subject) = (document.clone(), subject.clone());
            move |_, _| Sheet::of(&document, &subject)
        });
        let view = match cx.session.detail_tab {
            DetailTab::Body => View {
                is_local_time: cx.session.is_local_time,
                ..self.body.view(subject.flow, self.columns)
            },
            DetailTab::Raw => self.raw.view(subject.flow, self.columns),
            _ => return,
        };
        self.content.request((subject.clone(), view), cx.wake, || {
            let (document, subject) = (document.clone(), subject.clone());
            move |cancel, progress| {
                let go_on = |n_read, n_bytes| {
                    progress.set_total(n_bytes);
                    progress.set_done(n_read);
                    !cancel.is_cancelled()
                };
                Content::of(&document, &subject, view, &go_on).map(Arc::new)
            }
        });
    }

    fn tab(&mut self, ui: &mut Ui, cx: &mut PanelCx<'_>, subject: &Subject) {
        let flow = subject.flow;
        let tab = cx.session.detail_tab;
        if tab == DetailTab::Notes {
            let marks = Marks::of(cx.document.annotation(flow));
            self.notes.ui(ui, cx, cx.document.label(flow), &marks);
            return;
        }
        if matches!(tab, DetailTab::Body | DetailTab::Raw) {
            let columns = text::n_columns(ui);
            if self.columns != columns {
                self.columns = columns;
                ui.request_repaint();
            }
            let is_raw = tab == DetailTab::Raw;
            let part = if is_raw { Part::Raw } else { self.body.part() };
            let loading = self.content.progress(ui);
            let content = self
                .content
                .get(ui, |(shown, view)| shown.flow == flow && view.part == part);
            if is_raw {
                self.raw
                    .ui(ui, flow, content.map(|content| &**content), loading);
            } else {
                if let Some(content) = content {
                    self.body.find.request(content, cx.wake);
                }
                self.body
                    .ui(ui, flow, content.map(|content| &**content), loading);
            }
            return;
        }
        let Some(sheet) = self.sheet.get(ui, |shown| shown.flow == flow) else {
            return;
        };
        if let Some(problem) = sheet
            .problem
            .as_ref()
            .filter(|_| tab != DetailTab::Evidence)
        {
            text::notice(ui, problem);
        }
        match tab {
            DetailTab::Headers => {
                let (sheet, mark) = (&sheet.headers, &mut self.mark);
                self.headers.ui(ui, cx, flow, sheet, mark);
            }
            DetailTab::Timing => timing::ui(ui, &sheet.timing, cx.session.is_local_time),
            DetailTab::Connection => connection::ui(ui, &sheet.connection),
            _ => evidence::ui(ui, cx, &sheet.evidence, &mut self.mark),
        }
    }
}
