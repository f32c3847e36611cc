//! Paints one row of the lens, and says what its cells mean.

use egui::{Align2, Color32, Painter, Rect, Ui, pos2, vec2};

use super::columns::{Column, Place};
use super::header::MARGIN;
use super::marks::{paint_labels, paint_role, paint_share, paint_when};
use super::model::{Folds, Line, Services};
use crate::attribution::roles::{Relation, RelationRole};
use crate::base::text::{bytes_with_unit, counted, thousands};
use crate::query::words::sure;
use crate::widgets::badge::paint_conclusiveness;
use crate::widgets::marks::paint_fold_arrow;
use crate::widgets::text::{line as text_line, paint_in};
use crate::widgets::theme::{DENSE_SIZE, GRID, Theme, regular, semibold};

/// Width of the arrow before what can be folded, and of the square in the provider's colour, with the gap behind it.
const INDENT: f32 = 14.0;
/// Side of the square in the provider's colour.
const SWATCH: f32 = 8.0;

/// What a row is painted from.
pub(super) struct Row<'a> {
    pub services: &'a Services,
    pub line: Line,
    pub folds: &'a Folds,
    /// Flows in the busiest stretch of any relation that is shown.
    pub most: u32,
}

impl Row<'_> {
    fn relation(&self) -> Option<&Relation> {
        self.services.relation(self.line)
    }

    fn colour(&self, theme: &Theme) -> Color32 {
        match self.line {
            Line::Relation(..) => theme.provider(self.relation().and_then(Relation::provider)),
            _ => theme.decoration,
        }
    }

    /// Paints the row into `rect`; true when a name or what stands behind it had to be cut.
    pub(super) fn paint(&self, ui: &Ui, rect: Rect, places: &[Place]) -> bool {
        let theme = Theme::of(ui);
        let painter = ui.painter();
        let mut is_cut = false;
        for place in places {
            let min = pos2(rect.left() + place.left, rect.top());
            let cell = Rect::from_min_size(min, vec2(place.width, rect.height()));
            let mut inner = cell.shrink2(vec2(MARGIN, 0.0));
            if place.column == Column::Who && self.relation().is_none() {
                // The cells behind are empty, so that more is left for what is said of the party.
                inner = inner.with_max_x(rect.left() + end_of_words(places) - MARGIN);
            }
            is_cut |= self.paint_cell(painter, theme, inner, place.column);
        }
        is_cut
    }

    fn paint_cell(&self, painter: &Painter, theme: &Theme, cell: Rect, column: Column) -> bool {
        let tally = self.services.tally(self.line);
        let relation = self.relation();
        match (column, relation) {
            (Column::Who, _) => return self.paint_who(painter, theme, cell),
            (Column::Behind, _) => return self.paint_behind(painter, theme, cell),
            (Column::Role, Some(relation)) => paint_role(painter, theme, cell, relation.role),
            (Column::Sure, Some(relation)) => {
                paint_conclusiveness(painter, theme, cell, relation.conclusiveness);
            }
            (Column::Hosts, _) => {
                paint_number(painter, theme, cell, &thousands(tally.hosts.into()), "");
            }
            (Column::Requests, _) => {
                paint_number(painter, theme, cell, &thousands(tally.requests.into()), "");
            }
            (Column::Bytes, _) => {
                let (number, unit) = bytes_with_unit(tally.bytes);
                paint_number(painter, theme, cell, &number, unit);
            }
            (Column::Share, _) => {
                let share = tally.requests as f32 / self.services.n_shown().max(1) as f32;
                paint_share(painter, theme, cell, share, self.colour(theme));
            }
            // Below the party each label is counted again.
            (Column::Labels, None) if matches!(self.line, Line::Party(_)) => {}
            (Column::Labels, _) => paint_labels(painter, theme, cell, tally),
            (Column::Role | Column::Sure | Column::When, None) => {}
            (Column::When, Some(_)) => {
                paint_when(painter, cell, tally, self.most, self.colour(theme));
            }
        }
        false
    }

    fn paint_who(&self, painter: &Painter, theme: &Theme, cell: Rect) -> bool {
        let mut room = cell.with_min_x(cell.left() + INDENT * depth_of(self.services, self.line));
        let middle = pos2(room.left() + SWATCH / 2.0, room.center().y);
        if self.services.can_open(self.line) {
            let is_open = self.services.is_open(self.line, self.folds);
            paint_fold_arrow(painter, middle, is_open, theme.secondary);
        } else if self.relation().is_some() {
            let swatch = Rect::from_center_size(middle, vec2(SWATCH, SWATCH));
            painter.rect_filled(swatch, 2.0, self.colour(theme));
        }
        room = room.with_min_x(room.left() + INDENT);
        let name = self.services.name(self.line);
        let (font, colour) = match self.line {
            Line::Party(_) | Line::Rest(_) => (semibold(DENSE_SIZE), theme.text),
            Line::Relation(..) => (regular(DENSE_SIZE), theme.text),
            Line::NotAttributed(_) => (regular(DENSE_SIZE), theme.secondary),
        };
        let job = text_line(&[(&name.name, colour)], &font, room.width());
        let text = painter.layout_job(job);
        let mut is_cut = text.elided;
        let width = text.size().x;
        paint_in(painter, room, Align2::LEFT_CENTER, text);
        let room = room.with_min_x(room.left() + width + GRID);
        if !name.about.is_empty() && 2.0 * INDENT < room.width() {
            let pieces = [(name.about.as_str(), theme.secondary)];
            let about = painter.layout_job(text_line(&pieces, &regular(DENSE_SIZE), room.width()));
            is_cut |= about.elided;
            paint_in(painter, room, Align2::LEFT_CENTER, about);
        }
        is_cut
    }

    fn paint_behind(&self, painter: &Painter, theme: &Theme, cell: Rect) -> bool {
        let behind = self.services.behind(self.line);
        if behind.is_empty() {
            return false;
        }
        let pieces: Vec<(&str, Color32)> = behind
            .iter()
            .map(|(words, stands_out)| {
                let colour = if *stands_out {
                    theme.text
                } else {
                    theme.secondary
                };
                (words.as_str(), colour)
            })
            .collect();
        let text = painter.layout_job(text_line(&pieces, &regular(DENSE_SIZE), cell.width()));
        let is_cut = text.elided;
        paint_in(painter, cell, Align2::LEFT_CENTER, text);
        is_cut
    }

    /// What the cell of `column` means, in a sentence.
    pub(super) fn tooltip(&self, column: Column) -> String {
        let tally = self.services.tally(self.line);
        match (column, self.relation()) {
            (Column::Who, Some(relation)) if !relation.sentence.is_empty() => {
                relation.sentence.clone()
            }
            (Column::Who, _) => self.who_words(),
            (Column::Role, Some(relation)) => relation.role.meaning().to_owned(),
            (Column::Behind, Some(relation)) => self.behind_words(relation),
            (Column::Sure, Some(relation)) => sure_words(relation),
            (Column::Share, _) => {
                let all = self.services.n_shown().max(1) as f32;
                let percent = 100.0 * tally.requests as f32 / all;
                let n = counted(tally.requests.into(), "request");
                format!("{percent:.1} % of the shown requests: {n}")
            }
            (Column::Labels, _) => {
                let [origin, cdn, unknown] = tally.labels;
                let left = tally.requests - tally.labelled();
                format!("Origin {origin}, CDN {cdn}, unknown {unknown}, not labelled {left}")
            }
            _ => column.about().to_owned(),
        }
    }

    fn who_words(&self) -> String {
        let name = self.services.name(self.line);
        match self.services.party(self.line) {
            Some(party) if matches!(self.line, Line::Party(_)) && !party.summary.is_empty() => {
                party.summary.clone()
            }
            _ => format!("{} {}", name.name, name.about)
                .trim_end()
                .to_owned(),
        }
    }

    fn behind_words(&self, relation: &Relation) -> String {
        let behind = self.services.behind(self.line);
        let words: String = behind.iter().map(|(words, _)| words.as_str()).collect();
        let meaning = match (relation.role, &relation.whose) {
            (RelationRole::Delivers, _) => {
                "Who holds what it delivers, by the number of its requests that show it"
            }
            (_, Some(whose)) => whose.answer.meaning(),
            _ => relation.role.meaning(),
        };
        format!("{words}\n{meaning}")
    }
}

