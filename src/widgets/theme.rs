//! Every colour, size and font of the window, in one place.
//!
//! A widget asks [`Theme::of`] for the palette that is in force; nothing else in the program names a colour. Each pair that
//! is shown together reaches its contrast in every theme (see the test below).

mod install;
mod palettes;

use std::sync::OnceLock;

use egui::{Color32, FontFamily, FontId};

use crate::annotations::{Colour, Label};
use crate::attribution::{Conclusiveness, Role};
use crate::capture::Phase;
use crate::providers::{ProviderId, catalogue};

pub use install::{SEMIBOLD, install, modal_frame, set_choice, set_zoom, zoom_by};
pub use palettes::{DARK, HIGH_CONTRAST, LIGHT};

/// Height of a row of the table, in points.
pub const ROW_HEIGHT: f32 = 22.0;
/// Height of the toolbar, in points.
pub const TOOLBAR_HEIGHT: f32 = 36.0;
/// Height of the row of quick filters, in points.
pub const CHIP_ROW_HEIGHT: f32 = 30.0;
/// Height of a row of tabs or of a heading, in points.
pub const HEADING_HEIGHT: f32 = 26.0;
/// Height of the status bar, in points.
pub const STATUS_HEIGHT: f32 = 24.0;
/// Space between groups, in points.
pub const GROUP_GAP: f32 = 12.0;
/// Least width of a bar that stands for a flow, in points.
pub const MIN_BAR: f32 = 2.0;
/// The step of the grid on which everything stands, in points.
pub const GRID: f32 = 4.0;
/// Radius of the corners of buttons, chips and badges, in points.
pub const RADIUS: u8 = 4;

/// Size of text in the interface, in points.
pub const UI_SIZE: f32 = 13.0;
/// Size of text where data is dense, in points.
pub const DENSE_SIZE: f32 = 12.0;
/// Size of the titles of panels, in points.
pub const TITLE_SIZE: f32 = 14.0;
/// Size of the one number that matters most, in points.
pub const TOTAL_SIZE: f32 = 22.0;

/// Which look a person asked for.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum ThemeChoice {
    /// As the desktop says.
    #[default]
    System,
    /// Dark text on white.
    Light,
    /// Light text on near-black.
    Dark,
    /// White on black, with every mark as bright as it gets.
    HighContrast,
}

impl ThemeChoice {
    /// All looks in the order of the menu.
    pub const ALL: [Self; 4] = [Self::System, Self::Light, Self::Dark, Self::HighContrast];

    /// The words in the menu.
    pub const fn title(self) -> &'static str {
        match self {
            Self::System => "As the system",
            Self::Light => "Light",
            Self::Dark => "Dark",
            Self::HighContrast => "High contrast",
        }
    }
}

/// The colours of one look.
#[derive(Debug)]
pub struct Theme {
    /// True when light text stands on a dark ground.
    pub is_dark: bool,
    /// Ground of the table and the charts.
    pub canvas: Color32,
    /// Ground of panels and bars.
    pub panel: Color32,
    /// Ground of menus, tooltips and buttons.
    pub raised: Color32,
    /// Thin lines between parts.
    pub hairline: Color32,
    /// Text.
    pub text: Color32,
    /// Text of less weight: units, subdomains, explanations.
    pub secondary: Color32,
    /// Marks without meaning of their own: grips, empty bars.
    pub decoration: Color32,
    /// The thing to do next.
    pub accent: Color32,
    /// Text on the accent.
    pub on_accent: Color32,
    /// Ring around what has the keyboard.
    pub focus_ring: Color32,
    /// Ground of selected rows.
    pub selection: Color32,
    /// Ground of the row under the pointer.
    pub hover: Color32,
    /// Something went wrong.
    pub error: Color32,
    /// Something needs attention.
    pub warning: Color32,
    /// Something is done.
    pub success: Color32,
    /// Ground behind quoted bytes that are evidence.
    pub quote: Color32,
    /// The role origin, as text and as mark.
    pub origin: Color32,
    /// The role CDN, as text and as mark.
    pub cdn: Color32,
    /// The role unknown, as text and as mark.
    pub unknown: Color32,
    /// Evidence that contradicts itself.
    pub conflict: Color32,
    /// The phases in the order of [`crate::capture::PHASES`].
    phases: [Color32; 7],
    /// The marks of people in the order of [`Colour::ALL`].
    marks: [Color32; 6],
    /// Index into the table of provider colours.
    slot: usize,
}

