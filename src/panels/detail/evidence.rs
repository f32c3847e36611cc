//! Paints the tab Evidence: what was found at the left, what follows from it at the right.

use egui::text::LayoutJob;
use egui::{Color32, Label, Layout, Response, RichText, ScrollArea, TextFormat, Ui, Vec2};

use super::mark::Mark;
use super::model::{EvidenceSheet, Finding, Sign, Tint};
use super::text;
use crate::attribution::{Conclusiveness, Strength};
use crate::base::text::shorten_middle;
use crate::commands::Action;
use crate::panels::PanelCx;
use crate::query::words::meaning;
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
const MAX_RULE: usize = 64;
/// Least height of a finding.
const LINE_HEIGHT: f32 = 18.0;
/// Longest quote that is shown whole, in characters.
const MAX_QUOTE: usize = 240;
/// Findings of each sign that are shown at a glance.
const GLANCE: usize = 3;

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
    ui.spacing_mut().item_spacing.y = GRID;
    if sheet.findings.is_empty() {
        ui.label(RichText::new("No evidence was found").color(theme.secondary));
    }
    // Room for a scroll bar.
    ui.set_max_width(ui.available_width() - GROUP_GAP);
    for (sign, findings) in sheet.groups() {
        let n = findings.len();
        text::heading(ui, &format!("{} ({n})", sign.title())).on_hover_text(sign.about());
        for finding in findings {
            row(ui, finding, mark);
        }
        ui.add_space(GRID);
    }
}

fn row(ui: &mut Ui, finding: &Finding, mark: &mut Mark) {
    let theme = Theme::of(ui);
    let is_marked = finding.header.is_some_and(|span| mark.is_on(span));
    let fill = if is_marked {
        theme.selection
    } else {
        Color32::TRANSPARENT
    };
    let frame = egui::Frame::new().fill(fill).corner_radius(RADIUS);
    let shown = frame.show(ui, |ui| columns_of_row(ui, finding, mark));
    if is_marked && mark.take_new() {
        shown.response.scroll_to_me(Some(egui::Align::Center));
    }
}

fn columns_of_row(ui: &mut Ui, finding: &Finding, mark: &mut Mark) {
    let theme = Theme::of(ui);
    let (sign, colour) = match finding.sign {
        Sign::For => ("+", theme.success),
        Sign::Against => ("−", theme.warning),
        Sign::Void => ("×", theme.secondary),
    };
    let middle = (ui.available_width() - SIGN_WIDTH - FAMILY_WIDTH - STRENGTH_WIDTH).max(0.0);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let line = Layout::left_to_right(egui::Align::Center);
        column(ui, SIGN_WIDTH, line, |ui| {
            let text = RichText::new(sign).font(mono(DENSE_SIZE)).color(colour);
            ui.label(text).on_hover_text(finding.sign.about());
        });
        column(ui, FAMILY_WIDTH, line, |ui| {
            ui.label(RichText::new(finding.family).font(regular(DENSE_SIZE)));
        });
        column(ui, middle, line.with_main_wrap(true), |ui| {
            ui.spacing_mut().item_spacing = Vec2::new(GRID * 2.0, 0.0);
            observation(ui, finding, mark);
            rule(ui, finding);
        });
        let to_left = Layout::right_to_left(egui::Align::Center);
        column(ui, STRENGTH_WIDTH, to_left, |ui| {
            weight(ui, finding.strength);
        });
    });
}

/// A part of a row, as wide as it is told and as high as it needs.
fn column(ui: &mut Ui, width: f32, layout: Layout, add_contents: impl FnOnce(&mut Ui)) {
    ui.allocate_ui_with_layout(Vec2::new(width, LINE_HEIGHT), layout, |ui| {
        ui.set_min_width(width);
        add_contents(ui);
    });
}

/// What was read, and about whom it speaks.
fn observation(ui: &mut Ui, finding: &Finding, mark: &mut Mark) {
    if !finding.quote.is_empty() {
        let quote = quote(ui, finding);
        if let Some(span) = finding.header.filter(|_| quote.clicked()) {
            mark.follow(span);
        }
    }
    text::secondary(ui, &format!("{} · {}", finding.about, finding.source));
}

/// How much it weighs, as bars and as a word, from the right.
fn weight(ui: &mut Ui, strength: Option<Strength>) {
    let theme = Theme::of(ui);
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

/// Text set off by its ground; it may run over several lines.
fn quoted(theme: &Theme, shown: &str) -> Label {
    let format = TextFormat {
        background: theme.quote,
        ..TextFormat::simple(mono(DENSE_SIZE), theme.text)
    };
    let mut job = LayoutJob::single_section(shown.to_owned(), format);
    // Ids and URLs have no spaces.
    job.wrap.break_anywhere = true;
    Label::new(job).wrap().selectable(true)
}

/// The text that was read; for a header, it leads there.
fn quote(ui: &mut Ui, finding: &Finding) -> Response {
    let shown = shorten_middle(&finding.quote, MAX_QUOTE);
    let label = quoted(Theme::of(ui), &shown);
    let mut hover = Vec::new();
    if shown != finding.quote {
        hover.push(finding.quote.as_str());
    }
    let quote = if finding.header.is_some() {
        hover.push("Click to see it among the headers");
        ui.add(label.sense(egui::Sense::click()))
            .on_hover_cursor(egui::CursorIcon::PointingHand)
    } else {
        ui.add(label)
    };
    if hover.is_empty() {
        quote
    } else {
        quote.on_hover_text(hover.join("\n"))
    }
}

/// Paints the verdict, the strongest findings, and what would settle it.
pub(super) fn glance(ui: &mut Ui, sheet: &EvidenceSheet) {
    ui.spacing_mut().item_spacing.y = GRID;
    bars_and_line(ui, sheet);
    if let Some(explanation) = sheet.explanation {
        text::secondary(ui, explanation);
    }
    for sign in [Sign::For, Sign::Against] {
        let findings = sheet.strongest(sign, GLANCE);
        if findings.is_empty() {
            continue;
        }
        text::heading(ui, sign.title()).on_hover_text(sign.about());
        for finding in findings {
            let strength = finding.strength.map_or("not weighed", Strength::word);
            ui.horizontal_wrapped(|ui| {
                if !finding.quote.is_empty() {
                    let shown = shorten_middle(&finding.quote, MAX_QUOTE);
                    ui.add(quoted(Theme::of(ui), &shown));
                }
                text::secondary(ui, &format!("{}, {strength}", finding.about));
            });
        }
    }
    let n = sheet.would_settle_it.len().min(GLANCE);
    let first = sheet.would_settle_it.get(..n).unwrap_or_default();
    group(ui, "Would settle it", first);
}

fn verdict(ui: &mut Ui, sheet: &EvidenceSheet) {
    ui.spacing_mut().item_spacing.y = GRID;
    bars_and_line(ui, sheet);
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

fn bars_and_line(ui: &mut Ui, sheet: &EvidenceSheet) {
    let theme = Theme::of(ui);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        ui.add(ConclusivenessBars(sheet.conclusiveness));
        ui.add_space(GRID * 2.0);
        ui.add(Label::new(verdict_line(theme, sheet)).wrap());
    });
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
    let heading = text::heading(ui, title);
    if let Some(meaning) = meaning(title) {
        heading.on_hover_text(meaning);
    }
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
