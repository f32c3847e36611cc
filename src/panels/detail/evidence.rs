//! Paints the tab Evidence: what was found at the left, what follows from it at the right.

use egui::text::LayoutJob;
use egui::{Color32, Label, Layout, Rect, Response, RichText, ScrollArea, TextFormat, Ui, Vec2};

use super::model::{EvidenceSheet, Finding, Sign, Tint};
use super::text;
use crate::base::text::shorten_middle;
use crate::widgets::badge::ConclusivenessBars;
use crate::widgets::theme::{DENSE_SIZE, GRID, GROUP_GAP, Theme, UI_SIZE, mono, regular, semibold};

/// Share of the width that the list gets.
const LIST_SHARE: f32 = 0.6;
/// Below this width, the verdict stands above the list.
const MIN_TWO_COLUMNS: f32 = 640.0;
const SIGN_WIDTH: f32 = 16.0;
const FAMILY_WIDTH: f32 = 112.0;
const STRENGTH_WIDTH: f32 = 84.0;
const ROW_HEIGHT: f32 = 21.0;

/// Paints the tab.
pub(super) fn ui(ui: &mut Ui, sheet: &EvidenceSheet) {
    let size = ui.available_size();
    if size.x < MIN_TWO_COLUMNS {
        scroll(ui, "evidence", |ui| {
            verdict(ui, sheet);
            ui.add_space(GROUP_GAP);
            list(ui, sheet);
        });
        return;
    }
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = GROUP_GAP * 2.0;
        let left = (size.x * LIST_SHARE).floor();
        let column = Layout::top_down(egui::Align::Min);
        ui.allocate_ui_with_layout(Vec2::new(left, size.y), column, |ui| {
            ui.set_width(left);
            scroll(ui, "evidence", |ui| list(ui, sheet));
        });
        let right = Vec2::new(ui.available_width(), size.y);
        ui.allocate_ui_with_layout(right, column, |ui| {
            scroll(ui, "verdict", |ui| verdict(ui, sheet));
        });
    });
}

fn scroll(ui: &mut Ui, salt: &str, add_contents: impl FnOnce(&mut Ui)) {
    ScrollArea::vertical()
        .id_salt(salt)
        .auto_shrink(false)
        .show(ui, add_contents);
}

fn list(ui: &mut Ui, sheet: &EvidenceSheet) {
    let theme = Theme::of(ui);
    ui.spacing_mut().item_spacing.y = GRID / 2.0;
    if sheet.findings.is_empty() {
        ui.label(RichText::new("No evidence was found").color(theme.secondary));
    }
    for finding in &sheet.findings {
        row(ui, finding);
    }
}

fn row(ui: &mut Ui, finding: &Finding) {
    let theme = Theme::of(ui);
    let size = Vec2::new(ui.available_width(), ROW_HEIGHT);
    let (rect, _) = ui.allocate_exact_size(size, egui::Sense::hover());
    let (sign, colour, word) = match finding.sign {
        Sign::For => ("+", theme.success, "Speaks for it"),
        Sign::Against => ("−", theme.warning, "Speaks against it"),
        Sign::Void => ("×", theme.secondary, "Must not be used here"),
    };
    let mut x = rect.left();
    let mut column = |width: f32| {
        let cell = Rect::from_min_size(egui::pos2(x, rect.top()), Vec2::new(width, ROW_HEIGHT));
        x += width;
        cell
    };
    let middle = size.x - SIGN_WIDTH - FAMILY_WIDTH - STRENGTH_WIDTH;
    cell(ui, column(SIGN_WIDTH), |ui| {
        let text = RichText::new(sign).font(mono(DENSE_SIZE)).color(colour);
        ui.label(text).on_hover_text(word);
    });
    cell(ui, column(FAMILY_WIDTH), |ui| {
        ui.label(RichText::new(finding.family).font(regular(DENSE_SIZE)));
    });
    cell(ui, column(middle), |ui| {
        ui.spacing_mut().item_spacing.x = GRID * 2.0;
        if !finding.quote.is_empty() {
            quote(ui, finding, middle);
        }
        let source = format!("{} · {}", finding.about, finding.source);
        let text = RichText::new(&source)
            .font(regular(DENSE_SIZE))
            .color(theme.secondary);
        let hover = format!("{source}\nRule {}", finding.rule);
        ui.add(Label::new(text).truncate().show_tooltip_when_elided(false))
            .on_hover_text(hover);
    });
    let strength = column(STRENGTH_WIDTH);
    let layout = Layout::right_to_left(egui::Align::Center);
    ui.scope_builder(
        egui::UiBuilder::new().max_rect(strength).layout(layout),
        |ui| {
            let text = RichText::new(finding.strength).font(regular(DENSE_SIZE));
            ui.label(text.color(theme.secondary));
        },
    );
}