fn sure_words(relation: &Relation) -> String {
    let levels = relation.levels;
    format!(
        "{}: {} conclusive, {} strong, {} suggestive\n{}",
        relation.conclusiveness.word(),
        thousands(levels.conclusive.into()),
        thousands(levels.strong.into()),
        thousands(levels.suggestive.into()),
        sure(relation.conclusiveness)
    )
}

/// A number at the right edge of a cell, its unit in less weight behind it.
fn paint_number(painter: &Painter, theme: &Theme, cell: Rect, number: &str, unit: &str) {
    let unit = if unit.is_empty() {
        String::new()
    } else {
        format!(" {unit}")
    };
    let pieces = [(number, theme.text), (unit.as_str(), theme.secondary)];
    let text = painter.layout_job(text_line(&pieces, &regular(DENSE_SIZE), cell.width()));
    paint_in(painter, cell, Align2::RIGHT_CENTER, text);
}

/// Where the first number stands, in points from the left edge of a row.
fn end_of_words(places: &[Place]) -> f32 {
    let is_number = |place: &&Place| place.column.is_number();
    let first = places.iter().find(is_number);
    first.map_or(0.0, |place| place.left)
}

/// Where the arrow of a line ends, in points from the left edge of its row.
pub(super) fn arrow_end(services: &Services, line: Line) -> f32 {
    MARGIN + INDENT * (depth_of(services, line) + 1.0)
}

/// How many lines stand above `line`.
fn depth_of(services: &Services, line: Line) -> f32 {
    let above = std::iter::successors(Some(line), |line| services.parent(*line));
    above.skip(1).count() as f32
}
