//! The export dialog: which report, where to, and whether secrets may stay in it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::thread;

use egui::{Context, Id, Modal, RichText, TextEdit};

use super::dialogs::{Answer, FileDialogs};
use crate::base::jobs::Wake;
use crate::document::Document;
use crate::query::Rows;
use crate::redact::Level;
use crate::reports::{FlowsListed, REPORTS, ReportInput, render, save, suggested_name};
use crate::widgets::chip::segmented;
use crate::widgets::text::title;
use crate::widgets::theme::{Theme, modal_frame};

/// The export dialog, open or not.
#[derive(Debug, Default)]
pub(super) struct Exporting {
    dialog: Option<Dialog>,
}

#[derive(Debug)]
struct Dialog {
    report_idx: usize,
    path: String,
    with_secrets: bool,
    place: Option<Answer>,
    running: Option<Receiver<Result<PathBuf, String>>>,
    problem: Option<String>,
    /// The path takes the keyboard in the first frame.
    is_new: bool,
    /// Enter was pressed in the path in this frame.
    is_entered: bool,
}

/// What the dialog needs of the window.
#[derive(Clone, Copy)]
pub(super) struct ExportCx<'a> {
    /// What to report.
    pub document: &'a Document,
    /// The flows that are shown.
    pub rows: &'a Arc<Rows>,
    /// The filter in force.
    pub filter: &'a str,
    /// The desktop's dialogs.
    pub dialogs: &'a FileDialogs,
    /// Repaints the window.
    pub wake: &'a Wake,
}

impl Exporting {
    /// Opens the dialog with a name beside the first capture.
    pub(super) fn open(&mut self, cx: ExportCx<'_>) {
        self.dialog = Some(Dialog {
            report_idx: 0,
            path: suggested_path(cx, 0),
            with_secrets: false,
            place: None,
            running: None,
            problem: None,
            is_new: true,
            is_entered: false,
        });
    }

    /// Paints the dialog. Returns where a report was saved in this frame.
    pub(super) fn ui(&mut self, ctx: &Context, cx: ExportCx<'_>) -> Option<PathBuf> {
        let dialog = self.dialog.as_mut()?;
        let saved = dialog.poll();
        let modal = Modal::new(Id::unique("export"))
            .frame(modal_frame(ctx))
            .show(ctx, |ui| {
                ui.set_width(520.0);
                title(ui, "Export report");
                ui.add_space(8.0);
                dialog.choices_ui(ui, cx);
                ui.add_space(12.0);
                dialog.buttons_ui(ui, cx)
            });
        if saved.is_some() || modal.inner || modal.should_close() {
            self.dialog = None;
        }
        saved
    }
}

impl Dialog {
    /// Takes over what other threads have finished. Returns where the report was saved.
    fn poll(&mut self) -> Option<PathBuf> {
        if let Some(paths) = self.place.as_ref().and_then(|place| place.try_recv().ok()) {
            self.place = None;
            match paths.as_deref() {
                Some([path, ..]) => self.path = path.display().to_string(),
                Some([]) => {}
                None => self.problem = Some("no file dialog here; type the path".to_owned()),
            }
        }
        let outcome = match self.running.as_ref()?.try_recv() {
            Ok(outcome) => outcome,
            Err(TryRecvError::Empty) => return None,
            Err(TryRecvError::Disconnected) => Err("the export stopped unexpectedly".to_owned()),
        };
        self.running = None;
        match outcome {
            Ok(path) => Some(path),
            Err(problem) => {
                self.problem = Some(problem);
                None
            }
        }
    }

