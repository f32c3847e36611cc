//! Compares small pictures of the panels, in light and dark, with those that were looked at and found good.
//!
//! The triangles that egui makes are filled in here, pixel by pixel, so the pictures need neither a screen nor a graphics
//! card and are the same everywhere. `UPDATE_EXPECT=1` writes them anew: look at each one before it is kept.

mod by_hand;

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::epaint::{ClippedPrimitive, Mesh, Primitive, Vertex};
use egui::{
    CentralPanel, Color32, ColorImage, Context, Frame, FullOutput, Margin, Pos2, RawInput, Rect,
    Shape, TextureId, Vec2, vec2,
};
use headwater::annotations::{Change, Colour, Label};
use headwater::attribution::Attribution;
use headwater::attribution::roles::Roles;
use headwater::base::jobs::{Cancel, Progress, Wake};
use headwater::base::time::Time;
use headwater::capture::FlowId;
use headwater::document::Document;
use headwater::formats::{self, Watch};
use headwater::panels::detail::DetailPanel;
use headwater::panels::hosts::HostsPanel;
use headwater::panels::pie::PiePanel;
use headwater::panels::services::ServicesPanel;
use headwater::panels::sheet::SheetPanel;
use headwater::panels::table::TablePanel;
use headwater::panels::timeline::TimelinePanel;
use headwater::panels::{Panel, PanelCx};
use headwater::providers::prepare_networks;
use headwater::query::{Query, Rows, run};
use headwater::session::{Selection, Session, Subject as Selected, Subjects};
use headwater::widgets::theme::{self, Theme, ThemeChoice};

/// Most that a channel of a pixel may be off without counting as different.
const MAX_OFF: u8 = 12;
/// Colours are kept in such steps, which makes the pictures a third smaller.
const STEP: u8 = 8;
/// Most pixels that may differ: less than one digit.
const MAX_PIXELS: usize = 8;
/// Most bytes of a kept picture.
const MAX_BYTES: u64 = 60_000;
/// Frames without a change after which a panel counts as finished.
const N_QUIET: usize = 20;

/// A panel by itself, in a picture of its own.
struct Subject {
    name: &'static str,
    size: Vec2,
    /// Seen when the workers of the panel are done.
    awaited: &'static str,
    margin: Margin,
    panel: fn() -> Box<dyn Panel>,
    scene: fn() -> Scene,
}

/// What a panel looks at.
struct Scene {
    document: Document,
    session: Session,
    roles: Option<Arc<Roles>>,
}

const SUBJECTS: [Subject; 7] = [
    Subject {
        name: "table",
        size: vec2(1_100.0, 200.0),
        awaited: "Azure Blob Storage",
        margin: Margin::ZERO,
        panel: || Box::new(TablePanel::default()),
        scene: sample,
    },
    Subject {
        name: "hosts",
        size: vec2(1_240.0, 200.0),
        awaited: "Azure Blob Storage",
        margin: Margin::ZERO,
        panel: || Box::new(HostsPanel::default()),
        scene: sample,
    },
    Subject {
        name: "pie",
        size: vec2(360.0, 416.0),
        awaited: "Azure",
        margin: Margin::same(12),
        panel: || Box::new(PiePanel::default()),
        scene: sample,
    },
    Subject {
        name: "timeline",
        size: vec2(800.0, 220.0),
        awaited: "Phase",
        margin: Margin::symmetric(8, 4),
        panel: || Box::new(TimelinePanel::default()),
        scene: sample,
    },
    Subject {
        name: "detail",
        size: vec2(1_100.0, 190.0),
        awaited: "AWS as origin",
        margin: Margin::symmetric(8, 4),
        panel: || Box::new(DetailPanel::default()),
        scene: sample,
    },
    Subject {
        name: "services",
        size: vec2(1_040.0, 240.0),
        awaited: "Amazon S3",
        margin: Margin::ZERO,
        panel: || Box::new(ServicesPanel::default()),
        scene: roles_by_hand,
    },
    Subject {
        name: "sheet",
        size: vec2(364.0, 420.0),
        awaited: "Akamai delivers news.se",
        margin: Margin::same(12),
        panel: || Box::new(SheetPanel::default()),
        scene: roles_by_hand,
    },
];

