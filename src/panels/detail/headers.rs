//! Paints the tab Headers: request and response, side by side where there is room; what is evidence leads to its finding.

use std::ops::Range;

use egui::text::LayoutJob;
use egui::{Align, Color32, CursorIcon, Label, ScrollArea, Sense, Stroke, TextEdit, Ui};

use super::mark::Mark;
use super::model::{HeaderLine, HeaderSide, HeadersSheet};
use super::text;
use crate::base::text::counted;
use crate::capture::{FlowId, Side};
use crate::commands::Action;
use crate::panels::PanelCx;
use crate::query::search::{Pattern, Place};
use crate::session::{DetailTab, Sought};
use crate::widgets::theme::{GRID, GROUP_GAP, Theme};

/// From this width on, both sides stand beside each other.
const MIN_TWO_COLUMNS: f32 = 820.0;
const NAME_WIDTH: f32 = 176.0;
const FILTER_WIDTH: f32 = 200.0;

/// The tab with what its filter box holds.
#[derive(Debug, Default)]
pub(super) struct HeadersTab {
    filter: String,
    search: Option<Search>,
}

/// What a search looks for, and where it found it.
#[derive(Debug)]
struct Search {
    sought: Sought,
    pattern: Pattern,
    /// True until the tab has scrolled to it.
    is_new: bool,
}

impl Search {
    /// The places in `text` that are set off.
    fn places(&self, text: &str) -> Vec<Range<usize>> {
        self.pattern.all(text.as_bytes()).collect()
    }

    /// True once, for the header in which it was found.
    fn take_new(&mut self, side: Side, name: &str) -> bool {
        let is_it = match &self.sought.place {
            Place::Header(of, header) => *of == side && header == name,
            Place::Url | Place::Body(..) => false,
        };
        is_it && std::mem::replace(&mut self.is_new, false)
    }
}

impl HeadersTab {
    /// Shows what a search found; `None` marks nothing any more.
    pub(super) fn show(&mut self, sought: Option<&Sought>) {
        self.search = sought.and_then(|sought| {
            let pattern = Pattern::of(&sought.wanted).ok()?;
            Some(Search {
                sought: sought.clone(),
                pattern,
                is_new: true,
            })
        });
        if self.search.is_some() {
            self.filter.clear();
        }
    }

    /// Paints the tab for `flow`.
    pub(super) fn ui(
        &mut self,
        ui: &mut Ui,
        cx: &mut PanelCx<'_>,
        flow: FlowId,
        sheet: &HeadersSheet,
        mark: &mut Mark,
    ) {
        ui.horizontal(|ui| {
            let edit = TextEdit::singleline(&mut self.filter)
                .hint_text("Filter headers")
                .desired_width(FILTER_WIDTH);
            let response = ui.add(edit);
            response.widget_info(|| {
                egui::WidgetInfo::labeled(egui::Role::SearchInput, true, "Filter headers")
            });
            let copy = text::small_button(ui, "Copy headers");
            if copy
                .on_hover_text("Copy both sides as text, secrets removed")
                .clicked()
            {
                cx.actions.push(Action::Copy(sheet.copy.clone()));
            }
        });
        let needle = self.filter.trim().to_lowercase();
        if mark.is_new() {
            self.filter.clear();
        }
        let search = self.search.as_mut();
        let mut seen = Seen {
            needle: &needle,
            mark,
            search: search.filter(|search| search.sought.flow == flow),
        };
        let is_wide = MIN_TWO_COLUMNS <= ui.available_width();
        ScrollArea::vertical()
            .id_salt("headers")
            .auto_shrink(false)
            .show(ui, |ui| {
                if is_wide {
                    text::columns(ui, |left, right| {
                        side(left, Side::Request, Some(&sheet.request), &mut seen);
                        side(right, Side::Response, sheet.response.as_ref(), &mut seen);
                    });
                } else {
                    side(ui, Side::Request, Some(&sheet.request), &mut seen);
                    ui.add_space(GROUP_GAP);
                    side(ui, Side::Response, sheet.response.as_ref(), &mut seen);
                }
            });
        if mark.is_followed() {
            cx.actions.push(Action::ShowTab(DetailTab::Evidence));
        }
    }
}

