//! Puts fonts, text sizes and colours into an egui context.

use std::sync::Arc;

use egui::style::{Selection, WidgetVisuals};
use egui::{
    Color32, Context, CornerRadius, FontData, FontDefinitions, FontFamily, Id, Margin, Shadow,
    Stroke, TextStyle, ThemePreference, Visuals, vec2,
};

use super::{
    DARK, DENSE_SIZE, HIGH_CONTRAST, LIGHT, RADIUS, Theme, ThemeChoice, UI_SIZE, mono, regular,
    semibold,
};

/// Name of the semi-bold font family.
pub const SEMIBOLD: &str = "semibold";

const INTER: &[u8] = include_bytes!("../../../assets/fonts/Inter-Regular.otf");
const INTER_SEMIBOLD: &[u8] = include_bytes!("../../../assets/fonts/Inter-SemiBold.otf");
const JETBRAINS_MONO: &[u8] = include_bytes!("../../../assets/fonts/JetBrainsMono-Regular.ttf");

/// Sets fonts, text sizes, spacing and colours; once, when the window is made.
pub fn install(ctx: &Context) {
    ctx.set_fonts(fonts());
    // Larger and smaller are commands of ours.
    ctx.options_mut(|options| options.zoom_with_keyboard = false);
    ctx.all_styles_mut(|style| {
        style.text_styles = [
            (TextStyle::Small, regular(DENSE_SIZE)),
            (TextStyle::Body, regular(UI_SIZE)),
            (TextStyle::Button, regular(UI_SIZE)),
            (TextStyle::Heading, semibold(15.0)),
            (TextStyle::Monospace, mono(DENSE_SIZE)),
        ]
        .into();
        style.interaction.selectable_labels = false;
        style.interaction.tooltip_delay = 0.3;
        style.animation_time = 0.0;
        let spacing = &mut style.spacing;
        spacing.item_spacing = vec2(8.0, 4.0);
        spacing.button_padding = vec2(8.0, 4.0);
        spacing.interact_size = vec2(24.0, 24.0);
        spacing.menu_margin = Margin::same(4);
        spacing.window_margin = Margin::same(12);
        spacing.icon_width = 16.0;
        spacing.icon_width_inner = 10.0;
        spacing.scroll.floating = true;
    });
    set_choice(ctx, ThemeChoice::System);
}

/// Changes the look.
pub fn set_choice(ctx: &Context, choice: ThemeChoice) {
    let is_high = choice == ThemeChoice::HighContrast;
    ctx.data_mut(|data| data.insert_temp(high_contrast_id(), is_high));
    let dark = if is_high { &HIGH_CONTRAST } else { &DARK };
    ctx.set_visuals_of(egui::Theme::Dark, visuals(dark));
    ctx.set_visuals_of(egui::Theme::Light, visuals(&LIGHT));
    ctx.set_theme(match choice {
        ThemeChoice::System => ThemePreference::System,
        ThemeChoice::Light => ThemePreference::Light,
        ThemeChoice::Dark | ThemeChoice::HighContrast => ThemePreference::Dark,
    });
}

/// Makes everything larger or smaller by `steps` of a tenth, between half and three times the usual size.
pub fn zoom_by(ctx: &Context, steps: i32) {
    set_zoom(ctx, ctx.zoom_factor() + steps as f32 / 10.0);
}

/// Makes everything `zoom` times its usual size, as far as that is readable.
pub fn set_zoom(ctx: &Context, zoom: f32) {
    ctx.set_zoom_factor(if zoom.is_finite() {
        zoom.clamp(0.5, 3.0)
    } else {
        1.0
    });
}

/// The ground of windows in front of everything.
pub fn modal_frame(ctx: &Context) -> egui::Frame {
    egui::Frame::popup(&ctx.global_style()).inner_margin(Margin::same(16))
}

/// True while the third look is in force.
pub(super) fn is_high_contrast(ctx: &Context) -> bool {
    ctx.data(|data| data.get_temp(high_contrast_id()))
        .unwrap_or(false)
}

fn high_contrast_id() -> Id {
    Id::unique("headwater high contrast")
}

/// Our fonts first; egui's own stay behind them for the glyphs that ours lack.
fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    for (name, bytes) in [
        ("Inter", INTER),
        (SEMIBOLD, INTER_SEMIBOLD),
        ("JetBrains Mono", JETBRAINS_MONO),
    ] {
        let data = Arc::new(FontData::from_static(bytes));
        fonts.font_data.insert(name.to_owned(), data);
    }
    let fallback = fonts
        .families
        .get(&FontFamily::Proportional)
        .cloned()
        .unwrap_or_default();
    let mut bold = vec![SEMIBOLD.to_owned(), "Inter".to_owned()];
    bold.extend(fallback);
    fonts
        .families
        .insert(FontFamily::Name(SEMIBOLD.into()), bold);
    for (family, name) in [
        (FontFamily::Proportional, "Inter"),
        (FontFamily::Monospace, "JetBrains Mono"),
    ] {
        let names = fonts.families.entry(family).or_default();
        names.insert(0, name.to_owned());
    }
    fonts
}

fn visuals(theme: &Theme) -> Visuals {
    let mut visuals = if theme.is_dark {
        Visuals::dark()
    } else {
        Visuals::light()
    };
    visuals.panel_fill = theme.panel;
    visuals.window_fill = theme.raised;
    visuals.window_stroke = Stroke::new(1.0, theme.hairline);
    visuals.window_corner_radius = CornerRadius::same(8);
    visuals.menu_corner_radius = CornerRadius::same(6);
    visuals.window_shadow = shadow(16);
    visuals.popup_shadow = shadow(8);
    visuals.extreme_bg_color = theme.canvas;
    visuals.faint_bg_color = theme.hover;
    visuals.code_bg_color = theme.quote;
    visuals.hyperlink_color = theme.accent;
    visuals.warn_fg_color = theme.warning;
    visuals.error_fg_color = theme.error;
    visuals.weak_text_color = Some(theme.secondary);
    visuals.selection = Selection {
        bg_fill: theme.selection,
        stroke: Stroke::new(1.0, theme.text),
    };
    let widgets = &mut visuals.widgets;
    widgets.noninteractive = state(theme.panel, theme.hairline, theme.text);
    widgets.inactive = state(theme.raised, theme.decoration, theme.text);
    widgets.hovered = state(theme.hairline, theme.decoration, theme.text);
    widgets.active = state(theme.selection, theme.focus_ring, theme.text);
    widgets.open = state(theme.hairline, theme.hairline, theme.text);
    visuals
}

fn state(fill: Color32, outline: Color32, text: Color32) -> WidgetVisuals {
    WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, outline),
        corner_radius: CornerRadius::same(RADIUS),
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    }
}

fn shadow(blur: u8) -> Shadow {
    Shadow {
        offset: [0, 2],
        blur,
        spread: 0,
        color: Color32::from_black_alpha(80),
    }
}