fn cell(ui: &mut Ui, rect: Rect, add_contents: impl FnOnce(&mut Ui)) {
    let layout = Layout::left_to_right(egui::Align::Center);
    let builder = egui::UiBuilder::new().max_rect(rect).layout(layout);
    ui.scope_builder(builder, add_contents);
}

/// The text that was read, as a chip.
fn quote(ui: &mut Ui, finding: &Finding, width: f32) -> Response {
    let theme = Theme::of(ui);
    let advance = ui.fonts_mut(|fonts| fonts.glyph_width(&mono(DENSE_SIZE), '0'));
    // At most 60 % of the cell, so that the source stays readable.
    let max_chars = (width * 0.6 / advance).max(12.0) as usize;
    let shown = shorten_middle(&finding.quote, max_chars);
    let chip = chip(ui, &shown, theme.quote);
    if shown == finding.quote {
        chip
    } else {
        chip.on_hover_text(&finding.quote)
    }
}

/// Monospace text on `fill`.
fn chip(ui: &mut Ui, shown: &str, fill: Color32) -> Response {
    let theme = Theme::of(ui);
    egui::Frame::new()
        .fill(fill)
        .corner_radius(3)
        .inner_margin(egui::Margin::symmetric(4, 1))
        .show(ui, |ui| ui.add(text::value(shown, theme.text).extend()))
        .inner
}

fn verdict(ui: &mut Ui, sheet: &EvidenceSheet) {
    let theme = Theme::of(ui);
    ui.spacing_mut().item_spacing.y = GRID;
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        ui.add(ConclusivenessBars(sheet.conclusiveness));
        ui.add_space(GRID * 2.0);
        ui.add(Label::new(verdict_line(theme, sheet)).wrap());
    });
    if let Some(chain) = &sheet.chain {
        ui.label(RichText::new(chain).font(regular(UI_SIZE)))
            .on_hover_text("Who the response passed, from the client to the origin");
    }
    for region in &sheet.regions {
        text::secondary(ui, region);
    }
    if let Some(explanation) = sheet.explanation {
        text::secondary(ui, explanation);
    }
    if let Some(claim) = &sheet.claim {
        text::secondary(ui, claim);
    }
    group(ui, "Rivals", &sheet.rivals);
    group(ui, "Would settle it", &sheet.would_settle_it);
}

fn verdict_line(theme: &Theme, sheet: &EvidenceSheet) -> LayoutJob {
    let mut job = LayoutJob::default();
    for (tint, part) in &sheet.verdict {
        let (font, colour) = match tint {
            Tint::Role(role) => (semibold(UI_SIZE), theme.role(*role)),
            Tint::Conflict => (semibold(UI_SIZE), theme.conflict),
            Tint::Plain => (regular(UI_SIZE), theme.secondary),
        };
        if !job.text.is_empty() {
            job.append(
                " · ",
                0.0,
                TextFormat::simple(regular(UI_SIZE), theme.secondary),
            );
        }
        job.append(part, 0.0, TextFormat::simple(font, colour));
    }
    job
}

fn group(ui: &mut Ui, title: &str, sentences: &[String]) {
    if sentences.is_empty() {
        return;
    }
    ui.add_space(GRID * 2.0);
    text::heading(ui, title);
    for sentence in sentences {
        text::secondary(ui, &capitalised(sentence));
    }
}

/// The sentence as it begins a line.
fn capitalised(sentence: &str) -> String {
    let mut chars = sentence.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}
