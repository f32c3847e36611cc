//! One piece of evidence: sign, kind, what was read, and the flows that show it.

use egui::{RichText, Ui};

use super::model::Line;
use super::{code_ui, flow_link};
use crate::panels::PanelCx;
use crate::providers::catalogue;
use crate::widgets::theme::{GRID, Theme, UI_SIZE, mono, regular};

/// Paints `line`, wrapped where it has to be.
pub(super) fn ui(ui: &mut Ui, line: &Line, cx: &mut PanelCx<'_>) {
    let theme = Theme::of(ui);
    let (sign, colour, meaning) = if line.is_for {
        ("+", theme.success, "Speaks for it")
    } else {
        ("–", theme.warning, "Speaks against it")
    };
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = GRID;
        let sign = RichText::new(sign).font(mono(UI_SIZE)).color(colour);
        ui.label(sign).on_hover_text(meaning);
        let family = RichText::new(line.family).font(regular(UI_SIZE));
        ui.label(family).on_hover_text(rule_words(&line.rule));
        if !line.quote.is_empty() {
            let quote = code_ui(ui, &line.quote);
            if line.quote != line.whole {
                quote.on_hover_text(&line.whole);
            }
        }
        flow_link(ui, line.flow, cx);
        if 0 < line.n_more {
            let more = RichText::new(line.more()).font(regular(UI_SIZE));
            ui.label(more.color(theme.secondary))
                .on_hover_text("So many other flows show it as well");
        }
    });
}

/// What the rule says, as far as it is known.
fn rule_words(rule: &str) -> String {
    match catalogue().rule(rule) {
        Some(card) => format!("Rule {rule}: {}", card.condition),
        None => format!("Rule {rule}"),
    }
}
