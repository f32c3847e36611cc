//! A ring chart: sectors that show a role without colour, as [`super::marks`] does for rectangles.

use std::f32::consts::TAU;
use std::ops::Range;

use egui::{Color32, Mesh, Painter, Pos2, Stroke, Vec2};

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
        let pixel = 1.0 / painter.pixels_per_point();
        match role {
            Role::Origin => {
                painter.add(self.fill(turns, pixel, &Shade::Plain(colour)));
            }
            Role::Cdn => {
                let between = ground.lerp_to_gamma(colour, 0.35);
                let hatch = Shade::Hatch {
                    line: colour,
                    between,
                    fade: pixel,
                };
                painter.add(self.fill(turns, pixel, &hatch));
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

    /// The place at `turn`, `radius` away from the middle.
    pub fn at(&self, turn: f32, radius: f32) -> Pos2 {
        let (sin, cos) = (turn * TAU).sin_cos();
        self.center + radius * Vec2::new(sin, -cos)
    }

    /// Places along the arc `turns`, near enough to each other to look round.
    fn steps(&self, turns: &Range<f32>) -> impl DoubleEndedIterator<Item = f32> + use<> {
        let Range { start, end } = turns.clone();
        let n = ((end - start).clamp(0.0, 1.0) * TAU * self.outer / ARC_STEP).ceil() as u16;
        (0..=n.max(1)).map(move |idx| start + (end - start) * f32::from(idx) / f32::from(n.max(1)))
    }

    /// A sector with the colours that `shade` has, whose round edges fade over one pixel.
    fn fill(&self, turns: &Range<f32>, pixel: f32, shade: &Shade) -> Mesh {
        let fade = pixel / 2.0;
        let radii = [
            (self.inner - fade, 0.0),
            (self.inner + fade, 1.0),
            (self.outer - fade, 1.0),
            (self.outer + fade, 0.0),
        ];
        let steps: Vec<f32> = self.steps(turns).collect();
        let mut mesh = Mesh::default();
        for (from, to) in steps.iter().zip(steps.iter().skip(1)) {
            for (near, far) in radii.iter().zip(radii.iter().skip(1)) {
                let corner = |turn: f32, (radius, alpha): (f32, f32)| Corner {
                    pos: self.at(turn, radius),
                    alpha,
                };
                let piece = vec![
                    corner(*from, *near),
                    corner(*from, *far),
                    corner(*to, *far),
                    corner(*to, *near),
                ];
                shade.add(&mut mesh, piece, self.center);
            }
        }
        mesh
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

/// A corner of a piece of a sector.
#[derive(Clone, Copy)]
struct Corner {
    pos: Pos2,
    /// How much of its colour is seen there.
    alpha: f32,
}

impl Corner {
    fn between(self, other: Self, part: f32) -> Self {
        Self {
            pos: self.pos.lerp(other.pos, part),
            alpha: self.alpha + (other.alpha - self.alpha) * part,
        }
    }
}

/// The colours of a sector.
enum Shade {
    Plain(Color32),
    /// Lines at 45°, whose edges fade over `fade` points.
    Hatch {
        line: Color32,
        between: Color32,
        fade: f32,
    },
}

impl Shade {
    /// Adds a convex `piece`. A hatched one is cut along the edges of the lines, so that every corner has one colour and the
    /// round edges of the sector cut the lines exactly.
    fn add(&self, mesh: &mut Mesh, mut piece: Vec<Corner>, center: Pos2) {
        let Self::Hatch { fade, .. } = self else {
            self.add_polygon(mesh, &piece, center);
            return;
        };
        let place = |corner: &Corner| across(corner.pos, center);
        let least = piece.iter().map(place).fold(f32::INFINITY, f32::min);
        let most = piece.iter().map(place).fold(f32::NEG_INFINITY, f32::max);
        let half = HATCH_WIDTH / 2.0;
        let edges = [
            -half - fade / 2.0,
            -half + fade / 2.0,
            half - fade / 2.0,
            half + fade / 2.0,
        ];
        let first = ((least - half - fade) / HATCH_STEP).floor() as i32;
        let last = ((most + half + fade) / HATCH_STEP).ceil() as i32;
        for n in first..=last {
            for edge in edges {
                let at = n as f32 * HATCH_STEP + edge;
                if least < at && at < most {
                    let (before, behind) = split(&piece, at, center);
                    self.add_polygon(mesh, &before, center);
                    piece = behind;
                }
            }
        }
        self.add_polygon(mesh, &piece, center);
    }

    fn add_polygon(&self, mesh: &mut Mesh, piece: &[Corner], center: Pos2) {
        if piece.len() < 3 {
            return;
        }
        let first = mesh.vertices.len() as u32;
        for corner in piece {
            let colour = self.at(across(corner.pos, center));
            mesh.colored_vertex(corner.pos, colour.gamma_multiply(corner.alpha));
        }
        for n in 2..piece.len() as u32 {
            mesh.add_triangle(first, first + n - 1, first + n);
        }
    }

    fn at(&self, across: f32) -> Color32 {
        match self {
            Self::Plain(colour) => *colour,
            Self::Hatch {
                line,
                between,
                fade,
            } => {
                let from_line = (across - (across / HATCH_STEP).round() * HATCH_STEP).abs();
                let outside = (from_line - HATCH_WIDTH / 2.0) / fade + 0.5;
                line.lerp_to_gamma(*between, outside.clamp(0.0, 1.0))
            }
        }
    }
}

/// How far `pos` lies across the lines of the hatch, which rise to the right.
fn across(pos: Pos2, center: Pos2) -> f32 {
    let from_center = pos - center;
    (from_center.x + from_center.y) * std::f32::consts::FRAC_1_SQRT_2
}

/// The parts of a convex `piece` before and behind the line that lies `at` across the hatch.
fn split(piece: &[Corner], at: f32, center: Pos2) -> (Vec<Corner>, Vec<Corner>) {
    let (mut before, mut behind) = (Vec::new(), Vec::new());
    for (corner, next) in piece.iter().zip(piece.iter().cycle().skip(1)) {
        let (here, there) = (across(corner.pos, center), across(next.pos, center));
        if here <= at {
            before.push(*corner);
        }
        if at <= here {
            behind.push(*corner);
        }
        if (here < at && at < there) || (there < at && at < here) {
            let cut = corner.between(*next, (at - here) / (there - here));
            before.push(cut);
            behind.push(cut);
        }
    }
    (before, behind)
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

    fn area(mesh: &Mesh, is_wanted: impl Fn(&[Color32; 3]) -> bool) -> f32 {
        let triangles = mesh.indices.chunks_exact(3);
        triangles
            .map(|corners| {
                let [a, b, c] = [0, 1, 2].map(|n| mesh.vertices[corners[n] as usize]);
                let (ab, ac) = (b.pos - a.pos, c.pos - a.pos);
                let is_counted = is_wanted(&[a.color, b.color, c.color]);
                if is_counted {
                    (ab.x * ac.y - ab.y * ac.x).abs() / 2.0
                } else {
                    0.0
                }
            })
            .sum()
    }

    #[test]
    fn the_hatch_covers_its_sector_and_nothing_else() {
        let hatch = Shade::Hatch {
            line: Color32::WHITE,
            between: Color32::RED,
            fade: 0.5,
        };
        for turns in [0.0..0.1, 0.2..0.9, 0.0..1.0, 0.97..0.99] {
            let mesh = RING.fill(&turns, 1.0, &hatch);
            for vertex in &mesh.vertices {
                let from_center = (vertex.pos - RING.center).length();
                assert!(
                    (RING.inner - 0.6..=RING.outer + 0.6).contains(&from_center),
                    "{turns:?}: {:?} lies outside",
                    vertex.pos
                );
            }
            let plain = RING.fill(&turns, 1.0, &Shade::Plain(Color32::WHITE));
            let (whole, hatched) = (area(&plain, |_| true), area(&mesh, |_| true));
            assert!((whole - hatched).abs() < whole / 1_000.0, "{turns:?}");
            let lines = area(&mesh, |corners| *corners == [Color32::WHITE; 3]);
            let expected = (HATCH_WIDTH - 0.5) / HATCH_STEP;
            let found = lines / whole;
            // A thin sector has few lines.
            let tolerance = if turns.end - turns.start < 0.05 {
                0.25
            } else {
                0.06
            };
            assert!((found - expected).abs() < tolerance, "{turns:?}: {found}");
        }
    }
}
