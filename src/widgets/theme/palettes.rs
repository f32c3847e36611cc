//! The three palettes. Values that share a name in all of them differ only in lightness, so that colours keep their meaning.

use egui::Color32;

use super::Theme;

const fn hex(rgb: u32) -> Color32 {
    Color32::from_rgb((rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8)
}

/// Light text on near-black.
pub const DARK: Theme = Theme {
    is_dark: true,
    canvas: hex(0x14171c),
    panel: hex(0x1a1e24),
    raised: hex(0x222831),
    hairline: hex(0x2e353f),
    text: hex(0xe6e9ee),
    secondary: hex(0x9aa4b2),
    decoration: hex(0x6b7685),
    accent: hex(0x5aa9ff),
    on_accent: hex(0x0b1420),
    focus_ring: hex(0x8cc4ff),
    selection: hex(0x223349),
    hover: hex(0x1d222a),
    error: hex(0xff7b7b),
    warning: hex(0xffb454),
    success: hex(0x4fd18b),
    quote: hex(0x4a3a12),
    origin: hex(0x12b886),
    cdn: hex(0xe69f00),
    unknown: hex(0x9aa4b2),
    conflict: hex(0xf2762e),
    phases: [
        hex(0xaaaaaa),
        hex(0x009688),
        hex(0xff9800),
        hex(0xb654c9),
        hex(0xb0bec5),
        hex(0x00c853),
        hex(0x03a9f4),
    ],
    marks: [
        hex(0xff7b7b),
        hex(0xff9f45),
        hex(0xe8c94a),
        hex(0x4fd18b),
        hex(0x6cb2ff),
        hex(0xc39bff),
    ],
    slot: 0,
};

/// Dark text on white.
pub const LIGHT: Theme = Theme {
    is_dark: false,
    canvas: hex(0xffffff),
    panel: hex(0xf6f7f9),
    raised: hex(0xffffff),
    hairline: hex(0xdde1e7),
    text: hex(0x1b1f24),
    secondary: hex(0x5a6572),
    decoration: hex(0x8a94a3),
    accent: hex(0x0b63cc),
    on_accent: hex(0xffffff),
    focus_ring: hex(0x3d8bea),
    selection: hex(0xdfebfa),
    hover: hex(0xf1f4f8),
    error: hex(0xc62828),
    warning: hex(0x965600),
    success: hex(0x1b7741),
    quote: hex(0xffecb8),
    origin: hex(0x007554),
    cdn: hex(0x8c5a00),
    unknown: hex(0x5a6572),
    conflict: hex(0xb04600),
    phases: [
        hex(0x858585),
        hex(0x00796b),
        hex(0xc77700),
        hex(0x8e24aa),
        hex(0x78909c),
        hex(0x008f3c),
        hex(0x0288d1),
    ],
    marks: [
        hex(0xc62828),
        hex(0xb04600),
        hex(0x7a6200),
        hex(0x1b7741),
        hex(0x0b63cc),
        hex(0x7b3fb8),
    ],
    slot: 1,
};

/// White on black, for weak eyes and bad screens.
pub const HIGH_CONTRAST: Theme = Theme {
    is_dark: true,
    canvas: hex(0x000000),
    panel: hex(0x000000),
    raised: hex(0x0e1116),
    hairline: hex(0x8a94a3),
    text: hex(0xffffff),
    secondary: hex(0xd5dbe3),
    decoration: hex(0xa9b3c1),
    accent: hex(0x7cc0ff),
    on_accent: hex(0x000000),
    focus_ring: hex(0xffffff),
    selection: hex(0x103a66),
    hover: hex(0x1c2026),
    error: hex(0xff9b9b),
    warning: hex(0xffd08a),
    success: hex(0x7cf0b4),
    quote: hex(0x4a3a00),
    origin: hex(0x2ee6a8),
    cdn: hex(0xffc233),
    unknown: hex(0xd5dbe3),
    conflict: hex(0xff9a5c),
    phases: [
        hex(0xc8c8c8),
        hex(0x26c6b4),
        hex(0xffb54d),
        hex(0xdd8bee),
        hex(0xcfd8dc),
        hex(0x33e57b),
        hex(0x5cc8ff),
    ],
    marks: [
        hex(0xff9b9b),
        hex(0xffb066),
        hex(0xffe066),
        hex(0x7cf0b4),
        hex(0x8cc8ff),
        hex(0xd9b8ff),
    ],
    slot: 2,
};
