//! The layout of the window: toolbar, table, charts, details, status bar.

use egui::{
    Align, CentralPanel, Frame, Id, Layout as Flow, Margin, Panel as Side, ProgressBar, RichText,
    Ui,
};

use super::HeadwaterApp;
use super::focus::Region;
use super::saving::SaveStatus;
use super::settings::Layout;
use crate::base::text::{bytes_with_unit, counted, thousands};
use crate::commands::{Action, Command};
use crate::panels::detail::DetailPanel;
use crate::panels::hosts::HostsPanel;
use crate::panels::pie::PiePanel;
use crate::panels::problems::ProblemsPanel;
use crate::panels::search::SearchPanel;
use crate::panels::services::ServicesPanel;
use crate::panels::sheet::SheetPanel;
use crate::panels::table::{ColumnLayout, TablePanel};
use crate::panels::timeline::TimelinePanel;
use crate::panels::{Panel, PanelCx};
use crate::session::Lens;
use crate::widgets::review_ring::ReviewRing;
use crate::widgets::theme::{
    CHIP_ROW_HEIGHT, DENSE_SIZE, GROUP_GAP, STATUS_HEIGHT, TOOLBAR_HEIGHT, Theme, mono, regular,
};
use crate::widgets::time_axis::duration_words;

/// How often a progress is painted anew.
const PROGRESS_STEP: std::time::Duration = std::time::Duration::from_millis(100);

/// All panels.
#[derive(Default)]
pub(super) struct Panels {
    /// The requests.
    pub table: TablePanel,
    /// The hosts.
    pub hosts: HostsPanel,
    /// What every provider is to every party.
    pub services: ServicesPanel,
    /// The ring of providers.
    pub pie: PiePanel,
    /// Everything about the selected relation, party or flow.
    pub sheet: SheetPanel,
    /// What could not be read.
    pub problems: ProblemsPanel,
    /// When what happened.
    pub timeline: TimelinePanel,
    /// Everything about the selected flow.
    pub detail: DetailPanel,
    /// What was found in headers and bodies.
    pub search: SearchPanel,
}

/// The panels around the table, whose size a person may change.
#[derive(Clone, Copy)]
struct Resizable {
    name: &'static str,
    /// The part of the window that it takes by itself.
    share: f32,
    /// Its least and its largest size by itself, in points.
    by_itself: (f32, f32),
    /// Least and largest size that a person can give it, in points.
    range: (f32, f32),
}

const CHARTS: Resizable = Resizable {
    name: "charts",
    share: 0.236,
    by_itself: (320.0, 420.0),
    range: (300.0, 560.0),
};
const TIMELINE: Resizable = Resizable {
    name: "timeline",
    share: 0.18,
    by_itself: (132.0, 300.0),
    range: (64.0, 640.0),
};
const DETAILS: Resizable = Resizable {
    name: "details",
    share: 0.21,
    by_itself: (148.0, 400.0),
    range: (96.0, 760.0),
};

/// Takes the place of the timeline while it is open.
const SEARCH: Resizable = Resizable {
    name: "search",
    share: 0.24,
    by_itself: (160.0, 400.0),
    range: (96.0, 640.0),
};

impl Resizable {
    /// The panel at the `side` that `new` makes, within a window of `window` points. `chosen` is the size that a person
    /// gave it.
    fn panel(self, new: fn(Id) -> Side, window: f32, chosen: Option<f32>) -> Side {
        let (least, largest) = self.by_itself;
        let own = (window * self.share).clamp(least, largest).round();
        // A panel keeps the size that it has. By another name it takes the one that fits the window.
        let name = match chosen {
            Some(_) => (self.name, 0),
            None => (self.name, own as u32),
        };
        new(Id::unique(name))
            .resizable(true)
            .default_size(chosen.unwrap_or(own))
            .size_range(self.range.0..=self.range.1)
    }
}

/// Takes over the `size` that a person is giving a panel just now.
fn take_size(ui: &Ui, chosen: &mut Option<f32>, size: f32, own: &mut f32) {
    let is_dragged = ui.input(|input| input.pointer.primary_down()) && 0.5 < (*own - size).abs();
    if is_dragged && 0.0 < *own {
        *chosen = Some(size);
    }
    *own = size;
}