/// What of the headers is shown, and what of them is set off.
struct Seen<'s> {
    needle: &'s str,
    mark: &'s mut Mark,
    search: Option<&'s mut Search>,
}

impl Seen<'_> {
    /// `text` with what the search looks for set off.
    fn text(&self, ui: &Ui, text: &str, colour: Color32) -> LayoutJob {
        let search = self.search.as_ref();
        let places = search.map_or_else(Vec::new, |search| search.places(text));
        let marks = places.iter().map(|place| (place, false));
        text::marked(text, marks, Theme::of(ui), colour)
    }

    fn value(&self, ui: &Ui, text: &str) -> Label {
        let mut job = self.text(ui, text, Theme::of(ui).text);
        // Ids and URLs have no spaces.
        job.wrap.break_anywhere = true;
        Label::new(job).wrap().selectable(true)
    }
}

fn side(ui: &mut Ui, which: Side, side: Option<&HeaderSide>, seen: &mut Seen<'_>) {
    ui.spacing_mut().item_spacing.y = GRID / 2.0;
    text::heading(
        ui,
        match which {
            Side::Request => "Request",
            Side::Response | Side::Connection => "Response",
        },
    );
    let Some(side) = side else {
        text::secondary(ui, "There was no response");
        return;
    };
    if !side.start_line.is_empty() {
        ui.add(seen.value(ui, &side.start_line));
    }
    let mut n_hidden = 0;
    for header in &side.lines {
        if header.contains(seen.needle) {
            line(ui, which, header, seen);
        } else {
            n_hidden += 1;
        }
    }
    if side.lines.is_empty() {
        text::secondary(ui, "The file holds no headers for this side");
    }
    if 0 < n_hidden {
        text::secondary(
            ui,
            &format!("{} not shown by the filter", counted(n_hidden, "header")),
        );
    }
    if 0 < side.n_left_out {
        let left_out = counted(side.n_left_out as u64, "more header");
        text::secondary(ui, &format!("{left_out} in the raw entry"));
    }
}

fn line(ui: &mut Ui, side: Side, header: &HeaderLine, seen: &mut Seen<'_>) {
    let theme = Theme::of(ui);
    let name = seen.text(ui, &header.name, theme.secondary);
    let width = NAME_WIDTH.min(ui.available_width() / 2.0);
    let is_evidence = !header.rules.is_empty();
    let is_marked = is_evidence && seen.mark.is_on(header.span);
    let fill = if is_evidence {
        theme.quote
    } else {
        Color32::TRANSPARENT
    };
    let stroke = if is_marked {
        Stroke::new(1.0, theme.focus_ring)
    } else {
        Stroke::NONE
    };
    text::named(ui, width, Label::new(name), |ui| {
        let value = egui::Frame::new()
            .fill(fill)
            .stroke(stroke)
            .corner_radius(3)
            .inner_margin(egui::Margin::symmetric(4, 0))
            .show(ui, |ui| {
                let value = seen.value(ui, &header.value);
                if is_evidence {
                    ui.add(value.sense(Sense::click()))
                } else {
                    ui.add(value)
                }
            })
            .inner;
        let search = seen.search.as_mut();
        let is_found = search.is_some_and(|search| search.take_new(side, &header.name));
        if is_found || is_marked && seen.mark.take_new() {
            value.scroll_to_me(Some(Align::Center));
        }
        if is_evidence {
            let value = value
                .on_hover_cursor(CursorIcon::PointingHand)
                .on_hover_text(&header.rules);
            if value.clicked() {
                seen.mark.follow(header.span);
            }
        }
    });
}
