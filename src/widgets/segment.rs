//! One part of a segmented control: a word with a number, of which one is on.

use egui::text::{LayoutJob, TextFormat};
use egui::{Color32, Response, Role, Sense, Ui, Widget, WidgetInfo, vec2};

use super::switch::paint_focus;
use super::theme::{RADIUS, Theme, UI_SIZE, regular, semibold};
use crate::base::text::thousands;

/// Height of a segment, in points.
const HEIGHT: f32 = 24.0;
/// Space at both sides of the word, in points.
const MARGIN: f32 = 10.0;

/// A word with a number.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a> {
    /// The word.
    pub title: &'a str,
    /// How many rows it stands for.
    pub n: u64,
    /// It is the one that is on.
    pub is_on: bool,
}

impl Widget for Segment<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let theme = Theme::of(ui);
        let n = thousands(self.n);
        let mut job = LayoutJob::default();
        let font = if self.is_on {
            semibold(UI_SIZE)
        } else {
            regular(UI_SIZE)
        };
        let ink = if self.is_on {
            theme.text
        } else {
            theme.secondary
        };
        job.append(self.title, 0.0, TextFormat::simple(font, ink));
        let font = regular(UI_SIZE);
        job.append(&n, 5.0, TextFormat::simple(font, theme.secondary));
        let galley = ui.painter().layout_job(job);
        let size = vec2(galley.size().x + 2.0 * MARGIN, HEIGHT);
        let (rect, response) = ui.allocate_exact_size(size, Sense::click());
        let name = format!("{} {n}", self.title);
        let is_enabled = ui.is_enabled();
        response.widget_info(|| WidgetInfo::selected(Role::Tab, is_enabled, self.is_on, &name));
        let fill = match (self.is_on, response.hovered()) {
            (true, _) => theme.selection,
            (false, true) => theme.hover,
            (false, false) => Color32::TRANSPARENT,
        };
        ui.painter().rect_filled(rect, RADIUS, fill);
        paint_focus(ui.painter(), &response, theme);
        let at = rect.center() - galley.size() / 2.0;
        ui.painter().galley(at, galley, Color32::PLACEHOLDER);
        response
    }
}
