//! Small pictures of the panels, dark and light, painted here without a graphics card and compared with those in
//! `tests/pictures`. `UPDATE_EXPECT=1` paints them anew; what differs is left under `target/pictures`.

mod canvas;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{Context, RawInput, Rect, Vec2, vec2};
use headwater::annotations::{Change, Colour, Label};
use headwater::attribution::Attribution;
use headwater::base::jobs::{Cancel, Progress, Wake};
use headwater::capture::FlowId;
use headwater::commands::Action;
use headwater::document::Document;
use headwater::formats::{self, Watch};
use headwater::panels::detail::DetailPanel;
use headwater::panels::pie::PiePanel;
use headwater::panels::table::TablePanel;
use headwater::panels::timeline::TimelinePanel;
use headwater::panels::verdicts::VerdictsPanel;
use headwater::panels::{Panel, PanelCx};
use headwater::query::{Query, Rows, run};
use headwater::session::{Selection, Session};
use headwater::widgets::theme::{self, Theme, ThemeChoice};

use canvas::{Canvas, Textures};

const SAMPLE: &[u8] = include_bytes!("../assets/samples/wifi-proxy-2011.har");
/// A pixel differs when one of its colours does by more than this, of 255.
const NOISE: u8 = 24;
/// Part of the pixels that may differ: another processor rounds some edges another way.
const MOST_DIFFERENT: f64 = 0.002;

#[test]
fn the_table_looks_as_it_did() {
    check("table", vec2(900.0, 190.0), TablePanel::default);
}

#[test]
fn the_pie_looks_as_it_did() {
    check("pie", vec2(340.0, 400.0), PiePanel::default);
}

#[test]
fn the_timeline_looks_as_it_did() {
    check("timeline", vec2(640.0, 180.0), TimelinePanel::default);
}

#[test]
fn the_details_look_as_they_did() {
    check("detail", vec2(900.0, 220.0), DetailPanel::default);
}

#[test]
fn the_verdicts_look_as_they_did() {
    check("verdicts", vec2(340.0, 220.0), VerdictsPanel::default);
}

/// The sample with some labels, and a write to a store selected.
fn desk() -> (Document, Arc<Rows>, Session) {
    let (cancel, progress) = (Cancel::default(), Progress::default());
    let watch = Watch {
        cancel: &cancel,
        progress: &progress,
        on_rows: &|_| {},
    };
    let name = "wifi-proxy-2011.har";
    let options = formats::Options::default();
    let capture = formats::read_bytes(name, SAMPLE.to_vec(), &options, &watch).expect("the sample");
    let attribution = Attribution::of(&capture, &cancel, &progress).expect("nobody cancelled");
    let mut document = Document::new("me");
    document.push(capture, attribution);
    document.edit(&[FlowId(0)], &Change::Label(Some(Label::Cdn)));
    document.edit(&[FlowId(1)], &Change::Label(Some(Label::Origin)));
    document.edit(&[FlowId(1)], &Change::Colour(Some(Colour::Purple)));
    let rows = run(&document, &Query::default(), &cancel).expect("nobody cancelled");
    let session = Session {
        selection: Selection {
            focus: Some(FlowId(1)),
            anchor: Some(FlowId(1)),
            flows: BTreeSet::from([FlowId(1)]),
        },
        ..Session::default()
    };
    (document, Arc::new(rows.expect("no filter")), session)
}

fn check<P: Panel>(name: &str, size: Vec2, new: fn() -> P) {
    for (look, choice) in [("dark", ThemeChoice::Dark), ("light", ThemeChoice::Light)] {
        compare(&format!("{name}-{look}"), &painted(size, choice, new()));
    }
}

/// The panel once its workers are done.
fn painted(size: Vec2, choice: ThemeChoice, mut panel: impl Panel) -> Canvas {
    let ctx = Context::default();
    theme::install(&ctx);
    theme::set_choice(&ctx, choice);
    let (document, rows, session) = desk();
    let wake: Wake = Arc::new(|| {});
    let mut textures = Textures::default();
    let (began, mut before) = (Instant::now(), None);
    loop {
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(egui::Pos2::ZERO, size)),
            time: Some(began.elapsed().as_secs_f64()),
            ..RawInput::default()
        };
        let mut actions: Vec<Action> = Vec::new();
        let mut output = ctx.run_ui(input, |ui| {
            let mut cx = PanelCx {
                document: &document,
                rows: &rows,
                rows_revision: 1,
                session: &session,
                wake: &wake,
                actions: &mut actions,
            };
            panel.prepare(&mut cx);
            panel.ui(ui, &mut cx);
        });
        textures.apply(&output.textures_delta);
        let shapes = std::mem::take(&mut output.shapes);
        let primitives = ctx.tessellate(shapes, 1.0);
        output.drop_without_applying_deltas();
        let canvas = Canvas::of(size, Theme::of(&ctx).canvas, &primitives, &textures);
        let is_still = before.as_ref() == Some(&canvas);
        if is_still && Duration::from_millis(600) < began.elapsed() {
            return canvas;
        }
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "it never stands still"
        );
        before = Some(canvas);
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn compare(name: &str, found: &Canvas) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures");
    let kept = folder.join(format!("{name}.png"));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::create_dir_all(&folder).expect("the folder");
        found.save(&kept);
        return;
    }
    let expected = Canvas::load(&kept);
    let different = expected
        .as_ref()
        .map_or(1.0, |expected| found.difference(expected, NOISE));
    if MOST_DIFFERENT < different {
        let left = left_over(name);
        found.save(&left);
        panic!(
            "{:.2} % of {name} differs from {}; see {}",
            different * 100.0,
            kept.display(),
            left.display()
        );
    }
}

fn left_over(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("pictures");
    fs::create_dir_all(&folder).expect("a folder for pictures");
    folder.join(format!("{name}.png"))
}
