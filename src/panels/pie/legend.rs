//! The legend, which is the table twin of the ring: one row for each slice, to be sorted, copied, and filtered by.

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Align2, Color32, Key, Modifiers, Rect, Response, Sense, Ui, Vec2, WidgetInfo, pos2};

use super::model::{Pie, Slice, SortBy};
use super::{PanelCx, act, colour, dimmed, is_filtered};
use crate::commands::Action;
use crate::query::aggregate::Part;
use crate::query::words;
use crate::widgets::marks;
use crate::widgets::switch::paint_focus;
use crate::widgets::theme::{DENSE_SIZE, GRID, RADIUS, Theme, regular};

/// Height of a row.
const ROW: f32 = 20.0;
/// Side of the mark.
const MARK: f32 = 11.0;
/// Most lines of what "other" is made of.
const MAX_OTHERS: usize = 24;

/// Paints the legend and returns the row under the pointer, or the one that has the keyboard.
pub(super) fn ui(
    ui: &mut Ui,
    pie: &Pie,
    lit: Option<usize>,
    sort: &mut Option<(SortBy, bool)>,
    cx: &mut PanelCx<'_>,
) -> Option<usize> {
    let mut hovered = None;
    ui.spacing_mut().item_spacing.y = 0.0;
    head(ui, pie, sort);
    for idx in pie.order(*sort) {
        let slice = &pie.slices[idx];
        let is_dim = lit.is_some_and(|lit| lit != idx);
        let response = row(ui, slice, pie, is_dim, cx);
        act(ui, &response, slice, pie.part, cx);
        if response.has_focus() {
            // They have moved the keyboard to the next row already; the table is not to move as well.
            ui.input_mut(|input| {
                for key in [Key::ArrowUp, Key::ArrowDown] {
                    input.consume_key(Modifiers::NONE, key);
                }
            });
        }
        if response.hovered() || response.has_focus() {
            hovered = hovered.or(Some(idx));
        }
        response.context_menu(|ui| menu(ui, pie, slice, cx));
    }
    hovered
}

fn menu(ui: &mut Ui, pie: &Pie, slice: &Slice, cx: &mut PanelCx<'_>) {
    copy_item(ui, pie, cx);
    if ui.button("Copy name").clicked() {
        cx.actions.push(Action::Copy(slice.name.clone()));
        ui.close();
    }
    if ui.button("Copy filter").clicked() {
        cx.actions.push(Action::Copy(slice.filter.clone()));
        ui.close();
    }
}

/// The item of a context menu that copies the whole table.
pub(super) fn copy_item(ui: &mut Ui, pie: &Pie, cx: &mut PanelCx<'_>) {
    if ui.button("Copy table").clicked() {
        cx.actions.push(Action::Copy(pie.to_tsv()));
        ui.close();
    }
}

/// The titles of the columns; a click sorts, another one the other way round, a third one as on the ring.
fn head(ui: &mut Ui, pie: &Pie, sort: &mut Option<(SortBy, bool)>) {
    let theme = Theme::of(ui);
    let (rect, _) =
        ui.allocate_exact_size(Vec2::new(ui.available_width(), ROW - 2.0), Sense::hover());
    let columns = Columns::within(rect);
    let name = if pie.part.carries_role() {
        "Provider"
    } else {
        pie.part.title()
    };
    let (left, right) = (Align2::LEFT_CENTER, Align2::RIGHT_CENTER);
    for (by, word, x, align, is_first_reversed) in [
        (SortBy::Name, name, columns.name, left, false),
        (SortBy::Role, "Role", columns.role, left, false),
        (
            SortBy::Amount,
            pie.measure.title(),
            columns.amount,
            right,
            true,
        ),
    ] {
        if by == SortBy::Role && !pie.part.carries_role() {
            continue;
        }
        let galley =
            ui.painter()
                .layout_no_wrap(word.to_owned(), regular(DENSE_SIZE), theme.secondary);
        let place = align.anchor_size(pos2(x, rect.center().y), galley.size());
        let id = ui.scope_id().with(("sort the legend by", x.to_bits()));
        let response = ui.interact(place.expand(2.0), id, Sense::click());
        let current = sort.filter(|(sorted, _)| *sorted == by);
        response.widget_info(|| {
            let name = format!("Sort the legend by {}", word.to_lowercase());
            WidgetInfo::selected(egui::Role::ColumnHeader, true, current.is_some(), name)
        });
        ui.painter().galley(place.min, galley, theme.secondary);
        paint_focus(ui.painter(), &response, theme);
        if let Some((_, is_reversed)) = current {
            let beside = if align == left {
                place.right() + 8.0
            } else {
                place.left() - 8.0
            };
            let at = pos2(beside, rect.center().y);
            marks::paint_sort_arrow(ui.painter(), at, is_reversed, theme.secondary);
        }
        if response.clicked() {
            *sort = match current {
                None => Some((by, is_first_reversed)),
                Some((_, is_reversed)) if is_reversed == is_first_reversed => {
                    Some((by, !is_reversed))
                }
                Some(_) => None,
            };
        }
        response.on_hover_text("Click to sort, again for the other way round, then as on the ring");
    }
    let share = pos2(columns.share, rect.center().y);
    ui.painter()
        .text(share, right, "Share", regular(DENSE_SIZE), theme.secondary);
}

