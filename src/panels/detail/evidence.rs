//! Paints the tab Evidence: what was found at the left, what follows from it at the right.

use egui::text::LayoutJob;
use egui::{Color32, Label, Layout, Rect, Response, RichText, ScrollArea, TextFormat, Ui, Vec2};

use super::mark::Mark;
use super::model::{EvidenceSheet, Finding, Sign, Tint};
use super::text;
use crate::attribution::{Conclusiveness, Strength};
use crate::base::text::shorten_middle;
use crate::commands::Action;
use crate::panels::PanelCx;
use crate::session::DetailTab;
use crate::widgets::badge::ConclusivenessBars;
use crate::widgets::theme::{
    DENSE_SIZE, GRID, GROUP_GAP, RADIUS, Theme, UI_SIZE, mono, regular, semibold,
};

/// Share of the width that the list gets.
const LIST_SHARE: f32 = 0.66;
/// Below this width, the verdict stands above the list.
const MIN_TWO_COLUMNS: f32 = 640.0;
const SIGN_WIDTH: f32 = 16.0;
const FAMILY_WIDTH: f32 = 108.0;
const STRENGTH_WIDTH: f32 = 100.0;
const RULE_WIDTH: f32 = 360.0;
/// Longest rule id that is shown whole, in characters.
const MAX_RULE: usize = 32;
const ROW_HEIGHT: f32 = 21.0;

/// Paints the tab.
pub(super) fn ui(ui: &mut Ui, cx: &mut PanelCx<'_>, sheet: &EvidenceSheet, mark: &mut Mark) {
    columns(ui, sheet, mark);
    if mark.is_followed() {
        cx.actions.push(Action::ShowTab(DetailTab::Headers));
    }
}

