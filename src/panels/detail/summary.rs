//! Paints what several selected flows have in common, with the label buttons for all of them.

use egui::{Label, RichText, ScrollArea, Sense, Ui, Vec2};

use super::model::Summary;
use super::notes::label_buttons;
use crate::attribution::Role;
use crate::base::text::{bytes_with_unit, counted, thousands};
use crate::panels::PanelCx;
use crate::providers::catalogue;
use crate::widgets::marks;
use crate::widgets::theme::{GRID, GROUP_GAP, Theme, UI_SIZE, semibold};

/// Providers that are listed; the rest is counted.
const MAX_PROVIDERS: usize = 12;
const SWATCH: f32 = 10.0;

/// Paints the card; `summary` is `None` while it is being added up.
pub(super) fn ui(ui: &mut Ui, cx: &mut PanelCx<'_>, summary: Option<&Summary>) {
    let Some(summary) = summary else {
        return;
    };
    let (number, unit) = bytes_with_unit(summary.bytes);
    let title = format!(
        "{} · {} · {number} {unit} · {} not reviewed",
        counted(summary.n_flows, "flow"),
        counted(summary.n_hosts, "host"),
        thousands(summary.n_unlabelled),
    );
    ui.label(RichText::new(title).font(semibold(UI_SIZE)));
    ui.add_space(GRID);
    label_buttons(ui, cx, summary.common_label);
    ui.add_space(GROUP_GAP - GRID);
    ScrollArea::vertical()
        .id_salt("summary")
        .auto_shrink(false)
        .show(ui, |ui| {
            providers_ui(ui, summary);
            evidence_ui(ui, summary);
        });
}

fn providers_ui(ui: &mut Ui, summary: &Summary) {
    let theme = Theme::of(ui);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = GRID * 2.0;
        for (provider, role, n) in summary.providers.iter().take(MAX_PROVIDERS) {
            let name = provider.map_or("not attributed", |provider| {
                catalogue().provider(provider).name.as_str()
            });
            let role_word = if *role == Role::Cdn {
                "CDN"
            } else {
                role.word()
            };
            let (rect, _) = ui.allocate_exact_size(Vec2::splat(SWATCH), Sense::hover());
            marks::paint_role_swatch(ui.painter(), theme, rect, theme.provider(*provider), *role);
            // One label, so that it wraps as a whole.
            ui.add(Label::new(format!("{name} {role_word} {}", thousands(*n))).extend());
        }
        let n_more = summary.providers.len().saturating_sub(MAX_PROVIDERS);
        if 0 < n_more {
            let more = format!("and {n_more} more");
            ui.label(RichText::new(more).color(theme.secondary));
        }
    });
}

fn evidence_ui(ui: &mut Ui, summary: &Summary) {
    let shared = &summary.evidence;
    if shared.kinds.is_empty() {
        return;
    }
    let theme = Theme::of(ui);
    ui.add_space(GROUP_GAP);
    let which = if shared.n_examined < summary.n_flows {
        "the first"
    } else {
        "these"
    };
    let title = format!("Evidence of {which} {}", counted(shared.n_examined, "flow"));
    ui.label(RichText::new(title).font(semibold(UI_SIZE)));
    for (kind, n) in &shared.kinds {
        let share = if *n == shared.n_examined {
            "all of them".to_owned()
        } else {
            thousands(*n)
        };
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = GRID * 2.0;
            ui.label(share);
            ui.label(RichText::new(kind.sign.title()).color(theme.secondary));
            ui.label(&kind.about);
            ui.label(RichText::new(&kind.rule).color(theme.secondary));
        });
    }
}
