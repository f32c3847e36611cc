//! The ring itself, with its total in the middle and the names of the large slices around it.

use egui::{
    Align2, Color32, FontId, Painter, Pos2, Rect, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2,
};

use super::model::{Pie, Slice};
use super::{PanelCx, act, colour, dimmed, legend};
use crate::widgets::ring::Ring;
use crate::widgets::text::line;
use crate::widgets::theme::{DENSE_SIZE, GRID, TOTAL_SIZE, Theme, regular, semibold};

/// Radius of the ring where there is room for it.
const RADIUS_MAX: f32 = 66.0;
/// Part of the radius that is hole.
const HOLE: f32 = 0.66;
/// How far the slice that stands out does so.
const LIFT: f32 = 4.0;
/// Least share that is named beside the ring.
const LEAST_NAMED: f64 = 0.06;
/// Least room for a name, in points.
const LEAST_ROOM: f32 = 44.0;
/// Height of a name with its share.
const LABEL: f32 = 30.0;
/// Length of the piece of a leader line that points away from the ring.
const LEADER: f32 = 6.0;

/// Paints the ring and returns the slice under the pointer.
pub(super) fn ui(
    ui: &mut Ui,
    pie: &Pie,
    lit: Option<usize>,
    cx: &mut PanelCx<'_>,
) -> Option<usize> {
    let theme = Theme::of(ui);
    let radius = RADIUS_MAX.min(ui.available_width() / 2.0 - LIFT).max(24.0);
    let size = Vec2::new(ui.available_width(), 2.0 * (radius + LIFT + GRID));
    // The rows of the legend are the way in for the keyboard.
    let (rect, response) = ui.allocate_exact_size(size, Sense::CLICK);
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Image, true, pie.summary()));
    let ring = Ring {
        center: rect.center(),
        inner: radius * HOLE,
        outer: radius,
    };
    let ground = ui.visuals().panel_fill;
    for (idx, slice) in pie.slices.iter().enumerate() {
        let lift = if lit == Some(idx) { LIFT } else { 0.0 };
        let sector = Ring {
            outer: ring.outer + lift,
            ..ring
        };
        let is_dim = lit.is_some_and(|lit| lit != idx);
        let colour = dimmed(colour(slice, pie.part, theme), ground, is_dim);
        sector.paint_sector(ui.painter(), &slice.turns, slice.role, colour, ground);
    }
    middle(ui.painter(), ring.center, pie, lit, theme);
    for label in labels(pie, &ring, rect) {
        let is_dim = lit.is_some_and(|lit| lit != label.idx);
        label.paint(ui.painter(), &ring, &pie.slices[label.idx], is_dim, theme);
    }

    let pointed = response
        .hover_pos()
        .and_then(|pos| pie.slice_at(ring.turn_at(pos)?));
    let Some(idx) = pointed else {
        response.context_menu(|ui| legend::copy_item(ui, pie, cx));
        return None;
    };
    let slice = &pie.slices[idx];
    act(ui, &response, slice, pie.part, cx);
    response
        .on_hover_cursor(egui::CursorIcon::PointingHand)
        .on_hover_text_at_pointer(format!(
            "{}\n{}",
            slice.spoken(pie.measure),
            legend::hint(ui, slice, pie.part, false)
        ));
    Some(idx)
}

/// The total, or the slice that stands out, in the hole of the ring.
fn middle(painter: &Painter, center: Pos2, pie: &Pie, lit: Option<usize>, theme: &Theme) {
    let (number, unit) = lit.and_then(|idx| pie.slices.get(idx)).map_or_else(
        || pie.total_with_unit(),
        |slice| (format!("{} %", slice.percent()), slice.name.as_str()),
    );
    let at = |dy: f32| center + Vec2::new(0.0, dy);
    let middle = Align2::CENTER_CENTER;
    painter.text(at(-8.0), middle, number, semibold(TOTAL_SIZE), theme.text);
    let width = 2.0 * RADIUS_MAX * HOLE - 16.0;
    let unit = painter.layout_job(line(&[(unit, theme.secondary)], &font(), width));
    let place = middle.anchor_size(at(13.0), unit.size());
    painter.galley(place.min, unit, theme.secondary);
}

fn font() -> FontId {
    regular(DENSE_SIZE)
}

/// The place of `label`, up to where the ring or its own line begins at that height.
fn widened(label: &Label, ring: &Ring) -> Rect {
    let centre = ring.center;
    let reach = ring.outer + LIFT + LEADER;
    let rows = label.rect.y_range();
    let dy = (rows.min - centre.y).max(centre.y - rows.max).max(0.0);
    let half = (reach * reach - dy * dy).max(0.0).sqrt();
    let bend = (ring.at(label.turn, reach).x - centre.x).abs();
    let gap = half.max(bend) + GRID;
    if label.is_left {
        let right = (centre.x - gap).max(label.rect.right());
        label.rect.with_max_x(right)
    } else {
        let left = (centre.x + gap).min(label.rect.left());
        label.rect.with_min_x(left)
    }
}

/// The name of a slice beside the ring.
#[derive(Clone, Debug, PartialEq)]
struct Label {
    /// Which slice.
    idx: usize,
    /// Where on the ring its leader line begins, in turns.
    turn: f32,
    /// Where its text stands.
    rect: Rect,
    is_left: bool,
}

