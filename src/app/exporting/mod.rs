//! The export dialog: which flows go, as what, where to, how much is removed, and a preview of that.

mod choice;
mod job;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{Context, Id, Modal, ProgressBar, RichText, ScrollArea, TextEdit, Ui};

use super::dialogs::{Answer, FileDialogs};
use crate::base::jobs::{Latest, Wake};
use crate::base::text::{counted, escape_for_terminal, thousands};
use crate::document::Document;
use crate::query::Rows;
use crate::query::columns::ColumnId;
use crate::redact::Level;
use crate::reports::{MAX_PREVIEWED, Preview, REPORTS, ReportInput, preview, suggested_name};
use crate::session::Selection;
use crate::widgets::chip::segmented;
use crate::widgets::text::title;
use crate::widgets::theme::{Theme, modal_frame};

pub(super) use choice::Choice;
use choice::{BUNDLE, Listed, Scope};
use job::{Ended, Job, Order};

/// The export dialog, open or not.
#[derive(Debug, Default)]
pub(super) struct Exporting {
    dialog: Option<Dialog>,
}

/// What a preview was made for.
#[derive(Clone, Debug, PartialEq)]
struct PreviewKey {
    revision: u64,
    rows: u64,
    choice: Choice,
    n_selected: usize,
}

#[derive(Debug)]
struct Dialog {
    choice: Choice,
    path: String,
    place: Option<Answer>,
    job: Option<Job>,
    problem: Option<String>,
    is_cancelled: bool,
    /// A file lies at the path: the next export replaces it.
    may_replace: bool,
    preview: Latest<PreviewKey, Result<Preview, String>>,
    /// What the preview was last asked for.
    previewed: Option<PreviewKey>,
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
    /// Changes with them.
    pub rows_revision: u64,
    /// The selected ones.
    pub selection: &'a Selection,
    /// The columns of the table.
    pub columns: &'a [ColumnId],
    /// The filter in force.
    pub filter: &'a str,
    /// The desktop's dialogs.
    pub dialogs: &'a FileDialogs,
    /// Repaints the window.
    pub wake: &'a Wake,
}

/// What was written in this frame.
pub(super) struct Exported {
    /// Where it lies.
    pub(super) path: PathBuf,
    /// What there is to say about it.
    pub(super) warnings: Vec<String>,
    /// What was chosen, to be remembered.
    pub(super) choice: Choice,
}

impl Exporting {
    /// Opens the dialog as it was used last, with a name beside the first capture.
    pub(super) fn open(&mut self, cx: ExportCx<'_>, choice: &Choice) {
        self.dialog = Some(Dialog {
            path: suggested_path(cx, choice),
            choice: choice.clone(),
            place: None,
            job: None,
            problem: None,
            is_cancelled: false,
            may_replace: false,
            preview: Latest::new("export preview"),
            previewed: None,
            is_new: true,
            is_entered: false,
        });
    }

    /// True while an export is written or its preview is made.
    pub(super) fn is_busy(&self) -> bool {
        let dialog = self.dialog.as_ref();
        dialog.is_some_and(|dialog| dialog.job.is_some() || dialog.preview.is_running())
    }

    /// Paints the dialog. Returns what was written in this frame.
    pub(super) fn ui(&mut self, ctx: &Context, cx: ExportCx<'_>) -> Option<Exported> {
        let dialog = self.dialog.as_mut()?;
        let exported = dialog.poll(cx);
        let modal = Modal::new(Id::unique("export"))
            .frame(modal_frame(ctx))
            .show(ctx, |ui| {
                ui.set_width(620.0);
                title(ui, "Export report");
                ui.add_space(8.0);
                ui.add_enabled_ui(dialog.job.is_none(), |ui| dialog.choices_ui(ui, cx));
                ui.add_space(12.0);
                dialog.buttons_ui(ui, cx)
            });
        if exported.is_some() || modal.inner || modal.should_close() {
            if let Some(job) = &dialog.job {
                job.cancel.cancel();
            }
            self.dialog = None;
        }
        exported
    }
}

