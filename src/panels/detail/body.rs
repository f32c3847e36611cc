//! Paints the tab Body: one side at a time, as what it is, as a tree, as text or as a hex dump.

use std::fmt;

use egui::{ColorImage, ProgressBar, TextureHandle, Ui};

use super::find::Find;
use super::model::{Content, FIRST_LIMIT, LAST_LIMIT, Part, Picture, View, Way};
use super::text;
use super::tree::TreeView;
use crate::base::text::bytes_with_unit;
use crate::capture::{FlowId, Side};
use crate::query::search::Place;
use crate::session::Sought;
use crate::widgets::theme::{GRID, GROUP_GAP};

/// Width of the progress bar, in points.
const PROGRESS_WIDTH: f32 = 200.0;

/// The tab with its switches.
#[derive(Default)]
pub(super) struct BodyTab {
    part: Part,
    way: Way,
    pub(super) find: Find,
    /// The flow of which a person wants to see all that may be shown.
    more_of: Option<FlowId>,
    tree: TreeView,
    /// The image that is shown, as the graphics card has it.
    texture: Option<((FlowId, Part), TextureHandle)>,
}

impl fmt::Debug for BodyTab {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyTab")
            .field("part", &self.part)
            .field("way", &self.way)
            .finish_non_exhaustive()
    }
}

impl BodyTab {
    /// What has to be read for `flow`.
    pub(super) fn view(&self, flow: FlowId, columns: usize) -> View {
        View {
            part: self.part,
            way: self.way,
            limit: limit(self.more_of, flow),
            columns,
            is_local_time: false,
        }
    }

    /// Shows the field that finds a text.
    pub(super) fn open_find(&mut self) {
        self.leave_tree();
        self.find.open();
    }

    /// Text is found in lines.
    fn leave_tree(&mut self) {
        if matches!(self.way, Way::Tree | Way::Hex) {
            self.way = Way::Preview;
        }
    }

    /// Shows the place that a search found.
    pub(super) fn show(&mut self, sought: &Sought) {
        let Place::Body(side, at) = sought.place else {
            return;
        };
        self.part = match side {
            Side::Request => Part::Request,
            Side::Response | Side::Connection => Part::Response,
        };
        self.leave_tree();
        if FIRST_LIMIT as u64 <= at {
            self.more_of = Some(sought.flow);
        }
        self.find.show(&sought.wanted, sought.nth);
    }

    /// The side that is shown.
    pub(super) fn part(&self) -> Part {
        self.part
    }

    /// Paints the tab; `content` is `None` while it is being read.
    pub(super) fn ui(
        &mut self,
        ui: &mut Ui,
        flow: FlowId,
        content: Option<&Content>,
        loading: Loading,
    ) {
        ui.horizontal_wrapped(|ui| {
            let parts = [(Part::Request, "Request"), (Part::Response, "Response")];
            if let Some(part) = text::switch(ui, &parts, self.part) {
                self.part = part;
            }
            ui.add_space(GROUP_GAP);
            let ways = [
                (Way::Preview, "Preview"),
                (Way::Tree, "Tree"),
                (Way::Text, "Text"),
                (Way::Hex, "Hex"),
            ];
            if let Some(way) = text::switch(ui, &ways, self.way) {
                self.way = way;
            }
            ui.add_space(GROUP_GAP);
            self.find.ui(ui);
            ui.add_space(GROUP_GAP);
            if let Some(content) = content {
                head(ui, content, loading, flow, &mut self.more_of);
            }
        });
        let Some(content) = content else {
            return;
        };
        if let Some(tree) = &content.tree {
            self.tree.ui(ui, flow, tree);
        } else if let Some(picture) = &content.picture {
            self.picture_ui(ui, flow, picture);
        } else {
            text::lines(ui, content, self.find.marks());
        }
    }

    /// Paints the image as large as it is, or as there is room.
    fn picture_ui(&mut self, ui: &mut Ui, flow: FlowId, picture: &Picture) {
        let key = (flow, self.part);
        if self.texture.as_ref().is_none_or(|(known, _)| *known != key) {
            let image = ColorImage::from_rgba_unmultiplied(picture.shown, &picture.rgba);
            let name = format!("body of {}", flow.n());
            let texture = ui.load_texture(name, image, egui::TextureOptions::LINEAR);
            self.texture = Some((key, texture));
        }
        let Some((_, texture)) = &self.texture else {
            return;
        };
        ui.add_space(GRID);
        let room = ui.available_size();
        let image = egui::Image::new(texture).max_size(room).shrink_to_fit();
        let response = ui.add(image.alt_text(format!("{} image", picture.kind)));
        response.widget_info(|| {
            let name = format!("{} image", picture.kind);
            egui::WidgetInfo::labeled(egui::Role::Image, true, name)
        });
    }
}

/// Most bytes to read of `flow`.
pub(super) fn limit(more_of: Option<FlowId>, flow: FlowId) -> usize {
    if more_of == Some(flow) {
        LAST_LIMIT
    } else {
        FIRST_LIMIT
    }
}

/// Bytes read and bytes in all, while a reading takes long.
pub(super) type Loading = Option<(u64, u64)>;

/// What has to be said about the lines, with the ways to read more of them and to stop that.
pub(super) fn head(
    ui: &mut Ui,
    content: &Content,
    loading: Loading,
    flow: FlowId,
    more_of: &mut Option<FlowId>,
) {
    text::secondary(ui, &content.headline);
    for sentence in &content.notices {
        text::notice(ui, sentence);
    }
    if let Some(loading) = loading.filter(|_| *more_of == Some(flow)) {
        progress(ui, loading);
        let cancel = text::small_button(ui, "Cancel");
        let cancel = cancel.on_hover_text("Stop reading, and show the first 1 MB");
        if cancel.clicked() {
            *more_of = None;
        }
    } else if content.has_more {
        let all = text::small_button(ui, "Load all").on_hover_text("Show up to 64 MB");
        if all.clicked() {
            *more_of = Some(flow);
        }
    }
}

/// How much was read, or that it is being made readable.
fn progress(ui: &mut Ui, (n_read, n_bytes): (u64, u64)) {
    let words = if n_read < n_bytes {
        let (so_far, in_all) = (bytes_with_unit(n_read), bytes_with_unit(n_bytes));
        format!("{} {} of {} {}", so_far.0, so_far.1, in_all.0, in_all.1)
    } else {
        let (number, unit) = bytes_with_unit(n_bytes);
        format!("{number} {unit} read, decoding…")
    };
    let share = n_read as f32 / n_bytes.max(1) as f32;
    let bar = ProgressBar::new(share).desired_width(PROGRESS_WIDTH);
    ui.add(bar.text(words));
}
