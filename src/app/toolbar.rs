//! The bar at the top: name, menus, filter box, and the button for the thing to do next.

use egui::text::{CCursor, CCursorRange, LayoutJob, TextFormat};
use egui::{
    Align, Button, EventFilter, Id, Key, Layout, Modifiers, RichText, Stroke, TextEdit, Ui,
};

use super::HeadwaterApp;
use crate::commands::{Action, Command};
use crate::query::filter::KEYS;
use crate::widgets::theme::{DENSE_SIZE, Theme, mono, semibold};

/// The filter box; who gives it the focus lets the person type at once.
pub(super) fn filter_id() -> Id {
    Id::unique("filter box")
}

/// The keys that stay with the filter box: Tab completes, Esc clears.
const KEYS_OF_FILTER: EventFilter = EventFilter {
    tab: true,
    horizontal_arrows: true,
    vertical_arrows: true,
    escape: true,
};

/// Accessible name of the filter box.
pub(super) const FILTER_NAME: &str = "Filter";

impl HeadwaterApp {
    /// Paints the toolbar.
    pub(super) fn toolbar_ui(&mut self, ui: &mut Ui) {
        ui.horizontal_centered(|ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            ui.label(RichText::new("Headwater").font(semibold(14.0)));
            ui.add_space(4.0);
            ui.scope(|ui| self.menus_ui(ui));
            if self.document.is_empty() {
                return;
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let theme = Theme::of(ui);
                let text = RichText::new("Export report…")
                    .font(semibold(12.0))
                    .color(theme.on_accent);
                let button = Button::new(text).fill(theme.accent).stroke(Stroke::NONE);
                let tooltip = Command::Export.entry().tooltip;
                if ui.add(button).on_hover_text(tooltip).clicked() {
                    self.actions.push(Action::Run(Command::Export));
                }
                ui.add_space(4.0);
                self.filter_ui(ui);
            });
        });
    }

    fn filter_ui(&mut self, ui: &mut Ui) {
        let theme = Theme::of(ui);
        let id = filter_id();
        let error = self.rows.error().cloned();
        let mut text = self.session.query.filter.clone();
        let wrong = error.as_ref().map(|error| error.at.clone());
        let mut layouter = |ui: &Ui, text: &dyn egui::TextBuffer, _width: f32| {
            let job = coloured(text.as_str(), theme, wrong.as_ref());
            ui.fonts_mut(|fonts| fonts.layout_job(job))
        };
        let had_focus = ui.memory(|memory| memory.has_focus(id));
        let completion = if had_focus {
            completion(&text)
        } else {
            Vec::new()
        };
        let takes_tab = completion
            .first()
            .is_some_and(|_| ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Tab)));
        let escaped =
            had_focus && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
        let hint = RichText::new("Filter, such as host:example.com -type:image status:>=400")
            .color(theme.secondary);
        let outline = match (&error, had_focus) {
            (Some(_), _) => theme.error,
            (None, true) => theme.focus_ring,
            (None, false) => theme.decoration,
        };
        let response = ui
            .scope(|ui| {
                let widgets = &mut ui.visuals_mut().widgets;
                for state in [
                    &mut widgets.inactive,
                    &mut widgets.hovered,
                    &mut widgets.active,
                ] {
                    state.bg_stroke = Stroke::new(1.0, outline);
                }
                ui.visuals_mut().selection.stroke = Stroke::new(1.0, outline);
                let edit = TextEdit::singleline(&mut text)
                    .id(id)
                    .font(mono(DENSE_SIZE))
                    .hint_text(hint)
                    .event_filter(KEYS_OF_FILTER)
                    .align(egui::Align2::LEFT_CENTER)
                    .min_size(egui::vec2(0.0, 24.0))
                    .desired_width(ui.available_width() - 8.0)
                    .layouter(&mut layouter);
                ui.add(edit)
            })
            .inner;
        response.widget_info(|| {
            let mut info = egui::WidgetInfo::labeled(egui::Role::TextInput, true, FILTER_NAME);
            info.current_text_value = Some(text.clone());
            info
        });
        if escaped {
            if text.is_empty() {
                response.surrender_focus();
            } else {
                text.clear();
            }
        }
        if takes_tab && let Some((key, _)) = completion.first() {
            let at = text.len() - last_word(&text).len();
            text.replace_range(at.., &format!("{key}:"));
            put_cursor_at_end(ui, id, &text);
        }
        if let Some(error) = &error {
            response.show_tooltip_text(RichText::new(error.to_string()).color(theme.error));
        } else if !completion.is_empty() {
            response.show_tooltip_ui(|ui| completion_ui(ui, &completion));
        }
        if text != self.session.query.filter {
            let mut query = self.session.query.clone();
            query.filter = text;
            self.actions.push(Action::SetQuery(query));
        }
    }
}

fn completion_ui(ui: &mut Ui, completion: &[(&str, &str)]) {
    let theme = Theme::of(ui);
    egui::Grid::new("completion").num_columns(2).show(ui, |ui| {
        for (key, about) in completion {
            ui.label(
                RichText::new(format!("{key}:"))
                    .monospace()
                    .color(theme.accent),
            );
            ui.label(RichText::new(*about).color(theme.secondary));
            ui.end_row();
        }
    });
    ui.label(
        RichText::new("Tab takes the first")
            .small()
            .color(theme.secondary),
    );
}

/// The keys that the last word of `text` may become.
fn completion(text: &str) -> Vec<(&'static str, &'static str)> {
    let word = last_word(text);
    if word.is_empty() {
        return Vec::new();
    }
    let found = KEYS.iter().filter(|(key, _)| key.starts_with(word));
    found.copied().take(6).collect()
}

/// The word being typed, without a negation before it.
fn last_word(text: &str) -> &str {
    let word = text.rsplit([' ', '(', '|']).next().unwrap_or_default();
    word.trim_start_matches(['-', '!'])
}

fn put_cursor_at_end(ui: &Ui, id: Id, text: &str) {
    let mut state = TextEdit::load_state(ui, id).unwrap_or_default();
    let end = CCursor::new(text.chars().count());
    state.cursor.set_char_range(Some(CCursorRange::one(end)));
    state.store(ui, id);
}

/// The filter with its keys in the accent colour, and what is `wrong` underlined.
fn coloured(text: &str, theme: &Theme, wrong: Option<&std::ops::Range<usize>>) -> LayoutJob {
    let mut job = LayoutJob {
        break_on_newline: false,
        ..LayoutJob::default()
    };
    let mut at = 0;
    for word in text.split_inclusive(' ') {
        let key_len = word.find([':', '=', '>', '<']).map_or(0, |idx| idx + 1);
        for (piece, colour) in [
            (&word[..key_len], theme.accent),
            (&word[key_len..], theme.text),
        ] {
            let mut format = TextFormat::simple(mono(DENSE_SIZE), colour);
            let is_wrong =
                wrong.is_some_and(|wrong| wrong.start < at + piece.len() && at <= wrong.start);
            if is_wrong {
                format.underline = Stroke::new(1.5, theme.error);
            }
            if !piece.is_empty() {
                job.append(piece, 0.0, format);
            }
            at += piece.len();
        }
    }
    job
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_completed_behind_negations_and_brackets() {
        assert_eq!(
            completion("status:200 -ho").first().map(|(key, _)| *key),
            Some("host")
        );
        assert_eq!(
            completion("(rol").first().map(|(key, _)| *key),
            Some("role")
        );
        assert_eq!(completion("host:x "), []);
        assert_eq!(completion(""), []);
    }
}