impl Dialog {
    /// Takes over what other threads have finished.
    fn poll(&mut self, cx: ExportCx<'_>) -> Option<Exported> {
        if let Some(paths) = self.place.as_ref().and_then(|place| place.try_recv().ok()) {
            self.place = None;
            match paths.as_deref() {
                Some([path, ..]) => {
                    self.path = path.display().to_string();
                    self.may_replace = false;
                }
                Some([]) => {}
                None => self.problem = Some("No file dialog here. Type the path.".to_owned()),
            }
        }
        self.request_preview(cx);
        self.preview.poll();
        let ended = self.job.as_ref()?.ended()?;
        self.job = None;
        match ended {
            Ended::Saved(path, warnings) => {
                return Some(Exported {
                    path,
                    warnings,
                    choice: self.choice.clone(),
                });
            }
            Ended::WouldReplace => {
                self.may_replace = true;
                self.problem = Some("A file lies there already.".to_owned());
            }
            Ended::Cancelled => self.is_cancelled = true,
            Ended::Failed(problem) => self.problem = Some(problem),
        }
        None
    }

    fn order(&self, cx: ExportCx<'_>) -> Order {
        let has_columns = self.choice.has_own_columns && self.choice.is_table();
        Order {
            document: cx.document.clone(),
            rows: Arc::clone(cx.rows),
            selection: cx.selection.clone(),
            // The filter says nothing about a report that does not follow it.
            filter: if self.choice.scope == Scope::Shown {
                cx.filter.to_owned()
            } else {
                String::new()
            },
            columns: if has_columns {
                cx.columns.to_vec()
            } else {
                Vec::new()
            },
            choice: self.choice.clone(),
        }
    }

    fn request_preview(&mut self, cx: ExportCx<'_>) {
        let key = PreviewKey {
            revision: cx.document.revision(),
            choice: self.choice.clone(),
            rows: cx.rows_revision,
            n_selected: cx.selection.flows.len(),
        };
        if self.previewed.as_ref() == Some(&key) {
            return;
        }
        self.previewed = Some(key.clone());
        let order = self.order(cx);
        self.preview
            .request(key, Arc::clone(cx.wake), move |cancel| {
                let input = ReportInput {
                    cancel: cancel.clone(),
                    ..order.input()
                };
                let seen = preview(&input, order.choice.report());
                (!cancel.is_cancelled()).then(|| seen.map_err(|error| error.to_string()))
            });
    }

    fn choices_ui(&mut self, ui: &mut Ui, cx: ExportCx<'_>) {
        let before = self.choice.clone();
        self.scope_ui(ui, cx);
        ui.add_space(8.0);
        let mut reports: Vec<(&str, &str)> = REPORTS
            .iter()
            .map(|report| (report.id(), report.title()))
            .collect();
        reports.push((BUNDLE, "Folder of all, with checksums"));
        ui.horizontal_wrapped(|ui| {
            for (id, name) in reports {
                if ui
                    .selectable_label(self.choice.report == id, name)
                    .clicked()
                {
                    id.clone_into(&mut self.choice.report);
                }
            }
        });
        self.details_ui(ui);
        ui.add_space(8.0);
        self.level_ui(ui);
        ui.add_space(8.0);
        if before.report != self.choice.report || before.with_secrets != self.choice.with_secrets {
            self.path = suggested_path(cx, &self.choice);
            self.may_replace = false;
        }
        self.path_ui(ui, cx);
        ui.add_space(8.0);
        self.preview_ui(ui);
        if self.is_cancelled {
            ui.label("Cancelled. Nothing was written.");
        }
        if let Some(problem) = &self.problem {
            ui.colored_label(Theme::of(ui).error, &*escape_for_terminal(problem));
        }
    }

