//! Lines where a browser noted a moment of a page: dotted where it begins, dashed once it is parsed, whole once it is loaded.

use egui::{Rect, Sense, Shape, Stroke, Ui, WidgetInfo, pos2};

use super::model::{Event, Mark, Timeline};
use crate::base::text::{counted, shorten_middle};
use crate::base::time::Time;
use crate::widgets::theme::Theme;
use crate::widgets::time_axis::{TimeAxis, duration_words};

/// Least distance between two lines of one kind, in points: nearer ones would be a block of colour.
const LEAST_GAP: f32 = 6.0;
/// How near the pointer finds a line, in points.
const REACH: f32 = 5.0;
/// Most moments that are named together.
const MAX_NAMED: usize = 8;
/// Longest title of a page, in characters.
const MAX_TITLE: usize = 60;

/// Paints the lines over `axis`; the pointer finds their names at the `ticks`.
pub(super) fn ui(ui: &Ui, timeline: &Timeline, axis: &TimeAxis, ticks: Rect, origin: Time) {
    let marks = timeline.marks_within(&axis.range);
    if marks.is_empty() {
        return;
    }
    let theme = Theme::of(ui);
    let painter = ui.painter_at(axis.rect);
    let mut last: Vec<(Event, f32)> = Vec::new();
    for mark in marks {
        let x = axis.x_from_time(mark.time).round() + 0.5;
        match last.iter_mut().find(|(event, _)| *event == mark.event) {
            Some((_, before)) if x - *before < LEAST_GAP => continue,
            Some((_, before)) => *before = x,
            None => last.push((mark.event, x)),
        }
        let (top, bottom) = (ticks.top(), axis.rect.bottom());
        let line = [pos2(x, top), pos2(x, bottom)];
        match mark.event {
            Event::Began => {
                let stroke = Stroke::new(1.0, theme.decoration);
                painter.extend(Shape::dashed_line(&line, stroke, 1.0, 3.0));
            }
            Event::Parsed => {
                let stroke = Stroke::new(1.5, theme.accent);
                painter.extend(Shape::dashed_line(&line, stroke, 6.0, 4.0));
            }
            Event::Loaded => {
                painter.line_segment(line, Stroke::new(1.5, theme.error));
            }
        }
    }
    let response = ui.interact(ticks, ui.scope_id().with("page marks"), Sense::hover());
    response.widget_info(|| {
        let name = format!("Axis with {}", counted(marks.len() as u64, "page mark"));
        WidgetInfo::labeled(egui::Role::Image, true, name)
    });
    let words = response
        .hover_pos()
        .map(|pos| named(marks, axis, pos.x, origin));
    if let Some(words) = words.filter(|words| !words.is_empty()) {
        response.on_hover_text_at_pointer(words);
    }
}

/// The moments near `x`, one line each.
fn named(marks: &[Mark], axis: &TimeAxis, x: f32, origin: Time) -> String {
    let is_near = |mark: &&Mark| (axis.x_from_time(mark.time) - x).abs() <= REACH;
    let lines: Vec<String> = marks
        .iter()
        .filter(is_near)
        .take(MAX_NAMED)
        .map(|mark| {
            let at = duration_words(mark.time.0.saturating_sub(origin.0));
            let page = shorten_middle(&mark.page, MAX_TITLE);
            format!("{} at {at}: {page}", mark.event.title())
        })
        .collect();
    lines.join("\n")
}