/// The sample, with two flows that a person labelled and one that is marked; a write is selected, the
/// timeline shows the first five seconds.
fn sample() -> Scene {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples/wifi-proxy-2011.har");
    let bytes = std::fs::read(path).expect("the sample is there");
    let (cancel, progress) = (Cancel::default(), Progress::default());
    let watch = Watch {
        cancel: &cancel,
        progress: &progress,
        on_rows: &|_| {},
    };
    let options = formats::Options::default();
    let capture = formats::read_bytes("wifi-proxy-2011.har", bytes, &options, &watch)
        .expect("the sample is a capture");
    let attribution = Attribution::of(&capture, &cancel, &progress)
        .and_then(|first| first.with_bodies(&capture, &cancel, &progress))
        .expect("nobody cancels");
    let mut document = Document::new("ada");
    document.push(capture, attribution);
    document.edit(&[FlowId(1)], &Change::Label(Some(Label::Origin)));
    document.edit(&[FlowId(5)], &Change::Label(Some(Label::Cdn)));
    document.edit(&[FlowId(3)], &Change::Colour(Some(Colour::Purple)));
    let first = document.first_start().expect("the sample has times");
    let session = Session {
        selection: Selection::only(FlowId(2)),
        zoom: Some(first..Time(first.0 + 5_000_000)),
        ..Session::default()
    };
    Scene {
        document,
        session,
        roles: None,
    }
}

/// A news site with roles that are made by hand; what Akamai is to it is selected.
fn roles_by_hand() -> Scene {
    let mut document = by_hand::document();
    document.edit(&[FlowId(0), FlowId(3)], &Change::Label(Some(Label::Cdn)));
    let roles = by_hand::roles();
    let site = &roles.parties[0];
    let edge = Selected::of(&site.party, &site.relations[0]);
    let session = Session {
        selection: Selection::only(FlowId(0)),
        subjects: Subjects::only(edge),
        ..Session::default()
    };
    Scene {
        document,
        session,
        roles: Some(roles),
    }
}

/// Paints the panel until its workers are done, then makes the picture.
fn picture(subject: &Subject, choice: ThemeChoice, scene: &Scene) -> Picture {
    prepare_networks();
    let ctx = Context::default();
    theme::install(&ctx);
    theme::set_choice(&ctx, choice);
    let rows = run(&scene.document, &Query::default(), &Cancel::default())
        .expect("nobody cancels")
        .expect("an empty filter is right");
    let rows = Arc::new(rows);
    let mut panel = (subject.panel)();
    let mut atlas = ColorImage::default();
    let mut texts = Vec::new();
    let (began, mut n_quiet) = (Instant::now(), 0);
    loop {
        let mut output = frame(&ctx, subject, panel.as_mut(), scene, &rows);
        take_glyphs(&mut output, &mut atlas);
        let mut painted = Vec::new();
        for clipped in &output.shapes {
            collect_texts(&clipped.shape, &mut painted);
        }
        let is_awaited = painted.iter().any(|text| text.contains(subject.awaited));
        let is_quiet = is_awaited && painted == texts;
        n_quiet = if is_quiet { n_quiet + 1 } else { 0 };
        texts = painted;
        let shapes = std::mem::take(&mut output.shapes);
        let points = output.pixels_per_point;
        output.drop_without_applying_deltas();
        if N_QUIET <= n_quiet {
            return Picture::of(subject.size, &ctx.tessellate(shapes, points), &atlas);
        }
        let (name, awaited) = (subject.name, subject.awaited);
        let is_patient = began.elapsed() < Duration::from_secs(30);
        assert!(is_patient, "{name}: no `{awaited}` in {texts:?}");
        std::thread::sleep(Duration::from_millis(4));
    }
}