    fn scope_ui(&mut self, ui: &mut Ui, cx: ExportCx<'_>) {
        let all = format!("All {}", thousands(u64::from(cx.document.n_flows())));
        let shown = format!("Shown {}", thousands(cx.rows.flows.len() as u64));
        let selected = format!("Selected {}", thousands(cx.selection.flows.len() as u64));
        let options = [
            (Scope::All, &*all),
            (Scope::Shown, &*shown),
            (Scope::Selected, &*selected),
            (Scope::Labelled, "Labelled"),
        ];
        segmented(ui, &mut self.choice.scope, &options);
    }

    /// What only some reports ask for.
    fn details_ui(&mut self, ui: &mut Ui) {
        if self.choice.is_table() {
            ui.add_space(4.0);
            let options = [(false, "Usual columns"), (true, "Columns of the table")];
            segmented(ui, &mut self.choice.has_own_columns, &options);
        }
        if self.choice.is_for_people() {
            ui.add_space(4.0);
            let options = [
                (Listed::All, "List every flow"),
                (Listed::Labelled, "List labelled flows"),
                (Listed::First, "List the first 100"),
            ];
            segmented(ui, &mut self.choice.listed, &options);
            if self.choice.report == "html" {
                let note = self.pages().map_or_else(String::new, |pages| {
                    format!("Prints on about {}", counted(pages, "page"))
                });
                ui.label(RichText::new(note).color(Theme::of(ui).secondary));
            }
        }
    }

    /// How many pages an HTML report takes, once its flows were counted. 607 flows of a news site took 16, ten flows 4.
    fn pages(&self) -> Option<u64> {
        let seen = self.preview.get()?.as_ref().ok()?;
        let n = seen.n_flows as u64;
        let listed = match self.choice.listed {
            Listed::All => n,
            Listed::Labelled => seen.n_labelled as u64,
            Listed::First => n.min(100),
        };
        Some(3 + n.min(600) / 150 + listed / 65)
    }

    fn level_ui(&mut self, ui: &mut Ui) {
        let theme = Theme::of(ui);
        let mut level = self.choice.level();
        let options = [
            (Level::Balanced, "Remove secrets"),
            (Level::Strict, "Remove more"),
            (Level::Nothing, "Keep secrets in the report"),
        ];
        if segmented(ui, &mut level, &options) {
            self.choice.set_level(level);
        }
        let (text, colour) = match level {
            Level::Balanced => (
                "Cookies, credentials, tokens and personal data go. Hosts, names and evidence stay.",
                theme.secondary,
            ),
            Level::Strict => (
                "Of a URL only its host and the shape of its path stay. Private addresses go too.",
                theme.secondary,
            ),
            Level::Nothing => (
                "Cookies, tokens and passwords of the capture will be readable for everybody who gets this file",
                theme.error,
            ),
        };
        ui.colored_label(colour, text);
    }

    fn path_ui(&mut self, ui: &mut Ui, cx: ExportCx<'_>) {
        ui.horizontal(|ui| {
            let label = ui.label("File");
            // An id of its own: what appears above it must not take the keyboard away.
            let edit = TextEdit::singleline(&mut self.path)
                .id(Id::unique("export path"))
                .desired_width(460.0);
            let response = ui.add(edit).labelled_by(label.id);
            if std::mem::take(&mut self.is_new) {
                response.request_focus();
            }
            if response.changed() {
                self.may_replace = false;
            }
            let is_entered = ui.input(|input| input.key_pressed(egui::Key::Enter));
            self.is_entered = response.lost_focus() && is_entered;
            if ui.button("Choose…").clicked() {
                let name = file_name(cx, &self.choice);
                self.place = Some(cx.dialogs.save(cx.wake, "Export report", &name));
            }
        });
    }