impl HeadwaterApp {
    /// Paints the whole window.
    pub(super) fn shell_ui(&mut self, ui: &mut Ui) {
        let theme = Theme::of(ui);
        let bar = |height: f32| {
            let frame = Frame::new()
                .fill(theme.panel)
                .inner_margin(Margin::symmetric(12, 0));
            move |side: Side| side.exact_size(height).frame(frame).resizable(false)
        };
        self.regions.clear();
        let toolbar = bar(TOOLBAR_HEIGHT)(Side::top("toolbar"))
            .show(ui, |ui| self.toolbar_ui(ui))
            .response
            .rect;
        self.regions.set(Region::Toolbar, toolbar);
        bar(STATUS_HEIGHT)(Side::bottom("status")).show(ui, |ui| self.status_ui(ui));
        self.banners_ui(ui);
        if self.document.is_empty() {
            CentralPanel::no_frame().show(ui, |ui| self.welcome_ui(ui));
            return;
        }
        bar(CHIP_ROW_HEIGHT)(Side::top("chips")).show(ui, |ui| self.chip_row_ui(ui));
        if self.highlighting.is_open {
            bar(CHIP_ROW_HEIGHT)(Side::top("highlight")).show(ui, |ui| self.highlight_ui(ui));
        }
        if let Some(answer) = self.answer() {
            let frame = Frame::new()
                .fill(theme.canvas)
                .inner_margin(Margin::symmetric(12, 8));
            Side::top("answer")
                .frame(frame)
                .show(ui, |ui| self.answer_ui(ui, &answer));
        }
        self.panels_ui(ui);
    }

    fn panels_ui(&mut self, ui: &mut Ui) {
        let Self {
            panels,
            document,
            rows,
            session,
            wake,
            actions,
            settings,
            regions,
            sizes,
            judging,
            ..
        } = self;
        let mut cx = PanelCx {
            document,
            rows: rows.rows(),
            rows_revision: rows.revision(),
            roles: judging.roles(),
            is_judging: judging.is_busy(),
            session,
            wake,
            actions,
        };
        if cx.session.lens == Lens::Hosts {
            panels.hosts.prepare(&mut cx);
        }
        let all: [&mut dyn Panel; 8] = [
            &mut panels.table,
            &mut panels.services,
            &mut panels.pie,
            &mut panels.sheet,
            &mut panels.problems,
            &mut panels.timeline,
            &mut panels.detail,
            &mut panels.search,
        ];
        for panel in all {
            panel.prepare(&mut cx);
        }
        let theme = Theme::of(ui);
        let layout = &mut settings.layout;
        let window = ui.content_rect().size();
        if layout.has_charts {
            let frame = Frame::new()
                .fill(theme.panel)
                .inner_margin(Margin::same(12));
            let shown = CHARTS
                .panel(Side::right, window.x, layout.charts)
                .frame(frame)
                .show(ui, |ui| charts_ui(ui, panels, &mut cx));
            let rect = shown.response.rect;
            regions.set(Region::Charts, rect);
            take_size(ui, &mut layout.charts, rect.width(), &mut sizes[0]);
        }
        let canvas = Frame::new()
            .fill(theme.canvas)
            .inner_margin(Margin::symmetric(8, 4));
        if layout.has_details_in(cx.session.lens) {
            let shown = DETAILS
                .panel(Side::bottom, window.y, layout.details)
                .frame(canvas)
                .show(ui, |ui| {
                    ui.set_min_height(ui.available_height());
                    panels.detail.ui(ui, &mut cx);
                });
            let rect = shown.response.rect;
            regions.set(Region::Details, rect);
            take_size(ui, &mut layout.details, rect.height(), &mut sizes[1]);
        }
        if session.is_search_open {
            let shown = SEARCH
                .panel(Side::bottom, window.y, None)
                .frame(canvas)
                .show(ui, |ui| {
                    ui.set_min_height(ui.available_height());
                    panels.search.ui(ui, &mut cx);
                });
            regions.set(Region::Timeline, shown.response.rect);
        } else if layout.has_timeline {
            let shown = TIMELINE
                .panel(Side::bottom, window.y, layout.timeline)
                .frame(canvas)
                .show(ui, |ui| {
                    ui.set_min_height(ui.available_height());
                    panels.timeline.ui(ui, &mut cx);
                });
            let rect = shown.response.rect;
            regions.set(Region::Timeline, rect);
            take_size(ui, &mut layout.timeline, rect.height(), &mut sizes[2]);
        }
        let table = CentralPanel::no_frame().show(ui, |ui| match cx.session.lens {
            Lens::Requests => panels.table.ui(ui, &mut cx),
            Lens::Hosts => panels.hosts.ui(ui, &mut cx),
            Lens::Services => panels.services.ui(ui, &mut cx),
        });
        regions.set(Region::Table, table.response.rect);
    }

