//! The ring of providers with its legend, which is also its table twin: hover highlights, a click filters.

mod disc;
mod legend;
pub mod model;
mod terms;

use std::sync::Arc;

use egui::{Color32, Response, RichText, Ui};

use self::model::{Pie, Slice, SortBy};
use super::{Panel, PanelCx};
use crate::base::jobs::Latest;
use crate::commands::Action;
use crate::query::Query;
use crate::query::aggregate::Part;
use crate::session::Measure;
use crate::widgets::switch::switch;
use crate::widgets::theme::{DENSE_SIZE, GRID, GROUP_GAP, TITLE_SIZE, Theme, regular, semibold};

/// How much of its colour a slice keeps while another one stands out.
const DIM: f32 = 0.3;

/// What one count belongs to: document, rows, what slices mean, the query of the whole that a filtered slice is of.
type Key = (u64, u64, (Measure, Part), Option<Query>);

/// Shows which providers answer, in which role.
#[derive(Debug)]
pub struct PiePanel {
    pie: Latest<Key, Pie>,
    /// The slice under the pointer in the last frame.
    hovered: Option<usize>,
    /// By what the legend is sorted, and whether the other way round; `None` = as on the ring.
    sort: Option<(SortBy, bool)>,
}

impl Default for PiePanel {
    fn default() -> Self {
        Self {
            pie: Latest::new("pie"),
            hovered: None,
            sort: None,
        }
    }
}

impl Panel for PiePanel {
    fn title(&self) -> &'static str {
        "Providers"
    }

    fn prepare(&mut self, cx: &mut PanelCx<'_>) {
        self.pie.poll();
        let meaning = (cx.session.measure, cx.session.part);
        let whole = model::whole_query(cx.session);
        let key = (
            cx.document.revision(),
            cx.rows_revision,
            meaning,
            whole.clone(),
        );
        let (document, rows) = (cx.document.clone(), Arc::clone(cx.rows));
        self.pie.request(key, Arc::clone(cx.wake), move |cancel| {
            Pie::of(&document, &rows, whole.as_ref(), meaning, cancel)
        });
    }

    fn ui(&mut self, ui: &mut Ui, cx: &mut PanelCx<'_>) {
        title_row(ui, self.title(), cx);
        part_row(ui, cx);
        ui.add_space(GRID);
        let Some(pie) = self.pie.get() else {
            return;
        };
        if pie.slices.is_empty() {
            let words = match (cx.document.is_empty(), cx.document.n_flows()) {
                (true, _) => "Open a capture to see who serves it",
                (false, 0) => "There are no flows in this capture",
                (false, _) => "No flow passes the filter",
            };
            ui.label(RichText::new(words).color(Theme::of(ui).secondary));
            self.hovered = None;
            return;
        }
        let lit = lit_slice(pie, self.hovered, cx);
        let on_ring = disc::ui(ui, pie, lit, cx);
        ui.add_space(GROUP_GAP);
        let in_legend = legend::ui(ui, pie, lit, &mut self.sort, cx);
        ui.add_space(GRID);
        footer(ui, pie, cx);

        let hovered = on_ring.or(in_legend);
        if hovered != self.hovered {
            self.hovered = hovered;
            let key = hovered
                .filter(|_| pie.part == Part::Terminating)
                .and_then(|idx| pie.slices[idx].highlight());
            cx.actions.push(Action::Highlight(key));
        }
    }
}

/// The slice that stands out: the one under the pointer, the one that another panel highlights, or the one that is filtered
/// by.
fn lit_slice(pie: &Pie, hovered: Option<usize>, cx: &PanelCx<'_>) -> Option<usize> {
    let slices = &pie.slices;
    let highlighted = || {
        let is_alike = pie.part == Part::Terminating;
        let wanted = cx.session.highlight.filter(|_| is_alike)?;
        slices
            .iter()
            .position(|slice| slice.highlight() == Some(wanted))
    };
    let filtered = || slices.iter().position(|slice| is_filtered(slice, cx));
    hovered
        .filter(|idx| *idx < slices.len())
        .or_else(highlighted)
        .or_else(filtered)
}

