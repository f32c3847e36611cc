//! The small pictures in a row: badge of a role, share, labels, times.

use egui::{Align2, Color32, Painter, Rect, Stroke, StrokeKind, pos2, vec2};

use super::model::{N_STRETCHES, Tally};
use crate::annotations::Label;
use crate::attribution::roles::RelationRole;
use crate::base::text::thousands;
use crate::widgets::text::paint_in;
use crate::widgets::theme::{DENSE_SIZE, RADIUS, Theme, regular};

/// Height of the bars of share and labels, in points.
const BAR: f32 = 6.0;
/// Height of the tallest bar of a sparkline, in points.
const SPARK: f32 = 11.0;
/// Width of the bar of labels, in points.
const LABELS: f32 = 44.0;

/// The colour of a role: what only passes on is told from what answers.
pub(super) const fn role_colour(theme: &Theme, role: RelationRole) -> Color32 {
    match role {
        RelationRole::Delivers => theme.cdn,
        _ => theme.origin,
    }
}

/// The word of a role in a thin frame.
pub(super) fn paint_role(painter: &Painter, theme: &Theme, cell: Rect, role: RelationRole) {
    let colour = role_colour(theme, role);
    let text = painter.layout_no_wrap(role.word().to_owned(), regular(DENSE_SIZE), colour);
    let size = vec2(text.size().x + 12.0, 18.0);
    let frame = Rect::from_center_size(pos2(cell.left() + size.x / 2.0, cell.center().y), size);
    let stroke = Stroke::new(1.0, theme.hairline);
    painter.rect_stroke(frame, RADIUS, stroke, StrokeKind::Inside);
    paint_in(painter, frame, Align2::CENTER_CENTER, text);
}

/// How much of the ground `share`, from 0 to 1, takes.
pub(super) fn paint_share(
    painter: &Painter,
    theme: &Theme,
    cell: Rect,
    share: f32,
    colour: Color32,
) {
    let ground = Rect::from_center_size(cell.center(), vec2(cell.width(), BAR));
    painter.rect_filled(ground, BAR / 2.0, theme.hairline.gamma_multiply(0.6));
    let width = (ground.width() * share.clamp(0.0, 1.0)).max(2.0);
    let bar = ground.with_max_x(ground.left() + width);
    painter.rect_filled(bar, (BAR / 2.0).min(width / 2.0), colour);
}

/// The labels stacked in the order origin, CDN, unknown, and `96/300`.
pub(super) fn paint_labels(painter: &Painter, theme: &Theme, cell: Rect, tally: &Tally) {
    let at = pos2(cell.left() + LABELS / 2.0, cell.center().y);
    let ground = Rect::from_center_size(at, vec2(LABELS, BAR));
    painter.rect_filled(ground, BAR / 2.0, theme.hairline.gamma_multiply(0.6));
    let all = tally.requests.max(1) as f32;
    let mut left = ground.left();
    for (n, label) in tally
        .labels
        .iter()
        .zip([Label::Origin, Label::Cdn, Label::Unknown])
    {
        if *n == 0 {
            continue;
        }
        let width = (ground.width() * *n as f32 / all).max(2.0);
        let right = (left + width).min(ground.right());
        let bar = ground.with_min_x(left).with_max_x(right);
        painter.rect_filled(bar, (BAR / 2.0).min(bar.width() / 2.0), theme.label(label));
        left = right;
    }
    let words = format!(
        "{}/{}",
        thousands(tally.labelled().into()),
        thousands(tally.requests.into())
    );
    let text = painter.layout_no_wrap(words, regular(DENSE_SIZE), theme.secondary);
    let room = cell.with_min_x(ground.right() + 6.0);
    paint_in(painter, room, Align2::LEFT_CENTER, text);
}

/// How many flows began in each stretch of time; the tallest bar is that of `most` flows, drawn so that few stay visible.
pub(super) fn paint_when(painter: &Painter, cell: Rect, tally: &Tally, most: u32, colour: Color32) {
    let step = cell.width() / N_STRETCHES as f32;
    let bottom = cell.center().y + SPARK / 2.0;
    for (idx, n) in tally.when.iter().enumerate() {
        if *n == 0 {
            continue;
        }
        let part = (*n as f32 / most.max(1) as f32).sqrt().min(1.0);
        let height = (SPARK * part).max(2.0);
        let left = cell.left() + idx as f32 * step;
        let min = pos2(left, bottom - height);
        let bar = Rect::from_min_max(min, pos2(left + (step - 1.0).max(1.5), bottom));
        painter.rect_filled(bar, 0.0, colour);
    }
}