    fn preview_ui(&self, ui: &mut Ui) {
        let theme = Theme::of(ui);
        let quiet = |text: String| RichText::new(text).color(theme.secondary);
        let seen = match self.preview.get() {
            None => {
                ui.label(quiet("Looking at what goes…".to_owned()));
                return;
            }
            Some(Err(problem)) => {
                ui.colored_label(theme.error, problem);
                return;
            }
            Some(Ok(seen)) => seen,
        };
        let verb = if seen.n_flows == 1 { "goes" } else { "go" };
        let mut lead = format!("{} {verb}", counted(seen.n_flows as u64, "flow"));
        if seen.n_seen < seen.n_flows {
            lead = format!(
                "{lead}; preview of the first {}",
                thousands(MAX_PREVIEWED as u64)
            );
        }
        ui.label(quiet(lead));
        let show = |text: &str| escape_for_terminal(text).into_owned();
        ScrollArea::vertical()
            .max_height(180.0)
            .auto_shrink([false, true])
            .show(ui, |ui| {
                for url in &seen.urls {
                    ui.add(egui::Label::new(RichText::new(show(url)).monospace()).truncate());
                }
                for (kind, n, examples) in &seen.removed {
                    ui.label(format!("{} {kind} removed", thousands(*n)));
                    for example in examples {
                        let text = format!("{} → {}", show(&example.value), example.placeholder);
                        let text = quiet(text).monospace();
                        ui.add(egui::Label::new(text).truncate());
                    }
                }
            });
    }

    /// Paints the buttons; true when the dialog is to be closed.
    fn buttons_ui(&mut self, ui: &mut Ui, cx: ExportCx<'_>) -> bool {
        let mut is_closed = false;
        let theme = Theme::of(ui);
        let layout = egui::Layout::right_to_left(egui::Align::Center);
        ui.with_layout(layout, |ui| {
            let has_flows = match self.preview.get() {
                Some(Ok(seen)) => 0 < seen.n_flows,
                _ => true,
            };
            let is_ready = self.job.is_none() && has_flows && !self.path.trim().is_empty();
            let words = if self.may_replace {
                "Replace the file"
            } else {
                "Export"
            };
            let text = RichText::new(words).color(theme.on_accent);
            let button = egui::Button::new(text).fill(theme.accent);
            let is_clicked = ui.add_enabled(is_ready, button).clicked();
            if is_clicked || is_ready && self.is_entered && !self.may_replace {
                self.start(cx);
            }
            let is_cancelled = ui.button("Cancel").clicked();
            match &self.job {
                Some(job) if is_cancelled => job.cancel.cancel(),
                None if is_cancelled => is_closed = true,
                Some(job) => {
                    let (done, total) = job.progress.get();
                    let share = done as f32 / total.max(1) as f32;
                    let text = format!("{} of {}", thousands(done), thousands(total));
                    ui.add(ProgressBar::new(share).text(text).desired_width(240.0));
                }
                None => {}
            }
        });
        is_closed
    }

    fn start(&mut self, cx: ExportCx<'_>) {
        self.problem = None;
        self.is_cancelled = false;
        let path = PathBuf::from(self.path.trim());
        match Job::start(self.order(cx), path, self.may_replace, cx.wake) {
            Ok(job) => self.job = Some(job),
            Err(error) => self.problem = Some(format!("The export cannot start: {error}")),
        }
    }
}

fn file_name(cx: ExportCx<'_>, choice: &Choice) -> String {
    let input = ReportInput {
        flows: Vec::new(),
        level: choice.level(),
        ..ReportInput::new(cx.document)
    };
    let name = suggested_name(choice.report(), &input);
    if choice.is_bundle() {
        let stem = name.rsplit_once('.').map_or(&*name, |(stem, _)| stem);
        return format!("{stem}-report");
    }
    name
}

/// A new file beside the first capture.
fn suggested_path(cx: ExportCx<'_>, choice: &Choice) -> String {
    let folder = cx
        .document
        .captures()
        .first()
        .and_then(|open| open.capture.info().path.parent())
        .unwrap_or_else(|| Path::new(""));
    let path = folder.join(file_name(cx, choice));
    path.display().to_string()
}