/// One frame of the panel on the ground that it has in the window.
fn frame(
    ctx: &Context,
    subject: &Subject,
    panel: &mut dyn Panel,
    scene: &Scene,
    rows: &Arc<Rows>,
) -> FullOutput {
    let input = RawInput {
        screen_rect: Some(Rect::from_min_size(Pos2::ZERO, subject.size)),
        // No cursor blinks and nothing fades in.
        time: Some(0.0),
        ..RawInput::default()
    };
    let wake: Wake = Arc::new(|| {});
    let mut actions = Vec::new();
    ctx.run_ui(input, |ui| {
        let mut cx = PanelCx {
            document: &scene.document,
            rows,
            rows_revision: 1,
            roles: scene.roles.as_ref(),
            is_judging: false,
            session: &scene.session,
            wake: &wake,
            actions: &mut actions,
        };
        panel.prepare(&mut cx);
        let theme = Theme::of(ui);
        let is_chart = subject.margin == Margin::same(12);
        let ground = if is_chart { theme.panel } else { theme.canvas };
        let frame = Frame::new().fill(ground).inner_margin(subject.margin);
        CentralPanel::default()
            .frame(frame)
            .show(ui, |ui| panel.ui(ui, &mut cx));
    })
}

fn collect_texts(shape: &Shape, into: &mut Vec<String>) {
    match shape {
        Shape::Text(text) => into.push(text.galley.text().to_owned()),
        Shape::Vec(shapes) => {
            for shape in shapes {
                collect_texts(shape, into);
            }
        }
        _ => {}
    }
}

/// Takes over what is new in the texture of all glyphs, the only one that the panels use.
fn take_glyphs(output: &mut FullOutput, atlas: &mut ColorImage) {
    let deltas = output.textures_delta.set.remove(&TextureId::default());
    for delta in deltas.into_iter().flatten() {
        let egui::ImageData::Color(image) = &delta.image;
        let Some([left, top]) = delta.pos else {
            *atlas = ColorImage::clone(image);
            continue;
        };
        let [width, height] = image.size;
        for y in 0..height {
            let to = (top + y) * atlas.size[0] + left;
            let from = y * width;
            atlas.pixels[to..to + width].copy_from_slice(&image.pixels[from..from + width]);
        }
    }
}

/// Pixels from the upper left corner, row by row.
struct Picture {
    width: usize,
    height: usize,
    pixels: Vec<[u8; 3]>,
}

impl Picture {
    fn of(size: Vec2, primitives: &[ClippedPrimitive], atlas: &ColorImage) -> Self {
        let (width, height) = (size.x as usize, size.y as usize);
        let mut picture = Self {
            width,
            height,
            pixels: vec![[0; 3]; width * height],
        };
        for clipped in primitives {
            let Primitive::Mesh(mesh) = &clipped.primitive else {
                panic!("only triangles can be painted here");
            };
            assert_eq!(mesh.texture_id, TextureId::default(), "an unknown texture");
            picture.fill(mesh, clipped.clip_rect, atlas);
        }
        picture
    }

    fn fill(&mut self, mesh: &Mesh, clip: Rect, atlas: &ColorImage) {
        for corners in mesh.indices.chunks_exact(3) {
            let [a, b, c] = [0, 1, 2].map(|idx| mesh.vertices[corners[idx] as usize]);
            // All triangles in the same sense, so that one rule says to which of two neighbours an edge belongs.
            let area = edge(a.pos, b.pos, c.pos);
            if 0.0 < area {
                self.fill_triangle([a, b, c], area, clip, atlas);
            } else if area < 0.0 {
                self.fill_triangle([a, c, b], -area, clip, atlas);
            }
        }
    }

