//! Paints what several selected flows have in common, with the label buttons for all of them.

use egui::{RichText, ScrollArea, Sense, Ui, Vec2};

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
    let theme = Theme::of(ui);
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
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing.x = GRID * 4.0;
                for (provider, role, n) in summary.providers.iter().take(MAX_PROVIDERS) {
                    let name = provider.map_or("not attributed", |provider| {
                        catalogue().provider(provider).name.as_str()
                    });
                    let role_word = if *role == Role::Cdn {
                        "CDN"
                    } else {
                        role.word()
                    };
                    ui.horizontal(|ui| {
                        ui.spacing_mut().item_spacing.x = GRID + 2.0;
                        let (rect, _) = ui.allocate_exact_size(Vec2::splat(SWATCH), Sense::hover());
                        marks::paint_role_swatch(
                            ui.painter(),
                            theme,
                            rect,
                            theme.provider(*provider),
                            *role,
                        );
                        ui.label(name);
                        ui.label(RichText::new(role_word).color(theme.secondary));
                        ui.label(thousands(*n));
                    });
                }
                let n_more = summary.providers.len().saturating_sub(MAX_PROVIDERS);
                if 0 < n_more {
                    let more = format!("and {n_more} more");
                    ui.label(RichText::new(more).color(theme.secondary));
                }
            });
        });
}
