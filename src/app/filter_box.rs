//! A box for a filter: keys in colour, mistakes at their place, and what may follow, chosen with the arrow keys or the
//! pointer.

use std::sync::Arc;

use egui::text::{CCursor, CCursorRange, LayoutJob, TextFormat};
use egui::{
    EventFilter, Id, Key, Modifiers, Popup, PopupCloseBehavior, Response, RichText, Stroke,
    TextEdit, Ui,
};

use crate::base::jobs::{Latest, Wake};
use crate::document::Document;
use crate::query::complete::{self, Completion, Typing};
use crate::query::filter::FilterError;
use crate::widgets::theme::{DENSE_SIZE, Theme, mono};

/// The keys that stay with the box: Tab completes, the arrows choose, Esc clears.
const KEYS_OF_FILTER: EventFilter = EventFilter {
    tab: true,
    horizontal_arrows: true,
    vertical_arrows: true,
    escape: true,
};

/// What values a key has depends on the document and the key.
type ValuesKey = (u64, String);

/// What a box shows, and where completions come from.
#[derive(Clone, Copy)]
pub(super) struct Given<'a> {
    /// The filter as typed so far.
    pub text: &'a str,
    /// What is wrong with it.
    pub error: Option<&'a FilterError>,
    /// Whose values are offered.
    pub document: &'a Document,
    /// Runs when they were counted.
    pub wake: &'a Wake,
}

/// The box with the completion that is open below it.
#[derive(Debug)]
pub(super) struct FilterBox {
    id: Id,
    /// The accessible name.
    name: &'static str,
    hint: &'static str,
    values: Latest<ValuesKey, Vec<(String, u64)>>,
    /// The key whose values were counted last.
    counted: Option<String>,
    /// The completion that the arrow keys chose.
    chosen: Option<usize>,
    /// The text for which the person closed the completions.
    closed: Option<String>,
    /// Where the cursor was in the last frame, in characters.
    cursor: usize,
    /// The pointer is pressed on the completions, which takes the focus from the box.
    is_pressed: bool,
}

/// What the keys did in the box in this frame.
#[derive(Default)]
struct Keys {
    takes: Option<usize>,
    is_escaped: bool,
}

impl FilterBox {
    /// An empty box; who gives `id` the focus lets the person type at once.
    pub(super) fn new(id: Id, name: &'static str, hint: &'static str) -> Self {
        Self {
            id,
            name,
            hint,
            values: Latest::new("completion"),
            counted: None,
            chosen: None,
            closed: None,
            cursor: 0,
            is_pressed: false,
        }
    }

    /// True while a person types in it, or chooses what may follow.
    pub(super) fn is_active(&self, ui: &Ui) -> bool {
        self.is_pressed || ui.memory(|memory| memory.has_focus(self.id))
    }

    /// Paints the box in the width that is left. Returns the filter when it was changed.
    pub(super) fn ui(&mut self, ui: &mut Ui, given: Given<'_>) -> Option<String> {
        let mut text = given.text.to_owned();
        let has_focus = ui.memory(|memory| memory.has_focus(self.id));
        let typing = self.is_active(ui).then(|| self.typing(&text)).flatten();
        let offered = self.offered(typing.as_ref(), given);
        let keys = if has_focus {
            self.keys(ui, &offered, &text)
        } else {
            Keys::default()
        };
        // Half a term is no mistake while it can still be completed.
        let error = given.error.filter(|_| offered.is_empty());
        let response = self.edit_ui(ui, &mut text, has_focus, error);
        let clicked = self.below_ui(ui, &response, &offered, error);
        if keys.is_escaped {
            if text.is_empty() {
                response.surrender_focus();
            } else {
                text.clear();
            }
        }
        let taken = keys.takes.or(clicked).and_then(|idx| offered.get(idx));
        // What was offered belongs to the text of the frame before.
        if let (Some(taken), Some(typing)) = (taken, &typing)
            && text == given.text
        {
            let end = typing.at.start + taken.insert.len();
            text.replace_range(typing.at.clone(), &taken.insert);
            put_cursor(ui, self.id, &text, end);
            self.cursor = text[..end].chars().count();
            self.chosen = None;
            response.request_focus();
        }
        (text != given.text).then_some(text)
    }

    /// What is being typed, unless the person closed the completions for it.
    fn typing(&self, text: &str) -> Option<Typing> {
        if self.closed.as_deref() == Some(text) {
            return None;
        }
        let cursor = text
            .char_indices()
            .nth(self.cursor)
            .map_or(text.len(), |(at, _)| at);
        Typing::at(text, cursor)
    }

    /// The ways to go on; the values of a key are counted on a worker.
    fn offered(&mut self, typing: Option<&Typing>, given: Given<'_>) -> Vec<Completion> {
        let Some(typing) = typing else {
            return Vec::new();
        };
        let Some(key) = &typing.key else {
            return typing.completions(&[]);
        };
        let (document, wanted) = (given.document.clone(), key.clone());
        let values_key = (given.document.revision(), key.clone());
        self.values
            .request(values_key, Arc::clone(given.wake), move |cancel| {
                complete::values(&document, &wanted, cancel)
            });
        if self.values.poll() || !self.values.is_running() {
            self.counted = Some(key.clone());
        }
        let is_counted = self.counted.as_ref() == Some(key);
        let values = self.values.get().filter(|_| is_counted);
        typing.completions(values.map_or(&[], Vec::as_slice))
    }