    fn choices_ui(&mut self, ui: &mut egui::Ui, cx: ExportCx<'_>) {
        let theme = Theme::of(ui);
        let n = crate::base::text::counted(cx.rows.flows.len() as u64, "flow");
        ui.label(RichText::new(format!("{n} as shown in the table")).color(theme.secondary));
        let options: Vec<(usize, &str)> = REPORTS
            .iter()
            .enumerate()
            .map(|(idx, report)| (idx, report.title()))
            .collect();
        if segmented(ui, &mut self.report_idx, &options) {
            self.path = suggested_path(cx, self.report_idx);
        }
        ui.add_space(8.0);
        ui.horizontal(|ui| {
            let label = ui.label("File");
            let edit = TextEdit::singleline(&mut self.path).desired_width(360.0);
            let response = ui.add(edit).labelled_by(label.id);
            if std::mem::take(&mut self.is_new) {
                response.request_focus();
            }
            let is_entered = ui.input(|input| input.key_pressed(egui::Key::Enter));
            self.is_entered = response.lost_focus() && is_entered;
            if ui.button("Choose…").clicked() {
                let name = file_name(cx, self.report_idx);
                self.place = Some(cx.dialogs.save(cx.wake, "Export report", &name));
            }
        });
        ui.add_space(8.0);
        ui.checkbox(&mut self.with_secrets, "Keep secrets in the report");
        if self.with_secrets {
            let warning = "Cookies, tokens and passwords of the capture will be readable for everybody who gets this file";
            ui.colored_label(theme.error, warning);
        } else {
            let note = "Cookies, authorisation and tokens are removed";
            ui.label(RichText::new(note).color(theme.secondary));
        }
        if let Some(problem) = &self.problem {
            ui.colored_label(theme.error, problem);
        }
    }

    /// Paints the buttons; true when the dialog is to be closed.
    fn buttons_ui(&mut self, ui: &mut egui::Ui, cx: ExportCx<'_>) -> bool {
        let mut is_closed = false;
        let theme = Theme::of(ui);
        let layout = egui::Layout::right_to_left(egui::Align::Center);
        ui.with_layout(layout, |ui| {
            let is_ready = self.running.is_none() && !self.path.trim().is_empty();
            let text = RichText::new("Export").color(theme.on_accent);
            let button = egui::Button::new(text).fill(theme.accent);
            let is_clicked = ui.add_enabled(is_ready, button).clicked();
            if is_clicked || is_ready && self.is_entered {
                self.start(cx);
            }
            is_closed = ui.button("Cancel").clicked();
            if self.running.is_some() {
                ui.spinner();
            }
        });
        is_closed
    }

    fn start(&mut self, cx: ExportCx<'_>) {
        let (document, rows) = (cx.document.clone(), Arc::clone(cx.rows));
        let (filter, path) = (cx.filter.to_owned(), PathBuf::from(self.path.trim()));
        let (report_idx, with_secrets) = (self.report_idx, self.with_secrets);
        let wake = Arc::clone(cx.wake);
        let (sender, receiver) = channel();
        let work = move || {
            let input = ReportInput {
                document: &document,
                flows: rows.flows.clone(),
                filter: &filter,
                level: level_of(with_secrets),
                gaps: Vec::new(),
                flows_listed: FlowsListed::All,
            };
            let outcome = render(&input, REPORTS[report_idx])
                .and_then(|bytes| save(&document, &path, &bytes))
                .map(|()| path.clone())
                .map_err(|error| error.to_string());
            if sender.send(outcome).is_ok() {
                wake();
            }
        };
        self.problem = None;
        match thread::Builder::new().name("export".to_owned()).spawn(work) {
            Ok(_) => self.running = Some(receiver),
            Err(error) => self.problem = Some(format!("the export cannot start: {error}")),
        }
    }
}

const fn level_of(with_secrets: bool) -> Level {
    if with_secrets {
        Level::Nothing
    } else {
        Level::Balanced
    }
}

fn file_name(cx: ExportCx<'_>, report_idx: usize) -> String {
    let input = ReportInput {
        document: cx.document,
        flows: cx.rows.flows.clone(),
        filter: cx.filter,
        level: Level::Balanced,
        gaps: Vec::new(),
        flows_listed: FlowsListed::All,
    };
    suggested_name(REPORTS[report_idx], &input)
}

/// A new file beside the first capture.
fn suggested_path(cx: ExportCx<'_>, report_idx: usize) -> String {
    let folder = cx
        .document
        .captures()
        .first()
        .and_then(|open| open.capture.info().path.parent())
        .unwrap_or_else(|| std::path::Path::new(""));
    let path = folder.join(file_name(cx, report_idx));
    path.display().to_string()
}
