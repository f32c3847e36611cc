//! A ring chart: sectors that show a role without colour, as [`super::marks`] does for rectangles.

use std::f32::consts::TAU;
use std::ops::Range;

use egui::{Color32, Mesh, Painter, Pos2, Shape, Stroke, Vec2};

use super::marks;
use crate::attribution::Role;

/// Longest piece of an arc that is drawn straight, in points.
const ARC_STEP: f32 = 2.0;
/// Distance between two lines of the hatch.
const HATCH_STEP: f32 = 6.0;
/// Width of a line of the hatch.
const HATCH_WIDTH: f32 = 2.4;
/// Space between neighbouring sectors.
const GAP: f32 = 2.0;

/// Where a ring lies. Places on it are fractions of a turn, clockwise from twelve o'clock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ring {
    /// Its middle.
    pub center: Pos2,
    /// Radius of the hole.
    pub inner: f32,
    /// Radius of the whole.
    pub outer: f32,
}

impl Ring {
    /// The fraction of a turn at which `pos` lies; `None` in the hole and outside.
    pub fn turn_at(&self, pos: Pos2) -> Option<f32> {
        let from_center = pos - self.center;
        let is_on_ring = (self.inner..=self.outer).contains(&from_center.length());
        is_on_ring.then(|| (from_center.x.atan2(-from_center.y) / TAU).rem_euclid(1.0))
    }

    /// Paints the sector `turns` as `role` is drawn everywhere; `ground` is the colour of the gaps.
    pub fn paint_sector(
        &self,
        painter: &Painter,
        turns: &Range<f32>,
        role: Role,
        colour: Color32,
        ground: Color32,
    ) {
        match role {
            Role::Origin => {
                painter.add(self.fill(turns, colour));
            }
            Role::Cdn => {
                painter.add(self.fill(turns, ground.lerp_to_gamma(colour, 0.35)));
                painter.extend(self.hatch(turns, colour));
            }
            Role::Unknown => {}
        }
        if turns.end - turns.start < 1.0 {
            for turn in [turns.start, turns.end] {
                let line = [
                    self.at(turn, self.inner - 1.0),
                    self.at(turn, self.outer + 1.0),
                ];
                painter.line_segment(line, Stroke::new(GAP, ground));
            }
        }
        if role == Role::Unknown {
            self.outline(painter, turns, colour);
        }
    }

    fn at(&self, turn: f32, radius: f32) -> Pos2 {
        let (sin, cos) = (turn * TAU).sin_cos();
        self.center + radius * Vec2::new(sin, -cos)
    }

    /// Places along the arc `turns`, near enough to each other to look round.
    fn steps(&self, turns: &Range<f32>) -> impl DoubleEndedIterator<Item = f32> + use<> {
        let Range { start, end } = turns.clone();
        let n = ((end - start).clamp(0.0, 1.0) * TAU * self.outer / ARC_STEP).ceil() as u16;
        (0..=n.max(1)).map(move |idx| start + (end - start) * f32::from(idx) / f32::from(n.max(1)))
    }

    /// A sector whose round edges fade over one point.
    fn fill(&self, turns: &Range<f32>, colour: Color32) -> Mesh {
        let radii = [
            (self.inner - 0.5, Color32::TRANSPARENT),
            (self.inner + 0.5, colour),
            (self.outer - 0.5, colour),
            (self.outer + 0.5, Color32::TRANSPARENT),
        ];
        let mut mesh = Mesh::default();
        for (step, turn) in (0_u32..).zip(self.steps(turns)) {
            for (radius, colour) in radii {
                mesh.colored_vertex(self.at(turn, radius), colour);
            }
            if step == 0 {
                continue;
            }
            let first = step * 4;
            for vertex in first..first + 3 {
                mesh.add_triangle(vertex - 4, vertex - 3, vertex);
                mesh.add_triangle(vertex - 3, vertex, vertex + 1);
            }
        }
        mesh
    }