impl Theme {
    /// The look that is in force for `ctx`; a [`egui::Ui`] will do, since it stands for its context.
    pub fn of(ctx: &egui::Context) -> &'static Self {
        if install::is_high_contrast(ctx) {
            &HIGH_CONTRAST
        } else if ctx.theme() == egui::Theme::Dark {
            &DARK
        } else {
            &LIGHT
        }
    }

    /// The colour of a role.
    pub const fn role(&self, role: Role) -> Color32 {
        match role {
            Role::Origin => self.origin,
            Role::Cdn => self.cdn,
            Role::Unknown => self.unknown,
        }
    }

    /// The colour of a label.
    pub const fn label(&self, label: Label) -> Color32 {
        match label {
            Label::Origin => self.origin,
            Label::Cdn => self.cdn,
            Label::Unknown => self.unknown,
        }
    }

    /// The colour of the words for a conclusiveness: falling weight, and a colour of its own for contradictions.
    pub const fn conclusiveness(&self, conclusiveness: Conclusiveness) -> Color32 {
        match conclusiveness {
            Conclusiveness::Conclusive | Conclusiveness::Strong => self.text,
            Conclusiveness::Conflicting => self.conflict,
            Conclusiveness::Suggestive | Conclusiveness::Insufficient => self.secondary,
        }
    }

    /// The colour of a phase in the waterfall.
    pub const fn phase(&self, phase: Phase) -> Color32 {
        self.phases[phase as usize]
    }

    /// The colour of a person's mark.
    pub const fn mark(&self, colour: Colour) -> Color32 {
        self.marks[colour as usize]
    }

    /// The tint of a status; plain text for success and for what is not known.
    pub const fn status(&self, status: Option<u16>) -> Color32 {
        match status {
            Some(300..=399) => self.accent,
            Some(400..=499) => self.warning,
            Some(500..) => self.error,
            _ => self.text,
        }
    }

    /// The colour of a provider, from its pack, moved in lightness until it is seen on this ground.
    pub fn provider(&self, provider: Option<ProviderId>) -> Color32 {
        static COLOURS: OnceLock<[Vec<Color32>; 3]> = OnceLock::new();
        let Some(id) = provider else {
            return self.decoration;
        };
        let colours = COLOURS.get_or_init(|| {
            [&DARK, &LIGHT, &HIGH_CONTRAST].map(|theme| {
                let packs = catalogue().providers().iter();
                packs.map(|pack| theme.legible(pack.colour)).collect()
            })
        });
        colours[self.slot]
            .get(usize::from(id.0))
            .copied()
            .unwrap_or(self.decoration)
    }

    /// `colour` with as much white or black as it needs to reach a contrast of 3:1 on canvas and panel.
    fn legible(&self, [r, g, b]: [u8; 3]) -> Color32 {
        let goal = if self.is_dark {
            Color32::WHITE
        } else {
            Color32::BLACK
        };
        let raw = Color32::from_rgb(r, g, b);
        (0_u8..=20)
            .map(|step| raw.lerp_to_gamma(goal, f32::from(step) / 20.0))
            .find(|mixed| {
                [self.canvas, self.panel]
                    .iter()
                    .all(|ground| 3.0 <= contrast(*mixed, *ground))
            })
            .unwrap_or(goal)
    }
}

/// The contrast of two opaque colours as WCAG defines it, from 1 to 21.
pub fn contrast(a: Color32, b: Color32) -> f32 {
    let luminance = |colour: Color32| {
        let [r, g, b, _] = egui::Rgba::from(colour).to_array();
        0.2126 * r + 0.7152 * g + 0.0722 * b
    };
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Text of the interface.
pub const fn regular(size: f32) -> FontId {
    FontId::new(size, FontFamily::Proportional)
}

/// Headers, bodies, hexadecimal and addresses.
pub const fn mono(size: f32) -> FontId {
    FontId::new(size, FontFamily::Monospace)
}

/// Semi-bold text of any size, in points.
pub fn semibold(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(SEMIBOLD.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::PHASES;

    const THEMES: [(&str, &Theme); 3] = [
        ("dark", &DARK),
        ("light", &LIGHT),
        ("high contrast", &HIGH_CONTRAST),
    ];

    fn check(theme: &str, what: &str, colour: Color32, grounds: &[Color32], least: f32) {
        for ground in grounds {
            let found = contrast(colour, *ground);
            assert!(
                least <= found,
                "{theme}: {what} reaches {found:.2} of {least} on {ground:?}"
            );
        }
    }

    #[test]
    fn contrast_is_that_of_wcag() {
        assert!((contrast(Color32::WHITE, Color32::BLACK) - 21.0).abs() < 0.01);
        assert!(
            (contrast(Color32::from_rgb(0x76, 0x76, 0x76), Color32::WHITE) - 4.54).abs() < 0.01
        );
    }

    #[test]
    fn everything_is_legible_in_every_theme() {
        for (name, theme) in THEMES {
            let grounds = [theme.canvas, theme.panel, theme.raised];
            let rows = [theme.canvas, theme.selection, theme.hover];
            check(name, "text", theme.text, &grounds, 7.0);
            check(name, "text in rows", theme.text, &rows, 7.0);
            check(name, "text in quotes", theme.text, &[theme.quote], 7.0);
            check(
                name,
                "text on accent",
                theme.on_accent,
                &[theme.accent],
                4.5,
            );
            for (what, colour) in [
                ("secondary", theme.secondary),
                ("accent", theme.accent),
                ("error", theme.error),
                ("warning", theme.warning),
                ("success", theme.success),
                ("origin", theme.origin),
                ("cdn", theme.cdn),
                ("unknown", theme.unknown),
                ("conflict", theme.conflict),
            ] {
                check(name, what, colour, &grounds, 4.5);
                check(name, what, colour, &rows, 4.5);
            }
            let marks = [theme.canvas, theme.panel];
            for colour in Colour::ALL {
                check(name, colour.word(), theme.mark(colour), &marks, 4.5);
                check(
                    name,
                    colour.word(),
                    theme.mark(colour),
                    &[theme.selection],
                    3.0,
                );
            }
            check(name, "focus ring", theme.focus_ring, &marks, 3.0);
            for phase in PHASES {
                check(name, phase.title(), theme.phase(phase), &marks, 3.0);
            }
            for idx in 0..catalogue().providers().len() {
                let id = ProviderId(idx as u16);
                let pack = &catalogue().provider(id).name;
                check(name, pack, theme.provider(Some(id)), &marks, 3.0);
            }
        }
    }
}
