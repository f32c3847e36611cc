//! What people think of a relation, each beside the others, and the reviewer's own opinion with a note.

use egui::{Key, Modifiers, RichText, Role, TextEdit, Ui, WidgetInfo};

use super::{heading, quiet};
use crate::annotations::{RelationKey, RelationOpinion, Stance};
use crate::base::text::escape_for_terminal;
use crate::commands::Action;
use crate::document::Document;
use crate::panels::PanelCx;
use crate::providers::catalogue;
use crate::session::Subject;
use crate::widgets::switch::toggle;
use crate::widgets::theme::{DENSE_SIZE, GRID, regular};

/// What the reviewer writes about one relation.
#[derive(Debug, Default)]
pub(super) struct Opinions {
    key: Option<RelationKey>,
    /// The reviewer's stance, as the document has it.
    stance: Option<Stance>,
    saved: Words,
    draft: Words,
}

/// The words of an opinion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Words {
    /// What it is instead.
    instead: String,
    note: String,
}

impl Opinions {
    /// Takes over another relation, or what was said meanwhile. Returns what was still being written about the one before.
    pub(super) fn follow(
        &mut self,
        subject: Option<&Subject>,
        document: &Document,
    ) -> Option<Action> {
        let key = subject.and_then(key_of);
        let is_other = key != self.key;
        let unfinished = is_other.then(|| self.unfinished()).flatten();
        let own = key.as_ref().and_then(|key| document.own_opinion(key));
        let said = own.map_or_else(Words::default, |own| Words {
            instead: own.stance.instead().to_owned(),
            note: own.note.clone(),
        });
        let is_writing = self.draft != self.saved;
        if is_other || said != self.saved && !is_writing {
            self.draft.clone_from(&said);
            self.saved = said;
        }
        self.stance = own.map(|own| own.stance.clone());
        self.key = key;
        unfinished
    }

    /// The edit that keeps what was written; `None` when nothing was, or when no stance goes with it.
    pub(super) fn unfinished(&mut self) -> Option<Action> {
        let (key, stance) = (self.key.clone()?, self.stance.clone()?);
        if self.draft == self.saved {
            return None;
        }
        self.saved.clone_from(&self.draft);
        Some(self.say(key, &stance))
    }

    fn say(&self, key: RelationKey, stance: &Stance) -> Action {
        let stance = match stance {
            Stance::Disagree { .. } => Stance::Disagree {
                instead: self.draft.instead.trim().to_owned(),
            },
            other => other.clone(),
        };
        Action::SayOfRelation(key, Some((stance, self.draft.note.clone())))
    }

    /// Paints what people think, and lets the reviewer say what they think.
    pub(super) fn ui(&mut self, ui: &mut Ui, cx: &mut PanelCx<'_>) {
        let Some(key) = self.key.clone() else {
            return;
        };
        heading(ui, "What people think");
        let reviewer = cx.document.reviewer();
        for opinion in cx.document.opinions(&key) {
            if opinion.by != reviewer {
                quiet(ui, &words(opinion, cx.session.is_local_time));
            }
        }
        self.stances_ui(ui, &key, cx);
        if self.stance.is_some() {
            self.words_ui(ui, cx);
        }
    }

    /// One of three; pressed again, it is taken back.
    fn stances_ui(&mut self, ui: &mut Ui, key: &RelationKey, cx: &mut PanelCx<'_>) {
        let disagree = Stance::Disagree {
            instead: String::new(),
        };
        let choices = [
            (Stance::Agree, "Agree", "Say that it is as the machine says"),
            (disagree, "Disagree", "Say that it is something else"),
            (
                Stance::Undecided,
                "Undecided",
                "Say that you looked and could not decide",
            ),
        ];
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = GRID;
            for (stance, word, hint) in choices {
                let own = self.stance.as_ref().map(Stance::word);
                let is_own = own == Some(stance.word());
                if toggle(ui, word, is_own, hint).clicked() {
                    let said = if is_own {
                        self.draft = Words::default();
                        Action::SayOfRelation(key.clone(), None)
                    } else {
                        self.say(key.clone(), &stance)
                    };
                    self.saved.clone_from(&self.draft);
                    cx.actions.push(said);
                }
            }
        });
    }

    fn words_ui(&mut self, ui: &mut Ui, cx: &mut PanelCx<'_>) {
        let mut is_finished = false;
        if matches!(self.stance, Some(Stance::Disagree { .. })) {
            let hint = "What is it instead?";
            is_finished |= field_ui(ui, &mut self.draft.instead, "What it is instead", hint);
        }
        let hint = "Why? Add a note…";
        is_finished |= field_ui(ui, &mut self.draft.note, "Note on this relation", hint);
        if is_finished {
            cx.actions.extend(self.unfinished());
        }
    }
}

/// One line to write in; true when it was left.
fn field_ui(ui: &mut Ui, text: &mut String, name: &str, hint: &str) -> bool {
    let edit = TextEdit::singleline(text)
        .id_salt(name)
        .font(regular(DENSE_SIZE))
        .hint_text(RichText::new(hint).font(regular(DENSE_SIZE)))
        .desired_width(ui.available_width());
    let response = ui.add(edit);
    response.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, name));
    let is_entered = response.has_focus()
        && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
    if is_entered {
        response.surrender_focus();
    }
    is_entered || response.lost_focus()
}

/// `Ada disagrees: it only links there, 2026-11-30 10:00: a note`.
fn words(opinion: &RelationOpinion, is_local_time: bool) -> String {
    let by = match opinion.by.as_str() {
        "" => "Somebody who gave no name",
        by => by,
    };
    let is = if opinion.stance == Stance::Undecided {
        "is "
    } else {
        ""
    };
    let at = opinion.at.map(|at| at.shown(is_local_time));
    let at = at.map_or_else(String::new, |at| format!(" ({at})"));
    let note = match opinion.note.as_str() {
        "" => String::new(),
        note => format!(": {note}"),
    };
    let words = format!("{by} {is}{}{at}{note}", opinion.stance.title());
    escape_for_terminal(&words).into_owned()
}

/// What opinions on `subject` are kept under; only relations have any.
fn key_of(subject: &Subject) -> Option<RelationKey> {
    let Subject::Relation {
        party,
        service,
        role,
        ..
    } = subject
    else {
        return None;
    };
    Some(RelationKey {
        party: party.clone(),
        service: catalogue().path(*service),
        role: role.word().to_owned(),
    })
}