/// The names of the large slices to the left and to the right of the ring, as far as there is room; none covers another.
fn labels(pie: &Pie, ring: &Ring, area: Rect) -> Vec<Label> {
    let reach = ring.outer + LIFT + LEADER + GRID;
    let room = area.width() / 2.0 - reach;
    if room < LEAST_ROOM {
        return Vec::new();
    }
    let mut labels = Vec::new();
    for is_left in [false, true] {
        let mut side: Vec<Label> = pie
            .slices
            .iter()
            .enumerate()
            .filter(|(_, slice)| LEAST_NAMED <= slice.part)
            .map(|(idx, slice)| (idx, f32::midpoint(slice.turns.start, slice.turns.end)))
            .filter(|(_, turn)| is_left == (0.5 <= *turn))
            .map(|(idx, turn)| {
                let x = if is_left {
                    area.left()
                } else {
                    area.right() - room
                };
                let top = ring.at(turn, ring.outer).y - LABEL / 2.0;
                let rect = Rect::from_min_size(pos2(x, top), Vec2::new(room, LABEL));
                Label {
                    idx,
                    turn,
                    rect,
                    is_left,
                }
            })
            .collect();
        side.sort_by(|a, b| a.rect.top().total_cmp(&b.rect.top()));
        spread(&mut side, area);
        for label in &mut side {
            label.rect = widened(label, ring);
        }
        labels.extend(side);
    }
    labels
}

/// Moves labels that are sorted from top to bottom apart within `area`, and drops those that do not fit.
fn spread(labels: &mut Vec<Label>, area: Rect) {
    let n_fitting = (area.height() / LABEL) as usize;
    while n_fitting < labels.len() {
        // Later slices are smaller.
        let smallest = labels.iter().map(|label| label.idx).max();
        labels.retain(|label| Some(label.idx) != smallest);
    }
    let mut least = area.top();
    for label in labels.iter_mut() {
        let top = label.rect.top().max(least);
        label.rect = label.rect.translate(Vec2::new(0.0, top - label.rect.top()));
        least = label.rect.bottom();
    }
    let mut most = area.bottom();
    for label in labels.iter_mut().rev() {
        let bottom = label.rect.bottom().min(most);
        label.rect = label
            .rect
            .translate(Vec2::new(0.0, bottom - label.rect.bottom()));
        most = label.rect.top();
    }
}

impl Label {
    fn paint(&self, painter: &Painter, ring: &Ring, slice: &Slice, is_dim: bool, theme: &Theme) {
        let (near, align) = if self.is_left {
            (self.rect.right(), Align2::RIGHT_CENTER)
        } else {
            (self.rect.left(), Align2::LEFT_CENTER)
        };
        let text: Color32 = if is_dim { theme.secondary } else { theme.text };
        let lines = [
            (slice.name.clone(), text, -7.0),
            (format!("{} %", slice.percent()), theme.secondary, 7.0),
        ];
        let mut widest: f32 = 0.0;
        for (words, colour, dy) in lines {
            let galley = painter.layout_job(line(&[(&words, colour)], &font(), self.rect.width()));
            let at = pos2(near, self.rect.center().y + dy);
            widest = widest.max(galley.size().x);
            let place = align.anchor_size(at, galley.size());
            painter.galley(place.min, galley, colour);
        }
        let from = ring.at(self.turn, ring.outer + LIFT + 1.0);
        let bend = ring.at(self.turn, ring.outer + LIFT + LEADER);
        let away = if self.is_left { 3.0 } else { -3.0 };
        let to = pos2(near + away, self.rect.center().y);
        let stroke = Stroke::new(1.0, theme.decoration);
        painter.line(vec![from, bend, to], stroke);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribution::Role;
    use crate::providers::ProviderId;
    use crate::query::aggregate::{Part, Share, Who};
    use crate::session::Measure;

    fn check(counts: &[u64], width: f32, n_labels: usize) {
        let shares = (0..).zip(counts).map(|(idx, n)| Share {
            part: Part::Terminating,
            who: Who::Provider(ProviderId(idx), Role::Cdn),
            n: *n,
            bytes: 0,
            n_hosts: 1,
            micros: 0,
        });
        let pie = Pie::from_shares(shares.collect(), Measure::Requests, Part::Terminating);
        let area = Rect::from_min_size(Pos2::ZERO, Vec2::new(width, 168.0));
        let ring = Ring {
            center: area.center(),
            inner: 50.0,
            outer: 76.0,
        };
        let labels = labels(&pie, &ring, area);
        assert_eq!(labels.len(), n_labels, "{counts:?} within {width}");
        for (idx, label) in labels.iter().enumerate() {
            assert!(area.expand(0.01).contains_rect(label.rect), "{label:?}");
            let is_free = |other: &Label| !other.rect.shrink(0.01).intersects(label.rect);
            assert!(labels[..idx].iter().all(is_free), "{label:?}");
        }
    }

    #[test]
    fn names_stand_beside_the_ring_without_covering_each_other() {
        check(&[60, 40], 340.0, 2);
        check(&[60, 38, 2], 340.0, 2);
        check(&[20, 16, 15, 14, 13, 12, 10], 340.0, 7);
        check(&[94, 6], 340.0, 2);
        check(&[60, 40], 200.0, 0);
        check(&[], 340.0, 0);
    }
}
