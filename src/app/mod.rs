//! The window: owns document and session, takes over finished work, applies actions, paints the panels.

mod actions;
mod answer_line;
mod chip_row;
mod clipboard;
mod copying;
mod dialogs;
mod exporting;
mod filter_box;
mod filtering;
mod focus;
mod help;
mod judging;
mod keyboard;
mod label_many;
mod labelling;
mod lenses;
mod looking;
mod menus;
mod opening;
mod palette;
mod peek;
mod prompts;
mod reread_columns;
mod rows;
mod samples;
mod saving;
mod saving_body;
mod settings;
mod shell;
mod standard_input;
mod suggested_groups;
mod toolbar;
mod welcome;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use egui::{Context, Ui, ViewportBuilder, ViewportCommand};
use egui_notify::Toast;

use crate::base::jobs::{Wake, let_workers_give_way};
use crate::commands::{Action, Command};
use crate::document::Document;
use crate::formats::Options;
use crate::panels::table::TablePanel;
use crate::query::columns::ColumnId;
use crate::session::{Selection, Session};
use crate::widgets::theme;
use clipboard::Homeless;
use copying::Copying;
use dialogs::Answer;
use exporting::{ExportCx, Exported, Exporting};
use filter_box::FilterBox;
use filtering::Highlighting;
use focus::{Region, Regions};
use judging::Judging;
use looking::Looking;
use opening::{Opened, Opening, Source};
use palette::Palette;
use prompts::{Answered, Prompt};
use reread_columns::RereadColumns;
use rows::ShownRows;
use saving::Saving;
use saving_body::SavingBody;
use settings::Settings;
use shell::Panels;

pub use dialogs::FileDialogs;

/// Whether newly opened captures take the place of the open ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// They do.
    Replace,
    /// They are shown beside them.
    Add,
}

/// What the window takes from its surroundings.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// How to ask for files.
    pub dialogs: FileDialogs,
    /// Where settings are kept; `None` = nowhere.
    pub settings_path: Option<PathBuf>,
    /// How captures are opened.
    pub options: Options,
}

/// The program with its window.
pub struct HeadwaterApp {
    document: Document,
    session: Session,
    actions: Vec<Action>,
    rows: ShownRows,
    opening: Opening,
    looking: Looking,
    judging: Judging,
    saving: Saving,
    exporting: Exporting,
    copying: Copying,
    saving_body: SavingBody,
    homeless: Homeless,
    /// Edits of flows whose file is still being read.
    held: Vec<labelling::Held>,
    /// When the clipboard was asked for.
    pasting: Option<Instant>,
    surroundings: Surroundings,
    asked: Option<(Purpose, Answer)>,
    prompt: Option<Prompt>,
    palette: Option<Palette>,
    /// What was chosen in the palette and not run yet.
    chosen: Option<Command>,
    /// The popover with the evidence of the focused flow is open.
    is_peeking: bool,
    filter_box: FilterBox,
    highlighting: Highlighting,
    reread_columns: RereadColumns,
    regions: Regions,
    /// Sizes of charts, details and timeline in the last frame, in points.
    sizes: [f32; 3],
    settings: Settings,
    panels: Panels,
    toasts: egui_notify::Toasts,
    title: String,
    /// The person was told that closing drops labels.
    is_warned: bool,
    key_queue: keyboard::KeyQueue,
    wake: Wake,
}

/// False when the system has no screen to open a window on.
pub fn has_display() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}

/// Opens the window and returns when it is closed. `Err` says why there can be none.
pub fn run_window(files: Vec<PathBuf>, options: Options) -> Result<(), String> {
    let first = run_with(eframe::Renderer::Wgpu, files.clone(), options.clone());
    let Err(wgpu_error) = first else {
        return Ok(());
    };
    log::warn!("no window with wgpu: {wgpu_error}");
    run_with(eframe::Renderer::Glow, files, options).map_err(|error| error.to_string())
}

fn icon() -> egui::IconData {
    let png = include_bytes!("../../assets/icons/headwater.png");
    eframe::icon_data::from_png_bytes(png).unwrap_or_default()
}

/// Messages stand under the toolbar, where they cover neither details nor status.
fn toasts() -> egui_notify::Toasts {
    egui_notify::Toasts::default()
        .with_anchor(egui_notify::Anchor::TopRight)
        .with_margin(egui::vec2(12.0, theme::TOOLBAR_HEIGHT + 8.0))
}

