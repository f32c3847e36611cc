//! What each provider is to each party: a list, and the sheet of the verdict that was opened.

pub mod model;
mod sheet;

use egui::{
    Align2, Rect, Response, RichText, ScrollArea, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo,
    pos2,
};

use self::model::{Pair, Sheet, Verdicts};
use super::{Panel, PanelCx};
use crate::attribution::Conclusiveness;
use crate::base::jobs::Latest;
use crate::base::text::thousands;
use crate::widgets::badge::paint_conclusiveness;
use crate::widgets::text::{line, paint_in, title};
use crate::widgets::theme::{DENSE_SIZE, GRID, RADIUS, Theme, UI_SIZE, regular, semibold};

/// Height of one row: party and answer, and below them provider and conclusiveness.
const ROW: f32 = 44.0;
/// Side of the square in the provider's colour.
const SWATCH: f32 = 8.0;
/// Width of the bars with the gap before them.
const BARS: f32 = 24.0;

/// Shows what each provider is to each party.
#[derive(Debug)]
pub struct VerdictsPanel {
    verdicts: Latest<u64, Verdicts>,
    /// The verdict whose sheet is open.
    open: Option<Pair>,
    sheet: sheet::State,
}

impl Default for VerdictsPanel {
    fn default() -> Self {
        Self {
            verdicts: Latest::new("verdicts"),
            open: None,
            sheet: sheet::State::default(),
        }
    }
}

impl VerdictsPanel {
    /// True while parties are being judged.
    pub fn is_busy(&self) -> bool {
        self.verdicts.is_running()
    }
}

impl Panel for VerdictsPanel {
    fn title(&self) -> &'static str {
        "Verdicts"
    }

    fn prepare(&mut self, cx: &mut PanelCx<'_>) {
        self.verdicts.poll();
        let key = cx.document.content_revision();
        let document = cx.document.clone();
        let wake = std::sync::Arc::clone(cx.wake);
        self.verdicts
            .request(key, wake, move |cancel| Verdicts::of(&document, cancel));
    }

    fn ui(&mut self, ui: &mut Ui, cx: &mut PanelCx<'_>) {
        let Some(verdicts) = self.verdicts.get() else {
            heading(ui, self.title(), "", cx);
            return;
        };
        let open = self.open.as_ref().and_then(|pair| verdicts.find(pair));
        if let Some(open) = open {
            if sheet::ui(ui, open, &mut self.sheet, cx) {
                self.open = None;
            }
            return;
        }
        let n = thousands(verdicts.len() as u64);
        heading(ui, self.title(), &n, cx);
        if verdicts.is_empty() {
            let words = "No party is served by a provider here";
            ui.label(RichText::new(words).color(Theme::of(ui).secondary));
            return;
        }
        if let Some(idx) = list(ui, verdicts, cx)
            && let Some(sheet) = verdicts.get(idx)
        {
            self.open = Some(sheet.pair.clone());
            self.sheet = sheet::State::of(sheet);
        }
    }
}

fn heading(ui: &mut Ui, name: &str, n: &str, cx: &PanelCx<'_>) {
    let theme = Theme::of(ui);
    ui.horizontal(|ui| {
        title(ui, name);
        let quiet = |words: &str| {
            RichText::new(words)
                .font(regular(DENSE_SIZE))
                .color(theme.secondary)
        };
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if cx.document.is_looking() {
                ui.label(quiet("still looking…"))
                    .on_hover_text("Bodies are searched for the URLs of writes");
            } else {
                ui.label(quiet(n));
            }
            if !cx.session.narrowing().is_empty() {
                ui.label(quiet("over all flows")).on_hover_text(
                    "Filters, times and ignored hosts change no verdict: all flows of the session are judged",
                );
            }
        });
    });
    ui.add_space(GRID);
}

/// Paints the rows in view and returns the one that was clicked.
fn list(ui: &mut Ui, verdicts: &Verdicts, cx: &PanelCx<'_>) -> Option<usize> {
    let mut clicked = None;
    ui.spacing_mut().item_spacing.y = 0.0;
    ScrollArea::vertical()
        .id_salt("verdicts")
        .auto_shrink(false)
        .min_scrolled_height(0.0)
        .show_rows(ui, ROW, verdicts.len(), |ui, rows| {
            for idx in rows {
                let Some(sheet) = verdicts.get(idx) else {
                    continue;
                };
                let focus = cx.session.selection.focus;
                let is_of_focus = focus.is_some_and(|flow| sheet.has(flow));
                if row(ui, sheet, is_of_focus).clicked() {
                    clicked = Some(idx);
                }
            }
        });
    clicked
}

fn row(ui: &mut Ui, sheet: &Sheet, is_of_focus: bool) -> Response {
    let theme = Theme::of(ui);
    let size = Vec2::new(ui.available_width(), ROW);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, sheet.spoken()));
    let painter = ui.painter();
    if is_of_focus || response.hovered() {
        let fill = if is_of_focus {
            theme.selection
        } else {
            theme.hover
        };
        painter.rect_filled(rect, RADIUS, fill);
    }
    if response.has_focus() {
        let stroke = Stroke::new(1.0, theme.focus_ring);
        painter.rect_stroke(rect, RADIUS, stroke, StrokeKind::Inside);
    }
    let inner = rect.shrink2(Vec2::new(GRID, 4.0));
    let (upper, lower) = inner.split_top_bottom_at_fraction(0.5);
    let is_open = sheet.conclusiveness <= Conclusiveness::Conflicting;
    let colour = if is_open { theme.secondary } else { theme.text };
    let font = if is_open {
        regular(UI_SIZE)
    } else {
        semibold(UI_SIZE)
    };
    let answer = painter.layout_no_wrap(sheet.answer.to_owned(), font, colour);
    let room = upper.with_max_x(upper.right() - answer.size().x - 2.0 * GRID);
    paint_in(painter, upper, Align2::RIGHT_CENTER, answer);
    let party = line(
        &[(&sheet.party, theme.text)],
        &regular(UI_SIZE),
        room.width(),
    );
    paint_in(
        painter,
        room,
        Align2::LEFT_CENTER,
        painter.layout_job(party),
    );

    let middle = pos2(lower.left() + SWATCH / 2.0, lower.center().y);
    let swatch = Rect::from_center_size(middle, Vec2::splat(SWATCH));
    painter.rect_filled(swatch, 2.0, theme.provider(Some(sheet.pair.provider)));
    let bars = Rect::from_min_max(pos2(lower.right() - BARS + GRID, lower.top()), lower.max);
    paint_conclusiveness(painter, theme, bars, sheet.conclusiveness);
    let about = format!("{} · {}", sheet.provider, sheet.n_flows);
    let room = lower
        .with_min_x(swatch.right() + GRID + 2.0)
        .with_max_x(bars.left() - GRID);
    let about = line(
        &[(&about, theme.secondary)],
        &regular(DENSE_SIZE),
        room.width(),
    );
    paint_in(
        painter,
        room,
        Align2::LEFT_CENTER,
        painter.layout_job(about),
    );
    response.on_hover_text(format!("{}\n{}", sheet.spoken(), sheet.reason))
}
