//! How roles are drawn without relying on colour: solid for origin, hatched for CDN, dashed outline for unknown.

use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, pos2, vec2};

use super::theme::Theme;
use crate::attribution::Role;

/// Paints the arrow beside what can be folded: down when it is open, to the right when it is not.
pub fn paint_fold_arrow(painter: &Painter, center: egui::Pos2, is_open: bool, colour: Color32) {
    let points = if is_open {
        [(-3.5, -2.0), (3.5, -2.0), (0.0, 2.5)]
    } else {
        [(-2.0, -3.5), (2.5, 0.0), (-2.0, 3.5)]
    };
    let points = points.map(|(x, y)| center + egui::vec2(x, y)).to_vec();
    painter.add(Shape::convex_polygon(points, colour, Stroke::NONE));
}

/// Distance between the lines of a hatch, in points.
const HATCH_STEP: f32 = 6.0;
/// Width of the lines of a hatch, in points.
const HATCH_WIDTH: f32 = 2.0;

/// Fills a small square with the pattern of `role` in `colour`: the key of legends and rows.
pub fn paint_role_swatch(
    painter: &Painter,
    theme: &Theme,
    rect: Rect,
    colour: Color32,
    role: Role,
) {
    match role {
        Role::Origin => {
            painter.rect_filled(rect, 2.0, colour);
        }
        Role::Cdn => {
            painter.rect_filled(rect, 2.0, fade(theme, colour));
            paint_hatch(
                &painter.with_clip_rect(rect.intersect(painter.clip_rect())),
                rect,
                colour,
                4.0,
            );
        }
        Role::Unknown => {
            let outline = Stroke::new(1.5, colour);
            painter.rect_stroke(rect, 2.0, outline, StrokeKind::Inside);
        }
    }
}

/// Fills a bar with the pattern of `role` in `colour`.
pub fn paint_role_bar(painter: &Painter, theme: &Theme, rect: Rect, colour: Color32, role: Role) {
    match role {
        Role::Origin => {
            painter.rect_filled(rect, 1.0, colour);
        }
        Role::Cdn => {
            painter.rect_filled(rect, 1.0, fade(theme, colour));
            // Inset by the ends of the lines: a clip rectangle for each of thousands of bars would cost more.
            paint_hatch(painter, rect.shrink(HATCH_WIDTH / 3.0), colour, HATCH_STEP);
        }
        Role::Unknown => paint_dashed_rect(painter, rect, Stroke::new(1.0, colour)),
    }
}

/// The ground between the lines of a hatch: the colour, half way to the canvas.
pub fn fade(theme: &Theme, colour: Color32) -> Color32 {
    colour.lerp_to_gamma(theme.canvas, 0.6)
}

/// Lines at 45° over `rect`; the painter's clip rectangle cuts them off.
pub fn paint_hatch(painter: &Painter, rect: Rect, colour: Color32, step: f32) {
    painter.extend(hatch(rect, step).map(|ends| Shape::line_segment(ends, (HATCH_WIDTH, colour))));
}

/// Lines at 45° and at 135° over `rect`: evidence that contradicts itself.
pub fn paint_cross_hatch(painter: &Painter, rect: Rect, colour: Color32, step: f32) {
    paint_hatch(painter, rect, colour, step);
    let mirrored = hatch(rect, step).map(|[a, b]| {
        let flip = |at: Pos2| pos2(rect.left() + rect.right() - at.x, at.y);
        Shape::line_segment([flip(a), flip(b)], (HATCH_WIDTH, colour))
    });
    painter.extend(mirrored);
}

/// A dashed outline inside `rect`.
pub fn paint_dashed_rect(painter: &Painter, rect: Rect, stroke: Stroke) {
    let rect = rect.shrink(stroke.width / 2.0);
    let corners = [
        rect.left_top(),
        rect.right_top(),
        rect.right_bottom(),
        rect.left_bottom(),
        rect.left_top(),
    ];
    painter.extend(Shape::dashed_line(&corners, stroke, 3.0, 2.0));
}

/// A dashed outline along `points`, closed at its end.
pub fn dashed_outline(painter: &Painter, points: &[Pos2], colour: Color32) {
    let mut closed = points.to_vec();
    closed.extend(points.first());
    painter.extend(Shape::dashed_line(
        &closed,
        Stroke::new(1.0, colour),
        3.0,
        3.0,
    ));
}

/// A triangle that points up or down: the direction of a sort order.
pub fn paint_sort_arrow(painter: &Painter, centre: Pos2, is_descending: bool, colour: Color32) {
    let tip = if is_descending { 3.0 } else { -3.0 };
    let points = vec![
        pos2(centre.x - 3.5, centre.y - tip / 1.5),
        pos2(centre.x + 3.5, centre.y - tip / 1.5),
        pos2(centre.x, centre.y + tip),
    ];
    painter.add(Shape::convex_polygon(points, colour, Stroke::NONE));
}

/// The ends of rising lines that cover `rect`, anchored to the screen so that neighbours continue one another.
fn hatch(rect: Rect, step: f32) -> impl Iterator<Item = [Pos2; 2]> {
    // A line is the set of points with equal x + y.
    let first = ((rect.left() + rect.top()) / step).floor() as i32;
    let last = ((rect.right() + rect.bottom()) / step).ceil() as i32;
    (first..=last).take(4_096).filter_map(move |n| {
        let sum = n as f32 * step;
        let left = (sum - rect.bottom()).max(rect.left());
        let right = (sum - rect.top()).min(rect.right());
        (left < right).then(|| [pos2(left, sum - left), pos2(right, sum - right)])
    })
}

/// Paints the mark of a value that can be opened: pointing right while it is closed, else down.
pub fn paint_twist(painter: &Painter, centre: Pos2, is_closed: bool, colour: Color32) {
    let corners = if is_closed {
        [vec2(-2.5, -4.0), vec2(3.5, 0.0), vec2(-2.5, 4.0)]
    } else {
        [vec2(-4.0, -2.5), vec2(4.0, -2.5), vec2(0.0, 3.5)]
    };
    let corners = corners.map(|corner| centre + corner).to_vec();
    painter.add(Shape::convex_polygon(corners, colour, Stroke::NONE));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hatch_lines_stay_inside_and_cover_the_whole_area() {
        let rect = Rect::from_min_max(pos2(10.0, 20.0), pos2(110.0, 50.0));
        let lines: Vec<_> = hatch(rect, 6.0).collect();
        assert!(20 <= lines.len(), "{} lines", lines.len());
        for [a, b] in lines {
            assert!(rect.expand(0.01).contains(a) && rect.expand(0.01).contains(b));
            assert!((a.x + a.y - b.x - b.y).abs() < 0.01);
        }
    }
}
