//! The tags and the colour of the selected flows, with what gives and takes them.

use egui::{Button, Id, Key, Modifiers, TextEdit, Ui};

use super::model::Marks;
use super::notes::selected;
use super::text;
use crate::annotations::{Change, Colour, typed_tag};
use crate::commands::Action;
use crate::panels::PanelCx;
use crate::widgets::badge;
use crate::widgets::theme::GROUP_GAP;

/// Width of the field for a new tag, in points.
const FIELD: f32 = 140.0;
/// Most tags that are shown.
const MAX_SHOWN: usize = 24;

/// The field for a new tag; who gives it the focus lets the person type at once.
pub fn tag_id() -> Id {
    Id::unique("detail-tag")
}

/// The field in which a tag is being typed.
#[derive(Debug, Default)]
pub(super) struct TagField {
    draft: String,
}

impl TagField {
    /// Paints the row.
    pub(super) fn ui(&mut self, ui: &mut Ui, cx: &mut PanelCx<'_>, marks: &Marks) {
        let mut changes = Vec::new();
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            colours_ui(ui, marks.colour, &mut changes);
            ui.add_space(GROUP_GAP);
            tags_ui(ui, marks, &mut changes);
            self.field_ui(ui, &mut changes);
        });
        let flows = if changes.is_empty() {
            Vec::new()
        } else {
            selected(cx)
        };
        for change in changes {
            cx.actions.push(Action::Edit(flows.clone(), change));
        }
    }

    fn field_ui(&mut self, ui: &mut Ui, changes: &mut Vec<Change>) {
        let id = tag_id();
        let has_focus = ui.memory(|memory| memory.has_focus(id));
        let is_entered =
            has_focus && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
        let edit = TextEdit::singleline(&mut self.draft)
            .id(id)
            .hint_text("Add a tag…")
            .desired_width(FIELD);
        let response = ui.add(edit);
        response
            .widget_info(|| egui::WidgetInfo::labeled(egui::Role::TextInput, true, "Add a tag"));
        if is_entered && self.draft.trim().is_empty() {
            response.surrender_focus();
        }
        if is_entered {
            let typed = std::mem::take(&mut self.draft);
            let tags = typed.split(',').filter_map(typed_tag);
            changes.extend(tags.map(Change::Tag));
        }
    }
}

fn colours_ui(ui: &mut Ui, given: Option<Colour>, changes: &mut Vec<Change>) {
    for colour in Colour::ALL {
        let is_given = given == Some(colour);
        if badge::colour_button(ui, colour, is_given).clicked() {
            changes.push(Change::Colour((!is_given).then_some(colour)));
        }
    }
}

/// The tags as buttons that take them away.
fn tags_ui(ui: &mut Ui, marks: &Marks, changes: &mut Vec<Change>) {
    for (tag, n) in marks.tags.iter().take(MAX_SHOWN) {
        let words = if *n == marks.n_flows {
            format!("{tag} ×")
        } else {
            format!("{tag} {n} ×")
        };
        let about = format!("Take the tag {tag} away");
        let response = ui.add(Button::new(words)).on_hover_text(&about);
        response
            .widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, about.as_str()));
        if response.clicked() {
            changes.push(Change::Untag(tag.clone()));
        }
    }
    let n_more = marks.tags.len().saturating_sub(MAX_SHOWN);
    if 0 < n_more {
        text::secondary(ui, &format!("and {n_more} more"));
    }
}
