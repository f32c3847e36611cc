//! The row above the overview: what colours mean, where bars stand, and the key to the colours.

use egui::{Align, Layout, Rect, RichText, Sense, Ui, UiBuilder, Vec2, WidgetInfo, pos2};

use super::model::Timeline;
use super::{PanelCx, set_time, set_view, set_zoom};
use crate::annotations::Colour;
use crate::attribution::Role;
use crate::capture::PHASES;
use crate::providers::catalogue;
use crate::query::kinds::Kind;
use crate::session::{ColourBy, Lanes, TimelineView};
use crate::widgets::marks::paint_role_swatch;
use crate::widgets::switch::{switch, toggle};
use crate::widgets::theme::{DENSE_SIZE, GRID, GROUP_GAP, Theme, regular};

/// Side of a mark of the key.
const MARK: f32 = 9.0;

/// Paints the row.
pub(super) fn ui(ui: &mut Ui, place: Rect, timeline: &Timeline, cx: &mut PanelCx<'_>) {
    let builder = UiBuilder::new()
        .max_rect(place)
        .layout(Layout::left_to_right(Align::Center));
    let mut row = ui.new_child(builder);
    row.spacing_mut().item_spacing.x = 0.0;
    let ui = &mut row;
    let view = cx.session.timeline;
    colours(ui, view, cx);
    ui.add_space(GROUP_GAP);
    for lanes in Lanes::ALL {
        let is_on = view.lanes == lanes;
        let hint = match lanes {
            Lanes::Rows => "One lane for each row of the table, in its order",
            Lanes::Packed => "Several flows on one lane where they fit, in the order of time",
        };
        if switch(ui, lanes.title(), is_on, hint).clicked() && !is_on {
            set_view(TimelineView { lanes, ..view }, cx);
        }
    }
    ui.add_space(GROUP_GAP);
    filtering(ui, view, cx);
    if 1 < cx.document.captures().len() {
        aligning(ui, view, cx);
    }
    ui.add_space(GROUP_GAP);
    key(ui, &items(ui, view.colour_by, timeline));
}

fn colours(ui: &mut Ui, view: TimelineView, cx: &mut PanelCx<'_>) {
    for colour_by in ColourBy::ALL {
        let is_on = view.colour_by == colour_by;
        let hint = match colour_by {
            ColourBy::Phase => "Colour by what a flow waited for",
            ColourBy::Provider => "Colour by who answered",
            ColourBy::Role => "Colour by the role of whoever answered",
            ColourBy::Kind => "Colour by what was fetched",
        };
        if switch(ui, colour_by.title(), is_on, hint).clicked() && !is_on {
            set_view(TimelineView { colour_by, ..view }, cx);
        }
    }
}

/// Whether the chosen stretch of time filters the table.
fn filtering(ui: &mut Ui, view: TimelineView, cx: &mut PanelCx<'_>) {
    // A filter that was cleared elsewhere is off here too.
    let is_cleared = cx.session.zoom.is_some() && cx.session.query.time.is_none();
    let is_on = view.is_filtering && !is_cleared;
    let hint = if view.is_aligned {
        "Not while starts are aligned: a stretch of time is then another one in each file"
    } else {
        "Show only flows of the chosen stretch of time in the table and in every figure"
    };
    let response = ui
        .add_enabled_ui(!view.is_aligned, |ui| {
            toggle(ui, "Filter by time", is_on, hint)
        })
        .inner;
    if response.clicked() {
        let is_filtering = !is_on;
        let time = cx.session.zoom.clone().filter(|_| is_filtering);
        set_time(time, cx);
        set_view(
            TimelineView {
                is_filtering,
                ..view
            },
            cx,
        );
    }
}

/// Whether every file begins at the same place.
fn aligning(ui: &mut Ui, view: TimelineView, cx: &mut PanelCx<'_>) {
    let hint = "Draw every file as if its first flow had begun at 0 s";
    if toggle(ui, "Align starts", view.is_aligned, hint).clicked() {
        // What was chosen means another time now.
        set_zoom(None, cx);
        set_time(None, cx);
        let is_aligned = !view.is_aligned;
        set_view(
            TimelineView {
                is_aligned,
                is_filtering: false,
                ..view
            },
            cx,
        );
    }
}

