//! Pieces of text that several tabs paint.

use std::ops::Range;

use egui::text::{LayoutJob, TextFormat};
use egui::{Align, Color32, Label, Layout, Response, RichText, Stroke, Ui, Vec2};

use super::model::{Content, Found};
use crate::widgets::chip::Chip;
use crate::widgets::theme::{DENSE_SIZE, GRID, GROUP_GAP, Theme, UI_SIZE, mono, regular, semibold};

/// One sentence in the middle of what is left of the panel.
pub(super) fn centred(ui: &mut Ui, sentence: &str, colour: Color32) {
    let size = ui.available_size();
    ui.allocate_ui(size, |ui| {
        ui.centered_and_justified(|ui| {
            ui.label(RichText::new(sentence).font(regular(UI_SIZE)).color(colour));
        });
    });
}

/// Something that deserves a look.
pub(super) fn notice(ui: &mut Ui, sentence: &str) -> Response {
    let theme = Theme::of(ui);
    ui.add(
        Label::new(
            RichText::new(sentence)
                .font(regular(DENSE_SIZE))
                .color(theme.warning),
        )
        .wrap(),
    )
}

/// Explaining text, wrapped.
pub(super) fn secondary(ui: &mut Ui, sentence: &str) -> Response {
    let theme = Theme::of(ui);
    let text = RichText::new(sentence)
        .font(regular(DENSE_SIZE))
        .color(theme.secondary);
    ui.add(Label::new(text).wrap())
}

/// The name of a group.
pub(super) fn heading(ui: &mut Ui, title: &str) -> Response {
    let theme = Theme::of(ui);
    ui.label(
        RichText::new(title)
            .font(semibold(DENSE_SIZE))
            .color(theme.text),
    )
}

/// Text of the capture that a person may select, broken at any character, since ids and URLs have no spaces.
pub(super) fn wrapped(text: &str, colour: Color32) -> Label {
    let mut job = LayoutJob::simple(text.to_owned(), mono(DENSE_SIZE), colour, f32::INFINITY);
    job.wrap.break_anywhere = true;
    Label::new(job).wrap().selectable(true)
}

/// A name in a column of `width`, with a value that wraps beside it.
pub(super) fn named(ui: &mut Ui, width: f32, name: Label, add_value: impl FnOnce(&mut Ui)) {
    ui.horizontal_top(|ui| {
        let left = ui.cursor().left();
        let widest = (width - GRID).max(0.0);
        ui.scope(|ui| {
            ui.set_max_width(widest);
            ui.add(name.truncate());
        });
        ui.add_space((left + width - ui.cursor().left()).max(0.0));
        add_value(ui);
    });
}

/// A switch between two or more words; returns the one that was clicked.
pub(super) fn switch<T: Copy + PartialEq>(
    ui: &mut Ui,
    choices: &[(T, &str)],
    chosen: T,
) -> Option<T> {
    let mut clicked = None;
    for (choice, title) in choices {
        if ui.add(Chip::new(title, *choice == chosen)).clicked() {
            clicked = Some(*choice);
        }
    }
    clicked
}

/// Two columns of the same width.
pub(super) fn columns(ui: &mut Ui, add_contents: impl FnOnce(&mut Ui, &mut Ui)) {
    // Room for a scroll bar.
    ui.set_max_width(ui.available_width() - GROUP_GAP);
    ui.spacing_mut().item_spacing.x = GROUP_GAP * 2.0;
    ui.columns_const(|[left, right]| {
        for column in [&mut *left, &mut *right] {
            column.spacing_mut().item_spacing = Vec2::new(GRID * 2.0, GRID / 2.0);
        }
        let layout = Layout::top_down(Align::Min);
        left.with_layout(layout, |left| {
            right.with_layout(layout, |right| add_contents(left, right));
        });
    });
}

/// Characters of the monospace font that fit beside each other.
pub(super) fn n_columns(ui: &Ui) -> usize {
    let advance = ui.fonts_mut(|fonts| fonts.glyph_width(&mono(DENSE_SIZE), '0'));
    // One less, since a scroll bar may take its place.
    ((ui.available_width() / advance) as usize).saturating_sub(1)
}

/// What was found in the lines.
#[derive(Clone, Copy, Debug)]
pub(super) struct LineMarks<'f> {
    /// All places.
    pub(super) found: &'f Found,
    /// The place that was gone to.
    pub(super) chosen: usize,
    /// The line that has to be seen now.
    pub(super) scroll_to: Option<usize>,
}

/// Monospace text in which `marks` are set off; those that are true are underlined.
pub(super) fn marked<'m>(
    text: &str,
    marks: impl Iterator<Item = (&'m Range<usize>, bool)>,
    theme: &Theme,
    colour: Color32,
) -> LayoutJob {
    let plain = TextFormat::simple(mono(DENSE_SIZE), colour);
    let (mut job, mut at) = (LayoutJob::default(), 0);
    for (range, is_chosen) in marks {
        let underline = if is_chosen {
            Stroke::new(2.0, theme.focus_ring)
        } else {
            Stroke::NONE
        };
        let found = TextFormat {
            background: theme.quote,
            underline,
            ..TextFormat::simple(mono(DENSE_SIZE), theme.text)
        };
        job.append(
            text.get(at..range.start).unwrap_or_default(),
            0.0,
            plain.clone(),
        );
        job.append(text.get(range.clone()).unwrap_or_default(), 0.0, found);
        at = range.end;
    }
    job.append(text.get(at..).unwrap_or_default(), 0.0, plain);
    job
}

/// The lines of `content` in a scroll area that lays out only what is seen.
pub(super) fn lines(ui: &mut Ui, content: &Content, marks: Option<LineMarks<'_>>) {
    let theme = Theme::of(ui);
    let font = mono(DENSE_SIZE);
    let (row_height, advance) =
        ui.fonts_mut(|fonts| (fonts.row_height(&font), fonts.glyph_width(&font, '0')));
    ui.add_space(GRID);
    ui.spacing_mut().item_spacing.y = 0.0;
    let mut area = egui::ScrollArea::both().id_salt("lines").auto_shrink(false);
    if let Some(line) = marks.and_then(|marks| marks.scroll_to) {
        let middle = line as f32 * row_height - ui.available_height() / 2.0;
        area = area.vertical_scroll_offset(middle.max(0.0));
    }
    area.show_rows(ui, row_height, content.lines.len(), |ui, rows| {
        // The bar must not change its length with the lines in view.
        ui.set_min_width(content.widest as f32 * advance);
        let first = rows.start;
        let seen = content.lines.get(rows).unwrap_or_default();
        for (idx, line) in seen.iter().enumerate() {
            let marks = marks.iter().flat_map(|marks| {
                let in_line = marks.found.in_line(first + idx).iter();
                in_line.map(|mark| (&mark.range, mark.nth == marks.chosen))
            });
            let job = marked(&line.text, marks, theme, theme.text);
            ui.add(Label::new(job).selectable(true).extend());
        }
    });
}

/// A button beside other text.
pub(super) fn small_button(ui: &mut Ui, title: &str) -> Response {
    ui.small_button(RichText::new(title).font(regular(DENSE_SIZE)))
}