    /// Shows everything where and as large as it is by itself.
    pub(super) fn reset_layout(&mut self, ctx: &egui::Context) {
        self.settings.layout = Layout::default();
        self.panels.table.set_layout(ColumnLayout::default());
        ctx.set_zoom_factor(1.0);
    }

    /// What is being read, what could not be opened or saved: between toolbar and panels, only when there is something.
    fn banners_ui(&mut self, ui: &mut Ui) {
        let theme = Theme::of(ui);
        let frame = Frame::new()
            .fill(theme.raised)
            .inner_margin(Margin::symmetric(12, 4));
        if !self.settings.has_seen_first_steps && !self.document.is_empty() {
            Side::top("first steps")
                .frame(frame)
                .show(ui, |ui| self.first_steps_ui(ui));
        }
        if let Some((name, done, total)) = self.opening.status() {
            Side::top("progress").frame(frame).show(ui, |ui| {
                ui.with_layout(Flow::right_to_left(Align::Center), |ui| {
                    if ui.button("Cancel").clicked() {
                        self.actions.push(Action::Run(Command::CancelLoading));
                    }
                    let share = if total == 0 {
                        0.0
                    } else {
                        done as f32 / total as f32
                    };
                    let in_all = bytes_with_unit(total);
                    let so_far = bytes_with_unit(done);
                    let mut text = format!("{} {}", so_far.0, so_far.1);
                    // Nobody knows how much comes through a pipe.
                    if 0 < total {
                        text = format!("{text} of {} {}", in_all.0, in_all.1);
                    }
                    ui.add(ProgressBar::new(share).desired_width(240.0).text(text));
                    ui.label(format!("Reading {name}"));
                });
            });
        }
        if !self.opening.failures().is_empty() {
            Side::top("failures")
                .frame(frame)
                .show(ui, |ui| self.failures_ui(ui));
        }
        if self.has_homeless_labels() {
            Side::top("homeless labels")
                .frame(frame)
                .show(ui, |ui| self.homeless_ui(ui));
        }
        if let SaveStatus::Failed(problem) = self.saving.status() {
            let problem = problem.to_owned();
            Side::top("not saved").frame(frame).show(ui, |ui| {
                ui.with_layout(Flow::right_to_left(Align::Center), |ui| {
                    if ui.button("Try again").clicked() {
                        self.actions.push(Action::Run(Command::Save));
                    }
                    if self.saving.is_blocked()
                        && ui
                            .button("Set that file aside")
                            .on_hover_text("Rename it, and save the labels of this window")
                            .clicked()
                    {
                        self.set_aside();
                    }
                    ui.with_layout(Flow::left_to_right(Align::Center), |ui| {
                        crate::widgets::text::fitted(ui, &problem, theme.error);
                    });
                });
            });
        }
    }

    fn status_ui(&mut self, ui: &mut Ui) {
        let theme = Theme::of(ui);
        if self.document.is_empty() {
            return;
        }
        ui.horizontal_centered(|ui| {
            ui.spacing_mut().item_spacing.x = 16.0;
            let secondary = |text: String| {
                RichText::new(text)
                    .font(regular(DENSE_SIZE))
                    .color(theme.secondary)
            };
            let rows = self.rows.rows();
            let (n, total) = (rows.flows.len() as u64, u64::from(self.document.n_flows()));
            ui.label(secondary(format!(
                "{} / {} requests",
                thousands(n),
                thousands(total)
            )));
            let (bytes, unit) = bytes_with_unit(rows.bytes_received);
            ui.label(secondary(format!("{bytes} {unit}")));
            ui.label(secondary(counted(rows.n_hosts as u64, "host")));
            if let Some((first, last)) = self.document.first_start().zip(self.document.last_end()) {
                ui.label(secondary(duration_words(last.0 - first.0)));
            }
            ui.add(ReviewRing {
                n_labelled: rows.n_labelled as u64,
                n_flows: n,
            });
            self.scope_ui(ui);
            self.filtering_ui(ui);
            self.looking_ui(ui);
            self.reading_column_ui(ui);
            ui.with_layout(Flow::right_to_left(Align::Center), |ui| {
                self.checksum_ui(ui);
                let saved = match self.saving.status() {
                    SaveStatus::Nothing => return,
                    SaveStatus::Pending => "saving…".to_owned(),
                    SaveStatus::Saved(n) => format!("saved {n} ✓"),
                    SaveStatus::Failed(_) => "not saved".to_owned(),
                };
                let paths: Vec<String> = self
                    .saving
                    .paths()
                    .map(|path| path.display().to_string())
                    .collect();
                ui.label(secondary(saved)).on_hover_text(paths.join("\n"));
            });
        });
    }

