//! Text that has to fit a cell: cut with `…`, and shown whole in a tooltip.

use std::sync::Arc;

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Align2, Color32, FontId, Galley, Painter, Rect, Response, Role, Sense, Ui, WidgetInfo};

use super::theme::{DENSE_SIZE, Theme, regular};

/// Pieces of one line, each in its own colour.
pub fn line(pieces: &[(&str, Color32)], font: &FontId, width: f32) -> LayoutJob {
    let mut job = LayoutJob {
        wrap: TextWrapping::truncate_at_width(width),
        break_on_newline: false,
        ..LayoutJob::default()
    };
    for (text, colour) in pieces {
        job.append(text, 0.0, TextFormat::simple(font.clone(), *colour));
    }
    job
}

/// Lays out `text` in one line of at most `width` points, cut in the middle so that its end stays readable.
pub fn middle_cut(
    painter: &Painter,
    text: &str,
    font: &FontId,
    colour: Color32,
    width: f32,
) -> Arc<Galley> {
    // What cannot fit anyway is not laid out: no glyph is narrower than this.
    let n_most = (width / (font.size * 0.2)).max(3.0) as usize;
    let text = crate::base::text::shorten_middle(text, n_most);
    let whole = painter.layout_no_wrap(text.clone().into_owned(), font.clone(), colour);
    if whole.size().x <= width {
        return whole;
    }
    let (mut fits, mut too_long) = (2, text.chars().count());
    let mut best = painter.layout_job(line(&[(&text, colour)], font, width));
    while 1 < too_long - fits {
        let n = usize::midpoint(fits, too_long);
        let cut = crate::base::text::shorten_middle(&text, n).into_owned();
        let galley = painter.layout_no_wrap(cut, font.clone(), colour);
        if galley.size().x <= width {
            fits = n;
            best = galley;
        } else {
            too_long = n;
        }
    }
    best
}

/// Lays out `lead` and `main` in one line of at most `width` points; what is too much is cut off the front of `lead`.
pub fn front_cut(
    painter: &Painter,
    lead: (&str, Color32),
    main: (&str, Color32),
    font: &FontId,
    width: f32,
) -> Arc<Galley> {
    let whole = painter.layout_job(line(&[lead, main], font, width));
    if !whole.elided {
        return whole;
    }
    let width_of = |text: String| painter.layout_no_wrap(text, font.clone(), lead.1).size().x;
    let room = width - width_of(format!("…{}", main.0));
    let kept = lead
        .0
        .char_indices()
        .map(|(at, _)| &lead.0[at..])
        .find(|rest| width_of((*rest).to_owned()) <= room)
        .unwrap_or_default();
    let lead_text = format!("…{kept}");
    painter.layout_job(line(&[(&lead_text, lead.1), main], font, width))
}

/// Paints `galley` at one side of `rect`, in the middle of its height.
pub fn paint_in(painter: &Painter, rect: Rect, align: Align2, galley: Arc<Galley>) {
    let at = align.align_size_within_rect(galley.size(), rect).min;
    painter.galley(at, galley, Color32::PLACEHOLDER);
}

/// One line of `text` in the space that is left, cut in the middle, whole in the tooltip when it was cut.
pub fn fitted(ui: &mut Ui, text: &str, colour: Color32) -> Response {
    let width = ui.available_width();
    let galley = middle_cut(ui.painter(), text, &regular(DENSE_SIZE), colour, width);
    let is_cut = galley.text() != text;
    let (rect, response) = ui.allocate_exact_size(galley.size(), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    paint_in(ui.painter(), rect, Align2::LEFT_CENTER, galley);
    if is_cut {
        response.on_hover_text(text)
    } else {
        response
    }
}

/// A title of a panel.
pub fn title(ui: &mut Ui, text: &str) -> Response {
    let theme = Theme::of(ui);
    ui.label(
        egui::RichText::new(text)
            .font(super::theme::semibold(super::theme::TITLE_SIZE))
            .color(theme.text),
    )
}