/// True when the filter asks for just this slice.
fn is_filtered(slice: &Slice, cx: &PanelCx<'_>) -> bool {
    terms::has_term(&cx.session.query.filter, &slice.filter)
}

fn title_row(ui: &mut Ui, title: &str, cx: &mut PanelCx<'_>) {
    let theme = Theme::of(ui);
    ui.horizontal(|ui| {
        ui.label(
            RichText::new(title)
                .font(semibold(TITLE_SIZE))
                .color(theme.text),
        );
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            for measure in Measure::ALL.into_iter().rev() {
                let is_on = cx.session.measure == measure;
                let hint = match measure {
                    Measure::Requests => "Size slices by the number of requests",
                    Measure::Bytes => "Size slices by the bytes received",
                    Measure::Hosts => "Size slices by the number of distinct hosts",
                    Measure::Time => "Size slices by the sum of the durations",
                };
                if switch(ui, measure.title(), is_on, hint).clicked() && !is_on {
                    cx.actions.push(Action::SetMeasure(measure));
                }
            }
        });
    });
}

/// By what the flows are divided.
fn part_row(ui: &mut Ui, cx: &mut PanelCx<'_>) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        for part in Part::ALL {
            let is_on = cx.session.part == part;
            let hint = match part {
                Part::Terminating => {
                    "Draw by who terminated the connection: the edge, else the origin"
                }
                Part::Edge => "Draw by the CDN or cache that terminated the connection",
                Part::Origin => {
                    "Draw by the storage or compute that answered, behind an edge or not"
                }
                Part::Role => "Draw by the role of whoever answered",
                Part::Label => "Draw by what people said, apart from what the machine says",
            };
            if switch(ui, part.title(), is_on, hint).clicked() && !is_on {
                cx.actions.push(Action::SetPart(part));
            }
        }
    });
}

/// The colour of a slice: of its provider, or else of its role.
fn colour(slice: &Slice, part: Part, theme: &Theme) -> Color32 {
    if part.carries_role() {
        theme.provider(slice.highlight().and_then(|key| key.provider))
    } else {
        theme.role(slice.role)
    }
}

fn dimmed(colour: Color32, ground: Color32, is_dim: bool) -> Color32 {
    if is_dim {
        ground.lerp_to_gamma(colour, DIM)
    } else {
        colour
    }
}

/// A click filters by the slice, or takes its filter away; with the command key it leaves the slice out. Enter is a click.
fn act(ui: &Ui, response: &Response, slice: &Slice, part: Part, cx: &mut PanelCx<'_>) {
    if !response.clicked() {
        return;
    }
    let before = &cx.session.query.filter;
    let filter = if ui.input(|input| input.modifiers.command) {
        terms::toggle_term(&terms::without_own(before, part), &slice.exclusion())
    } else {
        terms::picked(before, part, &slice.filter)
    };
    cx.actions.push(Action::SetQuery(Query {
        filter,
        ..cx.session.query.clone()
    }));
}

/// What the shares are shares of, whose word they are, and how few have how much.
fn footer(ui: &mut Ui, pie: &Pie, cx: &mut PanelCx<'_>) {
    let theme = Theme::of(ui);
    let line = |ui: &mut Ui, words: &str| {
        let text = RichText::new(words)
            .font(regular(DENSE_SIZE))
            .color(theme.secondary);
        ui.label(text)
    };
    ui.horizontal(|ui| {
        if let Some(words) = pie.concentration_words() {
            line(ui, &words).on_hover_text(
                "How few providers have how much: their shares in percent, squared and added up (the \
                 Herfindahl–Hirschman index).\n10,000 = one provider has everything; below 1,500 = spread over many.\n\
                 What is not attributed adds nothing, so the true value may be higher.",
            );
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let hint = "Copy every share, with all measures, as a table with tabs";
            if switch(ui, "Copy table", false, hint).clicked() {
                cx.actions.push(Action::Copy(pie.to_tsv()));
            }
        });
    });
    line(ui, &pie.denominator());
    line(ui, pie.basis());
    if let Some(words) = pie.caution() {
        line(ui, words);
    }
}
