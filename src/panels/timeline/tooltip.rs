//! What a bar says while the pointer rests on it: request, answer, and each phase with its place in the whole.

use egui::{Rect, RichText, Sense, Ui, Vec2};

use crate::base::text::shorten_middle;
use crate::capture::{Flow, FlowId, Phase};
use crate::document::Document;
use crate::providers::catalogue;
use crate::widgets::phases::spans;
use crate::widgets::theme::{DENSE_SIZE, MIN_BAR, Theme, UI_SIZE, mono, regular, semibold};

/// Room for a duration.
const NUMBER: Vec2 = Vec2::new(72.0, 16.0);
/// Room for the place of a phase within the whole.
const PLACE: Vec2 = Vec2::new(140.0, 10.0);
/// Longest path, in characters.
const MAX_PATH: usize = 60;

/// Paints what is known about flow `id`.
pub(super) fn ui(ui: &mut Ui, document: &Document, id: FlowId) {
    let Some(flow) = document.flow(id) else {
        return;
    };
    let theme = Theme::of(ui);
    let title = format!("#{}  {} {}", id.n(), flow.method(), flow.host());
    ui.label(RichText::new(title).font(semibold(UI_SIZE)));
    if let Some(path) = flow.path() {
        let path = shorten_middle(path, MAX_PATH).into_owned();
        let text = RichText::new(path).font(mono(DENSE_SIZE));
        ui.label(text.color(theme.secondary));
    }
    let verdict = document.verdict(id);
    let answer = verdict.terminating().map_or_else(
        || "not attributed".to_owned(),
        |carrier| {
            let provider = catalogue().provider_of(carrier.service);
            format!(
                "{}, {}",
                catalogue().provider(provider).name,
                verdict.role.word()
            )
        },
    );
    let status = flow.status().map_or_else(
        || "no response".to_owned(),
        |status| format!("status {status}"),
    );
    let time = flow.time_ms().map_or_else(
        || "no duration in the file".to_owned(),
        |ms| format!("{ms:.0} ms in all"),
    );
    ui.label(RichText::new(format!("{answer} · {status} · {time}")).font(regular(DENSE_SIZE)));
    phases(ui, flow, theme);
}

fn phases(ui: &mut Ui, flow: Flow<'_>, theme: &Theme) {
    let phases = &flow.row().phases;
    if phases.is_empty() {
        ui.label(RichText::new("no phases in the file").color(theme.secondary));
        return;
    }
    let total = spans(phases).map(|(_, span)| span.end).fold(0.0, f64::max);
    let grid = egui::Grid::new("phases")
        .min_col_width(0.0)
        .spacing(Vec2::new(8.0, 2.0));
    grid.show(ui, |ui| {
        for (phase, span) in spans(phases) {
            let words = if phase == Phase::Ssl && phases.get(Phase::Connect).is_some() {
                "  of which TLS"
            } else {
                phase.title()
            };
            ui.label(RichText::new(words).font(regular(DENSE_SIZE)));
            let (place, _) = ui.allocate_exact_size(PLACE, Sense::hover());
            let x_of = |ms: f64| place.left() + place.width() * (ms / total.max(1e-9)) as f32;
            let (left, right) = (x_of(span.start), x_of(span.end));
            let bar = Rect::from_x_y_ranges(left..=right.max(left + MIN_BAR), place.y_range());
            ui.painter().rect_filled(place, 0.0, theme.hover);
            ui.painter().rect_filled(bar, 0.0, theme.phase(phase));
            let to_the_right = egui::Layout::right_to_left(egui::Align::Center);
            ui.allocate_ui_with_layout(NUMBER, to_the_right, |ui| {
                let ms = span.end - span.start;
                ui.label(RichText::new(format!("{ms:.1} ms")).font(regular(DENSE_SIZE)));
            });
            ui.end_row();
        }
    });
}
