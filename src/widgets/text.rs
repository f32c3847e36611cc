//! Text that has to fit a cell: cut with `…`, and shown whole in a tooltip.

use std::sync::Arc;

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Align2, Color32, FontId, Galley, Painter, Rect, Response, Role, Sense, Ui, WidgetInfo};

use super::theme::{DENSE_SIZE, Theme, regular};
use crate::base::text::shorten_middle;

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
    let text = shorten_middle(text, n_most);
    let mut n = n_fitting(painter, &text, font, width);
    loop {
        let cut = shorten_middle(&text, n).into_owned();
        let galley = painter.layout_no_wrap(cut, font.clone(), colour);
        if galley.size().x <= width {
            return galley;
        }
        if n <= 3 {
            return painter.layout_job(line(&[(&text, colour)], font, width));
        }
        n -= 1;
    }
}

/// How many characters of `text` are likely to fit `width` when it is cut in the middle; all of them when nothing has to
/// be cut. Laying text out is dear, adding up widths is not.
fn n_fitting(painter: &Painter, text: &str, font: &FontId, width: f32) -> usize {
    let widths = widths_of(painter, text, font);
    let n_all = widths.len();
    if widths.iter().sum::<f32>() <= width {
        return n_all;
    }
    let sums = |widths: &mut dyn Iterator<Item = &f32>| {
        let mut sum = 0.0;
        let sums = widths.map(|width| {
            sum += width;
            sum
        });
        std::iter::once(0.0).chain(sums).collect::<Vec<f32>>()
    };
    let (from_start, from_end) = (sums(&mut widths.iter()), sums(&mut widths.iter().rev()));
    let dots = widths_of(painter, "…", font)
        .first()
        .copied()
        .unwrap_or(0.0);
    let fits = |n: &usize| {
        // As `shorten_middle` divides them.
        let tail = (n - 1) * 2 / 3;
        from_start[n - 1 - tail] + dots + from_end[tail] <= width
    };
    (3..n_all).rev().find(fits).unwrap_or(3)
}

/// The width of each character, without what neighbours do to each other.
fn widths_of(painter: &Painter, text: &str, font: &FontId) -> Vec<f32> {
    painter.fonts_mut(|fonts| {
        let widths = text.chars().map(|c| fonts.glyph_width(font, c));
        widths.collect()
    })
}

/// Lays out `lead` and `main` in one line of at most `width` points; what is too much is cut off the front.
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
    let text = [lead.0, main.0].concat();
    let widths = widths_of(painter, &text, font);
    let mut room = width - widths_of(painter, "…", font).iter().sum::<f32>();
    let from_end = text.char_indices().rev().zip(widths.into_iter().rev());
    let kept = from_end.take_while(|(_, width)| {
        room -= width;
        0.0 <= room
    });
    let from = kept.last().map_or(text.len(), |((at, _), _)| at);
    let border = lead.0.len();
    let lead_text = format!("…{}", &text[from.min(border)..border]);
    let main_text = &text[from.max(border)..];
    let pieces = [(lead_text.as_str(), lead.1), (main_text, main.1)];
    painter.layout_job(line(&pieces, font, width))
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