    fn edit_ui(
        &mut self,
        ui: &mut Ui,
        text: &mut String,
        has_focus: bool,
        error: Option<&FilterError>,
    ) -> Response {
        let theme = Theme::of(ui);
        let outline = match (error, has_focus) {
            (Some(_), _) => theme.error,
            (None, true) => theme.focus_ring,
            (None, false) => theme.decoration,
        };
        let wrong = error.map(|error| error.at.clone());
        let mut layouter = |ui: &Ui, text: &dyn egui::TextBuffer, _width: f32| {
            let job = coloured(text.as_str(), theme, wrong.as_ref());
            ui.fonts_mut(|fonts| fonts.layout_job(job))
        };
        let hint = RichText::new(self.hint).color(theme.secondary);
        let output = ui
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
                TextEdit::singleline(text)
                    .id(self.id)
                    .font(mono(DENSE_SIZE))
                    .hint_text(hint)
                    .event_filter(KEYS_OF_FILTER)
                    .align(egui::Align2::LEFT_CENTER)
                    .min_size(egui::vec2(0.0, 24.0))
                    .desired_width(ui.available_width() - 8.0)
                    .layouter(&mut layouter)
                    .show(ui)
            })
            .inner;
        if let Some(range) = output.cursor_range {
            self.cursor = range.primary.index.into();
        }
        let response = output.response.response;
        response.widget_info(|| {
            let mut info = egui::WidgetInfo::labeled(egui::Role::TextInput, true, self.name);
            info.current_text_value = Some(text.clone());
            info
        });
        response
    }

    /// Paints what is wrong, or what may follow, below the box. Returns the completion that was clicked.
    fn below_ui(
        &mut self,
        ui: &Ui,
        response: &Response,
        offered: &[Completion],
        error: Option<&FilterError>,
    ) -> Option<usize> {
        let error = error.map(ToString::to_string);
        let is_open = response.has_focus() || self.is_pressed;
        if !is_open || offered.is_empty() && error.is_none() {
            self.is_pressed = false;
            return None;
        }
        let chosen = self.chosen;
        let popup = Popup::from_response(response)
            .id(self.id.with("completion"))
            .open(true)
            .close_behavior(PopupCloseBehavior::IgnoreClicks)
            .gap(4.0);
        let shown = popup.show(|ui| below_ui(ui, offered, chosen, error.as_deref()))?;
        let is_on_it = ui.input(|input| {
            let at = input.pointer.interact_pos();
            input.pointer.any_down() && at.is_some_and(|at| shown.response.rect.contains(at))
        });
        self.is_pressed = is_on_it;
        shown.inner
    }
}

impl FilterBox {
    /// Deals with the keys that choose, take and close completions, and with Esc.
    fn keys(&mut self, ui: &Ui, offered: &[Completion], text: &str) -> Keys {
        let n = offered.len();
        let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        if n == 0 {
            self.chosen = None;
            return Keys {
                takes: None,
                is_escaped: pressed(Key::Escape),
            };
        }
        self.chosen = self.chosen.map(|idx| idx.min(n - 1));
        if pressed(Key::ArrowDown) {
            self.chosen = Some(self.chosen.map_or(0, |idx| (idx + 1) % n));
        } else if pressed(Key::ArrowUp) {
            self.chosen = Some(self.chosen.map_or(n - 1, |idx| (idx + n - 1) % n));
        }
        let has_chosen = self.chosen.is_some();
        if has_chosen && pressed(Key::Enter) || pressed(Key::Tab) {
            return Keys {
                takes: Some(self.chosen.unwrap_or(0)),
                is_escaped: false,
            };
        }
        let is_escaped = pressed(Key::Escape);
        if is_escaped && has_chosen {
            // The first Esc closes only the list.
            self.chosen = None;
            self.closed = Some(text.to_owned());
            return Keys::default();
        }
        Keys {
            takes: None,
            is_escaped,
        }
    }
}

fn below_ui(
    ui: &mut Ui,
    offered: &[Completion],
    chosen: Option<usize>,
    error: Option<&str>,
) -> Option<usize> {
    let theme = Theme::of(ui);
    if let Some(error) = error {
        ui.label(RichText::new(error).color(theme.error));
    }
    let mut clicked = None;
    let mono_width = offered.iter().map(|one| one.word.chars().count()).max();
    for (idx, one) in offered.iter().enumerate() {
        let word = format!("{:1$}", one.word, mono_width.unwrap_or(0).min(48));
        let mut job = LayoutJob::default();
        let word_format = TextFormat::simple(mono(DENSE_SIZE), theme.accent);
        job.append(&word, 0.0, word_format);
        let about = TextFormat::simple(mono(DENSE_SIZE), theme.secondary);
        job.append(&one.about, 16.0, about);
        let button = egui::Button::selectable(chosen == Some(idx), job);
        let response = ui.add(button);
        response.widget_info(|| {
            let name = format!("{} {}", one.word, one.about);
            egui::WidgetInfo::selected(egui::Role::ListBoxOption, true, chosen == Some(idx), name)
        });
        if response.clicked() {
            clicked = Some(idx);
        }
    }
    if !offered.is_empty() {
        let keys = "Tab takes the first, ↑ ↓ choose";
        ui.label(RichText::new(keys).small().color(theme.secondary));
    }
    clicked
}

/// Puts the cursor behind byte `end` of `text`.
fn put_cursor(ui: &Ui, id: Id, text: &str, end: usize) {
    let mut state = TextEdit::load_state(ui, id).unwrap_or_default();
    let at = CCursor::new(text[..end].chars().count());
    state.cursor.set_char_range(Some(CCursorRange::one(at)));
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