fn run_with(
    renderer: eframe::Renderer,
    files: Vec<PathBuf>,
    options: Options,
) -> Result<(), eframe::Error> {
    let native = eframe::NativeOptions {
        renderer,
        viewport: ViewportBuilder::default()
            .with_title("Headwater")
            .with_app_id("headwater")
            .with_inner_size([1440.0, 900.0])
            .with_min_inner_size([900.0, 560.0])
            .with_drag_and_drop(true)
            .with_icon(icon()),
        ..eframe::NativeOptions::default()
    };
    let surroundings = Surroundings {
        settings_path: Settings::usual_path(),
        options,
        ..Surroundings::default()
    };
    eframe::run_native(
        "headwater",
        native,
        Box::new(|cc| Ok(Box::new(HeadwaterApp::new(cc, files, surroundings)))),
    )
}

impl HeadwaterApp {
    /// The program with `files` being opened.
    pub fn new(
        cc: &eframe::CreationContext<'_>,
        files: Vec<PathBuf>,
        surroundings: Surroundings,
    ) -> Self {
        let_workers_give_way();
        theme::install(&cc.egui_ctx);
        let path = surroundings.settings_path.as_deref();
        let settings = path.map(Settings::load).unwrap_or_default();
        theme::set_choice(&cc.egui_ctx, settings.theme);
        theme::set_zoom(&cc.egui_ctx, settings.zoom);
        let mut table = TablePanel::default();
        table.set_layout(settings.columns.clone());
        let ctx = cc.egui_ctx.clone();
        let mut app = Self {
            document: Document::new(&settings.reviewer),
            session: settings.session(),
            actions: Vec::new(),
            rows: ShownRows::default(),
            opening: Opening::new(surroundings.options.clone()),
            looking: Looking::default(),
            judging: Judging::default(),
            saving: Saving::default(),
            exporting: Exporting::default(),
            copying: Copying::default(),
            saving_body: SavingBody::default(),
            homeless: Homeless::default(),
            held: Vec::new(),
            pasting: None,
            surroundings,
            asked: None,
            prompt: None,
            palette: None,
            chosen: None,
            is_peeking: false,
            filter_box: filtering::filter_box(),
            highlighting: Highlighting::default(),
            reread_columns: RereadColumns::default(),
            regions: Regions::default(),
            sizes: [0.0; 3],
            settings,
            panels: Panels {
                table,
                ..Panels::default()
            },
            toasts: toasts(),
            title: String::new(),
            is_warned: false,
            key_queue: keyboard::KeyQueue::default(),
            wake: Arc::new(move || ctx.request_repaint()),
        };
        app.open(
            files.into_iter().map(Source::from).collect(),
            Purpose::Replace,
        );
        app
    }

    /// The document as of now.
    pub const fn document(&self) -> &Document {
        &self.document
    }

    /// Query, selection and zoom as of now.
    pub const fn session(&self) -> &Session {
        &self.session
    }

    /// The flows that are shown.
    pub fn shown(&self) -> &[crate::capture::FlowId] {
        &self.rows.rows().flows
    }

    /// True while files are read, queries run or labels are being saved.
    pub fn is_busy(&self) -> bool {
        self.opening.is_busy()
            || self.rows.is_running()
            || self.highlighting.is_busy()
            || self.looking.status().is_some()
            || self.reread_columns.status().is_some()
            || self.judging.is_busy()
            || self.panels.services.is_busy()
            || self.panels.hosts.is_busy()
            || self.panels.sheet.is_busy()
            || self.panels.search.is_busy()
            || self.copying.is_busy()
            || self.saving_body.is_busy()
            || self.exporting.is_busy()
            || self.saving.status() == saving::SaveStatus::Pending
    }

    fn ask_for_files(&mut self, purpose: Purpose) {
        let answer = self.surroundings.dialogs.open(&self.wake);
        self.asked = Some((purpose, answer));
    }

    fn open_export(&mut self) {
        if !self.document.is_empty() {
            let filter = self.rows.narrowing().to_owned();
            let columns = self.panels.table.columns();
            let cx = export_cx(
                &self.document,
                &self.rows,
                &self.session.selection,
                &columns,
                &filter,
                &self.surroundings,
                &self.wake,
            );
            self.exporting.open(cx, &self.settings.export);
        }
    }

    fn save_settings(&mut self) {
        self.settings.columns = self.panels.table.layout().clone();
        self.settings.set_session(&self.session);
        if let Some(path) = &self.surroundings.settings_path {
            self.settings.save(path);
        }
    }