    /// What is left out with its hosts, with the way back.
    fn scope_ui(&mut self, ui: &mut Ui) {
        if self.session.scope.is_empty() {
            return;
        }
        let n = self.rows.n_left_out();
        let words = format!(
            "{}: {} left out",
            self.session.scope.words(),
            counted(n, "flow")
        );
        let text = RichText::new(words)
            .font(regular(DENSE_SIZE))
            .color(Theme::of(ui).warning);
        let response = ui.add(egui::Button::new(text).frame(false));
        let hosts = self.session.scope.filter();
        let about = Command::AllHosts.entry().title;
        if response
            .on_hover_text(format!("{about}\n{hosts}"))
            .clicked()
        {
            self.actions.push(Action::Run(Command::AllHosts));
        }
    }

    /// How far a filter has come that takes long, since it reads files.
    fn filtering_ui(&mut self, ui: &mut Ui) {
        let Some((done, total)) = self.rows.progress() else {
            return;
        };
        let words = format!("filtering… {} / {}", thousands(done), thousands(total));
        let text = RichText::new(words)
            .font(regular(DENSE_SIZE))
            .color(Theme::of(ui).secondary);
        ui.label(text);
        if ui.small_button("Stop").clicked() {
            self.rows.stop();
        }
        ui.request_repaint_after(PROGRESS_STEP);
    }

    /// How far the second pass has come, with a way to stop it.
    fn looking_ui(&self, ui: &mut Ui) {
        let Some((done, total)) = self.looking.status() else {
            return;
        };
        let theme = Theme::of(ui);
        let words = format!(
            "looking into bodies {} / {}",
            thousands(done),
            thousands(total)
        );
        let text = RichText::new(words)
            .font(regular(DENSE_SIZE))
            .color(theme.secondary);
        ui.label(text).on_hover_text(
            "Searching earlier responses for the URLs of writes and signed requests",
        );
    }

    /// How far the reading of a column has come.
    fn reading_column_ui(&self, ui: &mut Ui) {
        if let Some((done, total)) = self.reread_columns.status() {
            let words = format!(
                "reading a column {} / {}",
                thousands(done),
                thousands(total)
            );
            let text = RichText::new(words)
                .font(regular(DENSE_SIZE))
                .color(Theme::of(ui).secondary);
            ui.label(text);
            ui.request_repaint_after(PROGRESS_STEP);
        }
    }

    fn checksum_ui(&self, ui: &mut Ui) {
        let Some(open) = self.document.captures().last() else {
            return;
        };
        let theme = Theme::of(ui);
        let info = open.capture.info();
        if let Some(sum) = info.sha256.get() {
            let short = sum.get(..12).unwrap_or(sum);
            let text = RichText::new(format!("sha256 {short}…"))
                .font(mono(DENSE_SIZE))
                .color(theme.secondary);
            let response = ui
                .label(text)
                .on_hover_text(format!("{}\n{sum}", info.name));
            response.context_menu(|ui| {
                if ui.button("Copy").clicked() {
                    ui.copy_text(sum.clone());
                }
            });
        }
    }
}

/// Providers above the sheet of what is selected, problems at the bottom.
fn charts_ui(ui: &mut Ui, panels: &mut Panels, cx: &mut PanelCx<'_>) {
    Side::bottom("problems")
        .resizable(false)
        .show_separator_line(false)
        .frame(Frame::new())
        .show(ui, |ui| panels.problems.ui(ui, cx));
    // In a low window the sheet may have too little room, but never that of the problems.
    ui.shrink_clip_rect(ui.available_rect_before_wrap());
    panels.pie.ui(ui, cx);
    ui.add_space(GROUP_GAP);
    panels.sheet.ui(ui, cx);
}

/// Says what dropping does, over everything else.
pub(super) fn drop_overlay_ui(ctx: &egui::Context) {
    let theme = Theme::of(ctx);
    let layer = egui::LayerId::new(egui::Order::Foreground, egui::Id::unique("drop overlay"));
    let painter = ctx.layer_painter(layer);
    let all = ctx.content_rect();
    painter.rect_filled(all, 0.0, theme.canvas.gamma_multiply(0.85));
    let stroke = egui::Stroke::new(2.0, theme.accent);
    crate::widgets::marks::paint_dashed_rect(&painter, all.shrink(16.0), stroke);
    let font = crate::widgets::theme::semibold(18.0);
    let text = "Drop to open; hold Shift to add to the session";
    painter.text(
        all.center(),
        egui::Align2::CENTER_CENTER,
        text,
        font,
        theme.text,
    );
}