fn columns(ui: &mut Ui, sheet: &EvidenceSheet, mark: &mut Mark) {
    let size = ui.available_size();
    if size.x < MIN_TWO_COLUMNS {
        scroll(ui, "evidence", |ui| {
            verdict(ui, sheet);
            ui.add_space(GROUP_GAP);
            list(ui, sheet, mark);
        });
        return;
    }
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = GROUP_GAP * 2.0;
        let left = (size.x * LIST_SHARE).floor();
        let column = Layout::top_down(egui::Align::Min);
        ui.allocate_ui_with_layout(Vec2::new(left, size.y), column, |ui| {
            ui.set_width(left);
            scroll(ui, "evidence", |ui| list(ui, sheet, mark));
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

fn list(ui: &mut Ui, sheet: &EvidenceSheet, mark: &mut Mark) {
    let theme = Theme::of(ui);
    ui.spacing_mut().item_spacing.y = GRID / 2.0;
    if sheet.findings.is_empty() {
        ui.label(RichText::new("No evidence was found").color(theme.secondary));
    }
    for finding in &sheet.findings {
        row(ui, finding, mark);
    }
}

fn row(ui: &mut Ui, finding: &Finding, mark: &mut Mark) {
    let theme = Theme::of(ui);
    let size = Vec2::new(ui.available_width(), ROW_HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, egui::Sense::hover());
    let is_marked = finding.header.is_some_and(|span| mark.is_on(span));
    if is_marked {
        ui.painter().rect_filled(rect, RADIUS, theme.selection);
        if mark.take_new() {
            response.scroll_to_me(Some(egui::Align::Center));
        }
    }
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
    let layout = Layout::right_to_left(egui::Align::Center);
    let builder = egui::UiBuilder::new()
        .max_rect(column(middle))
        .layout(layout);
    ui.scope_builder(builder, |ui| {
        ui.spacing_mut().item_spacing.x = GRID * 2.0;
        rule(ui, finding);
        ui.with_layout(Layout::left_to_right(egui::Align::Center), |ui| {
            observation(ui, finding, mark);
        });
    });
    weight(ui, column(STRENGTH_WIDTH), finding.strength);
}

/// What was read, and about whom it speaks.
fn observation(ui: &mut Ui, finding: &Finding, mark: &mut Mark) {
    if !finding.quote.is_empty() {
        let quote = quote(ui, finding, ui.available_width());
        if let Some(span) = finding.header.filter(|_| quote.clicked()) {
            mark.follow(span);
        }
    }
    let about = format!("{} · {}", finding.about, finding.source);
    let text = RichText::new(&about)
        .font(regular(DENSE_SIZE))
        .color(Theme::of(ui).secondary);
    ui.add(Label::new(text).truncate().show_tooltip_when_elided(false))
        .on_hover_text(about);
}

/// How much it weighs, as bars and as a word.
fn weight(ui: &mut Ui, rect: Rect, strength: Option<Strength>) {
    let theme = Theme::of(ui);
    let layout = Layout::right_to_left(egui::Align::Center);
    let builder = egui::UiBuilder::new().max_rect(rect).layout(layout);
    ui.scope_builder(builder, |ui| {
        ui.spacing_mut().item_spacing.x = GRID;
        let word = strength.map_or("not weighed", Strength::word);
        if let Some(strength) = strength {
            ui.add(ConclusivenessBars(match strength {
                Strength::Suggestive => Conclusiveness::Suggestive,
                Strength::Strong => Conclusiveness::Strong,
                Strength::Conclusive => Conclusiveness::Conclusive,
            }));
        }
        let text = RichText::new(word).font(regular(DENSE_SIZE));
        ui.label(text.color(theme.secondary));
    });
}

/// The rule as a link that opens its card.
fn rule(ui: &mut Ui, finding: &Finding) {
    let id = shorten_middle(&finding.rule.id, MAX_RULE);
    let id = RichText::new(id).font(regular(DENSE_SIZE));
    let link = ui.add(egui::Link::new(id));
    link.widget_info(|| {
        let name = format!("Rule {}", finding.rule.id);
        egui::WidgetInfo::labeled(egui::Role::Link, true, name)
    });
    let link = link.on_hover_text(format!("Show the rule {}", finding.rule.id));
    egui::Popup::from_toggle_button_response(&link)
        .width(RULE_WIDTH)
        .show(|ui| card(ui, finding));
}

fn card(ui: &mut Ui, finding: &Finding) {
    let rule = &finding.rule;
    ui.spacing_mut().item_spacing.y = GRID;
    ui.label(RichText::new(&rule.id).font(semibold(UI_SIZE)));
    let lines = [
        &rule.condition,
        &finding.source,
        &rule.validity,
        &rule.stated_by,
    ];
    for line in lines.into_iter().filter(|line| !line.is_empty()) {
        text::secondary(ui, line);
    }
    if rule.source != finding.source && !rule.source.is_empty() {
        text::secondary(ui, &rule.source);
    }
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
    // At most 45 % of the cell, so that the source stays readable.
    let max_chars = (width * 0.45 / advance).max(12.0) as usize;
    let shown = shorten_middle(&finding.quote, max_chars);
    let is_link = finding.header.is_some();
    let chip = chip(ui, &shown, theme.quote, is_link);
    let mut hover = String::new();
    if shown != finding.quote {
        hover.push_str(&finding.quote);
    }
    if is_link {
        hover.push_str(if hover.is_empty() { "" } else { "\n" });
        hover.push_str("Click to see it among the headers");
    }
    if hover.is_empty() {
        chip
    } else {
        chip.on_hover_text(hover)
    }
}

/// Monospace text on `fill`.
fn chip(ui: &mut Ui, shown: &str, fill: Color32, is_link: bool) -> Response {
    let theme = Theme::of(ui);
    egui::Frame::new()
        .fill(fill)
        .corner_radius(3)
        .inner_margin(egui::Margin::symmetric(4, 1))
        .show(ui, |ui| {
            let value = text::value(shown, theme.text).extend();
            if is_link {
                let response = ui.add(value.sense(egui::Sense::click()));
                response.on_hover_cursor(egui::CursorIcon::PointingHand)
            } else {
                ui.add(value)
            }
        })
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