    /// What the window looks at once other captures take the place of the open ones.
    fn fresh_session(&mut self) -> Session {
        self.settings.set_session(&self.session);
        self.settings.session()
    }

    /// Takes over what worker threads have finished.
    fn poll(&mut self, ctx: &Context) {
        let has_time = self.rows.have_time();
        let opened = self.opening.poll(&mut self.document, has_time, &self.wake);
        for news in self.opening.take_news() {
            self.say(Toast::info(news));
        }
        for opened in opened {
            self.take_over(opened);
        }
        if !self.held.is_empty() && !self.opening.is_growing() {
            self.catch_up();
        }
        if let Some(paths) = self
            .asked
            .as_ref()
            .and_then(|(_, asked)| asked.try_recv().ok())
            && let Some((purpose, _)) = self.asked.take()
        {
            match paths {
                Some(paths) => self.open(paths.into_iter().map(Source::Path).collect(), purpose),
                None => self.prompt = Some(Prompt::path(purpose)),
            }
        }
        self.session.highlighted = self.highlighting.poll(&self.document, &self.wake);
        self.poll_copying(ctx);
        let is_reading = self.opening.is_busy();
        self.looking
            .poll(&mut self.document, is_reading, &self.wake);
        if !is_reading {
            let columns = self.panels.table.columns().into_iter();
            let sorted = self.session.query.sort.iter().map(|key| key.column);
            let wanted: Vec<_> = columns.chain(sorted).map(ColumnId::column).collect();
            self.reread_columns
                .poll(&mut self.document, wanted.into_iter(), &self.wake);
        }
        self.rows.poll(&self.document, &self.session, &self.wake);
        self.judging.poll(&self.document, &self.wake);
        if let Some(wait) = self.saving.poll(&self.document, &self.wake) {
            ctx.request_repaint_after(wait);
        }
        if let Some(path) = self.saving.take_moved() {
            let place = path.display();
            self.say(Toast::warning(format!(
                "Cannot write next to the capture. Labels are saved in {place}"
            )));
        }
    }

    /// Shows a message for a moment.
    fn say(&mut self, mut toast: Toast) {
        // The font has no glyph for the button that would close it.
        toast.closable(false);
        self.toasts.add(toast);
    }

    fn take_over(&mut self, opened: Opened) {
        if opened.is_homeless {
            self.add_homeless();
        }
        let Some(saved) = opened.saved else { return };
        if let Some(open) = self.document.captures().get(opened.capture_idx) {
            self.settings.opened(&open.capture.info().path);
            self.save_settings();
        }
        let n = saved.annotations.len() + saved.about.len();
        let idx = opened.capture_idx;
        let gaps = self.document.captures().get(idx);
        let gaps = gaps.map(|open| saved.gaps(&open.capture));
        self.document.set_gaps(idx, gaps.unwrap_or_default());
        let mut restored = Vec::with_capacity(saved.annotations.len());
        for (row, annotation) in saved.annotations {
            let flow = self.document.flow_id(idx, row);
            // What was typed while the file was still being read is newer.
            if self.document.annotation(flow).is_none() {
                restored.push((flow, annotation));
            }
        }
        self.document.restore(restored);
        self.document.restore_about_parties(&saved.about);
        if 0 < saved.n_orphans {
            let orphans = crate::base::text::counted(saved.n_orphans as u64, "saved label");
            let verb = if saved.n_orphans == 1 {
                "matches"
            } else {
                "match"
            };
            self.say(Toast::warning(format!(
                "{orphans} {verb} no flow here; kept in the file"
            )));
        }
        self.saving.add(idx, saved.state, n);
        // Before there was a place for them, edits were saved nowhere.
        if self.document.history().undo_title().is_some() {
            self.saving.edited();
        }
    }

    fn take_dropped(&mut self, ctx: &Context) {
        let dropped: Vec<Source> = ctx.input(|input| {
            let files = input.raw.dropped_files.iter();
            files
                .map(|file| Source::Path(file.path().to_path_buf()))
                .collect()
        });
        let purpose = if ctx.input(|input| input.modifiers.shift) {
            Purpose::Add
        } else {
            Purpose::Replace
        };
        self.open(dropped, purpose);
    }