    /// Lines at 45°, cut where they leave the sector.
    fn hatch(&self, turns: &Range<f32>, colour: Color32) -> Vec<Shape> {
        let inset = Self {
            inner: self.inner + 0.5,
            outer: self.outer - 0.5,
            ..*self
        };
        let along = Vec2::new(1.0, -1.0).normalized();
        let across = Vec2::new(1.0, 1.0).normalized();
        let n = (self.outer / HATCH_STEP).ceil() as i16;
        let mut shapes = Vec::new();
        for idx in -n..=n {
            let offset = f32::from(idx) * HATCH_STEP;
            let foot = self.center + offset * across;
            let mut cuts = inset.crossings(turns, foot, along, offset);
            cuts.sort_by(f32::total_cmp);
            for pair in cuts.windows(2) {
                let middle = foot + f32::midpoint(pair[0], pair[1]) * along;
                if inset
                    .turn_at(middle)
                    .is_some_and(|turn| turns.contains(&turn))
                {
                    let line = [foot + pair[0] * along, foot + pair[1] * along];
                    shapes.push(Shape::line_segment(line, Stroke::new(HATCH_WIDTH, colour)));
                }
            }
        }
        shapes
    }

    /// Where the line through `foot` along `along`, `offset` away from the middle, meets the circles and the straight edges.
    fn crossings(&self, turns: &Range<f32>, foot: Pos2, along: Vec2, offset: f32) -> Vec<f32> {
        let mut cuts = Vec::with_capacity(6);
        for radius in [self.inner, self.outer] {
            let half = (radius * radius - offset * offset).max(0.0).sqrt();
            cuts.extend([-half, half]);
        }
        for turn in [turns.start, turns.end] {
            let edge = self.at(turn, 1.0) - self.center;
            let normal = edge.rot90();
            let slope = normal.dot(along);
            if 1e-6 < slope.abs() {
                cuts.push(normal.dot(self.center - foot) / slope);
            }
        }
        cuts
    }

    fn outline(&self, painter: &Painter, turns: &Range<f32>, colour: Color32) {
        let (inner, outer) = (self.inner + 0.5, self.outer - 0.5);
        // The gap is left free on both sides, as between filled sectors.
        let margin = GAP / (TAU * self.outer);
        let turns = if turns.end - turns.start < 1.0 {
            turns.start + margin..(turns.end - margin).max(turns.start + margin)
        } else {
            turns.clone()
        };
        let mut points: Vec<Pos2> = self
            .steps(&turns)
            .map(|turn| self.at(turn, outer))
            .collect();
        points.extend(self.steps(&turns).rev().map(|turn| self.at(turn, inner)));
        marks::dashed_outline(painter, &points, colour);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::pos2;

    const RING: Ring = Ring {
        center: Pos2::new(100.0, 100.0),
        inner: 50.0,
        outer: 80.0,
    };

    fn check(x: f32, y: f32, expected: Option<f32>) {
        let found = RING.turn_at(pos2(x, y));
        let is_near = match (found, expected) {
            (Some(found), Some(expected)) => (found - expected).abs() < 1e-3,
            (found, expected) => found == expected,
        };
        assert!(is_near, "({x}, {y}): {found:?} instead of {expected:?}");
    }

    #[test]
    fn turns_run_clockwise_from_the_top() {
        check(100.0, 35.0, Some(0.0));
        check(165.0, 100.0, Some(0.25));
        check(100.0, 165.0, Some(0.5));
        check(35.0, 100.0, Some(0.75));
        check(100.0, 100.0, None);
        check(100.0, 10.0, None);
    }

    #[test]
    fn the_hatch_stays_within_its_sector() {
        for turns in [0.0..0.1, 0.2..0.9, 0.0..1.0, 0.97..0.99] {
            let lines = RING.hatch(&turns, Color32::WHITE);
            assert!(!lines.is_empty(), "{turns:?}");
            for shape in lines {
                let Shape::LineSegment { points, .. } = shape else {
                    panic!("{turns:?}: not a line");
                };
                for part in [0.01, 0.5, 0.99] {
                    let pos = points[0].lerp(points[1], part);
                    let turn = RING.turn_at(pos);
                    assert!(
                        turn.is_some_and(|turn| turns.contains(&turn)),
                        "{turns:?}: {pos:?} lies outside"
                    );
                }
            }
        }
    }
}