    fn fill_triangle(&mut self, corners: [Vertex; 3], area: f32, clip: Rect, atlas: &ColorImage) {
        let [a, b, c] = corners.map(|corner| corner.pos);
        let screen = Rect::from_min_size(Pos2::ZERO, vec2(self.width as f32, self.height as f32));
        let clip = Rect::from_min_max(clip.min.round(), clip.max.round()).intersect(screen);
        let bounds = Rect::from_points(&[a, b, c]).intersect(clip);
        for y in bounds.min.y as usize..bounds.max.y.ceil().max(0.0) as usize {
            for x in bounds.min.x as usize..bounds.max.x.ceil().max(0.0) as usize {
                let at = Pos2::new(x as f32 + 0.5, y as f32 + 0.5);
                let sides = [(b, c), (c, a), (a, b)];
                let weights = sides.map(|(from, to)| edge(from, to, at));
                let is_inside = (0..3).all(|idx| {
                    let (from, to) = sides[idx];
                    0.0 < weights[idx] || weights[idx] == 0.0 && is_upper_left(from, to)
                });
                if is_inside && clip.contains(at) {
                    let paint = colour(&corners, weights.map(|weight| weight / area), atlas);
                    blend(&mut self.pixels[y * self.width + x], paint);
                }
            }
        }
    }

    /// How many pixels differ, and a picture of where: grey where they agree, red where not.
    fn differences(&self, other: &Self) -> (usize, Self) {
        let mut n = 0;
        let pairs = self.pixels.iter().zip(&other.pixels);
        let pixels = pairs
            .map(|(left, right)| {
                let off = (0..3).any(|idx| MAX_OFF < left[idx].abs_diff(right[idx]));
                n += usize::from(off);
                if off { [255, 0, 0] } else { [left[1] / 2; 3] }
            })
            .collect();
        let shown = Self { pixels, ..*self };
        (n, shown)
    }

    fn write(&self, path: &Path) {
        let out = BufWriter::new(File::create(path).expect("a place for the picture"));
        let mut encoder = png::Encoder::new(out, self.width as u32, self.height as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_compression(png::Compression::High);
        let mut writer = encoder.write_header().expect("room for the picture");
        let pixels = self.pixels.as_flattened().iter();
        let bytes: Vec<u8> = pixels
            .map(|channel| channel.saturating_add(STEP / 2) / STEP * STEP)
            .collect();
        writer
            .write_image_data(&bytes)
            .expect("room for the picture");
    }

    /// The kept picture at `path`; `None` when there is none.
    fn read(path: &Path) -> Option<Self> {
        let file = BufReader::new(File::open(path).ok()?);
        let mut reader = png::Decoder::new(file).read_info().expect("a PNG");
        let mut bytes = vec![0; reader.output_buffer_size().expect("a small picture")];
        let info = reader.next_frame(&mut bytes).expect("a whole PNG");
        assert_eq!(
            (info.color_type, info.bit_depth),
            (png::ColorType::Rgb, png::BitDepth::Eight)
        );
        Some(Self {
            width: info.width as usize,
            height: info.height as usize,
            pixels: bytes.as_chunks().0.to_vec(),
        })
    }
}

/// Twice the area of a triangle; positive when the corners run clockwise on the screen.
fn edge(from: Pos2, to: Pos2, at: Pos2) -> f32 {
    (to.x - from.x) * (at.y - from.y) - (to.y - from.y) * (at.x - from.x)
}

/// True for the edges whose pixels belong to the triangle; those of the others belong to its neighbour.
fn is_upper_left(from: Pos2, to: Pos2) -> bool {
    to.y < from.y || to.y == from.y && from.x < to.x
}

/// The colour between the corners times that of the texture, premultiplied with its opacity, from 0 to 1.
fn colour(corners: &[Vertex; 3], weights: [f32; 3], atlas: &ColorImage) -> [f32; 4] {
    let mut uv = Vec2::ZERO;
    let mut between = [0.0; 4];
    for (corner, weight) in corners.iter().zip(weights) {
        uv += corner.uv.to_vec2() * weight;
        for (sum, channel) in between.iter_mut().zip(corner.color.to_array()) {
            *sum += f32::from(channel) * weight / 255.0;
        }
    }
    let [width, height] = atlas.size;
    let x = ((uv.x * width as f32) as usize).min(width - 1);
    let y = ((uv.y * height as f32) as usize).min(height - 1);
    let glyph = atlas.pixels[y * width + x].to_array();
    std::array::from_fn(|idx| between[idx] * f32::from(glyph[idx]) / 255.0)
}

fn blend(pixel: &mut [u8; 3], paint: [f32; 4]) {
    for (under, over) in pixel.iter_mut().zip(paint) {
        let mixed = over * 255.0 + f32::from(*under) * (1.0 - paint[3]);
        *under = mixed.round().clamp(0.0, 255.0) as u8;
    }
}

/// Compares `picture` with the kept one; what is wrong, if anything.
fn check(name: &str, picture: &Picture) -> Option<String> {
    let file = format!("{name}.png");
    let kept_path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/pictures")
        .join(&file);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        picture.write(&kept_path);
    }
    let n_bytes = std::fs::metadata(&kept_path).map_or(0, |about| about.len());
    if MAX_BYTES < n_bytes {
        return Some(format!("{name}: {n_bytes} bytes are too many to keep"));
    }
    let made_folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("pictures");
    std::fs::create_dir_all(&made_folder).expect("a place for the pictures");
    let made_path = made_folder.join(&file);
    let Some(kept) = Picture::read(&kept_path) else {
        picture.write(&made_path);
        return Some(format!("{name}: none is kept; see {}", made_path.display()));
    };
    if (kept.width, kept.height) != (picture.width, picture.height) {
        picture.write(&made_path);
        return Some(format!("{name}: another size; see {}", made_path.display()));
    }
    let (n, differences) = picture.differences(&kept);
    if n <= MAX_PIXELS {
        return None;
    }
    picture.write(&made_path);
    let where_path = made_folder.join(format!("{name}.differences.png"));
    differences.write(&where_path);
    let (made, where_) = (made_path.display(), where_path.display());
    Some(format!(
        "{name}: {n} pixels differ; see {made} and {where_}"
    ))
}