    fn prompts_ui(&mut self, ctx: &Context) {
        let n_flows = self.document.n_flows();
        match self
            .prompt
            .as_mut()
            .and_then(|prompt| prompt.ui(ctx, n_flows))
        {
            None => {}
            Some(answered) => {
                self.prompt = None;
                match answered {
                    Answered::Action(action) => self.actions.push(action),
                    Answered::Sign(name) => self.sign(&name),
                    Answered::Open(path, purpose) => self.open(vec![Source::Path(path)], purpose),
                    Answered::Unlock(source, password) => self.unlock(source, password),
                    Answered::ReadAs(source, line) => self.read_as(source, line),
                    Answered::KeepFilter(name, filter) => {
                        self.settings.keep_filter(name, filter);
                        self.save_settings();
                    }
                    Answered::Accept(flows) => {
                        self.accept(&flows);
                    }
                    Answered::Closed => {}
                }
            }
        }
        let filter = self.rows.narrowing().to_owned();
        let columns = self.panels.table.columns();
        let cx = export_cx(
            &self.document,
            &self.rows,
            &self.session.selection,
            &columns,
            &filter,
            &self.surroundings,
            &self.wake,
        );
        if let Some(exported) = self.exporting.ui(ctx, cx) {
            self.exported(exported);
        }
    }

    fn exported(&mut self, exported: Exported) {
        let Exported {
            path,
            warnings,
            choice,
        } = exported;
        self.say(Toast::success(format!("Report saved: {}", path.display())));
        for warning in warnings {
            self.say(Toast::warning(warning));
        }
        self.settings.export = choice.without_secrets();
        self.save_settings();
    }

    fn keys(&mut self, ctx: &Context) {
        let has_table = self.regions.current(ctx) == Region::Table && !self.is_header_focused();
        let pressed = keyboard::pressed(ctx, has_table, self.session.lens);
        self.actions.extend(pressed.into_iter().map(Action::Run));
    }

    fn show_title(&mut self, ctx: &Context) {
        let names: Vec<&str> = self
            .document
            .captures()
            .iter()
            .map(|open| open.capture.info().name.as_str())
            .collect();
        let title = match names.as_slice() {
            [] => "Headwater".to_owned(),
            [only] => format!("Headwater – {only}"),
            [first, rest @ ..] => format!("Headwater – {first} and {} more", rest.len()),
        };
        if title != self.title {
            ctx.send_viewport_cmd(ViewportCommand::Title(title.clone()));
            self.title = title;
        }
    }
}

fn export_cx<'a>(
    document: &'a Document,
    rows: &'a ShownRows,
    selection: &'a Selection,
    columns: &'a [ColumnId],
    filter: &'a str,
    surroundings: &'a Surroundings,
    wake: &'a Wake,
) -> ExportCx<'a> {
    ExportCx {
        document,
        rows: rows.rows(),
        rows_revision: rows.revision(),
        selection,
        columns,
        filter,
        dialogs: &surroundings.dialogs,
        wake,
    }
}

impl eframe::App for HeadwaterApp {
    fn raw_input_hook(&mut self, ctx: &Context, raw_input: &mut egui::RawInput) {
        if keyboard::is_typing(ctx) {
            self.key_queue.release(raw_input);
        } else if self.key_queue.hold_back(raw_input) {
            ctx.request_repaint();
        }
    }

    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        self.poll(ctx);
        self.show_title(ctx);
        self.settings.zoom = ctx.zoom_factor();
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        let ctx = ui.ctx().clone();
        if ctx.input(|input| input.viewport().close_requested()) && !self.save_before_closing() {
            ctx.send_viewport_cmd(ViewportCommand::CancelClose);
        }
        self.take_dropped(&ctx);
        self.keys(&ctx);
        self.run_chosen(&ctx);
        self.take_paste(&ctx);
        self.shell_ui(ui);
        self.peek_ui(&ctx);
        self.prompts_ui(&ctx);
        self.saving_body_ui(&ctx);
        self.palette_ui(&ctx);
        let has_row = self.session.selection.focus.is_some();
        self.regions.paint(&ctx, has_row);
        if ctx.input(|input| !input.raw.hovered_files.is_empty()) {
            shell::drop_overlay_ui(&ctx);
        }
        self.toasts.show(&ctx);
        let revision = self.document.revision();
        let query = self.session.query.clone();
        let narrowed = (self.session.chips.clone(), self.session.scope.clone());
        let lens = self.session.lens;
        self.apply(&ctx);
        self.carry_selection(&ctx);
        // A change made in this frame shows in the next one.
        if revision != self.document.revision()
            || query != self.session.query
            || narrowed.0 != self.session.chips
            || narrowed.1 != self.session.scope
            || lens != self.session.lens
        {
            ctx.request_repaint();
        }
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        self.keep_note();
        self.saving.flush(&self.document);
        self.save_settings();
    }
}
