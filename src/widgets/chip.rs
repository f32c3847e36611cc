//! Chips and segmented controls: small choices that stay in sight.

use egui::{Align2, Response, Role, Sense, Stroke, StrokeKind, Ui, Widget, WidgetInfo, vec2};

use super::theme::{DENSE_SIZE, Theme, regular};

/// Height of a chip, in points.
const HEIGHT: f32 = 22.0;

/// A rounded button that is on or off, with an optional count behind its word.
#[derive(Clone, Debug)]
pub struct Chip<'a> {
    title: &'a str,
    count: Option<u64>,
    is_on: bool,
}

impl<'a> Chip<'a> {
    /// A chip with the word `title`.
    pub const fn new(title: &'a str, is_on: bool) -> Self {
        Self {
            title,
            count: None,
            is_on,
        }
    }

    /// Shows how many flows it stands for.
    pub const fn count(mut self, n: u64) -> Self {
        self.count = Some(n);
        self
    }
}

impl Widget for Chip<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let theme = Theme::of(ui);
        let text = match self.count {
            Some(n) => format!("{} {}", self.title, crate::base::text::thousands(n)),
            None => self.title.to_owned(),
        };
        let galley = ui
            .painter()
            .layout_no_wrap(text.clone(), regular(DENSE_SIZE), theme.text);
        let size = vec2(galley.size().x + 20.0, HEIGHT);
        let (rect, response) = ui.allocate_exact_size(size, Sense::click());
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, self.is_on, &text));
        let (fill, outline, ink) = match (self.is_on, response.hovered()) {
            (true, _) => (theme.selection, theme.accent, theme.text),
            (false, true) => (theme.hover, theme.decoration, theme.text),
            (false, false) => (theme.panel, theme.hairline, theme.secondary),
        };
        let outline = if response.has_focus() {
            theme.focus_ring
        } else {
            outline
        };
        let radius = HEIGHT / 2.0;
        let stroke = Stroke::new(1.0, outline);
        ui.painter()
            .rect(rect, radius, fill, stroke, StrokeKind::Inside);
        let at = Align2::CENTER_CENTER
            .align_size_within_rect(galley.size(), rect)
            .min;
        ui.painter()
            .galley_with_override_text_color(at, galley, ink);
        response
    }
}

/// Shows the `options` side by side with the current one pressed; returns true when another was chosen.
pub fn segmented<T: Copy + PartialEq>(ui: &mut Ui, current: &mut T, options: &[(T, &str)]) -> bool {
    let before = *current;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        for (option, title) in options {
            if ui.add(Chip::new(title, *option == *current)).clicked() {
                *current = *option;
            }
        }
    });
    *current != before
}
