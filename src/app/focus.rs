//! Which part of the window has the keyboard: F6 goes round, and the letters of the table count only while it has it.

use egui::{Context, Id, Rect, StrokeKind};

use crate::widgets::theme::Theme;

/// A part of the window that the keyboard can be given to, in the order in which F6 goes round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Region {
    /// Menus, filter and quick filters.
    Toolbar,
    /// The requests.
    #[default]
    Table,
    /// The overview and the waterfall.
    Timeline,
    /// Everything about the selected flow, or what a search found.
    Details,
    /// Providers, the sheet of what is selected, and problems.
    Charts,
}

/// Where the parts of the window were in the last frame.
#[derive(Debug, Default)]
pub(super) struct Regions {
    places: Vec<(Region, Rect)>,
    /// The part that F6 gave the keyboard to, until another widget takes it.
    given: Option<Region>,
}

impl Regions {
    /// Forgets where the parts were, before they are painted anew.
    pub(super) fn clear(&mut self) {
        self.places.clear();
    }

    /// Says where a part was painted.
    pub(super) fn set(&mut self, region: Region, place: Rect) {
        self.places.push((region, place));
    }

    /// The part that has the keyboard; the table when nothing else has it.
    pub(super) fn current(&self, ctx: &Context) -> Region {
        let Some(place) = focused(ctx).and_then(|id| ctx.read_response(id)) else {
            return Region::Table;
        };
        self.region_at(place.rect.center()).unwrap_or_default()
    }

    fn region_at(&self, at: egui::Pos2) -> Option<Region> {
        let mut places = self.places.iter();
        places
            .find(|(_, place)| place.contains(at))
            .map(|(region, _)| *region)
    }

    /// Gives the keyboard to the part that is `step` places behind the one that has it.
    pub(super) fn go_round(&mut self, ctx: &Context, step: isize) {
        let n = self.places.len();
        if n == 0 {
            return;
        }
        let mut places = self.places.clone();
        places.sort_by_key(|(region, _)| *region as u8);
        let current = self.current(ctx);
        let at = places.iter().position(|(region, _)| *region == current);
        let next = (at.unwrap_or(0) + n).wrapping_add_signed(step) % n;
        self.give(ctx, places[next].0);
    }

    /// Gives the keyboard to `region`: to its first widget that takes keys, or to the table itself.
    pub(super) fn give(&mut self, ctx: &Context, region: Region) {
        self.given = Some(region);
        if let Some(id) = focused(ctx) {
            ctx.memory_mut(|memory| memory.surrender_focus(id));
        }
        let place = self.places.iter().find(|(other, _)| *other == region);
        let first = place.and_then(|(_, place)| first_widget(ctx, *place));
        if let Some(id) = first.filter(|_| region != Region::Table) {
            ctx.memory_mut(|memory| memory.request_focus(id));
        }
    }

    /// Paints a line around the part that F6 gave the keyboard to; the table needs none while a row of it is marked.
    pub(super) fn paint(&mut self, ctx: &Context, has_row: bool) {
        let is_clicked = ctx.input(|input| input.pointer.any_pressed());
        let Some(region) = self.given.filter(|_| !is_clicked) else {
            self.given = None;
            return;
        };
        if self.current(ctx) != region {
            self.given = None;
            return;
        }
        let place = self.places.iter().find(|(other, _)| *other == region);
        let is_marked = region == Region::Table && has_row;
        if let Some((_, place)) = place.filter(|_| !is_marked) {
            let stroke = (1.0, Theme::of(ctx).focus_ring);
            let layer = egui::LayerId::new(egui::Order::Middle, Id::unique("focused panel"));
            ctx.layer_painter(layer).rect_stroke(
                place.shrink(1.0),
                0.0,
                stroke,
                StrokeKind::Inside,
            );
        }
    }
}

fn focused(ctx: &Context) -> Option<Id> {
    ctx.memory(egui::Memory::focused)
}

/// The first widget within `place` that takes the keyboard, as of the last frame.
fn first_widget(ctx: &Context, place: Rect) -> Option<Id> {
    ctx.viewport(|viewport| {
        let layer = egui::LayerId::background();
        let widgets = viewport.prev_pass.widgets.get_layer(layer);
        widgets
            .filter(|widget| widget.enabled && widget.sense.is_focusable())
            .filter(|widget| {
                place.contains_rect(widget.interact_rect) && widget.interact_rect.is_positive()
            })
            .map(|widget| widget.id)
            .next()
    })
}