/// A colour with its pattern, and what they mean.
type Item = (egui::Color32, Role, String);

fn items(ui: &Ui, colour_by: ColourBy, timeline: &Timeline) -> Vec<Item> {
    let theme = Theme::of(ui);
    match colour_by {
        ColourBy::Phase => PHASES
            .iter()
            .map(|phase| (theme.phase(*phase), Role::Origin, phase.title().to_owned()))
            .collect(),
        ColourBy::Role => [
            (Role::Origin, "Origin"),
            (Role::Cdn, "CDN, hatched"),
            (Role::Unknown, "Unknown, dashed"),
        ]
        .into_iter()
        .map(|(role, words)| (theme.role(role), role, words.to_owned()))
        .collect(),
        ColourBy::Kind => Kind::ALL
            .into_iter()
            .map(|kind| {
                let (colour, role) = kind_look(theme, kind);
                (colour, role, kind.title().to_owned())
            })
            .collect(),
        ColourBy::Provider => timeline
            .bands
            .iter()
            .filter(|band| band.counts.iter().any(|count| *count != 0))
            .map(|band| {
                let name = band.provider.map_or("others and not attributed", |id| {
                    &catalogue().provider(id).name
                });
                (theme.provider(band.provider), Role::Origin, name.to_owned())
            })
            .collect(),
    }
}

/// The colour and the pattern of what was fetched; no two are the same in both.
pub(super) fn kind_look(theme: &Theme, kind: Kind) -> (egui::Color32, Role) {
    let idx = Kind::ALL.iter().position(|found| *found == kind);
    let idx = idx.unwrap_or(Kind::ALL.len() - 1);
    let n_colours = Colour::ALL.len();
    let pattern = match (idx + idx / n_colours) % 3 {
        0 => Role::Origin,
        1 => Role::Cdn,
        _ => Role::Unknown,
    };
    (theme.mark(Colour::ALL[idx % n_colours]), pattern)
}

/// The key to the colours as far as there is room; all of it while the pointer is on it.
fn key(ui: &mut Ui, items: &[Item]) {
    let theme = Theme::of(ui);
    let size = Vec2::new(ui.available_width().max(0.0), ui.available_height());
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| {
        let words: Vec<&str> = items.iter().map(|(_, _, words)| words.as_str()).collect();
        let name = format!("Key to the colours: {}", words.join(", "));
        WidgetInfo::labeled(egui::Role::Image, true, name)
    });
    let painter = ui.painter_at(rect);
    let mut x = rect.left();
    for (n, (colour, role, words)) in items.iter().enumerate() {
        let font = regular(DENSE_SIZE);
        let galley = painter.layout_no_wrap(words.clone(), font.clone(), theme.secondary);
        let is_last = n + 1 == items.len();
        let needed = MARK + GRID + galley.size().x + if is_last { 0.0 } else { 24.0 };
        if rect.right() < x + needed {
            let at = pos2(x, rect.center().y);
            painter.text(at, egui::Align2::LEFT_CENTER, "…", font, theme.secondary);
            break;
        }
        let center = pos2(x + MARK / 2.0, rect.center().y);
        let mark = Rect::from_center_size(center, Vec2::splat(MARK));
        paint_role_swatch(&painter, theme, mark, *colour, *role);
        let at = pos2(mark.right() + GRID, rect.center().y - galley.size().y / 2.0);
        x = at.x + galley.size().x + GROUP_GAP;
        painter.galley(at, galley, theme.secondary);
    }
    response.on_hover_ui(|ui| {
        for (colour, role, words) in items {
            ui.horizontal(|ui| {
                let (mark, _) = ui.allocate_exact_size(Vec2::splat(MARK), Sense::hover());
                paint_role_swatch(ui.painter(), theme, mark, *colour, *role);
                ui.label(RichText::new(words).font(regular(DENSE_SIZE)));
            });
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::widgets::theme::DARK;

    #[test]
    fn no_two_types_look_the_same() {
        let looks = Kind::ALL.map(|kind| kind_look(&DARK, kind));
        for (idx, look) in looks.iter().enumerate() {
            assert!(!looks[..idx].contains(look), "{:?}", Kind::ALL[idx]);
        }
    }
}
