//! The field that finds a text in a body: a worker looks for it, the lines show where it stands.

use std::sync::{Arc, Weak};

use egui::{Id, Key, Modifiers, Role, TextEdit, Ui, WidgetInfo};

use super::model::{Content, Found};
use super::text::{self, LineMarks};
use crate::base::jobs::{Latest, Wake};
use crate::base::text::thousands;
use crate::query::search::{Pattern, Wanted};
use crate::widgets::theme::Theme;

/// Width of the field, in points.
const FIELD_WIDTH: f32 = 160.0;

/// The field; who gives it the focus lets the person type at once.
pub fn find_id() -> Id {
    Id::unique("find in body")
}

/// In which lines is looked for what. The weak pointer keeps no lines alive, and its address is not given to others.
#[derive(Clone, Debug)]
struct Question {
    content: Weak<Content>,
    wanted: Wanted,
}

impl PartialEq for Question {
    fn eq(&self, other: &Self) -> bool {
        self.content.ptr_eq(&other.content) && self.wanted == other.wanted
    }
}

/// The field with what was found last.
#[derive(Debug)]
pub(super) struct Find {
    is_open: bool,
    wanted: Wanted,
    question: Option<Question>,
    problem: Option<String>,
    found: Latest<Question, (Question, Found)>,
    /// The place that was gone to last.
    chosen: usize,
    /// The lines have to show the chosen place.
    is_moved: bool,
}

impl Default for Find {
    fn default() -> Self {
        Self {
            is_open: false,
            wanted: Wanted::default(),
            question: None,
            problem: None,
            found: Latest::new("find"),
            chosen: 0,
            is_moved: false,
        }
    }
}

impl Find {
    /// Shows the field.
    pub(super) const fn open(&mut self) {
        self.is_open = true;
        self.is_moved = true;
    }

    /// Shows the field with what a search found, at its `nth` place.
    pub(super) fn show(&mut self, wanted: &Wanted, nth: usize) {
        self.open();
        self.wanted.clone_from(wanted);
        self.chosen = nth;
    }

    /// Puts the field away; nothing is marked any more.
    pub(super) fn close(&mut self) {
        self.is_open = false;
        self.found.cancel();
        self.question = None;
    }

    /// Makes sure that a worker looks through `content`, which is shown now.
    pub(super) fn request(&mut self, content: &Arc<Content>, wake: &Wake) {
        self.found.poll();
        if !self.is_open || self.wanted.text.is_empty() {
            self.question = None;
            return;
        }
        let question = Question {
            content: Arc::downgrade(content),
            wanted: self.wanted.clone(),
        };
        if self.question.as_ref() == Some(&question) {
            return;
        }
        self.question = Some(question.clone());
        let pattern = Pattern::of(&question.wanted);
        self.problem = pattern.as_ref().err().cloned();
        let Ok(pattern) = pattern else {
            self.found.cancel();
            return;
        };
        let content = Arc::clone(content);
        let key = question.clone();
        self.found.request(key, Arc::clone(wake), move |cancel| {
            Some((question, Found::of(&content, &pattern, cancel)?))
        });
    }

    /// What was found in the lines that are shown; `None` while that is not known.
    fn found(&self) -> Option<&Found> {
        let (question, found) = self.found.get()?;
        (self.question.as_ref() == Some(question)).then_some(found)
    }

    /// What the lines have to mark; says once where to scroll to.
    pub(super) fn marks(&mut self) -> Option<LineMarks<'_>> {
        let is_moved = self.is_moved && self.found().is_some();
        self.is_moved &= !is_moved;
        let found = self.found()?;
        let chosen = self.chosen.min(found.n.saturating_sub(1));
        let line = found.line_of(chosen).filter(|_| is_moved);
        Some(LineMarks {
            found,
            chosen,
            scroll_to: line,
        })
    }

    /// Goes to the place that is `step` behind the one gone to last, and round the end.
    fn go(&mut self, step: isize) {
        let n = self.found().map_or(0, |found| found.n);
        if 0 < n {
            self.chosen = (self.chosen.min(n - 1) + n).wrapping_add_signed(step) % n;
            self.is_moved = true;
        }
    }

    /// Paints the field, or the button that opens it.
    pub(super) fn ui(&mut self, ui: &mut Ui) {
        if !self.is_open {
            if text::small_button(ui, "Find").clicked() {
                self.open();
                ui.memory_mut(|memory| memory.request_focus(find_id()));
            }
            return;
        }
        let has_focus = ui.memory(|memory| memory.has_focus(find_id()));
        let pressed =
            |modifiers, key| has_focus && ui.input_mut(|input| input.consume_key(modifiers, key));
        let is_back = pressed(Modifiers::SHIFT, Key::Enter);
        let is_on = pressed(Modifiers::NONE, Key::Enter);
        let edit = TextEdit::singleline(&mut self.wanted.text)
            .id(find_id())
            .hint_text("Find in body")
            .desired_width(FIELD_WIDTH);
        let response = ui.add(edit);
        response.widget_info(|| WidgetInfo::labeled(Role::SearchInput, true, "Find in body"));
        // Esc takes the keyboard from the field before it is painted.
        let is_escaped = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Escape));
        if response.changed() {
            self.chosen = 0;
            self.is_moved = true;
        }
        self.state_ui(ui);
        let previous = text::small_button(ui, "Previous").on_hover_text("Shift+Enter");
        let next = text::small_button(ui, "Next").on_hover_text("Enter");
        if is_back || previous.clicked() {
            self.go(-1);
        } else if is_on || next.clicked() {
            self.go(1);
        }
        let close = text::small_button(ui, "Close").on_hover_text("Esc");
        if is_escaped || close.clicked() {
            self.close();
        }
    }

    /// `3 of 17`, or why there is none.
    fn state_ui(&self, ui: &mut Ui) {
        if self.wanted.text.is_empty() {
            return;
        }
        if let Some(problem) = &self.problem {
            ui.colored_label(Theme::of(ui).error, problem);
            return;
        }
        let words = match self.found() {
            None => "looking…".to_owned(),
            Some(found) if found.n == 0 => "not found".to_owned(),
            Some(found) => {
                let nth = self.chosen.min(found.n - 1) + 1;
                let (nth, n) = (thousands(nth as u64), thousands(found.n as u64));
                format!("{nth} of {n}")
            }
        };
        text::secondary(ui, &words);
    }
}
