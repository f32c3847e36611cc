//! Labels, roles and conclusiveness as small marks. The verdict is text with bars; the label is a filled badge.

use egui::{
    Align2, Painter, Rect, Response, Role as A11y, Sense, Ui, Widget, WidgetInfo, pos2, vec2,
};

use super::marks::paint_dashed_rect;
use super::theme::{DENSE_SIZE, RADIUS, Theme, semibold};
use crate::annotations::{Colour, Label};
use crate::attribution::{Conclusiveness, Role};
use crate::query::words;

/// Side of a badge, in points.
const BADGE: f32 = 15.0;
/// Width and height of the four bars, in points.
const BARS: egui::Vec2 = vec2(17.0, 10.0);

/// The label that a person gave to a flow, or an empty place for one.
#[derive(Clone, Copy, Debug)]
pub struct LabelBadge(pub Option<Label>);

impl Widget for LabelBadge {
    fn ui(self, ui: &mut Ui) -> Response {
        let (rect, response) = ui.allocate_exact_size(vec2(BADGE, BADGE), Sense::hover());
        let name = self.0.map_or("not reviewed", Label::title);
        response.widget_info(|| WidgetInfo::labeled(A11y::Image, true, name));
        paint_label_badge(ui.painter(), Theme::of(ui), rect, self.0);
        response
    }
}

/// Paints a label badge into the middle of `rect`.
pub fn paint_label_badge(painter: &Painter, theme: &Theme, rect: Rect, label: Option<Label>) {
    let rect = Rect::from_center_size(rect.center(), vec2(BADGE, BADGE));
    let Some(label) = label else {
        paint_dashed_rect(painter, rect, egui::Stroke::new(1.0, theme.hairline));
        return;
    };
    let colour = theme.label(label);
    let letter = match label {
        Label::Unknown => {
            let outline = egui::Stroke::new(1.5, colour);
            painter.rect_stroke(rect, 4.0, outline, egui::StrokeKind::Inside);
            colour
        }
        Label::Origin | Label::Cdn => {
            painter.rect_filled(rect, 4.0, colour);
            theme.canvas
        }
    };
    let text = &label.title()[..1];
    painter.text(
        rect.center(),
        Align2::CENTER_CENTER,
        text,
        semibold(10.0),
        letter,
    );
}

/// A button that gives or takes away a label; pressed while the label is given.
pub fn button(ui: &mut Ui, label: Label, is_given: bool) -> Response {
    let theme = Theme::of(ui);
    let painter = ui.painter();
    let text = painter.layout_no_wrap(label.title().to_owned(), semibold(DENSE_SIZE), theme.text);
    let size = vec2(text.size().x + BADGE + 26.0, 26.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| {
        let name = format!("Label as {}", label.title());
        WidgetInfo::selected(A11y::Button, ui.is_enabled(), is_given, name)
    });
    let (fill, outline) = match (is_given, response.hovered()) {
        (true, _) => (theme.selection, theme.label(label)),
        (false, true) => (theme.hover, theme.decoration),
        (false, false) => (theme.raised, theme.hairline),
    };
    let outline = if response.has_focus() {
        theme.focus_ring
    } else {
        outline
    };
    let stroke = egui::Stroke::new(1.0, outline);
    ui.painter()
        .rect(rect, RADIUS, fill, stroke, egui::StrokeKind::Inside);
    let middle = pos2(rect.left() + 8.0 + BADGE / 2.0, rect.center().y);
    let place = Rect::from_center_size(middle, vec2(BADGE, BADGE));
    paint_label_badge(ui.painter(), theme, place, Some(label));
    let at = pos2(place.right() + 8.0, rect.center().y - text.size().y / 2.0);
    ui.painter().galley(at, text, theme.text);
    response
}

/// A button that marks flows with a colour, or takes it away; pressed while they have it.
pub fn colour_button(ui: &mut Ui, colour: Colour, is_given: bool) -> Response {
    let theme = Theme::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(22.0, 22.0), Sense::click());
    let name = format!("Mark {}", colour.word());
    response.widget_info(|| {
        WidgetInfo::selected(A11y::Button, ui.is_enabled(), is_given, name.as_str())
    });
    if response.has_focus() || is_given || response.hovered() {
        let outline = if response.has_focus() {
            theme.focus_ring
        } else {
            theme.decoration
        };
        let stroke = egui::Stroke::new(1.0, outline);
        ui.painter()
            .rect_stroke(rect, RADIUS, stroke, egui::StrokeKind::Inside);
    }
    paint_colour(ui.painter(), theme, rect, colour);
    response.on_hover_text(format!("{name} ({})", colour.digit()))
}

/// Paints the mark of `colour` into the middle of `rect`, with its digit: a colour alone says nothing to many.
pub fn paint_colour(painter: &Painter, theme: &Theme, rect: Rect, colour: Colour) {
    let mark = Rect::from_center_size(rect.center(), vec2(BADGE - 1.0, BADGE - 1.0));
    painter.rect_filled(mark, BADGE / 2.0, theme.mark(colour));
    painter.text(
        mark.center(),
        Align2::CENTER_CENTER,
        colour.digit(),
        semibold(DENSE_SIZE - 1.0),
        theme.canvas,
    );
}

/// What the machine says a party is, in words.
pub const fn role_title(role: Role) -> &'static str {
    match role {
        Role::Origin => "origin",
        Role::Cdn => "CDN",
        Role::Unknown => "unknown",
    }
}

/// One to four bars: how conclusive a verdict is.
#[derive(Clone, Copy, Debug)]
pub struct ConclusivenessBars(pub Conclusiveness);

impl Widget for ConclusivenessBars {
    fn ui(self, ui: &mut Ui) -> Response {
        let (rect, response) = ui.allocate_exact_size(BARS, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(A11y::Image, true, self.0.word()));
        paint_conclusiveness(ui.painter(), Theme::of(ui), rect, self.0);
        response.on_hover_text(words::how_sure(self.0))
    }
}

/// Paints the bars of a conclusiveness at the left of `rect`; a diamond for evidence that contradicts itself.
pub fn paint_conclusiveness(
    painter: &Painter,
    theme: &Theme,
    rect: Rect,
    conclusiveness: Conclusiveness,
) {
    let rect = Rect::from_min_size(pos2(rect.left(), rect.center().y - BARS.y / 2.0), BARS);
    let n_full = match conclusiveness {
        Conclusiveness::Conflicting => {
            let (middle, size) = (rect.center(), 5.0);
            let points = [(0.0, -size), (size, 0.0), (0.0, size), (-size, 0.0)];
            let points = points.map(|(x, y)| middle + vec2(x, y)).to_vec();
            painter.add(egui::Shape::convex_polygon(
                points,
                theme.conflict,
                egui::Stroke::NONE,
            ));
            return;
        }
        Conclusiveness::Insufficient => 1,
        Conclusiveness::Suggestive => 2,
        Conclusiveness::Strong => 3,
        Conclusiveness::Conclusive => 4,
    };
    for idx in 0..4_u8 {
        let left = rect.left() + f32::from(idx) * 4.5;
        let height = BARS.y * (0.4 + 0.2 * f32::from(idx));
        let bar = Rect::from_min_max(
            pos2(left, rect.bottom() - height),
            pos2(left + 3.0, rect.bottom()),
        );
        let colour = if idx < n_full {
            theme.text
        } else {
            theme.hairline
        };
        painter.rect_filled(bar, 1.0, colour);
    }
}