#[test]
fn the_panels_look_as_they_did() {
    let mut wrong = Vec::new();
    for subject in &SUBJECTS {
        let scene = (subject.scene)();
        for (choice, look) in [(ThemeChoice::Light, "light"), (ThemeChoice::Dark, "dark")] {
            let picture = picture(subject, choice, &scene);
            wrong.extend(check(&format!("{}-{look}", subject.name), &picture));
        }
    }
    assert!(
        wrong.is_empty(),
        "{}\nUPDATE_EXPECT=1 keeps what is painted now.",
        wrong.join("\n")
    );
}

#[test]
fn one_mark_more_is_a_difference() {
    let mut scene = sample();
    let [table, ..] = &SUBJECTS;
    let before = picture(table, ThemeChoice::Light, &scene);
    let again = picture(table, ThemeChoice::Light, &scene);
    assert_eq!(before.differences(&again).0, 0);
    scene
        .document
        .edit(&[FlowId(4)], &Change::Label(Some(Label::Cdn)));
    let after = picture(table, ThemeChoice::Light, &scene);
    let (n, _) = before.differences(&after);
    assert!(MAX_PIXELS < n, "only {n} pixels differ");
}

#[test]
fn neighbouring_triangles_share_no_pixel() {
    let size = vec2(8.0, 8.0);
    let half = Color32::from_black_alpha(128);
    let mut mesh = Mesh::default();
    mesh.add_colored_rect(Rect::from_min_size(Pos2::ZERO, size), half);
    let clipped = ClippedPrimitive {
        clip_rect: Rect::from_min_size(Pos2::ZERO, vec2(6.0, 8.0)),
        primitive: Primitive::Mesh(mesh),
    };
    let atlas = ColorImage::filled([1, 1], Color32::WHITE);
    let mut ground = Mesh::default();
    ground.add_colored_rect(Rect::from_min_size(Pos2::ZERO, size), Color32::WHITE);
    let ground = ClippedPrimitive {
        clip_rect: Rect::EVERYTHING,
        primitive: Primitive::Mesh(ground),
    };
    let picture = Picture::of(size, &[ground, clipped], &atlas);
    for (idx, pixel) in picture.pixels.iter().enumerate() {
        let expected = if idx % 8 < 6 { 127 } else { 255 };
        assert_eq!(*pixel, [expected; 3], "pixel {idx}");
    }
}
