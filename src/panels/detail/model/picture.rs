//! A body that is an image, decoded within limits and made small enough to be shown.

use std::io::Cursor;

use image::{ImageFormat, ImageReader, Limits};

/// Most pixels on a side of an image that is decoded.
const MAX_SIDE: u32 = 16_384;
/// Most bytes that decoding may take.
const MAX_BYTES: u64 = 256 << 20;
/// Most pixels on a side of what is shown.
const SHOWN_SIDE: u32 = 1_024;

/// An image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// What kind it is, told from its bytes: `PNG`.
    pub kind: &'static str,
    /// Width and height in pixels.
    pub size: [u32; 2],
    /// Width and height of what is shown.
    pub shown: [usize; 2],
    /// Four bytes for each pixel shown: red, green, blue, alpha.
    pub rgba: Vec<u8>,
}

impl Picture {
    /// True for bytes that begin like an image that can be decoded.
    pub fn is_likely(bytes: &[u8]) -> bool {
        image::guess_format(bytes).is_ok_and(|format| kind(format).is_some())
    }

    /// Decodes an image; the error says why that failed, lower case, no full stop.
    pub fn of(bytes: &[u8]) -> Result<Self, String> {
        let mut reader = ImageReader::new(Cursor::new(bytes))
            .with_guessed_format()
            .map_err(|error| error.to_string())?;
        let kind = reader.format().and_then(kind).ok_or("not an image")?;
        let mut limits = Limits::default();
        limits.max_image_width = Some(MAX_SIDE);
        limits.max_image_height = Some(MAX_SIDE);
        limits.max_alloc = Some(MAX_BYTES);
        reader.limits(limits);
        let image = reader.decode().map_err(|error| error.to_string())?;
        let size = [image.width(), image.height()];
        let is_large = SHOWN_SIDE < size[0].max(size[1]);
        let shown = if is_large {
            image.thumbnail(SHOWN_SIDE, SHOWN_SIDE)
        } else {
            image
        };
        let shown = shown.into_rgba8();
        Ok(Self {
            kind,
            size,
            shown: [shown.width() as usize, shown.height() as usize],
            rgba: shown.into_raw(),
        })
    }
}

const fn kind(format: ImageFormat) -> Option<&'static str> {
    match format {
        ImageFormat::Png => Some("PNG"),
        ImageFormat::Jpeg => Some("JPEG"),
        ImageFormat::Gif => Some("GIF"),
        ImageFormat::WebP => Some("WebP"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        image::DynamicImage::new_rgb8(width, height)
            .write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)
            .expect("it can be written");
        bytes
    }

    #[test]
    fn images_are_decoded_and_made_small() {
        let small = Picture::of(&png(3, 2)).expect("an image");
        assert_eq!(
            (small.kind, small.size, small.shown),
            ("PNG", [3, 2], [3, 2])
        );
        assert_eq!(small.rgba.len(), 3 * 2 * 4);
        let large = Picture::of(&png(4_000, 10)).expect("an image");
        assert_eq!(
            (large.size, large.shown[0]),
            ([4_000, 10], SHOWN_SIDE as usize)
        );
    }

    #[test]
    fn what_is_no_image_or_too_large_is_refused() {
        assert!(Picture::of(b"<html>").is_err());
        assert!(Picture::of(&png(MAX_SIDE + 1, 1)).is_err());
        let cut = &png(300, 300)[..60];
        assert!(Picture::is_likely(cut));
        assert!(Picture::of(cut).is_err());
    }
}