fn row(ui: &mut Ui, slice: &Slice, pie: &Pie, is_dim: bool, cx: &PanelCx<'_>) -> Response {
    let theme = Theme::of(ui);
    let size = Vec2::new(ui.available_width(), ROW);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let is_on = is_filtered(slice, cx);
    response.widget_info(|| {
        WidgetInfo::selected(egui::Role::Button, true, is_on, slice.spoken(pie.measure))
    });
    let painter = ui.painter();
    if is_on || response.hovered() {
        let fill = if is_on { theme.selection } else { theme.hover };
        painter.rect_filled(rect, RADIUS, fill);
    }
    paint_focus(painter, &response, theme);

    let ground = ui.visuals().panel_fill;
    let middle = rect.center().y;
    let center = pos2(rect.left() + GRID + MARK / 2.0, middle);
    let mark = Rect::from_center_size(center, Vec2::splat(MARK));
    let mark_colour = dimmed(colour(slice, pie.part, theme), ground, is_dim);
    marks::paint_role_swatch(painter, theme, mark, mark_colour, slice.role);

    let columns = Columns::within(rect);
    // Dimmed text stays readable: only its weight falls.
    let weak = theme.secondary;
    let text = if is_dim { weak } else { theme.text };
    let is_said = slice.who.is_some() && !slice.is_absence;
    let name_colour = if is_said { text } else { weak };
    let name = one_line(&slice.name, name_colour, columns.role - columns.name - GRID);
    let galley = ui.fonts_mut(|fonts| fonts.layout_job(name));
    let is_cut = galley.elided;
    let at = pos2(columns.name, middle - galley.size().y / 2.0);
    painter.galley(at, galley, text);
    let write = |x: f32, align, words: &str, colour| {
        painter.text(pos2(x, middle), align, words, regular(DENSE_SIZE), colour)
    };
    if pie.part.carries_role() {
        write(columns.role, Align2::LEFT_CENTER, slice.role_word(), weak);
    }
    let right = Align2::RIGHT_CENTER;
    write(columns.amount, right, &slice.amount(pie.measure), text);
    let sign = write(columns.share, right, "%", weak);
    write(sign.left() - 3.0, right, &slice.percent(), text);
    response.on_hover_text(hint(ui, slice, pie.part, is_cut))
}

/// What a row says while the pointer rests on it.
pub(super) fn hint(ui: &Ui, slice: &Slice, part: Part, is_cut: bool) -> String {
    let mut lines: Vec<String> = slice.others.iter().take(MAX_OTHERS).cloned().collect();
    let n_more = slice.others.len().saturating_sub(MAX_OTHERS);
    if 0 < n_more {
        lines.push(format!("and {n_more} more"));
    }
    if is_cut {
        lines.push(slice.name.clone());
    }
    if part.carries_role() && slice.who.is_some() && !slice.is_absence {
        lines.push(words::slice(slice.role).meaning.to_owned());
    }
    let key = ui.format_modifiers(Modifiers::COMMAND);
    lines.push(format!("Click to filter, {key}-click to leave out"));
    lines.join("\n")
}

/// Where the columns stand.
struct Columns {
    /// Left edge of the name.
    name: f32,
    /// Left edge of the role.
    role: f32,
    /// Right edge of the amount.
    amount: f32,
    /// Right edge of the share.
    share: f32,
}

impl Columns {
    fn within(rect: Rect) -> Self {
        let name = rect.left() + GRID + MARK + 10.0;
        let share = rect.right() - GRID;
        let amount = share - 62.0;
        let role = (name + 0.36 * (share - name))
            .min(amount - 110.0)
            .max(name + 60.0);
        Self {
            name,
            role,
            amount,
            share,
        }
    }
}

/// `text` on one line, cut with `…` at `width`.
fn one_line(text: &str, colour: Color32, width: f32) -> LayoutJob {
    let mut job = LayoutJob::single_section(
        text.to_owned(),
        TextFormat::simple(regular(DENSE_SIZE), colour),
    );
    job.wrap = TextWrapping::truncate_at_width(width.max(0.0));
    job
}
