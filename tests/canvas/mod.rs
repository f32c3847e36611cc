//! Paints the triangles of egui into an image, as a graphics card would, and compares images.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::Path;

use egui::epaint::textures::TexturesDelta;
use egui::epaint::{ClippedPrimitive, ImageData, Mesh, Primitive, Vertex};
use egui::{Color32, ColorImage, Rect, TextureId, Vec2};

/// The images that triangles are filled with; text is cut out of one.
#[derive(Debug, Default)]
pub(crate) struct Textures(HashMap<TextureId, ColorImage>);

impl Textures {
    /// Takes over what a frame changed.
    pub(crate) fn apply(&mut self, delta: &TexturesDelta) {
        for (id, patch) in delta
            .set
            .iter()
            .flat_map(|(id, all)| all.iter().map(move |one| (id, one)))
        {
            let ImageData::Color(image) = &patch.image;
            let Some([left, top]) = patch.pos else {
                self.0.insert(*id, ColorImage::clone(image));
                continue;
            };
            let Some(whole) = self.0.get_mut(id) else {
                continue;
            };
            for (y, row) in image.pixels.chunks(image.size[0]).enumerate() {
                let at = (top + y) * whole.size[0] + left;
                whole.pixels[at..at + row.len()].copy_from_slice(row);
            }
        }
    }
}

/// An image of opaque pixels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Canvas {
    width: usize,
    pixels: Vec<[u8; 3]>,
}

impl Canvas {
    /// Paints `primitives` on a `ground` of `size` points, one pixel each.
    pub(crate) fn of(
        size: Vec2,
        ground: Color32,
        primitives: &[ClippedPrimitive],
        textures: &Textures,
    ) -> Self {
        let (width, height) = (size.x as usize, size.y as usize);
        let [r, g, b, _] = ground.to_array();
        let mut canvas = Self {
            width,
            pixels: vec![[r, g, b]; width * height],
        };
        for primitive in primitives {
            if let Primitive::Mesh(mesh) = &primitive.primitive {
                canvas.paint(mesh, primitive.clip_rect, textures);
            }
        }
        canvas
    }

    fn paint(&mut self, mesh: &Mesh, clip: Rect, textures: &Textures) {
        let Some(texture) = textures.0.get(&mesh.texture_id) else {
            return;
        };
        for corners in mesh.indices.chunks_exact(3) {
            let corner = |idx: usize| mesh.vertices[corners[idx] as usize];
            self.triangle([corner(0), corner(1), corner(2)], clip, texture);
        }
    }

    fn triangle(&mut self, [a, b, c]: [Vertex; 3], clip: Rect, texture: &ColorImage) {
        let cross = |p: egui::Pos2, q: egui::Pos2, r: egui::Pos2| {
            (q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x)
        };
        let area = cross(a.pos, b.pos, c.pos);
        let mut bounds = Rect::from_points(&[a.pos, b.pos, c.pos]).intersect(clip);
        let height = self.pixels.len() / self.width;
        bounds = bounds.intersect(Rect::from_min_size(
            egui::Pos2::ZERO,
            egui::vec2(self.width as f32, height as f32),
        ));
        if area == 0.0 || !bounds.is_positive() {
            return;
        }
        for y in bounds.top().floor() as usize..(bounds.bottom().ceil() as usize).min(height) {
            for x in
                bounds.left().floor() as usize..(bounds.right().ceil() as usize).min(self.width)
            {
                let at = egui::pos2(x as f32 + 0.5, y as f32 + 0.5);
                let parts = [
                    cross(b.pos, c.pos, at) / area,
                    cross(c.pos, a.pos, at) / area,
                    cross(a.pos, b.pos, at) / area,
                ];
                // Each edge belongs to one of its two triangles, or a line would show between them.
                let is_inside = parts.iter().all(|part| 0.0 <= *part);
                if is_inside && clip.contains(at) {
                    let source = filled([a, b, c], parts, texture);
                    blend(&mut self.pixels[y * self.width + x], source);
                }
            }
        }
    }

    /// Part of the pixels in which one colour differs from `other` by more than `noise`; all of them when sizes differ.
    pub(crate) fn difference(&self, other: &Self, noise: u8) -> f64 {
        if self.width != other.width || self.pixels.len() != other.pixels.len() {
            return 1.0;
        }
        let pairs = self.pixels.iter().zip(&other.pixels);
        let different = pairs.filter(|(a, b)| {
            let mut channels = a.iter().zip(b.iter());
            channels.any(|(a, b)| noise < a.abs_diff(*b))
        });
        different.count() as f64 / self.pixels.len() as f64
    }

    /// Writes a PNG.
    pub(crate) fn save(&self, path: &Path) {
        let file = BufWriter::new(File::create(path).expect("a picture can be written"));
        let height = self.pixels.len() / self.width;
        let mut encoder = png::Encoder::new(file, self.width as u32, height as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_compression(png::Compression::High);
        let mut writer = encoder.write_header().expect("a header");
        let bytes = self.pixels.as_flattened();
        writer.write_image_data(bytes).expect("the pixels");
    }

    /// Reads a PNG that [`Canvas::save`] wrote; `None` when there is none.
    pub(crate) fn load(path: &Path) -> Option<Self> {
        let decoder = png::Decoder::new(BufReader::new(File::open(path).ok()?));
        let mut reader = decoder.read_info().ok()?;
        let mut bytes = vec![0; reader.output_buffer_size()?];
        let info = reader.next_frame(&mut bytes).ok()?;
        let (pixels, _) = bytes.as_chunks::<3>();
        Some(Self {
            width: info.width as usize,
            pixels: pixels.to_vec(),
        })
    }
}

/// The colour between three corners, times the texture there; alpha is multiplied in.
fn filled([a, b, c]: [Vertex; 3], parts: [f32; 3], texture: &ColorImage) -> [f32; 4] {
    let mix = |of: fn(&Vertex) -> f32| of(&a) * parts[0] + of(&b) * parts[1] + of(&c) * parts[2];
    let [width, height] = texture.size;
    let u = (mix(|corner| corner.uv.x) * width as f32) as usize;
    let v = (mix(|corner| corner.uv.y) * height as f32) as usize;
    let texel = texture.pixels[v.min(height - 1) * width + u.min(width - 1)].to_array();
    let colour = [
        mix(|corner| f32::from(corner.color.r())),
        mix(|corner| f32::from(corner.color.g())),
        mix(|corner| f32::from(corner.color.b())),
        mix(|corner| f32::from(corner.color.a())),
    ];
    std::array::from_fn(|channel| colour[channel] * f32::from(texel[channel]) / 255.0)
}

fn blend(pixel: &mut [u8; 3], source: [f32; 4]) {
    let rest = 1.0 - source[3] / 255.0;
    for (channel, value) in pixel.iter_mut().zip(source) {
        *channel = (value + f32::from(*channel) * rest)
            .round()
            .clamp(0.0, 255.0) as u8;
    }
}
